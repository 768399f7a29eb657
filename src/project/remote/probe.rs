//! What a server says of itself, before a project names it.

use std::sync::{Arc, Mutex, PoisonError};

use super::pixels;
use crate::contract::Info;
use crate::jobs::{Lane, Pool};
use crate::model::Watch;
use crate::model::project_file::RemoteSource;
use crate::project::query::{Error, Fetch, Wake};
use crate::remote::{Client, Secret};
use crate::store::remote::RemoteCache;

/// A server being asked what it offers, with the settings of a form; dropping it cancels.
pub struct Probe {
    answer: Arc<Mutex<Fetch<Info>>>,
    watch: Watch,
    // Declared last: its worker writes into the answer.
    _pool: Pool,
}

impl std::fmt::Debug for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Probe").finish_non_exhaustive()
    }
}

impl Probe {
    /// Asks. Nothing of it is kept on disk. `certificates` of the source are absolute.
    pub fn start(source: RemoteSource, password: Option<Secret>, wake: Wake) -> Self {
        let answer = Arc::new(Mutex::new(Fetch::Pending));
        let (watch, pool) = (Watch::default(), Pool::new(1));
        let (slot, own) = (Arc::clone(&answer), watch.clone());
        pool.push(Lane::Interactive, move || {
            let found = ask(&source, password, &own);
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = match found {
                Ok(info) => Fetch::Ready(Arc::new(info)),
                Err(error) => Fetch::Failed(Error(Arc::new(error))),
            };
            wake();
        });
        Self { answer, watch, _pool: pool }
    }

    /// What it said.
    pub fn answer(&self) -> Fetch<Info> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Probe {
    fn drop(&mut self) {
        self.watch.cancel();
    }
}

fn ask(source: &RemoteSource, password: Option<Secret>, watch: &Watch) -> anyhow::Result<Info> {
    let folder = tempfile::tempdir()?;
    let cache = RemoteCache::open(folder.path(), 1 << 20)?;
    let password = if source.user.is_empty() { None } else { password.or_else(|| super::kept_password(source)) };
    let certificates = source.certificates.clone();
    let client =
        Client::new(&RemoteSource { offline: false, ..source.clone() }, &certificates, password, cache, Arc::new(pixels::check))?;
    Ok(client.info(watch)?.value)
}
