//! Numbers about a signal that rules compare.

use serde::{Deserialize, Serialize};

use super::Day;

/// A number about a signal in a window of days.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeatureRule {
    /// Name by which rules use it.
    pub name: String,
    /// Input or signal.
    pub signal: String,
    /// Component of it; default: the first.
    #[serde(default)]
    pub component: Option<String>,
    /// First day, included; default: from the beginning.
    #[serde(default)]
    pub from: Option<Day>,
    /// Last day, included; default: to the end.
    #[serde(default)]
    pub to: Option<Day>,
    /// Which number.
    pub take: Take,
    /// Unit of the signal, for checks and for the screen; default: none.
    #[serde(default)]
    pub unit: String,
}

/// Which number is taken of the samples in the window.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Take {
    /// How many observations there are; of a resampled signal those that it was made of.
    Observations,
    /// The longest span without an observation, from the ends of the window too where it has any, days.
    LargestGap,
    /// Least value.
    Min,
    /// Greatest value.
    Max,
    /// Mean of the values.
    Mean,
    /// Greatest less least value.
    Range,
    /// Greatest fall from a value to any later one; 0 where values only rise.
    Fall,
    /// Greatest rise from a value to any later one; 0 where values only fall.
    Rise,
    /// Value of the first sample.
    First,
    /// Value of the last sample.
    Last,
    /// Day of the least value.
    MinDay,
    /// Day of the greatest value.
    MaxDay,
}

impl Take {
    /// All, in the order of their names in the documentation.
    pub const ALL: [Self; 12] = [
        Self::Observations,
        Self::LargestGap,
        Self::Min,
        Self::Max,
        Self::Mean,
        Self::Range,
        Self::Fall,
        Self::Rise,
        Self::First,
        Self::Last,
        Self::MinDay,
        Self::MaxDay,
    ];

    /// Unit of the number, where it is not that of the signal.
    pub fn unit(self) -> Option<&'static str> {
        match self {
            Self::Observations => Some(""),
            Self::LargestGap => Some("days"),
            Self::MinDay | Self::MaxDay => Some("date"),
            Self::Min | Self::Max | Self::Mean | Self::Range | Self::Fall | Self::Rise | Self::First | Self::Last => None,
        }
    }
}
