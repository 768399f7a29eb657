//! Decisions as a table: a row a parcel and user.

use std::collections::BTreeSet;

use crate::io::IoError;
use crate::io::tables::{Format, Kind, Table, Value, defused, encode};
use crate::model::review::ParcelReview;

/// Between codes of reasons in one cell.
pub const SEPARATOR: char = ';';

/// Columns of decisions.
pub(super) const COLUMNS: [(&str, Kind); 15] = [
    ("parcel_id", Kind::Text),
    ("automatic", Kind::Text),
    ("expert_user", Kind::Text),
    ("verdict", Kind::Text),
    ("reasons", Kind::Text),
    ("note", Kind::Text),
    ("time", Kind::Text),
    ("duration_s", Kind::Number),
    ("blind", Kind::Text),
    ("flag", Kind::Text),
    ("deferred", Kind::Text),
    ("final_verdict", Kind::Text),
    ("final_by", Kind::Text),
    ("final_note", Kind::Text),
    ("ruleset_hash", Kind::Text),
];

/// Decisions of given parcels, sorted by parcel and user. A parcel without any verdict or note has a row where it is flagged, deferred
/// or has a final verdict, and none where nothing stands.
pub fn table<'p>(parcels: impl IntoIterator<Item = (&'p str, &'p ParcelReview)>) -> Table {
    let mut parcels: Vec<_> = parcels.into_iter().collect();
    parcels.sort_by_key(|&(id, _)| id);
    let columns = COLUMNS.iter().map(|&(name, kind)| (name.to_owned(), kind)).collect();
    Table { columns, rows: parcels.into_iter().flat_map(|(id, state)| rows(id, state)).collect() }
}

/// [`table`] as CSV; texts that a spreadsheet program would run are defused.
pub fn csv<'p>(parcels: impl IntoIterator<Item = (&'p str, &'p ParcelReview)>) -> Result<Vec<u8>, IoError> {
    encode(&defused(&table(parcels)), Format::Csv)
}

fn rows(id: &str, state: &ParcelReview) -> Vec<Vec<Value>> {
    let mut users: BTreeSet<&str> = state.opinions.keys().chain(state.notes.keys()).map(String::as_str).collect();
    if users.is_empty() && (state.flag.is_some() || state.deferred || state.resolved.is_some()) {
        users.insert("");
    }
    users.into_iter().map(|user| row(id, user, state)).collect()
}

fn row(id: &str, user: &str, state: &ParcelReview) -> Vec<Value> {
    let text = |text: &str| if text.is_empty() { Value::Empty } else { Value::Text(text.to_owned()) };
    let truth = |value: bool| Value::Text(value.to_string());
    let opinion = state.opinions.get(user);
    let decided = opinion.map(|own| &own.decided);
    let flag = state.flag.as_ref().map_or("", |(reason, _)| reason);
    let resolved = state.resolved.as_ref();
    let mut reasons = String::new();
    for (place, code) in decided.iter().flat_map(|own| &own.reasons).enumerate() {
        if place > 0 {
            reasons.push(SEPARATOR);
        }
        reasons.push_str(code);
    }
    vec![
        Value::Text(id.to_owned()),
        text(decided.and_then(|own| own.automatic.as_deref()).unwrap_or("")),
        text(user),
        text(decided.map_or("", |own| own.verdict.as_str())),
        text(&reasons),
        text(state.notes.get(user).map_or("", String::as_str)),
        opinion.map_or(Value::Empty, |own| Value::Text(own.time.to_string())),
        decided.map_or(Value::Empty, |own| Value::Number(own.duration_ms as f64 / 1000.0)),
        decided.map_or(Value::Empty, |own| truth(own.blind)),
        text(flag),
        truth(state.deferred),
        text(resolved.map_or("", |(_, _, own)| own.verdict.as_str())),
        text(resolved.map_or("", |(by, _, _)| by.as_str())),
        text(resolved.map_or("", |(_, _, own)| own.note.as_str())),
        text(decided.map_or("", |own| own.seen.ruleset_hash.as_str())),
    ]
}
