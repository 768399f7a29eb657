//! Graphs of signals over time, with peers, masked observations and a shared ruler.

use egui::Ui;

use super::cx::{Cx, Out};

/// State of the graph pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GraphState {
    /// Peer bands are shown.
    pub peers: bool,
    /// Spread around the mean.
    pub spread: crate::engine::graph::Spread,
    /// One line per relative orbit.
    pub split_orbits: bool,
    /// Years overlaid by day of year.
    pub overlay_years: bool,
}

/// Draws the pane; returns the response of its header.
pub fn graph_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut GraphState, out: &mut Out) -> egui::Response {
    let _ = (cx, state, out);
    ui.label("")
}
