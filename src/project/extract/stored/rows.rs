//! Between the columns of an extraction and the rows of a part.

use std::collections::HashMap;

use crate::io::IoError;
use crate::io::tables::{Batch, Cells, Format, Kind, TableWriter, encode_batch};
use crate::model::{AcquisitionIx, BandStats};
use crate::project::extract::observations::{Kept, Observations, Product, Section};
use crate::store::observations::ParcelKey;

use super::keys::{ParcelKeys, hex, parcel_key_of};

/// Places of columns in the table.
const PARCEL_ID: usize = 0;
const BASELINE: usize = 6;
pub(super) const BAND: usize = 7;
const FIRST_NUMBER: usize = 8;
pub(super) const PIXELS: usize = FIRST_NUMBER;
pub(super) const COUNT: usize = FIRST_NUMBER + 3;
pub(super) const MEAN: usize = FIRST_NUMBER + 4;
const FIRST_CLASS: usize = 19;

/// Columns of a part: those of the table and the parcel's key.
pub(super) fn columns(observations: &Observations) -> Vec<(String, Kind)> {
    let mut columns = observations.columns();
    columns.push(("parcel_key".to_owned(), Kind::Text));
    columns
}

/// Rows of some entries of a section that was just read.
pub(super) fn fresh(observations: &Observations, section: &Section, mut entries: Vec<usize>, keys: &ParcelKeys) -> Batch {
    entries.sort_unstable();
    let (mut batch, positions) = observations.rows_of(section, &entries);
    let (mut words, mut at) = (Vec::new(), Vec::with_capacity(positions.len()));
    for rows in positions.chunk_by(|a, b| a == b) {
        at.extend(std::iter::repeat_n(words.len() as u32, rows.len()));
        words.push(hex(&keys.of(rows[0])));
    }
    batch.columns.push(Cells::Words { words, at });
    batch
}

/// A batch as a Parquet file; nothing without rows.
pub(super) fn parquet(observations: &Observations, batch: &Batch) -> Result<Vec<u8>, IoError> {
    let mut content = Vec::new();
    if !batch.is_empty() {
        let columns = columns(observations);
        let mut writer = TableWriter::new(&columns, Format::Parquet, &mut content)?;
        writer.write(encode_batch(&columns, batch, Format::Parquet)?)?;
        writer.finish()?;
    }
    Ok(content)
}

/// Rows that were there and rows that are new, in the order of the table.
pub(super) struct Merged<'a> {
    sources: Vec<&'a Batch>,
    /// (id, key, source, row), ascending.
    rows: Vec<(&'a str, ParcelKey, usize, usize)>,
}

impl<'a> Merged<'a> {
    /// `remains` tells of a key whether the rows that were there are still right.
    pub(super) fn new(old: Option<&'a Batch>, new: Option<&'a Batch>, remains: impl Fn(&ParcelKey) -> bool) -> Self {
        let (mut sources, mut rows) = (Vec::new(), Vec::new());
        for (batch, is_old) in old.map(|batch| (batch, true)).into_iter().chain(new.map(|batch| (batch, false))) {
            let ids = words(batch, PARCEL_ID);
            for (row, (id, key)) in ids.zip(keys_of(batch)).enumerate() {
                if let (Some(id), Some(key)) = (id, key)
                    && (!is_old || remains(&key))
                {
                    rows.push((id, key, sources.len(), row));
                }
            }
            sources.push(batch);
        }
        rows.sort_unstable();
        Self { sources, rows }
    }

    /// The rows of some parcels, whose keys ascend.
    pub(super) fn rows_of(&self, parcels: &[ParcelKey]) -> Batch {
        let wanted = self.rows.iter().filter(|(_, key, ..)| parcels.binary_search(key).is_ok());
        Batch::gather(&self.sources, &wanted.map(|&(_, _, source, row)| (source, row)).collect::<Vec<_>>())
    }
}

fn words(batch: &Batch, column: usize) -> impl Iterator<Item = Option<&str>> {
    let (words, at) = match batch.columns.get(column) {
        Some(Cells::Words { words, at }) => (words.as_slice(), at.as_slice()),
        _ => (&[][..], &[][..]),
    };
    at.iter().map(|&at| words.get(at as usize).map(String::as_str))
}

/// The parcel key of every row.
fn keys_of(batch: &Batch) -> impl Iterator<Item = Option<ParcelKey>> {
    let (keys, at): (Vec<Option<ParcelKey>>, &[u32]) = match batch.columns.last() {
        Some(Cells::Words { words, at }) => (words.iter().map(|word| parcel_key_of(word)).collect(), at),
        _ => (Vec::new(), &[]),
    };
    at.iter().map(move |&at| keys.get(at as usize).copied().flatten())
}

/// A section from the rows of a part, as far as its parcels are wanted; `None` when none is.
pub(super) fn section(
    batch: &Batch,
    acquisition: AcquisitionIx,
    keys: &ParcelKeys,
    observations: &Observations,
) -> Option<Section> {
    let granules = &observations.catalog.get(acquisition).granules;
    let place: HashMap<&str, u16> = observations.bands.iter().map(crate::model::Band::as_str).zip(0..).collect();
    let bands: Vec<Option<u16>> = words(batch, BAND).map(|band| place.get(band?).copied()).collect();
    let baselines: Vec<Option<&str>> = words(batch, BASELINE).collect();
    let keys_of: Vec<Option<ParcelKey>> = keys_of(batch).collect();
    let mut products: Vec<Gathered> = Vec::new();
    let mut entries: Vec<(u32, (u8, u32))> = Vec::new();
    let mut row = 0;
    for rows in keys_of.chunk_by(|a, b| a == b) {
        let rows_here = row..row + rows.len();
        row = rows_here.end;
        let mut positions = rows[0].iter().flat_map(|key| keys.positions(key)).peekable();
        if positions.peek().is_none() {
            continue;
        }
        // Of the product nothing but the baseline stands in the table.
        let granule = granules.iter().position(|granule| granule.baseline.as_deref() == baselines[rows_here.start]).unwrap_or(0);
        let product = products.iter().position(|product| product.granule == granule).unwrap_or_else(|| {
            products.push(Gathered { granule, ..Gathered::default() });
            products.len() - 1
        });
        let at = products[product].push(batch, rows_here, &bands);
        entries.extend(positions.map(|position| (position, (product as u8, at))));
    }
    if entries.is_empty() {
        return None;
    }
    entries.sort_unstable();
    let (seen, chosen) = entries.into_iter().unzip();
    let products = products.into_iter().map(|product| product.finish(observations.scl_histogram)).collect();
    Some(Section { converted: true, ..Section::new(acquisition, seen, chosen, products) })
}

/// A product under way.
#[derive(Default)]
struct Gathered {
    granule: usize,
    len: usize,
    columns: Vec<(u16, Vec<Option<BandStats>>)>,
    classes: Vec<Option<[f64; 12]>>,
}

impl Gathered {
    /// Takes in the rows of a parcel; returns its entry.
    fn push(&mut self, batch: &Batch, rows: std::ops::Range<usize>, bands: &[Option<u16>]) -> u32 {
        let at = self.len;
        self.len += 1;
        let first = rows.start;
        self.classes.push(class_counts(batch, first));
        for row in rows {
            let Some(band) = bands[row] else { continue };
            let column = self.columns.iter().position(|(known, _)| *known == band).unwrap_or_else(|| {
                self.columns.push((band, Vec::new()));
                self.columns.len() - 1
            });
            let column = &mut self.columns[column].1;
            column.resize(at, None);
            column.push(Some(stats(batch, row)));
        }
        at as u32
    }

    fn finish(mut self, scl_histogram: bool) -> Product {
        self.columns.sort_unstable_by_key(|(band, _)| *band);
        let full = |mut column: Vec<Option<BandStats>>| {
            column.resize(self.len, None);
            Kept::Memory(column)
        };
        let (bands, columns): (Vec<u16>, Vec<Kept>) = self.columns.into_iter().map(|(band, column)| (band, full(column))).unzip();
        let classes = if scl_histogram { self.classes } else { Vec::new() };
        Product { granule: self.granule, bands, columns, classes }
    }
}

fn number(batch: &Batch, column: usize, row: usize) -> f64 {
    batch.columns.get(column).map_or(f64::NAN, |cells| cells.number(row))
}

fn stats(batch: &Batch, row: usize) -> BandStats {
    let [pixels, masked, nodata, count, mean, std, min, p25, p50, p75, max]: [f64; 11] =
        std::array::from_fn(|at| number(batch, FIRST_NUMBER + at, row));
    BandStats { pixels, masked, nodata, count, mean, std, min, p25, p50, p75, max }
}

fn class_counts(batch: &Batch, row: usize) -> Option<[f64; 12]> {
    let counts: [f64; 12] = std::array::from_fn(|class| number(batch, FIRST_CLASS + class, row));
    counts.iter().any(|count| !count.is_nan()).then_some(counts)
}
