//! Heterogeneity of parcels: clusters of a million pixels against scikit-learn, connectivity of a large map, and decisions of many
//! parcels while a threshold is dragged. All data are made up and seeded.

#[expect(dead_code, reason = "all data are made up: no copy of the sample is needed")]
mod common;

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use common::{machine, median, ms};
use jiff::civil::Date;
use parcelight::engine::heterogeneity::stack::periods as periods_of;
use parcelight::engine::heterogeneity::{Columns, LabelGrid, Neighbours, connectivity_rows, without_isolated_rows};
use parcelight::engine::sampling::Draw;
use parcelight::model::heterogeneity::{ClusterParams, Decision, MAX_CLUSTERS, MarkerParams, Quantities};
use parcelight::model::{Crs, Grid, ParcelIx};
use parcelight::project::heterogeneity::clustering::cluster;
use parcelight::project::heterogeneity::maps::maps as region_maps;
use parcelight::project::heterogeneity::pixels::{Place, RegionPixels, StreamPixels};
use rayon::prelude::*;

const ROWS: usize = 1_000_000;
const FEATURES: usize = 15;
const CLUSTERS: usize = 4;
const ROUNDS: usize = 5;
/// Our inertia may be higher than that of the peer by this factor.
const INERTIA: f64 = 1.001;
const WIDTH: usize = 6000;
const HEIGHT: usize = 5000;
const PARCELS: usize = 100_000;
const PERIODS: usize = 12;

fn main() {
    println!("heterogeneity");
    println!("  machine               {}", machine());
    clusters();
    maps();
    decisions();
    region();
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn share(draw: &mut Draw) -> f32 {
    (draw.bits() >> 40) as f32 / (1u64 << 24) as f32
}

fn noise(draw: &mut Draw) -> f32 {
    (0..6).map(|_| share(draw)).sum::<f32>() - 3.0
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "missed" }
}

/// Median time of several runs, and what the last one gave.
fn timed<T>(threads: usize, mut run: impl FnMut() -> T + Send) -> (Duration, T)
where
    T: Send,
{
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let mut last = pool.install(&mut run);
    let times = (0..ROUNDS).map(|_| {
        let started = Instant::now();
        last = pool.install(&mut run);
        started.elapsed()
    });
    (median(times.collect()), last)
}

/// Pixels of nine crops that overlap, so that four clusters have to decide.
fn rows() -> Vec<f32> {
    let mut draw = Draw::new(20_190_701);
    let crops: Vec<[f32; FEATURES]> = (0..9).map(|_| std::array::from_fn(|_| 1.7 * noise(&mut draw))).collect();
    let mut made = Vec::with_capacity(ROWS * FEATURES);
    for _ in 0..ROWS {
        let crop = crops[draw.below(9) as usize];
        let wide = 0.8 + share(&mut draw);
        made.extend(crop.map(|own| 0.3 + 0.1 * (own + wide * noise(&mut draw))));
    }
    made
}

fn clusters() {
    let rows = rows();
    let params = ClusterParams { clusters: CLUSTERS as u8, ..ClusterParams::default() };
    println!("  clusters: {ROWS} pixels x {FEATURES} values, k = {CLUSTERS}, labels included; median of {ROUNDS}");
    let mut first = None;
    let (mut all, mut inertia) = (Duration::ZERO, f64::NAN);
    for threads in [1, cores()] {
        let (time, found) = timed(threads, || cluster(&rows, FEATURES, &params));
        println!("    {threads} thread(s)         {}, inertia {:.0}", ms(time), found.inertia);
        assert!(first.get_or_insert_with(|| found.labels.clone()) == &found.labels, "the number of threads does not matter");
        (all, inertia) = (time, found.inertia);
    }
    peer(&rows, all, inertia);
    let mut gaps = rows;
    gaps.iter_mut().skip(2).step_by(23).for_each(|own| *own = f32::NAN);
    let (time, found) = timed(cores(), || cluster(&gaps, FEATURES, &params));
    println!(
        "    every 23rd missing  {}, {} rounds, {:.1} times as long",
        ms(time),
        found.rounds,
        time.as_secs_f64() / all.as_secs_f64()
    );
}

/// The same by scikit-learn.
fn peer(rows: &[f32], own: Duration, inertia: f64) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rows.f32");
    let bytes: Vec<u8> = rows.iter().flat_map(|value| value.to_ne_bytes()).collect();
    std::fs::write(&file, bytes).expect("the rows can be written");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bench/heterogeneity_peer.py");
    let output = Command::new("python3").arg(script).arg(&file).args([FEATURES, CLUSTERS].map(|own| own.to_string())).output();
    let output = match output {
        Ok(output) if output.status.success() => output,
        Ok(output) => {
            let error = String::from_utf8_lossy(&output.stderr);
            let last = error.lines().last().unwrap_or_default();
            println!("    the peer was skipped: {last}; pip install scikit-learn, and PYTHONPATH if it is elsewhere");
            return;
        }
        Err(error) => {
            println!("    the peer was skipped: python3: {error}; install Python, then pip install scikit-learn");
            return;
        }
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let words: Vec<&str> = text.split_whitespace().collect();
    let number = |at: usize| words[at].parse::<f64>().expect("a number");
    println!(
        "    scikit-learn {}  {:.1} ms, inertia {:.0} to {:.0}; MiniBatchKMeans, batch 1024, 3 starts, median and range of 3 seeds",
        words[3],
        number(0) * 1e3,
        number(1),
        number(2)
    );
    let ratio = inertia / number(1);
    println!(
        "    times faster        {:.1}; inertia {ratio:.5} of its best (aim {INERTIA}: {})",
        number(0) / own.as_secs_f64(),
        verdict(ratio <= INERTIA)
    );
}

/// Parcels of 30 x 30 pixels with gaps, each of two zones, with a tenth of the pixels astray.
fn map() -> (Vec<u8>, Vec<u32>) {
    let mut draw = Draw::new(5);
    let (mut labels, mut parcels) = (Vec::with_capacity(WIDTH * HEIGHT), Vec::with_capacity(WIDTH * HEIGHT));
    for row in 0..HEIGHT {
        for column in 0..WIDTH {
            let parcel = (row / 30 * (WIDTH / 30) + column / 30) as u32 + 1;
            let gap = row.is_multiple_of(30) || column.is_multiple_of(30);
            let bits = draw.bits();
            let zone = if column % 30 > 8 + (parcel % 15) as usize { parcel % 4 } else { parcel / 4 % 4 };
            let label = if bits.is_multiple_of(10) { bits / 16 % 4 } else { u64::from(zone) };
            labels.push(if gap { 0 } else { label as u8 + 1 });
            parcels.push(parcel);
        }
    }
    (labels, parcels)
}

fn maps() {
    let (labels, parcels) = map();
    let pixels = WIDTH * HEIGHT;
    println!("  maps of {} Mpixel, a tenth astray; {} threads, median of {ROUNDS}", pixels / 1_000_000, cores());
    let grid = LabelGrid { width: WIDTH, height: HEIGHT, labels: &labels, parcels: &parcels };
    let mut smooth = vec![0; pixels];
    let band = 64;
    let (time, ()) = timed(cores(), || {
        smooth.par_chunks_mut(band * WIDTH).enumerate().for_each(|(at, out)| {
            without_isolated_rows(&grid, 1, 2, at * band..at * band + out.len() / WIDTH, out);
        });
    });
    println!("    isolated removed    {}, radius 1, threshold 2", ms(time));
    let mut out = vec![0u8; pixels];
    for (name, labels) in [("as clustered", &labels), ("smoothed", &smooth)] {
        let grid = LabelGrid { labels, ..grid };
        for radius in [2, 3, 5] {
            let (time, ()) = timed(cores(), || {
                out.par_chunks_mut(band * WIDTH).enumerate().for_each(|(at, out)| {
                    connectivity_rows(&grid, radius, Neighbours::Four, at * band..at * band + out.len() / WIDTH, out);
                });
            });
            let aim = if radius == 2 { format!(" (aim 2 s: {})", verdict(time < Duration::from_secs(2))) } else { String::new() };
            let sum: u64 = out.iter().map(|own| u64::from(*own)).sum();
            println!("    connectivity        {}, radius {radius}, {name}{aim}; sum {sum}", ms(time));
        }
    }
}

fn decisions() {
    let mut draw = Draw::new(9);
    let mut columns = Columns::new(CLUSTERS, PERIODS);
    for _ in 0..PARCELS {
        let periods: Vec<Option<Quantities>> = (0..PERIODS)
            .map(|_| {
                let mut own = Quantities {
                    pixels: 0,
                    clusters: [0; MAX_CLUSTERS],
                    ndvi: [f32::NAN; MAX_CLUSTERS],
                    compact: 10.0 + 10.0 * share(&mut draw),
                    holes: 0,
                    partial_holes: 0,
                };
                for at in 0..CLUSTERS {
                    own.clusters[at] = draw.below(200) as u32;
                    own.ndvi[at] = 0.3 + 0.3 * share(&mut draw);
                }
                own.pixels = own.clusters.iter().sum();
                (draw.below(20) > 0).then_some(own)
            })
            .collect();
        columns.push(f64::from(5000.0 + 60_000.0 * share(&mut draw)), &periods);
    }
    println!("  markers and decisions of {PARCELS} parcels x {PERIODS} periods, median of {ROUNDS}");
    let mut decisions = vec![Decision::default(); PARCELS];
    for threads in [1, cores()] {
        let part = PARCELS.div_ceil(8 * threads);
        let (time, ()) = timed(threads, || {
            decisions.par_chunks_mut(part).enumerate().for_each(|(at, out)| {
                columns.decide(&MarkerParams::default(), at * part..at * part + out.len(), out);
            });
        });
        let met = verdict(time < Duration::from_millis(16));
        println!("    {threads} thread(s)         {} (aim 16 ms: {met})", ms(time));
    }
    let detected = decisions.iter().filter(|own| own.period.is_some()).count();
    println!("    with a detection    {detected}");
}

/// A parcel with its neighbours, all periods of a season, from pixels in memory: what a click on *Clusters* waits for.
fn region() {
    const PARCELS: usize = 301;
    const EDGE: usize = 12;
    const STEPS: usize = 3;
    const VARIABLES: usize = 5;
    let mut draw = Draw::new(7);
    let side = PARCELS.isqrt() + 1;
    let grid = |at: usize| Grid {
        crs: Crs::Epsg(32631),
        left: 500_000.0 + (at % side * EDGE) as f64 * 10.0,
        top: 5_600_000.0 - (at / side * EDGE) as f64 * 10.0,
        pixel_x: 10.0,
        pixel_y: 10.0,
        width: EDGE,
        height: EDGE,
    };
    let places: Vec<Place> = (0..PARCELS)
        .map(|at| Place {
            parcel: ParcelIx(at as u32),
            grid: grid(at),
            inside: (0..(EDGE * EDGE) as u32).collect(),
            first: at * EDGE * EDGE,
            images: 60,
            absent: None,
        })
        .collect();
    let rows = PARCELS * EDGE * EDGE;
    let table = |draw: &mut Draw| -> Vec<f32> {
        let crops: Vec<f32> = (0..PARCELS * 2).map(|_| share(draw)).collect();
        (0..rows * STEPS * VARIABLES)
            .map(|at| {
                let row = at / (STEPS * VARIABLES);
                let half = usize::from(row % EDGE > EDGE / 2);
                crops[row / (EDGE * EDGE) * 2 + half] + 0.1 * noise(draw)
            })
            .collect()
    };
    let periods: Vec<Vec<f32>> = (0..PERIODS).map(|_| table(&mut draw)).collect();
    let stream = |has_ndvi: bool| StreamPixels {
        places: places.clone(),
        rows,
        variables: (0..VARIABLES).map(|at| at.to_string()).collect(),
        steps: STEPS,
        periods: periods.clone(),
        days: (0..60).map(f64::from).collect(),
        has_ndvi,
        spreads: Vec::new(),
    };
    let (first, last) = (Date::constant(2019, 1, 1), Date::constant(2019, 12, 26));
    let season = periods_of(first, last, 30, 20);
    assert_eq!(season.len(), PERIODS);
    let pixels = RegionPixels { periods: season, s2: stream(true), s1: stream(false), problems: Vec::new() };
    let (time, found) = timed(cores(), || region_maps(&pixels, &ClusterParams::default()));
    assert_eq!(found.s2.parcels.len(), PARCELS);
    let met = verdict(time < Duration::from_secs(1));
    println!(
        "  region                {PARCELS} parcels, {rows} pixels, {PERIODS} periods, S2 and S1: {} (aim 1 s: {met})",
        ms(time)
    );
}
