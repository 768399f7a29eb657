//! The numbers of a ruleset by their ways: listed, read, changed.

use jiff::civil::Date;
use toml::Value;

use super::set::set;
use crate::model::Ruleset;
use crate::model::ruleset::parameter::{Form, Parameter, Stage};

/// Fields with unit, usual limits and step; others get limits around their value.
const FIELDS: &[(&str, &str, f64, f64, f64)] = &[
    ("min_depth", "", 0.0, 0.6, 0.005),
    ("min_drop", "", 0.0, 0.6, 0.005),
    ("threshold", "", -1.0, 1.0, 0.01),
    ("min_duration_days", "days", 0.0, 120.0, 1.0),
    ("longer_than_days", "days", 0.0, 120.0, 1.0),
    ("max_gap_days", "days", 0.0, 120.0, 1.0),
    ("overlap_days", "days", 0.0, 60.0, 1.0),
    ("separation_days", "days", 0.0, 90.0, 1.0),
    ("max_days", "days", 0.0, 90.0, 1.0),
    ("half_window_days", "days", 1.0, 90.0, 1.0),
    ("step_days", "days", 1.0, 30.0, 1.0),
    ("min_observations", "", 0.0, 40.0, 1.0),
    ("at_least", "", 0.0, 40.0, 1.0),
    ("cut_off", "", 0.005, 0.49, 0.005),
    ("order", "", 1.0, 20.0, 1.0),
    ("lambda", "", 0.1, 1000.0, 0.1),
    ("samples", "", 1.0, 101.0, 2.0),
];

/// All numbers and dates of a ruleset, in the order of the file: signals, markers, practices, composites, features, rules.
pub fn parameters(ruleset: &Ruleset) -> Vec<Parameter> {
    let mut all = Vec::new();
    // A ruleset that was read can be written.
    if let Ok(table) = Value::try_from(ruleset) {
        let mut table = table;
        visit("", &mut table, &mut |path, value| {
            all.extend(parameter(path, value));
            false
        });
    }
    let order = ["signals", "markers", "practices", "composites", "features", "rules"];
    let rank = |own: &Parameter| order.iter().position(|list| own.path.starts_with(list)).unwrap_or(order.len());
    all.sort_by_key(rank);
    all
}

/// The ruleset with another number; says why it cannot be.
pub fn with_parameter(ruleset: &Ruleset, path: &str, number: f64) -> Result<Ruleset, String> {
    let all = parameters(ruleset);
    let known = all.iter().find(|own| own.path == path).ok_or_else(|| format!("the ruleset has no number “{path}”"))?;
    if matches!(known.form, Form::Decimal | Form::Whole) {
        return set(ruleset, path, number).map_err(|error| error.to_string());
    }
    let mut table = Value::try_from(ruleset).map_err(|error| error.to_string())?;
    let mut outcome = Err(format!("the ruleset has no number “{path}”"));
    visit("", &mut table, &mut |own, value| {
        if own != path {
            return false;
        }
        outcome = replaced(value, number);
        true
    });
    outcome?;
    let changed: Ruleset = table.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
    changed.check().map_err(|fault| fault.to_string())?;
    Ok(changed)
}

fn replaced(value: &mut Value, number: f64) -> Result<(), String> {
    let date = || day(number).ok_or_else(|| format!("{number} is no day of the calendar"));
    *value = match form(value) {
        Some(Form::Date) => Value::String(date()?.to_string()),
        Some(Form::DayOfYear) => Value::String(date()?.strftime("%m-%d").to_string()),
        _ => return Err("it is no date".to_owned()),
    };
    Ok(())
}

/// Leaves by their ways, until one is taken. Entries of lists are named by their names.
fn visit(way: &str, value: &mut Value, take: &mut dyn FnMut(&str, &mut Value) -> bool) -> bool {
    let below = |name: &str| if way.is_empty() { name.to_owned() } else { format!("{way}.{name}") };
    match value {
        Value::Table(table) => table.iter_mut().any(|(name, inner)| visit(&below(name), inner, take)),
        Value::Array(values) => values.iter_mut().enumerate().any(|(at, inner)| {
            let name = inner.get("name").and_then(Value::as_str).map(str::to_owned);
            visit(&name.map_or_else(|| format!("{way}[{at}]"), |name| below(&name)), inner, take)
        }),
        leaf => take(way, leaf),
    }
}

fn form(value: &Value) -> Option<Form> {
    match value {
        Value::Float(_) => Some(Form::Decimal),
        Value::Integer(_) => Some(Form::Whole),
        Value::String(text) if text.parse::<Date>().is_ok() && text.len() == 10 => Some(Form::Date),
        Value::String(text) if text.len() == 5 && format!("1970-{text}").parse::<Date>().is_ok() => Some(Form::DayOfYear),
        _ => None,
    }
}

fn parameter(path: &str, value: &Value) -> Option<Parameter> {
    let form = form(value)?;
    // Names for people may look like dates.
    let field = path.rsplit(['.', ']']).next().filter(|field| !field.is_empty()).unwrap_or(path).to_owned();
    if matches!(field.as_str(), "version" | "name" | "source") {
        return None;
    }
    let number = match (form, value) {
        (_, Value::Float(number)) => *number,
        (_, Value::Integer(number)) => *number as f64,
        (Form::Date, Value::String(text)) => epoch_day(text)?,
        (_, Value::String(text)) => epoch_day(&format!("1970-{text}"))?,
        _ => return None,
    };
    let words: Vec<&str> = path.split('.').collect();
    let owner = match words.as_slice() {
        ["rules", "base", ..] => String::new(),
        ["rules", "groups", group, ..] => (*group).to_owned(),
        [_, owner, ..] => (*owner).to_owned(),
        _ => return None,
    };
    let stage = if words[0] == "rules" { Stage::Rules } else { Stage::Features };
    let known = FIELDS.iter().find(|(name, ..)| *name == field);
    let (unit, range, step) = match (form, known) {
        (Form::Date | Form::DayOfYear, _) => ("date", (number - 183.0, number + 183.0), 1.0),
        (_, Some((_, unit, low, high, step))) => (*unit, (low.min(number), high.max(number)), *step),
        (Form::Whole, None) => ("", (0.0_f64.min(number), (2.0 * number).max(10.0)), 1.0),
        (Form::Decimal, None) => {
            let size = if number == 0.0 { 1.0 } else { 10f64.powf(number.abs().log10().ceil()) };
            ("", (if number < 0.0 { -size } else { 0.0 }, size.max(number)), size / 200.0)
        }
    };
    let unit = if unit.is_empty() && field.ends_with("_days") { "days" } else { unit };
    Some(Parameter { path: path.to_owned(), owner, field, value: number, form, stage, range, step, unit })
}

fn epoch_day(text: &str) -> Option<f64> {
    let date: Date = text.parse().ok()?;
    Some(f64::from((date - jiff::civil::date(1970, 1, 1)).get_days()))
}

fn day(number: f64) -> Option<Date> {
    // Out of the calendar: no day.
    let span = jiff::Span::new().try_days(number.floor() as i64).ok()?;
    jiff::civil::date(1970, 1, 1).checked_add(span).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::io::ruleset::{diff, parse};

    const TEXT: &str = r#"
version = "1.0"
name = "2020-01-01"
[[inputs]]
name = "s2"
[[signals]]
name = "smooth"
from = ["s2"]
steps = [{ resample = {} }, { low_pass = { cut_off = 0.06 } }]
[[markers]]
name = "drop"
signal = "smooth"
from = "2020-03-15"
detect = { drop = { min_depth = 0.1 } }
[rules.base]
green = "drop.depth >= deep"
numbers = { deep = 0.15 }
[rules.groups.grass]
crops = ["201"]
numbers = { deep = 0.2 }
"#;

    #[test]
    fn numbers_are_listed_with_their_ways_and_what_a_change_costs() {
        let ruleset = parse(TEXT).expect("valid");
        let all = parameters(&ruleset);
        let of = |path: &str| all.iter().find(|own| own.path == path).unwrap_or_else(|| panic!("{path}"));
        let depth = of("markers.drop.detect.drop.min_depth");
        assert_eq!(
            (depth.value, depth.owner.as_str(), depth.field.as_str(), depth.stage),
            (0.1, "drop", "min_depth", Stage::Features)
        );
        let deep = of("rules.groups.grass.numbers.deep");
        assert_eq!((deep.value, deep.owner.as_str(), deep.stage), (0.2, "grass", Stage::Rules));
        let from = of("markers.drop.from");
        assert_eq!((from.form, from.unit, from.value), (Form::Date, "date", 18336.0));
        assert_eq!(of("signals.smooth.steps[1].low_pass.cut_off").field, "cut_off");
        assert!(all.iter().all(|own| own.path != "name" && own.path != "version"));
    }

    #[test]
    fn a_changed_number_is_the_only_difference() {
        let ruleset = parse(TEXT).expect("valid");
        let changed = with_parameter(&ruleset, "rules.base.numbers.deep", 0.25).expect("a number");
        let differences = diff(&ruleset, &changed).expect("compared");
        assert_eq!(differences.len(), 1);
        assert_eq!(differences[0].after.as_deref(), Some("0.25"));
        let moved = with_parameter(&ruleset, "markers.drop.from", 18337.0).expect("a date");
        assert_eq!(diff(&ruleset, &moved).expect("compared")[0].after.as_deref(), Some("\"2020-03-16\""));
        assert!(with_parameter(&ruleset, "rules.base.numbers.depp", 1.0).expect_err("unknown").contains("no number"));
        let wrong = with_parameter(&ruleset, "signals.smooth.steps[1].low_pass.cut_off", 3.0).expect_err("out of range");
        assert!(wrong.contains("cut_off is 3"), "{wrong}");
    }
}
