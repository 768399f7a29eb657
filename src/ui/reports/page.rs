//! The pages of the current parcel's sheet, as a pack will hold them.

use std::sync::Arc;

use egui::{ColorImage, Response, Role, TextureHandle, TextureOptions, Ui, WidgetInfo, vec2};

use super::ReportState;
use crate::project::Fetch;
use crate::project::packing::Pages;
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::widgets::{self, Button};

/// Pages as textures.
#[derive(Default)]
pub struct Shown {
    of: Option<Arc<Pages>>,
    textures: Vec<TextureHandle>,
}

/// Draws the pane; returns the response of its header.
pub fn page_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReportState, out: &mut Out) -> Response {
    let id = crate::ui::review::current_id(cx.project);
    let mut export = false;
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("report-page"),
        id.as_deref().unwrap_or_default(),
        |ui| {
            let name = cx.t("action-export-sheet");
            export = ui.add(Button::new(&name).key(&cx.key(Action::ExportSheet))).clicked();
        },
        |ui| {
            let Some(id) = &id else {
                widgets::empty_ui(ui, cx.tokens, &cx.t("graph-no-parcel"), &cx.t("graph-no-parcel-hint"), None);
                return;
            };
            if cx.project.review().hides(id) {
                widgets::empty_ui(ui, cx.tokens, &cx.t("review-hidden"), &cx.t("review-hidden-page"), None);
                return;
            }
            if cx.project.unsaved() && widgets::banner_ui(ui, cx.tokens, &cx.t("report-unsaved"), &cx.t("action-save")) {
                out.act(Action::Save);
            }
            match cx.project.pages(id, &state.options) {
                Fetch::Ready(pages) => show_ui(ui, cx, state, &pages, false),
                Fetch::Failed(error) => widgets::failed_ui(ui, cx, &error, out),
                Fetch::Pending => match cx.project.last_pages() {
                    // The old page stays until the new one is there, where it is the same parcel's.
                    Some(pages) if pages.parcel == *id => show_ui(ui, cx, state, &pages, true),
                    _ => widgets::pending_ui(ui, cx.tokens, &cx.t("report-setting")),
                },
            }
        },
    );
    if export {
        out.act(Action::ExportSheet);
    }
    response
}

fn show_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut ReportState, pages: &Arc<Pages>, old: bool) {
    let shown = &mut state.pages;
    if !shown.of.as_ref().is_some_and(|own| Arc::ptr_eq(own, pages)) {
        shown.textures = pages.png.iter().filter_map(|png| texture(ui, png)).collect();
        shown.of = Some(Arc::clone(pages));
    }
    if old {
        ui.set_opacity(0.6);
    }
    let count = shown.textures.len();
    egui::ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 12.0;
        ui.add_space(4.0);
        for (number, texture) in shown.textures.iter().enumerate() {
            let size = texture.size_vec2();
            let width = (ui.available_width() - 24.0).clamp(200.0, size.x);
            let place = vec2(width, width * size.y / size.x.max(1.0));
            ui.vertical_centered(|ui| {
                let response = ui.add(egui::Image::new((texture.id(), place)));
                let name = cx.tw(
                    "report-page-of",
                    &[("parcel", pages.parcel.as_str().into()), ("page", (number + 1).into()), ("pages", count.into())],
                );
                response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
                let rect = response.rect;
                ui.painter().rect_stroke(rect, 0.0, egui::Stroke::new(1.0, cx.tokens.bd), egui::StrokeKind::Outside);
            });
        }
    });
}

fn texture(ui: &Ui, png: &[u8]) -> Option<TextureHandle> {
    // The picture was made by this program: one that cannot be read is a page less on screen, and the pack says why.
    let picture = image::load_from_memory(png).ok()?.to_rgba8();
    let size = [picture.width() as usize, picture.height() as usize];
    let image = ColorImage::from_rgba_unmultiplied(size, picture.as_raw());
    Some(ui.ctx().load_texture("sheet", image, TextureOptions::LINEAR))
}
