//! Values of signals from pixels of one acquisition over one parcel.

use crate::engine::chip::on_grid;
use crate::engine::indices::{Formula, FormulaError, IndexSet};
use crate::engine::{clean, coverage, zonal};
use crate::model::settings::ObservationSettings;
use crate::model::units::db_from_linear;
use crate::model::view::Polarisation;
use crate::model::{Band, BandStats, BandWindow, Grid, ObservationState, Polygons, Sensor, Signal};

/// Bands a signal needs from an acquisition of its sensor (without SCL).
pub fn bands_of(signal: &Signal, indices: &IndexSet) -> Result<Vec<Band>, FormulaError> {
    Ok(match signal {
        Signal::Band(band) => vec![band.clone()],
        Signal::Index(name) => indices.get(name)?.bands().to_vec(),
        Signal::Expression { expression, .. } => Formula::compile(expression)?.bands().to_vec(),
        Signal::BackscatterDb(polarisation) | Signal::Coherence(polarisation) => vec![polarisation.band()],
        Signal::BackscatterRatioDb => vec![Polarisation::Vh.band(), Polarisation::Vv.band()],
    })
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

impl SignalValue {
    /// Nothing known: no pixel, no value.
    pub const NOTHING: Self =
        Self { value: f64::NAN, stats: BandStats::EMPTY, usable_share: 0.0, state: ObservationState::NoData };
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
///
/// * **Unit:** reflectance and coherence 0..1, index values as their formula gives them, backscatter in dB. Radar is averaged
///   as linear power and converted afterwards.
/// * **Mask:** only Sentinel-2 is masked; radar and coherence ignore `scl`.
/// * **State:** `NoData` without any finite pixel in the parcel; `Ok` with a usable pixel and, for Sentinel-2, a usable share of
///   at least `min_usable_share`; `Masked` otherwise.
/// * **NaN:** a masked observation without an unmasked pixel has the value over all its finite pixels; its statistics stay
///   those of no pixel. A missing band or an unknown index is `NoData`.
/// * **Index of means:** every band on its own grid; the statistics stay those of per-pixel values.
pub fn observe(
    signal: &Signal,
    windows: &[BandWindow],
    scl: Option<&BandWindow>,
    outline: &Polygons,
    settings: &ObservationSettings,
    indices: &IndexSet,
    rule: IndexRule,
) -> SignalValue {
    let scl = scl.filter(|_| signal.sensor() == Sensor::S2);
    let scene = Scene { windows, scl, outline, settings };
    let observation = match signal {
        Signal::Band(band) => scene.window(band).map(|window| scene.measure(&window.grid, &window.values)),
        Signal::Coherence(polarisation) => {
            scene.window(&polarisation.band()).map(|window| scene.measure(&window.grid, &window.values))
        }
        Signal::BackscatterDb(polarisation) => {
            scene.window(&polarisation.band()).map(|window| scene.measure(&window.grid, &window.values).into_db())
        }
        Signal::BackscatterRatioDb => scene.ratio(),
        Signal::Index(name) => indices.get(name).ok().and_then(|formula| scene.index(&formula, rule)),
        Signal::Expression { expression, .. } => {
            Formula::compile(expression).ok().and_then(|formula| scene.index(&formula, rule))
        }
    };
    let min_usable_share = if signal.sensor() == Sensor::S2 { settings.min_usable_share } else { 0.0 };
    observation.map_or(SignalValue::NOTHING, |observation| observation.judged(min_usable_share))
}

/// Values of a signal from means of its bands, in the order of [`bands_of`], one entry a parcel: band and coherence as they are,
/// backscatter in dB of mean linear powers, an index of the means ([`IndexRule::OfMeans`]).
///
/// * **NaN:** where any mean is `NaN`, or the formula gives no number.
pub fn of_means(signal: &Signal, means: &[&[f32]], indices: &IndexSet) -> Result<Vec<f32>, FormulaError> {
    let db = |value: f32| db_from_linear(f64::from(value)) as f32;
    Ok(match (signal, means) {
        (Signal::Band(_) | Signal::Coherence(_), [own]) => own.to_vec(),
        (Signal::BackscatterDb(_), [own]) => own.iter().map(|&value| db(value)).collect(),
        (Signal::BackscatterRatioDb, [vh, vv]) => vh.iter().zip(*vv).map(|(vh, vv)| db(vh / vv)).collect(),
        (Signal::Index(name), _) => indices.get(name)?.eval_pixels(means),
        (Signal::Expression { expression, .. }, _) => Formula::compile(expression)?.eval_pixels(means),
        _ => Vec::new(),
    })
}

/// One acquisition over one parcel.
struct Scene<'a> {
    windows: &'a [BandWindow],
    scl: Option<&'a BandWindow>,
    outline: &'a Polygons,
    settings: &'a ObservationSettings,
}

/// Statistics with the mask, and the mean without it.
struct Observation {
    stats: BandStats,
    value: f64,
    unmasked_value: f64,
}

impl Observation {
    /// Backscatter: converts what was computed from linear power.
    fn into_db(self) -> Self {
        let linear = self.stats;
        let stats = BandStats {
            mean: db_from_linear(linear.mean),
            std: f64::NAN,
            min: db_from_linear(linear.min),
            p25: db_from_linear(linear.p25),
            p50: db_from_linear(linear.p50),
            p75: db_from_linear(linear.p75),
            max: db_from_linear(linear.max),
            ..linear
        };
        Self { stats, value: db_from_linear(self.value), unmasked_value: db_from_linear(self.unmasked_value) }
    }

    fn judged(self, min_usable_share: f64) -> SignalValue {
        let stats = self.stats;
        let usable_share = if stats.pixels > 0.0 { stats.count / stats.pixels } else { 0.0 };
        // Sums of covered shares end in rounding; a share that equals the limit must not fail by it.
        let enough = usable_share >= min_usable_share - 1e-9;
        if stats.count > 0.0 {
            let state = if enough { ObservationState::Ok } else { ObservationState::Masked };
            return SignalValue { value: self.value, stats, usable_share, state };
        }
        let state = if self.unmasked_value.is_finite() { ObservationState::Masked } else { ObservationState::NoData };
        SignalValue { value: self.unmasked_value, stats, usable_share, state }
    }
}

impl Scene<'_> {
    fn window(&self, band: &Band) -> Option<&BandWindow> {
        self.windows.iter().find(|window| window.band == *band)
    }

    fn weights(&self, grid: &Grid) -> Vec<f32> {
        coverage::weights(self.outline, grid, self.settings.pixels)
    }

    fn excluded(&self, grid: &Grid) -> Vec<bool> {
        self.scl.map(|scl| clean::excluded(&clean::classes_on(grid, scl), self.settings.mask)).unwrap_or_default()
    }

    fn measure(&self, grid: &Grid, values: &[f32]) -> Observation {
        let weights = self.weights(grid);
        let stats = zonal::stats(values, &weights, &self.excluded(grid));
        // Only needed when nothing is left, so only then computed.
        let unmasked_value = if stats.count > 0.0 { stats.mean } else { zonal::stats(values, &weights, &[]).mean };
        Observation { value: stats.mean, stats, unmasked_value }
    }

    /// Bands on the finest of their grids; `None` when one is missing.
    fn on_finest_grid(&self, bands: &[Band]) -> Option<(Grid, Vec<Vec<f32>>)> {
        let windows: Vec<&BandWindow> = bands.iter().map(|band| self.window(band)).collect::<Option<_>>()?;
        let finest = windows.iter().min_by(|a, b| a.grid.pixel_x.total_cmp(&b.grid.pixel_x))?.grid.clone();
        let pixels = windows.iter().map(|window| on_grid(window, &finest)).collect();
        Some((finest, pixels))
    }

    fn index(&self, formula: &Formula, rule: IndexRule) -> Option<Observation> {
        let (grid, pixels) = self.on_finest_grid(formula.bands())?;
        let values = formula.eval_pixels(&pixels.iter().map(Vec::as_slice).collect::<Vec<_>>());
        let per_pixel = self.measure(&grid, &values);
        if rule == IndexRule::PerPixel {
            return Some(per_pixel);
        }
        let means: Vec<Observation> = formula
            .bands()
            .iter()
            .filter_map(|band| self.window(band))
            .map(|window| self.measure(&window.grid, &window.values))
            .collect();
        let of = |mean: fn(&Observation) -> f64| formula.eval(&means.iter().map(mean).collect::<Vec<_>>());
        Some(Observation { value: of(|band| band.value), unmasked_value: of(|band| band.unmasked_value), ..per_pixel })
    }

    /// VH/VV of the mean powers over the pixels that have both; statistics of the per-pixel ratio.
    fn ratio(&self) -> Option<Observation> {
        let (grid, mut pixels) = self.on_finest_grid(&[Polarisation::Vh.band(), Polarisation::Vv.band()])?;
        let (mut vv, mut vh) = (pixels.pop()?, pixels.pop()?);
        for (vh, vv) in vh.iter_mut().zip(&mut vv) {
            if !(vh.is_finite() && vv.is_finite() && *vv > 0.0) {
                (*vh, *vv) = (f32::NAN, f32::NAN);
            }
        }
        let ratio: Vec<f32> = vh.iter().zip(&vv).map(|(vh, vv)| vh / vv).collect();
        let per_pixel = self.measure(&grid, &ratio);
        let of_means = self.measure(&grid, &vh).value / self.measure(&grid, &vv).value;
        let mut observation = Observation { value: of_means, unmasked_value: of_means, ..per_pixel }.into_db();
        observation.stats.mean = observation.value;
        Some(observation)
    }
}

#[cfg(test)]
mod tests;
