//! Characters to tokens.

use super::FilterError;

/// A word of the language with its character position from 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) position: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    /// In double quotes: always a field.
    Quoted(String),
    /// Bare: a keyword or a field.
    Word(String),
    /// In single quotes.
    Text(String),
    Number(f64),
    /// `=`, `!=`, `<`, `<=`, `>`, `>=`.
    Sign(&'static str),
    Open,
    Close,
    Comma,
    End,
}

impl Kind {
    /// As an error message names it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Quoted(name) => format!("\"{name}\""),
            Self::Word(word) => word.clone(),
            Self::Text(text) => format!("'{text}'"),
            Self::Number(number) => number.to_string(),
            Self::Sign(sign) => (*sign).to_owned(),
            Self::Open => "(".to_owned(),
            Self::Close => ")".to_owned(),
            Self::Comma => ",".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// All tokens, the last one [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, FilterError> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let (kind, end) = token(&chars, at)?;
        tokens.push(Token { kind, position: at + 1 });
        at = end;
    }
    tokens.push(Token { kind: Kind::End, position: chars.len() + 1 });
    Ok(tokens)
}

fn token(chars: &[char], at: usize) -> Result<(Kind, usize), FilterError> {
    let next = chars.get(at + 1).copied();
    let sign = |sign, length| Ok((Kind::Sign(sign), at + length));
    match (chars[at], next) {
        ('(', _) => Ok((Kind::Open, at + 1)),
        (')', _) => Ok((Kind::Close, at + 1)),
        (',', _) => Ok((Kind::Comma, at + 1)),
        ('"', _) => quoted(chars, at).map(|(text, end)| (Kind::Quoted(text), end)),
        ('\'', _) => quoted(chars, at).map(|(text, end)| (Kind::Text(text), end)),
        ('=', Some('=')) => sign("=", 2),
        ('=', _) => sign("=", 1),
        ('!', Some('=')) | ('<', Some('>')) => sign("!=", 2),
        ('<', Some('=')) => sign("<=", 2),
        ('>', Some('=')) => sign(">=", 2),
        ('<', _) => sign("<", 1),
        ('>', _) => sign(">", 1),
        ('!', _) => Err(FilterError { message: "expected != after !".to_owned(), position: at + 1 }),
        (c, _) if c.is_ascii_digit() => number(chars, at),
        ('-' | '+' | '.', Some(c)) if c.is_ascii_digit() || c == '.' => number(chars, at),
        (c, _) if c.is_alphabetic() || c == '_' => {
            let end = chars[at..]
                .iter()
                .position(|c| !(c.is_alphanumeric() || "_:.".contains(*c)))
                .map_or(chars.len(), |length| at + length);
            Ok((Kind::Word(chars[at..end].iter().collect()), end))
        }
        (c, _) => Err(FilterError {
            message: format!("`{c}` cannot be used here; put names with such signs in double quotes"),
            position: at + 1,
        }),
    }
}

/// Text up to the closing quote; a doubled quote is one quote.
fn quoted(chars: &[char], at: usize) -> Result<(String, usize), FilterError> {
    let quote = chars[at];
    let mut text = String::new();
    let mut end = at + 1;
    while let Some(&c) = chars.get(end) {
        end += 1;
        if c != quote {
            text.push(c);
        } else if chars.get(end) == Some(&quote) {
            text.push(quote);
            end += 1;
        } else {
            return Ok((text, end));
        }
    }
    Err(FilterError { message: format!("there is no closing {quote}"), position: at + 1 })
}

fn number(chars: &[char], at: usize) -> Result<(Kind, usize), FilterError> {
    let mut end = at + 1;
    while let Some(&c) = chars.get(end) {
        let exponent_sign = (c == '-' || c == '+') && matches!(chars[end - 1], 'e' | 'E');
        if !(c.is_alphanumeric() || c == '.' || exponent_sign) {
            break;
        }
        end += 1;
    }
    let text: String = chars[at..end].iter().collect();
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok((Kind::Number(number), end)),
        _ => Err(FilterError {
            message: format!("`{text}` is no number; decimals take a point, text single quotes"),
            position: at + 1,
        }),
    }
}
