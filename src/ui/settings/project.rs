//! The project's settings. Every change is a command at once; the project file changes with *Save*.

use egui::{DragValue, Ui};

use super::{hint_ui, line_ui};
use crate::model::project_file::Background;
use crate::model::settings::{PeerSettings, PeerSource};
use crate::model::{MaskSet, PixelRule};
use crate::project::{Command, Project};
use crate::ui::cx::{Look, Out};
use crate::ui::dialogs::field_ui;
use crate::ui::icons;
use crate::ui::widgets::{self, Button};

/// Mask, pixel rule, buffer, usable share, gap.
pub fn observations_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, out: &mut Out) {
    let mut wanted = project.file().observations.clone();
    ui.label(widgets::strong(&*look.t("settings-mask")));
    hint_ui(ui, look, "settings-mask-hint");
    egui::Grid::new("mask").num_columns(2).spacing([16.0, 2.0]).show(ui, |ui| {
        for class in 0..12u8 {
            let mut excluded = wanted.mask.excludes(class);
            let name = format!("{class} {}", look.t(&format!("cal-scl-{class}")));
            if ui.checkbox(&mut excluded, name).changed() {
                wanted.mask = MaskSet(wanted.mask.0 ^ (1 << class));
            }
            if class % 2 == 1 {
                ui.end_row();
            }
        }
    });
    ui.add_space(6.0);
    line_ui(ui, look, "settings-pixels", |ui| {
        let names = [look.t("pixels-centre"), look.t("pixels-coverage")];
        let current = usize::from(wanted.pixels == PixelRule::Coverage);
        match widgets::segmented_ui(ui, &[(&names[0], ""), (&names[1], "")], Some(current)) {
            Some(0) => wanted.pixels = PixelRule::Centre,
            Some(_) => wanted.pixels = PixelRule::Coverage,
            None => {}
        }
        ui.label("")
    });
    line_ui(ui, look, "settings-buffer", |ui| {
        ui.add(DragValue::new(&mut wanted.buffer_m).range(-100.0..=100.0).speed(0.5).suffix(" m").update_while_editing(false))
    });
    let mut share = wanted.min_usable_share * 100.0;
    line_ui(ui, look, "settings-usable", |ui| {
        ui.add(
            DragValue::new(&mut share).range(0.0..=100.0).speed(1.0).fixed_decimals(0).suffix(" %").update_while_editing(false),
        )
    });
    wanted.min_usable_share = share / 100.0;
    let mut gap_days = project.file().display.max_gap_days;
    line_ui(ui, look, "settings-gap", |ui| {
        ui.add(DragValue::new(&mut gap_days).range(1..=366).suffix(" d").update_while_editing(false))
    });
    if wanted != project.file().observations {
        out.push(Command::SetObservations(wanted));
    }
    if gap_days != project.file().display.max_gap_days {
        out.push(Command::SetMaxGap(gap_days));
    }
}

/// Who peers are.
pub fn peers_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, out: &mut Out) {
    let mut wanted = project.file().peers.clone();
    hint_ui(ui, look, "settings-peers-hint");
    let whole = wanted.source == PeerSource::Population;
    line_ui(ui, look, "settings-peers-source", |ui| {
        let names = [look.t("settings-peers-nearest"), look.t("settings-peers-population")];
        match widgets::segmented_ui(ui, &[(&names[0], ""), (&names[1], "")], Some(usize::from(whole))) {
            Some(0) => wanted.source = PeerSource::Nearest,
            Some(_) => wanted.source = PeerSource::Population,
            None => {}
        }
        ui.label("")
    });
    if whole {
        hint_ui(ui, look, "settings-peers-population-hint");
    }
    line_ui(ui, look, "settings-peers-region", |ui| region_ui(ui, look, project, &mut wanted.region));
    if whole {
        area_ui(ui, look, &mut wanted);
    } else {
        nearest_ui(ui, look, &mut wanted);
    }
    if !wanted.excluded.is_empty() {
        ui.label(look.tw("settings-peers-excluded", &[("count", wanted.excluded.len().into())]));
        if ui.add(Button::new(&look.t("settings-peers-take-back"))).clicked() {
            wanted.excluded.clear();
        }
    }
    if wanted != project.file().peers {
        out.push(Command::SetPeers(wanted));
    }
}

/// Chooser of the column that tells regions apart.
fn region_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, region: &mut Option<String>) -> egui::Response {
    let everywhere = look.t("settings-peers-everywhere");
    let shown = region.clone().unwrap_or_else(|| everywhere.to_string());
    let list = egui::ComboBox::from_id_salt("peers-region").selected_text(shown).width(200.0);
    list.show_ui(ui, |ui| {
        ui.selectable_value(region, None, &*everywhere);
        for column in project.data().into_iter().flat_map(|data| data.parcels.columns()) {
            ui.selectable_value(region, Some(column.name.clone()), &column.name);
        }
    })
    .response
}

fn area_ui(ui: &mut Ui, look: &Look<'_>, wanted: &mut PeerSettings) {
    line_ui(ui, look, "settings-peers-area", |ui| {
        ui.add(DragValue::new(&mut wanted.min_area_ha).range(0.0..=100.0).speed(0.05).suffix(" ha").update_while_editing(false))
    });
}

/// How near and how many.
fn nearest_ui(ui: &mut Ui, look: &Look<'_>, wanted: &mut PeerSettings) {
    let mut limited = wanted.distance_m.is_some();
    let all = look.t("settings-peers-near");
    ui.checkbox(&mut limited, &*all);
    let mut kilometres = wanted.distance_m.unwrap_or(5000.0) / 1000.0;
    ui.add_enabled_ui(limited, |ui| {
        line_ui(ui, look, "settings-peers-distance", |ui| {
            ui.add(DragValue::new(&mut kilometres).range(0.1..=500.0).speed(0.1).suffix(" km").update_while_editing(false))
        });
    });
    wanted.distance_m = limited.then_some(kilometres * 1000.0);
    line_ui(ui, look, "settings-peers-max", |ui| {
        ui.add(DragValue::new(&mut wanted.max).range(2..=5000).update_while_editing(false))
    });
    area_ui(ui, look, wanted);
}

/// What is assumed about reflectance where nothing says it.
pub fn radiometry_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, out: &mut Out) {
    let mut wanted = project.file().radiometry.clone();
    hint_ui(ui, look, "settings-radiometry-hint");
    let assumed = crate::ui::start::assumed_offsets(project);
    ui.label(look.tw("settings-radiometry-count", &[("count", assumed.into())]));
    ui.add_space(6.0);
    line_ui(ui, look, "settings-offset", |ui| {
        let names = [look.t("offset-none"), look.t("offset-1000")];
        let current = usize::from(wanted.assumed_boa_offset_dn < -500.0);
        match widgets::segmented_ui(ui, &[(&names[0], ""), (&names[1], "")], Some(current)) {
            Some(0) => (wanted.assumed_boa_offset_dn, wanted.confirmed) = (0.0, true),
            Some(_) => (wanted.assumed_boa_offset_dn, wanted.confirmed) = (-1000.0, true),
            None => {}
        }
        ui.label("")
    });
    line_ui(ui, look, "settings-quantification", |ui| {
        let field = DragValue::new(&mut wanted.assumed_quantification).range(1.0..=1e6).fixed_decimals(0);
        ui.add(field.update_while_editing(false))
    });
    let confirmed = look.t("settings-confirmed");
    ui.checkbox(&mut wanted.confirmed, &*confirmed);
    if wanted != project.file().radiometry {
        out.push(Command::SetRadiometry(wanted));
    }
}

/// Map backgrounds: none unless added here.
pub fn backgrounds_ui(ui: &mut Ui, look: &Look<'_>, project: &Project, draft: &mut Option<Background>, out: &mut Out) {
    hint_ui(ui, look, "settings-backgrounds-hint");
    let mut wanted = project.file().backgrounds.clone();
    let mut removed = None;
    for (number, background) in wanted.iter().enumerate() {
        ui.horizontal(|ui| {
            ui.label(widgets::strong(&background.name));
            ui.add(egui::Label::new(widgets::secondary(look.tokens, &background.url)).truncate());
            let name = look.tw("background-remove", &[("name", (&background.name).into())]);
            if ui.add(Button::icon_only(icons::TRASH, &name)).clicked() {
                removed = Some(number);
            }
        });
    }
    if let Some(number) = removed {
        wanted.remove(number);
    }
    ui.separator();
    let new = draft.get_or_insert_with(|| Background { name: String::new(), url: String::new(), attribution: String::new() });
    for (id, value) in
        [("background-name", &mut new.name), ("background-url", &mut new.url), ("background-attribution", &mut new.attribution)]
    {
        let name = look.t(id);
        ui.label(&*name);
        field_ui(ui, &name, value, ui.available_width());
    }
    let usable = is_background(&new.url) && !new.name.trim().is_empty() && !new.attribution.trim().is_empty();
    let add = ui.add_enabled(usable, Button::new(&look.t("background-add")).icon(icons::PLUS).tip(&look.t("background-needs")));
    if add.clicked()
        && let Some(background) = draft.take()
    {
        wanted.push(background);
    }
    if wanted != project.file().backgrounds {
        out.push(Command::SetBackgrounds(wanted));
    }
}

/// An address of tiles or of a WMS.
fn is_background(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    let tiles = ["{z}", "{x}", "{y}"].iter().all(|part| url.contains(part));
    web && (tiles || url.to_ascii_uppercase().contains("LAYERS="))
}

#[cfg(test)]
mod tests {
    use super::is_background;

    #[test]
    fn backgrounds_are_tiles_or_a_wms_with_layers() {
        assert!(is_background("https://tile.example.org/{z}/{x}/{y}.png"));
        assert!(is_background("https://geo.example.org/wms?layers=ortho"));
        assert!(!is_background("https://tile.example.org/{z}/{x}.png"));
        assert!(!is_background("file:///{z}/{x}/{y}.png"));
    }
}
