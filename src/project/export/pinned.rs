//! The chip of one acquisition as a georeferenced figure.

use super::{CalendarOptions, Entry, Shown, captions, data_of, figure_chip, granule_coverage, metres_across, pictures, seen};
use crate::model::units::{iso_utc, utc_day};
use crate::model::{AcquisitionIx, Grid, ParcelIx};
use crate::project::queries::coverage::CoverageQuery;
use crate::project::{Error, Project};
use crate::report::Caption;
use crate::report::calendar::{Single, single};

/// A chip as a figure with its place on the ground.
#[derive(Debug, Clone)]
pub struct PinnedChip {
    /// The figure as SVG.
    pub svg: String,
    /// Place of the figure's pixels; `None` where there is nothing to see.
    pub grid: Option<Grid>,
    /// What it shows, in a line.
    pub words: String,
}

/// The chip of one acquisition of a parcel. View, stretch, margin and mask are those of the options.
pub fn pinned_chip(
    project: &Project,
    parcel: ParcelIx,
    acquisition: AcquisitionIx,
    options: &CalendarOptions,
) -> Result<PinnedChip, Error> {
    let dataset = data_of(project)?;
    let coverage = project.compute(&CoverageQuery { parcel, revision: project.revision() })?;
    let granule = project.granule(parcel, acquisition);
    let best = seen(&coverage).find(|(own, _)| *own == acquisition).map(|(_, best)| best);
    let clear_share = granule_coverage(&coverage, acquisition, granule).or(best).map_or(0.0, |own| own.clear(options.mask));
    let row = dataset.catalog.get(acquisition);
    let chosen = [(Entry { acquisition, day: utc_day(row.acquired), clear_share }, granule)];
    let [picture] = &pictures(project, parcel, options, &chosen)?[..] else { return Err(super::fault("no picture".to_owned())) };
    let shown = [Shown { entry: chosen[0].0, granule, picture: std::sync::Arc::clone(picture) }];
    let metres = metres_across(picture).unwrap_or(f64::NAN);
    let detail = captions::detail(row);
    let whole = captions::calendar(project, &dataset, parcel, options, &shown, metres);
    let mut lines = vec![format!("{} {detail}, {:.0} % clear", iso_utc(row.acquired), (clear_share * 100.0).floor())];
    lines.extend(whole.lines.first().cloned());
    lines.extend(whole.lines.last().cloned());
    let words = format!("{} {detail}: {}", utc_day(row.acquired), whole.lines.first().map_or("", String::as_str));
    let caption = Caption { lines, ..whole };
    let bar = captions::colour_bar(project.indices(), options);
    let Single { svg, corner, enlarged } = single(&figure_chip(&dataset, &shown[0]), &caption, bar.as_ref(), metres);
    let grid = picture.chip.chip.as_ref().map(|chip| figure_grid(&chip.grid, corner, enlarged));
    Ok(PinnedChip { svg, grid, words })
}

/// The chip's grid continued over the figure; width and height are for the one who renders it to say.
fn figure_grid(chip: &Grid, corner: [u32; 2], enlarged: u32) -> Grid {
    let scale = f64::from(enlarged);
    let (pixel_x, pixel_y) = (chip.pixel_x / scale, chip.pixel_y / scale);
    let [left, top] = [chip.left - f64::from(corner[0]) * pixel_x, chip.top + f64::from(corner[1]) * pixel_y];
    Grid { left, top, pixel_x, pixel_y, width: 0, height: 0, crs: chip.crs.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Crs;

    #[test]
    fn the_chip_lies_in_the_figure_where_it_lies_on_the_ground() {
        let chip = Grid { crs: Crs::Epsg(32631), left: 500.0, top: 900.0, pixel_x: 10.0, pixel_y: 10.0, width: 30, height: 30 };
        let figure = figure_grid(&chip, [24, 70], 13);
        let (x, y) = figure.world_from_pixel(24.0 + 13.0, 70.0 + 26.0);
        assert!((x - 510.0).abs() < 1e-9 && (y - 880.0).abs() < 1e-9, "{x} {y}");
    }
}
