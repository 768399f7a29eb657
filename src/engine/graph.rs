//! Turns series into lines, hollow points and bands ready to draw, for the window and for exported figures alike.

use crate::engine::peers::PeerStep;
use crate::model::{AcquisitionIx, Catalog, Pass, Series, Signal};

/// One observation to draw.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GraphPoint {
    /// Days since 1970-01-01 in UTC (or day of year when years are overlaid).
    pub x: f64,
    /// Value in the signal's unit.
    pub y: f64,
    /// Lower end of the spread (mean - std, or p25); `NaN` for none.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
}

/// What spread is drawn around a parcel's mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Spread {
    /// None.
    #[default]
    None,
    /// Mean ± population standard deviation.
    Std,
    /// First to third quartile.
    Quartiles,
}

/// One line of a graph: one signal of one orbit. Orbits and gaps are never bridged.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphLine {
    /// Signal.
    pub signal: Signal,
    /// Orbit direction (Sentinel-1 only).
    pub pass: Option<Pass>,
    /// Relative orbit (Sentinel-1 only).
    pub relative_orbit: Option<u16>,
    /// Year, when years are overlaid by day of year.
    pub year: Option<i16>,
    /// True when any acquisition of it is synthetic: legend, tooltip and exports say so.
    pub synthetic: bool,
    /// Usable observations in runs without long gaps.
    pub runs: Vec<Vec<GraphPoint>>,
    /// Masked observations that have a value, drawn hollow.
    pub masked: Vec<GraphPoint>,
}

/// Options of a graph.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphOptions {
    /// Longest gap that a line bridges, days.
    pub max_gap_days: f64,
    /// Spread.
    pub spread: Spread,
    /// One line per relative orbit; otherwise one per pass (never ascending joined to descending).
    pub split_orbits: bool,
    /// Overlay years by day of year.
    pub overlay_years: bool,
}

/// Lines of one signal, sorted by (year, pass, orbit).
pub fn lines(series: &Series, signal: &Signal, catalog: &Catalog, options: &GraphOptions) -> Vec<GraphLine> {
    let _ = (series, signal, catalog, options);
    todo!()
}

/// Peer steps in runs without long gaps.
pub fn band_runs(steps: &[PeerStep], max_gap_days: f64) -> Vec<Vec<PeerStep>> {
    let _ = (steps, max_gap_days);
    todo!()
}
