//! Statistics of pixel values over one parcel.

mod stored;

use crate::model::BandStats;

pub use stored::{Parcel, Stored, Work, stored_stats};

/// Weighted statistics. `values`, `weights` (0 = outside) and `excluded` (the mask; empty slice = no mask) have the same shape.
/// `NaN` values are counted as `nodata`; a pixel that is both masked and without value counts as masked.
///
/// * **Unit:** that of `values`. For radar pass linear power, never dB.
/// * **NaN:** infinite values count as `NaN`. No usable pixel gives `count == 0` and `NaN` everywhere.
/// * **std:** population standard deviation in two passes, in double precision.
/// * **Percentiles:** see [`percentile`]; with equal weights they are numpy's default (linear between ranks).
///
/// ```
/// # use parcelight::engine::zonal::stats;
/// let s = stats(&[2.0, 4.0, 9.0, f32::NAN], &[1.0, 1.0, 0.0, 1.0], &[]);
/// assert_eq!((s.pixels, s.nodata, s.count, s.mean, s.p25), (3.0, 1.0, 2.0, 3.0, 2.5));
/// ```
pub fn stats(values: &[f32], weights: &[f32], excluded: &[bool]) -> BandStats {
    debug_assert!(values.len() == weights.len(), "one weight a value");
    debug_assert!(excluded.is_empty() || excluded.len() == values.len(), "one mask entry a value, or none at all");
    let (mut masked, mut nodata) = (0.0, 0.0);
    let mut used: Vec<(f64, f64)> = Vec::new();
    for (at, (&value, &weight)) in values.iter().zip(weights).enumerate() {
        let weight = f64::from(weight);
        if weight <= 0.0 {
            continue;
        }
        if excluded.get(at).copied().unwrap_or(false) {
            masked += weight;
        } else if value.is_finite() {
            used.push((f64::from(value), weight));
        } else {
            nodata += weight;
        }
    }
    // Not `sum`: the sum of nothing is -0, which a table would show.
    let count = used.iter().fold(0.0, |sum, (_, weight)| sum + weight);
    let nothing = BandStats { pixels: masked + nodata + count, masked, nodata, count, ..BandStats::EMPTY };
    if used.is_empty() {
        return nothing;
    }
    // Equal values by weight, so that the order in which pixels come does not matter.
    used.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let mean = used.iter().map(|(value, weight)| value * weight).sum::<f64>() / count;
    let variance = used.iter().map(|(value, weight)| weight * (value - mean).powi(2)).sum::<f64>() / count;
    let [p25, p50, p75] = [0.25, 0.5, 0.75].map(|share| weighted_percentile(&used, share));
    BandStats { mean, std: variance.sqrt(), min: used[0].0, p25, p50, p75, max: used[used.len() - 1].0, ..nothing }
}

/// Value below which a share (0..=1) of sorted `values` lies, linear between ranks as numpy's default; `NaN` for none.
///
/// ```
/// # use parcelight::engine::zonal::percentile;
/// assert_eq!(percentile(&[1.0, 2.0, 10.0, 20.0], 0.5), 6.0);
/// ```
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let rank = share.clamp(0.0, 1.0) * last as f64;
    let below = rank.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (rank - below as f64)
}

/// Percentile of sorted (value, weight): every pixel stands once, in the middle of its weight on the line of summed weights;
/// the first stands for 0, the last for 1, between them it is linear. Equal weights give [`percentile`].
fn weighted_percentile(sorted: &[(f64, f64)], share: f64) -> f64 {
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return f64::NAN };
    let total: f64 = sorted.iter().map(|(_, weight)| weight).sum();
    // Distance from the middle of the first weight to the middle of the last.
    let target = share * (total - f64::midpoint(first.1, last.1));
    let mut at = 0.0;
    for pair in sorted.windows(2) {
        let step = f64::midpoint(pair[0].1, pair[1].1);
        if at + step >= target {
            return pair[0].0 + (pair[1].0 - pair[0].0) * ((target - at) / step).clamp(0.0, 1.0);
        }
        at += step;
    }
    last.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_usable_pixel_counts_as_plain_zero() {
        let found = stats(&[f32::NAN], &[1.0], &[]);
        assert!(found.count == 0.0 && found.count.is_sign_positive() && found.mean.is_nan());
    }

    #[test]
    fn masked_missing_and_used_pixels_add_up() {
        let found = stats(&[1.0, f32::NAN, f32::NAN, 3.0, 5.0], &[1.0, 1.0, 1.0, 0.5, 0.0], &[false, true, false, false, false]);
        assert_eq!((found.pixels, found.masked, found.nodata, found.count), (3.5, 1.0, 1.0, 1.5));
        assert!((found.mean - (1.0 + 1.5) / 1.5).abs() < 1e-12);
        assert_eq!((found.min, found.max), (1.0, 3.0));
    }

    #[test]
    fn nothing_usable_gives_no_numbers() {
        for (values, weights, excluded) in [
            (vec![], vec![], vec![]),
            (vec![f32::NAN], vec![1.0], vec![]),
            (vec![1.0], vec![1.0], vec![true]),
            (vec![1.0], vec![0.0], vec![]),
        ] {
            let found = stats(&values, &weights, &excluded);
            assert_eq!(found.count, 0.0);
            assert!(found.mean.is_nan() && found.std.is_nan() && found.p50.is_nan() && found.min.is_nan());
        }
    }

    #[test]
    fn percentiles_equal_numpy() {
        // numpy.percentile([3, 1, 4, 1, 5, 9, 2, 6], [25, 50, 75]); the variance is the mean of squares less the squared mean.
        let found = stats(&[3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0], &[1.0; 8], &[]);
        assert_eq!((found.p25, found.p50, found.p75), (1.75, 3.5, 5.25));
        assert!((found.std - (173.0 / 8.0 - 3.875 * 3.875_f64).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn a_constant_field_has_no_spread() {
        let found = stats(&[0.3; 5], &[0.2, 1.0, 0.7, 1.0, 0.1], &[]);
        assert!((found.mean - f64::from(0.3f32)).abs() < 1e-12 && found.std < 1e-9);
        assert_eq!((found.p25, found.p75), (f64::from(0.3f32), f64::from(0.3f32)));
    }

    proptest! {
        #[test]
        fn equal_weights_do_not_change_percentiles(mut values in prop::collection::vec(-10f32..10.0, 1..40), weight in 0.01f32..1.0) {
            let found = stats(&values, &vec![weight; values.len()], &[]);
            values.sort_by(f32::total_cmp);
            let sorted: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
            prop_assert!((found.p25 - percentile(&sorted, 0.25)).abs() < 1e-6);
            prop_assert!((found.p75 - percentile(&sorted, 0.75)).abs() < 1e-6);
            prop_assert!(found.min <= found.p25 && found.p25 <= found.p50 && found.p50 <= found.p75 && found.p75 <= found.max);
        }
    }
}
