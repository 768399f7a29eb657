//! Controls in the pane's header. What does not fit folds into the menu at the right.

use egui::{DragValue, Popup, PopupCloseBehavior, Ui};

use super::metrics::CHIP_RANGE;
use super::{CalendarState, menus};
use crate::model::{Stretch, View};
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::icons;
use crate::ui::widgets::{self, Button};

/// Below these header widths the control folds into the menu.
const CHIP_FROM: f32 = 820.0;
const TOGGLES_FROM: f32 = 640.0;
const STRETCH_FROM: f32 = 420.0;

/// Adds the controls from right to left.
pub(super) fn controls_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut CalendarState, out: &mut Out) {
    let width = ui.available_width();
    ui.spacing_mut().item_spacing.x = 6.0;
    let more = ui.add(Button::icon_only(icons::DOTS, &cx.t("cal-menu")));
    Popup::menu(&more)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| menus::more_menu_ui(ui, cx, state, out, width < TOGGLES_FROM, width < STRETCH_FROM));
    if width >= CHIP_FROM {
        chip_size_ui(ui, cx, state);
        let label = ui.label(widgets::secondary(cx.tokens, cx.t("cal-chip").as_ref()));
        label.on_hover_text(cx.t("cal-chip-tip").as_ref());
    }
    if width >= TOGGLES_FROM {
        if ui.add(Button::new(&cx.t("cal-outline")).key(&cx.key(Action::ToggleOutline)).on(state.outline)).clicked() {
            state.outline = !state.outline;
        }
        if ui
            .add(Button::new(&cx.t("cal-mask")).key(&cx.key(Action::ToggleMask)).on(state.mask).tip(&cx.t("cal-mask-tip")))
            .clicked()
        {
            state.mask = !state.mask;
        }
    }
    if width >= STRETCH_FROM && stretches(cx.project.view()) {
        stretch_button_ui(ui, cx, out);
    }
    view_button_ui(ui, cx, state, out, width >= CHIP_FROM);
}

/// Chip size as a number that can be typed or dragged.
pub(super) fn chip_size_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut CalendarState) {
    let mut edge = state.chip_px.round();
    let field = ui.add(DragValue::new(&mut edge).range(CHIP_RANGE).speed(1.0).suffix(" px"));
    if field.changed() {
        state.chip_px = edge;
    }
    let name = cx.t("cal-chip-tip");
    field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, &name));
    field.on_hover_text(name.as_ref());
}

/// Views whose values are stretched.
pub(super) fn stretches(view: &View) -> bool {
    !matches!(view, View::SceneClass | View::NdviHistogram | View::RedNirScatter)
}

fn view_button_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut CalendarState, out: &mut Out, labelled: bool) {
    let name = menus::view_name(cx, cx.project.view());
    let button = ui.add(Button::new(&name).caret().tip(&cx.t("cal-view-tip")));
    Popup::menu(&button)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| menus::view_menu_ui(ui, cx, state, out));
    if labelled {
        ui.label(widgets::secondary(cx.tokens, cx.t("cal-view").as_ref()));
    }
}

fn stretch_button_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) {
    let name = match &cx.project.file().display.stretch {
        Stretch::Fixed => cx.t("cal-stretch-fixed"),
        Stretch::Dynamic { .. } => cx.t("cal-stretch-dynamic"),
        Stretch::Range(_) => cx.t("cal-stretch-range"),
    };
    let button = ui.add(Button::new(&name).caret().tip(&cx.t("cal-stretch-tip")));
    Popup::menu(&button).close_behavior(PopupCloseBehavior::CloseOnClickOutside).show(|ui| menus::stretch_menu_ui(ui, cx, out));
    ui.label(widgets::secondary(cx.tokens, cx.t("cal-stretch").as_ref()));
}
