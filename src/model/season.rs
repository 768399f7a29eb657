//! A part of every year.

use std::fmt;

use serde::{Deserialize, Serialize};

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
}
