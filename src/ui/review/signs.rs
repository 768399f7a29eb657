//! Expert verdicts and states of the review on screen: shape, word and colour always together.

use egui::{Color32, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, vec2};

use crate::model::review::Look;
use crate::model::rules::Verdict;
use crate::ui::theme::Tokens;
use crate::ui::verdict;

/// What a symbol stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// An expert or final verdict.
    Look(Look),
    /// Nobody has decided.
    Open,
    /// To come back to.
    Deferred,
    /// Flagged.
    Flag,
    /// Reviewers disagree.
    Disputed,
}

/// Colour of a symbol.
pub fn colour(tokens: &Tokens, sign: Sign) -> Color32 {
    match sign {
        Sign::Look(Look::Compliant) => tokens.green,
        Sign::Look(Look::NonCompliant) => tokens.red,
        Sign::Look(Look::Inconclusive) | Sign::Open => tokens.grey,
        Sign::Look(Look::Request) => tokens.ac,
        Sign::Deferred => tokens.blue,
        Sign::Flag | Sign::Disputed => tokens.yellow,
    }
}

/// Paints a symbol into a square of a size: check, cross, circle, square with a point, dash, hollow diamond, flag, two arrows apart.
pub fn paint(painter: &Painter, tokens: &Tokens, centre: Pos2, size: f32, sign: Sign) {
    let ink = colour(tokens, sign);
    let unit = size / 16.0;
    let at = |x: f32, y: f32| centre + vec2(x * unit, y * unit);
    let stroke = Stroke::new((2.5 * unit).max(1.6), ink);
    let thin = Stroke::new((1.8 * unit).max(1.4), ink);
    match sign {
        Sign::Look(Look::Compliant) => verdict::paint_in(painter, centre, size, Some(Verdict::Green), ink),
        Sign::Look(Look::NonCompliant) => verdict::paint_in(painter, centre, size, Some(Verdict::Red), ink),
        Sign::Open => verdict::paint_in(painter, centre, size, None, ink),
        Sign::Look(Look::Inconclusive) => drop(painter.circle_stroke(centre, 4.8 * unit, stroke)),
        Sign::Look(Look::Request) => {
            let edge = Rect::from_center_size(centre, vec2(12.0 * unit, 9.0 * unit));
            painter.rect_stroke(edge, 1.5, thin, StrokeKind::Middle);
            painter.circle_filled(centre, 2.2 * unit, ink);
        }
        Sign::Deferred => {
            let corners = vec![at(0.0, -5.5), at(5.5, 0.0), at(0.0, 5.5), at(-5.5, 0.0)];
            painter.add(Shape::closed_line(corners, thin));
        }
        Sign::Flag => {
            painter.line_segment([at(-4.5, -6.5), at(-4.5, 6.5)], thin);
            let cloth = vec![at(-4.5, -6.0), at(5.5, -6.0), at(2.5, -2.75), at(5.5, 0.5), at(-4.5, 0.5)];
            painter.add(Shape::closed_line(cloth, thin));
        }
        Sign::Disputed => {
            painter.line(vec![at(-2.0, -5.0), at(-6.0, 0.0), at(-2.0, 5.0)], thin);
            painter.line(vec![at(2.0, -5.0), at(6.0, 0.0), at(2.0, 5.0)], thin);
        }
    }
}
