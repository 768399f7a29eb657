//! All texts of the interface, from a message catalogue, with plural forms; numbers and dates in the language's form.
//!
//! The only place that names `fluent_bundle` and `icu_*`. Catalogues are the `.ftl` files below `assets/texts/<language>/`.

use jiff::civil::Date;

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

impl From<usize> for Arg {
    fn from(number: usize) -> Self {
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
    _private: (),
}

impl Texts {
    /// Texts of a language tag such as `en-GB` or `de`; an unknown language gives English texts with that language's number and
    /// date forms.
    pub fn new(language: &str) -> Self {
        let _ = language;
        todo!()
    }

    /// Languages with a catalogue.
    pub fn languages() -> &'static [&'static str] {
        &["en"]
    }

    /// A message without arguments. A missing id gives the id itself and is found by a test. Memoised: cheap every frame.
    pub fn get(&self, id: &str) -> std::sync::Arc<str> {
        let _ = id;
        todo!()
    }

    /// A message with arguments.
    pub fn with(&self, id: &str, args: &[(&str, Arg)]) -> String {
        let _ = (id, args);
        todo!()
    }

    /// A number with so many decimals, e.g. `1 234.50`, as the language writes it.
    pub fn number(&self, value: f64, decimals: u8) -> String {
        let _ = (value, decimals);
        todo!()
    }

    /// A share 0..=1 as `98 %`.
    pub fn percent(&self, share: f64) -> String {
        let _ = share;
        todo!()
    }

    /// `16 April 2019` in the language's medium form.
    pub fn date(&self, date: Date) -> String {
        let _ = date;
        todo!()
    }

    /// `16 Apr`: day and short month.
    pub fn day_month(&self, date: Date) -> String {
        let _ = date;
        todo!()
    }

    /// Short month name, `Apr`.
    pub fn month(&self, date: Date) -> String {
        let _ = date;
        todo!()
    }
}
