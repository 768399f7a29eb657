//! Reads the scene classification of a granule once, for the masks of all its bands.

use std::sync::Arc;

use rayon::prelude::*;

use crate::engine::masking::{ClassCounts, ClassImage, ClassPlaces, ParcelMasks, class_counts};
use crate::io::IoError;
use crate::io::raster::blocks::{self, Pixels};
use crate::model::{BandAsset, Chip, Grid, MaskSet};

use super::pixels::{BandWork, MASK_GROUP, Reading};

/// What the classification of a granule gives.
#[derive(Default)]
pub(super) struct SceneMasks {
    /// Masks by the table of footprints they belong to.
    masks: Vec<(usize, Arc<Vec<ParcelMasks>>)>,
    /// Class counts of every parcel, on the classification's grid; empty when nobody asked.
    pub counts: Vec<Option<ClassCounts>>,
}

impl SceneMasks {
    /// Masks for a table of footprints; `None` when nothing is masked.
    pub(super) fn of(&self, table: usize) -> Option<Arc<Vec<ParcelMasks>>> {
        self.masks.iter().find(|(known, _)| *known == table).map(|(_, masks)| Arc::clone(masks))
    }

    /// Reads the classification where some parcel needs it. `counted` asks for class counts too.
    pub(super) fn read(
        reading: &Reading<'_>,
        scl: BandWork<'_>,
        bands: &[BandWork<'_>],
        mask: MaskSet,
        counted: bool,
    ) -> Result<Self, IoError> {
        let mut grids: Vec<(usize, &Grid)> = Vec::new();
        if mask != MaskSet::NONE {
            for band in bands {
                if !grids.iter().any(|(table, _)| *table == band.table) {
                    grids.push((band.table, &band.asset.grid));
                }
            }
        }
        if grids.is_empty() && !counted {
            return Ok(Self::default());
        }
        let grids: Vec<(usize, ClassPlaces)> =
            grids.into_iter().map(|(table, grid)| (table, ClassPlaces::new(&scl.asset.grid, grid))).collect();
        let own = counted.then(|| (scl.table, ClassPlaces::new(&scl.asset.grid, &scl.asset.grid)));
        let image = read_classes(reading, scl.asset, grids.iter().chain(&own))?;
        let mut made = Self::default();
        for (table, places) in &grids {
            let footprints = reading.table(*table).as_ref();
            let masks = groups(footprints.len())
                .map(|parcels| ParcelMasks::new(&image, places, footprints, parcels, mask))
                .collect::<Vec<_>>();
            made.masks.push((*table, Arc::new(masks)));
        }
        if counted {
            let footprints = reading.table(scl.table).as_ref();
            let counts: Vec<Vec<_>> = groups(footprints.len()).map(|parcels| class_counts(&image, footprints, parcels)).collect();
            made.counts = counts.into_iter().flatten().collect();
        }
        if reading.cancelled() { Err(IoError::Cancelled) } else { Ok(made) }
    }
}

fn groups(len: usize) -> impl IndexedParallelIterator<Item = std::ops::Range<usize>> {
    (0..len.div_ceil(MASK_GROUP)).into_par_iter().map(move |group| group * MASK_GROUP..len.min((group + 1) * MASK_GROUP))
}

/// The classification as classes. What cannot be read is noted and left [`ClassImage::UNREAD`].
fn read_classes<'p>(
    reading: &Reading<'_>,
    asset: &BandAsset,
    needed: impl Iterator<Item = &'p (usize, ClassPlaces)>,
) -> Result<ClassImage, IoError> {
    let (width, height) = (asset.grid.width, asset.grid.height);
    let layout = match blocks::layout(asset) {
        Ok(layout) => layout,
        Err(error) => {
            reading.note(&asset.path, &error);
            return Ok(ClassImage { width, strip_rows: height.max(1), strips: Vec::new() });
        }
    };
    let columns = layout.columns(width);
    let mut touched = vec![false; columns * layout.rows(height)];
    for (table, places) in needed {
        places.touch(reading.table(*table), (layout.width, layout.height), columns, &mut touched);
    }
    let cut = reading.cut(&layout, columns * layout.width);
    let strip_rows = cut.block_rows * cut.block_height;
    let strips: Vec<Result<Vec<u8>, IoError>> = touched
        .par_chunks(columns * cut.block_rows)
        .enumerate()
        .map(|(number, touched)| {
            let blocks: Vec<(usize, usize)> = (0..touched.len())
                .filter(|&at| touched[at])
                .map(|at| (at % columns, number * cut.block_rows + at / columns))
                .collect();
            if blocks.is_empty() {
                return Ok(Vec::new());
            }
            let _allowed = reading.allow(2 * width * strip_rows);
            let rows = strip_rows.min(height - number * strip_rows);
            let mut strip = vec![ClassImage::UNREAD; width * rows];
            let mut failed = false;
            let done = blocks::read(
                &[asset],
                &blocks,
                || !reading.cancelled(),
                |_, at, pixels| match pixels {
                    Ok(pixels) => {
                        let (col, row) = blocks[at];
                        let corner = (col * layout.width, (row - number * cut.block_rows) * layout.height);
                        put_classes(&mut strip, width, corner, layout.width, pixels, asset.nodata);
                    }
                    Err(error) if !failed => {
                        failed = true;
                        reading.note(&asset.path, &error);
                    }
                    Err(_) => {}
                },
            );
            match done {
                Err(IoError::Cancelled) => return Err(IoError::Cancelled),
                Err(error) => reading.note(&asset.path, &error),
                Ok(()) => {}
            }
            Ok(strip)
        })
        .collect();
    Ok(ClassImage { width, strip_rows, strips: strips.into_iter().collect::<Result<_, _>>()? })
}

/// Puts a block's classes into a strip; `corner` is the block's first column and row there.
fn put_classes(
    strip: &mut [u8],
    width: usize,
    (col, row): (usize, usize),
    block_width: usize,
    pixels: Pixels,
    nodata: Option<f64>,
) {
    let nodata = nodata.map_or(f32::NAN, |nodata| nodata as f32);
    let class_of = |value: f32| {
        let known = (0.0..12.0).contains(&value) && (value == 0.0 || value != nodata);
        if known { value as u8 } else { Chip::NO_CLASS }
    };
    let classes: Vec<u8> = match pixels {
        Pixels::U8(mut pixels) => {
            let table: [u8; 256] = std::array::from_fn(|value| class_of(value as f32));
            for pixel in &mut pixels {
                *pixel = table[usize::from(*pixel)];
            }
            pixels
        }
        Pixels::U16(pixels) => pixels.into_iter().map(|pixel| class_of(f32::from(pixel))).collect(),
        Pixels::F32(pixels) => pixels.into_iter().map(class_of).collect(),
    };
    let inside = block_width.min(width - col);
    for (target, line) in strip.chunks_exact_mut(width).skip(row).zip(classes.chunks_exact(block_width)) {
        target[col..col + inside].copy_from_slice(&line[..inside]);
    }
}
