//! `parcelight review` on the sample project.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use parcelight::model::review::Act;
use parcelight::store::decisions::Journal;

use super::story::{decide, resolve, write};

const PROJECT: &str = "pajottenland_2019/pajottenland_2019.parcelight.toml";
const JOURNAL: &str = "pajottenland_2019/pajottenland_2019.decisions.sqlite";

/// A folder of its own with the sample, and the user's folders kept away.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        parcelight::project::sample::write(folder.path()).expect("the sample can be written");
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parcelight"));
        command.arg("review").args(words).current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
            command.env(name, self.path("home"));
        }
        command.env_remove("RUST_LOG").env("USER", "account").output().expect("the program starts")
    }

    /// Standard output and error of a run that must end with a status.
    fn ends(&self, status: i32, words: &[&str]) -> (String, String) {
        let output = self.run(words);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{words:?}: {error}");
        assert!(!error.contains("panicked"), "{words:?}: {error}");
        (String::from_utf8(output.stdout).expect("text"), error)
    }

    fn ok(&self, words: &[&str]) -> (String, String) {
        self.ends(0, words)
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// A few decisions of two people.
    fn decided(&self) {
        let journal = self.path(JOURNAL);
        let acts = [
            ("FLAPAJ001", decide("compliant", "", "green", 10)),
            ("FLAPAJ002", decide("non_compliant", "not_found", "green", 20)),
            ("FLAPAJ003", Act::Defer),
            ("FLAPAJ004", Act::Flag { reason: "=ask".to_owned() }),
        ];
        write(&journal, "ann", "2026-01-01T10:00:00Z", &acts);
        let acts = [
            ("FLAPAJ001", decide("compliant", "", "green", 10)),
            ("FLAPAJ002", decide("compliant", "seen", "green", 20)),
            ("FLAPAJ005", decide("request", "unclear", "yellow", 30)),
            ("FLAPAJ005", resolve("compliant", "visited")),
        ];
        write(&journal, "ben", "2026-01-02T10:00:00Z", &acts);
    }
}

/// Rows by the names of the columns.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(|row| row.expect("a row")).collect()
}

fn ids(text: &str) -> Vec<String> {
    rows(text).into_iter().map(|row| row["parcel_id"].clone()).collect()
}

/// Names, sizes and times of all files below a folder but those of the journal, of caches and of results.
fn footprint(folder: &Path) -> BTreeMap<PathBuf, (u64, std::time::SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("listed") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(footprint(&path));
        } else {
            let own = fs::metadata(&path).expect("there");
            found.insert(path, (own.len(), own.modified().expect("a time")));
        }
    }
    found.retain(|path, _| {
        !path.to_string_lossy().contains(".decisions.") && !path.to_string_lossy().contains(".parcelight.cache")
    });
    found
}

#[test]
fn a_project_without_journal_is_open_and_gets_none_by_looking() {
    let desk = Desk::new();
    let (text, said) = desk.ok(&["list", "--project", PROJECT]);
    assert_eq!(rows(&text).len(), 17);
    assert!(rows(&text).iter().all(|row| row["state"] == "open" && row["verdict"].is_empty() && row["experts"] == "0"));
    assert!(said.contains("17 of 17 parcels listed: 17 open, 0 decided"), "{said}");
    desk.ok(&["export", "--project", PROJECT, "-o", "d.csv"]);
    assert!(String::from_utf8(desk.bytes("d.csv")).expect("text").starts_with("parcel_id,automatic,expert_user,"));
    assert_eq!(rows(&String::from_utf8(desk.bytes("d.csv")).expect("text")).len(), 0);
    assert!(!desk.path(JOURNAL).exists());
}

#[test]
fn parcels_are_listed_by_where_they_stand() {
    let desk = Desk::new();
    desk.decided();
    let list = |state: &str| ids(&desk.ok(&["list", "--project", PROJECT, "--state", state]).0);
    assert_eq!(list("decided"), ["FLAPAJ001", "FLAPAJ002", "FLAPAJ005"]);
    assert_eq!(
        (list("deferred"), list("flagged"), list("disputed")),
        (vec!["FLAPAJ003".to_owned()], vec!["FLAPAJ004".to_owned()], vec!["FLAPAJ002".to_owned()])
    );
    assert_eq!(list("open").len(), 13);
    let (text, _) = desk.ok(&["list", "--project", PROJECT, "--parcel", "FLAPAJ002", "--parcel", "FLAPAJ004"]);
    let found = rows(&text);
    assert_eq!(
        (found[0]["verdict"].as_str(), found[0]["expert_user"].as_str(), found[0]["disputed"].as_str()),
        ("compliant", "ben", "true")
    );
    assert_eq!(found[1]["flag"], "'=ask");
    let (text, _) = desk.ok(&["list", "--project", PROJECT, "--parcel", "FLAPAJ004", "--format", "json"]);
    assert!(text.contains("\"flag\":\"=ask\""), "{text}");
}

#[test]
fn decisions_are_taken_in_whole_or_not_at_all() {
    let desk = Desk::new();
    let before = footprint(&desk.path("pajottenland_2019"));
    let good = "parcel_id,verdict,reasons,note,user,time\n\
        FLAPAJ001,compliant,,fine,ann,2026-01-01T10:00:00Z\n\
        FLAPAJ002,non_compliant,not_found;outline,,ann,2026-01-01T09:00:00Z\n";
    fs::write(desk.path("good.csv"), good).expect("written");
    fs::write(desk.path("bad.csv"), format!("{good}FLAPAJ999,compliant,,,,\nFLAPAJ003,perhaps,,,,\n")).expect("written");
    let (_, told) = desk.ends(1, &["import", "bad.csv", "--project", PROJECT]);
    for expected in [
        "line 4: there is no parcel “FLAPAJ999”",
        "line 5: there is no verdict “perhaps”",
        "2 of 4 rows",
        "nothing was",
        "--partial",
    ] {
        assert!(told.contains(expected), "{expected}: {told}");
    }
    assert!(!desk.path(JOURNAL).exists());
    desk.ok(&["import", "good.csv", "--project", PROJECT, "--dry-run"]);
    assert!(!desk.path(JOURNAL).exists());
    let (_, told) = desk.ok(&["import", "good.csv", "--project", PROJECT]);
    assert!(told.contains("2 decisions of 2 rows, 3 entries added"), "{told}");
    let (_, told) = desk.ok(&["import", "good.csv", "--project", PROJECT]);
    assert!(told.contains("0 entries added"), "the same file twice: {told}");
    let entries = Journal::open_read_only(&desk.path(JOURNAL)).expect("a journal").entries().expect("read");
    let noted: Vec<_> =
        entries.iter().map(|own| (own.parcel.as_str(), own.act.kind(), own.time.to_string(), own.sequence)).collect();
    let expected = [
        ("FLAPAJ002", "decide", "2026-01-01T09:00:00Z".to_owned(), 1),
        ("FLAPAJ001", "note", "2026-01-01T10:00:00Z".to_owned(), 2),
        ("FLAPAJ001", "decide", "2026-01-01T10:00:00Z".to_owned(), 3),
    ];
    assert_eq!(noted, expected, "times and users of the file");
    let (_, told) = desk.ends(1, &["import", "bad.csv", "--project", PROJECT, "--partial"]);
    assert!(told.contains("2 decisions of 4 rows"), "{told}");
    let old = "parcel_id,verdict,reasons,user,time\nFLAPAJ001,request,unclear,ann,2025-01-01T00:00:00Z\n";
    fs::write(desk.path("old.csv"), old).expect("written");
    desk.ok(&["import", "old.csv", "--project", PROJECT]);
    let (text, _) = desk.ok(&["list", "--project", PROJECT, "--parcel", "FLAPAJ001"]);
    assert_eq!(rows(&text)[0]["verdict"], "compliant", "what is older does not replace");
    fs::write(desk.path("bare.csv"), "parcel_id,verdict\nFLAPAJ006,compliant\n").expect("written");
    desk.ok(&["import", "bare.csv", "--project", PROJECT, "--user", "cem"]);
    fs::write(desk.path("bare.csv"), "parcel_id,verdict\nFLAPAJ007,compliant\n").expect("written");
    desk.ok(&["import", "bare.csv", "--project", PROJECT]);
    let found = rows(&desk.ok(&["list", "--project", PROJECT]).0);
    let by = |id: &str| found.iter().find(|row| row["parcel_id"] == id).map(|row| row["expert_user"].clone()).unwrap_or_default();
    assert_eq!((by("FLAPAJ006"), by("FLAPAJ007"), by("FLAPAJ001")), ("cem".to_owned(), "account".to_owned(), "ann".to_owned()));
    assert_eq!(footprint(&desk.path("pajottenland_2019")), before, "the agency's own files are never written");
}

#[test]
fn exports_have_the_same_bytes_and_a_record_beside_them() {
    let desk = Desk::new();
    desk.decided();
    for name in ["d.csv", "d.gpkg", "d.jsonl"] {
        desk.ok(&["export", "--project", PROJECT, "-o", name]);
        let again = format!("again/{name}");
        desk.ok(&["export", "--project", PROJECT, "-o", &again]);
        assert!(desk.bytes(name) == desk.bytes(&again), "{name}");
    }
    let found = rows(&String::from_utf8(desk.bytes("d.csv")).expect("text"));
    let pairs: Vec<_> = found.iter().map(|row| (row["parcel_id"].as_str(), row["expert_user"].as_str())).collect();
    let expected = [
        ("FLAPAJ001", "ann"),
        ("FLAPAJ001", "ben"),
        ("FLAPAJ002", "ann"),
        ("FLAPAJ002", "ben"),
        ("FLAPAJ003", ""),
        ("FLAPAJ004", ""),
        ("FLAPAJ005", "ben"),
    ];
    assert_eq!(pairs, expected);
    let record: serde_json::Value = serde_json::from_slice(&desk.bytes("d.run.json")).expect("JSON");
    let inputs = record["inputs"].as_array().expect("inputs");
    assert!(inputs.iter().any(|own| own["path"].as_str().is_some_and(|path| path.ends_with("decisions.sqlite"))), "{record}");
    desk.ok(&["export", "--project", PROJECT, "--parcel", "FLAPAJ002", "-o", "one.jsonl"]);
    let text = String::from_utf8(desk.bytes("one.jsonl")).expect("text");
    assert_eq!(text.lines().count(), 3, "a line for the file and one an entry");
    let (_, told) = desk.ends(2, &["export", "--project", PROJECT, "-o", "d.xlsx"]);
    assert!(told.contains(".csv or .gpkg or .jsonl"), "{told}");
}

#[test]
fn merging_gives_the_same_bytes_for_any_order_and_tells_disagreements() {
    let desk = Desk::new();
    let own = |verdict: &str, reason: &str| decide(verdict, reason, "red", 9);
    let ann = [("1", own("compliant", "")), ("2", own("compliant", "")), ("3", own("request", "unclear"))];
    let ben = [("1", own("non_compliant", "other")), ("2", own("compliant", "")), ("3", own("compliant", "seen"))];
    write(&desk.path("ann.decisions.sqlite"), "ann", "2026-01-01T10:00:00Z", &ann);
    write(&desk.path("ben.decisions.sqlite"), "ben", "2026-01-01T10:00:30Z", &ben);
    write(
        &desk.path("cem.decisions.sqlite"),
        "=cem",
        "2026-01-03T10:00:00Z",
        &[("3", resolve("compliant", "")), ("1", own("compliant", ""))],
    );
    let (_, told) = desk.ok(&[
        "merge",
        "ann.decisions.sqlite",
        "ben.decisions.sqlite",
        "cem.decisions.sqlite",
        "-o",
        "a.jsonl",
        "--disagreements",
        "a.csv",
    ]);
    assert!(told.contains("8 entries of 3 parcels, 1 disagreements"), "{told}");
    assert_eq!(
        String::from_utf8(desk.bytes("a.csv")).expect("text"),
        "parcel_id,expert_user,verdict\n1,'=cem,compliant\n1,ann,compliant\n1,ben,non_compliant\n"
    );
    desk.ok(&["merge", "cem.decisions.sqlite", "ben.decisions.sqlite", "ann.decisions.sqlite", "-o", "b.jsonl"]);
    assert!(desk.bytes("a.jsonl") == desk.bytes("b.jsonl"));
    // Of a merged file and its parts, in both forms.
    desk.ok(&["merge", "ben.decisions.sqlite", "a.jsonl", "-o", "c.sqlite"]);
    desk.ok(&["merge", "a.jsonl", "ann.decisions.sqlite", "-o", "d.sqlite"]);
    assert!(desk.bytes("c.sqlite") == desk.bytes("d.sqlite"));
    desk.ok(&["merge", "c.sqlite", "-o", "e.jsonl"]);
    assert!(desk.bytes("e.jsonl") == desk.bytes("a.jsonl"));
    let (_, told) = desk.ends(1, &["merge", "a.jsonl", "-o", "c.sqlite"]);
    assert!(told.contains("never replaced"), "{told}");
    let altered = String::from_utf8(desk.bytes("a.jsonl")).expect("text").replacen("\"user\":\"ann\"", "\"user\":\"eve\"", 1);
    fs::write(desk.path("altered.jsonl"), altered).expect("written");
    let (_, told) = desk.ends(1, &["merge", "altered.jsonl", "ann.decisions.sqlite", "-o", "f.jsonl"]);
    assert!(told.contains("by ann") && told.contains("by eve") && !desk.path("f.jsonl").exists(), "{told}");
    let (_, told) = desk.ends(1, &["merge", "gone.sqlite", "-o", "f.jsonl"]);
    assert!(told.contains("gone.sqlite"), "{told}");
    desk.ends(2, &["merge", "ann.decisions.sqlite", "-o", "f.txt"]);
    desk.ends(2, &["merge", "-o", "f.jsonl"]);
}

#[test]
fn a_project_file_names_journal_and_form() {
    let desk = Desk::new();
    let text = String::from_utf8(desk.bytes(PROJECT)).expect("text");
    let named = format!("decisions = \"../own.sqlite\"\nreview = \"form.toml\"\n{text}");
    fs::write(desk.path(PROJECT), named).expect("written");
    let form = "version = \"1.0\"\n[[verdicts]]\ncode = \"ja\"\nlabel = \"Ja\"\nlook = \"compliant\"\n";
    fs::write(desk.path("pajottenland_2019/form.toml"), form).expect("written");
    fs::write(desk.path("d.csv"), "parcel_id,verdict,user\nFLAPAJ001,ja,ann\n").expect("written");
    desk.ok(&["import", "d.csv", "--project", PROJECT]);
    assert!(desk.path("own.sqlite").exists() && !desk.path(JOURNAL).exists());
    assert_eq!(ids(&desk.ok(&["list", "--project", PROJECT, "--state", "decided"]).0), ["FLAPAJ001"]);
    fs::write(desk.path("pajottenland_2019/form.toml"), format!("{form}colour = 1\n")).expect("written");
    let (_, told) = desk.ends(1, &["summary", "--project", PROJECT]);
    assert!(told.contains("line 6: unknown field `colour`") && told.contains("form.toml"), "{told}");
}

#[test]
fn the_summary_has_counts_rates_agreement_and_errors() {
    let desk = Desk::new();
    desk.decided();
    let (text, _) = desk.ok(&["summary", "--project", PROJECT]);
    let found = rows(&text);
    let row = |words: [&str; 4]| {
        let own = found
            .iter()
            .find(|row| ["table", "group", "first", "second"].iter().zip(words).all(|(name, word)| row[*name] == word));
        let own = own.unwrap_or_else(|| panic!("{words:?} in {text}"));
        (own["part"].clone(), own["whole"].clone(), own["value"].clone())
    };
    let counts = |words: [&str; 4]| {
        let (part, whole, _) = row(words);
        format!("{part}/{whole}")
    };
    assert_eq!(counts(["state", "all", "decided", ""]), "3/17");
    assert_eq!(counts(["state", "all", "disputed", ""]), "1/17");
    assert_eq!(counts(["rate", "all", "compliant", ""]), "3/3");
    assert_eq!(counts(["agreement", "all", "ann", "ben"]), "1/2");
    assert_eq!(counts(["counts", "all", "ann=non_compliant", "ben=compliant"]), "1/2");
    assert_eq!(row(["kappa", "all", "ann", "ben"]).2, "0");
    assert_eq!(counts(["agreement", "all", "automatic", "expert"]), "3/3");
    assert_eq!(counts(["commission", "all", "automatic", ""]), "0/0");
    assert_eq!(counts(["cause", "all", "seen", ""]), "0/0");
    let rate = found.iter().find(|row| row["table"] == "state" && row["first"] == "decided").expect("there");
    let number = |name: &str| rate[name].parse::<f64>().expect("a number");
    assert!(number("low") < number("value") && number("value") < number("high"));
    desk.ok(&["summary", "--project", PROJECT, "-o", "q.parquet"]);
    assert!(desk.bytes("q.parquet").starts_with(b"PAR1") && desk.path("q.run.json").exists());
}

#[test]
fn work_on_decisions_needs_no_image() {
    let desk = Desk::new();
    desk.decided();
    fs::remove_dir_all(desk.path("pajottenland_2019/s2")).expect("removed");
    // A scan would stumble over these and say so.
    for number in 0..200 {
        let name = format!("pajottenland_2019/s1/S1A_broken_{number}.tif");
        fs::write(desk.path(&name), "not an image").expect("written");
    }
    let (listed, said) = desk.ok(&["list", "--project", PROJECT]);
    assert!(listed.lines().count() > 17 && !said.contains("imagery"), "{said}");
    let (_, said) = desk.ok(&["summary", "--project", PROJECT]);
    assert!(!said.contains("imagery"), "{said}");
    let (_, said) = desk.ok(&["export", "--project", PROJECT, "-o", "decisions.gpkg"]);
    assert!(!said.contains("imagery") && desk.path("decisions.gpkg").exists(), "{said}");
}
