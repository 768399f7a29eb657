//! Harvest: loss of NDVI, fall of VH, rise of coherence.

use super::{Event, EventKind, Evidence, Signal, latest, next};
use crate::model::practices::events::HarvestParams;

/// Harvest candidates from NDVI, with what radar says.
///
/// A candidate lies between two neighbouring clear observations, the earlier one of a standing crop, the later one of stubble. Its
/// confidence is 0.5 for NDVI alone and rises by a sixth for each of: VH fell, ratio VV/VH rose, coherence rose. The weights are
/// ours. Series of radar may be empty.
///
/// * **Unit:** `vh_db` and `ratio_db` in dB, one relative orbit each, so that decibels of different views are not compared.
/// * **NaN:** takes no part; missing radar adds nothing and takes nothing away.
/// * **Source:** signs of the changes after Tamm et al. 2016 (10.3390/rs8100802) and L4C of `Sen4CAP`.
pub fn harvest(
    ndvi: Signal<'_>,
    vh_db: Signal<'_>,
    ratio_db: Signal<'_>,
    coherence: Signal<'_>,
    params: &HarvestParams,
) -> Vec<Event> {
    let clear = ndvi.clear();
    let radar = [
        ("VH_DB", vh_db.clear(), -1.0, params.vh_fall_db),
        ("VV_VH_RATIO_DB", ratio_db.clear(), 1.0, params.ratio_rise_db),
        ("COHERENCE_VV", coherence.clear(), 1.0, params.coherence_rise),
    ];
    let candidate = |pair: &[(f64, f64)]| {
        let [(start, before), (end, after)] = *pair else { return None };
        let falls = before >= params.crop_ndvi && after <= params.stubble_ndvi && before - after >= params.min_drop;
        if !falls || end - start > params.max_days {
            return None;
        }
        let mut evidence = vec![Evidence { signal: "NDVI", before, after, threshold: params.min_drop }];
        let mut agreeing = 0;
        for (signal, series, sign, threshold) in &radar {
            let (Some((_, before)), Some((_, after))) =
                (latest(series, start, params.radar_days), next(series, end, params.radar_days))
            else {
                continue;
            };
            agreeing += i32::from(sign * (after - before) >= *threshold);
            evidence.push(Evidence { signal, before, after, threshold: sign * threshold });
        }
        let confidence = 0.5 + f64::from(agreeing) / 6.0;
        Some(Event { kind: EventKind::Harvest, start, main: f64::midpoint(start, end), end, confidence, evidence })
    };
    clear.windows(2).filter_map(candidate).collect()
}
