//! The project file: the only format that users keep and diff. Paths are relative to the file.

mod other;

use std::path::PathBuf;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::catalog::Calibration;
use super::heterogeneity::HeterogeneityParams;
use super::settings::{ObservationSettings, PeerSettings};
use super::{Signal, Stretch, TableSource, View};

pub use other::{OtherSaid, OtherVerdict};

/// Version of the format; a file with a newer major version is refused with an explanation.
pub const FORMAT_VERSION: &str = "1.0";

/// Everything a project says. Unknown fields are kept out with an error, so that a typo never passes silently.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectFile {
    /// Format version, `major.minor`.
    pub version: String,
    /// Name on screen.
    pub name: String,
    /// Shown on every picture and export.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub attribution: String,
    /// Where the parcels are; may be left out of a project whose parcels come from a server.
    #[serde(default, skip_serializing_if = "ParcelSource::is_empty")]
    pub parcels: ParcelSource,
    /// Where the images are.
    #[serde(default)]
    pub imagery: Vec<ImagerySource>,
    /// Tables of parcel statistics beside or instead of images.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tables: Vec<TableSource>,
    /// A server of the JRC REST contract.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote: Option<RemoteSource>,
    /// How missing facts are filled.
    #[serde(default)]
    pub radiometry: Radiometry,
    /// How observations are made.
    #[serde(default)]
    pub observations: ObservationSettings,
    /// Who peers are.
    #[serde(default)]
    pub peers: PeerSettings,
    /// What is shown when the project opens.
    #[serde(default)]
    pub display: Display,
    /// Ruleset: a path relative to the project file, or `shipped:NAME`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ruleset: Option<String>,
    /// Clusters, thresholds and rule of heterogeneity, where they are not the defaults.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heterogeneity: Option<HeterogeneityParams>,
    /// Journal of decisions, relative to the project file; `None` is `NAME.decisions.sqlite` beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisions: Option<PathBuf>,
    /// Form with the words of the review, relative to the project file; `None` takes the one that ships with the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<PathBuf>,
    /// A column of the layer with the automatic verdicts of another system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_verdict: Option<OtherVerdict>,
    /// The project's own indices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indices: Vec<OwnIndex>,
    /// Map backgrounds; none by default, so that nothing is fetched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backgrounds: Vec<Background>,
}

/// A vector layer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ParcelSource {
    /// File, relative to the project file.
    pub path: PathBuf,
    /// Layer; `None` takes the only or first polygon layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// Id column; `None` guesses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Crop code column; `None` guesses, an empty text uses none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop_code: Option<String>,
    /// Crop name column; `None` guesses, an empty text uses none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crop_name: Option<String>,
    /// CRS of the file when it does not say one or says a wrong one, e.g. 31370.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epsg: Option<u32>,
    /// Character encoding of attributes when the file does not say it, e.g. `ISO-8859-1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// EPSG code of the working CRS; `None` takes the CRS of most images.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub working_epsg: Option<u32>,
}

impl ParcelSource {
    /// True when no layer is named.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A server that answers the JRC REST contract. Never holds a password: that one stays with the operating system.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemoteSource {
    /// Base address without `/query`, e.g. `https://cap.example.eu`.
    pub url: String,
    /// User name; empty asks without one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub user: String,
    /// Area, e.g. `nld`.
    pub aoi: String,
    /// Year of the declarations.
    pub year: String,
    /// Parcel table beside the main one, e.g. `g`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub ptype: String,
    /// PEM files with certificate authorities beside those of the operating system, relative to the project file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<PathBuf>,
    /// True when passwords and data may travel unencrypted to an address that starts with `http://`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub allow_plain_http: bool,
    /// Requests at a time.
    #[serde(default = "RemoteSource::default_connections")]
    pub connections: usize,
    /// Longest wait for the beginning of an answer and between its pieces, s.
    #[serde(default = "RemoteSource::default_timeout")]
    pub timeout_secs: u32,
    /// Answers kept on disk, MiB; the least recently used leave first.
    #[serde(default = "RemoteSource::default_cache")]
    pub cache_mib: u32,
    /// Works from what is kept and asks nobody.
    #[serde(default, skip_serializing_if = "is_false")]
    pub offline: bool,
    /// Ids of the parcels of this project, in order; with a parcel layer the layer's are taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parcel_ids: Vec<String>,
}

impl RemoteSource {
    /// No server yet, with the usual limits.
    pub fn empty() -> Self {
        Self {
            url: String::new(),
            user: String::new(),
            aoi: String::new(),
            year: String::new(),
            ptype: String::new(),
            certificates: Vec::new(),
            allow_plain_http: false,
            connections: Self::default_connections(),
            timeout_secs: Self::default_timeout(),
            cache_mib: Self::default_cache(),
            offline: false,
            parcel_ids: Vec::new(),
        }
    }

    fn default_connections() -> usize {
        6
    }

    fn default_timeout() -> u32 {
        60
    }

    fn default_cache() -> u32 {
        4096
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_false(value: &bool) -> bool {
    !value
}

/// A folder or file of images.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ImagerySource {
    /// File or folder, relative to the project file; folders are searched whole.
    pub path: PathBuf,
    /// Regular expression with named groups over the file's path below `path`, for names that no built-in rule knows:
    /// `sensor`, `platform`, `date`, `time`, `date2`, `tile`, `orbit`, `pass`, `band`, `resolution`, `baseline`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pattern: Option<String>,
    /// `sigma0` or `gamma0`: what Sentinel-1 backscatter here is, when files and names do not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

/// What to assume where metadata are silent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Radiometry {
    /// Sentinel-2 offset in digital numbers when neither metadata nor baseline tell: `0` or `-1000`.
    pub assumed_boa_offset_dn: f64,
    /// True when the user has confirmed the assumption: no banner then.
    pub confirmed: bool,
    /// Digital numbers per unit of reflectance when metadata do not tell.
    pub assumed_quantification: f64,
}

impl Default for Radiometry {
    fn default() -> Self {
        Self { assumed_boa_offset_dn: 0.0, confirmed: false, assumed_quantification: 10_000.0 }
    }
}

/// Where rows and columns of the calendar come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binning {
    /// Month by eight half-weeks.
    #[default]
    HalfWeek,
    /// Month by ISO weeks.
    IsoWeek,
    /// All acquisitions in sequence.
    Sequence,
}

/// What the window shows when a project opens.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Display {
    /// Calendar view.
    pub view: View,
    /// Stretch.
    pub stretch: Stretch,
    /// Calendar bins.
    pub bins: Binning,
    /// Metres of surroundings shown around a parcel's box.
    pub margin_m: u32,
    /// First day shown; `None` is the first acquisition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// Last day shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Date>,
    /// Graph panes from top to bottom; each holds the signals drawn in it.
    pub graphs: Vec<Vec<Signal>>,
    /// Lines do not bridge longer gaps, days.
    pub max_gap_days: u32,
}

impl Default for Display {
    fn default() -> Self {
        use super::view::Polarisation::{Vh, Vv};
        Self {
            view: View::default(),
            stretch: Stretch::Fixed,
            bins: Binning::HalfWeek,
            margin_m: 100,
            from: None,
            to: None,
            graphs: vec![
                vec![Signal::Index("NDVI".to_owned())],
                vec![Signal::Index("BSI".to_owned())],
                vec![Signal::Coherence(Vv), Signal::Coherence(Vh)],
            ],
            max_gap_days: 40,
        }
    }
}

/// An index of the project's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnIndex {
    /// Name, unlike any shipped one.
    pub name: String,
    /// Expression over band names, e.g. `(B11 - B04) / (B11 + B04)`.
    pub expression: String,
    /// Limits of the colour bar.
    #[serde(default = "OwnIndex::default_range")]
    pub range: (f64, f64),
}

impl OwnIndex {
    fn default_range() -> (f64, f64) {
        (-1.0, 1.0)
    }
}

/// A map background fetched from the network; never used unless the user adds it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Background {
    /// Name on screen.
    pub name: String,
    /// `https://…/{z}/{x}/{y}.png`, or the address of a WMS with `LAYERS=…` in it.
    pub url: String,
    /// Shown on the map and burned into exports.
    pub attribution: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minimal_file_gets_documented_defaults_and_survives_a_round_trip() {
        let text = "version = \"1.0\"\nname = \"x\"\n[parcels]\npath = \"a.gpkg\"\n[[imagery]]\npath = \"s2\"\n";
        let file: ProjectFile = toml::from_str(text).expect("valid");
        assert_eq!(file.display, Display::default());
        assert_eq!(file.observations, ObservationSettings::default());
        let again: ProjectFile = toml::from_str(&toml::to_string(&file).expect("serialises")).expect("valid");
        assert_eq!(again, file);
    }

    #[test]
    fn a_misspelt_field_is_an_error() {
        let text = "version = \"1.0\"\nname = \"x\"\n[parcels]\npathh = \"a.gpkg\"\n";
        assert!(toml::from_str::<ProjectFile>(text).is_err());
    }
}
