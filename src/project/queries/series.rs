//! Series of one signal of one parcel.

use std::collections::BTreeMap;

use anyhow::anyhow;
use rayon::prelude::*;

use crate::engine::ENGINE_VERSION;
use crate::engine::chip::metres_on;
use crate::engine::coverage::buffered;
use crate::engine::series::{IndexRule, bands_of, observe};
use crate::model::observation::Coverage;
use crate::model::settings::ObservationSettings;
use crate::model::{
    Acquisition, AcquisitionIx, Band, BandAsset, ObservationState, ParcelIx, Sensor, Series, SeriesPoint, Signal, Watch,
};
use crate::project::prepare::parcel_key;
use crate::project::query::{Answer, Query};
use crate::project::remote::Wanted;

use super::Env;
use super::coverage::CoverageQuery;

/// One signal of one parcel over all acquisitions of its sensor.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SeriesQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Which signal.
    pub signal: Signal,
    /// Mask, pixel rule, buffer.
    pub settings: ObservationSettings,
    /// Index of means or mean of indices.
    pub rule: IndexRule,
    /// Data revision.
    pub revision: u64,
}

impl Query for SeriesQuery {
    type Output = Series;

    fn weight(output: &Self::Output) -> usize {
        output.points.len() * 96 + 64
    }

    fn waits(&self, env: &Env) -> bool {
        env.remote.is_some()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let key = self.disk_key(env);
        // A server keeps its own answers, and their age.
        let disk = env.disk.as_ref().filter(|_| env.remote.is_none());
        if let Some(points) = disk.and_then(|disk| disk.get(&key)).and_then(|bytes| unpack(&bytes)) {
            return Ok(Series { points });
        }
        let served = match &env.remote {
            Some(remote) => {
                let wanted = Wanted { signal: &self.signal, settings: &self.settings, rule: self.rule };
                remote.points(env.parcels.id(self.parcel), wanted, &env.indices, &env.catalog, watch)?
            }
            None => Vec::new(),
        };
        let from_tables = match &env.tables {
            Some(tables) => tables.points(self.parcel, &self.signal, &env.indices, &self.settings, &env.catalog)?,
            None => Vec::new(),
        };
        let bands = match bands_of(&self.signal, &env.indices) {
            // An index that only a table knows.
            Err(_no_formula) if env.tables.as_ref().is_some_and(|tables| tables.has_variable(&self.signal)) => {
                return Ok(Series { points: joined(served, from_tables) });
            }
            bands => bands?,
        };
        let sensor = self.signal.sensor();
        let order = if sensor == Sensor::S2 {
            Some(env.cache.compute(&CoverageQuery { parcel: self.parcel, revision: self.revision }, env, watch)?)
        } else {
            None
        };
        let rows: Vec<(AcquisitionIx, &Acquisition)> = env
            .catalog
            .iter()
            .filter(|(_, own)| own.sensor == sensor && !own.granules.iter().all(|granule| granule.remote))
            .collect();
        watch.set_total(rows.len() as u64);
        let points = rows
            .par_iter()
            .map(|&(ix, acquisition)| {
                if watch.cancelled() {
                    return Err(anyhow!("cancelled"));
                }
                let best = order.as_ref().and_then(|coverage| coverage.of(ix)).map(|entry| entry.granules.as_slice());
                let point = self.point(env, ix, acquisition, best, &bands, watch);
                watch.advance(1);
                point
            })
            .collect::<Result<Vec<_>, _>>()?;
        let points = joined(joined(points.into_iter().flatten().collect(), served), from_tables);
        if let Some(disk) = disk {
            disk.put(&key, &pack(&points));
        }
        Ok(Series { points })
    }
}

impl SeriesQuery {
    /// One acquisition: the first product, best first, that has all bands. `None` when none touches the parcel.
    fn point(
        &self,
        env: &Env,
        ix: AcquisitionIx,
        acquisition: &Acquisition,
        best: Option<&[Coverage]>,
        bands: &[Band],
        watch: &Watch,
    ) -> anyhow::Result<Option<SeriesPoint>> {
        let given: Vec<usize> = (0..acquisition.granules.len()).collect();
        let order = best.map_or(given, |order| order.iter().map(|coverage| usize::from(coverage.granule)).collect());
        for number in order {
            let granule = &acquisition.granules[number];
            let mut assets: Vec<&BandAsset> = bands.iter().filter_map(|band| granule.band(band)).collect();
            let Some(grid) = granule.finest_grid().filter(|_| assets.len() == bands.len()) else { continue };
            let outline = buffered(&env.outline_in(self.parcel, grid)?, metres_on(grid, self.settings.buffer_m));
            if outline.is_empty() {
                continue;
            }
            let has_scl = granule.scl().is_some();
            assets.extend(granule.scl());
            let mut windows = env.read_windows(self.parcel, (ix, number as u8), &assets, &outline.bounds(), watch)?;
            let scl = if has_scl { windows.pop().flatten() } else { None };
            let windows: Vec<_> = windows.into_iter().flatten().collect();
            if windows.len() < bands.len() {
                continue;
            }
            let seen = observe(&self.signal, &windows, scl.as_ref(), &outline, &self.settings, &env.indices, self.rule);
            return Ok(Some(SeriesPoint {
                acquisition: ix,
                acquired: granule.acquired,
                value: seen.value,
                std: seen.stats.std,
                p25: seen.stats.p25,
                p75: seen.stats.p75,
                count: seen.stats.count,
                usable_share: seen.usable_share,
                state: seen.state,
            }));
        }
        Ok(None)
    }

    /// All that decides the answer: outline, formula, settings, images, engine.
    fn disk_key(&self, env: &Env) -> [u8; 32] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&env.data_key);
        hasher.update(&ENGINE_VERSION.to_le_bytes());
        hasher.update(&parcel_key(&env.parcels, self.parcel));
        let formula = if let Signal::Index(name) = &self.signal { env.indices.text(name) } else { None };
        hasher.update(format!("{:?} {formula:?} {:?} {:?}", self.signal, self.settings, self.rule).as_bytes());
        *hasher.finalize().as_bytes()
    }
}

/// Images win where they show something; the tables fill the rest.
fn joined(images: Vec<SeriesPoint>, tables: Vec<SeriesPoint>) -> Vec<SeriesPoint> {
    if tables.is_empty() {
        return images;
    }
    let shows = |point: &SeriesPoint| point.state != ObservationState::NoData;
    let mut all: BTreeMap<AcquisitionIx, SeriesPoint> = images.into_iter().map(|point| (point.acquisition, point)).collect();
    for point in tables {
        let own = all.entry(point.acquisition).or_insert(point);
        if !shows(own) && shows(&point) {
            *own = point;
        }
    }
    // Catalogue order is time order.
    all.into_values().collect()
}

/// Numbers of one packed observation.
const PACKED: usize = 9;

fn pack(points: &[SeriesPoint]) -> Vec<u8> {
    let numbers: Vec<f64> = points
        .iter()
        .flat_map(|point| {
            let state = match point.state {
                ObservationState::Ok => 0.0,
                ObservationState::Masked => 1.0,
                ObservationState::NoData => 2.0,
            };
            let [ix, time] = [f64::from(point.acquisition.0), point.acquired.as_millisecond() as f64];
            [ix, time, point.value, point.std, point.p25, point.p75, point.count, point.usable_share, state]
        })
        .collect();
    bytemuck::cast_slice(&numbers).to_vec()
}

/// `None` for anything but whole observations: then they are computed again.
fn unpack(bytes: &[u8]) -> Option<Vec<SeriesPoint>> {
    let numbers: Vec<f64> = bytes.chunks_exact(8).filter_map(|chunk| Some(f64::from_le_bytes(chunk.try_into().ok()?))).collect();
    if numbers.len() * 8 != bytes.len() || !numbers.len().is_multiple_of(PACKED) {
        return None;
    }
    numbers
        .chunks_exact(PACKED)
        .map(|row| {
            Some(SeriesPoint {
                acquisition: AcquisitionIx(row[0] as u32),
                acquired: jiff::Timestamp::from_millisecond(row[1] as i64).ok()?,
                value: row[2],
                std: row[3],
                p25: row[4],
                p75: row[5],
                count: row[6],
                usable_share: row[7],
                state: match row[8] {
                    0.0 => ObservationState::Ok,
                    1.0 => ObservationState::Masked,
                    2.0 => ObservationState::NoData,
                    _ => return None,
                },
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packed_observations_come_back_and_torn_ones_are_refused() {
        let point = SeriesPoint {
            acquisition: AcquisitionIx(7),
            acquired: "2019-04-16T10:56:58Z".parse().expect("valid"),
            value: 0.5,
            std: f64::NAN,
            p25: 0.4,
            p75: 0.6,
            count: 12.0,
            usable_share: 0.9,
            state: ObservationState::Masked,
        };
        let bytes = pack(&[point, point]);
        let back = unpack(&bytes).expect("whole");
        assert_eq!(back.len(), 2);
        assert!(
            back[1].std.is_nan() && back[1].acquired == point.acquired && back[1].state == point.state && back[1].value == 0.5
        );
        assert!(unpack(&bytes[..bytes.len() - 3]).is_none() && unpack(&bytes[..16]).is_none());
    }
}
