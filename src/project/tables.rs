//! Observations from tables: read once, kept in the project's cache, joined with the acquisitions of the images.

mod join;
mod observed;

use std::collections::HashMap;
use std::path::Path;

use crate::engine::ENGINE_VERSION;
use crate::engine::indices::IndexSet;
use crate::io::IoError;
use crate::io::tables::import::{self, Context};
use crate::model::project_file::ProjectFile;
use crate::model::report::{Problem, Severity};
use crate::model::tables::{TableRecord, TableReport};
use crate::model::{AcquisitionIx, Catalog, ParcelIx, Parcels, Signal, TableSource, Watch};
use crate::store::tables::{TableBuilder, TableStore};

use super::load::{relative, resolve};
use super::open::Project;

/// The observations of a project's tables.
#[derive(Debug)]
pub struct Tables {
    store: TableStore,
    /// Acquisition of each of the store's times.
    acquisitions: Vec<AcquisitionIx>,
    /// Times of each acquisition that has some.
    times: HashMap<AcquisitionIx, Vec<u32>>,
}

impl Tables {
    /// What is kept: for scans over all parcels. Times are places in its list, see [`Tables::acquisition`].
    pub fn store(&self) -> &TableStore {
        &self.store
    }

    /// The acquisition of a time of the store.
    pub fn acquisition(&self, time: u32) -> AcquisitionIx {
        self.acquisitions[time as usize]
    }

    /// What was understood of every source.
    pub fn reports(&self) -> &[TableReport] {
        self.store.reports()
    }

    /// True when some parcel has values of this acquisition in a table.
    pub fn has(&self, acquisition: AcquisitionIx) -> bool {
        self.times.contains_key(&acquisition)
    }

    /// True when the tables hold a signal itself.
    pub fn has_variable(&self, signal: &Signal) -> bool {
        matches!(signal, Signal::Index(name) if self.variables().any(|own| own.eq_ignore_ascii_case(name)))
    }

    /// Names of bands, indices and polarisations in the tables.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.store.variables().iter().map(String::as_str).filter(|name| *name != "SCL")
    }
}

/// What reading the tables gives.
pub(super) struct Read {
    pub(super) store: Option<TableStore>,
    /// Part of the key of every result: changes with each table, its mapping and the parcels' ids.
    pub(super) fingerprint: [u8; 32],
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<String>,
}

/// Where the tables are and what they are about.
pub(super) struct Wanted<'a> {
    pub(super) project: &'a Path,
    pub(super) file: &'a ProjectFile,
    pub(super) parcels: &'a Parcels,
    /// Folder of the cache.
    pub(super) folder: &'a Path,
}

/// The tables of a project: from the cache when nothing has changed, else read.
pub(super) fn read(wanted: &Wanted<'_>, watch: &Watch) -> Result<Read, IoError> {
    let mut read = Read { store: None, fingerprint: [0; 32], problems: Vec::new(), notes: Vec::new() };
    if wanted.file.tables.is_empty() {
        return Ok(read);
    }
    let (indices, _) = IndexSet::new(&wanted.file.indices);
    let indices = indices.names();
    let sources: Vec<TableSource> = wanted
        .file
        .tables
        .iter()
        .map(|source| TableSource { path: resolve(wanted.project, &source.path), ..source.clone() })
        .collect();
    read.fingerprint = fingerprint(&sources, wanted.parcels, &indices);
    let store = match TableStore::open(wanted.folder, &read.fingerprint) {
        Some(store) => Some(store),
        None => match build(wanted, &sources, &indices, &read.fingerprint, watch) {
            Ok(store) => Some(store),
            Err(error) => {
                if watch.cancelled() {
                    return Err(IoError::Cancelled);
                }
                let path = sources[0].path.clone();
                let expected = "a cache folder that can be written".to_owned();
                read.problems.push(Problem { severity: Severity::Error, path, fact: format!("{error:#}"), expected });
                None
            }
        },
    };
    for report in store.iter().flat_map(TableStore::reports) {
        read.problems.extend(report.problems.iter().cloned());
        read.notes.push(line(report));
    }
    read.store = store;
    Ok(read)
}

/// One line about a source.
pub fn line(report: &TableReport) -> String {
    let mut text = format!(
        "{}: {}; {} observations of {} parcels",
        report.path.display(),
        report.format,
        report.observations,
        report.parcels
    );
    if let (Some(from), Some(to)) = (report.from, report.to) {
        let day = |time| crate::model::units::utc_day(time);
        text = format!("{text}, {} to {}", day(from), day(to));
    }
    if report.unknown_ids > 0 {
        text = format!("{text}; {} ids are no parcels, such as {}", report.unknown_ids, report.unknown.join(", "));
    }
    for note in &report.notes {
        text = format!("{text}; {note}");
    }
    text
}

/// Of everything that decides what is kept.
fn fingerprint(sources: &[TableSource], parcels: &Parcels, indices: &[String]) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{ENGINE_VERSION} {indices:?} {}", parcels.len()).as_bytes());
    for parcel in parcels.iter() {
        hasher.update(parcels.id(parcel).as_bytes());
        hasher.update(&[0]);
    }
    for source in sources {
        hasher.update(format!("{source:?}").as_bytes());
        // A source that is not there is an answer too.
        for path in files(&source.path) {
            if let Ok(metadata) = std::fs::metadata(&path) {
                hasher.update(format!("{} {} {:?}", path.display(), metadata.len(), metadata.modified().ok()).as_bytes());
            }
        }
    }
    *hasher.finalize().as_bytes()
}

/// Rows of parcels by the ids that a table uses.
pub(super) struct Ids<'a> {
    first: HashMap<std::borrow::Cow<'a, str>, ParcelIx>,
    /// Further rows of the same id.
    twins: HashMap<ParcelIx, Vec<ParcelIx>>,
}

impl<'a> Ids<'a> {
    /// By the layer's id column, or by another column.
    pub(super) fn new(parcels: &'a Parcels, column: Option<&str>) -> Result<Self, String> {
        let place = match column {
            None => None,
            Some(name) => Some(parcels.columns().iter().position(|head| head.name == name).ok_or_else(|| {
                let names: Vec<&str> = parcels.columns().iter().map(|head| head.name.as_str()).collect();
                format!("the parcel layer has no column “{name}”; it has {}", names.join(", "))
            })?),
        };
        let mut ids = Self { first: HashMap::with_capacity(parcels.len()), twins: HashMap::new() };
        for parcel in parcels.iter() {
            let id = match place {
                None => std::borrow::Cow::Borrowed(parcels.id(parcel)),
                Some(column) => match parcels.text(column, parcel) {
                    Some(text) => text.into(),
                    None => match parcels.number(column, parcel) {
                        number if number.is_nan() => continue,
                        number => number.to_string().into(),
                    },
                },
            };
            match ids.first.get(&id) {
                Some(&first) => ids.twins.entry(first).or_default().push(parcel),
                None => drop(ids.first.insert(id, parcel)),
            }
        }
        Ok(ids)
    }

    /// The first row of an id; a whole number may be written with `.0`.
    pub(super) fn find(&self, id: &str) -> Option<ParcelIx> {
        self.first.get(id).or_else(|| self.first.get(id.strip_suffix(".0")?)).copied()
    }

    fn all(&self, first: ParcelIx) -> impl Iterator<Item = ParcelIx> {
        std::iter::once(first).chain(self.twins.get(&first).into_iter().flatten().copied())
    }
}

fn build(
    wanted: &Wanted<'_>,
    sources: &[TableSource],
    indices: &[String],
    key: &[u8; 32],
    watch: &Watch,
) -> anyhow::Result<TableStore> {
    let mut builder = TableBuilder::new(wanted.folder)?;
    let mut reports = Vec::new();
    for (source, said) in sources.iter().zip(&wanted.file.tables) {
        let before = builder.duplicates();
        let mut report = source_report(wanted.parcels, source, indices, watch, &mut |parcel, record| {
            builder.add(parcel, record).map_err(|error| IoError::File {
                operation: "keep the observations".to_owned(),
                fact: error.to_string(),
                path: source.path.clone(),
            })
        });
        if watch.cancelled() {
            anyhow::bail!("reading the tables was cancelled");
        }
        builder.settle()?;
        let doubled = builder.duplicates() - before;
        if doubled > 0 {
            report.notes.push(format!(
                "{doubled} observations stand more than once for the same parcel, time and signal: the one with most pixels is used, else the first"
            ));
        }
        report.path.clone_from(&said.path);
        reports.push(report);
    }
    Ok(builder.finish(key, &reports)?)
}

/// Reads a source and tells what came of it; `take` gets every observation of a known parcel.
pub(super) fn source_report(
    parcels: &Parcels,
    source: &TableSource,
    indices: &[String],
    watch: &Watch,
    take: &mut dyn FnMut(ParcelIx, &TableRecord<'_>) -> Result<(), IoError>,
) -> TableReport {
    /// Unknown ids that are named.
    const NAMED: usize = 5;
    let mut report = TableReport { path: source.path.clone(), ..TableReport::default() };
    let problem = |fact: String, expected: &str| Problem {
        severity: Severity::Error,
        path: source.path.clone(),
        fact,
        expected: expected.to_owned(),
    };
    let ids = match Ids::new(parcels, source.parcel_column.as_deref()) {
        Ok(ids) => ids,
        Err(fact) => {
            report.problems.push(problem(fact, ""));
            return report;
        }
    };
    let mut seen = vec![false; parcels.len()];
    let mut unknown: std::collections::HashSet<String> = std::collections::HashSet::new();
    let mut last: Option<(String, Option<ParcelIx>)> = None;
    let context = Context { indices, is_parcel: &|id| ids.find(id).is_some() };
    let outcome = import::read(source, &context, watch, &mut |record| {
        let known = match &last {
            // Mostly that of the observation before.
            Some((id, known)) if id == record.id => *known,
            _ => {
                let known = ids.find(record.id);
                last = Some((record.id.to_owned(), known));
                known
            }
        };
        let Some(first) = known else {
            if !unknown.contains(record.id) {
                if report.unknown.len() < NAMED {
                    report.unknown.push(record.id.to_owned());
                }
                unknown.insert(record.id.to_owned());
            }
            return Ok(());
        };
        report.observations += 1;
        let time = record.time.acquired;
        report.from = Some(report.from.map_or(time, |from| from.min(time)));
        report.to = Some(report.to.map_or(time, |to| to.max(time)));
        for parcel in ids.all(first) {
            seen[parcel.at()] = true;
            take(parcel, record)?;
        }
        Ok(())
    });
    report.unknown_ids = unknown.len() as u64;
    report.parcels = seen.iter().filter(|&&seen| seen).count();
    match outcome {
        Ok(outcome) => {
            report.files = outcome.files;
            report.format = outcome.format;
            report.signals = outcome.signals;
            report.notes = outcome.notes;
            report.problems.extend(outcome.problems);
            if report.observations == 0 && report.unknown_ids > 0 {
                let fact = format!("none of its {} ids is a parcel, such as {}", report.unknown_ids, report.unknown.join(", "));
                report.problems.push(problem(
                    fact,
                    "ids of the parcel layer; choose its column with `parcel_column`, or the table's with `id`",
                ));
            } else if report.observations == 0 && report.problems.is_empty() {
                report.problems.push(problem("it holds no observation".to_owned(), "rows with values"));
            } else if report.unknown_ids > 0 {
                let fact = format!("{} of its ids are no parcels, such as {}", report.unknown_ids, report.unknown.join(", "));
                let severity = Severity::Note;
                report.problems.push(Problem { severity, ..problem(fact, "ids of the parcel layer") });
            }
        }
        Err(IoError::File { fact, path, .. }) => {
            let path = if path.as_os_str().is_empty() { source.path.clone() } else { path };
            report.problems.push(Problem { path, ..problem(fact, "") });
        }
        Err(other) => report.problems.push(problem(other.to_string(), "")),
    }
    report
}

/// Adds the acquisitions that only the tables know, and ties all of them to the catalogue.
pub(super) fn join(store: TableStore, catalog: &mut Catalog) -> Tables {
    let names = store.reports().iter().map(|report| report.path.file_name().map(|name| name.to_string_lossy().into_owned()));
    let name = names.flatten().next().unwrap_or_default();
    let acquisitions = join::join(catalog, store.times(), &name);
    let mut times: HashMap<AcquisitionIx, Vec<u32>> = HashMap::new();
    for (time, &acquisition) in (0..).zip(&acquisitions) {
        times.entry(acquisition).or_default().push(time);
    }
    Tables { store, acquisitions, times }
}

impl Project {
    pub(super) fn add_table(&mut self, mut source: TableSource) {
        let base = self.path.parent().unwrap_or(Path::new("")).to_owned();
        source.path = relative(&base, &resolve(&self.path, &source.path));
        match self.file.tables.iter_mut().find(|own| own.path == source.path) {
            Some(own) => *own = source,
            None => self.file.tables.push(source),
        }
        self.start_loading();
    }

    pub(super) fn remove_table(&mut self, number: usize) {
        if number < self.file.tables.len() {
            self.file.tables.remove(number);
            self.start_loading();
        }
    }
}

/// True when a file seems to be a table of parcel statistics, and no parcel layer or image. Reads its beginning.
pub fn is_series_table(path: &Path) -> bool {
    import::is_series_table(path)
}

/// The files of a source as they are now; none when it is not there.
pub fn files(path: &Path) -> Vec<std::path::PathBuf> {
    import::files(path).unwrap_or_default()
}

/// True for an acquisition of which there is no image.
pub fn is_values_only(acquisition: &crate::model::Acquisition) -> bool {
    !acquisition.granules.is_empty() && acquisition.granules.iter().all(|granule| granule.bands.is_empty())
}
