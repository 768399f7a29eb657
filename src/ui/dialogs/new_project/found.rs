//! What a scan found: per sensor how many, when, which bands; and every file that needs attention.

use std::collections::BTreeSet;

use egui::Ui;

use crate::model::report::Problem;
use crate::model::{Catalog, Sensor};
use crate::project::inspect::Inspection;
use crate::project::query::Fetch;
use crate::ui::cx::Look;
use crate::ui::dialogs::report::problems_ui;
use crate::ui::status::iso_day;
use crate::ui::widgets::{self, Button};

/// One line of the table.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    sensor: Sensor,
    count: usize,
    first: String,
    last: String,
    bands: String,
    synthetic: usize,
}

fn rows(catalog: &Catalog) -> Vec<Row> {
    [Sensor::S2, Sensor::S1Backscatter, Sensor::S1Coherence]
        .into_iter()
        .filter_map(|sensor| {
            let own: Vec<_> = catalog.acquisitions.iter().filter(|acquisition| acquisition.sensor == sensor).collect();
            let (first, last) = (own.first()?, own.last()?);
            let bands: BTreeSet<String> =
                own.iter().flat_map(|acquisition| acquisition.band_names()).map(|band| band.to_string()).collect();
            Some(Row {
                sensor,
                count: own.len(),
                first: iso_day(first.acquired),
                last: iso_day(last.acquired),
                bands: bands.into_iter().collect::<Vec<_>>().join(" "),
                synthetic: own.iter().filter(|acquisition| acquisition.synthetic()).count(),
            })
        })
        .collect()
}

/// Message id of a sensor's name.
pub fn sensor_id(sensor: Sensor) -> &'static str {
    match sensor {
        Sensor::S2 => "sensor-s2",
        Sensor::S1Backscatter => "sensor-s1-backscatter",
        Sensor::S1Coherence => "sensor-s1-coherence",
    }
}

/// Draws progress, then the result.
pub fn scan_ui(ui: &mut Ui, look: &Look<'_>, scan: &Inspection) {
    match scan.found_imagery() {
        Fetch::Pending => {
            let (done, total) = scan.watch().progress();
            let share = (total > 0).then(|| done as f32 / total as f32);
            ui.horizontal(|ui| {
                ui.label(look.tw("new-scanning", &[("done", done.into())]));
                widgets::progress_ui(ui, look.tokens, &look.t("job-scan"), share, 160.0);
                if !scan.watch().cancelled() && ui.add(Button::new(&look.t("cancel"))).clicked() {
                    scan.watch().cancel();
                }
            });
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
        }
        Fetch::Failed(error) => drop(ui.colored_label(look.tokens.red, error.to_string())),
        Fetch::Ready(catalog) => catalog_ui(ui, look, &catalog),
    }
}

fn catalog_ui(ui: &mut Ui, look: &Look<'_>, catalog: &Catalog) {
    let rows = rows(catalog);
    if rows.is_empty() {
        ui.label(widgets::strong(&*look.t("new-nothing-found")));
    }
    egui::Grid::new("found").num_columns(4).spacing([18.0, 4.0]).striped(false).show(ui, |ui| {
        for row in &rows {
            ui.label(widgets::strong(&*look.t(sensor_id(row.sensor))));
            ui.label(look.tw("new-acquisitions", &[("count", row.count.into())]));
            ui.label(widgets::figure(format!("{} – {}", row.first, row.last)));
            let mut bands = row.bands.clone();
            if row.synthetic > 0 {
                bands = format!("{bands}  ({})", look.t("synthetic"));
            }
            ui.add(egui::Label::new(widgets::figure(bands).color(look.tokens.tx2)).truncate());
            ui.end_row();
        }
    });
    if !catalog.problems.is_empty() {
        ui.add_space(6.0);
        ui.label(widgets::strong(look.tw("new-problems", &[("count", catalog.problems.len().into())])));
        let problems: Vec<&Problem> = catalog.problems.iter().collect();
        problems_ui(ui, look, &problems, None, 170.0);
    }
}
