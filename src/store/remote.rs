//! What a server has answered: an index in one `SQLite` file, large answers and chips as files beside it. May be deleted at any time.
//!
//! Small answers lie packed in the index. A file is named after the key of its entry alone, so that nothing that a server sends can
//! decide where bytes are written; it is written beside its place, synced and renamed. When the entries exceed the budget the least
//! recently used leave. Several processes may use one folder. What is *pinned* – the facts that a project cannot be opened without –
//! never leaves.

mod index;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, params};
use tempfile::NamedTempFile;

/// Fingerprint of everything that decides an answer, or of a source.
pub type Key = [u8; 32];

/// Name of the index in the cache folder.
pub const INDEX: &str = "remote.sqlite";

/// Answers whose packed size stays below this lie in the index.
const SMALL: usize = 64 << 10;

/// The time of last use is noted this often, seconds.
const USE_STEP: i64 = 60;

/// Longest answer that is unpacked, bytes.
const LONGEST: u64 = 256 << 20;

/// Why the cache cannot be used or an entry cannot be kept.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RemoteCacheError {
    /// The folder or a file in it.
    #[error("cannot {operation} the cache of remote data: {fact} ({})", path.display())]
    File {
        /// What was tried.
        operation: &'static str,
        /// What the system says.
        fact: String,
        /// Which file or folder.
        path: PathBuf,
    },
    /// The index.
    #[error("cannot {operation} the index of remote data: {fact} ({})", path.display())]
    Index {
        /// What was tried.
        operation: &'static str,
        /// What the database says.
        fact: String,
        /// Which file.
        path: PathBuf,
    },
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// The bytes of an answer.
    Answer,
    /// A chip.
    Chip,
    /// A background picture.
    Picture,
}

impl EntryKind {
    const ALL: [Self; 3] = [Self::Answer, Self::Chip, Self::Picture];

    fn code(self) -> i64 {
        match self {
            Self::Answer => 0,
            Self::Chip => 1,
            Self::Picture => 2,
        }
    }
}

/// What is known of an entry without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Fingerprint.
    pub key: Key,
    /// What it is.
    pub kind: EntryKind,
    /// When the server answered.
    pub fetched: Timestamp,
    /// When it was last used, to the minute.
    pub used: Timestamp,
    /// Bytes on disk.
    pub bytes: u64,
    /// What the caller noted: the route, or product and band.
    pub label: String,
    /// The file; `None` for what lies in the index.
    pub path: Option<PathBuf>,
}

/// Facts that never leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pinned {
    /// The row of a parcel.
    Parcel,
    /// The acquisitions that see a parcel.
    Acquisitions,
    /// What the server says of itself.
    Server,
    /// The statistics of a parcel, which stand for its acquisitions where a server does not list these.
    Series,
}

impl Pinned {
    fn code(self) -> i64 {
        match self {
            Self::Parcel => 0,
            Self::Acquisitions => 1,
            Self::Server => 2,
            Self::Series => 3,
        }
    }
}

/// The open cache. Cloning shares.
#[derive(Debug, Clone)]
pub struct RemoteCache {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    connection: Mutex<Connection>,
    folder: PathBuf,
    budget_bytes: u64,
    /// Set when a damaged index was set aside.
    message: Option<String>,
}

impl RemoteCache {
    /// Opens or makes the cache in a folder. A damaged index is set aside and begun anew; [`RemoteCache::message`] says so then.
    pub fn open(folder: &Path, budget_bytes: u64) -> Result<Self, RemoteCacheError> {
        let (connection, message) = index::open(folder)?;
        remove_left_over(&folder.join("incoming"));
        let inner = Inner { connection: Mutex::new(connection), folder: folder.to_owned(), budget_bytes, message };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What the user should know about the opening.
    pub fn message(&self) -> Option<&str> {
        self.inner.message.as_deref()
    }

    /// Where everything lies.
    pub fn folder(&self) -> &Path {
        &self.inner.folder
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.inner.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fail(&self, operation: &'static str) -> impl Fn(rusqlite::Error) -> RemoteCacheError {
        let path = self.inner.folder.join(INDEX);
        move |error| {
            index::note_damage(&error, &path);
            RemoteCacheError::Index { operation, fact: error.to_string(), path: path.clone() }
        }
    }

    /// Where the file of a key lies.
    fn place(&self, key: &Key) -> PathBuf {
        let name = blake3::Hash::from_bytes(*key).to_hex();
        self.inner.folder.join("files").join(&name[..2]).join(&name[2..])
    }

    /// What is known of an entry; `None` when there is none. A file that is gone or has another length takes its entry with it.
    pub fn entry(&self, key: &Key) -> Option<Entry> {
        let found = self.row(key).map(|(entry, _)| entry)?;
        self.checked(found)
    }

    fn checked(&self, entry: Entry) -> Option<Entry> {
        if let Some(path) = &entry.path
            && std::fs::metadata(path).map_or(0, |facts| facts.len()) != entry.bytes
        {
            self.remove_broken(&entry.key);
            return None;
        }
        self.touch(&entry);
        Some(entry)
    }

    fn row(&self, key: &Key) -> Option<(Entry, Option<Vec<u8>>)> {
        let read = || {
            let connection = self.lock();
            let sql = "SELECT key, kind, fetched, used, bytes, label, body IS NULL, body FROM entries WHERE key = ?1";
            let mut statement = connection.prepare_cached(sql)?;
            statement.query_row([key.as_slice()], |row| Ok((self.entry_of(row)?, row.get(7)?))).optional()
        };
        // An index that cannot be read is one that misses; the log says why.
        read().map_err(self.fail("read")).unwrap_or_else(|error| warn(&error))
    }

    fn entry_of(&self, row: &rusqlite::Row<'_>) -> rusqlite::Result<Entry> {
        let key: Key = row.get(0)?;
        let code: i64 = row.get(1)?;
        let time = |column| row.get::<_, i64>(column).map(|s| Timestamp::from_second(s).unwrap_or(Timestamp::UNIX_EPOCH));
        let path = row.get::<_, bool>(6)?.then(|| self.place(&key));
        Ok(Entry {
            key,
            kind: EntryKind::ALL.into_iter().find(|kind| kind.code() == code).unwrap_or(EntryKind::Answer),
            fetched: time(2)?,
            used: time(3)?,
            bytes: row.get::<_, i64>(4)? as u64,
            label: row.get(5)?,
            path,
        })
    }

    fn touch(&self, entry: &Entry) {
        let now = Timestamp::now().as_second();
        if now - entry.used.as_second() < USE_STEP {
            return;
        }
        let noted = self.lock().execute("UPDATE entries SET used = ?2 WHERE key = ?1", params![entry.key.as_slice(), now]);
        if let Err(error) = noted.map_err(self.fail("write")) {
            tracing::debug!("{error}");
        }
    }

    /// The bytes under a key and when the server sent them.
    pub fn get(&self, key: &Key) -> Option<(Vec<u8>, Timestamp)> {
        let (entry, body) = self.row(key)?;
        let fetched = entry.fetched;
        let body = match body {
            Some(body) => body,
            None if entry.kind == EntryKind::Answer => std::fs::read(self.checked(entry.clone())?.path?).ok()?, // gone meanwhile
            None => return std::fs::read(self.checked(entry)?.path?).ok().map(|bytes| (bytes, fetched)),        // gone meanwhile
        };
        self.touch(&entry);
        match unpack(&body) {
            Ok(bytes) => Some((bytes, fetched)),
            Err(error) => {
                tracing::warn!("an answer in the cache of remote data is damaged and is dropped: {error}");
                self.remove_broken(key);
                None
            }
        }
    }

    /// How long an entry has been kept.
    pub fn age(&self, key: &Key) -> Option<jiff::SignedDuration> {
        self.row(key).map(|(entry, _)| Timestamp::now().duration_since(entry.fetched))
    }

    /// Keeps the bytes of an answer.
    pub fn put(&self, source: &Key, key: &Key, label: &str, bytes: &[u8]) -> Result<(), RemoteCacheError> {
        let file_fail = |operation: &'static str, error: std::io::Error| RemoteCacheError::File {
            operation,
            fact: error.to_string(),
            path: self.inner.folder.clone(),
        };
        let packed = zstd::encode_all(bytes, 3).map_err(|error| file_fail("write to", error))?;
        if packed.len() < SMALL {
            return self.enter(source, key, EntryKind::Answer, label, Stored::Body(&packed));
        }
        let mut file = self.new_file()?;
        file.write_all(&packed).map_err(|error| file_fail("write to", error))?;
        self.put_file(source, key, EntryKind::Answer, label, file).map(drop)
    }

    /// An empty file in the cache folder, to be filled and given to [`RemoteCache::put_file`]; it removes itself otherwise.
    pub fn new_file(&self) -> Result<NamedTempFile, RemoteCacheError> {
        let folder = self.inner.folder.join("incoming");
        std::fs::create_dir_all(&folder)
            .and_then(|()| tempfile::Builder::new().prefix("part-").suffix(".tif").tempfile_in(&folder))
            .map_err(|error| RemoteCacheError::File { operation: "write to", fact: error.to_string(), path: folder })
    }

    /// Keeps a file under a key and says where it lies now.
    pub fn put_file(
        &self,
        source: &Key,
        key: &Key,
        kind: EntryKind,
        label: &str,
        file: NamedTempFile,
    ) -> Result<PathBuf, RemoteCacheError> {
        let place = self.place(key);
        let fail = |error: std::io::Error| RemoteCacheError::File {
            operation: "write to",
            fact: error.to_string(),
            path: place.clone(),
        };
        if let Some(folder) = place.parent() {
            std::fs::create_dir_all(folder).map_err(fail)?;
        }
        file.as_file().sync_data().map_err(fail)?;
        let bytes = file.as_file().metadata().map_err(fail)?.len();
        self.enter(source, key, kind, label, Stored::File(file, bytes, &place))?;
        Ok(place)
    }

    /// One transaction: renaming and entering, so that another process sees both or none, and room made for it.
    fn enter(&self, source: &Key, key: &Key, kind: EntryKind, label: &str, stored: Stored<'_>) -> Result<(), RemoteCacheError> {
        let mut connection = self.lock();
        let fail = self.fail("write");
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(&fail)?;
        let now = Timestamp::now().as_second();
        let (bytes, body) = match stored {
            Stored::Body(body) => (body.len() as u64, Some(body)),
            Stored::File(file, bytes, place) => {
                file.persist(place).map_err(|error| RemoteCacheError::File {
                    operation: "write to",
                    fact: error.error.to_string(),
                    path: place.to_owned(),
                })?;
                (bytes, None)
            }
        };
        let sql =
            "INSERT INTO entries (key, source, kind, label, fetched, used, bytes, body) VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
             ON CONFLICT (key) DO UPDATE SET source = ?2, kind = ?3, label = ?4, fetched = ?5, used = ?5, bytes = ?6, body = ?7";
        let values = params![key.as_slice(), source.as_slice(), kind.code(), label, now, bytes as i64, body];
        let had_file = index::has_file(&transaction, key).map_err(&fail)?;
        transaction.prepare_cached(sql).and_then(|mut insert| insert.execute(values)).map_err(&fail)?;
        if had_file && body.is_some() {
            remove_file(&self.place(key));
        }
        for gone in index::least_used(&transaction, self.inner.budget_bytes, key).map_err(&fail)? {
            remove_file(&self.place(&gone));
        }
        transaction.commit().map_err(&fail)
    }

    /// Forgets an entry that turned out to be wrong.
    pub fn remove_broken(&self, key: &Key) {
        let mut connection = self.lock();
        let mut remove = || -> rusqlite::Result<()> {
            let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
            transaction.execute("DELETE FROM entries WHERE key = ?1", [key.as_slice()])?;
            remove_file(&self.place(key));
            transaction.commit()
        };
        if let Err(error) = remove().map_err(self.fail("write")) {
            tracing::warn!("{error}");
        }
    }

    /// Entries of a source, the newest first. No file is touched.
    pub fn list(&self, source: &Key) -> Vec<Entry> {
        let read = || -> rusqlite::Result<Vec<Entry>> {
            let connection = self.lock();
            let sql = "SELECT key, kind, fetched, used, bytes, label, body IS NULL FROM entries WHERE source = ?1
                 ORDER BY fetched DESC, key";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([source.as_slice()], |row| self.entry_of(row))?;
            rows.collect()
        };
        read().map_err(self.fail("list")).unwrap_or_else(|error| warn(&error))
    }

    /// Bytes that all entries take.
    pub fn bytes(&self) -> u64 {
        let total = self.lock().query_row("SELECT value FROM about WHERE name = 'bytes'", [], |row| row.get::<_, i64>(0));
        total.map_err(self.fail("read")).map_or_else(|error| warn(&error), |total| total as u64)
    }

    /// Keeps a fact that never leaves.
    pub fn pin(&self, source: &Key, kind: Pinned, id: &str, value: &[u8]) -> Result<(), RemoteCacheError> {
        let packed = zstd::encode_all(value, 3).map_err(|error| RemoteCacheError::File {
            operation: "write to",
            fact: error.to_string(),
            path: self.inner.folder.clone(),
        })?;
        let sql = "INSERT OR REPLACE INTO pinned (source, kind, id, fetched, body) VALUES (?1, ?2, ?3, ?4, ?5)";
        let now = Timestamp::now().as_second();
        let pinned = self.lock().execute(sql, params![source.as_slice(), kind.code(), id, now, packed]);
        pinned.map(drop).map_err(self.fail("write"))
    }

    /// A pinned fact and when it was noted.
    pub fn pinned(&self, source: &Key, kind: Pinned, id: &str) -> Option<(Vec<u8>, Timestamp)> {
        let sql = "SELECT body, fetched FROM pinned WHERE source = ?1 AND kind = ?2 AND id = ?3";
        let read = || {
            let connection = self.lock();
            let mut statement = connection.prepare_cached(sql)?;
            let values = params![source.as_slice(), kind.code(), id];
            statement.query_row(values, |row| Ok((row.get::<_, Vec<u8>>(0)?, row.get::<_, i64>(1)?))).optional()
        };
        let (body, fetched) = read().map_err(self.fail("read")).unwrap_or_else(|error| warn(&error))?;
        // A damaged fact is none: the server tells it again.
        Some((unpack(&body).ok()?, Timestamp::from_second(fetched).unwrap_or(Timestamp::UNIX_EPOCH)))
    }

    /// Ids with a pinned fact, in order.
    pub fn pinned_ids(&self, source: &Key, kind: Pinned) -> Vec<String> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let connection = self.lock();
            let mut statement = connection.prepare_cached("SELECT id FROM pinned WHERE source = ?1 AND kind = ?2 ORDER BY id")?;
            let rows = statement.query_map(params![source.as_slice(), kind.code()], |row| row.get(0))?;
            rows.collect()
        };
        read().map_err(self.fail("list")).unwrap_or_else(|error| warn(&error))
    }
}

/// How an entry is kept.
enum Stored<'a> {
    /// Packed, in the index.
    Body(&'a [u8]),
    /// A file, its length, and the place where it belongs.
    File(NamedTempFile, u64, &'a Path),
}

fn unpack(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    zstd::Decoder::new(packed)?.take(LONGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn warn<T: Default>(error: &RemoteCacheError) -> T {
    tracing::warn!("{error}");
    T::default()
}

/// Removes what a program that was killed had begun to fetch; another one may be fetching the young ones.
fn remove_left_over(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let modified = entry.metadata().and_then(|facts| facts.modified());
        let old = modified.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > std::time::Duration::from_hours(24)));
        if old {
            remove_file(&entry.path());
        }
    }
}

/// A file that cannot be removed only takes room.
fn remove_file(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::debug!("cannot remove a file of the cache of remote data: {error} ({})", path.display());
        }
        _ => {}
    }
}

/// True when a file begins as a TIFF does.
pub fn looks_like_tiff(path: &Path) -> bool {
    let mut head = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    read.is_ok() && matches!(&head, b"II*\0" | b"MM\0*" | b"II+\0" | b"MM\0+")
}

#[cfg(test)]
mod tests;
