//! Removal of lone pixels from a cluster map.

use std::ops::Range;

use super::grid::LabelGrid;
use crate::model::heterogeneity::MAX_CLUSTERS;

/// Labels of some rows without isolated pixels; `out` has a place for each pixel of these rows.
///
/// A pixel is isolated when its class occurs at most `threshold` times, itself included, in the window of `2 radius + 1` pixels
/// around it. It takes the most frequent class of the window, the lowest number of several. All is counted on the map as it was
/// given. The window holds pixels inside the grid, with a class, and of the same parcel only: what lies beyond a limit has no say,
/// so that a parcel gives the same whichever neighbours are loaded.
///
/// Threshold 0 changes nothing; pixels without a class are never changed. Bands of rows may be worked on side by side.
///
/// * **Cost:** most pixels are done after `threshold` neighbours of their class.
/// * **Source:** fact sheet of `Sen4CAP`; its released system repeats pixels at the border of the image, which is not followed.
pub fn without_isolated_rows(grid: &LabelGrid, radius: u8, threshold: u8, rows: Range<usize>, out: &mut [u8]) {
    let pixels = grid.pixels(&rows);
    debug_assert_eq!(out.len(), pixels.len(), "a place for each pixel of the rows");
    out.copy_from_slice(&grid.labels[pixels]);
    if threshold == 0 || grid.width == 0 {
        return;
    }
    let radius = usize::from(radius);
    for (row, out) in rows.zip(out.chunks_exact_mut(grid.width)) {
        for (column, label) in out.iter_mut().enumerate().filter(|(_, label)| **label > 0) {
            let window = Window {
                rows: row.saturating_sub(radius)..(row + radius + 1).min(grid.height),
                columns: column.saturating_sub(radius)..(column + radius + 1).min(grid.width),
                parcel: grid.parcels[row * grid.width + column],
            };
            if window.at_most(grid, *label, threshold) {
                *label = window.most_frequent(grid).unwrap_or(*label);
            }
        }
    }
}

/// Pixels around one, cut at the border of the grid.
struct Window {
    rows: Range<usize>,
    columns: Range<usize>,
    parcel: u32,
}

impl Window {
    /// True when a class occurs no more often than `threshold` times.
    fn at_most(&self, grid: &LabelGrid, label: u8, threshold: u8) -> bool {
        let mut count = 0;
        for row in self.rows.clone() {
            let own = row * grid.width + self.columns.start..row * grid.width + self.columns.end;
            for (other, parcel) in grid.labels[own.clone()].iter().zip(&grid.parcels[own]) {
                count += u32::from(*other == label && *parcel == self.parcel);
            }
            if count > u32::from(threshold) {
                return false;
            }
        }
        true
    }

    /// The most frequent class, the lowest of several.
    fn most_frequent(&self, grid: &LabelGrid) -> Option<u8> {
        let mut counts = [0u8; MAX_CLUSTERS + 1];
        for row in self.rows.clone() {
            for at in row * grid.width + self.columns.start..row * grid.width + self.columns.end {
                if grid.parcels[at] == self.parcel && grid.labels[at] > 0 {
                    counts[usize::from(grid.labels[at]).min(MAX_CLUSTERS)] += 1;
                }
            }
        }
        // The last of several maxima is taken: from high numbers to low ones.
        (1..=MAX_CLUSTERS as u8).rev().max_by_key(|label| counts[usize::from(*label)])
    }
}
