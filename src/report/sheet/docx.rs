//! The sheet as DOCX: identification, verdicts, why, figures and tables, in Word's own styles of headings.
//!
//! All identifiers that the crate would count through the program's life are given here, so that equal inputs give equal bytes.

use std::io::Cursor;

use docx_rs::{
    AlignmentType, Docx, Footer, LineSpacing, NumPages, PageMargin, PageNum, Paragraph, Pic, Run, RunFonts, Shading, Style,
    StyleType, Table, TableBorders, TableCell, TableCellBorder, TableCellBorderPosition, TableLayoutType, TableRow, WidthType,
};

use super::content;
use crate::model::evidence::{Picture, Sheet};

/// A4 with margins of 16 mm, in twentieths of a point.
const PAGE: [u32; 2] = [11_906, 16_838];
const MARGIN: i32 = 907;
/// Width of the text, twentieths of a point.
const WIDTH: usize = 10_092;
/// The same in the unit of drawings: 635 of them are a twentieth of a point.
const EMU: u32 = 635;
const GREY: &str = "48545D";
const LINE: &str = "C8D0D5";

/// The sheet as DOCX.
pub fn docx(sheet: &Sheet) -> Result<Vec<u8>, String> {
    let mut out = Writer { docx: set_up(sheet), paragraphs: 0, pictures: 0 };
    identification(&mut out, sheet);
    verdicts(&mut out, sheet);
    for (name, picture) in [("Calendar", &sheet.calendar), ("Graphs", &sheet.graphs)] {
        if let Some(picture) = picture {
            out.heading(2, name);
            out.picture(picture, 1.0);
        }
    }
    let clusters: Vec<Picture> = sheet.clusters.iter().cloned().collect();
    let map: Vec<Picture> = sheet.map.iter().cloned().collect();
    for (name, list, share) in
        [("Map", &map, 0.5), ("Pinned evidence", &sheet.chips, 0.3), ("Clusters", &clusters, 0.5), ("Photos", &sheet.photos, 0.6)]
    {
        if !list.is_empty() {
            out.heading(2, name);
            for picture in list {
                out.picture(picture, share);
            }
        }
    }
    for why in &sheet.absent {
        out.text(run(why).color(GREY));
    }
    tables(&mut out, sheet);
    out.text(run(&sheet.attribution).size(14).color(GREY));
    let mut bytes = Cursor::new(Vec::new());
    out.docx
        .build()
        .pack(&mut bytes)
        .map_err(|error| format!("cannot write the sheet of parcel {} as DOCX: {error}", sheet.parcel))?;
    Ok(bytes.into_inner())
}

fn set_up(sheet: &Sheet) -> Docx {
    let time = content::newest(sheet).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let heading = |level: usize, size: usize| {
        Style::new(format!("Heading{level}"), StyleType::Paragraph).name(format!("Heading {level}")).size(size).bold()
    };
    let foot = Paragraph::new()
        .id("0F000001")
        .add_run(run(&format!("{} · page ", content::footer(sheet).join(" · "))).size(14).color(GREY))
        .add_page_num(PageNum::new())
        .add_run(run(" of ").size(14).color(GREY))
        .add_num_pages(NumPages::new());
    let margin = PageMargin::new().top(MARGIN).bottom(MARGIN).left(MARGIN).right(MARGIN).header(400).footer(400);
    Docx::new()
        .created_at(&time)
        .updated_at(&time)
        .page_size(PAGE[0], PAGE[1])
        .page_margin(margin)
        .default_fonts(RunFonts::new().ascii("Inter").hi_ansi("Inter").cs("Arial"))
        .default_size(18)
        .default_line_spacing(LineSpacing::new().after(60))
        .add_style(heading(1, 40))
        .add_style(heading(2, 24))
        .footer(Footer::new().add_paragraph(foot))
}

fn run(text: &str) -> Run {
    // XML knows no control characters; a line break is a space, as on paper.
    let text: String = text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c }).collect();
    Run::new().add_text(text.chars().filter(|c| !c.is_control() && !matches!(c, '\u{FFFE}' | '\u{FFFF}')).collect::<String>())
}

/// A document being written, and how many things in it have an identifier.
struct Writer {
    docx: Docx,
    paragraphs: u32,
    pictures: u32,
}

impl Writer {
    fn paragraph(&mut self) -> Paragraph {
        self.paragraphs += 1;
        Paragraph::new().id(format!("{:08X}", self.paragraphs))
    }

    fn add(&mut self, paragraph: Paragraph) {
        self.docx = std::mem::take(&mut self.docx).add_paragraph(paragraph);
    }

    fn text(&mut self, run: Run) {
        let paragraph = self.paragraph().add_run(run);
        self.add(paragraph);
    }

    fn heading(&mut self, level: usize, text: &str) {
        let paragraph = self.paragraph().style(&format!("Heading{level}")).keep_next(true).add_run(run(text));
        self.add(paragraph);
    }

    /// A picture as wide as a share of the page, with its caption.
    fn picture(&mut self, picture: &Picture, share: f64) {
        let [width, height] = picture.size;
        if width == 0 || height == 0 || !picture.png.starts_with(&[0x89, b'P', b'N', b'G']) {
            self.text(run(&format!("{}: the file is no PNG, which is what this document can hold.", picture.file)).color(GREY));
            return;
        }
        self.pictures += 1;
        let ratio = f64::from(height) / f64::from(width);
        let text_width = WIDTH as f64;
        // A picture stays on one page together with its caption.
        let wide = (text_width * share).min(text_width * 1.25 / ratio);
        let size = [(wide * f64::from(EMU)) as u32, (wide * ratio * f64::from(EMU)) as u32];
        let pic = Pic::new_with_dimensions(picture.png.clone(), width, height)
            .id(format!("rIdImage{}", self.pictures))
            .size(size[0], size[1]);
        let shown = self.paragraph().keep_next(true).add_run(Run::new().add_image(pic));
        self.add(shown);
        self.text(run(&picture.caption).size(14).color(GREY));
    }

    fn cell(&mut self, run: Run, align: AlignmentType, width: usize) -> TableCell {
        let paragraph = self.paragraph().align(align).add_run(run);
        let line = TableCellBorder::new(TableCellBorderPosition::Bottom).color(LINE).size(2);
        TableCell::new().add_paragraph(paragraph).width(width, WidthType::Dxa).clear_all_border().set_border(line)
    }

    /// A table; columns are names, shares of the width and whether they are numbers.
    fn table(&mut self, columns: &[(&str, f64, bool)], rows: &[Vec<String>]) {
        let widths: Vec<usize> = columns.iter().map(|(_, share, _)| (share * WIDTH as f64) as usize).collect();
        let align = |number: bool| if number { AlignmentType::Right } else { AlignmentType::Left };
        let mut lines = Vec::with_capacity(rows.len() + 1);
        let head = columns
            .iter()
            .zip(&widths)
            .map(|((name, _, number), &width)| self.cell(run(name).bold().size(14).color(GREY), align(*number), width))
            .collect();
        lines.push(TableRow::new(head).cant_split());
        for row in rows {
            let cells = row
                .iter()
                .zip(columns.iter().zip(&widths))
                .map(|(text, ((_, _, number), &width))| self.cell(run(text).size(15), align(*number), width))
                .collect();
            lines.push(TableRow::new(cells).cant_split());
        }
        let table = Table::new(lines)
            .set_grid(widths)
            .layout(TableLayoutType::Fixed)
            .width(WIDTH, WidthType::Dxa)
            .set_borders(TableBorders::with_empty());
        self.docx = std::mem::take(&mut self.docx).add_table(table);
    }
}

fn identification(out: &mut Writer, sheet: &Sheet) {
    out.text(run("Parcel sheet").bold().size(15).color("006B82"));
    out.heading(1, content::heading(sheet));
    out.text(run(&sheet.summary).size(22));
    if !sheet.facts.is_empty() {
        let rows: Vec<Vec<String>> = sheet.facts.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect();
        out.table(&[("Fact", 0.3, false), ("Value", 0.7, false)], &rows);
    }
}

fn verdicts(out: &mut Writer, sheet: &Sheet) {
    out.heading(2, "Verdicts");
    for card in content::cards(sheet) {
        for given in &card.given {
            let sign = given.sign;
            let word = run(&format!("{} {}", sign.letter(), given.word)).bold().size(22).color(sign.colour());
            let paragraph =
                out.paragraph().keep_next(true).add_run(run(&format!("{}: ", card.name)).bold().color(GREY)).add_run(word);
            out.add(paragraph);
            for line in &given.lines {
                out.text(run(line));
            }
        }
    }
    if !content::verdicts_remark(sheet).is_empty() {
        out.text(run(content::verdicts_remark(sheet)));
    }
    if let Some((sign, word, source)) = content::other(sheet) {
        let said = run(&format!("{} {word} ", sign.letter())).bold().color(sign.colour());
        let name = run("Other system: ").bold().shading(Shading::new().fill("F2F5F6"));
        let paragraph = out.paragraph().add_run(name).add_run(said).add_run(run(source));
        out.add(paragraph);
    }
    for (name, text) in [("Why", content::why(sheet).to_owned()), ("Flag", content::flag(sheet))] {
        if !text.is_empty() {
            let name = run(&format!("{name}: ")).bold().shading(Shading::new().fill("F2F5F6"));
            let paragraph = out.paragraph().add_run(name).add_run(run(&text));
            out.add(paragraph);
        }
    }
}

fn tables(out: &mut Writer, sheet: &Sheet) {
    if !sheet.markers.is_empty() {
        out.heading(2, "Markers and comparisons");
        let name = |own: &crate::model::evidence::MarkerLine| {
            if own.decides { format!("{} (decides)", own.name) } else { own.name.clone() }
        };
        let rows: Vec<Vec<String>> = sheet
            .markers
            .iter()
            .map(|own| {
                let outcome = own.outcome.to_owned();
                vec![name(own), outcome, own.value.clone(), own.threshold.clone(), own.margin.clone(), own.note.clone()]
            })
            .collect();
        let columns = [
            ("Marker", 0.24, false),
            ("Outcome", 0.1, false),
            ("Value", 0.1, true),
            ("Threshold", 0.12, true),
            ("Margin", 0.1, true),
            ("Event or observations", 0.34, false),
        ];
        out.table(&columns, &rows);
    }
    if !sheet.observations.is_empty() {
        out.heading(2, "Observations");
        out.text(run(&content::observations_remark(&sheet.observations)).color(GREY));
        let used = |own: &crate::model::evidence::ObservationLine| {
            if own.used { "used".to_owned() } else { format!("excluded: {}", own.why) }
        };
        let rows: Vec<Vec<String>> = sheet
            .observations
            .iter()
            .map(|own| vec![content::time(&own.acquired), own.source.clone(), own.clear.clone(), used(own)])
            .collect();
        let columns =
            [("Acquired, UTC", 0.22, false), ("Source", 0.2, false), ("Clear", 0.1, true), ("Used, or why not", 0.48, false)];
        out.table(&columns, &rows);
    }
    if !sheet.history.is_empty() {
        out.heading(2, "History");
        let rows: Vec<Vec<String>> =
            sheet.history.iter().map(|own| vec![content::time(&own.time), own.user.clone(), own.what.clone()]).collect();
        out.table(&[("Time, UTC", 0.22, false), ("Who", 0.18, false), ("What", 0.6, false)], &rows);
    }
    if !sheet.inputs.is_empty() {
        out.heading(2, "Inputs");
        let inputs = content::folded(&sheet.inputs);
        let rows: Vec<Vec<String>> =
            inputs.iter().map(|own| vec![own.path.clone(), content::grouped(own.bytes), own.sha256.clone()]).collect();
        out.table(&[("File", 0.4, false), ("Bytes", 0.14, true), ("SHA-256", 0.46, false)], &rows);
        if inputs.iter().any(|own| own.folder) {
            out.text(run(content::FOLDED).size(14).color(GREY));
        }
    }
}
