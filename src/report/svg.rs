//! Small SVG writer and its rasteriser.

/// Renders an SVG with the program's own fonts to PNG, `scale` pixels per SVG unit.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, String> {
    let _ = (svg, scale);
    todo!()
}
