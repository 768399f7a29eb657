//! Attribute columns of the table, and the few values that a column chooser shows.

use std::collections::HashSet;

use crate::model::parcels::{Column, Values};

use super::ColumnInfo;
use super::source::{Cell, ColumnHead, LayerHead, Row};

/// Distinct values shown for a column.
const SAMPLES: usize = 5;

/// Values kept for filters, over all columns: about 1 GB of text at worst.
const MAX_CELLS: u64 = 30_000_000;

/// Collects the values of a layer by column.
pub(super) struct Columns {
    columns: Vec<Column>,
    places: Vec<usize>,
}

impl Columns {
    /// Columns of a layer; of a very large table only the first ones, so that memory stays bounded.
    pub(super) fn new(layer: &LayerHead) -> Self {
        let room = usize::try_from(MAX_CELLS / layer.features.max(1)).unwrap_or(usize::MAX);
        let usable = |(_, column): &(usize, &ColumnHead)| column.kind != "binary";
        let kept: Vec<(usize, &ColumnHead)> = layer.columns.iter().enumerate().filter(usable).take(room).collect();
        let empty = |column: &ColumnHead| Column {
            name: column.name.clone(),
            values: if column.is_number() { Values::Number(Vec::new()) } else { Values::Text(Vec::new()) },
        };
        Self { columns: kept.iter().map(|(_, column)| empty(column)).collect(), places: kept.iter().map(|(at, _)| *at).collect() }
    }

    /// Columns that do not take part.
    pub(super) fn left_out(&self, layer: &LayerHead) -> usize {
        layer.columns.iter().filter(|column| column.kind != "binary").count() - self.columns.len()
    }

    /// Appends one row.
    pub(super) fn push(&mut self, row: &Row) {
        for (column, &place) in self.columns.iter_mut().zip(&self.places) {
            let cell = row.cells.get(place).unwrap_or(&Cell::Null);
            match &mut column.values {
                Values::Number(values) => values.push(match cell {
                    Cell::Integer(number) => *number as f64,
                    Cell::Number(number) => *number,
                    Cell::Null | Cell::Text(_) => f64::NAN,
                }),
                Values::Text(values) => values.push(match cell {
                    Cell::Text(text) => Some(text.as_str().into()),
                    other => other.text().map(String::into_boxed_str),
                }),
            }
        }
    }

    /// All columns.
    pub(super) fn finish(self) -> Vec<Column> {
        self.columns
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
