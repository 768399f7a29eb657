//! What the graph pane draws, as plain data: panels, lines, peer bands, ranges. Knows no egui.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::tz::TimeZone;

use crate::engine::graph::{self, GraphLine, GraphOptions, GraphPoint};
use crate::engine::peers::PeerStep;
use crate::model::units::epoch_days;
use crate::model::view::Polarisation;
use crate::model::{Acquisition, AcquisitionIx, Catalog, Pass, Sensor, Series, Signal};
use crate::project::queries::peers::PeerBand;

/// Colour of a line by meaning; the theme says what it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hue {
    /// NDVI.
    Ndvi,
    /// Bare soil index.
    Bsi,
    /// Radar VV.
    Vv,
    /// Radar VH.
    Vh,
    /// One of the further colours.
    Other(u8),
}

/// How many further colours there are.
pub const OTHER_HUES: u8 = 4;

/// Unit of a signal's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Index or coherence.
    None,
    /// Backscatter.
    Decibel,
    /// Band.
    Reflectance,
}

/// One line with its identity in the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelLine {
    /// Identity in the legend, stable between parcels.
    pub key: String,
    /// Colour.
    pub hue: Hue,
    /// Runs and hollow points.
    pub line: GraphLine,
}

/// Peers of one signal (and orbit), ready to draw.
#[derive(Debug, Clone, PartialEq)]
pub struct PanelBand {
    /// Signal.
    pub signal: Signal,
    /// Orbit direction it was observed in, for radar.
    pub pass: Option<Pass>,
    /// Steps without long gaps.
    pub runs: Vec<Vec<PeerStep>>,
    /// Number of peers.
    pub peers: usize,
    /// True when these are all parcels of the crop.
    pub whole: bool,
}

/// One graph: signals over time that share a value axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Identity: names of its signals.
    pub key: String,
    /// Signals.
    pub signals: Vec<Signal>,
    /// Lines of all signals.
    pub lines: Vec<PanelLine>,
    /// Peer bands.
    pub bands: Vec<PanelBand>,
    /// True while the shown lines belong to an earlier parcel or setting.
    pub stale: bool,
    /// True while a series is on its way.
    pub pending: bool,
}

/// What a signal has to draw.
#[derive(Debug, Clone)]
pub struct SignalData {
    /// Signal.
    pub signal: Signal,
    /// Series; `None` while nothing is known.
    pub series: Option<Arc<Series>>,
    /// Peers; `None` while not wanted or not known.
    pub peers: Option<Arc<PeerBand>>,
    /// True when `series` is an earlier one.
    pub stale: bool,
}

/// Unit of a signal.
pub fn unit(signal: &Signal) -> Unit {
    match signal {
        Signal::Band(_) => Unit::Reflectance,
        Signal::BackscatterDb(_) | Signal::BackscatterRatioDb => Unit::Decibel,
        Signal::Index(_) | Signal::Coherence(_) | Signal::Expression { .. } => Unit::None,
    }
}

/// Short name on screen: `NDVI`, `B04`, `VV`, `VH/VV`, `COH VV`.
pub fn short_name(signal: &Signal) -> String {
    match signal {
        Signal::BackscatterDb(polarisation) => polarisation.band().to_string(),
        Signal::BackscatterRatioDb => "VH/VV".to_owned(),
        Signal::Coherence(polarisation) => format!("COH {}", polarisation.band()),
        other => other.name(),
    }
}

/// Identity of a panel.
pub fn panel_key(signals: &[Signal]) -> String {
    signals.iter().map(Signal::name).collect::<Vec<_>>().join("+")
}

/// Colour of a signal at a position of its panel.
pub fn hue(signal: &Signal, position: usize) -> Hue {
    match signal {
        Signal::Index(name) if name.eq_ignore_ascii_case("NDVI") => Hue::Ndvi,
        Signal::Index(name) if name.eq_ignore_ascii_case("BSI") => Hue::Bsi,
        Signal::BackscatterDb(Polarisation::Vv) | Signal::Coherence(Polarisation::Vv) => Hue::Vv,
        Signal::BackscatterDb(Polarisation::Vh) | Signal::Coherence(Polarisation::Vh) => Hue::Vh,
        Signal::Band(_) | Signal::Index(_) | Signal::Expression { .. } | Signal::BackscatterRatioDb => {
            Hue::Other((position % usize::from(OTHER_HUES)) as u8)
        }
    }
}

/// Builds a panel. Peer bands of radar are drawn only for a signal that is alone in its panel: the bands of several polarisations
/// and orbits over each other could not be told apart.
pub fn panel(data: &[SignalData], catalog: &Catalog, options: &GraphOptions) -> Panel {
    let signals: Vec<Signal> = data.iter().map(|entry| entry.signal.clone()).collect();
    let mut lines = Vec::new();
    let mut bands = Vec::new();
    for (position, entry) in data.iter().enumerate() {
        if let Some(series) = &entry.series {
            lines.extend(graph::lines(series, &entry.signal, catalog, options).into_iter().enumerate().map(|(number, line)| {
                let shade = if line.year.is_some() && number > 0 {
                    Hue::Other((number % usize::from(OTHER_HUES)) as u8)
                } else {
                    hue(&entry.signal, position)
                };
                PanelLine { key: line_key(&line), hue: shade, line }
            }));
        }
        let drawn = entry.signal.sensor() == Sensor::S2 || data.len() == 1;
        if let Some(peers) = entry.peers.as_ref().filter(|_| drawn && !options.overlay_years) {
            bands.extend(peer_bands(&entry.signal, peers, catalog, options.max_gap_days));
        }
    }
    Panel {
        key: panel_key(&signals),
        lines,
        bands,
        stale: data.iter().any(|entry| entry.stale),
        pending: data.iter().any(|entry| entry.stale || entry.series.is_none()),
        signals,
    }
}

fn line_key(line: &GraphLine) -> String {
    let pass = line.pass.map(Pass::code).unwrap_or_default();
    let orbit = line.relative_orbit.map(|orbit| orbit.to_string()).unwrap_or_default();
    let year = line.year.map(|year| year.to_string()).unwrap_or_default();
    let days = line.pair_days.map(|days| days.to_string()).unwrap_or_default();
    format!("{}|{pass}{orbit}|{days}|{year}", line.signal.name())
}

/// Bands of one signal, one per orbit: steps of different orbits are never joined.
fn peer_bands(signal: &Signal, peers: &PeerBand, catalog: &Catalog, max_gap_days: f64) -> Vec<PanelBand> {
    let orbit = |step: &PeerStep| {
        let acquisition = catalog.get(step.acquisition);
        if acquisition.sensor == Sensor::S2 { (None, None) } else { (acquisition.pass, acquisition.relative_orbit) }
    };
    let mut orbits: Vec<_> = peers.steps.iter().map(orbit).collect();
    orbits.sort_by_key(|&(pass, number)| (pass.map(Pass::code), number));
    orbits.dedup();
    orbits
        .into_iter()
        .map(|wanted| {
            let steps: Vec<PeerStep> = peers.steps.iter().filter(|step| orbit(step) == wanted).copied().collect();
            PanelBand {
                signal: signal.clone(),
                pass: wanted.0,
                runs: graph::band_runs(&steps, max_gap_days),
                peers: peers.count,
                whole: peers.whole,
            }
        })
        .collect()
}

impl PanelLine {
    /// All observations with a value, usable ones first.
    pub fn points(&self) -> impl Iterator<Item = (&GraphPoint, bool)> {
        self.line.runs.iter().flatten().map(|point| (point, false)).chain(self.line.masked.iter().map(|point| (point, true)))
    }

    /// Nearest observation in time; true when it is masked. Of two equally near ones the usable one, then the earlier.
    pub fn nearest(&self, x: f64) -> Option<(&GraphPoint, bool)> {
        self.points()
            .filter(|(point, _)| point.y.is_finite())
            .min_by(|a, b| (a.0.x - x).abs().total_cmp(&(b.0.x - x).abs()).then(a.1.cmp(&b.1)).then(a.0.x.total_cmp(&b.0.x)))
    }
}

impl Panel {
    /// Visible lines.
    pub fn visible<'a>(&'a self, hidden: &'a BTreeSet<String>) -> impl Iterator<Item = &'a PanelLine> {
        self.lines.iter().filter(move |line| !hidden.contains(&line.key))
    }

    /// Number of (usable, masked) observations.
    pub fn counts(&self) -> (usize, usize) {
        self.lines.iter().fold((0, 0), |(usable, masked), line| {
            (usable + line.line.runs.iter().map(Vec::len).sum::<usize>(), masked + line.line.masked.len())
        })
    }

    /// Peer steps of a signal at an acquisition.
    pub fn peers_at(&self, signal: &Signal, acquisition: AcquisitionIx) -> Option<&PeerStep> {
        self.bands
            .iter()
            .filter(|band| band.signal == *signal)
            .flat_map(|band| band.runs.iter().flatten())
            .find(|step| step.acquisition == acquisition)
    }

    /// Value range that holds everything drawn, and the usual range of the signals, with a little air.
    pub fn fitted(&self, usual: (f64, f64)) -> (f64, f64) {
        let mut range = usual;
        let own = self.lines.iter().flat_map(|line| line.points().map(|(point, _)| point.y));
        let peers =
            self.bands.iter().flat_map(|band| band.runs.iter().flatten()).flat_map(|step| [step.spread.p10, step.spread.p90]);
        for value in own.chain(peers).filter(|value| value.is_finite()) {
            range = (range.0.min(value), range.1.max(value));
        }
        let air = ((range.1 - range.0) * 0.06).max(1e-3);
        (range.0 - air, range.1 + air)
    }

    /// The observation to select at a click: within `reach` pixels the nearest on screen, else the nearest in time.
    ///
    /// `px` gives pixels per unit of time and of value.
    pub fn pick(&self, hidden: &BTreeSet<String>, x: f64, y: f64, px: (f64, f64), reach: f64) -> Option<(AcquisitionIx, bool)> {
        let distance = |point: &GraphPoint| ((point.x - x) * px.0).hypot((point.y - y) * px.1);
        let points =
            || self.visible(hidden).flat_map(PanelLine::points).map(|(point, _)| point).filter(|point| point.y.is_finite());
        let near = points().min_by(|a, b| distance(a).total_cmp(&distance(b))).filter(|point| distance(point) <= reach);
        if let Some(point) = near {
            return Some((point.acquisition, true));
        }
        points().min_by(|a, b| (a.x - x).abs().total_cmp(&(b.x - x).abs())).map(|point| (point.acquisition, false))
    }

    /// True when a place lies between the 10th and 90th percentile of a peer band.
    pub fn in_band(&self, x: f64, y: f64) -> bool {
        self.bands.iter().flat_map(|band| &band.runs).any(|run| {
            run.windows(2).any(|pair| {
                let (from, to) = (pair[0].epoch_day, pair[1].epoch_day);
                if x < from || x > to || to <= from {
                    return false;
                }
                let (a, b) = (pair[0].spread, pair[1].spread);
                let t = (x - from) / (to - from);
                (a.p10 + (b.p10 - a.p10) * t..=a.p90 + (b.p90 - a.p90) * t).contains(&y)
            })
        })
    }
}

/// Usual values of a signal; the axis starts with them, so that graphs of different parcels compare. `index_range` is the colour bar's.
pub fn usual_range(signal: &Signal, index_range: impl Fn(&str) -> (f64, f64)) -> (f64, f64) {
    match signal {
        Signal::Band(_) => (0.0, 0.4),
        Signal::BackscatterDb(Polarisation::Vv) => (-16.0, -6.0),
        Signal::BackscatterDb(Polarisation::Vh) => (-24.0, -12.0),
        Signal::BackscatterRatioDb => (-10.0, -3.0),
        Signal::Coherence(_) => (0.1, 0.8),
        Signal::Index(name) if name.eq_ignore_ascii_case("NDVI") => (0.0, 1.0),
        Signal::Index(name) if name.eq_ignore_ascii_case("BSI") => (-0.5, 0.3),
        Signal::Index(name) => {
            let (low, high) = index_range(name);
            // A colour bar of -1..1 would leave the line in the middle third.
            if (low, high) == (-1.0, 1.0) { (-0.2, 0.6) } else { (low, high) }
        }
        Signal::Expression { .. } => (0.0, 0.1),
    }
}

/// Place of an acquisition on the time axis.
pub fn x_of(acquisition: &Acquisition, overlay_years: bool) -> f64 {
    if overlay_years {
        let time = acquisition.acquired.to_zoned(TimeZone::UTC);
        f64::from(time.day_of_year()) + epoch_days(acquisition.acquired).fract()
    } else {
        epoch_days(acquisition.acquired)
    }
}

/// First and last place of all acquisitions on the time axis, with a little air.
pub fn full_range(catalog: &Catalog, overlay_years: bool) -> (f64, f64) {
    if overlay_years {
        return (1.0, 367.0);
    }
    let (Some(first), Some(last)) = (catalog.acquisitions.first(), catalog.acquisitions.last()) else { return (0.0, 365.0) };
    let (from, to) = (epoch_days(first.acquired), epoch_days(last.acquired));
    let air = ((to - from) * 0.01).max(2.0);
    (from - air, to + air)
}

/// No more points than two a pixel column: in each column the lowest and the highest stay, in time order. Points outside the shown
/// range are dropped but for one neighbour on each side, so that lines still run to the edge.
pub fn decimate(run: &[GraphPoint], shown: (f64, f64), columns: usize) -> Vec<GraphPoint> {
    let start = run.partition_point(|point| point.x < shown.0).saturating_sub(1);
    let end = (run.partition_point(|point| point.x <= shown.1) + 1).min(run.len());
    let part = &run[start.min(end)..end];
    if part.len() <= columns * 2 || columns == 0 {
        return part.to_vec();
    }
    let width = (shown.1 - shown.0).max(f64::MIN_POSITIVE) / columns as f64;
    let column = |point: &GraphPoint| ((point.x - shown.0) / width).floor() as i64;
    part.chunk_by(|a, b| column(a) == column(b))
        .flat_map(|chunk| {
            let order = |a: &&GraphPoint, b: &&GraphPoint| a.y.total_cmp(&b.y);
            let mut ends: Vec<GraphPoint> =
                chunk.iter().min_by(order).into_iter().chain(chunk.iter().max_by(order)).copied().collect();
            ends.sort_by(|a, b| a.x.total_cmp(&b.x));
            ends.dedup_by(|a, b| a.acquisition == b.acquisition);
            ends
        })
        .collect()
}

#[cfg(test)]
#[path = "model_tests.rs"]
pub(crate) mod tests;
