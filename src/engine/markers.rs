//! From series of observations to events: signals are cleaned and smoothed, detectors find events in them, composites combine these.
//!
//! Everything here is about one parcel. Times are days since 1970-01-01 UTC with fraction, ascending. The rules are those of the JRC's
//! signal and marker framework; where that has a known defect, the rule as it is meant is implemented and the difference is noted.
//!
//! * [`plan`] compiles a ruleset once, [`evaluate`] runs it parcel by parcel;
//! * [`blocks`], [`colours`], [`resample`], [`butterworth`], [`smooth`] are the steps of a signal;
//! * [`extrema`], [`fall`], [`spans`] are the detectors, [`composite`] combines what they find;
//! * `practices` runs the families of [`crate::engine::practices`] on the same series; `season` repeats windows every year;
//! * [`sources`] leads from the names of a ruleset back to what they look at.

pub mod blocks;
pub mod butterworth;
pub mod colours;
pub mod composite;
pub mod evaluate;
pub mod extrema;
pub mod fall;
pub mod features;
pub mod plan;
mod practices;
pub mod resample;
pub mod season;
pub mod smooth;
pub mod sources;
pub mod spans;

use std::fmt;
use std::ops::Range;

use jiff::civil::Date;

/// Values of one component over time: as many days, ascending, as values, none of them `NaN`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Samples<'a> {
    /// Days since 1970-01-01.
    pub days: &'a [f64],
    /// Values.
    pub values: &'a [f64],
}

impl Samples<'_> {
    /// Number of samples.
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// True without samples.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty()
    }

    /// Samples within a window of days, both ends included.
    pub fn within(&self, window: Window) -> Range<usize> {
        window.of(self.days)
    }
}

/// Days between which events are looked for, both included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Window {
    /// First.
    pub from: f64,
    /// Last moment.
    pub to: f64,
}

impl Window {
    /// All time.
    pub const ALWAYS: Self = Self { from: f64::NEG_INFINITY, to: f64::INFINITY };

    /// From the midnight before a day to the one after another, the latter left out; an end that is not given is open.
    pub fn of_dates(from: Option<Date>, to: Option<Date>) -> Self {
        let end = |date: Date| epoch_day(date) + 1.0;
        Self { from: from.map_or(f64::NEG_INFINITY, epoch_day), to: to.map_or(f64::INFINITY, |date| end(date).next_down()) }
    }

    /// Places of ascending days inside it.
    pub fn of(self, days: &[f64]) -> Range<usize> {
        let from = days.partition_point(|&day| day < self.from);
        let to = days.partition_point(|&day| day <= self.to);
        from..to.max(from)
    }
}

/// Days from 1970-01-01 to a date.
pub fn epoch_day(date: Date) -> f64 {
    const EPOCH: Date = jiff::civil::date(1970, 1, 1);
    f64::from((date - EPOCH).get_days())
}

/// The date of a day since 1970-01-01; `None` for one that no calendar has.
pub fn date_of(day: f64) -> Option<Date> {
    const EPOCH: Date = jiff::civil::date(1970, 1, 1);
    // Out of the calendar: nothing to show.
    jiff::Span::new().try_days(day.floor() as i64).ok().and_then(|span| EPOCH.checked_add(span).ok())
}

/// What kind of event a marker is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A value that falls and rises again.
    Drop = 1,
    /// A value that rises and falls again.
    Peak,
    /// Time without samples.
    Gap,
    /// Values beyond a threshold.
    Interval,
    /// A run of one state.
    State,
    /// A change of the trend.
    Break,
    /// A cut of grassland.
    Mowing,
    /// A period without cover.
    BareSoil,
    /// A crop taken off.
    Harvest,
    /// Soil worked.
    Tillage,
    /// Soil turned.
    Ploughing,
    /// First leaves of a crop.
    Emergence,
    /// Residue became less or more.
    Residue,
    /// Open water.
    Water,
    /// A loss between two successive samples.
    Fall,
}

impl Kind {
    /// All, in the order of their numbers, of which four bits have room for 15.
    const ALL: [Self; 15] = [
        Self::Drop,
        Self::Peak,
        Self::Gap,
        Self::Interval,
        Self::State,
        Self::Break,
        Self::Mowing,
        Self::BareSoil,
        Self::Harvest,
        Self::Tillage,
        Self::Ploughing,
        Self::Emergence,
        Self::Residue,
        Self::Water,
        Self::Fall,
    ];

    /// Name in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Drop => "drop",
            Self::Peak => "peak",
            Self::Gap => "gap",
            Self::Interval => "threshold",
            Self::State => "state",
            Self::Break => "break",
            Self::Mowing => "mowing",
            Self::BareSoil => "bare_soil",
            Self::Harvest => "harvest",
            Self::Tillage => "tillage",
            Self::Ploughing => "ploughing",
            Self::Emergence => "emergence",
            Self::Residue => "residue",
            Self::Water => "water",
            Self::Fall => "fall",
        }
    }
}

/// The kinds that an event was made of, in order: one, or more of an event that was put together. Up to eight are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kinds(u32);

impl Kinds {
    /// Kinds from the first to the last.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        (0..8).rev().filter_map(move |place| Kind::ALL.get(((self.0 >> (4 * place)) as usize & 15).wrapping_sub(1)).copied())
    }

    /// Those of one and then those of another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        other.iter().fold(self, |all, kind| if all.0 >> 28 == 0 { Self(all.0 << 4 | kind as u32) } else { all })
    }

    /// True for an event of one kind.
    pub fn is(self, kind: Kind) -> bool {
        self.0 == kind as u32
    }
}

impl From<Kind> for Kinds {
    fn from(kind: Kind) -> Self {
        Self(kind as u32)
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, kind) in self.iter().enumerate() {
            f.write_str(if at > 0 { "-" } else { "" })?;
            f.write_str(kind.code())?;
        }
        Ok(())
    }
}

/// An event with its evidence.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marker {
    /// What.
    pub kinds: Kinds,
    /// First day.
    pub start: f64,
    /// Day that stands for the event: of a drop its lowest, of a gap its middle.
    pub main: f64,
    /// Last day.
    pub stop: f64,
    /// Values of the signal at these three days; `NaN` where it has none.
    pub values: [f64; 3],
    /// How strong, in the signal's unit: of a drop or peak its depth, of an interval the farthest from the threshold, of a change of the
    /// trend the difference of slopes per day, of a practice the change that decided, of bare soil its days; `NaN` of others.
    pub depth: f64,
}

impl Marker {
    /// Whole days from start to stop.
    pub fn duration_days(&self) -> f64 {
        (self.stop - self.start).floor()
    }

    /// Days that two markers have in common; 0 when they only touch.
    pub fn overlap(&self, other: &Self) -> f64 {
        (self.stop.min(other.stop) - self.start.max(other.start)).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn windows_include_both_days_whole() {
        let days = [10.0, 10.9, 11.0, 12.99, 13.0];
        let window = Window::of_dates(date_of(11.0), date_of(12.0));
        assert_eq!(window.of(&days), 2..4);
        assert_eq!(Window { from: 9.0, to: 2.0 }.of(&days), 0..0);
        assert_eq!(Window::of_dates(None, None).of(&days), 0..5);
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for own in [date(1970, 1, 1), date(2020, 2, 29), date(1969, 12, 31)] {
            assert_eq!(date_of(epoch_day(own) + 0.7), Some(own));
        }
        assert_eq!(epoch_day(date(2020, 1, 1)), 18262.0);
        assert_eq!((date_of(f64::MAX), date_of(f64::NAN)), (None, Some(date(1970, 1, 1))));
    }

    #[test]
    fn kinds_are_named_in_order() {
        let both = Kinds::from(Kind::Drop).and(Kind::Peak.into());
        assert_eq!((both.to_string().as_str(), both.is(Kind::Drop)), ("drop-peak", false));
        let many = (0..20).fold(both, |all, _| all.and(Kind::Gap.into()));
        assert_eq!(many.to_string(), "drop-peak-gap-gap-gap-gap-gap-gap");
        assert!(Kinds::from(Kind::Break).is(Kind::Break));
        for kind in Kind::ALL {
            assert_eq!(Kinds::from(kind).iter().collect::<Vec<_>>(), [kind]);
        }
    }
}
