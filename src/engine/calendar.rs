//! Lays acquisitions out as a calendar: rows of months, columns of half-weeks. Every acquisition is kept.

use jiff::ToSpan as _;
use jiff::civil::Date;

use crate::model::AcquisitionIx;
use crate::model::project_file::Binning;

/// Columns of a half-week row and of a sequence row.
const COLUMNS: usize = 8;

/// First day of each half-week column (`jrc-cbm` calendar: 1A, 1B, … 4B).
const HALF_WEEK_STARTS: [i8; COLUMNS] = [1, 4, 8, 12, 16, 20, 24, 28];

/// A month has at most five Thursdays, so at most five ISO weeks.
const ISO_WEEKS: usize = 5;

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
    /// Header of each column: `1-3`, `4-7`, … `28-end`; ISO-week columns `1`..`5`; sequence columns are empty texts.
    pub columns: Vec<String>,
    /// Rows without gaps, also over year boundaries and months without data.
    pub rows: Vec<Row>,
}

impl Layout {
    /// Row and column of an acquisition.
    pub fn find(&self, acquisition: AcquisitionIx) -> Option<(usize, usize)> {
        let in_cell = |cell: &Cell| cell.entries.iter().any(|entry| entry.acquisition == acquisition);
        self.rows.iter().enumerate().find_map(|(at, row)| row.cells.iter().position(in_cell).map(|column| (at, column)))
    }
}

/// Column 0..=7 of a day of the month: 1–3, 4–7, 8–11, 12–15, 16–19, 20–23, 24–27, 28–end.
///
/// ```
/// # use parcelight::engine::calendar::half_week;
/// assert_eq!([1, 3, 4, 27, 28, 31].map(half_week), [0, 0, 1, 6, 7, 7]);
/// ```
pub fn half_week(day_of_month: i8) -> usize {
    HALF_WEEK_STARTS.iter().rposition(|&start| start <= day_of_month).unwrap_or(0)
}

/// Lays out `entries` (any order). With `from`/`to` rows cover that whole range and entries outside it are left out;
/// without, rows run from the first to the last entry.
///
/// An ISO week belongs to the month of its Thursday, as the week of a year does. So an entry of the first or last days of a
/// range can lie in the month before or after; only then there is a row for that month.
pub fn layout(entries: &[Entry], bins: Binning, from: Option<Date>, to: Option<Date>) -> Layout {
    let mut entries: Vec<Entry> = entries
        .iter()
        .filter(|entry| from.is_none_or(|from| entry.day >= from) && to.is_none_or(|to| entry.day <= to))
        .copied()
        .collect();
    // Acquisition numbers follow the time, also within a day.
    entries.sort_by_key(|entry| (entry.day, entry.acquisition));
    let mut layout = match bins {
        Binning::Sequence => sequence(&entries),
        Binning::HalfWeek => {
            let columns = (0..COLUMNS).map(|column| match HALF_WEEK_STARTS.get(column + 1) {
                Some(next) => format!("{}-{}", HALF_WEEK_STARTS[column], next - 1),
                None => format!("{}-end", HALF_WEEK_STARTS[column]),
            });
            months(&entries, columns.collect(), from, to, |day| (day.first_of_month(), half_week(day.day())))
        }
        Binning::IsoWeek => {
            let columns = (1..=ISO_WEEKS).map(|column| column.to_string());
            months(&entries, columns.collect(), from, to, iso_week)
        }
    };
    for cell in layout.rows.iter_mut().flat_map(|row| &mut row.cells) {
        show_clearest_first(&mut cell.entries);
    }
    layout
}

/// First and last day of a cell of a month row; `None` for a fifth ISO week that a month does not have, and for sequences.
///
/// ```
/// # use jiff::civil::date;
/// # use parcelight::engine::calendar::cell_days;
/// # use parcelight::model::project_file::Binning;
/// let last = cell_days(Binning::HalfWeek, date(2019, 2, 1), 7);
/// assert_eq!(last, Some((date(2019, 2, 28), date(2019, 2, 28))));
/// ```
pub fn cell_days(bins: Binning, month: Date, column: usize) -> Option<(Date, Date)> {
    let day = |day: i8| Date::new(month.year(), month.month(), day);
    match bins {
        Binning::Sequence => None,
        Binning::HalfWeek => {
            let first = day(*HALF_WEEK_STARTS.get(column)?);
            let last = HALF_WEEK_STARTS.get(column + 1).map_or(Ok(month.last_of_month()), |next| day(next - 1));
            // Every month has the first 28 days.
            first.ok().zip(last.ok())
        }
        Binning::IsoWeek => {
            let first = month.first_of_month();
            let to_thursday = (10 - i64::from(first.weekday().to_monday_zero_offset())) % 7;
            let thursday = first.saturating_add((to_thursday + 7 * column as i64).days());
            let inside = thursday.first_of_month() == first;
            inside.then(|| (thursday.saturating_sub(3.days()), thursday.saturating_add(3.days())))
        }
    }
}

/// Month and column of the ISO week of a day.
fn iso_week(day: Date) -> (Date, usize) {
    let thursday = day.saturating_add((3 - i64::from(day.weekday().to_monday_zero_offset())).days());
    (thursday.first_of_month(), (thursday.day() as usize - 1) / 7)
}

fn months(
    entries: &[Entry],
    columns: Vec<String>,
    from: Option<Date>,
    to: Option<Date>,
    place: impl Fn(Date) -> (Date, usize),
) -> Layout {
    let months = || entries.iter().map(|entry| place(entry.day).0);
    let first = months().chain(from.or(to).map(Date::first_of_month)).min();
    let last = months().chain(to.or(from).map(Date::first_of_month)).max();
    let mut rows: Vec<Row> = Vec::new();
    if let (Some(first), Some(last)) = (first, last) {
        let mut start = first;
        while start <= last {
            let label = format!("{:04}-{:02}", start.year(), start.month());
            rows.push(Row { label, start, cells: vec![Cell::default(); columns.len()] });
            let Ok(next) = start.last_of_month().tomorrow() else { break };
            start = next;
        }
        for entry in entries {
            let (month, column) = place(entry.day);
            rows[months_between(first, month)].cells[column].entries.push(*entry);
        }
    }
    Layout { columns, rows }
}

fn months_between(from: Date, to: Date) -> usize {
    let number = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
    (number(to) - number(from)).max(0) as usize
}

fn sequence(entries: &[Entry]) -> Layout {
    let row = |(at, chunk): (usize, &[Entry])| {
        let mut cells: Vec<Cell> = chunk.iter().map(|entry| Cell { entries: vec![*entry] }).collect();
        cells.resize(COLUMNS, Cell::default());
        Row { label: (at + 1).to_string(), start: chunk[0].day, cells }
    };
    Layout { columns: vec![String::new(); COLUMNS], rows: entries.chunks(COLUMNS).enumerate().map(row).collect() }
}

/// Moves the clearest entry (of equals the earliest) to the front; the others keep their order by time.
fn show_clearest_first(entries: &mut [Entry]) {
    let share = |entry: &Entry| if entry.clear_share.is_nan() { -1.0 } else { entry.clear_share };
    let mut best = 0;
    for (at, entry) in entries.iter().enumerate() {
        if share(entry) > share(&entries[best]) {
            best = at;
        }
    }
    if !entries.is_empty() {
        entries[..=best].rotate_right(1);
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn entry(acquisition: u32, day: Date, clear_share: f64) -> Entry {
        Entry { acquisition: AcquisitionIx(acquisition), day, clear_share }
    }

    fn labels(layout: &Layout) -> Vec<&str> {
        layout.rows.iter().map(|row| row.label.as_str()).collect()
    }

    proptest! {
        #[test]
        fn a_day_lies_in_the_days_of_its_cell_and_of_no_other(offset in 0i64..4000) {
            let day = date(2015, 1, 1).saturating_add(offset.days());
            let week = iso_week(day);
            let half = (day.first_of_month(), half_week(day.day()));
            for (bins, (month, column), columns) in [(Binning::HalfWeek, half, COLUMNS), (Binning::IsoWeek, week, ISO_WEEKS)] {
                let holds = |at: usize| cell_days(bins, month, at).is_some_and(|(from, to)| from <= day && day <= to);
                prop_assert_eq!((0..columns).filter(|&at| holds(at)).collect::<Vec<_>>(), vec![column]);
            }
        }
    }

    #[test]
    fn november_to_march_has_five_rows_also_without_data() {
        for bins in [Binning::HalfWeek, Binning::IsoWeek] {
            let found = layout(&[], bins, Some(date(2018, 11, 1)), Some(date(2019, 3, 31)));
            assert_eq!(labels(&found), ["2018-11", "2018-12", "2019-01", "2019-02", "2019-03"]);
        }
        let entries = [entry(0, date(2018, 11, 30), 1.0), entry(1, date(2019, 3, 1), 1.0)];
        let found = layout(&entries, Binning::HalfWeek, None, None);
        assert_eq!(labels(&found), ["2018-11", "2018-12", "2019-01", "2019-02", "2019-03"]);
        assert_eq!(found.columns, ["1-3", "4-7", "8-11", "12-15", "16-19", "20-23", "24-27", "28-end"]);
        assert_eq!((found.find(AcquisitionIx(0)), found.find(AcquisitionIx(1))), (Some((0, 7)), Some((4, 0))));
        assert_eq!(found.find(AcquisitionIx(2)), None);
    }

    #[test]
    fn the_clearest_lies_on_top_and_the_others_follow_by_time() {
        let day = date(2019, 4, 16);
        let entries = [
            entry(3, day, 0.9),
            entry(0, date(2019, 4, 17), f64::NAN),
            entry(1, day, 0.2),
            entry(2, day, 0.9),
            entry(4, day, 0.1),
        ];
        let found = layout(&entries, Binning::HalfWeek, None, None);
        let order: Vec<u32> = found.rows[0].cells[4].entries.iter().map(|entry| entry.acquisition.0).collect();
        assert_eq!(order, [2, 1, 3, 4, 0]);
    }

    #[test]
    fn iso_weeks_belong_to_the_month_of_their_thursday() {
        // Friday 2019-11-01 is in the week of Thursday 2019-10-31; Monday 2019-12-30 in that of Thursday 2020-01-02.
        let entries = [entry(0, date(2019, 11, 1), 1.0), entry(1, date(2019, 12, 30), 1.0)];
        let found = layout(&entries, Binning::IsoWeek, None, None);
        assert_eq!(labels(&found), ["2019-10", "2019-11", "2019-12", "2020-01"]);
        assert_eq!((found.find(AcquisitionIx(0)), found.find(AcquisitionIx(1))), (Some((0, 4)), Some((3, 0))));
    }

    #[test]
    fn a_sequence_has_eight_entries_a_row() {
        let entries: Vec<Entry> =
            (0..9).map(|at| entry(at, date(2019, 4, 30).saturating_sub(i64::from(at).days()), 0.5)).collect();
        let found = layout(&entries, Binning::Sequence, None, None);
        assert_eq!(labels(&found), ["1", "2"]);
        assert_eq!(found.find(AcquisitionIx(8)), Some((0, 0)));
        assert_eq!((found.find(AcquisitionIx(0)), found.rows[1].cells.len()), (Some((1, 0)), 8));
    }

    #[test]
    fn a_range_leaves_out_what_lies_outside() {
        let entries = [entry(0, date(2019, 3, 31), 1.0), entry(1, date(2019, 4, 1), 1.0), entry(2, date(2019, 5, 2), 1.0)];
        let found = layout(&entries, Binning::HalfWeek, Some(date(2019, 4, 1)), Some(date(2019, 5, 1)));
        assert_eq!(labels(&found), ["2019-04", "2019-05"]);
        assert_eq!((found.find(AcquisitionIx(0)), found.find(AcquisitionIx(2))), (None, None));
        assert!(layout(&entries, Binning::HalfWeek, Some(date(2020, 2, 1)), Some(date(2020, 1, 1))).rows.is_empty());
        assert!(layout(&[], Binning::IsoWeek, None, None).rows.is_empty());
    }

    proptest! {
        #[test]
        fn every_acquisition_is_there_exactly_once(days in prop::collection::vec(0i64..1500, 0..60), shares in prop::collection::vec(0f64..1.0, 60)) {
            for bins in [Binning::HalfWeek, Binning::IsoWeek, Binning::Sequence] {
                let entries: Vec<Entry> = days.iter().zip(&shares).zip(0..)
                    .map(|((&day, &share), at)| entry(at, date(2017, 12, 25).saturating_add(day.days()), share)).collect();
                let found = layout(&entries, bins, None, None);
                let mut seen: Vec<u32> =
                    found.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.entries).map(|entry| entry.acquisition.0).collect();
                seen.sort_unstable();
                prop_assert_eq!(seen, (0..days.len() as u32).collect::<Vec<_>>());
                prop_assert!(found.rows.iter().all(|row| row.cells.len() == found.columns.len()));
            }
        }
    }
}
