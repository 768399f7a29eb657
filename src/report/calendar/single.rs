//! One chip as a figure of its own, whose pixels have places on the ground.

use super::chip::{hatch_definition, picture};
use super::{ColourBar, FigureChip, legend};
use crate::report::svg::Svg;
use crate::report::{Caption, page};

/// Width that a caption needs.
const LEAST_WIDTH: f32 = 460.0;

/// Edge that the chip comes near to, pixels of the figure.
const EDGE: f32 = 400.0;

/// A chip as a figure.
#[derive(Debug, Clone)]
pub struct Single {
    /// The figure.
    pub svg: String,
    /// Upper left corner of the chip in the figure.
    pub corner: [u32; 2],
    /// Pixels of the figure for one of the chip, a whole number so that all of them are the same.
    pub enlarged: u32,
}

/// The figure of a chip: what it is above, signs and attribution below. `metres_across` is the ground covered by its longer edge.
pub fn single(chip: &FigureChip, caption: &Caption, colour_bar: Option<&ColourBar>, metres_across: f64) -> Single {
    let longest = chip.picture.as_ref().map_or(1, |own| own.width.max(own.height).max(1)) as f32;
    let enlarged = (EDGE / longest).floor().max(1.0);
    let edge = longest * enlarged;
    let width = (edge + 2.0 * page::MARGIN).max(LEAST_WIDTH);
    let mut out = Svg::default();
    out.raw(&hatch_definition());
    // A short bar leaves room for the caption beside it.
    let bar = 0.4;
    let reserved = legend::scale_and_north(&mut out, width, edge * bar, metres_across * f64::from(bar), "");
    let top = page::header(&mut out, caption, width, reserved).max(page::MARGIN + 40.0).ceil() + 4.0;
    picture(&mut out, chip, [page::MARGIN, top], edge);
    let below = legend::signs(&mut out, std::slice::from_ref(chip), colour_bar, width, top + edge + 12.0);
    let height = page::footer(&mut out, caption, width, below + 6.0);
    let of = |side: Option<usize>| ((edge - side.map_or(edge, |side| side as f32 * enlarged)) / 2.0).max(0.0);
    let [left, down] = [of(chip.picture.as_ref().map(|own| own.width)), of(chip.picture.as_ref().map(|own| own.height))];
    let corner = [(page::MARGIN + left) as u32, (top + down) as u32];
    let summary = format!("{} {}", caption.lines.join(" "), super::describe(chip));
    Single { svg: out.finish(width, height.ceil(), &caption.title, &summary), corner, enlarged: enlarged as u32 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::stretch::Picture;
    use crate::model::AcquisitionIx;
    use crate::report::svg::png;

    #[test]
    fn the_corner_and_the_scale_say_where_each_pixel_of_the_chip_is() {
        let (width, height) = (8_usize, 8_usize);
        let mut rgba = vec![40; width * height * 4];
        rgba.chunks_mut(4).for_each(|pixel| pixel[3] = 255);
        // The pixel in column 5 and row 2 is red.
        rgba[(2 * width + 5) * 4] = 250;
        let chip = FigureChip {
            acquisition: AcquisitionIx(0),
            date: "2019-04-16".to_owned(),
            detail: "S2A R051".to_owned(),
            clear_share: 1.0,
            picture: Some(Picture { width, height, rgba, limits: Vec::new() }),
            masked: Vec::new(),
            outline: Vec::new(),
        };
        let caption = Caption { title: "P1".to_owned(), lines: vec!["a line".to_owned()], ..Caption::default() };
        let made = single(&chip, &caption, None, 80.0);
        let image = image::load_from_memory(&png(&made.svg, 1.0).expect("renders")).expect("a picture").to_rgb8();
        let at = |col: u32, row: u32| {
            let [x, y] = [made.corner[0] + col * made.enlarged, made.corner[1] + row * made.enlarged];
            let corners = [[0, 0], [made.enlarged - 1, made.enlarged - 1]];
            corners.map(|[dx, dy]| image.get_pixel(x + dx, y + dy).0)
        };
        assert_eq!(at(5, 2), [[250, 40, 40]; 2]);
        assert_eq!(at(4, 2), [[40; 3]; 2]);
        assert_eq!(at(5, 3), [[40; 3]; 2]);
    }
}
