//! A million parcels in the window: opening, memory, filter and sort, tiles of the map, and the window's own part of a frame.
//!
//! The layer is synthetic and made once, in `target/bench-data`. Openings run in processes of their own, so that memory of one
//! does not count for another.

#[expect(dead_code, reason = "the copy of the sample is for other measurements")]
mod common;
mod synthetic;
#[expect(dead_code, reason = "keys are for other measurements")]
mod window;

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{machine, median, ms};
use egui::{Event, Key, Modifiers};
use parcelight::engine::colouring::Colouring;
use parcelight::engine::order::SortKey;
use parcelight::engine::tiles::{TileIx, lonlat, mercator};
use parcelight::jobs::Lane;
use parcelight::project::queries::map::{PlaceQuery, TileQuery};
use parcelight::project::queries::rows::RowsQuery;
use parcelight::project::{Command, Fetch, Project};
use parcelight::ui;
use parcelight::ui::map::shapes;
use window::Driver;

const MANY: u64 = 1_000_000;
const FEW: u64 = 10_000;
/// So many that the middle one tells the same twice: the 99th of a hundred frames hangs on what else the machine does.
const ROUNDS: usize = 7;
const DRAG_FRAMES: u32 = 600;

/// The map of these measurements, pixels.
const VIEW: [f64; 2] = [1600.0, 1000.0];

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
    views(&mut project);
    drop(project);
    let few = {
        std::fs::create_dir_all(folder.path().join("few")).expect("a folder");
        synthetic::project(&folder.path().join("few"), &synthetic::layer(&data, FEW.min(parcels())))
    };
    let many = folder.path().join("synthetic.parcelight.toml");
    frames(&few, &many, folder.path());
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
            let sort = sort.iter().map(|(key, descending)| (project.ranks_query(key), *descending)).collect();
            let query = RowsQuery { filter, sort, list: None, revision: project.revision() };
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

/// Tiles of a view about a place, as the map asks for them.
fn tiles_of(centre: [f64; 2], zoom: f64) -> Vec<TileIx> {
    let level = zoom.round();
    let world = 256.0 * 2f64.powf(zoom);
    let corner = |sign: f64| lonlat([centre[0] + sign * VIEW[0] / 2.0 / world, centre[1] + sign * VIEW[1] / 2.0 / world]);
    let ([west, north], [east, south]) = (corner(-1.0), corner(1.0));
    let (columns, rows) = shapes::tiles_of(west, south, east, north, level as u8, 0);
    let row = |y| (columns.0..=columns.1).map(move |x| TileIx { zoom: level as u8, x, y });
    (rows.0..=rows.1).flat_map(row).collect()
}

/// From the first question to the last tile, as a window asks: everything at once, workers answer.
fn tiles_time(project: &mut Project, tiles: &[TileIx]) -> Duration {
    let classes = project.classes_query(Colouring::Crop, 0);
    let started = Instant::now();
    loop {
        project.begin_frame();
        let ask = |&tile: &TileIx| project.get(&TileQuery { tile, classes: classes.clone(), shown: None }, Lane::Interactive);
        if tiles.iter().map(ask).filter(|fetch| matches!(fetch, Fetch::Ready(_))).count() == tiles.len() {
            return started.elapsed();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn views(project: &mut Project) {
    let place = PlaceQuery { parcel: None, revision: project.revision() };
    let all = *project.compute(&place).expect("a place");
    let zoom = shapes::zoom_for(&all, VIEW[0], VIEW[1]);
    let (lon, lat) = all.center();
    let centre = mercator(lon, lat);
    println!("  map of 1600 x 1000 coloured by crop, no tile made before");
    for (name, closer, peer) in [
        ("all parcels", 1.0, "aim 1 s; QGIS 3.22: 25 s"),
        ("a tenth of the area", 10f64.sqrt(), "aim 0.1 s"),
        ("a tenth of width and height", 10.0, "aim 0.1 s; QGIS 3.22: 0.56 s"),
    ] {
        let tiles = tiles_of(centre, zoom + closer.log2());
        let time = tiles_time(project, &tiles);
        println!("    {:>8} {name}, {} tiles ({peer})", ms(time), tiles.len());
    }
}

/// The window's own part of frames while its map is dragged about, over few parcels and over many, taken in turns.
fn frames(few: &Path, many: &Path, folder: &Path) {
    println!("  the window's own part of a frame while the map is dragged, 1600 x 1000 (aim: p99 under 16 ms, ratio 1.2)");
    for (name, closer) in [("all in view", 0), ("nearer, still tiles", 4), ("outlines", 9)] {
        // In turns, because other work on the machine disturbs both alike then.
        let mut rounds: [Vec<Vec<Duration>>; 2] = [Vec::new(), Vec::new()];
        let mut counts = [0; 2];
        for _ in 0..ROUNDS {
            for (number, project) in [few, many].into_iter().enumerate() {
                let mut driver = Driver::new(project, &folder.join(format!("home-{number}")));
                let mut times = drag(&mut driver, closer);
                times.sort_unstable();
                rounds[number].push(times);
                counts[number] = driver.window.project().and_then(Project::data).map_or(0, |data| data.parcels.len());
            }
        }
        let of = |number: usize, share: f64| {
            median(rounds[number].iter().map(|times| times[((times.len() - 1) as f64 * share) as usize]).collect())
        };
        for (number, parcels) in counts.into_iter().enumerate() {
            println!(
                "    {:>8} p99, {:>8} median, {:>8} worst, {name}, {parcels} parcels, middle of {ROUNDS} x {DRAG_FRAMES} frames",
                ms(of(number, 0.99)),
                ms(of(number, 0.5)),
                ms(of(number, 1.0)),
            );
        }
        println!("             ratio of p99 {:.2}", of(1, 0.99).as_secs_f64() / of(0, 0.99).as_secs_f64());
    }
}

fn idle(driver: &mut Driver) {
    let busy = |window: &ui::app::Window| {
        window.project().is_none_or(|project| {
            project.data().is_none() || project.growing() || !project.jobs().is_empty() || project.pool().waiting() > 0
        })
    };
    let mut quiet = 0;
    while quiet < 20 {
        driver.frame(vec![]);
        std::thread::sleep(Duration::from_millis(5));
        quiet = if busy(&driver.window) { 0 } else { quiet + 1 };
    }
}

/// Opens the Map workspace, zooms in by so many half steps of the wheel, and drags to and fro at 60 Hz.
fn drag(driver: &mut Driver, closer: usize) -> Vec<Duration> {
    idle(driver);
    let modifiers = Modifiers::COMMAND;
    for pressed in [true, false] {
        let key = Event::Key { key: Key::Num3, physical_key: None, pressed, repeat: false, modifiers };
        driver.frame(vec![Event::ModifiersChanged(modifiers), key, Event::ModifiersChanged(Modifiers::NONE)]);
    }
    idle(driver);
    let centre = egui::pos2(750.0, 520.0);
    for _ in 0..closer {
        let wheel = Event::MouseWheel {
            unit: egui::MouseWheelUnit::Line,
            delta: egui::vec2(0.0, 2.0),
            modifiers: Modifiers::NONE,
            phase: egui::TouchPhase::Move,
            source: egui::MouseWheelSource::Unknown,
        };
        driver.frame(vec![Event::PointerMoved(centre), wheel]);
        for _ in 0..20 {
            driver.frame(vec![]);
        }
    }
    idle(driver);
    let mut times = Vec::new();
    let press =
        |pos, pressed| Event::PointerButton { pos, button: egui::PointerButton::Primary, pressed, modifiers: Modifiers::NONE };
    driver.frame(vec![Event::PointerMoved(centre), press(centre, true)]);
    for step in 0..DRAG_FRAMES {
        let angle = f64::from(step) / f64::from(DRAG_FRAMES) * std::f64::consts::TAU;
        let pos = centre + egui::vec2((angle.sin() * 400.0) as f32, (angle.cos() * 300.0 - 300.0) as f32);
        times.push(driver.paced(vec![Event::PointerMoved(pos)]));
    }
    driver.frame(vec![press(centre, false)]);
    times
}
