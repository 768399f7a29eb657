//! Pixels of a server: chips are asked for, checked, kept as files, and read as if they were images of one's own.

use std::path::{Path, PathBuf};

use super::{Remote, RemoteFault};
use crate::contract::{SeriesKind, names};
use crate::io::{IoError, crs, raster, scan};
use crate::model::catalog::Quantity;
use crate::model::units::utc_day;
use crate::model::{Acquisition, BandAsset, BandWindow, Bounds, Crs, Granule, Sensor, Watch};
use crate::remote::{ChipFile, ChipWanted, ChipsWanted};

/// Ground beyond the box that is wanted, m: a server's pixels need not begin where the box does.
const RIM_M: f64 = 40.0;

/// Sides of chips are multiples of this, m, so that small changes of the margin ask for nothing new.
const STEP_M: f64 = 80.0;

/// Says what is wrong with a downloaded file, if anything.
pub(super) fn check(path: &Path, wanted: &ChipWanted) -> Result<(), String> {
    let (grid, floating) = scan::image_grid(path)?;
    let whole = if wanted.band == "SCL" { "scene classes" } else { "stored reflectances" };
    let radar = matches!(wanted.band.as_str(), "VV" | "VH");
    if radar != floating {
        let found = if floating { "decimal numbers" } else { "whole numbers" };
        let expected = if radar { "decimal numbers" } else { whole };
        return Err(format!("its pixels are {found}; {expected} were expected in band {}", wanted.band));
    }
    let mut centre = [[wanted.lon, wanted.lat]];
    crs::transform_points(&mut centre, &crs::WGS84, &grid.crs).map_err(|error| error.to_string())?;
    let bounds = grid.bounds();
    let [x, y] = centre[0];
    if !(bounds.min_x..=bounds.max_x).contains(&x) || !(bounds.min_y..=bounds.max_y).contains(&y) {
        return Err(format!(
            "it shows another place: {} holds x {:.0} to {:.0}, y {:.0} to {:.0}; the chip was wanted at {x:.0}, {y:.0}",
            grid.crs.label(),
            bounds.min_x,
            bounds.max_x,
            bounds.min_y,
            bounds.max_y
        ));
    }
    // One more pixel on each side is no other chip.
    let side = f64::from(wanted.chip_m) + 4.0 * grid.pixel_x;
    if bounds.max_x - bounds.min_x > side || bounds.max_y - bounds.min_y > side {
        let size = format!("{:.0} x {:.0} m", bounds.max_x - bounds.min_x, bounds.max_y - bounds.min_y);
        return Err(format!("it is {size} large; {} m were asked for", wanted.chip_m));
    }
    Ok(())
}

impl Remote {
    /// What [`raster::read_windows`] gives for images: one entry per asset, `None` where the product does not touch the box.
    pub(in crate::project) fn read_windows(
        &self,
        acquisition: &Acquisition,
        granule: &Granule,
        assets: &[&BandAsset],
        bounds: &Bounds,
        watch: &Watch,
    ) -> anyhow::Result<Vec<Option<BandWindow>>> {
        let Some(first) = assets.first() else { return Ok(Vec::new()) };
        let place = place(bounds, &first.grid.crs)?;
        let bands: Vec<String> = assets.iter().map(|asset| asset.band.to_string()).collect();
        let files = if acquisition.sensor == Sensor::S2 {
            let products = vec![granule.name.clone()];
            let wanted = ChipsWanted { lon: place.lon, lat: place.lat, chip_m: place.chip_m, products, bands };
            self.session.client.chips(&wanted, watch)?
        } else {
            self.radar(acquisition.sensor, granule, &place, &bands, watch)?
        };
        let mut windows = Vec::with_capacity(assets.len());
        for (asset, file) in assets.iter().zip(files) {
            windows.push(window(asset, &file?.path, bounds)?);
        }
        Ok(windows)
    }

    /// Radar chips of a product, of the bands in their order. Lists name scenes in their own way: what was sensed with it is it.
    fn radar(
        &self,
        sensor: Sensor,
        granule: &Granule,
        place: &Place,
        bands: &[String],
        watch: &Watch,
    ) -> Result<Vec<Result<ChipFile, RemoteFault>>, RemoteFault> {
        let kind = if sensor == Sensor::S1Coherence { SeriesKind::Coherence } else { SeriesKind::Backscatter };
        let day = utc_day(granule.acquired);
        let chips = self.session.client.s1_chips(place.lon, place.lat, place.chip_m, (day, day), kind, watch)?;
        let seconds = |product: &str| {
            let sensed = names::s1(product).map_or(i64::MAX, |name| name.sensed.as_second());
            if product == granule.name { -1 } else { sensed.saturating_sub(granule.acquired.as_second()).saturating_abs() }
        };
        let of = |band: &String| {
            let mut own: Vec<_> = chips.iter().filter_map(|chip| chip.as_ref().ok()).filter(|chip| chip.band == *band).collect();
            own.sort_by_key(|chip| seconds(&chip.product));
            let failed = || chips.iter().find_map(|chip| chip.as_ref().err().cloned());
            match own.first() {
                Some(chip) => Ok((*chip).clone()),
                None => Err(failed().unwrap_or_else(|| {
                    RemoteFault::Refused(format!(
                        "the server has no chip of band {band} of {}; its numbers are still shown",
                        granule.name
                    ))
                })),
            }
        };
        Ok(bands.iter().map(of).collect())
    }
}

/// The pixels of a chip in a box, in the terms of the product's band.
fn window(asset: &BandAsset, path: &Path, bounds: &Bounds) -> Result<Option<BandWindow>, IoError> {
    let problem =
        |fact: String| IoError::File { operation: format!("read the chip of band {}", asset.band), fact, path: path.to_owned() };
    let (grid, _) = scan::image_grid(path).map_err(problem)?;
    if grid.crs != asset.grid.crs {
        return Err(problem(format!("it is in {}; {} was expected", grid.crs.label(), asset.grid.crs.label())));
    }
    let nodata = if asset.quantity == Quantity::SceneClass { None } else { Some(0.0) };
    let local = BandAsset { path: path.to_owned(), band_number: 1, grid, nodata, ..asset.clone() };
    let mut windows = raster::read_windows(&[&local], bounds)?;
    Ok(windows.pop().flatten())
}

/// Where a chip is asked for.
pub(super) struct Place {
    pub(super) lon: f64,
    pub(super) lat: f64,
    pub(super) chip_m: u32,
}

/// The chip that covers a box: its centre as servers tell chips apart, and its side.
pub(super) fn place(bounds: &Bounds, system: &Crs) -> Result<Place, IoError> {
    let (x, y) = bounds.center();
    let mut centre = [[x, y]];
    crs::transform_points(&mut centre, system, &crs::WGS84)?;
    let round = |degrees: f64| (degrees * 1e5).round() / 1e5;
    let side = (bounds.max_x - bounds.min_x).max(bounds.max_y - bounds.min_y) + 2.0 * RIM_M;
    let limit = f64::from(crate::contract::MAX_CHIP_M);
    let chip_m = ((side / STEP_M).ceil() * STEP_M).min(limit) as u32;
    Ok(Place { lon: round(centre[0][0]), lat: round(centre[0][1]), chip_m })
}

/// For callers that only know errors of requests.
impl From<RemoteFault> for IoError {
    fn from(fault: RemoteFault) -> Self {
        match fault {
            RemoteFault::Cancelled { .. } => Self::Cancelled,
            fault => Self::File { operation: "ask the server".to_owned(), fact: fault.to_string(), path: PathBuf::new() },
        }
    }
}
