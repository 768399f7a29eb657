//! From values to pixels of a picture: limits, composites, index colours.

use crate::engine::indices::IndexSet;
use crate::model::{Chip, Stretch, View};

/// A rendered chip.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// Pixels across.
    pub width: usize,
    /// Pixels down.
    pub height: usize,
    /// RGBA, not premultiplied, row by row. Missing values are transparent.
    pub rgba: Vec<u8>,
    /// (low, high) used for each channel, in physical units: three for a composite, one for the rest.
    pub limits: Vec<(f64, f64)>,
}

/// Limits of the fixed stretch of a band in reflectance (JRC's LUT for B08, B11, B04 of products without offset; our choice for the rest).
pub fn fixed_limits(band: &str) -> (f64, f64) {
    let _ = band;
    todo!()
}

/// Fixed limits of every channel of a view (one or three).
pub fn view_limits(view: &View, indices: &IndexSet) -> Vec<(f64, f64)> {
    let _ = (view, indices);
    todo!()
}

/// Cumulative cut: the values below which `low_percent` and above which `high_percent` of the finite values lie.
pub fn cut(values: &[f32], low_percent: f64, high_percent: f64) -> Option<(f64, f64)> {
    let _ = (values, low_percent, high_percent);
    todo!()
}

/// Per-pixel display values of a one-channel view: index values, dB, coherence; the chip must hold the bands of [`bands_of`].
pub fn scalar(chip: &Chip, view: &View, indices: &IndexSet) -> Vec<f32> {
    let _ = (chip, view, indices);
    todo!()
}

/// Bands that a view needs (without SCL).
pub fn bands_of(view: &View, indices: &IndexSet) -> Vec<crate::model::Band> {
    let _ = (view, indices);
    todo!()
}

/// Renders a chip (composite, index, radar, coherence, SCL views).
pub fn render(chip: &Chip, view: &View, stretch: &Stretch, indices: &IndexSet) -> Picture {
    let _ = (chip, view, stretch, indices);
    todo!()
}
