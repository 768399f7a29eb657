//! What a ruleset says of the current parcel as the panes show it. Knows no egui.

pub use crate::project::marking::account::{ComparisonRow, EventMark, FindingRow, MarkerModel, Measure};

/// Rows of labels: each takes the first row that is free where it begins; `None` where all are taken.
pub fn label_rows(labels: &[(f32, f32)], most: usize) -> Vec<Option<usize>> {
    let mut ends = vec![f32::NEG_INFINITY; most];
    let row = |&(left, right): &(f32, f32)| {
        let row = ends.iter().position(|&end| end <= left)?;
        ends[row] = right;
        Some(row)
    };
    labels.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_that_would_overlap_take_the_next_row() {
        let labels = [(0.0, 40.0), (30.0, 70.0), (35.0, 60.0), (41.0, 80.0), (70.0, 90.0)];
        assert_eq!(label_rows(&labels, 2), [Some(0), Some(1), None, Some(0), Some(1)]);
        assert_eq!(label_rows(&labels, 0), [None; 5]);
    }
}
