//! What counts as a fall, and the part of a year in which it counts.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What counts as a fall: a loss between two successive samples that is larger than time explains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fall {
    /// Least loss beyond the allowance, signal's unit. Default 0.12, that of L4B of `Sen4CAP` for NDVI.
    pub min_depth: f64,
    /// The value before is at least this, so that what is low already cannot fall. Default: any.
    pub min_before: Option<f64>,
    /// Loss that each day between the two samples explains, signal's unit per day: ripening, drought. Default 0.
    pub allowance_per_day: f64,
    /// The value before is the median of so many samples. Default 1.
    pub before: u32,
    /// The value after is the median of so many samples. Default 1.
    pub after: u32,
    /// Samples farther than this from the two take no part in these medians, days. Default 20.
    pub within_days: f64,
    /// A fall between samples farther apart than this has no date that could be told, days. Default 40.
    pub max_gap_days: f64,
    /// A share of the loss: a next sample that regains as much or more makes it a missed cloud. Default: any.
    pub max_recovery: Option<f64>,
    /// The next sample counts for this when it comes within so many days. Default 10.
    pub recovery_days: f64,
    /// Of falls nearer than this only the largest counts, days. Default 28: two cuts of a meadow are rarely nearer.
    pub separation_days: f64,
    /// Part of every year in which falls count, e.g. `"04-01..10-31"`. Default: the whole year.
    pub season: Option<Season>,
}

impl Default for Fall {
    fn default() -> Self {
        Self {
            min_depth: 0.12,
            min_before: None,
            allowance_per_day: 0.0,
            before: 1,
            after: 1,
            within_days: 20.0,
            max_gap_days: 40.0,
            max_recovery: None,
            recovery_days: 10.0,
            separation_days: 28.0,
            season: None,
        }
    }
}

impl Fall {
    /// A number out of range, as a sentence.
    pub(in crate::model::ruleset) fn fault(&self) -> Option<String> {
        let days = [
            ("within_days", self.within_days),
            ("max_gap_days", self.max_gap_days),
            ("recovery_days", self.recovery_days),
            ("separation_days", self.separation_days),
            ("allowance_per_day", self.allowance_per_day),
        ];
        if let Some((name, value)) = days.into_iter().find(|(_, value)| !(value.is_finite() && *value >= 0.0)) {
            return Some(format!("{name} is {value}; expected 0 or more"));
        }
        if !(1..=100).contains(&self.before) || !(1..=100).contains(&self.after) {
            return Some(format!("before is {} and after {}; expected 1 to 100 samples", self.before, self.after));
        }
        let numbers = [("min_depth", Some(self.min_depth)), ("min_before", self.min_before), ("max_recovery", self.max_recovery)];
        let wrong = numbers.into_iter().find(|(_, value)| value.is_some_and(|value| !value.is_finite()));
        wrong.map(|(name, _)| format!("{name} is not a finite number"))
    }
}

/// A part of every year from one day to another, both included; it may run over the turn of the year. Written `MM-DD..MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Season {
    /// Month and day of the first day.
    pub from: (i8, i8),
    /// Month and day of the last day.
    pub to: (i8, i8),
}

impl Season {
    /// True for a day inside.
    pub fn holds(self, month: i8, day: i8) -> bool {
        let own = (month, day);
        if self.from <= self.to { own >= self.from && own <= self.to } else { own >= self.from || own <= self.to }
    }
}

impl std::str::FromStr for Season {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let day = |part: &str| {
            let (month, day) = part.trim().split_once('-')?;
            // No numbers: the whole word is told.
            let (month, day): (i8, i8) = (month.parse().ok()?, day.parse().ok()?);
            // A leap year has every day that any year has.
            jiff::civil::Date::new(2020, month, day).is_ok().then_some((month, day))
        };
        let both = word.split_once("..").and_then(|(from, to)| Some((day(from)?, day(to)?)));
        let shown: String = word.chars().take(40).collect();
        both.map(|(from, to)| Self { from, to })
            .ok_or_else(|| format!("“{shown}” is no season; expected MM-DD..MM-DD, e.g. 04-01..10-31"))
    }
}

impl TryFrom<String> for Season {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse()
    }
}

impl From<Season> for String {
    fn from(season: Season) -> Self {
        season.to_string()
    }
}

impl fmt::Display for Season {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}-{:02}..{:02}-{:02}", self.from.0, self.from.1, self.to.0, self.to.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_holds_its_ends_and_may_run_over_the_turn_of_the_year() {
        let summer: Season = "04-01..10-31".parse().expect("a season");
        assert!(summer.holds(4, 1) && summer.holds(10, 31) && !summer.holds(3, 31) && !summer.holds(11, 1));
        let winter: Season = "11-01..02-29".parse().expect("a season");
        assert!(winter.holds(12, 31) && winter.holds(1, 1) && winter.holds(2, 29) && !winter.holds(3, 1));
        assert_eq!(winter.to_string(), "11-01..02-29");
        for word in ["", "4..10", "04-31..10-31", "04-01", "04-01..13-01"] {
            assert!(word.parse::<Season>().is_err(), "{word}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_told() {
        assert_eq!(Fall::default().fault(), None);
        assert_eq!(
            Fall { before: 0, ..Fall::default() }.fault().as_deref(),
            Some("before is 0 and after 1; expected 1 to 100 samples")
        );
        assert!(
            Fall { separation_days: f64::NAN, ..Fall::default() }
                .fault()
                .is_some_and(|fault| fault.starts_with("separation_days"))
        );
        assert!(Fall { min_before: Some(f64::INFINITY), ..Fall::default() }.fault().is_some());
    }
}
