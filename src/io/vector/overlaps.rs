//! Which parcels lie on top of each other.

use gdal::vector::Geometry;
use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTreeBuilder, RTreeIndex as _};
use rayon::prelude::*;

use crate::model::{ParcelIx, Parcels, Polygons, Watch};

use super::{plain, wkb};

/// Overlaps below this share of a parcel's own area are digitising noise.
const SHARE: f64 = 0.1;

/// So many neighbours of a parcel are compared: a file with everything in one place must not take for ever.
const MAX_NEIGHBOURS: usize = 64;

/// One overlap seen from one of the two parcels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Overlap {
    pub(super) parcel: ParcelIx,
    pub(super) other: ParcelIx,
    /// Share of `parcel`'s area.
    pub(super) share: f64,
}

/// Overlaps over a tenth of a parcel's own area, in row order, and whether some neighbours were left out.
///
/// * **Unit:** shares of areas in the working CRS.
/// * **Cost:** one index query a parcel, and one GEOS intersection for every pair whose hulls share enough area.
pub(super) fn find(parcels: &Parcels, watch: &Watch) -> (Vec<Overlap>, bool) {
    let usable: Vec<ParcelIx> = parcels.iter().filter(|&row| !parcels.bounds(row).is_empty()).collect();
    if usable.len() < 2 {
        return (Vec::new(), false);
    }
    // One index over all, because rows of a file need not lie near each other.
    let mut builder = RTreeBuilder::<f32>::new(usable.len() as u32);
    let (low, high) = (|value: f64| (value as f32).next_down(), |value: f64| (value as f32).next_up());
    for &row in &usable {
        let b = parcels.bounds(row);
        builder.add(low(b.min_x), low(b.min_y), high(b.max_x), high(b.max_y));
    }
    let index = builder.finish::<HilbertSort>();
    let found: Vec<(Vec<Overlap>, bool)> = usable
        .par_iter()
        .map(|&parcel| {
            if watch.cancelled() {
                return (Vec::new(), false);
            }
            let own = parcels.bounds(parcel);
            let mut others: Vec<ParcelIx> = index
                .search(low(own.min_x), low(own.min_y), high(own.max_x), high(own.max_y))
                .into_iter()
                .map(|at| usable[at as usize])
                .filter(|&other| other > parcel && !own.intersection(&parcels.bounds(other)).is_empty())
                .collect();
            others.sort_unstable();
            let cut = others.len() > MAX_NEIGHBOURS;
            others.truncate(MAX_NEIGHBOURS);
            (pairs(parcels, parcel, &others), cut)
        })
        .filter(|(pairs, cut)| *cut || !pairs.is_empty())
        .collect();
    let cut = found.iter().any(|(_, cut)| *cut);
    let mut overlaps: Vec<Overlap> = found.into_iter().flat_map(|(pairs, _)| pairs).collect();
    overlaps.sort_by_key(|overlap| (overlap.parcel, overlap.other));
    (overlaps, cut)
}

/// Overlaps of one parcel with some others, in both directions.
fn pairs(parcels: &Parcels, parcel: ParcelIx, others: &[ParcelIx]) -> Vec<Overlap> {
    let mut found = Vec::new();
    let bounds = parcels.bounds(parcel);
    // Made when the first neighbour needs it: most parcels have none that does.
    let mut own: Option<Candidate> = None;
    for &other in others {
        let common = bounds.intersection(&parcels.bounds(other));
        let box_area = common.width() * common.height();
        // Areas of the table are of another projection: a tenth off at the very most.
        let least = parcels.area_ha(parcel).min(parcels.area_ha(other)) * 10_000.0;
        if box_area <= 0.9 * SHARE * least {
            continue;
        }
        let own = own.get_or_insert_with(|| Candidate::new(parcels, parcel));
        let its = Candidate::new(parcels, other);
        // More than the hulls share the outlines cannot.
        if own.most_shared(&its) <= 0.99 * SHARE * own.area.min(its.area) {
            continue;
        }
        let (Some(one), Some(two)) = (own.geometry(), its.geometry()) else { continue };
        let common = one.intersection(&two).map_or(0.0, |common| common.area());
        for (parcel, other, area) in [(parcel, other, own.area), (other, parcel, its.area)] {
            if common > SHARE * area {
                found.push(Overlap { parcel, other, share: (common / area).min(1.0) });
            }
        }
    }
    found
}

/// An outline that may overlap others.
struct Candidate {
    outline: Polygons,
    area: f64,
    hull: Vec<[f64; 2]>,
}

impl Candidate {
    fn new(parcels: &Parcels, parcel: ParcelIx) -> Self {
        let outline = parcels.outline(parcel);
        let points: Vec<[f64; 2]> = outline.rings().flatten().copied().collect();
        Self { area: outline.area(), hull: plain::hull(&points), outline }
    }

    /// No less than the common area.
    fn most_shared(&self, other: &Self) -> f64 {
        let within = |outline: &Polygons, hull: &[[f64; 2]]| {
            outline.parts.iter().filter_map(|part| part.first()).map(|ring| plain::area_inside(ring, hull)).sum::<f64>()
        };
        within(&self.outline, &other.hull).min(within(&other.outline, &self.hull))
    }

    /// A valid outline; without it there is nothing to compare.
    fn geometry(&self) -> Option<Geometry> {
        Geometry::from_wkb(&wkb::write(&self.outline)).ok() // GEOS's reason helps nobody: the outline was valid before
    }
}
