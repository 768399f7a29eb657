//! Tables of what was found: for people, for programs, and event by event.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::engine::evaluation::sampling::{Interval, wilson};
use crate::engine::evaluation::{Case, Counts, Draws, clear_after, judge, recall_by, score};
use crate::io::tables::{Kind, Table, Value};
use crate::project::marking::day_text;

use super::Part;

/// Observations of a season are grouped by so many.
const OBSERVATIONS: usize = 10;
/// So many clear observations after an event, or more, are one group.
const MANY_AFTER: usize = 4;

/// A line of the table.
#[derive(Debug)]
pub struct Row {
    half: &'static str,
    group: String,
    tolerance: f64,
    parcels: Option<usize>,
    counts: Counts,
    precision: Interval,
    recall: Interval,
    f1: Interval,
    bias_median: f64,
    bias_mean: f64,
}

/// All lines: for each half and tolerance all cases, by year, by observations in the season, and events by what was seen after them.
pub fn rows(parts: &[Part], tolerances: &[f64], draws: Draws) -> Vec<Row> {
    let mut rows = Vec::new();
    for part in parts {
        for &tolerance in tolerances {
            let mut add = |group: String, cases: &[&Case]| {
                let own = score(cases.iter().copied(), tolerance, draws);
                rows.push(Row {
                    half: part.name,
                    group,
                    tolerance,
                    parcels: Some(own.parcels),
                    counts: own.counts,
                    precision: own.precision,
                    recall: own.recall,
                    f1: own.f1,
                    bias_median: own.bias_median_days,
                    bias_mean: own.bias_mean_days,
                });
            };
            add("all".to_owned(), &part.cases.iter().collect::<Vec<_>>());
            for (year, cases) in grouped(&part.cases, |case| case.year) {
                add(format!("year {year}"), &cases);
            }
            for (from, cases) in grouped(&part.cases, |case| case.clear.len() / OBSERVATIONS * OBSERVATIONS) {
                add(format!("{from}-{} observations", from + OBSERVATIONS - 1), &cases);
            }
            let after = recall_by(&part.cases, tolerance, |case, at| clear_after(case, at, tolerance).min(MANY_AFTER));
            rows.extend(after.into_iter().map(|(count, seen)| Row {
                half: part.name,
                group: format!("events with {count}{} after", if count == MANY_AFTER { "+" } else { "" }),
                tolerance,
                parcels: None,
                counts: Counts { truths: seen.truths, hits: seen.hits, ..Counts::default() },
                precision: Interval::NONE,
                recall: wilson(seen.hits, seen.truths),
                f1: Interval::NONE,
                bias_median: f64::NAN,
                bias_mean: f64::NAN,
            }));
        }
    }
    rows
}

fn grouped<K: Ord>(cases: &[Case], key: impl Fn(&Case) -> K) -> BTreeMap<K, Vec<&Case>> {
    let mut groups: BTreeMap<K, Vec<&Case>> = BTreeMap::new();
    for case in cases {
        groups.entry(key(case)).or_default().push(case);
    }
    groups
}

/// For people: shares with their intervals in percent.
pub fn text(rows: &[Row]) -> String {
    let mut text = String::new();
    let mut before = None;
    let share = |value: f64, own: Interval| match (value.is_nan(), own.low.is_nan()) {
        (true, _) => String::new(),
        (_, true) => format!("{value:.3}"),
        _ => format!("{value:.3} ({:.2}-{:.2})", own.low, own.high),
    };
    let days = |value: f64| if value.is_nan() { String::new() } else { format!("{value:+.1}") };
    let count = |value: Option<usize>| value.map_or_else(String::new, |value| value.to_string());
    for row in rows {
        if before != Some((row.half, row.tolerance.to_bits())) {
            let gap = if before.is_some() { "\n" } else { "" };
            // Writing to a string cannot fail.
            let _written = writeln!(text, "{gap}half {}, ±{} days", row.half, row.tolerance);
            let _written = writeln!(
                text,
                "{:<24}{:>8}{:>7}{:>8}{:>10}{:>6}{:>9}  {:<19}{:<19}{:<19}{:>7}{:>7}",
                "", "parcels", "years", "events", "detected", "hits", "ignored", "precision", "recall", "F1", "median", "mean"
            );
            before = Some((row.half, row.tolerance.to_bits()));
        }
        let own = row.counts;
        let of_cases = |value: usize| row.parcels.map(|_| value);
        let f1 = if row.parcels.is_some() { own.f1() } else { f64::NAN };
        let line = format!(
            "{:<24}{:>8}{:>7}{:>8}{:>10}{:>6}{:>9}  {:<19}{:<19}{:<19}{:>7}{:>7}",
            row.group,
            count(row.parcels),
            count(of_cases(own.cases)),
            own.truths,
            count(of_cases(own.detections)),
            own.hits,
            count(of_cases(own.ignored)),
            share(own.precision(), row.precision),
            share(own.recall(), row.recall),
            share(f1, row.f1),
            days(row.bias_median),
            days(row.bias_mean)
        );
        let _written = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// For programs.
pub fn table(rows: &[Row]) -> Table {
    let mut columns: Vec<(String, Kind)> = ["half", "group"].map(|name| (name.to_owned(), Kind::Text)).into();
    columns.push(("tolerance_days".to_owned(), Kind::Number));
    let counts = ["parcels", "parcel_years", "events", "detections", "hits", "ignored"];
    columns.extend(counts.map(|name| (name.to_owned(), Kind::Integer)));
    for share in ["precision", "recall", "f1"] {
        columns.extend([share.to_owned(), format!("{share}_low"), format!("{share}_high")].map(|name| (name, Kind::Number)));
    }
    let rest = ["commission", "omission", "bias_median_days", "bias_mean_days"];
    columns.extend(rest.map(|name| (name.to_owned(), Kind::Number)));
    let cells = |row: &Row| {
        let own = row.counts;
        let of_cases = |value: usize| row.parcels.map_or(Value::Empty, |_| Value::Integer(value as i64));
        let f1 = if row.parcels.is_some() { own.f1() } else { f64::NAN };
        let mut cells = vec![Value::Text(row.half.to_owned()), Value::Text(row.group.clone()), Value::Number(row.tolerance)];
        cells.push(row.parcels.map_or(Value::Empty, |parcels| Value::Integer(parcels as i64)));
        cells.extend([of_cases(own.cases), Value::Integer(own.truths as i64), of_cases(own.detections)]);
        cells.extend([Value::Integer(own.hits as i64), of_cases(own.ignored)]);
        let shares = [(own.precision(), row.precision), (own.recall(), row.recall), (f1, row.f1)];
        cells.extend(shares.into_iter().flat_map(|(value, own)| [value, own.low, own.high]).map(Value::Number));
        cells.extend([1.0 - own.precision(), 1.0 - own.recall(), row.bias_median, row.bias_mean].map(Value::Number));
        cells
    };
    Table { columns, rows: rows.iter().map(cells).collect() }
}

/// Each known and detected event with the one it was paired with.
pub fn matches(parts: &[Part], tolerances: &[f64]) -> Table {
    let columns = [
        ("half", Kind::Text),
        ("parcel_id", Kind::Text),
        ("year", Kind::Integer),
        ("tolerance_days", Kind::Number),
        ("outcome", Kind::Text),
        ("known", Kind::Text),
        ("detected", Kind::Text),
        ("days_late", Kind::Number),
    ];
    let mut rows = Vec::new();
    for part in parts {
        for (case, &tolerance) in part.cases.iter().flat_map(|case| tolerances.iter().map(move |days| (case, days))) {
            let judged = judge(case, tolerance);
            let mut add = |outcome: &str, known: f64, detected: f64| {
                let day = |day: f64| day_text(day).map_or(Value::Empty, Value::Text);
                rows.push(vec![
                    Value::Text(part.name.to_owned()),
                    Value::Text(part.ids[case.parcel].clone()),
                    Value::Integer(i64::from(case.year)),
                    Value::Number(tolerance),
                    Value::Text(outcome.to_owned()),
                    day(known),
                    day(detected),
                    Value::Number(detected - known),
                ]);
            };
            for (at, &known) in case.truths.iter().enumerate() {
                match judged.pairs.iter().find(|(truth, _)| *truth == at) {
                    Some(&(_, own)) => add("hit", known, case.detections[own]),
                    None => add("missed", known, f64::NAN),
                }
            }
            for (at, &own) in case.detections.iter().enumerate() {
                if !judged.pairs.iter().any(|&(_, paired)| paired == at) {
                    add(if judged.ignored.contains(&at) { "ignored" } else { "false" }, f64::NAN, own);
                }
            }
        }
    }
    Table { columns: columns.map(|(name, kind)| (name.to_owned(), kind)).into(), rows }
}
