//! Automatic verdict, markers and comparisons in English, as files have them.

use crate::engine::markers::date_of;
use crate::engine::practices::Outcome as Known;
use crate::engine::rules::Grounds;
use crate::model::evidence::{Automatic, MarkerLine};
use crate::project::marking::account::{ComparisonRow, FindingRow, MarkerModel, Measure};
use crate::project::marking::detection::Detection;
use crate::project::marking::marked::Marked;

/// Unit of features that are days.
const DATE: &str = "date";

/// The verdict with its sentence, in the words of `verdicts.csv`; `None` of a ruleset that only detects.
pub fn automatic(marked: &Marked) -> Option<Automatic> {
    let own = marked.explanation.as_ref()?;
    Some(Automatic { verdict: own.verdict, reason: own.to_string() })
}

/// First and last day of the evidence window, days since 1970.
pub fn window(detection: &Detection, marked: &Marked) -> Option<[f64; 2]> {
    MarkerModel::new(detection, marked).window.map(|own| [own.from, own.to])
}

/// Every marker and comparison, in the order of the ruleset.
pub fn lines(detection: &Detection, marked: &Marked) -> Vec<MarkerLine> {
    let model = MarkerModel::new(detection, marked);
    let findings = model.findings.iter().map(|row| finding(&model, row));
    findings.chain(model.comparisons.iter().filter_map(comparison)).collect()
}

fn finding(model: &MarkerModel, row: &FindingRow) -> MarkerLine {
    let unit = match row.measure {
        Measure::Signal => "",
        Measure::Days => "days",
        Measure::PerDay => "per day",
    };
    let event = row.event.and_then(|at| model.events.get(at));
    let note = match event {
        Some(event) => format!("{} to {}, peak {}", day(event.start), day(event.stop), day(event.main)),
        None if row.observations < row.needed => {
            format!("{} clear observations, {} are needed", row.observations, row.needed)
        }
        None => format!("{} clear observations", row.observations),
    };
    MarkerLine {
        name: row.name.clone(),
        outcome: row.outcome.code(),
        value: with_unit(row.value, unit),
        threshold: bound(row.sign, row.threshold, unit),
        margin: margin(row.margin, unit),
        note,
        decides: row.decides,
    }
}

fn comparison(row: &ComparisonRow) -> Option<MarkerLine> {
    let Grounds::Comparison { name, value, sign, limit, threshold, margin: own, unit, outcome } = &row.grounds else {
        return None;
    };
    let sign = match *sign {
        ">=" => "≥",
        "<=" => "≤",
        "==" => "=",
        "!=" => "≠",
        other => other,
    };
    let note = if value.is_nan() {
        "no value".to_owned()
    } else if limit.parse::<f64>().is_ok() {
        String::new()
    } else {
        format!("limit {limit}")
    };
    Some(MarkerLine {
        name: name.clone(),
        outcome: match outcome {
            Known::Yes => "yes",
            Known::No => "no",
            Known::Unknown => "unknown",
        },
        value: with_unit(f64::from(*value), unit),
        threshold: bound(sign, f64::from(*threshold), unit),
        margin: margin(f64::from(*own), unit),
        note,
        decides: row.decides,
    })
}

fn day(day: f64) -> String {
    date_of(day).map_or_else(|| "–".to_owned(), |date| date.to_string())
}

/// At most four decimals, without trailing zeros: single precision says no more.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.replace('-', "−") }
}

fn with_unit(value: f64, unit: &str) -> String {
    match unit {
        _ if !value.is_finite() => String::new(),
        DATE => day(value),
        "" => number(value),
        unit => format!("{} {unit}", number(value)),
    }
}

fn bound(sign: &str, threshold: f64, unit: &str) -> String {
    if threshold.is_finite() { format!("{sign} {}", with_unit(threshold, unit)) } else { String::new() }
}

/// With its sign; of dates in days.
fn margin(margin: f64, unit: &str) -> String {
    if !margin.is_finite() {
        return String::new();
    }
    let plus = if margin > 0.0 { "+" } else { "" };
    format!("{plus}{}", with_unit(margin, if unit == DATE { "days" } else { unit }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(value: f32, limit: &str, unit: &str) -> MarkerLine {
        let grounds = Grounds::Comparison {
            name: "ndvi_fall".to_owned(),
            value,
            sign: ">=",
            limit: limit.to_owned(),
            threshold: 0.2,
            margin: value - 0.2,
            unit: unit.to_owned(),
            outcome: if value.is_nan() { Known::Unknown } else { Known::No },
        };
        comparison(&ComparisonRow { grounds, decides: true }).expect("a comparison")
    }

    #[test]
    fn comparisons_say_value_limit_and_margin_with_signs() {
        let line = compared(0.15, "fall_threshold", "");
        assert_eq!((line.value.as_str(), line.threshold.as_str(), line.margin.as_str()), ("0.15", "≥ 0.2", "−0.05"));
        assert_eq!((line.note.as_str(), line.outcome, line.decides), ("limit fall_threshold", "no", true));
        assert_eq!(compared(0.3, "0.2", "").margin, "+0.1");
        assert_eq!(compared(20.0, "0.2", "days").value, "20 days");
    }

    #[test]
    fn what_is_missing_is_empty_never_zero() {
        let line = compared(f32::NAN, "fall_threshold", "");
        assert_eq!((line.value.as_str(), line.margin.as_str(), line.note.as_str()), ("", "", "no value"));
        assert_eq!(line.outcome, "unknown");
    }

    #[test]
    fn days_are_dates_and_their_margins_numbers_of_days() {
        assert_eq!(with_unit(18_000.0, DATE), "2019-04-14");
        assert_eq!(margin(-3.0, DATE), "−3 days");
    }
}
