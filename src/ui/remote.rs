//! How the server of a project is doing: a bar over the panes when something is wrong or nothing is asked, a word in the status bar.

use egui::{RichText, Ui};

use crate::project::remote::{ErrorKind, Status};
use crate::project::{Command, Project};

use super::actions::Action;
use super::app::Wish;
use super::cx::Look;
use super::icons;
use super::theme::text;
use super::widgets::{self, Button};

/// Height of the bar.
const BAR: f32 = 30.0;

/// Draws the bar, if there is anything to say. What is shown stays, with its age in the header strip.
pub fn bar_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, wishes: &mut Vec<Wish>) {
    let Some(status) = project.remote_status() else { return };
    if status.failure.is_none() && !status.offline {
        return;
    }
    let frame = egui::Frame::NONE.fill(if status.offline { look.tokens.bg2 } else { look.tokens.warnbg });
    egui::Panel::top("remote-bar").frame(frame).show_separator_line(false).show(ui, |ui| {
        ui.horizontal(|ui| {
            ui.set_height(BAR);
            ui.add_space(8.0);
            // From the right, so that a long sentence never pushes the ways out from the window.
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.add_space(8.0);
                buttons_ui(ui, look, &status, wishes);
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| said_ui(ui, look, &status));
            });
        });
    });
}

fn buttons_ui(ui: &mut Ui, look: &Look<'_>, status: &Status, wishes: &mut Vec<Wish>) {
    if ui.add(Button::new(&look.t("remote-edit"))).clicked() {
        wishes.push(Wish::Act(Action::Connect));
    }
    if status.offline {
        if ui.add(Button::new(&look.t("remote-online"))).clicked() {
            wishes.push(Wish::Command(Command::WorkOffline(false)));
        }
        return;
    }
    if ui.add(Button::new(&look.t("remote-offline"))).clicked() {
        wishes.push(Wish::Command(Command::WorkOffline(true)));
    }
    if ui.add(Button::new(&look.t("remote-retry")).key(&look.key(Action::Retry))).clicked() {
        wishes.push(Wish::Act(Action::Retry));
    }
}

fn said_ui(ui: &mut Ui, look: &Look<'_>, status: &Status) {
    if status.offline {
        ui.label(RichText::new(icons::INFO).text_style(text::icon()).color(look.tokens.tx2));
        ui.add(egui::Label::new(&*look.t("remote-works-offline")).truncate());
        return;
    }
    let Some(failure) = &status.failure else { return };
    ui.label(RichText::new(icons::WARNING).text_style(text::icon()).color(look.tokens.red));
    let sentence = capitalised(&failure.sentence);
    let repeated =
        matches!(failure.kind, ErrorKind::Unreachable | ErrorKind::Timeout | ErrorKind::Status | ErrorKind::NotUnderstood);
    if repeated && failure.attempts > 1 {
        let args = [("attempt", failure.attempt.into()), ("attempts", failure.attempts.into())];
        ui.label(widgets::secondary(look.tokens, look.tw("remote-attempt", &args)));
    }
    ui.add(egui::Label::new(&sentence).truncate()).on_hover_text(&sentence);
}

/// Requests under way, in the status bar.
pub fn status_ui(ui: &mut Ui, look: &Look<'_>, project: &Project) {
    let Some(status) = project.remote_status() else { return };
    let host = project.remote_host().unwrap_or_default();
    let line = if status.offline {
        look.tw("remote-is-offline", &[("host", host.into())])
    } else if status.running + status.waiting > 0 {
        let args = [("host", host.into()), ("running", status.running.into()), ("waiting", status.waiting.into())];
        look.tw("remote-running", &args)
    } else {
        look.tw("remote-idle", &[("host", host.into())])
    };
    let colour = if status.failure.is_some() && !status.offline {
        look.tokens.red
    } else if status.offline {
        look.tokens.tx2
    } else {
        look.tokens.green
    };
    ui.label(widgets::secondary(look.tokens, line));
    let (dot, _) = ui.allocate_exact_size(egui::vec2(8.0, 8.0), egui::Sense::hover());
    ui.painter().circle_filled(dot.center(), 3.5, colour);
    ui.add_space(6.0);
}

fn capitalised(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
