//! Markers that a server holds of the parcel, as it writes them.

use egui::Ui;

use crate::jobs::Lane;
use crate::model::ParcelIx;
use crate::project::queries::remote::MarkersQuery;
use crate::ui::cx::Cx;
use crate::ui::widgets;

/// Draws the list; nothing without a server or without markers.
pub fn markers_ui(ui: &mut Ui, cx: &Cx<'_>, parcel: ParcelIx) {
    if cx.project.remote_status().is_none() {
        return;
    }
    // A failure is in the bar over the panes.
    let query = MarkersQuery { parcel, revision: cx.project.revision() };
    let Some(markers) = cx.project.get(&query, Lane::Prefetch).ready().filter(|markers| !markers.is_empty()) else { return };
    ui.add_space(8.0);
    ui.label(widgets::strong(cx.t("parcel-server-markers").to_string()));
    egui::Grid::new("server-markers").striped(true).spacing([12.0, 2.0]).show(ui, |ui| {
        for marker in markers.iter() {
            ui.label(&marker.marker);
            ui.label(widgets::figure(format!("{} – {}", marker.start, marker.end)));
            let values: Vec<String> = marker.values.iter().flatten().map(|value| cx.texts.number(*value, 3)).collect();
            ui.label(widgets::figure(values.join("  ")));
            ui.label(widgets::secondary(cx.tokens, &marker.practice));
            ui.end_row();
        }
    });
}
