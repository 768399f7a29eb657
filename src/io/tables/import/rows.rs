//! Rows of a table of any format, asked for column by column.

use std::borrow::Cow;

use arrow::array::{Array as _, ArrayRef, AsArray as _};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, TimeUnit, TimestampMillisecondType};
use csv::StringRecord;
use jiff::Timestamp;

use super::words::{DateOrder, Moment, number, time};

/// Some consecutive rows.
pub(super) struct Rows {
    /// Number of the first row as a person counts: the header of a text table is row 1.
    pub(super) first_row: u64,
    pub(super) cells: Cells,
}

pub(super) enum Cells {
    /// Text, with its decimal sign.
    Text(Vec<StringRecord>, char),
    /// Typed columns; the number of rows.
    Typed(Vec<ArrayRef>, usize),
}

/// A cell that could not be read.
pub(super) struct Unreadable {
    /// Place in the block.
    pub(super) at: usize,
    /// As it stands there.
    pub(super) text: String,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        match &self.cells {
            Cells::Text(records, _) => records.len(),
            Cells::Typed(_, rows) => *rows,
        }
    }

    /// The same rows in pieces of so many: all values of a parcel are then met together, also in tables of thousands of columns.
    pub(super) fn pieces(self, rows: usize) -> Vec<Rows> {
        let Cells::Typed(columns, all) = &self.cells else { return vec![self] };
        if *all <= rows {
            return vec![self];
        }
        let piece = |from: usize| {
            let length = rows.min(all - from);
            let columns = columns.iter().map(|column| column.slice(from, length)).collect();
            Rows { first_row: self.first_row + from as u64, cells: Cells::Typed(columns, length) }
        };
        (0..*all).step_by(rows.max(1)).map(piece).collect()
    }

    /// Number of a row as a person counts.
    pub(super) fn number_of(&self, at: usize) -> u64 {
        match &self.cells {
            Cells::Text(records, _) => {
                records.get(at).and_then(StringRecord::position).map_or(self.first_row + at as u64, csv::Position::line)
            }
            Cells::Typed(..) => self.first_row + at as u64,
        }
    }

    /// A column as text; nothing where a cell is empty.
    pub(super) fn words(&self, column: usize) -> Vec<Option<Cow<'_, str>>> {
        match &self.cells {
            Cells::Text(records, _) => {
                let word = |record| StringRecord::get(record, column).map(str::trim).filter(|word| !word.is_empty());
                records.iter().map(|record| word(record).map(Cow::Borrowed)).collect()
            }
            Cells::Typed(columns, rows) => {
                let Some(array) = columns.get(column) else { return vec![None; *rows] };
                if let Some(times) = as_times(array) {
                    return times.into_iter().map(|time| time.map(|time| Cow::Owned(time.to_string()))).collect();
                }
                // Whole numbers that are stored as floating point are ids all the same: 7, not 7.0.
                if array.data_type().is_floating() {
                    let numbers = self.numbers(column).0;
                    return numbers.into_iter().map(|one| (!one.is_nan()).then(|| Cow::Owned(one.to_string()))).collect();
                }
                let Ok(words) = cast(array, &DataType::Utf8) else { return vec![None; *rows] };
                let words = words.as_string::<i32>();
                words.iter().map(|word| word.filter(|word| !word.is_empty()).map(|word| Cow::Owned(word.to_owned()))).collect()
            }
        }
    }

    /// A column as numbers, `NaN` where a cell is empty or none; and the cells that are none.
    pub(super) fn numbers(&self, column: usize) -> (Vec<f64>, Vec<Unreadable>) {
        let mut bad = Vec::new();
        let numbers = match &self.cells {
            Cells::Text(records, decimal) => records
                .iter()
                .enumerate()
                .map(|(at, record)| {
                    let word = record.get(column).unwrap_or_default();
                    number(word, *decimal).unwrap_or_else(|| {
                        bad.push(Unreadable { at, text: word.to_owned() });
                        f64::NAN
                    })
                })
                .collect(),
            Cells::Typed(columns, rows) => columns.get(column).map_or_else(
                || vec![f64::NAN; *rows],
                |array| match array.data_type() {
                    DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..) => {
                        self.text_numbers(column, &mut bad)
                    }
                    _ => match cast(array, &DataType::Float64) {
                        Ok(numbers) => numbers.as_primitive::<Float64Type>().iter().map(|one| one.unwrap_or(f64::NAN)).collect(),
                        Err(_no_number) => vec![f64::NAN; *rows],
                    },
                },
            ),
        };
        (numbers, bad)
    }

    fn text_numbers(&self, column: usize, bad: &mut Vec<Unreadable>) -> Vec<f64> {
        let read = |(at, word): (usize, Option<Cow<'_, str>>)| {
            let word = word.unwrap_or_default();
            number(&word, '.').unwrap_or_else(|| {
                bad.push(Unreadable { at, text: word.to_string() });
                f64::NAN
            })
        };
        self.words(column).into_iter().enumerate().map(read).collect()
    }

    /// A column as times; the error is the cell as it stands there.
    pub(super) fn times(&self, column: usize, order: DateOrder) -> Vec<Result<Moment, String>> {
        if let Cells::Typed(columns, _) = &self.cells
            && let Some(array) = columns.get(column)
            && let Some(times) = as_times(array)
        {
            let exact = !matches!(array.data_type(), DataType::Date32 | DataType::Date64);
            return times.into_iter().map(|time| time.map(|at| Moment { at, exact }).ok_or_else(String::new)).collect();
        }
        let words = self.words(column).into_iter();
        words
            .map(|word| word.map_or_else(|| Err(String::new()), |word| time(&word, order).ok_or_else(|| word.to_string())))
            .collect()
    }
}

/// Times of a column of dates or times; `None` for every other column.
fn as_times(array: &ArrayRef) -> Option<Vec<Option<Timestamp>>> {
    let is_time = matches!(array.data_type(), DataType::Timestamp(..) | DataType::Date32 | DataType::Date64);
    let times = is_time.then(|| cast(array, &DataType::Timestamp(TimeUnit::Millisecond, None)))?.ok()?;
    let times = times.as_primitive::<TimestampMillisecondType>();
    Some((0..times.len()).map(|row| times.is_valid(row).then(|| Timestamp::from_millisecond(times.value(row)).ok())?).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{Int32Array, StringArray};

    use super::*;

    #[test]
    fn pieces_hold_every_row_once_and_know_its_number() {
        let ids: ArrayRef = Arc::new(Int32Array::from_iter_values(0..10));
        let words: ArrayRef = Arc::new(StringArray::from_iter_values((0..10).map(|row| format!("{row}.5"))));
        let rows = Rows { first_row: 1, cells: Cells::Typed(vec![ids, words], 10) };
        let pieces = rows.pieces(4);
        assert_eq!(pieces.iter().map(Rows::len).collect::<Vec<_>>(), [4, 4, 2]);
        assert_eq!(pieces.iter().map(|piece| piece.number_of(1)).collect::<Vec<_>>(), [2, 6, 10]);
        let ids: Vec<f64> = pieces.iter().flat_map(|piece| piece.numbers(0).0).collect();
        assert_eq!(ids, (0..10).map(f64::from).collect::<Vec<_>>());
        let last = &pieces[2];
        assert_eq!(last.words(0)[1].as_deref(), Some("9"), "an id is no decimal number");
        assert_eq!(last.numbers(1).0, [8.5, 9.5], "text that holds numbers");
        assert!(last.numbers(7).0.iter().all(|value| value.is_nan()) && last.words(7).iter().all(Option::is_none));
    }
}
