//! The key sheet: every action with its keys, by group.

use egui::Ui;

use crate::ui::actions::{ALL, Group};
use crate::ui::cx::Look;
use crate::ui::widgets;

/// Draws the sheet.
pub fn shortcuts_ui(ui: &mut Ui, look: &Look<'_>) {
    ui.label(widgets::secondary(look.tokens, &*look.t("shortcuts-hint")));
    ui.add_space(6.0);
    egui::ScrollArea::vertical().show(ui, |ui| {
        // Parcels and dates share the first column, decisions and views the second: together they are as long as the third.
        ui.columns(3, |columns| {
            for (number, (group, title)) in Group::ALL.into_iter().enumerate() {
                let ui = &mut columns[number / 2];
                group_ui(ui, look, group, title);
                ui.add_space(10.0);
            }
        });
    });
}

fn group_ui(ui: &mut Ui, look: &Look<'_>, group: Group, title: &str) {
    widgets::section_ui(ui, &look.t(title));
    egui::Grid::new(("keys", title)).num_columns(2).spacing([12.0, 5.0]).show(ui, |ui| {
        for entry in ALL.iter().filter(|entry| entry.group == group) {
            let keys: Vec<String> = look.keys.of(entry.action).into_iter().map(crate::ui::keys::Chord::cap).collect();
            if keys.is_empty() {
                continue;
            }
            ui.horizontal(|ui| {
                ui.set_min_width(120.0);
                widgets::keys_ui(ui, look.tokens, &keys);
            });
            ui.label(&*entry.action.label(look.texts));
            ui.end_row();
        }
    });
}
