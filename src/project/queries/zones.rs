//! Proposed zones of a heterogeneous parcel, and where it declined more than its peers.

use super::Env;
use super::heterogeneity::MapsQuery;
use crate::engine::coverage::centres_inside;
use crate::engine::heterogeneity::stack::steps_of;
use crate::engine::heterogeneity::zones::{DeclineInput, ZoneInput, decline, peer_change, propose, zone_curves};
use crate::model::heterogeneity::Stream;
use crate::model::zones::{Decline, DeclineParams, NoDecline, NoZones, Zone, ZoneParams, ZonePoint};
use crate::model::{Grid, ParcelIx, Watch};
use crate::project::heterogeneity::pixels::{Place, RegionPixels};
use crate::project::query::{Answer, Query};

/// Zones from the S2 clusters of one to three periods.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ZonesQuery {
    /// Maps of the region.
    pub of: MapsQuery,
    /// Which parcel.
    pub parcel: ParcelIx,
    /// First period, from 0.
    pub first: usize,
    /// Number of periods, 1 to 3.
    pub periods: usize,
}

/// What is proposed.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// Where the pixels lie.
    pub grid: Grid,
    /// Zones, or why there are none.
    pub zones: Result<Vec<Zone>, NoZones>,
    /// Days since 1970 of the steps of the season.
    pub days: Vec<f64>,
    /// NDVI of each zone at each step.
    pub curves: Vec<Vec<ZonePoint>>,
    /// Mean NDVI of each zone over the periods; `NaN` without a value.
    pub means: Vec<f64>,
    /// First and last day of the periods, as files say it: `2019-04-01/2019-06-29`.
    pub dates: String,
}

impl Query for ZonesQuery {
    type Output = Proposal;

    fn weight(output: &Self::Output) -> usize {
        output.grid.len() * 8 + output.days.len() * 64 + 256
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let maps = env.cache.compute(&self.of, env, watch)?;
        let pixels = env.cache.compute(&self.of.pixels(), env, watch)?;
        let own = maps.s2.of(self.parcel).ok_or_else(|| anyhow::anyhow!("the parcel is not in its region"))?;
        let place = place(&pixels, self.parcel)?;
        let outline = env.outline_in(self.parcel, &own.grid)?;
        let inside = centres_inside(&outline, &own.grid);
        let last = (self.first + self.periods.clamp(1, 3)).min(own.periods.len());
        let labels: Vec<&[u8]> = own.periods[self.first.min(last)..last].iter().map(|map| map.labels.as_slice()).collect();
        let zones = if labels.is_empty() {
            Err(NoZones::NoPixels)
        } else {
            let input = ZoneInput { grid: &own.grid, inside: &inside, periods: &labels, outline: &outline };
            propose(input, &ZoneParams::default())
        };
        let mut days = Vec::new();
        let mut rasters = Vec::new();
        let mut within = Vec::new();
        for (number, period) in pixels.periods.iter().enumerate() {
            for (step, day) in
                steps_of(period, self.of.of.params.s2_step_days).centres.into_iter().enumerate().take(pixels.s2.steps)
            {
                within.push((self.first..last).contains(&number));
                days.push(day);
                rasters.push(raster(&pixels, place, number, step));
            }
        }
        let rasters: Vec<&[f32]> = rasters.iter().map(Vec::as_slice).collect();
        let curves = zones.as_ref().map(|zones| zone_curves(zones, &rasters)).unwrap_or_default();
        let mean = |curve: &Vec<ZonePoint>| {
            let known = || curve.iter().zip(&within).filter(|(point, within)| **within && !point.mean.is_nan());
            known().map(|(point, _)| point.mean).sum::<f64>() / known().count() as f64
        };
        let means = curves.iter().map(mean).collect();
        let dates = match (pixels.periods.get(self.first), last.checked_sub(1).and_then(|last| pixels.periods.get(last))) {
            (Some(first), Some(last)) => format!("{}/{}", first.from, last.to),
            _ => String::new(),
        };
        Ok(Proposal { grid: own.grid.clone(), zones, days, curves, means, dates })
    }
}

fn place(pixels: &RegionPixels, parcel: ParcelIx) -> anyhow::Result<&Place> {
    let found = pixels.stream(Stream::S2).places.iter().find(|place| place.parcel == parcel);
    found.ok_or_else(|| anyhow::anyhow!("the parcel is not in its region"))
}

/// NDVI of a step on the parcel's grid; `NaN` outside.
fn raster(pixels: &RegionPixels, place: &Place, period: usize, step: usize) -> Vec<f32> {
    let ndvi = pixels.s2.ndvi(period, place.rows());
    let n = place.inside.len();
    let mut raster = vec![f32::NAN; place.grid.len()];
    for (&at, &value) in place.inside.iter().zip(&ndvi[step * n..][..n]) {
        raster[at as usize] = value;
    }
    raster
}

/// Where NDVI of a parcel fell more between two days than that of its peers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DeclineQuery {
    /// Maps of the region: its pixels and its other parcels.
    pub of: MapsQuery,
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Days since 1970: before and after.
    pub days: (i32, i32),
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Declined {
    /// Where the pixels lie.
    pub grid: Grid,
    /// The zone, or why nothing can be told.
    pub decline: Result<Decline, NoDecline>,
    /// Parcels that it was compared with.
    pub peers: usize,
    /// True when they are of the same crop; else all of the region.
    pub same_crop: bool,
}

impl Query for DeclineQuery {
    type Output = Declined;

    fn weight(output: &Self::Output) -> usize {
        output.grid.len() * 2 + 256
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let pixels = env.cache.compute(&self.of.pixels(), env, watch)?;
        let place = place(&pixels, self.parcel)?;
        let grid = place.grid.clone();
        let (Some(earlier), Some(later)) = (self.step(&pixels, self.days.0), self.step(&pixels, self.days.1)) else {
            return Ok(Declined { grid, decline: Err(NoDecline::NoPixels), peers: 0, same_crop: false });
        };
        let params = DeclineParams::default();
        let crop = env.parcels.crop(self.parcel);
        let others = || pixels.s2.places.iter().filter(|own| own.parcel != self.parcel);
        let change = |own: &Place| mean(&pixels, own, later) - mean(&pixels, own, earlier);
        let like: Vec<f64> = others().filter(|own| crop.is_some() && env.parcels.crop(own.parcel) == crop).map(change).collect();
        let known = |changes: &[f64]| changes.iter().filter(|own| own.is_finite()).count();
        let same_crop = known(&like) >= params.min_peers as usize;
        let changes = if same_crop { like } else { others().map(change).collect() };
        let outline = env.outline_in(self.parcel, &grid)?;
        let inside = centres_inside(&outline, &grid);
        let (before, after) = (raster(&pixels, place, earlier.0, earlier.1), raster(&pixels, place, later.0, later.1));
        let input = DeclineInput {
            grid: &grid,
            inside: &inside,
            earlier: &before,
            later: &after,
            outline: &outline,
            peers: peer_change(&changes),
        };
        let decline = decline(input, &params);
        Ok(Declined { decline, peers: known(&changes), same_crop, grid })
    }
}

impl DeclineQuery {
    /// Period and step nearest to a day, both from 0.
    fn step(&self, pixels: &RegionPixels, day: i32) -> Option<(usize, usize)> {
        let all = pixels.periods.iter().enumerate().flat_map(|(number, period)| {
            let steps = steps_of(period, self.of.of.params.s2_step_days).centres;
            steps.into_iter().enumerate().take(pixels.s2.steps).map(move |(step, centre)| ((number, step), centre))
        });
        let far = |centre: f64| (centre - f64::from(day) - 0.5).abs();
        all.min_by(|a, b| far(a.1).total_cmp(&far(b.1))).map(|(at, _)| at)
    }
}

/// Mean NDVI of a parcel at a step; `NaN` without a value.
fn mean(pixels: &RegionPixels, place: &Place, (period, step): (usize, usize)) -> f64 {
    let ndvi = pixels.s2.ndvi(period, place.rows());
    let n = place.inside.len();
    let known: Vec<f64> = ndvi[step * n..][..n].iter().filter(|own| !own.is_nan()).map(|own| f64::from(*own)).collect();
    known.iter().sum::<f64>() / known.len() as f64
}
