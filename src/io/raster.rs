//! Windowed reading of bands into physical values.

use crate::io::IoError;
use crate::model::{BandAsset, BandWindow, Bounds};

/// Reads the pixels of each asset that touch `bounds` (in the assets' own CRS; all assets must share it).
///
/// The answer has one entry per asset; `None` when the asset does not touch `bounds`. Values are physical (scale and offset
/// applied, decibels turned into linear power), nodata is `NaN`. Each file is opened once; a few handles stay open per thread.
pub fn read_windows(assets: &[&BandAsset], bounds: &Bounds) -> Result<Vec<Option<BandWindow>>, IoError> {
    let _ = (assets, bounds);
    todo!()
}
