//! Parcels as tiles: pictures that workers made, as textures, each uploaded once and only so many of them kept.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use egui::{Color32, ColorImage, Painter, Rect, TextureHandle, TextureOptions, Ui, pos2};

use crate::engine::tiles::{TILE_PX, TileIx};
use crate::jobs::Lane;
use crate::project::queries::map::{ClassesQuery, TilePicture, TileQuery};
use crate::ui::cx::Cx;

/// Textures kept: several windows full, 64 MB.
const MOST: usize = 256;

/// Uploads in a frame: each takes about a tenth of a millisecond.
const UPLOADS: usize = 12;

/// So many levels up a picture still stands in for one that is not there yet.
const STAND_IN_LEVELS: u8 = 5;

/// Textures of tiles.
#[derive(Default)]
pub struct TileTextures {
    kept: HashMap<TileIx, Kept>,
    /// What all of them show.
    classes: Option<ClassesQuery>,
    frame: u64,
}

struct Kept {
    picture: Weak<TilePicture>,
    texture: TextureHandle,
    used: u64,
}

/// The tiles of a view, and where the first of them lies on the screen.
#[derive(Debug, Clone, Copy)]
pub struct TileView {
    /// Zoom level of the tiles.
    pub zoom: u8,
    /// First and last column.
    pub columns: (u32, u32),
    /// First and last row.
    pub rows: (u32, u32),
    /// Upper left corner of the first tile on the screen.
    pub origin: egui::Pos2,
    /// Edge of a tile on the screen.
    pub edge: f32,
}

impl TileView {
    fn rect(&self, tile: TileIx) -> Rect {
        let (col, row) = ((tile.x - self.columns.0) as f32, (tile.y - self.rows.0) as f32);
        let corner = |col: f32, row: f32| pos2(self.origin.x + col * self.edge, self.origin.y + row * self.edge);
        Rect::from_min_max(corner(col, row), corner(col + 1.0, row + 1.0))
    }

    /// Tiles from the middle outwards: the middle is looked at first.
    fn tiles(&self) -> Vec<TileIx> {
        let middle = |(first, last): (u32, u32)| f64::midpoint(f64::from(first), f64::from(last));
        let (x, y) = (middle(self.columns), middle(self.rows));
        let columns = self.columns.0..=self.columns.1;
        let tile = |y: u32| columns.clone().map(move |x| TileIx { zoom: self.zoom, x, y });
        let mut tiles: Vec<TileIx> = (self.rows.0..=self.rows.1).flat_map(tile).collect();
        tiles.sort_by(|a, b| {
            let far = |tile: &TileIx| (f64::from(tile.x) - x).hypot(f64::from(tile.y) - y);
            far(a).total_cmp(&far(b))
        });
        tiles
    }
}

impl TileTextures {
    /// Paints the tiles of a view. What is not there yet is asked for; until then a larger or smaller picture stands in.
    pub fn paint(&mut self, ui: &Ui, cx: &Cx<'_>, painter: &Painter, view: &TileView, (classes, tint): (&ClassesQuery, Color32)) {
        let same = |own: &ClassesQuery| {
            (own.colouring, own.acquisition, own.revision) == (classes.colouring, classes.acquisition, classes.revision)
        };
        if !self.classes.as_ref().is_some_and(same) {
            // Other colours, or other parcels: an old picture would contradict the legend.
            self.kept.clear();
        }
        self.classes = Some(classes.clone());
        self.frame += 1;
        let mut uploads = UPLOADS;
        for tile in view.tiles() {
            let query = TileQuery { tile, classes: classes.clone() };
            // A failure here is one of coordinates, which the import report explains.
            if let Some(picture) = cx.project.get(&query, Lane::Interactive).ready() {
                let fresh = self.kept.get(&tile).is_none_or(|kept| kept.picture.as_ptr() != Arc::as_ptr(&picture));
                if fresh && uploads > 0 {
                    uploads -= 1;
                    self.upload(ui, tile, &picture);
                } else if fresh {
                    ui.ctx().request_repaint();
                }
            }
            let rect = view.rect(tile);
            if let Some(kept) = self.kept.get_mut(&tile) {
                kept.used = self.frame;
                painter.image(kept.texture.id(), rect, whole(), tint);
            } else {
                self.stand_in(painter, tile, rect, tint);
            }
        }
        self.evict();
    }

    fn upload(&mut self, ui: &Ui, tile: TileIx, picture: &Arc<TilePicture>) {
        let image = ColorImage::from_rgba_unmultiplied([TILE_PX, TILE_PX], &picture.rgba);
        let texture = ui.ctx().load_texture("map-tile", image, TextureOptions::LINEAR);
        self.kept.insert(tile, Kept { picture: Arc::downgrade(picture), texture, used: self.frame });
    }

    /// The part of a tile above, or the tiles below.
    fn stand_in(&self, painter: &Painter, tile: TileIx, rect: Rect, tint: Color32) {
        let above = (1..=STAND_IN_LEVELS).find_map(|levels| {
            let (above, part) = tile.above(levels)?;
            Some((self.kept.get(&above)?, part))
        });
        if let Some((kept, part)) = above {
            let [left, top, edge] = part.map(|share| share as f32);
            painter.image(kept.texture.id(), rect, Rect::from_min_size(pos2(left, top), egui::vec2(edge, edge)), tint);
            return;
        }
        let half = rect.size() / 2.0;
        for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
            let below = TileIx { zoom: tile.zoom.saturating_add(1), x: tile.x * 2 + dx, y: tile.y * 2 + dy };
            if let Some(kept) = self.kept.get(&below) {
                let corner = rect.min + egui::vec2(dx as f32 * half.x, dy as f32 * half.y);
                painter.image(kept.texture.id(), Rect::from_min_size(corner, half), whole(), tint);
            }
        }
    }

    fn evict(&mut self) {
        if self.kept.len() <= MOST {
            return;
        }
        let mut used: Vec<u64> = self.kept.values().map(|kept| kept.used).collect();
        used.sort_unstable();
        // What is on screen stays whatever the number.
        let limit = used[used.len() - MOST].min(self.frame - 1);
        self.kept.retain(|_, kept| kept.used > limit);
    }

    /// Number of textures held.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// True before the first upload.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }
}

fn whole() -> Rect {
    Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0))
}
