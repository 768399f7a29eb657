//! Distribution views of a calendar figure: each date's NDVI histogram, or its red and near infrared over all earlier dates.

use std::sync::Arc;

use super::{CalendarOptions, all};
use crate::engine::calendar::Entry;
use crate::engine::histogram::{NDVI_BINS, NDVI_LIMITS, bins, histogram_picture, red_nir, scatter_picture};
use crate::engine::stretch;
use crate::model::{Band, ParcelIx, View};
use crate::project::queries::chip::{ChipQuery, ParcelChip};
use crate::project::queries::picture::ChipPicture;
use crate::project::{Error, Project};

/// Edge of the pictures: sharp at twice the usual cell.
const EDGE: usize = 198;
/// Ground of a scatter: dots need more contrast than the figure's own ground gives.
const PAPER: [u8; 4] = [0xf4, 0xf6, 0xf6, 255];

/// One picture for each chosen acquisition, in their order. A date without a usable pixel is hatched as a whole.
pub(super) fn pictures(
    project: &Project,
    parcel: ParcelIx,
    options: &CalendarOptions,
    chosen: &[(Entry, u8)],
) -> Result<Vec<Arc<ChipPicture>>, Error> {
    let query = |&(entry, granule): &(Entry, u8)| ChipQuery {
        parcel,
        acquisition: entry.acquisition,
        granule,
        bands: vec![Band::new("B04"), Band::new("B08")],
        margin_m: options.margin_m,
        revision: project.revision(),
    };
    let chips = all(project, &chosen.iter().map(query).collect::<Vec<_>>())?;
    let points: Vec<Vec<[f32; 2]>> =
        chips.iter().map(|chip| chip.chip.as_ref().map_or_else(Vec::new, |chip| red_nir(chip, options.mask))).collect();
    let picture = |at: usize| {
        if options.view == View::RedNirScatter {
            let mut cloud = scatter_picture(points[..at].iter().flatten(), &points[at], EDGE);
            cloud.rgba.chunks_exact_mut(4).filter(|pixel| pixel[3] == 0).for_each(|pixel| pixel.copy_from_slice(&PAPER));
            return cloud;
        }
        let counts = chips[at].chip.as_ref().map_or_else(Vec::new, |chip| {
            let ndvi = stretch::scalar(chip, &View::Index("NDVI".to_owned()), project.indices());
            bins(&ndvi, chip, options.mask, NDVI_LIMITS.0, NDVI_LIMITS.1, NDVI_BINS)
        });
        histogram_picture(&counts, EDGE)
    };
    let whole = [0.0, 0.0, EDGE as f32, EDGE as f32];
    Ok((0..chosen.len())
        .map(|at| {
            let masked = if points[at].is_empty() { vec![whole] } else { Vec::new() };
            // Without outline: the picture is no place on the ground.
            Arc::new(ChipPicture { picture: Some(picture(at)), masked, chip: Arc::new(ParcelChip::default()) })
        })
        .collect())
}
