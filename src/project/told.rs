//! Observations of signals from statistics that others have made: tables and servers tell means of bands, sometimes of indices.

use std::collections::BTreeMap;

use crate::engine::indices::{Formula, IndexSet};
use crate::model::tables::TableStats;
use crate::model::units::db_from_linear;
use crate::model::view::Polarisation;
use crate::model::{AcquisitionIx, Catalog, ObservationState, SeriesPoint, Signal};

/// Indices that are another one, or its negative: what a table holds of one serves the other.
const ALIASES: [(&str, &str, f64); 3] = [("NDWI_S4C", "NDMI", -1.0), ("NDI5", "NDMI", 1.0), ("SRNDI", "NDRI", -1.0)];

/// Statistics by acquisition.
pub(super) type ByAcquisition = BTreeMap<AcquisitionIx, TableStats>;

/// What is told of one parcel.
pub(super) struct Told<'a, E> {
    /// Statistics of a band, polarisation or index by its name; empty when nothing is told of it.
    pub(super) variable: &'a dyn Fn(&str) -> Result<ByAcquisition, E>,
    /// Names that are told of.
    pub(super) names: &'a [String],
    /// Whether a signal made of bands has their spread.
    pub(super) spread: bool,
}

impl<E> Told<'_, E> {
    /// The name as it is told.
    fn canonical(&self, name: &str) -> String {
        self.names.iter().find(|own| own.eq_ignore_ascii_case(name)).map_or_else(|| name.to_owned(), Clone::clone)
    }

    /// Statistics of a signal: the signal itself where it is told, else made of the means of its bands.
    pub(super) fn values(&self, signal: &Signal, indices: &IndexSet) -> Result<ByAcquisition, E> {
        match signal {
            Signal::Band(band) => (self.variable)(band.as_str()),
            Signal::Coherence(polarisation) => (self.variable)(&format!("COH_{}", polarisation.band())),
            Signal::BackscatterDb(polarisation) => {
                let linear = (self.variable)(polarisation.band().as_str())?;
                Ok(linear.into_iter().map(|(acquisition, stats)| (acquisition, in_decibels(stats))).collect())
            }
            Signal::BackscatterRatioDb => {
                let (vh, vv) = (Polarisation::Vh.band(), Polarisation::Vv.band());
                self.combined(&[vh.as_str(), vv.as_str()], &|means| db_from_linear(means[0] / means[1]))
            }
            Signal::Index(name) => {
                let mut found = (self.variable)(&self.canonical(name))?;
                for &(_, other, sign) in ALIASES.iter().filter(|(own, ..)| own.eq_ignore_ascii_case(name)) {
                    for (acquisition, stats) in (self.variable)(other)? {
                        found.entry(acquisition).or_insert_with(|| signed(stats, sign));
                    }
                }
                // An index that only a table knows has no bands.
                let made = match indices.get(name) {
                    Ok(formula) => self.of_formula(&formula)?,
                    Err(_no_formula) => ByAcquisition::new(),
                };
                // Where a table says that there is no value, bands without its mask must not make one.
                for (acquisition, stats) in made {
                    found.entry(acquisition).or_insert(stats);
                }
                Ok(found)
            }
            Signal::Expression { expression, .. } => match Formula::compile(expression) {
                Ok(formula) => self.of_formula(&formula),
                // The images' side says what is wrong with it.
                Err(_fault) => Ok(ByAcquisition::new()),
            },
        }
    }

    fn of_formula(&self, formula: &Formula) -> Result<ByAcquisition, E> {
        let bands: Vec<&str> = formula.bands().iter().map(crate::model::Band::as_str).collect();
        self.combined(&bands, &|means| formula.eval(means))
    }

    /// A value of the means of several bands, where all are there; its counts are those of the finest band.
    fn combined(&self, variables: &[&str], value: &dyn Fn(&[f64]) -> f64) -> Result<ByAcquisition, E> {
        let mut all = Vec::with_capacity(variables.len());
        for variable in variables {
            let one = (self.variable)(variable)?;
            if one.is_empty() {
                return Ok(ByAcquisition::new());
            }
            all.push(one);
        }
        let Some((first, rest)) = all.split_first() else { return Ok(ByAcquisition::new()) };
        let made = first.iter().filter_map(|(acquisition, stats)| {
            let mut bands = vec![*stats];
            for other in rest {
                bands.push(*other.get(acquisition)?);
            }
            let means: Vec<f64> = bands.iter().map(|band| band.mean).collect();
            let mean = value(&means);
            let std = if self.spread { propagated(&means, &bands, value) } else { f64::NAN };
            // The finest grid decides, as for images; of equal ones the band that is least clear.
            let least = bands
                .iter()
                .copied()
                .min_by(|a, b| known_pixels(b).total_cmp(&known_pixels(a)).then(share(a).total_cmp(&share(b))))
                .unwrap_or(*stats);
            let TableStats { count, pixels, usable_share, .. } = least;
            Some((*acquisition, TableStats { mean, std, count, pixels, usable_share, ..TableStats::UNKNOWN }))
        });
        Ok(made.collect())
    }
}

/// Standard deviation of a value of several means whose bands vary independently of each other, to first order.
fn propagated(means: &[f64], bands: &[TableStats], value: &dyn Fn(&[f64]) -> f64) -> f64 {
    /// Step of the slope, of a standard deviation.
    const STEP: f64 = 1e-3;
    let variance: f64 = bands
        .iter()
        .enumerate()
        .map(|(at, band)| {
            let beside = |by: f64| {
                let mut moved = means.to_vec();
                moved[at] += by * band.std;
                value(&moved)
            };
            ((beside(STEP) - beside(-STEP)) / (2.0 * STEP)).powi(2)
        })
        .sum();
    variance.sqrt()
}

/// Usable share as far as a table tells; `NaN` when it does not.
fn share(stats: &TableStats) -> f64 {
    if stats.usable_share.is_finite() {
        stats.usable_share
    } else if stats.pixels > 0.0 && stats.count.is_finite() {
        (stats.count / stats.pixels).clamp(0.0, 1.0)
    } else if stats.count == 0.0 {
        0.0
    } else {
        f64::NAN
    }
}

/// Pixels that a table tells of, used or not; 0 when it tells of none.
fn known_pixels(stats: &TableStats) -> f64 {
    [stats.pixels, stats.count].into_iter().find(|pixels| pixels.is_finite()).unwrap_or(0.0)
}

/// [`share`], or 1 for a value of which nothing says that it is not clear.
pub(super) fn known_share(stats: &TableStats) -> f64 {
    Some(share(stats)).filter(|share| share.is_finite()).unwrap_or(1.0)
}

fn in_decibels(linear: TableStats) -> TableStats {
    TableStats {
        mean: db_from_linear(linear.mean),
        std: f64::NAN,
        min: db_from_linear(linear.min),
        p25: db_from_linear(linear.p25),
        p50: db_from_linear(linear.p50),
        p75: db_from_linear(linear.p75),
        max: db_from_linear(linear.max),
        ..linear
    }
}

fn signed(stats: TableStats, sign: f64) -> TableStats {
    let turned = TableStats { mean: sign * stats.mean, p50: sign * stats.p50, ..stats };
    if sign < 0.0 { TableStats { min: -stats.max, max: -stats.min, p25: -stats.p75, p75: -stats.p25, ..turned } } else { turned }
}

/// What is drawn of it.
pub(super) fn point(acquisition: AcquisitionIx, catalog: &Catalog, stats: TableStats, min_share: f64) -> SeriesPoint {
    let usable_share = known_share(&stats);
    let told = share(&stats).is_finite();
    let state = if stats.mean.is_finite() {
        // A share that equals the limit must not fail by rounding.
        let enough = usable_share > 0.0 && usable_share >= min_share - 1e-9;
        if enough { ObservationState::Ok } else { ObservationState::Masked }
    } else if told && usable_share < 1.0 && (stats.pixels.is_nan() || stats.pixels > 0.0) {
        ObservationState::Masked
    } else {
        ObservationState::NoData
    };
    SeriesPoint {
        acquisition,
        acquired: catalog.get(acquisition).acquired,
        value: stats.mean,
        std: stats.std,
        p25: stats.p25,
        p75: stats.p75,
        count: stats.count,
        usable_share: if stats.mean.is_finite() || told { usable_share } else { 0.0 },
        state,
    }
}
