//! One outline from the source to the working CRS: what is wrong with it, what can be repaired, how large it is.

use gdal::cpl::CslStringList;
use gdal::vector::Geometry;

use crate::io::{IoError, crs, gdal_log};
use crate::model::report::ParcelProblem;
use crate::model::{Bounds, Crs, Polygons};

use super::wkb::{self, Shape};

/// Systems and limits of one import.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    /// CRS of the file.
    pub(super) source: Crs,
    /// CRS of the table.
    pub(super) working: Crs,
    /// Equal-area projection about the layer's centre.
    pub(super) equal_area: Crs,
    /// Longitudes and latitudes where the source CRS is used, with tolerance; `None` when it does not say.
    pub(super) area: Option<Bounds>,
    /// True when source coordinates are degrees.
    pub(super) degrees: bool,
}

/// A zone system is often used for a whole country: half a zone and more beyond its zone is common and harmless.
const ZONE_TOLERANCE_DEG: f64 = 4.0;
/// Registers reach a little over the rectangle that a national system is described by.
const NATIONAL_TOLERANCE_DEG: f64 = 0.5;

impl Frame {
    /// The frame for a layer about a centre given in the source CRS.
    pub(super) fn new(source: &Crs, working: Option<&Crs>, center: (f64, f64)) -> Result<Self, IoError> {
        let mut point = [[center.0, center.1]];
        crs::transform_points(&mut point, source, &crs::WGS84)?;
        // A centre that is nowhere on earth: every outline will be refused below, so any frame will do.
        let on_earth = point[0][0].abs() <= 360.0 && point[0][1].abs() <= 90.0;
        let [lon, lat] = if on_earth { point[0] } else { [0.0, 0.0] };
        let area = crs::area_of_use(source)?.map(|area| {
            let zone = (area.width() - 6.0).abs() < 0.01;
            area.grown(if zone { ZONE_TOLERANCE_DEG } else { NATIONAL_TOLERANCE_DEG })
        });
        Ok(Self {
            source: source.clone(),
            working: working.cloned().unwrap_or_else(|| crs::utm_zone(lon, lat)),
            equal_area: crs::equal_area(lon, lat)?,
            area,
            degrees: crs::is_geographic(source)?,
        })
    }

    /// True when a box of source coordinates lies where the source CRS cannot mean it.
    fn is_outside(&self, bounds: &Bounds) -> Result<bool, IoError> {
        let largest = |a: f64, b: f64| a.abs().max(b.abs());
        let (x, y) = (largest(bounds.min_x, bounds.max_x), largest(bounds.min_y, bounds.max_y));
        if self.degrees {
            return Ok(x > 360.0 || y > 90.0);
        }
        // Metres within one step of the origin are degrees that lost their CRS.
        if x <= 180.0 && y <= 90.0 {
            return Ok(true);
        }
        let Some(area) = &self.area else { return Ok(false) };
        let mut corners = [
            [bounds.min_x, bounds.min_y],
            [bounds.min_x, bounds.max_y],
            [bounds.max_x, bounds.min_y],
            [bounds.max_x, bounds.max_y],
        ];
        crs::transform_points(&mut corners, &self.source, &crs::WGS84)?;
        // Not a number is never inside.
        let inside = |[x, y]: [f64; 2]| x >= area.min_x && x <= area.max_x && y >= area.min_y && y <= area.max_y;
        Ok(!corners.into_iter().all(inside))
    }
}

/// An outline ready for the table.
#[derive(Debug, Clone, Default)]
pub(super) struct Outline {
    /// In the working CRS; empty when there is nothing usable.
    pub(super) shape: Polygons,
    pub(super) area_ha: f64,
    pub(super) perimeter_m: f64,
    pub(super) problems: Vec<ParcelProblem>,
}

/// Checks, repairs, transforms and measures one geometry.
pub(super) fn outline(bytes: Option<&[u8]>, frame: &Frame) -> Result<Outline, IoError> {
    let mut made = Outline::default();
    let shape = match read(bytes, &mut made.problems) {
        Ok(shape) => shape,
        Err(fact) => {
            made.problems.push(ParcelProblem::NoGeometry { fact });
            return Ok(made);
        }
    };
    if frame.is_outside(&shape.bounds())? {
        made.problems.push(ParcelProblem::OutsideCrs);
        return Ok(made);
    }
    if shape.parts.len() > 1 {
        made.problems.push(ParcelProblem::Multipolygon { parts: shape.parts.len() as u32 });
    }
    let flat = crs::transform(&shape, &frame.source, &frame.equal_area)?;
    let moved = crs::transform(&shape, &frame.source, &frame.working)?;
    if moved.rings().chain(flat.rings()).flatten().flatten().any(|number| !number.is_finite()) {
        let fact = format!("it cannot be transformed from {} to {}", frame.source.label(), frame.working.label());
        made.problems.push(ParcelProblem::NoGeometry { fact });
        return Ok(made);
    }
    made.area_ha = flat.area() / 10_000.0;
    made.perimeter_m = perimeter(&flat);
    made.shape = moved;
    Ok(made)
}

fn perimeter(shape: &Polygons) -> f64 {
    let side = |(a, b): (&[f64; 2], &[f64; 2])| (a[0] - b[0]).hypot(a[1] - b[1]);
    shape.rings().map(|ring| ring.iter().zip(ring.iter().cycle().skip(1)).map(side).sum::<f64>()).sum()
}

/// Valid polygons in source coordinates, or why there are none.
fn read(bytes: Option<&[u8]>, problems: &mut Vec<ParcelProblem>) -> Result<Polygons, String> {
    let bytes = bytes.ok_or("the geometry is missing (null)")?;
    let shape = match wkb::parse(bytes) {
        // Straight lines stand in for arcs with GDAL's default step of four degrees.
        Shape::Curved => wkb::parse(&repaired(bytes)?),
        shape => shape,
    };
    let (outline, unclosed) = match shape {
        Shape::Polygons { outline, unclosed } => (outline, unclosed),
        Shape::Other(name) => return Err(format!("it is a {name}, not a polygon")),
        Shape::Curved | Shape::Damaged => return Err("the geometry's bytes are damaged".to_owned()),
    };
    if outline.is_empty() {
        return Err("the geometry is empty".to_owned());
    }
    if outline.rings().flatten().flatten().any(|number| !number.is_finite()) {
        return Err("a coordinate is not a number".to_owned());
    }
    if let Some(ring) = outline.rings().find(|ring| ring.len() < 3) {
        return Err(format!("a ring has {} points and encloses no area", ring.len()));
    }
    let closed = wkb::write(&outline);
    gdal_log::take();
    if Geometry::from_wkb(&closed).is_ok_and(|geometry| geometry.is_valid()) {
        if unclosed > 0 {
            problems.push(ParcelProblem::Repaired { fact: "a ring was not closed".to_owned() });
        }
        return Ok(outline);
    }
    let mut fact = gdal_log::take();
    if fact.is_empty() {
        "the outline is invalid".clone_into(&mut fact);
    }
    match wkb::parse(&repaired(&closed)?) {
        Shape::Polygons { outline, .. } if outline.area() > 0.0 => {
            problems.push(ParcelProblem::Repaired { fact });
            Ok(outline)
        }
        _ => Err(format!("{fact}; nothing is left after repair")),
    }
}

/// GEOS's valid form of a geometry.
fn repaired(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let made =
        Geometry::from_wkb(bytes).and_then(|geometry| geometry.make_valid(&CslStringList::new())).and_then(|valid| valid.wkb());
    made.map_err(|error| format!("the outline is invalid and cannot be repaired ({error})"))
}
