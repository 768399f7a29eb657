//! Graphs of one parcel as a figure.

mod axis;
mod look;
mod panel;

use super::svg::Svg;
use super::{Caption, page};
use crate::engine::graph::GraphLine;
use crate::engine::peers::PeerStep;

/// One panel: signals that share a value axis.
#[derive(Debug, Clone, Default)]
pub struct Panel {
    /// Axis title, e.g. `NDVI`, `σ0 (dB)`, `coherence`.
    pub title: String,
    /// Lines.
    pub lines: Vec<GraphLine>,
    /// Peer band of each signal that has one: (signal name, number of peers, runs).
    pub peers: Vec<(String, usize, Vec<Vec<PeerStep>>)>,
    /// Fixed value range, else from the data. Values outside are marked at the edge by an open arrow.
    pub range: Option<(f64, f64)>,
}

const AXIS_WIDTH: f32 = 52.0;
const RIGHT: f32 = 10.0;

/// The figure as SVG: shared time axis with months, panels below each other, legend with synthetic lines marked, masked
/// observations hollow, caption and attribution. Light colours, for paper.
pub fn svg(panels: &[Panel], caption: &Caption, width: u32) -> String {
    let width = (width as f32).clamp(360.0, 10_000.0);
    let time = axis::TimeAxis::new(panels, page::MARGIN + AXIS_WIDTH, width - page::MARGIN - RIGHT);
    let mut out = Svg::default();
    let mut y = page::header(&mut out, caption, width, 0.0) - 4.0;
    for (index, panel) in panels.iter().enumerate() {
        y = panel::draw(&mut out, panel, index, &time, y);
    }
    y = time.labels(&mut out, y);
    let height = page::footer(&mut out, caption, width, y + 12.0);
    out.finish(width, height, &caption.title, &summary(panels, caption))
}

/// What a reader who does not see the figure is told: facts, then each line with its counts and range.
fn summary(panels: &[Panel], caption: &Caption) -> String {
    let mut parts = caption.lines.clone();
    for line in panels.iter().flat_map(|panel| &panel.lines) {
        let values: Vec<f64> = line.runs.iter().flatten().map(|point| point.y).collect();
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let range = if values.is_empty() { String::new() } else { format!(" from {low:.3} to {high:.3}") };
        parts.push(format!("{}: {} observations{range}, {} masked.", look::name(line), values.len(), line.masked.len()));
    }
    parts.join(" ")
}
