//! The window's own part of a frame: logic, widgets and tessellation, without a rasteriser.
//!
//! Steps to prefetched parcels, and draws while ten thousand chips load in the background. Also says how long the first frame
//! with parcels takes from the start, and how much memory the whole took.

mod common;
mod window;

use std::time::{Duration, Instant};

use common::{Copy, machine, median, ms};
use egui::Key;
use parcelight::jobs::Lane;
use parcelight::model::View;
use parcelight::project::queries::picture::PictureQuery;
use parcelight::ui::app::Window;
use window::Driver;

/// A background load of so many chips.
const CHIPS: usize = 10_000;

fn start(copy: &Copy) -> Driver {
    Driver::new(&copy.project(), &copy.home())
}

/// Draws at 60 Hz until `done`, at most two minutes.
fn until(driver: &mut Driver, mut done: impl FnMut(&Window) -> bool) -> Vec<Duration> {
    let mut times = Vec::new();
    let limit = Instant::now() + Duration::from_mins(2);
    while !done(&driver.window) && Instant::now() < limit {
        times.push(driver.paced(vec![]));
    }
    times
}

fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times.get(((times.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or_default()
}

fn resident_peak() -> String {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown").trim().to_owned();
    peak.strip_suffix(" kB").and_then(|kb| kb.trim().parse::<f64>().ok()).map_or(peak, |kb| format!("{:.0} MB", kb / 1024.0))
}

/// Every chip of the sample with ever other surroundings, so that each must be read from its file.
fn load_chips(window: &Window) -> Vec<PictureQuery> {
    let project = window.project().expect("open");
    let data = project.data().expect("loaded");
    let mut queries = Vec::new();
    for round in 0.. {
        for parcel in data.parcels.iter() {
            for (acquisition, seen) in data.catalog.iter() {
                if seen.sensor == parcelight::model::Sensor::S2 {
                    let mut query = project.picture_query(parcel, acquisition, 0, &View::composite("B08", "B11", "B04"));
                    query.margin_m = 101 + round;
                    queries.push(query);
                    if queries.len() == CHIPS {
                        return queries;
                    }
                }
            }
        }
    }
    queries
}

fn main() {
    let copy = Copy::new();
    copy.forget();
    let mut bench = start(&copy);
    until(&mut bench, |window| window.project().is_some_and(|project| project.data().is_some()));
    bench.frame(vec![]);
    let first = bench.start.elapsed();
    until(&mut bench, |window| {
        window.project().is_some_and(|project| project.prefetched() == (5, 5) && project.jobs().is_empty())
    });
    let mut still = until(&mut bench, {
        let until = Instant::now() + Duration::from_secs(2);
        move |_| Instant::now() > until
    });

    let mut steps = Vec::new();
    for _ in 0..10 {
        until(&mut bench, |window| window.project().is_some_and(|project| project.prefetched().0 == project.prefetched().1));
        steps.push(bench.press(Key::J));
        // The frame after a step draws the new parcel; the slower one counts.
        let second = bench.frame(vec![]);
        if let Some(step) = steps.last_mut() {
            *step = (*step).max(second);
        }
    }

    let memory = resident_peak();
    let queries = load_chips(&bench.window);
    let project = bench.window.project().expect("open");
    for query in &queries {
        project.get(query, Lane::Prefetch);
    }
    let started = Instant::now();
    let mut loading = until(&mut bench, |window| window.project().is_some_and(|project| project.pool().waiting() == 0));
    let loaded = started.elapsed();

    println!("the window's own part of a frame, 1600 x 1000, {} meshes", bench.meshes);
    println!("  machine                           {}", machine());
    println!("  start to first frame with parcels {}", ms(first));
    println!("  standing still, median / p99      {} / {}", ms(percentile(&mut still, 0.5)), ms(percentile(&mut still, 0.99)));
    println!(
        "  step to a prefetched parcel       median {}, worst {}",
        ms(median(steps.clone())),
        ms(percentile(&mut steps, 1.0))
    );
    println!(
        "  while {CHIPS} chips load ({:.1} s)   median {}, p99 {}, {} frames",
        loaded.as_secs_f64(),
        ms(percentile(&mut loading, 0.5)),
        ms(percentile(&mut loading, 0.99)),
        loading.len()
    );
    println!("  peak resident memory              {memory} before these chips, {} after", resident_peak());
}
