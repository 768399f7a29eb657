//! Detections of several series become events: fusion where they overlap, thinning where they are too near.

use std::cmp::Ordering;

use super::{Detection, Sources};

/// Confidence of coherence alone, also of several orbits.
const RADAR_CAP: f64 = 0.5;

/// Joined confidence 1 − 1 / Σ 1 / (1 − c); one confidence stays as it is, none gives 0.
///
/// Confidences are below 1. Coherence of several orbits is capped at 0.5 by [`fuse`].
pub fn fused_confidence(confidences: impl IntoIterator<Item = f64>) -> f64 {
    let sum: f64 = confidences.into_iter().map(|confidence| 1.0 / (1.0 - confidence)).sum();
    if sum > 0.0 { 1.0 - 1.0 / sum } else { 0.0 }
}

/// The more confident first; then the earlier one, the shorter one, coherence: a full order, whatever the order of the input.
fn by_confidence(a: &Detection, b: &Detection) -> Ordering {
    b.confidence
        .total_cmp(&a.confidence)
        .then(a.start.total_cmp(&b.start))
        .then(a.end.total_cmp(&b.end))
        .then(a.sources.cmp(&b.sources))
        .then(a.excess.total_cmp(&b.excess))
}

/// Joins detections of different series whose intervals share a day; sorted by start.
///
/// The most confident detection leads: its interval and values stay, it takes of every other series the most confident
/// detection that it meets, and the next leader is sought among the rest. Detections of the same series are never joined.
pub fn fuse(series: &[Vec<Detection>]) -> Vec<Detection> {
    let mut rest: Vec<(usize, Detection)> =
        series.iter().enumerate().flat_map(|(at, found)| found.iter().map(move |detection| (at, *detection))).collect();
    rest.sort_by(|a, b| by_confidence(&a.1, &b.1));
    let mut fused = Vec::new();
    while let Some(&(leader_at, leader)) = rest.first() {
        let mut taken = vec![leader_at];
        let mut joined = vec![leader.confidence];
        let mut event = leader;
        rest.remove(0);
        rest.retain(|(at, other)| {
            let takes = !taken.contains(at) && other.window().meets(leader.window());
            if takes {
                taken.push(*at);
                joined.push(other.confidence);
                event.sources = event.sources.joined(other.sources);
                event.evaluated = event.evaluated.max(other.evaluated);
            }
            !takes
        });
        event.confidence = fused_confidence(joined);
        if event.sources == Sources::S1 {
            event.confidence = event.confidence.min(RADAR_CAP);
        }
        fused.push(event);
    }
    fused.sort_by(|a, b| a.start.total_cmp(&b.start).then(by_confidence(a, b)));
    fused
}

/// The most confident events of which no two are nearer than `separation_days` over their outer ends, at most `max_events`; by date.
pub fn thin(mut events: Vec<Detection>, separation_days: f64, max_events: usize) -> Vec<Detection> {
    events.sort_by(by_confidence);
    let mut kept: Vec<Detection> = Vec::new();
    for event in events {
        let near = |other: &Detection| event.end.max(other.end) - event.start.min(other.start) < separation_days;
        if kept.len() < max_events && !kept.iter().any(near) {
            kept.push(event);
        }
    }
    kept.sort_by(|a, b| a.start.total_cmp(&b.start).then(by_confidence(a, b)));
    kept
}
