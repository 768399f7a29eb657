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

pub use crate::model::practices::mowing::{OpticalParams, PRESETS, Params, RadarParams};

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
    thin(candidates(input, params), params.separation_days, params.max_events)
}

/// Detections of all series, fused but not thinned, by date: of several seasons each is thinned by itself.
///
/// * **NaN:** a missing observation takes no part.
pub fn candidates(input: &Input<'_>, params: &Params) -> Vec<Detection> {
    let mut series = vec![optical(input.ndvi_days, input.ndvi, &params.optical)];
    series.extend(input.orbits.iter().map(|orbit| radar(orbit.days, orbit.coherence, input.radar_pixels, &params.radar)));
    fuse(&series)
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
    required_marker(events, input, window, 1, params)
}

/// Marker `mowing`: was the parcel mown so many times, at least once, in the window? As [`marker`]; the value of a yes is the
/// confidence of the least sure of the events that are needed.
///
/// * **NaN:** as [`marker`].
pub fn required_marker(events: &[Detection], input: &Input<'_>, window: Window, required: usize, params: &Params) -> Marker {
    let last_needed = |inside: &dyn Fn(&Detection) -> bool| {
        let mut sure: Vec<f64> = events.iter().filter(|event| inside(event)).map(|event| event.confidence).collect();
        sure.sort_by(|a, b| b.total_cmp(a));
        sure.get(required.max(1) - 1).copied()
    };
    if let Some(confidence) = last_needed(&|event| window.contains(event.window())) {
        return Marker::tested("mowing", true, confidence);
    }
    if let Some(confidence) = last_needed(&|event| window.meets(event.window())) {
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
