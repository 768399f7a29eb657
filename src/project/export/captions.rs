//! What is written into the figures.

use super::{CalendarOptions, GraphFigureOptions, Shown, source_of};
use crate::engine::histogram::{NDVI_BINS, NDVI_LIMITS, SCATTER_MAX};
use crate::engine::indices::IndexSet;
use crate::engine::ramp;
use crate::engine::stretch::{self, view_limits};
use crate::model::catalog::Calibration;
use crate::model::units::linear_from_db;
use crate::model::view::Polarisation;
use crate::model::{Acquisition, Band, Chip, Crs, Grid, MaskSet, ParcelIx, Sensor, Signal, Stretch, View};
use crate::project::{Dataset, Project};
use crate::report::Caption;
use crate::report::calendar::ColourBar;
use crate::report::graph::Panel;
use crate::report::sheet::ruleset_name;

/// Steps of a colour ramp.
const RAMP_STEPS: usize = 64;

/// `S2A R051`, `S1A A161`, `S1A A161 6 d` for a coherence pair, with `synthetic` where it applies.
pub fn detail(acquisition: &Acquisition) -> String {
    let mut words = vec![acquisition.platform.clone()];
    let direction = acquisition.pass.filter(|_| acquisition.sensor != Sensor::S2).map(crate::model::Pass::code);
    match (direction, acquisition.relative_orbit) {
        (direction, Some(orbit)) => words.push(format!("{}{orbit:03}", direction.unwrap_or("R"))),
        (Some(direction), None) => words.push(direction.to_owned()),
        (None, None) => {}
    }
    if let Some(days) = acquisition.pair_days() {
        words.push(format!("{days} d"));
    }
    if acquisition.synthetic() {
        words.push("synthetic".to_owned());
    }
    words.join(" ")
}

/// `fixed`, `dynamic` or `range`, as in files.
pub fn stretch_name(stretch: &Stretch) -> &'static str {
    match stretch {
        Stretch::Fixed => "fixed",
        Stretch::Dynamic { .. } => "dynamic",
        Stretch::Range(_) => "range",
    }
}

/// `FLAPAJ013 · Maize · 1.29 ha`.
pub fn title(dataset: &Dataset, parcel: ParcelIx) -> String {
    let mut parts = vec![dataset.parcels.id(parcel).to_owned()];
    parts.extend(dataset.parcels.crop(parcel).map(str::to_owned));
    parts.push(format!("{:.2} ha", dataset.parcels.area_ha(parcel)));
    parts.join(" · ")
}

/// Name and first digits of the hash of the ruleset in force; empty without one.
pub fn ruleset(project: &Project) -> String {
    project.tuning().detection().map(|own| ruleset_name(&own.rules.name, own.hash())).unwrap_or_default()
}

/// Caption of a calendar.
pub fn calendar(
    project: &Project,
    dataset: &Dataset,
    parcel: ParcelIx,
    options: &CalendarOptions,
    shown: &[Shown],
    metres: f64,
) -> Caption {
    let days = shown.iter().map(|one| one.entry.day);
    let range = days.clone().min().zip(days.max()).map(|(first, last)| format!(", {first} to {last}")).unwrap_or_default();
    let crs = shown.iter().find_map(|one| one.picture.chip.chip.as_ref()).map(|chip| chip.grid.crs.label());
    let across = if metres.is_finite() { format!(", {metres:.0} m across") } else { String::new() };
    let synthetic = shown.iter().filter(|one| dataset.catalog.get(one.entry.acquisition).synthetic()).count();
    Caption {
        title: title(dataset, parcel),
        lines: vec![
            format!("{}. {}", view_text(&options.view), scale_text(options, shown)),
            format!(
                "{} {} acquisitions{range}. Clear share and hatch: {}.",
                shown.len(),
                source_of(&options.view).0.code(),
                mask_text(options.mask)
            ),
            match options.view {
                View::NdviHistogram | View::RedNirScatter => "Usable pixels inside the parcel. Times are UTC.".to_owned(),
                _ => format!(
                    "Chips with {} m around the parcel{across}; grid {}, north up. Times are UTC.",
                    options.margin_m,
                    crs.unwrap_or_else(|| dataset.parcels.crs().label())
                ),
            },
        ],
        ruleset: ruleset(project),
        attribution: project.file().attribution.clone(),
        synthetic: match synthetic {
            0 => String::new(),
            n if n == shown.len() => "Synthetic data: all acquisitions shown are made, not observed.".to_owned(),
            n => format!("Synthetic data: {n} of {} acquisitions, marked “synthetic”, are made, not observed.", shown.len()),
        },
    }
}

/// What a view shows.
pub fn view_text(view: &View) -> String {
    match view {
        View::Composite([r, g, b]) => format!("Composite {} (red {r}, green {g}, blue {b})", view.label()),
        View::Index(name) => format!("Index {name}"),
        View::SceneClass => "Scene classes (SCL)".to_owned(),
        View::NdviHistogram => "Histogram of NDVI".to_owned(),
        View::RedNirScatter => "Red (B04) against near infrared (B08)".to_owned(),
        other => other.label(),
    }
}

/// Which classes a mask excludes.
pub fn mask_text(mask: MaskSet) -> String {
    if mask == MaskSet::NONE {
        return "no scene class excluded".to_owned();
    }
    let classes: Vec<String> = mask.classes().iter().map(u8::to_string).collect();
    format!("scene classes {} excluded", classes.join(", "))
}

/// `Stretch fixed: B08 0.2..0.55, …`, with limits as the command line takes them; of distributions what their axes are.
fn scale_text(options: &CalendarOptions, shown: &[Shown]) -> String {
    match options.view {
        View::SceneClass => return "Colours by class.".to_owned(),
        View::NdviHistogram => {
            let (low, high) = NDVI_LIMITS;
            return format!(
                "To the right NDVI {low}..{high} in {NDVI_BINS} bins; upwards pixels, each date to its own largest bin."
            );
        }
        View::RedNirScatter => {
            return format!(
                "To the right B04, upwards B08, reflectance 0..{SCATTER_MAX}; red: the date, blue: all earlier dates shown."
            );
        }
        _ => {}
    }
    if let Stretch::Dynamic { low_percent, high_percent } = &options.stretch {
        return format!("Stretch dynamic: {low_percent} % and {high_percent} % of each chip cut, its limits below it.");
    }
    let limits = shown.iter().find_map(|one| one.picture.picture.as_ref()).map(|picture| picture.limits.clone());
    limits_text(&options.view, &options.stretch, &limits.unwrap_or_default())
}

/// `Stretch fixed: B08 0.2..0.55, …` with the limits of each channel.
pub fn limits_text(view: &View, stretch: &Stretch, limits: &[(f64, f64)]) -> String {
    if *view == View::SceneClass {
        return "Colours by class.".to_owned();
    }
    let names: Vec<String> = match view {
        View::Composite(bands) => bands.iter().map(Band::to_string).collect(),
        other => vec![other.label()],
    };
    let pair = |((low, high), name): (&(f64, f64), String)| format!("{name} {}..{}", rounded(*low), rounded(*high));
    let pairs: Vec<String> = limits.iter().zip(names).map(pair).collect();
    format!("Stretch {}: {}{}.", stretch_name(stretch), pairs.join(", "), unit_text(view))
}

/// At most four decimals.
fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

fn unit_text(view: &View) -> &'static str {
    match view {
        View::Composite(_) if source_of(view).0 == Sensor::S2 => " (reflectance)",
        View::Backscatter(..) | View::BackscatterRatio(_) => " (dB)",
        _ => "",
    }
}

/// Colour bar of a view with one channel; `None` for composites.
pub fn colour_bar(indices: &IndexSet, options: &CalendarOptions) -> Option<ColourBar> {
    bar_of(indices, &options.view, &options.stretch)
}

/// The same of a view under a stretch.
pub fn bar_of(indices: &IndexSet, view: &View, stretch: &Stretch) -> Option<ColourBar> {
    if *view == View::SceneClass {
        let colours = (0..12).map(ramp::scene_class).collect();
        return Some(ColourBar { label: "scene class".to_owned(), low: 0.0, high: 11.0, colours });
    }
    if *view == View::NdviHistogram {
        let (low, high) = (f64::from(NDVI_LIMITS.0), f64::from(NDVI_LIMITS.1));
        let colours = (0..RAMP_STEPS).map(|i| ramp::index(i as f32 / (RAMP_STEPS - 1) as f32)).collect();
        return Some(ColourBar { label: "NDVI".to_owned(), low: rounded(low), high: rounded(high), colours });
    }
    if matches!(view, View::Composite(_) | View::RedNirScatter) {
        return None;
    }
    let (low, high) = match stretch {
        Stretch::Dynamic { .. } => (f64::NAN, f64::NAN),
        Stretch::Range(pairs) => *pairs.first()?,
        Stretch::Fixed => *view_limits(view, indices).first()?,
    };
    let label = format!("{}{}", view.label(), unit_text(view));
    Some(ColourBar { label, low: rounded(low), high: rounded(high), colours: ramp_of(view, indices) })
}

/// Colours of a view from its low to its high limit. Radar and coherence are asked of the renderer itself, so that bar and chips
/// cannot differ; an index cannot be inverted and has its ramp.
fn ramp_of(view: &View, indices: &IndexSet) -> Vec<[u8; 4]> {
    let step = |i: usize| i as f32 / (RAMP_STEPS - 1) as f32;
    if let View::Index(name) = view {
        return (0..RAMP_STEPS).map(|i| ramp::of_index(name, step(i))).collect();
    }
    let (low, high) = (0.01, 0.99);
    let bands = stretch::bands_of(view, indices);
    let value = |band: &Band, i: usize| {
        let at = low + f64::from(step(i)) * (high - low);
        match view {
            View::Coherence(..) => at,
            View::BackscatterRatio(_) if *band == Polarisation::Vv.band() => 1.0,
            _ => linear_from_db(at),
        }
    };
    let grid = Grid { crs: Crs::Epsg(0), left: 0.0, top: 0.0, pixel_x: 1.0, pixel_y: 1.0, width: RAMP_STEPS, height: 1 };
    let values = bands.iter().flat_map(|band| (0..RAMP_STEPS).map(move |i| value(band, i) as f32)).collect();
    let chip = Chip { grid, bands: bands.clone(), values, classes: None, inside: vec![false; RAMP_STEPS] };
    let picture = stretch::render(&chip, view, &Stretch::Range(vec![(low, high)]), indices);
    picture.rgba.chunks_exact(4).map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect()
}

/// Names of a panel's signals with their common unit: `NDVI`, `σ0 VV, VH (dB)`, `Coherence VV, VH`.
pub fn panel_title(signals: &[Signal], calibration: Option<Calibration>) -> String {
    let pol = |polarisation: &Polarisation| polarisation.band().to_string();
    let all = |pick: fn(&Signal) -> Option<&Polarisation>| {
        signals.iter().map(pick).collect::<Option<Vec<_>>>().map(|all| all.into_iter().map(pol).collect::<Vec<_>>().join(", "))
    };
    if signals.is_empty() {
        return String::new();
    }
    if let Some(names) = all(|signal| if let Signal::Coherence(polarisation) = signal { Some(polarisation) } else { None }) {
        return format!("Coherence {names}");
    }
    if let Some(names) = all(|signal| if let Signal::BackscatterDb(polarisation) = signal { Some(polarisation) } else { None }) {
        return format!("{} {names} (dB)", calibration.map_or("Backscatter", Calibration::symbol));
    }
    let named = |signal: &Signal| match signal {
        Signal::Band(band) => format!("{band} (reflectance)"),
        Signal::BackscatterRatioDb => "VH/VV (dB)".to_owned(),
        other => other.name(),
    };
    signals.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// Caption of a pane that is cut out of the window: `what` it is, the parcel, and the date and view in force.
pub fn pane(project: &Project, what: &str) -> Caption {
    let data = project.data();
    let selection = project.selection();
    let parcel = data.zip(selection.parcel).map(|(data, parcel)| title(data, parcel));
    let mut line = what.to_owned();
    if let Some((data, acquisition)) = data.zip(selection.acquisition) {
        let row = data.catalog.get(acquisition);
        let stretch = stretch_name(&project.file().display.stretch);
        line = format!(
            "{line}. Current date {} {}; {}, stretch {stretch}.",
            crate::model::units::iso_utc(row.acquired),
            detail(row),
            view_text(project.view())
        );
    }
    let synthetic = data.is_some_and(|data| data.catalog.acquisitions.iter().any(Acquisition::synthetic));
    Caption {
        title: parcel.unwrap_or_else(|| project.file().name.clone()),
        lines: vec![line],
        ruleset: ruleset(project),
        attribution: project.file().attribution.clone(),
        synthetic: if synthetic {
            "The project holds synthetic data, which are made, not observed.".to_owned()
        } else {
            String::new()
        },
    }
}

/// Caption of graphs.
pub fn graph(project: &Project, dataset: &Dataset, parcel: ParcelIx, options: &GraphFigureOptions, panels: &[Panel]) -> Caption {
    let settings = &project.file().observations;
    let lines = || panels.iter().flat_map(|panel| &panel.lines);
    let days = lines().flat_map(|line| line.runs.iter().flatten().chain(&line.masked)).map(|point| {
        let acquired = dataset.catalog.get(point.acquisition).acquired;
        crate::model::units::utc_day(acquired)
    });
    let range = days.clone().min().zip(days.max()).map_or_else(
        || "No observation in the chosen dates".to_owned(),
        |(first, last)| format!("Observations from {first} to {last}"),
    );
    let buffer = if settings.buffer_m == 0.0 { String::new() } else { format!(", outline moved by {} m", settings.buffer_m) };
    let rule = match settings.pixels {
        crate::model::PixelRule::Centre => "pixels with their centre inside",
        crate::model::PixelRule::Coverage => "pixels weighted by covered area",
    };
    let synthetic = lines().filter(|line| line.synthetic).count();
    let overlay = if options.overlay_years { " Years laid over each other by day of year." } else { "" };
    Caption {
        title: title(dataset, parcel),
        lines: vec![
            format!("{range}, times in UTC. Mean of the parcel's {rule}{buffer}.{overlay}"),
            format!(
                "Optical mask: {}; below {:.0} % usable pixels an observation counts as masked. Lines end at gaps over {} days; \
                 orbit directions are never joined.",
                mask_text(settings.mask),
                settings.min_usable_share * 100.0,
                project.file().display.max_gap_days
            ),
        ],
        ruleset: ruleset(project),
        attribution: project.file().attribution.clone(),
        synthetic: if synthetic == 0 {
            String::new()
        } else {
            "Synthetic data: lines named “(synthetic)” are made, not observed.".to_owned()
        },
    }
}
