//! The place in the queue: restored when a project opens, kept soon after each change, so that a crash loses nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::model::{Acquisition, AcquisitionIx, Catalog, Sensor};
use crate::store::session::{self, Draft, Place};

use super::open::{Dataset, Project};

/// A place is written when it has not changed for so long.
const SETTLE: Duration = Duration::from_millis(300);

impl Project {
    /// Puts queue and selection where the last sitting left them, or at the start. Again with each part of a table that grows:
    /// until the user goes elsewhere, the wanted parcel may still come.
    pub(super) fn restore_place(&mut self, data: &Dataset) {
        let place = self.place.wanted.clone().unwrap_or_default();
        if self.place.offered == self.selection.parcel {
            let parcel = place.parcel.as_deref().and_then(|id| data.parcels.find(id));
            self.selection.parcel = parcel.or_else(|| data.parcels.iter().next());
            self.place.offered = self.selection.parcel;
        }
        if !std::mem::take(&mut self.place.fresh) {
            return self.refresh_queue();
        }
        if self.queue.filter.is_empty() {
            self.queue.filter.clone_from(&place.filter);
        }
        self.refresh_queue();
        self.selection.acquisition = place.acquired.and_then(|time| {
            data.catalog
                .iter()
                .find(|(_, acquisition)| {
                    acquisition.acquired == time && place.sensor.is_none_or(|sensor| sensor == acquisition.sensor)
                })
                .map(|(ix, _)| ix)
        });
        self.selection.compare.clear();
        self.selection.reference = None;
    }

    /// Where the tables add acquisitions to those of the images, rows of the catalogue move: what is selected moves along.
    pub(super) fn follow_acquisitions(&mut self, now: &Catalog) {
        let Some(before) = self.data().map(|data| Arc::clone(&data.catalog)) else { return };
        if self.place.fresh || before.acquisitions.len() == now.acquisitions.len() {
            return;
        }
        let moved = |ix: AcquisitionIx| {
            let own = before.get(ix);
            let same = |(_, other): &(AcquisitionIx, &Acquisition)| {
                (other.acquired, other.sensor, &other.platform) == (own.acquired, own.sensor, &own.platform)
            };
            now.iter().find(same).map(|(ix, _)| ix)
        };
        let selection = &mut self.selection;
        selection.acquisition = selection.acquisition.and_then(moved);
        selection.reference = selection.reference.and_then(moved);
        selection.compare = selection.compare.iter().copied().filter_map(moved).collect();
        self.granules.clear();
    }

    /// Chooses a first acquisition once the dates of the current parcel are known: the first usable optical one.
    pub(super) fn settle_acquisition(&mut self) {
        let (Some(parcel), None) = (self.selection.parcel, self.selection.acquisition) else { return };
        let Some(coverage) = self.coverage(parcel).ready() else { return };
        let shown = self.shown_acquisitions(parcel);
        let usable = |ix: &AcquisitionIx| self.usable(&coverage, *ix);
        self.selection.acquisition = shown.iter().copied().find(usable).or_else(|| shown.first().copied());
    }

    /// Where the user is now: what a loading that replaces the present data is to restore.
    pub(super) fn want_place(&mut self) {
        if let Some(data) = self.data() {
            self.place.wanted = Some(self.place_now(data));
        }
        (self.place.offered, self.place.fresh) = (self.selection.parcel, true);
    }

    fn place_now(&self, data: &Dataset) -> Place {
        let acquisition = self.selection.acquisition.map(|ix| data.catalog.get(ix));
        // While the journal is being read, what was known of it stays known.
        let last = self.reviewing.review().entries().last().map(|entry| entry.id.0.clone());
        Place {
            parcel: self.selection.parcel.map(|parcel| data.parcels.id(parcel).to_owned()),
            acquired: acquisition.map(|acquisition| acquisition.acquired),
            sensor: acquisition.map(|acquisition| acquisition.sensor),
            filter: self.queue.filter.clone(),
            queue: self.kept_queue().or_else(|| self.place.queue.clone()),
            blind: self.reviewing.blind(),
            entry: last.or_else(|| self.place.saved.entry.clone()),
            draft: self.draft(),
        }
    }

    /// Name of the queue that is shown, when it is a kept one.
    fn kept_queue(&self) -> Option<String> {
        let list = self.queue.list.as_ref()?;
        self.reviewing.queues().iter().any(|kept| kept.name == list.name).then(|| list.name.clone())
    }

    /// Changes that are not in the project's file; `None` also for a project that has no file yet.
    fn draft(&self) -> Option<Draft> {
        let before = self.on_disk.as_ref().filter(|before| **before != self.file)?;
        Some(Draft { before: before.clone(), after: self.file.clone() })
    }

    /// Takes up the unsaved changes of the last sitting, unless somebody has changed the file since.
    pub(super) fn restore_draft(&mut self) {
        let Some(draft) = self.place.wanted.as_mut().and_then(|place| place.draft.take()) else { return };
        if self.on_disk.as_ref() == Some(&draft.before) {
            self.file = draft.after;
            self.compile_indices();
            self.note("unsaved changes of the last sitting are back; “Discard changes” returns to the file".to_owned(), false);
        } else {
            self.note("unsaved changes of the last sitting are dropped: the project's file has changed since".to_owned(), true);
        }
    }

    /// Back to what the file holds.
    pub(super) fn discard_changes(&mut self) {
        let Some(file) = self.on_disk.clone() else { return };
        let reread = (&file.parcels, &file.imagery, &file.tables, &file.radiometry)
            != (&self.file.parcels, &self.file.imagery, &self.file.tables, &self.file.radiometry);
        self.file = file;
        self.indices_changed();
        if reread {
            self.start_loading();
        }
    }

    /// Writes the place when it has settled; `now` writes at once.
    pub(super) fn keep_place(&mut self, now: bool) {
        let Some(data) = self.data() else { return };
        if self.loading.is_some() && self.place.offered == self.selection.parcel {
            return; // The place to restore may not be in the table yet.
        }
        let place = self.place_now(data);
        if place == self.place.saved {
            self.place.changed = None;
            return;
        }
        let since = *self.place.changed.get_or_insert_with(Instant::now);
        if !now && since.elapsed() < SETTLE {
            return;
        }
        self.place.changed = None;
        let written = session::save_place(&self.place.home, &self.path, &place);
        self.place.saved = place;
        if let Err(error) = written {
            self.note(format!("cannot keep your place in {}: {error}", self.place.home.display()), true);
        }
    }

    /// True while a changed place waits to be written: the window should draw again soon.
    pub fn place_waits(&self) -> bool {
        self.place.changed.is_some()
    }

    /// Sensor of the calendar under the view in force.
    pub fn view_sensor(&self) -> Sensor {
        super::selection::sensor_of(self.view())
    }
}
