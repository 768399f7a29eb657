//! Water on a parcel: runs of MNDWI above a threshold.

use super::{Event, EventKind, Evidence, Signal};
use crate::model::practices::events::WaterParams;

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
