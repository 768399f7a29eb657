//! Statistics straight from stored numbers, for many parcels: no sort, and no conversion of pixels that only have to be counted.
//!
//! The answers are those of [`stats`] to the digits that are written. Cost: a few passes over the pixels of a parcel.

use crate::model::BandStats;
use crate::model::conversion::Conversion;

use super::stats;

/// Classes of values that are counted to find quartiles.
const BUCKETS: usize = 256;

/// So few values are sorted faster than counted.
const FEW: usize = 48;

/// Independent sums, so that the processor need not wait for one addition to begin the next.
const LANES: usize = 8;

/// A stored number.
pub trait Stored: Copy + Send + Sync {
    /// Its value.
    fn number(self) -> f32;

    /// Statistics of equally weighted values by their order as stored; `None` for types without a way of their own.
    fn whole(_values: &mut Vec<Self>, _conversion: &Conversion, _work: &mut Work) -> Option<BandStats> {
        None
    }
}

impl Stored for f32 {
    fn number(self) -> f32 {
        self
    }
}

impl Stored for u8 {
    fn number(self) -> f32 {
        f32::from(self)
    }

    fn whole(values: &mut Vec<Self>, conversion: &Conversion, work: &mut Work) -> Option<BandStats> {
        Some(whole(values, conversion, work))
    }
}

impl Stored for u16 {
    fn number(self) -> f32 {
        f32::from(self)
    }

    fn whole(values: &mut Vec<Self>, conversion: &Conversion, work: &mut Work) -> Option<BandStats> {
        Some(whole(values, conversion, work))
    }
}

/// Memory that is used again from parcel to parcel.
#[derive(Debug, Default)]
pub struct Work {
    physical: Vec<f32>,
    sorted: Vec<u32>,
}

/// What decides which pixels of a parcel count, in its pixel order.
#[derive(Debug, Clone, Copy)]
pub struct Parcel<'a> {
    /// True for pixels that the mask excludes; empty when it excludes none.
    pub excluded: &'a [bool],
    /// Weight of every pixel; `None` when all weigh 1.
    pub weights: Option<&'a [f32]>,
    /// Weight of the pixels beyond the image, which have no value.
    pub outside: f64,
}

/// Statistics of the stored numbers of a parcel's pixels, in physical units; `values` is used up.
///
/// * **Unit, NaN, percentiles:** as [`stats`] of the converted values; pixels beyond the image count as `nodata`.
/// * **Order:** sums are taken in pixel order, so equal pixels give equal bits.
pub fn stored_stats<T: Stored>(values: &mut Vec<T>, parcel: &Parcel<'_>, conversion: &Conversion, work: &mut Work) -> BandStats {
    let mut found = if let Some(weights) = parcel.weights {
        work.physical.clear();
        work.physical.extend(values.iter().map(|value| value.number()));
        conversion.apply(&mut work.physical);
        stats(&work.physical, weights, parcel.excluded)
    } else {
        let all = values.len();
        if !parcel.excluded.is_empty() {
            keep(values, parcel.excluded);
        }
        let masked = (all - values.len()) as f64;
        let whole = if conversion.rising() { T::whole(values, conversion, work) } else { None };
        let used = whole.unwrap_or_else(|| single(values, conversion, work));
        BandStats { masked, pixels: used.pixels + masked, ..used }
    };
    found.nodata += parcel.outside;
    found.pixels += parcel.outside;
    found
}

/// Leaves out what is excluded.
fn keep<T: Copy>(values: &mut Vec<T>, excluded: &[bool]) {
    let mut kept = 0;
    for at in 0..values.len().min(excluded.len()) {
        values[kept] = values[at];
        kept += usize::from(!excluded[at]);
    }
    values.truncate(kept);
}

/// Counts of `used` of `all` pixels, without statistics.
fn counted(all: usize, used: usize) -> BandStats {
    BandStats { pixels: all as f64, nodata: (all - used) as f64, count: used as f64, ..BandStats::EMPTY }
}

/// Rank at or below each quartile of `count` values, and how far the quartile lies towards the next.
fn ranks(count: usize) -> [(usize, f64); 3] {
    [0.25, 0.5, 0.75].map(|share| {
        let rank = share * (count - 1) as f64;
        (rank.floor() as usize, rank.fract())
    })
}

fn mean_and_deviation(sum: f64, squares: f64, origin: f64, count: usize) -> (f64, f64) {
    let count = count as f64;
    let shift = sum / count;
    (origin + shift, (squares / count - shift * shift).max(0.0).sqrt())
}

/// Sums of `numbers(value) - origin` and of its square.
#[inline]
fn moments<T: Copy>(values: &[T], origin: f64, number: impl Fn(T) -> f64) -> (f64, f64) {
    let (mut sums, mut squares) = ([0.0; LANES], [0.0; LANES]);
    let chunks = values.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for lane in 0..LANES {
            let value = number(chunk[lane]) - origin;
            sums[lane] += value;
            squares[lane] += value * value;
        }
    }
    for (lane, &value) in rest.iter().enumerate() {
        let value = number(value) - origin;
        sums[lane] += value;
        squares[lane] += value * value;
    }
    (sums.iter().sum(), squares.iter().sum())
}

/// Whole numbers under a rising conversion: counted by value, converted only where a statistic needs it.
fn whole<T>(values: &mut Vec<T>, conversion: &Conversion, work: &mut Work) -> BandStats
where
    T: Stored + Ord + Into<u32>,
{
    let all = values.len();
    let Some((mut low, mut high)) = range(values) else { return counted(0, 0) };
    let zero = conversion.zero_is_missing() && low.into() == 0;
    let nodata = conversion.nodata();
    if zero || (low.number() <= nodata && nodata <= high.number()) {
        let zero_is_missing = conversion.zero_is_missing();
        values.retain(|value| value.number() != nodata && !(zero_is_missing && (*value).into() == 0));
        match range(values) {
            Some(found) => (low, high) = found,
            None => return counted(all, 0),
        }
    }
    let physical = |stored: u32| f64::from(conversion.linear(f64::from(stored)));
    let (low, high) = (low.into(), high.into());
    let origin = physical(low);
    let (sum, squares) = moments(values, origin, |value| physical(value.into()));
    let (mean, std) = mean_and_deviation(sum, squares, origin, values.len());
    let quartiles = ranks(values.len());
    let last = values.len() - 1;
    let wanted = quartiles.map(|(rank, _)| [rank, (rank + 1).min(last)]);
    let found = order_statistics(values, (low, high), wanted.as_flattened(), work);
    let [p25, p50, p75] = [0, 1, 2].map(|at| {
        let (below, above) = (physical(found[2 * at]), physical(found[2 * at + 1]));
        below + (above - below) * quartiles[at].1
    });
    BandStats { mean, std, min: origin, p25, p50, p75, max: physical(high), ..counted(all, values.len()) }
}

fn range<T: Copy + Ord>(values: &[T]) -> Option<(T, T)> {
    let &first = values.first()?;
    Some(values.iter().fold((first, first), |(low, high), &value| (low.min(value), high.max(value))))
}

/// Values of ascending ranks among values that lie in `low..=high`.
fn order_statistics<T: Copy + Into<u32>>(values: &[T], (low, high): (u32, u32), wanted: &[usize], work: &mut Work) -> [u32; 6] {
    let mut found = [low; 6];
    let sorted = &mut work.sorted;
    sorted.clear();
    if values.len() <= FEW {
        sorted.extend(values.iter().map(|&value| value.into()));
        sorted.sort_unstable();
        found.iter_mut().zip(wanted).for_each(|(found, &rank)| *found = sorted[rank]);
        return found;
    }
    let shift = (u32::BITS - (high - low).leading_zeros()).saturating_sub(BUCKETS.trailing_zeros());
    let bucket = |value: T| ((value.into() - low) >> shift) as usize & (BUCKETS - 1);
    let mut counts = [0u32; BUCKETS];
    for &value in values {
        counts[bucket(value)] += 1;
    }
    // Of every wanted rank its bucket, and how many values lie in lower buckets that nobody wants.
    let mut places = [(0, 0); 6];
    let mut marked = [false; BUCKETS];
    let (mut next, mut below, mut skipped) = (0, 0, 0);
    for (at, &count) in counts.iter().enumerate() {
        let end = below + count as usize;
        while next < wanted.len() && wanted[next] < end {
            places[next] = (at, skipped);
            marked[at] = true;
            next += 1;
        }
        if next == wanted.len() {
            break;
        }
        below = end;
        skipped += if marked[at] { 0 } else { count as usize };
    }
    if shift == 0 {
        found.iter_mut().zip(places).for_each(|(found, (at, _))| *found = low + at as u32);
        return found;
    }
    sorted.resize(values.len(), 0);
    let mut kept = 0;
    for &value in values {
        sorted[kept] = value.into();
        kept += usize::from(marked[bucket(value)]);
    }
    sorted.truncate(kept);
    sorted.sort_unstable();
    found.iter_mut().zip(wanted).zip(places).for_each(|((found, &rank), (_, skipped))| *found = sorted[rank - skipped]);
    found
}

/// Numbers of any kind: converted, then selected.
fn single<T: Stored>(values: &[T], conversion: &Conversion, work: &mut Work) -> BandStats {
    let used = &mut work.physical;
    used.clear();
    used.extend(values.iter().map(|value| value.number()));
    conversion.apply(used);
    used.retain(|value| value.is_finite());
    let nothing = counted(values.len(), used.len());
    let Some(&first) = used.first() else { return nothing };
    let origin = f64::from(first);
    let (sum, squares) = moments(used, origin, f64::from);
    let (mean, std) = mean_and_deviation(sum, squares, origin, used.len());
    let (min, max) = used.iter().fold((first, first), |(low, high), &value| (low.min(value), high.max(value)));
    let mut quartiles = [f64::NAN; 3];
    // From the largest to the smallest: what lies above is done with.
    let mut end = used.len();
    let mut above = f64::from(max);
    for (at, (rank, towards)) in ranks(used.len()).into_iter().enumerate().rev() {
        let (_, value, higher) = used[..end].select_nth_unstable_by(rank, f32::total_cmp);
        let value = f64::from(*value);
        above = higher.iter().min_by(|a, b| a.total_cmp(b)).map_or(above, |&next| f64::from(next));
        quartiles[at] = value + (above - value) * towards;
        // The value itself stays: it is the next one above a quartile just below. Few values share a rank: then all must stay.
        let shared = at > 0 && ranks(used.len())[at - 1].0 == rank;
        end = if shared { used.len() } else { rank + 1 };
    }
    let [p25, p50, p75] = quartiles;
    BandStats { mean, std, min: f64::from(min), p25, p50, p75, max: f64::from(max), ..nothing }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::catalog::Quantity;
    use crate::model::{Band, BandAsset, Crs, Grid};

    fn conversion(quantity: Quantity, nodata: Option<f64>, scale: f64, offset: f64) -> Conversion {
        let grid = Grid { crs: Crs::Epsg(32631), left: 0.0, top: 0.0, pixel_x: 1.0, pixel_y: 1.0, width: 1, height: 1 };
        Conversion::of(&BandAsset {
            band: Band::new("B04"),
            path: "x".into(),
            band_number: 1,
            grid,
            nodata,
            quantity,
            scale,
            offset,
        })
    }

    fn close(a: &BandStats, b: &BandStats) -> Result<(), TestCaseError> {
        let parts = |s: &BandStats| [s.pixels, s.masked, s.nodata, s.count, s.mean, s.std, s.min, s.p25, s.p50, s.p75, s.max];
        for (ours, theirs) in parts(a).into_iter().zip(parts(b)) {
            // The spread of nearly equal values is what their sums leave over.
            let fine = (ours.is_nan() && theirs.is_nan()) || (ours - theirs).abs() <= 1e-9 * theirs.abs().max(a.max.abs());
            prop_assert!(fine, "{:?}\n{:?}", a, b);
        }
        Ok(())
    }

    fn check<T: Stored>(stored: &[T], excluded: &[bool], conversion: &Conversion) -> Result<(), TestCaseError> {
        let mut physical: Vec<f32> = stored.iter().map(|value| value.number()).collect();
        conversion.apply(&mut physical);
        let expected = stats(&physical, &vec![1.0; stored.len()], excluded);
        let parcel = Parcel { excluded, weights: None, outside: 0.0 };
        close(&stored_stats(&mut stored.to_vec(), &parcel, conversion, &mut Work::default()), &expected)
    }

    #[test]
    fn pixels_beyond_the_image_have_no_value() {
        let plain = conversion(Quantity::Reflectance, None, 1e-4, 0.0);
        let parcel = Parcel { excluded: &[], weights: None, outside: 3.0 };
        let found = stored_stats(&mut vec![0u16, 500, 700], &parcel, &plain, &mut Work::default());
        assert_eq!((found.pixels, found.nodata, found.count), (6.0, 4.0, 2.0));
        let weighted = Parcel { excluded: &[], weights: Some(&[0.5, 0.5, 1.0]), outside: 0.25 };
        let found = stored_stats(&mut vec![0u16, 500, 700], &weighted, &plain, &mut Work::default());
        assert_eq!((found.pixels, found.nodata, found.count), (2.25, 0.75, 1.5));
        let nothing = stored_stats(&mut Vec::<u16>::new(), &parcel, &plain, &mut Work::default());
        assert!(nothing.pixels == 3.0 && nothing.mean.is_nan());
    }

    proptest! {
        #[test]
        fn whole_numbers_give_what_their_physical_values_give(
            stored in prop::collection::vec(prop_oneof![Just(0u16), Just(65_535), 900u16..1300, any::<u16>()], 0..400),
            nodata in prop_oneof![Just(None), Just(Some(0.0)), Just(Some(65_535.0)), Just(Some(-9999.0)), Just(Some(1000.0))],
            masked in any::<bool>(),
        ) {
            let excluded: Vec<bool> = if masked { stored.iter().map(|value| value % 3 == 0).collect() } else { Vec::new() };
            for conversion in [
                conversion(Quantity::Reflectance, nodata, 1e-4, -0.1),
                conversion(Quantity::Reflectance, nodata, 1.0, 0.0),
                conversion(Quantity::LinearPower, nodata, 1e-5, 0.0),
                conversion(Quantity::Coherence, nodata, -1e-4, 1.0),
                conversion(Quantity::Decibel, nodata, 1e-3, -30.0),
            ] {
                check(&stored, &excluded, &conversion)?;
                let bytes: Vec<u8> = stored.iter().map(|value| (value >> 3) as u8).collect();
                check(&bytes, &excluded, &conversion)?;
            }
        }

        #[test]
        fn single_precision_is_selected_as_it_is_sorted(
            stored in prop::collection::vec(prop_oneof![Just(f32::NAN), Just(0.25f32), -1f32..1.0, Just(f32::INFINITY)], 0..200),
        ) {
            check(&stored, &[], &conversion(Quantity::LinearPower, Some(0.0), 1.0, 0.0))?;
            check(&stored, &[], &conversion(Quantity::Decibel, None, 1.0, 0.0))?;
        }
    }
}
