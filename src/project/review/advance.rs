//! Where the view goes after a decision, and how far the queue is.

use std::sync::{Arc, PoisonError};

use crate::model::ParcelIx;
use crate::model::review::{Act, Standing};
use crate::project::Project;
use crate::project::queries::map::Veil;

/// Counts of the queue's parcels.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// In the queue.
    pub all: usize,
    /// Nobody has decided.
    pub open: usize,
    /// To come back to.
    pub deferred: usize,
    /// Decided.
    pub decided: usize,
    /// Flagged, whatever else.
    pub flagged: usize,
    /// Different verdicts that nobody has resolved.
    pub disputed: usize,
    /// Decided by code of the latest verdict, in the order of the form.
    pub verdicts: Vec<(String, usize)>,
}

impl Project {
    /// Counts of the queue, as of the start of this frame.
    pub fn review_counts(&self) -> Arc<Counts> {
        Arc::clone(&self.reviewing.counts)
    }

    /// Counts again when entries, queue or data have changed.
    pub(in crate::project) fn count_review(&mut self) {
        let of = (self.reviewing.revision, self.queue.generation(), self.revision);
        if self.reviewing.counted != Some(of) {
            self.reviewing.counted = Some(of);
            self.reviewing.counts = Arc::new(self.counts());
        }
    }

    /// What a map of automatic verdicts may show: in a blind review the parcels that this user has decided; `None` is all of them.
    pub(in crate::project) fn veil(&self) -> Option<Veil> {
        let reviewing = &self.reviewing;
        let data = self.data().filter(|_| reviewing.blind)?;
        let of = (reviewing.revision, self.revision);
        let mut kept = reviewing.veil.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, veil)) = kept.as_ref().filter(|own| own.0 == of) {
            return Some(veil.clone());
        }
        let own = reviewing.review.parcels().filter(|(id, _)| !reviewing.hides(id));
        let veil = Veil::but(own.filter_map(|(id, _)| data.parcels.find(id)).collect());
        *kept = Some((of, veil.clone()));
        Some(veil)
    }

    /// Looks at reviewed parcels only, so it costs nothing in a queue that nobody has begun.
    fn counts(&self) -> Counts {
        let reviewing = &self.reviewing;
        let mut counts = Counts { all: self.queue.rows().len(), ..Counts::default() };
        counts.verdicts = reviewing.form.verdicts.iter().map(|word| (word.code.clone(), 0)).collect();
        let Some(data) = self.data() else { return counts };
        for (id, own) in reviewing.review.parcels() {
            if data.parcels.find(id).is_none_or(|parcel| self.queue.position(parcel).is_none()) {
                continue;
            }
            match reviewing.standing(id) {
                Standing::Open => {}
                Standing::Deferred => counts.deferred += 1,
                Standing::Decided => counts.decided += 1,
            }
            counts.flagged += usize::from(own.flag.is_some());
            counts.disputed += usize::from(own.disputed());
            if let Some(opinion) = reviewing.shown(own).filter(|_| reviewing.standing(id) == Standing::Decided) {
                match counts.verdicts.iter_mut().find(|(code, _)| *code == opinion.decided.verdict) {
                    Some((_, count)) => *count += 1,
                    None => counts.verdicts.push((opinion.decided.verdict.clone(), 1)),
                }
            }
        }
        counts.open = counts.all.saturating_sub(counts.deferred + counts.decided);
        counts
    }

    /// The next open parcel after the current one, from the start again at the end; then those that were deferred.
    pub fn next_open(&self) -> Option<ParcelIx> {
        let data = self.data()?;
        let rows = self.queue.rows();
        let here = self.selection.parcel.and_then(|parcel| self.queue.position(parcel)).map_or(0, |row| row + 1);
        let standing = |parcel: &ParcelIx| self.reviewing.standing(data.parcels.id(*parcel));
        let around = || rows[here.min(rows.len())..].iter().chain(&rows[..here.min(rows.len())]);
        around()
            .find(|parcel| standing(parcel) == Standing::Open)
            .or_else(|| around().find(|parcel| standing(parcel) == Standing::Deferred))
            .copied()
    }

    /// After a crash: decisions that are newer than the place that was kept move the view on, as they did then.
    pub(super) fn catch_up(&mut self) {
        let reviewing = &self.reviewing;
        let known = self.place.saved.entry.as_ref();
        let newer = reviewing.review.entries().iter().rev().take_while(|entry| Some(&entry.id.0) != known);
        let moved = |act: &Act| matches!(act, Act::Decide(_) | Act::Defer | Act::Resolve(_));
        let last = newer.into_iter().find(|entry| entry.user == reviewing.user && entry.journal == reviewing.journal);
        let Some(parcel) = last.filter(|entry| moved(&entry.act)).map(|entry| entry.parcel.clone()) else { return };
        if let Some(found) = self.data().and_then(|data| data.parcels.find(&parcel)) {
            self.select_parcel(found);
            self.advance();
        }
    }

    /// Goes on to the next open parcel, or to the end of the queue.
    pub(super) fn advance(&mut self) {
        match self.next_open() {
            Some(parcel) => self.select_parcel(parcel),
            None => self.reviewing.ended = true,
        }
    }
}
