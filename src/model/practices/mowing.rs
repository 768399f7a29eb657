//! Mowing of grassland after L4B of `Sen4CAP`.

use serde::{Deserialize, Serialize};

use super::{MOST, MOST_DAYS, Named, out_of_range};

/// Parameters of the NDVI detector. NDVI is on the scale −1..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpticalParams {
    /// Observations below are discarded. Default 0.1 (L4B).
    pub ndvi_floor: f64,
    /// NDVI that must be lost at least. Default 0.12 (L4B).
    pub min_drop: f64,
    /// The loss must be steeper than this, NDVI per day. Default −0.000001 (L4B: any loss).
    pub max_rate: f64,
    /// A recovery as fast as this or faster is a missed cloud, NDVI per day. Default 0.05 (L4B).
    pub max_recovery: f64,
    /// NDVI after the cut must be below. Default 0.75 (L4B).
    pub high: f64,
    /// NDVI before the cut must be above. Default 0.5 (L4B).
    pub low: f64,
    /// The event lies at most so many days before the first low value. Default 30 (L4B).
    pub max_days: f64,
}

impl Default for OpticalParams {
    fn default() -> Self {
        Self { ndvi_floor: 0.1, min_drop: 0.12, max_rate: -1e-6, max_recovery: 0.05, high: 0.75, low: 0.5, max_days: 30.0 }
    }
}

/// Parameters of the coherence detector. Coherence is on the scale 0..1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RadarParams {
    /// Values that the line is fitted through. Default 5 (L4B).
    pub fit_values: usize,
    /// Probability of a false alarm; its normal quantile is the factor k. Default 3e-8 (default configuration of L4B; the program
    /// itself falls back to 3e-7).
    pub false_alarm: f64,
    /// Variance of the coherence of one pixel; divided by the pixels it is the least variance. Default 0.024 (L4B).
    pub pixel_variance: f64,
    /// Events of one orbit nearer than this are thinned by confidence, days. Default 28 (L4B).
    pub separation_days: f64,
}

impl Default for RadarParams {
    fn default() -> Self {
        Self { fit_values: 5, false_alarm: 3e-8, pixel_variance: 0.024, separation_days: 28.0 }
    }
}

/// Parameters of the family.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// NDVI.
    pub optical: OpticalParams,
    /// Coherence.
    pub radar: RadarParams,
    /// Events nearer than this, over their outer ends, are thinned by confidence, days. Default 45 (L4B).
    pub separation_days: f64,
    /// Events kept in a season, the most confident ones. Default 4 (L4B).
    pub max_events: usize,
    /// A window with a longer span without clear NDVI cannot say that there was no mowing, days. Default 30: the span that L4B
    /// allows an event to hide in.
    pub max_gap_days: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            optical: OpticalParams::default(),
            radar: RadarParams::default(),
            separation_days: 45.0,
            max_events: 4,
            max_gap_days: 30.0,
        }
    }
}

/// Names that [`Params::preset`] knows.
pub const PRESETS: [&str; 7] = ["default", "czechia", "france", "lithuania", "netherlands", "spain", "romania"];

impl Params {
    /// A national variant of L4B by its name in [`PRESETS`].
    ///
    /// Czechia and France: NDVI after below 0.72, before above 0.4. Lithuania: recovery below 0.06 a day. Netherlands: 0.9.
    /// Spain and Romania: a drop of 0.15, recovery 0.9.
    pub fn preset(name: &str) -> Option<Self> {
        let plain = OpticalParams::default();
        let optical = match name {
            "default" => plain,
            "czechia" | "france" => OpticalParams { high: 0.72, low: 0.4, ..plain },
            "lithuania" => OpticalParams { max_recovery: 0.06, ..plain },
            "netherlands" => OpticalParams { max_recovery: 0.9, ..plain },
            "spain" | "romania" => OpticalParams { min_drop: 0.15, max_recovery: 0.9, ..plain },
            _ => return None,
        };
        Some(Self { optical, ..Self::default() })
    }
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
        let (optical, radar) = (&self.optical, &self.radar);
        out_of_range(&[
            ("optical.ndvi_floor", optical.ndvi_floor, -1.0, 1.0),
            ("optical.min_drop", optical.min_drop, 0.0, 2.0),
            ("optical.max_rate", optical.max_rate, -2.0, 0.0),
            ("optical.max_recovery", optical.max_recovery, 0.0, 2.0),
            ("optical.high", optical.high, -1.0, 1.0),
            ("optical.low", optical.low, -1.0, 1.0),
            ("optical.max_days", optical.max_days, 0.0, MOST_DAYS),
            ("radar.fit_values", radar.fit_values as f64, 2.0, MOST),
            ("radar.false_alarm", radar.false_alarm, 1e-300, 0.5),
            ("radar.pixel_variance", radar.pixel_variance, 0.0, 1.0),
            ("radar.separation_days", radar.separation_days, 0.0, MOST_DAYS),
            ("separation_days", self.separation_days, 0.0, MOST_DAYS),
            ("max_events", self.max_events as f64, 1.0, MOST),
            ("max_gap_days", self.max_gap_days, 0.0, MOST_DAYS),
        ])
    }
}
