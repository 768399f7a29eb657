//! The file of a journal: what tells it from others, its tables, and how older files are brought up to date.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::error::JournalError;
use super::random_name;

/// `PLJD` in the head of the file.
pub const APPLICATION_ID: i64 = 0x504C_4A44;

/// Version of the tables that this program writes.
pub const SCHEMA_VERSION: i64 = MIGRATIONS.len() as i64;

/// Larger files are not checked when they are opened: it would be felt.
const CHECKED_BELOW_BYTES: u64 = 50 << 20;

/// What makes version 1 of nothing, version 2 of version 1, and so on.
const MIGRATIONS: [&str; 2] = [
    "CREATE TABLE journal (name TEXT NOT NULL) STRICT;
     CREATE TABLE entries (
         place INTEGER PRIMARY KEY,
         id TEXT NOT NULL UNIQUE,
         journal TEXT NOT NULL,
         sequence INTEGER NOT NULL,
         parcel TEXT NOT NULL,
         user TEXT NOT NULL,
         time TEXT NOT NULL,
         kind TEXT NOT NULL,
         verdict TEXT,
         entry TEXT NOT NULL
     ) STRICT;
     CREATE INDEX entries_by_journal ON entries (journal, sequence);
     CREATE INDEX entries_by_parcel ON entries (parcel);
     CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries
         BEGIN SELECT RAISE(ABORT, 'a journal only grows: entries are not changed'); END;
     CREATE TRIGGER entries_are_not_deleted BEFORE DELETE ON entries
         BEGIN SELECT RAISE(ABORT, 'a journal only grows: entries are not deleted'); END;
     CREATE TRIGGER entries_are_not_replaced BEFORE INSERT ON entries
         WHEN EXISTS (SELECT 1 FROM entries WHERE id = NEW.id OR place = NEW.place)
         BEGIN SELECT RAISE(ABORT, 'a journal only grows: entries are not replaced'); END;
     CREATE TRIGGER the_name_is_not_changed BEFORE UPDATE ON journal
         BEGIN SELECT RAISE(ABORT, 'a journal keeps its name'); END;
     CREATE TRIGGER the_name_is_not_deleted BEFORE DELETE ON journal
         BEGIN SELECT RAISE(ABORT, 'a journal keeps its name'); END;",
    "CREATE TABLE queues (
         name TEXT NOT NULL PRIMARY KEY,
         made TEXT NOT NULL,
         queue TEXT NOT NULL
     ) STRICT;",
];

/// A file of `SQLite` that belongs to a database: `-wal`, `-journal`.
pub(super) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// True when a write-ahead log holds what is not in the file itself.
pub(super) fn unfinished(path: &Path) -> bool {
    std::fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// Refuses files of others before `SQLite` opens them, since even opening can change a database.
pub(super) fn look(path: &Path) -> Result<(), JournalError> {
    let foreign = |fact: &str| Err(JournalError::Foreign { fact: fact.to_owned(), path: path.to_owned() });
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        // Of anything but a folder `SQLite` tells why it cannot be opened.
        Err(_) if path.is_dir() => return foreign("it is a folder"),
        Err(_) => return Ok(()),
    };
    if path.is_dir() {
        return foreign("it is a folder");
    }
    let mut head = Vec::new();
    if file.take(100).read_to_end(&mut head).is_err() || head.is_empty() {
        return Ok(());
    }
    if !head.starts_with(b"SQLite format 3\0") || head.len() < 100 {
        return foreign("it does not begin as an SQLite file does");
    }
    let application = i64::from(u32::from_be_bytes([head[68], head[69], head[70], head[71]]));
    // A journal that was being made when the power went is finished by its rollback file.
    if application != APPLICATION_ID && !beside(path, "-journal").exists() {
        return foreign("it is a database of another program");
    }
    Ok(())
}

/// Makes the tables of a file without any, adds those that an older one lacks; refuses others. A file that is made gets a `name`, or one
/// drawn at random.
pub(super) fn bring_up(connection: &mut Connection, path: &Path, name: Option<&str>) -> Result<(), JournalError> {
    let fail = |error: rusqlite::Error| JournalError::of("open", path, &error);
    if !is_new(connection).map_err(fail)? && known(connection, path)? == SCHEMA_VERSION {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
    // Another window may have been quicker.
    let new = is_new(&transaction).map_err(fail)?;
    let version = if new { 0 } else { known(&transaction, path)? };
    for migration in MIGRATIONS.iter().skip(version as usize) {
        transaction.execute_batch(migration).map_err(fail)?;
    }
    if new {
        let name = name.map_or_else(random_name, |name| Ok(name.to_owned()));
        let name = name.map_err(|fact| JournalError::Other { operation: "make", fact, path: path.to_owned() })?;
        transaction.execute("INSERT INTO journal (name) VALUES (?1)", [name]).map_err(fail)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(fail)?;
    }
    transaction.pragma_update(None, "user_version", SCHEMA_VERSION).map_err(fail)?;
    transaction.commit().map_err(fail)?;
    if new {
        sync_folder(path);
    }
    Ok(())
}

/// True for a file without any content.
fn is_new(connection: &Connection) -> rusqlite::Result<bool> {
    let objects: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    Ok(objects == 0 && number(connection, "application_id")? == 0)
}

/// The version of a journal that this program can read.
pub(super) fn known(connection: &Connection, path: &Path) -> Result<i64, JournalError> {
    let fail = |error: rusqlite::Error| JournalError::of("open", path, &error);
    if number(connection, "application_id").map_err(fail)? != APPLICATION_ID {
        let fact = "it is a database of another program".to_owned();
        return Err(JournalError::Foreign { fact, path: path.to_owned() });
    }
    match number(connection, "user_version").map_err(fail)? {
        version if version > SCHEMA_VERSION => Err(JournalError::Newer { version, known: SCHEMA_VERSION, path: path.to_owned() }),
        version if version < 1 => Err(JournalError::Damaged { fact: format!("its version is {version}"), path: path.to_owned() }),
        version => Ok(version),
    }
}

fn number(connection: &Connection, pragma: &str) -> rusqlite::Result<i64> {
    connection.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get(0))
}

/// Writes go to a log beside the file from here on: readers do not wait for writers, and a commit is one write and one wait for the disk.
pub(super) fn write_ahead(connection: &Connection, path: &Path, patience: Duration) -> Result<(), JournalError> {
    let began = Instant::now();
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        match mode {
            // A file system without shared memory keeps the rollback file, which is as safe.
            Ok(_) => return Ok(()),
            // This one question is not waited for by SQLite itself.
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && began.elapsed() < patience => {
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(JournalError::of("open", path, &error)),
        }
    }
}

/// Looks for damage.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), JournalError> {
    if std::fs::metadata(path).is_ok_and(|file| file.len() >= CHECKED_BELOW_BYTES) {
        return Ok(());
    }
    let answer: String = connection
        .query_row("PRAGMA quick_check(1)", [], |row| row.get(0))
        .map_err(|error| JournalError::of("open", path, &error))?;
    if answer == "ok" {
        return Ok(());
    }
    Err(JournalError::Damaged { fact: answer.replace('\n', " "), path: path.to_owned() })
}

/// That there is a file at all has to be on disk too.
fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        // Some file systems cannot; they do it by themselves.
        if let Ok(folder) = std::fs::File::open(folder) {
            drop(folder.sync_all());
        }
    }
    #[cfg(not(unix))]
    let _: &Path = path;
}
