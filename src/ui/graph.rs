//! Graphs of signals over time, with peers, masked observations and a shared ruler.
//!
//! Each frame builds plain data ([`model`]) and paints it ([`panel`]). The time range is shared by all panels and belongs to the
//! pane, not to the parcel, so that stepping through parcels compares them on the same axes.

pub mod axis;
pub mod chooser;
pub mod events;
pub mod legend;
pub mod model;
pub mod panel;
pub mod readout;
mod weather;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use egui::{Rect, Ui};

use crate::engine::graph::{GraphOptions, Spread};
use crate::engine::markers::Window;
use crate::model::{AcquisitionIx, Catalog, ParcelIx, Series, Signal};
use crate::project::queries::peers::PeerBand;
use crate::project::{Command, Dataset, Error, Fetch};

use super::actions::Action;
use super::cx::{Cx, Out};
use super::icons;
use super::widgets::{self, Button};

use model::{Panel, SignalData};

/// State of the graph pane.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphState {
    /// Peer bands are shown.
    pub peers: bool,
    /// Spread around the mean.
    pub spread: Spread,
    /// One line per relative orbit.
    pub split_orbits: bool,
    /// Years overlaid by day of year.
    pub overlay_years: bool,
    /// Weather behind the graphs, where the data come from a server.
    pub weather: bool,
    /// Smoothed curves of the ruleset.
    pub smoothed: bool,
    /// Value axes follow each parcel; otherwise they stay, so that parcels compare.
    pub auto_range: bool,
    hold: Hold,
}

impl Default for GraphState {
    fn default() -> Self {
        // Orbits apart: two viewing geometries on one line look like events.
        Self {
            peers: true,
            spread: Spread::None,
            split_orbits: true,
            overlay_years: false,
            weather: true,
            smoothed: false,
            auto_range: false,
            hold: Hold::default(),
        }
    }
}

impl GraphState {
    /// Time range shown, in days since 1970-01-01; `None` while everything is shown.
    pub fn shown_days(&self) -> Option<(f64, f64)> {
        self.hold.x
    }

    /// Puts a window of days into the middle of the time axis, with half its length on both sides; the second time everything is
    /// shown again.
    pub fn centre(&mut self, window: Window) {
        self.hold.centre = Some(window);
    }
}

/// What the pane keeps from frame to frame.
#[derive(Debug, Clone, PartialEq, Default)]
struct Hold {
    /// Time range shown; `None` is everything.
    x: Option<(f64, f64)>,
    /// Window of days to be put into the middle.
    centre: Option<Window>,
    /// Value range by panel.
    y: BTreeMap<String, (f64, f64)>,
    /// Legend entries switched off.
    hidden: BTreeSet<String>,
    /// Last good series and peers by signal.
    series: BTreeMap<String, (ParcelIx, Arc<Series>)>,
    peers: BTreeMap<String, (ParcelIx, Arc<PeerBand>)>,
    /// Where the plots were drawn in the last frame, axes excluded.
    frame: Option<Rect>,
    /// Height that the readout needed so far, so that the graphs do not jump while the pointer moves.
    readout_height: f32,
    /// Width that `readout_height` belongs to.
    readout_width: f32,
    /// The kind of axis that `x` belongs to: days of the year or dates.
    overlay_years: bool,
}

/// True when the list of peers is wanted: the parcel pane lists them and the map highlights them.
pub fn peers_listed(ctx: &egui::Context) -> bool {
    ctx.data(|data| data.get_temp(egui::Id::unique("peers-listed"))).unwrap_or(false)
}

/// Shows or hides the list of peers.
pub fn set_peers_listed(ctx: &egui::Context, listed: bool) {
    ctx.data_mut(|data| data.insert_temp(egui::Id::unique("peers-listed"), listed));
}

/// What a frame of the pane knows.
struct Frame<'a> {
    dataset: &'a Dataset,
    panels: Vec<Panel>,
    faults: Vec<(usize, Error)>,
    /// Time range shown, and of everything.
    shown: (f64, f64),
    full: (f64, f64),
    /// Where the pointer is on the time axis, here or on a date in the calendar.
    hover: Option<f64>,
    /// The pointer is on the graphs.
    pointing: bool,
    /// Current acquisition and where it lies.
    current: Option<(AcquisitionIx, f64)>,
    overlay_years: bool,
    auto_range: bool,
    weather: Option<weather::Weather>,
    /// What the ruleset says of the parcel; nothing while years are overlaid.
    marks: Option<events::Marks>,
}

impl Frame<'_> {
    /// Where the ruler stands: at the pointer, else at the current date.
    fn ruler(&self) -> Option<f64> {
        self.hover.or(self.current.map(|(_, x)| x))
    }
}

/// Draws the pane; returns the response of its header.
pub fn graph_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut GraphState, out: &mut Out) -> egui::Response {
    let dataset = cx.project.dataset();
    let mut hold = std::mem::take(&mut state.hold);
    if hold.overlay_years != state.overlay_years {
        // Dates and days of the year are different axes.
        (hold.overlay_years, hold.x) = (state.overlay_years, None);
    }
    let frame = match (&dataset, cx.project.selection().parcel) {
        (Fetch::Ready(dataset), Some(parcel)) => Some(frame_model(ui, cx, state, &mut hold, dataset, parcel)),
        _ => None,
    };
    let subtitle = frame.as_ref().map(|frame| subtitle(cx, frame)).unwrap_or_default();
    let mut controls_out = Out::default();
    let mut reset = false;
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("graph-title"),
        &subtitle,
        |ui| controls_ui(ui, cx, state, frame.as_ref(), &mut reset, &mut controls_out),
        |ui| match (&frame, &dataset) {
            (Some(frame), _) => body_ui(ui, cx, &mut hold, frame, out),
            (None, Fetch::Failed(error)) => widgets::failed_ui(ui, cx, error, out),
            (None, Fetch::Pending) => widgets::pending_ui(ui, cx.tokens, &cx.t("graph-loading")),
            (None, Fetch::Ready(_)) => {
                widgets::empty_ui(ui, cx.tokens, &cx.t("graph-no-parcel"), &cx.t("graph-no-parcel-hint"), None);
            }
        },
    );
    if reset {
        hold.x = None;
        hold.y.clear();
    }
    state.hold = hold;
    out.commands.append(&mut controls_out.commands);
    out.actions.append(&mut controls_out.actions);
    out.toast = controls_out.toast.or(out.toast.take());
    response
}

/// Asks for the data and builds what is drawn.
fn frame_model<'a>(
    ui: &Ui,
    cx: &Cx<'_>,
    state: &GraphState,
    hold: &mut Hold,
    dataset: &'a Dataset,
    parcel: ParcelIx,
) -> Frame<'a> {
    let options = GraphOptions {
        max_gap_days: f64::from(cx.project.file().display.max_gap_days),
        spread: state.spread,
        split_orbits: state.split_orbits,
        overlay_years: state.overlay_years,
    };
    let mut panels = Vec::new();
    let mut faults = Vec::new();
    for (number, signals) in cx.project.file().display.graphs.iter().enumerate() {
        let mut data = Vec::with_capacity(signals.len());
        for signal in signals {
            let peers =
                state.peers && !state.overlay_years && (signal.sensor() == crate::model::Sensor::S2 || signals.len() == 1);
            match signal_data(cx, hold, parcel, signal, peers) {
                Ok(entry) => data.push(entry),
                Err(error) => faults.push((number, error)),
            }
        }
        panels.push(model::panel(&data, &dataset.catalog, &options));
    }
    let full = model::full_range(&dataset.catalog, state.overlay_years);
    if let Some(window) = hold.centre.take().filter(|_| !state.overlay_years) {
        centre(hold, window, full);
    }
    let shown = hold.x.unwrap_or(full);
    let hover = hold.frame.and_then(|frame| {
        let pointer = ui.input(|input| input.pointer.hover_pos()).filter(|&pointer| frame.contains(pointer))?;
        Some(shown.0 + f64::from((pointer.x - frame.left()) / frame.width()) * (shown.1 - shown.0))
    });
    // A date under the pointer in the calendar moves the ruler too.
    let x_of = |acquisition| model::x_of(dataset.catalog.get(acquisition), state.overlay_years);
    let pointing = hover.is_some();
    let hover = hover.or(cx.pointed.map(x_of));
    let current = cx.project.selection().acquisition.map(|acquisition| (acquisition, x_of(acquisition)));
    Frame {
        dataset,
        panels,
        faults,
        shown,
        full,
        hover,
        pointing,
        current,
        overlay_years: state.overlay_years,
        auto_range: state.auto_range,
        weather: if state.weather && !state.overlay_years { weather::weather(cx, parcel) } else { None },
        marks: cx.judged.filter(|_| !state.overlay_years).and_then(|judged| {
            let model = Arc::clone(judged.model()?);
            Some(events::Marks { model, stale: judged.stale, smoothed: state.smoothed })
        }),
    }
}

/// The time range about a window of days, or everything when it is shown already.
fn centre(hold: &mut Hold, window: Window, full: (f64, f64)) {
    let (from, to) = (window.from.max(full.0), window.to.min(full.1));
    if to > from {
        let side = (to - from) / 2.0;
        let about = Some((from - side, to + side));
        hold.x = if hold.x == about { None } else { about };
    }
}

/// Series and peers of a signal; while they are on their way the last ones stay.
fn signal_data(cx: &Cx<'_>, hold: &mut Hold, parcel: ParcelIx, signal: &Signal, peers: bool) -> Result<SignalData, Error> {
    let name = signal.name();
    let (series, stale) = match cx.project.series(parcel, signal) {
        Fetch::Ready(series) => {
            hold.series.insert(name.clone(), (parcel, Arc::clone(&series)));
            (Some(series), false)
        }
        Fetch::Pending => (hold.series.get(&name).map(|(_, series)| Arc::clone(series)), true),
        Fetch::Failed(error) => return Err(error),
    };
    let peers = if peers {
        match cx.project.peers(parcel, signal) {
            Fetch::Ready(band) => {
                hold.peers.insert(name, (parcel, Arc::clone(&band)));
                Some(band)
            }
            // Peers of another parcel under this one's line would mislead; those of the same parcel (another setting) may stay.
            Fetch::Pending => hold.peers.get(&name).filter(|(of, _)| *of == parcel || stale).map(|(_, band)| Arc::clone(band)),
            // The parcel's own line is still worth seeing; the failure is in the log.
            Fetch::Failed(_) => None,
        }
    } else {
        None
    };
    let stale = stale && series.is_some();
    Ok(SignalData { signal: signal.clone(), series, peers, stale })
}

fn subtitle(cx: &Cx<'_>, frame: &Frame<'_>) -> String {
    if frame.panels.iter().any(|panel| panel.pending) {
        return cx.t("graph-loading").to_string();
    }
    let (usable, masked) = frame.panels.first().map(Panel::counts).unwrap_or_default();
    cx.tw("graph-subtitle", &[("usable", usable.into()), ("masked", masked.into())])
}

/// Buttons of the header, rightmost first.
fn controls_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut GraphState, frame: Option<&Frame<'_>>, reset: &mut bool, out: &mut Out) {
    let more = ui.add(Button::icon_only(icons::DOTS, &cx.t("graph-menu")));
    egui::Popup::menu(&more).show(|ui| menu_ui(ui, cx, state, frame, reset, out));
    let add = ui.add(Button::icon_only(icons::PLUS, &cx.t("graph-add")));
    egui::Popup::menu(&add)
        .close_behavior(egui::PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| chooser::chooser_ui(ui, cx, out));
    let listed = peers_listed(ui.ctx());
    if ui.add(Button::icon_only(icons::LIST, &cx.t("graph-list-peers")).on(listed)).clicked() {
        set_peers_listed(ui.ctx(), !listed);
    }
    if ui.add(Button::new(&cx.t("graph-peers")).key(&cx.key(Action::TogglePeers)).on(state.peers)).clicked() {
        state.peers = !state.peers;
    }
}

fn menu_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut GraphState, frame: Option<&Frame<'_>>, reset: &mut bool, out: &mut Out) {
    ui.set_min_width(240.0);
    ui.label(widgets::secondary(cx.tokens, cx.t("graph-spread").to_string()));
    for (spread, id) in
        [(Spread::None, "graph-spread-none"), (Spread::Std, "graph-spread-std"), (Spread::Quartiles, "graph-spread-quartiles")]
    {
        ui.radio_value(&mut state.spread, spread, cx.t(id).as_ref());
    }
    ui.separator();
    ui.checkbox(&mut state.peers, cx.t("graph-peers").as_ref());
    ui.checkbox(&mut state.split_orbits, cx.t("graph-split-orbits").as_ref());
    if cx.judged.is_some() {
        ui.checkbox(&mut state.smoothed, Action::ToggleSmoothed.label(cx.texts).as_ref());
    }
    ui.checkbox(&mut state.overlay_years, cx.t("graph-overlay-years").as_ref());
    ui.checkbox(&mut state.auto_range, cx.t("graph-auto-range").as_ref());
    if cx.project.remote_status().is_some() {
        ui.checkbox(&mut state.weather, cx.t("graph-weather").as_ref());
    }
    ui.separator();
    if ui.button(cx.t("graph-reset").as_ref()).clicked() {
        *reset = true;
    }
    if ui.button(cx.t("graph-own-indices").as_ref()).clicked() {
        out.act(Action::EditIndices);
    }
    if let Some(frame) = frame
        && ui.button(cx.t("graph-copy-table").as_ref()).clicked()
    {
        ui.ctx().copy_text(readout::table(&frame.panels, &frame.dataset.catalog));
        out.toast = Some(cx.t("graph-table-copied").to_string());
    }
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, hold: &mut Hold, frame: &Frame<'_>, out: &mut Out) {
    legend::legend_ui(ui, cx, &frame.panels, frame.marks.as_ref(), &mut hold.hidden);
    let groups = frame.ruler().map(|x| readout::readout(&frame.panels, &hold.hidden, x)).unwrap_or_default();
    readout_ui(ui, cx, hold, &groups, &frame.dataset.catalog);
    if frame.pointing {
        let sensor = cx.project.view_sensor();
        let shown = groups.iter().find(|group| frame.dataset.catalog.get(group.acquisition).sensor == sensor);
        out.pointed = shown.or(groups.first()).map(|group| group.acquisition);
    }
    if frame.pointing
        && let Some(text) = groups.first().map(|group| legend::group_text(cx, group, &frame.dataset.catalog))
    {
        let weather = frame.ruler().and_then(|x| weather::readout(cx, frame, x));
        out.status = Some(weather.map_or(text.clone(), |weather| format!("{text}  ·  {weather}")));
    }
    for (_, error) in &frame.faults {
        widgets::failed_ui(ui, cx, error, out);
    }
    if frame.panels.is_empty() {
        widgets::empty_ui(ui, cx.tokens, &cx.t("graph-none"), &cx.t("graph-none-hint"), None);
        hold.frame = None;
        return;
    }
    panels_ui(ui, cx, hold, frame, out);
}

/// The readout in a place whose height only grows, so that the graphs stay where they are.
fn readout_ui(ui: &mut Ui, cx: &Cx<'_>, hold: &mut Hold, groups: &[readout::ReadoutGroup], catalog: &Catalog) {
    let width = ui.available_width();
    if (width - hold.readout_width).abs() > 1.0 {
        (hold.readout_width, hold.readout_height) = (width, 0.0);
    }
    let height = legend::readout_row_ui(ui, cx, groups, catalog, hold.readout_height);
    hold.readout_height = hold.readout_height.max(height);
}

/// All graphs under each other, sharing the height; when it is too small they scroll by the bar.
fn panels_ui(ui: &mut Ui, cx: &Cx<'_>, hold: &mut Hold, frame: &Frame<'_>, out: &mut Out) {
    const GAP: f32 = 5.0;
    const MIN_HEIGHT: f32 = 40.0;
    let count = frame.panels.len() as f32;
    let room = ui.available_height() - panel::AXIS_HEIGHT - GAP * (count - 1.0) - 4.0;
    let height = (room / count).max(MIN_HEIGHT);
    let mut view = panel::View { x: frame.shown, reset: false, frame: None, remove: None, picked: None };
    let scroll = egui::ScrollArea::vertical().auto_shrink(false).scroll_source(egui::scroll_area::ScrollSource::SCROLL_BAR);
    scroll.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = GAP;
        for (number, drawn) in frame.panels.iter().enumerate() {
            let last = number + 1 == frame.panels.len();
            let usual = usual_of(cx, drawn);
            let fitted = drawn.fitted(usual);
            let range = if frame.auto_range { fitted } else { *hold.y.entry(drawn.key.clone()).or_insert(fitted) };
            let place =
                panel::Place { number, height: if last { height + panel::AXIS_HEIGHT } else { height }, last, y: range, fitted };
            let after = ui.scope(|ui| panel::panel_ui(ui, cx, frame, drawn, &hold.hidden, &place, &mut view)).inner;
            // While a panel is still filling its range is not final.
            if drawn.pending && after == range {
                hold.y.remove(&drawn.key);
            } else if !frame.auto_range {
                hold.y.insert(drawn.key.clone(), after);
            }
        }
    });
    hold.frame = view.frame;
    hold.x = (!view.reset && view.x != frame.full).then_some(view.x);
    if let Some(acquisition) = view.picked {
        out.push(Command::SelectAcquisition(acquisition));
    }
    if let Some(number) = view.remove {
        let mut graphs = cx.project.file().display.graphs.clone();
        if number < graphs.len() {
            graphs.remove(number);
            out.push(Command::SetGraphs(graphs));
        }
    }
}

fn usual_of(cx: &Cx<'_>, panel: &Panel) -> (f64, f64) {
    panel
        .signals
        .iter()
        .map(|signal| model::usual_range(signal, |name| cx.project.indices().range(name)))
        .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
        .unwrap_or((0.0, 1.0))
}
