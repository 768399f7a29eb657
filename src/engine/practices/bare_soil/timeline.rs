//! The walk over classified observations that finds periods of bare soil.
//!
//! Rules are numbered as in `sen4cap` fact sheet, section 2.4.

use super::{Observation, Params, Period};

/// How an observation counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    StrongBare,
    WeakBare,
    StrongCovered,
    WeakCovered,
}

fn weight(observation: &Observation, params: &Params) -> Weight {
    match (observation.bare, observation.confidence) {
        (true, confidence) if confidence >= params.strong_bare => Weight::StrongBare,
        (true, _) => Weight::WeakBare,
        (false, confidence) if confidence >= params.strong_covered => Weight::StrongCovered,
        (false, _) => Weight::WeakCovered,
    }
}

/// Periods of bare soil in a series of one sensor, by START, at most `max_periods`.
///
/// `observations` ascend by day, one a day.
///
/// * **NaN:** an observation without a confidence counts as weak.
/// * **Source:** `sen4cap` fact sheet, section 2.4, rules 1–9.
pub fn timeline(observations: &[Observation], params: &Params) -> Vec<Period> {
    debug_assert!(observations.is_sorted_by(|a, b| a.day < b.day), "observations ascend, one a day");
    let mut periods = Vec::new();
    let mut not_before = f64::NEG_INFINITY;
    while periods.len() < params.max_periods {
        let Some(first) = observations
            .iter()
            .position(|observation| observation.day > not_before && weight(observation, params) == Weight::StrongBare)
        else {
            break;
        };
        let period = Walk::new(&observations[first..], params).period();
        periods.push(period);
        // Rule 9; a period that goes on has nothing after it.
        let Some(end) = period.end else { break };
        not_before = end + params.short_days;
    }
    periods
}

/// The observations from START on, and the scores of rule 2.
struct Walk<'a> {
    series: &'a [Observation],
    params: &'a Params,
    m2: i32,
    m3: i32,
    scored: u32,
    last_bare: f64,
    covered_since: bool,
}

/// What follows an end.
enum After {
    /// The end holds, with M5 and M6.
    Ended(i32, i32),
    /// Cancelled by the second strong bare observation, at this position.
    Restart(usize),
}

impl<'a> Walk<'a> {
    fn new(series: &'a [Observation], params: &'a Params) -> Self {
        Self { series, params, m2: 0, m3: 0, scored: 0, last_bare: series[0].day, covered_since: false }
    }

    fn period(mut self) -> Period {
        let start = self.series[0].day;
        let mut at = 1;
        while let Some(observation) = self.series.get(at) {
            let weight = weight(observation, self.params);
            // Rule 3: never confirmed.
            if self.m2 == 0 && observation.day - start > self.params.short_days {
                return self.closed(None, None, None, Some(start));
            }
            // Rule 7: faded.
            if self.m2 >= 1 && self.covered_since && observation.day - self.last_bare > self.params.long_days {
                return self.closed(Some(0), None, None, Some(self.last_bare));
            }
            // Rule 4: vegetation.
            if self.m2 >= 1 && weight == Weight::StrongCovered {
                match self.after(at) {
                    After::Ended(m5, m6) => return self.closed(Some(1), Some(m5), Some(m6), Some(self.last_bare)),
                    After::Restart(second) => {
                        (at..=second).for_each(|position| self.score(position));
                        at = second + 1;
                        continue;
                    }
                }
            }
            self.score(at);
            at += 1;
        }
        // Rule 8: the series ends first.
        let m4 = (self.m2 >= 1).then_some(0);
        self.closed(m4, None, None, None)
    }

    /// Rules 5 and 6 for an end that the observation at `trigger` set.
    fn after(&self, trigger: usize) -> After {
        let end = self.last_bare;
        let (mut m5, mut m6, mut strong) = (0, 0, 0);
        for (at, observation) in self.series.iter().enumerate().skip(trigger + 1) {
            let since = observation.day - end;
            if since > self.params.long_days {
                break;
            }
            match weight(observation, self.params) {
                Weight::StrongCovered => {
                    m5 += 1;
                    m6 += 1;
                }
                Weight::WeakCovered => {}
                Weight::WeakBare => m6 -= 1,
                Weight::StrongBare => {
                    m6 -= 1;
                    strong += i32::from(since <= self.params.short_days);
                    if strong == 2 {
                        return After::Restart(at);
                    }
                }
            }
        }
        After::Ended(m5, m6)
    }

    /// Rule 2.
    fn score(&mut self, at: usize) {
        let observation = &self.series[at];
        self.scored += 1;
        match weight(observation, self.params) {
            Weight::StrongBare => {
                self.m2 += 1;
                self.m3 += 1;
            }
            Weight::WeakBare => {}
            Weight::StrongCovered | Weight::WeakCovered => self.m3 -= 1,
        }
        if observation.bare {
            self.last_bare = observation.day;
        }
        self.covered_since = !observation.bare;
    }

    fn closed(&self, m4: Option<i32>, m5: Option<i32>, m6: Option<i32>, end: Option<f64>) -> Period {
        let last = self.series.last().map_or(self.last_bare, |observation| observation.day);
        let (start, scored) = (self.series[0].day, self.scored);
        Period { m2: self.m2, m3: self.m3, m4, m5, m6, start, end, last_observation: last, scored }
    }
}
