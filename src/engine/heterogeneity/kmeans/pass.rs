//! A pass over rows: the nearest centre of each, and the sums that move centres.

use super::{CHUNK_ROWS, Model};
use crate::model::heterogeneity::MAX_CLUSTERS;

/// Rows worked on side by side.
const LANES: usize = 16;
/// Values of [`LANES`] rows.
type Lanes = [f32; LANES];
/// Blocks after which sums in single precision are added to those in double precision.
const FLUSH_BLOCKS: usize = 64;

/// What missing values are: those of the centre that a row had before.
#[derive(Debug, Clone, Copy)]
pub struct Fill<'a> {
    /// Centres of the round before, in deviations, `clusters x features`.
    pub centres: &'a [f32],
    /// Label of each row of the round before.
    pub labels: &'a [u8],
}

/// Sums over the rows of a pass, by cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// Sums of values in deviations, `clusters x features`; missing values as they were filled.
    pub sums: Vec<f64>,
    /// Rows of each cluster.
    pub rows: Vec<u64>,
    /// Sum of squared distances to the nearest centre.
    pub inertia: f64,
    /// Rows whose label is another than the one found in its place.
    pub changed: u64,
}

impl Pass {
    /// No rows.
    pub fn empty(clusters: usize, features: usize) -> Self {
        Self { sums: vec![0.0; clusters * features], rows: vec![0; clusters], inertia: 0.0, changed: 0 }
    }

    /// Adds the rows that follow.
    pub fn add(&mut self, next: &Self) {
        self.sums.iter_mut().zip(&next.sums).for_each(|(own, next)| *own += next);
        self.rows.iter_mut().zip(&next.rows).for_each(|(own, next)| *own += next);
        self.inertia += next.inertia;
        self.changed += next.changed;
    }
}

impl Model {
    /// Labels rows by the nearest centre, 1 to the number of clusters, and gives the sum of squared distances in deviations.
    ///
    /// `labels` has a place for each row. Of equally near centres the first is taken. Missing values are the mean of their feature.
    ///
    /// * **NaN:** a row without any value has label 0 and adds nothing.
    pub fn label(&self, rows: &[f32], labels: &mut [u8]) -> f64 {
        let parts = rows.chunks(CHUNK_ROWS * self.features.max(1)).zip(labels.chunks_mut(CHUNK_ROWS));
        parts.map(|(rows, labels)| self.pass(rows, None, labels).inertia).fold(0.0, |sum, part| sum + part)
    }

    /// Labels one chunk of rows and sums them up; `fill` tells missing values, without it they are the mean of their feature.
    ///
    /// * **Shape:** `rows` has [`Model::features`] values for each label.
    /// * **Cost:** some three operations for each row, feature and cluster, sixteen rows at once.
    pub fn pass(&self, rows: &[f32], fill: Option<Fill>, labels: &mut [u8]) -> Pass {
        debug_assert_eq!(rows.len(), labels.len() * self.features, "a label for each row");
        let mut found = Pass::empty(self.clusters, self.features);
        if self.features == 0 {
            labels.fill(0);
            return found;
        }
        let mut work = Work::new(self);
        // The widest registers of the machine hold sixteen rows; the sums stay the same.
        pulp::Arch::new().dispatch(|| work.run(self, rows, fill, labels, &mut found));
        found
    }
}

/// Room for one block of rows, and sums of several blocks.
struct Work {
    values: Vec<Lanes>,
    factors: Vec<f32>,
    sums: Vec<Lanes>,
    inertia: Lanes,
}

impl Work {
    fn new(model: &Model) -> Self {
        Self {
            values: vec![[0.0; LANES]; model.features],
            factors: model.scale.deviations.iter().map(|deviation| 1.0 / deviation).collect(),
            sums: vec![[0.0; LANES]; model.features * model.clusters],
            inertia: [0.0; LANES],
        }
    }

    #[expect(clippy::inline_always, reason = "compiled for the registers of its caller")]
    #[inline(always)]
    fn run(&mut self, model: &Model, rows: &[f32], fill: Option<Fill>, labels: &mut [u8], found: &mut Pass) {
        let features = model.features;
        for (block, own) in labels.chunks_mut(LANES).enumerate() {
            let at = block * LANES;
            let rows = &rows[at * features..(at + own.len()) * features];
            let fill = fill.map(|fill| Fill { labels: &fill.labels[at..at + own.len()], ..fill });
            let known = self.load(model, rows, fill);
            let nearest = self.nearest(model, known);
            self.sum(model.clusters, &nearest);
            for (own, label) in own.iter_mut().zip(nearest) {
                let label = label as u8;
                found.changed += u64::from(*own != label);
                if label > 0 {
                    found.rows[usize::from(label) - 1] += 1;
                }
                *own = label;
            }
            if block % FLUSH_BLOCKS == FLUSH_BLOCKS - 1 {
                self.flush(found);
            }
        }
        self.flush(found);
    }

    /// Turns a block about, so that a feature of all rows lies side by side, in deviations. Tells which rows have a value.
    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn load(&mut self, model: &Model, rows: &[f32], fill: Option<Fill>) -> [bool; LANES] {
        let features = model.features;
        let count = rows.len() / features;
        if count < LANES {
            self.values.fill([f32::NAN; LANES]);
        }
        for (lane, row) in rows.chunks_exact(features).enumerate() {
            for (values, &value) in self.values.iter_mut().zip(row) {
                values[lane % LANES] = value;
            }
        }
        let (mut known, mut whole) = ([false; LANES], [true; LANES]);
        for ((values, mean), factor) in self.values.iter_mut().zip(&model.scale.means).zip(&self.factors) {
            for lane in 0..LANES {
                let valid = values[lane].is_finite();
                known[lane] |= valid;
                whole[lane] &= valid;
                // The mean of the feature is 0 deviations.
                values[lane] = if valid { (values[lane] - mean) * factor } else { 0.0 };
            }
        }
        if let Some(fill) = fill.filter(|_| whole.contains(&false)) {
            for lane in (0..count).filter(|lane| !whole[*lane] && fill.labels[*lane] > 0) {
                let from = (usize::from(fill.labels[lane]) - 1) * features;
                let row = &rows[lane * features..(lane + 1) * features];
                for (at, _) in row.iter().enumerate().filter(|(_, value)| !value.is_finite()) {
                    self.values[at][lane] = fill.centres[from + at];
                }
            }
        }
        known
    }

    /// Label of each lane; 0 for a row without a value.
    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn nearest(&mut self, model: &Model, known: [bool; LANES]) -> [u32; LANES] {
        let (mut best, mut label) = ([f32::INFINITY; LANES], [0u32; LANES]);
        for (at, centre) in model.centres.chunks_exact(model.features).enumerate() {
            let mut squares = [0.0; LANES];
            for (values, own) in self.values.iter().zip(centre) {
                for lane in 0..LANES {
                    let apart = values[lane] - own;
                    squares[lane] += apart * apart;
                }
            }
            for lane in 0..LANES {
                // An empty cluster is at no distance: a comparison with `NaN` is false.
                let nearer = squares[lane] < best[lane];
                best[lane] = if nearer { squares[lane] } else { best[lane] };
                label[lane] = if nearer { at as u32 + 1 } else { label[lane] };
            }
        }
        for lane in 0..LANES {
            label[lane] = if known[lane] { label[lane] } else { 0 };
            self.inertia[lane] += if label[lane] > 0 { best[lane] } else { 0.0 };
        }
        label
    }

    /// Adds each row to its cluster: a comparison for each cluster is faster than a jump for each row.
    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn sum(&mut self, clusters: usize, labels: &[u32; LANES]) {
        debug_assert!(clusters <= MAX_CLUSTERS, "labels are small");
        let features = self.values.len();
        for (cluster, sums) in self.sums.chunks_exact_mut(features).enumerate() {
            let share = labels.map(|label| if label == cluster as u32 + 1 { 1.0 } else { 0.0 });
            for (sums, values) in sums.iter_mut().zip(&self.values) {
                for lane in 0..LANES {
                    sums[lane] += share[lane] * values[lane];
                }
            }
        }
    }

    fn flush(&mut self, found: &mut Pass) {
        let whole = |lanes: &Lanes| lanes.iter().map(|value| f64::from(*value)).sum::<f64>();
        for (sums, lanes) in found.sums.iter_mut().zip(&mut self.sums) {
            *sums += whole(lanes);
            *lanes = [0.0; LANES];
        }
        found.inertia += whole(&self.inertia);
        self.inertia = [0.0; LANES];
    }
}
