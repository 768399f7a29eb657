//! Calendars and graphs as JPG.

use std::path::Path;

use crate::engine::stretch;
use crate::model::project_file::Binning;
use crate::model::view::Polarisation;
use crate::model::{Band, Pass, Sensor, Signal, Stretch, View};
use crate::project::export::{self, CalendarOptions, GraphFigureOptions};
use crate::project::{Dataset, Project};
use crate::report::svg;

use super::tables::has_bands;
use super::{Named, write};

/// Quality of pictures.
const QUALITY: u8 = 88;

/// Bands of the graph of bands.
const GRAPH_BANDS: [&str; 10] = ["B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B11", "B12"];

/// Both polarisations.
const POLARISATIONS: [Polarisation; 2] = [Polarisation::Vv, Polarisation::Vh];

/// Writes all figures of a parcel: the number of files, and what could not be drawn.
pub fn write_figures(project: &Project, data: &Dataset, own: &Named, root: &Path) -> anyhow::Result<(usize, Vec<String>)> {
    let (mut files, mut told) = (0, Vec::new());
    for (path, options) in calendars(project, data, own) {
        match export::calendar(project, own.parcel, &options) {
            Ok(figure) => {
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
    Ok((files, told))
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
        add(format!("s1_coh6_graphs_together/parcel_id_{id}_COH6.jpg"), vec![signals], &whole);
    }
    graphs
}
