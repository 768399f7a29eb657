//! The questions that views, reports and the command line ask.

pub mod chip;
pub mod coverage;
pub mod peers;
pub mod picture;
pub mod series;

use std::sync::Arc;

use crate::engine::indices::IndexSet;
use crate::model::project_file::Radiometry;
use crate::model::{Catalog, Parcels};

use super::query::QueryCache;

/// The open data as workers see it: one immutable snapshot.
#[derive(Debug, Clone)]
pub struct Env {
    /// Parcel table.
    pub parcels: Arc<Parcels>,
    /// Acquisitions.
    pub catalog: Arc<Catalog>,
    /// Shipped and own indices.
    pub indices: Arc<IndexSet>,
    /// What was assumed about offsets.
    pub radiometry: Radiometry,
    /// Answers of other queries.
    pub cache: QueryCache,
    /// Observations of earlier sittings, kept in the project's cache folder.
    pub disk: Option<Arc<crate::store::cache::Cache>>,
    /// Content of parcels, images and settings as one number: part of every key.
    pub revision: u64,
}
