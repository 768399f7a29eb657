//! Words of the command line.

use crate::model::ruleset::When;
use crate::project::evaluating::Choice;

/// What an observation must meet.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Component.
    pub component: String,
    /// How it is compared.
    pub when: When,
    /// With what.
    pub value: f64,
}

/// `clear_mask>=1`.
pub fn parse_condition(word: &str) -> Result<Condition, String> {
    const SIGNS: [(&str, When); 5] =
        [(">=", When::AtLeast), ("<=", When::AtMost), (">", When::Above), ("<", When::Below), ("=", When::Equal)];
    let parts = SIGNS.iter().find_map(|(sign, when)| word.split_once(sign).map(|(component, value)| (component, *when, value)));
    let whole = parts.and_then(|(component, when, value)| {
        // No number: the whole word is told.
        let value = value.trim().parse().ok().filter(|value: &f64| value.is_finite())?;
        let component = component.trim().to_owned();
        (!component.is_empty()).then_some(Condition { component, when, value })
    });
    whole.ok_or_else(|| "expected a component, one of >= <= > < =, and a number, e.g. clear_mask>=1".to_owned())
}

/// `id=plot_id`.
pub fn parse_column(word: &str) -> Result<(String, String), String> {
    match word.split_once('=') {
        Some((role @ ("id" | "date" | "end" | "type"), column)) if !column.is_empty() => Ok((role.to_owned(), column.to_owned())),
        _ => Err("expected id=COLUMN, date=COLUMN, end=COLUMN or type=COLUMN".to_owned()),
    }
}

/// `markers.cut.detect.fall.min_depth=0.08..0.2/0.02`.
pub fn parse_tune(word: &str) -> Result<Choice, String> {
    const MOST: f64 = 1000.0;
    let parts = word.rsplit_once('=').and_then(|(field, range)| {
        let (ends, step) = range.split_once('/')?;
        let (from, to) = ends.split_once("..")?;
        // No numbers: the whole word is told.
        let (from, to, step): (f64, f64, f64) = (from.parse().ok()?, to.parse().ok()?, step.parse().ok()?);
        let count = ((to - from) / step + 1e-9).floor();
        let good = !field.is_empty() && step > 0.0 && (0.0..MOST).contains(&count) && from.is_finite();
        if !good {
            return None;
        }
        // Rounded: 0.1 + 0.02 is meant to be 0.12.
        let values = (0..=count as usize).map(|at| ((from + at as f64 * step) * 1e9).round() / 1e9).collect();
        Some(Choice { field: field.to_owned(), values })
    });
    parts.ok_or_else(|| {
        "expected FIELD=FROM..TO/STEP with up to 1000 steps, e.g. markers.cut.detect.fall.min_depth=0.08..0.2/0.02".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_both_ends_and_clean_numbers() {
        let own = parse_tune("markers.a=b.x=0.1..0.3/0.1").expect("a range");
        assert_eq!((own.field.as_str(), own.values.as_slice()), ("markers.a=b.x", [0.1, 0.2, 0.3].as_slice()));
        assert_eq!(parse_tune("x=5..5/1").expect("one").values, [5.0]);
        for word in ["", "x=1..2", "x=2..1/1", "x=1..2/0", "=1..2/1", "x=0..1/0.0001", "x=a..2/1", "x=nan..2/1"] {
            assert!(parse_tune(word).is_err(), "{word}");
        }
    }

    #[test]
    fn conditions_and_columns_are_read() {
        let own = parse_condition("clear_mask >= 1").expect("a condition");
        assert_eq!(own, Condition { component: "clear_mask".to_owned(), when: When::AtLeast, value: 1.0 });
        assert_eq!(parse_condition("a=0.5").expect("a condition").when, When::Equal);
        assert!(["", "a", ">1", "a>b", "a>nan"].iter().all(|word| parse_condition(word).is_err()));
        assert_eq!(parse_column("id=plot_id"), Ok(("id".to_owned(), "plot_id".to_owned())));
        assert!(parse_column("name=x").is_err() && parse_column("id=").is_err());
    }
}
