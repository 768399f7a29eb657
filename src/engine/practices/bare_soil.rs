//! Bare soil: labels of single observations by thresholds, and periods with the markers M1–M6 from a series of predictions.
//!
//! Two steps stand between pixels and a decision: each observation becomes bare or covered with a confidence (by [`label`], or by
//! a classifier elsewhere), and [`timeline`] walks the series. A period of Sentinel-2 is confirmed by one of Sentinel-1 that it
//! meets ([`combine`]).
//!
//! * **Cost:** one pass for each period; after a cancelled end some observations are looked at twice.
//! * **Source:** webinar of `Sen4CAP` on bare soil, restated in `sen4cap` fact sheet, sections 2.1–2.7. Where slides and release
//!   contradict each other, the resolutions of section 2.7 are followed; the released scoring (3.4) is not comparable.

mod timeline;

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Event, EventKind, Evidence, Marker, Outcome, Reason, Window};

pub use timeline::timeline;

pub use crate::model::practices::bare_soil::{Confidence, LabelParams, Params, Preset};

/// What an observation clearly shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Label {
    /// Bare soil.
    #[serde(rename = "BS")]
    Bare,
    /// Not bare.
    #[serde(rename = "NBS")]
    Covered,
    /// Not bare, under water.
    #[serde(rename = "NBS_Water")]
    Water,
}

/// Parcel means of one observation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// (B08 − B04) / (B08 + B04).
    pub ndvi: f64,
    /// (B11 − B12) / (B11 + B12).
    pub ndti: f64,
    /// (B08 − B11) / (B08 + B11).
    pub ndmi: f64,
    /// Share of green cover 0..1.
    pub fcover: f64,
}

/// The label of an observation by thresholds, or nothing where it is not clear.
///
/// * **NaN:** a value that a label needs and that is missing gives no such label.
/// * **Source:** calibration labels of `Sen4CAP`; every threshold needs local review.
///
/// ```
/// # use parcelight::engine::practices::bare_soil::{Label, LabelParams, Sample, label};
/// let sample = Sample { ndvi: 0.1, ndti: 0.05, ndmi: f64::NAN, fcover: f64::NAN };
/// assert_eq!(label(&sample, &LabelParams::default()), Some(Label::Bare));
/// ```
pub fn label(sample: &Sample, params: &LabelParams) -> Option<Label> {
    let Sample { ndvi, ndti, ndmi, fcover } = *sample;
    if params.water && ndvi < params.bare_ndvi && ndmi > params.water_ndmi {
        return Some(Label::Water);
    }
    if ndvi < params.bare_ndvi && ndti <= params.bare_ndti {
        return Some(Label::Bare);
    }
    let green = !params.use_fcover || fcover > params.covered_fcover;
    (ndvi > params.covered_ndvi && ndti > params.covered_ndti && green).then_some(Label::Covered)
}

/// One classified observation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// Days since 1970; ascending in a series, one observation a day.
    pub day: f64,
    /// True for bare soil.
    pub bare: bool,
    /// Probability of the class, 0..1; 1 for labels by thresholds.
    pub confidence: f64,
}

impl Observation {
    /// A labelled observation with full confidence; water is not bare.
    pub fn from_label(day: f64, label: Label) -> Self {
        Self { day, bare: label == Label::Bare, confidence: 1.0 }
    }
}

/// A period of bare soil. M1 is 1 by being here.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Period {
    /// M2: strong bare observations after START.
    pub m2: i32,
    /// M3: strong bare less covered observations after START.
    pub m3: i32,
    /// M4: 1 when strong vegetation ended the period, 0 when it did not, nothing when the period was never confirmed.
    pub m4: Option<i32>,
    /// M5: strong covered observations after END, once M4 is 1.
    pub m5: Option<i32>,
    /// M6: strong covered less bare observations after END, once M4 is 1.
    pub m6: Option<i32>,
    /// START: day of the first strong bare observation.
    pub start: f64,
    /// END: day of the last bare observation; nothing while the period goes on at the end of the series.
    pub end: Option<f64>,
    /// Last observation of the series, where an open period is cut.
    pub last_observation: f64,
    /// Observations between START and END that were scored.
    pub scored: u32,
}

impl Period {
    /// True when a later period is looked for (`Look_next`).
    pub fn look_next(&self) -> bool {
        self.end.is_some()
    }

    /// From START to END, or to the last observation where the period goes on.
    pub fn window(&self) -> Window {
        Window { start: self.start, end: self.end.unwrap_or(self.last_observation) }
    }

    /// Days between START and END, at least 1.
    pub fn duration_days(&self) -> f64 {
        (self.window().end - self.start).max(1.0)
    }

    /// The class, tested in this order: Doubtful without confirmation, Poor for M3 < 0, Strong, Good for M5 > 0, else Medium.
    pub fn confidence(&self, preset: Preset) -> Confidence {
        let (m2, m3) = match preset {
            Preset::Webinar => (2, 1),
            Preset::Table => (3, 2),
        };
        if self.m2 == 0 {
            Confidence::Doubtful
        } else if self.m3 < 0 {
            Confidence::Poor
        } else if self.m2 >= m2 && self.m3 >= m3 && self.m6.is_some_and(|m6| m6 >= 0) {
            Confidence::Strong
        } else if self.m5.is_some_and(|m5| m5 > 0) {
            Confidence::Good
        } else {
            Confidence::Medium
        }
    }

    /// As an event of the common vocabulary: its evidence is M2 and M3; `main` is START.
    pub fn event(&self) -> Event {
        let Window { start, end } = self.window();
        let evidence = vec![
            Evidence { signal: "M2", before: f64::NAN, after: f64::from(self.m2), threshold: 1.0 },
            Evidence { signal: "M3", before: f64::NAN, after: f64::from(self.m3), threshold: 0.0 },
        ];
        Event { kind: EventKind::BareSoil, start, main: start, end, confidence: f64::NAN, evidence }
    }
}

/// Class of a Sentinel-2 period after Sentinel-1 was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Combined {
    /// Raised by one step when confirmed.
    pub confidence: Confidence,
    /// True when a Sentinel-1 period meets it.
    pub confirmed: bool,
}

impl fmt::Display for Combined {
    /// `Strong+_S1`, `Good`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.confidence, if self.confirmed { "_S1" } else { "" })
    }
}

/// Classes of the Sentinel-2 periods, each raised by one step where any Sentinel-1 period meets it, ends included.
///
/// Ends count because unconfirmed periods have no length and could not be met otherwise.
pub fn combine(optical: &[Period], radar: &[Period], preset: Preset) -> Vec<Combined> {
    optical
        .iter()
        .map(|period| {
            let confirmed = radar.iter().any(|other| other.window().meets(period.window()));
            let own = period.confidence(preset);
            Combined { confidence: if confirmed { own.raised() } else { own }, confirmed }
        })
        .collect()
}

/// Days of bare soil of all periods: the columns `TTdaysS2` and `TTdaysS1`.
pub fn total_days(periods: &[Period]) -> f64 {
    periods.iter().map(Period::duration_days).sum()
}

/// Days of bare soil that both sensors saw (`TTdaysS1S2`): for each two periods that meet the days that they share, at least 1.
pub fn shared_days(optical: &[Period], radar: &[Period]) -> f64 {
    let pairs = optical.iter().flat_map(|a| radar.iter().map(move |b| (a.window(), b.window())));
    pairs.filter(|(a, b)| a.meets(*b)).map(|(a, b)| (a.end.min(b.end) - a.start.max(b.start)).max(1.0)).sum()
}

/// Marker `bare_soil`: is there a period of at least this class that meets the window? Its value is the days of the longest one.
///
/// A period below `least` makes it unknown, as does a window with fewer than `min_observations` observations.
pub fn marker(
    periods: &[Period],
    observations: &[Observation],
    window: Window,
    least: Confidence,
    min_observations: usize,
    preset: Preset,
) -> Marker {
    let classes: Vec<Confidence> = periods.iter().map(|period| period.confidence(preset)).collect();
    class_marker(periods, &classes, observations, window, least, min_observations)
}

/// [`marker`] of periods whose classes are known, such as those of [`combine`]; as many as periods.
pub fn class_marker(
    periods: &[Period],
    classes: &[Confidence],
    observations: &[Observation],
    window: Window,
    least: Confidence,
    min_observations: usize,
) -> Marker {
    debug_assert_eq!(periods.len(), classes.len(), "a class a period");
    let inside = || periods.iter().zip(classes).filter(|(period, _)| period.window().meets(window));
    let longest = |sure: bool| {
        let periods = inside().filter(|(_, class)| (**class >= least) == sure);
        periods.map(|(period, _)| period.duration_days()).max_by(f64::total_cmp)
    };
    if let Some(days) = longest(true) {
        return Marker::tested("bare_soil", true, days);
    }
    let count = observations.iter().filter(|observation| window.holds(observation.day)).count();
    let reason = if count == 0 { Reason::NoData } else { Reason::TooFewData };
    match longest(false) {
        Some(days) => Marker { name: "bare_soil", outcome: Outcome::Unknown, value: days, reason: Reason::TooFewData },
        None if count == 0 || count < min_observations => Marker::unknown("bare_soil", reason),
        None => Marker::tested("bare_soil", false, 0.0),
    }
}

#[cfg(test)]
mod tests;
