//! Backgrounds from the network, only those that the user added: XYZ tiles or a WMS.

use walkers::TileId;
use walkers::sources::{Attribution, TileSource};

use crate::model::project_file::Background;

/// Half the width of the Web Mercator world, metres.
const HALF_WORLD_M: f64 = 20_037_508.342_789_244;

/// A background as walkers asks for it.
pub struct Source {
    url: String,
}

impl Source {
    /// From the project's settings.
    pub fn new(background: &Background) -> Self {
        Self { url: background.url.clone() }
    }
}

impl TileSource for Source {
    fn tile_url(&self, tile: TileId) -> String {
        tile_url(&self.url, tile.x, tile.y, tile.zoom)
    }

    /// Empty: the map writes the attribution itself, also without tiles.
    fn attribution(&self) -> Attribution {
        Attribution { text: "", url: "", logo_light: None, logo_dark: None }
    }
}

/// Address of a tile: `{z}`, `{x}`, `{y}` (or `{-y}`) filled in, or a `GetMap` request in EPSG:3857 for a WMS.
pub fn tile_url(url: &str, x: u32, y: u32, zoom: u8) -> String {
    if url.contains("{z}") {
        let flipped = (1u64 << zoom).saturating_sub(1 + u64::from(y));
        return url
            .replace("{z}", &zoom.to_string())
            .replace("{x}", &x.to_string())
            .replace("{-y}", &flipped.to_string())
            .replace("{y}", &y.to_string());
    }
    let size = 2.0 * HALF_WORLD_M / 2f64.powi(i32::from(zoom));
    let west = f64::from(x) * size - HALF_WORLD_M;
    let north = HALF_WORLD_M - f64::from(y) * size;
    let given = url.to_ascii_uppercase();
    let mut request = url.to_owned();
    if !request.contains('?') {
        request.push('?');
    }
    let defaults = [
        ("SERVICE", "WMS"),
        ("VERSION", "1.1.1"),
        ("REQUEST", "GetMap"),
        ("STYLES", ""),
        ("FORMAT", "image/png"),
        ("WIDTH", "256"),
        ("HEIGHT", "256"),
    ];
    for (key, value) in defaults {
        if !given.contains(&format!("{key}=")) {
            add(&mut request, key, value);
        }
    }
    // Version 1.3.0 calls it CRS; in EPSG:3857 the order of axes is the same in both.
    add(&mut request, if given.contains("VERSION=1.3") { "CRS" } else { "SRS" }, "EPSG:3857");
    add(&mut request, "BBOX", &format!("{west:.4},{:.4},{:.4},{north:.4}", north - size, west + size));
    request
}

fn add(request: &mut String, key: &str, value: &str) {
    if !request.ends_with(['?', '&']) {
        request.push('&');
    }
    request.push_str(key);
    request.push('=');
    request.push_str(value);
}

#[cfg(test)]
mod tests {
    use super::tile_url;

    #[test]
    fn xyz_addresses_are_filled_in() {
        assert_eq!(tile_url("https://a/{z}/{x}/{y}.png", 131, 86, 8), "https://a/8/131/86.png");
        assert_eq!(tile_url("https://a/{z}/{x}/{-y}.png", 0, 0, 3), "https://a/3/0/7.png");
    }

    #[test]
    fn a_wms_gets_a_box_in_web_mercator() {
        // Tile 1/1/0 is the north-east quarter of the world.
        let url = tile_url("https://b/wms?LAYERS=ortho", 1, 0, 1);
        assert_eq!(
            url,
            "https://b/wms?LAYERS=ortho&SERVICE=WMS&VERSION=1.1.1&REQUEST=GetMap&STYLES=&FORMAT=image/png&WIDTH=256&HEIGHT=256&SRS=EPSG:3857&BBOX=0.0000,0.0000,20037508.3428,20037508.3428"
        );
        let newer = tile_url("https://b/wms?layers=x&version=1.3.0&format=image/jpeg&", 0, 0, 0);
        assert!(newer.contains("&CRS=EPSG:3857&") && !newer.contains("SRS=") && !newer.contains("image/png"), "{newer}");
    }
}
