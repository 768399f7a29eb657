//! What a ruleset says of a parcel, as plain data for panes and sheets: findings, comparisons, events, curves.

use crate::engine::markers::Window;
use crate::engine::markers::evaluate::{Finding, Outcome};
use crate::engine::markers::sources::{self, Source};
use crate::engine::rules::{Explanation, Grounds};
use crate::model::ruleset::{Detector, MarkerRule, Side, Take};
use crate::model::{Ruleset, Signal};

use super::detection::Detection;
use super::marked::Marked;

/// What a number of a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// In the signal's unit.
    Signal,
    /// Days.
    Days,
    /// The signal's unit per day.
    PerDay,
}

/// A marker, practice or composite.
#[derive(Debug, Clone, PartialEq)]
pub struct FindingRow {
    /// Name in the ruleset.
    pub name: String,
    /// Outcome.
    pub outcome: Outcome,
    /// Value that decides; `NaN` where there is none.
    pub value: f64,
    /// Its threshold; `NaN` where the ruleset sets none.
    pub threshold: f64,
    /// Distance on the side of yes; `NaN` where there is none.
    pub margin: f64,
    /// `≥`, `>`, `<`: how the value is compared.
    pub sign: &'static str,
    /// What these numbers are.
    pub measure: Measure,
    /// The event that decides, a place in [`MarkerModel::events`].
    pub event: Option<usize>,
    /// Clear observations in the window.
    pub observations: u32,
    /// Fewer make the outcome unknown; 0 where nothing is said.
    pub needed: u32,
    /// The verdict depends on it.
    pub decides: bool,
}

/// A number that rules compare with a limit.
#[derive(Debug, Clone, PartialEq)]
pub struct ComparisonRow {
    /// The comparison with what it saw.
    pub grounds: Grounds,
    /// The verdict depends on it.
    pub decides: bool,
}

/// An event on the time axis.
#[derive(Debug, Clone, PartialEq)]
pub struct EventMark {
    /// Finding that it belongs to.
    pub name: String,
    /// First day, days since 1970-01-01.
    pub start: f64,
    /// Day that stands for it.
    pub main: f64,
    /// Last day.
    pub stop: f64,
    /// How strong; `NaN` of kinds without strength.
    pub depth: f64,
    /// Signals of the project that it was found in.
    pub signals: Vec<Signal>,
}

/// A threshold that is a value of a signal.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    /// Signal.
    pub signal: Signal,
    /// Marker or feature that it belongs to.
    pub name: String,
    /// The value.
    pub value: f64,
}

/// A derived series that has the values of a signal of the project, cleaned or smoothed.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Signal that it was made of.
    pub signal: Signal,
    /// Days and values, by day.
    pub points: Vec<[f64; 2]>,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarkerModel {
    /// In the order of the ruleset.
    pub findings: Vec<FindingRow>,
    /// In the order of the rules.
    pub comparisons: Vec<ComparisonRow>,
    /// By the day that stands for them.
    pub events: Vec<EventMark>,
    /// Days that what decided looks at; an open end is infinite.
    pub window: Option<Window>,
    /// Thresholds of signals.
    pub levels: Vec<Level>,
    /// Derived series.
    pub curves: Vec<Curve>,
}

impl MarkerModel {
    /// Of what is known of a parcel.
    pub fn new(detection: &Detection, marked: &Marked) -> Self {
        let rules = &detection.rules;
        let decisive = marked.explanation.as_ref().map(|own| decisive(rules, own)).unwrap_or_default();
        let names: Vec<&str> = detection.plan.findings().map(|(name, _)| name).collect();
        let mut events: Vec<EventMark> = Vec::new();
        let mut places: Vec<Option<usize>> = Vec::new();
        for (name, finding) in names.iter().zip(marked.found.findings()) {
            places.push(finding.decisive.map(|at| events.len() + at));
            events.extend(finding.events.iter().map(|event| EventMark {
                name: (*name).to_owned(),
                start: event.marker.start,
                main: event.marker.main,
                stop: event.marker.stop,
                depth: event.marker.depth,
                signals: sources::signals_of(rules, name, &event.component),
            }));
        }
        let mut order: Vec<usize> = (0..events.len()).collect();
        order.sort_by(|&a, &b| events[a].main.total_cmp(&events[b].main).then(a.cmp(&b)));
        let findings = names.iter().zip(marked.found.findings()).zip(places).map(|((name, finding), event)| {
            let event = event.and_then(|own| order.iter().position(|&at| at == own));
            finding_row(rules, name, finding, event, &decisive)
        });
        let comparison = |grounds: &Grounds| match grounds {
            Grounds::Comparison { .. } => {
                let decides = marked.explanation.as_ref().is_some_and(|own| same(&own.grounds, grounds));
                Some(ComparisonRow { grounds: grounds.clone(), decides })
            }
            Grounds::Marker { .. } | Grounds::TooFewData { .. } => None,
        };
        Self {
            findings: findings.collect(),
            comparisons: marked.grounds.iter().filter_map(comparison).collect(),
            window: window(rules, &decisive, &marked.days),
            levels: levels(rules, &marked.grounds),
            curves: curves(rules, marked),
            events: order.iter().map(|&at| events[at].clone()).collect(),
        }
    }

    /// Names of findings that have events, each once, in the order of the ruleset.
    pub fn kinds(&self) -> Vec<&str> {
        let seen = |row: &&FindingRow| self.events.iter().any(|event| event.name == row.name);
        self.findings.iter().filter(seen).map(|row| row.name.as_str()).collect()
    }
}

/// Names of findings and features that decided a verdict.
fn decisive(rules: &Ruleset, explanation: &Explanation) -> Vec<String> {
    match &explanation.grounds {
        Grounds::Marker { name, .. } => vec![name.clone()],
        Grounds::Comparison { name, limit, .. } => sources::words(rules, &format!("{name} {limit}")),
        Grounds::TooFewData { .. } => {
            let groups = rules.rules.iter().flat_map(|rules| std::iter::once(&rules.base).chain(rules.groups.values()));
            groups.filter_map(|group| group.minimum.as_ref()).map(|minimum| minimum.count.clone()).take(1).collect()
        }
    }
}

fn same(a: &Grounds, b: &Grounds) -> bool {
    match (a, b) {
        (Grounds::Comparison { name, sign, limit, .. }, Grounds::Comparison { name: other, sign: own, limit: bound, .. }) => {
            (name, sign, limit) == (other, own, bound)
        }
        _ => false,
    }
}

fn finding_row(rules: &Ruleset, name: &str, finding: &Finding, event: Option<usize>, decisive: &[String]) -> FindingRow {
    let rule = rules.markers.iter().find(|rule| rule.name == name);
    let practice = rules.practices.iter().find(|rule| rule.names().any(|own| own == name));
    let (sign, measure) = rule.map_or(("≥", Measure::Signal), |rule| compared(&rule.detect));
    let own = |word: &String| word == name || word.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
    FindingRow {
        name: name.to_owned(),
        outcome: finding.outcome,
        value: finding.value,
        threshold: finding.threshold,
        margin: finding.margin,
        sign,
        measure,
        event,
        observations: finding.observations,
        needed: rule.map_or_else(|| practice.map_or(0, |rule| rule.min_observations), |rule| rule.min_observations).max(1),
        decides: decisive.iter().any(own),
    }
}

/// How a detector compares, and what.
fn compared(detector: &Detector) -> (&'static str, Measure) {
    match detector {
        Detector::Drop(_) | Detector::Peak(_) | Detector::Fall(_) => ("≥", Measure::Signal),
        Detector::Gap(_) => (">", Measure::Days),
        Detector::Interval(own) if own.side == Side::Above => (">", Measure::Signal),
        Detector::Interval(_) => ("<", Measure::Signal),
        Detector::State(_) => ("≥", Measure::Days),
        Detector::SlopeBreak(_) => ("≥", Measure::PerDay),
    }
}

/// The days that all sources of some names look at; of windows of every year those of the last one with an observation.
fn window(rules: &Ruleset, names: &[String], days: &[f64]) -> Option<Window> {
    let last = |source: Source<'_>| source.span.windows(&std::iter::once(days)).last().copied();
    let windows = names.iter().flat_map(|name| sources::of(rules, name)).filter_map(last);
    let hull = windows.reduce(|a, b| Window { from: a.from.min(b.from), to: a.to.max(b.to) })?;
    // All time is no window.
    (hull.from.is_finite() || hull.to.is_finite()).then_some(hull)
}

fn levels(rules: &Ruleset, grounds: &[Grounds]) -> Vec<Level> {
    let of_source = |name: &str, source: &Source<'_>, value: f64| {
        let signal = sources::signal_with_values(rules, source.signal, source.component.unwrap_or_default())?;
        Some(Level { signal, name: name.to_owned(), value })
    };
    let marker = |rule: &MarkerRule| {
        let Detector::Interval(own) = &rule.detect else { return None };
        of_source(&rule.name, &sources::of_marker(rule), own.threshold)
    };
    let compared = |ground: &Grounds| {
        let Grounds::Comparison { name, threshold, .. } = ground else { return None };
        let feature = rules.features.iter().find(|own| own.name == *name)?;
        let value = matches!(feature.take, Take::Min | Take::Max | Take::Mean | Take::First | Take::Last);
        of_source(name, &sources::of_feature(feature), f64::from(*threshold)).filter(|_| value)
    };
    rules.markers.iter().filter_map(marker).chain(grounds.iter().filter_map(compared)).collect()
}

/// Derived series in which something is looked for.
fn curves(rules: &Ruleset, marked: &Marked) -> Vec<Curve> {
    let looked_at: Vec<&str> = sources::all(rules).map(|source| source.signal).collect();
    let mut curves: Vec<Curve> = Vec::new();
    for (name, table) in marked.found.series.iter().filter(|(name, _)| looked_at.contains(&&**name)) {
        for column in &table.columns {
            let Some(signal) = sources::signal_with_values(rules, name, &column.name) else { continue };
            let valued = table.days.iter().zip(&column.values).filter(|(_, value)| value.is_finite());
            let curve = Curve { signal, points: valued.map(|(&day, &value)| [day, value]).collect() };
            if curve.points.len() > 1 && !curves.contains(&curve) {
                curves.push(curve);
            }
        }
    }
    curves
}
