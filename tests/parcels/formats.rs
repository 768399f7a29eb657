//! The same two parcels in every format that is read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow::array::{BinaryArray, Date32Array, Int64Array, RecordBatch, StringArray};
use arrow::datatypes::{DataType, Field, Schema};
use gdal::DriverManager;
use gdal::spatial_ref::{AxisMappingStrategy, SpatialRef};
use gdal::vector::{Defn, Feature, Geometry, LayerAccess as _, LayerOptions, OGRFieldType, OGRwkbGeometryType};
use parcelight::model::{Crs, ParcelIx};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::{load, only_layer, source};

/// Two squares of 0.001 degree near Ghent; ids with leading zeros.
const ROWS: [(&str, &str, &str); 2] = [
    ("0042", "Maïs", "POLYGON ((3.7 51,3.701 51,3.701 51.001,3.7 51.001,3.7 51))"),
    ("0043", "Gras", "POLYGON ((3.71 51,3.711 51,3.711 51.001,3.71 51.001,3.71 51))"),
];

fn written(folder: &Path, driver: &str, name: &str) -> PathBuf {
    let path = folder.join(name);
    let driver = DriverManager::get_driver_by_name(driver).expect("driver");
    let mut data = driver.create_vector_only(&path).expect("creates");
    let mut srs = SpatialRef::from_epsg(4326).expect("system");
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let layer = data
        .create_layer(LayerOptions { name: "parcels", srs: Some(&srs), ty: OGRwkbGeometryType::wkbPolygon, options: None })
        .expect("layer");
    layer.create_defn_fields(&[("parcel_id", OGRFieldType::OFTString), ("crop_name", OGRFieldType::OFTString)]).expect("fields");
    let defn = Defn::from_layer(&layer);
    let (id, crop) = (defn.field_index("parcel_id").expect("field"), defn.field_index("crop_name").expect("field"));
    for (parcel, name, wkt) in ROWS {
        let mut feature = Feature::new(&defn).expect("feature");
        feature.set_geometry(Geometry::from_wkt(wkt).expect("WKT")).expect("sets");
        feature.set_field_string(id, parcel).expect("sets");
        feature.set_field_string(crop, name).expect("sets");
        feature.create(&layer).expect("writes");
    }
    drop(data);
    path
}

fn check(path: &Path) {
    let info = only_layer(path);
    assert_eq!(info.features, 2, "{}", path.display());
    assert_eq!(info.guessed_id.as_deref(), Some("parcel_id"), "{}", path.display());
    let import = load(path);
    let parcels = &import.parcels;
    let mut read: Vec<_> = parcels.iter().map(|row| (parcels.id(row), parcels.crop(row).expect("crop"))).collect();
    // FlatGeobuf orders features by place.
    read.sort_unstable();
    assert_eq!(read, [("0042", "Maïs"), ("0043", "Gras")], "{}", path.display());
    assert_eq!(parcels.crs(), &Crs::Epsg(32631));
    // A quadrangle of 0.001 degree at 51 N on the ellipsoid: 111.263 m by 70.197 m (series of the meridian and the parallel).
    for row in parcels.iter() {
        assert!((parcels.area_ha(row) / 0.781_03 - 1.0).abs() < 1e-3, "{}: {}", path.display(), parcels.area_ha(row));
        assert!((parcels.perimeter_m(row) / 362.92 - 1.0).abs() < 1e-3, "{}: {}", path.display(), parcels.perimeter_m(row));
    }
    assert!(parcels.problems(ParcelIx(0)).is_empty(), "{}", path.display());
}

#[test]
fn every_gdal_format_gives_the_same_parcels() {
    let folder = tempfile::tempdir().expect("folder");
    for (driver, name) in [
        ("GPKG", "a.gpkg"),
        ("GeoJSON", "a.geojson"),
        ("GeoJSONSeq", "a.geojsonl"),
        ("ESRI Shapefile", "a.shp"),
        ("FlatGeobuf", "a.fgb"),
        ("KML", "a.kml"),
        ("LIBKML", "b.kml"),
    ] {
        check(&written(folder.path(), driver, name));
    }
}

#[test]
fn a_zipped_shapefile_is_read_wherever_it_lies_in_the_archive() {
    let folder = tempfile::tempdir().expect("folder");
    written(folder.path(), "ESRI Shapefile", "parcels.shp");
    for inside in ["", "some folder/"] {
        let mut files: Vec<(String, Vec<u8>)> = ["shp", "shx", "dbf", "prj", "cpg"]
            .iter()
            .map(|ending| {
                (
                    format!("{inside}parcels.{ending}"),
                    std::fs::read(folder.path().join(format!("parcels.{ending}"))).unwrap_or_default(),
                )
            })
            .collect();
        files.retain(|(_, content)| !content.is_empty());
        let path = folder.path().join(format!("archive{}.zip", inside.len()));
        std::fs::write(&path, zip(&files)).expect("writes");
        check(&path);
    }
}

#[test]
fn geoparquet_is_read_without_gdal() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.parquet");
    let column = r#"{"encoding":"WKB","geometry_types":["Polygon"]}"#;
    parquet_file(&path, Some(&format!(r#"{{"version":"1.1.0","primary_column":"geometry","columns":{{"geometry":{column}}}}}"#)));
    check(&path);
    let info = only_layer(&path);
    assert_eq!(info.crs, Some(Crs::Epsg(4326)), "no crs means longitude and latitude");
    let kinds: Vec<_> = info.columns.iter().map(|column| (column.name.as_str(), column.kind.as_str())).collect();
    assert_eq!(
        kinds,
        [("parcel_id", "text"), ("crop_name", "text"), ("year", "integer"), ("sown", "date"), ("fid", "feature number")]
    );
    assert_eq!(info.columns[3].samples, ["2019-04-16"]);
}

#[test]
fn geoparquet_with_an_unknown_system_or_none_at_all_is_told_apart() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.parquet");
    let with =
        |crs: &str| format!(r#"{{"primary_column":"geometry","columns":{{"geometry":{{"encoding":"WKB","crs":{crs}}}}}}}"#);
    parquet_file(&path, Some(&with("null")));
    assert_eq!(only_layer(&path).crs, None);
    let error = super::refusal(&source(&path));
    assert!(error.contains("names no coordinate reference system"), "{error}");
    parquet_file(&path, Some(&with(r#"{"id":{"authority":"EPSG","code":31370}}"#)));
    assert_eq!(only_layer(&path).crs, Some(Crs::Epsg(31370)));
    parquet_file(&path, None);
    let error = super::layers(&path).expect_err("no geometry").to_string();
    assert!(error.contains("without geometry"), "{error}");
}

#[test]
fn properties_that_a_feature_lacks_are_nulls_and_not_zeros() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("a.geojson");
    let shape = r#""geometry":{"type":"Polygon","coordinates":[[[3.7,51],[3.701,51],[3.701,51.001],[3.7,51]]]}"#;
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"pid":7,"slope":0,"crop_code":201}},{shape}}},{{"type":"Feature","properties":{{"pid":8,"crop_code":202.0}},{shape}}}]}}"#
    );
    std::fs::write(&path, text).expect("writes");
    let import = load(&path);
    let slope = super::numbers(&import.parcels, "slope");
    assert!(slope[0] == 0.0 && slope[1].is_nan(), "{slope:?}");
    assert_eq!((import.parcels.id(ParcelIx(0)), import.parcels.crop_code(ParcelIx(1))), ("7", Some("202")));
}

fn parquet_file(path: &Path, geo: Option<&str>) {
    let fields = vec![
        Field::new("parcel_id", DataType::Utf8, true),
        Field::new("crop_name", DataType::Utf8, true),
        Field::new("year", DataType::Int64, true),
        Field::new("sown", DataType::Date32, true),
        Field::new("geometry", DataType::Binary, true),
    ];
    let schema = Arc::new(Schema::new(fields));
    let shapes: Vec<Vec<u8>> = ROWS.iter().map(|(_, _, wkt)| Geometry::from_wkt(wkt).expect("WKT").wkb().expect("WKB")).collect();
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(StringArray::from_iter_values(ROWS.iter().map(|row| row.0))),
            Arc::new(StringArray::from_iter_values(ROWS.iter().map(|row| row.1))),
            Arc::new(Int64Array::from(vec![2019, 2019])),
            // Days from 1970-01-01 to 2019-04-16.
            Arc::new(Date32Array::from(vec![Some(18_002), None])),
            Arc::new(BinaryArray::from_iter_values(shapes)),
        ],
    )
    .expect("batch");
    let meta = geo.map(|geo| vec![KeyValue::new("geo".to_owned(), geo.to_owned())]);
    let properties = WriterProperties::builder().set_key_value_metadata(meta).build();
    let file = std::fs::File::create(path).expect("creates");
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, schema, Some(properties)).expect("writer");
    writer.write(&batch).expect("writes");
    writer.close().expect("closes");
}

/// A zip archive with stored entries (APPNOTE 6.3, sections 4.3.7, 4.3.12 and 4.3.16).
fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    let put = |target: &mut Vec<u8>, words: &[(u32, usize)]| {
        for (word, size) in words {
            target.extend(&word.to_le_bytes()[..*size]);
        }
    };
    for (name, content) in files {
        let (offset, size, crc) = (bytes.len() as u32, content.len() as u32, crc32(content));
        let common = [(20, 2), (0, 2), (0, 2), (0, 4), (crc, 4), (size, 4), (size, 4), (name.len() as u32, 2), (0, 2)];
        put(&mut bytes, &[(0x0403_4b50, 4)]);
        put(&mut bytes, &common);
        bytes.extend(name.as_bytes());
        bytes.extend(content);
        put(&mut directory, &[(0x0201_4b50, 4), (20, 2)]);
        put(&mut directory, &common);
        put(&mut directory, &[(0, 2), (0, 2), (0, 2), (0, 4), (offset, 4)]);
        directory.extend(name.as_bytes());
    }
    let (start, count) = (bytes.len() as u32, files.len() as u32);
    bytes.extend(&directory);
    put(&mut bytes, &[(0x0605_4b50, 4), (0, 4), (count, 2), (count, 2), (directory.len() as u32, 4), (start, 4), (0, 2)]);
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}
