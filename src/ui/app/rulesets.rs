//! What actions do to rulesets, and keys of the Tune workspace.

use std::path::{Path, PathBuf};

use egui::Context;

use super::{Purpose, Window};
use crate::project::Command;
use crate::project::tuning::labels::Labelling;
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::dialogs::{Choice, Dialog, Override, PathDialog};
use crate::ui::layout::Workspace;
use crate::ui::theme::Tokens;

impl Window {
    /// Keys that mean something else in the Tune workspace: arrows move the threshold, and so on.
    pub(super) fn perform_tune(&mut self, ctx: &Context, action: Action) -> bool {
        let mut out = Out::default();
        let Self { project: Some(project), texts, keys, panes, workspace, focused, .. } = self else { return false };
        let anywhere = matches!(action, Action::SendChanged | Action::DragThreshold);
        if *workspace != Workspace::Tune && !anywhere {
            return false;
        }
        let cx = Cx {
            project,
            texts,
            tokens: Tokens::of(ctx),
            keys,
            pointed: None,
            focused: true,
            judged: None,
            clusters: None,
            deciding: None,
        };
        let done = panes.tune.perform(&cx, *focused, action, &mut out);
        self.apply(ctx, out, Vec::new());
        if done {
            ctx.request_repaint();
        }
        done
    }

    /// Actions about the ruleset; false for others.
    pub(super) fn perform_ruleset(&mut self, action: Action) -> bool {
        let Some(project) = &self.project else { return false };
        match action {
            Action::ChooseRuleset => self.dialog = Some(Dialog::Ruleset(Choice::Use)),
            Action::CompareRuleset => self.dialog = Some(Dialog::Ruleset(Choice::Compare)),
            Action::CompareText => self.dialog = Some(Dialog::Differences(project.ruleset_differences())),
            Action::OverrideCrops => self.dialog = Override::of(project).map(|own| Dialog::Override(Box::new(own))),
            Action::SaveRuleset => {
                let path = proposed_path(project);
                self.dialog = Some(Dialog::Path(PathDialog::new(Purpose::SaveRuleset, path.display().to_string())));
            }
            Action::ResetRuleset => {
                let label = self.texts.get("action-reset-ruleset").to_string();
                self.command(Command::ResetRuleset(label));
            }
            Action::LoadLabels => self.dialog = Some(Dialog::Path(PathDialog::new(Purpose::Labels, String::new()))),
            Action::ForgetLabels => self.command(Command::SetLabels(None)),
            Action::Mark => self.command(Command::Mark),
            Action::ClearList => self.command(Command::ShowList(None)),
            Action::UndoRuleset | Action::RedoRuleset => self.step_history(action),
            _ => return false,
        }
        true
    }

    /// Undo and redo, and what it was.
    fn step_history(&mut self, action: Action) {
        let Some(project) = &self.project else { return };
        let [undo, redo] = project.tuning().history().map(|label| label.map(str::to_owned));
        let (label, command, id) = match action {
            Action::UndoRuleset => (undo, Command::UndoRuleset, "tune-undone"),
            _ => (redo, Command::RedoRuleset, "tune-redone"),
        };
        let said = match label {
            Some(label) => self.texts.with(id, &[("step", label.into())]),
            None => self.texts.get("tune-nothing-to-undo").to_string(),
        };
        self.command(command);
        self.say(said);
    }

    /// Reads or writes a ruleset at a path.
    pub(super) fn use_ruleset_path(&mut self, purpose: &Purpose, path: PathBuf) {
        let Some(project) = &self.project else { return };
        self.dialog = None;
        let name = name_in(project.path(), &path);
        self.command(match purpose {
            Purpose::Ruleset => Command::SetRuleset(Some(name)),
            Purpose::Baseline => Command::CompareRuleset(name),
            Purpose::Labels => Command::SetLabels(Some(labelling(project, path))),
            _ => Command::SaveRuleset(path),
        });
    }
}

/// A file of labels, or a column of the parcels where the word names one.
fn labelling(project: &crate::project::Project, path: PathBuf) -> Labelling {
    let word = path.to_string_lossy();
    let column = |data: &crate::project::Dataset| data.parcels.columns().iter().any(|column| column.name == word);
    if project.data().is_some_and(column) { Labelling::Column(word.into_owned()) } else { Labelling::File(path) }
}

/// A path as the project file names it: relative where it lies below the project.
fn name_in(project: &Path, path: &Path) -> String {
    let folder = project.parent().unwrap_or(Path::new("."));
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

/// Where the draft is written unless somebody chooses another place: its own file, or one beside the project.
fn proposed_path(project: &crate::project::Project) -> PathBuf {
    let folder = project.path().parent().unwrap_or(Path::new("."));
    let name = project.tuning().baseline_name();
    match name.strip_prefix("shipped:") {
        Some(shipped) => folder.join(format!("rulesets/{shipped}.toml")),
        None => folder.join(name),
    }
}
