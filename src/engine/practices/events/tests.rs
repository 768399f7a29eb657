//! Tests of candidate events.

use proptest::prelude::*;

use super::*;

const DAYS: [f64; 8] = [0.0, 6.0, 12.0, 18.0, 24.0, 30.0, 36.0, 42.0];

fn signal(values: &[f64]) -> Signal<'_> {
    Signal { days: &DAYS[..values.len()], values }
}

#[test]
fn a_harvest_is_a_loss_of_ndvi_and_radar_adds_confidence() {
    let ndvi = [0.8, 0.8, 0.2, 0.2];
    let ask = |vh: &[f64], ratio: &[f64], coherence: &[f64]| {
        harvest(signal(&ndvi), signal(vh), signal(ratio), signal(coherence), &HarvestParams::default())
    };
    let alone = ask(&[], &[], &[]);
    assert_eq!((alone.len(), alone[0].start, alone[0].end, alone[0].confidence), (1, 6.0, 12.0, 0.5));
    let all = ask(&[-15.0, -15.0, -18.0], &[6.0, 6.0, 7.0], &[0.2, 0.2, 0.5]);
    assert_eq!((all[0].confidence, all[0].evidence.len()), (1.0, 4));
    let against = ask(&[-15.0, -15.0, -14.0], &[f64::NAN; 3], &[]);
    assert_eq!((against[0].confidence, against[0].evidence.len()), (0.5, 2));
    assert_eq!(harvest(signal(&[0.8, 0.5]), signal(&[]), signal(&[]), signal(&[]), &HarvestParams::default()), []);
}

#[test]
fn ploughing_is_a_dip_of_coherence_on_bare_soil() {
    let coherence = [0.6, 0.65, 0.3, 0.7, 0.7];
    let ask = |ndvi: &[f64], bsi: &[f64]| ploughing(signal(&coherence), signal(ndvi), signal(bsi), &PloughingParams::default());
    let found = ask(&[0.2; 5], &[]);
    assert_eq!((found.len(), found[0].start, found[0].end, found[0].confidence), (1, 6.0, 12.0, 0.5));
    assert_eq!(ask(&[0.2; 5], &[0.0, 0.0, 0.1, 0.1])[0].confidence, 0.75);
    assert_eq!(ask(&[0.6; 5], &[]), []);
    assert_eq!(ask(&[], &[]), []);
    assert_eq!(ask(&[f64::NAN; 5], &[]), []);
}

#[test]
fn emergence_is_an_interval_between_the_soil_and_the_first_rising_values() {
    let rising = [0.15, 0.16, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6];
    let found = emergence(signal(&rising), 6.0, &EmergenceParams::default()).expect("seedlings");
    assert_eq!((found.start, found.end), (18.0, 24.0));
    assert!((found.evidence[0].before - 0.155).abs() < 1e-12);
    // A missed cloud, then soil again.
    assert_eq!(emergence(signal(&[0.15, 0.15, 0.15, 0.6, 0.15, 0.15, 0.15]), 6.0, &EmergenceParams::default()), None);
    // Too few dates to confirm.
    assert_eq!(emergence(signal(&rising[..5]), 6.0, &EmergenceParams::default()), None);
    assert_eq!(emergence(signal(&[f64::NAN; 8]), 6.0, &EmergenceParams::default()), None);
}

#[test]
fn residue_is_compared_before_and_after_a_date_without_plants() {
    let ndvi = [0.2; 6];
    let ask = |index, values: &[f64], ndvi: &[f64]| {
        residue_change(index, signal(values), signal(ndvi), 15.0, &ResidueParams::default())
    };
    let (marker, event) = ask(ResidueIndex::Ndti, &[0.2, 0.2, 0.21, 0.1, 0.1, 0.1], &ndvi);
    assert_eq!(marker.outcome, Outcome::Yes);
    assert!((marker.value + 0.1).abs() < 1e-12);
    let event = event.expect("a change");
    assert_eq!((event.start, event.main, event.end), (12.0, 15.0, 18.0));
    assert_eq!(ask(ResidueIndex::Crc, &[0.6, 0.6, 0.6, 0.5, 0.5], &ndvi).0.outcome, Outcome::Yes);
    let (marker, event) = ask(ResidueIndex::Ndri, &[-0.4, -0.4, -0.4, -0.2], &ndvi);
    assert_eq!((marker.outcome, event.is_some()), (Outcome::No, true));
    let (marker, event) = ask(ResidueIndex::Sti, &[1.3, 1.3, 1.3, 1.3], &ndvi);
    assert_eq!((marker.outcome, event), (Outcome::No, None));
    assert_eq!(ask(ResidueIndex::Ndti, &[0.2; 6], &[0.7; 6]).0.reason, Reason::NoData);
    assert_eq!(ask(ResidueIndex::Ndti, &[0.2; 6], &[f64::NAN; 6]).0.outcome, Outcome::Unknown);
}

#[test]
fn water_is_a_run_above_zero() {
    let found = water(signal(&[-0.4, 0.1, 0.3, 0.2, -0.1, 0.2, -0.3]), &WaterParams::default());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].start, found[0].main, found[0].end), (6.0, 12.0, 18.0));
    assert_eq!((found[0].evidence[0].before, found[0].evidence[0].after), (-0.4, 0.3));
    assert_eq!(water(signal(&[0.0; 5]), &WaterParams::default()), []);
    let far = Signal { days: &[0.0, 5.0, 60.0, 65.0], values: &[0.2; 4] };
    assert_eq!(water(far, &WaterParams::default()).len(), 2);
}

#[test]
fn the_marker_of_a_family_tells_no_from_unknown() {
    let values = [0.1; 8];
    let event = |start, end| Event { kind: EventKind::Harvest, start, main: start, end, confidence: 0.5, evidence: vec![] };
    let ask = |events: &[Event], start, end| events_marker("harvest", events, signal(&values), Window { start, end }, 20.0);
    assert_eq!(ask(&[event(6.0, 12.0)], 0.0, 40.0).outcome, Outcome::Yes);
    assert_eq!(ask(&[event(6.0, 12.0)], 10.0, 40.0).reason, Reason::AcrossWindow);
    assert_eq!(ask(&[event(6.0, 12.0)], 18.0, 42.0).outcome, Outcome::No);
    assert_eq!(ask(&[], 18.0, 90.0).reason, Reason::TooFewData);
    assert_eq!(ask(&[], 80.0, 90.0).reason, Reason::NoData);
}

#[test]
fn unknown_parameters_are_refused() {
    assert!(toml::from_str::<WaterParams>("threshold = 0.1").is_ok_and(|params| params.threshold == 0.1));
    assert!(toml::from_str::<WaterParams>("limit = 0.1").is_err());
    assert!(toml::from_str::<HarvestParams>("x = 1").is_err() && toml::from_str::<PloughingParams>("x = 1").is_err());
    assert!(toml::from_str::<EmergenceParams>("x = 1").is_err() && toml::from_str::<ResidueParams>("x = 1").is_err());
}

/// Everything that the detectors find in one series taken for all signals.
fn all(rows: &[(f64, f64)]) -> Vec<Event> {
    let (days, values): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
    let one = Signal { days: &days, values: &values };
    let flipped: Vec<f64> = values.iter().map(|value| 0.2 - value).collect();
    let other = Signal { days: &days, values: &flipped };
    let mut found = harvest(one, other, one, other, &HarvestParams::default());
    found.extend(ploughing(one, other, one, &PloughingParams::default()));
    found.extend(water(one, &WaterParams::default()));
    found
}

proptest! {
    #[test]
    fn a_shift_shifts_events_and_masked_rows_and_order_do_not_matter(
        rows in prop::collection::vec((0_u16..200, -0.3..0.95), 0..50),
        masked in prop::collection::vec(0_u16..200, 0..20),
        shift in -500_i32..500,
    ) {
        let rows: Vec<(f64, f64)> = rows.into_iter().map(|(day, value)| (f64::from(day), value)).collect();
        let found = all(&rows);
        let shift = f64::from(shift);
        let mut moved: Vec<(f64, f64)> = rows.iter().map(|(day, value)| (day + shift, *value)).collect();
        moved.extend(masked.into_iter().map(|day| (f64::from(day) + shift, f64::NAN)));
        moved.reverse();
        let other = all(&moved);
        let days = |events: &[Event], shift: f64| -> Vec<_> {
            events.iter().map(|event| (event.kind, event.start + shift, event.main + shift, event.end + shift)).collect()
        };
        prop_assert_eq!(days(&found, shift), days(&other, 0.0));
        prop_assert!(found.iter().all(|event| event.start <= event.main && event.main <= event.end));
    }
}
