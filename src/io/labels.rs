//! Labels of parcels: what inspectors found, by parcel id or by place.

use std::collections::BTreeMap;
use std::path::Path;

use crate::io::IoError;
use crate::io::facts::{self, Facts};
use crate::model::Parcels;

/// Names of the column of the label that are looked for; a Shapefile keeps ten letters of a name.
const LABEL_COLUMNS: [&str; 9] =
    ["label", "verdict", "expert_verdict", "expert_ver", "final_verdict", "final_verd", "compliant", "truth", "outcome"];

/// Labels of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// True for compliant parcels, false for others.
    pub labels: BTreeMap<String, bool>,
    /// Rows with an empty label, or one such as `inconclusive`.
    pub left_out: usize,
    /// Features outside all parcels.
    pub outside: usize,
}

/// What a word says of a parcel: true for compliant; `None` for a word that says neither.
pub fn compliant(word: &str) -> Option<bool> {
    match word.trim().to_lowercase().as_str() {
        "compliant" | "green" | "yes" | "true" | "1" | "ok" => Some(true),
        "non-compliant" | "non_compliant" | "noncompliant" | "red" | "no" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// True when a file has a column of labels; otherwise it may hold known events, see [`crate::io::truth`].
pub fn has_labels(path: &Path) -> bool {
    let labelled = |header: &Vec<String>| header.iter().any(|name| LABEL_COLUMNS.contains(&name.as_str()));
    // What cannot be read is told by whoever reads it.
    facts::headers(path).is_ok_and(|headers| headers.iter().any(labelled))
}

/// Reads a CSV file or a vector layer of labels.
///
/// A layer without an id column tells parcels by where its features lie in the outlines of `parcels`.
pub fn read(path: &Path, parcels: Option<&Parcels>) -> Result<Read, IoError> {
    let facts = Facts::read(path, "read the labels", &LABEL_COLUMNS)?;
    let label = facts.column(&LABEL_COLUMNS).ok_or_else(|| {
        let (names, has) = (LABEL_COLUMNS.join(", "), facts.header.join(", "));
        facts.header_fault(&format!("there is no column of labels; expected one of {names}; it has {has}"))
    })?;
    let ids = facts.ids(facts.id_column(None)?, parcels)?;
    let mut found = Read { labels: BTreeMap::new(), left_out: 0, outside: 0 };
    for (row, id) in facts.rows.iter().zip(ids) {
        let Some(id) = id else {
            found.outside += 1;
            continue;
        };
        let Some(own) = compliant(row.word(label)) else {
            found.left_out += 1;
            continue;
        };
        if found.labels.get(&id).is_some_and(|&other| other != own) {
            let fact = format!("parcel {id} has two labels that contradict each other");
            return Err(facts.row_fault(row, None, &fact));
        }
        found.labels.insert(id, own);
    }
    if found.labels.is_empty() {
        return Err(facts.fault("no row has a label such as compliant or non-compliant"));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::facts::samples;

    fn written(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        file
    }

    #[test]
    fn labels_are_read_by_id_and_others_left_out() {
        let file = written("parcel_id,label\n007,compliant\n8,Non-Compliant\n9,inconclusive\n10,\n");
        assert!(has_labels(file.path()));
        let labels = [("007".to_owned(), true), ("8".to_owned(), false)].into();
        assert_eq!(read(file.path(), None).expect("labels"), Read { labels, left_out: 2, outside: 0 });
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_line() {
        let fault = |text: &str| read(written(text).path(), None).expect_err("refused").to_string();
        assert!(fault("parcel_id,colour\n1,red\n").contains("line 1: there is no column of labels; expected one of label,"));
        assert!(fault("plot,label\n1,red\n").contains("line 1: it has no id column; expected one of parcel_id, plot_id"));
        assert!(fault("id,label\n1,red\n1,green\n").contains("line 3: parcel 1 has two labels"));
        assert!(fault("id,label\n,red\n").contains("line 2: the parcel id is empty"));
        assert!(fault("id,label\n1,maybe\n").contains("no row has a label"));
        assert!(!has_labels(Path::new("nowhere.csv")));
    }

    /// A layer of points, whatever the file's name says.
    fn layer(features: &[(Option<f64>, &str)]) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
        samples::geojson(file.path(), features);
        file
    }

    #[test]
    fn labels_of_a_layer_belong_to_parcels_by_id_or_by_place() {
        let by_id = layer(&[(Some(9e4), r#"{"plot_id":"007","verdict":"green"}"#), (None, r#"{"plot_id":"8","verdict":"red"}"#)]);
        assert!(has_labels(by_id.path()));
        let labels: BTreeMap<String, bool> = [("007".to_owned(), true), ("8".to_owned(), false)].into();
        let expected = Read { labels, left_out: 0, outside: 0 };
        assert_eq!(read(by_id.path(), None).expect("labels"), expected);
        let by_place = layer(&[
            (Some(150.0), r#"{"compliant":false}"#),
            (Some(20.0), r#"{"compliant":true}"#),
            (Some(30.0), r#"{"compliant":true}"#),
            (Some(300.0), r#"{"compliant":false}"#),
            (None, r#"{"compliant":false}"#),
        ]);
        let parcels = samples::parcels();
        assert_eq!(read(by_place.path(), Some(&parcels)).expect("labels"), Read { outside: 2, ..expected });
        let told = read(by_place.path(), None).expect_err("nothing to place them in").to_string();
        assert!(told.contains("layer “seen”: it has no id column, and there are no parcel outlines"), "{told}");
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_layer() {
        let parcels = samples::parcels();
        let fault = |features: &[(Option<f64>, &str)]| {
            let file = layer(features);
            let told = read(file.path(), Some(&parcels)).expect_err("refused").to_string();
            assert!(told.starts_with("cannot read the labels: ") && told.contains(&*file.path().to_string_lossy()), "{told}");
            told
        };
        for (features, expected) in [
            (vec![(Some(20.0), r#"{"colour":"red"}"#)], "layer “seen”: there is no column of labels; expected one of label, "),
            (vec![(None, r#"{"label":"red"}"#)], "layer “seen”: it has no id column; expected one of parcel_id, "),
            (vec![(Some(300.0), r#"{"label":"red"}"#)], "layer “seen”: none of its 1 features lies in a parcel; expected"),
            (
                vec![(Some(20.0), r#"{"label":"red"}"#), (Some(30.0), r#"{"label":"green"}"#)],
                "layer “seen”, feature 1: parcel 007 has two labels",
            ),
            (vec![], "it has no feature"),
        ] {
            let told = fault(&features);
            assert!(told.contains(expected), "{told}");
        }
    }

    #[test]
    fn of_several_layers_of_a_geopackage_the_labelled_one_counts_and_areas_go_where_they_share_most() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("checks.gpkg");
        let inspected: [(f64, &str); 2] = [(-20.0, "compliant"), (90.0, "red")];
        samples::geopackage(&path, &[("notes", "text", &[(0.0, "a")]), ("inspected", "label", &inspected)]);
        assert!(has_labels(&path));
        let labels = [("007".to_owned(), true), ("8".to_owned(), false)].into();
        assert_eq!(read(&path, Some(&samples::parcels())).expect("labels"), Read { labels, left_out: 0, outside: 0 });
    }
}
