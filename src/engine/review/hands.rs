//! What each user did in each journal and took back: the memory of undo and redo.

use std::collections::BTreeMap;

use crate::model::review::Entry;

/// By journal and user.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Hands(BTreeMap<String, BTreeMap<String, Hand>>);

#[derive(Debug, Clone, Default, PartialEq)]
struct Hand {
    /// Places of entries that count, ascending.
    done: Vec<usize>,
    /// Places of entries that were taken back, the latest last, and can still be brought back.
    undone: Vec<usize>,
}

impl Hands {
    fn of(&mut self, entry: &Entry) -> &mut Hand {
        self.0.entry(entry.journal.clone()).or_default().entry(entry.user.clone()).or_default()
    }

    fn get(&self, journal: &str, user: &str) -> Option<&Hand> {
        self.0.get(journal)?.get(user)
    }

    /// Something new was done: nothing can be brought back any more.
    pub(super) fn acted(&mut self, entry: &Entry, place: usize) {
        let hand = self.of(entry);
        hand.done.push(place);
        hand.undone.clear();
    }

    /// An entry was switched off or on.
    pub(super) fn switched(&mut self, entry: &Entry, place: usize, on: bool) {
        let hand = self.of(entry);
        if on {
            hand.undone.retain(|&own| own != place);
            let at = hand.done.partition_point(|&own| own < place);
            hand.done.insert(at, place);
        } else {
            if let Ok(at) = hand.done.binary_search(&place) {
                hand.done.remove(at);
            }
            hand.undone.push(place);
        }
    }

    pub(super) fn done(&self, journal: &str, user: &str) -> Option<usize> {
        self.get(journal, user)?.done.last().copied()
    }

    pub(super) fn undone(&self, journal: &str, user: &str) -> Option<usize> {
        self.get(journal, user)?.undone.last().copied()
    }
}
