//! The first bytes of an image file: tells a damaged file apart before a library gives a vague answer.
//!
//! Also the raw georeference keys of a TIFF, to recognise a coordinate system that was decoded before: decoding takes some
//! milliseconds, most of the time of a scan of small images.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::Fault;

const FORMATS: &str = "a GeoTIFF or JPEG 2000 image";

/// Checks that a file named as an image begins like one, and that a TIFF directory lies inside the file.
pub(super) fn check_start(path: &Path) -> Result<(), Fault> {
    let unreadable = |error: std::io::Error| Fault::error(format!("the file cannot be read: {error}"), FORMATS);
    let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    if bytes == 0 {
        return Err(Fault::error("the file is empty (0 bytes)", FORMATS));
    }
    let mut start = Vec::new();
    File::open(path).and_then(|file| file.take(16).read_to_end(&mut start)).map_err(unreadable)?;
    if is_jpeg_2000(&start) || start.starts_with(b"<VRTDataset") || start.starts_with(b"<?xml") {
        return Ok(());
    }
    let Some(directory) = directory_offset(&start) else {
        let first = String::from_utf8_lossy(&start).chars().map(|c| if c.is_control() { '.' } else { c }).collect::<String>();
        return Err(Fault::error(format!("the content is not an image: it begins with \"{first}\""), FORMATS));
    };
    if directory >= bytes {
        let fact = format!("the file is cut off: its TIFF directory should be at byte {directory}, the file has {bytes}");
        return Err(Fault::error(fact, "the complete file: copy or download it again"));
    }
    Ok(())
}

fn is_jpeg_2000(start: &[u8]) -> bool {
    start.starts_with(b"\x00\x00\x00\x0cjP  ") || start.starts_with(b"\xff\x4f\xff\x51")
}

/// The TIFF tags that hold the coordinate system: key directory, numbers, texts.
const GEO_TAGS: std::ops::RangeInclusive<u64> = 34_735..=34_737;

/// Raw georeference keys of a TIFF: equal bytes mean equal coordinate systems. `None` for other formats and unusual layouts.
pub(super) fn geo_keys(path: &Path) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?; // the caller decodes the long way
    let mut take = |at: u64, length: u64| -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(at)).ok()?; // as above
        (&mut file).take(length).read_to_end(&mut bytes).ok()?; // as above
        (bytes.len() as u64 == length).then_some(bytes)
    };
    let start = take(0, 16)?;
    let directory = directory_offset(&start)?;
    let little = start.starts_with(b"II");
    let number = |bytes: &[u8]| number(bytes, little);
    let big = number(&start[2..4]) == 43;
    let (count_size, entry_size, inline) = if big { (8, 20, 8) } else { (2, 12, 4) };
    let entries = number(&take(directory, count_size)?);
    let table = take(directory + count_size, entries.min(4096) * entry_size)?;
    let mut keys = Vec::new();
    for entry in table.chunks_exact(entry_size as usize).filter(|entry| GEO_TAGS.contains(&number(&entry[..2]))) {
        let unit = match number(&entry[2..4]) {
            2 => 1,
            3 => 2,
            12 => 8,
            _ => return None,
        };
        let (counted, value) = entry[4..].split_at(inline);
        let length = number(counted).checked_mul(unit).filter(|length| *length <= 1 << 16)?;
        keys.extend_from_slice(&entry[..2]);
        keys.extend(if length <= inline as u64 { value[..length as usize].to_vec() } else { take(number(value), length)? });
    }
    (!keys.is_empty()).then_some(keys)
}

fn number(bytes: &[u8], little: bool) -> u64 {
    let fold = |value: u64, byte: &u8| (value << 8) | u64::from(*byte);
    if little { bytes.iter().rev().fold(0, fold) } else { bytes.iter().fold(0, fold) }
}

/// Where the first directory of a classic or big TIFF begins; `None` when it is no TIFF.
fn directory_offset(start: &[u8]) -> Option<u64> {
    let little = match start.get(..2)? {
        b"II" => true,
        b"MM" => false,
        _ => return None,
    };
    let number = |bytes: &[u8]| number(bytes, little);
    match number(&start[2..4.min(start.len())]) {
        42 => Some(start.get(4..8).map_or(u64::MAX, number)),
        43 => Some(start.get(8..16).map_or(u64::MAX, number)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(bytes: &[u8]) -> String {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.tif");
        std::fs::write(&path, bytes).expect("written");
        check_start(&path).map_or_else(|fault| fault.fact, |()| "fine".to_owned())
    }

    #[test]
    fn damaged_starts_are_told_apart() {
        assert_eq!(fact(b""), "the file is empty (0 bytes)");
        assert_eq!(fact(b"hello\nworld"), "the content is not an image: it begins with \"hello.world\"");
        assert_eq!(fact(b"II*\0\x10\0\0\0"), "the file is cut off: its TIFF directory should be at byte 16, the file has 8");
        assert_eq!(fact(b"MM\0*\0\0\0\x04"), "fine");
        assert_eq!(fact(b"II+\0\x08\0\0\0\x04\0\0\0\0\0\0\0"), "fine");
    }
}
