//! Derived data in the project's cache folder: one `SQLite` file of keyed answers. May be deleted at any time.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension as _, params};

/// Why the cache cannot be used; the program works without it.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The folder cannot be made.
    #[error("cannot make the cache folder: {0}")]
    Folder(#[from] std::io::Error),
    /// The file cannot be opened or is damaged.
    #[error("cannot open the cache: {0}")]
    Sqlite(#[from] rusqlite::Error),
}

/// Open cache. A key is the fingerprint of everything that decides the answer, so nothing in it is ever wrong, only unused.
#[derive(Debug)]
pub struct Cache {
    connection: Mutex<Connection>,
}

impl Cache {
    /// Opens or makes `folder/cache.sqlite`. A damaged file is replaced: nothing in it is worth more than computing it again.
    pub fn open(folder: &Path) -> Result<Self, CacheError> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join("cache.sqlite");
        match Self::connect(&path) {
            Ok(cache) => Ok(cache),
            Err(_damaged) => {
                std::fs::remove_file(&path)?;
                Ok(Self::connect(&path)?)
            }
        }
    }

    fn connect(path: &Path) -> Result<Self, rusqlite::Error> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A lost transaction costs a computation, never data.
        connection.pragma_update(None, "synchronous", "OFF")?;
        // As a statement: the call of this name needs a newer SQLite than Debian has.
        connection.pragma_update(None, "busy_timeout", 2000)?;
        connection.execute("CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID", [])?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// The answer under a key.
    pub fn get(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let mut statement = connection.prepare_cached("SELECT value FROM answers WHERE key = ?1").ok()?;
        // A cache that cannot be read is a cache that misses.
        statement.query_row([key.as_slice()], |row| row.get(0)).optional().ok().flatten()
    }

    /// Keeps an answer. A full or read-only disk is noted in the log and changes nothing else.
    pub fn put(&self, key: &[u8; 32], value: &[u8]) {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = connection
            .prepare_cached("INSERT OR REPLACE INTO answers (key, value) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute(params![key.as_slice(), value]));
        if let Err(error) = kept {
            tracing::warn!("cannot keep a result in the cache: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_survive_reopening_and_a_damaged_file_is_replaced() {
        let folder = tempfile::tempdir().expect("folder");
        let key = [7u8; 32];
        Cache::open(folder.path()).expect("new").put(&key, b"value");
        assert_eq!(Cache::open(folder.path()).expect("again").get(&key).as_deref(), Some(&b"value"[..]));
        for entry in std::fs::read_dir(folder.path()).expect("folder") {
            std::fs::write(entry.expect("entry").path(), vec![1u8; 5000]).expect("damage");
        }
        let cache = Cache::open(folder.path()).expect("replaced");
        assert_eq!(cache.get(&key), None);
        cache.put(&key, b"new");
        assert_eq!(cache.get(&key).as_deref(), Some(&b"new"[..]));
    }
}
