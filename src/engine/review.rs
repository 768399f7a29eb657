//! Review: from entries of journals to what they say of parcels.
//!
//! A [`Review`] holds entries in order ([`place_of`]) and the state of every parcel that they speak of. It grows by one entry at a time:
//! the cost of [`Review::push`] depends on how much was said of that one parcel, not on the length of the journal.
//!
//! * What is said twice counts once: an entry is known by its id.
//! * An undo switches an earlier entry of the same journal off, a redo switches it on again. An undo or redo that names an entry of
//!   another journal, a later one, or another undo says nothing.
//! * [`merge`] joins journals, [`disagreements`] lists what reviewers see differently.

mod counts;
mod hands;
mod merge;
mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use crate::model::review::{Act, Entry, EntryId, ParcelReview};
use hands::Hands;
use state::{apply, settle};

pub use counts::{Disagreement, ReviewCounts, disagreements};
pub use merge::{MergeFault, merge};

/// Entries and what they say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Review {
    /// In order.
    entries: Vec<Entry>,
    /// Place of each entry.
    places: HashMap<EntryId, usize>,
    /// True for entries that are not undone.
    counts: Vec<bool>,
    /// By parcel id.
    parcels: BTreeMap<String, ParcelReview>,
    hands: Hands,
}

/// Where an entry stands among others: [`Entry::order`], and its id where a journal was copied and both copies went on.
pub fn place_of(entry: &Entry) -> (Timestamp, &str, u64, &EntryId) {
    let (time, journal, sequence) = entry.order();
    (time, journal, sequence, &entry.id)
}

impl Review {
    /// What entries say, in whatever order they are given.
    pub fn fold(entries: &[Entry]) -> Self {
        let mut sorted = entries.to_vec();
        sorted.sort_by(|a, b| place_of(a).cmp(&place_of(b)));
        Self::of_sorted(sorted)
    }

    fn of_sorted(entries: Vec<Entry>) -> Self {
        let mut review = Self::default();
        for entry in entries {
            review.append(entry);
        }
        review
    }

    /// Takes an entry in; one that is known changes nothing.
    ///
    /// **Cost:** that of the parcel's entries; of the whole journal for an entry that belongs before others, as those of a second journal.
    pub fn push(&mut self, entry: Entry) {
        self.extend(vec![entry]);
    }

    /// [`Review::push`] of several, sorted once.
    pub fn extend(&mut self, mut more: Vec<Entry>) {
        more.retain(|entry| !self.places.contains_key(&entry.id));
        more.sort_by(|a, b| place_of(a).cmp(&place_of(b)));
        let belongs_at_the_end = match (self.entries.last(), more.first()) {
            (Some(last), Some(first)) => place_of(first) > place_of(last),
            _ => true,
        };
        if belongs_at_the_end {
            for entry in more {
                self.append(entry);
            }
        } else {
            let mut all = std::mem::take(&mut self.entries);
            all.append(&mut more);
            all.sort_by(|a, b| place_of(a).cmp(&place_of(b)));
            *self = Self::of_sorted(all);
        }
    }

    /// Takes in an entry that belongs after all others.
    fn append(&mut self, entry: Entry) {
        if self.places.contains_key(&entry.id) {
            return;
        }
        let place = self.entries.len();
        self.places.insert(entry.id.clone(), place);
        self.counts.push(true);
        let state = self.parcels.entry(entry.parcel.clone()).or_default();
        state.entries.push(place);
        let switched = match &entry.act {
            Act::Undo { entry: other } => Some((other.clone(), false)),
            Act::Redo { entry: other } => Some((other.clone(), true)),
            _ => None,
        };
        if switched.is_none() {
            apply(state, &entry);
            settle(state, &self.places);
            self.hands.acted(&entry, place);
        }
        self.entries.push(entry);
        if let Some((other, on)) = switched {
            self.switch(place, &other, on);
        }
    }

    /// Switches an entry off or on, as the undo or redo at `by` says.
    fn switch(&mut self, by: usize, other: &EntryId, on: bool) {
        let Some(&at) = self.places.get(other) else { return };
        let target = &self.entries[at];
        let same_journal = target.journal == self.entries[by].journal;
        if !same_journal || matches!(target.act, Act::Undo { .. } | Act::Redo { .. }) || self.counts[at] == on {
            return;
        }
        self.counts[at] = on;
        self.hands.switched(target, at, on);
        if let Some(state) = self.parcels.get_mut(&target.parcel) {
            let places = std::mem::take(&mut state.entries);
            *state = ParcelReview::default();
            for &place in places.iter().filter(|&&place| self.counts[place]) {
                apply(state, &self.entries[place]);
            }
            state.entries = places;
            settle(state, &self.places);
        }
    }

    /// All entries, in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// An entry by its id.
    pub fn entry(&self, id: &EntryId) -> Option<&Entry> {
        self.places.get(id).map(|&place| &self.entries[place])
    }

    /// False for an entry that is undone, or unknown.
    pub fn counts(&self, id: &EntryId) -> bool {
        self.places.get(id).is_some_and(|&place| self.counts[place])
    }

    /// Entries that are not undone, in order; undos and redos are not among them.
    pub fn standing_entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        let told = |entry: &Entry| !matches!(entry.act, Act::Undo { .. } | Act::Redo { .. });
        self.entries.iter().zip(&self.counts).filter(move |(entry, counts)| **counts && told(entry)).map(|(entry, _)| entry)
    }

    /// What is said of a parcel; `None` when nothing ever was.
    pub fn of(&self, parcel: &str) -> Option<&ParcelReview> {
        self.parcels.get(parcel)
    }

    /// All parcels of which something was said, by id.
    pub fn parcels(&self) -> impl Iterator<Item = (&str, &ParcelReview)> {
        self.parcels.iter().map(|(id, state)| (id.as_str(), state))
    }

    /// The entry that this user takes back next in this journal: the newest that counts and is not older than `since`.
    pub fn undoable(&self, journal: &str, user: &str, since: Timestamp) -> Option<&Entry> {
        self.hands.done(journal, user).map(|place| &self.entries[place]).filter(|entry| entry.time >= since)
    }

    /// The entry that this user brings back next in this journal: what was taken back last, until something else is done.
    pub fn redoable(&self, journal: &str, user: &str, since: Timestamp) -> Option<&Entry> {
        self.hands.undone(journal, user).map(|place| &self.entries[place]).filter(|entry| entry.time >= since)
    }
}
