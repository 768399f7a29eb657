//! From physical values back to the numbers that the contract carries.

use crate::model::catalog::Quantity;
use crate::model::{BandAsset, Granule};

/// Digital numbers per unit of reflectance where a file holds reflectance itself.
const USUAL_QUANTIFICATION: f64 = 10_000.0;

/// How physical values of a band become numbers of the contract: reflectance becomes the digital numbers of its product, with the
/// offset of its baseline in them; everything else stays.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Numbers {
    scale: f64,
    offset: f64,
    reflectance: bool,
}

impl Numbers {
    /// Those of a band.
    pub fn of(asset: &BandAsset, granule: &Granule) -> Self {
        let reflectance = asset.quantity == Quantity::Reflectance;
        let scaled = asset.scale != 1.0 || asset.offset != 0.0;
        if scaled {
            Self { scale: asset.scale, offset: asset.offset, reflectance }
        } else {
            let scale = 1.0 / USUAL_QUANTIFICATION;
            Self { scale, offset: granule.boa_offset_dn * scale, reflectance }
        }
    }

    /// Digital numbers per unit of reflectance.
    pub fn quantification(&self) -> f64 {
        // The scale of a file is a decimal fraction; its inverse is meant to be whole.
        (1e3 / self.scale).round() / 1e3
    }

    /// A number of the contract from a physical value; `NaN` stays.
    pub fn number(&self, value: f32) -> f32 {
        if self.reflectance { ((f64::from(value) - self.offset) / self.scale).round() as f32 } else { value }
    }

    /// A physical value from a number of the contract.
    pub fn physical(&self, number: f64) -> f64 {
        if self.reflectance { number * self.scale + self.offset } else { number }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalog::Origin;
    use crate::model::conversion::Conversion;
    use crate::model::{Band, Crs, Grid};

    fn asset(scale: f64, offset: f64) -> BandAsset {
        BandAsset {
            band: Band::new("B04"),
            path: "a.tif".into(),
            band_number: 1,
            grid: Grid { crs: Crs::Epsg(32631), left: 0.0, top: 0.0, pixel_x: 10.0, pixel_y: 10.0, width: 1, height: 1 },
            nodata: None,
            quantity: Quantity::Reflectance,
            scale,
            offset,
        }
    }

    fn granule(boa_offset_dn: f64) -> Granule {
        Granule {
            name: String::new(),
            acquired: jiff::Timestamp::UNIX_EPOCH,
            tile: None,
            baseline: None,
            boa_offset_dn,
            offset_origin: Origin::Metadata,
            clear_share: None,
            bands: Vec::new(),
            calibration: None,
            synthetic: false,
            remote: false,
        }
    }

    #[test]
    fn every_stored_number_comes_back() {
        for (scale, offset) in [(1e-4, 0.0), (1e-4, -0.1)] {
            let asset = asset(scale, offset);
            let numbers = Numbers::of(&asset, &granule(-1000.0));
            assert_eq!(numbers.quantification(), 10_000.0);
            for stored in 1..=u16::MAX {
                let mut value = [f32::from(stored)];
                Conversion::of(&asset).apply(&mut value);
                assert_eq!(numbers.number(value[0]), f32::from(stored));
            }
        }
    }

    #[test]
    fn stored_reflectance_becomes_the_numbers_of_its_baseline() {
        let numbers = Numbers::of(&asset(1.0, 0.0), &granule(-1000.0));
        assert_eq!((numbers.number(0.25), numbers.physical(3500.0)), (3500.0, 0.25));
        assert_eq!(Numbers::of(&asset(1.0, 0.0), &granule(0.0)).number(0.25), 2500.0);
    }
}
