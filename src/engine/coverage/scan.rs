//! Scan conversion: from rings to pixels, row by row, on the endless lattice of a grid.
//!
//! Cost of both rules: the rows that the boundary crosses, and the columns between its westernmost and easternmost point in each
//! row; never the size of the grid. What is found does not depend on where the grid ends.

use crate::model::Grid;

/// Shares below this are rounding left over from sums that cancel, not area.
const NO_SHARE: f64 = 1e-10;

/// Nearly upright pieces have no length to share out: all of it lies at one place.
const UPRIGHT: f64 = 1e-12;

/// Memory that is used again from outline to outline.
#[derive(Debug, Default)]
pub struct Scan {
    points: Vec<[f64; 2]>,
    crossings: Vec<(i64, f64)>,
    spans: Vec<(i64, i64, i64)>,
    pieces: Vec<Piece>,
    changes: Vec<f64>,
}

/// Part of an edge inside one row: it covers `share` of the height of the row between the columns `x0 <= x1`.
#[derive(Debug, Clone, Copy)]
struct Piece {
    row: i64,
    x0: f64,
    x1: f64,
    share: f64,
}

/// One ring of an outline: true for a hole, and its points.
pub type Ring<'a> = (bool, &'a [[f64; 2]]);

impl Scan {
    /// Pixels whose centre lies inside, as (row, first column, end column) in row and column order, without overlap.
    ///
    /// See [`super::weights`] for the rule. Rows outside `rows` are left out.
    pub fn centres<'a>(
        &mut self,
        rings: impl Iterator<Item = Ring<'a>>,
        grid: &Grid,
        rows: std::ops::Range<i64>,
        mut found: impl FnMut(i64, i64, i64),
    ) {
        self.crossings.clear();
        self.spans.clear();
        let column = |x: f64| (x + 0.5).floor() as i64;
        let mut southern = false;
        for (_, ring) in rings {
            // Along a ring taken clockwise, southern edges run west.
            let clockwise = super::signed_area(ring) < 0.0;
            self.take(ring, grid);
            for (a, b) in super::edges(&self.points) {
                if !(a[0] + a[1] + b[0] + b[1]).is_finite() {
                    continue;
                }
                if a[1] == b[1] {
                    let (east, west) = if clockwise { (a[0], b[0]) } else { (b[0], a[0]) };
                    let row = a[1] - 0.5;
                    if row.fract() == 0.0 && rows.contains(&(row as i64)) && east > west {
                        self.spans.push((row as i64, column(west), column(east)));
                        southern = true;
                    }
                    continue;
                }
                // Both neighbours of a shared edge must compute the very same crossing, so its direction is made the same.
                let (upper, lower) = if a[1] < b[1] { (a, b) } else { (b, a) };
                let first = ((upper[1] - 0.5).ceil() as i64).max(rows.start);
                let end = ((lower[1] - 0.5).ceil() as i64).min(rows.end);
                for row in first..end {
                    let middle = row as f64 + 0.5;
                    let x = (middle - upper[1]) * (lower[0] - upper[0]) / (lower[1] - upper[1]) + upper[0];
                    self.crossings.push((row, x));
                }
            }
        }
        self.crossings.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let pairs = self.crossings.chunks_exact(2).map(|pair| (pair[0].0, column(pair[0].1), column(pair[1].1)));
        self.spans.extend(pairs);
        if southern {
            self.spans.sort_unstable();
        }
        let mut open: Option<(i64, i64, i64)> = None;
        for &(row, from, to) in self.spans.iter().filter(|(_, from, to)| from < to) {
            match &mut open {
                Some(last) if last.0 == row && from <= last.2 => last.2 = last.2.max(to),
                last => {
                    if let Some((row, from, to)) = last.replace((row, from, to)) {
                        found(row, from, to);
                    }
                }
            }
        }
        if let Some((row, from, to)) = open {
            found(row, from, to);
        }
    }

    /// Touched pixels with the covered share of their area, as (row, column, share) in row and column order.
    ///
    /// An edge that runs through a row from `y0` to `y1` covers the share `y1 - y0` of everything to its right, and of the pixel
    /// that it crosses the part to the right of its middle. Source: the accumulation of signed areas that scan converters of
    /// fonts use (`FreeType`'s smooth rasteriser), in double precision. Rows outside `rows` are left out.
    pub fn shares<'a>(
        &mut self,
        rings: impl Iterator<Item = Ring<'a>>,
        grid: &Grid,
        rows: std::ops::Range<i64>,
        mut found: impl FnMut(i64, i64, f32),
    ) {
        self.pieces.clear();
        // Relative to a pixel corner of the outline itself: small numbers, and the same whatever window is asked for.
        let mut origin: Option<[f64; 2]> = None;
        for (hole, ring) in rings {
            // Outer rings add, holes subtract, whatever their direction.
            let sign = if (super::signed_area(ring) > 0.0) == hole { -1.0 } else { 1.0 };
            self.take(ring, grid);
            let Some(&first) = self.points.first() else { continue };
            let [x0, y0] = *origin.get_or_insert(first.map(f64::floor));
            self.points.iter_mut().for_each(|point| *point = [point[0] - x0, point[1] - y0]);
            let rows = rows.start - y0 as i64..rows.end - y0 as i64;
            for (a, b) in super::edges(&self.points) {
                push_pieces(&mut self.pieces, a, b, sign, &rows);
            }
        }
        let [x0, y0] = origin.unwrap_or_default().map(|at| at as i64);
        // Stable: sums are taken in the order of the ring, so that they round alike every time.
        self.pieces.sort_by_key(|piece| piece.row);
        for pieces in self.pieces.chunk_by(|a, b| a.row == b.row) {
            let west = pieces.iter().fold(f64::INFINITY, |west, piece| west.min(piece.x0)).floor();
            let east = pieces.iter().fold(f64::NEG_INFINITY, |east, piece| east.max(piece.x1)).floor();
            self.changes.clear();
            // One more column takes what lies to the right of the last pixel.
            self.changes.resize((east - west) as usize + 2, 0.0);
            for piece in pieces {
                add_in_row(&mut self.changes, piece.x0 - west, piece.x1 - west, piece.share);
            }
            let mut share = 0.0;
            for (col, change) in self.changes.iter().enumerate() {
                share += change;
                if share >= NO_SHARE {
                    found(pieces[0].row + y0, col as i64 + west as i64 + x0, share.min(1.0) as f32);
                }
            }
        }
    }

    /// Sets `points` to a ring in pixel coordinates.
    fn take(&mut self, ring: &[[f64; 2]], grid: &Grid) {
        self.points.clear();
        self.points.extend(ring.iter().map(|&[x, y]| <[f64; 2]>::from(grid.pixel_from_world(x, y))));
    }
}

fn push_pieces(pieces: &mut Vec<Piece>, a: [f64; 2], b: [f64; 2], sign: f64, rows: &std::ops::Range<i64>) {
    if !(a[0] + a[1] + b[0] + b[1]).is_finite() {
        return;
    }
    // A ring that runs counter-clockwise in the world goes down its left side: there coverage begins.
    let (upper, lower, sign) = if a[1] <= b[1] { (a, b, sign) } else { (b, a, -sign) };
    let top = upper[1].max(rows.start as f64);
    let bottom = lower[1].min(rows.end as f64);
    if top >= bottom {
        return;
    }
    let slope = (lower[0] - upper[0]) / (lower[1] - upper[1]);
    let x_at = |y: f64| if y == lower[1] { lower[0] } else { upper[0] + slope * (y - upper[1]) };
    for row in top.floor() as i64..bottom.ceil() as i64 {
        let y0 = top.max(row as f64);
        let y1 = bottom.min(row as f64 + 1.0);
        if y0 < y1 {
            let (from, to) = (x_at(y0), x_at(y1));
            pieces.push(Piece { row, x0: from.min(to), x1: from.max(to), share: sign * (y1 - y0) });
        }
    }
}

/// Adds a piece to the changes of covered share from column to column: their running sum is the coverage.
fn add_in_row(changes: &mut [f64], x0: f64, x1: f64, share: f64) {
    let length = x1 - x0;
    if length < UPRIGHT {
        add_in_column(changes, x0, x0, share);
        return;
    }
    let per_column = share / length;
    let mut at = x0;
    while at < x1 {
        let next = (at.floor() + 1.0).min(x1);
        add_in_column(changes, at, next, per_column * (next - at));
        at = next;
    }
}

/// Adds a piece that stays inside one column.
fn add_in_column(changes: &mut [f64], from: f64, to: f64, share: f64) {
    let column = (from as usize).min(changes.len() - 2);
    let right_of_middle = 1.0 - (f64::midpoint(from, to) - column as f64);
    changes[column] += share * right_of_middle;
    changes[column + 1] += share * (1.0 - right_of_middle);
}
