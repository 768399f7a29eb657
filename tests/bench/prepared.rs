//! Stepping through a prepared queue: 412 parcels, 72 dates, 10 bands, until every chip and every graph of the parcel is there.
//!
//! Twice: with the window's own prefetching at two parcels a second, and without any, as when somebody jumps. The images are moved
//! away first, so that nothing but the prepared chips can answer. Also how long preparing takes against bare reading of the same
//! windows, and what it takes on disk.

#[expect(dead_code, reason = "the copy of the sample is for the other measurements")]
mod common;
mod window;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{machine, median, ms};
use egui::Key;
use parcelight::jobs::Lane;
use parcelight::model::Watch;
use parcelight::project::load::cache_folder;
use parcelight::project::prepare::{FILE, PrepareOptions, predict, prepare};
use parcelight::project::synth::{SynthOptions, write};
use parcelight::project::{Fetch, Project};
use window::Driver;

const PARCELS: usize = 412;
const DATES: usize = 72;
/// Until the picture is complete, 99 of 100 steps.
const AIM: Duration = Duration::from_millis(100);

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench-prepared");
    let (project, gone) = (folder.join("synthetic.parcelight.toml"), folder.join("imagery_gone"));
    let options = SynthOptions { parcels: PARCELS, pixels: 549, bands: 10 * DATES, dates: DATES, seed: 3, all_fine: false };
    let home = tempfile::tempdir().expect("a folder");
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    println!("prepared queue of {PARCELS} parcels and {DATES} dates; machine {}", machine());
    if gone.exists() {
        std::fs::rename(&gone, folder.join("imagery")).expect("moved back");
    }
    if !project.exists() {
        write(&folder, &options).expect("the images can be written");
    }
    if cache_folder(&project).exists() {
        std::fs::remove_dir_all(cache_folder(&project)).expect("a cache may be removed at any time");
    }
    prepare_all(&project, home.path(), threads);
    std::fs::rename(folder.join("imagery"), &gone).expect("moved away");
    let mut jumps = jumps(&project, home.path());
    let mut steps = steps(&project, home.path());
    std::fs::rename(&gone, folder.join("imagery")).expect("moved back");
    for (name, times) in [("jump, nothing prefetched", &mut jumps), ("step, prefetched", &mut steps)] {
        times.sort_unstable();
        let p99 = times[(times.len() * 99).div_ceil(100) - 1];
        let verdict = if p99 < AIM { "met" } else { "missed" };
        println!("  {name:<26} median {}, p99 {} (aim {}: {verdict})", ms(median(times.clone())), ms(p99), ms(AIM));
    }
}

fn open(project: &Path, home: &Path, threads: usize) -> Project {
    let mut project = Project::open_at(project, threads, Arc::new(|| {}), home.to_owned()).expect("opens");
    project.wait_loaded().expect("loads");
    project
}

fn prepare_all(path: &Path, home: &Path, threads: usize) {
    let project = open(path, home, threads);
    let data = project.dataset().ready().expect("loaded");
    let parcels: Vec<_> = data.parcels.iter().collect();
    let options = PrepareOptions { margin_m: project.file().display.margin_m, from: None, to: None };
    let foreseen = predict(&data, path, &parcels, &options, threads, &Watch::default()).expect("predicted");
    let started = Instant::now();
    let done = prepare(&data, path, &parcels, &options, threads, &Watch::default()).expect("prepared");
    let took = started.elapsed();
    let size = std::fs::metadata(cache_folder(path).join(FILE)).map_or(0, |about| about.len());
    println!(
        "  preparing {} chips         {} with {threads} threads ({:.0} s foreseen), {:.1} MB of pixels in {:.1} MB ({:.1} foreseen)",
        done.written,
        ms(took),
        foreseen.seconds,
        foreseen.pixel_bytes as f64 / 1e6,
        size as f64 / 1e6,
        foreseen.disk_bytes as f64 / 1e6,
    );
}

/// True when every chip and every graph of the current parcel is there.
fn complete(project: &Project) -> bool {
    let Some(parcel) = project.selection().parcel else { return false };
    let arrived = |pending: bool| !pending;
    project.coverage(parcel).ready().is_some()
        && project
            .shown_acquisitions(parcel)
            .into_iter()
            .all(|acquisition| arrived(matches!(project.picture(parcel, acquisition), Fetch::Pending)))
        && project.file().display.graphs.iter().flatten().all(|signal| {
            arrived(matches!(project.get(&project.series_query(parcel, signal), Lane::Interactive), Fetch::Pending))
        })
}

/// Jumps all over the queue; each time with a project that has seen nothing of that parcel.
fn jumps(path: &Path, home: &Path) -> Vec<Duration> {
    let mut project = open(path, home, threads());
    let rows = project.queue().rows().to_vec();
    let mut times = Vec::new();
    for at in (0..rows.len()).step_by(2) {
        // A stride that shares no factor with the number of parcels visits each once, never its neighbour.
        let parcel = rows[at * 97 % rows.len()];
        while project.pool().waiting() > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        let started = Instant::now();
        project.apply(parcelight::project::Command::SelectParcel(parcel));
        // Asks for everything, as a frame would, until all of it has arrived.
        while !complete(&project) {
            std::thread::sleep(Duration::from_millis(1));
        }
        times.push(started.elapsed());
    }
    times
}

fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Steps through the queue in the window, two parcels a second: from the key to the end of the first frame that shows all.
fn steps(path: &Path, home: &Path) -> Vec<Duration> {
    let mut driver = Driver::new(path, home);
    let ready = |driver: &Driver| driver.window.project().is_some_and(complete);
    while !ready(&driver) {
        driver.paced(vec![]);
    }
    let mut times = Vec::new();
    for _ in 1..PARCELS {
        let rest = Instant::now();
        while rest.elapsed() < Duration::from_millis(500) {
            driver.paced(vec![]);
        }
        let started = Instant::now();
        driver.press(Key::J);
        // The frame after the key draws the new parcel.
        driver.paced(vec![]);
        while !ready(&driver) {
            driver.paced(vec![]);
        }
        times.push(started.elapsed());
    }
    times
}
