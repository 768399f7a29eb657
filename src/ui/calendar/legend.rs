//! What colours mean: a colour bar with limits and unit, or the scene classes by name.

use egui::{Color32, Mesh, Rect, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo, vec2};

use super::readout::{class_name, short, unit};
use super::{Scene, menus};
use crate::engine::{ramp, stretch};
use crate::model::{Stretch, View};
use crate::ui::theme::{size, text};
use crate::ui::widgets;

/// A line above the grid for views whose colours stand for numbers or classes; nothing for composites.
pub(super) fn legend_ui(ui: &mut Ui, scene: &Scene<'_>) {
    match scene.cx.project.view() {
        View::Composite(_) | View::RedNirScatter => {}
        View::SceneClass => line(ui, |ui| classes_ui(ui, scene)),
        View::NdviHistogram => line(ui, |ui| bar_ui(ui, scene, &View::Index("NDVI".to_owned()), Some((0.0, 1.0)))),
        view => line(ui, |ui| bar_ui(ui, scene, view, fixed_limits(scene))),
    }
}

fn line(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    egui::Frame::NONE.inner_margin(egui::Margin::symmetric(size::PAD as i8, 3)).show(ui, |ui| {
        ui.horizontal_wrapped(content);
    });
}

/// Limits that hold for every chip; `None` when each chip has its own.
fn fixed_limits(scene: &Scene<'_>) -> Option<(f64, f64)> {
    let display = &scene.cx.project.file().display;
    match &display.stretch {
        Stretch::Fixed => stretch::view_limits(&display.view, scene.cx.project.indices()).first().copied(),
        Stretch::Range(pairs) => pairs.first().copied(),
        Stretch::Dynamic { .. } => None,
    }
}

fn bar_ui(ui: &mut Ui, scene: &Scene<'_>, view: &View, limits: Option<(f64, f64)>) {
    let cx = scene.cx;
    let (low, high) = match limits {
        Some((low, high)) => (short(cx, low), short(cx, high)),
        None => (cx.t("cal-bar-darkest").to_string(), cx.t("cal-bar-brightest").to_string()),
    };
    let name = menus::view_name(cx, view);
    ui.label(widgets::strong(name.as_str()));
    ui.label(widgets::figure(low.as_str()));
    let (rect, response) = ui.allocate_exact_size(vec2(200.0, 14.0), Sense::hover());
    colour_bar(ui, rect, |t| colour(view, t));
    ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.0, cx.tokens.bd), StrokeKind::Outside);
    ui.label(widgets::figure(format!("{high} {}", unit(cx, view)).trim_end()));
    let words = cx.tw("cal-bar", &[("name", name.into()), ("low", low.into()), ("high", high.into())]);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &words));
    if let View::Index(index) = view
        && let Some(formula) = cx.project.indices().text(index)
    {
        ui.label(egui::RichText::new(formula).text_style(text::tick()).color(cx.tokens.tx2));
    }
    if limits.is_none() {
        ui.label(widgets::secondary(cx.tokens, cx.t("cal-bar-own-limits").as_ref()));
    }
}

/// Colour of a view at a share of its range: the index ramp for indices, grey for radar.
fn colour(view: &View, t: f32) -> Color32 {
    match view {
        View::Index(name) => {
            let [r, g, b, a] = ramp::of_index(name, t);
            Color32::from_rgba_unmultiplied(r, g, b, a)
        }
        _ => Color32::from_gray((t * 255.0) as u8),
    }
}

fn colour_bar(ui: &Ui, rect: Rect, colour: impl Fn(f32) -> Color32) {
    const STEPS: usize = 50;
    let mut mesh = Mesh::default();
    for step in 0..=STEPS {
        let t = step as f32 / STEPS as f32;
        let x = rect.left() + rect.width() * t;
        mesh.colored_vertex(egui::pos2(x, rect.top()), colour(t));
        mesh.colored_vertex(egui::pos2(x, rect.bottom()), colour(t));
        if step > 0 {
            let last = 2 * step as u32;
            mesh.add_triangle(last - 2, last - 1, last);
            mesh.add_triangle(last - 1, last, last + 1);
        }
    }
    ui.painter().add(Shape::mesh(mesh));
}

fn classes_ui(ui: &mut Ui, scene: &Scene<'_>) {
    const SQUARE: f32 = 12.0;
    let tokens = scene.cx.tokens;
    let mask = scene.cx.project.mask();
    let font = egui::TextStyle::Small.resolve(ui.style());
    for class in 0..12u8 {
        let name = format!("{class} {}", class_name(scene.cx, class));
        let excluded = mask.excludes(class);
        let colour = if excluded { tokens.tx2 } else { tokens.tx };
        // Square and name are one piece, so that a narrow pane never breaks between them.
        let galley = ui.painter().layout_no_wrap(name.clone(), font.clone(), colour);
        let (rect, response) = ui.allocate_exact_size(vec2(SQUARE + 5.0 + galley.size().x + 8.0, 16.0), Sense::hover());
        let square = Rect::from_center_size(rect.left_center() + vec2(SQUARE / 2.0, 0.0), egui::Vec2::splat(SQUARE));
        let [r, g, b, a] = ramp::scene_class(class);
        ui.painter().rect(
            square,
            0.0,
            Color32::from_rgba_unmultiplied(r, g, b, a),
            Stroke::new(1.0, tokens.bds),
            StrokeKind::Inside,
        );
        let at = egui::pos2(square.right() + 5.0, rect.center().y - galley.size().y / 2.0);
        let width = galley.size().x;
        ui.painter().galley(at, galley, colour);
        if excluded {
            // Classes that count as not clear are struck through: the mask is readable without colour.
            ui.painter().hline(at.x..=at.x + width, rect.center().y, Stroke::new(1.0, colour));
        }
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &name));
    }
}
