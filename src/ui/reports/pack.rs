//! What is written: options of a pack, where it goes, what it came to, and checking one.

use std::path::PathBuf;

use egui::{Response, RichText, Ui};

use super::ReportState;
use crate::project::evidence::Holders;
use crate::project::packing::Packed;
use crate::project::{Command, Project};
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::icons;
use crate::ui::theme::text;
use crate::ui::widgets::{self, Button};

/// Draws the pane; returns the response of its header.
pub fn pack_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReportState, out: &mut Out) -> Response {
    widgets::pane_ui(
        ui,
        cx,
        &cx.t("report-pack"),
        "",
        |_| {},
        |ui| {
            egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                widgets::padded_ui(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.spacing_mut().item_spacing.y = 8.0;
                    body_ui(ui, cx, state, out);
                });
            });
        },
    )
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReportState, out: &mut Out) {
    let parcels = state.parcels(cx);
    ui.label(cx.tw("report-count", &[("n", parcels.len().into())]));
    ui.label(widgets::strong(cx.t("report-holders").to_string()));
    for (holders, id) in [
        (Holders::Replace, "report-holders-replace"),
        (Holders::Omit, "report-holders-omit"),
        (Holders::Keep, "report-holders-keep"),
    ] {
        ui.radio_value(&mut state.options.holders, holders, &*cx.t(id));
    }
    ui.label(widgets::strong(cx.t("report-files").to_string()));
    ui.checkbox(&mut state.options.pdf, &*cx.t("report-pdf"));
    ui.checkbox(&mut state.options.docx, &*cx.t("report-docx"));
    ui.label(widgets::secondary(cx.tokens, cx.t("report-always").to_string()));
    ui.label(widgets::strong(cx.t("report-folder").to_string()));
    if state.target.is_empty() {
        state.target = proposed(cx.project).display().to_string();
    }
    let name = cx.t("report-folder");
    let field = ui.add(egui::TextEdit::singleline(&mut state.target).desired_width(f32::INFINITY));
    ui.ctx().accesskit_node_builder(field.id, |node| node.set_label(name.as_ref()));
    let usable = !parcels.is_empty() && !cx.project.packing() && !state.target.trim().is_empty() && !cx.project.unsaved();
    ui.horizontal(|ui| {
        let write = ui.add_enabled(usable, Button::new(&cx.t("report-write")).primary().large());
        if write.clicked() {
            out.act(Action::MakePack);
        }
        let check = ui.add_enabled(!cx.project.packing(), Button::new(&cx.t("report-check")).large());
        if check.clicked() {
            out.push(Command::CheckPack(PathBuf::from(state.target.trim())));
        }
    });
    if cx.project.unsaved() {
        ui.label(RichText::new(&*cx.t("report-unsaved")).color(cx.tokens.yellow));
    }
    if cx.project.packing() {
        ui.label(widgets::secondary(cx.tokens, cx.t("report-working").to_string()));
    }
    if let Some(packed) = cx.project.packed() {
        packed_ui(ui, cx, packed);
    }
}

/// What the last pack or check came to.
fn packed_ui(ui: &mut Ui, cx: &Cx<'_>, packed: &Packed) {
    let tokens = cx.tokens;
    ui.separator();
    match packed {
        Packed::Written(report) => {
            told_ui(ui, cx, true, &cx.tw("report-written", &[("n", report.parcels.into()), ("files", report.files.into())]));
            ui.add(egui::Label::new(widgets::figure(report.folder.display().to_string())).wrap().selectable(true));
            for warning in &report.warnings {
                ui.add(egui::Label::new(RichText::new(warning).color(tokens.yellow)).wrap());
            }
            ui.horizontal(|ui| {
                let page = report.folder.join("index.html");
                if ui.add(Button::new(&cx.t("report-open"))).clicked() {
                    ui.ctx().open_url(egui::OpenUrl::new_tab(format!("file://{}", page.display())));
                }
                if ui.add(Button::new(&cx.t("report-copy-path")).icon(icons::COPY)).clicked() {
                    ui.ctx().copy_text(report.folder.display().to_string());
                }
            });
        }
        Packed::Checked(report) if report.holds() => {
            told_ui(ui, cx, true, &cx.tw("report-holds", &[("n", report.files.into())]));
        }
        Packed::Checked(report) => {
            told_ui(ui, cx, false, &cx.tw("report-differs", &[("n", report.findings.len().into())]));
            for finding in report.findings.iter().take(40) {
                ui.add(egui::Label::new(format!("{}: {}", finding.kind(), finding.text())).wrap().selectable(true));
            }
        }
        Packed::Failed(why) => told_ui(ui, cx, false, why),
    }
}

fn told_ui(ui: &mut Ui, cx: &Cx<'_>, good: bool, words: &str) {
    let (icon, ink) = if good { (icons::CHECK, cx.tokens.green) } else { (icons::WARNING, cx.tokens.red) };
    ui.horizontal_top(|ui| {
        ui.label(RichText::new(icon).text_style(text::icon()).color(ink));
        ui.add(egui::Label::new(widgets::strong(words).color(ink)).wrap().selectable(true));
    });
}

/// Where a pack goes unless somebody says otherwise: beside the project.
pub fn proposed(project: &Project) -> PathBuf {
    let name = project.path().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let stem = name.strip_suffix(".toml").unwrap_or(&name);
    let stem = stem.strip_suffix(".parcelight").unwrap_or(stem);
    project.path().with_file_name(format!("{stem}.pack"))
}
