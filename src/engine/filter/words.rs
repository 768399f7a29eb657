//! Comparing text without regard to case, and without making new text for every parcel.

use std::cmp::Ordering;
use std::str::Chars;

use crate::model::Parcels;

use super::evaluate::{by_label, by_problem};

/// Order of two texts in lower case.
pub(super) fn compare_folded(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        return a.bytes().map(|byte| byte.to_ascii_lowercase()).cmp(b.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
    a.chars().flat_map(char::to_lowercase).cmp(b.chars().flat_map(char::to_lowercase))
}

/// One element of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// This character, in lower case.
    One(char),
    /// Any one character.
    AnyOne,
    /// Any text.
    AnyText,
}

/// A pattern with wildcards.
#[derive(Debug, Clone)]
pub(super) struct Pattern(Vec<Piece>);

impl Pattern {
    /// `%` is any text, `_` any character.
    pub(super) fn like(text: &str) -> Self {
        let piece = |c| match c {
            '%' => Piece::AnyText,
            '_' => Piece::AnyOne,
            c => Piece::One(c),
        };
        Self(text.chars().flat_map(char::to_lowercase).map(piece).collect())
    }

    /// Occurs anywhere; wildcards have no meaning.
    fn inside(text: &str) -> Self {
        let letters = text.chars().flat_map(char::to_lowercase).map(Piece::One);
        Self([Piece::AnyText].into_iter().chain(letters).chain([Piece::AnyText]).collect())
    }

    /// Whether a whole text fits. Linear for one `%`, at worst text times pattern.
    pub(super) fn matches(&self, text: &str) -> bool {
        if text.is_ascii() {
            self.fits(text.bytes().map(|byte| char::from(byte.to_ascii_lowercase())))
        } else {
            self.fits(Folded::new(text))
        }
    }

    /// Whether letters in lower case fit.
    fn fits<L: Iterator<Item = char> + Clone>(&self, mut rest: L) -> bool {
        let mut at = 0;
        // Where to go on when the latest `%` has to take one character more.
        let mut retry: Option<(usize, L)> = None;
        loop {
            match self.0.get(at) {
                Some(Piece::AnyText) => {
                    at += 1;
                    retry = Some((at, rest.clone()));
                    continue;
                }
                Some(piece) => {
                    let mut ahead = rest.clone();
                    if let Some(c) = ahead.next()
                        && (*piece == Piece::AnyOne || *piece == Piece::One(c))
                    {
                        rest = ahead;
                        at += 1;
                        continue;
                    }
                }
                None if rest.clone().next().is_none() => return true,
                None => {}
            }
            let Some((after, from)) = &mut retry else { return false };
            if from.next().is_none() {
                return false;
            }
            at = *after;
            rest = from.clone();
        }
    }
}

/// Characters in lower case, one at a time.
#[derive(Clone)]
struct Folded<'a> {
    chars: Chars<'a>,
    pending: Option<std::char::ToLowercase>,
}

impl<'a> Folded<'a> {
    fn new(text: &'a str) -> Self {
        Self { chars: text.chars(), pending: None }
    }
}

impl Iterator for Folded<'_> {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        if let Some(c) = self.pending.as_mut().and_then(Iterator::next) {
            return Some(c);
        }
        let mut lower = self.chars.next()?.to_lowercase();
        let first = lower.next();
        self.pending = Some(lower);
        first
    }
}

/// Which fields a typed word is searched in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    IdOrCrop,
    Id,
    Crop,
    Problem,
}

/// A typed word.
#[derive(Debug, Clone)]
pub(super) struct Word {
    scope: Scope,
    pattern: Pattern,
}

impl Word {
    pub(super) fn new(word: &str) -> Self {
        let (scope, word) = match word.split_once(':') {
            Some((field, rest)) if field.eq_ignore_ascii_case("id") => (Scope::Id, rest),
            Some((field, rest)) if field.eq_ignore_ascii_case("crop") => (Scope::Crop, rest),
            Some((field, rest)) if field.eq_ignore_ascii_case("problem") => (Scope::Problem, rest),
            _ => (Scope::IdOrCrop, word),
        };
        Self { scope, pattern: Pattern::inside(word) }
    }

    /// Keeps the truth of those rows of a block in whose fields the word occurs; `at` is the block's number.
    pub(super) fn narrow(&self, parcels: &Parcels, at: usize, truth: &mut [bool]) {
        let columns = parcels.blocks()[at].columns();
        let fits = |text: &str| self.pattern.matches(text);
        let fields = match self.scope {
            Scope::IdOrCrop => vec![&columns.ids, &columns.crop_names, &columns.crop_codes],
            Scope::Id => vec![&columns.ids],
            Scope::Crop => vec![&columns.crop_names, &columns.crop_codes],
            Scope::Problem => {
                let found = by_problem(parcels, at, fits);
                truth.iter_mut().zip(found).for_each(|(truth, found)| *truth &= found == Some(true));
                return;
            }
        };
        let mut found = vec![false; truth.len()];
        for labels in fields {
            found.iter_mut().zip(by_label(labels, fits)).for_each(|(found, here)| *found |= here == Some(true));
        }
        truth.iter_mut().zip(found).for_each(|(truth, found)| *truth &= found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_sql() {
        for (pattern, text, fits) in [
            ("%", "", true),
            ("", "", true),
            ("", "a", false),
            ("a%b%c", "aXbYbZc", true),
            ("a%b%c", "aXbYbZ", false),
            ("_", "é", true),
            ("_", "", false),
            ("%AIS", "mais", true),
            ("%%%", "x", true),
            ("a_c%", "abcd", true),
            ("%ab", "aab", true),
            ("%aab", "aaab", true),
            ("İ%", "i\u{307}x", true),
        ] {
            assert_eq!(Pattern::like(pattern).matches(text), fits, "{pattern} on {text}");
        }
        assert!(Pattern::inside("100%").matches("is 100% clay") && !Pattern::inside("100%").matches("100 clay"));
    }

    #[test]
    fn order_ignores_case_beyond_ascii() {
        assert_eq!(compare_folded("MAÏS", "maïs"), Ordering::Equal);
        assert_eq!(compare_folded("a", "B"), Ordering::Less);
    }
}
