//! Guessing which columns hold the parcel id, the crop code and the crop name.
//!
//! Names come from the registers and tools that users bring files from: JRC's tools (`gsa_par_id`, `pid`, `CT`, `cropname`), `Sen4CAP`
//! (`NewID`), fiboa (`id`, `crop:code`, `crop:name`), `EuroCrops`, and the national files of the Netherlands, Austria,
//! Finland, Denmark, Flanders, Portugal and France.

use super::ColumnInfo;
use super::source::FEATURE_NUMBER;

/// Best first.
const ID: &[&str] = &[
    "parcel_id",
    "parcelid",
    "gsa_par_id",
    "gsaa_id",
    "lpis_id",
    "pid",
    "newid",
    "id",
    "ref_id",
    "geo_id",
    "tunnus",
    "id_parcel",
    "cul_id",
    "inspire_id",
    "gml_id",
    "objectid",
    "fid",
    "ogc_fid",
];

const CROP_CODE: &[&str] = &[
    "crop_code",
    "cropcode",
    "ct",
    "gewascode",
    "gwscod_h",
    "snar_code",
    "kasvikoodi",
    "afgkode",
    "cul_codigo",
    "code_cultu",
    "ec_hcat_c",
    "crop_id",
    "crop",
];

const CROP_NAME: &[&str] = &[
    "crop_name",
    "cropname",
    "gewas",
    "gwsnam_h",
    "snar_bezeichnung",
    "kasvikoodi_selite_fi",
    "afgroede",
    "ct_português",
    "ec_trans_n",
    "ec_hcat_n",
    "culture",
    "crop_type",
    "croptype",
    "crop",
];

/// Column names in lower case with `:`, `-` and spaces as `_`, so that `crop:code` and `Crop code` are the same.
fn plain(name: &str) -> String {
    name.to_lowercase().replace([':', '-', ' ', '.'], "_")
}

fn first(columns: &[ColumnInfo], names: &[&str], fits: impl Fn(usize) -> bool) -> Option<String> {
    names.iter().find_map(|name| {
        let found = columns.iter().enumerate().find(|(at, column)| plain(&column.name) == *name && fits(*at));
        found.map(|(_, column)| column.name.clone())
    })
}

/// The id column: a known name without repeated or missing values in the first rows; else the feature number.
/// `unique[c]` tells that of column `c`.
pub(super) fn id(columns: &[ColumnInfo], unique: &[bool]) -> Option<String> {
    let certain = first(columns, ID, |at| unique.get(at).copied().unwrap_or(false));
    // A name that can mean nothing else stays the best guess even when some values repeat: the report then lists them.
    let named = || first(columns, &ID[..6], |_| true);
    certain.or_else(named).or_else(|| Some(FEATURE_NUMBER.to_owned()))
}

/// The crop code column.
pub(super) fn crop_code(columns: &[ColumnInfo], name: Option<&str>) -> Option<String> {
    first(columns, CROP_CODE, |at| Some(columns[at].name.as_str()) != name)
}

/// The crop name column; words rather than numbers.
pub(super) fn crop_name(columns: &[ColumnInfo]) -> Option<String> {
    first(columns, CROP_NAME, |at| {
        let samples = &columns[at].samples;
        columns[at].kind == "text" && (samples.is_empty() || samples.iter().any(|sample| sample.chars().any(char::is_alphabetic)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[(&str, &str, &str)]) -> Vec<ColumnInfo> {
        let column = |&(name, kind, sample): &(&str, &str, &str)| ColumnInfo {
            name: name.to_owned(),
            kind: kind.to_owned(),
            samples: vec![sample.to_owned()],
        };
        names.iter().map(column).collect()
    }

    #[test]
    fn names_of_tools_and_registers_are_known_in_any_spelling() {
        for name in ["Parcel_ID", "gsa_par_id", "pid", "ID", "NewID", "REF_ID", "GEO_ID", "TUNNUS"] {
            assert_eq!(id(&columns(&[("x", "text", "1"), (name, "integer", "1")]), &[true, true]).as_deref(), Some(name));
        }
        for name in ["crop:code", "CT", "crop_code", "GWSCOD_H", "Afgkode"] {
            assert_eq!(crop_code(&columns(&[(name, "text", "1")]), None).as_deref(), Some(name));
        }
        for name in ["crop:name", "cropname", "gewas", "CT_português"] {
            assert_eq!(crop_name(&columns(&[(name, "text", "Maize")])).as_deref(), Some(name));
        }
    }

    #[test]
    fn a_repeating_id_column_is_passed_over_for_a_unique_one() {
        let table = columns(&[("id", "integer", "1"), ("OBJECTID", "integer", "1")]);
        assert_eq!(id(&table, &[false, true]).as_deref(), Some("OBJECTID"));
        assert_eq!(id(&columns(&[("Marknr", "text", "1-0")]), &[false]).as_deref(), Some("fid"));
        assert_eq!(id(&columns(&[("parcel_id", "text", "DUP")]), &[false]).as_deref(), Some("parcel_id"));
    }

    #[test]
    fn one_crop_column_is_a_name_when_it_holds_words_and_a_code_when_it_holds_numbers() {
        let words = columns(&[("crop", "text", "Maize")]);
        assert_eq!(crop_name(&words).as_deref(), Some("crop"));
        assert_eq!(crop_code(&words, Some("crop")), None);
        let numbers = columns(&[("crop", "text", "201")]);
        assert_eq!(crop_name(&numbers), None);
        assert_eq!(crop_code(&numbers, None).as_deref(), Some("crop"));
    }
}
