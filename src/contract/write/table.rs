//! Columns of one length, and how they are written.

/// One value, as it stands in JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// `null`, an empty field in CSV.
    Missing,
    /// A number, or JSON inside JSON.
    Raw(String),
    /// Text.
    Text(String),
}

impl Cell {
    /// Text.
    pub fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// A whole number.
    pub fn integer(value: i64) -> Self {
        Self::Raw(value.to_string())
    }

    /// A number in the shortest form that reads back equal; whole ones without a point.
    pub fn number(value: f64) -> Self {
        /// Larger ones may not be whole.
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let whole = value.fract() == 0.0 && value.abs() < EXACT && !(value == 0.0 && value.is_sign_negative());
        if whole { Self::Raw(format!("{value:.0}")) } else { Self::float(value) }
    }

    /// A number in the shortest form that reads back equal, always with a point or an exponent.
    pub fn float(value: f64) -> Self {
        if value.is_finite() { Self::Raw(format!("{value:?}")) } else { Self::Missing }
    }

    /// True or false.
    pub fn flag(value: bool) -> Self {
        Self::Raw(value.to_string())
    }

    /// Scene classes with pixels: `{"4":24,"5":1}`.
    pub fn histogram(classes: &[u32; 12]) -> Self {
        let filled = classes.iter().enumerate().filter(|(_, pixels)| **pixels > 0);
        let parts: Vec<String> = filled.map(|(class, pixels)| format!("\"{class}\":{pixels}")).collect();
        Self::Raw(format!("{{{}}}", parts.join(",")))
    }

    fn json(&self, out: &mut String) {
        match self {
            Self::Missing => out.push_str("null"),
            Self::Raw(text) => out.push_str(text),
            Self::Text(text) => out.push_str(&quoted(text)),
        }
    }

    /// A field of CSV. Text that a spreadsheet would take for a formula gets an apostrophe before it.
    fn csv(&self) -> String {
        match self {
            Self::Missing => String::new(),
            Self::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
            Self::Raw(text) | Self::Text(text) => text.clone(),
        }
    }
}

/// A text as JSON writes it.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Name of a column and how its number comes from a row.
pub type NumberOf<R> = (&'static str, fn(&R) -> f64);

/// Named columns, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Table {
    columns: Vec<(&'static str, Vec<Cell>)>,
}

impl Table {
    /// Appends a column; all have the same length.
    pub fn push(&mut self, name: &'static str, cells: impl Iterator<Item = Cell>) {
        let cells: Vec<Cell> = cells.collect();
        debug_assert!(self.columns.first().is_none_or(|(_, first)| first.len() == cells.len()), "columns of one length");
        self.columns.push((name, cells));
    }

    /// Column-oriented JSON without spaces.
    pub fn json(&self) -> String {
        let rows = self.columns.first().map_or(0, |(_, cells)| cells.len());
        let mut out = String::with_capacity(self.columns.len() * (16 + rows * 12));
        out.push('{');
        for (at, (name, cells)) in self.columns.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.push_str(&quoted(name));
            out.push_str(":[");
            for (row, cell) in cells.iter().enumerate() {
                if row > 0 {
                    out.push(',');
                }
                cell.json(&mut out);
            }
            out.push(']');
        }
        out.push('}');
        out
    }

    /// Comma separated with a header line.
    pub fn csv(&self) -> String {
        let mut out = self.columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        out.push('\n');
        let rows = self.columns.first().map_or(0, |(_, cells)| cells.len());
        for row in 0..rows {
            let fields: Vec<String> = self.columns.iter().map(|(_, cells)| field(&cells[row].csv())).collect();
            out.push_str(&fields.join(","));
            out.push('\n');
        }
        out
    }
}

fn field(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back_equal_and_missing_ones_are_null() {
        for value in [0.1 + 0.2, 1e300, -4.0, 439.0, 1.0 / 3.0, 5e-324, 0.0] {
            for cell in [Cell::number(value), Cell::float(value)] {
                let Cell::Raw(text) = cell else { panic!("a number") };
                assert_eq!(text.parse::<f64>().expect("a number"), value, "{text}");
                assert!(serde_json::from_str::<f64>(&text).is_ok(), "{text} is JSON");
            }
        }
        assert_eq!(Cell::number(439.0), Cell::Raw("439".to_owned()));
        assert_eq!(Cell::float(439.0), Cell::Raw("439.0".to_owned()));
        assert_eq!((Cell::number(f64::NAN), Cell::float(f64::INFINITY)), (Cell::Missing, Cell::Missing));
    }
}
