//! What is asked together: batches of chips, windows of time, quarters of polygons. Pure.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Span, ToSpan as _};

use crate::contract::BATCH_LIMIT;

/// One request of a batch: all these bands of all these products.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    /// Products.
    pub products: Vec<String>,
    /// Bands.
    pub bands: Vec<String>,
}

impl Batch {
    /// Two halves; nothing when there is only one product.
    pub(super) fn halves(self) -> Option<[Self; 2]> {
        let Self { mut products, bands } = self;
        if products.len() < 2 {
            return None;
        }
        let second = products.split_off(products.len().div_ceil(2));
        Some([Self { products, bands: bands.clone() }, Self { products: second, bands }])
    }
}

/// Batches of at most [`BATCH_LIMIT`] files for (product, band) pairs, each pair in exactly one. Products that lack the same bands
/// go together, in the order asked.
pub(super) fn batches(missing: &[(String, String)]) -> Vec<Batch> {
    let mut order: Vec<&str> = Vec::new();
    let mut bands_of: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (product, band) in missing {
        let bands = bands_of.entry(product).or_insert_with(|| {
            order.push(product);
            Vec::new()
        });
        if !bands.contains(&band.as_str()) {
            bands.push(band);
        }
    }
    let mut groups: Vec<(Vec<&str>, Vec<&str>)> = Vec::new();
    for product in order {
        for bands in bands_of[product].chunks(BATCH_LIMIT) {
            match groups.iter_mut().find(|(known, _)| known == bands) {
                Some((_, products)) => products.push(product),
                None => groups.push((bands.to_vec(), vec![product])),
            }
        }
    }
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    groups
        .iter()
        .flat_map(|(bands, products)| {
            let together = (BATCH_LIMIT / bands.len()).max(1);
            products.chunks(together).map(move |products| Batch { products: owned(products), bands: owned(bands) })
        })
        .collect()
}

/// Days from `from` to `to`, both in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Days {
    /// First day.
    pub from: Date,
    /// Last day.
    pub to: Date,
}

impl Days {
    /// Two halves; nothing for one day.
    pub(super) fn halves(self) -> Option<[Self; 2]> {
        let days = days_between(self.from, self.to);
        if days < 1 {
            return None;
        }
        let middle = self.from.saturating_add((days / 2).days());
        Some([Self { to: middle, ..self }, Self { from: middle.saturating_add(1.day()), ..self }])
    }

    /// Pieces of so many days.
    pub(super) fn pieces(self, days: i64) -> Vec<Self> {
        self.cut(|from| from.saturating_add((days - 1).days()))
    }

    /// Calendar months.
    pub(super) fn months(self) -> Vec<Self> {
        self.cut(Date::last_of_month)
    }

    fn cut(self, end: impl Fn(Date) -> Date) -> Vec<Self> {
        let mut pieces = Vec::new();
        let mut from = self.from;
        while from <= self.to {
            let to = end(from).min(self.to);
            pieces.push(Self { from, to });
            let next = to.saturating_add(1.day());
            if next <= to {
                // The end of the calendar.
                break;
            }
            from = next;
        }
        pieces
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span: Span| i64::from(span.get_days()))
}

/// Points inside a polygon in degrees, so many metres apart from each other and at least one; nothing when they would be more than
/// `most`, or the polygon has no inside.
pub(super) fn net(ring: &[[f64; 2]], mesh_m: f64, most: usize) -> Option<Vec<[f64; 2]>> {
    const METRES_PER_DEGREE: f64 = 111_320.0;
    let limits = |axis: usize| {
        ring.iter().map(|point| point[axis]).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let ((west, east), (south, north)) = (limits(0), limits(1));
    let latitude = f64::midpoint(south, north);
    let step = [mesh_m / (METRES_PER_DEGREE * latitude.to_radians().cos().max(0.01)), mesh_m / METRES_PER_DEGREE];
    let (columns, rows) = (((east - west) / step[0]).ceil().max(1.0), ((north - south) / step[1]).ceil().max(1.0));
    // A box far larger than its polygon is still bounded.
    if !(columns * rows).is_finite() || columns * rows > most as f64 * 20.0 {
        return None;
    }
    let mut points = Vec::new();
    for row in 0..rows as usize {
        for column in 0..columns as usize {
            let at = |low: f64, high: f64, number: usize, count: f64| low + (high - low) * (number as f64 + 0.5) / count;
            let point = [at(west, east, column, columns), at(south, north, row, rows)];
            if inside(ring, point) {
                points.push(point);
            }
        }
    }
    (!points.is_empty() && points.len() <= most).then_some(points)
}

/// True when a point lies inside a ring (even-odd rule).
fn inside(ring: &[[f64; 2]], [x, y]: [f64; 2]) -> bool {
    let mut inside = false;
    let mut before = ring.last();
    for point in ring {
        if let Some([x0, y0]) = before
            && (point[1] > y) != (*y0 > y)
            && x < (x0 - point[0]) * (y - point[1]) / (y0 - point[1]) + point[0]
        {
            inside = !inside;
        }
        before = Some(point);
    }
    inside
}

/// The quarters of a polygon: its parts in the quarters of its box. What a quarter has no part of is left out.
pub(super) fn quarters(ring: &[[f64; 2]]) -> Vec<Vec<[f64; 2]>> {
    let limits = |axis: usize| {
        ring.iter().map(|point| point[axis]).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)))
    };
    let middle = [0, 1].map(|axis| f64::midpoint(limits(axis).0, limits(axis).1));
    let open = if ring.len() > 1 && ring.first() == ring.last() { &ring[..ring.len() - 1] } else { ring };
    let mut quarters = Vec::new();
    for x_side in [-1.0, 1.0] {
        for y_side in [-1.0, 1.0] {
            let half = clip(open, 0, middle[0], x_side);
            let quarter = clip(&half, 1, middle[1], y_side);
            if quarter.len() >= 3 {
                quarters.push(quarter);
            }
        }
    }
    quarters
}

/// The part of a ring on one side of a line along an axis.
///
/// * **Source:** Sutherland and Hodgman (1974).
fn clip(ring: &[[f64; 2]], axis: usize, at: f64, side: f64) -> Vec<[f64; 2]> {
    let inside = |point: &[f64; 2]| (point[axis] - at) * side >= 0.0;
    let mut kept = Vec::new();
    for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
        if inside(a) {
            kept.push(*a);
        }
        if inside(a) != inside(b) {
            let share = (at - a[axis]) / (b[axis] - a[axis]);
            let mut cross = [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share];
            cross[axis] = at;
            kept.push(cross);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Polygons;

    fn pairs(products: usize, bands: &[&str]) -> Vec<(String, String)> {
        (0..products).flat_map(|p| bands.iter().map(move |band| (format!("P{p:02}"), (*band).to_owned()))).collect()
    }

    #[test]
    fn batches_keep_products_whole_and_the_limit() {
        let sizes = |missing: &[(String, String)]| -> Vec<(usize, usize)> {
            batches(missing).iter().map(|batch| (batch.products.len(), batch.bands.len())).collect()
        };
        assert_eq!(sizes(&pairs(72, &["B04", "B08", "B11"])), [(12, 3); 6]);
        assert_eq!(sizes(&pairs(40, &["B04"])), [(36, 1), (4, 1)]);
        assert_eq!(sizes(&pairs(5, &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])), [(3, 10), (2, 10)]);
        assert_eq!(sizes(&[]), []);
        // What is kept already is not asked for again.
        let mut missing = pairs(3, &["B04", "B08"]);
        missing.remove(2);
        let found = batches(&missing);
        assert_eq!(found[0], Batch { products: vec!["P00".into(), "P02".into()], bands: vec!["B04".into(), "B08".into()] });
        assert_eq!(found[1], Batch { products: vec!["P01".into()], bands: vec!["B08".into()] });
    }

    #[test]
    fn windows_of_time_meet_without_gaps() {
        let days = Days { from: "2019-01-15".parse().expect("a day"), to: "2019-03-10".parse().expect("a day") };
        let text = |pieces: Vec<Days>| pieces.iter().map(|d| format!("{}/{}", d.from, d.to)).collect::<Vec<_>>();
        assert_eq!(text(days.months()), ["2019-01-15/2019-01-31", "2019-02-01/2019-02-28", "2019-03-01/2019-03-10"]);
        assert_eq!(text(days.pieces(30)), ["2019-01-15/2019-02-13", "2019-02-14/2019-03-10"]);
        let one = Days { to: days.from, ..days };
        assert_eq!((one.halves(), one.pieces(30).len()), (None, 1));
        let two = Days { to: days.from.saturating_add(1.day()), ..days };
        assert_eq!(
            two.halves().map(|halves| text(halves.to_vec())),
            Some(vec!["2019-01-15/2019-01-15".into(), "2019-01-16/2019-01-16".into()])
        );
        assert!(Days { from: days.to, to: days.from }.pieces(30).is_empty());
    }

    #[test]
    fn quarters_cover_the_polygon_once() {
        let ring = [[0.0, 0.0], [10.0, 0.0], [10.0, 4.0], [3.0, 8.0], [0.0, 0.0]];
        let area = |ring: &[[f64; 2]]| Polygons { parts: vec![vec![ring.to_vec()]] }.area();
        let parts = quarters(&ring);
        let sum: f64 = parts.iter().map(|part| area(part)).sum();
        assert_eq!(parts.len(), 4);
        assert!((sum - area(&ring[..4])).abs() < 1e-9);
    }
}
