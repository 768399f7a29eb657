//! Masks of many parcels from one scene classification, in pixel order and without a resampled image.

use crate::engine::chip::Places;
use crate::model::footprints::Footprints;
use crate::model::{Chip, Grid, MaskSet};

/// Scene classes of an image, in strips of rows; strips that nobody needs are absent.
#[derive(Debug)]
pub struct ClassImage {
    /// Columns.
    pub width: usize,
    /// Rows of a strip.
    pub strip_rows: usize,
    /// Classes row by row: 0..=11, [`Chip::NO_CLASS`], or [`ClassImage::UNREAD`].
    pub strips: Vec<Vec<u8>>,
}

impl ClassImage {
    /// The class of a pixel whose block could not be read, or was not asked for.
    pub const UNREAD: u8 = 254;

    fn row(&self, row: usize) -> Option<&[u8]> {
        let strip = self.strips.get(row / self.strip_rows)?;
        strip.get(row % self.strip_rows * self.width..)?.get(..self.width)
    }
}

/// For every row and column of a grid the row and column of the classification that holds the pixel centre.
#[derive(Debug)]
pub struct ClassPlaces {
    rows: Vec<u32>,
    cols: Vec<u32>,
}

/// Marks a row or column beyond the classification.
const BEYOND: u32 = u32::MAX;

impl ClassPlaces {
    /// Places of the pixels of `grid` in the classification's grid; coarser classes are repeated, see [`super::clean::classes_on`].
    pub fn new(classes: &Grid, grid: &Grid) -> Self {
        let places = Places::new(classes, grid);
        let plain = |places: &[Option<usize>]| places.iter().map(|at| at.map_or(BEYOND, |at| at as u32)).collect();
        Self { rows: plain(&places.rows), cols: plain(&places.cols) }
    }

    /// Marks the blocks of the classification that the pixels of some footprints lie in; `columns` blocks in a row.
    pub fn touch(&self, footprints: &Footprints, (width, height): (usize, usize), columns: usize, touched: &mut [bool]) {
        for run in &footprints.runs {
            let row = self.rows[run.row()];
            let cols = &self.cols[run.col()..run.col() + run.len()];
            let known = || cols.iter().filter(|&&col| col != BEYOND);
            let (Some(&first), Some(&last)) = (known().next(), known().next_back()) else { continue };
            if row != BEYOND {
                let start = row as usize / height * columns;
                touched[start + first as usize / width..=start + last as usize / width].fill(true);
            }
        }
    }
}

/// Which pixels of some parcels the mask excludes.
#[derive(Debug, Default)]
pub struct ParcelMasks {
    states: Vec<State>,
    flags: Vec<bool>,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Clear,
    /// Where the flags of its pixels begin.
    Flags(usize),
    Unread,
}

impl ParcelMasks {
    /// Masks of the parcels in some rows of `footprints`. A pixel without class counts as excluded unless the set is empty.
    pub fn new(
        image: &ClassImage,
        places: &ClassPlaces,
        footprints: &Footprints,
        parcels: std::ops::Range<usize>,
        mask: MaskSet,
    ) -> Self {
        let excludes: [bool; 256] = std::array::from_fn(|class| mask.excludes(class as u8));
        let mut made = Self { states: Vec::with_capacity(parcels.len()), flags: Vec::new() };
        for parcel in parcels {
            let start = made.flags.len();
            let (mut any, mut unread) = (false, false);
            for run in footprints.runs_of(parcel) {
                let row = match places.rows[run.row()] {
                    BEYOND => None,
                    row => Some(image.row(row as usize).unwrap_or_default()),
                };
                for &col in &places.cols[run.col()..run.col() + run.len()] {
                    let class = match row {
                        Some(row) if col != BEYOND => row.get(col as usize).copied().unwrap_or(ClassImage::UNREAD),
                        _ => Chip::NO_CLASS,
                    };
                    unread |= class == ClassImage::UNREAD;
                    let excluded = excludes[usize::from(class)];
                    any |= excluded;
                    made.flags.push(excluded);
                }
            }
            if unread || !any {
                made.flags.truncate(start);
            }
            made.states.push(if unread {
                State::Unread
            } else if any {
                State::Flags(start)
            } else {
                State::Clear
            });
        }
        made
    }

    /// Flags of a parcel (counted from the first of these masks) with so many pixels, empty when all are clear; `None` when its
    /// classes could not be read.
    pub fn of(&self, parcel: usize, pixels: usize) -> Option<&[bool]> {
        match self.states[parcel] {
            State::Clear => Some(&[]),
            State::Flags(start) => Some(&self.flags[start..start + pixels]),
            State::Unread => None,
        }
    }
}

/// Pixels of a parcel by scene class, on the classification's own grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassCounts {
    /// Weight per class 0..=11.
    pub classes: [f64; 12],
    /// Weight of pixels without class, and of those beyond the image.
    pub without: f64,
}

/// Class counts of the parcels in some rows of `footprints` on the classification's grid; `None` where it could not be read.
pub fn class_counts(image: &ClassImage, footprints: &Footprints, parcels: std::ops::Range<usize>) -> Vec<Option<ClassCounts>> {
    let mut weights = Vec::new();
    parcels
        .map(|parcel| {
            let mut counts = ClassCounts { classes: [0.0; 12], without: footprints.outside[parcel] };
            weights.clear();
            footprints.weights_of(parcel, &mut weights);
            let mut weights = weights.iter();
            for run in footprints.runs_of(parcel) {
                let row = image.row(run.row())?;
                for (&class, &weight) in row[run.col()..run.col() + run.len()].iter().zip(&mut weights) {
                    match counts.classes.get_mut(usize::from(class)) {
                        Some(count) => *count += f64::from(weight),
                        None if class == ClassImage::UNREAD => return None,
                        None => counts.without += f64::from(weight),
                    }
                }
            }
            Some(counts)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Crs;
    use crate::model::footprints::Run;

    fn grid(pixel: f64, width: usize, height: usize) -> Grid {
        Grid { crs: Crs::Epsg(32631), left: 0.0, top: 40.0, pixel_x: pixel, pixel_y: pixel, width, height }
    }

    fn one_parcel(runs: Vec<Run>) -> Footprints {
        let pixels = runs.iter().map(|run| run.len() as u32).sum();
        Footprints {
            parcels: vec![0],
            run_start: vec![0, runs.len() as u32],
            runs,
            share_start: vec![0, 0],
            shares: vec![],
            pixels: vec![pixels],
            outside: vec![1.5],
        }
    }

    #[test]
    fn coarse_classes_are_repeated_and_places_beyond_them_are_excluded() {
        let image = ClassImage { width: 2, strip_rows: 1, strips: vec![vec![4, 9], vec![9, ClassImage::UNREAD]] };
        let places = ClassPlaces::new(&grid(20.0, 2, 2), &grid(10.0, 5, 5));
        let masks = |runs| ParcelMasks::new(&image, &places, &one_parcel(runs), 0..1, MaskSet::default());
        assert_eq!(masks(vec![Run::new(1, 0, 5, false)]).of(0, 5), Some(&[false, false, true, true, true][..]));
        assert_eq!(masks(vec![Run::new(4, 0, 2, false)]).of(0, 2), Some(&[true, true][..]));
        assert_eq!(masks(vec![Run::new(0, 0, 2, false)]).of(0, 2), Some(&[][..]));
        assert_eq!(masks(vec![Run::new(2, 1, 2, false)]).of(0, 2), None, "a block could not be read");
        let mut touched = [false; 4];
        places.touch(&one_parcel(vec![Run::new(1, 1, 2, false), Run::new(4, 0, 5, false)]), (1, 1), 2, &mut touched);
        assert_eq!(touched, [true, true, false, false]);
    }

    #[test]
    fn classes_are_counted_on_their_own_grid() {
        let image = ClassImage { width: 3, strip_rows: 2, strips: vec![vec![4, 9, 4, 255, 4, 4]] };
        let footprints = one_parcel(vec![Run::new(0, 1, 2, false), Run::new(1, 0, 1, false)]);
        let counts = class_counts(&image, &footprints, 0..1)[0].expect("all read");
        assert_eq!((counts.classes[9], counts.classes[4], counts.without), (1.0, 1.0, 2.5));
        assert_eq!(class_counts(&image, &one_parcel(vec![Run::new(2, 0, 1, false)]), 0..1), [None]);
    }
}
