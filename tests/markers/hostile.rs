//! Broken and hostile rulesets: one line with line and column, and no time lost.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

fn refusal(text: &[u8]) -> String {
    let desk = tempfile::tempdir().expect("a folder");
    fs::write(desk.path().join("rules.toml"), text).expect("written");
    let started = Instant::now();
    let mut command = Command::new(env!("CARGO_BIN_EXE_parcelight"));
    let output = command.args(["ruleset", "show", "rules.toml"]).current_dir(desk.path()).output().expect("the program starts");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(!error.contains("panicked") && error.lines().count() == 1 && error.len() < 900, "{error}");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    println!("{}", error.trim());
    error
}

fn rules(signals: &str) -> String {
    format!("version = \"1.0\"\n[[inputs]]\nname = \"s2\"\n{signals}")
}

#[test]
fn broken_rulesets_are_refused_with_line_and_column() {
    let circle = "[[signals]]\nname = \"a\"\nfrom = [\"b\"]\n[[signals]]\nname = \"b\"\nfrom = [\"a\"]\n";
    let step = |step: &str| rules(&format!("[[signals]]\nname = \"a\"\nfrom = [\"s2\"]\nsteps = [{{ {step} }}]\n"));
    let index = |text: &str| step(&format!("index = {{ name = \"x\", expression = \"{text}\" }}"));
    let cases: Vec<(Vec<u8>, &str, &str)> = vec![
        (rules(circle).into_bytes(), "line 6, column 8", "a circle: “a” uses “b” uses “a”"),
        (rules("[[markers]]\nname = \"m\"\nsignal = \"s3\"\ndetect = { gap = {} }").into_bytes(), "line 6, column 10", "“s3”"),
        (vec![b'('; 10_000_000], "line 1, column 1048577", "goes on beyond"),
        (vec![b'('; 900_000], "line 1, column ", ""),
        (index(&"(".repeat(900_000)).into_bytes(), "line 7, column 10", "longer than 500"),
        (index(&format!("{}B04", "(".repeat(400))).into_bytes(), "line 7, column 10", "nested too deep"),
        (index("__import__('os').system('x')").into_bytes(), "line 7, column 10", "__import__"),
        (step("resample = { step_days = \"1 day\" }").into_bytes(), "line 7, column 37", "invalid type"),
        (step("low_pass = { cut_off_hz = 0.05 }").into_bytes(), "line 7, column 25", "cut_off_hz"),
        (step("low_pass = { cut_off = 20 }").into_bytes(), "line 7, column 10", "cycles per sample"),
        (b"version = \"2.0\"\nnonsense = 1".to_vec(), "line 1, column 11", "install a newer Parcelight"),
        (b"version = \"1.0\"\nname = \"\xff\"".to_vec(), "line 2, column 9", "UTF-8"),
        (format!("version = \"1.0\"\nname = {}", "[".repeat(200_000)).into_bytes(), "line 2, column ", ""),
    ];
    for (text, place, reason) in cases {
        let told = refusal(&text);
        assert!(told.contains(place) && told.contains(reason), "expected {place}, {reason}: {told}");
    }
}
