//! Coordinate reference systems: transforms between them.
//!
//! Coordinates are always in the order x, y (longitude, latitude), whatever the authority says about axis order.
//! Building a transform costs milliseconds, so every thread keeps the ones it has used.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};

use crate::io::{IoError, gdal_log};
use crate::model::{Bounds, Crs, Polygons};

/// Longitude and latitude in degrees.
pub const WGS84: Crs = Crs::Epsg(4326);

/// More pairs than this in one thread are a sign of a loop over systems: start over rather than grow.
const KEPT_TRANSFORMS: usize = 32;

/// Points set on each side of a box before it is transformed, so that a bent side stays inside the new box.
const EDGE_POINTS: u32 = 21;

type Transforms = HashMap<(Crs, Crs), Rc<CoordTransform>>;

thread_local! {
    static TRANSFORMS: RefCell<Transforms> = RefCell::new(HashMap::new());
}

/// The outline in another CRS.
pub fn transform(outline: &Polygons, from: &Crs, to: &Crs) -> Result<Polygons, IoError> {
    let mut moved = outline.clone();
    if from == to {
        return Ok(moved);
    }
    let mut points: Vec<[f64; 2]> = outline.rings().flatten().copied().collect();
    transform_points(&mut points, from, to)?;
    let mut next = points.into_iter();
    for place in moved.parts.iter_mut().flatten().flatten() {
        if let Some(point) = next.next() {
            *place = point;
        }
    }
    Ok(moved)
}

/// Points `[x, y]` in another CRS (longitude, latitude order for geographic systems). Points that cannot be transformed become `NaN`.
pub fn transform_points(points: &mut [[f64; 2]], from: &Crs, to: &Crs) -> Result<(), IoError> {
    if from == to || points.is_empty() {
        return Ok(());
    }
    let transform = cached(from, to)?;
    let mut x: Vec<f64> = points.iter().map(|point| point[0]).collect();
    let mut y: Vec<f64> = points.iter().map(|point| point[1]).collect();
    // An error here means that some points failed; those hold infinity and are told apart below.
    let all_fine = transform.transform_coords(&mut x, &mut y, &mut []).is_ok();
    for (point, (x, y)) in points.iter_mut().zip(x.into_iter().zip(y)) {
        let usable = x.is_finite() && y.is_finite() && point[0].is_finite() && point[1].is_finite();
        *point = if usable { [x, y] } else { [f64::NAN; 2] };
    }
    if !all_fine {
        tracing::debug!(from = from.label(), to = to.label(), "some points could not be transformed");
    }
    Ok(())
}

/// A box in another CRS: the box around its transformed, densified edge.
pub fn transform_bounds(bounds: &Bounds, from: &Crs, to: &Crs) -> Result<Bounds, IoError> {
    if from == to || bounds.is_empty() {
        return Ok(*bounds);
    }
    let mut points = Vec::with_capacity(4 * EDGE_POINTS as usize + 4);
    for step in 0..=EDGE_POINTS {
        let share = f64::from(step) / f64::from(EDGE_POINTS);
        let (x, y) = (bounds.min_x + share * bounds.width(), bounds.min_y + share * bounds.height());
        points.extend([[x, bounds.min_y], [x, bounds.max_y], [bounds.min_x, y], [bounds.max_x, y]]);
    }
    transform_points(&mut points, from, to)?;
    let mut moved = Bounds::EMPTY;
    points.iter().filter(|point| point[0].is_finite()).for_each(|&[x, y]| moved.include(x, y));
    if moved.is_empty() {
        let fact = format!(
            "no point of the box {:?} is inside the target's range",
            (bounds.min_x, bounds.min_y, bounds.max_x, bounds.max_y)
        );
        return Err(IoError::Transform { from: from.label(), to: to.label(), fact });
    }
    Ok(moved)
}

/// The system of a GDAL object: its EPSG code where it has one. CRS84 is WGS 84 here, as axes are always x, y.
pub fn of(srs: &SpatialRef) -> Option<Crs> {
    let code = |srs: &SpatialRef| match srs.auth_name().as_deref() {
        Some("EPSG") => srs.auth_code().ok().and_then(|code| u32::try_from(code).ok()), // no code: the text below says all
        Some("OGC") => (srs.name().as_deref() == Some("WGS 84 (CRS84)")).then_some(4326),
        _ => None,
    };
    if let Some(code) = code(srs) {
        return Some(Crs::Epsg(code));
    }
    let mut identified = srs.clone();
    if identified.auto_identify_epsg().is_ok()
        && let Some(code) = code(&identified)
    {
        return Some(Crs::Epsg(code));
    }
    // Without text there is nothing that could name the system.
    srs.to_wkt().ok().filter(|text| !text.is_empty()).map(Crs::Wkt)
}

/// True when coordinates are degrees.
pub fn is_geographic(crs: &Crs) -> Result<bool, IoError> {
    Ok(reference(crs)?.is_geographic())
}

/// Where a system is meant to be used, in longitude and latitude; `None` when it does not say, or spans the date line.
pub fn area_of_use(crs: &Crs) -> Result<Option<Bounds>, IoError> {
    let area = reference(crs)?.area_of_use().map(|area| Bounds {
        min_x: area.west_lon_degree,
        min_y: area.south_lat_degree,
        max_x: area.east_lon_degree,
        max_y: area.north_lat_degree,
    });
    Ok(area.filter(|area| !area.is_empty()))
}

/// UTM zone of a place given in degrees.
pub fn utm_zone(longitude: f64, latitude: f64) -> Crs {
    let zone = (((longitude + 180.0) / 6.0).floor().clamp(0.0, 59.0) as u32) + 1;
    Crs::Epsg(if latitude < 0.0 { 32_700 } else { 32_600 } + zone)
}

/// Lambert azimuthal equal-area projection about a place given in degrees, on the WGS 84 ellipsoid.
///
/// Areas are true everywhere; lengths are off by less than 0.1 % within 500 km of the centre.
pub fn equal_area(longitude: f64, latitude: f64) -> Result<Crs, IoError> {
    gdal_log::install();
    let text = format!("+proj=laea +lat_0={latitude:.3} +lon_0={longitude:.3} +datum=WGS84 +units=m +no_defs");
    let wkt = SpatialRef::from_proj4(&text).and_then(|srs| srs.to_wkt());
    wkt.map(Crs::Wkt).map_err(|error| IoError::Transform { from: WGS84.label(), to: text, fact: error.to_string() })
}

/// The GDAL object of a system, with axes in the order x, y.
pub fn reference(crs: &Crs) -> Result<SpatialRef, IoError> {
    gdal_log::install();
    let made = match crs {
        Crs::Epsg(code) => SpatialRef::from_epsg(*code),
        Crs::Wkt(text) => SpatialRef::from_wkt(text),
    };
    let mut srs = made.map_err(|error| IoError::Transform {
        from: crs.label(),
        to: "any other system".to_owned(),
        fact: format!("the coordinate reference system {} is not known ({error})", crs.label()),
    })?;
    srs.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    Ok(srs)
}

/// Well-known text of a system, as files beside pictures have it.
pub fn wkt(crs: &Crs) -> Result<String, IoError> {
    let fault = |error: gdal::errors::GdalError| IoError::Transform {
        from: crs.label(),
        to: "well-known text".to_owned(),
        fact: error.to_string(),
    };
    reference(crs)?.to_wkt().map_err(fault)
}

fn cached(from: &Crs, to: &Crs) -> Result<Rc<CoordTransform>, IoError> {
    let key = (from.clone(), to.clone());
    if let Some(found) = TRANSFORMS.with_borrow(|kept| kept.get(&key).cloned()) {
        return Ok(found);
    }
    let made = CoordTransform::new(&reference(from)?, &reference(to)?).map_err(|error| IoError::Transform {
        from: from.label(),
        to: to.label(),
        fact: error.to_string(),
    })?;
    let made = Rc::new(made);
    TRANSFORMS.with_borrow_mut(|kept| {
        if kept.len() >= KEPT_TRANSFORMS {
            kept.clear();
        }
        kept.insert(key, Rc::clone(&made));
    });
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(x: f64, y: f64, from: u32, to: u32) -> [f64; 2] {
        let mut point = [[x, y]];
        transform_points(&mut point, &Crs::Epsg(from), &Crs::Epsg(to)).expect("known systems");
        point[0]
    }

    #[test]
    fn longitude_comes_first_in_both_directions() {
        // The central meridian of zone 31 is at 500 km east by definition.
        let [x, y] = moved(3.0, 0.0, 4326, 32631);
        assert!((x - 500_000.0).abs() < 1e-6 && y.abs() < 1e-6, "{x} {y}");
        let [x, y] = moved(500_000.0, 0.0, 32631, 4326);
        assert!((x - 3.0).abs() < 1e-9 && y.abs() < 1e-9, "{x} {y}");
        // Worked example of IOGP Guidance Note 7-2, section 3.4.2: LAEA Europe, latitude 50, longitude 5.
        let [x, y] = moved(5.0, 50.0, 4258, 3035);
        assert!((x - 3_962_799.45).abs() < 0.01 && (y - 2_999_718.85).abs() < 0.01, "{x} {y}");
    }

    #[test]
    fn points_that_fail_are_nan_and_the_others_stay() {
        let mut points = [[3.0, 51.0], [f64::NAN, 51.0], [3.0, 1e9]];
        transform_points(&mut points, &WGS84, &Crs::Epsg(32631)).expect("known systems");
        assert!(points[0][0].is_finite() && points[1][0].is_nan() && points[2][1].is_nan(), "{points:?}");
    }

    #[test]
    fn a_box_holds_the_bulge_of_its_sides() {
        let bounds = Bounds { min_x: 0.0, min_y: 50.0, max_x: 6.0, max_y: 51.0 };
        let utm = transform_bounds(&bounds, &WGS84, &Crs::Epsg(32631)).expect("known systems");
        // The parallel bends: its lowest point lies on the central meridian, between the corners.
        assert!(utm.min_y <= moved(3.0, 50.0, 4326, 32631)[1] + 15.0, "{utm:?}");
        assert!(utm.min_y < moved(0.0, 50.0, 4326, 32631)[1] - 1000.0, "{utm:?}");
        let back = transform_bounds(&utm, &Crs::Epsg(32631), &WGS84).expect("known systems");
        assert!(back.min_x <= 0.0 && back.max_y >= 51.0, "{back:?}");
    }

    #[test]
    fn an_unknown_code_says_so() {
        let error = transform_points(&mut [[0.0, 0.0]], &Crs::Epsg(999_999), &WGS84).expect_err("no such code");
        assert!(error.to_string().contains("EPSG:999999"), "{error}");
    }

    #[test]
    fn zones_and_equal_area_fit_the_place() {
        assert_eq!(utm_zone(4.06, 50.7), Crs::Epsg(32631));
        assert_eq!(utm_zone(-180.0, -10.0), Crs::Epsg(32701));
        assert_eq!(utm_zone(180.0, 10.0), Crs::Epsg(32660));
        // One degree by one degree at 50 to 51 N: 7 909.4 km2 on the ellipsoid (closed form, Snyder 1987, eq. 3-12).
        let e: f64 = (6.694_379_990_141_317e-3_f64).sqrt();
        let q = |lat: f64| {
            let s = lat.to_radians().sin();
            (1.0 - e * e) * (s / (1.0 - e * e * s * s) - (1.0 / (2.0 * e)) * ((1.0 - e * s) / (1.0 + e * s)).ln())
        };
        let expected = 6_378_137.0_f64.powi(2) * (q(51.0) - q(50.0)) / 2.0 * 1f64.to_radians();
        let mut ring = Vec::new();
        let side = |ring: &mut Vec<[f64; 2]>, a: [f64; 2], b: [f64; 2]| {
            ring.extend(
                (0..200).map(|i| [a[0] + (b[0] - a[0]) * f64::from(i) / 200.0, a[1] + (b[1] - a[1]) * f64::from(i) / 200.0]),
            );
        };
        for (a, b) in
            [([4.0, 50.0], [5.0, 50.0]), ([5.0, 50.0], [5.0, 51.0]), ([5.0, 51.0], [4.0, 51.0]), ([4.0, 51.0], [4.0, 50.0])]
        {
            side(&mut ring, a, b);
        }
        let shape = Polygons { parts: vec![vec![ring]] };
        let area = transform(&shape, &WGS84, &equal_area(4.5, 50.5).expect("made")).expect("moves").area();
        assert!((area / expected - 1.0).abs() < 1e-6, "{area} {expected}");
    }
}
