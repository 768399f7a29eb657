//! One start of k-means: seeds, mini-batches, and passes over a sample until nothing changes.

use super::{CHUNK_ROWS, Model, Pass, Scale};
use crate::engine::sampling::Draw;
use crate::model::heterogeneity::{ClusterParams, MAX_CLUSTERS};

/// Rows of a sample: starts are compared on it, and the best has converged on it before all rows are looked at.
pub const SAMPLE_ROWS: usize = 16_384;
/// Sets of seeds that a start tries on a part of the sample; the best goes on.
const TRIES: usize = 8;
/// Passes over that part by which they are compared.
const TRY_PASSES: usize = 10;
/// Mini-batches of a start.
const BATCHES: usize = 60;
/// Passes over the sample, when nothing stops them before.
const PASSES: usize = 40;
/// A pass that lowers the inertia by a smaller share ends a start.
const GAIN: f64 = 1e-5;

/// What a start depends on, apart from rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Clusters, up to [`MAX_CLUSTERS`].
    pub clusters: usize,
    /// Rows of a mini-batch.
    pub batch: usize,
    /// Seed of all starts.
    pub seed: u64,
}

impl From<&ClusterParams> for Options {
    fn from(params: &ClusterParams) -> Self {
        Self { clusters: usize::from(params.clusters), batch: params.batch as usize, seed: params.seed }
    }
}

/// Rows that starts work on, with at least one value each.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    rows: Vec<f32>,
    features: usize,
}

impl Sample {
    /// Up to [`SAMPLE_ROWS`] of the rows that have a value, evenly over their order and at random within each stretch of it; all of
    /// them in their order when there are no more.
    pub fn draw(rows: &[f32], features: usize, seed: u64) -> Self {
        let each = rows.chunks_exact(features.max(1)).enumerate();
        let known: Vec<usize> = each.filter(|(_, row)| row.iter().any(|value| value.is_finite())).map(|(at, _)| at).collect();
        let wanted = known.len().min(SAMPLE_ROWS);
        let mut draw = Draw::new(seed);
        let mut drawn = Vec::with_capacity(wanted * features);
        for part in 0..wanted {
            let (from, to) = (part * known.len() / wanted, (part + 1) * known.len() / wanted);
            let at = known[from + draw.below((to - from) as u64) as usize];
            drawn.extend_from_slice(&rows[at * features..(at + 1) * features]);
        }
        Self { rows: drawn, features }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.rows.len() / self.features.max(1)
    }

    /// True without rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Rows drawn at random, any of them several times.
    fn some(&self, count: usize, draw: &mut Draw) -> Vec<f32> {
        let mut drawn = Vec::with_capacity(count * self.features);
        for _ in 0..count {
            let at = draw.below(self.len() as u64) as usize * self.features;
            drawn.extend_from_slice(&self.rows[at..at + self.features]);
        }
        drawn
    }
}

/// One start of k-means on a sample; `start` gives each its own random numbers, so that starts may be made side by side.
///
/// Centres are seeded by k-means++, several times on a part of the sample; the set that some passes over that part bring furthest is
/// moved by mini-batches, then by passes over the sample until no label changes or a pass gains next to nothing.
/// [`Model::inertia`] is that of the sample: the start with the lowest is the best.
///
/// * **NaN:** a missing value is the mean of its feature.
/// * **Cost:** some dozen passes over the sample.
pub fn fit(sample: &Sample, scale: &Scale, options: &Options, start: u64) -> Model {
    let clusters = options.clusters.min(MAX_CLUSTERS);
    debug_assert_eq!(clusters, options.clusters, "labels and quantities hold no more clusters");
    let mut draw = Draw::new(options.seed ^ start.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let wanted = (3 * options.batch).max(30 * clusters).min(sample.len());
    let part = if wanted == sample.len() { sample.rows.clone() } else { sample.some(wanted, &mut draw) };
    let in_deviations: Vec<f32> = part.chunks_exact(sample.features.max(1)).flat_map(|row| scaled(row, scale)).collect();
    let mut attempt = || {
        let centres = seeds(&in_deviations, sample.features, clusters, &mut draw);
        let mut model = Model { clusters, features: sample.features, centres, scale: scale.clone(), inertia: f64::INFINITY };
        passes(&mut model, &part, TRY_PASSES);
        model
    };
    let mut model = attempt();
    for _ in 1..TRIES {
        let next = attempt();
        if next.inertia < model.inertia {
            model = next;
        }
    }
    batches(&mut model, sample, options.batch, &mut draw);
    passes(&mut model, &sample.rows, PASSES);
    model
}

/// Passes over rows, until they do not pay.
fn passes(model: &mut Model, rows: &[f32], most: usize) {
    let mut labels = vec![0; rows.len() / model.features.max(1)];
    model.inertia = f64::INFINITY;
    for _ in 0..most {
        let pass = whole_pass(model, rows, &mut labels);
        let gain = model.inertia - pass.inertia;
        model.inertia = pass.inertia;
        if pass.changed == 0 || gain <= GAIN * pass.inertia {
            break;
        }
        model.update(&pass);
    }
}

fn whole_pass(model: &Model, rows: &[f32], labels: &mut [u8]) -> Pass {
    let mut all = Pass::empty(model.clusters, model.features);
    let parts = rows.chunks(CHUNK_ROWS * model.features.max(1)).zip(labels.chunks_mut(CHUNK_ROWS));
    parts.for_each(|(rows, labels)| all.add(&model.pass(rows, None, labels)));
    all
}

/// A row in deviations, missing values as the mean.
fn scaled(row: &[f32], scale: &Scale) -> impl Iterator<Item = f32> {
    let each = row.iter().zip(scale.means.iter().zip(&scale.deviations));
    each.map(|(value, (mean, deviation))| if value.is_finite() { (value - mean) / deviation } else { 0.0 })
}

/// Seeds by k-means++ among rows in deviations, each the best of several trials; `NaN` where no distinct row is left.
fn seeds(drawn: &[f32], features: usize, clusters: usize, draw: &mut Draw) -> Vec<f32> {
    let mut centres = vec![f32::NAN; clusters * features];
    let mut nearest = vec![f64::INFINITY; drawn.len() / features.max(1)];
    let trials = 2 + (clusters as f64).ln() as usize;
    for cluster in 0..clusters {
        let Some((row, apart)) = next_seed(drawn, features, &nearest, if cluster == 0 { 1 } else { trials }, draw) else {
            break;
        };
        centres[cluster * features..(cluster + 1) * features].copy_from_slice(&drawn[row * features..(row + 1) * features]);
        nearest = apart;
    }
    centres
}

/// A row drawn by its squared distance to the seeds there are, and the distances with it; `None` when every row is a seed.
fn next_seed(drawn: &[f32], features: usize, nearest: &[f64], trials: usize, draw: &mut Draw) -> Option<(usize, Vec<f64>)> {
    let total: f64 = nearest.iter().sum();
    let mut best: Option<(f64, usize, Vec<f64>)> = None;
    for _ in 0..trials {
        let row = if total.is_infinite() { draw.below(nearest.len() as u64) as usize } else { by_weight(nearest, total, draw)? };
        let own = &drawn[row * features..(row + 1) * features];
        let distance = |other: &[f32]| -> f64 { other.iter().zip(own).map(|(a, b)| f64::from((a - b) * (a - b))).sum() };
        let apart: Vec<f64> = drawn.chunks_exact(features).zip(nearest).map(|(other, own)| own.min(distance(other))).collect();
        let left: f64 = apart.iter().sum();
        if best.as_ref().is_none_or(|(least, ..)| left < *least) {
            best = Some((left, row, apart));
        }
    }
    best.map(|(_, row, apart)| (row, apart))
}

/// A place drawn in proportion to its weight; `None` when all weights are 0.
fn by_weight(weights: &[f64], total: f64, draw: &mut Draw) -> Option<usize> {
    let mut left = (draw.bits() >> 11) as f64 / (1u64 << 53) as f64 * total;
    let mut last = None;
    for (at, &weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
        last = Some(at);
        if left < weight {
            break;
        }
        left -= weight;
    }
    last
}

/// Mini-batches: each centre moves towards the mean of its rows, the less the more rows it has seen.
fn batches(model: &mut Model, sample: &Sample, batch: usize, draw: &mut Draw) {
    // A batch of the whole sample is a pass.
    if batch >= sample.len() || batch == 0 {
        return;
    }
    let features = model.features;
    let mut seen = vec![0u64; model.clusters];
    let mut labels = vec![0; batch];
    for _ in 0..BATCHES {
        let pass = whole_pass(model, &sample.some(batch, draw), &mut labels);
        for (cluster, &count) in pass.rows.iter().enumerate().filter(|(_, count)| **count > 0) {
            seen[cluster] += count;
            let own = cluster * features..(cluster + 1) * features;
            for (centre, sum) in model.centres[own.clone()].iter_mut().zip(&pass.sums[own]) {
                let mean = sum / count as f64;
                *centre = (f64::from(*centre) + (mean - f64::from(*centre)) * (count as f64 / seen[cluster] as f64)) as f32;
            }
        }
    }
}
