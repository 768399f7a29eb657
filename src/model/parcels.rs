//! The parcel table: up to a million polygons as columns, in blocks with a packed spatial index each.

mod block;
mod labels;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use block::{BLOCK_ROWS, Block, BlockColumns, Cells};
pub use labels::Labels;

use super::ids::ParcelIx;
use super::report::ParcelProblem;
use super::{Bounds, Crs, Polygons};

/// One attribute column given to [`ParcelsBuilder::finish`].
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

/// An attribute column of the source layer, kept for filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnHead {
    /// Name in the source.
    pub name: String,
    /// True for numbers, false for text.
    pub number: bool,
}

/// One attribute value of one parcel.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// Nothing.
    #[default]
    Null,
    /// Text.
    Text(Box<str>),
    /// A number; `NaN` is a null.
    Number(f64),
}

/// All parcels of a project, immutable after import. Coordinates are in the working CRS.
///
/// Cloning shares the blocks.
#[derive(Debug, Clone)]
pub struct Parcels {
    crs: Crs,
    columns: Arc<[ColumnHead]>,
    blocks: Vec<Arc<Block>>,
    rows: usize,
    total: Bounds,
    problems: Arc<BTreeMap<ParcelIx, Vec<ParcelProblem>>>,
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
    /// Attributes in the order of the table's columns; missing ones are nulls.
    pub values: Vec<Value>,
}

/// Collects parcels block by block.
#[derive(Debug)]
pub struct ParcelsBuilder {
    crs: Crs,
    columns: Vec<ColumnHead>,
    blocks: Vec<Arc<Block>>,
    open: BlockColumns,
    problems: BTreeMap<ParcelIx, Vec<ParcelProblem>>,
}

impl ParcelsBuilder {
    /// An empty table in a working CRS.
    pub fn new(crs: Crs) -> Self {
        Self::with_columns(crs, Vec::new())
    }

    /// An empty table whose parcels bring the values of these columns.
    pub fn with_columns(crs: Crs, columns: Vec<ColumnHead>) -> Self {
        let numbers: Vec<bool> = columns.iter().map(|column| column.number).collect();
        Self { crs, columns, blocks: Vec::new(), open: BlockColumns::new(&numbers), problems: BTreeMap::new() }
    }

    /// Appends a parcel.
    pub fn push(&mut self, mut row: ParcelRow) -> ParcelIx {
        let parcel = ParcelIx(self.len() as u32);
        if !row.problems.is_empty() {
            self.problems.insert(parcel, std::mem::take(&mut row.problems));
        }
        self.open.push(&row);
        if self.open.len() == BLOCK_ROWS {
            self.close();
        }
        parcel
    }

    fn close(&mut self) {
        let numbers: Vec<bool> = self.columns.iter().map(|column| column.number).collect();
        let full = std::mem::replace(&mut self.open, BlockColumns::new(&numbers));
        self.blocks.push(Arc::new(Block::new(full)));
    }

    /// Number of parcels so far.
    pub fn len(&self) -> usize {
        self.blocks.len() * BLOCK_ROWS + self.open.len()
    }

    /// True before the first parcel.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The parcels of all full blocks as a table of its own; nothing is copied.
    pub fn so_far(&self) -> Parcels {
        Parcels::of_blocks(self.crs.clone(), self.columns.clone().into(), self.blocks.clone(), self.problems.clone())
    }

    /// The table, with more attribute columns than the rows brought.
    ///
    /// Columns of another length than the table are a fault of the caller.
    pub fn finish(mut self, columns: Vec<Column>) -> Parcels {
        if !self.open.is_empty() {
            self.close();
        }
        if !columns.is_empty() {
            self.blocks =
                self.blocks.iter().enumerate().map(|(at, block)| Arc::new(widened(block, at * BLOCK_ROWS, &columns))).collect();
            self.columns.extend(
                columns
                    .into_iter()
                    .map(|column| ColumnHead { name: column.name, number: matches!(column.values, Values::Number(_)) }),
            );
        }
        Parcels::of_blocks(self.crs, self.columns.into(), self.blocks, self.problems)
    }
}

/// A block with more columns; `first` is its first row in the table.
fn widened(block: &Block, first: usize, columns: &[Column]) -> Block {
    let mut wide = block.columns().clone();
    let rows = first..first + block.len();
    for column in columns {
        wide.cells.push(match &column.values {
            Values::Number(numbers) => Cells::Number(numbers[rows.clone()].to_vec()),
            Values::Text(texts) => {
                let mut labels = Labels::default();
                texts[rows.clone()].iter().for_each(|text| labels.push(text.as_deref()));
                Cells::Text(labels)
            }
        });
    }
    Block::new(wide)
}

impl Parcels {
    /// A table of blocks, all but the last full.
    pub fn of_blocks(
        crs: Crs,
        columns: Arc<[ColumnHead]>,
        blocks: Vec<Arc<Block>>,
        problems: BTreeMap<ParcelIx, Vec<ParcelProblem>>,
    ) -> Self {
        let full = blocks.split_last().is_none_or(|(_, others)| others.iter().all(|block| block.len() == BLOCK_ROWS));
        debug_assert!(full, "all blocks but the last are full");
        let rows = blocks.iter().map(|block| block.len()).sum();
        let mut total = Bounds::EMPTY;
        for bounds in blocks.iter().map(|block| block.total_bounds()).filter(|bounds| !bounds.is_empty()) {
            total.include(bounds.min_x, bounds.min_y);
            total.include(bounds.max_x, bounds.max_y);
        }
        Self { crs, columns, blocks, rows, total, problems: Arc::new(problems) }
    }

    /// The same parcels with more problems, as found when all are known.
    #[must_use]
    pub fn with_problems(mut self, found: impl IntoIterator<Item = (ParcelIx, ParcelProblem)>) -> Self {
        let problems = Arc::make_mut(&mut self.problems);
        for (parcel, problem) in found {
            problems.entry(parcel).or_default().push(problem);
        }
        self
    }

    /// Number of parcels.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// True when there are none.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Working CRS of all coordinates here.
    pub fn crs(&self) -> &Crs {
        &self.crs
    }

    /// All row numbers.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = ParcelIx> + use<> {
        (0..self.rows as u32).map(ParcelIx)
    }

    /// The blocks in row order.
    pub fn blocks(&self) -> &[Arc<Block>] {
        &self.blocks
    }

    /// Block of a parcel, and its row there.
    fn place(&self, parcel: ParcelIx) -> (&Block, usize) {
        (&self.blocks[parcel.at() / BLOCK_ROWS], parcel.at() % BLOCK_ROWS)
    }

    /// External id.
    pub fn id(&self, parcel: ParcelIx) -> &str {
        let (block, row) = self.place(parcel);
        block.columns().ids.get(row).unwrap_or_default()
    }

    /// First parcel with an id. One look into the lookup of each block.
    pub fn find(&self, id: &str) -> Option<ParcelIx> {
        let hit = |(at, block): (usize, &Arc<Block>)| Some(ParcelIx((at * BLOCK_ROWS + block.columns().ids.find(id)?) as u32));
        self.blocks.iter().enumerate().find_map(hit)
    }

    /// Declared crop code.
    pub fn crop_code(&self, parcel: ParcelIx) -> Option<&str> {
        let (block, row) = self.place(parcel);
        block.columns().crop_codes.get(row)
    }

    /// Declared crop name.
    pub fn crop_name(&self, parcel: ParcelIx) -> Option<&str> {
        let (block, row) = self.place(parcel);
        block.columns().crop_names.get(row)
    }

    /// Crop name, else crop code, else `None`: what peers are grouped and coloured by.
    pub fn crop(&self, parcel: ParcelIx) -> Option<&str> {
        self.crop_name(parcel).or_else(|| self.crop_code(parcel))
    }

    /// Crop code and crop name, by which groups of rules know a parcel.
    pub fn crop_words(&self, parcel: ParcelIx) -> [Option<&str>; 2] {
        [self.crop_code(parcel), self.crop_name(parcel)]
    }

    /// Area in ha, equal-area projection.
    pub fn area_ha(&self, parcel: ParcelIx) -> f64 {
        let (block, row) = self.place(parcel);
        block.columns().area_ha[row]
    }

    /// Mean area of all parcels, ha; `NaN` of none.
    pub fn mean_area_ha(&self) -> f64 {
        self.blocks.iter().map(|block| block.area_ha()).sum::<f64>() / self.rows as f64
    }

    /// Perimeter in m.
    pub fn perimeter_m(&self, parcel: ParcelIx) -> f64 {
        let (block, row) = self.place(parcel);
        block.columns().perimeter_m[row]
    }

    /// Box around a parcel.
    pub fn bounds(&self, parcel: ParcelIx) -> Bounds {
        let (block, row) = self.place(parcel);
        block.bounds(row)
    }

    /// Box around all parcels.
    pub fn total_bounds(&self) -> Bounds {
        self.total
    }

    /// Problems found at import.
    pub fn problems(&self, parcel: ParcelIx) -> &[ParcelProblem] {
        self.problems.get(&parcel).map_or(&[], Vec::as_slice)
    }

    /// Parcels with problems and those, in row order.
    pub fn all_problems(&self) -> &BTreeMap<ParcelIx, Vec<ParcelProblem>> {
        &self.problems
    }

    /// Attribute columns of the source.
    pub fn columns(&self) -> &[ColumnHead] {
        &self.columns
    }

    /// Value of an attribute column, by its position in [`Parcels::columns`], as text; `None` is a null or a number.
    pub fn text(&self, column: usize, parcel: ParcelIx) -> Option<&str> {
        let (block, row) = self.place(parcel);
        match &block.columns().cells[column] {
            Cells::Text(labels) => labels.get(row),
            Cells::Number(_) => None,
        }
    }

    /// Value of an attribute column of numbers; `NaN` is a null or a text.
    pub fn number(&self, column: usize, parcel: ParcelIx) -> f64 {
        let (block, row) = self.place(parcel);
        match &block.columns().cells[column] {
            Cells::Number(numbers) => numbers[row],
            Cells::Text(_) => f64::NAN,
        }
    }

    /// Rings of a parcel without copying: (part number, ring).
    pub fn rings(&self, parcel: ParcelIx) -> impl Iterator<Item = (usize, &[[f64; 2]])> {
        let (block, row) = self.place(parcel);
        block.rings(row)
    }

    /// Outline as its own geometry.
    pub fn outline(&self, parcel: ParcelIx) -> Polygons {
        let (block, row) = self.place(parcel);
        block.outline(row)
    }

    /// Parcels whose boxes meet a box, in row order.
    pub fn in_bounds(&self, bounds: &Bounds) -> Vec<ParcelIx> {
        let mut hits = Vec::new();
        for (at, block) in self.blocks.iter().enumerate() {
            hits.extend(block.in_bounds(bounds).into_iter().map(|row| ParcelIx((at * BLOCK_ROWS) as u32 + row)));
        }
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
