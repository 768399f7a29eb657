//! Layers of any geometry, or of none, read for what their features say: labels and events beside the parcels.

use std::path::Path;

use gdal::cpl::CslStringList;
use gdal::vector::{Geometry, GeometryRef};

use crate::io::IoError;
use crate::model::{Crs, Polygons};

use super::source::{self, Cell, Go, LayerHead, Source};
use super::wkb::{self, Shape};

/// Where a feature is, in the CRS of its layer.
#[derive(Debug, Clone, PartialEq)]
pub enum Place {
    /// A point, the points of several, or those of a line.
    Points(Vec<[f64; 2]>),
    /// An area.
    Area(Polygons),
}

/// A feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Feature {
    /// Number in the file.
    pub number: u64,
    /// Values as they would stand in a CSV file, in the order of [`FeatureLayer::columns`]; nothing is an empty word.
    pub words: Vec<String>,
    /// `None` without a geometry that can be used.
    pub place: Option<Place>,
}

/// A layer with its features in memory.
#[derive(Debug, Clone)]
pub struct FeatureLayer {
    /// Name.
    pub name: String,
    /// Names of the attribute columns.
    pub columns: Vec<String>,
    /// CRS, if the file says it.
    pub crs: Option<Crs>,
    /// In file order.
    pub features: Vec<Feature>,
}

/// True when a file has the content of a vector format, whatever its ending.
pub fn is_layer(path: &Path) -> bool {
    source::is_vector(path)
}

/// Columns of each layer of a file.
pub fn columns(path: &Path) -> Result<Vec<Vec<String>>, IoError> {
    Ok(heads(&source::open(path, None)?)?.iter().map(names).collect())
}

/// The first layer that suits by its columns, otherwise the first.
///
/// Meant for what people wrote down: all features are held in memory.
pub fn read(path: &Path, suits: impl Fn(&[String]) -> bool) -> Result<FeatureLayer, IoError> {
    let source = source::open(path, None)?;
    let heads = heads(&source)?;
    let head = heads.iter().find(|head| suits(&names(head))).or_else(|| heads.first());
    let head = head.ok_or_else(|| source::fault(path, "there is no layer in the file".to_owned()))?;
    let mut features = Vec::new();
    source.read(head, &mut |row| {
        let words = row.cells.iter().map(|cell| Cell::text(cell).unwrap_or_default()).collect();
        features.push(Feature { number: row.number, words, place: row.wkb.as_deref().and_then(place) });
        Ok(Go::On)
    })?;
    Ok(FeatureLayer { name: head.name.clone(), columns: names(head), crs: head.crs.clone(), features })
}

fn heads(source: &Source) -> Result<Vec<LayerHead>, IoError> {
    match source {
        Source::Ogr(file) => Ok(file.all_layers()),
        Source::Parquet(_) => source.layers(),
    }
}

fn names(head: &LayerHead) -> Vec<String> {
    head.columns.iter().map(|column| column.name.clone()).collect()
}

/// Where a geometry is; damage and emptiness are nowhere.
fn place(bytes: &[u8]) -> Option<Place> {
    match wkb::parse(bytes) {
        Shape::Polygons { outline, .. } => {
            let geometry = Geometry::from_wkb(&wkb::write(&outline)).ok()?;
            // People draw loops into outlines; GEOS measures valid ones only.
            area(&if geometry.is_valid() { geometry } else { geometry.make_valid(&CslStringList::new()).ok()? })
        }
        Shape::Curved => area(&Geometry::from_wkb(bytes).ok()?.make_valid(&CslStringList::new()).ok()?),
        Shape::Other(_) => {
            let mut points = Vec::new();
            gather(&Geometry::from_wkb(bytes).ok()?, &mut points);
            points.retain(|point| point.iter().all(|number| number.is_finite()));
            (!points.is_empty()).then_some(Place::Points(points))
        }
        Shape::Damaged => None,
    }
}

fn area(geometry: &Geometry) -> Option<Place> {
    let Shape::Polygons { outline, .. } = wkb::parse(&geometry.wkb().ok()?) else { return None };
    let usable = !outline.is_empty() && outline.rings().flatten().flatten().all(|number| number.is_finite());
    usable.then_some(Place::Area(outline))
}

/// Points of a geometry and of its parts.
fn gather(geometry: &Geometry, points: &mut Vec<[f64; 2]>) {
    let parts = geometry.geometry_count();
    for part in 0..parts {
        let part: GeometryRef<'_> = geometry.get_geometry(part);
        gather(&part, points);
    }
    if parts == 0 {
        let mut own = Vec::new();
        geometry.get_points(&mut own);
        points.extend(own.into_iter().map(|(x, y, _)| [x, y]));
    }
}
