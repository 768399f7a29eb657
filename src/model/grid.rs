//! Where pixels lie: coordinate reference system, affine transform, windows.

use serde::{Deserialize, Serialize};

/// A coordinate reference system: an EPSG code, or well-known text where there is no code.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Crs {
    /// EPSG code, e.g. 32631.
    Epsg(u32),
    /// Well-known text of a system without an EPSG code.
    Wkt(String),
}

impl Crs {
    /// The EPSG code, if there is one.
    pub fn epsg(&self) -> Option<u32> {
        match self {
            Self::Epsg(code) => Some(*code),
            Self::Wkt(_) => None,
        }
    }

    /// `EPSG:32631`, or the first words of the well-known text.
    pub fn label(&self) -> String {
        match self {
            Self::Epsg(code) => format!("EPSG:{code}"),
            Self::Wkt(text) => text.split('"').nth(1).unwrap_or("unnamed CRS").to_owned(),
        }
    }
}

/// An axis-parallel box in world coordinates, `min <= max`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// Smallest x.
    pub min_x: f64,
    /// Smallest y.
    pub min_y: f64,
    /// Largest x.
    pub max_x: f64,
    /// Largest y.
    pub max_y: f64,
}

impl Bounds {
    /// The empty box: `include` grows it.
    pub const EMPTY: Self =
        Self { min_x: f64::INFINITY, min_y: f64::INFINITY, max_x: f64::NEG_INFINITY, max_y: f64::NEG_INFINITY };

    /// Grows the box to hold a point.
    pub fn include(&mut self, x: f64, y: f64) {
        self.min_x = self.min_x.min(x);
        self.min_y = self.min_y.min(y);
        self.max_x = self.max_x.max(x);
        self.max_y = self.max_y.max(y);
    }

    /// True when nothing was included.
    pub fn is_empty(&self) -> bool {
        !(self.min_x <= self.max_x && self.min_y <= self.max_y)
    }

    /// The box grown by `margin` on every side.
    #[must_use]
    pub fn grown(&self, margin: f64) -> Self {
        Self { min_x: self.min_x - margin, min_y: self.min_y - margin, max_x: self.max_x + margin, max_y: self.max_y + margin }
    }

    /// True when the boxes share a point.
    pub fn intersects(&self, other: &Self) -> bool {
        self.min_x <= other.max_x && other.min_x <= self.max_x && self.min_y <= other.max_y && other.min_y <= self.max_y
    }

    /// The common part; empty when there is none.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        Self {
            min_x: self.min_x.max(other.min_x),
            min_y: self.min_y.max(other.min_y),
            max_x: self.max_x.min(other.max_x),
            max_y: self.max_y.min(other.max_y),
        }
    }

    /// Width in world units.
    pub fn width(&self) -> f64 {
        self.max_x - self.min_x
    }

    /// Height in world units.
    pub fn height(&self) -> f64 {
        self.max_y - self.min_y
    }

    /// Middle point.
    pub fn center(&self) -> (f64, f64) {
        (f64::midpoint(self.min_x, self.max_x), f64::midpoint(self.min_y, self.max_y))
    }

    /// A square of side `max(width, height)` about the same centre.
    #[must_use]
    pub fn squared(&self) -> Self {
        let half = self.width().max(self.height()) / 2.0;
        let (x, y) = self.center();
        Self { min_x: x - half, min_y: y - half, max_x: x + half, max_y: y + half }
    }
}

/// A north-up pixel grid in some CRS. Rotated rasters are refused by the reader.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Grid {
    /// System of the world coordinates.
    pub crs: Crs,
    /// World x of the left edge of column 0.
    pub left: f64,
    /// World y of the upper edge of row 0.
    pub top: f64,
    /// Pixel width in world units, positive.
    pub pixel_x: f64,
    /// Pixel height in world units, positive (rows run downwards).
    pub pixel_y: f64,
    /// Number of columns.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
}

/// A rectangle of whole pixels of a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PixelWindow {
    /// First column.
    pub col: usize,
    /// First row.
    pub row: usize,
    /// Number of columns.
    pub width: usize,
    /// Number of rows.
    pub height: usize,
}

impl Grid {
    /// Box of the whole grid.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            min_x: self.left,
            max_x: self.left + self.pixel_x * self.width as f64,
            min_y: self.top - self.pixel_y * self.height as f64,
            max_y: self.top,
        }
    }

    /// Continuous pixel coordinates (column, row) of a world point; pixel (0, 0) spans 0..1.
    pub fn pixel_from_world(&self, x: f64, y: f64) -> (f64, f64) {
        ((x - self.left) / self.pixel_x, (self.top - y) / self.pixel_y)
    }

    /// World point of continuous pixel coordinates.
    pub fn world_from_pixel(&self, col: f64, row: f64) -> (f64, f64) {
        (self.left + col * self.pixel_x, self.top - row * self.pixel_y)
    }

    /// The pixels that a box touches, cut at the grid's edge; `None` when they share no area.
    pub fn window(&self, bounds: &Bounds) -> Option<PixelWindow> {
        // A hair of tolerance keeps a box that ends on a pixel edge from taking one more pixel.
        const HAIR: f64 = 1e-6;
        let (left, top) = self.pixel_from_world(bounds.min_x, bounds.max_y);
        let (right, bottom) = self.pixel_from_world(bounds.max_x, bounds.min_y);
        let col = (left + HAIR).floor().max(0.0);
        let row = (top + HAIR).floor().max(0.0);
        let col_end = (right - HAIR).ceil().min(self.width as f64);
        let row_end = (bottom - HAIR).ceil().min(self.height as f64);
        (col < col_end && row < row_end).then_some(PixelWindow {
            col: col as usize,
            row: row as usize,
            width: (col_end - col) as usize,
            height: (row_end - row) as usize,
        })
    }

    /// The grid of a window of this grid.
    #[must_use]
    pub fn crop(&self, window: PixelWindow) -> Self {
        let (left, top) = self.world_from_pixel(window.col as f64, window.row as f64);
        Self { left, top, width: window.width, height: window.height, ..self.clone() }
    }

    /// Number of pixels.
    pub fn len(&self) -> usize {
        self.width * self.height
    }

    /// True for a grid without pixels.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        Grid { crs: Crs::Epsg(32631), left: 500.0, top: 1000.0, pixel_x: 10.0, pixel_y: 10.0, width: 8, height: 4 }
    }

    #[test]
    fn pixels_and_world_are_inverse() {
        let (col, row) = grid().pixel_from_world(525.0, 985.0);
        assert_eq!((col, row), (2.5, 1.5));
        assert_eq!(grid().world_from_pixel(col, row), (525.0, 985.0));
    }

    #[test]
    fn window_is_cut_at_the_edge_and_exact_on_pixel_edges() {
        let exact = Bounds { min_x: 510.0, max_x: 530.0, min_y: 970.0, max_y: 990.0 };
        assert_eq!(grid().window(&exact), Some(PixelWindow { col: 1, row: 1, width: 2, height: 2 }));
        let over = Bounds { min_x: 0.0, max_x: 505.0, min_y: 0.0, max_y: 5000.0 };
        assert_eq!(grid().window(&over), Some(PixelWindow { col: 0, row: 0, width: 1, height: 4 }));
        let outside = Bounds { min_x: 0.0, max_x: 499.0, min_y: 0.0, max_y: 5000.0 };
        assert_eq!(grid().window(&outside), None);
        let touching = Bounds { min_x: 400.0, max_x: 500.0, min_y: 970.0, max_y: 990.0 };
        assert_eq!(grid().window(&touching), None);
    }

    #[test]
    fn crop_keeps_world_positions() {
        let part = grid().crop(PixelWindow { col: 2, row: 1, width: 3, height: 2 });
        assert_eq!(part.bounds(), Bounds { min_x: 520.0, max_x: 550.0, min_y: 970.0, max_y: 990.0 });
    }
}
