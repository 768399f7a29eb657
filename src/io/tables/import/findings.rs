//! What goes wrong while a table is read: counted, with the first few places.

use std::collections::BTreeMap;
use std::path::Path;

use crate::model::report::{Problem, Severity};

/// Places that are named one by one.
const NAMED: usize = 5;

/// Faults of one table.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What was expected, with the first places and how many there are.
    unreadable: BTreeMap<&'static str, (Vec<String>, u64)>,
    no_id: (Vec<u64>, u64),
    left_out: Vec<String>,
    /// Values beyond what a variable can be.
    beyond: BTreeMap<String, u64>,
}

impl Findings {
    pub(super) fn unreadable(&mut self, row: u64, column: &str, text: &str, expected: &'static str) {
        let (places, count) = self.unreadable.entry(expected).or_default();
        *count += 1;
        if places.len() < NAMED {
            let cell = if text.is_empty() {
                "nothing".to_owned()
            } else {
                format!("“{}”", text.chars().take(40).collect::<String>())
            };
            places.push(format!("{cell} in row {row}, column “{column}”"));
        }
    }

    pub(super) fn no_id(&mut self, row: u64) {
        if self.no_id.0.last() == Some(&row) {
            return;
        }
        self.no_id.1 += 1;
        if self.no_id.0.len() < NAMED {
            self.no_id.0.push(row);
        }
    }

    pub(super) fn left_out(&mut self, word: &str) {
        self.left_out.push(word.to_owned());
    }

    /// Names that mean nothing here.
    pub(super) fn left_out_words(&self) -> &[String] {
        &self.left_out
    }

    pub(super) fn value(&mut self, variable: &str, mean: f64) {
        let limit = match variable {
            "NDVI" | "NDMI" | "NDWI" | "COH_VV" | "COH_VH" | "FAPAR" | "FCOVER" => 2.0,
            band if band.starts_with('B') && band.len() == 3 && band != "BSI" => 5.0,
            _ => return,
        };
        if mean.abs() > limit {
            *self.beyond.entry(variable.to_owned()).or_default() += 1;
        }
    }

    /// Everything as problems of a file; `ragged` are rows with a wrong number of cells.
    pub(super) fn problems(&self, path: &Path, ragged: &(Vec<(u64, usize)>, u64), columns: usize) -> Vec<Problem> {
        let problem =
            |fact: String, expected: String| Problem { severity: Severity::Warning, path: path.to_owned(), fact, expected };
        let mut problems = Vec::new();
        let rest = |count: u64, shown: usize| {
            let more = count - shown as u64;
            if more > 0 { format!(" and {more} more") } else { String::new() }
        };
        for (expected, (places, count)) in &self.unreadable {
            let fact = format!("{} values cannot be read: {}{}", count, places.join("; "), rest(*count, places.len()));
            problems.push(problem(fact, (*expected).to_owned()));
        }
        if self.no_id.1 > 0 {
            let rows: Vec<String> = self.no_id.0.iter().map(ToString::to_string).collect();
            let fact =
                format!("{} rows have no parcel id: rows {}{}", self.no_id.1, rows.join(", "), rest(self.no_id.1, rows.len()));
            problems.push(problem(fact, "an id in every row".to_owned()));
        }
        if ragged.1 > 0 {
            let rows: Vec<String> = ragged.0.iter().map(|(row, cells)| format!("row {row} has {cells}")).collect();
            let fact = format!(
                "{} rows are left out, their number of cells is another: {}{}",
                ragged.1,
                rows.join(", "),
                rest(ragged.1, rows.len())
            );
            problems.push(problem(fact, format!("{columns} cells as in the header; check the delimiter")));
        }
        for (variable, count) in &self.beyond {
            let fact = format!("{count} values of {variable} are impossible as they are read");
            problems.push(problem(fact, format!("another unit of {variable}; set it in the table's units")));
        }
        problems
    }
}
