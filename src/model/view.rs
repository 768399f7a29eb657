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

    /// From three bands (`B08,B11,B04` or `B08-B11-B04`) or one name of [`View::label`]; radar also as `VV_db:A`. Words that are nothing else
    /// are taken as index names.
    pub fn parse(word: &str) -> Result<Self, String> {
        let band = |word: &str| {
            let known = Band::parse(word).filter(|band| band.as_str() != "SCL");
            known.ok_or_else(|| "expected a band such as B04, B8A, VV or VH".to_owned())
        };
        let parts: Vec<&str> = word.split(',').map(str::trim).collect();
        let dashed: Vec<&str> = word.split('-').map(str::trim).collect();
        if let [red, green, blue] = parts[..] {
            return Ok(Self::Composite([band(red)?, band(green)?, band(blue)?]));
        }
        if let [red, green, blue] = dashed[..]
            && let (Ok(red), Ok(green), Ok(blue)) = (band(red), band(green), band(blue))
        {
            return Ok(Self::Composite([red, green, blue]));
        }
        if parts.len() != 1 || word.trim().is_empty() {
            return Err("expected three bands such as B08,B11,B04 or one index such as NDVI".to_owned());
        }
        let (name, pass) = match word.trim().rsplit_once([' ', ':']) {
            Some((name, "A")) => (name, Some(Pass::Ascending)),
            Some((name, "D")) => (name, Some(Pass::Descending)),
            _ => (word.trim(), None),
        };
        let same = |other: &str| name.replace('-', " ").eq_ignore_ascii_case(other);
        Ok(match name {
            "VV_db" => Self::Backscatter(Polarisation::Vv, pass),
            "VH_db" => Self::Backscatter(Polarisation::Vh, pass),
            "VH_VV_db" => Self::BackscatterRatio(pass),
            "COH_VV" => Self::Coherence(Polarisation::Vv, pass),
            "COH_VH" => Self::Coherence(Polarisation::Vh, pass),
            "SCL" => Self::SceneClass,
            _ if same("NDVI histogram") => Self::NdviHistogram,
            _ if same("red NIR scatter") => Self::RedNirScatter,
            index => Self::Index(index.to_owned()),
        })
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

    /// `fixed`, `dynamic`, `0..0.4` or `0..0.4,0..0.3,0..0.2`.
    pub fn parse(word: &str) -> Result<Self, String> {
        const EXPECTED: &str = "expected `fixed`, `dynamic`, MIN..MAX or MIN..MAX,MIN..MAX,MIN..MAX, e.g. 0..0.4";
        match word {
            "fixed" => return Ok(Self::Fixed),
            "dynamic" => return Ok(Self::DYNAMIC),
            _ => {}
        }
        let limits = word
            .split(',')
            .map(|range| {
                let (low, high) = range.split_once("..")?;
                // No numbers: the whole word is told.
                let (low, high): (f64, f64) = (low.trim().parse().ok()?, high.trim().parse().ok()?);
                (low.is_finite() && high.is_finite() && low < high).then_some((low, high))
            })
            .collect::<Option<Vec<_>>>()
            .ok_or(EXPECTED)?;
        if matches!(limits.len(), 1 | 3) { Ok(Self::Range(limits)) } else { Err(EXPECTED.to_owned()) }
    }
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
    fn every_view_is_parsed_from_its_label() {
        let (vv, ascending) = (Polarisation::Vv, Some(Pass::Ascending));
        for view in [
            View::default(),
            View::Index("NDVI".to_owned()),
            View::Backscatter(vv, ascending),
            View::BackscatterRatio(None),
            View::Coherence(vv, None),
            View::SceneClass,
            View::NdviHistogram,
            View::RedNirScatter,
        ] {
            assert_eq!(View::parse(&view.label()), Ok(view));
        }
        assert!(View::parse("B08,B11").is_err() && View::parse("B08,x,B11").is_err() && View::parse(" ").is_err());
    }

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
