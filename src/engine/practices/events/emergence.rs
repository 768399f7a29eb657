//! Seedling emergence: NDVI leaves its soil baseline after sowing or after the last bare soil.

use super::{Event, EventKind, Evidence, Signal};
use crate::engine::practices::statistics::median;
use crate::model::practices::events::EmergenceParams;

/// Emergence after `bare_day`, the day of sowing or of the last bare soil: the interval between the last clear date at the baseline
/// and the first one above it.
///
/// NDVI is smoothed by the median of three clear observations, so that one missed cloud neither hides nor makes a seedling. After
/// the first smoothed value above the baseline by `rise` the next `confirming` ones must each be higher than the one before.
///
/// * **Unit:** NDVI −1..1.
/// * **NaN:** takes no part. Without a clear date near `bare_day`, or with too few after it, nothing.
/// * **Source:** onset as the departure from the soil baseline, as of double logistic curves (Beck et al. 2006,
///   10.1016/j.rse.2005.10.021); the numbers are those of the fact sheet and ours.
pub fn emergence(ndvi: Signal<'_>, bare_day: f64, params: &EmergenceParams) -> Option<Event> {
    let clear = ndvi.clear();
    let near = clear.iter().filter(|(day, _)| (day - bare_day).abs() <= params.baseline_days);
    let mut soil: Vec<f64> = near.map(|(_, value)| *value).collect();
    let baseline = median(&mut soil);
    let smooth: Vec<(f64, f64)> = clear
        .iter()
        .enumerate()
        .map(|(at, (day, value))| {
            let around = &clear[at.saturating_sub(1)..(at + 2).min(clear.len())];
            // An end has no neighbour on one side and stays as it is.
            let middle = if around.len() == 3 { median(&mut [around[0].1, around[1].1, around[2].1]) } else { *value };
            (*day, middle)
        })
        .collect();
    let first = smooth
        .iter()
        .position(|(day, value)| *day > bare_day && *day <= bare_day + params.search_days && *value > baseline + params.rise)?;
    let rising = smooth.get(first..=first + params.confirming)?;
    if !rising.windows(2).all(|pair| pair[1].1 > pair[0].1) {
        return None;
    }
    let (end, after) = smooth[first];
    let before = first.checked_sub(1).map_or(bare_day, |at| smooth[at].0);
    let start = before.max(bare_day);
    let evidence = vec![Evidence { signal: "NDVI", before: baseline, after, threshold: baseline + params.rise }];
    Some(Event { kind: EventKind::Emergence, start, main: f64::midpoint(start, end), end, confidence: f64::NAN, evidence })
}
