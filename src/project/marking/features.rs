//! Features of all parcels: computed in the batch lane in chunks of parcels, kept in the cache folder chunk by chunk, so that work that
//! was cancelled goes on where it stopped.

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::detection::Detection;
use super::gather::{Gatherer, Source};
use crate::engine::ENGINE_VERSION;
use crate::engine::markers::evaluate::Scratch;
use crate::engine::markers::features::FeaturePlan;
use crate::model::{ParcelIx, Watch};
use crate::project::queries::Env;

/// Parcels of a chunk.
pub const CHUNK: usize = 8192;

/// Features of some neighbouring rows of the parcel table.
#[derive(Debug, Clone, PartialEq)]
pub struct Chunk {
    /// Rows of the table.
    pub rows: Range<usize>,
    /// One column a feature, each as long as the rows.
    pub columns: Vec<Vec<f32>>,
}

impl Chunk {
    fn pack(&self) -> Vec<u8> {
        self.columns.iter().flatten().flat_map(|value| value.to_le_bytes()).collect()
    }

    fn unpack(rows: Range<usize>, columns: usize, bytes: &[u8]) -> Option<Self> {
        let (values, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() || values.len() != rows.len() * columns {
            return None;
        }
        let numbers: Vec<f32> = values.iter().map(|value| f32::from_le_bytes(*value)).collect();
        let columns = numbers.chunks_exact(rows.len().max(1)).map(<[f32]>::to_vec).collect();
        Some(Self { rows, columns })
    }
}

/// Features of the parcels so far.
#[derive(Debug, Clone)]
pub struct Features {
    /// What they are features of.
    pub detection: Arc<Detection>,
    /// Chunks in the order of the table; a table that is not done lacks the last ones.
    pub chunks: Vec<Arc<Chunk>>,
    /// Rows of the table in all.
    pub parcels: usize,
}

impl Features {
    /// Parcels that are done.
    pub fn done(&self) -> usize {
        self.chunks.last().map_or(0, |chunk| chunk.rows.end)
    }

    /// True when all parcels are.
    pub fn complete(&self) -> bool {
        self.done() == self.parcels
    }

    /// Names and kinds of the columns.
    pub fn plan(&self) -> &FeaturePlan {
        &self.detection.features
    }

    /// A value; `NaN` where there is none.
    pub fn value(&self, column: usize, parcel: ParcelIx) -> f32 {
        let chunk = self.chunks.get(parcel.at() / CHUNK);
        chunk.map_or(f32::NAN, |chunk| chunk.columns[column][parcel.at() - chunk.rows.start])
    }

    /// All values of a parcel; `None` while it is not done.
    pub fn row(&self, parcel: ParcelIx) -> Option<Vec<f32>> {
        let chunk = self.chunks.get(parcel.at() / CHUNK)?;
        Some(chunk.columns.iter().map(|column| column[parcel.at() - chunk.rows.start]).collect())
    }

    /// Memory of the columns, bytes.
    pub fn bytes(&self) -> usize {
        self.chunks.iter().map(|chunk| chunk.rows.len() * chunk.columns.len() * 4).sum()
    }
}

/// Computes the features of all parcels; every finished chunk is told at once, in the order of the table.
///
/// Chunks that an earlier run has kept are taken from there; returns how many parcels were not. Cancelling keeps what is done.
pub fn compute(
    env: &Env,
    source: &Source,
    detection: &Detection,
    watch: &Watch,
    mut tell: impl FnMut(Arc<Chunk>),
) -> anyhow::Result<usize> {
    let parcels = env.parcels.len();
    watch.set_total(parcels as u64);
    let mut gatherer = Gatherer::new(env, source, &detection.rules)?;
    let disk = env.disk.as_ref().zip(gatherer.fingerprint());
    let key = |rows: &Range<usize>, fingerprint: &[u8; 32]| {
        let mut hasher = blake3::Hasher::new();
        hasher.update(format!("{:?}", source.peers).as_bytes());
        hasher.update(b"features ").update(&ENGINE_VERSION.to_le_bytes()).update(detection.key()).update(fingerprint);
        hasher.update(&(rows.start as u64).to_le_bytes()).update(&(rows.end as u64).to_le_bytes());
        *hasher.finalize().as_bytes()
    };
    let width = detection.features.columns().len();
    let chunks: Vec<Range<usize>> = (0..parcels).step_by(CHUNK).map(|from| from..(from + CHUNK).min(parcels)).collect();
    let pass_length = (gatherer.pass_length() / CHUNK).max(1);
    let mut computed = 0;
    for pass in chunks.chunks(pass_length) {
        let mut loaded = false;
        for rows in pass {
            anyhow::ensure!(!watch.cancelled(), "cancelled");
            let kept = disk.as_ref().and_then(|(disk, fingerprint)| disk.get(&key(rows, fingerprint)));
            let kept = kept.and_then(|bytes| Chunk::unpack(rows.clone(), width, &bytes));
            if let Some(chunk) = kept {
                watch.advance(rows.len() as u64);
                tell(Arc::new(chunk));
                continue;
            }
            if !loaded {
                gatherer.load(pass[0].start..pass[pass.len() - 1].end, watch)?;
                loaded = true;
            }
            let chunk = chunk_of(&gatherer, detection, rows.clone(), watch)?;
            computed += rows.len();
            if let Some((disk, fingerprint)) = &disk {
                disk.put(&key(rows, fingerprint), &chunk.pack());
            }
            tell(Arc::new(chunk));
        }
    }
    Ok(computed)
}

/// The features of some rows, on all threads; rows do not depend on each other.
fn chunk_of(gatherer: &Gatherer<'_>, detection: &Detection, rows: Range<usize>, watch: &Watch) -> anyhow::Result<Chunk> {
    const BLOCK: usize = 64;
    let width = detection.features.columns().len();
    let blocks: Vec<Range<usize>> = rows.clone().step_by(BLOCK).map(|from| from..(from + BLOCK).min(rows.end)).collect();
    let found: Vec<Vec<f32>> = blocks
        .par_iter()
        .map_init(Scratch::default, |scratch, block| {
            anyhow::ensure!(!watch.cancelled(), "cancelled");
            let mut values = vec![0.0; block.len() * width];
            for (row, values) in block.clone().zip(values.chunks_exact_mut(width.max(1))) {
                let series = gatherer.series(ParcelIx(row as u32))?;
                detection.features.row(&detection.plan.find(&series, scratch), values);
            }
            watch.advance(block.len() as u64);
            Ok(values)
        })
        .collect::<anyhow::Result<_>>()?;
    let mut columns = vec![Vec::with_capacity(rows.len()); width];
    for row in found.iter().flat_map(|block| block.chunks_exact(width.max(1))) {
        columns.iter_mut().zip(row).for_each(|(column, value)| column.push(*value));
    }
    Ok(Chunk { rows, columns })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunk_is_read_as_it_was_kept() {
        let chunk = Chunk { rows: 8..11, columns: vec![vec![1.0, 2.0, 3.0], vec![4.0, 5.0, 6.0]] };
        assert_eq!(Chunk::unpack(8..11, 2, &chunk.pack()), Some(chunk.clone()));
        assert_eq!(Chunk::unpack(8..12, 2, &chunk.pack()), None);
        assert_eq!(Chunk::unpack(8..11, 2, &chunk.pack()[1..]), None);
    }
}
