//! Pane of the distribution: bars of a feature by verdict, the limit as a line that is dragged, the baseline's limit beside it.

use egui::{
    Align2, Color32, CornerRadius, CursorIcon, FontId, Rect, Response, Role, Sense, Shape, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use crate::engine::rules::{Kind, Verdict};
use crate::model::ruleset::Parameter;
use crate::project::marking::effect::Distribution;
use crate::ui::cx::{Cx, Out};
use crate::ui::graph::axis::{time_ticks, value_step, value_ticks};
use crate::ui::icons;
use crate::ui::layout::PaneKind;
use crate::ui::theme::{Tokens, text};
use crate::ui::verdict;
use crate::ui::widgets::{self, Button};

use super::model::{self, day, humanised};
use super::{TuneState, states, text_of, with_unit};

/// Unit of features that are days.
const DATE: &str = "date";

/// The plot's own measures: left axis, room above for flags and signs, below for ticks and the axis title.
const LEFT: f32 = 46.0;
const RIGHT: f32 = 18.0;
const ABOVE: f32 = 54.0;
const BELOW: f32 = 40.0;

/// Draws the pane; returns the response of its header.
pub fn distribution_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, out: &mut Out) -> Response {
    let feature = state.feature().map(str::to_owned);
    let parcels = state.distribution.shown().map(|(_, found)| total(found)).unwrap_or_default();
    let title = cx.t("pane-distribution");
    let subtitle = match &feature {
        Some(_) if parcels > 0 => cx.tw("tune-all-parcels", &[("n", parcels.into())]),
        _ => String::new(),
    };
    let mut chosen = None;
    let mut copy = false;
    let compared = state.threshold.as_ref().map(|own| own.feature.clone());
    let response = widgets::pane_ui(
        ui,
        cx,
        &title,
        &subtitle,
        |ui| {
            copy = ui.add(Button::icon_only(icons::COPY, &cx.t("tune-copy-bars"))).clicked();
            chosen = chooser_ui(ui, cx, compared.as_deref(), feature.as_deref());
            if ui.available_width() > 420.0 {
                ui.label(widgets::secondary(cx.tokens, cx.t("tune-keys-hint").to_string()).text_style(egui::TextStyle::Small));
            }
        },
        |ui| {
            if states::body_ui(ui, cx, state, out) {
                plot_pane_ui(ui, cx, state, feature.as_deref(), out);
            }
        },
    );
    if let Some(name) = chosen {
        state.feature = Some(name).filter(|name| compared.as_ref() != Some(name));
    }
    if copy && let Some((query, found)) = state.distribution.shown() {
        ui.ctx().copy_text(table(&query.feature, found));
        out.toast = Some(cx.t("copied-text").to_string());
    }
    response
}

/// Choice of another feature.
fn chooser_ui(ui: &mut Ui, cx: &Cx<'_>, compared: Option<&str>, feature: Option<&str>) -> Option<String> {
    let detection = cx.project.tuning().detection()?;
    let mut chosen = None;
    let shown = feature.map_or_else(|| cx.t("tune-no-feature").to_string(), str::to_owned);
    let name = cx.tw("tune-feature", &[("name", shown.as_str().into())]);
    let button = ui.add(Button::new(&shown).caret().tip(&name));
    ui.ctx().accesskit_node_builder(button.id, |node| node.set_label(name.as_str()));
    egui::Popup::menu(&button).show(|ui| {
        egui::ScrollArea::vertical().max_height(420.0).show(ui, |ui| {
            for (own, kind) in detection.features.columns() {
                let mark = if compared == Some(own) { format!("{own}  ⟵") } else { own.clone() };
                let of_marker = matches!(kind, Kind::Marker);
                if !of_marker && ui.selectable_label(feature == Some(own), mark).clicked() {
                    chosen = Some(own.clone());
                }
            }
        });
    });
    chosen
}

fn total(found: &Distribution) -> usize {
    found.bars.iter().flatten().sum::<usize>() + found.unknown.iter().sum::<usize>()
}

/// Bars as a table to be pasted.
fn table(feature: &str, found: &Distribution) -> String {
    use std::fmt::Write as _;
    let width = (found.high - found.low) / found.bars.len() as f64;
    let mut text = format!("{feature}_from\t{feature}_to\tgreen\tyellow\tred\n");
    for (at, [green, yellow, red]) in found.bars.iter().enumerate() {
        let from = model::tidy(found.low + at as f64 * width);
        let to = model::tidy(found.low + (at + 1) as f64 * width);
        // Writing to a string cannot fail.
        let _written = writeln!(text, "{from}\t{to}\t{green}\t{yellow}\t{red}");
    }
    text
}

/// Counts of a distribution on both sides of a limit, bars that it cuts by their middles.
fn sides(found: &Distribution, at: f64) -> [[usize; 3]; 2] {
    let width = (found.high - found.low) / found.bars.len() as f64;
    let mut sides = [[0; 3]; 2];
    for (bar, counts) in found.bars.iter().enumerate() {
        let side = usize::from(found.low + (bar as f64 + 0.5) * width >= at);
        for (sum, count) in sides[side].iter_mut().zip(counts) {
            *sum += count;
        }
    }
    sides
}

/// The histogram in words.
fn summary(cx: &Cx<'_>, feature: &str, found: &Distribution, line: Option<(&Parameter, f64)>) -> String {
    let number = |value: f64| value_text(found, value, 3);
    let args = [
        ("feature", feature.into()),
        ("n", total(found).into()),
        ("low", number(found.low).into()),
        ("high", number(found.high).into()),
    ];
    let mut parts = vec![cx.tw("tune-summary", &args)];
    let counts = |[green, yellow, red]: [usize; 3]| {
        cx.tw("tune-counts", &[("green", green.into()), ("yellow", yellow.into()), ("red", red.into())])
    };
    if let Some((parameter, value)) = line {
        let [below, above] = sides(found, value);
        let at = with_unit(parameter, value);
        parts.push(cx.tw("tune-summary-below", &[("at", at.as_str().into()), ("counts", counts(below).into())]));
        parts.push(cx.tw("tune-summary-above", &[("at", at.into()), ("counts", counts(above).into())]));
    }
    if found.unknown.iter().sum::<usize>() > 0 {
        parts.push(cx.tw("tune-summary-unknown", &[("counts", counts(found.unknown).into())]));
    }
    parts.join(" ")
}

fn value_text(found: &Distribution, value: f64, decimals: u8) -> String {
    match day(value).filter(|_| found.unit == DATE) {
        Some(day) => day.to_string(),
        None => format!("{value:.0$}", usize::from(decimals)),
    }
}

/// Where things are on the plot.
struct Plot {
    rect: Rect,
    low: f64,
    high: f64,
    most: f64,
}

impl Plot {
    fn x(&self, value: f64) -> f32 {
        self.rect.left() + ((value - self.low) / (self.high - self.low)) as f32 * self.rect.width()
    }

    fn value(&self, x: f32) -> f64 {
        self.low + f64::from((x - self.rect.left()) / self.rect.width()) * (self.high - self.low)
    }

    fn y(&self, count: f64) -> f32 {
        self.rect.bottom() - (count / self.most) as f32 * self.rect.height()
    }
}

fn plot_pane_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, feature: Option<&str>, out: &mut Out) {
    let Some(feature) = feature else {
        widgets::empty_ui(ui, cx.tokens, &cx.t("tune-no-compared"), &cx.t("tune-no-compared-hint"), None);
        return;
    };
    let Some((query, found)) = state.distribution.shown().cloned() else {
        match state.distribution.failed() {
            Some(error) => widgets::failed_ui(ui, cx, &error.clone(), out),
            None => widgets::pending_ui(ui, cx.tokens, &cx.t("tune-counting")),
        }
        return;
    };
    let line = state.line().map(|(_, parameter)| parameter.clone()).filter(|_| query.feature == feature);
    let value = line.as_ref().map(|parameter| state.value_of(parameter));
    let baseline = line.as_ref().and_then(|own| state.model.as_ref()?.baseline.get(&own.path).copied());
    let body = ui.available_rect_before_wrap();
    let notes = notes(cx, &found);
    let foot = if notes.is_empty() { 4.0 } else { 22.0 };
    let rect = Rect::from_min_max(body.min + vec2(LEFT, ABOVE), body.max - vec2(RIGHT, BELOW + foot));
    if rect.width() < 40.0 || rect.height() < 24.0 {
        return;
    }
    let mut range = (found.low, found.high);
    for limit in value.into_iter().chain(baseline) {
        let room = (found.high - found.low) * 0.02;
        range = (if limit < range.0 { limit - room } else { range.0 }, if limit > range.1 { limit + room } else { range.1 });
    }
    if state.change.is_dragged() {
        range = *state.held_range.get_or_insert(range);
    }
    let most = found.bars.iter().map(|bar| bar.iter().sum::<usize>()).max().unwrap_or(0).max(1) as f64;
    let plot = Plot { rect, low: range.0, high: range.1.max(range.0 + 1e-9), most };
    let dimmed = states::dimmed(cx);
    let (_, response) = ui.allocate_exact_size(body.size(), Sense::hover());
    let told = summary(cx, &query.feature, &found, line.as_ref().zip(value));
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, told.as_str()));
    axes(ui, cx.tokens, &plot, &found);
    bars(ui, cx.tokens, &plot, &found, dimmed);
    signs_above(ui, cx.tokens, &plot, &found);
    let title = axis_title(cx, &query.feature, &found);
    let small = egui::TextStyle::Small.resolve(ui.style());
    ui.painter().text(
        pos2(rect.center().x, rect.bottom() + BELOW - 2.0),
        Align2::CENTER_BOTTOM,
        title,
        small.clone(),
        cx.tokens.tx2,
    );
    if !notes.is_empty() {
        let mut job = egui::text::LayoutJob::single_section(notes, egui::TextFormat::simple(small, cx.tokens.tx2));
        job.wrap = egui::text::TextWrapping::truncate_at_width(body.width() - 20.0);
        let galley = ui.painter().layout_job(job);
        ui.painter().galley(pos2(body.left() + 10.0, body.bottom() - 5.0 - galley.size().y), galley, cx.tokens.tx2);
    }
    if let (Some(parameter), Some(limit)) = (&line, baseline) {
        baseline_line(ui, cx, &plot, (parameter, limit), value.unwrap_or(limit));
    }
    if let (Some(parameter), Some(value)) = (&line, value) {
        line_ui(ui, cx, state, &plot, (parameter, value), out);
    }
    hover(ui, cx, &plot, &found, out);
}

/// What bars do not show.
fn notes(cx: &Cx<'_>, found: &Distribution) -> String {
    let mut parts = Vec::new();
    let [below, above] = found.outside;
    if below + above > 0 {
        parts.push(cx.tw("tune-outside", &[("n", (below + above).into())]));
    }
    let unknown = found.unknown.iter().sum::<usize>();
    if unknown > 0 {
        parts.push(cx.tw("tune-unknown", &[("n", unknown.into())]));
    }
    parts.join(" · ")
}

fn axis_title(cx: &Cx<'_>, feature: &str, found: &Distribution) -> String {
    let name = humanised(feature);
    if found.unit.is_empty() || found.unit == DATE {
        name
    } else {
        cx.tw("tune-axis", &[("name", name.into()), ("unit", found.unit.as_str().into())])
    }
}

fn axes(ui: &Ui, tokens: &Tokens, plot: &Plot, found: &Distribution) {
    let painter = ui.painter();
    let rect = plot.rect;
    let font = text::tick().resolve(ui.style());
    let (step, _) = value_step(plot.most, f64::from(rect.height()), 28.0);
    for count in value_ticks((0.0, plot.most), step.max(1.0)) {
        let y = plot.y(count);
        painter.hline(rect.x_range(), y, Stroke::new(1.0, tokens.grid));
        painter.text(pos2(rect.left() - 6.0, y), Align2::RIGHT_CENTER, format!("{count:.0}"), font.clone(), tokens.tx2);
    }
    painter.hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.bds));
    let tick = |x: f32, label: String, font: FontId| {
        painter.vline(x, rect.bottom()..=rect.bottom() + 4.0, Stroke::new(1.0, tokens.bds));
        painter.text(pos2(x, rect.bottom() + 6.0), Align2::CENTER_TOP, label, font, tokens.tx2);
    };
    if found.unit == DATE {
        for own in time_ticks((plot.low, plot.high), f64::from(rect.width()), 64.0, false) {
            tick(plot.x(own.x), own.date.strftime("%m-%d").to_string(), font.clone());
        }
        return;
    }
    let (step, decimals) = value_step(plot.high - plot.low, f64::from(rect.width()), 64.0);
    for value in value_ticks((plot.low, plot.high), step) {
        tick(plot.x(value), format!("{value:.0$}", usize::from(decimals)), font.clone());
    }
}

/// Stacked bars: green plain, yellow with level lines, red with slanted ones, so that colour is not alone.
fn bars(ui: &Ui, tokens: &Tokens, plot: &Plot, found: &Distribution, dimmed: bool) {
    let width = (found.high - found.low) / found.bars.len() as f64;
    let strength = if dimmed { 0.25 } else { 0.5 };
    let painter = ui.painter().with_clip_rect(plot.rect.expand(1.0).intersect(ui.clip_rect()));
    let mut shapes = Vec::new();
    for (at, counts) in found.bars.iter().enumerate() {
        let from = found.low + at as f64 * width;
        let (left, right) = (plot.x(from) + 0.5, plot.x(from + width) - 0.5);
        let mut below = 0;
        for (verdict, count) in verdict::ALL.into_iter().zip(counts) {
            if *count == 0 {
                continue;
            }
            let bar =
                Rect::from_min_max(pos2(left, plot.y((below + count) as f64)), pos2(right.max(left + 1.0), plot.y(below as f64)));
            below += count;
            let ink = verdict::colour(tokens, Some(verdict));
            shapes.push(Shape::rect_filled(bar, 0.0, ink.gamma_multiply(strength)));
            hatch(&mut shapes, bar, verdict, Stroke::new(1.0, ink.gamma_multiply(0.55)));
            shapes.push(Shape::rect_stroke(
                bar,
                0.0,
                Stroke::new(1.0, ink.gamma_multiply(if dimmed { 0.5 } else { 1.0 })),
                StrokeKind::Inside,
            ));
        }
    }
    painter.extend(shapes);
}

/// Lines inside a bar, at the same places in all bars.
fn hatch(shapes: &mut Vec<Shape>, bar: Rect, verdict: Verdict, stroke: Stroke) {
    const PITCH: f32 = 7.0;
    if bar.height() < 3.0 {
        return;
    }
    match verdict {
        Verdict::Green => {}
        Verdict::Yellow => {
            let mut y = (bar.top() / PITCH).ceil() * PITCH;
            while y < bar.bottom() {
                shapes.push(Shape::hline(bar.x_range(), y, stroke));
                y += PITCH;
            }
        }
        Verdict::Red => {
            // Lines on which x + y is a multiple of the pitch.
            let mut sum = ((bar.left() + bar.top()) / PITCH).ceil() * PITCH;
            while sum < bar.right() + bar.bottom() {
                let x0 = (sum - bar.bottom()).max(bar.left());
                let x1 = (sum - bar.top()).min(bar.right());
                if x1 > x0 {
                    shapes.push(Shape::line_segment([pos2(x0, sum - x0), pos2(x1, sum - x1)], stroke));
                }
                sum += PITCH;
            }
        }
    }
}

/// The verdicts' signs over the middle of their parcels.
fn signs_above(ui: &Ui, tokens: &Tokens, plot: &Plot, found: &Distribution) {
    let width = (found.high - found.low) / found.bars.len() as f64;
    let mut taken: Vec<f32> = Vec::new();
    for (class, verdict) in verdict::ALL.into_iter().enumerate() {
        let all: usize = found.bars.iter().map(|bar| bar[class]).sum();
        let mut seen = 0;
        let middle = found.bars.iter().position(|bar| {
            seen += bar[class];
            seen * 2 >= all && all > 0
        });
        let Some(middle) = middle else { continue };
        let mut x = plot.x(found.low + (middle as f64 + 0.5) * width);
        // Signs stand beside each other where their parcels are in the same place.
        for other in &taken {
            if (x - other).abs() < 20.0 {
                x = other + 20.0;
            }
        }
        taken.push(x);
        verdict::paint(ui.painter(), tokens, pos2(x.min(plot.rect.right() - 8.0), plot.rect.top() - 12.0), 15.0, Some(verdict));
    }
}

fn baseline_line(ui: &Ui, cx: &Cx<'_>, plot: &Plot, (parameter, limit): (&Parameter, f64), value: f64) {
    let tokens = cx.tokens;
    let x = plot.x(limit);
    let ends = [pos2(x, plot.rect.top() - 20.0), pos2(x, plot.rect.bottom())];
    ui.painter().extend(Shape::dashed_line(&ends, Stroke::new(1.0, tokens.tx2), 5.0, 4.0));
    if (x - plot.x(value)).abs() < 3.0 {
        return;
    }
    let label = cx.tw("tune-baseline", &[("value", text_of(parameter, limit).into())]);
    let small = egui::TextStyle::Small.resolve(ui.style());
    let galley = ui.painter().layout_no_wrap(label, small, tokens.tx2);
    let left = if x > plot.rect.right() - galley.size().x - 8.0 { x - galley.size().x - 6.0 } else { x + 6.0 };
    let place = Rect::from_min_size(pos2(left, plot.rect.top() - 1.0), galley.size());
    ui.painter().rect_filled(place.expand2(vec2(2.0, 0.0)), 0.0, tokens.bg1.gamma_multiply(0.85));
    ui.painter().galley(place.min, galley, tokens.tx2);
}

/// The limit: line, handle, flag with its value; dragged by the pointer, moved by arrow keys.
fn line_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut TuneState, plot: &Plot, (parameter, value): (&Parameter, f64), out: &mut Out) {
    let tokens = cx.tokens;
    let x = plot.x(value);
    let top = plot.rect.top() - 24.0;
    let grab = Rect::from_min_max(pos2(x - 9.0, top - 18.0), pos2(x + 9.0, plot.rect.bottom()));
    let id = egui::Id::unique("tune-threshold");
    let response = ui.interact(grab, id, Sense::click_and_drag()).on_hover_cursor(CursorIcon::ResizeHorizontal);
    let name = model::name_of(cx.texts, parameter, &[]);
    let said = cx.tw("tune-threshold", &[("name", name.into()), ("value", with_unit(parameter, value).into())]);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::Slider, true, said.as_str());
        info.value = Some(value);
        info
    });
    if response.gained_focus() || response.drag_started() || response.clicked() {
        state.wants_focus = Some(PaneKind::Distribution);
    }
    if response.dragged()
        && let Some(pointer) = response.interact_pointer_pos()
    {
        state.held_range.get_or_insert((plot.low, plot.high));
        let fine = ui.input(|input| input.modifiers.shift);
        let wanted = plot.value(pointer.x.clamp(plot.rect.left(), plot.rect.right()));
        let step = model::step_of(parameter, fine);
        let wanted = model::tidy((wanted / step).round() * step);
        state.set(cx, &parameter.path, wanted, false, out);
    }
    if response.drag_stopped() {
        state.settle(cx, out);
    }
    let painter = ui.painter();
    painter.vline(x, top..=plot.rect.bottom(), Stroke::new(2.0, tokens.tx));
    let handle = Rect::from_center_size(pos2(x, plot.rect.center().y), vec2(10.0, 26.0));
    let fill = if response.hovered() || response.dragged() { tokens.sel } else { tokens.bg1 };
    painter.rect(handle, CornerRadius::same(4), fill, Stroke::new(1.5, tokens.tx), StrokeKind::Inside);
    let font = text::numeric_strong().resolve(ui.style());
    let galley = painter.layout_no_wrap(text_of(parameter, value), font, tokens.bg1);
    let size = vec2(galley.size().x + 20.0, 19.0);
    let middle = x.clamp(
        plot.rect.left() - LEFT + size.x / 2.0 + 2.0,
        (plot.rect.right() + RIGHT - size.x / 2.0 - 2.0).max(plot.rect.left()),
    );
    let flag = Rect::from_center_size(pos2(middle, top - 8.0), size);
    painter.rect_filled(flag, CornerRadius::same(3), tokens.tx);
    painter.galley(flag.center() - galley.size() / 2.0, galley, tokens.bg1);
    if response.has_focus() {
        painter.rect_stroke(handle.expand(3.0), CornerRadius::same(5), Stroke::new(2.0, tokens.focus), StrokeKind::Outside);
    }
}

/// Counts of the bar under the pointer, in the status bar.
fn hover(ui: &Ui, cx: &Cx<'_>, plot: &Plot, found: &Distribution, out: &mut Out) {
    let Some(pointer) =
        ui.input(|input| input.pointer.hover_pos()).filter(|at| plot.rect.contains(*at) && ui.rect_contains_pointer(plot.rect))
    else {
        return;
    };
    if ui.input(|input| input.pointer.any_down()) {
        return;
    }
    let width = (found.high - found.low) / found.bars.len() as f64;
    let at = ((plot.value(pointer.x) - found.low) / width).floor();
    let Some(counts) = (at >= 0.0).then(|| found.bars.get(at as usize)).flatten() else { return };
    let from = found.low + at * width;
    let [green, yellow, red] = *counts;
    let range = format!("{} – {}", value_text(found, from, 3), value_text(found, from + width, 3));
    let counts = cx.tw("tune-counts", &[("green", green.into()), ("yellow", yellow.into()), ("red", red.into())]);
    out.status = Some(format!("{range}   {counts}"));
    let bar = Rect::from_x_y_ranges(plot.x(from)..=plot.x(from + width), plot.rect.y_range());
    ui.painter().rect(bar, 0.0, Color32::TRANSPARENT, Stroke::new(1.0, cx.tokens.bds), StrokeKind::Inside);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found() -> Distribution {
        let bars = vec![[3, 0, 0], [1, 2, 0], [0, 0, 4], [0, 0, 1]];
        Distribution { low: 0.0, high: 0.4, bars, outside: [0; 2], unknown: [0, 5, 0], unit: String::new() }
    }

    #[test]
    fn both_sides_of_a_limit_are_counted() {
        assert_eq!(sides(&found(), 0.2), [[4, 2, 0], [0, 0, 5]]);
        assert_eq!(total(&found()), 16);
    }

    #[test]
    fn bars_are_copied_as_a_table() {
        let text = table("fall", &found());
        assert_eq!(text.lines().nth(2), Some("0.1\t0.2\t1\t2\t0"));
        assert_eq!(text.lines().count(), 5);
    }

    #[test]
    fn hatching_stays_inside_its_bar() {
        let bar = Rect::from_min_max(pos2(10.0, 20.0), pos2(31.0, 90.0));
        for verdict in verdict::ALL {
            let mut shapes = Vec::new();
            hatch(&mut shapes, bar, verdict, Stroke::new(1.0, Color32::BLACK));
            assert_eq!(shapes.is_empty(), verdict == Verdict::Green);
            assert!(shapes.iter().all(|shape| bar.expand(1.0).contains_rect(shape.visual_bounding_rect())));
        }
    }
}
