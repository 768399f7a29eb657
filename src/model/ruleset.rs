//! The ruleset: how series become signals, which events are looked for in them, and how events are combined.
//!
//! Only what a ruleset says is here. `io` reads and writes it, [`crate::model::ruleset::check`] finds what is wrong in itself, the
//! engine compiles and runs it.
//!
//! ```toml
//! version = "1.0"
//! name = "Mowing"
//!
//! [[inputs]]
//! name = "s2"
//! signals = ["NDVI"]
//!
//! [[signals]]
//! name = "ndvi_smooth"
//! from = ["s2"]
//! steps = [{ select = { components = ["NDVI"] } }, { resample = {} }, { low_pass = { cut_off = 0.05 } }]
//!
//! [[markers]]
//! name = "ndvi_drop"
//! signal = "ndvi_smooth"
//! from = "2020-04-01"
//! to = "2020-10-31"
//! detect = { drop = { min_duration_days = 14, min_depth = 0.1 } }
//! ```

pub mod check;
pub mod day;
pub mod detector;
pub mod feature;
pub mod parameter;
pub mod practice;
pub mod step;

use serde::{Deserialize, Serialize};

use super::rules::RulesText;

pub use check::{Fault, Key, Order};
pub use day::{Between, Day};
pub use detector::{Detector, Extremum, Fall, Gap, Interval, Side, SlopeBreak, StateRun};
pub use feature::{FeatureRule, Take};
pub use parameter::{Form, Parameter, Stage};
pub use practice::{Family, PracticeRule, SeriesRef};
pub use step::{Fill, Slope, Step, When};

/// Version of the format that this program writes.
pub const RULESET_VERSION: &str = "1.0";

/// A ruleset.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruleset {
    /// Version of the format, `major.minor`.
    pub version: String,
    /// Name for people.
    #[serde(default)]
    pub name: String,
    /// Where the method comes from.
    #[serde(default)]
    pub source: String,
    /// Series of observations that are given.
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// Series that are derived of these.
    #[serde(default)]
    pub signals: Vec<Chain>,
    /// Events that are looked for.
    #[serde(default)]
    pub markers: Vec<MarkerRule>,
    /// Practices of farmers that are looked for.
    #[serde(default)]
    pub practices: Vec<PracticeRule>,
    /// Events that are made of other events.
    #[serde(default)]
    pub composites: Vec<CompositeRule>,
    /// Numbers about signals that rules may name, beside those that every marker gives.
    #[serde(default)]
    pub features: Vec<FeatureRule>,
    /// Green, yellow or red from all of these; a ruleset without only detects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rules: Option<RulesText>,
}

impl Default for Ruleset {
    /// Empty, of the version that this program writes.
    fn default() -> Self {
        Self {
            version: RULESET_VERSION.to_owned(),
            name: String::new(),
            source: String::new(),
            inputs: Vec::new(),
            signals: Vec::new(),
            markers: Vec::new(),
            practices: Vec::new(),
            composites: Vec::new(),
            features: Vec::new(),
            rules: None,
        }
    }
}

/// A series of observations that is given from outside.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Name by which signals use it, and under which a table is given.
    pub name: String,
    /// On a project: signals that become its components, e.g. `NDVI`, `VH_db`, `COH_VV`. Default: none, a table must be given.
    ///
    /// Beside them stand `usable_share` (0..1), `usable_pixels` (of the first of them), `relative_orbit` and `ascending` (1 or 0) of each acquisition.
    #[serde(default)]
    pub signals: Vec<String>,
    /// On a project: beside each of its `signals` the median of the parcels of the same crop (and region), as `NAME_peers`; missing where
    /// fewer than three of them have a value. Default false.
    #[serde(default)]
    pub peers: bool,
}

/// A derived series: the series it starts from, and steps in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// Name by which other signals and markers use it.
    pub name: String,
    /// Inputs or other signals, at least one. Several are several parts until a step joins them.
    pub from: Vec<String>,
    /// Names of the parts where the steps end in several, in order. Default: none.
    ///
    /// The parts of a parcel are counted: where one lacks the first orbit, its second one is called first. A split by `only` does not
    /// depend on the others.
    #[serde(default)]
    pub parts: Vec<String>,
    /// Steps in order; none passes the series on.
    #[serde(default)]
    pub steps: Vec<Step>,
}

/// Events of one kind in one signal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkerRule {
    /// Name.
    pub name: String,
    /// Input or signal in which is looked.
    pub signal: String,
    /// Component of it; default: each one by itself.
    #[serde(default)]
    pub component: Option<String>,
    /// First day on which is looked, included; default: from the beginning. Days without a year ([`Day`]) are those of every year: events
    /// of all years are found, and a year with fewer than `min_observations` says nothing where another one has enough.
    #[serde(default)]
    pub from: Option<Day>,
    /// Last day on which is looked, included; default: to the end.
    #[serde(default)]
    pub to: Option<Day>,
    /// Fewer observations on these days make the outcome unknown. Default 3: an extremum needs three.
    #[serde(default = "three")]
    pub min_observations: u32,
    /// What is looked for.
    pub detect: Detector,
}

fn three() -> u32 {
    3
}

/// Events made of the events of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeRule {
    /// Name.
    pub name: String,
    /// Two markers, findings of practices or composites, in order.
    pub of: [String; 2],
    /// How they are combined.
    pub combine: Combine,
    /// Events co-occur when they have more days than this in common. Default 0: touching is not enough.
    #[serde(default)]
    pub overlap_days: f64,
}

/// Ways to combine two lists of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    /// Those of the first that co-occur with one of the second.
    Confirm,
    /// Those of the first that co-occur with none of the second.
    Without,
    /// Co-occurring pairs as one event each, and the rest of both.
    Aggregate,
    /// One time line: those of the second, and what of the first lies outside them.
    Merge,
}

impl Combine {
    /// Name in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Without => "without",
            Self::Aggregate => "aggregate",
            Self::Merge => "merge",
        }
    }
}
