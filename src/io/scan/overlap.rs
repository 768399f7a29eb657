//! Finds images and layers that lie apart from everything else: mostly a wrong CRS or exchanged axes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};

use super::{Fault, Piece};
use crate::model::report::Problem;
use crate::model::{Bounds, Crs};

/// One line per folder with granules in a rarer CRS that lie apart from all images in the most common one, and per layer that
/// lies apart from all images.
pub(super) fn check(granules: &[Piece], layers: &[(PathBuf, Bounds)]) -> Vec<Problem> {
    let mut by_crs: BTreeMap<String, (usize, Bounds)> = BTreeMap::new();
    let mut boxes: Vec<Option<Bounds>> = Vec::with_capacity(granules.len());
    let mut known: BTreeMap<String, Option<Bounds>> = BTreeMap::new();
    for granule in granules {
        let Some(asset) = granule.bands.first() else {
            boxes.push(None);
            continue;
        };
        let (label, native) = (asset.grid.crs.label(), asset.grid.bounds());
        // Most granules of a season share one footprint: transform it once.
        let key = format!("{label} {native:?}");
        let bounds = *known.entry(key).or_insert_with(|| degrees(&asset.grid.crs, &native));
        boxes.push(bounds);
        if let Some(bounds) = bounds {
            let (count, all) = by_crs.entry(label).or_insert((0, Bounds::EMPTY));
            *count += granule.bands.len();
            all.include(bounds.min_x, bounds.min_y);
            all.include(bounds.max_x, bounds.max_y);
        }
    }
    let Some((common, (_, area))) = by_crs.iter().max_by_key(|(_, (count, _))| *count) else { return Vec::new() };
    let mut strange: BTreeMap<(PathBuf, String), Vec<&Piece>> = BTreeMap::new();
    for (granule, bounds) in granules.iter().zip(&boxes) {
        let Some(crs) = granule.bands.first().map(|asset| &asset.grid.crs) else { continue };
        let apart = crs.label() != *common && bounds.is_some_and(|bounds| !bounds.intersects(area));
        // A tile of the same zone confirms the CRS: a second area, not a mistake.
        if apart && zone_of_tile(granule).is_none_or(|zone| zone_of_crs(crs) != Some(zone)) {
            strange.entry((granule.home.clone(), crs.label())).or_default().push(granule);
        }
    }
    let mut problems = Vec::new();
    for ((home, label), granules) in strange {
        let (path, what) = match granules.as_slice() {
            [only] => (only.path.clone(), "the image is".to_owned()),
            several => (home, format!("{} images are", several.len())),
        };
        let fact = format!("{what} in {label} and apart from all images in {common}");
        problems.push(Fault::warning(fact, "the same area; check the CRS of the file").at(&path));
    }
    let everywhere = by_crs.values().fold(Bounds::EMPTY, |mut sum, (_, bounds)| {
        sum.include(bounds.min_x, bounds.min_y);
        sum.include(bounds.max_x, bounds.max_y);
        sum
    });
    problems.extend(layers.iter().filter_map(|(path, bounds)| Some(apart(bounds, &everywhere)?.at(path))));
    problems
}

fn zone_of_tile(granule: &Piece) -> Option<u32> {
    granule.tile.as_ref()?.get(..2)?.parse().ok() // no digits: no zone
}

fn zone_of_crs(crs: &Crs) -> Option<u32> {
    let code = crs.epsg()?;
    [32_600, 32_700].into_iter().find_map(|hemisphere| code.checked_sub(hemisphere).filter(|zone| (1..=60).contains(zone)))
}

fn apart(layer: &Bounds, images: &Bounds) -> Option<Fault> {
    if layer.intersects(images) {
        return None;
    }
    let swapped = Bounds { min_x: layer.min_y, max_x: layer.max_y, min_y: layer.min_x, max_y: layer.max_x };
    if swapped.intersects(images) {
        return Some(Fault::warning(
            "latitude and longitude look exchanged: only so the layer would lie on the images",
            "longitude first",
        ));
    }
    Some(Fault::note(
        format!("the layer lies apart from all images: about {:.2} E {:.2} N", layer.center().0, layer.center().1),
        "a layer that overlaps the images, if it holds the parcels",
    ))
}

/// A box in degrees, longitude first; `None` when it cannot be transformed.
pub(super) fn degrees(crs: &Crs, bounds: &Bounds) -> Option<Bounds> {
    let reference = |result: gdal::errors::Result<SpatialRef>| {
        let mut reference = result.ok()?; // an unknown system: nothing to compare
        reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        Some(reference)
    };
    let source = reference(match crs {
        Crs::Epsg(code) => SpatialRef::from_epsg(*code),
        Crs::Wkt(text) => SpatialRef::from_wkt(text),
    })?;
    let transform = CoordTransform::new(&source, &reference(SpatialRef::from_epsg(4326))?).ok()?; // as above
    let [min_x, min_y, max_x, max_y] =
        transform.transform_bounds(&[bounds.min_x, bounds.min_y, bounds.max_x, bounds.max_y], 21).ok()?; // as above
    Some(Bounds { min_x, min_y, max_x, max_y })
}
