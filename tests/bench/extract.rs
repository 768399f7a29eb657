//! Extraction of all statistics against bare decoding of the same blocks with as many threads, on synthetic images, in one run.
//!
//! Images are written once below the target folder (some 3 GB) and used again by the next run. An argument that is the name of a
//! part (`tile`, `small`, `scaling`) measures that part alone.

#[expect(dead_code, reason = "the copy of the sample is for the other measurements")]
mod common;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{machine, median, ms};
use parcelight::engine::synth::Cadastre;
use parcelight::io::scan::{ScanSource, scan};
use parcelight::io::tables::Format;
use parcelight::model::parcels::{ParcelRow, ParcelsBuilder};
use parcelight::model::project_file::Radiometry;
use parcelight::model::{Catalog, Watch};
use parcelight::project::Dataset;
use parcelight::project::extract::{ExtractOptions, Extraction, extract};
use parcelight::project::synth::{SynthOptions, write, write_images};
use rayon::prelude::*;

const ROUNDS: usize = 3;
const AIM_CACHED: f64 = 2.0;
const AIM_FIRST: f64 = 3.0;
const AIM_GROWTH: f64 = 1.2;

fn main() {
    let part = std::env::args().skip(1).find(|word| !word.starts_with('-'));
    let asked = |name: &str| part.as_deref().is_none_or(|part| part == name);
    println!("extraction of all statistics; machine {}", machine());
    if asked("tile") {
        tile();
    }
    if asked("small") {
        small();
    }
    if asked("scaling") {
        scaling();
    }
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn options(parcels: usize, pixels: usize, bands: usize) -> SynthOptions {
    SynthOptions { parcels, pixels, bands, dates: bands.div_ceil(12), seed: 1, all_fine: true }
}

fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-extract")
}

/// Images and parcels of a size; the images are written unless an earlier run left them whole.
fn made(options: &SynthOptions) -> Dataset {
    let folder = home().join(format!("{}_{}_{}", options.parcels, options.pixels, options.bands));
    let complete = folder.join("complete");
    let cadastre = Cadastre::new(&options.grid(), options.parcels, options.seed);
    if !complete.exists() {
        let started = Instant::now();
        let imagery = folder.join("imagery");
        std::fs::create_dir_all(&imagery).expect("a folder below target");
        write_images(&imagery, &cadastre, options).expect("the images can be written");
        std::fs::write(&complete, "").expect("a file");
        println!("  wrote {} in {}", folder.display(), ms(started.elapsed()));
    }
    let sources = [ScanSource { path: folder.join("imagery"), ..ScanSource::default() }];
    let catalog = scan(&sources, &Radiometry::default(), &Watch::default());
    let mut builder = ParcelsBuilder::new(cadastre.crs.clone());
    for parcel in 0..cadastre.len() {
        let outline = cadastre.outline(parcel);
        let area_ha = outline.area() / 1e4;
        builder.push(ParcelRow { id: cadastre.id(parcel), outline, area_ha, ..ParcelRow::default() });
    }
    Dataset {
        parcels: Arc::new(builder.finish(Vec::new())),
        catalog: Arc::new(catalog),
        import_problems: Vec::new(),
        tables: None,
    }
}

/// Every block of every file, as GDAL gives it.
fn bare_decode(catalog: &Catalog) -> Duration {
    let assets: Vec<_> =
        catalog.acquisitions.iter().flat_map(|acquisition| &acquisition.granules).flat_map(|granule| &granule.bands).collect();
    // Halves of files, so that all threads end together.
    let parts: Vec<_> = assets.iter().flat_map(|asset| [0, 1].map(|half| (*asset, half))).collect();
    let started = Instant::now();
    let blocks: usize = parts
        .par_iter()
        .map(|(asset, half)| {
            let dataset = gdal::Dataset::open(&asset.path).expect("opens");
            let band = dataset.rasterband(asset.band_number).expect("a band");
            let (width, height) = band.block_size();
            let (columns, rows) = (asset.grid.width.div_ceil(width), asset.grid.height.div_ceil(height));
            let middle = rows / 2;
            let rows = if *half == 0 { 0..middle } else { middle..rows };
            let mut read = 0;
            for block in rows.flat_map(|row| (0..columns).map(move |col| (col, row))) {
                read += match band.band_type() {
                    gdal::raster::GdalDataType::UInt8 => band.read_block::<u8>(block).map(|block| block.len()),
                    _ => band.read_block::<u16>(block).map(|block| block.len()),
                }
                .expect("decodes");
            }
            read
        })
        .sum();
    assert!(blocks > 0);
    started.elapsed()
}

fn run(data: &Dataset, cache: Option<&Path>) -> (Duration, Extraction) {
    let parcels: Vec<_> = data.parcels.iter().collect();
    let options = ExtractOptions { cache: cache.map(Path::to_owned), ..ExtractOptions::default() };
    let started = Instant::now();
    let found = extract(data, &parcels, &options, threads(), &Watch::default()).expect("extracts");
    let time = started.elapsed();
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    (time, found)
}

fn forget(cache: &Path) {
    if cache.exists() {
        std::fs::remove_dir_all(cache).expect("a cache may be removed");
    }
}

fn verdict(name: &str, ratio: f64, aim: f64) {
    println!("    {name} {ratio:.2} (aim {aim}: {})", if ratio <= aim { "reached" } else { "missed" });
}

fn tile() {
    let options = options(100_000, 5490, 24);
    let data = made(&options);
    let cache = home().join("cache");
    let (mut bare, mut first, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let mut rows = 0;
    for _ in 0..ROUNDS {
        bare.push(bare_decode(&data.catalog));
        forget(&cache);
        first.push(run(&data, Some(&cache)).0);
        let (time, found) = run(&data, Some(&cache));
        assert!(found.reused.0 > 0 && found.reused.0 == found.reused.1, "the second run uses what the first kept");
        again.push(time);
        rows = found.observations.len();
    }
    let (bare, first, again) = (median(bare), median(first), median(again));
    println!("  5490 x 5490 pixels, 24 bands, 100 000 parcels, {} threads, {rows} rows, median of {ROUNDS}", threads());
    println!("    bare decoding of the same blocks   {}", ms(bare));
    println!("    extraction, geometry cached        {}", ms(again));
    println!("    extraction, geometry not cached    {}", ms(first));
    verdict("cached / decoding    ", again.as_secs_f64() / bare.as_secs_f64(), AIM_CACHED);
    verdict("not cached / decoding", first.as_secs_f64() / bare.as_secs_f64(), AIM_FIRST);
    cancelling(&data, &cache, again);
    let (_, found) = run(&data, Some(&cache));
    for (format, name) in [(Format::Parquet, "Parquet"), (Format::Csv, "CSV")] {
        let started = Instant::now();
        let mut bytes = Vec::new();
        found.observations.write(format, threads(), &mut bytes).expect("writes");
        println!("    writing all rows as {name}: {}, {} MB", ms(started.elapsed()), bytes.len() >> 20);
    }
}

/// From the wish to stop until the work has stopped, at moments spread over a run.
fn cancelling(data: &Dataset, cache: &Path, usual: Duration) {
    const MOMENTS: u32 = 12;
    let mut waits = Vec::new();
    for moment in 0..MOMENTS {
        if moment % 2 == 0 {
            forget(cache);
        }
        let watch = Watch::default();
        let options = ExtractOptions { cache: Some(cache.to_owned()), ..ExtractOptions::default() };
        let parcels: Vec<_> = data.parcels.iter().collect();
        std::thread::scope(|scope| {
            let work = scope.spawn(|| extract(data, &parcels, &options, threads(), &watch).is_err());
            std::thread::sleep(usual * moment / MOMENTS);
            watch.cancel();
            let started = Instant::now();
            if work.join().expect("no panic") {
                waits.push(started.elapsed());
            }
        });
    }
    let longest = waits.iter().max().copied().unwrap_or_default();
    println!("    cancelled at {} moments: stopped after {} at most (aim 200 ms)", waits.len(), ms(longest));
}

fn small() {
    let options = options(4096, 1098, 8);
    let data = made(&options);
    let folder = home().join("4096_1098_8");
    if !folder.join("parcels.gpkg").exists() {
        // For the peer, which wants a layer.
        write(&folder, &options).expect("the project can be written");
    }
    let times = (0..=2 * ROUNDS).map(|_| run(&data, None).0).collect();
    let bare = median((0..=2 * ROUNDS).map(|_| bare_decode(&data.catalog)).collect());
    let time = median(times);
    println!("  1098 x 1098 pixels, 8 bands, 4 096 parcels, geometry not cached, median of {}", 2 * ROUNDS + 1);
    println!("    extraction     {}, {:.2} us a parcel and band", ms(time), time.as_secs_f64() * 1e6 / f64::from(4096 * 8));
    println!("    bare decoding  {}", ms(bare));
    println!("    the peer: python3 tests/bench/exactextract_peer.py {}", folder.display());
}

fn scaling() {
    println!("  parcels of the same size, 2 bands, median of {ROUNDS}");
    let mut base: Option<(f64, f64)> = None;
    for (parcels, pixels) in [(10_000, 1736), (100_000, 5490), (1_000_000, 17_361)] {
        let data = made(&options(parcels, pixels, 2));
        let cache = home().join("cache");
        let (mut first, mut again) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            forget(&cache);
            first.push(run(&data, Some(&cache)).0);
            again.push(run(&data, Some(&cache)).0);
        }
        let cost = |times| median(times).as_secs_f64() * 1e6 / (parcels * 2) as f64;
        let (first, again) = (cost(first), cost(again));
        println!("    {parcels:>9} parcels: {again:.2} us a parcel and band with geometry cached, {first:.2} us without");
        match base {
            None => base = Some((first, again)),
            Some((first_base, again_base)) => {
                verdict("     growth since 10 000, cached    ", again / again_base, AIM_GROWTH);
                verdict("     growth since 10 000, not cached", first / first_base, AIM_GROWTH);
            }
        }
    }
}
