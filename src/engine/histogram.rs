//! Distribution views of one date: histogram of an index inside the parcel, red against near infrared.

use crate::model::{Band, Chip, MaskSet};

/// Counts of equal bins over `low..=high` of per-pixel values inside the parcel; masked and missing pixels take no part.
///
/// Values outside the limits take no part either; `high` itself falls into the last bin. Limits that are not in order give
/// zeros. `values` has the shape of one band of `chip`.
pub fn bins(values: &[f32], chip: &Chip, mask: MaskSet, low: f32, high: f32, count: usize) -> Vec<u32> {
    let mut counts = vec![0; count];
    if count == 0 || low.partial_cmp(&high) != Some(std::cmp::Ordering::Less) {
        return counts;
    }
    for (at, &value) in values.iter().enumerate() {
        if (low..=high).contains(&value) && usable(chip, mask, at) {
            let bin = (f64::from(value - low) / f64::from(high - low) * count as f64) as usize;
            counts[bin.min(count - 1)] += 1;
        }
    }
    counts
}

/// (red, near infrared) reflectance of every usable pixel inside the parcel; the chip must hold B04 and B08.
///
/// A chip without one of the two gives nothing.
pub fn red_nir(chip: &Chip, mask: MaskSet) -> Vec<[f32; 2]> {
    let (Some(red), Some(nir)) = (chip.band_named(&Band::new("B04")), chip.band_named(&Band::new("B08"))) else {
        return Vec::new();
    };
    let pairs = red.iter().zip(nir).enumerate();
    pairs
        .filter(|&(at, (red, nir))| red.is_finite() && nir.is_finite() && usable(chip, mask, at))
        .map(|(_, (&red, &nir))| [red, nir])
        .collect()
}

/// True for a pixel inside the parcel that the mask leaves.
fn usable(chip: &Chip, mask: MaskSet, at: usize) -> bool {
    let excluded = chip.classes.as_ref().and_then(|classes| classes.get(at)).is_some_and(|&class| mask.excludes(class));
    chip.inside.get(at).copied().unwrap_or(false) && !excluded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Crs, Grid};

    fn chip() -> Chip {
        let nan = f32::NAN;
        Chip {
            grid: Grid { crs: Crs::Epsg(32631), left: 0.0, top: 10.0, pixel_x: 10.0, pixel_y: 10.0, width: 5, height: 1 },
            bands: ["B04", "B08"].map(Band::new).to_vec(),
            values: vec![0.1, 0.2, 0.3, 0.4, nan, 0.5, 0.6, 0.7, 0.8, 0.9],
            classes: Some(vec![4, 9, 4, 5, 4]),
            inside: vec![true, true, false, true, true],
        }
    }

    #[test]
    fn only_usable_pixels_inside_are_counted() {
        assert_eq!(red_nir(&chip(), MaskSet::default()), [[0.1, 0.5], [0.4, 0.8]]);
        assert_eq!(red_nir(&chip(), MaskSet::NONE).len(), 3);
        let values = [0.0, 0.1, 0.1, 1.0, f32::NAN];
        assert_eq!(bins(&values, &chip(), MaskSet::default(), 0.0, 1.0, 4), [1, 0, 0, 1]);
        assert_eq!(bins(&values, &chip(), MaskSet::NONE, 0.0, 1.0, 4), [2, 0, 0, 1]);
        assert_eq!(bins(&values, &chip(), MaskSet::NONE, 1.0, 0.0, 2), [0, 0]);
        assert_eq!(bins(&values, &chip(), MaskSet::NONE, 0.0, f32::NAN, 0), Vec::<u32>::new());
    }
}
