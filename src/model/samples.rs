//! Several values at common times: what rulesets work on.

use std::sync::Arc;

/// Values at common times, column by column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SampleTable {
    /// Days since 1970-01-01 UTC with fraction, ascending, each once.
    pub days: Vec<f64>,
    /// Columns, each as long as [`SampleTable::days`].
    pub columns: Vec<SampleColumn>,
    /// Days of the observations that the samples were made of; `None` while the samples are the observations.
    pub observed: Option<Arc<[f64]>>,
}

/// One column of a [`SampleTable`].
#[derive(Debug, Clone, PartialEq)]
pub struct SampleColumn {
    /// Name, e.g. `B08_mean`.
    pub name: Arc<str>,
    /// Values; `NaN` is missing. Of a column of words the place of the word in [`SampleColumn::labels`].
    pub values: Vec<f64>,
    /// Words of a column that holds words, sorted; empty for numbers.
    pub labels: Arc<[String]>,
}

impl SampleColumn {
    /// A column of numbers.
    pub fn new(name: impl Into<Arc<str>>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values, labels: Arc::default() }
    }

    /// A value as a word: its label, or the number.
    pub fn word(&self, value: f64) -> String {
        let label = (value >= 0.0).then(|| self.labels.get(value as usize)).flatten();
        label.cloned().unwrap_or_else(|| value.to_string())
    }
}

impl SampleTable {
    /// From columns of rows in any order of time: rows without a time are left out, of several at one time the first given counts.
    ///
    /// Columns are as long as `days`; shorter ones are a broken precondition.
    pub fn sorted(days: &[f64], columns: Vec<SampleColumn>) -> Self {
        debug_assert!(columns.iter().all(|column| column.values.len() == days.len()), "a value a time");
        let mut order: Vec<usize> = (0..days.len()).filter(|&at| days[at].is_finite()).collect();
        order.sort_by(|&a, &b| days[a].total_cmp(&days[b]));
        order.dedup_by(|next, first| days[*next] == days[*first]);
        let pick = |column: SampleColumn| SampleColumn { values: order.iter().map(|&at| column.values[at]).collect(), ..column };
        Self {
            days: order.iter().map(|&at| days[at]).collect(),
            columns: columns.into_iter().map(pick).collect(),
            observed: None,
        }
    }

    /// Number of times.
    pub fn len(&self) -> usize {
        self.days.len()
    }

    /// True without a value in it.
    pub fn is_empty(&self) -> bool {
        self.days.is_empty() || self.columns.is_empty()
    }

    /// A column by name.
    pub fn column(&self, name: &str) -> Option<&SampleColumn> {
        self.columns.iter().find(|column| &*column.name == name)
    }

    /// Rows for which a rule holds; nothing is copied when it holds for all.
    pub fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        let rows: Vec<bool> = (0..self.len()).map(keep).collect();
        if rows.iter().all(|&keep| keep) {
            return;
        }
        let of = |values: &mut Vec<f64>| {
            let mut row = 0;
            values.retain(|_| {
                row += 1;
                rows[row - 1]
            });
        };
        of(&mut self.days);
        self.columns.iter_mut().for_each(|column| of(&mut column.values));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_sorted_and_the_first_of_a_time_counts() {
        let column = SampleColumn::new("v", vec![3.0, 1.0, 9.0, 2.0]);
        let table = SampleTable::sorted(&[3.0, 1.0, f64::NAN, 1.0], vec![column]);
        assert_eq!((table.days.as_slice(), table.columns[0].values.as_slice()), ([1.0, 3.0].as_slice(), [1.0, 3.0].as_slice()));
    }

    #[test]
    fn words_are_told_by_their_place() {
        let column =
            SampleColumn { labels: Arc::from(["A".to_owned(), "D".to_owned()]), ..SampleColumn::new("orbit", vec![1.0]) };
        assert_eq!((column.word(1.0), SampleColumn::new("n", Vec::new()).word(88.0)), ("D".to_owned(), "88".to_owned()));
        assert_eq!(column.word(f64::NAN), "NaN");
    }

    #[test]
    fn rows_are_dropped_from_all_columns() {
        let mut table = SampleTable::sorted(&[1.0, 2.0, 3.0], vec![SampleColumn::new("v", vec![1.0, 2.0, 3.0])]);
        table.retain(|row| row != 1);
        assert_eq!((table.days, table.columns[0].values.as_slice()), (vec![1.0, 3.0], [1.0, 3.0].as_slice()));
    }
}
