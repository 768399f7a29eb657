//! How every acquisition sees a parcel: clear, cloud, shadow and missing shares. Asked first: dates, then chips.

use crate::model::observation::Coverage;
use crate::model::{ParcelIx, Watch};
use crate::project::query::{Answer, Query};

use super::Env;

/// Shares of one parcel for every acquisition that touches it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CoverageQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Data revision.
    pub revision: u64,
}

/// One acquisition through one parcel: its products, the best covered (then clearest, then newest baseline) first.
#[derive(Debug, Clone, PartialEq)]
pub struct AcquisitionCoverage {
    /// Products that touch the parcel's box, best first. Never empty.
    pub granules: Vec<Coverage>,
}

/// In catalogue order. Acquisitions whose footprints do not touch the parcel's box are absent.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ParcelCoverage {
    /// One entry per acquisition that touches the parcel.
    pub acquisitions: Vec<AcquisitionCoverage>,
    /// Acquisitions outside: counted for the "no imagery" message.
    pub outside: usize,
}

impl Query for CoverageQuery {
    type Output = ParcelCoverage;

    fn weight(output: &Self::Output) -> usize {
        output.acquisitions.len() * 128
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let _ = (env, watch);
        todo!()
    }
}
