//! Chance: intervals of what was counted, and a split of parcels into two halves. The same seed gives the same on every machine.

use super::{Counts, Draws};

/// Ends of an interval; `NaN` where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// No interval.
    pub const NONE: Self = Self { low: f64::NAN, high: f64::NAN };
}

/// Halves of the parcels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Half {
    /// Parameters are chosen on these.
    Tune,
    /// What is reached is reported on these.
    Report,
}

/// The half of a parcel. It depends on its id and the seed alone, so parcels that are added or left out move no other one.
///
/// * **Source:** FNV-1a over the id, keyed by the seed, mixed by splitmix64 (Steele, Lea, Flood 2014).
pub fn half(id: &str, seed: u64) -> Half {
    let start = 0xcbf2_9ce4_8422_2325_u64 ^ mix(seed);
    let hash = id.bytes().fold(start, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    if mix(hash) >> 63 == 0 { Half::Tune } else { Half::Report }
}

/// Intervals at 95 % of measures of summed counts: as many parcels as there are are drawn with replacement, `draws.number` times.
///
/// The result does not depend on threads: there are none. A draw of which a measure is `NaN` takes no part in its interval; fewer than
/// two parcels give no interval.
///
/// * **Cost:** `draws.number` times the number of parcels.
pub fn bootstrap<const N: usize>(parcels: &[Counts], measures: [fn(Counts) -> f64; N], draws: Draws) -> [Interval; N] {
    let mut drawn: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(draws.number));
    if parcels.len() < 2 {
        return [Interval::NONE; N];
    }
    for draw in 0..draws.number as u64 {
        let key = mix(draws.seed ^ mix(draw));
        let pick = |at: usize| {
            // The upper half of the product: an even choice, up to one part in 2^64 divided by the number of parcels.
            let place = (u128::from(mix(key.wrapping_add(at as u64))) * parcels.len() as u128) >> 64;
            parcels[place as usize]
        };
        let sum = (0..parcels.len()).map(pick).fold(Counts::default(), Counts::and);
        for (all, measure) in drawn.iter_mut().zip(measures) {
            let value = measure(sum);
            if !value.is_nan() {
                all.push(value);
            }
        }
    }
    drawn.map(|mut all| {
        all.sort_by(f64::total_cmp);
        Interval { low: percentile(&all, 0.025), high: percentile(&all, 0.975) }
    })
}

/// Percentile of ascending values, on the line between ranks; `NaN` of none.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let rank = share * last as f64;
    let below = rank.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (sorted[above] - sorted[below]) * (rank - below as f64)
}

/// Interval at 95 % of a plain share, `NaN` of none.
///
/// * **Source:** score interval of Wilson (1927).
pub fn wilson(part: usize, whole: usize) -> Interval {
    const Z: f64 = 1.959_963_984_540_054;
    if whole == 0 {
        return Interval::NONE;
    }
    let (count, share) = (whole as f64, part as f64 / whole as f64);
    let scale = 1.0 + Z * Z / count;
    let middle = (share + Z * Z / (2.0 * count)) / scale;
    let reach = Z / scale * (share * (1.0 - share) / count + Z * Z / (4.0 * count * count)).sqrt();
    Interval { low: (middle - reach).max(0.0), high: (middle + reach).min(1.0) }
}

/// Numbers from numbers: splitmix64.
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_about_equal_and_another_seed_splits_differently() {
        let ids: Vec<String> = (0..2000).map(|number| format!("parcel_{number}")).collect();
        let tune = |seed: u64| ids.iter().filter(|id| half(id, seed) == Half::Tune).count();
        assert!((900..1100).contains(&tune(1)) && (900..1100).contains(&tune(2)), "{} {}", tune(1), tune(2));
        let same = ids.iter().filter(|id| half(id, 1) == half(id, 2)).count();
        assert!((900..1100).contains(&same), "{same}");
        // Computed apart in Python: a split made today is the split made tomorrow.
        let word: String = ids[..16].iter().map(|id| if half(id, 1) == Half::Tune { 't' } else { 'r' }).collect();
        assert_eq!(word, "trrtttrtrrtrrrtt");
    }

    #[test]
    fn wilson_gives_the_published_example() {
        // Newcombe (1998), table I: 81 of 263 and 15 of 148, method 3.
        let close = |own: Interval, low: f64, high: f64| (own.low - low).abs() < 5e-5 && (own.high - high).abs() < 5e-5;
        assert!(close(wilson(81, 263), 0.2553, 0.3662), "{:?}", wilson(81, 263));
        assert!(close(wilson(15, 148), 0.0624, 0.1605), "{:?}", wilson(15, 148));
        assert!(close(wilson(0, 20), 0.0, 0.1611) && close(wilson(29, 29), 0.8830, 1.0));
        assert!(wilson(0, 0).low.is_nan());
    }

    #[test]
    fn an_interval_of_many_alike_parcels_is_that_of_a_share() {
        let parcel = |hit: bool| Counts { cases: 1, truths: 1, detections: 1, hits: usize::from(hit), ignored: 0 };
        let parcels: Vec<Counts> = (0..400).map(|at| parcel(at % 4 != 0)).collect();
        let draws = Draws { number: 4000, seed: 7 };
        let [own] = bootstrap(&parcels, [Counts::recall], draws);
        // Normal approximation of 300 of 400.
        let reach = 1.96 * (0.75_f64 * 0.25 / 400.0).sqrt();
        assert!((own.low - (0.75 - reach)).abs() < 0.006 && (own.high - (0.75 + reach)).abs() < 0.006, "{own:?}");
        assert_eq!(bootstrap(&parcels, [Counts::recall], draws), [own]);
        assert_ne!(bootstrap(&parcels, [Counts::recall], Draws { seed: 8, ..draws }), [own]);
        assert!(bootstrap(&parcels[..1], [Counts::recall], draws)[0].low.is_nan());
    }

    #[test]
    fn years_of_a_parcel_are_drawn_together() {
        // Ten parcels whose ten years are all hits or all misses: as uncertain as ten observations, not as a hundred.
        let parcel = |hits: usize| Counts { cases: 10, truths: 10, detections: 10, hits, ignored: 0 };
        let parcels: Vec<Counts> = (0..10).map(|at| parcel(if at < 5 { 10 } else { 0 })).collect();
        let [own] = bootstrap(&parcels, [Counts::recall], Draws::default());
        let alone = wilson(50, 100);
        assert!(own.high - own.low > 2.0 * (alone.high - alone.low), "{own:?} {alone:?}");
    }

    #[test]
    fn percentiles_lie_on_the_line_between_ranks() {
        assert_eq!(percentile(&[0.0, 10.0], 0.25), 2.5);
        assert_eq!(percentile(&[4.0], 0.9), 4.0);
    }
}
