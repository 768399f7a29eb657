//! Reading and writing the project file.

mod comments;

use std::path::Path;

use crate::io::{IoError, files};
use crate::model::ProjectFile;
use crate::model::project_file::FORMAT_VERSION;

/// Reads a project file; a newer major version is refused with an explanation.
pub fn load(path: &Path) -> Result<ProjectFile, IoError> {
    let bytes = std::fs::read(path).map_err(|error| fault(path, error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        fault(path, format!("it is not text in UTF-8 ({error}); expected a project file such as `parcelight init` writes"))
    })?;
    parse(&text).map_err(|fact| fault(path, fact))
}

/// Writes a project file beside and renames, so that a broken write loses nothing.
///
/// Comments of an existing file are kept: those above a field or table stay above it, those behind a value stay behind it.
pub fn save(path: &Path, file: &ProjectFile) -> Result<(), IoError> {
    let failed = |fact: String| IoError::File { operation: "write the project file".to_owned(), fact, path: path.to_owned() };
    let text = toml::to_string(file).map_err(|error| failed(error.to_string()))?;
    // A file that does not exist or cannot be read has no comments to keep.
    let text = match std::fs::read_to_string(path) {
        Ok(old) => comments::carry_over(&old, &text),
        Err(_) => text,
    };
    // Comments are a courtesy: they must never change what the file says.
    let text = if toml::from_str::<ProjectFile>(&text).is_ok_and(|read| read == *file) {
        text
    } else {
        toml::to_string(file).map_err(|error| failed(error.to_string()))?
    };
    files::write_atomic(path, text.as_bytes())
}

fn fault(path: &Path, fact: String) -> IoError {
    IoError::File { operation: "read the project file".to_owned(), fact, path: path.to_owned() }
}

/// The version first: a newer file may well hold fields that only a newer program can name.
fn parse(text: &str) -> Result<ProjectFile, String> {
    let table: toml::Table = toml::from_str(text).map_err(|error| place(text, &error))?;
    let version = match table.get("version") {
        Some(toml::Value::String(version)) => version.as_str(),
        Some(other) => return Err(format!("field `version` is {other}; expected text such as \"{FORMAT_VERSION}\"")),
        None => return Err(format!("field `version` is missing; expected version = \"{FORMAT_VERSION}\" at the top")),
    };
    let (major, minor) = numbers(version)
        .ok_or_else(|| format!("field `version` is \"{version}\"; expected text such as \"{FORMAT_VERSION}\""))?;
    let (known_major, known_minor) = numbers(FORMAT_VERSION).unwrap_or_default();
    if major > known_major {
        return Err(format!(
            "it has format version {version}, and this program reads versions up to {known_major}.x ({FORMAT_VERSION}); \
             install a newer Parcelight to open it, nothing was changed"
        ));
    }
    if let Some(field) = not_finite(&toml::Value::Table(table.clone())) {
        return Err(format!("field `{field}` is not a finite number; expected e.g. 0.5"));
    }
    let file: ProjectFile = toml::from_str(text).map_err(|error| {
        let fact = place(text, &error);
        if major == known_major && minor > known_minor {
            format!("{fact} (the file has format version {version}, newer than {FORMAT_VERSION} which this program knows)")
        } else {
            fact
        }
    })?;
    if file.parcels.path.as_os_str().is_empty() && file.remote.is_none() {
        return Err("missing field `parcels`; expected [parcels] with the path of a layer, or [remote] with a server".to_owned());
    }
    if let Some(fault) = file.other_verdict.as_ref().and_then(crate::model::project_file::OtherVerdict::fault) {
        return Err(fault);
    }
    Ok(file)
}

/// Name of the first field that holds `nan` or `inf`, which TOML knows but no setting can be.
fn not_finite(value: &toml::Value) -> Option<String> {
    let named = |name: &str, inner: &toml::Value| {
        not_finite(inner).map(|rest| if rest.is_empty() { name.to_owned() } else { format!("{name}.{rest}") })
    };
    match value {
        toml::Value::Float(number) => (!number.is_finite()).then(String::new),
        toml::Value::Array(values) => values.iter().find_map(not_finite),
        toml::Value::Table(table) => table.iter().find_map(|(name, inner)| named(name, inner)),
        _ => None,
    }
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    // Not a number: the caller reports the whole text.
    Some((major.trim().parse().ok()?, minor.trim().parse().ok()?))
}

/// `line 5, `pathh = "a.gpkg"`: unknown field …`: one line with place, field and reason.
fn place(text: &str, error: &toml::de::Error) -> String {
    let reason = error.message().replace('\n', ", ");
    let Some(span) = error.span() else { return reason };
    let start = span.start.min(text.len());
    let line = text.bytes().take(start).filter(|&byte| byte == b'\n').count();
    let content = text.lines().nth(line).unwrap_or_default().trim();
    if content.is_empty() { format!("line {}: {reason}", line + 1) } else { format!("line {}, `{content}`: {reason}", line + 1) }
}
