//! Functions of one value from Python's way of writing to that of index steps. Only arithmetic passes; nothing is run.

use crate::model::ruleset::Step;

/// The band name that stands for the value; any would do.
const BAND: &str = "B02";

/// A step that puts a function of a component in its place.
pub(super) fn step(expression: &str, component: &str) -> Step {
    Step::Index {
        expression: expression.to_owned(),
        name: component.to_owned(),
        bands: [(BAND.to_owned(), component.to_owned())].into(),
    }
}

/// Text over `x` and some functions of `np` as an expression over one band, or why it is none.
pub(super) fn translated(text: &str) -> Result<String, String> {
    let mut words: Vec<&str> = Vec::new();
    let (mut rest, mut depth, mut values) = (text.trim(), 0_i32, 0);
    while let Some(first) = rest.chars().next() {
        let (word, length) = if rest.starts_with("**") {
            ("^", 2)
        } else if "+-*/(),".contains(first) {
            (&rest[..1], 1)
        } else if first.is_ascii_digit() || first == '.' {
            let length = number(rest);
            (&rest[..length], length)
        } else {
            let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.')).unwrap_or(rest.len());
            (name(&rest[..length]).ok_or_else(|| refused(rest))?, length)
        };
        depth += i32::from(word == "(") - i32::from(word == ")");
        values += usize::from(word == BAND);
        if depth < 0 {
            return Err(refused(rest));
        }
        words.push(word);
        rest = rest[length..].trim_start();
    }
    if depth != 0 || values == 0 {
        return Err(format!("“{}” is no expression over x", text.chars().take(60).collect::<String>()));
    }
    Ok(words.join(" "))
}

fn refused(rest: &str) -> String {
    let shown: String = rest.chars().take(30).collect();
    format!(
        "“{shown}” runs program text, which a ruleset cannot; only + - * / ** ( ), x, and sqrt, abs, log, exp of np are known"
    )
}

/// Length of a number at the start of a text.
fn number(text: &str) -> usize {
    let digits = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let whole = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let Some(power) = text[whole..].strip_prefix(['e', 'E']) else { return whole };
    let signed = power.strip_prefix(['+', '-']).unwrap_or(power);
    match digits(signed) {
        0 => whole,
        count => text.len() - signed.len() + count,
    }
}

fn name(word: &str) -> Option<&'static str> {
    Some(match word {
        "x" => BAND,
        "np.sqrt" => "sqrt",
        "np.abs" | "np.absolute" | "abs" => "abs",
        "np.log" => "ln",
        "np.exp" => "exp",
        "np.minimum" => "min",
        "np.maximum" => "max",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_is_translated_word_by_word() {
        for (text, expected) in [
            ("x", "B02"),
            ("2*x**2 - 1e-3", "2 * B02 ^ 2 - 1e-3"),
            ("np.sqrt( np.maximum(x,0.) )", "sqrt ( max ( B02 , 0. ) )"),
            ("-x/(1 + x)", "- B02 / ( 1 + B02 )"),
        ] {
            assert_eq!(translated(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_arithmetic_is_refused() {
        for text in [
            "__import__('os').system('true')",
            "np.load(x)",
            "x if x > 0 else 0",
            "lambda x: x",
            "x[0]",
            "x.real",
            "open(x)",
            "2",
            "",
            "(x",
            "x)",
            "x; 1",
            "x @ x",
            "x % 2",
            "x // 2 é",
        ] {
            assert!(translated(text).is_err(), "{text}");
        }
    }
}
