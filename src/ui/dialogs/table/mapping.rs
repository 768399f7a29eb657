//! Choosers: column of each role, signal of each name, unit of each signal. Each has the guess filled in.

use egui::Ui;

use super::super::{field_ui, line_name_ui};
use super::{NAMES, SeriesTable, stored_text};
use crate::model::tables::{Role, StoredAs};
use crate::project::Project;
use crate::project::inspect::TablePreview;
use crate::ui::cx::Look;
use crate::ui::widgets;

/// Roles that nearly every table has; the others are folded away.
const MAIN: [Role; 6] = [Role::Id, Role::Time, Role::Signal, Role::Mean, Role::Std, Role::Count];

/// Columns offered in a chooser; wide tables have thousands.
const OFFERED: usize = 60;

/// Draws the choosers; true when something was said.
pub(super) fn mapping_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, state: &mut SeriesTable, found: &TablePreview) -> bool {
    let mut changed = false;
    ui.add_space(8.0);
    widgets::section_ui(ui, &look.t("table-roles"));
    ui.columns(2, |columns| {
        for (number, role) in MAIN.into_iter().enumerate() {
            changed |= role_ui(&mut columns[number % 2], look, state, found, role);
        }
        changed |= layer_ui(&mut columns[0], look, project, state);
    });
    let others = Role::ALL.into_iter().filter(|role| !MAIN.contains(role));
    egui::CollapsingHeader::new(&*look.t("table-more-roles")).id_salt("table-more-roles").show(ui, |ui| {
        ui.columns(2, |columns| {
            for (number, role) in others.enumerate() {
                changed |= role_ui(&mut columns[number % 2], look, state, found, role);
            }
        });
    });
    if !found.names.is_empty() {
        ui.add_space(8.0);
        widgets::section_ui(ui, &look.t("table-signals"));
        ui.label(widgets::secondary(look.tokens, &*look.t("table-signals-hint")));
        ui.columns(2, |columns| {
            for (number, (name, meaning)) in found.names.iter().enumerate() {
                changed |= name_ui(&mut columns[number % 2], look, state, name, meaning);
            }
        });
    }
    if !found.signals.is_empty() {
        ui.add_space(8.0);
        widgets::section_ui(ui, &look.t("table-units"));
        ui.columns(2, |columns| {
            for (number, (signal, stored)) in found.signals.iter().enumerate() {
                changed |= unit_ui(&mut columns[number % 2], look, state, signal, *stored);
            }
        });
    }
    changed
}

/// A chooser with its name beside it; `offer` draws the choices and says whether one was taken.
fn chooser_ui(ui: &mut Ui, label: &str, name: &str, shown: &str, offer: impl FnOnce(&mut Ui) -> bool) -> bool {
    ui.horizontal(|ui| {
        line_name_ui(ui, label, NAMES);
        let response = egui::ComboBox::from_id_salt(name).width(190.0).selected_text(shown).show_ui(ui, offer);
        response.response.ctx.accesskit_node_builder(response.response.id, |node| node.set_label(name));
        response.inner == Some(true)
    })
    .inner
}

fn role_ui(ui: &mut Ui, look: &Look<'_>, state: &mut SeriesTable, found: &TablePreview, role: Role) -> bool {
    let label = look.t(&format!("table-role-{}", role.name())).to_string();
    let name = look.tw("table-column-of", &[("role", label.as_str().into())]);
    let guessed = found.roles.iter().find(|(own, _)| *own == role).map(|(_, column)| column.clone());
    let said = state.source.columns.get(role).map(str::to_owned);
    let none = look.t("new-column-none").to_string();
    let file =
        found.file_id.as_ref().filter(|_| role == Role::Id).map(|id| look.tw("table-from-name", &[("id", id.as_str().into())]));
    let shown = match (&said, &guessed) {
        (Some(said), _) if said.is_empty() => file.clone().unwrap_or_else(|| none.clone()),
        (Some(said), _) => said.clone(),
        (None, Some(guessed)) => guessed.clone(),
        (None, None) => file.clone().unwrap_or_else(|| none.clone()),
    };
    let mut chosen = None;
    let taken = chooser_ui(ui, &label, &name, &shown, |ui| {
        if ui.selectable_label(said.is_none(), look.t("table-automatic").as_ref()).clicked() {
            chosen = Some(None);
        }
        if ui.selectable_label(said.as_deref() == Some(""), file.as_deref().unwrap_or(&none)).clicked() {
            chosen = Some(Some(String::new()));
        }
        for column in found.header.iter().take(OFFERED) {
            if ui.selectable_label(shown == *column, column).clicked() {
                chosen = Some(Some(column.clone()));
            }
        }
        chosen.is_some()
    });
    if let Some(chosen) = chosen {
        state.source.columns.set(role, chosen);
    }
    taken
}

/// Which column of the parcel layer the ids stand in.
fn layer_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, state: &mut SeriesTable) -> bool {
    let Some(data) = project.data() else { return false };
    let label = look.t("table-parcel-column").to_string();
    let own = look.t("table-parcel-column-id").to_string();
    let shown = state.source.parcel_column.clone().unwrap_or_else(|| own.clone());
    let mut chosen = None;
    let taken = chooser_ui(ui, &label, &label, &shown, |ui| {
        if ui.selectable_label(state.source.parcel_column.is_none(), &own).clicked() {
            chosen = Some(None);
        }
        for head in data.parcels.columns() {
            if ui.selectable_label(shown == head.name, &head.name).clicked() {
                chosen = Some(Some(head.name.clone()));
            }
        }
        chosen.is_some()
    });
    if let Some(chosen) = chosen {
        state.source.parcel_column = chosen;
    }
    taken
}

/// What a name in the table is taken for; empty leaves it out.
fn name_ui(ui: &mut Ui, look: &Look<'_>, state: &mut SeriesTable, name: &str, meaning: &str) -> bool {
    ui.horizontal(|ui| {
        line_name_ui(ui, name, NAMES).on_hover_text(name);
        let typed = state.typed.entry(name.to_owned()).or_insert_with(|| meaning.to_owned());
        let label = look.tw("table-signal-of", &[("name", name.into())]);
        let field = field_ui(ui, &label, typed, 190.0);
        let said = field.lost_focus() && typed.trim() != meaning;
        if said {
            state.source.signals.insert(name.to_owned(), typed.trim().to_owned());
        }
        if meaning.is_empty() {
            ui.label(widgets::secondary(look.tokens, &*look.t("table-left-out")));
        }
        said
    })
    .inner
}

fn unit_ui(ui: &mut Ui, look: &Look<'_>, state: &mut SeriesTable, signal: &str, stored: StoredAs) -> bool {
    let name = look.tw("table-unit-of", &[("signal", signal.into())]);
    let mut chosen = None;
    let taken = chooser_ui(ui, signal, &name, &stored_text(look, stored), |ui| {
        for other in StoredAs::ALL {
            if ui.selectable_label(other == stored, stored_text(look, other)).clicked() {
                chosen = Some(other);
            }
        }
        chosen.is_some()
    });
    if let Some(chosen) = chosen {
        state.source.units.insert(signal.to_owned(), chosen);
    }
    taken
}
