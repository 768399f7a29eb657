//! The REST contract of JRC's Checks by Monitoring: what goes over the wire between a client and a server.
//!
//! Plain rows that [`read`] makes of the bytes of any server, tolerant of every spelling and quirk in the wild, and that [`mod@write`]
//! turns into the bytes that JRC's own clients expect. No network here.
//!
//! Beside the contract, a Parcelight server answers routes of its own, which `info` announces ([`Info::own_routes`]): a client that
//! finds them gets the very numbers of the project that is served, masked and made per pixel as its settings say.

pub mod names;
pub mod read;
pub mod write;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::model::{ObservationState, Pass, Sensor};

/// Largest number of new chips of one request for raw chips by location.
pub const CHIP_LIMIT: usize = 24;
/// Largest number of new files of one request of a batch.
pub const BATCH_LIMIT: usize = 36;
/// Largest number of parcels of one request by polygon.
pub const POLYGON_LIMIT: usize = 100;
/// Largest side of a chip, m.
pub const MAX_CHIP_M: u32 = 5120;
/// Route of Parcelight servers: observations of one signal of one parcel, as a local project has them.
pub const SIGNAL_ROUTE: &str = "parcelSignal";
/// Route of Parcelight servers: all acquisitions of one parcel with the classes of its pixels.
pub const ACQUISITIONS_ROUTE: &str = "parcelAcquisitions";

/// What is wrong with an answer, in one sentence without its address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Fault(pub String);

/// A parcel as the parcel routes describe it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParcelRow {
    /// External id.
    pub pid: String,
    /// Declared crop, when known.
    pub crop_name: Option<String>,
    /// Its code.
    pub crop_code: Option<String>,
    /// EPSG code of the server's table and, unless asked for in WGS 84, of `geometry`.
    pub srid: Option<u32>,
    /// `GeoJSON` geometry as text.
    pub geometry: Option<String>,
    /// Area, m².
    pub area_m2: Option<f64>,
    /// Centroid, degrees east.
    pub lon: Option<f64>,
    /// Centroid, degrees north.
    pub lat: Option<f64>,
}

/// A parcel of the same crop.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerRow {
    /// External id.
    pub pid: String,
    /// Edge to edge, m.
    pub distance_m: f64,
}

/// Which time series.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SeriesKind {
    /// Sentinel-2 bands, digital numbers times 10 000 with the offset of their baseline.
    S2,
    /// Sentinel-1 backscatter, linear power.
    Backscatter,
    /// Sentinel-1 coherence of six days, 0..=1.
    Coherence,
}

impl SeriesKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::S2, Self::Backscatter, Self::Coherence];

    /// Value of `tstype`.
    pub fn code(self) -> &'static str {
        match self {
            Self::S2 => "s2",
            Self::Backscatter => "bs",
            Self::Coherence => "c6",
        }
    }

    /// What measured it.
    pub fn sensor(self) -> Sensor {
        match self {
            Self::S2 => Sensor::S2,
            Self::Backscatter => Sensor::S1Backscatter,
            Self::Coherence => Sensor::S1Coherence,
        }
    }
}

/// Statistics of one band of one observation, as stored by the server: nothing is masked. `NaN` where there is no number.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesRow {
    /// Acquisition time.
    pub time: Timestamp,
    /// Band as written: `B04`, `B4`, `VVb`, `VHc`, ….
    pub band: String,
    /// Pixels used.
    pub count: f64,
    /// Mean.
    pub mean: f64,
    /// Population standard deviation.
    pub std: f64,
    /// Smallest.
    pub min: f64,
    /// First quartile.
    pub p25: f64,
    /// Median.
    pub p50: f64,
    /// Third quartile.
    pub p75: f64,
    /// Largest.
    pub max: f64,
    /// 20 m pixels of the parcel per scene class.
    pub histogram: Option<[u32; 12]>,
    /// Product name.
    pub reference: Option<String>,
}

/// A day of weather at the parcel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WeatherRow {
    /// Day.
    pub day: Date,
    /// Lowest temperature, °C.
    pub tmin: f64,
    /// Highest temperature, °C.
    pub tmax: f64,
    /// Mean temperature, °C.
    pub tmean: f64,
    /// Precipitation, mm.
    pub prec: f64,
}

/// A marker that the server holds.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct MarkerRow {
    /// Marker.
    pub marker: String,
    /// Kind.
    pub kind: String,
    /// Beginning, as written.
    pub start: String,
    /// Day of the event, as written.
    pub main: String,
    /// End, as written.
    pub end: String,
    /// Duration, days.
    pub duration_days: Option<f64>,
    /// Up to three values.
    pub values: [Option<f64>; 3],
    /// Practice.
    pub practice: String,
}

/// A chip that the server has cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChipRow {
    /// Label as written: `YYYYMMDDTHHMMSS`, in batches with `_B04` or `_VV`.
    pub label: String,
    /// Address below the base, without a leading slash: made from the path with [`read::chip_address`].
    pub address: String,
    /// Last component: `PRODUCT.B04.tif`. Only to compare with what was asked, never a place on disk.
    pub file: String,
}

/// What an area offers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AreaInfo {
    /// Years.
    pub years: Vec<String>,
    /// Parcel tables beside the main one (`ptype`).
    pub datasets: Vec<String>,
    /// `tstype` values.
    pub time_series: Vec<String>,
    /// Background maps.
    pub backgrounds: Vec<String>,
}

/// What a server offers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Info {
    /// By area.
    pub areas: BTreeMap<String, AreaInfo>,
    /// Routes beyond the contract; empty for JRC's own servers.
    pub own_routes: Vec<String>,
}

/// One observation of one signal, with the settings that were asked for ([`SIGNAL_ROUTE`]).
#[derive(Debug, Clone, PartialEq)]
pub struct SignalRow {
    /// Which acquisition.
    pub key: AcquisitionKey,
    /// Sensing time of the product that the numbers come from.
    pub acquired: Timestamp,
    /// In the signal's unit.
    pub value: f64,
    /// Population standard deviation over pixels.
    pub std: f64,
    /// First quartile over pixels.
    pub p25: f64,
    /// Third quartile over pixels.
    pub p75: f64,
    /// Usable pixels.
    pub count: f64,
    /// Share of usable pixels.
    pub usable_share: f64,
    /// Whether it can be used.
    pub state: ObservationState,
}

/// What tells acquisitions apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AcquisitionKey {
    /// Time of the acquisition (that of its first product).
    pub time: Timestamp,
    /// What measured it.
    pub sensor: Sensor,
    /// `S2A`, ….
    pub platform: String,
    /// Relative orbit.
    pub relative_orbit: Option<u16>,
    /// Orbit direction.
    pub pass: Option<Pass>,
    /// Earlier date of a coherence pair.
    pub first: Option<Timestamp>,
}

/// One product of one acquisition as it sees one parcel ([`ACQUISITIONS_ROUTE`]). Rows of an acquisition follow each other, the
/// product that shows most of the parcel first.
#[derive(Debug, Clone, PartialEq)]
pub struct AcquisitionRow {
    /// Which acquisition.
    pub key: AcquisitionKey,
    /// Product name: what chips are asked for by.
    pub product: String,
    /// Sensing time of the product.
    pub acquired: Timestamp,
    /// MGRS tile.
    pub tile: Option<String>,
    /// Processing baseline, `04.00`.
    pub baseline: Option<String>,
    /// Reflectance offset in digital numbers.
    pub boa_offset_dn: f64,
    /// Stored values per unit of reflectance.
    pub quantification: f64,
    /// EPSG code of the product's grid.
    pub epsg: u32,
    /// Bands with the size of their pixels, m; the scene classification is `SCL`.
    pub bands: Vec<(String, f64)>,
    /// 20 m pixels of the parcel per scene class.
    pub classes: [u32; 12],
    /// Pixels of the parcel on the finest grid that decides: see [`crate::model::observation::Coverage`].
    pub pixels: u32,
    /// Of these without value.
    pub nodata: u32,
    /// False without a scene classification.
    pub classified: bool,
    /// Made, not observed.
    pub synthetic: bool,
}
