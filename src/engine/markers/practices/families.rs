//! The families but crop practices: their series in, what they say out.

use super::given::{ByOrbit, Column, Given, day_in};
use super::{Closed, Told, change, event};
use crate::engine::practices::bare_soil::{self, Confidence, Label, Observation, Period, Sample};
use crate::engine::practices::events::{
    Signal, emergence as emergence_after, events_marker, harvest as harvests, ploughing as ploughings, residue_change,
    water as waters,
};
use crate::engine::practices::mowing::{self as mown, Compliance, Detection, Input, Orbit, Requirement, Sources};
use crate::engine::practices::{Event, Outcome, Reason, clear_series};
use crate::model::practices::bare_soil::{LabelParams, Params as BareSoilParams};
use crate::model::ruleset::practice::{BareSoil, Emergence, Harvest, Mowing, Ploughing, Residue, Water};

fn interval(own: &Event) -> Closed {
    Closed { start: own.start, end: own.end }
}

/// `mowing`, `s2`, `s1`, `compliance`.
pub(super) fn mowing(own: &Mowing, given: &Given<'_>, window: Closed) -> Vec<Told> {
    let ndvi = given.optional(own.ndvi.as_ref());
    let coherence: Vec<Column> = own.coherence.iter().flat_map(|series| given.orbits(series)).map(|(_, column)| column).collect();
    let orbits: Vec<Orbit<'_>> = coherence.iter().map(|column| Orbit { days: &column.days, coherence: &column.values }).collect();
    let radar_pixels = own.coherence.iter().find_map(|series| given.pixels(series)).unwrap_or(own.pixels);
    let both = Input { ndvi_days: &ndvi.days, ndvi: &ndvi.values, orbits: &orbits, radar_pixels };
    let found = |input: &Input<'_>| {
        let mut all = mown::candidates(input, &own.params);
        all.retain(|detection| detection.window().meets(window));
        mown::thin(all, own.params.separation_days, own.params.max_events)
    };
    let (optical, radar) = (ndvi.observations(window), coherence.iter().map(|column| column.observations(window)).sum::<usize>());
    let (all, s2) = (found(&both), found(&Input { orbits: &[], ..both }));
    let s1: Vec<Detection> = found(&Input { ndvi_days: &[], ndvi: &[], ..both });
    let required = own.required.max(1);
    let main = mown::required_marker(&all, &both, window, required as usize, &own.params);
    let alone = mown::marker(&s2, &both, window, &own.params);
    let joined = coherence.iter().fold(Column::default(), |mut all, column| {
        all.days.extend_from_slice(&column.days);
        all.values.extend_from_slice(&column.values);
        all
    });
    let events: Vec<Event> = s1.iter().map(|detection| detection.event(&own.params)).collect();
    let heard = events_marker("mowing", &events, joined.signal(), window, own.params.max_gap_days);
    let told = |found: &[Detection]| found.iter().map(|detection| mowing_event(detection, own)).collect::<Vec<_>>();
    vec![
        Told::counted(told(&all), main.outcome, window, required, optical + radar),
        Told::counted(told(&s2), alone.outcome, window, 1, optical),
        Told::counted(told(&s1), heard.outcome, window, 1, radar),
        compliance(own, &all, &both, window, optical + radar),
    ]
}

fn mowing_event(detection: &Detection, own: &Mowing) -> super::Event {
    let sources = match detection.sources {
        Sources::S1 => "S1",
        Sources::S2 => "S2",
        Sources::Both => "S1/S2",
    };
    event(&detection.event(&own.params), sources, (detection.after - detection.before).abs())
}

/// The code of L4B as value; where none is inside, but one may have been missed, unknown.
fn compliance(own: &Mowing, events: &[Detection], input: &Input<'_>, window: Closed, observations: usize) -> Told {
    let asked = own.interval.map(|interval| {
        let start = day_in(interval.from, window);
        // The last day is included whole.
        let end = (day_in(interval.to, Closed { start, ..window }) + 1.0).next_down();
        Closed { start, end }
    });
    let requirement = asked.map(|interval| Requirement { interval, strict: own.strict });
    let found = mown::compliance(events, requirement, observations > 0);
    let outcome = match (found, asked) {
        (Compliance::Inside, _) => Outcome::Yes,
        (Compliance::InsideAndOutside, _) => Outcome::No,
        // A no of the marker is one; a doubt stays a doubt.
        (Compliance::NoneInside, Some(interval)) => {
            mown::marker(events, input, interval, &own.params).outcome.and(Outcome::Unknown)
        }
        _ => Outcome::Unknown,
    };
    let inside = asked.unwrap_or(window);
    let told = events.iter().filter(|detection| detection.window().meets(inside)).map(|detection| mowing_event(detection, own));
    Told { value: f64::from(found.code()), ..Told::plain(told.collect(), outcome, inside, observations) }
}

/// Labels of the days on which any of the series has a value.
fn labelled(ndvi: &Column, ndti: &Column, others: [&Column; 2], params: &LabelParams) -> Vec<Observation> {
    let series = [ndvi, ndti, others[0], others[1]].map(Column::clear);
    let value = |series: &[(f64, f64)], day: f64| {
        let at = series.partition_point(|(other, _)| *other < day);
        series.get(at).filter(|(other, _)| *other == day).map_or(f64::NAN, |(_, value)| *value)
    };
    // Every label asks for NDVI.
    let days = series[0].iter().map(|(day, _)| *day);
    let label = |day: f64| {
        let [ndvi, ndti, ndmi, fcover] = [&series[0], &series[1], &series[2], &series[3]].map(|series| value(series, day));
        bare_soil::label(&Sample { ndvi, ndti, ndmi, fcover }, params)
    };
    days.filter_map(|day| label(day).map(|label: Label| Observation::from_label(day, label))).collect()
}

/// Predictions of a classifier: the probability of bare soil.
fn predicted(bare: &Column) -> Vec<Observation> {
    let observation = |(day, bare): (f64, f64)| Observation { day, bare: bare >= 0.5, confidence: bare.max(1.0 - bare) };
    bare.clear().into_iter().filter(|(_, bare)| (0.0..=1.0).contains(bare)).map(observation).collect()
}

/// Periods that meet the window, as many as the parameters allow.
fn periods(observations: &[Observation], window: Closed, params: &BareSoilParams) -> Vec<Period> {
    let mut all = bare_soil::timeline(observations, &BareSoilParams { max_periods: usize::MAX, ..*params });
    all.retain(|period| period.window().meets(window));
    all.truncate(params.max_periods);
    all
}

/// `bare_soil`, `strong`, `s1`.
pub(super) fn bare_soil(own: &BareSoil, given: &Given<'_>, window: Closed, min_observations: u32) -> Vec<Told> {
    let series = [&own.ndvi, &own.ndti, &own.ndmi, &own.fcover].map(|series| given.optional(series.as_ref()));
    let [ndvi, ndti, ndmi, fcover] = &series;
    let observations = if let Some(bare) = &own.bare {
        predicted(&given.column(bare))
    } else {
        let labels = LabelParams { use_fcover: own.labels.use_fcover && own.fcover.is_some(), ..own.labels };
        labelled(ndvi, ndti, [ndmi, fcover], &labels)
    };
    let heard = predicted(&given.optional(own.radar.as_ref()));
    let preset = own.params.preset;
    let (seen, radar) = (periods(&observations, window, &own.params), periods(&heard, window, &own.radar_params));
    let combined = bare_soil::combine(&seen, &radar, preset);
    let classes: Vec<Confidence> = combined.iter().map(|own| own.confidence).collect();
    let names: Vec<String> = combined.iter().map(ToString::to_string).collect();
    let own_classes: Vec<Confidence> = radar.iter().map(|period| period.confidence(own.radar_params.preset)).collect();
    let radar_names: Vec<String> = own_classes.iter().map(ToString::to_string).collect();
    let least_count = min_observations as usize;
    let told = |periods: &[Period], classes: &[Confidence], names: &[String], observations: &[Observation], least: Confidence| {
        let marker = bare_soil::class_marker(periods, classes, observations, window, least, least_count);
        let counts = |at: &usize| classes[*at] >= least || !marker.outcome.is_yes();
        let events =
            (0..periods.len()).filter(counts).map(|at| event(&periods[at].event(), &names[at], periods[at].duration_days()));
        let count = observations.iter().filter(|observation| window.holds(observation.day)).count();
        let mut told = Told::plain(events.collect(), marker.outcome, window, count);
        told.value = marker.value;
        told
    };
    vec![
        told(&seen, &classes, &names, &observations, own.least),
        told(&seen, &classes, &names, &observations, Confidence::Strong),
        told(&radar, &own_classes, &radar_names, &heard, own.least),
    ]
}

/// Events of one kind that meet the window, of which one inside says yes.
fn candidates(events: Vec<Event>, component: &str, signal: &Column, window: Closed, max_gap_days: f64) -> Told {
    let events: Vec<Event> = events.into_iter().filter(|event| interval(event).meets(window)).collect();
    let marker = events_marker("events", &events, signal.signal(), window, max_gap_days);
    let told = events.iter().map(|own| event(own, component, change(own))).collect();
    Told::counted(told, marker.outcome, window, 1, signal.observations(window))
}

/// The orbit with the most observations, the first of equals.
fn fullest(orbits: Vec<ByOrbit>) -> ByOrbit {
    let count = |own: &ByOrbit| own.1.values.iter().filter(|value| value.is_finite()).count();
    orbits.into_iter().reduce(|a, b| if count(&b) > count(&a) { b } else { a }).unwrap_or_default()
}

/// `harvest`.
pub(super) fn harvest(own: &Harvest, given: &Given<'_>, window: Closed) -> Vec<Told> {
    let ndvi = given.column(&own.ndvi);
    let (orbit, vh) = own.vh.as_ref().map(|vh| fullest(given.orbits(vh))).unwrap_or_default();
    let vv = own.vv.as_ref().and_then(|vv| given.orbits(vv).into_iter().find(|(name, _)| *name == orbit));
    let (vh, vv) = (vh.decibel(own.unit), vv.map(|(_, vv)| vv.decibel(own.unit)).unwrap_or_default());
    let cross = vh.clear();
    let mut ratio = Column::default();
    for (day, vv) in vv.clear() {
        let at = cross.partition_point(|(other, _)| *other < day);
        if let Some((_, vh)) = cross.get(at).filter(|(other, _)| *other == day) {
            ratio.days.push(day);
            ratio.values.push(vv - vh);
        }
    }
    let coherence = own.coherence.as_ref().map(|series| fullest(given.orbits(series)).1).unwrap_or_default();
    let found = harvests(ndvi.signal(), vh.signal(), ratio.signal(), coherence.signal(), &own.params);
    vec![candidates(found, "NDVI", &ndvi, window, own.max_gap_days)]
}

/// The surest of events that are the same, the earliest of equals; by start.
fn apart(mut events: Vec<Event>, sure: impl Fn(&Event) -> f64, same: impl Fn(&Event, &Event) -> bool) -> Vec<Event> {
    events.sort_by(|a, b| sure(b).total_cmp(&sure(a)).then(a.start.total_cmp(&b.start)).then(a.end.total_cmp(&b.end)));
    let mut kept: Vec<Event> = Vec::new();
    for event in events {
        if !kept.iter().any(|other| same(other, &event)) {
            kept.push(event);
        }
    }
    kept.sort_by(|a, b| a.start.total_cmp(&b.start));
    kept
}

/// Two events that share a day.
fn meets(a: &Event, b: &Event) -> bool {
    interval(a).meets(interval(b))
}

/// `ploughing`.
pub(super) fn ploughing(own: &Ploughing, given: &Given<'_>, window: Closed) -> Vec<Told> {
    let (ndvi, bsi) = (given.column(&own.ndvi), given.optional(own.bsi.as_ref()));
    let orbits = given.orbits(&own.coherence);
    let found = orbits.iter().flat_map(|(_, orbit)| ploughings(orbit.signal(), ndvi.signal(), bsi.signal(), &own.params));
    let found = apart(found.collect(), |event| event.confidence, meets);
    vec![candidates(found, "COHERENCE_VV", &given.column(&own.coherence), window, own.max_gap_days)]
}

/// `emergence`: without a day of sowing, and without bare soil, it cannot be told.
pub(super) fn emergence(own: &Emergence, given: &Given<'_>, window: Closed) -> Vec<Told> {
    let ndvi = given.column(&own.ndvi);
    let bare_days: Vec<f64> = if let Some(day) = own.sown {
        vec![day_in(day, window)]
    } else {
        let (ndti, none) = (given.optional(own.ndti.as_ref()), Column::default());
        let labels = LabelParams { use_fcover: false, water: false, ..own.labels };
        let observations = labelled(&ndvi, &ndti, [&none, &none], &labels);
        let periods = bare_soil::timeline(&observations, &BareSoilParams { max_periods: usize::MAX, ..own.bare_soil });
        periods.iter().map(|period| period.window().end).collect()
    };
    let found: Vec<Event> = bare_days.iter().filter_map(|&day| emergence_after(ndvi.signal(), day, &own.params)).collect();
    let mut told = candidates(apart(found, change, meets), "NDVI", &ndvi, window, own.max_gap_days);
    // Bare soil after the window says nothing of emergence in it.
    if !bare_days.iter().any(|day| *day <= window.end) {
        told.outcome = Outcome::Unknown;
    }
    vec![told]
}

/// `residue`, `gain`.
pub(super) fn residue(own: &Residue, given: &Given<'_>, window: Closed) -> Vec<Told> {
    let (series, ndvi) = (given.column(&own.series), given.column(&own.ndvi));
    let green = ndvi.clear();
    let bare = |day: f64| {
        let at = green.partition_point(|(other, _)| *other < day);
        green.get(at).is_some_and(|(other, value)| *other == day && *value <= own.params.max_ndvi)
    };
    let usable: Vec<f64> = clear_series(&series.days, &series.values)
        .into_iter()
        .map(|(day, _)| day)
        .filter(|&day| window.holds(day) && bare(day))
        .collect();
    let tried: Vec<f64> = own.day.map_or_else(|| usable.clone(), |day| vec![day_in(day, window)]);
    let limit = if own.params.change > 0.0 { own.params.change } else { own.index.default_change() };
    let (mut known, mut events) = (Vec::new(), Vec::new());
    for day in tried.into_iter().filter(|&day| window.holds(day)) {
        let (marker, event) = residue_change(own.index, series.signal(), ndvi.signal(), day, &own.params);
        if marker.reason == Reason::Met || marker.reason == Reason::NotMet {
            known.push(marker.value);
            events.extend(event);
        }
    }
    let told = |sign: f64| {
        let goes = |own: &Event| own.evidence.first().map_or(f64::NAN, |line| sign * (line.after - line.before));
        // Medians of days nearer than their window share a change.
        let same = |a: &Event, b: &Event| (a.main - b.main).abs() < own.params.window_days || meets(a, b);
        let kept = apart(events.iter().filter(|own| goes(own) > 0.0).cloned().collect(), goes, same);
        let strongest = known.iter().map(|change| sign * change).fold(f64::NAN, f64::max);
        let outcome = if known.is_empty() { Outcome::Unknown } else { (strongest >= limit).into() };
        let events =
            kept.iter().map(|own| event(own, own.evidence.first().map_or("", |line| line.signal), change(own))).collect();
        Told {
            value: sign * strongest,
            threshold: sign * limit,
            margin: strongest - limit,
            ..Told::plain(events, outcome, window, usable.len())
        }
    };
    vec![told(-1.0), told(1.0)]
}

/// `water`: observations outside the window take no part.
pub(super) fn water(own: &Water, given: &Given<'_>, window: Closed) -> Vec<Told> {
    let mndwi = given.column(&own.mndwi).within(window);
    let found = waters(Signal { days: &mndwi.days, values: &mndwi.values }, &own.params);
    let events = found.iter().map(|own| {
        let above = own.evidence.first().map_or(f64::NAN, |line| line.after - line.threshold);
        event(own, "MNDWI", above)
    });
    let marker = events_marker("water", &found, mndwi.signal(), window, own.params.max_gap_days);
    vec![Told::counted(events.collect(), marker.outcome, window, 1, mndwi.observations(window))]
}
