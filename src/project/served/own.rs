//! Rows of the routes that only Parcelight servers have.

use super::{Products, numbers::Numbers};
use crate::contract::{AcquisitionKey, AcquisitionRow, SignalRow};
use crate::model::catalog::Quantity;
use crate::model::{Acquisition, Catalog, Granule, Series};
use crate::project::queries::coverage::ParcelCoverage;

/// A series with its acquisitions named.
pub fn signal_rows(catalog: &Catalog, series: &Series) -> Vec<SignalRow> {
    let row = |point: &crate::model::SeriesPoint| SignalRow {
        key: key_of(catalog.get(point.acquisition)),
        acquired: point.acquired,
        value: point.value,
        std: point.std,
        p25: point.p25,
        p75: point.p75,
        count: point.count,
        usable_share: point.usable_share,
        state: point.state,
    };
    series.points.iter().map(row).collect()
}

/// All products that touch a parcel: acquisitions in catalogue order, of each the product first that shows most of the parcel.
pub fn acquisition_rows(catalog: &Catalog, products: &Products, coverage: &ParcelCoverage) -> Vec<AcquisitionRow> {
    let mut rows = Vec::new();
    for seen in coverage.acquisitions.iter().flat_map(|entry| &entry.granules) {
        let acquisition = catalog.get(seen.acquisition);
        let Some(granule) = acquisition.granules.get(usize::from(seen.granule)) else { continue };
        let Some((_, product)) = products.at(seen.acquisition, seen.granule) else { continue };
        rows.push(AcquisitionRow {
            key: key_of(acquisition),
            product: product.name.clone(),
            acquired: granule.acquired,
            tile: granule.tile.clone(),
            baseline: granule.baseline.clone(),
            boa_offset_dn: granule.boa_offset_dn,
            quantification: quantification(granule),
            epsg: granule.finest_grid().and_then(|grid| grid.crs.epsg()).unwrap_or(0),
            bands: bands(granule),
            classes: seen.classes,
            pixels: seen.pixels,
            nodata: seen.nodata,
            classified: seen.classified,
            synthetic: granule.synthetic,
        });
    }
    rows
}

fn key_of(acquisition: &Acquisition) -> AcquisitionKey {
    AcquisitionKey {
        time: acquisition.acquired,
        sensor: acquisition.sensor,
        platform: acquisition.platform.clone(),
        relative_orbit: acquisition.relative_orbit,
        pass: acquisition.pass,
        first: acquisition.first,
    }
}

fn quantification(granule: &Granule) -> f64 {
    let optical = granule.bands.iter().find(|asset| asset.quantity == Quantity::Reflectance);
    optical.map_or(1.0, |asset| Numbers::of(asset, granule).quantification())
}

fn bands(granule: &Granule) -> Vec<(String, f64)> {
    let name = |asset: &crate::model::BandAsset| {
        if asset.quantity == Quantity::SceneClass { "SCL".to_owned() } else { asset.band.to_string() }
    };
    granule.bands.iter().map(|asset| (name(asset), asset.grid.pixel_x)).collect()
}
