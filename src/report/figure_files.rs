//! Files beside a georeferenced PNG, as text: the world file `.pgw` and GDAL's `.aux.xml`.

use super::svg::escape;
use crate::model::Grid;

/// The world file of a picture of a grid: pixel size in x, two turns, pixel size in y, and the centre of the upper left pixel. Six
/// lines; `.pgw` beside a PNG.
pub fn world_file(grid: &Grid) -> String {
    let (x, y) = grid.world_from_pixel(0.5, 0.5);
    [grid.pixel_x, 0.0, 0.0, -grid.pixel_y, x, y].iter().map(|value| number(*value) + "\n").collect()
}

/// GDAL's auxiliary file of a picture of a grid: system and transform, which refers to the upper left corner of the upper left
/// pixel. `.aux.xml` after the whole name of the picture. `srs_wkt` is the system as well-known text; GDAL takes `EPSG:32631` too.
pub fn aux_xml(grid: &Grid, srs_wkt: &str) -> String {
    let transform: Vec<String> =
        [grid.left, grid.pixel_x, 0.0, grid.top, 0.0, -grid.pixel_y].iter().map(|value| number(*value)).collect();
    format!(
        "<PAMDataset>\n  <SRS dataAxisToSRSAxisMapping=\"1,2\">{}</SRS>\n  <GeoTransform>{}</GeoTransform>\n</PAMDataset>\n",
        escape(srs_wkt),
        transform.join(", ")
    )
}

/// The grid of a picture that shows the same box with another number of pixels.
pub fn resized(grid: &Grid, width: usize, height: usize) -> Grid {
    let bounds = grid.bounds();
    Grid {
        pixel_x: bounds.width() / width.max(1) as f64,
        pixel_y: bounds.height() / height.max(1) as f64,
        width,
        height,
        ..grid.clone()
    }
}

/// A number that is read back equal, without exponent.
fn number(value: f64) -> String {
    let text = format!("{value}");
    if text == "-0" { "0".to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Crs;

    fn grid() -> Grid {
        Grid { crs: Crs::Epsg(32631), left: 574_000.0, top: 5_622_500.5, pixel_x: 2.5, pixel_y: 2.5, width: 8, height: 4 }
    }

    #[test]
    fn a_world_file_names_the_centre_of_the_first_pixel() {
        assert_eq!(world_file(&grid()), "2.5\n0\n0\n-2.5\n574001.25\n5622499.25\n");
    }

    #[test]
    fn an_auxiliary_file_names_the_corner() {
        let text = aux_xml(&grid(), "PROJCS[\"a & b\"]");
        assert!(text.contains("<GeoTransform>574000, 2.5, 0, 5622500.5, 0, -2.5</GeoTransform>"), "{text}");
        let tree = roxmltree::Document::parse(&text).expect("XML");
        let srs = tree.descendants().find(|node| node.has_tag_name("SRS")).and_then(|node| node.text());
        assert_eq!(srs, Some("PROJCS[\"a & b\"]"));
    }

    #[test]
    fn a_picture_of_other_size_shows_the_same_box() {
        let large = resized(&grid(), 80, 80);
        assert_eq!(large.bounds(), grid().bounds());
        assert_eq!((large.pixel_x, large.pixel_y), (0.25, 0.125));
    }
}
