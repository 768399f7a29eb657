//! The small sketch of a parcel's outline, with scale bar and north.

use crate::model::Bounds;
use crate::report::style;
use crate::report::svg::{Font, Svg, ring};

/// Size of the sketch.
pub const SIZE: [f32; 2] = [220.0, 160.0];
const MARGIN: f32 = 14.0;
const FOOT: f32 = 30.0;
/// The scale bar takes at most this share of the width.
const LONGEST_BAR: f64 = 0.4;

/// The sketch as SVG and what it shows in words; `None` without an outline that has an extent.
pub fn svg(outline: &[Vec<[f64; 2]>], parcel: &str) -> Option<(String, String)> {
    let mut bounds = Bounds::EMPTY;
    for [x, y] in outline.iter().flatten().filter(|point| point.iter().all(|value| value.is_finite())) {
        bounds.include(*x, *y);
    }
    if bounds.is_empty() || bounds.width().max(bounds.height()) <= 0.0 {
        return None;
    }
    let room = [f64::from(SIZE[0] - 2.0 * MARGIN), f64::from(SIZE[1] - MARGIN - FOOT)];
    let scale = (room[0] / bounds.width().max(f64::MIN_POSITIVE)).min(room[1] / bounds.height().max(f64::MIN_POSITIVE));
    let (middle_x, middle_y) = bounds.center();
    let place = |[x, y]: [f64; 2]| {
        [
            (f64::from(SIZE[0]) / 2.0 + (x - middle_x) * scale) as f32,
            (f64::from(MARGIN) + room[1] / 2.0 - (y - middle_y) * scale) as f32,
        ]
    };
    let data: String = outline
        .iter()
        .filter(|ring| ring.iter().flatten().all(|value| value.is_finite()))
        .map(|points| ring(&points.iter().copied().map(place).collect::<Vec<_>>()))
        .collect();
    let mut out = Svg::default();
    out.rect([0.0, 0.0, SIZE[0], SIZE[1]], style::PLOT);
    out.fill(&data, "#D3E9EE", " fill-rule=\"evenodd\"");
    out.stroke(&data, style::TEXT, 1.5, " stroke-linejoin=\"round\"");
    let bar_m = bar(room[0] / scale * LONGEST_BAR);
    let (y, end) = (SIZE[1] - 9.0, MARGIN + (bar_m * scale) as f32);
    out.stroke(&format!("M{MARGIN} {}V{y}H{end:.2}V{}", y - 4.0, y - 4.0), style::TEXT, 1.2, "");
    out.text(MARGIN, y - 7.0, Font::mono(9.0), &metres(bar_m));
    let north = SIZE[0] - MARGIN - 4.0;
    out.fill(
        &format!("M{north} {}L{} {}L{north} {}L{} {}Z", y - 22.0, north + 4.5, y - 9.0, y - 12.0, north - 4.5, y - 9.0),
        style::TEXT,
        "",
    );
    out.text(north, y + 1.0, Font::sans(8.0).strong().middle(), "N");
    let summary =
        format!("Outline of the parcel, north up, {} wide and {} high.", metres(bounds.width()), metres(bounds.height()));
    let title = format!("Outline of {parcel}");
    Some((out.finish(SIZE[0], SIZE[1], &title, &summary), summary))
}

/// The longest of 1, 2 and 5 times a power of ten that is at most `longest`.
fn bar(longest: f64) -> f64 {
    let power = 10.0_f64.powf(longest.log10().floor());
    [5.0, 2.0].into_iter().map(|step| step * power).find(|&step| step <= longest).unwrap_or(power)
}

fn metres(length: f64) -> String {
    if length >= 1_000.0 {
        let text = format!("{:.2}", length / 1_000.0);
        format!("{} km", text.trim_end_matches('0').trim_end_matches('.'))
    } else if length >= 1.0 {
        format!("{length:.0} m")
    } else {
        format!("{length:.2} m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_bar_is_a_round_length() {
        for (longest, expected) in [(99.0, 50.0), (100.0, 100.0), (230.0, 200.0), (7.0, 5.0), (1_500.0, 1_000.0)] {
            assert!((bar(longest) - expected).abs() < 1e-9, "{longest}");
        }
        assert_eq!([metres(0.5), metres(70.4), metres(1_250.0), metres(2_000.0)], ["0.50 m", "70 m", "1.25 km", "2 km"]);
    }

    #[test]
    fn the_outline_keeps_its_shape_and_stays_inside() {
        // Twice as wide as high: the width decides the scale, and the middle stays in the middle.
        let outline = vec![vec![[500.0, 100.0], [700.0, 100.0], [700.0, 200.0], [500.0, 200.0]]];
        let (text, summary) = svg(&outline, "A<1>").expect("a sketch");
        assert!(text.contains("M14 120L206 120L206 24L14 24Z"), "{text}");
        assert!(text.contains("Outline of A&lt;1&gt;") && summary.contains("200 m wide and 100 m high"), "{summary}");
        assert!(roxmltree::Document::parse(&text).is_ok());
    }

    #[test]
    fn without_extent_there_is_no_sketch() {
        assert_eq!(svg(&[], "A"), None);
        assert_eq!(svg(&[vec![[1.0, 1.0], [1.0, 1.0]]], "A"), None);
        assert_eq!(svg(&[vec![[f64::NAN, 1.0]]], "A"), None);
    }
}
