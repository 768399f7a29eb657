//! Numbers: those of the contract against the files, those of the own routes against the project.

use std::path::Path;

use gdal::{DatasetOptions, GdalOpenFlags, Metadata as _};
use parcelight::engine::coverage::weights;
use parcelight::engine::series::IndexRule;
use parcelight::engine::zonal;
use parcelight::model::settings::ObservationSettings;
use parcelight::model::{Band, MaskSet, PixelRule, Sensor, Signal, Watch};
use parcelight::project::queries::coverage::CoverageQuery;
use parcelight::project::queries::series::SeriesQuery;
use serde_json::{Value, json};

use crate::desk::{AREA, Desk, PID, rows};

/// Stored numbers of a whole band, read by GDAL alone.
fn stored(path: &Path, number: usize) -> Vec<f32> {
    let dataset = gdal::Dataset::open(path).expect("opens");
    let band = dataset.rasterband(number).expect("a band");
    let size = band.size();
    band.read_as::<f32>((0, 0), size, size, None).expect("reads").data().to_vec()
}

/// All numbers of Sentinel-2 that the server tells of the parcel are those of the files.
fn compare_with_files(desk: &Desk) {
    let data = desk.project.data().expect("loaded");
    let told = desk.json(&format!("/query/parcelTimeSeries?{AREA}&pid={PID}&scl=False&ref=True"));
    let env = desk.project.env().expect("loaded");
    let parcel = data.parcels.find(PID).expect("there");
    let mut row = 0;
    for (_, acquisition) in data.catalog.iter().filter(|(_, acquisition)| acquisition.sensor == Sensor::S2) {
        let granule = &acquisition.granules[0];
        for name in ["B02", "B03", "B04", "B05", "B08", "B11"] {
            let asset = granule.band(&Band::new(name)).expect("every band is there");
            let outline = env.outline_in(parcel, &asset.grid).expect("transforms");
            let mut values = stored(&asset.path, asset.band_number);
            values.iter_mut().filter(|value| **value == 0.0).for_each(|value| *value = f32::NAN);
            let expected = zonal::stats(&values, &weights(&outline, &asset.grid, PixelRule::Centre), &[]);
            assert_eq!(told["band"][row], name);
            assert_eq!(told["date_part"][row].as_f64(), Some(granule.acquired.as_second() as f64));
            for (column, number) in [
                ("count", expected.count),
                ("mean", expected.mean),
                ("std", expected.std),
                ("min", expected.min),
                ("p25", expected.p25),
                ("p50", expected.p50),
                ("p75", expected.p75),
                ("max", expected.max),
            ] {
                assert_eq!(told[column][row].as_f64(), Some(number), "{column} of {name} in row {row}");
            }
            let reference = told["reference"][row].as_str().expect("a name");
            assert!(
                reference.starts_with("S2") && reference.contains("_MSIL2A_") && reference.strip_suffix(".SAFE").is_some(),
                "{reference}"
            );
            row += 1;
        }
    }
    assert_eq!((row, rows(&told, "mean")), (72 * 6, 72 * 6));
}

#[test]
fn statistics_of_sentinel_2_are_those_of_the_stored_numbers() {
    compare_with_files(&Desk::open());
}

#[test]
fn an_offset_of_the_baseline_stays_in_the_numbers() {
    let edit = |project: &Path| {
        let folder = project.parent().expect("a folder").join("s2");
        for entry in std::fs::read_dir(folder).expect("lists") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            if name.starts_with("S2") && !name.contains("SCL") {
                let options = DatasetOptions { open_flags: GdalOpenFlags::GDAL_OF_UPDATE, ..DatasetOptions::default() };
                let mut dataset = gdal::Dataset::open_ex(&path, options).expect("opens");
                dataset.set_metadata_item("BOA_ADD_OFFSET", "-1000", "").expect("tagged");
                dataset.close().expect("written");
            }
        }
    };
    let desk = Desk::on(edit, |_, _| {});
    let data = desk.project.data().expect("loaded");
    let optical = data.catalog.acquisitions.iter().find(|acquisition| acquisition.sensor == Sensor::S2).expect("one");
    assert_eq!(optical.granules[0].boa_offset_dn, -1000.0, "the offset is stated");
    compare_with_files(&desk);
}

#[test]
fn classes_are_counted_and_joined() {
    let desk = Desk::open();
    let told = desk.json(&format!("/query/parcelTimeSeries?{AREA}&pid={PID}&band=B04"));
    assert_eq!((rows(&told, "band"), rows(&told, "hist")), (72, 72));
    assert!(told.get("reference").is_none());
    let total = |row: &Value| row.as_object().expect("classes").values().map(|n| n.as_u64().expect("pixels")).sum::<u64>();
    let first = total(&told["hist"][0]);
    assert!(first > 5 && told["hist"].as_array().expect("rows").iter().all(|row| total(row) == first), "{first}");
    let alone = desk.json(&format!("/query/parcelTimeSeries?{AREA}&pid={PID}&tstype=scl"));
    assert_eq!((rows(&alone, "obsid"), &alone["hist"]), (72, &told["hist"]));
    let coarse = desk.json(&format!("/query/parcelTimeSeries?{AREA}&pid={PID}&band=B12"));
    assert_eq!((rows(&coarse, "band"), &coarse["band"][0]), (72, &json!("B12")));
    assert_eq!(rows(&desk.json(&format!("/query/parcelTimeSeries?{AREA}&pid={PID}&band=B99")), "band"), 0);
    let csv = desk.get(&format!("/query/parcelTimeSeries?{AREA}&pid={PID}&band=B4&tsformat=csv"));
    assert_eq!((csv.kind.as_str(), csv.text().lines().count()), ("text/csv; charset=utf-8", 73));
    let name = csv.headers["content-disposition"].to_str().expect("text");
    assert_eq!(name, "attachment; filename=\"timeseries_paj2019_FLAPAJ013_s2.csv\"");
}

#[test]
fn radar_is_linear_power_and_coherence_a_share() {
    let desk = Desk::open();
    for (kind, sensor, low, high) in [("bs", Sensor::S1Backscatter, 1e-4, 10.0), ("c6", Sensor::S1Coherence, 0.0, 1.0)] {
        let told = desk.json(&format!("/query/parcelTimeSeries?{AREA}&pid={PID}&tstype={kind}&ref=True"));
        let data = desk.project.data().expect("loaded");
        assert_eq!(rows(&told, "mean"), 2 * data.catalog.count(sensor), "{kind}");
        assert!(told.get("hist").is_none());
        let means: Vec<f64> =
            told["mean"].as_array().expect("rows").iter().map(|mean| mean.as_f64().expect("a number")).collect();
        assert!(means.iter().all(|mean| (low..=high).contains(mean)), "{kind}");
        let letter = if kind == "bs" { "b" } else { "c" };
        assert_eq!((&told["band"][0], &told["band"][1]), (&json!(format!("VH{letter}")), &json!(format!("VV{letter}"))));
    }
}

#[test]
fn own_routes_tell_the_very_numbers_of_the_project() {
    let desk = Desk::open();
    let data = desk.project.data().expect("loaded");
    let env = desk.project.env().expect("loaded");
    let parcel = data.parcels.find(PID).expect("there");
    let other = ObservationSettings {
        pixels: PixelRule::Coverage,
        buffer_m: -10.0,
        mask: MaskSet::from_classes(&[3, 9]),
        min_usable_share: 0.25,
    };
    let asked_other = "&pixels=coverage&buffer_m=-10&mask=3,9&min_usable_share=0.25&rule=of-means";
    let mut compared = 0;
    for (word, signal) in [
        ("NDVI", Signal::Index("NDVI".to_owned())),
        ("B11", Signal::Band(Band::new("B11"))),
        ("VH_db", Signal::parse("VH_db")),
        ("COH_VV", Signal::parse("COH_VV")),
        ("MY%3D(B11-B04)/(B11%2BB04)", Signal::parse("MY=(B11-B04)/(B11+B04)")),
    ] {
        for (settings, rule, more) in [
            (desk.project.file().observations.clone(), IndexRule::PerPixel, ""),
            (other.clone(), IndexRule::OfMeans, asked_other),
        ] {
            let query = SeriesQuery { parcel, signal: signal.clone(), settings, rule, revision: env.revision };
            let local = env.cache.compute(&query, env, &Watch::default()).expect("computes");
            let told = desk.json(&format!("/query/parcelSignal?{AREA}&pid={PID}&signal={word}{more}"));
            assert_eq!(rows(&told, "value"), local.points.len(), "{word}{more}");
            for (row, point) in local.points.iter().enumerate() {
                for (column, number) in [
                    ("value", point.value),
                    ("std", point.std),
                    ("p25", point.p25),
                    ("p75", point.p75),
                    ("count", point.count),
                    ("usable_share", point.usable_share),
                ] {
                    let same = told[column][row].as_f64().map_or(number.is_nan(), |own| own.to_bits() == number.to_bits());
                    assert!(same, "{word}{more}: {column} in row {row}: {} is not {number}", told[column][row]);
                    compared += 1;
                }
                assert_eq!(told["acquired"][row], json!(point.acquired.to_string()));
                assert_eq!(told["state"][row], json!(point.state.code()));
            }
        }
    }
    assert!(compared > 4000, "{compared}");
    let local = env.cache.compute(&CoverageQuery { parcel, revision: env.revision }, env, &Watch::default()).expect("computes");
    let told = desk.json(&format!("/query/parcelAcquisitions?{AREA}&pid={PID}"));
    let granules: Vec<_> = local.acquisitions.iter().flat_map(|entry| &entry.granules).collect();
    assert_eq!(rows(&told, "product"), granules.len());
    for (row, seen) in granules.iter().enumerate() {
        assert_eq!(told["classes"][row], json!(seen.classes));
        assert_eq!((&told["pixels"][row], &told["nodata"][row]), (&json!(seen.pixels), &json!(seen.nodata)));
        assert_eq!(told["time"][row], json!(data.catalog.get(seen.acquisition).acquired.to_string()));
    }
    let wrong = desk.get(&format!("/query/parcelSignal?{AREA}&pid={PID}&signal=NOSUCH"));
    assert_eq!(wrong.status, 400);
    assert!(wrong.text().contains("The signal NOSUCH cannot be used"), "{}", wrong.text());
}
