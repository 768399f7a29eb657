//! Rules: green, yellow or red for a parcel from its markers and features, with the reason.
//!
//! A rule is text over names and numbers, such as `mowing and ndvi_drop >= min_drop ~ 0.02`. Its truth may be unknown
//! ([`Outcome`]), and unknown propagates: `yes or unknown` is yes. Groups of crops inherit rules, numbers and minimum data from each
//! other and override single ones. [`Rules::compile`] checks the text against a [`Vocabulary`]; what it gives evaluates columns of
//! a whole country in one pass ([`Rules::evaluate`]), and explains one parcel ([`Rules::explain`]). Both run the same program.
//!
//! Nothing but numbers and names can be written: no calls, no loops, no access to anything. Length and depth are bounded before a text is read.
//!
//! # Language
//!
//! | form | meaning |
//! |---|---|
//! | `a and b`, `a or b`, `not a`, `( )` | truths; `not` binds closest, then `and`, then `or` |
//! | `x >= y`, `<=`, `>`, `<`, `==`, `!=` | comparison of numbers; its *margin* is the signed distance to the limit |
//! | `x >= y ~ t` | unknown while the distance is below `t` |
//! | `+ - * /`, `0.15`, `20 days` | numbers, with the unit that the compared name has |
//! | `2020-05-15` | a date, for features with the unit `date` |
//! | `name`, `a.b` | a marker (truth), a feature or a number of the group |
//!
//! * **NaN:** a missing marker or feature is unknown; it never gives a yes.

mod compile;
mod error;
mod explain;
mod lexer;
mod parser;
mod program;
#[cfg(test)]
mod tests;

use super::practices::Outcome;

pub use crate::model::rules::{GroupText, Minimum, RulesText, Verdict};
pub use compile::Rules;
pub use error::{Place, RuleError};
pub use explain::{Explanation, Grounds};
pub use lexer::MAX_LENGTH;
pub use parser::MAX_DEPTH;

/// What a name of a rule stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A marker: 1 yes, 0 no, `NaN` unknown.
    Marker,
    /// A number in this unit, empty for none; `NaN` when missing.
    Feature(String),
}

/// The columns that rules may name, in the order of the columns that [`Rules::evaluate`] gets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    names: Vec<(String, Kind)>,
}

impl Vocabulary {
    /// A vocabulary of these columns. Of equal names the first is meant.
    pub fn new(names: impl IntoIterator<Item = (String, Kind)>) -> Self {
        Self { names: names.into_iter().collect() }
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// True without columns.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// Position and kind of a name.
    fn find(&self, name: &str) -> Option<(usize, &Kind)> {
        self.names.iter().position(|(known, _)| known == name).map(|at| (at, &self.names[at].1))
    }

    /// All names, sorted.
    fn sorted(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.names.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}
