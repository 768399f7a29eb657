//! Dialog for the project's own indices: a name and an expression over band names, checked while typing.

use egui::{RichText, TextEdit, Ui};

use crate::engine::indices::{Formula, SHIPPED};
use crate::model::project_file::OwnIndex;
use crate::model::{Catalog, Sensor};
use crate::project::Command;

use super::cx::{Cx, Out};
use super::icons;
use super::theme::text;
use super::widgets::{self, Button};

/// State of the dialog.
#[derive(Debug, Clone, PartialEq)]
pub struct IndicesState {
    /// The dialog is open.
    pub open: bool,
    name: String,
    expression: String,
    low: f64,
    high: f64,
}

impl Default for IndicesState {
    fn default() -> Self {
        Self { open: false, name: String::new(), expression: String::new(), low: -1.0, high: 1.0 }
    }
}

/// What is wrong with an entry, field by field; nothing is said about fields that are still empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Check {
    /// Message id of the name's fault.
    pub name: Option<&'static str>,
    /// Fault of the expression.
    pub expression: Option<String>,
    /// Message id of the range's fault.
    pub range: Option<&'static str>,
    /// Bands that the expression uses.
    pub bands: Vec<String>,
    /// Everything is there and right.
    pub complete: bool,
}

/// Checks an entry.
pub fn check(name: &str, expression: &str, range: (f64, f64)) -> Check {
    let name = name.trim();
    let mut check = Check::default();
    if SHIPPED.iter().any(|index| index.name.eq_ignore_ascii_case(name)) {
        check.name = Some("indices-name-taken");
    } else if !name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
        check.name = Some("indices-name-sign");
    }
    if !(range.0 < range.1 && range.0.is_finite() && range.1.is_finite()) {
        check.range = Some("indices-range-wrong");
    }
    let mut usable = false;
    if !expression.trim().is_empty() {
        match Formula::compile(expression) {
            Ok(formula) => {
                check.bands = formula.bands().iter().map(ToString::to_string).collect();
                usable = true;
            }
            Err(error) => check.expression = Some(error.to_string()),
        }
    }
    check.complete = usable && !name.is_empty() && check.name.is_none() && check.range.is_none();
    check
}

/// Names of all Sentinel-2 bands of a catalogue.
pub fn bands_of(catalog: &Catalog) -> Vec<String> {
    let mut bands: Vec<String> = Vec::new();
    for acquisition in catalog.acquisitions.iter().filter(|acquisition| acquisition.sensor == Sensor::S2) {
        bands.extend(acquisition.band_names().iter().map(ToString::to_string));
        bands.sort();
        bands.dedup();
    }
    bands
}

/// Draws the dialog while it is open. `Esc` or a click outside closes it.
pub fn indices_ui(ui: &Ui, cx: &Cx<'_>, state: &mut IndicesState, out: &mut Out) {
    if !state.open {
        return;
    }
    let modal = egui::Modal::new(egui::Id::unique("indices-dialog")).show(ui.ctx(), |ui| {
        egui::Frame::NONE.inner_margin(12.0).show(ui, |ui| dialog_ui(ui, cx, state, out));
    });
    if modal.should_close() {
        state.open = false;
    }
}

fn dialog_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut IndicesState, out: &mut Out) {
    ui.set_width(520.0);
    widgets::section_ui(ui, &cx.t("indices-title"));
    ui.label(widgets::secondary(cx.tokens, cx.t("indices-intro").to_string()));
    ui.add_space(8.0);
    entry_ui(ui, cx, state, out);
    ui.add_space(8.0);
    list_ui(ui, cx, state, out);
    ui.add_space(8.0);
    if ui.add(Button::new(&cx.t("indices-close")).key("Esc")).clicked() {
        ui.close();
    }
}

fn field_ui(ui: &mut Ui, text: &mut String, name: &str, hint: &str, width: f32) {
    let response = ui.add(TextEdit::singleline(text).hint_text(hint).desired_width(width));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name));
}

fn entry_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut IndicesState, out: &mut Out) {
    let check = check(&state.name, &state.expression, (state.low, state.high));
    egui::Grid::new("indices-entry").num_columns(2).spacing(egui::vec2(12.0, 6.0)).show(ui, |ui| {
        ui.label(cx.t("indices-name").as_ref());
        field_ui(ui, &mut state.name, &cx.t("indices-name"), "", 180.0);
        ui.end_row();
        ui.label(cx.t("indices-expression").as_ref());
        field_ui(ui, &mut state.expression, &cx.t("indices-expression"), &cx.t("indices-expression-hint"), 380.0);
        ui.end_row();
        ui.label(cx.t("indices-range").as_ref());
        ui.horizontal(|ui| {
            for (value, id) in [(&mut state.low, "indices-range"), (&mut state.high, "indices-range-to")] {
                let response = ui.add(egui::DragValue::new(value).speed(0.01).max_decimals(3));
                let name = cx.t(id);
                ui.ctx().accesskit_node_builder(response.id, |node| node.set_label(name.as_ref()));
                if id == "indices-range" {
                    ui.label(cx.t("indices-range-to").as_ref());
                }
            }
        });
        ui.end_row();
    });
    let taken = check.name.map(|id| cx.tw(id, &[("name", state.name.trim().into())]));
    let range = check.range.map(|id| cx.t(id).to_string());
    for fault in [taken, check.expression.clone(), range].into_iter().flatten() {
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(icons::WARNING).text_style(text::icon()).color(cx.tokens.red));
            ui.colored_label(cx.tokens.red, fault);
        });
    }
    if !check.bands.is_empty() {
        ui.label(widgets::secondary(cx.tokens, cx.tw("indices-uses", &[("bands", check.bands.join(", ").into())])));
    }
    if let Some(dataset) = cx.project.dataset().ready() {
        let bands = bands_of(&dataset.catalog).join(", ");
        ui.label(widgets::secondary(cx.tokens, cx.tw("indices-bands", &[("bands", bands.into())])));
    }
    let replaces = cx.project.file().indices.iter().any(|index| index.name.eq_ignore_ascii_case(state.name.trim()));
    let label = cx.t(if replaces { "indices-replace" } else { "indices-add" });
    ui.add_enabled_ui(check.complete, |ui| {
        if ui.add(Button::new(&label).primary()).clicked() {
            let index = OwnIndex {
                name: state.name.trim().to_owned(),
                expression: state.expression.trim().to_owned(),
                range: (state.low, state.high),
            };
            out.push(Command::SetIndex(index));
            *state = IndicesState { open: true, ..IndicesState::default() };
        }
    });
}

fn list_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut IndicesState, out: &mut Out) {
    let own = &cx.project.file().indices;
    egui::ScrollArea::vertical().max_height(260.0).auto_shrink([false, true]).show(ui, |ui| {
        if own.is_empty() {
            ui.label(widgets::secondary(cx.tokens, cx.t("indices-none").to_string()));
        }
        for index in own {
            ui.horizontal(|ui| {
                let remove = cx.tw("indices-remove", &[("name", index.name.as_str().into())]);
                if ui.add(Button::icon_only(icons::TRASH, &remove)).clicked() {
                    out.push(Command::RemoveIndex(index.name.clone()));
                }
                let edit = cx.tw("indices-edit", &[("name", index.name.as_str().into())]);
                if ui.add(Button::icon_only(icons::PENCIL, &edit)).clicked() {
                    (state.name, state.expression) = (index.name.clone(), index.expression.clone());
                    (state.low, state.high) = index.range;
                }
                ui.label(widgets::strong(index.name.as_str()));
                ui.label(widgets::figure(index.expression.as_str()));
                if let Some((_, fault)) = cx.project.index_faults().iter().find(|(name, _)| *name == index.name) {
                    ui.colored_label(cx.tokens.red, fault);
                }
            });
        }
        ui.collapsing(cx.t("indices-shipped").as_ref(), |ui| {
            egui::Grid::new("indices-shipped").num_columns(2).striped(true).show(ui, |ui| {
                for index in SHIPPED {
                    ui.label(widgets::strong(index.name)).on_hover_text(index.source);
                    ui.label(widgets::figure(index.formula)).on_hover_text(index.source);
                    ui.end_row();
                }
            });
        });
    });
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn an_entry_is_complete_when_name_expression_and_range_are_right() {
        let good = check("MYBSI", "(B11 - B04) / (B11 + B04)", (-1.0, 1.0));
        assert!(good.complete, "{good:?}");
        assert_eq!(good.bands, ["B04", "B11"]);
        assert!(!check("", "B11 - B04", (-1.0, 1.0)).complete, "a name is needed");
        assert_eq!(check("", "", (-1.0, 1.0)).name, None, "an empty field is not yet a fault");
    }

    #[test]
    fn faults_are_told_field_by_field() {
        assert_eq!(check("ndvi", "B08", (0.0, 1.0)).name, Some("indices-name-taken"));
        assert_eq!(check("my index", "B08", (0.0, 1.0)).name, Some("indices-name-sign"));
        assert_eq!(check("X", "B08", (1.0, 1.0)).range, Some("indices-range-wrong"));
        assert!(check("X", "(B08 - ", (0.0, 1.0)).expression.is_some());
        let unknown = check("X", "B99 + B04", (0.0, 1.0));
        assert!(unknown.expression.is_some_and(|fault| fault.contains("B99")) && !unknown.complete);
    }
}
