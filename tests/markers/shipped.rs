//! The rulesets that ship with the program.

use std::process::Command;

use parcelight::engine::markers::features::FeaturePlan;
use parcelight::io::ruleset::shipped::{SHIPPED, shipped, summary};
use parcelight::io::ruleset::{hash, parse, write};
use parcelight::project::marking::{check_inputs, compile};

#[test]
fn every_shipped_ruleset_is_read_compiled_and_written_again() {
    let indices = parcelight::engine::indices::IndexSet::new(&[]).0;
    for (name, text) in SHIPPED {
        let own = parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let plan = compile(&own).unwrap_or_else(|error| panic!("{name}: {error}"));
        check_inputs(&own, &[], Some(&indices)).unwrap_or_else(|error| panic!("{name}: {error}"));
        let again = parse(&write(&own).expect("written")).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(again, own, "{name}");
        assert_eq!(hash(&again).expect("a hash"), hash(&own).expect("a hash"), "{name}");
        let rules = own.rules.as_ref().unwrap_or_else(|| panic!("{name} has no rules"));
        let ready = FeaturePlan::new(&own, &plan).rules(&own).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(ready.is_some(), "{name}");
        assert!(rules.base.green.is_some() && rules.base.window.is_some() && rules.base.minimum.is_some(), "{name}");
        for part in ["# Source: ", "# Inputs: ", "# Limits: ", "# Season: "] {
            assert!(text.contains(part), "{name} does not tell {part}");
        }
        assert!(summary(text).len() > 20 && !own.name.is_empty() && !own.source.is_empty(), "{name}");
    }
    assert!(SHIPPED.is_sorted_by(|a, b| a.0 < b.0));
    assert_eq!((shipped("water").is_some(), shipped("fire")), (true, None));
}

#[test]
fn the_shipped_files_are_all_listed() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/rulesets");
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path().file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert_eq!(names, SHIPPED.map(|(name, _)| name));
}

fn run(words: &[&str]) -> (Option<i32>, String, String) {
    let desk = tempfile::tempdir().expect("a folder");
    let mut command = Command::new(env!("CARGO_BIN_EXE_parcelight"));
    command.args(words);
    for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
        command.env(name, desk.path());
    }
    let output = command.output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn shipped_rulesets_are_listed_shown_and_run_by_name() {
    let (status, list, _) = run(&["ruleset", "list"]);
    assert_eq!((status, list.lines().count()), (Some(0), SHIPPED.len()));
    assert!(list.contains("shipped:water: Open water on a parcel"), "{list}");
    let (status, text, _) = run(&["ruleset", "show", "shipped:water"]);
    assert_eq!((status, Some(text.as_str())), (Some(0), shipped("water")));
    let (status, _, error) = run(&["ruleset", "show", "shipped:fire"]);
    assert!(status == Some(1) && error.contains("there are bare_soil, emergence"), "{error}");

    let desk = tempfile::tempdir().expect("a folder");
    let (series, out) = (desk.path().join("s2.csv"), desk.path().join("out"));
    let rows: Vec<String> = (1..=28).map(|day| format!("007,2019-05-{day:02},{}\n", if day > 14 { 0.4 } else { -0.4 })).collect();
    std::fs::write(&series, format!("parcel_id,date,MNDWI\n{}", rows.concat())).expect("written");
    let given = format!("s2={}", series.display());
    let (status, _, error) =
        run(&["markers", "--ruleset", "shipped:water", "--series", &given, "-o", &out.display().to_string()]);
    assert_eq!(status, Some(0), "{error}");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).expect("a table");
    assert!(read("markers.csv").contains("007,water,yes,1,1,0,2019-05-15,2019-05-28,28"), "{}", read("markers.csv"));
    assert!(read("events.csv").contains("007,s2,water,2019-05-15,2019-05-15,2019-05-28"), "{}", read("events.csv"));
}
