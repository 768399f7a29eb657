//! What an extraction found, as columns: per acquisition and product one column a band, one entry a parcel. Rows are made from it
//! in batches, so that a table of millions of rows is never in memory as rows.

mod spill;

use std::borrow::Cow;
use std::io::Write;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::io::IoError;
use crate::io::tables::{Batch, Cells, Format, Kind, Table, TableWriter, encode_batch};
use crate::model::units::{db_from_linear, iso_utc};
use crate::model::{AcquisitionIx, Band, BandStats, Catalog, ParcelIx, Parcels, PixelRule, Sensor};

use super::{Backscatter, ExtractOptions};
pub(super) use spill::{Kept, Spill};

/// Parcels of one batch of rows, before dates and bands multiply them.
const ROWS: usize = 32 << 10;

/// One acquisition over some parcels.
#[derive(Debug)]
pub(super) struct Section {
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// Positions of the parcels, ascending.
    pub seen: Vec<u32>,
    /// Of every parcel the product that was used (place in `products`) and the entry in its columns.
    pub chosen: Vec<(u8, u32)>,
    /// Products.
    pub products: Vec<Product>,
    /// Positions of the parcels of which something could not be read, ascending.
    pub unread: Vec<u32>,
    /// Numbers are in the units of the table already.
    pub converted: bool,
    /// Number of rows.
    pub rows: usize,
}

/// Statistics from one product.
#[derive(Debug)]
pub(super) struct Product {
    /// Number of the granule in the acquisition.
    pub granule: usize,
    /// Bands, ascending: places in [`Observations::bands`].
    pub bands: Vec<u16>,
    /// One column a band; an entry is `None` where a file failed.
    pub columns: Vec<Kept>,
    /// Parcel pixels by scene class, when asked for; `None` where unknown.
    pub classes: Vec<Option<[f64; 12]>>,
}

/// Result of an extraction: one row a parcel, acquisition and band, sorted by parcel id, time, sensor and band.
#[derive(Debug)]
pub struct Observations {
    pub(super) parcels: Arc<Parcels>,
    pub(super) catalog: Arc<Catalog>,
    /// Parcels in the order of the rows; positions point here.
    pub(super) order: Vec<ParcelIx>,
    pub(super) bands: Vec<Band>,
    /// By acquisition, then by first parcel.
    pub(super) sections: Vec<Section>,
    spill: Option<Spill>,
    pub(super) rule: PixelRule,
    pub(super) backscatter: Backscatter,
    pub(super) scl_histogram: bool,
}

/// Where a parcel's entries of one acquisition are.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    position: u32,
    section: u32,
    at: u32,
}

impl Observations {
    pub(super) fn new(parcels: Arc<Parcels>, catalog: Arc<Catalog>, order: Vec<ParcelIx>, options: &ExtractOptions) -> Self {
        let mut bands: Vec<Band> = catalog
            .acquisitions
            .iter()
            .flat_map(crate::model::Acquisition::band_names)
            .filter(|band| options.wants(band))
            .collect();
        bands.sort();
        bands.dedup();
        Self {
            parcels,
            catalog,
            order,
            bands,
            sections: Vec::new(),
            spill: None,
            rule: options.settings.pixels,
            backscatter: options.backscatter,
            scl_histogram: options.scl_histogram,
        }
    }

    /// Place of a band in the list of all.
    pub(super) fn band(&self, band: &Band) -> u16 {
        self.bands.binary_search(band).unwrap_or_default() as u16
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.sections.iter().map(|section| section.rows).sum()
    }

    /// True when nothing was observed.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Names and types of the columns.
    pub fn columns(&self) -> Vec<(String, Kind)> {
        // Under the centre rule these are whole numbers, under coverage areas in pixels.
        let counts = match self.rule {
            PixelRule::Centre => Kind::Integer,
            PixelRule::Coverage => Kind::Number,
        };
        let text = ["parcel_id", "acquired_utc", "sensor", "platform", "pass"].map(|name| (name, Kind::Text));
        let orbit = [("relative_orbit", Kind::Integer), ("baseline", Kind::Text), ("band", Kind::Text)];
        let pixels = ["pixels", "masked", "nodata", "count"].map(|name| (name, counts));
        let values = ["mean", "std", "min", "p25", "p50", "p75", "max"].map(|name| (name, Kind::Number));
        let mut columns: Vec<(String, Kind)> =
            text.into_iter().chain(orbit).chain(pixels).chain(values).map(|(name, kind)| (name.to_owned(), kind)).collect();
        if self.scl_histogram {
            columns.extend((0..12).map(|class| (format!("scl_{class}"), counts)));
        }
        columns
    }

    /// Ranges of parcels whose rows make a batch of handy size.
    fn batches(&self) -> Vec<Range<u32>> {
        // Nothing but the rows decides, so that equal tables are equal files.
        let per_parcel = self.len().div_ceil(self.order.len().max(1));
        let step = (ROWS / per_parcel.max(1)).max(1) as u32;
        let count = self.order.len() as u32;
        (0..count.div_ceil(step)).map(|at| at * step..count.min((at + 1) * step)).collect()
    }

    /// Rows of some parcels.
    fn batch(&self, positions: &Range<u32>) -> Result<Batch, IoError> {
        let mut entries = Vec::new();
        let mut columns = Vec::with_capacity(self.sections.len());
        for (number, section) in (0..).zip(&self.sections) {
            let from = section.seen.partition_point(|&position| position < positions.start);
            let to = section.seen.partition_point(|&position| position < positions.end);
            columns.push(section.columns(from..to, self.spill.as_ref())?);
            entries.extend((from..to).map(|at| Entry { position: section.seen[at], section: number, at: at as u32 }));
        }
        // Sections are in the order of acquisitions.
        entries.sort_unstable();
        let mut rows = Rows::default();
        for entry in entries {
            let section = &self.sections[entry.section as usize];
            let (product, at) = section.chosen[entry.at as usize];
            let (first, columns) = &columns[entry.section as usize][usize::from(product)];
            let product = &section.products[usize::from(product)];
            for (band, column) in product.bands.iter().zip(columns) {
                if let Some(stats) = &column[at as usize - first] {
                    let classes = product.classes.get(at as usize).and_then(Option::as_ref);
                    rows.push(self, entry.position, section, product.granule, *band, stats, classes);
                }
            }
        }
        Ok(rows.finish(self))
    }

    /// Rows of some entries, ascending, of a section whose columns are in memory; and the position of every row's parcel.
    pub(super) fn rows_of(&self, section: &Section, entries: &[usize]) -> (Batch, Vec<u32>) {
        let mut rows = Rows::default();
        for &entry in entries {
            let (product, at) = section.chosen[entry];
            let product = &section.products[usize::from(product)];
            let classes = product.classes.get(at as usize).and_then(Option::as_ref);
            for (band, column) in product.bands.iter().zip(&product.columns) {
                let Kept::Memory(column) = column else { continue };
                if let Some(stats) = &column[at as usize] {
                    rows.push(self, section.seen[entry], section, product.granule, *band, stats, classes);
                }
            }
        }
        let positions = rows.parcels.clone();
        (rows.finish(self), positions)
    }

    /// Writes all rows, on `jobs` threads.
    pub fn write(&self, format: Format, jobs: usize, sink: impl Write + Send) -> anyhow::Result<()> {
        super::in_pool(jobs, || self.write_here(format, sink))
    }

    /// Writes all rows, in parallel batches.
    pub(super) fn write_here(&self, format: Format, sink: impl Write + Send) -> Result<(), IoError> {
        let columns = self.columns();
        let mut writer = TableWriter::new(&columns, format, sink)?;
        for group in self.batches().chunks(2 * rayon::current_num_threads()) {
            let encoded: Vec<_> =
                group.par_iter().map(|positions| encode_batch(&columns, &self.batch(positions)?, format)).collect();
            for batch in encoded {
                writer.write(batch?)?;
            }
        }
        writer.finish()
    }

    /// All rows in memory: for small results.
    pub fn table(&self) -> Result<Table, IoError> {
        let mut table = Table { columns: self.columns(), rows: Vec::new() };
        for positions in self.batches() {
            table.rows.extend(self.batch(&positions)?.rows());
        }
        Ok(table)
    }

    /// Takes in sections; when all that is in memory grows beyond so many bytes, it moves to a temporary file.
    pub(super) fn add(&mut self, sections: Vec<Section>, most: usize, folder: Option<&Path>) -> Result<(), IoError> {
        self.sections.extend(sections);
        let columns = self.sections.iter().flat_map(|section| &section.products).flat_map(|product| &product.columns);
        let bytes: usize =
            columns.map(|column| if let Kept::Memory(entries) = column { size_of_val(entries.as_slice()) } else { 0 }).sum();
        if bytes <= most {
            return Ok(());
        }
        let mut spill = match self.spill.take() {
            Some(spill) => spill,
            None => Spill::new(folder)?,
        };
        for product in self.sections.iter_mut().flat_map(|section| &mut section.products) {
            product.columns.iter_mut().try_for_each(|column| spill.take(column))?;
        }
        self.spill = Some(spill);
        Ok(())
    }
}

impl Section {
    /// A section of an acquisition.
    pub(super) fn new(acquisition: AcquisitionIx, seen: Vec<u32>, chosen: Vec<(u8, u32)>, products: Vec<Product>) -> Self {
        let present = |column: &Kept, at: u32| matches!(column, Kept::Memory(entries) if entries[at as usize].is_some());
        let rows = |&(product, at): &(u8, u32)| {
            products[usize::from(product)].columns.iter().filter(|column| present(column, at)).count()
        };
        let rows = chosen.par_iter().map(rows).sum();
        Self { acquisition, seen, chosen, products, unread: Vec::new(), converted: false, rows }
    }

    /// Of every product the columns as far as some parcels of this section need them, and the entry at which they begin.
    fn columns(&self, parcels: Range<usize>, spill: Option<&Spill>) -> Result<Vec<Part<'_>>, IoError> {
        let mut ranges: Vec<Option<Range<usize>>> = vec![None; self.products.len()];
        for &(product, at) in &self.chosen[parcels] {
            let at = at as usize;
            let range = ranges[usize::from(product)].get_or_insert(at..at);
            *range = range.start.min(at)..range.end.max(at + 1);
        }
        let mut parts = Vec::with_capacity(ranges.len());
        for (product, range) in self.products.iter().zip(ranges) {
            let range = range.unwrap_or_default();
            let columns = product.columns.iter().map(|column| column.entries(spill, range.clone()));
            parts.push((range.start, columns.collect::<Result<_, _>>()?));
        }
        Ok(parts)
    }
}

/// Entry at which some columns begin, and the columns.
type Part<'a> = (usize, Vec<Cow<'a, [Option<BandStats>]>>);

/// Cells of a batch under way.
#[derive(Default)]
struct Rows {
    parcels: Vec<u32>,
    products: Vec<u32>,
    bands: Vec<u32>,
    known_products: Vec<(AcquisitionIx, usize)>,
    counts: [Vec<f64>; 4],
    values: [Vec<f64>; 7],
    classes: [Vec<f64>; 12],
}

impl Rows {
    fn push(
        &mut self,
        all: &Observations,
        position: u32,
        section: &Section,
        granule: usize,
        band: u16,
        stats: &BandStats,
        classes: Option<&[f64; 12]>,
    ) {
        self.parcels.push(position);
        let key = (section.acquisition, granule);
        // Mostly that of the row before.
        let product = self.known_products.iter().rposition(|known| *known == key).unwrap_or_else(|| {
            self.known_products.push(key);
            self.known_products.len() - 1
        });
        self.products.push(product as u32);
        self.bands.push(u32::from(band));
        let counts = [stats.pixels, stats.masked, stats.nodata, stats.count];
        self.counts.iter_mut().zip(counts).for_each(|(column, value)| column.push(value));
        let decibel = all.backscatter == Backscatter::Decibel
            && !section.converted
            && all.catalog.get(section.acquisition).sensor == Sensor::S1Backscatter;
        let values = [stats.mean, stats.std, stats.min, stats.p25, stats.p50, stats.p75, stats.max];
        self.values
            .iter_mut()
            .zip(values)
            .for_each(|(column, value)| column.push(seven_digits(if decibel { db_from_linear(value) } else { value })));
        if all.scl_histogram {
            let classes = classes.copied().unwrap_or([f64::NAN; 12]);
            self.classes.iter_mut().zip(classes).for_each(|(column, value)| column.push(value));
        }
    }

    fn finish(self, all: &Observations) -> Batch {
        // The rows of a parcel follow each other.
        let mut ids = Vec::new();
        let mut at = Vec::with_capacity(self.parcels.len());
        for rows in self.parcels.chunk_by(|a, b| a == b) {
            at.extend(std::iter::repeat_n(ids.len() as u32, rows.len()));
            ids.push(all.parcels.id(all.order[rows[0] as usize]).to_owned());
        }
        let mut columns = vec![Cells::Words { words: ids, at }];
        let of_product = |word: &dyn Fn(AcquisitionIx, usize) -> Option<String>| {
            let words: Vec<Option<String>> =
                self.known_products.iter().map(|&(acquisition, granule)| word(acquisition, granule)).collect();
            let at = self.products.iter().map(|&at| if words[at as usize].is_some() { at } else { Cells::NOTHING }).collect();
            Cells::Words { words: words.into_iter().map(Option::unwrap_or_default).collect(), at }
        };
        let get = |acquisition| all.catalog.get(acquisition);
        columns.push(of_product(&|acquisition, _| Some(iso_utc(get(acquisition).acquired))));
        columns.push(of_product(&|acquisition, _| Some(get(acquisition).sensor.code().to_owned())));
        columns.push(of_product(&|acquisition, _| Some(get(acquisition).platform.clone())));
        columns.push(of_product(&|acquisition, _| get(acquisition).pass.map(|pass| pass.code().to_owned())));
        let orbit = |&product: &u32| {
            let (acquisition, _) = self.known_products[product as usize];
            get(acquisition).relative_orbit.map(i64::from)
        };
        columns.push(Cells::Integers(self.products.iter().map(orbit).collect()));
        columns.push(of_product(&|acquisition, granule| get(acquisition).granules.get(granule)?.baseline.clone()));
        columns.push(Cells::Words { words: all.bands.iter().map(ToString::to_string).collect(), at: self.bands });
        columns.extend(self.counts.into_iter().map(|counts| amounts(counts, all.rule)));
        columns.extend(self.values.into_iter().map(Cells::Numbers));
        if all.scl_histogram {
            columns.extend(self.classes.into_iter().map(|counts| amounts(counts, all.rule)));
        }
        Batch { columns }
    }
}

fn amounts(counts: Vec<f64>, rule: PixelRule) -> Cells {
    match rule {
        PixelRule::Centre => {
            Cells::Integers(counts.into_iter().map(|count| (!count.is_nan()).then(|| count.round() as i64)).collect())
        }
        // A millionth of a pixel: finer digits are noise, and sums still agree.
        PixelRule::Coverage => Cells::Numbers(counts.into_iter().map(|count| (count * 1e6).round() / 1e6).collect()),
    }
}

/// Powers of ten that are exact as numbers.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21,
    1e22,
];

/// Seven significant digits: as many as a stored pixel carries. More would only show how binary fractions look.
fn seven_digits(value: f64) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return value;
    }
    // A whole number of at most seven digits divided by an exact power of ten is the number that its text would be read as.
    let power = 6 - value.abs().log10().floor() as i32;
    if let Some(power) = usize::try_from(power).ok().and_then(|power| EXACT.get(power)) {
        let scaled = value * power;
        let rounded = scaled.round();
        let near_half = ((scaled - scaled.trunc()).abs() - 0.5).abs() < 1e-6;
        if !near_half && (1e6..1e7).contains(&rounded.abs()) {
            return rounded / power;
        }
    }
    // `{:e}` of a finite number always reads back.
    format!("{value:.6e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_carry_seven_digits_and_no_binary_tail() {
        assert_eq!(seven_digits(f64::from(0.0512f32)).to_string(), "0.0512");
        assert_eq!(seven_digits(-12.345_678_91).to_string(), "-12.34568");
        assert_eq!(seven_digits(0.0), 0.0);
        assert!(seven_digits(f64::NAN).is_nan());
    }

    proptest! {
        #[test]
        fn rounding_by_arithmetic_equals_rounding_by_text(
            value in prop_oneof![-1f64..1.0, any::<f64>(), (0i64..20_000_000).prop_map(|n| n as f64 / 2e7), (0u32..90_000_000).prop_map(|n| f64::from(n) * 0.5)],
        ) {
            let text: f64 = format!("{value:.6e}").parse().expect("a number");
            prop_assert!(seven_digits(value) == text || value.is_nan());
        }
    }
}
