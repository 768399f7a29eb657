//! Outcomes and composites of small rulesets.

use super::*;
use crate::engine::indices::IndexSet;
use crate::model::SampleColumn;
use crate::model::ruleset::{Chain, CompositeRule, Input, Interval, MarkerRule, Ruleset, Side, StateRun};

fn rules(detect: Detector) -> Ruleset {
    let marker = |name: &str, detect: Detector| MarkerRule {
        name: name.to_owned(),
        signal: "s".to_owned(),
        component: None,
        from: None,
        to: None,
        min_observations: 3,
        detect,
    };
    let of = ["own".to_owned(), "state".to_owned()];
    Ruleset {
        inputs: vec![Input { name: "raw".to_owned(), ..Input::default() }],
        signals: vec![Chain { name: "s".to_owned(), from: vec!["raw".to_owned()], parts: Vec::new(), steps: Vec::new() }],
        markers: vec![marker("own", detect), marker("state", Detector::State(StateRun { state: 0.2, min_duration_days: None }))],
        composites: vec![CompositeRule { name: "c".to_owned(), of, combine: Combine::Confirm, overlap_days: 0.0 }],
        ..Ruleset::default()
    }
}

fn run(rules: &Ruleset, values: &[f64]) -> Evaluation {
    let days: Vec<f64> = (0..values.len()).map(|at| 10.0 * at as f64).collect();
    let table = SampleTable::sorted(&days, vec![SampleColumn::new("v", values.to_vec())]);
    Plan::compile(rules, &IndexSet::default()).expect("a plan").run(&[table], &mut Scratch::default())
}

#[test]
fn a_drop_tells_its_depth_and_a_shallow_one_how_much_is_missing() {
    let rules = rules(Detector::Drop(Extremum { min_depth: Some(0.5), ..Extremum::default() }));
    let found = run(&rules, &[0.5, 0.8, 0.6, 0.2, 0.4, 0.7, 0.6]);
    let own = &found.markers[0];
    assert_eq!((own.outcome, own.decisive, own.observations), (Outcome::Yes, Some(0), 7));
    assert!((own.value - 0.6).abs() < 1e-12 && (own.margin - 0.1).abs() < 1e-12);
    assert_eq!((&*own.events[0].component, found.composites[0].outcome), ("v", Outcome::Yes));
    let shallow = run(&rules, &[0.5, 0.8, 0.6, 0.4, 0.5, 0.7, 0.6]);
    let own = &shallow.markers[0];
    assert_eq!((own.outcome, own.decisive), (Outcome::No, None));
    assert!((own.margin + 0.1).abs() < 1e-12);
    assert_eq!(shallow.composites[0].outcome, Outcome::No);
}

#[test]
fn too_few_observations_make_unknown() {
    let rules = rules(Detector::Drop(Extremum::default()));
    let few = run(&rules, &[0.8, f64::NAN, 0.2, f64::NAN]);
    assert_eq!((few.markers[0].outcome, few.markers[0].observations), (Outcome::Unknown, 2));
    assert_eq!(few.composites[0].outcome, Outcome::Unknown);
    assert_eq!(run(&rules, &[]).markers[0].outcome, Outcome::Unknown);
}

#[test]
fn an_interval_tells_the_farthest_value_or_the_nearest() {
    let above = rules(Detector::Interval(Interval { threshold: 0.6, side: Side::Above }));
    let found = run(&above, &[0.1, 0.7, 0.9, 0.2]);
    assert!((found.markers[0].value - 0.9).abs() < 1e-12 && (found.markers[0].margin - 0.3).abs() < 1e-12);
    let none = run(&above, &[0.1, 0.5, 0.4, 0.2]);
    assert_eq!(none.markers[0].outcome, Outcome::No);
    assert!((none.markers[0].value - 0.5).abs() < 1e-12 && (none.markers[0].margin + 0.1).abs() < 1e-12);
}

#[test]
fn what_is_missing_empties_the_signal_and_is_told() {
    let mut own = rules(Detector::Drop(Extremum::default()));
    own.signals[0].steps = vec![Step::Select { components: vec!["w".to_owned()] }];
    let found = run(&own, &[0.8, 0.2, 0.9, 0.4]);
    assert_eq!(found.shortfalls, [Shortfall { signal: 0, step: 0, component: "w".to_owned() }]);
    assert_eq!(found.markers[0].outcome, Outcome::Unknown);
}

#[test]
fn outcomes_of_two_follow_three_valued_logic() {
    use Outcome::{No, Unknown, Yes};
    assert_eq!(combined(Combine::Confirm, (No, Unknown), false), No);
    assert_eq!(combined(Combine::Confirm, (Yes, Unknown), false), Unknown);
    assert_eq!(combined(Combine::Aggregate, (Unknown, Yes), true), Yes);
    assert_eq!(combined(Combine::Merge, (No, Unknown), false), Unknown);
    assert_eq!(combined(Combine::Without, (Yes, Unknown), true), Unknown);
    assert_eq!(combined(Combine::Without, (Yes, Unknown), false), No);
    assert_eq!(combined(Combine::Without, (Yes, No), true), Yes);
}
