//! Borders between labels, smoother than pixels: how much of each zone is around a pixel, and the line where two zones are equal.
//!
//! Source of the tracing: marching squares (Lorensen and Cline 1987, in two dimensions), crossings placed by linear interpolation,
//! ambiguous squares decided by the mean of their corners.

use geo::algorithm::simplify::Simplify as _;
use geo::{Coord, LineString, MultiPolygon, Polygon};

use crate::model::{Bounds, Grid};

/// Weights of a pixel and its two neighbours to either side: the binomial of order 4, a standard deviation of one pixel.
const KERNEL: [f64; 5] = [1.0 / 16.0, 4.0 / 16.0, 6.0 / 16.0, 4.0 / 16.0, 1.0 / 16.0];

/// Points of a border closer to the line between others than this share of a pixel are left out.
const TOLERANCE_PIXELS: f64 = 0.05;

/// Values nearer to 0 count as just inside, so that no border runs through the middle of a pixel exactly.
const HAIR: f64 = 1e-9;

/// Where traced borders are needed: the box of a parcel; coordinates are relative to `origin`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    pub origin: (f64, f64),
    pub bounds: Bounds,
}

/// Smoothed share of each zone around each pixel; `labels` are 1..=`count`, none is 0. Beyond the grid the outermost pixels repeat.
pub(super) fn memberships(labels: &[u8], count: u8, width: usize) -> Vec<Vec<f64>> {
    let of = |zone: u8| smooth(&labels.iter().map(|own| if *own == zone { 1.0 } else { 0.0 }).collect::<Vec<_>>(), width);
    (1..=count).map(of).collect()
}

/// A field smoothed along rows and columns.
pub(super) fn smooth(field: &[f64], width: usize) -> Vec<f64> {
    let height = field.len() / width;
    let pass = |from: &[f64], along_rows: bool| {
        let mut to = vec![0.0; from.len()];
        for (at, value) in to.iter_mut().enumerate() {
            let (row, col) = (at / width, at % width);
            for (weight, step) in KERNEL.iter().zip(0usize..) {
                let near = |place: usize, length: usize| (place + step).saturating_sub(2).min(length - 1);
                let place = if along_rows { row * width + near(col, width) } else { near(row, height) * width + col };
                *value += weight * from[place];
            }
        }
        to
    };
    pass(&pass(field, true), false)
}

/// The region where a field is positive, one ring a border: by the even-odd rule they enclose it.
///
/// The field is given at the middles of pixels; beyond them it goes on as it is at the edge, past the frame.
pub(super) fn trace(field: &[f64], grid: &Grid, frame: &Frame) -> MultiPolygon<f64> {
    let lattice = Lattice::new(field, grid, frame);
    let mut next = vec![NOTHING; lattice.values.len() * 2];
    for row in 0..lattice.height() - 1 {
        for col in 0..lattice.width() - 1 {
            lattice.link(row, col, &mut next);
        }
    }
    let tolerance = TOLERANCE_PIXELS * grid.pixel_x.min(grid.pixel_y);
    let mut rings = Vec::new();
    for first in 0..next.len() {
        let mut line = Vec::new();
        let mut at = first;
        while next[at] != NOTHING {
            line.push(lattice.crossing(at));
            at = std::mem::replace(&mut next[at], NOTHING);
        }
        if line.len() > 2 {
            line.push(line[0]);
            rings.push(Polygon::new(LineString(line).simplify(tolerance), Vec::new()));
        }
    }
    MultiPolygon(rings)
}

/// No crossing follows.
const NOTHING: usize = usize::MAX;

/// Field values at places: the middles of pixels, the edge repeated outside the frame, and a border of "not inside" around that.
struct Lattice {
    x: Vec<f64>,
    y: Vec<f64>,
    values: Vec<f64>,
}

impl Lattice {
    fn new(field: &[f64], grid: &Grid, frame: &Frame) -> Self {
        let (x0, y0) = frame.origin;
        let middle = |at: usize| at as f64 + 0.5;
        let mut x: Vec<f64> = (0..grid.width).map(|col| grid.world_from_pixel(middle(col), 0.0).0 - x0).collect();
        let mut y: Vec<f64> = (0..grid.height).map(|row| grid.world_from_pixel(0.0, middle(row)).1 - y0).collect();
        let around = grid.bounds();
        let west = around.min_x.min(frame.bounds.min_x) - x0 - grid.pixel_x;
        let east = around.max_x.max(frame.bounds.max_x) - x0 + grid.pixel_x;
        let north = around.max_y.max(frame.bounds.max_y) - y0 + grid.pixel_y;
        let south = around.min_y.min(frame.bounds.min_y) - y0 - grid.pixel_y;
        x.splice(0..0, [west - grid.pixel_x, west]);
        x.extend([east, east + grid.pixel_x]);
        y.splice(0..0, [north + grid.pixel_y, north]);
        y.extend([south, south - grid.pixel_y]);
        let (width, height) = (x.len(), y.len());
        let value = |at: usize| {
            let (row, col) = (at / width, at % width);
            if row == 0 || col == 0 || row + 1 == height || col + 1 == width {
                return -1.0;
            }
            let place = |at: usize, length: usize| at.saturating_sub(2).min(length - 1);
            let own = field[place(row, grid.height) * grid.width + place(col, grid.width)];
            if own.abs() < HAIR { HAIR } else { own }
        };
        let values = (0..width * height).map(value).collect();
        Self { x, y, values }
    }

    fn width(&self) -> usize {
        self.x.len()
    }

    fn height(&self) -> usize {
        self.y.len()
    }

    /// Links the crossings on the sides of a square. Side `2 n` leads east from node n, side `2 n + 1` south.
    ///
    /// Going round the square, a line begins where one leaves the region and ends where one enters it. The neighbour on the other
    /// side goes round the other way, so lines go on there.
    fn link(&self, row: usize, col: usize, next: &mut [usize]) {
        let node = row * self.width() + col;
        let below = node + self.width();
        let corners = [node, node + 1, below + 1, below];
        let sides = [2 * node, 2 * (node + 1) + 1, 2 * below, 2 * node + 1];
        let inside = corners.map(|corner| self.values[corner] > 0.0);
        let crossed = |side: usize| (inside[side], inside[(side + 1) % 4]);
        let middle: f64 = corners.iter().map(|&corner| self.values[corner]).sum();
        for exit in (0..4).filter(|&side| crossed(side) == (true, false)) {
            // With four crossings the middle tells whether the line cuts off the corner outside or the one inside.
            let entry = |&steps: &usize| crossed((exit + steps) % 4) == (false, true);
            let found =
                if middle > 0.0 { [1, 2, 3].iter().find(|own| entry(own)) } else { [3, 2, 1].iter().find(|own| entry(own)) };
            if let Some(steps) = found {
                next[sides[exit]] = sides[(exit + steps) % 4];
            }
        }
    }

    /// Where the field is 0 on a side.
    fn crossing(&self, side: usize) -> Coord<f64> {
        let node = side / 2;
        let (row, col) = (node / self.width(), node % self.width());
        let east = side.is_multiple_of(2);
        let other = if east { node + 1 } else { node + self.width() };
        let (from, to) = (self.values[node], self.values[other]);
        let share = from / (from - to);
        if east {
            Coord { x: self.x[col] + share * (self.x[col + 1] - self.x[col]), y: self.y[row] }
        } else {
            Coord { x: self.x[col], y: self.y[row] + share * (self.y[row + 1] - self.y[row]) }
        }
    }
}

#[cfg(test)]
mod tests {
    use geo::Area as _;
    use proptest::prelude::*;

    use super::*;
    use crate::model::Crs;

    fn grid(width: usize, height: usize) -> Grid {
        Grid { crs: Crs::Epsg(32631), left: 0.0, top: height as f64, pixel_x: 1.0, pixel_y: 1.0, width, height }
    }

    fn frame(grid: &Grid) -> Frame {
        Frame { origin: (0.0, 0.0), bounds: grid.bounds() }
    }

    /// Area by the even-odd rule of rings that do not cross: the signs of their directions tell holes.
    fn area(region: &MultiPolygon<f64>) -> f64 {
        region.iter().map(geo::Area::signed_area).sum::<f64>().abs()
    }

    #[test]
    fn a_slanted_plane_is_cut_along_its_zero_line() {
        // x + 0.4 y = 10 on 20 by 20 pixels; the field is linear, so the line is exact between the middles.
        let grid = grid(20, 20);
        let field: Vec<f64> = (0..400).map(|at| f64::from(at % 20) + 0.5 + 0.4 * (19.5 - f64::from(at / 20)) - 10.0).collect();
        let region = trace(&field, &grid, &frame(&grid));
        assert_eq!(region.0.len(), 1);
        let on_line = |point: &&Coord<f64>| (point.x + 0.4 * point.y - 10.0).abs() < 1e-9;
        let ring = region.0[0].exterior();
        assert!(ring.0.iter().filter(on_line).count() >= 2, "{ring:?}");
        let inside = |point: &&Coord<f64>| point.x > 0.5 && point.x < 19.5 && point.y > 0.5 && point.y < 19.5;
        assert!(ring.0.iter().filter(inside).all(|point| on_line(&point)), "{ring:?}");
    }

    #[test]
    fn a_disc_has_its_area_and_a_ring_has_a_hole() {
        let grid = grid(40, 40);
        let radius = |at: usize| ((at % 40) as f64 - 19.5).hypot((at / 40) as f64 - 19.5);
        let disc: Vec<f64> = (0..1600).map(|at| 10.0 - radius(at)).collect();
        let found = trace(&disc, &grid, &frame(&grid));
        assert!((found.unsigned_area() / (std::f64::consts::PI * 100.0) - 1.0).abs() < 0.01, "{}", found.unsigned_area());
        let ring: Vec<f64> = (0..1600).map(|at| 3.0 - (radius(at) - 10.0).abs()).collect();
        let found = trace(&ring, &grid, &frame(&grid));
        assert_eq!(found.0.len(), 2);
        assert!((area(&found) / (std::f64::consts::PI * (169.0 - 49.0)) - 1.0).abs() < 0.01);
    }

    #[test]
    fn corners_that_touch_are_joined_or_parted_by_the_mean() {
        let grid = grid(4, 4);
        for (weak, rings) in [(-0.5, 1), (-2.0, 2)] {
            let mut field = vec![-2.0; 16];
            (field[5], field[10], field[6], field[9]) = (1.0, 1.0, weak, weak);
            assert_eq!(trace(&field, &grid, &frame(&grid)).0.len(), rings);
        }
    }

    #[test]
    fn smoothing_keeps_a_constant_and_the_sum_of_zones() {
        assert!(smooth(&[3.0; 12], 4).iter().all(|own| (own - 3.0).abs() < 1e-12));
        let labels = [1, 2, 3, 1, 2, 2, 3, 3, 1];
        let fields = memberships(&labels, 3, 3);
        for at in 0..9 {
            assert!((fields.iter().map(|field| field[at]).sum::<f64>() - 1.0).abs() < 1e-12);
        }
    }

    proptest! {
        #[test]
        fn a_field_and_its_opposite_share_their_borders(values in prop::collection::vec(prop::sample::select(vec![-1.0, 1.0, 0.3, -0.4]), 48)) {
            let grid = grid(8, 6);
            let opposite: Vec<f64> = values.iter().map(|own| -own).collect();
            let frame = frame(&grid);
            // Everything within the border of "not inside": 8 + 2 by 6 + 2 pixels, and up to a pixel around.
            let sum = area(&trace(&values, &grid, &frame)) + area(&trace(&opposite, &grid, &frame));
            prop_assert!(sum > 80.0 - 1e-6 && sum < 120.0, "{sum}");
        }
    }
}
