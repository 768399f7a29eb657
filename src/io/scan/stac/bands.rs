//! Which band an asset holds, and what the item says about its numbers.

use serde_json::Value;

use super::any_band;
use crate::model::Band;

/// True for images of measured bands; previews repeat bands in other numbers.
pub(super) fn is_data(key: &str, asset: &Value) -> bool {
    let roles: Vec<&str> = asset["roles"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let preview = ["visual", "overview", "thumbnail", "metadata"];
    let media = asset["type"].as_str().unwrap_or_default();
    let image =
        media.is_empty() || media.starts_with("image/tiff") || media.starts_with("image/jp2") || media.contains("geotiff");
    image
        && !roles.iter().any(|role| preview.contains(role))
        && !preview.contains(&key)
        && key != "tci"
        && named(key, asset).iter().any(Option::is_some)
}

/// Band of each file band. The band's own name decides, then the asset's key and title; the common name comes last, since
/// `rededge` stands for three bands.
pub(super) fn named(key: &str, asset: &Value) -> Vec<Option<Band>> {
    let title = asset["title"].as_str().unwrap_or_default();
    let listed = listed(asset);
    if listed.len() <= 1 {
        let band = listed.first();
        let own = band.and_then(|band| band["name"].as_str());
        let common = band.and_then(common_name);
        let words = [own, Some(key), Some(title)];
        let exact = words.into_iter().flatten().filter(|word| *word != "rededge").find_map(any_band);
        return vec![exact.or_else(|| any_band(common?))];
    }
    listed.iter().map(|band| any_band(band["name"].as_str()?).or_else(|| any_band(common_name(band)?))).collect()
}

fn listed(asset: &Value) -> &[Value] {
    [&asset["bands"], &asset["eo:bands"]].into_iter().find_map(Value::as_array).map_or(&[], Vec::as_slice)
}

fn common_name(band: &Value) -> Option<&str> {
    band["eo:common_name"].as_str().or_else(|| band["common_name"].as_str())
}

/// What an item says about the numbers of one band.
pub(super) struct Said {
    pub scaling: Option<(f64, f64)>,
    pub nodata: Option<f64>,
}

impl Said {
    /// Reads `raster:bands` (1.0), `bands` (1.1), or the asset itself, where 1.1 keeps what all bands share.
    pub fn of(asset: &Value, position: usize) -> Self {
        let places = [&asset["raster:bands"][position], &asset["bands"][position], asset];
        let number = |keys: [&str; 2]| {
            places
                .iter()
                .flat_map(|place| keys.map(|key| &place[key]))
                .find_map(|value| value.as_f64().or_else(|| value.as_str()?.parse().ok()))
        };
        let scale = number(["scale", "raster:scale"]);
        let offset = number(["offset", "raster:offset"]);
        Self { scaling: scale.map(|scale| (scale, offset.unwrap_or(0.0))), nodata: number(["nodata", "raster:nodata"]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(key: &str, asset: &str) -> Vec<String> {
        let asset: Value = serde_json::from_str(asset).expect("JSON");
        named(key, &asset).into_iter().map(|band| band.map_or("-".to_owned(), |band| band.to_string())).collect()
    }

    #[test]
    fn the_three_red_edge_bands_are_told_apart_by_name_or_key() {
        assert_eq!(names("x", r#"{"eo:bands":[{"name":"B06","common_name":"rededge"}]}"#), ["B06"]);
        assert_eq!(names("rededge3", r#"{"eo:bands":[{"name":"rededge","common_name":"rededge"}]}"#), ["B07"]);
        assert_eq!(names("img", r#"{"bands":[{"eo:common_name":"nir08"}]}"#), ["B8A"]);
        assert_eq!(names("bands_10m", r#"{"eo:bands":[{"name":"B02"},{"name":"B08"}]}"#), ["B02", "B08"]);
        assert_eq!(names("aot", "{}"), ["-"]);
    }

    #[test]
    fn previews_are_no_data() {
        let asset = |text: &str| serde_json::from_str::<Value>(text).expect("JSON");
        assert!(!is_data("visual", &asset(r#"{"eo:bands":[{"name":"red"},{"name":"green"}]}"#)));
        assert!(!is_data("red", &asset(r#"{"type":"image/png"}"#)));
        assert!(is_data("red", &asset(r#"{"roles":["data"]}"#)));
    }

    #[test]
    fn numbers_of_both_versions_are_read() {
        let of = |text: &str| Said::of(&serde_json::from_str(text).expect("JSON"), 0);
        let old = of(r#"{"raster:bands":[{"scale":0.0001,"offset":-0.1,"nodata":0}]}"#);
        assert_eq!((old.scaling, old.nodata), (Some((0.0001, -0.1)), Some(0.0)));
        assert_eq!(of(r#"{"bands":[{"raster:scale":0.0001}]}"#).scaling, Some((0.0001, 0.0)));
        assert_eq!(of(r#"{"raster:scale":0.0002,"raster:offset":-0.2,"bands":[{"name":"B04"}]}"#).scaling, Some((0.0002, -0.2)));
    }
}
