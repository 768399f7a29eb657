//! What the workspace shows while there is nothing to tune, or not yet: no ruleset, a faulty one, features on their way, or why there
//! are none.

use egui::{RichText, Ui};

use crate::project::Command;
use crate::project::tuning::Failure;
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::icons;
use crate::ui::theme::text;
use crate::ui::widgets::{self, Button};

use super::TuneState;

/// True while what is shown is not the answer to the draft as it stands.
pub(super) fn dimmed(cx: &Cx<'_>) -> bool {
    cx.project.marking() || cx.project.tuning().effect().is_none()
}

/// A project without ruleset, or with one that cannot be used.
pub(super) fn no_ruleset_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) {
    let tuning = cx.project.tuning();
    if let Some(fault) = tuning.fault() {
        if widgets::failed_bar_ui(ui, cx.texts, cx.tokens, &cx.t("tune-fault"), fault) {
            out.push(Command::SetRuleset(cx.project.file().ruleset.clone()));
        }
        widgets::padded_ui(ui, |ui| {
            ui.add(egui::Label::new(fault).wrap().selectable(true));
            ui.add_space(4.0);
            ui.label(widgets::secondary(cx.tokens, cx.t("tune-fault-hint").to_string()));
            if ui.add(Button::new(&cx.t("tune-choose-other"))).clicked() {
                out.act(Action::ChooseRuleset);
            }
        });
        return;
    }
    if widgets::empty_ui(ui, cx.tokens, &cx.t("tune-none"), &cx.t("tune-none-hint"), Some(&cx.t("action-choose-ruleset"))) {
        out.act(Action::ChooseRuleset);
    }
}

/// Says where features and verdicts stand; true when there is something to be drawn below.
pub(super) fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) -> bool {
    let tuning = cx.project.tuning();
    let Some(draft) = tuning.draft() else {
        if tuning.fault().is_some() {
            widgets::empty_ui(ui, cx.tokens, &cx.t("tune-fault"), &cx.t("tune-fault-elsewhere"), None);
        } else {
            no_ruleset_ui(ui, cx, out);
        }
        return false;
    };
    if draft.rules.is_none() {
        widgets::empty_ui(ui, cx.tokens, &cx.t("tune-only-detects"), &cx.t("tune-only-detects-hint"), None);
        return false;
    }
    if cx.project.data().is_none() {
        widgets::pending_ui(ui, cx.tokens, &cx.t("status-loading"));
        return false;
    }
    match tuning.failure() {
        Some(Failure::NotStored(text)) => {
            not_stored_ui(ui, cx, state, text, out);
            return false;
        }
        Some(Failure::Cancelled) => {
            let (title, hint) = (cx.t("tune-cancelled"), cx.t("tune-cancelled-hint"));
            if widgets::empty_ui(ui, cx.tokens, &title, &hint, Some(&cx.t("tune-go-on"))) {
                out.push(Command::Mark);
            }
            return false;
        }
        Some(Failure::Other(text)) => {
            failed_ui(ui, cx, text, out);
            return false;
        }
        None => {}
    }
    if let Some(text) = tuning.failed() {
        failed_ui(ui, cx, text, out);
    }
    progress_ui(ui, cx);
    state.effect.is_some()
}

fn failed_ui(ui: &mut Ui, cx: &Cx<'_>, text: &str, out: &mut Out) {
    if widgets::failed_bar_ui(ui, cx.texts, cx.tokens, &cx.t("tune-failed"), text) {
        out.push(Command::Retry);
        out.push(Command::Mark);
    }
    widgets::padded_ui(ui, |ui| ui.add(egui::Label::new(text).wrap().selectable(true)));
}

/// Too many parcels to be read one by one: the store is filled first.
fn not_stored_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, text: &str, out: &mut Out) {
    widgets::padded_ui(ui, |ui| {
        ui.horizontal(|ui| {
            ui.label(RichText::new(icons::DATABASE).text_style(text::icon()).color(cx.tokens.tx2));
            ui.label(widgets::strong(cx.t("tune-not-stored").to_string()));
        });
        if cx.project.updating_population() {
            ui.label(cx.t("population-running").as_ref());
            return;
        }
        ui.add(egui::Label::new(widgets::secondary(cx.tokens, cx.t("tune-not-stored-hint").to_string())).wrap())
            .on_hover_text(text);
        ui.add_space(4.0);
        if ui.add(Button::new(&cx.t("tune-fill-store")).primary()).clicked() {
            out.push(Command::Population);
            state.mark_after_store = true;
        }
    });
}

/// Features being computed: how far, how long, cancel.
fn progress_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let Some((done, all)) = cx.project.tuning().progress() else { return };
    let job = cx.project.jobs().into_iter().find(|job| job.name == "job-marking");
    egui::Frame::NONE.fill(cx.tokens.bg2).inner_margin(egui::Margin::symmetric(10, 4)).show(ui, |ui| {
        ui.horizontal(|ui| {
            let (fine, total) = job.as_ref().map_or((done as u64, all as u64), |job| (job.done, job.total));
            let share = (total > 0).then(|| fine as f32 / total as f32);
            widgets::progress_ui(ui, cx.tokens, &cx.t("job-marking"), share, 120.0);
            ui.label(cx.tw("tune-computing", &[("done", done.into()), ("all", all.into())]));
            if let Some(secs) = job.as_ref().and_then(|job| job.seconds_left) {
                ui.label(widgets::secondary(cx.tokens, cx.tw("seconds-left", &[("seconds", secs.ceil().into())])));
            }
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if ui.add(Button::new(&cx.t("cancel"))).clicked()
                    && let Some(job) = &job
                {
                    job.watch.cancel();
                }
                ui.set_width(ui.available_width());
            });
        });
    });
}
