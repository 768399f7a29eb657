//! Which parcel a feature of another layer belongs to.

use std::collections::BTreeMap;

use gdal::vector::Geometry;

use crate::io::{IoError, crs};
use crate::model::{Bounds, Crs, ParcelIx, Parcels, Polygons};

use super::Place;
use super::wkb;

/// Neighbours share this much of their smaller area by rounding alone.
const SHARE: f64 = 0.001;

/// The parcel in which a point lies (of several points: most of them), or with which an area shares most; `None` outside all parcels.
///
/// Coordinates are those of `from`. Of equal parcels the first one counts; of parcels on top of each other a point belongs to the
/// smallest.
pub fn parcel_of(place: &Place, from: &Crs, parcels: &Parcels) -> Result<Option<ParcelIx>, IoError> {
    match place {
        Place::Points(points) => {
            let mut points = points.clone();
            crs::transform_points(&mut points, from, parcels.crs())?;
            let mut votes: BTreeMap<ParcelIx, usize> = BTreeMap::new();
            for parcel in points.iter().filter_map(|&[x, y]| parcels.at_point(x, y)) {
                *votes.entry(parcel).or_default() += 1;
            }
            Ok(most(votes.into_iter().map(|(parcel, votes)| (parcel, votes as f64))))
        }
        Place::Area(outline) => {
            let outline = crs::transform(outline, from, parcels.crs())?;
            // A corner that cannot be transformed leaves nothing to compare.
            let finite = outline.rings().flatten().flatten().all(|number| number.is_finite());
            Ok(if finite { most(shared(&outline, parcels)) } else { None })
        }
    }
}

/// The parcel with the largest number, the first of equal ones.
fn most(measured: impl IntoIterator<Item = (ParcelIx, f64)>) -> Option<ParcelIx> {
    let larger = |best: Option<(ParcelIx, f64)>, own: (ParcelIx, f64)| match best {
        Some(best) if best.1 >= own.1 => Some(best),
        _ => Some(own),
    };
    measured.into_iter().fold(None, larger).map(|(parcel, _)| parcel)
}

/// Areas that parcels share with an outline, in row order.
fn shared(outline: &Polygons, parcels: &Parcels) -> Vec<(ParcelIx, f64)> {
    let bounds: Bounds = outline.bounds();
    let geometry = |outline: &Polygons| Geometry::from_wkb(&wkb::write(outline)).ok(); // without one there is nothing to share
    let Some(own) = geometry(outline) else { return Vec::new() };
    let area = own.area();
    let of_parcel = |parcel: ParcelIx| {
        let its = geometry(&parcels.outline(parcel))?;
        let common = own.intersection(&its)?.area();
        (common > SHARE * area.min(its.area())).then_some((parcel, common))
    };
    parcels.in_bounds(&bounds).into_iter().filter_map(of_parcel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parcels::{ParcelRow, ParcelsBuilder};

    const METRES: Crs = Crs::Epsg(32631);

    fn square(x: f64, y: f64, side: f64) -> Polygons {
        Polygons { parts: vec![vec![vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]]] }
    }

    /// Two neighbours of 100 m, and a third one apart.
    fn table() -> Parcels {
        let mut builder = ParcelsBuilder::new(METRES);
        for (id, x) in [("a", 500_000.0), ("b", 500_100.0), ("c", 500_500.0)] {
            builder.push(ParcelRow {
                id: id.to_owned(),
                outline: square(x, 5_600_000.0, 100.0),
                area_ha: 1.0,
                ..ParcelRow::default()
            });
        }
        builder.finish(vec![])
    }

    fn at(place: &Place, from: &Crs) -> Option<u32> {
        parcel_of(place, from, &table()).expect("transforms").map(|parcel| parcel.0)
    }

    #[test]
    fn points_belong_to_where_most_of_them_lie() {
        let point = |x: f64| [x, 5_600_050.0];
        assert_eq!(at(&Place::Points(vec![point(500_150.0)]), &METRES), Some(1));
        assert_eq!(at(&Place::Points(vec![point(500_050.0), point(500_520.0), point(500_530.0)]), &METRES), Some(2));
        assert_eq!(at(&Place::Points(vec![point(500_300.0)]), &METRES), None);
        let mut degrees = [point(500_150.0)];
        crs::transform_points(&mut degrees, &METRES, &crs::WGS84).expect("transforms");
        assert_eq!(at(&Place::Points(degrees.to_vec()), &crs::WGS84), Some(1));
    }

    #[test]
    fn areas_belong_to_the_parcel_with_which_they_share_most() {
        let area = |x: f64, side: f64| Place::Area(square(x, 5_600_000.0, side));
        assert_eq!(at(&area(500_080.0, 60.0), &METRES), Some(1));
        assert_eq!(at(&area(500_050.0, 60.0), &METRES), Some(0));
        // Equal shares: the first one.
        assert_eq!(at(&area(500_000.0, 200.0), &METRES), Some(0));
        // A neighbour that overlaps by a centimetre is no overlap.
        assert_eq!(at(&area(500_199.99, 100.0), &METRES), None);
        assert_eq!(at(&area(500_300.0, 100.0), &METRES), None);
    }
}
