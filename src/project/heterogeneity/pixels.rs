//! The pixels of a region on regular steps: what is clustered.
//!
//! Every image is read once for the whole region: kept chips first, else one window around all parcels that are not kept. Values are
//! taken at the pixel centres of one grid a parcel, those of the finest images that hold it; excluded scene classes are missing.

use std::collections::BTreeMap;

use anyhow::{Context as _, anyhow};
use jiff::civil::Date;
use rayon::prelude::*;

use crate::engine::chip::{metres_on, on_grid};
use crate::engine::clean::classes_on;
use crate::engine::coverage::{buffered, centres_inside};
use crate::engine::heterogeneity::spread::{SpreadParams, relative_iqr};
use crate::engine::heterogeneity::stack::{self, Radar, Reach, days_since_1970};
use crate::engine::zonal::percentile;
use crate::io::raster;
use crate::model::heterogeneity::{ClusterParams, Period, Stream};
use crate::model::units::epoch_days;
use crate::model::{
    Acquisition, AcquisitionIx, Band, BandAsset, BandWindow, Bounds, Granule, Grid, MaskSet, ParcelIx, Pass, Sensor, Watch,
};
use crate::project::queries::Env;

/// S2 bands, after NDVI the variables of a step.
const S2_BANDS: [&str; 4] = ["B02", "B03", "B04", "B08"];

/// Place of NDVI among the variables of S2: first, as clusters are numbered by the first, the largest as 1.
const NDVI: usize = 0;

/// Images so far from a season may still serve its steps.
pub(super) const REACH_DAYS: f64 = 30.0;

/// Pixels that are read in one window; parcels further apart are read in several.
const MAX_WINDOW_PIXELS: f64 = 4e6;

/// Where the pixels of a parcel lie.
#[derive(Debug, Clone)]
pub struct Place {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Window around the shrunken parcel.
    pub grid: Grid,
    /// Positions of its pixels in the window, row by row.
    pub inside: Vec<u32>,
    /// Its first row in the region's tables.
    pub first: usize,
    /// Images whose footprint holds some of the parcel.
    pub images: usize,
    /// Why there is no pixel, when there is none.
    pub absent: Option<Absence>,
}

impl Place {
    /// Its rows in the region's tables.
    pub fn rows(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.inside.len()
    }
}

/// Why a parcel has no clusters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absence {
    /// The parcel has no outline.
    NoOutline,
    /// Shrunk by the margin it holds no pixel centre.
    TooSmall,
    /// No image of the sensor shows it.
    NoImages,
    /// No image lies near enough to the period.
    NoDates,
    /// Images are there, but every pixel of every one is masked or without value.
    Masked,
}

/// One stream of a region.
#[derive(Debug, Clone, Default)]
pub struct StreamPixels {
    /// Parcels of the region, in the order of the layer.
    pub places: Vec<Place>,
    /// Pixels of all parcels.
    pub rows: usize,
    /// Names of what is measured at a step.
    pub variables: Vec<String>,
    /// Steps of a period.
    pub steps: usize,
    /// A table a period: `rows x (steps x variables)`, a step's variables side by side; `NaN` is missing.
    pub periods: Vec<Vec<f32>>,
    /// Days of the images over the region, ascending, also of those that are masked whole.
    pub days: Vec<f64>,
    /// True for streams that hold NDVI.
    pub has_ndvi: bool,
    /// For each place and image the quartile distance of B08 over its median; `NaN` for dates that do not count, empty for S1.
    pub spreads: Vec<Vec<f64>>,
}

impl StreamPixels {
    /// Values of a row of a table.
    pub fn features(&self) -> usize {
        self.steps * self.variables.len()
    }

    /// NDVI of pixels of a period: `steps x rows`, `NaN` is missing; empty where there is none.
    pub fn ndvi(&self, period: usize, rows: std::ops::Range<usize>) -> Vec<f32> {
        if !self.has_ndvi {
            return Vec::new();
        }
        let features = self.features();
        let at = |row: usize, step: usize| self.periods[period][row * features + step * self.variables.len() + NDVI];
        (0..self.steps).flat_map(|step| rows.clone().map(move |row| (row, step))).map(|(row, step)| at(row, step)).collect()
    }

    /// Approximate memory, bytes.
    pub fn bytes(&self) -> usize {
        let pixels: usize = self.places.iter().map(|place| place.inside.len() * 4 + 128).sum();
        pixels + self.periods.iter().map(|period| period.len() * 4).sum::<usize>()
    }
}

/// Both streams of a region.
#[derive(Debug, Clone, Default)]
pub struct RegionPixels {
    /// Periods of the season.
    pub periods: Vec<Period>,
    /// Sentinel-2.
    pub s2: StreamPixels,
    /// Sentinel-1.
    pub s1: StreamPixels,
    /// Images that could not be read, each once.
    pub problems: Vec<String>,
}

impl RegionPixels {
    /// A stream.
    pub fn stream(&self, stream: Stream) -> &StreamPixels {
        match stream {
            Stream::S2 => &self.s2,
            Stream::S1 => &self.s1,
        }
    }
}

/// Values of one image: `bands x rows`.
struct Image {
    day: f64,
    sensor: Sensor,
    pass: Option<Pass>,
    values: Vec<f32>,
}

/// Reads the region. Fails when cancelled; an image that cannot be read is a problem and missing.
pub fn read(
    env: &Env,
    members: &[ParcelIx],
    params: &ClusterParams,
    mask: MaskSet,
    season: (Date, Date),
    watch: &Watch,
) -> anyhow::Result<RegionPixels> {
    let periods = stack::periods(season.0, season.1, params.period_days, params.min_period_days);
    let mut problems = Vec::new();
    let s2 = read_stream(env, members, params, Stream::S2, mask, &periods, &mut problems, watch)?;
    let s1 = read_stream(env, members, params, Stream::S1, mask, &periods, &mut problems, watch)?;
    problems.sort();
    problems.dedup();
    Ok(RegionPixels { periods, s2, s1, problems })
}

fn belongs(stream: Stream, sensor: Sensor) -> bool {
    (stream == Stream::S2) == (sensor == Sensor::S2)
}

fn read_stream(
    env: &Env,
    members: &[ParcelIx],
    params: &ClusterParams,
    stream: Stream,
    mask: MaskSet,
    periods: &[Period],
    problems: &mut Vec<String>,
    watch: &Watch,
) -> anyhow::Result<StreamPixels> {
    let reach = (
        periods.first().map_or(0.0, |period| days_since_1970(period.from)) - REACH_DAYS,
        periods.last().map_or(0.0, |period| days_since_1970(period.to) + 1.0) + REACH_DAYS,
    );
    let acquisitions: Vec<(AcquisitionIx, &Acquisition)> = env
        .catalog
        .iter()
        .filter(|(_, own)| belongs(stream, own.sensor) && (reach.0..reach.1).contains(&epoch_days(own.acquired)))
        .collect();
    let bands = bands_of(stream, &acquisitions);
    let shrink = if stream == Stream::S2 { params.s2_shrink_m } else { params.s1_shrink_m };
    let places = places(env, members, &acquisitions, &bands, f64::from(shrink))?;
    let rows = places.last().map_or(0, |place| place.rows().end);
    let groups = groups(&places);
    let read: Vec<Result<Option<Image>, String>> = acquisitions
        .par_iter()
        .map(|&(ix, acquisition)| {
            if watch.cancelled() {
                return Ok(None);
            }
            let values = image(env, (ix, acquisition), &places, &groups, &bands, mask, rows);
            watch.advance(1);
            let values = values.map_err(|error| format!("{error:#}"))?;
            let empty = values.iter().all(|value| value.is_nan());
            let day = epoch_days(acquisition.acquired);
            Ok((!empty).then_some(Image { day, sensor: acquisition.sensor, pass: acquisition.pass, values }))
        })
        .collect();
    if watch.cancelled() {
        return Err(anyhow!("cancelled"));
    }
    let mut images = Vec::new();
    for one in read {
        match one {
            Ok(image) => images.extend(image),
            Err(problem) => problems.push(problem),
        }
    }
    // Also of images that are masked whole: they tell why there is nothing.
    let days = acquisitions.iter().filter(|own| touches(own.1, &bands, &places)).map(|own| epoch_days(own.1.acquired)).collect();
    let made = match stream {
        Stream::S2 => optical(&images, places, rows, periods, params),
        Stream::S1 => radar(&images, &bands, places, rows, periods, params),
    };
    Ok(StreamPixels { days, ..made })
}

/// True when a product of an acquisition lies over some parcel.
fn touches(acquisition: &Acquisition, bands: &[Band], places: &[Place]) -> bool {
    let grids = acquisition.granules.iter().filter_map(|granule| finest(granule, bands));
    let over = |grid: &Grid| {
        let bounds = grid.bounds();
        places.iter().any(|own| !own.grid.is_empty() && own.grid.crs == grid.crs && bounds.intersects(&own.grid.bounds()))
    };
    grids.into_iter().any(over)
}

/// Bands that are read: the four of S2, or all that S1 has.
fn bands_of(stream: Stream, acquisitions: &[(AcquisitionIx, &Acquisition)]) -> Vec<Band> {
    match stream {
        Stream::S2 => S2_BANDS.iter().map(|name| Band::new(name)).collect(),
        Stream::S1 => {
            let mut bands: Vec<Band> = acquisitions.iter().flat_map(|(_, own)| own.band_names()).collect();
            bands.sort();
            bands.dedup();
            bands.retain(|band| matches!(band.as_str(), "VV" | "VH"));
            bands
        }
    }
}

/// Pixels of each parcel: on the grid of most images that hold it whole, else of most that touch it.
fn places(
    env: &Env,
    members: &[ParcelIx],
    acquisitions: &[(AcquisitionIx, &Acquisition)],
    bands: &[Band],
    shrink_m: f64,
) -> anyhow::Result<Vec<Place>> {
    let mut lattices: BTreeMap<String, (Grid, usize)> = BTreeMap::new();
    for granule in acquisitions.iter().flat_map(|(_, own)| &own.granules) {
        if let Some(grid) = finest(granule, bands) {
            lattices.entry(format!("{grid:?}")).or_insert_with(|| (grid.clone(), 0)).1 += 1;
        }
    }
    let mut lattices: Vec<(Grid, usize)> = lattices.into_values().collect();
    lattices.sort_by(|a, b| a.0.pixel_x.total_cmp(&b.0.pixel_x).then(b.1.cmp(&a.1)));
    let mut places: Vec<Place> =
        members.par_iter().map(|&parcel| place(env, parcel, &lattices, shrink_m)).collect::<Result<_, _>>()?;
    let mut first = 0;
    for place in &mut places {
        place.first = first;
        first += place.inside.len();
    }
    Ok(places)
}

fn finest<'a>(granule: &'a Granule, bands: &[Band]) -> Option<&'a Grid> {
    bands.iter().filter_map(|band| granule.band(band)).map(|asset| &asset.grid).min_by(|a, b| a.pixel_x.total_cmp(&b.pixel_x))
}

fn place(env: &Env, parcel: ParcelIx, lattices: &[(Grid, usize)], shrink_m: f64) -> anyhow::Result<Place> {
    let none = |absent, grid: Grid| Place { parcel, grid, inside: Vec::new(), first: 0, images: 0, absent: Some(absent) };
    let nowhere =
        || Grid { crs: env.parcels.crs().clone(), left: 0.0, top: 0.0, pixel_x: 1.0, pixel_y: 1.0, width: 0, height: 0 };
    let own = env.parcels.bounds(parcel);
    if own.is_empty() {
        return Ok(none(Absence::NoOutline, nowhere()));
    }
    let mut best: Option<(bool, usize, &Grid, Bounds)> = None;
    for (grid, images) in lattices {
        let bounds = env.outline_in(parcel, grid)?.bounds();
        let all = grid.bounds();
        if bounds.is_empty() || !all.intersects(&bounds) {
            continue;
        }
        let whole = all.intersection(&bounds) == bounds;
        if best.as_ref().is_none_or(|own| (whole, *images) > (own.0, own.1)) {
            best = Some((whole, *images, grid, bounds));
        }
    }
    let Some((_, images, grid, bounds)) = best else { return Ok(none(Absence::NoImages, nowhere())) };
    let outline = env.outline_in(parcel, grid)?;
    let outline = buffered(&outline, -metres_on(grid, shrink_m));
    let Some(window) = grid.window(&bounds) else { return Ok(none(Absence::NoImages, nowhere())) };
    let grid = grid.crop(window);
    let inside: Vec<u32> = if outline.is_empty() {
        Vec::new()
    } else {
        (0u32..).zip(centres_inside(&outline, &grid)).filter(|(_, inside)| *inside).map(|(at, _)| at).collect()
    };
    let absent = inside.is_empty().then_some(Absence::TooSmall);
    Ok(Place { parcel, grid, inside, first: 0, images, absent })
}

/// Parcels that are read in one window: of one CRS, in a box that is not too large.
fn groups(places: &[Place]) -> Vec<Vec<usize>> {
    let mut by_crs: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, place) in places.iter().enumerate().filter(|(_, place)| !place.inside.is_empty()) {
        by_crs.entry(place.grid.crs.label()).or_default().push(at);
    }
    let mut groups = Vec::new();
    let mut open: Vec<Vec<usize>> = by_crs.into_values().collect();
    while let Some(mut group) = open.pop() {
        let bounds = union(places, &group);
        let pixel = places[group[0]].grid.pixel_x * places[group[0]].grid.pixel_y;
        if group.len() == 1 || bounds.width() * bounds.height() / pixel.abs() <= MAX_WINDOW_PIXELS {
            groups.push(group);
            continue;
        }
        let centre = |at: &usize| places[*at].grid.bounds().center();
        if bounds.width() > bounds.height() {
            group.sort_by(|a, b| centre(a).0.total_cmp(&centre(b).0));
        } else {
            group.sort_by(|a, b| centre(a).1.total_cmp(&centre(b).1));
        }
        let other = group.split_off(group.len() / 2);
        open.extend([group, other]);
    }
    groups
}

fn union(places: &[Place], group: &[usize]) -> Bounds {
    let mut bounds = Bounds::EMPTY;
    for &at in group {
        let own = places[at].grid.bounds();
        bounds.include(own.min_x, own.min_y);
        bounds.include(own.max_x, own.max_y);
    }
    bounds
}

/// Values of one acquisition: `bands x rows`; products in their order, later ones fill what is missing.
fn image(
    env: &Env,
    (ix, acquisition): (AcquisitionIx, &Acquisition),
    places: &[Place],
    groups: &[Vec<usize>],
    bands: &[Band],
    mask: MaskSet,
    rows: usize,
) -> anyhow::Result<Vec<f32>> {
    let mut values = vec![f32::NAN; bands.len() * rows];
    for (number, granule) in (0u8..).zip(&acquisition.granules) {
        let mut assets: Vec<&BandAsset> = bands.iter().filter_map(|band| granule.band(band)).collect();
        if assets.is_empty() || acquisition.sensor == Sensor::S2 && assets.len() < bands.len() {
            continue;
        }
        let has_scl = acquisition.sensor == Sensor::S2 && granule.scl().is_some();
        assets.extend(granule.scl().filter(|_| has_scl));
        for group in groups.iter().filter(|group| places[group[0]].grid.crs == assets[0].grid.crs) {
            let kept = |at: usize| {
                let place = &places[at];
                let prepared = env.prepared.as_ref()?;
                prepared.windows(&env.parcels, place.parcel, (ix, number), &assets, &place.grid.bounds())
            };
            let mut rest = Vec::new();
            for &at in group {
                match kept(at) {
                    Some(windows) => fill(&places[at], &windows, has_scl, bands, mask, rows, &mut values),
                    None => rest.push(at),
                }
            }
            if rest.is_empty() || granule.remote {
                continue;
            }
            let windows = raster::read_windows(&assets, &union(places, &rest))
                .with_context(|| format!("cannot read {} of {}", acquisition.sensor.code(), acquisition.acquired))?;
            for &at in &rest {
                fill(&places[at], &windows, has_scl, bands, mask, rows, &mut values);
            }
        }
    }
    Ok(values)
}

/// Puts the pixels of a parcel into the table where they are missing, but for excluded scene classes.
fn fill(
    place: &Place,
    windows: &[Option<BandWindow>],
    has_scl: bool,
    bands: &[Band],
    mask: MaskSet,
    rows: usize,
    values: &mut [f32],
) {
    let excluded: Option<Vec<bool>> = if has_scl {
        let Some(Some(scl)) = windows.last() else { return };
        let classes = classes_on(&place.grid, scl);
        Some(place.inside.iter().map(|&at| mask.excludes(classes[at as usize])).collect())
    } else {
        None
    };
    for window in windows.iter().flatten() {
        let Some(band) = bands.iter().position(|band| *band == window.band) else { continue };
        let here = on_grid(window, &place.grid);
        let table = &mut values[band * rows..][place.rows()];
        for (position, (value, &at)) in table.iter_mut().zip(&place.inside).enumerate() {
            if value.is_nan() && excluded.as_ref().is_none_or(|excluded| !excluded[position]) {
                *value = here[at as usize];
            }
        }
    }
}

/// S2 on regular steps, with NDVI.
fn optical(images: &[Image], places: Vec<Place>, rows: usize, periods: &[Period], params: &ClusterParams) -> StreamPixels {
    let targets: Vec<Vec<f64>> = periods.iter().map(|period| stack::steps_of(period, params.s2_step_days).centres).collect();
    let steps = usize::from(params.period_days / params.s2_step_days.max(1)).max(1);
    let variables: Vec<String> = std::iter::once("NDVI").chain(S2_BANDS).map(str::to_owned).collect();
    let days: Vec<f64> = images.iter().map(|image| image.day).collect();
    let all: Vec<f64> = targets.iter().flatten().copied().collect();
    let fields: Vec<Vec<f32>> = places
        .par_iter()
        .map(|place| {
            let n = place.inside.len();
            let band = |image: &Image, band: usize| image.values[band * rows..][place.rows()].to_vec();
            let mut field = vec![f32::NAN; all.len() * variables.len() * n];
            for (variable, _) in variables.iter().enumerate() {
                let observed: Vec<f32> = images
                    .iter()
                    .flat_map(
                        |image| if variable == NDVI { ndvi(&band(image, 2), &band(image, 3)) } else { band(image, variable - 1) },
                    )
                    .collect();
                let regular = stack::regular_steps(&days, &observed, n, &all, Reach::default());
                for step in 0..all.len() {
                    field[(step * variables.len() + variable) * n..][..n].copy_from_slice(&regular[step * n..][..n]);
                }
            }
            field
        })
        .collect();
    let counts: Vec<usize> = targets.iter().map(Vec::len).collect();
    let tables = tables(&fields, &places, &counts, steps, variables.len(), rows);
    let spreads = places.par_iter().map(|place| images.iter().map(|image| spread(image, place, rows)).collect()).collect();
    StreamPixels { places, rows, variables, steps, periods: tables, days: Vec::new(), has_ndvi: true, spreads }
}

/// Spread of B08 over a parcel in one image; `NaN` when too few of its pixels are usable.
fn spread(image: &Image, place: &Place, rows: usize) -> f64 {
    let band = &image.values[3 * rows..][place.rows()];
    let mut known: Vec<f64> = band.iter().filter(|value| !value.is_nan()).map(|value| f64::from(*value)).collect();
    if known.is_empty() || (known.len() as f64) < SpreadParams::default().min_usable_share * band.len() as f64 {
        return f64::NAN;
    }
    known.sort_unstable_by(f64::total_cmp);
    let [p25, p50, p75] = [0.25, 0.5, 0.75].map(|share| percentile(&known, share));
    relative_iqr(p25, p50, p75)
}

fn ndvi(red: &[f32], nir: &[f32]) -> Vec<f32> {
    red.iter().zip(nir).map(|(red, nir)| if red + nir > 0.0 { (nir - red) / (nir + red) } else { f32::NAN }).collect()
}

/// S1 by weeks: every band of every pass of backscatter and coherence on its own.
fn radar(
    images: &[Image],
    bands: &[Band],
    places: Vec<Place>,
    rows: usize,
    periods: &[Period],
    params: &ClusterParams,
) -> StreamPixels {
    let mut kinds: Vec<(Sensor, Option<Pass>, usize)> = images
        .iter()
        .flat_map(|image| (0..bands.len()).map(move |band| (image, band)))
        .filter(|(image, band)| image.values[band * rows..][..rows].iter().any(|value| !value.is_nan()))
        .map(|(image, band)| (image.sensor, image.pass, band))
        .collect();
    kinds.sort_unstable();
    kinds.dedup();
    let steps = usize::from(params.period_days / params.s1_step_days.max(1)).max(1);
    let width = f64::from(params.s1_step_days);
    let weeks: Vec<Vec<f64>> = periods.iter().map(|period| stack::steps_of(period, params.s1_step_days).starts).collect();
    let starts: Vec<f64> = weeks.iter().flatten().copied().collect();
    let fields: Vec<Vec<f32>> = places
        .par_iter()
        .map(|place| {
            let n = place.inside.len();
            let mut field = vec![f32::NAN; starts.len() * kinds.len() * n];
            for (variable, &(sensor, pass, band)) in kinds.iter().enumerate() {
                let own: Vec<&Image> = images.iter().filter(|image| (image.sensor, image.pass) == (sensor, pass)).collect();
                let kind = if sensor == Sensor::S1Backscatter { Radar::Backscatter } else { Radar::Coherence };
                let days: Vec<f64> = own.iter().map(|image| image.day).collect();
                let observed: Vec<f32> =
                    own.iter().flat_map(|image| image.values[band * rows..][place.rows()].iter().copied()).collect();
                let weekly = stack::step_means(&days, &observed, n, &starts, width, kind);
                for step in 0..starts.len() {
                    field[(step * kinds.len() + variable) * n..][..n].copy_from_slice(&weekly[step * n..][..n]);
                }
            }
            field
        })
        .collect();
    let name = |&(sensor, pass, band): &(Sensor, Option<Pass>, usize)| {
        let kind = if sensor == Sensor::S1Coherence { "COH_" } else { "" };
        format!("{kind}{}{}", bands[band], pass.map_or("", |pass| if pass == Pass::Ascending { " asc" } else { " desc" }))
    };
    let variables: Vec<String> = kinds.iter().map(name).collect();
    let counts: Vec<usize> = weeks.iter().map(Vec::len).collect();
    let tables = tables(&fields, &places, &counts, steps, variables.len(), rows);
    StreamPixels { places, rows, variables, steps, periods: tables, days: Vec::new(), has_ndvi: false, spreads: Vec::new() }
}

/// From `steps of all periods x variables x pixels` of each parcel to one table a period.
fn tables(fields: &[Vec<f32>], places: &[Place], counts: &[usize], steps: usize, variables: usize, rows: usize) -> Vec<Vec<f32>> {
    let features = steps * variables;
    let mut begin = 0;
    counts
        .iter()
        .map(|&count| {
            // A short last period has fewer steps; what it lacks is missing in every row, and clusters do not see it.
            let mut table = vec![f32::NAN; rows * features];
            for (field, place) in fields.iter().zip(places) {
                let n = place.inside.len();
                for step in 0..count.min(steps) {
                    for variable in 0..variables {
                        let line = &field[((begin + step) * variables + variable) * n..][..n];
                        for (pixel, &value) in line.iter().enumerate() {
                            table[(place.first + pixel) * features + step * variables + variable] = value;
                        }
                    }
                }
            }
            begin += count;
            table
        })
        .collect()
}
