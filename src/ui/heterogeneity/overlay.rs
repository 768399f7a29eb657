//! Cluster and connectivity maps as pictures: over chips, in the strip of periods, in legends.
//!
//! Every cluster has a colour and a hatch of its own, so that it can be told without colour. A picture is made once and kept while its
//! parcel and its look stay.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use egui::{Color32, ColorImage, Context, Painter, Pos2, Rect, Shape, Stroke, TextureHandle, TextureId, TextureOptions, pos2};

use crate::engine::heterogeneity::stack::days_since_1970;
use crate::engine::ramp;
use crate::model::heterogeneity::Stream;
use crate::model::{Grid, ParcelIx, Polygons, Sensor};
use crate::project::heterogeneity::maps::{ParcelMaps, RegionMaps};
use crate::project::queries::heterogeneity::Judged;
use crate::project::queries::zones::{Declined, Proposal};
use crate::ui::chip_paint::Frame;
use crate::ui::theme::image;

/// Pictures by stream, period, and whether pixels are drawn large.
type Pictures = HashMap<(Stream, usize, bool), TextureHandle>;

/// What is drawn over chips.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layer {
    /// Clusters.
    #[default]
    Clusters,
    /// Connectivity: how compact the clusters are.
    Connectivity,
}

/// How it is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Which map.
    pub layer: Layer,
    /// Colour of whole pixels, 0..1; 0 leaves outlines and hatch.
    pub opacity: f32,
    /// A hatch of its own for every cluster.
    pub hatch: bool,
    /// Lines between clusters.
    pub outlines: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { layer: Layer::Clusters, opacity: 0.55, hatch: true, outlines: true }
    }
}

/// Texels of a pixel in each direction where pixels are drawn large, if the picture does not become too large.
const TEXELS: usize = 8;
/// The same where pixels are small: a hatch of every pixel would be noise, one over several can be seen.
const FEW_TEXELS: usize = 2;
/// Pixels drawn larger than this are large.
const LARGE: f32 = 5.0;
/// Largest side of a picture.
const MAX_SIDE: usize = 1024;

/// The maps of the current parcel and what follows from them.
#[derive(Clone)]
pub struct View {
    /// Maps of the region.
    pub maps: Arc<RegionMaps>,
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Markers and decision.
    pub judged: Judged,
    /// How maps are drawn.
    pub style: Style,
    /// Clusters are drawn over chips.
    pub maps_shown: bool,
    /// Proposed zones that are drawn over chips.
    pub proposal: Option<Arc<Proposal>>,
    /// The declined part that is drawn over chips.
    pub declined: Option<Arc<Declined>>,
    pub(super) textures: Rc<RefCell<Pictures>>,
}

impl View {
    /// A view without pictures yet.
    pub fn new(maps: Arc<RegionMaps>, parcel: ParcelIx, judged: Judged, style: Style) -> Self {
        Self { maps, parcel, judged, style, maps_shown: false, proposal: None, declined: None, textures: Rc::default() }
    }

    /// Maps of the parcel in a stream.
    pub fn of(&self, stream: Stream) -> Option<&ParcelMaps> {
        self.maps.stream(stream).of(self.parcel)
    }

    /// The period that holds a day.
    pub fn period_of(&self, day: f64) -> Option<usize> {
        self.maps
            .periods
            .iter()
            .position(|period| (days_since_1970(period.from)..days_since_1970(period.to) + 1.0).contains(&day))
    }

    /// Picture of a period, for pixels drawn so large; `None` where the parcel has no pixel.
    pub fn texture(&self, ctx: &Context, stream: Stream, period: usize, scale: f32) -> Option<TextureId> {
        let key = (stream, period, scale > LARGE);
        if let Some(known) = self.textures.borrow().get(&key) {
            return Some(known.id());
        }
        let maps = self.of(stream)?;
        let map = maps.periods.get(period).filter(|map| map.absent.is_none())?;
        let picture = match self.style.layer {
            Layer::Clusters => {
                clusters(&map.labels, maps.grid.width, maps.grid.height, self.style, if key.2 { TEXELS } else { FEW_TEXELS })
            }
            Layer::Connectivity => connectivity(&map.connectivity, maps.grid.width, maps.grid.height, self.style),
        };
        let texture = ctx.load_texture(
            "clusters",
            picture,
            TextureOptions { magnification: egui::TextureFilter::Nearest, ..TextureOptions::LINEAR },
        );
        let id = texture.id();
        self.textures.borrow_mut().insert(key, texture);
        Some(id)
    }

    /// Paints what belongs to a day over a chip.
    pub fn paint(&self, painter: &Painter, frame: &Frame, chip: &Grid, sensor: Sensor, day: f64) {
        let stream = if sensor == Sensor::S2 { Stream::S2 } else { Stream::S1 };
        let painter = painter.with_clip_rect(painter.clip_rect().intersect(frame.rect));
        if self.maps_shown
            && let (Some(period), Some(maps)) = (self.period_of(day), self.of(stream).filter(|maps| maps.grid.crs == chip.crs))
            && let Some(texture) = self.texture(painter.ctx(), stream, period, frame.scale())
        {
            let bounds = maps.grid.bounds();
            let place = Rect::from_min_max(
                on_screen(frame, chip, [bounds.min_x, bounds.max_y]),
                on_screen(frame, chip, [bounds.max_x, bounds.min_y]),
            );
            painter.image(texture, place, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)), Color32::WHITE);
        }
        let zones = self.proposal.iter().filter(|own| own.grid.crs == chip.crs).filter_map(|own| own.zones.as_ref().ok());
        for zone in zones.flatten() {
            outline(&painter, frame, chip, &zone.outline, image::ZONE);
        }
        let fell = self.declined.iter().filter(|own| own.grid.crs == chip.crs).filter_map(|own| own.decline.as_ref().ok());
        for decline in fell {
            outline(&painter, frame, chip, &decline.outline, image::DECLINE);
        }
    }
}

fn outline(painter: &Painter, frame: &Frame, chip: &Grid, outline: &Polygons, colour: Color32) {
    for ring in outline.rings() {
        let points: Vec<Pos2> = ring.iter().map(|&at| on_screen(frame, chip, at)).collect();
        painter.add(Shape::closed_line(points.clone(), Stroke::new(3.0, image::OUTLINE_UNDER)));
        painter.add(Shape::closed_line(points, Stroke::new(1.5, colour)));
    }
}

fn on_screen(frame: &Frame, chip: &Grid, [x, y]: [f64; 2]) -> Pos2 {
    let (col, row) = chip.pixel_from_world(x, y);
    frame.screen_from_pixel(col as f32, row as f32)
}

fn texels(width: usize, height: usize, wanted: usize) -> usize {
    (MAX_SIDE / width.max(height).max(1)).clamp(1, wanted)
}

/// True where the hatch of a cluster has ink, in texels of the whole picture so that lines run on over pixels.
fn hatched(cluster: u8, x: usize, y: usize) -> bool {
    const STEP: usize = 8;
    let (slash, back) = ((x + y) % STEP < 2, (x + STEP * 4096 - y) % STEP < 2);
    match cluster {
        2 => slash,
        3 => back,
        4 => y % STEP < 2,
        5 => x % STEP < 2,
        6 => slash || back,
        7 => x % STEP < 3 && y % STEP < 3,
        8 => x % STEP < 2 || y % STEP < 2,
        // The first is plain: without a hatch it is told from all others too.
        _ => false,
    }
}

fn clusters(labels: &[u8], width: usize, height: usize, style: Style, wanted: usize) -> ColorImage {
    let scale = texels(width, height, wanted);
    let label = |col: usize, row: usize| labels[row * width + col];
    let mut pixels = vec![Color32::TRANSPARENT; width * scale * height * scale];
    for (at, texel) in pixels.iter_mut().enumerate() {
        let (x, y) = (at % (width * scale), at / (width * scale));
        let (col, row) = (x / scale, y / scale);
        let own = label(col, row);
        if own == 0 {
            continue;
        }
        let colour = image::CLUSTERS[usize::from(own - 1) % image::CLUSTERS.len()];
        *texel = colour.gamma_multiply(style.opacity);
        if style.hatch && scale >= 2 && hatched(own, x, y) {
            *texel = image::HATCH_DARK.gamma_multiply(0.75);
        }
        if style.outlines && scale >= 2 {
            let other = |near: Option<u8>| near.is_some_and(|near| near != own && near != 0);
            let left = x % scale == 0 && other((col > 0).then(|| label(col - 1, row)));
            let right = x % scale == scale - 1 && other((col + 1 < width).then(|| label(col + 1, row)));
            let above = y % scale == 0 && other((row > 0).then(|| label(col, row - 1)));
            let below = y % scale == scale - 1 && other((row + 1 < height).then(|| label(col, row + 1)));
            if left || right || above || below {
                *texel = image::OUTLINE_UNDER;
            }
        }
    }
    ColorImage::new([width * scale, height * scale], pixels)
}

/// From few to all pixels of the window, light to dark.
fn connectivity(links: &[u8], width: usize, height: usize, style: Style) -> ColorImage {
    let most = links.iter().copied().max().unwrap_or(1).max(1);
    let colour = |&value: &u8| {
        if value == 0 {
            return Color32::TRANSPARENT;
        }
        let [r, g, b, _] = ramp::index(f32::from(value) / f32::from(most));
        Color32::from_rgba_unmultiplied(r, g, b, (style.opacity.max(0.2) * 255.0) as u8)
    };
    ColorImage::new([width, height], links.iter().map(colour).collect())
}

/// A field of a cluster's colour and hatch, for legends.
pub fn swatch(painter: &Painter, rect: Rect, cluster: u8, hatch: bool) {
    let colour = image::CLUSTERS[usize::from(cluster.max(1) - 1) % image::CLUSTERS.len()];
    painter.rect_filled(rect, 2.0, colour);
    if !hatch {
        return;
    }
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    let ink = Stroke::new(1.25, image::HATCH_DARK);
    let reach = rect.width() + rect.height();
    let mut shift = 0.0;
    while shift <= reach {
        let slash = [pos2(rect.left() + shift, rect.top()), pos2(rect.left() + shift - rect.height(), rect.bottom())];
        let back = [pos2(rect.right() - shift, rect.top()), pos2(rect.right() - shift + rect.height(), rect.bottom())];
        match cluster {
            2 => drop(painter.line_segment(slash, ink)),
            3 => drop(painter.line_segment(back, ink)),
            4 => drop(painter.hline(rect.x_range(), rect.top() + shift, ink)),
            5 => drop(painter.vline(rect.left() + shift, rect.y_range(), ink)),
            6 => {
                painter.line_segment(slash, ink);
                painter.line_segment(back, ink);
            }
            7 => drop(painter.circle_filled(pos2(rect.left() + shift, rect.center().y), 1.5, ink.color)),
            8 => {
                painter.vline(rect.left() + shift, rect.y_range(), ink);
                painter.hline(rect.x_range(), rect.top() + shift, ink);
            }
            _ => {}
        }
        shift += 5.0;
    }
}

/// A course in the colour of a cluster, on a dark edge to be seen on any ground.
pub fn curve(painter: &Painter, points: Vec<Pos2>, cluster: u8) {
    let colour = image::CLUSTERS[usize::from(cluster.max(1) - 1) % image::CLUSTERS.len()];
    match points.as_slice() {
        [] => {}
        [only] => drop(painter.circle_filled(*only, 2.0, colour)),
        _ => {
            painter.add(Shape::line(points.clone(), Stroke::new(3.0, image::OUTLINE_UNDER)));
            painter.add(Shape::line(points, Stroke::new(2.0, colour)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cluster_has_a_hatch_of_its_own() {
        let pattern = |cluster: u8| -> Vec<bool> { (0..256).map(|at| hatched(cluster, at % 16, at / 16)).collect() };
        for one in 1..=8 {
            for other in 1..one {
                assert_ne!(pattern(one), pattern(other), "{one} and {other}");
            }
        }
    }

    #[test]
    fn lines_run_between_clusters_and_not_around_the_parcel() {
        let labels = [0, 1, 2, 0, 1, 2];
        let style = Style { hatch: false, ..Style::default() };
        let picture = clusters(&labels, 3, 2, style, TEXELS);
        let scale = TEXELS;
        assert_eq!(picture.size, [3 * scale, 2 * scale]);
        let at = |x: usize, y: usize| picture.pixels[y * 3 * scale + x];
        assert_eq!(at(0, 0), Color32::TRANSPARENT);
        assert_eq!(at(2 * scale - 1, 3), image::OUTLINE_UNDER);
        assert_eq!(at(2 * scale, 3), image::OUTLINE_UNDER);
        assert_ne!(at(scale, 3), image::OUTLINE_UNDER, "the parcel's own edge is drawn by its outline");
        assert_ne!(at(scale + 3, 3), at(2 * scale + 3, 3));
    }
}
