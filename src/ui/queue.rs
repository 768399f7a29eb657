//! The queue: a virtual list of parcels with filter, order and small graphs.

use egui::Ui;

use super::cx::{Cx, Out};

/// State of the queue pane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct QueueState {
    /// Set to move the keyboard focus into the filter field in the next frame.
    pub focus_filter: bool,
}

/// Draws the pane; returns the response of its header.
pub fn queue_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut QueueState, out: &mut Out) -> egui::Response {
    let _ = (cx, state, out);
    ui.label("")
}
