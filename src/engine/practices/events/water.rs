//! Water on a parcel: runs of MNDWI above a threshold.

use serde::{Deserialize, Serialize};

use super::{Event, EventKind, Evidence, Signal};

/// Parameters of [`water`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WaterParams {
    /// MNDWI above is water. Default 0 (Xu 2006).
    pub threshold: f64,
    /// Clear observations in a row, at least. Default 2: our choice, one may be a shadow.
    pub least_observations: usize,
    /// A span without clear observations longer than this breaks a run, days. Default 30: our choice.
    pub max_gap_days: f64,
}

impl Default for WaterParams {
    fn default() -> Self {
        Self { threshold: 0.0, least_observations: 2, max_gap_days: 30.0 }
    }
}

/// Runs of clear observations with MNDWI above the threshold, from the first to the last of them; `main` is the wettest day.
///
/// The evidence is the last dry value before (or `NaN`), the highest value, and the threshold.
///
/// * **Unit:** MNDWI = (B03 − B11) / (B03 + B11), −1..1.
/// * **NaN:** takes no part.
/// * **Source:** threshold 0 after Xu 2006 (10.1080/01431160600589179).
pub fn water(mndwi: Signal<'_>, params: &WaterParams) -> Vec<Event> {
    let clear = mndwi.clear();
    let wet = |value: f64| value > params.threshold;
    let runs = clear.chunk_by(|a, b| wet(a.1) == wet(b.1) && b.0 - a.0 <= params.max_gap_days);
    let mut events = Vec::new();
    let mut dry = f64::NAN;
    for run in runs {
        let (Some((start, value)), Some((end, last))) = (run.first(), run.last()) else { continue };
        if !wet(*value) {
            dry = *last;
            continue;
        }
        if run.len() < params.least_observations {
            continue;
        }
        let (main, after) = run.iter().copied().reduce(|a, b| if b.1 > a.1 { b } else { a }).unwrap_or((*start, *value));
        let evidence = vec![Evidence { signal: "MNDWI", before: dry, after, threshold: params.threshold }];
        events.push(Event { kind: EventKind::Water, start: *start, main, end: *end, confidence: f64::NAN, evidence });
    }
    events
}
