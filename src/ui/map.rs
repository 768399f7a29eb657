//! Locator map: the parcel, its neighbours coloured by crop, the current chip at its true place.

use egui::Ui;

use super::cx::{Cx, Out};

/// State of a map pane.
#[derive(Debug, Default)]
pub struct MapState {}

/// Draws the pane; returns the response of its header.
pub fn map_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut MapState, out: &mut Out) -> egui::Response {
    let _ = (cx, state, out);
    ui.label("")
}
