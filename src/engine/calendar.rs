//! Lays acquisitions out as a calendar: rows of months, columns of half-weeks. Every acquisition is kept.

use jiff::civil::Date;

use crate::model::AcquisitionIx;
use crate::model::project_file::Binning;

/// One acquisition as the calendar sees it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Entry {
    /// Which.
    pub acquisition: AcquisitionIx,
    /// UTC day.
    pub day: Date,
    /// Usable share of the parcel, 0..=1: the clearest of a cell lies on top.
    pub clear_share: f64,
}

/// One cell; empty means that there was no acquisition.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cell {
    /// Acquisitions, the shown one (clearest, then earliest) first, the others by time.
    pub entries: Vec<Entry>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// `2019-04`, or `sequence` rows `1`, `2`, ….
    pub label: String,
    /// First day of the row (month rows) or of its first entry.
    pub start: Date,
    /// Cells by column.
    pub cells: Vec<Cell>,
}

/// The calendar.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// Header of each column: `1-3`, `4-7`, … `28-end`; ISO-week columns `1`..`6`; sequence columns are empty texts.
    pub columns: Vec<String>,
    /// Rows without gaps, also over year boundaries and months without data.
    pub rows: Vec<Row>,
}

impl Layout {
    /// Row and column of an acquisition.
    pub fn find(&self, acquisition: AcquisitionIx) -> Option<(usize, usize)> {
        let _ = acquisition;
        todo!()
    }
}

/// Column 0..=7 of a day of the month: 1–3, 4–7, 8–11, 12–15, 16–19, 20–23, 24–27, 28–end.
pub fn half_week(day_of_month: i8) -> usize {
    let _ = day_of_month;
    todo!()
}

/// Lays out `entries` (any order). With `from`/`to` rows cover that whole range and entries outside it are left out;
/// without, rows run from the first to the last entry.
pub fn layout(entries: &[Entry], bins: Binning, from: Option<Date>, to: Option<Date>) -> Layout {
    let _ = (entries, bins, from, to);
    todo!()
}
