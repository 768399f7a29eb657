//! Spectral indices: one table of formulas with sources, and expressions of the user's own.

use std::sync::Arc;

use crate::model::Band;
use crate::model::project_file::OwnIndex;

/// A shipped index.
#[derive(Debug, Clone, Copy)]
pub struct IndexInfo {
    /// Name, e.g. `NDVI`.
    pub name: &'static str,
    /// Formula over band names, e.g. `(B08 - B04) / (B08 + B04)`.
    pub formula: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Limits of the colour bar.
    pub range: (f64, f64),
}

/// All shipped indices.
pub const SHIPPED: &[IndexInfo] = &[];

/// Why an expression cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormulaError {
    /// Not an expression.
    #[error("cannot read the expression: {0}")]
    Syntax(String),
    /// A name that is no Sentinel-2 band.
    #[error("“{0}” is not a Sentinel-2 band; use names such as B04 or B8A")]
    UnknownBand(String),
    /// No band at all.
    #[error("the expression names no band")]
    NoBand,
    /// The name is shipped, taken or empty.
    #[error("the name “{0}” is taken or empty")]
    Name(String),
    /// No such index.
    #[error("there is no index “{0}”")]
    UnknownIndex(String),
}

/// A compiled expression over bands.
#[derive(Debug, Clone)]
pub struct Formula {
    _private: (),
}

impl Formula {
    /// Compiles an expression. `B4`, `b04` and `B04` are the same band.
    pub fn compile(expression: &str) -> Result<Self, FormulaError> {
        let _ = expression;
        todo!()
    }

    /// Bands it needs, sorted.
    pub fn bands(&self) -> &[Band] {
        todo!()
    }

    /// Value for one reflectance per band, in the order of [`Formula::bands`]. A zero denominator or any `NaN` gives `NaN`.
    pub fn eval(&self, values: &[f64]) -> f64 {
        let _ = values;
        todo!()
    }

    /// Per-pixel values; `bands[i]` are the pixels of [`Formula::bands`]`[i]`, all of the same length.
    pub fn eval_pixels(&self, bands: &[&[f32]]) -> Vec<f32> {
        let _ = bands;
        todo!()
    }
}

/// Shipped and own indices of a project, compiled.
#[derive(Debug, Clone, Default)]
pub struct IndexSet {
    _private: (),
}

impl IndexSet {
    /// Compiles; own indices that cannot be used are returned with the reason.
    pub fn new(own: &[OwnIndex]) -> (Self, Vec<(String, FormulaError)>) {
        let _ = own;
        todo!()
    }

    /// Names, shipped first.
    pub fn names(&self) -> Vec<String> {
        todo!()
    }

    /// A formula by name (case-insensitive).
    pub fn get(&self, name: &str) -> Result<Arc<Formula>, FormulaError> {
        let _ = name;
        todo!()
    }

    /// Formula as text, for tooltips.
    pub fn text(&self, name: &str) -> Option<String> {
        let _ = name;
        todo!()
    }

    /// Limits of the colour bar.
    pub fn range(&self, name: &str) -> (f64, f64) {
        let _ = name;
        todo!()
    }
}
