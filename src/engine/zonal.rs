//! Statistics of pixel values over one parcel.

use crate::model::BandStats;

/// Weighted statistics. `values`, `weights` (0 = outside) and `excluded` (the mask; empty slice = no mask) have the same shape.
/// `NaN` values are counted as `nodata`; a pixel that is both masked and without value counts as masked.
pub fn stats(values: &[f32], weights: &[f32], excluded: &[bool]) -> BandStats {
    let _ = (values, weights, excluded);
    todo!()
}
