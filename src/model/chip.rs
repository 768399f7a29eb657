//! Pixels around one parcel.

use super::{Band, Grid};

/// One band cut out of one file, at its native resolution, in physical values.
///
/// `values[row * grid.width + col]`; a missing value is `NaN`, never 0. Backscatter is linear power, reflectance and
/// coherence 0..1, the scene classification holds its class numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct BandWindow {
    /// Band.
    pub band: Band,
    /// Where the pixels lie.
    pub grid: Grid,
    /// Physical values, row by row from the top.
    pub values: Vec<f32>,
}

/// Several bands of one acquisition around one parcel on one common (the finest) grid; coarser bands are repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Chip {
    /// Common grid.
    pub grid: Grid,
    /// Bands in the order asked for.
    pub bands: Vec<Band>,
    /// `values[band * grid.len() + row * grid.width + col]`, physical values, `NaN` for missing.
    pub values: Vec<f32>,
    /// Scene class on the same grid; [`Chip::NO_CLASS`] where unknown. `None` when there is no classification.
    pub classes: Option<Vec<u8>>,
    /// True where the pixel centre lies inside the parcel.
    pub inside: Vec<bool>,
}

impl Chip {
    /// Marks a pixel without a scene class.
    pub const NO_CLASS: u8 = 255;

    /// Values of the band at a position of `bands`.
    pub fn band(&self, position: usize) -> &[f32] {
        &self.values[position * self.grid.len()..(position + 1) * self.grid.len()]
    }

    /// Values of a band by name.
    pub fn band_named(&self, band: &Band) -> Option<&[f32]> {
        self.bands.iter().position(|own| own == band).map(|position| self.band(position))
    }
}
