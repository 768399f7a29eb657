//! What whole groups of parcels do, from the observation store.

use std::path::PathBuf;

use anyhow::anyhow;
use rayon::prelude::*;

use crate::engine::ENGINE_VERSION;
use crate::engine::peers::PeerStep;
use crate::engine::population::{Distances, GroupStep, Groups, least_width};
use crate::engine::series::bands_of;
use crate::model::settings::{ObservationSettings, PeerSettings};
use crate::model::units::{epoch_days, float_key};
use crate::model::{AcquisitionIx, ParcelIx, Signal, Watch};
use crate::project::extract::{Positions, StoredAcquisition, StoredValues};
use crate::project::query::{Answer, Query};

use super::Env;

/// Where observations are stored, and how they were made: what every question about a population has in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StoreRef {
    /// The store's folder.
    pub folder: PathBuf,
    /// Mask, pixel rule, buffer.
    pub settings: ObservationSettings,
    /// How often the store was brought up to date in this sitting: what is there has changed then.
    pub round: u32,
    /// Data revision.
    pub revision: u64,
}

impl StoreRef {
    fn open(&self, env: &Env) -> anyhow::Result<Option<StoredValues>> {
        Ok(StoredValues::open(&self.folder, &env.parcels, &env.catalog, &self.settings)?)
    }

    /// Values of a signal by parcel: kept in the cache folder as long as what the store holds stays the same.
    fn column(
        &self,
        env: &Env,
        store: &StoredValues,
        (ix, stored): (AcquisitionIx, &StoredAcquisition),
        signal: &Signal,
        positions: &Positions,
    ) -> anyhow::Result<Vec<f32>> {
        let acquisition = env.catalog.get(ix);
        let formula = if let Signal::Index(name) = signal { env.indices.text(name) } else { None };
        let mut hasher = blake3::Hasher::new();
        hasher.update(&ENGINE_VERSION.to_le_bytes());
        hasher.update(&stored.fingerprint());
        hasher.update(positions.fingerprint());
        hasher.update(format!("{formula:?} {}", float_key(self.settings.min_usable_share)).as_bytes());
        let content = *hasher.finalize().as_bytes();
        // One place for each signal and acquisition, so that a column that is out of date makes room for the new one.
        let (sensor, orbit) = (acquisition.sensor.code(), acquisition.relative_orbit);
        let place = format!("population column {signal:?} {} {sensor} {orbit:?} {}", acquisition.acquired, acquisition.platform);
        let key = *blake3::hash(place.as_bytes()).as_bytes();
        let known = env.disk.as_ref().and_then(|disk| disk.get(&key));
        if let Some(values) = known.as_ref().and_then(|bytes| bytes.strip_prefix(&content))
            && values.len() == positions.parcels() * 4
        {
            return Ok(values.as_chunks::<4>().0.iter().map(|value| f32::from_le_bytes(*value)).collect());
        }
        let column = store.column(stored, signal, &env.indices, positions)?;
        for problem in &column.problems {
            tracing::warn!("population of {}: {problem}", acquisition.acquired);
        }
        if let (Some(disk), true) = (&env.disk, column.problems.is_empty()) {
            let mut bytes = Vec::with_capacity(content.len() + column.values.len() * 4);
            bytes.extend_from_slice(&content);
            bytes.extend(column.values.iter().flat_map(|value| value.to_le_bytes()));
            disk.put(&key, &bytes);
        }
        Ok(column.values)
    }
}

/// A store opened for reading many columns.
pub struct Stored {
    reference: StoreRef,
    values: StoredValues,
    positions: std::sync::Arc<Positions>,
    held: Vec<(AcquisitionIx, StoredAcquisition)>,
    sensors: Vec<crate::model::Sensor>,
}

impl Stored {
    /// What the store holds of some sensors; `None` where it holds nothing of them.
    pub fn open(env: &Env, reference: &StoreRef, sensors: &[crate::model::Sensor]) -> anyhow::Result<Option<Self>> {
        let Some(values) = reference.open(env)? else { return Ok(None) };
        let mut held = Vec::new();
        let wanted = env.catalog.iter().filter(|(_, acquisition)| sensors.contains(&acquisition.sensor));
        for (ix, _) in wanted {
            let stored = values.acquisition(ix)?;
            if !stored.is_empty() {
                held.push((ix, stored));
            }
        }
        if held.is_empty() {
            return Ok(None);
        }
        let positions = env.cache.compute(&PositionsQuery { revision: reference.revision }, env, &Watch::default())?;
        let sensors = held.iter().map(|(ix, _)| env.catalog.get(*ix).sensor).collect();
        Ok(Some(Self { reference: reference.clone(), values, positions, held, sensors }))
    }

    /// Acquisitions of a sensor that the store holds anything of, by time.
    pub fn acquisitions(&self, sensor: crate::model::Sensor) -> impl Iterator<Item = AcquisitionIx> {
        self.held.iter().zip(&self.sensors).filter(move |(_, own)| **own == sensor).map(|((ix, _), _)| *ix)
    }

    /// Of everything that is there, and of the parcels.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&ENGINE_VERSION.to_le_bytes()).update(self.positions.fingerprint());
        hasher.update(format!("{:?}", self.reference.settings).as_bytes());
        for (_, stored) in &self.held {
            hasher.update(&stored.fingerprint());
        }
        *hasher.finalize().as_bytes()
    }

    /// Values of a signal by parcel, `NaN` where there is none or it is not usable.
    pub fn column(&self, env: &Env, ix: AcquisitionIx, signal: &Signal) -> anyhow::Result<Vec<f32>> {
        let Some(held) = self.held.iter().find(|(own, _)| *own == ix) else {
            return Ok(vec![f32::NAN; self.positions.parcels()]);
        };
        self.reference.column(env, &self.values, (ix, &held.1), signal, &self.positions)
    }

    /// Share and number of usable pixels by parcel, `NaN` where nothing is known.
    pub fn seen(&self, ix: AcquisitionIx) -> anyhow::Result<Vec<[f32; 2]>> {
        let Some(held) = self.held.iter().find(|(own, _)| *own == ix) else {
            return Ok(vec![[f32::NAN; 2]; self.positions.parcels()]);
        };
        Ok(self.values.seen(&held.1, &self.positions)?)
    }
}

/// Rows of the parcels by the keys that the store knows them by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct PositionsQuery {
    revision: u64,
}

impl Query for PositionsQuery {
    type Output = Positions;

    fn weight(output: &Self::Output) -> usize {
        output.parcels() * 28
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        Ok(Positions::new(&env.parcels))
    }
}

/// Values of a signal of all parcels at one acquisition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ColumnQuery {
    /// Where from.
    pub store: StoreRef,
    /// Which signal.
    pub signal: Signal,
    /// When.
    pub acquisition: AcquisitionIx,
}

impl Query for ColumnQuery {
    /// One value a parcel, `NaN` where there is none or it is not usable. Empty when the store has nothing of this acquisition.
    type Output = Vec<f32>;

    fn weight(output: &Self::Output) -> usize {
        output.len() * 4
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        let Some(store) = self.store.open(env)? else { return Ok(Vec::new()) };
        let stored = store.acquisition(self.acquisition)?;
        if stored.is_empty() {
            return Ok(Vec::new());
        }
        // Under its own watch: other signals and dates want it too.
        let positions = env.cache.compute(&PositionsQuery { revision: self.store.revision }, env, &Watch::default())?;
        Ok(self.store.column(env, &store, (self.acquisition, &stored), &self.signal, &positions)?)
    }
}

/// Spread of a signal over each group of parcels at each time step, and how far each parcel stands from its group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PopulationQuery {
    /// Where from.
    pub store: StoreRef,
    /// Which signal.
    pub signal: Signal,
    /// Which parcels are compared.
    pub peers: PeerSettings,
}

/// Answer of [`PopulationQuery`].
#[derive(Debug, Clone, PartialEq)]
pub struct Population {
    /// Groups and who belongs to them.
    pub groups: Groups,
    /// Of each group its steps by time.
    pub steps: Vec<Vec<PeerStep>>,
    /// Of each parcel its mean distance from the band of its peers, in widths of the band; `NaN` where it cannot be told.
    pub scores: Vec<f32>,
    /// Usable observations of each parcel.
    pub usable: Vec<u16>,
    /// Acquisitions that the store holds anything of.
    pub acquisitions: usize,
}

impl Population {
    /// A parcel's distance, if it has one.
    pub fn score(&self, parcel: ParcelIx) -> Option<f32> {
        self.scores.get(parcel.at()).copied().filter(|score| !score.is_nan())
    }

    /// Steps of a parcel's group.
    pub fn steps_of(&self, parcel: ParcelIx) -> &[PeerStep] {
        self.groups.of(parcel).map_or(&[], |group| &self.steps[group])
    }

    /// Parcels that a parcel's band is made of.
    pub fn peers_of(&self, parcel: ParcelIx) -> usize {
        self.groups.of(parcel).map_or(0, |group| self.groups.all()[group].peers)
    }
}

impl Query for PopulationQuery {
    type Output = Population;

    fn weight(output: &Self::Output) -> usize {
        let steps: usize = output.steps.iter().map(|steps| steps.len() * size_of::<PeerStep>()).sum();
        steps + output.scores.len() * 6 + output.groups.bytes()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        bands_of(&self.signal, &env.indices)?;
        let Some(store) = self.store.open(env)? else {
            return Err(nothing(&self.store).into());
        };
        let sensor = self.signal.sensor();
        let rows: Vec<AcquisitionIx> =
            env.catalog.iter().filter(|(_, acquisition)| acquisition.sensor == sensor).map(|(ix, _)| ix).collect();
        watch.set_total(rows.len() as u64);
        // Under its own watch: other signals want it too.
        let positions = env.cache.compute(&PositionsQuery { revision: self.store.revision }, env, &Watch::default())?;
        let groups = Groups::new(&env.parcels, &self.peers);
        let mut steps: Vec<Vec<PeerStep>> = vec![Vec::new(); groups.all().len()];
        let mut distances = Distances::new(groups.parcels());
        let mut usable = vec![0u16; groups.parcels()];
        let mut acquisitions = 0;
        let least = least_width(&self.signal);
        for ix in rows {
            if watch.cancelled() {
                return Err(anyhow!("cancelled").into());
            }
            let stored = store.acquisition(ix)?;
            if !stored.is_empty() {
                acquisitions += 1;
                let values = self.store.column(env, &store, (ix, &stored), &self.signal, &positions)?;
                let found: Vec<GroupStep> =
                    (0..steps.len()).into_par_iter().map(|group| groups.step(group, &values, least)).collect();
                let epoch_day = epoch_days(env.catalog.get(ix).acquired);
                for (steps, found) in steps.iter_mut().zip(&found) {
                    distances.add(found);
                    steps.extend(found.spread.map(|spread| PeerStep { acquisition: ix, epoch_day, spread }));
                }
                usable.iter_mut().zip(&values).for_each(|(count, value)| *count += u16::from(value.is_finite()));
            }
            watch.advance(1);
        }
        if acquisitions == 0 {
            return Err(nothing(&self.store).into());
        }
        Ok(Population { groups, steps, scores: distances.scores(), usable, acquisitions })
    }
}

fn nothing(store: &StoreRef) -> anyhow::Error {
    anyhow!(
        "no observations of these images under these settings are stored; compute the population statistics, or run extract \
         --store ({})",
        store.folder.display()
    )
}
