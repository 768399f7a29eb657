//! One parcel, period and stream summed up, so that markers follow without pixels.

use crate::model::heterogeneity::{MAX_CLUSTERS, Quantities};

/// Sums of a parcel.
///
/// `labels` and `connectivity` have a value for each pixel of the parcel, in the same order; label 0 is a pixel without a class and
/// takes no part. `ndvi` is date by date, `dates x pixels`; for S1 it is empty.
///
/// The mean NDVI of a cluster is the mean over the available dates of the mean over its pixels: each date has the same weight, and
/// dates without a valid pixel in the cluster take no part.
///
/// * **Unit:** NDVI -1 to 1; connectivity in pixels.
/// * **NaN:** a missing NDVI takes no part. A cluster without NDVI, and connectivity without pixels, are `NaN`. A date without any
///   valid NDVI in the parcel is a hole, one with some missing is a partial hole; without pixels neither is counted.
/// * **Cost:** one pass over `ndvi`, no allocation.
/// * **Source:** webinar of `Sen4CAP`. Its released system divides the distance of NDVI by one date too many; here it is the true mean.
pub fn quantities(labels: &[u8], ndvi: &[f32], connectivity: &[u8]) -> Quantities {
    debug_assert_eq!(labels.len(), connectivity.len(), "a connectivity for each pixel");
    let mut clusters = [0u32; MAX_CLUSTERS];
    let mut connected = 0u64;
    for (&label, &own) in labels.iter().zip(connectivity) {
        if let Some(count) = place(label).and_then(|at| clusters.get_mut(at)) {
            *count += 1;
            connected += u64::from(own);
        }
    }
    let pixels: u32 = clusters.iter().sum();
    let (mut sums, mut dates) = ([0.0; MAX_CLUSTERS], [0u32; MAX_CLUSTERS]);
    let (mut holes, mut partial_holes) = (0, 0);
    if !labels.is_empty() {
        debug_assert_eq!(ndvi.len() % labels.len(), 0, "whole dates");
        for date in ndvi.chunks_exact(labels.len()) {
            let valid = add_date(labels, date, &mut sums, &mut dates);
            holes += u16::from(valid == 0);
            partial_holes += u16::from(valid > 0 && valid < labels.len());
        }
    }
    let mean = |at: usize| if dates[at] == 0 { f32::NAN } else { (sums[at] / f64::from(dates[at])) as f32 };
    Quantities {
        pixels,
        clusters,
        ndvi: std::array::from_fn(mean),
        compact: if pixels == 0 { f32::NAN } else { (connected as f64 / f64::from(pixels)) as f32 },
        holes,
        partial_holes,
    }
}

/// Row of a cluster; `None` for a pixel without a class.
fn place(label: u8) -> Option<usize> {
    usize::from(label).checked_sub(1)
}

/// Adds a date's mean of each cluster, and gives the number of pixels with a value.
fn add_date(labels: &[u8], date: &[f32], sums: &mut [f64; MAX_CLUSTERS], dates: &mut [u32; MAX_CLUSTERS]) -> usize {
    let (mut own, mut counts) = ([0.0; MAX_CLUSTERS], [0u32; MAX_CLUSTERS]);
    let mut valid = 0;
    for (&label, &value) in labels.iter().zip(date).filter(|(_, value)| value.is_finite()) {
        valid += 1;
        if let Some(at) = place(label).filter(|at| *at < MAX_CLUSTERS) {
            own[at] += f64::from(value);
            counts[at] += 1;
        }
    }
    for at in 0..MAX_CLUSTERS {
        if counts[at] > 0 {
            sums[at] += own[at] / f64::from(counts[at]);
            dates[at] += 1;
        }
    }
    valid
}
