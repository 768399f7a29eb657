//! Rise of VH coherence over the line through its latest values, one relative orbit at a time.

use super::fusion::thin;
use super::optical::CAP;
use super::{Detection, RadarParams, Sources};
use crate::engine::practices::clear_series;
use crate::engine::practices::statistics::{fit_line, normal_exceeded_with};

/// Confidence of a rise of coherence from its exceedance: 0 at 0, never above 0.5.
pub fn radar_confidence(exceedance: f64) -> f64 {
    (0.5 - 0.5 * (-exceedance).exp()).min(CAP)
}

/// Detections in one coherence series of parcel means over `pixels` pixels.
///
/// A line through the `fit_values` latest earlier values gives the expected coherence at the latest of them. The observed one
/// less that, in standard deviations of the residuals (but at least √(`pixel_variance` / pixels)), must exceed the factor k. The
/// event lies between the two acquisitions and waits for the next one, as L4B does.
///
/// The fact sheet leaves two things open. The deviation of the residuals divides by their number. Of events nearer than
/// `separation_days` the more confident one stays.
///
/// * **Unit:** coherence 0..1.
/// * **NaN:** missing values take no part; fewer than `fit_values` + 2 values give nothing, nor does a parcel without pixels.
/// * **Source:** L4B of `Sen4CAP`.
pub fn radar(days: &[f64], coherence: &[f64], pixels: f64, params: &RadarParams) -> Vec<Detection> {
    let series = clear_series(days, coherence);
    let factor = normal_exceeded_with(params.false_alarm);
    let least_deviation = (params.pixel_variance / pixels).sqrt();
    let fit = params.fit_values.max(2);
    let found = series.windows(fit + 2).filter_map(|values| rise(values, fit, factor, least_deviation)).collect();
    thin(found, params.separation_days, usize::MAX)
}

/// `values`: those of the line, the observed one, the next one.
fn rise(values: &[(f64, f64)], fit: usize, factor: f64, least_deviation: f64) -> Option<Detection> {
    let (start, _) = values[fit - 1];
    let (end, after) = values[fit];
    // Days from the latest value keep the sums small, and the line at 0 is the value asked for.
    let points: Vec<(f64, f64)> = values[..fit].iter().map(|(day, value)| (day - start, *value)).collect();
    let line = fit_line(&points)?;
    let before = line.at(0.0);
    let deviation = line.residual_deviation().max(least_deviation);
    let excess = (after - before) / deviation - factor;
    // Without pixels the least deviation is infinite, and nothing exceeds it.
    (excess > 0.0).then(|| Detection {
        start,
        end,
        confidence: radar_confidence(excess),
        excess,
        before,
        after,
        evaluated: values[fit + 1].0,
        sources: Sources::S1,
    })
}
