//! From stored numbers to physical values.

use super::BandAsset;
use super::catalog::Quantity;

/// How the stored numbers of a band become physical values.
///
/// * **Reflectance:** a stored 0 of a scaled product is "no data", whether or not the file says so.
/// * **Scene classes:** come as their numbers; class 0 stays 0, because "no data" is one of the classes.
/// * **Decibels:** become linear power.
/// * **NaN:** "no data" and what is not finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Conversion {
    quantity: Quantity,
    scale: f64,
    offset: f64,
    nodata: f32,
}

impl Conversion {
    /// That of a band.
    pub fn of(asset: &BandAsset) -> Self {
        let nodata = asset.nodata.map_or(f32::NAN, |value| value as f32);
        Self { quantity: asset.quantity, scale: asset.scale, offset: asset.offset, nodata }
    }

    /// Physical value of a stored number that is not "no data", for conversions that are [`Conversion::rising`].
    ///
    /// Rounded to single precision, as every physical value is.
    #[inline]
    pub fn linear(&self, stored: f64) -> f32 {
        (stored * self.scale + self.offset) as f32
    }

    /// True when a larger stored number is a larger physical value by [`Conversion::linear`].
    pub fn rising(&self) -> bool {
        matches!(self.quantity, Quantity::Reflectance | Quantity::LinearPower | Quantity::Coherence) && self.scale > 0.0
    }

    /// True when a stored 0 is no measurement.
    pub fn zero_is_missing(&self) -> bool {
        self.quantity == Quantity::Reflectance && self.scaled()
    }

    /// The stored number that means "no value"; `NaN` when there is none.
    pub fn nodata(&self) -> f32 {
        self.nodata
    }

    fn scaled(&self) -> bool {
        self.scale != 1.0 || self.offset != 0.0
    }

    /// Turns stored numbers into physical values in place.
    pub fn apply(&self, values: &mut [f32]) {
        let nodata = self.nodata;
        match self.quantity {
            Quantity::SceneClass => values.iter_mut().filter(|v| **v != 0.0 && **v == nodata).for_each(|v| *v = f32::NAN),
            Quantity::Decibel => {
                for value in values {
                    let db = f64::from(*value) * self.scale + self.offset;
                    // Minus infinity is the decibel of nothing measured, plus infinity of nothing physical.
                    *value = if *value == nodata || !db.is_finite() { f32::NAN } else { 10f64.powf(db / 10.0) as f32 };
                }
            }
            Quantity::Reflectance if self.scaled() => {
                for value in values {
                    *value = if *value == nodata || *value == 0.0 { f32::NAN } else { self.linear(f64::from(*value)) };
                }
            }
            Quantity::Reflectance | Quantity::LinearPower | Quantity::Coherence => {
                for value in values {
                    *value = if *value == nodata || value.is_infinite() { f32::NAN } else { self.linear(f64::from(*value)) };
                }
            }
        }
    }
}
