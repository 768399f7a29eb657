//! What a map in Web Mercator shows: outlines and corners in WGS 84, and parcels as pixels of tiles.

use std::sync::Arc;

use crate::engine::colouring::{Classes, Colouring, Shown};
use crate::engine::filter::{self, FilterError};
use crate::engine::net::Net;
use crate::engine::rules::Verdict;
use crate::engine::shapes::MapShapes;
use crate::engine::tiles::{self, Owners, TileIx};
use crate::io::crs;
use crate::model::{AcquisitionIx, Bounds, Crs, Grid, ObservationState, ParcelIx, Polygons, Series, SeriesPoint, Watch};
use crate::project::marking::effect::VerdictsQuery;
use crate::project::queries::heterogeneity::DecisionsQuery;
use crate::project::query::{Answer, Query};

use super::Env;
use super::population::{ColumnQuery, PopulationQuery};
use super::series::SeriesQuery;

/// Longitude and latitude in degrees, in this order.
const WGS84: Crs = Crs::Epsg(4326);

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

/// Answer of [`OutlinesQuery`].
#[derive(Debug, Clone, PartialEq)]
pub struct MapOutlines {
    /// Parcels in row order, without those smaller than a pixel, cut into triangles. None at all when there are too many.
    pub shapes: MapShapes,
    /// Parcels in the block that are too small to draw, or too many.
    pub left_out: usize,
}

impl OutlinesQuery {
    /// More parcels than this in a block of tiles are drawn as pixels: the view, which is smaller, has about half of them.
    pub const MOST: usize = 4_000;
}

/// Longitudes and latitudes of a block of tiles.
fn lonlat_of(zoom: u8, columns: (u32, u32), rows: (u32, u32)) -> Bounds {
    let count = 2f64.powi(i32::from(zoom));
    let [west, north] = tiles::lonlat([f64::from(columns.0) / count, f64::from(rows.0) / count]);
    let [east, south] = tiles::lonlat([(f64::from(columns.1) + 1.0) / count, (f64::from(rows.1) + 1.0) / count]);
    Bounds { min_x: west, min_y: south, max_x: east, max_y: north }
}

/// Longitudes and latitudes of a box to a CRS.
fn net_to(lonlat: &Bounds, to: &Crs) -> Result<Net, crate::io::IoError> {
    let mut nodes = Net::places(lonlat);
    crs::transform_points(&mut nodes, &WGS84, to)?;
    Ok(Net::new(*lonlat, nodes))
}

impl Query for OutlinesQuery {
    type Output = MapOutlines;

    fn weight(output: &Self::Output) -> usize {
        output.shapes.bytes()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let bounds = net_to(&lonlat_of(self.zoom, self.columns, self.rows), env.parcels.crs())?.bounds();
        let pixel = bounds.width() / (f64::from(self.columns.1 - self.columns.0 + 1) * tiles::TILE_PX as f64);
        let mut hits = env.parcels.in_bounds(&bounds);
        let found = hits.len();
        hits.retain(|&parcel| {
            let own = env.parcels.bounds(parcel);
            own.width().max(own.height()) >= pixel
        });
        if hits.len() > Self::MOST {
            hits.clear();
        }
        let mut outlines: Vec<(ParcelIx, Polygons)> =
            hits.into_iter().map(|parcel| (parcel, env.parcels.outline(parcel))).collect();
        if watch.cancelled() {
            return Err(anyhow::anyhow!("cancelled").into());
        }
        // All points in one go: setting up a transform costs more than using it.
        let mut points: Vec<[f64; 2]> = outlines.iter().flat_map(|(_, outline)| outline.rings()).flatten().copied().collect();
        crs::transform_points(&mut points, env.parcels.crs(), &WGS84)?;
        let targets = outlines.iter_mut().flat_map(|(_, outline)| outline.parts.iter_mut().flatten().flatten());
        targets.zip(points).for_each(|(target, point)| *target = point);
        Ok(MapOutlines { left_out: found - outlines.len(), shapes: MapShapes::new(&outlines) })
    }
}

/// From longitude and latitude to the project's CRS within a block of tiles: what lies under the pointer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NetQuery {
    /// Zoom level of the tiles.
    pub zoom: u8,
    /// First and last column.
    pub columns: (u32, u32),
    /// First and last row, from the north.
    pub rows: (u32, u32),
    /// Data revision.
    pub revision: u64,
}

impl Query for NetQuery {
    type Output = Net;

    fn weight(_: &Self::Output) -> usize {
        5_000
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        Ok(net_to(&lonlat_of(self.zoom, self.columns, self.rows), env.parcels.crs())?)
    }
}

/// Which parcel each pixel of a tile belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnersQuery {
    /// Which tile.
    pub tile: TileIx,
    /// Data revision.
    pub revision: u64,
}

impl Query for OwnersQuery {
    type Output = Owners;

    fn weight(output: &Self::Output) -> usize {
        output.bytes()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let TileIx { zoom, x, y } = self.tile;
        let parcels = &env.parcels;
        let reach = net_to(&lonlat_of(zoom, (x, x), (y, y)), parcels.crs())?.bounds();
        let pixel = reach.width().max(reach.height()) / tiles::TILE_PX as f64;
        // Boundaries look one pixel around the tile.
        let over = reach.grown(2.0 * pixel);
        let rows = parcels.in_bounds(&over);
        let mut nodes = Net::places(&over);
        crs::transform_points(&mut nodes, parcels.crs(), &WGS84)?;
        let world = tiles::TILE_PX as f64 * 2f64.powi(i32::from(zoom));
        for node in &mut nodes {
            let [east, south] = tiles::mercator(node[0], node[1]);
            let pixel = |place: f64, tile: u32| place * world - f64::from(tile) * tiles::TILE_PX as f64;
            *node = [pixel(east, x), pixel(south, y)];
        }
        let net = Net::new(over, nodes);
        Owners::new(parcels, &rows, &net, || watch.cancelled()).ok_or_else(|| anyhow::anyhow!("cancelled").into())
    }
}

/// Class of every parcel under a colouring.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClassesQuery {
    /// Coloured by what.
    pub colouring: Colouring,
    /// Date of colourings that need one.
    pub acquisition: Option<AcquisitionIx>,
    /// Any observation of a parcel under the settings in force: of the others only the parcel differs. `None` for the crop.
    pub like: Option<SeriesQuery>,
    /// The population in the observation store, if there is one; otherwise what was computed for the window counts.
    pub population: Option<PopulationQuery>,
    /// The verdicts of a colouring by them, as far as they are known.
    pub verdicts: Option<VerdictsQuery>,
    /// The decisions of a colouring by heterogeneity, as far as the population is measured.
    pub heterogeneity: Option<DecisionsQuery>,
    /// How much was computed when it was asked: more of it is another question.
    pub computed: u64,
    /// In a blind review the parcels whose class may be seen; `None` shows all.
    pub veil: Option<Veil>,
    /// Data revision.
    pub revision: u64,
}

/// Parcels that a blind reviewer has decided: those alone show what is hidden from him otherwise. Two veils are the same when their
/// fingerprints are, so that a tile is not asked about every parcel.
#[derive(Debug, Clone)]
pub struct Veil {
    shown: Arc<[ParcelIx]>,
    fingerprint: [u8; 16],
}

impl Veil {
    /// A veil that leaves these parcels out.
    pub fn but(mut shown: Vec<ParcelIx>) -> Self {
        shown.sort_unstable();
        let mut hash = blake3::Hasher::new();
        for parcel in &shown {
            hash.update(&parcel.0.to_le_bytes());
        }
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hash.finalize().as_bytes()[..16]);
        Self { shown: shown.into(), fingerprint }
    }
}

impl PartialEq for Veil {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprint == other.fingerprint
    }
}

impl Eq for Veil {}

impl std::hash::Hash for Veil {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.fingerprint.hash(state);
    }
}

impl ClassesQuery {
    /// What a blind reviewer may see.
    fn veiled(&self, classes: Classes) -> Classes {
        match &self.veil {
            Some(veil) => classes.veiled(&veil.shown),
            None => classes,
        }
    }
}

impl Query for ClassesQuery {
    type Output = Classes;

    fn weight(output: &Self::Output) -> usize {
        output.bytes()
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        let known = || {
            let like = self.like.clone();
            let of_kind = move |own: &SeriesQuery| {
                like.as_ref().is_some_and(|like| SeriesQuery { parcel: own.parcel, ..like.clone() } == *own)
            };
            env.cache.answers::<SeriesQuery>(of_kind)
        };
        let count = env.parcels.len();
        let rows = || (0u32..).map(ParcelIx);
        if let Some(population) = &self.population {
            match (self.colouring, self.acquisition) {
                (Colouring::Ndvi, Some(acquisition)) => {
                    let (store, signal) = (population.store.clone(), population.signal.clone());
                    let column = ColumnQuery { store, signal, acquisition };
                    let values = env.cache.compute(&column, env, &Watch::default())?;
                    return Ok(Classes::by_ndvi(count, rows().zip(values.iter().copied().map(f64::from))));
                }
                (Colouring::Sufficiency, _) => {
                    let population = env.cache.compute(population, env, &Watch::default())?;
                    return Ok(Classes::by_sufficiency(count, rows().zip(population.usable.iter().copied().map(u32::from))));
                }
                (Colouring::Distance, _) => {
                    let population = env.cache.compute(population, env, &Watch::default())?;
                    return Ok(Classes::by_distance(count, rows().zip(population.scores.iter().copied().map(f64::from))));
                }
                _ => {}
            }
        }
        Ok(match self.colouring {
            Colouring::Crop => Classes::by_crop(&env.parcels),
            Colouring::Verdict => {
                let known = self.verdicts.as_ref().map(|own| env.cache.compute(own, env, &Watch::default())).transpose()?;
                let verdicts = known.iter().flat_map(|own| own.verdicts.iter().map(|&class| Verdict::from_class(class)));
                self.veiled(Classes::by_verdict(count, rows().zip(verdicts)))
            }
            Colouring::Heterogeneity => {
                let known = self.heterogeneity.as_ref().map(|own| env.cache.compute(own, env, &Watch::default())).transpose()?;
                let indices = known.iter().flat_map(|own| rows().zip(&own.of));
                let indices = indices.filter_map(|(parcel, own)| Some((parcel, (*own)?.index)));
                self.veiled(Classes::by_heterogeneity(count, indices))
            }
            Colouring::Distance => Classes::by_distance(count, []),
            Colouring::Ndvi => {
                let value = |series: &Series| {
                    let own = |point: &&SeriesPoint| Some(point.acquisition) == self.acquisition;
                    series.points.iter().find(own).filter(|point| point.state == ObservationState::Ok).map(|point| point.value)
                };
                Classes::by_ndvi(count, known().iter().filter_map(|(query, series)| Some((query.parcel, value(series)?))))
            }
            Colouring::Sufficiency => {
                let usable =
                    |series: &Series| series.points.iter().filter(|point| point.state == ObservationState::Ok).count() as u32;
                Classes::by_sufficiency(count, known().iter().map(|(query, series)| (query.parcel, usable(series))))
            }
        })
    }
}

/// Which parcels the queue's filter leaves, in whatever order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShownQuery {
    /// Filter as typed.
    pub filter: String,
    /// Data revision.
    pub revision: u64,
}

impl Query for ShownQuery {
    /// A filter that cannot be used is an answer too.
    type Output = Result<Shown, FilterError>;

    fn weight(output: &Self::Output) -> usize {
        output.as_ref().map_or(64, Shown::bytes)
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        Ok(filter::search(&env.parcels, &self.filter).map(|shown| Shown::new(env.parcels.len(), &shown)))
    }
}

/// How many parcels of each class a filter leaves, in the order of the legend.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CountsQuery {
    /// The classes.
    pub classes: ClassesQuery,
    /// The filter.
    pub shown: ShownQuery,
}

impl Query for CountsQuery {
    type Output = Vec<usize>;

    fn weight(output: &Self::Output) -> usize {
        output.len() * 8
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        let classes = env.cache.compute(&self.classes, env, &Watch::default())?;
        let shown = env.cache.compute(&self.shown, env, &Watch::default())?;
        Ok(shown.as_ref().as_ref().map_or_else(|_| Vec::new(), |shown| classes.counts(shown)))
    }
}

/// The picture of a tile.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TileQuery {
    /// Which tile.
    pub tile: TileIx,
    /// Its colours.
    pub classes: ClassesQuery,
    /// The filter that leaves some parcels faint; `None` leaves none.
    pub shown: Option<ShownQuery>,
}

/// Answer of [`TileQuery`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TilePicture {
    /// RGBA with straight alpha, [`tiles::TILE_PX`] wide and high.
    pub rgba: Vec<u8>,
}

impl Query for TileQuery {
    type Output = TilePicture;

    fn weight(output: &Self::Output) -> usize {
        output.rgba.len()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        // Under their own watch: other tiles and other colours want them too.
        let classes = env.cache.compute(&self.classes, env, &Watch::default())?;
        let owners = OwnersQuery { tile: self.tile, revision: self.classes.revision };
        let owners = env.cache.compute(&owners, env, watch)?;
        let shown = self.shown.as_ref().map(|shown| env.cache.compute(shown, env, &Watch::default())).transpose()?;
        Ok(TilePicture { rgba: owners.picture(&classes, shown.as_ref().and_then(|shown| shown.as_ref().as_ref().ok())) })
    }
}

/// Box of one parcel or of all as longitude and latitude; empty without geometry.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PlaceQuery {
    /// Which parcel; `None` is the whole table.
    pub parcel: Option<ParcelIx>,
    /// Data revision.
    pub revision: u64,
}

impl Query for PlaceQuery {
    type Output = Bounds;

    fn weight(_: &Self::Output) -> usize {
        32
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        let bounds = self.parcel.map_or_else(|| env.parcels.total_bounds(), |parcel| env.parcels.bounds(parcel));
        if bounds.is_empty() {
            return Ok(bounds);
        }
        Ok(crs::transform_bounds(&bounds, env.parcels.crs(), &WGS84)?)
    }
}

/// One parcel's outline ready to draw at any zoom.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ShapeQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Data revision.
    pub revision: u64,
}

impl Query for ShapeQuery {
    type Output = MapShapes;

    fn weight(output: &Self::Output) -> usize {
        output.bytes()
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        let outline = crs::transform(&env.parcels.outline(self.parcel), env.parcels.crs(), &WGS84)?;
        Ok(MapShapes::new(&[(self.parcel, outline)]))
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
        let world = lonlat_of(0, (0, 0), (0, 0));
        assert!((world.min_x + 180.0).abs() < 1e-9 && (world.max_x - 180.0).abs() < 1e-9);
        assert!((world.max_y - 85.051_128_78).abs() < 1e-6 && (world.min_y + 85.051_128_78).abs() < 1e-6);
        let quarter = lonlat_of(1, (1, 1), (0, 0));
        assert!(quarter.min_x.abs() < 1e-9 && quarter.min_y.abs() < 1e-9);
    }
}
