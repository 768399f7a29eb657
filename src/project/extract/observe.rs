//! One acquisition over one parcel.

use crate::engine::clean::{class_histogram, classes_on, excluded};
use crate::engine::coverage::weights;
use crate::engine::zonal::stats;
use crate::io::IoError;
use crate::io::raster::read_windows;
use crate::model::catalog::Quantity;
use crate::model::settings::ObservationSettings;
use crate::model::{Acquisition, Band, BandAsset, BandStats, BandWindow, Bounds, Crs, Granule, Grid, MaskSet};

use super::{ExtractOptions, Prepared};

/// Statistics of one band.
#[derive(Debug, Clone)]
pub(super) struct Observed {
    /// Band.
    pub band: Band,
    /// Statistics in physical units, backscatter as linear power.
    pub stats: BandStats,
    /// Parcel pixels by scene class, when asked for and known.
    pub classes: Option<[f64; 12]>,
    /// Which product was used.
    pub granule: usize,
}

/// Statistics of all wanted bands, sorted by band; empty when no product touches the parcel.
///
/// Of several products the one that covers the parcel best is used, then the clearest, then the newest baseline.
pub(super) fn observe<'a>(
    acquisition: &Acquisition,
    outline_in: impl Fn(&Crs) -> Option<&'a Prepared>,
    options: &ExtractOptions,
) -> Result<Vec<Observed>, IoError> {
    let mut best: Option<(Rank<'_>, Vec<Observed>)> = None;
    for (number, granule) in acquisition.granules.iter().enumerate() {
        let Some(prepared) = granule.finest_grid().and_then(|grid| outline_in(&grid.crs)) else { continue };
        if !granule.bounds().is_some_and(|bounds| overlap(&bounds, &prepared.touch)) {
            continue;
        }
        let (rank, bands) = observe_granule(granule, number, prepared, options)?;
        if best.as_ref().is_none_or(|(found, _)| rank.better_than(found)) {
            best = Some((rank, bands));
        }
    }
    Ok(best.map(|(_, bands)| bands).unwrap_or_default())
}

/// Boxes that share area; a common edge alone holds no pixel.
fn overlap(a: &Bounds, b: &Bounds) -> bool {
    let common = a.intersection(b);
    common.width() > 0.0 && common.height() > 0.0
}

/// How well a product serves a parcel.
#[derive(Debug)]
struct Rank<'a> {
    covered: f64,
    clear: f64,
    baseline: Option<&'a str>,
}

impl Rank<'_> {
    fn better_than(&self, other: &Rank<'_>) -> bool {
        // Shares of the same pixels computed twice differ by rounding only, which must not decide.
        const SAME: f64 = 1e-9;
        if (self.covered - other.covered).abs() > SAME {
            self.covered > other.covered
        } else if (self.clear - other.clear).abs() > SAME {
            self.clear > other.clear
        } else {
            self.baseline > other.baseline
        }
    }
}

fn observe_granule<'a>(
    granule: &'a Granule,
    number: usize,
    prepared: &Prepared,
    options: &ExtractOptions,
) -> Result<(Rank<'a>, Vec<Observed>), IoError> {
    let settings = &options.settings;
    let scl_asset = granule.scl();
    let mut assets: Vec<&BandAsset> =
        granule.bands.iter().filter(|asset| asset.quantity != Quantity::SceneClass && options.wants(&asset.band)).collect();
    assets.sort_by(|a, b| a.band.cmp(&b.band));
    let read: Vec<&BandAsset> = assets.iter().copied().chain(scl_asset).collect();
    let mut windows = read_windows(&read, &prepared.touch)?.into_iter();
    let mut placed = Vec::with_capacity(assets.len());
    for asset in &assets {
        placed.push(Placed::new(asset, windows.next().flatten(), &prepared.touch));
    }
    let scl = scl_asset.map(|asset| Placed::new(asset, windows.next().flatten(), &prepared.touch));

    let mut grids: Vec<GridWeights> = Vec::new();
    let mut observed = Vec::with_capacity(placed.len());
    let class_weights = scl.as_ref().map(|scl| weights(&prepared.outline, &scl.window.grid, settings.pixels));
    let histogram = scl.as_ref().zip(class_weights.as_ref()).map(|(scl, weights)| class_histogram(&scl.window, weights));
    for band in &placed {
        let at = grids.iter().position(|known| known.grid == band.window.grid).unwrap_or_else(|| {
            grids.push(GridWeights::new(&band.window.grid, scl.as_ref(), prepared, settings));
            grids.len() - 1
        });
        let known = &grids[at];
        observed.push(Observed {
            band: band.window.band.clone(),
            stats: stats(&band.window.values, &known.weights, &band.inside_only(&known.excluded)),
            classes: histogram.filter(|_| options.scl_histogram).map(|(classes, _)| classes),
            granule: number,
        });
    }
    let rank = rank(granule, histogram, &observed, settings.mask);
    Ok((rank, observed))
}

/// Weights and mask shared by all bands of one grid.
struct GridWeights {
    grid: Grid,
    weights: Vec<f32>,
    /// Empty when nothing is masked.
    excluded: Vec<bool>,
}

impl GridWeights {
    fn new(grid: &Grid, scl: Option<&Placed>, prepared: &Prepared, settings: &ObservationSettings) -> Self {
        let masked = match scl {
            Some(scl) if settings.mask != MaskSet::NONE => excluded(&classes_on(grid, &scl.window), settings.mask),
            _ => Vec::new(),
        };
        Self { grid: grid.clone(), weights: weights(&prepared.outline, grid, settings.pixels), excluded: masked }
    }
}

fn rank<'a>(granule: &'a Granule, histogram: Option<([f64; 12], f64)>, observed: &[Observed], mask: MaskSet) -> Rank<'a> {
    let baseline = granule.baseline.as_deref();
    if let Some((classes, without)) = histogram {
        let total: f64 = classes.iter().sum::<f64>() + without;
        if total > 0.0 {
            let clear: f64 = (0u8..).zip(&classes).filter(|(class, _)| !mask.excludes(*class)).map(|(_, count)| count).sum();
            return Rank { covered: (total - without - classes[0]) / total, clear: clear / total, baseline };
        }
    }
    let share = |part: fn(&BandStats) -> f64| {
        observed.first().filter(|band| band.stats.pixels > 0.0).map_or(0.0, |band| part(&band.stats) / band.stats.pixels)
    };
    Rank { covered: share(|stats| stats.pixels - stats.nodata), clear: share(|stats| stats.count), baseline }
}

/// A window that reaches over the whole parcel: where the image ends, values are missing.
struct Placed {
    window: BandWindow,
    /// True where the image has a pixel; empty when it has one everywhere.
    on_image: Vec<bool>,
}

impl Placed {
    fn new(asset: &BandAsset, read: Option<BandWindow>, touch: &Bounds) -> Self {
        let grid = covering(&asset.grid, touch);
        let Some(read) = read else {
            let values = vec![f32::NAN; grid.len()];
            let on_image = vec![false; grid.len()];
            return Self { window: BandWindow { band: asset.band.clone(), grid, values }, on_image };
        };
        if read.grid.bounds() == grid.bounds() && read.grid.len() == grid.len() {
            return Self { window: read, on_image: Vec::new() };
        }
        let mut values = vec![f32::NAN; grid.len()];
        let mut on_image = vec![false; grid.len()];
        let col0 = ((read.grid.left - grid.left) / grid.pixel_x).round() as isize;
        let row0 = ((grid.top - read.grid.top) / grid.pixel_y).round() as isize;
        for row in 0..read.grid.height {
            for col in 0..read.grid.width {
                let (to_row, to_col) = (row as isize + row0, col as isize + col0);
                let inside = (0..grid.height as isize).contains(&to_row) && (0..grid.width as isize).contains(&to_col);
                if inside {
                    let target = to_row as usize * grid.width + to_col as usize;
                    values[target] = read.values[row * read.grid.width + col];
                    on_image[target] = true;
                }
            }
        }
        let complete = on_image.iter().all(|&on| on);
        Self { window: BandWindow { band: read.band, grid, values }, on_image: if complete { Vec::new() } else { on_image } }
    }

    /// The mask without pixels beyond the image: those have no value, whatever a mask would say.
    fn inside_only<'m>(&self, excluded: &'m [bool]) -> std::borrow::Cow<'m, [bool]> {
        if excluded.is_empty() || self.on_image.is_empty() {
            return std::borrow::Cow::Borrowed(excluded);
        }
        std::borrow::Cow::Owned(excluded.iter().zip(&self.on_image).map(|(&masked, &on)| masked && on).collect())
    }
}

/// The pixels of a grid's lattice that `bounds` touches, also beyond the image.
fn covering(image: &Grid, bounds: &Bounds) -> Grid {
    // The same hair of tolerance as in `Grid::window`, so that both choose the same pixels.
    const HAIR: f64 = 1e-6;
    let (left, top) = image.pixel_from_world(bounds.min_x, bounds.max_y);
    let (right, bottom) = image.pixel_from_world(bounds.max_x, bounds.min_y);
    let (col, row) = ((left + HAIR).floor(), (top + HAIR).floor());
    let (x, y) = image.world_from_pixel(col, row);
    Grid {
        left: x,
        top: y,
        width: ((right - HAIR).ceil() - col).max(1.0) as usize,
        height: ((bottom - HAIR).ceil() - row).max(1.0) as usize,
        ..image.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        Grid { crs: Crs::Epsg(32631), left: 100.0, top: 200.0, pixel_x: 10.0, pixel_y: 10.0, width: 3, height: 3 }
    }

    fn asset() -> BandAsset {
        BandAsset {
            band: Band::new("B04"),
            path: "x.tif".into(),
            band_number: 1,
            grid: grid(),
            nodata: None,
            quantity: Quantity::Reflectance,
            scale: 1.0,
            offset: 0.0,
        }
    }

    #[test]
    fn a_parcel_over_the_edge_keeps_its_pixels_beyond_the_image_without_value() {
        let touch = Bounds { min_x: 85.0, max_x: 115.0, min_y: 185.0, max_y: 205.0 };
        let placed = Placed::new(
            &asset(),
            Some(BandWindow {
                band: Band::new("B04"),
                grid: Grid { width: 2, height: 2, ..grid() },
                values: vec![1.0, 2.0, 3.0, 4.0],
            }),
            &touch,
        );
        assert_eq!((placed.window.grid.left, placed.window.grid.top), (80.0, 210.0));
        assert_eq!((placed.window.grid.width, placed.window.grid.height), (4, 3));
        let seen: Vec<f32> = placed.window.values.iter().copied().filter(|value| !value.is_nan()).collect();
        assert_eq!(seen, [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(placed.on_image.iter().filter(|&&on| on).count(), 4);
        let mask = placed.inside_only(&[true; 12]);
        assert_eq!(mask.iter().filter(|&&masked| masked).count(), 4);
    }

    #[test]
    fn coverage_decides_before_clearness_and_clearness_before_the_baseline() {
        let rank = |covered, clear, baseline| Rank { covered, clear, baseline };
        assert!(rank(1.0, 0.0, Some("02.13")).better_than(&rank(0.5, 1.0, Some("05.00"))));
        assert!(rank(1.0, 0.9, Some("02.13")).better_than(&rank(1.0, 0.5, Some("05.00"))));
        assert!(rank(1.0, 0.9, Some("05.00")).better_than(&rank(1.0, 0.9, Some("02.13"))));
        assert!(!rank(1.0, 0.9, None).better_than(&rank(1.0, 0.9, None)));
    }
}
