//! A journal as JSON lines: a line that says what it is, then an entry a line.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::io::IoError;
use crate::model::review::Entry;

/// Version of the format that this program writes and knows.
pub const LINES_VERSION: &str = "1.0";

/// First line.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    parcelight_journal: String,
}

/// Entries as JSON lines, as they are given.
pub fn write_lines(entries: &[Entry]) -> Result<Vec<u8>, IoError> {
    let failed = |error: serde_json::Error| IoError::File {
        operation: "write the journal as JSON lines".to_owned(),
        fact: error.to_string(),
        path: std::path::PathBuf::new(),
    };
    let mut bytes = serde_json::to_vec(&Header { parcelight_journal: LINES_VERSION.to_owned() }).map_err(failed)?;
    bytes.push(b'\n');
    for entry in entries {
        serde_json::to_writer(&mut bytes, entry).map_err(failed)?;
        bytes.push(b'\n');
    }
    Ok(bytes)
}

/// Reads a journal of JSON lines.
pub fn read_lines(path: &Path) -> Result<Vec<Entry>, IoError> {
    let failed = |fact: String| IoError::File { operation: "read the journal".to_owned(), fact, path: path.to_owned() };
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|&byte| byte == b'\n').count();
        failed(format!("line {line}: it is not text in UTF-8"))
    })?;
    parse_lines(&text).map_err(failed)
}

/// Entries of JSON lines; errors begin with the line.
pub fn parse_lines(text: &str) -> Result<Vec<Entry>, String> {
    let expected = format!("expected {{\"parcelight_journal\":\"{LINES_VERSION}\"}}");
    let mut lines = text.trim_start_matches('\u{feff}').lines().enumerate();
    let (_, first) = lines.next().ok_or_else(|| format!("line 1: the file is empty; {expected}"))?;
    let header: Header = serde_json::from_str(first).map_err(|_other| format!("line 1: it is no journal; {expected}"))?;
    let version = header.parcelight_journal;
    match version.split('.').next().and_then(|major| major.parse::<u32>().ok()) {
        None => return Err(format!("line 1: “{version}” is no version; {expected}")),
        Some(major) if major > 1 => {
            return Err(format!(
                "line 1: the journal has version {version}, and this program reads versions up to 1.x; install a newer Parcelight"
            ));
        }
        Some(_) => {}
    }
    lines
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(at, line)| serde_json::from_str(line).map_err(|error| format!("line {}: {error}", at + 1)))
        .collect()
}
