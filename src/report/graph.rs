//! Graphs of one parcel as a figure.

use super::Caption;
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
    /// Fixed value range, else from the data.
    pub range: Option<(f64, f64)>,
}

/// The figure as SVG: shared time axis with months, panels below each other, legend with synthetic lines marked, masked
/// observations hollow, caption and attribution. Light colours, for paper.
pub fn svg(panels: &[Panel], caption: &Caption, width: u32) -> String {
    let _ = (panels, caption, width);
    todo!()
}
