//! Statistics of every band of every acquisition over many parcels: the batch side of the program.
//!
//! Parcels are taken in blocks so that memory does not grow with their number times the number of images; inside a block the
//! work is split by acquisition and by small groups of parcels. The answer is put in order by parcel, time, sensor and band, so it
//! does not depend on how many threads worked.

mod observe;
mod rows;

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::civil::Date;
use rayon::prelude::*;

use crate::engine::coverage::buffered;
use crate::io::IoError;
use crate::io::crs::transform;
use crate::io::tables::Table;
use crate::model::report::{Problem, Severity};
use crate::model::settings::ObservationSettings;
use crate::model::units::utc_day;
use crate::model::{Acquisition, AcquisitionIx, Band, Bounds, Crs, ParcelIx, Parcels, Polygons, Sensor, Watch};

use super::Dataset;
use rows::Record;

/// Parcels whose outlines are held in every image CRS at the same time.
const BLOCK: usize = 20_000;
/// Parcels of one unit of work; small enough to keep all threads busy on one image, large enough to reuse open files.
const GROUP: usize = 128;

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
#[derive(Debug, Clone, Default)]
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

/// The table and what could not be read.
#[derive(Debug, Default)]
pub struct Extraction {
    /// Long table: one row a parcel, acquisition and band.
    pub table: Table,
    /// Parcels without geometry and files that failed, each once.
    pub problems: Vec<Problem>,
    /// Image files that were asked for, sorted.
    pub inputs: Vec<PathBuf>,
}

/// An outline ready for the images of one CRS.
#[derive(Debug, Clone)]
struct Prepared {
    /// Buffered outline; empty when a negative buffer leaves nothing.
    outline: Polygons,
    /// Box that decides whether an image sees the parcel at all.
    touch: Bounds,
}

/// Outlines of a block by image CRS, one per parcel; `None` where there is no geometry in that CRS.
type Outlines = HashMap<Crs, Vec<Option<Prepared>>>;

/// Extracts statistics of `parcels` (any order, each once) from all acquisitions of the data set, on `jobs` threads.
///
/// A file that cannot be read costs its own observations and becomes a problem; the rest is extracted.
pub fn extract(
    data: &Dataset,
    parcels: &[ParcelIx],
    options: &ExtractOptions,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<Extraction> {
    let pool =
        rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).thread_name(|number| format!("extract-{number}")).build()?;
    let mut parcels = parcels.to_vec();
    parcels.sort_by_key(|&parcel| (data.parcels.id(parcel), parcel));
    let acquisitions: Vec<AcquisitionIx> = data
        .catalog
        .iter()
        .filter(|(_, acquisition)| {
            options.in_range(acquisition) && acquisition.band_names().iter().any(|band| options.wants(band))
        })
        .map(|(ix, _)| ix)
        .collect();
    watch.set_total((acquisitions.len() * parcels.len()) as u64);

    let mut result = Extraction { table: rows::empty_table(options), ..Extraction::default() };
    result.problems.extend(without_geometry(&data.parcels, &parcels));
    for block in parcels.chunks(BLOCK) {
        let mut done = pool.install(|| extract_block(data, block, &acquisitions, options, watch))?;
        done.records.sort_by(|a, b| (a.parcel, a.acquisition, &a.band).cmp(&(b.parcel, b.acquisition, &b.band)));
        result.problems.append(&mut done.problems);
        result.table.rows.extend(done.records.iter().map(|record| rows::row(data, block[record.parcel], record, options)));
    }
    result.problems.sort_by(|a, b| (&a.path, &a.fact).cmp(&(&b.path, &b.fact)));
    result.problems.dedup();
    result.inputs = inputs(data, &acquisitions, options);
    Ok(result)
}

/// What a unit of work gives.
#[derive(Debug, Default)]
struct Done {
    records: Vec<Record>,
    problems: Vec<Problem>,
}

impl Done {
    fn merge(mut self, mut other: Self) -> Self {
        self.records.append(&mut other.records);
        self.problems.append(&mut other.problems);
        self
    }
}

fn extract_block(
    data: &Dataset,
    block: &[ParcelIx],
    acquisitions: &[AcquisitionIx],
    options: &ExtractOptions,
    watch: &Watch,
) -> Result<Done, IoError> {
    let (outlines, problems) = prepare(data, block, acquisitions, options);
    let groups: Vec<(AcquisitionIx, usize)> =
        acquisitions.iter().flat_map(|&ix| (0..block.len()).step_by(GROUP).map(move |start| (ix, start))).collect();
    let done = groups
        .par_iter()
        .map(|&(ix, start)| {
            let mut done = Done::default();
            for parcel in start..block.len().min(start + GROUP) {
                if watch.cancelled() {
                    return Err(IoError::Cancelled);
                }
                let acquisition = data.catalog.get(ix);
                match observe::observe(acquisition, |crs| outlines.get(crs)?[parcel].as_ref(), options) {
                    Ok(bands) => done.records.extend(bands.into_iter().map(|band| Record::new(parcel, ix, band))),
                    Err(IoError::Cancelled) => return Err(IoError::Cancelled),
                    Err(error) => done.problems.push(unreadable(acquisition, &error)),
                }
                watch.advance(1);
            }
            Ok(done)
        })
        .try_reduce(Done::default, |a, b| Ok(a.merge(b)))?;
    Ok(Done { records: Vec::new(), problems }.merge(done))
}

fn unreadable(acquisition: &Acquisition, error: &IoError) -> Problem {
    let path = match error {
        IoError::File { path, .. } => path.clone(),
        _ => PathBuf::from(acquisition.granules.first().map_or("", |granule| granule.name.as_str())),
    };
    Problem { severity: Severity::Error, path, fact: error.to_string(), expected: String::new() }
}

/// Buffers in the working CRS, where a metre is a metre, and transforms to the CRS of every image.
fn prepare(
    data: &Dataset,
    block: &[ParcelIx],
    acquisitions: &[AcquisitionIx],
    options: &ExtractOptions,
) -> (Outlines, Vec<Problem>) {
    let table = &data.parcels;
    let mut systems: Vec<&Crs> = Vec::new();
    for asset in acquisitions.iter().flat_map(|&ix| &data.catalog.get(ix).granules).flat_map(|granule| &granule.bands) {
        if !systems.contains(&&asset.grid.crs) {
            systems.push(&asset.grid.crs);
        }
    }
    let shapes: Vec<(Polygons, Polygons)> = block
        .par_iter()
        .map(|&parcel| {
            let whole = table.outline(parcel);
            let metres = options.settings.buffer_m;
            let shape = if metres == 0.0 { whole.clone() } else { buffered(&whole, metres) };
            (whole, shape)
        })
        .collect();
    let mut problems = Vec::new();
    let mut outlines = Outlines::new();
    for system in systems {
        let made: Vec<Result<Option<Prepared>, IoError>> =
            shapes.par_iter().map(|(whole, shape)| in_system(whole, shape, table.crs(), system)).collect();
        let mut column = Vec::with_capacity(made.len());
        for (made, &parcel) in made.into_iter().zip(block) {
            column.push(made.unwrap_or_else(|error| {
                problems.push(Problem {
                    severity: Severity::Error,
                    path: PathBuf::new(),
                    fact: format!("parcel {}: {error}", table.id(parcel)),
                    expected: "an outline inside the area where the CRS is valid".to_owned(),
                });
                None
            }));
        }
        outlines.insert(system.clone(), column);
    }
    (outlines, problems)
}

fn in_system(whole: &Polygons, shape: &Polygons, from: &Crs, to: &Crs) -> Result<Option<Prepared>, IoError> {
    if whole.is_empty() {
        return Ok(None);
    }
    let place =
        |outline: &Polygons| if from == to || outline.is_empty() { Ok(outline.clone()) } else { transform(outline, from, to) };
    let outline = place(shape)?;
    let touch = if outline.is_empty() { place(whole)?.bounds() } else { outline.bounds() };
    Ok(Some(Prepared { outline, touch }))
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
