//! Harvest: loss of NDVI, fall of VH, rise of coherence.

use serde::{Deserialize, Serialize};

use super::{Event, EventKind, Evidence, Signal, latest, next};

/// Parameters of [`harvest`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HarvestParams {
    /// NDVI of a standing crop, at least. Default 0.35 (`OPTTHRVEGCYCLE` of L4C).
    pub crop_ndvi: f64,
    /// NDVI after the harvest, at most. Default 0.35 (`NDVIUP` of L4C).
    pub stubble_ndvi: f64,
    /// NDVI lost at least. Default 0.15: our choice, the stricter national threshold of L4B.
    pub min_drop: f64,
    /// Days between the two clear observations at most. Default 30 (as L4B for mowing).
    pub max_days: f64,
    /// Fall of VH that speaks for it, dB. Default 1: our choice, above the noise of a parcel mean.
    pub vh_fall_db: f64,
    /// Rise of the ratio VV/VH that speaks for it, dB. Default 0.5: our choice.
    pub ratio_rise_db: f64,
    /// Rise of VV coherence that speaks for it. Default 0.15 (`COHTHRHIGH` of L4C).
    pub coherence_rise: f64,
    /// Radar is compared within so many days before and after the interval. Default 12: two acquisitions of one satellite pair.
    pub radar_days: f64,
}

impl Default for HarvestParams {
    fn default() -> Self {
        Self {
            crop_ndvi: 0.35,
            stubble_ndvi: 0.35,
            min_drop: 0.15,
            max_days: 30.0,
            vh_fall_db: 1.0,
            ratio_rise_db: 0.5,
            coherence_rise: 0.15,
            radar_days: 12.0,
        }
    }
}

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
