//! Heterogeneity of parcels: worked examples, laws, and cases at the edge. Clusters are in `heterogeneity/clusters.rs`.

#[path = "heterogeneity/clusters.rs"]
mod clusters;
#[path = "heterogeneity/rasters.rs"]
mod rasters;
#[path = "heterogeneity/stacks.rs"]
mod stacks;

use parcelight::engine::heterogeneity::{Columns, check, decide, marks, not_calibrated, quantities, suggested_threshold};
use parcelight::model::heterogeneity::{
    Because, CIndex, ClusterParams, Decision, DecisionRule, HeterogeneityParams, MAX_CLUSTERS, Mark, MarkerParams, Quantities,
    Stream,
};
use proptest::prelude::*;
use serde_json::Value;

/// Worked examples, with the number of cases that the file should have.
fn cases(text: &str, count: usize) -> Vec<Value> {
    let file: Value = serde_json::from_str(text).expect("the file is JSON");
    let cases = file["cases"].as_array().expect("cases").clone();
    assert_eq!(cases.len(), count);
    cases
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

/// 1, 0, or not available.
fn mark(value: &Value) -> Mark {
    value.as_u64().map(|own| own == 1)
}

fn close(found: f64, expected: f64, what: &str) {
    let equal = (found - expected).abs() < 1e-6 || (found.is_nan() && expected.is_nan());
    assert!(equal, "{what}: {found} is not {expected}");
}

/// Pixels of a cluster each with the NDVI of its cluster, so that the sums of quantities are tested too.
fn pixels_of(case: &Value) -> (Vec<u8>, Vec<f32>) {
    let counts = case["cluster_pixels"].as_object().expect("counts");
    let mut labels = Vec::new();
    for (label, count) in counts {
        labels.extend(vec![label.parse::<u8>().expect("a label"); count.as_u64().expect("a count") as usize]);
    }
    let ndvi = (0..3).flat_map(|date| {
        let of = |label: &u8| number(&case["cluster_ndvi"][label.to_string()][date]) as f32;
        labels.iter().map(of).collect::<Vec<_>>()
    });
    let ndvi = ndvi.collect();
    (labels, ndvi)
}

#[test]
fn markers_equal_the_worked_examples() {
    for case in cases(include_str!("golden/sen4cap/heterogeneity_markers.json"), 11) {
        let name = case["name"].as_str().expect("a name");
        let given = &case["params"];
        let params = MarkerParams {
            per_hetero: number(&given["per_hetero"]),
            n_pix_s2: number(&given["n_pix_cl"]) as u32,
            n_pix_s1: number(&given["n_pix_cl"]) as u32,
            ndvi_distance: number(&given["thr_ndvi_dist"]),
            compact_s2: number(&given["thr_compact"]),
            compact_s1: number(&given["thr_compact"]),
            rule: DecisionRule::Sum,
        };
        let (labels, ndvi) = pixels_of(&case);
        let mut measured = quantities(&labels, &ndvi, &vec![1; labels.len()]);
        measured.compact = number(&case["mean_connectivity"]) as f32;
        let expected = &case["expected"];
        let area_m2 = number(&case["area_m2"]);
        let found = marks(&measured, area_m2, &params, Stream::S2);
        assert_eq!(found.values, ["M1", "M2", "M3", "M4"].map(|key| mark(&expected[key])), "{name}");
        close(found.largest_share, number(&expected["largest_share"]), name);
        close(found.ndvi_distance, number(&expected["dist_ndvi"]), name);
        close(found.compactness, number(&expected["compact_a"]), name);
        // S1 has the same rules but for NDVI.
        let radar = marks(&measured, area_m2, &params, Stream::S1);
        assert_eq!([radar.values[0], radar.values[1], radar.values[3]], [found.values[0], found.values[1], found.values[3]]);
        assert_eq!((radar.values[2], radar.because[2]), (None, Because::NotOfStream), "{name}");
        for (value, because) in found.values.iter().zip(found.because) {
            assert_eq!(*value == Some(true), because == Because::Holds, "{name}");
        }
    }
}

#[test]
fn decisions_equal_the_worked_examples() {
    for case in cases(include_str!("golden/sen4cap/c_index.json"), 16) {
        let given = case["markers_by_period"].as_object().expect("periods");
        let last = given.keys().map(|key| key.parse::<usize>().expect("a number")).max().expect("a period");
        let periods: Vec<Option<[Mark; 4]>> =
            (1..=last).map(|number| given.get(&number.to_string()).map(|own| std::array::from_fn(|at| mark(&own[at])))).collect();
        for (rule, key) in [(DecisionRule::Sum, "sum"), (DecisionRule::Literal, "literal")] {
            let expected = &case["expected"][key];
            let found = decide(&periods, rule);
            let name = format!("{} {key}", case["name"]);
            assert_eq!(found.index.code(), expected["c_index"], "{name}");
            assert_eq!(found.period.map(u64::from), expected["p_hete_l"].as_u64(), "{name}");
            if let Some(sums) = expected["marker_sums"].as_array() {
                assert_eq!(
                    found.sums.map(u64::from).as_slice(),
                    sums.iter().filter_map(Value::as_u64).collect::<Vec<_>>(),
                    "{name}"
                );
                assert_eq!(Some(u64::from(found.missing)), expected["na_markers_in_window"].as_u64(), "{name}");
            }
        }
    }
}

fn measured(clusters: &[(u32, f32)], compact: f32) -> Quantities {
    let mut own = Quantities {
        pixels: clusters.iter().map(|(pixels, _)| pixels).sum(),
        clusters: [0; MAX_CLUSTERS],
        ndvi: [f32::NAN; MAX_CLUSTERS],
        compact,
        holes: 0,
        partial_holes: 0,
    };
    for (at, (pixels, ndvi)) in clusters.iter().enumerate() {
        (own.clusters[at], own.ndvi[at]) = (*pixels, *ndvi);
    }
    own
}

#[test]
fn thresholds_themselves_count_and_reasons_are_told() {
    // 0.75 - 0.5 and 9 / ln(e) have no rounding.
    let params = MarkerParams { ndvi_distance: 0.25, compact_s2: 9.0 / 10_000f64.ln(), ..MarkerParams::default() };
    let own = measured(&[(60, 0.75), (40, 0.5), (20, -1.0)], 9.0);
    let found = marks(&own, 10_000.0, &params, Stream::S2);
    assert_eq!(found.values, [Some(true); 4]);
    assert_eq!((found.largest_share, found.second_pixels, found.ndvi_distance), (0.5, 40, 0.25));
    let stricter = MarkerParams { ndvi_distance: 0.2501, compact_s2: 1.0, n_pix_s2: 40, ..params };
    let found = marks(&own, 10_000.0, &stricter, Stream::S2);
    assert_eq!(found.values, [Some(true), Some(false), Some(false), Some(false)]);
    assert_eq!(found.because[1], Because::FewLargeClusters(1));
    let Because::Below { value, threshold } = found.because[2] else { panic!("{:?}", found.because) };
    assert!(value.is_nan() && threshold == 0.2501);
    let uniform = marks(&own, 10_000.0, &MarkerParams { per_hetero: 0.5, ..params }, Stream::S2);
    assert_eq!(uniform.values, [Some(false); 4]);
    assert_eq!(uniform.because, [Because::OneCluster(0.5), Because::FirstIsZero, Because::FirstIsZero, Because::FirstIsZero]);
}

#[test]
fn an_area_that_is_not_known_leaves_compactness_open() {
    let own = measured(&[(60, 0.7), (40, 0.3)], 20.0);
    for area_m2 in [f64::NAN, f64::INFINITY, 0.0, -5.0, 1.0] {
        let found = marks(&own, area_m2, &MarkerParams::default(), Stream::S2);
        assert_eq!(found.values, [Some(true), Some(true), Some(true), None], "{area_m2}");
        assert_eq!(found.because[3], Because::NoArea);
    }
}

#[test]
fn a_parcel_without_pixels_or_with_three_of_them_is_no_fault() {
    let none = quantities(&[], &[], &[]);
    assert_eq!((none.pixels, none.holes, none.compact.is_nan()), (0, 0, true));
    let found = marks(&none, 900.0, &MarkerParams::default(), Stream::S2);
    assert_eq!((found.values, found.because), ([None; 4], [Because::NoPixels; 4]));
    assert!(found.largest_share.is_nan() && found.compactness.is_nan());
    // Pixels that never had a value.
    let cloudy = quantities(&[0; 5], &[f32::NAN; 15], &[0; 5]);
    assert_eq!((cloudy.pixels, cloudy.holes, cloudy.partial_holes), (0, 3, 0));
    assert_eq!(marks(&cloudy, 900.0, &MarkerParams::default(), Stream::S2).values, [None; 4]);
    let three = quantities(&[1, 2, 2], &[0.2, 0.6, f32::NAN, f32::NAN, f32::NAN, f32::NAN, 0.4, 0.5, 0.8], &[1, 2, 2]);
    assert_eq!((three.pixels, three.clusters[0], three.clusters[1]), (3, 1, 2));
    assert_eq!((three.holes, three.partial_holes), (1, 1));
    close(f64::from(three.ndvi[0]), 0.3, "mean of two dates");
    // (0.6 + (0.5 + 0.8) / 2) / 2: each date has the same weight.
    close(f64::from(three.ndvi[1]), 0.625, "mean of two dates");
    assert!(three.ndvi[2].is_nan());
    close(f64::from(three.compact), 5.0 / 3.0, "mean of connectivity");
    let found = marks(&three, 300.0, &MarkerParams::default(), Stream::S2);
    assert_eq!(found.values, [Some(true), Some(false), Some(false), Some(false)]);
}

#[test]
fn presets_are_the_calibrated_pairs_and_others_say_so() {
    for (params, radius, threshold) in [(HeterogeneityParams::saxony(), 3, 3.0), (HeterogeneityParams::greece(), 2, 1.7)] {
        assert_eq!((params.clusters.radius, params.markers.compact_s2), (radius, threshold));
        assert!(!not_calibrated(radius, threshold) && not_calibrated(radius, threshold + 0.1));
        assert_eq!(suggested_threshold(radius), threshold);
        assert_eq!(check(&params), Ok(()));
    }
    assert_eq!(HeterogeneityParams::greece(), HeterogeneityParams::default());
    close(suggested_threshold(1), 0.585, "0.065 of 9");
    close(suggested_threshold(5), 7.865, "0.065 of 121");
    assert!(not_calibrated(1, 0.585));
}

#[test]
fn parameters_that_cannot_be_used_are_named() {
    let clusters = |change: fn(&mut ClusterParams)| {
        let mut params = HeterogeneityParams::default();
        change(&mut params.clusters);
        check(&params).expect_err("cannot be used")
    };
    let markers = |change: fn(&mut MarkerParams)| {
        let mut params = HeterogeneityParams::default();
        change(&mut params.markers);
        check(&params).expect_err("cannot be used")
    };
    assert_eq!(clusters(|own| own.clusters = 1), "heterogeneity: clusters.clusters is 1; give a number from 2 to 8");
    assert_eq!(clusters(|own| own.radius = 6), "heterogeneity: clusters.radius is 6; give a number from 1 to 5");
    assert_eq!(
        clusters(|own| own.isolated_threshold = 9),
        "heterogeneity: clusters.isolated_threshold is 9; give a number from 0 to 8"
    );
    assert_eq!(markers(|own| own.per_hetero = 1.5), "heterogeneity: markers.per_hetero is 1.5; give a number from 0 to 1");
    for fault in [
        clusters(|own| own.clusters = 9),
        clusters(|own| own.starts = 0),
        clusters(|own| own.batch = 0),
        clusters(|own| own.s2_step_days = 0),
        clusters(|own| own.s1_step_days = 40),
        clusters(|own| own.period_days = 0),
        clusters(|own| own.min_period_days = 31),
        clusters(|own| own.s2_shrink_m = f32::NAN),
        clusters(|own| own.isolated_radius = 0),
        markers(|own| own.ndvi_distance = f64::NAN),
        markers(|own| own.compact_s2 = -1.0),
        markers(|own| own.compact_s1 = f64::INFINITY),
    ] {
        assert!(fault.starts_with("heterogeneity: ") && fault.contains("; give"), "{fault}");
    }
}

/// Quantities as they may come: also empty clusters and NDVI that is not known.
fn any_quantities(clusters: usize) -> impl Strategy<Value = Option<Quantities>> {
    let cluster = (prop_oneof![Just(0u32), 1..60u32], prop_oneof![Just(f32::NAN), 0.0..1.0f32]);
    let own = (prop::collection::vec(cluster, clusters), 1.0..25.0f32);
    prop::option::weighted(0.9, own.prop_map(|(clusters, compact)| measured(&clusters, compact)))
}

proptest! {
    #[test]
    fn columns_decide_as_markers_one_by_one(
        parcels in prop::collection::vec((prop::collection::vec(any_quantities(4), 6), prop_oneof![Just(f64::NAN), 100.0..1e5f64]), 1..8),
        literal: bool,
        n_pix_s2 in 0..40u32,
        per_hetero in 0.3..1.0f64,
    ) {
        let rule = if literal { DecisionRule::Literal } else { DecisionRule::Sum };
        let params = MarkerParams { n_pix_s2, per_hetero, rule, ..MarkerParams::default() };
        for clusters in [4, 5, 7] {
            let mut columns = Columns::new(clusters, 6);
            for (periods, area_m2) in &parcels {
                columns.push(*area_m2, periods);
            }
            prop_assert_eq!(columns.len(), parcels.len());
            let mut found = vec![Decision::default(); parcels.len()];
            let half = parcels.len() / 2;
            let (left, right) = found.split_at_mut(half);
            columns.decide(&params, 0..half, left);
            columns.decide(&params, half..parcels.len(), right);
            for ((periods, area_m2), found) in parcels.iter().zip(found) {
                let of = |own: &Quantities| marks(own, *area_m2, &params, Stream::S2).values;
                let periods: Vec<Option<[Mark; 4]>> = periods.iter().map(|own| own.as_ref().map(of)).collect();
                prop_assert_eq!(found, decide(&periods, rule));
            }
        }
    }

    #[test]
    fn other_numbers_of_clusters_give_the_same_markers(
        own in any_quantities(5),
        order in Just([0usize, 1, 2, 3, 4]).prop_shuffle(),
        area_m2 in 100.0..1e5f64,
    ) {
        let own = own.unwrap_or_else(|| measured(&[], f32::NAN));
        let mut other = own;
        for (to, from) in order.into_iter().enumerate() {
            (other.clusters[to + 3], other.ndvi[to + 3]) = (own.clusters[from], own.ndvi[from]);
        }
        (0..3).for_each(|at| (other.clusters[at], other.ndvi[at]) = (0, f32::NAN));
        for stream in [Stream::S2, Stream::S1] {
            let of = |own: &Quantities| marks(own, area_m2, &MarkerParams::default(), stream).values;
            prop_assert_eq!(of(&own), of(&other));
        }
    }

    #[test]
    fn stricter_thresholds_never_make_a_marker_one(
        own in any_quantities(4),
        area_m2 in 100.0..1e5f64,
        lax in (0.0..1.0f64, 0..40u32, 0.0..0.6f64, 0.0..3.0f64),
        more in (0.0..0.5f64, 0..20u32, 0.0..0.4f64, 0.0..2.0f64),
    ) {
        let own = own.unwrap_or_else(|| measured(&[], f32::NAN));
        let params = |(per_hetero, n_pix_s2, ndvi_distance, compact_s2)| MarkerParams {
            per_hetero, n_pix_s2, ndvi_distance, compact_s2, ..MarkerParams::default()
        };
        let strict = params((lax.0 - more.0, lax.1 + more.1, lax.2 + more.2, lax.3 + more.3));
        let of = |params| marks(&own, area_m2, &params, Stream::S2).values;
        for (lax, strict) in of(params(lax)).into_iter().zip(of(strict)) {
            prop_assert!(strict != Some(true) || lax == Some(true));
            prop_assert_eq!(lax.is_none(), strict.is_none());
        }
    }

    #[test]
    fn one_more_marker_never_lowers_the_index(
        ones in prop::collection::vec(prop::array::uniform4(any::<bool>()), 3..8),
        period in 0..8usize,
        at in 0..4usize,
    ) {
        let of = |ones: &[[bool; 4]], rule| {
            let periods: Vec<Option<[Mark; 4]>> = ones.iter().map(|own| Some(own.map(Some))).collect();
            decide(&periods, rule)
        };
        let mut more = ones.clone();
        let place = period % ones.len();
        more[place][at] = true;
        for rule in [DecisionRule::Sum, DecisionRule::Literal] {
            let (few, many) = (of(&ones, rule), of(&more, rule));
            prop_assert!(many.index >= few.index);
            prop_assert_eq!(few.period.is_some(), few.index != CIndex::No);
        }
    }
}
