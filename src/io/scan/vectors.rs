//! Vector layers beside the images: parcels are imported elsewhere, here only what is plainly wrong is named.

use std::path::Path;

use gdal::vector::{LayerAccess as _, OGRwkbGeometryType};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use super::probe::{crs_of, impossible};
use super::{Fault, Found, overlap};
use crate::io::raster;
use crate::model::report::Severity;
use crate::model::{Bounds, Crs};

/// Layers with more features are looked at only by their extent.
const MAX_FEATURES: u64 = 2_000;

/// Names the first wrong fact of a vector file; a sound one gives its extent.
pub(super) fn check(path: &Path) -> Found {
    crate::io::gdal_log::install();
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_VECTOR | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
        ..DatasetOptions::default()
    };
    let dataset = match Dataset::open_ex(path, options) {
        Ok(dataset) => dataset,
        Err(error) => {
            let fact = format!("the vector file cannot be opened: {}", raster::fact_of(&error));
            return Found::problem(path, Fault::warning(fact, "a complete file"));
        }
    };
    let mut found = Found::default();
    for number in 0..dataset.layer_count() {
        let Ok(mut layer) = dataset.layer(number) else { continue }; // a layer that cannot be opened is found at import
        match look(&mut layer) {
            Ok(Some(bounds)) => found.layers.push((path.to_owned(), bounds)),
            Ok(None) => {}
            Err(fault) => found.problems.push(fault.at(path)),
        }
    }
    found
}

/// Extent in degrees, or the first wrong fact.
fn look(layer: &mut gdal::vector::Layer) -> Result<Option<Bounds>, Fault> {
    if layer.feature_count() == 0 {
        return Ok(None);
    }
    let Ok(extent) = layer.get_extent() else { return Ok(None) }; // a table without geometry
    let Some(reference) = layer.spatial_ref() else {
        return Err(Fault::warning(
            "the layer has no coordinate reference system",
            "a CRS (for a shapefile the .prj), or epsg in the project",
        ));
    };
    let (crs, geographic) = (crs_of(&reference), reference.is_geographic());
    let bounds = if layer.feature_count() <= MAX_FEATURES {
        features(layer, &crs, geographic)? // the extent that a file states may be stale
    } else {
        bounds_of(&extent)
    };
    match impossible(&crs, geographic, &bounds) {
        Some(fault) => Err(Fault { severity: Severity::Warning, ..fault }),
        None => Ok(overlap::degrees(&crs, &bounds)),
    }
}

fn bounds_of(envelope: &gdal::vector::Envelope) -> Bounds {
    Bounds { min_x: envelope.MinX, min_y: envelope.MinY, max_x: envelope.MaxX, max_y: envelope.MaxY }
}

/// Extent of all features, or the first wrong one.
fn features(layer: &mut gdal::vector::Layer, crs: &Crs, geographic: bool) -> Result<Bounds, Fault> {
    let mut sum = Bounds::EMPTY;
    for (row, feature) in (1u64..).zip(layer.features()) {
        let wrong =
            |what: &str| Err(Fault::warning(format!("feature {row}: {what}"), "a valid polygon; the import repairs or lists it"));
        let Some(geometry) = feature.geometry() else { return wrong("the geometry is missing") };
        if geometry.is_empty() {
            return wrong("the geometry is empty");
        }
        let bounds = bounds_of(&geometry.envelope());
        if let Some(fault) = impossible(crs, geographic, &bounds) {
            return Err(Fault::warning(format!("feature {row}: {}", fault.fact), fault.expected));
        }
        let flat = OGRwkbGeometryType::wkbPolygon..=OGRwkbGeometryType::wkbMultiPolygon;
        if flat.contains(&geometry.geometry_type()) && !geometry.is_valid() {
            return wrong("the geometry is invalid");
        }
        sum.include(bounds.min_x, bounds.min_y);
        sum.include(bounds.max_x, bounds.max_y);
    }
    Ok(sum)
}
