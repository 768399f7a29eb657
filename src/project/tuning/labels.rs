//! Known truth about some parcels, and how far the ruleset agrees with it: verdicts with labels, events with known events.
//!
//! Half of the parcels is held out: limits are chosen on the other half, and what is reached is told on this one when somebody asks for
//! it. How often that was done is counted.

use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::anyhow;

use crate::engine::evaluation::sampling::{Half, half};
use crate::engine::evaluation::{Draws, Score, score};
use crate::engine::markers::evaluate::Scratch;
use crate::engine::quality::Share;
use crate::engine::rules::Verdict;
use crate::io::{labels, truth};
use crate::jobs::Lane;
use crate::model::season::Season;
use crate::model::{ParcelIx, Parcels, Watch};
use crate::project::evaluating::{Ground, names};
use crate::project::marking::detection::Detecting;
use crate::project::marking::effect::VerdictsQuery;
use crate::project::marking::gather::{self, Source};
use crate::project::queries::Env;
use crate::project::query::{Answer, Query};
use crate::project::{Fetch, Project};

/// Days that an event may be off.
pub const TOLERANCE_DAYS: f64 = 12.0;

/// Where labels come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Labelling {
    /// A CSV file or vector layer of labels or of known events.
    File(PathBuf),
    /// A column of the parcel table.
    Column(String),
}

/// What is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Known {
    /// Whether a parcel is compliant.
    Verdicts(BTreeMap<ParcelIx, bool>),
    /// What happened on a parcel.
    Events(truth::Records),
}

/// Known truth about some parcels.
#[derive(Debug, Clone)]
pub struct Labels {
    /// Name on screen.
    pub name: String,
    /// What is known.
    pub known: Known,
    /// Rows that say nothing, or name parcels that are not there.
    pub left_out: usize,
    /// Features of a layer without id column that lie in no parcel.
    pub outside: usize,
    key: [u8; 32],
}

impl Labels {
    /// Reads labels for a table of parcels.
    pub fn read(from: &Labelling, parcels: &Parcels) -> Result<Self, String> {
        let (name, known, left_out, outside) = match from {
            Labelling::Column(name) => {
                let at = parcels.columns().iter().position(|column| column.name == *name);
                let at = at.ok_or_else(|| format!("the parcels have no column “{name}”"))?;
                let word = |parcel: ParcelIx| parcels.text(at, parcel).and_then(labels::compliant);
                let known: BTreeMap<ParcelIx, bool> = parcels.iter().filter_map(|parcel| Some((parcel, word(parcel)?))).collect();
                let left_out = parcels.len() - known.len();
                (name.clone(), Known::Verdicts(known), left_out, 0)
            }
            Labelling::File(path) => {
                let (known, left_out, outside) = read_file(path, parcels)?;
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                (name, known, left_out, outside)
            }
        };
        let empty = match &known {
            Known::Verdicts(known) => known.is_empty(),
            Known::Events(known) => known.is_empty(),
        };
        if empty {
            return Err(format!("{name} has no label of a parcel of this project; ids must be those of the parcel layer"));
        }
        let key = *blake3::hash(format!("{known:?}").as_bytes()).as_bytes();
        Ok(Self { name, known, left_out, outside, key })
    }

    /// Parcels with a label.
    pub fn parcels(&self) -> usize {
        match &self.known {
            Known::Verdicts(known) => known.len(),
            Known::Events(known) => known.len(),
        }
    }
}

/// What a file says, the rows that say nothing or name other parcels, and the features outside all parcels.
fn read_file(path: &Path, parcels: &Parcels) -> Result<(Known, usize, usize), String> {
    if labels::has_labels(path) {
        let read = labels::read(path, Some(parcels)).map_err(|error| error.to_string())?;
        let all = read.labels.len();
        let known: BTreeMap<ParcelIx, bool> =
            read.labels.into_iter().filter_map(|(id, label)| Some((parcels.find(&id)?, label))).collect();
        let left_out = read.left_out + all - known.len();
        return Ok((Known::Verdicts(known), left_out, read.outside));
    }
    let read = truth::read(path, &truth::Reading::default(), Some(parcels)).map_err(|error| error.to_string())?;
    let mut known = read.records;
    let all = known.len();
    known.retain(|id, _| parcels.find(id).is_some());
    let left_out = all - known.len();
    Ok((Known::Events(known), left_out, read.outside))
}

/// How far the ruleset agrees with what is known.
#[derive(Debug, Clone, PartialEq)]
pub enum Agreement {
    /// Verdicts against labels.
    Verdicts {
        /// Compliant and other parcels by verdict.
        table: [[usize; 3]; 2],
        /// Of the red parcels those that are compliant.
        commission: Share,
        /// Of the parcels that are not compliant those that are green.
        omission: Share,
    },
    /// Detected events against known ones.
    Events {
        /// Which marker.
        marker: String,
        /// Parcels.
        parcels: usize,
        /// Precision, recall and F1 with their intervals.
        score: Box<Score>,
    },
}

/// Labels inside a question: equal where their content is.
#[derive(Debug, Clone)]
struct Labelled(Arc<Labels>);

impl PartialEq for Labelled {
    fn eq(&self, other: &Self) -> bool {
        self.0.key == other.0.key
    }
}

impl Eq for Labelled {}

impl Hash for Labelled {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key.hash(state);
    }
}

/// Verdicts against labels of one half.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct VerdictAgreement {
    verdicts: VerdictsQuery,
    labels: Labelled,
    reported: bool,
}

impl Query for VerdictAgreement {
    type Output = Agreement;

    fn weight(_: &Self::Output) -> usize {
        128
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let verdicts = env.cache.compute(&self.verdicts, env, watch)?;
        let Known::Verdicts(known) = &self.labels.0.known else { return Err(anyhow!("these labels are events").into()) };
        let mut table = [[0; 3]; 2];
        for (&parcel, &compliant) in known.iter().filter(|(parcel, _)| takes(env.parcels.id(**parcel), self.reported)) {
            if let Some(verdict) = verdicts.of(parcel) {
                table[usize::from(!compliant)][verdict as usize] += 1;
            }
        }
        let red = Verdict::Red as usize;
        let [compliant, other] = table;
        let commission = Share::of(compliant[red], compliant[red] + other[red]);
        let omission = Share::of(other[Verdict::Green as usize], other.iter().sum());
        Ok(Agreement::Verdicts { table, commission, omission })
    }
}

fn takes(id: &str, reported: bool) -> bool {
    half(id, 1) == if reported { Half::Report } else { Half::Tune }
}

/// Detected events against known ones of one half.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct EventAgreement {
    detecting: Detecting,
    source: Source,
    labels: Labelled,
    marker: String,
    reported: bool,
}

impl Query for EventAgreement {
    type Output = Agreement;

    fn weight(_: &Self::Output) -> usize {
        512
    }

    fn waits(&self, env: &Env) -> bool {
        env.remote.is_some()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let detection = &self.detecting.0;
        let Known::Events(known) = &self.labels.0.known else { return Err(anyhow!("these labels are no events").into()) };
        let marker = names(&detection.plan).iter().position(|name| *name == self.marker);
        let marker = marker.ok_or_else(|| anyhow!("there is no marker {}", self.marker))?;
        let (mut ids, mut inputs) = (Vec::new(), Vec::new());
        let wanted = known.keys().filter(|id| takes(id, self.reported));
        for (id, parcel) in wanted.filter_map(|id| Some((id, env.parcels.find(id)?))) {
            if watch.cancelled() {
                return Err(anyhow!("cancelled").into());
            }
            ids.push(id.clone());
            inputs.push(gather::of_parcel(env, &self.source, &detection.rules, parcel)?);
        }
        let season = Season { from: (1, 1), to: (12, 31) };
        let ground = Ground::new(ids, inputs, known, season);
        let mut scratch = Scratch::default();
        let found: Vec<_> = ground.inputs.iter().map(|inputs| detection.plan.find(inputs, &mut scratch)).collect();
        let score = score(&ground.cases(&found, marker, season), TOLERANCE_DAYS, Draws::default());
        Ok(Agreement::Events { marker: self.marker.clone(), parcels: ground.ids.len(), score: Box::new(score) })
    }
}

impl Project {
    /// Reads labels, or forgets them; what cannot be read is told.
    pub(in crate::project) fn set_labels(&mut self, from: Option<Labelling>) {
        self.tuning.revealed = 0;
        self.tuning.labels = None;
        let (Some(from), Some(data)) = (from, self.data()) else { return };
        match Labels::read(&from, &data.parcels) {
            Ok(labels) => {
                if labels.outside > 0 {
                    let lie = if labels.outside == 1 { "feature lies" } else { "features lie" };
                    self.tell(format!("{}: {} {lie} in no parcel and count nowhere", labels.name, labels.outside), false);
                }
                self.tuning.labels = Some(Arc::new(labels));
            }
            Err(fault) => self.tell(fault, true),
        }
    }

    /// How far the ruleset agrees with the labels of the half that limits are chosen on, or of the one that was held out. `None` without
    /// labels, or while nothing is known of verdicts.
    pub fn agreement(&self, reported: bool) -> Option<Fetch<Agreement>> {
        let labels = Labelled(Arc::clone(self.tuning.labels.as_ref()?));
        match &labels.0.known {
            Known::Verdicts(_) => {
                let (effect, _) = self.tuning.shown.as_ref()?;
                let query = VerdictAgreement { verdicts: effect.after.clone(), labels, reported };
                Some(self.get(&query, Lane::Interactive))
            }
            Known::Events(_) => {
                let detecting = self.tuning.settled.clone()?;
                // The last composite or practice is mostly what a ruleset is about, else its first marker.
                let all = names(&detecting.0.plan);
                let first = detecting.0.rules.composites.last().map(|own| own.name.clone());
                let first = first.or_else(|| detecting.0.rules.practices.first().map(|own| own.name.clone()));
                let marker = first.or_else(|| all.first().cloned())?;
                let source = self.source(&detecting);
                let query = EventAgreement { detecting, source, labels, marker, reported };
                Some(self.get(&query, Lane::Prefetch))
            }
        }
    }
}
