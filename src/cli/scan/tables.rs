//! What a series table is, and how it would be read.

use std::path::Path;

use crate::engine::indices::IndexSet;
use crate::io::tables::import::{Context, Preview, preview};
use crate::io::tables::{Kind, Table, Value};
use crate::model::TableSource;

/// One row for each thing understood: `column` (a role and its column), `signal` (a name and what it is taken for), `unit` (a signal
/// and how it is stored), `note`.
pub(super) fn table(paths: &[std::path::PathBuf]) -> anyhow::Result<Table> {
    let columns = ["path", "format", "kind", "name", "meaning"].map(|name| (name.to_owned(), Kind::Text)).to_vec();
    let mut rows = Vec::new();
    for path in paths {
        let said = TableSource { path: path.clone(), ..TableSource::default() };
        let indices = IndexSet::new(&[]).0.names();
        let found = preview(&said, &Context { indices: &indices, is_parcel: &|_| false })?;
        rows.extend(rows_of(path, &found));
    }
    Ok(Table { columns, rows })
}

fn rows_of(path: &Path, found: &Preview) -> Vec<Vec<Value>> {
    let mut told: Vec<(&str, String, String)> = Vec::new();
    told.extend(found.file_id.iter().map(|id| ("column", "id".to_owned(), format!("{id} (name of the file)"))));
    told.extend(found.roles.iter().map(|(role, column)| ("column", role.name().to_owned(), column.clone())));
    told.extend(found.names.iter().map(|(name, meaning)| ("signal", name.clone(), meaning.clone())));
    told.extend(found.signals.iter().map(|(signal, stored)| ("unit", signal.clone(), stored.name().to_owned())));
    told.extend(found.notes.iter().map(|note| ("note", String::new(), note.clone())));
    let text = |word: String| if word.is_empty() { Value::Empty } else { Value::Text(word) };
    let row = |(kind, name, meaning): (&str, String, String)| {
        vec![text(path.display().to_string()), text(found.format.clone()), text(kind.to_owned()), text(name), text(meaning)]
    };
    told.into_iter().map(row).collect()
}
