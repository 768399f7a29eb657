//! Cloud and shadow masks from the scene classification.

use crate::model::{BandWindow, Grid, MaskSet};

/// Scene class of every pixel of `grid`, the coarser class pixel repeated; [`crate::model::Chip::NO_CLASS`] outside.
pub fn classes_on(grid: &Grid, scl: &BandWindow) -> Vec<u8> {
    let _ = (grid, scl);
    todo!()
}

/// True for excluded pixels.
pub fn excluded(classes: &[u8], mask: MaskSet) -> Vec<bool> {
    let _ = (classes, mask);
    todo!()
}

/// Weighted count of parcel pixels per class 0..=11 on the classification's own grid, and the pixels without class.
pub fn class_histogram(scl: &BandWindow, weights: &[f32]) -> ([f64; 12], f64) {
    let _ = (scl, weights);
    todo!()
}
