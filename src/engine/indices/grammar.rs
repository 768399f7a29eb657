//! Reads an expression over band names word by word, before the expression crate sees it.
//!
//! The crate reads more than we allow (its own constants and functions, any name) and some forms in an unusual way (`-B04^2` as
//! `(-B04)^2`). So only a plain subset passes, rewritten with canonical band names; everything else is an error with a place.

use super::FormulaError;
use crate::model::Band;

/// Longer expressions are refused.
pub const MAX_LENGTH: usize = 500;
/// Deeper nesting is refused.
pub const MAX_DEPTH: usize = 32;

/// One word of an expression that passed.
#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    /// Number.
    Number(f64),
    /// Band.
    Band(Band),
    /// Function of one or two arguments.
    Function(&'static str),
    /// One of `+ - * / ^ ( ) ,`.
    Sign(char),
}

const FUNCTIONS: [(&str, usize); 6] = [("sqrt", 1), ("abs", 1), ("ln", 1), ("exp", 1), ("min", 2), ("max", 2)];

/// Words of a valid expression, unary plus left out.
pub fn read(text: &str) -> Result<Vec<Token>, FormulaError> {
    if text.chars().count() > MAX_LENGTH {
        return Err(FormulaError::Syntax(format!("it is longer than {MAX_LENGTH} characters")));
    }
    let mut reader = Reader::default();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { break };
        let place = text[..text.len() - rest.len()].chars().count() + 1;
        let length = match first {
            '0'..='9' | '.' => number_length(rest),
            _ if first.is_alphabetic() || first == '_' => {
                rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
            }
            _ => first.len_utf8(),
        };
        let (word, after) = rest.split_at(length);
        reader.word(word, after.trim_start().starts_with('('), place)?;
        rest = after;
    }
    reader.finish()
}

/// Length of a number such as `2`, `.5`, `2.5` or `1e-3`.
fn number_length(text: &str) -> usize {
    let digits = |from: usize| from + text[from..].bytes().take_while(u8::is_ascii_digit).count();
    let mut end = digits(0);
    if text[end..].starts_with('.') {
        end = digits(end + 1);
    }
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end
}

/// An open parenthesis.
struct Open {
    /// Arguments still to come before the closing parenthesis; 1 for a plain group.
    arguments: usize,
    negated: bool,
    in_power: bool,
}

#[derive(Default)]
struct Reader {
    tokens: Vec<Token>,
    open: Vec<Open>,
    /// True after a number, a band or a closing parenthesis.
    after_value: bool,
    /// True while a sign waits for its value, and after that value.
    negated: bool,
    /// True while a power waits for its exponent, and after the exponent.
    in_power: bool,
    /// A function waits for its parenthesis.
    function: Option<usize>,
}

fn fault<T>(place: usize, what: &str) -> Result<T, FormulaError> {
    Err(FormulaError::Syntax(format!("{what} (at character {place})")))
}

impl Reader {
    fn word(&mut self, word: &str, call: bool, place: usize) -> Result<(), FormulaError> {
        let first = word.chars().next().unwrap_or(' ');
        if first.is_ascii_digit() || first == '.' {
            let Ok(number) = word.parse::<f64>() else { return fault(place, &format!("“{word}” is no number")) };
            self.value(Token::Number(number), word, place)
        } else if first.is_alphabetic() || first == '_' {
            self.name(word, call, place)
        } else {
            self.sign(first, place)
        }
    }

    fn value(&mut self, token: Token, word: &str, place: usize) -> Result<(), FormulaError> {
        if self.after_value {
            return fault(place, &format!("an operator is missing before “{word}”"));
        }
        self.tokens.push(token);
        self.after_value = true;
        Ok(())
    }

    fn name(&mut self, word: &str, call: bool, place: usize) -> Result<(), FormulaError> {
        let function = FUNCTIONS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word));
        if let Some(&(name, arguments)) = function {
            if !call {
                return fault(place, &format!("“(” is missing after “{name}”"));
            }
            if self.after_value {
                return fault(place, &format!("an operator is missing before “{name}”"));
            }
            self.tokens.push(Token::Function(name));
            self.function = Some(arguments);
            return Ok(());
        }
        match Band::parse(word).filter(|band| band.as_str().starts_with('B')) {
            Some(band) => self.value(Token::Band(band), word, place),
            None => Err(FormulaError::UnknownBand(word.to_owned())),
        }
    }

    fn sign(&mut self, sign: char, place: usize) -> Result<(), FormulaError> {
        match sign {
            '(' => self.open(place),
            ')' => self.close(place),
            ',' => self.comma(place),
            '+' | '-' if !self.after_value => self.unary(sign, place),
            '+' | '-' | '*' | '/' | '^' => self.operator(sign, place),
            _ => fault(
                place,
                &format!("“{sign}” has no meaning here; use + - * / ^ ( ), numbers, bands and sqrt, abs, min, max, ln, exp"),
            ),
        }
    }

    fn open(&mut self, place: usize) -> Result<(), FormulaError> {
        if self.after_value {
            return fault(place, "an operator is missing before “(”");
        }
        if self.open.len() >= MAX_DEPTH {
            return fault(place, "parentheses are nested too deep");
        }
        let arguments = self.function.take().unwrap_or(1);
        self.open.push(Open { arguments, negated: self.negated, in_power: self.in_power });
        (self.negated, self.in_power) = (false, false);
        self.tokens.push(Token::Sign('('));
        Ok(())
    }

    fn close(&mut self, place: usize) -> Result<(), FormulaError> {
        if !self.after_value {
            return fault(place, "a value is missing before “)”");
        }
        match self.open.pop() {
            None => fault(place, "“)” closes nothing"),
            Some(open) if open.arguments != 1 => fault(place, "min and max need two values"),
            Some(open) => {
                (self.negated, self.in_power) = (open.negated, open.in_power);
                self.tokens.push(Token::Sign(')'));
                Ok(())
            }
        }
    }

    fn comma(&mut self, place: usize) -> Result<(), FormulaError> {
        match self.open.last_mut() {
            Some(open) if open.arguments == 2 && self.after_value => open.arguments = 1,
            _ => return fault(place, "“,” belongs between the two values of min or max; numbers use “.”"),
        }
        (self.after_value, self.negated, self.in_power) = (false, false, false);
        self.tokens.push(Token::Sign(','));
        Ok(())
    }

    fn unary(&mut self, sign: char, place: usize) -> Result<(), FormulaError> {
        if self.negated {
            return fault(place, "two signs follow each other");
        }
        self.negated = true;
        if sign == '-' {
            self.tokens.push(Token::Sign('-'));
        }
        Ok(())
    }

    fn operator(&mut self, sign: char, place: usize) -> Result<(), FormulaError> {
        if !self.after_value {
            return fault(place, &format!("a value is missing before “{sign}”"));
        }
        // Tools read these two forms in different ways; parentheses say what is meant.
        if sign == '^' && self.negated {
            return fault(place, "a sign before a power needs parentheses: -(B04^2) or (-B04)^2");
        }
        if sign == '^' && self.in_power {
            return fault(place, "a power of a power needs parentheses: B04^(2^3) or (B04^2)^3");
        }
        (self.after_value, self.negated, self.in_power) = (false, false, sign == '^');
        self.tokens.push(Token::Sign(sign));
        Ok(())
    }

    fn finish(self) -> Result<Vec<Token>, FormulaError> {
        if !self.open.is_empty() {
            return Err(FormulaError::Syntax("“)” is missing".to_owned()));
        }
        if !self.after_value {
            return Err(FormulaError::Syntax("it ends where a value is expected".to_owned()));
        }
        Ok(self.tokens)
    }
}
