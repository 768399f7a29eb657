//! One acquisition in a cell: picture, mask, outline, and what it is.

use std::fmt::Write as _;

use super::{FigureChip, Sizes, describe, open_group, percent};
use crate::report::style;
use crate::report::svg::{Font, Svg, data_uri, image_element, n, ring};

const DATE: Font = Font::mono(10.5).strong();
const SHARE: Font = Font::mono(10.5);
const DETAIL: Font = Font::mono(10.0).colour(style::TEXT_2);
const LIMITS: Font = Font::mono(9.0).colour(style::TEXT_2);
const SMALL_DATE: Font = Font::mono(9.0).strong();
const SMALL: Font = Font::mono(9.0).colour(style::TEXT_2);
const SYNTHETIC: Font = Font::mono(10.0).strong().colour(style::NOTICE_LINE);
const LINE: f32 = 13.0;
const SMALL_LINE: f32 = 11.0;

/// Diagonal hatch at a fixed pitch on the page, whatever the size of the pixels.
pub fn hatch_definition() -> String {
    let [_, light, dark] = style::MASK;
    let stripes = "M-2.5 2.5L2.5 -2.5M-2.5 12.5L12.5 -2.5M7.5 12.5L12.5 7.5";
    format!(
        "<defs><pattern id=\"hatch\" patternUnits=\"userSpaceOnUse\" width=\"10\" height=\"10\">\
         <path d=\"{stripes}\" fill=\"none\" stroke=\"{light}\" stroke-width=\"2\"/>\
         <path d=\"{stripes}\" fill=\"none\" stroke=\"{dark}\" stroke-width=\"1\" transform=\"translate(1.1 1.1)\"/></pattern></defs>"
    )
}

/// Parts of the detail: what is observed, and `synthetic` apart from it.
fn detail(chip: &FigureChip) -> (String, bool) {
    let words: Vec<&str> = chip.detail.split_whitespace().filter(|word| *word != "synthetic").collect();
    (words.join(" "), chip.detail.contains("synthetic"))
}

/// Limits of each channel, when they belong to this chip alone.
fn limit_lines(chip: &FigureChip, sizes: Sizes) -> Vec<String> {
    let Some(picture) = chip.picture.as_ref().filter(|_| sizes.own_limits) else { return Vec::new() };
    let names = if picture.limits.len() == 3 { ["R ", "G ", "B "] } else { ["", "", ""] };
    picture.limits.iter().zip(names).map(|((low, high), name)| format!("{name}{low:.3}..{high:.3}")).collect()
}

/// Height of the large form with its text.
pub fn large_height(chip: &FigureChip, sizes: Sizes) -> f32 {
    let lines = 2.0 + if detail(chip).1 { 1.0 } else { 0.0 };
    sizes.cell + lines * LINE + limit_lines(chip, sizes).len() as f32 * SMALL_LINE + 9.0
}

/// Height of the small form.
pub fn small_height(chip: &FigureChip, sizes: Sizes) -> f32 {
    beside_height(chip, sizes) + limit_lines(chip, sizes).len() as f32 * SMALL_LINE + 6.0
}

/// Height of the thumbnail and the text at its right.
fn beside_height(chip: &FigureChip, sizes: Sizes) -> f32 {
    let lines = 3.0 + if detail(chip).1 { 1.0 } else { 0.0 };
    sizes.thumb.max(lines * SMALL_LINE)
}

/// The shown acquisition of a cell, `[x, y]` its upper left corner, `count` the acquisitions of the cell.
pub fn large(out: &mut Svg, chip: &FigureChip, [x, y]: [f32; 2], count: usize, sizes: Sizes) {
    open_group(out, chip, "shown");
    picture(out, chip, [x, y], sizes.cell);
    if count > 1 {
        let text = count.to_string();
        let width = 8.0 + 7.0 * text.len() as f32;
        let [right, bottom] = [x + sizes.cell - 2.0, y + sizes.cell - 2.0];
        out.frame([right - width, bottom - 15.0, width, 15.0], style::BADGE, "#FFFFFF", 2.0);
        out.text(right - width / 2.0, bottom - 3.8, Font::mono(11.0).strong().colour("#FFFFFF").middle(), &text);
    }
    let (detail, synthetic) = detail(chip);
    let mut line = y + sizes.cell + LINE;
    out.text(x, line, DATE, &chip.date);
    out.text(x + sizes.pitch - super::GAP, line, SHARE.end(), &percent(chip.clear_share));
    line += LINE;
    out.text(x, line, DETAIL, &detail);
    if synthetic {
        line += LINE;
        out.text(x, line, SYNTHETIC, "synthetic");
    }
    for limits in limit_lines(chip, sizes) {
        line += SMALL_LINE;
        out.text(x, line, LIMITS, &limits);
    }
    out.raw("</g>");
}

/// Another acquisition of the same cell, below the large one.
pub fn small(out: &mut Svg, chip: &FigureChip, [x, y]: [f32; 2], sizes: Sizes) {
    open_group(out, chip, "other");
    picture(out, chip, [x, y], sizes.thumb);
    let (detail, synthetic) = detail(chip);
    let left = x + sizes.thumb + 4.0;
    let mut line = y + SMALL_LINE - 2.0;
    out.text(left, line, SMALL_DATE, &chip.date);
    for text in [detail, percent(chip.clear_share)] {
        line += SMALL_LINE;
        out.text(left, line, SMALL, &text);
    }
    if synthetic {
        out.text(left, line + SMALL_LINE, SMALL_DATE.colour(style::NOTICE_LINE), "synthetic");
    }
    line = y + beside_height(chip, sizes);
    for limits in limit_lines(chip, sizes) {
        line += SMALL_LINE;
        out.text(x, line, LIMITS, &limits);
    }
    out.raw("</g>");
}

pub fn picture(out: &mut Svg, chip: &FigureChip, [x, y]: [f32; 2], edge: f32) {
    let drawn = chip.picture.as_ref().and_then(|picture| Some((picture, data_uri(picture)?)));
    let Some((picture, uri)) = drawn else {
        out.frame([x + 0.5, y + 0.5, edge - 1.0, edge - 1.0], style::SURFACE, style::BORDER, 0.0);
        out.text(x + edge / 2.0, y + edge / 2.0 + 4.0, Font::sans(10.0).colour(style::TEXT_2).middle(), "no pixels");
        return;
    };
    let scale = edge / picture.width.max(picture.height).max(1) as f32;
    let (width, height) = (picture.width as f32 * scale, picture.height as f32 * scale);
    let (left, top) = (x + (edge - width) / 2.0, y + (edge - height) / 2.0);
    // Pixels without value are transparent: the surface shows through.
    out.rect([left, top, width, height], style::BORDER);
    out.raw(&image_element([left, top, width, height], &uri, &describe(chip)));
    let mask = mask_path(&chip.masked, [left, top], scale);
    if !mask.is_empty() {
        out.fill(&mask, style::MASK[0], " fill-opacity=\"0.45\"");
        out.fill(&mask, "url(#hatch)", " class=\"masked\"");
    }
    let outline: String = chip
        .outline
        .iter()
        .map(|points| ring(&points.iter().map(|[px, py]| [left + px * scale, top + py * scale]).collect::<Vec<_>>()))
        .collect();
    if !outline.is_empty() {
        // On a thumbnail a full stroke would cover the parcel.
        let weight = if edge < 48.0 { 0.6 } else { 1.0 };
        out.stroke(&outline, style::OUTLINE_UNDER, 3.0 * weight, " stroke-opacity=\"0.8\" stroke-linejoin=\"round\"");
        out.stroke(&outline, style::OUTLINE, 1.25 * weight, " stroke-linejoin=\"round\"");
    }
    out.raw(&format!(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"{}\"/>",
        n(left + 0.5),
        n(top + 0.5),
        n(width - 1.0),
        n(height - 1.0),
        style::BORDER
    ));
}

/// Masked rectangles as one path.
fn mask_path(masked: &[[f32; 4]], [left, top]: [f32; 2], scale: f32) -> String {
    let mut data = String::new();
    for [x0, y0, x1, y1] in masked {
        let (width, height) = (n((x1 - x0) * scale), n((y1 - y0) * scale));
        // A `String` takes any text.
        let _ = write!(data, "M{} {}h{width}v{height}h-{width}z", n(left + x0 * scale), n(top + y0 * scale));
    }
    data
}

#[cfg(test)]
mod tests {
    use super::mask_path;

    #[test]
    fn rectangles_become_one_path_in_the_figures_scale() {
        assert_eq!(mask_path(&[[0.0, 0.0, 2.0, 2.0], [1.0, 2.0, 3.0, 3.0]], [0.0, 0.0], 2.0), "M0 0h4v4h-4zM2 4h4v2h-4z");
        assert_eq!(mask_path(&[], [0.0, 0.0], 2.0), "");
    }
}
