//! Calendar of the sample's parcel: time until all chips of 72 dates in three bands are pictures, against the sum of bare GDAL
//! reads of the same windows in the same run. The aim is at most 1.5.

mod common;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{Copy, machine, median, ms};
use crossbeam_channel::bounded;
use gdal::Dataset as Raster;
use parcelight::jobs::Lane;
use parcelight::model::{AcquisitionIx, Bounds, Grid, Sensor, View};
use parcelight::project::{Dataset, Fetch, Project};

const PARCEL: &str = "FLAPAJ013";
const BANDS: [&str; 3] = ["B08", "B11", "B04"];
const ROUNDS: usize = 7;
const AIM: f64 = 1.5;

fn main() {
    let copy = Copy::new();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (mut bare, mut one, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        bare.push(bare_reads(&copy));
        one.push(pictures(&copy, 1));
        all.push(pictures(&copy, cores));
    }
    let (bare, one, all) = (median(bare), median(one), median(all));
    println!("calendar of {PARCEL}: 72 dates x 3 bands, cold program, files in the system's cache, median of {ROUNDS}");
    println!("  machine               {}", machine());
    println!("  bare GDAL reads       {}", ms(bare));
    for (threads, time) in [(1, one), (cores, all)] {
        let ratio = time.as_secs_f64() / bare.as_secs_f64();
        println!(
            "  pictures, {threads} thread(s) {}   ratio {ratio:.2} (aim {AIM}: {})",
            ms(time),
            if ratio <= AIM { "met" } else { "missed" }
        );
    }
}

fn open(copy: &Copy, threads: usize, wake: Arc<dyn Fn() + Send + Sync>) -> (Project, Arc<Dataset>) {
    copy.forget();
    let mut project = Project::open_at(&copy.project(), threads, wake, copy.home()).expect("the sample opens");
    let data = project.wait_loaded().expect("the sample loads");
    (project, data)
}

fn acquisitions(data: &Dataset) -> Vec<AcquisitionIx> {
    let found: Vec<_> = data.catalog.iter().filter(|(_, a)| a.sensor == Sensor::S2).map(|(ix, _)| ix).collect();
    assert_eq!(found.len(), 72);
    found
}

/// From the first question to the last picture, as a window asks: everything at once, workers answer.
fn pictures(copy: &Copy, threads: usize) -> Duration {
    let (sender, arrived) = bounded(1);
    // A full channel already holds the message that something arrived.
    let (project, data) = open(
        copy,
        threads,
        Arc::new(move || {
            let _ = sender.try_send(());
        }),
    );
    let parcel = data.parcels.find(PARCEL).expect("the parcel is there");
    let view = View::composite(BANDS[0], BANDS[1], BANDS[2]);
    let mut waiting: Vec<_> = acquisitions(&data).into_iter().map(|ix| project.picture_query(parcel, ix, 0, &view)).collect();
    let started = Instant::now();
    loop {
        waiting.retain(|query| match project.get(query, Lane::Interactive) {
            Fetch::Pending => true,
            Fetch::Ready(picture) => {
                assert!(picture.picture.as_ref().is_some_and(|picture| !picture.rgba.is_empty()));
                false
            }
            Fetch::Failed(error) => panic!("{error}"),
        });
        if waiting.is_empty() {
            return started.elapsed();
        }
        // A wake-up may be lost between asking and waiting; a short timeout asks again.
        let _ = arrived.recv_timeout(Duration::from_millis(5));
    }
}

/// Opens each file once and reads the same windows, one after the other, with nothing else.
fn bare_reads(copy: &Copy) -> Duration {
    let (project, data) = open(copy, 1, Arc::new(|| {}));
    let parcel = data.parcels.find(PARCEL).expect("the parcel is there");
    let bounds = data.parcels.bounds(parcel).squared().grown(f64::from(project.file().display.margin_m));
    let mut files: Vec<BTreeMap<PathBuf, Vec<(usize, Grid)>>> = Vec::new();
    for ix in acquisitions(&data) {
        let mut of_date: BTreeMap<PathBuf, Vec<(usize, Grid)>> = BTreeMap::new();
        for asset in data.catalog.get(ix).granules[0].bands.iter().filter(|asset| BANDS.contains(&asset.band.as_str())) {
            of_date.entry(asset.path.clone()).or_default().push((asset.band_number, asset.grid.clone()));
        }
        files.push(of_date);
    }
    let mut pixels = 0;
    let started = Instant::now();
    for (path, bands) in files.iter().flatten() {
        let raster = Raster::open(path).expect("the image opens");
        for (number, grid) in bands {
            pixels += read(&raster, *number, grid, &bounds);
        }
    }
    let time = started.elapsed();
    assert!(pixels > 0);
    time
}

fn read(raster: &Raster, number: usize, grid: &Grid, bounds: &Bounds) -> usize {
    let window = grid.window(bounds).expect("the parcel lies on the image");
    let size = (window.width, window.height);
    let origin = (window.col as isize, window.row as isize);
    let buffer =
        raster.rasterband(number).expect("the band is there").read_as::<f32>(origin, size, size, None).expect("the window reads");
    buffer.data().len()
}
