//! About this program.

use egui::Ui;

use crate::ui::cx::Look;
use crate::ui::widgets;

/// Draws the dialog.
pub fn about_ui(ui: &mut Ui, look: &Look<'_>) {
    ui.label(widgets::strong(format!("Parcelight {}", env!("CARGO_PKG_VERSION"))));
    ui.label(&*look.t("start-subtitle"));
    ui.add_space(8.0);
    for id in ["about-licence", "about-fonts", "about-data"] {
        ui.label(widgets::secondary(look.tokens, &*look.t(id)));
    }
}
