//! Zero-phase Butterworth low-pass filter in second-order sections, over several series at once.
//!
//! One section after the other keeps full accuracy at any cut-off, where the polynomial form of a high order loses it and becomes
//! unstable. A step of the recursion waits for the one before; several series side by side fill the wait.

use std::f64::consts::PI;

/// Order of the JRC framework's smoother; forward and backward it acts as twice that.
pub const ORDER: usize = 13;

/// Series filtered side by side.
pub const LANES: usize = 4;

/// Sections of the highest order.
const MOST_SECTIONS: usize = 10;

/// One value of each lane.
type Lanes = [f64; LANES];

/// A filter ready for use.
#[derive(Debug, Clone, PartialEq)]
pub struct LowPass {
    sections: Vec<Section>,
    padding: usize,
}

/// `(b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2)`, and the state that a constant 1 at its input leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Section {
    b: [f64; 3],
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
        let order = order.clamp(1, 2 * MOST_SECTIONS);
        if !(cut_off > 0.0 && cut_off < 0.5) {
            return Err(CutOffError(cut_off));
        }
        // Of the analogue filter with the cut-off bent so that the transform puts it where it is wanted.
        let edge = 4.0 * (PI * cut_off).tan();
        let mut sections = Vec::with_capacity(order.div_ceil(2));
        if !order.is_multiple_of(2) {
            let pole = (4.0 - edge) / (4.0 + edge);
            let gain = (1.0 - pole) / 2.0;
            sections.push(Section::new([gain, gain, 0.0], [-pole, 0.0]));
        }
        // Pairs of poles from the real axis outwards: the sharpest come last.
        for pair in (0..order / 2).rev() {
            let angle = PI * (2.0 * pair as f64 + 1.0) / (2.0 * order as f64);
            let (re, im) = (-edge * angle.sin(), edge * angle.cos());
            // z = (4 + s) / (4 - s)
            let under = (4.0 - re).powi(2) + im * im;
            let (z_re, z_im) = ((16.0 - re * re - im * im) / under, 8.0 * im / under);
            let a = [-2.0 * z_re, z_re * z_re + z_im * z_im];
            let gain = (1.0 + a[0] + a[1]) / 4.0;
            sections.push(Section::new([gain, 2.0 * gain, gain], a));
        }
        Ok(Self { sections, padding: 3 * (order + 1) })
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
            scratch.clear();
            scratch.resize(length + 2 * self.padding, [0.0; LANES]);
            for (lane, values) in group.iter().enumerate() {
                let (first, last) = (values[0], values[length - 1]);
                let before = (1..=self.padding).rev().map(|at| 2.0 * first - values[at]);
                let after = (1..=self.padding).map(|at| 2.0 * last - values[length - 1 - at]);
                let all = before.chain(values.iter().copied()).chain(after);
                scratch.iter_mut().zip(all).for_each(|(sample, value)| sample[lane] = value);
            }
            self.pass(scratch.iter_mut());
            self.pass(scratch.iter_mut().rev());
            for (lane, values) in group.iter_mut().enumerate() {
                let smooth = &scratch[self.padding..self.padding + length];
                values.iter_mut().zip(smooth).for_each(|(value, sample)| *value = sample[lane]);
            }
        }
        true
    }

    /// One way, settled on the first sample.
    fn pass<'s>(&self, samples: impl Iterator<Item = &'s mut Lanes>) {
        let mut samples = samples.peekable();
        let first = samples.peek().map_or([0.0; LANES], |sample| **sample);
        let mut states = [[[0.0; LANES]; 2]; MOST_SECTIONS];
        for (state, section) in states.iter_mut().zip(&self.sections) {
            *state = section.settled.map(|settled| first.map(|value| value * settled));
        }
        for sample in samples {
            for (section, [s0, s1]) in self.sections.iter().zip(&mut states) {
                let ([b0, b1, b2], [a1, a2]) = (section.b, section.a);
                for lane in 0..LANES {
                    let x = sample[lane];
                    let y = b0 * x + s0[lane];
                    s0[lane] = b1 * x - a1 * y + s1[lane];
                    s1[lane] = b2 * x - a2 * y;
                    sample[lane] = y;
                }
            }
        }
    }
}

impl Section {
    /// A section that leaves a constant as it is.
    fn new(b: [f64; 3], a: [f64; 2]) -> Self {
        let second = b[2] - a[1];
        Self { b, a, settled: [b[1] - a[0] + second, second] }
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
