//! Verdicts as people see them: shape, word and colour always together.

use egui::{Color32, Painter, Pos2, Rect, Stroke, Ui, pos2, vec2};

use crate::engine::rules::Verdict;
use crate::ui::theme::Tokens;

/// All verdicts in order.
pub const ALL: [Verdict; 3] = [Verdict::Green, Verdict::Yellow, Verdict::Red];

/// Colour of a verdict.
pub fn colour(tokens: &Tokens, verdict: Verdict) -> Color32 {
    match verdict {
        Verdict::Green => tokens.green,
        Verdict::Yellow => tokens.yellow,
        Verdict::Red => tokens.red,
    }
}

/// Message id of a verdict's word.
pub fn word_id(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Green => "tune-green",
        Verdict::Yellow => "tune-yellow",
        Verdict::Red => "tune-red",
    }
}

/// Draws the shape: check, filled diamond, cross.
pub fn paint(painter: &Painter, tokens: &Tokens, verdict: Verdict, at: Pos2, edge: f32) {
    let ink = colour(tokens, verdict);
    let stroke = Stroke::new(edge * 2.2 / 16.0, ink);
    let place = |x: f32, y: f32| at + vec2(x - 8.0, y - 8.0) * (edge / 16.0);
    match verdict {
        Verdict::Green => drop(painter.line(vec![place(3.0, 8.5), place(6.5, 12.0), place(13.0, 4.5)], stroke)),
        Verdict::Yellow => {
            let corners = vec![place(8.0, 2.0), place(14.0, 8.0), place(8.0, 14.0), place(2.0, 8.0)];
            painter.add(egui::Shape::convex_polygon(corners, ink, Stroke::NONE));
        }
        Verdict::Red => {
            painter.line_segment([place(4.0, 4.0), place(12.0, 12.0)], stroke);
            painter.line_segment([place(12.0, 4.0), place(4.0, 12.0)], stroke);
        }
    }
}

/// Shape in a line of widgets.
pub fn sign_ui(ui: &mut Ui, tokens: &Tokens, verdict: Verdict) {
    let (rect, _) = ui.allocate_exact_size(vec2(14.0, 16.0), egui::Sense::hover());
    paint(ui.painter(), tokens, verdict, rect.center(), 14.0);
}

/// `◆ → ✖` from the left edge of a place, in its middle.
pub fn paint_change(painter: &Painter, tokens: &Tokens, (before, after): (Verdict, Verdict), place: Rect) {
    let y = place.center().y;
    let left = place.left() + 7.0;
    paint(painter, tokens, before, pos2(left, y), 13.0);
    let (from, to) = (pos2(left + 13.0, y), pos2(left + 23.0, y));
    let stroke = Stroke::new(1.0, tokens.tx2);
    painter.line_segment([from, to], stroke);
    painter.line_segment([to - vec2(3.0, 3.0), to], stroke);
    painter.line_segment([to - vec2(3.0, -3.0), to], stroke);
    paint(painter, tokens, after, pos2(left + 36.0, y), 13.0);
}

/// Width of [`paint_change`].
pub const CHANGE: f32 = 52.0;
