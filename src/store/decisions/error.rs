//! What goes wrong with a journal: each says what happened, what stays safe, and what to do.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use crate::model::review::EntryId;

/// Why a journal cannot be opened or written to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalError {
    /// No room.
    #[error(
        "the disk is full, and the last decision was not stored; all earlier ones are safe. Free some space and decide again, or \
         keep the journal elsewhere ({})", path.display()
    )]
    Full {
        /// The journal.
        path: PathBuf,
    },
    /// File or folder cannot be written to.
    #[error(
        "the journal or its folder is read-only, so decisions cannot be stored; those in it are safe and can be read. Ask for the \
         right to write, or name a journal elsewhere with `decisions` in the project file ({})", path.display()
    )]
    ReadOnly {
        /// The journal.
        path: PathBuf,
    },
    /// Another program does not let go of it.
    #[error(
        "another program has locked the journal, and it was waited for in vain; nothing was stored, earlier decisions are safe. \
         Close that program (a backup, a database browser) and try again ({})", path.display()
    )]
    Locked {
        /// The journal.
        path: PathBuf,
    },
    /// Its content is broken.
    #[error(
        "the journal is damaged: {fact}. It is left as it is. Keep it, restore the last copy, or rescue its entries with \
         `sqlite3 FILE .recover`, and name the restored file in the project ({})", path.display()
    )]
    Damaged {
        /// First wrong fact.
        fact: String,
        /// The journal.
        path: PathBuf,
    },
    /// Made by a newer program.
    #[error(
        "the journal has version {version}, and this program knows versions up to {known}; nothing was changed. Install a newer \
         Parcelight to go on with it ({})", path.display()
    )]
    Newer {
        /// Version of the file.
        version: i64,
        /// Newest version that is known.
        known: i64,
        /// The journal.
        path: PathBuf,
    },
    /// Some other file.
    #[error(
        "the file is no journal of Parcelight: {fact}. It is left as it is. Name another file for the decisions ({})", path.display()
    )]
    Foreign {
        /// First wrong fact.
        fact: String,
        /// The file.
        path: PathBuf,
    },
    /// There is none.
    #[error("there is no journal yet; it is made with the first decision ({})", path.display())]
    Missing {
        /// Where it would be.
        path: PathBuf,
    },
    /// An entry that is known comes with other content.
    #[error(
        "entry {} is known and says something else there: one of the two files was changed by another program. Nothing was taken \
         over; compare the file with a copy ({})", id.0, path.display()
    )]
    Altered {
        /// Which entry.
        id: EntryId,
        /// The journal.
        path: PathBuf,
    },
    /// Anything else.
    #[error("cannot {operation} the journal: {fact}; what was stored before is safe ({})", path.display())]
    Other {
        /// `open`, `read`, `write to`.
        operation: &'static str,
        /// First wrong fact.
        fact: String,
        /// The journal.
        path: PathBuf,
    },
}

impl JournalError {
    /// What an error of the database means for a journal.
    pub(super) fn of(operation: &'static str, path: &Path, error: &rusqlite::Error) -> Self {
        let path = path.to_owned();
        let fact = error.to_string();
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full { path },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path },
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) if has_folder(&path) && !writable(&path) => {
                Self::ReadOnly { path }
            }
            Some(ErrorCode::CannotOpen) if !has_folder(&path) => {
                Self::Other { operation, fact: "its folder does not exist; make it, or name another place".to_owned(), path }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked { path },
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged { fact, path },
            Some(ErrorCode::NotADatabase) => Self::Foreign { fact: "it is no SQLite file".to_owned(), path },
            _ => Self::Other { operation, fact, path },
        }
    }
}

/// True when `SQLite` was not let near a file.
pub(super) fn is_refused(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied))
}

fn folder(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn has_folder(path: &Path) -> bool {
    folder(path).is_dir()
}

/// True when files can be made in the folder of a path: permissions do not tell it everywhere, so it is tried.
fn writable(path: &Path) -> bool {
    tempfile::tempfile_in(folder(path)).is_ok()
        && std::fs::OpenOptions::new()
            .append(true)
            .open(path)
            .map_or_else(|error| error.kind() == std::io::ErrorKind::NotFound, |_| true)
}
