//! M1–M5 of each week.

use serde::Serialize;

use super::{Outcome, Params, Season, Week, Window};
use crate::engine::practices::statistics::mean_and_deviation;

/// Markers of one week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct WeekMarkers {
    /// Vegetation has been seen.
    pub m1: Outcome,
    /// NDVI was lost.
    pub m2: Outcome,
    /// The ratio VV/VH rose: vegetation was lost in backscatter.
    pub m3: Outcome,
    /// The ratio is that of little vegetation.
    pub m4: Outcome,
    /// Coherence rose or is high.
    pub m5: Outcome,
}

impl WeekMarkers {
    /// All markers hold; without M2 when asked for radar alone.
    pub fn harvest(self, with_optical: bool) -> Outcome {
        let m2 = if with_optical { self.m2 } else { Outcome::Yes };
        self.m1.and(m2).and(self.m3).and(self.m4).and(self.m5)
    }
}

/// NDVI below which vegetation counts as lost.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Loss {
    /// The threshold.
    pub threshold: f64,
    /// True when the series drops below `up` after it was above `seen`.
    pub dropped: bool,
}

/// The loss threshold of a series of weekly NDVI: `down` if all values are below it or a drop below it exists; else the lowest value
/// of a drop, rounded up to a multiple of `step`; else `up`.
///
/// **Reading:** a value belongs to a drop when it is below `up`, lower than the value before, and some earlier value was above `seen`.
///
/// * **NaN:** missing weeks take no part; a series without values gives `up` and no drop.
pub fn loss_threshold(ndvi: impl IntoIterator<Item = f64>, seen: f64, down: f64, up: f64, step: f64) -> Loss {
    let values: Vec<f64> = ndvi.into_iter().filter(|value| value.is_finite()).collect();
    let mut vegetated = false;
    let mut lowest = f64::INFINITY;
    let mut before = f64::NEG_INFINITY;
    for &value in &values {
        if vegetated && value < up && value < before {
            lowest = lowest.min(value);
        }
        vegetated |= value > seen;
        before = value;
    }
    let dropped = lowest < up;
    let all_low = !values.is_empty() && values.iter().all(|value| *value < down);
    let threshold = if all_low || lowest < down {
        down
    } else if dropped {
        // A multiple is met exactly in thousandths, not in binary fractions.
        ((lowest / step - 1e-9).ceil() * step).min(up)
    } else {
        up
    };
    Loss { threshold, dropped }
}

/// Markers of each week, for the season up to the end of the harvest window and beyond.
///
/// **Reading:** means and deviations are those of the weeks from the vegetation start to the harvest end. The optical search starts
/// with the first week of the harvest window. “Beside” is the neighbouring week with radar.
///
/// * **NaN:** a week without radar has unknown M3–M5; M1 is unknown until the first clear NDVI, M2 where the NDVI before or after
///   is missing and would decide.
pub fn weekly_markers(weeks: &[Week], season: &Season, params: &Params) -> Vec<WeekMarkers> {
    let span = Window { start: season.vegetation_start, end: season.harvest.end };
    let inside = || weeks.iter().filter(|week| week.meets(span));
    let loss = loss_threshold(
        inside().map(|week| week.ndvi),
        params.vegetation_ndvi,
        params.loss_down,
        params.loss_up,
        params.loss_step,
    );
    let highest = inside().map(|week| week.ndvi).fold(f64::NAN, f64::max);
    let buffer = ((highest - loss.threshold) / params.loss_buffer_divisor * 1000.0).round().max(0.0) / 1000.0;
    let limit = loss.threshold + buffer;
    let ratios: Vec<f64> = inside().filter(|week| week.has_radar()).map(|week| week.ratio_db).collect();
    let statistics = mean_and_deviation(&ratios);
    let coherent = inside().map(|week| week.coherence).fold(f64::NAN, f64::max);
    let high = if coherent < params.coherence_high { coherent - params.coherence_rise } else { params.coherence_high };
    let breaks = breaks(weeks, statistics.map_or(f64::NAN, |(_, deviation)| deviation), params);
    let mut vegetation = Outcome::Unknown;
    weeks
        .iter()
        .zip(breaks)
        .map(|(week, m3)| {
            if week.ndvi.is_finite() && !vegetation.is_yes() {
                vegetation = (week.ndvi > params.vegetation_ndvi).into();
            }
            let searched = week.start + 6.0 >= season.harvest.start;
            let m2 = if searched { optical_loss(week, loss, limit, params) } else { Outcome::No };
            let jump = greater(week.coherence_change, params.coherence_jump);
            let level = statistics.map_or(Outcome::Unknown, |(mean, deviation)| {
                greater(week.ratio_db, mean - deviation / params.ratio_value_divisor)
            });
            let m4 = level.or(jump.and(vegetation).and(m2).and(m3));
            let m5 = at_least(week.coherence_change, params.coherence_rise).or(at_least(week.coherence, high));
            let known = |outcome| if week.has_radar() { outcome } else { Outcome::Unknown };
            WeekMarkers { m1: vegetation, m2, m3: known(m3), m4: known(m4), m5: known(m5) }
        })
        .collect()
}

fn optical_loss(week: &Week, loss: Loss, limit: f64, params: &Params) -> Outcome {
    if !week.ndvi_previous.is_finite() {
        return Outcome::Unknown;
    }
    if !loss.dropped {
        return Outcome::No;
    }
    let low = greater(limit, week.ndvi_previous).or(greater(limit, week.ndvi_next));
    let present = greater(week.ndvi_previous, params.least_ndvi);
    low.and(present).and(greater(week.ndvi_previous + params.loss_recovery, week.ndvi_next))
}

/// M3 of each week.
fn breaks(weeks: &[Week], deviation: f64, params: &Params) -> Vec<Outcome> {
    let limit = (deviation / params.ratio_break_divisor).max(params.ratio_rise_db);
    let radar: Vec<usize> = (0..weeks.len()).filter(|&at| weeks[at].has_radar()).collect();
    let own: Vec<Outcome> = radar.iter().map(|&at| greater(weeks[at].ratio_rise_db, limit)).collect();
    let mut all = vec![Outcome::Unknown; weeks.len()];
    for (position, &at) in radar.iter().enumerate() {
        let neighbour = |other: Option<usize>| other.and_then(|other| own.get(other)).is_some_and(|outcome| outcome.is_yes());
        let beside = neighbour(position.checked_sub(1)) || neighbour(position.checked_add(1));
        let jumped = beside && weeks[at].coherence_change > params.coherence_jump;
        all[at] = if jumped { Outcome::Yes } else { own[position] };
    }
    all
}

/// `a > b`, unknown where either is missing.
pub(super) fn greater(a: f64, b: f64) -> Outcome {
    if a.is_nan() || b.is_nan() { Outcome::Unknown } else { (a > b).into() }
}

/// `a ≥ b`, unknown where either is missing.
fn at_least(a: f64, b: f64) -> Outcome {
    if a.is_nan() || b.is_nan() { Outcome::Unknown } else { (a >= b).into() }
}
