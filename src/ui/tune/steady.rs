//! An answer that stays on screen until the next one is there, one question at a time.

use std::sync::Arc;

use crate::jobs::Lane;
use crate::project::query::{Error, Query};
use crate::project::{Fetch, Project};

/// While a limit is dragged every frame has another question. Asking each of them would withdraw all before they are answered.
pub struct Steady<Q: Query> {
    asked: Option<Q>,
    shown: Option<(Q, Arc<Q::Output>)>,
    failed: Option<Error>,
}

impl<Q: Query> Default for Steady<Q> {
    fn default() -> Self {
        Self { asked: None, shown: None, failed: None }
    }
}

impl<Q: Query> Steady<Q> {
    /// Asks for an answer when the last question has one.
    pub fn update(&mut self, project: &Project, wanted: Option<Q>) {
        let Some(wanted) = wanted else { return };
        if self.shown.as_ref().is_some_and(|(own, _)| *own == wanted) {
            self.asked = None;
            self.failed = None;
            return;
        }
        let asked = self.asked.take().unwrap_or_else(|| wanted.clone());
        match project.get(&asked, Lane::Interactive) {
            Fetch::Pending => self.asked = Some(asked),
            Fetch::Failed(error) => self.failed = Some(error),
            Fetch::Ready(answer) => {
                self.failed = None;
                if asked != wanted {
                    drop(project.get(&wanted, Lane::Interactive));
                    self.asked = Some(wanted);
                }
                self.shown = Some((asked, answer));
            }
        }
    }

    /// The last answer.
    pub fn shown(&self) -> Option<&(Q, Arc<Q::Output>)> {
        self.shown.as_ref()
    }

    /// The answer to this question alone.
    pub fn of(&self, wanted: &Q) -> Option<&Arc<Q::Output>> {
        self.shown.as_ref().filter(|(own, _)| own == wanted).map(|(_, answer)| answer)
    }

    /// Why the last question has no answer.
    pub fn failed(&self) -> Option<&Error> {
        self.failed.as_ref()
    }
}
