//! What entries say: examples by hand, and laws that hold for any entries.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::model::review::{Decided, Photo, Pin, Pinned, Resolved, Seen, Standing};

const JOURNALS: [&str; 2] = ["0a", "0b"];
const USERS: [&str; 3] = ["ann", "ben", "cem"];
const PARCELS: [&str; 3] = ["007", "8", "é"];

fn decide(verdict: &str) -> Act {
    Act::Decide(Box::new(Decided {
        verdict: verdict.to_owned(),
        reasons: Vec::new(),
        duration_ms: 1000,
        blind: false,
        automatic: None,
        seen: Seen::default(),
    }))
}

fn resolve(verdict: &str) -> Act {
    Act::Resolve(Box::new(Resolved { verdict: verdict.to_owned(), reasons: Vec::new(), note: String::new() }))
}

fn note(text: &str) -> Act {
    Act::Note { text: text.to_owned() }
}

/// A journal under test: every entry a second after the one before.
struct Desk {
    journal: &'static str,
    entries: Vec<Entry>,
}

impl Desk {
    fn new(journal: &'static str) -> Self {
        Self { journal, entries: Vec::new() }
    }

    fn at(&mut self, second: i64, user: &str, parcel: &str, act: Act) -> EntryId {
        let sequence = self.entries.len() as u64 + 1;
        let id = EntryId(format!("{}{sequence:04}", self.journal));
        let time = Timestamp::from_second(second).expect("a time");
        self.entries.push(Entry {
            id: id.clone(),
            journal: self.journal.to_owned(),
            sequence,
            parcel: parcel.to_owned(),
            user: user.to_owned(),
            time,
            clock: time,
            version: "1".to_owned(),
            act,
        });
        id
    }

    fn says(&mut self, user: &str, parcel: &str, act: Act) -> EntryId {
        let second = self.entries.len() as i64;
        self.at(second, user, parcel, act)
    }

    fn undo(&mut self, entry: &EntryId) -> EntryId {
        let own = self.entries.iter().find(|own| own.id == *entry).expect("known").clone();
        self.says(&own.user, &own.parcel, Act::Undo { entry: entry.clone() })
    }

    fn redo(&mut self, entry: &EntryId) -> EntryId {
        let own = self.entries.iter().find(|own| own.id == *entry).expect("known").clone();
        self.says(&own.user, &own.parcel, Act::Redo { entry: entry.clone() })
    }

    fn review(&self) -> Review {
        Review::fold(&self.entries)
    }
}

fn verdicts(review: &Review, parcel: &str) -> Vec<(String, String)> {
    let state = review.of(parcel).expect("something was said");
    state.opinions.iter().map(|(user, own)| (user.clone(), own.decided.verdict.clone())).collect()
}

fn latest(review: &Review, parcel: &str) -> Option<String> {
    review.of(parcel)?.latest.as_ref().map(|(user, own)| format!("{user} {}", own.decided.verdict))
}

#[test]
fn a_second_verdict_of_a_user_replaces_the_first_and_deferring_ends_with_it() {
    let mut desk = Desk::new("0a");
    desk.says("ann", "007", Act::Defer);
    assert_eq!(desk.review().of("007").expect("known").standing(), Standing::Deferred);
    desk.says("ann", "007", decide("compliant"));
    desk.says("ben", "007", decide("compliant"));
    desk.says("ann", "007", decide("non_compliant"));
    let review = desk.review();
    assert_eq!(verdicts(&review, "007"), [("ann".into(), "non_compliant".into()), ("ben".into(), "compliant".into())]);
    let state = review.of("007").expect("known");
    assert_eq!((state.standing(), state.disputed(), state.entries.len()), (Standing::Decided, true, 4));
    assert_eq!(latest(&review, "007").as_deref(), Some("ann non_compliant"));
    assert!(review.of("8").is_none());
}

#[test]
fn clearing_takes_away_only_ones_own_verdict() {
    let mut desk = Desk::new("0a");
    desk.says("ben", "007", decide("compliant"));
    desk.says("ann", "007", decide("request"));
    desk.says("ann", "007", Act::Clear);
    assert_eq!(latest(&desk.review(), "007").as_deref(), Some("ben compliant"));
    desk.says("ben", "007", Act::Clear);
    let review = desk.review();
    assert_eq!((latest(&review, "007"), review.of("007").expect("known").standing()), (None, Standing::Open));
}

#[test]
fn notes_go_with_the_verdict_of_their_user_whichever_came_first() {
    let mut desk = Desk::new("0a");
    desk.says("ann", "007", note("late"));
    desk.says("ann", "007", decide("compliant"));
    desk.says("ben", "007", note("other"));
    let told = |desk: &Desk| desk.review().of("007").and_then(|own| own.latest.clone()).expect("a verdict").1.note;
    assert_eq!(told(&desk), "late");
    desk.says("ann", "007", note("very late"));
    assert_eq!(told(&desk), "very late");
    desk.says("ann", "007", note(""));
    assert_eq!(told(&desk), "");
    assert_eq!(desk.review().of("007").expect("known").notes, [("ben".to_owned(), "other".to_owned())].into());
}

#[test]
fn flags_pins_and_photos_come_and_go() {
    let mut desk = Desk::new("0a");
    let chip = Pinned::Chip { acquired: Timestamp::UNIX_EPOCH, sensor: "S2".to_owned() };
    let pin = desk.says("ann", "8", Act::Pin(Box::new(Pin { what: chip, view: String::new(), stretch: String::new() })));
    let photo = Photo { file: "a.jpg".to_owned(), hash: "0".to_owned(), taken: None, place: None, direction: None };
    let photo = desk.says("ann", "8", Act::Attach(Box::new(photo)));
    desk.says("ann", "8", Act::Flag { reason: "ask".to_owned() });
    let review = desk.review();
    let state = review.of("8").expect("known");
    assert_eq!((state.pins[0].0.clone(), state.photos[0].0.clone()), (pin.clone(), photo.clone()));
    assert_eq!((state.flag.clone(), state.standing()), (Some(("ask".to_owned(), "ann".to_owned())), Standing::Open));
    desk.says("ben", "8", Act::Unpin { entry: pin });
    desk.says("ben", "8", Act::Detach { entry: photo });
    desk.says("ben", "8", Act::Unflag);
    let review = desk.review();
    let state = review.of("8").expect("known");
    assert!(state.pins.is_empty() && state.photos.is_empty() && state.flag.is_none());
}

#[test]
fn a_resolution_ends_a_dispute_until_somebody_decides_again_and_leaves_verdicts_alone() {
    let mut desk = Desk::new("0a");
    desk.says("ann", "007", decide("compliant"));
    desk.says("ben", "007", decide("non_compliant"));
    let expected = [("ann".to_owned(), "compliant".to_owned()), ("ben".to_owned(), "non_compliant".to_owned())];
    let found = disagreements(&desk.review());
    assert_eq!(found, [Disagreement { parcel: "007".to_owned(), verdicts: expected.to_vec() }]);
    desk.says("cem", "007", resolve("compliant"));
    let review = desk.review();
    assert_eq!((disagreements(&review), verdicts(&review, "007")), (Vec::new(), expected.to_vec()));
    assert_eq!(review.of("007").and_then(|own| own.resolved.clone()).expect("final").0, "cem");
    desk.says("ben", "007", decide("request"));
    assert_eq!(disagreements(&desk.review()).len(), 1);
}

#[test]
fn undo_goes_back_step_by_step_and_redo_forth_until_something_else_is_done() {
    let mut desk = Desk::new("0a");
    let first = desk.says("ann", "007", decide("compliant"));
    let second = desk.says("ann", "8", decide("request"));
    let other = desk.says("ben", "8", decide("request"));
    let always = Timestamp::MIN;
    let hands = |desk: &Desk| {
        let review = desk.review();
        let id = |entry: Option<&Entry>| entry.map(|entry| entry.id.clone());
        (id(review.undoable("0a", "ann", always)), id(review.redoable("0a", "ann", always)))
    };
    assert_eq!(hands(&desk), (Some(second.clone()), None));
    desk.undo(&second);
    assert_eq!(hands(&desk), (Some(first.clone()), Some(second.clone())));
    assert_eq!(latest(&desk.review(), "8").as_deref(), Some("ben request"));
    desk.undo(&first);
    assert_eq!(hands(&desk), (None, Some(first.clone())));
    desk.redo(&first);
    assert_eq!(hands(&desk), (Some(first.clone()), Some(second.clone())));
    let third = desk.says("ann", "é", Act::Defer);
    assert_eq!(hands(&desk), (Some(third), None));
    let review = desk.review();
    let last = |journal: &str, user: &str, since| review.undoable(journal, user, since).map(|entry| entry.id.clone());
    assert_eq!(last("0a", "ben", always), Some(other));
    assert_eq!((last("0b", "ann", always), last("0a", "ben", Timestamp::MAX)), (None, None));
    assert!(review.counts(&first) && !review.counts(&second) && !review.counts(&EntryId("none".to_owned())));
    assert_eq!(review.standing_entries().count(), 3);
}

#[test]
fn an_undo_of_another_journal_of_an_undo_or_of_nothing_says_nothing() {
    let (mut own, mut other) = (Desk::new("0a"), Desk::new("0b"));
    let first = own.says("ann", "007", decide("compliant"));
    other.at(5, "ann", "007", Act::Undo { entry: first.clone() });
    own.at(6, "ann", "007", Act::Undo { entry: EntryId("none".to_owned()) });
    let all = [own.entries.clone(), other.entries].concat();
    assert_eq!(latest(&Review::fold(&all), "007").as_deref(), Some("ann compliant"));
    let undo = own.at(7, "ann", "007", Act::Undo { entry: first });
    own.at(8, "ann", "007", Act::Undo { entry: undo });
    assert_eq!(latest(&own.review(), "007"), None);
}

#[test]
fn counts_are_those_of_the_parcels_that_were_asked_about() {
    let mut desk = Desk::new("0a");
    desk.says("ann", "1", decide("compliant"));
    desk.says("ann", "2", decide("request"));
    desk.says("ben", "2", decide("compliant"));
    desk.says("ann", "3", Act::Defer);
    desk.says("ann", "4", Act::Flag { reason: "ask".to_owned() });
    desk.says("cem", "5", resolve("compliant"));
    let review = desk.review();
    let counts = review.count(["1", "2", "3", "4", "5", "6"]);
    let expected = ReviewCounts {
        parcels: 6,
        open: 3,
        deferred: 1,
        decided: 2,
        flagged: 1,
        disputed: 1,
        resolved: 1,
        verdicts: BTreeMap::from([("compliant".to_owned(), 2)]),
    };
    assert_eq!(counts, expected);
    assert_eq!(review.count(["6"]).open, 1);
}

#[test]
fn the_same_entry_with_other_content_is_a_fault_that_names_both_whatever_the_order() {
    let mut one = Desk::new("0a");
    one.says("ann", "007", decide("compliant"));
    one.says("ann", "8", decide("compliant"));
    let mut other = one.entries.clone();
    other[1].user = "eve".to_owned();
    let journals = [one.entries.clone(), other.clone()];
    let fault = merge(&journals).expect_err("a fault");
    let text = fault.to_string();
    assert!(text.contains("0a0002") && text.contains("by ann") && text.contains("by eve"), "{text}");
    assert_eq!(merge(&[other, one.entries]).expect_err("a fault"), fault);
}

#[test]
fn a_copied_journal_that_went_on_in_two_places_merges_all_the_same() {
    let mut one = Desk::new("0a");
    one.says("ann", "007", decide("compliant"));
    let mut copy = Desk { journal: "0a", entries: one.entries.clone() };
    one.says("ann", "8", decide("compliant"));
    copy.says("ben", "8", decide("request"));
    copy.entries[1].id = EntryId("other".to_owned());
    let merged = merge(&[one.entries.clone(), copy.entries.clone()]).expect("merged");
    assert_eq!(merged.len(), 3);
    assert_eq!(merged, merge(&[copy.entries, one.entries]).expect("merged"));
}

#[test]
fn an_entry_in_a_long_journal_costs_what_its_parcel_costs() {
    let mut desk = Desk::new("0a");
    for number in 0..100_000 {
        desk.says("ann", &(number % 50_000).to_string(), decide("compliant"));
    }
    let more = desk.entries.split_off(99_000);
    let mut review = desk.review();
    let began = std::time::Instant::now();
    for entry in more {
        review.push(entry);
    }
    // A thousand; microseconds each, and a hundred times that for a machine that has something else to do.
    assert!(began.elapsed().as_millis() < 1000, "{:?}", began.elapsed());
    assert_eq!(review.entries().len(), 100_000);
}

/// What a user may do; numbers choose earlier entries to undo.
fn acts() -> impl Strategy<Value = (usize, usize, usize, u8, usize)> {
    (0..JOURNALS.len(), 0..USERS.len(), 0..PARCELS.len(), 0..13_u8, 0..20_usize)
}

/// Entries of two journals, with undos and redos of entries that are there.
fn story(steps: &[(usize, usize, usize, u8, usize)]) -> Vec<Vec<Entry>> {
    let mut desks = JOURNALS.map(Desk::new);
    for &(journal, user, parcel, kind, pick) in steps {
        let desk = &mut desks[journal];
        let earlier = desk.entries.get(pick % desk.entries.len().max(1)).cloned();
        let target = earlier.map(|entry| (entry.id, entry.user, entry.parcel));
        let act = match (kind, target.clone()) {
            (0 | 1, _) => decide(["compliant", "request"][pick % 2]),
            (2, _) => Act::Clear,
            (4, _) => Act::Flag { reason: format!("{pick}") },
            (5, _) => Act::Unflag,
            (6, _) => note(["", "a", "b"][pick % 3]),
            (7, _) => resolve("compliant"),
            (8..=10, Some((entry, ..))) => Act::Undo { entry },
            (11 | 12, Some((entry, ..))) => Act::Redo { entry },
            _ => Act::Defer,
        };
        let (user, parcel) = match (&act, target) {
            (Act::Undo { .. } | Act::Redo { .. }, Some((_, user, parcel))) => (user, parcel),
            _ => (USERS[user].to_owned(), PARCELS[parcel].to_owned()),
        };
        // Both journals go on in the same seconds.
        desk.says(&user, &parcel, act);
    }
    desks.into_iter().map(|desk| desk.entries).collect()
}

/// States without the places of entries: what a parcel says, however it came to it.
fn said(review: &Review) -> Vec<(String, ParcelReview)> {
    review.parcels().map(|(id, state)| (id.to_owned(), ParcelReview { entries: Vec::new(), ..state.clone() })).collect()
}

proptest! {
    #[test]
    fn growing_by_entries_gives_what_reading_all_gives(steps in prop::collection::vec(acts(), 0..40), at in 0..40_usize) {
        let merged = merge(&story(&steps)).expect("merged");
        let whole = Review::fold(&merged);
        let at = at.min(merged.len());
        let mut grown = Review::fold(&merged[..at]);
        for entry in &merged[at..] {
            grown.push(entry.clone());
            grown.push(entry.clone());
        }
        prop_assert_eq!(&grown, &whole);
        // One journal after the other: the second belongs before parts of the first.
        let mut late = Review::default();
        for journal in story(&steps) {
            late.extend(journal);
        }
        prop_assert_eq!(&late, &whole);
    }

    #[test]
    fn merging_does_not_depend_on_order_grouping_or_repetition(steps in prop::collection::vec(acts(), 0..40), cut in 0..20_usize) {
        let own = story(&steps);
        let part = own[0][..cut.min(own[0].len())].to_vec();
        let all = merge(&own).expect("merged");
        prop_assert_eq!(&merge(&[own[1].clone(), own[0].clone()]).expect("merged"), &all);
        prop_assert_eq!(&merge(&[all.clone(), part.clone(), all.clone()]).expect("merged"), &all);
        let grouped = merge(&[merge(&[part, own[1].clone()]).expect("merged"), own[0].clone()]).expect("merged");
        prop_assert_eq!(&grouped, &all);
        prop_assert_eq!(all.len(), own[0].len() + own[1].len());
    }

    #[test]
    fn undo_takes_back_what_was_done_and_redo_brings_it_again(steps in prop::collection::vec(acts(), 1..40), user in 0..3_usize) {
        let mut own = story(&steps).swap_remove(0);
        let before = Review::fold(&own);
        let Some(target) = before.undoable("0a", USERS[user], Timestamp::MIN).cloned() else { return Ok(()) };
        let without: Vec<Entry> = own.iter().filter(|entry| entry.id != target.id).cloned().collect();
        let mut desk = Desk { journal: "0a", entries: own.clone() };
        desk.undo(&target.id);
        let undone = desk.review();
        let of = |review: &Review| said(review).into_iter().find(|(id, _)| *id == target.parcel).map(|(_, state)| state);
        // Where nothing else was said of the parcel there is no state at all without the entry.
        prop_assert_eq!(of(&undone).unwrap_or_default(), of(&Review::fold(&without)).unwrap_or_default());
        prop_assert_eq!(undone.redoable("0a", USERS[user], Timestamp::MIN).map(|entry| &entry.id), Some(&target.id));
        desk.redo(&target.id);
        own = desk.entries;
        let redone = Review::fold(&own);
        prop_assert_eq!(said(&redone), said(&before));
        prop_assert_eq!(redone.undoable("0a", USERS[user], Timestamp::MIN).map(|entry| &entry.id), Some(&target.id));
    }
}
