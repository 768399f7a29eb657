//! What holds for events of any series.

use parcelight::engine::markers::evaluate::{Evaluation, Outcome, Scratch};
use parcelight::engine::markers::plan::Plan;
use parcelight::io::ruleset::parse;
use parcelight::model::{SampleColumn, SampleTable, Watch};
use parcelight::project::marking::{compile, evaluate};
use proptest::prelude::*;

const RULES: &str = r#"
version = "1.0"
inputs = [{ name = "s2" }]
[[signals]]
name = "smooth"
from = ["s2"]
steps = [{ resample = {} }, { low_pass = {} }]
[[markers]]
name = "drop"
signal = "smooth"
detect = { drop = { joins = 1, min_duration_days = 5, steep = true } }
[[markers]]
name = "peak"
signal = "smooth"
detect = { peak = { joins = 1 } }
[[markers]]
name = "raw"
signal = "s2"
detect = { drop = {} }
[[markers]]
name = "gap"
signal = "s2"
detect = { gap = { longer_than_days = 7 } }
[[composites]]
name = "both"
of = ["drop", "peak"]
combine = "aggregate"
"#;

fn plan() -> Plan {
    compile(&parse(RULES).expect("valid")).expect("compiled")
}

fn table(days: &[f64], values: &[f64]) -> SampleTable {
    SampleTable::sorted(days, vec![SampleColumn::new("v", values.to_vec())])
}

fn run(table: SampleTable) -> Evaluation {
    plan().run(&[table], &mut Scratch::default())
}

/// Start, main, stop and depth of all events.
fn events(own: &Evaluation) -> Vec<[f64; 4]> {
    let all = own.markers.iter().chain(&own.composites).flat_map(|finding| &finding.events);
    all.map(|event| [event.marker.start, event.marker.main, event.marker.stop, event.marker.depth]).collect()
}

/// Observations some days apart.
fn observations() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    prop::collection::vec((1u8..12, -100i16..100), 12..60).prop_map(|steps| {
        let mut day = 18_300.0;
        let days = steps.iter().map(|(gap, _)| {
            day += f64::from(*gap);
            day
        });
        // No two neighbours are equal, so that rounding decides nothing.
        let value = |(at, (_, value)): (usize, &(u8, i16))| f64::from(*value) / 200.0 + at as f64 * 1e-4;
        (days.collect(), steps.iter().enumerate().map(value).collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_shift_in_time_shifts_events((days, values) in observations(), shift in -2000i32..2000) {
        let shifted: Vec<f64> = days.iter().map(|day| day + f64::from(shift)).collect();
        let moved = events(&run(table(&shifted, &values)));
        let own = events(&run(table(&days, &values)));
        prop_assert_eq!(moved.len(), own.len());
        for (a, b) in own.iter().zip(&moved) {
            prop_assert!((0..3).all(|at| a[at] + f64::from(shift) == b[at]));
            prop_assert!(a[3].to_bits() == b[3].to_bits() || (a[3].is_nan() && b[3].is_nan()));
        }
    }

    #[test]
    fn scale_and_offset_scale_the_depth((days, values) in observations(), power in -3i32..6, offset in -4i8..4) {
        // A power of two and a small whole number: rounding stays small.
        let factor = 2f64.powi(power);
        let scaled: Vec<f64> = values.iter().map(|value| value * factor + f64::from(offset)).collect();
        let raw = |own: &Evaluation| own.markers[2].events.iter().map(|own| (own.marker.main, own.marker.depth)).collect::<Vec<_>>();
        let (own, other) = (raw(&run(table(&days, &values))), raw(&run(table(&days, &scaled))));
        prop_assert_eq!(own.len(), other.len());
        for (a, b) in own.iter().zip(&other) {
            prop_assert!(a.0 == b.0 && (a.1 * factor - b.1).abs() < 1e-9 * factor.max(1.0) * 10.0);
        }
    }

    #[test]
    fn masked_observations_and_the_order_of_rows_change_nothing((days, values) in observations(), seed in any::<u64>()) {
        let own = run(table(&days, &values));
        let mut rows: Vec<(f64, f64)> = days.iter().copied().zip(values.iter().copied()).collect();
        rows.extend(days.iter().map(|day| (day - 0.5, f64::NAN)));
        rows.push((days[days.len() - 1] + 30.0, f64::NAN));
        rows.sort_by_key(|(day, _)| day.to_bits().wrapping_mul(seed | 1));
        let (days, values): (Vec<f64>, Vec<f64>) = rows.into_iter().unzip();
        let mixed = run(table(&days, &values));
        prop_assert_eq!(format!("{:?}", own.markers), format!("{:?}", mixed.markers));
        prop_assert_eq!(format!("{:?}", own.composites), format!("{:?}", mixed.composites));
    }

    #[test]
    fn nothing_in_never_gives_a_yes(days in prop::collection::vec(0u16..900, 0..80)) {
        let days: Vec<f64> = days.into_iter().map(f64::from).collect();
        let own = run(table(&days, &vec![f64::NAN; days.len()]));
        prop_assert!(own.markers.iter().chain(&own.composites).all(|own| own.outcome == Outcome::Unknown && own.events.is_empty()));
    }
}

#[test]
fn the_number_of_threads_and_the_memory_of_others_do_not_matter() {
    let parcels: Vec<Vec<SampleTable>> = (0..60)
        .map(|parcel| {
            let days: Vec<f64> = (0..40 + parcel).map(|at| 18_300.0 + 3.0 * f64::from(at)).collect();
            let values: Vec<f64> = days.iter().map(|day| (day * 0.07 + f64::from(parcel)).sin()).collect();
            vec![table(&days, &values)]
        })
        .collect();
    let by = |jobs: usize| format!("{:?}", evaluate(&plan(), &parcels, jobs, &Watch::default()).expect("done"));
    assert_eq!(by(1), by(4));
    let alone: Vec<Evaluation> = parcels.iter().map(|own| plan().run(own, &mut Scratch::default())).collect();
    assert_eq!(by(2), format!("{alone:?}"));
}
