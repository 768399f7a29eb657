//! The bytes of a chip: a short table of bands, then their numbers as planes of bytes, all through zstd.

use crate::model::Band;
use crate::model::grid::PixelWindow;
use crate::model::stored::{Pixels, StoredBand};

/// Effort of zstd: more gains little on pixels and costs much.
const LEVEL: i32 = 3;

/// Packs bands.
pub fn encode(bands: &[StoredBand]) -> Vec<u8> {
    let mut plain = Vec::new();
    plain.push(bands.len() as u8);
    for band in bands {
        let name = band.band.as_str().as_bytes();
        plain.push(name.len() as u8);
        plain.extend_from_slice(name);
        let PixelWindow { col, row, width, height } = band.window;
        for number in [col, row, width, height] {
            plain.extend_from_slice(&(number as u32).to_le_bytes());
        }
        plain.push(band.pixels.bytes() as u8);
    }
    for band in bands {
        planes(band, &mut plain);
    }
    // Packing into memory cannot fail but for a broken library: an empty chip then reads as damaged.
    zstd::bulk::compress(&plain, LEVEL)
        .map(|packed| [&(plain.len() as u32).to_le_bytes()[..], &packed].concat())
        .unwrap_or_default()
}

/// Unpacks; `None` for anything that [`encode`] did not make.
pub fn decode(bytes: &[u8]) -> Option<Vec<StoredBand>> {
    let (length, packed) = bytes.split_first_chunk::<4>()?;
    // A wrong length fails in the unpacking; this bounds what it may ask for.
    let length = (u32::from_le_bytes(*length) as usize).min(1 << 30);
    let plain = zstd::bulk::decompress(packed, length).ok().filter(|plain| plain.len() == length)?; // damaged
    let mut rest = plain.as_slice();
    let count = take(&mut rest, 1)?[0];
    let mut heads = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let name = usize::from(take(&mut rest, 1)?[0]);
        let band = Band::new(std::str::from_utf8(take(&mut rest, name)?).ok()?); // damaged
        let mut number = || Some(u32::from_le_bytes(take(&mut rest, 4)?.try_into().ok()?) as usize); // always 4 bytes
        let window = PixelWindow { col: number()?, row: number()?, width: number()?, height: number()? };
        heads.push((band, window, take(&mut rest, 1)?[0]));
    }
    let bands = heads.into_iter().map(|(band, window, size)| {
        let count = window.width.checked_mul(window.height)?;
        let bytes = take(&mut rest, count.checked_mul(usize::from(size))?)?;
        Some(StoredBand { band, window, pixels: unplaned(bytes, count, window.width, size)? })
    });
    bands.collect()
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> Option<&'a [u8]> {
    let (head, tail) = rest.split_at_checked(count)?;
    *rest = tail;
    Some(head)
}

/// Whole numbers as the difference to the pixel before in the row, then all low bytes, then all high bytes.
fn planes(band: &StoredBand, out: &mut Vec<u8>) {
    let width = band.window.width.max(1);
    match &band.pixels {
        Pixels::U8(values) => out.extend_from_slice(values),
        Pixels::U16(values) => {
            let differences: Vec<[u8; 2]> = values
                .iter()
                .enumerate()
                .map(|(at, value)| value.wrapping_sub(if at % width == 0 { 0 } else { values[at - 1] }).to_le_bytes())
                .collect();
            (0..2).for_each(|plane| out.extend(differences.iter().map(|bytes| bytes[plane])));
        }
        Pixels::F32(values) => (0..4).for_each(|plane| out.extend(values.iter().map(|value| value.to_le_bytes()[plane]))),
    }
}

fn unplaned(bytes: &[u8], count: usize, width: usize, size: u8) -> Option<Pixels> {
    match size {
        1 => Some(Pixels::U8(bytes.to_vec())),
        2 => {
            let mut before = 0u16;
            let value = |at: usize| {
                let difference = u16::from_le_bytes([bytes[at], bytes[count + at]]);
                before = difference.wrapping_add(if at.is_multiple_of(width.max(1)) { 0 } else { before });
                before
            };
            Some(Pixels::U16((0..count).map(value).collect()))
        }
        4 => {
            let value =
                |at: usize| f32::from_le_bytes([bytes[at], bytes[count + at], bytes[2 * count + at], bytes[3 * count + at]]);
            Some(Pixels::F32((0..count).map(value).collect()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn band(name: &str, width: usize, height: usize, pixels: Pixels) -> StoredBand {
        StoredBand { band: Band::new(name), window: PixelWindow { col: 7, row: 9, width, height }, pixels }
    }

    #[test]
    fn damaged_chips_are_refused() {
        let whole = encode(&[band("B04", 2, 2, Pixels::U16(vec![1, 2, 3, 4]))]);
        assert!(decode(&whole).is_some());
        for cut in 0..whole.len() {
            assert!(decode(&whole[..cut]).is_none(), "cut at {cut}");
        }
        assert!(decode(&[]).is_none() && decode(&[0xff; 40]).is_none());
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_back_to_the_bit(
            width in 1usize..9,
            height in 0usize..7,
            seed in prop::collection::vec(any::<u32>(), 64),
        ) {
            let count = width * height;
            let pick = |i: usize| seed[i % seed.len()].wrapping_mul(i as u32 + 1);
            let bands = vec![
                band("SCL", width, height, Pixels::U8((0..count).map(|i| pick(i) as u8).collect())),
                band("B8A", width, height, Pixels::U16((0..count).map(|i| pick(i) as u16).collect())),
                band("VV", width, height, Pixels::F32((0..count).map(|i| f32::from_bits(pick(i))).collect())),
            ];
            let back = decode(&encode(&bands)).expect("whole");
            prop_assert_eq!(back.len(), 3);
            prop_assert_eq!(&back[..2], &bands[..2]);
            // Also numbers that are not: their bits are kept.
            let bits = |band: &StoredBand| match &band.pixels {
                Pixels::F32(values) => values.iter().map(|value| value.to_bits()).collect::<Vec<_>>(),
                _ => Vec::new(),
            };
            prop_assert_eq!(bits(&back[2]), bits(&bands[2]));
        }
    }
}
