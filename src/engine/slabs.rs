//! Gathers the pixels of many parcels from an image that comes in slabs: some block rows at a time, each block once.

use crate::model::footprints::{Footprints, Run};

/// Which parcels each slab of an image holds, and which blocks have to be read for them. Depends on the grid, the parcels and the
/// way the file is cut, so it is made once for all bands and dates.
#[derive(Debug, Default)]
pub struct SlabIndex {
    /// From north to south.
    pub slabs: Vec<SlabContent>,
    /// Parcels that lie in more than one slab.
    pub crossing: Vec<Crossing>,
    /// Where each parcel of the footprints is found.
    pub places: Vec<Place>,
}

/// What one slab holds.
#[derive(Debug, Default)]
pub struct SlabContent {
    /// Blocks (column, row) that some parcel touches, in file order.
    pub blocks: Vec<(usize, usize)>,
    /// Parcels that lie in this slab alone.
    pub whole: Vec<Part>,
    /// Parts of parcels that cross its edge.
    pub pieces: Vec<Part>,
}

/// Pixels of one parcel in one slab.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    /// Row of the parcel in the footprints.
    pub parcel: u32,
    /// First of its runs.
    pub first_run: u32,
    /// End of its runs.
    pub end_run: u32,
}

/// A parcel in several slabs.
#[derive(Debug)]
pub struct Crossing {
    /// Row of the parcel in the footprints.
    pub parcel: u32,
    /// (slab, position among its pieces), from north to south.
    pub pieces: Vec<(u32, u32)>,
}

/// Where a parcel is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// No pixel of it lies on the image.
    Nowhere,
    /// In one slab: (slab, position among those that lie there alone).
    Whole(u32, u32),
    /// In several: position in [`SlabIndex::crossing`].
    Crossing(u32),
}

/// How an image is cut: pixels of a block, and block rows of a slab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cut {
    /// Columns of a block.
    pub block_width: usize,
    /// Rows of a block.
    pub block_height: usize,
    /// Block rows of a slab.
    pub block_rows: usize,
}

impl SlabIndex {
    /// Sorts the parcels of a grid of so many columns and rows into slabs. Cost: one look at every run.
    pub fn new(footprints: &Footprints, (width, height): (usize, usize), cut: Cut) -> Self {
        let rows = cut.block_height * cut.block_rows;
        let columns = width.div_ceil(cut.block_width);
        let mut index = Self { places: Vec::with_capacity(footprints.len()), ..Self::default() };
        index.slabs.resize_with(height.div_ceil(rows), SlabContent::default);
        let mut touched = vec![false; columns * height.div_ceil(cut.block_height)];
        for parcel in 0..footprints.len() {
            let start = footprints.run_start[parcel];
            let runs = footprints.runs_of(parcel);
            for run in runs {
                let row = run.row() / cut.block_height * columns;
                let (from, to) = (run.col() / cut.block_width, (run.col() + run.len() - 1) / cut.block_width);
                touched[row + from..=row + to].fill(true);
            }
            let place = match (runs.first(), runs.last()) {
                (Some(first), Some(last)) => {
                    index.place(parcel as u32, start, runs, first.row() / rows..=last.row() / rows, rows)
                }
                _ => Place::Nowhere,
            };
            index.places.push(place);
        }
        for (at, _) in touched.iter().enumerate().filter(|(_, touched)| **touched) {
            let block = (at % columns, at / columns);
            index.slabs[block.1 / cut.block_rows].blocks.push(block);
        }
        index
    }

    fn place(&mut self, parcel: u32, start: u32, runs: &[Run], slabs: std::ops::RangeInclusive<usize>, rows: usize) -> Place {
        if slabs.start() == slabs.end() {
            let whole = &mut self.slabs[*slabs.start()].whole;
            whole.push(Part { parcel, first_run: start, end_run: start + runs.len() as u32 });
            return Place::Whole(*slabs.start() as u32, whole.len() as u32 - 1);
        }
        let mut crossing = Crossing { parcel, pieces: Vec::new() };
        let mut from = 0;
        for slab in slabs {
            let to = from + runs[from..].partition_point(|run| run.row() < (slab + 1) * rows);
            if to > from {
                let pieces = &mut self.slabs[slab].pieces;
                crossing.pieces.push((slab as u32, pieces.len() as u32));
                pieces.push(Part { parcel, first_run: start + from as u32, end_run: start + to as u32 });
            }
            from = to;
        }
        self.crossing.push(crossing);
        Place::Crossing(self.crossing.len() as u32 - 1)
    }
}

/// Decoded blocks of one slab of one band.
#[derive(Debug)]
pub struct Slab<T> {
    cut: Cut,
    first_block_row: usize,
    columns: usize,
    blocks: Vec<Option<Vec<T>>>,
}

impl<T: Copy> Slab<T> {
    /// Number `slab` of an image of so many pixel columns, with nothing read yet.
    pub fn new(cut: Cut, slab: usize, width: usize) -> Self {
        let columns = width.div_ceil(cut.block_width);
        let mut blocks = Vec::new();
        blocks.resize_with(columns * cut.block_rows, || None);
        Self { cut, first_block_row: slab * cut.block_rows, columns, blocks }
    }

    /// Puts in a block (column, row of the image); one of the wrong size counts as not read.
    pub fn put(&mut self, (col, row): (usize, usize), pixels: Vec<T>) {
        if pixels.len() == self.cut.block_width * self.cut.block_height {
            self.blocks[(row - self.first_block_row) * self.columns + col] = Some(pixels);
        }
    }

    /// Appends the pixels of a parcel's runs in pixel order. False when a block of them has not been read.
    pub fn gather(&self, runs: &[Run], pixels: &mut Vec<T>) -> bool {
        let (width, height) = (self.cut.block_width, self.cut.block_height);
        for run in runs {
            let block_row = run.row() / height;
            let start = (run.row() - block_row * height) * width;
            let blocks = (block_row - self.first_block_row) * self.columns;
            let (mut col, mut left) = (run.col(), run.len());
            while left > 0 {
                let block_col = col / width;
                let Some(block) = &self.blocks[blocks + block_col] else { return false };
                let inside = col - block_col * width;
                let len = left.min(width - inside);
                pixels.extend_from_slice(&block[start + inside..start + inside + len]);
                col += len;
                left -= len;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WIDTH: usize = 40;
    const HEIGHT: usize = 30;

    fn footprints(boxes: &[(usize, usize, usize, usize)]) -> Footprints {
        let mut made = Footprints::new();
        for (position, &(col, row, width, height)) in (0..).zip(boxes) {
            let (width, height) = (width.min(WIDTH - col), height.min(HEIGHT - row));
            made.runs.extend((row..row + height).map(|row| Run::new(row, col, width, false)));
            made.parcels.push(position);
            made.run_start.push(made.runs.len() as u32);
            made.share_start.push(0);
            made.pixels.push((width * height) as u32);
            made.outside.push(0.0);
        }
        made
    }

    proptest! {
        #[test]
        fn every_pixel_comes_once_and_in_order_however_the_image_is_cut(
            boxes in prop::collection::vec((0..WIDTH, 0..HEIGHT, 1..20usize, 0..25usize), 0..12),
            block_width in 1..50usize, block_height in 1..40usize, block_rows in 1..5usize,
        ) {
            let made = footprints(&boxes);
            let cut = Cut { block_width, block_height, block_rows };
            let index = SlabIndex::new(&made, (WIDTH, HEIGHT), cut);
            let mut gathered: Vec<Vec<Vec<u32>>> = Vec::new();
            let mut whole: Vec<Vec<Vec<u32>>> = Vec::new();
            let mut read = Vec::new();
            for (number, content) in index.slabs.iter().enumerate() {
                let mut slab = Slab::new(cut, number, WIDTH);
                for &(col, row) in &content.blocks {
                    let pixel = |at: usize| ((row * block_height + at / block_width) * WIDTH + col * block_width + at % block_width) as u32;
                    slab.put((col, row), (0..block_width * block_height).map(pixel).collect());
                    read.push((row, col));
                }
                let take = |part: &Part| {
                    let mut pixels = Vec::new();
                    assert!(slab.gather(&made.runs[part.first_run as usize..part.end_run as usize], &mut pixels));
                    pixels
                };
                whole.push(content.whole.iter().map(take).collect());
                gathered.push(content.pieces.iter().map(take).collect());
            }
            prop_assert!(read.is_sorted_by(|a, b| a < b), "blocks come once, in file order");
            for parcel in 0..made.len() {
                let found: Vec<u32> = match index.places[parcel] {
                    Place::Nowhere => Vec::new(),
                    Place::Whole(slab, at) => whole[slab as usize][at as usize].clone(),
                    Place::Crossing(at) => index.crossing[at as usize]
                        .pieces
                        .iter()
                        .flat_map(|&(slab, at)| gathered[slab as usize][at as usize].clone())
                        .collect(),
                };
                let expected: Vec<u32> =
                    made.runs_of(parcel).iter().flat_map(|run| (0..run.len()).map(move |i| (run.row() * WIDTH + run.col() + i) as u32)).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn a_block_that_was_not_read_costs_the_parcels_that_touch_it() {
        let made = footprints(&[(0, 0, 4, 4), (3, 0, 4, 1)]);
        let cut = Cut { block_width: 5, block_height: 30, block_rows: 1 };
        let mut slab = Slab::new(cut, 0, WIDTH);
        slab.put((0, 0), vec![1u8; 150]);
        slab.put((1, 0), vec![1u8; 3]);
        let mut pixels = Vec::new();
        assert!(slab.gather(made.runs_of(0), &mut pixels) && pixels.len() == 16);
        assert!(!slab.gather(made.runs_of(1), &mut pixels));
    }
}
