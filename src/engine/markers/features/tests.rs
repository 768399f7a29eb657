//! Features of a small ruleset.

use jiff::civil::date;

use super::*;
use crate::engine::indices::IndexSet;
use crate::engine::markers::epoch_day;
use crate::engine::markers::evaluate::Scratch;
use crate::engine::rules::Verdict;
use crate::model::ruleset::{Detector, Extremum, Input, MarkerRule};
use crate::model::{SampleColumn, SampleTable};

/// Three drops of 0.4, 0.2 and 0.3 in 2020.
fn series() -> SampleTable {
    let values = [0.8, 0.4, 0.8, 0.6, 0.8, 0.5, 0.8];
    let days: Vec<f64> = (0..values.len()).map(|at| epoch_day(date(2020, 4, 1)) + 20.0 * at as f64).collect();
    SampleTable::sorted(&days, vec![SampleColumn::new("v", values.to_vec())])
}

fn rules(green: &str) -> Ruleset {
    let detect =
        Detector::Drop(Extremum { min_depth: Some(0.1), min_duration_days: None, joins: 0, steep: false, ..Extremum::default() });
    let marker = MarkerRule {
        name: "drop".to_owned(),
        signal: "raw".to_owned(),
        component: None,
        from: None,
        to: None,
        min_observations: 3,
        detect,
    };
    let feature = |name: &str, take| FeatureRule {
        name: name.to_owned(),
        signal: "raw".to_owned(),
        component: None,
        from: Some(date(2020, 4, 1).into()),
        to: Some(date(2020, 6, 30).into()),
        take,
        unit: "x".to_owned(),
    };
    let mut text = RulesText::default();
    text.base.green = Some(green.to_owned());
    Ruleset {
        inputs: vec![Input { name: "raw".to_owned(), ..Input::default() }],
        markers: vec![marker],
        features: vec![
            feature("clear", Take::Observations),
            feature("low", Take::Min),
            feature("gap", Take::LargestGap),
            feature("fall", Take::Fall),
            feature("rise", Take::Rise),
        ],
        rules: Some(text),
        ..Ruleset::default()
    }
}

fn made(rules: &Ruleset) -> (Plan, FeaturePlan) {
    let plan = Plan::compile(rules, &IndexSet::new(&[]).0).expect("valid");
    let features = FeaturePlan::new(rules, &plan);
    (plan, features)
}

fn row_of(rules: &Ruleset, table: SampleTable) -> (FeaturePlan, Vec<f32>) {
    let (plan, features) = made(rules);
    let found = plan.run(&[table], &mut Scratch::default());
    let mut row = vec![0.0; features.columns().len()];
    features.row(&found, &mut row);
    (features, row)
}

#[test]
fn events_give_their_number_order_lengths_and_dates() {
    let (features, row) = row_of(&rules("drop"), series());
    let of = |name: &str| f64::from(row[features.position(name).expect(name)]);
    let near = |name: &str, expected: f64| assert!((of(name) - expected).abs() < 1e-5, "{name} is {}", of(name));
    for (name, expected) in [
        ("drop", 1.0),
        ("drop.count", 3.0),
        ("drop.depth", 0.4),
        ("drop.depth2", 0.3),
        ("drop.depth3", 0.2),
        ("drop.start", epoch_day(date(2020, 4, 1))),
        ("drop.peak", epoch_day(date(2020, 4, 21))),
        ("drop.last", epoch_day(date(2020, 7, 10))),
        ("drop.observations", 7.0),
        ("clear", 5.0),
        ("low", 0.4),
        ("fall", 0.4),
        ("rise", 0.4),
    ] {
        near(name, expected);
    }
    let (plan, _) = made(&rules("drop"));
    let events = plan.run(&[series()], &mut Scratch::default()).markers[0].events.clone();
    let lengths: Vec<f64> = events.iter().map(|event| event.marker.stop - event.marker.start).collect();
    near("drop.days", lengths.iter().sum());
    near("drop.longest", lengths.iter().copied().fold(0.0, f64::max));
    near("drop.end", events[0].marker.stop);
    // From 20 June to the last moment of 30 June.
    near("gap", 20.0);
}

#[test]
fn what_is_unknown_is_no_number_and_what_did_not_happen_is_nothing() {
    let mut few = series();
    few.retain(|row| row < 2);
    let (features, row) = row_of(&rules("drop"), few);
    for (name, value) in features.columns().iter().zip(&row).filter(|((name, _), _)| name.starts_with("drop")) {
        assert!(value.is_nan() || name.0 == "drop.observations", "{} is {value}", name.0);
    }
    let mut flat = series();
    flat.columns[0].values = vec![0.5; 7];
    let (features, row) = row_of(&rules("drop"), flat);
    let of = |name: &str| row[features.position(name).expect(name)];
    assert_eq!((of("drop"), of("drop.count"), of("drop.depth"), of("drop.days")), (0.0, 0.0, 0.0, 0.0));
    assert!(of("drop.start").is_nan());
}

#[test]
fn verdicts_are_explained_with_names_numbers_and_dates() {
    let told = |green: &str| {
        let rules = rules(green);
        let (features, row) = row_of(&rules, series());
        let compiled = features.rules(&rules).expect("valid").expect("rules");
        let explained = compiled.explain(&row, 0).expect("the base");
        (explained.verdict, explained.to_string())
    };
    let (verdict, why) = told("drop.depth2 >= 0.25");
    assert_eq!((verdict, why.as_str()), (Verdict::Green, "Green: drop.depth2 is 0.3, as required >= 0.25 (margin 0.05)."));
    let (verdict, why) = told("drop.last >= 2020-08-01");
    assert_eq!(verdict, Verdict::Red);
    assert_eq!(why, "Red: drop.last is 2020-07-10, against the required >= 2020-08-01 (margin -22 days).");
}

#[test]
fn faults_of_rules_tell_their_way() {
    let rules = rules("drop and deep > 1");
    let (_, features) = made(&rules);
    let fault = features.rules(&rules).expect_err("unknown name");
    assert!(fault.to_string().starts_with("rules.base.green: there is no `deep`"), "{fault}");
    assert_eq!(fault.way.last(), Some(&Key::Within(1, 10)));
    let dated = self::rules("drop.depth > 2020-05-01");
    assert!(made(&dated).1.rules(&dated).expect_err("units").to_string().contains("units do not agree"));
}

#[test]
fn no_more_columns_are_kept_than_there_is_room_for() {
    let mut many = rules("m9.depth3 > 1");
    for number in 0..20 {
        many.markers.push(MarkerRule { name: format!("m{number}"), ..many.markers[0].clone() });
    }
    let (_, features) = made(&many);
    assert_eq!(features.columns().len(), MAX_COLUMNS);
    assert!(features.position("m9.depth3").is_some() && features.position("m19").is_some());
    assert!(features.position("m3.depth3").is_none());
    assert!(features.rules(&many).is_ok());
}

#[test]
fn a_window_without_years_is_that_of_every_year() {
    let mut own = rules("drop");
    for feature in &mut own.features {
        (feature.from, feature.to) = ("04-01".parse().ok(), "06-30".parse().ok());
    }
    let mut both = series();
    both.days.extend(series().days.iter().map(|day| day + 365.0));
    both.columns[0].values.extend([0.9, 0.7, 0.3, 0.7, 0.9, 0.1, 0.9]);
    let (features, row) = row_of(&own, both);
    let of = |name: &str| row[features.position(name).expect(name)];
    // 0.1 of July 2021 lies outside.
    assert_eq!((of("clear"), of("low")), (10.0, 0.3));
    assert!((of("gap") - 20.0).abs() < 1e-5, "{}", of("gap"));
}
