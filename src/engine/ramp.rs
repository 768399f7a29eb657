//! Colours of data: the index ramp, scene classes, grey.

/// Brown over white to blue-green, stops at equal steps: tells low from high also without red and green vision.
const INDEX: [[u8; 3]; 7] = [
    [0x54, 0x30, 0x05],
    [0xA6, 0x61, 0x1A],
    [0xDF, 0xC2, 0x7D],
    [0xF5, 0xF5, 0xF5],
    [0x80, 0xCD, 0xC1],
    [0x35, 0x97, 0x8F],
    [0x00, 0x59, 0x4F],
];

/// `ColorBrewer`'s `RdYlGn` with eleven classes, the ramp of JRC's calendars.
const CLASSIC: [[u8; 3]; 11] = [
    [165, 0, 38],
    [215, 48, 39],
    [244, 109, 67],
    [253, 174, 97],
    [254, 224, 139],
    [255, 255, 191],
    [217, 239, 139],
    [166, 217, 106],
    [102, 189, 99],
    [26, 152, 80],
    [0, 104, 55],
];

/// Scene classes 0..=11 in the colours of JRC's tools.
const SCENE_CLASSES: [[u8; 3]; 12] = [
    [0, 0, 0],
    [255, 0, 0],
    [47, 47, 48],
    [100, 50, 0],
    [0, 160, 0],
    [255, 230, 85],
    [0, 0, 255],
    [128, 128, 128],
    [192, 192, 192],
    [255, 255, 255],
    [100, 200, 255],
    [255, 150, 255],
];

const TRANSPARENT: [u8; 4] = [0; 4];

/// The index ramp from brown over white to blue-green at `t` in 0..=1; `t` outside is clamped, `NaN` is transparent.
///
/// ```
/// # use parcelight::engine::ramp::index;
/// assert_eq!((index(0.5), index(7.0), index(f32::NAN)), ([245, 245, 245, 255], [0, 89, 79, 255], [0; 4]));
/// ```
pub fn index(t: f32) -> [u8; 4] {
    between(&INDEX, t)
}

/// Shipped indices whose high end means bare or dry ground: for them the ramp runs backwards, so that brown is bare in every view
/// (JRC's calendars reverse their ramp for the same two).
const HIGH_IS_BARE: [&str; 2] = ["BSI", "PSRI"];

/// Colour of an index by name at `t` in 0..=1 of its range; see [`index`].
pub fn of_index(name: &str, t: f32) -> [u8; 4] {
    index(if HIGH_IS_BARE.contains(&name) { 1.0 - t } else { t })
}

/// Red–yellow–green at `t`, the classic ramp; an option, not the default.
pub fn classic(t: f32) -> [u8; 4] {
    between(&CLASSIC, t)
}

/// Grey from black to white at `t`; clamped, `NaN` is transparent.
pub fn grey(t: f32) -> [u8; 4] {
    between(&[[0; 3], [255; 3]], t)
}

/// Usual colour of a scene class 0..=11; others transparent.
pub fn scene_class(class: u8) -> [u8; 4] {
    SCENE_CLASSES.get(usize::from(class)).map_or(TRANSPARENT, |&[r, g, b]| [r, g, b, 255])
}

/// Linear between equally spaced stops, in sRGB values as colour bars of charts are.
fn between(stops: &[[u8; 3]], t: f32) -> [u8; 4] {
    if t.is_nan() {
        return TRANSPARENT;
    }
    let at = t.clamp(0.0, 1.0) * (stops.len() - 1) as f32;
    let below = (at as usize).min(stops.len() - 2);
    let share = at - below as f32;
    let mix = |channel: usize| {
        let (a, b) = (f32::from(stops[below][channel]), f32::from(stops[below + 1][channel]));
        (a + (b - a) * share).round() as u8
    };
    [mix(0), mix(1), mix(2), 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ramps_meet_their_stops_and_hide_missing_values() {
        assert_eq!((index(-1.0), index(1.0)), ([0x54, 0x30, 0x05, 255], [0x00, 0x59, 0x4F, 255]));
        assert_eq!((classic(0.0), classic(0.5), classic(1.0)), ([165, 0, 38, 255], [255, 255, 191, 255], [0, 104, 55, 255]));
        assert_eq!((grey(0.5), grey(f32::INFINITY)), ([128, 128, 128, 255], [255; 4]));
        assert_eq!((index(f32::NAN), classic(f32::NAN), scene_class(12)), (TRANSPARENT, TRANSPARENT, TRANSPARENT));
        assert_eq!(scene_class(4), [0, 160, 0, 255]);
    }

    #[test]
    fn brown_is_bare_in_every_index_view() {
        assert_eq!(of_index("BSI", 1.0), of_index("NDVI", 0.0));
        assert_eq!(of_index("BSI", 0.0), of_index("NDVI", 1.0));
        assert_eq!(of_index("NDVI", 0.0), index(0.0));
    }
}
