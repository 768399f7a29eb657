//! Drops and peaks: a low between two highs, and the other way round.

use super::{Kind, Marker, Samples, Window};

/// Neighbouring drops whose sides meet under a smaller angle than this, in degrees, are one.
const JOIN_DEGREES: f64 = 135.0;

/// Least angle at the base of a drop that is not flat, in degrees.
const BASE_DEGREES: f64 = 30.0;

/// What counts as a drop (or, turned over, as a peak).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Extrema {
    /// Lows are looked for in this window; the highs beside them may lie outside.
    pub window: Window,
    /// The deepest so many lows.
    pub most: usize,
    /// How often neighbours that belong together are joined.
    pub joins: u32,
    /// Shortest duration from high to high, days.
    pub least_days: f64,
    /// Only drops with steep sides: both angles at the base at least 30 degrees when duration and depth are both 1.
    pub steep: bool,
}

impl Default for Extrema {
    fn default() -> Self {
        Self { window: Window::ALWAYS, most: 10, joins: 0, least_days: f64::NEG_INFINITY, steep: false }
    }
}

/// Samples of a drop: high, low, high.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Feature {
    left: usize,
    low: usize,
    right: usize,
}

impl Extrema {
    /// Drops in the order of their lows, of any depth.
    ///
    /// A low is smaller than both its neighbours, a high larger; the highs beside a low are the nearest before and after it in the
    /// whole series, and its ends where there is none. The sample next to the low is no high. The depth is that below the higher high.
    ///
    /// * **Cost:** one pass for the lows, one search a low for its highs.
    /// * **Source:** the JRC framework's `drop-detector`. Of joined drops the low is the lowest of all (there a chain of three or more
    ///   could report an earlier one).
    pub fn drops(&self, samples: Samples<'_>) -> Vec<Marker> {
        self.find(samples, samples.values, Kind::Drop)
    }

    /// Peaks, as drops of the series turned over: the depth is the height above the lower low.
    pub fn peaks(&self, samples: Samples<'_>) -> Vec<Marker> {
        let turned: Vec<f64> = samples.values.iter().map(|value| -value).collect();
        self.find(samples, &turned, Kind::Peak)
    }

    fn find(&self, samples: Samples<'_>, values: &[f64], kind: Kind) -> Vec<Marker> {
        debug_assert!(values.len() == samples.days.len() && values.iter().all(|value| !value.is_nan()), "a number a day");
        let days = samples.days;
        let mut features = self.features(samples, values);
        for _ in 0..self.joins {
            let before = features.len();
            features = joined(&features, values);
            if features.len() == before {
                break;
            }
        }
        let keep = |feature: &Feature| {
            days[feature.right] - days[feature.left] >= self.least_days && (!self.steep || steep(days, values, feature))
        };
        let marker = |Feature { left, low, right }: Feature| Marker {
            kinds: kind.into(),
            start: days[left],
            main: days[low],
            stop: days[right],
            values: [left, low, right].map(|at| samples.values[at]),
            depth: values[left].max(values[right]) - values[low],
        };
        features.into_iter().filter(keep).map(marker).collect()
    }

    fn features(&self, samples: Samples<'_>, values: &[f64]) -> Vec<Feature> {
        let inside = samples.within(self.window);
        let low =
            |&at: &usize| at > inside.start && at + 1 < inside.end && values[at] < values[at - 1] && values[at] < values[at + 1];
        let mut lows: Vec<usize> = inside.clone().filter(low).collect();
        lows.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
        lows.truncate(self.most);
        lows.sort_unstable();
        let high = |at: usize| values[at] > values[at - 1] && values[at] > values[at + 1];
        let feature = |low: usize| Feature {
            left: (1..low.saturating_sub(1)).rev().find(|&at| high(at)).unwrap_or(0),
            low,
            right: (low + 2..values.len() - 1).find(|&at| high(at)).unwrap_or(values.len() - 1),
        };
        lows.into_iter().map(feature).collect()
    }
}

/// Neighbours that overlap, or that share a high with a sharp angle, as one from the first high to the last with the lowest low.
fn joined(features: &[Feature], values: &[f64]) -> Vec<Feature> {
    let mut joined: Vec<Feature> = Vec::with_capacity(features.len());
    for (at, feature) in features.iter().enumerate() {
        let before = at.checked_sub(1).map(|before| features[before]);
        match (joined.last_mut(), before) {
            (Some(group), Some(before)) if belong(&before, feature, values) => {
                // Of equally low ones the later.
                if values[feature.low] <= values[group.low] {
                    group.low = feature.low;
                }
                group.right = feature.right;
            }
            _ => joined.push(*feature),
        }
    }
    joined
}

fn belong(before: &Feature, after: &Feature, values: &[f64]) -> bool {
    if after.left != before.right {
        return after.left < before.right;
    }
    let of = |feature: &Feature| [feature.left, feature.low, feature.right].map(|at| values[at]);
    let ([left, low, right], [next_left, next_low, next_right]) = (of(before), of(after));
    // Angles between the line over the drop and its inner sides, with time left out of account; undefined where a high is none.
    let first = if left < right {
        90.0 + ((right - left) / (right - low)).asin().to_degrees()
    } else {
        ((left - right) / (left - low)).acos().to_degrees()
    };
    let second = if next_left < next_right {
        ((next_right - next_left) / (next_right - next_low)).acos().to_degrees()
    } else {
        90.0 + ((next_left - next_right) / (next_left - next_low)).asin().to_degrees()
    };
    first + second < JOIN_DEGREES
}

/// True when both angles at the base, the line from high to high, are large enough in a triangle of width 1 and height 1.
fn steep(days: &[f64], values: &[f64], feature: &Feature) -> bool {
    let Feature { left, low, right } = *feature;
    let (width, height) = (days[right] - days[left], values[left].max(values[right]) - values[low]);
    let at = |sample: usize| [(days[sample] - days[left]) / width, (values[sample] - values[low]) / height];
    let ([a, b, c], highs) = ([at(left), at(low), at(right)], values[left] > values[low] && values[right] > values[low]);
    let angle = |corner: [f64; 2], one: [f64; 2], other: [f64; 2]| {
        let (u, v) = ([one[0] - corner[0], one[1] - corner[1]], [other[0] - corner[0], other[1] - corner[1]]);
        (u[0] * v[1] - u[1] * v[0]).abs().atan2(u[0] * v[0] + u[1] * v[1]).to_degrees()
    };
    highs && angle(a, b, c) >= BASE_DEGREES && angle(c, b, a) >= BASE_DEGREES
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAYS: [f64; 40] = {
        let mut days = [0.0; 40];
        let mut at = 1;
        while at < 40 {
            days[at] = days[at - 1] + 1.0;
            at += 1;
        }
        days
    };

    fn daily(values: &[f64]) -> Samples<'_> {
        Samples { days: &DAYS[..values.len()], values }
    }

    fn places(markers: &[Marker]) -> Vec<(f64, f64, f64)> {
        markers.iter().map(|marker| (marker.start, marker.main, marker.stop)).collect()
    }

    #[test]
    fn a_drop_reaches_from_high_to_high_and_from_end_to_end_where_there_is_none() {
        let signal = daily(&[0.5, 0.8, 0.6, 0.2, 0.4, 0.7, 0.6, 0.3, 0.5]);
        let drops = Extrema::default().drops(signal);
        assert_eq!(places(&drops), [(1.0, 3.0, 5.0), (5.0, 7.0, 8.0)]);
        assert_eq!(drops[0].values, [0.8, 0.2, 0.7]);
        let peaks = Extrema::default().peaks(signal);
        assert_eq!(places(&peaks), [(0.0, 1.0, 3.0), (3.0, 5.0, 7.0)]);
        assert_eq!(peaks[1].values, [0.2, 0.7, 0.3]);
        assert!((drops[0].depth - 0.6).abs() < 1e-12 && (peaks[1].depth - 0.5).abs() < 1e-12);
        let limited = Extrema { least_days: 4.0, ..Extrema::default() };
        assert_eq!(places(&limited.drops(signal)), [(1.0, 3.0, 5.0)]);
        let late = Extrema { window: Window { from: 6.0, to: 8.0 }, ..Extrema::default() };
        assert_eq!(places(&late.drops(signal)), [(5.0, 7.0, 8.0)], "the high before lies outside the window");
        let edge = Extrema { window: Window { from: 7.0, to: 8.0 }, ..Extrema::default() };
        assert!(edge.drops(signal).is_empty(), "the low needs neighbours inside");
    }

    #[test]
    fn plateaus_are_neither_lows_nor_highs_and_short_series_have_none() {
        assert!(Extrema::default().drops(daily(&[0.9, 0.2, 0.2, 0.9])).is_empty());
        assert!(Extrema::default().drops(daily(&[0.9, 0.2])).is_empty());
        assert!(Extrema::default().drops(daily(&[])).is_empty());
    }

    #[test]
    fn a_small_bump_inside_a_drop_is_joined_and_the_lowest_low_counts() {
        // A shoulder on the way down, and the low after it.
        let signal = daily(&[0.2, 0.9, 0.7, 0.5, 0.52, 0.3, 0.1, 0.4, 0.8, 0.3]);
        let apart = Extrema::default().drops(signal);
        assert_eq!(places(&apart), [(1.0, 3.0, 8.0), (4.0, 6.0, 8.0)], "the bump next to the low is no high for it");
        let one = Extrema { joins: 1, ..Extrema::default() }.drops(signal);
        assert_eq!(places(&one), [(1.0, 6.0, 8.0)]);
    }

    #[test]
    fn the_deepest_come_first_when_not_all_are_wanted() {
        let signal = daily(&[0.9, 0.5, 0.9, 0.1, 0.9, 0.3, 0.9]);
        let most = Extrema { most: 2, ..Extrema::default() }.drops(signal);
        assert_eq!(most.iter().map(|marker| marker.main).collect::<Vec<_>>(), [3.0, 5.0]);
    }

    #[test]
    fn flat_sides_are_not_steep() {
        let steep = Extrema { steep: true, ..Extrema::default() };
        assert_eq!(steep.drops(daily(&[0.0, 0.9, 0.5, 0.1, 0.5, 0.9, 0.0])).len(), 1);
        let mut long = vec![0.0, 0.9];
        long.extend((1..=20).map(|at| 0.9 - 0.01 * f64::from(at)));
        long.extend([0.1, 0.9, 0.0]);
        let found = steep.drops(daily(&long));
        assert!(found.is_empty(), "{found:?}");
    }
}
