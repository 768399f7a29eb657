//! Proposed zones of parcels as a `GeoPackage`.

use std::path::Path;

use gdal::DriverManager;
use gdal::vector::{Feature, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType};

use crate::io::{IoError, crs, geopackage};
use crate::model::Crs;
use crate::model::zones::ZoneRecord;

/// What every zone is until an inspector says otherwise.
pub const STATUS: &str = "proposal";

/// The file says that it was written then, so that the same zones give the same bytes.
const NOTED: &str = "1970-01-01T00:00:00.000Z";

const COLUMNS: [(&str, OGRFieldType::Type); 9] = [
    ("parcel_id", OGRFieldType::OFTString),
    ("zone", OGRFieldType::OFTInteger),
    ("area_m2", OGRFieldType::OFTReal),
    ("area_ha", OGRFieldType::OFTReal),
    ("share", OGRFieldType::OFTReal),
    ("status", OGRFieldType::OFTString),
    ("period", OGRFieldType::OFTString),
    ("ndvi_mean", OGRFieldType::OFTReal),
    ("pixels", OGRFieldType::OFTInteger),
];

/// The bytes of a `GeoPackage` with the layer `zones`: one multipolygon a zone, in the order given, all in one CRS.
///
/// Columns: `parcel_id`, `zone` (from 1), `area_m2`, `area_ha`, `share` (0..1), `status` ([`STATUS`]), `period`, `ndvi_mean` (empty for
/// `NaN`), `pixels`.
pub fn geopackage(zones: &[ZoneRecord], system: &Crs) -> Result<Vec<u8>, IoError> {
    geopackage::bytes("zones.gpkg", "write the zones as a GeoPackage", NOTED, |path| write(path, zones, system))
}

fn write(path: &Path, zones: &[ZoneRecord], system: &Crs) -> Result<(), Box<dyn std::error::Error>> {
    let driver = DriverManager::get_driver_by_name("GPKG")?;
    let mut dataset = driver.create_vector_only(path)?;
    let srs = crs::reference(system)?;
    {
        let options = LayerOptions { name: "zones", srs: Some(&srs), ty: OGRwkbGeometryType::wkbMultiPolygon, options: None };
        dataset.create_layer(options)?.create_defn_fields(&COLUMNS)?;
    }
    let transaction = dataset.start_transaction()?;
    {
        let layer = transaction.layer(0)?;
        for zone in zones {
            let mut feature = Feature::new(layer.defn())?;
            feature.set_geometry(geopackage::geometry(&zone.outline)?)?;
            feature.set_field_string(0, &zone.parcel_id)?;
            feature.set_field_integer(1, i32::from(zone.zone))?;
            let numbers = [(2, zone.area_m2), (3, zone.area_m2 / 10_000.0), (4, zone.share), (7, zone.ndvi_mean)];
            for (at, number) in numbers.into_iter().filter(|(_, number)| number.is_finite()) {
                feature.set_field_double(at, number)?;
            }
            feature.set_field_string(5, STATUS)?;
            feature.set_field_string(6, &zone.period)?;
            feature.set_field_integer(8, i32::try_from(zone.pixels)?)?;
            feature.create(&layer)?;
        }
    }
    transaction.commit()?;
    dataset.close()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::vector;
    use crate::model::Polygons;

    fn zone(zone: u8, x: f64, ndvi_mean: f64) -> ZoneRecord {
        let ring = vec![[x, 5_620_000.0], [x + 100.0, 5_620_000.0], [x + 100.0, 5_620_100.0], [x, 5_620_100.0]];
        let hole = ring.iter().map(|&[px, py]| [f64::midpoint(px, x + 50.0), f64::midpoint(py, 5_620_050.0)]).collect();
        let outline = Polygons { parts: vec![vec![ring, hole]] };
        ZoneRecord {
            parcel_id: "007".to_owned(),
            zone,
            period: "2019-06..2019-08".to_owned(),
            area_m2: outline.area(),
            outline,
            share: 0.5,
            ndvi_mean,
            pixels: 75,
        }
    }

    #[test]
    fn zones_come_back_as_written_and_the_bytes_do_not_change() {
        let zones = [zone(1, 560_000.0, 0.625), zone(2, 560_100.0, f64::NAN)];
        let bytes = geopackage(&zones, &Crs::Epsg(32631)).expect("written");
        assert!(bytes == geopackage(&zones, &Crs::Epsg(32631)).expect("written again"), "the same bytes");
        let file = tempfile::Builder::new().suffix(".gpkg").tempfile().expect("a file");
        std::fs::write(file.path(), &bytes).expect("saved");
        let layer = vector::features(file.path(), |_| true).expect("a layer");
        assert_eq!((layer.name.as_str(), layer.crs), ("zones", Some(Crs::Epsg(32631))));
        let words = |at: usize| layer.features[at].words.iter().map(String::as_str).collect::<Vec<_>>();
        let columns: Vec<&str> = layer.columns.iter().map(String::as_str).collect();
        assert_eq!(columns, COLUMNS.map(|(name, _)| name));
        assert_eq!(words(0), ["007", "1", "7500", "0.75", "0.5", "proposal", "2019-06..2019-08", "0.625", "75"]);
        assert_eq!(words(1)[7], "");
        let Some(vector::Place::Area(outline)) = &layer.features[1].place else { panic!("an area") };
        assert!((outline.area() - 7500.0).abs() < 1e-6 && outline.parts[0].len() == 2);
    }

    #[test]
    fn no_zones_are_an_empty_layer() {
        let bytes = geopackage(&[], &Crs::Epsg(3035)).expect("written");
        assert!(bytes.starts_with(b"SQLite format 3\0"));
    }
}
