//! What the overview of a pack needs to know of each parcel after its sheet was written.

use crate::model::ParcelIx;
use crate::model::evidence::Sheet;
use crate::model::review::ParcelReview;
use crate::model::rules::Verdict;

use super::manifest::PackFile;
use super::sheet::Sources;

/// A pack so far.
#[derive(Debug)]
pub struct Whole {
    /// Its files.
    pub files: Vec<PackFile>,
    /// Its parcels, in their order.
    pub briefs: Vec<Brief>,
}

/// A parcel in a line.
#[derive(Debug, Clone)]
pub struct Brief {
    /// Id.
    pub id: String,
    /// How the names of its files begin.
    pub name: String,
    /// Crop and area.
    pub summary: String,
    /// Declared crop; empty without one.
    pub crop: String,
    /// Automatic verdict.
    pub automatic: Option<Verdict>,
    /// What stands for its holder.
    pub holder: Option<String>,
    /// What is said of it.
    pub review: ParcelReview,
    /// Number of things that its sheet lacks.
    pub absent: usize,
}

impl Brief {
    /// Of a sheet.
    pub fn new(sources: &Sources<'_>, parcel: ParcelIx, name: &str, sheet: &Sheet, review: ParcelReview) -> Self {
        let parcels = &sources.data.parcels;
        Self {
            id: sheet.parcel.clone(),
            name: name.to_owned(),
            summary: sheet.summary.clone(),
            crop: parcels.crop(parcel).unwrap_or_default().to_owned(),
            automatic: sheet.automatic.as_ref().map(|own| own.verdict),
            holder: sources.holders.facts(parcels, parcel).into_iter().next().map(|(_, holder)| holder),
            review,
            absent: sheet.absent.len(),
        }
    }
}
