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

/// Thresholds of [`label`]. Indices in natural units, FCOVER 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LabelParams {
    /// Bare: NDVI below. Default 0.15 (shipped with `Sen4CAP` 3.4).
    pub bare_ndvi: f64,
    /// Bare: NDTI at most. Default 0.10 (same).
    pub bare_ndti: f64,
    /// Covered: NDVI above. Default 0.45 (same).
    pub covered_ndvi: f64,
    /// Covered: NDTI above. Default 0.25 (same).
    pub covered_ndti: f64,
    /// Covered: FCOVER above. Default 0.01 (same).
    pub covered_fcover: f64,
    /// False where there is no FCOVER: covered then needs NDVI and NDTI only. Default true (same).
    pub use_fcover: bool,
    /// True to label water, which overrides bare. Default false (optional in `Sen4CAP`).
    pub water: bool,
    /// Water: NDMI above, with NDVI below `bare_ndvi`. Default 0.30 (same).
    pub water_ndmi: f64,
}

impl Default for LabelParams {
    fn default() -> Self {
        Self {
            bare_ndvi: 0.15,
            bare_ndti: 0.10,
            covered_ndvi: 0.45,
            covered_ndti: 0.25,
            covered_fcover: 0.01,
            use_fcover: true,
            water: false,
            water_ndmi: 0.30,
        }
    }
}

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

/// What Strong requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// M2 ≥ 2, M3 ≥ 1, M6 ≥ 0: agrees with every slide.
    #[default]
    Webinar,
    /// M2 ≥ 3, M3 ≥ 2, M6 ≥ 0: as the table of the slides prints it.
    Table,
}

/// Parameters of the timeline of one sensor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Least confidence of a strong bare observation. Default 0.75 (Sentinel-2).
    pub strong_bare: f64,
    /// Least confidence of a strong covered observation. Default 0.80 (Sentinel-2).
    pub strong_covered: f64,
    /// Days without confirmation that close a period; days after an end in which it can be cancelled; least days between an end
    /// and the next start. Default 30.
    pub short_days: f64,
    /// Days after an end that are watched; days without bare soil that let a period fade. Default 60.
    pub long_days: f64,
    /// Periods looked for. Default 3 (Sentinel-2).
    pub max_periods: usize,
    /// What Strong requires. Default `webinar`.
    pub preset: Preset,
}

impl Default for Params {
    fn default() -> Self {
        Self::sentinel2()
    }
}

impl Params {
    /// Sentinel-2: 0.75, 0.80, 30 and 60 days, 3 periods.
    pub fn sentinel2() -> Self {
        Self {
            strong_bare: 0.75,
            strong_covered: 0.80,
            short_days: 30.0,
            long_days: 60.0,
            max_periods: 3,
            preset: Preset::Webinar,
        }
    }

    /// Sentinel-1: 0.65, 0.70, 30 and 60 days, 4 periods.
    pub fn sentinel1() -> Self {
        Self { strong_bare: 0.65, strong_covered: 0.70, max_periods: 4, ..Self::sentinel2() }
    }
}

/// How sure a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Confidence {
    /// Never confirmed.
    Doubtful,
    /// More against than for it.
    Poor,
    /// Confirmed.
    Medium,
    /// Vegetation seen afterwards.
    Good,
    /// Confirmed more than once.
    Strong,
    /// Strong, and seen by Sentinel-1.
    #[serde(rename = "Strong+")]
    StrongPlus,
}

impl Confidence {
    /// One step up; the highest stays.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Doubtful => Self::Poor,
            Self::Poor => Self::Medium,
            Self::Medium => Self::Good,
            Self::Good => Self::Strong,
            Self::Strong | Self::StrongPlus => Self::StrongPlus,
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Doubtful => "Doubtful",
            Self::Poor => "Poor",
            Self::Medium => "Medium",
            Self::Good => "Good",
            Self::Strong => "Strong",
            Self::StrongPlus => "Strong+",
        })
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
    let inside = || periods.iter().filter(|period| period.window().meets(window));
    let longest = |sure: bool| {
        let periods = inside().filter(|period| (period.confidence(preset) >= least) == sure);
        periods.map(Period::duration_days).max_by(f64::total_cmp)
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
