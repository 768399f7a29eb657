//! Extraction with an observation store: finds what is there already, and keeps what was missing, acquisition by acquisition.
//!
//! An observation is taken from the store when the settings, the acquisition with all its products and their files, and the
//! parcel with its id and outline are the ones it was made with. A parcel that an acquisition could only partly read is not
//! stored. What is stored are the rows of the table, so that a table made from them has the same bytes.

mod buckets;
mod keys;
mod rows;
mod values;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use crate::io::IoError;
use crate::io::tables::{Batch, read_parquet};
use crate::model::report::{Problem, Severity};
use crate::model::units::utc_day;
use crate::model::{AcquisitionIx, Catalog, Grid, Parcels, Watch};
use crate::project::Dataset;
use crate::store::observations::{NewPart, ObservationStore, ParcelKey, Part, Place, PopulationKey, StoreError};

use super::geometry::reach;
use super::observations::{Observations, Section};
use super::{ExtractOptions, Log};
use keys::{Identity, ParcelKeys};
pub use values::{Positions, StoredAcquisition, StoredColumn, StoredValues};

/// How often parts are put together anew because another program has changed them meanwhile.
const TRIES: usize = 100;

/// What a store gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreUse {
    /// Where it is.
    pub folder: PathBuf,
    /// Rows of the table that were there.
    pub reused: usize,
    /// Rows that were extracted.
    pub extracted: usize,
}

/// Positions of parcels, and the acquisitions that miss just these.
pub(super) type Missing = BTreeMap<Vec<u32>, Vec<AcquisitionIx>>;

/// An open store as one extraction sees it.
pub(super) struct Stored<'a> {
    store: ObservationStore,
    table: &'a Parcels,
    catalog: &'a Catalog,
    settings: String,
    identities: BTreeMap<AcquisitionIx, Identity>,
    keys: ParcelKeys,
    /// Parts of the acquisitions' products in other states.
    superseded: BTreeMap<AcquisitionIx, Vec<Part>>,
    populations: Mutex<HashMap<PopulationKey, Arc<Population>>>,
}

/// Parcels of a part.
struct Population {
    keys: Vec<ParcelKey>,
    /// Positions of those that are wanted now, ascending.
    positions: Vec<u32>,
    /// Former outlines of parcels that are wanted now.
    stale: Vec<ParcelKey>,
}

impl<'a> Stored<'a> {
    /// Opens the store for some acquisitions and the parcels of `observations`.
    pub(super) fn open(
        folder: &Path,
        data: &'a Dataset,
        acquisitions: &[AcquisitionIx],
        observations: &Observations,
        options: &ExtractOptions,
        log: &mut Log,
    ) -> Result<Self, IoError> {
        let (store, notes) = ObservationStore::open(folder).map_err(failed)?;
        log.problems.extend(notes.into_iter().map(warning));
        let (settings, described) = keys::settings_key(options);
        store.describe(&settings, &described).map_err(failed)?;
        let all: Vec<Identity> =
            data.catalog.acquisitions.par_iter().map(|acquisition| Identity::new(acquisition, folder)).collect();
        let current: BTreeSet<&str> = all.iter().map(|identity| identity.key.as_str()).collect();
        let former: Vec<Part> = store
            .parts(&settings)
            .map_err(failed)?
            .into_iter()
            .filter(|part| !current.contains(part.place.acquisition.as_str()))
            .collect();
        let superseded = acquisitions
            .iter()
            .map(|&ix| {
                let own = &all[ix.at()].products;
                let shared = |part: &&Part| part.products.lines().any(|product| own.lines().any(|line| line == product));
                (ix, former.iter().filter(shared).cloned().collect::<Vec<_>>())
            })
            .filter(|(_, parts)| !parts.is_empty())
            .collect();
        let identities = (0u32..).map(AcquisitionIx).zip(all).filter(|(ix, _)| acquisitions.binary_search(ix).is_ok()).collect();
        Ok(Self {
            store,
            table: &data.parcels,
            catalog: &data.catalog,
            settings,
            identities,
            keys: ParcelKeys::new(&data.parcels, &observations.order),
            superseded,
            populations: Mutex::default(),
        })
    }

    /// Takes what is there into `observations` if `rows` are wanted, and tells what is missing.
    pub(super) fn read(
        &self,
        observations: &mut Observations,
        rows: bool,
        options: &ExtractOptions,
        watch: &Watch,
        log: &mut Log,
    ) -> Result<Missing, IoError> {
        let mut parts: BTreeMap<String, Vec<Part>> = BTreeMap::new();
        for part in self.store.parts(&self.settings).map_err(failed)? {
            parts.entry(part.place.acquisition.clone()).or_default().push(part);
        }
        let mut missing = Missing::new();
        let mut seen = Vec::new();
        let acquisitions: Vec<AcquisitionIx> = self.identities.keys().copied().collect();
        for group in acquisitions.chunks(2 * rayon::current_num_threads()) {
            if watch.cancelled() {
                return Err(IoError::Cancelled);
            }
            let read: Vec<Result<Found, IoError>> = group
                .par_iter()
                .map(|ix| {
                    let parts = parts.get(&self.identities[ix].key).map_or(&[][..], Vec::as_slice);
                    self.find(*ix, parts, observations, rows)
                })
                .collect();
            let mut sections = Vec::new();
            for (&ix, found) in group.iter().zip(read) {
                let found = found?;
                sections.extend(found.sections);
                log.problems.extend(found.problems);
                let wanted = self.candidates(ix, &mut seen, options);
                let absent: Vec<u32> =
                    wanted.iter().copied().filter(|position| found.positions.binary_search(position).is_err()).collect();
                if !absent.is_empty() {
                    missing.entry(absent).or_default().push(ix);
                } else if found.stale {
                    self.keep_one(ix, &[], None, observations)?;
                }
            }
            observations.add(sections, options.memory_bytes / 4, options.cache.as_deref())?;
        }
        Ok(missing)
    }

    /// Positions of the parcels whose boxes come near an acquisition, ascending. `known` are those of grids already looked at.
    fn candidates(&self, ix: AcquisitionIx, known: &mut Vec<(Grid, Arc<Vec<u32>>)>, options: &ExtractOptions) -> Arc<Vec<u32>> {
        let mut all: Option<Arc<Vec<u32>>> = None;
        for grid in self.catalog.get(ix).granules.iter().filter_map(|granule| granule.finest_grid()) {
            let near = if let Some((_, near)) = known.iter().find(|(other, _)| other == grid) {
                Arc::clone(near)
            } else {
                let near = Arc::new(self.near(grid, options));
                known.push((grid.clone(), Arc::clone(&near)));
                near
            };
            all = Some(match all {
                None => near,
                Some(all) => Arc::new(all.iter().chain(near.iter()).copied().collect::<BTreeSet<_>>().into_iter().collect()),
            });
        }
        all.unwrap_or_default()
    }

    fn near(&self, grid: &Grid, options: &ExtractOptions) -> Vec<u32> {
        let reach = reach(grid, self.table.crs(), options);
        let near = |&position: &u32| {
            let bounds = self.table.bounds(self.keys.order[position as usize]);
            !bounds.is_empty() && reach.is_none_or(|reach| reach.intersects(&bounds))
        };
        (0..self.keys.order.len() as u32).into_par_iter().filter(near).collect()
    }

    /// What is there of an acquisition, with its rows if they are wanted.
    fn find(&self, ix: AcquisitionIx, parts: &[Part], observations: &Observations, rows: bool) -> Result<Found, IoError> {
        let mut found = Found::default();
        for part in parts {
            let population = self.population(part.population)?;
            found.stale |= !population.stale.is_empty();
            if population.positions.is_empty() {
                continue;
            }
            let section = if rows {
                let read = self.rows_of_part(part, observations);
                read.map(|rows| rows.and_then(|rows| rows::section(&rows, ix, &self.keys, observations)))
            } else {
                self.store.open_part(part).map(|_sound| None).map_err(failed)
            };
            match section {
                Ok(section) => {
                    found.positions.extend(&population.positions);
                    found.sections.extend(section);
                }
                Err(error) => found.problems.push(warning(error.to_string())),
            }
        }
        found.positions.sort_unstable();
        Ok(found)
    }

    /// The rows of a part; `None` when it has none.
    fn rows_of_part(&self, part: &Part, observations: &Observations) -> Result<Option<Batch>, IoError> {
        let Some(file) = self.store.open_part(part).map_err(failed)? else { return Ok(None) };
        read_parquet(file, &rows::columns(observations)).map(Some)
    }

    fn population(&self, key: PopulationKey) -> Result<Arc<Population>, IoError> {
        let mut known = self.populations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(population) = known.get(&key) {
            return Ok(Arc::clone(population));
        }
        let keys = self.store.population(&key).map_err(failed)?;
        let mut positions: Vec<u32> = keys.iter().flat_map(|key| self.keys.positions(key)).collect();
        positions.sort_unstable();
        let stale = keys.iter().filter(|key| self.keys.stale(key)).copied().collect();
        let population = Arc::new(Population { keys, positions, stale });
        // One that another program has just replaced is empty now, and may come back.
        if !population.keys.is_empty() {
            known.insert(key, Arc::clone(&population));
        }
        Ok(population)
    }

    /// Keeps what was read of some acquisitions: of the parcels at the positions `looked_at`, and of those in `sections`.
    pub(super) fn keep(
        &self,
        acquisitions: &[AcquisitionIx],
        looked_at: &[u32],
        sections: &[Section],
        observations: &Observations,
    ) -> Result<(), IoError> {
        acquisitions.par_iter().try_for_each(|&ix| {
            let section = sections.iter().find(|section| section.acquisition == ix);
            self.keep_one(ix, looked_at, section, observations)
        })
    }

    fn keep_one(
        &self,
        ix: AcquisitionIx,
        looked_at: &[u32],
        section: Option<&Section>,
        observations: &Observations,
    ) -> Result<(), IoError> {
        let fresh = self.fresh(ix, looked_at, section);
        if fresh.is_empty() && section.is_some() {
            return Ok(());
        }
        let superseded = if fresh.is_empty() { &[] } else { self.superseded.get(&ix).map_or(&[][..], Vec::as_slice) };
        for _ in 0..TRIES {
            let parts = self.store.parts_of(&self.settings, &self.identities[&ix].key).map_err(failed)?;
            let mut old = Vec::new();
            let mut new = Vec::new();
            for (place, change) in self.changes(ix, &parts, &fresh)? {
                let made = self.rewritten(ix, &place, &change, section, observations)?;
                if let Some(made) = made {
                    old.extend(change.old);
                    new.extend(made);
                }
            }
            if (old.is_empty() && new.is_empty()) || self.store.replace(&old, superseded, &new).map_err(failed)? {
                return Ok(());
            }
        }
        let fact = "other programs keep changing it; end them and run again".to_owned();
        Err(IoError::File { operation: "write to the observation store".to_owned(), fact, path: PathBuf::new() })
    }

    /// Parcels that were read whole, by tile: key, and entry in the section if it has rows.
    fn fresh(
        &self,
        ix: AcquisitionIx,
        looked_at: &[u32],
        section: Option<&Section>,
    ) -> BTreeMap<(String, ParcelKey), Option<usize>> {
        let granules = &self.catalog.get(ix).granules;
        let mut fresh = BTreeMap::new();
        let tile = |granule: usize| granules.get(granule).map(keys::tile_label).unwrap_or_default();
        let (seen, unread) = section.map_or((&[][..], &[][..]), |section| (&section.seen, &section.unread));
        let unseen = tile(0);
        for position in looked_at {
            if seen.binary_search(position).is_err() && unread.binary_search(position).is_err() {
                fresh.insert((unseen.clone(), self.keys.of(*position)), None);
            }
        }
        let Some(section) = section else { return fresh };
        let tiles: Vec<String> = section.products.iter().map(|product| tile(product.granule)).collect();
        for (entry, (position, (product, _))) in seen.iter().zip(&section.chosen).enumerate() {
            if unread.binary_search(position).is_err() {
                fresh.entry((tiles[usize::from(*product)].clone(), self.keys.of(*position))).or_insert(Some(entry));
            }
        }
        fresh
    }

    /// What is to be done to which bucket.
    fn changes<'p>(
        &self,
        ix: AcquisitionIx,
        parts: &'p [Part],
        fresh: &BTreeMap<(String, ParcelKey), Option<usize>>,
    ) -> Result<BTreeMap<Place, Change<'p>>, IoError> {
        let mut changes: BTreeMap<Place, Change<'p>> = BTreeMap::new();
        let mut leaves: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for part in parts {
            leaves.entry(&part.place.tile).or_default().push(&part.place.bucket);
        }
        let place = |tile: &str, bucket: String| Place {
            settings: self.settings.clone(),
            acquisition: self.identities[&ix].key.clone(),
            season: utc_day(self.catalog.get(ix).acquired).year(),
            tile: tile.to_owned(),
            bucket,
        };
        for ((tile, key), entry) in fresh {
            let bucket = buckets::of(key, leaves.get(tile.as_str()).map_or(&[], Vec::as_slice));
            changes.entry(place(tile, bucket)).or_default().fresh.insert(*key, *entry);
        }
        for part in parts {
            let population = self.population(part.population)?;
            if !population.stale.is_empty() {
                changes.entry(part.place.clone()).or_default();
            }
            if let Some(change) = changes.get_mut(&part.place) {
                change.old = Some(part);
                change.population = Some(population);
            }
        }
        Ok(changes)
    }

    /// The parts that take the place of a bucket; `None` when it is as it should be.
    fn rewritten(
        &self,
        ix: AcquisitionIx,
        place: &Place,
        change: &Change<'_>,
        section: Option<&Section>,
        observations: &Observations,
    ) -> Result<Option<Vec<NewPart>>, IoError> {
        let (mut keys, mut kept) = (BTreeSet::new(), None);
        if let (Some(part), Some(population)) = (change.old, &change.population) {
            // A damaged part holds nothing.
            if let Ok(rows) = self.rows_of_part(part, observations) {
                if population.stale.is_empty() && change.fresh.keys().all(|key| population.keys.binary_search(key).is_ok()) {
                    return Ok(None);
                }
                keys.extend(population.keys.iter().filter(|key| population.stale.binary_search(key).is_err()).copied());
                kept = rows;
            }
        }
        keys.extend(change.fresh.keys().copied());
        let keys: Vec<ParcelKey> = keys.into_iter().collect();
        let entries = change.fresh.values().flatten().copied().collect();
        let fresh = section.map(|section| rows::fresh(observations, section, entries, &self.keys));
        let merged = rows::Merged::new(kept.as_ref(), fresh.as_ref(), |key| !change.fresh.contains_key(key));
        let identity = &self.identities[&ix];
        let split = buckets::split(&place.bucket, &keys);
        let made = split.into_iter().map(|(bucket, range)| {
            let population = keys[range].to_vec();
            let batch = merged.rows_of(&population);
            Ok(NewPart {
                place: Place { bucket, ..place.clone() },
                products: identity.products.clone(),
                sources: identity.sources.clone(),
                population,
                rows: batch.len(),
                content: rows::parquet(observations, &batch)?,
            })
        });
        made.collect::<Result<Vec<_>, IoError>>().map(Some)
    }
}

/// What is there of one acquisition.
#[derive(Default)]
struct Found {
    sections: Vec<Section>,
    /// Of the parcels that were looked at, ascending.
    positions: Vec<u32>,
    /// Some part has rows of former outlines.
    stale: bool,
    problems: Vec<Problem>,
}

/// What is to be done to a bucket.
#[derive(Default)]
struct Change<'p> {
    old: Option<&'p Part>,
    population: Option<Arc<Population>>,
    /// Parcels to be put in, with their entry in the section.
    fresh: BTreeMap<ParcelKey, Option<usize>>,
}

fn warning(fact: String) -> Problem {
    Problem { severity: Severity::Warning, path: PathBuf::new(), fact, expected: String::new() }
}

fn failed(error: StoreError) -> IoError {
    match error {
        StoreError::File { operation, fact, path } => IoError::File { operation: operation.to_owned(), fact, path },
        StoreError::Index { operation, error, path } => {
            let hint = match operation {
                "write" => "what was stored before is kept; run again when this is put right",
                _ => "end other runs on the store and run again",
            };
            IoError::File {
                operation: format!("{operation} the observation store's index"),
                fact: format!("{error}; {hint}"),
                path,
            }
        }
    }
}
