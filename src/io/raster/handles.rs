//! Files that a thread keeps open.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use gdal::Dataset;

use crate::io::IoError;

/// Open files per thread; with a dozen threads this stays below the usual limit of 1024 descriptors.
const CAPACITY: usize = 64;

struct Handle {
    path: PathBuf,
    state: FileState,
    dataset: Dataset,
}

/// What tells a replaced file from the one that is open.
#[derive(PartialEq, Eq, Clone, Copy)]
struct FileState {
    bytes: u64,
    modified: Option<SystemTime>,
}

thread_local! {
    /// Least recently used first. GDAL datasets must not be shared between threads.
    static OPEN: RefCell<Vec<Handle>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work` with the file open, and keeps it open when `work` succeeds: after an error the next try starts afresh.
pub(super) fn with_open(path: &Path, work: impl FnOnce(&Dataset) -> Result<(), IoError>) -> Result<(), IoError> {
    let fail = |fact: String| IoError::File { operation: "open the image".to_owned(), fact, path: path.to_owned() };
    let about = std::fs::metadata(path).map_err(|error| fail(error.to_string()))?;
    let state = FileState { bytes: about.len(), modified: about.modified().ok() }; // no time on this system: the size must do
    let handle = match take(path).filter(|handle| handle.state == state) {
        Some(handle) => handle,
        None => Handle {
            path: path.to_owned(),
            state,
            dataset: super::open(path, true).map_err(|error| fail(super::fact_of(&error)))?,
        },
    };
    work(&handle.dataset)?;
    OPEN.with_borrow_mut(|open| {
        if open.len() >= CAPACITY {
            open.remove(0);
        }
        open.push(handle);
    });
    Ok(())
}

fn take(path: &Path) -> Option<Handle> {
    OPEN.with_borrow_mut(|open| {
        let position = open.iter().rposition(|handle| handle.path.as_os_str() == path.as_os_str())?;
        Some(open.remove(position))
    })
}
