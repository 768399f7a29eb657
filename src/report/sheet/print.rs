//! The sheet on paper: the data of the template `sheet.typ`.

use serde_json::{Value, json};

use super::{content, sketch};
use crate::model::evidence::{ObservationLine, Picture, Sheet};
use crate::report::svg;
use crate::report::typeset::{self, Job, Template};

/// The sheet as PDF.
pub fn pdf(sheet: &Sheet) -> Result<Vec<u8>, String> {
    typeset::pdf(job(sheet)).map_err(|why| format!("cannot set the sheet of parcel {} as PDF: {why}", sheet.parcel))
}

/// The same pages as PNG pictures of a width in pixels, to be looked at.
pub fn pages(sheet: &Sheet, width_px: u32) -> Result<Vec<Vec<u8>>, String> {
    // What draws pages for the screen does not draw pictures inside drawings: the calendar's own picture stands for its drawing.
    let mut sheet = sheet.clone();
    sheet.calendar.iter_mut().for_each(|calendar| calendar.svg = None);
    // A4 is 210 mm wide, a unit of the drawing is one of 96 to the inch.
    let scale = width_px as f32 / (210.0 / 25.4 * 96.0);
    typeset::pages(job(&sheet))?.iter().map(|page| svg::png(page, scale)).collect()
}

/// What the typesetter gets of a sheet.
fn job(sheet: &Sheet) -> Job {
    let mut files = Files::default();
    let sketch = sketch::svg(&sheet.outline, &sheet.parcel).map(|(svg, words)| {
        files.0.push(("sketch.svg".to_owned(), svg.into_bytes()));
        words
    });
    let mut absent = sheet.absent.clone();
    let mut one = |picture: Option<&Picture>| picture.map_or(Value::Null, |own| files.add(own, &mut absent));
    let map = one(sheet.map.as_ref());
    let calendar = one(sheet.calendar.as_ref());
    let graphs = one(sheet.graphs.as_ref());
    let clusters = one(sheet.clusters.as_ref());
    let mut several = |pictures: &[Picture]| -> Vec<Value> {
        pictures.iter().map(|own| files.add(own, &mut absent)).filter(|value| !value.is_null()).collect()
    };
    let chips = several(&sheet.chips);
    let pinned = if chips.is_empty() {
        "Map"
    } else if map.is_null() {
        "Pinned evidence"
    } else {
        "Map and pinned evidence"
    };
    let chips: Vec<Value> = [map].into_iter().filter(|own| !own.is_null()).chain(chips).collect();
    let photos = several(&sheet.photos);
    let inputs = content::folded(&sheet.inputs);
    let folded = inputs.iter().any(|own| own.folder);
    let (used, excluded): (Vec<_>, Vec<_>) = sheet.observations.iter().partition(|own| own.used);
    let data = json!({
        "title": format!("Parcel {}", sheet.parcel).trim_end(),
        "author": if sheet.project.is_empty() { "Parcelight" } else { sheet.project.as_str() },
        "description": format!("Parcel sheet of {}: {}", sheet.parcel, sheet.summary),
        "footer": content::footer(sheet),
        "attribution": sheet.attribution,
        "kind": "Parcel sheet",
        "parcel": content::heading(sheet),
        "summary": sheet.summary,
        "facts": sheet.facts,
        "sketch": sketch,
        "verdicts": cards(sheet),
        "verdicts-remark": content::verdicts_remark(sheet),
        "other": content::other(sheet).map(|(sign, word, source)| json!({ "sign": sign.name(), "word": word, "source": source })),
        "why": content::why(sheet),
        "flag": content::flag(sheet),
        "calendar": calendar,
        "graphs": graphs,
        "chips": chips,
        "chips-name": pinned,
        "clusters": if clusters.is_null() { Vec::new() } else { vec![clusters] },
        "photos": photos,
        "absent": absent,
        "ruleset": content::ruleset(sheet),
        "markers": markers(sheet),
        "observations-remark": content::observations_remark(&sheet.observations),
        "used": used.iter().map(|own| observation(own)).collect::<Vec<_>>(),
        "excluded": excluded.iter().map(|own| observation(own)).collect::<Vec<_>>(),
        "history": sheet.history.iter()
            .map(|own| json!({ "time": content::time(&own.time), "user": own.user, "what": own.what })).collect::<Vec<_>>(),
        "inputs": inputs.iter()
            .map(|own| json!({ "path": own.path, "bytes": content::grouped(own.bytes), "sha256": own.sha256 })).collect::<Vec<_>>(),
        "inputs-remark": format!("{} file{}", sheet.inputs.len(), if sheet.inputs.len() == 1 { "" } else { "s" }),
        "inputs-note": if folded { content::FOLDED } else { "" },
    });
    let identity = format!("parcelight sheet {} {} {}", sheet.project, sheet.parcel, sheet.ruleset.1);
    Job { template: Template::Sheet, data, files: files.0, identity, time: content::newest(sheet) }
}

fn cards(sheet: &Sheet) -> Vec<Value> {
    let given = |own: &content::Given| json!({ "sign": own.sign.name(), "word": own.word, "lines": own.lines });
    let card = |own: &content::Card| json!({ "name": own.name, "sign": own.sign().name(), "given": own.given.iter().map(given).collect::<Vec<_>>() });
    content::cards(sheet).iter().map(card).collect()
}

fn markers(sheet: &Sheet) -> Vec<Value> {
    let line = |own: &crate::model::evidence::MarkerLine| {
        json!({
            "name": own.name, "outcome": own.outcome, "value": own.value, "threshold": own.threshold, "margin": own.margin,
            "note": own.note, "decides": own.decides,
        })
    };
    sheet.markers.iter().map(line).collect()
}

fn observation(own: &ObservationLine) -> Value {
    json!({ "acquired": content::minute(&own.acquired), "source": own.source, "clear": own.clear, "why": own.why })
}

/// Files beside the template.
#[derive(Default)]
struct Files(Vec<(String, Vec<u8>)>);

impl Files {
    /// Adds a picture; what is none is told among what is absent. A drawing is taken before pixels: it is sharp in every size and
    /// its texts can be selected.
    fn add(&mut self, picture: &Picture, absent: &mut Vec<String>) -> Value {
        let [width, height] = picture.size;
        let ending = match (&picture.svg, picture.png.as_slice()) {
            _ if width == 0 || height == 0 => None,
            (Some(_), _) => Some("svg"),
            (None, [0x89, b'P', b'N', b'G', ..]) => Some("png"),
            (None, [0xFF, 0xD8, ..]) => Some("jpg"),
            _ => None,
        };
        let Some(ending) = ending else {
            absent.push(format!("{}: the file is no picture that can be printed.", picture.file));
            return Value::Null;
        };
        let name = format!("picture-{}.{ending}", self.0.len());
        let content = picture.svg.as_ref().map_or_else(|| picture.png.clone(), |svg| svg.clone().into_bytes());
        self.0.push((name.clone(), content));
        let caption = if picture.caption.trim().is_empty() { picture.file.as_str() } else { picture.caption.as_str() };
        // Chips and clusters are enlarged pixels with hard edges; photos are larger than they are printed.
        let crisp = ending == "png" && width.max(height) < 400;
        json!({ "file": name, "size": [width, height], "caption": caption, "alt": caption, "crisp": crisp })
    }
}
