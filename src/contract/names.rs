//! Product names of Sentinel data as the contract carries them, and the pixel grid of an MGRS tile.

use jiff::Timestamp;

use super::read::label_time;
use crate::model::{Band, Crs, Grid};

/// What the name of a Sentinel-2 product tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S2Name {
    /// `S2A`, ….
    pub platform: String,
    /// `MSIL2A` or `MSIL1C`.
    pub level: String,
    /// Sensing time.
    pub sensed: Timestamp,
    /// Processing baseline, `02.12`.
    pub baseline: Option<String>,
    /// Relative orbit.
    pub relative_orbit: Option<u16>,
    /// MGRS tile without `T`.
    pub tile: String,
}

/// What the name of a Sentinel-1 product tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S1Name {
    /// `S1A`, …: that of the first sensing time; `S1` where the name does not say which.
    pub platform: String,
    /// First sensing time in the name: what labels of chips carry.
    pub sensed: Timestamp,
    /// Earlier and later date of a coherence pair.
    pub pair: Option<(Timestamp, Timestamp)>,
    /// Relative orbit, from the absolute one.
    pub relative_orbit: Option<u16>,
}

/// Name without folders, `.SAFE`, and what follows in the file name of a chip.
pub fn product_stem(name: &str) -> &str {
    let name = name.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or(name);
    name.split('.').next().unwrap_or(name)
}

/// Parses `S2A_MSIL2A_20190617T104029_N0212_R008_T31UFU_20190617T131553[.SAFE]`.
pub fn s2(name: &str) -> Option<S2Name> {
    let mut words = product_stem(name).split('_');
    let platform = words.next().filter(|word| platform(word, b'2'))?;
    let level = words.next().filter(|word| word.starts_with("MSIL"))?;
    let sensed = label_time(words.next().filter(|word| word.len() == 15)?)?;
    let (mut baseline, mut relative_orbit, mut tile) = (None, None, None);
    for word in words {
        match (word.get(..1), word.get(1..)) {
            // Zeros stand for what nobody knows.
            (Some("N"), Some(digits)) if number(digits, 4).is_some_and(|baseline| baseline > 0) => {
                baseline = baseline.or_else(|| Some(format!("{}.{}", &digits[..2], &digits[2..])));
            }
            (Some("R"), Some(digits)) if relative_orbit.is_none() => {
                relative_orbit = number(digits, 3).filter(|orbit| *orbit > 0).map(|orbit| orbit as u16);
            }
            (Some("T"), Some(code)) if tile.is_none() && Square::of(code).is_some() => tile = Some(code.to_owned()),
            _ => {}
        }
    }
    Some(S2Name { platform: platform.to_owned(), level: level.to_owned(), sensed, baseline, relative_orbit, tile: tile? })
}

/// Parses names of Sentinel-1 scenes and of coherence pairs, whatever stands between platform, times and orbit.
pub fn s1(name: &str) -> Option<S1Name> {
    let stem = product_stem(name);
    let (mut platforms, mut times, mut absolute) = (Vec::new(), Vec::new(), None);
    for word in stem.split('_') {
        if platform(word, b'1') {
            platforms.push(word);
        } else if let Some(time) = label_time(word).filter(|_| word.len() == 15) {
            times.push(time);
        } else if let Some(time) = label_time(&format!("{word}T000000")).filter(|_| word.len() == 8) {
            times.push(time);
        } else if absolute.is_none() && !times.is_empty() {
            // Of the platform that was named last.
            absolute = number(word, 6).zip(platforms.last().copied());
        }
    }
    if !stem.starts_with("S1") {
        return None;
    }
    let (platform, sensed) = (platforms.first()?, *times.first()?);
    let (earlier, last) = (*times.iter().min()?, *times.iter().max()?);
    // Start and end of one scene are seconds apart; that of the later one is the start.
    let apart = |a: Timestamp, b: Timestamp| a.duration_since(b).as_hours() >= 12;
    let later = times.iter().copied().filter(|time| !apart(last, *time)).min().unwrap_or(last);
    let pair = apart(later, earlier).then_some((earlier, later));
    let relative_orbit = absolute.and_then(|(orbit, platform)| relative_orbit(platform, orbit));
    Some(S1Name { platform: (*platform).to_owned(), sensed, pair, relative_orbit })
}

/// Relative orbit of an absolute one: each satellite of the constellation began the cycle of 175 orbits at its own place.
fn relative_orbit(platform: &str, absolute: u32) -> Option<u16> {
    let first = match platform {
        // Names without the satellite are made by Parcelight servers, which count as for the first one.
        "S1A" | "S1" => 73,
        "S1B" => 27,
        "S1C" => 172,
        _ => return None,
    };
    Some((absolute.checked_sub(first)? % 175 + 1) as u16)
}

fn platform(word: &str, mission: u8) -> bool {
    match word.as_bytes() {
        [b'S', number, b'A'..=b'D'] => *number == mission,
        // Radar images without a note of which satellite took them.
        [b'S', number] => *number == mission && mission == b'1',
        _ => false,
    }
}

fn number(digits: &str, length: usize) -> Option<u32> {
    let fits = digits.len() == length && digits.bytes().all(|byte| byte.is_ascii_digit());
    if fits { digits.parse().ok() } else { None } // six digits fit
}

/// Canonical band of a name as servers write it: `B4`, `B04`, `SC`, `VVb`, `VHc`, ….
pub fn band(name: &str) -> Option<Band> {
    let name = name.trim();
    match name {
        "SC" | "sc" => Some(Band::new("SCL")),
        "VVb" | "VVc" => Some(Band::new("VV")),
        "VHb" | "VHc" => Some(Band::new("VH")),
        _ => Band::parse(name),
    }
}

/// A square of 100 km of the military grid.
#[derive(Debug, Clone, Copy)]
struct Square {
    zone: u32,
    south: bool,
    west: f64,
    bottom: f64,
}

/// Letters of the grid; `I` and `O` are left out.
const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Northing below each latitude band from `C` to `X`, rounded down to 100 km.
const BANDS: [f64; 20] = [
    1_100_000.0,
    2_000_000.0,
    2_800_000.0,
    3_700_000.0,
    4_600_000.0,
    5_500_000.0,
    6_400_000.0,
    7_300_000.0,
    8_200_000.0,
    9_100_000.0,
    0.0,
    800_000.0,
    1_700_000.0,
    2_600_000.0,
    3_500_000.0,
    4_400_000.0,
    5_300_000.0,
    6_200_000.0,
    7_000_000.0,
    7_900_000.0,
];

impl Square {
    /// `31UES`.
    fn of(code: &str) -> Option<Self> {
        let [tens, ones, band, column, row] = code.as_bytes() else { return None };
        if !tens.is_ascii_digit() || !ones.is_ascii_digit() {
            return None;
        }
        let zone = u32::from(tens - b'0') * 10 + u32::from(ones - b'0');
        if !(1..=60).contains(&zone) {
            return None;
        }
        let place = |letter: u8| LETTERS.iter().position(|&one| one == letter);
        // Bands run from C to X.
        let band = place(*band)?.checked_sub(2).filter(|band| *band < BANDS.len())?;
        // Three sets of eight columns repeat from zone to zone; twenty rows, shifted by five in even zones.
        let column = place(*column)?.checked_sub((zone as usize - 1) % 3 * 8).filter(|column| *column < 8)?;
        let row = place(*row).filter(|row| *row < 20)?;
        let row = if zone.is_multiple_of(2) { (row + 15) % 20 } else { row };
        let mut bottom = row as f64 * 100_000.0;
        while bottom < BANDS[band] {
            bottom += 2_000_000.0;
        }
        Some(Self { zone, south: band < 10, west: (column + 1) as f64 * 100_000.0, bottom })
    }
}

/// The pixel grid of a Sentinel-2 tile in its UTM zone; `None` when the code names no tile or the pixels do not fill it.
///
/// A tile measures 109.8 km; its upper left corner is that of its square of 100 km, moved outwards to a multiple of 60 m from the
/// origin of the zone's hemisphere, so that pixels of 10, 20 and 60 m fit.
///
/// * **Source:** letters after the public rules of the military grid reference system; corners as in Sentinel-2 products.
pub fn tile_grid(tile: &str, pixel_m: f64) -> Option<Grid> {
    const SIDE: f64 = 109_800.0;
    const STEP: f64 = 60.0;
    let square = Square::of(tile.strip_prefix('T').unwrap_or(tile))?;
    let pixels = SIDE / pixel_m;
    if !(pixel_m > 0.0 && pixels.fract() == 0.0 && (1.0..=SIDE).contains(&pixels)) {
        return None;
    }
    let equator = if square.south { 10_000_000.0 } else { 0.0 };
    let left = (square.west / STEP).floor() * STEP;
    let top = equator + ((square.bottom + 100_000.0 - equator) / STEP).ceil() * STEP;
    let epsg = if square.south { 32700 } else { 32600 } + square.zone;
    Some(Grid {
        crs: Crs::Epsg(epsg),
        left,
        top,
        pixel_x: pixel_m,
        pixel_y: pixel_m,
        width: pixels as usize,
        height: pixels as usize,
    })
}

#[cfg(test)]
mod tests;
