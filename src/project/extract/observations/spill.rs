//! Columns that do not fit into memory wait in a temporary file, which the system removes when the program ends, however it ends.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use crate::io::IoError;
use crate::model::BandStats;

/// An entry in the file; a count of pixels below zero stands for none.
type Entry = [f64; 11];

/// A column in memory or in the file.
#[derive(Debug)]
pub(in crate::project::extract) enum Kept {
    /// In memory.
    Memory(Vec<Option<BandStats>>),
    /// In the file, beginning at this byte.
    Disk(u64),
}

/// The file.
#[derive(Debug)]
pub(in crate::project::extract) struct Spill {
    file: Mutex<File>,
    end: u64,
    folder: PathBuf,
}

impl Spill {
    /// A file in a folder, or where the system keeps temporary files.
    pub(in crate::project::extract) fn new(folder: Option<&Path>) -> Result<Self, IoError> {
        let folder = folder.map_or_else(std::env::temp_dir, Path::to_owned);
        let made = std::fs::create_dir_all(&folder).and_then(|()| tempfile::tempfile_in(&folder));
        let file = made.map_err(|error| failed("make a temporary file", &error, &folder))?;
        Ok(Self { file: Mutex::new(file), end: 0, folder })
    }

    /// Moves a column to the file.
    pub(in crate::project::extract) fn take(&mut self, column: &mut Kept) -> Result<(), IoError> {
        let Kept::Memory(entries) = column else { return Ok(()) };
        let entries: Vec<Entry> = entries.iter().map(|stats| stats.map_or([-1.0; 11], |stats| numbers(&stats))).collect();
        let bytes: &[u8] = bytemuck::cast_slice(&entries);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.seek(SeekFrom::Start(self.end)).and_then(|_| file.write_all(bytes));
        written.map_err(|error| failed("keep results in a temporary file", &error, &self.folder))?;
        drop(file);
        *column = Kept::Disk(self.end);
        self.end += bytes.len() as u64;
        Ok(())
    }
}

impl Kept {
    /// Some entries of the column.
    pub(in crate::project::extract) fn entries(
        &self,
        spill: Option<&Spill>,
        range: Range<usize>,
    ) -> Result<Cow<'_, [Option<BandStats>]>, IoError> {
        match (self, spill) {
            (Self::Memory(entries), _) => Ok(Cow::Borrowed(&entries[range])),
            (Self::Disk(start), Some(spill)) => {
                let mut entries: Vec<Entry> = vec![[0.0; 11]; range.len()];
                let mut file = spill.file.lock().unwrap_or_else(PoisonError::into_inner);
                let place = start + (range.start * size_of::<Entry>()) as u64;
                let read =
                    file.seek(SeekFrom::Start(place)).and_then(|_| file.read_exact(bytemuck::cast_slice_mut(&mut entries)));
                drop(file);
                read.map_err(|error| failed("read results from a temporary file", &error, &spill.folder))?;
                Ok(Cow::Owned(entries.iter().map(stats).collect()))
            }
            (Self::Disk(_), None) => Ok(Cow::Owned(vec![None; range.len()])),
        }
    }
}

fn failed(operation: &str, error: &std::io::Error, folder: &Path) -> IoError {
    IoError::File { operation: operation.to_owned(), fact: error.to_string(), path: folder.to_owned() }
}

fn numbers(s: &BandStats) -> Entry {
    [s.pixels, s.masked, s.nodata, s.count, s.mean, s.std, s.min, s.p25, s.p50, s.p75, s.max]
}

fn stats(&[pixels, masked, nodata, count, mean, std, min, p25, p50, p75, max]: &Entry) -> Option<BandStats> {
    (pixels >= 0.0).then_some(BandStats { pixels, masked, nodata, count, mean, std, min, p25, p50, p75, max })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_comes_back_from_the_file_as_it_went() {
        let folder = tempfile::tempdir().expect("folder");
        let mut spill = Spill::new(Some(&folder.path().join("made"))).expect("makes");
        let stats = |n: f64| Some(BandStats { pixels: n, mean: n / 3.0, ..BandStats::EMPTY });
        let first = vec![stats(1.0), None, stats(2.0)];
        let (mut a, mut b) = (Kept::Memory(first), Kept::Memory(vec![stats(7.0), stats(8.0)]));
        spill.take(&mut a).expect("writes");
        spill.take(&mut b).expect("writes");
        let read = a.entries(Some(&spill), 1..3).expect("reads");
        assert!(read[0].is_none() && read[1].is_some_and(|stats| stats.mean == 2.0 / 3.0 && stats.max.is_nan()));
        assert_eq!(b.entries(Some(&spill), 0..2).expect("reads")[1].map(|stats| stats.pixels), Some(8.0));
        assert_eq!(std::fs::read_dir(folder.path().join("made")).expect("lists").count(), 0, "the file has no name");
    }
}
