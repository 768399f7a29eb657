//! Figures made of small hand-made models: structure of the SVG, pixels of the PNG, and equal bytes for equal input.

use std::path::Path;

use parcelight::engine::calendar::{Cell, Entry, Layout, Row};
use parcelight::engine::clean::mask_rectangles;
use parcelight::engine::graph::{GraphLine, GraphPoint};
use parcelight::engine::peers::{PeerStep, Spread};
use parcelight::engine::stretch::Picture;
use parcelight::model::view::Polarisation;
use parcelight::model::{AcquisitionIx, Pass, Signal};
use parcelight::report::calendar::{self, ColourBar, FigureChip};
use parcelight::report::graph::{self, Panel};
use parcelight::report::{Caption, svg};

const SIZE: usize = 36;

/// A field with a brighter square inside; `tone` changes from date to date.
fn picture(tone: u8) -> Picture {
    let mut rgba = Vec::new();
    for row in 0..SIZE {
        for col in 0..SIZE {
            let inside = (10..26).contains(&row) && (10..28).contains(&col);
            let grain = ((row * 7 + col * 13) % 17) as u8 * 3;
            rgba.extend(if inside { [200, tone, 60 + grain, 255] } else { [90 + grain, 110, tone / 2, 255] });
        }
    }
    Picture { width: SIZE, height: SIZE, rgba, limits: vec![(0.1, 0.5), (0.05, 0.4), (0.02, 0.25)] }
}

fn chip(index: u32, date: &str, clear_share: f64) -> FigureChip {
    let hidden = (0..SIZE * SIZE).map(|pixel| (pixel % SIZE + pixel / SIZE) as f64 > clear_share * 2.0 * SIZE as f64 - 1.0);
    let masked = mask_rectangles(&hidden.collect::<Vec<_>>(), SIZE);
    FigureChip {
        acquisition: AcquisitionIx(index),
        date: date.to_owned(),
        detail: "S2A R051".to_owned(),
        clear_share,
        picture: Some(picture((index * 37 % 200) as u8)),
        masked: if clear_share < 1.0 { masked } else { Vec::new() },
        outline: vec![vec![[10.0, 10.0], [28.0, 10.0], [28.0, 26.0], [14.0, 26.0]]],
    }
}

/// November to March with a cell of three, a masked one, a synthetic one, one without pixels, and a month without data.
fn season() -> (Layout, Vec<FigureChip>) {
    let mut chips = vec![
        chip(0, "2018-11-02", 1.0),
        chip(1, "2018-11-17", 0.62),
        chip(2, "2018-12-05", 0.0),
        chip(3, "2018-12-06", 0.31),
        chip(4, "2018-12-07", 0.94),
        chip(5, "2018-12-29", 1.0),
        chip(6, "2019-02-14", 1.0),
        chip(7, "2019-03-26", 0.0),
    ];
    "S1A A161 6 d synthetic".clone_into(&mut chips[5].detail);
    chips[7].picture = None;
    chips[7].masked = Vec::new();
    let entry = |index: usize| Entry {
        acquisition: AcquisitionIx(index as u32),
        day: chips[index].date.parse().expect("a date"),
        clear_share: chips[index].clear_share,
    };
    let row = |label: &str, cells: &[(usize, &[usize])]| {
        let mut row = Row {
            label: label.to_owned(),
            start: format!("{label}-01").parse().expect("a date"),
            cells: vec![Cell::default(); 8],
        };
        for (column, indices) in cells {
            row.cells[*column] = Cell { entries: indices.iter().map(|&index| entry(index)).collect() };
        }
        row
    };
    let layout = Layout {
        columns: ["1-3", "4-7", "8-11", "12-15", "16-19", "20-23", "24-27", "28-end"].map(str::to_owned).to_vec(),
        rows: vec![
            row("2018-11", &[(0, &[0]), (4, &[1])]),
            row("2018-12", &[(1, &[4, 2, 3]), (7, &[5])]),
            row("2019-01", &[]),
            row("2019-02", &[(3, &[6])]),
            row("2019-03", &[(6, &[7])]),
        ],
    };
    (layout, chips)
}

fn caption() -> Caption {
    Caption {
        title: "FLA<013> · Maize & \"grass\" · 1.29 ha".to_owned(),
        lines: vec![
            "Composite B08-B11-B04 (red B08, green B11, blue B04). Stretch fixed: B08 0.1..0.5, B11 0.05..0.4, B04 0.02..0.25 (reflectance)."
                .to_owned(),
            "8 S2 acquisitions, 2018-11-02 to 2019-03-26. Clear share and hatch: scene classes 0, 1, 3, 8, 9, 10, 11 excluded."
                .to_owned(),
            "Chips with 100 m around the parcel, 360 m across; grid EPSG:32631, north up. Times are UTC.".to_owned(),
        ],
        ruleset: "Winter cover #a41c07".to_owned(),
        attribution: "Contains modified Copernicus Sentinel data 2018-2019.".to_owned(),
        synthetic: "Synthetic data: 1 of 8 acquisitions, marked “synthetic”, are made, not observed.".to_owned(),
    }
}

fn texts(svg: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(svg).expect("well-formed");
    document.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text().map(str::to_owned)).collect()
}

fn count(svg: &str, tag: &str, attribute: &str, value: &str) -> usize {
    let document = roxmltree::Document::parse(svg).expect("well-formed");
    document
        .descendants()
        .filter(|node| node.has_tag_name(tag) && node.attribute(attribute).is_some_and(|own| own.contains(value)))
        .count()
}

/// Renders and leaves the picture where a person can look at it.
fn rendered(svg: &str, name: &str) -> image::RgbImage {
    let png = svg::png(svg, 2.0).expect("renders");
    std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.png")), &png).expect("writable");
    image::load_from_memory(&png).expect("a picture").to_rgb8()
}

#[test]
fn every_acquisition_of_every_cell_is_in_the_calendar() {
    let (layout, chips) = season();
    let svg = calendar::svg(&layout, &chips, &caption(), None, 96, 360.0);
    assert_eq!(count(&svg, "image", "style", "pixelated"), 7, "one has no pixels");
    assert_eq!(count(&svg, "g", "class", "chip shown"), 6);
    assert_eq!(count(&svg, "g", "class", "chip other"), 2);
    let texts = texts(&svg);
    for chip in &chips {
        assert_eq!(texts.iter().filter(|text| **text == chip.date).count(), 1, "{}", chip.date);
    }
    for label in ["2018-11", "2018-12", "2019-01", "2019-02", "2019-03", "1-3", "28-end", "N", "200 m", "no pixels"] {
        assert!(texts.iter().any(|text| text == label), "{label} in {texts:?}");
    }
    assert_eq!(texts.iter().filter(|text| *text == "3").count(), 1, "count badge of the cell with three");
    rendered(&svg, "calendar");
}

#[test]
fn empty_masked_and_synthetic_look_different() {
    let (layout, chips) = season();
    let svg = calendar::svg(&layout, &chips, &caption(), None, 96, 360.0);
    assert_eq!(count(&svg, "path", "class", "masked"), 4, "hatch on every chip with masked pixels");
    let texts = texts(&svg);
    assert_eq!(texts.iter().filter(|text| *text == "synthetic").count(), 1);
    assert!(texts.iter().any(|text| text.starts_with("Synthetic data")));
    assert!(texts.iter().any(|text| text == "62%") && texts.iter().any(|text| text == "0%"));
    // 40 cells, 6 with data; one more dash explains the sign.
    let document = roxmltree::Document::parse(&svg).expect("well-formed");
    let dashes =
        document.descendants().filter(|node| node.has_tag_name("rect") && node.attribute("height") == Some("1.5")).count();
    assert_eq!(dashes, 40 - 6 + 1);
}

#[test]
fn limits_that_differ_are_written_under_each_chip() {
    let (layout, mut chips) = season();
    let same = calendar::svg(&layout, &chips, &caption(), None, 96, 360.0);
    assert!(!texts(&same).iter().any(|text| text == "R 0.120..0.430"));
    if let Some(picture) = &mut chips[0].picture {
        picture.limits[0] = (0.12, 0.43);
    }
    let dynamic = calendar::svg(&layout, &chips, &caption(), None, 96, 360.0);
    assert!(texts(&dynamic).iter().any(|text| text == "R 0.120..0.430"));
    rendered(&dynamic, "calendar-dynamic");
}

#[test]
fn a_view_with_one_channel_has_a_colour_bar_with_limits() {
    let (layout, chips) = season();
    let colours = (0..64).map(|i| [i * 4, 128, 255 - i * 4, 255]).collect();
    let bar = ColourBar { label: "NDVI".to_owned(), low: -0.2, high: 0.9, colours };
    let svg = calendar::svg(&layout, &chips, &caption(), Some(&bar), 57, 360.0);
    assert_eq!(count(&svg, "g", "class", "colour-bar"), 1);
    let texts = texts(&svg);
    assert!(["NDVI", "-0.2", "0.9"].iter().all(|wanted| texts.iter().any(|text| text == wanted)));
    rendered(&svg, "calendar-small");
}

#[test]
fn equal_input_gives_equal_bytes() {
    let make = || {
        let (layout, chips) = season();
        let calendar = calendar::svg(&layout, &chips, &caption(), None, 96, 360.0);
        let graph = graph::svg(&panels(), &caption(), 1100);
        (svg::png(&calendar, 1.0).expect("renders"), svg::png(&graph, 1.0).expect("renders"))
    };
    assert!(make() == make());
}

#[test]
fn picture_size_follows_the_scale() {
    let svg = graph::svg(&panels(), &caption(), 1100);
    let image = rendered(&svg, "graph");
    assert_eq!(image.width(), 2200);
}

fn point(x: f64, y: f64) -> GraphPoint {
    GraphPoint { x, y, low: f64::NAN, high: f64::NAN, acquisition: AcquisitionIx(0) }
}

fn line(signal: Signal, pass: Option<Pass>, relative_orbit: Option<u16>, runs: Vec<Vec<GraphPoint>>) -> GraphLine {
    GraphLine { signal, pass, relative_orbit, pair_days: None, year: None, synthetic: false, runs, masked: Vec::new() }
}

/// 2018-11-01 is day 17 836.
const START: f64 = 17_836.0;

fn wave(day: f64, low: f64, high: f64) -> f64 {
    low + (high - low) * (0.5 + 0.5 * (day / 40.0).sin())
}

fn panels() -> Vec<Panel> {
    let run = |from: f64, to: f64, step: f64, low: f64, high: f64| {
        let mut days = Vec::new();
        let mut day = from;
        while day < to {
            days.push(point(START + day, wave(day, low, high)));
            day += step;
        }
        days
    };
    let mut ndvi =
        line(Signal::Index("NDVI".to_owned()), None, None, vec![run(5.0, 90.0, 6.0, 0.3, 0.8), run(140.0, 240.0, 7.0, 0.3, 0.8)]);
    ndvi.masked = vec![point(START + 40.0, 0.12), point(START + 110.0, 0.2), point(START + 118.0, 0.31)];
    for point in ndvi.runs.iter_mut().flatten() {
        (point.low, point.high) = (point.y - 0.05, point.y + 0.05);
    }
    let step = |day: f64| PeerStep {
        acquisition: AcquisitionIx(0),
        epoch_day: START + day,
        spread: Spread {
            n: 10,
            p10: wave(day, 0.2, 0.6),
            p50: wave(day, 0.3, 0.75),
            p90: wave(day, 0.4, 0.9),
            mean: 0.5,
            std: 0.1,
        },
    };
    let peers = vec![
        (0..15).map(|i| step(f64::from(i) * 6.0)).collect(),
        vec![step(115.0)],
        (20..35).map(|i| step(f64::from(i) * 7.0)).collect(),
    ];
    let bsi = line(Signal::Index("BSI".to_owned()), None, None, vec![run(5.0, 240.0, 9.0, -0.4, 0.15)]);
    let coherence = |polarisation, pass, orbit, offset: f64| {
        let base = if polarisation == Polarisation::Vv { 0.0 } else { -0.1 };
        line(Signal::Coherence(polarisation), Some(pass), Some(orbit), vec![run(offset, 240.0, 6.0, 0.2 + base, 0.75 + base)])
    };
    let mut radar = vec![
        coherence(Polarisation::Vv, Pass::Ascending, 161, 2.0),
        coherence(Polarisation::Vv, Pass::Descending, 37, 4.0),
        coherence(Polarisation::Vh, Pass::Ascending, 161, 2.0),
        coherence(Polarisation::Vh, Pass::Descending, 37, 4.0),
    ];
    radar[1].synthetic = true;
    radar[3].synthetic = true;
    vec![
        Panel { title: "NDVI".to_owned(), lines: vec![ndvi], peers: vec![("NDVI".to_owned(), 10, peers)], range: None },
        Panel { title: "BSI".to_owned(), lines: vec![bsi], ..Panel::default() },
        Panel { title: "Coherence VV, VH".to_owned(), lines: radar, ..Panel::default() },
    ]
}

#[test]
fn graphs_show_every_observation_and_never_bridge_gaps() {
    let panels = panels();
    let svg = graph::svg(&panels, &caption(), 1100);
    let observed: usize = panels.iter().flat_map(|panel| &panel.lines).flat_map(|line| &line.runs).map(Vec::len).sum();
    let legend_symbols = 6;
    let drawn = count(&svg, "circle", "class", "observation") + count(&svg, "path", "class", "observation");
    assert_eq!(drawn, observed + legend_symbols);
    assert_eq!(count(&svg, "circle", "class", "masked"), 3 + 1, "three observations and the legend");
    assert_eq!(count(&svg, "path", "class", "spread"), 2, "one per run");
    let document = roxmltree::Document::parse(&svg).expect("well-formed");
    let ndvi = document.descendants().find(|node| node.attribute("data-name") == Some("NDVI")).expect("the line");
    let strokes = ndvi.descendants().filter(|node| node.attribute("fill") == Some("none")).count();
    assert_eq!(strokes, 2, "two runs, two lines");
}

#[test]
fn graph_texts_name_lines_months_peers_and_synthetic_data() {
    let texts = texts(&graph::svg(&panels(), &caption(), 1100));
    for wanted in [
        "NDVI",
        "10 peers, p10–p90 and median",
        "masked",
        "COH_VV A161",
        "COH_VV D037 (synthetic)",
        "2018-12",
        "2019-01",
        "Contains modified Copernicus Sentinel data 2018-2019.",
        "FLA<013> · Maize & \"grass\" · 1.29 ha",
    ] {
        assert!(texts.iter().any(|text| text == wanted), "{wanted} in {texts:#?}");
    }
    assert_eq!(texts.iter().filter(|text| *text == "2018-12").count(), 1, "one time axis for all panels");
}

#[test]
fn descending_lines_are_dashed_and_ascending_ones_are_not() {
    let svg = graph::svg(&panels(), &caption(), 1100);
    let document = roxmltree::Document::parse(&svg).expect("well-formed");
    let dashed = |name: &str| {
        let group = document.descendants().find(|node| node.attribute("data-name") == Some(name)).expect("the line");
        group.descendants().any(|node| node.attribute("stroke-dasharray").is_some())
    };
    assert!(dashed("COH_VV D037 (synthetic)") && !dashed("COH_VV A161"));
}

#[test]
fn a_fixed_range_marks_values_outside_at_the_edge() {
    let mut panels = panels();
    panels[0].range = Some((0.4, 0.6));
    let svg = graph::svg(&panels[..1], &caption(), 800);
    let outside: usize = panels[0].lines[0].runs.iter().flatten().filter(|point| !(0.4..=0.6).contains(&point.y)).count();
    assert_eq!(count(&svg, "path", "class", "outside"), outside + 3, "and the three masked");
    rendered(&svg, "graph-range");
}

#[test]
fn overlaid_years_share_one_axis_of_months() {
    let mut panel = panels().remove(0);
    panel.peers.clear();
    let mut second = panel.lines[0].clone();
    for (line, year) in [(&mut panel.lines[0], 2018), (&mut second, 2019)] {
        line.year = Some(year);
        line.runs
            .iter_mut()
            .flatten()
            .chain(&mut line.masked)
            .for_each(|point| point.x -= START - 40.0 + f64::from(year - 2018) * 5.0);
    }
    panel.lines.push(second);
    let svg = graph::svg(&[panel], &caption(), 900);
    let texts = texts(&svg);
    assert!(texts.iter().any(|text| text == "Mar") && texts.iter().any(|text| text == "NDVI 2019"));
    assert!(!texts.iter().any(|text| text.starts_with("2020")));
    rendered(&svg, "graph-years");
}

#[test]
fn a_figure_without_data_is_still_a_figure() {
    let empty = graph::svg(&[Panel::default()], &Caption::default(), 800);
    assert!(svg::png(&empty, 1.0).is_ok());
    let calendar = calendar::svg(&Layout::default(), &[], &Caption::default(), None, 96, f64::NAN);
    assert!(svg::png(&calendar, 1.0).is_ok());
}

#[test]
fn a_figure_beyond_reason_is_refused_with_advice() {
    let svg = graph::svg(&panels(), &caption(), 10_000);
    let error = svg::png(&svg, 1e6).expect_err("far too large");
    assert!(error.contains("too large"), "{error}");
    assert!(svg::png("<svg", 1.0).is_err());
}
