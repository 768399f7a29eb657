//! Reading, writing and comparing ruleset files.
//!
//! A file is refused before it can cost anything: it has at most [`MAX_BYTES`], bounded nesting, and says no more than data. Faults are
//! told with line and column.

mod jrc;
mod parameters;
mod set;
pub mod shipped;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use toml::de::{DeTable, DeValue};

use crate::io::IoError;
use crate::model::Ruleset;
use crate::model::rules::RulesText;
use crate::model::ruleset::{Fault, Key, RULESET_VERSION};

pub use jrc::{Import, import_jrc};
pub use parameters::{parameters, with_parameter};
pub use set::set;

/// Larger files are refused.
pub const MAX_BYTES: u64 = 1 << 20;

/// A ruleset as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct RulesetFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its text, for the places of faults.
    text: String,
    /// What it says.
    pub ruleset: Ruleset,
}

impl RulesetFile {
    /// Its text as it was read.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A fault of the ruleset as an error with line and column.
    pub fn fault(&self, fault: &Fault) -> IoError {
        refused(&self.path, located(&self.text, fault))
    }
}

/// Reads and checks a ruleset; a newer major version is refused with an explanation. `shipped:NAME` is one of [`shipped::SHIPPED`].
pub fn load(path: &Path) -> Result<RulesetFile, IoError> {
    let text = match path.to_str().and_then(|path| path.strip_prefix(shipped::PREFIX)) {
        Some(name) => shipped::shipped(name).map(str::to_owned).ok_or_else(|| {
            let names = shipped::SHIPPED.map(|(name, _)| name).join(", ");
            refused(path, format!("no ruleset of that name ships with the program; there are {names}"))
        })?,
        None => read_limited(path).map_err(|fact| refused(path, fact))?,
    };
    let ruleset = parse(&text).map_err(|fact| refused(path, fact))?;
    Ok(RulesetFile { path: path.to_owned(), text, ruleset })
}

/// Text of a file that is not too large.
fn read_limited(path: &Path) -> Result<String, String> {
    let file = std::fs::File::open(path).map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > MAX_BYTES {
        let (line, column) = place_of(&bytes, MAX_BYTES as usize);
        return Err(format!("line {line}, column {column}: it goes on beyond {MAX_BYTES} bytes; a ruleset is smaller"));
    }
    String::from_utf8(bytes).map_err(|error| {
        let (line, column) = place_of(error.as_bytes(), error.utf8_error().valid_up_to());
        format!("line {line}, column {column}: it is not text in UTF-8")
    })
}

fn refused(path: &Path, fact: String) -> IoError {
    IoError::File { operation: "read the ruleset".to_owned(), fact, path: path.to_owned() }
}

/// A ruleset from text, checked. Errors begin with line and column.
pub fn parse(text: &str) -> Result<Ruleset, String> {
    let told = |error: &toml::de::Error| {
        let (line, column) = place_of(text.as_bytes(), error.span().map_or(0, |span| span.start));
        let reason: String = error.message().replace('\n', ", ").chars().take(300).collect();
        format!("line {line}, column {column}: {reason}")
    };
    let table = DeTable::parse(text).map_err(|error| told(&error))?;
    // The version first: a newer file may well hold fields that only a newer program can name.
    let version = table.get_ref().get("version");
    let at_version = |reason: String| {
        let (line, column) = place_of(text.as_bytes(), version.map_or(0, |version| version.span().start));
        format!("line {line}, column {column}: {reason}")
    };
    let expected = format!("expected version = \"{RULESET_VERSION}\" at the top");
    let Some(word) = version.and_then(|version| version.get_ref().as_str()) else {
        return Err(at_version(format!("the version is missing or no text; {expected}")));
    };
    let numbers = |word: &str| {
        let (major, minor) = word.split_once('.')?;
        // Not numbers: the whole word is told below.
        Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
    };
    let shown: String = word.chars().take(40).collect();
    let Some((major, minor)) = numbers(word) else { return Err(at_version(format!("“{shown}” is no version; {expected}"))) };
    let (known_major, known_minor) = numbers(RULESET_VERSION).unwrap_or_default();
    if major > known_major {
        return Err(at_version(format!(
            "the ruleset has version {shown}, and this program reads versions up to {known_major}.x; install a newer Parcelight to use it"
        )));
    }
    let ruleset: Ruleset = toml::from_str(text).map_err(|error| {
        let newer = (major == known_major && minor > known_minor)
            .then(|| format!(" (the ruleset has version {shown}, newer than {RULESET_VERSION} which this program knows)"));
        format!("{}{}", told(&error), newer.unwrap_or_default())
    })?;
    ruleset.check().map_err(|fault| located(text, &fault))?;
    Ok(ruleset)
}

/// A fault with line and column before it.
fn located(text: &str, fault: &Fault) -> String {
    let offset = offset_of(text, &fault.way);
    let (line, column) = place_of(text.as_bytes(), offset);
    format!("line {line}, column {column}: {fault}")
}

/// Where a field begins; of one that is not written the table around it.
fn offset_of(text: &str, way: &[Key]) -> usize {
    let Ok(table) = DeTable::parse(text) else { return 0 };
    let (mut offset, mut value) = (0, &DeValue::Table(table.into_inner()));
    for key in way {
        let next = match (key, value) {
            (Key::Name(name), DeValue::Table(table)) => table.get(*name),
            (Key::Own(name), DeValue::Table(table)) => table.get(name.as_str()),
            (Key::At(at), DeValue::Array(values)) => values.get(*at),
            (Key::Within(line, column), DeValue::String(_)) => return within(text, offset, (*line, *column)),
            _ => None,
        };
        let Some(next) = next else { break };
        offset = next.span().start;
        value = next.get_ref();
    }
    offset
}

/// Where a line and column of a string lie in the file that it begins in at a byte; of one with escapes its beginning.
fn within(text: &str, offset: usize, (line, column): (usize, usize)) -> usize {
    let written = &text[offset..];
    let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| written.starts_with(quotes)).unwrap_or("");
    let mut start = quotes.len();
    // A line break right after the opening quotes is no part of the string.
    start += if quotes.len() == 3 { written[start..].find(|c| c != '\r' && c != '\n').unwrap_or(0).min(2) } else { 0 };
    let Some(end) = written[start..].find(quotes).filter(|_| !quotes.is_empty()) else { return offset };
    let inner = &written[start..start + end];
    if quotes.starts_with('"') && inner.contains('\\') {
        return offset;
    }
    let before: usize = inner.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = inner.get(before..).unwrap_or("");
    let along = rest.char_indices().nth(column - 1).map_or(rest.len(), |(at, _)| at);
    offset + start + before + along
}

/// Line and column of a byte, both from 1; columns count characters.
pub(in crate::io) fn place_of(text: &[u8], offset: usize) -> (usize, usize) {
    let before = &text[..offset.min(text.len())];
    let line = before.split(|&byte| byte == b'\n').count();
    let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    // Bytes that go on with a character are not counted.
    let column = before[start..].iter().filter(|&&byte| byte & 0xC0 != 0x80).count() + 1;
    (line, column)
}

/// Before the name of a ruleset that comes with the program.
pub const SHIPPED_PREFIX: &str = "shipped:";

/// A ruleset that comes with the program, by its name.
pub fn load_shipped(name: &str) -> Result<RulesetFile, IoError> {
    let path = PathBuf::from(format!("{SHIPPED_PREFIX}{name}"));
    let Some(text) = shipped::shipped(name) else {
        let known: Vec<&str> = shipped::SHIPPED.iter().map(|(name, _)| *name).collect();
        return Err(refused(&path, format!("there is no such ruleset; there are {}", known.join(", "))));
    };
    let ruleset = parse(text).map_err(|fact| refused(&path, fact))?;
    Ok(RulesetFile { path, text: text.to_owned(), ruleset })
}

/// Writes a ruleset beside and then in place of a file.
pub fn save(path: &Path, ruleset: &Ruleset) -> Result<(), IoError> {
    let text = write(ruleset)?;
    super::files::write_atomic(path, text.as_bytes())
}

/// A ruleset as text: every field with its value, fields in one order.
pub fn write(ruleset: &Ruleset) -> Result<String, IoError> {
    let failed = |error: toml::ser::Error| IoError::File {
        operation: "write the ruleset".to_owned(),
        fact: error.to_string(),
        path: PathBuf::new(),
    };
    let mut text = String::new();
    for (name, value) in [("version", &ruleset.version), ("name", &ruleset.name), ("source", &ruleset.source)] {
        // Writing to a string cannot fail.
        let _written = writeln!(text, "{name} = {}", toml::Value::String(value.clone()));
    }
    sections(&mut text, "inputs", &ruleset.inputs, &["name", "signals", "peers"]).map_err(failed)?;
    sections(&mut text, "signals", &ruleset.signals, &["name", "from", "parts", "steps"]).map_err(failed)?;
    let fields = ["name", "signal", "component", "from", "to", "min_observations", "detect"];
    sections(&mut text, "markers", &ruleset.markers, &fields).map_err(failed)?;
    let fields = ["name", "from", "to", "min_observations", "find"];
    sections(&mut text, "practices", &ruleset.practices, &fields).map_err(failed)?;
    sections(&mut text, "composites", &ruleset.composites, &["name", "of", "combine", "overlap_days"]).map_err(failed)?;
    let fields = ["name", "signal", "component", "from", "to", "take", "unit"];
    sections(&mut text, "features", &ruleset.features, &fields).map_err(failed)?;
    if let Some(rules) = &ruleset.rules {
        groups(&mut text, rules).map_err(failed)?;
    }
    Ok(text)
}

fn sections<T: Serialize>(text: &mut String, list: &str, items: &[T], fields: &[&str]) -> Result<(), toml::ser::Error> {
    for item in items {
        let table = toml::Table::try_from(item)?;
        let _written = write!(text, "\n[[{list}]]\n");
        for field in fields {
            let Some(value) = table.get(*field) else { continue };
            let empty = value.as_array().is_some_and(Vec::is_empty);
            if empty && *field != "from" {
                continue;
            }
            match value.as_array().filter(|_| *field == "steps") {
                Some(steps) => {
                    let _written = writeln!(text, "steps = [");
                    for step in steps {
                        let _written = writeln!(text, "  {},", inline(step));
                    }
                    text.push_str("]\n");
                }
                None => {
                    let _written = writeln!(text, "{field} = {}", inline(value));
                }
            }
        }
    }
    Ok(())
}

/// The rules, group by group.
fn groups(text: &mut String, rules: &RulesText) -> Result<(), toml::ser::Error> {
    let base = std::iter::once(("rules.base".to_owned(), &rules.base));
    let named = rules.groups.iter().map(|(name, group)| (format!("rules.groups.{}", key(name)), group));
    for (header, group) in base.chain(named) {
        let table = toml::Table::try_from(group)?;
        let _written = write!(text, "\n[{header}]\n");
        for field in ["inherits", "crops", "green", "red", "minimum", "window", "numbers"] {
            let Some(value) = table.get(field).filter(|value| !value.as_table().is_some_and(toml::Table::is_empty)) else {
                continue;
            };
            let _written = writeln!(text, "{field} = {}", inline(value));
        }
    }
    Ok(())
}

/// A key as it is written.
fn key(name: &str) -> String {
    let plain = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && !name.is_empty();
    if plain(name) { name.to_owned() } else { toml::Value::String(name.to_owned()).to_string() }
}

/// A value on one line.
fn inline(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) if table.is_empty() => "{}".to_owned(),
        toml::Value::Table(table) => {
            let fields: Vec<String> = table.iter().map(|(name, value)| format!("{} = {}", key(name), inline(value))).collect();
            format!("{{ {} }}", fields.join(", "))
        }
        toml::Value::Array(values) => format!("[{}]", values.iter().map(inline).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// BLAKE3 of what a ruleset says, in hexadecimal digits: comments, the order of fields, and defaults that are or are not written do not
/// count, and neither do the name and source for people.
pub fn hash(ruleset: &Ruleset) -> Result<String, IoError> {
    let said = Ruleset { name: String::new(), source: String::new(), ..ruleset.clone() };
    Ok(blake3::hash(write(&said)?.as_bytes()).to_hex().to_string())
}

/// One field in which two rulesets differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `signals.ndvi.steps[1].low_pass.cut_off`.
    pub field: String,
    /// Value in the first; `None` where it has none.
    pub before: Option<String>,
    /// Value in the second.
    pub after: Option<String>,
}

/// Fields in which two rulesets differ, by name. Entries are matched by their names, not by their places.
pub fn diff(a: &Ruleset, b: &Ruleset) -> Result<Vec<Difference>, IoError> {
    let (before, after) = (fields(a)?, fields(b)?);
    let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let difference = |field: &String| {
        let (own, other) = (before.get(field), after.get(field));
        (own != other).then(|| Difference { field: field.clone(), before: own.cloned(), after: other.cloned() })
    };
    Ok(names.into_iter().filter_map(difference).collect())
}

fn fields(ruleset: &Ruleset) -> Result<BTreeMap<String, String>, IoError> {
    let table = toml::Value::try_from(ruleset).map_err(|error| IoError::File {
        operation: "compare the rulesets".to_owned(),
        fact: error.to_string(),
        path: PathBuf::new(),
    })?;
    let mut all = BTreeMap::new();
    flatten(String::new(), &table, &mut all);
    Ok(all)
}

fn flatten(way: String, value: &toml::Value, all: &mut BTreeMap<String, String>) {
    let below = |name: &str| if way.is_empty() { name.to_owned() } else { format!("{way}.{name}") };
    match value {
        toml::Value::Table(table) if !table.is_empty() => {
            table.iter().for_each(|(name, inner)| flatten(below(name), inner, all));
        }
        toml::Value::Array(values) if values.iter().any(toml::Value::is_table) => {
            for (at, inner) in values.iter().enumerate() {
                let name = inner.get("name").and_then(toml::Value::as_str);
                flatten(name.map_or_else(|| format!("{way}[{at}]"), below), inner, all);
            }
        }
        toml::Value::Array(values) if values.is_empty() => {}
        other => {
            all.insert(way, inline(other));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"
version = "1.0" # first
[[inputs]]
name = "s2"
[[signals]]
name = "smooth"
from = ["s2"]
steps = [
  { select = { components = ["ndvi"] } },
  { resample = {} }, { low_pass = { cut_off = 0.06 } },
  { index = { expression = "NDVI", name = "x", bands = { B08 = "b 8" } } },
]
[[markers]]
name = "drop"
signal = "smooth"
from = "2020-03-15"
detect = { drop = { min_depth = 0.1 } }
[[composites]]
name = "both"
of = ["drop", "drop"]
combine = "confirm"
"#;

    fn error(text: &str) -> String {
        parse(text).expect_err("refused")
    }

    #[test]
    fn a_ruleset_is_written_as_it_was_read() {
        let own = parse(SMALL).expect("valid");
        let text = write(&own).expect("written");
        assert_eq!(parse(&text), Ok(own.clone()), "{text}");
        assert!(text.contains("  { low_pass = { cut_off = 0.06, order = 13 } },\n"), "{text}");
        let named = Ruleset { name: "for people".to_owned(), ..own.clone() };
        assert_eq!(hash(&named).expect("a hash"), hash(&own).expect("a hash"));
        let spaced = parse(&SMALL.replace("{ resample = {} }", "# note\n { resample = { step_days = 1 } }")).expect("valid");
        assert_eq!(hash(&spaced).expect("a hash"), hash(&own).expect("a hash"));
    }

    #[test]
    fn differences_are_told_field_by_field() {
        let (a, b) = (
            parse(SMALL).expect("valid"),
            parse(
                &SMALL
                    .replace("0.06", "0.05")
                    .replace("\"drop\"\n", "\"fall\"\n")
                    .replace("[\"drop\", \"drop\"]", "[\"fall\", \"fall\"]"),
            )
            .expect("valid"),
        );
        let all = diff(&a, &b).expect("compared");
        let cut_off = all.iter().find(|own| own.field == "signals.smooth.steps[2].low_pass.cut_off").expect("told");
        assert_eq!((cut_off.before.as_deref(), cut_off.after.as_deref()), (Some("0.06"), Some("0.05")));
        assert!(all.iter().any(|own| own.field == "markers.drop.signal" && own.after.is_none()));
        assert_eq!(diff(&a, &a).expect("compared"), []);
    }

    #[test]
    fn faults_are_told_with_line_and_column() {
        assert!(error("").starts_with("line 1, column 1: the version is missing"));
        assert!(error("version = 2").starts_with("line 1, column 11: the version is missing or no text"));
        assert!(error("# ö\nversion = \"2.0\"").starts_with("line 2, column 11: the ruleset has version 2.0, and this program"));
        assert!(error(&"(".repeat(9000)).starts_with("line 1, column 9001: "));
        let cases = [
            ("cut_off = 0.06", "cut_of = 0.06", "line 10, column 37: unexpected keys in table: cut_of,"),
            ("cut_off = 0.06", "cut_off = \"0.06 per day\"", "line 10, column 47: invalid type: string"),
            ("cut_off = 0.06", "cut_off = 6", "line 10, column 22: signals[0].steps[2]: cut_off is 6"),
            ("from = [\"s2\"]", "from = [\"smooth\"]", "line 7, column 8: signals[0].from: a circle: “smooth” uses “smooth”"),
            (
                "signal = \"smooth\"",
                "signal = \"smoth\"",
                "line 15, column 10: markers[0].signal: there is no input or signal “smoth”",
            ),
            ("2020-03-15", "2020-13-15", "line 16, column 8: "),
            ("min_depth = 0.1", "min_depth = nan", "line 17, column 10: markers[0].detect: min_depth is not a finite number"),
            ("{ resample = {} }", "{ exec = {} }", "line 10, column 5: unknown variant `exec`"),
        ];
        let mut wrong = Vec::new();
        for (part, instead, expected) in cases {
            let told = error(&SMALL.replacen(part, instead, 1));
            if !told.starts_with(expected) {
                wrong.push(format!("{instead}: {told}"));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        let deep = format!("version = \"1.0\"\nname = {}{}", "[".repeat(5000), "]".repeat(5000));
        assert!(error(&deep).starts_with("line 2, column "), "{}", error(&deep));
    }

    #[test]
    fn a_newer_minor_version_is_read_as_far_as_it_is_known() {
        assert!(parse("version = \"1.7\"").is_ok());
        assert!(error("version = \"1.7\"\nsounds = []").contains("version 1.7, newer than 1.0"));
    }
}
