//! Check of a parcel against a thematic raster: parameters, and what is found. A class is a whole number, 0 is no data.

use serde::{Deserialize, Serialize};

/// Which pixels are neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Connectivity {
    /// Those with a common side.
    Four,
    /// Those with a common side or corner.
    Eight,
}

/// What makes a parcel more than one physical object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cardinality {
    /// More than one large cluster, also of the same class: two maize fields apart from each other are two objects.
    SpatialClusters,
    /// Large clusters of more than one class.
    DistinctClasses,
}

/// How a parcel is checked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FoiParams {
    /// Outlines are moved by so many metres first; 0 or negative, which shrinks.
    pub buffer_m: f64,
    /// A class with at least this share of the pixels, per cent …
    pub min_het: f64,
    /// … and at most this one makes the parcel heterogeneous. Both limits belong to the range.
    pub max_het: f64,
    /// Which pixels belong to one cluster.
    pub connectivity: Connectivity,
    /// A cluster is large when it has more pixels than this.
    pub cluster_pixels: u32,
    /// Which reading decides about cardinality.
    pub cardinality: Cardinality,
}

impl Default for FoiParams {
    /// The typical values of JRC's tool: 10 m inwards, 30 to 70 per cent, 8 neighbours, clusters of more than 20 pixels.
    fn default() -> Self {
        Self {
            buffer_m: -10.0,
            min_het: 30.0,
            max_het: 70.0,
            connectivity: Connectivity::Eight,
            cluster_pixels: 20,
            cardinality: Cardinality::SpatialClusters,
        }
    }
}

/// Pixels of a class in a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassCount {
    /// The class; never 0.
    pub class: i32,
    /// Its pixels.
    pub pixels: u32,
}

/// A patch of connected pixels of one class inside one parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cluster {
    /// The class; never 0.
    pub class: i32,
    /// Its pixels.
    pub pixels: u32,
}

/// What the raster says about a parcel.
#[derive(Debug, Clone, PartialEq)]
pub struct FoiFinding {
    /// Pixels with a class.
    pub pixels: u32,
    /// Pixels of the parcel without one.
    pub nodata: u32,
    /// Pixels of the parcel beyond the edge of the raster.
    pub outside: u64,
    /// Classes by number.
    pub classes: Vec<ClassCount>,
    /// `foi_h`: a class has a share between the limits.
    pub heterogeneous: bool,
    /// Large clusters, the largest first, then by class.
    pub clusters: Vec<Cluster>,
    /// There is more than one large cluster.
    pub several_clusters: bool,
    /// The large clusters are of more than one class.
    pub several_classes: bool,
    /// `foi_c`: the one of these two that the parameters chose.
    pub cardinal: bool,
}

impl FoiFinding {
    /// Share of some pixels among those with a class, per cent.
    pub fn percent(&self, pixels: u32) -> f64 {
        100.0 * f64::from(pixels) / f64::from(self.pixels)
    }

    /// The class with most pixels, of equal ones the lowest.
    pub fn largest(&self) -> Option<ClassCount> {
        self.classes.iter().copied().reduce(|best, own| if own.pixels > best.pixels { own } else { best })
    }
}

/// Why a parcel has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FoiSkip {
    /// The layer has no usable outline for it.
    NoOutline,
    /// It lies beyond the raster.
    NoOverlap,
    /// The inner buffer left nothing of it.
    BufferTookAll,
    /// What the inner buffer left of it lies beyond the raster.
    BufferedNoOverlap,
    /// No pixel has its centre in it.
    NoPixels,
    /// All of its pixels are without a class.
    NoClass,
    /// The box around it has more pixels than are read at once.
    TooLarge,
    /// Its pixels cannot be read; the reason.
    Unreadable(String),
}

impl FoiSkip {
    /// As tables write it.
    pub fn reason(&self) -> String {
        match self {
            Self::NoOutline => "no usable outline".to_owned(),
            Self::NoOverlap => "does not overlap the raster".to_owned(),
            Self::BufferTookAll => "the inner buffer left nothing".to_owned(),
            Self::BufferedNoOverlap => "does not overlap the raster after the inner buffer".to_owned(),
            Self::NoPixels => "no pixel has its centre inside".to_owned(),
            Self::NoClass => "all pixels are no data".to_owned(),
            Self::TooLarge => "too large to be read at once".to_owned(),
            Self::Unreadable(fact) => format!("cannot be read: {fact}"),
        }
    }
}

/// Answer for one parcel.
#[derive(Debug, Clone, PartialEq)]
pub struct FoiRow {
    /// External id.
    pub parcel_id: String,
    /// What was found, or why nothing.
    pub result: Result<FoiFinding, FoiSkip>,
}
