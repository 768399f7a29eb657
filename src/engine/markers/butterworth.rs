//! Zero-phase Butterworth low-pass filter in second-order sections, over several series at once.
//!
//! One section after the other keeps full accuracy at any cut-off, where the polynomial form of a high order loses it and becomes
//! unstable. A step of the recursion waits for the one before; several series side by side fill the wait. A series alone is filtered
//! by all sections side by side, each one sample behind the section before. Both ways do the same sums in the same order, so a value
//! does not depend on which one was taken.

use std::f64::consts::PI;

/// Order of the JRC framework's smoother; forward and backward it acts as twice that.
pub const ORDER: usize = 13;

/// Series filtered side by side.
pub const LANES: usize = 4;

/// Pairs of poles of the highest order.
const MOST_PAIRS: usize = 10;

/// One value of each lane.
type Lanes = [f64; LANES];

/// A filter ready for use.
#[derive(Debug, Clone, PartialEq)]
pub struct LowPass {
    first: Option<First>,
    pairs: Vec<Pair>,
    padding: usize,
}

/// `gain (1 + z^-1) / (1 + a z^-1)` of an odd order, and the state that a constant 1 at its input leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct First {
    gain: f64,
    a: f64,
    settled: f64,
}

/// `gain (1 + 2 z^-1 + z^-2) / (1 + a1 z^-1 + a2 z^-2)`, and the states that a constant 1 at its input leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pair {
    gain: f64,
    a: [f64; 2],
    settled: [f64; 2],
}

/// The cut-off is not between 0 and half a cycle per sample.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[error("the cut-off {0} is not between 0 and 0.5 cycles per sample")]
pub struct CutOffError(pub f64);

impl LowPass {
    /// A filter of an order with a cut-off (-3 dB) in cycles per sample, between 0 and 0.5, by the bilinear transform.
    ///
    /// An order above 20 counts as 20, an order of 0 as 1.
    pub fn new(order: usize, cut_off: f64) -> Result<Self, CutOffError> {
        let order = order.clamp(1, 2 * MOST_PAIRS);
        if !(cut_off > 0.0 && cut_off < 0.5) {
            return Err(CutOffError(cut_off));
        }
        // Of the analogue filter with the cut-off bent so that the transform puts it where it is wanted.
        let edge = 4.0 * (PI * cut_off).tan();
        let first = (!order.is_multiple_of(2)).then(|| First::new((4.0 - edge) / (4.0 + edge)));
        // Pairs of poles from the real axis outwards: the sharpest come last.
        let pair = |pair: usize| {
            let angle = PI * (2.0 * pair as f64 + 1.0) / (2.0 * order as f64);
            let (re, im) = (-edge * angle.sin(), edge * angle.cos());
            // z = (4 + s) / (4 - s)
            let under = (4.0 - re).powi(2) + im * im;
            let (z_re, z_im) = ((16.0 - re * re - im * im) / under, 8.0 * im / under);
            Pair::new([-2.0 * z_re, z_re * z_re + z_im * z_im])
        };
        Ok(Self { first, pairs: (0..order / 2).rev().map(pair).collect(), padding: 3 * (order + 1) })
    }

    /// Samples that are put before and after a series, turned about its ends. A series must be longer than this.
    pub fn padding(&self) -> usize {
        self.padding
    }

    /// Filters series of one length in place, forward and backward.
    ///
    /// The series is put on at both ends, turned about its end points, and the filter starts settled on the first value, so that
    /// nothing rings in; as `sosfiltfilt` of `SciPy` with the same padding. Series that are not longer than [`LowPass::padding`] cannot be
    /// filtered: false, and nothing is changed.
    ///
    /// * **NaN:** one makes its whole series `NaN`.
    /// * **Cost:** linear in the length; four series side by side cost as much as one. `scratch` is used again.
    pub fn apply(&self, series: &mut [&mut Vec<f64>], scratch: &mut Vec<[f64; LANES]>) -> bool {
        let length = series.first().map_or(0, |values| values.len());
        debug_assert!(series.iter().all(|values| values.len() == length), "series of one length");
        if length <= self.padding || series.iter().any(|values| values.len() != length) {
            return false;
        }
        for group in series.chunks_mut(LANES) {
            // One or two are faster one by one.
            let alone = match self.pairs.len() {
                6 if group.len() <= 2 => Self::alone::<6>,
                5 if group.len() <= 2 => Self::alone::<5>,
                4 if group.len() <= 2 => Self::alone::<4>,
                3 if group.len() == 1 => Self::alone::<3>,
                2 if group.len() == 1 => Self::alone::<2>,
                _ => {
                    self.side_by_side(group, scratch);
                    continue;
                }
            };
            for values in group {
                alone(self, values, scratch);
            }
        }
        true
    }

    /// A group of up to [`LANES`] series.
    fn side_by_side(&self, group: &mut [&mut Vec<f64>], scratch: &mut Vec<Lanes>) {
        let length = group[0].len();
        scratch.clear();
        scratch.resize(length + 2 * self.padding, [0.0; LANES]);
        for (lane, values) in group.iter().enumerate() {
            self.pad(values, |at, value| scratch[at][lane] = value);
        }
        // The widest registers of the machine hold a value of all lanes; the sums stay the same.
        pulp::Arch::new().dispatch(|| match <&[Pair; ORDER / 2]>::try_from(self.pairs.as_slice()) {
            // A loop of a length known beforehand keeps its states in registers.
            Ok(usual) => self.both_ways(usual, scratch),
            Err(_) => self.both_ways(&self.pairs, scratch),
        });
        for (lane, values) in group.iter_mut().enumerate() {
            let smooth = &scratch[self.padding..self.padding + length];
            values.iter_mut().zip(smooth).for_each(|(value, sample)| *value = sample[lane]);
        }
    }

    /// One series, by `N` pairs.
    fn alone<const N: usize>(&self, values: &mut [f64], scratch: &mut Vec<Lanes>) {
        let whole = values.len() + 2 * self.padding;
        scratch.clear();
        scratch.resize(whole.div_ceil(LANES), [0.0; LANES]);
        let samples = &mut scratch.as_flattened_mut()[..whole];
        self.pad(values, |at, value| samples[at] = value);
        let wave = Wave::<N>::new(self);
        wave.pass(samples);
        samples.reverse();
        wave.pass(samples);
        samples.reverse();
        values.copy_from_slice(&samples[self.padding..whole - self.padding]);
    }

    /// Puts a series with what comes before and after it: turned about its end points.
    fn pad(&self, values: &[f64], mut put: impl FnMut(usize, f64)) {
        let (padding, length) = (self.padding, values.len());
        let (first, last) = (values[0], values[length - 1]);
        for at in 1..=padding {
            put(padding - at, 2.0 * first - values[at]);
            put(padding + length - 1 + at, 2.0 * last - values[length - 1 - at]);
        }
        values.iter().enumerate().for_each(|(at, &value)| put(padding + at, value));
    }

    /// Forward and backward.
    #[expect(clippy::inline_always, reason = "compiled for the registers and the number of pairs of its caller")]
    #[inline(always)]
    fn both_ways(&self, pairs: &[Pair], samples: &mut [Lanes]) {
        self.pass(pairs, samples.iter_mut());
        self.pass(pairs, samples.iter_mut().rev());
    }

    /// One way, settled on the first sample.
    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn pass<'s>(&self, pairs: &[Pair], samples: impl Iterator<Item = &'s mut Lanes>) {
        let mut samples = samples.peekable();
        let start = samples.peek().map_or([0.0; LANES], |sample| **sample);
        let mut states = [[[0.0; LANES]; 2]; MOST_PAIRS];
        for (state, pair) in states.iter_mut().zip(pairs) {
            *state = pair.settled.map(|settled| start.map(|value| value * settled));
        }
        let mut own = self.first.map_or([0.0; LANES], |first| start.map(|value| value * first.settled));
        for sample in samples {
            let mut x = *sample;
            if let Some(first) = &self.first {
                for lane in 0..LANES {
                    x[lane] = first.step(x[lane], &mut own[lane]);
                }
            }
            for (Pair { gain, a: [a1, a2], .. }, [s0, s1]) in pairs.iter().zip(&mut states) {
                for lane in 0..LANES {
                    let own = gain * x[lane];
                    let y = own + s0[lane];
                    s0[lane] = ((own + own) + s1[lane]) - a1 * y;
                    s1[lane] = own - a2 * y;
                    x[lane] = y;
                }
            }
            *sample = x;
        }
    }
}

/// All pairs side by side, each one sample behind the pair before.
struct Wave<const N: usize> {
    first: Option<First>,
    gain: [f64; N],
    a: [[f64; N]; 2],
    settled: [[f64; N]; 2],
}

impl<const N: usize> Wave<N> {
    /// Of a filter of `N` pairs.
    fn new(filter: &LowPass) -> Self {
        let of = |value: &dyn Fn(&Pair) -> f64| std::array::from_fn(|at| filter.pairs.get(at).map_or(0.0, value));
        Self {
            first: filter.first,
            gain: of(&|pair| pair.gain),
            a: [of(&|pair| pair.a[0]), of(&|pair| pair.a[1])],
            settled: [of(&|pair| pair.settled[0]), of(&|pair| pair.settled[1])],
        }
    }

    /// One way, settled on the first sample; there are more samples than pairs.
    fn pass(&self, samples: &mut [f64]) {
        let start = samples[0];
        let [mut s0, mut s1] = self.settled.map(|settled| settled.map(|value| value * start));
        let mut own = self.first.map_or(0.0, |first| start * first.settled);
        let mut first = |x: f64| self.first.map_or(x, |first| first.step(x, &mut own));
        let one = |at: usize, x: f64, s0: &mut [f64; N], s1: &mut [f64; N]| {
            let own = self.gain[at] * x;
            let y = own + s0[at];
            s0[at] = ((own + own) + s1[at]) - self.a[0][at] * y;
            s1[at] = own - self.a[1][at] * y;
            y
        };
        // What each pair gave last.
        let mut y = [0.0; N];
        // The first samples reach one pair after the other.
        for (time, &sample) in samples[..N - 1].iter().enumerate() {
            let x = first(sample);
            for at in (0..=time).rev() {
                y[at] = one(at, if at == 0 { x } else { y[at - 1] }, &mut s0, &mut s1);
            }
        }
        for time in N - 1..samples.len() {
            let newest = first(samples[time]);
            let before = y;
            let x: [f64; N] = std::array::from_fn(|at| if at == 0 { newest } else { before[at - 1] });
            for at in 0..N {
                y[at] = one(at, x[at], &mut s0, &mut s1);
            }
            samples[time + 1 - N] = y[N - 1];
        }
        for missing in 1..N {
            for at in (missing..N).rev() {
                y[at] = one(at, y[at - 1], &mut s0, &mut s1);
            }
            let last = samples.len() - N + missing;
            samples[last] = y[N - 1];
        }
    }
}

impl First {
    /// With a pole on the real axis, leaving a constant as it is.
    fn new(pole: f64) -> Self {
        let gain = (1.0 - pole) / 2.0;
        Self { gain, a: -pole, settled: gain + pole }
    }

    #[inline]
    fn step(&self, x: f64, state: &mut f64) -> f64 {
        let own = self.gain * x;
        let y = own + *state;
        *state = own - self.a * y;
        y
    }
}

impl Pair {
    /// With these weights of the output, leaving a constant as it is.
    fn new(a: [f64; 2]) -> Self {
        let gain = (1.0 + a[0] + a[1]) / 4.0;
        let second = gain - a[1];
        Self { gain, a, settled: [2.0 * gain - a[0] + second, second] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(length: usize, period: f64) -> Vec<f64> {
        (0..length).map(|at| (2.0 * PI * at as f64 / period).sin()).collect()
    }

    fn smooth(cut_off: f64, values: &[f64]) -> Vec<f64> {
        let mut own = values.to_vec();
        assert!(LowPass::new(ORDER, cut_off).expect("a filter").apply(&mut [&mut own], &mut Vec::new()), "long enough");
        own
    }

    #[test]
    fn constants_and_lines_stay_slow_waves_pass_and_fast_ones_do_not() {
        assert!(smooth(0.05, &[0.7; 200]).iter().all(|value| (value - 0.7).abs() < 1e-12));
        // A line is kept but for the ends: the filter starts as if the value had always been there.
        let line: Vec<f64> = (0..400).map(|at| 3.0 + 0.25 * f64::from(at)).collect();
        assert!(smooth(0.05, &line)[150..250].iter().zip(&line[150..]).all(|(a, b)| (a - b).abs() < 1e-3));
        let middle = |values: &[f64]| values[250..350].iter().map(|value| value.abs()).fold(0.0, f64::max);
        assert!((middle(&smooth(0.05, &wave(600, 60.0))) - 1.0).abs() < 0.01);
        assert!(middle(&smooth(0.05, &wave(600, 10.0))) < 1e-3);
        // At the cut-off each way halves the power: forward and backward the amplitude.
        assert!((middle(&smooth(0.05, &wave(600, 20.0))) - 0.5).abs() < 0.02);
    }

    #[test]
    fn a_low_cut_off_stays_stable() {
        assert!(smooth(0.005, &vec![0.7; 400]).iter().all(|value| (value - 0.7).abs() < 1e-6));
    }

    #[test]
    fn series_side_by_side_do_not_know_each_other() {
        let filter = LowPass::new(ORDER, 0.06).expect("a filter");
        let mut together: Vec<Vec<f64>> = [33.0, 21.0, 9.0, 50.0, 77.0].map(|period| wave(120, period)).to_vec();
        let alone: Vec<Vec<f64>> = together.iter().map(|values| smooth(0.06, values)).collect();
        let mut all: Vec<&mut Vec<f64>> = together.iter_mut().collect();
        assert!(filter.apply(&mut all, &mut Vec::new()));
        assert_eq!(together, alone);
    }

    #[test]
    fn a_series_alone_is_equal_to_one_of_several_at_any_order() {
        for order in 1..=2 * MOST_PAIRS {
            let filter = LowPass::new(order, 0.04).expect("a filter");
            let mut several: Vec<Vec<f64>> = [31.0, 17.0, 8.0].map(|period| wave(90, period)).to_vec();
            let mut alone = several.clone();
            let mut all: Vec<&mut Vec<f64>> = several.iter_mut().collect();
            assert!(filter.apply(&mut all, &mut Vec::new()));
            for values in &mut alone {
                assert!(filter.apply(&mut [values], &mut Vec::new()));
            }
            assert_eq!(several, alone, "order {order}");
        }
    }

    #[test]
    fn short_series_stay_as_they_are() {
        let filter = LowPass::new(ORDER, 0.06).expect("a filter");
        for (length, long) in [(0, false), (42, false), (43, true)] {
            let mut own = wave(length, 9.0);
            assert_eq!(filter.apply(&mut [&mut own], &mut Vec::new()), long);
            assert_eq!(own == wave(length, 9.0), !long);
        }
    }

    #[test]
    fn cut_offs_outside_the_band_are_refused() {
        for cut_off in [0.0, 0.5, -0.1, f64::NAN] {
            assert!(LowPass::new(ORDER, cut_off).is_err());
        }
    }
}
