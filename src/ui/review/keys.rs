//! What the keys of the review do.

use super::{Armed, ReviewState};
use crate::model::review::{Need, Reason, VerdictWord};
use crate::project::review::ReviewCommand;
use crate::project::{Command, Project};
use crate::ui::actions::Action;
use crate::ui::cx::Out;

/// True for a key that is about the parcel which is current when its turn comes: it waits while an act is on its way to disk.
pub fn waits(action: Action) -> bool {
    Action::VERDICTS.contains(&action)
        || matches!(
            action,
            Action::ClearVerdict
                | Action::Repeat
                | Action::Defer
                | Action::Flag
                | Action::Pin
                | Action::FinalVerdict
                | Action::ExpandCell
        )
}

/// Takes a key of the review; false for actions of others.
pub fn perform(project: &Project, state: &mut ReviewState, action: Action, out: &mut Out) -> bool {
    if let Some(number) = Action::VERDICTS.iter().position(|own| *own == action) {
        digit(project, state, number, out);
        return true;
    }
    match action {
        Action::ExpandCell => return commit(state, out),
        Action::Cancel if state.armed != Armed::Nothing => state.armed = Armed::Nothing,
        Action::ClearVerdict => out.push(Command::Review(ReviewCommand::Clear)),
        Action::Repeat => out.push(Command::Review(ReviewCommand::Repeat)),
        Action::Defer => out.push(Command::Review(ReviewCommand::Defer)),
        Action::Flag => toggle_flag(project, state, out),
        Action::Pin => out.push(Command::Review(ReviewCommand::TogglePin)),
        Action::Note => state.focus_note = true,
        Action::FinalVerdict => {
            state.armed = if state.armed == Armed::Final { Armed::Nothing } else { Armed::Final };
        }
        Action::Blind => out.push(Command::Review(ReviewCommand::SetBlind(!project.review().blind()))),
        _ => return false,
    }
    true
}

/// A digit: a reason while a list is open, else a verdict.
fn digit(project: &Project, state: &mut ReviewState, number: usize, out: &mut Out) {
    let form = project.review().form();
    match state.armed.clone() {
        Armed::Reason(code) | Armed::FinalReason(code) => {
            if let Some(chosen) = form.reasons_of(&code).nth(number) {
                reason(state, chosen, out);
            }
        }
        Armed::Flag => {
            if let Some(label) = form.flags.get(number) {
                flag(state, label, out);
            }
        }
        Armed::Nothing | Armed::Verdict(..) | Armed::Final => {
            if let Some(word) = form.verdicts.get(number) {
                verdict(project, state, word, out);
            }
        }
    }
}

/// A verdict was chosen: its reasons are asked for, or it is given.
pub(super) fn verdict(project: &Project, state: &mut ReviewState, word: &VerdictWord, out: &mut Out) {
    let form = project.review().form();
    let has_reasons = form.reasons_of(&word.code).next().is_some();
    let last = state.armed == Armed::Final || matches!(state.armed, Armed::FinalReason(_));
    state.refused = None;
    if word.reason == Need::Required && has_reasons {
        state.armed = if last { Armed::FinalReason(word.code.clone()) } else { Armed::Reason(word.code.clone()) };
    } else if last {
        resolve(state, word.code.clone(), Vec::new(), out);
    } else {
        give(state, word.code.clone(), Vec::new(), out);
    }
}

/// A reason was chosen for the verdict that is armed.
pub(super) fn reason(state: &mut ReviewState, reason: &Reason, out: &mut Out) {
    match state.armed.clone() {
        Armed::Reason(code) => give(state, code, vec![reason.code.clone()], out),
        Armed::FinalReason(code) => resolve(state, code, vec![reason.code.clone()], out),
        _ => {}
    }
}

/// Gives a verdict, or in two-key mode holds it until Enter.
fn give(state: &mut ReviewState, verdict: String, reasons: Vec<String>, out: &mut Out) {
    if state.two_key {
        state.armed = Armed::Verdict(verdict, reasons);
    } else {
        state.armed = Armed::Nothing;
        out.push(Command::Review(ReviewCommand::Decide { verdict, reasons }));
    }
}

fn resolve(state: &mut ReviewState, verdict: String, reasons: Vec<String>, out: &mut Out) {
    state.armed = Armed::Nothing;
    let note = state.note.1.trim().to_owned();
    out.push(Command::Review(ReviewCommand::Resolve { verdict, reasons, note }));
}

/// Enter: gives what is armed; false when nothing is.
fn commit(state: &mut ReviewState, out: &mut Out) -> bool {
    let Armed::Verdict(verdict, reasons) = state.armed.clone() else { return false };
    state.armed = Armed::Nothing;
    out.push(Command::Review(ReviewCommand::Decide { verdict, reasons }));
    true
}

/// Takes the flag away, or asks for its reason.
pub(super) fn toggle_flag(project: &Project, state: &mut ReviewState, out: &mut Out) {
    let flagged = super::current_id(project).is_some_and(|id| project.review().of(&id).is_some_and(|own| own.flag.is_some()));
    if flagged {
        out.push(Command::Review(ReviewCommand::Flag(None)));
    } else {
        state.armed = if state.armed == Armed::Flag { Armed::Nothing } else { Armed::Flag };
    }
}

/// A reason for a flag was chosen.
pub(super) fn flag(state: &mut ReviewState, label: &str, out: &mut Out) {
    state.armed = Armed::Nothing;
    out.push(Command::Review(ReviewCommand::Flag(Some(label.to_owned()))));
}
