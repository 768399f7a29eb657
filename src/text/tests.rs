//! Tests of texts: forms of languages, and that catalogue and program agree.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;

use super::{Texts, catalogue};

fn date(text: &str) -> jiff::civil::Date {
    text.parse().expect("a date")
}

#[test]
fn texts_can_be_shared_between_threads() {
    fn check<T: Send + Sync>() {}
    check::<Texts>();
}

#[test]
fn english_of_europe_is_the_default_form() {
    for tag in ["en", "C", "", "no such language", "en.UTF-8"] {
        let texts = Texts::new(tag);
        assert_eq!(texts.date(date("2019-04-16")), "16 April 2019", "{tag}");
        assert_eq!(texts.day_month(date("2019-04-16")), "16 Apr");
        assert_eq!(texts.month(date("2019-04-16")), "Apr");
        assert_eq!(texts.number(1234.5, 2), "1,234.50");
        assert_eq!(texts.percent(0.976), "98\u{a0}%");
    }
    assert_eq!(Texts::new("en-US").date(date("2019-04-16")), "April 16, 2019");
}

#[test]
fn a_language_without_catalogue_keeps_its_numbers_and_dates() {
    let german = Texts::new("de_DE.UTF-8");
    assert_eq!(german.number(1234.5, 1), "1.234,5");
    assert_eq!(german.date(date("2019-04-16")), "16. April 2019");
    assert_eq!(german.month(date("2019-03-01")), "Mär");
    assert_eq!(Texts::new("fr").number(1234.5, 1), "1\u{202f}234,5");
    assert_eq!(Texts::new("el").month(date("2019-04-16")), "Απρ");
    assert_eq!(german.percent(0.5), "50\u{a0}%");
}

#[test]
fn missing_numbers_are_a_dash_and_zero_has_no_sign() {
    let texts = Texts::new("en");
    assert_eq!(texts.number(f64::NAN, 2), "–");
    assert_eq!(texts.number(-0.001, 2), "0.00");
    assert_eq!(texts.number(-0.125, 2), "-0.12");
}

#[test]
fn a_missing_id_shows_itself() {
    let texts = Texts::new("en");
    assert_eq!(&*texts.get("no-such-id"), "no-such-id");
    assert_eq!(&*texts.get("no-such-id"), "no-such-id", "also from the memo");
}

#[test]
fn numbers_choose_plural_forms_and_follow_the_language() {
    use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
    let mut bundle = catalogue::bundle("en");
    let source = "test-n = { $n ->\n    [one] { $n } parcel\n   *[other] { $n } parcels\n }\n\
                  test-d = { NUMBER($n, minimumFractionDigits: 2) }\n";
    bundle.add_resource(FluentResource::try_new(source.to_owned()).expect("valid")).expect("new ids");
    let forms = super::Forms::of("de");
    let show = |id: &str, n: f64| {
        let mut args = FluentArgs::new();
        args.set("n", FluentValue::from(n));
        forms.in_force(|| catalogue::format(&bundle, id, &args)).expect("a message")
    };
    assert_eq!(show("test-n", 1.0), "1 parcel");
    assert_eq!(show("test-n", 0.0), "0 parcels");
    assert_eq!(show("test-n", 12_345.0), "12.345 parcels");
    assert_eq!(show("test-d", 0.5), "0,50");
}

#[test]
fn catalogues_have_no_faults_and_no_id_twice() {
    for language in Texts::languages() {
        assert_eq!(catalogue::bundle_with_faults(language).1, Vec::<String>::new());
    }
}

/// Message ids of a catalogue file in order.
fn ids_in(text: &str) -> Vec<String> {
    let line = Regex::new(r"(?m)^([a-z][A-Za-z0-9_-]*) *=").expect("valid");
    line.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

/// All program text but these tests.
fn sources(dir: &Path, into: &mut String) {
    let mut entries: Vec<_> = std::fs::read_dir(dir).expect("readable").map(|entry| entry.expect("readable").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("src/text/tests.rs") {
            into.push_str(&std::fs::read_to_string(&path).expect("readable"));
        }
    }
}

fn all_sources() -> String {
    let mut text = String::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
    text
}

#[test]
fn every_text_the_program_asks_for_is_in_the_english_catalogue() {
    let known: BTreeSet<String> =
        catalogue::FILES.iter().filter(|file| file.0 == catalogue::FALLBACK).flat_map(|file| ids_in(file.2)).collect();
    // `cx.t("id")`, `t("id")`, `cx.tw("id", …)`, `texts.get("id")`, `self.with("id", …)`.
    let call = Regex::new(r#"(?:\bt|\btw|\btexts(?:\(\))?\s*\.\s*(?:get|with)|\bself\.with)\(\s*"([^"]+)""#).expect("valid");
    let missing: BTreeSet<String> = call
        .captures_iter(&all_sources())
        .map(|found| found[1].to_owned())
        .filter(|id| !id.contains(' ') && !known.contains(id))
        .collect();
    assert!(missing.is_empty(), "not in assets/texts/en: {missing:#?}");
}

#[test]
fn every_message_of_the_english_catalogue_is_used() {
    let code = all_sources();
    // An id may be put together: `format!("scl-{class}")` uses every `scl-…`.
    let prefixes = Regex::new(r#""([a-z][a-z0-9-]*-)\{"#).expect("valid");
    let prefixes: Vec<&str> =
        prefixes.captures_iter(&code).filter_map(|found| found.get(1)).map(|found| found.as_str()).collect();
    let unused: Vec<String> = catalogue::FILES
        .iter()
        .filter(|file| file.0 == catalogue::FALLBACK)
        .flat_map(|file| ids_in(file.2))
        .filter(|id| !code.contains(&format!("\"{id}\"")) && !prefixes.iter().any(|prefix| id.starts_with(prefix)))
        .collect();
    assert!(unused.is_empty(), "in assets/texts/en, but nothing asks for it: {unused:#?}");
}
