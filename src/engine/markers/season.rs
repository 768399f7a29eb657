//! Windows of every year: where the days of a ruleset have no year, each year with observations is looked at by itself.

use std::collections::BTreeSet;

use jiff::civil::date;

use super::evaluate::{Finding, Outcome};
use super::{Window, date_of, epoch_day};
use crate::model::ruleset::Day;
use crate::model::ruleset::day::yearly;

/// When is looked.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Span {
    /// In one window.
    Once(Window),
    /// In a window of every year.
    EachYear(Option<Day>, Option<Day>),
}

impl Span {
    /// Of the ends of a window, either of which may be open.
    pub fn of(from: Option<Day>, to: Option<Day>) -> Self {
        let date = |day: Day| match day {
            Day::Date(date) => Some(date),
            Day::EachYear { .. } => None,
        };
        if [from, to].into_iter().flatten().any(Day::is_yearly) {
            Self::EachYear(from, to)
        } else {
            Self::Once(Window::of_dates(from.and_then(date), to.and_then(date)))
        }
    }

    /// The windows that hold any of these days, by time; of one window that one. Days ascend in each list.
    pub fn windows<'d>(self, days: &(impl Iterator<Item = &'d [f64]> + Clone)) -> Vec<Window> {
        let (from, to) = match self {
            Self::Once(window) => return vec![window],
            Self::EachYear(from, to) => (from, to),
        };
        let window = |year: i16| {
            let (first, last) = yearly(from, to, year);
            Window::of_dates(Some(first), Some(last))
        };
        let years = days.clone().fold(BTreeSet::new(), |mut years, days| {
            years_of(days, &mut years);
            years
        });
        let all: Vec<Window> = years.into_iter().map(window).collect();
        all.into_iter().filter(|window| days.clone().any(|days| !window.of(days).is_empty())).collect()
    }
}

/// Years in which windows with these ascending days can begin: their own, and the one before.
fn years_of(days: &[f64], years: &mut BTreeSet<i16>) {
    let mut at = 0;
    while let Some(own) = days.get(at).and_then(|&day| date_of(day)) {
        let year = own.year();
        years.extend([year, year.saturating_sub(1).max(-9998)]);
        let next = if year < 9999 { epoch_day(date(year + 1, 1, 1)) } else { f64::INFINITY };
        // Always onwards: the day at hand lies before the next year.
        at = days.partition_point(|&day| day < next).max(at + 1);
    }
}

/// The findings of several windows as one: of those that are known, or of all where none is. Yes where any says yes. The event that
/// decides is that of the window with the largest margin, or of the first.
pub fn joined(mut all: Vec<Finding>) -> Finding {
    if all.iter().any(|own| own.outcome != Outcome::Unknown) {
        all.retain(|own| own.outcome != Outcome::Unknown);
    }
    let outcome = all.iter().find(|own| own.outcome == Outcome::Yes).or(all.first()).map_or(Outcome::Unknown, |own| own.outcome);
    let margin = |own: &Finding| if own.margin.is_nan() { f64::NEG_INFINITY } else { own.margin };
    let best = (0..all.len())
        .filter(|&at| all[at].outcome == outcome)
        .reduce(|a, b| if margin(&all[b]) > margin(&all[a]) { b } else { a });
    let Some(best) = best else {
        return Finding {
            events: Vec::new(),
            outcome,
            value: f64::NAN,
            threshold: f64::NAN,
            margin: f64::NAN,
            decisive: None,
            observations: 0,
        };
    };
    let before: usize = all[..best].iter().map(|own| own.events.len()).sum();
    let observations = all.iter().map(|own| own.observations).fold(0, u32::saturating_add);
    let decisive = all[best].decisive.map(|at| before + at);
    let Finding { value, threshold, margin, .. } = all[best];
    let events = all.into_iter().flat_map(|own| own.events).collect();
    Finding { events, outcome, value, threshold, margin, decisive, observations }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(from: &str, to: &str) -> Span {
        Span::of(from.parse().ok(), to.parse().ok())
    }

    fn on(year: i16, month: i8, day: i8) -> f64 {
        epoch_day(date(year, month, day))
    }

    #[test]
    fn a_window_without_years_repeats_where_there_are_observations() {
        let days = [on(2018, 8, 4), on(2019, 5, 1), on(2019, 6, 1), on(2022, 1, 1)];
        let summer = span("04-01", "10-31");
        let found = summer.windows(&[days.as_slice()].into_iter());
        let of = |year| Window { from: on(year, 4, 1), to: on(year, 11, 1).next_down() };
        assert_eq!(found, [of(2018), of(2019)]);
        let winter = span("10-01", "03-31").windows(&[days.as_slice()].into_iter());
        assert_eq!(winter, [Window { from: on(2021, 10, 1), to: on(2022, 4, 1).next_down() }]);
        assert_eq!(span("04-01", "").windows(&std::iter::empty()), []);
    }

    #[test]
    fn a_window_with_years_is_one_whatever_there_is() {
        let span = span("2019-04-01", "");
        let one = Window { from: on(2019, 4, 1), to: f64::INFINITY };
        assert_eq!(span.windows(&std::iter::empty()), [one]);
        assert_eq!(span.windows(&[[0.0, 9e9].as_slice()].into_iter()), [one]);
    }

    #[test]
    fn days_out_of_the_calendar_end_the_search_without_a_window() {
        let days = [on(9999, 5, 1), 9e18];
        assert_eq!(span("04-01", "10-31").windows(&[days.as_slice()].into_iter()).len(), 1);
        assert_eq!(span("04-01", "10-31").windows(&[[9e18].as_slice()].into_iter()), []);
        let first = [on(-9999, 5, 1)];
        assert_eq!(span("12-01", "10-31").windows(&[first.as_slice()].into_iter()), []);
    }

    #[test]
    fn a_year_that_cannot_be_told_says_nothing_beside_one_that_can() {
        let finding = |outcome, margin, observations| Finding {
            events: Vec::new(),
            outcome,
            value: margin,
            threshold: 0.0,
            margin,
            decisive: None,
            observations,
        };
        let (no, unknown, yes) =
            (finding(Outcome::No, -1.0, 9), finding(Outcome::Unknown, 3.0, 2), finding(Outcome::Yes, 0.5, 5));
        let told = |all: &[&Finding]| {
            let own = joined(all.iter().map(|own| (*own).clone()).collect());
            (own.outcome, own.value, own.observations)
        };
        assert_eq!(told(&[&no, &unknown]), (Outcome::No, -1.0, 9));
        assert_eq!(told(&[&no, &yes, &unknown]), (Outcome::Yes, 0.5, 14));
        assert_eq!(told(&[&unknown, &unknown]), (Outcome::Unknown, 3.0, 4));
        assert_eq!(joined(Vec::new()).outcome, Outcome::Unknown);
    }
}
