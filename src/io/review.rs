//! Files of a review: the form with its words, journals as JSON lines, decisions as CSV and `GeoPackage`, and decisions of others.
//!
//! What is written is the same, byte for byte, for the same content.

mod form;
mod geopackage;
mod import;
mod lines;
mod table;

pub use form::{FORM_VERSION, form, shipped_form};
pub use geopackage::geopackage;
pub use import::{Import, ImportedDecision, RowFault, import};
pub use lines::{LINES_VERSION, parse_lines, read_lines, write_lines};
pub use table::{SEPARATOR, csv, table};
