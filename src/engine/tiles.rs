//! Parcels as pixels: which parcel each pixel of a Web Mercator tile belongs to, and its picture under a colouring.

use crate::model::{ParcelIx, Parcels};

use super::colouring::{Classes, GREY, Shown};
use super::net::Net;

/// Edge of a tile, pixels.
pub const TILE_PX: usize = 256;

/// Pixels with the margin of one on every side, by which boundaries at a tile's edge are found.
const EDGE: usize = TILE_PX + 2;

/// No parcel.
const NOBODY: u32 = u32::MAX;

/// Boundaries are drawn around parcels at least so wide or high, pixels; between smaller ones nothing else would be left.
const BOUNDED_PX: f64 = 5.0;

/// Opacity of parcels that a filter leaves out.
pub const FAINT: u8 = 0x38;

/// A tile of the usual scheme: rows from the north.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TileIx {
    /// Zoom level.
    pub zoom: u8,
    /// Column.
    pub x: u32,
    /// Row.
    pub y: u32,
}

impl TileIx {
    /// The tile that holds this one so many levels up, and the part of it that this one covers: left, top, edge, as shares.
    pub fn above(self, levels: u8) -> Option<(Self, [f64; 3])> {
        let zoom = self.zoom.checked_sub(levels)?;
        let count = f64::from(1u32 << levels);
        let above = Self { zoom, x: self.x >> levels, y: self.y >> levels };
        let inside = |own: u32, above: u32| (f64::from(own) - f64::from(above) * count) / count;
        Some((above, [inside(self.x, above.x), inside(self.y, above.y), 1.0 / count]))
    }
}

/// Web Mercator in world widths: 0..1 from the west and from the north.
pub fn mercator(lon: f64, lat: f64) -> [f64; 2] {
    let y = (1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0;
    [(lon + 180.0) / 360.0, y]
}

/// Longitude and latitude of a place of Web Mercator.
pub fn lonlat([x, y]: [f64; 2]) -> [f64; 2] {
    [x * 360.0 - 180.0, (std::f64::consts::PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees()]
}

/// Which parcel each pixel of a tile belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owners {
    /// Row by row with the margin.
    parcels: Vec<u32>,
    /// True where a boundary may be drawn: the parcel is large enough.
    bounded: Vec<bool>,
}

impl Owners {
    /// A pixel belongs to the parcel in which its centre lies, of several to the last. A parcel in which no centre lies takes the
    /// pixel of its own centre when nobody else has it, so that small parcels stay visible from afar.
    ///
    /// `net` goes from the table's coordinates to pixels of the tile; `rows` are the parcels that may touch it, in row order.
    /// Checks `stop` now and then and gives `None` when it says so.
    ///
    /// * **Cost:** a few multiplications a vertex; parcels below a pixel only their box.
    pub fn new(parcels: &Parcels, rows: &[ParcelIx], net: &Net, stop: impl Fn() -> bool) -> Option<Self> {
        let mut owners = Self { parcels: vec![NOBODY; EDGE * EDGE], bounded: vec![false; EDGE * EDGE] };
        let mut scan = Scan::default();
        for (number, &parcel) in rows.iter().enumerate() {
            if number % 4096 == 0 && stop() {
                return None;
            }
            let bounds = parcels.bounds(parcel);
            let (cx, cy) = bounds.center();
            let [x, y] = net.at([cx, cy]);
            let [right, _] = net.at([bounds.max_x, cy]);
            let [_, top] = net.at([cx, bounds.max_y]);
            let half = (right - x).abs().max((top - y).abs());
            let large = 2.0 * half >= BOUNDED_PX;
            // A quarter of a pixel each way: turned outlines reach a little farther than their boxes.
            if half > 0.25 && scan.fill(parcels, parcel, net, &mut |row, from, to| owners.take(row, from, to, parcel, large)) {
                continue;
            }
            let (col, row) = ((x + 1.0).floor(), (y + 1.0).floor());
            if (0.0..EDGE as f64).contains(&col) && (0.0..EDGE as f64).contains(&row) {
                let place = row as usize * EDGE + col as usize;
                if owners.parcels[place] == NOBODY {
                    owners.parcels[place] = parcel.0;
                }
            }
        }
        Some(owners)
    }

    fn take(&mut self, row: usize, from: usize, to: usize, parcel: ParcelIx, large: bool) {
        self.parcels[row * EDGE + from..row * EDGE + to].fill(parcel.0);
        self.bounded[row * EDGE + from..row * EDGE + to].fill(large);
    }

    /// Parcel of a pixel of the tile.
    pub fn at(&self, col: usize, row: usize) -> Option<ParcelIx> {
        let parcel = self.parcels[(row + 1) * EDGE + col + 1];
        (parcel != NOBODY).then_some(ParcelIx(parcel))
    }

    /// Memory, bytes.
    pub fn bytes(&self) -> usize {
        self.parcels.len() * 5
    }

    /// The tile's picture, RGBA with straight alpha: parcels in the colours of their classes, boundaries darker, nothing elsewhere.
    /// Parcels that are not `shown` are faintly grey.
    pub fn picture(&self, classes: &Classes, shown: Option<&Shown>) -> Vec<u8> {
        let mut rgba = vec![0; TILE_PX * TILE_PX * 4];
        for (number, pixel) in rgba.chunks_exact_mut(4).enumerate() {
            let place = (number / TILE_PX + 1) * EDGE + number % TILE_PX + 1;
            let own = self.parcels[place];
            if own == NOBODY {
                continue;
            }
            let faint = shown.is_some_and(|shown| !shown.holds(ParcelIx(own)));
            let [mut r, mut g, mut b] = if faint { GREY } else { classes.colour(ParcelIx(own)) };
            // The pixel left of or above another's is the boundary of both.
            if self.bounded[place] && (self.parcels[place + 1] != own || self.parcels[place + EDGE] != own) {
                [r, g, b] = [r, g, b].map(|part| (u16::from(part) * 5 / 9) as u8);
            }
            pixel.copy_from_slice(&[r, g, b, if faint { FAINT } else { 255 }]);
        }
        rgba
    }
}

/// Scan conversion of one outline after the other, with the memory of the one before.
#[derive(Default)]
struct Scan {
    points: Vec<[f64; 2]>,
    crossings: Vec<(u32, f64)>,
}

impl Scan {
    /// Gives runs of pixels whose centres lie inside a parcel (even-odd rule): row, first column, end. False when there are none
    /// in reach.
    fn fill(&mut self, parcels: &Parcels, parcel: ParcelIx, net: &Net, run: &mut impl FnMut(usize, usize, usize)) -> bool {
        self.crossings.clear();
        for (_, ring) in parcels.rings(parcel) {
            self.points.clear();
            // Shifted by the margin and to pixel centres: row 0 is at y = 0.
            self.points.extend(ring.iter().map(|&point| net.at(point).map(|part| part + 0.5)));
            for (&a, &b) in self.points.iter().zip(self.points.iter().cycle().skip(1)) {
                let (low, high) = if a[1] < b[1] { (a, b) } else { (b, a) };
                let first = low[1].ceil().max(0.0);
                let slope = (high[0] - low[0]) / (high[1] - low[1]);
                let mut row = first;
                while row < high[1] && row < EDGE as f64 {
                    self.crossings.push((row as u32, low[0] + (row - low[1]) * slope));
                    row += 1.0;
                }
            }
        }
        self.crossings.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let mut any = false;
        for pair in self.crossings.chunks_exact(2) {
            let column = |x: f64| x.ceil().clamp(0.0, EDGE as f64) as usize;
            let (from, to) = (column(pair[0].1), column(pair[1].1));
            if from < to {
                any = true;
                run(pair[0].0 as usize, from, to);
            }
        }
        any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parcels::{ParcelRow, ParcelsBuilder};
    use crate::model::{Bounds, Crs, Polygons};
    use proptest::prelude::*;

    /// Pixels are coordinates, with rows from the top at y = 0.
    fn identity() -> Net {
        let over = Bounds { min_x: 0.0, min_y: 0.0, max_x: 256.0, max_y: 256.0 };
        Net::new(over, Net::places(&over))
    }

    fn table(outlines: Vec<Polygons>) -> Parcels {
        let mut builder = ParcelsBuilder::new(Crs::Epsg(32631));
        for (number, outline) in outlines.into_iter().enumerate() {
            let crop_name = Some(format!("crop {number}"));
            builder.push(ParcelRow { id: number.to_string(), crop_name, outline, ..ParcelRow::default() });
        }
        builder.finish(vec![])
    }

    fn owners(parcels: &Parcels) -> Owners {
        let rows: Vec<ParcelIx> = parcels.iter().collect();
        Owners::new(parcels, &rows, &identity(), || false).expect("not stopped")
    }

    #[test]
    fn a_parcel_without_a_pixel_centre_takes_its_pixel_unless_it_is_taken() {
        let square = |x: f64, y: f64, side: f64| Polygons {
            parts: vec![vec![vec![[x, y], [x + side, y], [x + side, y + side], [x, y + side]]]],
        };
        let parcels = table(vec![square(10.6, 20.6, 0.2), square(30.0, 30.0, 9.0), square(31.05, 31.05, 0.1)]);
        let owners = owners(&parcels);
        assert_eq!(owners.at(10, 20), Some(ParcelIx(0)));
        assert_eq!(owners.at(31, 31), Some(ParcelIx(1)));
        assert_eq!((owners.at(29, 30), owners.at(38, 38), owners.at(39, 38)), (None, Some(ParcelIx(1)), None));
    }

    #[test]
    fn parcels_that_a_filter_leaves_out_are_faint() {
        let square = |x: f64| Polygons { parts: vec![vec![vec![[x, 10.0], [x + 20.0, 10.0], [x + 20.0, 30.0], [x, 30.0]]]] };
        let parcels = table(vec![square(10.0), square(40.0)]);
        let owners = owners(&parcels);
        let classes = Classes::by_crop(&parcels);
        let shown = Shown::new(2, &[ParcelIx(1)]);
        let (all, some) = (owners.picture(&classes, None), owners.picture(&classes, Some(&shown)));
        let pixel = |picture: &[u8], col: usize| picture[(20 * TILE_PX + col) * 4..][..4].to_vec();
        assert_eq!(pixel(&some, 20), [&GREY[..], &[FAINT]].concat());
        assert_eq!((pixel(&some, 50), pixel(&some, 35)), (pixel(&all, 50), vec![0; 4]));
        assert_eq!(pixel(&all, 20)[3], 255);
    }

    #[test]
    fn tiles_know_what_holds_them() {
        let tile = TileIx { zoom: 5, x: 13, y: 6 };
        assert_eq!(tile.above(2), Some((TileIx { zoom: 3, x: 3, y: 1 }, [0.25, 0.5, 0.25])));
        assert_eq!(tile.above(6), None);
        let [lon, lat] = lonlat(mercator(4.1, 50.77));
        assert!((lon - 4.1).abs() < 1e-9 && (lat - 50.77).abs() < 1e-9);
    }

    proptest! {
        /// The oracle asks each pixel centre which outlines hold it.
        #[test]
        fn a_pixel_belongs_to_the_last_parcel_around_its_centre(
            rings in prop::collection::vec(prop::collection::vec((-20.0f64..280.0, -20.0f64..280.0), 3..9), 1..5),
        ) {
            let outlines: Vec<Polygons> = rings
                .into_iter()
                .map(|ring| Polygons { parts: vec![vec![ring.into_iter().map(|(x, y)| [x, y]).collect()]] })
                .collect();
            let parcels = table(outlines.clone());
            let owners = owners(&parcels);
            for row in 0..TILE_PX {
                for col in 0..TILE_PX {
                    let (x, y) = (col as f64 + 0.5, row as f64 + 0.5);
                    let expected = outlines.iter().rposition(|outline| outline.contains(x, y));
                    if let Some(expected) = expected {
                        prop_assert_eq!(owners.at(col, row), Some(ParcelIx(expected as u32)), "{} {}", col, row);
                    }
                }
            }
        }
    }
}
