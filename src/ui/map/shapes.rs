//! Plain geometry of the map: triangles of parcels, colours by crop, scale bar, what lies under the pointer. Knows no egui.

use std::collections::BTreeMap;

use earcut::Earcut;

use crate::model::{ParcelIx, Parcels};
use crate::project::queries::map::MapOutlines;

/// How many crops get a colour of their own; the rest is grey.
pub const CROP_COLOURS: usize = 8;

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

/// Web Mercator in world widths: 0..1 from the west and from the north.
pub fn mercator(lon: f64, lat: f64) -> [f64; 2] {
    let y = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
    [(lon + 180.0) / 360.0, y]
}

impl MapShapes {
    /// Triangulates.
    pub fn new(outlines: &MapOutlines) -> Self {
        let first =
            outlines.parcels.iter().flat_map(|parcel| parcel.outline.rings()).flatten().find(|point| point[0].is_finite());
        let Some(&origin) = first else { return Self::default() };
        let [x0, y0] = mercator(origin[0], origin[1]);
        let mut earcut = Earcut::new();
        let parcels = outlines
            .parcels
            .iter()
            .map(|parcel| {
                let mut shape = ShapeParcel {
                    parcel: parcel.parcel,
                    rings: Vec::new(),
                    vertices: Vec::new(),
                    triangles: Vec::new(),
                    bounds: [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY],
                };
                for part in &parcel.outline.parts {
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

/// Colour number of every crop of a project: the most frequent ones get 0..[`CROP_COLOURS`], by count, then name.
pub fn crop_colours(parcels: &Parcels) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for parcel in parcels.iter() {
        if let Some(crop) = parcels.crop(parcel) {
            *counts.entry(crop).or_default() += 1;
        }
    }
    let mut crops: Vec<(String, usize)> = counts.into_iter().map(|(crop, count)| (crop.to_owned(), count)).collect();
    // The map is in name order already and the sort is stable.
    crops.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    crops.truncate(CROP_COLOURS);
    crops
}

/// Parcel under a place, of several the smallest.
pub fn parcel_at(outlines: &MapOutlines, parcels: &Parcels, lon: f64, lat: f64) -> Option<ParcelIx> {
    outlines
        .parcels
        .iter()
        .filter(|parcel| parcel.outline.contains(lon, lat))
        .map(|parcel| parcel.parcel)
        .min_by(|&a, &b| parcels.area_ha(a).total_cmp(&parcels.area_ha(b)))
}

/// Longest round length (1, 2 or 5 times a power of ten) that fits, in metres and pixels.
pub fn scale_bar(px_per_m: f64, max_px: f64) -> Option<(f64, f64)> {
    let most = max_px / px_per_m;
    if !most.is_finite() || most <= 0.0 {
        return None;
    }
    let power = 10f64.powf(most.log10().floor());
    let metres = [5.0, 2.0, 1.0].into_iter().map(|factor| factor * power).find(|&metres| metres <= most)?;
    Some((metres, metres * px_per_m))
}

/// Tiles that a box of longitudes and latitudes touches at a zoom, one tile of surroundings included: columns, rows.
pub fn tiles_of(west: f64, south: f64, east: f64, north: f64, zoom: u8) -> ((u32, u32), (u32, u32)) {
    let count = 2f64.powi(i32::from(zoom));
    let [left, top] = mercator(west, north);
    let [right, bottom] = mercator(east, south);
    let tile = |value: f64, extra: f64| (value * count + extra).floor().clamp(0.0, count - 1.0) as u32;
    ((tile(left, -1.0), tile(right, 1.0)), (tile(top, -1.0), tile(bottom, 1.0)))
}

/// Zoom at which a box of degrees fills a view of so many pixels.
pub fn zoom_for(lonlat: &crate::model::Bounds, width_px: f64, height_px: f64) -> f64 {
    let [left, top] = mercator(lonlat.min_x, lonlat.max_y);
    let [right, bottom] = mercator(lonlat.max_x, lonlat.min_y);
    let scale = (width_px / (right - left).max(1e-12)).min(height_px / (bottom - top).max(1e-12));
    (scale / 256.0).log2().clamp(2.0, 19.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parcels::{ParcelRow, ParcelsBuilder};
    use crate::model::{Bounds, Crs, Polygons};
    use crate::project::queries::map::MapParcel;

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
        let shapes = MapShapes::new(&MapOutlines {
            parcels: vec![MapParcel { parcel: ParcelIx(0), outline: outline.clone() }],
            left_out: 0,
            project: crate::project::queries::map::LocalTransform::empty(),
        });
        let local = Polygons { parts: vec![shapes.parcels[0].rings[0..2].to_vec(), vec![shapes.parcels[0].rings[2].clone()]] };
        assert!((area(&shapes.parcels[0]) / local.area() - 1.0).abs() < 1e-6, "triangles and shoelace agree");
    }

    #[test]
    fn frequent_crops_get_colours_and_the_rest_is_grey() {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for number in 0..10 {
            for _ in 0..=number {
                builder.push(ParcelRow { id: "x".to_owned(), crop_name: Some(format!("crop {number}")), ..ParcelRow::default() });
            }
        }
        let colours = crop_colours(&builder.finish(vec![]));
        assert_eq!(colours.len(), CROP_COLOURS);
        assert_eq!(colours[0], ("crop 9".to_owned(), 10));
        assert!(!colours.iter().any(|(crop, _)| crop == "crop 0"));
    }

    #[test]
    fn scale_bars_are_round_and_fit() {
        for (px_per_m, metres) in [(1.0, 100.0), (0.3, 200.0), (0.012, 5000.0), (7.0, 10.0)] {
            let (length, px) = scale_bar(px_per_m, 100.0).expect("fits");
            assert_eq!(length, metres, "{px_per_m}");
            assert!(px <= 100.0 && px > 35.0);
        }
        assert_eq!(scale_bar(0.0, 100.0), None);
    }

    #[test]
    fn a_view_touches_its_tiles_and_their_surroundings() {
        // Brussels lies in tile 8/131/85 of the usual scheme: 256 * (184.35 / 360) and 256 * (1 - 1.0338 / pi) / 2.
        let (columns, rows) = tiles_of(4.35, 50.84, 4.36, 50.85, 8);
        assert_eq!((columns, rows), ((130, 132), (84, 86)));
        assert_eq!(tiles_of(-180.0, -85.0, 180.0, 85.0, 0), ((0, 0), (0, 0)));
    }

    #[test]
    fn a_box_fills_its_view() {
        let zoom = zoom_for(&Bounds { min_x: 0.0, min_y: -0.1, max_x: 360.0 / 256.0, max_y: 0.1 }, 256.0, 256.0);
        assert!((zoom - 8.0).abs() < 1e-9, "{zoom}");
    }
}
