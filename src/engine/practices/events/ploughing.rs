//! Ploughing: coherence falls within one pair and is high afterwards, on soil without vegetation.

use super::{Event, EventKind, Evidence, Signal, latest, next};
use crate::model::practices::events::PloughingParams;

/// Ploughing candidates from VV coherence of one relative orbit.
///
/// Three neighbouring pairs: coherence falls by `coherence_step` to the second and rises by as much to the third, which is high.
/// The event lies between the first and the second. It needs low NDVI on the nearest clear date before and after where there is
/// one, and at least one. Confidence is 0.5, and 0.75 when the bare soil index rose. The weights are ours. Rain also lowers
/// coherence for one pair: compare with the weather.
///
/// * **Unit:** coherence 0..1 dated by the later image of its pair; NDVI and BSI −1..1.
/// * **NaN:** takes no part; without any NDVI nearby there is no candidate. The bare soil index may be empty.
/// * **Source:** signs of the changes after Voormansik et al. 2020 (10.3390/rs12223784) and the tillage rule of L4C.
pub fn ploughing(coherence: Signal<'_>, ndvi: Signal<'_>, bsi: Signal<'_>, params: &PloughingParams) -> Vec<Event> {
    let (coherence, ndvi, bsi) = (coherence.clear(), ndvi.clear(), bsi.clear());
    let candidate = |three: &[(f64, f64)]| {
        let [(start, before), (end, low), (later, after)] = *three else { return None };
        let near = end - start <= params.pair_days && later - end <= params.pair_days;
        let dips = before - low >= params.coherence_step && after - low >= params.coherence_step;
        if !near || !dips || after < params.high_coherence {
            return None;
        }
        let around = |series: &[(f64, f64)]| (latest(series, start, params.optical_days), next(series, end, params.optical_days));
        let (green_before, green_after) = around(&ndvi);
        let seen = [green_before, green_after];
        let bare = seen.iter().flatten().all(|(_, value)| *value <= params.bare_ndvi);
        if !bare || seen.iter().flatten().next().is_none() {
            return None;
        }
        let value = |seen: Option<(f64, f64)>| seen.map_or(f64::NAN, |(_, value)| value);
        let mut evidence = vec![
            Evidence { signal: "COHERENCE_VV", before, after: low, threshold: -params.coherence_step },
            Evidence { signal: "COHERENCE_VV", before: low, after, threshold: params.high_coherence },
            Evidence { signal: "NDVI", before: value(green_before), after: value(green_after), threshold: params.bare_ndvi },
        ];
        let mut confidence = 0.5;
        if let (Some((_, before)), Some((_, after))) = around(&bsi) {
            evidence.push(Evidence { signal: "BSI", before, after, threshold: params.bsi_rise });
            confidence += if after - before >= params.bsi_rise { 0.25 } else { 0.0 };
        }
        Some(Event { kind: EventKind::Ploughing, start, main: f64::midpoint(start, end), end, confidence, evidence })
    };
    coherence.windows(3).filter_map(candidate).collect()
}
