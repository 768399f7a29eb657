//! The one sentence that says why a parcel has its verdict.

use std::fmt;

use serde::Serialize;

use super::compile::{Group, Rules, Shape, decide};
use super::lexer::{Compare, DATE};
use super::parser::{Calculate, Form, Node};
use super::program::{NO, Rows, Scratch, Seen, YES, run};
use super::{Outcome, Verdict};
use crate::engine::markers::date_of;

/// A marker or a comparison of a program.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ground {
    Marker { name: String },
    Comparison { value: String, limit: String, compare: Compare, unit: String },
}

/// What decided a verdict.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Grounds {
    /// Data are fewer than the rule needs.
    TooFewData {
        /// Clear observations; `NaN` when not counted.
        count: f32,
        /// Needed.
        needed: f32,
    },
    /// A marker.
    Marker {
        /// Its name.
        name: String,
        /// Its outcome.
        outcome: Outcome,
    },
    /// A comparison of two numbers.
    Comparison {
        /// The compared expression as it is written.
        name: String,
        /// Its value; `NaN` when missing.
        value: f32,
        /// `>=`, `<=`, `>`, `<`, `==`, `!=`.
        sign: &'static str,
        /// The limit as it is written, e.g. the name of a number.
        limit: String,
        /// Its value.
        threshold: f32,
        /// Signed distance, positive where the comparison holds; `NaN` when missing.
        margin: f32,
        /// Unit of all of them, empty for none.
        unit: String,
        /// Whether it holds.
        outcome: Outcome,
    },
}

/// A verdict with its reason.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Explanation {
    /// The verdict.
    pub verdict: Verdict,
    /// What decided it.
    pub grounds: Grounds,
    /// Margin as [`Rules::evaluate`] gives it: positive on the green side.
    pub margin: f32,
    /// The window of the rule, as it is written.
    pub window: Option<String>,
    /// Clear observations in the window, where the rule counts them.
    pub clear: Option<f32>,
}

impl Rules {
    /// Why one parcel has its verdict; nothing for a group that does not exist. `row` holds a value for each name of the vocabulary.
    ///
    /// Of several comparisons the deciding one is named: of an *and* that holds the one with the smallest margin relative to its
    /// limit, of one that does not the one that fails most; of an *or* the other way round.
    pub fn explain(&self, row: &[f32], group: u16) -> Option<Explanation> {
        let One { group, shape, green, red, seen } = self.one(row, group)?;
        let (verdict, by_red) = decide(green.0, red.map(|red| red.0));
        let (_, margin, ground) = red.filter(|_| by_red).unwrap_or(green);
        let clear = shape.count.map(|column| row[usize::from(column)]);
        let window = group.window.clone();
        if let Some(count) = clear.filter(|count| count.is_nan() || *count < group.at_least) {
            let grounds = Grounds::TooFewData { count, needed: group.at_least };
            return Some(Explanation { verdict: Verdict::Yellow, grounds, margin: f32::NAN, window, clear });
        }
        let ground = usize::from(ground);
        let grounds = shape.grounds[ground].seen(&seen[ground]);
        Some(Explanation { verdict, grounds, margin: if by_red { -margin } else { margin }, window, clear })
    }

    /// What every marker and comparison of the rules saw in one parcel, also those that did not decide: each once, those of `red`
    /// after those of `green`. Nothing for a group that does not exist. `row` is that of [`Rules::explain`].
    pub fn grounds(&self, row: &[f32], group: u16) -> Vec<Grounds> {
        let Some(One { shape, seen, .. }) = self.one(row, group) else { return Vec::new() };
        let first = |&(at, ground): &(usize, &Ground)| !shape.grounds[..at].contains(ground);
        shape.grounds.iter().enumerate().filter(first).map(|(at, ground)| ground.seen(&seen[at])).collect()
    }

    /// Runs the rules of a group on one parcel.
    fn one(&self, row: &[f32], group: u16) -> Option<One<'_>> {
        let group = self.groups.get(usize::from(group))?;
        let shape = &self.shapes[group.shape];
        let columns: Vec<&[f32]> = row.iter().map(std::slice::from_ref).collect();
        let slot = |slot: u16, _: usize| group.numbers[usize::from(slot)];
        let rows = Rows { columns: &columns, first: 0, count: 1, slot: &slot };
        let mut scratch = Scratch::new();
        scratch.seen = vec![Seen::NOTHING; shape.grounds.len()];
        let answer = |ops, scratch: &mut Scratch| {
            let truths = run(ops, &rows, scratch);
            (truths.truth[0], truths.margin[0], truths.ground[0])
        };
        let green = answer(&shape.green, &mut scratch);
        let red = shape.red.as_ref().map(|red| answer(red, &mut scratch));
        Some(One { group, shape, green, red, seen: scratch.seen })
    }
}

/// Truth, margin and ground of a program.
type Answer = (u8, f32, u16);

/// What the rules of a group say of one parcel.
struct One<'a> {
    group: &'a Group,
    shape: &'a Shape,
    green: Answer,
    red: Option<Answer>,
    /// By ground.
    seen: Vec<Seen>,
}

impl Rules {
    /// The features that are compared with a number of the groups, with the sign: what a distribution beside it shows.
    pub fn compared_with(&self, number: &str) -> Vec<(&str, &'static str)> {
        let mut found = Vec::new();
        for ground in self.shapes.iter().flat_map(|shape| &shape.grounds) {
            if let Ground::Comparison { value, limit, compare, .. } = ground
                && limit == number
                && !found.contains(&(value.as_str(), compare.sign()))
            {
                found.push((value.as_str(), compare.sign()));
            }
        }
        found
    }
}

impl Ground {
    /// This ground with what it saw in a parcel.
    fn seen(&self, seen: &Seen) -> Grounds {
        let outcome = match seen.truth {
            YES => Outcome::Yes,
            NO => Outcome::No,
            _ => Outcome::Unknown,
        };
        match self {
            Self::Marker { name } => Grounds::Marker { name: name.clone(), outcome },
            Self::Comparison { value, limit, compare, unit } => Grounds::Comparison {
                name: value.clone(),
                value: seen.value,
                sign: compare.sign(),
                limit: limit.clone(),
                threshold: seen.limit,
                margin: seen.margin,
                unit: unit.clone(),
                outcome,
            },
        }
    }
}

impl fmt::Display for Explanation {
    /// `Green: ndvi_drop is 0.21, as required >= min_drop = 0.15 (margin 0.06), 15 May to 30 September, 12 clear observations.`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.verdict, self.grounds)?;
        if let Some(window) = &self.window {
            write!(f, ", {window}")?;
        }
        // Too few data name the number themselves.
        if let (Some(clear), false) = (self.clear, matches!(self.grounds, Grounds::TooFewData { .. })) {
            write!(f, ", {clear} clear observations")?;
        }
        f.write_str(".")
    }
}

impl fmt::Display for Grounds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooFewData { count, needed } if count.is_nan() => {
                write!(f, "clear observations are not counted, {needed} are needed")
            }
            Self::TooFewData { count, needed } => write!(f, "{count} clear observations, {needed} are needed"),
            Self::Marker { name, outcome: Outcome::Yes } => write!(f, "{name} is yes"),
            Self::Marker { name, outcome: Outcome::No } => write!(f, "{name} is no"),
            Self::Marker { name, .. } => write!(f, "{name} is unknown"),
            Self::Comparison { name, value, .. } if value.is_nan() => write!(f, "{name} is missing"),
            Self::Comparison { name, value, sign, limit, threshold, margin, unit, outcome } => {
                let held = match outcome {
                    Outcome::Yes => "as required",
                    Outcome::No => "against the required",
                    Outcome::Unknown => "too near to the required",
                };
                if unit == DATE {
                    let (value, threshold) = (Shown(*value), Shown(*threshold));
                    return write!(f, "{name} is {value}, {held} {sign} {threshold} (margin {} days)", Short(*margin));
                }
                // A limit that is a plain number is not said twice.
                let limit = if limit.parse::<f32>().is_ok() { String::new() } else { format!("{limit} = ") };
                let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
                let (value, threshold, margin) = (Short(*value), Short(*threshold), Short(*margin));
                write!(f, "{name} is {value}{unit}, {held} {sign} {limit}{threshold}{unit} (margin {margin}{unit})")
            }
        }
    }
}

/// A day as a date.
struct Shown(f32);

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match date_of(f64::from(self.0)) {
            Some(date) => write!(f, "{date}"),
            None => write!(f, "{}", self.0),
        }
    }
}

/// A number with four decimals at most, without trailing zeros.
struct Short(f32);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.4}", self.0);
        let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
        f.write_str(if text == "-0" { "0" } else { text })
    }
}

impl Node {
    /// A number as it is written, with brackets where operations nest.
    pub(super) fn shown(&self) -> String {
        let inner = |node: &Self| match node.form {
            Form::Calculate(..) => format!("({})", node.shown()),
            _ => node.shown(),
        };
        match &self.form {
            Form::Number(value, _) => value.to_string(),
            Form::Name(name) => name.clone(),
            Form::Minus(of) => format!("-{}", inner(of)),
            Form::Calculate(calculate, left, right) => {
                let sign = match calculate {
                    Calculate::Add => '+',
                    Calculate::Subtract => '-',
                    Calculate::Multiply => '*',
                    Calculate::Divide => '/',
                };
                format!("{} {sign} {}", inner(left), inner(right))
            }
            // Truths are not shown as numbers.
            Form::Or(..) | Form::And(..) | Form::Not(_) | Form::Compare(..) => String::new(),
        }
    }
}
