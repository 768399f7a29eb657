//! Compiled expressions over bands.

use std::sync::Arc;

use exmex::{BinOp, Express as _, FlatEx, MakeOperators, Operator};

use super::FormulaError;
use super::grammar::{self, Token};
use crate::model::Band;

/// A compiled expression over bands.
#[derive(Debug, Clone)]
pub struct Formula {
    bands: Vec<Band>,
    kind: Kind,
}

#[derive(Debug, Clone)]
enum Kind {
    /// `(a - b) / (a + b)`, positions in `bands`: most indices, evaluated without the expression crate.
    NormalisedDifference(usize, usize),
    Expression(Arc<FlatEx<f64, BandOperators>>),
}

impl Formula {
    /// Compiles an expression. `B4`, `b04` and `B04` are the same band.
    ///
    /// Allowed are numbers, band names, `+ - * / ^ ( )` and `sqrt, abs, min, max, ln, exp`; at most 500 characters and
    /// 32 levels of parentheses. `-B04^2` and `B04^2^3` need parentheses, because tools read them in different ways.
    ///
    /// ```
    /// # use parcelight::engine::indices::{Formula, FormulaError};
    /// let formula = Formula::compile("(b11 - B4) / (B11 + B04)")?;
    /// assert_eq!(formula.eval(&[0.25, 0.75]), 0.5); // B04, B11
    /// assert_eq!(Formula::compile("B04 + B99").map(|_| ()), Err(FormulaError::UnknownBand("B99".to_owned())));
    /// # Ok::<(), FormulaError>(())
    /// ```
    pub fn compile(expression: &str) -> Result<Self, FormulaError> {
        let tokens = grammar::read(expression)?;
        let mut bands: Vec<Band> =
            tokens.iter().filter_map(|token| if let Token::Band(band) = token { Some(band.clone()) } else { None }).collect();
        bands.sort();
        bands.dedup();
        if bands.is_empty() {
            return Err(FormulaError::NoBand);
        }
        if let Some((a, b)) = normalised_difference(&tokens) {
            let at = |band: &Band| bands.binary_search(band).unwrap_or(0);
            let kind = Kind::NormalisedDifference(at(a), at(b));
            return Ok(Self { bands, kind });
        }
        let compiled = FlatEx::parse(&spell(&tokens)).map_err(|error| FormulaError::Syntax(error.to_string()))?;
        // The crate orders its variables by name, and so do we: values can be handed over as they come.
        if !compiled.var_names().iter().map(String::as_str).eq(bands.iter().map(Band::as_str)) {
            return Err(FormulaError::Syntax("its bands cannot be told apart".to_owned()));
        }
        Ok(Self { bands, kind: Kind::Expression(Arc::new(compiled)) })
    }

    /// Bands it needs, sorted.
    pub fn bands(&self) -> &[Band] {
        &self.bands
    }

    /// Value for one reflectance per band, in the order of [`Formula::bands`]. A zero denominator or any `NaN` gives `NaN`.
    ///
    /// Values that are too large for a number, and roots and logarithms that do not exist, give `NaN` as well, never infinity.
    pub fn eval(&self, values: &[f64]) -> f64 {
        debug_assert!(values.len() == self.bands.len(), "one value a band");
        if values.len() != self.bands.len() || values.iter().any(|value| value.is_nan()) {
            return f64::NAN;
        }
        let value = match &self.kind {
            Kind::NormalisedDifference(a, b) => divide(values[*a] - values[*b], values[*a] + values[*b]),
            Kind::Expression(compiled) => compiled.eval(values).unwrap_or(f64::NAN),
        };
        if value.is_finite() { value } else { f64::NAN }
    }

    /// Per-pixel values; `bands[i]` are the pixels of [`Formula::bands`]`[i]`, all of the same length.
    ///
    /// * **NaN:** as [`Formula::eval`], pixel by pixel.
    /// * **Cost:** one pass; normalised differences are computed directly, other expressions by the expression crate.
    pub fn eval_pixels(&self, bands: &[&[f32]]) -> Vec<f32> {
        debug_assert!(bands.len() == self.bands.len(), "pixels of every band");
        let length = bands.iter().map(|pixels| pixels.len()).min().unwrap_or(0);
        if bands.len() != self.bands.len() {
            return vec![f32::NAN; length];
        }
        if let Kind::NormalisedDifference(a, b) = self.kind {
            let pixel = |(&a, &b): (&f32, &f32)| {
                let (a, b) = (f64::from(a), f64::from(b));
                let value = divide(a - b, a + b);
                if value.is_finite() { value as f32 } else { f32::NAN }
            };
            return bands[a].iter().zip(bands[b]).map(pixel).collect();
        }
        let mut values = vec![0.0; bands.len()];
        let pixel = |at: usize| {
            for (value, pixels) in values.iter_mut().zip(bands) {
                *value = f64::from(pixels[at]);
            }
            self.eval(&values) as f32
        };
        (0..length).map(pixel).collect()
    }
}

/// Bands of `(a - b) / (a + b)` or `(a - b) / (b + a)`.
fn normalised_difference(tokens: &[Token]) -> Option<(&Band, &Band)> {
    use Token::{Band as B, Sign as S};
    match tokens {
        [S('('), B(a), S('-'), B(b), S(')'), S('/'), S('('), B(c), S('+'), B(d), S(')')]
            if (a == c && b == d) || (a == d && b == c) =>
        {
            Some((a, b))
        }
        _ => None,
    }
}

/// The expression as the expression crate reads it. `min(a, b)` becomes `((a)min(b))`: the crate stumbles over calls in calls.
fn spell(tokens: &[Token]) -> String {
    let mut text = String::new();
    let mut pending = None;
    // For every open parenthesis the function of two values that it belongs to.
    let mut open: Vec<Option<&str>> = Vec::new();
    for token in tokens {
        match token {
            // Never with an exponent, which the crate does not read.
            Token::Number(number) => text.push_str(&number.to_string()),
            Token::Band(band) => text.push_str(band.as_str()),
            Token::Function(name @ ("min" | "max")) => pending = Some(*name),
            Token::Function(name) => text.push_str(name),
            Token::Sign('(') => {
                open.push(pending.take());
                text.push_str(if open.last().is_some_and(Option::is_some) { "((" } else { "(" });
            }
            Token::Sign(')') => text.push_str(if open.pop().flatten().is_some() { "))" } else { ")" }),
            Token::Sign(',') => {
                let name = open.last().copied().flatten().unwrap_or_default();
                text.push(')');
                text.push_str(name);
                text.push('(');
            }
            Token::Sign(sign) => text.push(*sign),
        }
    }
    text
}

fn divide(a: f64, b: f64) -> f64 {
    if b == 0.0 { f64::NAN } else { a / b }
}

/// The operators that we allow. Division by zero gives `NaN` at once, so that it cannot hide in a further division, and
/// `min` and `max` do not overlook it.
#[derive(Debug, Clone)]
struct BandOperators;

impl MakeOperators<f64> for BandOperators {
    fn make<'a>() -> Vec<Operator<'a, f64>> {
        fn binary(apply: fn(f64, f64) -> f64, prio: i64, is_commutative: bool) -> BinOp<f64> {
            BinOp { apply, prio, is_commutative }
        }
        fn unless_nan(a: f64, b: f64, value: f64) -> f64 {
            if a.is_nan() || b.is_nan() { f64::NAN } else { value }
        }
        vec![
            Operator::make_bin_unary("+", binary(|a, b| a + b, 0, true), |a| a),
            Operator::make_bin_unary("-", binary(|a, b| a - b, 1, false), |a| -a),
            Operator::make_bin("*", binary(|a, b| a * b, 2, true)),
            Operator::make_bin("/", binary(divide, 3, false)),
            Operator::make_bin("^", binary(f64::powf, 4, false)),
            Operator::make_bin("min", binary(|a, b| unless_nan(a, b, a.min(b)), 0, false)),
            Operator::make_bin("max", binary(|a, b| unless_nan(a, b, a.max(b)), 0, false)),
            Operator::make_unary("sqrt", f64::sqrt),
            Operator::make_unary("abs", f64::abs),
            Operator::make_unary("ln", f64::ln),
            Operator::make_unary("exp", f64::exp),
        ]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(expression: &str, values: &[f64]) -> f64 {
        Formula::compile(expression).unwrap_or_else(|error| panic!("{expression}: {error}")).eval(values)
    }

    #[test]
    fn expressions_follow_the_rules_of_arithmetic() {
        // Values of B04 and B08.
        let (a, b) = (0.25_f64, 0.5);
        for (expression, expected) in [
            ("B4 - B8 - 1", a - b - 1.0),
            ("B8 - B4 + 1", b - a + 1.0),
            ("B8 / B4 * 3", b / a * 3.0),
            ("B4 * 3 / B8", a * 3.0 / b),
            ("B8 / B4 / 2", b / a / 2.0),
            ("1 - 2 * B4 ^ 2 + B8", 1.0 - 2.0 * a * a + b),
            ("2 * -B4 + B8", -2.0 * a + b),
            ("+B4--B8", a + b),
            ("B4 ^ -2 + B8", a.powi(-2) + b),
            ("-(B4^2) + B8", b - a * a),
            ("max(B4, min(B8, 0.3)) * 2", 0.6),
            ("min(B4 + B8, 2 * B8)", 0.75),
            ("1e-2 * B4 + .5 * B8 + 2. ", 0.0025 + 0.25 + 2.0),
            ("sqrt(B4) + abs(-B8) + ln(exp(1))", 0.5 + 0.5 + 1.0),
            ("Red + NIR", a + b),
        ] {
            let found = value(expression, &[a, b]);
            assert!((found - expected).abs() < 1e-12, "{expression}: {found} instead of {expected}");
        }
    }

    #[test]
    fn values_are_bound_by_band_and_not_by_order_of_use() {
        let formula = Formula::compile("B8A*100 + B12*10 + B02").expect("valid");
        assert_eq!(formula.bands().iter().map(Band::as_str).collect::<Vec<_>>(), ["B02", "B12", "B8A"]);
        assert_eq!(formula.eval(&[1.0, 2.0, 3.0]), 321.0);
    }

    #[test]
    fn undefined_values_are_nan_and_never_infinite() {
        for expression in
            ["1/B04", "B04/(B04-B04)", "(B04-B08)/(B04+B08)", "1/(1/B04)", "ln(B04)", "min(1/B04, 2)", "exp(B04+9999)"]
        {
            let formula = Formula::compile(expression).expect("valid");
            assert!(formula.eval(&vec![0.0; formula.bands().len()]).is_nan(), "{expression}");
            let pixels = formula.eval_pixels(&vec![[0.0f32, f32::NAN].as_slice(); formula.bands().len()]);
            assert!(pixels.iter().all(|value| value.is_nan()), "{expression}");
        }
        assert!(value("max(B04, B08)", &[f64::NAN, 1.0]).is_nan());
        assert!(value("sqrt(B04)", &[-1.0]).is_nan());
    }

    #[test]
    fn errors_name_the_offending_word() {
        let error = |text: &str| Formula::compile(text).map(|_| ()).expect_err(text);
        for (text, word) in
            [("B04 + B99", "B99"), ("PI * B04", "PI"), ("VV / VH", "VV"), ("sin(B04)", "sin"), ("SCL", "SCL"), ("α+B4", "α")]
        {
            assert_eq!(error(text), FormulaError::UnknownBand(word.to_owned()), "{text}");
        }
        assert_eq!(error("1 + 2"), FormulaError::NoBand);
        for (text, word) in [
            ("B04 +", "ends"),
            ("", "ends"),
            ("B04 B08", "operator is missing before “B08” (at character 5)"),
            ("2B04", "operator"),
            ("(B04", "“)” is missing"),
            ("B04)", "closes nothing"),
            ("min(B04)", "two values"),
            ("min(B04,B05,B06)", "“,”"),
            ("sqrt B04", "“(” is missing"),
            ("B04 ; B05", "“;”"),
            ("{B04}", "“{”"),
            ("--B04", "two signs"),
            ("-B04^2", "parentheses"),
            ("-sqrt(B04)^2", "parentheses"),
            ("B04^2^3", "parentheses"),
            ("()", "value is missing"),
            ("* B04", "value is missing"),
        ] {
            let message = error(text).to_string();
            assert!(message.contains(word), "{text}: {message}");
        }
        assert!(error(&format!("{}B04{}", "(".repeat(33), ")".repeat(33))).to_string().contains("deep"));
        assert!(error(&"B04+".repeat(200)).to_string().contains("longer"));
    }

    #[test]
    fn the_fast_path_gives_what_the_expression_gives() {
        let (fast, slow) = ("(B08 - B04) / (B04 + B08)", "(B08 - B04) / (B08 + B04 + 0)");
        let (nir, red) = ([0.4f32, 0.0, f32::NAN, 0.2], [0.1f32, 0.0, 0.1, -0.2]);
        let pixels = |text: &str| Formula::compile(text).expect("valid").eval_pixels(&[&red, &nir]);
        assert!((pixels(fast)[0] - 0.6).abs() < 1e-6);
        for (a, b) in pixels(fast).into_iter().zip(pixels(slow)) {
            assert!((a - b).abs() < 1e-7 || (a.is_nan() && b.is_nan()));
        }
    }

    proptest! {
        #[test]
        fn no_input_breaks_the_reader(text in "[-+*/^(),.0-9eEBab8A sqrtminxlα{}]{0,60}") {
            if let Ok(formula) = Formula::compile(&text) {
                let value = formula.eval(&vec![0.3; formula.bands().len()]);
                prop_assert!(!value.is_infinite());
            }
        }
    }
}
