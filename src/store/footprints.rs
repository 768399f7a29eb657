//! Footprints of parcels on a grid, kept in a file: making them anew for a season's every run would cost as much as its statistics.
//!
//! A file is used only when it is whole: mark, version, key, lengths and checksum are compared. It is written beside its place
//! and renamed, so that two programs on one folder never read half of it. Of many files the ones that were not used for longest leave.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::model::Grid;
use crate::model::footprints::{Footprints, Run};

/// First bytes of a file; the number changes with its layout.
const MARK: &[u8; 8] = b"PLFOOT01";

/// Told from the same bytes in the other order, which another kind of processor would have written.
const ORDER: u32 = 0x0102_0304;

/// Length of a checksum and of a key.
const HASH: usize = 32;

/// All files together may be this large; then those that were not used for longest are removed.
const BUDGET_BYTES: u64 = 4 << 30;

/// Why a file cannot be used or written; the footprints are then made anew.
#[derive(Debug, thiserror::Error)]
pub enum FootprintError {
    /// The file is not what was written.
    #[error("the kept footprints are damaged: {fact} ({})", path.display())]
    Damaged {
        /// First wrong fact.
        fact: &'static str,
        /// Which file.
        path: PathBuf,
    },
    /// The disk says no.
    #[error("cannot {operation} the kept footprints: {error} ({})", path.display())]
    Disk {
        /// `read` or `write`.
        operation: &'static str,
        /// What the system says.
        error: std::io::Error,
        /// Which file or folder.
        path: PathBuf,
    },
}

/// Reads the footprints under a key, the fingerprint of all that decides them; `None` when none are kept.
pub fn load(folder: &Path, key: &[u8; HASH], grid: &Grid) -> Result<Option<Footprints>, FootprintError> {
    let path = path_of(folder, key);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FootprintError::Disk { operation: "read", error, path }),
    };
    // The time tells which were used; a read-only folder keeps its times, and its files.
    drop(std::fs::File::open(&path).and_then(|file| file.set_modified(std::time::SystemTime::now())));
    decode(&bytes, key, grid).map(Some).map_err(|fact| FootprintError::Damaged { fact, path })
}

/// Removes files that were not used for longest until the others fit the budget; never the one just written.
fn prune(folder: &Path, written: &Path, budget: u64) {
    let mut files: Vec<(std::time::SystemTime, u64, PathBuf)> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with("footprints-") && name.ends_with(".bin") && entry.path() != written
        })
        .filter_map(|entry| {
            let about = entry.metadata().ok()?;
            Some((about.modified().ok()?, about.len(), entry.path()))
        })
        .collect();
    files.sort_unstable();
    let own = std::fs::metadata(written).map_or(0, |about| about.len());
    let mut all = own + files.iter().map(|(_, bytes, _)| bytes).sum::<u64>();
    for (_, bytes, path) in files {
        if all <= budget {
            break;
        }
        // What cannot be removed costs space, nothing else.
        drop(std::fs::remove_file(path));
        all -= bytes;
    }
}

/// Keeps footprints under a key; the folder is made when it is not there.
pub fn save(folder: &Path, key: &[u8; HASH], footprints: &Footprints) -> Result<(), FootprintError> {
    let path = path_of(folder, key);
    let write = || -> std::io::Result<()> {
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::Builder::new().prefix(".footprints-").suffix(".tmp").tempfile_in(folder)?;
        file.write_all(&encode(key, footprints))?;
        file.persist(&path).map_err(|error| error.error)?;
        prune(folder, &path, BUDGET_BYTES);
        Ok(())
    };
    write().map_err(|error| FootprintError::Disk { operation: "write", error, path })
}

fn path_of(folder: &Path, key: &[u8; HASH]) -> PathBuf {
    folder.join(format!("footprints-{}.bin", &blake3::Hash::from_bytes(*key).to_hex()[..24]))
}

fn encode(key: &[u8; HASH], footprints: &Footprints) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(footprints.bytes() + 256);
    bytes.extend_from_slice(MARK);
    bytes.extend_from_slice(&ORDER.to_ne_bytes());
    bytes.extend_from_slice(key);
    for count in [footprints.parcels.len(), footprints.runs.len(), footprints.shares.len()] {
        bytes.extend_from_slice(&(count as u64).to_ne_bytes());
    }
    bytes.extend(footprints.runs.iter().flat_map(|run| run.0.to_ne_bytes()));
    bytes.extend_from_slice(bytemuck::cast_slice(&footprints.outside));
    bytes.extend_from_slice(bytemuck::cast_slice(&footprints.shares));
    for column in [&footprints.parcels, &footprints.run_start, &footprints.share_start, &footprints.pixels] {
        bytes.extend_from_slice(bytemuck::cast_slice(column));
    }
    let check = blake3::hash(&bytes);
    bytes.extend_from_slice(check.as_bytes());
    bytes
}

fn decode(bytes: &[u8], key: &[u8; HASH], grid: &Grid) -> Result<Footprints, &'static str> {
    let end = bytes.len().checked_sub(HASH).ok_or("it is too short")?;
    let (content, check) = bytes.split_at(end);
    if blake3::hash(content).as_bytes() != check {
        return Err("its checksum differs");
    }
    let mut rest = Reader(content);
    if rest.take(MARK.len())? != MARK || rest.take(4)? != ORDER.to_ne_bytes() {
        return Err("another version wrote it");
    }
    if rest.take(HASH)? != key {
        return Err("it belongs to other parcels");
    }
    let (parcels, runs, shares) = (rest.count()?, rest.count()?, rest.count()?);
    let footprints = Footprints {
        runs: rest.column::<u64>(runs)?.into_iter().map(Run).collect(),
        outside: rest.column(parcels)?,
        shares: rest.column(shares)?,
        parcels: rest.column(parcels)?,
        run_start: rest.column(parcels + 1)?,
        share_start: rest.column(parcels + 1)?,
        pixels: rest.column(parcels)?,
    };
    if !rest.0.is_empty() || !footprints.fits(grid) {
        return Err("its columns do not fit together");
    }
    Ok(footprints)
}

/// What is left of a file.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(bytes).ok_or("it is too short")?;
        self.0 = rest;
        Ok(taken)
    }

    fn count(&mut self) -> Result<usize, &'static str> {
        let count = self.take(8)?.iter().rev().fold(0u64, |count, &byte| count << 8 | u64::from(byte));
        let count = if cfg!(target_endian = "big") { count.swap_bytes() } else { count };
        // Every entry takes at least a byte.
        usize::try_from(count).ok().filter(|&count| count <= self.0.len()).ok_or("a length is impossible")
    }

    fn column<T: bytemuck::AnyBitPattern + bytemuck::NoUninit>(&mut self, count: usize) -> Result<Vec<T>, &'static str> {
        let mut column = vec![T::zeroed(); count];
        let bytes = self.take(count * size_of::<T>())?;
        bytemuck::cast_slice_mut::<T, u8>(&mut column).copy_from_slice(bytes);
        Ok(column)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Crs;

    fn made() -> (Footprints, Grid) {
        let grid = Grid { crs: Crs::Epsg(32631), left: 0.0, top: 0.0, pixel_x: 1.0, pixel_y: 1.0, width: 9, height: 9 };
        let footprints = Footprints {
            parcels: vec![0, 4],
            run_start: vec![0, 2, 2],
            runs: vec![Run::new(0, 1, 3, true), Run::new(1, 0, 2, false)],
            share_start: vec![0, 3, 3],
            shares: vec![0.5, 0.25, 0.125],
            pixels: vec![5, 0],
            outside: vec![0.0, 2.5],
        };
        (footprints, grid)
    }

    #[test]
    fn what_was_kept_comes_back_under_its_key_only() {
        let folder = tempfile::tempdir().expect("folder");
        let (footprints, grid) = made();
        let inner = folder.path().join("made/when/missing");
        assert!(load(&inner, &[1; 32], &grid).expect("no file is no fault").is_none());
        save(&inner, &[1; 32], &footprints).expect("saves");
        assert_eq!(load(&inner, &[1; 32], &grid).expect("loads"), Some(footprints));
        assert!(load(&inner, &[2; 32], &grid).expect("another key").is_none());
        assert_eq!(std::fs::read_dir(&inner).expect("lists").count(), 1);
    }

    #[test]
    fn files_that_were_not_used_for_longest_make_room() {
        let folder = tempfile::tempdir().expect("folder");
        let (footprints, grid) = made();
        let hours_ago = |key: u8, hours: u64| {
            let path = path_of(folder.path(), &[key; 32]);
            let then = std::time::SystemTime::now() - std::time::Duration::from_secs(hours * 3600);
            std::fs::File::options().append(true).open(path).and_then(|file| file.set_modified(then)).expect("a time");
        };
        for key in 1..=4 {
            save(folder.path(), &[key; 32], &footprints).expect("saves");
            hours_ago(key, 10 - u64::from(key));
        }
        // The oldest is used again.
        load(folder.path(), &[1; 32], &grid).expect("loads");
        let newest = path_of(folder.path(), &[4; 32]);
        let size = std::fs::metadata(&newest).expect("there").len();
        prune(folder.path(), &newest, 2 * size);
        let left: Vec<u8> = (1..=4).filter(|&key| load(folder.path(), &[key; 32], &grid).expect("readable").is_some()).collect();
        assert_eq!(left, [1, 4]);
    }

    #[test]
    fn every_damaged_byte_and_every_cut_is_noticed() {
        let (footprints, grid) = made();
        let bytes = encode(&[3; 32], &footprints);
        assert_eq!(decode(&bytes, &[3; 32], &grid), Ok(footprints.clone()));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(decode(&damaged, &[3; 32], &grid).is_err(), "byte {at}");
            assert!(decode(&bytes[..at], &[3; 32], &grid).is_err(), "cut at {at}");
        }
        assert_eq!(decode(&bytes, &[4; 32], &grid), Err("it belongs to other parcels"));
        let small = Grid { width: 3, ..grid };
        assert_eq!(decode(&bytes, &[3; 32], &small), Err("its columns do not fit together"));
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::write(folder.path().join("file"), "").expect("writes");
        let error = save(&folder.path().join("file"), &[1; 32], &made().0).expect_err("a file is no folder");
        assert!(error.to_string().contains("cannot write"), "{error}");
    }
}
