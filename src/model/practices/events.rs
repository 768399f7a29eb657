//! Candidate events: harvest, ploughing, emergence, change of residue, water.

use serde::{Deserialize, Serialize};

use super::{MOST, MOST_DAYS, out_of_range};

/// Parameters of emergence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EmergenceParams {
    /// NDVI above the soil baseline. Default 0.075: the middle of the usual 0.05 to 0.1.
    pub rise: f64,
    /// Clear observations that must keep rising after the first one above. Default 2.
    pub confirming: usize,
    /// The baseline is the median NDVI of the clear dates within so many days before and after the last bare soil. Default 15: our
    /// choice, about three passes.
    pub baseline_days: f64,
    /// The search ends so many days after the last bare soil. Default 120: our choice, longer than winter crops stay below the soil.
    pub search_days: f64,
}

impl Default for EmergenceParams {
    fn default() -> Self {
        Self { rise: 0.075, confirming: 2, baseline_days: 15.0, search_days: 120.0 }
    }
}

/// Parameters of harvest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HarvestParams {
    /// NDVI of a standing crop, at least. Default 0.35 (`OPTTHRVEGCYCLE` of L4C).
    pub crop_ndvi: f64,
    /// NDVI after the harvest, at most. Default 0.35 (`NDVIUP` of L4C).
    pub stubble_ndvi: f64,
    /// NDVI lost at least. Default 0.15: our choice, the stricter national threshold of L4B.
    pub min_drop: f64,
    /// Days between the two clear observations at most. Default 30 (as L4B for mowing).
    pub max_days: f64,
    /// Fall of VH that speaks for it, dB. Default 1: our choice, above the noise of a parcel mean.
    pub vh_fall_db: f64,
    /// Rise of the ratio VV/VH that speaks for it, dB. Default 0.5: our choice.
    pub ratio_rise_db: f64,
    /// Rise of VV coherence that speaks for it. Default 0.15 (`COHTHRHIGH` of L4C).
    pub coherence_rise: f64,
    /// Radar is compared within so many days before and after the interval. Default 12: two acquisitions of one satellite pair.
    pub radar_days: f64,
}

impl Default for HarvestParams {
    fn default() -> Self {
        Self {
            crop_ndvi: 0.35,
            stubble_ndvi: 0.35,
            min_drop: 0.15,
            max_days: 30.0,
            vh_fall_db: 1.0,
            ratio_rise_db: 0.5,
            coherence_rise: 0.15,
            radar_days: 12.0,
        }
    }
}

/// Parameters of ploughing.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PloughingParams {
    /// Coherence lost within one pair, and gained after it. Default 0.15 (the step that L4C calls high, `COHTHRHIGH`).
    pub coherence_step: f64,
    /// Coherence after the event, at least. Default 0.5: our choice, bare soil without rain is well above.
    pub high_coherence: f64,
    /// NDVI beside the event, at most. Default 0.3 (`NDVIDW` of L4C).
    pub bare_ndvi: f64,
    /// Rise of the bare soil index that speaks for it. Default 0.05: our choice.
    pub bsi_rise: f64,
    /// Clear observations are looked for within so many days. Default 20: our choice, four passes of two satellites.
    pub optical_days: f64,
    /// Acquisitions of coherence are neighbours when not further apart, days. Default 12.
    pub pair_days: f64,
}

impl Default for PloughingParams {
    fn default() -> Self {
        Self { coherence_step: 0.15, high_coherence: 0.5, bare_ndvi: 0.3, bsi_rise: 0.05, optical_days: 20.0, pair_days: 12.0 }
    }
}

/// An index of crop residue. All rise with residue; moist soil moves them too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResidueIndex {
    /// (B11 − B12) / (B11 + B12), rises with residue (van Deventer 1997).
    Ndti,
    /// B11 / B12, rises with residue (van Deventer 1997).
    Sti,
    /// (B11 − B02) / (B11 + B02), rises with residue on most soils (Sullivan 2006, blue form).
    Crc,
    /// (B04 − B12) / (B04 + B12), rises with residue (Gelder 2009).
    Ndri,
}

impl ResidueIndex {
    /// Name of the index.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ndti => "NDTI",
            Self::Sti => "STI",
            Self::Crc => "CRC",
            Self::Ndri => "NDRI",
        }
    }

    /// Change that counts by default: ours, as no threshold is published that holds between soils. About a quarter of the span
    /// between bare soil and full residue on the colour bar of the index.
    pub fn default_change(self) -> f64 {
        match self {
            Self::Ndti => 0.03,
            Self::Sti => 0.08,
            Self::Crc | Self::Ndri => 0.05,
        }
    }
}

/// Parameters of the change of residue.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResidueParams {
    /// Days before and after the date that are compared. Default 20: our choice, about four passes.
    pub window_days: f64,
    /// Clear observations needed on each side. Default 1.
    pub least_observations: usize,
    /// Change that counts, in the unit of the index; 0 for [`ResidueIndex::default_change`]. Default 0.
    pub change: f64,
    /// Observations with a higher NDVI show plants instead of residue. Default 0.3: our choice, the limit that studies of tillage
    /// indices usually take for green cover.
    pub max_ndvi: f64,
}

impl Default for ResidueParams {
    fn default() -> Self {
        Self { window_days: 20.0, least_observations: 1, change: 0.0, max_ndvi: 0.3 }
    }
}

/// Parameters of water.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WaterParams {
    /// MNDWI above is water. Default 0 (Xu 2006).
    pub threshold: f64,
    /// Clear observations in a row, at least. Default 2: our choice, one may be a shadow.
    pub least_observations: usize,
    /// A span without clear observations longer than this breaks a run, days. Default 30: our choice.
    pub max_gap_days: f64,
}

impl Default for WaterParams {
    fn default() -> Self {
        Self { threshold: 0.0, least_observations: 2, max_gap_days: 30.0 }
    }
}

impl EmergenceParams {
    /// What is out of range, if anything.
    pub fn fault(&self) -> Option<String> {
        out_of_range(&[
            ("rise", self.rise, 0.0, 2.0),
            ("confirming", self.confirming as f64, 0.0, MOST),
            ("baseline_days", self.baseline_days, 0.0, MOST_DAYS),
            ("search_days", self.search_days, 0.0, MOST_DAYS),
        ])
    }
}

impl HarvestParams {
    /// What is out of range, if anything.
    pub fn fault(&self) -> Option<String> {
        out_of_range(&[
            ("crop_ndvi", self.crop_ndvi, -1.0, 1.0),
            ("stubble_ndvi", self.stubble_ndvi, -1.0, 1.0),
            ("min_drop", self.min_drop, 0.0, 2.0),
            ("max_days", self.max_days, 0.0, MOST_DAYS),
            ("vh_fall_db", self.vh_fall_db, 0.0, 60.0),
            ("ratio_rise_db", self.ratio_rise_db, 0.0, 60.0),
            ("coherence_rise", self.coherence_rise, 0.0, 1.0),
            ("radar_days", self.radar_days, 0.0, MOST_DAYS),
        ])
    }
}

impl PloughingParams {
    /// What is out of range, if anything.
    pub fn fault(&self) -> Option<String> {
        out_of_range(&[
            ("coherence_step", self.coherence_step, 0.0, 1.0),
            ("high_coherence", self.high_coherence, 0.0, 1.0),
            ("bare_ndvi", self.bare_ndvi, -1.0, 1.0),
            ("bsi_rise", self.bsi_rise, 0.0, 2.0),
            ("optical_days", self.optical_days, 0.0, MOST_DAYS),
            ("pair_days", self.pair_days, 0.0, MOST_DAYS),
        ])
    }
}

impl ResidueParams {
    /// What is out of range, if anything.
    pub fn fault(&self) -> Option<String> {
        out_of_range(&[
            ("window_days", self.window_days, 0.0, MOST_DAYS),
            ("least_observations", self.least_observations as f64, 1.0, MOST),
            ("change", self.change, 0.0, 100.0),
            ("max_ndvi", self.max_ndvi, -1.0, 1.0),
        ])
    }
}

impl WaterParams {
    /// What is out of range, if anything.
    pub fn fault(&self) -> Option<String> {
        out_of_range(&[
            ("threshold", self.threshold, -1.0, 1.0),
            ("least_observations", self.least_observations as f64, 1.0, MOST),
            ("max_gap_days", self.max_gap_days, 0.0, MOST_DAYS),
        ])
    }
}
