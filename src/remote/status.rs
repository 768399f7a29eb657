//! What a client is doing, for the bar of the window.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::error::{ErrorKind, RemoteError};

/// A failure that a client has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The sentence.
    pub sentence: String,
    /// When.
    pub time: Timestamp,
    /// Number of the attempt, from 1.
    pub attempt: u32,
    /// Attempts that are made at most; an equal `attempt` was the last one.
    pub attempts: u32,
}

/// What a client is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// Requests that run.
    pub running: usize,
    /// Requests that wait for a place.
    pub waiting: usize,
    /// Requests sent so far, with repetitions.
    pub requests: u64,
    /// Bytes received so far.
    pub bytes: u64,
    /// The last failure since the last success.
    pub failure: Option<Failure>,
    /// True when nobody is asked.
    pub offline: bool,
}

/// Where requests note what they do.
#[derive(Debug, Clone, Default)]
pub(super) struct Monitor(Arc<Mutex<Status>>);

/// A request that runs; notes its end on drop, also when it is cancelled.
#[derive(Debug)]
pub(super) struct Running(Monitor);

impl Monitor {
    fn lock(&self) -> MutexGuard<'_, Status> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn begin(&self) -> Running {
        let mut status = self.lock();
        status.running += 1;
        status.requests += 1;
        Running(self.clone())
    }

    pub(super) fn received(&self, bytes: u64) {
        self.lock().bytes += bytes;
    }

    pub(super) fn succeeded(&self) {
        self.lock().failure = None;
    }

    pub(super) fn failed(&self, error: &RemoteError, attempt: u32, attempts: u32) {
        let failure = Failure { kind: error.kind(), sentence: error.to_string(), time: Timestamp::now(), attempt, attempts };
        self.lock().failure = Some(failure);
    }

    pub(super) fn status(&self) -> Status {
        self.lock().clone()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
    }
}
