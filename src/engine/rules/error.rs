//! Why rules cannot be used, and where.

use std::fmt;

/// Line and column from 1, in characters, inside a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Place {
    /// Place of a byte of a text.
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let mut end = byte.min(text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let before = &text[..end];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

/// A fault with its group, its field and, inside a text, its line and column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct RuleError {
    /// Group, empty for the base.
    pub group: String,
    /// Field of the group, e.g. `green`.
    pub field: &'static str,
    /// Where in the text of the field; nothing for a fault of the whole field.
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let group = if self.group.is_empty() { "base" } else { &self.group };
        write!(f, "{group}.{}", self.field)?;
        if let Some(place) = self.place {
            write!(f, ", line {}, column {}", place.line, place.column)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// A fault inside a text, by byte; [`Fault::at`] makes it an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) byte: usize,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(byte: usize, message: impl Into<String>) -> Self {
        Self { byte, message: message.into() }
    }

    /// The error of this fault in the text of a field.
    pub(super) fn at(self, group: &str, field: &'static str, text: &str) -> RuleError {
        RuleError { group: group.to_owned(), field, place: Some(Place::of(text, self.byte)), message: self.message }
    }
}
