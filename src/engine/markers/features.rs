//! Features: the numbers of a parcel that rules compare. Made once from what a ruleset finds, in columns, so that a changed rule costs
//! one pass over a few columns.
//!
//! Every finding (marker, practice, composite) `NAME` gives its outcome under its own name, and these numbers:
//!
//! | name | unit | is |
//! |---|---|---|
//! | `NAME.count` | | events |
//! | `NAME.depth`, `NAME.depth2`, `NAME.depth3` | of the signal | strongest event, second, third; so `depth2 >= x` says that at least two events are that strong |
//! | `NAME.days` | days | all events together |
//! | `NAME.longest` | days | longest event |
//! | `NAME.start`, `NAME.peak`, `NAME.end` | date | of the first event |
//! | `NAME.last` | date | peak of the last event |
//! | `NAME.observations` | | clear observations in its window |
//!
//! Beside them stand the features that the ruleset itself names ([`crate::model::ruleset::FeatureRule`]).
//!
//! * **NaN:** of a finding that is unknown every number but `observations` is `NaN`, so that no rule says yes of it. Of one that is
//!   known not to have happened numbers and lengths are 0 and dates `NaN`.
//! * **Memory:** at most [`MAX_COLUMNS`] columns of four bytes a parcel.

use super::evaluate::{Evaluation, Finding, Outcome};
use super::plan::Plan;
use super::season::Span;
use super::{Samples, Window};
use crate::engine::rules::{Kind, RuleError, Rules, Vocabulary};
use crate::model::rules::RulesText;
use crate::model::ruleset::{Fault, FeatureRule, Key, Take};
use crate::model::{Ruleset, SampleTable};

/// Columns that are kept at most: 240 bytes a parcel.
pub const MAX_COLUMNS: usize = 60;

/// A number of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Outcome,
    Count,
    Depth(usize),
    Observations,
    Days,
    Longest,
    Start,
    Peak,
    End,
    Last,
}

impl Of {
    /// The most wanted first.
    const ALL: [(Self, &'static str, &'static str); 12] = [
        (Self::Outcome, "", ""),
        (Self::Count, ".count", ""),
        (Self::Depth(0), ".depth", ""),
        (Self::Observations, ".observations", ""),
        (Self::Start, ".start", "date"),
        (Self::Days, ".days", "days"),
        (Self::Depth(1), ".depth2", ""),
        (Self::Last, ".last", "date"),
        (Self::Longest, ".longest", "days"),
        (Self::Peak, ".peak", "date"),
        (Self::End, ".end", "date"),
        (Self::Depth(2), ".depth3", ""),
    ];

    fn value(self, finding: &Finding) -> f64 {
        let events = || finding.events.iter().map(|event| &event.marker);
        let least = |of: f64, other: f64| if other < of || of.is_nan() { other } else { of };
        let greatest = |of: f64, other: f64| if other > of || of.is_nan() { other } else { of };
        let first = || events().reduce(|a, b| if b.start < a.start { b } else { a });
        let none = match finding.outcome {
            Outcome::Unknown if self == Self::Observations => return f64::from(finding.observations),
            Outcome::Unknown => return f64::NAN,
            Outcome::Yes | Outcome::No => 0.0,
        };
        match self {
            Self::Outcome => f64::from(u8::from(finding.outcome == Outcome::Yes)),
            Self::Count => finding.events.len() as f64,
            Self::Observations => f64::from(finding.observations),
            Self::Days => events().map(|marker| marker.stop - marker.start).fold(0.0, |sum, days| sum + days),
            Self::Longest => events().map(|marker| marker.stop - marker.start).fold(none, greatest),
            Self::Start => first().map_or(f64::NAN, |marker| marker.start),
            Self::Peak => first().map_or(f64::NAN, |marker| marker.main),
            Self::End => first().map_or(f64::NAN, |marker| marker.stop),
            Self::Last => events().map(|marker| marker.main).fold(f64::NAN, greatest),
            Self::Depth(rank) if finding.events.len() <= rank => none,
            Self::Depth(rank) => {
                // Three at most are looked at, without sorting all.
                let mut strongest = [f64::NAN; 3];
                for depth in events().map(|marker| marker.depth.abs()).filter(|depth| !depth.is_nan()) {
                    let mut own = depth;
                    for place in &mut strongest {
                        let kept = greatest(*place, own);
                        own = if place.is_nan() { f64::NAN } else { least(*place, own) };
                        *place = kept;
                    }
                }
                strongest[rank.min(2)]
            }
        }
    }
}

/// Where a column comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum From {
    Finding(usize, Of),
    Signal(usize),
}

/// Which features a ruleset gives, and how they are taken from what it finds.
#[derive(Debug, Clone, PartialEq)]
pub struct FeaturePlan {
    columns: Vec<(String, Kind)>,
    from: Vec<From>,
}

impl FeaturePlan {
    /// The features of a ruleset: those that its rules name, then the most useful ones, as many as there is room for.
    pub fn new(rules: &Ruleset, plan: &Plan) -> Self {
        let findings: Vec<&str> = plan.findings().map(|(name, _)| name).collect();
        let mut all: Vec<(usize, String, Kind, From)> = Vec::new();
        for (at, feature) in rules.features.iter().enumerate() {
            let unit = feature.take.unit().map_or_else(|| feature.unit.clone(), str::to_owned);
            all.push((0, feature.name.clone(), Kind::Feature(unit), From::Signal(at)));
        }
        for (rank, (of, ending, unit)) in Of::ALL.into_iter().enumerate() {
            for (at, finding) in findings.iter().enumerate() {
                let kind = if of == Of::Outcome { Kind::Marker } else { Kind::Feature(unit.to_owned()) };
                all.push((rank, format!("{finding}{ending}"), kind, From::Finding(at, of)));
            }
        }
        let named = rules.rules.as_ref().map(words).unwrap_or_default();
        let (mut wanted, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, name, ..)| named.contains(&name.as_str()));
        let room = MAX_COLUMNS.saturating_sub(wanted.len());
        wanted.extend(rest.into_iter().take(room));
        let (columns, from) = wanted.into_iter().map(|(_, name, kind, from)| ((name, kind), from)).unzip();
        Self { columns, from }
    }

    /// Names and kinds of the columns.
    pub fn columns(&self) -> &[(String, Kind)] {
        &self.columns
    }

    /// Place of a column by name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(own, _)| own == name)
    }

    /// The columns as rules see them.
    pub fn vocabulary(&self) -> Vocabulary {
        Vocabulary::new(self.columns.iter().cloned())
    }

    /// The features of one parcel, a number for each column.
    pub fn row(&self, found: &Evaluation, into: &mut [f32]) {
        debug_assert_eq!(into.len(), self.from.len(), "a place for each column");
        let findings: Vec<&Finding> = found.findings().collect();
        for (place, from) in into.iter_mut().zip(&self.from) {
            *place = match *from {
                From::Finding(at, of) => findings.get(at).map_or(f32::NAN, |finding| of.value(finding) as f32),
                From::Signal(at) => found.features.get(at).map_or(f32::NAN, |value| *value as f32),
            };
        }
    }

    /// The rules of a ruleset, ready for these columns; `None` of one that only detects.
    pub fn rules(&self, rules: &Ruleset) -> Result<Option<Rules>, Fault> {
        let Some(text) = &rules.rules else { return Ok(None) };
        Rules::compile(text, &self.vocabulary()).map(Some).map_err(fault)
    }
}

/// Names that stand in rules.
fn words(rules: &RulesText) -> Vec<&str> {
    let groups = || std::iter::once(&rules.base).chain(rules.groups.values());
    let texts = groups().flat_map(|group| [&group.green, &group.red]).flatten();
    let split = |text: &'_ String| -> Vec<(usize, usize)> {
        let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
        let words = text.split(|c: char| !inside(c)).filter(|word| !word.is_empty());
        words.map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word.len())).collect()
    };
    let mut all: Vec<&str> =
        texts.flat_map(|text| split(text).into_iter().map(move |(at, length)| &text[at..at + length])).collect();
    all.extend(groups().filter_map(|group| group.minimum.as_ref()).map(|minimum| minimum.count.as_str()));
    all.sort_unstable();
    all.dedup();
    all
}

/// A fault of the rules with its place in the file.
fn fault(error: RuleError) -> Fault {
    let mut way = vec![Key::Name("rules")];
    if error.group.is_empty() {
        way.push(Key::Name("base"));
    } else {
        way.extend([Key::Name("groups"), Key::Own(error.group)]);
    }
    way.push(Key::Name(error.field));
    way.extend(error.place.map(|place| Key::Within(place.line, place.column)));
    Fault { way, reason: error.message }
}

/// A feature with the slot in which it looks.
#[derive(Debug, Clone)]
pub(super) struct SignalFeature {
    pub slot: usize,
    pub component: Option<String>,
    pub span: Span,
    pub take: Take,
}

impl SignalFeature {
    pub fn new(rule: &FeatureRule, slot: usize) -> Self {
        let span = Span::of(rule.from, rule.to);
        Self { slot, component: rule.component.clone(), span, take: rule.take }
    }

    /// The number, of all windows together where they repeat every year; `NaN` without a sample, but of observations their number.
    pub fn value(&self, parts: &[&SampleTable]) -> f64 {
        let wanted = |name: &str| self.component.as_deref().is_none_or(|own| own == name);
        let column =
            parts.iter().find_map(|table| table.columns.iter().find(|column| wanted(&column.name)).map(|column| (table, column)));
        let Some((table, column)) = column else {
            return if self.take == Take::Observations { 0.0 } else { f64::NAN };
        };
        let valued = table.days.iter().zip(&column.values).filter(|(_, value)| value.is_finite());
        let (days, values): (Vec<f64>, Vec<f64>) = valued.map(|(&day, &value)| (day, value)).unzip();
        let observed = table.observed.as_deref().unwrap_or(&days);
        let samples = Samples { days: &days, values: &values };
        let windows = self.span.windows(&[observed, &days].into_iter());
        let inside: Vec<usize> = windows.iter().flat_map(|window| samples.within(*window)).collect();
        let values: Vec<f64> = inside.iter().map(|&at| values[at]).collect();
        let at = |better: fn(f64, f64) -> bool| {
            let places = inside.iter().copied();
            let best = places.reduce(|best, at| if better(samples.values[at], samples.values[best]) { at } else { best });
            best.map_or(f64::NAN, |at| days[at])
        };
        let least = values.iter().copied().fold(f64::NAN, f64::min);
        let greatest = values.iter().copied().fold(f64::NAN, f64::max);
        match self.take {
            Take::Observations => windows.iter().map(|window| window.of(observed).len()).sum::<usize>() as f64,
            Take::LargestGap => {
                windows.iter().map(|window| gap(&observed[window.of(observed)], *window)).fold(f64::NAN, f64::max)
            }
            Take::Min => least,
            Take::Max => greatest,
            Take::Mean if values.is_empty() => f64::NAN,
            Take::Mean => values.iter().sum::<f64>() / values.len() as f64,
            Take::Range => greatest - least,
            Take::Fall => fall(values.iter().copied()),
            Take::Rise => fall(values.iter().map(|value| -value)),
            Take::First => values.first().copied().unwrap_or(f64::NAN),
            Take::Last => values.last().copied().unwrap_or(f64::NAN),
            Take::MinDay => at(|own, best| own < best),
            Take::MaxDay => at(|own, best| own > best),
        }
    }
}

/// Greatest fall from a value to any later one; `NaN` of none.
fn fall(values: impl Iterator<Item = f64>) -> f64 {
    let (mut highest, mut deepest) = (f64::NAN, f64::NAN);
    for value in values {
        highest = highest.max(value);
        deepest = deepest.max(highest - value);
    }
    deepest
}

/// Longest span between days, and from the ends of a window that has ends.
fn gap(days: &[f64], window: Window) -> f64 {
    let ends = |day: f64| day.is_finite().then_some(day);
    let all: Vec<f64> = ends(window.from).into_iter().chain(days.iter().copied()).chain(ends(window.to)).collect();
    all.windows(2).map(|two| two[1] - two[0]).fold(f64::NAN, f64::max)
}

#[cfg(test)]
mod tests;
