//! From the bytes of an answer to columns of equal length.

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{MAX_BYTES, value};
use crate::contract::Fault;

/// Most values of a table that comes row by row.
const MAX_CELLS: usize = 8_000_000;

/// The JSON of an answer, unwrapped; an error text of the server is a fault with that text.
pub(super) fn document(bytes: &[u8]) -> Result<Value, Fault> {
    if bytes.len() > MAX_BYTES {
        return Err(Fault(format!("the answer has {} MiB; {} is the limit", bytes.len() >> 20, MAX_BYTES >> 20)));
    }
    let text = String::from_utf8_lossy(bytes);
    let mut document = parse(text.trim_start_matches('\u{feff}').trim())?;
    // Some routes serialise twice.
    for _ in 0..2 {
        let Value::String(inner) = &document else { break };
        document = parse(inner.trim())?;
    }
    if let Value::Object(object) = &document
        && let Some(error) = object.get("error").or_else(|| object.get("message").filter(|_| object.len() == 1))
        && let Some(text) = value::text(error)
    {
        return Err(Fault(format!("the server says: {}", short(&text))));
    }
    Ok(document)
}

fn parse(text: &str) -> Result<Value, Fault> {
    if text.is_empty() {
        return Ok(Value::Null);
    }
    if text.starts_with('<') {
        return Err(Fault(format!("the answer is a page: {}", gist(text))));
    }
    let first = serde_json::from_str(text);
    let failed = match first {
        Ok(value) => return Ok(value),
        Err(failed) => failed,
    };
    if let Some(plain) = without_bare_numbers(text)
        && let Ok(value) = serde_json::from_str(&plain)
    {
        return Ok(value);
    }
    if text.starts_with(['{', '[', '"']) {
        return Err(Fault(format!("the answer is broken JSON: {failed}")));
    }
    Err(Fault(format!("the answer is no JSON: {}", gist(text))))
}

/// `NaN` and infinities, which Python writes and JSON does not know, become `null`; `None` when there are none.
fn without_bare_numbers(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let (mut plain, mut quoted, mut copied, mut at) = (String::new(), false, 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b'N' | b'I' | b'-' if !quoted => {
                let word =
                    ["NaN", "Infinity", "-Infinity"].into_iter().find(|word| text.as_bytes()[at..].starts_with(word.as_bytes()));
                if let Some(word) = word {
                    plain.push_str(text.get(copied..at)?);
                    plain.push_str("null");
                    at += word.len();
                    copied = at;
                    continue;
                }
            }
            _ => {}
        }
        at += 1;
    }
    if copied == 0 {
        return None;
    }
    plain.push_str(text.get(copied..)?);
    Some(plain)
}

/// The title of a page, else the first words of a text.
pub(super) fn gist(text: &str) -> String {
    let lower = text.to_ascii_lowercase(); // keeps all positions
    for tag in ["title", "h1"] {
        let inner = lower.find(&format!("<{tag}")).and_then(|open| {
            let start = open + lower[open..].find('>')? + 1;
            let end = start + lower[start..].find(&format!("</{tag}"))?;
            text.get(start..end)
        });
        if let Some(inner) = inner.map(str::trim).filter(|inner| !inner.is_empty()) {
            return format!("\"{}\"", short(&plain(inner)));
        }
    }
    let words = short(&plain(text));
    if words.is_empty() { "(no text)".to_owned() } else { format!("\"{words}\"") }
}

/// Without tags.
fn plain(text: &str) -> String {
    let mut inside = false;
    let keep = |c: char| match c {
        '<' => {
            inside = true;
            Some(' ')
        }
        '>' if inside => {
            inside = false;
            None
        }
        _ => (!inside).then_some(c),
    };
    text.chars().take(4000).filter_map(keep).collect()
}

/// Characters without a shape, and those that turn the direction of what follows.
fn invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// In one line, without control characters, at most 160 characters.
pub(super) fn short(text: &str) -> String {
    let clean: String = text.chars().take(2000).map(|c| if c.is_control() || invisible(c) { ' ' } else { c }).collect();
    let line = clean.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 160 { line } else { line.chars().take(159).chain(['…']).collect() }
}

/// Columns of equal length.
#[derive(Debug, Default)]
pub(super) struct Table {
    columns: Map<String, Value>,
    rows: usize,
}

/// One column, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column<'a> {
    name: &'a str,
    values: Option<&'a [Value]>,
}

impl Table {
    pub(super) fn read(bytes: &[u8]) -> Result<Self, Fault> {
        match document(bytes)? {
            Value::Null => Ok(Self::default()),
            Value::Array(rows) => Self::of_rows(rows),
            Value::Object(columns) => Self::of_columns(columns),
            other => Err(Fault(format!("the answer is no table but {}", short(&other.to_string())))),
        }
    }

    fn of_columns(mut columns: Map<String, Value>) -> Result<Self, Fault> {
        let listed = columns.values().any(Value::is_array);
        if listed {
            columns.retain(|_, value| value.is_array());
        } else {
            // One hit without lists around its values.
            columns.iter_mut().for_each(|(_, value)| *value = Value::Array(vec![value.take()]));
        }
        let length = |value: &Value| value.as_array().map_or(0, Vec::len);
        let first = columns.iter().next().map(|(name, value)| (name.clone(), length(value)));
        let Some((name, rows)) = first else { return Ok(Self::default()) };
        if let Some((other, value)) = columns.iter().find(|(_, value)| length(value) != rows) {
            let (one, two) = (short(&name), short(other));
            return Err(Fault(format!("columns of unequal length: {one} has {rows} rows, {two} has {}", length(value))));
        }
        Ok(Self { columns, rows })
    }

    /// Objects, one per row.
    fn of_rows(list: Vec<Value>) -> Result<Self, Fault> {
        let rows = list.len();
        let mut columns: Map<String, Value> = Map::new();
        for (row, value) in list.into_iter().enumerate() {
            let Value::Object(object) = value else {
                return Err(Fault(format!("row {} is no object", row + 1)));
            };
            for (name, value) in object {
                // A row may bring names of its own, and each of them takes a place in every row.
                if !columns.contains_key(&name) && (columns.len() + 1).saturating_mul(rows) > MAX_CELLS {
                    return Err(Fault(format!("the rows have more than {MAX_CELLS} values")));
                }
                let column = columns.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(values) = column {
                    values.resize(row, Value::Null);
                    values.push(value);
                }
            }
        }
        columns.iter_mut().for_each(|(_, column)| {
            if let Value::Array(values) = column {
                values.resize(rows, Value::Null);
            }
        });
        Ok(Self { columns, rows })
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The first of these columns that is there.
    pub(super) fn column<'a>(&'a self, names: &[&'a str]) -> Column<'a> {
        let found = names.iter().find_map(|name| Some((*name, self.columns.get(*name)?.as_array()?.as_slice())));
        let name = found.map_or_else(|| names.first().copied().unwrap_or_default(), |(name, _)| name);
        Column { name, values: found.map(|(_, values)| values) }
    }

    /// The same, where rows without it mean nothing.
    pub(super) fn wanted<'a>(&'a self, names: &[&'a str]) -> Result<Column<'a>, Fault> {
        let column = self.column(names);
        if column.values.is_none() && self.rows > 0 {
            let there: Vec<String> = self.columns.iter().map(|(name, _)| short(name)).take(12).collect();
            return Err(Fault(format!("the answer has no column {}; it has {}", column.name, there.join(", "))));
        }
        Ok(column)
    }
}

impl<'a> Column<'a> {
    /// What stands in a row; `None` for nothing and for `null`.
    pub(super) fn value(self, row: usize) -> Option<&'a Value> {
        self.values.and_then(|values| values.get(row)).filter(|value| !value.is_null())
    }

    pub(super) fn text(self, row: usize) -> Option<String> {
        self.value(row).and_then(value::text)
    }

    /// A finite number.
    pub(super) fn number(self, row: usize) -> Option<f64> {
        self.value(row).and_then(value::number)
    }

    /// A number, or `NaN`.
    pub(super) fn float(self, row: usize) -> f64 {
        self.number(row).unwrap_or(f64::NAN)
    }

    pub(super) fn time(self, row: usize) -> Result<Timestamp, Fault> {
        let time = self.value(row).and_then(value::time);
        time.ok_or_else(|| self.fault(row, "time"))
    }

    pub(super) fn day(self, row: usize) -> Result<Date, Fault> {
        let day = self.value(row).and_then(value::day);
        day.ok_or_else(|| self.fault(row, "day"))
    }

    pub(super) fn fault(self, row: usize, wanted: &str) -> Fault {
        let found = self.value(row).map_or_else(|| "nothing".to_owned(), |value| short(&value.to_string()));
        Fault(format!("row {} of column {} has no {wanted} but {found}", row + 1, self.name))
    }
}
