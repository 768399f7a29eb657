//! Clusters of pixels on all cores: the pieces of [`crate::engine::heterogeneity::kmeans`], the same bytes for any number of threads.

use rayon::prelude::*;

use crate::engine::heterogeneity::kmeans::{CHUNK_ROWS, Fill, Model, Moments, Options, Pass, Sample, Scale, fit};
use crate::model::heterogeneity::ClusterParams;

/// Rounds in which missing values take those of their centre.
const ROUNDS: u32 = 10;
/// Passes over all rows within a round.
const PASSES: usize = 12;
/// A pass that lowers the inertia by a smaller share is the last of its round.
const GAIN: f64 = 1e-4;

/// Clusters of rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Clustering {
    /// Cluster of each row, from 1; 0 for a row without any value.
    pub labels: Vec<u8>,
    /// Centres and scale.
    pub model: Model,
    /// Sum of squared distances of all rows to their centre, in squared deviations; missing values as they were filled last.
    pub inertia: f64,
    /// Rounds of filling: 1 when no value is missing, 0 without a row that has a value.
    pub rounds: u32,
}

/// Clusters rows of `features` values, row by row; `NaN` is missing. The rows stay as they are.
///
/// Starts are made on a sample, side by side; the one of lowest inertia, the first of several, goes on over all rows. Numbers of
/// clusters are as [`crate::engine::heterogeneity::kmeans`] says: by the first feature, largest first. Any number of rows is allowed:
/// with fewer distinct ones than clusters, the last clusters stay empty.
///
/// * **NaN:** missing values are filled for at most ten rounds, or until no label changes; a row without any value has label 0.
/// * **Cost:** about 12 passes over the rows, one byte for each row; with missing values up to ten times as many, and two bytes.
pub fn cluster(rows: &[f32], features: usize, params: &ClusterParams) -> Clustering {
    debug_assert!(features > 0 && rows.len().is_multiple_of(features), "whole rows");
    let options = Options::from(params);
    let parts = rows.par_chunks(CHUNK_ROWS * features.max(1));
    let moments: Vec<Moments> = parts.map(|rows| Moments::of(rows, features)).collect();
    let mut all = Moments::of(&[], features);
    for next in &moments {
        all.add(next);
    }
    let scale = Scale::from_moments(&all, params.standardise);
    let sample = Sample::draw(rows, features, params.seed);
    let starts: Vec<Model> =
        (0..u64::from(params.starts.max(1))).into_par_iter().map(|start| fit(&sample, &scale, &options, start)).collect();
    // The first of several that are equal, whichever thread was ready first.
    let best = starts.into_iter().reduce(|best, next| if next.inertia < best.inertia { next } else { best });
    let model = best.unwrap_or_else(|| fit(&sample, &scale, &options, 0));
    let mut work = Work { rows, features, labels: vec![0; rows.len() / features.max(1)], model };
    let mut rounds = 0;
    let mut last = Pass::empty(work.model.clusters, features);
    if !sample.is_empty() {
        last = work.converge(None);
        rounds = 1;
        while all.gaps() && rounds < ROUNDS {
            let (centres, labels) = (work.model.centres.clone(), work.labels.clone());
            last = work.converge(Some(Fill { centres: &centres, labels: &labels }));
            rounds += 1;
            if work.labels == labels {
                break;
            }
        }
    }
    work.finish(&last, rounds)
}

struct Work<'a> {
    rows: &'a [f32],
    features: usize,
    labels: Vec<u8>,
    model: Model,
}

impl Work<'_> {
    /// Passes over all rows until they do not pay; labels are those of the centres as they are left.
    fn converge(&mut self, fill: Option<Fill>) -> Pass {
        let mut last = self.pass(fill);
        for _ in 1..PASSES {
            self.model.update(&last);
            let next = self.pass(fill);
            let gain = last.inertia - next.inertia;
            last = next;
            if last.changed == 0 || gain <= GAIN * last.inertia {
                break;
            }
        }
        last
    }

    /// One pass over all rows, chunks on any thread, their sums in order.
    fn pass(&mut self, fill: Option<Fill>) -> Pass {
        let model = &self.model;
        let parts = self.rows.par_chunks(CHUNK_ROWS * self.features).zip(self.labels.par_chunks_mut(CHUNK_ROWS)).enumerate();
        let passes: Vec<Pass> = parts
            .map(|(at, (rows, labels))| {
                let from = at * CHUNK_ROWS;
                let fill = fill.map(|fill| Fill { labels: &fill.labels[from..from + labels.len()], ..fill });
                model.pass(rows, fill, labels)
            })
            .collect();
        let mut all = Pass::empty(model.clusters, model.features);
        for next in &passes {
            all.add(next);
        }
        all
    }

    /// Numbers clusters.
    fn finish(mut self, last: &Pass, rounds: u32) -> Clustering {
        let labels = self.model.renumber(last);
        self.labels
            .par_chunks_mut(CHUNK_ROWS)
            .for_each(|own| own.iter_mut().for_each(|label| *label = labels[usize::from(*label)]));
        self.model.inertia = last.inertia;
        Clustering { labels: self.labels, model: self.model, inertia: last.inertia, rounds }
    }
}
