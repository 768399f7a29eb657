//! The calendar of one parcel as a figure.

use super::Caption;
use crate::engine::calendar::Layout;
use crate::engine::stretch::Picture;
use crate::model::AcquisitionIx;

/// One chip of the figure.
#[derive(Debug, Clone)]
pub struct FigureChip {
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// `2019-04-16`.
    pub date: String,
    /// `S2A R051`, plus `synthetic` where it applies.
    pub detail: String,
    /// Usable share 0..=1.
    pub clear_share: f64,
    /// Colours; `None` when the product has no pixel here.
    pub picture: Option<Picture>,
    /// Mask by pixel of the picture; empty for none.
    pub masked: Vec<bool>,
    /// Outline rings in pixel coordinates of the picture.
    pub outline: Vec<Vec<[f32; 2]>>,
}

/// Colour bar of an index or radar view.
#[derive(Debug, Clone)]
pub struct ColourBar {
    /// Name and unit.
    pub label: String,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
    /// Colours from low to high.
    pub colours: Vec<[u8; 4]>,
}

/// The figure as SVG: header with column names, a row per calendar row, every acquisition of a cell (the shown one large, the
/// others as small thumbnails below or a count badge), dash for no acquisition, hatch and percentage for masked ones, caption
/// with stretch limits, scale bar and attribution. `cell_px` is the edge of a chip.
pub fn svg(
    layout: &Layout,
    chips: &[FigureChip],
    caption: &Caption,
    colour_bar: Option<&ColourBar>,
    cell_px: u32,
    metres_across: f64,
) -> String {
    let _ = (layout, chips, caption, colour_bar, cell_px, metres_across);
    todo!()
}
