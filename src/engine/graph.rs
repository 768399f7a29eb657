//! Turns series into lines, hollow points and bands ready to draw, for the window and for exported figures alike.

use std::collections::BTreeMap;

use crate::engine::peers::PeerStep;
use crate::model::units::{epoch_days, utc_day};
use crate::model::{Acquisition, AcquisitionIx, Catalog, ObservationState, Pass, Sensor, Series, SeriesPoint, Signal};

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
    /// Days between the two images of its coherence pairs, when there are lines with other spacings beside it: a longer
    /// spacing has lower coherence, so that the two must not be joined.
    pub pair_days: Option<i64>,
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

/// Lines of one signal, sorted by (year, pass, orbit, spacing of pairs).
///
/// Usable observations (`ok` with a finite value) make the runs; a run ends where the next usable observation is more than
/// `max_gap_days` away. Masked observations with a value are returned apart, those without a value not at all. Acquisitions
/// unknown to the catalogue are left out.
pub fn lines(series: &Series, signal: &Signal, catalog: &Catalog, options: &GraphOptions) -> Vec<GraphLine> {
    let mut found: BTreeMap<Key, GraphLine> = BTreeMap::new();
    for point in &series.points {
        let Some(acquisition) = catalog.acquisitions.get(point.acquisition.at()) else { continue };
        if !point.value.is_finite() || point.state == ObservationState::NoData {
            continue;
        }
        let key = Key::of(acquisition, point, options);
        let line = found.entry(key).or_insert_with(|| key.line(signal));
        line.synthetic |= acquisition.synthetic();
        let drawn = graph_point(point, options);
        if point.state == ObservationState::Masked {
            line.masked.push(drawn);
            continue;
        }
        let follows = |run: &&mut Vec<GraphPoint>| run.last().is_some_and(|last| drawn.x - last.x <= options.max_gap_days);
        match line.runs.last_mut().filter(follows) {
            Some(run) => run.push(drawn),
            None => line.runs.push(vec![drawn]),
        }
    }
    let mut lines: Vec<GraphLine> = found.into_values().collect();
    if lines.windows(2).all(|pair| pair[0].pair_days == pair[1].pair_days) {
        for line in &mut lines {
            line.pair_days = None;
        }
    }
    lines
}

/// What keeps lines apart, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    year: Option<i16>,
    pass: Option<Pass>,
    relative_orbit: Option<u16>,
    pair_days: Option<i64>,
}

impl Key {
    fn of(acquisition: &Acquisition, point: &SeriesPoint, options: &GraphOptions) -> Self {
        let radar = acquisition.sensor != Sensor::S2;
        Self {
            year: options.overlay_years.then(|| utc_day(point.acquired).year()),
            pass: acquisition.pass.filter(|_| radar),
            relative_orbit: acquisition.relative_orbit.filter(|_| radar && options.split_orbits),
            pair_days: acquisition.pair_days(),
        }
    }

    fn line(self, signal: &Signal) -> GraphLine {
        let Self { year, pass, relative_orbit, pair_days } = self;
        let (signal, runs, masked) = (signal.clone(), Vec::new(), Vec::new());
        GraphLine { signal, pass, relative_orbit, pair_days, year, synthetic: false, runs, masked }
    }
}

fn graph_point(point: &SeriesPoint, options: &GraphOptions) -> GraphPoint {
    let days = epoch_days(point.acquired);
    let x = if options.overlay_years { f64::from(utc_day(point.acquired).day_of_year()) + days.rem_euclid(1.0) } else { days };
    let (low, high) = match options.spread {
        Spread::None => (f64::NAN, f64::NAN),
        Spread::Std => (point.value - point.std, point.value + point.std),
        Spread::Quartiles => (point.p25, point.p75),
    };
    GraphPoint { x, y: point.value, low, high, acquisition: point.acquisition }
}

/// Peer steps in runs without long gaps.
///
/// `steps` are sorted by time; every step is in exactly one run.
pub fn band_runs(steps: &[PeerStep], max_gap_days: f64) -> Vec<Vec<PeerStep>> {
    steps.chunk_by(|a, b| b.epoch_day - a.epoch_day <= max_gap_days).map(<[PeerStep]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::AcquisitionIx;
    use crate::model::catalog::Origin;
    use crate::model::view::Polarisation;

    fn acquisition(sensor: Sensor, time: &str, pass: Option<Pass>, relative_orbit: Option<u16>) -> Acquisition {
        let acquired = time.parse().expect("a time");
        let (first, granules) = (None, Vec::new());
        let pass_origin = Origin::Assumed;
        Acquisition { sensor, acquired, first, platform: "S".to_owned(), relative_orbit, pass, pass_origin, granules }
    }

    fn series(catalog: &Catalog, states: &[(f64, ObservationState)]) -> Series {
        let point =
            |((acquisition, known), &(value, state)): ((AcquisitionIx, &Acquisition), &(f64, ObservationState))| SeriesPoint {
                acquisition,
                acquired: known.acquired,
                value,
                std: 0.1,
                p25: value - 0.3,
                p75: value + 0.2,
                count: 1.0,
                usable_share: 1.0,
                state,
            };
        Series { points: catalog.iter().zip(states).map(point).collect() }
    }

    fn options() -> GraphOptions {
        GraphOptions { max_gap_days: 40.0, spread: Spread::Std, split_orbits: true, overlay_years: false }
    }

    const OK: ObservationState = ObservationState::Ok;

    fn optical() -> (Catalog, Series) {
        let times = [
            "2018-12-01T12:00:00Z",
            "2018-12-31T12:00:00Z",
            "2019-01-05T12:00:00Z",
            "2019-01-10T12:00:00Z",
            "2019-03-01T12:00:00Z",
        ];
        let acquisitions = times.iter().map(|time| acquisition(Sensor::S2, time, Some(Pass::Descending), Some(51))).collect();
        let catalog = Catalog { acquisitions, problems: vec![] };
        let states = [(0.1, OK), (0.2, OK), (0.9, ObservationState::Masked), (f64::NAN, ObservationState::NoData), (0.4, OK)];
        let series = series(&catalog, &states);
        (catalog, series)
    }

    #[test]
    fn long_gaps_break_a_line_and_masked_observations_stand_apart() {
        let (catalog, series) = optical();
        let found = lines(&series, &Signal::parse("NDVI"), &catalog, &options());
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].runs.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
        assert_eq!((found[0].masked.len(), found[0].masked[0].y, found[0].pass), (1, 0.9, None));
        let first = found[0].runs[0][0];
        assert_eq!(first.x, 17_866.5);
        assert!((first.low - 0.0).abs() < 1e-12 && (first.high - 0.2).abs() < 1e-12);
    }

    #[test]
    fn overlaid_years_share_the_day_of_year() {
        let (catalog, series) = optical();
        let found = lines(&series, &Signal::parse("NDVI"), &catalog, &GraphOptions { overlay_years: true, ..options() });
        assert_eq!(found.iter().map(|line| line.year).collect::<Vec<_>>(), [Some(2018), Some(2019)]);
        assert_eq!(found[0].runs[0].iter().map(|point| point.x).collect::<Vec<_>>(), [335.5, 365.5]);
        assert_eq!((found[1].masked[0].x, found[1].runs[0][0].x), (5.5, 60.5));
    }

    #[test]
    fn orbits_and_passes_are_never_joined() {
        let orbits = [(Some(Pass::Descending), 37), (Some(Pass::Ascending), 161), (Some(Pass::Ascending), 88), (None, 161)];
        let with = |(at, &(pass, orbit)): (usize, &(Option<Pass>, u16))| {
            acquisition(Sensor::S1Backscatter, &format!("2019-04-0{}T06:00:00Z", at + 1), pass, Some(orbit))
        };
        let catalog = Catalog { acquisitions: orbits.iter().enumerate().map(with).collect(), problems: vec![] };
        let series = series(&catalog, &[(-10.0, OK); 4]);
        let signal = Signal::BackscatterDb(Polarisation::Vv);
        let keys = |split_orbits| -> Vec<_> {
            let found = lines(&series, &signal, &catalog, &GraphOptions { split_orbits, ..options() });
            found.iter().map(|line| (line.pass, line.relative_orbit, line.runs[0].len())).collect()
        };
        let (up, down) = (Some(Pass::Ascending), Some(Pass::Descending));
        assert_eq!(keys(true), [(None, Some(161), 1), (up, Some(88), 1), (up, Some(161), 1), (down, Some(37), 1)]);
        assert_eq!(keys(false), [(None, None, 1), (up, None, 2), (down, None, 1)]);
    }

    #[test]
    fn peer_bands_break_at_long_gaps() {
        let step = |epoch_day| PeerStep {
            acquisition: AcquisitionIx(0),
            epoch_day,
            spread: crate::engine::peers::Spread { n: 3, p10: 0.0, p50: 0.5, p90: 1.0, mean: 0.5, std: 0.1 },
        };
        let steps: Vec<PeerStep> = [0.0, 40.0, 81.0, 82.0].map(step).to_vec();
        assert_eq!(band_runs(&steps, 40.0).iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
        assert!(band_runs(&[], 40.0).is_empty());
    }

    #[test]
    fn pairs_of_another_spacing_are_another_line_and_say_so_only_then() {
        let pair = |time: &str, days: i64| {
            let mut pair = acquisition(Sensor::S1Coherence, time, Some(Pass::Ascending), Some(161));
            pair.first = Some(pair.acquired - jiff::SignedDuration::from_hours(24 * days));
            pair
        };
        let lines_of = |spacings: [i64; 3]| {
            let times = ["2019-01-07T17:31:00Z", "2019-01-13T17:31:00Z", "2019-01-19T17:31:00Z"];
            let acquisitions = times.iter().zip(spacings).map(|(time, days)| pair(time, days)).collect();
            let catalog = Catalog { acquisitions, problems: vec![] };
            let series = series(&catalog, &[(0.5, OK), (0.3, OK), (0.6, OK)]);
            lines(&series, &Signal::Coherence(Polarisation::Vv), &catalog, &options())
        };
        let mixed = lines_of([6, 12, 6]);
        let found: Vec<_> = mixed.iter().map(|line| (line.pair_days, line.runs[0].len())).collect();
        assert_eq!(found, [(Some(6), 2), (Some(12), 1)]);
        let equal = lines_of([6, 6, 6]);
        assert_eq!((equal.len(), equal[0].pair_days), (1, None));
    }
}
