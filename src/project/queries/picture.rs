//! A chip rendered for the eye.

use std::sync::Arc;

use crate::engine::clean::mask_rectangles;
use crate::engine::stretch::{self, Picture};
use crate::model::{AcquisitionIx, Chip, MaskSet, ParcelIx, Stretch, View, Watch};
use crate::project::query::{Answer, Query};

use super::Env;
use super::chip::{ChipQuery, ParcelChip};

/// A rendered chip of one acquisition.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
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

/// What is drawn in a calendar cell.
#[derive(Debug, Clone)]
pub struct ChipPicture {
    /// Colours; `None` when the product does not touch the box.
    pub picture: Option<Picture>,
    /// What the mask hides, as few rectangles `[left, top, right, bottom]` in pixels of the picture. Places without an image are
    /// empty, not masked.
    pub masked: Vec<[f32; 4]>,
    /// The chip behind it, for readouts.
    pub chip: Arc<ParcelChip>,
}

impl Query for PictureQuery {
    type Output = ChipPicture;

    fn weight(output: &Self::Output) -> usize {
        output.picture.as_ref().map_or(0, |picture| picture.rgba.len()) + output.masked.len() * 16 + 256
    }

    fn waits(&self, env: &Env) -> bool {
        env.is_remote(self.acquisition, self.granule)
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
        let masked = pixels.classes.as_ref().map_or_else(Vec::new, |classes| {
            // Where the image has no pixel there is nothing to mask, and only known classes are hatched.
            let hidden: Vec<bool> = classes
                .iter()
                .zip(picture.rgba.chunks(4))
                .map(|(&class, own)| class != Chip::NO_CLASS && self.mask.excludes(class) && own[3] > 0)
                .collect();
            mask_rectangles(&hidden, picture.width)
        });
        Ok(ChipPicture { picture: Some(picture), masked, chip })
    }
}
