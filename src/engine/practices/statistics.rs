//! The few statistics that practices need: a line through points, quantiles of the normal law, significance of a slope.

/// A straight line through points, by least squares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Line {
    /// Change of the value for one step of x.
    pub slope: f64,
    /// Value at x = 0.
    pub intercept: f64,
    /// Sum of the squared residuals.
    pub residual_squares: f64,
    /// Number of points.
    pub points: usize,
    /// Sum of the squared distances of x from its mean.
    pub x_squares: f64,
}

impl Line {
    /// Value of the line.
    pub fn at(&self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }

    /// Standard deviation of the residuals over all points (divided by their number).
    pub fn residual_deviation(&self) -> f64 {
        (self.residual_squares / self.points as f64).sqrt()
    }

    /// Probability of a slope this far from 0 if there were none, two-sided, after Student's t with n − 2 degrees of freedom.
    ///
    /// * **NaN:** fewer than three points.
    pub fn slope_p_value(&self) -> f64 {
        if self.points < 3 {
            return f64::NAN;
        }
        let freedom = self.points - 2;
        let error = (self.residual_squares / freedom as f64 / self.x_squares).sqrt();
        if error == 0.0 {
            return if self.slope == 0.0 { 1.0 } else { 0.0 };
        }
        1.0 - student_within(self.slope / error, freedom)
    }
}

/// The line of least squares, or nothing when all x are equal.
///
/// * **NaN:** points are valid numbers; the caller leaves missing ones out.
pub fn fit_line(points: &[(f64, f64)]) -> Option<Line> {
    let n = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / n;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / n;
    let x_squares: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    // False for NaN too, which no points give.
    if x_squares > 0.0 {
        let slope = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum::<f64>() / x_squares;
        let intercept = mean_y - slope * mean_x;
        let residual_squares = points.iter().map(|(x, y)| (y - mean_y - slope * (x - mean_x)).powi(2)).sum();
        Some(Line { slope, intercept, residual_squares, points: points.len(), x_squares })
    } else {
        None
    }
}

/// Mean and standard deviation (divided by n − 1, 0 for one value), or nothing without values.
pub fn mean_and_deviation(values: &[f64]) -> Option<(f64, f64)> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((mean, if values.len() > 1 { (squares / (n - 1.0)).sqrt() } else { 0.0 }))
}

/// Median; `NaN` without values. Values are valid numbers.
pub fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

/// Probability that Student's t with `freedom` degrees of freedom lies within ± `t`.
///
/// * **Source:** Abramowitz and Stegun 1964, formulas 26.7.3 and 26.7.4, exact for whole degrees of freedom.
fn student_within(t: f64, freedom: usize) -> f64 {
    let angle = (t.abs() / (freedom as f64).sqrt()).atan();
    let (sine, cosine) = angle.sin_cos();
    let odd = freedom % 2 == 1;
    let mut term = if odd { cosine } else { 1.0 };
    let mut sum = 0.0;
    let mut step = usize::from(odd);
    while step + 2 <= freedom {
        sum += term;
        // Odd: 2/3, 4/5, …; even: 1/2, 3/4, …
        term *= cosine * cosine * (step + 1) as f64 / (step + 2) as f64;
        step += 2;
    }
    if odd { 2.0 / std::f64::consts::PI * (angle + sine * sum) } else { sine * sum }
}

/// Value that a standard normal variable exceeds with this probability, 0 < `probability` < 1.
///
/// * **NaN:** outside 0..1, ends included.
/// * **Source:** Wichura 1988, algorithm AS 241 (PPND16), about 16 digits.
pub fn normal_exceeded_with(probability: f64) -> f64 {
    if !(probability > 0.0 && probability < 1.0) {
        return f64::NAN;
    }
    let q = 0.5 - probability;
    if q.abs() <= 0.425 {
        let r = 0.180625 - q * q;
        return q * horner(&CENTRE.0, r) / horner(&CENTRE.1, r);
    }
    let tail = if q < 0.0 { 1.0 - probability } else { probability };
    let r = (-tail.ln()).sqrt();
    let value = if r <= 5.0 {
        horner(&MIDDLE.0, r - 1.6) / horner(&MIDDLE.1, r - 1.6)
    } else {
        horner(&FAR.0, r - 5.0) / horner(&FAR.1, r - 5.0)
    };
    if q < 0.0 { -value } else { value }
}

fn horner(coefficients: &[f64; 8], x: f64) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * x + coefficient)
}

/// Numerator and denominator, lowest power first.
type Ratio = ([f64; 8], [f64; 8]);

#[rustfmt::skip]
const CENTRE: Ratio = (
    [3.387_132_872_796_366_5, 1.331_416_678_917_843_8e2, 1.971_590_950_306_551_3e3, 1.373_169_376_550_946e4,
     4.592_195_393_154_987e4, 6.726_577_092_700_87e4, 3.343_057_558_358_813e4, 2.509_080_928_730_122_7e3],
    [1.0, 4.231_333_070_160_091e1, 6.871_870_074_920_579e2, 5.394_196_021_424_751e3,
     2.121_379_430_158_659_7e4, 3.930_789_580_009_271e4, 2.872_908_573_572_194_3e4, 5.226_495_278_852_854e3],
);

#[rustfmt::skip]
const MIDDLE: Ratio = (
    [1.423_437_110_749_683_5, 4.630_337_846_156_546, 5.769_497_221_460_691, 3.647_848_324_763_204_5,
     1.270_458_252_452_368_4, 2.417_807_251_774_506e-1, 2.272_384_498_926_918_4e-2, 7.745_450_142_783_414e-4],
    [1.0, 2.053_191_626_637_759, 1.676_384_830_183_803_8, 6.897_673_349_851e-1,
     1.481_039_764_274_800_8e-1, 1.519_866_656_361_645_7e-2, 5.475_938_084_995_345e-4, 1.050_750_071_644_416_9e-9],
);

#[rustfmt::skip]
const FAR: Ratio = (
    [6.657_904_643_501_103, 5.463_784_911_164_114, 1.784_826_539_917_291_3, 2.965_605_718_285_049e-1,
     2.653_218_952_657_612_4e-2, 1.242_660_947_388_078_4e-3, 2.711_555_568_743_487_6e-5, 2.010_334_399_292_288_1e-7],
    [1.0, 5.998_322_065_558_88e-1, 1.369_298_809_227_358e-1, 1.487_536_129_085_061_5e-2,
     7.868_691_311_456_133e-4, 1.846_318_317_510_054_8e-5, 1.421_511_758_316_446e-7, 2.044_263_103_389_939_8e-15],
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_through_points_on_a_line_is_that_line() {
        let line = fit_line(&[(1.0, 3.0), (2.0, 5.0), (4.0, 9.0)]).expect("three days");
        assert!((line.slope - 2.0).abs() < 1e-12 && (line.at(10.0) - 21.0).abs() < 1e-12);
        assert!(line.residual_deviation() < 1e-12);
        assert_eq!(fit_line(&[(1.0, 3.0), (1.0, 5.0)]), None);
        assert_eq!(fit_line(&[]), None);
    }

    #[test]
    fn the_significance_of_a_slope_is_that_of_the_tables() {
        // Two-sided 5 % points of Student's t.
        for (freedom, t) in [(1, 12.706205), (2, 4.302653), (3, 3.182446), (4, 2.776445), (7, 2.364624), (10, 2.228139)] {
            assert!((student_within(t, freedom) - 0.95).abs() < 1e-6, "{freedom}");
        }
        let noise = [(0.0, 1.0), (7.0, 1.2), (14.0, 0.9), (21.0, 1.1), (28.0, 1.0)];
        assert!(fit_line(&noise).expect("days differ").slope_p_value() > 0.5);
        assert!(fit_line(&noise[..2]).expect("days differ").slope_p_value().is_nan());
    }

    #[test]
    fn normal_quantiles_are_those_of_the_tables() {
        for (probability, quantile) in [(0.5, 0.0), (0.025, 1.959963985), (0.975, -1.959963985), (1e-4, 3.719016485)] {
            assert!((normal_exceeded_with(probability) - quantile).abs() < 1e-8, "{probability}");
        }
        assert!((normal_exceeded_with(1e-12) - 7.034483825).abs() < 1e-8);
        assert!(normal_exceeded_with(0.0).is_nan() && normal_exceeded_with(f64::NAN).is_nan());
    }

    #[test]
    fn medians_and_deviations_of_few_values() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0]), 2.5);
        assert!(median(&mut []).is_nan());
        assert_eq!(mean_and_deviation(&[1.0, 3.0]), Some((2.0, 2.0_f64.sqrt())));
        assert_eq!(mean_and_deviation(&[4.0]), Some((4.0, 0.0)));
        assert_eq!(mean_and_deviation(&[]), None);
    }
}
