//! Theme, language, scale and motion.

use egui::Ui;

use super::{hint_ui, line_ui};
use crate::store::session::{Preferences, ThemeChoice};
use crate::text::Texts;
use crate::ui::app::Wish;
use crate::ui::dialogs::Around;
use crate::ui::widgets;

/// Draws the page.
pub fn appearance_ui(ui: &mut Ui, around: &Around<'_>, wishes: &mut Vec<Wish>) {
    let look = around.look;
    let mut wanted: Preferences = around.preferences.clone();
    line_ui(ui, &look, "settings-theme", |ui| {
        let names = [look.t("theme-system"), look.t("theme-dark"), look.t("theme-light")];
        let themes = [ThemeChoice::System, ThemeChoice::Dark, ThemeChoice::Light];
        let current = themes.iter().position(|theme| *theme == wanted.theme);
        let options: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "")).collect();
        if let Some(chosen) = widgets::segmented_ui(ui, &options, current) {
            wanted.theme = themes[chosen];
        }
        ui.label("")
    });
    line_ui(ui, &look, "settings-language", |ui| {
        let system = look.t("language-system");
        let shown = wanted.language.clone().unwrap_or_else(|| system.to_string());
        egui::ComboBox::from_id_salt("language")
            .selected_text(shown)
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut wanted.language, None, &*system);
                for language in Texts::languages() {
                    ui.selectable_value(&mut wanted.language, Some((*language).to_owned()), *language);
                }
            })
            .response
    });
    line_ui(ui, &look, "settings-scale", |ui| {
        let field =
            egui::DragValue::new(&mut wanted.scale_percent).range(75..=250).suffix(" %").speed(1.0).update_while_editing(false);
        ui.add(field)
    });
    hint_ui(ui, &look, "settings-scale-hint");
    let motion = look.t("settings-motion");
    ui.checkbox(&mut wanted.reduce_motion, &*motion);
    if wanted != *around.preferences {
        wishes.push(Wish::Prefer(Box::new(wanted)));
    }
}
