//! Footprints of the chosen parcels on every grid of the imagery: computed in parallel, or taken from the project's cache.

use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use crate::engine::ENGINE_VERSION;
use crate::engine::coverage::{Scan, add_footprint, buffered, rings};
use crate::io::IoError;
use crate::io::crs::{transform_bounds, transform_points};
use crate::model::footprints::{Footprints, Run};
use crate::model::report::{Problem, Severity};
use crate::model::{Bounds, Crs, Grid, ParcelIx, Parcels, PixelRule, Polygons, Watch};
use crate::store::footprints as kept;

use super::{ExtractOptions, overlap};

/// Parcels of one unit of work.
const GROUP: usize = 512;

/// Fewer parcels are computed faster than a file is read.
const WORTH_KEEPING: usize = 2000;

/// The box of a grid is moved to the parcels' CRS by points on its sides; between them a side may bend by less than this, metres.
const BEND_M: f64 = 100.0;

/// A grid that footprints are wanted on, and the finest grid of its product, which decides what parcels the product sees.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// Finest grid of the product.
    pub finest: Grid,
    /// Grid of a band.
    pub grid: Grid,
}

/// Footprints of some parcels on all wanted grids.
#[derive(Debug, Default)]
pub(super) struct Geometry {
    /// One table a wanted grid. Parcels are named by position in the list of all chosen ones, and are those whose box shares area
    /// with the box of the finest grid, whether or not a pixel of them lies on the image.
    pub tables: Vec<Arc<Footprints>>,
    /// What went wrong.
    pub problems: Vec<Problem>,
    /// How many tables came from the cache.
    pub reused: usize,
}

/// Where outlines come from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// Parcel table.
    pub table: &'a Parcels,
    /// All chosen parcels.
    pub parcels: &'a [ParcelIx],
    /// Positions of the parcels wanted now, ascending.
    pub positions: &'a [u32],
}

impl Geometry {
    /// Footprints on the wanted grids.
    pub(super) fn new(source: Source<'_>, wanted: &[Wanted], options: &ExtractOptions, watch: &Watch) -> Result<Self, IoError> {
        let mut made = Self::default();
        let cache = options.cache.as_ref().filter(|_| source.positions.len() >= WORTH_KEEPING);
        let keys: Vec<[u8; 32]> = match cache {
            Some(_) => keys(source, wanted, options),
            None => Vec::new(),
        };
        let mut found: Vec<Option<Arc<Footprints>>> = vec![None; wanted.len()];
        if let Some(folder) = cache {
            for ((found, key), wanted) in found.iter_mut().zip(&keys).zip(wanted) {
                match kept::load(folder, key, &wanted.grid) {
                    Ok(table) => *found = table.map(Arc::new),
                    Err(error) => made.problems.push(warning(error.to_string(), "it is computed again")),
                }
            }
            made.reused = found.iter().flatten().count();
        }
        let missing: Vec<usize> = (0..wanted.len()).filter(|&at| found[at].is_none()).collect();
        let tables =
            compute(source, &missing.iter().map(|&at| &wanted[at]).collect::<Vec<_>>(), options, watch, &mut made.problems)?;
        let mut writable = true;
        for (at, table) in missing.into_iter().zip(tables) {
            if let Some(folder) = cache.filter(|_| writable)
                && let Err(error) = kept::save(folder, &keys[at], &table)
            {
                made.problems.push(warning(error.to_string(), "a cache folder that can be written; the next run computes again"));
                writable = false;
            }
            found[at] = Some(Arc::new(table));
        }
        made.tables = found.into_iter().map(Option::unwrap_or_default).collect();
        Ok(made)
    }
}

fn warning(fact: String, expected: &str) -> Problem {
    Problem { severity: Severity::Warning, path: PathBuf::new(), fact, expected: expected.to_owned() }
}

/// Fingerprints of all that decides each table.
fn keys(source: Source<'_>, wanted: &[Wanted], options: &ExtractOptions) -> Vec<[u8; 32]> {
    let mut shapes = blake3::Hasher::new();
    shapes.update(&ENGINE_VERSION.to_le_bytes());
    shapes.update(format!("{:?} {:?} {}", source.table.crs(), options.settings.pixels, options.settings.buffer_m).as_bytes());
    for &position in source.positions {
        shapes.update(&position.to_le_bytes());
        for (part, ring) in source.table.rings(source.parcels[position as usize]) {
            shapes.update(&(part as u64).to_le_bytes());
            shapes.update(&(ring.len() as u64).to_le_bytes());
            shapes.update(bytemuck::cast_slice(ring));
        }
    }
    wanted.iter().map(|wanted| *shapes.clone().update(format!("{wanted:?}").as_bytes()).finalize().as_bytes()).collect()
}

/// Box in the parcels' CRS outside which no parcel touches an image; `None` when it cannot be told.
pub(super) fn reach(finest: &Grid, parcels: &Crs, options: &ExtractOptions) -> Option<Bounds> {
    let bounds = transform_bounds(&finest.bounds(), &finest.crs, parcels).ok()?; // then no parcel is left out
    Some(bounds.grown(BEND_M + options.settings.buffer_m.abs()))
}

/// Wanted grids of one CRS, with the boxes in the parcels' CRS that may see them.
struct System<'a> {
    crs: &'a Crs,
    /// (place in the list of wanted, grid, box in the parcels' CRS or `None` when it cannot be told).
    grids: Vec<(usize, &'a Wanted, Option<Bounds>)>,
}

fn compute(
    source: Source<'_>,
    wanted: &[&Wanted],
    options: &ExtractOptions,
    watch: &Watch,
    problems: &mut Vec<Problem>,
) -> Result<Vec<Footprints>, IoError> {
    let mut systems: Vec<System<'_>> = Vec::new();
    for (at, wanted) in wanted.iter().enumerate() {
        if wanted.grid.width.max(wanted.grid.height) >= Run::MAX_SIDE {
            let fact = format!("an image of {} x {} pixels is too large", wanted.grid.width, wanted.grid.height);
            problems
                .push(Problem { severity: Severity::Error, ..warning(fact, "tiles of less than four million pixels a side") });
            continue;
        }
        let reach = reach(&wanted.finest, source.table.crs(), options);
        let crs = &wanted.grid.crs;
        match systems.iter_mut().find(|system| system.crs == crs) {
            Some(system) => system.grids.push((at, wanted, reach)),
            None => systems.push(System { crs, grids: vec![(at, wanted, reach)] }),
        }
    }
    let groups: Vec<Result<Vec<Footprints>, IoError>> = source
        .positions
        .par_chunks(GROUP)
        .map(|positions| {
            if watch.cancelled() {
                return Err(IoError::Cancelled);
            }
            let mut made = vec![Footprints::new(); wanted.len()];
            for system in &systems {
                group(Source { positions, ..source }, system, options, &mut made)?;
            }
            Ok(made)
        })
        .collect();
    let mut tables = vec![Footprints::new(); wanted.len()];
    for group in groups {
        match group {
            Ok(made) => tables.iter_mut().zip(&made).for_each(|(table, made)| table.append(made)),
            Err(IoError::Cancelled) => return Err(IoError::Cancelled),
            Err(error) => problems.push(Problem {
                severity: Severity::Error,
                ..warning(error.to_string(), "an outline inside the area where the CRS is valid")
            }),
        }
    }
    Ok(tables)
}

/// Outlines of a group of parcels in one CRS as flat columns: one transform serves all.
#[derive(Default)]
struct Flat {
    points: Vec<[f64; 2]>,
    /// (is a hole, first point, end).
    rings: Vec<(bool, usize, usize)>,
    /// (position, first ring, end, true when a negative buffer left nothing and the rings are those before it).
    parcels: Vec<(u32, usize, usize, bool)>,
}

impl Flat {
    fn push<'a>(&mut self, position: u32, outline: impl Iterator<Item = (bool, &'a [[f64; 2]])>, vanished: bool) {
        let first = self.rings.len();
        for (hole, ring) in outline {
            self.rings.push((hole, self.points.len(), self.points.len() + ring.len()));
            self.points.extend_from_slice(ring);
        }
        self.parcels.push((position, first, self.rings.len(), vanished));
    }
}

fn group(source: Source<'_>, system: &System<'_>, options: &ExtractOptions, made: &mut [Footprints]) -> Result<(), IoError> {
    let table = source.table;
    let near = |bounds: &Bounds| system.grids.iter().any(|(_, _, reach)| reach.is_none_or(|reach| reach.intersects(bounds)));
    let mut flat = Flat::default();
    for &position in source.positions {
        let parcel = source.parcels[position as usize];
        let bounds = table.bounds(parcel);
        if bounds.is_empty() || !near(&bounds) {
            continue;
        }
        if options.settings.buffer_m == 0.0 {
            let mut last = usize::MAX;
            let plain = table.rings(parcel).map(|(part, ring)| (std::mem::replace(&mut last, part) == part, ring));
            flat.push(position, plain, false);
        } else {
            let whole: Polygons = table.outline(parcel);
            let shape = buffered(&whole, options.settings.buffer_m);
            let vanished = shape.is_empty();
            flat.push(position, rings(if vanished { &whole } else { &shape }), vanished);
        }
    }
    transform_points(&mut flat.points, table.crs(), system.crs)?;
    let mut scan = Scan::default();
    for &(position, first, end, vanished) in &flat.parcels {
        let rings = &flat.rings[first..end];
        let points = &flat.points[rings.first().map_or(0, |ring| ring.1)..rings.last().map_or(0, |ring| ring.2)];
        // Far outside its area a system has no coordinates, and certainly no image.
        if points.iter().any(|point| !point[0].is_finite()) {
            continue;
        }
        let mut touch = Bounds::EMPTY;
        for &[x, y] in points {
            touch.include(x, y);
        }
        for (at, wanted, _) in &system.grids {
            if overlap(&wanted.finest.bounds(), &touch) {
                let outline = rings.iter().filter(|_| !vanished).map(|&(hole, from, to)| (hole, &flat.points[from..to]));
                add_footprint(&mut made[*at], position, outline, &wanted.grid, options.settings.pixels, &mut scan);
            }
        }
    }
    Ok(())
}

/// Bytes that the footprints of a parcel take on a grid of 10 m pixels and one of 20 m, roughly.
pub(super) fn estimated_bytes(table: &Parcels, parcel: ParcelIx, rule: PixelRule) -> usize {
    let bounds = table.bounds(parcel);
    let rows = if bounds.is_empty() { 0.0 } else { bounds.height() / 10.0 + 2.0 };
    let boundary = match rule {
        PixelRule::Centre => 0.0,
        PixelRule::Coverage => table.perimeter_m(parcel) / 10.0 * 1.3,
    };
    // Under coverage a row has a run inside and one on either side.
    let runs = if rule == PixelRule::Centre { rows } else { 3.0 * rows };
    48 + ((8.0 * runs + 4.0 * boundary) * 1.5) as usize
}
