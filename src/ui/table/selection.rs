//! Which rows of the attribute table are selected: from an anchor to the current parcel, and single ones. Knows no egui.

use std::collections::BTreeSet;

use crate::model::ParcelIx;
use crate::project::queue::Queue;

/// Selected rows beside the current one.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Selected {
    /// Where the run of rows begins that ends at the current parcel.
    anchor: Option<ParcelIx>,
    /// Rows chosen one by one.
    single: BTreeSet<ParcelIx>,
    /// Parcel that was current when it was last looked.
    known: Option<ParcelIx>,
    /// The next change of the current parcel makes the run longer or shorter.
    extending: bool,
}

impl Selected {
    /// Looks at the current parcel: when it changes by other means than extending, only it is selected.
    pub fn follow(&mut self, current: Option<ParcelIx>) {
        if self.known == current {
            return;
        }
        self.known = current;
        if !std::mem::take(&mut self.extending) {
            self.clear();
        }
    }

    /// Only the current parcel is selected.
    pub fn clear(&mut self) {
        self.anchor = None;
        self.single.clear();
    }

    /// The next parcel that becomes current ends a run that began at the present one.
    pub fn extend(&mut self) {
        self.anchor = self.anchor.or(self.known);
        self.extending = true;
    }

    /// Adds a row, or takes it away.
    pub fn toggle(&mut self, parcel: ParcelIx) {
        if !self.single.remove(&parcel) {
            self.single.insert(parcel);
        }
    }

    /// Rows of the run.
    fn run(&self, queue: &Queue) -> Option<std::ops::RangeInclusive<usize>> {
        let here = queue.position(self.known?)?;
        let there = self.anchor.and_then(|anchor| queue.position(anchor)).unwrap_or(here);
        Some(here.min(there)..=here.max(there))
    }

    /// True for a selected row.
    pub fn holds(&self, queue: &Queue, row: usize, parcel: ParcelIx) -> bool {
        self.single.contains(&parcel) || self.run(queue).is_some_and(|run| run.contains(&row))
    }

    /// Number of selected rows.
    pub fn count(&self, queue: &Queue) -> usize {
        let run = self.run(queue);
        let beside =
            |parcel: &&ParcelIx| queue.position(**parcel).is_some_and(|row| run.as_ref().is_none_or(|run| !run.contains(&row)));
        run.as_ref().map_or(0, |run| run.end() - run.start() + 1) + self.single.iter().filter(beside).count()
    }

    /// Selected parcels in the order of the queue, at most so many.
    pub fn parcels(&self, queue: &Queue, most: usize) -> Vec<ParcelIx> {
        let mut rows: BTreeSet<usize> = self.run(queue).into_iter().flatten().take(most).collect();
        rows.extend(self.single.iter().filter_map(|parcel| queue.position(*parcel)));
        rows.into_iter().take(most).map(|row| queue.rows()[row]).collect()
    }
}
