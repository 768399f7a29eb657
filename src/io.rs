//! Files to model and back; the only place that names `gdal` (and `parquet`).

pub mod crs;
mod facts;
pub mod files;
pub mod foi;
pub mod gdal_log;
mod geopackage;
pub mod labels;
pub mod photo;
pub mod project_file;
pub mod raster;
pub mod review;
pub mod ruleset;
pub mod samples;
pub mod scan;
pub mod synthetic;
pub mod tables;
pub mod truth;
pub mod vector;
pub mod zones;

use std::path::PathBuf;

/// What failed, and where: operation first, path last.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IoError {
    /// A file could not be opened or read.
    #[error("cannot {operation}: {fact} ({})", path.display())]
    File {
        /// `read band B08`, `open the layer`.
        operation: String,
        /// First wrong fact.
        fact: String,
        /// Which file.
        path: PathBuf,
    },
    /// Coordinates could not be transformed.
    #[error("cannot transform from {from} to {to}: {fact}")]
    Transform {
        /// Source CRS.
        from: String,
        /// Target CRS.
        to: String,
        /// First wrong fact.
        fact: String,
    },
    /// The work was cancelled.
    #[error("cancelled")]
    Cancelled,
}
