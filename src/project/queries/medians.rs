//! The median of each group of parcels at each acquisition: what rulesets compare a parcel with.

use std::collections::{BTreeMap, HashMap};

use anyhow::anyhow;
use rayon::prelude::*;

use crate::engine::population::{Groups, LEAST_PEERS, least_width};
use crate::model::settings::PeerSettings;
use crate::model::{AcquisitionIx, ObservationState, ParcelIx, Signal, Watch};
use crate::project::marking::gather::{DIRECT_PARCELS, direct};
use crate::project::query::{Answer, Query};

use super::Env;
use super::population::{StoreRef, Stored};

/// Medians of a signal over all parcels of each crop (and region).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MediansQuery {
    /// Where observations are.
    pub store: StoreRef,
    /// Which signal.
    pub signal: Signal,
    /// Who peers are: crop, region, least area, excluded ones. All of them count, not the nearest alone.
    pub peers: PeerSettings,
}

/// Answer of [`MediansQuery`].
#[derive(Debug, Clone, PartialEq)]
pub struct Medians {
    groups: Groups,
    /// Of each group by acquisition.
    of: Vec<HashMap<AcquisitionIx, f64>>,
}

impl Medians {
    /// Median of a parcel's group; `NaN` where fewer than [`LEAST_PEERS`] have a value.
    pub fn at(&self, parcel: ParcelIx, acquisition: AcquisitionIx) -> f64 {
        let group = self.groups.of(parcel).map(|group| &self.of[group]);
        group.and_then(|medians| medians.get(&acquisition)).copied().unwrap_or(f64::NAN)
    }
}

impl Query for MediansQuery {
    type Output = Medians;

    fn weight(output: &Self::Output) -> usize {
        output.of.iter().map(|medians| medians.len() * 24).sum::<usize>() + output.groups.bytes()
    }

    fn waits(&self, env: &Env) -> bool {
        env.remote.is_some()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let groups = Groups::new(&env.parcels, &self.peers);
        let mut of = vec![HashMap::new(); groups.all().len()];
        let least = least_width(&self.signal);
        let mut take = |ix: AcquisitionIx, values: &[f32]| {
            let steps: Vec<_> = (0..of.len()).into_par_iter().map(|group| groups.step(group, values, least).spread).collect();
            for (medians, spread) in of.iter_mut().zip(steps) {
                if let Some(spread) = spread.filter(|spread| spread.n >= LEAST_PEERS) {
                    medians.insert(ix, f64::from(spread.p50 as f32));
                }
            }
        };
        if let Some(stored) = Stored::open(env, &self.store, &[self.signal.sensor()])? {
            for ix in stored.acquisitions(self.signal.sensor()).collect::<Vec<_>>() {
                take(ix, &stored.column(env, ix, &self.signal)?);
            }
        } else if env.parcels.len() > DIRECT_PARCELS {
            return Err(anyhow!("too many parcels to be read one by one; compute the population statistics first").into());
        } else {
            let mut columns: BTreeMap<AcquisitionIx, Vec<f32>> = BTreeMap::new();
            for parcel in env.parcels.iter() {
                if watch.cancelled() {
                    return Err(anyhow!("cancelled").into());
                }
                for point in direct(env, &self.store, parcel, &self.signal)? {
                    if point.state == ObservationState::Ok {
                        let empty = || vec![f32::NAN; env.parcels.len()];
                        columns.entry(point.acquisition).or_insert_with(empty)[parcel.at()] = point.value as f32;
                    }
                }
            }
            for (ix, values) in &columns {
                take(*ix, values);
            }
        }
        Ok(Medians { groups, of })
    }
}
