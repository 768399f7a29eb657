//! The numbers behind the palette: contrast after WCAG 2, and colour distance as seen without the medium-wave cone.

use egui::Color32;

use super::{DARK, LIGHT, Tokens};

fn linear(colour: Color32) -> [f64; 3] {
    [colour.r(), colour.g(), colour.b()].map(|byte| {
        let value = f64::from(byte) / 255.0;
        if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    })
}

fn luminance(colour: Color32) -> f64 {
    let [r, g, b] = linear(colour);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Full deuteranopia after Machado, Oliveira and Fernandes (2009), on linear values.
fn deuteranopia(colour: Color32) -> [f64; 3] {
    const MATRIX: [[f64; 3]; 3] =
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]];
    let rgb = linear(colour);
    MATRIX.map(|row| row.iter().zip(rgb).map(|(factor, value)| factor * value).sum::<f64>().clamp(0.0, 1.0))
}

/// CIE L*a*b* of linear sRGB, white D65.
fn lab([r, g, b]: [f64; 3]) -> [f64; 3] {
    let f = |t: f64| if t > 0.008_856 { t.cbrt() } else { 7.787 * t + 16.0 / 116.0 };
    let x = f((0.412_456 * r + 0.357_576 * g + 0.180_437 * b) / 0.950_47);
    let y = f(0.212_673 * r + 0.715_152 * g + 0.072_175 * b);
    let z = f((0.019_334 * r + 0.119_192 * g + 0.950_304 * b) / 1.088_83);
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// CIE76 distance under deuteranopia.
fn distance(a: Color32, b: Color32) -> f64 {
    let (a, b) = (lab(deuteranopia(a)), lab(deuteranopia(b)));
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

fn assert_contrast(name: &str, a: Color32, b: Color32, least: f64) {
    let found = contrast(a, b);
    assert!(found >= least, "{name}: {found:.2} is less than {least}");
}

fn check_theme(theme: &str, t: &Tokens) {
    let text = [
        ("tx", t.tx),
        ("tx2", t.tx2),
        ("ac", t.ac),
        ("green", t.green),
        ("red", t.red),
        ("yellow", t.yellow),
        ("grey", t.grey),
        ("blue", t.blue),
        ("ndvi", t.ndvi),
        ("bsi", t.bsi),
        ("vv", t.vv),
        ("vh", t.vh),
        ("ev", t.ev),
        ("win", t.win),
        ("ruler", t.ruler),
    ];
    for (name, colour) in text {
        assert_contrast(&format!("{theme} {name} on bg1"), colour, t.bg1, 4.5);
    }
    for (name, colour) in [("bds", t.bds), ("focus", t.focus), ("med", t.med), ("mask", t.mask)] {
        assert_contrast(&format!("{theme} {name} on bg1"), colour, t.bg1, 3.0);
        assert_contrast(&format!("{theme} {name} on plot"), colour, t.plot, 3.0);
    }
    assert_contrast(&format!("{theme} tx on sel"), t.tx, t.sel, 4.5);
    assert_contrast(&format!("{theme} tx2 on bg2"), t.tx2, t.bg2, 4.5);
    assert_contrast(&format!("{theme} tx2 on sel"), t.tx2, t.sel, 4.5);
    assert_contrast(&format!("{theme} tx2 on bg0"), t.tx2, t.bg0, 4.5);
    assert_contrast(&format!("{theme} tx on bg3"), t.tx, t.bg3, 4.5);
    assert_contrast(&format!("{theme} acx on ac"), t.acx, t.ac, 4.5);
    assert_contrast(&format!("{theme} red on warnbg"), t.red, t.warnbg, 4.5);
    assert_contrast(&format!("{theme} tx on warnbg"), t.tx, t.warnbg, 4.5);
    // A red symbol on a selected row is a symbol beside its text.
    assert_contrast(&format!("{theme} red on sel"), t.red, t.sel, 3.0);
}

#[test]
fn text_and_symbols_stand_out_in_the_dark_theme() {
    check_theme("dark", &DARK);
}

#[test]
fn text_and_symbols_stand_out_in_the_light_theme() {
    check_theme("light", &LIGHT);
}

#[test]
fn contrasts_equal_the_published_table() {
    for (name, found, published) in [
        ("dark tx on bg1", contrast(DARK.tx, DARK.bg1), 14.0),
        ("light tx2 on bg1", contrast(LIGHT.tx2, LIGHT.bg1), 7.8),
        ("dark red on sel", contrast(DARK.red, DARK.sel), 4.3),
        ("light acx on ac", contrast(LIGHT.acx, LIGHT.ac), 6.1),
    ] {
        assert!((found - published).abs() < 0.06, "{name}: {found:.2} instead of {published}");
    }
}

#[test]
fn verdicts_without_red_green_vision_equal_the_published_distances() {
    for (name, a, b, published) in [
        ("dark green and red", DARK.green, DARK.red, 37.0),
        ("dark red and yellow", DARK.red, DARK.yellow, 26.0),
        ("dark green and grey", DARK.green, DARK.grey, 15.0),
        ("light green and yellow", LIGHT.green, LIGHT.yellow, 42.0),
        ("light green and blue", LIGHT.green, LIGHT.blue, 71.0),
    ] {
        let found = distance(a, b);
        assert!((found - published).abs() < 0.6, "{name}: {found:.1} instead of {published}");
    }
}

#[test]
fn red_green_and_yellow_differ_by_twenty_in_both_themes() {
    for (theme, t) in [("dark", &DARK), ("light", &LIGHT)] {
        for (name, a, b) in
            [("red and yellow", t.red, t.yellow), ("green and red", t.green, t.red), ("green and yellow", t.green, t.yellow)]
        {
            assert!(distance(a, b) >= 20.0, "{theme} {name}: {:.1}", distance(a, b));
        }
    }
}
