//! What can be wrong in a ruleset itself: names, circles, numbers out of range. Each fault tells its place.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use super::day::window_fault;
use super::{Chain, Detector, Extremum, Ruleset, Step};

/// One word of the way to a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// Name of a field.
    Name(&'static str),
    /// Name that the file itself gives.
    Own(String),
    /// Place in a list.
    At(usize),
    /// Line and column, from 1, inside the text of a field.
    Within(usize, usize),
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {reason}", Way(way))]
pub struct Fault {
    /// Way to the field from the top of the file.
    pub way: Vec<Key>,
    /// What is wrong and what is expected.
    pub reason: String,
}

/// `signals[2].steps[0]`.
struct Way<'a>(&'a [Key]);

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, key) in self.0.iter().enumerate() {
            match key {
                Key::Name(name) if at > 0 => write!(f, ".{name}")?,
                Key::Name(name) => f.write_str(name)?,
                Key::Own(name) => write!(f, ".{name}")?,
                Key::At(place) => write!(f, "[{place}]")?,
                // It is told as line and column of the file.
                Key::Within(..) => {}
            }
        }
        Ok(())
    }
}

/// Names with the place of what they name, where that is computed in an order.
type Names<'a> = HashMap<Cow<'a, str>, Option<usize>>;

/// Most entries of each list of a ruleset.
pub const MAX_ENTRIES: usize = 500;
/// Most steps of a chain.
pub const MAX_STEPS: usize = 64;
/// Most reference colours of a step.
pub const MAX_COLOURS: usize = 10_000;
/// Longest name, characters.
pub const MAX_NAME: usize = 80;

/// Orders in which signals and composites can be computed: each after those it uses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// Places in [`Ruleset::signals`].
    pub signals: Vec<usize>,
    /// Places in [`Ruleset::composites`].
    pub composites: Vec<usize>,
}

impl Ruleset {
    /// Checks names, circles and ranges; the order in which to compute.
    pub fn check(&self) -> Result<Order, Fault> {
        let lists = [
            ("inputs", self.inputs.len()),
            ("signals", self.signals.len()),
            ("markers", self.markers.len()),
            ("practices", self.practices.len()),
            ("composites", self.composites.len()),
            ("features", self.features.len()),
        ];
        if let Some((list, count)) = lists.into_iter().find(|(_, count)| *count > MAX_ENTRIES) {
            return fault([Key::Name(list)], format!("{count} entries; at most {MAX_ENTRIES} are possible"));
        }
        let series = self.series_names()?;
        let events = self.event_names()?;
        for (at, chain) in self.signals.iter().enumerate() {
            check_chain(chain, at, &series)?;
        }
        for (at, marker) in self.markers.iter().enumerate() {
            let here = |field: &'static str| [Key::Name("markers"), Key::At(at), Key::Name(field)];
            if !series.contains_key(marker.signal.as_str()) {
                return fault(here("signal"), unknown("input or signal", &marker.signal, &series));
            }
            if let Some(reason) = window_fault(marker.from, marker.to) {
                return fault(here("to"), reason);
            }
            detector_fault(&marker.detect).map_or(Ok(()), |reason| fault(here("detect"), reason))?;
        }
        self.check_practices(&series)?;
        for (at, composite) in self.composites.iter().enumerate() {
            let here = |field: &'static str| [Key::Name("composites"), Key::At(at), Key::Name(field)];
            if let Some(name) = composite.of.iter().find(|name| !events.contains_key(name.as_str())) {
                return fault(here("of"), unknown("marker, practice or composite", name, &events));
            }
            if !(composite.overlap_days >= 0.0 && composite.overlap_days.is_finite()) {
                return fault(here("overlap_days"), "expected days, 0 or more".to_owned());
            }
        }
        self.check_features(&series, &events)?;
        let uses = |at: usize| self.signals[at].from.iter().filter_map(|name| series[name.as_str()]).collect();
        let signals = ordered("signals", "from", self.signals.len(), &uses, &|at| &self.signals[at].name)?;
        let uses = |at: usize| self.composites[at].of.iter().filter_map(|name| events[name.as_str()]).collect();
        let composites = ordered("composites", "of", self.composites.len(), &uses, &|at| &self.composites[at].name)?;
        Ok(Order { signals, composites })
    }

    fn check_practices(&self, series: &Names<'_>) -> Result<(), Fault> {
        for (at, practice) in self.practices.iter().enumerate() {
            let own = [Key::Name("practices"), Key::At(at)];
            let inside = |field: &'static str| {
                let family = [Key::Name("find"), Key::Name(practice.find.code()), Key::Name(field)];
                own.iter().cloned().chain(family).collect::<Vec<Key>>()
            };
            if practice.name.contains('.') {
                let way: Vec<Key> = own.iter().cloned().chain([Key::Name("name")]).collect();
                return fault(way, "a dot stands before the parts of a practice only; write the name without".to_owned());
            }
            if let Some(reason) = window_fault(practice.from, practice.to) {
                let way: Vec<Key> = own.iter().cloned().chain([Key::Name("to")]).collect();
                return fault(way, reason);
            }
            let named = practice.find.series();
            if let Some((field, unlike)) = named.into_iter().find(|(_, own)| !series.contains_key(own.signal.as_str())) {
                return fault(inside(field), unknown("input or signal", &unlike.signal, series));
            }
            if let Some((field, reason)) = practice.fault() {
                return fault(inside(field), reason);
            }
        }
        Ok(())
    }

    fn check_features(&self, series: &Names<'_>, events: &Names<'_>) -> Result<(), Fault> {
        let mut names = events.clone();
        for (at, feature) in self.features.iter().enumerate() {
            let here = |field: &'static str| [Key::Name("features"), Key::At(at), Key::Name(field)];
            add(&mut names, feature.name.as_str(), None, "features", at)?;
            if !series.contains_key(feature.signal.as_str()) {
                return fault(here("signal"), unknown("input or signal", &feature.signal, series));
            }
            if let Some(reason) = window_fault(feature.from, feature.to) {
                return fault(here("to"), reason);
            }
        }
        Ok(())
    }

    /// Names of inputs (`None`) and of signals and their parts with the place of the signal.
    fn series_names(&self) -> Result<Names<'_>, Fault> {
        let mut names = HashMap::new();
        for (at, input) in self.inputs.iter().enumerate() {
            add(&mut names, input.name.as_str(), None, "inputs", at)?;
        }
        for (at, chain) in self.signals.iter().enumerate() {
            add(&mut names, chain.name.as_str(), Some(at), "signals", at)?;
            for part in &chain.parts {
                add(&mut names, part.as_str(), Some(at), "signals", at)?;
            }
        }
        Ok(names)
    }

    /// Names of markers and findings of practices (`None`), and of composites with their place.
    fn event_names(&self) -> Result<Names<'_>, Fault> {
        let mut names = HashMap::new();
        for (at, marker) in self.markers.iter().enumerate() {
            add(&mut names, marker.name.as_str(), None, "markers", at)?;
        }
        for (at, practice) in self.practices.iter().enumerate() {
            for name in practice.names() {
                add(&mut names, name, None, "practices", at)?;
            }
        }
        for (at, composite) in self.composites.iter().enumerate() {
            add(&mut names, composite.name.as_str(), Some(at), "composites", at)?;
        }
        Ok(names)
    }
}

fn fault<T>(way: impl Into<Vec<Key>>, reason: String) -> Result<T, Fault> {
    Err(Fault { way: way.into(), reason })
}

/// Names become parts of file names, so they are plain.
fn add<'a>(
    names: &mut Names<'a>,
    name: impl Into<Cow<'a, str>>,
    place: Option<usize>,
    list: &'static str,
    at: usize,
) -> Result<(), Fault> {
    let here = [Key::Name(list), Key::At(at), Key::Name("name")];
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '+');
    let name = name.into();
    if name.is_empty() || name.chars().count() > MAX_NAME || !name.chars().all(plain) || name.starts_with('.') {
        let shown: String = name.chars().take(MAX_NAME).collect();
        return fault(here, format!("“{shown}” is no name; expected up to {MAX_NAME} letters, digits and _ - . +"));
    }
    if names.contains_key(&name) {
        return fault(here, format!("the name “{name}” is taken"));
    }
    names.insert(name, place);
    Ok(())
}

fn unknown(what: &str, name: &str, known: &Names<'_>) -> String {
    let mut names: Vec<&str> = known.keys().map(|name| &**name).collect();
    names.sort_unstable();
    let (shown, more) = names.split_at(names.len().min(12));
    let listed = shown.join(", ");
    let rest = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    let known = if listed.is_empty() { "there is none".to_owned() } else { format!("there are {listed}{rest}") };
    format!("there is no {what} “{}”; {known}", name.chars().take(MAX_NAME).collect::<String>())
}

/// Each after those it uses, otherwise in the order of the file; a circle is named.
fn ordered<'a>(
    list: &'static str,
    field: &'static str,
    count: usize,
    uses: &dyn Fn(usize) -> Vec<usize>,
    name: &dyn Fn(usize) -> &'a String,
) -> Result<Vec<usize>, Fault> {
    let mut order: Vec<usize> = Vec::with_capacity(count);
    let mut done = vec![false; count];
    loop {
        let before = order.len();
        for at in 0..count {
            if !done[at] && uses(at).into_iter().all(|used| done[used]) {
                done[at] = true;
                order.push(at);
            }
        }
        if order.len() == count {
            return Ok(order);
        }
        if order.len() == before {
            break;
        }
    }
    // Every one left uses another one left: going on from use to use ends in a circle.
    let mut way = vec![(0..count).find(|&at| !done[at]).unwrap_or(0)];
    while let Some(next) = way.last().and_then(|&at| uses(at).into_iter().find(|&used| !done[used])) {
        if let Some(start) = way.iter().position(|&seen| seen == next) {
            way.drain(..start);
            way.push(next);
            break;
        }
        way.push(next);
    }
    let circle = way.iter().map(|&at| format!("“{}”", name(at))).collect::<Vec<_>>().join(" uses ");
    fault([Key::Name(list), Key::At(way[0]), Key::Name(field)], format!("a circle: {circle}"))
}

fn check_chain(chain: &Chain, at: usize, series: &Names<'_>) -> Result<(), Fault> {
    let here = |field: &'static str| vec![Key::Name("signals"), Key::At(at), Key::Name(field)];
    if chain.from.is_empty() {
        return fault(here("from"), "it names no series".to_owned());
    }
    if let Some(name) = chain.from.iter().find(|name| !series.contains_key(name.as_str())) {
        return fault(here("from"), unknown("input or signal", name, series));
    }
    if chain.steps.len() > MAX_STEPS {
        return fault(here("steps"), format!("{} steps; at most {MAX_STEPS} are possible", chain.steps.len()));
    }
    for (number, step) in chain.steps.iter().enumerate() {
        if let Some(reason) = step_fault(step) {
            let mut way = here("steps");
            way.push(Key::At(number));
            return fault(way, reason);
        }
    }
    Ok(())
}

fn step_fault(step: &Step) -> Option<String> {
    let finite = |name: &str, value: f64| (!value.is_finite()).then(|| format!("{name} is not a finite number"));
    match step {
        Step::Select { components } if components.is_empty() => Some("components names none".to_owned()),
        Step::Remove { threshold, .. } => finite("threshold", *threshold),
        Step::Scale { factor, offset } => finite("factor", *factor).or_else(|| finite("offset", *offset)),
        Step::Stretch { min, max } => {
            let paired = !min.is_empty() && min.len() == max.len() && min.iter().zip(max).all(|(min, max)| min < max);
            (!paired).then(|| "min and max need as many values, each min below its max".to_owned())
        }
        Step::ColourClass { min, max, colours, nearest, .. } => {
            let numbers = colours.iter().flatten().chain(min).chain(max).all(|value| value.is_finite());
            let good = numbers && min.iter().zip(max).all(|(min, max)| min < max);
            (!good || !(1..=MAX_COLOURS).contains(&colours.len()) || !(1..=100).contains(nearest)).then(|| {
                format!("each min must lie below its max; colours needs 1 to {MAX_COLOURS} rows of numbers, nearest 1 to 100")
            })
        }
        Step::Resample { step_days, .. } if !(1..=366).contains(step_days) => {
            Some(format!("step_days is {step_days}; expected 1 to 366 days"))
        }
        Step::LowPass { cut_off, .. } if !(*cut_off > 0.0 && *cut_off < 0.5) => {
            Some(format!("cut_off is {cut_off}; expected more than 0 and less than 0.5 cycles per sample"))
        }
        Step::LowPass { order, .. } if !(1..=20).contains(order) => Some(format!("order is {order}; expected 1 to 20")),
        Step::MovingAverage { samples } if samples % 2 == 0 || *samples > 1001 => {
            Some(format!("samples is {samples}; expected an odd number up to 1001"))
        }
        Step::SavitzkyGolay { samples, degree } if samples % 2 == 0 || *samples > 1001 || degree >= samples || *degree > 10 => {
            Some(format!(
                "samples is {samples} and degree {degree}; expected an odd number up to 1001, and a degree below it up to 10"
            ))
        }
        Step::Whittaker { lambda } if !(*lambda > 0.0 && *lambda <= 1e9) => {
            Some(format!("lambda is {lambda}; expected more than 0, up to 1e9"))
        }
        Step::Despike { threshold, max_gap_days, .. } if !(*threshold >= 0.0 && *max_gap_days > 0.0) => {
            Some("threshold must be 0 or more and max_gap_days more than 0".to_owned())
        }
        Step::LinearFilter { b, a } => {
            let short =
                |weights: &[f64]| !weights.is_empty() && weights.len() <= 100 && weights.iter().all(|weight| weight.is_finite());
            (!(short(b) && short(a) && a[0] != 0.0))
                .then(|| "b and a need 1 to 100 numbers each, the first of a not 0".to_owned())
        }
        _ => None,
    }
}

fn detector_fault(detector: &Detector) -> Option<String> {
    let bad_days = |days: f64| !(days.is_finite() && days >= 0.0);
    match detector {
        Detector::Drop(own) | Detector::Peak(own) => {
            let Extremum { max_number, joins, min_duration_days, min_depth, .. } = own;
            if !(1..=1000).contains(max_number) || *joins > 100 {
                Some(format!("max_number is {max_number} and joins {joins}; expected 1 to 1000, and up to 100"))
            } else if min_duration_days.is_some_and(bad_days) {
                Some("min_duration_days must be 0 or more".to_owned())
            } else {
                min_depth.filter(|depth| !depth.is_finite()).map(|_| "min_depth is not a finite number".to_owned())
            }
        }
        Detector::Gap(own) => bad_days(own.longer_than_days).then(|| "longer_than_days must be 0 or more".to_owned()),
        Detector::Interval(own) => (!own.threshold.is_finite()).then(|| "threshold is not a finite number".to_owned()),
        Detector::State(own) if !own.state.is_finite() => Some("state is not a finite number".to_owned()),
        Detector::State(own) => {
            own.min_duration_days.is_some_and(bad_days).then(|| "min_duration_days must be 0 or more".to_owned())
        }
        Detector::SlopeBreak(own) => {
            let good = own.half_window_days > 0.0 && own.half_window_days.is_finite() && own.min_change_per_day > 0.0;
            (!good).then(|| "half_window_days and min_change_per_day must be more than 0".to_owned())
        }
        Detector::Fall(own) => own.fault(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ruleset::{Combine, CompositeRule, Gap, Input, MarkerRule};

    fn chain(name: &str, from: &str) -> Chain {
        Chain { name: name.to_owned(), from: vec![from.to_owned()], parts: Vec::new(), steps: Vec::new() }
    }

    fn rules(signals: Vec<Chain>) -> Ruleset {
        Ruleset { inputs: vec![Input { name: "raw".to_owned(), ..Input::default() }], signals, ..Ruleset::default() }
    }

    #[test]
    fn signals_are_ordered_by_use_and_circles_named() {
        let fine = rules(vec![chain("b", "a"), chain("a", "raw")]);
        assert_eq!(fine.check().map(|order| order.signals), Ok(vec![1, 0]));
        let round = rules(vec![chain("x", "a"), chain("a", "b"), chain("b", "a")]).check().expect_err("a circle");
        assert_eq!(round.to_string(), "signals[1].from: a circle: “a” uses “b” uses “a”");
    }

    #[test]
    fn unknown_and_double_names_are_told_with_their_place() {
        let fault = |own: Ruleset| own.check().expect_err("wrong").to_string();
        assert!(
            fault(rules(vec![chain("a", "rav")]))
                .starts_with("signals[0].from: there is no input or signal “rav”; there are a, raw")
        );
        assert_eq!(fault(rules(vec![chain("raw", "raw")])), "signals[0].name: the name “raw” is taken");
        assert!(fault(rules(vec![chain("../x", "raw")])).contains("is no name"));
        let mut own = rules(Vec::new());
        own.markers.push(MarkerRule {
            name: "gap".to_owned(),
            signal: "raw".to_owned(),
            component: None,
            from: None,
            to: None,
            min_observations: 3,
            detect: Detector::Gap(Gap { longer_than_days: -1.0 }),
        });
        assert_eq!(fault(own.clone()), "markers[0].detect: longer_than_days must be 0 or more");
        own.markers[0].detect = Detector::Gap(Gap::default());
        let of = ["gap".to_owned(), "self".to_owned()];
        own.composites.push(CompositeRule { name: "self".to_owned(), of, combine: Combine::Merge, overlap_days: 0.0 });
        assert_eq!(fault(own), "composites[0].of: a circle: “self” uses “self”");
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let mut own = rules(vec![chain("a", "raw")]);
        own.signals[0].steps = vec![Step::Join {}, Step::LowPass { cut_off: 5.0, order: 13 }];
        assert!(own.check().expect_err("wrong").to_string().starts_with("signals[0].steps[1]: cut_off is 5; expected"));
    }
}
