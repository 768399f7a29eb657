//! The words of an agency: verdicts and reasons with their keys.

use serde::{Deserialize, Serialize};

/// How a verdict looks: shape, colour and meaning in counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// Check, green: complies.
    Compliant,
    /// Cross, red: does not.
    NonCompliant,
    /// Hollow circle, grey: cannot be told.
    Inconclusive,
    /// Frame with a point, accent: a photo or a visit is asked for.
    Request,
}

/// Whether a verdict needs a reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// None is asked for.
    #[default]
    None,
    /// One must be chosen.
    Required,
}

/// A verdict that an inspector can give.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerdictWord {
    /// Code in journals and files.
    pub code: String,
    /// Words on screen.
    pub label: String,
    /// Shape, colour, meaning.
    pub look: Look,
    /// Whether it needs a reason.
    #[serde(default)]
    pub reason: Need,
}

/// A reason for a verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    /// Code in journals and files.
    pub code: String,
    /// Words on screen.
    pub label: String,
    /// Codes of the verdicts that it can stand for; empty for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub verdicts: Vec<String>,
    /// It says that there were no data to decide on: the only reason for a verdict without loaded data in the evidence window.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_data: bool,
}

/// The lists of an agency. Keys are the digits by place: the first verdict is 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReviewForm {
    /// Version of the format, `1.0`.
    pub version: String,
    /// Name on screen.
    #[serde(default)]
    pub name: String,
    /// Verdicts, at most nine.
    pub verdicts: Vec<VerdictWord>,
    /// Reasons; at most nine for a verdict have a key.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// Reasons for a flag; the first is taken when nothing is chosen.
    #[serde(default)]
    pub flags: Vec<String>,
}

impl ReviewForm {
    /// A verdict by its code.
    pub fn verdict(&self, code: &str) -> Option<&VerdictWord> {
        self.verdicts.iter().find(|own| own.code == code)
    }

    /// A reason by its code.
    pub fn reason(&self, code: &str) -> Option<&Reason> {
        self.reasons.iter().find(|own| own.code == code)
    }

    /// Reasons that can stand for a verdict, in the order of their keys.
    pub fn reasons_of<'f>(&'f self, verdict: &'f str) -> impl Iterator<Item = &'f Reason> {
        self.reasons.iter().filter(move |own| own.verdicts.is_empty() || own.verdicts.iter().any(|code| code == verdict))
    }
}
