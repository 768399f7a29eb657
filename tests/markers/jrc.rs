//! The worked example of the JRC's marker tool, through the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn run(folder: &Path, words: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parcelight"));
    command.args(words).current_dir(folder);
    for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
        command.env(name, folder.join("home"));
    }
    let output = command.output().expect("the program starts");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{words:?}: {error}");
    error
}

/// Rows as maps from column to word.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).expect("a table");
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn number(word: &str) -> f64 {
    if word.is_empty() { f64::NAN } else { word.parse().expect("a number") }
}

/// Largest difference of two numbers; `NaN` only equals `NaN`.
fn apart(a: f64, b: f64) -> f64 {
    if a.is_nan() && b.is_nan() { 0.0 } else { (a - b).abs() }
}

fn compare_series(out: &Path, name: &str) -> f64 {
    let file = format!("series_{name}.csv");
    let (expected, found) = (rows(&golden("markers/jrc").join(&file)), rows(&out.join(&file)));
    assert_eq!(found.len(), expected.len(), "{name}: rows");
    let mut worst: f64 = 0.0;
    for (own, other) in found.iter().zip(&expected) {
        assert_eq!((&own["parcel_id"], &own["date"]), (&other["FID"], &other["Date"]), "{name}");
        for (column, value) in other.iter().filter(|(column, _)| !["FID", "Date"].contains(&column.as_str())) {
            worst = worst.max(apart(number(&own[column]), number(value)));
        }
    }
    assert!(worst <= 2e-6, "{name}: {worst}");
    worst
}

fn compare_markers(found: &[BTreeMap<String, String>], file: &str) {
    let expected = rows(&golden("markers/jrc").join(file));
    assert_eq!(found.len(), expected.len(), "{file}: number of events");
    for (own, other) in found.iter().zip(&expected) {
        let of = |row: &BTreeMap<String, String>, names: [&str; 7]| names.map(|name| row[name].clone());
        assert_eq!(
            of(own, ["parcel_id", "signal", "kind", "start", "peak", "end", "duration_days"]),
            of(other, ["FID", "signal", "type", "start_data", "main_date", "stop_date", "duration"])
        );
        for (name, column) in [("value_start", "value 1"), ("value_peak", "value 2"), ("value_end", "value 3")] {
            assert!(apart(number(&own[name]), number(&other[column])) <= 2e-6, "{file}: {own:?}");
        }
    }
}

#[test]
fn an_imported_option_file_gives_the_series_and_markers_of_the_jrc() {
    let desk = tempfile::tempdir().expect("a folder");
    let path = |name: &str| golden(name).display().to_string();
    run(desk.path(), &["ruleset", "import-jrc", &path("markers/jrc/config.json"), "-o", "rules.toml"]);
    let (s2, coh) = (path("tables/jrc-markers/s2.csv"), path("tables/jrc-markers/coh.csv"));
    let (s2, coh) = (format!("s2_bands={s2}"), format!("coh={coh}"));
    let words = ["markers", "--ruleset", "rules.toml", "--series", &s2, "--series", &coh, "--dump-signals", "-o"];
    run(desk.path(), &[words.as_slice(), &["out"]].concat());
    let out = desk.path().join("out");
    for name in ["ndvi", "ndvi_filt", "coh_compo", "coh_norm"] {
        println!("series {name}: largest difference {:.2e}", compare_series(&out, name));
    }
    let (together, alone): (Vec<_>, Vec<_>) = rows(&out.join("events.csv")).into_iter().partition(|row| row["signal"] == "-");
    compare_markers(&alone, "markers.csv");
    compare_markers(&together, "aggregated.csv");
    println!("{} markers and {} aggregated ones equal", alone.len(), together.len());
    let outcomes = rows(&out.join("markers.csv"));
    assert_eq!(outcomes.len(), 2 * 4);
    let drop = &outcomes[0];
    assert_eq!((drop["marker"].as_str(), drop["outcome"].as_str(), drop["threshold"].as_str()), ("ndvi_filt", "yes", "0.12"));
    assert_eq!((drop["start"].as_str(), drop["end"].as_str()), ("2020-06-06", "2020-08-21"));
    assert_eq!(fs::read_to_string(out.join("verdicts.csv")).expect("there"), "parcel_id,verdict,reason\n");
    let record: serde_json::Value = serde_json::from_slice(&fs::read(out.join("run.json")).expect("there")).expect("JSON");
    assert_eq!(record["ruleset_hash"].as_str().map(str::len), Some(64));

    // The same bytes with one thread and with several, and for one parcel alone.
    run(desk.path(), &[words.as_slice(), &["one", "--jobs", "1"]].concat());
    for name in ["events.csv", "markers.csv", "series_coh_norm.csv"] {
        assert_eq!(fs::read(out.join(name)).ok(), fs::read(desk.path().join("one").join(name)).ok(), "{name}");
    }
    run(desk.path(), &[words.as_slice(), &["alone", "--parcel", "2"]].concat());
    assert!(rows(&desk.path().join("alone/markers.csv")).iter().all(|row| row["parcel_id"] == "2"));
}

#[test]
fn several_columns_a_missing_orbit_and_empty_lists_work() {
    let desk = tempfile::tempdir().expect("a folder");
    let options = r#"{"dataReaders": [{"type": "csv", "signal": "coh"}], "pre-processors": [
        {"outnames": ["both"], "processors": [{"type": "split", "signals": ["coh"], "by": "orbit"}, {"type": "interp"}]},
        {"outnames": ["a", "d"], "processors": [{"type": "split", "signals": ["coh"], "by": "orbit"}]}],
        "marker-detectors": [{"type": "peak-detector", "signals": ["both", "d"]}, {"type": "drop-detector", "signals": []}],
        "marker-aggregator": [{"action": "aggregate", "signals": ["both", "d"]}], "marker-sink": []}"#;
    let mut table = "parcel_id,acquired_utc,orbit,v,w\n".to_owned();
    for day in 1..=9 {
        let value = [1, 2, 3, 9, 3, 2, 1, 1, 1][day - 1];
        let rows =
            format!("01,2020-05-0{day},A,{value},{}\n02,2020-05-0{day}T06:00:00Z,{},{value},1\n", -value, ["A", "D"][day % 2]);
        table.push_str(&rows);
    }
    fs::write(desk.path().join("options.json"), options).expect("written");
    fs::write(desk.path().join("coh.csv"), table).expect("written");
    run(desk.path(), &["ruleset", "import-jrc", "options.json", "-o", "rules.toml"]);
    run(desk.path(), &["markers", "--ruleset", "rules.toml", "--series", "coh=coh.csv", "-o", "out"]);
    let events = rows(&desk.path().join("out/events.csv"));
    let told: Vec<[&str; 3]> =
        events.iter().map(|row| ["parcel_id", "component", "peak"].map(|name| row[name].as_str())).collect();
    assert!(told.contains(&["01", "coh_A_v", "2020-05-04"]), "{told:?}");
    assert!(told.contains(&["02", "coh_A_v", "2020-05-04"]), "{told:?}");
    let outcomes = rows(&desk.path().join("out/markers.csv"));
    let of = |id: &str, marker: &str| {
        outcomes.iter().find(|row| row["parcel_id"] == id && row["marker"] == marker).map(|row| row["outcome"].clone())
    };
    assert_eq!(of("01", "d").as_deref(), Some("unknown"), "the orbit is missing");
    assert_eq!(of("01", "both").as_deref(), Some("yes"));
}
