//! Numbers and dates as a language writes them.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use fixed_decimal::Decimal;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentValue, memoizer::MemoizerKind};
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{M, MD, YMD};
use icu_decimal::DecimalFormatter;
use icu_locale_core::{Locale, locale};
use jiff::civil::Date;

/// Shown where there is no number.
const NO_NUMBER: &str = "–";

/// Formatters of one language. A part without data for the language falls back to its parent, in the end to plain digits.
pub(super) struct Forms {
    decimal: Option<DecimalFormatter>,
    date: Option<FixedCalendarDateTimeFormatter<Gregorian, YMD>>,
    day_month: Option<FixedCalendarDateTimeFormatter<Gregorian, MD>>,
    month: Option<FixedCalendarDateTimeFormatter<Gregorian, M>>,
}

thread_local! {
    /// Fluent's number hook is a plain function and its bundle knows only the language of the messages, which may be English
    /// while numbers follow another language. So the forms travel beside the call.
    static IN_FORCE: RefCell<Option<Rc<Forms>>> = const { RefCell::new(None) };

    /// Formatters share their data without locks and so stay on their thread; making them once a thread costs little.
    static BY_TAG: RefCell<HashMap<String, Rc<Forms>>> = RefCell::default();
}

impl Forms {
    /// Forms of a language tag; an unknown one gives English as written in Europe.
    pub(super) fn of(tag: &str) -> Rc<Self> {
        BY_TAG.with_borrow_mut(|all| {
            if let Some(forms) = all.get(tag) {
                return Rc::clone(forms);
            }
            let forms = Rc::new(Self::new(tag));
            all.insert(tag.to_owned(), Rc::clone(&forms));
            forms
        })
    }

    fn new(tag: &str) -> Self {
        let european_english = locale!("en-150");
        let locale = match tag.parse::<Locale>() {
            Ok(locale) if locale != locale!("en") && !locale.id.language.is_unknown() => locale,
            _ => european_english,
        };
        Self {
            decimal: DecimalFormatter::try_new((&locale).into(), icu_decimal::options::DecimalFormatterOptions::default()).ok(),
            date: FixedCalendarDateTimeFormatter::try_new((&locale).into(), YMD::long()).ok(),
            day_month: FixedCalendarDateTimeFormatter::try_new((&locale).into(), MD::medium()).ok(),
            month: FixedCalendarDateTimeFormatter::try_new((&locale).into(), M::medium()).ok(),
        }
    }

    /// Runs `work` with these forms for the numbers inside messages.
    pub(super) fn in_force<T>(self: &Rc<Self>, work: impl FnOnce() -> T) -> T {
        let outer = IN_FORCE.replace(Some(Rc::clone(self)));
        let result = work();
        IN_FORCE.set(outer);
        result
    }

    pub(super) fn number(&self, value: f64, decimals: u8) -> String {
        if value.is_finite() { self.digits(&format!("{value:.*}", usize::from(decimals))) } else { NO_NUMBER.to_owned() }
    }

    fn digits(&self, plain: &str) -> String {
        // `-0` and `-0.00` come from rounding; nobody writes them.
        let plain =
            if plain.starts_with('-') && !plain.contains(|c: char| ('1'..='9').contains(&c)) { &plain[1..] } else { plain };
        match (&self.decimal, plain.parse::<Decimal>()) {
            (Some(formatter), Ok(decimal)) => formatter.format(&decimal).to_string(),
            _ => plain.to_owned(),
        }
    }

    pub(super) fn date(&self, date: Date) -> String {
        match (&self.date, gregorian(date)) {
            (Some(formatter), Some(day)) => formatter.format(&day).to_string(),
            _ => date.to_string(),
        }
    }

    pub(super) fn day_month(&self, date: Date) -> String {
        match (&self.day_month, gregorian(date)) {
            (Some(formatter), Some(day)) => formatter.format(&day).to_string(),
            _ => date.strftime("%d-%m").to_string(),
        }
    }

    pub(super) fn month(&self, date: Date) -> String {
        match (&self.month, gregorian(date)) {
            (Some(formatter), Some(day)) => formatter.format(&day).to_string(),
            _ => date.strftime("%m").to_string(),
        }
    }
}

/// `None` only outside the calendar's range of years.
fn gregorian(date: Date) -> Option<icu_calendar::Date<Gregorian>> {
    icu_calendar::Date::try_new_gregorian(i32::from(date.year()), date.month() as u8, date.day() as u8).ok()
}

/// Writes numbers inside messages; everything else is left to fluent.
pub(super) fn fluent_number<K: MemoizerKind>(value: &FluentValue<'_>, _: &K) -> Option<String> {
    let FluentValue::Number(number) = value else { return None };
    IN_FORCE.with_borrow(|forms| forms.as_ref().map(|forms| forms.digits(&plain_digits(number))))
}

/// Digits with the decimals that the message asks for, else as many as the number has.
fn plain_digits(number: &FluentNumber) -> String {
    let (least, most) = (number.options.minimum_fraction_digits, number.options.maximum_fraction_digits);
    let mut text = match most {
        Some(most) => format!("{:.*}", most.min(20), number.value),
        None => number.value.to_string(),
    };
    if let Some(least) = least {
        let have = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        if have == 0 && least > 0 {
            text.push('.');
        }
        text.extend(std::iter::repeat_n('0', least.min(20).saturating_sub(have)));
    }
    text
}
