//! A path for opening, saving or locating something: typed, or chosen with the system's dialog where there is one.

use std::path::PathBuf;

use egui::Ui;

use super::field_ui;
use crate::ui::app::{Purpose, Wish};
use crate::ui::cx::Look;
use crate::ui::icons;
use crate::ui::widgets::Button;

/// State of the dialog.
#[derive(Debug, Clone)]
pub struct PathDialog {
    /// What the path is for.
    pub purpose: Purpose,
    /// As typed.
    pub path: String,
    /// Why the last try failed.
    pub error: Option<String>,
    /// Width of the picture in pixels, as typed; `None` where none is asked for.
    pub width: Option<String>,
    focused: bool,
}

impl PathDialog {
    /// A dialog that starts with a path.
    pub fn new(purpose: Purpose, path: String) -> Self {
        Self { purpose, path, error: None, width: None, focused: false }
    }

    /// The same that asks for a width too, in pixels.
    #[must_use]
    pub fn with_width(self, width_px: u32) -> Self {
        Self { width: Some(width_px.to_string()), ..self }
    }

    /// The same after a failed try.
    #[must_use]
    pub fn failed(self, error: String) -> Self {
        Self { error: Some(error), ..self }
    }
}

/// Message id of the title.
pub fn title(purpose: &Purpose) -> &'static str {
    crate::ui::app::purpose_title(purpose)
}

/// Draws the dialog.
pub fn path_ui(ui: &mut Ui, look: &Look<'_>, state: &mut PathDialog, wishes: &mut Vec<Wish>) {
    ui.label(&*look.t("path-hint"));
    ui.horizontal(|ui| {
        let browse = look.t("browse");
        let field = field_ui(ui, &look.t("path"), &mut state.path, ui.available_width() - 110.0);
        if !std::mem::replace(&mut state.focused, true) {
            field.request_focus();
        }
        if ui.add(Button::new(&browse).icon(icons::FOLDER)).clicked() {
            wishes.push(Wish::Browse(state.purpose.clone()));
        }
    });
    if let Some(width) = &mut state.width {
        ui.horizontal(|ui| {
            let name = look.t("picture-width");
            super::line_name_ui(ui, &name, 150.0);
            field_ui(ui, &name, width, 90.0).on_hover_text(look.t("picture-width-hint").as_ref());
        });
    }
    if let Some(error) = &state.error {
        ui.colored_label(look.tokens.red, error);
    }
    let entered = ui.input(|input| input.key_pressed(egui::Key::Enter));
    let usable = !state.path.trim().is_empty();
    let name = look.t(match state.purpose {
        Purpose::SaveAs
        | Purpose::Picture
        | Purpose::SaveRuleset
        | Purpose::Journal
        | Purpose::Decisions
        | Purpose::Sheet
        | Purpose::Zones => "save",
        Purpose::Pack(_) => "pack",
        _ => "open",
    });
    if (ui.add_enabled(usable, Button::new(&name).primary()).clicked() || entered) && usable {
        wishes.push(Wish::Use(state.purpose.clone(), PathBuf::from(state.path.trim())));
    }
}
