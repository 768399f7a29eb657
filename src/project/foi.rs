//! Check of many parcels against a thematic raster: reads the pixels of each parcel, on all cores.
//!
//! Parcels are taken in the order of the raster's blocks, so that a block is decoded about once; a thread holds the pixels of one parcel at
//! a time. The answer does not depend on the number of threads.

use std::collections::BTreeSet;

use anyhow::Context as _;
use rayon::prelude::*;

use crate::engine::coverage::{Scan, buffered, rings};
use crate::engine::heterogeneity::foi::{ClassWindow, check};
use crate::io::IoError;
use crate::io::crs::{transform, transform_points};
use crate::io::raster::blocks::layout;
use crate::io::raster::read_stored;
use crate::model::foi::{FoiFinding, FoiParams, FoiRow, FoiSkip};
use crate::model::grid::PixelWindow;
use crate::model::stored::Pixels;
use crate::model::{BandAsset, Crs, Grid, ParcelIx, Parcels, Polygons, Watch};

/// Largest box around a parcel, pixels: about 15 bytes a pixel and thread.
const MAX_PIXELS: usize = 4 << 20;

/// A raster with more classes in parcels than this is no thematic one.
const MAX_CLASSES: usize = 256;

/// Whole numbers up to here are the same in single precision, in which rasters of wide numbers are read.
const MAX_CLASS: f32 = 16_777_216.0;

/// Checks the chosen parcels, in their order.
///
/// Outlines are shrunk in the CRS of the table, which is in metres, and moved to that of the raster. A parcel that cannot be judged has
/// its reason; see [`FoiSkip`].
///
/// * **Errors:** values that are no classes (fractions, numbers beyond 16 777 216), more than 256 classes, a raster whose CRS cannot be
///   reached, cancelled work.
pub fn check_parcels(
    table: &Parcels,
    chosen: &[ParcelIx],
    raster: &BandAsset,
    params: &FoiParams,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<Vec<FoiRow>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).thread_name(|number| format!("foi-{number}")).build()?;
    let blocks = blocks(table, chosen, raster)?;
    watch.set_total(chosen.len() as u64);
    let mut order: Vec<usize> = (0..chosen.len()).collect();
    order.sort_by_key(|&at| (blocks[at], at));
    let mut rows: Vec<(usize, FoiRow)> = pool.install(|| {
        order
            .par_iter()
            .map_init(Scan::default, |scan, &at| {
                anyhow::ensure!(!watch.cancelled(), "cancelled");
                let parcel = chosen[at];
                let result = one(&table.outline(parcel), table.crs(), raster, params, scan)?;
                watch.advance(1);
                Ok((at, FoiRow { parcel_id: table.id(parcel).to_owned(), result }))
            })
            .collect::<anyhow::Result<_>>()
    })?;
    rows.sort_by_key(|(at, _)| *at);
    let rows: Vec<FoiRow> = rows.into_iter().map(|(_, row)| row).collect();
    let found = rows.iter().filter_map(|row| row.result.as_ref().ok());
    let classes: BTreeSet<i32> = found.flat_map(|found| &found.classes).map(|own| own.class).collect();
    if classes.len() > MAX_CLASSES {
        let fact = format!("the parcels have {} different values, at most {MAX_CLASSES} classes are expected", classes.len());
        return Err(unsuited(raster, fact).into());
    }
    Ok(rows)
}

fn unsuited(raster: &BandAsset, fact: String) -> IoError {
    IoError::File { operation: "use the raster as a thematic one".to_owned(), fact, path: raster.path.clone() }
}

/// Block of the raster that holds the middle of each parcel's box, row first; the last of all for one that has none.
fn blocks(table: &Parcels, chosen: &[ParcelIx], raster: &BandAsset) -> Result<Vec<(u64, u64)>, IoError> {
    let layout = layout(raster)?;
    let middle = |&parcel: &ParcelIx| <[f64; 2]>::from(table.bounds(parcel).center());
    let mut middles: Vec<[f64; 2]> = chosen.iter().map(middle).collect();
    transform_points(&mut middles, table.crs(), &raster.grid.crs)?;
    let block = |[x, y]: [f64; 2]| {
        let (col, row) = raster.grid.pixel_from_world(x, y);
        // Out of reach there are no coordinates, and no pixels either.
        let number = |at: f64, size: usize| if at.is_finite() { at.max(0.0) as u64 / size as u64 } else { u64::MAX };
        (number(row, layout.height), number(col, layout.width))
    };
    Ok(middles.into_iter().map(block).collect())
}

/// Box that no outline point leaves.
fn reach(outline: &Polygons, grid: &Grid) -> Option<PixelWindow> {
    let bounds = outline.bounds();
    if bounds.is_empty() || !(bounds.width() + bounds.height()).is_finite() { None } else { grid.window(&bounds) }
}

fn one(
    outline: &Polygons,
    system: &Crs,
    raster: &BandAsset,
    params: &FoiParams,
    scan: &mut Scan,
) -> anyhow::Result<Result<FoiFinding, FoiSkip>> {
    let grid = &raster.grid;
    if outline.is_empty() {
        return Ok(Err(FoiSkip::NoOutline));
    }
    let moved = |own: &Polygons| transform(own, system, &grid.crs).context("cannot place the parcels on the raster");
    if reach(&moved(outline)?, grid).is_none() {
        return Ok(Err(FoiSkip::NoOverlap));
    }
    let inner = buffered(outline, params.buffer_m);
    if inner.is_empty() {
        return Ok(Err(FoiSkip::BufferTookAll));
    }
    let inner = moved(&inner)?;
    let Some(window) = reach(&inner, grid) else { return Ok(Err(FoiSkip::BufferedNoOverlap)) };
    if window.width.saturating_mul(window.height) > MAX_PIXELS {
        return Ok(Err(FoiSkip::TooLarge));
    }
    let (inside, outside) = members(&inner, grid, window, scan);
    if !inside.contains(&true) {
        return Ok(Err(FoiSkip::NoPixels));
    }
    let bounds = grid.crop(window).bounds();
    let stored = match read_stored(&[raster], &bounds) {
        Ok(stored) => stored.into_iter().flatten().next(),
        Err(error) => return Ok(Err(FoiSkip::Unreadable(error.to_string()))),
    };
    let Some(stored) = stored.filter(|stored| stored.window == window) else { return Ok(Err(FoiSkip::NoOverlap)) };
    let classes = classes(&stored.pixels, &inside, raster, window)?;
    Ok(check(ClassWindow { classes: &classes, inside: &inside, width: window.width, outside }, params))
}

/// Pixels of a window whose centre lies inside an outline, and how many lie beyond the grid.
fn members(outline: &Polygons, grid: &Grid, window: PixelWindow, scan: &mut Scan) -> (Vec<bool>, u64) {
    let mut inside = vec![false; window.width * window.height];
    let mut outside = 0;
    let (first, end) = (window.col as i64, (window.col + window.width) as i64);
    let rows = window.row as i64..(window.row + window.height) as i64;
    scan.centres(rings(outline), grid, i64::from(i32::MIN)..i64::from(i32::MAX), |row, from, to| {
        let (own_from, own_to) = if rows.contains(&row) { (from.clamp(first, end), to.clamp(first, end)) } else { (from, from) };
        outside += (to - from - (own_to - own_from)) as u64;
        if own_from < own_to {
            let start = (row - rows.start) as usize * window.width;
            inside[start + (own_from - first) as usize..start + (own_to - first) as usize].fill(true);
        }
    });
    (inside, outside)
}

/// Stored numbers as classes; what is not inside, not finite or "no data" is 0.
fn classes(pixels: &Pixels, inside: &[bool], raster: &BandAsset, window: PixelWindow) -> Result<Vec<i32>, IoError> {
    let nodata = raster.nodata.map_or(f32::NAN, |own| own as f32);
    let class = |(at, inside): (usize, &bool)| {
        let value = pixels.at(at);
        if !inside || !value.is_finite() || value == nodata {
            return Ok(0);
        }
        if value.fract() != 0.0 || value.abs() > MAX_CLASS {
            let (col, row) = (window.col + at % window.width, window.row + at / window.width);
            let fact = format!(
                "the pixel in column {col}, row {row} has the value {value}, which is no class; expected whole numbers up to {MAX_CLASS}"
            );
            return Err(unsuited(raster, fact));
        }
        Ok(value as i32)
    };
    inside.iter().enumerate().map(class).collect()
}
