//! The form: verdicts and reasons of an agency.

use std::collections::BTreeSet;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use crate::io::IoError;
use crate::io::ruleset::place_of;
use crate::model::review::{Need, ReviewForm};

use super::SEPARATOR;

/// Version of the format that this program writes and knows.
pub const FORM_VERSION: &str = "1.0";

/// Verdicts have the keys 1 to 9.
const MOST_VERDICTS: usize = 9;

const SHIPPED: &str = include_str!("../../../assets/review/default.toml");

/// Reads and checks a form; a newer major version is refused with an explanation.
pub fn form(path: &Path) -> Result<ReviewForm, IoError> {
    let failed = |fact| IoError::File { operation: "read the form of the review".to_owned(), fact, path: path.to_owned() };
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    parse(text.trim_start_matches('\u{feff}')).map_err(failed)
}

/// The form that ships with the program.
pub fn shipped_form() -> ReviewForm {
    // A test reads it: were it wrong, nobody could give a verdict, which is seen at once.
    parse(SHIPPED).unwrap_or_else(|_| ReviewForm {
        version: FORM_VERSION.to_owned(),
        name: String::new(),
        verdicts: Vec::new(),
        reasons: Vec::new(),
        flags: Vec::new(),
    })
}

/// A form from text. Errors begin with the line.
fn parse(text: &str) -> Result<ReviewForm, String> {
    let line_of = |offset: usize| place_of(text.as_bytes(), offset).0;
    let told = |error: &toml::de::Error| {
        let reason = error.message().replace('\n', ", ");
        format!("line {}: {reason}", line_of(error.span().map_or(0, |span| span.start)))
    };
    let tree = DeTable::parse(text).map_err(|error| told(&error))?;
    // The version first: a newer file may well hold fields that only a newer program can name.
    let version = tree.get_ref().get("version");
    let at = version.map_or(1, |version| line_of(version.span().start));
    let word = version.and_then(|version| version.get_ref().as_str());
    let major = word.and_then(|word| word.split('.').next()?.parse::<u32>().ok());
    match major {
        None => {
            return Err(format!("line {at}: the version is missing or none; expected version = \"{FORM_VERSION}\" at the top"));
        }
        Some(major) if major > 1 => {
            let shown = word.unwrap_or_default();
            return Err(format!(
                "line {at}: the form has version {shown}, and this program reads versions up to 1.x; install a newer Parcelight"
            ));
        }
        Some(_) => {}
    }
    let form: ReviewForm = toml::from_str(text).map_err(|error| told(&error))?;
    check(&form).map_err(|fault| format!("line {}: {}", line_of(offset_of(tree.get_ref(), &fault)), fault.reason))?;
    Ok(form)
}

/// What is wrong, and in which entry of which list.
struct Fault {
    list: &'static str,
    at: usize,
    field: &'static str,
    reason: String,
}

fn offset_of(tree: &DeTable<'_>, fault: &Fault) -> usize {
    let Some(list) = tree.get(fault.list) else { return 0 };
    let entry = if let DeValue::Array(entries) = list.get_ref() { entries.get(fault.at) } else { None };
    let Some(entry) = entry else { return list.span().start };
    let field = if let DeValue::Table(entry) = entry.get_ref() { entry.get(fault.field) } else { None };
    field.map_or(entry.span().start, |field| field.span().start)
}

fn check(form: &ReviewForm) -> Result<(), Fault> {
    let fault = |list, at, field, reason: String| Err(Fault { list, at, field, reason });
    let verdicts: Vec<&str> = form.verdicts.iter().map(|own| own.code.as_str()).collect();
    if verdicts.is_empty() {
        return fault("verdicts", 0, "code", "there is no verdict; expected at least one [[verdicts]]".to_owned());
    }
    if verdicts.len() > MOST_VERDICTS {
        let reason = format!("there are {} verdicts; keys are 1 to 9, so at most {MOST_VERDICTS} are possible", verdicts.len());
        return fault("verdicts", MOST_VERDICTS, "code", reason);
    }
    codes("verdicts", verdicts.iter().copied())?;
    codes("reasons", form.reasons.iter().map(|own| own.code.as_str()))?;
    for (at, own) in form.reasons.iter().enumerate() {
        if let Some(unknown) = own.verdicts.iter().find(|code| !verdicts.contains(&code.as_str())) {
            let reason = format!("there is no verdict “{unknown}”; there are {}", verdicts.join(", "));
            return fault("reasons", at, "verdicts", reason);
        }
    }
    for (at, own) in form.verdicts.iter().enumerate() {
        if own.reason == Need::Required && form.reasons_of(&own.code).next().is_none() {
            let reason = format!("the verdict “{}” needs a reason, and no reason can stand for it", own.code);
            return fault("verdicts", at, "reason", reason);
        }
    }
    Ok(())
}

/// Codes are words of their own: each once, without what separates them in files.
fn codes<'f>(list: &'static str, codes: impl Iterator<Item = &'f str>) -> Result<(), Fault> {
    let mut known = BTreeSet::new();
    for (at, code) in codes.enumerate() {
        let plain = !code.is_empty() && code.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '.');
        let starts = code.starts_with(char::is_alphanumeric);
        let reason = if !plain || !starts || code.contains(SEPARATOR) {
            format!("“{code}” is no code; expected letters, digits, _, - and ., beginning with a letter or digit")
        } else if !known.insert(code) {
            format!("the code “{code}” stands there twice")
        } else {
            continue;
        };
        return Err(Fault { list, at, field: "code", reason });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::review::Look;

    const SMALL: &str = "version = \"1.0\"\n[[verdicts]]\ncode = \"yes\"\nlabel = \"Yes\"\nlook = \"compliant\"\n";

    #[test]
    fn the_shipped_form_is_good() {
        let form = parse(SHIPPED).expect("good");
        assert_eq!(form, shipped_form());
        let words: Vec<_> = form.verdicts.iter().map(|own| (own.code.as_str(), own.look, own.reason)).collect();
        let expected = [
            ("compliant", Look::Compliant, Need::None),
            ("non_compliant", Look::NonCompliant, Need::Required),
            ("inconclusive", Look::Inconclusive, Need::Required),
            ("request", Look::Request, Need::Required),
        ];
        assert_eq!(words, expected);
        for code in ["non_compliant", "inconclusive", "request"] {
            let reasons = form.reasons_of(code).count();
            assert!((3..=12).contains(&reasons), "{code}: {reasons}");
        }
        assert!(form.reasons.iter().filter(|own| own.no_data).count() == 1 && !form.flags.is_empty());
        // A reason beyond the ninth has no key: the one for no data must have one.
        for code in ["inconclusive", "request"] {
            assert!(form.reasons_of(code).position(|own| own.no_data).is_some_and(|place| place < 9), "{code}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let more = |text: &str| format!("{SMALL}{text}");
        let many: String = (0..9).fold(SMALL.to_owned(), |text, at| {
            format!("{text}[[verdicts]]\ncode = \"v{at}\"\nlabel = \"\"\nlook = \"request\"\n")
        });
        for (text, expected) in [
            (String::new(), "line 1: the version is missing"),
            ("version = 1\n".to_owned(), "line 1: the version is missing"),
            ("version = \"1.0\"\n".to_owned(), "missing field `verdicts`"),
            ("version = \"1.0\"\nverdicts = []\n".to_owned(), "line 2: there is no verdict"),
            ("\nversion = \"2.0\"\nwonder = 1\n".to_owned(), "line 2: the form has version 2.0"),
            (more("colour = 1\n"), "line 6: unknown field `colour`"),
            (
                more("[[verdicts]]\nlabel = \"\"\ncode = \"yes\"\nlook = \"request\"\n"),
                "line 8: the code “yes” stands there twice",
            ),
            (more("[[reasons]]\ncode = \"a;b\"\nlabel = \"\"\n"), "line 7: “a;b” is no code"),
            (more("[[reasons]]\ncode = \"=a\"\nlabel = \"\"\n"), "line 7: “=a” is no code"),
            (more("[[reasons]]\ncode = \"-a\"\nlabel = \"\"\n"), "line 7: “-a” is no code"),
            (
                more("[[reasons]]\ncode = \"a\"\nlabel = \"\"\nverdicts = [\"no\"]\n"),
                "line 9: there is no verdict “no”; there are yes",
            ),
            (more("reason = \"required\"\n"), "line 6: the verdict “yes” needs a reason"),
            (more("look = \"red\"\n"), "line 6: "),
            (many, "line 39: there are 10 verdicts"),
        ] {
            let told = parse(&text).expect_err(expected);
            assert!(told.contains(expected), "{told} instead of {expected}");
        }
        let error = form(Path::new("gone/form.toml")).expect_err("no file").to_string();
        assert!(error.contains("read the form of the review") && error.contains("gone/form.toml"), "{error}");
    }
}
