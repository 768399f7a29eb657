//! Distribution views of one date: histogram of an index inside the parcel, red against near infrared.

use crate::model::{Chip, MaskSet};

/// Counts of equal bins over `low..=high` of per-pixel values inside the parcel; masked and missing pixels take no part.
pub fn bins(values: &[f32], chip: &Chip, mask: MaskSet, low: f32, high: f32, count: usize) -> Vec<u32> {
    let _ = (values, chip, mask, low, high, count);
    todo!()
}

/// (red, near infrared) reflectance of every usable pixel inside the parcel; the chip must hold B04 and B08.
pub fn red_nir(chip: &Chip, mask: MaskSet) -> Vec<[f32; 2]> {
    let _ = (chip, mask);
    todo!()
}
