//! One parcel's outline as plain rings.

use super::Bounds;

/// A polygon or multipolygon. Rings are closed implicitly (the first point is not repeated).
///
/// `parts[p][0]` is the outer ring of part `p`, the rest are its holes. The even-odd rule over all rings says
/// what is inside, so ring direction does not matter.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Polygons {
    /// Parts, each a list of rings, each a list of `[x, y]`.
    pub parts: Vec<Vec<Vec<[f64; 2]>>>,
}

impl Polygons {
    /// All rings, outer and inner.
    pub fn rings(&self) -> impl Iterator<Item = &[[f64; 2]]> {
        self.parts.iter().flatten().map(Vec::as_slice)
    }

    /// True when there is no ring.
    pub fn is_empty(&self) -> bool {
        self.parts.iter().all(Vec::is_empty)
    }

    /// Box around all rings; [`Bounds::EMPTY`] for an empty geometry.
    pub fn bounds(&self) -> Bounds {
        let mut bounds = Bounds::EMPTY;
        self.rings().flatten().for_each(|&[x, y]| bounds.include(x, y));
        bounds
    }

    /// Area by the shoelace formula in squared world units; holes are subtracted whatever their direction.
    pub fn area(&self) -> f64 {
        let ring_area = |ring: &[[f64; 2]]| {
            let mut twice = 0.0;
            // Relative to the first point: coordinates of millions of metres lose no digits.
            let Some(&[x0, y0]) = ring.first() else { return 0.0 };
            for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                twice += (a[0] - x0) * (b[1] - y0) - (b[0] - x0) * (a[1] - y0);
            }
            (twice / 2.0).abs()
        };
        self.parts
            .iter()
            .map(|part| {
                part.iter().enumerate().map(|(i, ring)| if i == 0 { ring_area(ring) } else { -ring_area(ring) }).sum::<f64>()
            })
            .sum()
    }

    /// Even-odd test of a point.
    pub fn contains(&self, x: f64, y: f64) -> bool {
        let mut inside = false;
        for ring in self.rings() {
            for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                if (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0] {
                    inside = !inside;
                }
            }
        }
        inside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square_with_hole() -> Polygons {
        Polygons {
            parts: vec![vec![
                vec![[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]],
                vec![[4.0, 4.0], [6.0, 4.0], [6.0, 6.0], [4.0, 6.0]],
            ]],
        }
    }

    #[test]
    fn holes_are_outside_whatever_their_direction() {
        let shape = square_with_hole();
        assert!((shape.area() - 96.0).abs() < 1e-12);
        assert!(shape.contains(1.0, 1.0) && !shape.contains(5.0, 5.0) && !shape.contains(11.0, 5.0));
        assert_eq!(shape.bounds(), Bounds { min_x: 0.0, min_y: 0.0, max_x: 10.0, max_y: 10.0 });
    }
}
