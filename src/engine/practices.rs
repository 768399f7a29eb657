//! Practices of farmers in time series of one parcel: events with their evidence, and markers that say yes, no or unknown.
//!
//! Every family takes plain columns (`day`: days since 1970-01-01 UTC; values, `NaN` = missing) and a `Params` of its own. A *signal*
//! is a series, a *marker* is a yes, a no or an unknown with its reason, a *decision* is a class.
//!
//! | family | finds | source |
//! |---|---|---|
//! | [`mowing`] | mowing of grassland in NDVI and VH coherence | L4B of `Sen4CAP` |
//! | [`bare_soil`] | labels of observations, periods of bare soil with M1–M6 | webinar of `Sen4CAP` on bare soil |
//! | [`crop_practices`] | harvest, catch crop, nitrogen-fixing crop, fallow, tillage with M1–M10 | L4C of `Sen4CAP` |
//! | [`events`] | harvest, ploughing, emergence, change of residue indices, water | literature, named at each |

pub mod bare_soil;
pub mod crop_practices;
pub mod events;
pub mod mowing;
pub mod statistics;

use serde::{Deserialize, Serialize};

/// A truth that may be unknown. The order `No < Unknown < Yes` makes *and* the lesser and *or* the greater of two.
///
/// * **Source:** strong three-valued logic, Kleene 1938.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Known not to be so.
    No,
    /// Not known.
    #[default]
    Unknown,
    /// Known to be so.
    Yes,
}

impl Outcome {
    /// True when both are: the lesser of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.min(other)
    }

    /// True when either is: the greater of two, so `yes or unknown` is yes.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.max(other)
    }

    /// The opposite; unknown stays unknown.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }

    /// As a feature column holds it: 1, 0, and `NaN` for unknown.
    pub fn column_value(self) -> f32 {
        match self {
            Self::No => 0.0,
            Self::Unknown => f32::NAN,
            Self::Yes => 1.0,
        }
    }

    /// True for a known yes.
    pub fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

impl From<bool> for Outcome {
    fn from(truth: bool) -> Self {
        if truth { Self::Yes } else { Self::No }
    }
}

impl From<Option<bool>> for Outcome {
    fn from(truth: Option<bool>) -> Self {
        truth.map_or(Self::Unknown, Self::from)
    }
}

/// Why a marker has its outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The condition holds.
    Met,
    /// Data suffice and the condition does not hold.
    NotMet,
    /// No valid value in the window.
    NoData,
    /// Some values, but too few or too far apart to say no.
    TooFewData,
    /// What was found may lie inside or outside the window.
    AcrossWindow,
    /// The series ends before the question can be answered.
    StillOpen,
    /// A condition that must hold first does not, such as vegetation before a harvest.
    NotRelevant,
    /// Switched off in the parameters.
    SwitchedOff,
}

/// A named answer about a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Marker {
    /// Name inside its family.
    pub name: &'static str,
    /// Yes, no or unknown.
    pub outcome: Outcome,
    /// The number that decided, in the unit that the family documents; `NaN` when there is none.
    pub value: f64,
    /// Why.
    pub reason: Reason,
}

impl Marker {
    /// A marker whose condition was tested: yes is [`Reason::Met`], no is [`Reason::NotMet`].
    pub fn tested(name: &'static str, truth: bool, value: f64) -> Self {
        Self { name, outcome: truth.into(), value, reason: if truth { Reason::Met } else { Reason::NotMet } }
    }

    /// A marker that cannot be answered.
    pub fn unknown(name: &'static str, reason: Reason) -> Self {
        Self { name, outcome: Outcome::Unknown, value: f64::NAN, reason }
    }
}

/// What an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// Cut of grassland, or mulching.
    Mowing,
    /// Soil without cover.
    BareSoil,
    /// Removal of a crop.
    Harvest,
    /// Soil worked.
    Tillage,
    /// Soil turned.
    Ploughing,
    /// First leaves of a crop.
    Emergence,
    /// Residue on the soil became more or less.
    ResidueChange,
    /// Open water on the parcel.
    Water,
}

/// One line of evidence of an event.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Evidence {
    /// Signal, e.g. `NDVI`.
    pub signal: &'static str,
    /// Value before the event, in the unit of the signal.
    pub before: f64,
    /// Value after it.
    pub after: f64,
    /// The limit that the change or the value was compared with; `NaN` when none was.
    pub threshold: f64,
}

/// Something that happened, with the interval that it must lie in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// Earliest day, days since 1970.
    pub start: f64,
    /// Day it is shown at.
    pub main: f64,
    /// Latest day.
    pub end: f64,
    /// 0 to 1; `NaN` when the family gives none.
    pub confidence: f64,
    /// Signals before and after.
    pub evidence: Vec<Evidence>,
}

/// An inclusive span of days since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    /// First day.
    pub start: f64,
    /// Last day.
    pub end: f64,
}

impl Window {
    /// True when the day lies inside, ends included.
    pub fn holds(self, day: f64) -> bool {
        day >= self.start && day <= self.end
    }

    /// True when both share a day, ends included.
    pub fn meets(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    /// True when the other lies wholly inside.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// The valid observations as `(day, value)`, by day; values of one day become their mean.
///
/// Both columns have the same length, in any order.
///
/// * **Unit:** that of `values`. For radar pass linear power or coherence, never dB of several acquisitions a day.
/// * **NaN:** an observation with a missing or infinite day or value takes no part.
/// * **Cost:** one sort.
pub fn clear_series(days: &[f64], values: &[f64]) -> Vec<(f64, f64)> {
    debug_assert_eq!(days.len(), values.len(), "a value for each day");
    let mut clear: Vec<(f64, f64)> =
        days.iter().copied().zip(values.iter().copied()).filter(|(day, value)| day.is_finite() && value.is_finite()).collect();
    // By value within a day too, so that a mean does not depend on the order of the rows.
    clear.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    clear
        .chunk_by(|a, b| a.0 == b.0)
        .map(|same| (same[0].0, same.iter().map(|(_, value)| value).sum::<f64>() / same.len() as f64))
        .collect()
}

/// Number of valid observations of a series in a window, one for each day; the minimum data of a rule count these.
pub fn clear_observations(days: &[f64], values: &[f64], window: Window) -> usize {
    clear_series(days, values).iter().filter(|(day, _)| window.holds(*day)).count()
}

/// The longest span without an observation inside a window, in days: between neighbours, and from its ends to the nearest one.
///
/// * **NaN:** no observation in the window gives its whole length.
pub fn largest_gap_days(series: &[(f64, f64)], window: Window) -> f64 {
    let mut last = window.start;
    let mut largest: f64 = 0.0;
    for (day, _) in series.iter().filter(|(day, _)| window.holds(*day)) {
        largest = largest.max(day - last);
        last = *day;
    }
    largest.max(window.end - last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_propagates_as_kleene_says() {
        use Outcome::{No, Unknown, Yes};
        for (a, b, and, or) in [
            (Yes, Yes, Yes, Yes),
            (Yes, No, No, Yes),
            (Yes, Unknown, Unknown, Yes),
            (No, Unknown, No, Unknown),
            (Unknown, Unknown, Unknown, Unknown),
            (No, No, No, No),
        ] {
            assert_eq!((a.and(b), b.and(a), a.or(b), b.or(a)), (and, and, or, or), "{a:?} {b:?}");
            assert_eq!(a.and(b).negated(), a.negated().or(b.negated()), "{a:?} {b:?}");
        }
        assert_eq!(Outcome::from(None), Unknown);
        assert!(Unknown.column_value().is_nan() && Yes.is_yes() && !Unknown.is_yes());
    }

    #[test]
    fn a_clear_series_is_sorted_without_gaps_and_has_one_value_a_day() {
        let found = clear_series(&[3.0, 1.0, 3.0, 2.0, f64::NAN], &[1.0, 5.0, 2.0, f64::NAN, 1.0]);
        assert_eq!(found, [(1.0, 5.0), (3.0, 1.5)]);
        assert_eq!(clear_series(&[], &[]), []);
        assert_eq!(clear_observations(&[3.0, 1.0, 9.0], &[1.0; 3], Window { start: 1.0, end: 3.0 }), 2);
    }

    #[test]
    fn the_largest_gap_counts_the_ends_of_the_window() {
        let window = Window { start: 0.0, end: 30.0 };
        assert_eq!(largest_gap_days(&[(-5.0, 0.0), (10.0, 0.0), (15.0, 0.0), (40.0, 0.0)], window), 15.0);
        assert_eq!(largest_gap_days(&[], window), 30.0);
    }

    #[test]
    fn windows_include_their_ends() {
        let window = Window { start: 1.0, end: 3.0 };
        assert!(window.holds(1.0) && window.holds(3.0) && !window.holds(f64::NAN));
        assert!(window.meets(Window { start: 3.0, end: 9.0 }) && !window.meets(Window { start: 3.5, end: 9.0 }));
        assert!(window.contains(window) && !window.contains(Window { start: 2.0, end: 4.0 }));
    }
}
