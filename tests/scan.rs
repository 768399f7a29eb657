//! The scanner on real folders: the sample season and the formats that open data lack.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use parcelight::io::raster::read_windows;
use parcelight::io::scan::{ScanSource, scan};
use parcelight::model::catalog::{Calibration, Origin, Quantity};
use parcelight::model::project_file::Radiometry;
use parcelight::model::report::Severity;
use parcelight::model::{Acquisition, Band, Catalog, Granule, Pass, Polygons, Sensor, Watch};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn synthetic(folder: &str) -> PathBuf {
    root().join("tests/golden/data-synthetic/pajottenland_2019").join(folder)
}

fn found(paths: &[PathBuf]) -> Catalog {
    let sources: Vec<ScanSource> =
        paths.iter().map(|path| ScanSource { path: path.clone(), pattern: None, ..ScanSource::default() }).collect();
    scan(&sources, &Radiometry::default(), &Watch::default())
}

fn lines(catalog: &Catalog) -> String {
    catalog.problems.iter().map(|p| format!("{:?} {}: {}", p.severity, p.path.display(), p.line())).collect::<Vec<_>>().join("\n")
}

fn at<'a>(catalog: &'a Catalog, sensor: Sensor, start: &str) -> &'a Acquisition {
    let hit = |a: &&Acquisition| a.sensor == sensor && a.acquired.to_string().starts_with(start);
    catalog.acquisitions.iter().find(hit).unwrap_or_else(|| panic!("no {sensor:?} at {start}"))
}

fn names(granule: &Granule) -> String {
    granule.bands.iter().map(|asset| asset.band.as_str()).collect::<Vec<_>>().join(" ")
}

fn sample() -> Catalog {
    let data = root().join("data-samples");
    found(&[
        data.join("pajottenland_2019/s2"),
        data.join("pajottenland_2019/s1"),
        data.join("pajottenland_2019_synthetic/coherence"),
        data.join("pajottenland_2019_synthetic/s1_dsc"),
    ])
}

#[test]
fn the_sample_season_has_all_its_acquisitions_and_no_problem() {
    let catalog = sample();
    assert!(catalog.problems.is_empty(), "{}", lines(&catalog));
    let count = |sensor, pass| catalog.acquisitions.iter().filter(|a| a.sensor == sensor && a.pass == pass).count();
    assert_eq!(catalog.count(Sensor::S2), 72);
    assert_eq!(count(Sensor::S1Backscatter, Some(Pass::Ascending)), 80);
    assert_eq!(count(Sensor::S1Backscatter, Some(Pass::Descending)), 80);
    assert_eq!(count(Sensor::S1Coherence, Some(Pass::Ascending)), 68);
    assert_eq!(count(Sensor::S1Coherence, Some(Pass::Descending)), 68);
    assert!(catalog.acquisitions.is_sorted_by_key(|a| a.acquired));
    assert!(catalog.acquisitions.iter().all(|a| a.granules.len() == 1));
}

#[test]
fn the_sample_says_orbit_platform_bands_radiometry_and_what_is_made() {
    let catalog = sample();
    let optical = at(&catalog, Sensor::S2, "2019-07-25T10:57:00Z");
    let granule = &optical.granules[0];
    assert_eq!((optical.platform.as_str(), optical.relative_orbit, optical.synthetic()), ("S2A", Some(51), false));
    assert_eq!((granule.tile.as_deref(), granule.baseline.as_deref()), (Some("31UES"), None));
    assert_eq!((granule.boa_offset_dn, granule.offset_origin), (0.0, Origin::Metadata));
    assert_eq!(names(granule), "B02 B03 B04 B05 B06 B07 B08 B11 B12 B8A SCL");
    let radar = at(&catalog, Sensor::S1Backscatter, "2019-07-22T17:32:48Z");
    assert_eq!((radar.pass, radar.pass_origin, radar.relative_orbit), (Some(Pass::Ascending), Origin::Metadata, Some(161)));
    assert!(radar.granules[0].bands.iter().all(|asset| asset.quantity == Quantity::Decibel) && !radar.synthetic());
    let pair = at(&catalog, Sensor::S1Coherence, "2019-05-20T05:58:11Z");
    assert_eq!((pair.pair_days(), pair.relative_orbit, pair.synthetic()), (Some(6), Some(37), true));
    assert_eq!(pair.first.map(|at| at.to_string()).as_deref(), Some("2019-05-14T05:58:54Z"));
    assert!(catalog.acquisitions.iter().filter(|a| a.pass == Some(Pass::Descending)).all(Acquisition::synthetic));
}

#[test]
fn clear_shares_equal_the_table_of_the_sample() {
    let catalog = sample();
    let mut table = csv::Reader::from_path(root().join("data-samples/pajottenland_2019/s2_dates.csv")).expect("table");
    let mut rows = 0;
    for row in table.records() {
        let row = row.expect("row");
        let share: f64 = row[5].parse().expect("clear_frac");
        let got = at(&catalog, Sensor::S2, &row[0]).granules[0].clear_share.expect("small mask");
        assert!((got - share).abs() < 1e-3, "{} {got} {share}", &row[0]);
        rows += 1;
    }
    assert_eq!(rows, 72);
}

#[test]
fn single_band_copies_are_further_granules_and_labels_are_no_acquisition() {
    let golden = root().join("tests/golden/data/flanders_pajottenland_2019");
    let sample = root().join("data-samples/pajottenland_2019");
    let catalog = found(&[sample.join("s2"), sample.join("s1"), golden]);
    assert_eq!((catalog.count(Sensor::S2), catalog.count(Sensor::S1Backscatter), catalog.acquisitions.len()), (72, 80, 152));
    let twice: Vec<&Acquisition> = catalog.acquisitions.iter().filter(|a| a.granules.len() == 2).collect();
    assert_eq!(twice.len(), 11);
    for acquisition in twice {
        assert_eq!(names(&acquisition.granules[0]), names(&acquisition.granules[1]));
        assert!(acquisition.granules[0].bands[0].path.starts_with(sample.join("s2")), "the multi-band files are shown first");
    }
    assert_eq!(catalog.problems.len(), 1, "{}", lines(&catalog));
    assert!(
        catalog.problems[0].path.ends_with("croptype_2019_10m.tif") && catalog.problems[0].fact.contains("not an acquisition")
    );
}

#[test]
fn safe_products_state_baseline_offset_and_finest_bands() {
    let catalog = found(&[synthetic("safe")]);
    assert!(catalog.problems.is_empty(), "{}", lines(&catalog));
    assert_eq!(catalog.acquisitions.len(), 2);
    for (start, baseline, offset, platform) in
        [("2019-07-20T10:57:04Z", "02.13", 0.0, "S2B"), ("2019-07-25T10:57:00Z", "05.00", -1000.0, "S2A")]
    {
        let acquisition = at(&catalog, Sensor::S2, start);
        let granule = &acquisition.granules[0];
        assert_eq!(
            (acquisition.platform.as_str(), acquisition.relative_orbit, acquisition.pass),
            (platform, Some(51), Some(Pass::Descending))
        );
        assert_eq!(
            (granule.baseline.as_deref(), granule.boa_offset_dn, granule.offset_origin),
            (Some(baseline), offset, Origin::Metadata)
        );
        assert_eq!(names(granule), "B02 B03 B04 B05 B06 B07 B08 B11 B12 B8A SCL");
        let pixel = |band: &str| granule.band(&Band::new(band)).expect("band").grid.pixel_x;
        assert_eq!((pixel("B04"), pixel("B11"), pixel("SCL")), (10.0, 20.0, 20.0));
        assert!(granule.synthetic && granule.clear_share.is_some());
    }
}

/// Mean NDVI of all pixels and one by one, of a granule.
fn ndvi(granule: &Granule) -> Vec<f32> {
    let (red, nir) = (granule.band(&Band::new("B04")).expect("B04"), granule.band(&Band::new("B08")).expect("B08"));
    let windows = read_windows(&[red, nir], &red.grid.bounds()).expect("readable");
    let values = |at: usize| &windows[at].as_ref().expect("touches").values;
    values(0).iter().zip(values(1)).map(|(red, nir)| (nir - red) / (nir + red)).collect()
}

#[test]
fn products_of_baseline_0400_give_the_ndvi_of_their_originals_in_every_packaging() {
    let catalog = found(&[synthetic("baseline0400"), synthetic("safe"), synthetic("stac")]);
    let mut compared = 0;
    for acquisition in &catalog.acquisitions {
        let Some(original) = acquisition.granules.iter().find(|g| !g.synthetic) else { continue };
        let expected = ndvi(original);
        for granule in acquisition.granules.iter().filter(|g| g.synthetic && g.band(&Band::new("B08")).is_some()) {
            for (got, expected) in ndvi(granule).iter().zip(&expected) {
                assert!((got - expected).abs() < 1e-6, "{} {got} {expected}", granule.name);
            }
            compared += 1;
        }
    }
    assert!(compared >= 5, "{compared}");
    let recoded = &at(&catalog, Sensor::S2, "2019-04-21").granules;
    assert_eq!(recoded.len(), 2);
    assert_eq!((recoded[1].baseline.as_deref(), recoded[1].boa_offset_dn), (Some("04.00"), -1000.0));
}

/// Outlines of the sample's parcels by id, read with GDAL alone.
fn outlines() -> BTreeMap<String, Polygons> {
    use gdal::vector::LayerAccess as _;
    let dataset = gdal::Dataset::open(root().join("data-samples/pajottenland_2019/parcels_2019.gpkg")).expect("parcels");
    let mut layer = dataset.layer(0).expect("layer");
    let id = layer.defn().field_index("parcel_id").expect("id column");
    let mut all = BTreeMap::new();
    for feature in layer.features() {
        let shape = feature.geometry().expect("geometry");
        let polygons: Vec<_> = if shape.geometry_name() == "POLYGON" {
            vec![shape.clone()]
        } else {
            (0..shape.geometry_count()).map(|i| shape.get_geometry(i).clone()).collect()
        };
        let ring = |polygon: &gdal::vector::Geometry, number: usize| {
            let mut points = Vec::new();
            polygon.get_geometry(number).get_points(&mut points);
            points.iter().map(|(x, y, _)| [*x, *y]).collect::<Vec<_>>()
        };
        let parts =
            polygons.iter().map(|polygon| (0..polygon.geometry_count()).map(|number| ring(polygon, number)).collect()).collect();
        all.insert(feature.field_as_string(id).expect("text").expect("id"), Polygons { parts });
    }
    all
}

#[test]
fn parcel_ndvi_of_recoded_products_equals_the_independent_table() {
    let catalog = found(&[synthetic("baseline0400")]);
    let outlines = outlines();
    let mut table = csv::Reader::from_path(synthetic("baseline0400/expected_ndvi.csv")).expect("table");
    let mut rows = 0;
    for row in table.records() {
        let row = row.expect("row");
        let granules = &at(&catalog, Sensor::S2, &row[1]).granules;
        let granule = granules.iter().find(|g| g.boa_offset_dn == -1000.0).expect("recoded");
        let grid = &granule.band(&Band::new("B04")).expect("B04").grid;
        let outline = &outlines[&row[0]];
        let scl = granule.scl().expect("SCL");
        let classes = read_windows(&[scl], &scl.grid.bounds()).expect("readable").remove(0).expect("touches").values;
        let clear =
            |at: usize| [4.0, 5.0, 6.0, 7.0, 11.0].contains(&classes[at / grid.width / 2 * scl.grid.width + at % grid.width / 2]);
        let inside = |at: usize, hair: f64| {
            let (x, y) = grid.world_from_pixel((at % grid.width) as f64 + 0.5, (at / grid.width) as f64 + 0.5);
            outline.contains(x + hair, y + 2.0 * hair)
        };
        // Where an outline passes exactly through pixel centres, each implementation may decide those few pixels its own way.
        if (0..grid.len()).any(|at| inside(at, 1e-6) != inside(at, -1e-6)) {
            continue;
        }
        let values: Vec<f64> = ndvi(granule)
            .iter()
            .enumerate()
            .filter(|(at, v)| v.is_finite() && clear(*at) && inside(*at, 0.0))
            .map(|(_, v)| f64::from(*v))
            .collect();
        assert_eq!(values.len().to_string(), row[2], "{row:?}");
        let expected: f64 = row[3].parse().expect("ndvi_correct");
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        assert!((mean - expected).abs() < 1e-6, "{row:?} {mean}");
        rows += 1;
    }
    assert_eq!(rows, 16, "four parcels without such pixels, four dates");
}

#[test]
fn stac_items_load_as_expected_and_faulty_ones_are_named() {
    let catalog = found(&[synthetic("stac")]);
    let mut table = csv::Reader::from_path(synthetic("stac/items_expected.csv")).expect("table");
    for row in table.records() {
        let row = row.expect("row");
        let (item, expected) = (&row[0], &row[2]);
        let granules = &at(&catalog, Sensor::S2, &row[1]).granules;
        let granule = granules.iter().find(|g| g.name == *item).unwrap_or_else(|| panic!("no {item}"));
        let said: Vec<&str> = catalog
            .problems
            .iter()
            .filter(|p| p.path.file_stem().is_some_and(|s| s.to_str() == Some(item)))
            .map(|p| p.fact.as_str())
            .collect();
        if expected.starts_with("ok") {
            assert!(said.is_empty(), "{item}: {said:?}");
            assert_eq!(names(granule), "B02 B03 B04 B05 B06 B07 B08 B11 B12 B8A SCL", "{item}");
        } else {
            assert_eq!(said.len(), 1, "{item}: {said:?}");
            let band = if expected.contains("B08") { "B08" } else { "B04" };
            assert!(said[0].contains(band), "{item}: {said:?}");
            assert!(granule.band(&Band::new(band)).is_none() && granule.bands.len() == 10);
        }
        let offset = if expected.contains("-0.1") { -1000.0 } else { 0.0 };
        assert_eq!((granule.boa_offset_dn, granule.offset_origin), (offset, Origin::Metadata), "{item}");
    }
    assert_eq!(catalog.acquisitions.len(), 7, "two items share one sensing time");
    assert_eq!(catalog.problems.len(), 2, "{}", lines(&catalog));
    let one = found(&[synthetic("stac/catalog.json")]);
    assert_eq!(one.acquisitions, catalog.acquisitions, "the catalogue file alone leads to all items");
}

#[test]
fn jrc_chip_folders_give_reflectance_linear_backscatter_and_coherence() {
    let catalog = found(&[synthetic("jrc_chips")]);
    assert_eq!(
        (catalog.count(Sensor::S2), catalog.count(Sensor::S1Backscatter), catalog.count(Sensor::S1Coherence)),
        (13, 24, 23),
        "{}",
        lines(&catalog)
    );
    let optical = &at(&catalog, Sensor::S2, "2019-07-05").granules[0];
    assert_eq!(optical.name, "S2A_MSIL2A_20190705T105700_N0213_R051_T31UES_20190705T140000");
    assert_eq!((optical.baseline.as_deref(), optical.offset_origin, optical.boa_offset_dn), (Some("02.13"), Origin::Name, 0.0));
    assert_eq!(names(optical), "B02 B04 B08 B11 SCL");
    let radar = at(&catalog, Sensor::S1Backscatter, "2019-04-05T17:32:42Z");
    assert_eq!((radar.pass, radar.pass_origin), (Some(Pass::Ascending), Origin::Name));
    assert!(radar.granules[0].bands.iter().all(|a| a.quantity == Quantity::LinearPower && a.nodata == Some(0.0)));
    assert_eq!(names(&radar.granules[0]), "VH VV");
    let pair = at(&catalog, Sensor::S1Coherence, "2019-04-11T17:32:42Z");
    assert_eq!((pair.pair_days(), pair.pass), (Some(6), Some(Pass::Ascending)));
}

#[test]
fn every_broken_input_gets_a_line_and_the_rest_loads() {
    let catalog = found(&[synthetic("broken")]);
    let text = lines(&catalog);
    let mut table = csv::Reader::from_path(synthetic("broken/broken_manifest.csv")).expect("table");
    for row in table.records() {
        let row = row.expect("row");
        let start = row[0].split('*').next().unwrap_or_default();
        let line =
            catalog.problems.iter().find(|p| p.path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(start)));
        let line = line.unwrap_or_else(|| panic!("{} is not reported:\n{text}", &row[0]));
        assert!(!line.fact.is_empty() && !line.expected.is_empty(), "{line:?}");
    }
    let fact = |name: &str| catalog.problems.iter().find(|p| p.path.ends_with(name)).map_or("", |p| p.fact.as_str()).to_owned();
    for (name, words) in [
        ("zero_byte_10m.tif", "0 bytes"),
        ("text_named_10m.tif", "not an image"),
        ("truncated_header_10m.tif", "cut off"),
        ("truncated_no_directory_10m.tif", "cut off"),
        ("truncated_data_10m.tif", "cut off"),
        ("wrong_crs_4326_10m.tif", "impossible"),
        ("wrong_zone_32632_10m.tif", "EPSG:32632"),
        ("no_georef_10m.tif", "no georeference"),
        ("huge_sparse_200000x200000.tif", "512 MB"),
        ("SYN_S2A_20190531T105701_T31UES_SCL_20m.tif", "no valid pixel"),
        ("latlon_swapped.geojson", "exchanged"),
        ("utm_without_crs.geojson", "impossible"),
        ("mixed_crs.geojson", "degrees"),
        ("no_prj_latin1.shp", "no coordinate reference system"),
        ("decimal_comma_bom.csv", "row 8"),
        ("arrow_ipc_named.csv", "ARROW1"),
        ("bad_geometries.gpkg", "feature"),
        ("nan_filled_VV-VH_20m.tif", "no date"),
    ] {
        assert!(fact(name).contains(words), "{name}: {}\n{text}", fact(name));
    }
    let all_nodata = &at(&catalog, Sensor::S2, "2019-05-31").granules[0];
    assert_eq!((all_nodata.clear_share, all_nodata.bands.len()), (Some(0.0), 11));
    assert!(!catalog.problems.iter().any(|p| p.path.ends_with("broken_manifest.csv")));
}

#[test]
fn a_missing_folder_and_a_bad_pattern_are_lines_and_a_cancelled_scan_stops() {
    let nowhere = found(&[PathBuf::from("/nowhere/at/all")]);
    assert_eq!((nowhere.problems.len(), nowhere.problems[0].severity), (1, Severity::Error));
    let source = ScanSource { path: synthetic("safe"), pattern: Some("(?<date".to_owned()), ..ScanSource::default() };
    let catalog = scan(&[source], &Radiometry::default(), &Watch::default());
    assert!(catalog.problems[0].fact.contains("regular expression") && catalog.acquisitions.len() == 2);
    let watch = Watch::default();
    watch.cancel();
    let source = ScanSource { path: root().join("data-samples"), pattern: None, ..ScanSource::default() };
    assert!(scan(&[source], &Radiometry::default(), &watch).acquisitions.is_empty());
}

mod made {
    //! Tiny rasters made here, for naming and radiometry that the shared data lack.

    use super::*;
    use gdal::DriverManager;
    use gdal::raster::Buffer;
    use gdal::spatial_ref::SpatialRef;

    fn write(path: &Path, description: &str, values: [f32; 4], transform: [f64; 6], tags: &[(&str, &str)]) {
        use gdal::Metadata as _;
        std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        let driver = DriverManager::get_driver_by_name("GTiff").expect("GTiff driver");
        let mut dataset = driver.create_with_band_type::<f32, _>(path, 2, 2, 1).expect("created");
        dataset.set_geo_transform(&transform).expect("transform");
        dataset.set_spatial_ref(&SpatialRef::from_epsg(32631).expect("EPSG")).expect("CRS");
        for (key, value) in tags {
            dataset.set_metadata_item(key, value, "").expect("tag");
        }
        let mut band = dataset.rasterband(1).expect("band");
        band.write((0, 0), (2, 2), &mut Buffer::new((2, 2), values.to_vec())).expect("written");
        if !description.is_empty() {
            band.set_description(description).expect("description");
        }
        dataset.close().expect("closed");
    }

    const PLACE: [f64; 6] = [574_680.0, 10.0, 0.0, 5_622_440.0, 0.0, -10.0];
    const DN: [f32; 4] = [1500.0, 2000.0, 0.0, 4000.0];

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("temporary folder")
    }

    #[test]
    fn negative_backscatter_is_decibel_positive_is_linear_and_the_hour_gives_the_pass() {
        let folder = folder();
        write(&folder.path().join("S1A_20210601T055811_VV.tif"), "", [-11.0, -12.0, -9.0, 1.0], PLACE, &[]);
        write(&folder.path().join("S1B_20210601T173248_VV.tif"), "", [0.1, 0.2, 0.0, 1.4], PLACE, &[]);
        write(&folder.path().join("S1B_20210613T173248_ASC161_VV.tif"), "Sigma0_VV_db", [1.0, 2.0, 3.0, 4.0], PLACE, &[]);
        let catalog = found(&[folder.path().to_owned()]);
        let facts: Vec<_> =
            catalog.acquisitions.iter().map(|a| (a.pass, a.pass_origin, a.granules[0].bands[0].quantity)).collect();
        assert_eq!(
            facts,
            [
                (Some(Pass::Descending), Origin::Assumed, Quantity::Decibel),
                (Some(Pass::Ascending), Origin::Assumed, Quantity::LinearPower),
                (Some(Pass::Ascending), Origin::Name, Quantity::Decibel),
            ]
        );
    }

    #[test]
    fn backscatter_is_named_sigma_or_gamma_by_its_band_its_file_or_the_project() {
        let folder = folder();
        write(&folder.path().join("S1B_20210601T173248_ASC161_VV.tif"), "Sigma0_VV_db", DN, PLACE, &[]);
        write(&folder.path().join("S1B_20210607T173248_ASC161_VV_gamma-nought.tif"), "VV", DN, PLACE, &[]);
        write(&folder.path().join("S1B_20210613T173248_ASC161_VV.tif"), "VV", DN, PLACE, &[]);
        let of = |calibration| {
            let source = ScanSource { path: folder.path().to_owned(), pattern: None, calibration };
            let catalog = scan(&[source], &Radiometry::default(), &Watch::default());
            let each: Vec<_> = catalog.acquisitions.iter().map(|one| one.granules[0].calibration).collect();
            (each, catalog.calibration())
        };
        let (sigma, gamma) = (Some(Calibration::Sigma0), Some(Calibration::Gamma0));
        assert_eq!(of(None), (vec![sigma, gamma, None], None));
        assert_eq!(of(sigma), (vec![sigma, gamma, sigma], None), "what a file says holds");
        std::fs::remove_file(folder.path().join("S1B_20210607T173248_ASC161_VV_gamma-nought.tif")).expect("removed");
        assert_eq!(of(sigma), (vec![sigma, sigma], sigma));
    }

    #[test]
    fn a_pattern_reads_names_that_no_rule_knows() {
        let folder = folder();
        for band in ["red", "nir"] {
            write(&folder.path().join(format!("zone33UXP/d2021.05.02/{band}.tif")), "", DN, PLACE, &[]);
        }
        let pattern = r"zone(?<tile>\w{5})/d(?<date>[\d.]{10})/(?<band>\w+)\.tif$".to_owned();
        let source = ScanSource { path: folder.path().to_owned(), pattern: Some(pattern), ..ScanSource::default() };
        let catalog = scan(&[source], &Radiometry::default(), &Watch::default());
        assert_eq!(catalog.acquisitions.len(), 1, "{}", lines(&catalog));
        let granule = &catalog.acquisitions[0].granules[0];
        assert_eq!((granule.tile.as_deref(), names(granule).as_str()), (Some("33UXP"), "B04 B08"));
        assert!(found(&[folder.path().to_owned()]).acquisitions.is_empty());
    }

    #[test]
    fn silence_about_the_offset_is_one_warning_and_the_projects_assumption_holds() {
        let folder = folder();
        for day in ["20190725T105700", "20230725T105700"] {
            write(&folder.path().join(format!("S2A_{day}_T31UES_B04.tif")), "", DN, PLACE, &[]);
        }
        let catalog = found(&[folder.path().to_owned()]);
        assert_eq!(catalog.problems.len(), 1, "{}", lines(&catalog));
        assert!(
            catalog.problems[0].fact.contains("2 Sentinel-2 products")
                && catalog.problems[0].fact.contains("1 of them sensed since")
        );
        let granule = |c: &Catalog, at: usize| c.acquisitions[at].granules[0].clone();
        assert_eq!(
            (granule(&catalog, 1).boa_offset_dn, granule(&catalog, 1).offset_origin),
            (0.0, Origin::Assumed),
            "never by date"
        );
        let settings = Radiometry { assumed_boa_offset_dn: -1000.0, confirmed: true, assumed_quantification: 10_000.0 };
        let source = ScanSource { path: folder.path().to_owned(), pattern: None, ..ScanSource::default() };
        let catalog = scan(&[source], &settings, &Watch::default());
        assert!(catalog.problems.is_empty());
        let asset = granule(&catalog, 0).bands[0].clone();
        let window = read_windows(&[&asset], &asset.grid.bounds()).expect("readable").remove(0).expect("touches");
        assert!((window.values[0] - 0.05).abs() < 1e-6 && window.values[2].is_nan());
    }

    #[test]
    fn two_tiles_of_one_pass_are_one_acquisition_with_two_footprints() {
        let folder = folder();
        let east = [584_680.0, 10.0, 0.0, 5_622_440.0, 0.0, -10.0];
        let tag: &[(&str, &str)] = &[("PROCESSING_BASELINE", "02.12")];
        write(&folder.path().join("S2A_20190725T105700_T31UES_B04.tif"), "", DN, PLACE, tag);
        write(&folder.path().join("S2A_20190725T105714_T31UFS_B04.tif"), "", DN, east, tag);
        write(&folder.path().join("S2B_20190730T105700_T31UFS_B04.tif"), "", DN, east, tag);
        let catalog = found(&[folder.path().to_owned()]);
        let sizes: Vec<usize> = catalog.acquisitions.iter().map(|a| a.granules.len()).collect();
        assert_eq!(sizes, [2, 1]);
        let lefts: Vec<f64> = catalog.acquisitions[0].granules.iter().filter_map(|g| Some(g.bounds()?.min_x)).collect();
        assert_eq!(lefts, [574_680.0, 584_680.0]);
    }

    #[test]
    fn rotated_images_and_degrees_in_a_metric_crs_are_refused() {
        let folder = folder();
        write(
            &folder.path().join("S2A_20190725T105700_T31UES_B04.tif"),
            "",
            DN,
            [574_680.0, 10.0, 1.0, 5_622_440.0, 1.0, -10.0],
            &[],
        );
        write(&folder.path().join("S2A_20190725T105700_T31UES_B08.tif"), "", DN, [4.06, 1e-4, 0.0, 50.74, 0.0, -1e-4], &[]);
        let catalog = found(&[folder.path().to_owned()]);
        assert!(catalog.acquisitions.is_empty());
        let facts: Vec<&str> = catalog.problems.iter().map(|p| p.fact.as_str()).collect();
        assert!(facts[0].contains("rotated") && facts[1].contains("look like degrees"), "{facts:?}");
    }

    #[test]
    fn a_remote_asset_is_named_and_never_fetched() {
        let folder = folder();
        write(&folder.path().join("B04.tif"), "", DN, PLACE, &[]);
        let item = r#"{"type":"Feature","stac_version":"1.0.0","id":"X","properties":{"datetime":"2023-07-25T10:57:00Z","platform":"sentinel-2b",
            "s2:processing_baseline":"05.09","earthsearch:boa_offset_applied":true},"assets":{
            "red":{"href":"./B04.tif","raster:bands":[{"scale":0.0001,"offset":-0.1}]},"nir":{"href":"https://example.com/B08.tif"}}}"#;
        std::fs::write(folder.path().join("x.json"), item).expect("written");
        let catalog = found(&[folder.path().to_owned()]);
        assert!(lines(&catalog).contains("1 assets are remote (nir)"), "{}", lines(&catalog));
        let granule = &catalog.acquisitions[0].granules[0];
        assert_eq!(
            (catalog.acquisitions.len(), granule.boa_offset_dn),
            (1, 0.0),
            "an offset that is applied already is not applied again"
        );
    }
}
