//! `GeoParquet` (1.0 and 1.1, WKB encoding), which the GDAL of many systems cannot read.

use std::fs::File;
use std::path::{Path, PathBuf};

use arrow::array::{Array, ArrayRef, AsArray as _};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Float64Type, Int64Type};
use gdal::spatial_ref::SpatialRef;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::io::{IoError, crs};
use crate::model::{Bounds, Crs};

use super::source::{Cell, ColumnHead, Go, LayerHead, Row, fault};

const BATCH_ROWS: usize = 4096;

/// A file whose `geo` metadata have been read.
pub(super) struct GeoParquet {
    path: PathBuf,
    geometry: String,
    head: LayerHead,
}

impl GeoParquet {
    pub(super) fn open(path: &Path) -> Result<Self, IoError> {
        let builder = builder(path)?;
        let meta = builder.metadata().file_metadata();
        let entries = meta.key_value_metadata().map(Vec::as_slice).unwrap_or_default();
        let geo = entries.iter().find(|entry| entry.key == "geo").and_then(|entry| entry.value.as_deref());
        let Some(geo) = geo else {
            let fact = "it is a Parquet table without geometry (no `geo` metadata); expected GeoParquet".to_owned();
            return Err(fault(path, fact));
        };
        let geo: Value =
            serde_json::from_str(geo).map_err(|error| fault(path, format!("the `geo` metadata are not JSON: {error}")))?;
        let geometry = geo["primary_column"].as_str().unwrap_or("geometry").to_owned();
        let column = &geo["columns"][&geometry];
        let encoding = column["encoding"].as_str().unwrap_or("WKB");
        if !encoding.eq_ignore_ascii_case("WKB") {
            return Err(fault(path, format!("geometry column `{geometry}` has the encoding {encoding}; expected WKB")));
        }
        let columns = builder
            .schema()
            .fields()
            .iter()
            .filter(|field| *field.name() != geometry)
            .filter_map(|field| Some(ColumnHead { name: field.name().clone(), kind: kind(field.data_type())? }))
            .collect();
        let head = LayerHead {
            name: path.file_stem().map_or_else(|| "parcels".to_owned(), |stem| stem.to_string_lossy().into_owned()),
            features: u64::try_from(meta.num_rows()).unwrap_or_default(),
            crs: system(&column["crs"], column.get("crs").is_some()),
            bounds: extent(&column["bbox"]),
            columns,
        };
        Ok(Self { path: path.to_owned(), geometry, head })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn layers(&self) -> Vec<LayerHead> {
        vec![self.head.clone()]
    }

    pub(super) fn read(&self, layer: &LayerHead, each: &mut dyn FnMut(Row) -> Result<Go, IoError>) -> Result<(), IoError> {
        let failed = |error: &dyn std::error::Error| fault(&self.path, error.to_string());
        let builder = builder(&self.path)?;
        let wanted = |name: &str| name == self.geometry || layer.columns.iter().any(|column| column.name == name);
        let roots: Vec<usize> =
            builder.schema().fields().iter().enumerate().filter(|(_, field)| wanted(field.name())).map(|(at, _)| at).collect();
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        let reader = builder.with_projection(mask).with_batch_size(BATCH_ROWS).build().map_err(|error| failed(&error))?;
        let mut number = 0;
        for batch in reader {
            let batch = batch.map_err(|error| failed(&error))?;
            let missing = |name: &str| fault(&self.path, format!("column `{name}` is missing"));
            let geometry = batch.column_by_name(&self.geometry).ok_or_else(|| missing(&self.geometry))?;
            let geometry = cast(geometry, &DataType::LargeBinary).map_err(|error| failed(&error))?;
            let shapes = geometry.as_binary::<i64>();
            let mut columns = Vec::with_capacity(layer.columns.len());
            for column in &layer.columns {
                let values = batch.column_by_name(&column.name).ok_or_else(|| missing(&column.name))?;
                columns.push(Values::of(values, column).map_err(|error| failed(&error))?);
            }
            for row in 0..batch.num_rows() {
                let wkb = (!shapes.is_null(row)).then(|| shapes.value(row).to_vec());
                let cells = columns.iter().map(|values| values.cell(row)).collect();
                if each(Row { number, wkb, cells })? == Go::Stop {
                    return Ok(());
                }
                number += 1;
            }
        }
        Ok(())
    }
}

fn builder(path: &Path) -> Result<ParquetRecordBatchReaderBuilder<File>, IoError> {
    let file = File::open(path).map_err(|error| fault(path, error.to_string()))?;
    ParquetRecordBatchReaderBuilder::try_new(file)
        .map_err(|error| fault(path, format!("it looks like Parquet but cannot be opened: {error}; expected an undamaged file")))
}

/// One batch of a column in one of three plain types.
struct Values {
    array: ArrayRef,
}

impl Values {
    fn of(array: &ArrayRef, column: &ColumnHead) -> Result<Self, arrow::error::ArrowError> {
        let plain = match column.kind {
            "integer" | "boolean" => DataType::Int64,
            "real" => DataType::Float64,
            _ => DataType::LargeUtf8,
        };
        Ok(Self { array: cast(array, &plain)? })
    }

    fn cell(&self, row: usize) -> Cell {
        if self.array.is_null(row) {
            return Cell::Null;
        }
        match self.array.data_type() {
            DataType::Int64 => Cell::Integer(self.array.as_primitive::<Int64Type>().value(row)),
            DataType::Float64 => Cell::Number(self.array.as_primitive::<Float64Type>().value(row)),
            _ => Cell::Text(self.array.as_string::<i64>().value(row).to_owned()),
        }
    }
}

/// `None` for nested and binary columns, which no filter can use.
fn kind(data: &DataType) -> Option<&'static str> {
    use DataType as D;
    match data {
        D::Boolean => Some("boolean"),
        D::Int8 | D::Int16 | D::Int32 | D::Int64 | D::UInt8 | D::UInt16 | D::UInt32 | D::UInt64 => Some("integer"),
        D::Float16 | D::Float32 | D::Float64 | D::Decimal32(..) | D::Decimal64(..) | D::Decimal128(..) | D::Decimal256(..) => {
            Some("real")
        }
        D::Utf8 | D::LargeUtf8 | D::Utf8View => Some("text"),
        D::Date32 | D::Date64 => Some("date"),
        D::Timestamp(..) => Some("date and time"),
        D::Dictionary(_, values) => kind(values).filter(|kind| *kind == "text"),
        _ => None,
    }
}

/// The specification: no `crs` means longitude and latitude, an explicit null means unknown.
fn system(crs_json: &Value, present: bool) -> Option<Crs> {
    if !present {
        return Some(crs::WGS84);
    }
    let id = &crs_json["id"];
    match (id["authority"].as_str(), id["code"].as_u64(), id["code"].as_str()) {
        (Some("EPSG"), Some(code), _) => u32::try_from(code).ok().map(Crs::Epsg), // no EPSG code is that large
        (Some("OGC"), _, Some("CRS84")) => Some(crs::WGS84),
        // Text that PROJ cannot read is no system: the user is asked.
        _ if crs_json.is_object() => SpatialRef::from_definition(&crs_json.to_string()).ok().as_ref().and_then(crs::of),
        _ => None,
    }
}

/// `[min_x, min_y, max_x, max_y]`, or six numbers with heights.
fn extent(bbox: &Value) -> Option<Bounds> {
    let numbers: Vec<f64> = bbox.as_array()?.iter().filter_map(Value::as_f64).collect();
    match numbers.as_slice() {
        &[min_x, min_y, max_x, max_y] | &[min_x, min_y, _, max_x, max_y, _] => Some(Bounds { min_x, min_y, max_x, max_y }),
        _ => None,
    }
}
