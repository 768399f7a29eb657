//! Mini-batch k-means in pieces: a scale, starts on a sample, and passes over all rows that a caller may share among threads.
//!
//! A *row* is a pixel, its features side by side; `NaN` is a missing value. Everything is decided by the rows and a seed: sums are
//! added chunk by chunk ([`CHUNK_ROWS`]) in the order of rows, and lane by lane inside of one, so that neither the number of threads
//! nor the registers of the machine change a bit.
//!
//! * [`scale`]: mean and deviation of each feature; distances are measured in deviations.
//! * [`start`]: one start, from a seed to a [`Model`] that has converged on a sample.
//! * [`pass`](mod@pass): labels of rows, and what moves centres to the means of their rows.
//!
//! **Missing values** begin as the mean of their feature; then rows are clustered, each missing value becomes that of the centre of
//! its row, and so on ([`Fill`]). Filled values are never stored: a label and the earlier centres say them. A row without any value
//! has label 0 and takes no part.
//!
//! **Clusters are numbered** from 1 by the first feature of their centre, largest first; where centres are equal, by the next
//! feature. Who puts NDVI first has them from green to bare. **Fewer distinct rows than clusters**, or a cluster that loses its last
//! row: the cluster stays empty, its centre is `NaN`, its number comes after all others, and no row has it.
//!
//! * **Source:** Sculley, Web-scale k-means clustering, 2010 (mini-batches); Arthur and Vassilvitskii, k-means++, 2007, with several
//!   trials for each centre; Lloyd, Least squares quantization in PCM, 1982; Chi, Chi and Baraniuk, k-POD, 2016 (missing values).

pub mod pass;
pub mod scale;
pub mod start;

pub use pass::{Fill, Pass};
pub use scale::{Moments, Scale};
pub use start::{Options, Sample, fit};

/// Rows of a chunk: sums of one are added up on their own, whoever does it.
pub const CHUNK_ROWS: usize = 8192;

/// Centres of clusters, and the scale they are in.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Number of clusters, empty ones included.
    pub clusters: usize,
    /// Values of a row.
    pub features: usize,
    /// Centres in deviations from the mean, `clusters x features`; `NaN` for an empty cluster.
    pub centres: Vec<f32>,
    /// How deviations follow from values.
    pub scale: Scale,
    /// Sum of squared distances of rows to the centre of their cluster, in squared deviations, over the rows that were last looked at.
    pub inertia: f64,
}

impl Model {
    /// A centre in the unit of the rows; `NaN` throughout for an empty cluster, and for a label that is none.
    pub fn centre(&self, label: u8) -> Vec<f32> {
        let own = usize::from(label).checked_sub(1).and_then(|at| self.centres.chunks_exact(self.features.max(1)).nth(at));
        let Some(own) = own else { return vec![f32::NAN; self.features] };
        own.iter().zip(self.scale.means.iter().zip(&self.scale.deviations)).map(|(own, (mean, unit))| own * unit + mean).collect()
    }

    /// Moves centres to the means of the rows that a pass gave them. A cluster without rows keeps its centre: it may win some back.
    pub fn update(&mut self, pass: &Pass) {
        let centres = self.centres.chunks_exact_mut(self.features.max(1));
        for ((centre, sums), &rows) in centres.zip(pass.sums.chunks_exact(self.features.max(1))).zip(&pass.rows) {
            if rows > 0 {
                centre.iter_mut().zip(sums).for_each(|(own, sum)| *own = (sum / rows as f64) as f32);
            }
        }
    }

    /// Numbers clusters as the module says, and marks those as empty that a pass gave no rows.
    ///
    /// Gives the label of each earlier label; label 0 stays.
    pub fn renumber(&mut self, pass: &Pass) -> Vec<u8> {
        let features = self.features;
        for (at, _) in pass.rows.iter().enumerate().filter(|(_, rows)| **rows == 0) {
            self.centres[at * features..(at + 1) * features].fill(f32::NAN);
        }
        let mut order: Vec<usize> = (0..self.clusters).collect();
        let centre = |at: usize| &self.centres[at * features..(at + 1) * features];
        // Sorting is stable, and `NaN` below all numbers puts empty clusters last.
        let rank = |value: f32| if value.is_nan() { f32::NEG_INFINITY } else { value };
        order.sort_by(|&a, &b| {
            let each = centre(a).iter().zip(centre(b)).map(|(a, b)| rank(*b).total_cmp(&rank(*a)));
            each.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        let centres = order.iter().flat_map(|&at| centre(at).iter().copied()).collect();
        self.centres = centres;
        let mut labels = vec![0; self.clusters + 1];
        for (place, at) in order.into_iter().enumerate() {
            labels[at + 1] = place as u8 + 1;
        }
        labels
    }
}
