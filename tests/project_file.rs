//! The project file: version rule, error messages, comments, round trip.

use std::path::{Path, PathBuf};

use parcelight::io::project_file::{load, save};

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/pajottenland_2019/pajottenland_2019.parcelight.toml")
}

fn error_of(text: &str) -> String {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("x.parcelight.toml");
    std::fs::write(&path, text).expect("writes");
    load(&path).expect_err("must be refused").to_string()
}

#[test]
fn the_sample_project_survives_saving_with_its_comments() {
    let file = load(&sample()).expect("loads");
    assert_eq!(file.imagery.len(), 4);
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("copy.parcelight.toml");
    std::fs::copy(sample(), &path).expect("copies");
    let mut changed = file.clone();
    changed.name = "Pajottenland, again".to_owned();
    changed.peers.excluded = vec!["007".to_owned()];
    save(&path, &changed).expect("saves");
    assert_eq!(load(&path).expect("loads again"), changed);
    let text = std::fs::read_to_string(&path).expect("reads");
    for comment in ["# The sample project", "# Real acquisitions", "# Made, not observed"] {
        assert_eq!(text.matches(comment).count(), 1, "{comment} in\n{text}");
    }
    let made = text.find("# Made, not observed").expect("there");
    assert!(text[made..].lines().nth(2).is_some_and(|line| line.contains("coherence")), "{text}");
    save(&path, &changed).expect("saves twice");
    assert_eq!(std::fs::read_to_string(&path).expect("reads"), text, "saving the same changes nothing");
}

#[test]
fn a_newer_major_version_is_refused_and_both_versions_are_named() {
    let error = error_of("version = \"2.1\"\nname = \"x\"\nwonder = 1\n[parcels]\npath = \"a\"\n");
    assert!(error.contains("2.1") && error.contains("1.0") && error.contains("newer Parcelight"), "{error}");
    assert!(error.contains("x.parcelight.toml"), "{error}");
}

#[test]
fn a_newer_minor_version_opens_when_it_holds_nothing_unknown() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("x.toml");
    std::fs::write(&path, "version = \"1.7\"\nname = \"x\"\n[parcels]\npath = \"a\"\n").expect("writes");
    assert_eq!(load(&path).expect("opens").version, "1.7");
    let error = error_of("version = \"1.7\"\nname = \"x\"\nwonder = 1\n[parcels]\npath = \"a\"\n");
    assert!(error.contains("wonder") && error.contains("1.7"), "{error}");
}

#[test]
fn errors_name_file_line_and_field() {
    let unknown = error_of("version = \"1.0\"\nname = \"x\"\n[parcels]\npath = \"a\"\npathh = \"b\"\n");
    let endless = error_of("version = \"1.0\"\nname = \"x\"\n[parcels]\npath = \"a\"\n[observations]\nbuffer_m = nan\n");
    assert!(endless.contains("observations.buffer_m") && endless.contains("finite"), "{endless}");
    assert!(unknown.contains("line 5") && unknown.contains("pathh") && unknown.contains("x.parcelight.toml"), "{unknown}");
    let kind = error_of("version = \"1.0\"\nname = \"x\"\n[parcels]\npath = \"a\"\nepsg = \"b\"\n");
    assert!(kind.contains("line 5") && kind.contains("epsg"), "{kind}");
    let syntax = error_of("version = \"1.0\"\nname = \n");
    assert!(syntax.contains("line 2"), "{syntax}");
    let none = error_of("name = \"x\"\n");
    assert!(none.contains("`version` is missing"), "{none}");
    let missing = error_of("version = \"1.0\"\nname = \"x\"\n");
    assert!(missing.contains("parcels"), "{missing}");
    assert!(!unknown.contains('\n') && !kind.contains('\n') && !syntax.contains('\n') && !missing.contains('\n'));
}
