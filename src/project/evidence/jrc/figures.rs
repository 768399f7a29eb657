//! Calendars and graphs as JPG.

use std::path::Path;

use crate::engine::stretch;
use crate::model::project_file::Binning;
use crate::model::view::Polarisation;
use crate::model::{Band, Pass, Sensor, Signal, Stretch, View};
use crate::project::export::{self, CalendarOptions, GraphFigureOptions};
use crate::project::{Dataset, Project};
use crate::report::svg;

use super::tables::{QUANTIFICATION, has_bands};
use super::{Named, write};

/// Quality of pictures.
const QUALITY: u8 = 88;

/// Bands of the graph of bands.
const GRAPH_BANDS: [&str; 10] = ["B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"];

/// Both polarisations.
const POLARISATIONS: [Polarisation; 2] = [Polarisation::Vv, Polarisation::Vh];

/// What drawing the figures of a parcel gave.
#[derive(Debug, Default)]
pub struct Drawn {
    /// Number of files.
    pub files: usize,
    /// What could not be drawn.
    pub told: Vec<String>,
    /// Lines of `lut.txt`: limits of the dynamic stretch of each image.
    pub limits: Vec<String>,
}

/// Writes all figures of a parcel.
pub fn write_figures(project: &Project, data: &Dataset, own: &Named, root: &Path) -> anyhow::Result<Drawn> {
    let (mut files, mut told, mut limits) = (0, Vec::new(), Vec::new());
    for (path, options) in calendars(project, data, own) {
        match export::calendar(project, own.parcel, &options) {
            Ok(figure) => {
                if let Stretch::Dynamic { low_percent, high_percent } = options.stretch {
                    limits.extend(lut_lines(&figure.json, [low_percent, high_percent]));
                }
                write(root, &path, &jpeg(&figure.svg())?)?;
                files += 1;
            }
            Err(why) => told.push(format!("{path}: {}", why.chain())),
        }
    }
    for (path, options) in graphs(project, data, own) {
        let figure = export::graph(project, own.parcel, &options)?;
        write(root, &path, &jpeg(&figure.svg())?)?;
        files += 1;
    }
    Ok(Drawn { files, told, limits })
}

/// Lines of the tool's table of stretch limits for a calendar, in order of time: date, product, percents cut left and right, and low and
/// high of red, green and blue as digital numbers. An image without a pixel has no limits and no line.
fn lut_lines(calendar: &serde_json::Value, [left, right]: [f64; 2]) -> Vec<String> {
    let list = |value: &serde_json::Value, name: &str| value[name].as_array().cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for row in list(calendar, "rows") {
        for image in list(&row, "cells").iter().flat_map(|cell| list(cell, "acquisitions")) {
            let limits: Vec<String> = list(&image, "stretch")
                .iter()
                .flat_map(|pair| pair.as_array().cloned().unwrap_or_default())
                .filter_map(|limit| Some(format!("{:.0}", limit.as_f64()? * QUANTIFICATION)))
                .collect();
            if let ([_, _, _, _, _, _], Some(time)) = (limits.as_slice(), image["acquired_utc"].as_str()) {
                // Columns are separated by spaces.
                let product = image["product"].as_str().unwrap_or("unknown").replace(char::is_whitespace, "_");
                let date = time.get(..10).unwrap_or(time);
                lines.push((time.to_owned(), format!("{date} {product} {left} {right} {}", limits.join(" "))));
            }
        }
    }
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

fn jpeg(drawing: &str) -> anyhow::Result<Vec<u8>> {
    svg::jpeg(drawing, 1.0, QUALITY).map_err(|fault| anyhow::anyhow!("cannot draw the figure: {fault}"))
}

/// Calendars with their files, as far as there are images for them.
fn calendars(project: &Project, data: &Dataset, own: &Named) -> Vec<(String, CalendarOptions)> {
    let base = CalendarOptions { bins: Binning::HalfWeek, from: None, to: None, ..CalendarOptions::of(project) };
    let (stem, buffer) = (&own.stem, base.margin_m);
    let index = |name: &str| View::Index(name.to_owned());
    let overview = |product: &str, colour: &str| format!("overview_jpg_half_weekly{product}/{stem}_buff{buffer}m_{colour}.jpg");
    let optical = [
        (overview("", "yellow"), View::default(), Stretch::Fixed),
        (overview("_dyn", "yellow"), View::default(), Stretch::DYNAMIC),
        (overview("_ndvi", "black"), index("NDVI"), Stretch::Fixed),
        (overview("_bare_soil_index", "black"), index("BSI"), Stretch::Fixed),
        (overview("_plant_senescence_reflectance_index", "black"), index("PSRI"), Stretch::Fixed),
        (format!("overview_hist_half_weekly/{stem}.jpg"), View::NdviHistogram, Stretch::Fixed),
        (format!("overview_scatter_half_weekly_fixed_scale_cumulative/{stem}.jpg"), View::RedNirScatter, Stretch::Fixed),
    ];
    let known = |view: &View| {
        let bands = stretch::bands_of(view, project.indices());
        let named = if let View::Index(name) = view { project.indices().get(name).is_ok() } else { true };
        named && has_bands(data, &bands)
    };
    let optical = optical.into_iter().filter(|(_, view, _)| known(view));
    let passes = |sensor: Sensor| {
        let seen = move |pass: Pass| data.catalog.acquisitions.iter().any(|own| own.sensor == sensor && own.pass == Some(pass));
        [Pass::Ascending, Pass::Descending].into_iter().filter(move |&pass| seen(pass))
    };
    let radar = POLARISATIONS.into_iter().flat_map(|polarisation| {
        passes(Sensor::S1Backscatter).map(move |pass| {
            let name = format!("{}_{}", polarisation.band(), pass.code());
            let path = format!("s1_bs_calendar_view/{stem}_buff{buffer}m_yellow_{name}.jpg");
            (path, View::Backscatter(polarisation, Some(pass)), Stretch::Fixed)
        })
    });
    optical.chain(radar).map(|(path, view, stretch)| (path, CalendarOptions { view, stretch, ..base.clone() })).collect()
}

/// Graphs with their files, as far as there are images for them.
fn graphs(project: &Project, data: &Dataset, own: &Named) -> Vec<(String, GraphFigureOptions)> {
    let whole = GraphFigureOptions { from: None, to: None, peers: false, ..GraphFigureOptions::of(project) };
    let ranged = GraphFigureOptions { peers: false, ..GraphFigureOptions::of(project) };
    let index = |name: &str| vec![vec![Signal::Index(name.to_owned())]];
    let has = |names: &[&str]| has_bands(data, &names.iter().map(|name| Band::new(name)).collect::<Vec<_>>());
    let id = &own.file_id;
    let mut graphs = Vec::new();
    let mut add = |path: String, panels: Vec<Vec<Signal>>, base: &GraphFigureOptions| {
        graphs.push((path, GraphFigureOptions { panels, ..base.clone() }));
    };
    if has(&["B08", "B04"]) {
        add(format!("ndvi_graphs/parcel_id_{id}_NDVI.jpg"), index("NDVI"), &whole);
        if ranged.from.is_some() || ranged.to.is_some() {
            add(format!("ndvi_graphs_fixed_date_range/parcel_id_{id}_NDVI.jpg"), index("NDVI"), &ranged);
        }
    }
    if has(&["B11", "B08", "B04", "B02"]) {
        add(format!("bare_soil_index_graphs/parcel_id_{id}_BSI.jpg"), index("BSI"), &whole);
    }
    let bands: Vec<Signal> = GRAPH_BANDS.iter().filter(|name| has(&[name])).map(|name| Signal::Band(Band::new(name))).collect();
    if !bands.is_empty() {
        add(format!("band_graphs/{id}.jpg"), vec![bands], &whole);
    }
    let seen = |sensor: Sensor| data.catalog.count(sensor) > 0;
    if seen(Sensor::S1Backscatter) {
        let signals = POLARISATIONS.map(Signal::BackscatterDb).to_vec();
        add(format!("s1_bs_graphs_together/parcel_id_{id}_BS.jpg"), vec![signals], &whole);
    }
    if seen(Sensor::S1Coherence) {
        let signals = POLARISATIONS.map(Signal::Coherence).to_vec();
        add(format!("s1_coh6_graphs_together/parcel_id_{id}_COH6.jpg"), vec![signals.clone()], &whole);
        if ranged.from.is_some() || ranged.to.is_some() {
            add(format!("s1_coh6_graphs_together_fixed_date_range/parcel_id_{id}_COH6.jpg"), vec![signals], &ranged);
        }
    }
    graphs
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn limits_are_listed_by_time_in_digital_numbers_and_images_without_pixels_are_not() {
        let image = |time: &str, product: &str, stretch: serde_json::Value| json!({ "acquired_utc": time, "product": product, "stretch": stretch });
        let limits = json!([[0.12, 0.57], [0.08, 0.41], [0.015, 0.28]]);
        let calendar = json!({ "rows": [
            { "cells": [{ "acquisitions": [image("2019-04-16T10:56:58Z", "S2A B", limits.clone())] }] },
            { "cells": [{ "acquisitions": [image("2019-03-02T10:56:58Z", "S2B", limits), image("2019-03-02T11:00:00Z", "X", json!([]))] }] },
        ] });
        let expected = ["2019-03-02 S2B 1 1 1200 5700 800 4100 150 2800", "2019-04-16 S2A_B 1 1 1200 5700 800 4100 150 2800"];
        assert_eq!(lut_lines(&calendar, [1.0, 1.0]), expected);
    }
}
