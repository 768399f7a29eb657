//! The parcel table: up to a million polygons as columns, and a packed spatial index.

use std::sync::Arc;

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTree, RTreeBuilder, RTreeIndex as _};

use super::ids::ParcelIx;
use super::report::ParcelProblem;
use super::{Bounds, Crs, Polygons};

/// One attribute column of the source layer, kept for filters.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Name in the source.
    pub name: String,
    /// Values by parcel; `None` is a null.
    pub values: Values,
}

/// Values of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Text.
    Text(Vec<Option<Box<str>>>),
    /// Numbers; `NaN` is a null.
    Number(Vec<f64>),
}

/// All parcels of a project, immutable after import. Coordinates are in the working CRS.
#[derive(Debug)]
pub struct Parcels {
    crs: Crs,
    coords: Vec<[f64; 2]>,
    ring_start: Vec<u32>,
    part_start: Vec<u32>,
    parcel_start: Vec<u32>,
    bounds: Vec<Bounds>,
    ids: Vec<Box<str>>,
    crop_codes: Vec<Option<Arc<str>>>,
    crop_names: Vec<Option<Arc<str>>>,
    area_ha: Vec<f64>,
    perimeter_m: Vec<f64>,
    columns: Vec<Column>,
    problems: Vec<Vec<ParcelProblem>>,
    index: Option<RTree<f64>>,
}

/// One parcel handed to [`ParcelsBuilder::push`].
#[derive(Debug, Clone, Default)]
pub struct ParcelRow {
    /// External id, text.
    pub id: String,
    /// Declared crop code.
    pub crop_code: Option<String>,
    /// Declared crop name.
    pub crop_name: Option<String>,
    /// Outline in the working CRS; may be empty.
    pub outline: Polygons,
    /// Area in an equal-area projection, ha.
    pub area_ha: f64,
    /// Perimeter in the same projection, m.
    pub perimeter_m: f64,
    /// What is wrong with it.
    pub problems: Vec<ParcelProblem>,
}

/// Collects parcels and builds the index once.
#[derive(Debug)]
pub struct ParcelsBuilder {
    parcels: Parcels,
    crops: std::collections::HashMap<String, Arc<str>>,
}

impl ParcelsBuilder {
    /// An empty table in a working CRS.
    pub fn new(crs: Crs) -> Self {
        Self {
            parcels: Parcels {
                crs,
                coords: Vec::new(),
                ring_start: vec![0],
                part_start: vec![0],
                parcel_start: vec![0],
                bounds: Vec::new(),
                ids: Vec::new(),
                crop_codes: Vec::new(),
                crop_names: Vec::new(),
                area_ha: Vec::new(),
                perimeter_m: Vec::new(),
                columns: Vec::new(),
                problems: Vec::new(),
                index: None,
            },
            crops: std::collections::HashMap::new(),
        }
    }

    /// Appends a parcel.
    pub fn push(&mut self, row: ParcelRow) -> ParcelIx {
        let ix = ParcelIx(self.parcels.ids.len() as u32);
        let code = row.crop_code.map(|text| self.intern(text));
        let name = row.crop_name.map(|text| self.intern(text));
        let table = &mut self.parcels;
        table.bounds.push(row.outline.bounds());
        for part in &row.outline.parts {
            for ring in part {
                table.coords.extend_from_slice(ring);
                table.ring_start.push(table.coords.len() as u32);
            }
            table.part_start.push(table.ring_start.len() as u32 - 1);
        }
        table.parcel_start.push(table.part_start.len() as u32 - 1);
        table.ids.push(row.id.into_boxed_str());
        table.crop_codes.push(code);
        table.crop_names.push(name);
        table.area_ha.push(row.area_ha);
        table.perimeter_m.push(row.perimeter_m);
        table.problems.push(row.problems);
        ix
    }

    fn intern(&mut self, text: String) -> Arc<str> {
        self.crops.entry(text).or_insert_with_key(|key| Arc::from(key.as_str())).clone()
    }

    /// Notes a problem found after the parcel was pushed.
    pub fn add_problem(&mut self, parcel: ParcelIx, problem: ParcelProblem) {
        self.parcels.problems[parcel.at()].push(problem);
    }

    /// The outline of a parcel already pushed.
    pub fn outline(&self, parcel: ParcelIx) -> Polygons {
        self.parcels.outline(parcel)
    }

    /// Number of parcels so far.
    pub fn len(&self) -> usize {
        self.parcels.len()
    }

    /// True before the first parcel.
    pub fn is_empty(&self) -> bool {
        self.parcels.is_empty()
    }

    /// Attaches the attribute columns and builds the index.
    ///
    /// Columns of another length than the table are a fault of the caller.
    pub fn finish(mut self, columns: Vec<Column>) -> Parcels {
        debug_assert!(
            columns.iter().all(|column| match &column.values {
                Values::Text(values) => values.len() == self.parcels.len(),
                Values::Number(values) => values.len() == self.parcels.len(),
            }),
            "every column holds one value a parcel"
        );
        self.parcels.columns = columns;
        if !self.parcels.is_empty() {
            let mut builder = RTreeBuilder::<f64>::new(self.parcels.len() as u32);
            for bounds in &self.parcels.bounds {
                // An empty outline sits at infinity, where no search finds it.
                let b = if bounds.is_empty() {
                    Bounds { min_x: f64::MAX, min_y: f64::MAX, max_x: f64::MAX, max_y: f64::MAX }
                } else {
                    *bounds
                };
                builder.add(b.min_x, b.min_y, b.max_x, b.max_y);
            }
            self.parcels.index = Some(builder.finish::<HilbertSort>());
        }
        self.parcels
    }
}

impl Parcels {
    /// Number of parcels.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Working CRS of all coordinates here.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// All row numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ParcelIx> + use<> {
        (0..self.len() as u32).map(ParcelIx)
    }

    /// External id.
    pub fn id(&self, parcel: ParcelIx) -> &str {
        &self.ids[parcel.at()]
    }

    /// First parcel with an id.
    pub fn find(&self, id: &str) -> Option<ParcelIx> {
        self.iter().find(|&parcel| self.id(parcel) == id)
    }

    /// Declared crop code.
    pub fn crop_code(&self, parcel: ParcelIx) -> Option<&str> {
        self.crop_codes[parcel.at()].as_deref()
    }

    /// Declared crop name.
    pub fn crop_name(&self, parcel: ParcelIx) -> Option<&str> {
        self.crop_names[parcel.at()].as_deref()
    }

    /// Crop name, else crop code, else `None`: what peers are grouped and coloured by.
    pub fn crop(&self, parcel: ParcelIx) -> Option<&str> {
        self.crop_name(parcel).or_else(|| self.crop_code(parcel))
    }

    /// Area in ha, equal-area projection.
    pub fn area_ha(&self, parcel: ParcelIx) -> f64 {
        self.area_ha[parcel.at()]
    }

    /// Perimeter in m.
    pub fn perimeter_m(&self, parcel: ParcelIx) -> f64 {
        self.perimeter_m[parcel.at()]
    }

    /// Box around a parcel.
    pub fn bounds(&self, parcel: ParcelIx) -> Bounds {
        self.bounds[parcel.at()]
    }

    /// Box around all parcels.
    pub fn total_bounds(&self) -> Bounds {
        let mut total = Bounds::EMPTY;
        for bounds in self.bounds.iter().filter(|bounds| !bounds.is_empty()) {
            total.include(bounds.min_x, bounds.min_y);
            total.include(bounds.max_x, bounds.max_y);
        }
        total
    }

    /// Problems found at import.
    pub fn problems(&self, parcel: ParcelIx) -> &[ParcelProblem] {
        &self.problems[parcel.at()]
    }

    /// Attribute columns of the source.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Rings of a parcel without copying: (part number, ring).
    pub fn rings(&self, parcel: ParcelIx) -> impl Iterator<Item = (usize, &[[f64; 2]])> {
        let parts = self.parcel_start[parcel.at()] as usize..self.parcel_start[parcel.at() + 1] as usize;
        parts.enumerate().flat_map(move |(number, part)| {
            let rings = self.part_start[part] as usize..self.part_start[part + 1] as usize;
            rings.map(move |ring| (number, &self.coords[self.ring_start[ring] as usize..self.ring_start[ring + 1] as usize]))
        })
    }

    /// Outline as its own geometry.
    pub fn outline(&self, parcel: ParcelIx) -> Polygons {
        let mut shape = Polygons::default();
        for (part, ring) in self.rings(parcel) {
            if shape.parts.len() <= part {
                shape.parts.resize_with(part + 1, Vec::new);
            }
            shape.parts[part].push(ring.to_vec());
        }
        shape
    }

    /// Parcels whose boxes meet a box, in row order.
    pub fn in_bounds(&self, bounds: &Bounds) -> Vec<ParcelIx> {
        let Some(index) = &self.index else { return Vec::new() };
        let mut hits: Vec<ParcelIx> =
            index.search(bounds.min_x, bounds.min_y, bounds.max_x, bounds.max_y).into_iter().map(ParcelIx).collect();
        hits.sort_unstable();
        hits
    }

    /// Parcel that holds a point; of several the smallest.
    pub fn at_point(&self, x: f64, y: f64) -> Option<ParcelIx> {
        let point = Bounds { min_x: x, min_y: y, max_x: x, max_y: y };
        self.in_bounds(&point)
            .into_iter()
            .filter(|&parcel| self.outline(parcel).contains(x, y))
            .min_by(|&a, &b| self.area_ha(a).total_cmp(&self.area_ha(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> Polygons {
        Polygons { parts: vec![vec![vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]]] }
    }

    fn table() -> Parcels {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for (id, outline, area_ha) in
            [("007", square(0.0, 0.0, 10.0), 0.01), ("8", square(2.0, 2.0, 2.0), 0.0004), ("", Polygons::default(), 0.0)]
        {
            builder.push(ParcelRow {
                id: id.to_owned(),
                outline,
                area_ha,
                crop_name: Some("Maize".to_owned()),
                ..ParcelRow::default()
            });
        }
        builder.finish(vec![])
    }

    #[test]
    fn outlines_come_back_as_pushed_and_ids_keep_zeros() {
        let parcels = table();
        assert_eq!(parcels.id(ParcelIx(0)), "007");
        assert_eq!(parcels.outline(ParcelIx(1)), square(2.0, 2.0, 2.0));
        assert!(parcels.outline(ParcelIx(2)).is_empty());
        assert_eq!(parcels.find("8"), Some(ParcelIx(1)));
    }

    #[test]
    fn the_smallest_parcel_at_a_point_wins_and_empty_ones_are_never_found() {
        let parcels = table();
        assert_eq!(parcels.at_point(3.0, 3.0), Some(ParcelIx(1)));
        assert_eq!(parcels.at_point(9.0, 9.0), Some(ParcelIx(0)));
        assert_eq!(parcels.at_point(90.0, 9.0), None);
        assert_eq!(parcels.in_bounds(&Bounds { min_x: -1e9, min_y: -1e9, max_x: 1e9, max_y: 1e9 }).len(), 2);
    }
}
