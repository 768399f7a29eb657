//! The list of parcels to review: filter and order.
//!
//! Rows of a large table are computed by a worker; the old ones stay until the new ones are there.

use std::sync::Arc;

use crate::engine::filter::FilterError;
pub use crate::engine::order::SortKey;
use crate::jobs::Lane;
use crate::model::{ParcelIx, Signal};

use super::open::Project;
use super::queries::rows::{RanksQuery, Rows, RowsQuery};
use super::query::Fetch;

/// Tables up to this size are filtered and sorted at once: it takes less than a millisecond.
const AT_ONCE: usize = 20_000;

/// Some parcels in an order of their own, e.g. those that a changed threshold moved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ParcelList {
    /// Name on screen.
    pub name: String,
    /// Parcels in order.
    pub parcels: Vec<ParcelIx>,
}

/// The filtered, ordered list.
#[derive(Debug, Clone, Default)]
pub struct Queue {
    /// Filter as typed.
    pub filter: String,
    /// Why the filter cannot be used; the rows of the last good filter stay.
    pub error: Option<FilterError>,
    /// Sort keys, the first counts most.
    pub sort: Vec<(SortKey, bool)>,
    /// Only these, in their order where nothing is sorted by; `None` for all.
    pub list: Option<Arc<ParcelList>>,
    rows: Arc<Rows>,
    wanted: Option<RowsQuery>,
    /// Parcel that was current when a filter matched nothing.
    left: Option<ParcelIx>,
}

impl Queue {
    /// Parcels in order.
    pub fn rows(&self) -> &[ParcelIx] {
        self.rows.order()
    }

    /// Row of a parcel.
    pub fn position(&self, parcel: ParcelIx) -> Option<usize> {
        self.rows.position(parcel)
    }

    /// The signal whose distance from peers the queue is sorted by, first of all.
    pub fn distance(&self) -> Option<&Signal> {
        match self.sort.first() {
            Some((SortKey::Distance(signal), _)) => Some(signal),
            _ => None,
        }
    }

    /// True when some key needs the population.
    pub(super) fn by_distance(&self) -> bool {
        self.sort.iter().any(|(key, _)| matches!(key, SortKey::Distance(_)))
    }

    /// True when some key needs the verdicts.
    pub(super) fn by_margin(&self) -> bool {
        self.sort.iter().any(|(key, _)| *key == SortKey::Margin)
    }

    /// True while rows for the filter and order in force are being computed.
    pub fn pending(&self) -> bool {
        self.wanted.is_some()
    }

    /// Names these rows: other rows have another name.
    pub(super) fn generation(&self) -> usize {
        Arc::as_ptr(&self.rows) as usize
    }
}

impl Project {
    /// Filters and sorts again; the current parcel stays if it matches, else the nearest following match becomes current.
    pub(super) fn refresh_queue(&mut self) {
        let Some(env) = self.env.clone() else { return };
        let sort = self.queue.sort.iter().map(|(key, descending)| (self.ranks_query(key), *descending)).collect();
        let list = self.queue.list.clone();
        let query = RowsQuery { filter: self.queue.filter.clone(), sort, list, revision: self.revision };
        if query.list.is_none() && query.sort.is_empty() && query.filter.trim().is_empty() {
            let all = Rows::new(env.parcels.iter().collect(), env.parcels.len());
            self.adopt_rows(&Ok(Arc::new(all)));
        } else if env.parcels.len() <= AT_ONCE && !self.queue.by_distance() {
            match self.compute(&query) {
                Ok(rows) => self.adopt_rows(&rows),
                Err(error) => self.note(error.chain(), true),
            }
        } else {
            self.queue.wanted = Some(query);
            self.take_rows();
        }
    }

    /// Shows only some parcels, or all again. The order is that of the list.
    pub(super) fn show_list(&mut self, list: Option<ParcelList>) {
        self.queue.list = list.map(Arc::new);
        self.place.queue = None;
        self.queue.sort.clear();
        self.refresh_queue();
        if self.queue.list.is_some() {
            let first = self.queue.rows().first().copied();
            self.move_to(first);
        }
    }

    /// Sorts again when that depends on who is compared with whom.
    pub(super) fn distances_changed(&mut self) {
        if self.queue.by_distance() {
            self.refresh_queue();
        }
    }

    /// Sorts again when other verdicts are known.
    pub(super) fn verdicts_changed(&mut self) {
        if self.queue.by_margin() {
            self.refresh_queue();
        }
    }

    /// The place of every parcel in the order of a key.
    pub fn ranks_query(&self, key: &SortKey) -> RanksQuery {
        let population = if let SortKey::Distance(signal) = key { Some(self.population_query(signal)) } else { None };
        let verdicts = if *key == SortKey::Margin { self.verdicts_query() } else { None };
        RanksQuery { key: key.clone(), population, verdicts, revision: self.revision }
    }

    /// Ranks a large table by its ids before somebody sorts by them: theirs is the longest sort, as no two are equal.
    pub(super) fn rank_ahead(&self) {
        let large = self.env.as_ref().is_some_and(|env| env.parcels.len() > AT_ONCE);
        if large && !self.growing() {
            drop(self.get(&self.ranks_query(&SortKey::Id), Lane::Prefetch));
        }
    }

    /// Takes rows over that a worker has computed.
    pub(super) fn take_rows(&mut self) {
        let Some(query) = self.queue.wanted.clone() else { return };
        match self.get(&query, Lane::Interactive) {
            Fetch::Pending => {}
            Fetch::Ready(rows) => self.adopt_rows(&rows),
            Fetch::Failed(error) => {
                self.queue.wanted = None;
                self.note(error.chain(), true);
            }
        }
    }

    fn adopt_rows(&mut self, rows: &Result<Arc<Rows>, FilterError>) {
        self.queue.wanted = None;
        match rows {
            Ok(rows) => {
                self.queue.rows = Arc::clone(rows);
                self.queue.error = None;
            }
            Err(error) => self.queue.error = Some(error.clone()),
        }
        let here = self.selection.parcel;
        let next = match here.or(self.queue.left) {
            Some(parcel) => self.queue.rows.nearest(parcel),
            None => self.queue.rows().first().copied(),
        };
        // While a filter is typed it may match nothing for a moment.
        self.queue.left = if next.is_none() { here.or(self.queue.left) } else { None };
        if self.place.offered == here {
            // Nobody chose the parcel that is left: it does not count as visited.
            (self.selection.parcel, self.place.offered) = (next, next);
        } else {
            self.move_to(next);
        }
    }
}
