//! New project: parcels, images, place. Files are looked into at once, and what was found is shown before anything starts.

mod found;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::Ui;

use super::{field_ui, line_name_ui};
use crate::project::inspect::{FoundParcels, Inspection, propose};
use crate::project::query::{Fetch, Wake};
use crate::ui::app::{Purpose, Wish};
use crate::ui::cx::Look;
use crate::ui::icons;
use crate::ui::widgets::{self, Button};

/// State of the dialog.
#[derive(Default)]
pub struct NewProject {
    name: String,
    parcels_path: String,
    parcels: Option<Inspection>,
    layer: usize,
    columns: Option<Columns>,
    imagery_path: String,
    imagery: Vec<PathBuf>,
    scan: Option<Inspection>,
    save_path: String,
    save_typed: bool,
    focused: bool,
    /// The folder field takes the focus next: parcels or a folder were just entered.
    to_folder: bool,
}

/// Chosen columns of the chosen layer; an empty crop column means none.
#[derive(Debug, Clone, Default)]
struct Columns {
    layer: usize,
    id: String,
    crop_code: String,
    crop_name: String,
}

impl NewProject {
    /// Takes a path that was chosen, dropped or typed.
    pub fn use_path(&mut self, purpose: &Purpose, path: &Path, wake: &Wake) {
        match purpose {
            Purpose::Parcels => {
                self.parcels_path = path.display().to_string();
                self.parcels = Some(Inspection::parcels(path.to_path_buf(), Arc::clone(wake)));
                self.layer = 0;
                self.columns = None;
                if !self.save_typed {
                    self.save_path = suggested_place(path).display().to_string();
                }
                if self.name.is_empty() {
                    self.name = stem(path);
                }
            }
            Purpose::Imagery => {
                if !self.imagery.iter().any(|own| own == path) {
                    self.imagery.push(path.to_path_buf());
                }
                self.imagery_path.clear();
                self.rescan(wake);
            }
            Purpose::NewProject => {
                self.save_path = path.display().to_string();
                self.save_typed = true;
            }
            Purpose::Open
            | Purpose::SaveAs
            | Purpose::Locate(_)
            | Purpose::Picture
            | Purpose::SeriesTable
            | Purpose::SeriesFolder
            | Purpose::Ruleset
            | Purpose::Baseline
            | Purpose::SaveRuleset
            | Purpose::Labels
            | Purpose::Photos
            | Purpose::Journal
            | Purpose::Decisions
            | Purpose::Sheet
            | Purpose::Zones
            | Purpose::Pack(_) => {}
        }
    }

    fn rescan(&mut self, wake: &Wake) {
        self.scan = (!self.imagery.is_empty()).then(|| Inspection::imagery(self.imagery.clone(), Arc::clone(wake)));
    }

    fn found(&self) -> Option<Fetch<FoundParcels>> {
        self.parcels.as_ref().map(Inspection::found_parcels)
    }
}

fn stem(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().split('.').next().unwrap_or_default().to_owned()).unwrap_or_default()
}

/// A project file beside the parcels.
fn suggested_place(parcels: &Path) -> PathBuf {
    parcels.with_file_name(format!("{}.parcelight.toml", stem(parcels)))
}

/// Draws the dialog.
pub fn new_project_ui(ui: &mut Ui, look: &Look<'_>, state: &mut NewProject, wishes: &mut Vec<Wish>) {
    let height = ui.ctx().content_rect().height() - 190.0;
    egui::ScrollArea::vertical().max_height(height).auto_shrink([false, true]).show(ui, |ui| {
        widgets::section_ui(ui, &look.t("new-parcels"));
        let first = path_line_ui(ui, look, "new-parcels-path", &mut state.parcels_path, Purpose::Parcels, wishes);
        if !std::mem::replace(&mut state.focused, true) {
            first.request_focus();
        }
        state.to_folder |= entered(ui, &first);
        parcels_ui(ui, look, state);
        ui.add_space(10.0);
        widgets::section_ui(ui, &look.t("new-imagery"));
        imagery_ui(ui, look, state, wishes);
        ui.add_space(10.0);
        widgets::section_ui(ui, &look.t("new-place"));
        ui.horizontal(|ui| {
            let name = look.t("new-name");
            line_name_ui(ui, &name, 90.0);
            field_ui(ui, &name, &mut state.name, 280.0);
        });
        let before = state.save_path.clone();
        drop(path_line_ui(ui, look, "new-save-path", &mut state.save_path, Purpose::NewProject, wishes));
        state.save_typed |= state.save_path != before;
    });
    ui.separator();
    create_ui(ui, look, state, wishes);
}

/// True when Enter ended a field.
fn entered(ui: &Ui, field: &egui::Response) -> bool {
    field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter))
}

/// A path field with *Browse…*; Enter uses what is typed.
fn path_line_ui(
    ui: &mut Ui,
    look: &Look<'_>,
    id: &str,
    value: &mut String,
    purpose: Purpose,
    wishes: &mut Vec<Wish>,
) -> egui::Response {
    ui.horizontal(|ui| {
        let name = look.t(id);
        line_name_ui(ui, &name, 90.0);
        let field = field_ui(ui, &name, value, ui.available_width() - 120.0);
        let left = field.lost_focus() && !ui.input(|input| input.key_pressed(egui::Key::Escape));
        if left && !value.trim().is_empty() && purpose != Purpose::NewProject {
            wishes.push(Wish::Use(purpose.clone(), PathBuf::from(value.trim())));
        }
        let browse = look.tw("browse-for", &[("what", name.into())]);
        if ui.add(Button::new(&look.t("browse")).icon(icons::FOLDER).tip(&browse)).clicked() {
            wishes.push(Wish::Browse(purpose));
        }
        field
    })
    .inner
}

fn parcels_ui(ui: &mut Ui, look: &Look<'_>, state: &mut NewProject) {
    let found = match state.found() {
        None => {
            ui.label(widgets::secondary(look.tokens, &*look.t("new-parcels-hint")));
            return;
        }
        Some(Fetch::Pending) => {
            ui.label(widgets::secondary(look.tokens, &*look.t("new-parcels-reading")));
            return;
        }
        Some(Fetch::Failed(error)) => {
            ui.colored_label(look.tokens.red, error.to_string());
            return;
        }
        Some(Fetch::Ready(found)) => found,
    };
    let Some(layer) = found.layers.get(state.layer).or_else(|| found.layers.first()) else {
        ui.colored_label(look.tokens.red, &*look.t("new-no-layer"));
        return;
    };
    if found.layers.len() > 1 {
        ui.horizontal(|ui| {
            ui.label(&*look.t("new-layer"));
            egui::ComboBox::from_id_salt("layer").selected_text(&layer.name).show_ui(ui, |ui| {
                for (number, other) in found.layers.iter().enumerate() {
                    ui.selectable_value(&mut state.layer, number, format!("{} ({})", other.name, other.features));
                }
            });
        });
    }
    let crs = layer.crs.as_ref().map_or_else(|| look.t("new-no-crs").to_string(), crate::ui::status::crs_name);
    ui.label(look.tw("new-layer-contents", &[("count", layer.features.into()), ("crs", crs.into())]));
    columns_ui(ui, look, &found, state);
}

fn columns_ui(ui: &mut Ui, look: &Look<'_>, found: &FoundParcels, state: &mut NewProject) {
    let number = state.layer;
    let Some(layer) = found.layers.get(number).or_else(|| found.layers.first()) else { return };
    let columns = state.columns.get_or_insert_with(Columns::default);
    if columns.layer != number || columns.id.is_empty() {
        let guessed = |guess: &Option<String>| guess.clone().unwrap_or_default();
        *columns = Columns {
            layer: number,
            id: guessed(&layer.guessed_id),
            crop_code: guessed(&layer.guessed_crop_code),
            crop_name: guessed(&layer.guessed_crop_name),
        };
    }
    egui::Grid::new("columns").num_columns(3).spacing([12.0, 4.0]).show(ui, |ui| {
        for (id, chosen, optional) in [
            ("new-column-id", &mut columns.id, false),
            ("new-column-code", &mut columns.crop_code, true),
            ("new-column-name", &mut columns.crop_name, true),
        ] {
            let name = look.t(id);
            ui.label(&*name);
            let none = look.t("new-column-none");
            let shown = if chosen.is_empty() { &none } else { chosen.as_str() };
            let response = egui::ComboBox::from_id_salt(id).width(180.0).selected_text(shown).show_ui(ui, |ui| {
                if optional {
                    ui.selectable_value(chosen, String::new(), &*none);
                }
                for column in &layer.columns {
                    let samples = column.samples.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
                    ui.selectable_value(chosen, column.name.clone(), format!("{}  {samples}", column.name));
                }
            });
            response.response.ctx.accesskit_node_builder(response.response.id, |node| node.set_label(&*name));
            let samples = layer.columns.iter().find(|column| column.name == *chosen).map(|column| column.samples.join(", "));
            ui.add(egui::Label::new(widgets::figure(samples.unwrap_or_default()).color(look.tokens.tx2)).truncate());
            ui.end_row();
        }
    });
}

fn imagery_ui(ui: &mut Ui, look: &Look<'_>, state: &mut NewProject, wishes: &mut Vec<Wish>) {
    let field = path_line_ui(ui, look, "new-imagery-path", &mut state.imagery_path, Purpose::Imagery, wishes);
    if std::mem::take(&mut state.to_folder) || entered(ui, &field) {
        field.request_focus();
    }
    let mut removed = None;
    for (number, folder) in state.imagery.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.label(icons::FOLDER);
            ui.add(egui::Label::new(folder.display().to_string()).truncate());
            let name = look.tw("new-imagery-remove", &[("path", folder.display().to_string().into())]);
            if ui.add(Button::icon_only(icons::CLOSE, &name)).clicked() {
                removed = Some(number);
            }
        });
    }
    if let Some(number) = removed {
        state.imagery.remove(number);
        let repaint = ui.ctx().clone();
        let wake: Wake = Arc::new(move || repaint.request_repaint());
        state.rescan(&wake);
    }
    match &state.scan {
        Some(scan) => found::scan_ui(ui, look, scan, state.imagery.first().map(PathBuf::as_path)),
        None => drop(ui.label(widgets::secondary(look.tokens, &*look.t("new-imagery-hint")))),
    }
}

fn create_ui(ui: &mut Ui, look: &Look<'_>, state: &NewProject, wishes: &mut Vec<Wish>) {
    let found = state.found().and_then(Fetch::ready).filter(|found| !found.layers.is_empty());
    let scanned = state.scan.as_ref().and_then(|scan| scan.found_imagery().ready());
    let place = state.save_path.trim();
    let reason = if found.is_none() {
        "new-needs-parcels"
    } else if place.is_empty() {
        "new-needs-place"
    } else if state.scan.is_some() && scanned.is_none() {
        "new-needs-scan"
    } else {
        ""
    };
    ui.horizontal(|ui| {
        let usable = reason.is_empty();
        let name = look.t("new-create");
        let button = Button::new(&name).primary().large();
        if ui.add_enabled(usable, button).clicked()
            && let Some(found) = &found
        {
            let path = with_ending(place);
            let mut file = propose(&path, found, state.layer, &state.imagery);
            if !state.name.trim().is_empty() {
                state.name.trim().clone_into(&mut file.name);
            }
            if let Some(columns) = &state.columns {
                file.parcels.id = (!columns.id.is_empty()).then(|| columns.id.clone());
                file.parcels.crop_code = Some(columns.crop_code.clone());
                file.parcels.crop_name = Some(columns.crop_name.clone());
            }
            wishes.push(Wish::Create(Box::new(file), path));
        }
        if !usable {
            ui.label(widgets::secondary(look.tokens, &*look.t(reason)));
        } else if scanned.is_none_or(|catalog| catalog.acquisitions.is_empty()) {
            ui.label(widgets::secondary(look.tokens, &*look.t("new-without-images")));
        }
    });
}

/// The ending that says what the file is.
pub(super) fn with_ending(place: &str) -> PathBuf {
    let named = Path::new(place).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("toml"));
    if named { PathBuf::from(place) } else { PathBuf::from(format!("{place}.parcelight.toml")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_suggested_beside_its_parcels() {
        assert_eq!(suggested_place(Path::new("/data/flanders.gpkg.zip")), Path::new("/data/flanders.parcelight.toml"));
        assert_eq!(with_ending("/data/a"), Path::new("/data/a.parcelight.toml"));
        assert_eq!(with_ending("/data/a.toml"), Path::new("/data/a.toml"));
    }
}
