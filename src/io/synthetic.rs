//! Writes made-up images and parcels as the files that real ones come in. Every file says that it is synthetic.

use std::path::Path;

use gdal::raster::{Buffer, GdalType, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use gdal::vector::{Feature, Geometry, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType};
use gdal::{DriverManager, Metadata as _};

use crate::io::{IoError, crs};
use crate::model::{Crs, Grid, Polygons};

/// Side of a tile of an image, pixels.
const TILE: usize = 512;

/// Features written in one transaction.
const TRANSACTION: usize = 50_000;

fn failed(path: &Path, operation: &str) -> impl Fn(gdal::errors::GdalError) -> IoError {
    let (path, operation) = (path.to_owned(), operation.to_owned());
    move |error| IoError::File { operation: operation.clone(), fact: error.to_string(), path: path.clone() }
}

/// Writes a band as a tiled, deflated `GeoTIFF`; `row` gives each pixel row.
pub fn write_band<T: GdalType + Copy>(
    path: &Path,
    grid: &Grid,
    tags: &[(&str, &str)],
    nodata: Option<f64>,
    row: impl Fn(usize) -> Vec<T>,
) -> Result<(), IoError> {
    let fail = failed(path, "write the image");
    crate::io::gdal_log::install();
    let tile = TILE.to_string();
    let options: RasterCreationOptions = [
        "TILED=YES".to_owned(),
        format!("BLOCKXSIZE={tile}"),
        format!("BLOCKYSIZE={tile}"),
        "COMPRESS=DEFLATE".to_owned(),
        "PREDICTOR=2".to_owned(),
        "BIGTIFF=IF_SAFER".to_owned(),
    ]
    .iter()
    .map(String::as_str)
    .collect();
    let driver = DriverManager::get_driver_by_name("GTiff").map_err(&fail)?;
    let mut dataset =
        driver.create_with_band_type_with_options::<T, _>(path, grid.width, grid.height, 1, &options).map_err(&fail)?;
    dataset.set_geo_transform(&[grid.left, grid.pixel_x, 0.0, grid.top, 0.0, -grid.pixel_y]).map_err(&fail)?;
    dataset.set_spatial_ref(&reference(&grid.crs)?).map_err(&fail)?;
    for (key, value) in [("SYNTHETIC", "yes")].iter().chain(tags) {
        dataset.set_metadata_item(key, value, "").map_err(&fail)?;
    }
    let mut band = dataset.rasterband(1).map_err(&fail)?;
    band.set_no_data_value(nodata).map_err(&fail)?;
    for start in (0..grid.height).step_by(TILE) {
        let rows = TILE.min(grid.height - start);
        let values: Vec<T> = (start..start + rows).flat_map(&row).collect();
        let size = (grid.width, rows);
        band.write((0, start as isize), size, &mut Buffer::new(size, values)).map_err(&fail)?;
    }
    dataset.close().map_err(&fail)
}

fn reference(crs: &Crs) -> Result<SpatialRef, IoError> {
    crs::reference(crs)
}

/// One parcel to be written.
#[derive(Debug, Clone)]
pub struct SyntheticParcel {
    /// Id.
    pub id: String,
    /// Crop name.
    pub crop: &'static str,
    /// Outline.
    pub outline: Polygons,
}

/// Writes parcels as the layer `parcels` of a `GeoPackage`, with the columns `parcel_id` and `crop`.
pub fn write_parcels(path: &Path, system: &Crs, parcels: impl Iterator<Item = SyntheticParcel>) -> Result<(), IoError> {
    let fail = failed(path, "write the parcels");
    crate::io::gdal_log::install();
    let driver = DriverManager::get_driver_by_name("GPKG").map_err(&fail)?;
    let mut dataset = driver.create_vector_only(path).map_err(&fail)?;
    dataset.set_metadata_item("SYNTHETIC", "yes", "").map_err(&fail)?;
    let srs = reference(system)?;
    {
        let layer = dataset
            .create_layer(LayerOptions { name: "parcels", srs: Some(&srs), ty: OGRwkbGeometryType::wkbPolygon, options: None })
            .map_err(&fail)?;
        let fields = [("parcel_id", OGRFieldType::OFTString), ("crop", OGRFieldType::OFTString)];
        layer.create_defn_fields(&fields).map_err(&fail)?;
    }
    let mut parcels = parcels.peekable();
    while parcels.peek().is_some() {
        let transaction = dataset.start_transaction().map_err(&fail)?;
        {
            let layer = transaction.layer(0).map_err(&fail)?;
            for parcel in parcels.by_ref().take(TRANSACTION) {
                let mut feature = Feature::new(layer.defn()).map_err(&fail)?;
                feature.set_geometry(polygon(&parcel.outline).map_err(&fail)?).map_err(&fail)?;
                feature.set_field_string(0, &parcel.id).map_err(&fail)?;
                feature.set_field_string(1, parcel.crop).map_err(&fail)?;
                feature.create(&layer).map_err(&fail)?;
            }
        }
        transaction.commit().map_err(&fail)?;
    }
    dataset.close().map_err(&fail)
}

fn polygon(outline: &Polygons) -> Result<Geometry, gdal::errors::GdalError> {
    let mut polygon = Geometry::empty(OGRwkbGeometryType::wkbPolygon)?;
    for ring in outline.rings() {
        let mut line = Geometry::empty(OGRwkbGeometryType::wkbLinearRing)?;
        for &[x, y] in ring.iter().chain(ring.first()) {
            line.add_point_2d((x, y));
        }
        polygon.add_geometry(line)?;
    }
    Ok(polygon)
}
