//! Keeps the next five parcels (and the previous one) ready.
//!
//! Never queues more than the workers can soon do, so that a change of mind costs nothing.

use crate::jobs::Lane;
use crate::model::project_file::Display;
use crate::model::settings::ObservationSettings;
use crate::model::{AcquisitionIx, ParcelIx, View};

use super::open::Project;
use super::queries::coverage::CoverageQuery;
use super::query::Fetch;

/// How many parcels ahead.
const AHEAD: usize = 5;

/// What decides what is fetched.
#[derive(Debug)]
struct Key {
    parcel: ParcelIx,
    revision: u64,
    display: Display,
    observations: ObservationSettings,
    rows: usize,
}

impl Key {
    fn holds(&self, project: &Project, parcel: ParcelIx) -> bool {
        let Self { parcel: own, revision, display, observations, rows } = self;
        let file = &project.file;
        (*own, *revision, *rows) == (parcel, project.revision, project.queue.generation())
            && *display == file.display
            && *observations == file.observations
    }
}

/// What was prefetched for.
#[derive(Debug, Default)]
pub(super) struct Prefetch {
    key: Option<Key>,
    ready: usize,
    wanted: usize,
    complete: bool,
}

impl Project {
    /// (parcels of the next five that are complete, five or fewer at the end of the queue).
    pub fn prefetched(&self) -> (usize, usize) {
        (self.prefetch.ready, self.prefetch.wanted)
    }

    /// Asks for what is missing for the parcels around the current one.
    pub(super) fn prefetch_next(&mut self) {
        let (Some(parcel), Some(_)) = (self.selection.parcel, &self.env) else { return };
        let Some(position) = self.queue.position(parcel) else { return };
        if self.prefetch.complete && self.prefetch.key.as_ref().is_some_and(|key| key.holds(self, parcel)) {
            return;
        }
        let ahead: Vec<ParcelIx> = self.queue.rows().iter().skip(position + 1).take(AHEAD).copied().collect();
        let behind = position.checked_sub(1).map(|before| self.queue.rows()[before]);
        let mut ready = 0;
        let mut complete = true;
        for (number, &next) in ahead.iter().chain(behind.iter()).enumerate() {
            if self.prefetch_parcel(next) {
                ready += usize::from(number < ahead.len());
            } else {
                complete = false;
                if self.pool.waiting() > 0 {
                    break;
                }
            }
        }
        let file = &self.file;
        let key = Key {
            parcel,
            revision: self.revision,
            display: file.display.clone(),
            observations: file.observations.clone(),
            rows: self.queue.generation(),
        };
        self.prefetch = Prefetch { key: Some(key), ready, wanted: ahead.len(), complete };
    }

    /// True when everything of a parcel is there; asks for a little of what is missing.
    fn prefetch_parcel(&self, parcel: ParcelIx) -> bool {
        let query = CoverageQuery { parcel, revision: self.revision };
        if !settled(&self.get(&query, Lane::Prefetch)) {
            return false;
        }
        let mut room = self.pool.threads() * 4;
        let mut complete = true;
        let view = match self.view() {
            View::NdviHistogram | View::RedNirScatter => return self.prefetch_series(parcel, &mut room),
            view => view.clone(),
        };
        for acquisition in self.shown_acquisitions(parcel).into_iter().filter(|&own| self.worth_fetching(parcel, own)) {
            let picture = self.picture_query(parcel, acquisition, self.granule(parcel, acquisition), &view);
            if self.peek(&picture).is_none() {
                if room == 0 || self.pool.waiting() > self.pool.threads() * 4 {
                    return false;
                }
                room -= 1;
                complete &= settled(&self.get(&picture, Lane::Prefetch));
            }
        }
        complete && self.prefetch_series(parcel, &mut room)
    }

    fn prefetch_series(&self, parcel: ParcelIx, room: &mut usize) -> bool {
        let mut complete = true;
        for signal in self.file.display.graphs.iter().flatten() {
            let query = self.series_query(parcel, signal);
            if self.peek(&query).is_none() {
                if *room == 0 {
                    return false;
                }
                *room -= 1;
                complete &= settled(&self.get(&query, Lane::Prefetch));
            }
        }
        complete
    }

    /// Acquisition that follows in the calendar, for callers that look ahead.
    pub fn next_shown(&self, parcel: ParcelIx, acquisition: AcquisitionIx) -> Option<AcquisitionIx> {
        self.shown_acquisitions(parcel).into_iter().find(|&ix| ix > acquisition)
    }
}

/// Ready or failed: nothing more to wait for.
fn settled<T>(fetch: &Fetch<T>) -> bool {
    !matches!(fetch, Fetch::Pending)
}
