//! What a raster file says about itself: grid, bands, tags; with the checks that every image must pass.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use gdal::raster::{GdalDataType, RasterBand};
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, Metadata as _};

use super::{Fault, tiff};
use crate::io::raster;
use crate::model::{Bounds, Crs, Grid};

/// Rasters with fewer pixels are read whole where their content matters.
const SMALL_PIXELS: usize = 1 << 20;

/// Blocks per band whose place in the file is checked.
const CHECKED_BLOCKS: usize = 64;

/// An open raster that passed the checks.
pub(super) struct Raster {
    dataset: Dataset,
    pub grid: Grid,
    /// Tags of the file.
    pub tags: BTreeMap<String, String>,
    pub bands: Vec<RasterBandInfo>,
}

/// One band of a raster.
pub(super) struct RasterBandInfo {
    /// GDAL band number, from 1.
    pub number: usize,
    pub description: String,
    pub unit: String,
    pub nodata: Option<f64>,
    /// Scale and offset, when the file sets them.
    pub scaling: Option<(f64, f64)>,
    pub floating: bool,
    /// Tags of the band.
    pub tags: BTreeMap<String, String>,
}

/// Opens a raster and checks it.
pub(super) fn open(path: &Path) -> Result<Raster, Fault> {
    tiff::check_start(path)?;
    let dataset = raster::open(path, false).map_err(|error| {
        Fault::error(format!("the image cannot be opened: {}", raster::fact_of(&error)), "a complete GeoTIFF or JPEG 2000 image")
    })?;
    let grid = grid_of(path, &dataset)?;
    let mut bands = Vec::with_capacity(dataset.raster_count());
    for number in 1..=dataset.raster_count() {
        let band = band_of(&dataset, number)?;
        if let Some(fact) = raster::oversized_block(&dataset, &band) {
            return Err(Fault::error(fact, "an image with internal tiles, e.g. 512 x 512 pixels"));
        }
        check_blocks(path, &band, number)?;
        bands.push(info(&band, number));
    }
    Ok(Raster { grid, tags: tags(&dataset), bands, dataset })
}

impl Raster {
    /// Stored values of a few small windows spread over the band, without nodata; all of a small raster.
    pub fn samples(&self, band: &RasterBandInfo) -> Vec<f32> {
        let (width, height) = (self.grid.width, self.grid.height);
        let mut values = Vec::new();
        let side = if self.grid.len() <= SMALL_PIXELS { width.max(height) } else { 128 };
        let spread = |length: usize| if length <= side { vec![0] } else { vec![0, (length - side) / 2, length - side] };
        for row in spread(height) {
            for col in spread(width) {
                // An unreadable block has no sample; reading it later is an error that says so.
                if let Ok(read) = self.read(band.number, (col, row), (side.min(width), side.min(height))) {
                    values.extend(read);
                }
            }
        }
        let nodata = band.nodata.map_or(f32::NAN, |nodata| nodata as f32);
        values.retain(|value| value.is_finite() && *value != nodata);
        values
    }

    /// All stored values of a small raster; `None` for a large or unreadable one.
    pub fn whole(&self, number: usize) -> Option<Vec<f32>> {
        if self.grid.len() > SMALL_PIXELS {
            return None;
        }
        self.read(number, (0, 0), (self.grid.width, self.grid.height)).ok() // reading later says what is wrong
    }

    fn read(&self, number: usize, corner: (usize, usize), size: (usize, usize)) -> Result<Vec<f32>, gdal::errors::GdalError> {
        let band = self.dataset.rasterband(number)?;
        Ok(band.read_as::<f32>((corner.0 as isize, corner.1 as isize), size, size, None)?.into_shape_and_vec().1)
    }
}

fn band_of(dataset: &Dataset, number: usize) -> Result<RasterBand<'_>, Fault> {
    dataset
        .rasterband(number)
        .map_err(|error| Fault::error(format!("band {number} cannot be opened: {}", raster::fact_of(&error)), "a readable band"))
}

fn info(band: &RasterBand, number: usize) -> RasterBandInfo {
    RasterBandInfo {
        number,
        description: band.description().unwrap_or_default(), // no description: decided by the name
        unit: band.unit(),
        nodata: band.no_data_value(),
        scaling: band.scale().map(|scale| (scale, band.offset().unwrap_or(0.0))),
        floating: matches!(band.band_type(), GdalDataType::Float32 | GdalDataType::Float64),
        tags: tags(band),
    }
}

fn tags(object: &impl gdal::Metadata) -> BTreeMap<String, String> {
    let lines = object.metadata_domain("").unwrap_or_default();
    lines
        .iter()
        .filter_map(|line| line.split_once('='))
        .map(|(key, value)| (key.to_ascii_uppercase(), value.trim().to_owned()))
        .collect()
}

fn grid_of(path: &Path, dataset: &Dataset) -> Result<Grid, Fault> {
    let (width, height) = dataset.raster_size();
    let transform = dataset.geo_transform().map_err(|_missing| {
        Fault::error("the image has no georeference (no geotransform)", "a north-up image with CRS and pixel size")
    })?;
    let [left, pixel_x, row_x, top, row_y, pixel_y] = transform;
    let system = system_of(path, dataset)
        .ok_or_else(|| Fault::error("the image has no coordinate reference system", "a CRS such as EPSG:32631 in the file"))?;
    if row_x != 0.0 || row_y != 0.0 {
        return Err(Fault::error("the image is rotated", "a north-up image: warp it first, e.g. with gdalwarp"));
    }
    if !(pixel_x > 0.0 && pixel_y < 0.0 && transform.iter().all(|value| value.is_finite())) {
        return Err(Fault::error(
            format!("the pixel size is {pixel_x} x {pixel_y}"),
            "a north-up image: warp it first, e.g. with gdalwarp",
        ));
    }
    let grid = Grid { crs: system.crs, left, top, pixel_x, pixel_y: -pixel_y, width, height };
    match impossible(&grid.crs, system.geographic, &grid.bounds()) {
        Some(fault) => Err(fault),
        None => Ok(grid),
    }
}

/// A decoded coordinate system.
#[derive(Clone)]
struct System {
    crs: Crs,
    geographic: bool,
}

/// Coordinate systems decoded so far, by the raw keys of the TIFF.
static SYSTEMS: Mutex<BTreeMap<Vec<u8>, System>> = Mutex::new(BTreeMap::new());

fn system_of(path: &Path, dataset: &Dataset) -> Option<System> {
    // A side file may state another system than the keys.
    let mut side = path.as_os_str().to_owned();
    side.push(".aux.xml");
    let keys = if Path::new(&side).exists() { None } else { tiff::geo_keys(path) };
    let systems = || SYSTEMS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = keys.as_ref().and_then(|keys| systems().get(keys).cloned()) {
        return Some(known);
    }
    let reference = dataset.spatial_ref().ok()?; // none: the caller says so
    let system = System { crs: crs_of(&reference), geographic: reference.is_geographic() };
    if let Some(keys) = keys {
        systems().insert(keys, system.clone());
    }
    Some(system)
}

/// The CRS as its EPSG code where it has one.
pub(super) fn crs_of(reference: &SpatialRef) -> Crs {
    let code = reference.authority().ok().and_then(|name| name.strip_prefix("EPSG:")?.parse().ok()); // no code: the text
    code.map_or_else(|| Crs::Wkt(reference.to_wkt().unwrap_or_default()), Crs::Epsg)
}

/// Coordinates that cannot be meant in their CRS.
pub(super) fn impossible(crs: &Crs, geographic: bool, bounds: &Bounds) -> Option<Fault> {
    let corner = format!("x {:.2}, y {:.2}", bounds.min_x, bounds.max_y);
    let degrees = bounds.min_x >= -360.0 && bounds.max_x <= 360.0 && bounds.min_y >= -90.0 && bounds.max_y <= 90.0;
    if geographic {
        return (!degrees).then(|| {
            Fault::error(
                format!("the coordinates are impossible in {}: {corner} are no degrees", crs.label()),
                "the CRS that the coordinates are in",
            )
        });
    }
    if degrees {
        return Some(Fault::error(
            format!("the coordinates look like degrees, but the CRS {} is in metres: {corner}", crs.label()),
            "the CRS that the coordinates are in",
        ));
    }
    // The upper left corner alone: an image that claims to be huge is refused for its size, not for its place.
    let utm = crs.epsg().is_some_and(|code| (32601..=32660).contains(&code) || (32701..=32760).contains(&code));
    let (x, y) = (bounds.min_x, bounds.max_y);
    let far = if utm { !(-1e6..=2e6).contains(&x) || !(-1e6..=1.1e7).contains(&y) } else { x.abs().max(y.abs()) > 5e7 };
    far.then(|| {
        Fault::error(
            format!("the coordinates are impossible in {}: {corner}", crs.label()),
            "the CRS that the coordinates are in",
        )
    })
}

/// Finds pixel blocks that lie beyond the end of a `GeoTIFF`, without reading any: the file was cut off.
fn check_blocks(path: &Path, band: &RasterBand, number: usize) -> Result<(), Fault> {
    let bytes = std::fs::metadata(path).map_or(u64::MAX, |about| about.len()); // not known: nothing to compare
    let (block_width, block_height) = band.block_size();
    if block_width == 0 || block_height == 0 {
        return Ok(());
    }
    let (columns, rows) = (band.x_size().div_ceil(block_width), band.y_size().div_ceil(block_height));
    // A cut loses what was written last: mostly the last blocks, in a cloud-optimised file any part of the full resolution.
    let step = (columns * rows).div_ceil(CHECKED_BLOCKS).max(1);
    for block in (0..columns * rows).rev().step_by(step) {
        let (col, row) = (block % columns, block / columns);
        let entry = |what: &str| band.metadata_item(&format!("{what}_{col}_{row}"), "TIFF")?.parse::<u64>().ok(); // other formats have none
        if let (Some(offset), Some(size)) = (entry("BLOCK_OFFSET"), entry("BLOCK_SIZE"))
            && offset + size > bytes
        {
            let fact = format!(
                "the file is cut off: a pixel block of band {number} ends at byte {}, the file has {bytes}",
                offset + size
            );
            return Err(Fault::error(fact, "the complete file: copy or download it again"));
        }
    }
    Ok(())
}
