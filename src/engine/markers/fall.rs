//! Falls: a loss between two successive observations that is larger than time explains, and that lasts.
//!
//! For signals that jump down within a day and come back within weeks, as greenness of grassland does at a cut. Works on observations
//! as they are; a smoothed series spreads the jump over days and needs [`super::extrema`].

use super::{Kind, Marker, Samples, Window};
use crate::model::ruleset::Fall;

/// Falls by day, of any depth: with b the median of the last [`Fall::before`] samples up to one, a that of the first [`Fall::after`]
/// samples from the next one on, and d days between the two, the depth is b − a − [`Fall::allowance_per_day`] · d.
///
/// The middle of both samples lies in the window; they themselves and their neighbours may lie outside. A fall that the sample after the two takes back is left out, and of falls nearer than
/// [`Fall::separation_days`] all but the deepest, so that one cut that is seen in several steps is one event. `start` and `stop` are the
/// two samples, between which the event lies; `main` is the middle; the values are b, `NaN`, a.
///
/// * **Unit:** that of the signal.
/// * **NaN:** samples have none.
/// * **Cost:** one pass, and a sort of the falls.
/// * **Source:** own, of parts that are published: loss between clear observations and its recovery (L4B of `Sen4CAP`; Griffiths et al.
///   2020, 10.1016/j.rse.2019.03.017), deviation from the course that is expected without a cut (Schwieder et al. 2022,
///   10.1016/j.rse.2021.112795).
pub fn falls(rule: &Fall, samples: Samples<'_>, window: Window) -> Vec<Marker> {
    let Samples { days, values } = samples;
    let mut found: Vec<Marker> = Vec::new();
    let mut kept: Vec<f64> = Vec::new();
    for at in 0..samples.len().saturating_sub(1) {
        let (from, to) = (days[at], days[at + 1]);
        let gap = to - from;
        let inside = (window.from..=window.to).contains(&f64::midpoint(from, to));
        if gap > rule.max_gap_days || !inside {
            continue;
        }
        let first = (at + 1).saturating_sub(rule.before as usize);
        let last = (at + 1 + rule.after as usize).min(days.len());
        let near = |place: &usize| days[*place] - to <= rule.within_days;
        let before = median((first..=at).filter(|&own| from - days[own] <= rule.within_days).map(|own| values[own]), &mut kept);
        let after = median((at + 1..last).filter(near).map(|own| values[own]), &mut kept);
        let depth = before - after - rule.allowance_per_day * gap;
        let low = rule.min_before.is_some_and(|least| before < least);
        if depth <= 0.0 || low || taken_back(rule, samples, at) {
            continue;
        }
        found.push(Marker {
            kinds: Kind::Fall.into(),
            start: from,
            main: f64::midpoint(from, to),
            stop: to,
            values: [before, f64::NAN, after],
            depth,
        });
    }
    apart(found, rule.separation_days)
}

/// True when the sample after a fall shows that there was none.
fn taken_back(rule: &Fall, Samples { days, values }: Samples<'_>, at: usize) -> bool {
    let Some(share) = rule.max_recovery else { return false };
    let Some(&next) = values.get(at + 2) else { return false };
    days[at + 2] - days[at + 1] <= rule.recovery_days && next - values[at + 1] >= share * (values[at] - values[at + 1])
}

/// The deepest of those nearer than so many days; of equally deep ones the earlier.
fn apart(mut found: Vec<Marker>, separation_days: f64) -> Vec<Marker> {
    found.sort_by(|a, b| b.depth.total_cmp(&a.depth).then(a.main.total_cmp(&b.main)));
    let mut kept: Vec<Marker> = Vec::with_capacity(found.len());
    for own in found {
        if kept.iter().all(|other| (other.main - own.main).abs() >= separation_days) {
            kept.push(own);
        }
    }
    kept.sort_by(|a, b| a.main.total_cmp(&b.main));
    kept
}

/// Median of some values, at least one.
fn median(values: impl Iterator<Item = f64>, kept: &mut Vec<f64>) -> f64 {
    kept.clear();
    kept.extend(values);
    kept.sort_by(f64::total_cmp);
    match kept.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => kept[count / 2],
        count => f64::midpoint(kept[count / 2 - 1], kept[count / 2]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::engine::markers::epoch_day;

    fn found(rule: &Fall, days: &[f64], values: &[f64]) -> Vec<(f64, f64, f64)> {
        let own = falls(rule, Samples { days, values }, Window::ALWAYS);
        own.iter().map(|own| (own.start, own.stop, (own.depth * 1e6).round() / 1e6)).collect()
    }

    #[test]
    fn a_fall_lies_between_the_samples_before_and_after_it() {
        let (days, values) = ([0.0, 5.0, 10.0, 15.0, 60.0], [0.8, 0.8, 0.4, 0.5, 0.8]);
        assert_eq!(found(&Fall::default(), &days, &values), [(5.0, 10.0, 0.4)]);
        let rule = Fall { allowance_per_day: 0.01, after: 2, before: 2, ..Fall::default() };
        assert_eq!(found(&rule, &days, &values), [(5.0, 10.0, 0.3)]);
        assert_eq!(found(&Fall { min_before: Some(0.9), ..rule }, &days, &values), []);
    }

    #[test]
    fn samples_far_away_take_no_part_in_the_medians() {
        let (days, values) = ([0.0, 30.0, 35.0, 70.0], [0.2, 0.8, 0.4, 0.9]);
        let rule = Fall { before: 2, after: 2, within_days: 20.0, ..Fall::default() };
        assert_eq!(found(&rule, &days, &values), [(30.0, 35.0, 0.4)]);
        assert_eq!(found(&Fall { within_days: 35.0, ..rule }, &days, &values), []);
    }

    #[test]
    fn a_missed_cloud_is_no_fall() {
        let (days, values) = ([0.0, 5.0, 10.0, 15.0], [0.8, 0.3, 0.75, 0.8]);
        let rule = Fall { max_recovery: Some(0.5), ..Fall::default() };
        assert_eq!(found(&rule, &days, &values), []);
        assert_eq!(found(&Fall { recovery_days: 4.0, ..rule }, &days, &values), [(0.0, 5.0, 0.5)]);
    }

    #[test]
    fn of_near_falls_the_deepest_counts_and_long_gaps_do_not() {
        let (days, values) = ([0.0, 5.0, 10.0, 15.0, 100.0], [0.9, 0.7, 0.4, 0.5, 0.1]);
        assert_eq!(found(&Fall::default(), &days, &values), [(5.0, 10.0, 0.3)]);
        assert_eq!(found(&Fall { separation_days: 4.0, ..Fall::default() }, &days, &values).len(), 2);
    }

    #[test]
    fn falls_out_of_the_window_do_not_count_and_their_neighbours_may_lie_outside() {
        let day = |month: i8, day: i8| epoch_day(jiff::civil::date(2021, month, day));
        let window = Window { from: day(4, 1), to: day(10, 31) };
        let days = [day(3, 1), day(3, 6), day(10, 28), day(11, 2), day(11, 9)];
        let own = falls(&Fall::default(), Samples { days: &days, values: &[0.9, 0.2, 0.9, 0.2, 0.1] }, window);
        assert_eq!(own.iter().map(|own| own.start).collect::<Vec<_>>(), [day(10, 28)]);
    }

    proptest! {
        #[test]
        fn falls_are_apart_and_scale_with_the_signal(values in prop::collection::vec(0..100_u8, 2..60), factor in 1..9_u8) {
            let days: Vec<f64> = (0..values.len()).map(|at| at as f64 * 5.0).collect();
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let scaled: Vec<f64> = values.iter().map(|value| value * f64::from(factor)).collect();
            let rule = Fall { after: 2, max_recovery: Some(0.5), ..Fall::default() };
            let own = falls(&rule, Samples { days: &days, values: &values }, Window::ALWAYS);
            let other = falls(&rule, Samples { days: &days, values: &scaled }, Window::ALWAYS);
            prop_assert!(own.windows(2).all(|two| two[1].main - two[0].main >= rule.separation_days));
            prop_assert!(own.iter().all(|own| own.depth > 0.0 && own.start < own.main && own.main < own.stop));
            let places = |all: &[Marker]| all.iter().map(|own| (own.start, own.stop)).collect::<Vec<_>>();
            prop_assert_eq!(places(&own), places(&other));
        }
    }
}
