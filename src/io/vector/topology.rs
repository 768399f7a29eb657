//! One outline from the source to the working CRS: what is wrong with it, what can be repaired, how large it is.

use gdal::cpl::CslStringList;
use gdal::vector::Geometry;

use crate::io::{IoError, crs, gdal_log};
use crate::model::report::ParcelProblem;
use crate::model::{Bounds, Crs, Polygons};

use super::plain;
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

    /// Marks and empties outlines that lie where the source CRS cannot mean them; notes the parts of the others.
    fn mark_outside(&self, made: &mut [Outline]) -> Result<(), IoError> {
        let boxes: Vec<Bounds> = made.iter().map(|outline| outline.shape.bounds()).collect();
        let mut outside: Vec<bool> = boxes.iter().map(|bounds| !bounds.is_empty() && self.is_absurd(bounds)).collect();
        if let Some(area) = &self.area
            && !self.degrees
        {
            let mut corners: Vec<[f64; 2]> = boxes
                .iter()
                .flat_map(|b| [[b.min_x, b.min_y], [b.min_x, b.max_y], [b.max_x, b.min_y], [b.max_x, b.max_y]])
                .collect();
            crs::transform_points(&mut corners, &self.source, &crs::WGS84)?;
            // Not a number is never inside.
            let inside = |[x, y]: &[f64; 2]| *x >= area.min_x && *x <= area.max_x && *y >= area.min_y && *y <= area.max_y;
            for ((outside, own), bounds) in outside.iter_mut().zip(corners.chunks(4)).zip(&boxes) {
                *outside |= !bounds.is_empty() && !own.iter().all(inside);
            }
        }
        for (outline, outside) in made.iter_mut().zip(outside) {
            if outside {
                outline.problems.push(ParcelProblem::OutsideCrs);
                outline.shape = Polygons::default();
            } else if outline.shape.parts.len() > 1 {
                outline.problems.push(ParcelProblem::Multipolygon { parts: outline.shape.parts.len() as u32 });
            }
        }
        Ok(())
    }

    /// True when coordinates are of the wrong order of magnitude for the CRS.
    fn is_absurd(&self, bounds: &Bounds) -> bool {
        let largest = |a: f64, b: f64| a.abs().max(b.abs());
        let (x, y) = (largest(bounds.min_x, bounds.max_x), largest(bounds.min_y, bounds.max_y));
        // Metres within one step of the origin are degrees that lost their CRS.
        if self.degrees { x > 360.0 || y > 90.0 } else { x <= 180.0 && y <= 90.0 }
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

/// Checks, repairs, transforms and measures geometries. Together, because setting up a transform costs more than a point of it.
pub(super) fn outlines<'a>(geometries: impl Iterator<Item = Option<&'a [u8]>>, frame: &Frame) -> Result<Vec<Outline>, IoError> {
    let mut made: Vec<Outline> = geometries.map(source_outline).collect();
    frame.mark_outside(&mut made)?;
    let mut flat: Vec<[f64; 2]> = made.iter().flat_map(|outline| outline.shape.rings()).flatten().copied().collect();
    let mut moved = flat.clone();
    crs::transform_points(&mut flat, &frame.source, &frame.equal_area)?;
    crs::transform_points(&mut moved, &frame.source, &frame.working)?;
    let (mut flat, mut moved) = (flat.into_iter(), moved.into_iter());
    for outline in &mut made {
        let measurable = fill(&mut outline.shape, &mut flat);
        let (area, length) = (outline.shape.area(), perimeter(&outline.shape));
        if fill(&mut outline.shape, &mut moved) && measurable {
            (outline.area_ha, outline.perimeter_m) = (area / 10_000.0, length);
        } else {
            let fact = format!("it cannot be transformed from {} to {}", frame.source.label(), frame.working.label());
            outline.problems.push(ParcelProblem::NoGeometry { fact });
            outline.shape = Polygons::default();
        }
    }
    Ok(made)
}

/// Takes over as many points as the shape has; false when one of them is not a number.
fn fill(shape: &mut Polygons, points: &mut impl Iterator<Item = [f64; 2]>) -> bool {
    for place in shape.parts.iter_mut().flatten().flatten() {
        // Never short: the list was made from these places.
        *place = points.next().unwrap_or([f64::NAN; 2]);
    }
    shape.rings().flatten().flatten().all(|number| number.is_finite())
}

/// One geometry in source coordinates, with what is wrong with it.
fn source_outline(bytes: Option<&[u8]>) -> Outline {
    let mut made = Outline::default();
    match read(bytes, &mut made.problems) {
        Ok(shape) => made.shape = shape,
        Err(fact) => made.problems.push(ParcelProblem::NoGeometry { fact }),
    }
    made
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
    let plain = |outline: &Polygons| matches!(outline.parts.as_slice(), [part] if matches!(part.as_slice(), [ring] if plain::is_simple(ring)));
    if unclosed == 0 && plain(&outline) {
        return Ok(outline);
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
