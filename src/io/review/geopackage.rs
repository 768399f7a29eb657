//! Decisions as a `GeoPackage`: outlines with the columns of the table.

use std::collections::BTreeMap;

use gdal::DriverManager;
use gdal::vector::{Feature, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType};

use crate::io::tables::{Kind, Value};
use crate::io::{IoError, crs, geopackage as files};
use crate::model::review::ParcelReview;
use crate::model::{Parcels, Polygons};

use super::table::{COLUMNS, table};

/// The bytes of a `GeoPackage` with the layer `decisions`: rows of [`super::table()`] of parcels that the layer of parcels has, in its
/// working CRS.
pub fn geopackage<'p>(
    parcels: &Parcels,
    reviews: impl IntoIterator<Item = (&'p str, &'p ParcelReview)>,
) -> Result<Vec<u8>, IoError> {
    let table = table(reviews);
    // The file notes when it was written: the time of the latest decision, so that the same decisions give the same bytes.
    let latest =
        table.rows.iter().filter_map(|row| if let Value::Text(time) = &row[6] { Some(time.as_str()) } else { None }).max();
    let latest = latest.and_then(|time| time.parse::<jiff::Timestamp>().ok()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let noted = format!("{latest:.3}");
    files::bytes("decisions.gpkg", "write the decisions as a GeoPackage", &noted, |path| write(path, parcels, &table.rows))
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
            feature.set_geometry(files::geometry(outline)?)?;
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
