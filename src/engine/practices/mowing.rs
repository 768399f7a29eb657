//! Mowing of grassland after L4B of `Sen4CAP`: loss of NDVI, rise of VH coherence, fusion of both, thinning, compliance.
//!
//! Detections of one series are found on their own ([`optical`], [`radar`]) and fused afterwards ([`fuse`]), so that each can be
//! shown beside its graph. Mulching looks the same and is not told apart.
//!
//! * **Cost:** one pass over each series; fusion is quadratic in the detections, of which a year has a few dozen.
//! * **Source:** public description of `Sen4CAP`'s L4B product, restated in `sen4cap` fact sheet, section 4.4.

mod fusion;
mod optical;
mod radar;

use serde::{Deserialize, Serialize};

use super::{Event, EventKind, Evidence, Marker, Outcome, Reason, Window, clear_series, largest_gap_days};

pub use fusion::{fuse, fused_confidence, thin};
pub use optical::{optical, optical_confidence};
pub use radar::{radar, radar_confidence};

/// Parameters of the NDVI detector. NDVI is on the scale −1..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpticalParams {
    /// Observations below are discarded. Default 0.1 (L4B).
    pub ndvi_floor: f64,
    /// NDVI that must be lost at least. Default 0.12 (L4B).
    pub min_drop: f64,
    /// The loss must be steeper than this, NDVI per day. Default −0.000001 (L4B: any loss).
    pub max_rate: f64,
    /// A recovery as fast as this or faster is a missed cloud, NDVI per day. Default 0.05 (L4B).
    pub max_recovery: f64,
    /// NDVI after the cut must be below. Default 0.75 (L4B).
    pub high: f64,
    /// NDVI before the cut must be above. Default 0.5 (L4B).
    pub low: f64,
    /// The event lies at most so many days before the first low value. Default 30 (L4B).
    pub max_days: f64,
}

impl Default for OpticalParams {
    fn default() -> Self {
        Self { ndvi_floor: 0.1, min_drop: 0.12, max_rate: -1e-6, max_recovery: 0.05, high: 0.75, low: 0.5, max_days: 30.0 }
    }
}

/// Parameters of the coherence detector. Coherence is on the scale 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RadarParams {
    /// Values that the line is fitted through. Default 5 (L4B).
    pub fit_values: usize,
    /// Probability of a false alarm; its normal quantile is the factor k. Default 3e-8 (default configuration of L4B; the program
    /// itself falls back to 3e-7).
    pub false_alarm: f64,
    /// Variance of the coherence of one pixel; divided by the pixels it is the least variance. Default 0.024 (L4B).
    pub pixel_variance: f64,
    /// Events of one orbit nearer than this are thinned by confidence, days. Default 28 (L4B).
    pub separation_days: f64,
}

impl Default for RadarParams {
    fn default() -> Self {
        Self { fit_values: 5, false_alarm: 3e-8, pixel_variance: 0.024, separation_days: 28.0 }
    }
}

/// Parameters of the family.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// NDVI.
    pub optical: OpticalParams,
    /// Coherence.
    pub radar: RadarParams,
    /// Events nearer than this, over their outer ends, are thinned by confidence, days. Default 45 (L4B).
    pub separation_days: f64,
    /// Events kept in a season, the most confident ones. Default 4 (L4B).
    pub max_events: usize,
    /// A window with a longer span without clear NDVI cannot say that there was no mowing, days. Default 30: the span that L4B
    /// allows an event to hide in.
    pub max_gap_days: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            optical: OpticalParams::default(),
            radar: RadarParams::default(),
            separation_days: 45.0,
            max_events: 4,
            max_gap_days: 30.0,
        }
    }
}

/// Names that [`Params::preset`] knows.
pub const PRESETS: [&str; 7] = ["default", "czechia", "france", "lithuania", "netherlands", "spain", "romania"];

impl Params {
    /// A national variant of L4B by its name in [`PRESETS`].
    ///
    /// Czechia and France: NDVI after below 0.72, before above 0.4. Lithuania: recovery below 0.06 a day. Netherlands: 0.9.
    /// Spain and Romania: a drop of 0.15, recovery 0.9.
    pub fn preset(name: &str) -> Option<Self> {
        let plain = OpticalParams::default();
        let optical = match name {
            "default" => plain,
            "czechia" | "france" => OpticalParams { high: 0.72, low: 0.4, ..plain },
            "lithuania" => OpticalParams { max_recovery: 0.06, ..plain },
            "netherlands" => OpticalParams { max_recovery: 0.9, ..plain },
            "spain" | "romania" => OpticalParams { min_drop: 0.15, max_recovery: 0.9, ..plain },
            _ => return None,
        };
        Some(Self { optical, ..Self::default() })
    }
}

/// Which satellites saw an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sources {
    /// Coherence only.
    S1,
    /// NDVI only.
    S2,
    /// Both.
    #[serde(rename = "S1/S2")]
    Both,
}

impl Sources {
    /// What both together have.
    #[must_use]
    pub fn joined(self, other: Self) -> Self {
        if self == other { self } else { Self::Both }
    }
}

/// A candidate or an event.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Detection {
    /// Last day before the cut was seen.
    pub start: f64,
    /// First day after it.
    pub end: f64,
    /// 0 to 0.999; coherence alone stays below 0.5.
    pub confidence: f64,
    /// NDVI: relative loss beyond the least one. Coherence: deviations beyond the factor k.
    pub excess: f64,
    /// NDVI or coherence before: the earlier value, or the value of the fitted line.
    pub before: f64,
    /// NDVI or coherence after.
    pub after: f64,
    /// Day of the acquisition that confirmed it, one after `end`.
    pub evaluated: f64,
    /// What saw it.
    pub sources: Sources,
}

impl Detection {
    /// The interval of the event.
    pub fn window(&self) -> Window {
        Window { start: self.start, end: self.end }
    }

    /// As an event of the common vocabulary; the leading signal is its evidence, `main` the middle of the interval.
    pub fn event(&self, params: &Params) -> Event {
        let (signal, threshold) = match self.sources {
            Sources::S1 => ("COHERENCE_VH", f64::NAN),
            Sources::S2 | Sources::Both => ("NDVI", params.optical.min_drop),
        };
        let evidence = vec![Evidence { signal, before: self.before, after: self.after, threshold }];
        let (start, end) = (self.start, self.end);
        Event { kind: EventKind::Mowing, start, main: f64::midpoint(start, end), end, confidence: self.confidence, evidence }
    }
}

/// The series of one parcel in a season.
#[derive(Debug, Clone, Copy, Default)]
pub struct Input<'a> {
    /// Days of NDVI.
    pub ndvi_days: &'a [f64],
    /// Parcel mean of NDVI, `NaN` when not clear.
    pub ndvi: &'a [f64],
    /// VH coherence, one series for each relative orbit.
    pub orbits: &'a [Orbit<'a>],
    /// Pixels of the coherence product inside the parcel.
    pub radar_pixels: f64,
}

/// VH coherence of one relative orbit.
#[derive(Debug, Clone, Copy)]
pub struct Orbit<'a> {
    /// Days of the later image of each pair.
    pub days: &'a [f64],
    /// Parcel mean of VH coherence, 0..1, `NaN` when missing.
    pub coherence: &'a [f64],
}

/// Mowing events of a season, by date: detections of all series, fused and thinned.
///
/// * **NaN:** a missing observation takes no part.
pub fn detect(input: &Input<'_>, params: &Params) -> Vec<Detection> {
    let mut series = vec![optical(input.ndvi_days, input.ndvi, &params.optical)];
    series.extend(input.orbits.iter().map(|orbit| radar(orbit.days, orbit.coherence, input.radar_pixels, &params.radar)));
    thin(fuse(&series), params.separation_days, params.max_events)
}

/// Whether a parcel was mown inside its mandatory interval, with the codes of the L4B attribute `compl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compliance {
    /// The crop has no rule.
    NotConfigured,
    /// No series was analysed.
    NotProcessed,
    /// A mowing inside the interval.
    Inside,
    /// None inside.
    NoneInside,
    /// Strict rule only: a mowing inside and another one outside.
    InsideAndOutside,
}

impl Compliance {
    /// The number that L4B writes.
    pub fn code(self) -> i8 {
        match self {
            Self::NotConfigured => -1,
            Self::NotProcessed => 0,
            Self::Inside => 1,
            Self::NoneInside => 2,
            Self::InsideAndOutside => 3,
        }
    }
}

/// What is asked of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The mandatory interval.
    pub interval: Window,
    /// True when a mowing outside the interval breaks the rule too.
    pub strict: bool,
}

/// Compares events with the mandatory interval of the crop, if it has one. `processed` is false when there was no series.
///
/// An event counts as inside when its interval shares a day with the mandatory one, and as outside when it shares none: the fact
/// sheet does not say how L4B treats an event across the limit, and the doubt is the farmer's. [`marker`] tells such an event apart.
pub fn compliance(events: &[Detection], requirement: Option<Requirement>, processed: bool) -> Compliance {
    let Some(rule) = requirement else { return Compliance::NotConfigured };
    if !processed {
        return Compliance::NotProcessed;
    }
    let inside = events.iter().filter(|event| event.window().meets(rule.interval)).count();
    match inside {
        0 => Compliance::NoneInside,
        _ if rule.strict && inside < events.len() => Compliance::InsideAndOutside,
        _ => Compliance::Inside,
    }
}

/// Marker `mowing`: was the parcel mown in the window? Its value is the confidence of the best event, or the longest span without
/// clear NDVI in days where that span makes a no impossible.
///
/// * **NaN:** without a clear NDVI in the window, and no event, unknown.
pub fn marker(events: &[Detection], input: &Input<'_>, window: Window, params: &Params) -> Marker {
    let best = |inside: &dyn Fn(&Detection) -> bool| {
        events.iter().filter(|event| inside(event)).map(|event| event.confidence).max_by(f64::total_cmp)
    };
    if let Some(confidence) = best(&|event| window.contains(event.window())) {
        return Marker::tested("mowing", true, confidence);
    }
    if let Some(confidence) = best(&|event| window.meets(event.window())) {
        return Marker { name: "mowing", outcome: Outcome::Unknown, value: confidence, reason: Reason::AcrossWindow };
    }
    let series = clear_series(input.ndvi_days, input.ndvi);
    if !series.iter().any(|(day, _)| window.holds(*day)) {
        return Marker::unknown("mowing", Reason::NoData);
    }
    let gap = largest_gap_days(&series, window);
    if gap > params.max_gap_days {
        return Marker { name: "mowing", outcome: Outcome::Unknown, value: gap, reason: Reason::TooFewData };
    }
    Marker::tested("mowing", false, 0.0)
}

#[cfg(test)]
mod tests;
