//! One acquisition as tiles of a map: which pieces of its images a tile needs, and which of their pixels.
//!
//! An image is cut into pieces of [`PIECE_PX`] pixels a side at every level; each level has half the resolution of the one before.
//! A tile takes, for the centre of each of its pixels, the image pixel that holds it, at the level that is just finer than the tile.

use std::ops::RangeInclusive;

use crate::model::grid::PixelWindow;
use crate::model::stored::Pixels;
use crate::model::{Chip, Granule, Grid, MaskSet};

use super::net::Net;
use super::tiles::TILE_PX;

/// Edge of a piece, pixels.
pub const PIECE_PX: usize = 256;

/// Coarser than this no image of the earth needs to be.
const MOST_LEVELS: u8 = 12;

/// Period of the hatch over masked pixels along a row or column: tiles are a whole number of it wide, so that it passes their edges.
const HATCH_PX: usize = 8;

/// A piece of an image at a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PieceIx {
    /// One of `2^level` by `2^level` pixels is there.
    pub level: u8,
    /// Column of pieces.
    pub col: u32,
    /// Row of pieces, from the top.
    pub row: u32,
}

/// Pixels of a piece, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// Pixels a row: [`PIECE_PX`], fewer at the image's right edge.
    pub width: usize,
    /// Stored numbers.
    pub pixels: Pixels,
}

impl PieceIx {
    /// Pixels of the image at full resolution that the piece stands for; `None` beyond the image.
    pub fn window(self, grid: &Grid) -> Option<PixelWindow> {
        let edge = PIECE_PX << self.level;
        let span = |number: u32, all: usize| {
            let start = number as usize * edge;
            (start < all).then(|| (start, edge.min(all - start)))
        };
        let ((col, width), (row, height)) = (span(self.col, grid.width)?, span(self.row, grid.height)?);
        Some(PixelWindow { col, row, width, height })
    }

    /// The pieces of the next finer level that lie within: upper left, upper right, lower left, lower right.
    pub fn finer(self) -> [Self; 4] {
        let at = |col: u32, row: u32| Self { level: self.level - 1, col: 2 * self.col + col, row: 2 * self.row + row };
        [at(0, 0), at(1, 0), at(0, 1), at(1, 1)]
    }
}

impl Piece {
    /// A piece from those of the next finer level; see [`PieceIx::finer`]. Absent ones lie beyond the image.
    ///
    /// One of four pixels is kept, by turns the last and the first of them, so that over many levels it stays near the middle of
    /// what it stands for.
    pub fn coarser(ix: PieceIx, finer: [Option<&Self>; 4]) -> Self {
        let after = usize::from(ix.level.is_multiple_of(2));
        let height = |piece: &Self| piece.pixels.len() / piece.width.max(1);
        let sides = |at: usize, side: &dyn Fn(&Self) -> usize| finer[at].map_or(0, side);
        let widths = [sides(0, &|piece| piece.width), sides(1, &|piece| piece.width)];
        let heights = [sides(0, &height), sides(2, &height)];
        let places = |sides: [usize; 2]| {
            let all = sides[0] + sides[1];
            // The last of an odd number of pixels stands for itself.
            (0..all.div_ceil(2))
                .map(move |at| (2 * at + after).min(all - 1))
                .map(move |at| if at < sides[0] { (0, at) } else { (1, at - sides[0]) })
        };
        let width = (widths[0] + widths[1]).div_ceil(2);
        let sources = places(heights)
            .flat_map(|(down, row)| places(widths).map(move |(right, col)| (2 * down + right, row * widths[right] + col)));
        let pixels = match finer[0].map(|piece| &piece.pixels) {
            Some(Pixels::U8(_)) => Pixels::U8(sources.map(|source| number(finer, source) as u8).collect()),
            Some(Pixels::U16(_)) => Pixels::U16(sources.map(|source| number(finer, source) as u16).collect()),
            _ => Pixels::F32(sources.map(|source| number(finer, source)).collect()),
        };
        Self { width, pixels }
    }
}

fn number(finer: [Option<&Piece>; 4], (piece, at): (usize, usize)) -> f32 {
    finer[piece].map_or(f32::NAN, |piece| piece.pixels.at(at))
}

/// A rectangle of pieces of one level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PieceRange {
    level: u8,
    cols: RangeInclusive<u32>,
    rows: RangeInclusive<u32>,
}

impl PieceRange {
    /// The pieces row by row.
    pub fn pieces(&self) -> impl Iterator<Item = PieceIx> + '_ {
        let level = self.level;
        self.rows.clone().flat_map(move |row| self.cols.clone().map(move |col| PieceIx { level, col, row }))
    }
}

/// Where the centres of a tile's pixels lie in some CRS.
#[derive(Debug, Clone)]
pub struct Places {
    /// Row by row; `NaN` where the CRS does not reach.
    points: Vec<[f64; 2]>,
}

impl Places {
    /// From a net that goes from pixels of the tile, 0 to [`TILE_PX`], to the CRS.
    pub fn new(net: &Net) -> Self {
        let centre = |at: usize| at as f64 + 0.5;
        let row = |row: usize| (0..TILE_PX).map(move |col| net.at([centre(col), centre(row)]));
        Self { points: (0..TILE_PX).flat_map(row).collect() }
    }

    /// Column and row of the image pixel around each place; `None` beyond the image.
    fn pixels<'a>(&'a self, grid: &'a Grid) -> impl Iterator<Item = Option<(usize, usize)>> + 'a {
        self.points.iter().map(|&[x, y]| {
            let (col, row) = grid.pixel_from_world(x, y);
            let within = (0.0..grid.width as f64).contains(&col) && (0.0..grid.height as f64).contains(&row);
            within.then_some((col as usize, row as usize))
        })
    }

    /// The pieces around all places that are still open, at the coarsest level whose pixels are not larger than the tile's.
    /// `None` when none of these places lies in the image.
    pub fn pieces(&self, grid: &Grid, open: &[bool]) -> Option<PieceRange> {
        let mut hits = self.pixels(grid).zip(open).filter_map(|(pixel, &open)| pixel.filter(|_| open));
        let first = hits.next()?;
        let mut span = (first.0..=first.0, first.1..=first.1);
        for (col, row) in hits {
            span.0 = *span.0.start().min(&col)..=*span.0.end().max(&col);
            span.1 = *span.1.start().min(&row)..=*span.1.end().max(&row);
        }
        let level = self.level(grid)?;
        let piece = |at: usize| (at >> level) as u32 / PIECE_PX as u32;
        let pieces = |span: &RangeInclusive<usize>| piece(*span.start())..=piece(*span.end());
        Some(PieceRange { level, cols: pieces(&span.0), rows: pieces(&span.1) })
    }

    /// Level by the first place in the image: a step to the next pixel of the tile spans at least one pixel of it.
    fn level(&self, grid: &Grid) -> Option<u8> {
        let step = |at: usize, next: usize| {
            let ([x, y], [to_x, to_y]) = (self.points[at], self.points[next]);
            ((to_x - x) / grid.pixel_x).hypot((to_y - y) / grid.pixel_y)
        };
        let at = self.pixels(grid).position(|pixel| pixel.is_some())?;
        let right = if at % TILE_PX + 1 < TILE_PX { at + 1 } else { at - 1 };
        let below = if at / TILE_PX + 1 < TILE_PX { at + TILE_PX } else { at - TILE_PX };
        let span = step(at, right).min(step(at, below));
        Some(if span >= 1.0 { (span.log2() as u8).min(MOST_LEVELS) } else { 0 })
    }

    /// Stored numbers at all places, `NaN` beyond the image; `pieces` are those of the range, in its order.
    pub fn sample(&self, grid: &Grid, range: &PieceRange, pieces: &[impl AsRef<Piece>]) -> Vec<f32> {
        let columns = (range.cols.end() - range.cols.start() + 1) as usize;
        let number = |(col, row): (usize, usize)| {
            let (col, row) = (col >> range.level, row >> range.level);
            let across = (col / PIECE_PX).checked_sub(*range.cols.start() as usize).filter(|across| *across < columns)?;
            let down = (row / PIECE_PX).checked_sub(*range.rows.start() as usize)?;
            let piece = pieces.get(down * columns + across)?.as_ref();
            Some(piece.pixels.at(row % PIECE_PX * piece.width + col % PIECE_PX))
        };
        self.pixels(grid).map(|pixel| pixel.and_then(number).unwrap_or(f32::NAN)).collect()
    }
}

/// Products of an acquisition in the order in which they may fill a place: observed before made, then the newest baseline, the
/// most bands, the first. It is the order of the calendar, without what depends on a parcel.
pub fn precedence(granules: &[Granule]) -> Vec<u8> {
    let mut order: Vec<u8> = (0u8..).take(granules.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&granules[usize::from(a)], &granules[usize::from(b)]);
        (a.synthetic.cmp(&b.synthetic)).then(b.baseline.cmp(&a.baseline)).then(b.bands.len().cmp(&a.bands.len()))
    });
    order
}

/// Hatches a pixel of a tile: light and dark lines over a veil, as over masked pixels of chips.
pub fn hatched(pixel: [u8; 3], col: usize, row: usize) -> [u8; 3] {
    const LIGHT: [u8; 3] = [0xE2, 0xE7, 0xEB];
    const DARK: [u8; 3] = [0x34, 0x3A, 0x40];
    /// Its own share is 45 %.
    const VEIL: [u8; 3] = [0x5B, 0x64, 0x5D];
    match (col + row) % HATCH_PX {
        0 | 1 => LIGHT,
        2 => DARK,
        _ => std::array::from_fn(|at| ((u16::from(pixel[at]) * 55 + u16::from(VEIL[at]) * 45) / 100) as u8),
    }
}

/// True when a mask hides a pixel of a class: only known classes are hatched.
pub fn hidden(class: u8, mask: MaskSet) -> bool {
    class != Chip::NO_CLASS && mask.excludes(class)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Bounds, Crs};

    fn grid(pixel: f64, width: usize, height: usize) -> Grid {
        Grid { crs: Crs::Epsg(32631), left: 0.0, top: 0.0, pixel_x: pixel, pixel_y: pixel, width, height }
    }

    /// A tile whose pixels are so many metres wide; its upper left corner lies at the image's.
    fn places(metres: f64) -> Places {
        let over = Bounds { min_x: 0.0, min_y: 0.0, max_x: 256.0, max_y: 256.0 };
        Places::new(&Net::new(over, Net::places(&over).into_iter().map(|[x, y]| [x * metres, -y * metres]).collect()))
    }

    /// Numbers of a row in these images.
    const ROW: usize = 4096;

    /// A piece whose numbers are those of its places in the image.
    fn numbered(ix: PieceIx, grid: &Grid) -> Piece {
        let window = ix.window(grid).expect("inside");
        let factor = 1 << ix.level;
        let (width, height) = (window.width.div_ceil(factor), window.height.div_ceil(factor));
        let place = |at: usize| (at / width * factor + window.row) * ROW + at % width * factor + window.col;
        Piece { width, pixels: Pixels::F32((0..width * height).map(|at| place(at) as f32).collect()) }
    }

    fn all_open() -> Vec<bool> {
        vec![true; TILE_PX * TILE_PX]
    }

    fn sampled(places: &Places, grid: &Grid) -> Vec<f32> {
        let range = places.pieces(grid, &all_open()).expect("touches");
        let pieces: Vec<std::sync::Arc<Piece>> = range.pieces().map(|ix| numbered(ix, grid).into()).collect();
        places.sample(grid, &range, &pieces)
    }

    #[test]
    fn a_tile_takes_the_pixel_around_each_centre_and_nothing_beyond_the_image() {
        let grid = grid(10.0, 700, 600);
        // Pixels of 7 m have their centres at 3.5, 10.5, 17.5, 24.5 m.
        let sample = sampled(&places(7.0), &grid);
        assert_eq!(sample[..4], [0.0, 1.0, 1.0, 2.0]);
        assert_eq!(sample[2 * TILE_PX + 3], (ROW + 2) as f32);
        let wide = sampled(&places(30.0), &grid);
        // Centres at 15, 45, 75, 105 m; every second pixel is kept.
        assert_eq!(wide[..4], [0.0, 4.0, 6.0, 10.0]);
        assert!(wide[234].is_nan() && wide[232] == 696.0, "{:?}", &wide[230..236]);
        assert!(wide[200 * TILE_PX].is_nan());
    }

    #[test]
    fn levels_are_just_finer_than_the_tile_and_only_open_places_ask_for_pieces() {
        let grid = grid(10.0, 5000, 5000);
        let of = |metres: f64, open: &[bool]| places(metres).pieces(&grid, open).map(|range| range.pieces().collect::<Vec<_>>());
        for (metres, level) in [(3.0, 0), (10.0, 0), (19.9, 0), (20.1, 1), (150.0, 3)] {
            assert!(of(metres, &all_open()).expect("touches").iter().all(|piece| piece.level == level), "{metres}");
        }
        assert_eq!(of(10.0, &all_open()).map(|pieces| pieces.len()), Some(1));
        assert_eq!(of(15.0, &all_open()).map(|pieces| pieces.len()), Some(4));
        let mut one = vec![false; TILE_PX * TILE_PX];
        assert_eq!(of(15.0, &one), None);
        one[TILE_PX - 1] = true;
        assert_eq!(of(15.0, &one), Some(vec![PieceIx { level: 0, col: 1, row: 0 }]));
    }

    /// All pieces of a level that lie in the image.
    fn level_of(level: u8, grid: &Grid) -> Vec<PieceIx> {
        let all = (0..12).flat_map(|row| (0..12).map(move |col| PieceIx { level, col, row }));
        all.filter(|ix| ix.window(grid).is_some()).collect()
    }

    #[test]
    fn coarser_pieces_keep_pixels_near_the_middle_of_what_they_stand_for() {
        let grid = grid(10.0, 3001, 1500);
        let mut finer: Vec<(PieceIx, Piece)> = level_of(0, &grid).into_iter().map(|ix| (ix, numbered(ix, &grid))).collect();
        for level in 1..=4u8 {
            let factor = 1usize << level;
            let make = |ix: PieceIx| {
                let parts = ix.finer().map(|part| finer.iter().find(|own| own.0 == part).map(|own| &own.1));
                (ix, Piece::coarser(ix, parts))
            };
            let made: Vec<(PieceIx, Piece)> = level_of(level, &grid).into_iter().map(make).collect();
            for (ix, piece) in &made {
                let window = ix.window(&grid).expect("inside");
                assert_eq!(piece.width, window.width.div_ceil(factor));
                assert_eq!(piece.pixels.len(), piece.width * window.height.div_ceil(factor));
                for at in 0..piece.pixels.len() {
                    let kept = piece.pixels.at(at) as usize;
                    // From the second quarter of what it stands for to the last; at the image's edge what is there.
                    let near = |kept: usize, start: usize, at: usize, all: usize| {
                        let first = start + at * factor;
                        (first + factor / 4..first + factor).contains(&kept)
                            || (first..all).contains(&kept) && first + factor > all
                    };
                    assert!(near(kept % ROW, window.col, at % piece.width, grid.width), "{ix:?} {at}: {kept}");
                    assert!(near(kept / ROW, window.row, at / piece.width, grid.height), "{ix:?} {at}: {kept}");
                }
            }
            finer = made;
        }
    }

    #[test]
    fn lines_of_the_hatch_go_on_across_tiles_and_between_them_the_picture_is_seen() {
        assert_eq!(hatched([0; 3], 0, 0), hatched([0; 3], TILE_PX, 0));
        assert_eq!(hatched([200, 100, 0], 0, 4), [150, 100, 41]);
        assert!(hidden(9, MaskSet::default()) && !hidden(Chip::NO_CLASS, MaskSet::default()));
    }
}
