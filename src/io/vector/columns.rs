//! Attribute columns of the table, and the few values that a column chooser shows.

use std::collections::HashSet;

use crate::model::parcels::{self, Value};

use super::ColumnInfo;
use super::source::{Cell, ColumnHead, LayerHead, Row};

/// Distinct values shown for a column.
const SAMPLES: usize = 5;

/// Values kept for filters, over all columns: about 1 GB of text at worst.
const MAX_CELLS: u64 = 30_000_000;

/// Which columns of a layer are kept.
pub(super) struct Columns {
    places: Vec<usize>,
    pub(super) heads: Vec<parcels::ColumnHead>,
}

impl Columns {
    /// Columns of a layer; of a very large table only the first ones, so that memory stays bounded.
    pub(super) fn new(layer: &LayerHead) -> Self {
        let room = usize::try_from(MAX_CELLS / layer.features.max(1)).unwrap_or(usize::MAX);
        let usable = |(_, column): &(usize, &ColumnHead)| column.kind != "binary";
        let kept: Vec<(usize, &ColumnHead)> = layer.columns.iter().enumerate().filter(usable).take(room).collect();
        let head = |column: &ColumnHead| parcels::ColumnHead { name: column.name.clone(), number: column.is_number() };
        Self { places: kept.iter().map(|(at, _)| *at).collect(), heads: kept.iter().map(|(_, column)| head(column)).collect() }
    }

    /// Columns that do not take part.
    pub(super) fn left_out(&self, layer: &LayerHead) -> usize {
        layer.columns.iter().filter(|column| column.kind != "binary").count() - self.places.len()
    }

    /// Values of a row in the order of the heads.
    pub(super) fn values(&self, row: &Row) -> Vec<Value> {
        let value = |(head, &place): (&parcels::ColumnHead, &usize)| match row.cells.get(place).unwrap_or(&Cell::Null) {
            Cell::Null => Value::Null,
            Cell::Integer(number) if head.number => Value::Number(*number as f64),
            Cell::Number(number) if head.number => Value::Number(*number),
            Cell::Text(_) if head.number => Value::Null,
            Cell::Text(text) => Value::Text(text.as_str().into()),
            other => other.text().map_or(Value::Null, |text| Value::Text(text.into())),
        };
        self.heads.iter().zip(&self.places).map(value).collect()
    }
}

/// Looks at the first rows of a layer for samples and for columns without repeated or missing values.
pub(super) struct Samples {
    shown: Vec<Vec<String>>,
    seen: Vec<HashSet<String>>,
    rows: usize,
}

impl Samples {
    pub(super) fn new(layer: &LayerHead) -> Self {
        Self { shown: vec![Vec::new(); layer.columns.len()], seen: vec![HashSet::new(); layer.columns.len()], rows: 0 }
    }

    pub(super) fn push(&mut self, row: &Row) {
        self.rows += 1;
        for ((samples, seen), cell) in self.shown.iter_mut().zip(&mut self.seen).zip(&row.cells) {
            if let Some(text) = cell.text()
                && seen.insert(text.clone())
                && samples.len() < SAMPLES
            {
                samples.push(text);
            }
        }
    }

    /// Columns with samples, and for each whether its values so far identify rows.
    pub(super) fn finish(self, layer: &LayerHead) -> (Vec<ColumnInfo>, Vec<bool>) {
        let unique = self.seen.iter().map(|seen| seen.len() == self.rows).collect();
        let info = |(column, samples): (&ColumnHead, Vec<String>)| ColumnInfo {
            name: column.name.clone(),
            kind: column.kind.to_owned(),
            samples,
        };
        (layer.columns.iter().zip(self.shown).map(info).collect(), unique)
    }
}
