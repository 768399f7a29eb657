//! The season's image on the map: tiles against GDAL's own warper, coarse levels against images whose numbers are their places.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use gdal::raster::{Buffer, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DriverManager};
use parcelight::engine::indices::IndexSet;
use parcelight::engine::mosaic::{PIECE_PX, PieceIx};
use parcelight::engine::stretch::view_limits;
use parcelight::engine::tiles::{TILE_PX, TileIx, lonlat, mercator};
use parcelight::io::crs;
use parcelight::model::catalog::{Origin, Quantity};
use parcelight::model::parcels::ParcelsBuilder;
use parcelight::model::view::Polarisation;
use parcelight::model::{
    Acquisition, AcquisitionIx, Band, BandAsset, Catalog, Crs, Granule, Grid, MaskSet, Sensor, Stretch, View, Watch,
};
use parcelight::project::queries::Env;
use parcelight::project::queries::map::TilePicture;
use parcelight::project::queries::mosaic::{LimitsQuery, MosaicQuery, PieceQuery, Season};
use parcelight::project::query::{Answer, Query, QueryCache};

const HALF_WORLD_M: f64 = 20_037_508.342_789_244;

fn grid(zone: u32, left: f64, top: f64, pixel: f64, width: usize, height: usize) -> Grid {
    Grid { crs: Crs::Epsg(32600 + zone), left, top, pixel_x: pixel, pixel_y: pixel, width, height }
}

/// Writes one band of words; with overviews that hold `marks` at each factor, when there are any.
fn write(path: &Path, grid: &Grid, values: &[u16], marks: &[(i32, u16)]) {
    let options = RasterCreationOptions::from_iter(["TILED=YES", "BLOCKXSIZE=256", "BLOCKYSIZE=256", "COMPRESS=DEFLATE"]);
    let driver = DriverManager::get_driver_by_name("GTiff").expect("driver");
    let mut dataset =
        driver.create_with_band_type_with_options::<u16, _>(path, grid.width, grid.height, 1, &options).expect("created");
    dataset.set_geo_transform(&transform(grid)).expect("transform");
    dataset.set_spatial_ref(&SpatialRef::from_epsg(grid.crs.epsg().expect("EPSG")).expect("CRS")).expect("CRS");
    let size = (grid.width, grid.height);
    dataset.rasterband(1).expect("band").write((0, 0), size, &mut Buffer::new(size, values.to_vec())).expect("written");
    if !marks.is_empty() {
        let factors: Vec<i32> = marks.iter().map(|mark| mark.0).collect();
        dataset.build_overviews("NEAREST", &factors, &[]).expect("overviews");
        for (number, &(_, mark)) in marks.iter().enumerate() {
            let mut overview = dataset.rasterband(1).and_then(|band| band.overview(number)).expect("an overview");
            let size = overview.size();
            overview.write((0, 0), size, &mut Buffer::new(size, vec![mark; size.0 * size.1])).expect("written");
        }
    }
    dataset.close().expect("closed");
}

fn transform(grid: &Grid) -> [f64; 6] {
    [grid.left, grid.pixel_x, 0.0, grid.top, 0.0, -grid.pixel_y]
}

fn asset(band: &str, path: &Path, grid: &Grid, quantity: Quantity) -> BandAsset {
    let (scale, offset) = if quantity == Quantity::Reflectance { (1e-4, -0.1) } else { (1.0, 0.0) };
    BandAsset {
        band: Band::new(band),
        path: path.to_owned(),
        band_number: 1,
        grid: grid.clone(),
        nodata: None,
        quantity,
        scale,
        offset,
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
        synthetic: false,
        remote: false,
    }
}

fn env(sensor: Sensor, granules: Vec<Granule>) -> Env {
    let acquisition = Acquisition {
        sensor,
        acquired: "2024-05-01T10:00:00Z".parse().expect("a time"),
        first: None,
        platform: "S2A".to_owned(),
        relative_orbit: Some(8),
        pass: None,
        pass_origin: Origin::Assumed,
        granules,
    };
    Env {
        parcels: Arc::new(ParcelsBuilder::new(Crs::Epsg(32631)).finish(Vec::new())),
        catalog: Arc::new(Catalog { acquisitions: vec![acquisition], problems: Vec::new() }),
        indices: Arc::new(IndexSet::new(&[]).0),
        cache: QueryCache::new(64 << 20, Arc::new(|| {})),
        disk: None,
        prepared: None,
        remote: None,
        tables: None,
        revision: 1,
        data_key: [0; 32],
    }
}

fn season(view: View, stretch: Stretch, mask: Option<MaskSet>) -> Season {
    Season { acquisition: AcquisitionIx(0), view, stretch, mask, revision: 1 }
}

fn tile_at(lon: f64, lat: f64, zoom: u8) -> TileIx {
    let [x, y] = mercator(lon, lat).map(|part| (part * 2f64.powi(i32::from(zoom))) as u32);
    TileIx { zoom, x, y }
}

fn picture(env: &Env, tile: TileIx, season: &Season) -> Arc<TilePicture> {
    let query = MosaicQuery { tile, season: season.clone() };
    env.cache.compute(&query, env, &Watch::default()).expect("a picture")
}

/// Numbers without pattern, few of them "no data".
fn noise(len: usize, seed: u64, low: u16, high: u16) -> Vec<u16> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    (0..len).map(|_| if next() % 19 == 0 { 0 } else { low + (next() % u32::from(high - low)) as u16 }).collect()
}

/// Bands of a product in files of their own: B08 and B04 at 10 m, B11 at 20 m, each without pattern.
fn optical(folder: &Path, name: &str, fine: &Grid, baseline: &str, seed: u64) -> Granule {
    let coarse = Grid { pixel_x: 20.0, pixel_y: 20.0, width: fine.width / 2, height: fine.height / 2, ..fine.clone() };
    let band = |band: &str, grid: &Grid, seed: u64, (low, high): (u16, u16)| {
        let path = folder.join(format!("{name}_{band}.tif"));
        write(&path, grid, &noise(grid.len(), seed, low, high), &[]);
        asset(band, &path, grid, Quantity::Reflectance)
    };
    let bands = vec![
        band("B04", fine, seed, (1000, 4500)),
        band("B08", fine, seed + 1, (1500, 7500)),
        band("B11", &coarse, seed + 2, (1300, 5800)),
    ];
    granule(name, baseline, bands)
}

/// What GDAL's warper makes of a file on a tile, nearest neighbour with exact transforms.
fn warped(folder: &Path, asset: &BandAsset, tile: TileIx) -> Vec<u16> {
    let size = 2.0 * HALF_WORLD_M / 2f64.powi(i32::from(tile.zoom));
    let pixel = size / TILE_PX as f64;
    let (west, north) = (f64::from(tile.x) * size - HALF_WORLD_M, HALF_WORLD_M - f64::from(tile.y) * size);
    let list = |numbers: [f64; 6]| numbers.map(|number| format!("{number:.17e}")).join(",");
    let inverse = |g: [f64; 6]| [-g[0] / g[1], 1.0 / g[1], 0.0, -g[3] / g[5], 0.0, 1.0 / g[5]];
    let (source, target) = (transform(&asset.grid), [west, pixel, 0.0, north, 0.0, -pixel]);
    let wkt = |code: u32| {
        let text = SpatialRef::from_epsg(code).and_then(|srs| srs.to_wkt()).expect("known");
        text.replace('"', "&quot;")
    };
    let xml = format!(
        "<VRTDataset rasterXSize=\"256\" rasterYSize=\"256\" subClass=\"VRTWarpedDataset\"><SRS>EPSG:3857</SRS>\
         <GeoTransform>{}</GeoTransform><VRTRasterBand dataType=\"UInt16\" band=\"1\" subClass=\"VRTWarpedRasterBand\"/>\
         <BlockXSize>256</BlockXSize><BlockYSize>256</BlockYSize><GDALWarpOptions><ResampleAlg>NearestNeighbour</ResampleAlg>\
         <Option name=\"INIT_DEST\">0</Option><SourceDataset relativeToVRT=\"0\">{}</SourceDataset><Transformer>\
         <GenImgProjTransformer><SrcGeoTransform>{}</SrcGeoTransform><SrcInvGeoTransform>{}</SrcInvGeoTransform>\
         <ReprojectTransformer><ReprojectionTransformer><SourceSRS>{}</SourceSRS><TargetSRS>{}</TargetSRS>\
         </ReprojectionTransformer></ReprojectTransformer><DstGeoTransform>{}</DstGeoTransform>\
         <DstInvGeoTransform>{}</DstInvGeoTransform></GenImgProjTransformer></Transformer><BandList>\
         <BandMapping src=\"1\" dst=\"1\"/></BandList></GDALWarpOptions></VRTDataset>",
        list(target),
        asset.path.display(),
        list(source),
        list(inverse(source)),
        wkt(asset.grid.crs.epsg().expect("EPSG")),
        wkt(3857),
        list(target),
        list(inverse(target)),
    );
    let path: PathBuf = folder.join("warped.vrt");
    std::fs::write(&path, xml).expect("written");
    let dataset = Dataset::open(&path).expect("opens");
    let band = dataset.rasterband(1).expect("band");
    band.read_as::<u16>((0, 0), (256, 256), (256, 256), None).expect("warped").data().to_vec()
}

#[test]
fn a_tile_is_what_the_warper_of_gdal_makes_of_all_products() {
    let folder = tempfile::tempdir().expect("a folder");
    // Near the border of two zones, so that the products' pixels are turned against each other by several degrees.
    let west = grid(31, 690_000.0, 5_620_000.0, 10.0, 620, 700);
    let (lon, lat) = (5.79, 50.66);
    let mut there = [[lon, lat]];
    crs::transform_points(&mut there, &crs::WGS84, &Crs::Epsg(32632)).expect("moves");
    let corner = there[0].map(|part| (part / 10.0).floor() * 10.0);
    let east = grid(32, corner[0] - 1_000.0, corner[1] + 3_000.0, 10.0, 700, 640);
    let granules = vec![
        optical(folder.path(), "old", &west, "02.14", 1),
        optical(folder.path(), "new", &west, "05.00", 7),
        optical(folder.path(), "east", &east, "05.10", 13),
    ];
    // By baseline: east over new over old.
    let order = [&granules[2], &granules[1], &granules[0]];
    let env = env(Sensor::S2, granules.clone());
    let (mut same, mut all, mut by) = (0, 0, [0; 4]);
    // Not coarser than the images: there other pixels may stand for the same place, see the test of levels.
    for zoom in [13u8, 14, 16] {
        let tile = tile_at(lon, lat, zoom);
        let stored: Vec<[Vec<u16>; 3]> = order
            .iter()
            .map(|granule| {
                ["B08", "B11", "B04"].map(|band| warped(folder.path(), granule.band(&Band::new(band)).expect("there"), tile))
            })
            .collect();
        let picture = picture(&env, tile, &season(View::default(), Stretch::Fixed, None));
        for at in 0..TILE_PX * TILE_PX {
            let product = stored.iter().position(|bands| bands.iter().all(|band| band[at] > 0));
            let limits = [(0.12, 0.57), (0.08, 0.41), (0.015, 0.28)];
            let expected: [u8; 4] = product.map_or([0; 4], |product| {
                let byte = |channel: usize| {
                    let value = f64::from(stored[product][channel][at]) * 1e-4 - 0.1;
                    let (low, high): (f64, f64) = limits[channel];
                    (((value - low) / (high - low)).clamp(0.0, 1.0) * 255.0).round() as u8
                };
                [byte(0), byte(1), byte(2), 255]
            });
            by[product.unwrap_or(3)] += 1;
            let found = &picture.rgba[at * 4..at * 4 + 4];
            // Rounding of single precision may decide a byte.
            same += usize::from(found[3] == expected[3] && (0..3).all(|c| found[c].abs_diff(expected[c]) <= 1));
            all += 1;
        }
    }
    assert!(by.iter().all(|count| *count > 1000), "every product, and none, is seen: {by:?}");
    let share = same as f64 / all as f64;
    assert!(share > 0.999, "{share} of the pixels are those of the warper");
}

/// An image whose numbers are the columns, or the rows, of its pixels, from 1.
fn numbered(grid: &Grid, rows: bool) -> Vec<u16> {
    (0..grid.len()).map(|at| (if rows { at / grid.width } else { at % grid.width }) as u16 + 1).collect()
}

#[test]
fn coarse_levels_keep_pixels_of_the_place_that_they_stand_for_and_use_overviews() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = grid(31, 600_000.0, 5_600_000.0, 10.0, 5_300, 4_700);
    let marked = grid(31, 600_000.0, 5_600_000.0, 10.0, 2_000, 1_500);
    let paths = ["columns", "rows", "marked"].map(|name| folder.path().join(format!("{name}.tif")));
    write(&paths[0], &plain, &numbered(&plain, false), &[]);
    write(&paths[1], &plain, &numbered(&plain, true), &[]);
    write(&paths[2], &marked, &numbered(&marked, false), &[(2, 60_002), (4, 60_004), (8, 60_008)]);
    let bands = vec![
        asset("B02", &paths[0], &plain, Quantity::Reflectance),
        asset("B03", &paths[1], &plain, Quantity::Reflectance),
        asset("B04", &paths[2], &marked, Quantity::Reflectance),
    ];
    let env = env(Sensor::S2, vec![granule("x", "05.00", bands)]);
    let piece = |band: &str, level: u8, col: u32, row: u32| {
        let piece = PieceIx { level, col, row };
        let query = PieceQuery { acquisition: AcquisitionIx(0), granule: 0, band: Band::new(band), piece, revision: 1 };
        (piece, env.cache.compute(&query, &env, &Watch::default()).expect("read"))
    };
    for (level, col, row) in [(0, 20, 18), (1, 10, 2), (3, 2, 1), (4, 1, 1), (5, 0, 0), (6, 0, 0)] {
        let factor = 1usize << level;
        let (ix, columns) = piece("B02", level, col, row);
        let (_, rows) = piece("B03", level, col, row);
        let window = ix.window(&plain).expect("inside");
        assert_eq!((columns.width, rows.width), (window.width.div_ceil(factor), window.width.div_ceil(factor)));
        for at in 0..columns.pixels.len() {
            // A pixel more to either side: at the image's edge a file is read with a factor that is not whole.
            let near = |number: f32, first: usize, at: usize| {
                let from = (first + at * factor) as f32;
                (from - 1.0..from + factor as f32 + 1.0).contains(&(number - 1.0))
            };
            let place = (columns.pixels.at(at), rows.pixels.at(at));
            assert!(near(place.0, window.col, at % columns.width), "{ix:?} {at}: {place:?}");
            assert!(near(place.1, window.row, at / columns.width), "{ix:?} {at}: {place:?}");
        }
    }
    for (level, mark) in [(1, 60_002.0), (2, 60_004.0), (3, 60_008.0), (4, 60_008.0), (5, 60_008.0)] {
        let (_, found) = piece("B04", level, 0, 0);
        assert!((0..found.pixels.len()).all(|at| found.pixels.at(at) == mark), "level {level} comes from its overview");
        assert!(found.width <= PIECE_PX);
    }
}

#[test]
fn radar_and_index_views_masks_and_one_dynamic_stretch_for_all_tiles() {
    let folder = tempfile::tempdir().expect("a folder");
    let fine = grid(31, 600_000.0, 5_600_000.0, 10.0, 900, 900);
    let mut product = optical(folder.path(), "a", &fine, "05.00", 3);
    let classes = Grid { pixel_x: 20.0, pixel_y: 20.0, width: 450, height: 450, ..fine.clone() };
    let scl = folder.path().join("scl.tif");
    // Cloud in the western half.
    write(&scl, &classes, &(0..classes.len()).map(|at| if at % 450 < 225 { 9 } else { 4 }).collect::<Vec<u16>>(), &[]);
    product.bands.push(asset("SCL", &scl, &classes, Quantity::SceneClass));
    let optical = env(Sensor::S2, vec![product]);
    let mut middle = [[604_500.0, 5_595_500.0]];
    crs::transform_points(&mut middle, &fine.crs, &crs::WGS84).expect("moves");
    let tile = tile_at(middle[0][0], middle[0][1], 13);

    let ndvi = View::Index("NDVI".to_owned());
    let bare = picture(&optical, tile, &season(ndvi.clone(), Stretch::Fixed, None));
    let masked = picture(&optical, tile, &season(ndvi.clone(), Stretch::Fixed, Some(MaskSet::default())));
    let border = 604_500.0;
    let (mut hatched, mut kept) = (0, 0);
    for at in 0..TILE_PX * TILE_PX {
        let world = 2f64.powi(13) * TILE_PX as f64;
        let place = |tile: u32, at: usize| (f64::from(tile) * TILE_PX as f64 + at as f64 + 0.5) / world;
        let mut point = [lonlat([place(tile.x, at % TILE_PX), place(tile.y, at / TILE_PX)])];
        crs::transform_points(&mut point, &crs::WGS84, &fine.crs).expect("moves");
        let (before, after) = (&bare.rgba[at * 4..at * 4 + 4], &masked.rgba[at * 4..at * 4 + 4]);
        if before[3] == 0 || (point[0][0] - border).abs() < 1.0 {
            continue;
        }
        if point[0][0] < border {
            hatched += usize::from(before != after);
        } else {
            assert_eq!(before, after, "clear places keep their colour");
            kept += 1;
        }
    }
    assert!(hatched > 1000 && kept > 1000, "{hatched} {kept}");

    // Limits come from the whole acquisition: about the cuts of uniform numbers.
    let limits = LimitsQuery { season: season(View::default(), Stretch::DYNAMIC, None) };
    let limits = optical.cache.compute(&limits, &optical, &Watch::default()).expect("limits");
    for (found, (low, high)) in limits.iter().zip([(1500.0, 7500.0), (1300.0, 5800.0), (1000.0, 4500.0)]) {
        let reflectance = |stored: f64| stored * 1e-4 - 0.1;
        let expected = (reflectance(low + 0.01 * (high - low)), reflectance(high - 0.01 * (high - low)));
        assert!((found.0 - expected.0).abs() < 0.003 && (found.1 - expected.1).abs() < 0.003, "{found:?} {expected:?}");
    }
    let dynamic = picture(&optical, tile, &season(View::default(), Stretch::DYNAMIC, None));
    let range = picture(&optical, tile, &season(View::default(), Stretch::Range(limits.to_vec()), None));
    assert!(dynamic == range, "every tile is drawn with these limits");

    let power = folder.path().join("vv.tif");
    write(&power, &fine, &numbered(&fine, false), &[]);
    let vv = BandAsset { scale: 1e-3, ..asset("VV", &power, &fine, Quantity::LinearPower) };
    let radar = env(Sensor::S1Backscatter, vec![granule("vv", "", vec![vv])]);
    let view = View::Backscatter(Polarisation::Vv, None);
    let grey = picture(&radar, tile, &season(view.clone(), Stretch::Fixed, None));
    let (low, high) = view_limits(&view, &radar.indices)[0];
    let at = 128 * TILE_PX + 128;
    let world = 2f64.powi(13);
    let mut point = [lonlat([(f64::from(tile.x) + 128.5 / 256.0) / world, (f64::from(tile.y) + 128.5 / 256.0) / world])];
    crs::transform_points(&mut point, &crs::WGS84, &fine.crs).expect("moves");
    let db = 10.0 * (((point[0][0] - fine.left) / 10.0).floor() + 1.0).log10() - 30.0;
    let expected = (((db - low) / (high - low)).clamp(0.0, 1.0) * 255.0).round() as u8;
    assert!(
        grey.rgba[at * 4].abs_diff(expected) <= 1 && grey.rgba[at * 4 + 3] == 255,
        "{:?} {expected}",
        &grey.rgba[at * 4..][..4]
    );
}

#[test]
fn cancelled_tiles_leave_nothing_behind_and_missing_files_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let fine = grid(31, 600_000.0, 5_600_000.0, 10.0, 300, 300);
    let env = env(Sensor::S2, vec![optical(folder.path(), "a", &fine, "05.00", 3)]);
    let mut middle = [[601_500.0, 5_598_500.0]];
    crs::transform_points(&mut middle, &fine.crs, &crs::WGS84).expect("moves");
    let query =
        MosaicQuery { tile: tile_at(middle[0][0], middle[0][1], 14), season: season(View::default(), Stretch::Fixed, None) };
    let watch = Watch::default();
    watch.cancel();
    assert!(env.cache.compute(&query, &env, &watch).is_err());
    assert_eq!((env.cache.bytes(), env.cache.pending()), (0, 0));
    assert!(env.cache.compute(&query, &env, &Watch::default()).is_ok(), "the next one who asks gets it");
    std::fs::remove_file(folder.path().join("a_B11.tif")).expect("removed");
    let other = MosaicQuery { season: Season { revision: 2, ..query.season.clone() }, ..query };
    let error = env.cache.compute(&other, &env, &Watch::default()).expect_err("a file is gone");
    assert!(error.chain().contains("a_B11.tif"), "{}", error.chain());
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Slow(u32);

static RUNS: AtomicUsize = AtomicUsize::new(0);

impl Query for Slow {
    type Output = u32;

    fn weight(_: &u32) -> usize {
        4
    }

    fn run(&self, _: &Env, watch: &Watch) -> Answer<u32> {
        RUNS.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(200));
        if watch.cancelled() { Err(anyhow::anyhow!("cancelled").into()) } else { Ok(self.0) }
    }
}

#[test]
fn what_several_tiles_need_is_read_once_and_outlives_the_one_that_asked_first() {
    let env = env(Sensor::S2, Vec::new());
    let answers = std::thread::scope(|scope| {
        let ask = || env.cache.compute_once(&Slow(7), &env, &Watch::default()).map(|answer| *answer).ok();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect::<Vec<_>>()
    });
    assert_eq!(answers, [Some(7); 4]);
    assert_eq!(RUNS.swap(0, Ordering::SeqCst), 1);
    let first = Watch::default();
    std::thread::scope(|scope| {
        let gone = scope.spawn(|| env.cache.compute_once(&Slow(8), &env, &first).is_err());
        std::thread::sleep(Duration::from_millis(50));
        let stays = scope.spawn(|| env.cache.compute_once(&Slow(8), &env, &Watch::default()).map(|answer| *answer).ok());
        std::thread::sleep(Duration::from_millis(50));
        first.cancel();
        assert!(gone.join().expect("no panic"));
        assert_eq!(stays.join().expect("no panic"), Some(8));
    });
    assert_eq!(RUNS.load(Ordering::SeqCst), 2);
}
