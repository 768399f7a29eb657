//! Coordinate reference systems: transforms between them.

use crate::io::IoError;
use crate::model::{Bounds, Crs, Polygons};

/// The outline in another CRS.
pub fn transform(outline: &Polygons, from: &Crs, to: &Crs) -> Result<Polygons, IoError> {
    let _ = (outline, from, to);
    todo!()
}

/// Points `[x, y]` in another CRS (longitude, latitude order for geographic systems). Points that cannot be transformed become `NaN`.
pub fn transform_points(points: &mut [[f64; 2]], from: &Crs, to: &Crs) -> Result<(), IoError> {
    let _ = (points, from, to);
    todo!()
}

/// A box in another CRS: the box around its transformed, densified edge.
pub fn transform_bounds(bounds: &Bounds, from: &Crs, to: &Crs) -> Result<Bounds, IoError> {
    let _ = (bounds, from, to);
    todo!()
}
