//! What one acquisition says about one parcel, and series of such observations.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::AcquisitionIx;

/// Statistics of one band (or of per-pixel values of one signal) over one parcel and acquisition.
///
/// `pixels = masked + nodata + count`. With the centre rule these are whole numbers, with coverage they are areas in
/// pixels. Without a usable pixel `count` is 0 and every statistic is `NaN`. `std` is the population standard
/// deviation; percentiles interpolate linearly between ranks (for coverage: weighted, each pixel once).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BandStats {
    /// Pixels of the parcel on this band's grid.
    pub pixels: f64,
    /// Of these excluded by the mask.
    pub masked: f64,
    /// Of these without a value.
    pub nodata: f64,
    /// Of these used.
    pub count: f64,
    /// Mean.
    pub mean: f64,
    /// Population standard deviation.
    pub std: f64,
    /// Smallest.
    pub min: f64,
    /// First quartile.
    pub p25: f64,
    /// Median.
    pub p50: f64,
    /// Third quartile.
    pub p75: f64,
    /// Largest.
    pub max: f64,
}

impl BandStats {
    /// Statistics of nothing: all counts 0, all values `NaN`.
    pub const EMPTY: Self = Self {
        pixels: 0.0,
        masked: 0.0,
        nodata: 0.0,
        count: 0.0,
        mean: f64::NAN,
        std: f64::NAN,
        min: f64::NAN,
        p25: f64::NAN,
        p50: f64::NAN,
        p75: f64::NAN,
        max: f64::NAN,
    };
}

/// Whether an observation can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObservationState {
    /// At least one usable pixel and not more masked than the limit allows.
    Ok,
    /// Pixels are there, but the mask excludes too many.
    Masked,
    /// No value in any pixel of the parcel.
    NoData,
}

impl ObservationState {
    /// Name in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Masked => "masked",
            Self::NoData => "nodata",
        }
    }
}

/// One observation of one signal.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SeriesPoint {
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// When.
    pub acquired: Timestamp,
    /// Value in the signal's unit. A masked observation keeps the value over its unmasked pixels, or, when none is
    /// left, over all pixels with a value, so that it can be drawn hollow; `NaN` when there is none.
    pub value: f64,
    /// Population standard deviation over pixels in the signal's unit; `NaN` where it has no meaning.
    pub std: f64,
    /// First quartile over pixels.
    pub p25: f64,
    /// Third quartile over pixels.
    pub p75: f64,
    /// Usable pixels (or area in pixels).
    pub count: f64,
    /// `count / pixels`, 0..=1.
    pub usable_share: f64,
    /// Whether it can be used.
    pub state: ObservationState,
}

/// The series of one signal of one parcel, sorted by time. Acquisitions that do not see the parcel are absent.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Series {
    /// Sorted by time.
    pub points: Vec<SeriesPoint>,
}

/// How one acquisition sees one parcel: the scene classes of its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// Which product of it (the one that covers the parcel best and clearest comes first).
    pub granule: u8,
    /// Parcel pixels on the mask's grid, also those outside the image.
    pub pixels: u32,
    /// Of these per scene class 0..=11; all zero without a classification.
    pub classes: [u32; 12],
    /// Pixels without any value or outside the image.
    pub nodata: u32,
    /// True when there is a scene classification.
    pub classified: bool,
}

impl Coverage {
    fn share(&self, classes: &[usize]) -> f64 {
        if self.pixels == 0 {
            return 0.0;
        }
        f64::from(classes.iter().map(|&class| self.classes[class]).sum::<u32>()) / f64::from(self.pixels)
    }

    /// Share of pixels that a mask leaves, 0..=1. Without classification: all pixels with a value.
    pub fn clear(&self, mask: super::MaskSet) -> f64 {
        if self.pixels == 0 {
            0.0
        } else if self.classified {
            self.share(&(0..12).filter(|&class| !mask.excludes(class as u8)).collect::<Vec<_>>())
        } else {
            f64::from(self.pixels - self.nodata) / f64::from(self.pixels)
        }
    }

    /// Share of cloud pixels (medium, high, cirrus).
    pub fn cloud(&self) -> f64 {
        self.share(&[8, 9, 10])
    }

    /// Share of cloud shadow pixels.
    pub fn shadow(&self) -> f64 {
        self.share(&[3])
    }

    /// Share of pixels without value.
    pub fn missing(&self) -> f64 {
        if self.pixels == 0 { 1.0 } else { f64::from(self.nodata) / f64::from(self.pixels) }
    }
}
