//! A raster of classes made elsewhere: one band of whole numbers on a north-up grid.

use std::path::Path;

use crate::io::IoError;
use crate::model::catalog::Quantity;
use crate::model::{Band, BandAsset};

use super::{Fault, probe};

/// Opens a raster of classes and says where its pixels lie; its numbers are not looked at.
///
/// `band` counts from 1; `None` takes the only one.
///
/// * **Errors:** what every image must have (a CRS, a north-up grid, blocks that can be read) and a raster of several bands of which none
///   is named.
pub fn thematic(path: &Path, band: Option<usize>) -> Result<BandAsset, IoError> {
    let fail = |fact: String| IoError::File { operation: "open the thematic raster".to_owned(), fact, path: path.to_owned() };
    if !path.exists() {
        return Err(fail("there is no such file".to_owned()));
    }
    let raster = probe::open(path).map_err(|Fault { fact, expected, .. }| fail(format!("{fact}; expected {expected}")))?;
    let number = match (band, raster.bands.len()) {
        (None, 1) => 1,
        (None, count) => return Err(fail(format!("it has {count} bands, expected one of classes; name the band, from 1"))),
        (Some(number), count) if number == 0 || number > count => {
            return Err(fail(format!("it has no band {number}, only {count}")));
        }
        (Some(number), _) => number,
    };
    let nodata = raster.bands.iter().find(|own| own.number == number).and_then(|own| own.nodata);
    Ok(BandAsset {
        band: Band::new("class"),
        path: path.to_owned(),
        band_number: number,
        grid: raster.grid,
        nodata,
        quantity: Quantity::SceneClass,
        scale: 1.0,
        offset: 0.0,
    })
}
