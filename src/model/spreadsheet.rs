//! Texts in cells of spreadsheets: what would be run as a formula gets an apostrophe before it, and loses it when it is read again.

use std::borrow::Cow;

/// Characters with which a spreadsheet program takes a text for a formula; the wide ones are what some turn into them.
const DANGEROUS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// True for a text that is dangerous behind any apostrophes, so that these can be told from one that was added.
fn is_dangerous(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(DANGEROUS)
}

/// A text that is no formula.
///
/// ```
/// # use parcelight::model::spreadsheet::{defused, restored};
/// assert_eq!(defused("=1+1"), "'=1+1");
/// assert_eq!(defused("see 1+1"), "see 1+1");
/// assert_eq!(restored(&defused("=1+1")), "=1+1");
/// ```
pub fn defused(text: &str) -> Cow<'_, str> {
    if is_dangerous(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text that [`defused`] was given.
pub fn restored(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| is_dangerous(rest)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_every_text_comes_back() {
        for (text, expected) in [
            ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("\n=1", "'\n=1"),
            ("＝1", "'＝1"),
            ("'=1", "''=1"),
            ("'tis", "'tis"),
            ("", ""),
            ("'", "'"),
            ("007", "007"),
            ("a=1", "a=1"),
        ] {
            assert_eq!(defused(text), expected);
            assert_eq!(restored(expected), text);
        }
        assert_eq!(restored("'a"), "'a", "an apostrophe of one's own stays");
    }
}
