//! Heterogeneity of the whole population: region by region in the background, kept for the next sitting.

use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, bounded};
use rayon::prelude::*;

use crate::engine::ENGINE_VERSION;
use crate::engine::heterogeneity::stack;
use crate::model::heterogeneity::{ClusterParams, Period, Quantities};
use crate::model::{MaskSet, ParcelIx, Watch};
use crate::project::Project;
use crate::project::open::{self, JobStatus};
use crate::project::prepare::parcel_key;
use crate::project::queries::Env;
use crate::project::query::Wake;

use super::date_of;
use super::maps::{self, RegionMaps};
use super::pixels;
use super::regions::Regions;

/// What was measured of a parcel, by period.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// Sentinel-2.
    pub s2: Vec<Quantities>,
    /// Sentinel-1; empty without images of it.
    pub s1: Vec<Quantities>,
    /// Median and maximum over the clear dates of the quartile distance of B08 over its median; `NaN` with too few dates.
    pub spread: [f32; 2],
}

impl Row {
    /// From the maps of its region.
    pub fn of(maps: &RegionMaps, parcel: ParcelIx) -> Self {
        let of = |stream: &maps::StreamMaps| -> Vec<Quantities> {
            let own = stream.of(parcel).filter(|_| !stream.variables.is_empty());
            own.map(|own| own.periods.iter().map(|period| period.quantities).collect()).unwrap_or_default()
        };
        let spread = maps.s2.of(parcel).and_then(|own| own.spread);
        let spread = spread.map_or([f32::NAN; 2], |own| [own.median as f32, own.max as f32]);
        Self { s2: of(&maps.s2), s1: of(&maps.s1), spread }
    }
}

/// What is measured of all parcels so far.
#[derive(Debug, Clone, Default)]
pub struct Population {
    /// Changes with every row.
    pub generation: u64,
    /// What decided the clusters.
    pub params: ClusterParams,
    /// Season, days since 1970.
    pub season: (i32, i32),
    /// Periods.
    pub periods: Vec<Period>,
    /// One a parcel of the layer.
    pub rows: Vec<Option<Row>>,
    /// Images that could not be read, each once.
    pub problems: Vec<String>,
}

impl Population {
    /// Parcels that were looked at.
    pub fn measured(&self) -> usize {
        self.rows.iter().flatten().count()
    }
}

/// One region, done.
pub struct Region {
    /// Its parcels.
    pub members: Vec<ParcelIx>,
    /// What was measured, in the same order.
    pub rows: Vec<Row>,
    /// Periods.
    pub periods: Vec<Period>,
    /// Images that could not be read.
    pub problems: Vec<String>,
}

/// What a run needs to know.
#[derive(Debug, Clone)]
pub struct Demand {
    /// Clusters.
    pub params: ClusterParams,
    /// Excluded scene classes.
    pub mask: MaskSet,
    /// Season, days since 1970.
    pub season: (i32, i32),
}

/// Measures one region: from what was kept, or from its pixels.
pub fn measure(env: &Env, members: &[ParcelIx], demand: &Demand, watch: &Watch) -> anyhow::Result<Region> {
    let season = (date_of(demand.season.0), date_of(demand.season.1));
    let key = key(env, members, demand);
    let periods = stack::periods(season.0, season.1, demand.params.period_days, demand.params.min_period_days);
    if let Some(rows) = env.disk.as_ref().and_then(|disk| disk.get(&key)).and_then(|bytes| unpack(&bytes, members.len())) {
        return Ok(Region { members: members.to_vec(), rows, periods, problems: Vec::new() });
    }
    let pixels = pixels::read(env, members, &demand.params, demand.mask, season, watch)?;
    let maps = maps::maps(&pixels, &demand.params);
    let rows: Vec<Row> = members.iter().map(|&parcel| Row::of(&maps, parcel)).collect();
    // Images that failed may be there the next time.
    if maps.problems.is_empty()
        && let Some(disk) = &env.disk
    {
        disk.put(&key, &pack(&rows));
    }
    Ok(Region { members: members.to_vec(), rows, periods, problems: maps.problems })
}

/// All that decides what is measured.
fn key(env: &Env, members: &[ParcelIx], demand: &Demand) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"heterogeneity");
    hasher.update(&env.data_key);
    hasher.update(&ENGINE_VERSION.to_le_bytes());
    for &parcel in members {
        hasher.update(&parcel_key(&env.parcels, parcel));
    }
    hasher.update(format!("{demand:?}").as_bytes());
    *hasher.finalize().as_bytes()
}

fn pack(rows: &[Row]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for row in rows {
        for stream in [&row.s2, &row.s1] {
            bytes.extend((stream.len() as u32).to_le_bytes());
            bytes.extend(stream.iter().flat_map(Quantities::to_bytes));
        }
        row.spread.iter().for_each(|own| bytes.extend(own.to_le_bytes()));
    }
    zstd::bulk::compress(&bytes, 3).unwrap_or_default()
}

/// `None` for anything but whole rows: then they are measured again.
fn unpack(bytes: &[u8], count: usize) -> Option<Vec<Row>> {
    const MOST: usize = 1 << 28;
    let bytes = zstd::bulk::decompress(bytes, MOST).ok()?; // damaged: as if it were not there
    let mut rest = bytes.as_slice();
    let rows: Option<Vec<Row>> = (0..count)
        .map(|_| {
            let (s2, s1) = (stream(&mut rest)?, stream(&mut rest)?);
            let spread = [number(&mut rest)?, number(&mut rest)?].map(f32::from_bits);
            Some(Row { s2, s1, spread })
        })
        .collect();
    rows.filter(|_| rest.is_empty())
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (head, tail) = rest.split_first_chunk::<4>()?;
    *rest = tail;
    Some(u32::from_le_bytes(*head))
}

fn stream(rest: &mut &[u8]) -> Option<Vec<Quantities>> {
    let n = number(rest)? as usize;
    let (own, tail) = rest.split_at_checked(n.checked_mul(Quantities::BYTES)?)?;
    *rest = tail;
    own.chunks_exact(Quantities::BYTES).map(Quantities::from_bytes).collect()
}

/// Measures all regions that hold one of `wanted`, several at a time; `take` gets each as it is done.
pub fn run(
    env: &Env,
    regions: &Regions,
    wanted: &[u32],
    demand: &Demand,
    watch: &Watch,
    take: impl Fn(Region) + Sync,
) -> anyhow::Result<()> {
    watch.set_total(wanted.len() as u64);
    // Reading a region keeps all threads busy; two at a time fill the gaps without holding many tables.
    for pair in wanted.chunks(2) {
        pair.par_iter().try_for_each(|&region| {
            let own = Watch::default();
            let done = measure(env, &regions.members(region), demand, &own)?;
            take(done);
            watch.advance(1);
            anyhow::Ok(())
        })?;
        anyhow::ensure!(!watch.cancelled(), "cancelled");
    }
    Ok(())
}

/// News of a run.
enum News {
    Region(Box<Region>),
    Done(Result<(), anyhow::Error>),
}

/// A run under way.
pub(in crate::project) struct Measuring {
    watch: Watch,
    since: Instant,
    receiver: Receiver<News>,
}

impl Measuring {
    /// For the status bar.
    fn status(&self) -> JobStatus {
        let (done, total) = self.watch.progress();
        open::status("job-heterogeneity", self.since, done, total, self.watch.clone())
    }
}

impl Drop for Measuring {
    fn drop(&mut self) {
        self.watch.cancel();
    }
}

/// What the project knows of heterogeneity.
#[derive(Default)]
pub(in crate::project) struct State {
    population: Option<Arc<Population>>,
    measuring: Option<Measuring>,
    generation: u64,
}

impl Project {
    /// What was measured of the population under the clusters in force, if anything.
    pub fn heterogeneity_population(&self) -> Option<&Arc<Population>> {
        let own = self.heterogeneity.population.as_ref()?;
        (own.params == self.heterogeneity_params().clusters && self.heterogeneity_season() == Some(own.season)).then_some(own)
    }

    /// True while the population is measured.
    pub fn measuring_heterogeneity(&self) -> bool {
        self.heterogeneity.measuring.is_some()
    }

    pub(in crate::project) fn heterogeneity_status(&self) -> Option<JobStatus> {
        self.heterogeneity.measuring.as_ref().map(Measuring::status)
    }

    /// Starts measuring all parcels; one run at a time, a new one ends the one before.
    pub(in crate::project) fn start_heterogeneity(&mut self) {
        let (Some(env), Some(season)) = (self.env.clone(), self.heterogeneity_season()) else { return };
        let demand = Demand { params: self.heterogeneity_params().clusters, mask: self.mask(), season };
        let (sender, receiver) = bounded(64);
        let watch = Watch::default();
        let (own, wake) = (watch.clone(), Arc::clone(&self.wake) as Wake);
        let population =
            Population { params: demand.params, season, rows: vec![None; env.parcels.len()], ..Population::default() };
        let work = move || {
            let regions = Regions::new(&env.parcels, &demand.params);
            let wanted: Vec<u32> = (0..regions.count()).collect();
            let told = run(&env, &regions, &wanted, &demand, &own, |region| {
                // Nobody waits any more when the project was closed.
                drop(sender.send(News::Region(Box::new(region))));
                wake();
            });
            drop(sender.send(News::Done(told)));
            wake();
        };
        match std::thread::Builder::new().name("heterogeneity".to_owned()).spawn(work) {
            Ok(_runs_alone) => {
                self.heterogeneity.population = Some(Arc::new(population));
                self.heterogeneity.measuring = Some(Measuring { watch, since: Instant::now(), receiver });
            }
            Err(error) => self.note(format!("cannot start measuring heterogeneity: {error}"), true),
        }
    }

    /// Takes in what was measured; at the start of a frame.
    pub(in crate::project) fn take_heterogeneity(&mut self) {
        let Some(measuring) = &self.heterogeneity.measuring else { return };
        let news: Vec<News> = measuring.receiver.try_iter().collect();
        if news.is_empty() {
            return;
        }
        self.heterogeneity.generation += 1;
        let generation = self.heterogeneity.generation;
        for one in news {
            match one {
                News::Region(region) => {
                    let Some(population) = &mut self.heterogeneity.population else { continue };
                    let own = Arc::make_mut(population);
                    own.generation = generation;
                    own.periods.clone_from(&region.periods);
                    for (parcel, row) in region.members.iter().zip(region.rows) {
                        if let Some(place) = own.rows.get_mut(parcel.at()) {
                            *place = Some(row);
                        }
                    }
                    for problem in region.problems {
                        if !own.problems.contains(&problem) {
                            own.problems.push(problem);
                        }
                    }
                }
                News::Done(told) => {
                    let since = self.heterogeneity.measuring.take().map(|own| own.since.elapsed().as_secs_f64());
                    self.end_heterogeneity(told, since.unwrap_or(0.0));
                }
            }
        }
    }

    fn end_heterogeneity(&mut self, told: anyhow::Result<()>, seconds: f64) {
        let Some(population) = self.heterogeneity.population.clone() else { return };
        for problem in &population.problems {
            self.note(problem.clone(), true);
        }
        match told {
            Ok(()) => self.note(format!("heterogeneity of {} parcels measured in {seconds:.1} s", population.measured()), false),
            Err(error) => self.note(format!("measuring heterogeneity ended: {error:#}"), true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::heterogeneity::MAX_CLUSTERS;

    #[test]
    fn measured_rows_come_back_from_the_cache_and_torn_ones_are_refused() {
        let own = Quantities {
            pixels: 12,
            clusters: std::array::from_fn(|at| at as u32),
            ndvi: std::array::from_fn(|at| at as f32 / 10.0),
            compact: 7.5,
            holes: 1,
            partial_holes: 2,
        };
        assert_eq!(own.clusters.len(), MAX_CLUSTERS);
        let rows = vec![
            Row { s2: vec![own; 3], s1: Vec::new(), spread: [0.25, 0.5] },
            Row { s2: Vec::new(), s1: vec![own], spread: [1.0, 2.0] },
        ];
        let bytes = pack(&rows);
        assert_eq!(unpack(&bytes, 2).as_ref(), Some(&rows));
        assert!(unpack(&bytes, 1).is_none() && unpack(&bytes, 3).is_none() && unpack(&bytes[..bytes.len() - 2], 2).is_none());
    }
}
