//! Pages for people: chips, a background, errors, the front page.

use std::fmt::Write as _;

/// A picture with its caption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Date label.
    pub label: String,
    /// `data:` address.
    pub source: String,
}

/// Pictures of a row, as JRC's page has them.
const COLUMNS: usize = 8;

/// The page of `chipsByLocation`: a table of pictures with their dates.
pub fn chips_page(pictures: &[Picture]) -> String {
    let mut body = String::from("<table style=\"width:100%\">\n");
    for row in pictures.chunks(COLUMNS) {
        body.push_str("<tr>");
        for picture in row {
            let label = escape(&picture.label);
            // Writing to a String cannot fail.
            let _ =
                write!(body, "<td align=\"center\"><img src=\"{}\" alt=\"{label}\"><br>{label}</td>", escape(&picture.source));
        }
        body.push_str("</tr>\n");
    }
    body.push_str("</table>\n");
    page("Chips", &body)
}

/// A page with one picture.
pub fn image_page(source: &str) -> String {
    page("Background", &format!("<img src=\"{}\" alt=\"background\">\n", escape(source)))
}

/// A page that says what went wrong.
pub fn error_page(title: &str, sentence: &str) -> String {
    page(title, &format!("<h1>{}</h1>\n<p>{}</p>\n", escape(title), escape(sentence)))
}

/// What this server is, for those who open its address in a browser.
pub fn start_page(name: &str, aoi: &str, year: &str) -> String {
    let (name, aoi, year) = (escape(name), escape(aoi), escape(year));
    let body = format!(
        "<h1>{name}</h1>\n<p>This is a Parcelight server. It answers the REST contract of JRC's Checks by Monitoring for the area \
         <code>{aoi}</code> and the year <code>{year}</code>, below <code>/query/</code>.</p>\n\
         <p><a href=\"/query/info\">What it offers</a> · <a href=\"/openapi.json\">Description of all routes (OpenAPI)</a></p>\n"
    );
    page("Parcelight", &body)
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{}</title></head><body>\n{body}</body></html>\n",
        escape(title)
    )
}

/// Text inside a page.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stand_eight_in_a_row() {
        let picture = |number: usize| Picture { label: format!("2019-{number}"), source: "data:image/png;base64,AA".to_owned() };
        let page = chips_page(&(0..9).map(picture).collect::<Vec<_>>());
        assert_eq!((page.matches("<tr>").count(), page.matches("<td").count(), page.matches("<img").count()), (2, 9, 9));
    }

    #[test]
    fn nothing_that_was_asked_becomes_markup() {
        let page = error_page("Error", "there is no area \"<script>alert('x')</script>\"");
        assert!(!page.contains("<script>") && page.contains("&lt;script&gt;alert(&#39;x&#39;)"), "{page}");
        assert!(start_page("<b>", "a", "2019").contains("&lt;b&gt;"));
    }
}
