//! Puts band windows of different resolution onto one grid.

use crate::engine::coverage;
use crate::model::grid::PixelWindow;
use crate::model::{Band, BandWindow, Bounds, Chip, Grid, Polygons};

/// Chips wider or higher than this are refused: no parcel needs them, and a wrong box must not exhaust memory.
const MAX_SIDE: f64 = 20_000.0;

/// A chip over `bounds` on the finest grid among `windows`; coarser bands are repeated, bands absent from `windows` and places
/// outside the images are `NaN`. `bands` gives the order. `None` when no window has a pixel inside `bounds`.
///
/// The chip covers `bounds` whole, in steps of the finest pixel. Without any window the scene classification alone gives the
/// grid, so that scene classes can be shown by themselves. A coarser pixel serves every finer pixel whose centre it holds.
pub fn assemble(
    bands: &[Band],
    windows: &[BandWindow],
    scl: Option<&BandWindow>,
    bounds: &Bounds,
    outline: &Polygons,
) -> Option<Chip> {
    let usable = |window: &&BandWindow| window.grid.window(bounds).is_some();
    let finest = windows
        .iter()
        .filter(usable)
        .min_by(|a, b| a.grid.pixel_x.total_cmp(&b.grid.pixel_x))
        .or_else(|| scl.filter(|_| windows.is_empty()).filter(usable))?;
    let grid = grid_over(&finest.grid, bounds)?;
    let mut values = Vec::with_capacity(bands.len() * grid.len());
    for band in bands {
        match windows.iter().find(|window| window.band == *band) {
            Some(window) => values.extend(on_grid(window, &grid)),
            None => values.extend(std::iter::repeat_n(f32::NAN, grid.len())),
        }
    }
    let classes = scl.map(|scl| super::clean::classes_on(&grid, scl));
    let inside = coverage::centres_inside(outline, &grid);
    Some(Chip { grid, bands: bands.to_vec(), values, classes, inside })
}

/// The grid that covers `bounds` in whole pixels of `like`, also beyond its edges.
fn grid_over(like: &Grid, bounds: &Bounds) -> Option<Grid> {
    // A hair of tolerance, as in `Grid::window`.
    const HAIR: f64 = 1e-6;
    let (left, top) = like.pixel_from_world(bounds.min_x, bounds.max_y);
    let (right, bottom) = like.pixel_from_world(bounds.max_x, bounds.min_y);
    let (col, row) = ((left + HAIR).floor(), (top + HAIR).floor());
    let (width, height) = ((right - HAIR).ceil() - col, (bottom - HAIR).ceil() - row);
    let sensible = |side: f64| (1.0..=MAX_SIDE).contains(&side);
    if !sensible(width) || !sensible(height) {
        return None;
    }
    let (left, top) = like.world_from_pixel(col, row);
    Some(Grid { left, top, width: width as usize, height: height as usize, ..like.clone() })
}

/// Box of a parcel's chip: the outline's box, squared, grown by a margin in metres. All in the world units of `grid`.
pub fn chip_bounds(outline: &Polygons, grid: &Grid, margin_m: u32) -> Bounds {
    outline.bounds().squared().grown(metres_on(grid, f64::from(margin_m)))
}

/// Metres as world units of a grid: degrees for geographic grids, whose pixels are far smaller than one unit.
pub fn metres_on(grid: &Grid, metres: f64) -> f64 {
    const METRES_PER_DEGREE: f64 = 111_320.0;
    if grid.pixel_x < 0.1 { metres / METRES_PER_DEGREE } else { metres }
}

/// Values of a window at the pixel centres of another grid of the same CRS, `NaN` outside.
pub fn on_grid(window: &BandWindow, grid: &Grid) -> Vec<f32> {
    if window.grid == *grid {
        return window.values.clone();
    }
    let places = Places::new(&window.grid, grid);
    let mut values = Vec::with_capacity(grid.len());
    for row in &places.rows {
        match row {
            Some(row) => {
                let line = &window.values[row * window.grid.width..][..window.grid.width];
                values.extend(places.cols.iter().map(|col| col.map_or(f32::NAN, |col| line[col])));
            }
            None => values.extend(std::iter::repeat_n(f32::NAN, grid.width)),
        }
    }
    values
}

/// For every column and row of a grid the column and row of another grid that holds the pixel centre.
pub(super) struct Places {
    pub(super) cols: Vec<Option<usize>>,
    pub(super) rows: Vec<Option<usize>>,
}

impl Places {
    pub(super) fn new(from: &Grid, to: &Grid) -> Self {
        let whole = PixelWindow { col: 0, row: 0, width: from.width, height: from.height };
        // A centre on the seam of two pixels must not fall to either side by rounding.
        let place = |at: f64, len: usize| {
            let at = (at + 1e-6).floor();
            (at >= 0.0 && at < len as f64).then_some(at as usize)
        };
        let centre = |col: usize, row: usize| {
            let (x, y) = to.world_from_pixel(col as f64 + 0.5, row as f64 + 0.5);
            from.pixel_from_world(x, y)
        };
        Self {
            cols: (0..to.width).map(|col| place(centre(col, 0).0, whole.width)).collect(),
            rows: (0..to.height).map(|row| place(centre(0, row).1, whole.height)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Crs;

    fn window(band: &str, left: f64, top: f64, pixel: f64, width: usize, values: &[f32]) -> BandWindow {
        let height = values.len() / width;
        let grid = Grid { crs: Crs::Epsg(32631), left, top, pixel_x: pixel, pixel_y: pixel, width, height };
        BandWindow { band: Band::new(band), grid, values: values.to_vec() }
    }

    fn square(side: f64) -> Polygons {
        Polygons { parts: vec![vec![vec![[0.0, 0.0], [side, 0.0], [side, side], [0.0, side]]]] }
    }

    #[test]
    fn coarser_bands_are_repeated_and_absent_ones_are_missing() {
        let fine = window("B04", 0.0, 40.0, 10.0, 4, &(0..16).map(|v| v as f32).collect::<Vec<_>>());
        let coarse = window("B11", 0.0, 40.0, 20.0, 2, &[1.0, 2.0, 3.0, 4.0]);
        let bands = ["B11", "B04", "B02"].map(Band::new);
        let bounds = Bounds { min_x: 10.0, max_x: 30.0, min_y: 10.0, max_y: 30.0 };
        let chip = assemble(&bands, &[fine, coarse.clone()], Some(&coarse), &bounds, &square(20.0)).expect("inside");
        assert_eq!((chip.grid.width, chip.grid.height, chip.grid.left, chip.grid.top), (2, 2, 10.0, 30.0));
        assert_eq!(chip.band(0), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(chip.band(1), [5.0, 6.0, 9.0, 10.0]);
        assert!(chip.band(2).iter().all(|value| value.is_nan()));
        assert_eq!(chip.classes, Some(vec![1, 2, 3, 4]));
        assert_eq!(chip.inside, [false, false, true, false]);
    }

    #[test]
    fn places_outside_the_image_are_missing() {
        let only = window("B04", 0.0, 10.0, 10.0, 1, &[7.0]);
        let bounds = Bounds { min_x: -10.0, max_x: 20.0, min_y: 0.0, max_y: 10.0 };
        let chip = assemble(&[Band::new("B04")], &[only], None, &bounds, &square(10.0)).expect("inside");
        assert_eq!((chip.grid.left, chip.grid.width, chip.grid.height), (-10.0, 3, 1));
        assert!(chip.values[0].is_nan() && chip.values[1] == 7.0 && chip.values[2].is_nan());
        assert_eq!(chip.classes, None);
    }

    #[test]
    fn a_distant_image_gives_no_chip_and_classes_alone_give_one() {
        let far = window("B04", 1e6, 10.0, 10.0, 1, &[7.0]);
        let bounds = Bounds { min_x: 0.0, max_x: 20.0, min_y: 0.0, max_y: 20.0 };
        assert_eq!(assemble(&[Band::new("B04")], &[far], None, &bounds, &square(10.0)), None);
        let scl = window("SCL", 0.0, 20.0, 20.0, 1, &[4.0]);
        let chip = assemble(&[], &[], Some(&scl), &bounds, &square(10.0)).expect("classes");
        assert_eq!((chip.grid.len(), chip.classes), (1, Some(vec![4])));
    }
}
