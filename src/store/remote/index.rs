//! The `SQLite` file of the cache of remote data: its layout, what leaves first, and what happens to a damaged one.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, Transaction, params};

use super::{INDEX, Key, RemoteCacheError};

/// Layout of the file; another number is another program's.
const LAYOUT: i64 = 1;

/// Opens or makes the index in a folder. A damaged one is set aside; the message says so.
pub(super) fn open(folder: &Path) -> Result<(Connection, Option<String>), RemoteCacheError> {
    let path = folder.join(INDEX);
    let file_error = |operation, error: &std::io::Error| RemoteCacheError::File {
        operation,
        fact: error.to_string(),
        path: folder.to_owned(),
    };
    std::fs::create_dir_all(folder).map_err(|error| file_error("make", &error))?;
    let index_error =
        |error: &rusqlite::Error| RemoteCacheError::Index { operation: "open", fact: error.to_string(), path: path.clone() };
    let fact = match (marker(&path).exists(), connect(&path)) {
        (false, Ok(connection)) => return Ok((connection, None)),
        (true, _) => "it was found damaged before".to_owned(),
        (false, Err(error)) if damaged(&error) => error.to_string(),
        (false, Err(error)) => return Err(index_error(&error)),
    };
    set_aside(folder, &path).map_err(|error| file_error("set aside the damaged index of", &error))?;
    let connection = connect(&path).map_err(|error| index_error(&error))?;
    let message = format!(
        "the index of remote data could not be used ({fact}); it was set aside and what it held is fetched again ({})",
        path.display()
    );
    tracing::warn!("{message}");
    Ok((connection, Some(message)))
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    // First of all: two programs may be making the same file.
    connection.pragma_update(None, "busy_timeout", 10_000)?;
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
         CREATE TABLE IF NOT EXISTS entries (
           key BLOB PRIMARY KEY, source BLOB NOT NULL, kind INTEGER NOT NULL, label TEXT NOT NULL, fetched INTEGER NOT NULL,
           used INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB);
         CREATE INDEX IF NOT EXISTS entries_of ON entries (source, fetched);
         CREATE INDEX IF NOT EXISTS entries_used ON entries (used);
         CREATE TABLE IF NOT EXISTS pinned (
           source BLOB NOT NULL, kind INTEGER NOT NULL, id TEXT NOT NULL, fetched INTEGER NOT NULL, body BLOB NOT NULL,
           PRIMARY KEY (source, kind, id)) WITHOUT ROWID;
         INSERT OR IGNORE INTO about VALUES ('layout', 1), ('bytes', 0);
         CREATE TRIGGER IF NOT EXISTS entered AFTER INSERT ON entries
           BEGIN UPDATE about SET value = value + new.bytes WHERE name = 'bytes'; END;
         CREATE TRIGGER IF NOT EXISTS removed AFTER DELETE ON entries
           BEGIN UPDATE about SET value = value - old.bytes WHERE name = 'bytes'; END;
         CREATE TRIGGER IF NOT EXISTS replaced AFTER UPDATE OF bytes ON entries
           BEGIN UPDATE about SET value = value + new.bytes - old.bytes WHERE name = 'bytes'; END;
         COMMIT;",
    )?;
    let layout: i64 = connection.query_row("SELECT value FROM about WHERE name = 'layout'", [], |row| row.get(0))?;
    if layout != LAYOUT {
        // Nothing in it is worth more than fetching it again.
        return Err(rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_NOTADB), None));
    }
    Ok(connection)
}

/// True when the index is no index, rather than out of reach.
fn damaged(error: &rusqlite::Error) -> bool {
    // Unknown: a database that is not ours.
    let codes = [ErrorCode::NotADatabase, ErrorCode::DatabaseCorrupt, ErrorCode::Unknown];
    error.sqlite_error_code().is_none_or(|code| codes.contains(&code))
}

/// Damage found while the index is open is remembered, so that the next opening sets it aside.
pub(super) fn note_damage(error: &rusqlite::Error, path: &Path) {
    let codes = [ErrorCode::NotADatabase, ErrorCode::DatabaseCorrupt];
    if error.sqlite_error_code().is_some_and(|code| codes.contains(&code))
        && let Err(error) = std::fs::write(marker(path), b"")
    {
        tracing::debug!("cannot note that the index of remote data is damaged: {error} ({})", path.display());
    }
}

fn marker(path: &Path) -> PathBuf {
    path.with_extension("broken")
}

/// Gives the name of the index free; files that no index knows are removed.
fn set_aside(folder: &Path, path: &Path) -> std::io::Result<()> {
    let absent = |result: std::io::Result<()>| match result {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    absent(std::fs::rename(path, folder.join(format!("{INDEX}.damaged"))))?;
    for ending in ["-wal", "-shm"] {
        absent(std::fs::remove_file(folder.join(format!("{INDEX}{ending}"))))?;
    }
    absent(std::fs::remove_file(marker(path)))?;
    absent(std::fs::remove_dir_all(folder.join("files")))
}

/// True when a key has an entry that is a file.
pub(super) fn has_file(transaction: &Transaction<'_>, key: &Key) -> rusqlite::Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM entries WHERE key = ?1 AND body IS NULL)";
    transaction.prepare_cached(sql)?.query_row([key.as_slice()], |row| row.get(0))
}

/// Removes the least recently used entries until nine tenths of the budget are taken; says which of them were files. `kept` stays.
pub(super) fn least_used(transaction: &Transaction<'_>, budget_bytes: u64, kept: &Key) -> rusqlite::Result<Vec<Key>> {
    let total = |transaction: &Transaction<'_>| -> rusqlite::Result<i64> {
        transaction.prepare_cached("SELECT value FROM about WHERE name = 'bytes'")?.query_row([], |row| row.get(0))
    };
    let mut over = total(transaction)? - i64::try_from(budget_bytes).unwrap_or(i64::MAX);
    if over <= 0 {
        return Ok(Vec::new());
    }
    over += (budget_bytes / 10) as i64;
    let mut files = Vec::new();
    let mut gone = Vec::new();
    {
        let sql = "SELECT key, bytes, body IS NULL FROM entries WHERE key != ?1 ORDER BY used, fetched, rowid";
        let mut statement = transaction.prepare_cached(sql)?;
        let mut rows = statement.query([kept.as_slice()])?;
        while let Some(row) = rows.next()? {
            if over <= 0 {
                break;
            }
            let (key, bytes, file): (Key, i64, bool) = (row.get(0)?, row.get(1)?, row.get(2)?);
            over -= bytes;
            gone.push(key);
            if file {
                files.push(key);
            }
        }
    }
    for key in gone {
        transaction.prepare_cached("DELETE FROM entries WHERE key = ?1")?.execute(params![key.as_slice()])?;
    }
    Ok(files)
}
