//! What every figure has around its content: title and facts above, notice, ruleset and attribution below.

use super::svg::{Font, Svg, wrap};
use super::{Caption, style};

/// Space around the content.
pub const MARGIN: f32 = 24.0;

const TITLE: Font = Font::sans(18.0).strong();
const FACT: Font = Font::sans(12.0).colour(style::TEXT_2);
const NOTICE: Font = Font::sans(12.0).strong();
const SMALL: Font = Font::sans(11.0).colour(style::TEXT_2);

/// Writes title and facts, leaving `reserved` at the right; returns where the content starts.
pub fn header(svg: &mut Svg, caption: &Caption, width: f32, reserved: f32) -> f32 {
    let room = width - 2.0 * MARGIN - reserved;
    let mut y = MARGIN + 15.0;
    for line in wrap(&caption.title, TITLE, room) {
        svg.text(MARGIN, y, TITLE, &line);
        y += 22.0;
    }
    for line in caption.lines.iter().flat_map(|line| wrap(line, FACT, room)) {
        svg.text(MARGIN, y, FACT, &line);
        y += 16.0;
    }
    y
}

/// Writes notice, ruleset and attribution from `y` on; returns the height of the page.
pub fn footer(svg: &mut Svg, caption: &Caption, width: f32, mut y: f32) -> f32 {
    let room = width - 2.0 * MARGIN;
    if !caption.synthetic.is_empty() {
        let lines = wrap(&caption.synthetic, NOTICE, room - 24.0);
        let height = 12.0 + 16.0 * lines.len() as f32;
        svg.rect([MARGIN, y, room, height], style::NOTICE);
        svg.rect([MARGIN, y, 3.0, height], style::NOTICE_LINE);
        for (i, line) in (0u8..).zip(&lines) {
            svg.text(MARGIN + 14.0, y + 18.0 + 16.0 * f32::from(i), NOTICE, line);
        }
        y += height + 10.0;
    }
    let ruleset = if caption.ruleset.is_empty() { String::new() } else { format!("Ruleset {}.", caption.ruleset) };
    for line in [&ruleset, &caption.attribution].into_iter().flat_map(|text| wrap(text, SMALL, room)) {
        svg.text(MARGIN, y + 11.0, SMALL, &line);
        y += 15.0;
    }
    y + MARGIN - 6.0
}
