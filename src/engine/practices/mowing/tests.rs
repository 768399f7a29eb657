//! Tests of mowing; the worked examples are compared in `tests/practices.rs`.

use proptest::prelude::*;

use super::*;

fn detection(start: f64, end: f64, confidence: f64, sources: Sources) -> Detection {
    Detection { start, end, confidence, excess: 0.0, before: 0.8, after: 0.5, evaluated: end + 5.0, sources }
}

const DAYS: [f64; 6] = [0.0, 5.0, 10.0, 15.0, 20.0, 25.0];

#[test]
fn a_loss_is_found_when_the_next_clear_value_confirms_it() {
    let ndvi = [0.8, 0.8, 0.5, 0.52, 0.55, 0.6];
    let found = optical(&DAYS, &ndvi, &OpticalParams::default());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].start, found[0].end, found[0].evaluated), (5.0, 10.0, 15.0));
    assert!((found[0].excess - 0.36).abs() < 1e-12);
    assert_eq!(optical(&DAYS[..3], &ndvi[..3], &OpticalParams::default()), []);
}

#[test]
fn a_missed_cloud_recovers_too_fast_to_be_a_cut() {
    let ndvi = [0.8, 0.8, 0.5, 0.8, 0.8, 0.8];
    assert_eq!(optical(&DAYS, &ndvi, &OpticalParams::default()), []);
    let dutch = Params::preset("netherlands").expect("a preset");
    assert_eq!(optical(&DAYS, &ndvi, &dutch.optical).len(), 1);
}

#[test]
fn an_event_lies_at_most_thirty_days_before_the_low_value() {
    let found = optical(&[0.0, 60.0, 65.0], &[0.8, 0.4, 0.4], &OpticalParams::default());
    assert_eq!((found[0].start, found[0].end), (30.0, 60.0));
}

#[test]
fn a_rise_of_coherence_is_measured_from_the_line_at_the_latest_value() {
    let days: Vec<f64> = (0..8).map(|at| f64::from(at) * 6.0).collect();
    let coherence = [0.2, 0.21, 0.22, 0.23, 0.24, 0.7, 0.6, 0.5];
    let found = radar(&days, &coherence, 200.0, &RadarParams::default());
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].start, found[0].end, found[0].evaluated), (24.0, 30.0, 36.0));
    let expected = (0.7 - 0.24) / (0.024_f64 / 200.0).sqrt() - 5.418801;
    assert!((found[0].excess - expected).abs() < 1e-5, "{}", found[0].excess);
    assert!(found[0].confidence <= 0.5);
    assert_eq!(radar(&days, &coherence, 0.0, &RadarParams::default()), []);
    assert_eq!(radar(&days[..6], &coherence[..6], 200.0, &RadarParams::default()), []);
}

#[test]
fn overlapping_detections_of_different_series_become_one_event() {
    let s2 = vec![detection(10.0, 20.0, 0.7, Sources::S2)];
    let orbit = vec![detection(18.0, 24.0, 0.5, Sources::S1), detection(50.0, 56.0, 0.4, Sources::S1)];
    let other = vec![detection(52.0, 58.0, 0.3, Sources::S1)];
    let found = fuse(&[s2, orbit, other]);
    assert_eq!(found.len(), 2);
    assert_eq!((found[0].start, found[0].end, found[0].sources), (10.0, 20.0, Sources::Both));
    assert!((found[0].confidence - 0.8125).abs() < 1e-12);
    assert_eq!((found[1].start, found[1].sources, found[1].confidence), (50.0, Sources::S1, 0.5));
    assert_eq!(serde_json::to_string(&Sources::Both).expect("JSON"), "\"S1/S2\"");
}

#[test]
fn detections_of_one_series_are_thinned_and_not_fused() {
    let s2 = vec![detection(10.0, 20.0, 0.6, Sources::S2), detection(20.0, 30.0, 0.7, Sources::S2)];
    let found = fuse(std::slice::from_ref(&s2));
    assert_eq!(found.len(), 2);
    let kept = thin(found, 45.0, 4);
    assert_eq!(kept.len(), 1);
    assert_eq!(kept[0].start, 20.0);
    let far: Vec<Detection> = (0..6)
        .map(|at| detection(f64::from(at) * 60.0, f64::from(at) * 60.0 + 5.0, 0.5 + 0.01 * f64::from(at), Sources::S2))
        .collect();
    assert_eq!(thin(far, 45.0, 4).iter().map(|event| event.start).collect::<Vec<_>>(), [120.0, 180.0, 240.0, 300.0]);
}

#[test]
fn compliance_has_the_five_codes() {
    let event = |start: f64| detection(start, start + 5.0, 0.7, Sources::S2);
    let rule = |strict| Some(Requirement { interval: Window { start: 100.0, end: 130.0 }, strict });
    for (events, rule, processed, code) in [
        (vec![event(110.0)], None, true, -1),
        (vec![], rule(false), false, 0),
        (vec![event(110.0)], rule(true), true, 1),
        (vec![event(110.0), event(200.0)], rule(false), true, 1),
        (vec![event(200.0)], rule(true), true, 2),
        (vec![], rule(false), true, 2),
        (vec![event(110.0), event(200.0)], rule(true), true, 3),
    ] {
        assert_eq!(compliance(&events, rule, processed).code(), code, "{events:?}");
    }
}

#[test]
fn the_marker_says_no_only_when_a_cut_could_not_hide() {
    let days: Vec<f64> = (0..8).map(|at| f64::from(at) * 10.0).collect();
    let ndvi = [0.8; 8];
    let input = Input { ndvi_days: &days, ndvi: &ndvi, ..Input::default() };
    let params = Params::default();
    let window = Window { start: 0.0, end: 70.0 };
    let ask = |events: &[Detection], input, window| marker(events, input, window, &params);
    assert_eq!(ask(&[], &input, window).outcome, Outcome::No);
    assert_eq!(ask(&[], &input, Window { start: 40.0, end: 120.0 }).reason, Reason::TooFewData);
    assert_eq!(ask(&[], &input, Window { start: 90.0, end: 120.0 }).reason, Reason::NoData);
    let event = detection(20.0, 30.0, 0.7, Sources::S2);
    assert_eq!(ask(&[event], &input, window).outcome, Outcome::Yes);
    assert_eq!(ask(&[event], &input, Window { start: 25.0, end: 70.0 }).reason, Reason::AcrossWindow);
}

#[test]
fn presets_are_those_of_the_table_and_unknown_fields_are_refused() {
    for name in PRESETS {
        assert!(Params::preset(name).is_some(), "{name}");
    }
    assert_eq!(Params::preset("atlantis"), None);
    assert_eq!(Params::preset("spain").map(|params| params.optical.min_drop), Some(0.15));
    assert!(toml::from_str::<Params>("[optical]\nmin_drop = 0.2").is_ok_and(|params| params.optical.min_drop == 0.2));
    assert!(toml::from_str::<Params>("mindrop = 0.2").is_err());
}

fn series() -> impl Strategy<Value = Vec<(f64, f64)>> {
    prop::collection::vec((0_u16..300, -0.1..0.95), 0..60)
        .prop_map(|rows| rows.into_iter().map(|(day, value)| (f64::from(day), value)).collect())
}

fn detect_rows(rows: &[(f64, f64)]) -> Vec<Detection> {
    let (days, values): (Vec<f64>, Vec<f64>) = rows.iter().copied().unzip();
    let orbit = [Orbit { days: &days, coherence: &values }];
    detect(&Input { ndvi_days: &days, ndvi: &values, orbits: &orbit, radar_pixels: 300.0 }, &Params::default())
}

proptest! {
    #[test]
    fn a_shift_in_time_shifts_events_and_the_order_of_rows_does_not_matter(rows in series(), shift in -400_i32..400) {
        let found = detect_rows(&rows);
        let shift = f64::from(shift);
        let mut moved: Vec<(f64, f64)> = rows.iter().map(|(day, value)| (day + shift, *value)).collect();
        moved.reverse();
        let shifted = detect_rows(&moved);
        prop_assert_eq!(found.len(), shifted.len());
        for (a, b) in found.iter().zip(&shifted) {
            prop_assert_eq!((a.start + shift, a.end + shift, a.sources), (b.start, b.end, b.sources));
            prop_assert!((a.confidence - b.confidence).abs() < 1e-12);
        }
    }

    #[test]
    fn masked_observations_change_nothing_and_events_are_few_and_apart(rows in series(), masked in prop::collection::vec(0_u16..300, 0..20)) {
        let found = detect_rows(&rows);
        let mut more = rows.clone();
        more.extend(masked.into_iter().map(|day| (f64::from(day), f64::NAN)));
        prop_assert_eq!(&found, &detect_rows(&more));
        prop_assert!(found.len() <= 4);
        for pair in found.windows(2) {
            prop_assert!(pair[1].end.max(pair[0].end) - pair[0].start >= 45.0);
        }
        for event in &found {
            prop_assert!(event.confidence > 0.0 && event.confidence < 1.0 && event.start <= event.end);
        }
    }

    #[test]
    fn missing_values_alone_never_give_a_yes(days in prop::collection::vec(0.0..300.0, 0..30)) {
        let rows: Vec<(f64, f64)> = days.iter().map(|day| (*day, f64::NAN)).collect();
        prop_assert!(detect_rows(&rows).is_empty());
        let values = vec![f64::NAN; days.len()];
        let input = Input { ndvi_days: &days, ndvi: &values, ..Input::default() };
        let found = marker(&[], &input, Window { start: 0.0, end: 300.0 }, &Params::default());
        prop_assert_eq!(found.outcome, Outcome::Unknown);
    }
}
