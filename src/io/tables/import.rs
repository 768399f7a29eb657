//! Tables of parcel statistics from elsewhere, of any usual format, as a stream of observations.
//!
//! What a file is shows its content, never its name. Rows are read block by block, so memory does not grow with the table (JSON, of
//! which one file holds one parcel, is read whole). After reading everything is physical: reflectance, coherence and shares 0..1,
//! backscatter as linear power; what was undone is said in the notes.

mod findings;
mod guess;
mod json;
mod names;
mod records;
mod rows;
mod sen4cap;
mod source;
mod units;
mod words;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use crate::io::IoError;
use crate::model::report::{Problem, Severity};
use crate::model::tables::{Role, StoredAs, TableRecord};
use crate::model::{TableSource, Watch};

use findings::Findings;
use guess::{IdFrom, Mapping};
use names::Named;
use records::{Reader, Sink, Units};
use rows::Rows;
use source::Source;
use words::{DateOrder, order_of};

/// What is known around a table.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// Names of the indices there are.
    pub indices: &'a [String],
    /// Whether a word is the id of a parcel.
    pub is_parcel: &'a dyn Fn(&str) -> bool,
}

/// What came of reading a source.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Number of files read.
    pub files: usize,
    /// What they are.
    pub format: String,
    /// Signals, and how they were stored.
    pub signals: Vec<(String, StoredAs)>,
    /// What was undone, assumed or left out, in sentences.
    pub notes: Vec<String>,
    /// What went wrong, by file.
    pub problems: Vec<Problem>,
}

/// The first rows of a table and how it would be read.
#[derive(Debug, Clone, Default)]
pub struct Preview {
    /// The file looked at; of a folder the first table.
    pub file: PathBuf,
    /// Number of files.
    pub files: usize,
    /// What it is.
    pub format: String,
    /// Names of the columns.
    pub header: Vec<String>,
    /// The first rows, as text.
    pub rows: Vec<Vec<String>>,
    /// Which column plays which role.
    pub roles: Vec<(Role, String)>,
    /// Names in the table, and the signal and statistic they are taken for; an empty text for those left out.
    pub names: Vec<(String, String)>,
    /// Signals and how they seem to be stored.
    pub signals: Vec<(String, StoredAs)>,
    /// The id of all rows, when the file's name tells it.
    pub file_id: Option<String>,
    /// True when a column names the signal of each row.
    pub long: bool,
    /// What was assumed, in sentences.
    pub notes: Vec<String>,
    /// Why it cannot be read as it is said now.
    pub fault: Option<String>,
}

/// Files of which a folder's signals and units are guessed.
const SAMPLED_FILES: usize = 12;

/// Means of a variable that its unit is guessed from.
const SAMPLED_MEANS: usize = 20_000;

fn fault(operation: &str, path: &Path, fact: impl Into<String>) -> IoError {
    IoError::File { operation: operation.to_owned(), fact: fact.into(), path: path.to_owned() }
}

/// The files that a source names: itself, those of a folder and its folders, or those that a pattern with `*` fits.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, IoError> {
    let failed = |error: std::io::Error| fault("find the table", path, error.to_string());
    let mut found = Vec::new();
    if path.is_dir() {
        walk(path, &mut found).map_err(failed)?;
    } else if path.is_file() {
        return Ok(vec![path.to_owned()]);
    } else if let Some(name) = path.file_name().map(|name| name.to_string_lossy().into_owned()).filter(|name| name.contains('*'))
    {
        let parts: Vec<String> = name.split('*').map(regex::escape).collect();
        let form = regex::Regex::new(&format!("^{}$", parts.join(".*")))
            .map_err(|error| fault("find the table", path, error.to_string()))?;
        let folder = path.parent().unwrap_or(Path::new("."));
        for entry in std::fs::read_dir(folder).map_err(failed)?.flatten() {
            if entry.path().is_file() && form.is_match(&entry.file_name().to_string_lossy()) {
                found.push(entry.path());
            }
        }
    } else {
        return Err(fault(
            "find the table",
            path,
            "no such file or folder; correct the path, or take the table out of the project",
        ));
    }
    found.sort();
    if found.is_empty() {
        return Err(fault("find the table", path, "no file is there"));
    }
    Ok(found)
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        // Names that begin so are other programs' own business, as everywhere in folders of tables.
        if entry.file_name().to_string_lossy().starts_with(['.', '_']) {
            continue;
        }
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            walk(&path, found)?;
        } else {
            let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
            // Companions of tables, pictures and chips lie in the same folders.
            if matches!(ending.as_str(), "csv" | "txt" | "tsv" | "json" | "parquet" | "pq" | "ipc" | "arrow" | "feather") {
                found.push(path);
            }
        }
    }
    Ok(())
}

/// True when a file seems to be a table of parcel statistics, and no parcel layer or image.
pub fn is_series_table(path: &Path) -> bool {
    let said = TableSource { path: path.to_owned(), ..TableSource::default() };
    let indices = [String::from("NDVI")];
    let context = Context { indices: &indices, is_parcel: &|_| false };
    // What cannot be read is no table, whatever the reason.
    path.is_file() && Table::open(path, &said, &context).is_ok()
}

/// An open table with its first rows and their meaning.
struct Table {
    source: Source,
    first: Option<Rows>,
    mapping: Mapping,
    order: DateOrder,
}

impl Table {
    fn open(path: &Path, said: &TableSource, context: &Context<'_>) -> Result<Self, IoError> {
        let mut source = Source::open(path, said.delimiter, said.decimal)?;
        let first = source.next()?;
        let mut mapping = guess::mapping(&source, said, first.as_ref(), context)?;
        mapping.notes.append(&mut source.notes);
        let times = mapping.roles.get(&Role::Time).zip(first.as_ref()).map(|(&column, rows)| rows.words(column));
        let (order, open) = order_of(times.iter().flatten().flatten().map(AsRef::as_ref));
        let order = match said.day_first {
            Some(true) => DateOrder::DayFirst,
            Some(false) => DateOrder::MonthFirst,
            None if open => {
                mapping.notes.push(
                    "dates such as 03/04/2020 are taken as the third of April; set `day_first` when that is wrong".to_owned(),
                );
                order
            }
            None => order,
        };
        Ok(Self { source, first, mapping, order })
    }

    /// Gives all observations (or those of the first rows) to `sink`.
    fn read(
        mut self,
        said: &TableSource,
        context: &Context<'_>,
        units: &Units,
        watch: Option<&Watch>,
        sink: &mut Sink<'_>,
    ) -> Result<(Findings, Vec<Problem>), IoError> {
        let mut findings = Findings::default();
        let header = self.source.header.clone();
        let mut reader = Reader {
            header: &header,
            mapping: &self.mapping,
            said,
            indices: context.indices,
            units,
            order: self.order,
            words: HashMap::new(),
        };
        let mut next = self.first.take();
        while let Some(rows) = next {
            for piece in rows.pieces((source::CELLS / header.len().max(1)).clamp(1, source::BLOCK_ROWS)) {
                if watch.is_some_and(Watch::cancelled) {
                    return Err(IoError::Cancelled);
                }
                reader.read(&piece, &mut findings, sink)?;
                if watch.is_none() {
                    return Ok((findings, Vec::new()));
                }
            }
            next = self.source.next()?;
        }
        let problems = findings.problems(&self.source.path, &self.source.ragged, header.len());
        Ok((findings, problems))
    }
}

/// How the signals of a source are stored: as said, else from values of some of its files.
fn units_of(files: &[PathBuf], said: &TableSource, context: &Context<'_>) -> (Units, Vec<(String, StoredAs)>) {
    let mut means: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut named: BTreeMap<String, Option<StoredAs>> = BTreeMap::new();
    let step = files.len().div_ceil(SAMPLED_FILES).max(1);
    for file in files.iter().step_by(step) {
        // A file that cannot be read is told about when it is its turn.
        let Ok(table) = Table::open(file, said, context) else { continue };
        for group in table.mapping.groups.iter().filter_map(|group| group.named.as_ref()) {
            named.entry(group.variable.clone()).or_insert(group.unit);
        }
        let mut keep = |record: &TableRecord<'_>| {
            let kept = means.entry(record.variable.to_owned()).or_default();
            if record.stats.mean.is_finite() && kept.len() < SAMPLED_MEANS {
                kept.push(record.stats.mean);
            }
            Ok(())
        };
        drop(table.read(said, context, &Units::new(), None, &mut keep));
    }
    let mut units = Units::new();
    for (variable, mut means) in means {
        let by_name = named.get(&variable).copied().flatten();
        // A negated variable was read with its sign turned; only sizes count here, but for decibels, which are never negated.
        let unit = said.units.get(&variable).copied().unwrap_or_else(|| units::guess(&variable, by_name, &mut means));
        units.insert(variable, unit);
    }
    units.extend(said.units.iter().map(|(variable, unit)| (variable.clone(), *unit)));
    let list = units.iter().map(|(variable, unit)| (variable.clone(), *unit)).collect();
    (units, list)
}

/// Reads all observations of a source. A file of a folder that cannot be used is a problem; one that stands alone is an error.
pub fn read(said: &TableSource, context: &Context<'_>, watch: &Watch, sink: &mut Sink<'_>) -> Result<Outcome, IoError> {
    let files = files(&said.path)?;
    let (units, signals) = units_of(&files, said, context);
    watch.set_total(files.len() as u64);
    let mut outcome = Outcome { signals, ..Outcome::default() };
    let (mut formats, mut notes, mut left_out) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut first_error = None;
    for file in &files {
        if watch.cancelled() {
            return Err(IoError::Cancelled);
        }
        let table = Table::open(file, said, context);
        let read = table.and_then(|table| {
            let mapping = table.mapping.clone();
            table.read(said, context, &units, Some(watch), sink).map(|read| (mapping, read))
        });
        watch.advance(1);
        match read {
            Ok((mapping, (findings, mut problems))) => {
                outcome.files += 1;
                formats.insert(mapping.format);
                notes.extend(mapping.notes);
                left_out.extend(mapping.left_out);
                left_out.extend(findings.left_out_words().iter().cloned());
                outcome.problems.append(&mut problems);
            }
            Err(IoError::Cancelled) => return Err(IoError::Cancelled),
            Err(error) => {
                let (fact, path) = match &error {
                    IoError::File { fact, path, .. } if !path.as_os_str().is_empty() => (fact.clone(), path.clone()),
                    other => (other.to_string(), file.clone()),
                };
                outcome.problems.push(Problem { severity: Severity::Error, path, fact, expected: String::new() });
                first_error.get_or_insert(error);
            }
        }
    }
    if let Some(error) = first_error.filter(|_| outcome.files == 0) {
        return Err(error);
    }
    outcome.format = formats.into_iter().collect::<Vec<_>>().join("; ");
    outcome.notes = notes.into_iter().collect();
    outcome.notes.extend(undone(&outcome.signals));
    if !left_out.is_empty() {
        outcome.notes.push(format!("left out, as nothing here is called so: {}", few(left_out)));
    }
    Ok(outcome)
}

/// What reading undoes, in sentences.
fn undone(signals: &[(String, StoredAs)]) -> Vec<String> {
    let mut by_unit: BTreeMap<StoredAs, Vec<&str>> = BTreeMap::new();
    for (signal, unit) in signals {
        by_unit.entry(*unit).or_default().push(signal);
    }
    by_unit
        .into_iter()
        .filter_map(|(unit, signals)| {
            let signals = signals.join(", ");
            match unit {
                StoredAs::Physical => None,
                StoredAs::Decibel => {
                    Some(format!("{signals}: decibels became linear power; their standard deviations are left out"))
                }
                _ => Some(format!("{signals}: divided by {}", unit.divisor())),
            }
        })
        .collect()
}

fn few(words: BTreeSet<String>) -> String {
    const SHOWN: usize = 12;
    let count = words.len();
    let shown = words.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
    if count > SHOWN { format!("{shown} and {} more", count - SHOWN) } else { shown }
}

/// Rows of a preview.
const SHOWN_ROWS: usize = 6;

/// Columns of a preview; wide tables have thousands.
const SHOWN_COLUMNS: usize = 40;

/// Looks at the beginning of a source.
pub fn preview(said: &TableSource, context: &Context<'_>) -> Result<Preview, IoError> {
    let files = files(&said.path)?;
    let mut error = None;
    let table = files.iter().take(50).find_map(|file| Table::open(file, said, context).map_err(|fault| error = Some(fault)).ok());
    let Some(table) = table else {
        let error = error.unwrap_or_else(|| fault("read the table", &said.path, "no file in it is a table of parcel statistics"));
        return not_understood(&files, said, error);
    };
    let (_, signals) = units_of(&files, said, context);
    let Table { source, first, mapping, .. } = table;
    let columns = source.header.len().min(SHOWN_COLUMNS);
    let words: Vec<_> = first.iter().flat_map(|rows| (0..columns).map(|column| rows.words(column))).collect();
    let shown = first.as_ref().map_or(0, |rows| rows.len().min(SHOWN_ROWS));
    let cell = |row: usize| words.iter().map(move |column| column[row].as_deref().unwrap_or_default().to_owned()).collect();
    let mut roles: Vec<(Role, String)> =
        mapping.roles.iter().map(|(&role, &column)| (role, source.header[column].clone())).collect();
    if let IdFrom::Column(column) = mapping.id {
        roles.retain(|(role, _)| *role != Role::Id);
        roles.insert(0, (Role::Id, source.header[column].clone()));
    }
    let long = mapping.groups.iter().any(|group| group.named.is_none());
    let names = names_of(&source, said, &mapping, first.as_ref(), context);
    let statistics = mapping.groups.iter().filter(|_| long).flat_map(|group| &group.columns);
    roles.extend(statistics.map(|&(role, column)| (role, source.header[column].clone())));
    let mut notes = mapping.notes.clone();
    notes.extend(undone(&signals));
    Ok(Preview {
        file: source.path.clone(),
        files: files.len(),
        format: mapping.format.clone(),
        rows: (0..shown).map(cell).collect(),
        roles,
        names,
        signals,
        file_id: if let IdFrom::File(id) = &mapping.id { Some(id.clone()) } else { None },
        long,
        notes,
        fault: None,
        header: source.header,
    })
}

/// Columns and rows of a table whose columns mean nothing yet: for the user to say.
fn not_understood(files: &[PathBuf], said: &TableSource, error: IoError) -> Result<Preview, IoError> {
    let Some(mut source) = files.first().and_then(|file| Source::open(file, said.delimiter, said.decimal).ok()) else {
        return Err(error);
    };
    let rows = source.next()?;
    let shown = rows.as_ref().map_or(0, |rows| rows.len().min(SHOWN_ROWS));
    let columns: Vec<_> =
        rows.iter().flat_map(|rows| (0..source.header.len().min(SHOWN_COLUMNS)).map(|at| rows.words(at))).collect();
    let cell = |row: usize| columns.iter().map(move |column| column[row].as_deref().unwrap_or_default().to_owned()).collect();
    let fact = if let IoError::File { fact, .. } = &error { fact.clone() } else { error.to_string() };
    Ok(Preview {
        file: source.path.clone(),
        files: files.len(),
        rows: (0..shown).map(cell).collect(),
        names: source.header.iter().take(SHOWN_COLUMNS).map(|name| (name.clone(), String::new())).collect(),
        fault: Some(fact),
        header: source.header.clone(),
        ..Preview::default()
    })
}

/// Names in a table and what they are taken for.
fn names_of(
    source: &Source,
    said: &TableSource,
    mapping: &Mapping,
    first: Option<&Rows>,
    context: &Context<'_>,
) -> Vec<(String, String)> {
    let text = |named: &Named, role: Role| {
        if role == Role::Mean { named.variable.clone() } else { format!("{}.{}", named.variable, role.name()) }
    };
    let mut names = Vec::new();
    if let Some(column) = mapping.roles.get(&Role::Signal) {
        let words: BTreeSet<String> =
            first.iter().flat_map(|rows| rows.words(*column)).flatten().map(std::borrow::Cow::into_owned).collect();
        for word in words.into_iter().take(60) {
            let meaning = match said.signals.get(&word) {
                Some(said) => said.clone(),
                None => names::signal(&word, context.indices).map(|named| named.variable).unwrap_or_default(),
            };
            names.push((word, meaning));
        }
        return names;
    }
    for group in mapping.groups.iter().filter(|group| group.time.is_none()) {
        let Some(named) = &group.named else { continue };
        names.extend(group.columns.iter().map(|&(role, column)| (source.header[column].clone(), text(named, role))));
    }
    if mapping.groups.iter().all(|group| group.time.is_none()) {
        names.extend(mapping.left_out.iter().take(60).map(|name| (name.clone(), String::new())));
        let cleared = said.signals.iter().filter(|(name, word)| word.is_empty() && source.header.contains(name));
        names.extend(cleared.map(|(name, _)| (name.clone(), String::new())));
    }
    names
}
