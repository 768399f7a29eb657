//! What the tables say about one parcel, as observations of signals.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::indices::{Formula, IndexSet};
use crate::model::observation::Coverage;
use crate::model::settings::ObservationSettings;
use crate::model::tables::TableStats;
use crate::model::units::db_from_linear;
use crate::model::view::Polarisation;
use crate::model::{AcquisitionIx, Catalog, ObservationState, ParcelIx, Sensor, SeriesPoint, Signal};
use crate::store::tables::TableStoreError;

use super::Tables;

/// Indices that are another one, or its negative: what a table holds of one serves the other.
const ALIASES: [(&str, &str, f64); 3] = [("NDWI_S4C", "NDMI", -1.0), ("NDI5", "NDMI", 1.0), ("SRNDI", "NDRI", -1.0)];

/// Statistics by acquisition.
type ByAcquisition = BTreeMap<AcquisitionIx, TableStats>;

impl Tables {
    /// Observations of a signal of a parcel, by acquisition: the signal itself where the tables have it, else made of the means of its
    /// bands. `None` when the tables know nothing of it.
    pub fn points(
        &self,
        parcel: ParcelIx,
        signal: &Signal,
        indices: &IndexSet,
        settings: &ObservationSettings,
        catalog: &Catalog,
    ) -> Result<Vec<SeriesPoint>, TableStoreError> {
        let mut found = self.values(parcel, signal, indices)?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let classes = if signal.sensor() == Sensor::S2 { self.classes_of(parcel)? } else { BTreeMap::new() };
        let points = found.iter_mut().map(|(&acquisition, stats)| {
            let min_share = if signal.sensor() == Sensor::S2 { settings.min_usable_share } else { 0.0 };
            if let Some(classes) = classes.get(&acquisition) {
                let pixels: u32 = classes.iter().sum();
                let clear: u32 =
                    (0..12u8).filter(|&class| !settings.mask.excludes(class)).map(|class| classes[usize::from(class)]).sum();
                stats.usable_share = if pixels > 0 { f64::from(clear) / f64::from(pixels) } else { 0.0 };
            }
            point(acquisition, catalog, *stats, min_share)
        });
        Ok(points.collect())
    }

    fn values(&self, parcel: ParcelIx, signal: &Signal, indices: &IndexSet) -> Result<ByAcquisition, TableStoreError> {
        match signal {
            Signal::Band(band) => self.variable(parcel, band.as_str()),
            Signal::Coherence(polarisation) => self.variable(parcel, &format!("COH_{}", polarisation.band())),
            Signal::BackscatterDb(polarisation) => {
                let linear = self.variable(parcel, polarisation.band().as_str())?;
                Ok(linear.into_iter().map(|(acquisition, stats)| (acquisition, in_decibels(stats))).collect())
            }
            Signal::BackscatterRatioDb => {
                let (vh, vv) = (Polarisation::Vh.band(), Polarisation::Vv.band());
                self.combined(parcel, &[vh.as_str(), vv.as_str()], &|means| db_from_linear(means[0] / means[1]))
            }
            Signal::Index(name) => {
                let mut found = self.variable(parcel, &canonical(self, name))?;
                for &(_, other, sign) in ALIASES.iter().filter(|(own, ..)| own.eq_ignore_ascii_case(name)) {
                    for (acquisition, stats) in self.variable(parcel, other)? {
                        found.entry(acquisition).or_insert_with(|| signed(stats, sign));
                    }
                }
                // An index that only a table knows has no bands.
                let made = match indices.get(name) {
                    Ok(formula) => self.of_formula(parcel, &formula)?,
                    Err(_no_formula) => ByAcquisition::new(),
                };
                // Where a table says that there is no value, bands without its mask must not make one.
                for (acquisition, stats) in made {
                    found.entry(acquisition).or_insert(stats);
                }
                Ok(found)
            }
            Signal::Expression { expression, .. } => match Formula::compile(expression) {
                Ok(formula) => self.of_formula(parcel, &formula),
                // The images' side says what is wrong with it.
                Err(_fault) => Ok(ByAcquisition::new()),
            },
        }
    }

    fn of_formula(&self, parcel: ParcelIx, formula: &Formula) -> Result<ByAcquisition, TableStoreError> {
        let bands: Vec<&str> = formula.bands().iter().map(crate::model::Band::as_str).collect();
        self.combined(parcel, &bands, &|means| formula.eval(means))
    }

    /// A value of the means of several bands, where all are there; its counts are those of the finest band.
    fn combined(
        &self,
        parcel: ParcelIx,
        variables: &[&str],
        value: &dyn Fn(&[f64]) -> f64,
    ) -> Result<ByAcquisition, TableStoreError> {
        let mut all = Vec::with_capacity(variables.len());
        for variable in variables {
            let one = self.variable(parcel, variable)?;
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
            let mean = value(&bands.iter().map(|band| band.mean).collect::<Vec<_>>());
            // The finest grid decides, as for images; of equal ones the band that is least clear.
            let least = bands
                .iter()
                .copied()
                .min_by(|a, b| known_pixels(b).total_cmp(&known_pixels(a)).then(share(a).total_cmp(&share(b))))
                .unwrap_or(*stats);
            let TableStats { count, pixels, usable_share, .. } = least;
            Some((*acquisition, TableStats { mean, count, pixels, usable_share, ..TableStats::UNKNOWN }))
        });
        Ok(made.collect())
    }

    fn variable(&self, parcel: ParcelIx, variable: &str) -> Result<ByAcquisition, TableStoreError> {
        let mut found = ByAcquisition::new();
        for one in self.store.series(parcel, variable)? {
            let own = found.entry(self.acquisition(one.time)).or_insert(one.stats);
            // Two tables of one acquisition: the one that has a value.
            if !own.mean.is_finite() {
                *own = one.stats;
            }
        }
        Ok(found)
    }

    fn classes_of(&self, parcel: ParcelIx) -> Result<BTreeMap<AcquisitionIx, [u32; 12]>, TableStoreError> {
        Ok(self.store.classes(parcel)?.into_iter().map(|(time, classes)| (self.acquisition(time), classes)).collect())
    }

    /// How the tables see a parcel: an entry for each acquisition they have a value of, as far as counts and classes are known.
    pub fn coverage(&self, parcel: ParcelIx, catalog: &Catalog) -> Result<BTreeMap<AcquisitionIx, Coverage>, TableStoreError> {
        let classes = self.classes_of(parcel)?;
        let mut seen: BTreeMap<AcquisitionIx, TableStats> = BTreeMap::new();
        let names: BTreeSet<String> = self.variables().map(str::to_owned).collect();
        for name in &names {
            for (acquisition, stats) in self.variable(parcel, name)? {
                let own = seen.entry(acquisition).or_insert(stats);
                if own.count.is_nan() || stats.count > own.count {
                    *own = stats;
                }
            }
        }
        let entry = |(acquisition, stats): (AcquisitionIx, TableStats)| {
            let own = classes.get(&acquisition).copied();
            // Without classes: as many pixels as are told of, usable as far as that is told.
            let pixels = own.map_or_else(
                || [stats.pixels, stats.count, 1.0].into_iter().find(|pixels| *pixels >= 1.0).unwrap_or(1.0).round() as u32,
                |classes| classes.iter().sum(),
            );
            let usable = if stats.mean.is_finite() { known_share(&stats) } else { 0.0 };
            let nodata = if own.is_some() { 0 } else { (f64::from(pixels) * (1.0 - usable)).round() as u32 };
            let granules = &catalog.get(acquisition).granules;
            let granule = granules.iter().position(|granule| granule.bands.is_empty()).unwrap_or_default() as u8;
            let (classes, classified) = (own.unwrap_or_default(), own.is_some());
            (acquisition, Coverage { acquisition, granule, pixels, classes, nodata, classified })
        };
        Ok(seen.into_iter().map(entry).collect())
    }
}

/// The name as the tables have it.
fn canonical(tables: &Tables, name: &str) -> String {
    tables.variables().find(|own| own.eq_ignore_ascii_case(name)).unwrap_or(name).to_owned()
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
fn known_share(stats: &TableStats) -> f64 {
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

fn point(acquisition: AcquisitionIx, catalog: &Catalog, stats: TableStats, min_share: f64) -> SeriesPoint {
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
