//! Which parcels lie on top of each other.

use gdal::vector::Geometry;
use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTreeBuilder, RTreeIndex as _};
use rayon::prelude::*;

use crate::model::parcels::ParcelsBuilder;
use crate::model::{ParcelIx, Watch};

use super::wkb;

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
/// * **Cost:** one index query a parcel, and one GEOS intersection for every pair of boxes that share enough area.
pub(super) fn find(parcels: &ParcelsBuilder, watch: &Watch) -> (Vec<Overlap>, bool) {
    let rows: Vec<ParcelIx> = (0..parcels.len() as u32).map(ParcelIx).collect();
    let boxes: Vec<_> = rows.par_iter().map(|&row| parcels.outline(row).bounds()).collect();
    let usable: Vec<ParcelIx> = rows.into_iter().filter(|row| !boxes[row.at()].is_empty()).collect();
    if usable.len() < 2 {
        return (Vec::new(), false);
    }
    let mut builder = RTreeBuilder::<f64>::new(usable.len() as u32);
    for row in &usable {
        let b = boxes[row.at()];
        builder.add(b.min_x, b.min_y, b.max_x, b.max_y);
    }
    let index = builder.finish::<HilbertSort>();
    let found: Vec<(Vec<Overlap>, bool)> = usable
        .par_iter()
        .map(|&parcel| {
            if watch.cancelled() {
                return (Vec::new(), false);
            }
            let own = boxes[parcel.at()];
            let mut others: Vec<ParcelIx> = index
                .search(own.min_x, own.min_y, own.max_x, own.max_y)
                .into_iter()
                .map(|at| usable[at as usize])
                .filter(|&other| other > parcel && !own.intersection(&boxes[other.at()]).is_empty())
                .collect();
            others.sort_unstable();
            let cut = others.len() > MAX_NEIGHBOURS;
            others.truncate(MAX_NEIGHBOURS);
            (
                pairs(parcels, parcel, &others, |other| {
                    let common = own.intersection(&boxes[other.at()]);
                    common.width() * common.height()
                }),
                cut,
            )
        })
        .collect();
    let cut = found.iter().any(|(_, cut)| *cut);
    let mut overlaps: Vec<Overlap> = found.into_iter().flat_map(|(pairs, _)| pairs).collect();
    overlaps.sort_by_key(|overlap| (overlap.parcel, overlap.other));
    (overlaps, cut)
}

/// Overlaps of one parcel with some others, in both directions. `box_area` is the most that the two can share.
fn pairs(parcels: &ParcelsBuilder, parcel: ParcelIx, others: &[ParcelIx], box_area: impl Fn(ParcelIx) -> f64) -> Vec<Overlap> {
    let mut found = Vec::new();
    let outline = parcels.outline(parcel);
    let area = outline.area();
    // Made when the first neighbour needs it: most parcels have none that does.
    let mut shape: Option<Geometry> = None;
    for &other in others {
        let other_outline = parcels.outline(other);
        let other_area = other_outline.area();
        if box_area(other) <= SHARE * area.min(other_area) {
            continue;
        }
        if shape.is_none() {
            shape = Geometry::from_wkb(&wkb::write(&outline)).ok(); // a valid outline; without it there is nothing to compare
        }
        let (Some(own), Ok(its)) = (&shape, Geometry::from_wkb(&wkb::write(&other_outline))) else { continue };
        let common = own.intersection(&its).map_or(0.0, |common| common.area());
        for (parcel, other, area) in [(parcel, other, area), (other, parcel, other_area)] {
            if common > SHARE * area {
                found.push(Overlap { parcel, other, share: (common / area).min(1.0) });
            }
        }
    }
    found
}
