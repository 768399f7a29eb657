//! Whether parameters of heterogeneity can be used, and what is known of their thresholds.

use crate::model::heterogeneity::{ClusterParams, HeterogeneityParams, MAX_CLUSTERS, MarkerParams};

/// Radii that windows may have.
pub const RADII: std::ops::RangeInclusive<u8> = 1..=5;

/// Radii with thresholds of compactness that were calibrated on parcels.
///
/// * **Source:** webinar of `Sen4CAP`: Saxony and Greece.
const CALIBRATED: [(u8, f64); 2] = [(3, 3.0), (2, 1.7)];

/// Threshold of compactness for a radius: the calibrated one, else the same share of the largest possible connectivity.
///
/// The share is 0.065: that of the two calibrated radii, rounded.
pub fn suggested_threshold(radius: u8) -> f64 {
    let side = 2.0 * f64::from(radius) + 1.0;
    CALIBRATED.iter().find(|(own, _)| *own == radius).map_or(0.065 * side * side, |(_, threshold)| *threshold)
}

/// True when nobody has calibrated this threshold for this radius: results then have to be looked at before they are believed.
pub fn not_calibrated(radius: u8, threshold: f64) -> bool {
    !CALIBRATED.contains(&(radius, threshold))
}

/// Says which parameter cannot be used and what to give instead; the first one only.
pub fn check(params: &HeterogeneityParams) -> Result<(), String> {
    check_clusters(&params.clusters)?;
    check_markers(&params.markers)
}

fn check_clusters(params: &ClusterParams) -> Result<(), String> {
    within("clusters.clusters", params.clusters, 2, MAX_CLUSTERS as u8)?;
    within("clusters.period_days", params.period_days, 5, 366)?;
    within("clusters.min_period_days", params.min_period_days, 1, params.period_days)?;
    within("clusters.s2_step_days", params.s2_step_days, 1, params.min_period_days)?;
    within("clusters.s1_step_days", params.s1_step_days, 1, params.min_period_days)?;
    within("clusters.starts", params.starts, 1, 50)?;
    within("clusters.batch", params.batch, 16, 1_000_000)?;
    within("clusters.region_parcels", params.region_parcels, 1, u32::MAX)?;
    within("clusters.s2_shrink_m", params.s2_shrink_m, 0.0, 100.0)?;
    within("clusters.s1_shrink_m", params.s1_shrink_m, 0.0, 100.0)?;
    within("clusters.isolated_radius", params.isolated_radius, *RADII.start(), *RADII.end())?;
    let side = 2 * params.isolated_radius + 1;
    within("clusters.isolated_threshold", params.isolated_threshold, 0, side * side - 1)?;
    within("clusters.radius", params.radius, *RADII.start(), *RADII.end())
}

fn check_markers(params: &MarkerParams) -> Result<(), String> {
    within("markers.per_hetero", params.per_hetero, 0.0, 1.0)?;
    within("markers.ndvi_distance", params.ndvi_distance, 0.0, 2.0)?;
    // No connectivity is above that of the widest window.
    within("markers.compact_s2", params.compact_s2, 0.0, 121.0)?;
    within("markers.compact_s1", params.compact_s1, 0.0, 121.0)
}

/// A missing number lies within nothing.
fn within<T: Copy + PartialOrd + std::fmt::Display>(name: &str, value: T, least: T, most: T) -> Result<(), String> {
    if value >= least && value <= most {
        Ok(())
    } else {
        Err(format!("heterogeneity: {name} is {value}; give a number from {least} to {most}"))
    }
}
