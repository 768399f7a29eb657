//! What a picture or a graph shows: composites, index views, signals, stretches.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::units::float_key;
use super::{Band, Pass};

/// Polarisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Polarisation {
    /// Vertical sent, vertical received.
    #[serde(rename = "VV")]
    Vv,
    /// Vertical sent, horizontal received.
    #[serde(rename = "VH")]
    Vh,
}

impl Polarisation {
    /// Band name, `VV` or `VH`.
    pub fn band(self) -> Band {
        Band::new(match self {
            Self::Vv => "VV",
            Self::Vh => "VH",
        })
    }
}

/// What the chips of a calendar show.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum View {
    /// Three bands as red, green, blue.
    Composite([Band; 3]),
    /// An index by name (shipped or the project's own), with a colour bar.
    Index(String),
    /// Backscatter in dB; `None` shows both passes.
    Backscatter(Polarisation, Option<Pass>),
    /// VH/VV in dB.
    BackscatterRatio(Option<Pass>),
    /// Coherence 0..1.
    Coherence(Polarisation, Option<Pass>),
    /// Scene classes in their usual colours.
    SceneClass,
    /// Histogram of NDVI inside the parcel.
    NdviHistogram,
    /// Red against near infrared, this date over all earlier dates.
    RedNirScatter,
}

impl View {
    /// A composite from three band names as they stand.
    pub fn composite(red: &str, green: &str, blue: &str) -> Self {
        Self::Composite([Band::new(red), Band::new(green), Band::new(blue)])
    }

    /// `B08-B11-B04`, `NDVI`, `VV_db A`, `COH_VV`, `SCL`: name in menus, files and on exports.
    pub fn label(&self) -> String {
        let pass_suffix = |pass: &Option<Pass>| pass.map(|pass| format!(" {}", pass.code())).unwrap_or_default();
        match self {
            Self::Composite([r, g, b]) => format!("{r}-{g}-{b}"),
            Self::Index(name) => name.clone(),
            Self::Backscatter(polarisation, pass) => format!("{}_db{}", polarisation.band(), pass_suffix(pass)),
            Self::BackscatterRatio(pass) => format!("VH_VV_db{}", pass_suffix(pass)),
            Self::Coherence(polarisation, pass) => format!("COH_{}{}", polarisation.band(), pass_suffix(pass)),
            Self::SceneClass => "SCL".to_owned(),
            Self::NdviHistogram => "NDVI histogram".to_owned(),
            Self::RedNirScatter => "Red-NIR scatter".to_owned(),
        }
    }
}

impl Default for View {
    /// B08-B11-B04, the composite that JRC's calendar users know.
    fn default() -> Self {
        Self::composite("B08", "B11", "B04")
    }
}

/// How values become brightness.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stretch {
    /// The same limits for every date: comparable across the season.
    Fixed,
    /// Limits from each chip's own cumulative histogram, cut percentages at both ends.
    Dynamic {
        /// Percent cut at the dark end.
        low_percent: f64,
        /// Percent cut at the bright end.
        high_percent: f64,
    },
    /// Limits chosen by the user, one pair a channel (one pair serves all).
    Range(Vec<(f64, f64)>),
}

// Limits are finite (the readers of files and words see to it), so equality is total.
impl Eq for Stretch {}

impl Hash for Stretch {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Fixed => state.write_u8(0),
            Self::Dynamic { low_percent, high_percent } => (1u8, float_key(*low_percent), float_key(*high_percent)).hash(state),
            Self::Range(pairs) => {
                state.write_u8(2);
                for &(low, high) in pairs {
                    (float_key(low), float_key(high)).hash(state);
                }
            }
        }
    }
}

impl Stretch {
    /// The usual dynamic stretch: 1 % at each end.
    pub const DYNAMIC: Self = Self::Dynamic { low_percent: 1.0, high_percent: 1.0 };
}

/// What one graph line shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Signal {
    /// Reflectance of a Sentinel-2 band.
    Band(Band),
    /// An index by name, shipped or the project's own.
    Index(String),
    /// Backscatter in dB (dB of the mean power).
    BackscatterDb(Polarisation),
    /// VH/VV in dB.
    BackscatterRatioDb,
    /// Coherence.
    Coherence(Polarisation),
    /// An unnamed expression over Sentinel-2 band names.
    Expression {
        /// Name of the line.
        name: String,
        /// e.g. `(B11 - B04) / (B11 + B04)`.
        expression: String,
    },
}

impl Signal {
    /// Name in files: `NDVI`, `B04`, `VV_db`, `VH_VV_db`, `COH_VV`.
    pub fn name(&self) -> String {
        match self {
            Self::Band(band) => band.to_string(),
            Self::Index(name) | Self::Expression { name, .. } => name.clone(),
            Self::BackscatterDb(polarisation) => format!("{}_db", polarisation.band()),
            Self::BackscatterRatioDb => "VH_VV_db".to_owned(),
            Self::Coherence(polarisation) => format!("COH_{}", polarisation.band()),
        }
    }

    /// From a name of [`Signal::name`] or `NAME=expression`. Words that are no band and no radar signal are taken as
    /// index names; whether the index exists is for the reader of the project's indices to say.
    pub fn parse(word: &str) -> Self {
        if let Some((name, expression)) = word.split_once('=') {
            return Self::Expression { name: name.trim().to_owned(), expression: expression.trim().to_owned() };
        }
        match word.trim() {
            "VV_db" => Self::BackscatterDb(Polarisation::Vv),
            "VH_db" => Self::BackscatterDb(Polarisation::Vh),
            "VH_VV_db" => Self::BackscatterRatioDb,
            "COH_VV" => Self::Coherence(Polarisation::Vv),
            "COH_VH" => Self::Coherence(Polarisation::Vh),
            other => match Band::parse(other).filter(|band| band.as_str().starts_with('B')) {
                Some(band) => Self::Band(band),
                None => Self::Index(other.to_owned()),
            },
        }
    }

    /// The sensor whose acquisitions it is made of.
    pub fn sensor(&self) -> super::Sensor {
        match self {
            Self::Band(_) | Self::Index(_) | Self::Expression { .. } => super::Sensor::S2,
            Self::BackscatterDb(_) | Self::BackscatterRatioDb => super::Sensor::S1Backscatter,
            Self::Coherence(_) => super::Sensor::S1Coherence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_parsed_from_their_names() {
        for name in ["NDVI", "B04", "VV_db", "VH_VV_db", "COH_VH", "BSI"] {
            assert_eq!(Signal::parse(name).name(), name);
        }
        assert_eq!(
            Signal::parse("MY=(B11-B04)/(B11+B04)"),
            Signal::Expression { name: "MY".to_owned(), expression: "(B11-B04)/(B11+B04)".to_owned() }
        );
    }
}
