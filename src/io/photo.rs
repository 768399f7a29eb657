//! What photos say of themselves: when, where, and in which direction (EXIF).

use std::io::Cursor;

use exif::{Exif, In, Reader, Tag, Value};

/// What a photo says; what it does not say is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// Time of the camera's clock, `2019-05-03T10:12:00`, with the offset from UTC where it is written.
    pub taken: Option<String>,
    /// Degrees east and north, WGS 84.
    pub place: Option<[f64; 2]>,
    /// Direction of view, degrees clockwise from north.
    pub direction: Option<f64>,
}

/// Reads the EXIF part of a picture. A picture without one, or with a damaged one, says nothing.
pub fn told(picture: &[u8]) -> Told {
    // A photo without metadata is still a photo.
    let Ok(exif) = Reader::new().read_from_container(&mut Cursor::new(picture)) else { return Told::default() };
    Told { taken: taken(&exif), place: place(&exif), direction: direction(&exif) }
}

fn ascii(exif: &Exif, tag: Tag) -> Option<String> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(texts) => {
            let text = String::from_utf8_lossy(texts.first()?).trim_matches(['\0', ' ']).to_owned();
            (!text.is_empty()).then_some(text)
        }
        _ => None,
    }
}

fn rationals(exif: &Exif, tag: Tag) -> Option<Vec<f64>> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Rational(values) => Some(values.iter().map(exif::Rational::to_f64).collect()),
        _ => None,
    }
}

/// `2019:05:03 10:12:00` with its offset, as ISO 8601.
fn taken(exif: &Exif) -> Option<String> {
    let text = ascii(exif, Tag::DateTimeOriginal).or_else(|| ascii(exif, Tag::DateTime))?;
    let (date, time) = text.split_once(' ')?;
    let date: jiff::civil::Date = date.replace(':', "-").parse().ok()?; // A clock that was never set writes blanks.
    let time: jiff::civil::Time = time.parse().ok()?;
    let offset = ascii(exif, Tag::OffsetTimeOriginal).unwrap_or_default();
    Some(format!("{date}T{time}{offset}"))
}

/// Degrees, minutes and seconds with their side.
fn place(exif: &Exif) -> Option<[f64; 2]> {
    let angle = |tag, side, negative: &str, most: f64| {
        let parts = rationals(exif, tag)?;
        let degrees: f64 = parts.iter().zip([1.0, 60.0, 3600.0]).map(|(part, unit)| part / unit).sum();
        let signed = if ascii(exif, side)?.eq_ignore_ascii_case(negative) { -degrees } else { degrees };
        (signed.is_finite() && signed.abs() <= most).then_some(signed)
    };
    let north = angle(Tag::GPSLatitude, Tag::GPSLatitudeRef, "S", 90.0)?;
    let east = angle(Tag::GPSLongitude, Tag::GPSLongitudeRef, "W", 180.0)?;
    Some([east, north])
}

fn direction(exif: &Exif) -> Option<f64> {
    let degrees = rationals(exif, Tag::GPSImgDirection)?.first().copied()?;
    (0.0..=360.0).contains(&degrees).then_some(degrees % 360.0)
}
