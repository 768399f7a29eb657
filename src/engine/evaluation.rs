//! How well detected events agree with events that are known: one-to-one matching, precision and recall with intervals, groups, and a
//! split of parcels, so that what is tuned on one half is reported on the other.
//!
//! A [`Case`] is one parcel in one year in which somebody looked. Only cases count: what is detected in a year without any record may
//! be right, and nobody can say so. Nothing here knows rulesets or files; labels of people are cases as well as records of a camera.
//!
//! * [`matching`] pairs events, [`sampling`] draws parcels and splits them, the rest counts.

pub mod matching;
pub mod sampling;

use std::collections::BTreeMap;

use super::markers::Window;
use sampling::{Interval, bootstrap};

/// One parcel in one year in which somebody looked: what is known to have happened, and what was detected.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Case {
    /// Which parcel; cases of one parcel are drawn together.
    pub parcel: usize,
    /// Year of the records.
    pub year: i16,
    /// Known events, days since 1970-01-01, ascending; none where somebody looked and nothing happened.
    pub truths: Vec<f64>,
    /// Periods of which a detection says nothing, for instance grazing: see [`judge`].
    pub ignored: Vec<Window>,
    /// Detected events, days since 1970-01-01, ascending.
    pub detections: Vec<f64>,
    /// Days of clear observations, ascending.
    pub clear: Vec<f64>,
}

/// What was counted. Sums of counts are counts of the union.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Cases.
    pub cases: usize,
    /// Known events.
    pub truths: usize,
    /// Detections that count.
    pub detections: usize,
    /// Pairs of both.
    pub hits: usize,
    /// Detections in periods that are ignored, not among `detections`.
    pub ignored: usize,
}

impl Counts {
    /// Share of the detections that are events; `NaN` without detections.
    pub fn precision(self) -> f64 {
        share(self.hits, self.detections)
    }

    /// Share of the events that were detected; `NaN` without events.
    pub fn recall(self) -> f64 {
        share(self.hits, self.truths)
    }

    /// Harmonic mean of both, 2 · hits / (detections + events): 0 where one of them is missing, `NaN` where both are.
    pub fn f1(self) -> f64 {
        share(2 * self.hits, self.detections + self.truths)
    }

    /// With those of another.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            cases: self.cases + other.cases,
            truths: self.truths + other.truths,
            detections: self.detections + other.detections,
            hits: self.hits + other.hits,
            ignored: self.ignored + other.ignored,
        }
    }
}

/// A share; `NaN` of none.
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { f64::NAN } else { part as f64 / whole as f64 }
}

/// A case compared at one tolerance.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Places of a known event and of its detection.
    pub pairs: Vec<(usize, usize)>,
    /// Places of detections without event that are ignored.
    pub ignored: Vec<usize>,
    /// Counts of the case.
    pub counts: Counts,
}

/// Compares a case: pairs of events that are at most `tolerance_days` apart, see [`matching::pairs`].
///
/// A detection without pair is ignored, not wrong, when it is no farther than the tolerance from a period of [`Case::ignored`].
pub fn judge(case: &Case, tolerance_days: f64) -> Judged {
    let pairs = matching::pairs(&case.truths, &case.detections, tolerance_days);
    let near =
        |day: f64| case.ignored.iter().any(|period| day >= period.from - tolerance_days && day <= period.to + tolerance_days);
    let paired = |at: usize| pairs.iter().any(|&(_, own)| own == at);
    let ignored: Vec<usize> = (0..case.detections.len()).filter(|&at| !paired(at) && near(case.detections[at])).collect();
    let counts = Counts {
        cases: 1,
        truths: case.truths.len(),
        detections: case.detections.len() - ignored.len(),
        hits: pairs.len(),
        ignored: ignored.len(),
    };
    Judged { pairs, ignored, counts }
}

/// What is told of several cases.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// Counts.
    pub counts: Counts,
    /// Parcels.
    pub parcels: usize,
    /// Interval of [`Counts::precision`].
    pub precision: Interval,
    /// Interval of [`Counts::recall`].
    pub recall: Interval,
    /// Interval of [`Counts::f1`].
    pub f1: Interval,
    /// Median of detected less known, days; `NaN` without pairs.
    pub bias_median_days: f64,
    /// Mean of the same.
    pub bias_mean_days: f64,
}

/// How intervals are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    /// How often parcels are drawn.
    pub number: usize,
    /// Where the drawing starts; the same seed gives the same intervals.
    pub seed: u64,
}

impl Default for Draws {
    fn default() -> Self {
        Self { number: 2000, seed: 1 }
    }
}

/// Counts, their intervals at 95 %, and the bias of dates.
///
/// * **Cost:** one matching a case, and `draws.number` sums over the parcels.
/// * **Source:** percentile bootstrap of clusters, Davison and Hinkley (1997), section 3.8: parcels are drawn, since the years of one
///   parcel are alike.
pub fn score<'a>(cases: impl IntoIterator<Item = &'a Case>, tolerance_days: f64, draws: Draws) -> Score {
    let mut parcels: BTreeMap<usize, Counts> = BTreeMap::new();
    let mut off: Vec<f64> = Vec::new();
    for case in cases {
        let judged = judge(case, tolerance_days);
        let own = parcels.entry(case.parcel).or_default();
        *own = own.and(judged.counts);
        off.extend(judged.pairs.iter().map(|&(truth, found)| case.detections[found] - case.truths[truth]));
    }
    let parcels: Vec<Counts> = parcels.into_values().collect();
    let [precision, recall, f1] = bootstrap(&parcels, [Counts::precision, Counts::recall, Counts::f1], draws);
    off.sort_by(f64::total_cmp);
    Score {
        counts: parcels.iter().fold(Counts::default(), |all, own| all.and(*own)),
        parcels: parcels.len(),
        precision,
        recall,
        f1,
        bias_median_days: median(&off),
        bias_mean_days: if off.is_empty() { f64::NAN } else { off.iter().sum::<f64>() / off.len() as f64 },
    }
}

/// Counts of all cases without intervals, for tuning.
pub fn counted<'a>(cases: impl IntoIterator<Item = &'a Case>, tolerance_days: f64) -> Counts {
    cases.into_iter().fold(Counts::default(), |all, case| all.and(judge(case, tolerance_days).counts))
}

/// Middle of ascending numbers; `NaN` of none.
fn median(sorted: &[f64]) -> f64 {
    let count = sorted.len();
    match count {
        0 => f64::NAN,
        _ if count % 2 == 1 => sorted[count / 2],
        _ => f64::midpoint(sorted[count / 2 - 1], sorted[count / 2]),
    }
}

/// How many known events there are, how many of them have what is asked for, and how many of both were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Known events.
    pub truths: usize,
    /// Of these detected.
    pub hits: usize,
}

/// Known events and those found, by a key of the event: a case and a place in its [`Case::truths`].
pub fn recall_by<'a, K: Ord>(
    cases: impl IntoIterator<Item = &'a Case>,
    tolerance_days: f64,
    key: impl Fn(&Case, usize) -> K,
) -> BTreeMap<K, Seen> {
    let mut groups: BTreeMap<K, Seen> = BTreeMap::new();
    for case in cases {
        let judged = judge(case, tolerance_days);
        for at in 0..case.truths.len() {
            let own = groups.entry(key(case, at)).or_default();
            own.truths += 1;
            own.hits += usize::from(judged.pairs.iter().any(|&(truth, _)| truth == at));
        }
    }
    groups
}

/// Clear observations from an event to `days` after it, both included: without one nobody can see it in time.
pub fn clear_after(case: &Case, truth: usize, days: f64) -> usize {
    let from = case.truths[truth];
    case.clear.iter().filter(|&&day| day >= from && day < from + days + 1.0).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(parcel: usize, truths: &[f64], detections: &[f64]) -> Case {
        Case { parcel, year: 2020, truths: truths.to_vec(), detections: detections.to_vec(), ..Case::default() }
    }

    #[test]
    fn hits_misses_and_false_alarms_are_counted() {
        let all = [case(0, &[10.0, 50.0], &[12.0, 30.0]), case(1, &[], &[5.0]), case(2, &[7.0], &[])];
        let found = score(&all, 6.0, Draws::default());
        assert_eq!(found.counts, Counts { cases: 3, truths: 3, detections: 3, hits: 1, ignored: 0 });
        assert_eq!((found.counts.precision(), found.counts.recall(), found.counts.f1()), (1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0));
        assert_eq!((found.parcels, found.bias_median_days, found.bias_mean_days), (3, 2.0, 2.0));
        assert_eq!(counted(&all, 6.0), found.counts);
    }

    #[test]
    fn a_detection_while_animals_graze_is_ignored_unless_it_is_an_event() {
        let mut own = case(0, &[10.0], &[11.0, 25.0, 60.0]);
        own.ignored = vec![Window { from: 5.0, to: 20.0 }];
        let judged = judge(&own, 6.0);
        assert_eq!(judged.pairs, [(0, 0)]);
        assert_eq!(judged.counts, Counts { cases: 1, truths: 1, detections: 2, hits: 1, ignored: 1 });
    }

    #[test]
    fn nothing_to_count_gives_no_number() {
        let none = score(&[], 6.0, Draws::default());
        assert!(none.counts.f1().is_nan() && none.f1.low.is_nan() && none.bias_median_days.is_nan());
        assert_eq!(counted(&[case(0, &[1.0], &[])], 6.0).f1(), 0.0);
    }

    #[test]
    fn events_are_grouped_by_what_was_seen_after_them() {
        let mut own = case(0, &[10.0, 50.0], &[12.0]);
        own.clear = vec![9.9, 10.0, 22.5, 23.0];
        let groups = recall_by(&[own], 6.0, |case, at| clear_after(case, at, 12.0));
        assert_eq!(groups.into_iter().collect::<Vec<_>>(), [(0, Seen { truths: 1, hits: 0 }), (2, Seen { truths: 1, hits: 1 })]);
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        assert_eq!((median(&[1.0, 2.0, 4.0]), median(&[1.0, 2.0, 4.0, 9.0])), (2.0, 3.0));
    }
}
