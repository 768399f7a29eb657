//! Paints one graph with `egui_plot`: bands, lines, points, ruler; handles zoom, pan and click.

use std::collections::BTreeSet;

use egui::{Align2, Color32, Rect, Role, Stroke, Ui, WidgetInfo, pos2, vec2};
use egui_plot::{
    AxisHints, FilledArea, GridMark, Line, LineStyle, MarkerShape, Plot, PlotBounds, PlotPoint, PlotPoints, PlotTransform,
    PlotUi, Points,
};

use crate::engine::graph::GraphPoint;
use crate::model::{AcquisitionIx, Pass};
use crate::ui::cx::Cx;
use crate::ui::icons;
use crate::ui::theme::{Tokens, text};
use crate::ui::widgets::Button;

use super::axis::{self, TickKind};
use super::legend::{self, colour};
use super::model::{Panel, PanelLine};
use super::{Frame, events, readout};

/// Height of the row of dates under the last graph.
pub const AXIS_HEIGHT: f32 = 20.0;
/// Width left of the plots: axis title and numbers.
const LEFT: f32 = 60.0;
/// Least distance between dates on the axis.
const TICK_PX: f64 = 46.0;
/// A click within so many pixels of an observation means that one.
const REACH: f64 = 14.0;

/// What panels share and change.
pub struct View {
    /// Time range.
    pub x: (f64, f64),
    /// Everything is to be shown again.
    pub reset: bool,
    /// Box around all plots.
    pub frame: Option<Rect>,
    /// Panel to take away.
    pub remove: Option<usize>,
    /// Acquisition that was clicked.
    pub picked: Option<AcquisitionIx>,
}

/// Where and how a panel is drawn.
pub struct Place {
    /// Position from the top.
    pub number: usize,
    /// Height with axis.
    pub height: f32,
    /// Carries the dates.
    pub last: bool,
    /// Value range.
    pub y: (f64, f64),
    /// Value range that a double-click gives.
    pub fitted: (f64, f64),
}

/// Draws a panel; returns its value range after what the user did.
pub(super) fn panel_ui(
    ui: &mut Ui,
    cx: &Cx<'_>,
    frame: &Frame<'_>,
    panel: &Panel,
    hidden: &BTreeSet<String>,
    place: &Place,
    view: &mut View,
) -> (f64, f64) {
    let bounds = PlotBounds::from_min_max([frame.shown.0, place.y.0], [frame.shown.1, place.y.1]);
    let plot = plot(ui, cx, frame, panel, place);
    let columns = ui.available_width().max(1.0) as usize;
    let shown = plot.show(ui, |plot_ui| {
        plot_ui.set_plot_bounds(bounds);
        paint_items(plot_ui, cx, frame, panel, hidden, columns);
    });
    let rect = *shown.transform.frame();
    view.frame = Some(view.frame.map_or(rect, |all| all.union(rect)));
    events::paint(ui, cx, frame, panel, hidden, place, &shown.transform);
    decorate(ui, cx, frame, panel, place, &shown.transform);
    let response = &shown.response;
    response.widget_info(|| {
        let mut summary = readout::summary(cx, panel, frame.overlay_years);
        if let Some(events) = events::summary(cx, frame, place.number) {
            summary = format!("{summary} {events}");
        }
        WidgetInfo::labeled(Role::Image, true, summary)
    });
    if response.has_focus() {
        ui.painter().rect_stroke(rect, 2.0, Stroke::new(2.0, cx.tokens.focus), egui::StrokeKind::Inside);
    }
    if remove_ui(ui, cx, panel, rect) {
        view.remove = Some(place.number);
    }
    if response.double_clicked() {
        view.reset = true;
        return place.fitted;
    }
    if response.clicked()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        click(ui, panel, hidden, &shown.transform, pointer, view);
    }
    let mut after = *shown.transform.bounds();
    wheel(ui, response.contains_pointer(), &shown.transform, &mut after);
    let (min, max) = (after.min(), after.max());
    if (min[0], max[0]) != frame.shown && max[0] > min[0] {
        view.x = (min[0], max[0]);
    }
    if max[1] > min[1] { (min[1], max[1]) } else { place.y }
}

/// The plot without content: axes, grid, what the mouse may do.
fn plot<'a>(ui: &mut Ui, cx: &'a Cx<'_>, frame: &Frame<'_>, panel: &Panel, place: &Place) -> Plot<'a> {
    let tokens = cx.tokens;
    let overlay = frame.overlay_years;
    let visuals = ui.visuals_mut();
    visuals.extreme_bg_color = tokens.plot;
    visuals.widgets.noninteractive.bg_stroke = Stroke::new(1.0, tokens.grid);
    visuals.override_text_color = Some(tokens.tx2);
    let tick = text::tick().resolve(ui.style());
    ui.style_mut().text_styles.insert(egui::TextStyle::Body, tick);
    let plot_height = place.height - if place.last { AXIS_HEIGHT } else { 0.0 };
    let (step, decimals) = axis::value_step(place.y.1 - place.y.0, f64::from(plot_height), 18.0);
    let width = f64::from((ui.available_width() - LEFT).max(50.0));
    Plot::new(("graph", &panel.key, place.number))
        .height(place.height)
        .show_axes([place.last, true])
        .show_x(false)
        .show_y(false)
        .allow_zoom(false)
        .allow_scroll(false)
        .allow_axis_zoom_drag(false)
        .allow_double_click_reset(false)
        .auto_bounds(false)
        .grid_color(tokens.grid)
        .grid_fade(0.0)
        .grid_spacing(egui::Rangef::new(4.0, 8.0))
        .x_grid_spacer(move |input| {
            let ticks = axis::time_ticks(input.bounds, width, TICK_PX, overlay);
            let spacing = ticks.windows(2).map(|pair| pair[1].x - pair[0].x).fold(f64::INFINITY, f64::min);
            let step_size = if spacing.is_finite() { spacing } else { input.bounds.1 - input.bounds.0 };
            ticks.into_iter().map(|tick| GridMark { value: tick.x, step_size }).collect()
        })
        .y_grid_spacer(move |input| {
            axis::value_ticks(input.bounds, step).into_iter().map(|value| GridMark { value, step_size: step }).collect()
        })
        // Ticks keep their distance already: none of them is to fade or vanish.
        .custom_x_axes(vec![
            AxisHints::new_x()
                .formatter(move |mark, range| x_label(cx, mark.value, (*range.start(), *range.end()), overlay))
                .label_spacing(egui::Rangef::new(4.0, 8.0)),
        ])
        .custom_y_axes(vec![
            AxisHints::new_y()
                .formatter(move |mark, _| cx.texts.number(mark.value, decimals))
                .label_spacing(egui::Rangef::new(4.0, 8.0))
                .min_thickness(LEFT),
        ])
}

fn x_label(cx: &Cx<'_>, x: f64, shown: (f64, f64), overlay_years: bool) -> String {
    if (shown.1 - x) < (shown.1 - shown.0) * 0.015 {
        // The name would be cut at the edge.
        return String::new();
    }
    // Ticks stand at the start of a day; a hair keeps rounding from naming the day before.
    let Some(date) = axis::date_at(x + 1e-6, overlay_years) else { return String::new() };
    let near = axis::time_ticks(shown, 1000.0, TICK_PX, overlay_years).iter().any(|tick| tick.kind == TickKind::Day);
    if near {
        cx.texts.day_month(date)
    } else if date.month() == 1 && !overlay_years {
        date.year().to_string()
    } else {
        cx.texts.month(date)
    }
}

fn paint_items(plot: &mut PlotUi<'_>, cx: &Cx<'_>, frame: &Frame<'_>, panel: &Panel, hidden: &BTreeSet<String>, columns: usize) {
    // While the next parcel loads, what is shown belongs to the last one: dimmed.
    let dim = |colour: Color32| if panel.stale { colour.gamma_multiply(0.6) } else { colour };
    let tokens = cx.tokens;
    if !legend::bands_hidden(hidden) {
        for run in panel.bands.iter().flat_map(|band| &band.runs) {
            let xs: Vec<f64> = run.iter().map(|step| step.epoch_day).collect();
            let low: Vec<f64> = run.iter().map(|step| step.spread.p10).collect();
            let high: Vec<f64> = run.iter().map(|step| step.spread.p90).collect();
            if run.len() > 1 {
                plot.add(FilledArea::new("", &xs, &low, &high).fill_color(dim(tokens.band)).allow_hover(false));
            }
            let median: Vec<[f64; 2]> = run.iter().map(|step| [step.epoch_day, step.spread.p50]).collect();
            plot.line(Line::new("", PlotPoints::from(median)).stroke(Stroke::new(1.5, dim(tokens.med))).allow_hover(false));
        }
    }
    for line in panel.visible(hidden) {
        paint_line(plot, line, dim(colour(tokens, line.hue)), frame, columns);
    }
    events::curves(plot, cx, frame, panel, hidden);
    if !hidden.contains(legend::MASKED) {
        let masked = panel.visible(hidden).flat_map(|line| &line.line.masked).filter(|point| point.y.is_finite());
        let points: Vec<[f64; 2]> = masked.map(|point| [point.x, point.y]).collect();
        // Hollow: a ring in the mask's colour over a dot in the plot's.
        let ring = Points::new("", PlotPoints::from(points.clone())).radius(3.9).color(dim(tokens.mask)).allow_hover(false);
        plot.points(ring);
        plot.points(Points::new("", PlotPoints::from(points)).radius(2.4).color(tokens.plot).allow_hover(false));
    }
}

fn paint_line(plot: &mut PlotUi<'_>, line: &PanelLine, ink: Color32, frame: &Frame<'_>, columns: usize) {
    let radar = line.line.pass.is_some();
    for run in &line.line.runs {
        let kept = super::model::decimate(run, frame.shown, columns);
        paint_spread(plot, &kept, ink);
        let style = if line.line.pass == Some(Pass::Descending) { LineStyle::Dashed { length: 4.0 } } else { LineStyle::Solid };
        let path: Vec<[f64; 2]> = kept.iter().map(|point| [point.x, point.y]).collect();
        let stroke = Stroke::new(if radar { 1.25 } else { 2.0 }, ink);
        plot.line(Line::new("", PlotPoints::from(path.clone())).stroke(stroke).style(style).allow_hover(false));
        let shape = match line.line.pass {
            Some(Pass::Ascending) => MarkerShape::Up,
            Some(Pass::Descending) => MarkerShape::Down,
            None => MarkerShape::Circle,
        };
        let radius = if radar { 4.0 } else { 3.2 };
        plot.points(Points::new("", PlotPoints::from(path)).shape(shape).radius(radius).color(ink).allow_hover(false));
    }
}

/// The band between low and high around a run, where they are known.
fn paint_spread(plot: &mut PlotUi<'_>, run: &[GraphPoint], ink: Color32) {
    let known = |point: &GraphPoint| point.low.is_finite() && point.high.is_finite();
    for part in run.chunk_by(|a, b| known(a) == known(b)).filter(|part| part.len() > 1 && part.first().is_some_and(known)) {
        let xs: Vec<f64> = part.iter().map(|point| point.x).collect();
        let low: Vec<f64> = part.iter().map(|point| point.low).collect();
        let high: Vec<f64> = part.iter().map(|point| point.high).collect();
        plot.add(FilledArea::new("", &xs, &low, &high).fill_color(ink.gamma_multiply(0.22)).allow_hover(false));
    }
}

/// What lies over the plot: current observations, ruler, date tag, axis title, loading note.
fn decorate(ui: &Ui, cx: &Cx<'_>, frame: &Frame<'_>, panel: &Panel, place: &Place, transform: &PlotTransform) {
    let tokens = cx.tokens;
    let rect = *transform.frame();
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let at = |x: f64, y: f64| transform.position_from_point(&PlotPoint::new(x, y));
    super::weather::paint(ui, cx, frame, place.number == 0, transform);
    if let Some((acquisition, x)) = frame.current {
        if frame.hover.is_some() {
            // The ruler follows the pointer; the current date stays visible as a thin line.
            let px = at(x, place.y.0).x;
            painter.vline(px, rect.y_range(), Stroke::new(1.0, tokens.ac));
        }
        for line in &panel.lines {
            for (point, masked) in line.points().filter(|(point, _)| point.acquisition == acquisition) {
                let centre = at(point.x, point.y);
                painter.circle_filled(centre, 4.5, if masked { tokens.plot } else { colour(tokens, line.hue) });
                painter.circle_stroke(centre, 5.5, Stroke::new(1.5, tokens.ruler));
            }
        }
    }
    if let Some(x) = frame.ruler() {
        let px = at(x, place.y.0).x;
        painter.vline(px, rect.y_range(), Stroke::new(1.5, tokens.ruler));
        if place.last && (rect.left()..=rect.right()).contains(&px) {
            date_tag(ui, cx, frame, x, pos2(px, rect.bottom()));
        }
    }
    let title = readout::title(cx, panel);
    let galley = ui.painter().layout_no_wrap(title, text::header().resolve(ui.style()), tokens.tx);
    let left = rect.left() - LEFT + 4.0;
    // Turned by a quarter: reads upwards beside its numbers.
    let corner = pos2(left, rect.center().y + galley.size().x.min(rect.height()) / 2.0);
    let turned = egui::epaint::TextShape::new(corner, galley, tokens.tx).with_angle(-std::f32::consts::FRAC_PI_2);
    ui.painter().add(turned);
    if panel.lines.is_empty() {
        let id = if panel.pending { "graph-loading" } else { "graph-no-data" };
        painter.text(
            rect.center(),
            Align2::CENTER_CENTER,
            cx.t(id).as_ref(),
            egui::TextStyle::Small.resolve(ui.style()),
            tokens.tx2,
        );
    }
}

fn date_tag(ui: &Ui, cx: &Cx<'_>, frame: &Frame<'_>, x: f64, tip: egui::Pos2) {
    let Some(date) = axis::date_at(x, frame.overlay_years) else { return };
    let text = if frame.overlay_years { cx.texts.day_month(date) } else { cx.texts.date(date) };
    let tokens: &Tokens = cx.tokens;
    let galley = ui.painter().layout_no_wrap(text, text::tick().resolve(ui.style()), tokens.plot);
    let size = galley.size() + vec2(8.0, 4.0);
    let area = ui.clip_rect();
    let left = (tip.x - size.x / 2.0).clamp(area.left(), (area.right() - size.x).max(area.left()));
    let rect = Rect::from_min_size(pos2(left, tip.y + 1.0), size);
    ui.painter().rect_filled(rect, 2.0, tokens.ruler);
    ui.painter().galley(rect.min + vec2(4.0, 2.0), galley, tokens.plot);
}

/// The button that takes the panel away; shown while the pointer is over the panel or the button has the focus.
fn remove_ui(ui: &mut Ui, cx: &Cx<'_>, panel: &Panel, rect: Rect) -> bool {
    let place = Rect::from_min_size(pos2(rect.right() - 26.0, rect.top() + 2.0), vec2(24.0, 24.0));
    let name = cx.tw("graph-remove", &[("title", readout::title(cx, panel).into())]);
    let hovered = ui.input(|input| input.pointer.hover_pos()).is_some_and(|pointer| rect.contains(pointer));
    let id = ui.scope_id().with(("remove", &panel.key));
    let focused = ui.memory(|memory| memory.has_focus(id));
    let mut child = ui.new_child(egui::UiBuilder::new().id_salt(id).max_rect(place));
    child.set_opacity(if hovered || focused { 1.0 } else { 0.0 });
    child.add(Button::icon_only(icons::CLOSE, &name)).clicked()
}

fn click(ui: &Ui, panel: &Panel, hidden: &BTreeSet<String>, transform: &PlotTransform, pointer: egui::Pos2, view: &mut View) {
    let value = transform.value_from_position(pointer);
    let px = transform.dpos_dvalue();
    let picked = panel.pick(hidden, value.x, value.y, (px[0].abs(), px[1].abs()), REACH);
    view.picked = picked.map(|(acquisition, _)| acquisition);
    let on_point = picked.is_some_and(|(_, near)| near);
    if !on_point && !legend::bands_hidden(hidden) && panel.in_band(value.x, value.y) {
        super::set_peers_listed(ui.ctx(), true);
    }
}

/// Wheel zooms time, Ctrl+wheel values, both about the pointer; a horizontal wheel pans time.
fn wheel(ui: &Ui, over: bool, transform: &PlotTransform, bounds: &mut PlotBounds) {
    let Some(pointer) =
        ui.input(|input| input.pointer.hover_pos()).filter(|&pointer| over && transform.frame().contains(pointer))
    else {
        return;
    };
    let (scroll, zoom) = ui.input(|input| (input.smooth_scroll_delta, input.zoom_delta()));
    let centre = transform.value_from_position(pointer);
    if zoom != 1.0 {
        bounds.zoom(vec2(1.0, zoom), centre);
    } else if scroll.y != 0.0 {
        bounds.zoom(vec2((scroll.y * 0.005).exp(), 1.0), centre);
    }
    if scroll.x != 0.0 {
        bounds.translate_x(-f64::from(scroll.x) * transform.dvalue_dpos()[0]);
    }
}
