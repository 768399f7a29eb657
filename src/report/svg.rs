//! Small SVG writer and its rasteriser.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use resvg::{tiny_skia, usvg};

use super::style;
use crate::engine::stretch::Picture;

/// Look of a text.
#[derive(Debug, Clone, Copy)]
pub struct Font {
    family: &'static str,
    size: f32,
    weight: u16,
    colour: &'static str,
    anchor: &'static str,
}

impl Font {
    /// Inter of a size.
    pub const fn sans(size: f32) -> Self {
        Self { family: style::SANS, size, weight: 400, colour: style::TEXT, anchor: "start" }
    }

    /// The monospaced face of a size.
    pub const fn mono(size: f32) -> Self {
        Self { family: style::MONO, ..Self::sans(size) }
    }

    /// Semi-bold.
    #[must_use]
    pub const fn strong(self) -> Self {
        Self { weight: 600, ..self }
    }

    /// In another colour.
    #[must_use]
    pub const fn colour(self, colour: &'static str) -> Self {
        Self { colour, ..self }
    }

    /// Centred on its position.
    #[must_use]
    pub const fn middle(self) -> Self {
        Self { anchor: "middle", ..self }
    }

    /// Ending at its position.
    #[must_use]
    pub const fn end(self) -> Self {
        Self { anchor: "end", ..self }
    }

    /// Width of a text: exact for the monospaced face, by classes of letters and a little generous for the other.
    pub fn width(&self, text: &str) -> f32 {
        if self.family == style::MONO {
            return text.chars().count() as f32 * self.size * 0.6;
        }
        let weight = if self.weight > 500 { 1.05 } else { 1.0 };
        text.chars().map(sans_advance).sum::<f32>() * self.size * weight
    }
}

/// Advance of a letter of Inter in units of the font's size, rounded up within its class.
fn sans_advance(c: char) -> f32 {
    match c {
        'i' | 'l' | 'j' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' | 'I' | '·' => 0.29,
        'f' | 't' | 'r' | '(' | ')' | '[' | ']' | '/' | '1' => 0.40,
        '-' | '“' | '”' | '"' | 's' | 'c' | 'k' | 'x' | 'z' | 'v' | 'y' => 0.565,
        'a' | 'e' | 'u' | 'n' | 'h' | 'o' | 'b' | 'd' | 'p' | 'q' | 'g' => 0.615,
        'm' | 'w' | 'M' | 'W' | '%' | '…' | '—' => 0.95,
        _ => 0.66,
    }
}

/// An SVG being written. Positions are rounded to hundredths, so that equal input gives equal bytes.
#[derive(Debug, Default)]
pub struct Svg {
    body: String,
}

impl Svg {
    /// Appends an element as it stands; texts in it must be escaped.
    pub fn raw(&mut self, element: &str) {
        self.body.push_str(element);
        self.body.push('\n');
    }

    /// A filled rectangle.
    pub fn rect(&mut self, [x, y, width, height]: [f32; 4], fill: &str) {
        self.raw(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"{fill}\"/>",
            n(x),
            n(y),
            n(width),
            n(height)
        ));
    }

    /// A rectangle with a line of one unit around and rounded corners.
    pub fn frame(&mut self, [x, y, width, height]: [f32; 4], fill: &str, line: &str, radius: f32) {
        self.raw(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"{fill}\" stroke=\"{line}\"/>",
            n(x),
            n(y),
            n(width),
            n(height),
            n(radius)
        ));
    }

    /// A straight line.
    pub fn line(&mut self, [x1, y1, x2, y2]: [f32; 4], colour: &str, width: f32) {
        self.raw(&format!(
            "<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" stroke=\"{colour}\" stroke-width=\"{}\"/>",
            n(x1),
            n(y1),
            n(x2),
            n(y2),
            n(width)
        ));
    }

    /// A path without fill; `more` holds further attributes, e.g. a dash.
    pub fn stroke(&mut self, data: &str, colour: &str, width: f32, more: &str) {
        self.raw(&format!("<path d=\"{data}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{}\"{more}/>", n(width)));
    }

    /// A filled path; `more` holds further attributes.
    pub fn fill(&mut self, data: &str, colour: &str, more: &str) {
        self.raw(&format!("<path d=\"{data}\" fill=\"{colour}\"{more}/>"));
    }

    /// A text on a base line.
    pub fn text(&mut self, x: f32, y: f32, font: Font, text: &str) {
        let anchor = if font.anchor == "start" { String::new() } else { format!(" text-anchor=\"{}\"", font.anchor) };
        let weight = if font.weight == 400 { String::new() } else { format!(" font-weight=\"{}\"", font.weight) };
        self.raw(&format!(
            "<text x=\"{}\" y=\"{}\" font-family=\"{}\" font-size=\"{}\" fill=\"{}\"{weight}{anchor}>{}</text>",
            n(x),
            n(y),
            font.family,
            n(font.size),
            font.colour,
            escape(text)
        ));
    }

    /// The whole file with a title and a summary for readers who do not see it.
    pub fn finish(self, width: f32, height: f32, title: &str, summary: &str) -> String {
        let (width, height) = (n(width), n(height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{width}\" \
             height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n<desc>{}</desc>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n{}</svg>\n",
            escape(title),
            escape(summary),
            style::PAGE,
            self.body
        )
    }
}

/// A number with at most two decimals.
pub fn n(value: f32) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Text that is safe as content and as attribute value. Characters that XML forbids are left out.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => out.push(' '),
            c if (c as u32) < 0x20 || matches!(c, '\u{FFFE}' | '\u{FFFF}') => {}
            c => out.push(c),
        }
    }
    out
}

/// Breaks a text at spaces into lines of at most `width`; a longer word keeps its own line.
pub fn wrap(text: &str, font: Font, width: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if font.width(line) + font.width(word) + font.width(" ") <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Path data of a line through points.
pub fn polyline(points: &[[f32; 2]]) -> String {
    let mut data = String::new();
    for (i, [x, y]) in points.iter().enumerate() {
        // A `String` takes any text.
        let _ = write!(data, "{}{} {}", if i == 0 { "M" } else { "L" }, n(*x), n(*y));
    }
    data
}

/// Path data of a closed ring.
pub fn ring(points: &[[f32; 2]]) -> String {
    if points.is_empty() { String::new() } else { polyline(points) + "Z" }
}

/// A picture as `data:` address of a PNG; `None` when its size and pixels disagree.
pub fn data_uri(picture: &Picture) -> Option<String> {
    let image = image::RgbaImage::from_raw(picture.width as u32, picture.height as u32, picture.rgba.clone())?;
    let mut bytes = std::io::Cursor::new(Vec::new());
    image.write_to(&mut bytes, image::ImageFormat::Png).ok()?; // Only an empty picture cannot be written.
    Some(format!("data:image/png;base64,{}", STANDARD.encode(bytes.into_inner())))
}

/// An image element that is enlarged without smoothing, with a title.
pub fn image_element([x, y, width, height]: [f32; 4], uri: &str, title: &str) -> String {
    format!(
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" image-rendering=\"optimizeSpeed\" \
         style=\"image-rendering:pixelated\" xlink:href=\"{uri}\"><title>{}</title></image>",
        n(x),
        n(y),
        n(width),
        n(height),
        escape(title)
    )
}

/// Renders an SVG with the program's own fonts to PNG, `scale` pixels per SVG unit.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, String> {
    pixels(svg, scale)?.encode_png().map_err(|error| format!("cannot encode the figure as PNG: {error}"))
}

/// The same with a width in pixels; the height follows.
pub fn png_of_width(svg: &str, width_px: u32) -> Result<Vec<u8>, String> {
    let [width, _] = size(svg)?;
    png(svg, width_px as f32 / width)
}

/// Width and height of an SVG, its units.
pub fn size(svg: &str) -> Result<[f32; 2], String> {
    let size = tree(svg)?.size();
    Ok([size.width(), size.height()])
}

/// The same to JPEG, for programs that read no other pictures; `quality` is 1 to 100.
pub fn jpeg(svg: &str, scale: f32, quality: u8) -> Result<Vec<u8>, String> {
    let made = pixels(svg, scale)?;
    // A page covers all of it: nothing shines through.
    let colours: Vec<u8> = made.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new_with_quality(&mut bytes, quality);
    let encoded = encoder.encode(&colours, made.width(), made.height(), image::ExtendedColorType::Rgb8);
    encoded.map_err(|error| format!("cannot encode the figure as JPEG: {error}"))?;
    Ok(bytes)
}

fn tree(svg: &str) -> Result<usvg::Tree, String> {
    let options = usvg::Options { fontdb: fonts(), font_family: "Inter".to_owned(), ..usvg::Options::default() };
    usvg::Tree::from_str(svg, &options).map_err(|error| format!("cannot read the figure as SVG: {error}"))
}

fn pixels(svg: &str, scale: f32) -> Result<tiny_skia::Pixmap, String> {
    let tree = tree(svg)?;
    let size = tree.size();
    let (width, height) = ((size.width() * scale).round().max(1.0), (size.height() * scale).round().max(1.0));
    let mut pixels = tiny_skia::Pixmap::new(width as u32, height as u32).ok_or_else(|| {
        format!("a picture of {width} x {height} pixels is too large; choose smaller cells or a shorter time range")
    })?;
    let transform = tiny_skia::Transform::from_scale(width / size.width(), height / size.height());
    resvg::render(&tree, transform, &mut pixels.as_mut());
    Ok(pixels)
}

/// The program's fonts. Those of the system are left out: the same figure gives the same pixels on every machine.
fn fonts() -> Arc<usvg::fontdb::Database> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    Arc::clone(FONTS.get_or_init(|| {
        let mut fonts = usvg::fontdb::Database::new();
        for data in [
            &include_bytes!("../../assets/fonts/Inter-Regular.otf")[..],
            &include_bytes!("../../assets/fonts/Inter-SemiBold.otf")[..],
            &include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf")[..],
            &include_bytes!("../../assets/fonts/JetBrainsMono-SemiBold.ttf")[..],
        ] {
            fonts.load_font_data(data.to_vec());
        }
        fonts.set_sans_serif_family("Inter");
        fonts.set_monospace_family("JetBrains Mono");
        Arc::new(fonts)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_stable() {
        for (value, text) in [(1.0, "1"), (1.5, "1.5"), (-0.001, "0"), (10.0, "10"), (2.345_1, "2.35")] {
            assert_eq!(n(value), text);
        }
    }

    #[test]
    fn texts_are_escaped() {
        assert_eq!(escape("a<b & \"c\">\u{1}\n"), "a&lt;b &amp; &quot;c&quot;&gt; ");
    }

    #[test]
    fn long_lines_break_at_spaces() {
        let font = Font::mono(10.0);
        assert_eq!(wrap("aa bb cc", font, 30.0), ["aa bb", "cc"]);
        assert_eq!(wrap("aaaaaaaaaaaaaaa b", font, 30.0), ["aaaaaaaaaaaaaaa", "b"]);
    }

    #[test]
    fn an_enlarged_chip_keeps_hard_pixel_edges() {
        let picture = Picture { width: 2, height: 1, rgba: vec![255, 0, 0, 255, 0, 0, 255, 255], limits: Vec::new() };
        let mut svg = Svg::default();
        let uri = data_uri(&picture).expect("encodes");
        svg.raw(&image_element([0.0, 0.0, 20.0, 10.0], &uri, ""));
        let png = png(&svg.finish(20.0, 10.0, "", ""), 1.0).expect("renders");
        let image = image::load_from_memory(&png).expect("a picture").to_rgb8();
        for x in 0..20 {
            assert_eq!(image.get_pixel(x, 5).0, if x < 10 { [255, 0, 0] } else { [0, 0, 255] }, "column {x}");
        }
    }
}
