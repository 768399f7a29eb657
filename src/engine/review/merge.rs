//! Journals of several people become one.

use std::collections::BTreeMap;

use crate::model::review::{Entry, EntryId};

use super::place_of;

/// Two entries have the same name and say different things: one of the files was changed by another program.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "entry {} stands in two journals with different content: {} and {}; a journal is never edited, so restore the file that was \
     changed from a copy",
    first.id.0, told(first), told(second)
)]
pub struct MergeFault {
    /// One.
    pub first: Box<Entry>,
    /// The other.
    pub second: Box<Entry>,
}

/// `decide of parcel 007 by ann at 2026-01-01T00:00:00Z (entry 3 of journal 0f…)`.
fn told(entry: &Entry) -> String {
    let Entry { parcel, user, time, sequence, journal, act, .. } = entry;
    format!("{} of parcel {parcel} by {user} at {time} (entry {sequence} of journal {journal})", act.kind())
}

/// All entries of several journals, each once, in order. Whatever the order of the journals, the answer is the same.
pub fn merge(journals: &[Vec<Entry>]) -> Result<Vec<Entry>, MergeFault> {
    let mut known: BTreeMap<&EntryId, &Entry> = BTreeMap::new();
    let mut faults: BTreeMap<&EntryId, Vec<&Entry>> = BTreeMap::new();
    for entry in journals.iter().flatten() {
        match known.get(&entry.id) {
            Some(other) if *other != entry => faults.entry(&entry.id).or_insert_with(|| vec![other]).push(entry),
            Some(_) => {}
            None => {
                known.insert(&entry.id, entry);
            }
        }
    }
    // The first fault by name, and its entries in an order of their own: the message is the same for any order of journals too.
    if let Some(mut entries) = faults.into_values().next() {
        entries.sort_by_cached_key(|entry| format!("{entry:?}"));
        entries.dedup();
        if let [first, second, ..] = entries.as_slice() {
            return Err(MergeFault { first: Box::new((*first).clone()), second: Box::new((*second).clone()) });
        }
    }
    let mut merged: Vec<Entry> = known.into_values().cloned().collect();
    merged.sort_by(|a, b| place_of(a).cmp(&place_of(b)));
    Ok(merged)
}
