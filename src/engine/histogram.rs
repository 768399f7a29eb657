//! Distribution views of one date: histogram of NDVI inside the parcel, red against near infrared; as numbers and as pictures.

use crate::engine::ramp;
use crate::engine::stretch::Picture;
use crate::model::{Band, Chip, MaskSet};

/// Bins of the NDVI histogram: 99 from 0.01 to 1.0, as JRC's calendar has them.
pub const NDVI_BINS: usize = 99;
/// Limits of the NDVI histogram.
pub const NDVI_LIMITS: (f32, f32) = (0.01, 1.0);
/// Both axes of the scatter view reach from 0 to this reflectance.
pub const SCATTER_MAX: f32 = 0.6;

/// Colour of earlier dates in a scatter picture.
const EARLIER: [u8; 4] = [0x5b, 0x7f, 0xb5, 255];
/// Colour of the date itself.
const OWN: [u8; 4] = [0xc8, 0x32, 0x2b, 255];

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

/// The histogram as a square picture of `edge` pixels: bars from the bottom, each in the colour of its NDVI; the largest count
/// fills the height. The rest is transparent. `limits` are those of the NDVI axis.
pub fn histogram_picture(counts: &[u32], edge: usize) -> Picture {
    let mut picture = blank(edge, vec![(f64::from(NDVI_LIMITS.0), f64::from(NDVI_LIMITS.1))]);
    let most = counts.iter().copied().max().unwrap_or(0);
    if most == 0 {
        return picture;
    }
    for col in 0..edge {
        let bin = col * counts.len() / edge;
        let height = (f64::from(counts[bin]) / f64::from(most) * edge as f64).ceil() as usize;
        let colour = ramp::index((bin as f32 + 0.5) / counts.len() as f32);
        for row in edge - height..edge {
            put(&mut picture, col, row, colour);
        }
    }
    picture
}

/// Red (to the right) against near infrared (upwards), both 0 to [`SCATTER_MAX`], as a square picture of `edge` pixels: small dots
/// for the earlier dates, larger ones over them for the date itself. Values beyond the axes are left out. The rest is transparent.
pub fn scatter_picture<'a>(earlier: impl Iterator<Item = &'a [f32; 2]>, own: &[[f32; 2]], edge: usize) -> Picture {
    let mut picture = blank(edge, vec![(0.0, f64::from(SCATTER_MAX)); 2]);
    let mut dot = |[red, nir]: [f32; 2], size: usize, colour| {
        let place = |value: f32| (0.0..SCATTER_MAX).contains(&value).then(|| (value / SCATTER_MAX * edge as f32) as usize);
        let (Some(col), Some(up)) = (place(red), place(nir)) else { return };
        for (dx, dy) in (0..size).flat_map(|dx| (0..size).map(move |dy| (dx, dy))) {
            put(&mut picture, col + dx, (edge - 1).saturating_sub(up) + dy, colour);
        }
    };
    for &point in earlier {
        dot(point, 1, EARLIER);
    }
    for &point in own {
        dot(point, 2, OWN);
    }
    picture
}

fn blank(edge: usize, limits: Vec<(f64, f64)>) -> Picture {
    Picture { width: edge, height: edge, rgba: vec![0; edge * edge * 4], limits }
}

fn put(picture: &mut Picture, col: usize, row: usize, colour: [u8; 4]) {
    if col < picture.width && row < picture.height {
        let at = (row * picture.width + col) * 4;
        picture.rgba[at..at + 4].copy_from_slice(&colour);
    }
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

    /// Colour of a pixel, `None` where nothing is drawn.
    fn colour(picture: &Picture, col: usize, row: usize) -> Option<[u8; 4]> {
        let at = (row * picture.width + col) * 4;
        let pixel = [picture.rgba[at], picture.rgba[at + 1], picture.rgba[at + 2], picture.rgba[at + 3]];
        (pixel[3] > 0).then_some(pixel)
    }

    #[test]
    fn the_largest_bin_fills_the_height_and_empty_bins_nothing() {
        let picture = histogram_picture(&[0, 4, 2, 0], 8);
        let heights: Vec<usize> = (0..8).map(|col| (0..8).filter(|&row| colour(&picture, col, row).is_some()).count()).collect();
        assert_eq!(heights, [0, 0, 8, 8, 4, 4, 0, 0]);
        assert_ne!(colour(&picture, 2, 7), colour(&picture, 4, 7), "each bar has the colour of its NDVI");
        assert!(histogram_picture(&[0; 4], 8).rgba.iter().all(|&byte| byte == 0));
    }

    #[test]
    fn the_date_lies_over_earlier_ones_and_values_beyond_the_axes_are_left_out() {
        let earlier = [[0.0, 0.0], [0.3, 0.3], [0.7, 0.1], [-0.1, 0.2], [f32::NAN, 0.1]];
        let picture = scatter_picture(earlier.iter(), &[[0.3, 0.3]], 6);
        assert_eq!(colour(&picture, 0, 5), Some(EARLIER), "the origin is the lower left corner");
        assert_eq!(colour(&picture, 3, 2), Some(OWN));
        assert_eq!(colour(&picture, 4, 3), Some(OWN), "twice as large");
        assert_eq!(picture.rgba.chunks(4).filter(|pixel| pixel[3] > 0).count(), 5);
    }
}
