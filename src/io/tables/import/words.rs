//! Numbers and times as tables write them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::model::units::utc_day;

/// Whether the day or the month comes first in `03/04/2020`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DateOrder {
    DayFirst,
    MonthFirst,
}

/// A time, or only a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment {
    /// Midnight UTC when only the day is known.
    pub(super) at: Timestamp,
    /// False when only the day is known.
    pub(super) exact: bool,
}

impl Moment {
    pub(super) fn day(date: Date) -> Option<Self> {
        // Dates outside the calendar of timestamps are none.
        Some(Self { at: date.to_zoned(TimeZone::UTC).ok()?.timestamp(), exact: false })
    }
}

/// How tables write that there is nothing.
fn is_nothing(word: &str) -> bool {
    matches!(word.to_ascii_lowercase().as_str(), "" | "na" | "nan" | "n/a" | "null" | "none" | "-" | "nil")
}

/// A number; `NaN` for a cell that says that there is none, `None` for one that is none.
pub(super) fn number(word: &str, decimal: char) -> Option<f64> {
    let word = word.trim();
    if is_nothing(word) {
        return Some(f64::NAN);
    }
    let parsed = if decimal == ',' && word.contains(',') {
        // With a decimal comma a point can only group digits: rather unreadable than a thousand times too large.
        (!word.contains('.')).then(|| word.replace(',', "."))?.parse()
    } else {
        word.parse::<f64>()
    };
    parsed.ok().filter(|number| number.is_finite())
}

/// The decimal sign of a text table, from some of its cells; the second is true when both are found.
pub(super) fn decimal_of<'a>(cells: impl Iterator<Item = &'a str>, delimiter: char) -> (char, bool) {
    let shape = |word: &str, sign: char| {
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        word.trim()
            .trim_start_matches('-')
            .split_once(sign)
            .is_some_and(|(whole, rest)| digits(whole) && rest.split(['e', 'E']).next().is_some_and(digits))
    };
    let (mut commas, mut points) = (0, 0);
    for cell in cells {
        commas += usize::from(delimiter != ',' && shape(cell, ','));
        points += usize::from(shape(cell, '.'));
    }
    (if commas > points { ',' } else { '.' }, commas > 0 && points > 0)
}

/// A time in any of the usual ways, UTC unless an offset stands behind it.
///
/// ISO 8601 with and without separators, `dd.mm.yyyy`, `yyyy/mm/dd`, `dd/mm/yyyy` or `mm/dd/yyyy`, each with or without a time of day;
/// ISO weeks (`2021-W01`, their Monday); seconds or milliseconds since 1970.
pub(super) fn time(word: &str, order: DateOrder) -> Option<Moment> {
    let word = word.trim();
    if let Some(moment) = epoch(word) {
        return Some(moment);
    }
    let (day, rest) = match word.find(['T', ' ', 't']) {
        Some(at) => (&word[..at], word[at + 1..].trim()),
        None => (word, ""),
    };
    let date = date(day, order)?;
    if rest.is_empty() {
        return Moment::day(date);
    }
    clock(date, rest)
}

fn epoch(word: &str) -> Option<Moment> {
    let whole = word.split('.').next()?;
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    // Eight digits are a date; more are seconds, many more milliseconds.
    if digits.len() < 9 || !word.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-')) {
        return None;
    }
    let number: f64 = word.parse().ok()?; // such as 1.2.3
    let seconds = if number.abs() >= 1e11 { number / 1000.0 } else { number };
    let at = Timestamp::UNIX_EPOCH.checked_add(SignedDuration::from_millis((seconds * 1000.0).round() as i64)).ok()?;
    // A table of days in seconds holds midnights.
    let exact = seconds.rem_euclid(86_400.0) != 0.0;
    Some(Moment { at, exact })
}

fn date(word: &str, order: DateOrder) -> Option<Date> {
    if word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit()) {
        return civil(&word[..4], &word[4..6], &word[6..]);
    }
    let upper = word.to_ascii_uppercase();
    if let Some((year, week)) = upper.split_once('W') {
        return monday(year.trim_end_matches('-').parse().ok()?, week.parse().ok()?);
    }
    let parts: Vec<&str> = word.split(['-', '.', '/']).collect();
    let &[a, b, c] = parts.as_slice() else { return None };
    if a.len() == 4 {
        return civil(a, b, c);
    }
    // Points stand for day, month, year everywhere; strokes do not.
    let month_first = word.contains('/') && order == DateOrder::MonthFirst;
    (c.len() == 4).then(|| if month_first { civil(c, a, b) } else { civil(c, b, a) })?
}

fn civil(year: &str, month: &str, day: &str) -> Option<Date> {
    let short = |word: &str| word.parse::<i8>().ok(); // not a number: not a date
    Date::new(year.parse().ok()?, short(month)?, short(day)?).ok()
}

/// Monday of an ISO week.
pub(super) fn monday(year: i16, week: i8) -> Option<Date> {
    jiff::civil::ISOWeekDate::new(year, week, jiff::civil::Weekday::Monday).ok().map(jiff::civil::ISOWeekDate::date)
}

/// `hh:mm[:ss[.f]]` or `hhmmss`, with `Z` or an offset.
fn clock(date: Date, rest: &str) -> Option<Moment> {
    let upper = rest.to_ascii_uppercase();
    let split = upper.trim_end_matches("UTC").trim_end_matches('Z').trim_end();
    let (clock, offset) = match split.rfind(['+', '-']) {
        Some(at) => (split[..at].trim_end(), Some(&split[at..])),
        None => (split, None),
    };
    let plain: String = clock.split('.').next()?.chars().filter(|&c| c != ':').collect();
    if !matches!(plain.len(), 4 | 6) || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| plain.get(from..from + 2).map_or(Some(0), |two| two.parse::<i8>().ok());
    let civil = DateTime::new(date.year(), date.month(), date.day(), part(0)?, part(2)?, part(4)?, 0).ok()?;
    let utc = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    let shift = match offset {
        Some(offset) => {
            let digits: String = offset[1..].chars().filter(char::is_ascii_digit).collect();
            let minutes =
                digits.get(..2)?.parse::<i64>().ok()? * 60 + digits.get(2..4).map_or(Some(0), |two| two.parse().ok())?;
            if offset.starts_with('-') { -minutes } else { minutes }
        }
        None => 0,
    };
    let at = utc.checked_sub(SignedDuration::from_mins(shift)).ok()?;
    // `2019-01-05 00:00:00` is how programs write a day.
    let exact = at != Moment::day(utc_day(at))?.at;
    Some(Moment { at, exact })
}

/// Order of the parts of dates with strokes, from some cells; `None` when they do not tell, although there are such dates.
pub(super) fn order_of<'a>(cells: impl Iterator<Item = &'a str>) -> (DateOrder, bool) {
    let mut strokes = false;
    for cell in cells {
        let parts: Vec<&str> = cell.trim().split([' ', 'T']).next().unwrap_or_default().split('/').collect();
        let &[a, b, c] = parts.as_slice() else { continue };
        let (Ok(a), Ok(b), true) = (a.parse::<u32>(), b.parse::<u32>(), c.len() == 4) else { continue };
        strokes = true;
        if a > 12 {
            return (DateOrder::DayFirst, false);
        }
        if b > 12 {
            return (DateOrder::MonthFirst, false);
        }
    }
    (DateOrder::DayFirst, strokes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_usual_form() {
        for (word, expected, exact) in [
            ("2020-01-04", "2020-01-04T00:00:00Z", false),
            ("20200104", "2020-01-04T00:00:00Z", false),
            ("04.01.2020", "2020-01-04T00:00:00Z", false),
            ("4.1.2020 10:47", "2020-01-04T10:47:00Z", true),
            ("2020/01/04", "2020-01-04T00:00:00Z", false),
            ("04/01/2020", "2020-01-04T00:00:00Z", false),
            ("2020-01-16 16:58:49", "2020-01-16T16:58:49Z", true),
            ("20200116T165849", "2020-01-16T16:58:49Z", true),
            ("2020-01-16T16:58:49.123Z", "2020-01-16T16:58:49Z", true),
            ("2019-01-05 00:00:00+00:00", "2019-01-05T00:00:00Z", false),
            ("2020-01-16T01:30:00+02:00", "2020-01-15T23:30:00Z", true),
            ("1578134451.0", "2020-01-04T10:40:51Z", true),
            ("1578134451000", "2020-01-04T10:40:51Z", true),
            ("1578096000", "2020-01-04T00:00:00Z", false),
            ("2021-W01", "2021-01-04T00:00:00Z", false),
        ] {
            let moment = time(word, DateOrder::DayFirst).unwrap_or_else(|| panic!("{word} is a time"));
            assert_eq!((moment.at.to_string().as_str(), moment.exact), (expected, exact), "{word}");
        }
        assert_eq!(
            time("04/01/2020", DateOrder::MonthFirst).map(|moment| moment.at.to_string()).as_deref(),
            Some("2020-04-01T00:00:00Z")
        );
        for word in ["NaN", "", "2020-02-30", "31.06.2019", "2020", "12", "soon", "2020-01-04 25:00", "1.2.3", "99999999"] {
            assert_eq!(time(word, DateOrder::DayFirst), None, "{word}");
        }
    }

    #[test]
    fn numbers_follow_the_decimal_sign_and_nothing_is_not_zero() {
        assert_eq!(number("0,5", ','), Some(0.5));
        assert_eq!(number("-1.5e-3", '.'), Some(-0.0015));
        assert_eq!(number("0.5", ','), Some(0.5));
        assert_eq!(
            (number("1.234,5", ','), number("0,5", '.'), number("abc", '.'), number("inf", '.')),
            (None, None, None, None)
        );
        assert!(["", "NA", "nan", "None", " "].iter().all(|word| number(word, '.').is_some_and(f64::is_nan)));
    }

    #[test]
    fn the_decimal_sign_and_the_order_of_dates_are_found_or_said_to_be_open() {
        assert_eq!(decimal_of(["P1", "0,51", "12,5"].into_iter(), ';'), (',', false));
        assert_eq!(decimal_of(["0,51", "0.5", "0.6"].into_iter(), ';'), ('.', true));
        assert_eq!(decimal_of(["0,51"].into_iter(), ','), ('.', false));
        assert_eq!(order_of(["03/04/2020", "25/04/2020"].into_iter()), (DateOrder::DayFirst, false));
        assert_eq!(order_of(["03/04/2020", "04/25/2020"].into_iter()), (DateOrder::MonthFirst, false));
        assert_eq!(order_of(["03/04/2020"].into_iter()), (DateOrder::DayFirst, true));
        assert_eq!(order_of(["2020-04-03"].into_iter()), (DateOrder::DayFirst, false));
    }
}
