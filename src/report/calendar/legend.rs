//! What explains the calendar: scale, north, signs and colour bar.

use super::{ColourBar, FigureChip};
use crate::report::svg::{Font, Svg, ring};
use crate::report::{page, style};

const LABEL: Font = Font::sans(11.0).colour(style::TEXT_2);
const NUMBER: Font = Font::mono(11.0);

/// Scale bar and north arrow at the upper right, unless the chips are no places on the ground; returns the width they take. `where_valid`
/// stands under the bar.
pub fn scale_and_north(out: &mut Svg, width: f32, cell: f32, metres_across: f64, where_valid: &str) -> f32 {
    if !(metres_across.is_finite() && metres_across > 0.0) {
        return 0.0;
    }
    let right = width - page::MARGIN;
    let top = page::MARGIN;
    let north = ring(&[[right - 8.0, top], [right - 2.0, top + 18.0], [right - 8.0, top + 13.5], [right - 14.0, top + 18.0]]);
    out.fill(&north, style::TEXT, "");
    out.text(right - 8.0, top + 31.0, Font::sans(11.0).strong().middle(), "N");
    let metres = round_length(metres_across * 0.6);
    let length = (metres / metres_across) as f32 * cell;
    let (end, y) = (right - 34.0, top + 14.0);
    let start = end - length;
    out.raw("<g class=\"scale-bar\">");
    out.fill(&format!("M{start:.2} {}v-6h1.5v4.5h{:.2}v-4.5h1.5v6z", y + 4.0, length - 3.0), style::TEXT, "");
    let text = if metres >= 1000.0 { format!("{} km", metres / 1000.0) } else { format!("{metres} m") };
    out.text(end, y + 18.0, NUMBER.end(), &text);
    out.text(end, y + 32.0, LABEL.end(), where_valid);
    out.raw("</g>");
    length.max(90.0) + 52.0
}

/// 1, 2 or 5 times a power of ten, not above a length.
fn round_length(most: f64) -> f64 {
    let power = 10f64.powf(most.log10().floor());
    [5.0, 2.0, 1.0].into_iter().map(|step| step * power).find(|&length| length <= most).unwrap_or(power)
}

/// Signs used in the figure and the colour bar; returns where they end.
pub fn signs(out: &mut Svg, chips: &[FigureChip], colour_bar: Option<&ColourBar>, width: f32, y: f32) -> f32 {
    let mut x = page::MARGIN;
    let base = y + 12.0;
    if chips.iter().any(|chip| !chip.outline.is_empty()) {
        let square = format!("M{x} {y}h14v14h-14z");
        out.stroke(&square, style::OUTLINE_UNDER, 3.0, " stroke-opacity=\"0.8\"");
        out.stroke(&square, style::OUTLINE, 1.25, "");
        x = sign_text(out, x + 22.0, base, "parcel");
    }
    if chips.iter().any(|chip| !chip.masked.is_empty()) {
        out.rect([x, y - 1.0, 16.0, 16.0], style::MASK[0]);
        out.fill(&format!("M{x} {}h16v16h-16z", y - 1.0), "url(#hatch)", "");
        x = sign_text(out, x + 22.0, base, "masked pixels");
    }
    if chips.len() > 1 {
        out.rect([x, y + 7.0, 14.0, 1.5], style::MISSING);
        x = sign_text(out, x + 20.0, base, "no acquisition");
        out.text(x, base, NUMBER, "98%");
        x = sign_text(out, x + 26.0, base, "clear share of the parcel");
    }
    let Some(bar) = colour_bar else { return y + 20.0 };
    let needed = 200.0 + bar_text_width(bar);
    let (bar_x, bar_y) = if x + needed <= width - page::MARGIN { (x, y) } else { (page::MARGIN, y + 26.0) };
    colour_bar_svg(out, bar, bar_x, bar_y);
    bar_y + 20.0
}

fn sign_text(out: &mut Svg, x: f32, y: f32, text: &str) -> f32 {
    out.text(x, y, LABEL, text);
    x + LABEL.width(text) + 20.0
}

fn limits(bar: &ColourBar) -> [String; 2] {
    let text = |value: f64, own: &str| if value.is_finite() { format!("{value}") } else { own.to_owned() };
    [text(bar.low, "low"), text(bar.high, "high, by chip")]
}

fn bar_text_width(bar: &ColourBar) -> f32 {
    let [low, high] = limits(bar);
    LABEL.width(&bar.label) + NUMBER.width(&low) + NUMBER.width(&high) + 24.0
}

fn colour_bar_svg(out: &mut Svg, bar: &ColourBar, x: f32, y: f32) {
    let [low, high] = limits(bar);
    let base = y + 12.0;
    out.raw("<g class=\"colour-bar\">");
    out.text(x, base, LABEL.colour(style::TEXT), &bar.label);
    let start = x + LABEL.width(&bar.label) + 8.0;
    out.text(start, base, NUMBER, &low);
    let left = start + NUMBER.width(&low) + 6.0;
    let step = 200.0 / bar.colours.len().max(1) as f32;
    for (i, [r, g, b, _]) in bar.colours.iter().enumerate() {
        // Neighbours overlap a little so that no seam shows between them.
        let overlap = if bar.colours.len() > 16 && i + 1 < bar.colours.len() { 0.5 } else { 0.0 };
        out.rect([left + step * i as f32, y, step + overlap, 14.0], &format!("#{r:02X}{g:02X}{b:02X}"));
    }
    out.stroke(&format!("M{left:.2} {y}h200v14h-200z"), style::AXIS, 1.0, "");
    out.text(left + 206.0, base, NUMBER, &high);
    out.raw("</g>");
}

#[cfg(test)]
mod tests {
    use super::round_length;

    #[test]
    fn scale_bars_have_round_lengths() {
        for (most, length) in [(213.0, 200.0), (99.0, 50.0), (100.0, 100.0), (1900.0, 1000.0), (4.9, 2.0)] {
            assert!((round_length(most) - length).abs() < 1e-9, "{most}");
        }
    }
}
