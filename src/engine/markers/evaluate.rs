//! Runs a ruleset on one parcel: inputs in; derived series, events and outcomes out.

use std::borrow::Cow;
use std::sync::Arc;

use super::blocks::{self, Missing, Part};
use super::butterworth::LANES;
use super::extrema::Extrema;
use super::plan::{ChainPlan, CompositePlan, MarkerPlan, Plan, Tool};
use super::practices::PracticePlan;
use super::season::joined;
use super::{Marker, Samples, Window, composite, fall, resample, smooth, spans};
use crate::model::SampleTable;
use crate::model::ruleset::{Combine, Detector, Extremum, Step};

/// What a marker says of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It happened.
    Yes,
    /// It did not, and there were enough observations to see it.
    No,
    /// There were not enough observations.
    Unknown,
}

impl Outcome {
    /// Name in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// An event and the component in which it was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The event.
    pub marker: Marker,
    /// Component; empty for an event that was put together. Of a practice what saw it, such as `S1/S2`, or its class.
    pub component: Arc<str>,
    /// 0 to 1; `NaN` where the finding gives none.
    pub confidence: f64,
}

/// What was found for one marker or composite.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Events, by component and time.
    pub events: Vec<Event>,
    /// Outcome.
    pub outcome: Outcome,
    /// Value that decides: of the strongest event, or of the strongest candidate where none counts. `NaN` where there is none.
    pub value: f64,
    /// Threshold for that value, in its unit; `NaN` where the ruleset sets none.
    pub threshold: f64,
    /// How far the value lies on the side of yes; negative on that of no.
    pub margin: f64,
    /// Event that decides, a place in `events`.
    pub decisive: Option<usize>,
    /// Observations in the window; of several components of the one with most, of a composite the lesser of both.
    pub observations: u32,
}

/// A step that could not be done for a parcel, because a component is missing. The signal is then empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    /// Place of the signal in the ruleset.
    pub signal: usize,
    /// Place of its step.
    pub step: usize,
    /// Component that is missing.
    pub component: String,
}

/// All that a ruleset says of one parcel.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// Derived series by name: one a signal, or one a part of it.
    pub series: Vec<Part>,
    /// By marker, in the order of the ruleset.
    pub markers: Vec<Finding>,
    /// By finding of the practices, in the order of [`Plan::practices`].
    pub practices: Vec<Finding>,
    /// By composite, in the order of [`Plan::composites`].
    pub composites: Vec<Finding>,
    /// By feature of the ruleset, in its order; `NaN` where there is none.
    pub features: Vec<f64>,
    /// Steps that could not be done.
    pub shortfalls: Vec<Shortfall>,
}

impl Evaluation {
    /// All findings: those of markers, those of practices, those of composites.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.markers.iter().chain(&self.practices).chain(&self.composites)
    }
}

/// Memory that is used again from parcel to parcel.
#[derive(Debug, Clone, Default)]
pub struct Scratch {
    lanes: Vec<[f64; LANES]>,
    days: Vec<f64>,
    values: Vec<f64>,
    needed: Vec<bool>,
}

/// A part that a step works on: of an input or another signal until it is changed.
type Work<'a> = (Arc<str>, Cow<'a, SampleTable>);

/// A part that is done; a signal and its named part share it.
type Done = (Arc<str>, Arc<SampleTable>);

impl Plan {
    /// Runs the ruleset on one parcel.
    ///
    /// `inputs` are in the order of [`Plan::inputs`]; those not given are empty.
    ///
    /// * **NaN:** is a missing observation. Without enough observations an outcome is unknown, never yes or no.
    /// * **Cost:** linear in samples and steps, mostly that of the low-pass filters.
    pub fn run(&self, inputs: &[SampleTable], scratch: &mut Scratch) -> Evaluation {
        self.evaluated(inputs, scratch, |_| true, true)
    }

    /// As [`Plan::run`], without [`Evaluation::series`]: what many parcels need whose series nobody looks at.
    ///
    /// Signals in which nothing looks are not computed, and steps of them that could not be done are not told.
    pub fn find(&self, inputs: &[SampleTable], scratch: &mut Scratch) -> Evaluation {
        let mut needed = std::mem::take(&mut scratch.needed);
        needed.clear();
        needed.resize(self.slots, false);
        self.markers.iter().for_each(|marker| needed[marker.slot] = true);
        self.practices.iter().flat_map(PracticePlan::slots).for_each(|slot| needed[slot] = true);
        self.features.iter().for_each(|feature| needed[feature.slot] = true);
        let of = |chain: &ChainPlan, needed: &[bool]| needed[chain.slot] || chain.parts.iter().any(|(_, slot)| needed[*slot]);
        // A signal stands after those it uses.
        for chain in self.chains.iter().rev() {
            if of(chain, &needed) {
                chain.from.iter().for_each(|&slot| needed[slot] = true);
            }
        }
        let found = self.evaluated(inputs, scratch, |chain| of(chain, &needed), false);
        scratch.needed = needed;
        found
    }

    fn evaluated(
        &self,
        inputs: &[SampleTable],
        scratch: &mut Scratch,
        needed: impl Fn(&ChainPlan) -> bool,
        keep_series: bool,
    ) -> Evaluation {
        let given = &inputs[..inputs.len().min(self.inputs.len())];
        let mut slots: Vec<Vec<Done>> = vec![Vec::new(); self.slots];
        let mut shortfalls = Vec::new();
        for chain in self.chains.iter().filter(|chain| needed(chain)) {
            let from = chain.from.iter().flat_map(|&slot| self.parts(slot, given, &slots));
            let parts =
                run_chain(chain, from.map(|(name, table)| (Arc::clone(name), Cow::Borrowed(table))), scratch, &mut shortfalls);
            let mut parts: Vec<Done> = parts.into_iter().map(|(name, table)| (name, Arc::new(table.into_owned()))).collect();
            for ((name, slot), part) in chain.parts.iter().zip(&mut parts) {
                part.0 = Arc::clone(name);
                slots[*slot] = vec![part.clone()];
            }
            if let ([(name, _)], true) = (parts.as_mut_slice(), chain.parts.is_empty()) {
                *name = Arc::clone(&chain.name);
            }
            slots[chain.slot] = parts;
        }
        let tables = |slot: usize| self.parts(slot, given, &slots).map(|(_, table)| table).collect::<Vec<_>>();
        let markers: Vec<Finding> = self.markers.iter().map(|marker| find(marker, &tables(marker.slot), scratch)).collect();
        let practices: Vec<Finding> = self.practices.iter().flat_map(|practice| practice.findings(&tables)).collect();
        let composites = self.combined(&markers, &practices);
        let features = self.features.iter().map(|own| own.value(&tables(own.slot))).collect();
        let mut series = Vec::new();
        if keep_series {
            // Named parts first, so that what remains is the only one.
            self.chains.iter().flat_map(|chain| &chain.parts).for_each(|(_, slot)| slots[*slot].clear());
            let done = self.chains.iter().flat_map(|chain| std::mem::take(&mut slots[chain.slot]));
            series = done.map(|(name, table)| (name, Arc::unwrap_or_clone(table))).collect();
        }
        Evaluation { series, markers, practices, composites, features, shortfalls }
    }

    /// Parts of an input or a signal.
    fn parts<'s>(
        &'s self,
        slot: usize,
        inputs: &'s [SampleTable],
        slots: &'s [Vec<Done>],
    ) -> impl Iterator<Item = (&'s Arc<str>, &'s SampleTable)> {
        let given = self.inputs.get(slot).zip(inputs.get(slot));
        given.into_iter().chain(slots[slot].iter().map(|(name, table)| (name, &**table)))
    }

    /// Composites, in the order in which they can be computed.
    fn combined(&self, markers: &[Finding], practices: &[Finding]) -> Vec<Finding> {
        let mut composites: Vec<Finding> = Vec::with_capacity(self.composites.len());
        // They name each other by their place in the ruleset.
        let mut placed: Vec<Option<usize>> = vec![None; self.composites.len()];
        let first = markers.len() + practices.len();
        for own in &self.composites {
            let known = |place: usize| match place.checked_sub(first) {
                None => markers.iter().chain(practices).nth(place),
                Some(at) => placed.get(at).copied().flatten().map(|at| &composites[at]),
            };
            // The order of the check computes every source before.
            let [Some(a), Some(b)] = own.of.map(known) else { continue };
            let found = combine(own, a, b);
            placed[own.at] = Some(composites.len());
            composites.push(found);
        }
        composites
    }
}

fn run_chain<'a>(
    chain: &ChainPlan,
    from: impl Iterator<Item = Work<'a>>,
    scratch: &mut Scratch,
    shortfalls: &mut Vec<Shortfall>,
) -> Vec<Work<'a>> {
    let mut parts: Vec<Work<'a>> = from.collect();
    let mut several = chain.from.len() > 1;
    for (number, (step, tool)) in chain.steps.iter().enumerate() {
        // A parcel without observations lacks no component; one whose samples were too few keeps the number of its observations.
        parts.retain(|(_, table)| !table.is_empty() || table.observed.is_some());
        if parts.is_empty() {
            break;
        }
        // Whether a part is one of several does not depend on how many of them this parcel has.
        several |= parts.iter().any(|(name, _)| *name != chain.from_names[0]);
        if let Err(missing) = apply(step, tool, several, &mut parts, scratch) {
            shortfalls.push(Shortfall { signal: chain.at, step: number, component: missing.component });
            return Vec::new();
        }
        if matches!(step, Step::Resample { .. } | Step::Join {}) {
            several = false;
            for (name, _) in &mut parts {
                *name = Arc::clone(&chain.from_names[0]);
            }
        }
    }
    parts
}

/// One step on all parts.
fn apply(step: &Step, tool: &Tool, several: bool, parts: &mut Vec<Work<'_>>, scratch: &mut Scratch) -> Result<(), Missing> {
    match step {
        Step::Split { by, only } => {
            let mut all = Vec::new();
            for part in std::mem::take(parts) {
                let split = blocks::split(part, by, only.as_deref())?;
                all.extend(split.into_iter().map(|(name, table)| (name, Cow::Owned(table))));
            }
            *parts = all;
            return Ok(());
        }
        Step::Resample { step_days, fill } => {
            let table = resample::resampled(parts, *step_days, *fill, several);
            *parts = vec![(Arc::clone(&parts[0].0), Cow::Owned(table))];
            return Ok(());
        }
        Step::Join {} if several => {
            let table = blocks::join(parts);
            *parts = vec![(Arc::clone(&parts[0].0), Cow::Owned(table))];
            return Ok(());
        }
        _ => {}
    }
    for (_, table) in parts {
        apply_to_one(step, tool, table.to_mut(), scratch)?;
    }
    Ok(())
}

fn apply_to_one(step: &Step, tool: &Tool, table: &mut SampleTable, scratch: &mut Scratch) -> Result<(), Missing> {
    match (step, tool) {
        (Step::Select { components }, _) => blocks::select(table, components)?,
        (Step::Remove { by, when, threshold }, _) => blocks::remove(table, by, *when, *threshold)?,
        (Step::Index { .. }, Tool::Formula { formula, sources, name }) => blocks::index(table, formula, sources, name)?,
        (Step::NormalisedDifference { of, .. }, Tool::Name(name)) => {
            blocks::add_of_two(table, of, name, blocks::normalised_difference)?;
        }
        (Step::Difference { of, .. }, Tool::Name(name)) => blocks::add_of_two(table, of, name, |a, b| a - b)?,
        (Step::Ratio { of, decibels: false, .. }, Tool::Name(name)) => blocks::add_of_two(table, of, name, |a, b| a / b)?,
        (Step::Ratio { of, .. }, Tool::Name(name)) => blocks::add_of_two(table, of, name, blocks::ratio_db)?,
        (Step::Scale { factor, offset }, _) => blocks::scale(table, *factor, *offset),
        (Step::Stretch { min, max }, _) => blocks::stretch(table, min, max),
        (Step::ColourClass { of, min, max, .. }, Tool::Colours(colours, name)) => {
            blocks::colour_class(table, of, [min, max], colours, name)?;
        }
        (Step::LowPass { .. }, Tool::LowPass(filter)) => {
            blocks::complete(table);
            let mut columns: Vec<&mut Vec<f64>> = table.columns.iter_mut().map(|column| &mut column.values).collect();
            if !filter.apply(&mut columns, &mut scratch.lanes) {
                emptied(table);
            }
        }
        (Step::MovingAverage { samples }, _) => {
            blocks::complete(table);
            for column in &mut table.columns {
                column.values = smooth::moving_average(&column.values, *samples as usize);
            }
        }
        (Step::SavitzkyGolay { .. }, Tool::Polynomial(filter)) => {
            blocks::complete(table);
            let smoothed: Option<Vec<Vec<f64>>> = table.columns.iter().map(|column| filter.apply(&column.values)).collect();
            match smoothed {
                Some(all) => table.columns.iter_mut().zip(all).for_each(|(column, values)| column.values = values),
                None => emptied(table),
            }
        }
        (Step::Whittaker { lambda }, _) => blocks::whittaker(table, *lambda),
        (Step::Despike { threshold, slope, max_gap_days }, _) => blocks::despike(table, *threshold, *slope, *max_gap_days),
        (Step::Norm { normalised }, _) => blocks::norm(table, *normalised),
        (Step::LinearFilter { b, a }, _) => blocks::linear_filter(table, b, a),
        (Step::Differentiate { per_day }, _) => blocks::differentiate(table, *per_day),
        // A join of one part, and steps that have their tool by construction.
        _ => {}
    }
    Ok(())
}

/// Without samples; its observations are still counted.
fn emptied(table: &mut SampleTable) {
    let days = std::mem::take(&mut table.days);
    table.observed.get_or_insert_with(|| Arc::from(days));
    table.columns.iter_mut().for_each(|column| column.values.clear());
}

/// What is looked at and what was seen of it.
struct Seen {
    events: Vec<Event>,
    /// Strongest candidate that is no event.
    candidate: f64,
    samples: bool,
    observations: usize,
}

fn find(rule: &MarkerPlan, tables: &[&SampleTable], scratch: &mut Scratch) -> Finding {
    let windows = rule.span.windows(&tables.iter().map(|table| table.days.as_slice()));
    match windows.as_slice() {
        [one] => find_in(rule, *one, tables, scratch),
        several => joined(several.iter().map(|window| find_in(rule, *window, tables, scratch)).collect()),
    }
}

fn find_in(rule: &MarkerPlan, window: Window, tables: &[&SampleTable], scratch: &mut Scratch) -> Finding {
    let mut seen = Seen { events: Vec::new(), candidate: f64::NAN, samples: false, observations: 0 };
    for table in tables {
        if let Some(days) = &table.observed {
            seen.observations = seen.observations.max(window.of(days).len());
        }
        let columns = table.columns.iter().filter(|column| rule.component.as_deref().is_none_or(|own| *column.name == *own));
        for column in columns {
            let samples = present(&table.days, &column.values, scratch);
            let inside = samples.within(window).len();
            seen.samples |= inside > 0;
            if table.observed.is_none() {
                seen.observations = seen.observations.max(inside);
            }
            detect(&rule.detect, samples, window, &column.name, &mut seen);
        }
    }
    let threshold = threshold(&rule.detect);
    let observations = seen.observations as u32;
    let known = seen.samples && observations >= rule.min_observations.max(1);
    let strength = |event: &Event| strength(&rule.detect, &event.marker);
    let decisive = strongest(&seen.events, strength);
    let value = decisive.map_or(seen.candidate, |at| value_of(&rule.detect, strength(&seen.events[at])));
    let outcome = match (known, decisive) {
        (false, _) => Outcome::Unknown,
        (true, Some(_)) => Outcome::Yes,
        (true, None) => Outcome::No,
    };
    let margin = match &rule.detect {
        Detector::Interval(own) => spans::beyond_by(value, own.threshold, own.side),
        _ => value - threshold,
    };
    Finding { events: seen.events, outcome, value, threshold, margin, decisive, observations }
}

/// Samples of a component without those that are missing.
fn present<'s>(days: &'s [f64], values: &'s [f64], scratch: &'s mut Scratch) -> Samples<'s> {
    if blocks::whole(values) {
        return Samples { days, values };
    }
    scratch.days.clear();
    scratch.values.clear();
    for (&day, &value) in days.iter().zip(values).filter(|(_, value)| value.is_finite()) {
        scratch.days.push(day);
        scratch.values.push(value);
    }
    Samples { days: &scratch.days, values: &scratch.values }
}

/// Place of the event with the largest strength, the first of equals; of events without strength the first.
fn strongest(events: &[Event], strength: impl Fn(&Event) -> f64) -> Option<usize> {
    let stronger = |best: Option<usize>, at: usize| match best {
        Some(own) if strength(&events[at]) > strength(&events[own]) => Some(at),
        None => Some(at),
        own => own,
    };
    (0..events.len()).fold(None, stronger)
}

/// What the threshold of a detector is about: depth, length, or change.
fn strength(detector: &Detector, marker: &Marker) -> f64 {
    match detector {
        Detector::Gap(_) | Detector::State(_) => marker.stop - marker.start,
        Detector::Drop(_) | Detector::Peak(_) | Detector::Interval(_) | Detector::SlopeBreak(_) | Detector::Fall(_) => {
            marker.depth
        }
    }
}

/// A strength as the value that is compared.
fn value_of(detector: &Detector, strength: f64) -> f64 {
    match detector {
        // The value itself, not its distance.
        Detector::Interval(own) => own.threshold + spans::beyond_by(strength, 0.0, own.side),
        _ => strength,
    }
}

fn threshold(detector: &Detector) -> f64 {
    match detector {
        Detector::Drop(own) | Detector::Peak(own) => own.min_depth.unwrap_or(f64::NAN),
        Detector::Gap(own) => own.longer_than_days,
        Detector::Interval(own) => own.threshold,
        Detector::State(own) => own.min_duration_days.unwrap_or(f64::NAN),
        Detector::SlopeBreak(own) => own.min_change_per_day,
        Detector::Fall(own) => own.min_depth,
    }
}

fn detect(detector: &Detector, samples: Samples<'_>, window: Window, component: &Arc<str>, seen: &mut Seen) {
    let candidates: Vec<Marker> = match detector {
        Detector::Drop(own) => extrema(own, window).drops(samples),
        Detector::Peak(own) => extrema(own, window).peaks(samples),
        Detector::Gap(_) => spans::gaps(samples, window).collect(),
        Detector::Interval(own) => spans::beyond(samples, window, own.threshold, own.side),
        Detector::State(own) => spans::runs(samples, window, own.state),
        Detector::SlopeBreak(own) => spans::breaks(samples, window, own.half_window_days, own.min_change_per_day),
        Detector::Fall(own) => fall::falls(own, samples, window),
    };
    let counts = |strength: f64| match detector {
        Detector::Drop(own) | Detector::Peak(own) => own.min_depth.is_none_or(|least| strength >= least),
        Detector::Gap(own) => strength > own.longer_than_days,
        Detector::State(own) => own.min_duration_days.is_none_or(|least| strength >= least),
        Detector::Fall(own) => strength >= own.min_depth,
        Detector::Interval(_) | Detector::SlopeBreak(_) => true,
    };
    for marker in candidates {
        let own = strength(detector, &marker);
        if counts(own) {
            seen.events.push(Event { marker, component: Arc::clone(component), confidence: f64::NAN });
        } else {
            seen.candidate = seen.candidate.max(own);
        }
    }
    if let Detector::Interval(own) = detector {
        // The nearest that any sample comes.
        let inside = &samples.values[samples.within(window)];
        let nearest = inside.iter().map(|&value| spans::beyond_by(value, own.threshold, own.side)).fold(f64::NAN, f64::max);
        let value = value_of(detector, nearest);
        let before = spans::beyond_by(seen.candidate, own.threshold, own.side);
        if before.is_nan() || before < nearest {
            seen.candidate = value;
        }
    }
}

fn extrema(own: &Extremum, window: Window) -> Extrema {
    Extrema {
        window,
        most: own.max_number as usize,
        joins: own.joins,
        least_days: own.min_duration_days.unwrap_or(f64::NEG_INFINITY),
        steep: own.steep,
    }
}

fn combine(rule: &CompositePlan, a: &Finding, b: &Finding) -> Finding {
    let markers = |finding: &Finding| {
        let mut all: Vec<Marker> = finding.events.iter().map(|event| event.marker).collect();
        // Events of several components are told component by component; together they are one time line.
        all.sort_by(|x, y| x.start.total_cmp(&y.start));
        all
    };
    let (own, other) = (markers(a), markers(b));
    let found: Vec<Marker> = match rule.combine {
        Combine::Confirm => composite::confirmed(&own, &other, rule.overlap_days),
        Combine::Without => composite::without(&own, &other, rule.overlap_days),
        Combine::Aggregate => composite::aggregated(&own, &other, rule.overlap_days).into_iter().map(|own| own.marker).collect(),
        Combine::Merge => composite::merged(&own, &other),
    };
    let outcome = combined(rule.combine, (a.outcome, b.outcome), !found.is_empty());
    let component: Arc<str> = Arc::default();
    let events: Vec<Event> =
        found.into_iter().map(|marker| Event { marker, component: Arc::clone(&component), confidence: f64::NAN }).collect();
    Finding {
        decisive: (!events.is_empty()).then_some(0),
        events,
        outcome,
        value: f64::NAN,
        threshold: f64::NAN,
        margin: f64::NAN,
        observations: a.observations.min(b.observations),
    }
}

/// The outcome of two: a no that decides alone decides, otherwise what is unknown makes unknown.
fn combined(combine: Combine, outcomes: (Outcome, Outcome), found: bool) -> Outcome {
    use Outcome::{No, Unknown, Yes};
    let told = if found { Yes } else { No };
    match (combine, outcomes) {
        (Combine::Confirm, (No, _) | (_, No)) | (Combine::Without, (No, _)) => No,
        // Nothing is left even without what may have been missed.
        (Combine::Without, (Yes, Unknown)) if !found => No,
        (Combine::Aggregate | Combine::Merge, (Yes, _) | (_, Yes)) => Yes,
        (_, (Unknown, _) | (_, Unknown)) => Unknown,
        _ => told,
    }
}

#[cfg(test)]
mod tests;
