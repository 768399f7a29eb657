//! Parcel layers: what is in a file, and import into the parcel table.

use std::path::Path;

use crate::io::IoError;
use crate::model::project_file::ParcelSource;
use crate::model::report::Problem;
use crate::model::{Bounds, Crs, Parcels, Watch};

/// One column of a layer with a few values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Name.
    pub name: String,
    /// `text`, `integer`, `real`, `date`, ….
    pub kind: String,
    /// Up to five distinct values from the first rows.
    pub samples: Vec<String>,
}

/// One polygon layer of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerInfo {
    /// Name.
    pub name: String,
    /// Number of features.
    pub features: u64,
    /// CRS, if the file says it.
    pub crs: Option<Crs>,
    /// Extent in that CRS.
    pub bounds: Option<Bounds>,
    /// Columns.
    pub columns: Vec<ColumnInfo>,
    /// Best guess for the id column.
    pub guessed_id: Option<String>,
    /// Best guess for the crop code column.
    pub guessed_crop_code: Option<String>,
    /// Best guess for the crop name column.
    pub guessed_crop_name: Option<String>,
}

/// Polygon layers of a file (GeoPackage, GeoJSON, Shapefile also zipped, FlatGeobuf, KML, GeoParquet).
pub fn layers(path: &Path) -> Result<Vec<LayerInfo>, IoError> {
    let _ = path;
    todo!()
}

/// An imported layer.
#[derive(Debug)]
pub struct Import {
    /// The table, in the working CRS.
    pub parcels: Parcels,
    /// The source with every guess filled in.
    pub source: ParcelSource,
    /// CRS of the file.
    pub source_crs: Crs,
    /// What was repaired, assumed or left out, for the import report.
    pub problems: Vec<Problem>,
}

/// Imports a layer: `source.path` is absolute here. `working` is the CRS of the table; `None` takes the UTM zone of the layer's centre.
pub fn import(source: &ParcelSource, working: Option<&Crs>, watch: &Watch) -> Result<Import, IoError> {
    let _ = (source, working, watch);
    todo!()
}
