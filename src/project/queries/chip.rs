//! Pixels of one acquisition around one parcel.

use anyhow::anyhow;

use crate::engine::chip::{assemble, chip_bounds};
use crate::io::crs;
use crate::model::{AcquisitionIx, Band, BandAsset, Bounds, Chip, Grid, ParcelIx, Polygons, Watch};
use crate::project::query::{Answer, Query};

use super::Env;

/// A chip: the parcel's box, squared, grown by the margin. Also gives the scene classes where there is a classification.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChipQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// Which product of it.
    pub granule: u8,
    /// Bands in the order wanted.
    pub bands: Vec<Band>,
    /// Surroundings, m.
    pub margin_m: u32,
    /// Data revision, see [`Env::revision`].
    pub revision: u64,
}

/// A chip with the outline in the chip's CRS, to be drawn over it.
#[derive(Debug, Clone, Default)]
pub struct ParcelChip {
    /// Pixels; `None` when the product does not touch the box.
    pub chip: Option<Chip>,
    /// Outline in continuous pixel coordinates of the chip's grid, 0..width and 0..height.
    pub outline: Vec<Vec<[f32; 2]>>,
    /// Outlines of other parcels that meet the chip, in the same coordinates.
    pub neighbours: Vec<Vec<[f32; 2]>>,
}

impl Query for ChipQuery {
    type Output = ParcelChip;

    fn weight(output: &Self::Output) -> usize {
        output.chip.as_ref().map_or(0, |chip| chip.values.len() * 4 + chip.grid.len() * 2) + 256
    }

    fn waits(&self, env: &Env) -> bool {
        env.is_remote(self.acquisition, self.granule)
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        if watch.cancelled() {
            return Err(anyhow!("cancelled").into());
        }
        let acquisition = env.catalog.get(self.acquisition);
        let Some(granule) = acquisition.granules.get(usize::from(self.granule)) else {
            return Err(anyhow!("the acquisition has no product {}", self.granule).into());
        };
        let mut assets: Vec<&BandAsset> = self.bands.iter().filter_map(|band| granule.band(band)).collect();
        let has_scl = granule.scl().is_some();
        assets.extend(granule.scl());
        let Some(grid) = granule.finest_grid() else { return Ok(ParcelChip::default()) };
        let outline = env.outline_in(self.parcel, grid)?;
        if outline.is_empty() || assets.is_empty() {
            return Ok(ParcelChip::default());
        }
        let bounds = chip_bounds(&outline, grid, self.margin_m);
        let mut windows = env.read_windows(self.parcel, (self.acquisition, self.granule), &assets, &bounds, watch)?;
        let scl = if has_scl { windows.pop().flatten() } else { None };
        let windows: Vec<_> = windows.into_iter().flatten().collect();
        let Some(chip) = assemble(&self.bands, &windows, scl.as_ref(), &bounds, &outline) else {
            return Ok(ParcelChip::default());
        };
        Ok(ParcelChip {
            outline: pixel_rings(&outline, &chip.grid),
            neighbours: neighbours(self.parcel, env, &chip.grid)?,
            chip: Some(chip),
        })
    }
}

fn pixel_rings(outline: &Polygons, grid: &Grid) -> Vec<Vec<[f32; 2]>> {
    outline
        .rings()
        .map(|ring| {
            ring.iter()
                .map(|&[x, y]| {
                    let (col, row) = grid.pixel_from_world(x, y);
                    [col as f32, row as f32]
                })
                .collect()
        })
        .collect()
}

fn neighbours(parcel: ParcelIx, env: &Env, grid: &Grid) -> Answer<Vec<Vec<[f32; 2]>>> {
    let here: Bounds = crs::transform_bounds(&grid.bounds(), &grid.crs, env.parcels.crs())?;
    let mut rings = Vec::new();
    for other in env.parcels.in_bounds(&here).into_iter().filter(|&other| other != parcel) {
        rings.extend(pixel_rings(&env.outline_in(other, grid)?, grid));
    }
    Ok(rings)
}
