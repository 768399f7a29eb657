//! Heterogeneity of parcels: parameters, quantities, markers M1 to M7, decision. Names and defaults after the `Sen4CAP` fact sheet.

use serde::{Deserialize, Serialize};

/// Sensor group that is clustered on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Sentinel-2: B02, B03, B04, B08 and NDVI.
    S2,
    /// Sentinel-1: backscatter and coherence, VV and VH, passes apart.
    S1,
}

/// Which pixels share one set of cluster centres.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Context {
    /// All parcels of a region of neighbours: clusters mean the same in all of them.
    Region,
    /// One parcel alone: its clusters always exist, even in a uniform field; look at M3 and M4 only.
    Alone,
}

/// How twelve markers become an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecisionRule {
    /// By the total of the window: 12, 10, 8, 6.
    Sum,
    /// By the wording of the published slides.
    Literal,
}

/// What decides the cluster maps: changing any of it needs the pixels again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClusterParams {
    /// Number of clusters k, 2 to 15.
    pub clusters: u8,
    /// Days of a period.
    pub period_days: u16,
    /// A last, shorter period is kept from this many days on.
    pub min_period_days: u16,
    /// Days between regular S2 steps.
    pub s2_step_days: u16,
    /// Days between regular S1 steps.
    pub s1_step_days: u16,
    /// Features are standardised over the clustered pixels; `false` is the compatibility switch.
    pub standardise: bool,
    /// Seed of the clustering.
    pub seed: u64,
    /// Starts of k-means; the lowest inertia wins.
    pub starts: u8,
    /// Pixels of a mini-batch.
    pub batch: u32,
    /// Which pixels share centres.
    pub context: Context,
    /// Parcels of a region of neighbours, at least.
    pub region_parcels: u32,
    /// Metres by which parcels are shrunk for S2.
    pub s2_shrink_m: f32,
    /// Metres by which parcels are shrunk for S1.
    pub s1_shrink_m: f32,
    /// Radius of the window that removes isolated pixels.
    pub isolated_radius: u8,
    /// A pixel whose class occurs at most so often in that window is isolated; 0 removes nothing.
    pub isolated_threshold: u8,
    /// Radius of the connectivity window, pixels.
    pub radius: u8,
}

impl Default for ClusterParams {
    fn default() -> Self {
        Self {
            clusters: 4,
            period_days: 30,
            min_period_days: 20,
            s2_step_days: 10,
            s1_step_days: 7,
            standardise: true,
            seed: 20_190_701,
            starts: 3,
            batch: 1024,
            context: Context::Region,
            region_parcels: 300,
            s2_shrink_m: 5.0,
            s1_shrink_m: 10.0,
            isolated_radius: 1,
            isolated_threshold: 2,
            radius: 2,
        }
    }
}

/// Thresholds of the markers and the rule of the decision: changing them needs quantities only.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarkerParams {
    /// M1 and M5: share that no cluster may reach, 0..1.
    pub per_hetero: f64,
    /// M2: pixels that a cluster has to exceed, S2.
    pub n_pix_s2: u32,
    /// M6: the same for S1.
    pub n_pix_s1: u32,
    /// M3: distance of mean NDVI between clusters, 0..1.
    pub ndvi_distance: f64,
    /// M4: compactness of S2, mean connectivity over the natural logarithm of the area in m².
    pub compact_s2: f64,
    /// M7: compactness of S1; no calibrated value is published.
    pub compact_s1: f64,
    /// How the index is found.
    pub rule: DecisionRule,
}

impl Default for MarkerParams {
    fn default() -> Self {
        Self {
            per_hetero: 0.9,
            n_pix_s2: 20,
            n_pix_s1: 20,
            ndvi_distance: 0.15,
            compact_s2: 1.7,
            compact_s1: 1.7,
            rule: DecisionRule::Sum,
        }
    }
}

/// Both parts.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeterogeneityParams {
    /// What decides the cluster maps.
    pub clusters: ClusterParams,
    /// Thresholds and rule.
    pub markers: MarkerParams,
}

/// Most clusters that quantities have room for.
pub const MAX_CLUSTERS: usize = 15;

/// What one parcel, period and stream measure; markers follow from it without pixels.
///
/// Counts take pixels with a class only. Without a pixel `pixels` is 0 and the values are `NaN`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantities {
    /// Pixels with a class.
    pub pixels: u32,
    /// Pixels of each cluster, cluster 1 first.
    pub clusters: [u32; MAX_CLUSTERS],
    /// Mean NDVI of each cluster over pixels and available dates of the period; `NaN` where it is empty, and for S1.
    pub ndvi: [f32; MAX_CLUSTERS],
    /// Mean of the connectivity raster over the pixels.
    pub compact: f32,
    /// Dates of the period without any valid NDVI in the parcel (`HoleS2`).
    pub holes: u16,
    /// Dates with some missing pixels (`HoleS2Part`).
    pub partial_holes: u16,
}

/// A marker of a period: yes, no, or not available.
pub type Mark = Option<bool>;

/// Why a marker is 0 or not available.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Because {
    /// It is 1.
    Holds,
    /// No pixel with a class in the period.
    NoPixels,
    /// One cluster covers this share of the parcel.
    OneCluster(f64),
    /// The first marker is 0, so this one is.
    FirstIsZero,
    /// So many clusters only have more pixels than asked for.
    FewLargeClusters(u32),
    /// The measured value is below its threshold.
    Below {
        /// What was measured; `NaN` when fewer than two clusters are large enough.
        value: f64,
        /// What it should reach.
        threshold: f64,
    },
}

/// Markers of a parcel, period and stream: M1 to M4 of S2, or M5, M6, M7 of S1 (the third place is then `None`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marks {
    /// M1 M2 M3 M4, or M5 M6 – M7.
    pub values: [Mark; 4],
    /// Why.
    pub because: [Because; 4],
    /// Share of the largest cluster, 0..1.
    pub largest_share: f64,
    /// Pixels of the second largest cluster.
    pub second_pixels: u32,
    /// Largest distance of mean NDVI between large clusters; `NaN` without two of them.
    pub ndvi_distance: f64,
    /// Mean connectivity over ln(area).
    pub compactness: f64,
}

/// The index of a decision, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Default)]
#[serde(rename_all = "UPPERCASE")]
pub enum CIndex {
    /// No detection.
    #[default]
    No,
    /// Half of the markers.
    Poor,
    /// About one marker missing each period.
    Weak,
    /// Nearly all.
    Moderate,
    /// All markers of three periods.
    Strong,
}

impl CIndex {
    /// All, weakest first.
    pub const ALL: [Self; 5] = [Self::No, Self::Poor, Self::Weak, Self::Moderate, Self::Strong];

    /// As tables write it.
    pub fn code(self) -> &'static str {
        match self {
            Self::No => "NO",
            Self::Poor => "POOR",
            Self::Weak => "WEAK",
            Self::Moderate => "MODERATE",
            Self::Strong => "STRONG",
        }
    }
}

/// Decision over the periods of a season.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Decision {
    /// The index.
    pub index: CIndex,
    /// First period (from 1) of the window that decided (`P_Hete_L`); `None` without a detection.
    pub period: Option<u16>,
    /// Sums of the four markers over that window, 0 to 3 each.
    pub sums: [u8; 4],
    /// Markers of the window that were not available.
    pub missing: u8,
}
