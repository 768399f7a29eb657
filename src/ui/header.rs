//! Header strip: position, id, declared crop, area, problems.

use egui::Ui;

use super::cx::{Cx, Out};

/// State of the header strip.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HeaderState {}

/// Draws the pane; returns the response of its header.
pub fn header_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut HeaderState, out: &mut Out) -> egui::Response {
    let _ = (cx, state, out);
    ui.label("")
}
