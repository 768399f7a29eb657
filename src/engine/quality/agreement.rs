//! Agreement of two raters beyond chance.

use std::collections::BTreeSet;

use crate::engine::evaluation::sampling::Interval;

use super::Share;

/// How far two raters agree.
#[derive(Debug, Clone, PartialEq)]
pub struct Agreement {
    /// Words of either rater, sorted.
    pub words: Vec<String>,
    /// Counts: row by the first rater's word, column by the second's.
    pub table: Vec<Vec<usize>>,
    /// Parcels that both rated.
    pub count: usize,
    /// Of these, those with the same word.
    pub observed: Share,
    /// Share that would agree by chance, from how often each rater uses each word; `NaN` without parcels.
    pub expected: f64,
    /// Cohen's kappa; `NaN` without parcels, and where chance alone gives full agreement, as when both know one word only.
    pub kappa: f64,
    /// Its interval at 95 %; none where kappa is none.
    pub interval: Interval,
}

/// Agreement of pairs of words, one pair a parcel.
pub fn agreement<'w>(pairs: impl IntoIterator<Item = (&'w str, &'w str)>) -> Agreement {
    let pairs: Vec<(&str, &str)> = pairs.into_iter().collect();
    let words: BTreeSet<&str> = pairs.iter().flat_map(|&(one, other)| [one, other]).collect();
    let words: Vec<&str> = words.into_iter().collect();
    let mut table = vec![vec![0; words.len()]; words.len()];
    for (one, other) in pairs {
        if let (Ok(row), Ok(column)) = (words.binary_search(&one), words.binary_search(&other)) {
            table[row][column] += 1;
        }
    }
    agreement_of_table(words.into_iter().map(str::to_owned).collect(), table)
}

/// Agreement from counts; `table` is square, with a row and a column for each word.
///
/// * **NaN:** see the fields of [`Agreement`].
/// * **Source:** Cohen (1960); large-sample standard error of Fleiss, Cohen and Everitt (1969).
pub fn agreement_of_table(words: Vec<String>, table: Vec<Vec<usize>>) -> Agreement {
    const Z: f64 = 1.959_963_984_540_054;
    debug_assert!(table.len() == words.len() && table.iter().all(|row| row.len() == words.len()), "a square table");
    let count: usize = table.iter().flatten().sum();
    let same: usize = (0..table.len()).map(|at| table[at][at]).sum();
    let n = count as f64;
    let share = |row: usize, column: usize| table[row][column] as f64 / n;
    let all = 0..table.len();
    let rows: Vec<f64> = all.clone().map(|row| all.clone().map(|column| share(row, column)).sum()).collect();
    let columns: Vec<f64> = all.clone().map(|column| all.clone().map(|row| share(row, column)).sum()).collect();
    let observed = same as f64 / n;
    let expected: f64 = if count == 0 { f64::NAN } else { rows.iter().zip(&columns).map(|(row, column)| row * column).sum() };
    let beyond = 1.0 - expected;
    // One word for all parcels leaves nothing beyond chance.
    let alone = rows.iter().zip(&columns).any(|(&row, &column)| row == 1.0 && column == 1.0);
    let kappa = if alone { f64::NAN } else { (observed - expected) / beyond };
    let mut variance = -(kappa - expected * (1.0 - kappa)).powi(2);
    for row in all.clone() {
        for column in all.clone() {
            variance += share(row, column)
                * if row == column {
                    (1.0 - (rows[row] + columns[row]) * (1.0 - kappa)).powi(2)
                } else {
                    (1.0 - kappa).powi(2) * (columns[row] + rows[column]).powi(2)
                };
        }
    }
    // Full agreement gives 0 up to rounding, perhaps below.
    let error = (variance.max(0.0) / n).sqrt() / beyond;
    let interval = if kappa.is_nan() {
        Interval::NONE
    } else {
        Interval { low: (kappa - Z * error).max(-1.0), high: (kappa + Z * error).min(1.0) }
    };
    Agreement { words, table, count, observed: Share::of(same, count), expected, kappa, interval }
}
