//! Candidate events with their evidence: harvest, ploughing, seedling emergence, change of residue indices, water.
//!
//! These are candidates for a person to look at, each with the lines of evidence and an interval instead of a day. Published
//! thresholds are named; where none exists the default is a choice of ours and says so.
//!
//! * **Cost:** one pass over each series, a few for emergence.

mod emergence;
mod harvest;
mod ploughing;
mod residue;
#[cfg(test)]
mod tests;
mod water;

use super::{Event, EventKind, Evidence, Marker, Outcome, Reason, Window, clear_series};

pub use emergence::emergence;
pub use harvest::harvest;
pub use ploughing::ploughing;
pub use residue::residue_change;
pub use water::water;

pub use crate::model::practices::events::{
    EmergenceParams, HarvestParams, PloughingParams, ResidueIndex, ResidueParams, WaterParams,
};

/// A series as it comes: days since 1970 and values, `NaN` = missing, in any order.
#[derive(Debug, Clone, Copy, Default)]
pub struct Signal<'a> {
    /// Days.
    pub days: &'a [f64],
    /// Values, as many.
    pub values: &'a [f64],
}

impl Signal<'_> {
    /// The valid observations by day.
    fn clear(&self) -> Vec<(f64, f64)> {
        clear_series(self.days, self.values)
    }
}

/// The marker of a family of events in a window: yes with an event wholly inside, unknown with one across its ends, without
/// observations or with a span longer than `max_gap_days` without any, else no. Its value is the number of events, or the longest
/// span in days.
pub fn events_marker(name: &'static str, events: &[Event], signal: Signal<'_>, window: Window, max_gap_days: f64) -> Marker {
    let span = |event: &Event| Window { start: event.start, end: event.end };
    let inside = events.iter().filter(|event| window.contains(span(event))).count();
    if inside > 0 {
        return Marker::tested(name, true, inside as f64);
    }
    if events.iter().any(|event| window.meets(span(event))) {
        return Marker::unknown(name, Reason::AcrossWindow);
    }
    let clear = signal.clear();
    if !clear.iter().any(|(day, _)| window.holds(*day)) {
        return Marker::unknown(name, Reason::NoData);
    }
    let gap = super::largest_gap_days(&clear, window);
    if gap > max_gap_days {
        return Marker { name, outcome: Outcome::Unknown, value: gap, reason: Reason::TooFewData };
    }
    Marker::tested(name, false, 0.0)
}

/// The latest observation at or before a day, not older than `max_days`.
fn latest(series: &[(f64, f64)], day: f64, max_days: f64) -> Option<(f64, f64)> {
    let end = series.partition_point(|(other, _)| *other <= day);
    series[..end].last().copied().filter(|(other, _)| day - other <= max_days)
}

/// The first observation at or after a day, not later than `max_days`.
fn next(series: &[(f64, f64)], day: f64, max_days: f64) -> Option<(f64, f64)> {
    let start = series.partition_point(|(other, _)| *other < day);
    series[start..].first().copied().filter(|(other, _)| other - day <= max_days)
}
