//! Labels of parcels: what inspectors found, by parcel id.

use std::collections::BTreeMap;
use std::path::Path;

use crate::io::IoError;

/// Names of the id column that are looked for.
const ID_COLUMNS: [&str; 5] = ["parcel_id", "plot_id", "FID", "ID", "id"];
/// Names of the column of the label that are looked for.
const LABEL_COLUMNS: [&str; 7] = ["label", "verdict", "expert_verdict", "final_verdict", "compliant", "truth", "outcome"];

/// What a word says of a parcel: true for compliant; `None` for a word that says neither.
pub fn compliant(word: &str) -> Option<bool> {
    match word.trim().to_lowercase().as_str() {
        "compliant" | "green" | "yes" | "true" | "1" | "ok" => Some(true),
        "non-compliant" | "non_compliant" | "noncompliant" | "red" | "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// True when a CSV file has a column of labels; otherwise it may hold known events, see [`crate::io::truth`].
pub fn has_labels(path: &Path) -> bool {
    let header = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).and_then(|mut reader| reader.headers().cloned());
    // What cannot be read is told by whoever reads it.
    header.is_ok_and(|header| header.iter().any(|name| LABEL_COLUMNS.contains(&name)))
}

/// Reads a CSV file of labels: true for compliant parcels, false for others. Rows with an empty label, or one such as `inconclusive`, are
/// left out and counted.
pub fn read(path: &Path) -> Result<(BTreeMap<String, bool>, usize), IoError> {
    let failed = |fact: String| IoError::File { operation: "read the labels".to_owned(), fact, path: path.to_owned() };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(|error| failed(error.to_string()))?;
    let header = reader.headers().map_err(|error| failed(error.to_string()))?.clone();
    let column = |names: &[&str], what: &str| {
        let found = names.iter().find_map(|name| header.iter().position(|own| own == *name));
        found.ok_or_else(|| failed(format!("line 1: there is no column of {what}; expected one of {}", names.join(", "))))
    };
    let (id, label) = (column(&ID_COLUMNS, "parcel ids")?, column(&LABEL_COLUMNS, "labels")?);
    let mut labels = BTreeMap::new();
    let mut left_out = 0;
    for row in reader.records() {
        let row = row.map_err(|error| failed(error.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        let (id, word) = (row.get(id).unwrap_or_default(), row.get(label).unwrap_or_default());
        if id.is_empty() {
            return Err(failed(format!("line {line}: the parcel id is empty")));
        }
        let Some(own) = compliant(word) else {
            left_out += 1;
            continue;
        };
        if labels.insert(id.to_owned(), own).is_some_and(|other| other != own) {
            return Err(failed(format!("line {line}: parcel {id} has two labels that contradict each other")));
        }
    }
    if labels.is_empty() {
        return Err(failed("no row has a label such as compliant or non-compliant".to_owned()));
    }
    Ok((labels, left_out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        file
    }

    #[test]
    fn labels_are_read_by_id_and_others_left_out() {
        let file = written("parcel_id,label\n007,compliant\n8,Non-Compliant\n9,inconclusive\n10,\n");
        assert!(has_labels(file.path()));
        let (labels, left_out) = read(file.path()).expect("labels");
        assert_eq!((labels, left_out), ([("007".to_owned(), true), ("8".to_owned(), false)].into(), 2));
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_line() {
        let fault = |text: &str| read(written(text).path()).expect_err("refused").to_string();
        assert!(fault("parcel_id,colour\n1,red\n").contains("line 1: there is no column of labels; expected one of label,"));
        assert!(fault("id,label\n1,red\n1,green\n").contains("line 3: parcel 1 has two labels"));
        assert!(fault("id,label\n,red\n").contains("line 2: the parcel id is empty"));
        assert!(fault("id,label\n1,maybe\n").contains("no row has a label"));
        assert!(!has_labels(Path::new("nowhere.csv")));
    }
}
