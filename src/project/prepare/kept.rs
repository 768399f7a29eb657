//! Prepared chips as readers of pixels see them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::keys::{files_of, kept_catalog, parcel_key, product_key};
use crate::model::stored::StoredBand;
use crate::model::{AcquisitionIx, BandAsset, BandWindow, Bounds, Catalog, ParcelIx, Parcels};
use crate::project::load;
use crate::store::chips::{Chips, Key};

/// Chips that are kept and still true for the open data.
#[derive(Debug)]
pub struct Prepared {
    chips: Chips,
    products: HashMap<(AcquisitionIx, u8), i64>,
    /// Chips unpacked lately: shares, chip and series of a date ask for the same one after the other.
    unpacked: Mutex<Unpacked>,
}

/// Bands by product and parcel.
type Unpacked = HashMap<(i64, ParcelIx), Arc<Vec<StoredBand>>>;

/// Chips held unpacked; some 25 kilobytes each.
const UNPACKED: usize = 1024;

impl Prepared {
    /// Opens the chips of a project; `None` when there are none. Adds a line for whatever cannot be used.
    pub fn open(project: &Path, catalog: &Catalog, notes: &mut Vec<String>) -> Option<Self> {
        match Self::try_open(project, catalog, notes) {
            Ok(prepared) => prepared,
            Err(error) => {
                notes.push(format!("{error:#}; pixels are read from the images"));
                None
            }
        }
    }

    fn try_open(project: &Path, catalog: &Catalog, notes: &mut Vec<String>) -> anyhow::Result<Option<Self>> {
        let Some(chips) = Chips::open(&load::cache_folder(project))? else { return Ok(None) };
        let kept: HashMap<_, _> = chips.products()?.into_iter().map(|product| (product.key, product)).collect();
        let mut products = HashMap::new();
        let mut changed = 0;
        for (ix, acquisition) in catalog.iter() {
            for (number, granule) in (0u8..).zip(&acquisition.granules) {
                let Some(product) = kept.get(&product_key(acquisition.sensor, granule)) else { continue };
                let now = files_of(granule, project);
                // Where the images are not, nothing contradicts what was kept.
                if now.is_empty() || now == product.files {
                    products.insert((ix, number), product.id);
                } else {
                    changed += 1;
                }
            }
        }
        if changed > 0 {
            notes.push(format!(
                "the images of {changed} prepared products have changed since; they are read anew, prepare again to keep them"
            ));
        }
        Ok(Some(Self { chips, products, unpacked: Mutex::default() }))
    }

    /// Number of products whose chips are used.
    pub fn products(&self) -> usize {
        self.products.len()
    }

    /// What reading the assets of a product would give; `None` when the chip does not hold all of it.
    pub fn windows(
        &self,
        parcels: &Parcels,
        parcel: ParcelIx,
        (acquisition, granule): (AcquisitionIx, u8),
        assets: &[&BandAsset],
        bounds: &Bounds,
    ) -> Option<Vec<Option<BandWindow>>> {
        let product = *self.products.get(&(acquisition, granule))?;
        let bands = self.bands(product, parcels, parcel)?;
        assets
            .iter()
            .map(|asset| match asset.grid.window(bounds) {
                None => Some(None),
                Some(window) => {
                    let band = bands.iter().find(|band| band.band == asset.band)?;
                    band.read(asset, window).map(Some)
                }
            })
            .collect()
    }
}

impl Prepared {
    fn bands(&self, product: i64, parcels: &Parcels, parcel: ParcelIx) -> Option<Arc<Vec<StoredBand>>> {
        let held = || self.unpacked.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(bands) = held().get(&(product, parcel)) {
            return Some(Arc::clone(bands));
        }
        let bands = match self.chips.get(product, &parcel_key(parcels, parcel)) {
            Ok(bands) => Arc::new(bands?),
            Err(error) => {
                tracing::warn!("{error}; the images are read");
                return None;
            }
        };
        let mut held = held();
        if held.len() >= UNPACKED {
            held.clear();
        }
        held.insert((product, parcel), Arc::clone(&bands));
        Some(bands)
    }
}

/// Acquisitions kept for image sources that are not there, added to the catalogue; says so in `notes`.
pub fn restore(project: &Path, missing: &[PathBuf], catalog: &mut Catalog, notes: &mut Vec<String>) {
    if missing.is_empty() {
        return;
    }
    let kept = Chips::open(&load::cache_folder(project)).and_then(|chips| {
        let Some(chips) = chips else { return Ok(None) };
        let products: HashSet<Key> = chips.products()?.into_iter().map(|product| product.key).collect();
        Ok(kept_catalog(&chips, project)?.map(|catalog| (catalog, products)))
    });
    let (kept, products) = match kept {
        Ok(Some(kept)) => kept,
        Ok(None) => return,
        Err(error) => return notes.push(error.to_string()),
    };
    let mut added = 0;
    for mut acquisition in kept.acquisitions {
        acquisition.granules.retain(|granule| {
            let here = |asset: &BandAsset| missing.iter().any(|source| asset.path.starts_with(source));
            granule.bands.first().is_some_and(here) && products.contains(&product_key(acquisition.sensor, granule))
        });
        if !acquisition.granules.is_empty() {
            catalog.acquisitions.push(acquisition);
            added += 1;
        }
    }
    if added > 0 {
        catalog.problems.retain(|problem| !missing.contains(&problem.path));
        catalog.sort();
        notes.push(format!("the images of {added} acquisitions are not here; their prepared chips are used"));
    }
}
