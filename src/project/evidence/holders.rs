//! Holders of parcels: whose land it is belongs to nobody who only checks a sheet, so that packs name them by pseudonyms.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rustls::crypto::ring;
use serde::{Deserialize, Serialize};

use crate::model::review::{Act, Entry};
use crate::model::{ParcelIx, Parcels};

/// What becomes of the ids of holders.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holders {
    /// Written as they are.
    Keep,
    /// A pseudonym stands for each, the same in every pack of the project.
    #[default]
    Replace,
    /// Left out.
    Omit,
}

/// Bytes of the key of pseudonyms.
const KEY_BYTES: usize = 32;

/// Digits of a pseudonym after `H-`: with a million holders two of them are the same in one of 10⁶ projects.
const DIGITS: usize = 14;

/// Parts of column names that tell of a holder.
const WORDS: [&str; 13] = [
    "holder",
    "holding",
    "farmer",
    "farm",
    "applicant",
    "beneficiary",
    "business",
    "owner",
    "producer",
    "claimant",
    "client",
    "hol",
    "exploitation",
];

/// Shorter ids are not looked for in notes: a `7` there is a seven.
const LEAST_IN_TEXT: usize = 4;

/// Columns that hold ids of holders: those named, or else those whose name looks like it. Columns by their place.
///
/// Fails when a named column is not there.
pub fn columns(parcels: &Parcels, named: &[String]) -> anyhow::Result<Vec<usize>> {
    let heads = parcels.columns();
    if named.is_empty() {
        return Ok((0..heads.len()).filter(|&at| looks_like_holder(&heads[at].name)).collect());
    }
    let find = |name: &String| {
        heads.iter().position(|head| head.name == *name).with_context(|| {
            let known: Vec<&str> = heads.iter().map(|head| head.name.as_str()).collect();
            format!("the parcel layer has no column “{name}” with holders; it has {}", known.join(", "))
        })
    };
    named.iter().map(find).collect()
}

/// `holding_id`, `gsa_hol_id`, `FarmerID`, `BUSINESS_NO`.
fn looks_like_holder(name: &str) -> bool {
    let mut spaced = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            spaced.push(' ');
        }
        spaced.extend(if c.is_alphanumeric() { c.to_lowercase().collect::<Vec<_>>() } else { vec![' '] });
        before = c;
    }
    spaced.split_whitespace().any(|word| WORDS.contains(&word.trim_end_matches("id")) || WORDS.contains(&word))
}

/// What stands for the holders of parcels.
#[derive(Debug, Clone)]
pub struct Pseudonyms {
    /// What becomes of ids.
    pub policy: Holders,
    /// Columns with ids, by place.
    pub columns: Vec<usize>,
    key: [u8; KEY_BYTES],
}

impl Pseudonyms {
    /// For some columns. The key is used with [`Holders::Replace`] only.
    pub fn new(policy: Holders, columns: Vec<usize>, key: [u8; KEY_BYTES]) -> Self {
        Self { policy, columns, key }
    }

    /// What is written for an id; `None` where it is left out.
    pub fn of(&self, id: &str) -> Option<String> {
        match self.policy {
            Holders::Keep => Some(id.to_owned()),
            Holders::Omit => None,
            Holders::Replace => {
                let hash = blake3::keyed_hash(&self.key, id.as_bytes()).to_hex();
                Some(format!("H-{}", &hash.as_str()[..DIGITS]))
            }
        }
    }

    /// A word by which two keys can be compared without being told.
    pub fn key_check(&self) -> String {
        blake3::keyed_hash(&self.key, b"the key of these pseudonyms").to_hex().as_str()[..16].to_owned()
    }

    /// Ids of a parcel's holders, as the layer has them: names of the columns and what is in them.
    fn ids(&self, parcels: &Parcels, parcel: ParcelIx) -> Vec<(String, String)> {
        let value = |&at: &usize| {
            let head = &parcels.columns()[at];
            let text = if head.number {
                let number = parcels.number(at, parcel);
                number.is_finite().then(|| number.to_string())
            } else {
                parcels.text(at, parcel).map(|text| text.trim().to_owned())
            };
            text.filter(|text| !text.is_empty()).map(|text| (head.name.clone(), text))
        };
        self.columns.iter().filter_map(value).collect()
    }

    /// What a sheet says of a parcel's holders: names of the columns and what stands for the ids.
    pub fn facts(&self, parcels: &Parcels, parcel: ParcelIx) -> Vec<(String, String)> {
        let ids = self.ids(parcels, parcel).into_iter();
        ids.filter_map(|(name, id)| Some((name, self.of(&id)?))).collect()
    }

    /// True when the id of a parcel contains the id of its holder.
    pub fn in_id(&self, parcels: &Parcels, parcel: ParcelIx) -> bool {
        let id = parcels.id(parcel);
        self.ids(parcels, parcel).iter().any(|(_, own)| own.chars().count() >= LEAST_IN_TEXT && id.contains(own.as_str()))
    }

    /// Entries of parcels as they may leave the project: ids of holders in what people wrote are replaced as well.
    ///
    /// Only ids of at least four characters that stand alone are found; a name that is no attribute of the layer is not.
    pub fn cleaned(&self, parcels: &Parcels, chosen: &[ParcelIx], entries: &[Entry]) -> Vec<Entry> {
        if self.policy == Holders::Keep || self.columns.is_empty() {
            return entries.to_vec();
        }
        let mut known: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for &parcel in chosen {
            let ids = self.ids(parcels, parcel).into_iter().map(|(_, id)| id);
            known.entry(parcels.id(parcel)).or_default().extend(ids.filter(|id| id.chars().count() >= LEAST_IN_TEXT));
        }
        let clean = |entry: &Entry| match known.get(entry.parcel.as_str()) {
            Some(ids) if !ids.is_empty() => self.entry(entry, ids),
            _ => entry.clone(),
        };
        entries.iter().map(clean).collect()
    }

    fn entry(&self, entry: &Entry, ids: &BTreeSet<String>) -> Entry {
        let mut entry = entry.clone();
        match &mut entry.act {
            Act::Flag { reason } => *reason = self.text(reason, ids),
            Act::Note { text } => *text = self.text(text, ids),
            Act::Resolve(own) => own.note = self.text(&own.note, ids),
            Act::Decide(_)
            | Act::Clear
            | Act::Defer
            | Act::Unflag
            | Act::Pin(_)
            | Act::Unpin { .. }
            | Act::Attach(_)
            | Act::Detach { .. }
            | Act::Undo { .. }
            | Act::Redo { .. } => {}
        }
        entry
    }

    /// A text with ids that stand alone replaced, the longest first.
    fn text(&self, text: &str, ids: &BTreeSet<String>) -> String {
        let mut ids: Vec<&String> = ids.iter().collect();
        ids.sort_by_key(|id| std::cmp::Reverse(id.len()));
        let mut text = text.to_owned();
        for id in ids {
            let instead = self.of(id).unwrap_or_else(|| "[holder]".to_owned());
            let mut from = 0;
            while let Some(found) = text[from..].find(id.as_str()).map(|at| at + from) {
                let end = found + id.len();
                let joined = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                if joined(text[..found].chars().next_back()) || joined(text[end..].chars().next()) {
                    from = end;
                } else {
                    text.replace_range(found..end, &instead);
                    from = found + instead.len();
                }
            }
        }
        text
    }
}

/// The file with the key of pseudonyms: beside the journal of a project.
pub fn key_file(journal: &Path) -> PathBuf {
    let name = journal.file_name().and_then(|name| name.to_str()).unwrap_or("project");
    let stem = name.strip_suffix(".decisions.sqlite").or_else(|| name.strip_suffix(".sqlite")).unwrap_or(name);
    journal.with_file_name(format!("{stem}.holders.key"))
}

/// The key of a project; nothing when none was drawn yet.
pub fn read_key(file: &Path) -> anyhow::Result<Option<[u8; KEY_BYTES]>> {
    let told = || format!("cannot read the key of the holders' pseudonyms ({})", file.display());
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(told),
    };
    let key = blake3::Hash::from_hex(text.trim()).with_context(|| {
        format!(
            "cannot use the key of the holders' pseudonyms: expected 64 hexadecimal digits; restore the file from a backup, or remove it \
             to draw another key, with which all pseudonyms change ({})",
            file.display()
        )
    })?;
    Ok(Some(*key.as_bytes()))
}

/// The key of a project, drawn when there is none yet. Of two programs that draw at the same time the first one's is used by both.
pub fn key(file: &Path) -> anyhow::Result<[u8; KEY_BYTES]> {
    if let Some(key) = read_key(file)? {
        return Ok(key);
    }
    let told = || {
        format!(
            "cannot keep the key of the holders' pseudonyms; make the folder writable, or leave holders out ({})",
            file.display()
        )
    };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Readable by its owner only, as the library makes temporary files.
    let mut written = tempfile::NamedTempFile::new_in(folder).with_context(told)?;
    let mut key = [0; KEY_BYTES];
    let drawn = ring::default_provider().secure_random.fill(&mut key);
    drawn.map_err(|_unavailable| {
        anyhow::anyhow!("cannot draw a key for pseudonyms: the operating system gives no random numbers")
    })?;
    let text = blake3::Hash::from_bytes(key).to_hex();
    writeln!(written, "{text}").and_then(|()| written.as_file().sync_all()).with_context(told)?;
    match written.persist_noclobber(file) {
        Ok(_) => Ok(key),
        Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => read_key(file)?.with_context(told),
        Err(error) => Err(error.error).with_context(told),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Crs;
    use crate::model::parcels::{Column, ParcelRow, ParcelsBuilder, Values};

    fn parcels() -> Parcels {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for id in ["P1", "P2", "P3"] {
            builder.push(ParcelRow { id: id.to_owned(), ..ParcelRow::default() });
        }
        let texts = |values: [Option<&str>; 3]| Values::Text(values.map(|value| value.map(Box::from)).to_vec());
        builder.finish(vec![
            Column { name: "holding_id".to_owned(), values: texts([Some("BE4711"), Some("BE4711"), None]) },
            Column { name: "soil".to_owned(), values: texts([Some("loam"), None, None]) },
        ])
    }

    fn pseudonyms(policy: Holders, key: u8) -> Pseudonyms {
        let parcels = parcels();
        Pseudonyms::new(policy, columns(&parcels, &[]).expect("guessed"), [key; KEY_BYTES])
    }

    fn facts(policy: Holders, key: u8, parcel: u32) -> Vec<(String, String)> {
        pseudonyms(policy, key).facts(&parcels(), ParcelIx(parcel))
    }

    #[test]
    fn columns_of_holders_are_known_by_their_names() {
        for name in ["holding_id", "gsa_hol_id", "FarmerID", "BUSINESS_NO", "applicant", "Owner name", "holderid"] {
            assert!(looks_like_holder(name), "{name}");
        }
        for name in ["parcel_id", "crop_name", "hole", "household", "area_ha", "clientele"] {
            assert!(!looks_like_holder(name), "{name}");
        }
        assert_eq!(columns(&parcels(), &["soil".to_owned()]).expect("named"), [1]);
        let fault = columns(&parcels(), &["nope".to_owned()]).expect_err("unknown").to_string();
        assert!(fault.contains("nope") && fault.contains("holding_id"), "{fault}");
    }

    #[test]
    fn a_pseudonym_is_stable_the_same_for_one_holder_and_another_under_another_key() {
        let one = facts(Holders::Replace, 1, 0);
        assert_eq!((one.len(), one[0].0.as_str()), (1, "holding_id"));
        assert!(one[0].1.starts_with("H-") && !one[0].1.contains("4711"), "{one:?}");
        assert_eq!(one, facts(Holders::Replace, 1, 1));
        assert_ne!(one, facts(Holders::Replace, 2, 0));
        assert_ne!(pseudonyms(Holders::Replace, 1).key_check(), pseudonyms(Holders::Replace, 2).key_check());
        assert_eq!(facts(Holders::Keep, 1, 0)[0].1, "BE4711");
        assert!(facts(Holders::Omit, 1, 0).is_empty() && facts(Holders::Replace, 1, 2).is_empty());
    }

    #[test]
    fn ids_in_notes_are_replaced_where_they_stand_alone() {
        let pseudonyms = pseudonyms(Holders::Replace, 1);
        let ids = BTreeSet::from(["BE4711".to_owned()]);
        let text = pseudonyms.text("BE4711 rang; (BE4711), not BE47110 nor xBE4711", &ids);
        let own = pseudonyms.of("BE4711").expect("replaced");
        assert_eq!(text, format!("{own} rang; ({own}), not BE47110 nor xBE4711"));
        let omitting = super::tests::pseudonyms(Holders::Omit, 1);
        assert_eq!(omitting.text("by BE4711", &ids), "by [holder]");
    }

    #[test]
    fn a_key_is_drawn_once_and_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = key_file(&folder.path().join("season.decisions.sqlite"));
        assert!(file.ends_with("season.holders.key"));
        assert_eq!(read_key(&file).expect("nothing yet"), None);
        let drawn = key(&file).expect("drawn");
        assert_eq!(key(&file).expect("read"), drawn);
        assert_ne!(drawn, [0; KEY_BYTES]);
        fs::write(&file, "damaged").expect("written");
        let fault = format!("{:#}", key(&file).expect_err("refused"));
        assert!(fault.contains("64 hexadecimal") && fault.contains("season.holders.key"), "{fault}");
    }
}
