//! Where things lie on the globe: outlines and corners in WGS 84, for a map in Web Mercator.

use crate::io::crs;
use crate::model::{Bounds, Crs, Grid, ParcelIx, Polygons, Watch};
use crate::project::query::{Answer, Query};

use super::Env;

/// Longitude and latitude in degrees, in this order.
const WGS84: Crs = Crs::Epsg(4326);

/// Edge of a map tile, pixels.
const TILE_PX: f64 = 256.0;

/// Parcels in a block of Web Mercator tiles. Whole tiles, so that panning asks seldom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OutlinesQuery {
    /// Zoom level of the tiles.
    pub zoom: u8,
    /// First and last column.
    pub columns: (u32, u32),
    /// First and last row, from the north.
    pub rows: (u32, u32),
    /// Data revision.
    pub revision: u64,
}

/// A parcel on the map.
#[derive(Debug, Clone, PartialEq)]
pub struct MapParcel {
    /// Which.
    pub parcel: ParcelIx,
    /// Outline as longitude and latitude.
    pub outline: Polygons,
}

/// Answer of [`OutlinesQuery`].
#[derive(Debug, Clone, PartialEq)]
pub struct MapOutlines {
    /// Parcels in row order, without those smaller than a pixel.
    pub parcels: Vec<MapParcel>,
    /// Parcels in the block that are too small to draw, or too many.
    pub left_out: usize,
    /// From longitude and latitude to the project's CRS within the block.
    pub project: LocalTransform,
}

/// Coordinates of the project's CRS at the nodes of a regular net of longitudes and latitudes; in between they are interpolated.
///
/// The error grows with the square of the net's mesh: under a decimetre for blocks of 20 km in UTM.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalTransform {
    box_lonlat: Bounds,
    nodes: Vec<[f64; 2]>,
}

impl LocalTransform {
    /// Meshes along an edge.
    const MESHES: usize = 16;

    fn new(box_lonlat: Bounds, to: &Crs) -> Result<Self, crate::io::IoError> {
        let step = |number: usize| number as f64 / Self::MESHES as f64;
        let mut nodes = Vec::with_capacity((Self::MESHES + 1).pow(2));
        for row in 0..=Self::MESHES {
            for col in 0..=Self::MESHES {
                nodes.push([
                    box_lonlat.min_x + step(col) * box_lonlat.width(),
                    box_lonlat.min_y + step(row) * box_lonlat.height(),
                ]);
            }
        }
        crs::transform_points(&mut nodes, &WGS84, to)?;
        Ok(Self { box_lonlat, nodes })
    }

    /// A transform that reaches nowhere.
    pub fn empty() -> Self {
        Self { box_lonlat: Bounds::EMPTY, nodes: Vec::new() }
    }

    /// Box around all nodes in the project's CRS.
    pub fn bounds(&self) -> Bounds {
        let mut bounds = Bounds::EMPTY;
        self.nodes.iter().filter(|node| node[0].is_finite() && node[1].is_finite()).for_each(|&[x, y]| bounds.include(x, y));
        bounds
    }

    /// Coordinates in the project's CRS; `None` outside the block or where the CRS does not reach.
    pub fn from_lonlat(&self, lon: f64, lat: f64) -> Option<[f64; 2]> {
        let col = (lon - self.box_lonlat.min_x) / self.box_lonlat.width() * Self::MESHES as f64;
        let row = (lat - self.box_lonlat.min_y) / self.box_lonlat.height() * Self::MESHES as f64;
        if !(0.0..=Self::MESHES as f64).contains(&col) || !(0.0..=Self::MESHES as f64).contains(&row) {
            return None;
        }
        let (c, r) = ((col as usize).min(Self::MESHES - 1), (row as usize).min(Self::MESHES - 1));
        let (u, v) = (col - c as f64, row - r as f64);
        let node = |c: usize, r: usize| self.nodes[r * (Self::MESHES + 1) + c];
        let mix = |axis: usize| {
            let south = node(c, r)[axis] * (1.0 - u) + node(c + 1, r)[axis] * u;
            let north = node(c, r + 1)[axis] * (1.0 - u) + node(c + 1, r + 1)[axis] * u;
            south * (1.0 - v) + north * v
        };
        let [x, y] = [mix(0), mix(1)];
        (x.is_finite() && y.is_finite()).then_some([x, y])
    }
}

/// Longitude and latitude of a place in tile units.
fn lonlat_of_tile(x: f64, y: f64, zoom: u8) -> [f64; 2] {
    let count = 2f64.powi(i32::from(zoom));
    let lat = (std::f64::consts::PI * (1.0 - 2.0 * y / count)).sinh().atan().to_degrees();
    [x / count * 360.0 - 180.0, lat]
}

impl OutlinesQuery {
    /// More parcels than this in one view are beyond what a person can tell apart.
    const MOST: usize = 20_000;

    fn lonlat(&self) -> Bounds {
        let [west, north] = lonlat_of_tile(f64::from(self.columns.0), f64::from(self.rows.0), self.zoom);
        let [east, south] = lonlat_of_tile(f64::from(self.columns.1) + 1.0, f64::from(self.rows.1) + 1.0, self.zoom);
        Bounds { min_x: west, min_y: south, max_x: east, max_y: north }
    }
}

impl Query for OutlinesQuery {
    type Output = MapOutlines;

    fn weight(output: &Self::Output) -> usize {
        output.parcels.iter().map(|parcel| 64 + parcel.outline.rings().map(|ring| 24 + ring.len() * 16).sum::<usize>()).sum()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let lonlat = self.lonlat();
        let project = LocalTransform::new(lonlat, env.parcels.crs())?;
        let bounds = project.bounds();
        let pixel = bounds.width() / (f64::from(self.columns.1 - self.columns.0 + 1) * TILE_PX);
        let mut hits = env.parcels.in_bounds(&bounds);
        let found = hits.len();
        hits.retain(|&parcel| {
            let own = env.parcels.bounds(parcel);
            own.width().max(own.height()) >= pixel
        });
        hits.truncate(Self::MOST);
        let mut outlines: Vec<Polygons> = hits.iter().map(|&parcel| env.parcels.outline(parcel)).collect();
        if watch.cancelled() {
            return Err(anyhow::anyhow!("cancelled").into());
        }
        // All points in one go: setting up a transform costs more than using it.
        let mut points: Vec<[f64; 2]> = outlines.iter().flat_map(Polygons::rings).flatten().copied().collect();
        crs::transform_points(&mut points, env.parcels.crs(), &WGS84)?;
        let targets = outlines.iter_mut().flat_map(|outline| outline.parts.iter_mut().flatten().flatten());
        targets.zip(points).for_each(|(target, point)| *target = point);
        let parcels: Vec<MapParcel> =
            hits.into_iter().zip(outlines).map(|(parcel, outline)| MapParcel { parcel, outline }).collect();
        Ok(MapOutlines { left_out: found - parcels.len(), parcels, project })
    }
}

/// Box of one parcel as longitude and latitude; empty for a parcel without geometry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlaceQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Data revision.
    pub revision: u64,
}

impl Query for PlaceQuery {
    type Output = Bounds;

    fn weight(_: &Self::Output) -> usize {
        32
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        let bounds = env.parcels.bounds(self.parcel);
        if bounds.is_empty() {
            return Ok(bounds);
        }
        Ok(crs::transform_bounds(&bounds, env.parcels.crs(), &WGS84)?)
    }
}

/// Corners of a pixel grid as longitude and latitude.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CornersQuery {
    crs: Crs,
    /// Left, top, right, bottom as bits: floats have no hash.
    edges: [u64; 4],
}

impl CornersQuery {
    /// Corners of a grid.
    pub fn new(grid: &Grid) -> Self {
        let bounds = grid.bounds();
        Self { crs: grid.crs.clone(), edges: [bounds.min_x, bounds.max_y, bounds.max_x, bounds.min_y].map(f64::to_bits) }
    }
}

impl Query for CornersQuery {
    /// Upper left, upper right, lower right, lower left.
    type Output = [[f64; 2]; 4];

    fn weight(_: &Self::Output) -> usize {
        64
    }

    fn run(&self, _: &Env, _: &Watch) -> Answer<Self::Output> {
        let [left, top, right, bottom] = self.edges.map(f64::from_bits);
        let mut corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
        crs::transform_points(&mut corners, &self.crs, &WGS84)?;
        Ok(corners)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiles_have_the_longitudes_and_latitudes_of_web_mercator() {
        // Tile 0/0/0 of the usual scheme: 180 degrees either way and 85.0511 degrees.
        let world = OutlinesQuery { zoom: 0, columns: (0, 0), rows: (0, 0), revision: 0 }.lonlat();
        assert!((world.min_x + 180.0).abs() < 1e-9 && (world.max_x - 180.0).abs() < 1e-9);
        assert!((world.max_y - 85.051_128_78).abs() < 1e-6 && (world.min_y + 85.051_128_78).abs() < 1e-6);
        let quarter = OutlinesQuery { zoom: 1, columns: (1, 1), rows: (0, 0), revision: 0 }.lonlat();
        assert!(quarter.min_x.abs() < 1e-9 && quarter.min_y.abs() < 1e-9);
    }

    #[test]
    fn a_linear_transform_is_interpolated_exactly_and_outside_there_is_nothing() {
        let box_lonlat = Bounds { min_x: 4.0, min_y: 50.0, max_x: 5.0, max_y: 51.0 };
        let nodes = (0..=16).flat_map(|row| (0..=16).map(move |col| [f64::from(col) * 10.0, f64::from(row) * 20.0])).collect();
        let transform = LocalTransform { box_lonlat, nodes };
        let [x, y] = transform.from_lonlat(4.53, 50.27).expect("inside");
        assert!((x - 0.53 * 160.0).abs() < 1e-9 && (y - 0.27 * 320.0).abs() < 1e-9);
        assert_eq!(transform.from_lonlat(5.0, 51.0), Some([160.0, 320.0]));
        assert_eq!(transform.from_lonlat(5.01, 50.5), None);
    }
}
