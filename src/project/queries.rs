//! The questions that views, reports and the command line ask.

pub mod chip;
pub mod coverage;
pub mod heterogeneity;
pub mod map;
pub mod medians;
pub mod mosaic;
pub mod peers;
pub mod picture;
pub mod population;
pub mod remote;
pub mod rows;
pub mod series;
pub mod zones;

use std::sync::Arc;

use crate::engine::indices::IndexSet;
use crate::io::IoError;
use crate::io::{crs, raster};
use crate::model::{AcquisitionIx, BandAsset, BandWindow, Bounds, Catalog, Grid, ParcelIx, Parcels, Polygons, Watch};

use super::prepare::Prepared;
use super::query::QueryCache;
use super::remote::Remote;
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
    /// The server, when the project names one.
    pub remote: Option<Arc<Remote>>,
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

    /// True when the pixels of a product are on a server.
    pub fn is_remote(&self, acquisition: AcquisitionIx, granule: u8) -> bool {
        let acquisition = self.catalog.acquisitions.get(acquisition.at());
        acquisition.and_then(|own| own.granules.get(usize::from(granule))).is_some_and(|granule| granule.remote)
    }

    /// Pixels of a product of an acquisition around a parcel: from the prepared chips, else from the images or the server, with one
    /// answer.
    pub fn read_windows(
        &self,
        parcel: ParcelIx,
        product: (AcquisitionIx, u8),
        assets: &[&BandAsset],
        bounds: &Bounds,
        watch: &Watch,
    ) -> anyhow::Result<Vec<Option<BandWindow>>> {
        let acquisition = self.catalog.get(product.0);
        let granule = &acquisition.granules[usize::from(product.1)];
        if let Some(remote) = self.remote.as_ref().filter(|_| granule.remote) {
            return remote.read_windows(acquisition, granule, assets, bounds, watch);
        }
        let prepared = self.prepared.as_ref();
        match prepared.and_then(|prepared| prepared.windows(&self.parcels, parcel, product, assets, bounds)) {
            Some(windows) => Ok(windows),
            None => Ok(raster::read_windows(assets, bounds)?),
        }
    }
}
