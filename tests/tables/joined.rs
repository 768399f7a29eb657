//! Tables and images together: what joins, who wins, what is kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use parcelight::io::project_file;
use parcelight::model::{AcquisitionIx, ObservationState, Sensor, TableSource};
use parcelight::project::Project;
use parcelight::project::queries::coverage::CoverageQuery;
use parcelight::project::tables::is_values_only;

use super::desk::Desk;
use super::{assert_close, series};

fn parcelight(arguments: &[&str]) -> (String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_parcelight")).args(arguments).output().expect("runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{arguments:?}: {}", text(&output.stderr));
    (text(&output.stdout), text(&output.stderr))
}

/// Value by parcel, time and signal of the rows that are `ok`.
fn usable(csv: &str) -> BTreeMap<(String, String, String), f64> {
    let mut rows = csv::Reader::from_reader(csv.as_bytes());
    rows.records()
        .map(|row| row.expect("a row"))
        .filter(|row| &row[7] == "ok")
        .map(|row| ((row[0].to_owned(), row[1].to_owned(), row[2].to_owned()), row[3].parse().expect("a number")))
        .collect()
}

#[test]
fn what_extract_and_series_write_gives_the_same_series_as_the_images() {
    let desk = Desk::new();
    let project = desk.path();
    let path = |name: &str| desk.folder.path().join(name).display().to_string();
    let (project, csv, parquet, decibel) = (project.display().to_string(), path("x.csv"), path("x.parquet"), path("db.csv"));
    parcelight(&["extract", "--project", &project, "--quiet", "-o", &csv]);
    parcelight(&["extract", "--project", &project, "--quiet", "-o", &parquet]);
    parcelight(&["extract", "--project", &project, "--quiet", "--backscatter", "db", "--bands", "VV,VH", "-o", &decibel]);
    let file = project_file::load(Path::new(&project)).expect("loads");
    let parcels = Path::new(&project).parent().expect("a folder").join(&file.parcels.path).display().to_string();
    let signals = "NDVI,B11,BSI,VV_db,VH_VV_db";
    let (expected, _) = parcelight(&["series", "--project", &project, "--quiet", "--signal", signals]);
    let expected = usable(&expected);
    assert!(expected.len() > 500, "{} usable observations", expected.len());
    let mut id = vec!["--parcels", parcels.as_str()];
    id.extend(file.parcels.id.iter().flat_map(|id| ["--id", id.as_str()]));
    let imported = |table: &str, signals: &str| {
        let mut arguments = vec!["series", "--table", table, "--signal", signals];
        arguments.extend(&id);
        let (out, said) = parcelight(&arguments);
        (usable(&out), said)
    };
    for table in [&csv, &parquet] {
        let (found, said) = imported(table, signals);
        assert!(said.contains("Parcelight extract ("), "{said}");
        assert_eq!(found.len(), expected.len(), "{table}: the same observations are usable");
        for (key, value) in &expected {
            // Pixels of a chip are single precision; decibels multiply their rounding.
            let tolerance = if key.2.ends_with("_db") { 1e-5 } else { 1e-6 };
            assert_close(found[key], *value, tolerance, &format!("{table} {key:?}"));
        }
    }
    let (found, said) = imported(&decibel, "VV_db");
    assert!(said.contains("decibels became linear power"), "{said}");
    let radar: Vec<_> = expected.iter().filter(|((.., signal), _)| signal == "VV_db").collect();
    assert_eq!(found.len(), radar.len());
    for (key, value) in radar {
        assert_close(found[key], *value, 1e-5, "dB and back");
    }
    // What `series` writes is a table too.
    let series_csv = path("series.csv");
    parcelight(&["series", "--project", &project, "--quiet", "--signal", "NDVI", "-o", &series_csv]);
    let (found, said) = imported(&series_csv, "NDVI");
    assert!(said.contains("Parcelight series"), "{said}");
    let ndvi: Vec<_> = expected.iter().filter(|((.., signal), _)| signal == "NDVI").collect();
    assert_eq!(found.len(), ndvi.len());
    for (key, value) in ndvi {
        assert_close(found[key], *value, 1e-12, "NDVI");
    }
}

#[test]
fn scan_tells_how_a_table_would_be_read() {
    let path = super::golden("sen4cap/mdb1.csv").display().to_string();
    let (out, said) = parcelight(&["scan", &path]);
    assert!(said.contains("name it with --table"), "{said}");
    let line = |end: &str| out.lines().any(|line| line.contains("Sen4CAP marker database (Arrow IPC)") && line.ends_with(end));
    assert!(line("column,id,NewID") && line("unit,NDVI,x1000") && line("unit,VH,decibel"), "{out}");
}

/// The sample with tables.
fn with_tables(desk: &Desk, tables: &[TableSource]) -> Project {
    let mut file = project_file::load(&desk.path()).expect("loads");
    file.tables = tables.to_vec();
    project_file::save(&desk.path(), &file).expect("saves");
    desk.loaded()
}

fn source(path: &str) -> TableSource {
    TableSource { path: path.into(), ..TableSource::default() }
}

#[test]
fn images_win_for_what_they_show_and_the_table_fills_the_rest() {
    let desk = Desk::new();
    let plain = desk.loaded();
    let data = plain.dataset().ready().expect("loaded");
    let id = data.parcels.id(data.parcels.iter().next().expect("a parcel")).to_owned();
    let ndvi = series(&plain, &id, "NDVI");
    let clear = ndvi.points.iter().find(|point| point.state == ObservationState::Ok).expect("a clear date");
    let day = clear.acquired.to_string()[..10].to_owned();
    let platform = data.catalog.get(clear.acquisition).platform.clone();
    let table = format!(
        "parcel_id,date,platform,NDVI,LAI,usable_share\n{id},{day},{platform},0.123,2.5,1\n{id},2019-05-19,S2B,0.456,1.5,0.9\n{id},2019-05-29,S2B,0.2,1,0.1\n"
    );
    std::fs::write(desk.path().with_file_name("more.csv"), table).expect("writes");
    drop(plain);
    let project = with_tables(&desk, &[source("more.csv")]);
    let now = project.dataset().ready().expect("loaded");
    assert_eq!(now.catalog.acquisitions.len(), data.catalog.acquisitions.len() + 2, "two dates are new, one is an image's");
    let both = series(&project, &id, "NDVI");
    assert_eq!(both.points.len(), ndvi.points.len() + 2);
    let same = both.points.iter().find(|point| point.acquired == clear.acquired).expect("still there");
    assert_eq!(same.value, clear.value, "the image's value");
    let of = |day: &str| *both.points.iter().find(|point| point.acquired.to_string().starts_with(day)).expect("a date");
    assert_eq!((of("2019-05-19").value, of("2019-05-19").state), (0.456, ObservationState::Ok));
    assert_eq!((of("2019-05-29").value, of("2019-05-29").state), (0.2, ObservationState::Masked));
    assert!(both.points.is_sorted_by_key(|point| point.acquired));
    // A quantity that no image has is a signal like any other, on the image's date too.
    let lai = series(&project, &id, "LAI");
    assert_eq!(lai.points.len(), 3);
    assert_eq!(lai.points.iter().find(|point| point.value == 2.5).expect("joined").acquired, clear.acquired);
    // The calendar knows the dates without image, how clear they are, and that they have none.
    let parcel = now.parcels.find(&id).expect("a parcel");
    let coverage = project.compute(&CoverageQuery { parcel, revision: project.revision() }).expect("computes");
    let entry = coverage.of(of("2019-05-29").acquisition).expect("an entry");
    assert!(is_values_only(now.catalog.get(of("2019-05-29").acquisition)));
    assert_close(entry.granules[0].clear(project.mask()), 0.0, 0.11, "clear share");
    let other = now.parcels.iter().nth(1).expect("another parcel");
    let elsewhere = project.compute(&CoverageQuery { parcel: other, revision: project.revision() }).expect("computes");
    assert!(elsewhere.of(of("2019-05-29").acquisition).is_none(), "the table says nothing of another parcel");
}

#[test]
fn tables_are_read_once_and_again_when_they_change() {
    let desk = Desk::new();
    let data = desk.loaded().dataset().ready().expect("loaded");
    let id = data.parcels.id(data.parcels.iter().next().expect("a parcel")).to_owned();
    let path = desk.path().with_file_name("t.csv");
    let write = |value: &str| std::fs::write(&path, format!("parcel_id,date,NDVI\n{id},2019-05-19,{value}\n")).expect("writes");
    let kept = || -> Vec<(String, std::time::SystemTime)> {
        let folder = parcelight::project::load::cache_folder(&desk.path());
        let entries = std::fs::read_dir(folder).expect("a cache").flatten();
        let tables = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("tables-"));
        let mut found: Vec<_> = tables
            .map(|entry| {
                (
                    entry.file_name().to_string_lossy().into_owned(),
                    entry.metadata().expect("is there").modified().expect("a time"),
                )
            })
            .collect();
        found.sort();
        found
    };
    let value = |project: &Project| {
        let all = series(project, &id, "NDVI");
        all.points.iter().find(|point| point.acquired.to_string().starts_with("2019-05-19")).map(|point| point.value)
    };
    write("0.25");
    assert_eq!(value(&with_tables(&desk, &[source("t.csv")])), Some(0.25));
    let first = kept();
    assert_eq!(first.len(), 1);
    assert_eq!(value(&desk.loaded()), Some(0.25));
    assert_eq!(kept(), first, "nothing was read again");
    write("0.5000");
    assert_eq!(value(&desk.loaded()), Some(0.5), "neither the tables nor the series are those of before");
    assert_eq!(kept().len(), 2);
    assert_eq!(value(&with_tables(&desk, &[])), None);
}

#[test]
fn a_scan_of_one_variable_visits_every_parcel_and_agrees_with_the_series() {
    let desk = Desk::new();
    let data = desk.loaded().dataset().ready().expect("loaded");
    let mut table = "parcel_id,date,band,mean\n".to_owned();
    for (number, parcel) in data.parcels.iter().enumerate() {
        for day in 1..=3 {
            let mean = (number * 10 + day) as f64 / 1000.0;
            writeln!(table, "{},2020-01-0{day},B04,{mean}", data.parcels.id(parcel)).expect("writes");
        }
    }
    std::fs::write(desk.path().with_file_name("t.csv"), table).expect("writes");
    let project = with_tables(&desk, &[source("t.csv")]);
    let data = project.dataset().ready().expect("loaded");
    let tables = data.tables.as_ref().expect("tables");
    let mut scanned: BTreeMap<u32, Vec<(AcquisitionIx, f64)>> = BTreeMap::new();
    let mut visit = |parcel: parcelight::model::ParcelIx, observed: &[Vec<parcelight::store::tables::TableObservation>]| {
        let list = observed[0].iter().map(|one| (tables.acquisition(one.time), one.stats.mean)).collect();
        scanned.insert(parcel.0, list);
        true
    };
    tables.store().for_each_parcel(&["B04"], &mut visit).expect("scans");
    assert_eq!(scanned.len(), data.parcels.len());
    for parcel in data.parcels.iter() {
        let own: Vec<(AcquisitionIx, f64)> = series(&project, data.parcels.id(parcel), "B04")
            .points
            .iter()
            .filter(|point| point.acquired.to_string().starts_with("2020-01"))
            .map(|point| (point.acquisition, point.value))
            .collect();
        assert_eq!(scanned[&parcel.0], own);
        assert_eq!(own.len(), 3);
    }
    assert!(
        data.catalog.iter().all(|(_, acquisition)| acquisition.sensor != Sensor::S1Coherence || !is_values_only(acquisition))
    );
}
