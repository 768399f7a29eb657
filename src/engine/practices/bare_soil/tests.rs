//! Tests of bare soil; the worked examples are compared in `tests/practices.rs`.

use proptest::prelude::*;

use super::*;

fn series(text: &str) -> Vec<Observation> {
    // A letter every five days: B, b strong and weak bare, N, n strong and weak covered, `.` nothing.
    let read = |(at, letter): (usize, char)| {
        let confidence = if letter.is_uppercase() { 0.9 } else { 0.5 };
        (letter != '.').then(|| Observation { day: at as f64 * 5.0, bare: letter.eq_ignore_ascii_case(&'b'), confidence })
    };
    text.chars().enumerate().filter_map(read).collect()
}

#[test]
fn periods_close_for_five_reasons() {
    for (text, expected) in [
        ("nNbN", &[][..]),
        ("B......N", &[(0, 0, None, None, None, Some(0.0))]),
        ("BBNN", &[(1, 1, Some(1), Some(1), Some(1), Some(5.0))]),
        ("BBn............n", &[(1, 0, Some(0), None, None, Some(5.0))]),
        ("BBn", &[(1, 0, Some(0), None, None, None)]),
        ("Bb", &[(0, 0, None, None, None, None)]),
        ("BBNBBNNN", &[(3, 2, Some(1), Some(2), Some(2), Some(20.0))]),
        ("BBNBNN", &[(1, 1, Some(1), Some(2), Some(1), Some(5.0))]),
    ] {
        let found = timeline(&series(text), &Params::default());
        let found: Vec<_> = found.iter().map(|p| (p.m2, p.m3, p.m4, p.m5, p.m6, p.end)).collect();
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn the_next_period_starts_more_than_thirty_days_after_the_end() {
    let found = timeline(&series("BBNNNNNBBNN"), &Params::default());
    assert_eq!(found.iter().map(|period| period.start).collect::<Vec<_>>(), [0.0, 40.0]);
    assert!(found[0].look_next() && found[1].look_next() == found[1].end.is_some());
}

#[test]
fn confidence_follows_the_order_of_the_table() {
    let base = Period {
        m2: 1,
        m3: 0,
        m4: Some(1),
        m5: Some(0),
        m6: Some(0),
        start: 0.0,
        end: Some(5.0),
        last_observation: 9.0,
        scored: 1,
    };
    for (period, webinar, table) in [
        (Period { m2: 0, m3: -3, ..base }, Confidence::Doubtful, Confidence::Doubtful),
        (Period { m3: -1, ..base }, Confidence::Poor, Confidence::Poor),
        (Period { m2: 2, m3: 1, ..base }, Confidence::Strong, Confidence::Medium),
        (Period { m2: 3, m3: 2, ..base }, Confidence::Strong, Confidence::Strong),
        (Period { m2: 3, m3: 2, m6: None, m5: None, ..base }, Confidence::Medium, Confidence::Medium),
        (Period { m2: 3, m3: 2, m6: Some(-1), m5: Some(1), ..base }, Confidence::Good, Confidence::Good),
        (base, Confidence::Medium, Confidence::Medium),
    ] {
        assert_eq!((period.confidence(Preset::Webinar), period.confidence(Preset::Table)), (webinar, table), "{period:?}");
    }
}

#[test]
fn sentinel_1_raises_by_one_step_and_days_are_counted() {
    let optical = timeline(&series("BBBNN"), &Params::default());
    let radar = timeline(&series(".BBBNN"), &Params::sentinel1());
    let combined = combine(&optical, &radar, Preset::Webinar);
    assert_eq!(combined[0].to_string(), "Strong+_S1");
    assert_eq!(combine(&optical, &[], Preset::Webinar)[0].to_string(), "Strong");
    assert_eq!((total_days(&optical), total_days(&radar), shared_days(&optical, &radar)), (10.0, 10.0, 5.0));
    assert_eq!(optical[0].event().start, 0.0);
}

#[test]
fn the_marker_is_unknown_for_doubtful_periods_and_for_few_observations() {
    let window = Window { start: 0.0, end: 40.0 };
    let ask = |text: &str| {
        let observations = series(text);
        let periods = timeline(&observations, &Params::default());
        marker(&periods, &observations, window, Confidence::Medium, 3, Preset::Webinar)
    };
    assert_eq!(ask("BBNN").outcome, Outcome::Yes);
    assert_eq!(ask("BNNN").outcome, Outcome::Unknown);
    assert_eq!(ask("NNNN").outcome, Outcome::No);
    assert_eq!(ask("NN").reason, Reason::TooFewData);
    assert_eq!(ask("").reason, Reason::NoData);
}

#[test]
fn labels_need_the_values_that_they_are_made_of() {
    let nothing = Sample { ndvi: f64::NAN, ndti: f64::NAN, ndmi: f64::NAN, fcover: f64::NAN };
    let params = LabelParams::default();
    assert_eq!(label(&nothing, &LabelParams { water: true, ..params }), None);
    let green = Sample { ndvi: 0.6, ndti: 0.3, ..nothing };
    assert_eq!(label(&green, &params), None);
    assert_eq!(label(&green, &LabelParams { use_fcover: false, ..params }), Some(Label::Covered));
    assert!(toml::from_str::<Params>("strong = 1.0").is_err() && toml::from_str::<LabelParams>("ndvi = 1.0").is_err());
    let water = Observation::from_label(1.0, Label::Water);
    assert!(!water.bare && water.confidence == 1.0);
}

proptest! {
    #[test]
    fn a_shift_in_time_shifts_periods_and_counters_stay_consistent(letters in "[BbNn.]{0,80}", shift in -900_i32..900) {
        let observations = series(&letters);
        let found = timeline(&observations, &Params::default());
        let shift = f64::from(shift);
        let moved: Vec<_> = observations.iter().map(|o| Observation { day: o.day + shift, ..*o }).collect();
        let shifted = timeline(&moved, &Params::default());
        prop_assert_eq!(found.len(), shifted.len());
        for (a, b) in found.iter().zip(&shifted) {
            prop_assert_eq!((a.m2, a.m3, a.m4, a.m5, a.m6, a.scored), (b.m2, b.m3, b.m4, b.m5, b.m6, b.scored));
            prop_assert_eq!((a.start + shift, a.end.map(|end| end + shift)), (b.start, b.end));
            prop_assert!(a.m3 <= a.m2 && a.m2 >= 0 && a.m2 as u32 <= a.scored);
            prop_assert!(a.end.is_none_or(|end| end >= a.start) && a.duration_days() >= 1.0);
        }
        for pair in found.windows(2) {
            prop_assert!(pair[0].end.is_some_and(|end| pair[1].start > end + 30.0));
        }
    }

    #[test]
    fn without_confidence_nothing_starts(letters in "[BbNn.]{0,80}") {
        let mut observations = series(&letters);
        for observation in &mut observations {
            observation.confidence = f64::NAN;
        }
        prop_assert_eq!(timeline(&observations, &Params::default()), []);
    }
}
