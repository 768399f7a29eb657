//! Turns folders into a catalogue of acquisitions, from content and name.
//!
//! Three steps: **walk** lists files and products, **recognise** turns each into pieces of granules (in parallel, one file
//! open per thread), **merge** joins pieces into granules and granules into acquisitions. Whatever cannot be used becomes one
//! line with its first wrong fact; nothing stops the rest. No network: a remote reference is reported, never fetched.

mod loose;
mod merge;
mod names;
mod overlap;
mod probe;
mod radiometry;
mod safe;
mod sidecars;
mod stac;
mod tables;
mod thematic;
mod tiff;
mod vectors;
mod walk;

pub use sidecars::Sidecars;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rayon::prelude::*;
use regex::Regex;

use crate::model::catalog::{Calibration, Origin};
use crate::model::project_file::Radiometry;
use crate::model::report::{Problem, Severity};
use crate::model::{BandAsset, Bounds, Catalog, Pass, Sensor, Watch};

pub use thematic::thematic;

/// A file or folder to search, absolute.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ScanSource {
    /// File or folder.
    pub path: PathBuf,
    /// Naming pattern of the project, see [`crate::model::project_file::ImagerySource::pattern`].
    pub pattern: Option<String>,
    /// Calibration of backscatter where files and names do not tell.
    pub calibration: Option<Calibration>,
}

/// Searches all sources. Never fails as a whole: what cannot be used becomes a problem in the catalogue.
/// Cancelled work returns what was found so far.
///
/// The answer does not depend on the number of threads or the order in which files are listed.
pub fn scan(sources: &[ScanSource], radiometry: &Radiometry, watch: &Watch) -> Catalog {
    let mut problems = Vec::new();
    let patterns: Vec<Option<Regex>> = sources.iter().map(|source| compile(source, &mut problems)).collect();
    let listing = walk::walk(sources, watch, &mut problems);
    watch.set_total(listing.len() as u64);

    let mut found = in_parallel(&listing.safe, watch, |path| safe::read(path, radiometry));
    found.extend(stac::read_all(&listing.json, radiometry, watch));
    // A file that a product or a catalogue describes is that product's; alone it would appear twice.
    let claimed: BTreeSet<PathBuf> = found.claimed.iter().filter_map(|path| path.canonicalize().ok()).collect(); // absent: nothing to skip
    let free: Vec<&walk::Raster> = listing
        .rasters
        .iter()
        .filter(|raster| claimed.is_empty() || !raster.path.canonicalize().is_ok_and(|path| claimed.contains(&path)))
        .collect();
    watch.advance((listing.rasters.len() - free.len()) as u64);
    found.extend(in_parallel(&free, watch, |raster| {
        let below = raster.path.strip_prefix(&sources[raster.source].path).unwrap_or(&raster.path);
        loose::read(&raster.path, below, patterns[raster.source].as_ref(), radiometry)
    }));
    found.extend(in_parallel(&listing.tables, watch, |path| tables::check(path)));
    found.extend(in_parallel(&listing.vectors, watch, |path| vectors::check(path)));

    for piece in found.pieces.iter_mut().filter(|piece| piece.sensor == Sensor::S1Backscatter && piece.calibration.is_none()) {
        let source = sources.iter().find(|source| source.calibration.is_some() && piece.path.starts_with(&source.path));
        piece.calibration = source.and_then(|source| source.calibration);
    }
    problems.append(&mut found.problems);
    let granules = merge::granules(found.pieces);
    problems.extend(radiometry::assumption(sources, &granules, radiometry));
    problems.extend(overlap::check(&granules, &found.layers));
    let mut catalog = Catalog { acquisitions: merge::acquisitions(granules), problems };
    catalog.sort();
    catalog.problems.dedup();
    catalog.problems = together(catalog.problems);
    catalog
}

/// Joins equal notes about files of one folder; warnings and errors stay one line per file.
fn together(problems: Vec<Problem>) -> Vec<Problem> {
    let mut notes: BTreeMap<(PathBuf, String, String), Vec<Problem>> = BTreeMap::new();
    let mut all = Vec::new();
    for problem in problems {
        match problem.path.parent() {
            Some(folder) if problem.severity == Severity::Note => {
                notes.entry((folder.to_owned(), problem.fact.clone(), problem.expected.clone())).or_default().push(problem);
            }
            _ => all.push(problem),
        }
    }
    for ((folder, fact, expected), mut same) in notes {
        match same.len() {
            1 => all.append(&mut same),
            several => all.push(Fault::note(format!("{several} files: {fact}"), expected).at(&folder)),
        }
    }
    all.sort_by(|a, b| (&a.path, &a.fact).cmp(&(&b.path, &b.fact)));
    all
}

fn compile(source: &ScanSource, problems: &mut Vec<Problem>) -> Option<Regex> {
    let text = source.pattern.as_deref()?;
    match Regex::new(text) {
        Ok(pattern) => Some(pattern),
        Err(error) => {
            let fact = format!("the naming pattern is not a valid regular expression: {error}");
            problems.push(Fault::error(fact, "a pattern such as (?<date>\\d{8})_(?<band>B\\d\\d)").at(&source.path));
            None
        }
    }
}

/// Runs one step per item on all threads; the answers keep the order of the items.
fn in_parallel<T: Sync>(items: &[T], watch: &Watch, work: impl Fn(&T) -> Found + Sync) -> Found {
    in_parallel_uncounted(items, watch, |item| {
        let found = work(item);
        watch.advance(1);
        found
    })
}

/// The same without noting progress.
fn in_parallel_uncounted<T: Sync>(items: &[T], watch: &Watch, work: impl Fn(&T) -> Found + Sync) -> Found {
    let one = |item: &T| if watch.cancelled() { Found::default() } else { work(item) };
    items.par_iter().map(one).collect::<Vec<Found>>().into_iter().fold(Found::default(), |mut all, found| {
        all.extend(found);
        all
    })
}

/// What recognising one item gave.
#[derive(Default)]
struct Found {
    pieces: Vec<Piece>,
    problems: Vec<Problem>,
    /// Files that belong to a product or catalogue item.
    claimed: Vec<PathBuf>,
    /// Vector layers with their extent in degrees.
    layers: Vec<(PathBuf, Bounds)>,
}

impl Found {
    fn extend(&mut self, mut other: Self) {
        self.pieces.append(&mut other.pieces);
        self.problems.append(&mut other.problems);
        self.claimed.append(&mut other.claimed);
        self.layers.append(&mut other.layers);
    }

    fn problem(path: &Path, fault: Fault) -> Self {
        Self { problems: vec![fault.at(path)], ..Self::default() }
    }
}

/// A part of a granule: some bands of one product, as one file or one product folder gives them.
#[derive(Debug, Clone)]
struct Piece {
    /// File or product folder: orders equals.
    path: PathBuf,
    /// Folder whose files belong together; the product itself for SAFE and STAC.
    home: PathBuf,
    /// Product name without band and resolution: pieces with one stem belong together.
    stem: String,
    sensor: Sensor,
    acquired: Timestamp,
    /// False when only the day is known.
    timed: bool,
    first: Option<Timestamp>,
    platform: String,
    tile: Option<String>,
    relative_orbit: Option<u16>,
    pass: Option<Pass>,
    pass_origin: Origin,
    baseline: Option<String>,
    /// Reflectance offset in digital numbers and where it comes from; `None` without reflectance.
    offset: Option<(f64, Origin)>,
    clear_share: Option<f64>,
    calibration: Option<Calibration>,
    synthetic: bool,
    bands: Vec<BandAsset>,
}

/// Pixel grid of one image, and whether its first band holds decimal numbers; the error is the first wrong fact.
///
/// The checks are those of a scan: north up, in a known system, complete, in blocks that can be read.
pub fn image_grid(path: &Path) -> Result<(crate::model::Grid, bool), String> {
    let raster = probe::open(path).map_err(|fault| fault.fact)?;
    let floating = raster.bands.first().is_some_and(|band| band.floating);
    Ok((raster.grid, floating))
}

/// Why something cannot be used, or what was assumed; becomes a [`Problem`] with a path.
#[derive(Debug, Clone, PartialEq)]
struct Fault {
    severity: Severity,
    fact: String,
    expected: String,
}

impl Fault {
    fn error(fact: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { severity: Severity::Error, fact: fact.into(), expected: expected.into() }
    }

    fn warning(fact: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(fact, expected) }
    }

    fn note(fact: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { severity: Severity::Note, ..Self::error(fact, expected) }
    }

    fn at(self, path: &Path) -> Problem {
        Problem { severity: self.severity, path: path.to_owned(), fact: self.fact, expected: self.expected }
    }
}
