//! Twelve parcels of two crops, counted by hand; intervals after Wilson's formula, computed apart from this program.

use jiff::Timestamp;

use super::*;
use crate::io::review::shipped_form;
use crate::model::evidence::{CauseLine, Rate};
use crate::model::review::{Act, Decided, Entry, EntryId, Resolved, Seen};
use crate::model::rules::Verdict;

/// Parcel, crop, automatic verdict, expert verdict, its reasons, final verdict.
type Told = (&'static str, &'static str, Option<Verdict>, &'static str, &'static [&'static str], &'static str);

const GREEN: Option<Verdict> = Some(Verdict::Green);
const YELLOW: Option<Verdict> = Some(Verdict::Yellow);
const RED: Option<Verdict> = Some(Verdict::Red);

/// Reds: m1 to m4. Not compliant as people say: m1, m2, w2, w3 (its final verdict overrules the expert's).
const TOLD: [Told; 12] = [
    ("m1", "Maize", RED, "non_compliant", &["out_of_time"], ""),
    ("m2", "Maize", RED, "non_compliant", &["other_crop"], "non_compliant"),
    ("m3", "Maize", RED, "compliant", &["not_found"], ""),
    ("m4", "Maize", RED, "inconclusive", &["not_found"], ""),
    ("m5", "Maize", YELLOW, "inconclusive", &["not_found"], ""),
    ("m6", "Maize", YELLOW, "request", &["not_found"], ""),
    ("w1", "Wheat", GREEN, "compliant", &[], ""),
    ("w2", "Wheat", GREEN, "non_compliant", &["other_crop", "out_of_time"], ""),
    ("w3", "Wheat", GREEN, "compliant", &[], "non_compliant"),
    ("w4", "Wheat", YELLOW, "compliant", &[], ""),
    ("w5", "Wheat", GREEN, "", &[], ""),
    ("w6", "Wheat", None, "compliant", &[], ""),
];

fn entries() -> Vec<Entry> {
    let texts = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    let mut acts: Vec<(&str, Act)> = Vec::new();
    for (parcel, _, _, expert, reasons, last) in TOLD {
        if !expert.is_empty() {
            let decided = Decided {
                verdict: expert.to_owned(),
                reasons: texts(reasons),
                duration_ms: 1000,
                blind: false,
                // What was on screen then is not what the pack computes.
                automatic: Some("yellow".to_owned()),
                seen: Seen::default(),
            };
            acts.push((parcel, Act::Decide(Box::new(decided))));
        }
        if !last.is_empty() {
            let resolved = Resolved { verdict: last.to_owned(), reasons: Vec::new(), note: String::new() };
            acts.push((parcel, Act::Resolve(Box::new(resolved))));
        }
    }
    acts.push(("w4", Act::Flag { reason: "outline".to_owned() }));
    acts.push(("w5", Act::Defer));
    let entry = |(at, (parcel, act)): (usize, (&str, Act))| {
        let time = Timestamp::from_second(1_560_000_000 + at as i64).expect("a time");
        Entry {
            id: EntryId(format!("{at:032x}")),
            journal: "0".repeat(32),
            sequence: at as u64 + 1,
            parcel: parcel.to_owned(),
            user: "ana".to_owned(),
            time,
            clock: time,
            version: "0.1.0".to_owned(),
            act,
        }
    };
    acts.into_iter().enumerate().map(entry).collect()
}

fn brief(review: &Review, id: &str, crop: &str, automatic: Option<Verdict>, holder: Option<&str>) -> Brief {
    Brief {
        id: id.to_owned(),
        name: id.to_owned(),
        summary: format!("{crop}, 1.00 ha"),
        crop: crop.to_owned(),
        automatic,
        holder: holder.map(str::to_owned),
        review: review.of(id).cloned().unwrap_or_default(),
        absent: 0,
    }
}

/// Runs a check on the tally of the twelve parcels.
fn check(has_rules: bool, check: impl Fn(&Tally<'_>)) {
    let (review, form) = (Review::fold(&entries()), shipped_form());
    let briefs: Vec<Brief> = TOLD.iter().map(|own| brief(&review, own.0, own.1, own.2, None)).collect();
    check(&Tally { form: &form, review: &review, briefs: &briefs, has_rules });
}

#[test]
fn parcels_are_counted_by_verdict_and_yellow_is_not_what_people_call_inconclusive() {
    check(true, |tally| {
        let counts: Vec<_> =
            tally.counts().into_iter().map(|line| (line.label, line.automatic, line.expert, line.resolved)).collect();
        let expected = [
            ("Compliant", Some(4), Some(5), Some(0)),
            ("Non-compliant", Some(4), Some(3), Some(2)),
            ("Inconclusive", None, Some(2), Some(0)),
            ("Photo or visit", None, Some(1), Some(0)),
            ("yellow", Some(3), None, None),
            ("not assessed", Some(1), Some(1), Some(10)),
            ("deferred", None, Some(1), None),
            ("flagged", None, Some(1), None),
            ("reviewers disagree", None, Some(0), None),
        ];
        let expected: Vec<_> =
            expected.into_iter().map(|(label, automatic, expert, last)| (label.to_owned(), automatic, expert, last)).collect();
        assert_eq!(counts, expected);
    });
    check(false, |tally| assert!(tally.counts().iter().all(|line| line.automatic.is_none()), "without rules there are dashes"));
}

#[test]
fn rates_and_their_intervals_are_those_counted_by_hand() {
    check(true, |tally| {
        let cases = tally.cases();
        let found = quality::quality(&cases, tally.form);
        let lines: Vec<_> = found.errors.iter().map(|own| tally.rates(own, &cases)).collect();
        assert_eq!(
            lines.iter().map(|own| (own.group.as_str(), own.parcels)).collect::<Vec<_>>(),
            [("all", 10), ("Maize", 6), ("Wheat", 4)]
        );
        let near = |rate: Rate, hits: u64, of: u64, low: f64, high: f64| {
            assert_eq!((rate.hits, rate.of), (hits, of));
            assert!((rate.low - low).abs() < 1e-9 && (rate.high - high).abs() < 1e-9, "{rate:?}");
        };
        // Same: m1, m2 red; m5, m6 yellow with inconclusive and with a request; w1 green.
        near(lines[0].agreement, 5, 10, 0.236593090513, 0.763406909487);
        // Of four red ones m3 is compliant; m4 is neither.
        near(lines[0].commission, 1, 4, 0.04558726081, 0.699358157418);
        // Of four that do not comply w2 and w3 are green.
        near(lines[0].omission, 2, 4, 0.150038989152, 0.849961010848);
        assert_eq!((lines[1].omission.hits, lines[1].omission.of), (0, 2));
        assert_eq!((lines[2].commission.of, lines[2].commission.share()), (0, None), "no wheat is red: unknown, not zero");
    });
}

#[test]
fn causes_are_the_reasons_of_errors_alone() {
    check(true, |tally| {
        let line = |kind: &str, cause: &str, ids: &[&str]| CauseLine {
            kind: kind.to_owned(),
            cause: cause.to_owned(),
            parcels: ids.len() as u64,
            examples: ids.iter().map(|&id| id.to_owned()).collect(),
        };
        // The final verdict on w3 gives no reason, and overrules that of the expert.
        let expected = [
            line("commission", "Activity not found in the window", &["m3"]),
            line("omission", "Activity too early or too late", &["w2"]),
            line("omission", "Crop is not the declared one", &["w2"]),
            line("omission", "no reason given", &["w3"]),
        ];
        assert_eq!(tally.causes(&tally.cases()), expected);
    });
}

#[test]
fn the_assessment_takes_a_share_of_each_crop_and_few_of_one_holder_whoever_else_is_there() {
    let (review, form) = (Review::fold(&entries()), shipped_form());
    let of = |count: usize, holder: Option<&'static str>| -> Vec<Brief> {
        let ids = (0..count).map(|at| format!("p{at:03}"));
        ids.map(|id| brief(&review, &id, if id.ends_with('0') { "" } else { "Maize" }, GREEN, holder)).collect()
    };
    let list = |briefs: &[Brief]| -> Vec<(String, String)> {
        let tally = Tally { form: &form, review: &review, briefs, has_rules: true };
        tally.assessment().0.into_iter().map(|line| (line.group, line.parcel)).collect()
    };
    // 5 % of 90 of Maize are 4.5, of 10 without a crop 0.5: always at least one, rounded up.
    let chosen = list(&of(100, None));
    let maize: Vec<&String> = chosen.iter().filter(|own| own.0 == "Maize").map(|own| &own.1).collect();
    assert_eq!((maize.len(), chosen.len()), (5, 6));
    assert!(chosen.iter().any(|own| own.0 == "no crop declared"));
    // Another hash would choose others: the least of these of all maize parcels are taken.
    let mut ranked: Vec<String> = (0..100).map(|at| format!("p{at:03}")).filter(|id| !id.ends_with('0')).collect();
    ranked.sort_by_key(|id| *blake3::hash(id.as_bytes()).as_bytes());
    assert_eq!(maize, ranked[..5].iter().collect::<Vec<_>>());
    let mut turned = of(100, None);
    turned.reverse();
    assert_eq!(list(&turned), chosen, "the order of the parcels does not matter");
    assert_eq!(list(&of(100, Some("H-1"))).len(), 3, "three of one holder, over all crops");
    check(true, |tally| {
        let (lines, words) = tally.assessment();
        assert!(words.contains("5 %") && words.contains("at most 3 of one holder"), "{words}");
        assert_eq!(lines.iter().map(|own| own.group.as_str()).collect::<Vec<_>>(), ["Maize", "Wheat"]);
        assert!(lines.iter().all(|own| own.sheet == format!("parcels/{}.html", own.parcel)));
    });
}
