//! Plain geometry of the map: tiles of a view, zoom of a box, scale bar. Knows no egui.

use crate::engine::tiles::mercator;

/// Longest round length (1, 2 or 5 times a power of ten) that fits, in metres and pixels.
pub fn scale_bar(px_per_m: f64, max_px: f64) -> Option<(f64, f64)> {
    let most = max_px / px_per_m;
    if !most.is_finite() || most <= 0.0 {
        return None;
    }
    let power = 10f64.powf(most.log10().floor());
    let metres = [5.0, 2.0, 1.0].into_iter().map(|factor| factor * power).find(|&metres| metres <= most)?;
    Some((metres, metres * px_per_m))
}

/// Tiles that a box of longitudes and latitudes touches at a zoom, with so many tiles around: columns, rows.
pub fn tiles_of(west: f64, south: f64, east: f64, north: f64, zoom: u8, around: u32) -> ((u32, u32), (u32, u32)) {
    let around = f64::from(around);
    let count = 2f64.powi(i32::from(zoom));
    let [left, top] = mercator(west, north);
    let [right, bottom] = mercator(east, south);
    let tile = |value: f64, extra: f64| (value * count + extra).floor().clamp(0.0, count - 1.0) as u32;
    ((tile(left, -around), tile(right, around)), (tile(top, -around), tile(bottom, around)))
}

/// Zoom at which a box of degrees fills a view of so many pixels.
pub fn zoom_for(lonlat: &crate::model::Bounds, width_px: f64, height_px: f64) -> f64 {
    let [left, top] = mercator(lonlat.min_x, lonlat.max_y);
    let [right, bottom] = mercator(lonlat.max_x, lonlat.min_y);
    let scale = (width_px / (right - left).max(1e-12)).min(height_px / (bottom - top).max(1e-12));
    (scale / 256.0).log2().clamp(2.0, 19.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Bounds;

    #[test]
    fn scale_bars_are_round_and_fit() {
        for (px_per_m, metres) in [(1.0, 100.0), (0.3, 200.0), (0.012, 5000.0), (7.0, 10.0)] {
            let (length, px) = scale_bar(px_per_m, 100.0).expect("fits");
            assert_eq!(length, metres, "{px_per_m}");
            assert!(px <= 100.0 && px > 35.0);
        }
        assert_eq!(scale_bar(0.0, 100.0), None);
    }

    #[test]
    fn a_view_touches_its_tiles_and_their_surroundings() {
        // Brussels lies in tile 8/131/85 of the usual scheme: 256 * (184.35 / 360) and 256 * (1 - 1.0338 / pi) / 2.
        let (columns, rows) = tiles_of(4.35, 50.84, 4.36, 50.85, 8, 1);
        assert_eq!((columns, rows), ((130, 132), (84, 86)));
        assert_eq!(tiles_of(-180.0, -85.0, 180.0, 85.0, 0, 1), ((0, 0), (0, 0)));
    }

    #[test]
    fn a_box_fills_its_view() {
        let zoom = zoom_for(&Bounds { min_x: 0.0, min_y: -0.1, max_x: 360.0 / 256.0, max_y: 0.1 }, 256.0, 256.0);
        assert!((zoom - 8.0).abs() < 1e-9, "{zoom}");
    }
}
