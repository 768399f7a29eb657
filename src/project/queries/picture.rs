//! A chip rendered for the eye.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::engine::stretch::{self, Picture};
use crate::model::{AcquisitionIx, Chip, MaskSet, ParcelIx, Stretch, View, Watch};
use crate::project::query::{Answer, Query};

use super::Env;
use super::chip::{ChipQuery, ParcelChip};

/// A rendered chip of one acquisition.
#[derive(Debug, Clone)]
pub struct PictureQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// Which product of it.
    pub granule: u8,
    /// What is shown (any view but the two distribution views).
    pub view: View,
    /// How values become brightness.
    pub stretch: Stretch,
    /// Surroundings, m.
    pub margin_m: u32,
    /// Excluded classes, for [`ChipPicture::masked`].
    pub mask: MaskSet,
    /// Data revision.
    pub revision: u64,
}

impl PictureQuery {
    fn key(&self) -> (ParcelIx, AcquisitionIx, u8, &View, String, u32, MaskSet, u64) {
        // Floats have no hash: their shortest text decides.
        (
            self.parcel,
            self.acquisition,
            self.granule,
            &self.view,
            format!("{:?}", self.stretch),
            self.margin_m,
            self.mask,
            self.revision,
        )
    }
}

impl PartialEq for PictureQuery {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for PictureQuery {}

impl Hash for PictureQuery {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// What is drawn in a calendar cell.
#[derive(Debug, Clone)]
pub struct ChipPicture {
    /// Colours; `None` when the product does not touch the box.
    pub picture: Option<Picture>,
    /// One flag per pixel of the picture: excluded by the mask. Empty without classification.
    pub masked: Vec<bool>,
    /// The chip behind it, for readouts.
    pub chip: Arc<ParcelChip>,
}

impl Query for PictureQuery {
    type Output = ChipPicture;

    fn weight(output: &Self::Output) -> usize {
        output.picture.as_ref().map_or(0, |picture| picture.rgba.len()) + output.masked.len() + 256
    }

    fn run(&self, env: &Env, watch: &Watch) -> Answer<Self::Output> {
        let chip = env.cache.compute(
            &ChipQuery {
                parcel: self.parcel,
                acquisition: self.acquisition,
                granule: self.granule,
                bands: stretch::bands_of(&self.view, &env.indices),
                margin_m: self.margin_m,
                revision: self.revision,
            },
            env,
            watch,
        )?;
        let Some(pixels) = &chip.chip else { return Ok(ChipPicture { picture: None, masked: Vec::new(), chip }) };
        let picture = stretch::render(pixels, &self.view, &self.stretch, &env.indices);
        // Places outside the image are empty, not masked: only known classes are hatched.
        let hatched =
            |classes: &Vec<u8>| classes.iter().map(|&class| class != Chip::NO_CLASS && self.mask.excludes(class)).collect();
        let masked = pixels.classes.as_ref().map_or_else(Vec::new, hatched);
        Ok(ChipPicture { picture: Some(picture), masked, chip })
    }
}
