//! What a parcel sheet, the first page of a pack and the summary of a season say, as plain data: `project` gathers it, `report` sets
//! it as pages.
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
    /// What the system that the project names has said.
    pub other: Option<OtherLine>,
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
    /// The parcel with its surroundings on the map.
    pub map: Option<Picture>,
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

/// The automatic verdict of another system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherLine {
    /// Traffic light; `None` for a value that means nothing here.
    pub verdict: Option<super::rules::Verdict>,
    /// Where it comes from, e.g. `“R” in column ams_light, automatic verdict of AMS 2019`.
    pub source: String,
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

/// First page of a pack.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Index {
    /// Name of the project.
    pub project: String,
    /// Name and version of the software.
    pub software: String,
    /// Ruleset name and content hash; empty without one.
    pub ruleset: (String, String),
    /// Attribution of data and parcels.
    pub attribution: String,
    /// Time of the newest entry of the journal, ISO 8601 UTC; empty without entries.
    pub newest: String,
    /// Parcels, in order.
    pub parcels: Vec<IndexLine>,
    /// Other files of the pack and what they are, e.g. `decisions.csv` and `All entries of the journal.`
    pub files: Vec<(String, String)>,
    /// How holders are shown, e.g. `Holders are replaced by stable pseudonyms.`; empty when the parcels name none.
    pub holders: String,
    /// Command that verifies the pack, e.g. `parcelight report --verify DIR`.
    pub verify: String,
}

/// One parcel of a pack.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IndexLine {
    /// Parcel id.
    pub parcel: String,
    /// Declared crop and area in one line.
    pub summary: String,
    /// Automatic verdict.
    pub automatic: Option<super::rules::Verdict>,
    /// Latest expert verdict: look and word.
    pub expert: Option<(Look, String)>,
    /// Final verdict: look and word.
    pub resolved: Option<(Look, String)>,
    /// It is flagged.
    pub flagged: bool,
    /// Reviewers disagree and nobody has resolved it.
    pub disputed: bool,
    /// Sheets: name of the form and path from the first page, e.g. `PDF` and `parcels/A1.pdf`. The first one is linked from the id.
    pub sheets: Vec<(String, String)>,
}

/// What a season's review came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Season {
    /// Name of the project.
    pub project: String,
    /// The time that data and decisions span, in words.
    pub period: String,
    /// Name and version of the software.
    pub software: String,
    /// Ruleset name and content hash; empty without one.
    pub ruleset: (String, String),
    /// Attribution of data and parcels.
    pub attribution: String,
    /// Time of the newest entry of the journal, ISO 8601 UTC; empty without entries.
    pub newest: String,
    /// Parcels in all.
    pub parcels: u64,
    /// Parcels by verdict. Lines with a look are verdicts, those without are e.g. `not assessed`, `deferred`, `flagged`.
    pub counts: Vec<CountLine>,
    /// What the intervals are, e.g. `95 % intervals after Wilson`.
    pub intervals: String,
    /// How often the automatic verdict agrees with people, by group; the first line is all parcels.
    pub rates: Vec<RateLine>,
    /// Causes of error: what people gave as reason where the automatic verdict was another.
    pub causes: Vec<CauseLine>,
    /// Parcels for the yearly quality assessment.
    pub assessment: Vec<AssessmentLine>,
    /// How the parcels of the quality assessment were chosen, in words, with the seed where they were drawn.
    pub sampling: String,
    /// Remarks, e.g. what was left out and why.
    pub notes: Vec<String>,
}

/// Parcels of one verdict.
#[derive(Debug, Clone, PartialEq)]
pub struct CountLine {
    /// Shape and colour; `None` for a standing that is no verdict.
    pub look: Option<Look>,
    /// Word.
    pub label: String,
    /// By the ruleset; `None` where this cannot be, shown as a dash.
    pub automatic: Option<u64>,
    /// By experts.
    pub expert: Option<u64>,
    /// Finally.
    pub resolved: Option<u64>,
}

/// A share of cases with its interval.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Rate {
    /// Cases.
    pub hits: u64,
    /// Of how many; the share of none is unknown.
    pub of: u64,
    /// Lower end of the interval, 0..=1.
    pub low: f64,
    /// Upper end of the interval, 0..=1.
    pub high: f64,
}

impl Rate {
    /// The share; `None` of no cases.
    pub fn share(&self) -> Option<f64> {
        (self.of > 0).then(|| self.hits as f64 / self.of as f64)
    }
}

/// Rates of a group of parcels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RateLine {
    /// Name of the group.
    pub group: String,
    /// Its parcels with both verdicts.
    pub parcels: u64,
    /// Both say the same.
    pub agreement: Rate,
    /// Of the parcels that the ruleset calls non-compliant those that are not.
    pub commission: Rate,
    /// Of the parcels that are non-compliant those that the ruleset does not call so.
    pub omission: Rate,
}

/// A cause of error.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CauseLine {
    /// `commission`, `omission`, or another name.
    pub kind: String,
    /// The reason that people gave, or `no reason given`.
    pub cause: String,
    /// Parcels.
    pub parcels: u64,
    /// Some of their ids.
    pub examples: Vec<String>,
}

/// A parcel of the quality assessment.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssessmentLine {
    /// Group or bucket that it was chosen for.
    pub group: String,
    /// Parcel id.
    pub parcel: String,
    /// Holder, or its pseudonym; empty when left out.
    pub holder: String,
    /// Declared crop and area in one line.
    pub summary: String,
    /// Automatic verdict.
    pub automatic: Option<super::rules::Verdict>,
    /// Latest expert verdict: look and word.
    pub expert: Option<(Look, String)>,
    /// Final verdict: look and word.
    pub resolved: Option<(Look, String)>,
    /// Words of the reasons.
    pub reasons: Vec<String>,
    /// Path of its sheet from the page of the season; empty without one.
    pub sheet: String,
}
