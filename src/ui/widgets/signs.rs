//! A sign with its word or its count: what automatic verdicts and those of people share on screen.

use egui::{Color32, Painter, Pos2, Response, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ui::cx::Cx;
use crate::ui::theme::{Tokens, text};

/// Room of the sign between title and word.
const SIGN: f32 = 30.0;

/// A title in small capitals, a sign that `paint` draws about a place, and a word beside it. The caller names it for screen readers.
pub fn titled_sign_ui(
    ui: &mut Ui,
    tokens: &Tokens,
    title: &str,
    word: &str,
    ink: Color32,
    paint: impl FnOnce(&Painter, Pos2),
) -> Response {
    let tick = text::tick().resolve(ui.style());
    let title = ui.painter().layout_no_wrap(title.to_uppercase(), tick, tokens.tx2);
    let galley = ui.painter().layout_no_wrap(word.to_owned(), text::header().resolve(ui.style()), ink);
    let width = title.size().x + galley.size().x + SIGN;
    let (rect, response) = ui.allocate_exact_size(vec2(width, 22.0), Sense::hover());
    let middle = |height: f32| rect.center().y - height / 2.0;
    let symbol = rect.left() + title.size().x + 16.0;
    let after = pos2(symbol + 12.0, middle(galley.size().y));
    ui.painter().galley(pos2(rect.left(), middle(title.size().y)), title, tokens.tx2);
    paint(ui.painter(), pos2(symbol, rect.center().y));
    ui.painter().galley(after, galley, ink);
    response
}

/// A sign that `paint` draws about a place, with a count, that can be pressed; `name` says what it shows.
pub fn count_chip_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    count: usize,
    name: &str,
    on: bool,
    paint: impl FnOnce(&Painter, Pos2),
) -> Response {
    let tokens = cx.tokens;
    let figure = cx.texts.number(count as f64, 0);
    let galley = ui.painter().layout_no_wrap(figure, text::numeric().resolve(ui.style()), tokens.tx);
    let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + 28.0, 24.0), Sense::click());
    let (fill, border) = match (on, response.hovered()) {
        (true, _) => (tokens.sel, tokens.ac),
        (false, true) => (tokens.bg3, tokens.bds),
        (false, false) => (tokens.bg2, tokens.bd),
    };
    ui.painter().rect(rect, 3.0, fill, egui::Stroke::new(1.0, border), egui::StrokeKind::Inside);
    paint(ui.painter(), pos2(rect.left() + 12.0, rect.center().y));
    ui.painter().galley(pos2(rect.left() + 22.0, rect.center().y - galley.size().y / 2.0), galley, tokens.tx);
    super::focus_ring(ui, tokens, &response);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, name));
    response.on_hover_text(name)
}
