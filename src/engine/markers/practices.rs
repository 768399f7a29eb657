//! Practices of a ruleset on one parcel: the families of [`crate::engine::practices`] read its series and give findings.
//!
//! A family sees all observations of its series; its events are those that meet the window. An open end of the window is that of the
//! series. Of days without a year each year is looked at by itself ([`super::season`]).

mod crop;
mod families;
mod given;

use std::sync::Arc;

use super::evaluate::{Event, Finding, Outcome};
use super::season::{Span, joined};
use super::{Kind, Marker, Window};
use crate::engine::practices::{self, EventKind};
use crate::model::SampleTable;
use crate::model::ruleset::{Family, PracticeRule};
use given::Given;

/// A practice with the slots of its series.
#[derive(Debug, Clone)]
pub(super) struct PracticePlan {
    /// Names of its findings, its own first.
    pub names: Vec<Arc<str>>,
    /// The leading series.
    pub signal: Arc<str>,
    rule: PracticeRule,
    span: Span,
    slots: Vec<(String, usize)>,
}

impl PracticePlan {
    /// Of a checked practice; `slot` tells where a series is.
    pub fn new(rule: &PracticeRule, slot: impl Fn(&String) -> usize) -> Self {
        let series = rule.find.series();
        Self {
            names: rule.names().map(Arc::from).collect(),
            signal: series.first().map_or_else(Arc::default, |(_, own)| Arc::from(own.signal.as_str())),
            span: Span::of(rule.from, rule.to),
            slots: series.into_iter().map(|(_, own)| (own.signal.clone(), slot(&own.signal))).collect(),
            rule: rule.clone(),
        }
    }

    /// Where its series are.
    pub fn slots(&self) -> impl Iterator<Item = usize> {
        self.slots.iter().map(|(_, slot)| *slot)
    }

    /// One finding a name; `tables` gives the parts of a series.
    ///
    /// * **NaN:** is a missing observation. What cannot be told is unknown.
    /// * **Cost:** a few passes over the series, each sorted once.
    pub fn findings<'t>(&self, tables: &dyn Fn(usize) -> Vec<&'t SampleTable>) -> Vec<Finding> {
        let given = Given { plan: self, tables: self.slots().map(tables).collect() };
        let mut windows: Vec<Vec<Told>> = match &self.rule.find {
            Family::CropPractice(own) => {
                crop::seasons(own, &given).iter().map(|season| crop::told(own, &given, season)).collect()
            }
            _ => self.span.windows(&given.days()).into_iter().map(|window| self.told(&given, given.closed(window))).collect(),
        };
        let least = self.rule.min_observations.max(1);
        let mut by_name: Vec<Vec<Finding>> = vec![Vec::with_capacity(windows.len()); self.names.len()];
        for told in windows.drain(..) {
            debug_assert_eq!(told.len(), self.names.len(), "a finding a name");
            by_name.iter_mut().zip(told).for_each(|(list, told)| list.push(told.finding(least)));
        }
        by_name.into_iter().map(joined).collect()
    }

    fn told(&self, given: &Given<'_>, window: Closed) -> Vec<Told> {
        match &self.rule.find {
            Family::Mowing(own) => families::mowing(own, given, window),
            Family::BareSoil(own) => families::bare_soil(own, given, window, self.rule.min_observations),
            Family::Harvest(own) => families::harvest(own, given, window),
            Family::Ploughing(own) => families::ploughing(own, given, window),
            Family::Emergence(own) => families::emergence(own, given, window),
            Family::Residue(own) => families::residue(own, given, window),
            Family::Water(own) => families::water(own, given, window),
            // It has seasons in place of windows.
            Family::CropPractice(_) => Vec::new(),
        }
    }
}

/// A window with both ends, for the families.
type Closed = practices::Window;

/// What a family says in one window, for one finding.
struct Told {
    events: Vec<Event>,
    outcome: practices::Outcome,
    value: f64,
    threshold: f64,
    margin: f64,
    /// Days in which an event must lie to decide; the surest one does, the first of equals.
    inside: Closed,
    observations: usize,
}

impl Told {
    /// Without a number that decides.
    fn plain(events: Vec<Event>, outcome: practices::Outcome, inside: Closed, observations: usize) -> Self {
        Self { events, outcome, value: f64::NAN, threshold: f64::NAN, margin: f64::NAN, inside, observations }
    }

    /// How many events lie wholly inside the window, of so many that are required.
    fn counted(events: Vec<Event>, outcome: practices::Outcome, inside: Closed, required: u32, observations: usize) -> Self {
        let own = Self::plain(events, outcome, inside, observations);
        let count = own.events.iter().filter(|event| inside.contains(span(event))).count() as f64;
        let threshold = f64::from(required.max(1));
        let value = if observations > 0 || count > 0.0 { count } else { f64::NAN };
        Self { value, threshold, margin: value - threshold, ..own }
    }

    fn finding(self, least: u32) -> Finding {
        let observations = u32::try_from(self.observations).unwrap_or(u32::MAX);
        let outcome = match self.outcome {
            _ if observations < least => Outcome::Unknown,
            practices::Outcome::Yes => Outcome::Yes,
            practices::Outcome::No => Outcome::No,
            practices::Outcome::Unknown => Outcome::Unknown,
        };
        let surest = |holds: &dyn Fn(&Event) -> bool| {
            let sure = |at: usize| if self.events[at].confidence.is_nan() { -1.0 } else { self.events[at].confidence };
            let places = (0..self.events.len()).filter(|&at| holds(&self.events[at]));
            places.reduce(|a, b| if sure(b) > sure(a) { b } else { a })
        };
        let decisive =
            surest(&|event| self.inside.contains(span(event))).or_else(|| surest(&|event| self.inside.meets(span(event))));
        let Self { events, value, threshold, margin, .. } = self;
        Finding { events, outcome, value, threshold, margin, decisive, observations }
    }
}

fn span(event: &Event) -> Closed {
    Closed { start: event.marker.start, end: event.marker.stop }
}

/// An event of a family as one of the ruleset: values are those of the leading evidence before and after, or at the main day of water.
fn event(own: &practices::Event, component: &str, depth: f64) -> Event {
    let (before, after) = own.evidence.first().map_or((f64::NAN, f64::NAN), |line| (line.before, line.after));
    let (kind, values) = match own.kind {
        EventKind::Mowing => (Kind::Mowing, [before, f64::NAN, after]),
        EventKind::BareSoil => (Kind::BareSoil, [f64::NAN; 3]),
        EventKind::Harvest => (Kind::Harvest, [before, f64::NAN, after]),
        EventKind::Tillage => (Kind::Tillage, [before, f64::NAN, after]),
        EventKind::Ploughing => (Kind::Ploughing, [before, f64::NAN, after]),
        EventKind::Emergence => (Kind::Emergence, [before, f64::NAN, after]),
        EventKind::ResidueChange => (Kind::Residue, [before, f64::NAN, after]),
        EventKind::Water => (Kind::Water, [before, after, f64::NAN]),
    };
    let marker = Marker { kinds: kind.into(), start: own.start, main: own.main, stop: own.end, values, depth };
    Event { marker, component: Arc::from(component), confidence: own.confidence }
}

/// The change of the leading evidence, whichever way it went.
fn change(own: &practices::Event) -> f64 {
    own.evidence.first().map_or(f64::NAN, |line| (line.after - line.before).abs())
}

/// The window of a family, closed by the extent of its series.
fn closed(window: Window, extent: Option<(f64, f64)>) -> Closed {
    let (first, last) = extent.unwrap_or((0.0, 0.0));
    let start = if window.from.is_finite() { window.from } else { first };
    let end = if window.to.is_finite() { window.to } else { last };
    Closed { start, end }
}
