//! Cluster and connectivity maps as images, a file a period and stream.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::ensure;

use crate::io::raster::write;
use crate::model::heterogeneity::Stream;
use crate::model::stored::Pixels;
use crate::model::{Bounds, Grid, ParcelIx};

use super::maps::{ParcelMaps, RegionMaps, StreamMaps};

/// Pixels that one image may have: a byte each is held in memory while it is written.
const MAX_PIXELS: f64 = 4e8;

/// Maps of chosen parcels, gathered region by region.
#[derive(Debug, Default)]
pub struct Gathered {
    s2: Vec<ParcelMaps>,
    s1: Vec<ParcelMaps>,
    periods: usize,
}

impl Gathered {
    /// Adds the chosen parcels of a region.
    pub fn add(&mut self, maps: &RegionMaps, chosen: impl Fn(ParcelIx) -> bool) {
        let own = |stream: &StreamMaps| -> Vec<ParcelMaps> {
            let seen = stream.parcels.iter().filter(|own| chosen(own.parcel) && !own.grid.is_empty());
            seen.filter(|_| !stream.variables.is_empty()).cloned().collect()
        };
        self.s2.extend(own(&maps.s2));
        self.s1.extend(own(&maps.s1));
        self.periods = self.periods.max(maps.periods.len());
    }

    /// Writes `clusters_s2_<period>.tif`, `connectivity_s2_<period>.tif` and the same for S1; the files, in order.
    ///
    /// One byte a pixel, 0 is outside or without data. Parcels on several grids give a file each, with the CRS in its name.
    pub fn write(&self, folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for (stream, parcels) in [(Stream::S2, &self.s2), (Stream::S1, &self.s1)] {
            let name = if stream == Stream::S2 { "s2" } else { "s1" };
            let mut lattices: BTreeMap<String, Vec<&ParcelMaps>> = BTreeMap::new();
            for own in parcels {
                lattices.entry(lattice(&own.grid)).or_default().push(own);
            }
            let several = lattices.len() > 1;
            for (number, parcels) in lattices.values().enumerate() {
                let grid = over(parcels)?;
                let suffix = if several {
                    format!("_{}_{}", grid.crs.label().replace(|c: char| !c.is_ascii_alphanumeric(), ""), number + 1)
                } else {
                    String::new()
                };
                for period in 0..self.periods {
                    let at = format!("{:02}{suffix}.tif", period + 1);
                    for (kind, of) in [("clusters", labels as fn(&ParcelMaps, usize) -> &[u8]), ("connectivity", connectivity)] {
                        let path = folder.join(format!("{kind}_{name}_{at}"));
                        write::write(&path, &grid, &[Pixels::U8(painted(&grid, parcels, period, of))], Some(0.0))?;
                        files.push(path);
                    }
                }
            }
        }
        Ok(files)
    }
}

fn labels(maps: &ParcelMaps, period: usize) -> &[u8] {
    maps.periods.get(period).map_or(&[], |own| &own.labels)
}

fn connectivity(maps: &ParcelMaps, period: usize) -> &[u8] {
    maps.periods.get(period).map_or(&[], |own| &own.connectivity)
}

/// Windows of one lattice can be put into one image without resampling.
fn lattice(grid: &Grid) -> String {
    let phase = |value: f64, step: f64| {
        let phase = (value / step).fract().abs();
        if phase > 0.999 { 0.0 } else { phase }
    };
    format!(
        "{} {} {} {:.3} {:.3}",
        grid.crs.label(),
        grid.pixel_x,
        grid.pixel_y,
        phase(grid.left, grid.pixel_x),
        phase(grid.top, grid.pixel_y)
    )
}

fn over(parcels: &[&ParcelMaps]) -> anyhow::Result<Grid> {
    let mut bounds = Bounds::EMPTY;
    for own in parcels {
        let here = own.grid.bounds();
        bounds.include(here.min_x, here.min_y);
        bounds.include(here.max_x, here.max_y);
    }
    let like = &parcels[0].grid;
    let (width, height) = ((bounds.width() / like.pixel_x).round(), (bounds.height() / like.pixel_y).round());
    ensure!(
        width * height <= MAX_PIXELS,
        "maps of {width} x {height} pixels are too large for one image; choose fewer parcels, or write none with --no-rasters"
    );
    Ok(Grid { left: bounds.min_x, top: bounds.max_y, width: width as usize, height: height as usize, ..like.clone() })
}

fn painted(grid: &Grid, parcels: &[&ParcelMaps], period: usize, of: fn(&ParcelMaps, usize) -> &[u8]) -> Vec<u8> {
    let mut pixels = vec![0u8; grid.len()];
    for own in parcels {
        let (col, row) = grid.pixel_from_world(own.grid.left, own.grid.top);
        let (col, row) = (col.round() as usize, row.round() as usize);
        for (at, &value) in of(own, period).iter().enumerate().filter(|(_, value)| **value > 0) {
            pixels[(row + at / own.grid.width) * grid.width + col + at % own.grid.width] = value;
        }
    }
    pixels
}
