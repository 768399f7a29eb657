//! Adds a graph: any index, band or radar signal that the project's images can give.

use egui::Ui;

use crate::model::tables::sensor_of_variable;
use crate::model::view::Polarisation;
use crate::model::{Band, Catalog, Sensor, Signal};
use crate::project::Command;
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::widgets;

use super::model::short_name;

/// Signals that acquisitions of a catalogue can give, in groups: message id and signals.
pub fn offers(catalog: &Catalog, indices: &[String], tables: &[String]) -> Vec<(&'static str, Vec<Signal>)> {
    let mut bands: Vec<_> = Vec::new();
    for acquisition in catalog.acquisitions.iter().filter(|acquisition| acquisition.sensor == Sensor::S2) {
        bands.extend(acquisition.band_names());
        bands.sort();
        bands.dedup();
    }
    // Of a date that only tables know they say which bands there are.
    bands.extend(tables.iter().filter(|name| name.starts_with('B')).filter_map(|name| Band::parse(name)));
    bands.sort();
    bands.dedup();
    let own: Vec<Signal> = tables
        .iter()
        .filter(|name| sensor_of_variable(name) == Sensor::S2 && Band::parse(name).is_none())
        .filter(|name| bands.is_empty() || !indices.contains(name))
        .map(|name| Signal::Index(name.clone()))
        .collect();
    let mut groups = Vec::new();
    if !own.is_empty() {
        groups.push(("graph-group-tables", own));
    }
    if !bands.is_empty() {
        groups.push(("graph-group-indices", indices.iter().map(|name| Signal::Index(name.clone())).collect()));
        groups.push(("graph-group-bands", bands.into_iter().map(Signal::Band).collect()));
    }
    if catalog.count(Sensor::S1Backscatter) > 0 {
        let signals =
            vec![Signal::BackscatterDb(Polarisation::Vv), Signal::BackscatterDb(Polarisation::Vh), Signal::BackscatterRatioDb];
        groups.push(("graph-group-backscatter", signals));
    }
    if catalog.count(Sensor::S1Coherence) > 0 {
        groups.push(("graph-group-coherence", vec![Signal::Coherence(Polarisation::Vv), Signal::Coherence(Polarisation::Vh)]));
    }
    groups
}

/// Adds a signal: Shift puts it into the last graph, otherwise it gets its own. A signal that is already alone in a graph stays.
pub fn added(graphs: &[Vec<Signal>], signal: &Signal, into_last: bool) -> Vec<Vec<Signal>> {
    let alone = graphs.iter().any(|graph| graph.as_slice() == std::slice::from_ref(signal));
    let mut graphs = graphs.to_vec();
    match graphs.last_mut() {
        Some(last) if into_last => {
            if !last.contains(signal) {
                last.push(signal.clone());
            }
        }
        _ if alone => {}
        _ => graphs.push(vec![signal.clone()]),
    }
    graphs
}

/// Content of the menu behind "+".
pub fn chooser_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) {
    let Some(dataset) = cx.project.dataset().ready() else {
        ui.label(cx.t("graph-loading").as_ref());
        return;
    };
    ui.set_min_width(280.0);
    ui.set_max_width(320.0);
    // Menus justify what they hold, which would stretch the words of a wrapped sentence.
    ui.with_layout(egui::Layout::top_down(egui::Align::Min), |ui| {
        ui.label(widgets::secondary(cx.tokens, cx.t("graph-add-hint").to_string()));
    });
    let graphs = &cx.project.file().display.graphs;
    let tables: Vec<String> = dataset.tables.iter().flat_map(|tables| tables.variables()).map(str::to_owned).collect();
    for (group, signals) in offers(&dataset.catalog, &cx.project.indices().names(), &tables) {
        ui.add_space(4.0);
        ui.label(widgets::strong(cx.t(group).to_string()));
        ui.horizontal_wrapped(|ui| {
            for signal in signals {
                let shown = graphs.iter().flatten().any(|own| *own == signal);
                let tip = match &signal {
                    Signal::Index(name) => cx.project.indices().text(name).unwrap_or_default(),
                    _ => signal.name(),
                };
                if ui.selectable_label(shown, short_name(&signal)).on_hover_text(tip).clicked() {
                    let into_last = ui.input(|input| input.modifiers.shift);
                    out.push(Command::SetGraphs(added(graphs, &signal, into_last)));
                    ui.close();
                }
            }
        });
    }
    ui.separator();
    if ui.button(cx.t("graph-own-indices").as_ref()).clicked() {
        out.act(Action::EditIndices);
        ui.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_gets_its_own_graph_or_joins_the_last_and_never_doubles() {
        let ndvi = Signal::Index("NDVI".to_owned());
        let vv = Signal::Coherence(Polarisation::Vv);
        let graphs = vec![vec![ndvi.clone()]];
        assert_eq!(added(&graphs, &vv, false), [vec![ndvi.clone()], vec![vv.clone()]]);
        assert_eq!(added(&graphs, &vv, true), [vec![ndvi.clone(), vv.clone()]]);
        assert_eq!(added(&graphs, &ndvi, false), graphs);
        assert_eq!(added(&graphs, &ndvi, true), graphs);
        assert_eq!(added(&[], &ndvi, true), graphs, "without a graph there is none to join");
    }

    #[test]
    fn nothing_is_offered_that_no_image_can_give() {
        assert!(offers(&Catalog::default(), &["NDVI".to_owned()], &[]).is_empty());
    }

    #[test]
    fn what_tables_hold_is_offered_once() {
        let names = |tables: &[&str]| -> Vec<(&'static str, Vec<String>)> {
            let tables: Vec<String> = tables.iter().map(|&name| name.to_owned()).collect();
            let offered = offers(&Catalog::default(), &["NDVI".to_owned()], &tables);
            offered.into_iter().map(|(group, signals)| (group, signals.iter().map(Signal::name).collect())).collect()
        };
        let list = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        assert_eq!(names(&["NDVI", "LAI", "VV"]), [("graph-group-tables", list(&["NDVI", "LAI"]))]);
        let groups = names(&["NDVI", "LAI", "B08"]);
        assert_eq!(groups[0], ("graph-group-tables", list(&["LAI"])));
        assert_eq!(groups[1..], [("graph-group-indices", list(&["NDVI"])), ("graph-group-bands", list(&["B08"]))]);
    }
}
