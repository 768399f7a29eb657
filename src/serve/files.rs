//! Files that wait to be fetched: a folder of the server's own, limited in size, gone at the end.
//!
//! What a request names is looked up in a table and never becomes a path. Folders carry a secret in their names, so that fetching
//! needs no password, as clients of the contract expect: whoever knows the name has been told it by an answer.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::Context as _;

/// The folder and what is in it.
#[derive(Debug)]
pub struct Files {
    folder: tempfile::TempDir,
    secret: [u8; 32],
    budget: u64,
    counter: AtomicU64,
    index: Mutex<Index>,
}

#[derive(Debug, Default)]
struct Index {
    entries: HashMap<(String, String), Entry>,
    clock: u64,
    bytes: u64,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    bytes: u64,
    used: u64,
}

impl Files {
    /// An empty folder with space for so many bytes.
    pub fn new(secret: [u8; 32], budget: u64) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("parcelight-serve-").tempdir().context("cannot make a temporary folder")?;
        Ok(Self { folder, secret, budget, counter: AtomicU64::new(0), index: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Name of a folder: what it is for, and a secret that follows from it.
    pub fn folder(&self, purpose: &str) -> String {
        let readable: String =
            purpose.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' }).take(80).collect();
        let mark = blake3::keyed_hash(&self.secret, purpose.as_bytes());
        format!("{readable}_{}", &mark.to_hex()[..32])
    }

    /// True when a file is there.
    pub fn holds(&self, folder: &str, file: &str) -> bool {
        self.lock().entries.contains_key(&(folder.to_owned(), file.to_owned()))
    }

    /// Makes a file unless it is there. False when `make` had nothing to write.
    pub fn ensure(&self, folder: &str, file: &str, make: impl FnOnce(&Path) -> anyhow::Result<bool>) -> anyhow::Result<bool> {
        if self.touch(folder, file).is_some() {
            return Ok(true);
        }
        let number = self.counter.fetch_add(1, Ordering::Relaxed);
        let path = self.path(number);
        if !make(&path)? {
            return Ok(false);
        }
        let bytes = std::fs::metadata(&path).context("cannot find the file that was just written")?.len();
        let mut index = self.lock();
        index.clock += 1;
        let entry = Entry { number, bytes, used: index.clock };
        index.bytes += bytes;
        if let Some(old) = index.entries.insert((folder.to_owned(), file.to_owned()), entry) {
            // Somebody else made the same at the same time.
            index.bytes -= old.bytes;
            self.remove(old.number);
        }
        while index.bytes > self.budget && index.entries.len() > 1 {
            let Some(oldest) = index.entries.iter().min_by_key(|(_, entry)| entry.used).map(|(key, _)| key.clone()) else {
                break;
            };
            if let Some(entry) = index.entries.remove(&oldest) {
                index.bytes -= entry.bytes;
                self.remove(entry.number);
            }
        }
        Ok(true)
    }

    /// The bytes of a file; `None` when it is not there, or not any more.
    pub fn read(&self, folder: &str, file: &str) -> Option<Vec<u8>> {
        let number = self.touch(folder, file)?;
        std::fs::read(self.path(number)).ok() // pushed out in this very moment
    }

    fn touch(&self, folder: &str, file: &str) -> Option<u64> {
        let mut index = self.lock();
        index.clock += 1;
        let clock = index.clock;
        let entry = index.entries.get_mut(&(folder.to_owned(), file.to_owned()))?;
        entry.used = clock;
        Some(entry.number)
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.path().join(format!("{number}.bin"))
    }

    fn remove(&self, number: u64) {
        // What cannot be removed now goes with the folder.
        drop(std::fs::remove_file(self.path(number)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(bytes: usize) -> impl Fn(&Path) -> anyhow::Result<bool> {
        move |path| Ok(std::fs::write(path, vec![7; bytes]).map(|()| true)?)
    }

    #[test]
    fn the_least_recently_used_leave_first_and_names_are_no_paths() {
        let files = Files::new([1; 32], 250).expect("a folder");
        for name in ["a", "b"] {
            assert!(files.ensure("f", name, write(100)).expect("made"));
        }
        assert_eq!(files.read("f", "a").map(|bytes| bytes.len()), Some(100));
        assert!(files.ensure("f", "../../c", write(100)).expect("made"));
        assert!(files.holds("f", "a") && !files.holds("f", "b") && files.holds("f", "../../c"));
        assert_eq!(std::fs::read_dir(files.folder.path()).expect("lists").count(), 2);
        assert!(files.read("f", "b").is_none() && files.read("..", "a").is_none());
    }

    #[test]
    fn what_could_not_be_made_is_not_there() {
        let files = Files::new([1; 32], 250).expect("a folder");
        assert!(!files.ensure("f", "a", |_| Ok(false)).expect("nothing to write"));
        assert!(files.ensure("f", "a", |_| anyhow::bail!("no")).is_err() && !files.holds("f", "a"));
    }

    #[test]
    fn folders_are_plain_names_that_only_the_secret_gives() {
        let folder = Files::new([1; 32], 1).expect("a folder").folder("E4.06N50.75/../x");
        let other = Files::new([2; 32], 1).expect("a folder").folder("E4.06N50.75/../x");
        assert!(folder.starts_with("E4_06N50_75____x_") && folder != other, "{folder}");
    }
}
