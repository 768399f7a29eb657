//! Chips: pixel for pixel those of the files, within the limits of the contract.

use std::path::Path;

use gdal::Dataset;
use gdal::raster::GdalDataType;
use parcelight::model::{Band, BandAsset, Sensor};
use serde_json::{Value, json};

use crate::desk::{Desk, PID, rows};

fn open(path: &Path) -> Dataset {
    Dataset::open(path).expect("opens")
}

fn numbers(dataset: &Dataset, number: usize, corner: (isize, isize), size: (usize, usize)) -> Vec<f64> {
    dataset.rasterband(number).expect("a band").read_as::<f64>(corner, size, size, None).expect("reads").data().to_vec()
}

/// Fetches a chip and compares it with its source; returns its size and type.
fn compare(desk: &Desk, address: &str, source: &BandAsset, convert: impl Fn(f64) -> f64) -> ((usize, usize), GdalDataType) {
    let got = desk.get(address);
    assert_eq!((got.status, got.kind.as_str()), (200, "image/tiff"), "{address}");
    let path = desk.path("chip.tif");
    std::fs::write(&path, &got.body).expect("writes");
    let (chip, whole) = (open(&path), open(&source.path));
    let (size, transform) = (chip.raster_size(), chip.geo_transform().expect("a place"));
    let origin = whole.geo_transform().expect("a place");
    let corner = ((transform[0] - origin[0]) / origin[1], (transform[3] - origin[3]) / origin[5]);
    assert!(
        corner.0.fract().abs() < 1e-6 && corner.1.fract().abs() < 1e-6,
        "the chip lies on the pixels of its source: {corner:?}"
    );
    assert_eq!(chip.spatial_ref().expect("a system").auth_code().expect("a code"), 32631);
    assert_eq!(chip.rasterband(1).expect("a band").no_data_value(), Some(0.0));
    let expected = numbers(&whole, source.band_number, (corner.0.round() as isize, corner.1.round() as isize), size);
    let cut = numbers(&chip, 1, (0, 0), size);
    for (own, stored) in cut.iter().zip(&expected) {
        let stored = convert(*stored);
        assert!((own - stored).abs() <= stored.abs() * 1e-6, "{address}: {own} is not {stored}");
    }
    (size, chip.rasterband(1).expect("a band").band_type())
}

fn asset(desk: &Desk, sensor: Sensor, label: &str, band: &str) -> BandAsset {
    let data = desk.project.data().expect("loaded");
    let found = data
        .catalog
        .acquisitions
        .iter()
        .filter(|acquisition| acquisition.sensor == sensor)
        .find(|acquisition| acquisition.acquired.strftime("%Y%m%dT%H%M%S").to_string() == label);
    found.unwrap_or_else(|| panic!("no acquisition {label}")).granules[0].band(&Band::new(band)).expect("the band").clone()
}

#[test]
fn chips_of_one_band_are_cut_from_the_files() {
    let desk = Desk::open();
    let (lon, lat) = desk.place(PID);
    let query = |band: &str, more: &str| {
        format!("/query/rawChipByLocation?lon={lon}&lat={lat}&start_date=2019-04-01&end_date=2019-04-30&band={band}{more}")
    };
    for (band, chipsize, pixels, kind) in
        [("B04", 320, 32, GdalDataType::UInt16), ("B8A", 320, 16, GdalDataType::UInt16), ("SCL", 200, 10, GdalDataType::UInt8)]
    {
        let told = desk.json(&query(band, &format!("&chipsize={chipsize}")));
        assert!(rows(&told, "dates") >= 4 && rows(&told, "dates") == rows(&told, "chips"));
        for row in 0..rows(&told, "chips") {
            let (label, path) = (told["dates"][row].as_str().expect("text"), told["chips"][row].as_str().expect("text"));
            // As JRC's clients take it apart.
            let parts: Vec<&str> = path.split('/').collect();
            assert_eq!((parts.len(), parts[1]), (4, "dump"), "{path}");
            let fields: Vec<&str> = parts[3].split('_').collect();
            assert_eq!((fields[2], fields[5]), (label, "T31UES"), "{path}");
            assert!(parts[3].ends_with(&format!(".{band}.tif")), "{path}");
            let source = asset(&desk, Sensor::S2, label, band);
            let (size, found) = compare(&desk, path, &source, |stored| stored);
            assert_eq!(found, kind);
            assert!(size.0 <= pixels && size.1 <= pixels && size.0 * 2 > pixels, "{size:?} of {pixels}");
            assert_eq!(desk.get(&path.replace("/dump/", "/static//tmp/")).status, 200);
        }
    }
    let list = desk.json(&query("B04", "&onlylist=True"));
    assert_eq!(rows(&list, "chips"), rows(&desk.json(&query("B04", "")), "chips"));
    assert!(list["chips"][0].as_str().is_some_and(|name| name.strip_suffix(".SAFE").is_some()) && list.get("dates").is_none());
}

#[test]
fn a_chip_is_cut_at_the_edge_of_the_image_and_beyond_it_there_is_none() {
    let desk = Desk::open();
    let (lon, lat) = desk.place(PID);
    let query = |lon: f64, lat: f64, size: u32| {
        desk.json(&format!(
            "/query/rawChipByLocation?lon={lon}&lat={lat}&start_date=2019-04-16&end_date=2019-04-16&band=B04&chipsize={size}"
        ))
    };
    let told = query(lon, lat, 5120);
    let source = asset(&desk, Sensor::S2, told["dates"][0].as_str().expect("text"), "B04");
    let (size, _) = compare(&desk, told["chips"][0].as_str().expect("text"), &source, |stored| stored);
    assert_eq!(size, (64, 64), "the whole image");
    assert_eq!(query(lon + 1.0, lat, 640), json!({ "dates": [], "chips": [] }));
    assert_eq!(query(-lon, -lat, 640), json!({ "dates": [], "chips": [] }));
}

#[test]
fn batches_give_every_product_in_every_band() {
    let desk = Desk::open();
    let (lon, lat) = desk.place(PID);
    let list = desk
        .json(&format!("/query/rawChipByLocation?lon={lon}&lat={lat}&start_date=2019-01-01&end_date=2019-12-31&onlylist=True"));
    let products: Vec<String> = list["chips"]
        .as_array()
        .expect("names")
        .iter()
        .map(|name| name.as_str().expect("text").trim_end_matches(".SAFE").to_owned())
        .collect();
    assert!(products.len() > 40, "{}", products.len());
    let ask = |tiles: &[String], bands: &[&str]| {
        let body = json!({ "lon": lon, "lat": lat, "tiles": tiles, "bands": bands, "chipsize": 300 });
        desk.post("/query/rawChipsBatch", &body.to_string())
    };
    let told = ask(&products[..12], &["B08", "B11", "B04"]).json();
    assert_eq!(rows(&told, "chips"), 36);
    for row in [0, 17, 35] {
        let label = told["dates"][row].as_str().expect("text");
        let (time, band) = label.split_once('_').expect("time and band");
        let path = told["chips"][row].as_str().expect("text");
        assert!(path.ends_with(&format!(".{band}.tif")), "{path}");
        compare(&desk, path, &asset(&desk, Sensor::S2, time, band), |stored| stored);
    }
    assert_eq!(ask(&products[12..25], &["B08", "B11", "B04"]).text(), "{}", "39 new files are too many");
    assert_eq!(rows(&ask(&products[..24], &["B08", "B11", "B04"]).json(), "chips"), 72, "36 are there already");
    assert_eq!(ask(&[], &["B04"]).text(), "{\"dates\":[],\"chips\":[]}");
    assert_eq!(ask(&["../../etc/passwd".to_owned(), "S2A_X".to_owned()], &["B04", "'"]).text(), "{\"dates\":[],\"chips\":[]}");
}

#[test]
fn batches_of_radar_give_both_polarisations() {
    let desk = Desk::open();
    let (lon, lat) = desk.place(PID);
    let ask = |level: &str, from: &str, to: &str| {
        let body = json!({ "lon": lon, "lat": lat, "dates": [from, to], "chipsize": 400, "plevel": level });
        desk.post("/query/rawS1ChipsBatch", &body.to_string())
    };
    for (level, sensor) in [("CARD-BS", Sensor::S1Backscatter), ("CARD-COH6", Sensor::S1Coherence)] {
        let told = ask(level, "2019-04-01", "2019-04-30").json();
        assert!(rows(&told, "chips") >= 8 && rows(&told, "chips").is_multiple_of(2), "{level}: {}", rows(&told, "chips"));
        let (label, path) = (told["dates"][0].as_str().expect("text"), told["chips"][0].as_str().expect("text"));
        let (time, band) = label.split_once('_').expect("time and band");
        assert!(path.ends_with(&format!("_{band}.tif")), "{path}");
        let source = asset(&desk, sensor, time, band);
        let power = move |stored: f64| {
            let missing = stored <= -9999.0;
            if missing {
                0.0
            } else if sensor == Sensor::S1Backscatter {
                10f64.powf(stored / 10.0)
            } else {
                stored
            }
        };
        let (_, kind) = compare(&desk, path, &source, power);
        assert_eq!(kind, GdalDataType::Float32);
    }
    assert_eq!(ask("CARD-BS", "2018-08-01", "2019-11-30").text(), "{}", "a season is too much");
    assert_eq!(ask("CARD-XX", "2019-04-01", "2019-04-30").text(), "{\"dates\":[],\"chips\":[]}");
}

#[test]
fn limits_and_wrong_keys_are_answered_as_the_contract_says() {
    let desk = Desk::open();
    let (lon, lat) = desk.place(PID);
    let season =
        desk.get(&format!("/query/rawChipByLocation?lon={lon}&lat={lat}&start_date=2019-01-01&end_date=2019-12-31&band=B04"));
    assert_eq!((season.status, season.text().as_str()), (200, "{}"));
    let page = desk.get(&format!("/query/chipsByLocation?lon={lon}&lat={lat}&start_date=2019-01-01&end_date=2019-12-31"));
    assert_eq!(page.text(), "{}");
    let level = desk.get(&format!(
        "/query/rawChipByLocation?lon={lon}&lat={lat}&start_date=2019-04-01&end_date=2019-04-30&band=B04&plevel=LEVEL1C"
    ));
    assert_eq!(level.text(), "{\"dates\":[],\"chips\":[]}");
    for (route, body, expected) in [
        ("rawChipsBatch", json!({"lon": 4, "lat": 50}), "{\"error\":\"2 parameters supplied, 5 required\"}"),
        (
            "rawChipsBatch",
            json!({"lon": 4, "lat": 50, "tiles": [], "bands": [], "size": 1}),
            "{\"error\":\"size not allowed as key\"}",
        ),
        ("rawS1ChipsBatch", json!([1, 2]), "{\"error\":\"0 parameters supplied, 5 required\"}"),
    ] {
        let got = desk.post(&format!("/query/{route}"), &body.to_string());
        assert_eq!((got.status, got.text().as_str()), (200, expected));
    }
    let wrong = json!({"lon": "east", "lat": 50, "tiles": [], "bands": [], "chipsize": 1});
    assert_eq!(desk.post("/query/rawChipsBatch", &wrong.to_string()).status, 400);
}

#[test]
fn pages_hold_pictures_and_backgrounds_have_a_place() {
    let desk = Desk::open();
    let (lon, lat) = desk.place(PID);
    let days = "start_date=2019-04-01&end_date=2019-04-30";
    for more in ["", "&lut=1_99&bands=B04_B03_B02", "&lut=0_6000_0_4000_0_2000&bands=B08_B11_B04"] {
        let page = desk.get(&format!("/query/chipsByLocation?lon={lon}&lat={lat}&{days}{more}")).text();
        assert!(page.matches("<img src=\"data:image/png;base64,").count() >= 4, "{page:.200}");
    }
    let background =
        |more: &str| desk.get(&format!("/query/backgroundByParcelID?aoi=paj&year=2019&pid={PID}&chipsize=128&extend=300{more}"));
    assert!(background("").text().contains("<img src=\"data:image/png;base64,"));
    assert_eq!(background("&tms=Google").text(), "{}");
    let plain = background("&raw=True").text();
    let outlined = background("&raw=True&withGeometry=True").text();
    assert!(plain.starts_with("static/tmp/") && plain.ends_with("/sentinel.png"), "{plain}");
    let yellow = |path: &str| {
        let got = desk.get(&format!("/{path}"));
        assert_eq!((got.status, got.kind.as_str()), (200, "image/png"));
        let picture = image::load_from_memory(&got.body).expect("a PNG").to_rgba8();
        assert_eq!(picture.dimensions(), (128, 128));
        picture.pixels().filter(|pixel| pixel.0 == [255, 255, 0, 255]).count()
    };
    assert!(yellow(&outlined) > yellow(&plain) + 50);
    let tif = background("&iformat=tif").text();
    let path = desk.path("background.tif");
    std::fs::write(&path, desk.get(&format!("/{tif}")).body).expect("writes");
    let dataset = open(&path);
    assert_eq!((dataset.raster_size(), dataset.raster_count()), ((128, 128), 3));
    assert_eq!(dataset.spatial_ref().expect("a system").auth_code().expect("a code"), 3857);
    let elsewhere = desk.get("/query/backgroundByLocation?lon=10&lat=10");
    assert_eq!(elsewhere.json(), Value::Object(serde_json::Map::new()));
}
