//! Crop practices: seasons in place of windows.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::given::{Column, Given};
use super::{Closed, Told, event};
use crate::engine::markers::{date_of, epoch_day};
use crate::engine::practices::crop_practices::{Class, Practice, Report, Season, Series, analyse};
use crate::engine::practices::{self, Marker, Outcome};
use crate::model::ruleset::practice::CropPractice;
use crate::model::ruleset::{Between, Day};

/// A season, and the day on which the next one begins.
pub(super) struct Own {
    season: Season,
    next: f64,
}

/// The seasons of a practice: one of dates; of days without a year each that holds an observation.
pub(super) fn seasons(own: &CropPractice, given: &Given<'_>) -> Vec<Own> {
    let season = |start: Date| {
        let (harvest, period) = (between(own.harvest, start), own.period.map(|period| between(period, start)));
        Season { vegetation_start: epoch_day(start), harvest, practice: own.practice, period }
    };
    if let Day::Date(start) = own.vegetation_start {
        return vec![Own { season: season(start), next: f64::INFINITY }];
    }
    let mut years = BTreeSet::new();
    for days in given.days() {
        // A day out of the calendar belongs to no season.
        let ends = [days.first(), days.last()].map(|day| day.and_then(|&day| date_of(day)));
        if let [Some(first), Some(last)] = ends {
            years.extend((first.year().saturating_sub(1).max(-9998)..=last.year()).filter(|year| *year < 9998));
        }
    }
    let all = years.into_iter().map(|year| {
        let season = season(own.vegetation_start.in_year(year));
        let next = epoch_day(own.vegetation_start.in_year(year + 1));
        Own { next: next.max(last_day(&season) + 1.0), season }
    });
    let held = |own: &Own| {
        let window = Closed { start: own.season.vegetation_start, end: last_day(&own.season) };
        given.days().any(|days| {
            let at = days.partition_point(|&day| day < window.start);
            days.get(at).is_some_and(|&day| day < window.end + 1.0)
        })
    };
    all.filter(held).collect()
}

/// Days of a span, the first ones on or after another.
fn between(span: Between, earliest: Date) -> Closed {
    let first = span.from.on_or_after(earliest);
    Closed { start: epoch_day(first), end: epoch_day(span.to.on_or_after(first)) }
}

fn last_day(season: &Season) -> f64 {
    season.period.map_or(season.harvest.end, |period| period.end.max(season.harvest.end))
}

/// The practice, then `vegetation`, `harvest`, `harvest_s1`, `tillage`, `m6` to `m10`.
pub(super) fn told(own: &CropPractice, given: &Given<'_>, of: &Own) -> Vec<Told> {
    let season = &of.season;
    let before = Closed { start: f64::NEG_INFINITY, end: of.next.next_down() };
    let column = |series| given.column(series).within(before);
    let ndvi = column(&own.ndvi);
    let (vv, vh) = (column(&own.vv).linear(own.unit), column(&own.vh).linear(own.unit));
    let coherence = column(&own.coherence);
    let (vv, vh) = paired(&vv, &vh);
    let series = Series {
        ndvi_days: &ndvi.days,
        ndvi: &ndvi.values,
        backscatter_days: &vv.days,
        vv_linear: &vv.values,
        vh_linear: &vh,
        coherence_days: &coherence.days,
        coherence: &coherence.values,
    };
    let report = analyse(&series, season, &own.params);
    // A last day is included whole.
    let window = Closed { start: season.vegetation_start, end: (last_day(season) + 1.0).next_down() };
    let observations = ndvi.observations(window);
    let plain = |marker: &Marker, events: Vec<super::Event>| {
        let mut told = Told::plain(events, marker.outcome, window, observations);
        told.value = marker.value;
        told
    };
    let (harvest, tillage) = (week(report.harvest_event(), 0, "NDVI"), week(report.tillage_event(), 2, "COHERENCE_VV"));
    let markers = report.named_markers();
    let mut all = vec![main(own, &report, harvest.clone(), window, observations)];
    for marker in &markers {
        let told = match marker.name {
            "harvest" => plain(marker, harvest.clone()),
            "tillage" => plain(marker, tillage.clone()),
            "M6" => limited(plain(marker, Vec::new()), own.params.practice_ndvi, 1.0),
            "M9" => limited(plain(marker, Vec::new()), own.params.practice_ratio_slope, -1.0),
            "M10" => limited(plain(marker, Vec::new()), own.params.practice_coherence_value, -1.0),
            _ => plain(marker, Vec::new()),
        };
        all.push(told);
    }
    all
}

/// With the limit that a value must exceed (1) or stay below (−1).
fn limited(told: Told, threshold: f64, side: f64) -> Told {
    Told { threshold, margin: side * (told.value - threshold), ..told }
}

/// VV and VH of the days on which both are given, of days with several acquisitions their mean.
fn paired(vv: &Column, vh: &Column) -> (Column, Vec<f64>) {
    if vv.days == vh.days {
        return (vv.clone(), vh.values.clone());
    }
    let cross = vh.clear();
    let mut both = (Column::default(), Vec::new());
    for (day, vv) in vv.clear() {
        let at = cross.partition_point(|(other, _)| *other < day);
        if let Some((_, vh)) = cross.get(at).filter(|(other, _)| *other == day) {
            both.0.days.push(day);
            both.0.values.push(vv);
            both.1.push(*vh);
        }
    }
    both
}

/// An event of a week; its depth is the change of the line of evidence that leads to it.
fn week(found: Option<practices::Event>, line: usize, component: &str) -> Vec<super::Event> {
    let told = |mut own: practices::Event| {
        own.evidence.drain(..line.min(own.evidence.len()));
        let depth = super::change(&own);
        event(&own, component, depth)
    };
    found.map(told).into_iter().collect()
}

/// The harvest, or the class of the practice that is asked for.
fn main(own: &CropPractice, report: &Report, harvest: Vec<super::Event>, window: Closed, observations: usize) -> Told {
    if own.practice == Practice::HarvestOnly {
        let named = report.named_markers();
        let outcome = named.iter().find(|marker| marker.name == "harvest").map_or(Outcome::Unknown, |marker| marker.outcome);
        return Told::counted(harvest, outcome, window, 1, observations);
    }
    let rank = |class: Class| match class {
        Class::Poor => 1.0,
        Class::Weak => 2.0,
        Class::Moderate => 3.0,
        Class::Strong => 4.0,
    };
    let outcome = report.class.map_or(Outcome::Unknown, |class| (class >= own.least).into());
    let value = report.class.map_or(f64::NAN, rank);
    let threshold = rank(own.least);
    Told { value, threshold, margin: value - threshold, ..Told::plain(Vec::new(), outcome, window, observations) }
}
