//! Answers in all their spellings, and bytes that are none.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::contract::{AcquisitionKey, AcquisitionRow, SignalRow};
use crate::model::{Pass, Sensor};

fn fault<T: std::fmt::Debug>(result: Result<T, Fault>) -> String {
    result.expect_err("a fault").0
}

#[test]
fn a_parcel_is_read_in_every_spelling() {
    let geojson = r#"{"type":"MultiPolygon","coordinates":[[[[0.5,1.0],[2.0,1.0],[2.0,3.0],[0.5,1.0]]]]}"#;
    let crs = json!({"type": "name", "properties": {"name": "EPSG:28992"}});
    let mut with_crs: Value = serde_json::from_str(geojson).expect("JSON");
    with_crs["crs"] = crs;
    let columns = |code: Value, geom: Value| {
        json!({"pid": ["575541"], "cropname": ["Grasland"], "cropcode": [code], "srid": [28992], "geom": [geom], "area": [8137],
               "clon": [4.4312], "clat": [51.7387]})
    };
    let expected = ParcelRow {
        pid: "575541".into(),
        crop_name: Some("Grasland".into()),
        crop_code: Some("265".into()),
        srid: Some(28992),
        geometry: Some(serde_json::from_str::<Value>(geojson).expect("JSON").to_string()),
        area_m2: Some(8137.0),
        lon: Some(4.4312),
        lat: Some(51.7387),
    };
    let wkt = "SRID=28992;MULTIPOLYGON (((0.5 1, 2 1, 2 3, 0.5 1)))";
    let forms = [
        columns(json!("265"), json!(geojson)),
        columns(json!(265), json!(with_crs.to_string())),
        columns(json!(265.0), with_crs),
        columns(json!("265"), json!(wkt)),
    ];
    for form in &forms {
        assert_eq!(parcels(form.to_string().as_bytes()), Ok(vec![expected.clone()]), "{form}");
        // Serialised twice, and with a byte order mark.
        let twice = json!(form.to_string()).to_string();
        assert_eq!(parcels(format!("\u{feff} {twice}\n").as_bytes()), Ok(vec![expected.clone()]));
    }
    let numbers =
        br#"{"pid":[575541],"srid":["28992"],"area":["8137"],"clon":[NaN],"clat":[-Infinity],"cropname":[null],"geom":[""]}"#;
    let row = ParcelRow { pid: "575541".into(), srid: Some(28992), area_m2: Some(8137.0), ..ParcelRow::default() };
    assert_eq!(parcels(numbers), Ok(vec![row.clone()]));
    assert_eq!(parcels(br#"{"pid":"575541","srid":28992,"area":8137}"#), Ok(vec![row.clone()]));
    assert_eq!(parcels(br#"[{"pid":"575541","srid":28992,"area":8137}]"#), Ok(vec![row]));
}

#[test]
fn nothing_found_has_many_forms() {
    for empty in
        ["", "{}", "[]", "null", " \n", "\u{feff}{}", "\"{}\"", "\"[]\"", r#"{"pid":[],"cropname":[],"chips":[],"band":[]}"#]
    {
        let bytes = empty.as_bytes();
        assert_eq!(parcels(bytes), Ok(vec![]), "{empty:?}");
        assert_eq!(
            (peers(bytes), markers(bytes), chips(bytes), products(bytes)),
            (Ok(vec![]), Ok(vec![]), Ok(vec![]), Ok(vec![]))
        );
        assert_eq!((signal(bytes), acquisitions(bytes)), (Ok(vec![]), Ok(vec![])));
        assert!(matches!((series(bytes), weather(bytes)), (Ok(a), Ok(b)) if a.is_empty() && b.is_empty()), "{empty:?}");
    }
    assert!(says_nothing(b" { } ") && says_nothing(b"") && !says_nothing(br#"{"pid":[]}"#) && !says_nothing(b"[0]"));
}

#[test]
fn what_is_no_answer_says_what_it_is() {
    let page = "<!DOCTYPE html><html><head><title>502 Bad\n Gateway</title></head><body><h1>x</h1></body></html>";
    assert_eq!(fault(parcels(page.as_bytes())), "the answer is a page: \"502 Bad Gateway\"");
    assert_eq!(fault(parcels(b"<p>Internal &amp; error</p>")), "the answer is a page: \"Internal &amp; error\"");
    assert_eq!(
        fault(parcels(b"Not authorized for this dataset.")),
        "the answer is no JSON: \"Not authorized for this dataset.\""
    );
    assert_eq!(fault(parcels(br#"{"error":"tiles not allowed as key"}"#)), "the server says: tiles not allowed as key");
    let uneven = fault(parcels(br#"{"pid":["1","2"],"area":[1]}"#));
    assert_eq!(uneven, "columns of unequal length: area has 1 rows, pid has 2");
    assert_eq!(fault(parcels(br#"{"id":["1"]}"#)), "the answer has no column pid; it has id");
    assert_eq!(
        fault(parcels(br#"{"pid":["1"],"geom":["POINT (1 2)"]}"#)),
        "the geometry of row 1 is neither GeoJSON nor a polygon as text: \"POINT (1 2)\""
    );
    assert_eq!(fault(series(br#"{"date_part":["x"],"band":["B04"]}"#)), "row 1 of column date_part has no time but \"x\"");
    assert!(fault(parcels(br#"{"pid":["1""#)).starts_with("the answer is broken JSON: EOF"));
    assert!(fault(parcels("[".repeat(100_000).as_bytes())).starts_with("the answer is broken JSON: recursion limit"));
    assert_eq!(fault(parcels(&vec![b' '; MAX_BYTES + (1 << 20)])), "the answer has 65 MiB; 64 is the limit");
}

#[test]
fn time_series_are_read_with_classes_and_references() {
    let text = r#"{"extract":[1578134451.0,"1578134451"],"band":["B04","B8"],"count":[97,"97"],"mean":[439.5,NaN],"std":[6.9,null],
        "min":[423,1],"p25":[434,1],"p50":[438,1],"p75":[444,1],"max":[454,1],"hist":[{"4":24,"5":1},"{\"11\": 3}"],
        "reference":["S2A_MSIL2A_20200104T104421_N0213_R008_T31UFU_20200104T121143.SAFE",null]}"#;
    let rows = series(text.as_bytes()).expect("rows");
    assert_eq!((rows[0].time.as_second(), rows[1].time.as_second()), (1_578_134_451, 1_578_134_451));
    assert_eq!((rows[0].count, rows[1].count, rows[0].mean), (97.0, 97.0, 439.5));
    assert!(rows[1].mean.is_nan() && rows[1].std.is_nan());
    assert_eq!(rows[0].histogram.map(|classes| (classes[4], classes[5])), Some((24, 1)));
    assert_eq!(rows[1].histogram.map(|classes| classes[11]), Some(3));
    assert_eq!((rows[0].reference.is_some(), rows[1].reference.is_some()), (true, false));
}

#[test]
fn days_come_as_text_and_as_seconds() {
    for day in [
        "\"2019-04-01\"",
        "\"2019-04-01T00:00:00\"",
        "1554076800",
        "1554076800000",
        "\"20190401\"",
        "\"Mon, 01 Apr 2019 00:00:00 GMT\"",
    ] {
        let text = format!(r#"{{"meteo_date":[{day}],"tmin":[-1.5],"tmax":[8],"tmean":["3.25"],"prec":[0]}}"#);
        let rows = weather(text.as_bytes()).expect("rows");
        assert_eq!((rows[0].day.to_string(), rows[0].tmin, rows[0].tmean), ("2019-04-01".to_owned(), -1.5, 3.25), "{day}");
    }
}

#[test]
fn paths_of_three_generations_become_addresses() {
    for (path, address) in [
        ("/dump/ab/P.B04.tif", "dump/ab/P.B04.tif"),
        ("/static/tmp/ab/P.tif", "static/tmp/ab/P.tif"),
        ("static//tmp/ab/P.tif", "static/tmp/ab/P.tif"),
    ] {
        assert_eq!(chip_address(path).as_deref(), Ok(address));
    }
    for (path, what) in [
        ("http://other/x/y.tif", "with a scheme"),
        ("//other/x/y.tif", "to another host"),
        ("/dump/../../etc/passwd", "that leaves its folder"),
        ("/dump/./x.tif", "that leaves its folder"),
        ("/dump\\x\\y.tif", "with a '\\\\'"),
        ("/dump/x/y.tif?a=b", "with a '?'"),
        ("/dump/x/y.tif#a", "with a '#'"),
        ("/dump/%2e%2e/y.tif", "with a '%'"),
        ("/dump/x\n/y.tif", "with blanks or control characters"),
        ("y.tif", "without a folder and a file"),
        ("/dump/x/", "without a folder and a file"),
        ("", "without a folder and a file"),
    ] {
        assert!(fault(chip_address(path)).starts_with(&format!("the server gives a path {what}: ")), "{path}");
    }
    let rows = chips(br#"{"dates":["20190617T104029_B04"],"chips":["static//tmp/d/P.B04.tif"]}"#).expect("rows");
    assert_eq!((rows[0].file.as_str(), rows[0].address.as_str()), ("P.B04.tif", "static/tmp/d/P.B04.tif"));
    assert_eq!(label_time(&rows[0].label).map(|time| time.to_string()).as_deref(), Some("2019-06-17T10:40:29Z"));
    assert!(chips(br#"{"dates":["x"],"chips":["http://evil/x/y"]}"#).is_err());
}

#[test]
fn products_and_backgrounds_are_names_below_the_base() {
    let names = products(br#"{"chips":["P_1.SAFE","P_2","P_1","/eodata/x/P_3.SAFE"]}"#);
    assert_eq!(names, Ok(vec!["P_1".to_owned(), "P_2".to_owned(), "P_3".to_owned()]));
    assert!(products(br#"{"chips":["a b"]}"#).is_err());
    assert_eq!(background(b"static/tmp/x/google.tif"), Ok(Some("static/tmp/x/google.tif".to_owned())));
    assert_eq!(background(b"\"static/tmp/x/google.tif\"\n"), Ok(Some("static/tmp/x/google.tif".to_owned())));
    assert_eq!(background(b"{}"), Ok(None));
    assert!(background(b"<html></html>").is_err() && background(b"{\"a\":1}").is_err());
}

#[test]
fn a_server_tells_its_areas_and_own_routes() {
    let text = r#"{"server":{"parcelight":{"version":"1","routes":["parcelSignal"]}},"helpers":{},
        "aois":{"nld":{"years":[2019,"2020"],"datasets":["g"],"time_series":["s2"],"tms":["osm"],"id_examples_2019":[1]}}}"#;
    let found = info(text.as_bytes()).expect("info");
    assert_eq!(
        (found.areas["nld"].years.as_slice(), found.own_routes.as_slice()),
        (&["2019".into(), "2020".into()][..], &["parcelSignal".into()][..])
    );
    assert_eq!(info(br#"{"server":{},"aois":{}}"#), Ok(Info::default()));
    assert!(info(b"[1]").is_err());
}

#[test]
fn rings_have_no_signs_unless_the_server_reads_them() {
    let ring = [[6.31, 52.33], [6.33, 52.33], [6.33, 52.0]];
    assert_eq!(ring_text(&ring).as_deref(), Some("6.31_52.33-6.33_52.33-6.33_52-6.31_52.33"));
    let west = [[-6.31, 52.33], [-6.3, 52.33], [-6.3, 52.0], [-6.31, 52.33]];
    assert_eq!(ring_text(&west), None);
    assert_eq!(signed_ring_text(&west).as_deref(), Some("-6.31_52.33--6.3_52.33--6.3_52--6.31_52.33"));
    assert_eq!((ring_text(&ring[..2]), signed_ring_text(&[[f64::NAN, 0.0]; 4])), (None, None));
    assert_eq!(ring_text(&[[-0.0, 1e-9], [1.0, 0.0], [1.0, 1.0]]).as_deref(), Some("0_0-1_0-1_1-0_0"));
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![proptest::num::f64::NORMAL, Just(0.0), -1e6..1e6]
}

fn key() -> impl Strategy<Value = AcquisitionKey> {
    let pass = proptest::option::of(prop_oneof![Just(Pass::Ascending), Just(Pass::Descending)]);
    let sensor = prop_oneof![Just(Sensor::S2), Just(Sensor::S1Backscatter), Just(Sensor::S1Coherence)];
    (1_400_000_000_i64..2_000_000_000, sensor, "S[12][A-D]", proptest::option::of(0_u16..999), pass, any::<bool>()).prop_map(
        |(second, sensor, platform, relative_orbit, pass, pair)| {
            let time = Timestamp::from_second(second).expect("a time");
            AcquisitionKey { time, sensor, platform, relative_orbit, pass, first: pair.then_some(time) }
        },
    )
}

fn key_columns(rows: &[&AcquisitionKey]) -> serde_json::Map<String, Value> {
    let list = |cell: &dyn Fn(&AcquisitionKey) -> Value| rows.iter().map(|row| cell(row)).collect::<Value>();
    [
        ("time", list(&|row| json!(row.time.to_string()))),
        ("sensor", list(&|row| json!(row.sensor.code()))),
        ("platform", list(&|row| json!(row.platform))),
        ("relative_orbit", list(&|row| json!(row.relative_orbit))),
        ("pass", list(&|row| json!(row.pass.map(Pass::code)))),
        ("first", list(&|row| json!(row.first.map(|time| time.to_string())))),
    ]
    .map(|(name, cells)| (name.to_owned(), cells))
    .into_iter()
    .collect()
}

proptest! {
    #[test]
    fn no_bytes_break_a_parser(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        every_parser(&bytes);
    }

    #[test]
    fn no_json_breaks_a_parser(text in r#"[\[\]{}",:0-9a-zN. -]{0,200}"#) {
        every_parser(text.as_bytes());
    }

    #[test]
    fn parcels_that_are_written_are_read_the_same(rows in proptest::collection::vec(
        ("[A-Za-z0-9 '\"\\\\é-]{0,8}[0-9]", proptest::option::of("[a-z]{1,9}"), proptest::option::of(1_u32..99999), number(), proptest::option::of(-180.0..180.0)), 1..9)
    ) {
        let column = |cell: &dyn Fn(usize) -> Value| (0..rows.len()).map(cell).collect::<Value>();
        let text = json!({
            "pid": column(&|row| json!(rows[row].0)), "cropname": column(&|row| json!(rows[row].1)), "srid": column(&|row| json!(rows[row].2)),
            "area": column(&|row| json!(rows[row].3)), "clon": column(&|row| json!(rows[row].4)),
        }).to_string();
        let expected: Vec<ParcelRow> = rows.iter().cloned().map(|(pid, crop_name, srid, area, lon)| {
            ParcelRow { pid, crop_name, srid, area_m2: Some(area), lon, ..ParcelRow::default() }
        }).collect();
        prop_assert_eq!(parcels(text.as_bytes()), Ok(expected.clone()));
        prop_assert_eq!(parcels(json!(text).to_string().as_bytes()), Ok(expected));
    }

    #[test]
    fn series_that_are_written_are_read_the_same(rows in proptest::collection::vec((0_i64..4_000_000_000, "B[0-9]{2}", number(), number(), any::<[u16; 12]>()), 1..9)) {
        let column = |cell: &dyn Fn(usize) -> Value| (0..rows.len()).map(cell).collect::<Value>();
        let hist = |row: usize| rows[row].4.iter().enumerate().map(|(class, count)| (class.to_string(), json!(count))).collect::<Value>();
        let text = json!({
            "date_part": column(&|row| json!(rows[row].0 as f64)), "band": column(&|row| json!(rows[row].1)), "mean": column(&|row| json!(rows[row].2)),
            "max": column(&|row| json!(rows[row].3)), "hist": column(&hist),
        }).to_string();
        for (found, row) in series(text.as_bytes()).expect("rows").iter().zip(&rows) {
            prop_assert_eq!((found.time.as_second(), &found.band, found.mean.to_bits(), found.max.to_bits()), (row.0, &row.1, row.2.to_bits(), row.3.to_bits()));
            prop_assert_eq!(found.histogram, Some(row.4.map(u32::from)));
        }
    }

    #[test]
    fn signals_that_are_written_are_read_the_same(rows in proptest::collection::vec((key(), proptest::array::uniform6(number())), 1..9)) {
        let mut columns = key_columns(&rows.iter().map(|row| &row.0).collect::<Vec<_>>());
        for (at, name) in ["value", "std", "p25", "p75", "count", "usable_share"].into_iter().enumerate() {
            columns.insert(name.to_owned(), rows.iter().map(|row| json!(row.1[at])).collect());
        }
        columns.insert("acquired".to_owned(), rows.iter().map(|row| json!(row.0.time.to_string())).collect());
        columns.insert("state".to_owned(), rows.iter().map(|_| json!("masked")).collect());
        let expected: Vec<SignalRow> = rows.into_iter().map(|(key, [value, std, p25, p75, count, usable_share])| {
            SignalRow { acquired: key.time, key, value, std, p25, p75, count, usable_share, state: ObservationState::Masked }
        }).collect();
        prop_assert_eq!(signal(Value::Object(columns).to_string().as_bytes()), Ok(expected));
    }

    #[test]
    fn acquisitions_that_are_written_are_read_the_same(
        rows in proptest::collection::vec((key(), "S2[A-Z_0-9]{3,20}", proptest::option::of("[0-9]{2}[A-Z]{3}"), any::<[u32; 12]>(), any::<bool>()), 1..5)
    ) {
        let mut columns = key_columns(&rows.iter().map(|row| &row.0).collect::<Vec<_>>());
        let mut add = |name: &str, cells: Value| drop(columns.insert(name.to_owned(), cells));
        add("product", rows.iter().map(|row| json!(row.1)).collect());
        add("acquired", rows.iter().map(|row| json!(row.0.time.to_string())).collect());
        add("tile", rows.iter().map(|row| json!(row.2)).collect());
        add("boa_offset_dn", rows.iter().map(|_| json!(-1000.0)).collect());
        add("quantification", rows.iter().map(|_| json!(10_000.0)).collect());
        add("epsg", rows.iter().map(|_| json!(32631)).collect());
        add("bands", rows.iter().map(|_| json!([["B04", 10.0], ["SCL", 20.0]])).collect());
        add("classes", rows.iter().map(|row| json!(row.3)).collect());
        add("pixels", rows.iter().map(|_| json!(8)).collect());
        add("classified", rows.iter().map(|row| json!(row.4)).collect());
        let expected: Vec<AcquisitionRow> = rows.into_iter().map(|(key, product, tile, classes, classified)| AcquisitionRow {
            acquired: key.time, key, product, tile, baseline: None, boa_offset_dn: -1000.0, quantification: 10_000.0, epsg: 32631,
            bands: vec![("B04".to_owned(), 10.0), ("SCL".to_owned(), 20.0)], classes: classes.map(|count| count.min(4_000_000_000)),
            pixels: 8, nodata: 0, classified, synthetic: false,
        }).collect();
        let found = acquisitions(Value::Object(columns).to_string().as_bytes()).expect("rows");
        for (one, other) in found.iter().zip(&expected) {
            prop_assert_eq!((&one.key, &one.product, &one.tile, &one.bands, one.classified), (&other.key, &other.product, &other.tile, &other.bands, other.classified));
            prop_assert!(one.classes.iter().zip(&other.classes).all(|(a, b)| a == b || *b == 4_000_000_000));
        }
    }
}

fn every_parser(bytes: &[u8]) {
    let _parcels = (parcels(bytes), peers(bytes), markers(bytes), chips(bytes), products(bytes), info(bytes));
    let _series = (series(bytes).is_ok(), weather(bytes).is_ok(), signal(bytes).is_ok(), acquisitions(bytes).is_ok());
    let _texts = (background(bytes), gist(bytes), says_nothing(bytes));
    let text = String::from_utf8_lossy(bytes);
    let _names = (chip_address(&text), label_time(&text));
}
