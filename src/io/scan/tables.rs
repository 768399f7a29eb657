//! Tables beside the images. A sound table is none of the scan's business; a damaged one is named.

use std::io::Read as _;
use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::{Fault, Found};
use jiff::civil::Date;

/// Only the beginning of a table is looked at.
const LOOKED_AT_BYTES: u64 = 1 << 20;

static DAY_FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})$").ok());
static YEAR_FIRST: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\d{4})-(\d{2})-(\d{2})$").ok());

/// Names a table whose content is no text, or that holds a day that does not exist.
pub(super) fn check(path: &Path) -> Found {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(LOOKED_AT_BYTES).read_to_end(&mut bytes));
    if let Err(error) = read {
        return Found::problem(path, Fault::warning(format!("the table cannot be read: {error}"), "a readable text file"));
    }
    if bytes.starts_with(b"ARROW1") {
        return Found::problem(
            path,
            Fault::warning("the content is Arrow IPC (it begins with ARROW1), not text", "a text table, or the extension .arrow"),
        );
    }
    if bytes.contains(&0) {
        return Found::problem(path, Fault::warning("the content is binary, not text", "a text table"));
    }
    let text = String::from_utf8_lossy(&bytes);
    match text.lines().enumerate().skip(1).find_map(|(row, line)| Some((row, impossible_day(line)?))) {
        // The header is row 1, as table programs show it.
        Some((row, day)) => Found::problem(path, Fault::warning(format!("row {}: {day} is no date", row + 1), "days that exist")),
        None => Found::default(),
    }
}

fn impossible_day(line: &str) -> Option<&str> {
    line.split([';', ',', '\t']).map(|cell| cell.trim().trim_matches('"')).find(|cell| {
        let found = |form: &LazyLock<Option<Regex>>, order: [usize; 3]| {
            let parts = form.as_ref()?.captures(cell)?;
            let number = |group: usize| parts[order[group]].parse::<i16>().ok(); // four digits at most: fits
            Some(Date::new(number(0)?, number(1)? as i8, number(2)? as i8).is_err())
        };
        found(&DAY_FIRST, [3, 2, 1]).or_else(|| found(&YEAR_FIRST, [1, 2, 3])).unwrap_or(false)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_do_not_exist_are_named() {
        assert_eq!(impossible_day("a;31.06.2019;0,5"), Some("31.06.2019"));
        assert_eq!(impossible_day("a,2019-02-29,1"), Some("2019-02-29"));
        assert_eq!(impossible_day("a,2020-02-29,13.5.2019,1.2.3"), None);
    }
}
