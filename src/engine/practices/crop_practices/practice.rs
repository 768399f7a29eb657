//! M6–M10 and the class of a practice.

use serde::Serialize;

use super::{Class, Marker, Outcome, Params, Practice, Reason, Season, Status, Week, WeekMarkers, Window, loss_threshold};
use crate::engine::practices::statistics::fit_line;

/// Markers of the practice period. Values: NDVI for M6–M8, dB per day for M9, coherence for M10.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PracticeMarkers {
    /// NDVI of the practice was reached; its value is the highest.
    pub m6: Marker,
    /// From the third week NDVI stays above that, or does not fall; its value is the lowest.
    pub m7: Marker,
    /// No NDVI was lost; its value is the loss threshold.
    pub m8: Marker,
    /// No backscatter was lost; its value is the steepest significant slope of the ratio.
    pub m9: Marker,
    /// From the second week coherence neither jumps nor is high; its value is the highest.
    pub m10: Marker,
}

impl PracticeMarkers {
    fn none(reason: Reason) -> Self {
        let unknown = |name| Marker::unknown(name, reason);
        Self { m6: unknown("M6"), m7: unknown("M7"), m8: unknown("M8"), m9: unknown("M9"), m10: unknown("M10") }
    }

    /// The five markers in order.
    pub fn named(&self) -> [Marker; 5] {
        [self.m6, self.m7, self.m8, self.m9, self.m10]
    }
}

/// What is known of the parcel before its practice is judged.
pub(super) struct Found<'a> {
    pub(super) weeks: &'a [Week],
    pub(super) markers: &'a [WeekMarkers],
    pub(super) status: Status,
    pub(super) harvest_week: Option<f64>,
}

/// Markers, class and the period that was looked at.
type Judged = (PracticeMarkers, Option<Class>, Option<Window>);

/// Judges the practice.
///
/// **Reading:** fallow with a harvest outside its period is moderate, like fallow without one. Where green fallow is required, none is weak.
pub(super) fn judge(found: &Found<'_>, season: &Season, params: &Params) -> Judged {
    let nothing = |reason| (PracticeMarkers::none(reason), None, None);
    let Some(period) = season.period.filter(|_| season.practice != Practice::HarvestOnly) else {
        return nothing(Reason::NotRelevant);
    };
    if found.status == Status::NoData {
        return nothing(Reason::NoData);
    }
    if found.weeks.last().is_none_or(|last| last.start + 6.0 < period.start) {
        return nothing(Reason::StillOpen);
    }
    if season.practice == Practice::CatchCrop {
        return catch_crop(found, period, params);
    }
    let practice = practice_markers(found.weeks, period, params);
    let harvested_inside = found.harvest_week.is_some_and(|start| period.meets(Window { start, end: start + 6.0 }));
    let vegetation = found.status != Status::NotRelevant;
    let class = match season.practice {
        Practice::NitrogenFixing => Some(match (vegetation, found.harvest_week) {
            (false, _) if params.no_vegetation_poor => Class::Poor,
            (false, _) => Class::Weak,
            (true, None) => Class::Moderate,
            (true, Some(_)) if params.harvest_inside_weak && harvested_inside => Class::Weak,
            (true, Some(_)) => Class::Strong,
        }),
        _ if params.mulching && !vegetation => Some(Class::Weak),
        _ if params.mulching => match practice.m8.outcome {
            Outcome::No => Some(Class::Strong),
            Outcome::Yes => Some(Class::Moderate),
            Outcome::Unknown => None,
        },
        _ if !vegetation => Some(Class::Strong),
        _ => Some(if harvested_inside { Class::Weak } else { Class::Moderate }),
    };
    (practice, class, Some(period))
}

/// A catch crop: the period starts at the last week with bare soil (M5) from the harvest to the latest start.
///
/// **Reading:** the latest start is the end of the practice period less the days of a catch crop, but not before the period. Without
/// a harvest by then the main crop still stood.
fn catch_crop(found: &Found<'_>, period: Window, params: &Params) -> Judged {
    if found.status == Status::NotRelevant {
        return (PracticeMarkers::none(Reason::NotRelevant), None, None);
    }
    let latest = (period.end - params.catch_days).max(period.start);
    let Some(harvest) = found.harvest_week.filter(|start| *start <= latest) else {
        let watched = found.weeks.last().is_some_and(|last| last.start + 6.0 >= latest);
        let reason = if watched { Reason::NotRelevant } else { Reason::StillOpen };
        return (PracticeMarkers::none(reason), watched.then_some(Class::Poor), None);
    };
    let bare = found
        .weeks
        .iter()
        .zip(found.markers)
        .rfind(|(week, markers)| week.start >= harvest && week.start <= latest && markers.m5.is_yes());
    let start = bare.map_or(harvest, |(week, _)| week.start);
    let window = Window { start, end: start + params.catch_days };
    let practice = practice_markers(found.weeks, window, params);
    let failed = practice.named().iter().filter(|marker| marker.outcome == Outcome::No).count();
    let without_ndvi = practice.m6.reason == Reason::NoData;
    let class = match failed {
        0 if without_ndvi => Class::Moderate,
        _ if without_ndvi => Class::Weak,
        0 => Class::Strong,
        1 => Class::Moderate,
        2 => Class::Weak,
        _ => Class::Poor,
    };
    // A period that no observation touches says nothing.
    let seen = practice.named().iter().any(|marker| marker.outcome != Outcome::Unknown);
    (practice, seen.then_some(class), Some(window))
}

/// M6–M10 in a period.
fn practice_markers(weeks: &[Week], period: Window, params: &Params) -> PracticeMarkers {
    let inside: Vec<&Week> = weeks.iter().filter(|week| week.meets(period)).collect();
    let valid =
        |from: usize| -> Vec<f64> { inside.iter().skip(from).map(|week| week.ndvi).filter(|value| value.is_finite()).collect() };
    let (ndvi, later) = (valid(0), valid(2));
    let highest = ndvi.iter().copied().fold(f64::NAN, f64::max);
    let lowest = later.iter().copied().fold(f64::NAN, f64::min);
    let up = params.practice_loss_up;
    let loss = loss_threshold(ndvi.iter().copied(), params.practice_ndvi, params.practice_loss_down, up, params.loss_step);
    let tested = |name, values: &[f64], truth, value| {
        if values.is_empty() { Marker::unknown(name, Reason::NoData) } else { Marker::tested(name, truth, value) }
    };
    let grows = lowest > params.practice_ndvi || later.is_sorted();
    PracticeMarkers {
        m6: tested("M6", &ndvi, highest >= params.practice_ndvi, highest),
        m7: tested("M7", &later, grows, lowest),
        m8: tested("M8", &ndvi, !loss.dropped, loss.threshold),
        m9: backscatter(weeks, &inside, params),
        m10: coherence(&inside, params),
    }
}

fn backscatter(weeks: &[Week], inside: &[&Week], params: &Params) -> Marker {
    if !params.practice_ratio {
        return Marker::unknown("M9", Reason::SwitchedOff);
    }
    let mut fitted = false;
    let mut steepest = f64::NAN;
    for week in inside {
        let near = weeks.iter().filter(|other| other.has_radar() && (other.start - week.start).abs() <= 14.0);
        let points: Vec<(f64, f64)> = near.map(|other| (other.start - week.start, other.ratio_db)).collect();
        let Some(line) = fit_line(&points).filter(|_| points.len() >= 3) else { continue };
        fitted = true;
        if line.slope_p_value() < params.practice_ratio_p {
            steepest = steepest.max(line.slope);
        }
    }
    if !fitted {
        return Marker::unknown("M9", Reason::NoData);
    }
    // Without a significant slope the steepest is NaN, which is no loss.
    let lost = steepest >= params.practice_ratio_slope;
    Marker::tested("M9", !lost, steepest)
}

fn coherence(inside: &[&Week], params: &Params) -> Marker {
    if !params.practice_coherence {
        return Marker::unknown("M10", Reason::SwitchedOff);
    }
    let later: Vec<&&Week> = inside.iter().skip(1).filter(|week| week.has_radar()).collect();
    if later.is_empty() {
        return Marker::unknown("M10", Reason::NoData);
    }
    let highest = later.iter().map(|week| week.coherence).fold(f64::NAN, f64::max);
    let calm = later.iter().all(|week| {
        // The first week with radar has no change, which is no jump.
        let jumped = week.coherence_change >= params.practice_coherence_change;
        !jumped && week.coherence < params.practice_coherence_value
    });
    Marker::tested("M10", calm, highest)
}
