//! Cluster maps and quantities of a region, from its pixels.

use rayon::prelude::*;

use super::clustering;
use super::pixels::{Absence, Place, REACH_DAYS, RegionPixels, StreamPixels};
use crate::engine::heterogeneity::spread::{ParcelSpread, SpreadParams, over_dates};
use crate::engine::heterogeneity::stack::days_since_1970;
use crate::engine::heterogeneity::{LabelGrid, Neighbours, connectivity_rows, quantities, without_isolated_rows};
use crate::model::heterogeneity::{ClusterParams, Period, Quantities, Stream};
use crate::model::{Grid, ParcelIx};

/// One period of a parcel.
#[derive(Debug, Clone, PartialEq)]
pub struct PeriodMap {
    /// Class of each pixel of the parcel's window, row by row; 0 is outside or without data.
    pub labels: Vec<u8>,
    /// Connectivity of each pixel of the window; 0 outside.
    pub connectivity: Vec<u8>,
    /// What is measured.
    pub quantities: Quantities,
    /// Mean over pixels and steps of every variable in each class, `variables` a class, class 1 first; `NaN` for empty ones.
    pub means: Vec<f32>,
    /// Why there is no class, when there is none.
    pub absent: Option<Absence>,
}

/// Maps of a parcel in one stream.
#[derive(Debug, Clone)]
pub struct ParcelMaps {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// The window that the maps cover.
    pub grid: Grid,
    /// One a period.
    pub periods: Vec<PeriodMap>,
    /// Spread of B08 over the season; `None` for S1, and where too few dates are clear.
    pub spread: Option<ParcelSpread>,
}

/// How a period was clustered.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Pixels with a class.
    pub pixels: usize,
    /// Sum of squared distances to the centres, in units of the standardised features.
    pub inertia: f64,
    /// Rounds in which missing values were replaced.
    pub rounds: u32,
}

/// One stream of a region.
#[derive(Debug, Clone, Default)]
pub struct StreamMaps {
    /// Names of what is measured at a step.
    pub variables: Vec<String>,
    /// Parcels of the region, in the order of the layer.
    pub parcels: Vec<ParcelMaps>,
    /// Of each period; `None` where no pixel has a value.
    pub fits: Vec<Option<Fit>>,
}

/// Both streams of a region.
#[derive(Debug, Clone, Default)]
pub struct RegionMaps {
    /// Periods of the season.
    pub periods: Vec<Period>,
    /// Sentinel-2.
    pub s2: StreamMaps,
    /// Sentinel-1.
    pub s1: StreamMaps,
    /// Images that could not be read.
    pub problems: Vec<String>,
}

impl StreamMaps {
    /// Maps of a parcel.
    pub fn of(&self, parcel: ParcelIx) -> Option<&ParcelMaps> {
        self.parcels.binary_search_by_key(&parcel, |own| own.parcel).ok().map(|at| &self.parcels[at])
    }
}

impl RegionMaps {
    /// A stream.
    pub fn stream(&self, stream: Stream) -> &StreamMaps {
        match stream {
            Stream::S2 => &self.s2,
            Stream::S1 => &self.s1,
        }
    }

    /// Approximate memory, bytes.
    pub fn bytes(&self) -> usize {
        let map = |map: &PeriodMap| map.labels.len() * 2 + map.means.len() * 4 + std::mem::size_of::<PeriodMap>();
        let both = self.s2.parcels.iter().chain(&self.s1.parcels);
        both.flat_map(|parcel| &parcel.periods).map(map).sum::<usize>() + 1024
    }
}

/// Clusters every period of both streams. The same bytes for any number of threads.
pub fn maps(pixels: &RegionPixels, params: &ClusterParams) -> RegionMaps {
    let s2 = stream_maps(&pixels.s2, &pixels.periods, params);
    let s1 = stream_maps(&pixels.s1, &pixels.periods, params);
    RegionMaps { periods: pixels.periods.clone(), s2, s1, problems: pixels.problems.clone() }
}

/// What one period gives.
struct Period1 {
    fit: Option<Fit>,
    labels: Vec<u8>,
}

fn stream_maps(stream: &StreamPixels, periods: &[Period], params: &ClusterParams) -> StreamMaps {
    let done: Vec<Period1> = stream.periods.par_iter().map(|table| cluster(table, stream.features(), params)).collect();
    let parcels = stream
        .places
        .par_iter()
        .enumerate()
        .map(|(at, place)| ParcelMaps {
            parcel: place.parcel,
            grid: place.grid.clone(),
            periods: done
                .iter()
                .enumerate()
                .map(|(number, period)| period_map(stream, place, (number, &periods[number]), &period.labels, params))
                .collect(),
            spread: stream.spreads.get(at).and_then(|own| over_dates(own, &SpreadParams::default()).ok()),
        })
        .collect();
    let fits = done.into_iter().map(|period| period.fit).collect();
    StreamMaps { variables: stream.variables.clone(), parcels, fits }
}

fn cluster(table: &[f32], features: usize, params: &ClusterParams) -> Period1 {
    if features == 0 || table.is_empty() {
        return Period1 { fit: None, labels: Vec::new() };
    }
    // A step that no image serves says nothing of any pixel.
    let mut seen = vec![false; features];
    for row in table.chunks_exact(features) {
        seen.iter_mut().zip(row).for_each(|(seen, value)| *seen |= !value.is_nan());
    }
    let kept: Vec<usize> = (0..features).filter(|&feature| seen[feature]).collect();
    if kept.is_empty() {
        return Period1 { fit: None, labels: vec![0; table.len() / features] };
    }
    let found = if kept.len() == features {
        clustering::cluster(table, features, params)
    } else {
        let rows: Vec<f32> = table.chunks_exact(features).flat_map(|row| kept.iter().map(|&feature| row[feature])).collect();
        clustering::cluster(&rows, kept.len(), params)
    };
    let pixels = found.labels.iter().filter(|&&label| label > 0).count();
    Period1 { fit: Some(Fit { pixels, inertia: found.inertia, rounds: found.rounds }), labels: found.labels }
}

fn period_map(
    stream: &StreamPixels,
    place: &Place,
    (number, period): (usize, &Period),
    labels: &[u8],
    params: &ClusterParams,
) -> PeriodMap {
    let own = labels.get(place.rows()).unwrap_or(&[]);
    let (width, height) = (place.grid.width, place.grid.height);
    let mut grid = vec![0u8; place.grid.len()];
    for (&at, &label) in place.inside.iter().zip(own) {
        grid[at as usize] = label;
    }
    // The window holds one parcel: what lies outside has no class.
    let parcels = vec![0u32; grid.len()];
    let of = |labels| LabelGrid { width, height, labels, parcels: &parcels };
    let (mut smooth, mut connected) = (vec![0u8; grid.len()], vec![0u8; grid.len()]);
    without_isolated_rows(&of(&grid), params.isolated_radius, params.isolated_threshold, 0..height, &mut smooth);
    connectivity_rows(&of(&smooth), params.radius, Neighbours::Four, 0..height, &mut connected);
    let pick = |from: &[u8]| -> Vec<u8> { place.inside.iter().map(|&at| from[at as usize]).collect() };
    let (own, links) = (pick(&smooth), pick(&connected));
    let ndvi = if own.is_empty() { Vec::new() } else { stream.ndvi(number, place.rows()) };
    let quantities = quantities(&own, &ndvi, &links);
    let absent = (quantities.pixels == 0).then(|| place.absent.unwrap_or_else(|| absence(stream, period)));
    let means = means(stream, place, number, &own, usize::from(params.clusters));
    PeriodMap { labels: smooth, connectivity: connected, quantities, means, absent }
}

/// Why pixels that are there have no class.
fn absence(stream: &StreamPixels, period: &Period) -> Absence {
    let reach = if stream.has_ndvi { REACH_DAYS } else { 0.0 };
    let near = |day: &f64| (days_since_1970(period.from) - reach..days_since_1970(period.to) + 1.0 + reach).contains(day);
    if stream.days.iter().any(near) { Absence::Masked } else { Absence::NoDates }
}

fn means(stream: &StreamPixels, place: &Place, number: usize, labels: &[u8], classes: usize) -> Vec<f32> {
    let (variables, features) = (stream.variables.len(), stream.features());
    let mut sums = vec![(0.0f64, 0u32); classes * variables];
    for (row, &label) in place.rows().zip(labels).filter(|(_, label)| **label > 0) {
        for (at, &value) in stream.periods[number][row * features..][..features].iter().enumerate() {
            if !value.is_nan() {
                let (sum, count) = &mut sums[(usize::from(label) - 1) * variables + at % variables];
                *sum += f64::from(value);
                *count += 1;
            }
        }
    }
    sums.into_iter().map(|(sum, count)| if count > 0 { (sum / f64::from(count)) as f32 } else { f32::NAN }).collect()
}
