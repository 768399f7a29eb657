//! Parcels as rows of the contract, and where they are found.

use std::fmt::Write as _;

use crate::contract::ParcelRow;
use crate::engine::meeting::meet;
use crate::io::{IoError, crs};
use crate::model::{Crs, ParcelIx, Polygons};
use crate::project::queries::Env;

/// Which geometry is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParcelGeometry {
    /// None.
    None,
    /// In the CRS of the parcel table.
    Own,
    /// In longitude and latitude.
    Wgs84,
}

/// A parcel as the parcel routes describe it. A table whose CRS has no EPSG code is told in longitude and latitude.
pub fn parcel_row(env: &Env, parcel: ParcelIx, geometry: ParcelGeometry) -> Result<ParcelRow, IoError> {
    let parcels = &env.parcels;
    let text = |text: Option<&str>| text.map(str::to_owned);
    let srid = parcels.crs().epsg().unwrap_or(4326);
    let shown = match geometry {
        ParcelGeometry::None => None,
        ParcelGeometry::Own => Some(Crs::Epsg(srid)),
        ParcelGeometry::Wgs84 => Some(crs::WGS84),
    };
    let geometry = match shown {
        Some(system) => Some(geojson(&crs::transform(&parcels.outline(parcel), parcels.crs(), &system)?)),
        None => None,
    };
    let centre = centre(env, parcel)?;
    Ok(ParcelRow {
        pid: parcels.id(parcel).to_owned(),
        crop_name: text(parcels.crop_name(parcel)),
        crop_code: text(parcels.crop_code(parcel)),
        srid: Some(srid),
        geometry,
        area_m2: Some(parcels.area_ha(parcel) * 1e4),
        lon: centre.map(|[lon, _]| lon),
        lat: centre.map(|[_, lat]| lat),
    })
}

/// Middle of a parcel's area in longitude and latitude; `None` without an outline.
pub fn centre(env: &Env, parcel: ParcelIx) -> Result<Option<[f64; 2]>, IoError> {
    let Some(own) = centroid(&env.parcels.outline(parcel)) else { return Ok(None) };
    let mut point = [own];
    crs::transform_points(&mut point, env.parcels.crs(), &crs::WGS84)?;
    // A hundredth of a metre.
    Ok(Some(point[0].map(|degrees| (degrees * 1e7).round() / 1e7)).filter(|point| point[0].is_finite()))
}

/// Parcels that hold a place given in degrees, in table order.
pub fn parcels_at(env: &Env, lon: f64, lat: f64) -> Result<Vec<ParcelIx>, IoError> {
    let mut point = [[lon, lat]];
    crs::transform_points(&mut point, &crs::WGS84, env.parcels.crs())?;
    let [x, y] = point[0];
    if !x.is_finite() {
        return Ok(Vec::new());
    }
    let here = crate::model::Bounds { min_x: x, min_y: y, max_x: x, max_y: y };
    let holds = |parcel: &ParcelIx| env.parcels.outline(*parcel).contains(x, y);
    Ok(env.parcels.in_bounds(&here).into_iter().filter(holds).collect())
}

/// The first parcels, in table order, that share a point with a ring given in degrees.
pub fn parcels_meeting(env: &Env, ring: &[[f64; 2]], limit: usize) -> Result<Vec<ParcelIx>, IoError> {
    let mut ring = ring.to_vec();
    crs::transform_points(&mut ring, &crs::WGS84, env.parcels.crs())?;
    if ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    if ring.len() < 3 || ring.iter().any(|point| !point[0].is_finite()) {
        return Ok(Vec::new());
    }
    let area = Polygons { parts: vec![vec![ring]] };
    let near = env.parcels.in_bounds(&area.bounds()).into_iter();
    Ok(near.filter(|&parcel| meet(&area, &env.parcels.outline(parcel))).take(limit).collect())
}

/// Centre of mass of an outline; that of its box where it has no area.
fn centroid(outline: &Polygons) -> Option<[f64; 2]> {
    let bounds = outline.bounds();
    if bounds.is_empty() {
        return None;
    }
    let (x0, y0) = bounds.center();
    let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
    for part in &outline.parts {
        for (number, ring) in part.iter().enumerate() {
            let (mut own, mut own_x, mut own_y) = (0.0, 0.0, 0.0);
            for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                let [ax, ay, bx, by] = [a[0] - x0, a[1] - y0, b[0] - x0, b[1] - y0];
                let cross = ax * by - bx * ay;
                own += cross / 2.0;
                own_x += (ax + bx) * cross / 6.0;
                own_y += (ay + by) * cross / 6.0;
            }
            // Rings run either way: the outer one counts, holes are taken away.
            let sign = own.signum() * if number == 0 { 1.0 } else { -1.0 };
            area += sign * own;
            x += sign * own_x;
            y += sign * own_y;
        }
    }
    Some(if area > 0.0 { [x0 + x / area, y0 + y / area] } else { [x0, y0] })
}

/// `{"type":"MultiPolygon","coordinates":…}` with closed rings and all digits.
fn geojson(outline: &Polygons) -> String {
    let mut text = String::from("{\"type\":\"MultiPolygon\",\"coordinates\":[");
    for (number, part) in outline.parts.iter().enumerate() {
        text.push_str(if number > 0 { ",[" } else { "[" });
        for (position, ring) in part.iter().enumerate() {
            text.push_str(if position > 0 { ",[" } else { "[" });
            for (at, [x, y]) in ring.iter().chain(ring.first()).enumerate() {
                // Writing to a String cannot fail.
                let _ = write!(text, "{}[{x:?},{y:?}]", if at > 0 { "," } else { "" });
            }
            text.push(']');
        }
        text.push(']');
    }
    text.push_str("]}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_move_the_centre_whatever_their_direction() {
        let square = |x: f64, y: f64, side: f64| vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]];
        let whole = Polygons { parts: vec![vec![square(600_000.0, 5e6, 10.0)]] };
        assert_eq!(centroid(&whole), Some([600_005.0, 5_000_005.0]));
        let mut hole = square(600_005.0, 5e6, 5.0);
        for _ in 0..2 {
            let holed = Polygons { parts: vec![vec![square(600_000.0, 5e6, 10.0), hole.clone()]] };
            let [x, y] = centroid(&holed).expect("a centre");
            assert!((x - 600_004.166_666_7).abs() < 1e-6 && (y - 5_000_005.833_333_3).abs() < 1e-6, "{x} {y}");
            hole.reverse();
        }
        assert_eq!(centroid(&Polygons::default()), None);
    }

    #[test]
    fn geometry_is_written_with_closed_rings() {
        let outline = Polygons { parts: vec![vec![vec![[1.5, 2.0], [3.0, 2.0], [3.0, 4.0]]]] };
        assert_eq!(
            geojson(&outline),
            "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[1.5,2.0],[3.0,2.0],[3.0,4.0],[1.5,2.0]]]]}"
        );
    }
}
