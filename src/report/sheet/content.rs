//! What all forms of a sheet say: words, lines and lists that are made once.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::model::evidence::{Expert, InputLine, ObservationLine, Sheet};
use crate::report::sign::Sign;

/// More inputs than this are told by folder on paper.
const MOST_INPUTS: usize = 16;
/// What a line of a folder means.
pub const FOLDED: &str = "A folder stands for its files: its hash is that of the list that sha256sum prints for them, in order of \
                          their names. The sheet as HTML names each of them.";
/// A folder with fewer files is not folded.
const FEW_FILES: usize = 4;

/// The parcel's id as a heading: a heading says something also where there is no id.
pub fn heading(sheet: &Sheet) -> &str {
    if sheet.parcel.trim().is_empty() { "Parcel without id" } else { &sheet.parcel }
}

/// One of the three verdicts.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// `Automatic`, `Expert`, `Final`.
    pub name: &'static str,
    /// What was given; never empty.
    pub given: Vec<Given>,
}

impl Card {
    /// Sign that stands for the whole: that of the only verdict, a filled diamond where several differ.
    pub fn sign(&self) -> Sign {
        let first = self.given.first().map_or(Sign::Dash, |own| own.sign);
        if self.given.iter().all(|own| own.sign == first) { first } else { Sign::Diamond }
    }
}

/// One verdict with its circumstances.
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// Its sign.
    pub sign: Sign,
    /// Its word.
    pub word: String,
    /// Reasons; who, when, how; note.
    pub lines: Vec<String>,
}

/// The three verdicts, in order.
pub fn cards(sheet: &Sheet) -> [Card; 3] {
    let none = |word: &str, line: &str| {
        vec![Given {
            sign: Sign::Dash,
            word: word.to_owned(),
            lines: if line.is_empty() { Vec::new() } else { vec![line.to_owned()] },
        }]
    };
    let automatic = match &sheet.automatic {
        Some(own) => {
            let sign = Sign::of_verdict(Some(own.verdict));
            let lines = if sheet.ruleset.0.is_empty() { Vec::new() } else { vec![format!("Ruleset {}", ruleset(sheet))] };
            vec![Given { sign, word: sign.verdict_word().to_owned(), lines }]
        }
        None => none("not assessed", "The ruleset has no rules, or there is none."),
    };
    let experts = match sheet.experts.as_slice() {
        [] => none("not assessed", ""),
        given => given.iter().map(given_by).collect(),
    };
    let resolved = sheet.resolved.as_ref().map_or_else(|| none("none given", ""), |own| vec![given_by(own)]);
    [
        Card { name: "Automatic", given: automatic },
        Card { name: "Expert", given: experts },
        Card { name: "Final", given: resolved },
    ]
}

fn given_by(own: &Expert) -> Given {
    let mut lines = Vec::new();
    if !own.reasons.is_empty() {
        lines.push(own.reasons.join(", "));
    }
    let mut circumstances = format!("{}, {} UTC", own.user, time(&own.time));
    if let Some(seconds) = own.seconds {
        // A `String` takes any text.
        let _ = write!(circumstances, ", {seconds:.0} s");
    }
    if own.blind {
        circumstances.push_str(", blind review");
    }
    lines.push(circumstances);
    if !own.note.trim().is_empty() {
        lines.push(format!("“{}”", own.note.trim()));
    }
    Given { sign: Sign::of_look(own.look), word: own.verdict.clone(), lines }
}

/// `Experts disagree.` where they do and nobody has decided.
pub fn verdicts_remark(sheet: &Sheet) -> &'static str {
    let differ = sheet.experts.windows(2).any(|pair| pair[0].verdict != pair[1].verdict);
    match (differ, &sheet.resolved) {
        (true, None) => "reviewers disagree; no final verdict",
        (true, Some(_)) => "reviewers disagreed; resolved by the final verdict",
        (false, _) => "",
    }
}

/// Name and first digits of the hash of the ruleset; empty without one.
pub fn ruleset(sheet: &Sheet) -> String {
    let (name, hash) = &sheet.ruleset;
    ruleset_name(name, hash)
}

/// `Winter cover #a41c07`; what is missing is left out.
pub fn ruleset_name(name: &str, hash: &str) -> String {
    let short: String = hash.chars().take(6).collect();
    match (name.is_empty(), short.is_empty()) {
        (_, true) => name.to_owned(),
        (true, false) => format!("#{short}"),
        (false, false) => format!("{name} #{short}"),
    }
}

/// The sentence that says why.
pub fn why(sheet: &Sheet) -> &str {
    sheet.automatic.as_ref().map_or("", |own| own.reason.as_str())
}

/// Sign, word and source of what another system said.
pub fn other(sheet: &Sheet) -> Option<(Sign, &'static str, &str)> {
    let own = sheet.other.as_ref()?;
    let sign = Sign::of_verdict(own.verdict);
    Some((sign, sign.verdict_word(), own.source.as_str()))
}

/// The flag in one line; empty without one.
pub fn flag(sheet: &Sheet) -> String {
    sheet.flag.as_ref().map_or_else(
        String::new,
        |(reason, user)| {
            if user.is_empty() { reason.clone() } else { format!("{reason} ({user})") }
        },
    )
}

/// Project, parcel, software and ruleset, what is known of them.
pub fn footer(sheet: &Sheet) -> Vec<String> {
    let ruleset = ruleset(sheet);
    let ruleset = if ruleset.is_empty() { "no ruleset".to_owned() } else { format!("ruleset {ruleset}") };
    let parts = [sheet.project.clone(), sheet.parcel.clone(), sheet.software.clone(), ruleset];
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// `2019-04-16 10:56:58` of an ISO 8601 time in UTC; another text stays as it is.
pub fn time(iso: &str) -> String {
    match iso.parse::<Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => iso.to_owned(), // The text itself is what a reader can judge.
    }
}

/// The same without seconds.
pub fn minute(iso: &str) -> String {
    match iso.parse::<Timestamp>() {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M").to_string(),
        Err(_) => iso.to_owned(), // As above.
    }
}

/// `72 acquisitions: 40 used, 32 excluded`.
pub fn observations_remark(observations: &[ObservationLine]) -> String {
    let used = observations.iter().filter(|own| own.used).count();
    let all = observations.len();
    format!("{all} acquisition{}: {used} used, {} excluded", if all == 1 { "" } else { "s" }, all - used)
}

/// Time of the newest thing that the sheet tells: an entry of its history, else an observation.
pub fn newest(sheet: &Sheet) -> Timestamp {
    let latest = |times: &mut dyn Iterator<Item = &String>| times.filter_map(|time| time.parse::<Timestamp>().ok()).max();
    latest(&mut sheet.history.iter().map(|own| &own.time).chain(sheet.experts.iter().chain(&sheet.resolved).map(|own| &own.time)))
        .or_else(|| latest(&mut sheet.observations.iter().map(|own| &own.acquired)))
        .unwrap_or_default()
}

/// An input, or all inputs of a folder.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// Path, or `s2/ (72 files)`.
    pub path: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 of the file, or of the list of the folder's files.
    pub sha256: String,
    /// It is a folder.
    pub folder: bool,
}

/// Inputs for paper: all of them, or where they are many the files of a folder in one line. The hash of a folder is that of the list
/// that `sha256sum` prints for its files in order of their names, so that it can be computed again without this program.
pub fn folded(inputs: &[InputLine]) -> Vec<Input> {
    let single = |own: &InputLine| Input { path: own.path.clone(), bytes: own.bytes, sha256: own.sha256.clone(), folder: false };
    if inputs.len() <= MOST_INPUTS {
        return inputs.iter().map(single).collect();
    }
    let mut folders: BTreeMap<&str, Vec<&InputLine>> = BTreeMap::new();
    for own in inputs {
        folders.entry(own.path.rsplit_once('/').map_or("", |(folder, _)| folder)).or_default().push(own);
    }
    let mut lines = Vec::new();
    for (folder, mut files) in folders {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        if files.len() < FEW_FILES || folder.is_empty() {
            lines.extend(files.into_iter().map(single));
            continue;
        }
        let mut list = Sha256::new();
        for own in &files {
            list.update(format!("{}  {}\n", own.sha256, own.path).as_bytes());
        }
        let bytes = files.iter().map(|own| own.bytes).sum();
        let path = format!("{folder}/ ({} files)", files.len());
        lines.push(Input { path, bytes, sha256: hex(&list.finalize()), folder: true });
    }
    lines
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // A `String` takes any text.
        text
    })
}

/// A number of bytes with its digits in groups of three, kept together.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{A0}');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_times_are_short() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1\u{A0}000"), (12_345_678, "12\u{A0}345\u{A0}678")] {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(time("2019-04-16T10:56:58Z"), "2019-04-16 10:56:58");
        assert_eq!(minute("2019-04-16T10:56:58.123Z"), "2019-04-16 10:56");
        assert_eq!(time("in spring"), "in spring");
    }

    #[test]
    fn the_hash_of_a_folder_is_that_of_the_list_that_sha256sum_prints() {
        let input = |path: &str, digit: &str| InputLine { path: path.to_owned(), bytes: 10, sha256: digit.repeat(64) };
        let mut inputs: Vec<InputLine> = (0..20).rev().map(|i| input(&format!("s2/{i:02}.tif"), "a")).collect();
        inputs.push(input("parcels.gpkg", "b"));
        let lines = folded(&inputs);
        assert_eq!(lines.len(), 2);
        assert_eq!((lines[0].path.as_str(), lines[0].folder), ("parcels.gpkg", false));
        assert_eq!((lines[1].path.as_str(), lines[1].bytes, lines[1].folder), ("s2/ (20 files)", 200, true));
        let list: Vec<String> = (0..20).map(|i| format!("{}  s2/{i:02}.tif\n", "a".repeat(64))).collect();
        assert_eq!(lines[1].sha256, hex(&Sha256::digest(list.concat().as_bytes())));
        assert_eq!(folded(&inputs[..5]).len(), 5, "few inputs stay as they are");
    }
}
