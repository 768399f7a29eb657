//! Change of a tillage or residue index around a date with bare soil.

use serde::{Deserialize, Serialize};

use super::{Event, EventKind, Evidence, Marker, Outcome, Reason, Signal};
use crate::engine::practices::statistics::median;

/// An index of crop residue. All rise with residue; moist soil moves them too. Formulas are in [`crate::engine::indices::SHIPPED`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResidueIndex {
    /// (B11 − B12) / (B11 + B12), rises with residue (van Deventer 1997).
    Ndti,
    /// B11 / B12, rises with residue (van Deventer 1997).
    Sti,
    /// (B11 − B02) / (B11 + B02), rises with residue on most soils (Sullivan 2006, blue form).
    Crc,
    /// (B04 − B12) / (B04 + B12), rises with residue (Gelder 2009).
    Ndri,
}

impl ResidueIndex {
    /// Name of the index.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndti => "NDTI",
            Self::Sti => "STI",
            Self::Crc => "CRC",
            Self::Ndri => "NDRI",
        }
    }

    /// Change that counts by default: ours, as no threshold is published that holds between soils. About a quarter of the span
    /// between bare soil and full residue on the colour bar of the index.
    pub fn default_change(self) -> f64 {
        match self {
            Self::Ndti => 0.03,
            Self::Sti => 0.08,
            Self::Crc | Self::Ndri => 0.05,
        }
    }
}

/// Parameters of [`residue_change`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResidueParams {
    /// Days before and after the date that are compared. Default 20: our choice, about four passes.
    pub window_days: f64,
    /// Clear observations needed on each side. Default 1.
    pub least_observations: usize,
    /// Change that counts, in the unit of the index; 0 for [`ResidueIndex::default_change`]. Default 0.
    pub change: f64,
    /// Observations with a higher NDVI show plants instead of residue. Default 0.3: our choice, the limit that studies of tillage
    /// indices usually take for green cover.
    pub max_ndvi: f64,
}

impl Default for ResidueParams {
    fn default() -> Self {
        Self { window_days: 20.0, least_observations: 1, change: 0.0, max_ndvi: 0.3 }
    }
}

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
