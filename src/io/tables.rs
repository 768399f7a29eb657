//! Tables as CSV, JSON or Parquet.

pub mod import;
mod read;

use std::fmt::Write as _;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::io::IoError;
use crate::model::spreadsheet;

pub use read::{read_parquet, read_parquet_columns};

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A number; `NaN` is written as an empty cell or null. Written with the shortest digits that give the same number back.
    Number(f64),
    /// A whole number.
    Integer(i64),
    /// Nothing.
    Empty,
}

/// Type of a column, for Parquet and JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Floating-point number.
    Number,
    /// Whole number.
    Integer,
}

/// A table in memory.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Names and types.
    pub columns: Vec<(String, Kind)>,
    /// Rows.
    pub rows: Vec<Vec<Value>>,
}

/// File format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma separated, header line, `.` decimals.
    Csv,
    /// A list of objects.
    Json,
    /// Apache Parquet.
    Parquet,
}

impl Format {
    /// From a file's ending; `None` when it is none of ours.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "json" => Some(Self::Json),
            "parquet" | "geoparquet" => Some(Self::Parquet),
            _ => None,
        }
    }
}

/// Cells of one column of a [`Batch`].
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Words that occur more than once: each word, and for every row which one, or [`Cells::NOTHING`].
    Words {
        /// Words.
        words: Vec<String>,
        /// Which word, by row.
        at: Vec<u32>,
    },
    /// Numbers; `NaN` is nothing.
    Numbers(Vec<f64>),
    /// Whole numbers.
    Integers(Vec<Option<i64>>),
}

impl Cells {
    /// In place of a word: nothing.
    pub const NOTHING: u32 = u32::MAX;

    fn len(&self) -> usize {
        match self {
            Self::Words { at, .. } => at.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::Integers(numbers) => numbers.len(),
        }
    }

    /// The number in a row; `NaN` where there is none.
    pub fn number(&self, row: usize) -> f64 {
        match self {
            Self::Words { .. } => f64::NAN,
            Self::Numbers(numbers) => numbers[row],
            Self::Integers(numbers) => numbers[row].map_or(f64::NAN, |number| number as f64),
        }
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Words { words, at } => words.get(at[row] as usize).map_or(Cell::Empty, |word| Cell::Text(word)),
            Self::Numbers(numbers) if numbers[row].is_nan() => Cell::Empty,
            Self::Numbers(numbers) => Cell::Number(numbers[row]),
            Self::Integers(numbers) => numbers[row].map_or(Cell::Empty, Cell::Integer),
        }
    }
}

/// A cell without its own text.
#[derive(Debug, Clone, Copy)]
enum Cell<'a> {
    Text(&'a str),
    Number(f64),
    Integer(i64),
    Empty,
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Text(text) => Self::Text(text),
            Value::Number(number) if number.is_nan() => Self::Empty,
            Value::Number(number) => Self::Number(*number),
            Value::Integer(number) => Self::Integer(*number),
            Value::Empty => Self::Empty,
        }
    }
}

/// Some rows of a long table, column by column; all columns are equally long.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Columns.
    pub columns: Vec<Cells>,
}

impl Batch {
    /// Number of rows.
    pub fn len(&self) -> usize {
        self.columns.first().map_or(0, Cells::len)
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows one by one.
    pub fn rows(&self) -> impl Iterator<Item = Vec<Value>> {
        let value = |cell: Cell<'_>| match cell {
            Cell::Text(text) => Value::Text(text.to_owned()),
            Cell::Number(number) => Value::Number(number),
            Cell::Integer(number) => Value::Integer(number),
            Cell::Empty => Value::Empty,
        };
        (0..self.len()).map(move |row| self.columns.iter().map(|column| value(column.cell(row))).collect())
    }
}

/// A batch in its file format.
#[derive(Debug)]
pub struct Encoded(Part);

#[derive(Debug)]
enum Part {
    Text(Vec<u8>),
    Rows(RecordBatch),
}

/// A batch in its file format, without what stands at the beginning and end of a file. Batches can be encoded in parallel.
///
/// Columns of another type than `columns` says are an error in Parquet.
pub fn encode_batch(columns: &[(String, Kind)], batch: &Batch, format: Format) -> Result<Encoded, IoError> {
    let cells = |row: usize| batch.columns.iter().map(move |column| column.cell(row));
    let part = match format {
        Format::Csv => csv_rows((0..batch.len()).map(cells), Vec::new()).map(Part::Text),
        Format::Json => json_rows(columns, (0..batch.len()).map(cells)).map(Part::Text),
        Format::Parquet => record_batch(columns, batch).map(Part::Rows),
    };
    part.map(Encoded).map_err(|error| failed("write the table", error.as_ref()))
}

/// Writes a table batch by batch.
pub struct TableWriter<W: Write + Send> {
    sink: Sink<W>,
}

enum Sink<W: Write + Send> {
    Csv(W),
    /// With whether a row has been written.
    Json(W, bool),
    Parquet(Box<ArrowWriter<W>>),
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins a table.
    pub fn new(columns: &[(String, Kind)], format: Format, mut sink: W) -> Result<Self, IoError> {
        let fail = |error: AnyError| failed("write the table", error.as_ref());
        let sink = match format {
            Format::Csv => {
                let header = columns.iter().map(|(name, _)| Cell::Text(name));
                let header = csv_rows(std::iter::once(header), Vec::new()).map_err(fail)?;
                sink.write_all(&header).map_err(|error| failed("write the table", &error))?;
                Sink::Csv(sink)
            }
            Format::Json => {
                sink.write_all(b"[").map_err(|error| failed("write the table", &error))?;
                Sink::Json(sink, false)
            }
            Format::Parquet => {
                let writer = ArrowWriter::try_new(sink, schema(columns), Some(parquet_properties()));
                Sink::Parquet(Box::new(writer.map_err(|error| failed("write the table", &error))?))
            }
        };
        Ok(Self { sink })
    }

    /// Appends a batch encoded for the same columns and format.
    pub fn write(&mut self, batch: Encoded) -> Result<(), IoError> {
        let written = match (&mut self.sink, batch.0) {
            (Sink::Csv(sink), Part::Text(rows)) => sink.write_all(&rows),
            (Sink::Json(sink, any), Part::Text(rows)) => {
                // Every row begins with a comma, but for the first of all.
                let rows = if *any { &rows[..] } else { rows.get(1..).unwrap_or_default() };
                *any |= !rows.is_empty();
                sink.write_all(rows)
            }
            (Sink::Parquet(writer), Part::Rows(rows)) => writer.write(&rows).map_err(std::io::Error::other),
            _ => Err(std::io::Error::other("the batch was encoded for another format")),
        };
        written.map_err(|error| failed("write the table", &error))
    }

    /// Ends the table.
    pub fn finish(self) -> Result<(), IoError> {
        let finished = match self.sink {
            Sink::Csv(mut sink) => sink.flush(),
            Sink::Json(mut sink, _) => sink.write_all(b"\n]\n").and_then(|()| sink.flush()),
            Sink::Parquet(writer) => writer.close().map(drop).map_err(std::io::Error::other),
        };
        finished.map_err(|error| failed("write the table", &error))
    }
}

/// The table as bytes.
///
/// A row shorter than the header is filled with nothing; a longer one, or a value that does not fit its column's type in
/// Parquet, is an error that names row and column.
pub fn encode(table: &Table, format: Format) -> Result<Vec<u8>, IoError> {
    if let Some((row, cells)) = table.rows.iter().enumerate().find(|(_, row)| row.len() > table.columns.len()) {
        let fact = format!("row {} has {} values for {} columns", row + 1, cells.len(), table.columns.len());
        return Err(IoError::File { operation: "write the table".to_owned(), fact, path: PathBuf::new() });
    }
    match format {
        Format::Csv => csv_bytes(table).map_err(|error| failed("write the table as CSV", error.as_ref())),
        Format::Json => json_bytes(table).map_err(|error| failed("write the table as JSON", error.as_ref())),
        Format::Parquet => parquet_bytes(table).map_err(|error| failed("write the table as Parquet", error.as_ref())),
    }
}

/// A table whose texts a spreadsheet program takes for texts, see [`spreadsheet`]; for CSV files with words of people.
pub fn defused(table: &Table) -> Table {
    let own = |text: &str| spreadsheet::defused(text).into_owned();
    let cell = |value: &Value| if let Value::Text(text) = value { Value::Text(own(text)) } else { value.clone() };
    Table { columns: table.columns.clone(), rows: table.rows.iter().map(|row| row.iter().map(cell).collect()).collect() }
}

type AnyError = Box<dyn std::error::Error>;

fn failed(operation: &str, error: &dyn std::error::Error) -> IoError {
    IoError::File { operation: operation.to_owned(), fact: error.to_string(), path: PathBuf::new() }
}

/// Shortest digits that give the same number back; very large and very small numbers with an exponent.
fn number_text(number: f64, text: &mut String) -> std::fmt::Result {
    let size = number.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) { write!(text, "{number:e}") } else { write!(text, "{number}") }
}

fn csv_rows<'c, R>(rows: impl Iterator<Item = R>, into: Vec<u8>) -> Result<Vec<u8>, AnyError>
where
    R: Iterator<Item = Cell<'c>>,
{
    let mut writer = csv::Writer::from_writer(into);
    let mut text = String::new();
    for row in rows {
        for cell in row {
            text.clear();
            match cell {
                Cell::Text(text) => writer.write_field(text)?,
                Cell::Number(number) => {
                    number_text(number, &mut text)?;
                    writer.write_field(&text)?;
                }
                Cell::Integer(number) => {
                    write!(text, "{number}")?;
                    writer.write_field(&text)?;
                }
                Cell::Empty => writer.write_field("")?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(writer.into_inner()?)
}

/// Rows as JSON objects, each on a line of its own after a comma, keys in column order.
fn json_rows<'c, R>(columns: &[(String, Kind)], rows: impl Iterator<Item = R>) -> Result<Vec<u8>, AnyError>
where
    R: Iterator<Item = Cell<'c>>,
{
    let names = columns.iter().map(|(name, _)| serde_json::to_string(name)).collect::<Result<Vec<_>, _>>()?;
    let mut text = String::new();
    for row in rows {
        text.push_str(",\n{");
        for (column, (name, cell)) in names.iter().zip(row).enumerate() {
            if column > 0 {
                text.push(',');
            }
            text.push_str(name);
            text.push(':');
            match cell {
                Cell::Text(cell) => text.push_str(&serde_json::to_string(cell)?),
                Cell::Number(number) if number.is_finite() => number_text(number, &mut text)?,
                Cell::Integer(number) => write!(text, "{number}")?,
                Cell::Number(_) | Cell::Empty => text.push_str("null"),
            }
        }
        text.push('}');
    }
    Ok(text.into_bytes())
}

/// The cells of a row, filled with nothing up to the number of columns.
fn cells(row: &[Value], columns: usize) -> impl Iterator<Item = Cell<'_>> {
    row.iter().map(Cell::from).chain(std::iter::repeat(Cell::Empty)).take(columns)
}

fn csv_bytes(table: &Table) -> Result<Vec<u8>, AnyError> {
    let columns = table.columns.len();
    let header = csv_rows(std::iter::once(table.columns.iter().map(|(name, _)| Cell::Text(name))), Vec::new())?;
    csv_rows(table.rows.iter().map(|row| cells(row, columns)), header)
}

fn json_bytes(table: &Table) -> Result<Vec<u8>, AnyError> {
    let rows = json_rows(&table.columns, table.rows.iter().map(|row| cells(row, table.columns.len())))?;
    let mut bytes = vec![b'['];
    bytes.extend_from_slice(rows.get(1..).unwrap_or_default());
    bytes.extend_from_slice(b"\n]\n");
    Ok(bytes)
}

fn schema(columns: &[(String, Kind)]) -> Arc<Schema> {
    let field = |(name, kind): &(String, Kind)| {
        let data = match kind {
            Kind::Text => DataType::Utf8,
            Kind::Number => DataType::Float64,
            Kind::Integer => DataType::Int64,
        };
        Field::new(name, data, true)
    };
    Arc::new(Schema::new(columns.iter().map(field).collect::<Vec<_>>()))
}

fn parquet_properties() -> WriterProperties {
    WriterProperties::builder().set_compression(Compression::SNAPPY).build()
}

fn record_batch(columns: &[(String, Kind)], batch: &Batch) -> Result<RecordBatch, AnyError> {
    let array = |cells: &Cells| -> ArrayRef {
        match cells {
            Cells::Words { words, at } => Arc::new(at.iter().map(|&at| words.get(at as usize)).collect::<StringArray>()),
            Cells::Numbers(numbers) => {
                Arc::new(numbers.iter().map(|number| (!number.is_nan()).then_some(*number)).collect::<Float64Array>())
            }
            Cells::Integers(numbers) => Arc::new(numbers.iter().copied().collect::<Int64Array>()),
        }
    };
    let options = RecordBatchOptions::new().with_row_count(Some(batch.len()));
    Ok(RecordBatch::try_new_with_options(schema(columns), batch.columns.iter().map(array).collect(), &options)?)
}

fn parquet_bytes(table: &Table) -> Result<Vec<u8>, AnyError> {
    let schema = schema(&table.columns);
    let columns = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, (name, kind))| parquet_column(table, at, name, *kind))
        .collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(table.rows.len()));
    let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)?;
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(parquet_properties()))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(bytes)
}

fn parquet_column(table: &Table, at: usize, name: &str, kind: Kind) -> Result<ArrayRef, AnyError> {
    let cells = || table.rows.iter().enumerate().map(|(row, cells)| (row + 1, cells.get(at).unwrap_or(&Value::Empty)));
    let misfit = |row: usize, cell: &Value| -> AnyError {
        format!("row {row}, column {name}: {cell:?} does not fit the column's type").into()
    };
    Ok(match kind {
        Kind::Text => {
            let values = cells().map(|(row, cell)| match cell {
                Value::Text(text) => Ok(Some(text.as_str())),
                Value::Empty => Ok(None),
                Value::Number(_) | Value::Integer(_) => Err(misfit(row, cell)),
            });
            Arc::new(values.collect::<Result<StringArray, _>>()?)
        }
        Kind::Number => {
            let values = cells().map(|(row, cell)| match cell {
                Value::Number(number) if number.is_nan() => Ok(None),
                Value::Number(number) => Ok(Some(*number)),
                Value::Integer(number) => Ok(Some(*number as f64)),
                Value::Empty => Ok(None),
                Value::Text(_) => Err(misfit(row, cell)),
            });
            Arc::new(values.collect::<Result<Float64Array, _>>()?)
        }
        Kind::Integer => {
            let values = cells().map(|(row, cell)| match cell {
                Value::Integer(number) => Ok(Some(*number)),
                Value::Empty => Ok(None),
                Value::Number(number) if number.is_nan() => Ok(None),
                Value::Number(_) | Value::Text(_) => Err(misfit(row, cell)),
            });
            Arc::new(values.collect::<Result<Int64Array, _>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Array as _, AsArray as _};
    use arrow::datatypes::{Float64Type, Int64Type};

    fn table() -> Table {
        let columns =
            vec![("parcel_id".to_owned(), Kind::Text), ("mean".to_owned(), Kind::Number), ("count".to_owned(), Kind::Integer)];
        let rows = vec![
            vec![Value::Text("007".to_owned()), Value::Number(0.1 + 0.2), Value::Integer(12)],
            vec![Value::Text("a,\"b\"".to_owned()), Value::Number(f64::NAN), Value::Integer(-3)],
            vec![Value::Empty, Value::Number(1e-9), Value::Empty],
            vec![Value::Text("é".to_owned()), Value::Number(-2.0)],
        ];
        Table { columns, rows }
    }

    fn text(format: Format) -> String {
        String::from_utf8(encode(&table(), format).expect("encodes")).expect("text")
    }

    #[test]
    fn csv_has_shortest_digits_and_empty_cells_for_nothing() {
        assert_eq!(text(Format::Csv), "parcel_id,mean,count\n007,0.30000000000000004,12\n\"a,\"\"b\"\"\",,-3\n,1e-9,\né,-2,\n");
    }

    #[test]
    fn json_keeps_the_order_of_columns_and_has_null_for_nothing() {
        let text = text(Format::Json);
        assert!(text.starts_with("[\n{\"parcel_id\":\"007\",\"mean\":0.30000000000000004,\"count\":12},\n"), "{text}");
        let rows: Vec<serde_json::Value> = serde_json::from_str(&text).expect("is JSON");
        assert_eq!(rows.len(), 4);
        assert!(rows[1]["mean"].is_null() && rows[3]["count"].is_null() && rows[2]["mean"] == 1e-9);
        let empty = encode(&Table::default(), Format::Json).expect("encodes");
        assert_eq!(serde_json::from_slice::<Vec<serde_json::Value>>(&empty).expect("is JSON").len(), 0);
    }

    #[test]
    fn every_number_reads_back_as_itself() {
        for number in [0.1, 1.0 / 3.0, 1e16, 123_456_789_012_345_680.0, f64::MIN_POSITIVE, f64::MAX, 5e-324, -1e-5, 0.0, 12.0] {
            let mut text = String::new();
            number_text(number, &mut text).expect("writes");
            assert_eq!(text.parse::<f64>().expect("a number"), number);
        }
    }

    #[test]
    fn parquet_reads_back_with_types_and_nulls() {
        let mut file = tempfile::tempfile().expect("file");
        std::io::Write::write_all(&mut file, &encode(&table(), Format::Parquet).expect("encodes")).expect("writes");
        let mut reader =
            parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(file).expect("opens").build().expect("reads");
        let batch = reader.next().expect("one batch").expect("reads");
        let ids = batch.column(0).as_string::<i32>();
        let means = batch.column(1).as_primitive::<Float64Type>();
        let counts = batch.column(2).as_primitive::<Int64Type>();
        assert_eq!((ids.value(0), ids.is_null(2)), ("007", true));
        assert_eq!((means.value(0), means.is_null(1), means.value(2)), (0.1 + 0.2, true, 1e-9));
        assert_eq!((counts.value(1), counts.is_null(2), counts.is_null(3)), (-3, true, true));
        assert!(reader.next().is_none());
    }

    #[test]
    fn a_value_of_another_type_is_an_error_that_names_the_place() {
        let mut table = table();
        table.rows[1][2] = Value::Text("x".to_owned());
        let error = encode(&table, Format::Parquet).expect_err("text in a number column").to_string();
        assert!(error.contains("row 2") && error.contains("count"), "{error}");
    }

    #[test]
    fn the_ending_says_the_format() {
        for (name, format) in
            [("a.CSV", Some(Format::Csv)), ("b.json", Some(Format::Json)), ("c.parquet", Some(Format::Parquet)), ("d", None)]
        {
            assert_eq!(Format::of(Path::new(name)), format, "{name}");
        }
    }
}
