//! What the tables say about one parcel, as observations of signals.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::indices::IndexSet;
use crate::model::observation::Coverage;
use crate::model::settings::ObservationSettings;
use crate::model::tables::TableStats;
use crate::model::{AcquisitionIx, Catalog, ParcelIx, Sensor, SeriesPoint, Signal};
use crate::project::told::{ByAcquisition, Told, known_share, point};
use crate::store::tables::TableStoreError;

use super::Tables;

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
        let names: Vec<String> = self.variables().map(str::to_owned).collect();
        let told = Told { variable: &|name| self.variable(parcel, name), names: &names, spread: false };
        let mut found = told.values(signal, indices)?;
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
