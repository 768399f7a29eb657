//! The reference population of a parcel, and what it does at each time step.

use crate::model::settings::PeerSettings;
use crate::model::{AcquisitionIx, ParcelIx, Parcels, Series};

/// A peer with its distance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peer {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Edge to edge, m; 0 when they touch.
    pub distance_m: f64,
}

/// Parcels of the same declared crop, nearest first (then by row), without the parcel itself and without the excluded.
pub fn choose(parcels: &Parcels, parcel: ParcelIx, settings: &PeerSettings) -> Vec<Peer> {
    let _ = (parcels, parcel, settings);
    todo!()
}

/// Spread of the peers at one time step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PeerStep {
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// Days since 1970-01-01, with fraction.
    pub epoch_day: f64,
    /// Peers with a usable value.
    pub n: usize,
    /// 10th percentile.
    pub p10: f64,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
    /// Mean.
    pub mean: f64,
    /// Population standard deviation.
    pub std: f64,
}

/// Percentiles (linear between ranks) of usable peer values at each acquisition that any peer has a usable value for, by time.
pub fn spread(series: &[&Series]) -> Vec<PeerStep> {
    let _ = series;
    todo!()
}
