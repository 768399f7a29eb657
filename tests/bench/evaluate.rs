//! How well the shipped rulesets find known events. The parcels of the JRC always; the two Slovak sets where `PARCELIGHT_TRUTH` names a
//! folder with `grassland_camera_slovakia` and `grassland_slovakia`.
//!
//! Prints tables of `parcelight evaluate`, and beside them F1 of other methods on the same halves: the mowing detector after L4B of
//! `Sen4CAP` with its own numbers, which are not chosen on these data. The coherence of the second set is that of one point: with one
//! pixel L4B asks for a rise of more than 0.8, which never comes, so its figures with and without coherence are equal.

use std::path::{Path, PathBuf};
use std::process::Command;

use parcelight::engine::evaluation::sampling::{Half, half};
use parcelight::engine::evaluation::{Draws, score};
use parcelight::engine::practices::mowing::{Input, Orbit, Params, detect};
use parcelight::io::samples::{self, SeriesTable};
use parcelight::io::truth::{self, Reading};
use parcelight::model::SampleTable;
use parcelight::model::Season;
use parcelight::project::evaluating::Ground;

/// Seed of the halves, as in the program.
const SEED: u64 = 1;
/// Least cloud score of a clear observation.
const CLEAR: f64 = 0.8;

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn main() {
    let jrc = here("tests/golden/evaluation/jrc-salms");
    let file = |folder: &Path, name: &str| folder.join(name).display().to_string();
    println!("\n== falls of NDVI, 10 parcels of the JRC, 17 field events of 2020 whose kind is not told");
    let series = format!("s2={}", file(&jrc, "s2.csv"));
    let rules = file(&jrc, "fall_ndvi.toml");
    evaluate(&["--ruleset", &rules, "--series", &series, "--clear", "cloud_share<=0.1", "--truth", &file(&jrc, "FOIinfo.csv")]);
    let Some(folder) = std::env::var_os("PARCELIGHT_TRUTH").map(PathBuf::from) else {
        println!(
            "\nPARCELIGHT_TRUTH is not set: no figures for mowing. Make a folder with grassland_camera_slovakia/ and grassland_slovakia/, \
             each with s2_series.csv and events.csv (the second with coherence_series.csv), from the published data of \
             simonopravil/gee-mowing-detection, and name it in PARCELIGHT_TRUTH."
        );
        return;
    };
    let rules = here("assets/rulesets/mowing_s2.toml").display().to_string();
    for (name, halves) in [("grassland_camera_slovakia", ["tune", "report"].as_slice()), ("grassland_slovakia", &["all"])] {
        let folder = folder.join(name);
        let (series, truth) = (format!("s2={}", file(&folder, "s2_series.csv")), file(&folder, "events.csv"));
        for half in halves {
            println!("\n== mowing_s2.toml, {name}");
            let words = ["--ruleset", &rules, "--series", &series, "--id", "plot_id", "--clear", "clear_mask>=1", "--half", half];
            let clear = format!("cloudscore_cs_cdf>={CLEAR}");
            let known = ["--clear", &clear, "--truth", &truth, "--truth-type", "k", "--truth-ignore", "p"];
            evaluate(&[&words[..], &known].concat());
        }
        l4b(&folder);
    }
}

/// Runs the program.
fn evaluate(words: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_parcelight")).arg("evaluate").args(words).output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    println!("{}", String::from_utf8_lossy(&output.stdout));
}

/// The detector after L4B with its own numbers, of NDVI and, where there is a file, of NDVI and coherence.
fn l4b(folder: &Path) {
    let read = |name: &str, time: &str| samples::read(&folder.join(name), Some("plot_id"), Some(time)).expect("a series");
    let mut optics = read("s2_series.csv", "date");
    for table in optics.parcels.values_mut() {
        let of = |name: &str| table.column(name).expect("a column").values.clone();
        let (mask, score) = (of("clear_mask"), of("cloudscore_cs_cdf"));
        table.retain(|row| mask[row] >= 1.0 && score[row] >= CLEAR);
    }
    let radar = folder.join("coherence_series.csv").is_file().then(|| read("coherence_series.csv", "date2"));
    let how =
        Reading { events: vec!["k".to_owned()], none: vec!["n".to_owned()], ignore: vec!["p".to_owned()], ..Reading::default() };
    let records = truth::read(&folder.join("events.csv"), &how, None).expect("known events").records;
    let season: Season = "04-01..10-31".parse().expect("a season");
    let ids: Vec<String> = optics.parcels.keys().cloned().collect();
    let inputs = ids.iter().map(|id| vec![optics.parcels[id].clone(), of_parcel(radar.as_ref(), id)]).collect();
    let all = Ground::new(ids, inputs, &records, season);
    for (name, ground) in [("all", all.clone()), ("report", all.only(|id| half(id, SEED) == Half::Report))] {
        for with_radar in [false, true] {
            if with_radar && radar.is_none() {
                continue;
            }
            let cases = ground.cases_of(|parcel| mowings(&ground.inputs[parcel], with_radar), season);
            let method = if with_radar { "NDVI and coherence b2" } else { "NDVI" };
            for tolerance in [6.0, 12.0] {
                let own = score(&cases, tolerance, Draws::default());
                println!(
                    "L4B, {method}, half {name}, ±{tolerance} days: precision {:.3}, recall {:.3}, F1 {:.3} ({:.2}-{:.2})",
                    own.counts.precision(),
                    own.counts.recall(),
                    own.counts.f1(),
                    own.f1.low,
                    own.f1.high
                );
            }
        }
    }
}

fn of_parcel(table: Option<&SeriesTable>, id: &str) -> SampleTable {
    table.and_then(|table| table.parcels.get(id)).cloned().unwrap_or_default()
}

/// Middle days of the mowings, year by year since a season has at most four.
fn mowings(inputs: &[SampleTable], with_radar: bool) -> Vec<f64> {
    let of = |table: &SampleTable, name: &str| table.column(name).map(|own| own.values.clone()).unwrap_or_default();
    let (optics, radar) = (&inputs[0], &inputs[1]);
    let (ndvi, coherence) = (of(optics, "ndvi"), of(radar, "coh_b2"));
    let mut days = Vec::new();
    for year in 2021..2025_i16 {
        let ends =
            [(1, 1), (12, 31)].map(|(month, day)| parcelight::engine::markers::epoch_day(jiff::civil::date(year, month, day)));
        let part = |days: &[f64]| days.partition_point(|&day| day < ends[0])..days.partition_point(|&day| day <= ends[1]);
        let (seen, heard) = (part(&optics.days), part(&radar.days));
        let orbit = [Orbit { days: &radar.days[heard.clone()], coherence: &coherence[heard] }];
        let orbits: &[Orbit<'_>] = if with_radar { &orbit } else { &[] };
        let input = Input { ndvi_days: &optics.days[seen.clone()], ndvi: &ndvi[seen], orbits, radar_pixels: 1.0 };
        let found = detect(&input, &Params::default());
        days.extend(found.iter().map(|own| f64::midpoint(own.start, own.end)));
    }
    days
}
