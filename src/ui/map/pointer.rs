//! The pointer on the map: readout, click, double-click, the menu of a place, and Shift+drag, which zooms to a box.

use egui::{Pos2, Rect, Response, Stroke, StrokeKind, Ui};
use walkers::{MercatorProjection, Projector};

use crate::model::{Bounds, ParcelIx};
use crate::project::remote::Place;
use crate::project::{Command, Dataset};
use crate::ui::cx::{Cx, Out};
use crate::ui::theme::image;

use super::{MapState, shapes};

/// A box smaller than this is a slip of the hand, pixels.
const LEAST_BOX_PX: f32 = 6.0;

/// Draws the box of a Shift+drag, and zooms to it at its end.
fn box_ui(ui: &Ui, state: &mut MapState, response: &Response, projector: &Projector<'_>) {
    if response.drag_started_by(egui::PointerButton::Primary) && ui.input(|input| input.modifiers.shift) {
        state.box_from = ui.input(|input| input.pointer.press_origin());
    }
    let Some(from) = state.box_from else { return };
    let here = ui.input(|input| input.pointer.latest_pos()).unwrap_or(from);
    let drawn = Rect::from_two_pos(from, here).intersect(response.rect);
    if response.dragged() {
        ui.painter().rect_stroke(drawn, 0.0, Stroke::new(3.0, image::OUTLINE_UNDER), StrokeKind::Middle);
        ui.painter().rect_stroke(drawn, 0.0, Stroke::new(1.0, image::OUTLINE), StrokeKind::Middle);
        return;
    }
    state.box_from = None;
    if drawn.width() < LEAST_BOX_PX || drawn.height() < LEAST_BOX_PX {
        return;
    }
    let degrees = |corner: Pos2| projector.unproject(corner.to_vec2());
    let (upper, lower) = (degrees(drawn.left_top()), degrees(drawn.right_bottom()));
    let lonlat = Bounds { min_x: upper.x(), min_y: lower.y(), max_x: lower.x(), max_y: upper.y() };
    // The middle on the screen, which is not the middle in degrees.
    state.memory.center_at(degrees(drawn.center()));
    let size = response.rect.size();
    // Inside the range it cannot be refused.
    drop(state.memory.set_zoom(shapes::zoom_for(&lonlat, f64::from(size.x), f64::from(size.y))));
}

/// Readout, click and double-click of a place.
pub fn pointer_ui(
    ui: &Ui,
    cx: &Cx<'_>,
    state: &mut MapState,
    dataset: &Dataset,
    response: &Response,
    lonlat: [f64; 2],
    out: &mut Out,
) {
    let [lon, lat] = lonlat;
    let world = state.net.as_ref().and_then(|net| net.inside(lon, lat));
    let under = world.and_then(|[x, y]| dataset.parcels.at_point(x, y));
    out.status = Some(place_text(cx, dataset, lonlat, world, under));
    if let Some(parcel) = under.filter(|_| state.area.is_none()) {
        if response.clicked() {
            if state.overview {
                // It is in view already; moving the map would take it from under the pointer.
                state.placed = Some(parcel);
            }
            out.push(Command::SelectParcel(parcel));
        }
        if response.double_clicked() {
            state.zoom_to = Some(parcel);
            out.push(Command::SelectParcel(parcel));
        }
    }
    if response.secondary_clicked() {
        state.menu_at = Some(lonlat);
    }
    if response.hovered() && under.is_some() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
    }
}

/// What goes on between two clicks: the menu of a place, the box to zoom to, the area that is being drawn.
pub fn places_ui(
    ui: &Ui,
    cx: &Cx<'_>,
    state: &mut MapState,
    (dataset, centre): (&Dataset, walkers::Position),
    response: &Response,
    out: &mut Out,
) {
    menu_ui(cx, state, dataset, response, out);
    let projector = Projector::new(response.rect, &MercatorProjection, &state.memory, centre);
    box_ui(ui, state, response, &projector);
    area_ui(ui, cx, state, response, &projector, out);
}

/// The menu of a place. It stays that of the place where it was opened while the pointer moves over it.
fn menu_ui(cx: &Cx<'_>, state: &mut MapState, dataset: &Dataset, response: &Response, out: &mut Out) {
    let Some([lon, lat]) = state.menu_at else { return };
    let world = state.net.as_ref().and_then(|net| net.inside(lon, lat));
    response.context_menu(|ui| {
        if cx.project.remote_status().is_some() && dataset_grows(cx) {
            if ui.button(cx.t("remote-find-here").as_ref()).clicked() {
                out.push(Command::FindRemote(Place::Point([lon, lat])));
            }
            if ui.button(cx.t("remote-draw-area").as_ref()).clicked() {
                state.area = Some(Vec::new());
            }
            ui.separator();
        }
        if ui.button(cx.t("map-copy-wgs84").as_ref()).clicked() {
            ui.ctx().copy_text(format!("{lat:.6} {lon:.6}"));
        }
        if let Some([x, y]) = world
            && ui.button(cx.tw("map-copy-project", &[("crs", dataset.parcels.crs().label().into())])).clicked()
        {
            ui.ctx().copy_text(format!("{x:.1} {y:.1}"));
        }
    });
}

/// True where the parcels are those that the user takes from the server.
fn dataset_grows(cx: &Cx<'_>) -> bool {
    cx.project.file().parcels.is_empty()
}

/// Draws the area that is being clicked on the map; at its end the server is asked for the parcels in it.
fn area_ui(ui: &Ui, cx: &Cx<'_>, state: &mut MapState, response: &Response, projector: &Projector<'_>, out: &mut Out) {
    let Some(corners) = &mut state.area else { return };
    let (escaped, entered) = (state.area_ends == Some(false), state.area_ends == Some(true));
    state.area_ends = None;
    if response.clicked()
        && let Some(at) = response.interact_pointer_pos()
    {
        let place = projector.unproject(at.to_vec2());
        corners.push([place.x(), place.y()]);
    }
    let on_screen = |corner: &[f64; 2]| projector.project(walkers::lon_lat(corner[0], corner[1])).to_pos2();
    let mut path: Vec<Pos2> = corners.iter().map(on_screen).collect();
    path.extend(response.hover_pos());
    let painter = ui.painter().with_clip_rect(response.rect.intersect(ui.clip_rect()));
    painter.add(egui::Shape::line(path.clone(), Stroke::new(3.0, image::OUTLINE_UNDER)));
    painter.add(egui::Shape::line(path, Stroke::new(1.0, image::OUTLINE)));
    out.status = Some(cx.t("remote-drawing").to_string());
    if escaped {
        state.area = None;
    } else if entered || response.double_clicked() {
        // The clicks of a double-click are one corner.
        corners.dedup_by(|a, b| (a[0] - b[0]).abs() < 1e-6 && (a[1] - b[1]).abs() < 1e-6);
        if corners.len() >= 3 {
            let mut ring = corners.clone();
            ring.push(corners[0]);
            out.push(Command::FindRemote(Place::Area(ring)));
        }
        state.area = None;
    }
}

/// `EPSG:32631 574 995 E 5 622 120 N · 50.77123° N 4.12345° E · FLAPAJ013 Maize`.
fn place_text(cx: &Cx<'_>, dataset: &Dataset, [lon, lat]: [f64; 2], world: Option<[f64; 2]>, under: Option<ParcelIx>) -> String {
    let half = |value: f64, positive: &'static str, negative: &'static str| {
        format!("{}°\u{00A0}{}", cx.texts.number(value.abs(), 5), if value < 0.0 { negative } else { positive })
    };
    let mut parts = Vec::new();
    if let Some([x, y]) = world {
        parts.push(format!("{}  {} E  {} N", dataset.parcels.crs().label(), cx.texts.number(x, 0), cx.texts.number(y, 0)));
    }
    parts.push(format!("{}  {}", half(lat, "N", "S"), half(lon, "E", "W")));
    if let Some(parcel) = under {
        parts.push(format!("{} {}", dataset.parcels.id(parcel), dataset.parcels.crop(parcel).unwrap_or_default()));
    }
    parts.join("  ·  ")
}
