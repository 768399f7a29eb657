//! Which pixels of a grid belong to an outline, and with which share of their area.

use crate::model::{Grid, PixelRule, Polygons};

/// Weight of every pixel of `grid` (row by row): 1 or 0 under the centre rule, the covered area fraction under coverage.
pub fn weights(outline: &Polygons, grid: &Grid, rule: PixelRule) -> Vec<f32> {
    let _ = (outline, grid, rule);
    todo!()
}

/// The outline grown (positive) or shrunk (negative) by `metres`; may become empty.
pub fn buffered(outline: &Polygons, metres: f64) -> Polygons {
    let _ = (outline, metres);
    todo!()
}
