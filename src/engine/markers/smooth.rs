//! Smoothers and the removal of single outliers.

use super::Samples;
use crate::model::ruleset::Slope;

/// Mean of the window about each value; at the ends of what is there of it. An even width counts as the next odd one.
pub fn moving_average(values: &[f64], width: usize) -> Vec<f64> {
    let half = width / 2;
    let window = |at: usize| &values[at.saturating_sub(half)..(at + half + 1).min(values.len())];
    let mean = |window: &[f64]| window.iter().sum::<f64>() / window.len() as f64;
    (0..values.len()).map(|at| mean(window(at))).collect()
}

/// Savitzky–Golay filter: at each value the polynomial of a degree through its window by least squares; before the middle of the
/// first window and after that of the last their polynomials go on.
///
/// * **Source:** A. Savitzky, M. J. E. Golay, Analytical Chemistry 36 (1964); the ends as mode `interp` of `SciPy`.
#[derive(Debug, Clone, PartialEq)]
pub struct SavitzkyGolay {
    /// Weights of the window for the polynomial's value at each of its places.
    weights: Vec<Vec<f64>>,
}

impl SavitzkyGolay {
    /// A filter; `None` when the window is even or not longer than the degree.
    pub fn new(window: usize, degree: usize) -> Option<Self> {
        let possible = !window.is_multiple_of(2) && degree < window;
        possible.then(|| Self { weights: (0..window).map(|at| fit_weights(window, degree, at)).collect() })
    }

    /// The smoothed series; `None` of one that is shorter than the window.
    pub fn apply(&self, values: &[f64]) -> Option<Vec<f64>> {
        let last = values.len().checked_sub(self.weights.len())?;
        let half = self.weights.len() / 2;
        let dot = |weights: &[f64], from: usize| weights.iter().zip(&values[from..]).map(|(weight, value)| weight * value).sum();
        let value = |at: usize| {
            if at < half {
                dot(&self.weights[at], 0)
            } else if at - half > last {
                dot(&self.weights[at - last], last)
            } else {
                dot(&self.weights[half], at - half)
            }
        };
        Some((0..values.len()).map(value).collect())
    }
}

/// Weights with which a window's values make the fitted polynomial's value at one place, by polynomials that are orthogonal on it.
fn fit_weights(window: usize, degree: usize, place: usize) -> Vec<f64> {
    let middle = (window - 1) as f64 / 2.0;
    let x = |at: usize| (at as f64 - middle) / middle.max(1.0);
    let mut weights = vec![0.0; window];
    let (mut before, mut now) = (vec![0.0; window], vec![1.0; window]);
    let mut square_before = 1.0;
    for order in 0..=degree {
        let square: f64 = now.iter().map(|value| value * value).sum();
        weights.iter_mut().zip(&now).for_each(|(weight, value)| *weight += value * now[place] / square);
        // Three-term recurrence; the places lie evenly about 0, so the middle term is none.
        let beta = if order == 0 { 0.0 } else { square / square_before };
        let next = (0..window).map(|at| x(at) * now[at] - beta * before[at]).collect();
        before = std::mem::replace(&mut now, next);
        square_before = square;
    }
    weights
}

/// Whittaker smoother: the series that is near the values, each by its weight, and smooth, by `lambda` times the sum of squares of its
/// second differences. A weight of 0 is a missing value, which is filled; its value may be anything.
///
/// * **Source:** P. H. C. Eilers, A perfect smoother, Analytical Chemistry 75 (2003).
/// * **Cost:** linear in the length: a banded Cholesky solution.
pub fn whittaker(values: &[f64], weights: &[f64], lambda: f64) -> Vec<f64> {
    let count = values.len();
    if count < 3 {
        return values.to_vec();
    }
    // Diagonals of W + lambda D'D, D being the second differences.
    let mut diagonal: Vec<f64> = weights.to_vec();
    let (mut first, mut second) = (vec![0.0; count], vec![0.0; count]);
    for at in 0..count - 2 {
        for (place, square) in [1.0, 4.0, 1.0].into_iter().enumerate() {
            diagonal[at + place] += lambda * square;
        }
        first[at] -= 2.0 * lambda;
        first[at + 1] -= 2.0 * lambda;
        second[at] += lambda;
    }
    let mut solution: Vec<f64> =
        values.iter().zip(weights).map(|(&value, &weight)| if weight > 0.0 { value * weight } else { 0.0 }).collect();
    // L D L': `first` and `second` become the factors below the diagonal.
    for at in 0..count {
        if at >= 1 {
            diagonal[at] -= first[at - 1].powi(2) * diagonal[at - 1];
        }
        if at >= 2 {
            diagonal[at] -= second[at - 2].powi(2) * diagonal[at - 2];
        }
        if at >= 1 {
            first[at] -= first[at - 1] * diagonal[at - 1] * second[at - 1];
        }
        if diagonal[at].abs() < f64::MIN_POSITIVE {
            return vec![f64::NAN; count];
        }
        first[at] /= diagonal[at];
        second[at] /= diagonal[at];
        if at >= 1 {
            solution[at] -= first[at - 1] * solution[at - 1];
        }
        if at >= 2 {
            solution[at] -= second[at - 2] * solution[at - 2];
        }
    }
    for at in 0..count {
        solution[at] /= diagonal[at];
    }
    for at in (0..count).rev() {
        if at + 1 < count {
            solution[at] -= first[at] * solution[at + 1];
        }
        if at + 2 < count {
            solution[at] -= second[at] * solution[at + 2];
        }
    }
    solution
}

/// Which samples leave both neighbours in the same direction: where the sum of the two differences is larger than `threshold`, and the
/// neighbours are at most so many days away. The first and last are none.
///
/// * **Source:** the double difference of optical series in `Sen4CAP`; threshold and distance are the ruleset's.
pub fn spikes(samples: Samples<'_>, threshold: f64, slope: Slope, most_days: f64) -> Vec<bool> {
    let (days, values) = (samples.days, samples.values);
    let spike = |at: usize| {
        if at == 0 || at + 1 >= values.len() || days[at] - days[at - 1] > most_days || days[at + 1] - days[at] > most_days {
            return false;
        }
        let (before, own, after) = (values[at - 1], values[at], values[at + 1]);
        let (one, other) = match slope {
            Slope::Falls => (before - own, after - own),
            Slope::Rises => (own - before, own - after),
        };
        one > 0.0 && other > 0.0 && one + other > threshold
    };
    (0..values.len()).map(spike).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn averages_shrink_at_the_ends() {
        assert_eq!(moving_average(&[1.0, 2.0, 6.0, 3.0], 3), [1.5, 3.0, 11.0 / 3.0, 4.5]);
        assert!(moving_average(&[], 5).is_empty());
    }

    #[test]
    fn polynomials_pass_savitzky_golay_unchanged() {
        let cubic: Vec<f64> = (0..30)
            .map(|at| {
                let x = f64::from(at) / 10.0;
                0.3 - x + 0.5 * x * x - 0.1 * x.powi(3)
            })
            .collect();
        let smooth = SavitzkyGolay::new(9, 3).and_then(|own| own.apply(&cubic)).expect("fits");
        assert!(smooth.iter().zip(&cubic).all(|(a, b)| (a - b).abs() < 1e-12));
        // The published weights of a quadratic over five: (-3, 12, 17, 12, -3) / 35.
        let weights = fit_weights(5, 2, 2);
        let expected = [-3.0, 12.0, 17.0, 12.0, -3.0].map(|weight| weight / 35.0);
        assert!(weights.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-14), "{weights:?}");
        for (window, degree) in [(4, 2), (5, 5), (31, 2)] {
            assert!(SavitzkyGolay::new(window, degree).and_then(|own| own.apply(&cubic)).is_none());
        }
    }

    #[test]
    fn whittaker_keeps_lines_fills_gaps_and_solves_its_equations() {
        let line: Vec<f64> = (0..40).map(|at| 0.2 + 0.01 * f64::from(at)).collect();
        let mut weights = vec![1.0; 40];
        weights[10..20].fill(0.0);
        let mut broken = line.clone();
        broken[10..20].fill(f64::NAN);
        let smooth = whittaker(&broken, &weights, 100.0);
        assert!(smooth.iter().zip(&line).all(|(a, b)| (a - b).abs() < 1e-9));
        let noisy: Vec<f64> = (0..25).map(|at| (f64::from(at) * 1.7).sin()).collect();
        let z = whittaker(&noisy, &[1.0; 25], 7.0);
        let second: Vec<f64> = z.windows(3).map(|w| w[0] - 2.0 * w[1] + w[2]).collect();
        for at in 0..25isize {
            let own = |place: isize| usize::try_from(place).ok().and_then(|place| second.get(place)).copied().unwrap_or(0.0);
            let pull = own(at - 2) - 2.0 * own(at - 1) + own(at);
            let at = at as usize;
            assert!((z[at] + 7.0 * pull - noisy[at]).abs() < 1e-9, "equation {at}");
        }
    }

    #[test]
    fn a_single_spike_is_told_and_a_step_is_none() {
        let (days, values) = ([0.0, 5.0, 10.0, 15.0, 20.0], [0.8, 0.3, 0.8, 0.4, 0.4]);
        let found = |threshold: f64, slope: Slope, most_days: f64| {
            let all = spikes(Samples { days: &days, values: &values }, threshold, slope, most_days);
            (0..5).filter(|&at| all[at]).collect::<Vec<_>>()
        };
        assert_eq!(found(0.5, Slope::Falls, 10.0), [1]);
        assert_eq!(found(0.5, Slope::Falls, 4.0), [0; 0], "the neighbours are too far away");
        assert_eq!(found(0.3, Slope::Rises, 10.0), [2]);
    }
}
