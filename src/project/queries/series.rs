//! Series of one signal of one parcel.

use std::hash::{Hash, Hasher};

use crate::engine::series::IndexRule;
use crate::model::settings::ObservationSettings;
use crate::model::{ParcelIx, Series, Signal, Watch};
use crate::project::query::{Answer, Query};

use super::Env;

/// One signal of one parcel over all acquisitions of its sensor.
#[derive(Debug, Clone)]
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

impl SeriesQuery {
    fn key(&self) -> (ParcelIx, &Signal, String, IndexRule, u64) {
        // Floats have no hash: their shortest text decides.
        (self.parcel, &self.signal, format!("{:?}", self.settings), self.rule, self.revision)
    }
}

impl PartialEq for SeriesQuery {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for SeriesQuery {}

impl Hash for SeriesQuery {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl Query for SeriesQuery {
    type Output = Series;

    fn weight(output: &Self::Output) -> usize {
        output.points.len() * 96 + 64
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let _ = (env, watch);
        todo!()
    }
}
