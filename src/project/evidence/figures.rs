//! The pictures of a sheet: map, calendar, graphs, pinned chips, photos.

use std::io::Cursor;
use std::path::Path;

use anyhow::Context as _;
use image::ImageFormat;
use image::imageops::FilterType;

use crate::model::evidence::Picture;
use crate::model::project_file::Binning;
use crate::model::review::{ParcelReview, Photo, Pin, Pinned};
use crate::model::units::{iso_utc, utc_day};
use crate::model::{AcquisitionIx, Grid, ParcelIx, Stretch, View};
use crate::project::export::{self, CalendarOptions, GraphFigureOptions, MapOptions, pinned_chip};
use crate::project::{Dataset, Project};
use crate::report::svg;

/// Edge of a chip of a sheet's calendar, units of its drawing.
const CELL_PX: u32 = 40;

/// More rows of a calendar do not fit beside what else stands on a page.
const MOST_ROWS: usize = 10;

/// Pixels of a calendar's picture for a unit of its drawing: pixels of 10 m stay apart.
const CALENDAR_SCALE: f32 = 1.5;

/// Longest side of a photo on a sheet, pixels.
const PHOTO_SIDE: u32 = 900;

/// A file that belongs to a sheet: a photo as it was taken, a world file, a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Companion {
    /// Name below `evidence/`.
    pub file: String,
    /// Content.
    pub bytes: Vec<u8>,
}

/// The calendar, or why there is none.
pub fn calendar(project: &Project, parcel: ParcelIx, name: &str) -> Result<Picture, String> {
    let options = CalendarOptions { cell_px: CELL_PX, ..CalendarOptions::of(project) };
    let made = |options: &CalendarOptions| export::calendar(project, parcel, options).map_err(|error| error.chain());
    let mut figure = made(&options)?;
    if figure.rows() > MOST_ROWS {
        // Many months with empty weeks are too tall for a page: one acquisition after the other, each with its date.
        figure = made(&CalendarOptions { bins: Binning::Sequence, ..options })?;
    }
    let caption = figure.caption();
    let words = format!("Calendar. {}", caption.lines.join(" "));
    let drawing = figure.svg();
    let png = svg::png(&drawing, CALENDAR_SCALE)?;
    let size = png_size(&png).ok_or("the figure was not written as PNG")?;
    Ok(Picture { file: format!("{name}_calendar.png"), svg: Some(drawing), png, size, caption: words })
}

/// The parcel with its surroundings and the files that place it on the ground, or why there is no map. Under it lies the image of the
/// chip that was pinned last, else the clearest one, of the evidence window where it has one.
pub fn map(
    project: &Project,
    data: &Dataset,
    parcel: ParcelIx,
    name: &str,
    review: &ParcelReview,
    window: Option<[f64; 2]>,
) -> Result<(Picture, Vec<Companion>), String> {
    let pinned = review.pins.iter().rev().find_map(|(_, pin)| acquisition_of(data, pin));
    let made = MapOptions::of_parcel(project, parcel, pinned, window).and_then(|options| export::map(project, &options));
    let figure = made.map_err(|error| error.chain())?;
    let words = format!("Map. {}", figure.caption().lines.join(" "));
    let drawn = figure.draw();
    let picture = picture(format!("{name}_map.png"), &drawn.svg, None, words)?;
    let beside = georeference(&drawn.grid, picture.size, &format!("{name}_map"))?;
    Ok((picture, beside))
}

/// The acquisition of a pinned chip, if the project still has it.
fn acquisition_of(data: &Dataset, pin: &Pin) -> Option<AcquisitionIx> {
    let Pinned::Chip { acquired, sensor } = &pin.what;
    let own = |(ix, row): (AcquisitionIx, &crate::model::Acquisition)| {
        (row.acquired == *acquired && row.sensor.code() == sensor).then_some(ix)
    };
    data.catalog.iter().find_map(own)
}

fn sized(grid: &Grid, [width, height]: [u32; 2]) -> Grid {
    Grid { width: width as usize, height: height as usize, ..grid.clone() }
}

/// Graphs with peers, or why there are none.
pub fn graphs(project: &Project, parcel: ParcelIx, name: &str) -> Result<Picture, String> {
    let figure = export::graph(project, parcel, &GraphFigureOptions::of(project)).map_err(|error| error.chain())?;
    let words = format!("Graphs with peers. {}", figure.caption().lines.join(" "));
    let drawing = figure.svg();
    picture(format!("{name}_graphs.png"), &drawing, Some(drawing.clone()), words)
}

/// Clusters of the periods that decided on heterogeneity, or why there are none.
pub fn clusters(project: &Project, parcel: ParcelIx, name: &str) -> Result<Picture, String> {
    let maps = project.compute_heterogeneity(parcel).map_err(|error| error.chain())?;
    let made = export::clusters(project, parcel, &maps).map_err(|error| error.chain())?;
    picture(format!("{name}_clusters.png"), &made.svg, Some(made.svg.clone()), made.words)
}

/// Chips that were pinned, each with its world file; and why some are missing.
pub fn chips(
    project: &Project,
    data: &Dataset,
    parcel: ParcelIx,
    name: &str,
    review: &ParcelReview,
) -> (Vec<Picture>, Vec<Companion>, Vec<String>) {
    let (mut pictures, mut companions, mut absent) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (_, pin)) in review.pins.iter().enumerate() {
        let stem = format!("{name}_chip_{}", at + 1);
        match chip(project, data, parcel, pin, &stem) {
            Ok((picture, files)) => {
                pictures.push(picture);
                companions.extend(files);
            }
            Err(why) => absent.push(format!("Pinned chip {}: {why}", at + 1)),
        }
    }
    (pictures, companions, absent)
}

fn chip(project: &Project, data: &Dataset, parcel: ParcelIx, pin: &Pin, stem: &str) -> Result<(Picture, Vec<Companion>), String> {
    let Pinned::Chip { acquired, sensor } = &pin.what;
    let acquisition = acquisition_of(data, pin).ok_or_else(|| {
        format!("the project has no {sensor} acquisition of {} any more; add its images again", iso_utc(*acquired))
    })?;
    let mut options = CalendarOptions::of(project);
    if !pin.view.is_empty() {
        options.view = View::parse(&pin.view).map_err(|fault| format!("its view “{}” cannot be read: {fault}", pin.view))?;
    }
    if matches!(options.view, View::NdviHistogram | View::RedNirScatter) {
        return Err(format!("{} is no picture of one date", options.view.label()));
    }
    if !pin.stretch.is_empty() {
        options.stretch = Stretch::parse(&pin.stretch).map_err(|fault| format!("its stretch cannot be read: {fault}"))?;
    }
    let made = pinned_chip(project, parcel, acquisition, &options).map_err(|error| error.chain())?;
    let mut own = picture(format!("{stem}.png"), &made.svg, None, made.words)?;
    own.caption = format!("{} {}", utc_day(*acquired), own.caption.trim_start_matches(&format!("{} ", utc_day(*acquired))));
    let companions = match &made.grid {
        // Chips are drawn at one pixel a unit.
        Some(grid) => georeference(&sized(grid, own.size), own.size, stem)?,
        None => Vec::new(),
    };
    Ok((own, companions))
}

/// World file and GDAL's metadata of a picture; `figure` is the place of its drawing, one pixel a unit.
fn georeference(figure: &Grid, size: [u32; 2], stem: &str) -> Result<Vec<Companion>, String> {
    let made = export::side_files(figure, size)?;
    let text = |file: String, text: String| Companion { file, bytes: text.into_bytes() };
    Ok(vec![text(format!("{stem}.pgw"), made.world), text(format!("{stem}.png.aux.xml"), made.aux)])
}

/// Photos that are attached, each also as it was taken; and why some are missing.
pub fn photos(folder: Option<&Path>, name: &str, review: &ParcelReview) -> (Vec<Picture>, Vec<Companion>, Vec<String>) {
    let (mut pictures, mut companions, mut absent) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (_, own)) in review.photos.iter().enumerate() {
        match folder
            .context("there is no folder of photos")
            .and_then(|folder| photo(folder, own, &format!("{name}_photo_{}", at + 1)))
        {
            Ok((picture, original)) => {
                pictures.push(picture);
                companions.push(original);
            }
            Err(why) => absent.push(format!("Photo {}: {why:#}", own.file)),
        }
    }
    (pictures, companions, absent)
}

fn photo(folder: &Path, own: &Photo, stem: &str) -> anyhow::Result<(Picture, Companion)> {
    let path = folder.join(&own.file);
    anyhow::ensure!(
        Path::new(&own.file).components().all(|part| matches!(part, std::path::Component::Normal(_))),
        "its name leads out of the folder of photos"
    );
    let bytes = std::fs::read(&path).context("it cannot be read")?;
    let same = blake3::hash(&bytes).to_hex().as_str().eq_ignore_ascii_case(&own.hash);
    anyhow::ensure!(same, "its content is not what was attached");
    let taken = image::load_from_memory(&bytes).context("it is no picture that can be read")?;
    let small = if taken.width().max(taken.height()) > PHOTO_SIDE {
        taken.resize(PHOTO_SIDE, PHOTO_SIDE, FilterType::Triangle)
    } else {
        taken
    };
    let mut png = Cursor::new(Vec::new());
    small.to_rgb8().write_to(&mut png, ImageFormat::Png).context("it cannot be written as PNG")?;
    let ending = Path::new(&own.file).extension().and_then(|ending| ending.to_str()).unwrap_or("jpg").to_ascii_lowercase();
    let ending = if ending.chars().all(|c| c.is_ascii_alphanumeric()) { ending } else { "jpg".to_owned() };
    let mut words = vec![format!("Photo {}", own.file)];
    words.extend(own.taken.as_ref().map(|taken| format!("taken {taken}, as the camera says")));
    words.extend(own.place.map(|[east, north]| format!("at {north:.6} N {east:.6} E")));
    words.extend(own.direction.map(|degrees| format!("looking {degrees:.0}° from north")));
    let picture = Picture {
        file: format!("{stem}.png"),
        svg: None,
        png: png.into_inner(),
        size: [small.width(), small.height()],
        caption: words.join(", "),
    };
    // The camera's own file, whatever its kind, so that its hash can be checked.
    Ok((picture, Companion { file: format!("{stem}_original.{ending}"), bytes }))
}

/// A drawing as a picture.
fn picture(file: String, drawing: &str, svg: Option<String>, caption: String) -> Result<Picture, String> {
    let png = svg::png(drawing, 1.0)?;
    let size = png_size(&png).ok_or("the figure was not written as PNG")?;
    Ok(Picture { file, svg, png, size, caption })
}

/// Width and height from the header of a PNG.
pub fn png_size(png: &[u8]) -> Option<[u32; 2]> {
    let number = |at: usize| Some(u32::from_be_bytes(png.get(at..at + 4)?.try_into().ok()?));
    Some([number(16)?, number(20)?])
}
