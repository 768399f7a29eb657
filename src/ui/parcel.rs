//! Facts of the current parcel and its peers: attributes, import problems, products of the current date, peers with exclude.

use egui::Ui;

use super::cx::{Cx, Out};

/// State of the parcel pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParcelState {}

/// Draws the pane; returns the response of its header.
pub fn parcel_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ParcelState, out: &mut Out) -> egui::Response {
    let _ = (cx, state, out);
    ui.label("")
}
