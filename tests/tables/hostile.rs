//! Tables that are damaged, mixed up or enormous: each ends in a message that says what, where, and what to do.

use super::{Bench, faults, golden, report, series, values};

/// What is said of a table, and what of it is used.
fn told(name: &str, content: &[u8]) -> (String, usize) {
    let bench = Bench::new(&["P1", "P2"], &format!("[[tables]]\npath = \"{name}\"\n"));
    bench.write(name, content);
    let project = bench.open();
    (faults(&project), series(&project, "P1", "NDVI").points.len())
}

#[test]
fn a_torn_arrow_file_is_called_incomplete_wherever_it_is_torn() {
    let whole = std::fs::read(golden("sen4cap/mdb1.csv")).expect("reads");
    for length in [6, 17, 200, whole.len() / 2, whole.len() - 1] {
        let (said, used) = told("mdb.ipc", &whole[..length]);
        assert!(said.contains("not complete") && said.contains("copy it again"), "{length}: {said}");
        assert_eq!(used, 0);
    }
    // Bytes that lie: whatever is said, the program goes on.
    for at in (8..whole.len()).step_by(97) {
        let mut broken = whole.clone();
        broken[at] ^= 0xff;
        drop(told("mdb.ipc", &broken));
    }
}

#[test]
fn a_header_of_a_million_columns_is_refused() {
    let mut header: String = "parcel_id,date".to_owned();
    for number in 0..1_000_000 {
        header.push_str(",c");
        header.push_str(&number.to_string());
    }
    let (said, _) = told("wide.csv", format!("{header}\nP1,2020-01-01\n").as_bytes());
    assert!(said.contains("1000002 columns") && said.contains("at most 100000"), "{said}");
}

#[test]
fn rows_and_cells_that_cannot_be_read_are_named_with_their_row() {
    let table = "parcel_id,date,NDVI\nP1,2020-01-01,0.5\nP1,NaN,0.6\nP1,2020-02-30,0.7\nP1;2020-01-03;0,8\nP1,2020-01-04,much\n,2020-01-05,0.4\nP1,2020-01-06,0.9\n";
    let (said, used) = told("mixed.csv", table.as_bytes());
    for part in [
        "“NaN” in row 3, column “date”",
        "“2020-02-30” in row 4, column “date”",
        "row 5 has 2",
        "3 cells as in the header; check the delimiter",
        "“much” in row 6, column “NDVI”",
        "1 rows have no parcel id: rows 7",
    ] {
        assert!(said.contains(part), "“{part}” is missing in {said}");
    }
    assert_eq!(used, 2, "the sound rows are used");
}

#[test]
fn the_same_observation_twice_is_counted_and_the_one_with_more_pixels_used() {
    let bench = Bench::new(&["P1"], "[[tables]]\npath = \"t.csv\"\n");
    bench.write(
        "t.csv",
        "parcel_id,date,band,mean,count\nP1,2020-01-01,B04,0.1,5\nP1,2020-01-01,B04,0.2,9\nP1,2020-01-01,B04,0.3,9\n",
    );
    let project = bench.open();
    assert_eq!(values(&series(&project, "P1", "B04")), [("2020-01-01T00:00:00Z".to_owned(), 0.2)]);
    let notes = report(&project).notes.join("\n");
    assert!(notes.contains("2 observations stand more than once"), "{notes}");
}

#[test]
fn every_parcel_of_an_id_that_occurs_twice_gets_its_values() {
    let bench = Bench::new(&["P1", "P1"], "[[tables]]\npath = \"t.csv\"\n");
    bench.write("t.csv", "parcel_id,date,NDVI\nP1,2020-01-01,0.5\n");
    let project = bench.open();
    assert_eq!(report(&project).parcels, 2);
}

#[test]
fn what_is_no_series_table_says_so() {
    for (name, content, said) in [
        ("empty.csv", "", "empty or no table"),
        ("text.csv", "just a sentence\n", "no comma, semicolon or tab"),
        ("nodate.csv", "parcel_id,NDVI\nP1,0.5\n", "no column holds dates; name it as `time`"),
        ("nosignal.csv", "parcel_id,date,colour\nP1,2020-01-01,red\n", "no column holds a band, an index or a polarisation"),
        ("other.csv", "parcel_id,date,NDVI\nX1,2020-01-01,0.5\n", "none of its 1 ids is a parcel, such as X1"),
        ("bad.json", "{\"band\": [\"B04\"], ", "the JSON is not valid"),
        ("utf16.csv", "\u{0}", "empty or no table"),
        ("none.csv", "parcel_id,date,NDVI\n", "holds no observation"),
    ] {
        let (faults, used) = told(name, content.as_bytes());
        assert!(faults.contains(said) && used == 0, "{name}: {faults}");
    }
    let bench = Bench::new(&["P1"], "[[tables]]\npath = \"gone.csv\"\n");
    let said = faults(&bench.open());
    assert!(said.contains("no such file or folder; correct the path"), "{said}");
    let bench = Bench::new(&["P1"], "[[tables]]\npath = \"t.csv\"\n[tables.columns]\nid = \"field\"\n");
    bench.write("t.csv", "parcel_id,date,NDVI\nP1,2020-01-01,0.5\n");
    let said = faults(&bench.open());
    assert!(said.contains("no column “field”, named as `id`; it has parcel_id, date, NDVI"), "{said}");
}

#[test]
fn dates_that_can_be_read_in_two_ways_and_two_decimal_signs_are_told() {
    let bench = Bench::new(&["P1"], "[[tables]]\npath = \"t.csv\"\n");
    bench.write("t.csv", "parcel_id;date;NDVI\nP1;03/04/2020;0,5\nP1;05/04/2020;0.6\nP1;06/04/2020;0,7\n");
    let project = bench.open();
    let notes = report(&project).notes.join("\n");
    assert!(notes.contains("taken as the third of April; set `day_first`"), "{notes}");
    assert!(notes.contains("both decimal points and decimal commas occur; “,” is taken"), "{notes}");
    assert_eq!(values(&series(&project, "P1", "NDVI"))[0], ("2020-04-03T00:00:00Z".to_owned(), 0.5));
}

#[test]
fn impossible_values_point_to_a_wrong_unit() {
    let bench = Bench::new(&["P1"], "[[tables]]\npath = \"t.csv\"\n[tables.units]\nNDVI = \"physical\"\n");
    bench.write("t.csv", "parcel_id,date,NDVI\nP1,2020-01-01,573.264\n");
    let said = faults(&bench.open());
    assert!(said.contains("1 values of NDVI are impossible as they are read; expected another unit of NDVI"), "{said}");
}
