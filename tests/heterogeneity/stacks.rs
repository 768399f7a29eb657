//! Regular steps, weekly means and periods.

use jiff::civil::date;
use parcelight::engine::heterogeneity::stack::{Radar, Reach, days_since_1970, periods, regular_steps, step_means, steps_of};

/// One pixel, days with values to values at steps.
fn steps(observed: &[(f64, f32)], targets: &[f64]) -> Vec<f32> {
    let (days, values): (Vec<f64>, Vec<f32>) = observed.iter().copied().unzip();
    regular_steps(&days, &values, 1, targets, Reach::default())
}

#[track_caller]
fn check(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6 || (found.is_nan() && expected.is_nan()), "{found} is not {expected}");
    }
}

#[test]
fn steps_are_interpolated_between_valid_neighbours_within_reach() {
    let nan = f32::NAN;
    check(&steps(&[(0.0, 0.2), (40.0, 0.6)], &[10.0, 20.0, 30.0]), &[0.3, 0.4, 0.5]);
    check(&steps(&[(0.0, 0.2), (5.0, nan), (10.0, 0.4)], &[5.0]), &[0.3]);
    check(&steps(&[(0.0, 0.2), (10.0, f32::INFINITY), (20.0, 0.4)], &[10.0]), &[0.3]);
    // Day 31 is too far to interpolate with; the nearest within 15 days stands in.
    check(
        &steps(&[(0.0, 0.2), (45.0, 0.6)], &[14.0, 15.0, 16.0, 30.0]),
        &[0.2, 0.6 * 15.0 / 45.0 + 0.2 * 30.0 / 45.0, 0.2 + 0.4 * 16.0 / 45.0, 0.2 + 0.4 * 30.0 / 45.0],
    );
    check(&steps(&[(0.0, 0.2), (50.0, 0.6)], &[15.0, 16.0, 25.0, 34.0, 35.0]), &[0.2, nan, 0.4, nan, 0.6]);
    // At the ends of the series.
    check(&steps(&[(20.0, 0.5)], &[4.0, 5.0, 20.0, 35.0, 36.0]), &[nan, 0.5, 0.5, 0.5, nan]);
    // On the step itself the value is taken as it is.
    check(&steps(&[(0.0, 0.2), (10.0, 0.9), (20.0, 0.4)], &[10.0]), &[0.9]);
}

#[test]
fn a_series_without_values_or_days_gives_missing_steps() {
    check(&steps(&[(0.0, f32::NAN), (9.0, f32::NAN)], &[5.0]), &[f32::NAN]);
    check(&steps(&[], &[5.0, 6.0]), &[f32::NAN, f32::NAN]);
    assert!(regular_steps(&[1.0], &[], 0, &[1.0], Reach::default()).is_empty());
    assert!(step_means(&[1.0], &[], 0, &[1.0], 7.0, Radar::Coherence).is_empty());
}

#[test]
fn pixels_side_by_side_are_those_one_by_one() {
    let days: Vec<f64> = (0..12).map(|at| f64::from(at * at) * 0.9).collect();
    let value = |date: usize, pixel: usize| {
        if (date * 7 + pixel * 3).is_multiple_of(4) { f32::NAN } else { (date * 31 + pixel) as f32 * 0.01 }
    };
    let pixels = 37;
    let values: Vec<f32> = (0..12).flat_map(|date| (0..pixels).map(move |pixel| value(date, pixel))).collect();
    let targets = [3.0, 20.0, 55.5, 90.0, 120.0];
    let all = regular_steps(&days, &values, pixels, &targets, Reach::default());
    for pixel in 0..pixels {
        let own: Vec<(f64, f32)> = days.iter().enumerate().map(|(date, day)| (*day, value(date, pixel))).collect();
        let column: Vec<f32> = all.iter().skip(pixel).step_by(pixels).copied().collect();
        check(&column, &steps(&own, &targets));
    }
}

#[test]
fn weekly_means_average_power_and_not_decibels() {
    let days = [0.0, 6.9, 7.0, 20.0];
    let values = [0.01, 0.5, 0.03, f32::NAN, 0.1, 0.7, f32::NAN, 0.0];
    let starts = [0.0, 7.0, 14.0];
    let power = step_means(&days, &values, 2, &starts, 7.0, Radar::Backscatter);
    // 10 log10(0.02), 10 log10(0.5); 10 log10(0.1), 10 log10(0.7); no pass, no positive power.
    check(&power, &[-16.989_7, -3.010_3, -10.0, -1.549_02, f32::NAN, f32::NAN]);
    let coherence = step_means(&days, &values, 2, &starts, 7.0, Radar::Coherence);
    check(&coherence, &[0.02, 0.5, 0.1, 0.7, f32::NAN, 0.0]);
}

#[test]
fn periods_begin_with_the_month_and_a_rest_counts_when_long_enough() {
    let found = periods(date(2019, 3, 14), date(2019, 5, 31), 30, 20);
    let spans: Vec<_> = found.iter().map(|own| (own.number, own.from, own.to)).collect();
    // 92 days: three periods, and a rest of two days.
    assert_eq!(
        spans,
        [
            (1, date(2019, 3, 1), date(2019, 3, 30)),
            (2, date(2019, 3, 31), date(2019, 4, 29)),
            (3, date(2019, 4, 30), date(2019, 5, 29)),
        ]
    );
    let rest = |last| periods(date(2019, 3, 1), last, 30, 20).len();
    assert_eq!((rest(date(2019, 4, 18)), rest(date(2019, 4, 19))), (1, 2), "19 and 20 days");
    assert_eq!(periods(date(2019, 3, 1), date(2019, 4, 19), 30, 20)[1].to, date(2019, 4, 19));
    assert_eq!(rest(date(2019, 3, 10)), 0);
    assert_eq!(periods(date(2020, 1, 1), date(2020, 12, 31), 30, 20).len(), 12, "366 days leave a rest of 6");
    assert!(periods(date(2019, 3, 2), date(2019, 3, 1), 30, 20).is_empty());
    assert!(periods(date(2019, 3, 1), date(2019, 9, 1), 0, 0).is_empty());
}

#[test]
fn steps_stand_in_the_middle_of_a_period() {
    let period = periods(date(2019, 3, 1), date(2019, 3, 31), 30, 20)[0];
    let from = days_since_1970(date(2019, 3, 1));
    assert_eq!(from, 17_956.0);
    let optical = steps_of(&period, 10);
    assert_eq!(optical.centres, [from + 5.0, from + 15.0, from + 25.0]);
    let radar = steps_of(&period, 7);
    assert_eq!(radar.starts, [from + 1.0, from + 8.0, from + 15.0, from + 22.0]);
    assert_eq!(radar.step_days, 7.0);
    assert!(steps_of(&period, 40).centres.is_empty());
}
