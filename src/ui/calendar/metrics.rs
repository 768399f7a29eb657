//! Where rows, cells and strips lie, from the size of a chip and the width of the pane. Pure arithmetic.

use egui::{Rect, Vec2, pos2, vec2};

use crate::engine::calendar::Layout;

/// Width of the month label.
pub const LABEL: f32 = 52.0;
/// Height of the row with the column names.
pub const COLUMN_NAMES: f32 = 16.0;
/// Smallest and largest chip.
pub const CHIP_RANGE: std::ops::RangeInclusive<f32> = 32.0..=320.0;
/// Chips over this size have their text below instead of at the right.
pub const BESIDE_MAX: f32 = 96.0;

const TEXT_BESIDE_MIN: f32 = 46.0;
const TEXT_BESIDE: f32 = 64.0;
const TEXT_BELOW: f32 = 18.0;
const ROW_GAP: f32 = 6.0;
const STRIP_PAD: f32 = 4.0;

/// Sizes that hold for the whole grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Metrics {
    /// Edge of a chip.
    pub chip: f32,
    /// True when the text stands at the right of the chip.
    pub beside: bool,
    /// Distance of columns.
    pub pitch_x: f32,
    /// Height of a row of chips.
    pub pitch_y: f32,
    /// Number of columns.
    pub columns: usize,
    /// Chips side by side in a strip.
    pub strip_columns: usize,
}

impl Metrics {
    /// Sizes for a pane of some width.
    pub fn new(chip_px: f32, width: f32, columns: usize) -> Self {
        let chip = chip_px.clamp(*CHIP_RANGE.start(), *CHIP_RANGE.end());
        let beside = chip <= BESIDE_MAX;
        let columns = columns.max(1);
        let (least, most) = if beside { (chip + TEXT_BESIDE_MIN, chip + TEXT_BESIDE + 40.0) } else { (chip + 8.0, chip + 40.0) };
        let least = least.min(most);
        let pitch_x = ((width - LABEL) / columns as f32).clamp(least, most);
        let pitch_y = chip + ROW_GAP + if beside { 0.0 } else { TEXT_BELOW };
        let strip_columns = (((width - LABEL) / pitch_x).floor() as usize).clamp(1, columns.max(1));
        Self { chip, beside, pitch_x, pitch_y, columns, strip_columns }
    }

    /// Size of all rows.
    pub fn content(&self, rows: &[RowBox]) -> Vec2 {
        vec2(LABEL + self.pitch_x * self.columns as f32, rows.last().map_or(0.0, |row| row.top + row.height + row.strip))
    }

    /// The chip in a column of a row that starts at `top`, relative to the grid's corner.
    pub fn chip_rect(&self, column: usize, top: f32) -> Rect {
        let min = pos2(LABEL + self.pitch_x * column as f32, top + ROW_GAP / 2.0);
        Rect::from_min_size(min, Vec2::splat(self.chip))
    }

    /// The n-th chip of a strip that starts at `top`.
    pub fn strip_rect(&self, position: usize, top: f32) -> Rect {
        let line = position / self.strip_columns;
        self.chip_rect(position % self.strip_columns, top + STRIP_PAD + self.pitch_y * line as f32)
    }

    /// Height of a strip of so many chips.
    pub fn strip_height(&self, chips: usize) -> f32 {
        2.0 * STRIP_PAD + self.pitch_y * chips.div_ceil(self.strip_columns) as f32
    }
}

/// Vertical place of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowBox {
    /// Upper edge, relative to the grid's.
    pub top: f32,
    /// Height of the row itself.
    pub height: f32,
    /// Height of the strip below it; 0 without one.
    pub strip: f32,
}

/// Places of all rows; the expanded cell, if any, opens a strip below its row.
pub fn row_boxes(layout: &Layout, metrics: &Metrics, expanded: Option<(usize, usize)>) -> Vec<RowBox> {
    let mut top = 0.0;
    (layout.rows.iter().enumerate())
        .map(|(at, row)| {
            let strip = match expanded {
                Some((expanded_row, column)) if expanded_row == at => {
                    row.cells.get(column).map_or(0.0, |cell| metrics.strip_height(cell.entries.len()))
                }
                _ => 0.0,
            };
            let own = RowBox { top, height: metrics.pitch_y, strip };
            top += own.height + own.strip;
            own
        })
        .collect()
}

/// Rows that meet the range `top..bottom`: only these ask for pictures.
pub fn visible(rows: &[RowBox], top: f32, bottom: f32) -> std::ops::Range<usize> {
    let first = rows.partition_point(|row| row.top + row.height + row.strip <= top);
    let end = rows.partition_point(|row| row.top < bottom);
    first..end.max(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::calendar::{Cell, Entry, Row};
    use crate::model::AcquisitionIx;

    fn layout(rows: usize, in_first: usize) -> Layout {
        let day = jiff::civil::date(2019, 4, 1);
        let entry = |i| Entry { acquisition: AcquisitionIx(i), day, clear_share: 1.0 };
        let cells = |n: u32| vec![Cell { entries: (0..n).map(entry).collect() }; 8];
        Layout {
            columns: vec![String::new(); 8],
            rows: (0..rows)
                .map(|at| Row { label: String::new(), start: day, cells: cells(if at == 0 { in_first as u32 } else { 1 }) })
                .collect(),
        }
    }

    #[test]
    fn the_design_size_gives_the_pitches_of_the_tokens() {
        let metrics = Metrics::new(57.0, 1020.0, 8);
        assert!((metrics.pitch_x - 121.0).abs() < 0.5 && (metrics.pitch_y - 63.0).abs() < 0.5, "{metrics:?}");
        assert!(metrics.beside && !Metrics::new(97.0, 1020.0, 8).beside);
    }

    #[test]
    fn a_narrow_pane_scrolls_sideways_instead_of_squeezing() {
        let metrics = Metrics::new(57.0, 400.0, 8);
        assert!(metrics.content(&row_boxes(&layout(1, 1), &metrics, None)).x > 400.0);
        assert!(metrics.strip_rect(metrics.strip_columns - 1, 0.0).max.x <= 400.0);
    }

    #[test]
    fn an_expanded_cell_opens_a_strip_that_holds_all_its_chips() {
        let metrics = Metrics::new(57.0, 1020.0, 8);
        let layout = layout(3, 11);
        let rows = row_boxes(&layout, &metrics, Some((0, 2)));
        assert_eq!(metrics.strip_columns, 8);
        assert!((rows[0].strip - (2.0 * 4.0 + 2.0 * 63.0)).abs() < 1e-3);
        assert!(metrics.strip_rect(10, rows[0].top + rows[0].height).max.y <= rows[1].top);
    }

    #[test]
    fn only_rows_in_sight_are_visible() {
        let metrics = Metrics::new(57.0, 1020.0, 8);
        let rows = row_boxes(&layout(100, 1), &metrics, None);
        assert_eq!(visible(&rows, 0.0, 63.0), 0..1);
        assert_eq!(visible(&rows, 63.0 * 10.0 + 1.0, 63.0 * 12.0), 10..12);
        assert_eq!(visible(&rows, 1e6, 2e6), 100..100);
    }
}
