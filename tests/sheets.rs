//! Parcel sheets and pages of packs: what people wrote comes out as text, equal inputs give equal bytes, long sheets fit, and
//! whoever does not see a picture is told what it shows. PDF is read by poppler's tools, which `make setup` installs.

#[path = "sheets/sample.rs"]
mod sample;

use std::path::Path;
use std::process::{Command, Stdio};

use parcelight::model::evidence::{
    AssessmentLine, Automatic, CauseLine, CountLine, Index, IndexLine, Picture, Rate, RateLine, Season, Sheet,
};
use parcelight::model::review::Look;
use parcelight::model::rules::Verdict;
use parcelight::model::{Crs, Grid};
use parcelight::report::figure_files::{aux_xml, resized, world_file};
use parcelight::report::pack::{index_html, season_html, season_pdf};
use parcelight::report::sheet::{Pictures, docx, html, pdf};
use roxmltree::{Document, ParsingOptions};

/// Texts that would do something in markup, a template, a spreadsheet or a shell.
const HOSTILE: [&str; 8] = [
    "<script>alert(1)</script>",
    "#eval(\"1+1\") $x^2$ *bold* _it_ @ref <label> \\u{41} // no comment",
    "\"quoted\" 'single' & more",
    "=cmd|' /C calc'!A0",
    "]#panic[",
    "javascript:alert(1)",
    "-> >= 0x1F ... --- ~ `code`",
    "%2e%2e/etc ${HOME} {{7*7}}",
];

/// A tool of poppler; its absence is a fault of the machine that the message tells how to mend.
fn poppler(tool: &str, options: &[&str], pdf: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("sheet.pdf");
    std::fs::write(&file, pdf).expect("the file is written");
    let mut command = Command::new(tool);
    command.args(options).arg(&file).stderr(Stdio::null());
    if tool == "pdftotext" {
        command.arg("-");
    }
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{tool} cannot be run ({error}): install poppler-utils, or `make setup`"));
    assert!(output.status.success(), "{tool} {options:?}");
    output.stdout
}

/// All text of a PDF without spaces and breaks, which depend on where lines end.
fn text_of(pdf: &[u8]) -> String {
    squeezed(&String::from_utf8(poppler("pdftotext", &["-enc", "UTF-8"], pdf)).expect("UTF-8"))
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace() && *c != '\u{200B}').collect()
}

fn pages(pdf: &[u8]) -> usize {
    let told = String::from_utf8(poppler("pdfinfo", &[], pdf)).expect("UTF-8");
    let line = told.lines().find(|line| line.starts_with("Pages:")).expect("a number of pages");
    line.trim_start_matches("Pages:").trim().parse().expect("a number")
}

fn contains(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|window| window == part.as_bytes())
}

/// A page read as XML, after checks that hold for every page.
fn checked(page: &str) -> Document<'_> {
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let tree = Document::parse_with_options(page, options).unwrap_or_else(|error| panic!("{error}\n{page}"));
    let named = |name: &str| tree.descendants().filter(|node| node.tag_name().name() == name).count();
    assert_eq!((named("h1"), named("main"), named("title"), named("script")), (1, 1, 1 + named("svg") - signs(&tree), 0));
    for node in tree.descendants().filter(roxmltree::Node::is_element) {
        for attribute in node.attributes() {
            assert!(!attribute.name().starts_with("on"), "{}", attribute.name());
            let address = matches!(attribute.name(), "href" | "src");
            assert!(
                !address || !attribute.value().contains(':') || attribute.value().starts_with("data:image/"),
                "{attribute:?}"
            );
        }
        match node.tag_name().name() {
            "img" => assert!(node.attribute("alt").is_some_and(|alt| !alt.trim().is_empty()), "a picture without words"),
            "th" => assert!(matches!(node.attribute("scope"), Some("col" | "row")), "a head cell without scope"),
            _ => {}
        }
    }
    tree
}

fn signs(tree: &Document) -> usize {
    tree.descendants().filter(|node| node.attribute("aria-hidden") == Some("true")).count()
}

fn page_text(tree: &Document) -> String {
    let body = tree.descendants().find(|node| node.tag_name().name() == "body").expect("a body");
    squeezed(&body.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text()).collect::<String>())
}

/// A sheet in which every text is hostile.
fn hostile(text: &str) -> Sheet {
    let mut sheet = sample::full(text, 1);
    let own = || text.to_owned();
    sheet.project = own();
    sheet.summary = own();
    sheet.facts = vec![(own(), own())];
    sheet.automatic = Some(Automatic { verdict: Verdict::Yellow, reason: own() });
    for expert in &mut sheet.experts {
        expert.user = own();
        expert.verdict = own();
        expert.reasons = vec![own()];
        expert.note = own();
    }
    sheet.flag = Some((own(), own()));
    sheet.history.iter_mut().for_each(|line| (line.user, line.what) = (own(), own()));
    sheet.markers.iter_mut().for_each(|line| (line.name, line.note) = (own(), own()));
    sheet.absent = vec![own()];
    sheet.observations.iter_mut().take(6).for_each(|line| line.why = own());
    sheet.inputs = sheet.inputs[..3].to_vec();
    sheet.inputs.iter_mut().for_each(|line| line.path = own());
    sheet.ruleset = (own(), own());
    sheet.software = own();
    sheet.attribution = own();
    for picture in sheet.calendar.iter_mut().chain(&mut sheet.chips) {
        picture.caption = own();
        picture.file = own();
    }
    sheet
}

#[test]
fn what_people_wrote_comes_out_as_text() {
    for text in HOSTILE {
        let sheet = hostile(text);
        let page = html(&sheet, &Pictures::default());
        let found = page_text(&checked(&page));
        let printed = text_of(&pdf(&sheet).unwrap_or_else(|error| panic!("{text}: {error}")));
        let expected = squeezed(text);
        for (where_, told) in [("HTML", &found), ("PDF", &printed)] {
            // Id, summary, fact, why, flag, two notes and more.
            let count = told.matches(&expected).count();
            assert!(count >= 15, "{where_} holds {text:?} {count} times");
        }
        let bytes = docx(&sheet).expect("a document");
        let read = docx_rs::read_docx(&bytes).expect("Word's reader takes it").json();
        let quoted = serde_json::to_string(text).expect("a text");
        assert!(read.contains(quoted.trim_matches('"')), "{text:?}");
    }
}

#[test]
fn signs_without_glyph_and_turned_text_stay_legible() {
    let mut sheet = sample::tables("A1");
    sheet.experts[0].note = "שלום \u{202E}gnp.exe".to_owned();
    sheet.calendar = Some(sample::drawn("c.png", sample::calendar("שלום", 1), 0.2, "Calendar of שלום"));
    let printed = pdf(&sheet).expect("a PDF, also where the drawing holds such signs");
    assert!(text_of(&printed).contains("[U+05E9][U+05DC][U+05D5][U+05DD][U+202E]gnp.exe"));
    let page = html(&sheet, &Pictures::default());
    let tree = checked(&page);
    let note =
        tree.descendants().find(|node| node.tag_name().name() == "bdi" && node.text().is_some_and(|text| text.contains("gnp")));
    assert!(note.is_some(), "turned text is kept from turning its surroundings");
}

#[test]
fn a_long_note_wraps_and_stays_on_the_page() {
    let words = "bare soil seen from the road, tractor lines in the north ".repeat(6);
    for note in [words.trim(), &"x".repeat(300)] {
        let mut sheet = sample::tables("A1");
        sheet.experts[0].note = note.to_owned();
        let printed = pdf(&sheet).expect("a PDF");
        assert!(text_of(&printed).contains(&squeezed(note)));
        // Boxes of words in points: none ends right of the margin of an A4 page.
        let boxes = String::from_utf8(poppler("pdftotext", &["-bbox"], &printed)).expect("UTF-8");
        let tree = Document::parse_with_options(&boxes, ParsingOptions { allow_dtd: true, ..ParsingOptions::default() });
        let ends: Vec<f64> = tree
            .expect("boxes")
            .descendants()
            .filter(|node| node.tag_name().name() == "word")
            .map(|node| node.attribute("xMax").and_then(|value| value.parse().ok()).expect("a number"))
            .collect();
        assert!(ends.len() > 300 && ends.iter().all(|&end| end < 595.0 - 38.0), "{:?}", ends.iter().copied().fold(0.0, f64::max));
    }
}

#[test]
fn equal_inputs_give_equal_bytes() {
    let sheet = sample::full("FLAPAJ013", 3);
    let (first, word) = (pdf(&sheet).expect("a PDF"), docx(&sheet).expect("a document"));
    let other = Sheet { summary: "Maize, 1.30 ha".to_owned(), ..sheet.clone() };
    assert_ne!(pdf(&other).expect("a PDF"), first);
    assert_ne!(docx(&other).expect("a document"), word);
    // Also beside others, and after results of the first were let go.
    let (one, two) = rayon::join(|| pdf(&sheet), || pdf(&other));
    assert!(one.expect("a PDF") == first && two.is_ok());
    for seed in 0..4 {
        assert!(pdf(&sample::tables(&format!("B{seed}"))).is_ok());
    }
    assert!(pdf(&sheet).expect("a PDF") == first);
    assert!(docx(&sheet).expect("a document") == word);
    assert_eq!(html(&sheet, &Pictures::Inside), html(&sheet, &Pictures::Inside));
}

#[test]
fn a_sheet_with_72_observations_fits_two_pages_and_says_what_it_is() {
    let sheet = sample::full("FLAPAJ013", 5);
    let printed = pdf(&sheet).expect("a PDF");
    assert_eq!(pages(&printed), 2);
    for claim in ["<pdfaid:part>2</pdfaid:part>", "<pdfaid:conformance>A</", "<pdfuaid:part>1</pdfuaid:part>", "/Lang(en)"] {
        assert!(contains(&printed, claim), "{claim}");
    }
    let told = String::from_utf8(poppler("pdfinfo", &["-isodates"], &printed)).expect("UTF-8");
    for line in ["Parcel FLAPAJ013", "yes", "2019-12-02T08:00:00"] {
        assert!(
            told.lines().any(|own| own.split_once(':').is_some_and(|(_, value)| value.trim().starts_with(line))),
            "{line}\n{told}"
        );
    }
    for alternative in [
        "/Alt(Outline of the parcel, north up, 180 m wide and 120 m high.)",
        "/Alt(Calendar of 72 acquisitions, B08-B11-B04.)",
        "/Alt(NDVI and BSI with peers.)",
        "/Alt(Clusters of 2019-04-16.)",
        "/Alt(2019-04-10 S2A R051, B08-B11-B04)",
        "/Alt(Photo of 2019-04-20, view to the north)",
    ] {
        assert!(contains(&printed, alternative), "{alternative}");
    }
    let text = text_of(&printed);
    for part in [
        "page1of2",
        "page2of2",
        "72acquisitions:48used,24excluded",
        "cloudcovers60%oftheparcel",
        "decides",
        "s2/(98files)",
        "Why",
        "Boundarydiffersfromtheimage(anna)",
        "14s,blindreview",
        "reviewersdisagreed",
        "rulesetWintercover#a41c07",
        "Photos:noneattached.",
        "FLAPAJ013·Maize·1.29ha",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let page = html(&sheet, &Pictures::default());
    let page = page_text(&checked(&page));
    for part in ["72acquisitions:48used,24excluded", "s2/097.tif", "decides", "a41c07b2d9", "reviewersdisagreed"] {
        assert!(page.contains(part), "{part}");
    }
}

/// Share of the pixels of a page that have nearly this colour.
fn share_of(page: &image::RgbImage, [red, green, blue]: [u8; 3]) -> f64 {
    let near = |a: u8, b: u8| a.abs_diff(b) < 12;
    let hits = page.pixels().filter(|pixel| near(pixel[0], red) && near(pixel[1], green) && near(pixel[2], blue)).count();
    hits as f64 / f64::from(page.width() * page.height())
}

#[test]
fn every_verdict_has_its_shape_word_and_colour() {
    let looks = [
        (Look::Compliant, "check", "M2.2 8.6", Some([0x00, 0x73, 0x4F])),
        (Look::NonCompliant, "cross", "M3.2 3.2", Some([0x80, 0x1A, 0x12])),
        // Grey and accent are in use elsewhere on the page.
        (Look::Inconclusive, "circle", "M8 3", None),
        (Look::Request, "frame", "M2 3.5", None),
    ];
    for (look, class, path, colour) in looks {
        let word = format!("Word of {class}");
        let sheet = Sheet { parcel: "A1".to_owned(), experts: vec![sample::expert("anna", look, &word)], ..Sheet::default() };
        let page = html(&sheet, &Pictures::default());
        let tree = checked(&page);
        let drawn = tree
            .descendants()
            .find(|node| node.attribute("class") == Some(&format!("sign {class}")))
            .and_then(|node| node.first_element_child());
        assert!(drawn.and_then(|node| node.attribute("d")).is_some_and(|data| data.starts_with(path)), "{class}");
        assert!(page_text(&tree).contains(&squeezed(&word)));
        let printed = pdf(&sheet).expect("a PDF");
        assert!(text_of(&printed).contains(&squeezed(&word)));
        let picture = poppler("pdftoppm", &["-png", "-singlefile"], &printed);
        let picture = image::load_from_memory(&picture).expect("a page").to_rgb8();
        if let Some(colour) = colour {
            assert!(share_of(&picture, colour) > 1e-4, "{class} is printed in its colour");
        }
        let mut others = looks.iter().filter(|own| own.1 != class).filter_map(|own| own.3);
        assert!(others.all(|other| share_of(&picture, other) == 0.0), "{class} alone is printed");
    }
    for (verdict, word, class) in [
        (Some(Verdict::Green), "compliant", "check"),
        (Some(Verdict::Red), "non-compliant", "cross"),
        (Some(Verdict::Yellow), "yellow", "diamond"),
        (None, "not assessed", "dash"),
    ] {
        let automatic = verdict.map(|verdict| Automatic { verdict, reason: "Because.".to_owned() });
        let sheet = Sheet { parcel: "A1".to_owned(), automatic, ..Sheet::default() };
        let page = html(&sheet, &Pictures::default());
        let tree = checked(&page);
        let shown = tree.descendants().find(|node| node.attribute("class") == Some(&format!("word {class}"))).expect("a verdict");
        let text: String = shown.descendants().filter_map(|node| node.text()).collect();
        assert_eq!(text, word);
        assert!(text_of(&pdf(&sheet).expect("a PDF")).contains(&squeezed(&format!("Automatic{word}"))));
    }
}

#[test]
fn an_empty_sheet_is_a_sheet() {
    let sheet = Sheet::default();
    assert_eq!(pages(&pdf(&sheet).expect("a PDF")), 1);
    checked(&html(&sheet, &Pictures::default()));
    assert!(docx_rs::read_docx(&docx(&sheet).expect("a document")).is_ok());
    checked(&index_html(&Index::default()));
    checked(&season_html(&Season::default()));
    assert_eq!(pages(&season_pdf(&Season::default()).expect("a PDF")), 1);
}

#[test]
fn a_file_that_is_no_picture_is_told_and_the_rest_is_set() {
    let broken = Picture { file: "c.png".to_owned(), svg: None, png: b"no".to_vec(), size: [10, 10], caption: String::new() };
    let sheet =
        Sheet { calendar: Some(broken.clone()), chips: vec![Picture { size: [0, 10], ..broken }], ..sample::tables("A1") };
    let text = text_of(&pdf(&sheet).expect("a PDF"));
    assert_eq!(text.matches("c.png:thefileisnopicturethatcanbeprinted.").count(), 2);
}

#[test]
fn pictures_lie_beside_the_page_or_in_it() {
    let mut sheet = sample::tables("A1");
    sheet.chips = vec![sample::chip("A 1#2.png", 1, "Chip")];
    assert!(html(&sheet, &Pictures::default()).contains("src=\"../evidence/A%201%232.png\""));
    assert!(html(&sheet, &Pictures::Inside).contains("src=\"data:image/png;base64,iVBOR"));
}

#[test]
fn the_first_page_lists_filters_and_links() {
    let line = |parcel: &str, automatic, expert: Option<(Look, &str)>| IndexLine {
        parcel: parcel.to_owned(),
        summary: "Maize".to_owned(),
        automatic,
        expert: expert.map(|(look, word)| (look, word.to_owned())),
        resolved: None,
        flagged: expert.is_none(),
        disputed: false,
        sheets: vec![("HTML".to_owned(), format!("parcels/{parcel}.html")), ("PDF".to_owned(), format!("parcels/{parcel}.pdf"))],
    };
    let index = Index {
        project: "<b>".to_owned(),
        parcels: vec![
            line("A1", Some(Verdict::Red), Some((Look::NonCompliant, "Not <ok>"))),
            line("javascript:x", Some(Verdict::Green), None),
            line("A3", Some(Verdict::Red), Some((Look::Compliant, "OK"))),
        ],
        files: vec![("decisions.csv".to_owned(), "All entries.".to_owned())],
        verify: "parcelight report --verify DIR".to_owned(),
        ..Index::default()
    };
    let page = index_html(&index);
    let tree = checked(&page);
    let ids: Vec<&str> =
        tree.descendants().filter(|node| node.tag_name().name() == "input").filter_map(|node| node.attribute("id")).collect();
    assert_eq!(ids, ["a-all", "a-check", "a-cross", "p-all", "p-check", "p-cross", "p-dash"]);
    let rows: Vec<&str> =
        tree.descendants().filter(|node| node.tag_name().name() == "tr").filter_map(|node| node.attribute("class")).collect();
    assert_eq!(rows, ["a-cross p-cross", "a-check p-dash", "a-cross p-check"]);
    // A choice hides the rows of the other classes.
    assert!(page.contains("#a-cross:checked~.scroll tbody tr:not(.a-cross){display:none}"));
    let links: Vec<&str> = tree.descendants().filter_map(|node| node.attribute("href")).collect();
    assert!(
        links.contains(&"parcels/A1.pdf") && links.contains(&"parcels/javascript%3Ax.html") && links.contains(&"decisions.csv")
    );
    let label =
        tree.descendants().find(|node| node.attribute("id") == Some("p-cross")).and_then(|node| node.attribute("aria-label"));
    assert_eq!(label, Some("People: Not <ok>"));
    let text = page_text(&tree);
    assert!(
        text.contains("3parcels,2decidedbypeople,1flag,0disagreements") && text.contains("parcelightreport--verifyDIR"),
        "{text}"
    );
}

#[test]
fn the_summary_of_a_season_has_rates_with_intervals_causes_and_the_list() {
    let rate = |hits, of| Rate { hits, of, low: 0.797, high: 0.973 };
    let season = Season {
        project: "Pajottenland 2019".to_owned(),
        period: "April to November 2019".to_owned(),
        parcels: 412,
        newest: "2019-12-02T08:00:00Z".to_owned(),
        counts: vec![
            CountLine {
                look: Some(Look::NonCompliant),
                label: "Non-compliant".to_owned(),
                automatic: Some(31),
                expert: Some(29),
                resolved: None,
            },
            CountLine { look: None, label: "Deferred".to_owned(), automatic: None, expert: Some(4), resolved: None },
        ],
        intervals: "95 % intervals after Wilson".to_owned(),
        rates: vec![RateLine {
            group: "all".to_owned(),
            parcels: 39,
            agreement: rate(36, 39),
            commission: rate(2, 31),
            omission: rate(0, 0),
        }],
        causes: vec![CauseLine {
            kind: "commission".to_owned(),
            cause: "Cover crop <thin>".to_owned(),
            parcels: 2,
            examples: vec!["A1".to_owned(), "A7".to_owned()],
        }],
        assessment: (0..60)
            .map(|index| AssessmentLine {
                group: "Maize".to_owned(),
                parcel: format!("Q{index}"),
                automatic: Some(Verdict::Red),
                expert: Some((Look::Request, "Visit".to_owned())),
                sheet: format!("parcels/Q{index}.html"),
                ..AssessmentLine::default()
            })
            .collect(),
        sampling: "Drawn at random with seed 7, one in ten of each group.".to_owned(),
        notes: vec!["#note".to_owned()],
        ..Season::default()
    };
    let page = season_html(&season);
    let tree = checked(&page);
    let printed = season_pdf(&season).expect("a PDF");
    assert!(season_pdf(&season).expect("a PDF") == printed);
    for (told, text) in [("HTML", page_text(&tree)), ("PDF", text_of(&printed))] {
        for part in [
            "92.3%",
            "36of39",
            "79.7to97.3%",
            "unknown",
            "nocases",
            "Covercrop<thin>",
            "A1,A7",
            "Q59",
            "Visit",
            "seed7",
            "#note",
            "412parcels",
            "Deferred",
        ] {
            assert!(text.contains(part), "{told}: {part}\n{text}");
        }
    }
    assert!(!page.contains("Holder"), "a column without content is left out");
    assert_eq!(pages(&printed), 2, "the head of the table is repeated, not the page");
}

#[test]
fn gdal_reads_the_files_beside_a_picture() {
    let folder = tempfile::tempdir().expect("a folder");
    let chip =
        Grid { crs: Crs::Epsg(32631), left: 574_000.0, top: 5_622_500.0, pixel_x: 10.0, pixel_y: 10.0, width: 36, height: 36 };
    let grid = resized(&chip, 144, 144);
    let save = |name: &str| {
        let file = folder.path().join(name);
        std::fs::write(&file, sample::chip(name, 1, "").png).expect("written");
        file
    };
    let read = |file: &Path| gdal::Dataset::open(file).expect("a picture");
    let transform = [574_000.0, 2.5, 0.0, 5_622_500.0, 0.0, -2.5];

    let world = save("world.png");
    assert!(read(&world).geo_transform().is_err(), "a picture alone lies nowhere");
    std::fs::write(world.with_extension("pgw"), world_file(&grid)).expect("written");
    assert_eq!(read(&world).geo_transform().expect("a transform"), transform);

    let aux = save("aux.png");
    let srs = gdal::spatial_ref::SpatialRef::from_epsg(32631).and_then(|srs| srs.to_wkt()).expect("a system");
    std::fs::write(folder.path().join("aux.png.aux.xml"), aux_xml(&grid, &srs)).expect("written");
    assert_eq!(read(&aux).geo_transform().expect("a transform"), transform);
    let found = read(&aux).spatial_ref().and_then(|srs| srs.auth_code()).expect("a code");
    assert_eq!(found, 32631);
}

#[test]
fn many_sheets_at_a_time_in_a_small_pool_do_not_pile_up_on_one_stack() {
    use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};
    // Threads with little stack: one document in another would already be too much.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(1 << 20).build().expect("two threads");
    let sizes: Vec<usize> = pool.install(|| {
        let set = |number: usize| pdf(&sample::tables(&format!("P{number}"))).expect("a PDF").len();
        (0..24).into_par_iter().map(set).collect()
    });
    assert!(sizes.iter().all(|size| *size > 10_000), "{sizes:?}");
}
