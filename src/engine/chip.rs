//! Puts band windows of different resolution onto one grid.

use crate::model::{Band, BandWindow, Bounds, Chip, Polygons};

/// A chip over `bounds` on the finest grid among `windows`; coarser bands are repeated, bands absent from `windows` and places
/// outside the images are `NaN`. `bands` gives the order. `None` when no window has a pixel inside `bounds`.
pub fn assemble(
    bands: &[Band],
    windows: &[BandWindow],
    scl: Option<&BandWindow>,
    bounds: &Bounds,
    outline: &Polygons,
) -> Option<Chip> {
    let _ = (bands, windows, scl, bounds, outline);
    todo!()
}
