//! One panel: legend, peers, lines and observations.

use super::Panel;
use super::axis::{TimeAxis, ValueAxis};
use super::look::{self, Look, Symbol};
use crate::engine::graph::{GraphLine, GraphPoint};
use crate::engine::peers::PeerStep;
use crate::report::style;
use crate::report::svg::{Font, Svg, escape, polyline, ring};

const TITLE: Font = Font::sans(13.0).strong();
const ENTRY: Font = Font::sans(12.0);
const HEIGHT: f32 = 150.0;
const LEGEND_LINE: f32 = 18.0;

/// Draws a panel from `y` on; returns where it ends.
pub fn draw(out: &mut Svg, panel: &Panel, index: usize, time: &TimeAxis, y: f32) -> f32 {
    let (left, right) = time.ends();
    let top = legend(out, panel, left, right, y + 26.0) + 8.0;
    let bottom = top + HEIGHT;
    let values = ValueAxis::new(panel, top, bottom);
    out.rect([left, top, right - left, HEIGHT], style::PLOT);
    for (x, _) in time.months() {
        out.line([x, top, x, bottom], style::GRID, 1.0);
    }
    values.draw(out, left, right);
    // Lines leave a fixed range through its edge; symbols on the edge stay whole.
    out.raw(&format!(
        "<clipPath id=\"panel-{index}\"><rect x=\"{left:.2}\" y=\"{top:.2}\" width=\"{:.2}\" height=\"{HEIGHT:.2}\"/></clipPath>",
        right - left
    ));
    let clip = format!(" clip-path=\"url(#panel-{index})\"");
    for (signal, _, runs) in &panel.peers {
        out.raw(&format!("<g{clip}>"));
        peers(out, peer_colours(panel, signal), runs, time, &values);
        out.raw("</g>");
    }
    for line in &panel.lines {
        line_svg(out, panel, line, time, &values, &clip);
    }
    out.stroke(&format!("M{left:.2} {top:.2}H{right:.2}V{bottom:.2}H{left:.2}Z"), style::BORDER, 1.0, "");
    bottom
}

/// Band, its opacity and median of the peers of a signal: grey, or the signal's colour where several have peers.
fn peer_colours(panel: &Panel, signal: &str) -> (&'static str, &'static str, &'static str) {
    if panel.peers.len() > 1 {
        let colour = look::colour_of(panel, signal);
        (colour, "0.13", colour)
    } else {
        (style::BAND, "1", style::MEDIAN)
    }
}

/// Title and entries, flowing over as many lines as needed; returns where they end.
fn legend(out: &mut Svg, panel: &Panel, left: f32, right: f32, mut y: f32) -> f32 {
    out.text(left, y, TITLE, &panel.title);
    let start = left + TITLE.width(&panel.title) + 18.0;
    let mut x = start;
    let mut place = |out: &mut Svg, y: &mut f32, text: &str, sample: &dyn Fn(&mut Svg, f32, f32)| {
        let width = 30.0 + ENTRY.width(text);
        if x + width > right && x > start {
            x = start;
            *y += LEGEND_LINE;
        }
        sample(out, x, *y - 4.0);
        out.text(x + 30.0, *y, ENTRY, text);
        x += width + 18.0;
    };
    for line in &panel.lines {
        let look = look::of(panel, line);
        place(out, &mut y, &look::name(line), &|out, x, y| {
            out.stroke(&polyline(&[[x, y], [x + 24.0, y]]), &look.colour, look.width, look.dash);
            look.symbol.draw(out, [x + 12.0, y], &look.colour, false);
        });
    }
    for (signal, count, _) in &panel.peers {
        let (band, opacity, median) = peer_colours(panel, signal);
        let whose = if panel.peers.len() > 1 { format!("{signal}: ") } else { String::new() };
        let noun = if *count == 1 { "peer" } else { "peers" };
        place(out, &mut y, &format!("{whose}{count} {noun}, p10–p90 and median"), &|out, x, y| {
            out.fill(&format!("M{x} {}h24v10h-24z", y - 5.0), band, &format!(" fill-opacity=\"{opacity}\""));
            out.stroke(&polyline(&[[x, y], [x + 24.0, y]]), median, 1.25, "");
        });
    }
    if panel.lines.iter().any(|line| line.runs.iter().flatten().any(|point| point.low.is_finite() && point.high.is_finite())) {
        place(out, &mut y, "spread within the parcel", &|out, x, y| {
            out.fill(&format!("M{x} {}h24v10h-24z", y - 5.0), style::TEXT_2, " fill-opacity=\"0.18\"");
        });
    }
    if panel.lines.iter().any(|line| !line.masked.is_empty()) {
        place(out, &mut y, "masked", &|out, x, y| Symbol::Dot.draw(out, [x + 12.0, y], style::MASKED, true));
    }
    y
}

fn peers(
    out: &mut Svg,
    (band, opacity, median): (&str, &str, &str),
    runs: &[Vec<PeerStep>],
    time: &TimeAxis,
    values: &ValueAxis,
) {
    for run in runs.iter().flat_map(|run| without_steps_back(run, time)) {
        let at = |value: fn(&PeerStep) -> f64| {
            let points = run.iter().map(|step| [time.px(time.peer_x(step.epoch_day)), values.px(value(step))]);
            points.filter(|[_, y]| y.is_finite()).collect::<Vec<_>>()
        };
        let (low, middle, high) = (at(|step| step.spread.p10), at(|step| step.spread.p50), at(|step| step.spread.p90));
        let opacity = format!(" fill-opacity=\"{opacity}\" class=\"peers\"");
        if let ([[x, bottom]], [[_, top]], [[_, mid]]) = (&low[..], &high[..], &middle[..]) {
            out.fill(&ring(&[[x - 3.0, *bottom], [x + 3.0, *bottom], [x + 3.0, *top], [x - 3.0, *top]]), band, &opacity);
            out.stroke(&polyline(&[[x - 3.0, *mid], [x + 3.0, *mid]]), median, 1.25, "");
            continue;
        }
        let around: Vec<[f32; 2]> = high.into_iter().chain(low.into_iter().rev()).collect();
        out.fill(&ring(&around), band, &opacity);
        out.stroke(&polyline(&middle), median, 1.25, " class=\"peers-median\"");
    }
}

/// Splits a run where time steps back, as it does at New Year when years are overlaid.
fn without_steps_back<'a>(run: &'a [PeerStep], time: &TimeAxis) -> Vec<&'a [PeerStep]> {
    run.chunk_by(|a, b| time.peer_x(a.epoch_day) <= time.peer_x(b.epoch_day)).collect()
}

fn line_svg(out: &mut Svg, panel: &Panel, line: &GraphLine, time: &TimeAxis, values: &ValueAxis, clip: &str) {
    let look = look::of(panel, line);
    let place = |point: &GraphPoint| [time.px(point.x), values.px_inside(point.y)];
    out.raw(&format!("<g class=\"line\" data-name=\"{}\">", escape(&look::name(line))));
    out.raw(&format!("<g{clip}>"));
    for run in &line.runs {
        spread(out, run, &look, time, values);
        if run.len() > 1 {
            let finite = run.iter().filter(|point| point.y.is_finite());
            let points: Vec<[f32; 2]> = finite.map(|point| [time.px(point.x), values.px(point.y)]).collect();
            out.stroke(&polyline(&points), &look.colour, look.width, &format!("{} stroke-linejoin=\"round\"", look.dash));
        }
    }
    out.raw("</g>");
    for point in line.masked.iter().filter(|point| point.y.is_finite()) {
        observation(out, look.symbol, place(point), style::MASKED, true, values, point.y);
    }
    for point in line.runs.iter().flatten().filter(|point| point.y.is_finite()) {
        observation(out, look.symbol, place(point), &look.colour, false, values, point.y);
    }
    out.raw("</g>");
}

/// An observation, or an arrow at the edge when a fixed range does not hold it.
fn observation(out: &mut Svg, symbol: Symbol, [x, y]: [f32; 2], colour: &str, hollow: bool, values: &ValueAxis, value: f64) {
    if values.holds(value) {
        symbol.draw(out, [x, y], colour, hollow);
    } else {
        let tip = if y < values.px(value) { 4.0 } else { -4.0 };
        out.stroke(&polyline(&[[x - 4.0, y - tip], [x, y], [x + 4.0, y - tip]]), colour, 1.5, " class=\"outside\"");
    }
}

fn spread(out: &mut Svg, run: &[GraphPoint], look: &Look, time: &TimeAxis, values: &ValueAxis) {
    let with: Vec<&GraphPoint> = run.iter().filter(|point| point.low.is_finite() && point.high.is_finite()).collect();
    let end = |point: &GraphPoint, value: f64| [time.px(point.x), values.px(value)];
    if let [only] = with[..] {
        out.stroke(&polyline(&[end(only, only.low), end(only, only.high)]), &look.colour, 4.0, " stroke-opacity=\"0.18\"");
    } else if !with.is_empty() {
        let upper = with.iter().map(|point| end(point, point.high));
        let lower = with.iter().rev().map(|point| end(point, point.low));
        out.fill(&ring(&upper.chain(lower).collect::<Vec<_>>()), &look.colour, " fill-opacity=\"0.18\" class=\"spread\"");
    }
}
