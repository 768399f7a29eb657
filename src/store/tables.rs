//! Observations read from tables: one `SQLite` file in the project's cache folder, made again when a table changes.
//!
//! The key of a row is variable, parcel and part, packed into the number by which `SQLite` orders its rows; its content are all
//! observations of that variable of that parcel. So one parcel is a handful of look-ups, and one variable of all parcels is one run
//! through the file. A parcel has several parts only when a table is not sorted by parcel and does not fit into memory.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, Statement, params};

use crate::model::ParcelIx;
use crate::model::tables::{TableRecord, TableReport, TableStats, TableTime};

/// Files that are kept beside the newest one: of a window and of commands that name other tables.
const KEPT_FILES: usize = 3;

/// Layout of the file; another number is made again.
const LAYOUT: u32 = 1;

/// Observations held before they are written.
const HELD: usize = 1_500_000;

const PART_BITS: u32 = 16;
const PARCEL_BITS: u32 = 32;

/// Why tables cannot be kept.
#[derive(Debug, thiserror::Error)]
#[error("cannot {operation} the observations of the tables: {error} ({})", path.display())]
pub struct TableStoreError {
    operation: &'static str,
    error: String,
    path: PathBuf,
}

/// One observation of one variable of one parcel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableObservation {
    /// Place in [`TableStore::times`].
    pub time: u32,
    /// Statistics.
    pub stats: TableStats,
}

/// Observations of tables, kept.
#[derive(Debug)]
pub struct TableStore {
    connection: Mutex<Connection>,
    path: PathBuf,
    times: Vec<TableTime>,
    variables: Vec<String>,
    reports: Vec<TableReport>,
}

fn file_name(fingerprint: &[u8; 32]) -> String {
    let mut start = [0; 8];
    start.copy_from_slice(&fingerprint[..8]);
    format!("tables-{:016x}.sqlite", u64::from_be_bytes(start))
}

/// Removes what nobody has used for long; a file that cannot be removed does no harm.
fn drop_oldest(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let own = |name: &str| name.starts_with("tables-") && name.ends_with(".sqlite");
    let mut files: Vec<_> = entries
        .flatten()
        .filter(|entry| own(&entry.file_name().to_string_lossy()))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    for (_, path) in files.iter().rev().skip(1 + KEPT_FILES) {
        drop(std::fs::remove_file(path));
    }
}

fn key(variable: u32, parcel: u32, part: u32) -> i64 {
    (i64::from(variable) << (PARCEL_BITS + PART_BITS)) | (i64::from(parcel) << PART_BITS) | i64::from(part)
}

fn parcel_of(key: i64) -> ParcelIx {
    ParcelIx((key >> PART_BITS) as u32)
}

impl TableStore {
    /// What was kept under a key; `None` when that is something else, or damaged.
    pub fn open(folder: &Path, fingerprint: &[u8; 32]) -> Option<Self> {
        let path = folder.join(file_name(fingerprint));
        if !path.is_file() {
            return None;
        }
        // Whatever is wrong with it: it is made again.
        let connection = Connection::open(&path).ok()?;
        let meta = |name: &str| -> Option<Vec<u8>> {
            connection.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0)).optional().ok().flatten()
        };
        if meta("layout")? != LAYOUT.to_le_bytes() || meta("fingerprint")? != fingerprint {
            return None;
        }
        let times = serde_json::from_slice(&meta("times")?).ok()?;
        let variables = serde_json::from_slice(&meta("variables")?).ok()?;
        let reports = serde_json::from_slice(&meta("reports")?).ok()?;
        Some(Self { connection: Mutex::new(connection), path, times, variables, reports })
    }

    /// When, and by whom, as far as the tables say.
    pub fn times(&self) -> &[TableTime] {
        &self.times
    }

    /// Canonical names of bands, indices and polarisations, in order of appearance; `SCL` stands for scene classes.
    pub fn variables(&self) -> &[String] {
        &self.variables
    }

    /// What was understood of every source.
    pub fn reports(&self) -> &[TableReport] {
        &self.reports
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, error: &rusqlite::Error) -> TableStoreError {
        TableStoreError { operation: "read", error: error.to_string(), path: self.path.clone() }
    }

    fn number(&self, variable: &str) -> Option<u32> {
        self.variables.iter().position(|own| own == variable).map(|at| at as u32)
    }

    /// Observations of a variable of a parcel, by place in the list of times; of several of one time the one with most pixels.
    ///
    /// * **Cost:** one look-up, some ten microseconds.
    pub fn series(&self, parcel: ParcelIx, variable: &str) -> Result<Vec<TableObservation>, TableStoreError> {
        let Some(number) = self.number(variable) else { return Ok(Vec::new()) };
        Ok(self.packed(number, parcel)?.into_iter().map(|(time, stats, _)| TableObservation { time, stats }).collect())
    }

    /// Scene classes of a parcel, by place in the list of times.
    pub fn classes(&self, parcel: ParcelIx) -> Result<Vec<(u32, [u32; 12])>, TableStoreError> {
        let Some(number) = self.number(CLASSES) else { return Ok(Vec::new()) };
        Ok(self.packed(number, parcel)?.into_iter().filter_map(|(time, _, classes)| Some((time, classes?))).collect())
    }

    fn packed(&self, variable: u32, parcel: ParcelIx) -> Result<Vec<Packed>, TableStoreError> {
        let connection = self.lock();
        let mut found = Vec::new();
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = connection.prepare_cached("SELECT data FROM series WHERE key BETWEEN ?1 AND ?2 ORDER BY key")?;
            let mut rows = statement.query(params![key(variable, parcel.0, 0), key(variable, parcel.0, u32::from(u16::MAX))])?;
            while let Some(row) = rows.next()? {
                unpack(row.get_ref(0)?.as_blob()?, &mut found);
            }
            Ok(())
        };
        read().map_err(|error| self.failed(&error))?;
        drop(connection);
        keep_best(&mut found);
        Ok(found)
    }

    /// Visits every parcel that has one of the variables, in the order of the table, with the observations of each variable.
    ///
    /// Nothing else can be asked of this store meanwhile. `visit` returns false to stop.
    ///
    /// * **Cost:** one run through the variables' rows.
    pub fn for_each_parcel(
        &self,
        variables: &[&str],
        visit: &mut dyn FnMut(ParcelIx, &[Vec<TableObservation>]) -> bool,
    ) -> Result<(), TableStoreError> {
        let connection = self.lock();
        let run = |visit: &mut dyn FnMut(ParcelIx, &[Vec<TableObservation>]) -> bool| -> rusqlite::Result<()> {
            let sql = "SELECT key, data FROM series WHERE key BETWEEN ?1 AND ?2 ORDER BY key";
            let mut statements: Vec<Option<Statement<'_>>> = Vec::new();
            for variable in variables {
                statements.push(self.number(variable).map(|_| connection.prepare(sql)).transpose()?);
            }
            let mut cursors = Vec::new();
            for (variable, statement) in variables.iter().zip(&mut statements) {
                let cursor = match (self.number(variable), statement) {
                    (Some(number), Some(statement)) => {
                        Some(statement.query(params![key(number, 0, 0), key(number, u32::MAX, u32::from(u16::MAX))])?)
                    }
                    _ => None,
                };
                cursors.push((cursor, None::<(ParcelIx, Vec<Packed>)>));
            }
            loop {
                for (cursor, head) in &mut cursors {
                    let (Some(rows), None) = (cursor.as_mut(), head.as_ref()) else { continue };
                    match rows.next()? {
                        Some(row) => {
                            let mut found = Vec::new();
                            unpack(row.get_ref(1)?.as_blob()?, &mut found);
                            *head = Some((parcel_of(row.get(0)?), found));
                        }
                        None => *cursor = None,
                    }
                }
                let Some(parcel) = cursors.iter().filter_map(|(_, head)| head.as_ref().map(|(parcel, _)| *parcel)).min() else {
                    return Ok(());
                };
                let mut observed = Vec::with_capacity(cursors.len());
                for (cursor, head) in &mut cursors {
                    let mut found = Vec::new();
                    // Further parts of the same parcel follow each other.
                    while head.as_ref().is_some_and(|(own, _)| *own == parcel) {
                        found.extend(head.take().into_iter().flat_map(|(_, found)| found));
                        if let Some(row) = cursor.as_mut().map(rusqlite::Rows::next).transpose()?.flatten() {
                            let mut next = Vec::new();
                            unpack(row.get_ref(1)?.as_blob()?, &mut next);
                            *head = Some((parcel_of(row.get(0)?), next));
                        } else {
                            *cursor = None;
                        }
                    }
                    keep_best(&mut found);
                    observed.push(found.into_iter().map(|(time, stats, _)| TableObservation { time, stats }).collect());
                }
                if !visit(parcel, &observed) {
                    return Ok(());
                }
            }
        };
        run(visit).map_err(|error| self.failed(&error))
    }
}

/// Name under which scene classes are kept.
const CLASSES: &str = "SCL";

/// Time, statistics, scene classes.
type Packed = (u32, TableStats, Option<[u32; 12]>);

/// One of each time: the one with most pixels, of equals the first.
fn keep_best(found: &mut Vec<Packed>) -> u64 {
    let before = found.len();
    let pixels = |stats: &TableStats| if stats.count.is_nan() { -1.0 } else { stats.count };
    found.sort_by(|a, b| a.0.cmp(&b.0).then(pixels(&b.1).total_cmp(&pixels(&a.1))));
    found.dedup_by_key(|one| one.0);
    (before - found.len()) as u64
}

/// Time, a bit for each number that is there, whether they are kept in double precision, the numbers; or the scene classes.
fn pack(observations: &[Packed], into: &mut Vec<u8>) {
    const DOUBLE: u16 = 1 << 14;
    for (time, stats, classes) in observations {
        into.extend(time.to_le_bytes());
        if let Some(classes) = classes {
            into.extend(IS_CLASSES.to_le_bytes());
            into.extend(classes.iter().flat_map(|pixels| pixels.to_le_bytes()));
            continue;
        }
        let numbers = stats.numbers();
        let present = (0..).zip(&numbers).filter(|(_, number)| !number.is_nan());
        let mask = present.fold(0u16, |mask, (bit, _)| mask | 1 << bit);
        let double = numbers.iter().any(|&number| !number.is_nan() && f64::from(number as f32) != number);
        into.extend((mask | if double { DOUBLE } else { 0 }).to_le_bytes());
        for number in numbers.iter().filter(|number| !number.is_nan()) {
            if double { into.extend(number.to_le_bytes()) } else { into.extend((*number as f32).to_le_bytes()) }
        }
    }
}

const IS_CLASSES: u16 = 1 << 15;

/// Takes apart what [`pack`] made; a torn end is left out.
fn unpack(mut bytes: &[u8], into: &mut Vec<Packed>) {
    fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
        let (head, rest) = bytes.split_first_chunk::<N>()?;
        *bytes = rest;
        Some(*head)
    }
    let one = |bytes: &mut &[u8]| -> Option<Packed> {
        let time = u32::from_le_bytes(take(bytes)?);
        let mask = u16::from_le_bytes(take(bytes)?);
        if mask & IS_CLASSES != 0 {
            let mut classes = [0; 12];
            for pixels in &mut classes {
                *pixels = u32::from_le_bytes(take(bytes)?);
            }
            return Some((time, TableStats::UNKNOWN, Some(classes)));
        }
        let mut numbers = [f64::NAN; 10];
        for (bit, number) in (0..).zip(&mut numbers) {
            if mask & (1 << bit) != 0 {
                *number = if mask & (1 << 14) != 0 {
                    f64::from_le_bytes(take(bytes)?)
                } else {
                    f64::from(f32::from_le_bytes(take(bytes)?))
                };
            }
        }
        Some((time, TableStats::from_numbers(numbers), None))
    };
    while !bytes.is_empty() {
        let Some(packed) = one(&mut bytes) else { return };
        into.push(packed);
    }
}

/// Takes observations in and keeps them.
#[derive(Debug)]
pub struct TableBuilder {
    connection: Connection,
    file: tempfile::TempPath,
    folder: PathBuf,
    times: HashMap<TableTime, u32>,
    variables: Vec<String>,
    held: HashMap<(u32, u32), Vec<Packed>>,
    count: usize,
    part: u32,
    duplicates: u64,
}

impl TableBuilder {
    /// Begins a file beside the one in use.
    pub fn new(folder: &Path) -> Result<Self, TableStoreError> {
        let failed = |error: String| TableStoreError { operation: "keep", error, path: folder.to_owned() };
        std::fs::create_dir_all(folder).map_err(|error| failed(error.to_string()))?;
        let file = tempfile::Builder::new().prefix(".tables-").tempfile_in(folder).map_err(|error| failed(error.to_string()))?;
        let file = file.into_temp_path();
        let begin = || -> rusqlite::Result<Connection> {
            let connection = Connection::open(&file)?;
            // It counts only once it is whole and in its place.
            connection.pragma_update(None, "journal_mode", "OFF")?;
            connection.pragma_update(None, "synchronous", "OFF")?;
            connection.execute_batch(
                "CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL);
                 CREATE TABLE series (key INTEGER PRIMARY KEY, data BLOB NOT NULL);",
            )?;
            Ok(connection)
        };
        let connection = begin().map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            connection,
            file,
            folder: folder.to_owned(),
            times: HashMap::new(),
            variables: Vec::new(),
            held: HashMap::new(),
            count: 0,
            part: 0,
            duplicates: 0,
        })
    }

    fn failed(&self, error: &rusqlite::Error) -> TableStoreError {
        TableStoreError { operation: "keep", error: error.to_string(), path: self.folder.clone() }
    }

    /// Takes an observation of a parcel in.
    pub fn add(&mut self, parcel: ParcelIx, record: &TableRecord<'_>) -> Result<(), TableStoreError> {
        let time = if let Some(&time) = self.times.get(record.time) {
            time
        } else {
            let time = self.times.len() as u32;
            self.times.insert(record.time.clone(), time);
            time
        };
        let variable = self.variable(record.variable);
        self.held.entry((variable, parcel.0)).or_default().push((time, record.stats, None));
        self.count += 1;
        if let Some(classes) = record.classes {
            let variable = self.variable(CLASSES);
            let held = self.held.entry((variable, parcel.0)).or_default();
            // Every band of an observation repeats them.
            if !held.iter().rev().take(16).any(|(own, ..)| *own == time) {
                held.push((time, TableStats::UNKNOWN, Some(classes)));
                self.count += 1;
            }
        }
        if self.count >= HELD { self.flush() } else { Ok(()) }
    }

    fn variable(&mut self, name: &str) -> u32 {
        let known = self.variables.iter().position(|own| own == name).unwrap_or_else(|| {
            self.variables.push(name.to_owned());
            self.variables.len() - 1
        });
        known as u32
    }

    /// Observations of a time, variable and parcel that are there already, as far as they were held together.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    fn flush(&mut self) -> Result<(), TableStoreError> {
        let mut held: Vec<((u32, u32), Vec<Packed>)> = std::mem::take(&mut self.held).into_iter().collect();
        held.sort_unstable_by_key(|(place, _)| *place);
        let classes = self.variables.iter().position(|name| name == CLASSES).map(|at| at as u32);
        let (part, mut duplicates) = (self.part, 0);
        let write = |connection: &Connection| -> rusqlite::Result<()> {
            connection.execute_batch("BEGIN")?;
            let mut insert = connection.prepare_cached("INSERT INTO series (key, data) VALUES (?1, ?2)")?;
            let mut bytes = Vec::new();
            for ((variable, parcel), mut observations) in held {
                let doubled = keep_best(&mut observations);
                duplicates += if Some(variable) == classes { 0 } else { doubled };
                bytes.clear();
                pack(&observations, &mut bytes);
                insert.execute(params![key(variable, parcel, part), bytes])?;
            }
            connection.execute_batch("COMMIT")
        };
        write(&self.connection).map_err(|error| self.failed(&error))?;
        self.duplicates += duplicates;
        self.count = 0;
        self.part += 1;
        if self.part > u32::from(u16::MAX) {
            let error = "the tables are larger than can be kept; split them into projects".to_owned();
            return Err(TableStoreError { operation: "keep", error, path: self.folder.clone() });
        }
        Ok(())
    }

    /// Writes what is held, so that [`TableBuilder::duplicates`] counts it.
    pub fn settle(&mut self) -> Result<(), TableStoreError> {
        if self.count > 0 { self.flush() } else { Ok(()) }
    }

    /// Puts the file in its place and opens it.
    pub fn finish(mut self, fingerprint: &[u8; 32], reports: &[TableReport]) -> Result<TableStore, TableStoreError> {
        self.settle()?;
        let mut times: Vec<(u32, TableTime)> = self.times.drain().map(|(time, number)| (number, time)).collect();
        times.sort_unstable_by_key(|(number, _)| *number);
        let times: Vec<TableTime> = times.into_iter().map(|(_, time)| time).collect();
        let write = || -> Result<(), String> {
            let json = |error: serde_json::Error| error.to_string();
            for (name, value) in [
                ("layout", LAYOUT.to_le_bytes().to_vec()),
                ("fingerprint", fingerprint.to_vec()),
                ("times", serde_json::to_vec(&times).map_err(json)?),
                ("variables", serde_json::to_vec(&self.variables).map_err(json)?),
                ("reports", serde_json::to_vec(reports).map_err(json)?),
            ] {
                let insert = "INSERT INTO meta (name, value) VALUES (?1, ?2)";
                self.connection.execute(insert, params![name, value]).map_err(|error| error.to_string())?;
            }
            Ok(())
        };
        let path = self.folder.join(file_name(fingerprint));
        let failed = |error: String| TableStoreError { operation: "keep", error, path: path.clone() };
        write().map_err(failed)?;
        self.connection.close().map_err(|(_, error)| failed(error.to_string()))?;
        self.file.persist(&path).map_err(|error| failed(error.to_string()))?;
        drop_oldest(&self.folder);
        let connection = Connection::open(&path).map_err(|error| failed(error.to_string()))?;
        Ok(TableStore { connection: Mutex::new(connection), path, times, variables: self.variables, reports: reports.to_vec() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Sensor;

    fn time(day: i64) -> TableTime {
        TableTime {
            sensor: Sensor::S2,
            acquired: jiff::Timestamp::from_second(day * 86_400).expect("a time"),
            exact: false,
            first: None,
            platform: None,
            pass: None,
            relative_orbit: None,
        }
    }

    fn add(builder: &mut TableBuilder, parcel: u32, variable: &str, day: i64, mean: f64, count: f64) {
        let stats = TableStats { mean, count, ..TableStats::UNKNOWN };
        let mut classes = [0; 12];
        classes[4] = day as u32;
        let record = TableRecord { id: "", variable, time: &time(day), stats, classes: Some(classes) };
        builder.add(ParcelIx(parcel), &record).expect("adds");
    }

    #[test]
    fn observations_come_back_by_parcel_and_by_variable() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut builder = TableBuilder::new(folder.path()).expect("begins");
        add(&mut builder, 7, "NDVI", 3, 0.1 + 0.2, 12.0);
        add(&mut builder, 7, "NDVI", 1, 0.25, 5.0);
        // What does not fit into memory becomes a part of its own.
        builder.settle().expect("flushes");
        add(&mut builder, 7, "NDVI", 1, 0.75, 9.0);
        add(&mut builder, 2, "NDVI", 1, 0.5, f64::NAN);
        add(&mut builder, 2, "B04", 1, 0.05, f64::NAN);
        add(&mut builder, 2, "B04", 1, 0.06, f64::NAN);
        builder.settle().expect("flushes");
        assert_eq!(builder.duplicates(), 1);
        let report = TableReport { observations: 6, ..TableReport::default() };
        let key = [1; 32];
        drop(builder.finish(&key, std::slice::from_ref(&report)).expect("finishes"));
        assert!(TableStore::open(folder.path(), &[2; 32]).is_none(), "another key is another content");
        let store = TableStore::open(folder.path(), &key).expect("opens");
        assert_eq!((store.times().len(), store.reports()), (2, [report].as_slice()));
        let means = |parcel: u32, variable: &str| -> Vec<(u32, f64)> {
            store.series(ParcelIx(parcel), variable).expect("reads").iter().map(|one| (one.time, one.stats.mean)).collect()
        };
        // Exactly what was put in; of two the one with more pixels, else the first.
        assert_eq!(means(7, "NDVI"), [(0, 0.1 + 0.2), (1, 0.75)]);
        assert_eq!((means(2, "B04"), means(7, "B04"), means(2, "EVI")), (vec![(1, 0.05)], vec![], vec![]));
        let classes = store.classes(ParcelIx(7)).expect("reads");
        assert_eq!(classes.iter().map(|(time, classes)| (*time, classes[4])).collect::<Vec<_>>(), [(0, 3), (1, 1)]);
        let mut visited = Vec::new();
        let mut visit = |parcel: ParcelIx, observed: &[Vec<TableObservation>]| {
            visited.push((parcel.0, observed.iter().map(Vec::len).collect::<Vec<_>>()));
            true
        };
        store.for_each_parcel(&["B04", "NDVI", "EVI"], &mut visit).expect("runs");
        assert_eq!(visited, [(2, vec![1, 1, 0]), (7, vec![0, 2, 0])]);
    }

    #[test]
    fn a_damaged_file_is_not_opened_and_is_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(file_name(&[0; 32])), vec![7; 5000]).expect("damage");
        assert!(TableStore::open(folder.path(), &[0; 32]).is_none());
        let mut builder = TableBuilder::new(folder.path()).expect("begins");
        add(&mut builder, 0, "VV", 1, 0.05, 3.0);
        builder.finish(&[0; 32], &[]).expect("finishes");
        assert!(TableStore::open(folder.path(), &[0; 32]).is_some());
    }
}
