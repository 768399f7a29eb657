//! Reading a band block by block as it is stored: every block is decoded once, and numbers keep their type.

use gdal::raster::{GdalDataType, RasterBand};
use gdal::{Dataset, Metadata as _};

use super::{band_of, fact_of, handles};
use crate::io::IoError;
use crate::model::BandAsset;
pub use crate::model::stored::Pixels;

/// How the pixels of a file are cut into blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlockLayout {
    /// Columns of a block; the last block of a row may reach beyond the image.
    pub width: usize,
    /// Rows of a block.
    pub height: usize,
    /// True when all bands of the file lie in the same blocks, so that they should be read together.
    pub shared: bool,
    /// Bytes of a stored number.
    pub bytes: usize,
}

impl BlockLayout {
    /// Block columns of an image of so many pixel columns.
    pub fn columns(&self, width: usize) -> usize {
        width.div_ceil(self.width)
    }

    /// Block rows of an image of so many pixel rows.
    pub fn rows(&self, height: usize) -> usize {
        height.div_ceil(self.height)
    }
}

/// How the file of a band is cut into blocks.
pub fn layout(asset: &BandAsset) -> Result<BlockLayout, IoError> {
    let mut found = None;
    handles::with_open(&asset.path, |dataset| {
        let band = band_of(dataset, asset)?;
        let (width, height) = band.block_size();
        let shared =
            dataset.raster_count() > 1 && dataset.metadata_item("INTERLEAVE", "IMAGE_STRUCTURE").as_deref() == Some("PIXEL");
        let bytes = match band.band_type() {
            GdalDataType::UInt8 => 1,
            GdalDataType::UInt16 => 2,
            _ => 4,
        };
        found = Some(BlockLayout { width: width.max(1), height: height.max(1), shared, bytes });
        Ok(())
    })?;
    found.ok_or(IoError::Cancelled)
}

/// Reads blocks `(column, row)` of some bands of one file, and hands over what each (band, block) gave.
///
/// All bands of a block come one after the other, so that a block that several bands share is decoded once. A block that cannot
/// be read is handed over as an error and the others are still read. `wanted` is asked before each block; `false` ends the
/// reading with [`IoError::Cancelled`]. The file stays open on this thread.
///
/// * **Numbers:** as stored, without scale, offset and "no data"; beyond the edge of the image a block holds anything.
/// * **Errors:** the file cannot be opened, or is another one than the scan saw.
pub fn read(
    assets: &[&BandAsset],
    blocks: &[(usize, usize)],
    wanted: impl Fn() -> bool,
    mut take: impl FnMut(usize, usize, Result<Pixels, IoError>),
) -> Result<(), IoError> {
    let Some(first) = assets.first() else { return Ok(()) };
    debug_assert!(assets.iter().all(|asset| asset.path == first.path), "the bands of one file");
    handles::with_open(&first.path, |dataset| {
        let bands = assets.iter().map(|asset| band_of(dataset, asset)).collect::<Result<Vec<_>, _>>()?;
        for (number, &block) in blocks.iter().enumerate() {
            if !wanted() {
                return Err(IoError::Cancelled);
            }
            for (at, (asset, band)) in assets.iter().zip(&bands).enumerate() {
                take(
                    at,
                    number,
                    read_block(dataset, band, block).map_err(|fact| IoError::File {
                        operation: format!("read band {}", asset.band),
                        fact,
                        path: asset.path.clone(),
                    }),
                );
            }
        }
        Ok(())
    })
}

fn read_block(dataset: &Dataset, band: &RasterBand, block: (usize, usize)) -> Result<Pixels, String> {
    let fact = |error: gdal::errors::GdalError| fact_of(&error);
    match band.band_type() {
        GdalDataType::UInt8 => Ok(Pixels::U8(band.read_block::<u8>(block).map_err(fact)?.into_shape_and_vec().1)),
        GdalDataType::UInt16 => Ok(Pixels::U16(band.read_block::<u16>(block).map_err(fact)?.into_shape_and_vec().1)),
        GdalDataType::Float32 => Ok(Pixels::F32(band.read_block::<f32>(block).map_err(fact)?.into_shape_and_vec().1)),
        _ => {
            // Converted while it is read; at the image's edge only what is there.
            let (width, height) = band.block_size();
            let (col, row) = (block.0 * width, block.1 * height);
            let (columns, rows) = dataset.raster_size();
            let size = (width.min(columns - col), height.min(rows - row));
            let read = band.read_as::<f32>((col as isize, row as isize), size, size, None).map_err(fact)?;
            let mut whole = vec![f32::NAN; width * height];
            for (to, from) in whole.chunks_exact_mut(width).zip(read.data().chunks_exact(size.0)) {
                to[..size.0].copy_from_slice(from);
            }
            Ok(Pixels::F32(whole))
        }
    }
}
