//! The preset for users of JRC's calendar tool.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::desk::files;

/// Header and rows of CSV text.
fn table(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().expect("a header").iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.expect("a record").iter().map(str::to_owned).collect()).collect();
    (header, rows)
}

fn run(folder: &Path, words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_parcelight")).args(words).current_dir(folder).env("HOME", folder).output();
    let output = output.expect("the program starts");
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn statistics_and_calendars_lie_where_users_of_jrcs_tool_look() {
    let folder = tempfile::tempdir().expect("a folder");
    parcelight::project::sample::write(folder.path()).expect("the sample");
    let project = "pajottenland_2019/pajottenland_2019.parcelight.toml";
    // A month is enough to be looked at, and quick.
    for images in ["pajottenland_2019/s2", "pajottenland_2019/s1", "pajottenland_2019_synthetic"] {
        keep_april(&folder.path().join(images));
    }
    run(folder.path(), &["report", "--project", project, "--parcel", "FLAPAJ013", "--preset", "jrc", "-o", "out"]);
    let made = files(&folder.path().join("out"));
    let stem = made.keys().find_map(|name| name.strip_prefix("ndvi/")?.strip_suffix("_ndvi.csv")).expect("NDVI").to_owned();
    assert!(stem.starts_with("FLAPAJ013_") && !stem.contains(' '), "{stem}");
    check_names(&made, &stem);
    check_tables(&made, &stem);
    check_numbers(folder.path(), project, &made);
    assert!(folder.path().join("out.run.json").exists());
    // The tool's folder may be made again over itself.
    let marker = folder.path().join("out/old.txt");
    fs::write(&marker, "x").expect("written");
    run(folder.path(), &["report", "--project", project, "--parcel", "FLAPAJ013", "--preset", "jrc", "-o", "out", "--jobs", "1"]);
    assert!(!marker.exists());
    assert!(files(&folder.path().join("out")) == made, "the same bytes again");
}

fn keep_april(folder: &Path) {
    for (name, _) in files(folder) {
        if name.contains("m.tif") && !name.contains("_201904") {
            fs::remove_file(folder.join(name)).expect("removed");
        }
    }
}

fn check_names(made: &BTreeMap<String, Vec<u8>>, stem: &str) {
    let expected = [
        format!("overview_jpg_half_weekly/{stem}_buff100m_yellow.jpg"),
        format!("overview_jpg_half_weekly_dyn/{stem}_buff100m_yellow.jpg"),
        format!("overview_jpg_half_weekly_ndvi/{stem}_buff100m_black.jpg"),
        format!("overview_jpg_half_weekly_bare_soil_index/{stem}_buff100m_black.jpg"),
        format!("overview_hist_half_weekly/{stem}.jpg"),
        format!("overview_scatter_half_weekly_fixed_scale_cumulative/{stem}.jpg"),
        format!("s1_bs_calendar_view/{stem}_buff100m_yellow_VV_A.jpg"),
        "ndvi_graphs/parcel_id_FLAPAJ013_NDVI.jpg".to_owned(),
        "bare_soil_index_graphs/parcel_id_FLAPAJ013_BSI.jpg".to_owned(),
        "band_graphs/FLAPAJ013.jpg".to_owned(),
        "s1_bs_graphs_together/parcel_id_FLAPAJ013_BS.jpg".to_owned(),
        "s1_coh6_graphs_together/parcel_id_FLAPAJ013_COH6.jpg".to_owned(),
    ];
    for name in expected {
        assert!(made.get(&name).is_some_and(|bytes| bytes.starts_with(&[0xff, 0xd8])), "{name} of {:?}", made.keys());
    }
    let limits = String::from_utf8(made["lut.txt"].clone()).expect("text");
    let lines: Vec<Vec<&str>> = limits.lines().map(|line| line.split(' ').collect()).collect();
    assert!(lines.len() > 3 && lines.windows(2).all(|pair| pair[0][0] <= pair[1][0]), "{limits}");
    for line in lines {
        assert!(line.len() == 10 && line[0].starts_with("2019-04-") && line[2..4] == ["1", "1"], "{line:?}");
        let numbers: Vec<i32> = line[4..].iter().map(|own| own.parse().expect("a whole number")).collect();
        assert!(numbers.chunks(2).all(|pair| 0 <= pair[0] && pair[0] < pair[1] && pair[1] < 20_000), "{line:?}");
    }
}

fn check_tables(made: &BTreeMap<String, Vec<u8>>, stem: &str) {
    for (name, expected) in [
        (format!("ndvi/{stem}_ndvi.csv"), "Field_ID,acq_date,ndvi_mean,ndvi_count,ndvi_std"),
        (format!("ndwi/{stem}_ndwi.csv"), "Field_ID,acq_date,mean,count,std"),
        (format!("bare_soil_index/{stem}_bare_soil_index.csv"), "Field_ID,acq_date,mean,count,std"),
        ("band_stats/FLAPAJ013_b04.csv".to_owned(), "Field_ID,acq_date,band_mean,band_count,band_std"),
        (format!("s1_bs/{stem}_s1bs_VV_A.csv"), "Field_ID,acq_date,bs_mean,bs_count,bs_std"),
        (format!("s1_coh6/{stem}_s1coh6_VH_A.csv"), "Field_ID,acq_date,coh6_mean,coh6_count,coh6_std"),
    ] {
        let (header, rows) = table(made.get(&name).unwrap_or_else(|| panic!("{name} of {:?}", made.keys())));
        assert_eq!(header.join(","), expected, "{name}");
        let dates: Vec<&String> = rows.iter().map(|row| &row[1]).collect();
        assert!(!rows.is_empty() && dates.windows(2).all(|pair| pair[0] < pair[1]), "{name}: {dates:?}");
        assert!(rows.iter().all(|row| row[0] == "FLAPAJ013"), "{name}");
    }
    let (header, _) = table(&made["band_stats/FLAPAJ013.csv"]);
    assert_eq!(header[..5].join(","), "Field_ID,acq_date,b02_mean,b02_count,b02_std");
}

/// The same numbers as the table of observations, under JRC's rule for clouds.
fn check_numbers(folder: &Path, project: &str, made: &BTreeMap<String, Vec<u8>>) {
    let words = ["extract", "--project", project, "--parcel", "FLAPAJ013", "--bands", "B04"];
    let (header, rows) = table(run(folder, &words).as_bytes());
    let place = |name: &str| header.iter().position(|own| own == name).expect("a column");
    let [time, masked, nodata, count, mean] = ["acquired_utc", "masked", "nodata", "count", "mean"].map(place);
    let clear = rows.iter().filter(|row| row[masked] == "0" && row[nodata] == "0" && row[count] != "0");
    let expected: BTreeMap<String, f64> =
        clear.map(|row| (row[time][..10].to_owned(), row[mean].parse::<f64>().expect("a number") * 10_000.0)).collect();
    let (_, rows) = table(&made["band_stats/FLAPAJ013_b04.csv"]);
    assert!(!rows.is_empty() && rows.len() == expected.len(), "{} of {}", rows.len(), expected.len());
    for row in rows {
        let value: f64 = row[2].parse().expect("a number");
        assert!((value - expected[&row[1]]).abs() < 0.001, "{row:?}");
    }
}
