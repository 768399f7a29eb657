//! The program end to end: arguments in, files, bytes and exit status out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parcelight");

/// A folder of its own with the sample, and the user's folders kept away.
struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn with_sample() -> Self {
        let desk = Self::new();
        parcelight::project::sample::write(desk.folder.path()).expect("the sample can be written");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(words).current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
            command.env(name, self.path("home"));
        }
        command.env_remove("RUST_LOG");
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the program starts")
    }

    /// Standard output of a run that must succeed.
    fn ok(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Standard error of a run that must end with a status.
    fn fails(&self, status: i32, words: &[&str]) -> String {
        let output = self.run(words);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{words:?}: {error}");
        assert!(!error.contains("panicked"), "{words:?}: {error}");
        error
    }
}

const PROJECT: &str = "pajottenland_2019/pajottenland_2019.parcelight.toml";
const GPKG: &str = "pajottenland_2019/parcels_2019.gpkg";

fn golden(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data-synthetic/pajottenland_2019").join(name).display().to_string()
}

/// Header and records of CSV text.
fn table(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.expect("a record").iter().map(str::to_owned).collect()).collect();
    (header, rows)
}

fn column(text: &str, name: &str) -> Vec<String> {
    let (header, rows) = table(text);
    let at = header.iter().position(|own| own == name).unwrap_or_else(|| panic!("no column {name} in {header:?}"));
    rows.into_iter().map(|row| row[at].clone()).collect()
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

#[test]
fn help_and_version_go_to_standard_output_for_every_verb() {
    let desk = Desk::new();
    let all = desk.ok(&["--help"]);
    for verb in ["sample", "init", "scan", "extract", "series", "population", "prepare", "calendar", "graph"] {
        assert!(all.contains(verb), "{verb}");
        assert!(desk.ok(&[verb, "--help"]).contains("Example:"), "{verb}");
    }
    assert!(desk.ok(&["--version"]).starts_with("parcelight "));
}

#[test]
fn wrong_usage_ends_with_two_and_says_what_is_wrong() {
    let desk = Desk::with_sample();
    for (words, expected) in [
        (&["extract"][..], "--project"),
        (&["extarct"], "no verb"),
        (&["extract", "--nonsense"], "--nonsense"),
        (&["extract", "--parcels", GPKG], "--imagery"),
        (&["extract", "--project", PROJECT, "--parcels", GPKG, "--imagery", "x"], "--parcels"),
        (&["extract", "--project", PROJECT, "--mask", "scl:12"], "scl:0,1,3"),
        (&["extract", "--project", PROJECT, "--from", "2019-13-01"], "2019-13-01"),
        (&["extract", "--project", PROJECT, "--from", "2019-05-01", "--to", "2019-04-01"], "after"),
        (&["extract", "--project", PROJECT, "--bands", "B99"], "B99"),
        (&["extract", "--project", PROJECT, "--jobs", "0"], "--jobs"),
        (&["extract", "--project", PROJECT, "--memory", "lots"], "512MiB"),
        (&["extract", "--project", PROJECT, "-o", "stats.xlsx"], ".parquet"),
        (&["extract", "--project", PROJECT, "--where", "\"nothing\" = 1"], "area_ha"),
        (&["extract", "--project", PROJECT, "--where", "area_ha >"], "--where"),
        (&["series", "--project", PROJECT, "--signal", "NDXI"], "NDXI"),
        (&["series", "--project", PROJECT, "--signal", "X=(B04"], "X"),
        (&["calendar", "--project", PROJECT, "-o", "c.png"], "--parcel"),
        (&["calendar", "--project", PROJECT, "--parcel", "FLAPAJ013", "-o", "c.gif"], ".png"),
        (&["calendar", "--project", PROJECT, "--parcel", "FLAPAJ013", "--stretch", "1..0", "-o", "c.png"], "MIN..MAX"),
        (&["init", "-o", "p.toml", "--parcels", GPKG, "--imagery", "pajottenland_2019", "--id", "nope"], "nope"),
        (&["scan"], "PATH"),
    ] {
        let error = desk.fails(2, words);
        assert!(error.contains(expected), "{words:?}: {error}");
    }
}

#[test]
fn failures_end_with_one_and_name_the_file_or_id() {
    let desk = Desk::with_sample();
    for (words, expected) in [
        (&["extract", "--project", "gone.toml"][..], "gone.toml"),
        (&["extract", "--project", PROJECT, "--parcel", "NOBODY"], "NOBODY"),
        (&["extract", "--project", PROJECT, "--where", "area_ha > 1000"], "no parcel"),
        (&["extract", "--parcels", "gone.gpkg", "--imagery", "pajottenland_2019/s1"], "gone.gpkg"),
        (&["scan", "gone"], "gone"),
        (&["init", "-o", PROJECT, "--parcels", GPKG, "--imagery", "pajottenland_2019/s2"], "--force"),
    ] {
        let error = desk.fails(1, words);
        assert!(error.contains(expected), "{words:?}: {error}");
    }
}

#[test]
fn sample_writes_a_project_that_opens_and_writes_it_again_without_harm() {
    let desk = Desk::new();
    let printed = desk.ok(&["sample", "season"]);
    assert!(desk.path(printed.trim()).is_file(), "{printed}");
    assert_eq!(desk.ok(&["sample", "season"]), printed);
    assert_eq!(json(&desk.path("season/run.json"))["arguments"], serde_json::json!(["sample", "season"]));
    let text = desk.ok(&["extract", "--project", printed.trim(), "--parcel", "FLAPAJ001", "--bands", "B04"]);
    assert_eq!(table(&text).1.len(), 72);
}

#[test]
fn scan_lists_the_acquisitions_of_the_sample_in_the_columns_of_the_contract() {
    let desk = Desk::with_sample();
    let text = desk.ok(&["scan", "pajottenland_2019"]);
    let (header, rows) = table(&text);
    let contract = "acquired_utc,sensor,platform,tile,relative_orbit,pass,baseline,boa_offset,bands,resolution_m,epsg,clear_share,path,problem,first_utc";
    assert_eq!(header.join(","), contract);
    let sensors = column(&text, "sensor");
    assert_eq!(sensors.iter().filter(|&sensor| sensor == "S2").count(), 72);
    assert_eq!(sensors.iter().filter(|&sensor| sensor == "S1-BS").count(), 80);
    let times: Vec<&String> = rows.iter().map(|row| &row[0]).filter(|time| !time.is_empty()).collect();
    assert!(times.is_sorted(), "rows are in order of time");
    let optical = rows.iter().find(|row| row[1] == "S2").expect("a row");
    assert_eq!(optical[8], "B02+B03+B04+B05+B06+B07+B08+B11+B12+B8A+SCL");
    assert_eq!((optical[7].as_str(), optical[9].as_str(), optical[10].as_str()), ("0", "10+20", "32631"));
    let radar: BTreeSet<String> = rows.iter().filter(|row| row[1] == "S1-BS").map(|row| row[5].clone()).collect();
    assert_eq!(radar.into_iter().collect::<Vec<_>>(), ["A"]);
}

#[test]
fn scan_tells_coherence_pairs_with_both_dates() {
    let desk = Desk::with_sample();
    let text = desk.ok(&["scan", "pajottenland_2019_synthetic"]);
    let (_, rows) = table(&text);
    let pairs: Vec<_> = rows.iter().filter(|row| row[1] == "S1-COH").collect();
    assert_eq!(pairs.len(), 136);
    assert!(pairs.iter().all(|row| !row[14].is_empty() && row[14] < row[0]), "first_utc is the earlier date");
    assert_eq!(rows.iter().filter(|row| row[1] == "S1-BS" && row[5] == "D").count(), 80);
}

#[test]
fn scan_reports_every_broken_file_and_fails_only_when_nothing_is_usable() {
    let desk = Desk::new();
    let text = desk.ok(&["scan", &golden("broken")]);
    let (_, rows) = table(&text);
    let told: BTreeSet<String> = rows
        .iter()
        .filter(|row| !row[13].is_empty())
        .map(|row| Path::new(&row[12]).file_name().expect("a name").to_string_lossy().into_owned())
        .collect();
    for name in
        ["zero_byte_10m.tif", "text_named_10m.tif", "truncated_header_10m.tif", "truncated_data_10m.tif", "no_georef_10m.tif"]
    {
        assert!(told.contains(name), "{name} is missing in {told:?}");
    }
    assert!(rows.iter().all(|row| !row[0].is_empty() || !row[13].is_empty()), "a row is an acquisition or a problem");
    fs::create_dir(desk.path("only")).expect("a folder");
    fs::write(desk.path("only/empty_10m.tif"), "").expect("a file");
    let output = desk.run(&["scan", "only"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("empty_10m.tif"), "the reason is listed all the same");
}

#[test]
fn extract_gives_the_same_bytes_for_any_number_of_threads_and_from_named_inputs() {
    let desk = Desk::with_sample();
    let range = ["--from", "2019-05-01", "--to", "2019-06-30"];
    let with = |more: &[&str]| desk.ok(&[&["extract"], more, &range[..]].concat());
    let one = with(&["--project", PROJECT, "--jobs", "1"]);
    assert!(one == with(&["--project", PROJECT, "--jobs", "5"]), "threads change the bytes");
    let synthetic = ["pajottenland_2019_synthetic/coherence", "pajottenland_2019_synthetic/s1_dsc"];
    let named = with(
        &[&["--parcels", GPKG, "--id", "parcel_id", "--imagery", "pajottenland_2019/s2", "pajottenland_2019/s1"], &synthetic[..]]
            .concat(),
    );
    assert!(one == named, "a project and the same inputs named directly differ");
    let contract = "parcel_id,acquired_utc,sensor,platform,pass,relative_orbit,baseline,band,pixels,masked,nodata,count,mean,std,min,p25,p50,p75,max";
    assert_eq!(one.lines().next(), Some(contract));
    let (_, rows) = table(&one);
    let keys: Vec<_> = rows.iter().map(|row| (&row[0], &row[1], &row[2], &row[7])).collect();
    assert!(keys.is_sorted(), "rows are sorted by parcel, time, sensor, band");
    assert!(!one.contains("NaN") && !one.contains("nan"));
}

#[test]
fn extract_options_change_what_they_say() {
    let desk = Desk::with_sample();
    let base = ["extract", "--project", PROJECT, "--parcel", "FLAPAJ013", "--from", "2019-05-01", "--to", "2019-06-30"];
    let with = |more: &[&str]| desk.ok(&[&base[..], more].concat());
    let plain = with(&["--bands", "B04"]);
    assert!(column(&plain, "band").iter().all(|band| band == "B04"));
    assert!(column(&plain, "masked").iter().any(|masked| masked != "0"));
    let unmasked = with(&["--bands", "B04", "--mask", "none"]);
    assert!(column(&unmasked, "masked").iter().all(|masked| masked == "0"));
    let first = |text: &str, name: &str| column(text, name)[0].parse::<f64>().expect("a number");
    assert!(first(&with(&["--bands", "B04", "--buffer-m", "-10"]), "pixels") < first(&plain, "pixels"));
    assert!(first(&with(&["--bands", "B04", "--buffer-m", "10"]), "pixels") > first(&plain, "pixels"));
    let area = first(&with(&["--bands", "B04", "--pixels", "coverage"]), "pixels");
    assert!((area / first(&plain, "pixels") - 1.0).abs() < 0.1 && area.fract() != 0.0);
    let linear = with(&["--bands", "VV"]);
    let db = with(&["--bands", "VV", "--backscatter", "db"]);
    for name in ["mean", "p50", "max"] {
        assert!((10.0 * first(&linear, name).log10() - first(&db, name)).abs() < 1e-4, "{name}");
    }
    let classes = with(&["--bands", "B11", "--scl-histogram"]);
    assert_eq!(table(&classes).0.last().map(String::as_str), Some("scl_11"));
}

#[test]
fn a_result_in_a_file_has_its_record_beside_it_and_nothing_else() {
    let desk = Desk::with_sample();
    let choice = ["--project", PROJECT, "--parcel", "FLAPAJ001", "--from", "2019-06-01", "--to", "2019-06-30"];
    for name in ["stats.csv", "more.json", "again.parquet"] {
        desk.ok(&[&["extract", "-o", &format!("out/{name}")], &choice[..]].concat());
    }
    let found: BTreeSet<String> = fs::read_dir(desk.path("out"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    let expected = ["again.parquet", "again.run.json", "more.json", "more.run.json", "stats.csv", "stats.run.json"];
    assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected);
    let record = json(&desk.path("out/stats.run.json"));
    assert_eq!(record["arguments"][0], "extract");
    assert!(record["started_utc"].as_str() <= record["ended_utc"].as_str());
    let inputs = record["inputs"].as_array().expect("a list");
    assert!(inputs.len() > 10 && inputs.iter().all(|input| input["bytes"].is_u64() && input["modified_utc"].is_string()));
    let csv_rows = table(&fs::read_to_string(desk.path("out/stats.csv")).expect("text")).1.len();
    assert_eq!(json(&desk.path("out/more.json")).as_array().map(Vec::len), Some(csv_rows));
    assert!(fs::read(desk.path("out/again.parquet")).expect("bytes").starts_with(b"PAR1"));
}

#[test]
fn series_of_a_named_expression_equals_the_shipped_index() {
    let desk = Desk::with_sample();
    let text = desk.ok(&[
        "series",
        "--project",
        PROJECT,
        "--parcel",
        "FLAPAJ013",
        "--signal",
        "NDVI,VH_db",
        "--signal",
        "MY=(B08 - B04) / (B08 + B04)",
    ]);
    let (header, rows) = table(&text);
    assert_eq!(header.join(","), "parcel_id,acquired_utc,signal,value,std,count,usable_share,state");
    let values =
        |name: &str| rows.iter().filter(|row| row[2] == name).map(|row| (row[1].clone(), row[3].clone())).collect::<Vec<_>>();
    assert_eq!(values("NDVI"), values("MY"));
    assert_eq!((values("NDVI").len(), values("VH_db").len()), (72, 160));
    let states: BTreeSet<&str> = rows.iter().map(|row| row[7].as_str()).collect();
    assert!(states.contains("ok") && states.contains("masked"), "{states:?}");
}

#[test]
fn series_with_peers_counts_other_parcels_of_the_same_crop() {
    let desk = Desk::with_sample();
    let text = desk.ok(&[
        "series",
        "--project",
        PROJECT,
        "--parcel",
        "FLAPAJ013",
        "--peers",
        "--from",
        "2019-06-01",
        "--to",
        "2019-08-31",
    ]);
    let (header, rows) = table(&text);
    assert_eq!(header[8..], ["peers_n", "peers_p10", "peers_p50", "peers_p90", "peers_mean", "peers_std"]);
    let counted: Vec<usize> = rows.iter().map(|row| row[8].parse().expect("a count")).collect();
    assert!(counted.iter().any(|&n| n > 0) && counted.iter().all(|&n| n < 17));
    for row in rows.iter().filter(|row| row[8] != "0") {
        let [low, middle, high] = [9, 10, 11].map(|at| row[at].parse::<f64>().expect("a number"));
        assert!(low <= middle && middle <= high);
    }
}

#[test]
fn parcels_are_chosen_by_id_list_and_filter() {
    let desk = Desk::with_sample();
    fs::write(desk.path("ids.txt"), "FLAPAJ001\nFLAPAJ013\n").expect("a file");
    let ids = |more: &[&str]| {
        let base = ["extract", "--project", PROJECT, "--bands", "B04", "--from", "2019-06-01", "--to", "2019-06-15"];
        let text = desk.ok(&[&base[..], more].concat());
        column(&text, "parcel_id").into_iter().collect::<BTreeSet<_>>()
    };
    assert_eq!(ids(&[]).len(), 17);
    assert_eq!(ids(&["--parcel-list", "ids.txt"]).into_iter().collect::<Vec<_>>(), ["FLAPAJ001", "FLAPAJ013"]);
    assert_eq!(ids(&["--parcel-list", "ids.txt", "--parcel", "FLAPAJ002"]).len(), 3);
    let maize = ids(&["--where", "\"crop\" = 'maize' AND \"area_ha\" > 0.3"]);
    assert!(!maize.is_empty() && maize.len() < 17);
}

#[test]
fn calendar_lists_every_acquisition_once_and_rows_run_over_the_year() {
    let desk = Desk::with_sample();
    desk.ok(&["calendar", "--project", PROJECT, "--parcel", "FLAPAJ013", "-o", "out/season.png"]);
    let image = fs::read(desk.path("out/season.png")).expect("the picture");
    assert!(image.starts_with(b"\x89PNG") && image.len() > 50_000);
    let list = json(&desk.path("out/season.json"));
    assert_eq!(list["parcel_id"], "FLAPAJ013");
    let mut times: Vec<&str> = list["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .flat_map(|row| row["cells"].as_array().expect("cells"))
        .flat_map(|cell| cell["acquisitions"].as_array().expect("acquisitions"))
        .map(|acquisition| acquisition["acquired_utc"].as_str().expect("a time"))
        .collect();
    assert_eq!(times.len(), 72);
    times.sort_unstable();
    times.dedup();
    assert_eq!(times.len(), 72);
    assert!(desk.path("out/season.run.json").is_file());

    let winter = ["--from", "2018-11-01", "--to", "2019-03-31", "--view", "NDVI", "-o", "winter.svg"];
    desk.ok(&[&["calendar", "--project", PROJECT, "--parcel", "FLAPAJ013"], &winter[..]].concat());
    let labels: Vec<String> = json(&desk.path("winter.json"))["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| row["label"].as_str().expect("a label").to_owned())
        .collect();
    assert_eq!(labels, ["2018-11", "2018-12", "2019-01", "2019-02", "2019-03"]);
}

#[test]
fn graph_writes_png_and_svg() {
    let desk = Desk::with_sample();
    let base = ["graph", "--project", PROJECT, "--parcel", "FLAPAJ013", "--signal", "NDVI", "--signal", "VV_db,VH_db"];
    desk.ok(&[&base[..], &["--peers", "-o", "graph.png"]].concat());
    desk.ok(&[&base[..], &["-o", "graph.svg"]].concat());
    assert!(fs::read(desk.path("graph.png")).expect("the picture").starts_with(b"\x89PNG"));
    let drawing = fs::read_to_string(desk.path("graph.svg")).expect("the drawing");
    assert!(drawing.contains("<svg") && drawing.contains("NDVI"));
    desk.ok(&[&base[..], &["-o", "again.svg"]].concat());
    assert_eq!(drawing, fs::read_to_string(desk.path("again.svg")).expect("the drawing"), "the same input gives the same bytes");
}

#[test]
fn init_makes_a_project_that_gives_the_same_numbers_and_says_what_it_guessed() {
    let desk = Desk::with_sample();
    let made = desk.run(&["init", "-o", "mine/p.parcelight.toml", "--parcels", GPKG, "--imagery", "pajottenland_2019/s2"]);
    let said = String::from_utf8_lossy(&made.stderr).into_owned();
    assert_eq!(made.status.code(), Some(0), "{said}");
    assert!(said.contains("parcel_id") && said.contains("72 S2"), "{said}");
    let text = fs::read_to_string(desk.path("mine/p.parcelight.toml")).expect("the project");
    assert!(text.contains("../pajottenland_2019/s2"), "paths are relative: {text}");
    let numbers = |project: &str| desk.ok(&["extract", "--project", project, "--bands", "B08", "--to", "2018-12-31"]);
    assert!(numbers("mine/p.parcelight.toml") == numbers(PROJECT));
}

#[test]
fn quiet_says_nothing_and_a_log_is_written_where_asked() {
    let desk = Desk::with_sample();
    let choice = ["--parcel", "FLAPAJ001", "--bands", "B04", "--to", "2018-09-30"];
    let output = desk.run(&[&["extract", "--project", PROJECT, "--quiet", "--log", "run.log"], &choice[..]].concat());
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(desk.path("run.log").is_file());
}

#[test]
fn a_reader_that_stops_early_is_no_failure() {
    let desk = Desk::with_sample();
    let mut child = desk
        .command(&["extract", "--project", PROJECT])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("the program ends");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_queue_is_prepared_once_and_packed_for_the_road() {
    let desk = Desk::with_sample();
    let chosen = ["--project", PROJECT, "--where", "\"crop\" = 'Maize'", "--from", "2019-04-01", "--to", "2019-06-30"];
    let run = |more: &[&str]| {
        let words: Vec<&str> = ["prepare"].iter().chain(&chosen).chain(more).copied().collect();
        let output = desk.run(&words);
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (foreseen, _) = run(&["--dry-run"]);
    assert!(foreseen.starts_with("parcels 3\n") && foreseen.contains("\npresent 0\n"), "{foreseen}");
    let chips = foreseen.lines().find_map(|line| line.strip_prefix("chips ")).expect("a number").to_owned();
    assert!(!desk.path("pajottenland_2019/pajottenland_2019.parcelight.cache/chips.sqlite").exists(), "a dry run writes nothing");
    assert!(run(&[]).1.contains(&format!("{chips} chips written, 0 were there already")));
    let (packed, said) = run(&["--pack", "laptop"]);
    assert!(said.contains(&format!("0 chips written, {chips} were there already")), "{said}");
    fs::remove_dir_all(desk.path("pajottenland_2019")).expect("gone");
    fs::remove_dir_all(desk.path("pajottenland_2019_synthetic")).expect("gone");
    desk.ok(&["calendar", "--project", packed.trim(), "--parcel", "FLAPAJ013", "-o", "april.png"]);
    let found = json(&desk.path("april.json"));
    assert!(found["acquisitions"].as_u64().is_some_and(|count| count > 10), "{found}");
    let error = desk.fails(1, &["prepare", "--project", packed.trim(), "--where", "\"crop\" = 'none of it'"]);
    assert!(error.contains("no parcel matches"), "{error}");
}

#[test]
fn synth_makes_a_project_that_can_be_extracted_and_says_that_it_is_synthetic() {
    let desk = Desk::new();
    let size = ["--parcels", "300", "--pixels", "256", "--bands", "6", "--dates", "2", "--seed", "4"];
    let project = desk.ok(&[&["synth", "-o", "made"], &size[..]].concat());
    desk.ok(&[&["synth", "-o", "again"], &size[..]].concat());
    let images = |folder: &str| -> Vec<(String, Vec<u8>)> {
        let mut files: Vec<_> = fs::read_dir(desk.path(folder))
            .expect("the images")
            .map(|entry| entry.expect("an entry").path())
            .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), fs::read(&path).expect("reads")))
            .collect();
        files.sort();
        files
    };
    assert!(images("made/imagery") == images("again/imagery"), "the same arguments give the same images");
    let names: Vec<String> = images("made/imagery").into_iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), 8, "{names:?}");
    assert!(names.iter().all(|name| name.starts_with("SYN_S2A_")), "{names:?}");
    let scan = desk.ok(&["scan", "made/imagery"]);
    assert_eq!(column(&scan, "boa_offset"), ["-1000", "-1000"], "{scan}");
    let text = desk.ok(&["extract", "--project", project.trim(), "--scl-histogram"]);
    let (_, rows) = table(&text);
    assert_eq!(rows.len(), 300 * 6);
    let clear = column(&text, "count").iter().filter(|count| *count != "0").count();
    assert!(clear > 300 && clear < rows.len(), "some is clear and some is not: {clear}");
    assert!(!desk.ok(&["--help"]).contains("synth"), "the verb is hidden");
    assert!(desk.fails(2, &["synth", "-o", "x", "--bands", "13", "--dates", "1"]).contains("--dates"));
}

#[test]
fn a_population_is_told_by_crop_and_date_and_its_outliers_by_distance() {
    let desk = Desk::with_sample();
    let told = |more: &[&str]| table(&desk.ok(&[&["population", "--project", PROJECT, "--quiet"], more].concat()));
    let fails = desk.fails(1, &["population", "--project", PROJECT, "--stored-only"]);
    assert!(fails.contains("no observations") && fails.contains("extract --store"), "{fails}");
    let (head, rows) = told(&["--signal", "NDVI,VV_db"]);
    assert_eq!(head.join(","), "signal,crop,region,acquired_utc,n,p10,p50,p90,mean,std");
    assert!(rows.iter().any(|row| row[0] == "VV_db") && rows.iter().any(|row| row[0] == "NDVI"));
    for row in &rows {
        let number = |at: usize| row[at].parse::<f64>().expect("a number");
        assert!(number(5) <= number(6) && number(6) <= number(7) && number(4) >= 1.0, "{row:?}");
    }
    // The store is complete now.
    let foreseen = desk.ok(&["extract", "--project", PROJECT, "--store", "--dry-run"]);
    assert!(foreseen.contains("\nrows          0\n") && foreseen.contains("\nin the store  368\n"), "{foreseen}");
    let (head, rows) = told(&["--outliers", "--stored-only"]);
    assert_eq!(head.join(","), "signal,parcel_id,crop,region,peers,observations,distance");
    let distances: Vec<f64> = rows.iter().map(|row| row[6].parse().expect("a number")).collect();
    assert!(!distances.is_empty() && distances.is_sorted_by(|a, b| a >= b), "{distances:?}");
    assert!(told(&["--signal", "MY=(B11 - B04) / (B11 + B04)", "--stored-only"]).1.len() > 100);
}

#[test]
fn a_dry_run_foretells_rows_bytes_and_time_and_writes_nothing() {
    let desk = Desk::with_sample();
    let choice = ["--project", PROJECT, "--from", "2019-05-01", "--to", "2019-06-30"];
    let told = desk.ok(&[&["extract", "--dry-run", "-o", "stats.csv"], &choice[..]].concat());
    assert!(!desk.path("stats.csv").exists());
    let number = |name: &str| -> String {
        let line = told.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{name} in {told}"));
        line[name.len()..].trim().to_owned()
    };
    let rows = table(&desk.ok(&[&["extract", "--memory", "1MiB"], &choice[..]].concat())).1.len();
    assert_eq!(number("rows"), rows.to_string(), "{told}");
    assert_eq!(number("parcels"), "17");
    assert!(number("to read").ends_with('B') && number("result").ends_with('B') && number("time").ends_with('s'), "{told}");
}

#[test]
fn verdicts_of_the_sample_follow_from_the_series_and_groups_of_crops_have_their_own_limit() {
    let desk = Desk::with_sample();
    let rules = r#"
version = "1.0"
name = "Fall"
[[inputs]]
name = "s2"
signals = ["NDVI"]
[[features]]
name = "fall"
signal = "s2"
component = "NDVI"
from = "2019-04-01"
to = "2019-05-15"
take = "fall"
[[features]]
name = "clear"
signal = "s2"
component = "NDVI"
from = "2019-04-01"
to = "2019-05-15"
take = "observations"
[rules.base]
red = "fall >= limit"
green = "fall < limit - 0.05"
minimum = { count = "clear", at_least = 3.0 }
numbers = { limit = 0.2 }
[rules.groups.maize]
crops = ["1200"]
numbers = { limit = 2.0 }
"#;
    fs::write(desk.path("rules.toml"), rules).expect("written");
    desk.ok(&["markers", "--project", PROJECT, "--ruleset", "rules.toml", "-o", "out"]);
    let verdicts = fs::read_to_string(desk.path("out/verdicts.csv")).expect("verdicts");
    let (header, rows) = table(&verdicts);
    assert_eq!((header.join(",").as_str(), rows.len()), ("parcel_id,verdict,reason", 17));
    // The same by hand, from the observations.
    let series = desk.ok(&["series", "--project", PROJECT, "--signal", "NDVI", "--from", "2019-04-01", "--to", "2019-05-15"]);
    let maize = ["FLAPAJ007", "FLAPAJ013", "FLAPAJ015"];
    for row in &rows {
        let usable = table(&series).1.into_iter().filter(|own| own[0] == row[0] && own[7] == "ok");
        let values: Vec<f64> = usable.map(|own| own[3].parse().expect("a number")).collect();
        let falls = values.iter().enumerate().flat_map(|(at, value)| values[at..].iter().map(move |later| value - later));
        let fall = falls.fold(0.0, f64::max);
        let limit = if maize.contains(&row[0].as_str()) { 2.0 } else { 0.2 };
        let expected = match fall {
            _ if values.len() < 3 => "yellow",
            fall if fall >= limit => "red",
            fall if fall < limit - 0.05 => "green",
            _ => "yellow",
        };
        assert_eq!(row[1], expected, "{row:?}: {fall}");
        assert!(values.len() < 3 || row[2].contains("fall is "), "{row:?}");
    }
    assert!(column(&verdicts, "verdict").iter().collect::<BTreeSet<_>>().len() >= 2, "{verdicts}");

    let shipped = "pajottenland_2019/rulesets/winter_cover.toml";
    desk.ok(&["markers", "--project", PROJECT, "--ruleset", shipped, "-o", "winter"]);
    let winter = fs::read_to_string(desk.path("winter/verdicts.csv")).expect("verdicts");
    let red = table(&winter).1.into_iter().find(|row| row[0] == "FLAPAJ013").expect("the parcel");
    assert_eq!(red[1], "red");
    assert!(red[2].contains("fall_threshold = 0.2") && red[2].contains("1 April to 15 May 2019"), "{red:?}");
}
