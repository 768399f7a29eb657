//! Characters to tokens.

use super::error::Fault;
use crate::engine::markers::epoch_day;

/// Unit of dates: days since 1970-01-01.
pub(super) const DATE: &str = "date";

/// Longest text of a rule, bytes; longer ones are refused unread.
pub const MAX_LENGTH: usize = 4096;

/// Most words and signs of a rule; bounds the depth of the tree too.
const MAX_TOKENS: usize = 1024;

/// A word of the language and where it starts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) byte: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind<'a> {
    /// A name or a unit.
    Word(&'a str),
    Number(f32),
    And,
    Or,
    Not,
    Compare(Compare),
    Plus,
    Minus,
    Times,
    Over,
    Tilde,
    Open,
    Close,
    End,
}

/// How two numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    AtLeast,
    AtMost,
    Above,
    Below,
    Equal,
    Different,
}

impl Compare {
    /// As it is written.
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::Below => "<",
            Self::Equal => "==",
            Self::Different => "!=",
        }
    }
}

impl Kind<'_> {
    /// As an error names it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Word(word) => format!("`{word}`"),
            Self::Number(number) => format!("`{number}`"),
            Self::And => "`and`".to_owned(),
            Self::Or => "`or`".to_owned(),
            Self::Not => "`not`".to_owned(),
            Self::Compare(compare) => format!("`{}`", compare.sign()),
            Self::Plus => "`+`".to_owned(),
            Self::Minus => "`-`".to_owned(),
            Self::Times => "`*`".to_owned(),
            Self::Over => "`/`".to_owned(),
            Self::Tilde => "`~`".to_owned(),
            Self::Open => "`(`".to_owned(),
            Self::Close => "`)`".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// All tokens, the last one [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Fault> {
    if text.len() > MAX_LENGTH {
        let message = format!("the text has {} bytes; {MAX_LENGTH} is the limit", text.len());
        return Err(Fault::new(MAX_LENGTH, message));
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        if tokens.len() == MAX_TOKENS {
            return Err(Fault::new(at, format!("the rule has more than {MAX_TOKENS} words and signs")));
        }
        if let Some((day, length)) = date(&text[at..]) {
            tokens.push(Token { kind: Kind::Number(day), byte: at });
            tokens.push(Token { kind: Kind::Word(DATE), byte: at });
            at += length;
            continue;
        }
        let (kind, length) = token(&text[at..], c).map_err(|message| Fault::new(at, message))?;
        tokens.push(Token { kind, byte: at });
        at += length;
    }
    tokens.push(Token { kind: Kind::End, byte: text.len() });
    Ok(tokens)
}

/// The token at the start of a text, and its bytes.
fn token(text: &str, first: char) -> Result<(Kind<'_>, usize), String> {
    const SIGNS: [(&str, Kind<'static>); 15] = [
        (">=", Kind::Compare(Compare::AtLeast)),
        ("<=", Kind::Compare(Compare::AtMost)),
        ("==", Kind::Compare(Compare::Equal)),
        ("!=", Kind::Compare(Compare::Different)),
        ("<>", Kind::Compare(Compare::Different)),
        (">", Kind::Compare(Compare::Above)),
        ("<", Kind::Compare(Compare::Below)),
        ("=", Kind::Compare(Compare::Equal)),
        ("+", Kind::Plus),
        ("-", Kind::Minus),
        ("*", Kind::Times),
        ("/", Kind::Over),
        ("~", Kind::Tilde),
        ("(", Kind::Open),
        (")", Kind::Close),
    ];
    if first.is_ascii_digit() || (first == '.' && text[1..].starts_with(|c: char| c.is_ascii_digit())) {
        return number(text);
    }
    if first.is_alphabetic() || first == '_' {
        let word = &text[..text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).unwrap_or(text.len())];
        let kind = match word {
            "and" | "AND" => Kind::And,
            "or" | "OR" => Kind::Or,
            "not" | "NOT" => Kind::Not,
            _ => Kind::Word(word),
        };
        return Ok((kind, word.len()));
    }
    let sign = SIGNS.into_iter().find(|(sign, _)| text.starts_with(sign));
    sign.map(|(sign, kind)| (kind, sign.len())).ok_or_else(|| format!("`{first}` cannot be used in a rule"))
}

/// A date, `2020-05-15`, as days since 1970, with its bytes. A subtraction that looks like one takes a space.
fn date(text: &str) -> Option<(f32, usize)> {
    let word = text.get(..10).filter(|word| {
        word.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() })
    })?;
    // No date of the calendar: read as a subtraction, which the check of units refuses.
    let date: jiff::civil::Date = word.parse().ok()?;
    Some((epoch_day(date) as f32, word.len()))
}

fn number(text: &str) -> Result<(Kind<'_>, usize), String> {
    let digits = |from: usize| text[from..].find(|c: char| !(c.is_ascii_digit() || c == '.')).map_or(text.len(), |at| from + at);
    let mut end = digits(0);
    if let Some(exponent) = text[end..].strip_prefix(['e', 'E']) {
        let signed = usize::from(exponent.starts_with(['+', '-']));
        if exponent[signed..].starts_with(|c: char| c.is_ascii_digit()) {
            end = digits(end + 1 + signed);
        }
    }
    match text[..end].parse::<f32>() {
        Ok(number) if number.is_finite() => Ok((Kind::Number(number), end)),
        _ => Err(format!("`{}` is no number; decimals take a point", &text[..end])),
    }
}
