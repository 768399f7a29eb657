//! The questions that views, reports and the command line ask.

pub mod chip;
pub mod coverage;
pub mod map;
pub mod mosaic;
pub mod peers;
pub mod picture;
pub mod population;
pub mod rows;
pub mod series;

use std::sync::Arc;

use crate::engine::indices::IndexSet;
use crate::io::IoError;
use crate::io::{crs, raster};
use crate::model::{AcquisitionIx, BandAsset, BandWindow, Bounds, Catalog, Grid, ParcelIx, Parcels, Polygons};

use super::prepare::Prepared;
use super::query::QueryCache;
use super::tables::Tables;

/// The open data as workers see it: one immutable snapshot.
#[derive(Debug, Clone)]
pub struct Env {
    /// Parcel table.
    pub parcels: Arc<Parcels>,
    /// Acquisitions.
    pub catalog: Arc<Catalog>,
    /// Shipped and own indices.
    pub indices: Arc<IndexSet>,
    /// Answers of other queries.
    pub cache: QueryCache,
    /// Observations of earlier sittings, kept in the project's cache folder.
    pub disk: Option<Arc<crate::store::cache::Cache>>,
    /// Observations from tables, when there are any.
    pub tables: Option<Arc<Tables>>,
    /// Chips that are kept, when there are any.
    pub prepared: Option<Arc<Prepared>>,
    /// Which loading this is: part of every key in memory.
    pub revision: u64,
    /// Fingerprint of the catalogue and of its files' sizes and times: part of every key on disk.
    pub data_key: [u8; 32],
}

impl Env {
    /// Outline of a parcel in the CRS of a grid.
    pub fn outline_in(&self, parcel: ParcelIx, grid: &Grid) -> Result<Polygons, IoError> {
        let outline = self.parcels.outline(parcel);
        if grid.crs == *self.parcels.crs() { Ok(outline) } else { crs::transform(&outline, self.parcels.crs(), &grid.crs) }
    }

    /// Pixels of a product of an acquisition around a parcel: from the prepared chips, else from the images, with one answer.
    pub fn read_windows(
        &self,
        parcel: ParcelIx,
        product: (AcquisitionIx, u8),
        assets: &[&BandAsset],
        bounds: &Bounds,
    ) -> Result<Vec<Option<BandWindow>>, IoError> {
        let prepared = self.prepared.as_ref();
        match prepared.and_then(|prepared| prepared.windows(&self.parcels, parcel, product, assets, bounds)) {
            Some(windows) => Ok(windows),
            None => raster::read_windows(assets, bounds),
        }
    }
}
