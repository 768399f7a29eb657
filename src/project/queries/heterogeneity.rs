//! Pixels and cluster maps of the region of a parcel, and decisions over a population.

use std::sync::Arc;

use rayon::prelude::*;

use super::Env;
use crate::engine::heterogeneity::stack::steps_of;
use crate::engine::heterogeneity::{Columns, decide, marks};
use crate::model::heterogeneity::{CIndex, ClusterParams, Decision, MarkerParams, Marks, Quantities, Stream};
use crate::model::{MaskSet, ParcelIx, Watch};
use crate::project::heterogeneity::date_of;
use crate::project::heterogeneity::maps::{self, RegionMaps};
use crate::project::heterogeneity::pixels::{self, RegionPixels};
use crate::project::heterogeneity::population::{Population, Row};
use crate::project::heterogeneity::regions::Regions;
use crate::project::query::{Answer, Query};

/// How the layer is cut into regions.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegionsQuery {
    /// Size and context.
    pub params: ClusterParams,
    /// Data revision.
    pub revision: u64,
}

impl Query for RegionsQuery {
    type Output = Regions;

    fn weight(_: &Self::Output) -> usize {
        64
    }

    fn run(&self, env: &Env, _watch: &Watch) -> Answer<Self::Output> {
        Ok(Regions::new(&env.parcels, &self.params))
    }
}

/// Pixels of a region on regular steps.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PixelsQuery {
    /// Parcels of the region.
    pub members: Arc<[ParcelIx]>,
    /// Steps, periods and margins; what only clusters need is at its default.
    pub params: ClusterParams,
    /// Excluded scene classes.
    pub mask: MaskSet,
    /// First and last day of the season, days since 1970.
    pub season: (i32, i32),
    /// Data revision.
    pub revision: u64,
}

impl Query for PixelsQuery {
    type Output = RegionPixels;

    fn weight(output: &Self::Output) -> usize {
        output.s2.bytes() + output.s1.bytes() + 256
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let season = (date_of(self.season.0), date_of(self.season.1));
        Ok(pixels::read(env, &self.members, &self.params, self.mask, season, watch)?)
    }
}

/// Cluster maps of a region.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MapsQuery {
    /// Its pixels; the parameters are those of the clusters, whole.
    pub of: PixelsQuery,
}

impl MapsQuery {
    /// The question for the pixels.
    pub fn pixels(&self) -> PixelsQuery {
        PixelsQuery { params: self.of.params.of_pixels(), ..self.of.clone() }
    }
}

impl Query for MapsQuery {
    type Output = RegionMaps;

    fn weight(output: &Self::Output) -> usize {
        output.bytes()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let pixels = env.cache.compute(&self.pixels(), env, watch)?;
        Ok(maps::maps(&pixels, &self.of.params))
    }
}

/// Markers of every period of a parcel and what follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// M1 to M4 of each period.
    pub s2: Vec<Marks>,
    /// M5 to M7 of each period.
    pub s1: Vec<Marks>,
    /// The decision; of S2 alone.
    pub decision: Decision,
}

/// Judges what was measured of a parcel.
pub fn judge(row: &Row, area_m2: f64, params: &MarkerParams) -> Judged {
    let s2: Vec<Marks> = row.s2.iter().map(|own| marks(own, area_m2, params, Stream::S2)).collect();
    let s1 = row.s1.iter().map(|own| marks(own, area_m2, params, Stream::S1)).collect();
    let values: Vec<_> = s2.iter().map(|own| Some(own.values)).collect();
    Judged { decision: decide(&values, params.rule), s2, s1 }
}

/// Decisions over all measured parcels.
#[derive(Debug, Clone)]
pub struct DecisionsQuery {
    /// What was measured.
    pub population: Arc<Population>,
    /// Thresholds and rule.
    pub params: MarkerParams,
}

impl PartialEq for DecisionsQuery {
    fn eq(&self, other: &Self) -> bool {
        self.population.generation == other.population.generation && self.params == other.params
    }
}

impl Eq for DecisionsQuery {}

impl std::hash::Hash for DecisionsQuery {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.population.generation.hash(state);
        self.params.key().hash(state);
    }
}

/// Decisions by parcel, and their counts.
#[derive(Debug, Clone, Default)]
pub struct Decisions {
    /// Of each parcel of the layer; `None` where nothing is measured, or no pixel of any period has a class.
    pub of: Vec<Option<Decision>>,
    /// Parcels of each index, in the order of [`CIndex::ALL`].
    pub counts: [usize; 5],
    /// Parcels without a decision although they were looked at.
    pub without: usize,
}

impl Query for DecisionsQuery {
    type Output = Decisions;

    fn weight(output: &Self::Output) -> usize {
        output.of.len() * std::mem::size_of::<Option<Decision>>()
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let query = ColumnsQuery { population: PopulationRef(Arc::clone(&self.population)) };
        let measured = env.cache.compute(&query, env, watch)?;
        let mut decisions = vec![Decision::default(); measured.seen.len()];
        decisions.par_chunks_mut(CHUNK).enumerate().for_each(|(at, part)| {
            let from = at * CHUNK;
            measured.columns.decide(&self.params, from..from + part.len(), part);
        });
        let of: Vec<Option<Decision>> =
            decisions.into_iter().zip(&measured.seen).map(|(decision, seen)| seen.then_some(decision)).collect();
        let mut counts = [0; 5];
        for decision in of.iter().flatten() {
            counts[CIndex::ALL.iter().position(|own| *own == decision.index).unwrap_or(0)] += 1;
        }
        let looked_at = self.population.rows.iter().flatten().count();
        Ok(Decisions { without: looked_at - counts.iter().sum::<usize>(), of, counts })
    }
}

/// Parcels judged together on a thread.
const CHUNK: usize = 2048;

/// A population, equal to another of the same generation.
#[derive(Debug, Clone)]
pub struct PopulationRef(pub Arc<Population>);

impl PartialEq for PopulationRef {
    fn eq(&self, other: &Self) -> bool {
        self.0.generation == other.0.generation
    }
}

impl Eq for PopulationRef {}

impl std::hash::Hash for PopulationRef {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.generation.hash(state);
    }
}

/// Quantities of a population side by side, made once for all thresholds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ColumnsQuery {
    /// What was measured.
    pub population: PopulationRef,
}

/// Quantities of all parcels of the layer.
#[derive(Debug)]
pub struct Measured {
    columns: Columns,
    /// False where no pixel of any period has a class.
    seen: Vec<bool>,
}

impl Query for ColumnsQuery {
    type Output = Measured;

    fn weight(output: &Self::Output) -> usize {
        output.seen.len() * 400
    }

    fn run(&self, env: &Env, _watch: &Watch) -> Answer<Self::Output> {
        let population = &self.population.0;
        let periods = population.periods.len();
        let mut columns = Columns::new(usize::from(population.params.clusters), periods);
        let mut seen = Vec::with_capacity(population.rows.len());
        for (at, row) in population.rows.iter().enumerate() {
            let own = row.as_ref().map(|row| row.s2.as_slice()).unwrap_or_default();
            let quantities: Vec<Option<Quantities>> = (0..periods).map(|period| own.get(period).copied()).collect();
            columns.push(env.parcels.area_ha(ParcelIx(at as u32)) * 1e4, &quantities);
            seen.push(own.iter().any(|own| own.pixels > 0));
        }
        Ok(Measured { columns, seen })
    }
}

/// What a threshold is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Quantity {
    /// Share of the largest S2 cluster.
    LargestShare,
    /// Pixels of the second largest S2 cluster.
    SecondPixels,
    /// Largest distance of mean NDVI between large clusters.
    NdviDistance,
    /// S2 compactness.
    Compactness,
    /// Share of the largest S1 cluster.
    RadarShare,
    /// S1 compactness.
    RadarCompactness,
}

impl Quantity {
    /// All, in the order of the markers.
    pub const ALL: [Self; 6] =
        [Self::LargestShare, Self::SecondPixels, Self::NdviDistance, Self::Compactness, Self::RadarShare, Self::RadarCompactness];

    /// Value in the markers of a period.
    fn of(self, s2: Option<&Marks>, s1: Option<&Marks>) -> f64 {
        let value = |marks: Option<&Marks>, of: fn(&Marks) -> f64| marks.map_or(f64::NAN, of);
        match self {
            Self::LargestShare => value(s2, |own| own.largest_share),
            Self::SecondPixels => value(s2, |own| f64::from(own.second_pixels)),
            Self::NdviDistance => value(s2, |own| own.ndvi_distance),
            Self::Compactness => value(s2, |own| own.compactness),
            Self::RadarShare => value(s1, |own| own.largest_share),
            Self::RadarCompactness => value(s1, |own| own.compactness),
        }
    }

    /// The axis: from, to. Values beyond are counted in the outer classes.
    pub fn range(self) -> (f64, f64) {
        match self {
            Self::LargestShare | Self::RadarShare => (0.0, 1.0),
            Self::SecondPixels => (0.0, 200.0),
            Self::NdviDistance => (0.0, 0.6),
            Self::Compactness | Self::RadarCompactness => (0.0, 4.0),
        }
    }
}

/// Classes of a [`HistogramQuery`].
pub const HISTOGRAM: usize = 60;

/// How a quantity is distributed over all parcels and periods.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HistogramQuery {
    /// Population and the thresholds that the quantity itself rests on.
    pub of: DecisionsQuery,
    /// Which quantity.
    pub quantity: Quantity,
}

impl Query for HistogramQuery {
    /// Parcels and periods of each class.
    type Output = [u32; HISTOGRAM];

    fn weight(_: &Self::Output) -> usize {
        4 * HISTOGRAM
    }

    fn run(&self, env: &Env, _watch: &Watch) -> Answer<Self::Output> {
        let (from, to) = self.quantity.range();
        let rows = &self.of.population.rows;
        let counts = (0..rows.len())
            .into_par_iter()
            .filter_map(|at| Some((ParcelIx(at as u32), rows[at].as_ref()?)))
            .fold(
                || [0u32; HISTOGRAM],
                |mut counts, (parcel, row)| {
                    let judged = judge(row, env.parcels.area_ha(parcel) * 1e4, &self.of.params);
                    for period in 0..judged.s2.len().max(judged.s1.len()) {
                        let value = self.quantity.of(judged.s2.get(period), judged.s1.get(period));
                        if !value.is_nan() {
                            let class = ((value - from) / (to - from) * HISTOGRAM as f64).clamp(0.0, HISTOGRAM as f64 - 1.0);
                            counts[class as usize] += 1;
                        }
                    }
                    counts
                },
            )
            .reduce(|| [0u32; HISTOGRAM], |a, b| std::array::from_fn(|at| a[at] + b[at]));
        Ok(counts)
    }
}

/// Course of NDVI in each cluster of a period over the whole season.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CurvesQuery {
    /// Maps of the region.
    pub of: MapsQuery,
    /// Which parcel.
    pub parcel: ParcelIx,
    /// The period whose clusters are followed, from 0.
    pub period: usize,
}

/// Mean NDVI of the pixels of each cluster at every step; `NaN` where none has a value.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Curves {
    /// Days since 1970 of the steps.
    pub days: Vec<f64>,
    /// Cluster (from 1) and its means.
    pub clusters: Vec<(u8, Vec<f32>)>,
}

impl Query for CurvesQuery {
    type Output = Curves;

    fn weight(output: &Self::Output) -> usize {
        output.days.len() * (8 + 4 * output.clusters.len())
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let maps = env.cache.compute(&self.of, env, watch)?;
        let pixels = env.cache.compute(&self.of.pixels(), env, watch)?;
        let stream = pixels.stream(Stream::S2);
        let (Some(own), Some(place)) = (maps.s2.of(self.parcel), stream.places.iter().find(|place| place.parcel == self.parcel))
        else {
            return Ok(Curves::default());
        };
        let Some(map) = own.periods.get(self.period) else { return Ok(Curves::default()) };
        let labels: Vec<u8> = place.inside.iter().map(|&at| map.labels[at as usize]).collect();
        let mut known: Vec<u8> = labels.iter().copied().filter(|&label| label > 0).collect();
        known.sort_unstable();
        known.dedup();
        let mut curves = Curves { days: Vec::new(), clusters: known.iter().map(|&label| (label, Vec::new())).collect() };
        for (number, period) in pixels.periods.iter().enumerate() {
            let ndvi = stream.ndvi(number, place.rows());
            let days = steps_of(period, self.of.of.params.s2_step_days).centres;
            for (step, &day) in days.iter().enumerate().take(stream.steps) {
                let values = &ndvi[step * labels.len()..][..labels.len()];
                curves.days.push(day);
                for (label, means) in &mut curves.clusters {
                    let own = labels.iter().zip(values).filter(|(own, value)| *own == label && !value.is_nan());
                    let (sum, count) = own.fold((0.0f64, 0u32), |(sum, count), (_, value)| (sum + f64::from(*value), count + 1));
                    means.push(if count > 0 { (sum / f64::from(count)) as f32 } else { f32::NAN });
                }
            }
        }
        Ok(curves)
    }
}
