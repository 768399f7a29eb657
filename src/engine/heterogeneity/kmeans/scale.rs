//! Mean and deviation of each feature, from sums of chunks.

/// Count, mean and squared deviations of each feature over some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Moments {
    counts: Vec<u64>,
    means: Vec<f64>,
    squares: Vec<f64>,
    rows: u64,
}

impl Moments {
    /// Over `rows`, row by row with `features` values each.
    ///
    /// * **NaN:** a missing or infinite value takes no part.
    /// * **Cost:** one pass.
    pub fn of(rows: &[f32], features: usize) -> Self {
        // Deviations from a value of the chunk itself: equal values give exact zeros, and large ones lose no digits.
        let first = |at: usize| rows.iter().skip(at).step_by(features).find(|value| value.is_finite());
        let mut means: Vec<f64> = (0..features).map(|at| first(at).map_or(0.0, |value| f64::from(*value))).collect();
        let (mut counts, mut sums, mut squares) = (vec![0u64; features], vec![0.0; features], vec![0.0; features]);
        for row in rows.chunks_exact(features.max(1)) {
            let own = counts.iter_mut().zip(&mut sums).zip(&mut squares);
            for ((&value, origin), ((count, sum), square)) in row.iter().zip(&means).zip(own) {
                let valid = value.is_finite();
                let deviation = if valid { f64::from(value) - origin } else { 0.0 };
                *count += u64::from(valid);
                *sum += deviation;
                *square += deviation * deviation;
            }
        }
        for at in 0..features {
            let count = counts[at].max(1) as f64;
            squares[at] = (squares[at] - sums[at] * sums[at] / count).max(0.0);
            means[at] += sums[at] / count;
        }
        let rows = (rows.len() / features.max(1)) as u64;
        Self { counts, means, squares, rows }
    }

    /// Adds the moments of the rows that follow.
    ///
    /// * **Source:** Chan, Golub and `LeVeque`, Updating formulae and a pairwise algorithm, 1979.
    pub fn add(&mut self, next: &Self) {
        self.rows += next.rows;
        for at in 0..self.counts.len() {
            let (own, other) = (self.counts[at] as f64, next.counts[at] as f64);
            if other == 0.0 {
                continue;
            }
            if own == 0.0 {
                (self.means[at], self.squares[at]) = (next.means[at], next.squares[at]);
            } else {
                let delta = next.means[at] - self.means[at];
                self.means[at] += delta * (other / (own + other));
                self.squares[at] += next.squares[at] + delta * delta * (own * other / (own + other));
            }
            self.counts[at] += next.counts[at];
        }
    }

    /// True when a value is missing in any row.
    pub fn gaps(&self) -> bool {
        self.counts.iter().any(|count| *count < self.rows)
    }
}

/// Mean and deviation of each feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// In the unit of the feature; 0 without a value.
    pub means: Vec<f32>,
    /// Population standard deviations; 1 for a feature of one value, without values, or when features are not standardised.
    pub deviations: Vec<f32>,
}

impl Scale {
    /// Of rows, `features` values each: [`Moments`] of all of them, standardised.
    ///
    /// ```
    /// # use parcelight::engine::heterogeneity::kmeans::Scale;
    /// let scale = Scale::of(&[1.0, 7.0, 3.0, 7.0, f32::NAN, 7.0], 2);
    /// assert_eq!((scale.means, scale.deviations), (vec![2.0, 7.0], vec![1.0, 1.0]));
    /// ```
    pub fn of(rows: &[f32], features: usize) -> Self {
        let mut all = Moments::of(&[], features);
        let chunks = rows.chunks(super::CHUNK_ROWS * features.max(1));
        chunks.for_each(|rows| all.add(&Moments::of(rows, features)));
        Self::from_moments(&all, true)
    }

    /// From moments of all rows. Features that are not standardised keep their unit, and lose their mean only: it changes no distance.
    pub fn from_moments(moments: &Moments, standardise: bool) -> Self {
        let deviation = |(count, square): (&u64, &f64)| {
            let deviation = (square / (*count).max(1) as f64).sqrt() as f32;
            if standardise && deviation > 0.0 { deviation } else { 1.0 }
        };
        Self {
            means: moments.means.iter().map(|mean| *mean as f32).collect(),
            deviations: moments.counts.iter().zip(&moments.squares).map(deviation).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_parts_give_those_of_the_whole() {
        let rows: Vec<f32> = (0..600).map(|at| if at % 7 == 0 { f32::NAN } else { (at * at % 101) as f32 - 3e4 }).collect();
        let whole = Moments::of(&rows, 3);
        let mut parts = Moments::of(&rows[..90], 3);
        parts.add(&Moments::of(&[f32::NAN; 3], 3));
        parts.add(&Moments::of(&rows[90..], 3));
        for at in 0..3 {
            assert_eq!(parts.counts[at], whole.counts[at]);
            assert!((parts.means[at] - whole.means[at]).abs() < 1e-9);
            assert!((parts.squares[at] / whole.squares[at] - 1.0).abs() < 1e-12);
        }
        assert!(whole.gaps() && !Moments::of(&[1.0, 2.0], 2).gaps());
    }

    #[test]
    fn a_feature_of_one_value_or_none_has_unit_deviation() {
        let rows: Vec<f32> = (0..30_000).flat_map(|_| [0.1, f32::NAN]).collect();
        let scale = Scale::of(&rows, 2);
        assert_eq!((scale.means, scale.deviations), (vec![0.1, 0.0], vec![1.0, 1.0]));
        assert_eq!(Scale::of(&[], 2).deviations, [1.0, 1.0]);
    }
}
