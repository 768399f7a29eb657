//! Some thousand parcels as columns with their own spatial index: what tables are made of.
//!
//! A table is a list of blocks, so that it can grow while it is shown, be made by several threads, and be written and read in
//! parts. Every block but the last holds [`BLOCK_ROWS`] parcels.

use geo_index::rtree::sort::HilbertSort;
use geo_index::rtree::{RTree, RTreeBuilder, RTreeIndex as _};

use super::labels::Labels;
use super::{ParcelRow, Value};
use crate::model::{Bounds, Polygons};

/// Parcels in a block.
pub const BLOCK_ROWS: usize = 1 << 14;

/// Values of an attribute column in a block.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Text.
    Text(Labels),
    /// Numbers; `NaN` is a null.
    Number(Vec<f64>),
}

/// Columns of a block, as they are kept in files too. Offsets count from the block's start.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BlockColumns {
    /// Vertices of all rings, in the working CRS.
    pub coords: Vec<[f64; 2]>,
    /// First vertex of each ring, and the end.
    pub ring_start: Vec<u32>,
    /// First ring of each part, and the end.
    pub part_start: Vec<u32>,
    /// First part of each parcel, and the end.
    pub parcel_start: Vec<u32>,
    /// External ids.
    pub ids: Labels,
    /// Declared crop codes.
    pub crop_codes: Labels,
    /// Declared crop names.
    pub crop_names: Labels,
    /// Areas in an equal-area projection, ha.
    pub area_ha: Vec<f64>,
    /// Perimeters in the same projection, m.
    pub perimeter_m: Vec<f64>,
    /// Attribute columns.
    pub cells: Vec<Cells>,
}

impl BlockColumns {
    /// No rows, with attribute columns: `true` for numbers.
    pub fn new(numbers: &[bool]) -> Self {
        let empty = |&number: &bool| if number { Cells::Number(Vec::new()) } else { Cells::Text(Labels::default()) };
        Self {
            ring_start: vec![0],
            part_start: vec![0],
            parcel_start: vec![0],
            cells: numbers.iter().map(empty).collect(),
            ..Self::default()
        }
    }

    /// Number of parcels.
    pub fn len(&self) -> usize {
        self.area_ha.len()
    }

    /// True without parcels.
    pub fn is_empty(&self) -> bool {
        self.area_ha.is_empty()
    }

    /// Appends a parcel; its problems are the caller's.
    pub fn push(&mut self, row: &ParcelRow) {
        for part in &row.outline.parts {
            for ring in part {
                self.coords.extend_from_slice(ring);
                self.ring_start.push(self.coords.len() as u32);
            }
            self.part_start.push(self.ring_start.len() as u32 - 1);
        }
        self.parcel_start.push(self.part_start.len() as u32 - 1);
        self.ids.push(Some(&row.id));
        self.crop_codes.push(row.crop_code.as_deref());
        self.crop_names.push(row.crop_name.as_deref());
        self.area_ha.push(row.area_ha);
        self.perimeter_m.push(row.perimeter_m);
        for (at, cells) in self.cells.iter_mut().enumerate() {
            match (cells, row.values.get(at)) {
                (Cells::Number(numbers), Some(Value::Number(number))) => numbers.push(*number),
                (Cells::Number(numbers), _) => numbers.push(f64::NAN),
                (Cells::Text(labels), Some(Value::Text(text))) => labels.push(Some(text)),
                (Cells::Text(labels), _) => labels.push(None),
            }
        }
    }

    /// True when offsets rise, stay inside, and all columns have a value for each parcel.
    pub fn fits(&self) -> bool {
        let rises = |starts: &[u32], end: usize| {
            starts.first() == Some(&0) && starts.last() == Some(&(end as u32)) && starts.windows(2).all(|pair| pair[0] <= pair[1])
        };
        let rows = self.len();
        let full = |cells: &Cells| match cells {
            Cells::Text(labels) => labels.codes().len() == rows,
            Cells::Number(numbers) => numbers.len() == rows,
        };
        rows <= BLOCK_ROWS
            && rises(&self.ring_start, self.coords.len())
            && rises(&self.part_start, self.ring_start.len() - 1)
            && rises(&self.parcel_start, self.part_start.len() - 1)
            && self.parcel_start.len() == rows + 1
            && self.perimeter_m.len() == rows
            && [&self.ids, &self.crop_codes, &self.crop_names].iter().all(|labels| labels.codes().len() == rows)
            && self.ids.codes().iter().all(|&code| code != Labels::NONE)
            && self.cells.iter().all(full)
    }
}

/// A block that no longer changes, with boxes and index.
#[derive(Debug)]
pub struct Block {
    columns: BlockColumns,
    bounds: Vec<Bounds>,
    total: Bounds,
    area_ha: f64,
    /// Boxes in single precision, rounded outwards; hits are checked against `bounds`.
    index: Option<RTree<f32>>,
}

impl Block {
    /// Makes boxes and index. Columns that do not [`BlockColumns::fits`] are a fault of the caller.
    pub fn new(mut columns: BlockColumns) -> Self {
        debug_assert!(columns.fits(), "a block's columns fit each other");
        columns.coords.shrink_to_fit();
        columns.ids.finish(true);
        for labels in [&mut columns.crop_codes, &mut columns.crop_names] {
            labels.finish(false);
        }
        for cells in &mut columns.cells {
            match cells {
                Cells::Text(labels) => labels.finish(false),
                Cells::Number(numbers) => numbers.shrink_to_fit(),
            }
        }
        let mut block = Self { columns, bounds: Vec::new(), total: Bounds::EMPTY, area_ha: 0.0, index: None };
        block.area_ha = block.columns.area_ha.iter().filter(|area| area.is_finite()).sum();
        block.bounds = (0..block.len()).map(|row| block.box_of(row)).collect();
        for bounds in block.bounds.iter().filter(|bounds| !bounds.is_empty()) {
            block.total.include(bounds.min_x, bounds.min_y);
            block.total.include(bounds.max_x, bounds.max_y);
        }
        block.index = index(&block.bounds, &block.total);
        block
    }

    fn box_of(&self, row: usize) -> Bounds {
        let mut bounds = Bounds::EMPTY;
        self.vertices(row).iter().for_each(|&[x, y]| bounds.include(x, y));
        bounds
    }

    /// Number of parcels.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// True without parcels.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The columns.
    pub fn columns(&self) -> &BlockColumns {
        &self.columns
    }

    /// Box of a row; empty without an outline.
    pub fn bounds(&self, row: usize) -> Bounds {
        self.bounds[row]
    }

    /// Box around all rows.
    pub fn total_bounds(&self) -> Bounds {
        self.total
    }

    /// Sum of all areas, ha.
    pub fn area_ha(&self) -> f64 {
        self.area_ha
    }

    /// All vertices of a row, whatever their ring.
    pub fn vertices(&self, row: usize) -> &[[f64; 2]] {
        let c = &self.columns;
        let ring = |row: usize| c.part_start[c.parcel_start[row] as usize] as usize;
        &c.coords[c.ring_start[ring(row)] as usize..c.ring_start[ring(row + 1)] as usize]
    }

    /// Rings of a row: (part number, ring).
    pub fn rings(&self, row: usize) -> impl Iterator<Item = (usize, &[[f64; 2]])> {
        let c = &self.columns;
        let parts = c.parcel_start[row] as usize..c.parcel_start[row + 1] as usize;
        parts.enumerate().flat_map(move |(number, part)| {
            let rings = c.part_start[part] as usize..c.part_start[part + 1] as usize;
            rings.map(move |ring| (number, &c.coords[c.ring_start[ring] as usize..c.ring_start[ring + 1] as usize]))
        })
    }

    /// Outline of a row as its own geometry.
    pub fn outline(&self, row: usize) -> Polygons {
        let mut shape = Polygons::default();
        for (part, ring) in self.rings(row) {
            if shape.parts.len() <= part {
                shape.parts.resize_with(part + 1, Vec::new);
            }
            shape.parts[part].push(ring.to_vec());
        }
        shape
    }

    /// Rows whose boxes meet a box, in row order.
    pub fn in_bounds(&self, bounds: &Bounds) -> Vec<u32> {
        let Some(index) = self.index.as_ref().filter(|_| self.total.intersects(bounds)) else { return Vec::new() };
        let b = outwards(bounds);
        let mut hits = index.search(b[0], b[1], b[2], b[3]);
        hits.retain(|&row| self.bounds[row as usize].intersects(bounds));
        hits.sort_unstable();
        hits
    }
}

fn outwards(bounds: &Bounds) -> [f32; 4] {
    let (low, high) = (|value: f64| (value as f32).next_down(), |value: f64| (value as f32).next_up());
    [low(bounds.min_x), low(bounds.min_y), high(bounds.max_x), high(bounds.max_y)]
}

fn index(boxes: &[Bounds], total: &Bounds) -> Option<RTree<f32>> {
    if total.is_empty() {
        return None;
    }
    let mut builder = RTreeBuilder::<f32>::new(boxes.len() as u32);
    for bounds in boxes {
        // An empty outline takes some place in the order; no search keeps it.
        let b = outwards(if bounds.is_empty() { total } else { bounds });
        builder.add(b[0], b[1], b[2], b[3]);
    }
    Some(builder.finish::<HilbertSort>())
}
