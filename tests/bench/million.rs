//! A million parcels in the window: opening, memory, filter and sort, tiles of the map, and the window's own part of a frame.
//!
//! The layer is synthetic and made once, in `target/bench-data`. Openings run in processes of their own, so that memory of one
//! does not count for another.

#[expect(dead_code, reason = "the copy of the sample is for other measurements")]
mod common;
mod synthetic;

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{machine, median, ms};
use parcelight::engine::order::SortKey;
use parcelight::project::queries::rows::RowsQuery;
use parcelight::project::{Command, Project};

const MANY: u64 = 1_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "--open") {
        return opened(Path::new(&arguments[at + 1]), Path::new(&arguments[at + 2]));
    }
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/bench-data");
    let layer = synthetic::layer(&data, parcels());
    let folder = tempfile::tempdir().expect("a temporary folder");
    let project = synthetic::project(folder.path(), &layer);
    println!("{} synthetic parcels of nine vertices in 3035 on a map in UTM", parcels());
    println!("  machine                        {}", machine());
    openings(folder.path(), &project, &layer);
    let mut project =
        Project::open_at(&project, cores(), Arc::new(|| {}), folder.path().join("home")).expect("the project opens");
    project.wait_loaded().expect("the layer loads");
    rows(&mut project);
}

/// `PARCELS=10000` makes a quick run.
fn parcels() -> u64 {
    std::env::var("PARCELS").ok().and_then(|text| text.parse().ok()).unwrap_or(MANY) // unset: all
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn memory(key: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)).unwrap_or_default();
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().map_or(f64::NAN, |kb| kb / 1024.0)
}

/// One opening in this process; prints milliseconds to the first part, to the whole, and memory in MB.
fn opened(project: &Path, home: &Path) {
    let before = memory("VmRSS:");
    let started = Instant::now();
    let mut project = Project::open_at(project, cores(), Arc::new(|| {}), home.to_owned()).expect("the project opens");
    let mut first = None;
    while project.data().is_none() || project.growing() {
        project.begin_frame();
        if first.is_none() && project.data().is_some() {
            first = Some(started.elapsed());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    let whole = started.elapsed();
    let rows = project.data().map_or(0, |data| data.parcels.len());
    // Until the table is kept for the next opening.
    let pool = Arc::clone(project.pool());
    drop(project);
    drop(pool);
    let peak = memory("VmHWM:");
    println!("{} {} {before} {peak} {rows}", first.unwrap_or(whole).as_secs_f64(), whole.as_secs_f64());
}

fn openings(folder: &Path, project: &Path, layer: &Path) {
    let size = std::fs::metadata(layer).expect("the layer").len() as f64 / f64::from(1 << 20);
    println!("  GeoPackage                     {size:.0} MB");
    for (name, target) in [("first", "first part within 1 s"), ("second", "whole within 1 s")] {
        let output = Process::new(std::env::current_exe().expect("this program"))
            .arg("--open")
            .args([project, &folder.join("home")])
            .output()
            .expect("a process of its own");
        let text = String::from_utf8_lossy(&output.stdout);
        let numbers: Vec<f64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        let &[first, whole, before, peak, rows] = numbers.as_slice() else {
            panic!("an opening failed: {text} {}", String::from_utf8_lossy(&output.stderr))
        };
        println!(
            "  {name:6} opening                 {first:.2} s to the first part, {whole:.2} s to all {rows:.0} (aim: {target})"
        );
        println!(
            "                                 peak {peak:.0} MB, {:.2} x the GeoPackage; {before:.0} MB before (aim: 1.5 x, under 1500 MB)",
            peak / size
        );
    }
}

fn rows(project: &mut Project) {
    println!("  filter and sort (aim: 100 ms; QGIS subset string on 1 000 000: 290 ms)");
    let given = |text: &str| (text.to_owned(), vec![]);
    let by = |text: &str, key: SortKey| (text.to_owned(), vec![(key, true)]);
    let cases = [
        given("\"crop\" = 'winter wheat' AND \"declared_ha\" > 1.5"),
        given("crop_name LIKE '%grass%' OR municipality = 'Municipality 3-4'"),
        given("maize"),
        given("id:4711"),
        by("", SortKey::Area),
        by("", SortKey::Crop),
        by("", SortKey::Id),
        by("", SortKey::Column("municipality".to_owned())),
        by("grassland", SortKey::Area),
        ("area_ha > 1".to_owned(), vec![(SortKey::Crop, false), (SortKey::Area, true)]),
    ];
    for (filter, sort) in cases {
        let mut times = Vec::new();
        let mut found = 0;
        for round in 0..5 {
            // Another text of the same meaning is another question: nothing is answered from memory but the ranks.
            let filter = format!("{filter}{}", " ".repeat(round + 1));
            let query = RowsQuery { filter, sort: sort.clone(), revision: project.revision() };
            let started = Instant::now();
            let rows = project.compute(&query).expect("computes");
            times.push(started.elapsed());
            found = rows.as_ref().as_ref().map_or(0, |rows| rows.order().len());
        }
        let first = times[0];
        println!("    {:>8} first {:>8} {found:>8} rows  {filter} {sort:?}", ms(median(times)), ms(first));
    }
    let started = Instant::now();
    project.apply(Command::SetFilter("crop = 'hops'".to_owned()));
    println!("    {:>8} on the window's thread for a changed filter", ms(started.elapsed()));
    let id = "SYN0900000";
    let started = Instant::now();
    let found = project.data().expect("loaded").parcels.find(id);
    println!("    {:>8} to find {id} ({found:?})", format!("{:.4} ms", started.elapsed().as_secs_f64() * 1e3));
}
