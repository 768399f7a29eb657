//! What the calendar shows, as plain data: which chips, in which cells, how clear. The views only paint it.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::engine::calendar::{Entry, Layout, layout};
use crate::model::project_file::Binning;
use crate::model::units::utc_day;
use crate::model::view::Polarisation;
use crate::model::{AcquisitionIx, Band, Catalog, MaskSet, Pass, Sensor, View};
use crate::project::Project;
use crate::project::queries::coverage::{AcquisitionCoverage, ParcelCoverage};
use crate::project::tables::is_values_only;

/// One acquisition as a chip.
#[derive(Debug, Clone, PartialEq)]
pub struct ChipInfo {
    /// Which.
    pub acquisition: AcquisitionIx,
    /// What was measured.
    pub sensor: Sensor,
    /// When.
    pub acquired: Timestamp,
    /// UTC day.
    pub day: Date,
    /// `S2A`, `S1B`, ….
    pub platform: String,
    /// Relative orbit.
    pub orbit: Option<u16>,
    /// Orbit direction.
    pub pass: Option<Pass>,
    /// Usable share of the parcel; `None` until it is known.
    pub clear_share: Option<f64>,
    /// Parcel pixels on the mask's grid; 0 until it is known.
    pub pixels: u32,
    /// Clear enough to be used.
    pub usable: bool,
    /// Made, not observed.
    pub synthetic: bool,
    /// Known from tables: there are values and no image.
    pub values_only: bool,
    /// Products that see the parcel, best first.
    pub granules: Vec<u8>,
    /// The product shown.
    pub granule: u8,
}

/// The calendar of one parcel.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CalendarModel {
    /// Cells.
    pub layout: Layout,
    /// Every acquisition once, by time.
    pub chips: Vec<ChipInfo>,
    /// How many of them are usable.
    pub usable: usize,
    position: HashMap<AcquisitionIx, usize>,
}

/// All that decides a [`CalendarModel`].
pub struct ModelInput<'a> {
    /// Images of the project.
    pub catalog: &'a Catalog,
    /// How they see the parcel; `None` while that is being read.
    pub coverage: Option<&'a ParcelCoverage>,
    /// Acquisitions of the view, by time.
    pub shown: &'a [AcquisitionIx],
    /// Product shown of an acquisition.
    pub granule: &'a dyn Fn(AcquisitionIx) -> u8,
    /// Excluded classes.
    pub mask: MaskSet,
    /// A smaller usable share counts as masked.
    pub min_usable_share: f64,
    /// Rows and columns.
    pub bins: Binning,
    /// First day shown.
    pub from: Option<Date>,
    /// Last day shown.
    pub to: Option<Date>,
}

/// Puts every acquisition into its cell.
pub fn calendar_model(input: &ModelInput<'_>) -> CalendarModel {
    let coverage: HashMap<AcquisitionIx, &AcquisitionCoverage> = input
        .coverage
        .iter()
        .flat_map(|coverage| &coverage.acquisitions)
        .filter_map(|seen| Some((seen.granules.first()?.acquisition, seen)))
        .collect();
    let chips: Vec<ChipInfo> = input.shown.iter().map(|&ix| chip_info(input, ix, coverage.get(&ix).copied())).collect();
    let entries: Vec<Entry> = chips
        .iter()
        .map(|chip| Entry { acquisition: chip.acquisition, day: chip.day, clear_share: chip.clear_share.unwrap_or(0.0) })
        .collect();
    CalendarModel {
        layout: layout(&entries, input.bins, input.from, input.to),
        usable: chips.iter().filter(|chip| chip.usable).count(),
        position: chips.iter().enumerate().map(|(at, chip)| (chip.acquisition, at)).collect(),
        chips,
    }
}

fn chip_info(input: &ModelInput<'_>, acquisition: AcquisitionIx, seen: Option<&AcquisitionCoverage>) -> ChipInfo {
    let source = input.catalog.get(acquisition);
    let granule = (input.granule)(acquisition);
    let own = seen.and_then(|seen| seen.granules.iter().find(|own| own.granule == granule).or_else(|| seen.granules.first()));
    let clear_share = own.map(|own| own.clear(input.mask));
    ChipInfo {
        acquisition,
        sensor: source.sensor,
        acquired: source.acquired,
        day: utc_day(source.acquired),
        platform: source.platform.clone(),
        orbit: source.relative_orbit,
        pass: source.pass,
        clear_share,
        pixels: own.map_or(0, |own| own.pixels),
        usable: clear_share.is_some_and(|share| share > 0.0 && share >= input.min_usable_share),
        synthetic: source.granules.get(usize::from(granule)).map_or_else(|| source.synthetic(), |granule| granule.synthetic),
        values_only: is_values_only(source),
        granules: seen.map(|seen| seen.granules.iter().map(|own| own.granule).collect()).unwrap_or_default(),
        granule,
    }
}

impl CalendarModel {
    /// The chip of an acquisition.
    pub fn get(&self, acquisition: AcquisitionIx) -> Option<&ChipInfo> {
        self.chips.get(*self.position.get(&acquisition)?)
    }

    /// Place of an acquisition in `chips`.
    pub fn position(&self, acquisition: AcquisitionIx) -> Option<usize> {
        self.position.get(&acquisition).copied()
    }

    /// All acquisitions from one to another, whichever comes first.
    pub fn range(&self, from: AcquisitionIx, to: AcquisitionIx) -> Vec<AcquisitionIx> {
        let (Some(&a), Some(&b)) = (self.position.get(&from), self.position.get(&to)) else { return vec![to] };
        self.chips[a.min(b)..=a.max(b)].iter().map(|chip| chip.acquisition).collect()
    }

    /// The next acquisition in a direction (`1` or `-1`), only usable ones if asked; from nothing the first or last.
    pub fn step(&self, from: Option<AcquisitionIx>, direction: i32, usable_only: bool) -> Option<AcquisitionIx> {
        let start = from.and_then(|from| self.position.get(&from)).copied();
        let fits = |chip: &&ChipInfo| !usable_only || chip.usable;
        let found = if direction >= 0 {
            self.chips.iter().skip(start.map_or(0, |at| at + 1)).find(fits)
        } else {
            self.chips[..start.unwrap_or(self.chips.len())].iter().rev().find(fits)
        };
        found.map(|chip| chip.acquisition)
    }

    /// Number of dates of which there are only values.
    pub fn values_only(&self) -> usize {
        self.chips.iter().filter(|chip| chip.values_only).count()
    }

    /// Number of synthetic acquisitions.
    pub fn synthetic(&self) -> usize {
        self.chips.iter().filter(|chip| chip.synthetic).count()
    }
}

/// The sensor whose acquisitions a view shows.
pub fn sensor_of(view: &View) -> Sensor {
    match view {
        View::Backscatter(..) | View::BackscatterRatio(_) => Sensor::S1Backscatter,
        View::Coherence(..) => Sensor::S1Coherence,
        View::Composite(_) | View::Index(_) | View::SceneClass | View::NdviHistogram | View::RedNirScatter => Sensor::S2,
    }
}

/// True for the two views that show a distribution instead of a picture.
pub fn is_distribution(view: &View) -> bool {
    matches!(view, View::NdviHistogram | View::RedNirScatter)
}

/// All views a project offers, in the order in which the view key steps through them: composites, indices, scene classes,
/// distributions, then radar for the passes that exist.
pub fn views(project: &Project) -> Vec<View> {
    let mut views = composites();
    views.extend(project.indices().names().into_iter().map(View::Index));
    views.extend([View::SceneClass, View::NdviHistogram, View::RedNirScatter]);
    if let Some(dataset) = project.dataset().ready() {
        views.extend(radar_views(&dataset.catalog));
        let current = project.view();
        if !views.contains(current) {
            views.insert(3, current.clone());
        }
    }
    views
}

/// The shipped composites.
pub fn composites() -> Vec<View> {
    vec![View::composite("B08", "B11", "B04"), View::composite("B04", "B03", "B02"), View::composite("B11", "B08", "B04")]
}

/// Radar views for which there are acquisitions, per pass.
pub fn radar_views(catalog: &Catalog) -> Vec<View> {
    use Polarisation::{Vh, Vv};
    let mut views = Vec::new();
    for (sensor, make) in [
        (
            Sensor::S1Backscatter,
            (|pass| vec![View::Backscatter(Vv, pass), View::Backscatter(Vh, pass), View::BackscatterRatio(pass)])
                as fn(Option<Pass>) -> Vec<View>,
        ),
        (Sensor::S1Coherence, |pass| vec![View::Coherence(Vv, pass), View::Coherence(Vh, pass)]),
    ] {
        let passes: Vec<Option<Pass>> = [Some(Pass::Ascending), Some(Pass::Descending)]
            .into_iter()
            .filter(|pass| catalog.acquisitions.iter().any(|own| own.sensor == sensor && own.pass == *pass))
            .collect();
        match passes.as_slice() {
            [] if catalog.count(sensor) == 0 => {}
            [] => views.extend(make(None)),
            [one] => views.extend(make(*one)),
            several => {
                views.extend(several.iter().flat_map(|&pass| make(pass)));
                views.extend(make(None));
            }
        }
    }
    views
}

/// Optical bands of the catalogue, sorted.
pub fn optical_bands(catalog: &Catalog) -> Vec<Band> {
    let mut bands: Vec<Band> = catalog
        .acquisitions
        .iter()
        .filter(|own| own.sensor == Sensor::S2)
        .flat_map(crate::model::Acquisition::band_names)
        .collect();
    bands.sort();
    bands.dedup();
    bands
}

#[cfg(test)]
mod tests;
