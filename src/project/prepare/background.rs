//! Preparing while the window goes on: the prediction as a query, the work on a thread of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, bounded};

use super::{Prediction, Preparation, PrepareOptions, Prepared, pack, predict, prepare};
use crate::model::{ParcelIx, ProjectFile, Watch};
use crate::project::open::JobStatus;
use crate::project::queries::Env;
use crate::project::query::{Answer, Query, Wake};
use crate::project::{Dataset, Project, open, remote};

/// What preparing some parcels will take.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PredictQuery {
    /// Which parcels.
    pub parcels: Arc<[ParcelIx]>,
    /// Dates and margin.
    pub options: PrepareOptions,
    /// The project's file: the chips lie in its cache folder.
    pub project: PathBuf,
    /// Threads that will work.
    pub jobs: usize,
    /// How often something was prepared in this sitting: what is there has changed then.
    pub round: u32,
    /// Data revision.
    pub revision: u64,
}

impl Query for PredictQuery {
    type Output = Prediction;

    fn weight(_: &Self::Output) -> usize {
        64
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let (parcels, catalog) = (Arc::clone(&env.parcels), Arc::clone(&env.catalog));
        let data = Dataset { parcels, catalog, import_problems: Vec::new(), tables: None };
        Ok(predict(&data, &self.project, &self.parcels, &self.options, self.jobs, watch)?)
    }
}

/// What preparing, and packing where it was wanted, came to.
type Outcome = anyhow::Result<(Preparation, Option<PathBuf>)>;

/// A preparation under way.
pub(in crate::project) struct Preparing {
    watch: Watch,
    since: Instant,
    receiver: Receiver<Outcome>,
}

impl Preparing {
    /// For the status bar.
    pub(in crate::project) fn status(&self) -> JobStatus {
        let (done, total) = self.watch.progress();
        open::status("job-prepare", self.since, done, total, self.watch.clone())
    }
}

impl Drop for Preparing {
    fn drop(&mut self) {
        self.watch.cancel();
    }
}

impl Project {
    /// What preparing the queue would take.
    pub fn predict_query(&self, margin_m: u32) -> PredictQuery {
        PredictQuery {
            parcels: self.queue.rows().into(),
            options: self.prepare_options(margin_m),
            project: self.path.clone(),
            jobs: self.pool.threads(),
            round: self.prepared_rounds,
            revision: self.revision,
        }
    }

    fn prepare_options(&self, margin_m: u32) -> PrepareOptions {
        PrepareOptions { margin_m, from: self.file.display.from, to: self.file.display.to }
    }

    /// True while a queue is being prepared.
    pub fn preparing(&self) -> bool {
        self.preparing.is_some()
    }

    /// Starts preparing the queue; one at a time.
    pub(in crate::project) fn start_preparing(&mut self, margin_m: u32, target: Option<PathBuf>) {
        let Some(data) = self.dataset().ready().filter(|_| self.preparing.is_none()) else { return };
        let (sender, receiver) = bounded(1);
        let watch = Watch::default();
        let (own, path, file) = (watch.clone(), self.path.clone(), self.file.clone());
        let (parcels, options, jobs) = (self.queue.rows().to_vec(), self.prepare_options(margin_m), self.pool.threads());
        let wake: Wake = Arc::clone(&self.wake);
        let server = self.connection.session().map(|session| (session, self.ahead(margin_m, options.from, options.to)));
        let work = move || {
            let outcome = if let Some((session, ahead)) = server {
                remote::fetch(&session, &data.parcels, &parcels, &ahead, &own).map(|done| (done, None))
            } else {
                images(&data, (&path, &file), &parcels, &options, jobs, target.as_deref(), &own)
            };
            // Nobody waits any more when the project was closed.
            drop(sender.send(outcome));
            wake();
        };
        match std::thread::Builder::new().name("prepare".to_owned()).spawn(work) {
            Ok(_runs_alone) => self.preparing = Some(Preparing { watch, since: Instant::now(), receiver }),
            Err(error) => self.note(format!("cannot start preparing: {error}"), true),
        }
    }

    /// Takes up what was prepared, once it is done.
    pub(in crate::project) fn take_prepared(&mut self) {
        let Some(outcome) = self.preparing.as_ref().and_then(|preparing| preparing.receiver.try_recv().ok()) else { return };
        self.preparing = None;
        self.prepared_rounds += 1;
        match outcome {
            Ok((done, packed)) => {
                for problem in &done.problems {
                    self.note(problem.line(), true);
                }
                self.note(format!("{} chips prepared, {} were there already", done.written, done.present), false);
                if let Some(packed) = packed {
                    self.note(format!("packed for the road: {}", packed.display()), false);
                }
            }
            Err(error) => self.note(format!("preparing ended: {error:#}"), true),
        }
        // Also after a failure: what was written before it can be used.
        let Some(env) = &self.env else { return };
        let mut notes = Vec::new();
        let prepared = Prepared::open(&self.path, &env.catalog, &mut notes).map(Arc::new);
        self.env = Some(Arc::new(Env { prepared, ..env.as_ref().clone() }));
        for note in notes {
            self.note(note, false);
        }
        self.cache.retry_failed();
    }
}

/// Chips of images, and where they were packed to.
fn images(
    data: &Dataset,
    (path, file): (&Path, &ProjectFile),
    parcels: &[ParcelIx],
    options: &PrepareOptions,
    jobs: usize,
    target: Option<&Path>,
    watch: &Watch,
) -> Outcome {
    let done = prepare(data, path, parcels, options, jobs, watch)?;
    let packed = target.map(|target| pack(data, path, file, parcels, target)).transpose()?;
    Ok((done, packed))
}
