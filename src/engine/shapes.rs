//! Outlines cut into triangles, ready to draw on a map in Web Mercator.

use earcut::Earcut;

use crate::engine::tiles::mercator;
use crate::model::{ParcelIx, Polygons};

/// A parcel ready to draw. Coordinates count world widths of Web Mercator from [`MapShapes::origin`].
#[derive(Debug, Clone, PartialEq)]
pub struct ShapeParcel {
    /// Which.
    pub parcel: ParcelIx,
    /// Rings, outer and inner.
    pub rings: Vec<Vec<[f64; 2]>>,
    /// Vertices of the fill.
    pub vertices: Vec<[f64; 2]>,
    /// Three indices into `vertices` a triangle.
    pub triangles: Vec<u32>,
    /// Box: least x, least y, greatest x, greatest y.
    pub bounds: [f64; 4],
}

/// Parcels of a view, triangulated once.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MapShapes {
    /// Longitude and latitude that coordinates are relative to.
    pub origin: [f64; 2],
    /// Parcels.
    pub parcels: Vec<ShapeParcel>,
}

impl MapShapes {
    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        let one = |shape: &ShapeParcel| 160 + shape.vertices.len() * 40 + shape.triangles.len() * 4 + shape.rings.len() * 24;
        self.parcels.iter().map(one).sum()
    }

    /// Triangulates outlines given as longitude and latitude.
    pub fn new(outlines: &[(ParcelIx, Polygons)]) -> Self {
        let first = outlines.iter().flat_map(|(_, outline)| outline.rings()).flatten().find(|point| point[0].is_finite());
        let Some(&origin) = first else { return Self::default() };
        let [x0, y0] = mercator(origin[0], origin[1]);
        let mut earcut = Earcut::new();
        let parcels = outlines
            .iter()
            .map(|(parcel, outline)| {
                let mut shape = ShapeParcel {
                    parcel: *parcel,
                    rings: Vec::new(),
                    vertices: Vec::new(),
                    triangles: Vec::new(),
                    bounds: [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
                };
                for part in &outline.parts {
                    add_part(&mut shape, part, [x0, y0], &mut earcut);
                }
                shape
            })
            .collect();
        Self { origin, parcels }
    }
}

fn add_part(shape: &mut ShapeParcel, part: &[Vec<[f64; 2]>], origin: [f64; 2], earcut: &mut Earcut<f64>) {
    let base = shape.vertices.len() as u32;
    let mut points: Vec<[f64; 2]> = Vec::new();
    let mut holes: Vec<u32> = Vec::new();
    for (number, ring) in part.iter().enumerate() {
        if number > 0 {
            holes.push(points.len() as u32);
        }
        let local: Vec<[f64; 2]> = ring
            .iter()
            .filter(|point| point[0].is_finite() && point[1].is_finite())
            .map(|&[lon, lat]| {
                let [x, y] = mercator(lon, lat);
                [x - origin[0], y - origin[1]]
            })
            .collect();
        for &[x, y] in &local {
            let [west, north, east, south] = shape.bounds;
            shape.bounds = [west.min(x), north.min(y), east.max(x), south.max(y)];
        }
        points.extend_from_slice(&local);
        shape.rings.push(local);
    }
    let mut triangles: Vec<u32> = Vec::new();
    // Scaled up: parcels span a millionth of the world, where the cutter's tolerances would merge corners.
    earcut.earcut(points.iter().map(|&[x, y]| [x * 1e9, y * 1e9]), &holes, &mut triangles);
    shape.triangles.extend(triangles.into_iter().map(|index| base + index));
    shape.vertices.extend(points);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(lon: f64, lat: f64, side: f64) -> Vec<[f64; 2]> {
        vec![[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side]]
    }

    fn area(shape: &ShapeParcel) -> f64 {
        let corner = |index: u32| shape.vertices[index as usize];
        shape
            .triangles
            .chunks(3)
            .map(|t| {
                let (a, b, c) = (corner(t[0]), corner(t[1]), corner(t[2]));
                ((b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1])).abs() / 2.0
            })
            .sum()
    }

    #[test]
    fn triangles_cover_the_outline_without_its_hole() {
        let outline =
            Polygons { parts: vec![vec![square(4.0, 50.0, 0.01), square(4.002, 50.002, 0.005)], vec![square(4.02, 50.0, 0.01)]] };
        let shapes = MapShapes::new(&[(ParcelIx(0), outline)]);
        let local = Polygons { parts: vec![shapes.parcels[0].rings[0..2].to_vec(), vec![shapes.parcels[0].rings[2].clone()]] };
        assert!((area(&shapes.parcels[0]) / local.area() - 1.0).abs() < 1e-6, "triangles and shoelace agree");
    }
}
