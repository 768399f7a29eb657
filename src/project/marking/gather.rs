//! Series of many parcels for the inputs of a ruleset: from the observation store, or parcel by parcel from images, tables and servers.
//!
//! Both give the same numbers, as far as single precision goes: indices of means, dated by the acquisition.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use crate::engine::series::{IndexRule, bands_of};
use crate::model::ruleset::{Family, Input, PracticeRule};
use crate::model::settings::PeerSettings;
use crate::model::units::epoch_days;
use crate::model::{AcquisitionIx, ObservationState, ParcelIx, Pass, Ruleset, SampleColumn, SampleTable, Sensor, Signal, Watch};
use crate::project::queries::Env;
use crate::project::queries::medians::{Medians, MediansQuery};
use crate::project::queries::population::{StoreRef, Stored};
use crate::project::queries::series::SeriesQuery;

/// So many parcels are read one by one where no store holds them.
pub const DIRECT_PARCELS: usize = 2000;

/// Memory for the columns of one pass.
const PASS_BYTES: usize = 1 << 30;

/// Components of an input that hold the share and the number of usable pixels.
const SEEN: [&str; 2] = ["usable_share", "usable_pixels"];

/// Values of an input at one time: share and number of usable pixels, and one value a signal.
type Row = ([f64; 2], Vec<f64>);

/// Values by parcel of a pass, acquisition by acquisition.
type ByAcquisition = Vec<(AcquisitionIx, Vec<f32>)>;

/// Where observations are, and who is compared with whom where a ruleset asks for that.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Source {
    /// Where observations are.
    pub store: StoreRef,
    /// Who peers are; `None` where no input asks for them.
    pub peers: Option<PeerSettings>,
}

impl Source {
    /// What a ruleset needs.
    pub fn new(store: StoreRef, peers: &PeerSettings, rules: &Ruleset) -> Self {
        Self { store, peers: rules.inputs.iter().any(|input| input.peers).then(|| peers.clone()) }
    }

    /// Medians of the signals of an input, in their order; none where it does not ask for them.
    fn medians(&self, env: &Env, input: &Input) -> anyhow::Result<Vec<Arc<Medians>>> {
        let Some(peers) = self.peers.as_ref().filter(|_| input.peers) else { return Ok(Vec::new()) };
        // Under its own watch: other parcels want it too.
        let of = |name: &String| {
            let query = MediansQuery { store: self.store.clone(), signal: Signal::parse(name), peers: peers.clone() };
            Ok(env.cache.compute(&query, env, &Watch::default())?)
        };
        input.signals.iter().map(of).collect()
    }
}

/// Too many parcels to be read one by one, and no store that holds their observations.
#[derive(Debug, thiserror::Error)]
#[error(
    "no observations of these images under these settings are stored, and {parcels} parcels are too many to be read one by one; \
     compute the population statistics first ({})",
    folder.display()
)]
pub struct NotStored {
    /// Parcels of the project.
    pub parcels: usize,
    /// Folder of the store.
    pub folder: PathBuf,
}

/// Where series come from.
pub struct Gatherer<'a> {
    env: &'a Env,
    store: &'a StoreRef,
    stored: Option<Stored>,
    inputs: Vec<Wanted>,
    /// Columns of the parcels of this pass, by input and signal.
    columns: Vec<Vec<ByAcquisition>>,
    seen: BTreeMap<AcquisitionIx, Vec<[f32; 2]>>,
    pass: Range<usize>,
    with_seen: bool,
}

/// An input of a ruleset with its signals.
struct Wanted {
    signals: Vec<Signal>,
    sensor: Option<Sensor>,
    medians: Vec<Arc<Medians>>,
}

impl Wanted {
    fn new(env: &Env, source: &Source, input: &Input) -> anyhow::Result<Self> {
        let signals: Vec<Signal> = input.signals.iter().map(|name| Signal::parse(name)).collect();
        Ok(Self { sensor: signals.first().map(Signal::sensor), signals, medians: source.medians(env, input)? })
    }
}

impl<'a> Gatherer<'a> {
    /// Chooses the source: the store where it holds anything that is asked for, else the parcels one by one, unless they are too many.
    pub fn new(env: &'a Env, source: &'a Source, rules: &Ruleset) -> anyhow::Result<Self> {
        let store = &source.store;
        let inputs = rules.inputs.iter().map(|input| Wanted::new(env, source, input)).collect::<anyhow::Result<Vec<_>>>()?;
        for signal in inputs.iter().flat_map(|input| &input.signals) {
            let told = env.tables.as_ref().is_some_and(|tables| tables.has_variable(signal));
            if !told {
                bands_of(signal, &env.indices)?;
            }
        }
        let sensors: Vec<Sensor> = inputs.iter().filter_map(|input| input.sensor).collect();
        let stored = Stored::open(env, store, &sensors)?;
        if stored.is_none() && env.parcels.len() > DIRECT_PARCELS {
            return Err(NotStored { parcels: env.parcels.len(), folder: store.folder.clone() }.into());
        }
        // What no step asks for is not read.
        let text = format!("{:?} {:?} {:?} {:?}", rules.signals, rules.markers, rules.practices, rules.features);
        let by_pixels = |rule: &PracticeRule| matches!(&rule.find, Family::Mowing(_));
        let with_seen = SEEN.iter().any(|name| text.contains(name)) || rules.practices.iter().any(by_pixels);
        let columns = inputs.iter().map(|input| vec![Vec::new(); input.signals.len()]).collect();
        Ok(Self { env, store, stored, inputs, columns, seen: BTreeMap::new(), pass: 0..0, with_seen })
    }

    /// Fingerprint of everything that is read; nothing where parcels are read one by one.
    pub fn fingerprint(&self) -> Option<[u8; 32]> {
        self.stored.as_ref().filter(|_| self.env.tables.is_none() && self.env.remote.is_none()).map(Stored::fingerprint)
    }

    /// Parcels that are worked on in one pass over the stored columns.
    pub fn pass_length(&self) -> usize {
        let Some(stored) = &self.stored else { return usize::MAX };
        let columns: usize = self
            .inputs
            .iter()
            .map(|input| input.signals.len() * input.sensor.map_or(0, |sensor| stored.acquisitions(sensor).count()))
            .sum();
        PASS_BYTES / 4 / columns.max(1)
    }

    /// Reads what the parcels of a pass need.
    pub fn load(&mut self, pass: Range<usize>, watch: &Watch) -> anyhow::Result<()> {
        self.pass = pass.clone();
        let Some(stored) = &self.stored else { return Ok(()) };
        for (input, columns) in self.inputs.iter().zip(&mut self.columns) {
            for (signal, columns) in input.signals.iter().zip(columns) {
                columns.clear();
                if bands_of(signal, &self.env.indices).is_err() {
                    continue;
                }
                for ix in stored.acquisitions(signal.sensor()).collect::<Vec<_>>() {
                    anyhow::ensure!(!watch.cancelled(), "cancelled");
                    let values = stored.column(self.env, ix, signal)?;
                    columns.push((ix, values[pass.clone()].to_vec()));
                    if self.with_seen && !self.seen.contains_key(&ix) {
                        self.seen.insert(ix, stored.seen(ix)?);
                    }
                }
            }
        }
        Ok(())
    }

    /// The series of all inputs of a parcel of the pass.
    pub fn series(&self, parcel: ParcelIx) -> anyhow::Result<Vec<SampleTable>> {
        (0..self.inputs.len()).map(|at| self.input(at, parcel)).collect()
    }

    fn input(&self, at: usize, parcel: ParcelIx) -> anyhow::Result<SampleTable> {
        let input = &self.inputs[at];
        let mut rows: BTreeMap<AcquisitionIx, Row> = BTreeMap::new();
        let empty = || vec![f64::NAN; input.signals.len()];
        if self.stored.is_some() {
            let row = parcel.at() - self.pass.start;
            for (place, columns) in self.columns[at].iter().enumerate() {
                for (ix, values) in columns.iter().filter(|(_, values)| values[row].is_finite()) {
                    let seen = self.seen.get(ix).map_or([f64::NAN; 2], |seen| seen[parcel.at()].map(f64::from));
                    rows.entry(*ix).or_insert_with(|| (seen, empty())).1[place] = f64::from(values[row]);
                }
            }
        }
        let told = |signal: &Signal| match &self.env.tables {
            Some(tables) if self.stored.is_some() => {
                Ok(tables.points(parcel, signal, &self.env.indices, &self.store.settings, &self.env.catalog)?)
            }
            None if self.stored.is_some() => Ok(Vec::new()),
            _ => direct(self.env, self.store, parcel, signal),
        };
        for (place, signal) in input.signals.iter().enumerate() {
            for point in told(signal)?.iter().filter(|point| point.state == ObservationState::Ok) {
                let row = rows.entry(point.acquisition).or_insert_with(|| ([point.usable_share, point.count], empty()));
                if row.1[place].is_nan() {
                    row.1[place] = f64::from(point.value as f32);
                }
            }
        }
        Ok(table(self.env, input, parcel, &rows))
    }
}

/// Observations of one parcel from images, tables and servers.
pub fn direct(env: &Env, store: &StoreRef, parcel: ParcelIx, signal: &Signal) -> anyhow::Result<Vec<crate::model::SeriesPoint>> {
    let query = SeriesQuery {
        parcel,
        signal: signal.clone(),
        settings: store.settings.clone(),
        rule: IndexRule::OfMeans,
        revision: store.revision,
    };
    Ok(env.cache.compute(&query, env, &Watch::default())?.points.clone())
}

/// The series of one parcel for all inputs, read directly; `given` stands in for inputs that come from elsewhere.
pub fn of_parcel(env: &Env, source: &Source, rules: &Ruleset, parcel: ParcelIx) -> anyhow::Result<Vec<SampleTable>> {
    rules.inputs.iter().map(|input| of_input(env, source, input, parcel)).collect()
}

/// The series of one parcel for an input, read directly.
///
/// Components are the signals by name, their peers' medians as `NAME_peers` where the input asks for them, `usable_share`,
/// `usable_pixels`, `relative_orbit` and `ascending` (1 or 0).
pub fn of_input(env: &Env, source: &Source, input: &Input, parcel: ParcelIx) -> anyhow::Result<SampleTable> {
    let wanted = Wanted::new(env, source, input)?;
    let mut rows: BTreeMap<AcquisitionIx, Row> = BTreeMap::new();
    for (place, signal) in wanted.signals.iter().enumerate() {
        for point in direct(env, &source.store, parcel, signal)?.iter().filter(|point| point.state == ObservationState::Ok) {
            let empty = || ([point.usable_share, point.count], vec![f64::NAN; wanted.signals.len()]);
            rows.entry(point.acquisition).or_insert_with(empty).1[place] = f64::from(point.value as f32);
        }
    }
    Ok(table(env, &wanted, parcel, &rows))
}

fn table(env: &Env, input: &Wanted, parcel: ParcelIx, rows: &BTreeMap<AcquisitionIx, Row>) -> SampleTable {
    let days: Vec<f64> = rows.keys().map(|&ix| epoch_days(env.catalog.get(ix).acquired)).collect();
    let values = |at: usize| rows.values().map(|(_, values)| values[at]).collect();
    let columns = input.signals.iter().enumerate().map(|(at, signal)| SampleColumn::new(signal.name(), values(at)));
    let peers = input.signals.iter().zip(&input.medians).map(|(signal, medians)| {
        let values = rows.keys().map(|&ix| medians.at(parcel, ix)).collect();
        SampleColumn::new(format!("{}_peers", signal.name()), values)
    });
    let columns = columns.chain(peers);
    let of = |value: &dyn Fn(AcquisitionIx) -> f64| rows.keys().map(|&ix| value(ix)).collect::<Vec<f64>>();
    let orbit = of(&|own| env.catalog.get(own).relative_orbit.map_or(f64::NAN, f64::from));
    let ascending = of(&|own| match env.catalog.get(own).pass {
        Some(Pass::Ascending) => 1.0,
        Some(Pass::Descending) => 0.0,
        None => f64::NAN,
    });
    let seen = |at: usize| rows.values().map(|(seen, _)| seen[at]).collect::<Vec<f64>>();
    let known = [(SEEN[0], seen(0)), (SEEN[1], seen(1)), ("relative_orbit", orbit), ("ascending", ascending)];
    let columns = columns.chain(known.into_iter().map(|(name, values)| SampleColumn::new(name, values)));
    SampleTable::sorted(&days, columns.collect())
}
