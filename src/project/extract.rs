//! Statistics of every band of every acquisition over many parcels: the batch side of the program.
//!
//! Geometry once, pixels once: the pixels of all parcels on a grid are found once for all dates (`geometry`), and every image is
//! read in file order, each block that some parcel touches exactly once (`pixels`). Results are columns that rows are made from in
//! the order of parcel, time, sensor and band (`observations`), so that they depend neither on the number of threads nor on how
//! files are cut into blocks. One parcel takes the same way as a million: then the blocks that it touches are all that is read.
//!
//! Memory stays about [`ExtractOptions::memory_bytes`] beside the parcels themselves, a quarter each for footprints, for what is
//! decoded, for masks and columns under way, and for results: parcels are taken in groups of neighbours, acquisitions in turn, and
//! results that grow larger wait in a temporary file. One block row of one file and one acquisition's columns are the least.
//!
//! With a store (`stored`) only what it does not hold is read from images.

mod choice;
mod forecast;
mod geometry;
mod masks;
mod observations;
mod pixels;
mod stored;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;
use rayon::prelude::*;

use crate::engine::masking::ParcelMasks;
use crate::io::IoError;
use crate::model::catalog::Quantity;
use crate::model::report::{Problem, Severity};
use crate::model::settings::ObservationSettings;
use crate::model::units::utc_day;
use crate::model::{Acquisition, AcquisitionIx, Band, BandAsset, Bounds, Granule, Grid, ParcelIx, Parcels, Sensor, Watch};

use super::Dataset;
use choice::Rank;
pub use forecast::{Forecast, forecast};
use geometry::{Geometry, Source, Wanted};
use masks::SceneMasks;
pub use observations::Observations;
use observations::{Kept, Product, Section};
use pixels::{BandWork, Column, Reading};
use stored::{Missing, Stored};
pub use stored::{Positions, StoreUse, StoredAcquisition, StoredColumn, StoredValues};

/// Memory for an extraction, when nothing else is said.
pub const DEFAULT_MEMORY_BYTES: usize = 2 << 30;

/// Acquisitions read together, at most: enough small images to keep all threads busy.
const BATCH: usize = 64;

/// The same with a store, which takes in batch by batch: what is lost when the work is broken off.
const STORED_BATCH: usize = 8;

/// Unit of backscatter in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Backscatter {
    /// Linear power.
    #[default]
    Linear,
    /// Every statistic of linear power converted to decibels afterwards; never a mean of decibels.
    Decibel,
}

/// What is extracted.
#[derive(Debug, Clone)]
pub struct ExtractOptions {
    /// Pixel rule, buffer and mask.
    pub settings: ObservationSettings,
    /// Bands wanted; empty takes all.
    pub bands: Vec<Band>,
    /// First UTC day, included.
    pub from: Option<Date>,
    /// Last UTC day, included.
    pub to: Option<Date>,
    /// Unit of backscatter.
    pub backscatter: Backscatter,
    /// Adds the number of parcel pixels in every scene class.
    pub scl_histogram: bool,
    /// Memory for footprints, masks, decoded blocks and results.
    pub memory_bytes: usize,
    /// Folder where footprints are kept for the next run; `None` keeps nothing.
    pub cache: Option<PathBuf>,
    /// Folder of the observation store: what is there already is not extracted again, and the rest is added to it.
    pub store: Option<PathBuf>,
}

impl Default for ExtractOptions {
    fn default() -> Self {
        Self {
            settings: ObservationSettings::default(),
            bands: Vec::new(),
            from: None,
            to: None,
            backscatter: Backscatter::default(),
            scl_histogram: false,
            memory_bytes: DEFAULT_MEMORY_BYTES,
            cache: None,
            store: None,
        }
    }
}

impl ExtractOptions {
    fn wants(&self, band: &Band) -> bool {
        self.bands.is_empty() || self.bands.contains(band)
    }

    fn in_range(&self, acquisition: &Acquisition) -> bool {
        let day = utc_day(acquisition.acquired);
        self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day <= to)
    }
}

/// The observations and what could not be read.
#[derive(Debug)]
pub struct Extraction {
    /// One row a parcel, acquisition and band.
    pub observations: Observations,
    /// Parcels without geometry and files that failed, each once.
    pub problems: Vec<Problem>,
    /// Image files that were asked for, sorted.
    pub inputs: Vec<PathBuf>,
    /// Grids whose footprints were taken from the cache, of how many.
    pub reused: (usize, usize),
    /// What the store gave, when there is one.
    pub store: Option<StoreUse>,
}

/// Extracts statistics of `parcels` (any order, each once) from all acquisitions of the data set, on `jobs` threads.
///
/// A file that cannot be read costs its own observations and becomes a problem; the rest is extracted. Fails when cancelled.
pub fn extract(
    data: &Dataset,
    parcels: &[ParcelIx],
    options: &ExtractOptions,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<Extraction> {
    in_pool(jobs, || extract_here(data, parcels, options, watch))
}

/// What an update of a store came to.
#[derive(Debug)]
pub struct StoreUpdate {
    /// Rows that were missing and are there now.
    pub extracted: usize,
    /// Parcels without geometry and files that failed, each once.
    pub problems: Vec<Problem>,
}

/// Brings the store of the options up to date for `parcels`, as [`extract`] does, and makes no table: memory does not grow with what
/// the store holds.
pub fn update_store(
    data: &Dataset,
    parcels: &[ParcelIx],
    options: &ExtractOptions,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<StoreUpdate> {
    in_pool(jobs, || {
        let Prepared { acquisitions, mut observations } = Prepared::new(data, parcels, options);
        let mut log = Log::new(data, &observations);
        if let Some(folder) = &options.store {
            let stored = Stored::open(folder, data, &acquisitions, &observations, options, &mut log)?;
            let missing = stored.read(&mut observations, false, options, watch, &mut log)?;
            let tasks = tasks(missing, data, &observations, options);
            let target = Target { observations: &mut observations, store: Some(&stored), table: false };
            run(&tasks, data, target, options, watch, &mut log)?;
        }
        Ok(StoreUpdate { extracted: log.extracted, problems: log.problems() })
    })
}

/// Runs work on so many threads.
fn in_pool<T: Send>(jobs: usize, work: impl FnOnce() -> Result<T, IoError> + Send) -> anyhow::Result<T> {
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).thread_name(|number| format!("extract-{number}")).build()?;
    Ok(pool.install(work)?)
}

/// What is known before any file is opened.
struct Prepared {
    acquisitions: Vec<AcquisitionIx>,
    /// Nothing yet.
    observations: Observations,
}

impl Prepared {
    fn new(data: &Dataset, parcels: &[ParcelIx], options: &ExtractOptions) -> Self {
        let mut order = parcels.to_vec();
        order.par_sort_unstable_by_key(|&parcel| (data.parcels.id(parcel), parcel));
        let acquisitions: Vec<AcquisitionIx> = data
            .catalog
            .iter()
            .filter(|(_, acquisition)| {
                options.in_range(acquisition) && acquisition.band_names().iter().any(|band| options.wants(band))
            })
            .map(|(ix, _)| ix)
            .collect();
        let observations = Observations::new(Arc::clone(&data.parcels), Arc::clone(&data.catalog), order, options);
        Self { acquisitions, observations }
    }

    /// Positions of all parcels.
    fn positions(&self) -> Vec<u32> {
        (0..self.observations.order.len() as u32).collect()
    }
}

/// Some acquisitions over some parcels.
struct Task<'a> {
    plans: Vec<Plan<'a>>,
    /// Grids that footprints are wanted on.
    wanted: Vec<Wanted>,
    /// Positions of the parcels taken at the same time.
    groups: Vec<Vec<u32>>,
}

impl<'a> Task<'a> {
    fn new(
        data: &'a Dataset,
        acquisitions: &[AcquisitionIx],
        positions: Vec<u32>,
        order: &[ParcelIx],
        options: &ExtractOptions,
    ) -> Self {
        let mut wanted = Vec::new();
        let plans = acquisitions.iter().map(|&ix| Plan::new(ix, data.catalog.get(ix), options).numbered(&mut wanted)).collect();
        Self { plans, wanted, groups: neighbours(data, order, positions, options) }
    }

    /// About as many steps as it takes.
    fn size(&self) -> usize {
        let bands = self.plans.iter().flat_map(|plan| &plan.granules).map(|granule| granule.bands.len()).sum::<usize>();
        bands * self.groups.iter().map(Vec::len).sum::<usize>()
    }
}

/// What goes on beside the observations.
struct Log {
    problems: Vec<Problem>,
    /// See [`Extraction::reused`].
    reused: (usize, usize),
    /// Rows read from images.
    extracted: usize,
}

impl Log {
    fn new(data: &Dataset, observations: &Observations) -> Self {
        Self { problems: without_geometry(&data.parcels, &observations.order).collect(), reused: (0, 0), extracted: 0 }
    }

    /// Sorted, each once.
    fn problems(self) -> Vec<Problem> {
        let mut problems = self.problems;
        problems.sort_by(|a, b| (&a.path, &a.fact).cmp(&(&b.path, &b.fact)));
        problems.dedup();
        problems
    }
}

/// Where sections go.
struct Target<'t, 'a> {
    observations: &'t mut Observations,
    store: Option<&'t Stored<'a>>,
    /// A table is wanted, not only the store.
    table: bool,
}

/// What is missing in a store, as work.
fn tasks<'a>(missing: Missing, data: &'a Dataset, observations: &Observations, options: &ExtractOptions) -> Vec<Task<'a>> {
    let task = |(positions, acquisitions): (Vec<u32>, Vec<AcquisitionIx>)| {
        Task::new(data, &acquisitions, positions, &observations.order, options)
    };
    missing.into_iter().map(task).collect()
}

fn extract_here(data: &Dataset, parcels: &[ParcelIx], options: &ExtractOptions, watch: &Watch) -> Result<Extraction, IoError> {
    let prepared = Prepared::new(data, parcels, options);
    let positions = prepared.positions();
    let Prepared { acquisitions, mut observations } = prepared;
    let mut log = Log::new(data, &observations);
    let mut store = None;
    if let Some(folder) = &options.store {
        let stored = Stored::open(folder, data, &acquisitions, &observations, options, &mut log)?;
        let missing = stored.read(&mut observations, true, options, watch, &mut log)?;
        let reused = observations.len();
        let tasks = tasks(missing, data, &observations, options);
        let target = Target { observations: &mut observations, store: Some(&stored), table: true };
        run(&tasks, data, target, options, watch, &mut log)?;
        store = Some(StoreUse { folder: folder.clone(), reused, extracted: log.extracted });
    } else {
        let task = Task::new(data, &acquisitions, positions, &observations.order, options);
        let target = Target { observations: &mut observations, store: None, table: true };
        run(&[task], data, target, options, watch, &mut log)?;
    }
    observations.sections.sort_by_key(|section| (section.acquisition, section.seen.first().copied()));
    let reused = log.reused;
    Ok(Extraction { observations, problems: log.problems(), inputs: inputs(data, &acquisitions, options), reused, store })
}

/// Reads what tasks ask for, and puts it into the store, if there is one, batch by batch.
fn run(
    tasks: &[Task<'_>],
    data: &Dataset,
    target: Target<'_, '_>,
    options: &ExtractOptions,
    watch: &Watch,
    log: &mut Log,
) -> Result<(), IoError> {
    let Target { observations, store, table } = target;
    let mut later: usize = tasks.iter().map(Task::size).sum();
    for task in tasks {
        later -= task.size();
        for (number, positions) in task.groups.iter().enumerate() {
            let source = Source { table: &data.parcels, parcels: &observations.order, positions };
            let mut geometry = Geometry::new(source, &task.wanted, options, watch)?;
            let certain = geometry.problems.iter().all(|problem| problem.severity != Severity::Error);
            log.problems.append(&mut geometry.problems);
            log.reused = (log.reused.0 + geometry.reused, log.reused.1 + task.wanted.len());
            let steps: usize = task.plans.iter().map(|plan| plan.steps(&geometry)).sum();
            // Other tasks are taken to need as many steps for their size.
            let later = later as f64 * (steps * task.groups.len()) as f64 / task.size().max(1) as f64;
            watch.set_total(watch.progress().0 + (steps * (task.groups.len() - number)) as u64 + later as u64);
            let reading = Reading::new(&geometry.tables, options.settings.pixels, options.memory_bytes / 4, watch);
            for batch in batches(&task.plans, &geometry, options) {
                let sections = read_batch(batch, &reading, observations, options)?;
                if let Some(store) = store {
                    let acquisitions: Vec<AcquisitionIx> = batch.iter().map(|plan| plan.acquisition).collect();
                    let looked_at = if certain { positions.as_slice() } else { &[] };
                    store.keep(&acquisitions, looked_at, &sections, observations)?;
                }
                log.extracted += sections.iter().map(|section| section.rows).sum::<usize>();
                if table {
                    observations.add(sections, options.memory_bytes / 4, options.cache.as_deref())?;
                }
            }
            log.problems.append(&mut reading.into_problems());
        }
    }
    Ok(())
}

/// One acquisition and what is to be read of it.
struct Plan<'a> {
    acquisition: AcquisitionIx,
    granules: Vec<GranulePlan<'a>>,
}

/// One product and what is to be read of it.
struct GranulePlan<'a> {
    number: usize,
    granule: &'a Granule,
    finest: &'a Grid,
    /// Sorted by band.
    bands: Vec<BandWork<'a>>,
    scl: Option<BandWork<'a>>,
}

impl<'a> Plan<'a> {
    fn new(ix: AcquisitionIx, acquisition: &'a Acquisition, options: &ExtractOptions) -> Self {
        let local = acquisition.granules.iter().enumerate().filter(|(_, granule)| !granule.remote);
        let granules = local.filter_map(|(number, granule)| {
            let work = |asset: &'a BandAsset| BandWork { asset, table: 0 };
            let mut bands: Vec<_> = granule
                .bands
                .iter()
                .filter(|asset| asset.quantity != Quantity::SceneClass && options.wants(&asset.band))
                .map(work)
                .collect();
            bands.sort_by(|a, b| a.asset.band.cmp(&b.asset.band));
            let finest = granule.finest_grid()?;
            Some(GranulePlan { number, granule, finest, bands, scl: granule.scl().map(work) })
        });
        Self { acquisition: ix, granules: granules.collect() }
    }

    /// With the numbers of the tables of footprints, which are added to `wanted`.
    fn numbered(mut self, wanted: &mut Vec<Wanted>) -> Self {
        for granule in &mut self.granules {
            for work in granule.bands.iter_mut().chain(&mut granule.scl) {
                let new = Wanted { finest: granule.finest.clone(), grid: work.asset.grid.clone() };
                work.table = wanted.iter().position(|known| *known == new).unwrap_or_else(|| {
                    wanted.push(new);
                    wanted.len() - 1
                });
            }
        }
        self
    }

    /// Parcels times bands to be read.
    fn steps(&self, geometry: &Geometry) -> usize {
        self.granules.iter().flat_map(|granule| &granule.bands).map(|band| geometry.tables[band.table].len()).sum()
    }

    /// Memory while it is read: classes, masks, and twice its columns.
    fn bytes(&self, geometry: &Geometry) -> usize {
        let columns = 2 * size_of::<Option<crate::model::BandStats>>() * self.steps(geometry);
        let scl = self.granules.iter().filter_map(|granule| granule.scl.as_ref());
        columns + scl.map(|scl| 2 * scl.asset.grid.len()).sum::<usize>()
    }
}

/// Acquisitions in turn: as many at once as memory allows.
fn batches<'p, 'a>(plans: &'p [Plan<'a>], geometry: &Geometry, options: &ExtractOptions) -> Vec<&'p [Plan<'a>]> {
    let mut batches = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    let most = if options.store.is_some() { STORED_BATCH } else { BATCH };
    for (at, plan) in plans.iter().enumerate() {
        let more = plan.bytes(geometry);
        if at > start && (bytes + more > options.memory_bytes / 4 || at - start >= most) {
            batches.push(&plans[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += more;
    }
    batches.push(&plans[start..]);
    batches
}

/// Positions in groups whose footprints fit into memory, each ascending. More than one group are neighbours from
/// north to south, so that few blocks are needed by two of them.
fn neighbours(data: &Dataset, order: &[ParcelIx], mut positions: Vec<u32>, options: &ExtractOptions) -> Vec<Vec<u32>> {
    let bytes = |position: u32| geometry::estimated_bytes(&data.parcels, order[position as usize], options.settings.pixels);
    let allowed = (options.memory_bytes / 4).max(1);
    if positions.iter().map(|&position| bytes(position)).sum::<usize>() <= allowed {
        return vec![positions];
    }
    let north = |position: u32| {
        let bounds = data.parcels.bounds(order[position as usize]);
        if bounds.is_empty() { f64::INFINITY } else { -bounds.center().1 }
    };
    positions.par_sort_by(|&a, &b| north(a).total_cmp(&north(b)));
    let mut groups = Vec::new();
    let mut group = Vec::new();
    let mut used = 0;
    for position in positions {
        if used + bytes(position) > allowed && !group.is_empty() {
            groups.push(std::mem::take(&mut group));
            used = 0;
        }
        used += bytes(position);
        group.push(position);
    }
    groups.push(group);
    for group in &mut groups {
        group.sort_unstable();
    }
    groups
}

/// A product whose parcels are known.
struct Seen<'p, 'a> {
    plan: usize,
    granule: &'p GranulePlan<'a>,
    counted: bool,
    masks: SceneMasks,
}

fn read_batch(
    plans: &[Plan<'_>],
    reading: &Reading<'_>,
    observations: &Observations,
    options: &ExtractOptions,
) -> Result<Vec<Section>, IoError> {
    let mut seen: Vec<Seen<'_, '_>> = Vec::new();
    for (number, plan) in plans.iter().enumerate() {
        let sees = |granule: &&GranulePlan<'_>| granule.bands.first().is_some_and(|band| !reading.table(band.table).is_empty());
        let granules: Vec<_> = plan.granules.iter().filter(sees).collect();
        let counted = options.scl_histogram || granules.len() > 1;
        seen.extend(granules.into_iter().map(|granule| Seen { plan: number, granule, counted, masks: SceneMasks::default() }));
    }
    let masks: Vec<Result<SceneMasks, IoError>> = seen
        .par_iter()
        .map(|seen| match seen.granule.scl {
            Some(scl) => SceneMasks::read(reading, scl, &seen.granule.bands, options.settings.mask, seen.counted),
            None => Ok(SceneMasks::default()),
        })
        .collect();
    for (seen, masks) in seen.iter_mut().zip(masks) {
        seen.masks = masks?;
    }
    let files: Vec<(usize, Vec<usize>)> = seen
        .iter()
        .enumerate()
        .flat_map(|(number, seen)| files(&seen.granule.bands).into_iter().map(move |bands| (number, bands)))
        .collect();
    let read: Vec<Result<Vec<Column>, IoError>> = files
        .par_iter()
        .map(|(number, bands)| {
            let seen = &seen[*number];
            let works: Vec<BandWork<'_>> = bands.iter().map(|&band| seen.granule.bands[band]).collect();
            let masks: Vec<Option<Arc<Vec<ParcelMasks>>>> = works.iter().map(|work| seen.masks.of(work.table)).collect();
            reading.file(&works, &masks)
        })
        .collect();
    let mut columns: Vec<Vec<Column>> = seen.iter().map(|seen| vec![Column::new(); seen.granule.bands.len()]).collect();
    for ((number, bands), read) in files.iter().zip(read) {
        for (&band, column) in bands.iter().zip(read?) {
            columns[*number][band] = column;
        }
    }
    let mut sections = Vec::new();
    let mut rest = seen.into_iter().zip(columns).peekable();
    for (number, plan) in plans.iter().enumerate() {
        let mut products = Vec::new();
        while let Some(product) = rest.next_if(|(seen, _)| seen.plan == number) {
            products.push(product);
        }
        if !products.is_empty() {
            sections.push(section(plan.acquisition, products, reading, observations, options));
        }
    }
    Ok(sections)
}

/// Bands by file: places in the list of bands.
fn files(bands: &[BandWork<'_>]) -> Vec<Vec<usize>> {
    let mut files: Vec<(&Path, Vec<usize>)> = Vec::new();
    for (at, band) in bands.iter().enumerate() {
        let path = band.asset.path.as_path();
        match files.iter_mut().find(|(known, _)| known.as_os_str() == path.as_os_str()) {
            Some((_, bands)) => bands.push(at),
            None => files.push((path, vec![at])),
        }
    }
    files.into_iter().map(|(_, bands)| bands).collect()
}

/// Puts the products of one acquisition together: each parcel takes the one that serves it best.
fn section(
    acquisition: AcquisitionIx,
    products: Vec<(Seen<'_, '_>, Vec<Column>)>,
    reading: &Reading<'_>,
    observations: &Observations,
    options: &ExtractOptions,
) -> Section {
    let parcels = |seen: &Seen<'_, '_>| &reading.table(seen.granule.bands[0].table).parcels;
    let (seen, chosen) = if let [(only, _)] = products.as_slice() {
        let seen = parcels(only).clone();
        let chosen = (0..seen.len() as u32).map(|at| (0, at)).collect();
        (seen, chosen)
    } else {
        best(&products, &parcels, options)
    };
    let unread = unread(&products, &parcels);
    let products = products
        .into_iter()
        .map(|(seen, columns)| Product {
            granule: seen.granule.number,
            bands: seen.granule.bands.iter().map(|band| observations.band(&band.asset.band)).collect(),
            columns: columns.into_iter().map(Kept::Memory).collect(),
            classes: if options.scl_histogram {
                seen.masks.counts.iter().map(|counts| counts.map(|counts| counts.classes)).collect()
            } else {
                Vec::new()
            },
        })
        .collect();
    Section { unread, ..Section::new(acquisition, seen, chosen, products) }
}

/// Parcels of which some product that sees them could not be read whole, ascending.
fn unread<'r>(products: &[(Seen<'_, '_>, Vec<Column>)], parcels: &impl Fn(&Seen<'_, '_>) -> &'r Vec<u32>) -> Vec<u32> {
    let mut found = BTreeSet::new();
    for (seen, columns) in products {
        let uncounted = |at: usize| {
            seen.counted && seen.granule.scl.is_some() && seen.masks.counts.get(at).and_then(Option::as_ref).is_none()
        };
        let whole = |at: usize| columns.iter().all(|column| column[at].is_some()) && !uncounted(at);
        found.extend(parcels(seen).iter().enumerate().filter(|(at, _)| !whole(*at)).map(|(_, &position)| position));
    }
    found.into_iter().collect()
}

/// Of every parcel that some product sees the best product and the parcel's entry there.
fn best<'r>(
    products: &[(Seen<'_, '_>, Vec<Column>)],
    parcels: &impl Fn(&Seen<'_, '_>) -> &'r Vec<u32>,
    options: &ExtractOptions,
) -> (Vec<u32>, Vec<(u8, u32)>) {
    let all: BTreeSet<u32> = products.iter().flat_map(|(seen, _)| parcels(seen)).copied().collect();
    let mut found = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
    for position in all {
        let mut best: Option<(Rank<'_>, (u8, u32))> = None;
        for (number, (seen, columns)) in (0u8..).zip(products) {
            let Ok(at) = parcels(seen).binary_search(&position) else { continue };
            // A product of which nothing could be read does not stand in the way of the others.
            let Some(first) = columns.iter().find_map(|column| column[at].as_ref()) else { continue };
            let counts = seen.masks.counts.get(at).and_then(Option::as_ref);
            let rank = Rank::new(counts, Some(first), options.settings.mask, seen.granule.granule.baseline.as_deref());
            if best.as_ref().is_none_or(|(known, _)| rank.better_than(known)) {
                best = Some((rank, (number, at as u32)));
            }
        }
        if let Some((_, entry)) = best {
            found.0.push(position);
            found.1.push(entry);
        }
    }
    found
}

/// Boxes that share area; a common edge alone holds no pixel.
fn overlap(a: &Bounds, b: &Bounds) -> bool {
    let common = a.intersection(b);
    common.width() > 0.0 && common.height() > 0.0
}

fn without_geometry<'a>(table: &'a Parcels, parcels: &'a [ParcelIx]) -> impl Iterator<Item = Problem> + 'a {
    parcels.iter().filter(|&&parcel| table.bounds(parcel).is_empty()).map(|&parcel| Problem {
        severity: Severity::Warning,
        path: PathBuf::new(),
        fact: format!("parcel {} has no geometry and therefore no observation", table.id(parcel)),
        expected: "a polygon".to_owned(),
    })
}

fn inputs(data: &Dataset, acquisitions: &[AcquisitionIx], options: &ExtractOptions) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = acquisitions
        .iter()
        .map(|&ix| data.catalog.get(ix))
        .flat_map(|acquisition| acquisition.granules.iter().map(move |granule| (acquisition.sensor, granule)))
        .flat_map(|(sensor, granule)| granule.bands.iter().map(move |asset| (sensor, asset)))
        .filter(|(sensor, asset)| options.wants(&asset.band) || (*sensor == Sensor::S2 && asset.band.as_str() == "SCL"))
        .map(|(_, asset)| asset.path.clone())
        .collect();
    paths.sort();
    paths.dedup();
    paths
}
