//! Ids of parcels as names of files: safe on every system, the same whoever makes them.

use std::collections::BTreeMap;

/// Longest part of an id that is kept, characters.
const MOST: usize = 80;

/// Digits of the hash that tells apart ids whose names would be equal.
const DIGITS: usize = 8;

/// Names that Windows keeps for devices, with any ending.
const RESERVED: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// Names of files for ids, in their order and all different, also where letters of both cases are the same.
///
/// An id of at most 80 ASCII letters, digits, `_` and `-` is its own name. In any other these are what is left, everything else is `_`,
/// and the first eight digits of the id's BLAKE3 hash follow. So do they where two ids differ in case only; of ids that occur
/// more than once the second has `-2` after that.
pub fn file_names(ids: &[&str]) -> Vec<String> {
    let mut folded: BTreeMap<String, usize> = BTreeMap::new();
    let plain: Vec<(String, bool)> = ids.iter().map(|id| plain(id)).collect();
    for (name, _) in &plain {
        *folded.entry(name.to_ascii_lowercase()).or_default() += 1;
    }
    let alone = |name: &str| folded.get(&name.to_ascii_lowercase()) == Some(&1);
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let name = |(id, (name, same)): (&&str, &(String, bool))| {
        let own = if *same && alone(name) { name.clone() } else { format!("{name}-{}", hash(id)) };
        let count = taken.entry(own.to_ascii_lowercase()).or_default();
        *count += 1;
        if *count == 1 { own } else { format!("{own}-{count}") }
    };
    ids.iter().zip(&plain).map(name).collect()
}

/// What of an id can stand in a name, and whether that is the id itself.
fn plain(id: &str) -> (String, bool) {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '_' || c == '-' { c } else { '_' };
    let mut name: String = id.chars().take(MOST).map(safe).collect();
    if name.is_empty() || name.starts_with('-') {
        // A name that begins with a dash is an option to many programs.
        name.insert(0, '_');
    }
    let same = name == id && !is_reserved(&name);
    (name, same)
}

/// `CON`, `nul`, `COM1`: with the hash after it a name is none of these.
fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let stem = name.trim_end_matches(|c: char| c.is_ascii_digit());
    RESERVED.contains(&stem) && name.len() <= stem.len() + 1
}

fn hash(id: &str) -> String {
    blake3::hash(id.as_bytes()).to_hex().chars().take(DIGITS).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_ids_are_their_own_names() {
        assert_eq!(
            file_names(&["FLAPAJ013", "007", "a_b-c", "COMPOST", "LPT12"]),
            ["FLAPAJ013", "007", "a_b-c", "COMPOST", "LPT12"]
        );
    }

    #[test]
    fn hostile_ids_stay_in_their_folder_and_apart_from_each_other() {
        let names = file_names(&["../x", "CON", "a/b", "a\\b", "=1+1", "", "-rf", "com1", "x.", "é"]);
        for name in &names {
            assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-'), "{name}");
            assert!(!name.starts_with('-') && !is_reserved(name) && !name.is_empty(), "{name}");
        }
        assert!(names[0].starts_with("___x-") && names[1].starts_with("CON-") && names[2].starts_with("a_b-"), "{names:?}");
        assert_ne!(names[2], names[3]);
    }

    #[test]
    fn ids_that_differ_in_case_only_or_not_at_all_have_names_of_their_own() {
        let names = file_names(&["a1", "A1", "b", "b"]);
        let folded: BTreeSet<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
        assert_eq!(folded.len(), 4, "{names:?}");
        assert!(names[3].ends_with("-2"), "{names:?}");
    }

    proptest! {
        #[test]
        fn names_are_always_different(ids in proptest::collection::vec(".{0,6}", 0..20)) {
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            let names: BTreeSet<String> = file_names(&ids).into_iter().map(|name| name.to_ascii_lowercase()).collect();
            prop_assert_eq!(names.len(), ids.len());
        }
    }
}
