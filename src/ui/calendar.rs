//! Calendar of chips: months by half-weeks, every acquisition kept. Also the large, compare and play views of its dates.
//!
//! [`model`] says what is shown, the other files paint it. Only rows in sight ask for pictures.

mod chip;
mod distribution;
mod events;
mod grid;
mod header;
mod large;
mod legend;
mod menus;
pub mod metrics;
pub mod model;
mod play;
mod readout;

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use egui::{Pos2, Rect, Response, Role, Sense, Ui, Vec2, WidgetInfo};
use jiff::civil::Date;

use super::chip_paint::{Hatch, Zoom};
use super::cx::{Cx, Out};
use super::textures::Textures;
use super::widgets;
use crate::engine::markers::Window;
use crate::model::project_file::Binning;
use crate::model::{AcquisitionIx, Band, MaskSet, ParcelIx, View};
use crate::project::queries::picture::ChipPicture;
use crate::project::{Dataset, Error, Fetch};
use model::{CalendarModel, ModelInput, calendar_model};

/// State of the calendar pane and of the large, compare and play views that belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarState {
    /// Mask overlay.
    pub mask: bool,
    /// Parcel outline.
    pub outline: bool,
    /// Edge of a chip, logical pixels.
    pub chip_px: f32,
    /// Large view of the current date is open.
    pub large: bool,
    /// Compare view is open.
    pub compare: bool,
    /// Dates are played.
    pub playing: bool,
    /// The reference is shown instead of the current date while the key is held.
    pub show_reference: bool,
    /// Set to open or close the cell of the current date in the next frame.
    pub expand: bool,
    /// What only this sitting knows.
    pub runtime: Runtime,
}

impl Default for CalendarState {
    fn default() -> Self {
        Self {
            mask: true,
            outline: true,
            chip_px: 57.0,
            large: false,
            compare: false,
            playing: false,
            show_reference: false,
            expand: false,
            runtime: Runtime::default(),
        }
    }
}

/// Textures, the model of the last frame, zoom. Takes no part in comparisons, and a copy starts empty.
#[derive(Default)]
pub struct Runtime {
    textures: Textures,
    hatch: Option<Hatch>,
    model: Option<(ModelKey, Arc<CalendarModel>)>,
    /// Last good picture of each acquisition, shown dimmed until the next one is there.
    last: HashMap<AcquisitionIx, Arc<ChipPicture>>,
    distributions: distribution::Distributions,
    expanded: Option<AcquisitionIx>,
    zoom: Zoom,
    own_zoom: HashMap<AcquisitionIx, Zoom>,
    /// The chip under the pointer in this frame, and where its picture lies.
    hovered: Option<(AcquisitionIx, Rect)>,
    /// Pitches and scroll offset of the last frame.
    scrolled: Option<(Vec2, Vec2)>,
    /// What was last scrolled into view.
    followed: Option<Followed>,
    /// Window of days to be scrolled into the middle.
    centre: Option<Window>,
    play: play::Play,
    bands: Option<[Band; 3]>,
    range_text: Option<(String, String)>,
}

impl Clone for Runtime {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl PartialEq for Runtime {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runtime").field("textures", &self.textures.len()).finish_non_exhaustive()
    }
}

impl CalendarState {
    /// Scrolls a window of days into the middle.
    pub fn centre(&mut self, window: Window) {
        self.runtime.centre = Some(window);
    }
}

impl Runtime {
    fn zoom_of(&self, acquisition: AcquisitionIx) -> Zoom {
        self.own_zoom.get(&acquisition).copied().unwrap_or(self.zoom)
    }

    fn change_zoom(&mut self, only: Option<AcquisitionIx>, change: impl Fn(&Zoom) -> Zoom) {
        if let Some(only) = only {
            let zoom = change(&self.zoom_of(only));
            self.own_zoom.insert(only, zoom);
        } else {
            self.zoom = change(&self.zoom);
            self.own_zoom.clear();
        }
    }

    /// Magnifies about a screen position on the hovered chip.
    fn zoom_at(&mut self, rect: Rect, at: Pos2, factor: f32, only: Option<AcquisitionIx>) {
        let share = (at - rect.min) / rect.size();
        self.change_zoom(only, |zoom| zoom.zoomed(factor, share));
    }
}

/// When any of this changes, the current date is scrolled into view.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Followed {
    parcel: ParcelIx,
    acquisition: AcquisitionIx,
    bins: Binning,
    expanded: Option<(usize, usize)>,
    height: f32,
}

/// What decides the model: the same key gives the same model, so it is not built every frame.
#[derive(Debug, Clone, PartialEq)]
struct ModelKey {
    parcel: ParcelIx,
    revision: u64,
    view: View,
    bins: Binning,
    range: (Option<Date>, Option<Date>),
    mask: MaskSet,
    min_usable_share: f64,
    coverage: usize,
    choices: Vec<u8>,
}

/// One frame's data of a parcel with images.
struct Scene<'a> {
    cx: &'a Cx<'a>,
    parcel: ParcelIx,
    dataset: Arc<Dataset>,
    model: Arc<CalendarModel>,
    /// Shares of the acquisitions are not known yet.
    reading: bool,
    /// Acquisitions of all sensors whose footprints miss the parcel.
    outside: usize,
    failed: Option<Error>,
    /// What the ruleset says of the parcel.
    marks: Option<events::Marks>,
}

enum Content<'a> {
    Loading,
    Failed(Error),
    NoParcel,
    Ready(Box<Scene<'a>>),
}

/// Draws the pane; returns the response of its header.
pub fn calendar_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut CalendarState, out: &mut Out) -> Response {
    state.runtime.textures.begin_frame(ui.ctx().cumulative_frame_nr());
    if state.runtime.hatch.is_none() {
        state.runtime.hatch = Some(Hatch::new(ui.ctx()));
    }
    let content = content(cx, state);
    let subtitle = match &content {
        Content::Ready(scene) => subtitle(scene),
        _ => String::new(),
    };
    if let Content::Ready(scene) = &content {
        if std::mem::take(&mut state.expand) {
            grid::toggle_current(scene, state);
        }
        play::step(ui, scene, state, out);
    }
    let title = cx.t("cal-title");
    let shared = RefCell::new((state, out));
    widgets::pane_ui(
        ui,
        cx,
        &title,
        &subtitle,
        |ui| {
            let (state, out) = &mut *shared.borrow_mut();
            header::controls_ui(ui, cx, state, out);
        },
        |ui| {
            let (state, out) = &mut *shared.borrow_mut();
            body_ui(ui, cx, &content, state, out);
        },
    )
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, content: &Content<'_>, state: &mut CalendarState, out: &mut Out) {
    let scene = match content {
        Content::Loading => return widgets::pending_ui(ui, cx.tokens, &cx.t("cal-loading")),
        Content::Failed(error) => return widgets::failed_ui(ui, cx, error, out),
        Content::NoParcel => {
            widgets::empty_ui(ui, cx.tokens, &cx.t("cal-no-parcel"), &cx.t("cal-no-parcel-why"), None);
            return;
        }
        Content::Ready(scene) => scene,
    };
    if let Some(error) = &scene.failed {
        widgets::failed_ui(ui, cx, error, out);
    }
    if scene.model.chips.is_empty() {
        return menus::no_imagery_ui(ui, scene, out);
    }
    let rect = ui.available_rect_before_wrap();
    let summary = summary(scene);
    ui.interact(rect, ui.scope_id().with("summary"), Sense::hover())
        .widget_info(|| WidgetInfo::labeled(Role::Label, true, &summary));
    if state.compare {
        large::compare_ui(ui, scene, state, out);
    } else if state.large {
        large::large_ui(ui, scene, state, out);
    } else {
        legend::legend_ui(ui, scene);
        grid::grid_ui(ui, scene, state, out);
    }
}

fn content<'a>(cx: &'a Cx<'a>, state: &mut CalendarState) -> Content<'a> {
    let dataset = match cx.project.dataset() {
        Fetch::Pending => return Content::Loading,
        Fetch::Failed(error) => return Content::Failed(error),
        Fetch::Ready(dataset) => dataset,
    };
    let Some(parcel) = cx.project.selection().parcel else { return Content::NoParcel };
    let (coverage, failed) = match cx.project.coverage(parcel) {
        Fetch::Ready(coverage) => (Some(coverage), None),
        Fetch::Pending => (None, None),
        Fetch::Failed(error) => (None, Some(error)),
    };
    let file = cx.project.file();
    let granule = |acquisition| cx.project.granule(parcel, acquisition);
    let several = coverage.iter().flat_map(|coverage| &coverage.acquisitions).filter(|seen| seen.granules.len() > 1);
    let key = ModelKey {
        parcel,
        revision: cx.project.revision(),
        view: file.display.view.clone(),
        bins: file.display.bins,
        range: (file.display.from, file.display.to),
        mask: cx.project.mask(),
        min_usable_share: file.observations.min_usable_share,
        coverage: coverage.as_ref().map_or(0, |coverage| Arc::as_ptr(coverage) as usize),
        choices: several.map(|seen| granule(seen.granules[0].acquisition)).collect(),
    };
    let kept = state.runtime.model.take().filter(|(own, _)| *own == key);
    let (key, model) = kept.unwrap_or_else(|| {
        let shown = cx.project.shown_acquisitions(parcel);
        let model = calendar_model(&ModelInput {
            catalog: &dataset.catalog,
            coverage: coverage.as_deref(),
            shown: &shown,
            granule: &granule,
            mask: key.mask,
            min_usable_share: key.min_usable_share,
            bins: key.bins,
            from: key.range.0,
            to: key.range.1,
        });
        (key, Arc::new(model))
    });
    state.runtime.model = Some((key, Arc::clone(&model)));
    if model.chips.is_empty() && coverage.is_none() && failed.is_none() {
        return Content::Loading;
    }
    let reading = coverage.is_none() && failed.is_none();
    let outside = coverage.map_or(0, |coverage| coverage.outside);
    let marks = events::Marks::new(cx, &model);
    Content::Ready(Box::new(Scene { cx, parcel, dataset, model, reading, outside, failed, marks }))
}

/// `32 acquisitions, 20 clear`.
fn subtitle(scene: &Scene<'_>) -> String {
    let total = ("n", scene.model.chips.len().into());
    if scene.reading {
        scene.cx.tw("cal-count-reading", &[total])
    } else {
        let count = scene.cx.tw("cal-count", &[total, ("clear", scene.model.usable.into())]);
        match scene.model.values_only() {
            0 => count,
            values => format!("{count} · {}", scene.cx.tw("cal-values-only", &[("n", values.into())])),
        }
    }
}

/// The pane in words, for screen readers.
fn summary(scene: &Scene<'_>) -> String {
    let texts = scene.cx.texts;
    let (Some(first), Some(last)) = (scene.model.chips.first(), scene.model.chips.last()) else { return String::new() };
    scene.cx.tw(
        "cal-summary",
        &[
            ("parcel", scene.dataset.parcels.id(scene.parcel).into()),
            ("view", menus::view_name(scene.cx, scene.cx.project.view()).into()),
            ("n", scene.model.chips.len().into()),
            ("clear", scene.model.usable.into()),
            ("from", texts.date(first.day).into()),
            ("to", texts.date(last.day).into()),
        ],
    )
}
