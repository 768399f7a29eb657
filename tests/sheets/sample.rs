//! A sheet with everything on it: 72 observations, three verdicts, drawn figures.

use parcelight::engine::calendar::{Cell, Entry, Layout, Row};
use parcelight::engine::clean::mask_rectangles;
use parcelight::engine::graph::{GraphLine, GraphPoint};
use parcelight::engine::stretch::Picture as Pixels;
use parcelight::model::evidence::{Automatic, Expert, HistoryLine, InputLine, MarkerLine, ObservationLine, Picture, Sheet};
use parcelight::model::review::Look;
use parcelight::model::rules::Verdict;
use parcelight::model::{AcquisitionIx, Signal};
use parcelight::report::calendar::{self, FigureChip};
use parcelight::report::graph::{self, Panel};
use parcelight::report::map::{self as map_figure, MapParcel, MapView};
use parcelight::report::{Caption, svg};

/// Acquisitions of a long season.
pub const DATES: usize = 72;
const EDGE: usize = 36;

/// Colours of a chip; `seed` makes them differ between parcels and dates.
fn pixels(seed: usize) -> Pixels {
    let mut rgba = Vec::new();
    for row in 0..EDGE {
        for col in 0..EDGE {
            let inside = (10..26).contains(&row) && (10..28).contains(&col);
            let grain = ((row * 7 + col * 13 + seed * 31) % 61) as u8;
            let tone = (seed * 37 % 180) as u8;
            rgba.extend(if inside { [170 + grain, tone, 60 + grain, 255] } else { [90 + grain, 110, tone / 2 + grain, 255] });
        }
    }
    Pixels { width: EDGE, height: EDGE, rgba, limits: vec![(0.1, 0.5), (0.05, 0.4), (0.02, 0.25)] }
}

fn date(index: usize) -> String {
    format!("{}-{:02}-{:02}", 2018 + (index / 5 + 7) / 12, (index / 5 + 7) % 12 + 1, index % 5 * 6 + 1)
}

fn entry(index: usize) -> Entry {
    Entry {
        acquisition: AcquisitionIx(index as u32),
        day: date(index).parse().expect("a date"),
        clear_share: if used(index) { 1.0 } else { 0.4 },
    }
}

fn used(index: usize) -> bool {
    !index.is_multiple_of(3)
}

fn caption(parcel: &str) -> Caption {
    Caption {
        title: format!("{parcel} · Maize · 1.29 ha"),
        lines: vec!["Composite B08-B11-B04. Stretch fixed. 72 acquisitions. Times are UTC.".to_owned()],
        ruleset: "Winter cover #a41c07".to_owned(),
        attribution: "Contains modified Copernicus Sentinel data 2018 to 2019.".to_owned(),
        synthetic: String::new(),
    }
}

/// The calendar of a parcel as SVG.
pub fn calendar(parcel: &str, seed: usize) -> String {
    let hidden: Vec<bool> = (0..EDGE * EDGE).map(|pixel| pixel % EDGE + pixel / EDGE < EDGE).collect();
    let chips: Vec<FigureChip> = (0..DATES)
        .map(|index| FigureChip {
            acquisition: AcquisitionIx(index as u32),
            date: date(index),
            detail: "S2A R051".to_owned(),
            clear_share: if used(index) { 1.0 } else { 0.4 },
            picture: Some(pixels(seed + index)),
            masked: if used(index) { Vec::new() } else { mask_rectangles(&hidden, EDGE) },
            outline: vec![vec![[10.0, 10.0], [28.0, 10.0], [28.0, 26.0], [10.0, 26.0]]],
        })
        .collect();
    let rows = (0..DATES / 8)
        .map(|row| Row {
            label: (row + 1).to_string(),
            start: jiff::civil::date(2018, 8, 1),
            cells: (0..8).map(|col| Cell { entries: vec![entry(row * 8 + col)] }).collect(),
        })
        .collect();
    let layout = Layout { columns: vec![String::new(); 8], rows };
    calendar::svg(&layout, &chips, &caption(parcel), None, 40, 350.0)
}

/// The map of a parcel as SVG: an image of its own, the parcel and eight neighbours.
pub fn map(parcel: &str, seed: usize) -> String {
    let side = 400;
    let small = pixels(seed);
    let at = |row: usize, col: usize| (row * EDGE / side * EDGE + col * EDGE / side) * 4;
    let places = (0..side).flat_map(|row| (0..side).map(move |col| at(row, col)));
    let rgba = places.flat_map(|at| small.rgba[at..at + 4].to_vec()).collect();
    let own = |number: usize| {
        let [left, top] = [10.0 + 130.0 * (number % 3) as f32, 10.0 + 130.0 * (number / 3) as f32];
        MapParcel {
            rings: vec![vec![[left, top], [left + 110.0, top + 5.0], [left + 115.0, top + 110.0], [left, top + 100.0]]],
            label: if number == 4 { parcel.to_owned() } else { format!("N{number}") },
            own: number == 4,
            ..MapParcel::default()
        }
    };
    let view = MapView {
        size: [side as u32, side as u32],
        picture: Some(Pixels { width: side, height: side, rgba, limits: Vec::new() }),
        parcels: (0..9).map(own).collect(),
        metres_across: 400.0,
        ..MapView::default()
    };
    map_figure::svg(&view, &caption(parcel)).svg
}

/// The graphs of a parcel as SVG.
pub fn graphs(parcel: &str, seed: usize) -> String {
    let panels: Vec<Panel> = ["NDVI", "BSI"]
        .into_iter()
        .map(|name| {
            let points = (0..DATES)
                .map(|index| GraphPoint {
                    x: 17_747.0 + 6.0 * index as f64,
                    y: ((index + seed) as f64 / 6.0).sin() / 3.0 + 0.4,
                    low: f64::NAN,
                    high: f64::NAN,
                    acquisition: AcquisitionIx(index as u32),
                })
                .collect();
            Panel {
                title: name.to_owned(),
                lines: vec![GraphLine {
                    signal: Signal::Index(name.to_owned()),
                    pass: None,
                    relative_orbit: None,
                    pair_days: None,
                    year: None,
                    synthetic: false,
                    runs: vec![points],
                    masked: Vec::new(),
                }],
                peers: Vec::new(),
                range: Some((-0.2, 1.0)),
            }
        })
        .collect();
    graph::svg(&panels, &caption(parcel), 1100)
}

/// A drawing as a picture of a sheet.
pub fn drawn(file: &str, drawing: String, scale: f32, caption: &str) -> Picture {
    let png = svg::png(&drawing, scale).expect("the figure renders");
    let size = image::load_from_memory(&png).expect("a picture");
    Picture { file: file.to_owned(), svg: Some(drawing), png, size: [size.width(), size.height()], caption: caption.to_owned() }
}

/// Pixels as a picture of a sheet.
pub fn chip(file: &str, seed: usize, caption: &str) -> Picture {
    let pixels = pixels(seed);
    let image = image::RgbaImage::from_raw(EDGE as u32, EDGE as u32, pixels.rgba).expect("sizes agree");
    let image = image::imageops::resize(&image, 144, 144, image::imageops::FilterType::Nearest);
    let mut png = std::io::Cursor::new(Vec::new());
    image.write_to(&mut png, image::ImageFormat::Png).expect("encodes");
    Picture { file: file.to_owned(), svg: None, png: png.into_inner(), size: [144, 144], caption: caption.to_owned() }
}

/// A verdict of a person.
pub fn expert(user: &str, look: Look, word: &str) -> Expert {
    Expert {
        user: user.to_owned(),
        look,
        verdict: word.to_owned(),
        reasons: vec!["Tillage before the allowed date".to_owned()],
        note: "Bare soil from 16 April on.".to_owned(),
        time: "2019-11-30T09:14:02Z".to_owned(),
        blind: true,
        seconds: Some(14.2),
    }
}

/// One of 72 observations.
fn observation(index: usize) -> ObservationLine {
    ObservationLine {
        acquired: format!("{}T10:56:58Z", date(index)),
        source: "S2A R051".to_owned(),
        clear: if used(index) { "100 %".to_owned() } else { "40 %".to_owned() },
        used: used(index),
        why: if used(index) { String::new() } else { "cloud covers 60 % of the parcel".to_owned() },
    }
}

/// A sheet with texts and tables and no figures.
pub fn tables(parcel: &str) -> Sheet {
    let marker = |name: &str, decides| MarkerLine {
        name: name.to_owned(),
        outcome: "yes",
        value: "0.2822".to_owned(),
        threshold: "≥ 0.2000".to_owned(),
        margin: "+0.0822".to_owned(),
        note: "2019-04-11 to 2019-07-05, 5 clear observations".to_owned(),
        decides,
    };
    let entry =
        |time: &str, user: &str, what: &str| HistoryLine { time: time.to_owned(), user: user.to_owned(), what: what.to_owned() };
    Sheet {
        parcel: parcel.to_owned(),
        project: "Pajottenland 2019".to_owned(),
        summary: "Maize, 1.29 ha".to_owned(),
        facts: [("Declared crop", "Maize (201)"), ("Area", "1.29 ha"), ("Scheme", "Winter cover until 15 May")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec(),
        outline: vec![vec![[0.0, 0.0], [180.0, 20.0], [170.0, 120.0], [10.0, 90.0]]],
        automatic: Some(Automatic {
            verdict: Verdict::Red,
            reason: "Red: ndvi_fall is 0.2822, as required >= fall_threshold = 0.2 (margin 0.0822).".to_owned(),
        }),
        experts: vec![expert("anna", Look::NonCompliant, "Non-compliant"), expert("bert", Look::Inconclusive, "Inconclusive")],
        resolved: Some(Expert { seconds: None, blind: false, ..expert("chief", Look::Compliant, "Compliant") }),
        flag: Some(("Boundary differs from the image".to_owned(), "anna".to_owned())),
        history: vec![
            entry("2019-11-30T09:14:02Z", "anna", "Non-compliant: tillage before the allowed date"),
            entry("2019-12-01T10:00:00Z", "bert", "Inconclusive: no usable data"),
            entry("2019-12-02T08:00:00Z", "chief", "Final verdict: compliant"),
        ],
        markers: vec![marker("spring_dip", false), marker("ndvi_fall", true)],
        absent: vec!["Photos: none attached.".to_owned()],
        observations: (0..DATES).map(observation).collect(),
        inputs: (0..100)
            .map(|index| InputLine {
                path: if index < 98 { format!("s2/{index:03}.tif") } else { format!("table_{index}.csv") },
                bytes: 40_000 + index,
                sha256: format!("{index:02x}").repeat(32),
            })
            .collect(),
        ruleset: ("Winter cover".to_owned(), "a41c07b2d9".to_owned()),
        software: "Parcelight 0.1.0".to_owned(),
        attribution: "Contains modified Copernicus Sentinel data 2018 to 2019.".to_owned(),
        ..Sheet::default()
    }
}

/// A sheet with everything.
pub fn full(parcel: &str, seed: usize) -> Sheet {
    Sheet {
        map: Some(Picture { svg: None, ..drawn("map.png", map(parcel, seed), 1.0, "Map of 2019-04-16.") }),
        calendar: Some(drawn("calendar.png", calendar(parcel, seed), 1.0, "Calendar of 72 acquisitions, B08-B11-B04.")),
        graphs: Some(drawn("graphs.png", graphs(parcel, seed), 1.0, "NDVI and BSI with peers.")),
        clusters: Some(chip("clusters.png", seed, "Clusters of 2019-04-16.")),
        chips: (0..4)
            .map(|i| chip(&format!("chip-{i}.png"), seed + i, &format!("2019-04-{:02} S2A R051, B08-B11-B04", i + 10)))
            .collect(),
        photos: vec![chip("photo-1.png", seed + 9, "Photo of 2019-04-20, view to the north")],
        ..tables(parcel)
    }
}
