//! The heterogeneity pane: maps of every period, markers with their reasons, clusters, decision; and the overlay on chips.

pub mod overlay;
pub mod population;
mod strip;
mod table;
pub mod words;
pub mod zones;

use std::rc::Rc;
use std::sync::Arc;

use egui::{Context, Popup, PopupCloseBehavior, Response, Slider, Ui};

use super::actions::Action;
use super::cx::{Cx, Out};
use super::widgets::{self, Button};
use crate::engine::markers::Window;
use crate::model::heterogeneity::{Context as Shared, DecisionRule, HeterogeneityParams, Stream};
use crate::project::heterogeneity::maps::RegionMaps;
use crate::project::{Command, Error, Fetch, Project};
use overlay::{Layer, Style, View};
use zones::Zones;

/// State of the pane and of the overlay.
#[derive(Default)]
pub struct HeterogeneityState {
    /// Clusters are drawn over chips.
    pub overlay: bool,
    /// How they are drawn.
    pub style: Style,
    /// Period whose clusters are listed.
    pub selected: Option<(Stream, usize)>,
    /// Proposed zones and decline.
    pub zones: Zones,
    view: Option<Rc<View>>,
    fault: Option<Error>,
    pending: bool,
    /// Drawn in this frame: then the maps are wanted in the next one.
    shown: bool,
    wanted: bool,
}

impl HeterogeneityState {
    /// Once a frame, before panes are drawn: asks for the maps when somebody looks at them.
    pub fn update(&mut self, ctx: &Context, project: &Project) {
        // The pane may be drawn twice in a frame, or in none.
        if ctx.current_pass_index() == 0 {
            self.wanted = std::mem::take(&mut self.shown);
        }
        let Some(parcel) = project.selection().parcel.filter(|_| project.data().is_some()) else {
            self.view = None;
            return;
        };
        if !(self.overlay || self.wanted || self.zones.shown || self.zones.decline) {
            return;
        }
        self.fault = None;
        self.pending = false;
        match project.heterogeneity_maps(parcel) {
            Fetch::Ready(maps) => self.take(project, parcel, maps),
            Fetch::Pending => {
                self.pending = true;
                if self.view.as_ref().is_some_and(|view| view.parcel != parcel) {
                    self.view = None;
                }
            }
            Fetch::Failed(error) => {
                self.fault = Some(error);
                self.view = None;
            }
        }
    }

    fn take(&mut self, project: &Project, parcel: crate::model::ParcelIx, maps: Arc<RegionMaps>) {
        let Some(judged) = project.judge_heterogeneity(&maps, parcel) else { return };
        let same = |view: &Rc<View>| view.parcel == parcel && view.style == self.style && Arc::ptr_eq(&view.maps, &maps);
        let view = if let Some(view) = self.view.take_if(|view| same(view)) {
            View { judged, maps_shown: self.overlay, ..View::clone(&view) }
        } else {
            if self.view.as_ref().is_none_or(|view| view.parcel != parcel) {
                self.selected = judged.decision.period.map(|period| (Stream::S2, usize::from(period) - 1));
            }
            View { maps_shown: self.overlay, ..View::new(maps, parcel, judged, self.style) }
        };
        self.zones.update(project, &view, self.selected.map(|(_, period)| period));
        let (proposal, declined) = (self.zones.proposal.clone(), self.zones.declined.clone());
        self.view = Some(Rc::new(View { proposal, declined, ..view }));
    }

    /// What is drawn over chips, when it is wanted.
    pub fn overlay(&self) -> Option<Rc<View>> {
        self.view.clone().filter(|view| view.maps_shown || view.proposal.is_some() || view.declined.is_some())
    }

    /// The maps of the current parcel, as far as they are there.
    pub fn view(&self) -> Option<&View> {
        self.view.as_deref()
    }

    /// The window that decided, for the calendar.
    pub fn window(&self) -> Option<Window> {
        let view = self.view.as_ref()?;
        let first = usize::from(view.judged.decision.period?) - 1;
        let periods = &view.maps.periods;
        let last = (first + 2).min(periods.len().checked_sub(1)?);
        Some(Window::of_dates(Some(periods.get(first)?.from), Some(periods[last].to)))
    }
}

/// Draws the pane; returns the response of its header.
pub fn heterogeneity_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut HeterogeneityState, hidden: bool, out: &mut Out) -> Response {
    state.shown = true;
    let params = cx.project.heterogeneity_params();
    let subtitle = words::params(cx, &params);
    let shared = std::cell::RefCell::new((state, out));
    widgets::pane_ui(
        ui,
        cx,
        &cx.t("hetero-title"),
        &subtitle,
        |ui| {
            let (state, out) = &mut *shared.borrow_mut();
            controls_ui(ui, cx, state, &params, out);
        },
        |ui| {
            let (state, out) = &mut *shared.borrow_mut();
            body_ui(ui, cx, state, hidden, out);
        },
    )
}

fn controls_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut HeterogeneityState, params: &HeterogeneityParams, out: &mut Out) {
    ui.spacing_mut().item_spacing.x = 6.0;
    let button = ui.add(Button::new(&cx.t("hetero-parameters")).caret());
    Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| parameters_ui(ui, cx, params, out));
    let button = ui.add(Button::new(&cx.t("hetero-look")).caret());
    Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| look_ui(ui, cx, &mut state.style));
    if ui
        .add(
            Button::new(&cx.t("hetero-overlay"))
                .key(&cx.key(Action::ToggleClusters))
                .on(state.overlay)
                .tip(&cx.t("hetero-overlay-tip")),
        )
        .clicked()
    {
        state.overlay = !state.overlay;
    }
}

/// How maps are drawn.
pub(super) fn look_ui(ui: &mut Ui, cx: &Cx<'_>, style: &mut Style) {
    for (layer, id) in [(Layer::Clusters, "hetero-clusters"), (Layer::Connectivity, "hetero-connectivity")] {
        if ui.radio(style.layer == layer, cx.t(id).as_ref()).clicked() {
            style.layer = layer;
        }
    }
    ui.separator();
    ui.add(Slider::new(&mut style.opacity, 0.0..=1.0).text(cx.t("hetero-opacity").as_ref()));
    ui.checkbox(&mut style.hatch, cx.t("hetero-hatch").as_ref());
    ui.checkbox(&mut style.outlines, cx.t("hetero-outlines").as_ref());
}

fn parameters_ui(ui: &mut Ui, cx: &Cx<'_>, params: &HeterogeneityParams, out: &mut Out) {
    let mut changed = *params;
    ui.label(widgets::strong(cx.t("hetero-preset").as_ref()));
    ui.horizontal(|ui| {
        if ui.add(Button::new(&cx.t("hetero-saxony"))).clicked() {
            words::calibrate(&mut changed, &HeterogeneityParams::saxony());
        }
        if ui.add(Button::new(&cx.t("hetero-greece"))).clicked() {
            words::calibrate(&mut changed, &HeterogeneityParams::greece());
        }
    });
    ui.label(widgets::secondary(cx.tokens, words::calibration(cx, params)));
    ui.separator();
    let own = &mut changed.clusters;
    ui.label(widgets::strong(cx.t("hetero-context").as_ref()));
    if ui.radio(own.context == Shared::Region, cx.tw("hetero-region", &[("n", own.region_parcels.into())])).clicked() {
        own.context = Shared::Region;
    }
    if ui
        .radio(own.context == Shared::Alone, cx.t("hetero-alone").as_ref())
        .on_hover_text(cx.t("hetero-alone-tip").as_ref())
        .clicked()
    {
        own.context = Shared::Alone;
    }
    ui.separator();
    let whole = |ui: &mut Ui, id: &str, value: &mut u8, range: std::ops::RangeInclusive<u8>| {
        // Applied when it is let go: every step clusters again.
        let mut edited = f64::from(*value);
        let slider = ui.add(
            Slider::new(&mut edited, f64::from(*range.start())..=f64::from(*range.end())).step_by(1.0).text(cx.t(id).as_ref()),
        );
        let key = slider.id.with("held");
        if slider.dragged() {
            ui.data_mut(|data| data.insert_temp(key, edited));
        }
        if slider.drag_stopped() || slider.changed() && !slider.dragged() {
            *value = ui.data_mut(|data| data.remove_temp::<f64>(key)).unwrap_or(edited) as u8;
        }
    };
    whole(ui, "hetero-k", &mut own.clusters, 2..=8);
    whole(ui, "hetero-isolated", &mut own.isolated_threshold, 0..=8);
    ui.checkbox(&mut own.standardise, cx.t("hetero-standardise").as_ref());
    ui.separator();
    let rule = &mut changed.markers.rule;
    for (kind, id) in [(DecisionRule::Sum, "hetero-rule-sum"), (DecisionRule::Literal, "hetero-rule-literal")] {
        if ui.radio(*rule == kind, cx.t(id).as_ref()).clicked() {
            *rule = kind;
        }
    }
    ui.checkbox(&mut changed.in_sheets, cx.t("hetero-in-sheets").as_ref());
    if ui.add(Button::new(&cx.t("hetero-defaults"))).clicked() {
        changed = HeterogeneityParams { in_sheets: changed.in_sheets, ..HeterogeneityParams::default() };
    }
    if changed != *params {
        out.push(Command::SetHeterogeneity(Box::new(changed)));
    }
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut HeterogeneityState, hidden: bool, out: &mut Out) {
    if hidden {
        widgets::empty_ui(ui, cx.tokens, &cx.t("hetero-blind"), &cx.t("hetero-blind-why"), None);
        return;
    }
    if let Some(error) = &state.fault {
        return widgets::failed_ui(ui, cx, error, out);
    }
    let Some(view) = state.view.clone() else {
        let id = if state.pending { "hetero-clustering" } else { "hetero-nothing" };
        return widgets::pending_ui(ui, cx.tokens, &cx.t(id));
    };
    if view.maps.periods.is_empty() || view.of(Stream::S2).is_none() {
        widgets::empty_ui(ui, cx.tokens, &cx.t("hetero-no-periods"), &cx.t("hetero-no-periods-why"), None);
        return;
    }
    let mut selected = state.selected;
    let zones = &mut state.zones;
    egui::ScrollArea::vertical().id_salt("heterogeneity").auto_shrink(false).show(ui, |ui| {
        widgets::padded_ui(ui, |ui| {
            strip::decision_ui(ui, cx, &view, out);
            ui.add_space(4.0);
            ui.horizontal_top(|ui| {
                let across = ui.available_width();
                let beside = (across * 0.3).clamp(220.0, 330.0);
                ui.allocate_ui(egui::vec2(across - beside - 12.0, 0.0), |ui| {
                    ui.vertical(|ui| {
                        strip::strip_ui(ui, cx, &view, &mut selected, out);
                        ui.add_space(6.0);
                        zones::zones_ui(ui, cx, zones, out);
                    });
                });
                ui.add_space(4.0);
                ui.vertical(|ui| {
                    ui.set_width(beside);
                    table::table_ui(ui, cx, &view, selected);
                });
            });
        });
    });
    state.selected = selected;
}
