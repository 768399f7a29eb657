//! Pixels of one acquisition around one parcel.

use crate::model::{AcquisitionIx, Band, Chip, ParcelIx, Watch};
use crate::project::query::{Answer, Query};

use super::Env;

/// A chip: the parcel's box, squared, grown by the margin. Also gives the scene classes where there is a classification.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ChipQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// Which product of it.
    pub granule: u8,
    /// Bands in the order wanted.
    pub bands: Vec<Band>,
    /// Surroundings, m.
    pub margin_m: u32,
    /// Data revision, see [`Env::revision`].
    pub revision: u64,
}

/// A chip with the outline in the chip's CRS, to be drawn over it.
#[derive(Debug, Clone)]
pub struct ParcelChip {
    /// Pixels; `None` when the product does not touch the box.
    pub chip: Option<Chip>,
    /// Outline in continuous pixel coordinates of the chip's grid, 0..width and 0..height.
    pub outline: Vec<Vec<[f32; 2]>>,
    /// Outlines of other parcels that meet the chip, in the same coordinates.
    pub neighbours: Vec<Vec<[f32; 2]>>,
}

impl Query for ChipQuery {
    type Output = ParcelChip;

    fn weight(output: &Self::Output) -> usize {
        output.chip.as_ref().map_or(0, |chip| chip.values.len() * 4 + chip.grid.len() * 2) + 256
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let _ = (env, watch);
        todo!()
    }
}
