//! What all pages of a pack share: head, style, escaping.

use super::svg;

const STYLE: &str = include_str!("../../assets/report/page.css");

/// Text as content or attribute. A text of a person stands in `bdi`, so that its direction of writing stays its own: see [`own`].
pub fn escape(text: &str) -> String {
    svg::escape(text).replace('\'', "&#39;")
}

/// A text that came from people or files, escaped and isolated.
pub fn own(text: &str) -> String {
    if text.is_ascii() { escape(text) } else { format!("<bdi>{}</bdi>", escape(text)) }
}

/// Appends a piece of a page.
pub fn push(out: &mut String, piece: &str) {
    out.push_str(piece);
}

/// A relative address. Names of files are percent-encoded, so that nothing in them is read as scheme, query or fragment.
pub fn address(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            push(&mut out, &format!("%{byte:02X}"));
        }
    }
    out
}

/// A whole page, written so that readers of XML read it too. `more` is added to the style.
pub fn page(title: &str, software: &str, more: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"script-src 'none'; object-src 'none'; base-uri 'none'\"/>\n\
         <meta name=\"generator\" content=\"{}\"/>\n<title>{}</title>\n<style>\n{STYLE}{more}</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
         </body>\n</html>\n",
        escape(software),
        escape(title)
    )
}

/// A table with named columns. `class` is that of the cells of a column: `n` for numbers, `mono`, `hash` or nothing.
#[derive(Debug)]
pub struct Table {
    columns: Vec<(&'static str, &'static str)>,
    rows: String,
}

impl Table {
    /// A table without rows; columns are names and classes.
    pub fn new(columns: &[(&'static str, &'static str)]) -> Self {
        Self { columns: columns.to_vec(), rows: String::new() }
    }

    /// Adds a row of cells that are HTML already; the first names the row.
    pub fn row(&mut self, class: &str, cells: &[String]) {
        let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
        push(&mut self.rows, &format!("<tr{class}>"));
        for (at, ((_, class), cell)) in self.columns.iter().zip(cells).enumerate() {
            let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
            if at == 0 {
                push(&mut self.rows, &format!("<th scope=\"row\"{class}>{cell}</th>"));
            } else {
                push(&mut self.rows, &format!("<td{class}>{cell}</td>"));
            }
        }
        self.rows.push_str("</tr>\n");
    }

    /// The table.
    pub fn finish(self) -> String {
        let head = self
            .columns
            .iter()
            .map(|(name, class)| {
                let class = if *class == "n" { " class=\"n\"" } else { "" };
                format!("<th scope=\"col\"{class}>{name}</th>")
            })
            .collect::<Vec<_>>()
            .concat();
        format!("<div class=\"scroll\"><table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{}</tbody>\n</table></div>\n", self.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_no_scheme_query_or_fragment() {
        assert_eq!(address("../evidence/A 1#?.png"), "../evidence/A%201%23%3F.png");
        assert_eq!(address("javascript:alert(1)"), "javascript%3Aalert%281%29");
        assert_eq!(address("łąka.html"), "%C5%82%C4%85ka.html");
    }

    #[test]
    fn texts_are_escaped_and_foreign_ones_isolated() {
        assert_eq!(own("<b>'\"&"), "&lt;b&gt;&#39;&quot;&amp;");
        assert_eq!(own("\u{202E}x"), "<bdi>\u{202E}x</bdi>");
    }
}
