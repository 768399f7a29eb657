//! Filters over parcel attributes: `"crop" = 'maize' AND "area_ha" > 0.3`, or free words as typed into the queue.

use crate::model::{ParcelIx, Parcels};

/// Why a filter cannot be used: what, where (character position) and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at character {position})")]
pub struct FilterError {
    /// What is wrong.
    pub message: String,
    /// Character position from 1.
    pub position: usize,
}

/// A parsed filter.
#[derive(Debug, Clone)]
pub struct Filter {
    _private: (),
}

impl Filter {
    /// Parses an expression. Fields in double quotes (or bare words), text in single quotes (case-insensitive comparison), numbers;
    /// `= != <> < <= > >= LIKE ILIKE IN (…) IS NULL IS NOT NULL AND OR NOT ( )`.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        let _ = text;
        todo!()
    }

    /// Rows that match. Fields are source columns plus `id`, `crop` (name or code), `crop_code`, `crop_name`, `area_ha`,
    /// `perimeter_m`, `problem`. An unknown field is an error that lists the known ones.
    pub fn select(&self, parcels: &Parcels) -> Result<Vec<ParcelIx>, FilterError> {
        let _ = parcels;
        todo!()
    }
}

/// What a person types into the queue: free words must all occur in id, crop name or crop code (case-insensitive, `crop:maize`
/// and `id:007` restrict the field); a text with quotes or comparison signs is read as a [`Filter`]. Empty text matches all.
pub fn search(parcels: &Parcels, text: &str) -> Result<Vec<ParcelIx>, FilterError> {
    let _ = (parcels, text);
    todo!()
}
