//! Carries the comments of an old project file over to a newly written one.
//!
//! A comment belongs to the field or table header that follows it, or to the field on its own line. Comments whose field is
//! gone move to the next field that is still there.

use std::collections::HashMap;

/// A place that survives rewriting: table header as written, which one of its name, and the field in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Anchor {
    table: String,
    number: usize,
    field: String,
}

/// Follows the tables of a file line by line.
#[derive(Default)]
struct Cursor {
    table: String,
    number: usize,
    seen: HashMap<String, usize>,
}

impl Cursor {
    /// The place that a line starts, if it starts one.
    fn anchor(&mut self, line: &str) -> Option<Anchor> {
        let line = line.trim();
        if line.starts_with('[') {
            let header = line.split('#').next().unwrap_or_default().trim().to_owned();
            let count = self.seen.entry(header.clone()).or_default();
            *count += 1;
            (self.table, self.number) = (header, *count);
            return Some(Anchor { table: self.table.clone(), number: self.number, field: String::new() });
        }
        let (field, _) = line.split_once('=')?;
        let field = field.trim();
        let plain = !field.is_empty() && field.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
        plain.then(|| Anchor { table: self.table.clone(), number: self.number, field: field.to_owned() })
    }
}

#[derive(Default)]
struct Kept {
    above: String,
    behind: String,
}

/// The new text with the comments of the old one.
pub(super) fn carry_over(old: &str, new: &str) -> String {
    let mut cursor = Cursor::default();
    let places: std::collections::HashSet<Anchor> = new.lines().filter_map(|line| cursor.anchor(line)).collect();
    let (mut kept, rest) = collect(old, &places);
    let mut cursor = Cursor::default();
    let mut text = String::new();
    for line in new.lines() {
        let found = cursor.anchor(line).and_then(|anchor| kept.remove(&anchor)).unwrap_or_default();
        text.push_str(&found.above);
        text.push_str(line);
        text.push_str(&found.behind);
        text.push('\n');
    }
    text.push_str(&rest);
    text
}

/// Comments of a file by the place they belong to, and what follows the last place.
fn collect(old: &str, places: &std::collections::HashSet<Anchor>) -> (HashMap<Anchor, Kept>, String) {
    let mut cursor = Cursor::default();
    let mut kept: HashMap<Anchor, Kept> = HashMap::new();
    let mut above = String::new();
    for line in old.lines() {
        if line.trim_start().starts_with('#') {
            above.push_str(line.trim());
            above.push('\n');
            continue;
        }
        let Some(anchor) = cursor.anchor(line) else { continue };
        let behind = comment_behind(line);
        if places.contains(&anchor) {
            let entry = kept.entry(anchor).or_default();
            entry.above.push_str(&std::mem::take(&mut above));
            if !behind.is_empty() {
                entry.behind = format!(" {behind}");
            }
        } else if !behind.is_empty() {
            above.push_str(behind);
            above.push('\n');
        }
    }
    (kept, above)
}

/// The comment at the end of a line: from the first `#` before which the line is complete by itself.
fn comment_behind(line: &str) -> &str {
    line.match_indices('#')
        .find(|&(at, _)| at > 0 && toml::from_str::<toml::Table>(&line[..at]).is_ok())
        .map(|(at, _)| line[at..].trim_end())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::carry_over;

    #[test]
    fn comments_stay_with_their_field_or_table() {
        let old = "# head\nname = \"a # b\" # who\n\n# images\n[[imagery]]\npath = \"s2\"\n\n# radar\n[[imagery]]\npath = \"s1\" # far\n# end\n";
        let new = "version = \"1.0\"\nname = \"c\"\n\n[[imagery]]\npath = \"s3\"\n\n[[imagery]]\npath = \"s1\"\n";
        let expected = "version = \"1.0\"\n# head\nname = \"c\" # who\n\n# images\n[[imagery]]\npath = \"s3\"\n\n# radar\n[[imagery]]\npath = \"s1\" # far\n# end\n";
        assert_eq!(carry_over(old, new), expected);
    }

    #[test]
    fn comments_of_a_removed_field_move_to_the_next_one() {
        assert_eq!(carry_over("# why\nepsg = 1 # note\nid = \"x\"\n", "id = \"x\"\n"), "# why\n# note\nid = \"x\"\n");
    }
}
