//! Loss of NDVI between two clear observations, confirmed by the third.

use super::{Detection, OpticalParams, Sources};
use crate::engine::practices::clear_series;

/// Highest confidence of a single series.
pub(super) const CAP: f64 = 0.999;

/// Confidence of a loss of NDVI from its excess: 0.5 at 0, towards 0.999.
pub fn optical_confidence(excess: f64) -> f64 {
    (1.0 - 0.5 * (-excess).exp()).min(CAP)
}

/// Detections in one NDVI series of parcel means.
///
/// With v0, v1 the two latest earlier clear values and v the current one, the excess is (v0 − v1 − `min_drop`) / v1. A positive
/// excess is an event between the days of v0 and v1 when NDVI fell faster than `max_rate`, does not recover as fast as
/// `max_recovery`, and v1 < `high`, v0 > `low`.
///
/// * **Unit:** `excess` is a share of the NDVI after the cut.
/// * **NaN:** missing values, and values below the floor, take no part.
/// * **Source:** L4B of `Sen4CAP`.
pub fn optical(days: &[f64], ndvi: &[f64], params: &OpticalParams) -> Vec<Detection> {
    let mut series = clear_series(days, ndvi);
    series.retain(|(_, value)| *value >= params.ndvi_floor);
    series.windows(3).filter_map(|three| loss(three, params)).collect()
}

fn loss(three: &[(f64, f64)], params: &OpticalParams) -> Option<Detection> {
    let [(day0, v0), (day1, v1), (day, v)] = *three else { return None };
    let excess = (v0 - v1 - params.min_drop) / v1;
    let fell = (v1 - v0) / (day1 - day0) < params.max_rate;
    let slow_recovery = (v - v1) / (day - day1) < params.max_recovery;
    // An excess of NaN or below nothing is no event.
    (excess > 0.0 && fell && slow_recovery && v1 < params.high && v0 > params.low).then(|| Detection {
        start: day0.max(day1 - params.max_days),
        end: day1,
        confidence: optical_confidence(excess),
        excess,
        before: v0,
        after: v1,
        evaluated: day,
        sources: Sources::S2,
    })
}
