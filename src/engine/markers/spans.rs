//! Spans of time: gaps without samples, values beyond a threshold, runs of a state, changes of the trend.

use super::{Kind, Marker, Samples, Window};
use crate::model::ruleset::Side;

/// Gaps between neighbouring samples inside a window, of any length; main is their middle. [`Marker::stop`] less [`Marker::start`] is
/// their length.
///
/// Time before the first and after the last sample in the window is no gap.
///
/// * **Source:** the JRC framework's `data-gaps`.
pub fn gaps(samples: Samples<'_>, window: Window) -> impl Iterator<Item = Marker> {
    let inside = samples.within(window);
    let (days, values) = (&samples.days[inside.clone()], &samples.values[inside]);
    days.windows(2).zip(values.windows(2)).map(|(days, values)| Marker {
        kinds: Kind::Gap.into(),
        start: days[0],
        main: f64::midpoint(days[0], days[1]),
        stop: days[1],
        values: [values[0], f64::NAN, values[1]],
        depth: f64::NAN,
    })
}

/// Distance of a value beyond a threshold: positive on the side that counts.
pub fn beyond_by(value: f64, threshold: f64, side: Side) -> f64 {
    match side {
        Side::Above => value - threshold,
        Side::Below => threshold - value,
    }
}

/// Intervals in a window in which all values lie beyond a threshold: from the last sample before (the window's first day where there is
/// none, or the first sample where the window is open) to the last sample that does; main is the middle. The depth is the farthest
/// distance from the threshold.
///
/// * **Source:** the JRC framework's `threshold`, which loses an interval that is still open at the end, and gives one that follows on
///   an interval of a single sample the start of that; here both are found, each with its own start.
pub fn beyond(samples: Samples<'_>, window: Window, threshold: f64, side: Side) -> Vec<Marker> {
    let inside = samples.within(window);
    let (days, values) = (&samples.days[inside.clone()], &samples.values[inside]);
    let is = |value: f64| beyond_by(value, threshold, side) > 0.0;
    let mut markers = Vec::new();
    let mut at = 0;
    for run in values.chunk_by(|&a, &b| is(a) == is(b)) {
        let (first, last) = (at, at + run.len() - 1);
        at += run.len();
        if !is(run[0]) {
            continue;
        }
        let start = match first.checked_sub(1) {
            Some(before) => days[before],
            None if window.from.is_finite() => window.from,
            None => days[first],
        };
        markers.push(Marker {
            kinds: Kind::Interval.into(),
            start,
            main: f64::midpoint(start, days[last]),
            stop: days[last],
            values: [values[first.saturating_sub(1)], f64::NAN, values[last]],
            depth: run.iter().map(|&value| beyond_by(value, threshold, side)).fold(0.0, f64::max),
        });
    }
    markers
}

/// Runs of samples that are equal to a state, inside a window, of any length. They begin and end half-way to the sample of another state,
/// and with the window's first and last sample. Values are those of the samples before and after, and the state.
///
/// * **Source:** the JRC framework's `state_change`, which lets a change between the first and the second sample begin at the first.
pub fn runs(samples: Samples<'_>, window: Window, state: f64) -> Vec<Marker> {
    let inside = samples.within(window);
    let (days, values) = (&samples.days[inside.clone()], &samples.values[inside]);
    let mut markers = Vec::new();
    let mut at = 0;
    for run in values.chunk_by(|a, b| (*a == state) == (*b == state)) {
        let (first, last) = (at, at + run.len() - 1);
        at += run.len();
        if run[0] != state {
            continue;
        }
        let (before, after) = (first.saturating_sub(1), (last + 1).min(days.len() - 1));
        let start = f64::midpoint(days[before], days[first]);
        let stop = f64::midpoint(days[last], days[after]);
        markers.push(Marker {
            kinds: Kind::State.into(),
            start,
            main: f64::midpoint(start, stop),
            stop,
            values: [values[before], state, values[after]],
            depth: f64::NAN,
        });
    }
    markers
}

/// Days at which straight lines through the samples of so many days before and after differ in slope by at least so much per day.
/// Of neighbouring days the one with the largest change counts. Start and stop are the ends of the two lines; the values are the slope
/// before, the change, and the slope after; the depth is the size of the change.
///
/// * **Source:** own: no published rule.
pub fn breaks(samples: Samples<'_>, window: Window, half_days: f64, least_change: f64) -> Vec<Marker> {
    let inside = samples.within(window);
    let (days, values) = (&samples.days[inside.clone()], &samples.values[inside]);
    let mut found: Vec<Marker> = Vec::new();
    for at in 0..days.len() {
        let from = days.partition_point(|&day| day < days[at] - half_days);
        let to = days.partition_point(|&day| day <= days[at] + half_days);
        let (Some(before), Some(after)) = (slope(&days[from..=at], &values[from..=at]), slope(&days[at..to], &values[at..to]))
        else {
            continue;
        };
        let change = after - before;
        if change.abs() < least_change {
            continue;
        }
        let marker = Marker {
            kinds: Kind::Break.into(),
            start: days[from],
            main: days[at],
            stop: days[to - 1],
            values: [before, change, after],
            depth: change.abs(),
        };
        match found.last_mut() {
            Some(last) if days[at] - last.main <= half_days && last.values[1].signum() == change.signum() => {
                if change.abs() > last.values[1].abs() {
                    *last = marker;
                }
            }
            _ => found.push(marker),
        }
    }
    found
}

/// Slope of the straight line through samples by least squares, per day; `None` of fewer than three or of one time.
pub fn slope(days: &[f64], values: &[f64]) -> Option<f64> {
    if days.len() < 3 {
        return None;
    }
    let count = days.len() as f64;
    let (mean_day, mean) = (days.iter().sum::<f64>() / count, values.iter().sum::<f64>() / count);
    let (mut together, mut spread) = (0.0, 0.0);
    for (day, value) in days.iter().zip(values) {
        together += (day - mean_day) * (value - mean);
        spread += (day - mean_day).powi(2);
    }
    (spread > 0.0).then(|| together / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal<'a>(days: &'a [f64], values: &'a [f64]) -> Samples<'a> {
        Samples { days, values }
    }

    fn spans(markers: &[Marker]) -> Vec<(f64, f64)> {
        markers.iter().map(|own| (own.start, own.stop)).collect()
    }

    #[test]
    fn gaps_lie_between_samples_of_the_window() {
        let own = signal(&[0.0, 20.0, 41.0, 70.0], &[1.0, 2.0, 3.0, 4.0]);
        let found: Vec<Marker> = gaps(own, Window { from: 0.0, to: 69.0 }).collect();
        assert_eq!(spans(&found), [(0.0, 20.0), (20.0, 41.0)]);
        assert_eq!((found[1].main, found[1].duration_days(), found[1].values[0]), (30.5, 21.0, 2.0));
        assert!(found[1].values[1].is_nan());
    }

    #[test]
    fn intervals_beyond_a_threshold_are_found_also_when_open_at_an_end() {
        let days = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0];
        let own = signal(&days, &[0.9, 0.1, 0.9, 0.8, 0.2, 0.9]);
        let above = beyond(own, Window::ALWAYS, 0.5, Side::Above);
        assert_eq!(spans(&above), [(0.0, 0.0), (1.0, 3.0), (4.0, 5.0)]);
        assert!((above[1].depth - 0.4).abs() < 1e-12);
        let below = beyond(own, Window { from: 0.5, to: 9.0 }, 0.5, Side::Below);
        assert_eq!(spans(&below), [(0.5, 1.0), (3.0, 4.0)]);
    }

    #[test]
    fn runs_of_a_state_end_half_way_to_the_next_sample() {
        let days = [0.0, 4.0, 10.0, 20.0, 22.0, 30.0];
        let found = runs(signal(&days, &[4.0, 7.0, 4.0, 4.0, 8.0, 4.0]), Window::ALWAYS, 4.0);
        assert_eq!(spans(&found), [(0.0, 2.0), (7.0, 21.0), (26.0, 30.0)]);
        assert_eq!(found[1].values, [7.0, 4.0, 8.0]);
    }

    #[test]
    fn the_trend_breaks_where_a_line_turns() {
        let days: Vec<f64> = (0..60).map(f64::from).collect();
        let values: Vec<f64> = days.iter().map(|day| if *day <= 30.0 { 0.2 } else { 0.2 + (day - 30.0) * 0.02 }).collect();
        let found = breaks(signal(&days, &values), Window::ALWAYS, 10.0, 0.01);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].main, 30.0);
        assert!(found[0].values[0].abs() < 1e-12 && (found[0].depth - 0.02).abs() < 1e-12);
        assert_eq!(slope(&[1.0, 1.0, 1.0], &[0.0, 1.0, 2.0]), None);
    }
}
