//! Regular steps from acquisitions: interpolated S2, weekly means of S1, and the periods that both share.
//!
//! Stacks are date by date, `dates x pixels`, each date the pixels of all parcels side by side.

use jiff::civil::Date;

use crate::model::heterogeneity::Period;
use crate::model::units::db_from_linear;

/// How far from a step an acquisition may lie.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// Days within which the nearest value stands in for a step that cannot be interpolated.
    pub half_window_days: f64,
    /// Days within which both neighbours of an interpolation have to lie.
    pub max_distance_days: f64,
}

impl Default for Reach {
    /// 15 and 30 days, as in the fact sheet of `Sen4CAP`.
    fn default() -> Self {
        Self { half_window_days: 15.0, max_distance_days: 30.0 }
    }
}

/// What a radar stack holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Radar {
    /// Backscatter as linear power; its means become decibels.
    Backscatter,
    /// Coherence, 0 to 1; its means stay as they are.
    Coherence,
}

/// Values at regular steps, `steps x pixels`, from acquisitions, `days x pixels`.
///
/// For each pixel and step: linear between the nearest valid values before and after, when both lie within
/// [`Reach::max_distance_days`]; else the nearest valid one within [`Reach::half_window_days`], the earlier of two equally near;
/// else `NaN`. An acquisition on the step itself is taken as it is. Ends of both spans are included.
///
/// * **Unit:** days since 1970, ascending; values stay in their unit. Reflectance and NDVI, never dB.
/// * **NaN:** a missing or infinite value takes no part.
/// * **Cost:** each acquisition once for each step it can reach; one value each for before and after, and their days, per pixel.
///
/// ```
/// # use parcelight::engine::heterogeneity::stack::{Reach, regular_steps};
/// let steps = regular_steps(&[0.0, 20.0], &[0.2, 0.6], 1, &[5.0, 30.0, 90.0], Reach::default());
/// assert!((steps[0] - 0.3).abs() < 1e-6 && steps[1] == 0.6 && steps[2].is_nan());
/// ```
pub fn regular_steps(days: &[f64], values: &[f32], pixels: usize, steps: &[f64], reach: Reach) -> Vec<f32> {
    debug_assert_eq!(values.len(), days.len() * pixels, "a value for each day and pixel");
    debug_assert!(days.is_sorted(), "days ascend");
    let mut all = vec![f32::NAN; steps.len() * pixels];
    if pixels == 0 {
        return all;
    }
    // Distances rather than days: these are small numbers, which single precision holds well.
    let (mut before, mut after) = (Nearest::new(pixels), Nearest::new(pixels));
    let farthest = reach.max_distance_days.max(reach.half_window_days);
    for (&step, out) in steps.iter().zip(all.chunks_exact_mut(pixels)) {
        let from = days.partition_point(|day| *day < step - farthest);
        let here = days.partition_point(|day| *day <= step);
        let to = days.partition_point(|day| *day <= step + farthest);
        before.clear();
        after.clear();
        // The nearest comes last and stays.
        for at in from..here {
            before.take((step - days[at]) as f32, &values[at * pixels..(at + 1) * pixels]);
        }
        for at in (here..to).rev() {
            after.take((days[at] - step) as f32, &values[at * pixels..(at + 1) * pixels]);
        }
        between(&before, &after, reach, out);
    }
    all
}

/// The valid value of each pixel that is nearest on one side, and its distance.
struct Nearest {
    days: Vec<f32>,
    values: Vec<f32>,
}

impl Nearest {
    fn new(pixels: usize) -> Self {
        Self { days: vec![f32::INFINITY; pixels], values: vec![f32::NAN; pixels] }
    }

    fn clear(&mut self) {
        self.days.fill(f32::INFINITY);
        self.values.fill(f32::NAN);
    }

    fn take(&mut self, distance_days: f32, values: &[f32]) {
        for ((days, own), &value) in self.days.iter_mut().zip(&mut self.values).zip(values) {
            let valid = value.is_finite();
            *days = if valid { distance_days } else { *days };
            *own = if valid { value } else { *own };
        }
    }
}

fn between(before: &Nearest, after: &Nearest, reach: Reach, out: &mut [f32]) {
    let (half, most) = (reach.half_window_days as f32, reach.max_distance_days as f32);
    let before = before.days.iter().zip(&before.values);
    let after = after.days.iter().zip(&after.values);
    for (((&left, &earlier), (&right, &later)), out) in before.zip(after).zip(out) {
        let linear = earlier + (later - earlier) * (left / (left + right));
        let (distance, nearest) = if left <= right { (left, earlier) } else { (right, later) };
        let alone = if distance <= half { nearest } else { f32::NAN };
        let both = left > 0.0 && left <= most && right <= most;
        *out = if both { linear } else { alone };
    }
}

/// Means of radar passes over weeks or other steps, `starts x pixels`, from acquisitions, `days x pixels`.
///
/// A step holds the acquisitions from its start on, and before its start plus `step_days`. Give passes of one direction only:
/// ascending and descending are stacks of their own.
///
/// * **Unit:** days since 1970. Backscatter goes in as linear power and comes out in dB; coherence stays as it is.
/// * **NaN:** a missing or infinite value takes no part; a step without a value is `NaN`, as is a mean power that is not positive.
/// * **Cost:** one pass over the acquisitions of each step.
pub fn step_means(days: &[f64], values: &[f32], pixels: usize, starts: &[f64], step_days: f64, radar: Radar) -> Vec<f32> {
    debug_assert_eq!(values.len(), days.len() * pixels, "a value for each day and pixel");
    debug_assert!(days.is_sorted(), "days ascend");
    let mut all = vec![f32::NAN; starts.len() * pixels];
    if pixels == 0 {
        return all;
    }
    let (mut sums, mut counts) = (vec![0.0f64; pixels], vec![0u32; pixels]);
    for (&start, out) in starts.iter().zip(all.chunks_exact_mut(pixels)) {
        sums.fill(0.0);
        counts.fill(0);
        let from = days.partition_point(|day| *day < start);
        let to = days.partition_point(|day| *day < start + step_days).max(from);
        for values in values[from * pixels..to * pixels].chunks_exact(pixels) {
            for ((sum, count), &value) in sums.iter_mut().zip(&mut counts).zip(values) {
                let valid = value.is_finite();
                *sum += if valid { f64::from(value) } else { 0.0 };
                *count += u32::from(valid);
            }
        }
        for ((out, &sum), &count) in out.iter_mut().zip(&sums).zip(&counts).filter(|(_, count)| **count > 0) {
            let mean = sum / f64::from(count);
            *out = match radar {
                Radar::Backscatter => db_from_linear(mean),
                Radar::Coherence => mean,
            } as f32;
        }
    }
    all
}

/// Periods of a season, from the first day of the month it starts in.
///
/// Each has `period_days`; what remains at the end, up to and with `last`, is a period of its own from `min_last_days` on. Periods
/// are spans of dates, so that those of S1 and S2 are the same. A season that ends before it starts has none.
///
/// * **Source:** fact sheet of `Sen4CAP`; there S1 counts calendar weeks and drifts away from S2, which is not followed.
pub fn periods(first: Date, last: Date, period_days: u16, min_last_days: u16) -> Vec<Period> {
    let start = first.first_of_month();
    let whole = days_since_1970(last) - days_since_1970(start) + 1.0;
    let mut found = Vec::new();
    let mut begin = 0.0;
    while period_days > 0 && first <= last && begin < whole {
        let length = f64::from(period_days).min(whole - begin);
        if length < f64::from(period_days.min(min_last_days.max(1))) {
            break;
        }
        let day = |offset: f64| start.checked_add(jiff::Span::new().days(offset as i64)).ok();
        let (Some(from), Some(to)) = (day(begin), day(begin + length - 1.0)) else { break };
        found.push(Period { number: found.len() as u16 + 1, from, to });
        begin += length;
    }
    found
}

/// Regular steps of a period.
#[derive(Debug, Clone, PartialEq)]
pub struct Steps {
    /// Days since 1970 at which each step begins.
    pub starts: Vec<f64>,
    /// Days since 1970 at the middle of each step: what S2 is interpolated to.
    pub centres: Vec<f64>,
    /// Days of a step.
    pub step_days: f64,
}

/// As many whole steps as a period has room for, in its middle: days that remain are left off at both ends alike.
///
/// A period of 30 days has three steps of 10 days, centred 5, 15 and 25 days after its start, and four of 7 days that begin 1, 8, 15
/// and 22 days after it.
pub fn steps_of(period: &Period, step_days: u16) -> Steps {
    let from = days_since_1970(period.from);
    let length = days_since_1970(period.to) - from + 1.0;
    let step = f64::from(step_days.max(1));
    let count = (length / step).floor().max(0.0);
    let first = from + (length - count * step) / 2.0;
    let starts: Vec<f64> = (0..count as usize).map(|at| first + at as f64 * step).collect();
    Steps { centres: starts.iter().map(|start| start + step / 2.0).collect(), starts, step_days: step }
}

/// Days from 1970-01-01 to the start of a date, UTC.
pub fn days_since_1970(date: Date) -> f64 {
    f64::from((date - Date::constant(1970, 1, 1)).get_days())
}
