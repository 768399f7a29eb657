//! Single values in all their spellings.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use serde_json::Value;

use crate::model::units::utc_day;

/// Text as it stands, also of a number: ids and crop codes come as both. A blank text is none.
pub(super) fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            // 265.0 is the code 265.
            Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
            _ => number.to_string(),
        },
        Value::Bool(yes) => yes.to_string(),
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// A finite number, also written as text.
pub(super) fn number(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(), // no number: nothing
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// A point in time: seconds since 1970 or any common spelling, read as UTC where it does not say otherwise.
pub(super) fn time(value: &Value) -> Option<Timestamp> {
    if let Some(epoch) = number(value) {
        if let Value::String(text) = value
            && text.trim().len() == 8
        {
            return at_midnight(compact_day(text.trim())?);
        }
        return epoch_time(epoch);
    }
    let Value::String(text) = value else { return None };
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Some(time) = compact_time(text) {
        return Some(time);
    }
    if let Ok(Some(time)) = text.parse::<DateTime>().map(|time| time.to_zoned(TimeZone::UTC).ok()) {
        return Some(time.timestamp());
    }
    // How Flask writes dates.
    jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp()) // no known spelling: none
}

fn epoch_time(epoch: f64) -> Option<Timestamp> {
    // Milliseconds: as seconds it would be the year 5138.
    let seconds = if epoch.abs() >= 1e11 { epoch / 1000.0 } else { epoch };
    let micro = (seconds * 1e6).round();
    (micro.abs() < 9e15).then(|| Timestamp::from_microsecond(micro as i64).ok()).flatten()
}

/// A day: the first ten characters of a text, or the day of a time.
pub(super) fn day(value: &Value) -> Option<Date> {
    if let Value::String(text) = value
        && let Some(Ok(day)) = text.trim().get(..10).map(str::parse::<Date>)
    {
        return Some(day);
    }
    time(value).map(utc_day)
}

/// `20190617T104029`.
pub(super) fn compact_time(text: &str) -> Option<Timestamp> {
    let (day, clock) = text.split_once('T')?;
    if clock.len() != 6 || !clock.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize| clock.get(from..from + 2)?.parse::<i8>().ok(); // two digits
    let time = compact_day(day)?.at(part(0).filter(|hour| *hour < 24)?, part(2).filter(|minute| *minute < 60)?, 0, 0);
    let seconds = part(4).filter(|second| *second < 60)?;
    let start = time.to_zoned(TimeZone::UTC).ok()?.timestamp(); // within the calendar
    start.checked_add(jiff::SignedDuration::from_secs(i64::from(seconds))).ok() // within the calendar
}

/// `20190617`.
pub(super) fn compact_day(text: &str) -> Option<Date> {
    if text.len() != 8 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok(); // digits only
    Date::new(part(0..4)?, part(4..6)? as i8, part(6..8)? as i8).ok() // an impossible day is none
}

fn at_midnight(day: Date) -> Option<Timestamp> {
    Some(day.to_zoned(TimeZone::UTC).ok()?.timestamp()) // within the calendar
}

/// Pixels per scene class: an object of classes, a list of twelve, or either as text. Other classes are left out.
pub(super) fn histogram(value: &Value) -> Option<[u32; 12]> {
    let count = |value: &Value| number(value).filter(|count| (0.0..=4e9).contains(count)).map_or(0, |count| count as u32);
    let mut classes = [0; 12];
    match value {
        Value::Object(object) => {
            for (class, value) in object {
                let class = class.trim().parse::<f64>().ok().filter(|class| class.fract() == 0.0 && (0.0..12.0).contains(class));
                if let Some(class) = class {
                    classes[class as usize] = count(value);
                }
            }
        }
        Value::Array(list) if list.len() == 12 => classes.iter_mut().zip(list).for_each(|(class, value)| *class = count(value)),
        Value::String(text) => {
            // Once only: a text in a text is no histogram.
            let inner: Value = serde_json::from_str(text).ok()?;
            return if inner.is_string() { None } else { histogram(&inner) };
        }
        _ => return None,
    }
    Some(classes)
}
