//! What every view gets: the project read-only, texts, colours; and where it puts what should happen.

use crate::engine::markers::Window;
use crate::model::AcquisitionIx;
use crate::project::{Command, Project};
use crate::text::{Arg, Texts};

use super::actions::Action;
use super::heterogeneity::overlay::View;
use super::markers::Judged;
use super::theme::Tokens;

/// Read-only context of a frame.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    /// The open project.
    pub project: &'a Project,
    /// Texts of the language in force.
    pub texts: &'a Texts,
    /// Colours of the theme in force.
    pub tokens: &'a Tokens,
    /// Key bindings in force.
    pub keys: &'a super::keys::KeyMap,
    /// Acquisition under the pointer in another pane, as the last frame found it.
    pub pointed: Option<AcquisitionIx>,
    /// True in the pane that arrow keys act on.
    pub focused: bool,
    /// What the project's ruleset says of the current parcel; `None` without a ruleset.
    pub judged: Option<&'a Judged>,
    /// Clusters to be drawn over chips; `None` when they are not wanted or not there yet.
    pub clusters: Option<&'a View>,
    /// The window that decided on heterogeneity.
    pub deciding: Option<Window>,
}

impl Cx<'_> {
    /// A message.
    pub fn t(&self, id: &str) -> std::sync::Arc<str> {
        self.texts.get(id)
    }

    /// A message with arguments.
    pub fn tw(&self, id: &str, args: &[(&str, Arg)]) -> String {
        self.texts.with(id, args)
    }

    /// First key of an action as shown on a cap.
    pub fn key(&self, action: Action) -> String {
        self.keys.cap(action)
    }
}

/// What every part of the window gets, also when no project is open.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Texts of the language in force.
    pub texts: &'a Texts,
    /// Colours of the theme in force.
    pub tokens: &'static Tokens,
    /// Key bindings in force.
    pub keys: &'a super::keys::KeyMap,
}

impl Look<'_> {
    /// A message.
    pub fn t(&self, id: &str) -> std::sync::Arc<str> {
        self.texts.get(id)
    }

    /// A message with arguments.
    pub fn tw(&self, id: &str, args: &[(&str, Arg)]) -> String {
        self.texts.with(id, args)
    }

    /// First key of an action as shown on a cap.
    pub fn key(&self, action: Action) -> String {
        self.keys.cap(action)
    }
}

/// What a frame wants done, in order.
#[derive(Debug, Default)]
pub struct Out {
    /// Changes of the project.
    pub commands: Vec<Command>,
    /// Things the window does.
    pub actions: Vec<Action>,
    /// What the pointer shows, for the status bar: date and value, coordinates. The last one of a frame is shown.
    pub status: Option<String>,
    /// Acquisition under the pointer: the other panes mark it in the next frame.
    pub pointed: Option<AcquisitionIx>,
    /// A short message that appears for some seconds.
    pub toast: Option<String>,
}

impl Out {
    /// Wants a change of the project.
    pub fn push(&mut self, command: Command) {
        self.commands.push(command);
    }

    /// Wants something of the window, as if the user had chosen it.
    pub fn act(&mut self, action: Action) {
        self.actions.push(action);
    }
}
