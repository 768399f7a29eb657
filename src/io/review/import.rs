//! Decisions from a CSV file of another program, or of a colleague.

use std::path::Path;

use jiff::Timestamp;

use crate::io::IoError;
use crate::model::review::{Need, ReviewForm};
use crate::model::spreadsheet::restored;

use super::SEPARATOR;

/// A row that can be taken over.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedDecision {
    /// Line in the file, from 1.
    pub line: u64,
    /// Id of the parcel.
    pub parcel: String,
    /// Code of the verdict.
    pub verdict: String,
    /// Codes of the reasons.
    pub reasons: Vec<String>,
    /// Note; empty without one.
    pub note: String,
    /// Who decided, if the file says so.
    pub user: Option<String>,
    /// When, if the file says so.
    pub time: Option<Timestamp>,
    /// Automatic verdict at that moment, if the file says so.
    pub automatic: Option<String>,
    /// How long it took, milliseconds; 0 where the file does not say.
    pub duration_ms: u64,
    /// The automatic verdict was hidden.
    pub blind: bool,
}

/// A row that cannot be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFault {
    /// Line in the file, from 1.
    pub line: u64,
    /// Why not.
    pub reason: String,
}

/// A file of decisions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Import {
    /// Rows that can be taken over, as they come.
    pub decisions: Vec<ImportedDecision>,
    /// Rows that cannot.
    pub faults: Vec<RowFault>,
    /// Rows without verdict: of parcels that were only flagged, say.
    pub without_verdict: usize,
    /// Columns that are not used.
    pub left_out: Vec<String>,
}

/// Columns, each with the names that it may have.
const NAMES: [&[&str]; 9] = [
    &["parcel_id"],
    &["verdict", "expert_verdict"],
    &["reasons", "reason"],
    &["note"],
    &["user", "expert_user"],
    &["time", "time_utc"],
    &["automatic"],
    &["duration_s"],
    &["blind"],
];

/// Reads decisions: `parcel_id, verdict` and where they are there `reasons` (codes with `;` between), `note`, `user`, `time`.
///
/// `knows` says whether there is a parcel of an id. A file that is no such table is an error, a row that says something wrong a fault.
pub fn import(path: &Path, form: &ReviewForm, knows: impl Fn(&str) -> bool) -> Result<Import, IoError> {
    let failed = |fact: String| IoError::File { operation: "read the decisions".to_owned(), fact, path: path.to_owned() };
    let mut reader = csv::ReaderBuilder::new().from_path(path).map_err(|error| failed(error.to_string()))?;
    let header: Vec<String> = reader
        .headers()
        .map_err(|error| failed(error.to_string()))?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
        .collect();
    let places = NAMES.map(|names| header.iter().position(|own| names.contains(&own.as_str())));
    for (place, names) in places.iter().zip(NAMES).take(2) {
        if place.is_none() {
            return Err(failed(format!("line 1: there is no column {}; there are {}", names.join(" or "), header.join(", "))));
        }
    }
    let used: Vec<usize> = places.iter().flatten().copied().collect();
    let left_out = header.iter().enumerate().filter(|(at, _)| !used.contains(at)).map(|(_, name)| name.clone()).collect();
    let mut found = Import { left_out, ..Import::default() };
    for row in reader.records() {
        let row = row.map_err(|error| failed(error.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        let cells = places.map(|place| place.and_then(|at| row.get(at)).map(restored).unwrap_or_default());
        if cells[1].trim().is_empty() {
            found.without_verdict += 1;
            continue;
        }
        match decision(line, cells, form, &knows) {
            Ok(own) => found.decisions.push(own),
            Err(reason) => found.faults.push(RowFault { line, reason }),
        }
    }
    Ok(found)
}

fn decision(line: u64, cells: [&str; 9], form: &ReviewForm, knows: impl Fn(&str) -> bool) -> Result<ImportedDecision, String> {
    let [parcel, verdict, reasons, note, user, time, automatic, duration, blind] = cells;
    let some = |word: &str| (!word.is_empty()).then(|| word.to_owned());
    let [verdict, user, time, automatic] = [verdict, user, time, automatic].map(str::trim);
    // Ids are texts: a blank at their end may be part of them, one that is not is tried without.
    let parcel = if knows(parcel) { parcel } else { parcel.trim() };
    if !knows(parcel) {
        return Err(format!("there is no parcel “{parcel}”"));
    }
    let Some(word) = form.verdict(verdict) else {
        let known: Vec<&str> = form.verdicts.iter().map(|own| own.code.as_str()).collect();
        return Err(format!("there is no verdict “{verdict}”; there are {}", known.join(", ")));
    };
    let reasons: Vec<String> =
        reasons.split(SEPARATOR).map(str::trim).filter(|code| !code.is_empty()).map(str::to_owned).collect();
    let allowed: Vec<&str> = form.reasons_of(verdict).map(|own| own.code.as_str()).collect();
    if let Some(code) = reasons.iter().find(|code| !allowed.contains(&code.as_str())) {
        let known = if allowed.is_empty() { "it has none".to_owned() } else { format!("it has {}", allowed.join(", ")) };
        return Err(format!("“{code}” is no reason for the verdict {verdict}; {known}"));
    }
    if word.reason == Need::Required && reasons.is_empty() {
        return Err(format!("the verdict {verdict} needs a reason: one of {}", allowed.join(", ")));
    }
    let time = if time.is_empty() {
        None
    } else {
        Some(time.parse().map_err(|_no_time| format!("“{time}” is no time; expected e.g. 2026-05-04T10:30:00Z"))?)
    };
    let automatic = match automatic {
        "" | "green" | "yellow" | "red" => some(automatic),
        other => return Err(format!("“{other}” is no automatic verdict; expected green, yellow or red")),
    };
    let seconds: f64 = match duration.trim() {
        "" => 0.0,
        word => word
            .parse()
            .ok()
            .filter(|own: &f64| (0.0..1e9).contains(own))
            .ok_or_else(|| format!("“{word}” is no duration; expected seconds such as 12.5"))?,
    };
    let blind = match blind.trim() {
        "" | "false" | "0" => false,
        "true" | "1" => true,
        other => return Err(format!("“{other}” in the column blind is neither true nor false")),
    };
    Ok(ImportedDecision {
        line,
        parcel: parcel.to_owned(),
        verdict: verdict.to_owned(),
        reasons,
        note: note.to_owned(),
        user: some(user),
        time,
        automatic,
        duration_ms: (seconds * 1000.0).round() as u64,
        blind,
    })
}
