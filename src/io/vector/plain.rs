//! Quick answers for plain outlines, so that GEOS is asked only about the others.

/// Longer rings are GEOS's: it sweeps, here every pair of sides is compared.
const MAX_SIDES: usize = 64;

/// Bound of the rounding error of an orientation, relative to its terms (Shewchuk 1997, `ccwerrboundA`, rounded up).
const ERROR: f64 = 4e-16;

/// Twice the signed area of a triangle; 0 when rounding could decide its sign.
fn turn(a: [f64; 2], b: [f64; 2], c: [f64; 2]) -> f64 {
    let left = (a[0] - c[0]) * (b[1] - c[1]);
    let right = (a[1] - c[1]) * (b[0] - c[0]);
    let turn = left - right;
    if turn.abs() > ERROR * (left.abs() + right.abs()) { turn } else { 0.0 }
}

/// True when a closed ring certainly neither touches nor crosses itself, which makes it a valid polygon.
///
/// False means "perhaps not": ask GEOS. **Cost:** all pairs of sides, at most 64 sides.
pub(super) fn is_simple(ring: &[[f64; 2]]) -> bool {
    let sides = ring.len();
    if !(3..=MAX_SIDES).contains(&sides) {
        return false;
    }
    let point = |at: usize| ring[at % sides];
    for at in 0..sides {
        let (a, b, c) = (point(at), point(at + 1), point(at + 2));
        let back = (a[0] - b[0]) * (c[0] - b[0]) + (a[1] - b[1]) * (c[1] - b[1]);
        // No turn is fine straight on, not back over the same side.
        if turn(a, b, c) == 0.0 && back >= 0.0 {
            return false;
        }
    }
    for one in 0..sides {
        let (a, b) = (point(one), point(one + 1));
        // Neighbours share a corner and were looked at above.
        let last = if one == 0 { sides - 1 } else { sides };
        for other in one + 2..last {
            let (c, d) = (point(other), point(other + 1));
            let beside = |axis: usize| a[axis].max(b[axis]) < c[axis].min(d[axis]) || c[axis].max(d[axis]) < a[axis].min(b[axis]);
            let apart = |p, q, r, s| turn(p, q, r) * turn(p, q, s) > 0.0;
            if !(beside(0) || beside(1) || apart(a, b, c, d) || apart(c, d, a, b)) {
                return false;
            }
        }
    }
    true
}

/// Convex hull, counter-clockwise (Andrew 1979, monotone chain).
pub(super) fn hull(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut sorted = points.to_vec();
    sorted.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    sorted.dedup();
    let cross = |a: [f64; 2], b: [f64; 2], c: [f64; 2]| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
    let mut hull: Vec<[f64; 2]> = Vec::with_capacity(sorted.len() + 1);
    let chain = |hull: &mut Vec<[f64; 2]>, floor: usize, point: [f64; 2]| {
        while hull.len() >= floor + 2 && cross(hull[hull.len() - 2], hull[hull.len() - 1], point) <= 0.0 {
            hull.pop();
        }
        hull.push(point);
    };
    for &point in &sorted {
        chain(&mut hull, 0, point);
    }
    let lower = hull.len().saturating_sub(1);
    sorted.iter().rev().skip(1).for_each(|&point| chain(&mut hull, lower, point));
    hull.pop();
    hull
}

/// Area of a ring inside a convex counter-clockwise hull (Sutherland and Hodgman 1974). Exact for any simple ring: where the
/// clipped ring runs back along the hull its two ways enclose nothing.
pub(super) fn area_inside(ring: &[[f64; 2]], hull: &[[f64; 2]]) -> f64 {
    let mut inside = ring.to_vec();
    let mut next = Vec::with_capacity(inside.len() + hull.len());
    for (a, b) in hull.iter().zip(hull.iter().cycle().skip(1)) {
        let side = |p: [f64; 2]| (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
        for (&p, &q) in inside.iter().zip(inside.iter().cycle().skip(1)) {
            let (at_p, at_q) = (side(p), side(q));
            if at_p >= 0.0 {
                next.push(p);
            }
            if (at_p >= 0.0) != (at_q >= 0.0) {
                let share = at_p / (at_p - at_q);
                next.push([p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])]);
            }
        }
        std::mem::swap(&mut inside, &mut next);
        next.clear();
    }
    let Some(&[x0, y0]) = inside.first() else { return 0.0 };
    let twice = |(a, b): (&[f64; 2], &[f64; 2])| (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0);
    (inside.iter().zip(inside.iter().cycle().skip(1)).map(twice).sum::<f64>() / 2.0).abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Polygons;
    use gdal::vector::Geometry;
    use proptest::prelude::*;

    fn geometry(ring: &[[f64; 2]]) -> Geometry {
        let bytes = super::super::wkb::write(&Polygons { parts: vec![vec![ring.to_vec()]] });
        Geometry::from_wkb(&bytes).expect("a ring")
    }

    #[test]
    fn plain_rings_are_simple_and_doubtful_ones_are_not_claimed() {
        assert!(is_simple(&[[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [5.0, 4.0], [0.0, 9.0]]));
        assert!(is_simple(&[[0.0, 0.0], [5.0, 0.0], [9.0, 0.0], [9.0, 9.0]]), "a point on a straight side");
        for ring in [
            vec![[0.0, 0.0], [9.0, 9.0], [9.0, 0.0], [0.0, 9.0]],
            vec![[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [9.0, 0.0]],
            vec![[0.0, 0.0], [9.0, 0.0], [9.0, 0.0], [9.0, 9.0]],
            vec![[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [4.0, 0.0], [0.0, 9.0]],
            vec![[0.0, 0.0], [9.0, 0.0]],
        ] {
            assert!(!is_simple(&ring), "{ring:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_called_simple_is_valid_to_geos(ring in prop::collection::vec((0i32..8, 0i32..8), 3..9)) {
            let ring: Vec<[f64; 2]> = ring.into_iter().map(|(x, y)| [5e5 + f64::from(x) / 3.0, 5.6e6 + f64::from(y) / 3.0]).collect();
            if is_simple(&ring) {
                prop_assert!(geometry(&ring).is_valid());
            }
        }

        #[test]
        fn the_area_inside_a_hull_is_that_of_geos(
            ring in prop::collection::vec((0.0f64..9.0, 0.0f64..9.0), 3..7),
            other in prop::collection::vec((0.0f64..9.0, 0.0f64..9.0), 3..7),
        ) {
            let ring: Vec<[f64; 2]> = ring.into_iter().map(|(x, y)| [x, y]).collect();
            let hull = hull(&other.into_iter().map(|(x, y)| [x, y]).collect::<Vec<_>>());
            if is_simple(&ring) && hull.len() >= 3 {
                let common = geometry(&ring).intersection(&geometry(&hull)).map_or(0.0, |common| common.area());
                prop_assert!((area_inside(&ring, &hull) - common).abs() < 1e-9);
            }
        }
    }
}
