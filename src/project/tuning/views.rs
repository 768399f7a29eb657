//! What a window shows of rulesets beside their effect: which ship, where two differ, whether an edited one can be used.

use std::sync::Arc;

pub use crate::io::ruleset::Difference;
use crate::io::ruleset::{self, SHIPPED_PREFIX, shipped::SHIPPED};
use crate::model::Ruleset;
use crate::model::ruleset::Fault;
use crate::project::Project;
use crate::project::marking::detection::Detection;

use super::Tuning;

impl Tuning {
    /// The baseline, made ready.
    pub fn baseline_detection(&self) -> Option<&Arc<Detection>> {
        self.baseline.as_ref().map(|own| &own.0)
    }

    /// First digits of the content hash of the draft.
    pub fn draft_hash(&self) -> String {
        self.draft.as_ref().map_or_else(String::new, |own| super::short(own.0.hash()))
    }

    /// Rulesets that ship with the program: what [`super::super::Command::SetRuleset`] takes, and their names for people.
    pub fn shipped() -> Vec<(String, String)> {
        SHIPPED
            .iter()
            .map(|(name, text)| {
                // One without a name is called as its file.
                let title = ruleset::parse(text).map(|own| own.name).unwrap_or_default();
                (format!("{SHIPPED_PREFIX}{name}"), if title.is_empty() { (*name).to_owned() } else { title })
            })
            .collect()
    }
}

impl Project {
    /// Fields in which the draft differs from the baseline, by name.
    pub fn ruleset_differences(&self) -> Vec<Difference> {
        let both = self.tuning.baseline().zip(self.tuning.draft());
        // Rulesets that were read can be compared.
        both.and_then(|(baseline, draft)| ruleset::diff(baseline, draft).ok()).unwrap_or_default()
    }

    /// Whether a ruleset can take the draft's place; the fault tells its line and column inside a rule's text.
    pub fn check_ruleset(&self, changed: &Ruleset) -> Result<(), Fault> {
        changed.check()?;
        let detection = Detection::new(changed.clone(), &self.indices)?;
        detection.features.rules(changed).map(|_usable| ())
    }
}
