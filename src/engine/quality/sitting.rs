//! What a person did in one go.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::engine::review::Review;
use crate::model::review::Act;

/// Summary of a sitting.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sitting {
    /// Verdicts that stand: parcels by the code of this user's last verdict in the sitting.
    pub verdicts: BTreeMap<String, usize>,
    /// Parcels that this user deferred, and which wait still.
    pub deferred: usize,
    /// Parcels that this user flagged, and whose flag stands.
    pub flagged: usize,
    /// Verdicts given, also those that were replaced later; what was undone does not count.
    pub decisions: usize,
    /// From the beginning of the first to the end of the last, seconds.
    pub elapsed_s: f64,
    /// Verdicts an hour; `NaN` without any.
    pub per_hour: f64,
    /// Mean time that a parcel was current until its verdict, seconds; `NaN` without any.
    pub mean_s: f64,
    /// Median of these.
    pub median_s: f64,
}

/// What a user did from a time on.
pub fn sitting(review: &Review, user: &str, since: Timestamp) -> Sitting {
    let mut own = Sitting::default();
    let mut last: BTreeMap<&str, &str> = BTreeMap::new();
    let (mut deferred, mut flagged) = (BTreeSet::new(), BTreeSet::new());
    let mut durations: Vec<f64> = Vec::new();
    let mut span: Option<(f64, f64)> = None;
    for entry in review.standing_entries().filter(|entry| entry.user == user && entry.time >= since) {
        let parcel = entry.parcel.as_str();
        match &entry.act {
            Act::Decide(decided) => {
                last.insert(parcel, &decided.verdict);
                let seconds = decided.duration_ms as f64 / 1000.0;
                durations.push(seconds);
                let end = entry.time.as_millisecond() as f64 / 1000.0;
                let begin = span.map_or(end - seconds, |(begin, _)| begin);
                span = Some((begin, end));
            }
            Act::Clear => {
                last.remove(parcel);
            }
            Act::Defer => {
                deferred.insert(parcel);
            }
            Act::Flag { .. } => {
                flagged.insert(parcel);
            }
            _ => {}
        }
    }
    for verdict in last.into_values() {
        *own.verdicts.entry(verdict.to_owned()).or_default() += 1;
    }
    let state = |parcel: &&str| review.of(parcel);
    own.deferred = deferred.iter().filter_map(state).filter(|state| state.deferred).count();
    own.flagged = flagged.iter().filter_map(state).filter(|state| state.flag.as_ref().is_some_and(|(_, by)| by == user)).count();
    own.decisions = durations.len();
    own.elapsed_s = span.map_or(0.0, |(begin, end)| end - begin);
    own.per_hour = if own.elapsed_s > 0.0 { durations.len() as f64 * 3600.0 / own.elapsed_s } else { f64::NAN };
    own.mean_s = durations.iter().sum::<f64>() / durations.len() as f64;
    own.median_s = median(&mut durations);
    own
}

/// Median, halfway between the middle two of an even number; `NaN` of none.
fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[half],
        _ => f64::midpoint(values[half - 1], values[half]),
    }
}
