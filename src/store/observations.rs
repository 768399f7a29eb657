//! The observation store: a folder of Parquet parts, and an index in `SQLite` that says what each of them holds.
//!
//! A part holds the observations of one acquisition under one set of settings over one bucket of parcels, in the folder
//! `season=YYYY/tile=TTTTT` where `DuckDB`, pandas and R find it. What the index does not name is not part of the store: a part is
//! written beside its place, and moved there in the transaction that enters it. So several programs can work on one store, and
//! one that is killed loses only what it had under way. Names of other files begin with `_` or `.`, which the readers of such
//! folders pass over.
//!
//! What stands in the columns of a part, and which part a parcel belongs to, is not decided here.

use std::fs::File;
use std::io::{Seek as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Row, TransactionBehavior, params};
use tempfile::NamedTempFile;

/// Name of the index in the store's folder.
pub const INDEX: &str = "_index.sqlite";

/// Held by every program that has the store open, and alone by one that clears up.
const LOCK: &str = "_lock";

/// How names of half-written parts begin.
const TEMPORARY: &str = ".part-";

/// Layout of folder and index; another number is another program's.
const LAYOUT: i64 = 1;

/// Bytes of a [`ParcelKey`] that tell the id; the others tell the outline.
pub const ID_BYTES: usize = 8;

/// Fingerprint of a parcel: of its id, then of its outline.
pub type ParcelKey = [u8; 24];

/// Fingerprint of a set of parcels.
pub type PopulationKey = [u8; 32];

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A file or folder.
    #[error("cannot {operation}: {fact} ({})", path.display())]
    File {
        /// `write to the observation store`.
        operation: &'static str,
        /// First wrong fact, and what to do.
        fact: String,
        /// Which.
        path: PathBuf,
    },
    /// The index.
    #[error("cannot {operation} the observation store's index: {error} ({})", path.display())]
    Index {
        /// What was tried.
        operation: &'static str,
        /// What the database says.
        error: rusqlite::Error,
        /// Which file.
        path: PathBuf,
    },
}

/// What a part is of. Two parts never agree in all of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Fingerprint of the settings.
    pub settings: String,
    /// Fingerprint of the acquisition with its products and their files.
    pub acquisition: String,
    /// Year of the acquisition.
    pub season: i16,
    /// Tile, as far as it can be in the name of a folder.
    pub tile: String,
    /// First bits of the parcel keys in it, as `0` and `1`.
    pub bucket: String,
}

/// A part in the index.
#[derive(Debug, Clone)]
pub struct Part {
    id: i64,
    /// What it is of.
    pub place: Place,
    /// Names of the acquisition's products, apart from what state they are in, one a line.
    pub products: String,
    /// Which parcels were looked at; those that the acquisition does not see have no rows.
    pub population: PopulationKey,
    /// Path below the store's folder; `None` when there are no rows.
    file: Option<String>,
    /// Length of the file.
    bytes: u64,
    /// Checksum of the file.
    blake3: String,
}

impl Part {
    /// Checksum of its file, as hexadecimal digits.
    pub fn blake3(&self) -> &str {
        &self.blake3
    }
}

/// A part to be entered.
#[derive(Debug)]
pub struct NewPart {
    /// What it is of.
    pub place: Place,
    /// Names of the acquisition's products, one a line.
    pub products: String,
    /// The products' files with lengths and times, as JSON: for people.
    pub sources: String,
    /// Parcels that were looked at, ascending.
    pub population: Vec<ParcelKey>,
    /// Number of rows.
    pub rows: usize,
    /// The Parquet file; empty without rows.
    pub content: Vec<u8>,
}

/// An open store.
#[derive(Debug)]
pub struct ObservationStore {
    connection: Mutex<Connection>,
    folder: PathBuf,
    /// Held until the store is closed; without effect on a disk that knows no locks.
    lock: File,
}

impl ObservationStore {
    /// Opens the store in a folder, or makes it; also says what was found wrong and how it was put right.
    ///
    /// When no other program has the store open, leftovers of interrupted runs are cleared away: half-written files are removed, a
    /// part without entry is renamed so that nobody counts it, and so is an index that is damaged.
    pub fn open(folder: &Path) -> Result<(Self, Vec<String>), StoreError> {
        let unusable = |error: std::io::Error| {
            file_error("use the folder as observation store", &error, "name one that can be written", folder)
        };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        // Also when everything is there already: better now than after an hour.
        drop(tempfile::tempfile_in(folder).map_err(unusable)?);
        let lock = File::options().create(true).append(true).open(folder.join(LOCK)).map_err(unusable)?;
        let alone = lock.try_lock().is_ok();
        if !alone {
            // Waits while another program clears up.
            drop(lock.lock_shared());
        }
        let mut notes = Vec::new();
        let connection = match connect(folder) {
            Err(StoreError::Index { error, .. }) if alone && damaged(&error) => {
                set_index_aside(folder).map_err(unusable)?;
                notes.push(format!(
                    "the observation store's index is damaged ({error}) and was renamed to {INDEX}.damaged; everything is extracted again"
                ));
                connect(folder)
            }
            other => other,
        }?;
        let store = Self { connection: Mutex::new(connection), folder: folder.to_owned(), lock };
        if alone {
            store.clear_up(&mut notes)?;
            // A disk that could lock can unlock; if not, the next to come does not clear up.
            drop(store.lock.unlock().and_then(|()| store.lock.lock_shared()));
        }
        Ok((store, notes))
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, operation: &'static str) -> impl FnOnce(rusqlite::Error) -> StoreError + '_ {
        move |error| StoreError::Index { operation, error, path: self.folder.join(INDEX) }
    }

    /// Removes half-written files, and renames parts that the index does not name.
    fn clear_up(&self, notes: &mut Vec<String>) -> Result<(), StoreError> {
        let connection = self.connection();
        let listed = || -> rusqlite::Result<std::collections::HashSet<String>> {
            connection.execute("DELETE FROM populations WHERE key NOT IN (SELECT population FROM parts)", [])?;
            let mut statement = connection.prepare("SELECT file FROM parts WHERE file IS NOT NULL")?;
            statement.query_map([], |row| row.get(0))?.collect()
        };
        let listed = listed().map_err(self.fail("read"))?;
        let mut unlisted = 0;
        for season in folders(&self.folder, "season=") {
            for tile in folders(&season, "tile=") {
                for path in entries(&tile) {
                    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                    let below = path.strip_prefix(&self.folder).map(slashed).unwrap_or_default();
                    if name.starts_with(TEMPORARY) {
                        // What cannot be removed is not read either.
                        drop(std::fs::remove_file(&path));
                    } else if name.starts_with("part-")
                        && path.extension().is_some_and(|ending| ending == "parquet")
                        && !listed.contains(&below)
                    {
                        unlisted += usize::from(std::fs::rename(&path, path.with_file_name(format!("_{name}.unused"))).is_ok());
                    }
                }
            }
        }
        if unlisted > 0 {
            notes.push(format!(
                "the observation store's index does not name {unlisted} of its part files, as after an interrupted run; they are \
                 not used, were renamed to _….unused, and may be deleted"
            ));
        }
        Ok(())
    }

    /// Notes for people what the fingerprint of some settings stands for.
    pub fn describe(&self, settings: &str, described: &str) -> Result<(), StoreError> {
        let noted = self.connection().execute("INSERT OR IGNORE INTO settings VALUES (?1, ?2)", [settings, described]);
        noted.map(drop).map_err(self.fail("write"))
    }

    /// All parts under some settings.
    pub fn parts(&self, settings: &str) -> Result<Vec<Part>, StoreError> {
        self.list("WHERE settings = ?1", &[&settings])
    }

    /// The parts of an acquisition under some settings.
    pub fn parts_of(&self, settings: &str, acquisition: &str) -> Result<Vec<Part>, StoreError> {
        self.list("WHERE settings = ?1 AND acquisition = ?2", &[&settings, &acquisition])
    }

    fn list(&self, which: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Part>, StoreError> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<Vec<Part>> {
            let columns = "id, settings, acquisition, season, tile, bucket, products, population, file, bytes, blake3";
            let mut statement = connection.prepare_cached(&format!("SELECT {columns} FROM parts {which} ORDER BY id"))?;
            statement.query_map(values, part)?.collect()
        };
        read().map_err(self.fail("read"))
    }

    /// The parcels of a population, ascending; those of one that another program has just replaced are none.
    pub fn population(&self, key: &PopulationKey) -> Result<Vec<ParcelKey>, StoreError> {
        let connection = self.connection();
        let read = || -> rusqlite::Result<Option<Vec<u8>>> {
            let mut statement = connection.prepare_cached("SELECT keys FROM populations WHERE key = ?1")?;
            statement.query_row([key.as_slice()], |row| row.get(0)).optional()
        };
        let bytes = read().map_err(self.fail("read"))?.unwrap_or_default();
        Ok(bytes.as_chunks::<{ size_of::<ParcelKey>() }>().0.to_vec())
    }

    /// The file of a part, open, after its length and checksum were compared with the index; `None` when it has no rows.
    ///
    /// Otherwise says what is wrong with it.
    pub fn open_part(&self, part: &Part) -> Result<Option<File>, StoreError> {
        let Some(name) = &part.file else { return Ok(None) };
        let path = self.folder.join(name);
        let fail = |fact: String| StoreError::File {
            operation: "use a part of the observation store",
            fact: format!("{fact}; its observations are extracted again, and the file may be deleted"),
            path: path.clone(),
        };
        let check = || -> std::io::Result<Result<File, String>> {
            let mut file = File::open(&path)?;
            let length = file.metadata()?.len();
            if length != part.bytes {
                return Ok(Err(format!("it has {length} bytes, the index says {}", part.bytes)));
            }
            let mut hasher = blake3::Hasher::new();
            hasher.update_reader(&file)?;
            if hasher.finalize().to_hex().as_str() != part.blake3 {
                return Ok(Err("its checksum is not that of the index".to_owned()));
            }
            file.rewind()?;
            Ok(Ok(file))
        };
        check().map_err(|error| fail(error.to_string()))?.map_err(fail).map(Some)
    }

    /// Puts parts in the place of others, all or none; false when meanwhile another program has changed any of them.
    ///
    /// `superseded` go too, if they are still there.
    pub fn replace(&self, old: &[&Part], superseded: &[Part], new: &[NewPart]) -> Result<bool, StoreError> {
        let written = new.iter().map(|part| self.write(part)).collect::<Result<Vec<_>, _>>()?;
        let names: Vec<Option<String>> = written.iter().map(|written| written.as_ref().map(|(_, path)| slashed(path))).collect();
        let moved = || -> Result<(), StoreError> {
            for (file, path) in written.into_iter().flatten() {
                let path = self.folder.join(path);
                let hint = "delete it if it is there; it will be extracted again";
                file.persist(&path)
                    .map_err(|error| file_error("put a part into the observation store", &error.error, hint, &path))?;
            }
            Ok(())
        };
        let gone = {
            let mut connection = self.connection();
            let enter = || -> rusqlite::Result<Option<Result<Vec<String>, StoreError>>> {
                let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
                for part in old {
                    if transaction.execute("DELETE FROM parts WHERE id = ?1", [part.id])? == 0 {
                        return Ok(None);
                    }
                }
                for part in superseded {
                    transaction.execute("DELETE FROM parts WHERE id = ?1", [part.id])?;
                }
                for (part, name) in new.iter().zip(&names) {
                    if !insert(&transaction, part, name.as_deref())? {
                        return Ok(None);
                    }
                }
                if let Err(error) = moved() {
                    return Ok(Some(Err(error)));
                }
                transaction.commit()?;
                let gone = old.iter().copied().chain(superseded).filter_map(|part| part.file.clone());
                Ok(Some(Ok(gone.filter(|name| !names.contains(&Some(name.clone()))).collect())))
            };
            enter().map_err(self.fail("write"))?
        };
        let Some(gone) = gone else { return Ok(false) };
        for name in gone? {
            // Another program may have done so; what stays is noticed by the next to open the store alone.
            drop(std::fs::remove_file(self.folder.join(name)));
        }
        Ok(true)
    }

    /// Writes a part's file beside its place; returns it with its place below the folder.
    fn write(&self, part: &NewPart) -> Result<Option<(NamedTempFile, PathBuf)>, StoreError> {
        if part.rows == 0 {
            return Ok(None);
        }
        let Place { settings, acquisition, season, tile, bucket } = &part.place;
        let folder = PathBuf::from(format!("season={season:04}")).join(format!("tile={tile}"));
        let mut name = blake3::Hasher::new();
        name.update(format!("{acquisition} {bucket} ").as_bytes()).update(&part.content);
        let name = format!("part-{}-{}.parquet", &settings[..8], &name.finalize().to_hex()[..24]);
        let write = || -> std::io::Result<NamedTempFile> {
            let folder = self.folder.join(&folder);
            std::fs::create_dir_all(&folder)?;
            let mut builder = tempfile::Builder::new();
            builder.prefix(TEMPORARY).suffix(".tmp");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt as _;
                // As any other new file: readable by colleagues as far as the user's umask lets.
                builder.permissions(std::fs::Permissions::from_mode(0o666));
            }
            let mut file = builder.tempfile_in(folder)?;
            // Not synced: after a power cut the checksum tells.
            file.write_all(&part.content)?;
            Ok(file)
        };
        let hint = "what was stored before is kept; run again when this is put right";
        let file =
            write().map_err(|error| file_error("write to the observation store", &error, hint, &self.folder.join(&folder)))?;
        Ok(Some((file, folder.join(name))))
    }
}

fn connect(folder: &Path) -> Result<Connection, StoreError> {
    let path = folder.join(INDEX);
    let fail = |error| StoreError::Index { operation: "open", error, path: path.clone() };
    let open = || -> rusqlite::Result<(Connection, i64, String)> {
        let connection = Connection::open(&path)?;
        // First of all: two programs may be making the same file.
        connection.pragma_update(None, "busy_timeout", 30_000)?;
        let mut wal = connection.pragma_update(None, "journal_mode", "WAL");
        for _ in 0..100 {
            // This one change does not wait by itself.
            if !matches!(&wal, Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
            wal = connection.pragma_update(None, "journal_mode", "WAL");
        }
        wal?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(
            "BEGIN IMMEDIATE;
             CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS settings (key TEXT PRIMARY KEY, described TEXT NOT NULL) WITHOUT ROWID;
             CREATE TABLE IF NOT EXISTS populations (key BLOB PRIMARY KEY, keys BLOB NOT NULL);
             CREATE TABLE IF NOT EXISTS parts (
               id INTEGER PRIMARY KEY AUTOINCREMENT, settings TEXT NOT NULL, acquisition TEXT NOT NULL, season INTEGER NOT NULL,
               tile TEXT NOT NULL, bucket TEXT NOT NULL, products TEXT NOT NULL, sources TEXT NOT NULL, population BLOB NOT NULL,
               rows INTEGER NOT NULL, file TEXT, bytes INTEGER NOT NULL, blake3 TEXT NOT NULL, created TEXT NOT NULL,
               UNIQUE (settings, acquisition, tile, bucket));
             INSERT OR IGNORE INTO about VALUES ('layout', 1);
             COMMIT;",
        )?;
        let layout = connection.query_row("SELECT value FROM about WHERE name = 'layout'", [], |row| row.get(0))?;
        let sound = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok((connection, layout, sound))
    };
    let (connection, layout, sound) = open().map_err(fail)?;
    if sound != "ok" {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
        return Err(fail(rusqlite::Error::SqliteFailure(code, Some(sound))));
    }
    if layout != LAYOUT {
        let fact = format!("it has layout {layout}, this program knows {LAYOUT}; use another folder");
        return Err(StoreError::File { operation: "use the observation store", fact, path });
    }
    Ok(connection)
}

/// True when the index is no index, rather than out of reach.
fn damaged(error: &rusqlite::Error) -> bool {
    // Unknown: a database that is not ours.
    let codes = [ErrorCode::NotADatabase, ErrorCode::DatabaseCorrupt, ErrorCode::Unknown];
    error.sqlite_error_code().is_none_or(|code| codes.contains(&code))
}

/// The name of the index is given free.
fn set_index_aside(folder: &Path) -> std::io::Result<()> {
    std::fs::rename(folder.join(INDEX), folder.join(format!("{INDEX}.damaged")))?;
    for ending in ["-wal", "-shm"] {
        match std::fs::remove_file(folder.join(format!("{INDEX}{ending}"))) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn part(row: &Row<'_>) -> rusqlite::Result<Part> {
    Ok(Part {
        id: row.get(0)?,
        place: Place {
            settings: row.get(1)?,
            acquisition: row.get(2)?,
            season: row.get(3)?,
            tile: row.get(4)?,
            bucket: row.get(5)?,
        },
        products: row.get(6)?,
        population: row.get(7)?,
        file: row.get(8)?,
        bytes: row.get::<_, i64>(9)? as u64,
        blake3: row.get(10)?,
    })
}

/// Enters a part; false when its place is taken.
fn insert(transaction: &rusqlite::Transaction<'_>, part: &NewPart, file: Option<&str>) -> rusqlite::Result<bool> {
    let keys = part.population.as_flattened();
    let population = *blake3::hash(keys).as_bytes();
    transaction
        .prepare_cached("INSERT OR IGNORE INTO populations VALUES (?1, ?2)")?
        .execute(params![population.as_slice(), keys])?;
    let entered = transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO parts (settings, acquisition, season, tile, bucket, products, sources, population, rows, file,
             bytes, blake3, created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )?
        .execute(params![
            part.place.settings,
            part.place.acquisition,
            part.place.season,
            part.place.tile,
            part.place.bucket,
            part.products,
            part.sources,
            population.as_slice(),
            part.rows as i64,
            file,
            part.content.len() as i64,
            blake3::hash(&part.content).to_hex().as_str(),
            jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        ])?;
    Ok(entered == 1)
}

fn file_error(operation: &'static str, error: &std::io::Error, hint: &str, path: &Path) -> StoreError {
    StoreError::File { operation, fact: format!("{error}; {hint}"), path: path.to_owned() }
}

/// A path in the one form that is the same on all systems.
fn slashed(path: &Path) -> String {
    path.components().map(|component| component.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// What is in a folder; nothing when it cannot be listed.
fn entries(folder: &Path) -> Vec<PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

fn folders(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let named = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(prefix));
    entries(folder).into_iter().filter(named).collect()
}
