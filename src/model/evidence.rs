//! What a parcel sheet says, as plain data: `project::evidence` gathers it, `report::sheet` sets it as HTML and PDF.
//!
//! Texts are English, times ISO 8601 UTC, numbers are already written with their units. Nothing here is escaped.

use super::review::Look;

/// The sheet of one parcel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet {
    /// Parcel id.
    pub parcel: String,
    /// Name of the project.
    pub project: String,
    /// Declared crop and area in one line, e.g. `Maize, 1.29 ha`.
    pub summary: String,
    /// Identification: names and values, in order.
    pub facts: Vec<(String, String)>,
    /// Outline of the parcel in metres, rings of x and y, north up, for a small sketch; empty without geometry.
    pub outline: Vec<Vec<[f64; 2]>>,
    /// Automatic verdict; `None` without rules.
    pub automatic: Option<Automatic>,
    /// Expert verdicts that stand, one a user.
    pub experts: Vec<Expert>,
    /// Final verdict.
    pub resolved: Option<Expert>,
    /// Reason of a flag and who set it.
    pub flag: Option<(String, String)>,
    /// Everything that happened, oldest first.
    pub history: Vec<HistoryLine>,
    /// Markers and comparisons of the ruleset.
    pub markers: Vec<MarkerLine>,
    /// Calendar; `None` with the reason in `absent`.
    pub calendar: Option<Picture>,
    /// Graphs with peers.
    pub graphs: Option<Picture>,
    /// Cluster overlay.
    pub clusters: Option<Picture>,
    /// Pinned chips.
    pub chips: Vec<Picture>,
    /// Photos.
    pub photos: Vec<Picture>,
    /// Why a figure is missing, e.g. `Calendar: no Sentinel-2 acquisition touches the parcel.`
    pub absent: Vec<String>,
    /// Observations used and excluded.
    pub observations: Vec<ObservationLine>,
    /// Inputs with hashes.
    pub inputs: Vec<InputLine>,
    /// Ruleset name and content hash; empty without one.
    pub ruleset: (String, String),
    /// Name and version of the software.
    pub software: String,
    /// Attribution of data and parcels.
    pub attribution: String,
}

/// The automatic verdict and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Automatic {
    /// Traffic light.
    pub verdict: super::rules::Verdict,
    /// The sentence that says why.
    pub reason: String,
}

/// A verdict of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Expert {
    /// Who.
    pub user: String,
    /// Shape and colour.
    pub look: Look,
    /// Word of the verdict.
    pub verdict: String,
    /// Words of the reasons.
    pub reasons: Vec<String>,
    /// Note.
    pub note: String,
    /// When, ISO 8601 UTC.
    pub time: String,
    /// It was reached without seeing the automatic verdict.
    pub blind: bool,
    /// Seconds that it took; `None` of a final verdict.
    pub seconds: Option<f64>,
}

/// One line of the history.
#[derive(Debug, Clone, PartialEq)]
pub struct HistoryLine {
    /// When, ISO 8601 UTC.
    pub time: String,
    /// Who.
    pub user: String,
    /// What.
    pub what: String,
}

/// One marker or comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkerLine {
    /// Name.
    pub name: String,
    /// `yes`, `no` or `unknown`.
    pub outcome: &'static str,
    /// Value.
    pub value: String,
    /// Threshold with its sign.
    pub threshold: String,
    /// Margin with its sign.
    pub margin: String,
    /// Dates of its event, or clear observations.
    pub note: String,
    /// It decides the verdict.
    pub decides: bool,
}

/// A figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// File name below `evidence/`.
    pub file: String,
    /// The same as SVG, where there is one.
    pub svg: Option<String>,
    /// PNG bytes.
    pub png: Vec<u8>,
    /// Width and height of the PNG, pixels.
    pub size: [u32; 2],
    /// What it shows: title under the figure, and text for readers who do not see it.
    pub caption: String,
}

/// One observation.
#[derive(Debug, Clone, PartialEq)]
pub struct ObservationLine {
    /// Time, ISO 8601 UTC.
    pub acquired: String,
    /// `S2A R051`, `S1A A161 6 d`.
    pub source: String,
    /// Clear share of the parcel, or pixels.
    pub clear: String,
    /// Used for signals and markers.
    pub used: bool,
    /// Why not, e.g. `cloud covers 83 % of the parcel`; empty for a used one.
    pub why: String,
}

/// One input file.
#[derive(Debug, Clone, PartialEq)]
pub struct InputLine {
    /// Path as the project names it.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256, hexadecimal.
    pub sha256: String,
}
