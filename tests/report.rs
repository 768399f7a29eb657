//! Evidence packs end to end: made twice, checked, tampered with; hostile ids, holders, decisions, and the files of JRC's users.

#[path = "report/desk.rs"]
mod desk;
#[path = "report/jrc.rs"]
mod jrc;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use desk::{Desk, HOLDER, IDS, decide, files, manifest};
use parcelight::model::Watch;
use parcelight::model::review::{Act, Photo, Pin, Pinned};
use parcelight::project::evidence::{PackOptions, Target, write_pack_of};

/// Files of both folders with the same bytes.
fn assert_same(a: &Path, b: &Path) {
    let (left, right) = (files(a), files(b));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&left), names(&right));
    for (name, bytes) in &left {
        assert!(*bytes == right[name], "{name} differs");
    }
}

#[test]
fn a_pack_has_the_same_bytes_whoever_makes_it_and_holds_when_it_is_checked() {
    let desk = Desk::new();
    decide(&desk.journal(), "P-1", "ana", "compliant", &[]);
    desk.ok(&["report", "--project", "season.toml", "--parcel", "P-1", "--parcel", "../x", "-o", "one/pack", "--jobs", "2"]);
    let said =
        desk.ok(&["report", "--project", "season.toml", "--parcel", "../x", "--parcel", "P-1", "-o", "two", "--jobs", "1"]);
    assert!(said.is_empty(), "messages go to standard error: {said}");
    assert_same(&desk.path("one/pack"), &desk.path("two"));
    let ids = ["P-1", "../x"].map(str::to_owned);
    let target = Target::new(desk.path("three"));
    let report = write_pack_of(&desk.path("season.toml"), Some(&ids), &PackOptions::default(), &target, 2, &Watch::default());
    let report = report.expect("the window's way");
    assert_same(&desk.path("one/pack"), &desk.path("three"));

    let made = files(&desk.path("two"));
    assert_eq!((report.parcels, report.files), (2, made.len()));
    for name in
        ["index.html", "season.html", "decisions.csv", "decisions.gpkg", "ruleset.toml", "manifest.json", "parcels/P-1.html"]
    {
        assert!(!made[name].is_empty(), "{name}");
    }
    assert!(made["parcels/P-1.pdf"].starts_with(b"%PDF") && made["evidence/P-1_calendar.png"].starts_with(b"\x89PNG"));
    assert!(made["evidence/P-1_graphs.svg"].starts_with(b"<svg") && !made.contains_key("run.json"));
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("one/pack.run.json")).expect("beside")).expect("JSON");
    assert_eq!(record["arguments"][0], "report");

    // Later decisions do not touch a pack that was made before.
    decide(&desk.journal(), "P-1", "ben", "inconclusive", &["unclear"]);
    let said = desk.ok(&["report", "--verify", "two"]);
    assert!(said.contains("the pack holds") && said.contains(&format!("with the same bytes: {}", made.len())), "{said}");
}

#[test]
fn ids_that_are_no_names_of_files_get_names_that_are() {
    let desk = Desk::new();
    desk.ok(&["report", "--project", "season.toml", "--no-pdf", "--holders", "keep", "-o", "pack"]);
    let manifest = manifest(&desk.path("pack"));
    let ids: BTreeSet<&str> = manifest.parcels.iter().map(|own| own.id.as_str()).collect();
    assert_eq!(ids, BTreeSet::from(IDS));
    let names: BTreeSet<String> = manifest.parcels.iter().map(|own| own.name.to_ascii_lowercase()).collect();
    assert_eq!(names.len(), IDS.len());
    for name in &names {
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && name != "con", "{name}");
        assert!(desk.path(&format!("pack/parcels/{name}.html")).exists() || name.chars().any(char::is_alphabetic));
    }
    assert_eq!(files(&desk.path("pack")).len(), manifest.files.len() + 1);
    assert!(!desk.path("x.html").exists() && !desk.path("pack/x.html").exists() && !desk.path("pack/parcels/a").exists());
    let index = fs::read_to_string(desk.path("pack/index.html")).expect("text");
    assert!(index.contains("../x") && index.contains("=1+1"), "ids stay what they are where they are text");
    // A keeper of ids finds them, so that the test of their absence can fail.
    let bytes = files(&desk.path("pack"));
    assert!(bytes.iter().any(|(_, bytes)| has(bytes, HOLDER)));
}

fn has(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn holders_have_stable_pseudonyms_or_none_and_their_ids_are_nowhere() {
    let desk = Desk::new();
    decide(&desk.journal(), "P-1", "ana", "compliant", &[]);
    desk.append("P-1", "ana", Act::Note { text: format!("{HOLDER} called, see file") });
    let pack = |name: &str, more: &[&str]| {
        let mut words = vec!["report", "--project", "season.toml", "--no-pdf", "--parcel", "P-1", "--parcel", "=1+1", "-o", name];
        words.extend_from_slice(more);
        desk.ok(&words);
        files(&desk.path(name))
    };
    let replaced = pack("replaced", &[]);
    let leaks: Vec<&String> = replaced.iter().filter(|(_, bytes)| has(bytes, HOLDER)).map(|(name, _)| name).collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    let pseudonyms = |files: &BTreeMap<String, Vec<u8>>| -> Vec<String> {
        let sheets = files.iter().filter(|(name, _)| name.starts_with("parcels/"));
        let of = |(_, bytes): (&String, &Vec<u8>)| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let at = text.find("H-").expect("a pseudonym");
            text[at..at + 16].to_owned()
        };
        sheets.map(of).collect()
    };
    let own = pseudonyms(&replaced);
    assert_eq!(own[0], own[1], "both parcels have one holder");
    assert_eq!(own, pseudonyms(&pack("again", &[])));
    assert!(has(&replaced["parcels/P-1.html"], "called, see file"), "the note itself stays");
    let omitted = pack("omitted", &["--holders", "omit"]);
    assert!(omitted.values().all(|bytes| !has(bytes, HOLDER) && !has(bytes, "H-")));
    let key = fs::read_to_string(desk.path("season.holders.key")).expect("drawn");
    assert!(replaced.values().all(|bytes| !has(bytes, key.trim())), "the key is in no pack");
    assert!(desk.ok(&["report", "--verify", "replaced"]).contains("the pack holds"));
    fs::remove_file(desk.path("season.holders.key")).expect("removed");
    let said = desk.fails(1, &["report", "--verify", "replaced"]).0;
    assert!(said.contains("key") && !desk.path("season.holders.key").exists(), "checking draws no key: {said}");
    let (_, error) = desk.fails(1, &["report", "--project", "season.toml", "--holder-column", "nope", "-o", "x"]);
    assert!(error.contains("nope") && error.contains("holding_id"), "{error}");
}

#[test]
fn one_changed_byte_of_an_input_is_found_with_its_parcels_and_what_it_changes() {
    let desk = Desk::new();
    desk.ok(&["report", "--project", "season.toml", "--no-pdf", "--parcel", "P-1", "--parcel", "a/b", "-o", "pack"]);
    // The crop of one parcel, in a letter.
    let layer = desk.path("parcels.geojson");
    let text = fs::read_to_string(&layer).expect("text");
    fs::write(&layer, text.replacen("Crop of P-1", "Crop of P-7", 1)).expect("written");
    let (said, _) = desk.fails(1, &["report", "--verify", "pack", "--project", "season.toml"]);
    assert!(said.contains("input: parcels.geojson was changed") && said.contains("parcels P-1, a/b rest on it"), "{said}");
    assert!(said.contains("bytes as before"), "the size alone does not tell: {said}");
    assert!(said.contains("parcel P-1: parcels/P-1.html") && said.contains("“Crop of P-1”, is “Crop of P-7”"), "{said}");
    assert!(!said.contains("recomputed: parcel a/b: evidence"), "what did not change is not told: {said}");
    fs::write(&layer, text).expect("restored");
    assert!(desk.ok(&["report", "--verify", "pack", "--project", "season.toml"]).contains("the pack holds"));

    // One pixel of one image: of the same length and, as far as that goes, of the same time.
    let image = desk.path("s2/S2A_20190416T105650_T31UES_10m.tif");
    let image = if image.exists() { image } else { desk.an_image() };
    let (mut bytes, time) =
        (fs::read(&image).expect("read"), fs::metadata(&image).and_then(|data| data.modified()).expect("a time"));
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&image, bytes).expect("written");
    fs::File::options().write(true).open(&image).and_then(|file| file.set_modified(time)).expect("set");
    let (said, _) = desk.fails(1, &["report", "--verify", "pack", "--project", "season.toml"]);
    let name = image.file_name().expect("a name").to_string_lossy().into_owned();
    assert!(said.contains(&format!("{name} was changed")) && said.contains("parcels P-1, a/b rest on it"), "{said}");
}

#[test]
fn files_of_a_pack_that_were_changed_added_or_lost_are_told() {
    let desk = Desk::new();
    desk.ok(&["report", "--project", "season.toml", "--no-pdf", "--parcel", "P-1", "-o", "pack"]);
    let sheet = desk.path("pack/parcels/P-1.html");
    let text = fs::read_to_string(&sheet).expect("text");
    fs::write(&sheet, text.replace("Crop of P-1", "Barley")).expect("written");
    fs::write(desk.path("pack/note.txt"), "mine").expect("written");
    fs::remove_file(desk.path("pack/decisions.csv")).expect("removed");
    let (said, _) = desk.fails(1, &["report", "--verify", "pack"]);
    for expected in [
        "pack: parcels/P-1.html was changed since the pack was made",
        "pack: note.txt is in the folder, and the manifest does not know it",
        "pack: decisions.csv is missing",
        "the pack does not hold: 3 findings",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
    }
    let (_, error) = desk.fails(1, &["report", "--verify", "s2"]);
    assert!(error.contains("manifest.json"), "{error}");
    fs::remove_dir_all(desk.path("s2")).expect("removed");
    let (said, _) = desk.fails(1, &["report", "--verify", "pack"]);
    assert!(said.contains("input: s2/") && said.contains("is missing; parcels P-1 rest on it"), "{said}");
}

#[test]
fn decided_parcels_are_the_usual_choice_and_their_history_is_in_the_sheet() {
    let desk = Desk::new();
    decide(&desk.journal(), "P-1", "ana", "non_compliant", &["out_of_time"]);
    desk.append("P-1", "ana", Act::Note { text: "<b>=cmd|' /C calc'!A0</b>".to_owned() });
    desk.append("CON", "ana", Act::Flag { reason: "outline".to_owned() });
    let (_, told) = desk.both(&["report", "--project", "season.toml", "--no-pdf", "-o", "pack"]);
    assert!(told.contains("1 of 5 parcels have a decision"), "{told}");
    let made = files(&desk.path("pack"));
    let sheet = String::from_utf8(made["parcels/P-1.html"].clone()).expect("text");
    assert!(sheet.contains("ana") && sheet.contains("&lt;b&gt;") && !sheet.contains("<b>=cmd"), "escaped");
    let table = String::from_utf8(made["decisions.csv"].clone()).expect("text");
    assert!(table.contains("P-1") && table.contains("non_compliant") && !table.contains("CON,"), "{table}");
    // The agency's own files are as they were; a pack may be made again over itself, and nothing else is replaced.
    desk.ok(&["report", "--project", "season.toml", "--no-pdf", "-o", "pack"]);
    fs::create_dir(desk.path("mine")).expect("made");
    fs::write(desk.path("mine/notes.txt"), "x").expect("written");
    let (_, error) = desk.fails(1, &["report", "--project", "season.toml", "-o", "mine"]);
    assert!(error.contains("--force") && desk.path("mine/notes.txt").exists(), "{error}");
    let (_, error) = desk.fails(1, &["report", "--project", "season.toml", "--force", "-o", "."]);
    assert!(error.contains("project lies in the folder"), "{error}");
}

#[test]
fn pinned_chips_have_a_place_and_photos_come_as_they_were_taken() {
    let desk = Desk::new();
    let acquired = desk.acquired();
    let pin = |view: &str| {
        let what = Pinned::Chip { acquired, sensor: "S2".to_owned() };
        Act::Pin(Box::new(Pin { what, view: view.to_owned(), stretch: "fixed".to_owned() }))
    };
    desk.append("P-1", "ana", pin("B08-B11-B04"));
    desk.append("P-1", "ana", pin("no,such"));
    let picture = desk.photo("2019.jpg");
    let photo = |file: &str, bytes: &[u8]| {
        let hash = blake3::hash(bytes).to_hex().to_string();
        let place = Some([4.05, 50.74]);
        Act::Attach(Box::new(Photo { file: file.to_owned(), hash, taken: None, place, direction: Some(90.0) }))
    };
    desk.append("P-1", "ana", photo("2019.jpg", &picture));
    desk.append("P-1", "ana", photo("../season.toml", &picture));
    desk.append("P-1", "ana", photo("2019.jpg", b"another"));
    desk.ok(&["report", "--project", "season.toml", "--no-pdf", "--parcel", "P-1", "-o", "pack"]);
    let made = files(&desk.path("pack"));
    assert!(made["evidence/P-1_photo_1_original.jpg"] == picture, "as it was taken");
    let (width, height) = image::load_from_memory(&made["evidence/P-1_photo_1.png"]).expect("a picture").to_rgb8().dimensions();
    assert_eq!((width, height), (900, 450), "small enough for a sheet");
    let sheet = String::from_utf8(made["parcels/P-1.html"].clone()).expect("text");
    for expected in
        ["P-1_chip_1.png", "50.740000 N 4.050000 E", "looking 90° from north", "leads out of the folder", "not what was attached"]
    {
        assert!(sheet.contains(expected), "{expected}");
    }
    assert!(sheet.contains("its view “no,such” cannot be read"), "why the other chip is missing");

    // The pixels of the figure lie where those of the image do.
    let text = |name: &str| String::from_utf8(made[name].clone()).expect("text");
    let numbers: Vec<f64> = text("evidence/P-1_chip_1.pgw").lines().map(|line| line.parse().expect("a number")).collect();
    let [pixel_x, _, _, pixel_y, x, y] = numbers[..] else { panic!("six numbers: {numbers:?}") };
    let enlarged = 10.0 / pixel_x;
    assert!((enlarged - enlarged.round()).abs() < 1e-9 && enlarged > 2.0 && (pixel_x + pixel_y).abs() < 1e-12, "{numbers:?}");
    for edge in [x - pixel_x / 2.0, y + pixel_x / 2.0] {
        let pixels = edge / pixel_x;
        assert!((pixels - pixels.round()).abs() < 1e-3, "the grids fit: {edge}");
    }
    let xml = text("evidence/P-1_chip_1.png.aux.xml");
    assert!(xml.contains("<SRS") && xml.contains("32631") && xml.contains("<GeoTransform>"), "{xml}");
}

#[test]
fn every_sheet_has_a_map_that_other_programs_lay_where_it_belongs() {
    let desk = Desk::new();
    desk.ok(&["report", "--project", "season.toml", "--parcel", "P-1", "-o", "pack"]);
    let made = files(&desk.path("pack"));
    let sheet = String::from_utf8(made["parcels/P-1.html"].clone()).expect("text");
    assert!(
        sheet.contains("<h2>Map</h2>") && sheet.contains("P-1_map.png") && sheet.contains("Ruleset") && !sheet.contains("Map: ")
    );
    let png = image::load_from_memory(&made["evidence/P-1_map.png"]).expect("a picture").to_rgb8();
    let text = |name: &str| String::from_utf8(made[name].clone()).expect("text");
    let numbers: Vec<f64> = text("evidence/P-1_map.pgw").lines().map(|line| line.parse().expect("a number")).collect();
    let [pixel, _, _, down, x, y] = numbers[..] else { panic!("six numbers: {numbers:?}") };
    assert!((pixel + down).abs() < 1e-6 * pixel, "{numbers:?}");
    let xml = text("evidence/P-1_map.png.aux.xml");
    let transform = xml.split("<GeoTransform>").nth(1).and_then(|rest| rest.split(',').next()).expect("a transform");
    let left: f64 = transform.trim().parse().expect("a number");
    assert!(xml.contains("32631") && (left - (x - pixel / 2.0)).abs() < 1e-6, "{xml}");
    // The corners of the parcel, put into the picture by the world file, lie on its yellow outline.
    let layer: serde_json::Value = serde_json::from_slice(&fs::read(desk.path("parcels.geojson")).expect("read")).expect("JSON");
    let ring = layer["features"][0]["geometry"]["coordinates"][0].as_array().expect("a ring");
    let yellow = |[r, g, b]: [u8; 3]| r > 200 && g > 180 && b < 140;
    for corner in ring {
        let place = [corner[0].as_f64().expect("x"), corner[1].as_f64().expect("y")];
        let (col, row) = ((place[0] - x) / pixel, (y - place[1]) / pixel);
        let near = (-2..=2).flat_map(|dy| (-2..=2).map(move |dx| (dx, dy)));
        let seen = near.into_iter().any(|(dx, dy)| {
            let at = png.get_pixel_checked((col.round() as i64 + dx) as u32, (row.round() as i64 + dy) as u32);
            at.is_some_and(|pixel| yellow(pixel.0))
        });
        assert!(seen, "no outline at {col:.1}, {row:.1} of {:?}", png.dimensions());
    }
}

#[test]
fn verdicts_of_another_system_stand_in_the_sheet_under_its_own_name() {
    let desk = Desk::new();
    let project = fs::read_to_string(desk.path("season.toml")).expect("text");
    let mapping = |column: &str| {
        let own = format!("\n[other_verdict]\nname = \"AMS 2019\"\ncolumn = \"{column}\"\nred = [\"Crop of P-1\"]\n");
        fs::write(desk.path("season.toml"), format!("{project}{own}")).expect("written");
    };
    let sheet = |parcel: &str, name: &str| {
        desk.ok(&["report", "--project", "season.toml", "--no-pdf", "--parcel", parcel, "-o", "pack"]);
        String::from_utf8(files(&desk.path("pack"))[&format!("parcels/{name}.html")].clone()).expect("text")
    };
    mapping("crop");
    let red = sheet("P-1", "P-1");
    assert!(red.contains("Other system") && red.contains("“Crop of P-1” in column crop, automatic verdict of AMS 2019"), "{red}");
    let at = red.find("Other system").expect("there");
    assert!(red[at..at + 400].contains("non-compliant"), "{}", &red[at..at + 400]);
    let made = files(&desk.path("pack"));
    assert!(made["parcels/P-1.html"].len() > 1000);
    mapping("nope");
    let without = sheet("P-1", "P-1");
    assert!(
        without.contains("Verdict of another system: the parcel layer has no column “nope”") && without.contains("holding_id")
    );
    fs::write(desk.path("season.toml"), format!("{project}\n[other_verdict]\ncolumn = \"crop\"\n")).expect("written");
    let (_, error) = desk.fails(1, &["report", "--project", "season.toml", "-o", "x"]);
    assert!(error.contains("maps no value"), "{error}");
}

#[test]
fn what_says_what_numbers_of_an_image_mean_is_an_input_too() {
    let desk = Desk::new();
    let image = desk.an_image();
    let mut beside = image.as_os_str().to_owned();
    beside.push(".aux.xml");
    let text = "<PAMDataset>\n  <Metadata>\n    <MDI key=\"PROCESSING_BASELINE\">02.07</MDI>\n  </Metadata>\n</PAMDataset>\n";
    fs::write(&beside, text).expect("written");
    desk.ok(&["report", "--project", "season.toml", "--no-pdf", "--parcel", "P-1", "-o", "pack"]);
    let manifest = manifest(&desk.path("pack"));
    let name = Path::new(&beside).file_name().expect("a name").to_string_lossy().into_owned();
    assert!(manifest.inputs.iter().any(|own| own.path.ends_with(&name)), "{name}");
    fs::write(&beside, text.replace("02.07", "04.00")).expect("written");
    let (said, _) = desk.fails(1, &["report", "--verify", "pack"]);
    assert!(said.contains(&format!("{name} was changed")) && said.contains("rest on it"), "{said}");
}

#[test]
fn wrong_usage_says_what_is_wrong() {
    let desk = Desk::new();
    for (words, expected) in [
        (&["report"][..], "--output"),
        (&["report", "-o", "x"], "--project"),
        (&["report", "--parcels", "parcels.geojson", "--imagery", "s2", "-o", "x"], "parcelight init"),
        (&["report", "--verify", "x", "-o", "y"], "--output"),
        (&["report", "--project", "season.toml", "--holders", "sell", "-o", "x"], "replace"),
        (&["report", "--project", "season.toml", "--preset", "nope", "-o", "x"], "jrc"),
    ] {
        let (_, error) = desk.fails(2, words);
        assert!(error.contains(expected), "{words:?}: {error}");
    }
    assert!(!desk.path("x").exists());
}
