//! Zones of a heterogeneous parcel and zones of abnormal decline, as proposed to an inspector.

use serde::{Deserialize, Serialize};

use super::Polygons;

/// How zones are proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ZoneParams {
    /// At most so many zones, at least 2.
    pub max_zones: u8,
    /// Smaller patches dissolve into what surrounds them, pixels.
    pub min_pixels: u32,
}

impl Default for ZoneParams {
    /// JRC takes a cluster of more than 20 pixels for an object of its own.
    fn default() -> Self {
        Self { max_zones: 4, min_pixels: 20 }
    }
}

/// A part of a parcel that behaves differently from the rest of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// From 1, the largest first.
    pub number: u8,
    /// Outline in the CRS of the grid; several parts when the same behaviour is found in several places.
    pub outline: Polygons,
    /// Area of the outline, m² where the CRS is in metres.
    pub area_m2: f64,
    /// Share of the area of the parcel, 0..1.
    pub share: f64,
    /// Its pixels among those of the grid, row by row.
    pub pixels: Vec<bool>,
}

/// Why there are no zones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoZones {
    /// The parcel has no outline with an area.
    NoOutline,
    /// No pixel of the parcel has a label.
    NoPixels,
    /// All pixels have one label, or none other is left after small and thin patches have dissolved.
    OneZone,
}

impl NoZones {
    /// For people.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoOutline => "the parcel has no outline",
            Self::NoPixels => "no pixel of the parcel belongs to a cluster",
            Self::OneZone => "no second zone is large enough",
        }
    }
}

/// Mean NDVI of a zone at a date.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ZonePoint {
    /// Mean over the pixels with a value; `NaN` without one.
    pub mean: f64,
    /// Pixels with a value.
    pub pixels: u32,
}

/// When the fall of a pixel is abnormal: both limits have to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeclineParams {
    /// The pixel fell by so much more NDVI than its peers.
    pub min_drop: f64,
    /// And by so many of their median absolute deviations, each taken 1.4826 times so that it stands for a standard deviation.
    pub min_deviations: f64,
    /// Smaller patches do not count, and smaller gaps are closed, pixels.
    pub min_pixels: u32,
    /// Fewer peers tell nothing.
    pub min_peers: u32,
}

impl Default for DeclineParams {
    /// The drop is the distance of NDVI at which clusters count as different (marker M3).
    fn default() -> Self {
        Self { min_drop: 0.15, min_deviations: 3.0, min_pixels: 10, min_peers: 5 }
    }
}

/// How much NDVI the peers of a parcel changed between two dates.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeerChange {
    /// Median change, later less earlier.
    pub median: f64,
    /// Median absolute deviation from it.
    pub mad: f64,
    /// Number of peers.
    pub peers: u32,
}

/// A zone of abnormal decline.
#[derive(Debug, Clone, PartialEq)]
pub struct Decline {
    /// Outline in the CRS of the grid; empty when nothing declined abnormally.
    pub outline: Polygons,
    /// Its area, m² where the CRS is in metres.
    pub area_m2: f64,
    /// Its share of the parcel, per cent.
    pub percent: f64,
    /// Its pixels among those of the grid, row by row.
    pub pixels: Vec<bool>,
    /// Pixels of the parcel with a value at both dates.
    pub seen: u32,
    /// Mean change of its pixels relative to the peers, NDVI; `NaN` without a pixel.
    pub mean_change: f64,
}

/// Why decline cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoDecline {
    /// The parcel has no outline with an area.
    NoOutline,
    /// No pixel has a value at both dates.
    NoPixels,
    /// There are not enough peers with a value at both dates.
    NoPeers,
}

impl NoDecline {
    /// For people.
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoOutline => "the parcel has no outline",
            Self::NoPixels => "no pixel of the parcel has a value at both dates",
            Self::NoPeers => "too few peers have a value at both dates",
        }
    }
}

/// A zone as a file has it.
#[derive(Debug, Clone, PartialEq)]
pub struct ZoneRecord {
    /// External id of the parcel.
    pub parcel_id: String,
    /// Number of the zone, from 1.
    pub zone: u8,
    /// What the zone is of, e.g. the periods that decided or the two dates of a decline.
    pub period: String,
    /// Outline in the CRS of the file.
    pub outline: Polygons,
    /// Area in m².
    pub area_m2: f64,
    /// Share of the parcel, 0..1.
    pub share: f64,
    /// Mean NDVI over the period; `NaN` is written as nothing.
    pub ndvi_mean: f64,
    /// Pixels of the zone.
    pub pixels: u32,
}
