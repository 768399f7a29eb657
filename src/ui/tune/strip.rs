//! Strip at the top of the Tune workspace: which ruleset, compared with which, what can be undone, saving.

use egui::{Align, Layout, RichText, Ui};

use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::icons;
use crate::ui::theme::text;
use crate::ui::widgets::{self, Button};

use super::TuneState;

/// From this width names and buttons stand in one line.
const ONE_LINE: f32 = 1300.0;

/// Height of the strip in a window of a width.
pub fn height(width: f32) -> f32 {
    if width >= ONE_LINE { 40.0 } else { 64.0 }
}

/// Draws the strip.
pub fn strip_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) {
    let rect = ui.available_rect_before_wrap();
    ui.painter().rect_filled(rect, 0.0, cx.tokens.bg1);
    let one_line = rect.width() >= ONE_LINE;
    egui::Frame::NONE.inner_margin(egui::Margin::symmetric(10, if one_line { 8 } else { 6 })).show(ui, |ui| {
        ui.set_width(ui.available_width());
        if one_line {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                buttons_ui(ui, cx, out);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.set_clip_rect(ui.max_rect().intersect(ui.clip_rect()));
                    names_ui(ui, cx, state);
                });
            });
            return;
        }
        ui.horizontal(|ui| names_ui(ui, cx, state));
        ui.horizontal(|ui| ui.with_layout(Layout::right_to_left(Align::Center), |ui| buttons_ui(ui, cx, out)));
    });
}

fn names_ui(ui: &mut Ui, cx: &Cx<'_>, state: &TuneState) {
    let tuning = cx.project.tuning();
    ui.spacing_mut().item_spacing.x = 10.0;
    let (Some(draft), Some(model)) = (tuning.draft(), &state.model) else {
        let id = if tuning.fault().is_some() { "tune-fault" } else { "tune-none" };
        ui.label(RichText::new(&*cx.t(id)).text_style(text::section()));
        return;
    };
    let baseline = tuning.baseline().unwrap_or(draft);
    let named = |own: &str| if own.is_empty() { tuning.baseline_name().to_owned() } else { own.to_owned() };
    let [before, after] = &model.hashes;
    ui.label(RichText::new(named(&baseline.name)).text_style(text::section())).on_hover_text(tuning.baseline_name());
    ui.label(widgets::figure(format!("#{before}")));
    ui.label(widgets::secondary(cx.tokens, cx.t("tune-baseline-word").to_string()));
    ui.label(widgets::secondary(cx.tokens, cx.t("tune-compared-with").to_string()));
    let name = if draft.name == baseline.name {
        cx.t("tune-draft").to_string()
    } else {
        cx.tw("tune-draft-of", &[("name", named(&draft.name).into())])
    };
    ui.label(widgets::strong(name));
    ui.label(widgets::figure(format!("#{after}")));
    if before == after {
        ui.label(widgets::secondary(cx.tokens, cx.t("tune-same").to_string()));
    }
}

/// From the right.
fn buttons_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) {
    let tuning = cx.project.tuning();
    let known = tuning.draft().is_some();
    let mut act = |ui: &mut Ui, enabled: bool, button: Button<'_>, action: Action| {
        if ui.add_enabled(enabled, button).clicked() {
            out.act(action);
        }
    };
    act(ui, known, Button::new(&cx.t("tune-export")).icon(icons::DOWNLOAD).tip(&cx.t("tune-export-hint")), Action::SaveRuleset);
    act(ui, known, Button::new(&cx.t("tune-compare-text")), Action::CompareText);
    act(ui, known, Button::new(&cx.t("tune-compare-with")).caret(), Action::CompareRuleset);
    act(ui, true, Button::new(&cx.t("tune-ruleset")).caret(), Action::ChooseRuleset);
    let [undo, redo] = tuning.history();
    let tip = |id: &str, label: Option<&str>| cx.tw(id, &[("step", label.unwrap_or("–").into())]);
    let (undo_tip, redo_tip) = (tip("tune-undo-tip", undo), tip("tune-redo-tip", redo));
    let key = cx.key(Action::RedoRuleset);
    act(ui, redo.is_some(), Button::new(&cx.t("tune-redo")).icon(icons::REDO).key(&key).tip(&redo_tip), Action::RedoRuleset);
    let key = cx.key(Action::UndoRuleset);
    act(ui, undo.is_some(), Button::new(&cx.t("tune-undo")).icon(icons::UNDO).key(&key).tip(&undo_tip), Action::UndoRuleset);
}
