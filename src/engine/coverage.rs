//! Which pixels of a grid belong to an outline, and with which share of their area.
//!
//! Rings are taken as they are given; repairing invalid ones is the importer's task. Cost of both rules: one pass over the
//! boundary and one over the box of the outline.

use geo::algorithm::buffer::Buffer as _;
use geo::{LineString, MultiPolygon, Polygon};

use crate::model::grid::PixelWindow;
use crate::model::{Grid, PixelRule, Polygons};

/// Shares below this are rounding left over from sums that cancel, not area.
const NO_SHARE: f64 = 1e-10;

/// Weight of every pixel of `grid` (row by row): 1 or 0 under the centre rule, the covered area fraction under coverage.
///
/// * **Centre:** even-odd over all rings. Outlines that follow pixel edges of a finer image run exactly through centres of a coarser
///   one, so this case is common: a centre on an edge of an outer ring counts when the inside lies west, north or south of it,
///   not when it lies east; on a hole's northern edge it does not count. This is what GDAL's polygon fill does, so that
///   statistics agree with those of other programs to the pixel; the direction of a ring changes nothing.
/// * **Coverage:** exact, from the signed area left by every edge in every pixel that it crosses; the sum of weights times the
///   pixel area is the area of the outline inside the grid.
/// * **Empty:** an outline without rings, or outside the grid, gives zeros.
///
/// ```
/// # use parcelight::engine::coverage::weights;
/// # use parcelight::model::{Crs, Grid, PixelRule, Polygons};
/// let grid = Grid { crs: Crs::Epsg(32631), left: 0.0, top: 20.0, pixel_x: 10.0, pixel_y: 10.0, width: 2, height: 2 };
/// let outline = Polygons { parts: vec![vec![vec![[0.0, 0.0], [12.0, 0.0], [12.0, 20.0], [0.0, 20.0]]]] };
/// assert_eq!(weights(&outline, &grid, PixelRule::Centre), [1.0, 0.0, 1.0, 0.0]);
/// assert_eq!(weights(&outline, &grid, PixelRule::Coverage), [1.0, 0.2, 1.0, 0.2]);
/// ```
pub fn weights(outline: &Polygons, grid: &Grid, rule: PixelRule) -> Vec<f32> {
    let mut all = vec![0.0; grid.len()];
    let Some(window) = grid.window(&outline.bounds()) else { return all };
    match rule {
        PixelRule::Centre => mark_centres(outline, grid, window, &mut all),
        PixelRule::Coverage => add_fractions(outline, grid, window, &mut all),
    }
    all
}

/// True where the pixel centre lies inside the outline, row by row.
pub fn centres_inside(outline: &Polygons, grid: &Grid) -> Vec<bool> {
    weights(outline, grid, PixelRule::Centre).into_iter().map(|weight| weight > 0.0).collect()
}

fn mark_centres(outline: &Polygons, grid: &Grid, window: PixelWindow, all: &mut [f32]) {
    let mut crossings: Vec<(usize, f64)> = Vec::new();
    let column = |x: f64| (x + 0.5).floor().clamp(0.0, grid.width as f64) as usize;
    let mut southern: Vec<(usize, usize, usize)> = Vec::new();
    let (first_row, end_row) = (window.row as f64, (window.row + window.height) as f64);
    for ring in outline.rings() {
        // Along a ring taken clockwise, southern edges run west.
        let clockwise = signed_area(ring) < 0.0;
        for (a, b) in edges(ring) {
            let (a, b) = (grid.pixel_from_world(a[0], a[1]), grid.pixel_from_world(b[0], b[1]));
            if a.1 == b.1 {
                let (east, west) = if clockwise { (a.0, b.0) } else { (b.0, a.0) };
                let on_centres = (a.1 - 0.5).fract() == 0.0 && (first_row..end_row).contains(&(a.1 - 0.5));
                if on_centres && east > west {
                    southern.push(((a.1 - 0.5) as usize, column(west), column(east)));
                }
                continue;
            }
            // Both neighbours of a shared edge must compute the very same crossing, so its direction is made the same.
            let (upper, lower) = if a.1 < b.1 { (a, b) } else { (b, a) };
            let first = (upper.1 - 0.5).ceil().max(first_row);
            let end = (lower.1 - 0.5).ceil().min(end_row);
            for row in first as usize..end.max(first) as usize {
                let middle = row as f64 + 0.5;
                crossings.push((row, (middle - upper.1) * (lower.0 - upper.0) / (lower.1 - upper.1) + upper.0));
            }
        }
    }
    crossings.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let pairs = crossings.chunks_exact(2).map(|pair| (pair[0].0, column(pair[0].1), column(pair[1].1)));
    for (row, from, to) in pairs.chain(southern) {
        all[row * grid.width + from..row * grid.width + to.max(from)].fill(1.0);
    }
}

fn add_fractions(outline: &Polygons, grid: &Grid, window: PixelWindow, all: &mut [f32]) {
    let mut sums = EdgeSums::new(window.width, window.height);
    let local = |[x, y]: [f64; 2]| {
        let (col, row) = grid.pixel_from_world(x, y);
        [col - window.col as f64, row - window.row as f64]
    };
    for part in &outline.parts {
        for (position, ring) in part.iter().enumerate() {
            // Outer rings add, holes subtract, whatever their direction.
            let sign = if (signed_area(ring) > 0.0) == (position == 0) { 1.0 } else { -1.0 };
            for (a, b) in edges(ring) {
                sums.add_edge(local(a), local(b), sign);
            }
        }
    }
    for row in 0..window.height {
        let start = (window.row + row) * grid.width + window.col;
        let mut share = 0.0;
        for (weight, change) in all[start..start + window.width].iter_mut().zip(sums.row(row)) {
            share += change;
            *weight = if share < NO_SHARE { 0.0 } else { share.min(1.0) as f32 };
        }
    }
}

fn edges(ring: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

fn signed_area(ring: &[[f64; 2]]) -> f64 {
    let Some(&[x0, y0]) = ring.first() else { return 0.0 };
    edges(ring).map(|(a, b)| (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0)).sum()
}

/// Per row the changes of covered share from column to column: their running sum is the coverage.
///
/// An edge that runs through a row from `y0` to `y1` covers the share `y1 - y0` of everything to its right, and of the pixel
/// that it crosses the part to the right of its middle. Source: the accumulation of signed areas that scan converters of
/// fonts use (`FreeType`'s smooth rasteriser), in double precision.
struct EdgeSums {
    width: usize,
    height: usize,
    changes: Vec<f64>,
}

impl EdgeSums {
    fn new(width: usize, height: usize) -> Self {
        // One more column takes what lies to the right of the last pixel.
        Self { width, height, changes: vec![0.0; (width + 1) * height] }
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.changes[row * (self.width + 1)..][..self.width]
    }

    fn add_edge(&mut self, a: [f64; 2], b: [f64; 2], sign: f64) {
        // A ring that runs counter-clockwise in the world goes down its left side: there coverage begins.
        let (upper, lower, sign) = if a[1] <= b[1] { (a, b, sign) } else { (b, a, -sign) };
        let top = upper[1].max(0.0);
        let bottom = lower[1].min(self.height as f64);
        if top >= bottom {
            return;
        }
        let slope = (lower[0] - upper[0]) / (lower[1] - upper[1]);
        let x_at = |y: f64| if y == lower[1] { lower[0] } else { upper[0] + slope * (y - upper[1]) };
        for row in top as usize..(bottom.ceil() as usize).min(self.height) {
            let y0 = top.max(row as f64);
            let y1 = bottom.min(row as f64 + 1.0);
            if y0 < y1 {
                self.add_in_row(row, [x_at(y0), x_at(y1)], sign * (y1 - y0));
            }
        }
    }

    /// Adds an edge piece inside one row whose ends lie at `x` and that covers `share` of the row's height.
    fn add_in_row(&mut self, row: usize, x: [f64; 2], share: f64) {
        let width = self.width as f64;
        let (x0, x1) = if x[0] <= x[1] { (x[0], x[1]) } else { (x[1], x[0]) };
        let start = row * (self.width + 1);
        let changes = &mut self.changes[start..=start + self.width];
        let length = x1 - x0;
        // Nearly upright pieces have no length to share out: all of it lies at one place.
        if length < 1e-12 {
            add_piece(changes, x0.clamp(0.0, width), x0.clamp(0.0, width), share);
            return;
        }
        let per_column = share / length;
        if x0 < 0.0 {
            changes[0] += per_column * (x1.min(0.0) - x0);
        }
        if x1 > width {
            changes[self.width] += per_column * (x1 - x0.max(width));
        }
        let (mut at, end) = (x0.max(0.0), x1.min(width));
        while at < end {
            let next = (at.floor() + 1.0).min(end);
            add_piece(changes, at, next, per_column * (next - at));
            at = next;
        }
    }
}

/// Adds a piece that stays inside one column.
fn add_piece(changes: &mut [f64], from: f64, to: f64, share: f64) {
    let column = (from as usize).min(changes.len() - 1);
    let right_of_middle = 1.0 - (f64::midpoint(from, to) - column as f64);
    changes[column] += share * right_of_middle;
    if let Some(next) = changes.get_mut(column + 1) {
        *next += share * (1.0 - right_of_middle);
    }
}

/// The outline grown (positive) or shrunk (negative) by `metres`; may become empty.
///
/// Corners are rounded when growing. Zero, or a number that is not finite, returns the outline as it is.
///
/// * **Unit:** that of the coordinates, metres in every working CRS.
/// * **Source:** `geo`'s buffer on `i_overlay`, in coordinates relative to the outline so that no digits are lost.
pub fn buffered(outline: &Polygons, metres: f64) -> Polygons {
    let bounds = outline.bounds();
    if metres == 0.0 || !metres.is_finite() || bounds.is_empty() {
        return outline.clone();
    }
    let origin = bounds.center();
    let (x0, y0) = origin;
    let grown = shape(outline, origin).buffer(metres);
    let ring = |line: &LineString<f64>| {
        // The model does not repeat the first point.
        let open = line.0.len().saturating_sub(1);
        line.0[..open].iter().map(|point| [point.x + x0, point.y + y0]).collect::<Vec<_>>()
    };
    let part = |polygon: &Polygon<f64>| std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect();
    Polygons { parts: grown.iter().map(part).collect() }
}

/// The outline as `geo` has it, relative to `origin`, so that computing with it loses no digits.
pub(super) fn shape(outline: &Polygons, (x0, y0): (f64, f64)) -> MultiPolygon<f64> {
    let line = |ring: &Vec<[f64; 2]>| -> LineString<f64> { ring.iter().map(|&[x, y]| (x - x0, y - y0)).collect() };
    let polygon = |part: &Vec<Vec<[f64; 2]>>| {
        let (outer, holes) = part.split_first()?;
        Some(Polygon::new(line(outer), holes.iter().map(line).collect()))
    };
    outline.parts.iter().filter_map(polygon).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::Crs;

    fn grid(width: usize, height: usize) -> Grid {
        Grid { crs: Crs::Epsg(32631), left: 0.0, top: height as f64, pixel_x: 1.0, pixel_y: 1.0, width, height }
    }

    fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> Vec<[f64; 2]> {
        vec![[x0, y0], [x1, y0], [x1, y1], [x0, y1]]
    }

    fn sum(weights: &[f32]) -> f64 {
        weights.iter().map(|&weight| f64::from(weight)).sum()
    }

    #[test]
    fn half_covered_pixels_weigh_one_half() {
        let outline = Polygons { parts: vec![vec![rectangle(0.5, 0.5, 2.5, 1.0)]] };
        assert_eq!(weights(&outline, &grid(3, 2), PixelRule::Coverage), [0.0, 0.0, 0.0, 0.25, 0.5, 0.25]);
        let triangle = Polygons { parts: vec![vec![vec![[0.0, 0.0], [2.0, 0.0], [0.0, 2.0]]]] };
        assert_eq!(weights(&triangle, &grid(2, 2), PixelRule::Coverage), [0.5, 0.0, 1.0, 0.5]);
    }

    #[test]
    fn a_sliver_far_from_the_origin_keeps_its_area() {
        // Robustness regression: a third of a square metre at coordinates of millions of metres.
        let ring = vec![[560_000.3, 5_620_000.0], [559_999.85, 5_620_000.259_807_621], [559_999.85, 5_619_999.740_192_379]];
        let outline = Polygons { parts: vec![vec![ring]] };
        let grid = Grid { left: 559_980.0, top: 5_620_040.0, pixel_x: 2.0, ..grid(30, 60) };
        let covered = sum(&weights(&outline, &grid, PixelRule::Coverage)) * 2.0;
        assert!((covered - outline.area()).abs() <= 1e-6 * outline.area(), "{covered} {}", outline.area());
    }

    #[test]
    fn holes_and_parts_count_whatever_their_direction() {
        let mut hole = rectangle(1.25, 1.25, 2.75, 2.75);
        for _ in 0..2 {
            let outline =
                Polygons { parts: vec![vec![rectangle(0.0, 0.0, 4.0, 4.0), hole.clone()], vec![rectangle(5.0, 0.6, 6.0, 1.1)]] };
            assert!((sum(&weights(&outline, &grid(7, 5), PixelRule::Coverage)) - (16.0 - 2.25 + 0.5)).abs() < 1e-6);
            assert_eq!(sum(&weights(&outline, &grid(7, 5), PixelRule::Centre)), 12.0);
            hole.reverse();
        }
    }

    #[test]
    fn what_lies_beyond_the_grid_does_not_leak_into_it() {
        let outline = Polygons { parts: vec![vec![vec![[-5.0, -3.0], [9.0, -3.0], [9.0, 1.5], [-5.0, 1.5]]]] };
        assert_eq!(weights(&outline, &grid(2, 3), PixelRule::Coverage), [0.0, 0.0, 0.5, 0.5, 1.0, 1.0]);
        let slanted = Polygons { parts: vec![vec![vec![[-1.0, 0.0], [3.0, 0.0], [1.0, 4.0]]]] };
        assert!((sum(&weights(&slanted, &grid(2, 4), PixelRule::Coverage)) - 6.0).abs() < 1e-6);
    }

    #[test]
    fn a_centre_on_an_edge_counts_when_the_inside_lies_west_north_or_south_of_it() {
        let mut ring = rectangle(0.5, 0.5, 2.5, 2.5);
        for _ in 0..2 {
            let outline = Polygons { parts: vec![vec![ring.clone()]] };
            assert_eq!(weights(&outline, &grid(3, 3), PixelRule::Centre), [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0]);
            ring.reverse();
        }
        let around = Polygons { parts: vec![vec![rectangle(-1.0, -1.0, 6.0, 6.0), rectangle(1.5, 1.5, 3.5, 3.5)]] };
        let inside = weights(&around, &grid(5, 5), PixelRule::Centre);
        assert_eq!(inside[10..15], [1.0, 1.0, 0.0, 0.0, 1.0], "the western edge of a hole has the inside west of it");
        assert_eq!(inside[5..10], [1.0, 1.0, 0.0, 0.0, 1.0], "a hole takes the centres on its northern edge");
        assert_eq!(inside[15..20], [1.0; 5], "and leaves those on its southern edge");
    }

    #[test]
    fn neighbours_never_share_a_pixel_even_on_centres() {
        let left = Polygons { parts: vec![vec![vec![[0.0, 0.0], [3.5, 0.0], [1.5, 4.0], [0.0, 4.0]]]] };
        let right = Polygons { parts: vec![vec![vec![[3.5, 0.0], [6.0, 0.0], [6.0, 4.0], [1.5, 4.0]]]] };
        let together: Vec<f32> = weights(&left, &grid(6, 4), PixelRule::Centre)
            .iter()
            .zip(weights(&right, &grid(6, 4), PixelRule::Centre))
            .map(|(a, b)| a + b)
            .collect();
        assert_eq!(together, [1.0; 24]);
    }

    #[test]
    fn empty_or_distant_outlines_give_zeros() {
        for outline in [Polygons::default(), Polygons { parts: vec![vec![rectangle(50.0, 50.0, 60.0, 60.0)]] }] {
            assert_eq!(weights(&outline, &grid(2, 2), PixelRule::Coverage), [0.0; 4]);
            assert_eq!(weights(&outline, &grid(2, 2), PixelRule::Centre), [0.0; 4]);
        }
    }

    #[test]
    fn buffers_grow_shrink_and_vanish() {
        let at = |metres: f64| {
            let outline = Polygons {
                parts: vec![vec![
                    rectangle(560_000.0, 5_620_000.0, 560_100.0, 5_620_100.0),
                    rectangle(560_040.0, 5_620_040.0, 560_060.0, 5_620_060.0),
                ]],
            };
            buffered(&outline, metres).area()
        };
        assert!((at(-5.0) - (90.0 * 90.0 - (20.0 * 20.0 + 4.0 * 20.0 * 5.0 + std::f64::consts::PI * 25.0))).abs() < 2.0);
        assert!((at(5.0) - (100.0 * 100.0 + 4.0 * 100.0 * 5.0 + std::f64::consts::PI * 25.0 - 10.0 * 10.0)).abs() < 2.0);
        assert_eq!(at(-60.0), 0.0);
        assert!((at(0.0) - 9600.0).abs() < 1e-6);
    }

    /// Star-shaped rings about a centre: valid whatever the radii.
    fn star() -> impl Strategy<Value = Polygons> {
        (prop::collection::vec(0.3f64..9.0, 3..24), -2.0f64..22.0, -2.0f64..22.0, any::<bool>()).prop_map(
            |(radii, x, y, with_hole)| {
                let ring = |factor: f64| -> Vec<[f64; 2]> {
                    let step = std::f64::consts::TAU / radii.len() as f64;
                    let point = |(i, r): (usize, &f64)| {
                        let (sin, cos) = (i as f64 * step).sin_cos();
                        [560_000.0 + x + factor * r * cos, 5_620_000.0 + y + factor * r * sin]
                    };
                    radii.iter().enumerate().map(point).collect()
                };
                Polygons { parts: vec![if with_hole { vec![ring(1.0), ring(0.4)] } else { vec![ring(1.0)] }] }
            },
        )
    }

    proptest! {
        #[test]
        fn sum_of_coverage_is_the_area(outline in star()) {
            let grid = Grid { crs: Crs::Epsg(32631), left: 559_980.0, top: 5_620_040.0, pixel_x: 2.0, pixel_y: 1.0, width: 30, height: 60 };
            let found = weights(&outline, &grid, PixelRule::Coverage);
            prop_assert!((sum(&found) * 2.0 / outline.area() - 1.0).abs() < 1e-6);
            prop_assert!(found.iter().all(|&weight| (0.0..=1.0).contains(&weight)));
        }

        #[test]
        fn centre_rule_agrees_with_the_point_test(outline in star()) {
            let grid = Grid { crs: Crs::Epsg(32631), left: 559_995.0, top: 5_620_020.0, pixel_x: 1.0, pixel_y: 1.0, width: 20, height: 20 };
            let found = weights(&outline, &grid, PixelRule::Centre);
            for (at, weight) in found.iter().enumerate() {
                let (x, y) = grid.world_from_pixel((at % 20) as f64 + 0.5, (at / 20) as f64 + 0.5);
                prop_assert_eq!(*weight > 0.0, outline.contains(x, y));
            }
        }
    }
}
