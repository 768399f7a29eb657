//! The population of the open project: its observation store brought up to date while the window goes on, and what it tells.

use std::time::Instant;

use crossbeam_channel::{Receiver, bounded};

use super::extract::{ExtractOptions, Forecast, StoreUpdate, forecast, update_store};
use super::load::{cache_folder, observations_folder};
use super::open::{JobStatus, status};
use super::queries::Env;
use super::queries::population::{ColumnQuery, Population, PopulationQuery, StoreRef};
use super::query::{Answer, Fetch, Query, Wake};
use super::{Dataset, Project};
use crate::engine::colouring::Colouring;
use crate::io::tables::Format;
use crate::jobs::Lane;
use crate::model::settings::{PeerSettings, PeerSource};
use crate::model::{ParcelIx, Signal, Watch};

/// What bringing the store up to date would take.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ForecastQuery {
    /// Which store.
    pub store: StoreRef,
    /// The project's cache folder: parcels' pixels are kept there.
    pub cache: std::path::PathBuf,
    /// Threads that will work.
    pub jobs: usize,
    /// Memory that they may take.
    pub memory_bytes: usize,
}

impl ForecastQuery {
    fn options(&self) -> ExtractOptions {
        ExtractOptions {
            settings: self.store.settings.clone(),
            cache: Some(self.cache.clone()),
            store: Some(self.store.folder.clone()),
            memory_bytes: self.memory_bytes,
            ..ExtractOptions::default()
        }
    }
}

impl Query for ForecastQuery {
    type Output = Forecast;

    fn weight(_: &Self::Output) -> usize {
        64
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let (parcels, catalog) = (env.parcels.clone(), env.catalog.clone());
        let all: Vec<ParcelIx> = parcels.iter().collect();
        let data = Dataset { parcels, catalog, import_problems: Vec::new(), tables: env.tables.clone() };
        Ok(forecast(&data, &all, &self.options(), Format::Parquet, self.jobs, watch)?)
    }
}

/// An update under way.
pub(super) struct Updating {
    watch: Watch,
    since: Instant,
    receiver: Receiver<anyhow::Result<StoreUpdate>>,
}

impl Updating {
    /// For the status bar.
    pub(super) fn status(&self) -> JobStatus {
        let (done, total) = self.watch.progress();
        status("job-population", self.since, done, total, self.watch.clone())
    }
}

impl Drop for Updating {
    fn drop(&mut self) {
        self.watch.cancel();
    }
}

impl Project {
    /// The project's observation store under the settings in force.
    pub fn store_ref(&self) -> StoreRef {
        StoreRef {
            folder: observations_folder(&self.path),
            settings: self.file.observations.clone(),
            round: self.population_rounds,
            revision: self.revision,
        }
    }

    /// The question what a signal does over all parcels.
    pub fn population_query(&self, signal: &Signal) -> PopulationQuery {
        self.file.peers.population(self.store_ref(), signal)
    }

    /// What a signal does over all parcels, from the store.
    pub fn population(&self, signal: &Signal) -> Fetch<Population> {
        self.get(&self.population_query(signal), Lane::Prefetch)
    }

    /// The population that a colouring of the map shows, once it is known that there is one.
    pub(super) fn population_of(&self, colouring: Colouring) -> Option<PopulationQuery> {
        let ndvi = Signal::Index("NDVI".to_owned());
        let query = match (colouring, self.selection.acquisition) {
            (Colouring::Crop | Colouring::Verdict | Colouring::Heterogeneity, _) | (Colouring::Ndvi, None) => return None,
            (Colouring::Ndvi, Some(acquisition)) => {
                // Who is compared with whom does not matter to it.
                let query = PeerSettings::default().population(self.store_ref(), &ndvi);
                let column = ColumnQuery { store: query.store.clone(), signal: ndvi, acquisition };
                let known = self.get(&column, Lane::Prefetch).ready().is_some_and(|column| !column.is_empty());
                return known.then_some(query);
            }
            (Colouring::Sufficiency, _) => PeerSettings::default().population(self.store_ref(), &ndvi),
            (Colouring::Distance, _) => self.population_query(self.queue.distance().unwrap_or(&ndvi)),
        };
        self.get(&query, Lane::Prefetch).ready().is_some().then_some(query)
    }

    /// What bringing the store up to date would take.
    pub fn population_forecast(&self) -> Fetch<Forecast> {
        self.get(&self.forecast_query(), Lane::Interactive)
    }

    fn forecast_query(&self) -> ForecastQuery {
        ForecastQuery {
            store: self.store_ref(),
            cache: cache_folder(&self.path),
            jobs: self.pool.threads(),
            memory_bytes: self.memory_bytes,
        }
    }

    /// True while the store is brought up to date.
    pub fn updating_population(&self) -> bool {
        self.updating.is_some()
    }

    /// Starts bringing the store up to date for all parcels; one at a time. What is there when it is cancelled stays.
    pub(super) fn start_population(&mut self) {
        let Some(data) = self.dataset().ready().filter(|_| self.updating.is_none()) else { return };
        let (sender, receiver) = bounded(1);
        let watch = Watch::default();
        let own = watch.clone();
        let query = self.forecast_query();
        let wake: Wake = self.wake.clone();
        let work = move || {
            let all: Vec<ParcelIx> = data.parcels.iter().collect();
            let outcome = update_store(&data, &all, &query.options(), query.jobs, &own);
            // Nobody waits any more when the project was closed.
            drop(sender.send(outcome));
            wake();
        };
        match std::thread::Builder::new().name("population".to_owned()).spawn(work) {
            Ok(_runs_alone) => self.updating = Some(Updating { watch, since: Instant::now(), receiver }),
            Err(error) => self.note(format!("cannot start computing the population statistics: {error}"), true),
        }
    }

    /// Takes up what was stored, once it is done.
    pub(super) fn take_population(&mut self) {
        let Some(outcome) = self.updating.as_ref().and_then(|updating| updating.receiver.try_recv().ok()) else { return };
        self.updating = None;
        // Also after a failure: what was stored before it can be used.
        self.population_rounds += 1;
        match outcome {
            Ok(StoreUpdate { extracted, problems }) => {
                for problem in problems {
                    self.note(problem.line(), true);
                }
                self.note(format!("population statistics: {extracted} observations added to the store"), false);
            }
            Err(error) => self.note(format!("computing the population statistics ended: {error:#}"), true),
        }
        self.distances_changed();
    }
}

impl PeerSettings {
    /// The question about a whole population: which parcels are nearest does not matter to it.
    pub fn population(&self, store: StoreRef, signal: &Signal) -> PopulationQuery {
        let peers = Self { source: PeerSource::Population, distance_m: None, max: 0, ..self.clone() };
        PopulationQuery { store, signal: signal.clone(), peers }
    }
}
