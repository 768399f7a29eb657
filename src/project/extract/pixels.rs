//! Reads images slab by slab and makes the statistics of all parcels in passing: every touched block is decoded once.
//!
//! A slab is some block rows high. Parcels inside one slab are finished with it, while their pixels are at hand; of the others the
//! pixels are kept as stored until all their slabs are there. Only as many slabs are held at once as the memory setting allows.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use rayon::prelude::*;

use crate::engine::masking::ParcelMasks;
use crate::engine::slabs::{Crossing, Cut, Part, Place, Slab, SlabIndex};
use crate::engine::zonal::{Parcel, Stored, Work, stored_stats};
use crate::io::IoError;
use crate::io::raster::blocks::{self, BlockLayout, Pixels};
use crate::model::conversion::Conversion;
use crate::model::footprints::Footprints;
use crate::model::report::{Problem, Severity};
use crate::model::{BandAsset, BandStats, PixelRule, Watch};

/// Parcels whose masks are made together.
pub(super) const MASK_GROUP: usize = 4096;

/// Rows that a slab should have: with fewer more parcels cross its edge, with more it leaves the processor's cache.
const SLAB_ROWS: usize = 512;

/// Parcels over several slabs that are finished together.
const CROSSING_GROUP: usize = 256;

/// A band of a granule, ready to be read.
#[derive(Debug, Clone, Copy)]
pub(super) struct BandWork<'a> {
    /// File and conversion.
    pub asset: &'a BandAsset,
    /// Which table of footprints.
    pub table: usize,
}

/// Statistics of one band, one entry a parcel of its table; `None` where a block could not be read.
pub(super) type Column = Vec<Option<BandStats>>;

/// What all readers of one extraction share.
pub(super) struct Reading<'a> {
    tables: &'a [Arc<Footprints>],
    rule: PixelRule,
    watch: &'a Watch,
    gate: Gate,
    indexes: Mutex<Vec<Known>>,
    problems: Mutex<Vec<Problem>>,
}

/// A slab index and what it belongs to.
struct Known {
    table: usize,
    cut: Cut,
    index: Arc<OnceLock<SlabIndex>>,
}

/// What a slab gave for one band.
struct SlabPart {
    whole: Vec<Option<BandStats>>,
    pieces: Pieces,
}

/// Stored pixels of parcels that go on in another slab; `None` where a block could not be read.
enum Pieces {
    U8(Vec<Option<Vec<u8>>>),
    U16(Vec<Option<Vec<u16>>>),
    F32(Vec<Option<Vec<f32>>>),
}

/// A stored type that pieces can be kept in.
trait Kept: Stored {
    fn keep(pieces: Vec<Option<Vec<Self>>>) -> Pieces;
    fn kept(pieces: &Pieces) -> Option<&[Option<Vec<Self>>]>;
    fn of(pixels: Pixels) -> Option<Vec<Self>>;
}

macro_rules! kept {
    ($number:ty, $variant:ident) => {
        impl Kept for $number {
            fn keep(pieces: Vec<Option<Vec<Self>>>) -> Pieces {
                Pieces::$variant(pieces)
            }

            fn kept(pieces: &Pieces) -> Option<&[Option<Vec<Self>>]> {
                if let Pieces::$variant(pieces) = pieces { Some(pieces) } else { None }
            }

            fn of(pixels: Pixels) -> Option<Vec<Self>> {
                if let Pixels::$variant(pixels) = pixels { Some(pixels) } else { None }
            }
        }
    };
}

kept!(u8, U8);
kept!(u16, U16);
kept!(f32, F32);

impl<'a> Reading<'a> {
    /// A reader over tables of footprints that holds at most about `slab_bytes` of decoded blocks.
    pub(super) fn new(tables: &'a [Arc<Footprints>], rule: PixelRule, slab_bytes: usize, watch: &'a Watch) -> Self {
        Self { tables, rule, watch, gate: Gate::new(slab_bytes), indexes: Mutex::default(), problems: Mutex::default() }
    }

    /// A table of footprints.
    pub(super) fn table(&self, table: usize) -> &'a Arc<Footprints> {
        &self.tables[table]
    }

    /// Problems of files, each with its path.
    pub(super) fn into_problems(self) -> Vec<Problem> {
        self.problems.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a file failed.
    pub(super) fn note(&self, path: &Path, error: &IoError) {
        let problem =
            Problem { severity: Severity::Error, path: path.to_owned(), fact: error.to_string(), expected: String::new() };
        lock(&self.problems).push(problem);
    }

    /// True when the work should stop.
    pub(super) fn cancelled(&self) -> bool {
        self.watch.cancelled()
    }

    /// How a file of so many bytes a row is cut into slabs.
    pub(super) fn cut(&self, layout: &BlockLayout, row_bytes: usize) -> Cut {
        let most = (self.gate.size / 4 / row_bytes.max(1)).min(SLAB_ROWS);
        Cut { block_width: layout.width, block_height: layout.height, block_rows: (most / layout.height).max(1) }
    }

    /// Waits until so many bytes may be used.
    pub(super) fn allow(&self, bytes: usize) -> Allowed<'_> {
        self.gate.allow(bytes)
    }

    /// Statistics of bands of one file, in their order. `masks` of every band's table; `None` without a mask.
    ///
    /// A file that fails costs its own columns, and is noted. Fails only when cancelled.
    pub(super) fn file(&self, bands: &[BandWork<'_>], masks: &[Option<Arc<Vec<ParcelMasks>>>]) -> Result<Vec<Column>, IoError> {
        let Some(first) = bands.first() else { return Ok(Vec::new()) };
        if self.cancelled() {
            return Err(IoError::Cancelled);
        }
        let layout = match blocks::layout(first.asset) {
            Ok(layout) => layout,
            Err(error) => {
                self.note(&first.asset.path, &error);
                self.watch.advance(bands.iter().map(|band| self.tables[band.table].len() as u64).sum());
                return Ok(bands.iter().map(|band| vec![None; self.tables[band.table].len()]).collect());
            }
        };
        if layout.shared && bands.iter().all(|band| band.table == first.table) {
            return self.bands(bands, masks, &layout);
        }
        let columns: Vec<Result<Vec<Column>, IoError>> =
            bands.par_iter().zip(masks).map(|(band, mask)| self.bands(&[*band], std::slice::from_ref(mask), &layout)).collect();
        Ok(columns.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    /// Bands of one file and one table of footprints, read together.
    fn bands(
        &self,
        bands: &[BandWork<'_>],
        masks: &[Option<Arc<Vec<ParcelMasks>>>],
        layout: &BlockLayout,
    ) -> Result<Vec<Column>, IoError> {
        let (grid, table) = (&bands[0].asset.grid, bands[0].table);
        let footprints = self.tables[table].as_ref();
        let row_bytes = grid.width.div_ceil(layout.width) * layout.width * layout.bytes * bands.len();
        let cut = self.cut(layout, row_bytes);
        let index = self.index(table, cut);
        let index = index.get_or_init(|| SlabIndex::new(footprints, (grid.width, grid.height), cut));
        let slabs: Vec<Result<Vec<SlabPart>, IoError>> =
            (0..index.slabs.len()).into_par_iter().map(|slab| self.slab(bands, masks, index, slab, cut)).collect();
        let mut parts: Vec<Vec<SlabPart>> = bands.iter().map(|_| Vec::with_capacity(slabs.len())).collect();
        for slab in slabs {
            parts.iter_mut().zip(slab?).for_each(|(parts, part)| parts.push(part));
        }
        let mut columns = Vec::with_capacity(bands.len());
        for ((band, mask), parts) in bands.iter().zip(masks).zip(parts) {
            let finish = Finish::new(footprints, self.rule, mask.as_deref(), band.asset);
            let crossing: Vec<Option<BandStats>> = index
                .crossing
                .par_chunks(CROSSING_GROUP)
                .flat_map_iter(|group| {
                    let mut desk = Desk::default();
                    group.iter().map(|crossing| finish.crossing(crossing, &parts, &mut desk)).collect::<Vec<_>>()
                })
                .collect();
            if self.cancelled() {
                return Err(IoError::Cancelled);
            }
            let mut desk = Desk::default();
            let column = index.places.iter().enumerate().map(|(parcel, place)| match *place {
                Place::Whole(slab, at) => parts[slab as usize].whole[at as usize],
                Place::Crossing(at) => crossing[at as usize],
                Place::Nowhere => finish.parcel(parcel, &mut Vec::<u8>::new(), &mut desk.work, &mut desk.weights),
            });
            columns.push(column.collect());
        }
        let whole: usize = index.slabs.iter().map(|slab| slab.whole.len()).sum();
        self.watch.advance((bands.len() * (footprints.len() - whole)) as u64);
        Ok(columns)
    }

    fn index(&self, table: usize, cut: Cut) -> Arc<OnceLock<SlabIndex>> {
        let mut indexes = lock(&self.indexes);
        if let Some(known) = indexes.iter().find(|known| known.table == table && known.cut == cut) {
            return Arc::clone(&known.index);
        }
        indexes.push(Known { table, cut, index: Arc::default() });
        indexes.last().map(|known| Arc::clone(&known.index)).unwrap_or_default()
    }

    fn slab(
        &self,
        bands: &[BandWork<'_>],
        masks: &[Option<Arc<Vec<ParcelMasks>>>],
        index: &SlabIndex,
        number: usize,
        cut: Cut,
    ) -> Result<Vec<SlabPart>, IoError> {
        let content = &index.slabs[number];
        let assets: Vec<&BandAsset> = bands.iter().map(|band| band.asset).collect();
        let mut read: Vec<Vec<((usize, usize), Pixels)>> = bands.iter().map(|_| Vec::new()).collect();
        let bytes = content.blocks.len() * cut.block_width * cut.block_height * 4 * bands.len();
        let _allowed = self.allow(bytes);
        if !content.blocks.is_empty() {
            let mut failed = vec![false; bands.len()];
            let done = blocks::read(
                &assets,
                &content.blocks,
                || !self.cancelled(),
                |band, block, pixels| match pixels {
                    Ok(pixels) => read[band].push((content.blocks[block], pixels)),
                    // One line a band: the other blocks of a damaged file have nothing to add.
                    Err(error) if !failed[band] => {
                        failed[band] = true;
                        self.note(&assets[band].path, &error);
                    }
                    Err(_) => {}
                },
            );
            match done {
                Err(IoError::Cancelled) => return Err(IoError::Cancelled),
                Err(error) => self.note(&assets[0].path, &error),
                Ok(()) => {}
            }
        }
        let mut parts = Vec::with_capacity(bands.len());
        for ((band, mask), read) in bands.iter().zip(masks).zip(read) {
            let finish = Finish::new(self.tables[band.table].as_ref(), self.rule, mask.as_deref(), band.asset);
            let width = band.asset.grid.width;
            parts.push(match read.first() {
                Some((_, Pixels::U8(_))) => finish.slab::<u8>(content, &fill(read, cut, number, width), self.watch)?,
                Some((_, Pixels::U16(_))) => finish.slab::<u16>(content, &fill(read, cut, number, width), self.watch)?,
                _ => finish.slab::<f32>(content, &fill(read, cut, number, width), self.watch)?,
            });
            self.watch.advance(content.whole.len() as u64);
        }
        Ok(parts)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere leaves lists of whole entries.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fill<T: Kept>(read: Vec<((usize, usize), Pixels)>, cut: Cut, number: usize, width: usize) -> Slab<T> {
    let mut slab = Slab::new(cut, number, width);
    for (block, pixels) in read {
        if let Some(pixels) = T::of(pixels) {
            slab.put(block, pixels);
        }
    }
    slab
}

/// Memory that is used again from parcel to parcel.
#[derive(Default)]
struct Desk {
    work: Work,
    weights: Vec<f32>,
}

/// Makes the statistics of one band from gathered pixels.
struct Finish<'a> {
    footprints: &'a Footprints,
    rule: PixelRule,
    masks: Option<&'a Vec<ParcelMasks>>,
    conversion: Conversion,
}

impl<'a> Finish<'a> {
    fn new(footprints: &'a Footprints, rule: PixelRule, masks: Option<&'a Vec<ParcelMasks>>, asset: &BandAsset) -> Self {
        Self { footprints, rule, masks, conversion: Conversion::of(asset) }
    }

    /// Statistics of a parcel from its pixels in pixel order; `None` when its mask could not be read.
    fn parcel<T: Stored>(&self, at: usize, pixels: &mut Vec<T>, work: &mut Work, weights: &mut Vec<f32>) -> Option<BandStats> {
        let excluded = match self.masks {
            Some(masks) => masks[at / MASK_GROUP].of(at % MASK_GROUP, pixels.len())?,
            None => &[],
        };
        let weights = match self.rule {
            PixelRule::Centre => None,
            PixelRule::Coverage => {
                weights.clear();
                self.footprints.weights_of(at, weights);
                Some(&weights[..])
            }
        };
        let parcel = Parcel { excluded, weights, outside: self.footprints.outside[at] };
        Some(stored_stats(pixels, &parcel, &self.conversion, work))
    }

    fn slab<T: Kept>(
        &self,
        content: &crate::engine::slabs::SlabContent,
        slab: &Slab<T>,
        watch: &Watch,
    ) -> Result<SlabPart, IoError> {
        let runs = |part: &Part| &self.footprints.runs[part.first_run as usize..part.end_run as usize];
        let mut desk = Desk::default();
        let mut pixels: Vec<T> = Vec::new();
        let mut whole = Vec::with_capacity(content.whole.len());
        for (number, part) in content.whole.iter().enumerate() {
            if number % 1024 == 0 && watch.cancelled() {
                return Err(IoError::Cancelled);
            }
            pixels.clear();
            let complete = slab.gather(runs(part), &mut pixels);
            let at = part.parcel as usize;
            let stats = if complete { self.parcel(at, &mut pixels, &mut desk.work, &mut desk.weights) } else { None };
            whole.push(stats);
        }
        let piece = |part: &Part| {
            let mut pixels = Vec::new();
            slab.gather(runs(part), &mut pixels).then_some(pixels)
        };
        Ok(SlabPart { whole, pieces: T::keep(content.pieces.iter().map(piece).collect()) })
    }

    fn crossing(&self, crossing: &Crossing, parts: &[SlabPart], desk: &mut Desk) -> Option<BandStats> {
        let (slab, _) = crossing.pieces.first()?;
        match &parts[*slab as usize].pieces {
            Pieces::U8(_) => self.joined::<u8>(crossing, parts, desk),
            Pieces::U16(_) => self.joined::<u16>(crossing, parts, desk),
            Pieces::F32(_) => self.joined::<f32>(crossing, parts, desk),
        }
    }

    fn joined<T: Kept>(&self, crossing: &Crossing, parts: &[SlabPart], desk: &mut Desk) -> Option<BandStats> {
        let mut pixels: Vec<T> = Vec::new();
        for &(slab, at) in &crossing.pieces {
            pixels.extend_from_slice(T::kept(&parts[slab as usize].pieces)?.get(at as usize)?.as_ref()?);
        }
        self.parcel(crossing.parcel as usize, &mut pixels, &mut desk.work, &mut desk.weights)
    }
}

/// Lets work begin only while the memory in use stays below a size; one piece of work may always run.
struct Gate {
    size: usize,
    used: Mutex<usize>,
    freed: Condvar,
}

/// Memory in use until this is dropped.
pub(super) struct Allowed<'a> {
    gate: &'a Gate,
    bytes: usize,
}

impl Gate {
    fn new(size: usize) -> Self {
        Self { size, used: Mutex::new(0), freed: Condvar::new() }
    }

    fn allow(&self, bytes: usize) -> Allowed<'_> {
        let mut used = lock(&self.used);
        while *used > 0 && *used + bytes > self.size {
            used = self.freed.wait(used).unwrap_or_else(PoisonError::into_inner);
        }
        *used += bytes;
        Allowed { gate: self, bytes }
    }
}

impl Drop for Allowed<'_> {
    fn drop(&mut self) {
        *lock(&self.gate.used) -= self.bytes;
        self.gate.freed.notify_all();
    }
}
