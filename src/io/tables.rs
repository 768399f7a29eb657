//! Tables as CSV, JSON or Parquet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, RecordBatchOptions, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

use crate::io::IoError;

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
        Format::Json => json_bytes(table).map_err(|error| failed("write the table as JSON", &error)),
        Format::Parquet => parquet_bytes(table).map_err(|error| failed("write the table as Parquet", error.as_ref())),
    }
}

type AnyError = Box<dyn std::error::Error>;

fn failed(operation: &str, error: &dyn std::error::Error) -> IoError {
    IoError::File { operation: operation.to_owned(), fact: error.to_string(), path: PathBuf::new() }
}

/// Shortest digits that give the same number back; very large and very small numbers with an exponent.
fn number_text(number: f64) -> String {
    let size = number.abs();
    if size != 0.0 && !(1e-5..1e16).contains(&size) { format!("{number:e}") } else { format!("{number}") }
}

fn csv_bytes(table: &Table) -> Result<Vec<u8>, AnyError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|(name, _)| name))?;
    for row in &table.rows {
        for column in 0..table.columns.len() {
            match row.get(column).unwrap_or(&Value::Empty) {
                Value::Text(text) => writer.write_field(text)?,
                Value::Number(number) if number.is_nan() => writer.write_field("")?,
                Value::Number(number) => writer.write_field(number_text(*number))?,
                Value::Integer(number) => writer.write_field(number.to_string())?,
                Value::Empty => writer.write_field("")?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(writer.into_inner()?)
}

/// One object a line, keys in column order.
fn json_bytes(table: &Table) -> Result<Vec<u8>, serde_json::Error> {
    let names = table.columns.iter().map(|(name, _)| serde_json::to_string(name)).collect::<Result<Vec<_>, _>>()?;
    let mut text = String::from("[");
    for (number, row) in table.rows.iter().enumerate() {
        text.push_str(if number == 0 { "\n{" } else { ",\n{" });
        for (column, name) in names.iter().enumerate() {
            if column > 0 {
                text.push(',');
            }
            text.push_str(name);
            text.push(':');
            match row.get(column).unwrap_or(&Value::Empty) {
                Value::Text(cell) => text.push_str(&serde_json::to_string(cell)?),
                Value::Number(number) if number.is_finite() => text.push_str(&number_text(*number)),
                Value::Integer(number) => text.push_str(&number.to_string()),
                Value::Number(_) | Value::Empty => text.push_str("null"),
            }
        }
        text.push('}');
    }
    text.push_str("\n]\n");
    Ok(text.into_bytes())
}

fn parquet_bytes(table: &Table) -> Result<Vec<u8>, AnyError> {
    let fields: Vec<Field> = table
        .columns
        .iter()
        .map(|(name, kind)| {
            let data = match kind {
                Kind::Text => DataType::Utf8,
                Kind::Number => DataType::Float64,
                Kind::Integer => DataType::Int64,
            };
            Field::new(name, data, true)
        })
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let columns = table
        .columns
        .iter()
        .enumerate()
        .map(|(at, (name, kind))| parquet_column(table, at, name, *kind))
        .collect::<Result<Vec<_>, _>>()?;
    let options = RecordBatchOptions::new().with_row_count(Some(table.rows.len()));
    let batch = RecordBatch::try_new_with_options(Arc::clone(&schema), columns, &options)?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties))?;
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
            assert_eq!(number_text(number).parse::<f64>().expect("a number"), number);
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
