//! Numbers of a ruleset that people tune.

/// A number of a ruleset with its place and its usual limits.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Way to it, as a comparison of two rulesets names it: `markers.ndvi_drop.detect.drop.min_depth`.
    pub path: String,
    /// What it belongs to: the name of a signal, marker, practice or group of rules; empty for the base of the rules.
    pub owner: String,
    /// Its field: `min_depth`; of a number of the rules its name.
    pub field: String,
    /// The number; dates as days since 1970-01-01.
    pub value: f64,
    /// How it is written.
    pub form: Form,
    /// What a change of it costs.
    pub stage: Stage,
    /// Least and greatest usual value; a number may lie outside.
    pub range: (f64, f64),
    /// Usual step.
    pub step: f64,
    /// Unit, as rules name it; empty for none.
    pub unit: &'static str,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// With decimals.
    Decimal,
    /// Whole.
    Whole,
    /// A date, `2020-05-15`.
    Date,
    /// A day of any year, `05-15`; its value lies in 1970.
    DayOfYear,
}

/// What a change costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Nothing: rules are applied to the features that are there.
    Rules,
    /// Features are computed again.
    Features,
}
