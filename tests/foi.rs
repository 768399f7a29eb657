//! The check against a thematic raster: parcels drawn on a small raster, the program end to end, and bad inputs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use parcelight::io::crs::transform;
use parcelight::io::raster::write::write;
use parcelight::model::stored::Pixels;
use parcelight::model::{Crs, Grid, Polygons};

const UTM: Crs = Crs::Epsg(32631);
const WGS84: Crs = Crs::Epsg(4326);

/// 60 by 40 pixels of 10 m.
fn grid() -> Grid {
    Grid { crs: UTM, left: 560_000.0, top: 5_620_400.0, pixel_x: 10.0, pixel_y: 10.0, width: 60, height: 40 }
}

/// Class of a pixel: 1 in the west, 2 from column 10, a block of 3 within, 4 on a margin, 0 in a corner.
fn class(col: usize, row: usize) -> u8 {
    match (col, row) {
        (0..10, _) => 1,
        (10..20, _) => 2,
        (30..34, 5..9) => 3,
        (22..40, 2) => 4,
        (50.., 30..) => 0,
        (50.., 20..) => 7,
        _ => 5,
    }
}

/// A folder with the raster and the parcels.
struct Desk {
    folder: tempfile::TempDir,
}

/// Parcels in pixels: id, rings (holes and parts are told by the list of parts).
fn parcels() -> Vec<(&'static str, Polygons)> {
    let ring = |x0: f64, y0: f64, x1: f64, y1: f64| -> Vec<[f64; 2]> {
        [[x0, y0], [x1, y0], [x1, y1], [x0, y1]].map(|[col, row]| <[f64; 2]>::from(grid().world_from_pixel(col, row))).to_vec()
    };
    let simple = |x0, y0, x1, y1| Polygons { parts: vec![vec![ring(x0, y0, x1, y1)]] };
    vec![
        ("001", simple(1.0, 1.0, 9.0, 11.0)),
        // Half of class 1, half of 2; after the buffer 2 * 8 by 8.
        ("002", simple(1.0, 15.0, 19.0, 25.0)),
        // The block of class 3 lies in a hole, the row of class 4 on the margin that the buffer takes.
        ("003", Polygons { parts: vec![vec![ring(21.0, 2.0, 40.0, 15.0), ring(29.0, 4.0, 35.0, 10.0)]] }),
        // Two parts of the same class.
        ("004", Polygons { parts: vec![vec![ring(21.0, 16.0, 30.0, 24.0)], vec![ring(36.0, 16.0, 45.0, 24.0)]] }),
        // Mostly without a class.
        ("005", simple(51.0, 31.0, 59.0, 39.0)),
        ("006", simple(45.0, 2.0, 46.4, 14.0)),
        ("007", simple(200.0, 2.0, 210.0, 14.0)),
        // The northern strip alone touches the raster.
        ("008", simple(25.0, 39.5, 35.0, 50.0)),
        // Over the edge: 7 rows of 8 on the raster after the buffer.
        ("009", simple(10.0, 32.0, 20.0, 42.0)),
    ]
}

fn geojson(parcels: &[(&str, Polygons)]) -> String {
    let feature = |(id, outline): &(&str, Polygons)| {
        let moved = transform(outline, &UTM, &WGS84).expect("degrees");
        let closed = |ring: &Vec<[f64; 2]>| ring.iter().chain(ring.first()).copied().collect::<Vec<_>>();
        let parts: Vec<Vec<Vec<[f64; 2]>>> = moved.parts.iter().map(|part| part.iter().map(closed).collect()).collect();
        serde_json::json!({
            "type": "Feature", "properties": {"plot_id": id}, "geometry": {"type": "MultiPolygon", "coordinates": parts}
        })
    };
    let features: Vec<_> = parcels.iter().map(feature).collect();
    serde_json::json!({"type": "FeatureCollection", "features": features}).to_string()
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().expect("a folder") };
        let classes: Vec<u8> = (0..2400).map(|at| class(at % 60, at / 60)).collect();
        write(&desk.path("classes.tif"), &grid(), &[Pixels::U8(classes)], None).expect("the raster");
        fs::write(desk.path("parcels.geojson"), geojson(&parcels())).expect("the parcels");
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_parcelight"));
        command.args(words).current_dir(self.folder.path()).stdin(Stdio::null()).env_remove("RUST_LOG");
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
            command.env(name, self.path("home"));
        }
        command.output().expect("the program starts")
    }

    /// Runs the check with more words; standard error.
    fn foi(&self, status: i32, words: &[&str]) -> String {
        let mut all = vec!["foi", "--parcels", "parcels.geojson", "--id", "plot_id"];
        if !words.contains(&"--raster") {
            all.extend(["--raster", "classes.tif"]);
        }
        if !words.contains(&"-o") {
            all.extend(["-o", "out"]);
        }
        all.extend(words);
        let output = self.run(&all);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(status), "{words:?}: {told}");
        assert!(!told.contains("panicked"), "{told}");
        told
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Some columns of `foi.csv`, joined with a space; an empty cell is a dash.
    fn rows(&self, folder: &str, columns: &[&str]) -> Vec<String> {
        let text = self.text(&format!("{folder}/foi.csv"));
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().expect("a header").clone();
        let at = |name: &&str| header.iter().position(|own| own == *name).unwrap_or_else(|| panic!("no {name} in {header:?}"));
        let places: Vec<usize> = columns.iter().map(at).collect();
        let cell = |row: &csv::StringRecord, at: usize| if row[at].is_empty() { "-".to_owned() } else { row[at].to_owned() };
        let row = |row: Result<csv::StringRecord, csv::Error>| {
            let row = row.expect("a row");
            places.iter().map(|&at| cell(&row, at)).collect::<Vec<_>>().join(" ")
        };
        reader.records().map(row).collect()
    }
}

#[test]
fn shares_and_clusters_are_those_of_the_drawing() {
    let desk = Desk::new();
    fs::write(desk.path("classes.yaml"), "category_map:\n  1: maize\n  2: wheat\n  5: grass\n").expect("written");
    let told = desk.foi(0, &["--categories", "classes.yaml"]);
    assert!(told.contains("5 parcels checked: 1 heterogeneous, 2 with more than one object; 4 without an answer"), "{told}");
    assert!(!told.contains("do not name"), "{told}");
    let found =
        desk.rows("out", &["parcel_id", "pixels", "nodata", "outside", "foi_h", "foi_c", "largest_class", "largest_name"]);
    // The raster's own arithmetic: 003 is 17 by 11 pixels less the hole and its margin of 8 by 8, its corners rounded by a pixel each.
    assert_eq!(found[0], "001 48 0 0 0 0 1 maize");
    assert_eq!(found[1], "002 128 0 0 1 1 1 maize");
    assert!(found[2].ends_with(" 0 0 0 0 5 grass"), "{}", found[2]);
    let pixels: u32 = found[2].split(' ').nth(1).and_then(|own| own.parse().ok()).expect("pixels");
    assert!((17 * 11 - 64..=17 * 11 - 60).contains(&pixels), "{pixels}");
    assert_eq!(found[3], "004 84 0 0 0 1 5 grass");
    assert_eq!(found[8], "009 56 0 8 0 0 2 wheat");
    let clusters = desk.rows("out", &["clusters", "large_clusters", "cluster_classes", "C_1", "P_2"]);
    assert_eq!(clusters[1], "(1, 64), (2, 64) 2 2 64 50");
    assert_eq!(clusters[3], "(5, 42), (5, 42) 2 1 0 0");
    let header = desk.text("out/foi.csv");
    let header = header.lines().next().expect("a header");
    assert!(header.ends_with("clusters,reason,C_1,C_2,C_5,P_1,P_2,P_5"), "hole, margin and no data have no column: {header}");
    assert_eq!(
        desk.text("out/skipped.csv"),
        "parcel_id,reason\n005,all pixels are no data\n006,the inner buffer left nothing\n007,does not overlap the raster\n\
         008,does not overlap the raster after the inner buffer\n"
    );
    let classes = desk.text("out/classes.csv");
    assert!(classes.starts_with("class,name,pixels,parcels\n1,maize,112,2\n2,wheat,120,2\n5,grass,"), "{classes}");
    let record: serde_json::Value = serde_json::from_str(&desk.text("out/run.json")).expect("JSON");
    assert_eq!(record["inputs"].as_array().map(Vec::len), Some(3));
    assert_eq!(record["outputs"].as_array().map(Vec::len), Some(3));
}

#[test]
fn without_a_buffer_the_margin_counts_and_the_hole_still_does_not() {
    let desk = Desk::new();
    desk.foi(0, &["--buffer-m", "0", "--cluster-pixels", "5"]);
    let found = desk.rows("out", &["parcel_id", "pixels", "clusters"]);
    assert_eq!(found[2], format!("003 {} (5, {}), (4, 18)", 19 * 13 - 36, 19 * 13 - 36 - 18));
    assert_eq!(found[5].split(' ').nth(1), Some("12"), "a parcel narrower than the buffer has pixels of its own: {}", found[5]);
}

#[test]
fn options_change_what_they_say() {
    let desk = Desk::new();
    let judged = |words: &[&str]| {
        desk.foi(0, words);
        desk.rows("out", &["parcel_id", "foi_h", "foi_c"]).into_iter().take(4).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(judged(&[]), "001 0 0, 002 1 1, 003 0 0, 004 0 1");
    assert_eq!(judged(&["--distinct-classes"]), "001 0 0, 002 1 1, 003 0 0, 004 0 0");
    assert_eq!(judged(&["--cluster-pixels", "42"]), "001 0 0, 002 1 1, 003 0 0, 004 0 0", "more than, not as many");
    assert_eq!(judged(&["--cluster-pixels", "41"]), "001 0 0, 002 1 1, 003 0 0, 004 0 1");
    assert_eq!(judged(&["--min-het", "50.1"]), "001 0 0, 002 0 1, 003 0 0, 004 0 1");
    assert_eq!(judged(&["--min-het", "50", "--max-het", "50"]), "001 0 0, 002 1 1, 003 0 0, 004 0 1");
    assert_eq!(judged(&["--max-het", "100"]), "001 1 0, 002 1 1, 003 1 0, 004 1 1");
}

#[test]
fn the_answer_does_not_depend_on_threads_or_format_of_the_raster() {
    let desk = Desk::new();
    desk.foi(0, &["--jobs", "1", "-o", "one"]);
    desk.foi(0, &["--jobs", "4", "-o", "four"]);
    assert_eq!(desk.text("one/foi.csv"), desk.text("four/foi.csv"));
    let floats: Vec<f32> =
        (0..2400).map(|at| f32::from(class(at % 60, at / 60))).map(|own| if own == 0.0 { f32::NAN } else { own }).collect();
    write(&desk.path("floats.tif"), &grid(), &[Pixels::F32(floats)], None).expect("written");
    desk.foi(0, &["--raster", "floats.tif", "-o", "floats"]);
    assert_eq!(desk.text("one/foi.csv"), desk.text("floats/foi.csv"));
    let wide: Vec<u16> =
        (0..2400).map(|at| u16::from(class(at % 60, at / 60))).map(|own| if own == 0 { 65535 } else { own }).collect();
    write(&desk.path("wide.tif"), &grid(), &[Pixels::U16(wide)], Some(65535.0)).expect("written");
    desk.foi(0, &["--raster", "wide.tif", "-o", "wide"]);
    assert_eq!(desk.text("one/foi.csv"), desk.text("wide/foi.csv"));
    desk.foi(0, &["--format", "json", "-o", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&desk.text("json/foi.json")).expect("JSON");
    assert_eq!((rows[1]["foi_c"].as_i64(), rows[6]["foi_c"].is_null()), (Some(1), true));
    desk.foi(0, &["--parcel", "002", "--format", "parquet", "-o", "parquet"]);
    assert!(fs::read(desk.path("parquet/foi.parquet")).expect("a file").starts_with(b"PAR1"));
}

#[test]
fn a_raster_of_another_crs_is_used_where_it_shows_the_parcels_and_told_of_where_it_does_not() {
    let desk = Desk::new();
    let corner = transform(&parcels()[1].1, &UTM, &Crs::Epsg(3035)).expect("moves").bounds();
    let laea = Grid {
        crs: Crs::Epsg(3035),
        left: (corner.min_x / 10.0).floor() * 10.0 - 200.0,
        top: (corner.max_y / 10.0).ceil() * 10.0 + 200.0,
        pixel_x: 10.0,
        pixel_y: 10.0,
        width: 80,
        height: 60,
    };
    write(&desk.path("laea.tif"), &laea, &[Pixels::U8(vec![9; 4800])], None).expect("written");
    desk.foi(0, &["--raster", "laea.tif", "--parcel", "002"]);
    let found = desk.rows("out", &["largest_class", "pixels"]);
    let pixels: f64 = found[0].strip_prefix("9 ").and_then(|own| own.parse().ok()).expect("pixels");
    assert!((pixels - 128.0).abs() < 12.0, "16 by 8 pixels on a turned grid: {pixels}");
    let far = Grid { crs: Crs::Epsg(32633), ..grid() };
    write(&desk.path("far.tif"), &far, &[Pixels::U8(vec![9; 2400])], None).expect("written");
    let told = desk.foi(1, &["--raster", "far.tif"]);
    assert!(
        told.contains("in EPSG:32633 the raster covers x 560000 to 560600") && told.contains("do they show the same place?"),
        "{told}"
    );
    assert!(desk.rows("out", &["reason"]).iter().all(|own| own == "does not overlap the raster"));
}

#[test]
fn bad_inputs_are_told_with_what_and_where() {
    let desk = Desk::new();
    let fractions: Vec<f32> = (0..2400).map(|at| if at == 20 * 60 + 4 { 0.37 } else { 1.0 }).collect();
    write(&desk.path("fractions.tif"), &grid(), &[Pixels::F32(fractions)], None).expect("written");
    let band = Pixels::U8(vec![1; 2400]);
    write(&desk.path("two.tif"), &grid(), &[band.clone(), band], None).expect("written");
    let many: Vec<u16> = (1..=2400).collect();
    write(&desk.path("many.tif"), &grid(), &[Pixels::U16(many)], None).expect("written");
    let huge: Vec<f32> = vec![2e9; 2400];
    write(&desk.path("huge.tif"), &grid(), &[Pixels::F32(huge)], None).expect("written");
    fs::write(desk.path("text.tif"), "hello").expect("written");
    fs::write(desk.path("bad.yaml"), "category_map:\n  maize: 1\n").expect("written");
    let broken = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/data-synthetic/pajottenland_2019/broken");
    let broken = |name: &str| broken.join(name).display().to_string();
    for (raster, expected) in [
        ("gone.tif", "there is no such file (gone.tif)"),
        ("text.tif", "the content is not an image"),
        ("fractions.tif", "the pixel in column 4, row 20 has the value 0.37, which is no class"),
        ("huge.tif", "which is no class; expected whole numbers up to 16777216"),
        ("two.tif", "it has 2 bands, expected one of classes"),
        ("many.tif", "different values, at most 256 classes are expected"),
        (&broken("no_georef_10m.tif"), "georeference"),
        (&broken("wrong_crs_4326_10m.tif"), "are no degrees"),
    ] {
        let told = desk.foi(1, &["--raster", raster]);
        assert!(told.contains(expected), "{raster}: {told}");
    }
    desk.foi(0, &["--raster", "two.tif", "--band", "2"]);
    for (status, words, expected) in [
        (2, &["--buffer-m", "10"][..], "--buffer-m 10 grows parcels"),
        (2, &["--min-het", "80"], "--min-het 80 is larger than --max-het 70"),
        (2, &["--min-het", "101"], "expected per cent"),
        (2, &["--connectivity", "6"], "expected 4 or 8"),
        (1, &["--raster", "two.tif", "--band", "3"], "it has no band 3, only 2"),
        (1, &["--categories", "bad.yaml"], "line 2: “maize” is no whole number"),
        (1, &["--parcel", "NOBODY"], "no parcel has the id “NOBODY”"),
    ] {
        let told = desk.foi(status, words);
        assert!(told.contains(expected), "{words:?}: {told}");
    }
    let told = desk.run(&["foi", "--raster", "classes.tif", "-o", "out"]);
    assert_eq!(told.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&told.stderr).contains("--project PROJECT.toml or --parcels FILE"));
}

#[test]
fn a_project_gives_its_parcels_without_its_images() {
    let desk = Desk::new();
    let project = "version = \"1.0\"\nname = \"x\"\n[parcels]\npath = \"parcels.geojson\"\nid = \"plot_id\"\n[[imagery]]\npath = \"nowhere\"\n";
    fs::write(desk.path("x.parcelight.toml"), project).expect("written");
    let output = desk.run(&["foi", "--project", "x.parcelight.toml", "--raster", "classes.tif", "-o", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(desk.rows("out", &["parcel_id", "foi_c"])[1], "002 1");
}
