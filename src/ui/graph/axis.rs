//! Where ticks stand: months and days on the time axis, round numbers on the value axis.

use jiff::civil::{Date, date};

/// What a tick of the time axis stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TickKind {
    /// First of January.
    Year,
    /// First of a month.
    Month,
    /// A day.
    Day,
}

/// One tick of the time axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeTick {
    /// Days since 1970-01-01 (or day of year).
    pub x: f64,
    /// Day.
    pub date: Date,
    /// What it stands for.
    pub kind: TickKind,
}

/// 1970-01-01.
const EPOCH: Date = date(1970, 1, 1);

/// Day of a place on the axis. Days of the year are shown in a leap year, so that every day has its place.
pub fn date_at(x: f64, overlay_years: bool) -> Option<Date> {
    use jiff::ToSpan as _;
    if !x.is_finite() || x.abs() > 1e6 {
        return None;
    }
    let (start, days) = if overlay_years { (date(2020, 1, 1), x.floor() as i64 - 1) } else { (EPOCH, x.floor() as i64) };
    // Out of the calendar's range: there is no such day to name.
    start.checked_add(days.days()).ok()
}

/// Place of the start of a day.
pub fn x_at(day: Date, overlay_years: bool) -> f64 {
    let start = if overlay_years { date(2020, 1, 1) } else { EPOCH };
    // Both are calendar days, whose distance always has a number.
    let days = day.duration_since(start).as_hours() as f64 / 24.0;
    if overlay_years { days + 1.0 } else { days }
}

/// Ticks inside a range, at most about one a `min_px` pixels.
pub fn time_ticks(shown: (f64, f64), width_px: f64, min_px: f64, overlay_years: bool) -> Vec<TimeTick> {
    let span = shown.1 - shown.0;
    if span.is_nan() || span <= 0.0 || width_px <= 0.0 {
        return Vec::new();
    }
    let min_days = min_px * span / width_px;
    if min_days < 25.0 {
        // A day with its month is wider than a month.
        let min_days = min_days * 1.4;
        let step = [1.0, 2.0, 5.0, 7.0, 10.0, 14.0].into_iter().find(|&step| step >= min_days);
        if let Some(step) = step {
            return day_ticks(shown, step, overlay_years);
        }
    }
    let step_months = [1, 2, 3, 4, 6, 12, 24, 60].into_iter().find(|&months| f64::from(months) * 29.0 >= min_days).unwrap_or(120);
    month_ticks(shown, step_months, overlay_years)
}

fn day_ticks(shown: (f64, f64), step: f64, overlay_years: bool) -> Vec<TimeTick> {
    let first = (shown.0 / step).ceil() as i64;
    let last = (shown.1 / step).floor() as i64;
    (first..=last)
        .map(|number| number as f64 * step)
        .filter_map(|x| {
            let date = date_at(x, overlay_years)?;
            Some(TimeTick { x, date, kind: if date.day() == 1 { TickKind::Month } else { TickKind::Day } })
        })
        .collect()
}

fn month_ticks(shown: (f64, f64), step_months: i32, overlay_years: bool) -> Vec<TimeTick> {
    let Some(first) = date_at(shown.0, overlay_years) else { return Vec::new() };
    let mut number = (i32::from(first.year()) * 12 + i32::from(first.month()) - 1).div_euclid(step_months) * step_months;
    let mut ticks = Vec::new();
    // A bound on the loop: no axis holds that many ticks.
    while ticks.len() < 500 {
        let Ok(date) = Date::new(number.div_euclid(12) as i16, (number.rem_euclid(12) + 1) as i8, 1) else { break };
        let x = x_at(date, overlay_years);
        if x > shown.1 {
            break;
        }
        if x >= shown.0 {
            ticks.push(TimeTick { x, date, kind: if date.month() == 1 { TickKind::Year } else { TickKind::Month } });
        }
        number += step_months;
    }
    ticks
}

/// Round step of the value axis so that labels stay `min_px` apart, and the decimals it needs.
pub fn value_step(span: f64, height_px: f64, min_px: f64) -> (f64, u8) {
    let wanted = (span * min_px / height_px.max(1.0)).max(1e-9);
    let power = 10f64.powf(wanted.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|factor| factor * power)
        .find(|&step| step >= wanted * 0.999)
        .unwrap_or(power * 10.0);
    let decimals = (0..6u8).find(|&digits| ((step * 10f64.powi(i32::from(digits))).fract() - 0.5).abs() > 0.499_999).unwrap_or(6);
    (step, decimals)
}

/// Multiples of a step inside a range.
pub fn value_ticks(shown: (f64, f64), step: f64) -> Vec<f64> {
    if step.is_nan() || step <= 0.0 {
        return Vec::new();
    }
    let first = (shown.0 / step).ceil() as i64;
    // Multiplying keeps ticks exact where adding would drift.
    let last = (shown.1 / step).floor() as i64;
    (first..=last).map(|number| number as f64 * step).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_season_has_month_ticks_and_years_are_marked() {
        let shown = (x_at(date(2018, 9, 20), false), x_at(date(2019, 11, 30), false));
        let ticks = time_ticks(shown, 970.0, 50.0, false);
        assert_eq!(ticks.len(), 14, "{ticks:?}");
        assert_eq!(ticks[0].date, date(2018, 10, 1));
        assert_eq!(
            ticks.iter().filter(|tick| tick.kind == TickKind::Year).map(|tick| tick.date).collect::<Vec<_>>(),
            [date(2019, 1, 1)]
        );
    }

    #[test]
    fn ticks_keep_their_distance_at_every_zoom() {
        for span in [3.0, 12.0, 60.0, 430.0, 2_000.0, 9_000.0] {
            let ticks = time_ticks((17_000.0, 17_000.0 + span), 900.0, 60.0, false);
            let close = ticks.windows(2).map(|pair| (pair[1].x - pair[0].x) * 900.0 / span).fold(f64::INFINITY, f64::min);
            assert!(close >= 55.0, "{span} days: {close} px");
        }
    }

    #[test]
    fn days_of_the_year_and_dates_are_inverse() {
        for x in [1.0, 60.0, 366.0] {
            assert!(date_at(x, true).is_some_and(|day| x_at(day, true) == x));
        }
        assert_eq!(date_at(17_897.5, false), Some(date(2019, 1, 1)));
        assert_eq!(date_at(f64::NAN, false), None);
    }

    #[test]
    fn value_steps_are_round_and_know_their_decimals() {
        for (span, height, expected) in
            [(1.0, 100.0, (0.25, 2)), (1.2, 80.0, (0.5, 1)), (12.0, 100.0, (5.0, 0)), (0.05, 100.0, (0.02, 2))]
        {
            assert_eq!(value_step(span, height, 22.0), expected, "{span}");
        }
        assert_eq!(value_ticks((-0.5, 0.31), 0.2), [-0.4, -0.2, 0.0, 0.2]);
    }
}
