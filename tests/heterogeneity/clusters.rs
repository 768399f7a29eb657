//! Clusters: inertia against scikit-learn, laws, and rows at the edge of what can be clustered.

use std::path::Path;

use parcelight::engine::heterogeneity::kmeans::{Model, Options, Sample, Scale, fit};
use parcelight::model::heterogeneity::ClusterParams;
use parcelight::project::heterogeneity::clustering::{Clustering, cluster};
use proptest::prelude::*;
use serde_json::Value;

use super::cases;

fn params(clusters: u8) -> ClusterParams {
    ClusterParams { clusters, ..ClusterParams::default() }
}

/// Numbers from a seed, evenly from 0 to 1.
struct Random(u64);

impl Random {
    fn share(&mut self) -> f32 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 40) as f32 / (1u64 << 24) as f32
    }
}

/// Rows around `groups` far apart, in turn.
fn blobs(rows: usize, features: usize, groups: usize, seed: u64) -> Vec<f32> {
    let mut random = Random(seed);
    let mut made = Vec::new();
    for row in 0..rows {
        for at in 0..features {
            // The first feature falls from group to group.
            let centre = if at == 0 { -10.0 * (row % groups) as f32 } else { ((row % groups) * (at + 3) % 7) as f32 * 10.0 };
            made.push(centre + random.share());
        }
    }
    made
}

/// NDVI of three acquisitions, then their four bands, of all pixels of the sample.
fn pixels(acquisitions: &Value) -> Vec<f32> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/pajottenland_2019/s2");
    let names = acquisitions.as_array().expect("names");
    let bands: Vec<Vec<f32>> = names
        .iter()
        .flat_map(|name| {
            let path = folder.join(format!("{}_10m.tif", name.as_str().expect("a name")));
            let source = gdal::Dataset::open(path).expect("opens");
            let read = move |band| source.rasterband(band).expect("a band").read_band_as::<f32>().expect("reads").data().to_vec();
            (1..=4).map(read).collect::<Vec<_>>()
        })
        .collect();
    let ndvi = |date: usize, at: usize| {
        let (red, near) = (bands[4 * date + 2][at], bands[4 * date + 3][at]);
        (near - red) / (near + red)
    };
    let row = |at: usize| (0..3).map(move |date| ndvi(date, at)).chain(bands.iter().map(move |band| band[at]));
    (0..bands[0].len()).flat_map(row).collect()
}

/// Squared distances in double precision, from centres in the unit of the rows, without the code that is tested.
fn inertia_of(rows: &[f32], features: usize, found: &Clustering) -> f64 {
    let count = (rows.len() / features) as f64;
    let deviation = |at: usize| {
        let column = || rows.iter().skip(at).step_by(features).map(|own| f64::from(*own));
        let mean = column().sum::<f64>() / count;
        (column().map(|own| (own - mean).powi(2)).sum::<f64>() / count).sqrt()
    };
    let deviations: Vec<f64> = (0..features).map(deviation).collect();
    let centres: Vec<Vec<f32>> = (1..=found.model.clusters as u8).map(|label| found.model.centre(label)).collect();
    let each = rows.chunks_exact(features).zip(&found.labels);
    each.map(|(row, label)| {
        let own = row.iter().zip(&centres[usize::from(*label) - 1]).zip(&deviations);
        own.map(|((a, b), unit)| (f64::from(a - b) / unit).powi(2)).sum::<f64>()
    })
    .sum()
}

#[test]
fn inertia_on_real_pixels_is_that_of_scikit_learn_or_lower() {
    for case in cases(include_str!("../golden/heterogeneity/inertia.json"), 6) {
        let rows = pixels(&case["acquisitions"]);
        assert_eq!(Some(rows.len() as u64 / 15), case["rows"].as_u64());
        let found = cluster(&rows, 15, &params(case["clusters"].as_u64().expect("a number") as u8));
        let measured = inertia_of(&rows, 15, &found);
        assert!((measured / found.inertia - 1.0).abs() < 1e-5, "{measured} is told as {}", found.inertia);
        for peer in ["inertia_kmeans", "inertia_minibatch"] {
            let theirs = case[peer].as_f64().expect("a number");
            assert!(measured <= 1.001 * theirs, "{} clusters: {measured} against {theirs}, {peer}", case["clusters"]);
        }
        assert_eq!(found.rounds, 1, "no value is missing");
    }
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let mut rows = blobs(34_000, 3, 5, 3);
    let mut random = Random(8);
    for own in &mut rows {
        *own += 14.0 * random.share();
    }
    rows.iter_mut().skip(3).step_by(10).for_each(|own| *own = f32::NAN);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        pool.install(|| cluster(&rows, 3, &params(4)))
    };
    let first = run(1);
    assert!(first.rounds > 1, "missing values take more than a round");
    for threads in [2, 4] {
        let next = run(threads);
        assert_eq!(next.labels, first.labels);
        assert_eq!(next.inertia.to_bits(), first.inertia.to_bits());
        let bits = |own: &Clustering| own.model.centres.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&next), bits(&first));
    }
}

#[test]
fn clusters_are_numbered_from_the_largest_first_feature_down() {
    let rows = blobs(400, 3, 4, 5);
    let found = cluster(&rows, 3, &params(4));
    let expected: Vec<u8> = (0..400).map(|row| row % 4 + 1).map(|label: u32| label as u8).collect();
    assert_eq!(found.labels, expected);
    let first: Vec<f32> = (1..=4).map(|label| found.model.centre(label)[0]).collect();
    for (label, value) in first.iter().enumerate() {
        assert!((value - (-10.0 * label as f32 + 0.5)).abs() < 0.2, "{first:?}");
    }
    assert!(found.model.centre(0)[0].is_nan() && found.model.centre(5)[0].is_nan());
}

#[test]
fn a_missing_value_is_filled_from_its_own_cluster_and_not_from_the_mean() {
    // The second feature tells the groups apart; the first does as well, but much less.
    let mut rows: Vec<f32> = (0..300).flat_map(|row| if row % 3 == 0 { [0.0, 0.0] } else { [0.4, 9.0] }).collect();
    let mut random = Random(4);
    for own in &mut rows {
        *own += 0.1 * random.share();
    }
    (0..60).for_each(|row| rows[row * 2 + 1] = f32::NAN);
    let found = cluster(&rows, 2, &params(2));
    let expected: Vec<u8> = (0..300).map(|row| if row % 3 == 0 { 2 } else { 1 }).collect();
    assert_eq!(found.labels, expected);
    // A fifth of each group is missing. First the mean of all, 6.05, stands in: centres at 0.8 x 9.05 + 0.2 x 6.05 = 8.45 and at 1.25.
    // Then these do: 0.8 x 9.05 + 0.2 x 8.45 = 8.93 and 0.29. No label has changed: this round is the last.
    assert_eq!(found.rounds, 2);
    let second = [1, 2].map(|label| found.model.centre(label)[1]);
    assert!((second[0] - 8.93).abs() < 0.02 && (second[1] - 0.29).abs() < 0.02, "{second:?}");
}

#[test]
fn rows_without_any_value_have_no_cluster_and_no_say() {
    let rows = blobs(200, 3, 4, 9);
    let mut with_gaps = Vec::new();
    for row in rows.chunks(3) {
        with_gaps.extend_from_slice(row);
        with_gaps.extend_from_slice(&[f32::NAN, f32::INFINITY, f32::NEG_INFINITY]);
    }
    let (plain, gaps) = (cluster(&rows, 3, &params(4)), cluster(&with_gaps, 3, &params(4)));
    let expected: Vec<u8> = plain.labels.iter().flat_map(|label| [*label, 0]).collect();
    assert_eq!(gaps.labels, expected);
    assert!((gaps.inertia / plain.inertia - 1.0).abs() < 1e-5);
    let cloudy = cluster(&[f32::NAN; 30], 3, &params(4));
    assert_eq!((cloudy.labels, cloudy.inertia, cloudy.rounds), (vec![0; 10], 0.0, 0));
    assert!(cloudy.model.centres.iter().all(|own| own.is_nan()));
    assert!(cluster(&[], 3, &params(4)).labels.is_empty());
}

#[test]
fn one_date_keeps_all_clusters_and_fewer_distinct_rows_leave_the_last_ones_empty() {
    let one = cluster(&blobs(100, 1, 4, 2), 1, &params(4));
    assert_eq!(one.labels.iter().max(), Some(&4));
    let two = cluster(&[1.0, 5.0, 1.0, 1.0, 5.0], 1, &params(4));
    assert_eq!((two.labels.as_slice(), two.inertia), ([2, 1, 2, 2, 1].as_slice(), 0.0));
    assert!(two.model.centre(3)[0].is_nan() && two.model.centre(4)[0].is_nan());
    assert!((two.model.centre(1)[0] - 5.0).abs() < 1e-6 && (two.model.centre(2)[0] - 1.0).abs() < 1e-6);
    let equal = cluster(&[0.3; 40], 2, &params(4));
    assert_eq!((equal.labels, equal.inertia), (vec![1; 20], 0.0));
    let single = cluster(&[0.3, 0.4], 2, &params(8));
    assert_eq!(single.labels, [1]);
    // A feature that is missing everywhere changes nothing.
    let rows: Vec<f32> = blobs(80, 1, 4, 2).into_iter().flat_map(|own| [own, f32::NAN]).collect();
    assert_eq!(cluster(&rows, 2, &params(4)).labels, cluster(&blobs(80, 1, 4, 2), 1, &params(4)).labels);
}

#[test]
fn features_that_are_not_standardised_keep_their_unit() {
    // Wide noise in the first feature hides the groups of the second, unless both are standardised.
    let mut random = Random(6);
    let rows: Vec<f32> = (0..400).flat_map(|row| [1000.0 * random.share(), if row % 2 == 0 { 0.1 } else { 0.9 }]).collect();
    let apart = |params: &ClusterParams| {
        let found = cluster(&rows, 2, params);
        let same = found.labels.iter().enumerate().filter(|(row, label)| usize::from(**label) == 1 + row % 2).count();
        same.max(400 - same)
    };
    let standardised = params(2);
    assert!(apart(&standardised) > 390, "{}", apart(&standardised));
    assert!(apart(&ClusterParams { standardise: false, ..standardised }) < 260);
}

#[test]
fn labels_of_a_model_are_the_nearest_centres() {
    let rows = blobs(1000, 5, 3, 1);
    let scale = Scale::of(&rows, 5);
    let model: Model = fit(&Sample::draw(&rows, 5, 1), &scale, &Options { clusters: 3, batch: 64, seed: 1 }, 0);
    let mut labels = vec![9; 1000];
    let inertia = model.label(&rows, &mut labels);
    let mut sum = 0.0;
    for (row, label) in rows.chunks(5).zip(&labels) {
        let apart = |centre: &[f32]| {
            let each = row.iter().zip(&scale.means).zip(&scale.deviations).map(|((own, mean), unit)| (own - mean) / unit);
            each.zip(centre).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>()
        };
        let all: Vec<f64> = model.centres.chunks(5).map(apart).collect();
        let nearest = (0..3).min_by(|a, b| all[*a].total_cmp(&all[*b])).expect("three");
        assert_eq!(usize::from(*label), nearest + 1);
        sum += all[nearest];
    }
    assert!((inertia / sum - 1.0).abs() < 1e-5 && (model.inertia / sum - 1.0).abs() < 1e-5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn the_order_of_rows_does_not_change_the_groups(seed in 0..1000u64, order in Just((0..120).collect::<Vec<usize>>()).prop_shuffle()) {
        let rows = blobs(120, 4, 4, seed);
        let turned: Vec<f32> = order.iter().flat_map(|&at| rows[at * 4..at * 4 + 4].to_vec()).collect();
        let (found, turned) = (cluster(&rows, 4, &params(4)), cluster(&turned, 4, &params(4)));
        let expected: Vec<u8> = order.iter().map(|&at| found.labels[at]).collect();
        prop_assert_eq!(turned.labels, expected);
        prop_assert!((turned.inertia / found.inertia - 1.0).abs() < 1e-5);
    }

    #[test]
    fn any_rows_are_labelled_within_bounds(
        rows in prop::collection::vec(prop_oneof![Just(f32::NAN), Just(0.0f32), -1e6..1e6f32, Just(f32::INFINITY)], 0..120),
        features in 1..5usize,
        clusters in 2..=8u8,
    ) {
        let rows = &rows[..rows.len() / features * features];
        let found = cluster(rows, features, &params(clusters));
        prop_assert!(found.inertia.is_finite() && found.rounds <= 10);
        for (row, label) in rows.chunks(features).zip(&found.labels) {
            prop_assert_eq!(*label == 0, row.iter().all(|own| !own.is_finite()));
            prop_assert!(*label <= clusters);
        }
        // Numbers are used from 1 on without a gap.
        let most = found.labels.iter().copied().max().unwrap_or(0);
        prop_assert!((1..=most).all(|label| found.labels.contains(&label)));
    }
}
