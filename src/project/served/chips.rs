//! Pieces of images around a place: as files with all their numbers, and as pictures.

use std::path::Path;

use anyhow::{Context as _, anyhow};

use super::numbers::Numbers;
use crate::engine::chip::{assemble, metres_on};
use crate::engine::stretch;
use crate::io::{crs, raster};
use crate::model::catalog::Quantity;
use crate::model::grid::PixelWindow;
use crate::model::stored::Pixels;
use crate::model::{AcquisitionIx, Band, BandAsset, Bounds, Granule, Grid, Polygons, Stretch, View};
use crate::project::queries::Env;
use crate::report::svg::data_uri;

/// A square around a place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
    /// Side, m.
    pub size_m: f64,
}

impl Place {
    /// Whole pixels of a grid: as many as fit the side, about the place, cut at the image's edge.
    fn window(&self, grid: &Grid) -> anyhow::Result<Option<PixelWindow>> {
        let mut point = [[self.lon, self.lat]];
        crs::transform_points(&mut point, &crs::WGS84, &grid.crs)?;
        let [x, y] = point[0];
        if !x.is_finite() {
            return Ok(None);
        }
        let side = (metres_on(grid, self.size_m) / grid.pixel_x).round().max(1.0);
        let (col, row) = grid.pixel_from_world(x, y);
        let cut = |middle: f64, len: usize| {
            let start = (middle - side / 2.0).round();
            let (from, to) = (start.max(0.0), (start + side).min(len as f64));
            (from < to).then_some((from as usize, (to - from) as usize))
        };
        let window = cut(col, grid.width).zip(cut(row, grid.height));
        Ok(window.map(|((col, width), (row, height))| PixelWindow { col, row, width, height }))
    }

    fn bounds(&self, grid: &Grid) -> anyhow::Result<Option<Bounds>> {
        Ok(self.window(grid)?.map(|window| grid.crop(window).bounds()))
    }
}

/// How numbers become brightness in [`composite`].
#[derive(Debug, Clone, PartialEq)]
pub enum Lut {
    /// Percentiles, low and high.
    Percentiles(f64, f64),
    /// Limits of three channels in digital numbers.
    Numbers([(f64, f64); 3]),
}

fn granule_of(env: &Env, (acquisition, number): (AcquisitionIx, u8)) -> anyhow::Result<&Granule> {
    let found = env.catalog.acquisitions.get(acquisition.at()).and_then(|own| own.granules.get(usize::from(number)));
    found.ok_or_else(|| anyhow!("there is no such product"))
}

/// The asset of a band, the scene classification by its usual name.
fn asset_of<'a>(granule: &'a Granule, band: &Band) -> Option<&'a BandAsset> {
    if band.as_str() == "SCL" { granule.scl() } else { granule.band(band) }
}

/// Pixels of a band that a product has around a place; 0 without the band or beyond the image.
pub fn overlap(env: &Env, product: (AcquisitionIx, u8), band: &Band, place: &Place) -> anyhow::Result<usize> {
    let Some(asset) = asset_of(granule_of(env, product)?, band) else { return Ok(0) };
    Ok(place.window(&asset.grid)?.map_or(0, |window| window.width * window.height))
}

/// Writes the pixels of a band around a place as a `GeoTIFF` on the product's own grid. False when there are none.
///
/// * **Numbers:** reflectance as digital numbers in 16 bits, scene classes in 8, backscatter as linear power and coherence in 32;
///   0 means "no data" in all of them.
pub fn write_chip(env: &Env, product: (AcquisitionIx, u8), band: &Band, place: &Place, path: &Path) -> anyhow::Result<bool> {
    let granule = granule_of(env, product)?;
    let Some(asset) = asset_of(granule, band) else { return Ok(false) };
    let Some(window) = place.window(&asset.grid)? else { return Ok(false) };
    let grid = asset.grid.crop(window);
    let pixels = pixels_of(asset, granule, &grid.bounds())?;
    raster::write::write(path, &grid, &[pixels], Some(0.0))?;
    Ok(true)
}

fn pixels_of(asset: &BandAsset, granule: &Granule, bounds: &Bounds) -> anyhow::Result<Pixels> {
    let missing = || anyhow!("band {} has no pixel there", asset.band);
    if asset.quantity == Quantity::Reflectance {
        // Stored digital numbers go out untouched.
        let stored = raster::read_stored(&[asset], bounds)?.pop().flatten().with_context(missing)?;
        if let Pixels::U16(mut numbers) = stored.pixels
            && (asset.scale != 1.0 || asset.offset != 0.0)
        {
            let nodata = asset.nodata.map_or(f64::NAN, f64::round);
            numbers.iter_mut().filter(|number| f64::from(**number) == nodata).for_each(|number| *number = 0);
            return Ok(Pixels::U16(numbers));
        }
    }
    let values = raster::read_windows(&[asset], bounds)?.pop().flatten().with_context(missing)?.values;
    let zero = |value: f32| if value.is_finite() { value } else { 0.0 };
    Ok(match asset.quantity {
        Quantity::Reflectance => {
            let numbers = Numbers::of(asset, granule);
            Pixels::U16(values.iter().map(|&value| zero(numbers.number(value)) as u16).collect())
        }
        Quantity::SceneClass => Pixels::U8(values.iter().map(|&value| zero(value) as u8).collect()),
        Quantity::LinearPower | Quantity::Decibel | Quantity::Coherence => Pixels::F32(values.into_iter().map(zero).collect()),
    })
}

/// A picture of three bands around a place as `data:` address of a PNG; `None` without the bands or beyond the image.
pub fn composite(
    env: &Env,
    product: (AcquisitionIx, u8),
    bands: &[Band; 3],
    place: &Place,
    lut: &Lut,
) -> anyhow::Result<Option<String>> {
    let granule = granule_of(env, product)?;
    let assets: Vec<&BandAsset> = bands.iter().filter_map(|band| granule.band(band)).collect();
    let finest = assets.iter().map(|asset| &asset.grid).min_by(|a, b| a.pixel_x.total_cmp(&b.pixel_x));
    let (Some(grid), 3) = (finest, assets.len()) else { return Ok(None) };
    let Some(bounds) = place.bounds(grid)? else { return Ok(None) };
    let windows: Vec<_> = raster::read_windows(&assets, &bounds)?.into_iter().flatten().collect();
    let Some(chip) = assemble(bands, &windows, None, &bounds, &Polygons::default()) else { return Ok(None) };
    let stretched = match lut {
        Lut::Percentiles(low, high) => Stretch::Dynamic { low_percent: *low, high_percent: 100.0 - high },
        Lut::Numbers(limits) => {
            let physical = |((low, high), asset): (&(f64, f64), &&BandAsset)| {
                let numbers = Numbers::of(asset, granule);
                (numbers.physical(*low), numbers.physical(*high))
            };
            Stretch::Range(limits.iter().zip(&assets).map(physical).collect())
        }
    };
    let picture = stretch::render(&chip, &View::Composite(bands.clone()), &stretched, &env.indices);
    Ok(data_uri(&picture))
}
