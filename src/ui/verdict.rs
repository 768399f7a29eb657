//! Automatic verdicts on screen: shape, word and colour always together.

use std::sync::Arc;

use egui::{Color32, Painter, Pos2, Rect, Sense, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use super::cx::Cx;
use super::theme::Tokens;
use crate::model::rules::Verdict;

/// From green to red, in the order of counts.
pub const ALL: [Verdict; 3] = [Verdict::Green, Verdict::Yellow, Verdict::Red];

/// Word of a verdict; `None` is not assessed.
pub fn word(cx: &Cx<'_>, verdict: Option<Verdict>) -> Arc<str> {
    match verdict {
        Some(Verdict::Green) => cx.t("verdict-green"),
        Some(Verdict::Yellow) => cx.t("verdict-yellow"),
        Some(Verdict::Red) => cx.t("verdict-red"),
        None => cx.t("verdict-none"),
    }
}

/// Colour of a verdict; `None` is not assessed.
pub fn colour(tokens: &Tokens, verdict: Option<Verdict>) -> Color32 {
    match verdict {
        Some(Verdict::Green) => tokens.green,
        Some(Verdict::Yellow) => tokens.yellow,
        Some(Verdict::Red) => tokens.red,
        None => tokens.grey,
    }
}

/// Paints the symbol of a verdict into a square of a size: check, diamond, cross, dash.
pub fn paint(painter: &Painter, tokens: &Tokens, centre: Pos2, size: f32, verdict: Option<Verdict>) {
    paint_in(painter, centre, size, verdict, colour(tokens, verdict));
}

/// [`paint`] in a colour of its own.
pub fn paint_in(painter: &Painter, centre: Pos2, size: f32, verdict: Option<Verdict>, ink: Color32) {
    // Strokes of 2.5 on a grid of 16.
    let unit = size / 16.0;
    let at = |x: f32, y: f32| centre + vec2(x * unit, y * unit);
    let stroke = Stroke::new((2.5 * unit).max(1.6), ink);
    match verdict {
        Some(Verdict::Green) => drop(painter.line(vec![at(-5.0, 0.5), at(-1.5, 4.0), at(5.5, -4.5)], stroke)),
        Some(Verdict::Yellow) => {
            let corners = vec![at(0.0, -6.0), at(6.0, 0.0), at(0.0, 6.0), at(-6.0, 0.0)];
            painter.add(Shape::convex_polygon(corners, ink, Stroke::NONE));
        }
        Some(Verdict::Red) => {
            painter.line_segment([at(-4.5, -4.5), at(4.5, 4.5)], stroke);
            painter.line_segment([at(4.5, -4.5), at(-4.5, 4.5)], stroke);
        }
        None => drop(painter.line_segment([at(-4.5, 0.0), at(4.5, 0.0)], stroke)),
    }
}

/// The symbol on a field of its own, to be seen on any image.
pub fn paint_on_image(painter: &Painter, tokens: &Tokens, centre: Pos2, verdict: Verdict) {
    let field = Rect::from_center_size(pos2(centre.x.round(), centre.y.round()), vec2(19.0, 19.0));
    painter.rect(field, 3.0, tokens.bg1, Stroke::new(1.0, tokens.bds), StrokeKind::Inside);
    paint(painter, tokens, field.center(), 15.0, Some(verdict));
}

/// The symbol in a line of widgets.
pub fn sign_ui(ui: &mut Ui, tokens: &Tokens, verdict: Verdict) {
    let (rect, _) = ui.allocate_exact_size(vec2(14.0, 16.0), Sense::hover());
    paint(ui.painter(), tokens, rect.center(), 14.0, Some(verdict));
}

/// Width of [`paint_change`].
pub const CHANGE: f32 = 52.0;

/// `◆ → ✖` from the left edge of a place, in its middle.
pub fn paint_change(painter: &Painter, tokens: &Tokens, (before, after): (Verdict, Verdict), place: Rect) {
    let y = place.center().y;
    let left = place.left() + 7.0;
    paint(painter, tokens, pos2(left, y), 13.0, Some(before));
    let (from, to) = (pos2(left + 13.0, y), pos2(left + 23.0, y));
    let stroke = Stroke::new(1.0, tokens.tx2);
    painter.line_segment([from, to], stroke);
    painter.line_segment([to - vec2(3.0, 3.0), to], stroke);
    painter.line_segment([to - vec2(3.0, -3.0), to], stroke);
    paint(painter, tokens, pos2(left + 36.0, y), 13.0, Some(after));
}
