//! One acquisition as tiles of the map: all its products side by side, in the view and the stretch in force.

use std::sync::Arc;

use crate::engine::chip::assemble;
use crate::engine::clean::class_of;
use crate::engine::mosaic::{self, Piece, PieceIx, Places};
use crate::engine::net::Net;
use crate::engine::stretch;
use crate::engine::tiles::{self, TILE_PX, TileIx};
use crate::io::raster::{self, coarse};
use crate::io::{IoError, crs};
use crate::model::conversion::Conversion;
use crate::model::{
    AcquisitionIx, Band, BandAsset, Bounds, Catalog, Chip, Crs, Granule, Grid, MaskSet, Polygons, Stretch, View, Watch,
};
use crate::project::query::{Answer, Query};

use super::Env;
use super::map::TilePicture;

/// A level this much coarser than the file itself, or than its overviews, is read as it is; the next ones are made from it: reading
/// them would decode as much again and keep less of it.
const READ_LEVELS: u32 = 3;

/// Windows from which the limits of a dynamic stretch are taken, over all products; each is [`LIMITS_PX`] wide and high.
const LIMITS_WINDOWS: usize = 256;

/// Edge of such a window, pixels of the finest band.
const LIMITS_PX: f64 = 32.0;

/// The season's image that the map shows: everything about it but the place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Season {
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// What is shown (any view but the two distribution views).
    pub view: View,
    /// How values become brightness; the limits of a dynamic one come from the whole acquisition, so that tiles meet.
    pub stretch: Stretch,
    /// Classes that are hatched; `None` hatches nothing and reads no classes.
    pub mask: Option<MaskSet>,
    /// Data revision.
    pub revision: u64,
}

/// A tile of the season's image. A place shows the first product that has a value there, see [`mosaic::precedence`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MosaicQuery {
    /// Which tile.
    pub tile: TileIx,
    /// What it shows.
    pub season: Season,
}

impl Query for MosaicQuery {
    type Output = TilePicture;

    fn weight(output: &Self::Output) -> usize {
        output.rgba.len()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        paint(&Frame::Tile(self.tile), &self.season, env, watch)
    }
}

/// A square of [`TILE_PX`] pixels of a figure, which lies in a system of metres and not in the map's. Numbers are held as their bits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Part {
    crs: Crs,
    left: u64,
    top: u64,
    pixel: [u64; 2],
}

impl Part {
    /// The square of a figure's grid that begins at a column and a row.
    pub fn of(grid: &Grid, col: usize, row: usize) -> Self {
        let (left, top) = grid.world_from_pixel(col as f64, row as f64);
        let pixel = [grid.pixel_x.to_bits(), grid.pixel_y.to_bits()];
        Self { crs: grid.crs.clone(), left: left.to_bits(), top: top.to_bits(), pixel }
    }
}

/// A part of a figure of the season's image: the same pixels as on the map, in the figure's own grid.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PartQuery {
    /// Which part.
    pub part: Part,
    /// What it shows.
    pub season: Season,
}

impl Query for PartQuery {
    type Output = TilePicture;

    fn weight(output: &Self::Output) -> usize {
        output.rgba.len()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        paint(&Frame::Part(self.part.clone()), &self.season, env, watch)
    }
}

/// Where a square of [`TILE_PX`] pixels lies.
enum Frame {
    Tile(TileIx),
    Part(Part),
}

impl Frame {
    /// Its system, and the places of the net's nodes in it.
    fn nodes(&self) -> (Crs, Vec<[f64; 2]>) {
        let edge = TILE_PX as f64;
        let mut nodes = Net::places(&SQUARE);
        match self {
            Self::Tile(tile) => {
                let world = 2f64.powi(i32::from(tile.zoom));
                for node in &mut nodes {
                    *node = tiles::lonlat([
                        (f64::from(tile.x) + node[0] / edge) / world,
                        (f64::from(tile.y) + node[1] / edge) / world,
                    ]);
                }
                (crs::WGS84, nodes)
            }
            Self::Part(part) => {
                let [left, top] = [part.left, part.top].map(f64::from_bits);
                let [pixel_x, pixel_y] = part.pixel.map(f64::from_bits);
                for node in &mut nodes {
                    *node = [left + node[0] * pixel_x, top - node[1] * pixel_y];
                }
                (part.crs.clone(), nodes)
            }
        }
    }
}

/// Pixels of a square, from its upper left corner.
const SQUARE: Bounds = Bounds { min_x: 0.0, min_y: 0.0, max_x: TILE_PX as f64, max_y: TILE_PX as f64 };

/// Paints a square with one product after the other.
fn paint(frame: &Frame, season: &Season, env: &Env, watch: &Watch) -> Answer<TilePicture> {
    let granules = granules(&env.catalog, season.acquisition)?;
    let mut painter = Painter { season, env, watch, stretch: season.stretch.clone(), reaches: Vec::new() };
    if matches!(season.stretch, Stretch::Dynamic { .. }) {
        let limits = LimitsQuery { season: Season { mask: None, ..season.clone() } };
        painter.stretch = Stretch::Range(env.cache.compute_once(&limits, env, watch)?.to_vec());
    }
    let mut rgba = vec![0; TILE_PX * TILE_PX * 4];
    let mut open = vec![true; TILE_PX * TILE_PX];
    // What is on a server comes as chips of parcels, never as a whole.
    for number in mosaic::precedence(granules).into_iter().filter(|number| !granules[usize::from(*number)].remote) {
        if watch.cancelled() {
            return Err(IoError::Cancelled.into());
        }
        if open.contains(&true) {
            painter.add(frame, (number, &granules[usize::from(number)]), &mut rgba, &mut open)?;
        }
    }
    Ok(TilePicture { rgba })
}

fn granules(catalog: &Catalog, acquisition: AcquisitionIx) -> Answer<&[Granule]> {
    let found = catalog.acquisitions.get(acquisition.at());
    Ok(&found.ok_or_else(|| anyhow::anyhow!("there is no acquisition {}", acquisition.0))?.granules)
}

/// Fills a tile with one product after the other.
struct Painter<'a> {
    season: &'a Season,
    env: &'a Env,
    watch: &'a Watch,
    /// The stretch with its limits known.
    stretch: Stretch,
    /// Box and places of the tile in each system met so far.
    reaches: Vec<(Crs, Bounds, Arc<Places>)>,
}

impl Painter<'_> {
    /// Paints the open places that a product has a value for, and closes them.
    fn add(&mut self, frame: &Frame, (number, granule): (u8, &Granule), rgba: &mut [u8], open: &mut [bool]) -> Answer<()> {
        let bands = stretch::bands_of(&self.season.view, &self.env.indices);
        let scl = granule.scl().filter(|_| self.season.mask.is_some() || self.season.view == View::SceneClass);
        let assets: Vec<&BandAsset> = bands.iter().filter_map(|band| granule.band(band)).collect();
        // Without one of its bands a composite or an index has no value anywhere.
        let Some(first) = assets.first().copied().or(scl).filter(|_| assets.len() == bands.len()) else { return Ok(()) };
        let (reach, places) = self.reach(frame, &first.grid.crs)?;
        if !reach.intersects(&first.grid.bounds()) || places.pieces(&first.grid, open).is_none() {
            return Ok(());
        }
        let mut values = Vec::with_capacity(bands.len() * open.len());
        for asset in assets {
            values.extend(self.sample(number, asset, &places, open)?);
        }
        let classes = scl.map(|asset| self.sample(number, asset, &places, open)).transpose()?;
        let classes: Option<Vec<u8>> = classes.map(|classes| classes.into_iter().map(class_of).collect());
        let grid =
            Grid { pixel_x: 1.0, pixel_y: 1.0, left: 0.0, top: 0.0, width: TILE_PX, height: TILE_PX, ..first.grid.clone() };
        let chip = Chip { grid, bands, values, classes, inside: Vec::new() };
        let picture = stretch::render(&chip, &self.season.view, &self.stretch, &self.env.indices);
        let class = |at: usize| chip.classes.as_ref().map_or(Chip::NO_CLASS, |classes| classes[at]);
        for (at, pixel) in picture.rgba.chunks_exact(4).enumerate() {
            // Class 0 is the classification's "no data".
            let empty = pixel[3] == 0 || (self.season.view == View::SceneClass && class(at) == 0);
            if !open[at] || empty {
                continue;
            }
            open[at] = false;
            let mut colour = [pixel[0], pixel[1], pixel[2]];
            if self.season.mask.is_some_and(|mask| mosaic::hidden(class(at), mask)) {
                colour = mosaic::hatched(colour, at % TILE_PX, at / TILE_PX);
            }
            rgba[at * 4..at * 4 + 3].copy_from_slice(&colour);
            rgba[at * 4 + 3] = 255;
        }
        Ok(())
    }

    /// Box and places of the square in a system.
    fn reach(&mut self, frame: &Frame, to: &Crs) -> Answer<(Bounds, Arc<Places>)> {
        if let Some((_, bounds, places)) = self.reaches.iter().find(|own| own.0 == *to) {
            return Ok((*bounds, Arc::clone(places)));
        }
        let (from, mut nodes) = frame.nodes();
        crs::transform_points(&mut nodes, &from, to)?;
        let net = Net::new(SQUARE, nodes);
        let places = Arc::new(Places::new(&net));
        self.reaches.push((to.clone(), net.bounds(), Arc::clone(&places)));
        Ok((net.bounds(), places))
    }

    /// Physical values of a band at all places of the tile.
    fn sample(&self, granule: u8, asset: &BandAsset, places: &Places, open: &[bool]) -> Answer<Vec<f32>> {
        let Some(range) = places.pieces(&asset.grid, open) else { return Ok(vec![f32::NAN; open.len()]) };
        let Season { acquisition, revision, .. } = *self.season;
        let piece = |piece: PieceIx| {
            let query = PieceQuery { acquisition, granule, band: asset.band.clone(), piece, revision };
            self.env.cache.compute_once(&query, self.env, self.watch)
        };
        let pieces: Vec<Arc<Piece>> = range.pieces().map(piece).collect::<Result<_, _>>()?;
        let mut values = places.sample(&asset.grid, &range, &pieces);
        Conversion::of(asset).apply(&mut values);
        Ok(values)
    }
}

/// A piece of a band at a level.
///
/// Levels for which the file has overviews, and the first few others, are read; coarser ones are made from the one before, so that
/// zooming out over files without overviews decodes them once. No reading stands for more than 2048 by 2048 stored pixels unless
/// overviews make it cheaper, and it stops soon after nobody wants it any more.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PieceQuery {
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// Which product of it.
    pub granule: u8,
    /// Which band of that.
    pub band: Band,
    /// Which piece.
    pub piece: PieceIx,
    /// Data revision.
    pub revision: u64,
}

impl Query for PieceQuery {
    type Output = Piece;

    fn weight(output: &Self::Output) -> usize {
        output.pixels.len() * output.pixels.bytes() + 128
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let granule = granules(&env.catalog, self.acquisition)?.get(usize::from(self.granule));
        let Some(asset) = granule.and_then(|granule| granule.band(&self.band)) else {
            return Err(anyhow::anyhow!("the product has no band {}", self.band).into());
        };
        let Some(window) = self.piece.window(&asset.grid) else {
            return Err(anyhow::anyhow!("band {} ends before the piece", self.band).into());
        };
        let level = u32::from(self.piece.level);
        if level <= READ_LEVELS || level <= READ_LEVELS + coarse::coarsest(asset)?.ilog2() {
            let factor = 1 << level;
            let pixels = coarse::read(asset, window, factor, || !watch.cancelled())?;
            return Ok(Piece { width: window.width.div_ceil(factor), pixels });
        }
        let finer = self.piece.finer().map(|piece| piece.window(&asset.grid).map(|_| Self { piece, ..self.clone() }));
        let finer = finer.map(|query| query.map(|query| env.cache.compute_once(&query, env, watch)).transpose());
        let mut parts = Vec::with_capacity(finer.len());
        for part in finer {
            parts.push(part?);
        }
        Ok(Piece::coarser(self.piece, std::array::from_fn(|at| parts[at].as_deref())))
    }
}

/// Limits of the dynamic stretch over a whole acquisition: cut from windows that are spread evenly over its products, which costs
/// the same whatever their size.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LimitsQuery {
    /// Of what; the mask does not matter, masked pixels count as in chips.
    pub season: Season,
}

impl Query for LimitsQuery {
    /// (low, high) of every channel.
    type Output = Vec<(f64, f64)>;

    fn weight(output: &Self::Output) -> usize {
        output.len() * 16
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let Season { view, stretch, acquisition, .. } = &self.season;
        let Stretch::Dynamic { low_percent, high_percent } = *stretch else {
            return Err(anyhow::anyhow!("only a dynamic stretch has limits of its own").into());
        };
        let mut limits = stretch::view_limits(view, &env.indices);
        let mut channels: Vec<Vec<f32>> = vec![Vec::new(); limits.len()];
        let granules = granules(&env.catalog, *acquisition)?;
        let side = ((LIMITS_WINDOWS / granules.len().max(1)) as f64).sqrt().clamp(1.0, 8.0) as usize;
        let bands = stretch::bands_of(view, &env.indices);
        for granule in granules.iter().filter(|granule| !granule.remote) {
            let assets: Vec<&BandAsset> = bands.iter().filter_map(|band| granule.band(band)).collect();
            let Some(grid) = assets.iter().map(|asset| &asset.grid).min_by(|a, b| a.pixel_x.total_cmp(&b.pixel_x)) else {
                continue;
            };
            for window in 0..side * side {
                if watch.cancelled() {
                    return Err(IoError::Cancelled.into());
                }
                let share = |at: usize| (at as f64 + 0.5) / side as f64;
                let bounds = around(grid, share(window % side), share(window / side));
                let windows: Vec<_> = raster::read_windows(&assets, &bounds)?.into_iter().flatten().collect();
                let Some(chip) = assemble(&bands, &windows, None, &bounds, &Polygons::default()) else { continue };
                match view {
                    View::Composite(of) => {
                        let named = channels.iter_mut().zip(of);
                        named.for_each(|(values, band)| values.extend(chip.band_named(band).into_iter().flatten()));
                    }
                    _ => channels[0].extend(stretch::scalar(&chip, view, &env.indices)),
                }
            }
        }
        for (limit, values) in limits.iter_mut().zip(&channels) {
            *limit = stretch::cut(values, low_percent, high_percent).unwrap_or(*limit);
        }
        Ok(limits)
    }
}

/// A small box about a place of a grid, given as shares of its width and height.
fn around(grid: &Grid, across: f64, down: f64) -> Bounds {
    let corner = |share: f64, all: usize| (share * all as f64 - LIMITS_PX / 2.0).round();
    let (col, row) = (corner(across, grid.width), corner(down, grid.height));
    let (min_x, max_y) = grid.world_from_pixel(col, row);
    let (max_x, min_y) = grid.world_from_pixel(col + LIMITS_PX, row + LIMITS_PX);
    Bounds { min_x, min_y, max_x, max_y }
}
