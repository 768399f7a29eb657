//! Findings, comparisons and verdicts in words of the language in force.

use crate::engine::markers::date_of;
use crate::engine::markers::evaluate::Outcome;
use crate::engine::practices::Outcome as Known;
use crate::engine::rules::{Explanation, Grounds};
use crate::ui::cx::Cx;

use super::model::{ComparisonRow, EventMark, FindingRow, MarkerModel, Measure};

/// The unit of features that are days.
const DATE: &str = "date";

/// Around a part of a sentence that is written strong, see [`split`].
const STRONG: (char, char) = ('\u{2}', '\u{3}');

/// A name of a ruleset as people read it: `ndvi_fall` is `NDVI fall`.
pub fn title(cx: &Cx<'_>, name: &str) -> String {
    let known = cx.project.indices().names();
    let word = |word: &str| {
        let index = known.iter().find(|own| own.eq_ignore_ascii_case(word));
        let radar = ["VV", "VH"].into_iter().find(|own| own.eq_ignore_ascii_case(word));
        index.map(String::as_str).or(radar).unwrap_or(word).to_owned()
    };
    name.split(['_', '.']).map(word).collect::<Vec<_>>().join(" ")
}

/// A name with a capital letter, as it stands at the head of a row.
fn heading(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// An expression of a rule with its names as [`title`] writes them.
fn expression(cx: &Cx<'_>, text: &str) -> String {
    let inside = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let (mut shown, mut word) = (String::new(), String::new());
    for c in text.chars().chain(std::iter::once('\0')) {
        if inside(c) {
            word.push(c);
            continue;
        }
        // Numbers keep their point.
        shown += &if word.starts_with(|c: char| c.is_ascii_digit()) { word.clone() } else { title(cx, &word) };
        word.clear();
        if c != '\0' {
            shown.push(if c == '-' { '−' } else { c });
        }
    }
    shown
}

/// A number with as many decimals as its size needs.
pub fn number(cx: &Cx<'_>, value: f64) -> String {
    let size = value.abs();
    let decimals = if size >= 100.0 {
        0
    } else if size >= 10.0 {
        1
    } else if size > 0.0 && size < 0.01 {
        3
    } else {
        2
    };
    cx.texts.number(value, decimals)
}

/// A number with its sign.
fn signed(cx: &Cx<'_>, value: f64) -> String {
    if value > 0.0 { format!("+{}", number(cx, value)) } else { number(cx, value).replace('-', "−") }
}

fn with_unit(cx: &Cx<'_>, value: f64, unit: &str) -> String {
    match unit {
        "" => number(cx, value),
        DATE => date_of(value).map_or_else(|| "–".to_owned(), |date| cx.texts.date(date)),
        "days" => cx.tw("markers-days", &[("n", value.round().into())]),
        unit => format!("{}\u{a0}{unit}", number(cx, value)),
    }
}

fn margin_text(cx: &Cx<'_>, margin: f64, unit: &str) -> String {
    match unit {
        DATE | "days" => {
            let days = cx.tw("markers-days", &[("n", margin.round().abs().into())]);
            format!("{}{days}", if margin < 0.0 { '−' } else { '+' })
        }
        "" => signed(cx, margin),
        unit => format!("{}\u{a0}{unit}", signed(cx, margin)),
    }
}

/// `>=` as it is set: `≥`.
fn sign_text(sign: &str) -> &str {
    match sign {
        ">=" => "≥",
        "<=" => "≤",
        "==" => "=",
        "!=" => "≠",
        sign => sign,
    }
}

/// Cells of a row: name, outcome word, value, limit, margin.
pub struct Cells {
    /// Name.
    pub name: String,
    /// Value.
    pub value: String,
    /// Limit with its sign.
    pub limit: String,
    /// Margin with its sign.
    pub margin: String,
    /// What else is to be said: dates of the event, or why nothing is known.
    pub note: String,
}

/// Cells of a finding.
pub fn finding_cells(cx: &Cx<'_>, model: &MarkerModel, row: &FindingRow) -> Cells {
    let unit = if row.measure == Measure::Days { "days" } else { "" };
    let shown = |value: f64, text: String| if value.is_finite() { text } else { String::new() };
    let note = match (row.outcome, row.event.and_then(|at| model.events.get(at))) {
        (Outcome::Unknown, _) if row.observations < row.needed => {
            cx.tw("markers-few", &[("n", f64::from(row.observations).into()), ("needed", f64::from(row.needed).into())])
        }
        (Outcome::Unknown, _) => cx.t("markers-unknown-why").to_string(),
        (_, Some(event)) => event_dates(cx, event),
        (_, None) => cx.tw("markers-clear", &[("n", f64::from(row.observations).into())]),
    };
    Cells {
        name: heading(&title(cx, &row.name)),
        value: shown(row.value, with_unit(cx, row.value, unit)),
        limit: shown(row.threshold, format!("{} {}", row.sign, with_unit(cx, row.threshold, unit))),
        margin: shown(row.margin, margin_text(cx, row.margin, unit)),
        note,
    }
}

/// Cells of a comparison.
pub fn comparison_cells(cx: &Cx<'_>, row: &ComparisonRow) -> Cells {
    let Grounds::Comparison { name, value, sign, limit, threshold, margin, unit, .. } = &row.grounds else {
        return Cells {
            name: String::new(),
            value: String::new(),
            limit: String::new(),
            margin: String::new(),
            note: String::new(),
        };
    };
    let shown = |value: f32, text: String| if value.is_finite() { text } else { String::new() };
    let named = limit.parse::<f64>().is_err();
    Cells {
        name: heading(&expression(cx, name)),
        value: shown(*value, with_unit(cx, f64::from(*value), unit)),
        limit: shown(*threshold, format!("{} {}", sign_text(sign), with_unit(cx, f64::from(*threshold), unit))),
        margin: shown(*margin, margin_text(cx, f64::from(*margin), unit)),
        note: if value.is_nan() {
            cx.t("markers-no-value").to_string()
        } else if named {
            cx.tw("markers-limit-name", &[("limit", expression(cx, limit).into())])
        } else {
            String::new()
        },
    }
}

/// Whether a comparison holds.
pub fn comparison_outcome(row: &ComparisonRow) -> Outcome {
    match &row.grounds {
        Grounds::Comparison { outcome: Known::Yes, .. } => Outcome::Yes,
        Grounds::Comparison { outcome: Known::No, .. } => Outcome::No,
        _ => Outcome::Unknown,
    }
}

/// Word of an outcome.
pub fn outcome(cx: &Cx<'_>, outcome: Outcome) -> std::sync::Arc<str> {
    match outcome {
        Outcome::Yes => cx.t("markers-yes"),
        Outcome::No => cx.t("markers-no"),
        Outcome::Unknown => cx.t("markers-unknown"),
    }
}

/// `11 Apr to 21 Apr, peak 16 Apr`.
pub fn event_dates(cx: &Cx<'_>, event: &EventMark) -> String {
    let day = |day: f64| date_of(day).map_or_else(|| "–".to_owned(), |date| cx.texts.day_month(date).replace(' ', "\u{a0}"));
    cx.tw(
        "markers-event-dates",
        &[("from", day(event.start).into()), ("to", day(event.stop).into()), ("peak", day(event.main).into())],
    )
}

/// Name and dates of an event.
pub fn event_text(cx: &Cx<'_>, event: &EventMark) -> String {
    format!("{}, {}", title(cx, &event.name), event_dates(cx, event))
}

/// The sentence that says why: what decided, the window, the clear observations. Strong parts are marked for [`split`].
pub struct Why {
    /// What decided.
    pub grounds: String,
    /// The window, when the rule names one.
    pub window: Option<String>,
    /// Clear observations in it, when the rule counts them.
    pub clear: Option<String>,
}

/// Why a parcel has its verdict.
pub fn why(cx: &Cx<'_>, explanation: &Explanation) -> Why {
    let strong = |name: String| format!("{}{name}{}", STRONG.0, STRONG.1);
    let grounds = match &explanation.grounds {
        Grounds::TooFewData { count, needed } if count.is_nan() => {
            cx.tw("markers-why-uncounted", &[("needed", f64::from(*needed).into())])
        }
        Grounds::TooFewData { count, needed } => {
            cx.tw("markers-why-few", &[("n", f64::from(*count).into()), ("needed", f64::from(*needed).into())])
        }
        Grounds::Marker { name, outcome } => {
            let id = match outcome {
                Known::Yes => "markers-why-yes",
                Known::No => "markers-why-no",
                Known::Unknown => "markers-why-unknown",
            };
            cx.tw(id, &[("name", strong(title(cx, name)).into())])
        }
        Grounds::Comparison { name, value, .. } if value.is_nan() => {
            cx.tw("markers-why-missing", &[("name", strong(expression(cx, name)).into())])
        }
        Grounds::Comparison { name, value, sign, limit, threshold, margin, unit, outcome } => {
            let id = match outcome {
                Known::Yes => "markers-why-holds",
                Known::No => "markers-why-fails",
                Known::Unknown => "markers-why-near",
            };
            let bound = with_unit(cx, f64::from(*threshold), unit);
            let bound = if limit.parse::<f64>().is_ok() {
                bound
            } else {
                cx.tw("markers-why-limit", &[("value", bound.into()), ("name", expression(cx, limit).into())])
            };
            let value = with_unit(cx, f64::from(*value), unit);
            let margin = margin_text(cx, f64::from(*margin), unit);
            let name = strong(expression(cx, name));
            let args = [
                ("name", name.into()),
                ("value", value.into()),
                ("sign", sign_text(sign).into()),
                ("limit", bound.into()),
                ("margin", margin.into()),
            ];
            cx.tw(id, &args)
        }
    };
    let too_few = matches!(explanation.grounds, Grounds::TooFewData { .. });
    Why {
        grounds,
        window: explanation.window.as_ref().map(|window| cx.tw("markers-why-window", &[("window", window.as_str().into())])),
        clear: explanation.clear.filter(|_| !too_few).map(|clear| cx.tw("markers-clear", &[("n", f64::from(clear).into())])),
    }
}

impl Why {
    /// The whole sentence as plain text.
    pub fn plain(&self) -> String {
        let parts = [Some(&self.grounds), self.window.as_ref(), self.clear.as_ref()];
        let text = parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("; ");
        text.replace([STRONG.0, STRONG.1], "")
    }
}

/// Parts of a sentence; true for those that are strong.
pub fn split(sentence: &str) -> Vec<(&str, bool)> {
    let pieces = sentence.split([STRONG.0, STRONG.1]).enumerate();
    pieces.filter(|(_, piece)| !piece.is_empty()).map(|(at, piece)| (piece, at % 2 == 1)).collect()
}

/// All rows as tab-separated text with ISO dates, names of the ruleset and points in numbers, for spreadsheets.
pub fn table(model: &MarkerModel) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("name\toutcome\tvalue\tlimit\tmargin\tstart\tpeak\tend\tobservations\n");
    let plain = |value: f64| if value.is_finite() { value.to_string() } else { String::new() };
    let day = |day: f64| date_of(day).map(|date| date.to_string()).unwrap_or_default();
    for row in &model.findings {
        let dates = row.event.and_then(|at| model.events.get(at)).map(|event| [event.start, event.main, event.stop].map(day));
        let numbers = [row.value, row.threshold, row.margin].map(plain).join("\t");
        let (code, count) = (row.outcome.code(), row.observations);
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{}\t{code}\t{numbers}\t{}\t{count}", row.name, dates.unwrap_or_default().join("\t"));
    }
    for row in &model.comparisons {
        if let Grounds::Comparison { name, value, sign, threshold, margin, unit, .. } = &row.grounds {
            let shown = |value: f32| if unit == DATE { day(f64::from(value)) } else { plain(f64::from(value)) };
            let code = comparison_outcome(row).code();
            let (value, threshold, margin) = (shown(*value), shown(*threshold), plain(f64::from(*margin)));
            let _ = writeln!(text, "{name}\t{code}\t{value}\t{sign} {threshold}\t{margin}\t\t\t\t");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_parts_are_found_between_their_marks() {
        assert_eq!(split("\u{2}NDVI fall\u{3} is 0.29"), [("NDVI fall", true), (" is 0.29", false)]);
        assert_eq!(split("plain"), [("plain", false)]);
    }

    #[test]
    fn the_table_has_a_row_for_each_finding_and_comparison() {
        let event =
            EventMark { name: "dip".to_owned(), start: 18_000.0, main: 18_005.5, stop: 18_010.0, depth: 0.3, signals: vec![] };
        let finding = FindingRow {
            name: "dip".to_owned(),
            outcome: Outcome::Yes,
            value: 0.3,
            threshold: 0.2,
            margin: 0.1,
            sign: "≥",
            measure: Measure::Signal,
            event: Some(0),
            observations: 7,
            needed: 3,
            decides: true,
        };
        let unknown = FindingRow { outcome: Outcome::Unknown, value: f64::NAN, margin: f64::NAN, event: None, ..finding.clone() };
        let model = MarkerModel { findings: vec![finding, unknown], events: vec![event], ..MarkerModel::default() };
        let text = table(&model);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "dip\tyes\t0.3\t0.2\t0.1\t2019-04-14\t2019-04-19\t2019-04-24\t7");
        assert_eq!(lines[2], "dip\tunknown\t\t0.2\t\t\t\t\t7");
    }
}
