//! `parcelight evaluate` end to end: counts against another program, choice of numbers, what is told when something is wrong.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use parcelight::engine::evaluation::sampling::{Half, half};
use parcelight::io::ruleset;
use parcelight::project::marking;

fn golden(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/evaluation/jrc-salms").join(name).display().to_string()
}

fn asset(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/rulesets").join(name)
}

fn run(folder: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_parcelight"));
    command.arg("evaluate").args(words).current_dir(folder);
    for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
        command.env(name, folder.join("home"));
    }
    command.output().expect("the program starts")
}

/// Standard output of a run that must succeed.
fn ok(folder: &Path, words: &[&str]) -> String {
    let output = run(folder, words);
    assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn fails(folder: &Path, status: i32, words: &[&str]) -> String {
    let output = run(folder, words);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(status), "{words:?}: {error}");
    error
}

fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(|row| row.expect("a row")).collect()
}

fn row<'r>(rows: &'r [BTreeMap<String, String>], half: &str, group: &str, tolerance: &str) -> &'r BTreeMap<String, String> {
    let is = |own: &&BTreeMap<String, String>| own["half"] == half && own["group"] == group && own["tolerance_days"] == tolerance;
    rows.iter().find(is).expect("the row is there")
}

fn number(row: &BTreeMap<String, String>, name: &str) -> f64 {
    row[name].parse().expect("a number")
}

#[test]
fn counts_on_the_jrc_parcels_are_those_of_another_program() {
    let folder = tempfile::tempdir().expect("a folder");
    let (rules, series, truth) = (golden("fall_ndvi.toml"), format!("s2={}", golden("s2.csv")), golden("FOIinfo.csv"));
    let words = ["--ruleset", &rules, "--series", &series, "--clear", "cloud_share<=0.1", "--truth", &truth, "--format", "csv"];
    let found = rows(&ok(folder.path(), &words));
    let text = fs::read_to_string(golden("expected.json")).expect("what is expected");
    let expected: BTreeMap<String, f64> = serde_json::from_str(&text).expect("numbers");
    for tolerance in ["6", "12"] {
        let own = row(&found, "all", "all", tolerance);
        assert_eq!(number(own, "events"), expected["events"], "±{tolerance}");
        assert_eq!(number(own, "detections"), expected["detections"], "±{tolerance}");
        assert_eq!(number(own, "hits"), expected[&format!("hits_{tolerance}")], "±{tolerance}");
        let f1 = 2.0 * number(own, "hits") / (number(own, "events") + number(own, "detections"));
        assert!((number(own, "f1") - f1).abs() < 1e-12 && number(own, "f1_low") <= f1 && f1 <= number(own, "f1_high"));
    }
}

/// Forty meadows in 2021 that are cut on a day of their own, half of them twice; cuts take 0.1 to 0.3 from an index of 0.8, and
/// every third meadow loses 0.05 at another time.
fn meadows(folder: &Path) -> [String; 3] {
    let (mut series, mut truth) =
        ("parcel_id,date,B04,B08,B12,clear\n".to_owned(), "parcel_id,date,year,event_code\n".to_owned());
    let date = |day: usize| jiff::civil::date(2021, 1, 1).checked_add(jiff::Span::new().days(day as i64)).expect("a day");
    for meadow in 0..40_usize {
        let cuts: Vec<usize> = if meadow % 2 == 0 { vec![150 + meadow] } else { vec![140 + meadow, 220 + meadow] };
        for day in (60..330).step_by(5) {
            let since = cuts.iter().filter(|&&cut| cut <= day).map(|&cut| day - cut).min();
            let loss = since.map_or(0.0, |days| (0.1 + 0.005 * meadow as f64) * (1.0 - days as f64 / 40.0).max(0.0));
            let bump = if meadow % 3 == 0 && (100..115).contains(&day) { 0.05 } else { 0.0 };
            let index = 0.8 - loss - bump;
            let (nir, red) = (1.0 + index, 1.0 - index);
            writeln!(series, "{meadow:03},{},{red},{nir},{red},{}", date(day), usize::from(day % 25 != 0)).expect("a line");
        }
        for &cut in &cuts {
            writeln!(truth, "{meadow:03},{},,k", date(cut)).expect("a line");
        }
    }
    truth.push_str("040,2021-06-01,,k\n000,,2022,n\n");
    fs::write(folder.join("series.csv"), series).expect("written");
    fs::write(folder.join("truth.csv"), truth).expect("written");
    ["s2=series.csv".to_owned(), "truth.csv".to_owned(), asset("mowing_s2.toml").display().to_string()]
}

#[test]
fn numbers_are_chosen_on_one_half_and_reported_on_both() {
    let folder = tempfile::tempdir().expect("a folder");
    let [series, truth, rules] = meadows(folder.path());
    let words = ["--ruleset", &rules, "--series", &series, "--clear", "clear>=1", "--truth", &truth, "--truth-type", "k"];
    let before = rows(&ok(folder.path(), &[&words[..], &["--format", "csv"]].concat()));
    let tune =
        ["--tune", "markers.mowing.detect.fall.min_depth=0.02..0.3/0.02", "--tune", "markers.mowing.detect.fall.before=1..2/1"];
    let text = ok(folder.path(), &[&words[..], &tune, &["-o", "out", "--jobs", "1"]].concat());
    assert!(text.contains("half tune, ±12 days") && text.contains("half report, ±6 days"), "{text}");
    let again = ok(folder.path(), &[&words[..], &tune, &["-o", "again", "--jobs", "3"]].concat());
    assert_eq!(again, text, "for any number of threads");
    let read = |name: &str| fs::read_to_string(folder.path().join("out").join(name)).expect(name);
    let after = rows(&read("evaluation.csv"));
    let of = |rows: &[BTreeMap<String, String>], half: &str, name: &str| number(row(rows, half, "all", "12"), name);
    assert_eq!(of(&after, "tune", "parcels") + of(&after, "report", "parcels"), 40.0);
    assert_eq!(of(&before, "all", "events"), 60.0);
    // 0.05 is no cut and 0.1 is one: between them nothing is missed.
    assert_eq!((of(&after, "tune", "f1"), of(&after, "report", "recall")), (1.0, 1.0));
    assert!(of(&after, "report", "f1") > of(&before, "all", "f1"));
    let chosen = ruleset::load(&folder.path().join("out/ruleset.toml")).expect("a ruleset").ruleset;
    let changed = ruleset::diff(&ruleset::load(Path::new(&rules)).expect("a ruleset").ruleset, &chosen).expect("compared");
    assert!(changed.iter().any(|own| own.field == "markers.mowing.detect.fall.min_depth"), "{changed:?}");
    let matches = rows(&read("matches.csv"));
    for own in &matches {
        let expected = if half(&own["parcel_id"], 1) == Half::Tune { "tune" } else { "report" };
        assert_eq!(own["half"], expected, "{own:?}");
    }
    assert!(read("run.json").contains(&ruleset::hash(&chosen).expect("a hash")));
}

#[test]
fn half_of_the_parcels_can_be_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let [series, truth, rules] = meadows(folder.path());
    let parcels = |half: &str, seed: &str| {
        let words =
            ["--ruleset", &rules, "--series", &series, "--truth", &truth, "--half", half, "--seed", seed, "--format", "json"];
        let rows: Vec<serde_json::Value> = serde_json::from_str(&ok(folder.path(), &words)).expect("rows");
        rows[0]["parcels"].as_u64().expect("a number")
    };
    assert_eq!(parcels("tune", "1") + parcels("report", "1"), parcels("all", "1"));
    assert!(parcels("tune", "1") != 0 && parcels("report", "1") != 0);
}

#[test]
fn known_events_of_a_layer_are_those_of_a_table() {
    let folder = tempfile::tempdir().expect("a folder");
    let [series, truth, rules] = meadows(folder.path());
    let words = |truth: &str| {
        let words = ["--ruleset", &rules, "--series", &series, "--truth", truth, "--truth-type", "k", "--format", "csv"];
        words.map(str::to_owned)
    };
    let run = |truth: &str| ok(folder.path(), &words(truth).each_ref().map(String::as_str));
    let text = fs::read_to_string(folder.path().join(&truth)).expect("the table");
    let feature = |row: &BTreeMap<String, String>| serde_json::json!({"type": "Feature", "geometry": {"type": "Point", "coordinates": [4.0, 51.0]}, "properties": row});
    let write = |features: Vec<serde_json::Value>| {
        let layer = serde_json::json!({"type": "FeatureCollection", "name": "cuts", "features": features});
        fs::write(folder.path().join("layer.txt"), layer.to_string()).expect("written");
    };
    write(rows(&text).iter().map(feature).collect());
    assert_eq!(run("layer.txt"), run(&truth));
    let nameless = |mut row: BTreeMap<String, String>| {
        row.remove("parcel_id");
        feature(&row)
    };
    write(rows(&text).into_iter().map(nameless).collect());
    let error = fails(folder.path(), 1, &words("layer.txt").each_ref().map(String::as_str));
    assert!(error.contains("layer “cuts”: it has no id column, and there are no parcel outlines"), "{error}");
}

#[test]
fn what_is_wrong_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let [series, truth, rules] = meadows(folder.path());
    let words = ["--ruleset", &rules, "--series", &series, "--truth", &truth];
    let told = |status: i32, more: &[&str], expected: &str| {
        let error = fails(folder.path(), status, &[&words[..], more].concat());
        assert!(error.contains(expected), "{more:?}: {error}");
    };
    told(2, &["--events", "cut"], "the ruleset has no marker “cut”; it has mowing");
    told(2, &["--clear", "sun>1"], "no series has a component “sun”");
    told(2, &["--tune", "x=1..2"], "expected FIELD=FROM..TO/STEP");
    told(1, &["--tune", "markers.mowing.detect.drop.joins=1..2/1"], "there is no such field; here are fall");
    told(1, &["--truth-type", "h"], "it has no event of type h; its types are k, n");
    told(2, &["--season", "april"], "is no season; expected MM-DD..MM-DD");
    fs::write(folder.path().join("other.csv"), "id,date\nx,2021-06-01\n").expect("written");
    let error = fails(folder.path(), 1, &["--ruleset", &rules, "--series", &series, "--truth", "other.csv"]);
    assert!(error.contains("no parcel has both records and series"), "{error}");
}

#[test]
fn shipped_rulesets_are_good() {
    let folder = fs::read_dir(asset("")).expect("the folder of rulesets");
    let mut count = 0;
    for entry in folder {
        let path = entry.expect("an entry").path();
        let own = ruleset::load(&path).unwrap_or_else(|error| panic!("{error}"));
        marking::compile(&own.ruleset).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(!own.ruleset.source.is_empty() && own.ruleset.inputs.iter().all(|input| !input.signals.is_empty()));
        count += 1;
    }
    assert!(count > 0);
}
