//! Units: conversions live only here.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// Decibels from linear power. Zero or negative power has no logarithm and gives `NaN`.
pub fn db_from_linear(power: f64) -> f64 {
    if power > 0.0 { 10.0 * power.log10() } else { f64::NAN }
}

/// Linear power from decibels; `NaN` stays `NaN`.
pub fn linear_from_db(db: f64) -> f64 {
    10f64.powf(db / 10.0)
}

/// Bits of a number, for hashing: numbers that are equal give the same.
pub fn float_key(value: f64) -> u64 {
    // Zero has two signs that compare as equal.
    if value == 0.0 { 0 } else { value.to_bits() }
}

/// Calendar day of an acquisition in UTC.
pub fn utc_day(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// Days since 1970-01-01 in UTC, with fraction: the x axis of graphs.
pub fn epoch_days(time: Timestamp) -> f64 {
    time.as_millisecond() as f64 / 86_400_000.0
}

/// `2019-04-16T10:56:58Z`: the only form of a time in files.
pub fn iso_utc(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Hour of the day in UTC, 0..24.
pub fn utc_hour(time: Timestamp) -> i8 {
    time.to_zoned(TimeZone::UTC).hour()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decibels_and_power_are_inverse() {
        for db in [-25.0, -3.0, 0.0, 4.5] {
            assert!((db_from_linear(linear_from_db(db)) - db).abs() < 1e-12);
        }
        assert!((linear_from_db(10.0) - 10.0).abs() < 1e-12);
        assert!(db_from_linear(0.0).is_nan() && db_from_linear(-1.0).is_nan() && linear_from_db(f64::NAN).is_nan());
    }

    #[test]
    fn times_are_utc() {
        let time: Timestamp = "2019-04-16T23:56:58Z".parse().expect("valid");
        assert_eq!(iso_utc(time), "2019-04-16T23:56:58Z");
        assert_eq!(utc_day(time).to_string(), "2019-04-16");
        assert_eq!(utc_hour(time), 23);
        assert!((epoch_days(time) - 18_002.997_893_5).abs() < 1e-6);
    }
}
