//! A cluster map with the parcels it belongs to.

/// Labels and parcels of a raster, row by row.
#[derive(Debug, Clone, Copy)]
pub struct LabelGrid<'a> {
    /// Pixels of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Class of each pixel; 0 is none.
    pub labels: &'a [u8],
    /// Number of the parcel of each pixel: equal for the pixels of one parcel. Pixels of no parcel have label 0, and any number.
    pub parcels: &'a [u32],
}

impl LabelGrid<'_> {
    /// Pixels of some rows, as a range of both columns.
    pub(super) fn pixels(&self, rows: &std::ops::Range<usize>) -> std::ops::Range<usize> {
        debug_assert_eq!(self.labels.len(), self.width * self.height, "a label for each pixel");
        debug_assert_eq!(self.parcels.len(), self.labels.len(), "a parcel for each pixel");
        debug_assert!(rows.end <= self.height, "rows of the grid");
        rows.start * self.width..rows.end * self.width
    }
}
