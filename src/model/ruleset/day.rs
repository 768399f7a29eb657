//! Days of windows: of one year, or of every year.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, date};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An end of a window: `2020-04-01` is that day, `04-01` the first of April of every year.
///
/// A window of days without a year repeats in each year in which there are observations; where its last day comes before its first,
/// it goes on into the next year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Day {
    /// A day of one year.
    Date(Date),
    /// A day of every year.
    EachYear {
        /// 1 to 12.
        month: i8,
        /// Day of the month; 29 February is the 28th where there is none.
        day: i8,
    },
}

impl Day {
    /// The day in a year; a date is itself.
    pub fn in_year(self, year: i16) -> Date {
        match self {
            Self::Date(date) => date,
            Self::EachYear { month, day } => {
                // Only parsed days are made, so the first of the month is one.
                let first = Date::new(year, month, 1).unwrap_or(Date::MIN);
                Date::new(year, month, day).unwrap_or_else(|_no_leap_day| first.last_of_month())
            }
        }
    }

    /// The first such day on or after another; a date is itself.
    pub fn on_or_after(self, earliest: Date) -> Date {
        let own = self.in_year(earliest.year());
        if own < earliest && self.is_yearly() { self.in_year(earliest.year().saturating_add(1).min(9999)) } else { own }
    }

    /// True without a year.
    pub fn is_yearly(self) -> bool {
        matches!(self, Self::EachYear { .. })
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl FromStr for Day {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let wrong = || {
            let shown: String = word.chars().take(40).collect();
            format!("“{shown}” is no day; expected 2020-04-01, or 04-01 for every year")
        };
        let plain = word.len() == 5
            && word.bytes().enumerate().all(|(at, byte)| if at == 2 { byte == b'-' } else { byte.is_ascii_digit() });
        if !plain {
            return word.parse().map(Self::Date).map_err(|_no_date: jiff::Error| wrong());
        }
        let (month, day) = (word[..2].parse().unwrap_or(0), word[3..].parse().unwrap_or(0));
        // 2000 has all days that a year can have.
        Date::new(2000, month, day).map(|_| Self::EachYear { month, day }).map_err(|_no_date| wrong())
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => date.fmt(f),
            Self::EachYear { month, day } => write!(f, "{month:02}-{day:02}"),
        }
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

/// A span of days, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Between {
    /// First.
    pub from: Day,
    /// Last.
    pub to: Day,
}

/// What is wrong with the ends of a window, if anything.
pub fn window_fault(from: Option<Day>, to: Option<Day>) -> Option<String> {
    match (from?, to?) {
        (Day::Date(from), Day::Date(to)) if from > to => Some("the last day is before the first".to_owned()),
        (from, to) if from.is_yearly() != to.is_yearly() => {
            Some("one end has a year and the other has none; write both alike".to_owned())
        }
        _ => None,
    }
}

/// The first and last day of a window without years that begins in a year; it goes on into the next where its last day comes first.
///
/// An end that is not given is that of the year.
pub fn yearly(from: Option<Day>, to: Option<Day>, year: i16) -> (Date, Date) {
    let first = from.map_or(date(year, 1, 1), |day| day.in_year(year));
    let last = to.map_or(date(year, 12, 31), |day| day.on_or_after(first));
    (first, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(word: &str) -> Day {
        word.parse().expect("a day")
    }

    #[test]
    fn days_are_read_and_written_with_and_without_a_year() {
        for word in ["2020-04-01", "04-01", "02-29", "12-31"] {
            assert_eq!(day(word).to_string(), word);
        }
        for word in ["", "13-01", "02-30", "4-1", "04-1", "2020-02-30", "0401", "ä-011", "+1-01", "00-00", "-4-01"] {
            assert!(word.parse::<Day>().expect_err("no day").contains("is no day; expected"), "{word}");
        }
    }

    #[test]
    fn a_window_without_years_may_go_on_into_the_next_one() {
        assert_eq!(yearly(Some(day("04-01")), Some(day("10-31")), 2019), (date(2019, 4, 1), date(2019, 10, 31)));
        assert_eq!(yearly(Some(day("10-01")), Some(day("03-31")), 2019), (date(2019, 10, 1), date(2020, 3, 31)));
        assert_eq!(yearly(Some(day("10-01")), None, 2019), (date(2019, 10, 1), date(2019, 12, 31)));
        assert_eq!(yearly(None, Some(day("02-29")), 2019), (date(2019, 1, 1), date(2019, 2, 28)));
        assert_eq!(yearly(None, Some(day("02-29")), 2020).1, date(2020, 2, 29));
    }

    #[test]
    fn a_day_of_every_year_is_the_next_one_and_a_date_is_itself() {
        assert_eq!(day("03-01").on_or_after(date(2019, 3, 1)), date(2019, 3, 1));
        assert_eq!(day("03-01").on_or_after(date(2019, 3, 2)), date(2020, 3, 1));
        assert_eq!(day("2018-03-01").on_or_after(date(2019, 3, 2)), date(2018, 3, 1));
    }

    #[test]
    fn ends_of_a_window_are_alike_and_in_order() {
        assert_eq!(window_fault(Some(day("10-01")), Some(day("03-31"))), None);
        assert!(
            window_fault(Some(day("2020-10-01")), Some(day("2020-03-31"))).is_some_and(|told| told.contains("before the first"))
        );
        assert!(window_fault(Some(day("2020-10-01")), Some(day("03-31"))).is_some_and(|told| told.contains("both alike")));
        assert_eq!(window_fault(None, Some(day("03-31"))), None);
    }
}
