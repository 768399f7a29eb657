//! Model to figures and pages: calendar, graph and map pictures as SVG and PNG, parcel sheets and pages of evidence packs as HTML, PDF and
//! DOCX. Writing the file is the caller's last step.

pub mod calendar;
pub mod clusters;
pub mod cut_out;
pub mod figure_files;
pub mod graph;
mod html;
pub mod map;
pub mod pack;
mod page;
pub mod sheet;
mod sign;
mod style;
pub mod svg;
mod typeset;

/// What is burned into every figure.
#[derive(Debug, Clone, Default)]
pub struct Caption {
    /// e.g. `FLAPAJ013 · Maize · 1.29 ha`.
    pub title: String,
    /// Composite, stretch limits, mask, margin, CRS: one line each.
    pub lines: Vec<String>,
    /// Name and first digits of the hash of the ruleset, e.g. `Winter cover #a41c07`; empty without one.
    pub ruleset: String,
    /// Data attribution; always shown.
    pub attribution: String,
    /// Says that synthetic data are shown; empty when none are.
    pub synthetic: String,
}
