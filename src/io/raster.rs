//! Windowed reading of bands into physical values.
//!
//! Only the pixels asked for are held, whatever a header claims. A read costs the blocks that the window touches; opening a
//! file costs more than reading a chip from it, so each thread keeps its most recent files open.

pub mod blocks;
pub mod coarse;
mod handles;
pub mod write;

use std::path::Path;

use gdal::Metadata as _;
use gdal::errors::GdalError;
use gdal::raster::{GdalDataType, GdalType, RasterBand};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};

use crate::io::IoError;
use crate::model::grid::PixelWindow;
use crate::model::stored::{Pixels, StoredBand};
use crate::model::{BandAsset, BandWindow, Bounds};

/// Largest single pixel block that is read, in bytes: GDAL must hold a whole block to give one pixel of it.
pub const MAX_BLOCK_BYTES: u64 = 256 << 20;

/// Largest window that is read at once, in pixels.
const MAX_WINDOW_PIXELS: usize = 64 << 20;

/// Formats that are opened as imagery.
const DRIVERS: [&str; 5] = ["GTiff", "JP2OpenJPEG", "JP2KAK", "JP2ECW", "VRT"];

/// Reads the pixels of each asset that touch `bounds` (in the assets' own CRS; all assets must share it).
///
/// The answer has one entry per asset; `None` when the asset does not touch `bounds`. Values are physical, see
/// [`crate::model::conversion::Conversion`]; nodata is `NaN`. Each file is opened once; a few handles stay open per thread.
///
/// * **Errors:** an unreadable block is an error that names file and band, never zeros.
pub fn read_windows(assets: &[&BandAsset], bounds: &Bounds) -> Result<Vec<Option<BandWindow>>, IoError> {
    let stored = read_stored(assets, bounds)?;
    Ok(stored
        .into_iter()
        .zip(assets)
        .map(|(stored, asset)| stored.and_then(|stored| stored.read(asset, stored.window)))
        .collect())
}

/// The same pixels as the files store them.
pub fn read_stored(assets: &[&BandAsset], bounds: &Bounds) -> Result<Vec<Option<StoredBand>>, IoError> {
    let windows: Vec<Option<PixelWindow>> = assets.iter().map(|asset| asset.grid.window(bounds)).collect();
    let mut answer: Vec<Option<StoredBand>> = vec![None; assets.len()];
    for (first, asset) in assets.iter().enumerate() {
        let same_file = |i: &usize| assets[*i].path.as_os_str() == asset.path.as_os_str();
        if (0..first).any(|i| same_file(&i)) || !(first..assets.len()).filter(same_file).any(|i| windows[i].is_some()) {
            continue;
        }
        handles::with_open(&asset.path, |dataset| {
            for i in (first..assets.len()).filter(same_file) {
                if let Some(window) = windows[i] {
                    answer[i] = Some(read_band(dataset, assets[i], window)?);
                }
            }
            Ok(())
        })?;
    }
    Ok(answer)
}

fn read_band(dataset: &Dataset, asset: &BandAsset, window: PixelWindow) -> Result<StoredBand, IoError> {
    let fail = |fact: String| IoError::File { operation: format!("read band {}", asset.band), fact, path: asset.path.clone() };
    let band = band_of(dataset, asset)?;
    let pixels = window.width.saturating_mul(window.height);
    if pixels > MAX_WINDOW_PIXELS {
        return Err(fail(format!("the window has {pixels} pixels, at most {MAX_WINDOW_PIXELS} are read at once")));
    }
    let pixels = match band.band_type() {
        GdalDataType::UInt8 => read_pixels(&band, window).map(Pixels::U8),
        GdalDataType::UInt16 => read_pixels(&band, window).map(Pixels::U16),
        _ => read_pixels(&band, window).map(Pixels::F32),
    };
    Ok(StoredBand { band: asset.band.clone(), window, pixels: pixels.map_err(|error| fail(fact_of(&error)))? })
}

fn read_pixels<T: GdalType + Copy>(band: &RasterBand, window: PixelWindow) -> Result<Vec<T>, GdalError> {
    let size = (window.width, window.height);
    Ok(band.read_as::<T>((window.col as isize, window.row as isize), size, size, None)?.into_shape_and_vec().1)
}

/// The band of an asset, when the file is still what the scan saw and its blocks can be held.
fn band_of<'a>(dataset: &'a Dataset, asset: &BandAsset) -> Result<RasterBand<'a>, IoError> {
    let fail = |fact: String| IoError::File { operation: format!("read band {}", asset.band), fact, path: asset.path.clone() };
    let (width, height) = dataset.raster_size();
    if (width, height) != (asset.grid.width, asset.grid.height) {
        return Err(fail(format!(
            "the file has {width} x {height} pixels, at the last scan it had {} x {}: scan again",
            asset.grid.width, asset.grid.height
        )));
    }
    let band = dataset.rasterband(asset.band_number).map_err(|error| fail(fact_of(&error)))?;
    match oversized_block(dataset, &band) {
        Some(fact) => Err(fail(fact)),
        None => Ok(band),
    }
}

/// Why the blocks of a band are too large to be read, or `None`.
pub(super) fn oversized_block(dataset: &Dataset, band: &RasterBand) -> Option<String> {
    let (width, height) = band.block_size();
    let mut bytes = width as u64 * height as u64 * u64::from(band.band_type().bits()).div_ceil(8);
    if dataset.metadata_item("INTERLEAVE", "IMAGE_STRUCTURE").as_deref() == Some("PIXEL") {
        bytes *= dataset.raster_count() as u64;
    }
    (bytes > MAX_BLOCK_BYTES).then(|| {
        format!(
            "one pixel block has {width} x {height} pixels and takes {} MB, at most {} MB are read",
            bytes >> 20,
            MAX_BLOCK_BYTES >> 20
        )
    })
}

/// Opens a raster for reading. `alone` keeps GDAL from listing the folder for side files (world files and the like); overviews
/// beside the file (`.ovr`) are still found.
pub(super) fn open(path: &Path, alone: bool) -> Result<Dataset, GdalError> {
    crate::io::gdal_log::install();
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let overviews = format!("{name}.ovr");
    let siblings = if alone && path.with_file_name(&overviews).exists() { vec![name, &overviews] } else { vec![name] };
    let options = DatasetOptions {
        open_flags: GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_RASTER | GdalOpenFlags::GDAL_OF_VERBOSE_ERROR,
        allowed_drivers: Some(&DRIVERS),
        open_options: None,
        sibling_files: (alone && !name.is_empty()).then_some(siblings.as_slice()),
    };
    Dataset::open_ex(path, options)
}

/// The first wrong fact of a GDAL error, without the name of the C function.
pub(super) fn fact_of(error: &GdalError) -> String {
    let text = match error {
        GdalError::CplError { msg, .. } | GdalError::NullPointer { msg, .. } if !msg.is_empty() => msg.clone(),
        other => other.to_string(),
    };
    // GDAL begins many messages with the path, which the caller names already.
    match text.split_once(": ") {
        Some((head, rest)) if head.contains(['/', '\\']) => rest.to_owned(),
        _ => text,
    }
}
