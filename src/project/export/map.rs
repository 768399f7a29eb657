//! A view of the map as a georeferenced figure, without a window: the pack's map of a parcel and what the window saves are the same.
//!
//! It lies in the system of its image, where that has metres, else in the parcels' own, else in the UTM zone of its middle.

use std::sync::Arc;

use super::{captions, data_of, fault, seen};
use crate::engine::colouring::{ClassName, Classes};
use crate::engine::stretch::{self, Picture};
use crate::engine::tiles::TILE_PX;
use crate::io::crs;
use crate::jobs::Lane;
use crate::model::units::{epoch_days, iso_utc};
use crate::model::view::Polarisation;
use crate::model::{AcquisitionIx, Bounds, Crs, Grid, ParcelIx, Sensor, Stretch, View};
use crate::project::queries::coverage::CoverageQuery;
use crate::project::queries::map::ClassesQuery;
use crate::project::queries::mosaic::{LimitsQuery, Part, PartQuery, Season};
use crate::project::query::Fetch;
use crate::project::{Dataset, Error, Project};
use crate::report::map::{MapClass, MapParcel, MapView};
use crate::report::{Caption, map as map_figure};

/// More parcels than this make no figure: their outlines would cover each other.
pub const MOST_PARCELS: usize = 20_000;

/// Least side of the map around a parcel, m.
const LEAST_SIDE_M: f64 = 300.0;

/// What a map shows.
#[derive(Debug, Clone, PartialEq)]
pub struct MapOptions {
    /// What must be in view.
    pub bounds: Bounds,
    /// System of the box.
    pub crs: Crs,
    /// Width of the view, units of the figure.
    pub width_px: u32,
    /// The parcel that stands out.
    pub parcel: Option<ParcelIx>,
    /// Image under the parcels.
    pub season: Option<Season>,
    /// Colours of the parcels.
    pub classes: Option<ClassesQuery>,
    /// Ids stand on parcels that are wide enough.
    pub labels: bool,
}

impl MapOptions {
    /// A parcel with its surroundings, over the image of its newest pinned chip, else over its clearest Sentinel-2 image of the evidence
    /// window (days since 1970), else of all; of equally clear ones the last. View, stretch and margin are those of the project.
    pub fn of_parcel(
        project: &Project,
        parcel: ParcelIx,
        pinned: Option<AcquisitionIx>,
        window: Option<[f64; 2]>,
    ) -> Result<Self, Error> {
        let data = data_of(project)?;
        let bounds = data.parcels.bounds(parcel);
        if bounds.is_empty() {
            return Err(fault(format!("parcel {} has no geometry", data.parcels.id(parcel))));
        }
        let coverage = project.compute(&CoverageQuery { parcel, revision: project.revision() })?;
        let mask = project.mask();
        let optical = |own: &(AcquisitionIx, &crate::model::observation::Coverage)| {
            let row = data.catalog.get(own.0);
            row.sensor == Sensor::S2 && row.granules.iter().any(|granule| !granule.remote && !granule.bands.is_empty())
        };
        let acquired = |acquisition| data.catalog.get(acquisition).acquired;
        let within = |acquisition| window.is_some_and(|[from, to]| (from..=to).contains(&epoch_days(acquired(acquisition))));
        let clearest = seen(&coverage).filter(optical).max_by(|a, b| {
            // A window without any clear pixel shows nothing.
            let told = |own: &(AcquisitionIx, &crate::model::observation::Coverage)| within(own.0) && own.1.clear(mask) > 0.0;
            let clear = a.1.clear(mask).total_cmp(&b.1.clear(mask));
            told(a).cmp(&told(b)).then(clear).then(acquired(a.0).cmp(&acquired(b.0)))
        });
        let chosen = pinned.or(clearest.map(|own| own.0));
        let metre = if crs::is_geographic(data.parcels.crs()).unwrap_or(false) { 1.0 / 111_320.0 } else { 1.0 };
        let margin = f64::from(project.file().display.margin_m) * metre;
        let side = bounds.width().max(bounds.height()) + 2.0 * margin;
        let grown = (side.max(LEAST_SIDE_M * metre) - bounds.width().max(bounds.height())) / 2.0;
        Ok(Self {
            bounds: bounds.squared().grown(grown),
            crs: data.parcels.crs().clone(),
            width_px: 400,
            parcel: Some(parcel),
            season: chosen.map(|acquisition| season(project, &data, acquisition)),
            classes: None,
            labels: true,
        })
    }
}

/// The image of an acquisition as the map shows it: in the project's view where its sensor can give it.
fn season(project: &Project, data: &Dataset, acquisition: AcquisitionIx) -> Season {
    Season {
        acquisition,
        view: view_for(project.view(), data.catalog.get(acquisition).sensor),
        stretch: project.file().display.stretch.clone(),
        mask: None,
        revision: project.revision(),
    }
}

/// What a map shows of an acquisition: the calendar's view where its sensor can give it, else its sensor's usual one.
pub fn view_for(view: &View, sensor: Sensor) -> View {
    let of = |view: &View| match view {
        View::Backscatter(..) | View::BackscatterRatio(_) => Some(Sensor::S1Backscatter),
        View::Coherence(..) => Some(Sensor::S1Coherence),
        View::Composite(_) | View::Index(_) | View::SceneClass => Some(Sensor::S2),
        View::NdviHistogram | View::RedNirScatter => None,
    };
    if of(view) == Some(sensor) {
        return view.clone();
    }
    match sensor {
        Sensor::S2 => View::default(),
        Sensor::S1Backscatter => View::Backscatter(Polarisation::Vv, None),
        Sensor::S1Coherence => View::Coherence(Polarisation::Vv, None),
    }
}

/// A map as data: ready to be drawn anywhere, also on a worker.
#[derive(Debug, Clone)]
pub struct MapFigure {
    view: MapView,
    grid: Grid,
    caption: Caption,
}

/// A drawn map.
#[derive(Debug, Clone)]
pub struct DrawnMap {
    /// The figure.
    pub svg: String,
    /// Place of the whole figure, one pixel for each of its units.
    pub grid: Grid,
}

impl MapFigure {
    /// What is burned into it.
    pub fn caption(&self) -> &Caption {
        &self.caption
    }

    /// Place of the view itself.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The picture with its place on the ground.
    pub fn draw(&self) -> DrawnMap {
        let made = map_figure::svg(&self.view, &self.caption);
        let [left, top] = made.corner.map(f64::from);
        let (left, top) = self.grid.world_from_pixel(-left, -top);
        let [width, height] = made.size.map(|side| side as usize);
        DrawnMap { svg: made.svg, grid: Grid { left, top, width, height, ..self.grid.clone() } }
    }
}

/// True once the image of a map is there, or cannot be had; asks for what is missing.
pub fn map_ready(project: &Project, options: &MapOptions) -> bool {
    let Ok(grid) = data_of(project).and_then(|data| frame(&data, options)) else { return true };
    let waiting = parts(&grid, options).filter(|query| matches!(project.get(query, Lane::Interactive), Fetch::Pending)).count();
    let colours = options.classes.as_ref().is_some_and(|own| matches!(project.get(own, Lane::Interactive), Fetch::Pending));
    waiting == 0 && !colours
}

/// The map of a view.
pub fn map(project: &Project, options: &MapOptions) -> Result<MapFigure, Error> {
    let data = data_of(project)?;
    let grid = frame(&data, options)?;
    let reach = crs::transform_bounds(&grid.bounds(), &grid.crs, data.parcels.crs()).map_err(|error| fault(error.to_string()))?;
    let found = data.parcels.in_bounds(&reach);
    if found.len() > MOST_PARCELS {
        return Err(fault(format!(
            "{} parcels are in view, and a figure shows at most {MOST_PARCELS}; zoom in, then save the map again",
            found.len()
        )));
    }
    let classes = options.classes.as_ref().map(|query| project.compute(query)).transpose()?;
    let mut parcels = Vec::with_capacity(found.len());
    for parcel in found {
        parcels.push(parcel_of(&data, &grid, parcel, options, classes.as_deref())?);
    }
    // The parcel that the figure is about lies over its neighbours.
    parcels.sort_by_key(|own| own.own);
    let picture = picture(project, &grid, options)?;
    let limits = options.season.as_ref().map(|season| limits_of(project, season)).transpose()?.unwrap_or_default();
    let known = Stretch::Range(limits.clone());
    let colour_bar = options.season.as_ref().and_then(|own| captions::bar_of(project.indices(), &own.view, &known));
    let view = MapView {
        size: [grid.width as u32, grid.height as u32],
        picture,
        classes: classes.as_ref().map(|own| legend(own, &data, &reach)).unwrap_or_default(),
        metres_across: grid.width as f64 * grid.pixel_x,
        parcels,
        colour_bar,
    };
    let caption = caption(project, &data, &grid, (options, &limits), view.parcels.len())?;
    Ok(MapFigure { view, grid, caption })
}

/// The figure's grid: square pixels over the smallest box that holds what must be in view.
fn frame(data: &Dataset, options: &MapOptions) -> Result<Grid, Error> {
    let told = |error: crate::io::IoError| fault(format!("the map has no place: {error}"));
    if options.bounds.is_empty() {
        return Err(fault("the map shows nothing: there is no place to show".to_owned()));
    }
    let metric = |system: &Crs| !crs::is_geographic(system).unwrap_or(true);
    let image = options.season.as_ref().and_then(|own| {
        let granules = &data.catalog.acquisitions.get(own.acquisition.at())?.granules;
        granules.iter().flat_map(|granule| &granule.bands).map(|band| band.grid.crs.clone()).find(metric)
    });
    let system = if let Some(own) = image {
        own
    } else if metric(data.parcels.crs()) {
        data.parcels.crs().clone()
    } else {
        let degrees = crs::transform_bounds(&options.bounds, &options.crs, &crs::WGS84).map_err(told)?;
        let (lon, lat) = degrees.center();
        crs::utm_zone(lon, lat)
    };
    let bounds = crs::transform_bounds(&options.bounds, &options.crs, &system).map_err(told)?;
    let width = options.width_px.clamp(64, 4096) as usize;
    let pixel = bounds.width().max(bounds.height() / 4.0) / width as f64;
    if !(pixel.is_finite() && pixel > 0.0) {
        return Err(fault("the map shows nothing: what it should show has no extent".to_owned()));
    }
    let height = ((bounds.height() / pixel).ceil() as usize).max(1);
    let (x, _) = bounds.center();
    let left = x - pixel * width as f64 / 2.0;
    Ok(Grid { crs: system, left, top: bounds.max_y, pixel_x: pixel, pixel_y: pixel, width, height })
}

/// Questions for the squares of the image, row by row.
fn parts<'a>(grid: &'a Grid, options: &'a MapOptions) -> impl Iterator<Item = PartQuery> + 'a {
    let places = (0..grid.height).step_by(TILE_PX).flat_map(|row| (0..grid.width).step_by(TILE_PX).map(move |col| (col, row)));
    let season = options.season.iter();
    season.flat_map(move |season| {
        places.clone().map(move |(col, row)| PartQuery { part: Part::of(grid, col, row), season: season.clone() })
    })
}

fn picture(project: &Project, grid: &Grid, options: &MapOptions) -> Result<Option<Picture>, Error> {
    if options.season.is_none() {
        return Ok(None);
    }
    let mut rgba = vec![0; grid.width * grid.height * 4];
    let across = grid.width.div_ceil(TILE_PX);
    for (at, query) in parts(grid, options).enumerate() {
        let part = project.compute(&query)?;
        let (left, top) = (at % across * TILE_PX, at / across * TILE_PX);
        let columns = TILE_PX.min(grid.width - left);
        for row in 0..TILE_PX.min(grid.height - top) {
            let to = ((top + row) * grid.width + left) * 4;
            rgba[to..to + columns * 4].copy_from_slice(&part.rgba[row * TILE_PX * 4..(row * TILE_PX + columns) * 4]);
        }
    }
    Ok(Some(Picture { width: grid.width, height: grid.height, rgba, limits: Vec::new() }))
}

fn parcel_of(
    data: &Dataset,
    grid: &Grid,
    parcel: ParcelIx,
    options: &MapOptions,
    classes: Option<&Classes>,
) -> Result<MapParcel, Error> {
    let outline = crs::transform(&data.parcels.outline(parcel), data.parcels.crs(), &grid.crs);
    let outline = outline.map_err(|error| fault(format!("parcel {}: {error}", data.parcels.id(parcel))))?;
    let place = |&[x, y]: &[f64; 2]| {
        let (col, row) = grid.pixel_from_world(x, y);
        [col as f32, row as f32]
    };
    let whole = |ring: &&[[f64; 2]]| ring.iter().flatten().all(|value| value.is_finite());
    let class = classes.map(|own| &own.legend()[own.class(parcel)]);
    let own = options.parcel == Some(parcel);
    Ok(MapParcel {
        rings: outline.rings().filter(whole).map(|ring| ring.iter().map(place).collect()).collect(),
        fill: class.map(|own| own.colour),
        verdict: class.and_then(|own| verdict_of(&own.name)),
        label: if options.labels || own { data.parcels.id(parcel).to_owned() } else { String::new() },
        own,
    })
}

fn verdict_of(name: &ClassName) -> Option<crate::model::rules::Verdict> {
    if let ClassName::Verdict(own) = name { Some(*own) } else { None }
}

/// Classes of the parcels in view.
fn legend(classes: &Arc<Classes>, data: &Dataset, reach: &Bounds) -> Vec<MapClass> {
    let mut used = vec![false; classes.legend().len()];
    data.parcels.in_bounds(reach).into_iter().for_each(|parcel| used[classes.class(parcel)] = true);
    let class = |(_, own): (bool, &crate::engine::colouring::Class)| MapClass {
        name: class_name(&own.name),
        colour: own.colour,
        verdict: verdict_of(&own.name),
    };
    used.into_iter().zip(classes.legend()).filter(|own| own.0).map(class).collect()
}

/// What a class is called in files.
fn class_name(name: &ClassName) -> String {
    use crate::model::rules::Verdict;
    match name {
        ClassName::Crop(name) => name.clone(),
        ClassName::OtherCrops => "other crops".to_owned(),
        ClassName::Unknown => "not known".to_owned(),
        ClassName::Hidden => "hidden in blind review".to_owned(),
        ClassName::Verdict(Verdict::Green) => "automatic: compliant".to_owned(),
        ClassName::Verdict(Verdict::Yellow) => "automatic: yellow".to_owned(),
        ClassName::Verdict(Verdict::Red) => "automatic: non-compliant".to_owned(),
        ClassName::Index(own) => format!("C_INDEX {}", own.code()),
        ClassName::Values(None, Some(to)) => format!("< {to}"),
        ClassName::Values(Some(from), Some(to)) => format!("{from} to {to}"),
        ClassName::Values(from, None) => format!("≥ {}", from.unwrap_or(f64::NAN)),
        ClassName::Counts(from, Some(to)) if from == to => from.to_string(),
        ClassName::Counts(from, Some(to)) => format!("{from} to {to}"),
        ClassName::Counts(from, None) => format!("≥ {from}"),
    }
}

/// Low and high of every channel; those of a dynamic stretch hold for the whole image.
fn limits_of(project: &Project, season: &Season) -> Result<Vec<(f64, f64)>, Error> {
    Ok(match &season.stretch {
        Stretch::Range(pairs) => pairs.clone(),
        Stretch::Fixed => stretch::view_limits(&season.view, project.indices()),
        Stretch::Dynamic { .. } => {
            project.compute(&LimitsQuery { season: Season { mask: None, ..season.clone() } })?.as_ref().clone()
        }
    })
}

/// What is written into the figure.
fn caption(
    project: &Project,
    data: &Dataset,
    grid: &Grid,
    (options, limits): (&MapOptions, &[(f64, f64)]),
    parcels: usize,
) -> Result<Caption, Error> {
    let mut lines = Vec::new();
    let mut synthetic = String::new();
    if let Some(season) = &options.season {
        let row = data.catalog.get(season.acquisition);
        let clear = options.parcel.map(|parcel| clear_share(project, parcel, season.acquisition)).transpose()?.flatten();
        let clear = clear.map_or_else(String::new, |share| format!(", {:.0} % of the parcel clear", (share * 100.0).floor()));
        lines.push(format!("{} {}{clear}", iso_utc(row.acquired), captions::detail(row)));
        lines.push(format!(
            "{}. {}",
            captions::view_text(&season.view),
            captions::limits_text(&season.view, &season.stretch, limits)
        ));
        if let Some(mask) = season.mask {
            lines.push(format!("Hatched: {}.", captions::mask_text(mask)));
        }
        if row.synthetic() {
            "Synthetic data: the image is made, not observed.".clone_into(&mut synthetic);
        }
    } else {
        lines.push("No image under the parcels.".to_owned());
    }
    let metres = |pixels: usize| (pixels as f64 * grid.pixel_x).round();
    lines.push(format!(
        "Map in {}, grid north up, {} m by {} m, {parcels} parcels.",
        grid.crs.label(),
        metres(grid.width),
        metres(grid.height)
    ));
    let title = options.parcel.map_or_else(|| project.file().name.clone(), |parcel| captions::title(data, parcel));
    Ok(Caption { title, lines, ruleset: captions::ruleset(project), attribution: project.file().attribution.clone(), synthetic })
}

/// Clear share of a parcel at an acquisition; `None` when it does not touch the parcel.
fn clear_share(project: &Project, parcel: ParcelIx, acquisition: AcquisitionIx) -> Result<Option<f64>, Error> {
    let coverage = project.compute(&CoverageQuery { parcel, revision: project.revision() })?;
    let own = seen(&coverage).find(|(own, _)| *own == acquisition);
    Ok(own.map(|(_, own)| own.clear(project.mask())))
}

/// What lies beside a PNG whose pixels have places: ends of its name, the second after the whole of it, and their texts.
///
/// `figure` is the place of the figure at one pixel a unit, `size` the PNG's width and height.
pub fn side_files(figure: &Grid, [width, height]: [u32; 2]) -> Result<SideFiles, String> {
    use crate::report::figure_files::{aux_xml, resized, world_file};
    let grid = resized(figure, width as usize, height as usize);
    let wkt = crs::wkt(&grid.crs).map_err(|error| format!("its place on the ground cannot be written: {error}"))?;
    Ok(SideFiles { world: world_file(&grid), aux: aux_xml(&grid, &wkt) })
}

/// Texts that place a PNG on the ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SideFiles {
    /// World file: `.pgw` in place of `.png`.
    pub world: String,
    /// GDAL's metadata: `.aux.xml` after `.png`.
    pub aux: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_shown_in_a_view_that_its_sensor_can_give() {
        let ndvi = View::Index("NDVI".to_owned());
        assert_eq!(view_for(&ndvi, Sensor::S2), ndvi);
        assert_eq!(view_for(&ndvi, Sensor::S1Coherence), View::Coherence(Polarisation::Vv, None));
        assert_eq!(view_for(&View::NdviHistogram, Sensor::S2), View::default());
        let ratio = View::BackscatterRatio(None);
        assert_eq!(view_for(&ratio, Sensor::S1Backscatter), ratio);
    }

    #[test]
    fn side_files_place_the_pixels_of_a_larger_picture() {
        let figure =
            Grid { crs: Crs::Epsg(32631), left: 1_000.0, top: 5_000.0, pixel_x: 2.0, pixel_y: 2.0, width: 100, height: 50 };
        let made = side_files(&figure, [200, 100]).expect("a known system");
        assert_eq!(made.world, "1\n0\n0\n-1\n1000.5\n4999.5\n");
        assert!(made.aux.contains("<GeoTransform>1000, 1, 0, 5000, 0, -1</GeoTransform>"), "{}", made.aux);
    }
}
