//! The Tune workspace: numbers of the ruleset, how a feature is distributed, what a change does, and to which parcels.
//!
//! A number of a rule changes the project's draft in every frame of a drag; one that features depend on is held here until it is let go.
//! Nothing that is drawn in a frame grows with the number of parcels.

pub mod agreement;
pub mod boundary;
mod change;
pub mod changed;
pub mod distribution;
pub mod effect;
pub mod keys;
pub mod measure;
pub mod model;
pub mod parameters;
mod rules;
mod sparkline;
mod states;
mod steady;
pub mod strip;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use crate::engine::rules::Verdict;
use crate::model::ruleset::{Form, Parameter, Stage};
use crate::project::marking::effect::{BoundaryQuery, DistributionQuery, Effect, MovedQuery};
use crate::project::{Command, Project};

use super::chip_paint::Hatch;
use super::cx::{Cx, Out};
use super::layout::PaneKind;
use super::textures::Textures;

use change::Change;
use measure::Measure;
use model::TuneModel;
use rules::RuleEdit;
use steady::Steady;

pub use change::Held;
pub use rules::{with_group, without_group};

/// The limit that the distribution shows as a line.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// Way to the number.
    pub path: String,
    /// The feature that is compared with it.
    pub feature: String,
    /// `>=`, `<`, …
    pub sign: &'static str,
}

/// State of the workspace.
#[derive(Default)]
pub struct TuneState {
    /// What is shown of held-out labels.
    pub agreement: agreement::AgreementState,
    /// Way to the number that arrow keys change.
    pub selected: Option<String>,
    /// Cell of the transition table whose parcels are listed, verdicts before and after; `None` lists all that changed.
    pub cell: Option<(Verdict, Verdict)>,
    /// A pane that wants the focus, as when one of its controls got it.
    pub wants_focus: Option<PaneKind>,
    threshold: Option<Threshold>,
    /// Feature that was chosen instead of the compared one.
    feature: Option<String>,
    filter: String,
    /// Field that is being edited: way and text.
    edited: Option<(String, String)>,
    change: Change,
    model: Option<TuneModel>,
    distribution: Steady<DistributionQuery>,
    boundary: Steady<BoundaryQuery>,
    listed: Steady<MovedQuery>,
    /// A list on its way to the queue.
    sending: Option<Sending>,
    /// The last effect, also while there is none.
    effect: Option<Arc<Effect>>,
    /// When a command went off whose effect is not there yet.
    sent: Option<Instant>,
    updated_ms: Option<f64>,
    rules: BTreeMap<(String, &'static str), RuleEdit>,
    list: changed::ListState,
    /// Axis of the distribution while its line is dragged: it must not move under the pointer.
    held_range: Option<(f64, f64)>,
    measure: Option<Measure>,
    textures: Textures,
    hatch: Option<Hatch>,
    /// Features are computed as soon as the store is filled.
    mark_after_store: bool,
    /// What stands in the status bar.
    status: String,
}

/// Parcels to be listed in the queue once all of them are known.
struct Sending {
    name: String,
    cell: Option<(u8, u8)>,
    answer: Steady<MovedQuery>,
}

impl TuneState {
    /// Before the panes are drawn: brings the model up to date, asks for what is missing.
    pub fn update(&mut self, ctx: &egui::Context, cx: &Cx<'_>, out: &mut Out) {
        let tuning = cx.project.tuning();
        if self.model.as_ref().is_none_or(|model| !model.is_of(tuning)) {
            self.model = TuneModel::new(tuning, self.model.take());
            self.follow(cx.project);
        }
        self.want_features(cx.project, out);
        if tuning.effect().is_some_and(|effect| self.effect.as_ref().is_none_or(|own| !Arc::ptr_eq(own, effect))) {
            self.effect = tuning.effect().cloned();
            if !tuning.effect_pending() {
                self.updated_ms = self.sent.take().map(|sent| sent.elapsed().as_secs_f64() * 1e3).or(self.updated_ms);
            }
            if let Some(measure) = &mut self.measure {
                measure.updated();
            }
        }
        if self.effect.is_some() && tuning.draft().is_none() {
            self.effect = None;
        }
        let feature = self.feature().map(str::to_owned);
        self.distribution.update(cx.project, feature.as_deref().and_then(|feature| cx.project.distribution_query(feature)));
        self.send(cx, out);
        if self.change.is_due() {
            self.settle(cx, out);
        }
        if let Some(left) = self.change.left() {
            // The change ends without another key.
            ctx.request_repaint_after(left);
        }
        if self.measure.is_some() {
            ctx.request_repaint();
            if let Some(report) = self.go_on_measuring(cx, out) {
                tracing::info!("{report}");
                eprintln!("{report}");
                out.toast = Some(report);
            }
        }
        let status = self.status_line(cx);
        if status != self.status {
            self.status = status;
            ctx.request_repaint();
        }
    }

    /// The line of the status bar: threshold, parcels that changed, how long the last update took.
    pub fn status(&self) -> &str {
        &self.status
    }

    /// True while a drag is measured: the window draws as fast as it can.
    pub fn measuring(&self) -> bool {
        self.measure.is_some()
    }

    /// Parcels that changed, of how many.
    pub fn changed(&self) -> Option<(usize, usize)> {
        let effect = self.effect.as_ref()?;
        let moved = (0..9).filter(|cell| cell / 3 != cell % 3).map(|cell| effect.table[cell / 3][cell % 3]).sum();
        Some((moved, effect.parcels))
    }

    /// Another project is open.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// The feature that the distribution shows.
    fn feature(&self) -> Option<&str> {
        self.feature.as_deref().or_else(|| self.threshold.as_ref().map(|own| own.feature.as_str()))
    }

    /// The number behind the line of the distribution, where the shown feature is the one compared with it.
    fn line(&self) -> Option<(&Threshold, &Parameter)> {
        let threshold =
            self.threshold.as_ref().filter(|own| self.feature.as_ref().is_none_or(|chosen| *chosen == own.feature))?;
        Some((threshold, self.model.as_ref()?.parameter(&threshold.path)?))
    }

    /// The value that a number has on screen: the one held while it is dragged, else the draft's.
    fn value_of(&self, parameter: &Parameter) -> f64 {
        self.change.held(&parameter.path).unwrap_or(parameter.value)
    }

    /// Keeps selection and threshold on numbers that exist.
    fn follow(&mut self, project: &Project) {
        let Some(model) = &self.model else {
            (self.selected, self.threshold) = (None, None);
            return;
        };
        let tuning = project.tuning();
        let known = |path: &Option<String>| path.as_ref().is_some_and(|path| model.parameter(path).is_some());
        let path = self.threshold.as_ref().map(|own| own.path.clone()).filter(|path| model.parameter(path).is_some());
        let parameter = match &path {
            Some(path) => model.parameter(path),
            None => model.first_threshold(tuning),
        };
        self.threshold = parameter.and_then(|own| threshold_of(project, own));
        if !known(&self.selected) {
            self.selected =
                self.threshold.as_ref().map(|own| own.path.clone()).or(model.parameters.first().map(|own| own.path.clone()));
        }
        let exists = |feature: &String| tuning.detection().is_some_and(|own| own.features.position(feature).is_some());
        self.feature = self.feature.take().filter(exists);
    }

    /// Selects a number; the distribution shows what is compared with it.
    fn select(&mut self, project: &Project, path: &str) {
        if self.selected.as_deref() == Some(path) {
            return;
        }
        self.selected = Some(path.to_owned());
        let parameter = self.model.as_ref().and_then(|model| model.parameter(path));
        if let Some(threshold) = parameter.and_then(|own| threshold_of(project, own)) {
            self.threshold = Some(threshold);
            self.feature = None;
        }
    }

    /// Starts computing features once when they are missing and nothing has gone wrong.
    fn want_features(&mut self, project: &Project, out: &mut Out) {
        let tuning = project.tuning();
        if project.data().is_none() || project.growing() || tuning.draft().is_none() || project.marking() {
            return;
        }
        if self.mark_after_store {
            if !project.updating_population() {
                self.mark_after_store = false;
                out.push(Command::Mark);
            }
        } else if tuning.failed().is_none() && project.features().is_none_or(|own| !own.complete()) && !self.change.is_open() {
            out.push(Command::Mark);
        }
    }

    /// Gives a list to the queue once it is complete.
    fn send(&mut self, cx: &Cx<'_>, out: &mut Out) {
        let Some(sending) = &mut self.sending else { return };
        let Some(query) = cx.project.moved_query(sending.cell) else {
            self.sending = None;
            return;
        };
        sending.answer.update(cx.project, Some(query.clone()));
        if let Some(moved) = sending.answer.of(&query) {
            let parcels = moved.iter().map(|own| own.parcel).collect();
            let list = crate::project::queue::ParcelList { name: sending.name.clone(), parcels };
            out.push(Command::ShowList(Some(Box::new(list))));
            out.act(super::actions::Action::Review);
            self.sending = None;
        } else if let Some(error) = sending.answer.failed() {
            out.toast = Some(error.chain());
            self.sending = None;
        }
    }

    fn status_line(&self, cx: &Cx<'_>) -> String {
        let mut parts = Vec::new();
        if let Some((_, parameter)) = self.line()
            && let Some(model) = &self.model
        {
            let before = model.baseline.get(&parameter.path).map_or_else(|| "–".to_owned(), |value| text_of(parameter, *value));
            let name = model::name_of(cx.texts, parameter, &[]);
            let after = text_of(parameter, self.value_of(parameter));
            parts.push(
                cx.tw("tune-status-threshold", &[("name", name.into()), ("before", before.into()), ("after", after.into())]),
            );
        }
        if let Some((moved, _)) = self.changed() {
            parts.push(cx.tw("tune-status-changed", &[("n", moved.into())]));
        }
        if let Some(ms) = self.updated_ms {
            parts.push(cx.tw("tune-status-updated", &[("ms", cx.texts.number(ms, 0).into())]));
        }
        parts.join("   ")
    }
}

/// What is compared with a number, as the distribution shows it.
fn threshold_of(project: &Project, parameter: &Parameter) -> Option<Threshold> {
    let (feature, sign) = project.tuning().compared(parameter)?;
    Some(Threshold { path: parameter.path.clone(), feature, sign })
}

/// A number as it is written, with its unit.
fn with_unit(parameter: &Parameter, value: f64) -> String {
    let text = text_of(parameter, value);
    match (parameter.form, parameter.unit) {
        (Form::Date | Form::DayOfYear, _) | (_, "") => text,
        (_, unit) => format!("{text} {unit}"),
    }
}

fn text_of(parameter: &Parameter, value: f64) -> String {
    model::written(parameter.form, parameter.step, value)
}

/// Whether a number acts when it is let go, not while it is dragged.
fn on_release(parameter: &Parameter) -> bool {
    parameter.stage == Stage::Features
}
