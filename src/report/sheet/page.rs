//! The sheet as HTML.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{content, sketch};
use crate::model::evidence::{Picture, Sheet};
use crate::report::html::{Table, address, escape, own, page, push};

/// Where the pictures of a page are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pictures {
    /// Files in a folder beside the page, e.g. `../evidence/`.
    Folder(String),
    /// In the page itself, for a sheet that travels alone.
    Inside,
}

impl Default for Pictures {
    fn default() -> Self {
        Self::Folder("../evidence/".to_owned())
    }
}

/// The sheet as one HTML file.
pub fn html(sheet: &Sheet, pictures: &Pictures) -> String {
    let mut body = identification(sheet);
    body.push_str(&verdicts(sheet));
    if let Some(calendar) = &sheet.calendar {
        push(&mut body, &format!("<h2>Calendar</h2>\n{}", figure(calendar, pictures)));
    }
    if let Some(graphs) = &sheet.graphs {
        push(&mut body, &format!("<h2>Graphs</h2>\n{}", figure(graphs, pictures)));
    }
    let clusters: Vec<Picture> = sheet.clusters.iter().cloned().collect();
    let map: Vec<Picture> = sheet.map.iter().cloned().collect();
    for (name, class, list) in [
        ("Map", "row", &map),
        ("Pinned evidence", "row", &sheet.chips),
        ("Clusters", "row wide", &clusters),
        ("Photos", "row wide", &sheet.photos),
    ] {
        if !list.is_empty() {
            let figures: String = list.iter().map(|picture| figure(picture, pictures)).collect();
            let count = if name == "Map" { String::new() } else { format!("<small>{}</small>", list.len()) };
            push(&mut body, &format!("<h2>{name}{count}</h2>\n<div class=\"{class}\">\n{figures}</div>\n"));
        }
    }
    if !sheet.absent.is_empty() {
        let reasons = sheet.absent.iter().map(|why| format!("<li>{}</li>\n", own(why))).collect::<Vec<_>>().concat();
        push(&mut body, &format!("<ul class=\"absent\">\n{reasons}</ul>\n"));
    }
    body.push_str(&markers(sheet));
    body.push_str(&observations(sheet));
    body.push_str(&history(sheet));
    body.push_str(&inputs(sheet));
    body.push_str(&foot(sheet));
    page(&format!("Parcel {}", sheet.parcel), &sheet.software, "", &body)
}

fn identification(sheet: &Sheet) -> String {
    let facts = sheet
        .facts
        .iter()
        .map(|(name, value)| format!("<div><dt>{}</dt><dd>{}</dd></div>\n", own(name), own(value)))
        .collect::<Vec<_>>()
        .concat();
    let facts = if facts.is_empty() { facts } else { format!("<dl class=\"facts\">\n{facts}</dl>\n") };
    // The drawing names and describes itself.
    let sketch = sketch::svg(&sheet.outline, &sheet.parcel)
        .map_or_else(String::new, |(svg, _)| format!("<figure class=\"sketch\">{svg}</figure>\n"));
    format!(
        "<header>\n<div>\n<p class=\"kind\">Parcel sheet</p>\n<h1>{}</h1>\n<p class=\"summary\">{}</p>\n{facts}</div>\n{sketch}</header>\n",
        own(content::heading(sheet)),
        own(&sheet.summary)
    )
}

fn verdicts(sheet: &Sheet) -> String {
    let cards = content::cards(sheet)
        .iter()
        .map(|card| {
            let given = card
                .given
                .iter()
                .map(|given| {
                    let lines = given.lines.iter().map(|line| format!("<p>{}</p>\n", own(line))).collect::<Vec<_>>().concat();
                    format!("<p class=\"word {}\">{}{}</p>\n{lines}", given.sign.name(), given.sign.svg(), own(&given.word))
                })
                .collect::<Vec<_>>()
                .concat();
            format!("<section class=\"card {}\">\n<h3>{}</h3>\n{given}</section>\n", card.sign().name(), card.name)
        })
        .collect::<Vec<_>>()
        .concat();
    let remark = match content::verdicts_remark(sheet) {
        "" => String::new(),
        remark => format!("<small>{remark}</small>"),
    };
    let mut out = format!("<h2>Verdicts{remark}</h2>\n<div class=\"cards\">\n{cards}</div>\n");
    if let Some((sign, word, source)) = content::other(sheet) {
        let (class, drawing) = (sign.name(), sign.svg());
        let said = format!("<span class=\"word {class}\">{drawing}{word}</span> {}", own(source));
        push(&mut out, &format!("<p class=\"why other\"><b>Other system</b>{said}</p>\n"));
    }
    for (class, name, text) in [("why", "Why", content::why(sheet).to_owned()), ("flag", "Flag", content::flag(sheet))] {
        if !text.is_empty() {
            push(&mut out, &format!("<p class=\"{class}\"><b>{name}</b>{}</p>\n", own(&text)));
        }
    }
    out
}

fn figure(picture: &Picture, pictures: &Pictures) -> String {
    let [width, height] = picture.size;
    let source = match pictures {
        Pictures::Folder(folder) => format!("{}{}", address(folder), address(&picture.file)),
        Pictures::Inside => {
            let kind = if picture.png.starts_with(&[0xFF, 0xD8]) { "jpeg" } else { "png" };
            format!("data:image/{kind};base64,{}", STANDARD.encode(&picture.png))
        }
    };
    let caption = if picture.caption.trim().is_empty() { &picture.file } else { &picture.caption };
    // Chips are enlarged with hard edges.
    let class = if width.max(height) < 400 { " class=\"crisp\"" } else { "" };
    format!(
        "<figure><img src=\"{source}\" width=\"{width}\" height=\"{height}\"{class} loading=\"lazy\" alt=\"{}\"/>\
         <figcaption>{}</figcaption></figure>\n",
        escape(caption),
        own(caption)
    )
}

fn markers(sheet: &Sheet) -> String {
    if sheet.markers.is_empty() {
        return String::new();
    }
    let columns =
        [("Marker", ""), ("Outcome", ""), ("Value", "n"), ("Threshold", "n"), ("Margin", "n"), ("Event or observations", "")];
    let mut table = Table::new(&columns);
    for marker in &sheet.markers {
        let decides = if marker.decides { "<span class=\"tag\">decides</span>" } else { "" };
        let cells = [
            format!("{}{decides}", own(&marker.name)),
            escape(marker.outcome),
            own(&marker.value),
            own(&marker.threshold),
            own(&marker.margin),
            own(&marker.note),
        ];
        table.row(if marker.decides { "decides" } else { "" }, &cells);
    }
    format!("<h2>Markers and comparisons<small>{}</small></h2>\n{}", own(&content::ruleset(sheet)), table.finish())
}

fn observations(sheet: &Sheet) -> String {
    if sheet.observations.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[("Acquired, UTC", "mono"), ("Source", "mono"), ("Clear", "n"), ("Used, or why not", "")]);
    for line in &sheet.observations {
        let used = if line.used { "used".to_owned() } else { format!("excluded: {}", own(&line.why)) };
        let cells = [own(&content::time(&line.acquired)), own(&line.source), own(&line.clear), used];
        table.row(if line.used { "" } else { "out" }, &cells);
    }
    format!("<h2>Observations<small>{}</small></h2>\n{}", content::observations_remark(&sheet.observations), table.finish())
}

fn history(sheet: &Sheet) -> String {
    if sheet.history.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[("Time, UTC", "mono"), ("Who", ""), ("What", "")]);
    for line in &sheet.history {
        table.row("", &[own(&content::time(&line.time)), own(&line.user), own(&line.what)]);
    }
    format!("<h2>History</h2>\n{}", table.finish())
}

fn inputs(sheet: &Sheet) -> String {
    if sheet.inputs.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[("File", ""), ("Bytes", "n"), ("SHA-256", "mono hash")]);
    for line in &sheet.inputs {
        table.row("", &[own(&line.path), content::grouped(line.bytes), escape(&line.sha256)]);
    }
    format!("<h2>Inputs<small>{} files</small></h2>\n{}", sheet.inputs.len(), table.finish())
}

fn foot(sheet: &Sheet) -> String {
    let parts: Vec<String> = content::footer(sheet).iter().map(|part| own(part)).collect();
    let hash = if sheet.ruleset.1.is_empty() {
        String::new()
    } else {
        format!("<p>Content hash of the ruleset: <code>{}</code></p>\n", escape(&sheet.ruleset.1))
    };
    format!("<footer>\n<p>{}</p>\n{hash}<p>{}</p>\n</footer>\n", parts.join(" · "), own(&sheet.attribution))
}
