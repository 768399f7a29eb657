//! Steps of a signal's chain.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A step: series in, series out. `NaN` is a missing value everywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Only these components, in this order; one that a series does not have is left out.
    Select {
        /// Names.
        components: Vec<String>,
    },
    /// Without the observations for which a component meets a condition. A missing value meets none.
    Remove {
        /// Component, e.g. `cloud_pct`.
        by: String,
        /// Condition.
        when: When,
        /// Limit in the component's unit.
        threshold: f64,
    },
    /// A further component: a shipped index, or an expression over band names (as in the project's own indices).
    Index {
        /// Name of an index, e.g. `NDVI`, or e.g. `(B08 - B04) / (B08 + B04)`.
        expression: String,
        /// Name of the new component.
        name: String,
        /// Component for a band. Default: the one called like the band, or like it with `_mean` behind.
        #[serde(default)]
        bands: BTreeMap<String, String>,
    },
    /// A further component: (a - b) / (a + b) of two components; missing where the sum is 0.
    NormalisedDifference {
        /// a and b.
        of: [String; 2],
        /// Name of the new component.
        name: String,
    },
    /// A further component: a - b, for instance of a parcel and its peers.
    Difference {
        /// a and b.
        of: [String; 2],
        /// Name of the new component.
        name: String,
    },
    /// A further component: a / b; missing where b is 0.
    Ratio {
        /// a and b.
        of: [String; 2],
        /// Name of the new component.
        name: String,
        /// In decibels, of linear power; missing where the ratio is not positive. Default false.
        #[serde(default)]
        decibels: bool,
    },
    /// All components as value · factor + offset.
    Scale {
        /// Factor. Default 1.
        #[serde(default = "one")]
        factor: f64,
        /// Added afterwards. Default 0.
        #[serde(default)]
        offset: f64,
    },
    /// All components stretched from `min..max` to 0..255, cut off and without fraction.
    Stretch {
        /// Values that become 0: one for all components or one each.
        min: Vec<f64>,
        /// Values that become 255.
        max: Vec<f64>,
    },
    /// A further component: the class of the colour that three components make. Each is stretched to 0..255 as by `stretch`; the class
    /// is that of most of the nearest reference colours, of equally many the smaller one. Missing where a component is.
    ColourClass {
        /// Components that become red, green and blue.
        of: [String; 3],
        /// Values that become 0, in the components' units.
        min: [f64; 3],
        /// Values that become 255.
        max: [f64; 3],
        /// Reference colours: red, green and blue, 0..255, and the number of the class.
        colours: Vec<[f64; 4]>,
        /// How many of the nearest decide. Default 5, as in the JRC's tool.
        #[serde(default = "five")]
        nearest: u32,
        /// Name of the new component.
        name: String,
    },
    /// One part for each value of a component, in the order of the values, without that component.
    Split {
        /// Component, e.g. `relative_orbit`.
        by: String,
        /// Only the part of this value (a word or a number). Default: all.
        #[serde(default)]
        only: Option<String>,
    },
    /// Parts as one series at the times that all have; components are called `part_component`.
    Join {},
    /// Equal steps of whole days from the first observation on: mean of a step, gaps between filled, nothing before the first and after
    /// the last. Parts become one series at the steps that all have; components are then called `part_component`.
    Resample {
        /// Days of a step. Default 1.
        #[serde(default = "one_day")]
        step_days: u32,
        /// How gaps are filled. Default linear.
        #[serde(default)]
        fill: Fill,
    },
    /// Butterworth low-pass filter, forward and backward, so that nothing is delayed. Needs equal steps; a series that is not longer
    /// than 3 · (order + 1) samples is left out.
    LowPass {
        /// Cut-off in cycles per sample, between 0 and 0.5; amplitudes are halved there. Default 0.05: 20 samples.
        #[serde(default = "cut_off")]
        cut_off: f64,
        /// Order of one way, 1 to 20. Default 13, that of the JRC's tool.
        #[serde(default = "order")]
        order: u32,
    },
    /// Mean of the samples about each, fewer at the ends. Needs equal steps.
    MovingAverage {
        /// Samples, odd.
        samples: u32,
    },
    /// Savitzky–Golay filter. Needs equal steps; a series shorter than the window is left out.
    SavitzkyGolay {
        /// Samples of the window, odd.
        samples: u32,
        /// Degree of the polynomial, less than `samples`. Default 2.
        #[serde(default = "two")]
        degree: u32,
    },
    /// Whittaker smoother with second differences; fills what is missing between the first and last value. Needs equal steps.
    Whittaker {
        /// Weight of smoothness; larger is smoother.
        lambda: f64,
    },
    /// Without observations that leave both neighbours in one direction.
    Despike {
        /// Least sum of both differences, in the component's unit.
        threshold: f64,
        /// Direction. Default falls, as clouds do to a vegetation index.
        #[serde(default)]
        slope: Slope,
        /// The neighbours are at most so many days away. Default 30.
        #[serde(default = "thirty")]
        max_gap_days: f64,
    },
    /// Root of the sum of squares of all components, called `norm`.
    Norm {
        /// Divided by the root of the number of components. Default false.
        #[serde(default)]
        normalised: bool,
    },
    /// A causal linear filter from rest: `a0 y(n) = Σ b(k) x(n-k) - Σ a(k) y(n-k)`.
    LinearFilter {
        /// Weights of the input. Default `[1]`.
        #[serde(default = "unit")]
        b: Vec<f64>,
        /// Weights of the output, the first not 0. Default `[1]`.
        #[serde(default = "unit")]
        a: Vec<f64>,
    },
    /// Change since the sample before; 0 at the first.
    Differentiate {
        /// Divided by the days between. Default false.
        #[serde(default)]
        per_day: bool,
    },
}

fn one() -> f64 {
    1.0
}

fn one_day() -> u32 {
    1
}

fn two() -> u32 {
    2
}

fn five() -> u32 {
    5
}

fn cut_off() -> f64 {
    0.05
}

fn order() -> u32 {
    13
}

fn thirty() -> f64 {
    30.0
}

fn unit() -> Vec<f64> {
    vec![1.0]
}

/// Conditions of [`Step::Remove`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Larger than the limit.
    Above,
    /// At least the limit.
    AtLeast,
    /// Smaller than the limit.
    Below,
    /// At most the limit.
    AtMost,
    /// The limit itself.
    Equal,
    /// Anything else.
    NotEqual,
}

impl When {
    /// True when a value meets the condition; `NaN` meets none.
    pub fn met(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Above => value > threshold,
            Self::AtLeast => value >= threshold,
            Self::Below => value < threshold,
            Self::AtMost => value <= threshold,
            Self::Equal => value == threshold,
            Self::NotEqual => value != threshold && !value.is_nan(),
        }
    }
}

/// How gaps between samples are filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fill {
    /// On the line between the neighbours.
    #[default]
    Linear,
    /// The nearer neighbour, of two equally near ones the earlier.
    Nearest,
}

/// Directions of [`Step::Despike`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Slope {
    /// Lower than both neighbours.
    #[default]
    Falls,
    /// Higher than both neighbours.
    Rises,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_as_they_are_called_and_nothing_meets_none() {
        let met = |value: f64| {
            [When::Above, When::AtLeast, When::Below, When::AtMost, When::Equal, When::NotEqual].map(|when| when.met(value, 1.0))
        };
        assert_eq!(met(0.0), [false, false, true, true, false, true]);
        assert_eq!(met(1.0), [false, true, false, true, true, false]);
        assert_eq!(met(2.0), [true, true, false, false, false, true]);
        assert_eq!(met(f64::NAN), [false; 6]);
    }
}
