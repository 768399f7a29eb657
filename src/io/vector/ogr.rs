//! Layers and features through GDAL's vector drivers.

use std::ops::Range;
use std::path::{Path, PathBuf};

use gdal::vector::sql::Dialect;
use gdal::vector::{Feature, FieldValue, LayerAccess, OGRFieldType, OGRwkbGeometryType, geometry_type_flatten};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags, Metadata as _};

use crate::io::{IoError, crs, gdal_log};
use crate::model::Bounds;

use super::source::{Cell, ColumnHead, Go, LayerHead, Row, fault};

/// What a Shapefile that does not name its encoding is read as: every byte has a character there, so nothing is lost.
const FALLBACK_ENCODING: &str = "ISO-8859-1";

/// So many features of a layer without a declared geometry type are looked at for polygons.
const PROBED_FEATURES: usize = 100;

/// A file opened with GDAL, read-only.
pub(super) struct Ogr {
    path: PathBuf,
    data: Dataset,
    assumed_encoding: bool,
}

impl Ogr {
    /// Opens `inner`, which is `path` itself or a file inside it, with one of the drivers.
    pub(super) fn open(path: &Path, inner: &Path, drivers: &[&str], encoding: Option<&str>) -> Result<Self, IoError> {
        gdal_log::install();
        let data = dataset(path, inner, drivers, encoding)?;
        let mut file = Self { path: path.to_owned(), data, assumed_encoding: false };
        if encoding.is_none() && file.names_no_encoding() {
            file.data = dataset(path, inner, drivers, Some(FALLBACK_ENCODING))?;
            file.assumed_encoding = true;
        }
        Ok(file)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn assumed_encoding(&self) -> Option<&'static str> {
        self.assumed_encoding.then_some(FALLBACK_ENCODING)
    }

    /// A Shapefile tells its encoding in a `.cpg` file or a byte of the table; other formats are UTF-8 by definition.
    fn names_no_encoding(&self) -> bool {
        self.data.driver().short_name() == "ESRI Shapefile"
            && self.data.layers().any(|layer| layer.metadata_item("SOURCE_ENCODING", "SHAPEFILE").unwrap_or_default().is_empty())
    }

    pub(super) fn layers(&self) -> Result<Vec<LayerHead>, IoError> {
        let mut heads = Vec::new();
        let mut others = Vec::new();
        for mut layer in self.data.layers() {
            if !may_hold_polygons(&mut layer) {
                others.push(layer.name());
                continue;
            }
            heads.push(head(&layer));
        }
        if heads.is_empty() {
            let found = if others.is_empty() { "no layer at all".to_owned() } else { format!("only {}", others.join(", ")) };
            return Err(fault(&self.path, format!("there is no layer with polygons ({found}); expected parcel outlines")));
        }
        Ok(heads)
    }

    /// All layers, with any geometry or none.
    pub(super) fn all_layers(&self) -> Vec<LayerHead> {
        self.data.layers().map(|layer| head(&layer)).collect()
    }

    /// Row numbers of a `GeoPackage` table, least and greatest, when they are dense enough to be read in ranges.
    pub(super) fn row_numbers(&self, head: &LayerHead) -> Option<(i64, i64)> {
        if self.data.driver().short_name() != "GPKG" {
            return None;
        }
        let table = head.name.replace('"', "\"\"");
        let query = format!("SELECT min(rowid) AS low, max(rowid) AS high FROM \"{table}\"");
        // A view has no row numbers: it is read from start to end.
        let mut found = self.data.execute_sql(query, None, Dialect::DEFAULT).ok()??;
        let row = found.features().next()?;
        let (low, high) = (row.field_as_integer64(0).ok()??, row.field_as_integer64(1).ok()??);
        let span = u64::try_from(high.checked_sub(low)?).ok()?;
        (span < head.features.saturating_mul(4)).then_some((low, high))
    }

    pub(super) fn read(
        &self,
        head: &LayerHead,
        rows: Option<Range<i64>>,
        each: &mut dyn FnMut(Row) -> Result<Go, IoError>,
    ) -> Result<(), IoError> {
        let failed = |error: gdal::errors::GdalError| fault(&self.path, error.to_string());
        let mut layer = self.data.layer_by_name(&head.name).map_err(failed)?;
        if let Some(rows) = rows {
            let filter = format!("rowid >= {} AND rowid < {}", rows.start, rows.end);
            layer.set_attribute_filter(&filter).map_err(failed)?;
        }
        for feature in layer.features() {
            let number = feature.fid().unwrap_or_default();
            // A null geometry is an error to the binding, and a fact to us.
            let wkb = feature.geometry_by_index(0).ok().and_then(|geometry| geometry.wkb().ok());
            let cells = head.columns.iter().enumerate().map(|(field, column)| cell(&feature, field, column)).collect();
            if each(Row { number, wkb, cells })? == Go::Stop {
                break;
            }
        }
        Ok(())
    }
}

fn dataset(path: &Path, inner: &Path, drivers: &[&str], encoding: Option<&str>) -> Result<Dataset, IoError> {
    let encoding = encoding.map(|name| format!("ENCODING={name}"));
    let options: Vec<&str> = encoding.as_deref().into_iter().collect();
    // Other drivers would warn about an option that they do not have.
    let wanted = drivers.contains(&"ESRI Shapefile") && !options.is_empty();
    gdal_log::take();
    let opened = Dataset::open_ex(
        inner,
        DatasetOptions {
            open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
            allowed_drivers: Some(drivers),
            open_options: wanted.then_some(options.as_slice()),
            sibling_files: None,
        },
    );
    opened.map_err(|error| {
        let message = gdal_log::take();
        let reason = if message.is_empty() { error.to_string() } else { message };
        fault(path, format!("it looks like {} but cannot be opened: {reason}; expected an undamaged file", drivers[0]))
    })
}

fn head(layer: &gdal::vector::Layer<'_>) -> LayerHead {
    // A layer without any geometry has no extent.
    let extent = layer.try_get_extent().ok().flatten().or_else(|| layer.get_extent().ok());
    LayerHead {
        name: layer.name(),
        features: layer.feature_count(),
        crs: layer.spatial_ref().as_ref().and_then(crs::of),
        bounds: extent.map(|e| Bounds { min_x: e.MinX, min_y: e.MinY, max_x: e.MaxX, max_y: e.MaxY }),
        columns: layer.defn().fields().map(|field| ColumnHead { name: field.name(), kind: kind(field.field_type()) }).collect(),
    }
}

fn may_hold_polygons(layer: &mut gdal::vector::Layer<'_>) -> bool {
    use OGRwkbGeometryType as T;
    let is_area = |kind: T::Type| {
        let flat = geometry_type_flatten(kind);
        [T::wkbPolygon, T::wkbMultiPolygon, T::wkbCurvePolygon, T::wkbMultiSurface, T::wkbGeometryCollection].contains(&flat)
    };
    let declared = layer.defn().geometry_type();
    if geometry_type_flatten(declared) != T::wkbUnknown {
        return is_area(declared);
    }
    let mut seen = 0;
    for feature in layer.features().take(PROBED_FEATURES) {
        // Null geometries say nothing about the layer.
        if let Ok(geometry) = feature.geometry_by_index(0) {
            seen += 1;
            if is_area(geometry.geometry_type()) {
                return true;
            }
        }
    }
    seen == 0 && layer.feature_count() > 0 && layer.defn().geom_fields().next().is_some()
}

fn kind(field: OGRFieldType::Type) -> &'static str {
    match field {
        OGRFieldType::OFTInteger | OGRFieldType::OFTInteger64 => "integer",
        OGRFieldType::OFTReal => "real",
        OGRFieldType::OFTString => "text",
        OGRFieldType::OFTDate => "date",
        OGRFieldType::OFTDateTime => "date and time",
        OGRFieldType::OFTTime => "time",
        OGRFieldType::OFTBinary => "binary",
        _ => "list",
    }
}

fn cell(feature: &Feature<'_>, field: usize, column: &ColumnHead) -> Cell {
    // A field that the driver cannot give is as good as empty.
    let value = match feature.field(field) {
        Ok(Some(value)) => value,
        Ok(None) => return Cell::Null,
        Err(_) => return text(feature, field),
    };
    // A property that a feature does not have reads as zero; only its text tells it from a true zero.
    let absent = || feature.field_as_string(field).is_ok_and(|text| text.is_none_or(|text| text.is_empty()));
    match value {
        FieldValue::IntegerValue(0) | FieldValue::Integer64Value(0) if absent() => Cell::Null,
        FieldValue::RealValue(number) if number == 0.0 && absent() => Cell::Null,
        FieldValue::IntegerValue(number) => Cell::Integer(i64::from(number)),
        FieldValue::Integer64Value(number) => Cell::Integer(number),
        FieldValue::RealValue(number) => Cell::Number(number),
        FieldValue::StringValue(text) => Cell::Text(text),
        FieldValue::DateValue(date) => Cell::Text(date.to_string()),
        FieldValue::DateTimeValue(time) => Cell::Text(time.to_rfc3339()),
        _ if column.kind == "binary" => Cell::Null,
        _ => text(feature, field),
    }
}

fn text(feature: &Feature<'_>, field: usize) -> Cell {
    match feature.field_as_string(field) {
        Ok(Some(text)) if !text.is_empty() => Cell::Text(text),
        _ => Cell::Null,
    }
}
