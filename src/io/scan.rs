//! Turns folders into a catalogue of acquisitions, from content and name.

use std::path::PathBuf;

use crate::model::project_file::Radiometry;
use crate::model::{Catalog, Watch};

/// A file or folder to search, absolute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ScanSource {
    /// File or folder.
    pub path: PathBuf,
    /// Naming pattern of the project, see [`crate::model::project_file::ImagerySource::pattern`].
    pub pattern: Option<String>,
}

/// Searches all sources. Never fails as a whole: what cannot be used becomes a problem in the catalogue.
/// Cancelled work returns what was found so far.
pub fn scan(sources: &[ScanSource], radiometry: &Radiometry, watch: &Watch) -> Catalog {
    let _ = (sources, radiometry, watch);
    todo!()
}
