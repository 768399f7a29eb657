//! Events, evidence window, thresholds and smoothed curves of the ruleset on the graphs.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Align2, Painter, Rect, Shape, Stroke, Ui, pos2, vec2};
use egui_plot::{Line, PlotPoint, PlotPoints, PlotTransform, PlotUi};

use crate::model::Signal;
use crate::ui::cx::Cx;
use crate::ui::markers::model::{EventMark, MarkerModel, label_rows};
use crate::ui::markers::words;

use super::legend::triangle;
use super::model::{Panel, unit};
use super::panel::Place;
use super::{Frame, axis, readout};

/// Name of the legend entry of the evidence window.
pub const WINDOW: &str = "window";
/// Name of the legend entry of smoothed curves.
pub const SMOOTHED: &str = "smoothed";
/// Opacity of spans.
const SPAN: f32 = 0.16;
/// Height of a row of labels, and how many there are at most.
const ROW: f32 = 14.0;
const ROWS: usize = 3;

/// What the ruleset adds to the graphs.
pub struct Marks {
    /// Events, window, thresholds, curves.
    pub model: Arc<MarkerModel>,
    /// Drawn dimmed: a newer answer is on its way.
    pub stale: bool,
    /// Smoothed curves are shown.
    pub smoothed: bool,
}

/// Name of the legend entry of a kind of events.
pub fn key(name: &str) -> String {
    format!("event:{name}")
}

fn same(a: &Signal, b: &Signal) -> bool {
    a.name().eq_ignore_ascii_case(&b.name())
}

fn of_panel(panel: &Panel, signals: &[Signal]) -> bool {
    panel.signals.iter().any(|own| signals.iter().any(|other| same(own, other)))
}

/// Events of a graph: those of its signals; the first graph has those too whose signals no graph shows. True for those that are
/// named here: an event is named on the first graph that shows it.
fn events<'f>(frame: &'f Frame<'_>, number: usize, hidden: &BTreeSet<String>) -> Vec<(&'f EventMark, bool)> {
    let Some(marks) = &frame.marks else { return Vec::new() };
    let shown = marks.model.events.iter().filter(|event| !hidden.contains(&key(&event.name)));
    let on_panel = |event: &'f EventMark| {
        let first = frame.panels.iter().position(|panel| of_panel(panel, &event.signals)).unwrap_or(0);
        let own = first == number || frame.panels.get(number).is_some_and(|panel| of_panel(panel, &event.signals));
        own.then_some((event, first == number))
    };
    shown.filter_map(on_panel).collect()
}

/// Shades events, marks their peaks, names them; draws the window and thresholds.
pub(super) fn paint(
    ui: &Ui,
    cx: &Cx<'_>,
    frame: &Frame<'_>,
    panel: &Panel,
    hidden: &BTreeSet<String>,
    place: &Place,
    transform: &PlotTransform,
) {
    let Some(marks) = &frame.marks else { return };
    let rect = *transform.frame();
    let mut painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    if marks.stale {
        painter.set_opacity(0.6);
    }
    let x_at = |day: f64| transform.position_from_point(&PlotPoint::new(day, place.y.0)).x;
    if let Some(window) = marks.model.window.filter(|_| !hidden.contains(WINDOW)) {
        for day in [window.from, window.to].into_iter().filter(|day| day.is_finite()) {
            painter.vline(x_at(day), rect.y_range(), Stroke::new(1.5, cx.tokens.win));
        }
    }
    let events = events(frame, place.number, hidden);
    for (event, _) in &events {
        // An event of one day is still to be seen.
        let (left, right) = (x_at(event.start), x_at(event.stop));
        let span = Rect::from_x_y_ranges(left..=right.max(left + 2.0), rect.y_range());
        painter.rect_filled(span, 0.0, cx.tokens.ev.gamma_multiply(SPAN));
    }
    for (event, _) in &events {
        painter.add(triangle(pos2(x_at(event.main), rect.top() + 6.0), 5.0, false, cx.tokens.ev));
    }
    labels(ui, cx, &painter, rect, &events, &x_at);
    let y_at = |value: f64| transform.position_from_point(&PlotPoint::new(frame.shown.0, value)).y;
    levels(ui, cx, &painter, (rect, panel, marks), &y_at);
}

/// Names beside the peaks, in rows so that none covers another.
fn labels(ui: &Ui, cx: &Cx<'_>, painter: &Painter, rect: Rect, events: &[(&EventMark, bool)], x_at: &impl Fn(f64) -> f32) {
    let font = egui::TextStyle::Small.resolve(ui.style());
    let named: Vec<_> = events
        .iter()
        .filter(|(_, named)| *named)
        .map(|(event, _)| (x_at(event.main), painter.layout_no_wrap(words::title(cx, &event.name), font.clone(), cx.tokens.ev)))
        .filter(|(x, _)| rect.x_range().contains(*x))
        .collect();
    // At the right edge a name stands before its peak.
    let left = |x: f32, width: f32| if x + 8.0 + width > rect.right() { x - 8.0 - width } else { x + 8.0 };
    let mut spans: Vec<(f32, f32, usize)> = named
        .iter()
        .enumerate()
        .map(|(at, (x, galley))| (left(*x, galley.size().x), left(*x, galley.size().x) + galley.size().x + 6.0, at))
        .collect();
    spans.sort_by(|a, b| a.0.total_cmp(&b.0));
    let rows = ROWS.min(((rect.height() - 4.0) / ROW) as usize);
    let edges: Vec<(f32, f32)> = spans.iter().map(|&(left, right, _)| (left, right)).collect();
    for (&(left, _, at), row) in spans.iter().zip(label_rows(&edges, rows)) {
        let Some(row) = row else { continue };
        let corner = pos2(left, rect.top() + 1.0 + row as f32 * ROW);
        let galley = &named[at].1;
        painter.rect_filled(
            Rect::from_min_size(corner, galley.size()).expand2(vec2(2.0, 0.0)),
            2.0,
            cx.tokens.plot.gamma_multiply(0.8),
        );
        painter.galley(corner, Arc::clone(galley), cx.tokens.ev);
    }
}

/// Thresholds of the signals of a graph: dashed, with name and value.
fn levels(ui: &Ui, cx: &Cx<'_>, painter: &Painter, (rect, panel, marks): (Rect, &Panel, &Marks), y_at: &impl Fn(f64) -> f32) {
    for level in marks.model.levels.iter().filter(|level| of_panel(panel, std::slice::from_ref(&level.signal))) {
        let y = y_at(level.value);
        if !rect.y_range().contains(y) {
            continue;
        }
        let ends = [pos2(rect.left(), y), pos2(rect.right(), y)];
        painter.extend(Shape::dashed_line(&ends, Stroke::new(1.25, cx.tokens.red), 6.0, 3.0));
        let value = readout::value_text(cx, level.value, unit(&level.signal));
        let name = cx.tw("markers-level", &[("name", words::title(cx, &level.name).into()), ("value", value.into())]);
        let font = egui::TextStyle::Small.resolve(ui.style());
        // Above the line where there is no room below.
        let below = y + 16.0 < rect.bottom();
        let (align, y) = if below { (Align2::RIGHT_TOP, y + 1.0) } else { (Align2::RIGHT_BOTTOM, y - 1.0) };
        painter.text(pos2(rect.right() - 6.0, y), align, name, font, cx.tokens.red);
    }
}

/// Smoothed curves of the signals of a graph, over their observations.
pub(super) fn curves(plot: &mut PlotUi<'_>, cx: &Cx<'_>, frame: &Frame<'_>, panel: &Panel, hidden: &BTreeSet<String>) {
    let Some(marks) = frame.marks.as_ref().filter(|marks| marks.smoothed && !hidden.contains(SMOOTHED)) else { return };
    let ink = if marks.stale || panel.stale { cx.tokens.tx.gamma_multiply(0.6) } else { cx.tokens.tx };
    for curve in marks.model.curves.iter().filter(|curve| of_panel(panel, std::slice::from_ref(&curve.signal))) {
        let line = Line::new("", PlotPoints::from(curve.points.clone())).stroke(Stroke::new(1.0, ink));
        plot.line(line.allow_hover(false));
    }
}

/// Events and window of a graph in words; nothing without any.
pub(super) fn summary(cx: &Cx<'_>, frame: &Frame<'_>, number: usize) -> Option<String> {
    let marks = frame.marks.as_ref()?;
    let found: Vec<String> =
        events(frame, number, &BTreeSet::new()).iter().map(|(event, _)| words::event_text(cx, event)).collect();
    let count = found.len();
    let mut text = if found.is_empty() {
        String::new()
    } else {
        cx.tw("markers-summary-events", &[("n", count.into()), ("events", found.join("; ").into())])
    };
    if let Some(window) = marks.model.window {
        let day = |day: f64| axis::date_at(day, false).map_or_else(|| "–".to_owned(), |date| cx.texts.date(date));
        let args = [("from", day(window.from).into()), ("to", day(window.to).into())];
        text = format!("{text} {}", cx.tw("markers-summary-window", &args));
    }
    (!text.is_empty()).then(|| text.trim().to_owned())
}
