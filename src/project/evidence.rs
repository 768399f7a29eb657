//! Evidence packs: the sheets of parcels with all that they rest on, in a folder that anybody can check and make again.
//!
//! ```text
//! PACK/index.html, season.html      list of parcels, summary of the season
//!      parcels/NAME.html, .pdf      a sheet each; NAME is the id as far as it can be a file name, see [`names`]
//!      evidence/NAME_*.png          figures, map and chips with .pgw and .png.aux.xml, graphs as .svg too, photos also as they were taken
//!      evidence/NAME_observations.csv   every observation, also those that share a line in the sheet
//!      decisions.csv, decisions.gpkg, ruleset.toml
//!      manifest.json                hashes of all these files and of all inputs, and what is needed to make them again
//! ```
//!
//! * The same inputs give the same bytes: nothing in a pack depends on the clock, on the number of threads or on where it is.
//! * A pack is made of a project that is on disk as it is open, or else nobody could make it again.
//! * Holders have pseudonyms unless asked otherwise ([`holders`]); what was drawn for them is in no pack.
//! * [`verify`] trusts nothing that is kept: it reads every input and computes every number again.

mod decisions;
mod desk;
mod differences;
mod figures;
pub mod holders;
pub mod inputs;
mod journal;
pub mod jrc;
pub mod manifest;
mod markers;
pub mod names;
mod observations;
mod overview;
mod pack;
mod sheet;
mod summary;
mod target;
mod verify;

use serde::{Deserialize, Serialize};

pub use desk::{Desk, write_sheet};
pub use figures::Companion;
pub use holders::Holders;
pub use journal::{Decided, photos_folder};
pub use jrc::{JrcReport, write_jrc};
pub use pack::{PackReport, write_pack, write_pack_of};
pub use sheet::{Gathered, Sources};
pub use target::Target;
pub use verify::{Finding, VerifyReport, verify};

/// What a pack holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackOptions {
    /// What becomes of the ids of holders.
    pub holders: Holders,
    /// Columns with ids of holders; none takes those whose name looks like it.
    #[serde(default)]
    pub holder_columns: Vec<String>,
    /// Sheets as PDF too.
    pub pdf: bool,
    /// Sheets as DOCX too.
    pub docx: bool,
}

impl Default for PackOptions {
    fn default() -> Self {
        Self { holders: Holders::Replace, holder_columns: Vec::new(), pdf: true, docx: false }
    }
}
