//! Add series table: what the file is, its first rows, which column plays which role, units, and how many ids match.

mod mapping;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Ui;

use super::{Around, field_ui, line_name_ui};
use crate::model::report::{Problem, Severity};
use crate::model::tables::{StoredAs, TableReport};
use crate::model::{Parcels, TableSource};
use crate::project::inspect::{Inspection, TablePreview};
use crate::project::query::{Fetch, Wake};
use crate::project::{Command, Project};
use crate::ui::app::{Purpose, Wish};
use crate::ui::cx::Look;
use crate::ui::dialogs::report::problems_ui;
use crate::ui::icons;
use crate::ui::status::iso_day;
use crate::ui::widgets::{self, Button};

/// Width of the names of lines.
const NAMES: f32 = 150.0;

/// Columns of the first rows that are drawn; the rest is told by number.
const DRAWN: usize = 16;

/// State of the dialog.
#[derive(Default)]
pub struct SeriesTable {
    path: String,
    /// What is said of the table so far.
    source: TableSource,
    look: Option<Inspection>,
    /// The last preview that could be made, shown until the next one is there.
    shown: Option<Arc<TablePreview>>,
    /// Signals as typed, until they are said.
    typed: std::collections::BTreeMap<String, String>,
    focused: bool,
}

impl SeriesTable {
    /// A dialog that looks at a path.
    pub fn of(path: &Path, project: &Project, wake: &Wake) -> Self {
        let mut state = Self::default();
        state.use_path(path, project, wake);
        state
    }

    /// Takes a path that was chosen, dropped or typed.
    pub fn use_path(&mut self, path: &Path, project: &Project, wake: &Wake) {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.path = path.display().to_string();
        if self.source.path != path {
            self.source = TableSource { path, ..TableSource::default() };
            self.shown = None;
            self.typed.clear();
        }
        self.look_again(project, wake);
    }

    /// Looks at the table under what is said of it now.
    fn look_again(&mut self, project: &Project, wake: &Wake) {
        let Some(data) = project.data() else { return };
        let parcels: Arc<Parcels> = Arc::clone(&data.parcels);
        self.look = Some(Inspection::table(self.source.clone(), parcels, project.indices().names(), Arc::clone(wake)));
    }
}

/// Draws the dialog.
pub fn table_ui(ui: &mut Ui, around: &Around<'_>, state: &mut SeriesTable, wishes: &mut Vec<Wish>) {
    let look = around.look;
    let Some(project) = around.project else { return };
    if project.data().is_none() {
        widgets::pending_ui(ui, look.tokens, &look.t("status-loading"));
        return;
    }
    let repaint = ui.ctx().clone();
    let wake: Wake = Arc::new(move || repaint.request_repaint());
    let height = ui.ctx().content_rect().height() - 200.0;
    egui::ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        path_ui(ui, &look, state, wishes);
        let preview = state.look.as_ref().map(Inspection::found_table);
        match preview {
            None => drop(ui.label(widgets::secondary(look.tokens, &*look.t("table-hint")))),
            Some(Fetch::Pending) if state.shown.is_none() => {
                ui.label(widgets::secondary(look.tokens, &*look.t("table-reading")));
            }
            Some(Fetch::Failed(error)) => drop(ui.colored_label(look.tokens.red, error.to_string())),
            Some(Fetch::Ready(found)) => state.shown = Some(found),
            Some(Fetch::Pending) => {}
        }
        if let Some(found) = state.shown.clone() {
            found_ui(ui, &look, &found);
            if mapping::mapping_ui(ui, &look, project, state, &found) {
                state.look_again(project, &wake);
            }
            counted_ui(ui, &look, state);
        }
        own_ui(ui, &look, project, wishes);
    });
    ui.separator();
    add_ui(ui, &look, state, wishes);
}

fn path_ui(ui: &mut Ui, look: &Look<'_>, state: &mut SeriesTable, wishes: &mut Vec<Wish>) {
    ui.horizontal(|ui| {
        let name = look.t("table-path");
        line_name_ui(ui, &name, NAMES);
        let field = field_ui(ui, &name, &mut state.path, ui.available_width() - 230.0);
        if !std::mem::replace(&mut state.focused, true) && state.path.is_empty() {
            field.request_focus();
        }
        let left = field.lost_focus() && !ui.input(|input| input.key_pressed(egui::Key::Escape));
        let path = PathBuf::from(state.path.trim());
        if left && !state.path.trim().is_empty() && state.source.path != path {
            wishes.push(Wish::Use(Purpose::SeriesTable, path));
        }
        if ui.add(Button::new(&look.t("table-browse-file")).icon(icons::FOLDER)).clicked() {
            wishes.push(Wish::Browse(Purpose::SeriesTable));
        }
        if ui.add(Button::new(&look.t("table-browse-folder")).icon(icons::FOLDER)).clicked() {
            wishes.push(Wish::Browse(Purpose::SeriesFolder));
        }
    });
}

/// What it is, and its first rows.
fn found_ui(ui: &mut Ui, look: &Look<'_>, found: &TablePreview) {
    ui.add_space(8.0);
    ui.horizontal_wrapped(|ui| {
        ui.label(widgets::strong(if found.format.is_empty() {
            look.t("table-unknown").to_string()
        } else {
            found.format.clone()
        }));
        if found.files > 1 {
            ui.label(widgets::secondary(look.tokens, look.tw("table-files", &[("n", found.files.into())])));
        }
    });
    if let Some(fault) = &found.fault {
        ui.colored_label(look.tokens.red, fault);
    }
    egui::ScrollArea::horizontal().id_salt("table-rows").show(ui, |ui| {
        egui::Grid::new("table-preview").spacing([14.0, 2.0]).show(ui, |ui| {
            for name in found.header.iter().take(DRAWN) {
                let role = found.roles.iter().find(|(_, column)| column == name).map(|(role, _)| *role);
                ui.vertical(|ui| {
                    ui.add(egui::Label::new(widgets::strong(name.as_str())).extend());
                    let role = role.map(|role| look.t(&format!("table-role-{}", role.name())).to_string()).unwrap_or_default();
                    ui.add(
                        egui::Label::new(egui::RichText::new(role).text_style(egui::TextStyle::Small).color(look.tokens.ac))
                            .extend(),
                    );
                });
            }
            ui.end_row();
            for row in &found.rows {
                for cell in row.iter().take(DRAWN) {
                    let short: String = cell.chars().take(24).collect();
                    ui.label(widgets::figure(short).color(look.tokens.tx2));
                }
                ui.end_row();
            }
        });
    });
    if found.header.len() > DRAWN {
        ui.label(widgets::secondary(look.tokens, look.tw("table-more-columns", &[("n", (found.header.len() - DRAWN).into())])));
    }
}

/// What reading the whole of it gives.
fn counted_ui(ui: &mut Ui, look: &Look<'_>, state: &SeriesTable) {
    ui.add_space(8.0);
    widgets::section_ui(ui, &look.t("table-result"));
    let Some(inspection) = &state.look else { return };
    match inspection.table_report() {
        Fetch::Pending => {
            let (done, total) = inspection.watch().progress();
            let share = (total > 1).then(|| done as f32 / total as f32);
            ui.horizontal(|ui| {
                ui.label(widgets::secondary(look.tokens, &*look.t("table-counting")));
                widgets::progress_ui(ui, look.tokens, &look.t("job-tables"), share, 160.0);
            });
            ui.ctx().request_repaint_after(std::time::Duration::from_millis(100));
        }
        Fetch::Failed(error) => drop(ui.colored_label(look.tokens.red, error.to_string())),
        Fetch::Ready(report) => report_ui(ui, look, &report),
    }
}

fn report_ui(ui: &mut Ui, look: &Look<'_>, report: &TableReport) {
    let number = |value: u64| look.texts.number(value as f64, 0);
    let mut line =
        look.tw("table-counted", &[("n", number(report.observations).into()), ("parcels", number(report.parcels as u64).into())]);
    if let (Some(from), Some(to)) = (report.from, report.to) {
        line = format!("{line}, {} – {}", iso_day(from), iso_day(to));
    }
    ui.label(widgets::strong(line));
    if report.unknown_ids > 0 {
        let few = report.unknown.join(", ");
        ui.label(look.tw("table-unknown-ids", &[("n", number(report.unknown_ids).into()), ("few", few.into())]));
    } else if report.observations > 0 {
        ui.label(widgets::secondary(look.tokens, &*look.t("table-all-ids")));
    }
    for note in &report.notes {
        ui.add(egui::Label::new(widgets::secondary(look.tokens, note.as_str())).wrap());
    }
    // Unknown ids are told above.
    let problems: Vec<&Problem> = report.problems.iter().filter(|problem| problem.severity != Severity::Note).collect();
    if !problems.is_empty() {
        ui.add_space(4.0);
        problems_ui(ui, look, &problems, report.path.parent(), 120.0);
    }
}

/// Tables that the project has already.
fn own_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, wishes: &mut Vec<Wish>) {
    if project.file().tables.is_empty() {
        return;
    }
    ui.add_space(8.0);
    widgets::section_ui(ui, &look.t("table-own"));
    let reports = project.data().and_then(|data| data.tables.as_ref()).map(|tables| tables.reports()).unwrap_or_default();
    for (number, table) in project.file().tables.iter().enumerate() {
        ui.horizontal(|ui| {
            let path = table.path.display().to_string();
            let name = look.tw("table-remove", &[("path", path.as_str().into())]);
            if ui.add(Button::icon_only(icons::CLOSE, &name)).clicked() {
                wishes.push(Wish::Command(Command::RemoveTable(number)));
            }
            ui.label(widgets::figure(path));
            if let Some(report) = reports.iter().find(|report| report.path == table.path) {
                let count = look.texts.number(report.observations as f64, 0);
                let told = look.tw("table-counted", &[("n", count.into()), ("parcels", report.parcels.into())]);
                ui.label(widgets::secondary(look.tokens, told));
            }
        });
    }
}

fn add_ui(ui: &mut Ui, look: &Look<'_>, state: &SeriesTable, wishes: &mut Vec<Wish>) {
    let usable = state.shown.as_ref().is_some_and(|found| found.fault.is_none())
        && state.look.as_ref().is_some_and(|inspection| !matches!(inspection.found_table(), Fetch::Failed(_)));
    let nothing = state
        .look
        .as_ref()
        .and_then(|inspection| inspection.table_report().ready())
        .is_some_and(|report| report.observations == 0);
    ui.horizontal(|ui| {
        let add = ui.add_enabled(usable && !nothing, Button::new(&look.t("table-add")).primary().large());
        if add.clicked() {
            wishes.push(Wish::Command(Command::AddTable(Box::new(state.source.clone()))));
            wishes.push(Wish::Close);
        }
        if nothing {
            ui.label(widgets::secondary(look.tokens, &*look.t("table-nothing")));
        } else if usable {
            ui.label(widgets::secondary(look.tokens, &*look.t("table-add-hint")));
        }
    });
}

/// Text of a way to store values.
fn stored_text(look: &Look<'_>, stored: StoredAs) -> String {
    look.t(match stored {
        StoredAs::Physical => "table-unit-physical",
        StoredAs::Percent => "table-unit-percent",
        StoredAs::X1000 => "table-unit-x1000",
        StoredAs::X10000 => "table-unit-x10000",
        StoredAs::Decibel => "table-unit-decibel",
    })
    .to_string()
}
