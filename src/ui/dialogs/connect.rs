//! Connection to a server: of the open project, or of a project to be made.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::{TextEdit, Ui};

use super::{Around, field_ui, line_name_ui};
use crate::model::ProjectFile;
use crate::model::project_file::{Display, FORMAT_VERSION, ParcelSource, Radiometry, RemoteSource};
use crate::model::settings::{ObservationSettings, PeerSettings};
use crate::project::query::Wake;
use crate::project::remote::{AreaInfo, Probe, Secret};
use crate::project::{Command, Fetch, Project};
use crate::ui::app::Wish;
use crate::ui::cx::Look;
use crate::ui::widgets::{self, Button};

/// Width of the names of lines.
const NAMES: f32 = 110.0;

/// State of the dialog.
pub struct Connect {
    /// As it will be used; a project that is open gives it.
    source: RemoteSource,
    password: String,
    remember: bool,
    certificate: String,
    ids: String,
    save_path: String,
    probe: Option<Probe>,
    focused: bool,
}

impl Connect {
    /// With the connection of the open project, if it has one.
    pub fn of(project: Option<&Project>) -> Self {
        let source = project.and_then(|project| project.file().remote.clone()).unwrap_or_else(RemoteSource::empty);
        let absolute = |path: &PathBuf| match project {
            Some(project) => crate::project::load::resolve(project.path(), path),
            None => path.clone(),
        };
        Self {
            certificate: source.certificates.first().map(|path| absolute(path).display().to_string()).unwrap_or_default(),
            ids: source.parcel_ids.join("\n"),
            source,
            password: String::new(),
            remember: true,
            save_path: String::new(),
            probe: None,
            focused: false,
        }
    }

    /// What the fields say.
    fn source(&self) -> RemoteSource {
        let trimmed = |text: &str| text.trim().to_owned();
        let certificate = self.certificate.trim();
        RemoteSource {
            url: trimmed(&self.source.url).trim_end_matches('/').to_owned(),
            user: trimmed(&self.source.user),
            aoi: trimmed(&self.source.aoi),
            year: trimmed(&self.source.year),
            ptype: trimmed(&self.source.ptype),
            certificates: if certificate.is_empty() { Vec::new() } else { vec![PathBuf::from(certificate)] },
            parcel_ids: ids(&self.ids),
            offline: false,
            ..self.source.clone()
        }
    }

    fn secret(&self) -> Option<Secret> {
        (!self.password.is_empty()).then(|| Secret::new(self.password.clone()))
    }
}

/// Ids as typed or pasted: between spaces, commas, semicolons or lines.
pub(super) fn ids(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for id in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).filter(|id| !id.is_empty()) {
        if !found.iter().any(|own| own == id) {
            found.push(id.to_owned());
        }
    }
    found
}

/// Draws the dialog.
pub fn connect_ui(ui: &mut Ui, around: &Around<'_>, state: &mut Connect, wishes: &mut Vec<Wish>) {
    let look = around.look;
    ui.label(widgets::secondary(look.tokens, look.t("connect-hint").to_string()));
    ui.add_space(6.0);
    fields_ui(ui, &look, state);
    let layered = around.project.is_some_and(|project| !project.file().parcels.is_empty());
    if layered {
        ui.label(widgets::secondary(look.tokens, look.t("connect-layer").to_string()));
    } else {
        ui.horizontal_top(|ui| {
            let name = look.t("connect-ids");
            line_name_ui(ui, &name, NAMES);
            let hint = look.t("connect-ids-hint");
            let edit =
                TextEdit::multiline(&mut state.ids).desired_rows(3).desired_width(ui.available_width() - 12.0).hint_text(&*hint);
            let field = egui::ScrollArea::vertical().max_height(96.0).show(ui, |ui| ui.add(edit)).inner;
            field.ctx.accesskit_node_builder(field.id, |node| node.set_label(&*name));
        });
    }
    if around.project.is_none() {
        line_ui(ui, &look, "connect-save-path", "", |ui, name, width| field_ui(ui, name, &mut state.save_path, width));
    }
    ui.add_space(6.0);
    answer_ui(ui, &look, state);
    ui.separator();
    buttons_ui(ui, around, state, layered, wishes);
}

fn line_ui<R>(ui: &mut Ui, look: &Look<'_>, id: &str, hint: &str, content: impl FnOnce(&mut Ui, &str, f32) -> R) -> R {
    ui.horizontal(|ui| {
        let name = look.t(id);
        line_name_ui(ui, &name, NAMES);
        let room = if hint.is_empty() { 0.0 } else { 250.0 };
        let given = content(ui, &name, ui.available_width() - room);
        if !hint.is_empty() {
            ui.label(widgets::secondary(look.tokens, look.t(hint).to_string()));
        }
        given
    })
    .inner
}

fn fields_ui(ui: &mut Ui, look: &Look<'_>, state: &mut Connect) {
    let before = (state.source.clone(), state.password.clone(), state.certificate.clone());
    let url =
        line_ui(ui, look, "connect-url", "connect-url-hint", |ui, name, width| field_ui(ui, name, &mut state.source.url, width));
    if !state.focused && (before.0.url.is_empty() || before.0.user.is_empty()) {
        state.focused = true;
        url.request_focus();
    }
    line_ui(ui, look, "connect-aoi", "", |ui, name, _| field_ui(ui, name, &mut state.source.aoi, 140.0));
    line_ui(ui, look, "connect-year", "", |ui, name, _| field_ui(ui, name, &mut state.source.year, 140.0));
    line_ui(ui, look, "connect-ptype", "connect-ptype-hint", |ui, name, _| field_ui(ui, name, &mut state.source.ptype, 140.0));
    line_ui(ui, look, "connect-user", "", |ui, name, _| field_ui(ui, name, &mut state.source.user, 220.0));
    line_ui(ui, look, "connect-password", "", |ui, name, _| {
        let id = egui::Id::unique(("field", name.to_owned()));
        let hint = look.t("connect-password-hint");
        let edit = TextEdit::singleline(&mut state.password).id(id).password(true).desired_width(208.0).hint_text(&*hint);
        let field = ui
            .scope(|ui| {
                ui.visuals_mut().widgets.inactive.bg_stroke.color = look.tokens.bds;
                ui.add(edit.margin(egui::Margin::symmetric(6, 4)))
            })
            .inner;
        // Where a server is named already, it is mostly the password that is asked for.
        if !state.focused && !before.0.url.is_empty() && !before.0.user.is_empty() {
            state.focused = true;
            field.request_focus();
        }
        field.ctx.accesskit_node_builder(field.id, |node| node.set_label(name));
    });
    ui.horizontal(|ui| {
        ui.add_space(NAMES + ui.spacing().item_spacing.x);
        ui.checkbox(&mut state.remember, &*look.t("connect-remember"));
    });
    line_ui(ui, look, "connect-certificate", "connect-certificate-hint", |ui, name, width| {
        field_ui(ui, name, &mut state.certificate, width)
    });
    if state.source.url.trim().to_ascii_lowercase().starts_with("http://") {
        ui.horizontal(|ui| {
            ui.add_space(NAMES + ui.spacing().item_spacing.x);
            ui.checkbox(&mut state.source.allow_plain_http, &*look.t("connect-plain"));
        });
        ui.colored_label(look.tokens.yellow, &*look.t("connect-plain-warning"));
    }
    if before != (state.source.clone(), state.password.clone(), state.certificate.clone()) {
        // It was said of another server.
        state.probe = None;
    }
}

/// What the server says; as high as before it was asked.
fn answer_ui(ui: &mut Ui, look: &Look<'_>, state: &mut Connect) {
    ui.scope(|ui| {
        ui.set_min_height(44.0);
        match state.probe.as_ref().map(Probe::answer) {
            None => {}
            Some(Fetch::Pending) => drop(ui.label(widgets::secondary(look.tokens, look.t("connect-testing").to_string()))),
            Some(Fetch::Failed(error)) => drop(ui.colored_label(look.tokens.red, error.to_string())),
            Some(Fetch::Ready(info)) => {
                let named = |(area, about): (&String, &AreaInfo)| format!("{area} {}", about.years.join(" "));
                let areas: Vec<String> = info.areas.iter().map(named).collect();
                ui.colored_label(look.tokens.green, look.tw("connect-answers", &[("areas", areas.join(", ").into())]));
                let source = state.source();
                let known = info
                    .areas
                    .iter()
                    .any(|(area, about)| area.eq_ignore_ascii_case(&source.aoi) && about.years.contains(&source.year));
                if !known && !source.aoi.is_empty() && !info.areas.is_empty() {
                    let args = [("aoi", source.aoi.clone().into()), ("year", source.year.clone().into())];
                    ui.colored_label(look.tokens.yellow, look.tw("connect-no-area", &args));
                } else if !info.own_routes.is_empty() {
                    ui.label(widgets::secondary(look.tokens, look.t("connect-own").to_string()));
                }
                if let (true, Some((area, about))) = (source.aoi.is_empty(), info.areas.iter().next()) {
                    state.source.aoi.clone_from(area);
                    state.source.year = about.years.last().cloned().unwrap_or_default();
                }
            }
        }
    });
}

fn buttons_ui(ui: &mut Ui, around: &Around<'_>, state: &mut Connect, layered: bool, wishes: &mut Vec<Wish>) {
    let look = around.look;
    let source = state.source();
    let lacks = if source.url.is_empty() || source.aoi.is_empty() || source.year.is_empty() {
        "connect-needs-address"
    } else if !layered && source.parcel_ids.is_empty() {
        "connect-needs-ids"
    } else if around.project.is_none() && state.save_path.trim().is_empty() {
        "connect-needs-place"
    } else {
        ""
    };
    ui.horizontal(|ui| {
        let apply = look.t(if around.project.is_some() { "connect-apply" } else { "connect-create" });
        if ui.add_enabled(lacks.is_empty(), Button::new(&apply).primary()).clicked() {
            let secret = state.secret();
            if let Some(secret) = secret.clone().filter(|_| state.remember && !source.user.is_empty()) {
                wishes.push(Wish::KeepPassword(source.url.clone(), source.user.clone(), secret));
            }
            if around.project.is_some() {
                wishes.push(Wish::Command(Command::Connect(Box::new(source), secret)));
                wishes.push(Wish::Close);
            } else {
                let path = super::new_project::with_ending(state.save_path.trim());
                wishes.push(Wish::CreateRemote(Box::new(project_file(&path, source)), path, secret));
            }
        }
        let asked = !state.source.url.trim().is_empty();
        if ui.add_enabled(asked, Button::new(&look.t("connect-test"))).clicked() {
            let repaint = ui.ctx().clone();
            let wake: Wake = Arc::new(move || repaint.request_repaint());
            state.probe = Some(Probe::start(state.source(), state.secret(), wake));
        }
        if !lacks.is_empty() {
            ui.label(widgets::secondary(look.tokens, look.t(lacks).to_string()));
        }
    });
}

/// A project whose parcels come from a server.
fn project_file(path: &Path, source: RemoteSource) -> ProjectFile {
    let stem = path.file_name().map(|name| name.to_string_lossy().split('.').next().unwrap_or_default().to_owned());
    ProjectFile {
        version: FORMAT_VERSION.to_owned(),
        name: stem.unwrap_or_default(),
        attribution: String::new(),
        parcels: ParcelSource::default(),
        imagery: Vec::new(),
        tables: Vec::new(),
        remote: Some(source),
        radiometry: Radiometry::default(),
        observations: ObservationSettings::default(),
        peers: PeerSettings::default(),
        display: Display::default(),
        indices: Vec::new(),
        backgrounds: Vec::new(),
        ruleset: None,
        decisions: None,
        heterogeneity: None,
        review: None,
        other_verdict: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_taken_as_they_are_pasted_once_each() {
        assert_eq!(ids("007, 12;a-3\n12\t x "), ["007", "12", "a-3", "x"]);
        assert!(ids(" \n,;").is_empty());
    }
}
