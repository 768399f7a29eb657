//! Shared widgets in the look of the theme.

use egui::Ui;

use super::cx::Cx;

/// Text with a frame that shows a key, e.g. `M`.
pub fn key_ui(ui: &mut Ui, cx: &Cx<'_>, key: &str) {
    let _ = (ui, cx, key);
}

/// A pane: header with title, secondary text and controls at the right, then the body. Returns the header's response, so that the
/// layout can start a drag with it.
pub fn pane_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    title: &str,
    subtitle: &str,
    controls: impl FnOnce(&mut Ui),
    body: impl FnOnce(&mut Ui),
) -> egui::Response {
    let _ = (cx, subtitle);
    let response = ui.horizontal(|ui| {
        ui.strong(title);
        controls(ui);
    });
    body(ui);
    response.response
}

/// A failed answer in its place: what happened, Retry, Copy details.
pub fn failed_ui(ui: &mut Ui, cx: &Cx<'_>, error: &crate::project::Error, out: &mut super::cx::Out) {
    let _ = cx;
    ui.label(error.to_string());
    if ui.button("Retry").clicked() {
        out.push(crate::project::Command::Retry);
    }
}
