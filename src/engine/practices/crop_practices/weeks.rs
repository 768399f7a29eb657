//! Observations to weeks.

use serde::Serialize;

use super::{Params, Window};
use crate::engine::practices::clear_series;

/// Longest season, days; later observations are left out.
const MAX_SEASON_DAYS: f64 = 1100.0;

/// Observations of one parcel, all orbits together.
#[derive(Debug, Clone, Copy, Default)]
pub struct Series<'a> {
    /// Days of NDVI.
    pub ndvi_days: &'a [f64],
    /// Parcel mean of NDVI, −1..1, `NaN` when not clear.
    pub ndvi: &'a [f64],
    /// Days of backscatter.
    pub backscatter_days: &'a [f64],
    /// Parcel mean of VV backscatter, linear power.
    pub vv_linear: &'a [f64],
    /// Parcel mean of VH backscatter, linear power.
    pub vh_linear: &'a [f64],
    /// Days of coherence.
    pub coherence_days: &'a [f64],
    /// Parcel mean of VV coherence, 0..1.
    pub coherence: &'a [f64],
}

/// Inputs of the markers in one week.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Week {
    /// Its Monday, days since 1970.
    pub start: f64,
    /// Backscatter ratio VV/VH, dB.
    pub ratio_db: f64,
    /// Ratio less the mean of the three weeks with radar before, not below 0, two decimals.
    pub ratio_rise_db: f64,
    /// Greatest VV coherence.
    pub coherence: f64,
    /// Coherence less that of the week with radar before.
    pub coherence_change: f64,
    /// Mean NDVI, three decimals; `NaN` without a clear observation.
    pub ndvi: f64,
    /// NDVI of this week, or the latest one before.
    pub ndvi_previous: f64,
    /// NDVI of this week, or the next one after.
    pub ndvi_next: f64,
}

impl Week {
    /// True when backscatter and coherence are both there.
    pub fn has_radar(&self) -> bool {
        self.ratio_db.is_finite() && self.coherence.is_finite()
    }

    /// True when the week shares a day with the window.
    pub fn meets(&self, window: Window) -> bool {
        window.meets(Window { start: self.start, end: self.start + 6.0 })
    }
}

/// Monday of the ISO week of a day.
pub fn week_start(day: f64) -> f64 {
    // 1970-01-01 was a Thursday.
    ((day + 3.0) / 7.0).floor() * 7.0 - 3.0
}

/// Weeks from the one of `from` to the last one with an observation, without holes, at most about three years.
///
/// **Reading:** weeks are ISO weeks, so that keys agree with the weekly products. The ratio is that of the week's mean linear powers,
/// because decibels are not averaged here; L4C averages decibels. The change of coherence is that of the weekly maximum.
///
/// * **NaN:** what is missing in a week is `NaN`. A week without backscatter or without coherence has neither.
pub fn weeks(series: &Series<'_>, from: f64, params: &Params) -> Vec<Week> {
    let first = week_start(from);
    let span = Window { start: first, end: first + MAX_SEASON_DAYS };
    let group = |days: &[f64], values: &[f64], keep: &dyn Fn(f64) -> bool| {
        let mut clear = clear_series(days, values);
        clear.retain(|(day, value)| span.holds(*day) && keep(*value));
        clear
    };
    let loudest = 10_f64.powf(params.max_vv_db / 10.0);
    let vv: Vec<f64> = series.vv_linear.iter().map(|&vv| if vv > 0.0 && vv <= loudest { vv } else { f64::NAN }).collect();
    // Both polarisations of an acquisition or none.
    let vh: Vec<f64> =
        series.vh_linear.iter().zip(&vv).map(|(&vh, vv)| if vv.is_finite() && vh > 0.0 { vh } else { f64::NAN }).collect();
    let vv: Vec<f64> = vv.iter().zip(&vh).map(|(&vv, vh)| if vh.is_finite() { vv } else { f64::NAN }).collect();
    let vv = group(series.backscatter_days, &vv, &|_| true);
    let vh = group(series.backscatter_days, &vh, &|_| true);
    let coherence = group(series.coherence_days, series.coherence, &|_| true);
    let ndvi = group(series.ndvi_days, series.ndvi, &|_| true);
    let Some(last) = [&vv, &coherence, &ndvi].into_iter().filter_map(|found| found.last()).map(|(day, _)| *day).reduce(f64::max)
    else {
        return Vec::new();
    };
    let count = ((week_start(last) - first) / 7.0) as usize + 1;
    let mut weeks: Vec<Week> = (0..count)
        .map(|at| {
            let start = first + 7.0 * at as f64;
            let greatest = values(&coherence, start).iter().map(|(_, value)| *value).fold(f64::NAN, f64::max);
            let ratio_db = 10.0 * (mean(values(&vv, start)) / mean(values(&vh, start))).log10();
            let radar = ratio_db.is_finite() && greatest.is_finite();
            Week {
                start,
                ratio_db: if radar { ratio_db } else { f64::NAN },
                ratio_rise_db: f64::NAN,
                coherence: if radar { greatest } else { f64::NAN },
                coherence_change: f64::NAN,
                ndvi: (mean(values(&ndvi, start)) * 1000.0).round() / 1000.0,
                ndvi_previous: f64::NAN,
                ndvi_next: f64::NAN,
            }
        })
        .collect();
    add_changes(&mut weeks);
    add_neighbours(&mut weeks);
    weeks
}

/// Observations of the week that starts on this day.
fn values(series: &[(f64, f64)], start: f64) -> &[(f64, f64)] {
    let first = series.partition_point(|(day, _)| *day < start);
    let end = series.partition_point(|(day, _)| *day < start + 7.0);
    &series[first..end]
}

/// `NaN` without values.
fn mean(values: &[(f64, f64)]) -> f64 {
    values.iter().map(|(_, value)| value).sum::<f64>() / values.len() as f64
}

fn add_changes(weeks: &mut [Week]) {
    let radar: Vec<usize> = (0..weeks.len()).filter(|&at| weeks[at].has_radar()).collect();
    for (position, &at) in radar.iter().enumerate() {
        if let Some(&before) = position.checked_sub(1).and_then(|before| radar.get(before)) {
            weeks[at].coherence_change = weeks[at].coherence - weeks[before].coherence;
        }
        if position >= 3 {
            let earlier = radar[position - 3..position].iter().map(|&week| weeks[week].ratio_db).sum::<f64>() / 3.0;
            weeks[at].ratio_rise_db = ((weeks[at].ratio_db - earlier).max(0.0) * 100.0).round() / 100.0;
        }
    }
}

fn add_neighbours(weeks: &mut [Week]) {
    let mut previous = f64::NAN;
    for week in weeks.iter_mut() {
        previous = if week.ndvi.is_finite() { week.ndvi } else { previous };
        week.ndvi_previous = previous;
    }
    let mut next = f64::NAN;
    for week in weeks.iter_mut().rev() {
        next = if week.ndvi.is_finite() { week.ndvi } else { next };
        week.ndvi_next = next;
    }
}

/// Weeks of a window without radar; weeks outside the list count as missing.
pub(super) fn missing_radar(weeks: &[Week], window: Window) -> usize {
    let (first, last) = (week_start(window.start), week_start(window.end));
    let all = ((last - first) / 7.0).max(-1.0) as i64 + 1;
    let present = weeks.iter().filter(|week| week.start >= first && week.start <= last && week.has_radar()).count();
    usize::try_from(all).unwrap_or(0).saturating_sub(present)
}
