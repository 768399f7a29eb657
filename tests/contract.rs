//! Valid answers, mutated: no parser of remote bytes panics or takes long, whatever comes.

use std::time::{Duration, Instant};

use parcelight::contract::{Fault, names, read};
use parcelight::model::{Band, Grid};

/// Mutated answers.
const ROUNDS: u64 = 20_000;

/// One valid answer of each kind, and one of each quirk.
const CORPUS: &[&str] = &[
    r#"{"pid":["575541"],"cropname":["Grasland, blijvend"],"cropcode":["265"],"srid":[28992],"geom":["{\"type\":\"MultiPolygon\",\"coordinates\":[[[[96576.0,417328.4],[96574.2,417366.5],[96690.9,417375.5],[96576.0,417328.4]]]]}"],"area":[8137],"clon":[4.4312],"clat":[51.7387]}"#,
    r#"{"pid":["a'b"],"srid":[4326],"geom":["SRID=4326;MULTIPOLYGON (((4.4 51.7, 4.5 51.7, 4.5 51.8, 4.4 51.7), (4.41 51.71, 4.42 51.71, 4.42 51.72, 4.41 51.71)))"],"area":[NaN],"clon":[Infinity],"clat":[-Infinity]}"#,
    r#"{"pids":["315202","315077"],"distance":[0.0,41.7]}"#,
    r#"{"date_part":[1578134451.0,1578134451.0],"band":["B04","B08"],"count":[97,97],"mean":[439.5,2761.6],"std":[6.9,41.7],"min":[423,2684],"p25":[434,2738],"p50":[438,2757],"p75":[444,2796],"max":[454,2844],"hist":[{"4":24,"5":1},{"4":24,"5":1}],"reference":["S2A_MSIL2A_20200104T104421_N0213_R008_T31UFU_20200104T121143.SAFE","S2A_MSIL2A_20200104T104421_N0213_R008_T31UFU_20200104T121143.SAFE"]}"#,
    r#""{\"meteo_date\":[\"2019-04-01\"],\"tmin\":[1.5],\"tmax\":[9],\"tmean\":[\"4.25\"],\"prec\":[0.0]}""#,
    r#"{"foi_id":[1],"marker":["m"],"marker_type":["t"],"date_start":["2020-04-01"],"date_main":[null],"date_end":["x"],"duration_days":[3],"value_1":[0.5],"value_2":[null],"value_3":["1e3"],"pid":["7"],"practice":["mowing"]}"#,
    r#"{"dates":["20190617T104029","20190620T105039"],"chips":["/dump/user_ip_abc/S2B_MSIL2A_20190617T104029_N0212_R008_T31UFU_20190617T131553.SCL.tif","static//tmp/d/S2B_MSIL2A_20190620T105039_N0212_R051_T31UFU_20190620T140845.SCL.tif"]}"#,
    r#"{"chips":["S2B_MSIL2A_20190617T104029_N0212_R008_T31UFU_20190617T131553.SAFE"]}"#,
    r#"{"server":{"parcelight":{"version":"1","routes":["parcelSignal"]}},"helpers":{"a":"b"},"aois":{"nld":{"years":["2019",2020],"datasets":["g"],"time_series":["s2","bs"],"tms":["osm"]}}}"#,
    r#"{"time":["2019-04-16T10:56:58Z"],"sensor":["S2"],"platform":["S2A"],"relative_orbit":[94],"pass":[null],"first":[null],"acquired":["2019-04-16T10:56:58.25Z"],"value":[0.30000000000000004],"std":[null],"p25":[0.0],"p75":[1.0],"count":[12.0],"usable_share":[1.0],"state":["masked"]}"#,
    r#"{"time":["2019-04-16T10:56:58Z"],"sensor":["S1-COH"],"platform":["S1A"],"relative_orbit":[161],"pass":["A"],"first":["2019-04-10T10:56:58Z"],"product":["X"],"acquired":["2019-04-16T10:56:58Z"],"tile":["31UES"],"baseline":[null],"boa_offset_dn":[-1000.0],"quantification":[10000.0],"epsg":[32631],"bands":[[["B04",10.0],["SCL",20.0]]],"classes":[[0,0,0,0,7,0,0,0,0,1,0,0]],"pixels":[8],"nodata":[0],"classified":[true],"synthetic":[false]}"#,
    "static/tmp/user_ip_abc/google.tif",
    "<!DOCTYPE html><html><head><title>500 Internal Server Error</title></head><body><h1>Internal Server Error</h1></body></html>",
    r#"{"error":"tiles not allowed as key"}"#,
    "\u{feff}{}",
    "S1A_IW_GRDH_1SDV_20190617T055009_20190617T055034_027715_0320E1_1234_CARD-BS",
];

/// Pieces that mean something to a parser.
const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    ",",
    ":",
    "null",
    "NaN",
    "-Infinity",
    "1e999",
    "-1",
    "0",
    "18446744073709551616",
    "\u{feff}",
    "\u{0}",
    "é",
    "..",
    "//",
    "%2e",
    "T31UES",
    "(((",
    ")))",
    "\\u0000",
    "\\ud800",
    "{\"error\":",
    "<title>",
    "</title>",
    "20191399T996199",
    "[[[[[[[[",
];

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        // Steele, Lea and Flood (2014): SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }
}

fn mutate(numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = CORPUS[numbers.below(CORPUS.len())].as_bytes().to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len() + 1);
        let end = (at + numbers.below(24)).min(bytes.len());
        match numbers.below(7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.extend_from_within(at..end),
            3 if at < bytes.len() => bytes[at] = numbers.next() as u8,
            4 => {
                let piece = PIECES[numbers.below(PIECES.len())].as_bytes();
                bytes.splice(at..at, piece.iter().copied());
            }
            5 => {
                let other = CORPUS[numbers.below(CORPUS.len())].as_bytes();
                let from = numbers.below(other.len());
                bytes.splice(at..end, other[from..].iter().copied());
            }
            _ => {
                let piece = PIECES[numbers.below(PIECES.len())].as_bytes();
                bytes.splice(at..end, piece.iter().copied().cycle().take(piece.len() * numbers.below(200)));
            }
        }
    }
    bytes
}

/// How many parsers took the bytes for an answer.
fn every_parser(bytes: &[u8]) -> usize {
    let mut taken = 0;
    let mut note = |result: Result<(), Fault>| match result {
        Ok(()) => taken += 1,
        Err(Fault(text)) => {
            assert!(!text.is_empty() && text.chars().count() < 700 && !text.contains('\n'), "{text:?}");
        }
    };
    note(read::parcels(bytes).map(|rows| assert!(rows.iter().all(|row| !row.pid.is_empty()))));
    note(read::peers(bytes).map(drop));
    note(read::series(bytes).map(drop));
    note(read::weather(bytes).map(drop));
    note(read::markers(bytes).map(drop));
    note(read::chips(bytes).map(|rows| rows.iter().for_each(|row| safe(&row.address))));
    note(read::products(bytes).map(drop));
    note(read::background(bytes).map(|address| address.iter().for_each(|address| safe(address))));
    note(read::info(bytes).map(drop));
    note(read::signal(bytes).map(drop));
    note(read::acquisitions(bytes).map(drop));
    let text = String::from_utf8_lossy(bytes);
    let _names: (_, _, Option<Band>, Option<Grid>) =
        (names::s1(&text), names::s2(&text), names::band(&text), names::tile_grid(&text, 10.0));
    taken
}

/// An address never leads out of the server.
fn safe(address: &str) {
    let parts: Vec<&str> = address.split('/').collect();
    assert!(parts.len() >= 2 && parts.iter().all(|part| !part.is_empty() && *part != ".." && *part != "."), "{address}");
    assert!(!address.contains([':', '\\', '?', '#', '%']) && !address.chars().any(char::is_control), "{address}");
}

#[test]
fn mutated_answers_break_no_parser() {
    for text in CORPUS {
        every_parser(text.as_bytes());
    }
    let mut numbers = Numbers(20_191_113);
    let (mut taken, mut slowest) = (0, Duration::ZERO);
    for _ in 0..ROUNDS {
        let bytes = mutate(&mut numbers);
        let started = Instant::now();
        taken += every_parser(&bytes);
        slowest = slowest.max(started.elapsed());
    }
    println!("{ROUNDS} mutations, {taken} of {} readings were answers, slowest {slowest:?}", ROUNDS * 11);
    assert!(taken > 0 && slowest < Duration::from_secs(2), "{slowest:?}");
}

#[test]
fn pixels_of_the_sample_lie_on_the_grid_of_their_tile() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data-samples/pajottenland_2019/s2");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the sample") {
        let path = entry.expect("an entry").path();
        let Ok(file) = gdal::Dataset::open(&path) else { continue };
        let place = file.geo_transform().expect("a place");
        let grid = names::tile_grid("31UES", place[1]).expect("a tile");
        let (col, row) = grid.pixel_from_world(place[0], place[3]);
        assert!(col.fract() == 0.0 && row.fract() == 0.0 && col >= 0.0 && row >= 0.0, "{}", path.display());
        assert!(col + file.raster_size().0 as f64 <= grid.width as f64, "{}", path.display());
        seen += 1;
    }
    assert!(seen > 100, "{seen}");
}
