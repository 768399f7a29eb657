//! Markers of a parcel and period: what was measured against thresholds, and why a marker is 0.

use crate::model::heterogeneity::{Because, MAX_CLUSTERS, Mark, MarkerParams, Marks, Quantities, Stream};

/// What thresholds are held against, apart from compactness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Measured {
    /// Share of the largest cluster; `NaN` without a pixel.
    pub largest_share: f64,
    /// Pixels of the second largest cluster.
    pub second_pixels: u32,
    /// Clusters with more pixels than asked for.
    pub large: u32,
    /// Largest distance of mean NDVI between two of them; `NaN` without two.
    pub ndvi_distance: f64,
}

/// Sums over clusters; both columns have the same length.
pub(super) fn measure(clusters: &[u32], ndvi: &[f32], more_than: u32) -> Measured {
    let (mut total, mut first, mut second, mut large) = (0u64, 0, 0, 0);
    let (mut low, mut high, mut known) = (f32::INFINITY, f32::NEG_INFINITY, 0);
    for (&pixels, &ndvi) in clusters.iter().zip(ndvi) {
        total += u64::from(pixels);
        second = second.max(pixels.min(first));
        first = first.max(pixels);
        let counts = pixels > more_than;
        large += u32::from(counts);
        // The largest distance of any pair is that between the ends. A comparison with `NaN` is false.
        let value = if counts { ndvi } else { f32::NAN };
        known += u32::from(!value.is_nan());
        low = low.min(value);
        high = high.max(value);
    }
    Measured {
        largest_share: if total == 0 { f64::NAN } else { f64::from(first) / total as f64 },
        second_pixels: second,
        large,
        ndvi_distance: if known < 2 { f64::NAN } else { f64::from(high) - f64::from(low) },
    }
}

/// Natural logarithm of an area; `NaN` when it is not above 1 m² or not known.
pub(super) fn log_area(area_m2: f64) -> f64 {
    if area_m2 > 1.0 && area_m2.is_finite() { area_m2.ln() } else { f64::NAN }
}

/// Thresholds of a stream: pixels that a cluster has to exceed, compactness.
pub(super) fn thresholds(params: &MarkerParams, stream: Stream) -> (u32, f64) {
    match stream {
        Stream::S2 => (params.n_pix_s2, params.compact_s2),
        Stream::S1 => (params.n_pix_s1, params.compact_s1),
    }
}

/// Markers of one parcel, period and stream.
///
/// * M1, M5: no cluster covers [`MarkerParams::per_hetero`] or more.
/// * M2, M6: M1 and at least two clusters with more pixels than asked for.
/// * M3: the distance of mean NDVI between two such clusters reaches the threshold. S1 has no counterpart.
/// * M4, M7: connectivity over the logarithm of the area reaches the threshold.
///
/// When the first marker is 0, the others are. `area_m2` is the declared area.
///
/// * **NaN:** without a pixel, no marker is available. Without two large clusters of known NDVI M3 is 0. With an area that is not
///   known or at most 1 m² M4 and M7 are not available.
/// * **Cost:** one pass over the clusters, no allocation.
/// * **Source:** webinar of `Sen4CAP`, last tables; comparisons include the threshold throughout.
///
/// ```
/// # use parcelight::engine::heterogeneity::marks;
/// # use parcelight::model::heterogeneity::{MAX_CLUSTERS, MarkerParams, Quantities, Stream};
/// let mut clusters = [0; MAX_CLUSTERS];
/// let mut ndvi = [f32::NAN; MAX_CLUSTERS];
/// (clusters[0], clusters[1], ndvi[0], ndvi[1]) = (120, 60, 0.71, 0.45);
/// let measured = Quantities { pixels: 180, clusters, ndvi, compact: 20.0, holes: 0, partial_holes: 0 };
/// let found = marks(&measured, 18_000.0, &MarkerParams::default(), Stream::S2);
/// assert_eq!(found.values, [Some(true); 4]);
/// ```
pub fn marks(quantities: &Quantities, area_m2: f64, params: &MarkerParams, stream: Stream) -> Marks {
    let (more_than, compact) = thresholds(params, stream);
    let measured = measure(&quantities.clusters, &quantities.ndvi, more_than);
    let nothing = quantities.clusters == [0; MAX_CLUSTERS];
    let ndvi_distance = if stream == Stream::S2 { measured.ndvi_distance } else { f64::NAN };
    let compactness = if nothing { f64::NAN } else { f64::from(quantities.compact) / log_area(area_m2) };
    let mut judged = [(None, Because::NoPixels); 4];
    if !nothing {
        let share = measured.largest_share;
        let zones = share < params.per_hetero;
        let first = (Some(zones), if zones { Because::Holds } else { Because::OneCluster(share) });
        let unless_uniform = |own: (Mark, Because)| if zones { own } else { (Some(false), Because::FirstIsZero) };
        let large = measured.large;
        let second = if large >= 2 { (Some(true), Because::Holds) } else { (Some(false), Because::FewLargeClusters(large)) };
        judged = [
            first,
            unless_uniform(second),
            unless_uniform(reaches(ndvi_distance, params.ndvi_distance)),
            unless_uniform(if compactness.is_nan() { (None, Because::NoArea) } else { reaches(compactness, compact) }),
        ];
    }
    if stream == Stream::S1 {
        judged[2] = (None, Because::NotOfStream);
    }
    Marks {
        values: judged.map(|(mark, _)| mark),
        because: judged.map(|(_, because)| because),
        largest_share: measured.largest_share,
        second_pixels: measured.second_pixels,
        ndvi_distance,
        compactness,
    }
}

fn reaches(value: f64, threshold: f64) -> (Mark, Because) {
    if value >= threshold { (Some(true), Because::Holds) } else { (Some(false), Because::Below { value, threshold }) }
}
