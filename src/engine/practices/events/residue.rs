//! Change of a tillage or residue index around a date with bare soil.

use super::{Event, EventKind, Evidence, Marker, Outcome, Reason, Signal};
use crate::engine::practices::statistics::median;
use crate::model::practices::events::{ResidueIndex, ResidueParams};

/// Did residue on the soil become less around `day`, as tillage makes it? Marker `residue_loss`, with the event when it did or when
/// residue became more.
///
/// Medians of the clear observations on both sides of the day, in a window of its own each, the day itself after. NDVI of the same
/// days tells plants from residue. The value of the marker is the change of the index.
///
/// * **NaN:** an observation without NDVI or with green NDVI takes no part; too few on a side make the marker unknown.
/// * **Source:** indices as named in [`ResidueIndex`]; thresholds are ours.
pub fn residue_change(
    index: ResidueIndex,
    signal: Signal<'_>,
    ndvi: Signal<'_>,
    day: f64,
    params: &ResidueParams,
) -> (Marker, Option<Event>) {
    let green = ndvi.clear();
    let bare = |day: f64| {
        let at = green.partition_point(|(other, _)| *other < day);
        green.get(at).is_some_and(|(other, value)| *other == day && *value <= params.max_ndvi)
    };
    let usable: Vec<(f64, f64)> = signal.clear().into_iter().filter(|(day, _)| bare(*day)).collect();
    let before: Vec<(f64, f64)> =
        usable.iter().copied().filter(|(other, _)| *other < day && day - other <= params.window_days).collect();
    let after: Vec<(f64, f64)> =
        usable.iter().copied().filter(|(other, _)| *other >= day && other - day <= params.window_days).collect();
    let least = params.least_observations.max(1);
    let (Some((start, _)), Some((end, _))) = (before.last(), after.first()) else {
        return (Marker::unknown("residue_loss", Reason::NoData), None);
    };
    if before.len() < least || after.len() < least {
        return (Marker::unknown("residue_loss", Reason::TooFewData), None);
    }
    let middle = |side: &[(f64, f64)]| median(&mut side.iter().map(|(_, value)| *value).collect::<Vec<_>>());
    let (was, is) = (middle(&before), middle(&after));
    let limit = if params.change > 0.0 { params.change } else { index.default_change() };
    let change = is - was;
    let lost = -change >= limit;
    let event = (change.abs() >= limit).then(|| Event {
        kind: EventKind::ResidueChange,
        start: *start,
        main: day,
        end: *end,
        confidence: f64::NAN,
        evidence: vec![Evidence { signal: index.name(), before: was, after: is, threshold: limit.copysign(change) }],
    });
    let marker = Marker::tested("residue_loss", lost, change);
    debug_assert_ne!(marker.outcome, Outcome::Unknown, "both sides are known here");
    (marker, event)
}
