//! The ruleset of the open project: a baseline and a draft of it, the features of all parcels, and what the draft changes.
//!
//! A change of a limit re-evaluates every parcel in a worker; the window shows the last answer until the next one is there. A change of
//! what features are made of runs as a job that can be cancelled; partial counts are shown meanwhile.

mod changes;
pub mod labels;
mod views;

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, unbounded};

use super::marking::detection::{Detecting, Detection};
use super::marking::effect::{BoundaryQuery, Distribution, DistributionQuery, Effect, EffectQuery, MovedQuery, VerdictsQuery};
use super::marking::features::{Chunk, Features, compute};
use super::marking::gather::{NotStored, Source};
use super::marking::marked::{Marked, MarkedQuery, judging};
use super::open::{JobStatus, status};
use super::{Fetch, Project};
use crate::io::ruleset;
use crate::jobs::Lane;
use crate::model::ruleset::Parameter;
use crate::model::{ParcelIx, Ruleset, Watch};

pub use views::Difference;

/// Feature sets that are kept in memory.
const KEPT: usize = 3;

/// Bars of a distribution.
const BARS: usize = 60;

/// The rulesets of a project and what is known of them.
#[derive(Default)]
pub struct Tuning {
    fault: Option<String>,
    baseline: Option<Detecting>,
    draft: Option<Detecting>,
    /// Text that names the baseline: `shipped:mowing_s2`, or a path.
    baseline_name: String,
    past: Vec<Step>,
    future: Vec<Step>,
    /// The draft as the last finished step left it.
    settled: Option<Detecting>,
    features: Vec<(Source, Arc<Features>)>,
    job: Option<Marking>,
    failed: Option<Failure>,
    /// Why the number that was set last was not taken.
    refused: Option<String>,
    /// Parcels a second of the last run that computed any: what was kept comes much faster.
    rate: Option<f64>,
    running: Option<EffectQuery>,
    shown: Option<(EffectQuery, Arc<Effect>)>,
    effect_fault: Option<String>,
    labels: Option<Arc<labels::Labels>>,
    /// How often what was held out has been looked at.
    revealed: u32,
}

/// Why there are no features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Somebody cancelled the computation; what was done is kept.
    Cancelled,
    /// The observation store is to be filled first.
    NotStored(String),
    /// Anything else, in a sentence.
    Other(String),
}

/// A finished change of the draft.
#[derive(Clone)]
struct Step {
    label: String,
    before: Detecting,
    after: Detecting,
}

/// Features being computed.
struct Marking {
    detecting: Detecting,
    source: Source,
    watch: Watch,
    since: Instant,
    receiver: Receiver<News>,
    features: Arc<Features>,
}

enum News {
    Chunk(Arc<Chunk>),
    /// Parcels that were computed, not taken from what an earlier run has kept.
    Done(anyhow::Result<usize>),
}

impl Drop for Marking {
    fn drop(&mut self) {
        self.watch.cancel();
    }
}

impl Tuning {
    /// Why the project's ruleset cannot be used.
    pub fn fault(&self) -> Option<&str> {
        self.fault.as_deref()
    }

    /// Why features or verdicts could not be computed.
    pub fn failed(&self) -> Option<&str> {
        let features = self.failed.as_ref().map(|failure| match failure {
            Failure::Cancelled => "cancelled",
            Failure::NotStored(text) | Failure::Other(text) => text.as_str(),
        });
        features.or(self.effect_fault.as_deref())
    }

    /// Why there are no features.
    pub fn failure(&self) -> Option<&Failure> {
        self.failed.as_ref()
    }

    /// What the draft is compared with.
    pub fn baseline(&self) -> Option<&Ruleset> {
        self.baseline.as_ref().map(|own| &own.0.rules)
    }

    /// The ruleset in force.
    pub fn draft(&self) -> Option<&Ruleset> {
        self.draft.as_ref().map(|own| &own.0.rules)
    }

    /// The ruleset in force, made ready.
    pub fn detection(&self) -> Option<&Arc<Detection>> {
        self.draft.as_ref().map(|own| &own.0)
    }

    /// Name of the baseline: `shipped:mowing_s2`, or a path.
    pub fn baseline_name(&self) -> &str {
        &self.baseline_name
    }

    /// First digits of the content hashes of baseline and draft.
    pub fn hashes(&self) -> [String; 2] {
        [&self.baseline, &self.draft].map(|own| own.as_ref().map_or_else(String::new, |own| short(own.0.hash())))
    }

    /// Label of the change that undo takes back, and of the one that redo makes again.
    pub fn history(&self) -> [Option<&str>; 2] {
        [self.past.last(), self.future.last()].map(|step| step.map(|step| step.label.as_str()))
    }

    /// Numbers of the draft.
    pub fn parameters(&self) -> Vec<Parameter> {
        self.draft().map(ruleset::parameters).unwrap_or_default()
    }

    /// Numbers of the baseline.
    pub fn baseline_parameters(&self) -> Vec<Parameter> {
        self.baseline().map(ruleset::parameters).unwrap_or_default()
    }

    /// Features that a number of the rules is compared with, with the sign; of a number of a marker, the marker's depth.
    pub fn compared(&self, parameter: &Parameter) -> Option<(String, &'static str)> {
        let detection = self.detection()?;
        let rules = detection.features.rules(&detection.rules).ok().flatten()?;
        let found = rules.compared_with(&parameter.field).first().map(|&(name, sign)| (name.to_owned(), sign));
        let known = |name: &String| detection.features.position(name).is_some();
        let count = || {
            let minimum = detection.rules.rules.as_ref()?.base.minimum.as_ref()?;
            (parameter.field == "at_least").then(|| (minimum.count.clone(), ">="))
        };
        let depth = || Some((format!("{}.depth", parameter.owner), ">="));
        found.or_else(count).filter(|(name, _)| known(name)).or_else(|| depth().filter(|(name, _)| known(name)))
    }

    /// Known truth, when some was read.
    pub fn labels(&self) -> Option<&labels::Labels> {
        self.labels.as_deref()
    }

    pub(super) fn count_reveal(&mut self) {
        self.revealed += 1;
    }

    /// How often the half that was held out has been looked at since the labels were read.
    pub fn revealed(&self) -> u32 {
        self.revealed
    }

    /// Effect of the draft against the baseline, the last that is known.
    pub fn effect(&self) -> Option<&Arc<Effect>> {
        self.shown.as_ref().map(|(_, effect)| effect)
    }

    /// True while a newer effect is being computed.
    pub fn effect_pending(&self) -> bool {
        self.running.is_some()
    }

    /// Seconds that computing features for so many parcels takes, by the last computation.
    pub fn predicted_secs(&self, parcels: usize) -> Option<f64> {
        self.rate.map(|rate| parcels as f64 / rate)
    }

    /// Parcels done and in all of the features that are being computed.
    pub fn progress(&self) -> Option<(usize, usize)> {
        self.job.as_ref().map(|job| (job.features.done(), job.features.parcels))
    }

    fn features_of(&self, detecting: &Detecting, source: &Source) -> Option<&Arc<Features>> {
        let of_job =
            self.job.as_ref().filter(|job| job.detecting == *detecting && job.source == *source).map(|job| &job.features);
        let kept = self.features.iter().find(|(own, features)| own == source && features.detection.key() == detecting.0.key());
        kept.map(|(_, features)| features).or(of_job)
    }
}

/// The first digits of a hash, as people compare them.
pub fn short(hash: &str) -> String {
    hash.chars().take(6).collect()
}

impl Project {
    /// The project's rulesets and what is known of them.
    pub fn tuning(&self) -> &Tuning {
        &self.tuning
    }

    /// Features of the draft, as far as they are there.
    pub fn features(&self) -> Option<&Arc<Features>> {
        let draft = self.tuning.draft.as_ref()?;
        self.tuning.features_of(draft, &self.source(draft))
    }

    /// What the ruleset in force says of a parcel; `None` of a project without one.
    pub fn marked(&self, parcel: ParcelIx) -> Option<Fetch<Marked>> {
        Some(self.get(&self.marked_query(parcel)?, Lane::Interactive))
    }

    /// The question behind [`Project::marked`].
    pub fn marked_query(&self, parcel: ParcelIx) -> Option<MarkedQuery> {
        let detecting = self.tuning.draft.clone()?;
        let source = self.source(&detecting);
        Some(MarkedQuery::new(parcel, detecting, source))
    }

    /// Where the series of a ruleset come from.
    fn source(&self, detecting: &Detecting) -> Source {
        Source::new(self.store_ref(), &self.file.peers, &detecting.0.rules)
    }

    /// The question behind the verdicts that are shown.
    pub fn verdicts_query(&self) -> Option<VerdictsQuery> {
        self.tuning.shown.as_ref().map(|(effect, _)| effect.after.clone())
    }

    /// How a feature is distributed under the effect that is shown.
    pub fn distribution(&self, feature: &str) -> Option<Fetch<Distribution>> {
        Some(self.get(&self.distribution_query(feature)?, Lane::Interactive))
    }

    /// The question behind [`Project::distribution`].
    pub fn distribution_query(&self, feature: &str) -> Option<DistributionQuery> {
        let (effect, _) = self.tuning.shown.as_ref()?;
        Some(DistributionQuery { verdicts: effect.after.clone(), feature: feature.to_owned(), bins: BARS })
    }

    /// Parcels nearest to a value of a feature.
    pub fn boundary(&self, feature: &str, at: f64, most: usize) -> Option<Fetch<Vec<(ParcelIx, f32)>>> {
        Some(self.get(&self.boundary_query(feature, at, most)?, Lane::Interactive))
    }

    /// The question behind [`Project::boundary`].
    pub fn boundary_query(&self, feature: &str, at: f64, most: usize) -> Option<BoundaryQuery> {
        let (effect, _) = self.tuning.shown.as_ref()?;
        let verdicts = effect.after.clone();
        Some(BoundaryQuery { verdicts, feature: feature.to_owned(), at: (at as f32).to_bits(), most })
    }

    /// The question which parcels are in a cell of the transition table, verdicts as numbers; or which changed.
    pub fn moved_query(&self, cell: Option<(u8, u8)>) -> Option<MovedQuery> {
        let (effect, _) = self.tuning.shown.as_ref()?;
        Some(MovedQuery { effect: effect.clone(), cell })
    }

    /// Starts computing the features that are missing: first those of the draft, then those of the baseline.
    pub(super) fn start_marking(&mut self) {
        let (Some(env), Some(draft)) = (self.env.clone(), self.tuning.draft.clone()) else { return };
        if self.growing() {
            return;
        }
        self.tuning.failed = None;
        let wanted = [Some(draft), self.tuning.baseline.clone()];
        let known = |own: &Detecting| {
            let source = self.source(own);
            self.tuning.features.iter().any(|(of, features)| *of == source && features.detection.key() == own.0.key())
        };
        let Some(detecting) = wanted.into_iter().flatten().find(|own| !known(own)) else { return };
        let source = self.source(&detecting);
        if self.tuning.job.as_ref().is_some_and(|job| job.detecting == detecting && job.source == source) {
            return;
        }
        let features = Features { detection: Arc::clone(&detecting.0), chunks: Vec::new(), parcels: env.parcels.len() };
        let (sender, receiver) = unbounded();
        let watch = Watch::default();
        let (own, place, detection, wake) = (watch.clone(), source.clone(), Arc::clone(&detecting.0), self.wake.clone());
        let work = move || {
            let told = |chunk| {
                // Nobody waits any more when the project was closed.
                drop(sender.send(News::Chunk(chunk)));
                wake();
            };
            let outcome = compute(&env, &place, &detection, &own, told);
            drop(sender.send(News::Done(outcome)));
            wake();
        };
        match std::thread::Builder::new().name("marking".to_owned()).spawn(work) {
            Ok(_runs_alone) => {
                let features = Arc::new(features);
                self.tuning.job = Some(Marking { detecting, source, watch, since: Instant::now(), receiver, features });
            }
            Err(error) => {
                self.tuning.failed = Some(Failure::Other(format!("cannot start computing features: {error}")));
            }
        }
    }

    /// The job of the status bar.
    pub(super) fn marking_status(&self) -> Option<JobStatus> {
        self.tuning.job.as_ref().map(|job| {
            let (done, total) = job.watch.progress();
            status("job-marking", job.since, done, total, job.watch.clone())
        })
    }

    /// True while features are being computed.
    pub fn marking(&self) -> bool {
        self.tuning.job.is_some()
    }

    /// Takes up features that were computed, and asks for the effect of what is there.
    pub(super) fn take_marking(&mut self) {
        let mut ended = None;
        if let Some(job) = &mut self.tuning.job {
            let mut chunks = Vec::new();
            while let Ok(news) = job.receiver.try_recv() {
                match news {
                    News::Chunk(chunk) => chunks.push(chunk),
                    News::Done(outcome) => ended = Some(outcome),
                }
            }
            if !chunks.is_empty() {
                let mut features = (*job.features).clone();
                features.chunks.extend(chunks);
                job.features = Arc::new(features);
            }
        }
        if let Some(outcome) = ended
            && let Some(job) = self.tuning.job.take()
        {
            let cancelled = job.watch.cancelled();
            match outcome {
                Ok(computed) => {
                    let secs = job.since.elapsed().as_secs_f64().max(1e-3);
                    if computed > 0 {
                        self.tuning.rate = Some(computed as f64 / secs);
                    }
                    self.tuning.features.truncate(KEPT - 1);
                    self.tuning.features.insert(0, (job.source.clone(), Arc::clone(&job.features)));
                    drop(job);
                    self.start_marking();
                }
                // What was done is kept in the cache folder.
                Err(_cancelled) if cancelled => self.tuning.failed = Some(Failure::Cancelled),
                Err(error) => {
                    let text = format!("{error:#}");
                    let failure = if error.is::<NotStored>() { Failure::NotStored } else { Failure::Other };
                    self.tuning.failed = Some(failure(text));
                    self.note(format!("computing features ended: {error:#}"), true);
                }
            }
        }
        self.take_effect();
    }

    /// One effect at a time: the next one is asked for when the last one is there, so that every drag is answered.
    fn take_effect(&mut self) {
        if let Some(query) = &self.tuning.running {
            match self.get(query, Lane::Interactive) {
                Fetch::Pending => return,
                Fetch::Ready(effect) => {
                    self.tuning.shown = self.tuning.running.take().map(|query| (query, effect));
                    self.tuning.effect_fault = None;
                    self.verdicts_changed();
                }
                Fetch::Failed(error) => {
                    self.tuning.running = None;
                    self.tuning.effect_fault = Some(error.chain());
                    return;
                }
            }
        }
        let Some(query) = self.effect_query() else {
            self.tuning.shown = None;
            return;
        };
        if self.tuning.shown.as_ref().is_none_or(|(shown, _)| *shown != query) {
            self.tuning.running = Some(query);
            if let Some(query) = &self.tuning.running {
                // Queued; taken up in the next frame.
                drop(self.get(query, Lane::Interactive));
            }
        }
    }

    fn effect_query(&self) -> Option<EffectQuery> {
        let (baseline, draft) = (self.tuning.baseline.as_ref()?, self.tuning.draft.as_ref()?);
        draft.0.rules.rules.as_ref()?;
        let after = self.tuning.features_of(draft, &self.source(draft))?;
        // Until those of the baseline are there, its rules are shown on the draft's features.
        let before = self.tuning.features_of(baseline, &self.source(baseline)).filter(|own| own.complete()).unwrap_or(after);
        let before = if before.detection.key() == baseline.0.key() { judging(before, baseline) } else { judging(after, draft) };
        (after.done() > 0).then(|| EffectQuery { before: VerdictsQuery(before), after: VerdictsQuery(judging(after, draft)) })
    }
}
