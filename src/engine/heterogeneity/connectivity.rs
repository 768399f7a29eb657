//! Connectivity of a cluster map: how many pixels of the same class a pixel reaches inside a window around it.
//!
//! A window is a bit for each pixel, row by row. Links between neighbours of one class and parcel are bits too, and do not depend on
//! the centre of a window: they are kept by column, so that a step to the right is a shift, and a flood is a few shifts in a row.

use std::ops::{BitAnd, BitOr, Range, Shl, Shr};

use super::grid::LabelGrid;

/// Which pixels are neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Neighbours {
    /// Those that share an edge.
    #[default]
    Four,
    /// Those that share a corner too.
    Eight,
}

/// Connectivity of some rows; `out` has a place for each pixel of these rows.
///
/// The number of pixels, the centre included, that steps through the same class and parcel reach without leaving the window of
/// `2 radius + 1` pixels around it; the grid ends at its border. Between 1 and `(2 radius + 1)^2`; 0 for a pixel without a class.
/// `radius` is 1 to 5. Bands of rows may be worked on side by side.
///
/// * **Cost:** a few operations a pixel where a window is of one class, a few dozen elsewhere; 16 bytes for each column, 32 from
///   radius 4 on, twice as much with [`Neighbours::Eight`].
/// * **Source:** fact sheet of `Sen4CAP`. It relies on gaps between parcels; here a limit is never stepped across.
///
/// ```
/// # use parcelight::engine::heterogeneity::{LabelGrid, Neighbours, connectivity_rows};
/// let grid = LabelGrid { width: 3, height: 2, labels: &[1, 1, 2, 2, 1, 0], parcels: &[7; 6] };
/// let mut out = [0; 6];
/// connectivity_rows(&grid, 1, Neighbours::Four, 0..2, &mut out);
/// assert_eq!(out, [3, 3, 1, 1, 3, 0]);
/// ```
pub fn connectivity_rows(grid: &LabelGrid, radius: u8, neighbours: Neighbours, rows: Range<usize>, out: &mut [u8]) {
    debug_assert!((1..=5).contains(&radius), "radius 1 to 5");
    debug_assert_eq!(out.len(), grid.pixels(&rows).len(), "a place for each pixel of the rows");
    if grid.width == 0 {
        return;
    }
    // The numbers of bits stand in the code, so that shifts are by constants.
    match (neighbours, radius) {
        (Neighbours::Four, 0 | 1) => band::<u64, 1, 2>(grid, rows, out),
        (Neighbours::Four, 2) => band::<u64, 2, 2>(grid, rows, out),
        (Neighbours::Four, 3) => band::<u64, 3, 2>(grid, rows, out),
        (Neighbours::Four, 4) => band::<u128, 4, 2>(grid, rows, out),
        (Neighbours::Four, _) => band::<u128, 5, 2>(grid, rows, out),
        (Neighbours::Eight, 0 | 1) => band::<u64, 1, 4>(grid, rows, out),
        (Neighbours::Eight, 2) => band::<u64, 2, 4>(grid, rows, out),
        (Neighbours::Eight, 3) => band::<u64, 3, 4>(grid, rows, out),
        (Neighbours::Eight, 4) => band::<u128, 4, 4>(grid, rows, out),
        (Neighbours::Eight, _) => band::<u128, 5, 4>(grid, rows, out),
    }
}

/// A number whose bits are the pixels of a window.
trait Bits:
    Copy + PartialEq + BitAnd<Output = Self> + BitOr<Output = Self> + Shl<usize, Output = Self> + Shr<usize, Output = Self>
{
    const NONE: Self;
    const ONE: Self;
    fn count(self) -> u8;
    fn of(truth: bool) -> Self;
}

impl Bits for u64 {
    const NONE: Self = 0;
    const ONE: Self = 1;
    fn count(self) -> u8 {
        self.count_ones() as u8
    }
    fn of(truth: bool) -> Self {
        Self::from(truth)
    }
}

impl Bits for u128 {
    const NONE: Self = 0;
    const ONE: Self = 1;
    fn count(self) -> u8 {
        self.count_ones() as u8
    }
    fn of(truth: bool) -> Self {
        Self::from(truth)
    }
}

/// Links of pixels to a neighbour of the same class and parcel: to the right and down; with corners also right below and left below.
type Links<B, const KINDS: usize> = [B; KINDS];
const RIGHT: usize = 0;
const DOWN: usize = 1;
const RIGHT_BELOW: usize = 2;
const LEFT_BELOW: usize = 3;

/// Bits of a window: bit `row * side + column`.
struct Shape<B, const KINDS: usize> {
    /// Pixels that have each neighbour inside the window.
    inside: Links<B, KINDS>,
    /// All columns but the last.
    but_last: B,
}

impl<B: Bits, const KINDS: usize> Shape<B, KINDS> {
    fn new(side: usize) -> Self {
        let (mut inside, mut but_last) = ([B::NONE; KINDS], B::NONE);
        for row in 0..side {
            for column in 0..side {
                let bit = B::ONE << (row * side + column);
                let (right, down) = (column + 1 < side, row + 1 < side);
                but_last = if right { but_last | bit } else { but_last };
                for (own, has) in inside.iter_mut().zip([right, down, right && down, down && column > 0]) {
                    *own = if has { *own | bit } else { *own };
                }
            }
        }
        Self { inside, but_last }
    }
}

fn band<B: Bits, const RADIUS: usize, const KINDS: usize>(grid: &LabelGrid, rows: Range<usize>, out: &mut [u8]) {
    let (side, width) = (2 * RADIUS + 1, grid.width);
    let shape = Shape::<B, KINDS>::new(side);
    // Links of a column, the rows of the window at every `side` bits; columns beyond the right border have none.
    let mut columns = vec![[B::NONE; KINDS]; width + RADIUS + 1];
    let mut next = rows.start.saturating_sub(RADIUS);
    for (row, out) in rows.zip(out.chunks_exact_mut(width)) {
        // At the start the rows above come in one after the other; below the grid rows without links do.
        while next <= row + RADIUS {
            add_row::<B, RADIUS, KINDS>(grid, next, &mut columns);
            next += 1;
        }
        scan::<B, RADIUS, KINDS>(&columns, &shape, &grid.labels[row * width..(row + 1) * width], out);
    }
}

/// Moves the windows of all columns down by a row.
fn add_row<B: Bits, const RADIUS: usize, const KINDS: usize>(grid: &LabelGrid, row: usize, columns: &mut [Links<B, KINDS>]) {
    let (side, width) = (2 * RADIUS + 1, grid.width);
    let place = side * (side - 1);
    let line = |row: usize| {
        let own = if row < grid.height { row * width..(row + 1) * width } else { 0..0 };
        (&grid.labels[own.clone()], &grid.parcels[own])
    };
    let ((labels, parcels), (labels_below, parcels_below)) = (line(row), line(row + 1));
    // What leaves at the top falls off the lower end.
    for own in columns.iter_mut() {
        *own = own.map(|bits| bits >> side);
    }
    let link = |bits: &mut B, truth: bool| *bits = *bits | (B::of(truth) << place);
    let pairs = labels.windows(2).zip(parcels.windows(2));
    for (own, (label, parcel)) in columns.iter_mut().zip(pairs) {
        link(&mut own[RIGHT], label[0] > 0 && label[0] == label[1] && parcel[0] == parcel[1]);
    }
    let here = labels.iter().zip(parcels);
    let below = labels_below.iter().zip(parcels_below);
    for (own, ((label, parcel), (label_below, parcel_below))) in columns.iter_mut().zip(here.zip(below)) {
        link(&mut own[DOWN], *label > 0 && label == label_below && parcel == parcel_below);
    }
    if KINDS > LEFT_BELOW && !labels_below.is_empty() {
        for column in 0..width {
            let (label, parcel) = (labels[column], parcels[column]);
            let same = |other: usize| label > 0 && label == labels_below[other] && parcel == parcels_below[other];
            link(&mut columns[column][RIGHT_BELOW], column + 1 < width && same(column + 1));
            link(&mut columns[column][LEFT_BELOW], column > 0 && same(column - 1));
        }
    }
}

/// One row of windows.
fn scan<B: Bits, const RADIUS: usize, const KINDS: usize>(
    columns: &[Links<B, KINDS>],
    shape: &Shape<B, KINDS>,
    labels: &[u8],
    out: &mut [u8],
) {
    let side = 2 * RADIUS + 1;
    let last = side - 1;
    let enter = |window: Links<B, KINDS>, column: &Links<B, KINDS>| -> Links<B, KINDS> {
        std::array::from_fn(|at| ((window[at] >> 1) & shape.but_last) | (column[at] << last))
    };
    let mut window = [B::NONE; KINDS];
    for column in columns.iter().take(RADIUS) {
        window = enter(window, column);
    }
    for ((out, &label), column) in out.iter_mut().zip(labels).zip(&columns[RADIUS..]) {
        window = enter(window, column);
        let links = std::array::from_fn(|at| window[at] & shape.inside[at]);
        *out = if label == 0 {
            0
        } else if links == shape.inside {
            (side * side) as u8
        } else {
            flood(&links, side, B::ONE << (side * RADIUS + RADIUS)).count()
        };
    }
}

/// All pixels of a window that links reach from its centre.
#[inline]
fn flood<B: Bits, const KINDS: usize>(links: &Links<B, KINDS>, side: usize, centre: B) -> B {
    let mut reached = centre;
    loop {
        let step = |reached: B, links: B, by: usize| reached | ((reached & links) << by) | ((reached >> by) & links);
        let mut more = step(step(reached, links[RIGHT], 1), links[DOWN], side);
        if KINDS > LEFT_BELOW {
            more = step(step(more, links[RIGHT_BELOW], side + 1), links[LEFT_BELOW], side - 1);
        }
        if more == reached {
            return reached;
        }
        reached = more;
    }
}
