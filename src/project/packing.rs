//! Packs and pages of sheets while the window goes on, each on a thread of its own with a project of its own.
//!
//! A pack is made of the project as it is on disk: what is not saved cannot be made again by anybody. So is the page that is shown.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, anyhow};
use crossbeam_channel::{Receiver, bounded};

use super::evidence::{Desk, PackOptions, PackReport, Target, VerifyReport, verify, write_pack_of};
use super::open::{self, JobStatus, Project};
use super::query::{Error, Fetch, Wake};
use crate::jobs::{Lane, Pool};
use crate::model::Watch;
use crate::report::sheet;

/// Width of pages on screen, pixels.
const PAGE_PX: u32 = 1240;

/// The pages of a parcel's sheet.
#[derive(Debug)]
pub struct Pages {
    /// Parcel.
    pub parcel: String,
    /// PNG of each page.
    pub png: Vec<Vec<u8>>,
}

/// What pages depend on: parcel, entries of the journal, project file, data.
type Key = (String, u64, PackOptions, u64);

/// The project that pages are made of, with the bytes of its file and the data revision that it was opened for.
type Open = Option<(Vec<u8>, u64, Desk)>;

/// Pages that were asked for.
pub(super) struct Previews {
    inner: Arc<Mutex<Inner>>,
    desk: Arc<Mutex<Open>>,
    /// A thread from the first time that somebody looks.
    pool: OnceLock<Pool>,
}

#[derive(Default)]
struct Inner {
    wanted: Option<Key>,
    ready: Option<(Key, Result<Arc<Pages>, Error>)>,
}

impl Default for Previews {
    fn default() -> Self {
        Self { inner: Arc::default(), desk: Arc::default(), pool: OnceLock::new() }
    }
}

/// Sets the pages of a sheet; the project is opened anew when its file or its data have changed.
fn set_pages(open: &mut Open, path: &Path, key: &Key) -> anyhow::Result<Arc<Pages>> {
    let file = std::fs::read(path).with_context(|| format!("cannot read the project ({})", path.display()))?;
    if open.as_ref().is_none_or(|(own, revision, _)| (own, *revision) != (&file, key.3)) {
        *open = Some((file, key.3, Desk::open(path)?));
    }
    let (_, _, desk) = open.as_ref().context("the project is open")?;
    let sheet = desk.sheet(&key.0, &key.2)?;
    let png = sheet::pages(&sheet, PAGE_PX).map_err(|fact| anyhow!("cannot set the page: {fact}"))?;
    Ok(Arc::new(Pages { parcel: key.0.clone(), png }))
}

/// A pack that is being written, or checked.
pub(super) struct Packing {
    watch: Watch,
    since: Instant,
    name: &'static str,
    receiver: Receiver<Outcome>,
}

enum Outcome {
    Written(anyhow::Result<PackReport>),
    Checked(anyhow::Result<VerifyReport>),
}

impl Packing {
    pub(super) fn status(&self) -> JobStatus {
        let (done, total) = self.watch.progress();
        open::status(self.name, self.since, done, total, self.watch.clone())
    }
}

impl Drop for Packing {
    fn drop(&mut self) {
        self.watch.cancel();
    }
}

/// What the last pack or check came to.
#[derive(Debug, Clone)]
pub enum Packed {
    /// A pack was written.
    Written(PackReport),
    /// A pack was checked.
    Checked(VerifyReport),
    /// It did not work; why, in words.
    Failed(String),
}

impl Project {
    /// The pages of a parcel's sheet as a pack would hold it. Asked for in every frame; made when they changed.
    pub fn pages(&self, parcel: &str, options: &PackOptions) -> Fetch<Pages> {
        let key: Key = (parcel.to_owned(), self.reviewing.revision(), options.clone(), self.revision);
        let mut inner = self.previews.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((own, pages)) = &inner.ready
            && *own == key
        {
            return match pages {
                Ok(pages) => Fetch::Ready(Arc::clone(pages)),
                Err(error) => Fetch::Failed(error.clone()),
            };
        }
        let pool = self.previews.pool.get_or_init(|| Pool::new(1));
        if inner.wanted.as_ref() != Some(&key) {
            inner.wanted = Some(key.clone());
            let (shared, path, wake) = (Arc::clone(&self.previews.inner), self.path.clone(), Arc::clone(&self.wake));
            let desk = Arc::clone(&self.previews.desk);
            pool.push(Lane::Interactive, move || {
                let still =
                    |inner: &Mutex<Inner>| inner.lock().unwrap_or_else(PoisonError::into_inner).wanted.as_ref() == Some(&key);
                if !still(&shared) {
                    return; // Somebody has gone on to another parcel.
                }
                let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
                let pages = set_pages(&mut desk, &path, &key).map_err(|error| Error(Arc::new(error)));
                shared.lock().unwrap_or_else(PoisonError::into_inner).ready = Some((key, pages));
                wake();
            });
        }
        Fetch::Pending
    }

    /// The pages that were made last, for as long as newer ones are on their way.
    pub fn last_pages(&self) -> Option<Arc<Pages>> {
        let inner = self.previews.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.ready.as_ref().and_then(|(_, pages)| pages.as_ref().ok().map(Arc::clone))
    }

    /// True while a pack is written or checked.
    pub fn packing(&self) -> bool {
        self.packing.is_some()
    }

    /// What the last pack or check came to.
    pub fn packed(&self) -> Option<&Packed> {
        self.packed.as_ref()
    }

    /// Starts writing a pack of the parcels with some ids; one at a time.
    pub(super) fn start_packing(&mut self, ids: Vec<String>, options: PackOptions, target: PathBuf) {
        let (path, jobs) = (self.path.clone(), self.pool.threads());
        self.start_pack_work("job-pack", move |watch| {
            Outcome::Written(write_pack_of(&path, Some(&ids), &options, &Target::new(target), jobs, watch))
        });
    }

    /// Starts checking a pack.
    pub(super) fn start_checking(&mut self, folder: PathBuf) {
        let (path, jobs) = (self.path.clone(), self.pool.threads());
        self.start_pack_work("job-verify", move |watch| Outcome::Checked(verify(&folder, None, &[path], jobs, watch)));
    }

    fn start_pack_work(&mut self, name: &'static str, work: impl FnOnce(&Watch) -> Outcome + Send + 'static) {
        if self.packing.is_some() {
            return;
        }
        let (sender, receiver) = bounded(1);
        let watch = Watch::default();
        let (own, wake): (Watch, Wake) = (watch.clone(), Arc::clone(&self.wake));
        let run = move || {
            // Nobody waits any more when the project was closed.
            drop(sender.send(work(&own)));
            wake();
        };
        match std::thread::Builder::new().name("pack".to_owned()).spawn(run) {
            Ok(_runs_alone) => self.packing = Some(Packing { watch, since: Instant::now(), name, receiver }),
            Err(error) => self.note(format!("cannot start the work: {error}"), true),
        }
    }

    /// Takes up what became of a pack.
    pub(super) fn take_packing(&mut self) {
        let Some(outcome) = self.packing.as_ref().and_then(|packing| packing.receiver.try_recv().ok()) else { return };
        let cancelled = self.packing.take().is_some_and(|packing| packing.watch.cancelled());
        let packed = match outcome {
            Outcome::Written(Ok(report)) => Packed::Written(report),
            Outcome::Checked(Ok(report)) => Packed::Checked(report),
            Outcome::Written(Err(_)) | Outcome::Checked(Err(_)) if cancelled => return,
            Outcome::Written(Err(error)) | Outcome::Checked(Err(error)) => Packed::Failed(format!("{error:#}")),
        };
        if let Packed::Failed(text) = &packed {
            self.note(text.clone(), true);
        }
        self.packed = Some(packed);
    }
}
