//! A view of the map as a figure whose pixels have places on the ground: image, parcels, legend.

use super::calendar::ColourBar;
use super::calendar::legend;
use super::sign::Sign;
use super::svg::{Font, Svg, data_uri, image_element, n, ring};
use super::{Caption, page, style};
use crate::engine::stretch::Picture;
use crate::model::rules::Verdict;

/// Width that a caption needs.
const LEAST_WIDTH: f32 = 460.0;

/// A parcel narrower than this, in units of the figure, has neither label nor symbol.
const LABELLED: f32 = 26.0;

/// More parcels than this have no labels: nobody could read them.
const MOST_LABELS: usize = 400;

const LABEL: Font = Font::sans(11.0).colour(style::TEXT_2);

/// A parcel of the view.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MapParcel {
    /// Rings in units of the view, from its upper left corner.
    pub rings: Vec<Vec<[f32; 2]>>,
    /// Colour of its class; `None` leaves it empty.
    pub fill: Option<[u8; 3]>,
    /// Automatic verdict that its symbol tells.
    pub verdict: Option<Verdict>,
    /// What stands on it; empty for nothing.
    pub label: String,
    /// The parcel that the figure is about.
    pub own: bool,
}

/// A line of the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct MapClass {
    /// What it stands for.
    pub name: String,
    /// Colour of its parcels.
    pub colour: [u8; 3],
    /// Verdict whose symbol they carry.
    pub verdict: Option<Verdict>,
}

/// A view of the map: north up, one unit of the figure for each of its pixels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MapView {
    /// Width and height, units of the figure.
    pub size: [u32; 2],
    /// Image under the parcels, as large as the view; transparent where there is none.
    pub picture: Option<Picture>,
    /// Parcels; those that stand out come last.
    pub parcels: Vec<MapParcel>,
    /// Classes of the parcels' colours.
    pub classes: Vec<MapClass>,
    /// Colours of an image with one channel.
    pub colour_bar: Option<ColourBar>,
    /// Ground that the width covers, m.
    pub metres_across: f64,
}

/// A map as a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedMap {
    /// The figure.
    pub svg: String,
    /// Its width and height.
    pub size: [u32; 2],
    /// Upper left corner of the view in it.
    pub corner: [u32; 2],
}

/// The figure of a view: what it shows above, legend and attribution below.
pub fn svg(view: &MapView, caption: &Caption) -> PlacedMap {
    let [wide, high] = view.size.map(|side| side as f32);
    let width = (wide + 2.0 * page::MARGIN).max(LEAST_WIDTH);
    let mut out = Svg::default();
    // A short bar leaves room for the caption beside it.
    let bar = 0.4;
    let reserved = legend::scale_and_north(&mut out, width, wide * bar, view.metres_across * f64::from(bar), "");
    let top = page::header(&mut out, caption, width, reserved).max(page::MARGIN + 40.0).ceil() + 4.0;
    let left = ((width - wide) / 2.0).floor();
    out.raw(&format!(
        "<clipPath id=\"view\"><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></clipPath>",
        n(left),
        n(top),
        n(wide),
        n(high)
    ));
    out.rect([left, top, wide, high], style::SURFACE);
    if let Some(uri) = view.picture.as_ref().and_then(data_uri) {
        out.raw(&image_element([left, top, wide, high], &uri, "Image"));
    }
    out.raw("<g clip-path=\"url(#view)\">");
    view.parcels.iter().for_each(|parcel| outline(&mut out, parcel, [left, top], view.picture.is_some()));
    if view.parcels.len() <= MOST_LABELS {
        view.parcels.iter().for_each(|parcel| mark(&mut out, parcel, [left, top]));
    }
    out.raw("</g>");
    let below = signs(&mut out, view, width, top + high + 12.0);
    let height = page::footer(&mut out, caption, width, below + 6.0).ceil();
    let summary = format!("{} {} parcels in view.", caption.lines.join(" "), view.parcels.len());
    PlacedMap {
        svg: out.finish(width, height, &caption.title, &summary),
        size: [width as u32, height as u32],
        corner: [left as u32, top as u32],
    }
}

/// Fill and double stroke of a parcel.
fn outline(out: &mut Svg, parcel: &MapParcel, [left, top]: [f32; 2], over_image: bool) {
    let moved = |points: &Vec<[f32; 2]>| ring(&points.iter().map(|[x, y]| [left + x, top + y]).collect::<Vec<_>>());
    let data: String = parcel.rings.iter().map(moved).collect();
    if data.is_empty() {
        return;
    }
    if let Some([r, g, b]) = parcel.fill {
        // Over an image the image is to be seen as well.
        let opacity = if over_image { 0.5 } else { 0.9 };
        out.fill(&data, &format!("#{r:02X}{g:02X}{b:02X}"), &format!(" fill-opacity=\"{opacity}\" fill-rule=\"evenodd\""));
    }
    let (under, over, light) = if parcel.own { (4.5, 2.0, style::OUTLINE) } else { (2.2, 0.9, style::PAGE) };
    out.stroke(&data, style::OUTLINE_UNDER, under, " stroke-opacity=\"0.8\" stroke-linejoin=\"round\"");
    out.stroke(&data, light, over, " stroke-linejoin=\"round\"");
}

/// Label and symbol in the middle of a parcel that is wide enough.
fn mark(out: &mut Svg, parcel: &MapParcel, [left, top]: [f32; 2]) {
    let mut box_of = [f32::INFINITY, f32::INFINITY, f32::NEG_INFINITY, f32::NEG_INFINITY];
    for [x, y] in parcel.rings.iter().flatten() {
        box_of = [box_of[0].min(*x), box_of[1].min(*y), box_of[2].max(*x), box_of[3].max(*y)];
    }
    let [width, height] = [box_of[2] - box_of[0], box_of[3] - box_of[1]];
    if !(width >= LABELLED && height >= LABELLED) {
        return;
    }
    let (x, mut y) = (left + f32::midpoint(box_of[0], box_of[2]), top + f32::midpoint(box_of[1], box_of[3]));
    let font = Font::sans(11.0).strong().middle();
    if !parcel.label.is_empty() && font.width(&parcel.label) <= width.max(if parcel.own { f32::INFINITY } else { 0.0 }) {
        let wide = font.width(&parcel.label) + 6.0;
        out.raw(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"15\" rx=\"2\" fill=\"{}\" fill-opacity=\"0.85\"/>",
            n(x - wide / 2.0),
            n(y - 7.5),
            n(wide),
            style::PAGE
        ));
        out.text(x, y + 4.0, font, &parcel.label);
        y -= 18.0;
    }
    if let Some(verdict) = parcel.verdict {
        verdict_sign(out, [x, y], verdict);
    }
}

/// A verdict's shape in a white field: the colour alone would not tell everybody.
fn verdict_sign(out: &mut Svg, [x, y]: [f32; 2], verdict: Verdict) {
    let sign = Sign::of_verdict(Some(verdict));
    out.raw(&format!("<circle cx=\"{}\" cy=\"{}\" r=\"8.5\" fill=\"{}\" fill-opacity=\"0.9\"/>", n(x), n(y), style::PAGE));
    out.raw(&format!(
        "<path transform=\"translate({} {}) scale(0.75)\" d=\"{}\" fill=\"{}\" stroke=\"#{}\" stroke-width=\"2.4\"/>",
        n(x - 6.0),
        n(y - 6.0),
        sign.path(),
        if sign == Sign::Diamond { format!("#{}", sign.colour()) } else { "none".to_owned() },
        sign.colour()
    ));
}

/// Signs, classes and colour bar below the view; returns where they end.
fn signs(out: &mut Svg, view: &MapView, width: f32, mut y: f32) -> f32 {
    let mut x = page::MARGIN;
    let mut place = |out: &mut Svg, text: &str, draw: &dyn Fn(&mut Svg, f32, f32)| {
        let needed = 22.0 + LABEL.width(text);
        if x > page::MARGIN && x + needed > width - page::MARGIN {
            (x, y) = (page::MARGIN, y + 22.0);
        }
        draw(out, x, y);
        out.text(x + 22.0, y + 12.0, LABEL, text);
        x += needed + 20.0;
        y
    };
    let mut last = None;
    for (own, light, word) in [(true, style::OUTLINE, "the parcel"), (false, style::PAGE, "other parcels")] {
        if view.parcels.iter().any(|parcel| parcel.own == own) {
            last = Some(place(out, word, &|out, x, y| {
                let square = format!("M{} {}h14v14h-14z", n(x), n(y));
                out.stroke(&square, style::OUTLINE_UNDER, 3.0, " stroke-opacity=\"0.8\"");
                out.stroke(&square, light, 1.25, "");
            }));
        }
    }
    for class in &view.classes {
        let [r, g, b] = class.colour;
        last = Some(place(out, &class.name, &|out, x, y| {
            out.frame([x, y, 14.0, 14.0], &format!("#{r:02X}{g:02X}{b:02X}"), style::AXIS, 2.0);
            if let Some(verdict) = class.verdict {
                verdict_sign(out, [x + 7.0, y + 7.0], verdict);
            }
        }));
    }
    let mut end = last.map_or(y, |y| y + 20.0);
    if let Some(bar) = &view.colour_bar {
        end = legend::signs(out, &[], Some(bar), width, end + 4.0);
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::svg::png;

    fn view() -> MapView {
        let (width, height) = (300, 200);
        let mut rgba = [40, 40, 40, 255].repeat(width * height);
        // A block of 10 by 10 from column 50 and row 20 is red.
        for (row, col) in (20..30).flat_map(|row| (50..60).map(move |col| (row, col))) {
            rgba[(row * width + col) * 4] = 250;
        }
        let square = |left: f32| vec![vec![[left, 100.0], [left + 60.0, 100.0], [left + 60.0, 160.0], [left, 160.0]]];
        MapView {
            size: [300, 200],
            picture: Some(Picture { width, height, rgba, limits: Vec::new() }),
            parcels: vec![
                MapParcel { rings: square(150.0), fill: Some([0, 0, 200]), verdict: Some(Verdict::Red), ..MapParcel::default() },
                MapParcel { rings: square(20.0), label: "A<1>".to_owned(), own: true, ..MapParcel::default() },
            ],
            classes: vec![MapClass { name: "non-compliant".to_owned(), colour: [0, 0, 200], verdict: Some(Verdict::Red) }],
            colour_bar: None,
            metres_across: 600.0,
        }
    }

    #[test]
    fn the_corner_says_where_each_pixel_of_the_view_is() {
        let caption = Caption { title: "P1".to_owned(), lines: vec!["a line".to_owned()], ..Caption::default() };
        let made = svg(&view(), &caption);
        assert!(roxmltree::Document::parse(&made.svg).is_ok(), "{}", made.svg);
        let image = image::load_from_memory(&png(&made.svg, 1.0).expect("renders")).expect("a picture").to_rgb8();
        assert_eq!([image.width(), image.height()], made.size);
        let at = |col: u32, row: u32| image.get_pixel(made.corner[0] + col, made.corner[1] + row).0;
        assert_eq!([at(50, 20), at(59, 29)], [[250, 40, 40]; 2]);
        assert_eq!([at(49, 20), at(60, 29), at(50, 30)], [[40; 3]; 3]);
    }

    #[test]
    fn parcels_are_filled_and_carry_label_and_symbol_and_stay_in_the_view() {
        let made = svg(&view(), &Caption::default());
        let image = image::load_from_memory(&png(&made.svg, 1.0).expect("renders")).expect("a picture").to_rgb8();
        let at = |col: u32, row: u32| image.get_pixel(made.corner[0] + col, made.corner[1] + row).0;
        // Half of the class's colour, half of the image's.
        assert_eq!(at(158, 108), [20, 20, 120]);
        assert!(made.svg.contains("A&lt;1&gt;") && made.svg.contains("non-compliant"));
        let cross = Sign::of_verdict(Some(Verdict::Red));
        assert_eq!(made.svg.matches(cross.path()).count(), 2, "on the parcel and in the legend");
        let mut wide = view();
        wide.parcels[0].rings[0][1][0] = 5_000.0;
        let made = svg(&wide, &Caption::default());
        let image = image::load_from_memory(&png(&made.svg, 1.0).expect("renders")).expect("a picture").to_rgb8();
        assert_eq!(image.get_pixel(made.corner[0] + 306, made.corner[1] + 105).0, [255; 3], "beyond the view is paper");
    }
}
