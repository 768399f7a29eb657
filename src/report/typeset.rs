//! Typesetting: a template and its data become PDF, with typst as a library.
//!
//! The program's own fonts are the only ones, there are no packages, no files of the machine and no clock: equal inputs give equal
//! bytes. Data go in as a JSON file beside the template, never as source text, so that no text of a user is read as markup.
//! What comes out is tagged and claims PDF/A-2a (kept for long) and PDF/UA-1 (read aloud); the library refuses to write what
//! breaks them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};
use typst_svg::SvgOptions;

/// Which page is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Template {
    /// The sheet of a parcel.
    Sheet,
    /// The summary of a season.
    Season,
}

/// Templates by name; the first is what the others share.
const TEMPLATES: [(&str, &str); 3] = [
    ("common.typ", include_str!("../../assets/report/common.typ")),
    ("sheet.typ", include_str!("../../assets/report/sheet.typ")),
    ("season.typ", include_str!("../../assets/report/season.typ")),
];

/// Results of earlier documents that are kept for the next: templates and fonts are the same in all of them, the rest is let go.
const KEPT_DOCUMENTS: usize = 2;

/// The longest word that is not given places where a line may break.
const LONGEST_WORD: usize = 36;

/// Everything that one document needs.
#[derive(Debug)]
pub struct Job {
    /// Which page.
    pub template: Template,
    /// What it says; texts as people wrote them.
    pub data: Value,
    /// Files that the data name: pictures.
    pub files: Vec<(String, Vec<u8>)>,
    /// What tells this document from others, for the document's identifier.
    pub identity: String,
    /// Time of the document; PDF/A asks for one.
    pub time: Timestamp,
}

/// What all documents share: made once.
struct Shared {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    sources: HashMap<FileId, Source>,
    standards: PdfStandards,
}

static SHARED: LazyLock<Result<Shared, String>> = LazyLock::new(|| {
    let fonts: Vec<Font> = [
        &include_bytes!("../../assets/fonts/Inter-Regular.otf")[..],
        &include_bytes!("../../assets/fonts/Inter-SemiBold.otf")[..],
        &include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf")[..],
        &include_bytes!("../../assets/fonts/JetBrainsMono-SemiBold.ttf")[..],
    ]
    .into_iter()
    .flat_map(|data| Font::iter(Bytes::new(data)))
    .collect();
    let mut sources = HashMap::new();
    for (name, text) in TEMPLATES {
        let id = file_id(name)?;
        sources.insert(id, Source::new(id, text.to_owned()));
    }
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1]).map_err(|error| format!("{}", error.message()))?;
    let book = FontBook::from_fonts(&fonts);
    Ok(Shared { library: LazyHash::new(Library::default()), book: LazyHash::new(book), fonts, sources, standards })
});

fn shared() -> Result<&'static Shared, String> {
    SHARED.as_ref().map_err(Clone::clone)
}

fn file_id(name: &str) -> Result<FileId, String> {
    let path = VirtualPath::new(name).map_err(|error| format!("`{name}` is no name of a file in a document: {error}"))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

/// All that the typesetter can see.
struct Desk {
    shared: &'static Shared,
    main: FileId,
    files: HashMap<FileId, Bytes>,
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.shared.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.shared.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.shared.sources.get(&id).cloned().ok_or_else(|| missing(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or_else(|| missing(id))
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.shared.fonts.get(index).cloned()
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}

/// Puts a document on the desk.
fn desk(data: &mut Value, pictures: Vec<(String, Vec<u8>)>, template: Template) -> Result<Desk, String> {
    let shared = shared()?;
    printable_values(data);
    let data = serde_json::to_vec(&data).map_err(|error| format!("cannot write the data of the document: {error}"))?;
    let mut files = HashMap::from([(file_id("data.json")?, Bytes::new(data))]);
    for (name, content) in pictures {
        let drawing = Path::new(&name).extension().is_some_and(|ending| ending == "svg");
        let content = if drawing { printable_svg(content) } else { content };
        files.insert(file_id(&name)?, Bytes::new(content));
    }
    let main = match template {
        Template::Sheet => "sheet.typ",
        Template::Season => "season.typ",
    };
    Ok(Desk { shared, main: file_id(main)?, files })
}

/// Stack of a thread that sets a document: nested blocks of a template need some.
const STACK_BYTES: usize = 16 << 20;

/// Does work on a thread of its own and waits for it.
///
/// The typesetter shares its own work out between the threads of the pool that it runs in. In a pool that has other documents to do, a
/// thread would begin one of these while it waits for a part of its own, and in that the next, until the stack is full; and where all
/// threads wait, nothing goes on. So every document has a pool of one thread, and who wants it waits on a thread of no pool.
fn apart<T: Send>(work: impl FnOnce() -> Result<T, String> + Send) -> Result<T, String> {
    let alone = || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(1).stack_size(STACK_BYTES).build();
        pool.map_err(|error| format!("no thread for the typesetter: {error}"))?.install(work)
    };
    std::thread::scope(|scope| {
        let waiting = std::thread::Builder::new().name("typeset".to_owned()).spawn_scoped(scope, alone);
        let waiting = waiting.map_err(|error| format!("no thread for the typesetter: {error}"))?;
        waiting.join().unwrap_or_else(|_| Err("the typesetter gave up on this document".to_owned()))
    })
}

/// Sets a document as pages to be looked at, as SVG.
pub fn pages(job: Job) -> Result<Vec<String>, String> {
    apart(move || set_pages(job))
}

fn set_pages(mut job: Job) -> Result<Vec<String>, String> {
    let desk = desk(&mut job.data, job.files, job.template)?;
    let document = typst::compile::<PagedDocument>(&desk).output;
    let pages = document
        .map(|document| document.pages().iter().map(|page| typst_svg::svg(page, &SvgOptions::default())).collect())
        .map_err(|errors| errors.iter().map(told).collect::<Vec<_>>().join("; "));
    typst::comemo::evict(KEPT_DOCUMENTS);
    pages
}

/// Sets a document as PDF.
pub fn pdf(job: Job) -> Result<Vec<u8>, String> {
    apart(move || set_pdf(job))
}

fn set_pdf(mut job: Job) -> Result<Vec<u8>, String> {
    let desk = desk(&mut job.data, job.files, job.template)?;
    let options = PdfOptions {
        ident: Smart::Custom(job.identity),
        creator: Smart::Custom(Some(concat!("Parcelight ", env!("CARGO_PKG_VERSION")).to_owned())),
        timestamp: datetime(job.time).map(typst_pdf::Timestamp::new_utc),
        standards: desk.shared.standards.clone(),
        ..PdfOptions::default()
    };
    let bytes = typst::compile::<PagedDocument>(&desk)
        .output
        .and_then(|document| typst_pdf::pdf(&document, &options))
        .map_err(|errors| errors.iter().map(told).collect::<Vec<_>>().join("; "));
    typst::comemo::evict(KEPT_DOCUMENTS);
    bytes
}

fn told(error: &SourceDiagnostic) -> String {
    let mut text = error.message.to_string();
    for hint in &error.hints {
        text.push_str(", ");
        text.push_str(&hint.v);
    }
    text
}

fn datetime(time: Timestamp) -> Option<Datetime> {
    let time = time.to_zoned(TimeZone::UTC).datetime();
    Datetime::from_ymd_hms(
        i32::from(time.year()),
        time.month() as u8,
        time.day() as u8,
        time.hour() as u8,
        time.minute() as u8,
        time.second() as u8,
    )
}

fn printable_values(value: &mut Value) {
    match value {
        Value::String(text) => *text = printable(text),
        Value::Array(values) => values.iter_mut().for_each(printable_values),
        Value::Object(values) => values.values_mut().for_each(printable_values),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text with only characters that the embedded fonts can show. Others, and those that turn the direction of writing, are written
/// by their code, `[U+05D0]`: what stands in the record stays legible, whatever it is. Very long words get places to break.
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = 0;
    for c in text.chars() {
        let c = if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c };
        if known(c) {
            run = if c == ' ' || c == '/' || c == '-' { 0 } else { run + 1 };
            // A hash keeps its digits together: it has a column of its own.
            if run > LONGEST_WORD && !c.is_ascii_hexdigit() {
                out.push('\u{200B}');
                run = 0;
            }
            out.push(c);
        } else {
            out.push_str(&coded(c));
            run = 0;
        }
    }
    out
}

/// The same for the texts of a picture. In its markup all characters have glyphs, so that only texts change.
fn printable_svg(content: Vec<u8>) -> Vec<u8> {
    match String::from_utf8(content) {
        Ok(text) if text.chars().all(|c| c == '\n' || known(c)) => text.into_bytes(),
        Ok(text) => text
            .chars()
            .map(|c| if matches!(c, '\n' | '\r' | '\t') || known(c) { c.to_string() } else { coded(c) })
            .collect::<String>()
            .into_bytes(),
        Err(error) => error.into_bytes(),
    }
}

fn coded(c: char) -> String {
    format!("[U+{:04X}]", u32::from(c))
}

/// True for a character that the text face has in both weights and that only shows itself.
fn known(c: char) -> bool {
    const TURNS: [char; 12] = [
        '\u{061C}', '\u{200E}', '\u{200F}', '\u{202A}', '\u{202B}', '\u{202C}', '\u{202D}', '\u{202E}', '\u{2066}', '\u{2067}',
        '\u{2068}', '\u{2069}',
    ];
    if c.is_ascii_graphic() || c == ' ' {
        return true;
    }
    let private = matches!(u32::from(c), 0xE000..=0xF8FF | 0xF0000..);
    let has = |shared: &Shared| shared.fonts.iter().take(2).all(|font| font.info().coverage.contains(u32::from(c)));
    !c.is_control() && !private && !TURNS.contains(&c) && shared().is_ok_and(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_glyph_is_written_by_its_code() {
        for (text, expected) in [
            ("Maïs, ≥ 0.2 – łąka, поле", "Maïs, ≥ 0.2 – łąka, поле"),
            ("שלום", "[U+05E9][U+05DC][U+05D5][U+05DD]"),
            ("a\u{202E}b", "a[U+202E]b"),
            ("two\nlines", "two lines"),
            ("\u{0}", "[U+0000]"),
            ("\u{E000}", "[U+E000]"),
            ("🙂", "[U+1F642]"),
        ] {
            assert_eq!(printable(text), expected);
        }
    }

    #[test]
    fn long_words_break_and_hashes_do_not() {
        assert_eq!(printable(&"x".repeat(80)).chars().filter(|&c| c == '\u{200B}').count(), 2);
        let hash = "0123456789abcdef".repeat(4);
        assert_eq!(printable(&hash), hash);
    }

    #[test]
    fn a_text_in_a_picture_that_has_no_glyph_is_coded_and_the_picture_stays_one() {
        let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\">\n<title>\xD7\x90 &amp; b</title></svg>".to_vec();
        let text = String::from_utf8(printable_svg(svg)).expect("text");
        assert_eq!(text, "<svg xmlns=\"http://www.w3.org/2000/svg\">\n<title>[U+05D0] &amp; b</title></svg>");
    }
}
