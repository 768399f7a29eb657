//! A change of a number from its first movement to its end: one drag, one burst of keys, one step of undo.

use std::time::{Duration, Instant};

use crate::model::ruleset::Parameter;
use crate::project::Command;
use crate::ui::cx::{Cx, Out};

use super::{TuneState, model, on_release, text_of};

/// Keys that follow each other so soon belong to one step.
const PAUSE: Duration = Duration::from_millis(1500);

/// A number that is being changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// Way to it.
    pub path: String,
    /// Where the change began.
    from: f64,
    /// Where it stands.
    value: f64,
    /// Ended by a pause instead of by letting go.
    keys: Option<Instant>,
}

/// The change under way, if any.
#[derive(Debug, Default)]
pub(super) struct Change(Option<Held>);

impl Change {
    /// The value that a number is held at.
    pub fn held(&self, path: &str) -> Option<f64> {
        self.0.as_ref().filter(|own| own.path == path).map(|own| own.value)
    }

    /// True while a change has not ended.
    pub fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// True while the pointer holds it.
    pub fn is_dragged(&self) -> bool {
        self.0.as_ref().is_some_and(|own| own.keys.is_none())
    }

    /// True when keys have paused long enough.
    pub fn is_due(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// How long until a change by keys ends by itself.
    pub fn left(&self) -> Option<Duration> {
        self.0.as_ref()?.keys.map(|last| PAUSE.saturating_sub(last.elapsed()))
    }
}

impl TuneState {
    /// Moves a number. That of a rule acts at once, that of a feature when the change ends.
    pub(super) fn set(&mut self, cx: &Cx<'_>, path: &str, value: f64, by_keys: bool, out: &mut Out) {
        if self.change.0.as_ref().is_some_and(|own| own.path != path) {
            self.settle(cx, out);
        }
        let Some(parameter) = self.model.as_ref().and_then(|model| model.parameter(path)) else { return };
        let before = self.value_of(parameter);
        let at_once = !on_release(parameter);
        let from = self.change.0.as_ref().map_or(parameter.value, |own| own.from);
        self.change.0 = Some(Held { path: path.to_owned(), from, value, keys: by_keys.then(Instant::now) });
        if at_once && before != value {
            out.push(Command::SetParameter(path.to_owned(), value));
            self.sent.get_or_insert_with(Instant::now);
        }
    }

    /// Moves a number by steps of it.
    pub(super) fn step(&mut self, cx: &Cx<'_>, path: &str, (steps, fine): (f64, bool), out: &mut Out) {
        let Some(parameter) = self.model.as_ref().and_then(|model| model.parameter(path)) else { return };
        let step = model::step_of(parameter, fine);
        // Without snapping: a number that is no multiple keeps its distance.
        let value = model::tidy(self.value_of(parameter) + steps * step);
        self.set(cx, path, value, true, out);
    }

    /// Ends a change: it becomes one step of the history.
    pub(super) fn settle(&mut self, cx: &Cx<'_>, out: &mut Out) {
        self.held_range = None;
        let Some(held) = self.change.0.take() else { return };
        let Some(parameter) = self.model.as_ref().and_then(|model| model.parameter(&held.path)) else { return };
        if held.from == held.value {
            return;
        }
        if on_release(parameter) {
            out.push(Command::SetParameter(held.path.clone(), held.value));
            self.sent.get_or_insert_with(Instant::now);
        }
        out.push(Command::SettleRuleset(Self::label(cx, parameter, (held.from, held.value))));
    }

    /// Name of a change in the history: `Fall threshold 0.20 → 0.15`.
    pub(super) fn label(cx: &Cx<'_>, parameter: &Parameter, (from, to): (f64, f64)) -> String {
        let name = model::name_of(cx.texts, parameter, &[]);
        let (from, to) = (text_of(parameter, from), text_of(parameter, to));
        cx.tw("tune-step", &[("name", name.into()), ("from", from.into()), ("to", to.into())])
    }
}
