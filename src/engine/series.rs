//! Values of signals from pixels of one acquisition over one parcel.

use crate::engine::indices::{FormulaError, IndexSet};
use crate::model::settings::ObservationSettings;
use crate::model::{Band, BandStats, BandWindow, ObservationState, Polygons, Signal};

/// Bands a signal needs from an acquisition of its sensor (without SCL).
pub fn bands_of(signal: &Signal, indices: &IndexSet) -> Result<Vec<Band>, FormulaError> {
    let _ = (signal, indices);
    todo!()
}

/// What one acquisition says about one signal of one parcel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignalValue {
    /// Value, see [`crate::model::SeriesPoint::value`].
    pub value: f64,
    /// Statistics of per-pixel values in the signal's unit (for backscatter: of linear power converted to dB, `std` is `NaN`).
    pub stats: BandStats,
    /// `count / pixels`.
    pub usable_share: f64,
    /// Whether it can be used.
    pub state: ObservationState,
}

/// How an index of a parcel is averaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum IndexRule {
    /// Index of the parcel's band means.
    OfMeans,
    /// Mean of per-pixel index values: what the window's graphs show.
    #[default]
    PerPixel,
}

/// Value and statistics of a signal. `windows` hold the needed bands at native resolution, `scl` the classification if any;
/// `outline` is in the grid's CRS, already buffered. Coarser bands are repeated onto the finest grid for per-pixel indices.
pub fn observe(
    signal: &Signal,
    windows: &[BandWindow],
    scl: Option<&BandWindow>,
    outline: &Polygons,
    settings: &ObservationSettings,
    indices: &IndexSet,
    rule: IndexRule,
) -> SignalValue {
    let _ = (signal, windows, scl, outline, settings, indices, rule);
    todo!()
}
