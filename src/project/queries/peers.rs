//! What the peers of a parcel do.

use std::sync::Arc;

use crate::engine::peers::{Peer, PeerStep, choose, spread};
use crate::model::settings::{PeerSettings, PeerSource};
use crate::model::{Series, Watch};
use crate::project::query::{Answer, Query};
use crate::project::remote::{Remote, Wanted};

use super::Env;
use super::population::StoreRef;
use super::series::SeriesQuery;

/// Spread of a signal over the peers of a parcel: over the nearest, or over the whole population.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PeersQuery {
    /// Parcel, signal and settings; peers are observed the same way.
    pub of: SeriesQuery,
    /// Who they are.
    pub peers: PeerSettings,
    /// Where the whole population's observations are.
    pub store: StoreRef,
}

/// The peers and their spread.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PeerBand {
    /// Who, nearest first; none when the band is that of the whole population.
    pub peers: Vec<Peer>,
    /// How many.
    pub count: usize,
    /// True when these are all parcels of the crop (and region), this one among them.
    pub whole: bool,
    /// Spread per acquisition, by time.
    pub steps: Vec<PeerStep>,
}

impl Query for PeersQuery {
    type Output = PeerBand;

    fn weight(output: &Self::Output) -> usize {
        output.peers.len() * 16 + output.steps.len() * 64
    }

    fn waits(&self, env: &Env) -> bool {
        env.remote.is_some()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        if self.peers.source == PeerSource::Population {
            // Under its own watch: other parcels want it too.
            let query = self.peers.population(self.store.clone(), &self.of.signal);
            let population = env.cache.compute(&query, env, &Watch::default())?;
            let (steps, count) = (population.steps_of(self.of.parcel).to_vec(), population.peers_of(self.of.parcel));
            return Ok(PeerBand { peers: Vec::new(), count, whole: true, steps });
        }
        if let Some(remote) = &env.remote {
            return self.served(remote, env, watch);
        }
        let all = choose(&env.parcels, self.of.parcel, &self.peers);
        watch.set_total(all.len() as u64);
        let mut peers = Vec::with_capacity(all.len());
        let mut series = Vec::with_capacity(all.len());
        for peer in all {
            if watch.cancelled() {
                return Err(anyhow::anyhow!("cancelled").into());
            }
            // Under its own watch: a peer's series is worth keeping even when this parcel is left.
            let query = SeriesQuery { parcel: peer.parcel, ..self.of.clone() };
            // A peer whose images cannot be read, as where only a prepared queue is, is no peer; its failure is in the log.
            if let Ok(observed) = env.cache.compute(&query, env, &Watch::default()) {
                series.push(observed);
                peers.push(peer);
            }
            watch.advance(1);
        }
        let rows: Vec<_> = series.iter().map(AsRef::as_ref).collect();
        Ok(PeerBand { steps: spread(&rows), count: peers.len(), whole: false, peers })
    }
}

impl PeersQuery {
    /// Peers by the server's table, whether or not they are parcels of the project.
    fn served(&self, remote: &Remote, env: &Env, watch: &Watch) -> Answer<PeerBand> {
        let of = &self.of;
        let all = remote.session.peers(env.parcels.id(of.parcel), &self.peers, watch)?;
        watch.set_total(all.len() as u64);
        let wanted = Wanted { signal: &of.signal, settings: &of.settings, rule: of.rule };
        let observed = remote.session.side_by_side(&all, |peer| {
            let known = env.parcels.find(&peer.pid);
            // A peer without an answer is no peer; its failure is in the log.
            let series = if let Some(parcel) = known {
                env.cache.compute(&SeriesQuery { parcel, ..of.clone() }, env, &Watch::default()).ok()
            } else {
                remote.points(&peer.pid, wanted, &env.indices, &env.catalog, watch).ok().map(|points| Arc::new(Series { points }))
            };
            watch.advance(1);
            series.map(|series| (series, known.map(|parcel| Peer { parcel, distance_m: peer.distance_m })))
        });
        if watch.cancelled() {
            return Err(anyhow::anyhow!("cancelled").into());
        }
        let (series, peers): (Vec<_>, Vec<_>) = observed.into_iter().flatten().unzip();
        let band = PeerBand { peers: peers.into_iter().flatten().collect(), ..PeerBand::default() };
        let rows: Vec<_> = series.iter().map(AsRef::as_ref).collect();
        Ok(PeerBand { steps: spread(&rows), count: rows.len(), ..band })
    }
}
