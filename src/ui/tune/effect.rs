//! Pane of the effect: how many parcels of each verdict before and after, and the table of what became of whom.

use egui::{
    Align, Color32, CornerRadius, Layout, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::engine::rules::Verdict;
use crate::ui::cx::{Cx, Out};
use crate::ui::theme::text;
use crate::ui::{verdict, widgets};

use super::{TuneState, agreement, states};

/// Heights of a card and of a row of the table, and of both in a low pane.
const SIZES: [(f32, f32); 2] = [(78.0, 26.0), (56.0, 22.0)];

/// A pane below this is low; with labels, which need so much more for themselves.
const LOW: (f32, f32) = (218.0, 80.0);

/// Draws the pane; returns the response of its header.
pub fn effect_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) -> Response {
    let mut own = Out::default();
    let response = widgets::pane_ui(
        ui,
        cx,
        &cx.t("pane-effect"),
        &cx.t("tune-effect-hint"),
        |ui| {
            if ui.available_width() > 420.0 {
                ui.add_space(4.0);
                agreement::header_ui(ui, cx, out);
            }
        },
        |ui| {
            // The pane above says what is wrong and what to do.
            if state.effect.is_some() && cx.project.tuning().failed().is_none() {
                body_ui(ui, cx, state, &mut own);
            } else {
                widgets::empty_ui(ui, cx.tokens, &cx.t("tune-no-effect"), &cx.t("tune-no-effect-counts"), None);
            }
        },
    );
    out.commands.append(&mut own.commands);
    out.actions.append(&mut own.actions);
    response
}

fn body_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) {
    let Some(effect) = state.effect.clone() else { return };
    let dimmed = states::dimmed(cx);
    let table = effect.table;
    let least = LOW.0 + if cx.project.tuning().labels().is_some() { LOW.1 } else { 0.0 };
    let (card, cell) = SIZES[usize::from(ui.available_height() < least)];
    let sum =
        |class: usize, before: bool| (0..3).map(|other| if before { table[class][other] } else { table[other][class] }).sum();
    egui::ScrollArea::vertical().id_salt("tune-effect").auto_shrink(false).show(ui, |ui| {
        widgets::padded_ui(ui, |ui| {
            if dimmed {
                ui.set_opacity(0.6);
            }
            let width = (ui.available_width() - 16.0) / 3.0;
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                for (class, verdict) in verdict::ALL.into_iter().enumerate() {
                    card_ui(ui, cx, verdict, (sum(class, true), sum(class, false)), vec2(width, card));
                }
            });
            ui.add_space(4.0);
            table_ui(ui, cx, state, &table, cell);
            agreement::agreement_ui(ui, cx, &mut state.agreement, out);
        });
    });
}

/// `before → after` and the difference.
fn card_ui(ui: &mut Ui, cx: &Cx<'_>, verdict: Verdict, (before, after): (usize, usize), size: egui::Vec2) {
    let tokens = cx.tokens;
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let low = size.y < SIZES[0].0;
    let word = verdict::word(cx, Some(verdict));
    let difference = after as i64 - before as i64;
    let sign = if difference > 0 { "+" } else { "" };
    let difference = format!("{sign}{}", cx.texts.number(difference as f64, 0));
    let args = [
        ("verdict", word.as_ref().into()),
        ("before", before.into()),
        ("after", after.into()),
        ("difference", difference.as_str().into()),
    ];
    let told = cx.tw("tune-card", &args);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, told.as_str()));
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect(rect, CornerRadius::same(4), tokens.bg1, Stroke::new(1.0, tokens.bd), StrokeKind::Inside);
    let left = rect.left() + 12.0;
    let title = rect.top() + if low { 15.0 } else { 17.0 };
    verdict::paint(&painter, tokens, pos2(left + 6.0, title), 14.0, Some(verdict));
    let header = text::header().resolve(ui.style());
    painter.text(pos2(left + 20.0, title), egui::Align2::LEFT_CENTER, &*word, header, verdict::colour(tokens, Some(verdict)));
    let mono = egui::FontId::new(17.0, egui::FontFamily::Monospace);
    let strong = egui::FontId::new(17.0, crate::ui::fonts::mono_strong());
    let figures = rect.top() + if low { 38.0 } else { 40.0 };
    let first = painter.text(pos2(left, figures), egui::Align2::LEFT_CENTER, cx.texts.number(before as f64, 0), mono, tokens.tx2);
    let arrow = [pos2(first.right() + 8.0, first.center().y), pos2(first.right() + 20.0, first.center().y)];
    painter.line_segment(arrow, Stroke::new(1.5, tokens.tx2));
    painter.line_segment([arrow[1] - vec2(4.0, 4.0), arrow[1]], Stroke::new(1.5, tokens.tx2));
    painter.line_segment([arrow[1] - vec2(4.0, -4.0), arrow[1]], Stroke::new(1.5, tokens.tx2));
    let second = pos2(arrow[1].x + 8.0, first.center().y);
    painter.text(second, egui::Align2::LEFT_CENTER, cx.texts.number(after as f64, 0), strong, tokens.tx);
    let numeric = text::numeric().resolve(ui.style());
    let (at, align) = if low {
        (pos2(rect.right() - 10.0, title), egui::Align2::RIGHT_CENTER)
    } else {
        (pos2(left, rect.top() + 63.0), egui::Align2::LEFT_CENTER)
    };
    painter.text(at, align, difference, numeric, tokens.tx2);
}

/// Verdicts before in rows, after in columns.
fn table_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, table: &[[usize; 3]; 3], row_height: f32) {
    let tokens = cx.tokens;
    let width = ui.available_width();
    let first = (width * 0.28).clamp(96.0, 220.0);
    let column = (width - first) / 3.0;
    let (rect, _) = ui.allocate_exact_size(vec2(width, row_height * 4.0), Sense::hover());
    let place = |row: usize, at: usize| {
        let left = rect.left() + if at == 0 { 0.0 } else { first + (at - 1) as f32 * column };
        Rect::from_min_size(
            pos2(left, rect.top() + row as f32 * row_height),
            vec2(if at == 0 { first } else { column }, row_height),
        )
    };
    ui.painter().rect_filled(Rect::from_min_max(rect.min, pos2(rect.right(), rect.top() + row_height)), 0.0, tokens.bg2);
    let mut head = ui.new_child(
        egui::UiBuilder::new().max_rect(place(0, 0).shrink2(vec2(8.0, 0.0))).layout(Layout::left_to_right(Align::Center)),
    );
    head.add(
        egui::Label::new(RichText::new(&*cx.t("tune-table-corner")).text_style(egui::TextStyle::Small).color(tokens.tx2))
            .truncate(),
    );
    for (class, verdict) in verdict::ALL.into_iter().enumerate() {
        for (row, at) in [(0, class + 1), (class + 1, 0)] {
            let mut child = ui.new_child(
                egui::UiBuilder::new()
                    .max_rect(place(row, at).shrink2(vec2(8.0, 0.0)))
                    .layout(Layout::left_to_right(Align::Center)),
            );
            verdict::sign_ui(&mut child, tokens, verdict);
            let word = RichText::new(&*verdict::word(cx, Some(verdict)))
                .text_style(text::header())
                .color(verdict::colour(tokens, Some(verdict)));
            child.add(egui::Label::new(word).truncate());
        }
    }
    for (from, before) in verdict::ALL.into_iter().enumerate() {
        for (to, after) in verdict::ALL.into_iter().enumerate() {
            cell_ui(ui, cx, state, place(from + 1, to + 1), (before, after), table[from][to]);
        }
    }
    for line in 0..=4 {
        ui.painter().hline(rect.x_range(), rect.top() + line as f32 * row_height, Stroke::new(1.0, tokens.bd));
    }
    for at in 0..3 {
        ui.painter().vline(place(0, at + 1).left(), rect.y_range(), Stroke::new(1.0, tokens.bd));
    }
    ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.0, tokens.bd), StrokeKind::Inside);
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, place: Rect, (before, after): (Verdict, Verdict), count: usize) {
    let tokens = cx.tokens;
    let moved = before != after && count > 0;
    let selected = state.cell == Some((before, after));
    let sense = if count > 0 { Sense::click() } else { Sense::hover() };
    let response = ui.interact(place, ui.scope_id().with(("tune-cell", before as u8, after as u8)), sense);
    let fill = match (selected, moved, response.hovered() && count > 0) {
        (true, ..) | (_, true, _) => tokens.sel,
        (_, _, true) => tokens.bg3,
        _ => Color32::TRANSPARENT,
    };
    ui.painter().rect_filled(place, 0.0, fill);
    if selected {
        ui.painter().rect_stroke(place.shrink(1.0), 0.0, Stroke::new(2.0, tokens.ac), StrokeKind::Inside);
    }
    let ink = if count == 0 { tokens.tx3 } else { tokens.tx };
    let font = if moved { text::numeric_strong() } else { text::numeric() }.resolve(ui.style());
    let at = pos2(place.right() - 10.0, place.center().y);
    let shown = ui.painter().text(at, egui::Align2::RIGHT_CENTER, cx.texts.number(count as f64, 0), font, ink);
    if count > 0 && (moved || response.hovered()) {
        ui.painter().hline(shown.x_range(), shown.bottom() - 1.0, Stroke::new(1.0, ink));
    }
    if response.has_focus() {
        ui.painter().rect_stroke(place, 0.0, Stroke::new(2.0, tokens.focus), StrokeKind::Inside);
    }
    let words = (verdict::word(cx, Some(before)), verdict::word(cx, Some(after)));
    let args = [("before", words.0.as_ref().into()), ("after", words.1.as_ref().into()), ("n", count.into())];
    let name = cx.tw("tune-cell", &args);
    response
        .widget_info(|| WidgetInfo::selected(if count > 0 { Role::Button } else { Role::Label }, true, selected, name.as_str()));
    if response.clicked() {
        state.cell = if selected { None } else { Some((before, after)) };
    }
}
