//! Windowed reading, checked on tiny rasters whose numbers are known.

use std::path::{Path, PathBuf};

use gdal::DriverManager;
use gdal::raster::{Buffer, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use parcelight::io::raster::read_windows;
use parcelight::model::catalog::Quantity;
use parcelight::model::{Band, BandAsset, Bounds, Crs, Grid};

const EVERYWHERE: Bounds = Bounds { min_x: 0.0, min_y: 0.0, max_x: 1e6, max_y: 1e7 };

fn grid(width: usize, height: usize) -> Grid {
    Grid { crs: Crs::Epsg(32631), left: 500_000.0, top: 5_600_000.0, pixel_x: 10.0, pixel_y: 10.0, width, height }
}

/// Writes one `GeoTIFF` with one `Float32` band per slice.
fn write(path: &Path, width: usize, bands: &[&[f32]]) {
    let driver = DriverManager::get_driver_by_name("GTiff").expect("GTiff driver");
    let height = bands[0].len() / width;
    let options = RasterCreationOptions::from_iter(["TILED=NO"]);
    let mut dataset =
        driver.create_with_band_type_with_options::<f32, _>(path, width, height, bands.len(), &options).expect("created");
    dataset.set_geo_transform(&[500_000.0, 10.0, 0.0, 5_600_000.0, 0.0, -10.0]).expect("transform");
    dataset.set_spatial_ref(&SpatialRef::from_epsg(32631).expect("EPSG")).expect("CRS");
    for (number, values) in bands.iter().enumerate() {
        let mut buffer = Buffer::new((width, height), values.to_vec());
        dataset.rasterband(number + 1).expect("band").write((0, 0), (width, height), &mut buffer).expect("written");
    }
    dataset.close().expect("closed");
}

fn asset(path: &Path, width: usize, height: usize, quantity: Quantity) -> BandAsset {
    BandAsset {
        band: Band::new("B04"),
        path: path.to_owned(),
        band_number: 1,
        grid: grid(width, height),
        nodata: None,
        quantity,
        scale: 1.0,
        offset: 0.0,
    }
}

fn read_all(asset: &BandAsset) -> Vec<f32> {
    read_windows(&[asset], &EVERYWHERE).expect("readable").remove(0).expect("touches").values
}

fn same(got: &[f32], expected: &[f32]) {
    assert_eq!(got.len(), expected.len());
    for (a, b) in got.iter().zip(expected) {
        assert!((a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-6 * b.abs().max(1e-3), "{got:?} is not {expected:?}");
    }
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("temporary folder")
}

#[test]
fn reflectance_gets_scale_and_offset_and_stored_zero_is_missing() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    write(&path, 3, &[&[0.0, 1000.0, 1001.0, 65_535.0, f32::NAN, 11_000.0]]);
    let scaled = BandAsset { scale: 1e-4, offset: -0.1, nodata: Some(65_535.0), ..asset(&path, 3, 2, Quantity::Reflectance) };
    same(&read_all(&scaled), &[f32::NAN, 0.0, 0.0001, f32::NAN, f32::NAN, 1.0]);
    let ready = asset(&path, 3, 2, Quantity::Reflectance);
    assert_eq!(read_all(&ready)[0], 0.0, "a product stored as reflectance may hold a true 0");
}

#[test]
fn decibels_become_linear_power_and_linear_power_stays() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    write(&path, 2, &[&[-10.0, 0.0, -9999.0, f32::NAN], &[0.5, 0.0, 2.0, f32::INFINITY]]);
    let db = BandAsset { nodata: Some(-9999.0), ..asset(&path, 2, 2, Quantity::Decibel) };
    same(&read_all(&db), &[0.1, 1.0, f32::NAN, f32::NAN]);
    let linear = BandAsset { nodata: Some(0.0), band_number: 2, ..asset(&path, 2, 2, Quantity::LinearPower) };
    same(&read_all(&linear), &[0.5, f32::NAN, 2.0, f32::NAN]);
}

#[test]
fn scene_classes_keep_class_zero_and_lose_other_nodata() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    write(&path, 2, &[&[0.0, 4.0, 11.0, 255.0]]);
    let zero = BandAsset { nodata: Some(0.0), ..asset(&path, 2, 2, Quantity::SceneClass) };
    same(&read_all(&zero), &[0.0, 4.0, 11.0, 255.0]);
    let other = BandAsset { nodata: Some(255.0), ..asset(&path, 2, 2, Quantity::SceneClass) };
    same(&read_all(&other), &[0.0, 4.0, 11.0, f32::NAN]);
}

#[test]
fn a_window_holds_exactly_the_touched_pixels_and_outside_is_none() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    let values: Vec<f32> = (1u8..=12).map(f32::from).collect();
    write(&path, 4, &[&values, &values]);
    let (first, second) =
        (asset(&path, 4, 3, Quantity::Coherence), BandAsset { band_number: 2, ..asset(&path, 4, 3, Quantity::Coherence) });
    let far = BandAsset { grid: Grid { left: 900_000.0, ..grid(4, 3) }, ..first.clone() };
    let bounds = Bounds { min_x: 500_015.0, max_x: 500_030.0, min_y: 5_599_950.0, max_y: 5_599_985.0 };
    let got = read_windows(&[&first, &far, &second], &bounds).expect("readable");
    let window = got[0].as_ref().expect("touches");
    same(&window.values, &[6.0, 7.0, 10.0, 11.0]);
    assert_eq!((window.grid.left, window.grid.top, window.grid.width, window.grid.height), (500_010.0, 5_599_990.0, 2, 2));
    assert!(got[1].is_none());
    assert_eq!(got[2].as_ref().expect("touches").values, window.values);
}

#[test]
fn a_replaced_file_is_read_afresh_and_a_changed_size_is_an_error() {
    let folder = folder();
    let path = folder.path().join("a.tif");
    write(&path, 2, &[&[1.0, 2.0]]);
    let asset = asset(&path, 2, 1, Quantity::Coherence);
    same(&read_all(&asset), &[1.0, 2.0]);
    write(&path, 2, &[&[3.0, 4.0], &[5.0, 6.0]]);
    same(&read_all(&asset), &[3.0, 4.0]);
    write(&path, 3, &[&[1.0, 2.0, 3.0]]);
    let message = read_windows(&[&asset], &EVERYWHERE).expect_err("another size").to_string();
    assert!(message.contains("3 x 1 pixels") && message.contains("scan again") && message.contains("a.tif"), "{message}");
}

fn broken(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data-synthetic/pajottenland_2019/broken").join(name)
}

#[test]
fn cut_off_pixel_blocks_are_an_error_naming_file_and_band_never_zeros() {
    let path = broken("truncated_data_10m.tif");
    let mut errors = Vec::new();
    for number in 1..=4 {
        let band = BandAsset { band_number: number, ..asset(&path, 64, 64, Quantity::Coherence) };
        match read_windows(&[&band], &EVERYWHERE) {
            Ok(windows) => assert!(windows[0].as_ref().expect("touches").values.iter().all(|v| *v > 0.0), "zeros as data"),
            Err(error) => errors.push(error.to_string()),
        }
    }
    assert!(!errors.is_empty());
    for message in errors {
        assert!(message.starts_with("cannot read band B04: ") && message.contains("truncated_data_10m.tif"), "{message}");
    }
}

#[test]
fn a_block_of_half_a_gigabyte_is_refused_without_allocating_it() {
    let path = broken("huge_sparse_200000x200000.tif");
    let huge = BandAsset { grid: grid(200_000, 200_000), ..asset(&path, 1, 1, Quantity::Reflectance) };
    let bounds = Bounds { min_x: 500_000.0, max_x: 500_100.0, min_y: 5_599_900.0, max_y: 5_600_000.0 };
    let message = read_windows(&[&huge], &bounds).expect_err("refused").to_string();
    assert!(message.contains("512 MB"), "{message}");
}

#[test]
fn an_absent_file_says_so() {
    let absent = asset(Path::new("/nowhere/absent.tif"), 2, 2, Quantity::Coherence);
    let message = read_windows(&[&absent], &EVERYWHERE).expect_err("absent").to_string();
    assert!(message.starts_with("cannot open the image: No such file"), "{message}");
}
