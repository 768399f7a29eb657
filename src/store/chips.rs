//! Prepared chips: the pixels around chosen parcels, all bands as they are stored, in one `SQLite` file of the project's cache.
//!
//! One row is one product through one parcel: what a review step asks for comes with one read. Stored numbers are kept without loss:
//! differences between neighbouring pixels, low and high bytes apart, then zstd. A chip of 13 bands takes about ten kilobytes, the
//! size at which a database row is read faster than a file of its own.

mod codec;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, params};

use crate::model::stored::StoredBand;

/// Name of the file in the cache folder.
pub const FILE: &str = "chips.sqlite";

/// Layout of the file; another number is another program's.
const LAYOUT: i64 = 1;

/// Fingerprint of a product or of a parcel.
pub type Key = [u8; 16];

/// Why prepared chips cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum ChipError {
    /// The file cannot be opened, read or written.
    #[error("cannot {operation} the prepared chips: {error} ({})", path.display())]
    Sqlite {
        /// What was tried.
        operation: &'static str,
        /// What the database says.
        error: rusqlite::Error,
        /// Which file.
        path: PathBuf,
    },
    /// The file is there but is not what this program writes.
    #[error("cannot use the prepared chips: {fact}; delete the file and prepare again ({})", path.display())]
    Unusable {
        /// First wrong fact.
        fact: String,
        /// Which file.
        path: PathBuf,
    },
}

/// A file of a product as it was when its chips were made.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct SourceFile {
    /// Path relative to the project.
    pub path: PathBuf,
    /// Length.
    pub bytes: u64,
    /// Time of the last change, nanoseconds since 1970.
    pub modified_ns: i64,
}

/// A product whose chips are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptProduct {
    /// Row number.
    pub id: i64,
    /// Fingerprint.
    pub key: Key,
    /// Its files.
    pub files: Vec<SourceFile>,
}

/// One chip to keep: which parcel, and the bands around it.
pub type NewChip = (Key, Vec<StoredBand>);

/// An open file of prepared chips.
#[derive(Debug)]
pub struct Chips {
    connection: Mutex<Connection>,
    path: PathBuf,
}

impl Chips {
    /// Opens the file in a cache folder; `None` when there is none.
    pub fn open(folder: &Path) -> Result<Option<Self>, ChipError> {
        let path = folder.join(FILE);
        if !path.exists() {
            return Ok(None);
        }
        Self::connect(path, false).map(Some)
    }

    /// Opens the file in a cache folder, or makes it.
    pub fn create(folder: &Path) -> Result<Self, ChipError> {
        let path = folder.join(FILE);
        std::fs::create_dir_all(folder)
            .map_err(|error| ChipError::Unusable { fact: format!("the folder cannot be made: {error}"), path: path.clone() })?;
        Self::connect(path, true)
    }

    fn connect(path: PathBuf, create: bool) -> Result<Self, ChipError> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let fail = |operation| {
            let path = path.clone();
            move |error| ChipError::Sqlite { operation, error, path }
        };
        let connection = Connection::open_with_flags(&path, flags).map_err(fail("open"))?;
        let set_up = || -> rusqlite::Result<i64> {
            // A row of ten kilobytes goes over several pages: small ones leave the least of the last one empty.
            connection.pragma_update(None, "page_size", 4096)?;
            connection.pragma_update(None, "journal_mode", "WAL")?;
            connection.pragma_update(None, "synchronous", "NORMAL")?;
            connection.pragma_update(None, "busy_timeout", 10_000)?;
            connection.execute_batch(
                "CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
                 CREATE TABLE IF NOT EXISTS products (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, files TEXT NOT NULL);
                 CREATE TABLE IF NOT EXISTS chips (parcel BLOB NOT NULL, product INTEGER NOT NULL, bands BLOB NOT NULL);
                 CREATE UNIQUE INDEX IF NOT EXISTS chip_of ON chips (parcel, product);",
            )?;
            connection.execute("INSERT OR IGNORE INTO about VALUES ('layout', ?1)", [LAYOUT])?;
            connection.query_row("SELECT value FROM about WHERE name = 'layout'", [], |row| row.get(0))
        };
        let layout = set_up().map_err(fail("open"))?;
        if layout != LAYOUT {
            let fact = format!("they have layout {layout}, this program reads {LAYOUT}");
            return Err(ChipError::Unusable { fact, path });
        }
        Ok(Self { connection: Mutex::new(connection), path })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, operation: &'static str) -> impl FnOnce(rusqlite::Error) -> ChipError + '_ {
        move |error| ChipError::Sqlite { operation, error, path: self.path.clone() }
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All products with chips.
    pub fn products(&self) -> Result<Vec<KeptProduct>, ChipError> {
        let connection = self.lock();
        let read = || -> rusqlite::Result<Vec<(i64, Key, String)>> {
            let mut statement = connection.prepare("SELECT id, key, files FROM products ORDER BY id")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            rows.collect()
        };
        let rows = read().map_err(self.fail("list"))?;
        rows.into_iter()
            .map(|(id, key, files)| {
                let files = serde_json::from_str(&files)
                    .map_err(|error| ChipError::Unusable { fact: error.to_string(), path: self.path.clone() })?;
                Ok(KeptProduct { id, key, files })
            })
            .collect()
    }

    /// Parcels that a product has chips of.
    pub fn parcels_of(&self, product: &Key) -> Result<std::collections::HashSet<Key>, ChipError> {
        let connection = self.lock();
        let read = || -> rusqlite::Result<_> {
            let mut statement =
                connection.prepare_cached("SELECT parcel FROM chips WHERE product = (SELECT id FROM products WHERE key = ?1)")?;
            let rows = statement.query_map([product.as_slice()], |row| row.get(0))?;
            rows.collect()
        };
        read().map_err(self.fail("list"))
    }

    /// Keeps chips of one product, all or none. Chips of other files of the same product are forgotten.
    pub fn put(&self, product: &Key, files: &[SourceFile], chips: &[NewChip]) -> Result<(), ChipError> {
        let encoded: Vec<(&Key, Vec<u8>)> = chips.iter().map(|(parcel, bands)| (parcel, codec::encode(bands))).collect();
        let files = serde_json::to_string(files)
            .map_err(|error| ChipError::Unusable { fact: error.to_string(), path: self.path.clone() })?;
        let mut connection = self.lock();
        let mut write = || -> rusqlite::Result<()> {
            let transaction = connection.transaction()?;
            transaction.execute("INSERT OR IGNORE INTO products (key, files) VALUES (?1, '')", [product.as_slice()])?;
            let (id, known): (i64, String) =
                transaction.query_row("SELECT id, files FROM products WHERE key = ?1", [product.as_slice()], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            if known != files {
                transaction.execute("DELETE FROM chips WHERE product = ?1", [id])?;
                transaction.execute("UPDATE products SET files = ?2 WHERE id = ?1", params![id, files])?;
            }
            {
                let mut statement =
                    transaction.prepare_cached("INSERT OR REPLACE INTO chips (parcel, product, bands) VALUES (?1, ?2, ?3)")?;
                for (parcel, bands) in &encoded {
                    statement.execute(params![parcel.as_slice(), id, bands])?;
                }
            }
            transaction.commit()
        };
        write().map_err(self.fail("write"))
    }

    /// The bands kept of a product through a parcel. A damaged row is an error that names the file.
    pub fn get(&self, product: i64, parcel: &Key) -> Result<Option<Vec<StoredBand>>, ChipError> {
        let read = || -> rusqlite::Result<Option<Vec<u8>>> {
            let connection = self.lock();
            let mut statement = connection.prepare_cached("SELECT bands FROM chips WHERE parcel = ?1 AND product = ?2")?;
            statement.query_row(params![parcel.as_slice(), product], |row| row.get(0)).optional()
        };
        let Some(bytes) = read().map_err(self.fail("read"))? else { return Ok(None) };
        // Unpacked after the lock is given back.
        codec::decode(&bytes)
            .map(Some)
            .ok_or_else(|| ChipError::Unusable { fact: "a chip is damaged".to_owned(), path: self.path.clone() })
    }

    /// Bytes that a chip takes.
    pub fn size_of(bands: &[StoredBand]) -> usize {
        codec::encode(bands).len()
    }

    /// What else is kept: the catalogue, so that the project opens without its images.
    pub fn about(&self, name: &str) -> Result<Option<Vec<u8>>, ChipError> {
        let connection = self.lock();
        let read =
            || connection.query_row("SELECT value FROM about WHERE name = ?1", [name], |row| row.get::<_, Vec<u8>>(0)).optional();
        let packed = read().map_err(self.fail("read"))?;
        let unpack = |bytes: Vec<u8>| {
            zstd::decode_all(bytes.as_slice())
                .map_err(|error| ChipError::Unusable { fact: error.to_string(), path: self.path.clone() })
        };
        packed.map(unpack).transpose()
    }

    /// Keeps something else.
    pub fn set_about(&self, name: &str, value: &[u8]) -> Result<(), ChipError> {
        let packed = zstd::encode_all(value, 3)
            .map_err(|error| ChipError::Unusable { fact: error.to_string(), path: self.path.clone() })?;
        let connection = self.lock();
        let written = connection.execute("INSERT OR REPLACE INTO about (name, value) VALUES (?1, ?2)", params![name, packed]);
        written.map(drop).map_err(self.fail("write"))
    }

    /// Copies the chips of some parcels into a new file, those of one parcel side by side, so that slow disks read them in one go.
    pub fn copy_to(&self, folder: &Path, parcels: &[Key]) -> Result<Self, ChipError> {
        let target = Self::create(folder)?;
        let text = target.path.to_string_lossy().into_owned();
        {
            let connection = self.lock();
            let copy = || -> rusqlite::Result<()> {
                connection.execute("ATTACH DATABASE ?1 AS target", [&text])?;
                connection.execute_batch("CREATE TEMP TABLE wanted (parcel BLOB PRIMARY KEY) WITHOUT ROWID; BEGIN;")?;
                {
                    let mut statement = connection.prepare("INSERT OR IGNORE INTO wanted VALUES (?1)")?;
                    for parcel in parcels {
                        statement.execute([parcel.as_slice()])?;
                    }
                }
                connection.execute_batch(
                    "INSERT OR REPLACE INTO target.products SELECT * FROM main.products;
                     INSERT OR REPLACE INTO target.chips SELECT chips.* FROM main.chips JOIN wanted USING (parcel)
                       ORDER BY parcel, product;
                     COMMIT; DROP TABLE wanted; DETACH DATABASE target;",
                )
            };
            if let Err(error) = copy() {
                // Back to one database without a transaction, whatever step it was that failed.
                drop(connection.execute_batch("ROLLBACK"));
                drop(connection.execute_batch("DROP TABLE IF EXISTS wanted"));
                drop(connection.execute_batch("DETACH DATABASE target"));
                return Err(ChipError::Sqlite { operation: "copy", error, path: target.path });
            }
        }
        Ok(target)
    }

    /// Number of chips.
    pub fn count(&self) -> Result<u64, ChipError> {
        let connection = self.lock();
        let counted = connection.query_row("SELECT count(*) FROM chips", [], |row| row.get::<_, i64>(0));
        counted.map(|count| count as u64).map_err(self.fail("count"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Band;
    use crate::model::grid::PixelWindow;
    use crate::model::stored::Pixels;

    fn chip(seed: u16) -> Vec<StoredBand> {
        let window = PixelWindow { col: 3, row: 4, width: 5, height: 2 };
        let numbers = (0..10).map(|i| seed + i * 37).collect();
        vec![StoredBand { band: Band::new("B04"), window, pixels: Pixels::U16(numbers) }]
    }

    fn file(bytes: u64) -> Vec<SourceFile> {
        vec![SourceFile { path: "s2/a.tif".into(), bytes, modified_ns: 5 }]
    }

    #[test]
    fn chips_come_back_and_changed_files_forget_theirs() {
        let folder = tempfile::tempdir().expect("folder");
        assert!(Chips::open(folder.path()).expect("none yet").is_none());
        let chips = Chips::create(folder.path()).expect("made");
        let (product, other) = ([1; 16], [2; 16]);
        chips.put(&product, &file(7), &[([8; 16], chip(100)), ([9; 16], chip(200))]).expect("kept");
        chips.put(&other, &file(7), &[([8; 16], chip(300))]).expect("kept");
        drop(chips);
        let chips = Chips::open(folder.path()).expect("opens").expect("there");
        let kept = chips.products().expect("listed");
        assert_eq!(kept.iter().map(|product| product.key).collect::<Vec<_>>(), [product, other]);
        assert_eq!(chips.get(kept[0].id, &[9; 16]).expect("read"), Some(chip(200)));
        assert_eq!(chips.get(kept[1].id, &[9; 16]).expect("read"), None);
        // The same product from a file of another length: what was kept of it is no longer true.
        chips.put(&product, &file(8), &[([9; 16], chip(201))]).expect("kept");
        assert_eq!(chips.get(kept[0].id, &[8; 16]).expect("read"), None);
        assert_eq!(chips.get(kept[0].id, &[9; 16]).expect("read"), Some(chip(201)));
        assert_eq!(chips.parcels_of(&other).expect("listed").len(), 1);
    }

    #[test]
    fn a_copy_holds_the_chosen_parcels_only() {
        let (folder, target) = (tempfile::tempdir().expect("folder"), tempfile::tempdir().expect("folder"));
        let chips = Chips::create(folder.path()).expect("made");
        for product in 0..3u8 {
            let all: Vec<NewChip> = (0..4u8).map(|parcel| ([parcel; 16], chip(u16::from(product * 10 + parcel)))).collect();
            chips.put(&[product; 16], &file(1), &all).expect("kept");
        }
        let copy = chips.copy_to(target.path(), &[[1; 16], [3; 16]]).expect("copied");
        assert_eq!(copy.count().expect("counted"), 6);
        let products = copy.products().expect("listed");
        assert_eq!(copy.get(products[2].id, &[3; 16]).expect("read"), Some(chip(23)));
        assert_eq!(copy.get(products[2].id, &[2; 16]).expect("read"), None);
    }

    #[test]
    fn a_file_that_is_no_database_is_refused_with_its_name() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join(FILE), vec![7u8; 4096]).expect("written");
        let error = Chips::open(folder.path()).expect_err("refused").to_string();
        assert!(error.contains(FILE) && error.contains("not a database"), "{error}");
    }
}
