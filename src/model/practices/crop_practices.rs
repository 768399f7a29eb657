//! Crop practices after L4C of `Sen4CAP`, with the presets of the countries.

use serde::{Deserialize, Serialize};

use super::{MOST_DAYS, Named, out_of_range};

/// Thresholds of L4C. The name in its configuration follows in brackets; NDVI is divided by 1000 here.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// Acquisitions with VV backscatter above are left out, dB. Default −3 (L4C).
    pub max_vv_db: f64,
    /// M1: NDVI above which there is vegetation. Default 0.35 (`OPTTHRVEGCYCLE`).
    pub vegetation_ndvi: f64,
    /// M2: NDVI of a full loss. Default 0.3 (`NDVIDW`).
    pub loss_down: f64,
    /// M2: NDVI that a loss must fall below. Default 0.35 (`NDVIUP`).
    pub loss_up: f64,
    /// M2: the threshold is a multiple of this. Default 0.005 (`NDVISTEP`).
    pub loss_step: f64,
    /// M2: NDVI at or below is no crop and no stubble. Default 0.1 (`OPTTHRMIN`).
    pub least_ndvi: f64,
    /// M2: NDVI may recover by less than this. Default 0.3 (L4C).
    pub loss_recovery: f64,
    /// M2: share of the NDVI range that is added to the threshold, as a divisor. Default 4 (`OPTTHRBUFDEN`).
    pub loss_buffer_divisor: f64,
    /// M5: rise of coherence from week to week, and distance below the season's maximum. Default 0.05 (`COHTHRBASE`).
    pub coherence_rise: f64,
    /// M3, M4: rise of coherence that stands in for backscatter. Default 0.15 (`COHTHRHIGH`).
    pub coherence_jump: f64,
    /// M5: coherence that is high by itself. Default 0.75 (`COHTHRABS`).
    pub coherence_high: f64,
    /// M3: least rise of the ratio VV/VH, dB. Default 0.1 (`AMPTHRMIN`).
    pub ratio_rise_db: f64,
    /// M3: the rise is compared with the season's deviation divided by this. Default 6 (`AMPTHRBREAKDEN`).
    pub ratio_break_divisor: f64,
    /// M4: the ratio is compared with the season's mean less its deviation divided by this. Default 2 (`AMPTHRVALDEN`).
    pub ratio_value_divisor: f64,
    /// M6, M7: NDVI of the practice. Default 0.325 (`EFANDVITHR`).
    pub practice_ndvi: f64,
    /// M8: NDVI of a full loss. Default 0.3 (`EFANDVIDW`).
    pub practice_loss_down: f64,
    /// M8: NDVI that a loss must fall below. Default 0.4 (`EFANDVIUP`).
    pub practice_loss_up: f64,
    /// M9 is tested. Default true.
    pub practice_ratio: bool,
    /// M9: slope of the ratio that is a loss, dB per day. Default 0.01 (used by L4C where `EFAAMPTHR` is off).
    pub practice_ratio_slope: f64,
    /// M9: the slope must be this significant. Default 0.05 (L4C).
    pub practice_ratio_p: f64,
    /// M10 is tested. Default true.
    pub practice_coherence: bool,
    /// M10: rise of coherence that is a loss. Default 0.2 (`EFACOHCHANGE`).
    pub practice_coherence_change: f64,
    /// M10: coherence that is a loss. Default 0.7 (`EFACOHVALUE`).
    pub practice_coherence_value: f64,
    /// Days that a catch crop must stand. Default 56 (`CATCHPERIOD`).
    pub catch_days: f64,
    /// Nitrogen-fixing crop: no vegetation is poor instead of weak. Default false; Spain and Italy true.
    pub no_vegetation_poor: bool,
    /// Nitrogen-fixing crop: a harvest inside the period is weak. Default false; Romania true.
    pub harvest_inside_weak: bool,
    /// Fallow: must be green and mown or mulched inside the period. Default false; Czechia true, with the period 4 June to 31 August.
    pub mulching: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            max_vv_db: -3.0,
            vegetation_ndvi: 0.35,
            loss_down: 0.3,
            loss_up: 0.35,
            loss_step: 0.005,
            least_ndvi: 0.1,
            loss_recovery: 0.3,
            loss_buffer_divisor: 4.0,
            coherence_rise: 0.05,
            coherence_jump: 0.15,
            coherence_high: 0.75,
            ratio_rise_db: 0.1,
            ratio_break_divisor: 6.0,
            ratio_value_divisor: 2.0,
            practice_ndvi: 0.325,
            practice_loss_down: 0.3,
            practice_loss_up: 0.4,
            practice_ratio: true,
            practice_ratio_slope: 0.01,
            practice_ratio_p: 0.05,
            practice_coherence: true,
            practice_coherence_change: 0.2,
            practice_coherence_value: 0.7,
            catch_days: 56.0,
            no_vegetation_poor: false,
            harvest_inside_weak: false,
            mulching: false,
        }
    }
}

/// Names that [`Params::preset`] knows.
pub const PRESETS: [&str; 9] = [
    "default",
    "catch_crop",
    "fallow",
    "fallow_italy",
    "fallow_czechia",
    "nitrogen_fixing",
    "nitrogen_fixing_spain",
    "nitrogen_fixing_italy",
    "nitrogen_fixing_romania",
];

impl Params {
    /// A preset by its name in [`PRESETS`].
    ///
    /// Country files of L4C give ranges; the end nearer to the default is taken, and for coherence the one of the most files. Only
    /// what a country decides differently by rule has a preset of its own.
    pub fn preset(name: &str) -> Option<Self> {
        let plain = Self::default();
        let catch_crop = Self {
            loss_up: 0.4,
            coherence_rise: 0.1,
            coherence_high: 0.7,
            ratio_rise_db: 0.2,
            ratio_break_divisor: 4.0,
            ratio_value_divisor: 3.0,
            practice_loss_up: 0.4,
            practice_ratio_slope: 0.03,
            ..plain
        };
        let fallow = Self {
            vegetation_ndvi: 0.4,
            coherence_rise: 0.1,
            coherence_high: 0.7,
            ratio_rise_db: 0.2,
            ratio_break_divisor: 3.0,
            loss_buffer_divisor: 6.0,
            practice_ndvi: 0.4,
            practice_ratio: false,
            practice_coherence: false,
            ..plain
        };
        let fixing = Self {
            coherence_rise: 0.1,
            coherence_high: 0.7,
            ratio_rise_db: 0.2,
            ratio_break_divisor: 3.0,
            ratio_value_divisor: 3.0,
            loss_buffer_divisor: 6.0,
            practice_ratio: false,
            practice_coherence: false,
            ..plain
        };
        Some(match name {
            "default" => plain,
            "catch_crop" => catch_crop,
            "fallow" => fallow,
            "fallow_italy" => Self { least_ndvi: 0.01, ..fallow },
            "fallow_czechia" => Self { mulching: true, ..fallow },
            "nitrogen_fixing" => fixing,
            "nitrogen_fixing_spain" => Self { no_vegetation_poor: true, ..fixing },
            "nitrogen_fixing_italy" => Self { no_vegetation_poor: true, least_ndvi: 0.01, ..fixing },
            "nitrogen_fixing_romania" => Self { harvest_inside_weak: true, ..fixing },
            _ => return None,
        })
    }
}

/// Which practice is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Practice {
    /// Harvest only.
    #[default]
    HarvestOnly,
    /// Catch crop after the main crop.
    CatchCrop,
    /// Nitrogen-fixing crop.
    NitrogenFixing,
    /// Land lying fallow.
    Fallow,
}

/// How well a practice is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Class {
    /// Against it.
    Poor,
    /// Hardly.
    Weak,
    /// In part.
    Moderate,
    /// In all markers.
    Strong,
}

impl Named for Params {
    const NAMES: &'static [&'static str] = &PRESETS;

    fn named(name: &str) -> Option<Self> {
        Self::preset(name)
    }
}

impl Params {
    /// What is out of range, if anything.
    pub fn fault(&self) -> Option<String> {
        // Steps and divisors of nothing would divide by it.
        out_of_range(&[
            ("max_vv_db", self.max_vv_db, -60.0, 60.0),
            ("vegetation_ndvi", self.vegetation_ndvi, -1.0, 1.0),
            ("loss_down", self.loss_down, -1.0, 1.0),
            ("loss_up", self.loss_up, -1.0, 1.0),
            ("loss_step", self.loss_step, 1e-6, 1.0),
            ("least_ndvi", self.least_ndvi, -1.0, 1.0),
            ("loss_recovery", self.loss_recovery, 0.0, 2.0),
            ("loss_buffer_divisor", self.loss_buffer_divisor, 0.01, 1000.0),
            ("coherence_rise", self.coherence_rise, 0.0, 1.0),
            ("coherence_jump", self.coherence_jump, 0.0, 1.0),
            ("coherence_high", self.coherence_high, 0.0, 1.0),
            ("ratio_rise_db", self.ratio_rise_db, 0.0, 60.0),
            ("ratio_break_divisor", self.ratio_break_divisor, 0.01, 1000.0),
            ("ratio_value_divisor", self.ratio_value_divisor, 0.01, 1000.0),
            ("practice_ndvi", self.practice_ndvi, -1.0, 1.0),
            ("practice_loss_down", self.practice_loss_down, -1.0, 1.0),
            ("practice_loss_up", self.practice_loss_up, -1.0, 1.0),
            ("practice_ratio_slope", self.practice_ratio_slope, 0.0, 60.0),
            ("practice_ratio_p", self.practice_ratio_p, 0.0, 1.0),
            ("practice_coherence_change", self.practice_coherence_change, 0.0, 1.0),
            ("practice_coherence_value", self.practice_coherence_value, 0.0, 1.0),
            ("catch_days", self.catch_days, 0.0, MOST_DAYS),
        ])
    }
}
