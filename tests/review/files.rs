//! Decisions as files: columns, formulas, the same bytes, and what is refused.

use std::path::Path;

use parcelight::engine::review::Review;
use parcelight::io::review::{csv, geopackage, import, parse_lines, read_lines, shipped_form, write_lines};
use parcelight::model::Crs;
use parcelight::model::Parcels;
use parcelight::model::Polygons;
use parcelight::model::parcels::{ParcelRow, ParcelsBuilder};
use parcelight::model::review::{Act, Entry};
use parcelight::project::decisions::{read_journal, write_journal};

use super::story::{decide, note, resolve, write};

fn entries() -> Vec<Entry> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.decisions.sqlite");
    let acts = [
        ("8", decide("compliant", "", "green", 10)),
        ("007", note("=HYPERLINK(\"http://x\")")),
        ("007", decide("non_compliant", "other_crop", "red", 30)),
        ("@1", Act::Flag { reason: "+ask, \"é\"".to_owned() }),
        ("9", Act::Defer),
        ("10", Act::Defer),
        ("10", decide("compliant", "", "", 5)),
        ("10", Act::Clear),
    ];
    let mut entries = write(&path, "ann", "2026-01-01T10:00:00Z", &acts);
    let later = [("007", decide("compliant", "seen", "red", 12)), ("007", resolve("request", "-go there"))];
    entries.extend(write(&path, "-ben", "2026-01-02T10:00:00Z", &later));
    entries
}

#[test]
fn decisions_are_a_row_a_parcel_and_user_and_no_cell_is_a_formula() {
    let review = Review::fold(&entries());
    let text = String::from_utf8(csv(review.parcels()).expect("written")).expect("text");
    let expected = "\
parcel_id,automatic,expert_user,verdict,reasons,note,time,duration_s,blind,flag,deferred,final_verdict,final_by,final_note,ruleset_hash
007,red,'-ben,compliant,seen,,2026-01-02T10:00:00Z,12,false,,false,request,'-ben,'-go there,abc123
007,red,ann,non_compliant,other_crop,\"'=HYPERLINK(\"\"http://x\"\")\",2026-01-01T10:02:00Z,30,true,,false,request,'-ben,'-go there,abc123
8,green,ann,compliant,,,2026-01-01T10:00:00Z,10,false,,false,,,,abc123
9,,,,,,,,,,true,,,,
'@1,,,,,,,,,\"'+ask, \"\"é\"\"\",false,,,,
";
    assert_eq!(text, expected);
    let mut backwards: Vec<_> = review.parcels().collect();
    backwards.reverse();
    assert_eq!(csv(backwards).expect("written"), text.as_bytes(), "sorted, however it comes");
}

#[test]
fn what_was_exported_can_be_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("decisions.csv");
    let review = Review::fold(&entries());
    std::fs::write(&path, csv(review.parcels()).expect("written")).expect("written");
    let found = import(&path, &shipped_form(), |id| ["007", "8", "9", "@1"].contains(&id)).expect("read");
    assert_eq!((found.faults, found.without_verdict), (Vec::new(), 2));
    let rows: Vec<_> = found
        .decisions
        .iter()
        .map(|own| (own.line, own.parcel.as_str(), own.user.as_deref(), own.note.as_str(), own.duration_ms, own.blind))
        .collect();
    let expected = [
        (2, "007", Some("-ben"), "", 12_000, false),
        (3, "007", Some("ann"), "=HYPERLINK(\"http://x\")", 30_000, true),
        (4, "8", Some("ann"), "", 10_000, false),
    ];
    assert_eq!(rows, expected);
    assert_eq!(found.decisions[1].time, Some("2026-01-01T10:02:00Z".parse().expect("a time")));
    assert_eq!(found.left_out, ["flag", "deferred", "final_verdict", "final_by", "final_note", "ruleset_hash"]);
}

#[test]
fn rows_that_say_something_wrong_are_told_with_their_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("decisions.csv");
    let read = |text: &str| {
        std::fs::write(&path, text).expect("written");
        import(&path, &shipped_form(), |id| id == "007" || id == "8")
    };
    let text = "\u{feff}verdict,parcel_id,reasons,time,automatic,duration_s,blind\n\
        compliant,7,,,,,\n\
        Compliant,007,,,,,\n\
        non_compliant,007,,,,,\n\
        non_compliant,007,no_data,,,,\n\
        non_compliant,007,other_crop;part_differs,,,,\n\
        compliant,8,,yesterday,,,\n\
        compliant,8,,,blue,,\n\
        compliant,8,,,,-1,\n\
        compliant,8,,,,,perhaps\n\
        compliant, 8 ,,2026-01-01T00:00:00Z,red,0.0014,1\n";
    let found = read(text).expect("read");
    let told: Vec<(u64, &str)> = found.faults.iter().map(|own| (own.line, own.reason.as_str())).collect();
    let begins = [
        (2, "there is no parcel “7”"),
        (3, "there is no verdict “Compliant”; there are compliant, non_compliant"),
        (4, "the verdict non_compliant needs a reason: one of other_crop"),
        (5, "“no_data” is no reason for the verdict non_compliant; it has other_crop"),
        (7, "“yesterday” is no time; expected e.g. 2026-"),
        (8, "“blue” is no automatic verdict"),
        (9, "“-1” is no duration"),
        (10, "“perhaps” in the column blind"),
    ];
    assert_eq!(told.len(), begins.len(), "{told:?}");
    for ((line, reason), (expected, begin)) in told.iter().zip(begins) {
        assert!(*line == expected && reason.starts_with(begin), "{line}: {reason}");
    }
    assert_eq!(found.decisions.iter().map(|own| own.line).collect::<Vec<_>>(), [6, 11]);
    assert_eq!(found.decisions[0].reasons, ["other_crop", "part_differs"]);
    assert_eq!((found.decisions[1].parcel.as_str(), found.decisions[1].duration_ms), ("8", 1));
    for (text, expected) in [
        ("parcel_id,vote\n007,compliant\n", "line 1: there is no column verdict or expert_verdict; there are parcel_id, vote"),
        ("id,verdict\n007,compliant\n", "line 1: there is no column parcel_id"),
        ("parcel_id,verdict\n007\n", "decisions.csv"),
    ] {
        let error = read(text).expect_err("refused").to_string();
        assert!(error.contains(expected) && error.contains("decisions.csv"), "{error}");
    }
}

#[test]
fn lines_come_back_and_faults_are_told_with_their_line() {
    let entries = entries();
    let bytes = write_lines(&entries).expect("written");
    let text = String::from_utf8(bytes).expect("text");
    assert!(text.starts_with("{\"parcelight_journal\":\"1.0\"}\n") && text.lines().count() == entries.len() + 1);
    assert_eq!(parse_lines(&text).expect("read"), entries);
    assert_eq!(parse_lines(&text.replace('\n', "\r\n")).expect("read"), entries);
    let (head, first) = text.split_once('\n').expect("lines");
    let first = first.lines().next().expect("an entry");
    for (text, expected) in [
        (String::new(), "line 1: the file is empty"),
        ("{}\n".to_owned(), "line 1: it is no journal; expected {\"parcelight_journal\":\"1.0\"}"),
        ("{\"parcelight_journal\":\"2.0\"}\n".to_owned(), "line 1: the journal has version 2.0"),
        (format!("{head}\n{first}\n\n{{\"id\":1}}\n"), "line 4: "),
        (format!("{head}\n{}\n", first.replace("\"user\"", "\"usr\"")), "line 2: unknown field `usr`"),
        (format!("{head}\n{}", &first[..first.len() - 9]), "line 2: "),
    ] {
        let told = parse_lines(&text).expect_err(expected);
        assert!(told.starts_with(expected), "{told}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.jsonl");
    std::fs::write(&path, [b"{\"parcelight_journal\":\"1.0\"}\n\n".as_slice(), &[0xff]].concat()).expect("written");
    let error = read_lines(&path).expect_err("no text").to_string();
    assert!(error.contains("line 3: it is not text in UTF-8") && error.contains("a.jsonl"), "{error}");
}

#[test]
fn the_same_entries_give_the_same_database() {
    let folder = tempfile::tempdir().expect("a folder");
    let (one, two) = (folder.path().join("one.sqlite"), folder.path().join("two.sqlite"));
    let entries = entries();
    write_journal(&one, &entries).expect("written");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    write_journal(&two, &entries).expect("written");
    assert!(std::fs::read(&one).expect("bytes") == std::fs::read(&two).expect("bytes"));
    assert_eq!(read_journal(&one).expect("read"), entries);
    let error = write_journal(&one, &entries).expect_err("there already").to_string();
    assert!(error.contains("never replaced"), "{error}");
    let names: Vec<_> = std::fs::read_dir(folder.path()).expect("listed").map(|own| own.expect("one").file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

/// Two squares, one with a hole, and a parcel of two parts.
fn parcels() -> Parcels {
    let square = |x: f64, size: f64| vec![[x, 0.0], [x + size, 0.0], [x + size, size], [x, size]];
    let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
    for (id, parts) in [
        ("007", vec![vec![square(500_000.0, 100.0), square(500_020.0, 10.0)]]),
        ("8", vec![vec![square(500_200.0, 50.0)], vec![square(500_300.0, 50.0)]]),
        ("unreviewed", vec![vec![square(500_400.0, 50.0)]]),
    ] {
        builder.push(ParcelRow { id: id.to_owned(), outline: Polygons { parts }, ..ParcelRow::default() });
    }
    builder.finish(Vec::new())
}

#[test]
fn a_geopackage_has_outlines_and_columns_and_the_same_bytes_at_any_time() {
    use gdal::vector::LayerAccess as _;
    let review = Review::fold(&entries());
    let write = || geopackage(&parcels(), review.parcels()).expect("written");
    let bytes = write();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert!(bytes == write(), "the time of writing is nowhere in it");
    let elsewhere = std::thread::scope(|scope| scope.spawn(write).join().expect("no panic"));
    assert!(bytes == elsewhere, "whoever writes");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("decisions.gpkg");
    std::fs::write(&path, &bytes).expect("written");
    let dataset = gdal::Dataset::open(Path::new(&path)).expect("opened");
    let mut layer = dataset.layer_by_name("decisions").expect("a layer");
    assert_eq!(layer.spatial_ref().and_then(|own| own.auth_code().ok()), Some(32631));
    let names: Vec<String> = layer.defn().fields().map(|own| own.name()).collect();
    assert_eq!(names.first().map(String::as_str), Some("parcel_id"));
    assert_eq!((names.len(), names.last().map(String::as_str)), (15, Some("ruleset_hash")));
    let at = |name: &str| names.iter().position(|own| own == name).expect("a column");
    let rows: Vec<(String, Option<String>, Option<f64>, f64)> = layer
        .features()
        .map(|own| {
            (
                own.field_as_string(at("parcel_id")).expect("text").expect("an id"),
                own.field_as_string(at("note")).expect("text"),
                own.field_as_double(at("duration_s")).expect("a number"),
                own.geometry().expect("an outline").area(),
            )
        })
        .collect();
    // No spreadsheet program runs these: the note is as it was written.
    let formula = Some("=HYPERLINK(\"http://x\")".to_owned());
    let expected = [
        ("007".to_owned(), None, Some(12.0), 9900.0),
        ("007".to_owned(), formula, Some(30.0), 9900.0),
        ("8".to_owned(), None, Some(10.0), 5000.0),
    ];
    assert_eq!(rows, expected);
}
