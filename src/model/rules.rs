//! Rules as they are written: green, yellow or red for a parcel from its markers and features.
//!
//! `engine` compiles and runs them; the language is described there.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Data that a rule needs before it says anything but yellow.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Minimum {
    /// Feature that counts the clear observations in the window.
    pub count: String,
    /// Needed at least.
    pub at_least: f64,
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
    pub numbers: BTreeMap<String, f64>,
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
    /// From a byte of a verdict column.
    pub fn from_class(class: u8) -> Self {
        match class {
            0 => Self::Green,
            2 => Self::Red,
            _ => Self::Yellow,
        }
    }
}
