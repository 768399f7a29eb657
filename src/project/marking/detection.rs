//! What of a ruleset decides the features: everything but the limits that rules compare them with.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::engine::indices::IndexSet;
use crate::engine::markers::features::FeaturePlan;
use crate::engine::markers::plan::Plan;
use crate::io::ruleset;
use crate::model::Ruleset;
use crate::model::ruleset::Fault;

/// A ruleset made ready, named by what it says of features.
#[derive(Debug)]
pub struct Detection {
    /// The ruleset.
    pub rules: Ruleset,
    /// Ready to run.
    pub plan: Plan,
    /// Its features.
    pub features: FeaturePlan,
    key: [u8; 32],
    hash: String,
}

impl Detection {
    /// Compiles a ruleset with the indices of a project.
    pub fn new(rules: Ruleset, indices: &IndexSet) -> Result<Self, Fault> {
        let plan = Plan::compile(&rules, indices)?;
        let features = FeaturePlan::new(&rules, &plan);
        let mut hasher = blake3::Hasher::new();
        let detecting = Ruleset { rules: None, ..rules.clone() };
        // A ruleset that was read can be written.
        hasher.update(ruleset::hash(&detecting).unwrap_or_default().as_bytes());
        for (name, _) in features.columns() {
            hasher.update(name.as_bytes()).update(b"\n");
        }
        for input in &rules.inputs {
            for signal in &input.signals {
                hasher.update(format!("{:?}", indices.text(signal)).as_bytes());
            }
        }
        let hash = ruleset::hash(&rules).unwrap_or_default();
        Ok(Self { rules, plan, features, key: *hasher.finalize().as_bytes(), hash })
    }

    /// Fingerprint of all that decides the features of a parcel besides its observations.
    pub fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// Content hash of the whole ruleset, its rules too; made once, as every frame asks for it.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

/// A detection inside a question: equal where its key is.
#[derive(Debug, Clone)]
pub struct Detecting(pub Arc<Detection>);

impl PartialEq for Detecting {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for Detecting {}

impl Hash for Detecting {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}
