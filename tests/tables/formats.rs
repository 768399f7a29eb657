//! Every format, from golden files and from documented shapes.

use std::fs::File;
use std::sync::Arc;

use arrow::array::{Float32Array, Int32Array, RecordBatch};
use arrow::datatypes::{DataType, Field, Schema};
use parcelight::model::settings::ObservationSettings;
use parcelight::model::tables::StoredAs;
use parcelight::model::{ObservationState, Pass, Sensor};

use super::{Bench, assert_close, faults, golden, ok, report, series, series_under, values};

#[test]
fn the_marker_tools_tables_give_its_own_ndvi_on_clear_dates() {
    let bench = Bench::of(&["1", "2"], &golden("jrc-markers/s2.csv"));
    let project = bench.open();
    // A date counts there only without a single cloudy pixel.
    let clear = ObservationSettings { min_usable_share: 1.0, ..ObservationSettings::default() };
    let expected = std::fs::read_to_string(golden("jrc-markers/series_ndvi.csv")).expect("reads");
    for id in ["1", "2"] {
        let found: Vec<(String, f64)> = ok(&series_under(&project, id, "NDVI", &clear))
            .iter()
            .map(|point| (point.acquired.to_string()[..10].to_owned(), point.value))
            .collect();
        let expected: Vec<(String, f64)> = expected
            .lines()
            .skip(1)
            .map(|line| line.split(',').collect::<Vec<_>>())
            .filter(|cells| cells[0] == id)
            .map(|cells| (cells[1].to_owned(), cells[2].parse().expect("a number")))
            .collect();
        assert!(!expected.is_empty() && found.len() == expected.len(), "{} of {} dates", found.len(), expected.len());
        for ((day, value), (expected_day, expected)) in found.iter().zip(&expected) {
            assert_eq!(day, expected_day);
            assert_close(*value, *expected, 1e-9, day);
        }
    }
    assert_eq!(faults(&project), "");
    let report = report(&project);
    assert_eq!((report.parcels, report.unknown_ids), (2, 0));
}

#[test]
fn a_folder_of_the_salms_files_is_one_source_with_classes_and_quartiles() {
    let bench = Bench::of(&["1", "2"], &golden("jrc-salms"));
    let project = bench.open();
    assert_eq!(report(&project).files, 4, "{}", faults(&project));
    let b04 = series(&project, "1", "B04");
    assert_eq!(b04.points.len(), 71);
    // Row 1_s2_ts.csv of 2020-01-04, band B04: hist says how clear.
    let text = std::fs::read_to_string(golden("jrc-salms/1_s2_ts.csv")).expect("reads");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let header = rows.headers().expect("a header").clone();
    let at = |name: &str| header.iter().position(|own| own == name).expect("a column");
    let mut checked = 0;
    for row in rows.records().map(|row| row.expect("a row")).filter(|row| &row[at("band")] == "B04") {
        let number = |name: &str| row[at(name)].parse::<f64>().expect("a number");
        let point = b04.points.iter().find(|point| point.acquired.to_string().starts_with(&row[at("date")])).expect("a date");
        let masked: f64 = [0, 1, 3, 8, 9, 10, 11].iter().map(|class| number(&format!("hist.{class}"))).sum();
        let all: f64 = (0..12).map(|class| number(&format!("hist.{class}"))).sum();
        assert_eq!(
            (point.value, point.p25, point.p75, point.count),
            (number("MEAN"), number("P25"), number("P75"), number("count"))
        );
        assert_close(point.usable_share, 1.0 - masked / all, 1e-12, "share");
        let state = if masked / all <= 0.5 { ObservationState::Ok } else { ObservationState::Masked };
        assert_eq!(point.state, state, "{}", &row[at("date")]);
        checked += 1;
    }
    assert_eq!(checked, 71);
    // The index file holds per-pixel NDVI: the table's own value wins over the index of means.
    let ndvi = series(&project, "1", "NDVI");
    assert_eq!(ndvi.points.len(), 71);
    let own = std::fs::read_to_string(golden("jrc-salms/1_s2_idx_ts.csv")).expect("reads");
    let line = own.lines().find(|line| line.contains("2020-03-29") && line.contains("NDVI")).expect("a row");
    let mean: f64 = line.split(',').nth(12).expect("MEAN").parse().expect("a number");
    let point = ndvi.points.iter().find(|point| point.acquired.to_string().starts_with("2020-03-29")).expect("a date");
    assert_eq!(point.value, mean);
    // Parcel 2 has bands only: the index of its means.
    let (red, nir) = (series(&project, "2", "B04"), series(&project, "2", "B08"));
    let made = series(&project, "2", "NDVI");
    for ((point, red), nir) in made.points.iter().zip(&red.points).zip(&nir.points) {
        assert_close(point.value, (nir.value - red.value) / (nir.value + red.value), 1e-12, "NDVI of means");
    }
    let coherence = series(&project, "1", "COH_VV");
    assert_eq!(coherence.points.len(), 48);
    assert_eq!(coherence.points[0].acquired.to_string(), "2020-01-16T16:58:49Z");
    assert_close(coherence.points[0].value, 0.444133372832381, 1e-15, "first VV coherence");
}

#[test]
fn coherence_by_wide_columns_is_told_from_backscatter_by_its_name() {
    let bench = Bench::of(&["1", "2"], &golden("jrc-markers/coh.csv"));
    let project = bench.open();
    let series = series(&project, "1", "COH_VH");
    assert_eq!(values(&series)[0], ("2020-01-16T16:58:49Z".to_owned(), 0.661455633976789));
    let catalog = &project.data().expect("loaded").catalog;
    let acquisition = catalog.get(series.points[0].acquisition);
    assert_eq!((acquisition.sensor, acquisition.pass), (Sensor::S1Coherence, Some(Pass::Ascending)));
}

/// What `parcelTimeSeries` gives for one parcel, in digital numbers.
const JRC_JSON: &str = r#"{"date_part":[1578134451.0,1578134451.0,1578566451.0,1578566451.0],"band":["B04","B08","B04","B08"],
"count":[97,97,97,97],"mean":[439.5,2761.6,412.0,3100.0],"std":[6.9,41.7,5.0,40.0],"min":[423,2684,400,3000],
"p25":[434,2738,405,3050],"p50":[438,2757,411,3099],"p75":[444,2796,420,3150],"max":[454,2844,430,3200],
"hist":[{"4":24,"5":1},{"4":24,"5":1},{"4":5,"9":20},{"4":5,"9":20}],
"reference":["S2A_MSIL2A_20200104T104051_N0213_R008_T31UFU_20200104T121143.SAFE","S2A_MSIL2A_20200104T104051_N0213_R008_T31UFU_20200104T121143.SAFE","S2B_x","S2B_x"]}"#;

#[test]
fn jrc_time_series_are_read_alike_from_json_and_csv_and_the_parcel_stands_in_the_name() {
    let csv = "extract,band,count,mean,std,min,p25,p50,p75,max,hist\r\n\
        1578134451.0,B04,97,439.5,6.9,423,434,438,444,454,\"{'4': 24, '5': 1}\"\r\n\
        1578134451.0,B08,97,2761.6,41.7,2684,2738,2757,2796,2844,\"{'4': 24, '5': 1}\"\r\n\
        1578566451.0,B04,97,412.0,5.0,400,405,411,420,430,\"{\"\"4\"\": 5, \"\"9\"\": 20}\"\r\n\
        1578566451.0,B08,97,3100.0,40.0,3000,3050,3099,3150,3200,\"{\"\"4\"\": 5, \"\"9\"\": 20}\"\r\n";
    for (name, content) in [("timeseries_ms2020_AB_12_s2.json", JRC_JSON), ("timeseries_ms2020_AB_12_s2.csv", csv)] {
        let bench = Bench::new(&["12", "AB_12"], "[[tables]]\npath = \"api\"\n");
        bench.write(&format!("api/{name}"), content);
        let project = bench.open();
        let ndvi = series(&project, "AB_12", "NDVI");
        assert_eq!(ndvi.points.len(), 2, "{name}: {}", faults(&project));
        assert_close(ndvi.points[0].value, (2761.6 - 439.5) / (2761.6 + 439.5), 1e-12, name);
        assert_eq!(ndvi.points.iter().map(|point| point.state.code()).collect::<Vec<_>>(), ["ok", "masked"]);
        assert_eq!((ndvi.points[0].usable_share, ndvi.points[1].usable_share), (1.0, 0.2));
        let red = series(&project, "AB_12", "B04");
        assert_close(red.points[0].std, 0.00069, 1e-12, "std");
        let report = report(&project);
        assert!(report.format.starts_with("JRC parcelTimeSeries"), "{}", report.format);
        assert!(report.notes.iter().any(|note| note == "B04, B08: divided by 10000"), "{:?}", report.notes);
        assert!(series(&project, "12", "NDVI").points.is_empty());
    }
}

#[test]
fn jrc_backscatter_is_linear_and_its_pass_comes_from_the_hour() {
    let bench = Bench::new(&["7"], "[[tables]]\npath = \"*_bs.json\"\n");
    let json = r#"{"date_part":[1578117600.0,1578117600.0,1578159000.0],"band":["VVb","VHb","VVb"],"count":[50,50,48],"mean":[0.1,0.02,0.05]}"#;
    bench.write("timeseries_ms2020_7_bs.json", json);
    let project = bench.open();
    let vv = series(&project, "7", "VV_db");
    assert_close(vv.points[0].value, -10.0, 1e-12, "dB of the mean power");
    assert_close(series(&project, "7", "VH_VV_db").points[0].value, 10.0 * 0.2f64.log10(), 1e-12, "ratio");
    let catalog = &project.data().expect("loaded").catalog;
    let passes: Vec<_> = vv.points.iter().map(|point| catalog.get(point.acquisition).pass).collect();
    assert_eq!(passes, [Some(Pass::Descending), Some(Pass::Ascending)]);
}

#[test]
fn the_calendar_tools_output_tree_is_read_as_one_source() {
    let bench = Bench::new(&["12"], "[[tables]]\npath = \"out\"\n");
    let head = "Field_ID,acq_date,";
    bench.write("out/ndvi/12_maize_ndvi.csv", format!("{head}ndvi_mean,ndvi_count,ndvi_std\n12,2020-05-02,0.71,97,0.05\n"));
    bench.write("out/ndwi/12_maize_ndwi.csv", format!("{head}mean,count,std\n12,2020-05-02,0.62,97,0.02\n"));
    bench.write("out/band_stats/12_b08.csv", format!("{head}band_mean,band_count,band_std\n12,2020-05-02,3012.125,97,80\n"));
    bench.write("out/band_stats/12.csv", format!("{head}b02_mean,b02_count,b02_std\n12,2020-05-02,312.125,97,None\n"));
    bench.write("out/s1_bs/12_maize_s1bs_VV_D.csv", format!("{head}bs_mean,bs_count,bs_std\n12,2020-05-03,0.05,97,0.01\n"));
    bench.write(
        "out/s1_coh6/12_maize_s1coh6_VH_A.csv",
        format!("{head}coh6_mean,coh6_count,coh6_std\n12,2020-05-03,0.4,97,0.1\n"),
    );
    let project = bench.open();
    assert_eq!(faults(&project), "");
    assert_eq!(report(&project).files, 6);
    for (signal, expected) in [
        ("NDVI", 0.71),
        ("NDSVI", 0.62),
        ("B08", 0.3012125),
        ("B02", 0.0312125),
        ("VV_db", 10.0 * 0.05f64.log10()),
        ("COH_VH", 0.4),
    ] {
        let series = series(&project, "12", signal);
        assert_eq!(series.points.len(), 1, "{signal}");
        assert_close(series.points[0].value, expected, 1e-12, signal);
    }
    let catalog = &project.data().expect("loaded").catalog;
    let pass = |signal: &str| catalog.get(series(&project, "12", signal).points[0].acquisition).pass;
    assert_eq!((pass("VV_db"), pass("COH_VH")), (Some(Pass::Descending), Some(Pass::Ascending)));
    // NDWI of that tool is another index; nothing here is called so.
    assert!(series(&project, "12", "NDWI").points.is_empty());
}

fn check_sen4cap(bench: &Bench, what: &str) {
    let project = bench.open();
    let report = report(&project);
    assert!(report.format.starts_with("Sen4CAP marker database"), "{what}: {}", report.format);
    assert_eq!(faults(&project), "1 of its ids are no parcels, such as 12; expected ids of the parcel layer\n");
    let ndvi = series(&project, "7", "NDVI");
    assert_eq!(ndvi.points.len(), 2);
    assert_close(ndvi.points[0].value, 0.573264, 1e-7, "573.264 is 0.573264");
    assert_close(ndvi.points[0].std, 0.0415, 1e-7, "stdev");
    assert_eq!(ndvi.points[0].count, 120.0);
    // -10000 is nothing, and no pixel was valid.
    let other = series(&project, "8", "NDVI");
    assert_eq!((other.points[0].value.is_nan(), other.points[0].state), (true, ObservationState::Masked));
    assert_close(series(&project, "7", "LAI").points[0].value, 1.52, 1e-6, "LAI");
    assert_close(series(&project, "7", "B04").points[0].value, 0.04395, 1e-8, "B04");
    // The sign trap: their ndwi is the negative of NDMI.
    assert_close(series(&project, "7", "NDMI").points[0].value, 0.31, 1e-7, "NDMI");
    assert_close(series(&project, "7", "NDWI_S4C").points[0].value, -0.31, 1e-7, "NDWI_S4C");
    assert!(series(&project, "7", "NDWI").points.is_empty());
    assert_close(series(&project, "7", "COH_VV").points[0].value, 0.41, 1e-7, "coherence");
    assert_close(series(&project, "7", "VH_db").points[0].value, -17.5, 1e-6, "VH");
    let vv = series(&project, "7", "VV_db");
    assert_eq!(vv.points[0].acquired.to_string(), "2021-01-04T00:00:00Z");
    let catalog = &project.data().expect("loaded").catalog;
    let orbit = |signal: &str| {
        let acquisition = catalog.get(series(&project, "7", signal).points[0].acquisition);
        (acquisition.relative_orbit, acquisition.pass)
    };
    assert_eq!((orbit("VH_db"), orbit("VV_db")), ((Some(44), None), (None, Some(Pass::Ascending))));
    assert!(
        report.signals.contains(&("NDVI".to_owned(), StoredAs::X1000))
            && report.signals.contains(&("VH".to_owned(), StoredAs::Decibel))
    );
    let left = report.notes.iter().find(|note| note.starts_with("left out")).expect("says what it leaves out");
    assert!(left.contains("20200302_M1") && left.contains("20200302_mean_VVVH_044"), "{left}");
}

#[test]
fn sen4cap_marker_databases_of_pyarrow_are_known_by_their_content() {
    // The first is an Arrow IPC file although its name says CSV.
    for name in ["sen4cap/mdb1.csv", "sen4cap/mdb1.parquet"] {
        check_sen4cap(&Bench::of(&["7", "8"], &golden(name)), name);
    }
}

#[test]
fn an_arrow_file_of_several_batches_joins_by_another_column_of_the_layer() {
    let bench = Bench::new(&["P1", "P2"], "[[tables]]\npath = \"mdb.ipc\"\nparcel_column = \"code\"\n");
    let schema = Schema::new(vec![
        Field::new("NewID", DataType::Int32, false),
        Field::new("20200302_mean_NDVI", DataType::Float32, true),
        Field::new("20200312_mean_NDVI", DataType::Float32, true),
    ]);
    let batch = |ids: Vec<i32>, first: Vec<f32>, second: Vec<f32>| {
        let columns: Vec<Arc<dyn arrow::array::Array>> =
            vec![Arc::new(Int32Array::from(ids)), Arc::new(Float32Array::from(first)), Arc::new(Float32Array::from(second))];
        RecordBatch::try_new(Arc::new(schema.clone()), columns).expect("a batch")
    };
    let file = File::create(bench.folder.path().join("mdb.ipc")).expect("creates");
    let mut writer = arrow::ipc::writer::FileWriter::try_new(file, &schema).expect("begins");
    writer.write(&batch(vec![100], vec![250.0], vec![750.0])).expect("writes");
    writer.write(&batch(vec![101, 555], vec![125.0, 1.0], vec![-10_000.0, 1.0])).expect("writes");
    writer.finish().expect("ends");
    let project = bench.open();
    let numbers = |id: &str| series(&project, id, "NDVI").points.iter().map(|point| point.value).collect::<Vec<_>>();
    assert_eq!((numbers("P1"), numbers("P2")), (vec![0.25, 0.75], vec![0.125]));
    assert_eq!((report(&project).unknown_ids, report(&project).parcels), (1, 2));
}

#[test]
fn plain_tables_are_read_in_every_local_habit() {
    let cases = [
        ("a long table", "parcel_id;date;band;mean;count\nP1;2.5.2020;B04;0,05;90\nP1;2.5.2020;B08;0,45;90\n"),
        ("a wide table with tabs and a mark", "\u{feff}Parcel\tDate\tB04\tB08\r\nP1\t20200502\t0,05\t0,45\r\n"),
        ("a quoted table", "\"parcel id\",\"acq_date\",\"B04_mean\",\"B08_mean\"\n\"P1\",\"2020-05-02\",\"500\",\"4500\"\n"),
        ("seconds since 1970", "gid,parcel,time,B04,B08\n1,P1,1588377600,0.05,0.45\n"),
        ("a column of ids that nobody calls so", "blok,datum,b4,b8\nP1,2020-05-02,0.05,0.45\n"),
        ("a list of objects", r#"[{"parcel_id":"P1","date":"2020-05-02","B04":0.05,"B08":0.45}]"#),
    ];
    for (what, content) in cases {
        let bench = Bench::new(&["P1", "P2"], "[[tables]]\npath = \"table.txt\"\n");
        bench.write("table.txt", content);
        let project = bench.open();
        let ndvi = series(&project, "P1", "NDVI");
        assert_eq!(ndvi.points.len(), 1, "{what}: {}", faults(&project));
        assert_close(ndvi.points[0].value, 0.8, 1e-12, what);
        assert_eq!(ndvi.points[0].acquired.to_string(), "2020-05-02T00:00:00Z", "{what}");
        assert_eq!(faults(&project), "", "{what}");
    }
}

#[test]
fn what_the_project_says_about_a_table_is_done() {
    let bench = Bench::new(
        &["P1"],
        "[[tables]]\npath = \"t.csv\"\nday_first = false\n[tables.columns]\nid = \"b\"\ntime = \"d\"\n\
         [tables.signals]\nx = \"NDVI\"\ny = \"NDVI.std\"\nz = \"\"\ngreenness = \"GREEN\"\n[tables.units]\nNDVI = \"percent\"\n",
    );
    bench.write("t.csv", "a,b,d,x,y,z,greenness,B04\nP9,P1,03/04/2020,50,10,1,0.3,0.1\n");
    let project = bench.open();
    let ndvi = series(&project, "P1", "NDVI");
    assert_eq!(values(&ndvi), [("2020-03-04T00:00:00Z".to_owned(), 0.5)], "{}", faults(&project));
    assert_close(ndvi.points[0].std, 0.1, 1e-15, "std");
    assert_eq!(series(&project, "P1", "GREEN").points[0].value, 0.3);
    assert_eq!(series(&project, "P1", "B04").points[0].value, 0.1);
}

#[test]
fn a_field_series_without_ids_belongs_to_the_parcel_of_its_name() {
    let bench = Bench::new(&["field_es"], "[[tables]]\npath = \"field_es.csv\"\n");
    bench.write("field_es.csv", std::fs::read(golden("fusets/field_es_2019_ndvi_rvi.csv")).expect("reads"));
    let project = bench.open();
    let ndvi = series(&project, "field_es", "NDVI");
    assert_eq!(ndvi.points.len(), 33, "dates with an NDVI; {}", faults(&project));
    assert!(ndvi.points.iter().all(|point| point.value.abs() < 1.0 && point.state == ObservationState::Ok));
    let left = report(&project).notes.into_iter().find(|note| note.starts_with("left out")).expect("says so");
    assert!(left.contains("RVI_ASC, RVI_DESC"), "{left}");
}
