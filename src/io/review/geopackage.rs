//! Decisions as a `GeoPackage`: outlines with the columns of the table.

use std::collections::BTreeMap;

use gdal::DriverManager;
use gdal::config;
use gdal::vector::{Feature, Geometry, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType};

use crate::io::tables::{Kind, Value};
use crate::io::{IoError, crs, gdal_log};
use crate::model::review::ParcelReview;
use crate::model::{Parcels, Polygons};

use super::table::{COLUMNS, table};

/// The bytes of a `GeoPackage` with the layer `decisions`: rows of [`super::table()`] of parcels that the layer of parcels has, in its
/// working CRS.
pub fn geopackage<'p>(
    parcels: &Parcels,
    reviews: impl IntoIterator<Item = (&'p str, &'p ParcelReview)>,
) -> Result<Vec<u8>, IoError> {
    let failed = |fact: String| IoError::File {
        operation: "write the decisions as a GeoPackage".to_owned(),
        fact,
        path: "decisions.gpkg".into(),
    };
    gdal_log::install();
    let folder = tempfile::tempdir().map_err(|error| failed(error.to_string()))?;
    let path = folder.path().join("decisions.gpkg");
    let table = table(reviews);
    // The file notes when it was written: the time of the latest decision, so that the same decisions give the same bytes.
    let latest =
        table.rows.iter().filter_map(|row| if let Value::Text(time) = &row[6] { Some(time.as_str()) } else { None }).max();
    let latest = latest.and_then(|time| time.parse::<jiff::Timestamp>().ok()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let noted = format!("{latest:.3}");
    config::set_thread_local_config_option("OGR_CURRENT_DATE", &noted).map_err(|error| failed(error.to_string()))?;
    let written = write(&path, parcels, &table.rows);
    // What is set for this thread must not outlast the file; that it could not be taken back harms nothing else.
    drop(config::clear_thread_local_config_option("OGR_CURRENT_DATE"));
    written.map_err(|error| failed(error.to_string()))?;
    std::fs::read(&path).map_err(|error| failed(error.to_string()))
}

fn write(path: &std::path::Path, parcels: &Parcels, rows: &[Vec<Value>]) -> Result<(), Box<dyn std::error::Error>> {
    let driver = DriverManager::get_driver_by_name("GPKG")?;
    let mut dataset = driver.create_vector_only(path)?;
    let srs = crs::reference(parcels.crs())?;
    {
        let options = LayerOptions { name: "decisions", srs: Some(&srs), ty: OGRwkbGeometryType::wkbMultiPolygon, options: None };
        let layer = dataset.create_layer(options)?;
        let fields = COLUMNS
            .map(|(name, kind)| (name, if kind == Kind::Number { OGRFieldType::OFTReal } else { OGRFieldType::OFTString }));
        layer.create_defn_fields(&fields)?;
    }
    let transaction = dataset.start_transaction()?;
    {
        let layer = transaction.layer(0)?;
        let mut outlines: BTreeMap<&str, Polygons> = BTreeMap::new();
        for row in rows {
            let Some(Value::Text(id)) = row.first() else { continue };
            let Some(parcel) = parcels.find(id) else { continue };
            let outline = outlines.entry(id).or_insert_with(|| parcels.outline(parcel));
            let mut feature = Feature::new(layer.defn())?;
            feature.set_geometry(geometry(outline)?)?;
            for (at, value) in row.iter().enumerate() {
                match value {
                    Value::Text(text) => feature.set_field_string(at, text)?,
                    Value::Number(number) if number.is_finite() => feature.set_field_double(at, *number)?,
                    _ => {}
                }
            }
            feature.create(&layer)?;
        }
    }
    transaction.commit()?;
    dataset.close()?;
    Ok(())
}

fn geometry(outline: &Polygons) -> Result<Geometry, gdal::errors::GdalError> {
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
