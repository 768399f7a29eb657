//! The calendar of one parcel as a figure.

mod chip;
pub(super) mod legend;
mod single;

use std::collections::HashMap;

use super::svg::{Font, Svg, escape};
use super::{Caption, page, style};
use crate::engine::calendar::{Cell, Layout};
use crate::engine::stretch::Picture;
use crate::model::AcquisitionIx;

pub use single::{Single, single};

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
    /// What the mask hides, as rectangles `[left, top, right, bottom]` in pixels of the picture; empty for nothing.
    pub masked: Vec<[f32; 4]>,
    /// Outline rings in pixel coordinates of the picture.
    pub outline: Vec<Vec<[f32; 2]>>,
}

/// Colour bar of an index or radar view.
#[derive(Debug, Clone, PartialEq)]
pub struct ColourBar {
    /// Name and unit.
    pub label: String,
    /// Lower limit; `NaN` when each chip has its own.
    pub low: f64,
    /// Upper limit; `NaN` when each chip has its own.
    pub high: f64,
    /// Colours from low to high. Up to 16 are shown as separate steps, more as a ramp.
    pub colours: Vec<[u8; 4]>,
}

const ROW_LABEL: f32 = 66.0;
const GAP: f32 = 10.0;
/// A date, a share and the space between need this at the size used.
const LEAST_PITCH: f32 = 106.0;
const EMPTY_ROW: f32 = 34.0;
const PADDING: f32 = 8.0;

/// Sizes that all parts of the figure share.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    cell: f32,
    thumb: f32,
    pitch: f32,
    /// Limits differ between chips, so each chip says its own.
    own_limits: bool,
}

impl Sizes {
    fn new(cell_px: u32, chips: &[FigureChip]) -> Self {
        let cell = (cell_px as f32).clamp(24.0, 1024.0);
        let mut limits = chips.iter().filter_map(|chip| chip.picture.as_ref()).map(|picture| &picture.limits);
        let first = limits.next();
        Self {
            cell,
            thumb: (cell * 0.38).clamp(30.0, 120.0),
            pitch: cell.max(LEAST_PITCH - GAP) + GAP,
            own_limits: limits.any(|other| Some(other) != first),
        }
    }
}

/// The figure as SVG: header with column names, a row per calendar row, every acquisition of a cell (the shown one large, the
/// others as small thumbnails below), dash for no acquisition, hatch and percentage for masked ones, caption
/// with stretch limits, scale bar and attribution. `cell_px` is the edge of a chip.
pub fn svg(
    layout: &Layout,
    chips: &[FigureChip],
    caption: &Caption,
    colour_bar: Option<&ColourBar>,
    cell_px: u32,
    metres_across: f64,
) -> String {
    let by_acquisition: HashMap<AcquisitionIx, &FigureChip> = chips.iter().map(|chip| (chip.acquisition, chip)).collect();
    let sizes = Sizes::new(cell_px, chips);
    let left = page::MARGIN + ROW_LABEL;
    let width = left + sizes.pitch * layout.columns.len().max(3) as f32 - GAP + page::MARGIN;
    let mut out = Svg::default();
    out.raw(&chip::hatch_definition());
    let reserved = legend::scale_and_north(&mut out, width, sizes.cell, metres_across, "in large chips");
    let mut y = page::header(&mut out, caption, width, reserved).max(page::MARGIN + 62.0) + 12.0;
    if layout.columns.iter().any(|name| !name.is_empty()) {
        let font = Font::mono(11.0).colour(style::TEXT_2);
        for (i, name) in layout.columns.iter().enumerate() {
            out.text(left + sizes.pitch * i as f32, y + 4.0, font, name);
        }
        y += 12.0;
    }
    for row in &layout.rows {
        out.line([page::MARGIN, y, width - page::MARGIN, y], style::GRID, 1.0);
        out.text(page::MARGIN, y + PADDING + 11.0, Font::mono(12.0).strong(), &row.label);
        let height = row.cells.iter().map(|cell| cell_height(cell, &by_acquisition, sizes)).fold(EMPTY_ROW, f32::max);
        for (i, cell) in row.cells.iter().enumerate() {
            cell_svg(&mut out, cell, &by_acquisition, [left + sizes.pitch * i as f32, y + PADDING], sizes);
        }
        y += height;
    }
    out.line([page::MARGIN, y, width - page::MARGIN, y], style::GRID, 1.0);
    y = legend::signs(&mut out, chips, colour_bar, width, y + 12.0);
    let height = page::footer(&mut out, caption, width, y + 6.0);
    out.finish(width, height, &caption.title, &summary(chips, caption))
}

/// Height of a cell with its share of the row's padding.
fn cell_height(cell: &Cell, chips: &HashMap<AcquisitionIx, &FigureChip>, sizes: Sizes) -> f32 {
    let mut known = cell.entries.iter().filter_map(|entry| chips.get(&entry.acquisition));
    let Some(first) = known.next() else { return EMPTY_ROW };
    let rest: f32 = known.map(|other| chip::small_height(other, sizes)).sum();
    chip::large_height(first, sizes) + rest + 2.0 * PADDING
}

fn cell_svg(out: &mut Svg, cell: &Cell, chips: &HashMap<AcquisitionIx, &FigureChip>, [x, y]: [f32; 2], sizes: Sizes) {
    let mut known = cell.entries.iter().filter_map(|entry| chips.get(&entry.acquisition));
    let Some(first) = known.next() else {
        out.rect([x, y + 7.0, 14.0, 1.5], style::MISSING);
        return;
    };
    chip::large(out, first, [x, y], cell.entries.len(), sizes);
    let mut below = y + chip::large_height(first, sizes);
    for other in known {
        chip::small(out, other, [x, below], sizes);
        below += chip::small_height(other, sizes);
    }
}

/// What a reader who does not see the figure is told: facts, then every acquisition.
fn summary(chips: &[FigureChip], caption: &Caption) -> String {
    let mut chips: Vec<&FigureChip> = chips.iter().collect();
    chips.sort_by(|a, b| (&a.date, a.acquisition).cmp(&(&b.date, b.acquisition)));
    let list: Vec<String> = chips.iter().map(|chip| describe(chip)).collect();
    format!("{} {} acquisitions: {}.", caption.lines.join(" "), chips.len(), list.join("; "))
}

/// `2019-04-16 S2A R051, 98 % clear`.
fn describe(chip: &FigureChip) -> String {
    format!("{} {}, {} clear", chip.date, chip.detail, percent(chip.clear_share))
}

/// Whole percent; a chip with any masked pixel never says 100.
fn percent(share: f64) -> String {
    let rounded = if share < 1.0 { (share * 100.0).round().min(99.0) } else { 100.0 };
    format!("{rounded:.0}%")
}

/// Group that holds one chip, with its acquisition for programs that read the figure.
fn open_group(out: &mut Svg, chip: &FigureChip, kind: &str) {
    out.raw(&format!(
        "<g class=\"chip {kind}\" data-acquisition=\"{}\" data-date=\"{}\">",
        chip.acquisition.0,
        escape(&chip.date)
    ));
}
