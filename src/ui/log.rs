//! Log: what happened in this sitting, newest last, to be copied into a report.

use egui::Ui;

use super::app::Wish;
use super::dialogs::Around;
use super::icons;
use super::widgets::{self, Button};
use crate::project::Project;

/// Draws the log of the project and of the window.
pub fn log_ui(ui: &mut Ui, around: &Around<'_>, wishes: &mut Vec<Wish>) {
    let look = &around.look;
    let lines = around.project.map(Project::log).unwrap_or_default();
    ui.horizontal(|ui| {
        ui.label(look.tw("log-lines", &[("count", (lines.len() + around.notes.len()).into())]));
        if let Some(project) = around.project {
            let megabytes = look.texts.number(project.cache_bytes() as f64 / 1e6, 0);
            ui.label(widgets::secondary(look.tokens, look.tw("log-memory", &[("megabytes", megabytes.into())])));
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if ui.add(Button::new(&look.t("copy")).icon(icons::COPY)).clicked() {
                let all: Vec<String> =
                    around.notes.iter().cloned().chain(lines.iter().map(|line| format!("{} {}", line.time, line.text))).collect();
                wishes.push(Wish::Copy(all.join("\n")));
            }
        });
    });
    ui.separator();
    egui::ScrollArea::vertical().max_height(480.0).auto_shrink([false, true]).stick_to_bottom(true).show(ui, |ui| {
        for note in around.notes {
            ui.add(egui::Label::new(note).wrap());
        }
        for line in lines {
            ui.horizontal_wrapped(|ui| {
                ui.label(widgets::figure(line.time.strftime("%H:%M:%S UTC").to_string()).color(look.tokens.tx2));
                let colour = if line.failed { look.tokens.red } else { look.tokens.tx };
                ui.add(egui::Label::new(egui::RichText::new(&line.text).color(colour)).wrap());
            });
        }
        if lines.is_empty() && around.notes.is_empty() {
            ui.label(widgets::secondary(look.tokens, &*look.t("log-empty")));
        }
    });
}
