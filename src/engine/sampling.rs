//! Orders and samples of parcels that anybody can draw again: from a printed seed, by groups, or along a curve through space.

/// `SplitMix64`: small, fast, the same on every machine.
///
/// * **Source:** Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014.
#[derive(Debug, Clone)]
pub struct Draw(u64);

impl Draw {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, all equally likely; `n` must not be 0.
    pub fn below(&mut self, n: u64) -> u64 {
        debug_assert!(n > 0, "nothing is below 0");
        // Values in the last incomplete round would favour small numbers.
        let limit = u64::MAX - u64::MAX % n;
        loop {
            let bits = self.bits();
            if bits < limit {
                return bits % n;
            }
        }
    }
}

/// The numbers `0..count` in random order.
///
/// * **Source:** Fisher and Yates, as given by Durstenfeld, Algorithm 235, 1964.
pub fn shuffled(count: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    let mut draw = Draw::new(seed);
    for at in (1..count).rev() {
        order.swap(at, draw.below(at as u64 + 1) as usize);
    }
    order
}

/// At most `most` of each group, drawn at random; places in `groups`, ascending.
pub fn by_group(groups: &[String], most: usize, seed: u64) -> Vec<usize> {
    let mut taken: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    let mut chosen: Vec<usize> = shuffled(groups.len(), seed)
        .into_iter()
        .filter(|&at| {
            let count = taken.entry(groups[at].as_str()).or_default();
            *count += 1;
            *count <= most
        })
        .collect();
    chosen.sort_unstable();
    chosen
}

/// Places in an order in which neighbours in space follow each other: along a Hilbert curve over their box. Points without
/// coordinates come last, in their order.
///
/// * **Source:** Hilbert 1891; the turns as in Skilling, Programming the Hilbert curve, 2004, for two dimensions.
pub fn spatial(points: &[[f64; 2]]) -> Vec<usize> {
    let known = || points.iter().filter(|point| point.iter().all(|value| value.is_finite()));
    let bound = |axis: usize| {
        known().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), point| (low.min(point[axis]), high.max(point[axis])))
    };
    let (x, y) = (bound(0), bound(1));
    let edge = (x.1 - x.0).max(y.1 - y.0).max(f64::MIN_POSITIVE);
    let cell = |value: f64, low: f64| ((value - low) / edge * 65_535.0) as u32;
    let place = |point: &[f64; 2]| {
        if point.iter().all(|value| value.is_finite()) { hilbert(cell(point[0], x.0), cell(point[1], y.0)) } else { u64::MAX }
    };
    let mut order: Vec<(u64, usize)> = points.iter().enumerate().map(|(at, point)| (place(point), at)).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, at)| at).collect()
}

/// Place of a cell of a grid of 65 536 by 65 536 along the curve.
fn hilbert(mut x: u32, mut y: u32) -> u64 {
    const SIDE: u32 = 1 << 16;
    let mut place = 0u64;
    let mut step = SIDE / 2;
    while step > 0 {
        let right = u32::from(x & step > 0);
        let upper = u32::from(y & step > 0);
        place += u64::from(step) * u64::from(step) * u64::from((3 * right) ^ upper);
        if upper == 0 {
            if right == 1 {
                (x, y) = (SIDE - 1 - x, SIDE - 1 - y);
            }
            std::mem::swap(&mut x, &mut y);
        }
        step /= 2;
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_the_published_numbers() {
        // Reference values of SplitMix64 with seed 1234567, as listed with the xoshiro generators.
        let mut draw = Draw::new(1_234_567);
        let first: Vec<u64> = (0..5).map(|_| draw.bits()).collect();
        assert_eq!(
            first,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423,
                4_593_380_528_125_082_431,
                16_408_922_859_458_223_821
            ]
        );
    }

    #[test]
    fn a_shuffle_holds_everything_once_and_depends_on_its_seed_alone() {
        let order = shuffled(412, 7);
        let mut sorted = order.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..412).collect::<Vec<_>>());
        assert_eq!(order, shuffled(412, 7));
        assert_ne!(order, shuffled(412, 8));
        assert!(shuffled(0, 1).is_empty());
    }

    #[test]
    fn every_place_is_equally_likely() {
        let mut counts = [0u32; 5];
        for seed in 0..5000 {
            counts[shuffled(5, seed)[0]] += 1;
        }
        // Five classes of 1000 expected: chi square above 18.47 has a chance of 0.1 % with 4 degrees of freedom.
        let chi: f64 = counts.iter().map(|&count| (f64::from(count) - 1000.0).powi(2) / 1000.0).sum();
        assert!(chi < 18.47, "{counts:?}");
    }

    #[test]
    fn a_sample_takes_at_most_so_many_of_each_group() {
        let groups: Vec<String> = (0..100).map(|at| format!("crop {}", at % 3)).collect();
        let chosen = by_group(&groups, 5, 3);
        assert_eq!(chosen.len(), 15);
        assert!(chosen.is_sorted());
        for crop in 0..3 {
            assert_eq!(chosen.iter().filter(|&&at| at % 3 == crop).count(), 5);
        }
        assert_eq!(by_group(&groups, 1000, 3).len(), 100);
    }

    #[test]
    fn neighbours_follow_each_other_in_space() {
        // On a full grid each step along the curve goes to an adjacent cell.
        let points: Vec<[f64; 2]> = (0..256).map(|at| [f64::from(at % 16), f64::from(at / 16)]).collect();
        let order = spatial(&points);
        let step = |a: usize, b: usize| (points[a][0] - points[b][0]).abs() + (points[a][1] - points[b][1]).abs();
        let longest = order.windows(2).map(|pair| step(pair[0], pair[1])).fold(0.0, f64::max);
        assert!((longest - 1.0).abs() < 1e-9, "{longest}");
        assert_eq!(spatial(&[[f64::NAN, 0.0], [1.0, 1.0]]), [1, 0]);
    }
}
