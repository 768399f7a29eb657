//! A smooth transform as a net of nodes: in between it is interpolated, which costs a few multiplications a point.

use crate::model::Bounds;

/// Meshes along an edge.
const MESHES: usize = 16;

/// Values of a transform at the nodes of a regular net over a box.
///
/// The error grows with the square of a mesh: between UTM and geographic coordinates under a decimetre for boxes of 20 km.
#[derive(Debug, Clone, PartialEq)]
pub struct Net {
    over: Bounds,
    nodes: Vec<[f64; 2]>,
}

impl Net {
    /// Places of the nodes over a box, which a transform then takes to their values: row by row from the least x and y.
    pub fn places(over: &Bounds) -> Vec<[f64; 2]> {
        let step = |number: usize| number as f64 / MESHES as f64;
        let place = |(row, col): (usize, usize)| [over.min_x + step(col) * over.width(), over.min_y + step(row) * over.height()];
        (0..=MESHES).flat_map(|row| (0..=MESHES).map(move |col| (row, col))).map(place).collect()
    }

    /// A net with the values of [`Net::places`]; one with another number of values reaches nowhere.
    pub fn new(over: Bounds, nodes: Vec<[f64; 2]>) -> Self {
        debug_assert_eq!(nodes.len(), (MESHES + 1).pow(2), "a value for each place");
        Self { over, nodes }
    }

    /// A transform that reaches nowhere.
    pub fn empty() -> Self {
        Self { over: Bounds::EMPTY, nodes: Vec::new() }
    }

    /// Box around all values that are numbers.
    pub fn bounds(&self) -> Bounds {
        let mut bounds = Bounds::EMPTY;
        self.nodes.iter().filter(|node| node[0].is_finite() && node[1].is_finite()).for_each(|&[x, y]| bounds.include(x, y));
        bounds
    }

    /// Value at a place; `None` outside the box or where the transform does not reach.
    pub fn inside(&self, x: f64, y: f64) -> Option<[f64; 2]> {
        let over = &self.over;
        if self.nodes.is_empty() || !(over.min_x..=over.max_x).contains(&x) || !(over.min_y..=over.max_y).contains(&y) {
            return None;
        }
        let value = self.at([x, y]);
        (value[0].is_finite() && value[1].is_finite()).then_some(value)
    }

    /// Value at a place; outside the box the outermost meshes are continued. A net that reaches nowhere gives `NaN`.
    pub fn at(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        let col = (x - self.over.min_x) * (MESHES as f64 / self.over.width());
        let row = (y - self.over.min_y) * (MESHES as f64 / self.over.height());
        let (c, r) = ((col as usize).min(MESHES - 1), (row as usize).min(MESHES - 1));
        let (u, v) = (col - c as f64, row - r as f64);
        let first = r * (MESHES + 1) + c;
        let (Some([a, b]), Some([d, e])) =
            (self.nodes.get(first..first + 2), self.nodes.get(first + MESHES + 1..first + MESHES + 3))
        else {
            return [f64::NAN; 2];
        };
        let mix = |axis: usize| (a[axis] * (1.0 - u) + b[axis] * u) * (1.0 - v) + (d[axis] * (1.0 - u) + e[axis] * u) * v;
        [mix(0), mix(1)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linear_transform_is_interpolated_exactly_and_outside_there_is_nothing() {
        let over = Bounds { min_x: 4.0, min_y: 50.0, max_x: 5.0, max_y: 51.0 };
        let nodes = Net::places(&over).into_iter().map(|[x, y]| [(x - 4.0) * 160.0, (y - 50.0) * 320.0]).collect();
        let net = Net::new(over, nodes);
        let [x, y] = net.inside(4.53, 50.27).expect("inside");
        assert!((x - 0.53 * 160.0).abs() < 1e-9 && (y - 0.27 * 320.0).abs() < 1e-9);
        assert_eq!(net.inside(5.0, 51.0), Some([160.0, 320.0]));
        assert_eq!(net.inside(5.01, 50.5), None);
        let [x, y] = net.at([6.0, 49.0]);
        assert!((x - 320.0).abs() < 1e-9 && (y + 320.0).abs() < 1e-9, "continued: {x} {y}");
        assert!(Net::empty().inside(0.0, 0.0).is_none() && Net::empty().at([0.0, 0.0])[0].is_nan());
    }
}
