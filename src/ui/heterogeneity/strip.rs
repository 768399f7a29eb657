//! The decision and the strip of periods: a map and its markers a period, S1 below S2.

use egui::{Align2, CornerRadius, Pos2, Rect, Role, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::overlay::View;
use super::words;
use crate::model::heterogeneity::{CIndex, Mark, Marks, Stream};
use crate::project::Command;
use crate::ui::cx::{Cx, Out};
use crate::ui::theme::{size, text};
use crate::ui::widgets::{self, Button};

/// Width of the names at the left.
const LABEL: f32 = 30.0;
/// Edge of a marker's field.
const MARK: f32 = 13.0;
/// Limits of a column.
const COLUMN: std::ops::RangeInclusive<f32> = 58.0..=92.0;

/// The index, the window that decided, what is missing.
pub fn decision_ui(ui: &mut Ui, cx: &Cx<'_>, view: &View, out: &mut Out) {
    let decision = &view.judged.decision;
    let seen = view.judged.s2.iter().any(|marks| marks.values[0].is_some());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        if !seen {
            ui.label(widgets::strong(cx.t("hetero-na").as_ref()));
            let absent = view.of(Stream::S2).and_then(|maps| maps.periods.iter().find_map(|map| map.absent));
            if let Some(absent) = absent {
                ui.label(widgets::secondary(cx.tokens, words::absence(cx, absent)));
            }
            return;
        }
        let (rect, _) = ui.allocate_exact_size(vec2(14.0, 18.0), Sense::hover());
        symbol(ui, rect.center(), decision.index, cx);
        ui.label(widgets::strong(words::index(cx, decision.index)).color(words::colour(cx.tokens, decision.index)));
        if let Some(period) = decision.period {
            let first = usize::from(period) - 1;
            let last = (first + 2).min(view.maps.periods.len() - 1);
            let (from, to) = (view.maps.periods[first].from, view.maps.periods[last].to);
            let total: u32 = decision.sums.iter().map(|&sum| u32::from(sum)).sum();
            ui.label(cx.tw(
                "hetero-window",
                &[
                    ("first", u32::from(period).into()),
                    ("last", (last as u32 + 1).into()),
                    ("from", cx.texts.date(from).into()),
                    ("to", cx.texts.date(to).into()),
                    ("total", total.into()),
                ],
            ));
            if ui.add(Button::new(&cx.t("hetero-show-window"))).clicked() {
                let dates = (Some(from), Some(to));
                show_dates(cx, view, dates, out);
            }
        } else {
            ui.label(widgets::secondary(cx.tokens, cx.t("hetero-no-why").to_string()));
        }
        if decision.missing > 0 {
            ui.label(widgets::secondary(cx.tokens, cx.tw("hetero-missing", &[("n", u32::from(decision.missing).into())])));
        }
    });
    for problem in &view.maps.problems {
        ui.label(egui::RichText::new(problem).color(cx.tokens.red));
    }
}

/// Makes the clearest date of a window current.
fn show_dates(cx: &Cx<'_>, view: &View, (from, to): (Option<jiff::civil::Date>, Option<jiff::civil::Date>), out: &mut Out) {
    let Some(coverage) = cx.project.coverage(view.parcel).ready() else { return };
    let Some(data) = cx.project.data() else { return };
    let day = |acquisition| crate::model::units::utc_day(data.catalog.get(acquisition).acquired);
    let within = |acquisition| from.is_none_or(|from| day(acquisition) >= from) && to.is_none_or(|to| day(acquisition) <= to);
    let optical = |acquisition| data.catalog.get(acquisition).sensor == crate::model::Sensor::S2;
    let best = coverage
        .acquisitions
        .iter()
        .filter_map(|own| own.granules.first())
        .filter(|own| within(own.acquisition) && optical(own.acquisition))
        .max_by(|a, b| {
            let clear = |own: &crate::model::observation::Coverage| own.clear(cx.project.mask());
            clear(a).total_cmp(&clear(b)).then(b.acquisition.cmp(&a.acquisition))
        });
    if let Some(best) = best {
        out.push(Command::SelectAcquisition(best.acquisition));
    }
}

/// Number of bars of an index, for those who do not see colours.
fn symbol(ui: &Ui, centre: Pos2, index: CIndex, cx: &Cx<'_>) {
    let filled = CIndex::ALL.iter().position(|own| *own == index).unwrap_or(0);
    for bar in 0..4 {
        let height = 4.0 + bar as f32 * 3.0;
        let left = centre.x - 7.0 + bar as f32 * 4.0;
        let rect = Rect::from_min_max(pos2(left, centre.y + 7.0 - height), pos2(left + 3.0, centre.y + 7.0));
        if bar < filled {
            ui.painter().rect_filled(rect, 0.0, words::colour(cx.tokens, index));
        } else {
            ui.painter().rect_stroke(rect, 0.0, Stroke::new(1.0, cx.tokens.bds), StrokeKind::Inside);
        }
    }
}

/// All periods side by side.
pub fn strip_ui(ui: &mut Ui, cx: &Cx<'_>, view: &View, selected: &mut Option<(Stream, usize)>, out: &mut Out) {
    let count = view.maps.periods.len();
    let streams: Vec<Stream> =
        [Stream::S2, Stream::S1].into_iter().filter(|&stream| !view.maps.stream(stream).variables.is_empty()).collect();
    let pitch = ((ui.available_width() - LABEL) / count.max(1) as f32).clamp(*COLUMN.start(), *COLUMN.end());
    let edge = pitch - 8.0;
    let line = edge + MARK + 10.0;
    let names = 17.0;
    let whole = vec2(LABEL + pitch * count as f32, names + line * streams.len() as f32);
    egui::ScrollArea::horizontal().id_salt("periods").show(ui, |ui| {
        let (rect, _) = ui.allocate_exact_size(whole, Sense::hover());
        window_ui(ui, cx, view, rect, pitch);
        for (at, period) in view.maps.periods.iter().enumerate() {
            let left = rect.left() + LABEL + pitch * at as f32;
            let name = cx.texts.day_month(period.from);
            let font = text::tick().resolve(ui.style());
            ui.painter().text(pos2(left + 2.0, rect.top() + 2.0), Align2::LEFT_TOP, name, font, cx.tokens.tx2);
            for (row, &stream) in streams.iter().enumerate() {
                let top = rect.top() + names + line * row as f32;
                let place = Rect::from_min_size(pos2(left + 2.0, top), vec2(edge, edge));
                map_ui(ui, cx, view, (stream, at), place, selected, out);
                let marks = pos2(place.left(), place.bottom() + 3.0);
                marks_ui(ui, cx, view, (stream, at), marks);
            }
        }
        for (row, stream) in streams.iter().enumerate() {
            let name = if *stream == Stream::S2 { "S2" } else { "S1" };
            let at = pos2(rect.left(), rect.top() + names + line * row as f32 + edge / 2.0);
            ui.painter().text(at, Align2::LEFT_CENTER, name, text::header().resolve(ui.style()), cx.tokens.tx);
        }
    });
}

/// The frame around the window that decided.
fn window_ui(ui: &Ui, cx: &Cx<'_>, view: &View, rect: Rect, pitch: f32) {
    let Some(first) = view.judged.decision.period else { return };
    let left = rect.left() + LABEL + pitch * f32::from(first - 1);
    let columns = (view.maps.periods.len() - usize::from(first - 1)).min(3);
    let frame = Rect::from_min_max(pos2(left - 1.0, rect.top()), pos2(left + pitch * columns as f32 - 2.0, rect.bottom()));
    ui.painter().rect_stroke(frame, CornerRadius::same(2), Stroke::new(2.0, cx.tokens.win), StrokeKind::Inside);
}

fn map_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    view: &View,
    own: (Stream, usize),
    place: Rect,
    selected: &mut Option<(Stream, usize)>,
    out: &mut Out,
) {
    let (stream, at) = own;
    let tokens = cx.tokens;
    let response = ui.interact(place, ui.scope_id().with(("period", stream == Stream::S2, at)), Sense::click());
    ui.painter().rect_filled(place, 0.0, tokens.skel);
    let map = view.of(stream).and_then(|maps| maps.periods.get(at).map(|map| (maps, map)));
    let absent = map.and_then(|(_, map)| map.absent);
    if let Some((maps, _)) = map
        && let (width, height) = (maps.grid.width as f32, maps.grid.height as f32)
        && let scale = place.width() / width.max(height).max(1.0)
        && let Some(texture) = view.texture(ui.ctx(), stream, at, scale)
    {
        let inner = Rect::from_center_size(place.center(), vec2(width * scale, height * scale));
        ui.painter().image(texture, inner, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), egui::Color32::WHITE);
    } else {
        ui.painter().text(place.center(), Align2::CENTER_CENTER, "NA", text::tick().resolve(ui.style()), tokens.tx2);
    }
    let on = *selected == Some(own);
    let border =
        if on { Stroke::new(2.0, tokens.ac) } else { Stroke::new(1.0, if response.hovered() { tokens.tx } else { tokens.bd }) };
    ui.painter().rect_stroke(place, 0.0, border, StrokeKind::Outside);
    if response.has_focus() {
        ui.painter().rect_stroke(place.expand(2.0), 0.0, Stroke::new(size::RING, tokens.focus), StrokeKind::Outside);
    }
    let label = cx.tw(
        "hetero-map-label",
        &[("stream", if stream == Stream::S2 { "S2" } else { "S1" }.into()), ("period", (at as u32 + 1).into())],
    );
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &label));
    if response.clicked() {
        *selected = Some(own);
        let period = &view.maps.periods[at];
        show_dates(cx, view, (Some(period.from), Some(period.to)), out);
    }
    response.on_hover_ui(|ui| {
        let period = &view.maps.periods[at];
        ui.label(widgets::strong(cx.tw(
            "hetero-period",
            &[
                ("n", (at as u32 + 1).into()),
                ("from", cx.texts.date(period.from).into()),
                ("to", cx.texts.date(period.to).into()),
            ],
        )));
        if let Some(absent) = absent {
            ui.label(words::absence(cx, absent));
        } else if let Some((_, map)) = map {
            let holes = (map.quantities.holes, map.quantities.partial_holes);
            ui.label(cx.tw("hetero-pixels", &[("n", map.quantities.pixels.into())]));
            if stream == Stream::S2 && (holes.0 > 0 || holes.1 > 0) {
                ui.label(cx.tw("hetero-holes", &[("n", u32::from(holes.0).into()), ("part", u32::from(holes.1).into())]));
            }
        }
    });
}

/// The markers of a period as small fields: filled is 1, hollow 0, a dash not available.
fn marks_ui(ui: &mut Ui, cx: &Cx<'_>, view: &View, (stream, at): (Stream, usize), corner: Pos2) {
    let marks: Option<&Marks> = match stream {
        Stream::S2 => view.judged.s2.get(at),
        Stream::S1 => view.judged.s1.get(at),
    };
    let Some(marks) = marks else { return };
    let absent = view.of(stream).and_then(|maps| maps.periods.get(at)).and_then(|map| map.absent);
    let names = words::names(stream);
    for (position, place) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()).enumerate() {
        let (number, name) = place;
        let rect = Rect::from_min_size(corner + vec2(position as f32 * MARK, 0.0), vec2(MARK - 1.5, MARK));
        mark_ui(ui, cx, rect, name, marks.values[number]);
        let response = ui.interact(rect, ui.scope_id().with(("mark", stream == Stream::S2, at, number)), Sense::hover());
        let why = words::because(cx, &marks.because[number], absent);
        let value = match marks.values[number] {
            Some(true) => "1",
            Some(false) => "0",
            None => "NA",
        };
        let label = cx.tw(
            "hetero-mark-label",
            &[
                ("name", (*name).into()),
                ("period", (at as u32 + 1).into()),
                ("value", value.into()),
                ("why", why.as_str().into()),
            ],
        );
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &label));
        let meaning = cx.t(&format!("hetero-{}", name.to_lowercase()));
        response.on_hover_ui(|ui| {
            ui.label(widgets::strong(format!("{name} = {value}")));
            ui.label(meaning.as_ref());
            ui.label(widgets::secondary(cx.tokens, why.as_str()));
        });
    }
}

fn mark_ui(ui: &Ui, cx: &Cx<'_>, rect: Rect, name: &str, mark: Mark) {
    let tokens = cx.tokens;
    let digit = name.trim_start_matches('M');
    let font = text::tick().resolve(ui.style());
    let painter = ui.painter();
    match mark {
        Some(true) => {
            painter.rect_filled(rect, CornerRadius::same(2), tokens.ac);
            painter.text(rect.center(), Align2::CENTER_CENTER, digit, font, tokens.acx);
        }
        Some(false) => {
            painter.rect_stroke(rect, CornerRadius::same(2), Stroke::new(1.0, tokens.bd), StrokeKind::Inside);
            painter.text(rect.center(), Align2::CENTER_CENTER, digit, font, tokens.tx3);
        }
        None => {
            let dash = Rect::from_center_size(rect.center(), vec2(6.0, 1.5));
            painter.rect_filled(dash, 0.0, tokens.tx3);
        }
    }
}
