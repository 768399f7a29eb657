//! A picture of a place from the newest clear Sentinel-2 acquisition, in Web Mercator.

use std::path::Path;

use anyhow::{Context as _, anyhow};

use crate::engine::chip::assemble;
use crate::engine::clean::class_of;
use crate::engine::stretch;
use crate::io::{crs, raster};
use crate::model::stored::Pixels;
use crate::model::{Band, BandAsset, Bounds, Crs, Granule, Grid, MaskSet, ParcelIx, Polygons, Sensor, Stretch, View};
use crate::project::queries::Env;
use crate::report::svg::data_uri;

/// Web Mercator.
const MERCATOR: Crs = Crs::Epsg(3857);

/// Share of pixels that clouds may hide in a picture that is taken at once.
const CLEAR_ENOUGH: f64 = 0.98;

/// What is made of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackgroundFormat {
    /// A `data:` address of a PNG; nothing is written.
    Address,
    /// A PNG is written.
    Png,
    /// A `GeoTIFF` with three bands of bytes is written.
    Tiff,
}

/// What the picture shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BackgroundWanted {
    /// Middle, in degrees east and north.
    pub place: [f64; 2],
    /// Pixels across and down.
    pub side: usize,
    /// Metres of Web Mercator across and down.
    pub extent_m: f64,
    /// Parcel whose outline is drawn in yellow.
    pub outline: Option<ParcelIx>,
    /// What is made of it.
    pub format: BackgroundFormat,
}

/// True colour around a place, at `path` unless an address is wanted. `None` where no image is.
///
/// Of all products that show the place whole, or else in part, the newest that is clear there; if none is, the clearest.
pub fn background(env: &Env, wanted: &BackgroundWanted, path: Option<&Path>) -> anyhow::Result<Option<String>> {
    let mut middle = [wanted.place];
    crs::transform_points(&mut middle, &crs::WGS84, &MERCATOR)?;
    let [x, y] = middle[0];
    let (side, extent_m) = (wanted.side, wanted.extent_m);
    if !x.is_finite() || side == 0 || extent_m <= 0.0 {
        return Ok(None);
    }
    let pixel = extent_m / side as f64;
    let (left, top) = (x - extent_m / 2.0, y + extent_m / 2.0);
    let grid = Grid { crs: MERCATOR, left, top, pixel_x: pixel, pixel_y: pixel, width: side, height: side };
    let Some(granule) = newest_clear(env, &grid)? else { return Ok(None) };
    let Some(mut picture) = sampled(env, granule, &grid)? else { return Ok(None) };
    if let Some(parcel) = wanted.outline {
        draw(&mut picture, &grid, &env.outline_in(parcel, &grid)?);
    }
    let Some(path) = path else { return Ok(data_uri(&picture)) };
    match wanted.format {
        BackgroundFormat::Address => return Ok(data_uri(&picture)),
        BackgroundFormat::Png => {
            let image =
                image::RgbaImage::from_raw(side as u32, side as u32, picture.rgba).context("the picture has another size")?;
            image.save_with_format(path, image::ImageFormat::Png).context("cannot write the picture")?;
        }
        BackgroundFormat::Tiff => {
            let band = |channel: usize| Pixels::U8(picture.rgba.chunks_exact(4).map(|pixel| pixel[channel]).collect());
            raster::write::write(path, &grid, &[band(0), band(1), band(2)], None)?;
        }
    }
    Ok(Some(String::new()))
}

/// Draws an outline in yellow, two pixels wide.
fn draw(picture: &mut stretch::Picture, grid: &Grid, outline: &Polygons) {
    const YELLOW: [u8; 4] = [255, 255, 0, 255];
    /// Edges that are longer lie outside for the most part.
    const LONGEST: f64 = 20_000.0;
    let (width, height) = (picture.width as f64, picture.height as f64);
    for ring in outline.rings() {
        for (from, to) in ring.iter().zip(ring.iter().cycle().skip(1)) {
            let (from, to) = (grid.pixel_from_world(from[0], from[1]), grid.pixel_from_world(to[0], to[1]));
            let steps = ((to.0 - from.0).abs().max((to.1 - from.1).abs()) * 2.0).ceil().clamp(1.0, LONGEST);
            for step in 0..=steps as usize {
                let share = step as f64 / steps;
                let (col, row) = (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
                for (dx, dy) in [(0.0, 0.0), (-1.0, 0.0), (0.0, -1.0), (-1.0, -1.0)] {
                    let (col, row) = (col + dx, row + dy);
                    if col >= 0.0 && row >= 0.0 && col < width && row < height {
                        let at = (row as usize * picture.width + col as usize) * 4;
                        picture.rgba[at..at + 4].copy_from_slice(&YELLOW);
                    }
                }
            }
        }
    }
}

fn newest_clear<'a>(env: &'a Env, grid: &Grid) -> anyhow::Result<Option<&'a Granule>> {
    let mask = MaskSet::default();
    let mut best: Option<(f64, &Granule)> = None;
    let optical = env.catalog.acquisitions.iter().rev().filter(|acquisition| acquisition.sensor == Sensor::S2);
    for granule in optical.flat_map(|acquisition| &acquisition.granules) {
        let bands = ["B04", "B03", "B02"].map(Band::new);
        let Some(own) = granule.finest_grid().filter(|_| bands.iter().all(|band| granule.band(band).is_some())) else { continue };
        let bounds = crs::transform_bounds(&grid.bounds(), &grid.crs, &own.crs)?;
        let whole = bounds.width() * bounds.height();
        let shown = own.bounds().intersection(&bounds);
        if shown.is_empty() || whole <= 0.0 {
            continue;
        }
        let covered = shown.width() * shown.height() / whole;
        let clear = match granule.scl() {
            Some(asset) => clear_share(asset, &bounds, mask),
            None => granule.clear_share.unwrap_or(0.0),
        };
        let worth = covered * clear;
        if worth >= CLEAR_ENOUGH {
            return Ok(Some(granule));
        }
        if best.is_none_or(|(most, _)| worth > most) {
            best = Some((worth, granule));
        }
    }
    Ok(best.map(|(_, granule)| granule))
}

/// Share of the pixels there that a mask leaves; a mask that cannot be read leaves none.
fn clear_share(asset: &BandAsset, bounds: &Bounds, mask: MaskSet) -> f64 {
    let Ok(mut windows) = raster::read_windows(&[asset], bounds) else { return 0.0 };
    let Some(window) = windows.pop().flatten() else { return 0.0 };
    let clear = window.values.iter().filter(|&&value| !mask.excludes(class_of(value))).count();
    clear as f64 / window.values.len().max(1) as f64
}

/// True colour of a product on another grid, the nearest pixel each; white where the image ends.
fn sampled(env: &Env, granule: &Granule, grid: &Grid) -> anyhow::Result<Option<stretch::Picture>> {
    let bands = ["B04", "B03", "B02"].map(Band::new);
    let assets: Vec<&BandAsset> = bands.iter().filter_map(|band| granule.band(band)).collect();
    let Some(first) = assets.first() else { return Ok(None) };
    let bounds = crs::transform_bounds(&grid.bounds(), &grid.crs, &first.grid.crs)?;
    let windows: Vec<_> = raster::read_windows(&assets, &bounds)?.into_iter().flatten().collect();
    let Some(chip) = assemble(&bands, &windows, None, &bounds, &Polygons::default()) else { return Ok(None) };
    let picture = stretch::render(&chip, &View::Composite(bands), &Stretch::Fixed, &env.indices);
    let mut places: Vec<[f64; 2]> = (0..grid.len())
        .map(|at| {
            let (x, y) = grid.world_from_pixel((at % grid.width) as f64 + 0.5, (at / grid.width) as f64 + 0.5);
            [x, y]
        })
        .collect();
    crs::transform_points(&mut places, &grid.crs, &chip.grid.crs)?;
    let mut rgba = Vec::with_capacity(grid.len() * 4);
    for [x, y] in places {
        let (col, row) = chip.grid.pixel_from_world(x, y);
        let inside = col >= 0.0 && row >= 0.0 && col < picture.width as f64 && row < picture.height as f64;
        let at = if inside { (row as usize * picture.width + col as usize) * 4 } else { usize::MAX };
        match picture.rgba.get(at..at.saturating_add(4)) {
            Some([red, green, blue, 255]) => rgba.extend_from_slice(&[*red, *green, *blue, 255]),
            _ => rgba.extend_from_slice(&[255; 4]),
        }
    }
    if rgba.len() != grid.len() * 4 {
        return Err(anyhow!("the picture has {} bytes, expected {}", rgba.len(), grid.len() * 4));
    }
    Ok(Some(stretch::Picture { width: grid.width, height: grid.height, rgba, limits: Vec::new() }))
}
