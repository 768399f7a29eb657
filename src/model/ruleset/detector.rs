//! What markers look for.

mod fall;

use serde::{Deserialize, Serialize};

pub use fall::Fall;

/// A kind of event with its parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Detector {
    /// A value that falls and rises again.
    Drop(Extremum),
    /// A value that rises and falls again.
    Peak(Extremum),
    /// Time without samples.
    Gap(Gap),
    /// Values beyond a threshold.
    Interval(Interval),
    /// A run of one state.
    State(StateRun),
    /// A change of the trend.
    SlopeBreak(SlopeBreak),
    /// A loss between two successive samples.
    Fall(Fall),
}

/// What counts as a drop or peak.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Extremum {
    /// The most extreme so many are looked at. Default 10 (JRC).
    pub max_number: u32,
    /// How often neighbours that belong together are joined. Default 0 (JRC).
    pub joins: u32,
    /// Shortest duration, days. Default: any.
    pub min_duration_days: Option<f64>,
    /// Least depth in the signal's unit: of a drop below its higher side, of a peak above its lower side. Default: any.
    pub min_depth: Option<f64>,
    /// Only with steep sides: both angles at the base at least 30° where duration and depth are both 1. Default false (JRC).
    pub steep: bool,
}

impl Default for Extremum {
    fn default() -> Self {
        Self { max_number: 10, joins: 0, min_duration_days: None, min_depth: None, steep: false }
    }
}

/// What counts as a gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Gap {
    /// Neighbouring samples are more than so many days apart. Default 20 (JRC).
    pub longer_than_days: f64,
}

impl Default for Gap {
    fn default() -> Self {
        Self { longer_than_days: 20.0 }
    }
}

/// What counts as an interval.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Interval {
    /// Threshold in the signal's unit. Default 0 (JRC).
    pub threshold: f64,
    /// Which side counts; the threshold itself does not. Default below (JRC).
    pub side: Side,
}

/// Sides of a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Larger values.
    Above,
    /// Smaller values.
    #[default]
    Below,
}

/// What counts as a run of a state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateRun {
    /// Value of the samples.
    pub state: f64,
    /// Shortest duration, days. Default: any.
    #[serde(default)]
    pub min_duration_days: Option<f64>,
}

/// What counts as a change of the trend.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SlopeBreak {
    /// Straight lines are fitted to the samples of so many days before and after. Default 20: no published value, about four
    /// acquisitions of Sentinel-2 a side.
    pub half_window_days: f64,
    /// Least difference of their slopes, signal's unit per day. Default 0.01: no published value, an index that turns from level to a
    /// loss of 0.1 in ten days.
    pub min_change_per_day: f64,
}

impl Default for SlopeBreak {
    fn default() -> Self {
        Self { half_window_days: 20.0, min_change_per_day: 0.01 }
    }
}
