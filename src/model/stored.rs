//! Pixels as a file stores them, apart from the file.

use super::conversion::Conversion;
use super::grid::PixelWindow;
use super::{Band, BandAsset, BandWindow};

/// Stored numbers, row by row.
#[derive(Debug, Clone, PartialEq)]
pub enum Pixels {
    /// Bytes.
    U8(Vec<u8>),
    /// Unsigned 16 bit: reflectance as it is delivered.
    U16(Vec<u16>),
    /// Everything else, as single precision.
    F32(Vec<f32>),
}

impl Pixels {
    /// Number of pixels.
    pub fn len(&self) -> usize {
        match self {
            Self::U8(values) => values.len(),
            Self::U16(values) => values.len(),
            Self::F32(values) => values.len(),
        }
    }

    /// True without pixels.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of one number.
    pub fn bytes(&self) -> usize {
        match self {
            Self::U8(_) => 1,
            Self::U16(_) => 2,
            Self::F32(_) => 4,
        }
    }

    /// A pixel in single precision, which holds every stored number exactly; `NaN` beyond the last.
    pub fn at(&self, position: usize) -> f32 {
        match self {
            Self::U8(values) => values.get(position).map_or(f32::NAN, |&value| f32::from(value)),
            Self::U16(values) => values.get(position).map_or(f32::NAN, |&value| f32::from(value)),
            Self::F32(values) => values.get(position).copied().unwrap_or(f32::NAN),
        }
    }

    /// A run of pixels in single precision, which holds every stored number exactly.
    fn extend_f32(&self, range: std::ops::Range<usize>, out: &mut Vec<f32>) {
        match self {
            Self::U8(values) => out.extend(values[range].iter().map(|&value| f32::from(value))),
            Self::U16(values) => out.extend(values[range].iter().map(|&value| f32::from(value))),
            Self::F32(values) => out.extend_from_slice(&values[range]),
        }
    }
}

/// Some pixels of a band as they are stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredBand {
    /// Which band of its product.
    pub band: Band,
    /// Which pixels of the band's grid.
    pub window: PixelWindow,
    /// The numbers, as many as the window has pixels.
    pub pixels: Pixels,
}

impl StoredBand {
    /// Physical values of a window that lies within the stored one; `None` when it does not.
    ///
    /// The answer is that of reading the window from the asset's file: same conversion, same rounding.
    pub fn read(&self, asset: &BandAsset, wanted: PixelWindow) -> Option<BandWindow> {
        let own = self.window;
        let (col, row) = (wanted.col.checked_sub(own.col)?, wanted.row.checked_sub(own.row)?);
        if col + wanted.width > own.width || row + wanted.height > own.height || self.pixels.len() != own.width * own.height {
            return None;
        }
        let mut values = Vec::with_capacity(wanted.width * wanted.height);
        for line in row..row + wanted.height {
            let start = line * own.width + col;
            self.pixels.extend_f32(start..start + wanted.width, &mut values);
        }
        Conversion::of(asset).apply(&mut values);
        Some(BandWindow { band: asset.band.clone(), grid: asset.grid.crop(wanted), values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::Quantity;
    use crate::model::{Crs, Grid};

    #[test]
    fn a_window_within_is_cut_out_and_converted_and_others_are_refused() {
        let grid = Grid { crs: Crs::Epsg(32631), left: 0.0, top: 100.0, pixel_x: 10.0, pixel_y: 10.0, width: 10, height: 10 };
        let asset = BandAsset {
            band: Band::new("B04"),
            path: "x.tif".into(),
            band_number: 1,
            grid,
            nodata: None,
            quantity: Quantity::Reflectance,
            scale: 1e-4,
            offset: -0.1,
        };
        let window = PixelWindow { col: 2, row: 3, width: 3, height: 2 };
        let stored = StoredBand { band: asset.band.clone(), window, pixels: Pixels::U16(vec![0, 1000, 2000, 3000, 4000, 5000]) };
        let part = stored.read(&asset, PixelWindow { col: 3, row: 4, width: 2, height: 1 }).expect("within");
        assert_eq!(part.values, [0.3f32, 0.4]);
        assert_eq!((part.grid.left, part.grid.top, part.grid.width), (30.0, 60.0, 2));
        assert!(stored.read(&asset, window).expect("all of it").values[0].is_nan(), "a stored 0 of reflectance is no value");
        for beyond in [PixelWindow { col: 1, ..window }, PixelWindow { width: 4, ..window }, PixelWindow { row: 4, ..window }] {
            assert_eq!(stored.read(&asset, beyond), None);
        }
    }
}
