//! The open project: loaded data, selection, queue, answers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::Timestamp;

use crate::engine::colouring::Colouring;
use crate::engine::indices::IndexSet;
use crate::engine::series::IndexRule;
use crate::io::project_file;
use crate::jobs::{Lane, Pool};
use crate::model::report::Problem;
use crate::model::{AcquisitionIx, Catalog, MaskSet, ParcelIx, Parcels, ProjectFile, Series, Signal, View, Watch};
use crate::store::session::{self, Place};

use super::load::{self, Loading, News};
use super::queries::Env;
use super::queries::coverage::{CoverageQuery, ParcelCoverage};
use super::queries::map::ClassesQuery;
use super::queries::peers::{PeerBand, PeersQuery};
use super::queries::picture::{ChipPicture, PictureQuery};
use super::queries::series::SeriesQuery;
use super::query::{Fetch, Query, QueryCache, Wake};
use super::queue::Queue;
use super::selection::Selection;
use super::tables::Tables;

/// Shorter work is not worth a person's glance.
const SHOWN_AFTER: Duration = Duration::from_millis(300);

/// Memory for answers.
const BUDGET_BYTES: usize = 160 << 20;

/// What loading gives: parcels, images, and what was found wrong.
#[derive(Debug)]
pub struct Dataset {
    /// Parcel table.
    pub parcels: Arc<Parcels>,
    /// Acquisitions and unusable files.
    pub catalog: Arc<Catalog>,
    /// Import report of the parcels.
    pub import_problems: Vec<Problem>,
    /// Observations from tables, when there are any.
    pub tables: Option<Arc<Tables>>,
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
    /// Message id of its name: `job-scan`, `job-import`, `job-tables`, `job-prepare`, `job-find`, `job-read`,
    /// `job-heterogeneity`.
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
pub struct Project {
    pub(super) path: PathBuf,
    pub(super) file: ProjectFile,
    pub(super) on_disk: Option<ProjectFile>,
    pub(super) dataset: Fetch<Dataset>,
    pub(super) env: Option<Arc<Env>>,
    pub(super) loading: Option<Loading>,
    pub(super) indices: Arc<IndexSet>,
    pub(super) index_faults: Vec<(String, String)>,
    pub(super) selection: Selection,
    pub(super) queue: Queue,
    pub(super) log: Vec<LogLine>,
    pub(super) granules: HashMap<(ParcelIx, AcquisitionIx), u8>,
    pub(super) revision: u64,
    pub(super) cache: QueryCache,
    pub(super) wake: Wake,
    pub(super) place: PlaceKeeper,
    pub(super) prefetch: super::prefetch::Prefetch,
    pub(super) preparing: Option<super::prepare::Preparing>,
    pub(super) prepared_rounds: u32,
    pub(super) updating: Option<super::population::Updating>,
    pub(super) population_rounds: u32,
    pub(super) heterogeneity: super::heterogeneity::population::State,
    pub(super) tuning: super::tuning::Tuning,
    pub(super) reviewing: super::review::Reviewing,
    pub(super) previews: super::packing::Previews,
    pub(super) packing: Option<super::packing::Packing>,
    pub(super) packed: Option<super::packing::Packed>,
    pub(super) memory_bytes: usize,
    pub(super) connection: super::remote::Connection,
    pub(super) finding: Option<super::remote::Finding>,
    /// Short messages that the window has not shown yet.
    told: Vec<String>,
    reading: Option<(Instant, u64)>,
    // Declared last: workers may still send while the fields above are dropped.
    pub(super) pool: Arc<Pool>,
}

/// Remembers where the user is, soon after each change.
#[derive(Debug)]
pub(super) struct PlaceKeeper {
    pub(super) home: PathBuf,
    pub(super) wanted: Option<Place>,
    /// Named queue to show once it is read.
    pub(super) queue: Option<String>,
    pub(super) saved: Place,
    pub(super) changed: Option<Instant>,
    /// Parcel that was made current without the user's doing.
    pub(super) offered: Option<ParcelIx>,
    /// True until the first data of a loading are there.
    pub(super) fresh: bool,
}

impl std::fmt::Debug for Project {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Project").field("path", &self.path).field("revision", &self.revision).finish_non_exhaustive()
    }
}

impl Project {
    /// Reads the project file and starts loading in the background. Fails only when the file itself cannot be used.
    pub fn open(path: &Path, jobs: usize, wake: Wake) -> anyhow::Result<Self> {
        Self::open_at(path, jobs, wake, session::home())
    }

    /// [`Project::open`] with the folder where the user's places are kept.
    pub fn open_at(path: &Path, jobs: usize, wake: Wake, home: PathBuf) -> anyhow::Result<Self> {
        let path = std::path::absolute(path).with_context(|| format!("cannot find {}", path.display()))?;
        let file = project_file::load(&path)?;
        let mut project = Self::make(file.clone(), path, jobs, wake, home);
        project.on_disk = Some(file);
        project.restore_draft();
        project.start_loading();
        Ok(project)
    }

    /// A project that is not on disk yet; relative paths in `file` start at the folder of `path`.
    pub fn from_file(file: ProjectFile, path: &Path, jobs: usize, wake: Wake) -> anyhow::Result<Self> {
        Self::from_file_at(file, path, jobs, wake, session::home())
    }

    /// [`Project::from_file`] with the user's folder given.
    pub fn from_file_at(file: ProjectFile, path: &Path, jobs: usize, wake: Wake, home: PathBuf) -> anyhow::Result<Self> {
        Self::from_file_with(file, path, jobs, wake, home, None)
    }

    /// The same with the password of its server, where that is not the keyring's.
    pub fn from_file_with(
        file: ProjectFile,
        path: &Path,
        jobs: usize,
        wake: Wake,
        home: PathBuf,
        password: Option<super::remote::Secret>,
    ) -> anyhow::Result<Self> {
        let path = std::path::absolute(path).with_context(|| format!("cannot use the path {}", path.display()))?;
        let mut project = Self::make(file, path, jobs, wake, home);
        project.connection.set_password(password);
        project.start_loading();
        Ok(project)
    }

    fn make(file: ProjectFile, path: PathBuf, jobs: usize, wake: Wake, home: PathBuf) -> Self {
        let wanted = session::load_place(&home, &path);
        let mut project = Self {
            cache: QueryCache::new(BUDGET_BYTES, Arc::clone(&wake)),
            pool: Arc::new(Pool::new(jobs)),
            path,
            file,
            on_disk: None,
            dataset: Fetch::Pending,
            env: None,
            loading: None,
            indices: Arc::default(),
            index_faults: Vec::new(),
            selection: Selection::default(),
            queue: Queue::default(),
            log: Vec::new(),
            granules: HashMap::new(),
            revision: 0,
            wake,
            place: PlaceKeeper {
                home,
                saved: wanted.clone().unwrap_or_default(),
                queue: wanted.as_ref().and_then(|place| place.queue.clone()),
                wanted,
                changed: None,
                offered: None,
                fresh: true,
            },
            prefetch: super::prefetch::Prefetch::default(),
            preparing: None,
            prepared_rounds: 0,
            updating: None,
            population_rounds: 0,
            heterogeneity: super::heterogeneity::population::State::default(),
            tuning: super::tuning::Tuning::default(),
            reviewing: super::review::Reviewing::default(),
            previews: super::packing::Previews::default(),
            packing: None,
            packed: None,
            memory_bytes: super::extract::DEFAULT_MEMORY_BYTES,
            connection: super::remote::Connection::default(),
            finding: None,
            told: Vec::new(),
            reading: None,
        };
        project.compile_indices();
        project.load_ruleset();
        project.restore_blind();
        project
    }

    pub(super) fn compile_indices(&mut self) {
        let (indices, faults) = IndexSet::new(&self.file.indices);
        self.indices = Arc::new(indices);
        self.index_faults = faults.into_iter().map(|(name, error)| (name, error.to_string())).collect();
    }

    pub(super) fn start_loading(&mut self) {
        if let Some(loading) = self.loading.take() {
            loading.cancel();
        }
        self.want_place();
        match self.connect() {
            Ok(session) => self.loading = Some(load::start(&self.pool, &self.path, &self.file, session, &self.wake)),
            Err(fault) => self.take_loaded(Err(super::Error(Arc::new(fault.into())))),
        }
    }

    /// Waits until everything is loaded; for the command line and tests.
    pub fn wait_loaded(&mut self) -> Result<Arc<Dataset>, super::Error> {
        if let Some(loading) = &self.loading {
            let loaded = loading.wait();
            self.take_loaded(loaded);
            self.loading = None;
            self.rank_ahead();
        }
        match &self.dataset {
            Fetch::Ready(dataset) => Ok(Arc::clone(dataset)),
            Fetch::Failed(error) => Err(error.clone()),
            Fetch::Pending => Err(super::Error(Arc::new(anyhow::anyhow!("loading was cancelled")))),
        }
    }

    /// Once at the start of a frame: takes in what workers finished, ages the cache, keeps the place.
    pub fn begin_frame(&mut self) {
        while let Some(news) = self.loading.as_ref().and_then(Loading::poll) {
            let (loaded, last) = match news {
                News::Part(loaded) => (Ok(*loaded), false),
                News::Last(loaded) => (loaded.map(|loaded| *loaded), true),
            };
            self.take_loaded(loaded);
            if last {
                self.loading = None;
                self.rank_ahead();
            }
        }
        self.take_found();
        self.take_growth();
        self.take_prepared();
        self.take_population();
        self.take_marking();
        self.take_heterogeneity();
        self.take_review();
        self.take_packing();
        self.measure_drawn();
        self.cache.begin_frame();
        self.take_rows();
        self.settle_acquisition();
        self.prefetch_next();
        self.count_review();
        self.keep_place(false);
        let pending = self.cache.pending() as u64;
        self.reading = match self.reading {
            _ if pending == 0 => None,
            Some((since, most)) => Some((since, most.max(pending))),
            None => Some((Instant::now(), pending)),
        };
    }

    pub(super) fn take_loaded(&mut self, loaded: Result<load::Loaded, super::Error>) {
        match loaded {
            Ok(loaded) => {
                self.revision += 1;
                for line in loaded.notes {
                    self.note(line, false);
                }
                self.connection.images = loaded.remote.as_ref().map(|beside| Arc::clone(&beside.images));
                self.env = Some(Arc::new(Env {
                    parcels: Arc::clone(&loaded.dataset.parcels),
                    catalog: Arc::clone(&loaded.dataset.catalog),
                    indices: Arc::clone(&self.indices),
                    cache: self.cache.clone(),
                    disk: loaded.disk,
                    tables: loaded.dataset.tables.clone(),
                    prepared: loaded.prepared,
                    remote: loaded.remote.map(|beside| beside.remote),
                    revision: self.revision,
                    data_key: loaded.data_key,
                }));
                let dataset = Arc::new(loaded.dataset);
                self.follow_acquisitions(&dataset.catalog);
                self.dataset = Fetch::Ready(Arc::clone(&dataset));
                self.restore_place(&dataset);
                if matches!(self.reviewing.state(), super::review::JournalState::Closed) {
                    self.open_journal();
                } else {
                    self.restore_queue();
                }
            }
            Err(error) => {
                self.note(error.chain(), true);
                self.dataset = Fetch::Failed(error);
            }
        }
    }

    /// Path of the project file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file's content as edited.
    pub fn file(&self) -> &ProjectFile {
        &self.file
    }

    /// True when the file on disk differs.
    pub fn unsaved(&self) -> bool {
        self.on_disk.as_ref() != Some(&self.file)
    }

    /// The data; pending until the first of them are there. While [`Project::growing`] there are more to come.
    pub fn dataset(&self) -> Fetch<Dataset> {
        self.dataset.clone()
    }

    /// True while the table shown is a part of the one being read.
    pub fn growing(&self) -> bool {
        self.loading.is_some() && self.data().is_some()
    }

    /// The data, when loaded.
    pub fn data(&self) -> Option<&Dataset> {
        if let Fetch::Ready(dataset) = &self.dataset { Some(dataset) } else { None }
    }

    /// Long work under way.
    pub fn jobs(&self) -> Vec<JobStatus> {
        let mut jobs = self.loading.as_ref().map(Loading::status).unwrap_or_default();
        jobs.extend(self.preparing.as_ref().map(super::prepare::Preparing::status));
        jobs.extend(self.packing.as_ref().map(super::packing::Packing::status));
        jobs.extend(self.finding_status());
        jobs.extend(self.marking_status());
        jobs.extend(self.heterogeneity_status());
        jobs.extend(self.updating.as_ref().map(super::population::Updating::status));
        if let Some((since, most)) = self.reading
            && since.elapsed() >= SHOWN_AFTER
        {
            let done = most.saturating_sub(self.cache.pending() as u64);
            jobs.push(status("job-read", since, done, most, Watch::default()));
        }
        jobs
    }

    /// The log, oldest first.
    pub fn log(&self) -> &[LogLine] {
        &self.log
    }

    /// Current selection.
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    /// The queue.
    pub fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Compiled indices; own ones with a fault are in [`Project::index_faults`].
    pub fn indices(&self) -> &IndexSet {
        &self.indices
    }

    /// Own indices that cannot be used, with the reason.
    pub fn index_faults(&self) -> &[(String, String)] {
        &self.index_faults
    }

    /// Mask in force.
    pub fn mask(&self) -> MaskSet {
        self.file.observations.mask
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
        let display = &self.file.display;
        PictureQuery {
            parcel,
            acquisition,
            granule,
            view: view.clone(),
            stretch: display.stretch.clone(),
            margin_m: display.margin_m,
            mask: self.mask(),
            revision: self.revision,
        }
    }

    /// Product of an acquisition shown for a parcel: the user's choice, else the best covered, else 0.
    pub fn granule(&self, parcel: ParcelIx, acquisition: AcquisitionIx) -> u8 {
        if let Some(&chosen) = self.granules.get(&(parcel, acquisition)) {
            return chosen;
        }
        self.cache
            .peek(&CoverageQuery { parcel, revision: self.revision })
            .and_then(|coverage| coverage.of(acquisition).map(|entry| entry.granules[0].granule))
            .unwrap_or(0)
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
            settings: self.file.observations.clone(),
            rule: IndexRule::PerPixel,
            revision: self.revision,
        }
    }

    /// Peers of a parcel and their spread for a signal.
    pub fn peers(&self, parcel: ParcelIx, signal: &Signal) -> Fetch<PeerBand> {
        self.get(&self.peers_query(parcel, signal), Lane::Prefetch)
    }

    /// The query behind [`Project::peers`].
    pub fn peers_query(&self, parcel: ParcelIx, signal: &Signal) -> PeersQuery {
        PeersQuery { of: self.series_query(parcel, signal), peers: self.file.peers.clone(), store: self.store_ref() }
    }

    /// The classes of all parcels under a colouring. `computed` says how much was known when it was asked for, see
    /// [`Project::computed_series`].
    pub fn classes_query(&self, colouring: Colouring, computed: u64) -> ClassesQuery {
        let acquisition = self.selection.acquisition.filter(|_| colouring == Colouring::Ndvi);
        let population = self.population_of(colouring);
        let window = matches!(colouring, Colouring::Ndvi | Colouring::Sufficiency) && population.is_none();
        let like = window.then(|| self.series_query(ParcelIx(0), &Signal::Index("NDVI".to_owned())));
        let computed = if window { computed } else { 0 };
        let verdicts = if colouring == Colouring::Verdict { self.verdicts_query() } else { None };
        let heterogeneity = self.decisions_query().filter(|_| colouring == Colouring::Heterogeneity);
        let judging = matches!(colouring, Colouring::Verdict | Colouring::Heterogeneity);
        let veil = if judging { self.veil() } else { None };
        ClassesQuery {
            colouring,
            acquisition,
            like,
            population,
            verdicts,
            heterogeneity,
            computed,
            veil,
            revision: self.revision,
        }
    }

    /// Number of series in memory.
    pub fn computed_series(&self) -> u64 {
        self.cache.count::<SeriesQuery>() as u64
    }

    /// View in force.
    pub fn view(&self) -> &View {
        &self.file.display.view
    }

    /// Asks any query. Returns at once.
    pub fn get<Q: Query>(&self, query: &Q, lane: Lane) -> Fetch<Q::Output> {
        match (&self.env, &self.dataset) {
            (Some(env), _) => {
                let network = self.connection.network.as_deref().filter(|_| query.waits(env));
                self.cache.get(query, lane, env, network.unwrap_or(&self.pool))
            }
            (None, Fetch::Failed(error)) => Fetch::Failed(error.clone()),
            (None, _) => Fetch::Pending,
        }
    }

    /// Answer if it is there; starts nothing.
    pub fn peek<Q: Query>(&self, query: &Q) -> Option<Arc<Q::Output>> {
        self.cache.peek(query)
    }

    /// Computes any query on this thread; for the command line and exports.
    pub fn compute<Q: Query>(&self, query: &Q) -> Result<Arc<Q::Output>, super::Error> {
        let Some(env) = &self.env else {
            return Err(super::Error(Arc::new(anyhow::anyhow!("the project is not loaded yet"))));
        };
        self.cache.compute(query, env, &Watch::default())
    }

    /// The loaded data as workers see it.
    pub fn env(&self) -> Option<&Arc<Env>> {
        self.env.as_ref()
    }

    /// Data revision: part of every key.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The workers, for exports that must not hold up a frame.
    pub fn pool(&self) -> &Arc<Pool> {
        &self.pool
    }

    /// Limits the memory of work over many parcels, bytes.
    pub fn set_memory(&mut self, bytes: usize) {
        self.memory_bytes = bytes;
    }

    /// Memory of cached answers, bytes.
    pub fn cache_bytes(&self) -> usize {
        self.cache.bytes()
    }

    /// Adds a line to the log that is also worth a glance now.
    pub(super) fn tell(&mut self, text: String, failed: bool) {
        self.told.push(text.clone());
        self.note(text, failed);
    }

    /// Messages for a glance, once.
    pub fn take_told(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told)
    }

    /// Adds a line to the log.
    pub fn note(&mut self, text: String, failed: bool) {
        if failed {
            tracing::error!("{text}");
        } else {
            tracing::info!("{text}");
        }
        self.log.push(LogLine { time: Timestamp::now(), text, failed });
    }

    /// Writes the file to another place and makes it this project's path.
    pub fn save_as(&mut self, path: &Path) -> anyhow::Result<()> {
        let path = std::path::absolute(path).with_context(|| format!("cannot use the path {}", path.display()))?;
        let mut file = self.file.clone();
        let base = path.parent().unwrap_or(Path::new("")).to_owned();
        let rebase = |old: &Path| load::relative(&base, &load::resolve(&self.path, old));
        if !file.parcels.is_empty() {
            file.parcels.path = rebase(&file.parcels.path);
        }
        for source in &mut file.imagery {
            source.path = rebase(&source.path);
        }
        for table in &mut file.tables {
            table.path = rebase(&table.path);
        }
        for certificate in file.remote.iter_mut().flat_map(|remote| &mut remote.certificates) {
            *certificate = rebase(certificate);
        }
        project_file::save(&path, &file)?;
        self.path = path;
        self.file = file.clone();
        self.on_disk = Some(file);
        Ok(())
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.keep_place(true);
        if let Some(loading) = &self.loading {
            loading.cancel();
        }
    }
}

/// Progress with an estimate from the third second on.
pub(super) fn status(name: &'static str, since: Instant, done: u64, total: u64, watch: Watch) -> JobStatus {
    let elapsed = since.elapsed().as_secs_f64();
    let seconds_left = (elapsed >= 3.0 && done > 0 && total > done).then(|| elapsed / done as f64 * (total - done) as f64);
    JobStatus { name, done, total, seconds_left, watch }
}
