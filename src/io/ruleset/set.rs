//! One number of a ruleset by the name that [`super::diff`] gives its field.

use std::path::PathBuf;

use toml::Value;

use crate::io::IoError;
use crate::model::Ruleset;

/// A ruleset with another number in a field such as `markers.cut.detect.fall.min_depth` or `signals.smooth.steps[2].low_pass.cut_off`.
///
/// A field that is not written because it has no value can be given one; the ruleset is checked again.
pub fn set(ruleset: &Ruleset, field: &str, value: f64) -> Result<Ruleset, IoError> {
    let failed = |fact: String| IoError::File { operation: format!("set {field}"), fact, path: PathBuf::from(&ruleset.name) };
    let tree = Value::try_from(ruleset).map_err(|error| failed(error.to_string()))?;
    // A field without a value does not tell whether it wants whole numbers.
    let whole = (value.fract() == 0.0 && value.abs() < 1e9).then_some(Value::Integer(value as i64));
    let mut reason = String::new();
    for number in [Some(Value::Float(value)), whole].into_iter().flatten() {
        let mut own = tree.clone();
        *place(&mut own, field).map_err(failed)? = number;
        match own.try_into::<Ruleset>() {
            Ok(own) => {
                own.check().map_err(|fault| failed(fault.to_string()))?;
                return Ok(own);
            }
            Err(error) => error.message().clone_into(&mut reason),
        }
    }
    Err(failed(reason.replace('\n', ", ")))
}

/// Where a field stands; one that is not written is made.
fn place<'t>(tree: &'t mut Value, field: &str) -> Result<&'t mut Value, String> {
    let mut here = tree;
    let mut rest = field;
    while !rest.is_empty() {
        let known = names(here);
        let missing = || format!("there is no such field; here are {}", known.join(", "));
        match here {
            Value::Table(table) => {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                let name = &rest[..end];
                let last = end == rest.len();
                if !table.contains_key(name) && last {
                    table.insert(name.to_owned(), Value::Boolean(false));
                }
                here = table.get_mut(name).ok_or_else(missing)?;
                rest = rest[end..].trim_start_matches('.');
            }
            Value::Array(entries) => {
                let (at, after) = if let Some(inner) = rest.strip_prefix('[') {
                    let (number, after) = inner.split_once(']').ok_or_else(missing)?;
                    (number.parse().unwrap_or(usize::MAX), after)
                } else {
                    // Names may hold dots: the longest one that fits.
                    let fits =
                        |entry: &Value| entry.get("name").and_then(Value::as_str).filter(|own| follows(rest, own)).map(str::len);
                    let longest = entries.iter().map(fits).enumerate().max_by_key(|(_, length)| *length);
                    let (at, length) = longest.and_then(|(at, length)| Some((at, length?))).ok_or_else(missing)?;
                    (at, &rest[length..])
                };
                here = entries.get_mut(at).ok_or_else(missing)?;
                rest = after.trim_start_matches('.');
            }
            _ => return Err(missing()),
        }
    }
    Ok(here)
}

/// True when a way begins with a name.
fn follows(rest: &str, name: &str) -> bool {
    rest.strip_prefix(name).is_some_and(|after| after.is_empty() || after.starts_with(['.', '[']))
}

fn names(value: &Value) -> Vec<String> {
    match value {
        Value::Table(table) => table.keys().cloned().collect(),
        Value::Array(entries) => {
            entries.iter().filter_map(|own| own.get("name").and_then(Value::as_str).map(str::to_owned)).collect()
        }
        other => vec![other.to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::super::{diff, parse};
    use super::*;

    const RULES: &str = r#"
version = "1.0"
[[inputs]]
name = "s2"
[[signals]]
name = "smooth.x"
from = ["s2"]
steps = [{ resample = {} }, { low_pass = { cut_off = 0.06 } }]
[[markers]]
name = "drop"
signal = "smooth.x"
detect = { drop = { joins = 1 } }
"#;

    #[test]
    fn a_field_is_set_by_the_name_that_differences_have() {
        let own = parse(RULES).expect("valid");
        for (field, value, shown) in [
            ("signals.smooth.x.steps[1].low_pass.cut_off", 0.125, "0.125"),
            ("signals.smooth.x.steps[1].low_pass.order", 4.0, "4"),
            ("markers.drop.detect.drop.min_depth", 0.25, "0.25"),
            ("markers.drop.detect.drop.min_duration_days", 14.0, "14.0"),
            ("markers.drop.min_observations", 5.0, "5"),
        ] {
            let changed = set(&own, field, value).expect("set");
            let all = diff(&own, &changed).expect("compared");
            assert_eq!(all.len(), 1, "{field}: {all:?}");
            assert_eq!((all[0].field.as_str(), all[0].after.as_deref()), (field, Some(shown)));
        }
    }

    #[test]
    fn wrong_fields_and_numbers_are_told() {
        let own = parse(RULES).expect("valid");
        for (field, value, expected) in [
            ("markers.drop.detect.drop.min_deep", 0.2, "unknown field `min_deep`"),
            ("markers.fall.detect.drop.min_depth", 0.2, "there is no such field; here are drop"),
            ("markers.drop.detect.peak.min_depth", 0.2, "there is no such field; here are drop"),
            ("signals.smooth.x.steps[9].low_pass.order", 2.0, "there is no such field"),
            ("signals.smooth.x.steps[1].low_pass.order", 2.5, "expected u32"),
            ("signals.smooth.x.steps[1].low_pass.cut_off", 0.7, "cut_off is 0.7"),
            ("markers.drop.signal.name", 1.0, "there is no such field"),
        ] {
            let told = set(&own, field, value).expect_err("refused").to_string();
            assert!(told.contains(expected) && told.contains(field), "{told}");
        }
    }
}
