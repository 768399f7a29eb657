//! `GeoPackage` files whose bytes depend on nothing but their content.

use std::path::Path;

use gdal::config;
use gdal::vector::{Geometry, OGRwkbGeometryType};

use crate::io::{IoError, gdal_log};
use crate::model::Polygons;

/// The bytes of a `GeoPackage` that `write` puts to the path it is given.
///
/// `name` is that of the file in messages, `noted` the time that the file says it was written at, as `2019-07-01T00:00:00.000Z`.
pub(super) fn bytes(
    name: &str,
    operation: &str,
    noted: &str,
    write: impl FnOnce(&Path) -> Result<(), Box<dyn std::error::Error>>,
) -> Result<Vec<u8>, IoError> {
    let failed = |fact: String| IoError::File { operation: operation.to_owned(), fact, path: name.into() };
    gdal_log::install();
    let folder = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
    let path = folder.path().join(name);
    config::set_thread_local_config_option("OGR_CURRENT_DATE", noted).map_err(|error| failed(error.to_string()))?;
    let written = write(&path);
    // What is set for this thread must not outlast the file; that it could not be taken back harms nothing else.
    drop(config::clear_thread_local_config_option("OGR_CURRENT_DATE"));
    written.map_err(|error| failed(error.to_string()))?;
    std::fs::read(&path).map_err(|error| failed(error.to_string()))
}

/// An outline as a multipolygon.
pub(super) fn geometry(outline: &Polygons) -> Result<Geometry, gdal::errors::GdalError> {
    let mut all = Geometry::empty(OGRwkbGeometryType::wkbMultiPolygon)?;
    for part in &outline.parts {
        let mut polygon = Geometry::empty(OGRwkbGeometryType::wkbPolygon)?;
        for ring in part {
            let mut line = Geometry::empty(OGRwkbGeometryType::wkbLinearRing)?;
            for &[x, y] in ring.iter().chain(ring.first()) {
                line.add_point_2d((x, y));
            }
            polygon.add_geometry(line)?;
        }
        all.add_geometry(polygon)?;
    }
    Ok(all)
}
