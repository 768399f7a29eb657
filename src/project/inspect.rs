//! Looks into files before a project exists: what the New project dialog and `init` show.

use std::path::PathBuf;
use std::sync::Arc;

use crate::io::vector::LayerInfo;
use crate::model::{Catalog, ProjectFile, Watch};

use super::query::{Fetch, Wake};

/// Parcel layers of one file.
#[derive(Debug)]
pub struct FoundParcels {
    /// File.
    pub path: PathBuf,
    /// Its polygon layers.
    pub layers: Vec<LayerInfo>,
}

/// A background look into parcels and imagery. Dropping it cancels the work.
pub struct Inspection {
    _private: (),
}

impl Inspection {
    /// Looks into a parcel file.
    pub fn parcels(path: PathBuf, wake: Wake) -> Self {
        let _ = (path, wake);
        todo!()
    }

    /// Scans folders or files for imagery.
    pub fn imagery(paths: Vec<PathBuf>, wake: Wake) -> Self {
        let _ = (paths, wake);
        todo!()
    }

    /// Result of [`Inspection::parcels`].
    pub fn found_parcels(&self) -> Fetch<FoundParcels> {
        todo!()
    }

    /// Result of [`Inspection::imagery`].
    pub fn found_imagery(&self) -> Fetch<Catalog> {
        todo!()
    }

    /// Progress and cancel.
    pub fn watch(&self) -> &Watch {
        todo!()
    }
}

/// A project file made of what was found: relative to `project_path`'s folder, with every guess filled in.
pub fn propose(project_path: &std::path::Path, parcels: &FoundParcels, layer: usize, imagery: &[PathBuf]) -> ProjectFile {
    let _ = (project_path, parcels, layer, imagery);
    todo!()
}

/// Only to keep imports of this file in use.
fn _uses(_: Arc<()>) {}
