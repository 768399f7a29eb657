//! Reading a band coarser than it is stored: from the overviews of its file, else by leaving pixels out.
//!
//! A reading without overviews decodes every block that it touches, so it goes strip by strip and asks in between whether it is
//! still wanted.

use gdal::raster::{GdalDataType, GdalType, RasterBand, ResampleAlg};

use super::{band_of, fact_of, handles};
use crate::io::IoError;
use crate::model::BandAsset;
use crate::model::grid::PixelWindow;
use crate::model::stored::Pixels;

/// Stored pixels that a strip may cover: a tenth of a second of decoding.
const STRIP_PIXELS: usize = 4 << 20;

/// By how much the coarsest overview of a band is coarser than the band; 1 without overviews.
pub fn coarsest(asset: &BandAsset) -> Result<usize, IoError> {
    let mut found = 1;
    handles::with_open(&asset.path, |dataset| {
        let band = band_of(dataset, asset)?;
        // A count or an overview that cannot be told is none: the band itself still can be read.
        for number in 0..band.overview_count().unwrap_or(0).max(0) as usize {
            if let Ok(overview) = band.overview(number) {
                found = found.max(asset.grid.width / overview.x_size().max(1));
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// One of `factor` by `factor` stored numbers of a window, the one in the middle or what an overview has for them: row by row,
/// `width.div_ceil(factor)` a row. `wanted` is asked before each strip; `false` ends the reading with [`IoError::Cancelled`].
pub fn read(asset: &BandAsset, window: PixelWindow, factor: usize, wanted: impl Fn() -> bool) -> Result<Pixels, IoError> {
    let fail = |fact: String| IoError::File { operation: format!("read band {}", asset.band), fact, path: asset.path.clone() };
    let mut found = Pixels::U8(Vec::new());
    handles::with_open(&asset.path, |dataset| {
        let band = band_of(dataset, asset)?;
        found = match band.band_type() {
            GdalDataType::UInt8 => Pixels::U8(strips(&band, window, factor, &wanted, &fail)?),
            GdalDataType::UInt16 => Pixels::U16(strips(&band, window, factor, &wanted, &fail)?),
            _ => Pixels::F32(strips(&band, window, factor, &wanted, &fail)?),
        };
        Ok(())
    })?;
    Ok(found)
}

fn strips<T: GdalType + Copy>(
    band: &RasterBand,
    window: PixelWindow,
    factor: usize,
    wanted: &impl Fn() -> bool,
    fail: &impl Fn(String) -> IoError,
) -> Result<Vec<T>, IoError> {
    let columns = window.width.div_ceil(factor);
    let rows = (STRIP_PIXELS / window.width.max(1) / factor).max(1) * factor;
    let mut pixels = Vec::with_capacity(columns * window.height.div_ceil(factor));
    for first in (0..window.height).step_by(rows) {
        if !wanted() {
            return Err(IoError::Cancelled);
        }
        let height = rows.min(window.height - first);
        let size = (columns, height.div_ceil(factor));
        let corner = (window.col as isize, (window.row + first) as isize);
        let read = band.read_as::<T>(corner, (window.width, height), size, Some(ResampleAlg::NearestNeighbour));
        pixels.extend_from_slice(read.map_err(|error| fail(fact_of(&error)))?.data());
    }
    Ok(pixels)
}
