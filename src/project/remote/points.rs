//! Observations of signals as a server tells them.

use std::collections::BTreeMap;

use super::{Remote, RemoteFault, rows};
use crate::contract::{SeriesKind, SeriesRow, names};
use crate::engine::indices::{IndexSet, SHIPPED};
use crate::engine::series::IndexRule;
use crate::model::settings::ObservationSettings;
use crate::model::tables::TableStats;
use crate::model::{AcquisitionIx, Catalog, MaskSet, Sensor, SeriesPoint, Signal, Watch};
use crate::project::told::{ByAcquisition, Told, point};
use crate::remote::SignalWanted;

/// How a signal is wanted.
#[derive(Debug, Clone, Copy)]
pub(in crate::project) struct Wanted<'a> {
    pub(in crate::project) signal: &'a Signal,
    pub(in crate::project) settings: &'a ObservationSettings,
    pub(in crate::project) rule: IndexRule,
}

impl Remote {
    /// Observations of a parcel, by time. A Parcelight server makes them with the settings that are wanted; of JRC's servers they are
    /// made of the means of bands over all pixels, and their histograms say how many of these were clear.
    pub(in crate::project) fn points(
        &self,
        pid: &str,
        wanted: Wanted<'_>,
        indices: &IndexSet,
        catalog: &Catalog,
        watch: &Watch,
    ) -> Result<Vec<SeriesPoint>, RemoteFault> {
        // Also of a peer that nobody has looked at: its acquisitions are those of the catalogue, or will be.
        self.session.rows(pid, watch)?;
        if self.session.own_routes(watch)? {
            self.served(pid, wanted, indices, watch)
        } else {
            self.told(pid, wanted, indices, catalog, watch)
        }
    }

    fn served(&self, pid: &str, wanted: Wanted<'_>, indices: &IndexSet, watch: &Watch) -> Result<Vec<SeriesPoint>, RemoteFault> {
        let asked = asked(wanted.signal, indices, wanted.rule, wanted.settings);
        let rows = self.session.client.signal(pid, &asked, watch)?;
        let points: BTreeMap<AcquisitionIx, SeriesPoint> = rows
            .value
            .into_iter()
            .filter_map(|row| {
                let acquisition = self.index.acquisition(&row.key)?;
                let point = SeriesPoint {
                    acquisition,
                    acquired: row.acquired,
                    value: row.value,
                    std: row.std,
                    p25: row.p25,
                    p75: row.p75,
                    count: row.count,
                    usable_share: row.usable_share,
                    state: row.state,
                };
                Some((acquisition, point))
            })
            .collect();
        Ok(points.into_values().collect())
    }

    fn told(
        &self,
        pid: &str,
        wanted: Wanted<'_>,
        indices: &IndexSet,
        catalog: &Catalog,
        watch: &Watch,
    ) -> Result<Vec<SeriesPoint>, RemoteFault> {
        let sensor = wanted.signal.sensor();
        let kind = SeriesKind::ALL.into_iter().find(|kind| kind.sensor() == sensor).unwrap_or(SeriesKind::S2);
        let series = self.session.client.series(pid, kind, watch)?.value;
        let mask = wanted.settings.mask;
        let variable = |name: &str| Ok::<_, RemoteFault>(self.variable(kind, &series, name, mask));
        let names: Vec<String> = Vec::new();
        let told = Told { variable: &variable, names: &names, spread: true };
        let min_share = if sensor == Sensor::S2 { wanted.settings.min_usable_share } else { 0.0 };
        let values = told.values(wanted.signal, indices)?;
        Ok(values.into_iter().map(|(acquisition, stats)| point(acquisition, catalog, stats, min_share)).collect())
    }

    /// Statistics of one band in physical units. Of several products of an acquisition the one with most pixels speaks, then the
    /// clearest, then the newest name.
    fn variable(&self, kind: SeriesKind, series: &[SeriesRow], name: &str, mask: MaskSet) -> ByAcquisition {
        let mut best: BTreeMap<AcquisitionIx, (f64, f64, &str, TableStats)> = BTreeMap::new();
        for row in series.iter().filter(|row| variable_name(kind, &row.band).as_deref() == Some(name)) {
            let facts = rows::Facts::of(row.reference.as_deref().unwrap_or_default());
            let Some(acquisition) = self.index.acquisition(&rows::key(kind.sensor(), row.time, &facts)) else { continue };
            let stats = physical(kind, row, rows::offset(&facts, &self.session.radiometry), &self.session, mask);
            let clear = if stats.usable_share.is_finite() { stats.usable_share } else { 1.0 };
            let own = (row.count, clear, row.reference.as_deref().unwrap_or_default(), stats);
            let better = best
                .get(&acquisition)
                .is_none_or(|other| own.0.total_cmp(&other.0).then(own.1.total_cmp(&other.1)).then(own.2.cmp(other.2)).is_gt());
            if better {
                best.insert(acquisition, own);
            }
        }
        best.into_iter().map(|(acquisition, (.., stats))| (acquisition, stats)).collect()
    }
}

/// The question for a signal: an index of the project's own goes with its formula.
pub(super) fn asked(signal: &Signal, indices: &IndexSet, rule: IndexRule, settings: &ObservationSettings) -> SignalWanted {
    let (signal, expression) = match signal {
        Signal::Index(name) if SHIPPED.iter().all(|own| own.name != name) => (name.clone(), indices.text(name)),
        Signal::Expression { name, expression } => (name.clone(), Some(expression.clone())),
        signal => (signal.name(), None),
    };
    let rule = if rule == IndexRule::PerPixel { "per-pixel" } else { "of-means" }.to_owned();
    SignalWanted { signal, expression, rule, settings: settings.clone() }
}

/// Name under which a signal asks for a band of a series.
fn variable_name(kind: SeriesKind, band: &str) -> Option<String> {
    let band = names::band(band)?;
    Some(if kind == SeriesKind::Coherence { format!("COH_{band}") } else { band.to_string() })
}

fn physical(kind: SeriesKind, row: &SeriesRow, offset: f64, session: &super::Session, mask: MaskSet) -> TableStats {
    let scale = session.radiometry.assumed_quantification;
    let value = |stored: f64| if kind == SeriesKind::S2 { (stored + offset) / scale } else { stored };
    let usable_share = row.histogram.map_or(f64::NAN, |classes| {
        let pixels: u32 = classes.iter().sum();
        let clear: u32 = (0..12u8).filter(|&class| !mask.excludes(class)).map(|class| classes[usize::from(class)]).sum();
        if pixels > 0 { f64::from(clear) / f64::from(pixels) } else { 0.0 }
    });
    TableStats {
        mean: value(row.mean),
        std: if kind == SeriesKind::S2 { row.std / scale } else { row.std },
        min: value(row.min),
        p25: value(row.p25),
        p50: value(row.p50),
        p75: value(row.p75),
        max: value(row.max),
        count: row.count,
        pixels: row.count,
        usable_share,
    }
}
