//! Values of signals by parcel, as a store holds them: read by whole acquisitions, without a look at any image.

use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use crate::engine::indices::IndexSet;
use crate::engine::series::{bands_of, of_means};
use crate::io::IoError;
use crate::io::tables::{Cells, Kind, read_parquet_columns};
use crate::model::settings::ObservationSettings;
use crate::model::{AcquisitionIx, Band, Catalog, Parcels, Sensor, Signal};
use crate::project::extract::ExtractOptions;
use crate::project::extract::observations::Observations;
use crate::store::observations::{INDEX, ObservationStore, ParcelKey, Part};

use super::failed;
use super::keys::{Identity, key_of, parcel_key_of, settings_key};
use super::rows;

/// Rows of the parcels of a table by their keys.
pub struct Positions {
    sorted: Vec<(ParcelKey, u32)>,
    fingerprint: [u8; 32],
}

impl Positions {
    /// Of all parcels of a table.
    pub fn new(table: &Parcels) -> Self {
        let mut sorted: Vec<(ParcelKey, u32)> =
            (0..table.len() as u32).into_par_iter().map(|row| (key_of(table, crate::model::ParcelIx(row)), row)).collect();
        sorted.par_sort_unstable();
        let mut hasher = blake3::Hasher::new();
        for (key, row) in &sorted {
            hasher.update(key);
            hasher.update(&row.to_le_bytes());
        }
        Self { sorted, fingerprint: *hasher.finalize().as_bytes() }
    }

    /// Number of parcels.
    pub fn parcels(&self) -> usize {
        self.sorted.len()
    }

    /// Of all ids and outlines with their rows.
    pub fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }

    /// Rows of a key: none when the table does not have it, several when it has a parcel more than once.
    fn of(&self, key: &ParcelKey) -> impl Iterator<Item = u32> {
        let from = self.sorted.partition_point(|(other, _)| other < key);
        self.sorted[from..].iter().take_while(move |(other, _)| other == key).map(|(_, row)| *row)
    }
}

/// An open store, to be read by signal and acquisition.
pub struct StoredValues {
    store: ObservationStore,
    settings: String,
    columns: Vec<(String, Kind)>,
    catalog: Arc<Catalog>,
    min_usable_share: f64,
}

/// What a store holds of one acquisition.
pub struct StoredAcquisition {
    sensor: Sensor,
    parts: Vec<Part>,
}

impl StoredAcquisition {
    /// True when there is nothing.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Of everything that is there.
    pub fn fingerprint(&self) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        for part in &self.parts {
            hasher.update(part.blake3().as_bytes());
            hasher.update(&part.population);
        }
        *hasher.finalize().as_bytes()
    }
}

/// Values of a signal at one acquisition.
pub struct StoredColumn {
    /// One a parcel of the table; `NaN` where there is none or it is not usable.
    pub values: Vec<f32>,
    /// Parts that could not be read, in words.
    pub problems: Vec<String>,
}

/// Rows of the table with one value a band.
type Means = Vec<(u32, Vec<f32>)>;

impl StoredValues {
    /// Opens the store of a data set in a folder; `None` when there is none. Makes nothing.
    pub fn open(
        folder: &Path,
        parcels: &Arc<Parcels>,
        catalog: &Arc<Catalog>,
        settings: &ObservationSettings,
    ) -> Result<Option<Self>, IoError> {
        if !folder.join(INDEX).is_file() {
            return Ok(None);
        }
        let (store, notes) = ObservationStore::open(folder).map_err(failed)?;
        for note in notes {
            tracing::warn!("{note}");
        }
        let options = ExtractOptions { settings: settings.clone(), ..ExtractOptions::default() };
        let observations = Observations::new(Arc::clone(parcels), Arc::clone(catalog), Vec::new(), &options);
        Ok(Some(Self {
            store,
            settings: settings_key(&options).0,
            columns: rows::columns(&observations),
            catalog: Arc::clone(catalog),
            min_usable_share: settings.min_usable_share,
        }))
    }

    /// What there is of an acquisition in the state in which its files are.
    pub fn acquisition(&self, ix: AcquisitionIx) -> Result<StoredAcquisition, IoError> {
        let acquisition = self.catalog.get(ix);
        let key = Identity::new(acquisition, self.store.folder()).key;
        let parts = self.store.parts_of(&self.settings, &key).map_err(failed)?;
        Ok(StoredAcquisition { sensor: acquisition.sensor, parts })
    }

    /// Values of a signal: of the bands' means, as [`of_means`] says.
    ///
    /// Usable is a value of which every band has a usable pixel and, for Sentinel-2, the finest band the share that the settings
    /// ask for.
    pub fn column(
        &self,
        stored: &StoredAcquisition,
        signal: &Signal,
        indices: &IndexSet,
        positions: &Positions,
    ) -> Result<StoredColumn, anyhow::Error> {
        let bands = bands_of(signal, indices)?;
        let least_share = if stored.sensor == Sensor::S2 { self.min_usable_share - 1e-9 } else { 0.0 };
        let read: Vec<Result<Means, IoError>> =
            stored.parts.par_iter().map(|part| self.means(part, &bands, least_share, positions)).collect();
        let mut means = vec![vec![f32::NAN; positions.parcels()]; bands.len()];
        let mut problems = Vec::new();
        for part in read {
            match part {
                Ok(rows) => {
                    for (row, values) in rows {
                        means.iter_mut().zip(values).for_each(|(mean, value)| mean[row as usize] = value);
                    }
                }
                Err(error) => problems.push(error.to_string()),
            }
        }
        let means: Vec<&[f32]> = means.iter().map(Vec::as_slice).collect();
        Ok(StoredColumn { values: of_means(signal, &means, indices)?, problems })
    }

    /// Share and number of usable pixels of the finest band by parcel, `NaN` where nothing is stored.
    pub fn seen(&self, stored: &StoredAcquisition, positions: &Positions) -> Result<Vec<[f32; 2]>, IoError> {
        let mut seen = vec![[f32::NAN; 2]; positions.parcels()];
        for part in &stored.parts {
            let Some(file) = self.store.open_part(part).map_err(failed)? else { continue };
            let wanted = [rows::PIXELS, rows::COUNT, self.columns.len() - 1];
            let batch = read_parquet_columns(file, &self.columns, &wanted)?;
            let [pixels, counts, Cells::Words { words: keys, at: key_at }] = batch.columns.as_slice() else { continue };
            let mut row = 0;
            for same in key_at.chunk_by(|a, b| a == b) {
                let rows = row..row + same.len();
                row = rows.end;
                let Some(key) = keys.get(same[0] as usize).and_then(|key| parcel_key_of(key)) else { continue };
                let finest = rows.max_by(|&a, &b| pixels.number(a).total_cmp(&pixels.number(b))).unwrap_or_default();
                let count = counts.number(finest);
                let own = [(count / pixels.number(finest)) as f32, count as f32];
                positions.of(&key).for_each(|at| seen[at as usize] = own);
            }
        }
        Ok(seen)
    }

    /// Usable means of some bands of the parcels in a part: row of the table, and one value a band.
    fn means(&self, part: &Part, bands: &[Band], least_share: f64, positions: &Positions) -> Result<Means, IoError> {
        let Some(file) = self.store.open_part(part).map_err(failed)? else { return Ok(Vec::new()) };
        let key = self.columns.len() - 1;
        let wanted = [rows::BAND, rows::PIXELS, rows::COUNT, rows::MEAN, key];
        let batch = read_parquet_columns(file, &self.columns, &wanted)?;
        let [
            Cells::Words { words, at: band_at },
            pixels,
            counts,
            Cells::Numbers(means),
            Cells::Words { words: keys, at: key_at },
        ] = batch.columns.as_slice()
        else {
            return Ok(Vec::new());
        };
        let place: Vec<Option<usize>> = words.iter().map(|word| bands.iter().position(|band| band.as_str() == word)).collect();
        let mut found = Vec::new();
        let mut row = 0;
        for same in key_at.chunk_by(|a, b| a == b) {
            let rows = row..row + same.len();
            row = rows.end;
            let Some(key) = keys.get(same[0] as usize).and_then(|key| parcel_key_of(key)) else { continue };
            let mut values = vec![f32::NAN; bands.len()];
            let (mut finest, mut share) = (0.0, 0.0);
            for row in rows {
                let Some(band) = place.get(band_at[row] as usize).copied().flatten() else { continue };
                let (all, count) = (pixels.number(row), counts.number(row));
                if count > 0.0 {
                    values[band] = means[row] as f32;
                }
                if all > finest {
                    (finest, share) = (all, count / all);
                }
            }
            if share >= least_share {
                found.extend(positions.of(&key).map(|row| (row, values.clone())));
            }
        }
        Ok(found)
    }
}
