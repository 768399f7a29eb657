//! How much of the machine background work may take.

use egui::{DragValue, Ui};

use super::{hint_ui, line_ui};
use crate::ui::app::Wish;
use crate::ui::dialogs::Around;

/// Draws the page.
pub fn work_ui(ui: &mut Ui, around: &Around<'_>, wishes: &mut Vec<Wish>) {
    let look = around.look;
    let mut wanted = around.preferences.clone();
    line_ui(ui, &look, "settings-reviewer", |ui| {
        let system = crate::store::session::system_user();
        ui.add(egui::TextEdit::singleline(&mut wanted.reviewer).hint_text(system).desired_width(220.0))
    });
    hint_ui(ui, &look, "settings-reviewer-hint");
    let two_key = look.t("settings-two-key");
    ui.checkbox(&mut wanted.two_key, &*two_key);
    ui.add_space(8.0);
    let mut limited = wanted.threads.is_some();
    let name = look.t("settings-threads-limited");
    ui.checkbox(&mut limited, &*name);
    let mut threads = wanted.threads();
    ui.add_enabled_ui(limited, |ui| {
        line_ui(ui, &look, "settings-threads", |ui| {
            ui.add(DragValue::new(&mut threads).range(1..=256).speed(0.1).update_while_editing(false))
        });
    });
    wanted.threads = limited.then_some(threads);
    hint_ui(ui, &look, "settings-threads-hint");
    line_ui(ui, &look, "settings-memory", |ui| {
        ui.add(DragValue::new(&mut wanted.memory_mb).range(64..=1_048_576).speed(16.0).suffix(" MB").update_while_editing(false))
    });
    hint_ui(ui, &look, "settings-memory-hint");
    if wanted != *around.preferences {
        wishes.push(Wish::Prefer(Box::new(wanted)));
    }
}
