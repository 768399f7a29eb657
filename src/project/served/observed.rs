//! Statistics of parcels as JRC's extraction makes them: centre rule, nothing masked, no buffer, every product on its own.

use jiff::Timestamp;
use rayon::prelude::*;

use super::numbers::Numbers;
use crate::contract::SeriesKind;
use crate::engine::clean::class_histogram;
use crate::engine::coverage::weights;
use crate::engine::zonal;
use crate::model::{AcquisitionIx, Band, BandAsset, BandStats, Granule, ParcelIx, PixelRule, Watch};
use crate::project::queries::Env;
use crate::project::query::{Answer, Query};

/// Bands of one parcel over all products of a sensor.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ObservedQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Which sensor, in the units of the contract.
    pub kind: SeriesKind,
    /// Bands; none gives the scene classes alone.
    pub bands: Vec<Band>,
    /// Data revision.
    pub revision: u64,
}

/// One product over one parcel.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservedProduct {
    /// Acquisition.
    pub acquisition: AcquisitionIx,
    /// Position among its products.
    pub granule: u8,
    /// Sensing time of the product.
    pub acquired: Timestamp,
    /// Bands with a value in a pixel of the parcel, by name. Reflectance is in digital numbers, backscatter in linear power.
    pub bands: Vec<(Band, BandStats)>,
    /// Pixels per scene class; `None` without a classification there.
    pub classes: Option<[u32; 12]>,
}

impl Query for ObservedQuery {
    /// By time, then catalogue order. Products that show nothing of the parcel are absent.
    type Output = Vec<ObservedProduct>;

    fn weight(output: &Self::Output) -> usize {
        output.iter().map(|product| 128 + product.bands.len() * 120).sum()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let sensor = self.kind.sensor();
        let products: Vec<(AcquisitionIx, u8, &Granule)> = env
            .catalog
            .iter()
            .filter(|(_, acquisition)| acquisition.sensor == sensor)
            .flat_map(|(ix, acquisition)| (0u8..).zip(&acquisition.granules).map(move |(number, granule)| (ix, number, granule)))
            .collect();
        let mut seen: Vec<ObservedProduct> = products
            .par_iter()
            .filter_map(|&(ix, number, granule)| {
                if watch.cancelled() {
                    return None;
                }
                // A product that cannot be read is one that is not there; the others still are.
                self.observe(env, ix, number, granule).unwrap_or_else(|error| {
                    tracing::warn!("{}: {error:#}", granule.name);
                    None
                })
            })
            .collect();
        if watch.cancelled() {
            return Err(anyhow::anyhow!("cancelled").into());
        }
        seen.sort_by_key(|product| (product.acquired, product.acquisition, product.granule));
        Ok(seen)
    }
}

impl ObservedQuery {
    fn observe(&self, env: &Env, ix: AcquisitionIx, number: u8, granule: &Granule) -> anyhow::Result<Option<ObservedProduct>> {
        let assets: Vec<&BandAsset> = self.bands.iter().filter_map(|band| granule.band(band)).collect();
        let mut wanted = assets.clone();
        wanted.extend(granule.scl());
        let Some(grid) = granule.finest_grid().filter(|_| !wanted.is_empty()) else { return Ok(None) };
        let outline = env.outline_in(self.parcel, grid)?;
        if outline.is_empty() || !grid.bounds().intersects(&outline.bounds()) {
            return Ok(None);
        }
        let mut windows = env.read_windows(self.parcel, (ix, number), &wanted, &outline.bounds(), &Watch::default())?;
        let classes = if granule.scl().is_some() { windows.pop().flatten() } else { None };
        let classes = classes.and_then(|scl| {
            let (counts, _) = class_histogram(&scl, &weights(&outline, &scl.grid, PixelRule::Centre));
            let counts = counts.map(|pixels| pixels.round() as u32);
            counts.iter().any(|&pixels| pixels > 0).then_some(counts)
        });
        let mut bands: Vec<(Band, BandStats)> = Vec::with_capacity(assets.len());
        for (asset, window) in assets.iter().zip(windows) {
            let Some(window) = window else { continue };
            let numbers = Numbers::of(asset, granule);
            let values: Vec<f32> = window.values.iter().map(|&value| numbers.number(value)).collect();
            let stats = zonal::stats(&values, &weights(&outline, &window.grid, PixelRule::Centre), &[]);
            if stats.count > 0.0 {
                bands.push((asset.band.clone(), stats));
            }
        }
        bands.sort_by(|a, b| a.0.cmp(&b.0));
        let acquired = granule.acquired;
        let shown = !bands.is_empty() || (self.bands.is_empty() && classes.is_some());
        Ok(shown.then_some(ObservedProduct { acquisition: ix, granule: number, acquired, bands, classes }))
    }
}
