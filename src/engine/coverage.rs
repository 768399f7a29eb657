//! Which pixels of a grid belong to an outline, and with which share of their area.
//!
//! Rings are taken as they are given; repairing invalid ones is the importer's task. [`weights`] answers for one outline and a
//! small grid, [`add_footprint`] collects many outlines of a large one; both ask the same scan conversion.

mod scan;

use geo::algorithm::buffer::Buffer as _;
use geo::{LineString, MultiPolygon, Polygon};

use crate::model::footprints::{Footprints, Run};
use crate::model::{Grid, PixelRule, Polygons};

pub use scan::{Ring, Scan};

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
    let width = grid.width as i64;
    let rows = 0..grid.height as i64;
    let mut scan = Scan::default();
    match rule {
        PixelRule::Centre => scan.centres(rings(outline), grid, rows, |row, from, to| {
            let (from, to) = (from.clamp(0, width), to.clamp(0, width));
            all[(row * width + from) as usize..(row * width + to) as usize].fill(1.0);
        }),
        PixelRule::Coverage => scan.shares(rings(outline), grid, rows, |row, col, share| {
            if (0..width).contains(&col) {
                all[(row * width + col) as usize] = share;
            }
        }),
    }
    all
}

/// Rings of an outline as the scan wants them.
pub fn rings(outline: &Polygons) -> impl Iterator<Item = Ring<'_>> {
    outline.parts.iter().flat_map(|part| part.iter().enumerate().map(|(position, ring)| (position > 0, ring.as_slice())))
}

/// Appends the footprint of a parcel on a large grid: the same pixels and shares as [`weights`] gives, and what lies beyond its edge.
///
/// `position` names the parcel and must be larger than those before. Sides of the grid must be below [`Run::MAX_SIDE`].
pub fn add_footprint<'a>(
    footprints: &mut Footprints,
    position: u32,
    rings: impl Iterator<Item = Ring<'a>>,
    grid: &Grid,
    rule: PixelRule,
    scan: &mut Scan,
) {
    let (width, height) = (grid.width as i64, grid.height as i64);
    let everywhere = i64::from(i32::MIN)..i64::from(i32::MAX);
    let mut outside = 0.0;
    let Footprints { runs, shares, .. } = footprints;
    let first = runs.len();
    match rule {
        PixelRule::Centre => scan.centres(rings, grid, everywhere, |row, from, to| {
            let (mut col, mut end) = (from.clamp(0, width), to.clamp(0, width));
            if !(0..height).contains(&row) {
                (col, end) = (0, 0);
            }
            outside += (to - from - (end - col)) as f64;
            while col < end {
                let len = (end - col).min(Run::MAX_LENGTH as i64);
                runs.push(Run::new(row as usize, col as usize, len as usize, false));
                col += len;
            }
        }),
        PixelRule::Coverage => scan.shares(rings, grid, everywhere, |row, col, share| {
            if !(0..height).contains(&row) || !(0..width).contains(&col) {
                outside += f64::from(share);
                return;
            }
            let (row, col, partial) = (row as usize, col as usize, share < 1.0);
            if partial {
                shares.push(share);
            }
            match runs[first..].last_mut() {
                Some(last)
                    if (last.row(), last.col() + last.len(), last.partial()) == (row, col, partial)
                        && last.len() < Run::MAX_LENGTH =>
                {
                    *last = Run::new(row, last.col(), last.len() + 1, partial);
                }
                _ => runs.push(Run::new(row, col, 1, partial)),
            }
        }),
    }
    let pixels: usize = runs[first..].iter().map(|run| run.len()).sum();
    footprints.parcels.push(position);
    footprints.run_start.push(footprints.runs.len() as u32);
    footprints.share_start.push(footprints.shares.len() as u32);
    footprints.pixels.push(pixels as u32);
    footprints.outside.push(outside);
}

/// True where the pixel centre lies inside the outline, row by row.
pub fn centres_inside(outline: &Polygons, grid: &Grid) -> Vec<bool> {
    weights(outline, grid, PixelRule::Centre).into_iter().map(|weight| weight > 0.0).collect()
}

fn edges(ring: &[[f64; 2]]) -> impl Iterator<Item = ([f64; 2], [f64; 2])> {
    ring.iter().copied().zip(ring.iter().copied().cycle().skip(1))
}

fn signed_area(ring: &[[f64; 2]]) -> f64 {
    let Some(&[x0, y0]) = ring.first() else { return 0.0 };
    edges(ring).map(|(a, b)| (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0)).sum()
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
pub(in crate::engine) fn shape(outline: &Polygons, (x0, y0): (f64, f64)) -> MultiPolygon<f64> {
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

    /// Weights of a footprint spread over its grid.
    fn spread(footprints: &Footprints, at: usize, grid: &Grid) -> Vec<f32> {
        let mut all = vec![0.0; grid.len()];
        let mut weights = Vec::new();
        footprints.weights_of(at, &mut weights);
        let mut next = weights.into_iter();
        for run in footprints.runs_of(at) {
            for col in run.col()..run.col() + run.len() {
                all[run.row() * grid.width + col] = next.next().expect("one weight a pixel");
            }
        }
        all
    }

    #[test]
    fn a_footprint_takes_the_centres_on_edges_that_weights_take() {
        let around = Polygons { parts: vec![vec![rectangle(-1.0, -1.0, 6.0, 6.0), rectangle(1.5, 1.5, 3.5, 3.5)]] };
        let mut footprints = Footprints::new();
        add_footprint(&mut footprints, 7, rings(&around), &grid(5, 5), PixelRule::Centre, &mut Scan::default());
        assert!(footprints.fits(&grid(5, 5)));
        assert_eq!(spread(&footprints, 0, &grid(5, 5)), weights(&around, &grid(5, 5), PixelRule::Centre));
        assert_eq!((footprints.parcels[0], footprints.pixels[0], footprints.outside[0]), (7, 21, 24.0));
    }

    proptest! {
        #[test]
        fn footprints_are_the_weights_and_what_lies_beyond_the_edge(outlines in prop::collection::vec(star(), 1..6), centre in any::<bool>()) {
            // Most stars lie over an edge of this grid, and they overlap.
            let grid = Grid { crs: Crs::Epsg(32631), left: 560_000.0, top: 5_620_012.0, pixel_x: 1.0, pixel_y: 1.0, width: 13, height: 12 };
            let wide = Grid { left: grid.left - 40.0, top: grid.top + 40.0, width: 93, height: 92, ..grid.clone() };
            let rule = if centre { PixelRule::Centre } else { PixelRule::Coverage };
            let (mut footprints, mut scan) = (Footprints::new(), Scan::default());
            for (at, outline) in (0..).zip(&outlines) {
                add_footprint(&mut footprints, at, rings(outline), &grid, rule, &mut scan);
            }
            prop_assert!(footprints.fits(&grid));
            let mut joined = Footprints::new();
            for (at, outline) in (0..).zip(&outlines) {
                let mut one = Footprints::new();
                add_footprint(&mut one, at, rings(outline), &grid, rule, &mut scan);
                joined.append(&one);
            }
            prop_assert_eq!(&joined, &footprints);
            for (at, outline) in outlines.iter().enumerate() {
                prop_assert_eq!(spread(&footprints, at, &grid), weights(outline, &grid, rule));
                let inside: f64 = sum(&spread(&footprints, at, &grid));
                let all = sum(&weights(outline, &wide, rule));
                prop_assert!((inside + footprints.outside[at] - all).abs() < 1e-4, "{} {} {}", inside, footprints.outside[at], all);
            }
        }

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
