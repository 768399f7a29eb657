//! Zones of a parcel for an inspector: from labels of pixels to outlines that meet without gap or overlap.
//!
//! Steps: pixels with the same labels over the periods form classes; small and thin patches dissolve into what surrounds them;
//! classes that resemble each other merge until few are left (`merge`); the labels are smoothed and their borders traced with less
//! than a pixel of error (`contour`); the parcel is cut along them, so that the areas of zones add up to that of the parcel.

mod contour;
mod decline;
mod merge;

use geo::algorithm::bool_ops::BooleanOps as _;
use geo::{Area as _, LineString, MultiPolygon, Polygon, Translate as _};

use crate::model::zones::{NoZones, Zone, ZoneParams, ZonePoint};
use crate::model::{Grid, Polygons};

pub use decline::{DeclineInput, decline, peer_change};

/// Parts below this share of a pixel go to the neighbouring zone: borders that nearly touch leave such crumbs.
const CRUMB_PIXELS: f64 = 1.0;

/// By how much the areas of the two sides of a cut may differ from the whole, as a share of it.
const AREA_TOLERANCE: f64 = 1e-6;

/// Where a cut is tried, as shares of a pixel: outlines that lie on each other nearly, but not quite, are hard on any cutting.
const BESIDE_PIXELS: [f64; 3] = [0.0, 1e-4, -1e-4];

/// Label grids of the periods that decided about a parcel.
#[derive(Debug, Clone, Copy)]
pub struct ZoneInput<'a> {
    /// Where the pixels lie; its CRS is in metres, so that areas are m².
    pub grid: &'a Grid,
    /// Pixels of the parcel, row by row.
    pub inside: &'a [bool],
    /// One to three label grids, row by row; 0 is no label. Labels of one period mean nothing in another.
    pub periods: &'a [&'a [u8]],
    /// Outline of the parcel in the CRS of the grid; may reach beyond the pixels and beyond the grid.
    pub outline: &'a Polygons,
}

/// Proposes zones: at least two, at most `max_zones`, the largest first.
///
/// Pixels of the parcel without a label, and the strip between the pixels and the outline, go to the nearest zone. A zone may have several
/// parts. The same input gives the same zones.
///
/// * **Unit:** areas in squared units of the grid's CRS.
/// * **Exactness:** zones neither overlap nor leave gaps inside the outline, up to the rounding of the cutting: at most a millionth of the
///   area.
/// * **Cost:** a few passes over the grid, times the number of classes.
pub fn propose(input: ZoneInput<'_>, params: &ZoneParams) -> Result<Vec<Zone>, NoZones> {
    debug_assert!(input.inside.len() == input.grid.len(), "one mark a pixel");
    debug_assert!((1..=3).contains(&input.periods.len()), "one to three periods");
    let parcel = Cutter::new(input.outline, input.grid).ok_or(NoZones::NoOutline)?;
    let labels = merge::zones(input.periods, input.inside, input.grid.width, *params).ok_or(NoZones::NoPixels)?;
    if labels.count < 2 {
        return Err(NoZones::OneZone);
    }
    let fields = contour::memberships(&labels.of, labels.count, input.grid.width);
    let mut rest = parcel.shape.clone();
    let mut shapes = Vec::with_capacity(usize::from(labels.count));
    for zone in 0..usize::from(labels.count) - 1 {
        let others = |at: usize| fields[zone + 1..].iter().map(|field| field[at]).fold(f64::NEG_INFINITY, f64::max);
        let lead: Vec<f64> = (0..input.grid.len()).map(|at| fields[zone][at] - others(at)).collect();
        let (own, left) = parcel.cut(&rest, &contour::trace(&lead, input.grid, &parcel.frame));
        shapes.push(own);
        rest = left;
    }
    shapes.push(rest);
    let total: f64 = shapes.iter().map(MultiPolygon::unsigned_area).sum();
    let mut zones: Vec<Zone> = (1u8..)
        .zip(shapes)
        .filter(|(_, shape)| shape.unsigned_area() > 0.0)
        .map(|(label, shape)| {
            let area_m2 = shape.unsigned_area();
            let pixels = labels.of.iter().zip(input.inside).map(|(own, inside)| *inside && *own == label).collect();
            Zone { number: 0, outline: parcel.outline(&shape), area_m2, share: area_m2 / total, pixels }
        })
        .collect();
    if zones.len() < 2 {
        return Err(NoZones::OneZone);
    }
    zones.sort_by(|a, b| b.area_m2.total_cmp(&a.area_m2));
    zones.iter_mut().zip(1..).for_each(|(zone, number)| zone.number = number);
    Ok(zones)
}

/// Mean NDVI of each zone at each date: `answer[zone][date]`. `dates` hold one value a pixel of the grid.
///
/// * **NaN:** a pixel without a value takes no part; without any the mean is `NaN` and `pixels` is 0.
pub fn zone_curves(zones: &[Zone], dates: &[&[f32]]) -> Vec<Vec<ZonePoint>> {
    let point = |zone: &Zone, values: &[f32]| {
        debug_assert!(values.len() == zone.pixels.len(), "one value a pixel");
        let of_zone = values.iter().zip(&zone.pixels).filter(|(value, own)| **own && value.is_finite());
        let (sum, pixels) = of_zone.fold((0.0, 0u32), |(sum, pixels), (value, _)| (sum + f64::from(*value), pixels + 1));
        ZonePoint { mean: if pixels > 0 { sum / f64::from(pixels) } else { f64::NAN }, pixels }
    };
    zones.iter().map(|zone| dates.iter().map(|values| point(zone, values)).collect()).collect()
}

/// An outline as `geo` has it, in the coordinates that it has. For measuring; large coordinates lose digits in cutting.
pub fn multi_polygon(outline: &Polygons) -> MultiPolygon<f64> {
    crate::engine::coverage::shape(outline, (0.0, 0.0))
}

/// A parcel that is cut into zones, in coordinates relative to its middle, so that no digits are lost.
struct Cutter {
    frame: contour::Frame,
    shape: MultiPolygon<f64>,
    crumb: f64,
}

impl Cutter {
    /// `None` without an area.
    fn new(outline: &Polygons, grid: &Grid) -> Option<Self> {
        let bounds = outline.bounds();
        if bounds.is_empty() || !(bounds.width() * bounds.height()).is_finite() {
            return None;
        }
        let origin = bounds.center();
        let shape = crate::engine::coverage::shape(outline, origin);
        let crumb = CRUMB_PIXELS * grid.pixel_x * grid.pixel_y;
        (shape.unsigned_area() > 0.0).then_some(Self { frame: contour::Frame { origin, bounds }, shape, crumb })
    }

    /// The part of `rest` inside a region, and what is left; crumbs of either go to the other. Nothing is lost or counted twice: a cut
    /// whose areas do not add up is tried again a hair beside, and given up when that does not help either.
    fn cut(&self, rest: &MultiPolygon<f64>, region: &MultiPolygon<f64>) -> (MultiPolygon<f64>, MultiPolygon<f64>) {
        let total = rest.unsigned_area();
        let complete = |own: &MultiPolygon<f64>, left: &MultiPolygon<f64>| {
            (own.unsigned_area() + left.unsigned_area() - total).abs() <= AREA_TOLERANCE * total
        };
        for beside in BESIDE_PIXELS.map(|own| own * self.crumb.sqrt()) {
            let region = region.translate(beside, beside);
            let (own, left) = (rest.intersection(&region), rest.difference(&region));
            if !complete(&own, &left) {
                continue;
            }
            let (own_large, own_crumbs) = self.without_crumbs(&own);
            let (left_large, left_crumbs) = self.without_crumbs(&left);
            if own_crumbs.0.is_empty() && left_crumbs.0.is_empty() {
                return (own, left);
            }
            if own_large.0.is_empty() {
                break;
            }
            let cleaned = (own_large.union(&left_crumbs), left_large.union(&own_crumbs));
            return if complete(&cleaned.0, &cleaned.1) { cleaned } else { (own, left) };
        }
        (MultiPolygon(Vec::new()), rest.clone())
    }

    fn without_crumbs(&self, shape: &MultiPolygon<f64>) -> (MultiPolygon<f64>, MultiPolygon<f64>) {
        let (large, small): (Vec<_>, Vec<_>) = shape.0.iter().cloned().partition(|part| part.unsigned_area() >= self.crumb);
        (MultiPolygon(large), MultiPolygon(small))
    }

    /// Back to the coordinates of the grid.
    fn outline(&self, shape: &MultiPolygon<f64>) -> Polygons {
        let (x0, y0) = self.frame.origin;
        let ring = |line: &LineString<f64>| {
            // The model does not repeat the first point.
            let open = line.0.len().saturating_sub(1);
            line.0[..open].iter().map(|point| [point.x + x0, point.y + y0]).collect::<Vec<_>>()
        };
        let part = |polygon: &Polygon<f64>| std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(ring).collect();
        Polygons { parts: shape.iter().map(part).collect() }
    }
}

#[cfg(test)]
mod tests;
