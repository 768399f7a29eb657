//! Layers of tiles: pictures that workers made, as textures, each uploaded once and only so many of them kept.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use egui::{Color32, ColorImage, Painter, Rect, TextureHandle, TextureOptions, Ui, pos2};

use crate::engine::tiles::{TILE_PX, TileIx};
use crate::jobs::Lane;
use crate::project::queries::map::{ClassesQuery, ShownQuery, TilePicture, TileQuery};
use crate::project::queries::mosaic::{MosaicQuery, Season};
use crate::project::query::Query;
use crate::project::{Error, Fetch};
use crate::ui::cx::Cx;

/// Textures kept of a layer: several windows full, 64 MB.
const MOST: usize = 256;

/// Uploads in a frame: each takes about a tenth of a millisecond.
const UPLOADS: usize = 12;

/// So many levels up a picture still stands in for one that is not there yet.
const STAND_IN_LEVELS: u8 = 5;

/// What a layer shows, apart from the place.
pub trait Layer: Clone + PartialEq {
    /// Asks for a tile of it.
    type Query: Query<Output = TilePicture>;

    /// The question for a tile.
    fn query(&self, tile: TileIx) -> Self::Query;

    /// Which pictures of what the layer showed before may stay until the new ones are there.
    fn stays(&self, before: &Self) -> Stay;

    /// So many tiles are asked for at a time, when so many threads work: the rest waits without being in the way of other work.
    fn at_a_time(threads: usize) -> usize;
}

/// Old pictures that may stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stay {
    /// None: they would contradict what stands beside the map.
    Nothing,
    /// Those on screen, so that nothing flashes.
    OnScreen,
    /// All.
    All,
}

/// Parcels in the colours of their classes.
#[derive(Debug, Clone, PartialEq)]
pub struct Parcels {
    /// The colours.
    pub classes: ClassesQuery,
    /// The filter that leaves some faint.
    pub shown: Option<ShownQuery>,
}

impl Layer for Parcels {
    type Query = TileQuery;

    fn query(&self, tile: TileIx) -> TileQuery {
        TileQuery { tile, classes: self.classes.clone(), shown: self.shown.clone() }
    }

    fn stays(&self, before: &Self) -> Stay {
        let key = |own: &Self| (own.classes.colouring, own.classes.acquisition, own.classes.revision);
        match (key(self) == key(before), self.shown == before.shown) {
            // Other colours, or other parcels: an old picture would contradict the legend.
            (false, _) => Stay::Nothing,
            (true, false) => Stay::OnScreen,
            (true, true) => Stay::All,
        }
    }

    fn at_a_time(_: usize) -> usize {
        usize::MAX
    }
}

impl Layer for Season {
    type Query = MosaicQuery;

    fn query(&self, tile: TileIx) -> MosaicQuery {
        MosaicQuery { tile, season: self.clone() }
    }

    fn stays(&self, before: &Self) -> Stay {
        if self.revision != before.revision {
            Stay::Nothing
        } else if self == before {
            Stay::All
        } else {
            Stay::OnScreen
        }
    }

    fn at_a_time(threads: usize) -> usize {
        threads * 2
    }
}

/// Textures of the tiles of a layer.
pub struct TileTextures<L> {
    kept: HashMap<TileIx, Kept>,
    /// What they show, or will show.
    layer: Option<L>,
    frame: u64,
}

impl<L> Default for TileTextures<L> {
    fn default() -> Self {
        Self { kept: HashMap::new(), layer: None, frame: 0 }
    }
}

/// What became of the tiles of a view.
#[derive(Debug, Default)]
pub struct Painted {
    /// Tiles that do not show yet what they should.
    pub pending: usize,
    /// Why one of them cannot.
    pub fault: Option<Error>,
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

impl<L: Layer> TileTextures<L> {
    /// Paints the tiles of a view. What is not there yet is asked for; until then a larger or smaller picture stands in.
    pub fn paint(&mut self, ui: &Ui, cx: &Cx<'_>, painter: &Painter, view: &TileView, (layer, tint): (&L, Color32)) -> Painted {
        match self.layer.as_ref().map_or(Stay::Nothing, |before| layer.stays(before)) {
            Stay::Nothing => self.kept.clear(),
            Stay::OnScreen => self.kept.retain(|_, kept| kept.used == self.frame),
            Stay::All => {}
        }
        self.layer = Some(layer.clone());
        self.frame += 1;
        let mut uploads = UPLOADS;
        let mut painted = Painted::default();
        let room = L::at_a_time(cx.project.pool().threads());
        for tile in view.tiles() {
            let query = layer.query(tile);
            let answer = if painted.pending < room {
                cx.project.get(&query, Lane::Interactive)
            } else {
                cx.project.peek(&query).map_or(Fetch::Pending, Fetch::Ready)
            };
            match answer {
                Fetch::Pending => painted.pending += 1,
                Fetch::Ready(picture) => {
                    let fresh = self.kept.get(&tile).is_none_or(|kept| kept.picture.as_ptr() != Arc::as_ptr(&picture));
                    if fresh && uploads > 0 {
                        uploads -= 1;
                        self.upload(ui, tile, &picture);
                    } else if fresh {
                        ui.ctx().request_repaint();
                    }
                }
                Fetch::Failed(error) => {
                    // What was there before is of something else.
                    self.kept.remove(&tile);
                    painted.fault.get_or_insert(error);
                    continue;
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
        painted
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
