//! Paints parcels, chip, legend, scale bar and attribution over the map.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::epaint::{Mesh, PathShape, Vertex, WHITE_UV};
use egui::{Align2, Color32, Pos2, Rect, Shape, Stroke, Ui, Vec2, pos2, vec2};
use walkers::{Projector, lon_lat};

use crate::engine::colouring::{Class, ClassName, Classes, GREY, Shown};
use crate::engine::shapes::{MapShapes, ShapeParcel};
use crate::engine::tiles::FAINT;
use crate::model::rules::Verdict;
use crate::model::{ParcelIx, Parcels};
use crate::ui::cx::Cx;
use crate::ui::theme::{image, text};
use crate::ui::verdict;

use super::layers::Label;
use super::shapes::scale_bar;

/// Opacity of fills over something that is to be seen as well, and over nothing.
const FILL: [u8; 2] = [0x8C, 0xE0];
/// Longest scale bar.
const SCALE_BAR_PX: f32 = 180.0;
/// A current parcel smaller than this on the screen gets a ring.
const RINGED_PX: f32 = 16.0;
/// More visible parcels than this have no labels.
const MOST_LABELS: usize = 400;
/// More visible parcels than this are drawn without their dark under-stroke.
const DETAILED: usize = 1_500;

/// What is painted.
pub struct Scene<'a> {
    /// Parcels of the view; `None` when they are tiles.
    pub shapes: Option<&'a MapShapes>,
    /// The current parcel's own shape.
    pub own_shape: Option<&'a MapShapes>,
    /// Table they come from.
    pub parcels: &'a Parcels,
    /// Current parcel.
    pub current: Option<ParcelIx>,
    /// Highlighted peers.
    pub peers: &'a BTreeSet<ParcelIx>,
    /// Colours of the fills; without them parcels are outlines only.
    pub classes: Option<&'a Classes>,
    /// Parcels that the filter leaves; the others are faint. `None` without a filter.
    pub shown: Option<&'a Shown>,
    /// Number of these in each class, when known.
    pub counts: Option<&'a [usize]>,
    /// What stands on parcels.
    pub labels: Option<Label>,
    /// Something lies under the parcels.
    pub backdrop: bool,
    /// Chip and its corners as longitude and latitude, clockwise from the upper left.
    pub chip: Option<(egui::TextureId, [[f64; 2]; 4])>,
}

/// A line of the legend.
pub struct Entry {
    /// What it stands for, with its count.
    pub name: String,
    /// Colour of its parcels.
    pub colour: Color32,
    /// Verdict whose symbol they carry.
    pub verdict: Option<Verdict>,
}

/// From a place of [`MapShapes`] to the screen.
struct ToScreen {
    origin: Vec2,
    scale: f64,
}

impl ToScreen {
    fn at(&self, [x, y]: [f64; 2]) -> Pos2 {
        pos2(self.origin.x + (x * self.scale) as f32, self.origin.y + (y * self.scale) as f32)
    }

    /// Box of a shape on the screen; `None` without an outline.
    fn rect(&self, shape: &ShapeParcel) -> Option<Rect> {
        let [west, north, east, south] = shape.bounds;
        (west <= east).then(|| Rect::from_min_max(self.at([west, north]), self.at([east, south])))
    }
}

/// Paints the map; returns the legend: all classes, or those in view when parcels are outlines.
pub fn scene_ui(ui: &Ui, cx: &Cx<'_>, scene: &Scene<'_>, projector: &Projector<'_>, zoom: f64) -> Vec<Entry> {
    let clip = projector.clip_rect();
    let painter = ui.painter().with_clip_rect(clip.intersect(ui.clip_rect()));
    let to_screen = |shapes: &MapShapes| ToScreen {
        origin: projector.project(lon_lat(shapes.origin[0], shapes.origin[1])),
        scale: 256.0 * 2f64.powf(zoom),
    };
    let mut visible: Vec<&ShapeParcel> = Vec::new();
    if let Some(shapes) = scene.shapes {
        let to = to_screen(shapes);
        visible.extend(shapes.parcels.iter().filter(|shape| to.rect(shape).is_some_and(|rect| rect.intersects(clip))));
        if let Some(classes) = scene.classes {
            painter.add(Shape::Mesh(Arc::new(fills(scene, classes, &visible, &to))));
        }
        paint_chip(&painter, scene, projector);
        paint_outlines(&painter, cx, scene, &visible, &to);
        paint_labels(&painter, ui, cx, scene, &visible, &to);
        paint_verdicts(&painter, cx, scene, &visible, &to);
    } else {
        paint_chip(&painter, scene, projector);
    }
    if let Some(shapes) = scene.own_shape {
        paint_current(&painter, shapes, &to_screen(shapes));
    }
    paint_photos(&painter, cx, projector);
    scale_ui(ui, cx, projector, clip);
    scene
        .classes
        .map(|classes| legend_entries(cx, scene, classes, scene.shapes.is_some().then_some(&visible)))
        .unwrap_or_default()
}

/// What stands under the map: legend in rows, attribution below. Returns the height it needs.
pub fn footer_ui(ui: &Ui, cx: &Cx<'_>, legend: &[Entry], attribution: &str, strip: Rect, most_rows: usize) -> f32 {
    let legend_height = legend_ui(ui, cx, legend, strip, most_rows);
    let area = Rect::from_min_max(strip.min + vec2(0.0, legend_height), strip.max);
    legend_height + attribution_ui(ui, cx, attribution, area)
}

impl Scene<'_> {
    /// Opacity of fills and tiles.
    pub fn opacity(&self) -> u8 {
        FILL[usize::from(!self.backdrop && self.chip.is_none())]
    }

    /// True for a parcel that the filter leaves out.
    fn faint(&self, parcel: ParcelIx) -> bool {
        self.shown.is_some_and(|shown| !shown.holds(parcel))
    }
}

fn fills(scene: &Scene<'_>, classes: &Classes, visible: &[&ShapeParcel], to: &ToScreen) -> Mesh {
    let mut mesh = Mesh::default();
    for shape in visible {
        let faint = scene.faint(shape.parcel);
        let [r, g, b] = if faint { GREY } else { classes.colour(shape.parcel) };
        // As tiles show it, where the picture's own opacity and that of the layer are multiplied.
        let opacity = if faint { (u16::from(FAINT) * u16::from(scene.opacity()) / 255) as u8 } else { scene.opacity() };
        let color = Color32::from_rgba_unmultiplied(r, g, b, opacity);
        let base = mesh.vertices.len() as u32;
        mesh.vertices.extend(shape.vertices.iter().map(|&vertex| Vertex { pos: to.at(vertex), uv: WHITE_UV, color }));
        mesh.indices.extend(shape.triangles.iter().map(|index| base + index));
    }
    mesh
}

fn paint_chip(painter: &egui::Painter, scene: &Scene<'_>, projector: &Projector<'_>) {
    let Some((texture, corners)) = scene.chip else { return };
    let mut mesh = Mesh::with_texture(texture);
    let uv = [pos2(0.0, 0.0), pos2(1.0, 0.0), pos2(1.0, 1.0), pos2(0.0, 1.0)];
    for (corner, uv) in corners.iter().zip(uv) {
        if !corner[0].is_finite() || !corner[1].is_finite() {
            return;
        }
        let pos = projector.project(lon_lat(corner[0], corner[1])).to_pos2();
        mesh.vertices.push(Vertex { pos, uv, color: Color32::WHITE });
    }
    mesh.indices.extend([0, 1, 2, 0, 2, 3]);
    painter.add(Shape::Mesh(Arc::new(mesh)));
}

fn paint_outlines(painter: &egui::Painter, cx: &Cx<'_>, scene: &Scene<'_>, visible: &[&ShapeParcel], to: &ToScreen) {
    let detailed = visible.len() <= DETAILED;
    let ring = |points: &[[f64; 2]], stroke: Stroke| {
        Shape::Path(PathShape::closed_line(points.iter().map(|&point| to.at(point)).collect(), stroke))
    };
    // On fills alone white lines would not show in the light theme.
    let imaged = scene.chip.is_some() || scene.backdrop;
    let other = if imaged || cx.tokens.dark { image::NEIGHBOUR } else { cx.tokens.tx2 };
    let [r, g, b] = GREY;
    let faint = Color32::from_rgba_unmultiplied(r, g, b, 2 * FAINT);
    for shape in visible.iter().filter(|shape| Some(shape.parcel) != scene.current) {
        let peer = scene.peers.contains(&shape.parcel);
        let left_out = !peer && scene.faint(shape.parcel);
        let (width, colour) = match (peer, left_out) {
            (true, _) => (2.5, cx.tokens.ac),
            (false, true) => (1.0, faint),
            (false, false) => (1.0, other),
        };
        for points in &shape.rings {
            if detailed && (imaged || peer) && !left_out {
                painter.add(ring(points, Stroke::new(width + 2.0, image::OUTLINE_UNDER)));
            }
            painter.add(ring(points, Stroke::new(width, colour)));
        }
    }
}

/// The current parcel: its outline, and around a small one a ring, so that it is found from afar.
fn paint_current(painter: &egui::Painter, shapes: &MapShapes, to: &ToScreen) {
    for shape in &shapes.parcels {
        let Some(rect) = to.rect(shape) else { continue };
        if rect.size().max_elem() < RINGED_PX {
            for (width, colour) in [(5.0, image::OUTLINE_UNDER), (2.5, image::OUTLINE)] {
                painter.circle_stroke(rect.center(), RINGED_PX * 0.75, Stroke::new(width, colour));
            }
        }
        for points in &shape.rings {
            let points: Vec<Pos2> = points.iter().map(|&point| to.at(point)).collect();
            painter.add(Shape::Path(PathShape::closed_line(points.clone(), Stroke::new(4.0, image::OUTLINE_UNDER))));
            painter.add(Shape::Path(PathShape::closed_line(points, Stroke::new(2.0, image::OUTLINE))));
        }
    }
}

/// Ids or crops of parcels that are wide enough for them.
fn paint_labels(painter: &egui::Painter, ui: &Ui, cx: &Cx<'_>, scene: &Scene<'_>, visible: &[&ShapeParcel], to: &ToScreen) {
    let Some(label) = scene.labels.filter(|_| visible.len() <= MOST_LABELS) else { return };
    let font = match label {
        Label::Id => text::tick().resolve(ui.style()),
        Label::Crop => egui::TextStyle::Small.resolve(ui.style()),
    };
    for shape in visible.iter().filter(|shape| !scene.faint(shape.parcel)) {
        let Some(rect) = to.rect(shape).filter(|rect| rect.width() > 48.0 && rect.height() > 28.0) else { continue };
        let words = match label {
            Label::Id => scene.parcels.id(shape.parcel),
            Label::Crop => scene.parcels.crop(shape.parcel).unwrap_or_default(),
        };
        if words.is_empty() {
            continue;
        }
        let galley = painter.layout_no_wrap(words.to_owned(), font.clone(), cx.tokens.tx);
        let place = Rect::from_center_size(rect.center(), galley.size() + vec2(6.0, 2.0));
        if rect.contains_rect(place) {
            painter.rect_filled(place, 2.0, cx.tokens.bg1.gamma_multiply(0.8));
            painter.galley(place.min + vec2(3.0, 1.0), galley, cx.tokens.tx);
        }
    }
}

/// Symbols of verdicts on parcels that are wide enough: the colour alone would not tell everybody.
fn paint_verdicts(painter: &egui::Painter, cx: &Cx<'_>, scene: &Scene<'_>, visible: &[&ShapeParcel], to: &ToScreen) {
    let Some(classes) = scene.classes.filter(|_| visible.len() <= MOST_LABELS) else { return };
    // Where a label may stand the symbol is above it.
    let lift: f32 = if scene.labels.is_some() { 17.0 } else { 0.0 };
    for shape in visible.iter().filter(|shape| !scene.faint(shape.parcel)) {
        let ClassName::Verdict(own) = classes.legend()[classes.class(shape.parcel)].name else { continue };
        let Some(rect) = to.rect(shape).filter(|rect| rect.width() > 24.0 && rect.height() > 24.0) else { continue };
        verdict::paint_on_image(painter, cx.tokens, rect.center() - vec2(0.0, lift.min(rect.height() / 2.0 - 10.0)), own);
    }
}

/// Where photos of the current parcel were taken, and the direction they look in.
fn paint_photos(painter: &egui::Painter, cx: &Cx<'_>, projector: &Projector<'_>) {
    let review = cx.project.review();
    let Some(own) = crate::ui::review::current_id(cx.project).and_then(|id| review.of(&id)) else { return };
    for (_, photo) in &own.photos {
        let Some([lon, lat]) = photo.place else { continue };
        let at = projector.project(lon_lat(lon, lat)).to_pos2();
        if let Some(direction) = photo.direction {
            let ray = |turn: f64| {
                let angle = (direction + turn).to_radians();
                at + vec2(angle.sin() as f32, -angle.cos() as f32) * 22.0
            };
            let wedge = vec![at, ray(-25.0), ray(25.0)];
            let line = Stroke::new(1.5, cx.tokens.ac);
            painter.add(Shape::convex_polygon(wedge, cx.tokens.ac.gamma_multiply(0.35), line));
        }
        painter.circle(at, 5.0, cx.tokens.ac, Stroke::new(1.5, cx.tokens.bg1));
    }
}

/// Longer attributions end with an ellipsis and are whole in the tooltip.
const ATTRIBUTION_ROWS: usize = 4;

/// Writes the attribution; returns the height it needs.
fn attribution_ui(ui: &Ui, cx: &Cx<'_>, attribution: &str, area: Rect) -> f32 {
    if attribution.is_empty() {
        return 0.0;
    }
    let font = egui::TextStyle::Small.resolve(ui.style());
    let mut job = egui::text::LayoutJob::single_section(attribution.to_owned(), egui::TextFormat::simple(font, cx.tokens.tx2));
    // Whole, not cut: whose data these are is part of the map.
    job.wrap = egui::text::TextWrapping { max_width: area.width() - 12.0, max_rows: ATTRIBUTION_ROWS, ..Default::default() };
    let galley = ui.painter().layout_job(job);
    let height = galley.size().y + 5.0;
    ui.painter().galley(area.min + vec2(6.0, 2.0), galley, cx.tokens.tx2);
    let hover = ui.interact(area, ui.scope_id().with("attribution"), egui::Sense::hover());
    hover.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, attribution));
    hover.on_hover_text(attribution);
    height
}

/// Scale bar with a dark field under it, and north.
fn scale_ui(ui: &Ui, cx: &Cx<'_>, projector: &Projector<'_>, area: Rect) {
    let centre = projector.unproject(area.center().to_vec2());
    let px_per_m = f64::from(projector.scale_pixel_per_meter(centre));
    let Some((metres, px)) = scale_bar(px_per_m, f64::from((area.width() * 0.3).min(SCALE_BAR_PX))) else { return };
    let label = if metres >= 1000.0 {
        format!("{} km", cx.texts.number(metres / 1000.0, 0))
    } else {
        format!("{} m", cx.texts.number(metres, 0))
    };
    let font = text::tick().resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(label, font.clone(), Color32::WHITE);
    let width = (px as f32).max(galley.size().x) + 12.0;
    let rect = Rect::from_min_size(pos2(area.left() + 6.0, area.bottom() - 32.0), vec2(width, 26.0));
    ui.painter().rect_filled(rect, 2.0, image::OUTLINE_UNDER);
    let y = rect.bottom() - 6.0;
    let (left, right) = (rect.left() + 6.0, rect.left() + 6.0 + px as f32);
    let stroke = Stroke::new(2.0, Color32::WHITE);
    ui.painter().line(vec![pos2(left, y - 4.0), pos2(left, y), pos2(right, y), pos2(right, y - 4.0)], stroke);
    ui.painter().galley(rect.min + vec2(6.0, 2.0), galley, Color32::WHITE);
    let north = Rect::from_min_size(pos2(area.right() - 26.0, area.top() + 6.0), vec2(20.0, 30.0));
    ui.painter().rect_filled(north, 2.0, image::OUTLINE_UNDER);
    let tip = pos2(north.center().x, north.top() + 4.0);
    let arrow = [tip, tip + vec2(5.0, 10.0), tip + vec2(0.0, 7.0), tip + vec2(-5.0, 10.0)];
    ui.painter().add(Shape::convex_polygon(vec![arrow[0], arrow[1], arrow[2]], Color32::WHITE, Stroke::NONE));
    ui.painter().add(Shape::convex_polygon(vec![arrow[0], arrow[2], arrow[3]], Color32::WHITE, Stroke::NONE));
    ui.painter().text(
        pos2(north.center().x, north.bottom() - 3.0),
        Align2::CENTER_BOTTOM,
        cx.t("map-north").as_ref(),
        font,
        Color32::WHITE,
    );
}

/// Classes that have parcels, with their numbers in the whole table, and of how many the filter leaves; only those of the visible
/// parcels when there are some.
fn legend_entries(cx: &Cx<'_>, scene: &Scene<'_>, classes: &Classes, visible: Option<&Vec<&ShapeParcel>>) -> Vec<Entry> {
    let left = |shape: &&&ShapeParcel| !scene.faint(shape.parcel);
    let seen: Option<BTreeSet<usize>> =
        visible.map(|visible| visible.iter().filter(left).map(|shape| classes.class(shape.parcel)).collect());
    let wanted = |number: usize, class: &Class| seen.as_ref().map_or(class.count > 0, |seen| seen.contains(&number));
    let entry = |(number, class): (usize, &Class)| {
        let [r, g, b] = class.colour;
        let all = class.count.into();
        let count = match scene.counts.and_then(|counts| counts.get(number)) {
            Some(&shown) => cx.tw("map-shown-of", &[("shown", shown.into()), ("total", all)]),
            None => cx.texts.number(class.count as f64, 0),
        };
        let verdict = if let ClassName::Verdict(own) = class.name { Some(own) } else { None };
        Entry { name: format!("{}  {count}", class_name(cx, &class.name)), colour: Color32::from_rgb(r, g, b), verdict }
    };
    classes.legend().iter().enumerate().filter(|(number, class)| wanted(*number, class)).map(entry).collect()
}

fn class_name(cx: &Cx<'_>, name: &ClassName) -> String {
    let number = |value: f64| cx.texts.number(value, 1);
    match name {
        ClassName::Crop(name) => name.clone(),
        ClassName::OtherCrops => cx.t("map-other-crops").to_string(),
        ClassName::Unknown => cx.t("map-unknown").to_string(),
        ClassName::Hidden => cx.t("map-hidden-blind").to_string(),
        ClassName::Verdict(own) => verdict::word(cx, Some(*own)).to_string(),
        ClassName::Index(own) => crate::ui::heterogeneity::words::index(cx, *own),
        ClassName::Values(None, Some(to)) => format!("< {}", number(*to)),
        ClassName::Values(Some(from), Some(to)) => format!("{}–{}", number(*from), number(*to)),
        ClassName::Values(from, None) => format!("≥ {}", from.map(number).unwrap_or_default()),
        ClassName::Counts(from, Some(to)) if from == to => from.to_string(),
        ClassName::Counts(from, Some(to)) => format!("{from}–{to}"),
        ClassName::Counts(from, None) => format!("≥ {from}"),
    }
}

/// Legend in rows; returns the height it needs. Crops beyond the last row are in the tooltip.
fn legend_ui(ui: &Ui, cx: &Cx<'_>, entries: &[Entry], area: Rect, most_rows: usize) -> f32 {
    const ROW: f32 = 16.0;
    let font = egui::TextStyle::Small.resolve(ui.style());
    let (mut x, mut row) = (6.0, 0);
    for Entry { name, colour, verdict } in entries {
        let galley = ui.painter().layout_no_wrap(name.clone(), font.clone(), cx.tokens.tx);
        let symbol = if verdict.is_some() { 16.0 } else { 0.0 };
        let width = 17.0 + symbol + galley.size().x;
        if x > 6.0 && x + width > area.width() - 6.0 {
            (x, row) = (6.0, row + 1);
        }
        if row >= most_rows {
            row -= 1;
            break;
        }
        let at = area.min + vec2(x, 3.0 + row as f32 * ROW);
        let swatch = Rect::from_min_size(at + vec2(0.0, 3.0), vec2(12.0, 10.0));
        ui.painter().rect(swatch, 1.0, *colour, Stroke::new(1.0, cx.tokens.bds), egui::StrokeKind::Inside);
        if let Some(own) = verdict {
            verdict::paint(ui.painter(), cx.tokens, at + vec2(24.0, ROW / 2.0), 12.0, Some(*own));
        }
        ui.painter().galley(at + vec2(17.0 + symbol, (ROW - galley.size().y) / 2.0), galley, cx.tokens.tx);
        x += width + 12.0;
    }
    if entries.is_empty() {
        return 0.0;
    }
    let height = (row + 1) as f32 * ROW + 5.0;
    let names = entries.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>().join("\n");
    let place = Rect::from_min_size(area.min, vec2(area.width(), height));
    let hover = ui.interact(place, ui.scope_id().with("crop-legend"), egui::Sense::hover());
    hover.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &names));
    hover.on_hover_text(names);
    height
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tiles::mercator;

    #[test]
    fn shapes_land_where_the_map_projects_them() {
        let mut memory = walkers::MapMemory::default();
        memory.center_at(lon_lat(4.1, 50.77));
        memory.set_zoom(15.3).expect("in range");
        let clip = Rect::from_min_size(pos2(100.0, 50.0), vec2(330.0, 290.0));
        let projector = Projector::new(clip, &walkers::MercatorProjection, &memory, lon_lat(0.0, 0.0));
        let origin = [4.105, 50.772];
        let to = ToScreen { origin: projector.project(lon_lat(origin[0], origin[1])), scale: 256.0 * 2f64.powf(15.3) };
        let (a, b) = (mercator(origin[0], origin[1]), mercator(4.098, 50.769));
        let drawn = to.at([b[0] - a[0], b[1] - a[1]]);
        let expected = projector.project(lon_lat(4.098, 50.769)).to_pos2();
        assert!(drawn.distance(expected) < 0.1, "{drawn:?} {expected:?}");
    }
}
