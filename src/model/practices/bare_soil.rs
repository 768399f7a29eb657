//! Bare soil after the webinar of `Sen4CAP`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{MOST, MOST_DAYS, Named, out_of_range};

/// Thresholds of the labels of observations. Indices in natural units, FCOVER 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LabelParams {
    /// Bare: NDVI below. Default 0.15 (shipped with `Sen4CAP` 3.4).
    pub bare_ndvi: f64,
    /// Bare: NDTI at most. Default 0.10 (same).
    pub bare_ndti: f64,
    /// Covered: NDVI above. Default 0.45 (same).
    pub covered_ndvi: f64,
    /// Covered: NDTI above. Default 0.25 (same).
    pub covered_ndti: f64,
    /// Covered: FCOVER above. Default 0.01 (same).
    pub covered_fcover: f64,
    /// False where there is no FCOVER: covered then needs NDVI and NDTI only. Default true (same).
    pub use_fcover: bool,
    /// True to label water, which overrides bare. Default false (optional in `Sen4CAP`).
    pub water: bool,
    /// Water: NDMI above, with NDVI below `bare_ndvi`. Default 0.30 (same).
    pub water_ndmi: f64,
}

impl Default for LabelParams {
    fn default() -> Self {
        Self {
            bare_ndvi: 0.15,
            bare_ndti: 0.10,
            covered_ndvi: 0.45,
            covered_ndti: 0.25,
            covered_fcover: 0.01,
            use_fcover: true,
            water: false,
            water_ndmi: 0.30,
        }
    }
}

/// What Strong requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// M2 ≥ 2, M3 ≥ 1, M6 ≥ 0: agrees with every slide.
    #[default]
    Webinar,
    /// M2 ≥ 3, M3 ≥ 2, M6 ≥ 0: as the table of the slides prints it.
    Table,
}

/// Parameters of the timeline of one sensor.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Least confidence of a strong bare observation. Default 0.75 (Sentinel-2).
    pub strong_bare: f64,
    /// Least confidence of a strong covered observation. Default 0.80 (Sentinel-2).
    pub strong_covered: f64,
    /// Days without confirmation that close a period; days after an end in which it can be cancelled; least days between an end
    /// and the next start. Default 30.
    pub short_days: f64,
    /// Days after an end that are watched; days without bare soil that let a period fade. Default 60.
    pub long_days: f64,
    /// Periods looked for. Default 3 (Sentinel-2).
    pub max_periods: usize,
    /// What Strong requires. Default `webinar`.
    pub preset: Preset,
}

impl Default for Params {
    fn default() -> Self {
        Self::sentinel2()
    }
}

impl Params {
    /// Sentinel-2: 0.75, 0.80, 30 and 60 days, 3 periods.
    pub fn sentinel2() -> Self {
        Self {
            strong_bare: 0.75,
            strong_covered: 0.80,
            short_days: 30.0,
            long_days: 60.0,
            max_periods: 3,
            preset: Preset::Webinar,
        }
    }

    /// Sentinel-1: 0.65, 0.70, 30 and 60 days, 4 periods.
    pub fn sentinel1() -> Self {
        Self { strong_bare: 0.65, strong_covered: 0.70, max_periods: 4, ..Self::sentinel2() }
    }
}

/// How sure a period is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Confidence {
    /// Never confirmed.
    Doubtful,
    /// More against than for it.
    Poor,
    /// Confirmed.
    Medium,
    /// Vegetation seen afterwards.
    Good,
    /// Confirmed more than once.
    Strong,
    /// Strong, and seen by Sentinel-1.
    #[serde(rename = "Strong+")]
    StrongPlus,
}

impl Confidence {
    /// One step up; the highest stays.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Doubtful => Self::Poor,
            Self::Poor => Self::Medium,
            Self::Medium => Self::Good,
            Self::Good => Self::Strong,
            Self::Strong | Self::StrongPlus => Self::StrongPlus,
        }
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Doubtful => "Doubtful",
            Self::Poor => "Poor",
            Self::Medium => "Medium",
            Self::Good => "Good",
            Self::Strong => "Strong",
            Self::StrongPlus => "Strong+",
        })
    }
}

impl Named for Params {
    const NAMES: &'static [&'static str] = &["sentinel2", "sentinel1"];

    fn named(name: &str) -> Option<Self> {
        match name {
            "sentinel2" => Some(Self::sentinel2()),
            "sentinel1" => Some(Self::sentinel1()),
            _ => None,
        }
    }
}

impl Params {
    /// What is out of range, if anything.
    pub fn fault(&self) -> Option<String> {
        out_of_range(&[
            ("strong_bare", self.strong_bare, 0.0, 1.0),
            ("strong_covered", self.strong_covered, 0.0, 1.0),
            ("short_days", self.short_days, 0.0, MOST_DAYS),
            ("long_days", self.long_days, 0.0, MOST_DAYS),
            ("max_periods", self.max_periods as f64, 1.0, MOST),
        ])
    }
}

impl LabelParams {
    /// What is out of range, if anything.
    pub fn fault(&self) -> Option<String> {
        out_of_range(&[
            ("bare_ndvi", self.bare_ndvi, -1.0, 1.0),
            ("bare_ndti", self.bare_ndti, -1.0, 1.0),
            ("covered_ndvi", self.covered_ndvi, self.bare_ndvi, 1.0),
            ("covered_ndti", self.covered_ndti, -1.0, 1.0),
            ("covered_fcover", self.covered_fcover, 0.0, 1.0),
            ("water_ndmi", self.water_ndmi, -1.0, 1.0),
        ])
    }
}
