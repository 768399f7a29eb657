//! Reads Parquet tables that this program has written, and puts rows of several batches together.

use std::collections::HashMap;
use std::fs::File;

use arrow::array::AsArray as _;
use arrow::datatypes::{Float64Type, Int64Type};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::{AnyError, Batch, Cells, Kind, failed, schema};
use crate::io::IoError;

/// Reads a whole Parquet file whose columns are exactly these, nulls as nothing.
pub fn read_parquet(file: File, columns: &[(String, Kind)]) -> Result<Batch, IoError> {
    read(file, columns, None).map_err(|error| failed("read the table", error.as_ref()))
}

/// [`read_parquet`] of some columns alone, by their places, ascending.
pub fn read_parquet_columns(file: File, columns: &[(String, Kind)], wanted: &[usize]) -> Result<Batch, IoError> {
    read(file, columns, Some(wanted)).map_err(|error| failed("read the table", error.as_ref()))
}

fn read(file: File, columns: &[(String, Kind)], wanted: Option<&[usize]>) -> Result<Batch, AnyError> {
    let mut builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    if builder.schema().fields() != schema(columns).fields() {
        return Err("its columns are others".into());
    }
    let all: Vec<usize> = (0..columns.len()).collect();
    let wanted = wanted.unwrap_or(&all);
    if wanted.len() < columns.len() {
        let mask = ProjectionMask::roots(builder.parquet_schema(), wanted.iter().copied());
        builder = builder.with_projection(mask);
    }
    let mut found: Vec<Collected> = wanted.iter().map(|&column| Collected::new(columns[column].1)).collect();
    for rows in builder.build()? {
        let rows = rows?;
        for (column, array) in found.iter_mut().zip(rows.columns()) {
            match column {
                Collected::Words(words) => array.as_string::<i32>().iter().for_each(|word| words.push(word)),
                Collected::Numbers(numbers) => {
                    numbers.extend(array.as_primitive::<Float64Type>().iter().map(|number| number.unwrap_or(f64::NAN)));
                }
                Collected::Integers(numbers) => numbers.extend(array.as_primitive::<Int64Type>().iter()),
            }
        }
    }
    Ok(Batch { columns: found.into_iter().map(Collected::finish).collect() })
}

/// A column under way.
enum Collected {
    Words(Words),
    Numbers(Vec<f64>),
    Integers(Vec<Option<i64>>),
}

impl Collected {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Words(Words::default()),
            Kind::Number => Self::Numbers(Vec::new()),
            Kind::Integer => Self::Integers(Vec::new()),
        }
    }

    fn like(cells: &Cells) -> Self {
        Self::new(match cells {
            Cells::Words { .. } => Kind::Text,
            Cells::Numbers(_) => Kind::Number,
            Cells::Integers(_) => Kind::Integer,
        })
    }

    fn finish(self) -> Cells {
        match self {
            Self::Words(Words { list, at, .. }) => Cells::Words { words: list, at },
            Self::Numbers(numbers) => Cells::Numbers(numbers),
            Self::Integers(numbers) => Cells::Integers(numbers),
        }
    }
}

/// Words, each kept once.
#[derive(Default)]
struct Words {
    known: HashMap<String, u32>,
    list: Vec<String>,
    at: Vec<u32>,
}

impl Words {
    fn push(&mut self, word: Option<&str>) {
        let Some(word) = word else {
            self.at.push(Cells::NOTHING);
            return;
        };
        // Mostly that of the row before.
        let last = self.at.last().copied().filter(|&at| self.list.get(at as usize).is_some_and(|last| last == word));
        let at = last.or_else(|| self.known.get(word).copied()).unwrap_or_else(|| {
            let at = self.list.len() as u32;
            self.known.insert(word.to_owned(), at);
            self.list.push(word.to_owned());
            at
        });
        self.at.push(at);
    }
}

impl Batch {
    /// Some rows of some batches of the same columns: (which batch, which row), in this order.
    pub fn gather(sources: &[&Batch], rows: &[(usize, usize)]) -> Self {
        let Some(first) = sources.first() else { return Self::default() };
        let column = |number: usize, like: &Cells| {
            let mut made = Collected::like(like);
            for &(source, row) in rows {
                match (&mut made, &sources[source].columns[number]) {
                    (Collected::Words(made), Cells::Words { words, at }) => {
                        made.push(words.get(at[row] as usize).map(String::as_str));
                    }
                    (Collected::Numbers(made), Cells::Numbers(numbers)) => made.push(numbers[row]),
                    (Collected::Integers(made), Cells::Integers(numbers)) => made.push(numbers[row]),
                    _ => debug_assert!(false, "the batches have the same columns"),
                }
            }
            made.finish()
        };
        Self { columns: first.columns.iter().enumerate().map(|(number, like)| column(number, like)).collect() }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Seek as _;

    use super::super::{Format, TableWriter, encode_batch};
    use super::*;

    fn columns() -> Vec<(String, Kind)> {
        [("id", Kind::Text), ("mean", Kind::Number), ("count", Kind::Integer)].map(|(name, kind)| (name.to_owned(), kind)).into()
    }

    fn batch() -> Batch {
        Batch {
            columns: vec![
                Cells::Words { words: vec!["007".to_owned(), "é".to_owned()], at: vec![0, 0, Cells::NOTHING, 1] },
                Cells::Numbers(vec![0.1 + 0.2, -0.0, 1e-300, f64::INFINITY]),
                Cells::Integers(vec![Some(1), None, Some(-3), Some(i64::MAX)]),
            ],
        }
    }

    #[test]
    fn what_was_written_comes_back_and_other_columns_are_refused() {
        let mut file = tempfile::tempfile().expect("a file");
        let mut writer = TableWriter::new(&columns(), Format::Parquet, &file).expect("begins");
        writer.write(encode_batch(&columns(), &batch(), Format::Parquet).expect("encodes")).expect("writes");
        writer.finish().expect("ends");
        file.rewind().expect("rewinds");
        assert_eq!(read_parquet(file.try_clone().expect("again"), &columns()).expect("reads"), batch());
        let some = read_parquet_columns(file.try_clone().expect("again"), &columns(), &[0, 2]).expect("reads");
        assert_eq!(some.columns, [batch().columns[0].clone(), batch().columns[2].clone()]);
        let mut others = columns();
        others[2].1 = Kind::Number;
        let error = read_parquet(file, &others).expect_err("other columns").to_string();
        assert!(error.contains("columns"), "{error}");
    }

    #[test]
    fn rows_of_several_batches_are_put_together_in_any_order() {
        let (a, b) = (batch(), batch());
        let made = Batch::gather(&[&a, &b], &[(1, 3), (0, 2), (0, 0)]);
        let all: Vec<_> = a.rows().collect();
        assert_eq!(made.rows().collect::<Vec<_>>(), [all[3].clone(), all[2].clone(), all[0].clone()]);
    }
}
