//! Statistics against independent values, and by hand.

use jiff::Timestamp;
use serde_json::Value;

use super::*;
use crate::model::review::{Act, Decided, Entry, EntryId, Need, Resolved, Seen, VerdictWord};

fn golden() -> Value {
    serde_json::from_str(include_str!("../../../tests/golden/review/agreement.json")).expect("JSON")
}

fn number(value: &Value, name: &str) -> f64 {
    value[name].as_f64().unwrap_or_else(|| panic!("{name} in {value}"))
}

#[test]
fn kappa_and_its_interval_equal_independent_values() {
    let golden = golden();
    let tables = golden["tables"].as_array().expect("tables");
    for own in tables {
        let table: Vec<Vec<usize>> = serde_json::from_value(own["table"].clone()).expect("counts");
        let words = (0..table.len()).map(|at| at.to_string()).collect();
        let found = agreement_of_table(words, table);
        let values = [
            ("observed", found.observed.value()),
            ("expected", found.expected),
            ("kappa", found.kappa),
            ("low", found.interval.low),
            ("high", found.interval.high),
        ];
        for (name, value) in values {
            assert!((value - number(&own["expected"], name)).abs() < 1e-12, "{name} of {}: {value}", own["name"]);
        }
    }
}

#[test]
fn intervals_of_shares_equal_independent_values() {
    for own in golden()["shares"].as_array().expect("shares") {
        let share = Share::of(number(own, "part") as usize, number(own, "whole") as usize);
        let near = |value: f64, name: &str| (value - number(own, name)).abs() < 1e-12;
        assert!(near(share.interval.low, "low") && near(share.interval.high, "high"), "{share:?}");
    }
}

#[test]
fn agreement_is_full_or_undefined_where_it_has_to_be() {
    let full = agreement([("a", "a"), ("b", "b"), ("a", "a")]);
    assert_eq!((full.kappa, full.interval, full.table), (1.0, Interval { low: 1.0, high: 1.0 }, vec![vec![2, 0], vec![0, 1]]));
    let one_word = agreement([("a", "a"), ("a", "a")]);
    assert!(one_word.kappa.is_nan() && one_word.interval.low.is_nan() && one_word.observed.value() == 1.0);
    let none = agreement([]);
    assert!(none.count == 0 && none.kappa.is_nan() && none.expected.is_nan() && none.observed.value().is_nan());
    let never = agreement([("a", "b"), ("b", "a")]);
    assert_eq!((never.kappa, never.interval.low), (-1.0, -1.0));
}

fn form() -> ReviewForm {
    let word = |code: &str, look| VerdictWord { code: code.to_owned(), label: code.to_owned(), look, reason: Need::None };
    ReviewForm {
        version: "1.0".to_owned(),
        name: String::new(),
        verdicts: vec![word("yes", Look::Compliant), word("no", Look::NonCompliant), word("visit", Look::Request)],
        reasons: Vec::new(),
        flags: Vec::new(),
    }
}

fn case(parcel: &str, group: &str, automatic: &str, expert: &str, resolved: &str, reasons: &[&str]) -> Case {
    let some = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    Case {
        parcel: parcel.to_owned(),
        group: group.to_owned(),
        automatic: some(automatic),
        opinions: some(expert).map(|own| ("ann".to_owned(), own)).into_iter().collect(),
        expert: some(expert),
        resolved: some(resolved),
        reasons: reasons.iter().map(|&own| own.to_owned()).collect(),
    }
}

#[test]
fn errors_rates_and_causes_are_counted_by_group_with_the_final_verdict_before_the_experts() {
    let mut cases = vec![
        case("1", "maize", "red", "yes", "", &["late"]),
        case("2", "maize", "red", "no", "", &["crop"]),
        case("3", "maize", "green", "yes", "no", &["late", "late"]),
        case("4", "grass", "green", "yes", "", &[]),
        case("5", "grass", "yellow", "no", "", &["crop"]),
        case("6", "grass", "red", "visit", "", &["late"]),
        case("7", "grass", "", "yes", "", &[]),
        case("8", "grass", "green", "", "", &[]),
        case("9", "grass", "red", "odd", "", &[]),
    ];
    cases[0].opinions.insert("ben".to_owned(), "no".to_owned());
    cases[1].opinions.insert("ben".to_owned(), "no".to_owned());
    let found = quality(&cases, &form());
    assert_eq!((found.parcels, found.assessed, found.unknown_words), (9, 8, 1));
    let errors: Vec<_> = found
        .errors
        .iter()
        .map(|own| {
            let of = |share: Share| (share.part, share.whole);
            (own.group.as_str(), of(own.commission), of(own.omission))
        })
        .collect();
    assert_eq!(errors, [("all", (1, 3), (1, 3)), ("grass", (0, 1), (0, 1)), ("maize", (1, 2), (1, 2))]);
    let rates: Vec<_> =
        found.rates.iter().map(|own| (own.group.as_str(), own.verdict.as_str(), own.share.part, own.share.whole)).collect();
    let all = [("all", "yes", 3, 8), ("all", "no", 3, 8), ("all", "visit", 1, 8), ("all", "odd", 1, 8)];
    assert_eq!(rates[..4], all);
    assert_eq!(rates[8..], [("maize", "yes", 1, 3), ("maize", "no", 2, 3), ("maize", "visit", 0, 3)]);
    let causes: Vec<_> =
        found.causes.iter().map(|own| (own.reason.as_str(), own.parcels, own.errors.part, own.errors.whole)).collect();
    assert_eq!(causes, [("late", 3, 2, 2), ("crop", 2, 0, 2)]);
    let pairs: Vec<_> = found
        .agreements
        .iter()
        .map(|own| (own.first.as_str(), own.second.as_str(), own.agreement.count, own.agreement.observed.part))
        .collect();
    let expected = [("automatic", "expert", 6, 3), ("automatic", "final", 1, 0), ("expert", "final", 1, 0), ("ann", "ben", 2, 1)];
    assert_eq!(pairs, expected);
}

fn entry(sequence: u64, second: i64, user: &str, parcel: &str, act: Act) -> Entry {
    let time = Timestamp::from_second(second).expect("a time");
    Entry {
        id: EntryId(sequence.to_string()),
        journal: "j".to_owned(),
        sequence,
        parcel: parcel.to_owned(),
        user: user.to_owned(),
        time,
        clock: time,
        version: "1".to_owned(),
        act,
    }
}

fn decide(verdict: &str, duration_ms: u64) -> Act {
    Act::Decide(Box::new(Decided {
        verdict: verdict.to_owned(),
        reasons: vec!["late".to_owned()],
        duration_ms,
        blind: false,
        automatic: Some("red".to_owned()),
        seen: Seen::default(),
    }))
}

#[test]
fn cases_come_from_a_review() {
    let resolved = Resolved { verdict: "no".to_owned(), reasons: vec!["crop".to_owned()], note: String::new() };
    let review = Review::fold(&[
        entry(1, 0, "ann", "1", decide("yes", 1)),
        entry(2, 1, "ben", "1", decide("visit", 1)),
        entry(3, 2, "cem", "1", Act::Resolve(Box::new(resolved))),
    ]);
    let found = cases(&review, [("1", "maize"), ("2", "")]);
    let mut expected = case("1", "maize", "red", "visit", "no", &["crop"]);
    expected.opinions = [("ann".to_owned(), "yes".to_owned()), ("ben".to_owned(), "visit".to_owned())].into();
    assert_eq!(found, [expected, Case { parcel: "2".to_owned(), ..Case::default() }]);
}

#[test]
fn a_sitting_counts_what_stands_and_how_long_it_took() {
    let entries = [
        entry(1, 0, "ann", "old", decide("yes", 1000)),
        entry(2, 100, "ann", "1", decide("yes", 10_000)),
        entry(3, 120, "ann", "2", decide("no", 20_000)),
        entry(4, 130, "ben", "2", decide("no", 99_000)),
        entry(5, 150, "ann", "2", decide("yes", 30_000)),
        entry(6, 160, "ann", "3", decide("no", 500_000)),
        entry(7, 161, "ann", "3", Act::Undo { entry: EntryId("6".to_owned()) }),
        entry(8, 170, "ann", "4", Act::Defer),
        entry(9, 171, "ann", "5", Act::Defer),
        entry(10, 172, "ann", "5", Act::Flag { reason: "ask".to_owned() }),
        entry(11, 173, "ann", "6", Act::Flag { reason: "ask".to_owned() }),
        entry(12, 174, "ben", "6", Act::Unflag),
        entry(13, 390, "ann", "5", decide("visit", 40_000)),
    ];
    let review = Review::fold(&entries);
    let found = sitting(&review, "ann", Timestamp::from_second(50).expect("a time"));
    let expected = Sitting {
        verdicts: [("yes".to_owned(), 2), ("visit".to_owned(), 1)].into(),
        deferred: 1,
        flagged: 1,
        decisions: 4,
        elapsed_s: 300.0,
        per_hour: 48.0,
        mean_s: 25.0,
        median_s: 25.0,
    };
    assert_eq!(found, expected);
    let none = sitting(&review, "eve", Timestamp::MIN);
    assert!(none.decisions == 0 && none.per_hour.is_nan() && none.mean_s.is_nan() && none.median_s.is_nan());
}
