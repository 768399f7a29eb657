//! What an extraction would read, take and write, told before it is done.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use crate::engine::slabs::{Cut, SlabIndex};
use crate::io::IoError;
use crate::io::raster::blocks;
use crate::io::tables::Format;
use crate::model::{ParcelIx, Watch};
use crate::project::Dataset;
use crate::store::observations::INDEX;

use super::geometry::{Geometry, Source};
use super::observations::Observations;
use super::pixels::{BandWork, Reading};
use super::stored::Stored;
use super::{ExtractOptions, GranulePlan, Log, Plan, Prepared, Task, in_pool, read_batch, tasks};

/// Bands that are extracted to see how long it takes.
const SAMPLE_BANDS: usize = 2;

/// Lots of parcels that miss different dates in a store are looked at one by one up to so many; these speak for the rest.
const LOTS: usize = 4;

/// A forecast.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Forecast {
    /// Acquisitions that see some parcel and are read.
    pub acquisitions: usize,
    /// Acquisitions of which the store holds everything; 0 without a store.
    pub stored: usize,
    /// Image files that are read.
    pub files: usize,
    /// Rows that are extracted; fewer when files fail.
    pub rows: usize,
    /// Bytes read from images: the share of every file whose blocks some parcel touches.
    pub read_bytes: u64,
    /// Size of these rows in the result, from those of a sample.
    pub result_bytes: u64,
    /// Seconds until the result is written, from a sample; the first reading of a slow disk is known only as far as the sample.
    pub seconds: f64,
}

/// Foretells [`super::extract`] and the writing of its result: finds the parcels' pixels, opens every file, and extracts a few bands.
/// With a store only what it does not hold counts.
pub fn forecast(
    data: &Dataset,
    parcels: &[ParcelIx],
    options: &ExtractOptions,
    format: Format,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<Forecast> {
    in_pool(jobs, || forecast_here(data, parcels, options, format, watch))
}

fn forecast_here(
    data: &Dataset,
    parcels: &[ParcelIx],
    options: &ExtractOptions,
    format: Format,
    watch: &Watch,
) -> Result<Forecast, IoError> {
    let prepared = Prepared::new(data, parcels, options);
    let positions = prepared.positions();
    let Prepared { acquisitions, mut observations } = prepared;
    let mut stored = 0;
    let mut lots = match options.store.as_ref().filter(|folder| folder.join(INDEX).is_file()) {
        Some(folder) => {
            let mut log = Log::new(data, &observations);
            let store = Stored::open(folder, data, &acquisitions, &observations, options, &mut log)?;
            let missing = store.read(&mut observations, false, options, watch, &mut log)?;
            stored = acquisitions.len() - missing.values().flatten().collect::<BTreeSet<_>>().len();
            tasks(missing, data, &observations, options)
        }
        None => vec![Task::new(data, &acquisitions, positions, &observations.order, options)],
    };
    lots.sort_by_key(|lot| std::cmp::Reverse(lot.size()));
    let size = |lots: &[Task<'_>]| lots.iter().map(Task::size).sum::<usize>() as f64;
    let all = size(&lots);
    lots.truncate(LOTS);
    let share = if all > 0.0 { all / size(&lots) } else { 1.0 };
    let mut sum = Forecast { stored, ..Forecast::default() };
    for lot in &lots {
        let Forecast { acquisitions, stored: _, files, rows, read_bytes, result_bytes, seconds } =
            forecast_lot(lot, data, &mut observations, options, format, watch)?;
        sum.acquisitions += acquisitions;
        sum.files += files;
        sum.rows += (rows as f64 * share) as usize;
        sum.read_bytes += (read_bytes as f64 * share) as u64;
        sum.result_bytes += (result_bytes as f64 * share) as u64;
        sum.seconds += seconds * share;
    }
    Ok(sum)
}

/// Some acquisitions over the parcels that miss just these.
fn forecast_lot(
    Task { plans, wanted, groups }: &Task<'_>,
    data: &Dataset,
    observations: &mut Observations,
    options: &ExtractOptions,
    format: Format,
    watch: &Watch,
) -> Result<Forecast, IoError> {
    let started = Instant::now();
    let Some(positions) = groups.first() else { return Err(IoError::Cancelled) };
    let source = Source { table: &data.parcels, parcels: &observations.order, positions };
    let geometry = Geometry::new(source, wanted, options, watch)?;
    let geometry_seconds = started.elapsed().as_secs_f64();
    // The first group speaks for all.
    let share = groups.iter().map(Vec::len).sum::<usize>() as f64 / positions.len().max(1) as f64;

    let mut known = BTreeMap::new();
    let (mut acquisitions, mut rows, mut steps) = (0, 0, 0);
    let mut files: BTreeMap<&Path, (f64, u64)> = BTreeMap::new();
    for plan in plans {
        let mut seen: BTreeMap<u32, usize> = BTreeMap::new();
        for granule in &plan.granules {
            let Some(first) = granule.bands.first().filter(|band| !geometry.tables[band.table].is_empty()) else { continue };
            for &position in &geometry.tables[first.table].parcels {
                seen.entry(position).or_insert(granule.bands.len());
            }
            for band in granule.bands.iter().chain(&granule.scl) {
                let (touched, bytes) = touched(*band, &geometry, &mut known);
                let (most, _) = files.entry(&band.asset.path).or_insert((0.0, bytes));
                *most = most.max(touched);
            }
        }
        acquisitions += usize::from(!seen.is_empty());
        rows += seen.values().sum::<usize>();
        steps += plan.steps(&geometry);
        if watch.cancelled() {
            return Err(IoError::Cancelled);
        }
    }
    let sample = sample(plans, &geometry);
    let reading = Reading::new(&geometry.tables, options.settings.pixels, options.memory_bytes / 4, watch);
    let sampled = Instant::now();
    let sections = read_batch(&sample, &reading, observations, options)?;
    let extracting = sampled.elapsed().as_secs_f64();
    observations.add(sections, usize::MAX, None)?;
    let sampled = Instant::now();
    let result_bytes = written(observations, format)?;
    let writing = sampled.elapsed().as_secs_f64();
    let of_all = |part: usize, all: usize| if part == 0 { 0.0 } else { all as f64 / part as f64 };
    let by_steps = of_all(sample.iter().map(|plan| plan.steps(&geometry)).sum(), steps);
    let by_rows = of_all(observations.len(), rows);
    observations.sections.clear();
    Ok(Forecast {
        acquisitions,
        stored: 0,
        files: files.len(),
        rows: (rows as f64 * share) as usize,
        read_bytes: files.values().map(|(touched, bytes)| (touched * *bytes as f64) as u64).sum(),
        result_bytes: (result_bytes as f64 * by_rows * share) as u64,
        seconds: (geometry_seconds + extracting * by_steps + writing * by_rows) * share,
    })
}

/// A few bands of the acquisition in the middle of those that see parcels.
fn sample<'a>(plans: &[Plan<'a>], geometry: &Geometry) -> Vec<Plan<'a>> {
    let seeing: Vec<&Plan<'a>> = plans.iter().filter(|plan| plan.steps(geometry) > 0).collect();
    let Some(middle) = seeing.get(seeing.len() / 2) else { return Vec::new() };
    let granule = |granule: &GranulePlan<'a>| GranulePlan {
        number: granule.number,
        granule: granule.granule,
        finest: granule.finest,
        bands: granule.bands.iter().copied().take(SAMPLE_BANDS).collect(),
        scl: granule.scl,
    };
    vec![Plan { acquisition: middle.acquisition, granules: middle.granules.iter().map(granule).collect() }]
}

/// Share of a file's blocks that some parcel touches, and the bytes of the file. Equal layouts are looked at once.
fn touched(band: BandWork<'_>, geometry: &Geometry, known: &mut BTreeMap<(usize, usize, usize), f64>) -> (f64, u64) {
    let bytes = std::fs::metadata(&band.asset.path).map_or(0, |about| about.len());
    // A file that cannot be opened will be told when it is read.
    let Ok(layout) = blocks::layout(band.asset) else { return (0.0, 0) };
    let share = *known.entry((band.table, layout.width, layout.height)).or_insert_with(|| {
        let grid = &band.asset.grid;
        let cut = Cut { block_width: layout.width, block_height: layout.height, block_rows: 1 };
        let index = SlabIndex::new(&geometry.tables[band.table], (grid.width, grid.height), cut);
        let blocks: usize = index.slabs.iter().map(|slab| slab.blocks.len()).sum();
        blocks as f64 / (layout.columns(grid.width) * layout.rows(grid.height)).max(1) as f64
    });
    (share, bytes)
}

/// Bytes of all rows in a format.
fn written(observations: &Observations, format: Format) -> Result<u64, IoError> {
    struct Count(u64);
    impl Write for &mut Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    observations.write_here(format, &mut count)?;
    Ok(count.0)
}
