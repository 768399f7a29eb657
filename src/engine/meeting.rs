//! Whether outlines share a point.

use geo::Intersects as _;

use super::coverage::shape;
use crate::model::Polygons;

/// True when two outlines in one CRS share a point: their edges meet, or one lies inside the other.
///
/// ```
/// # use parcelight::engine::meeting::meet;
/// # use parcelight::model::Polygons;
/// let square = |x: f64| Polygons { parts: vec![vec![vec![[x, 0.0], [x + 10.0, 0.0], [x + 10.0, 10.0], [x, 10.0]]]] };
/// assert!(meet(&square(0.0), &square(10.0)) && !meet(&square(0.0), &square(11.0)));
/// ```
pub fn meet(one: &Polygons, other: &Polygons) -> bool {
    let (one_bounds, other_bounds) = (one.bounds(), other.bounds());
    if one_bounds.is_empty() || other_bounds.is_empty() || !one_bounds.intersects(&other_bounds) {
        return false;
    }
    // Relative to one place: coordinates of millions of metres lose no digits.
    let origin = one_bounds.center();
    shape(one, origin).intersects(&shape(other, origin))
}
