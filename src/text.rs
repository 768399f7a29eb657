//! All texts of the interface, from a message catalogue, with plural forms; numbers and dates in the language's form.
//!
//! The only place that names `fluent_bundle` and `icu_*`. Catalogues are the `.ftl` files below `assets/texts/<language>/`,
//! carried inside the program.

mod catalogue;
mod forms;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use fluent_bundle::{FluentArgs, FluentValue};
use jiff::civil::Date;

use catalogue::Bundle;
use forms::Forms;

/// An argument of a message.
#[derive(Debug, Clone)]
pub enum Arg {
    /// Text.
    Text(String),
    /// A number: chooses plural forms, shown in the language's form.
    Number(f64),
}

impl From<&str> for Arg {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&String> for Arg {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<Arc<str>> for Arg {
    fn from(text: Arc<str>) -> Self {
        Self::Text(text.as_ref().to_owned())
    }
}

impl From<usize> for Arg {
    fn from(number: usize) -> Self {
        Self::Number(number as f64)
    }
}

impl From<u64> for Arg {
    fn from(number: u64) -> Self {
        Self::Number(number as f64)
    }
}

impl From<u32> for Arg {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<i64> for Arg {
    fn from(number: i64) -> Self {
        Self::Number(number as f64)
    }
}

impl From<f64> for Arg {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

/// The texts of one language, English where a message is missing.
pub struct Texts {
    /// The language's own catalogue first, English last.
    bundles: Vec<Bundle>,
    /// Language of numbers and dates.
    tag: String,
    plain: RwLock<HashMap<String, Arc<str>>>,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Texts").field("bundles", &self.bundles.len()).finish_non_exhaustive()
    }
}

impl Texts {
    /// Texts of a language tag such as `en-GB` or `de`; an unknown language gives English texts with that language's number and
    /// date forms. System names such as `de_DE.UTF-8` are understood. A bare `en` takes the forms used in Europe.
    pub fn new(language: &str) -> Self {
        let tag = language.split(['.', '@']).next().unwrap_or_default().replace('_', "-");
        let own = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let mut bundles = Vec::new();
        if own != catalogue::FALLBACK && Self::languages().contains(&own.as_str()) {
            bundles.push(catalogue::bundle(&own));
        }
        bundles.push(catalogue::bundle(catalogue::FALLBACK));
        Self { bundles, tag, plain: RwLock::default() }
    }

    /// Languages with a catalogue.
    pub fn languages() -> &'static [&'static str] {
        &["en"]
    }

    /// A message without arguments. A missing id gives the id itself and is found by a test. Memoised: cheap every frame.
    pub fn get(&self, id: &str) -> Arc<str> {
        if let Some(text) = self.plain.read().unwrap_or_else(PoisonError::into_inner).get(id) {
            return Arc::clone(text);
        }
        let text: Arc<str> = Arc::from(self.with(id, &[]));
        self.plain.write().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned(), Arc::clone(&text));
        text
    }

    /// A message with arguments.
    pub fn with(&self, id: &str, args: &[(&str, Arg)]) -> String {
        let mut values = FluentArgs::with_capacity(args.len());
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => values.set(*name, FluentValue::from(text.as_str())),
                Arg::Number(number) => values.set(*name, FluentValue::from(*number)),
            }
        }
        Forms::of(&self.tag)
            .in_force(|| self.bundles.iter().find_map(|bundle| catalogue::format(bundle, id, &values)))
            .unwrap_or_else(|| id.to_owned())
    }

    /// A number with so many decimals, e.g. `1 234.50`, as the language writes it. `NaN` and infinities are a dash.
    pub fn number(&self, value: f64, decimals: u8) -> String {
        Forms::of(&self.tag).number(value, decimals)
    }

    /// A share 0..=1 as `98 %`.
    pub fn percent(&self, share: f64) -> String {
        self.with("percent-form", &[("number", Arg::Text(self.number(share * 100.0, 0)))])
    }

    /// `16 April 2019`: day, month in full and year in the language's order.
    pub fn date(&self, date: Date) -> String {
        Forms::of(&self.tag).date(date)
    }

    /// `16 Apr`: day and short month.
    pub fn day_month(&self, date: Date) -> String {
        Forms::of(&self.tag).day_month(date)
    }

    /// Short month name, `Apr`.
    pub fn month(&self, date: Date) -> String {
        Forms::of(&self.tag).month(date)
    }
}

#[cfg(test)]
mod tests;
