//! How every acquisition sees a parcel: clear, cloud, shadow and missing shares. Asked first: dates, then chips.

use std::collections::{BTreeMap, HashMap};

use rayon::prelude::*;

use crate::engine::clean::class_histogram;
use crate::engine::coverage::weights;
use crate::io::IoError;
use crate::model::observation::Coverage;
use crate::model::{Acquisition, AcquisitionIx, BandWindow, Bounds, Grid, MaskSet, ParcelIx, PixelRule, Polygons, Watch};
use crate::project::query::{Answer, Query};
use crate::project::tables::is_values_only;

use super::Env;

/// Shares of one parcel for every acquisition that touches it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CoverageQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Data revision.
    pub revision: u64,
}

/// One acquisition through one parcel: its products, the best covered (then clearest, then newest baseline) first.
#[derive(Debug, Clone, PartialEq)]
pub struct AcquisitionCoverage {
    /// Products that touch the parcel's box, best first. Never empty.
    pub granules: Vec<Coverage>,
}

/// In catalogue order. Acquisitions whose footprints do not touch the parcel's box are absent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParcelCoverage {
    /// One entry per acquisition that touches the parcel.
    pub acquisitions: Vec<AcquisitionCoverage>,
    /// Acquisitions outside: counted for the "no imagery" message.
    pub outside: usize,
}

impl Query for CoverageQuery {
    type Output = ParcelCoverage;

    fn weight(output: &Self::Output) -> usize {
        output.acquisitions.len() * 128
    }

    fn waits(&self, env: &Env) -> bool {
        env.remote.is_some()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let rows: Vec<(AcquisitionIx, &Acquisition)> = env.catalog.iter().collect();
        let mut served = match &env.remote {
            Some(remote) => remote.coverage(env.parcels.id(self.parcel), watch)?,
            None => HashMap::new(),
        };
        let seen = rows
            .par_iter()
            .map(
                |&(ix, acquisition)| {
                    if watch.cancelled() { Err(IoError::Cancelled) } else { observe(env, self.parcel, ix, acquisition, watch) }
                },
            )
            .collect::<Result<Vec<_>, _>>()?;
        let total = seen.len();
        let mut from_tables = match &env.tables {
            Some(tables) => tables.coverage(self.parcel, &env.catalog)?,
            None => BTreeMap::new(),
        };
        // An image shows more than a table says of it; where there is none, the table stands for it.
        let acquisitions: Vec<_> = rows
            .iter()
            .zip(seen)
            .filter_map(|(&(ix, acquisition), seen)| {
                if let Some(granules) = served.remove(&ix) {
                    return Some(AcquisitionCoverage { granules });
                }
                let told = from_tables.remove(&ix).filter(|_| is_values_only(acquisition));
                seen.or_else(|| told.map(|told| AcquisitionCoverage { granules: vec![told] }))
            })
            .collect();
        Ok(ParcelCoverage { outside: total - acquisitions.len(), acquisitions })
    }
}

impl ParcelCoverage {
    /// Entry of an acquisition.
    pub fn of(&self, acquisition: AcquisitionIx) -> Option<&AcquisitionCoverage> {
        self.acquisitions
            .binary_search_by_key(&acquisition, |entry| entry.granules[0].acquisition)
            .ok()
            .map(|position| &self.acquisitions[position])
    }
}

/// Products of one acquisition that touch the parcel, best first; `None` when none does.
fn observe(
    env: &Env,
    parcel: ParcelIx,
    ix: AcquisitionIx,
    acquisition: &Acquisition,
    watch: &Watch,
) -> Result<Option<AcquisitionCoverage>, IoError> {
    let mut granules = Vec::new();
    for (number, granule) in (0u8..).zip(&acquisition.granules).filter(|(_, granule)| !granule.remote) {
        let Some(grid) = granule.scl().map(|asset| &asset.grid).or_else(|| granule.finest_grid()) else { continue };
        let outline = env.outline_in(parcel, grid)?;
        let bounds = outline.bounds();
        if grid.window(&bounds).is_none() {
            continue;
        }
        let mut coverage =
            Coverage { acquisition: ix, granule: number, pixels: 0, classes: [0; 12], nodata: 0, classified: false };
        // Pixels of the parcel also where the image ends: the grid is continued beyond its edge.
        let whole = continued(grid, &bounds);
        coverage.pixels = count(&weights(&outline, &whole, PixelRule::Centre));
        if let Some(asset) = granule.scl() {
            // A mask that cannot be read leaves the product usable, but nothing is known to be clear.
            coverage.classified = true;
            if let Some(scl) = env
                .read_windows(parcel, (ix, number), &[asset], &bounds, watch)
                .ok()
                .and_then(|mut windows| windows.pop().flatten())
            {
                let inside = weights(&outline, &scl.grid, PixelRule::Centre);
                let (classes, _) = class_histogram(&scl, &inside);
                coverage.classes = classes.map(|pixels| pixels.round() as u32);
            }
            let known: u32 = coverage.classes[1..].iter().sum();
            coverage.nodata = coverage.pixels.saturating_sub(known);
        } else {
            // A band that cannot be read shows nothing; its chip says why.
            let known = granule.bands.first().map_or(0, |asset| {
                let read = env.read_windows(parcel, (ix, number), &[asset], &bounds, watch);
                read.ok().and_then(|mut windows| windows.pop().flatten()).map_or(0, |window| with_value(&window, &outline))
            });
            coverage.nodata = coverage.pixels.saturating_sub(known);
        }
        granules.push(coverage);
    }
    let baseline = |coverage: &Coverage| acquisition.granules[usize::from(coverage.granule)].baseline.clone();
    let synthetic = |coverage: &Coverage| acquisition.granules[usize::from(coverage.granule)].synthetic;
    let bands = |coverage: &Coverage| acquisition.granules[usize::from(coverage.granule)].bands.len();
    granules.sort_by(|a, b| {
        (a.nodata.cmp(&b.nodata))
            .then(b.clear(MaskSet::default()).total_cmp(&a.clear(MaskSet::default())))
            .then(synthetic(a).cmp(&synthetic(b)))
            .then(baseline(b).cmp(&baseline(a)))
            .then(bands(b).cmp(&bands(a)))
            .then(a.granule.cmp(&b.granule))
    });
    Ok((!granules.is_empty()).then_some(AcquisitionCoverage { granules }))
}

/// Pixels of the parcel that have a value in a band without classification.
fn with_value(window: &BandWindow, outline: &Polygons) -> u32 {
    let inside = weights(outline, &window.grid, PixelRule::Centre);
    inside.iter().zip(&window.values).filter(|&(&weight, value)| weight > 0.0 && value.is_finite()).count() as u32
}

/// The grid continued over `bounds`, pixels aligned.
fn continued(grid: &Grid, bounds: &Bounds) -> Grid {
    let (left, top) = grid.pixel_from_world(bounds.min_x, bounds.max_y);
    let (right, bottom) = grid.pixel_from_world(bounds.max_x, bounds.min_y);
    let (x, y) = grid.world_from_pixel(left.floor(), top.floor());
    Grid {
        left: x,
        top: y,
        width: (right.ceil() - left.floor()) as usize,
        height: (bottom.ceil() - top.floor()) as usize,
        ..grid.clone()
    }
}

fn count(weights: &[f32]) -> u32 {
    weights.iter().filter(|&&weight| weight > 0.0).count() as u32
}
