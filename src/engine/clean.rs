//! Cloud and shadow masks from the scene classification.

use crate::engine::chip::on_grid;
use crate::model::{BandWindow, Chip, Grid, MaskSet};

/// Scene class of every pixel of `grid`, the coarser class pixel repeated; [`crate::model::Chip::NO_CLASS`] outside.
///
/// A class pixel serves every pixel whose centre it holds, so 20 m classes are repeated two by two on 10 m bands.
pub fn classes_on(grid: &Grid, scl: &BandWindow) -> Vec<u8> {
    on_grid(scl, grid).into_iter().map(class_of).collect()
}

/// Scene class of a value as read; [`crate::model::Chip::NO_CLASS`] for what is none.
pub fn class_of(value: f32) -> u8 {
    if (0.0..12.0).contains(&value) { value as u8 } else { Chip::NO_CLASS }
}

/// True for excluded pixels.
pub fn excluded(classes: &[u8], mask: MaskSet) -> Vec<bool> {
    classes.iter().map(|&class| mask.excludes(class)).collect()
}

/// Weighted count of parcel pixels per class 0..=11 on the classification's own grid, and the pixels without class.
pub fn class_histogram(scl: &BandWindow, weights: &[f32]) -> ([f64; 12], f64) {
    let mut counts = [0.0; 12];
    let mut without = 0.0;
    for (&value, &weight) in scl.values.iter().zip(weights) {
        match counts.get_mut(usize::from(class_of(value))) {
            Some(count) => *count += f64::from(weight),
            None => without += f64::from(weight),
        }
    }
    (counts, without)
}

/// The masked pixels of a picture (row by row) as few rectangles `[left, top, right, bottom]` in pixels: runs of a row, joined with
/// equal runs of the rows below.
pub fn mask_rectangles(masked: &[bool], width: usize) -> Vec<[f32; 4]> {
    let mut done: Vec<[f32; 4]> = Vec::new();
    let mut open: Vec<[f32; 4]> = Vec::new();
    for (row, flags) in masked.chunks(width.max(1)).enumerate() {
        let mut next = Vec::new();
        let mut col = 0;
        while col < flags.len() {
            let len = flags[col..].iter().take_while(|&&flag| flag == flags[col]).count();
            if flags[col] {
                let (left, right) = (col as f32, (col + len) as f32);
                let top = open.iter().position(|run| run[0] == left && run[2] == right).map(|at| open.swap_remove(at)[1]);
                next.push([left, top.unwrap_or(row as f32), right, row as f32 + 1.0]);
            }
            col += len;
        }
        done.append(&mut open);
        open = next;
    }
    done.append(&mut open);
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Band, Crs};

    fn scl() -> BandWindow {
        let grid = Grid { crs: Crs::Epsg(32631), left: 0.0, top: 20.0, pixel_x: 20.0, pixel_y: 20.0, width: 3, height: 1 };
        BandWindow { band: Band::new("SCL"), grid, values: vec![4.0, 9.0, f32::NAN] }
    }

    #[test]
    fn classes_are_repeated_two_by_two() {
        let fine = Grid { pixel_x: 10.0, pixel_y: 10.0, width: 7, height: 2, ..scl().grid };
        let none = Chip::NO_CLASS;
        let classes = classes_on(&fine, &scl());
        assert_eq!(classes, [4, 4, 9, 9, none, none, none, 4, 4, 9, 9, none, none, none]);
        assert_eq!(excluded(&classes, MaskSet::default())[..7], [false, false, true, true, true, true, true]);
        assert!(!excluded(&classes, MaskSet::NONE).contains(&true));
    }

    #[test]
    fn the_histogram_counts_weights_per_class() {
        let (counts, without) = class_histogram(&scl(), &[1.0, 0.5, 0.25]);
        assert_eq!((counts[4], counts[9], without), (1.0, 0.5, 0.25));
        assert_eq!(counts.iter().sum::<f64>(), 1.5);
    }

    #[test]
    fn mask_rectangles_cover_exactly_the_masked_pixels() {
        let width = 5;
        let text = "##.##\
                    ##.##\
                    .....\
                    ####.\
                    #..##";
        let masked: Vec<bool> = text.chars().map(|c| c == '#').collect();
        let rectangles = mask_rectangles(&masked, width);
        for (i, &flag) in masked.iter().enumerate() {
            let (x, y) = ((i % width) as f32 + 0.5, (i / width) as f32 + 0.5);
            let hits = rectangles.iter().filter(|r| r[0] < x && x < r[2] && r[1] < y && y < r[3]).count();
            assert_eq!(hits, usize::from(flag), "pixel {i}");
        }
        assert_eq!(rectangles.len(), 5);
    }

    #[test]
    fn a_wholly_masked_chip_is_one_rectangle() {
        assert_eq!(mask_rectangles(&[true; 12], 4), [[0.0, 0.0, 4.0, 3.0]]);
        assert!(mask_rectangles(&[false; 12], 4).is_empty());
    }
}
