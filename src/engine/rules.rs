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

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::practices::Outcome;

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

/// Data that a rule needs before it says anything but yellow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    /// Feature that counts the clear observations in the window.
    pub count: String,
    /// Needed at least.
    pub at_least: f32,
}

/// Rules of a group of crops as they are written. What is absent is inherited.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GroupText {
    /// Name of the group that it inherits from; nothing for [`RulesText::base`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inherits: Option<String>,
    /// Crop codes of the group. Never inherited.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub crops: Vec<String>,
    /// Green when this is yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub green: Option<String>,
    /// Red when this is yes; absent everywhere: red when `green` is no. Red is tested first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub red: Option<String>,
    /// Minimum data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Minimum>,
    /// The window that features and counts are taken from, as it is shown, e.g. `15 May to 30 September`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// Numbers that rules name; each is inherited on its own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub numbers: BTreeMap<String, f32>,
}

/// A set of rules as it is written.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RulesText {
    /// For all crops that no group names, and what groups inherit.
    pub base: GroupText,
    /// Groups by name.
    pub groups: BTreeMap<String, GroupText>,
}

/// Traffic light of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Verdict {
    /// The rule is met.
    Green = 0,
    /// It cannot be told.
    Yellow = 1,
    /// The rule is broken.
    Red = 2,
}

impl Verdict {
    /// From a byte of [`Rules::evaluate`].
    pub fn from_class(class: u8) -> Self {
        match class {
            0 => Self::Green,
            2 => Self::Red,
            _ => Self::Yellow,
        }
    }
}
