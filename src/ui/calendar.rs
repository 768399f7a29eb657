//! Calendar of chips: months by half-weeks, every acquisition kept.

use egui::Ui;

use super::cx::{Cx, Out};

/// State of the calendar pane and of the large, compare and play views that belong to it.
#[derive(Debug, Clone, PartialEq)]
pub struct CalendarState {
    /// Mask overlay.
    pub mask: bool,
    /// Parcel outline.
    pub outline: bool,
    /// Edge of a chip, logical pixels.
    pub chip_px: f32,
    /// Large view of the current date is open.
    pub large: bool,
    /// Compare view is open.
    pub compare: bool,
    /// Dates are played.
    pub playing: bool,
    /// The reference is shown instead of the current date while the key is held.
    pub show_reference: bool,
}

impl Default for CalendarState {
    fn default() -> Self {
        Self { mask: true, outline: true, chip_px: 57.0, large: false, compare: false, playing: false, show_reference: false }
    }
}

/// Draws the pane; returns the response of its header.
pub fn calendar_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut CalendarState, out: &mut Out) -> egui::Response {
    let _ = (cx, state, out);
    ui.label("")
}
