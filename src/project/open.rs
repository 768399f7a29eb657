//! The open project: loaded data, selection, queue, answers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use crate::engine::indices::IndexSet;
use crate::jobs::{Lane, Pool};
use crate::model::report::Problem;
use crate::model::{AcquisitionIx, Catalog, MaskSet, ParcelIx, Parcels, ProjectFile, Signal, View, Watch};

use super::queries::Env;
use super::queries::coverage::{CoverageQuery, ParcelCoverage};
use super::queries::peers::{PeerBand, PeersQuery};
use super::queries::picture::{ChipPicture, PictureQuery};
use super::queries::series::SeriesQuery;
use super::query::{Fetch, Query, QueryCache, Wake};
use super::queue::Queue;
use super::selection::Selection;
use crate::model::Series;

/// What loading gives: parcels, images, and what was found wrong.
#[derive(Debug)]
pub struct Dataset {
    /// Parcel table.
    pub parcels: Arc<Parcels>,
    /// Acquisitions and unusable files.
    pub catalog: Arc<Catalog>,
    /// Import report of the parcels.
    pub import_problems: Vec<Problem>,
}

/// One line of the log view.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// When.
    pub time: Timestamp,
    /// What happened.
    pub text: String,
    /// True for failures.
    pub failed: bool,
}

/// Work shown in the status bar.
#[derive(Debug, Clone)]
pub struct JobStatus {
    /// Message id of its name, e.g. `job-scan`.
    pub name: &'static str,
    /// Steps done.
    pub done: u64,
    /// Steps in all; 0 means unknown.
    pub total: u64,
    /// Seconds left, from the third second on.
    pub seconds_left: Option<f64>,
    /// Cancels it.
    pub watch: Watch,
}

/// The open project.
#[derive(Debug)]
pub struct Project {
    _private: (),
}

impl Project {
    /// Reads the project file and starts loading in the background. Fails only when the file itself cannot be used.
    pub fn open(path: &Path, jobs: usize, wake: Wake) -> anyhow::Result<Self> {
        let _ = (path, jobs, wake);
        todo!()
    }

    /// A project that is not on disk yet; paths in `file` are absolute. `Save` needs [`Project::save_as`] first.
    pub fn from_file(file: ProjectFile, path: PathBuf, jobs: usize, wake: Wake) -> anyhow::Result<Self> {
        let _ = (file, path, jobs, wake);
        todo!()
    }

    /// Waits until everything is loaded; for the command line and tests.
    pub fn wait_loaded(&mut self) -> Result<Arc<Dataset>, super::Error> {
        todo!()
    }

    /// Once at the start of a frame: takes in what workers finished, ages the cache, restores the place of the last sitting.
    pub fn begin_frame(&mut self) {
        todo!()
    }

    /// Path of the project file.
    pub fn path(&self) -> &Path {
        todo!()
    }

    /// The file's content as edited.
    pub fn file(&self) -> &ProjectFile {
        todo!()
    }

    /// True when the file on disk differs.
    pub fn unsaved(&self) -> bool {
        todo!()
    }

    /// The data; pending while loading.
    pub fn dataset(&self) -> Fetch<Dataset> {
        todo!()
    }

    /// Loading as (done, total) per part, e.g. `job-import`, `job-scan`, and other long work.
    pub fn jobs(&self) -> Vec<JobStatus> {
        todo!()
    }

    /// The log, oldest first.
    pub fn log(&self) -> &[LogLine] {
        todo!()
    }

    /// Current selection.
    pub fn selection(&self) -> &Selection {
        todo!()
    }

    /// The queue.
    pub fn queue(&self) -> &Queue {
        todo!()
    }

    /// Compiled indices; own ones with a fault are in [`Project::index_faults`].
    pub fn indices(&self) -> &IndexSet {
        todo!()
    }

    /// Own indices that cannot be used, with the reason.
    pub fn index_faults(&self) -> &[(String, String)] {
        todo!()
    }

    /// Mask in force.
    pub fn mask(&self) -> MaskSet {
        todo!()
    }

    /// How the acquisitions see a parcel.
    pub fn coverage(&self, parcel: ParcelIx) -> Fetch<ParcelCoverage> {
        self.get(&CoverageQuery { parcel, revision: self.revision() }, Lane::Interactive)
    }

    /// Picture of one acquisition of a parcel under the view and stretch in force; the product is the chosen or the best one.
    pub fn picture(&self, parcel: ParcelIx, acquisition: AcquisitionIx) -> Fetch<ChipPicture> {
        self.picture_of(parcel, acquisition, self.granule(parcel, acquisition), self.view())
    }

    /// Picture under another view or product.
    pub fn picture_of(&self, parcel: ParcelIx, acquisition: AcquisitionIx, granule: u8, view: &View) -> Fetch<ChipPicture> {
        self.get(&self.picture_query(parcel, acquisition, granule, view), Lane::Interactive)
    }

    /// The query behind [`Project::picture_of`].
    pub fn picture_query(&self, parcel: ParcelIx, acquisition: AcquisitionIx, granule: u8, view: &View) -> PictureQuery {
        let display = &self.file().display;
        PictureQuery {
            parcel,
            acquisition,
            granule,
            view: view.clone(),
            stretch: display.stretch.clone(),
            margin_m: display.margin_m,
            mask: self.mask(),
            revision: self.revision(),
        }
    }

    /// Product of an acquisition shown for a parcel: the user's choice, else the best covered, else 0.
    pub fn granule(&self, parcel: ParcelIx, acquisition: AcquisitionIx) -> u8 {
        let _ = (parcel, acquisition);
        todo!()
    }

    /// Series of a signal of a parcel (mean of per-pixel values).
    pub fn series(&self, parcel: ParcelIx, signal: &Signal) -> Fetch<Series> {
        self.get(&self.series_query(parcel, signal), Lane::Interactive)
    }

    /// The query behind [`Project::series`].
    pub fn series_query(&self, parcel: ParcelIx, signal: &Signal) -> SeriesQuery {
        SeriesQuery {
            parcel,
            signal: signal.clone(),
            settings: self.file().observations.clone(),
            rule: crate::engine::series::IndexRule::PerPixel,
            revision: self.revision(),
        }
    }

    /// Peers of a parcel and their spread for a signal.
    pub fn peers(&self, parcel: ParcelIx, signal: &Signal) -> Fetch<PeerBand> {
        self.get(&PeersQuery { of: self.series_query(parcel, signal), peers: self.file().peers.clone() }, Lane::Prefetch)
    }

    /// View in force.
    pub fn view(&self) -> &View {
        &self.file().display.view
    }

    /// Acquisitions of the calendar's sensor (and pass) under the view in force that touch the parcel, in the date range, by time.
    pub fn shown_acquisitions(&self, parcel: ParcelIx) -> Vec<AcquisitionIx> {
        let _ = parcel;
        todo!()
    }

    /// Asks any query. Returns at once.
    pub fn get<Q: Query>(&self, query: &Q, lane: Lane) -> Fetch<Q::Output> {
        let _ = (query, lane);
        todo!()
    }

    /// Computes any query on this thread; for the command line and exports.
    pub fn compute<Q: Query>(&self, query: &Q) -> Result<Arc<Q::Output>, super::Error> {
        let _ = query;
        todo!()
    }

    /// Data revision: part of every key.
    pub fn revision(&self) -> u64 {
        todo!()
    }

    /// (parcels of the next five that are fully prefetched, five or fewer).
    pub fn prefetched(&self) -> (usize, usize) {
        todo!()
    }

    /// Memory of cached answers, bytes.
    pub fn cache_bytes(&self) -> usize {
        todo!()
    }

    /// Adds a line to the log.
    pub fn note(&mut self, text: String, failed: bool) {
        let _ = (text, failed);
        todo!()
    }

    /// Writes the file to another place and makes it this project's path.
    pub fn save_as(&mut self, path: &Path) -> anyhow::Result<()> {
        let _ = path;
        todo!()
    }

    /// Applies a change.
    pub fn apply(&mut self, command: super::Command) {
        let _ = command;
        todo!()
    }
}

/// Only to keep imports of this file in use.
fn _uses(_: &Env, _: &Pool, _: &QueryCache) {}
