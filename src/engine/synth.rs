//! Made-up country and images for tests and measurements: any size, the same for the same seed. Nothing here is observed.
//!
//! Parcels are a cadastre: side by side, irregular, neighbours share every point of their common edge. Images are smooth inside a
//! parcel and noisy from pixel to pixel, about as hard to compress as real ones.

use crate::model::{Bounds, Crs, Grid, Polygons};

/// Points set on each edge between two corners.
const EDGE_POINTS: usize = 2;

/// Crop names that are given out.
pub const CROPS: [&str; 6] = ["maize", "winter wheat", "grassland", "potato", "sugar beet", "winter barley"];

/// Numbers from numbers: splitmix64 (Steele, Lea, Flood 2014).
fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// -1..1 from a number.
fn signed(z: u64) -> f64 {
    (mix(z) >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// A country of parcels on a square of land.
#[derive(Debug, Clone)]
pub struct Cadastre {
    /// System of the coordinates, metres.
    pub crs: Crs,
    land: Bounds,
    columns: usize,
    rows: usize,
    parcels: usize,
    seed: u64,
}

impl Cadastre {
    /// So many parcels that fill the land of a grid, but for a strip at its edge.
    pub fn new(grid: &Grid, parcels: usize, seed: u64) -> Self {
        let columns = ((parcels as f64).sqrt().ceil() as usize).max(1);
        let rows = parcels.div_ceil(columns).max(1);
        let land = grid.bounds().grown(-grid.bounds().width() / 500.0);
        Self { crs: grid.crs.clone(), land, columns, rows, parcels, seed }
    }

    /// Number of parcels.
    pub fn len(&self) -> usize {
        self.parcels
    }

    /// True without parcels.
    pub fn is_empty(&self) -> bool {
        self.parcels == 0
    }

    /// External id of a parcel.
    pub fn id(&self, parcel: usize) -> String {
        format!("SYN{parcel:07}")
    }

    /// Declared crop of a parcel.
    pub fn crop(&self, parcel: usize) -> &'static str {
        CROPS[(mix(self.seed ^ self.cell(parcel) as u64) % CROPS.len() as u64) as usize]
    }

    /// Cell of a parcel: those left over lie scattered between the others.
    fn cell(&self, parcel: usize) -> usize {
        parcel * (self.columns * self.rows) / self.parcels.max(1)
    }

    /// Width and height of a cell, metres.
    fn cell_size(&self) -> (f64, f64) {
        (self.land.width() / self.columns as f64, self.land.height() / self.rows as f64)
    }

    fn corner(&self, col: usize, row: usize) -> [f64; 2] {
        let (width, height) = self.cell_size();
        let key = mix(self.seed.wrapping_add((col as u64) << 32 | row as u64));
        [
            self.land.min_x + width * (col as f64 + 0.28 * signed(key)),
            self.land.max_y - height * (row as f64 + 0.28 * signed(key ^ 1)),
        ]
    }

    /// Points from one corner towards the next, without the last; the same points whichever side asks.
    fn edge(&self, from: (usize, usize), to: (usize, usize), ring: &mut Vec<[f64; 2]>) {
        let (low, high) = if from <= to { (from, to) } else { (to, from) };
        let (a, b) = (self.corner(low.0, low.1), self.corner(high.0, high.1));
        let key = mix(self.seed ^ mix((low.0 as u64) << 32 | low.1 as u64) ^ mix((high.0 as u64) << 32 | high.1 as u64));
        let point = |number: usize| {
            let along = (number + 1) as f64 / (EDGE_POINTS + 1) as f64;
            let aside = 0.06 * signed(key.wrapping_add(number as u64));
            let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
            [a[0] + along * dx - aside * dy, a[1] + along * dy + aside * dx]
        };
        ring.push(self.corner(from.0, from.1));
        if from <= to {
            ring.extend((0..EDGE_POINTS).map(point));
        } else {
            ring.extend((0..EDGE_POINTS).rev().map(point));
        }
    }

    /// Outline of a parcel.
    pub fn outline(&self, parcel: usize) -> Polygons {
        let cell = self.cell(parcel);
        let (col, row) = (cell % self.columns, cell / self.columns);
        let corners = [(col, row), (col, row + 1), (col + 1, row + 1), (col + 1, row)];
        let mut ring = Vec::with_capacity(4 * (EDGE_POINTS + 1));
        for (number, &corner) in corners.iter().enumerate() {
            self.edge(corner, corners[(number + 1) % 4], &mut ring);
        }
        Polygons { parts: vec![vec![ring]] }
    }
}

/// Images of a cadastre.
#[derive(Debug, Clone)]
pub struct Scene {
    cadastre: Cadastre,
    date: u64,
}

/// Side of a cell of the cloud field, metres.
const CLOUD_CELL_M: f64 = 1800.0;

impl Scene {
    /// The scene of one date.
    pub fn new(cadastre: &Cadastre, date: usize) -> Self {
        Self { cadastre: cadastre.clone(), date: mix(cadastre.seed ^ (date as u64 + 1) << 40) }
    }

    /// Thickness of cloud, 0..1: a smooth field; above 0.62 something is seen of it.
    fn cloud(&self, x: f64, y: f64) -> f64 {
        let (col, row) = (x / CLOUD_CELL_M, y / CLOUD_CELL_M);
        let at = |dx: f64, dy: f64| {
            let key = ((col.floor() + dx) as i64 as u64) << 32 ^ ((row.floor() + dy) as i64 as u64) & 0xffff_ffff;
            f64::midpoint(signed(self.date ^ mix(key)), 1.0)
        };
        let (along, down) = (col.fract(), row.fract());
        let upper = at(0.0, 0.0) * (1.0 - along) + at(1.0, 0.0) * along;
        let lower = at(0.0, 1.0) * (1.0 - along) + at(1.0, 1.0) * along;
        upper * (1.0 - down) + lower * down
    }

    /// Cloud in steps of so many pixels along a row, then straight between them.
    fn clouds(&self, grid: &Grid, row: usize) -> Vec<f64> {
        const STEP: usize = 16;
        let place = |col: usize| {
            let (x, y) = grid.world_from_pixel(col as f64, row as f64 + 0.5);
            self.cloud(x, y)
        };
        let mut clouds = Vec::with_capacity(grid.width + STEP);
        let mut from = place(0);
        for col in (0..grid.width).step_by(STEP) {
            let to = place(col + STEP);
            clouds.extend((0..STEP).map(|i| from + (to - from) * i as f64 / STEP as f64));
            from = to;
        }
        clouds
    }

    /// Stored reflectance (10 000 times, plus 1000) of a pixel row of a band; 0 outside the swath.
    pub fn reflectance(&self, grid: &Grid, band: usize, row: usize) -> Vec<u16> {
        let (width, height) = self.cadastre.cell_size();
        let (_, y) = grid.world_from_pixel(0.0, row as f64 + 0.5);
        let land = &self.cadastre.land;
        let down = (land.max_y - y) / height;
        let key = mix(self.date ^ (band as u64) << 17);
        let noise = mix(key ^ row as u64);
        let clouds = self.clouds(grid, row);
        let swath = self.swath(grid, row);
        let (mut cell, mut base, mut slope) = (i64::MIN, 0.0, 0.0);
        (0..grid.width)
            .map(|col| {
                if col < swath {
                    return 0;
                }
                let along = (grid.left + (col as f64 + 0.5) * grid.pixel_x - land.min_x) / width;
                if along.floor() as i64 != cell {
                    cell = along.floor() as i64;
                    let field = mix(key ^ mix((cell as u64) << 32 ^ down.floor() as i64 as u64));
                    base = 1300.0 + 250.0 * band as f64 + 900.0 * f64::midpoint(signed(field), 1.0) + 80.0 * down.fract();
                    slope = 160.0 * signed(field ^ 1);
                }
                let bits = mix(noise ^ (col as u64) << 24);
                // Two dice: most pixels lie near the middle.
                let grain = ((bits & 63) + (bits >> 8 & 63)) as f64 - 63.0;
                let cloud = (clouds[col] - 0.62).max(0.0) * 16_000.0;
                (base + slope * along.fract() + grain + cloud).clamp(1.0, 16_000.0) as u16
            })
            .collect()
    }

    /// Scene classes of a pixel row.
    pub fn classes(&self, grid: &Grid, row: usize) -> Vec<u8> {
        let clouds = self.clouds(grid, row);
        let swath = self.swath(grid, row);
        let class = |col: usize| match clouds[col] {
            _ if col < swath => 0,
            cloud if cloud > 0.72 => 9,
            cloud if cloud > 0.66 => 8,
            cloud if cloud > 0.62 => 10,
            cloud if cloud < 0.2 => 5,
            _ => 4,
        };
        (0..grid.width).map(class).collect()
    }

    /// First column that the instrument sees; on half of the dates a wedge in the west is missing.
    fn swath(&self, grid: &Grid, row: usize) -> usize {
        if self.date & 1 == 0 { 0 } else { ((grid.height - row) as f64 * 0.08 * grid.pixel_y / grid.pixel_x) as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::coverage::weights;
    use crate::model::PixelRule;

    fn grid() -> Grid {
        Grid { crs: Crs::Epsg(32631), left: 600_000.0, top: 5_700_000.0, pixel_x: 10.0, pixel_y: 10.0, width: 120, height: 120 }
    }

    #[test]
    fn neighbours_share_their_edges_and_leave_no_gap() {
        let cadastre = Cadastre::new(&grid(), 25, 7);
        let mut all = vec![0.0; grid().len()];
        for parcel in 0..cadastre.len() {
            let outline = cadastre.outline(parcel);
            assert!(outline.area() > 0.0);
            all.iter_mut().zip(weights(&outline, &grid(), PixelRule::Coverage)).for_each(|(sum, weight)| *sum += weight);
        }
        assert!(all.iter().all(|&sum| sum < 1.0 + 1e-5), "no overlap");
        let middle = (30..90).flat_map(|row| (30..90).map(move |col| row * 120 + col));
        assert!(middle.map(|at| all[at]).all(|sum| sum > 1.0 - 1e-5), "no gap");
    }

    #[test]
    fn any_number_of_parcels_has_its_own_cell_each() {
        for count in [1, 2, 7, 10, 99, 100, 101] {
            let cadastre = Cadastre::new(&grid(), count, 3);
            let cells: std::collections::BTreeSet<usize> = (0..count).map(|parcel| cadastre.cell(parcel)).collect();
            assert_eq!(cells.len(), count);
            assert!(cells.iter().all(|&cell| cell < cadastre.columns * cadastre.rows));
        }
    }

    #[test]
    fn a_scene_depends_on_its_seed_and_date_only() {
        let cadastre = Cadastre::new(&grid(), 25, 7);
        let row = |seed: u64, date: usize| Scene::new(&Cadastre { seed, ..cadastre.clone() }, date).reflectance(&grid(), 3, 17);
        assert_eq!(row(7, 0), row(7, 0));
        assert!(row(7, 0) != row(7, 1) && row(7, 0) != row(8, 0));
        assert_eq!(Scene::new(&cadastre, 0).classes(&grid(), 5).len(), 120);
    }
}
