//! Tables of parcel statistics beside or instead of images: what a project says about them, and what is read from them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::report::Problem;
use super::{Pass, Sensor};

/// A table, or a folder or `*` pattern of tables, whose observations count like those made from images.
///
/// Nothing but the path is needed: what is left out is guessed from names and values, and the guess is shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TableSource {
    /// File, folder or pattern such as `series/*_s2.csv`, relative to the project file.
    pub path: PathBuf,
    /// Column of the parcel layer that the table's ids stand in; `None` is the layer's id column.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parcel_column: Option<String>,
    /// What separates the cells of a text table: `,`, `;` or a tab.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// Decimal sign of a text table: `.` or `,`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// Whether `03/04/2020` is the third of April.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_first: Option<bool>,
    /// Which column plays which role.
    #[serde(skip_serializing_if = "Roles::is_empty")]
    pub columns: Roles,
    /// What the table's names mean: a band, an index, `VV`, `VH`, `COH_VV` or `COH_VH`, with `.std` and the like for other statistics
    /// than the mean; an empty text leaves the name out. The names are columns or, where one column names the band, its words.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub signals: BTreeMap<String, String>,
    /// How values of a signal are stored.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub units: BTreeMap<String, StoredAs>,
}

/// Columns by role; `None` guesses, an empty text uses none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Roles {
    /// Parcel id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Date or time of the acquisition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// Earlier date of a coherence pair.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
    /// Which band or signal a row is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<String>,
    /// Mean, or the only value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean: Option<String>,
    /// Standard deviation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub std: Option<String>,
    /// Smallest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min: Option<String>,
    /// First quartile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p25: Option<String>,
    /// Median.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50: Option<String>,
    /// Third quartile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p75: Option<String>,
    /// Largest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max: Option<String>,
    /// Used pixels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<String>,
    /// Pixels of the parcel, used or not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pixels: Option<String>,
    /// Usable share 0..1 (`usable_share`, `clear_mask`), or percent of cloud (`cloud_pct`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clear: Option<String>,
    /// Pixels per scene class, as a JSON object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub classes: Option<String>,
    /// Satellite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Orbit direction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pass: Option<String>,
    /// Relative orbit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orbit: Option<String>,
    /// Product name, which says platform, orbit and time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// What was measured, where signal names alone do not tell backscatter from coherence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sensor: Option<String>,
}

/// What a column says about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "documented with the fields of Roles")]
pub enum Role {
    Id,
    Time,
    First,
    Signal,
    Mean,
    Std,
    Min,
    P25,
    P50,
    P75,
    Max,
    Count,
    Pixels,
    Clear,
    Classes,
    Platform,
    Pass,
    Orbit,
    Product,
    Sensor,
}

impl Role {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 20] = [
        Self::Id,
        Self::Time,
        Self::First,
        Self::Signal,
        Self::Mean,
        Self::Std,
        Self::Min,
        Self::P25,
        Self::P50,
        Self::P75,
        Self::Max,
        Self::Count,
        Self::Pixels,
        Self::Clear,
        Self::Classes,
        Self::Platform,
        Self::Pass,
        Self::Orbit,
        Self::Product,
        Self::Sensor,
    ];

    /// Name in the project file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Time => "time",
            Self::First => "first",
            Self::Signal => "signal",
            Self::Mean => "mean",
            Self::Std => "std",
            Self::Min => "min",
            Self::P25 => "p25",
            Self::P50 => "p50",
            Self::P75 => "p75",
            Self::Max => "max",
            Self::Count => "count",
            Self::Pixels => "pixels",
            Self::Clear => "clear",
            Self::Classes => "classes",
            Self::Platform => "platform",
            Self::Pass => "pass",
            Self::Orbit => "orbit",
            Self::Product => "product",
            Self::Sensor => "sensor",
        }
    }
}

impl Roles {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The column of a role, as it is said.
    pub fn get(&self, role: Role) -> Option<&str> {
        let slot = match role {
            Role::Id => &self.id,
            Role::Time => &self.time,
            Role::First => &self.first,
            Role::Signal => &self.signal,
            Role::Mean => &self.mean,
            Role::Std => &self.std,
            Role::Min => &self.min,
            Role::P25 => &self.p25,
            Role::P50 => &self.p50,
            Role::P75 => &self.p75,
            Role::Max => &self.max,
            Role::Count => &self.count,
            Role::Pixels => &self.pixels,
            Role::Clear => &self.clear,
            Role::Classes => &self.classes,
            Role::Platform => &self.platform,
            Role::Pass => &self.pass,
            Role::Orbit => &self.orbit,
            Role::Product => &self.product,
            Role::Sensor => &self.sensor,
        };
        slot.as_deref()
    }

    /// Says which column plays a role.
    pub fn set(&mut self, role: Role, column: Option<String>) {
        *self.slot_mut(role) = column;
    }

    fn slot_mut(&mut self, role: Role) -> &mut Option<String> {
        match role {
            Role::Id => &mut self.id,
            Role::Time => &mut self.time,
            Role::First => &mut self.first,
            Role::Signal => &mut self.signal,
            Role::Mean => &mut self.mean,
            Role::Std => &mut self.std,
            Role::Min => &mut self.min,
            Role::P25 => &mut self.p25,
            Role::P50 => &mut self.p50,
            Role::P75 => &mut self.p75,
            Role::Max => &mut self.max,
            Role::Count => &mut self.count,
            Role::Pixels => &mut self.pixels,
            Role::Clear => &mut self.clear,
            Role::Classes => &mut self.classes,
            Role::Platform => &mut self.platform,
            Role::Pass => &mut self.pass,
            Role::Orbit => &mut self.orbit,
            Role::Product => &mut self.product,
            Role::Sensor => &mut self.sensor,
        }
    }
}

/// How values of a signal are stored; after reading they are physical.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StoredAs {
    /// Reflectance and coherence 0..1, index values, linear power.
    Physical,
    /// Percent.
    Percent,
    /// A thousand times as large, as `Sen4CAP` stores indices.
    X1000,
    /// Ten thousand times as large, as Sentinel-2 products store reflectance.
    X10000,
    /// Backscatter in decibels; becomes linear power.
    Decibel,
}

impl StoredAs {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Physical, Self::Percent, Self::X1000, Self::X10000, Self::Decibel];

    /// Name in the project file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Physical => "physical",
            Self::Percent => "percent",
            Self::X1000 => "x1000",
            Self::X10000 => "x10000",
            Self::Decibel => "decibel",
        }
    }

    /// Divisor; decibels have none.
    pub fn divisor(self) -> f64 {
        match self {
            Self::Physical | Self::Decibel => 1.0,
            Self::Percent => 100.0,
            Self::X1000 => 1000.0,
            Self::X10000 => 10_000.0,
        }
    }
}

/// When something was acquired and by whom, as far as a table says.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TableTime {
    /// What was measured.
    pub sensor: Sensor,
    /// Time; midnight UTC when only the day is known.
    pub acquired: Timestamp,
    /// False when only the day is known.
    pub exact: bool,
    /// Earlier date of a coherence pair.
    pub first: Option<Timestamp>,
    /// `S2A`, `S1B`, ….
    pub platform: Option<String>,
    /// Orbit direction.
    pub pass: Option<Pass>,
    /// Relative orbit.
    pub relative_orbit: Option<u16>,
}

/// Statistics of one band or index over one parcel, physical; `NaN` where the table is silent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableStats {
    /// Mean, or the only value; backscatter in linear power.
    pub mean: f64,
    /// Standard deviation.
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
    /// Used pixels.
    pub count: f64,
    /// Pixels of the parcel.
    pub pixels: f64,
    /// Usable share, 0..=1.
    pub usable_share: f64,
}

impl TableStats {
    /// Nothing known.
    pub const UNKNOWN: Self = Self {
        mean: f64::NAN,
        std: f64::NAN,
        min: f64::NAN,
        p25: f64::NAN,
        p50: f64::NAN,
        p75: f64::NAN,
        max: f64::NAN,
        count: f64::NAN,
        pixels: f64::NAN,
        usable_share: f64::NAN,
    };

    /// All numbers in the order of the fields.
    pub fn numbers(&self) -> [f64; 10] {
        let Self { mean, std, min, p25, p50, p75, max, count, pixels, usable_share } = *self;
        [mean, std, min, p25, p50, p75, max, count, pixels, usable_share]
    }

    /// From numbers in the order of the fields.
    pub fn from_numbers([mean, std, min, p25, p50, p75, max, count, pixels, usable_share]: [f64; 10]) -> Self {
        Self { mean, std, min, p25, p50, p75, max, count, pixels, usable_share }
    }
}

/// One observation of one variable of one parcel, as read.
#[derive(Debug, Clone, PartialEq)]
pub struct TableRecord<'a> {
    /// Parcel id as the table writes it.
    pub id: &'a str,
    /// Canonical name: `B04`, `NDVI`, `VV`, `VH`, `COH_VV`, `COH_VH`.
    pub variable: &'a str,
    /// When.
    pub time: &'a TableTime,
    /// Statistics.
    pub stats: TableStats,
    /// Pixels per scene class.
    pub classes: Option<[u32; 12]>,
}

/// What a variable is measured by.
pub fn sensor_of_variable(variable: &str) -> Sensor {
    match variable {
        "VV" | "VH" => Sensor::S1Backscatter,
        "COH_VV" | "COH_VH" => Sensor::S1Coherence,
        _ => Sensor::S2,
    }
}

/// What was understood of one source and what came of it: shown before and after it is used.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TableReport {
    /// File, folder or pattern.
    pub path: PathBuf,
    /// Number of files read.
    pub files: usize,
    /// `Sen4CAP marker database (Arrow IPC)`, ….
    pub format: String,
    /// Observations taken.
    pub observations: u64,
    /// Parcels of the layer that have some.
    pub parcels: usize,
    /// Ids that no parcel has.
    pub unknown_ids: u64,
    /// A few of them.
    pub unknown: Vec<String>,
    /// First time.
    pub from: Option<Timestamp>,
    /// Last time.
    pub to: Option<Timestamp>,
    /// Signals, and how they were stored.
    pub signals: Vec<(String, StoredAs)>,
    /// What was undone, assumed or left out, in sentences.
    pub notes: Vec<String>,
    /// What could not be used.
    pub problems: Vec<Problem>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_needs_only_its_path_and_refuses_misspelt_fields() {
        let source: TableSource =
            toml::from_str("path = \"series\"\n[columns]\nid = \"FID\"\n[units]\nNDVI = \"x1000\"").expect("valid");
        assert_eq!((source.columns.get(Role::Id), source.units["NDVI"]), (Some("FID"), StoredAs::X1000));
        let again: TableSource = toml::from_str(&toml::to_string(&source).expect("serialises")).expect("valid");
        assert_eq!(again, source);
        for wrong in
            ["path = \"a\"\nsep = \";\"", "path = \"a\"\n[columns]\nids = \"x\"", "path = \"a\"\n[units]\nNDVI = \"x10\""]
        {
            assert!(toml::from_str::<TableSource>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_role_has_its_own_column_and_name() {
        let mut roles = Roles::default();
        for role in Role::ALL {
            roles.set(role, Some(role.name().to_owned()));
        }
        assert!(Role::ALL.iter().all(|&role| roles.get(role) == Some(role.name())));
        let text = toml::to_string(&roles).expect("serialises");
        assert!(Role::ALL.iter().all(|role| text.contains(&format!("{0} = \"{0}\"", role.name()))), "{text}");
    }
}
