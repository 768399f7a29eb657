//! Journals as people write them.

use std::path::Path;

use jiff::Timestamp;
use parcelight::model::review::{Act, Decided, Entry, Resolved, Seen};
use parcelight::store::decisions::{Draft, Journal};

/// An expert verdict with a reason, found in so many seconds after the automatic verdict.
pub fn decide(verdict: &str, reason: &str, automatic: &str, seconds: u64) -> Act {
    Act::Decide(Box::new(Decided {
        verdict: verdict.to_owned(),
        reasons: (!reason.is_empty()).then(|| reason.to_owned()).into_iter().collect(),
        duration_ms: seconds * 1000,
        blind: seconds > 20,
        automatic: (!automatic.is_empty()).then(|| automatic.to_owned()),
        seen: Seen { ruleset_hash: "abc123".to_owned(), ..Seen::default() },
    }))
}

/// A final verdict.
pub fn resolve(verdict: &str, note: &str) -> Act {
    Act::Resolve(Box::new(Resolved { verdict: verdict.to_owned(), reasons: Vec::new(), note: note.to_owned() }))
}

/// A note.
pub fn note(text: &str) -> Act {
    Act::Note { text: text.to_owned() }
}

/// Writes acts of a person to a journal, one a minute from a time on.
pub fn write(path: &Path, user: &str, from: &str, acts: &[(&str, Act)]) -> Vec<Entry> {
    let mut journal = Journal::open(path).expect("opened");
    let from: Timestamp = from.parse().expect("a time");
    let entries = acts.iter().enumerate().map(|(minute, (parcel, act))| {
        let now = from + jiff::Span::new().minutes(minute as i64);
        let draft = Draft { parcel: (*parcel).to_owned(), user: user.to_owned(), act: act.clone() };
        journal.append(draft, now).expect("stored")
    });
    entries.collect()
}
