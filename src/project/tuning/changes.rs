//! Changes of the rulesets: choosing them, editing the draft, undo, saving.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Detecting, Detection, Step};
use crate::io::ruleset;
use crate::model::Ruleset;
use crate::project::Project;

/// Steps that can be undone.
const MOST_STEPS: usize = 200;

impl Project {
    /// Reads the ruleset that the project file names.
    pub(in crate::project) fn load_ruleset(&mut self) {
        let labels = self.tuning.labels.take();
        self.tuning = super::Tuning { labels, ..super::Tuning::default() };
        let Some(name) = self.file.ruleset.clone() else { return };
        match self.read_ruleset(&name) {
            Ok(own) => {
                self.tuning.baseline = Some(own.clone());
                self.tuning.settled = Some(own.clone());
                self.tuning.draft = Some(own);
                self.tuning.baseline_name = name;
            }
            Err(fault) => {
                self.note(fault.clone(), true);
                self.tuning.fault = Some(fault);
            }
        }
    }

    /// A ruleset by its name, made ready.
    fn read_ruleset(&self, name: &str) -> Result<Detecting, String> {
        let file = match name.strip_prefix(ruleset::SHIPPED_PREFIX) {
            Some(shipped) => ruleset::load_shipped(shipped),
            None => ruleset::load(&self.path.parent().unwrap_or(Path::new(".")).join(name)),
        };
        let file = file.map_err(|error| error.to_string())?;
        let faulty = |fault| file.fault(&fault).to_string();
        let detection = Detection::new(file.ruleset.clone(), &self.indices).map_err(faulty)?;
        detection.features.rules(&detection.rules).map_err(faulty)?;
        super::super::marking::check_inputs(&detection.rules, &[], Some(&self.indices)).map_err(faulty)?;
        Ok(Detecting(Arc::new(detection)))
    }

    /// Makes a ruleset that of the project.
    pub(in crate::project) fn set_ruleset(&mut self, name: Option<String>) {
        self.file.ruleset = name;
        self.load_ruleset();
    }

    /// Compares the draft with another ruleset.
    pub(in crate::project) fn compare_with(&mut self, name: String) {
        match self.read_ruleset(&name) {
            Ok(own) => {
                self.tuning.baseline = Some(own);
                self.tuning.baseline_name = name;
                self.start_marking();
            }
            Err(fault) => self.tell(fault, true),
        }
    }

    /// Changes one number of the draft; the change is a step of the history once it is settled.
    pub(in crate::project) fn set_parameter(&mut self, path: &str, value: f64) {
        let Some(draft) = self.tuning.draft() else { return };
        match ruleset::with_parameter(draft, path, value) {
            Ok(changed) => {
                self.tuning.refused = None;
                self.replace_draft(changed);
            }
            // Out of range while a number is dragged: the last good one stays, and it is told when the drag ends.
            Err(fault) => self.tuning.refused = Some(fault),
        }
    }

    /// Replaces the draft as one step.
    pub(in crate::project) fn set_draft(&mut self, changed: Ruleset, label: String) {
        self.replace_draft(changed);
        self.settle_draft(label);
    }

    /// False where it cannot be used; says why.
    fn replace_draft(&mut self, changed: Ruleset) {
        let made = Detection::new(changed, &self.indices)
            .and_then(|detection| detection.features.rules(&detection.rules).map(|_usable| detection));
        match made {
            Ok(detection) => self.tuning.draft = Some(Detecting(Arc::new(detection))),
            Err(fault) => self.tell(fault.to_string(), true),
        }
    }

    /// Ends a change: it becomes one step, and features that it needs are computed.
    pub(in crate::project) fn settle_draft(&mut self, label: String) {
        if let Some(fault) = self.tuning.refused.take() {
            self.tell(fault, true);
        }
        let (Some(before), Some(after)) = (self.tuning.settled.clone(), self.tuning.draft.clone()) else { return };
        if before.0.rules != after.0.rules {
            if self.tuning.past.len() == MOST_STEPS {
                self.tuning.past.remove(0);
            }
            self.tuning.past.push(Step { label, before, after: after.clone() });
            self.tuning.future.clear();
            self.tuning.settled = Some(after);
        }
        self.start_marking();
    }

    /// Takes the last step back.
    pub(in crate::project) fn undo_tuning(&mut self) {
        if let Some(step) = self.tuning.past.pop() {
            self.go_to(step.before.clone());
            self.tuning.future.push(step);
        }
    }

    /// Makes the step again that was taken back last.
    pub(in crate::project) fn redo_tuning(&mut self) {
        if let Some(step) = self.tuning.future.pop() {
            self.go_to(step.after.clone());
            self.tuning.past.push(step);
        }
    }

    fn go_to(&mut self, own: Detecting) {
        self.tuning.settled = Some(own.clone());
        self.tuning.draft = Some(own);
        self.start_marking();
    }

    /// Takes a number back to that of the baseline.
    pub(in crate::project) fn reset_parameter(&mut self, path: &str, label: String) {
        let baseline = self.tuning.baseline_parameters().into_iter().find(|own| own.path == path);
        if let Some(own) = baseline {
            self.set_parameter(path, own.value);
            self.settle_draft(label);
        }
    }

    /// Takes the whole draft back to the baseline.
    pub(in crate::project) fn reset_draft(&mut self, label: String) {
        if let Some(baseline) = self.tuning.baseline.clone() {
            self.tuning.draft = Some(baseline);
            self.settle_draft(label);
        }
    }

    /// Writes the draft to a file and makes that the project's ruleset and the baseline.
    pub(in crate::project) fn save_ruleset(&mut self, path: &Path) {
        let Some(draft) = self.tuning.draft.clone() else { return };
        if let Err(error) = ruleset::save(path, &draft.0.rules) {
            self.tell(error.to_string(), true);
            return;
        }
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let name: PathBuf = path.strip_prefix(folder).map_or_else(|_elsewhere| path.to_owned(), Path::to_owned);
        let name = name.to_string_lossy().replace('\\', "/");
        self.file.ruleset = Some(name.clone());
        self.tuning.baseline = Some(draft);
        self.tuning.baseline_name = name;
    }
}
