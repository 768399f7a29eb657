//! Review: what people decide about parcels, entry by entry, and the lists of words that they choose from.
//!
//! A journal only grows. Undo and redo are entries of their own; `engine::review` makes states of parcels out of entries.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

mod form;
mod kept;

pub use form::{Look, Need, Reason, ReviewForm, VerdictWord};
pub use kept::{KeptQueue, QueueOrder};

/// Names an entry in all journals of the world: 32 hexadecimal digits, drawn at random when the entry is made.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub String);

/// One line of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its own name.
    pub id: EntryId,
    /// Name of the journal that it was written to first: 32 hexadecimal digits of that file.
    pub journal: String,
    /// Place in that journal, from 1.
    pub sequence: u64,
    /// Id of the parcel.
    pub parcel: String,
    /// Who wrote it.
    pub user: String,
    /// When, UTC. Never before an earlier entry of the same journal: where the clock was set back, the time of the entry before.
    pub time: Timestamp,
    /// What the clock said.
    pub clock: Timestamp,
    /// Version of the program.
    pub version: String,
    /// What happened.
    pub act: Act,
}

impl Entry {
    /// The order of entries of several journals: by time, then journal, then place in it. The same for whoever merges.
    pub fn order(&self) -> (Timestamp, &str, u64) {
        (self.time, &self.journal, self.sequence)
    }
}

/// What happened to a parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", deny_unknown_fields)]
pub enum Act {
    /// An expert verdict.
    Decide(Box<Decided>),
    /// The expert verdict of this user is taken away: the parcel is open again.
    Clear,
    /// Comes back at the end of the queue.
    Defer,
    /// Flagged, with the reason.
    Flag {
        /// Why.
        reason: String,
    },
    /// The flag is taken away.
    Unflag,
    /// The note of this user on the parcel; an empty text removes it.
    Note {
        /// Text.
        text: String,
    },
    /// Something on screen is kept as evidence.
    Pin(Box<Pin>),
    /// A pin is taken away.
    Unpin {
        /// Entry of the pin.
        entry: EntryId,
    },
    /// A photo belongs to the parcel.
    Attach(Box<Photo>),
    /// A photo is taken away.
    Detach {
        /// Entry of the photo.
        entry: EntryId,
    },
    /// The final verdict, also where reviewers disagree.
    Resolve(Box<Resolved>),
    /// An earlier entry of the same journal no longer counts.
    Undo {
        /// Which one.
        entry: EntryId,
    },
    /// It counts again.
    Redo {
        /// Which one.
        entry: EntryId,
    },
}

impl Act {
    /// Stable name in files.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Decide(_) => "decide",
            Self::Clear => "clear",
            Self::Defer => "defer",
            Self::Flag { .. } => "flag",
            Self::Unflag => "unflag",
            Self::Note { .. } => "note",
            Self::Pin(_) => "pin",
            Self::Unpin { .. } => "unpin",
            Self::Attach(_) => "attach",
            Self::Detach { .. } => "detach",
            Self::Resolve(_) => "resolve",
            Self::Undo { .. } => "undo",
            Self::Redo { .. } => "redo",
        }
    }
}

/// An expert verdict and the circumstances under which it was reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// Code of the verdict, see [`VerdictWord`].
    pub verdict: String,
    /// Codes of the reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Time that the parcel was current until the verdict, milliseconds.
    pub duration_ms: u64,
    /// The automatic verdict was hidden.
    #[serde(default)]
    pub blind: bool,
    /// Automatic verdict at that moment, also of a blind review: `green`, `yellow`, `red`; `None` without rules.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic: Option<String>,
    /// What was on screen.
    #[serde(default)]
    pub seen: Seen,
}

/// What was on screen when somebody decided.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seen {
    /// Acquisitions in the calendar, `2019-04-16T10:56:58Z S2A`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acquisitions: Vec<String>,
    /// The current one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub current: String,
    /// Calendar view, e.g. `B08,B11,B04`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub view: String,
    /// Stretch, `fixed`, `dynamic` or limits.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stretch: String,
    /// Name of the ruleset.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ruleset: String,
    /// Its content hash.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ruleset_hash: String,
    /// When the data of a server were fetched; `None` of local data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_of: Option<Timestamp>,
    /// Clear observations in the evidence window that were loaded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clear_in_window: Option<u32>,
    /// Entries of the pins that stood then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<EntryId>,
    /// Name of the queue that the parcel came from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub queue: String,
}

/// Something kept as evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pin {
    /// What is kept.
    pub what: Pinned,
    /// Calendar view of a chip.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub view: String,
    /// Stretch of a chip.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub stretch: String,
}

/// What a pin keeps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Pinned {
    /// The chip of an acquisition.
    Chip {
        /// Its time.
        acquired: Timestamp,
        /// `S2`, `S1-BS`, `S1-COH`.
        sensor: String,
    },
}

/// A photo of a parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Photo {
    /// File in the folder of photos beside the journal.
    pub file: String,
    /// BLAKE3 of its bytes, hexadecimal.
    pub hash: String,
    /// When it was taken, as the camera says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<String>,
    /// Degrees east and north, WGS 84.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<[f64; 2]>,
    /// Direction of view, degrees clockwise from north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<f64>,
}

/// A final verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resolved {
    /// Code of the verdict.
    pub verdict: String,
    /// Codes of the reasons.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
    /// Why, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Where a parcel stands in the review. A flag is beside it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// Nobody has decided.
    #[default]
    Open,
    /// Somebody wants to come back to it.
    Deferred,
    /// There is an expert verdict.
    Decided,
}

/// A verdict that counts now.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// The entry.
    pub entry: EntryId,
    /// When.
    pub time: Timestamp,
    /// The verdict.
    pub decided: Decided,
    /// Note of the same user on the parcel.
    pub note: String,
}

/// Everything that the entries of a parcel say.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParcelReview {
    /// Expert verdict of each user who has one, by user.
    pub opinions: BTreeMap<String, Opinion>,
    /// The latest expert verdict and who has it; what lists and maps show.
    pub latest: Option<(String, Opinion)>,
    /// Deferred since the last verdict.
    pub deferred: bool,
    /// Reason of the flag, and who set it.
    pub flag: Option<(String, String)>,
    /// Notes by user.
    pub notes: BTreeMap<String, String>,
    /// Pins that stand, in order.
    pub pins: Vec<(EntryId, Pin)>,
    /// Photos that stand, in order.
    pub photos: Vec<(EntryId, Photo)>,
    /// Final verdict, who gave it and when.
    pub resolved: Option<(String, Timestamp, Resolved)>,
    /// Places of all entries of the parcel in the journal, in order.
    pub entries: Vec<usize>,
}

impl ParcelReview {
    /// Open, deferred or decided.
    pub fn standing(&self) -> Standing {
        if self.deferred {
            Standing::Deferred
        } else if self.latest.is_some() {
            Standing::Decided
        } else {
            Standing::Open
        }
    }

    /// True when users have different verdicts and nobody has resolved it since.
    pub fn disputed(&self) -> bool {
        let mut verdicts = self.opinions.values().map(|own| own.decided.verdict.as_str());
        let first = verdicts.next();
        let differ = verdicts.any(|own| Some(own) != first);
        let newest = self.opinions.values().map(|own| own.time).max();
        differ && self.resolved.as_ref().is_none_or(|(_, time, _)| newest.is_some_and(|newest| newest > *time))
    }
}
