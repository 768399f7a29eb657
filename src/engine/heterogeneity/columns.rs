//! Quantities of all parcels and periods side by side, so that decisions follow a threshold while it is dragged.

use std::ops::Range;

use super::decision::{Packed, slide};
use super::markers::{log_area, measure};
use crate::model::heterogeneity::{Decision, MAX_CLUSTERS, MarkerParams, Quantities};

/// What decides M1 to M4 of many parcels: for each parcel and period the pixels and mean NDVI of each cluster, and connectivity.
///
/// Holds 8 bytes for each cluster and 4 more for each period: 43 MB for 100 000 parcels, 12 periods and 4 clusters.
#[derive(Debug, Clone, PartialEq)]
pub struct Columns {
    clusters: usize,
    periods: usize,
    /// Parcel, period, cluster.
    pixels: Vec<u32>,
    ndvi: Vec<f32>,
    /// Parcel, period.
    compact: Vec<f32>,
    /// Parcel.
    log_area: Vec<f64>,
}

impl Columns {
    /// Without parcels; `clusters` up to [`MAX_CLUSTERS`].
    pub fn new(clusters: usize, periods: usize) -> Self {
        debug_assert!(clusters <= MAX_CLUSTERS, "quantities hold no more clusters");
        let clusters = clusters.min(MAX_CLUSTERS);
        Self { clusters, periods, pixels: Vec::new(), ndvi: Vec::new(), compact: Vec::new(), log_area: Vec::new() }
    }

    /// Adds a parcel: its declared area and its S2 quantities by period, as many as given at the start; a missing one is `None`.
    pub fn push(&mut self, area_m2: f64, periods: &[Option<Quantities>]) {
        debug_assert_eq!(periods.len(), self.periods, "a place for each period");
        for at in 0..self.periods {
            let own = periods.get(at).copied().flatten();
            let (pixels, ndvi) = own.map_or(([0; MAX_CLUSTERS], [f32::NAN; MAX_CLUSTERS]), |own| (own.clusters, own.ndvi));
            self.pixels.extend_from_slice(&pixels[..self.clusters]);
            self.ndvi.extend_from_slice(&ndvi[..self.clusters]);
            self.compact.push(own.map_or(f32::NAN, |own| own.compact));
        }
        self.log_area.push(log_area(area_m2));
    }

    /// Number of parcels.
    pub fn len(&self) -> usize {
        self.log_area.len()
    }

    /// True without parcels.
    pub fn is_empty(&self) -> bool {
        self.log_area.is_empty()
    }

    /// Decisions of some parcels, the same that [`super::marks`] and [`super::decide`] give; `decisions` has a place for each.
    ///
    /// Ranges do not depend on each other: several threads may work on one each.
    ///
    /// * **Cost:** one pass over the range, no allocation.
    pub fn decide(&self, params: &MarkerParams, parcels: Range<usize>, decisions: &mut [Decision]) {
        debug_assert_eq!(decisions.len(), parcels.len(), "a place for each parcel");
        // Loops over a number of clusters that is known beforehand are unrolled.
        match self.clusters {
            4 => self.decide_each::<4>(params, parcels, decisions),
            5 => self.decide_each::<5>(params, parcels, decisions),
            _ => self.decide_each::<0>(params, parcels, decisions),
        }
    }

    /// `N` clusters, or any number with 0.
    fn decide_each<const N: usize>(&self, params: &MarkerParams, parcels: Range<usize>, decisions: &mut [Decision]) {
        let clusters = if N == 0 { self.clusters } else { N };
        for (parcel, decision) in parcels.zip(decisions) {
            let rows = parcel * self.periods..(parcel + 1) * self.periods;
            let of_clusters = rows.start * clusters..rows.end * clusters;
            let pixels = self.pixels[of_clusters.clone()].chunks_exact(clusters.max(1));
            let ndvi = self.ndvi[of_clusters].chunks_exact(clusters.max(1));
            let log_area = self.log_area[parcel];
            let packed_periods = pixels.zip(ndvi).zip(&self.compact[rows]).map(|((pixels, ndvi), compact)| {
                if N == 0 {
                    packed(pixels, ndvi, f64::from(*compact) / log_area, params)
                } else {
                    packed(&pixels[..N], &ndvi[..N], f64::from(*compact) / log_area, params)
                }
            });
            *decision = slide(packed_periods, params.rule);
        }
    }
}

/// M1 to M4 of a period.
#[inline]
fn packed(pixels: &[u32], ndvi: &[f32], compactness: f64, params: &MarkerParams) -> Packed {
    let measured = measure(pixels, ndvi, params.n_pix_s2);
    if measured.largest_share.is_nan() {
        return Packed::MISSING;
    }
    if measured.largest_share >= params.per_hetero {
        return Packed::of(Some(&[Some(false); 4]));
    }
    let compact = if compactness.is_nan() { None } else { Some(compactness >= params.compact_s2) };
    Packed::of(Some(&[Some(true), Some(measured.large >= 2), Some(measured.ndvi_distance >= params.ndvi_distance), compact]))
}
