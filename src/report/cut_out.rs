//! A pane that was cut out of the window, as a figure: what it shows above, ruleset and attribution below.

use super::svg::{Svg, data_uri, image_element};
use super::{Caption, page};
use crate::engine::stretch::Picture;

/// Width that a caption needs.
const LEAST_WIDTH: f32 = 460.0;

/// The figure of a picture, one unit for each of its pixels; `None` when size and pixels of the picture disagree.
pub fn svg(picture: &Picture, caption: &Caption) -> Option<String> {
    let [wide, high] = [picture.width as f32, picture.height as f32];
    let width = (wide + 2.0 * page::MARGIN).max(LEAST_WIDTH);
    let mut out = Svg::default();
    let top = page::header(&mut out, caption, width, 0.0).ceil();
    out.raw(&image_element([page::MARGIN, top, wide, high], &data_uri(picture)?, &caption.title));
    let height = page::footer(&mut out, caption, width, top + high + 10.0).ceil();
    Some(out.finish(width, height, &caption.title, &caption.lines.join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::svg::png;

    #[test]
    fn a_cut_out_keeps_its_pixels_and_tells_whose_data_and_which_rules_they_are() {
        let mut rgba = [10, 20, 30, 255].repeat(40 * 20);
        rgba[..4].copy_from_slice(&[250, 0, 0, 255]);
        let caption = Caption {
            title: "P1".to_owned(),
            lines: vec!["Queue".to_owned()],
            ruleset: "Winter cover #a41c07".to_owned(),
            attribution: "Copernicus".to_owned(),
            ..Caption::default()
        };
        let picture = Picture { width: 40, height: 20, rgba, limits: Vec::new() };
        let made = svg(&picture, &caption).expect("a figure");
        for text in ["P1", "Queue", "Ruleset Winter cover #a41c07.", "Copernicus"] {
            assert!(made.contains(&format!(">{text}<")), "{text}: {made}");
        }
        let image = image::load_from_memory(&png(&made, 1.0).expect("renders")).expect("a picture").to_rgb8();
        let red: Vec<_> = image.enumerate_pixels().filter(|(.., pixel)| pixel.0 == [250, 0, 0]).collect();
        assert_eq!(red.len(), 1);
        assert_eq!(image.get_pixel(red[0].0 + 39, red[0].1 + 19).0, [10, 20, 30]);
        assert_eq!(svg(&Picture { width: 41, ..picture }, &caption), None);
    }
}
