//! Decisions of people: a journal that only grows, in one `SQLite` file.
//!
//! [`Journal::append`] comes back when the entry is on disk. Nothing is ever changed or taken out: triggers of the file refuse it, also
//! for other programs. Several windows may have one journal open; each append is a transaction of its own that draws number and time.
//! What the entries mean is none of this module's business, see `engine::review`.
//!
//! The file can be asked with `sqlite3`: `SELECT parcel, user, time, kind, verdict FROM entries`; `entry` has the whole as JSON.

mod error;
mod queues;
mod schema;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Transaction, TransactionBehavior, params};

use crate::model::review::{Act, Entry, EntryId};

pub use error::JournalError;
pub use schema::{APPLICATION_ID, SCHEMA_VERSION};

/// So long an append waits for other programs.
const PATIENCE: Duration = Duration::from_secs(5);

/// What somebody did, before it has a name, a number and a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Id of the parcel.
    pub parcel: String,
    /// Who.
    pub user: String,
    /// What.
    pub act: Act,
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    // Before the copy: closed before it goes.
    connection: Connection,
    path: PathBuf,
    name: String,
    read_only: bool,
    /// Counter of changes by others, as it was last seen.
    seen: i64,
    /// Where a file is read that cannot be opened in its own folder.
    _copy: Option<tempfile::TempDir>,
}

impl Journal {
    /// Opens a journal, or makes it where there is none; an older one is brought to the present form.
    pub fn open(path: &Path) -> Result<Self, JournalError> {
        Self::open_named(path, None, PATIENCE)
    }

    /// [`Journal::open`] with another time that it and every append wait for other programs.
    pub fn open_waiting(path: &Path, patience: Duration) -> Result<Self, JournalError> {
        Self::open_named(path, None, patience)
    }

    /// Writes a journal of given entries to a place where there is none. The same name and entries give the same bytes.
    pub fn write_whole(path: &Path, name: &str, entries: &[Entry]) -> Result<(), JournalError> {
        let fail = |fact: String| JournalError::Other { operation: "make", fact, path: path.to_owned() };
        if path.exists() {
            return Err(fail("there is a file already, and a journal is never replaced; name another file".to_owned()));
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let beside =
            tempfile::Builder::new().prefix(".parcelight-").tempdir_in(folder).map_err(|error| fail(error.to_string()))?;
        let own = beside.path().join("journal.sqlite");
        let mut journal = Self::open_named(&own, Some(name), PATIENCE)?;
        journal.adopt(entries)?;
        // Closing brings the write-ahead log into the file.
        drop(journal);
        std::fs::hard_link(&own, path).or_else(|_no_links| std::fs::rename(&own, path)).map_err(|error| fail(error.to_string()))
    }

    fn open_named(path: &Path, name: Option<&str>, patience: Duration) -> Result<Self, JournalError> {
        schema::look(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let fail = |error| JournalError::of("open", path, &error);
        let mut connection = Connection::open_with_flags(path, flags).map_err(fail)?;
        wait_for_others(&connection, patience).map_err(fail)?;
        if connection.is_readonly("main").map_err(fail)? {
            return Err(JournalError::ReadOnly { path: path.to_owned() });
        }
        // The order matters: a commit waits for the disk before there is one.
        connection.pragma_update(None, "synchronous", "FULL").map_err(fail)?;
        connection.pragma_update(None, "fullfsync", true).map_err(fail)?;
        connection.pragma_update(None, "checkpoint_fullfsync", true).map_err(fail)?;
        schema::bring_up(&mut connection, path, name)?;
        schema::write_ahead(&connection, path, patience)?;
        schema::check(&connection, path)?;
        Self::opened(connection, path, false, None)
    }

    /// Opens a journal to read it only, also from a folder that cannot be written to. It has to exist.
    ///
    /// Where it can be written to, a log that a killed program left beside it is brought into it when it is closed, as by any opening.
    pub fn open_read_only(path: &Path) -> Result<Self, JournalError> {
        schema::look(path)?;
        // An empty file is one that nobody has written to yet.
        if std::fs::metadata(path).is_ok_and(|file| file.len() == 0) || !path.exists() {
            return Err(JournalError::Missing { path: path.to_owned() });
        }
        let (connection, copy) = match read_in_place(path, false) {
            Ok(connection) => (connection, None),
            // Beside a write-ahead log SQLite wants to make a file, which a read-only folder does not let it.
            Err(error) if error::is_refused(&error) && schema::unfinished(path) => {
                let (connection, copy) = read_a_copy(path)?;
                (connection, Some(copy))
            }
            Err(error) if error::is_refused(&error) => {
                (read_in_place(path, true).map_err(|error| JournalError::of("open", path, &error))?, None)
            }
            Err(error) => return Err(JournalError::of("open", path, &error)),
        };
        schema::known(&connection, path)?;
        schema::check(&connection, path)?;
        Self::opened(connection, path, true, copy)
    }

    fn opened(
        connection: Connection,
        path: &Path,
        read_only: bool,
        copy: Option<tempfile::TempDir>,
    ) -> Result<Self, JournalError> {
        let fail = |error| JournalError::of("open", path, &error);
        let name = connection.query_row("SELECT name FROM journal", [], |row| row.get(0)).map_err(fail)?;
        let seen = data_version(&connection).map_err(fail)?;
        Ok(Self { connection, path: path.to_owned(), name, read_only, seen, _copy: copy })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Name of this journal, which its entries carry: 32 hexadecimal digits.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// True when nothing can be appended.
    pub fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// Writes down what somebody did; when it comes back the entry is on disk.
    ///
    /// `now` is what the clock says. Where that is before the last entry of this journal, the entry has the time of that one.
    pub fn append(&mut self, draft: Draft, now: Timestamp) -> Result<Entry, JournalError> {
        let mut entries = self.append_all(vec![draft], now)?;
        entries.pop().ok_or_else(|| JournalError::Other {
            operation: "write to",
            fact: "nothing was written".to_owned(),
            path: self.path.clone(),
        })
    }

    /// [`Journal::append`] of several: all of them are on disk, or none.
    pub fn append_all(&mut self, drafts: Vec<Draft>, now: Timestamp) -> Result<Vec<Entry>, JournalError> {
        if drafts.is_empty() {
            return Ok(Vec::new());
        }
        let ids = drafts.iter().map(|_| random_name()).collect::<Result<Vec<_>, _>>();
        let ids = ids.map_err(|fact| JournalError::Other { operation: "write to", fact, path: self.path.clone() })?;
        let name = self.name.clone();
        // Columns for people have milliseconds; what is more precise would not sort with them.
        let clock = Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now);
        self.write(|transaction| {
            let (last, last_time) = last_of(transaction, &name)?;
            let time = last_time.map_or(clock, |last| last.max(clock));
            let mut entries = Vec::with_capacity(drafts.len());
            for (place, (draft, id)) in drafts.into_iter().zip(ids).enumerate() {
                let entry = Entry {
                    id: EntryId(id),
                    journal: name.clone(),
                    sequence: last + 1 + place as u64,
                    parcel: draft.parcel,
                    user: draft.user,
                    time,
                    clock,
                    version: env!("CARGO_PKG_VERSION").to_owned(),
                    act: draft.act,
                };
                insert(transaction, &entry)?;
                entries.push(entry);
            }
            Ok(entries)
        })
    }

    /// Takes in entries of other journals as they are, all or none; those that are known are skipped. Gives the count of others.
    pub fn adopt(&mut self, entries: &[Entry]) -> Result<usize, JournalError> {
        let path = self.path.clone();
        let altered = self.write(|transaction| {
            let mut known = transaction.prepare_cached("SELECT entry FROM entries WHERE id = ?1")?;
            let mut count = 0;
            for entry in entries {
                match known.query_row([&entry.id.0], |row| row.get::<_, String>(0)).optional()? {
                    None => {
                        insert(transaction, entry)?;
                        count += 1;
                    }
                    Some(text) if serde_json::from_str::<Entry>(&text).is_ok_and(|own| own == *entry) => {}
                    Some(_) => return Err(Stop::Altered(entry.id.clone())),
                }
            }
            Ok(count)
        });
        altered.map_err(|error| match error {
            JournalError::Altered { id, .. } => JournalError::Altered { id, path },
            other => other,
        })
    }

    /// One transaction that has the right to write from its beginning.
    fn write<T>(&mut self, work: impl FnOnce(&Transaction<'_>) -> Result<T, Stop>) -> Result<T, JournalError> {
        if self.read_only {
            return Err(JournalError::ReadOnly { path: self.path.clone() });
        }
        let path = &self.path;
        let fail = |stop: Stop| match stop {
            Stop::Sqlite(error) => JournalError::of("write to", path, &error),
            Stop::Altered(id) => JournalError::Altered { id, path: path.clone() },
        };
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|error| fail(error.into()))?;
        let answer = work(&transaction).map_err(fail)?;
        transaction.commit().map_err(|error| fail(error.into()))?;
        Ok(answer)
    }

    /// All entries, in their order.
    pub fn entries(&self) -> Result<Vec<Entry>, JournalError> {
        let mut entries = self.entries_after(0)?.0;
        entries.sort_by(|a, b| (a.order(), &a.id).cmp(&(b.order(), &b.id)));
        Ok(entries)
    }

    /// Entries that came into the file after a place, as they came, and the place to ask with next time.
    ///
    /// Entries of one's own and of other windows are among each other: ask with the place of the last answer, never with a place of an
    /// own entry, and skip those that are known. Asked after each append, the answer is in order too, where nothing was taken in from
    /// other journals.
    pub fn entries_after(&self, place: i64) -> Result<(Vec<Entry>, i64), JournalError> {
        let fail = |error| JournalError::of("read", &self.path, &error);
        let mut statement =
            self.connection.prepare_cached("SELECT place, entry FROM entries WHERE place > ?1 ORDER BY place").map_err(fail)?;
        let mut rows = statement.query([place]).map_err(fail)?;
        let (mut entries, mut last) = (Vec::new(), place);
        while let Some(row) = rows.next().map_err(fail)? {
            last = row.get(0).map_err(fail)?;
            let text: String = row.get(1).map_err(fail)?;
            entries.push(serde_json::from_str(&text).map_err(|error| JournalError::Damaged {
                fact: format!("entry {last} cannot be understood: {error}"),
                path: self.path.clone(),
            })?);
        }
        Ok((entries, last))
    }

    /// True when another window or program has written since this was last asked.
    pub fn changed_elsewhere(&mut self) -> Result<bool, JournalError> {
        let now = data_version(&self.connection).map_err(|error| JournalError::of("read", &self.path, &error))?;
        Ok(std::mem::replace(&mut self.seen, now) != now)
    }
}

/// Why a transaction is given up.
enum Stop {
    Sqlite(rusqlite::Error),
    Altered(EntryId),
}

impl From<rusqlite::Error> for Stop {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

/// 128 random bits of the operating system as 32 hexadecimal digits.
fn random_name() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("the system gives no random number ({error})"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

/// Number and time of the last entry that was written to this journal first.
fn last_of(transaction: &Transaction<'_>, name: &str) -> Result<(u64, Option<Timestamp>), Stop> {
    let mut statement =
        transaction.prepare_cached("SELECT sequence, time FROM entries WHERE journal = ?1 ORDER BY sequence DESC LIMIT 1")?;
    let last = statement.query_row([name], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))).optional()?;
    // A time that cannot be read binds nobody.
    Ok(last.map_or((0, None), |(sequence, time)| (sequence as u64, time.parse().ok())))
}

fn insert(transaction: &Transaction<'_>, entry: &Entry) -> Result<(), Stop> {
    let verdict = match &entry.act {
        Act::Decide(decided) => Some(decided.verdict.as_str()),
        Act::Resolve(resolved) => Some(resolved.verdict.as_str()),
        _ => None,
    };
    let text = serde_json::to_string(entry).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    transaction
        .prepare_cached(
            "INSERT INTO entries (id, journal, sequence, parcel, user, time, kind, verdict, entry) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![
            entry.id.0,
            entry.journal,
            entry.sequence as i64,
            entry.parcel,
            entry.user,
            format!("{:.3}", entry.time),
            entry.act.kind(),
            verdict,
            text,
        ])?;
    Ok(())
}

/// A number that changes when another connection writes.
fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("PRAGMA data_version", [], |row| row.get(0))
}

/// As a statement: the call of this name needs a newer `SQLite` than Debian has.
fn wait_for_others(connection: &Connection, patience: Duration) -> rusqlite::Result<()> {
    connection.pragma_update(None, "busy_timeout", patience.as_millis() as i64)
}

/// A connection that reads a file where it is; `still` where nobody can write to it meanwhile.
fn read_in_place(path: &Path, still: bool) -> rusqlite::Result<Connection> {
    let connection = if still {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Connection::open_with_flags(format!("file:{}?immutable=1", escaped(path)), flags)?
    } else {
        // With the right to write, where it is given: otherwise nobody could take away the files that SQLite has beside an open one.
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?
    };
    wait_for_others(&connection, PATIENCE)?;
    connection.pragma_update(None, "query_only", true)?;
    // Files are opened with the first question.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0))?;
    Ok(connection)
}

/// A path inside an address.
fn escaped(path: &Path) -> String {
    let text = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    // A drive letter stands behind a slash.
    if cfg!(windows) && path.is_absolute() { format!("/{}", text.replace('\\', "/")) } else { text }
}

/// Reads a journal with a write-ahead log in a folder that cannot be written to, from a copy of both.
fn read_a_copy(path: &Path) -> Result<(Connection, tempfile::TempDir), JournalError> {
    let fail = |error: std::io::Error| JournalError::Other { operation: "copy", fact: error.to_string(), path: path.to_owned() };
    let folder = tempfile::tempdir().map_err(fail)?;
    let own = folder.path().join("journal.sqlite");
    std::fs::copy(path, &own).map_err(fail)?;
    std::fs::copy(schema::beside(path, "-wal"), schema::beside(&own, "-wal")).map_err(fail)?;
    #[cfg(unix)]
    for file in [own.clone(), schema::beside(&own, "-wal")] {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).map_err(fail)?;
    }
    let connection = read_in_place(&own, false).map_err(|error| JournalError::of("open", path, &error))?;
    Ok((connection, folder))
}
