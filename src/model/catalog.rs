//! Which images there are: acquisitions, their products and bands. Knows paths, opens nothing.

use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::ids::{AcquisitionIx, Band};
use super::report::Problem;
use super::{Bounds, Grid};

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Sensor {
    /// Sentinel-2 surface reflectance.
    #[serde(rename = "S2")]
    S2,
    /// Sentinel-1 backscatter.
    #[serde(rename = "S1-BS")]
    S1Backscatter,
    /// Sentinel-1 interferometric coherence of a pair.
    #[serde(rename = "S1-COH")]
    S1Coherence,
}

impl Sensor {
    /// Name in files: `S2`, `S1-BS`, `S1-COH`.
    pub fn code(self) -> &'static str {
        match self {
            Self::S2 => "S2",
            Self::S1Backscatter => "S1-BS",
            Self::S1Coherence => "S1-COH",
        }
    }
}

/// Orbit direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Pass {
    /// Northwards, evening over Europe.
    #[serde(rename = "A")]
    Ascending,
    /// Southwards, morning over Europe.
    #[serde(rename = "D")]
    Descending,
}

impl Pass {
    /// `A` or `D`, as in files.
    pub fn code(self) -> &'static str {
        match self {
            Self::Ascending => "A",
            Self::Descending => "D",
        }
    }
}

/// Where a fact about an acquisition comes from; an assumption is shown to the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Stated by metadata inside the file or its product.
    Metadata,
    /// Read from the file or folder name.
    Name,
    /// Set by the user in the project.
    Setting,
    /// Assumed, because nothing says it.
    Assumed,
}

/// What stored numbers mean before conversion to physical values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Surface reflectance, 0..1 after scale and offset.
    Reflectance,
    /// Radar backscatter stored as linear power.
    LinearPower,
    /// Radar backscatter stored in decibels; readers convert to linear power.
    Decibel,
    /// Interferometric coherence, 0..1.
    Coherence,
    /// Sentinel-2 scene classification, 0..=11.
    SceneClass,
}

/// Which area backscatter is related to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Calibration {
    /// Ground area: sigma-nought.
    Sigma0,
    /// Area across the line of sight: gamma-nought.
    Gamma0,
}

impl Calibration {
    /// `σ0`, `γ0`.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Sigma0 => "σ0",
            Self::Gamma0 => "γ0",
        }
    }
}

/// One band in one file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BandAsset {
    /// Band name.
    pub band: Band,
    /// File.
    pub path: PathBuf,
    /// GDAL band number in the file, from 1.
    pub band_number: usize,
    /// Native pixel grid of the whole file.
    pub grid: Grid,
    /// Stored value that means "no value", beside `NaN`.
    pub nodata: Option<f64>,
    /// What stored values mean.
    pub quantity: Quantity,
    /// `physical = stored * scale + offset`, before the conversion that `quantity` asks for.
    pub scale: f64,
    /// See `scale`; reflectance of baseline 04.00 and later has -0.1.
    pub offset: f64,
}

/// One product of an acquisition: the part of a pass inside one tile, in one processing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Granule {
    /// Product or file stem: what the user recognises it by.
    pub name: String,
    /// Sensing time of this granule.
    pub acquired: Timestamp,
    /// MGRS tile such as `31UES`, when known.
    pub tile: Option<String>,
    /// Processing baseline such as `04.00`, when known.
    pub baseline: Option<String>,
    /// Reflectance offset in digital numbers (0 or -1000), for Sentinel-2.
    pub boa_offset_dn: f64,
    /// Where the offset comes from.
    pub offset_origin: Origin,
    /// Share of clear pixels of the whole granule in 0..=1, when metadata or a small mask tells.
    pub clear_share: Option<f64>,
    /// Bands, sorted by name; the scene classification is the band `SCL`.
    pub bands: Vec<BandAsset>,
    /// Of backscatter, when name, metadata or project tell.
    #[serde(default)]
    pub calibration: Option<Calibration>,
    /// Made, not observed; every use says so.
    pub synthetic: bool,
    /// Its pixels are on a server: grids only say where they may lie, paths only what they are called.
    #[serde(default)]
    pub remote: bool,
}

impl Granule {
    /// The asset of a band.
    pub fn band(&self, band: &Band) -> Option<&BandAsset> {
        self.bands.iter().find(|asset| asset.band == *band)
    }

    /// The scene classification.
    pub fn scl(&self) -> Option<&BandAsset> {
        self.bands.iter().find(|asset| asset.quantity == Quantity::SceneClass)
    }

    /// Box of the finest band in its own CRS, with that grid.
    pub fn finest_grid(&self) -> Option<&Grid> {
        self.bands.iter().map(|asset| &asset.grid).min_by(|a, b| a.pixel_x.total_cmp(&b.pixel_x))
    }

    /// Ground footprint in the granule's CRS.
    pub fn bounds(&self) -> Option<Bounds> {
        self.finest_grid().map(Grid::bounds)
    }
}

/// One satellite image at one date, time and orbit.
///
/// Two granules of one pass on one day are one acquisition with two footprints; so are two processings of one granule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Acquisition {
    /// What was measured.
    pub sensor: Sensor,
    /// Sensing time of the first granule; for a coherence pair the later date.
    pub acquired: Timestamp,
    /// Earlier date of a coherence pair.
    pub first: Option<Timestamp>,
    /// `S2A`, `S2B`, `S1A`, … or `S1` when only the constellation is known.
    pub platform: String,
    /// Relative orbit, when known.
    pub relative_orbit: Option<u16>,
    /// Orbit direction, when known.
    pub pass: Option<Pass>,
    /// Where the direction comes from.
    pub pass_origin: Origin,
    /// Products, never empty; the first is the one shown unless another covers a parcel better.
    pub granules: Vec<Granule>,
}

impl Acquisition {
    /// True when any product is made, not observed.
    pub fn synthetic(&self) -> bool {
        self.granules.iter().any(|granule| granule.synthetic)
    }

    /// Band names of all products, sorted, without `SCL`.
    pub fn band_names(&self) -> Vec<Band> {
        let mut names: Vec<Band> = self
            .granules
            .iter()
            .flat_map(|granule| &granule.bands)
            .filter(|asset| asset.quantity != Quantity::SceneClass)
            .map(|asset| asset.band.clone())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    /// Days between the two dates of a coherence pair.
    pub fn pair_days(&self) -> Option<i64> {
        self.first.map(|first| ((self.acquired.as_second() - first.as_second()) as f64 / 86_400.0).round() as i64)
    }
}

/// All acquisitions, sorted by time, then sensor, then orbit; plus what could not be used.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    /// Sorted by (acquired, sensor, relative orbit, platform).
    pub acquisitions: Vec<Acquisition>,
    /// Files that could not be used or need attention, in path order.
    pub problems: Vec<Problem>,
}

impl Catalog {
    /// The acquisition in a row.
    pub fn get(&self, ix: AcquisitionIx) -> &Acquisition {
        &self.acquisitions[ix.at()]
    }

    /// Rows with their numbers.
    pub fn iter(&self) -> impl Iterator<Item = (AcquisitionIx, &Acquisition)> {
        (0u32..).map(AcquisitionIx).zip(&self.acquisitions)
    }

    /// Number of acquisitions of a sensor.
    pub fn count(&self, sensor: Sensor) -> usize {
        self.acquisitions.iter().filter(|acquisition| acquisition.sensor == sensor).count()
    }

    /// What all backscatter here is related to; `None` when that is not known, or not the same everywhere.
    pub fn calibration(&self) -> Option<Calibration> {
        let radar = self.acquisitions.iter().filter(|acquisition| acquisition.sensor == Sensor::S1Backscatter);
        // Of values without an image nobody knows.
        let images = radar.flat_map(|acquisition| &acquisition.granules).filter(|granule| !granule.bands.is_empty());
        let mut all = images.map(|granule| granule.calibration);
        let first = all.next()??;
        all.all(|other| other == Some(first)).then_some(first)
    }

    /// The documented order.
    pub fn order(a: &Acquisition, b: &Acquisition) -> std::cmp::Ordering {
        (a.acquired, a.sensor, a.relative_orbit, &a.platform).cmp(&(b.acquired, b.sensor, b.relative_orbit, &b.platform))
    }

    /// Sorts into the documented order.
    pub fn sort(&mut self) {
        self.acquisitions.sort_by(Self::order);
        self.problems.sort_by(|a, b| (&a.path, &a.fact).cmp(&(&b.path, &b.fact)));
    }
}
