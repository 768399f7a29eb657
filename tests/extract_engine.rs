//! Block-wise extraction against a plain computation: one parcel at a time, whole images in memory, weights on a wide grid.
//!
//! The images are random; parcels overlap, have holes and parts, and reach over the edges. Their layouts on disk differ in every
//! way that a file can be cut.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gdal::DriverManager;
use gdal::raster::{Buffer, GdalType, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use parcelight::engine::coverage::weights;
use parcelight::engine::zonal::stats;
use parcelight::io::crs::transform;
use parcelight::io::raster::read_windows;
use parcelight::io::tables::{Format, Value};
use parcelight::model::catalog::{Origin, Quantity};
use parcelight::model::parcels::{ParcelRow, ParcelsBuilder};
use parcelight::model::report::Severity;
use parcelight::model::settings::ObservationSettings;
use parcelight::model::units::iso_utc;
use parcelight::model::{
    Acquisition, Band, BandAsset, BandStats, Catalog, Crs, Granule, Grid, MaskSet, PixelRule, Polygons, Sensor, Watch,
};
use parcelight::project::Dataset;
use parcelight::project::extract::{ExtractOptions, Extraction, extract};

const LEFT: f64 = 600_000.0;
const TOP: f64 = 5_600_000.0;

/// Small random numbers without a crate: splitmix64 (Steele et al. 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn within(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// How a file is cut.
#[derive(Debug, Clone, Copy)]
struct Layout {
    tile: Option<usize>,
    interleaved: bool,
}

const LAYOUTS: [Layout; 4] = [
    Layout { tile: Some(16), interleaved: true },
    Layout { tile: Some(64), interleaved: false },
    Layout { tile: None, interleaved: true },
    Layout { tile: None, interleaved: false },
];

fn grid(zone: u32, left: f64, top: f64, pixel: f64, width: usize, height: usize) -> Grid {
    Grid { crs: Crs::Epsg(32600 + zone), left, top, pixel_x: pixel, pixel_y: pixel, width, height }
}

fn write<T: GdalType + Copy>(path: &Path, grid: &Grid, bands: &[Vec<T>], layout: Layout) {
    let mut options =
        vec![format!("INTERLEAVE={}", if layout.interleaved { "PIXEL" } else { "BAND" }), "COMPRESS=DEFLATE".into()];
    match layout.tile {
        Some(side) => options.extend(["TILED=YES".into(), format!("BLOCKXSIZE={side}"), format!("BLOCKYSIZE={side}")]),
        None => options.push("BLOCKYSIZE=3".into()),
    }
    let options: RasterCreationOptions = options.iter().map(String::as_str).collect();
    let driver = DriverManager::get_driver_by_name("GTiff").expect("driver");
    let mut dataset =
        driver.create_with_band_type_with_options::<T, _>(path, grid.width, grid.height, bands.len(), &options).expect("created");
    dataset.set_geo_transform(&[grid.left, grid.pixel_x, 0.0, grid.top, 0.0, -grid.pixel_y]).expect("transform");
    dataset.set_spatial_ref(&SpatialRef::from_epsg(grid.crs.epsg().expect("EPSG")).expect("CRS")).expect("CRS");
    for (number, values) in bands.iter().enumerate() {
        let size = (grid.width, grid.height);
        dataset
            .rasterband(number + 1)
            .expect("band")
            .write((0, 0), size, &mut Buffer::new(size, values.clone()))
            .expect("written");
    }
    dataset.close().expect("closed");
}

fn asset(band: &str, path: &Path, number: usize, grid: &Grid, quantity: Quantity) -> BandAsset {
    let reflectance = quantity == Quantity::Reflectance;
    BandAsset {
        band: Band::new(band),
        path: path.to_owned(),
        band_number: number,
        grid: grid.clone(),
        nodata: reflectance.then_some(0.0),
        quantity,
        scale: if reflectance { 1e-4 } else { 1.0 },
        offset: if reflectance { -0.1 } else { 0.0 },
    }
}

fn granule(name: &str, baseline: &str, bands: Vec<BandAsset>) -> Granule {
    Granule {
        name: name.to_owned(),
        acquired: "2024-05-01T10:00:00Z".parse().expect("a time"),
        tile: None,
        baseline: Some(baseline.to_owned()),
        boa_offset_dn: -1000.0,
        offset_origin: Origin::Metadata,
        clear_share: None,
        bands,
        calibration: None,
        synthetic: true,
        remote: false,
    }
}

fn acquisition(sensor: Sensor, time: &str, granules: Vec<Granule>) -> Acquisition {
    Acquisition {
        sensor,
        acquired: time.parse().expect("a time"),
        first: None,
        platform: "S2A".to_owned(),
        relative_orbit: Some(8),
        pass: None,
        pass_origin: Origin::Assumed,
        granules,
    }
}

/// One optical product: two 10 m bands in one file, a 20 m band as signed numbers, classes on a smaller 20 m grid.
fn optical(folder: &Path, name: &str, fine: &Grid, layout: Layout, seed: u64, baseline: &str) -> Granule {
    let mut random = Random(seed);
    let coarse = Grid { pixel_x: 20.0, pixel_y: 20.0, width: fine.width / 2, height: fine.height / 2, ..fine.clone() };
    let classes = Grid { width: coarse.width - 3, ..coarse.clone() };
    let mut numbers = |len: usize, low: f64, high: f64| -> Vec<f64> {
        (0..len).map(|_| if random.next().is_multiple_of(23) { 0.0 } else { random.within(low, high).floor() }).collect()
    };
    let paths = ["10m", "B11", "SCL"].map(|part| folder.join(format!("{name}_{part}.tif")));
    let words = |values: Vec<f64>| values.into_iter().map(|value| value as u16).collect::<Vec<_>>();
    write(&paths[0], fine, &[words(numbers(fine.len(), 900.0, 2500.0)), words(numbers(fine.len(), 1.0, 65_000.0))], layout);
    let signed: Vec<i16> = numbers(coarse.len(), -300.0, 9000.0).into_iter().map(|value| value as i16).collect();
    write(&paths[1], &coarse, &[signed], layout);
    // Clouds in patches, so that parcels are clear, covered, and half covered.
    let scl: Vec<u8> = (0..classes.len())
        .map(|at| {
            let (row, col) = (at / classes.width, at % classes.width);
            [4, 4, 9, 5, 8, 4, 0, 4][(row / 9 * 3 + col / 7 + seed as usize) % 8]
        })
        .collect();
    write(&paths[2], &classes, &[scl], layout);
    let bands = vec![
        asset("B04", &paths[0], 1, fine, Quantity::Reflectance),
        asset("B08", &paths[0], 2, fine, Quantity::Reflectance),
        asset("B11", &paths[1], 1, &coarse, Quantity::Reflectance),
        asset("SCL", &paths[2], 1, &classes, Quantity::SceneClass),
    ];
    granule(name, baseline, bands)
}

fn radar(folder: &Path, fine: &Grid, layout: Layout) -> Granule {
    let mut random = Random(5);
    let path = folder.join("radar.tif");
    let db: Vec<f32> = (0..fine.len())
        .map(|_| if random.next().is_multiple_of(31) { f32::NAN } else { random.within(-25.0, -3.0) as f32 })
        .collect();
    write(&path, fine, &[db], layout);
    granule("radar", "", vec![asset("VV", &path, 1, fine, Quantity::Decibel)])
}

/// Star about a centre, valid whatever the radii.
fn star(random: &mut Random, x: f64, y: f64, radius: f64) -> Vec<Vec<[f64; 2]>> {
    let corners = 4 + random.next() as usize % 12;
    let radii: Vec<f64> = (0..corners).map(|_| random.within(0.4, 1.0) * radius).collect();
    let ring = |factor: f64| -> Vec<[f64; 2]> {
        let step = std::f64::consts::TAU / corners as f64;
        radii
            .iter()
            .enumerate()
            .map(|(i, r)| [x + factor * r * (i as f64 * step).cos(), y + factor * r * (i as f64 * step).sin()])
            .collect()
    };
    if random.next().is_multiple_of(4) { vec![ring(1.0), ring(0.4)] } else { vec![ring(1.0)] }
}

fn dataset(folder: &Path, layout: Layout, count: usize) -> Dataset {
    let mut random = Random(11);
    let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
    for number in 0..count {
        let (x, y) = (random.within(LEFT - 60.0, LEFT + 1900.0), random.within(TOP - 1300.0, TOP + 60.0));
        let radius = if number % 40 == 0 { 300.0 } else { random.within(4.0, 90.0) };
        let mut parts = vec![star(&mut random, x, y, radius)];
        if number % 7 == 0 {
            parts.push(star(&mut random, x + 2.5 * radius, y, radius));
        }
        let outline = if number % 97 == 5 { Polygons::default() } else { Polygons { parts } };
        // Ids whose order is not that of the rows.
        builder.push(ParcelRow { id: format!("{}", (number * 7919) % 100_003), outline, ..ParcelRow::default() });
    }
    let west = grid(31, LEFT, TOP, 10.0, 118, 120);
    let east = grid(31, LEFT + 600.0, TOP + 20.0, 10.0, 124, 110);
    // The same ground in the neighbouring zone.
    let there =
        transform(&Polygons { parts: vec![vec![vec![[LEFT + 300.0, TOP - 200.0]]]] }, &Crs::Epsg(32631), &Crs::Epsg(32632))
            .expect("moves")
            .bounds();
    let other_zone = grid(32, (there.min_x / 10.0).floor() * 10.0, (there.max_y / 10.0).floor() * 10.0, 10.0, 100, 90);
    let catalog = Catalog {
        acquisitions: vec![
            acquisition(Sensor::S1Backscatter, "2024-04-30T05:00:00Z", vec![radar(folder, &west, layout)]),
            acquisition(
                Sensor::S2,
                "2024-05-01T10:00:00Z",
                vec![
                    optical(folder, "west", &west, layout, 1, "05.00"),
                    optical(folder, "west_old", &west, layout, 1, "02.14"),
                    optical(folder, "east", &east, layout, 2, "05.00"),
                    optical(folder, "zone", &other_zone, layout, 3, "05.10"),
                ],
            ),
        ],
        problems: Vec::new(),
    };
    Dataset {
        parcels: Arc::new(builder.finish(Vec::new())),
        catalog: Arc::new(catalog),
        import_problems: Vec::new(),
        tables: None,
    }
}

/// Statistics by (parcel, time, band), with the baseline.
type Rows = BTreeMap<(String, String, String), (String, Vec<f64>)>;

fn rows(found: &Extraction) -> Rows {
    let text = |value: &Value| if let Value::Text(text) = value { text.clone() } else { String::new() };
    let number = |value: &Value| match value {
        Value::Number(number) => *number,
        Value::Integer(number) => *number as f64,
        _ => f64::NAN,
    };
    found
        .observations
        .table()
        .expect("rows")
        .rows
        .iter()
        .map(|row| ((text(&row[0]), text(&row[1]), text(&row[7])), (text(&row[6]), row[8..].iter().map(number).collect())))
        .collect()
}

/// Values of an asset on its grid grown by so many pixels, `NaN` beyond the image.
fn whole(asset: &BandAsset, margin: usize) -> (Grid, Vec<f32>) {
    let image = read_windows(&[asset], &asset.grid.bounds()).expect("reads").remove(0).expect("touches");
    let (left, top) = asset.grid.world_from_pixel(-(margin as f64), -(margin as f64));
    let wide =
        Grid { left, top, width: image.grid.width + 2 * margin, height: image.grid.height + 2 * margin, ..image.grid.clone() };
    let mut values = vec![f32::NAN; wide.len()];
    for (row, line) in image.values.chunks(image.grid.width).enumerate() {
        values[(row + margin) * wide.width + margin..][..line.len()].copy_from_slice(line);
    }
    (wide, values)
}

/// A granule in memory: per band its wide grid, values and mask.
struct Image {
    classes: Option<(Grid, Vec<f32>)>,
    bands: Vec<(Band, Grid, Vec<f32>, Vec<bool>)>,
}

impl Image {
    fn new(granule: &Granule, mask: MaskSet) -> Self {
        let classes = granule.scl().map(|asset| whole(asset, 70));
        let bands = granule.bands.iter().filter(|asset| asset.quantity != Quantity::SceneClass).map(|asset| {
            let margin = (1400.0 / asset.grid.pixel_x) as usize;
            let (wide, values) = whole(asset, margin);
            let masked = |at: usize| {
                let (col, row) = (at % wide.width, at / wide.width);
                let inside =
                    (margin..margin + asset.grid.width).contains(&col) && (margin..margin + asset.grid.height).contains(&row);
                let Some((grid, classes)) = classes.as_ref().filter(|_| inside) else { return false };
                let (x, y) = wide.world_from_pixel(col as f64 + 0.5, row as f64 + 0.5);
                let (col, row) = grid.pixel_from_world(x, y);
                let class = classes[row as usize * grid.width + col as usize];
                if class.is_nan() { mask != MaskSet::NONE } else { mask.excludes(class as u8) }
            };
            let excluded = (0..wide.len()).map(masked).collect();
            (asset.band.clone(), wide, values, excluded)
        });
        let bands = bands.collect();
        Self { classes, bands }
    }
}

struct Plain {
    covered: f64,
    clear: f64,
    baseline: String,
    bands: Vec<(Band, BandStats)>,
}

/// One granule over one parcel, the long way.
fn plain(granule: &Granule, image: &Image, outline: &Polygons, rule: PixelRule, mask: MaskSet) -> Plain {
    let (mut covered, mut clear, mut known) = (0.0, 0.0, false);
    if let Some((wide, classes)) = &image.classes {
        let weights = weights(outline, wide, rule);
        let total: f64 = weights.iter().map(|&w| f64::from(w)).sum();
        let share = |wanted: &dyn Fn(f32) -> bool| {
            let sum: f64 = classes.iter().zip(&weights).filter(|(class, _)| wanted(**class)).map(|(_, &w)| f64::from(w)).sum();
            if total > 0.0 { sum / total } else { 0.0 }
        };
        covered = share(&|class| class > 0.0);
        clear = share(&|class| !class.is_nan() && !mask.excludes(class as u8));
        known = total > 0.0;
    }
    let band = |(band, wide, values, excluded): &(Band, Grid, Vec<f32>, Vec<bool>)| {
        (band.clone(), stats(values, &weights(outline, wide, rule), excluded))
    };
    let bands: Vec<(Band, BandStats)> = image.bands.iter().map(band).collect();
    let first = &bands[0].1;
    if !known && first.pixels > 0.0 {
        (covered, clear) = ((first.pixels - first.nodata) / first.pixels, first.count / first.pixels);
    }
    Plain { covered, clear, baseline: granule.baseline.clone().unwrap_or_default(), bands }
}

fn compare(rule: PixelRule, mask: MaskSet, count: usize) {
    let folder = tempfile::tempdir().expect("folder");
    let data = dataset(folder.path(), LAYOUTS[0], count);
    let settings = ObservationSettings { pixels: rule, mask, ..ObservationSettings::default() };
    let parcels: Vec<_> = data.parcels.iter().collect();
    let found = extract(&data, &parcels, &ExtractOptions { settings, ..ExtractOptions::default() }, 2, &Watch::default())
        .expect("extracts");
    assert!(found.problems.iter().all(|problem| problem.fact.contains("no geometry")), "{:?}", found.problems);
    let found = rows(&found);
    let images: Vec<Vec<Image>> = data
        .catalog
        .acquisitions
        .iter()
        .map(|acquisition| acquisition.granules.iter().map(|granule| Image::new(granule, mask)).collect())
        .collect();
    let mut expected_rows = 0;
    for &parcel in &parcels {
        let outline = data.parcels.outline(parcel);
        for (acquisition, images) in data.catalog.acquisitions.iter().zip(&images) {
            let mut best: Option<Plain> = None;
            for (granule, image) in acquisition.granules.iter().zip(images) {
                let grid = granule.finest_grid().expect("a grid");
                let outline = transform(&outline, data.parcels.crs(), &grid.crs).expect("moves");
                let common = grid.bounds().intersection(&outline.bounds());
                if outline.is_empty() || common.width() <= 0.0 || common.height() <= 0.0 {
                    continue;
                }
                let made = plain(granule, image, &outline, rule, mask);
                let better = best.as_ref().is_none_or(|known| {
                    if (made.covered - known.covered).abs() > 1e-9 {
                        made.covered > known.covered
                    } else if (made.clear - known.clear).abs() > 1e-9 {
                        made.clear > known.clear
                    } else {
                        made.baseline > known.baseline
                    }
                });
                if better {
                    best = Some(made);
                }
            }
            for (band, stats) in best.iter().flat_map(|best| &best.bands) {
                expected_rows += 1;
                let key = (data.parcels.id(parcel).to_owned(), iso_utc(acquisition.acquired), band.to_string());
                let (baseline, ours) = found.get(&key).unwrap_or_else(|| panic!("no row for {key:?}"));
                assert_eq!(*baseline, best.as_ref().expect("a product").baseline, "{key:?}");
                let theirs = [
                    stats.pixels,
                    stats.masked,
                    stats.nodata,
                    stats.count,
                    stats.mean,
                    stats.std,
                    stats.min,
                    stats.p25,
                    stats.p50,
                    stats.p75,
                    stats.max,
                ];
                for (ours, theirs) in ours.iter().zip(theirs) {
                    // Seven written digits; shares of a pixel beyond an edge are rounded on another lattice.
                    let allowed =
                        5.1e-7 * theirs.abs().max(stats.max.abs()) + if rule == PixelRule::Coverage { 2e-6 } else { 1e-12 };
                    assert!(
                        (ours.is_nan() && theirs.is_nan()) || (ours - theirs).abs() <= allowed,
                        "{key:?}: {ours} {theirs}\n{stats:?}"
                    );
                }
            }
        }
    }
    assert_eq!(found.len(), expected_rows);
    assert!(expected_rows > 3 * count, "most parcels are seen");
}

#[test]
fn five_hundred_parcels_equal_the_plain_computation_by_centres() {
    compare(PixelRule::Centre, MaskSet::default(), 500);
}

#[test]
fn five_hundred_parcels_equal_the_plain_computation_by_coverage() {
    compare(PixelRule::Coverage, MaskSet::default(), 500);
}

#[test]
fn parcels_equal_the_plain_computation_without_a_mask() {
    compare(PixelRule::Centre, MaskSet::NONE, 60);
}

#[test]
fn bytes_depend_neither_on_threads_nor_on_memory_nor_on_how_files_are_cut() {
    let mut first: Option<Vec<Vec<u8>>> = None;
    for layout in LAYOUTS {
        let folder = tempfile::tempdir().expect("folder");
        let data = dataset(folder.path(), layout, 150);
        let mut parcels: Vec<_> = data.parcels.iter().collect();
        for (jobs, memory_bytes) in [(1, 1 << 30), (5, 1 << 30), (3, 1 << 14)] {
            parcels.reverse();
            let bytes: Vec<Vec<u8>> = [PixelRule::Centre, PixelRule::Coverage]
                .into_iter()
                .map(|pixels| {
                    let settings = ObservationSettings { pixels, buffer_m: -3.0, ..ObservationSettings::default() };
                    let options = ExtractOptions { settings, memory_bytes, scl_histogram: true, ..ExtractOptions::default() };
                    let found = extract(&data, &parcels, &options, jobs, &Watch::default()).expect("extracts");
                    let mut bytes = Vec::new();
                    found.observations.write(Format::Csv, 2, &mut bytes).expect("writes");
                    bytes
                })
                .collect();
            assert!(bytes.iter().all(|bytes| bytes.len() > 10_000));
            assert!(*first.get_or_insert_with(|| bytes.clone()) == bytes, "{layout:?}, {jobs} threads, {memory_bytes} bytes");
        }
    }
}

#[test]
fn a_damaged_file_costs_its_own_observations_and_is_named_once() {
    let folder = tempfile::tempdir().expect("folder");
    let data = dataset(folder.path(), LAYOUTS[1], 80);
    let parcels: Vec<_> = data.parcels.iter().collect();
    let run = || extract(&data, &parcels, &ExtractOptions::default(), 2, &Watch::default()).expect("extracts");
    let sound = rows(&run());
    let b11 = |rows: &Rows| {
        rows.iter()
            .filter(|((_, _, band), _)| band == "B11")
            .map(|(key, row)| (key.clone(), format!("{row:?}")))
            .collect::<Vec<_>>()
    };
    std::fs::write(folder.path().join("radar.tif"), "no image").expect("damages");
    let path: PathBuf = folder.path().join("east_B11.tif");
    let bytes = std::fs::read(&path).expect("reads");
    std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("cuts");
    let found = run();
    let faults: Vec<_> = found.problems.iter().filter(|problem| problem.severity == Severity::Error).collect();
    assert_eq!(faults.len(), 2, "{faults:?}");
    assert!(faults[0].fact.contains("B11") || faults[0].fact.contains("open"), "{faults:?}");
    assert!(faults[1].path.ends_with("radar.tif"), "{faults:?}");
    let left = rows(&found);
    assert!(left.keys().all(|(_, _, band)| band != "VV") && sound.keys().any(|(_, _, band)| band == "VV"));
    let (all, rest) = (b11(&sound), b11(&left));
    assert!(rest.len() < all.len() && rest.iter().all(|row| all.contains(row)), "what could be read is unchanged");
    let others = |rows: &Rows| rows.keys().filter(|(_, _, band)| band != "VV" && band != "B11").count();
    assert_eq!(others(&left), others(&sound));
}

#[test]
fn cancelled_work_stops_and_says_so() {
    let folder = tempfile::tempdir().expect("folder");
    let data = dataset(folder.path(), LAYOUTS[0], 50);
    let parcels: Vec<_> = data.parcels.iter().collect();
    let watch = Watch::default();
    watch.cancel();
    let error = extract(&data, &parcels, &ExtractOptions::default(), 2, &watch).expect_err("nobody wants it");
    assert!(error.to_string().contains("cancelled"), "{error}");
}

#[test]
fn kept_footprints_are_used_again_and_a_damaged_file_is_made_anew() {
    let folder = tempfile::tempdir().expect("folder");
    let data = dataset(folder.path(), LAYOUTS[3], 2500);
    let parcels: Vec<_> = data.parcels.iter().collect();
    let run = |cache: &Path| {
        let options =
            ExtractOptions { cache: Some(cache.to_owned()), bands: vec![Band::new("B11")], ..ExtractOptions::default() };
        let found = extract(&data, &parcels, &options, 2, &Watch::default()).expect("extracts");
        let mut bytes = Vec::new();
        found.observations.write(Format::Csv, 2, &mut bytes).expect("writes");
        let notes: Vec<_> =
            found.problems.iter().filter(|problem| !problem.fact.contains("no geometry")).map(|p| p.fact.clone()).collect();
        (bytes, found.reused, notes)
    };
    let cache = folder.path().join("cache");
    let (first, reused, notes) = run(&cache);
    assert_eq!((reused.0, notes.len()), (0, 0), "{notes:?}");
    let (second, reused, notes) = run(&cache);
    assert!(first == second && reused.0 == reused.1 && reused.0 > 0 && notes.is_empty(), "{reused:?} {notes:?}");
    for (number, entry) in std::fs::read_dir(&cache).expect("lists").enumerate() {
        let path = entry.expect("an entry").path();
        let mut bytes = std::fs::read(&path).expect("reads");
        match number % 3 {
            0 => bytes.truncate(100),
            1 => bytes.clear(),
            _ => {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            }
        }
        std::fs::write(&path, bytes).expect("damages");
    }
    let (third, reused, notes) = run(&cache);
    assert!(first == third && reused.0 == 0 && notes.len() == reused.1, "{reused:?} {notes:?}");
    assert!(notes.iter().all(|note| note.contains("damaged")), "{notes:?}");
    assert!(run(&cache).2.is_empty(), "the damaged files were replaced");
    let nowhere = folder.path().join("file");
    std::fs::write(&nowhere, "").expect("writes");
    let (fourth, _, notes) = run(&nowhere);
    assert!(first == fourth && notes.iter().filter(|note| note.contains("cannot write")).count() == 1, "{notes:?}");
}

#[test]
fn jpeg_2000_gives_what_the_same_pixels_in_a_geotiff_give() {
    let folder = tempfile::tempdir().expect("folder");
    let data = dataset(folder.path(), LAYOUTS[1], 120);
    let mut catalog = Catalog { acquisitions: vec![data.catalog.acquisitions[1].clone()], problems: Vec::new() };
    catalog.acquisitions[0].granules.truncate(1);
    let bands = &mut catalog.acquisitions[0].granules[0].bands;
    // One band a file, as Sentinel-2 products have it.
    bands.retain(|asset| asset.band_number == 1);
    let tiff = Dataset {
        catalog: Arc::new(catalog.clone()),
        parcels: Arc::clone(&data.parcels),
        import_problems: Vec::new(),
        tables: None,
    };
    let driver = DriverManager::get_driver_by_name("JP2OpenJPEG").expect("driver");
    for asset in catalog.acquisitions[0].granules[0].bands.iter_mut().filter(|asset| asset.band.as_str() != "B11") {
        let path = asset.path.with_extension("jp2");
        let source = gdal::Dataset::open(&asset.path).expect("opens");
        let single = folder.path().join(format!("{}.tif", asset.band));
        let values = source.rasterband(1).expect("a band").read_band_as::<u16>().expect("reads").data().to_vec();
        write(&single, &asset.grid, &[values], LAYOUTS[3]);
        let options: RasterCreationOptions =
            ["QUALITY=100", "REVERSIBLE=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=64", "GMLJP2=NO"].into_iter().collect();
        gdal::Dataset::open(&single)
            .expect("opens")
            .create_copy(&driver, &path, &options)
            .expect("copies")
            .close()
            .expect("closes");
        asset.path = path;
    }
    let jp2 =
        Dataset { catalog: Arc::new(catalog), parcels: Arc::clone(&data.parcels), import_problems: Vec::new(), tables: None };
    let parcels: Vec<_> = data.parcels.iter().collect();
    let run = |data: &Dataset| {
        let found = extract(data, &parcels, &ExtractOptions::default(), 2, &Watch::default()).expect("extracts");
        assert!(found.problems.iter().all(|problem| problem.severity != Severity::Error), "{:?}", found.problems);
        rows(&found).into_iter().map(|row| format!("{row:?}")).collect::<Vec<_>>()
    };
    let expected = run(&tiff);
    assert!(expected.len() > 100 && expected == run(&jp2));
}

#[test]
fn work_cancelled_midway_ends_and_the_next_run_is_whole() {
    let folder = tempfile::tempdir().expect("folder");
    let data = dataset(folder.path(), LAYOUTS[0], 400);
    let parcels: Vec<_> = data.parcels.iter().collect();
    let whole = rows(&extract(&data, &parcels, &ExtractOptions::default(), 2, &Watch::default()).expect("extracts"));
    for wait_ms in [0, 2, 5, 10, 20, 40, 80] {
        let watch = Watch::default();
        std::thread::scope(|scope| {
            let work = scope.spawn(|| extract(&data, &parcels, &ExtractOptions::default(), 2, &watch));
            std::thread::sleep(std::time::Duration::from_millis(wait_ms));
            watch.cancel();
            match work.join().expect("no panic") {
                Ok(found) => assert!(rows(&found).len() == whole.len(), "it was done before"),
                Err(error) => assert!(error.to_string().contains("cancelled"), "{error}"),
            }
        });
    }
    let again = rows(&extract(&data, &parcels, &ExtractOptions::default(), 2, &Watch::default()).expect("extracts"));
    assert_eq!(format!("{again:?}"), format!("{whole:?}"));
}
