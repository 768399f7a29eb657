//! Which pixels of a grid belong to which parcel, for many parcels, as flat columns.

use super::Grid;

/// Pixels of one row of a grid, side by side: row (22 bits), column (22 bits), whether each pixel has a share of its own (1 bit),
/// length (19 bits). Runs compare by place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run(pub u64);

const PLACE_BITS: u32 = 22;
const LENGTH_BITS: u32 = 19;

impl Run {
    /// Grids with more rows or columns than this cannot be described.
    pub const MAX_SIDE: usize = 1 << PLACE_BITS;
    /// Longer runs are split.
    pub const MAX_LENGTH: usize = (1 << LENGTH_BITS) - 1;

    /// A run; `partial` when its pixels have shares of their own.
    pub fn new(row: usize, col: usize, len: usize, partial: bool) -> Self {
        debug_assert!(row < Self::MAX_SIDE && col < Self::MAX_SIDE && len <= Self::MAX_LENGTH, "the run fits its bits");
        Self(
            (row as u64) << (PLACE_BITS + LENGTH_BITS + 1)
                | (col as u64) << (LENGTH_BITS + 1)
                | u64::from(partial) << LENGTH_BITS
                | len as u64,
        )
    }

    /// Row of the grid.
    pub fn row(self) -> usize {
        (self.0 >> (PLACE_BITS + LENGTH_BITS + 1)) as usize
    }

    /// First column.
    pub fn col(self) -> usize {
        (self.0 >> (LENGTH_BITS + 1)) as usize & (Self::MAX_SIDE - 1)
    }

    /// Number of pixels.
    pub fn len(self) -> usize {
        self.0 as usize & Self::MAX_LENGTH
    }

    /// True for a run without pixels; no footprint holds one.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// True when every pixel has its own share of its area inside the parcel, false when all are wholly inside.
    pub fn partial(self) -> bool {
        self.0 >> LENGTH_BITS & 1 == 1
    }
}

/// Footprints of many parcels on one grid: about 8 bytes a pixel row of a parcel, and 4 bytes a boundary pixel under coverage.
///
/// Parcels are named by their position in the caller's list. Runs of a parcel are sorted by row and column, lie inside the grid
/// and do not overlap; their pixels in this order are the parcel's *pixel order*, which every parcel-ordered column follows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Footprints {
    /// Positions of the parcels, ascending.
    pub parcels: Vec<u32>,
    /// Where the runs of each parcel begin; one more than parcels.
    pub run_start: Vec<u32>,
    /// Runs of all parcels.
    pub runs: Vec<Run>,
    /// Where the shares of each parcel begin; one more than parcels.
    pub share_start: Vec<u32>,
    /// Covered shares (0..1) of the pixels of partial runs.
    pub shares: Vec<f32>,
    /// Pixels of each parcel inside the grid.
    pub pixels: Vec<u32>,
    /// Summed shares of each parcel's pixels beyond the grid's edge, in pixels.
    pub outside: Vec<f64>,
}

impl Footprints {
    /// No parcels yet.
    pub fn new() -> Self {
        Self { run_start: vec![0], share_start: vec![0], ..Self::default() }
    }

    /// Number of parcels.
    pub fn len(&self) -> usize {
        self.parcels.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.parcels.is_empty()
    }

    /// Runs of the parcel in a row of this table.
    pub fn runs_of(&self, at: usize) -> &[Run] {
        &self.runs[self.run_start[at] as usize..self.run_start[at + 1] as usize]
    }

    /// Shares of the parcel's partial runs, one a pixel.
    pub fn shares_of(&self, at: usize) -> &[f32] {
        &self.shares[self.share_start[at] as usize..self.share_start[at + 1] as usize]
    }

    /// Weight of every pixel of a parcel in pixel order, appended to `weights`.
    pub fn weights_of(&self, at: usize, weights: &mut Vec<f32>) {
        let mut shares = self.shares_of(at);
        for run in self.runs_of(at) {
            if run.partial() {
                let (own, rest) = shares.split_at(run.len());
                weights.extend_from_slice(own);
                shares = rest;
            } else {
                weights.resize(weights.len() + run.len(), 1.0);
            }
        }
    }

    /// Puts the parcels of another table behind these; their positions must all be larger.
    pub fn append(&mut self, other: &Self) {
        debug_assert!(self.parcels.last() < other.parcels.first() || other.is_empty(), "positions ascend");
        let (runs, shares) = (self.runs.len() as u32, self.shares.len() as u32);
        self.parcels.extend_from_slice(&other.parcels);
        self.run_start.extend(other.run_start[1..].iter().map(|start| start + runs));
        self.runs.extend_from_slice(&other.runs);
        self.share_start.extend(other.share_start[1..].iter().map(|start| start + shares));
        self.shares.extend_from_slice(&other.shares);
        self.pixels.extend_from_slice(&other.pixels);
        self.outside.extend_from_slice(&other.outside);
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        8 * self.runs.len() + 4 * self.shares.len() + 24 * self.parcels.len()
    }

    /// True when all columns fit together and every run lies inside a grid: what a file must fulfil before it is used.
    pub fn fits(&self, grid: &Grid) -> bool {
        let count = self.len();
        let ascending = |starts: &[u32], len: usize| {
            starts.len() == count + 1 && starts[0] == 0 && starts.is_sorted() && starts[count] as usize == len
        };
        let inside = |run: &Run| !run.is_empty() && run.row() < grid.height && run.col() + run.len() <= grid.width;
        self.pixels.len() == count
            && self.outside.len() == count
            && self.parcels.is_sorted_by(|a, b| a < b)
            && ascending(&self.run_start, self.runs.len())
            && ascending(&self.share_start, self.shares.len())
            && (0..count).all(|at| {
                let runs = self.runs_of(at);
                let (mut pixels, mut partial) = (0, 0);
                for run in runs {
                    pixels += run.len();
                    partial += if run.partial() { run.len() } else { 0 };
                }
                runs.iter().all(inside)
                    && runs.is_sorted_by(|a, b| a < b)
                    && pixels == self.pixels[at] as usize
                    && partial == self.shares_of(at).len()
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_keeps_its_parts_up_to_the_largest() {
        let most = (Run::MAX_SIDE - 1, Run::MAX_SIDE - 1, Run::MAX_LENGTH);
        for (row, col, len) in [(0, 0, 1), (5489, 10_979, 300), most] {
            for partial in [false, true] {
                let run = Run::new(row, col, len, partial);
                assert_eq!((run.row(), run.col(), run.len(), run.partial()), (row, col, len, partial));
            }
        }
        assert!(Run::new(1, 0, 1, false) > Run::new(0, 9, 9, true) && Run::new(1, 2, 1, false) > Run::new(1, 1, 7, true));
    }
}
