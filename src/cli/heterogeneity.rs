//! `parcelight heterogeneity`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use crate::engine::heterogeneity::{check, suggested_threshold};
use crate::io::tables::{Kind, Table, Value};
use crate::model::heterogeneity::{Because, CIndex, Context, DecisionRule, HeterogeneityParams, Mark, Marks, Period, Stream};
use crate::model::{ParcelIx, Watch};
use crate::project::heterogeneity::files::Gathered;
use crate::project::heterogeneity::maps::{self, RegionMaps};
use crate::project::heterogeneity::pixels::{self, Absence};
use crate::project::heterogeneity::population::Row;
use crate::project::heterogeneity::regions::Regions;
use crate::project::heterogeneity::{date_of, day_number, zone_records};
use crate::project::queries::heterogeneity::{Judged, MapsQuery, PixelsQuery, judge};
use crate::project::queries::zones::ZonesQuery;

use super::args::{Choice, Dates, Inputs};
use super::input::Opened;
use super::output::{Run, write_file};
use super::{input, progress, usage};

/// Calibrated pairs of radius and compactness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Preset {
    /// Radius 3, compactness 3.0
    Saxony,
    /// Radius 2, compactness 1.7
    Greece,
}

/// How twelve markers become an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Rule {
    /// By the total of a window of three periods: 12 STRONG, 10 MODERATE, 8 WEAK, 6 POOR
    Sum,
    /// By the wording of the published slides
    Literal,
}

/// Clusters, connectivity, markers M1 to M7 and C_INDEX of all or chosen parcels
///
/// The dates are cut into periods of 30 days from the first of the month on. In each period the pixels of a region of neighbouring
/// parcels are clustered together (S2 on 10-day steps, S1 on weeks), lone pixels are removed, and every parcel gets its markers: M1 no
/// cluster covers 90 % of it, M2 two clusters are large enough, M3 their NDVI differs, M4 they are compact; M5 to M7 are M1, M2, M4 of
/// S1. Three periods together decide.
///
/// Writes to the folder: `heterogeneity.csv`, one row a parcel and period (markers 1, 0 or empty for not available; `s2_why` and `s1_why`
/// say why a marker is 0 or empty); `decisions.csv`, one row a parcel (m1 to m4 are sums over the window that decided, `full_periods` the
/// periods with all four markers, `iqr_median` and `iqr_max` the quartile distance of B08 over its median); with --zones `zones.gpkg`,
/// proposed parts of parcels with a detection; `clusters_s2_PERIOD.tif` and `connectivity_s2_PERIOD.tif`, the
/// same for s1; `run.json`. The same seed gives the same bytes on any number of threads.
///
/// Defaults are those of the project, else radius 2, compactness 1.7, NDVI distance 0.15, share 0.9, 20 pixels, 4 clusters.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight heterogeneity --project season.parcelight.toml --preset saxony --from 2019-03-01 --to 2019-10-31 -o hetero"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    dates: Dates,
    /// Radius and compactness that were calibrated together
    #[arg(long, value_enum, help_heading = "Clusters")]
    preset: Option<Preset>,
    /// Number of clusters, 2 to 8 [default: 4]
    #[arg(long, value_name = "K", help_heading = "Clusters")]
    clusters: Option<u8>,
    /// Radius of the connectivity window, pixels, 1 to 5 [default: 2]; the compactness follows where it is not given
    #[arg(long, value_name = "PIXELS", help_heading = "Clusters")]
    radius: Option<u8>,
    /// Pixels of a class that must be in a window of 3 x 3 for a pixel of it to stay: more than this [default: 2]
    #[arg(long, value_name = "PIXELS", help_heading = "Clusters")]
    isolated: Option<u8>,
    /// Seed of the clustering [default: 20190701]
    #[arg(long, value_name = "N", help_heading = "Clusters")]
    seed: Option<u64>,
    /// Do not standardise the features, as the first system did
    #[arg(long, help_heading = "Clusters")]
    unscaled: bool,
    /// Cluster every parcel alone: its clusters always exist, so look at M3 and M4 only
    #[arg(long, help_heading = "Clusters")]
    alone: bool,
    /// Parcels of a region of neighbours, at least [default: 300]
    #[arg(long, value_name = "N", help_heading = "Clusters")]
    region_parcels: Option<u32>,
    /// M1 and M5: share that no cluster may reach, 0 to 1 [default: 0.9]
    #[arg(long, value_name = "SHARE", help_heading = "Markers")]
    share: Option<f64>,
    /// M2 and M6: pixels that two clusters have to exceed [default: 20]
    #[arg(long, value_name = "PIXELS", help_heading = "Markers")]
    pixels: Option<u32>,
    /// M3: distance of mean NDVI, 0 to 1 [default: 0.15]
    #[arg(long, value_name = "NDVI", help_heading = "Markers")]
    ndvi_distance: Option<f64>,
    /// M4 and M7: mean connectivity over the natural logarithm of the area in m² [default: 1.7]
    #[arg(long, value_name = "C", help_heading = "Markers")]
    compactness: Option<f64>,
    /// Rule of the decision [default: sum]
    #[arg(long, value_enum, help_heading = "Markers")]
    rule: Option<Rule>,
    /// Write proposed zones of parcels with a detection as zones.gpkg
    #[arg(long, help_heading = "Output")]
    zones: bool,
    /// Write no images
    #[arg(long, help_heading = "Output")]
    no_rasters: bool,
    /// Folder for the results
    #[arg(short, long, value_name = "DIR", help_heading = "Output")]
    output: PathBuf,
}

impl Args {
    /// The project's parameters with what was said.
    fn params(&self, mut own: HeterogeneityParams) -> anyhow::Result<HeterogeneityParams> {
        match self.preset {
            Some(Preset::Saxony) => own = calibrated(own, HeterogeneityParams::saxony()),
            Some(Preset::Greece) => own = calibrated(own, HeterogeneityParams::greece()),
            None => {}
        }
        let HeterogeneityParams { clusters, markers, .. } = &mut own;
        if let Some(radius) = self.radius {
            clusters.radius = radius;
            (markers.compact_s2, markers.compact_s1) = (suggested_threshold(radius), suggested_threshold(radius));
        }
        clusters.clusters = self.clusters.unwrap_or(clusters.clusters);
        clusters.isolated_threshold = self.isolated.unwrap_or(clusters.isolated_threshold);
        clusters.seed = self.seed.unwrap_or(clusters.seed);
        clusters.standardise &= !self.unscaled;
        clusters.region_parcels = self.region_parcels.unwrap_or(clusters.region_parcels);
        if self.alone {
            clusters.context = Context::Alone;
        }
        markers.per_hetero = self.share.unwrap_or(markers.per_hetero);
        markers.ndvi_distance = self.ndvi_distance.unwrap_or(markers.ndvi_distance);
        if let Some(pixels) = self.pixels {
            (markers.n_pix_s2, markers.n_pix_s1) = (pixels, pixels);
        }
        if let Some(compact) = self.compactness {
            (markers.compact_s2, markers.compact_s1) = (compact, compact);
        }
        match self.rule {
            Some(Rule::Sum) => markers.rule = DecisionRule::Sum,
            Some(Rule::Literal) => markers.rule = DecisionRule::Literal,
            None => {}
        }
        check(&own).map_err(usage)?;
        Ok(own)
    }
}

/// Radius and compactness of a preset, the rest as it is.
fn calibrated(mut own: HeterogeneityParams, preset: HeterogeneityParams) -> HeterogeneityParams {
    own.clusters.radius = preset.clusters.radius;
    (own.markers.compact_s2, own.markers.compact_s1) = (preset.markers.compact_s2, preset.markers.compact_s1);
    own
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    args.dates.check()?;
    let opened = input::open(&args.inputs, run)?;
    opened.need_images("heterogeneity")?;
    let params = args.params(opened.project.heterogeneity_params())?;
    let (first, last) = opened.project.heterogeneity_season().unwrap_or_default();
    let season = (args.dates.from.map_or(first, day_number), args.dates.to.map_or(last, day_number));
    let mut chosen: Vec<ParcelIx> = input::choose(&opened.data.parcels, &args.choice)?;
    chosen.sort_by_key(|&parcel| (opened.data.parcels.id(parcel), parcel));
    let Some(env) = opened.project.env() else { return Err(anyhow::anyhow!("the project is not loaded")) };
    let regions = Regions::new(&env.parcels, &params.clusters);
    let wanted: BTreeSet<u32> = chosen.iter().map(|&parcel| regions.of(parcel)).collect();
    let picked: BTreeSet<ParcelIx> = chosen.iter().copied().collect();
    let watch = Watch::default();
    watch.set_total(wanted.len() as u64);
    let mut gathered = Gathered::default();
    let mut found: Vec<(ParcelIx, Found)> = Vec::new();
    let mut problems: BTreeSet<String> = BTreeSet::new();
    let days = (date_of(season.0), date_of(season.1));
    let work = || -> anyhow::Result<()> {
        for &region in &wanted {
            let members = regions.members(region);
            let pixels = pixels::read(env, &members, &params.clusters, opened.project.mask(), days, &Watch::default())?;
            let maps = maps::maps(&pixels, &params.clusters);
            for &parcel in members.iter().filter(|parcel| picked.contains(parcel)) {
                let area_m2 = env.parcels.area_ha(parcel) * 1e4;
                found.push((parcel, Found::new(&maps, parcel, area_m2, &params)));
            }
            problems.extend(maps.problems.iter().cloned());
            if !args.no_rasters {
                gathered.add(&maps, |parcel| picked.contains(&parcel));
            }
            watch.advance(1);
        }
        Ok(())
    };
    progress::during(&run.general, "clustering", &watch, work)?;
    for problem in &problems {
        run.say(problem);
    }
    found.sort_by_key(|(parcel, _)| (opened.data.parcels.id(*parcel), *parcel));
    let id = |parcel: ParcelIx| opened.data.parcels.id(parcel);
    std::fs::create_dir_all(&args.output)?;
    let mut files = Vec::new();
    for (name, table) in [("heterogeneity.csv", by_period(&found, id)), ("decisions.csv", decisions(&found, id))] {
        let path = args.output.join(name);
        write_file(&path, &crate::io::tables::encode(&table, crate::io::tables::Format::Csv)?)?;
        files.push(path);
    }
    files.extend(gathered.write(&args.output)?);
    if args.zones {
        files.push(write_zones(args, &found, &opened, (params, season), run)?);
    }
    tell(&found, run);
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    run.write_folder_record(&args.output, &opened.inputs(), &files)?;
    Ok(if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(super::FAILED) })
}

/// What is written of a parcel.
struct Found {
    periods: Vec<Period>,
    row: Row,
    judged: Judged,
    absent: Vec<[Option<Absence>; 2]>,
}

impl Found {
    fn new(maps: &RegionMaps, parcel: ParcelIx, area_m2: f64, params: &HeterogeneityParams) -> Self {
        let row = Row::of(maps, parcel);
        let judged = judge(&row, area_m2, &params.markers);
        let absent = |stream: Stream, period: usize| {
            maps.stream(stream).of(parcel).and_then(|own| own.periods.get(period)).and_then(|own| own.absent)
        };
        Self {
            periods: maps.periods.clone(),
            absent: (0..maps.periods.len()).map(|at| [absent(Stream::S2, at), absent(Stream::S1, at)]).collect(),
            row,
            judged,
        }
    }
}

fn by_period<'a>(found: &[(ParcelIx, Found)], id: impl Fn(ParcelIx) -> &'a str) -> Table {
    let texts = ["parcel_id", "period", "start", "end"];
    let s2 = ["s2_pixels", "largest_share", "second_pixels", "ndvi_distance", "compactness"];
    let marks = ["m1", "m2", "m3", "m4", "m5", "m6", "m7"];
    let s1 = ["s1_pixels", "s1_largest_share", "s1_second_pixels", "s1_compactness"];
    let mut columns: Vec<(String, Kind)> = Vec::new();
    let mut add = |names: &[&str], kind: Kind| columns.extend(names.iter().map(|name| ((*name).to_owned(), kind)));
    add(&texts[..1], Kind::Text);
    add(&texts[1..2], Kind::Integer);
    add(&texts[2..], Kind::Text);
    for names in [&s2[..], &s1[..]] {
        if names.len() == s1.len() {
            add(&marks, Kind::Integer);
        }
        for name in names {
            add(&[name], if name.ends_with("pixels") { Kind::Integer } else { Kind::Number });
        }
    }
    add(&["hole_s2", "hole_s2_part"], Kind::Integer);
    add(&["s2_why", "s1_why"], Kind::Text);
    let mut rows = Vec::new();
    for (parcel, own) in found {
        for (at, &Period { number, from, to }) in own.periods.iter().enumerate() {
            let (s2, s1) = (own.judged.s2.get(at), own.judged.s1.get(at));
            let mut row = vec![
                Value::Text(id(*parcel).to_owned()),
                Value::Integer(i64::from(number)),
                Value::Text(from.to_string()),
                Value::Text(to.to_string()),
            ];
            let pixels = |row: &[crate::model::heterogeneity::Quantities]| row.get(at).map(|own| own.pixels);
            row.extend(measured(pixels(&own.row.s2), s2, true));
            row.extend(s2.map_or([None; 4], |own| own.values).map(mark));
            let radar = s1.map_or([None; 4], |own| own.values);
            row.extend([radar[0], radar[1], radar[3]].map(mark));
            row.extend(measured(pixels(&own.row.s1), s1, false));
            let holes = own.row.s2.get(at).map_or([0, 0], |own| [own.holes, own.partial_holes]);
            row.extend(holes.map(|count| Value::Integer(i64::from(count))));
            row.push(Value::Text(why(s2, own.absent[at][0], &["M1", "M2", "M3", "M4"])));
            row.push(Value::Text(why(s1, own.absent[at][1], &["M5", "M6", "", "M7"])));
            rows.push(row);
        }
    }
    Table { columns, rows }
}

fn measured(pixels: Option<u32>, marks: Option<&Marks>, ndvi: bool) -> Vec<Value> {
    let number = |value: f64| if value.is_nan() { Value::Empty } else { Value::Number(value) };
    let some = pixels.filter(|pixels| *pixels > 0).and(marks);
    let mut row = vec![
        pixels.map_or(Value::Empty, |pixels| Value::Integer(i64::from(pixels))),
        some.map_or(Value::Empty, |own| number(own.largest_share)),
        some.map_or(Value::Empty, |own| Value::Integer(i64::from(own.second_pixels))),
    ];
    if ndvi {
        row.push(some.map_or(Value::Empty, |own| number(own.ndvi_distance)));
    }
    row.push(some.map_or(Value::Empty, |own| number(own.compactness)));
    row
}

fn mark(mark: Mark) -> Value {
    mark.map_or(Value::Empty, |mark| Value::Integer(i64::from(mark)))
}

/// Why markers are 0 or not available, in words; empty when all hold.
fn why(marks: Option<&Marks>, absent: Option<Absence>, names: &[&str; 4]) -> String {
    if let Some(absent) = absent {
        return absence(absent).to_owned();
    }
    let Some(marks) = marks else { return "no image of the sensor".to_owned() };
    let told = names.iter().zip(&marks.because).filter(|(name, _)| !name.is_empty()).filter_map(|(name, because)| {
        let text = match because {
            Because::Holds | Because::FirstIsZero | Because::NotOfStream => return None,
            Because::NoArea => "the area of the parcel is not known".to_owned(),
            Because::NoPixels => "no pixel has a class".to_owned(),
            Because::OneCluster(share) => format!("one cluster covers {:.1} %", share * 100.0),
            Because::FewLargeClusters(count) => format!("{count} cluster is large enough"),
            Because::Below { value, threshold } if value.is_nan() => format!("nothing to compare with {threshold}"),
            Because::Below { value, threshold } => format!("{value:.3} is below {threshold}"),
        };
        Some(format!("{name}: {text}"))
    });
    told.collect::<Vec<_>>().join("; ")
}

fn absence(absent: Absence) -> &'static str {
    match absent {
        Absence::NoOutline => "the parcel has no outline",
        Absence::TooSmall => "shrunk by the margin the parcel holds no pixel centre",
        Absence::NoImages => "no image of the sensor shows the parcel",
        Absence::NoDates => "no image near the period",
        Absence::Masked => "all pixels of all images are masked or without value",
    }
}

fn decisions<'a>(found: &[(ParcelIx, Found)], id: impl Fn(ParcelIx) -> &'a str) -> Table {
    let integers = ["p_hete_l", "m1", "m2", "m3", "m4", "na_markers", "full_periods", "hole_s2", "hole_s2_part"];
    let texts = ["parcel_id", "c_index"].map(|name| (name.to_owned(), Kind::Text));
    let numbers = ["iqr_median", "iqr_max"].map(|name| (name.to_owned(), Kind::Number));
    let columns = texts.into_iter().chain(integers.map(|name| (name.to_owned(), Kind::Integer))).chain(numbers).collect();
    let rows = found.iter().map(|(parcel, own)| {
        let decision = &own.judged.decision;
        let seen = own.row.s2.iter().any(|own| own.pixels > 0);
        let index = if seen { decision.index.code() } else { "NA" };
        let mut row = vec![Value::Text(id(*parcel).to_owned()), Value::Text(index.to_owned())];
        row.push(decision.period.map_or(Value::Empty, |period| Value::Integer(i64::from(period))));
        row.extend(decision.sums.map(|sum| Value::Integer(i64::from(sum))));
        row.push(Value::Integer(i64::from(decision.missing)));
        let full = own.judged.s2.iter().filter(|marks| marks.values == [Some(true); 4]).count();
        row.push(Value::Integer(full as i64));
        let sum = |of: fn(&crate::model::heterogeneity::Quantities) -> u16| own.row.s2.iter().map(|own| i64::from(of(own))).sum();
        row.push(Value::Integer(sum(|own| own.holes)));
        row.push(Value::Integer(sum(|own| own.partial_holes)));
        let number = |value: f32| if value.is_nan() { Value::Empty } else { Value::Number(f64::from(value)) };
        row.extend(own.row.spread.map(number));
        row
    });
    Table { columns, rows: rows.collect() }
}

/// Zones of all parcels with a detection, of the window that decided.
fn write_zones(
    args: &Args,
    found: &[(ParcelIx, Found)],
    opened: &Opened,
    (params, season): (HeterogeneityParams, (i32, i32)),
    run: &Run,
) -> anyhow::Result<PathBuf> {
    let Some(env) = opened.project.env() else { return Err(anyhow::anyhow!("the project is not loaded")) };
    let regions = Regions::new(&env.parcels, &params.clusters);
    let system = env.parcels.crs().clone();
    let mut records = Vec::new();
    for (parcel, own) in found {
        let Some(first) = own.judged.decision.period else { continue };
        let members = regions.members(regions.of(*parcel)).into();
        let of = PixelsQuery { members, params: params.clusters, mask: opened.project.mask(), season, revision: env.revision };
        let query = ZonesQuery { of: MapsQuery { of }, parcel: *parcel, first: usize::from(first) - 1, periods: 3 };
        let proposal = opened.project.compute(&query)?;
        match &proposal.zones {
            Ok(zones) => {
                let mut own = zone_records(env.parcels.id(*parcel), zones, &proposal.means, &proposal.dates);
                for record in &mut own {
                    if proposal.grid.crs != system {
                        record.outline = crate::io::crs::transform(&record.outline, &proposal.grid.crs, &system)?;
                    }
                }
                records.extend(own);
            }
            Err(why) => run.say(&format!("{}: no zones, {}", env.parcels.id(*parcel), why.reason())),
        }
    }
    let path = args.output.join("zones.gpkg");
    write_file(&path, &crate::io::zones::geopackage(&records, &system)?)?;
    Ok(path)
}

fn tell(found: &[(ParcelIx, Found)], run: &Run) {
    let seen: Vec<CIndex> = found
        .iter()
        .filter(|(_, own)| own.row.s2.iter().any(|own| own.pixels > 0))
        .map(|(_, own)| own.judged.decision.index)
        .collect();
    let count = |index: CIndex| seen.iter().filter(|own| **own == index).count();
    let counts =
        CIndex::ALL.iter().rev().map(|&index| format!("{} {}", index.code(), count(index))).collect::<Vec<_>>().join(", ");
    run.say(&format!("{} parcels: {counts}, NA {}", found.len(), found.len() - seen.len()));
}
