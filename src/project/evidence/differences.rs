//! What differs between two files of a pack, in words that say which number was and which is.

use std::collections::BTreeMap;
use std::path::Path;

/// Differences of one file that are told, at most.
const MOST: usize = 8;

/// What differs between a file as it was and as it is now; never nothing.
pub fn differences(path: &str, before: &Path, now: &Path) -> Vec<String> {
    let read = |path: &Path| std::fs::read(path).map_err(|error| format!("cannot be read ({error})"));
    let (old, new) = match (read(before), read(now)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(why), _) | (_, Err(why)) => return vec![why],
    };
    let ending = path.rsplit('.').next().unwrap_or_default();
    let mut told = match (ending, String::from_utf8(old.clone()), String::from_utf8(new.clone())) {
        ("html", Ok(old), Ok(new)) => tables(&rows_of_html(&old), &rows_of_html(&new)),
        ("csv", Ok(old), Ok(new)) => tables(&rows_of_csv(&old), &rows_of_csv(&new)),
        ("toml" | "pgw" | "xml", Ok(old), Ok(new)) => lines(&old, &new),
        ("svg", Ok(old), Ok(new)) => vec![format!("{} of its lines differ; its PNG says how much", lines(&old, &new).len())],
        ("png", ..) => pixels(&old, &new).into_iter().collect(),
        ("pdf" | "docx", ..) => vec!["it is set from the sheet, whose differences are told with its HTML".to_owned()],
        ("gpkg", ..) => vec!["its rows are those of decisions.csv".to_owned()],
        _ => Vec::new(),
    };
    if told.is_empty() {
        told.push(if old.len() == new.len() {
            let at = old.iter().zip(&new).position(|(a, b)| a != b).unwrap_or_default();
            format!("the same length, other bytes from byte {at} on")
        } else {
            format!("{} bytes before, {} now", old.len(), new.len())
        });
    }
    if told.len() > MOST {
        let more = told.len() - MOST;
        told.truncate(MOST);
        told.push(format!("{more} more differences"));
    }
    told
}

/// A row of a table, or a paragraph of its own.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    /// Heading above it.
    section: String,
    /// What the row is known by: its first cell, with a number where that occurs again.
    key: String,
    /// Names of the columns; empty where there are none.
    names: Vec<String>,
    cells: Vec<String>,
}

/// Rows that differ, cell by cell.
fn tables(before: &[Row], now: &[Row]) -> Vec<String> {
    // Headings count what stands below them: what is before the first number tells them apart.
    let heading = |row: &Row| row.section.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().trim().to_owned();
    let place = |row: &Row| (heading(row), row.key.clone());
    let old: BTreeMap<_, &Row> = before.iter().map(|row| (place(row), row)).collect();
    let new: BTreeMap<_, &Row> = now.iter().map(|row| (place(row), row)).collect();
    let within = |row: &Row| if row.section.is_empty() { String::new() } else { format!("{}, ", row.section) };
    let mut told = Vec::new();
    for row in before {
        match new.get(&place(row)) {
            Some(other) => told.extend(cells(row, other).into_iter().map(|cell| format!("{}{}{cell}", within(row), row.key))),
            None => told.push(format!("{}“{}” is not there any more", within(row), row.cells.join(" | "))),
        }
    }
    let added = now.iter().filter(|row| !old.contains_key(&place(row)));
    told.extend(added.map(|row| format!("{}“{}” was not there", within(row), row.cells.join(" | "))));
    told
}

/// `: Clear was “92 %”, is “43 %”` for each cell that differs.
fn cells(before: &Row, now: &Row) -> Vec<String> {
    let count = before.cells.len().max(now.cells.len());
    let cell = |row: &Row, at: usize| row.cells.get(at).cloned().unwrap_or_default();
    (0..count)
        .filter(|&at| cell(before, at) != cell(now, at))
        .map(|at| {
            let name = now.names.get(at).or(before.names.get(at)).filter(|name| !name.is_empty());
            let name = name.map(|name| format!("{name} ")).unwrap_or_default();
            format!(": {name}was “{}”, is “{}”", cell(before, at), cell(now, at))
        })
        .collect()
}

/// Adds a row under a key of its own.
fn push(
    rows: &mut Vec<Row>,
    counts: &mut BTreeMap<(String, String), usize>,
    section: &str,
    names: &[String],
    cells: Vec<String>,
) {
    let first = cells.first().cloned().unwrap_or_default();
    let count = counts.entry((section.to_owned(), first.clone())).or_default();
    *count += 1;
    let key = if *count == 1 { first } else { format!("{first} ({count})") };
    rows.push(Row { section: section.to_owned(), key, names: names.to_vec(), cells });
}

fn rows_of_csv(text: &str) -> Vec<Row> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let names: Vec<String> = reader.headers().map(|names| names.iter().map(str::to_owned).collect()).unwrap_or_default();
    let (mut rows, mut counts) = (Vec::new(), BTreeMap::new());
    for record in reader.records().flatten() {
        push(&mut rows, &mut counts, "", &names, record.iter().map(str::to_owned).collect());
    }
    rows
}

/// Tables and texts of a page of ours: rows with the names of their columns, and every other text for itself.
fn rows_of_html(text: &str) -> Vec<Row> {
    let mut page = Page::default();
    let body = text.find("<body").map_or(text, |at| &text[at..]);
    let mut rest = body;
    while let Some(open) = rest.find('<') {
        page.text(&rest[..open]);
        let Some(close) = rest[open..].find('>') else { break };
        page.tag(&rest[open + 1..open + close]);
        rest = &rest[open + close + 1..];
    }
    page.text(rest);
    page.end_of_text();
    page.rows
}

/// A page while it is read.
#[derive(Default)]
struct Page {
    rows: Vec<Row>,
    counts: BTreeMap<(String, String), usize>,
    section: String,
    names: Vec<String>,
    cells: Vec<String>,
    /// Cells of the row are all headings.
    heading: bool,
    in_row: bool,
    loose: String,
    skipped: bool,
}

impl Page {
    fn text(&mut self, text: &str) {
        if !self.skipped {
            self.loose.push_str(&unescaped(text));
        }
    }

    fn tag(&mut self, tag: &str) {
        let name: String = tag.chars().take_while(|c| !c.is_whitespace() && *c != '>').collect::<String>().to_ascii_lowercase();
        match name.trim_end_matches('/') {
            "script" | "style" => self.skipped = true,
            "/script" | "/style" => self.skipped = false,
            "table" => {
                self.end_of_text();
                self.names.clear();
            }
            "tr" => {
                self.end_of_text();
                (self.in_row, self.heading, self.cells) = (true, true, Vec::new());
            }
            "td" => (self.heading, self.loose) = (false, String::new()),
            "th" => self.loose.clear(),
            "/td" | "/th" => self.cells.push(tidy(&std::mem::take(&mut self.loose))),
            "/tr" => {
                self.in_row = false;
                let cells = std::mem::take(&mut self.cells);
                if self.heading {
                    self.names = cells;
                } else {
                    push(&mut self.rows, &mut self.counts, &self.section, &self.names, cells);
                }
            }
            "/h1" | "/h2" | "/h3" => {
                self.section = tidy(&std::mem::take(&mut self.loose));
                self.names.clear();
            }
            "p" | "/p" | "div" | "/div" | "li" | "/li" | "dt" | "/dt" | "dd" | "/dd" | "section" | "/section" | "figcaption"
            | "/figcaption" | "h1" | "h2" | "h3" | "header" | "/header" | "footer" | "/footer" | "br"
                if !self.in_row =>
            {
                self.end_of_text();
            }
            _ => self.loose.push(' '),
        }
    }

    /// A text outside tables is a row of one cell, known by its place.
    fn end_of_text(&mut self) {
        let text = tidy(&std::mem::take(&mut self.loose));
        if !text.is_empty() && !self.in_row {
            let count = self.counts.entry((self.section.clone(), String::new())).or_default();
            *count += 1;
            let key = format!("text {count}");
            self.rows.push(Row { section: self.section.clone(), key, names: Vec::new(), cells: vec![text] });
        }
    }
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

/// Lines that differ.
fn lines(before: &str, now: &str) -> Vec<String> {
    const LONGEST: usize = 160;
    let short = |line: &str| line.chars().take(LONGEST).collect::<String>();
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), now.lines().collect());
    let count = old.len().max(new.len());
    let line =
        |lines: &[&str], at: usize| lines.get(at).map_or_else(|| "nothing".to_owned(), |line| format!("“{}”", short(line)));
    (0..count)
        .filter(|&at| old.get(at) != new.get(at))
        .map(|at| format!("line {} was {}, is {}", at + 1, line(&old, at), line(&new, at)))
        .collect()
}

/// How many pixels of a picture differ, and how much.
fn pixels(before: &[u8], now: &[u8]) -> Option<String> {
    // What is no picture any more is told by its length.
    let (old, new) = (image::load_from_memory(before).ok()?.to_rgba8(), image::load_from_memory(now).ok()?.to_rgba8());
    if old.dimensions() != new.dimensions() {
        let (old, new) = (old.dimensions(), new.dimensions());
        return Some(format!("{} x {} pixels before, {} x {} now", old.0, old.1, new.0, new.1));
    }
    let most = |(a, b): (&image::Rgba<u8>, &image::Rgba<u8>)| a.0.iter().zip(b.0).map(|(a, b)| a.abs_diff(b)).max().unwrap_or(0);
    let differ: Vec<u8> = old.pixels().zip(new.pixels()).map(most).filter(|&by| by > 0).collect();
    let count = old.pixels().len();
    Some(match differ.iter().max() {
        Some(most) => format!("{} of {count} pixels differ, by up to {most} of 255", differ.len()),
        None => "the same pixels in other bytes".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><head><title>x</title><style>p{}</style></head><body><h1>P1</h1><p>Maize</p><h2>Observations</h2>\
        <table><tr><th scope=\"col\">Time</th><th>Clear</th></tr>\
        <tr><th scope=\"row\">2019-04-16</th><td>92 % &amp; more</td></tr><tr><td>2019-04-18</td><td>3 %</td></tr></table></body></html>";

    fn told(before: &str, now: &str) -> Vec<String> {
        tables(&rows_of_html(before), &rows_of_html(now))
    }

    #[test]
    fn a_changed_cell_is_named_by_section_row_and_column() {
        assert!(told(PAGE, PAGE).is_empty());
        assert_eq!(
            told(PAGE, &PAGE.replace("92 %", "43 %")),
            ["Observations, 2019-04-16: Clear was “92 % & more”, is “43 % & more”"]
        );
        assert_eq!(told(PAGE, &PAGE.replace("Maize", "Wheat")), ["P1, text 1: was “Maize”, is “Wheat”"]);
        // A heading that counts its rows is the same heading when the count changes.
        let counted = |count: &str| PAGE.replace("Observations", &format!("Observations {count} used"));
        assert_eq!(
            told(&counted("38"), &counted("39").replace("92 %", "43 %")),
            ["Observations 38 used, 2019-04-16: Clear was “92 % & more”, is “43 % & more”"]
        );
    }

    #[test]
    fn rows_that_come_and_go_are_told() {
        let fewer = PAGE.replace("<tr><td>2019-04-18</td><td>3 %</td></tr>", "");
        assert_eq!(told(PAGE, &fewer), ["Observations, “2019-04-18 | 3 %” is not there any more"]);
        assert_eq!(told(&fewer, PAGE), ["Observations, “2019-04-18 | 3 %” was not there"]);
    }

    #[test]
    fn tables_are_compared_by_their_columns() {
        let (old, new) = ("id,verdict\nP1,red\nP1,green\n", "id,verdict\nP1,red\nP1,yellow\n");
        assert_eq!(tables(&rows_of_csv(old), &rows_of_csv(new)), ["P1 (2): verdict was “green”, is “yellow”"]);
    }

    #[test]
    fn pictures_tell_how_many_pixels_differ() {
        let png = |value: u8| {
            let mut image = image::RgbaImage::from_pixel(3, 2, image::Rgba([10, 10, 10, 255]));
            image.put_pixel(1, 1, image::Rgba([10, value, 10, 255]));
            let mut bytes = std::io::Cursor::new(Vec::new());
            image.write_to(&mut bytes, image::ImageFormat::Png).expect("writes");
            bytes.into_inner()
        };
        assert_eq!(pixels(&png(10), &png(30)).expect("pictures"), "1 of 6 pixels differ, by up to 20 of 255");
    }

    #[test]
    fn other_bytes_are_always_told() {
        let folder = tempfile::tempdir().expect("a folder");
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        std::fs::write(&a, [1, 2, 3, 255]).expect("writes");
        std::fs::write(&b, [1, 2, 4, 255]).expect("writes");
        assert_eq!(differences("x.bin", &a, &b), ["the same length, other bytes from byte 2 on"]);
        assert!(!differences("x.html", &a, &b).is_empty());
    }
}
