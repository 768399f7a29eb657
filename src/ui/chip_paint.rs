//! Paints one chip: picture, mask hatch, outlines. One textured quad for the picture and one mesh for the whole mask.

use std::sync::Arc;

use egui::{
    Color32, ColorImage, Context, Mesh, Painter, Pos2, Rect, Shape, Stroke, TextureHandle, TextureId, TextureOptions, Vec2, pos2,
    vec2,
};

use super::theme::image;
use crate::project::queries::picture::ChipPicture;

/// Edge of the hatch tile in logical pixels: lines at 45° lie 7 pixels apart.
const HATCH_TILE: f32 = 7.0 * std::f32::consts::SQRT_2;

/// The hatch over masked pixels, veil included, as a tile that repeats.
#[derive(Clone)]
pub struct Hatch {
    texture: TextureHandle,
}

impl Hatch {
    /// Uploads the tile; keep it.
    pub fn new(ctx: &Context) -> Self {
        let options = TextureOptions { wrap_mode: egui::TextureWrapMode::Repeat, ..TextureOptions::LINEAR };
        Self { texture: ctx.load_texture("mask-hatch", hatch_tile(), options) }
    }
}

/// 64 × 64 texels: light lines 2 px wide with a dark edge of 1 px, over the veil.
fn hatch_tile() -> ColorImage {
    const EDGE: usize = 64;
    let pixels = (0..EDGE * EDGE).map(|i| {
        let along = ((i / EDGE + i % EDGE) % EDGE) as f32 / EDGE as f32 * 7.0; // distance across the lines, pixels
        match along {
            d if d < 2.0 => image::HATCH_LIGHT,
            d if d < 3.0 => image::HATCH_DARK,
            _ => image::MASK_VEIL,
        }
    });
    ColorImage::new([EDGE, EDGE], pixels.collect())
}

/// Which part of a chip is seen: 1 shows all of it, 2 half of its width, and so on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zoom {
    /// Magnification, 1..=16.
    pub scale: f32,
    /// Middle of what is seen, as shares of width and height.
    pub center: Pos2,
}

impl Default for Zoom {
    fn default() -> Self {
        Self { scale: 1.0, center: pos2(0.5, 0.5) }
    }
}

impl Zoom {
    /// Largest magnification.
    pub const MAX: f32 = 16.0;

    /// The part seen, as shares of width and height.
    pub fn uv(&self) -> Rect {
        let half = 0.5 / self.scale;
        let middle = pos2(self.center.x.clamp(half, 1.0 - half), self.center.y.clamp(half, 1.0 - half));
        Rect::from_center_size(middle, Vec2::splat(2.0 * half))
    }

    /// Zooms so that the place `at` (0..=1 of what is seen) stays where it is.
    #[must_use]
    pub fn zoomed(&self, factor: f32, at: Vec2) -> Self {
        let before = self.uv();
        let fixed = before.min + at * before.size();
        let scale = (self.scale * factor).clamp(1.0, Self::MAX);
        let size = Vec2::splat(1.0 / scale);
        let mut zoom = Self { scale, center: fixed - at * size + size / 2.0 };
        zoom.center = zoom.uv().center();
        zoom
    }

    /// Moves what is seen by a drag of so many shares of what is seen.
    #[must_use]
    pub fn panned(&self, drag: Vec2) -> Self {
        let mut zoom = Self { scale: self.scale, center: self.uv().center() - drag / self.scale };
        zoom.center = zoom.uv().center();
        zoom
    }
}

/// How a chip is drawn.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Hatch over masked pixels.
    pub mask: bool,
    /// Outline of the parcel.
    pub outline: bool,
    /// Outlines of other parcels.
    pub neighbours: bool,
    /// 1 for current content, 0.6 for content of before.
    pub opacity: f32,
    /// The part seen.
    pub zoom: Zoom,
}

/// Largest rectangle of the picture's shape in the middle of `rect`.
pub fn fit(rect: Rect, width: usize, height: usize) -> Rect {
    let (w, h) = (width.max(1) as f32, height.max(1) as f32);
    let scale = (rect.width() / w).min(rect.height() / h);
    Rect::from_center_size(rect.center(), vec2(w * scale, h * scale))
}

/// From pixels of a chip to the screen and back.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Where the chip lies on screen.
    pub rect: Rect,
    uv: Rect,
    size: Vec2,
}

impl Frame {
    /// A chip of so many pixels fitted into `rect`.
    pub fn new(rect: Rect, width: usize, height: usize, zoom: Zoom) -> Self {
        Self { rect: fit(rect, width, height), uv: zoom.uv(), size: vec2(width.max(1) as f32, height.max(1) as f32) }
    }

    /// Screen position of continuous pixel coordinates.
    pub fn screen_from_pixel(&self, x: f32, y: f32) -> Pos2 {
        let share = vec2(x, y) / self.size - self.uv.min.to_vec2();
        self.rect.min + share / self.uv.size() * self.rect.size()
    }

    /// Continuous pixel coordinates under a screen position.
    pub fn pixel_from_screen(&self, at: Pos2) -> Pos2 {
        let share = (at - self.rect.min) / self.rect.size() * self.uv.size() + self.uv.min.to_vec2();
        (share * self.size).to_pos2()
    }

    /// Column and row under a screen position, if it lies on the chip.
    pub fn pixel_at(&self, at: Pos2) -> Option<(usize, usize)> {
        let pixel = self.pixel_from_screen(at);
        let inside = self.rect.contains(at) && pixel.x >= 0.0 && pixel.y >= 0.0 && pixel.x < self.size.x && pixel.y < self.size.y;
        inside.then_some((pixel.x as usize, pixel.y as usize))
    }

    /// Screen pixels per chip pixel.
    pub fn scale(&self) -> f32 {
        self.rect.width() / (self.uv.width() * self.size.x)
    }
}

/// Draws a chip into `rect`; returns where it lies. Without `texture` only mask and outlines are drawn.
pub fn paint(
    painter: &Painter,
    picture: &ChipPicture,
    texture: Option<TextureId>,
    hatch: &Hatch,
    rect: Rect,
    look: &Look,
) -> Option<Frame> {
    let pixels = picture.picture.as_ref()?;
    let frame = Frame::new(rect, pixels.width, pixels.height, look.zoom);
    let painter = painter.with_clip_rect(painter.clip_rect().intersect(frame.rect));
    let tint = Color32::WHITE.gamma_multiply(look.opacity);
    if let Some(texture) = texture {
        painter.image(texture, frame.rect, frame.uv, tint);
    }
    if look.mask && !picture.masked.is_empty() {
        let areas = picture.masked.iter().map(|&[x0, y0, x1, y1]| {
            Rect::from_min_max(frame.screen_from_pixel(x0, y0), frame.screen_from_pixel(x1, y1)).intersect(frame.rect)
        });
        paint_hatch(&painter, hatch, frame.rect.min, areas, tint);
    }
    if look.neighbours {
        for ring in &picture.chip.neighbours {
            outline(&painter, &frame, ring, Stroke::new(1.0, image::NEIGHBOUR), look.opacity);
        }
    }
    if look.outline {
        for ring in &picture.chip.outline {
            outline(&painter, &frame, ring, Stroke::new(1.25, image::OUTLINE), look.opacity);
        }
    }
    Some(frame)
}

/// Draws the hatch over some areas as one mesh. The tile is fixed to `origin`, so that it stays still while rows scroll.
pub fn paint_hatch(painter: &Painter, hatch: &Hatch, origin: Pos2, areas: impl Iterator<Item = Rect>, tint: Color32) {
    let mut mesh = Mesh::with_texture(hatch.texture.id());
    for area in areas.filter(Rect::is_positive) {
        let uv = Rect::from_min_max(((area.min - origin) / HATCH_TILE).to_pos2(), ((area.max - origin) / HATCH_TILE).to_pos2());
        mesh.add_rect_with_uv(area, uv, tint);
    }
    if !mesh.is_empty() {
        painter.add(Shape::Mesh(Arc::new(mesh)));
    }
}

/// Double stroke: dark under light, so that it shows on any background.
fn outline(painter: &Painter, frame: &Frame, ring: &[[f32; 2]], stroke: Stroke, opacity: f32) {
    let mut points: Vec<Pos2> = Vec::with_capacity(ring.len());
    for &[x, y] in ring {
        let point = frame.screen_from_pixel(x, y);
        // Corners closer than half a pixel cannot be seen but cost tessellation.
        if points.last().is_none_or(|last| last.distance_sq(point) > 0.25) {
            points.push(point);
        }
    }
    if points.len() < 2 {
        return;
    }
    painter
        .add(Shape::closed_line(points.clone(), Stroke::new(stroke.width + 1.75, image::OUTLINE_UNDER.gamma_multiply(opacity))));
    painter.add(Shape::closed_line(points, Stroke::new(stroke.width, stroke.color.gamma_multiply(opacity))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_place_under_the_pointer() {
        let at = vec2(0.25, 0.6);
        let place = |zoom: &Zoom| zoom.uv().min + at * zoom.uv().size();
        let one = Zoom::default();
        let two = one.zoomed(3.0, at);
        let three = two.zoomed(1.5, at);
        assert!(place(&one).distance(place(&two)) < 1e-5 && place(&two).distance(place(&three)) < 1e-5);
        assert_eq!(three.zoomed(0.001, at), Zoom::default());
        let uv = two.panned(vec2(100.0, -100.0)).uv();
        assert!(uv.min.x >= -1e-6 && uv.max.y <= 1.0 + 1e-6, "{uv:?}");
    }

    #[test]
    fn screen_and_pixels_are_inverse_also_when_zoomed() {
        let rect = Rect::from_min_size(pos2(10.0, 20.0), vec2(100.0, 100.0));
        let frame = Frame::new(rect, 20, 10, Zoom { scale: 2.0, center: pos2(0.5, 0.5) });
        assert_eq!(frame.rect, Rect::from_min_size(pos2(10.0, 45.0), vec2(100.0, 50.0)));
        let screen = frame.screen_from_pixel(7.25, 4.5);
        assert!(frame.pixel_from_screen(screen).distance(pos2(7.25, 4.5)) < 1e-4);
        assert_eq!(frame.pixel_at(screen), Some((7, 4)));
        assert_eq!(frame.pixel_at(pos2(10.0, 21.0)), None);
        assert!((frame.scale() - 10.0).abs() < 1e-5);
    }
}
