//! Prepared queues: the imagery is read once in the order of its files, and the chips of chosen parcels are kept in the project's
//! cache, so that their review is instant from slow disks and works where the images are not.
//!
//! A chip holds all bands and the scene classes of one product around one parcel, margin included, as the files store them. Chips
//! are written product by product, so that an interrupted preparation goes on where it stopped. Whether a file has changed since is
//! told by its length and time.

mod background;
mod kept;
mod keys;
mod pack;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use jiff::civil::Date;
use rayon::prelude::*;

use super::{Dataset, load};
use crate::engine::chip::chip_bounds;
use crate::io::IoError;
use crate::io::raster;
use crate::model::report::{Problem, Severity};
use crate::model::stored::StoredBand;
use crate::model::units::utc_day;
use crate::model::{AcquisitionIx, BandAsset, Bounds, Granule, ParcelIx, Watch};
use crate::store::chips::{Chips, Key, NewChip};

pub use crate::store::chips::FILE;
pub use background::PredictQuery;
pub(super) use background::Preparing;
pub use kept::{Prepared, restore};
pub(super) use keys::files_of;
pub use keys::{parcel_key, product_key};
pub use pack::pack;

/// Chips of one product that are written together: few enough that little is lost when the work is broken off.
const BATCH: usize = 512;

/// What is prepared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PrepareOptions {
    /// Surroundings of a parcel's box, m.
    pub margin_m: u32,
    /// First UTC day, included.
    pub from: Option<Date>,
    /// Last UTC day, included.
    pub to: Option<Date>,
}

/// What a preparation will take, predicted from a sample of its chips.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// Parcels chosen.
    pub parcels: usize,
    /// Acquisitions that see any of them.
    pub acquisitions: usize,
    /// Chips wanted.
    pub chips: usize,
    /// Of these there already.
    pub present: usize,
    /// Bytes of pixels to be read, unpacked.
    pub pixel_bytes: u64,
    /// Bytes that the new chips will take on disk.
    pub disk_bytes: u64,
    /// Time for the rest on the threads at hand, seconds.
    pub seconds: f64,
}

/// What a preparation did.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Preparation {
    /// Chips written.
    pub written: usize,
    /// Chips that were there already.
    pub present: usize,
    /// Products that could not be read, each with the first wrong fact.
    pub problems: Vec<Problem>,
    /// Images used, sorted.
    pub inputs: Vec<PathBuf>,
}

/// One product and the parcels whose chips of it are wanted, in the order of its blocks.
struct Task<'a> {
    acquisition: AcquisitionIx,
    granule: &'a Granule,
    key: Key,
    chips: Vec<Wanted>,
}

struct Wanted {
    parcel: Key,
    bounds: Bounds,
    /// Pixels of all bands, bytes as stored.
    bytes: u64,
}

/// Products of the data set that see any of the parcels.
fn tasks<'a>(data: &'a Dataset, parcels: &[ParcelIx], options: &PrepareOptions, watch: &Watch) -> Result<Vec<Task<'a>>, IoError> {
    let products: Vec<(AcquisitionIx, &Granule)> = data
        .catalog
        .iter()
        .filter(|(_, acquisition)| {
            let day = utc_day(acquisition.acquired);
            options.from.is_none_or(|from| day >= from) && options.to.is_none_or(|to| day <= to)
        })
        .flat_map(|(ix, acquisition)| acquisition.granules.iter().map(move |granule| (ix, granule)))
        .filter(|(_, granule)| !granule.remote)
        .collect();
    let keys: Vec<Key> = parcels.par_iter().map(|&parcel| parcel_key(&data.parcels, parcel)).collect();
    let made: Result<Vec<Option<Task<'a>>>, IoError> = products
        .par_iter()
        .map(|&(acquisition, granule)| {
            if watch.cancelled() {
                return Err(IoError::Cancelled);
            }
            let Some(grid) = granule.finest_grid() else { return Ok(None) };
            let mut chips = Vec::new();
            for (&parcel, &key) in parcels.iter().zip(&keys) {
                let Some(bounds) = chip_box(data, parcel, granule, options.margin_m)? else { continue };
                let size = |asset: &BandAsset| {
                    asset.grid.window(&bounds).map_or(0, |window| window.width as u64 * window.height as u64 * 2)
                };
                chips.push((bounds, Wanted { parcel: key, bounds, bytes: granule.bands.iter().map(size).sum() }));
            }
            // Files keep their blocks from the upper left: rows of 512 pixels come close to that for every layout.
            let order = |bounds: &Bounds| {
                let (col, row) = grid.pixel_from_world(bounds.min_x, bounds.max_y);
                ((row / 512.0).floor() as i64, (col / 512.0).floor() as i64)
            };
            chips.sort_by_key(|(bounds, _)| order(bounds));
            let chips: Vec<Wanted> = chips.into_iter().map(|(_, wanted)| wanted).collect();
            let sensor = data.catalog.get(acquisition).sensor;
            Ok((!chips.is_empty()).then(|| Task { acquisition, granule, key: product_key(sensor, granule), chips }))
        })
        .collect();
    Ok(made?.into_iter().flatten().collect())
}

/// Box of a parcel's chip in the CRS of a product; `None` when the product does not touch the parcel.
fn chip_box(data: &Dataset, parcel: ParcelIx, granule: &Granule, margin_m: u32) -> Result<Option<Bounds>, IoError> {
    let Some(grid) = granule.finest_grid() else { return Ok(None) };
    let outline = data.parcels.outline(parcel);
    if outline.is_empty() {
        return Ok(None);
    }
    let outline = if grid.crs == *data.parcels.crs() {
        outline
    } else {
        crate::io::crs::transform(&outline, data.parcels.crs(), &grid.crs)?
    };
    if grid.window(&outline.bounds()).is_none() {
        return Ok(None);
    }
    Ok(Some(chip_bounds(&outline, grid, margin_m)))
}

/// Leaves out what is kept already and still true.
fn without_present<'a>(mut tasks: Vec<Task<'a>>, chips: &Chips, project: &Path) -> anyhow::Result<(Vec<Task<'a>>, usize)> {
    let kept = chips.products()?;
    let mut present = 0;
    for task in &mut tasks {
        let Some(product) = kept.iter().find(|product| product.key == task.key) else { continue };
        if product.files != keys::files_of(task.granule, project) {
            continue;
        }
        let there: HashSet<Key> = chips.parcels_of(&task.key)?;
        let before = task.chips.len();
        task.chips.retain(|chip| !there.contains(&chip.parcel));
        present += before - task.chips.len();
    }
    tasks.retain(|task| !task.chips.is_empty());
    Ok((tasks, present))
}

/// Predicts bytes, time and disk. Reads some chips of a few products to know; writes nothing.
pub fn predict(
    data: &Dataset,
    project: &Path,
    parcels: &[ParcelIx],
    options: &PrepareOptions,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<Prediction> {
    let all = tasks(data, parcels, options, watch)?;
    let chips: usize = all.iter().map(|task| task.chips.len()).sum();
    let acquisitions = all.iter().map(|task| task.acquisition).collect::<HashSet<_>>().len();
    let (rest, present) = match Chips::open(&load::cache_folder(project))? {
        Some(kept) => without_present(all, &kept, project)?,
        None => (all, 0),
    };
    let pixel_bytes: u64 = rest.iter().flat_map(|task| &task.chips).map(|chip| chip.bytes).sum();
    let sample = Sample::take(&rest, watch)?;
    let left = rest.iter().map(|task| task.chips.len()).sum::<usize>() as u64;
    let work: f64 = rest.iter().map(|task| sample.seconds(task.chips.len())).sum();
    Ok(Prediction {
        parcels: parcels.len(),
        acquisitions,
        chips,
        present,
        pixel_bytes,
        disk_bytes: (pixel_bytes as f64 * sample.packed_share) as u64 + left * ROW_BYTES,
        seconds: work / jobs.max(1) as f64,
    })
}

/// Bytes of a row beside its pixels: index entry, and what is left empty of its last page.
const ROW_BYTES: u64 = 2100;

/// What reading some chips took: the blocks of a product are unpacked once, whatever the number of its chips.
#[derive(Debug, Default)]
struct Sample {
    /// Opening a product and unpacking its blocks, seconds.
    product: f64,
    /// Each chip of unpacked blocks, seconds.
    chip: f64,
    /// Packed bytes by bytes of pixels.
    packed_share: f64,
}

impl Sample {
    /// Chips spread over a product that touch most of its blocks.
    const SPREAD: usize = 24;
    /// Longest time for a sample, seconds.
    const LONGEST: f64 = 2.0;

    fn take(tasks: &[Task<'_>], watch: &Watch) -> anyhow::Result<Self> {
        let started = Instant::now();
        let (mut packed, mut pixels) = (0usize, 0u64);
        let (mut first, mut firsts, mut second, mut seconds) = (0.0, 0usize, 0.0, 0usize);
        let mut products = 0;
        // The first, the middle and the last product: sensors and seasons differ.
        let mut chosen = [0, tasks.len() / 2, tasks.len().saturating_sub(1)].to_vec();
        chosen.dedup();
        for task in chosen.into_iter().filter_map(|at| tasks.get(at)) {
            if started.elapsed().as_secs_f64() > Self::LONGEST {
                break;
            }
            products += 1;
            let step = task.chips.len().div_ceil(Self::SPREAD);
            // Once over the product, which unpacks its blocks, then over the chips beside, which finds them unpacked.
            for (offset, count, time) in [(0, &mut firsts, &mut first), (step / 2, &mut seconds, &mut second)] {
                for chip in task.chips.iter().skip(offset).step_by(step.max(1)) {
                    anyhow::ensure!(!watch.cancelled(), "cancelled");
                    let before = Instant::now();
                    // A product that cannot be read will be reported by the preparation itself.
                    let Ok(bands) = read_chip(task.granule, &chip.bounds) else { break };
                    packed += Chips::size_of(&bands);
                    pixels += chip.bytes;
                    *count += 1;
                    *time += before.elapsed().as_secs_f64();
                    if started.elapsed().as_secs_f64() > Self::LONGEST {
                        break;
                    }
                }
            }
        }
        let chip = if seconds > 0 { second / seconds as f64 } else { first / firsts.max(1) as f64 };
        // Of the first pass what is more than the chips themselves, for as many chips as a whole product has.
        let whole = first / firsts.max(1) as f64 * Self::SPREAD as f64;
        let product = if products > 0 { (whole - chip * Self::SPREAD as f64).max(0.0) } else { 0.0 };
        let packed_share = if pixels > 0 { packed as f64 / pixels as f64 } else { 1.0 };
        Ok(Self { product, chip, packed_share })
    }

    fn seconds(&self, chips: usize) -> f64 {
        self.product * (chips as f64 / Self::SPREAD as f64).min(1.0) + self.chip * chips as f64
    }
}

/// Reads the imagery and keeps the chips. A product that cannot be read becomes a problem; the others are kept.
///
/// Broken off at any moment, by the watch or by force, it loses at most the chips of one batch and goes on there the next time.
pub fn prepare(
    data: &Dataset,
    project: &Path,
    parcels: &[ParcelIx],
    options: &PrepareOptions,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<Preparation> {
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).thread_name(|number| format!("prepare-{number}")).build()?;
    let chips = Chips::create(&load::cache_folder(project))?;
    let all = pool.install(|| tasks(data, parcels, options, watch))?;
    keys::keep_catalog(&chips, data, project)?;
    let (rest, present) = without_present(all, &chips, project)?;
    watch.set_total(rest.iter().map(|task| task.chips.len() as u64).sum());
    let written = AtomicU64::new(0);
    let problems = pool.install(|| {
        rest.par_iter()
            .map(|task| match prepare_product(task, project, &chips, watch, &written) {
                Ok(()) => Ok(None),
                Err(Failure::Product(problem)) => Ok(Some(problem)),
                Err(Failure::All(error)) => Err(error),
            })
            .collect::<anyhow::Result<Vec<_>>>()
    })?;
    let mut problems: Vec<Problem> = problems.into_iter().flatten().collect();
    problems.sort_by(|a, b| (&a.path, &a.fact).cmp(&(&b.path, &b.fact)));
    let mut inputs: Vec<PathBuf> = rest.iter().flat_map(|task| &task.granule.bands).map(|asset| asset.path.clone()).collect();
    inputs.sort();
    inputs.dedup();
    Ok(Preparation { written: written.into_inner() as usize, present, problems, inputs })
}

enum Failure {
    /// This product only.
    Product(Problem),
    /// The preparation: cancelled, or the disk is full.
    All(anyhow::Error),
}

fn prepare_product(task: &Task<'_>, project: &Path, chips: &Chips, watch: &Watch, written: &AtomicU64) -> Result<(), Failure> {
    let files = keys::files_of(task.granule, project);
    for batch in task.chips.chunks(BATCH) {
        let mut made: Vec<NewChip> = Vec::with_capacity(batch.len());
        for chip in batch {
            if watch.cancelled() {
                return Err(Failure::All(anyhow::anyhow!("cancelled; what was prepared so far is kept")));
            }
            let bands =
                read_chip(task.granule, &chip.bounds).map_err(|error| Failure::Product(unreadable(task.granule, &error)))?;
            made.push((chip.parcel, bands));
            watch.advance(1);
        }
        chips.put(&task.key, &files, &made).map_err(|error| Failure::All(error.into()))?;
        written.fetch_add(made.len() as u64, Ordering::Relaxed);
    }
    Ok(())
}

/// All bands of a product that touch a box.
fn read_chip(granule: &Granule, bounds: &Bounds) -> Result<Vec<StoredBand>, IoError> {
    let assets: Vec<&BandAsset> = granule.bands.iter().collect();
    Ok(raster::read_stored(&assets, bounds)?.into_iter().flatten().collect())
}

fn unreadable(granule: &Granule, error: &IoError) -> Problem {
    let path = match error {
        IoError::File { path, .. } => path.clone(),
        _ => PathBuf::from(&granule.name),
    };
    Problem { severity: Severity::Error, path, fact: error.to_string(), expected: String::new() }
}
