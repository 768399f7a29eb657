//! Calendar, graphs and map of a parcel as files: the figures that the window and the command line share, and the calendar's JSON.
//!
//! Texts in files are English, dates are ISO 8601, numbers use a point.

pub(super) mod captions;
mod clusters;
mod distribution;
mod json;
mod map;
mod pinned;

use std::sync::Arc;

use jiff::civil::Date;

pub use captions::pane as pane_caption;
pub use clusters::{Clusters, clusters};
pub use map::{DrawnMap, MOST_PARCELS, MapFigure, MapOptions, SideFiles, map, map_ready, side_files, view_for};
pub use pinned::{PinnedChip, pinned_chip};

use super::queries::coverage::{CoverageQuery, ParcelCoverage};
use super::queries::peers::PeersQuery;
use super::queries::picture::{ChipPicture, PictureQuery};
use super::query::Query;
use super::tables::is_values_only;
use super::{Dataset, Error, Project};
use crate::engine::calendar::{Entry, Layout, layout};
use crate::engine::graph::{GraphOptions, Spread, band_runs, lines};
use crate::jobs::Lane;
use crate::model::project_file::Binning;
use crate::model::units::utc_day;
use crate::model::view::Polarisation;
use crate::model::{Acquisition, AcquisitionIx, MaskSet, ParcelIx, Pass, Sensor, Signal, Stretch, View};
use crate::report::Caption;
use crate::report::calendar::{ColourBar, FigureChip};
use crate::report::graph::Panel;
use crate::report::{calendar as calendar_figure, graph as graph_figure};

/// What a calendar figure shows.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarOptions {
    /// What the chips show.
    pub view: View,
    /// How values become brightness.
    pub stretch: Stretch,
    /// Rows and columns.
    pub bins: Binning,
    /// Surroundings of the parcel's box, m.
    pub margin_m: u32,
    /// Edge of a chip in the figure, pixels.
    pub cell_px: u32,
    /// Excluded scene classes.
    pub mask: MaskSet,
    /// First day; `None` is the first acquisition.
    pub from: Option<Date>,
    /// Last day, included.
    pub to: Option<Date>,
}

impl CalendarOptions {
    /// What the project shows, with chips of 96 pixels.
    pub fn of(project: &Project) -> Self {
        let display = &project.file().display;
        Self {
            view: display.view.clone(),
            stretch: display.stretch.clone(),
            bins: display.bins,
            margin_m: display.margin_m,
            cell_px: 96,
            mask: project.mask(),
            from: display.from,
            to: display.to,
        }
    }
}

/// A calendar as data: ready to be drawn anywhere, also on a worker.
#[derive(Debug, Clone)]
pub struct CalendarFigure {
    /// Every cell and every acquisition of the picture.
    pub json: serde_json::Value,
    layout: Layout,
    chips: Vec<FigureChip>,
    caption: Caption,
    colour_bar: Option<ColourBar>,
    cell_px: u32,
    metres_across: f64,
}

impl CalendarFigure {
    /// Rows of the calendar.
    pub fn rows(&self) -> usize {
        self.layout.rows.len()
    }

    /// What is burned into it.
    pub fn caption(&self) -> &Caption {
        &self.caption
    }

    /// The picture; [`crate::report::svg::png`] makes pixels of it.
    pub fn svg(&self) -> String {
        let bar = self.colour_bar.as_ref();
        calendar_figure::svg(&self.layout, &self.chips, &self.caption, bar, self.cell_px, self.metres_across)
    }
}

/// Graphs as data: ready to be drawn anywhere, also on a worker.
#[derive(Debug, Clone)]
pub struct GraphFigure {
    panels: Vec<Panel>,
    caption: Caption,
    width_px: u32,
}

impl GraphFigure {
    /// What is burned into it.
    pub fn caption(&self) -> &Caption {
        &self.caption
    }

    /// The picture; [`crate::report::svg::png`] makes pixels of it.
    pub fn svg(&self) -> String {
        graph_figure::svg(&self.panels, &self.caption, self.width_px)
    }
}

/// What a graph figure shows.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphFigureOptions {
    /// Signals of each panel, from top to bottom.
    pub panels: Vec<Vec<Signal>>,
    /// Draw the peers' band.
    pub peers: bool,
    /// Spread within the parcel.
    pub spread: Spread,
    /// One line per relative orbit.
    pub split_orbits: bool,
    /// Lay years over each other by day of year.
    pub overlay_years: bool,
    /// First day.
    pub from: Option<Date>,
    /// Last day, included.
    pub to: Option<Date>,
    /// Width of the figure, pixels.
    pub width_px: u32,
}

impl GraphFigureOptions {
    /// The project's graphs with peers, 1100 pixels wide.
    pub fn of(project: &Project) -> Self {
        let display = &project.file().display;
        Self {
            panels: display.graphs.clone(),
            peers: true,
            spread: Spread::None,
            split_orbits: true,
            overlay_years: false,
            from: display.from,
            to: display.to,
            width_px: 1100,
        }
    }
}

/// One acquisition of a calendar with its picture.
pub(super) struct Shown {
    entry: Entry,
    granule: u8,
    picture: Arc<ChipPicture>,
}

/// The calendar of one parcel. Every acquisition of the view's sensor (and pass) that touches the parcel is in it, also those
/// that lack the view's bands.
pub fn calendar(project: &Project, parcel: ParcelIx, options: &CalendarOptions) -> Result<CalendarFigure, Error> {
    let dataset = data_of(project)?;
    let coverage = project.compute(&CoverageQuery { parcel, revision: project.revision() })?;
    let mut chosen = Vec::new();
    for (acquisition, best) in seen(&coverage) {
        let row = dataset.catalog.get(acquisition);
        let day = utc_day(row.acquired);
        // Of values without an image there is nothing to draw.
        if !matches_view(row, &options.view) || !in_range(day, options.from, options.to) || is_values_only(row) {
            continue;
        }
        let granule = project.granule(parcel, acquisition);
        let clear_share = granule_coverage(&coverage, acquisition, granule).unwrap_or(best).clear(options.mask);
        chosen.push((Entry { acquisition, day, clear_share }, granule));
    }
    let pictures = if matches!(options.view, View::NdviHistogram | View::RedNirScatter) {
        distribution::pictures(project, parcel, options, &chosen)?
    } else {
        pictures(project, parcel, options, &chosen)?
    };
    let shown: Vec<Shown> =
        chosen.into_iter().zip(pictures).map(|((entry, granule), picture)| Shown { entry, granule, picture }).collect();
    if shown.is_empty() {
        return Err(nothing_to_show(project, &dataset, parcel, options));
    }
    let entries: Vec<Entry> = shown.iter().map(|one| one.entry).collect();
    let layout = layout(&entries, options.bins, options.from, options.to);
    let chips: Vec<FigureChip> = shown.iter().map(|one| figure_chip(&dataset, one)).collect();
    let metres = shown.iter().find_map(|one| metres_across(&one.picture)).unwrap_or(f64::NAN);
    let caption = captions::calendar(project, &dataset, parcel, options, &shown, metres);
    Ok(CalendarFigure {
        json: json::calendar(&dataset, parcel, options, &layout, &shown),
        layout,
        chips,
        caption,
        colour_bar: captions::colour_bar(project.indices(), options),
        cell_px: options.cell_px,
        metres_across: metres,
    })
}

/// Pictures of the chosen acquisitions, in their order.
fn pictures(
    project: &Project,
    parcel: ParcelIx,
    options: &CalendarOptions,
    chosen: &[(Entry, u8)],
) -> Result<Vec<Arc<ChipPicture>>, Error> {
    let query = |&(entry, granule): &(Entry, u8)| PictureQuery {
        parcel,
        acquisition: entry.acquisition,
        granule,
        view: options.view.clone(),
        stretch: options.stretch.clone(),
        margin_m: options.margin_m,
        mask: options.mask,
        revision: project.revision(),
    };
    all(project, &chosen.iter().map(query).collect::<Vec<_>>())
}

/// Answers in the order asked for. Workers start from the first, this thread from the last, until they meet.
fn all<Q: Query>(project: &Project, queries: &[Q]) -> Result<Vec<Arc<Q::Output>>, Error> {
    for query in queries {
        project.get(query, Lane::Prefetch);
    }
    let mut answers = queries.iter().rev().map(|query| project.compute(query)).collect::<Result<Vec<_>, _>>()?;
    answers.reverse();
    Ok(answers)
}

/// The graphs of one parcel.
pub fn graph(project: &Project, parcel: ParcelIx, options: &GraphFigureOptions) -> Result<GraphFigure, Error> {
    let dataset = data_of(project)?;
    let catalog = &dataset.catalog;
    let within = |acquisition: AcquisitionIx| in_range(utc_day(catalog.get(acquisition).acquired), options.from, options.to);
    let max_gap_days = f64::from(project.file().display.max_gap_days);
    let graph_options = GraphOptions {
        max_gap_days,
        spread: options.spread,
        split_orbits: options.split_orbits,
        overlay_years: options.overlay_years,
    };
    let mut panels = Vec::new();
    for signals in &options.panels {
        let mut panel = Panel { title: captions::panel_title(signals, catalog.calibration()), ..Panel::default() };
        for signal in signals {
            let query = project.series_query(parcel, signal);
            let mut series = project.compute(&query)?.as_ref().clone();
            series.points.retain(|point| within(point.acquisition));
            panel.lines.extend(lines(&series, signal, catalog, &graph_options));
            // Different orbits look from different angles: their peers have no common band.
            if options.peers && signal.sensor() == Sensor::S2 {
                let band = project.compute(&PeersQuery { of: query, ..project.peers_query(parcel, signal) })?;
                let steps: Vec<_> = band.steps.iter().filter(|step| within(step.acquisition)).copied().collect();
                if !steps.is_empty() {
                    panel.peers.push((signal.name(), band.count, band_runs(&steps, max_gap_days)));
                }
            }
        }
        panels.push(panel);
    }
    let caption = captions::graph(project, &dataset, parcel, options, &panels);
    Ok(GraphFigure { panels, caption, width_px: options.width_px })
}

fn fault(text: String) -> Error {
    Error(Arc::new(anyhow::anyhow!(text)))
}

fn data_of(project: &Project) -> Result<Arc<Dataset>, Error> {
    match project.dataset() {
        super::Fetch::Ready(dataset) => Ok(dataset),
        super::Fetch::Failed(error) => Err(error),
        super::Fetch::Pending => {
            Err(fault("the project is still loading; try again when parcels and images are read".to_owned()))
        }
    }
}

/// Acquisitions that touch a parcel, each with its best product.
fn seen(coverage: &ParcelCoverage) -> impl Iterator<Item = (AcquisitionIx, &crate::model::observation::Coverage)> {
    coverage.acquisitions.iter().filter_map(|one| one.granules.first()).map(|best| (best.acquisition, best))
}

fn granule_coverage(
    coverage: &ParcelCoverage,
    acquisition: AcquisitionIx,
    granule: u8,
) -> Option<&crate::model::observation::Coverage> {
    coverage
        .acquisitions
        .iter()
        .flat_map(|one| &one.granules)
        .find(|one| one.acquisition == acquisition && one.granule == granule)
}

fn in_range(day: Date, from: Option<Date>, to: Option<Date>) -> bool {
    from.is_none_or(|from| day >= from) && to.is_none_or(|to| day <= to)
}

/// Sensor and pass that a view is made of.
pub(super) fn source_of(view: &View) -> (Sensor, Option<Pass>) {
    match view {
        View::Composite(bands)
            if bands.iter().any(|band| *band == Polarisation::Vv.band() || *band == Polarisation::Vh.band()) =>
        {
            (Sensor::S1Backscatter, None)
        }
        View::Composite(_) | View::Index(_) | View::SceneClass | View::NdviHistogram | View::RedNirScatter => (Sensor::S2, None),
        View::Backscatter(_, pass) | View::BackscatterRatio(pass) => (Sensor::S1Backscatter, *pass),
        View::Coherence(_, pass) => (Sensor::S1Coherence, *pass),
    }
}

fn matches_view(acquisition: &Acquisition, view: &View) -> bool {
    let (sensor, pass) = source_of(view);
    acquisition.sensor == sensor && (pass.is_none() || acquisition.pass == pass)
}

fn figure_chip(dataset: &Dataset, shown: &Shown) -> FigureChip {
    let acquisition = dataset.catalog.get(shown.entry.acquisition);
    FigureChip {
        acquisition: shown.entry.acquisition,
        date: shown.entry.day.to_string(),
        detail: captions::detail(acquisition),
        clear_share: shown.entry.clear_share,
        picture: shown.picture.picture.clone(),
        masked: shown.picture.masked.clone(),
        outline: shown.picture.chip.outline.clone(),
    }
}

/// Ground covered by the longer edge of a chip.
fn metres_across(picture: &ChipPicture) -> Option<f64> {
    let grid = &picture.chip.chip.as_ref()?.grid;
    Some((grid.width as f64 * grid.pixel_x.abs()).max(grid.height as f64 * grid.pixel_y.abs()))
}

fn nothing_to_show(project: &Project, dataset: &Dataset, parcel: ParcelIx, options: &CalendarOptions) -> Error {
    let (sensor, pass) = source_of(&options.view);
    let all = dataset.catalog.iter().filter(|(_, acquisition)| matches_view(acquisition, &options.view)).count();
    let pass = pass.map(|pass| format!(" of pass {}", pass.code())).unwrap_or_default();
    fault(format!(
        "no {}{pass} acquisition of parcel {} in the chosen dates ({all} in the project “{}”); widen the dates, add imagery or \
         choose another view",
        sensor.code(),
        dataset.parcels.id(parcel),
        project.file().name
    ))
}

#[cfg(test)]
mod tests;
