//! How much the pixels of a parcel spread at each date: a first filter for heterogeneity that needs statistics only.
//!
//! The test: `(p75 - p25) / p50` of a band, usually near infrared (B08). A large value at a clear date, when the crop should be closed,
//! hints at several objects. Clouds that the mask missed are the main false alarm, so a parcel is judged by many dates.

use crate::engine::zonal::percentile;
use crate::model::BandStats;

/// When a parcel has a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpreadParams {
    /// A date counts when at least this share of the parcel's pixels is usable, 0..1.
    pub min_usable_share: f64,
    /// A parcel with fewer such dates has no value.
    pub min_dates: usize,
}

impl Default for SpreadParams {
    /// The parcel has to be free of clouds; one date alone may hide a cloud that the mask missed.
    fn default() -> Self {
        Self { min_usable_share: 0.95, min_dates: 3 }
    }
}

/// Spread of a parcel over the dates of a season.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParcelSpread {
    /// Dates that count.
    pub dates: usize,
    /// Median over them: large when the parcel is mixed most of the time, whatever one cloud does.
    pub median: f64,
    /// Largest of them.
    pub max: f64,
    /// Which of the given dates has the largest; of equal ones the first.
    pub max_at: usize,
}

/// Why a parcel has no value: so many dates count, which is fewer than asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFewDates(pub usize);

/// `(p75 - p25) / p50` of a band.
///
/// * **Unit:** none; it is the same for reflectance and for stored numbers without offset.
/// * **NaN:** for statistics of nothing, and where the median is not positive.
/// * **Source:** the interquartile test of the JRC's FOI material.
///
/// ```
/// # use parcelight::engine::heterogeneity::spread::relative_iqr;
/// assert!((relative_iqr(1535.0, 2633.0, 4384.75) - 1.082321).abs() < 5e-7);
/// ```
pub fn relative_iqr(p25: f64, p50: f64, p75: f64) -> f64 {
    if p50 > 0.0 { (p75 - p25) / p50 } else { f64::NAN }
}

/// [`relative_iqr`] of one observation; `NaN` when less than `min_usable_share` of the pixels is usable.
pub fn of_stats(stats: &BandStats, params: &SpreadParams) -> f64 {
    // Written so that a parcel without pixels has no value.
    if stats.count > 0.0 && stats.count >= params.min_usable_share * stats.pixels {
        relative_iqr(stats.p25, stats.p50, stats.p75)
    } else {
        f64::NAN
    }
}

/// Median and maximum over dates; `NaN` is a date that does not count.
pub fn over_dates(values: &[f64], params: &SpreadParams) -> Result<ParcelSpread, TooFewDates> {
    let mut counted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    counted.sort_unstable_by(f64::total_cmp);
    let Some(&max) = counted.last().filter(|_| counted.len() >= params.min_dates) else {
        return Err(TooFewDates(counted.len()));
    };
    let max_at = values.iter().position(|&value| value == max).unwrap_or_default();
    Ok(ParcelSpread { dates: counted.len(), median: percentile(&counted, 0.5), max, max_at })
}

/// Place of a parcel among all that have a value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rank {
    /// From 1, the largest value first; equal values share a place.
    pub place: usize,
    /// Share of the parcels with a value that have a smaller one, 0..1.
    pub above: f64,
}

/// Ranks parcels by a value, the largest first; a parcel without a value (`NaN`) has no rank. The order of parcels does not matter.
pub fn ranking(values: &[f64]) -> Vec<Option<Rank>> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    sorted.sort_unstable_by(f64::total_cmp);
    let rank = |&value: &f64| {
        let below = sorted.partition_point(|&other| other < value);
        let not_above = sorted.partition_point(|&other| other <= value);
        let place = sorted.len() - not_above + 1;
        (!value.is_nan()).then(|| Rank { place, above: below as f64 / sorted.len() as f64 })
    };
    values.iter().map(rank).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn stats(pixels: f64, count: f64, quartiles: [f64; 3]) -> BandStats {
        let [p25, p50, p75] = quartiles;
        BandStats { pixels, count, masked: pixels - count, p25, p50, p75, ..BandStats::EMPTY }
    }

    #[test]
    fn the_values_of_the_published_sheet_come_out() {
        // JRC's slides on the interquartile test, stored numbers of B08.
        assert!((relative_iqr(1535.0, 2633.0, 4384.75) - 1.082_321).abs() < 5e-7);
        assert!((relative_iqr(1305.75, 3885.5, 5445.5) - 1.065_436).abs() < 5e-7);
        assert!((relative_iqr(0.1535, 0.2633, 0.438_475) - 1.082_321).abs() < 5e-7, "reflectance gives the same");
    }

    #[test]
    fn a_median_that_is_not_positive_and_nothing_give_no_value() {
        for (p25, p50, p75) in [(-1.0, 0.0, 1.0), (-3.0, -2.0, -1.0), (f64::NAN, f64::NAN, f64::NAN)] {
            assert!(relative_iqr(p25, p50, p75).is_nan());
        }
        assert!(of_stats(&BandStats::EMPTY, &SpreadParams { min_usable_share: 0.0, ..SpreadParams::default() }).is_nan());
    }

    #[test]
    fn a_clouded_date_does_not_count() {
        let quartiles = [1.0, 2.0, 3.0];
        let params = SpreadParams::default();
        assert_eq!(of_stats(&stats(100.0, 95.0, quartiles), &params), 1.0);
        assert!(of_stats(&stats(100.0, 94.0, quartiles), &params).is_nan());
    }

    #[test]
    fn median_and_maximum_leave_out_dates_without_value_and_need_enough_of_them() {
        let params = SpreadParams { min_dates: 3, ..SpreadParams::default() };
        let values = [0.2, f64::NAN, 0.9, 0.1, 0.9, f64::INFINITY];
        let own = over_dates(&values, &params).expect("four dates");
        assert_eq!((own.dates, own.max, own.max_at), (4, 0.9, 2));
        assert!((own.median - 0.55).abs() < 1e-12);
        assert_eq!(over_dates(&values[..3], &params), Err(TooFewDates(2)));
        assert_eq!(over_dates(&[], &SpreadParams { min_dates: 0, ..params }), Err(TooFewDates(0)));
    }

    #[test]
    fn ranks_go_from_the_largest_and_equal_values_share_a_place() {
        let places = |values: &[f64]| ranking(values).iter().map(|own| own.map(|own| own.place)).collect::<Vec<_>>();
        assert_eq!(places(&[0.1, 0.9, f64::NAN, 0.5, 0.9]), [Some(4), Some(1), None, Some(3), Some(1)]);
        assert_eq!(places(&[f64::NAN]), [None]);
        assert_eq!(ranking(&[1.0, 2.0, 3.0, 4.0])[3], Some(Rank { place: 1, above: 0.75 }));
    }

    proptest! {
        #[test]
        fn the_order_of_dates_does_not_matter(values in prop::collection::vec(0.0f64..2.0, 3..20), turn in 0usize..20) {
            let params = SpreadParams::default();
            let own = over_dates(&values, &params).expect("enough");
            let mut turned = values.clone();
            turned.rotate_left(turn % values.len());
            let other = over_dates(&turned, &params).expect("enough");
            prop_assert_eq!((own.dates, own.median, own.max), (other.dates, other.median, other.max));
            prop_assert!(own.median <= own.max && values[own.max_at] == own.max);
        }
    }
}
