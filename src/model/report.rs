//! What went wrong or was assumed, in a form that can be listed, shown and exported.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; nothing is lost.
    Note,
    /// Used, but something was repaired or assumed.
    Warning,
    /// Not used.
    Error,
}

/// One file or table with one problem: the first wrong fact, what was expected, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// How much it matters.
    pub severity: Severity,
    /// File or folder.
    pub path: PathBuf,
    /// The first wrong fact, e.g. `file is empty (0 bytes)`.
    pub fact: String,
    /// What was expected or what to do, e.g. `a GeoTIFF, JPEG 2000 or SAFE folder`.
    pub expected: String,
}

impl Problem {
    /// `fact; expected …`: one line for a table.
    pub fn line(&self) -> String {
        if self.expected.is_empty() { self.fact.clone() } else { format!("{}; expected {}", self.fact, self.expected) }
    }
}

/// A problem of one parcel; the parcel stays visible and marked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum ParcelProblem {
    /// The geometry was invalid and has been repaired; `fact` is GEOS's reason.
    Repaired {
        /// Why it was invalid.
        fact: String,
    },
    /// The geometry is empty or could not be repaired: no pixels.
    NoGeometry {
        /// What is wrong.
        fact: String,
    },
    /// The same id occurs more than once.
    DuplicateId,
    /// The id is missing; a row number stands in.
    MissingId,
    /// More than one part.
    Multipolygon {
        /// Number of parts.
        parts: u32,
    },
    /// Overlaps another parcel by more than a tenth of its own area.
    Overlap {
        /// Share of this parcel's area, 0..=1.
        share: f64,
        /// Id of the other parcel.
        with: String,
    },
    /// Outside the area where its CRS is valid.
    OutsideCrs,
}

impl ParcelProblem {
    /// Short code in files.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Repaired { .. } => "repaired",
            Self::NoGeometry { .. } => "no_geometry",
            Self::DuplicateId => "duplicate_id",
            Self::MissingId => "missing_id",
            Self::Multipolygon { .. } => "multipolygon",
            Self::Overlap { .. } => "overlap",
            Self::OutsideCrs => "outside_crs",
        }
    }
}
