//! `parcelight population`.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::engine::series::bands_of;
use crate::io::tables::{Kind, Table, Value};
use crate::model::report::Severity;
use crate::model::units::iso_utc;
use crate::model::{ParcelIx, Signal, Watch};
use crate::project::extract::{ExtractOptions, update_store};
use crate::project::queries::population::Population;

use super::args::{TableOut, parse_signal};
use super::input::Opened;
use super::output::{Run, format};
use super::{input, progress, usage};

/// Spread of signals over whole crops at each time, and the parcels that stand apart
///
/// Brings the project's observation store up to date (as extract --store without --bands does: only what is missing is read), then
/// writes one row a signal, declared crop (and region, where the project's peers have one) and time: n, p10, p50, p90, mean, std over all
/// parcels that can be peers. Sorted by signal, crop, region, time.
///
/// With --outliers instead one row a signal and parcel, the farthest first: `distance` is the mean distance of its values from the 10th
/// to 90th percentile of the other parcels of its crop, in widths of that band; 0 is inside at all times.
///
/// Units: reflectance and coherence 0..1, indices (of band means) without unit, backscatter in dB of mean linear power.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight population --project season.parcelight.toml --signal NDVI,VH_db --outliers -o outliers.csv"
)]
pub struct Args {
    /// Project file
    #[arg(long, value_name = "PROJECT.toml", help_heading = "Input")]
    project: PathBuf,
    /// Signals, separated by commas or repeated
    #[arg(
        long,
        visible_alias = "signals",
        value_name = "SIGNAL",
        value_delimiter = ',',
        default_value = "NDVI",
        value_parser = parse_signal,
        help_heading = "Values"
    )]
    signal: Vec<Signal>,
    /// List the parcels by their distance from their peers
    #[arg(long, help_heading = "Values")]
    outliers: bool,
    /// Use the store as it is, and read no image
    #[arg(long, help_heading = "Work")]
    stored_only: bool,
    #[command(flatten)]
    out: TableOut,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    format(&args.out)?;
    let opened = input::open_project(&args.project, run)?;
    opened.need_images("population")?;
    for signal in &args.signal {
        bands_of(signal, opened.project.indices()).map_err(|error| usage(format!("signal {}: {error}", signal.name())))?;
    }
    let failed = if args.stored_only { false } else { update(&opened, run)? };
    let watch = Watch::default();
    watch.set_total(args.signal.len() as u64);
    let mut table = Table { columns: columns(args.outliers), rows: Vec::new() };
    progress::during(&run.general, "comparing parcels", &watch, || -> anyhow::Result<()> {
        for signal in &args.signal {
            let population = opened.project.compute(&opened.project.population_query(signal))?;
            let name = signal.name();
            if population.steps.iter().all(Vec::is_empty) {
                run.say(&format!("{name}: the store holds no observation of it; is there an acquisition with all of its bands?"));
            }
            if args.outliers {
                table.rows.extend(outliers(&opened, &name, &population));
            } else {
                table.rows.extend(spreads(&opened, &name, &population));
            }
            watch.advance(1);
        }
        Ok(())
    })?;
    run.write_table(&table, &args.out, &opened.inputs())?;
    Ok(if failed { ExitCode::from(super::FAILED) } else { ExitCode::SUCCESS })
}

/// Reads what the store misses; true when something could not be read.
fn update(opened: &Opened, run: &Run) -> anyhow::Result<bool> {
    let options = ExtractOptions {
        settings: opened.project.file().observations.clone(),
        cache: opened.cache(),
        store: Some(opened.project.store_ref().folder),
        ..ExtractOptions::default()
    };
    let all: Vec<ParcelIx> = opened.data.parcels.iter().collect();
    let (watch, jobs) = (Watch::default(), run.general.jobs());
    let work = || update_store(&opened.data, &all, &options, jobs, &watch);
    let update = progress::during(&run.general, "extracting", &watch, work)?;
    for problem in &update.problems {
        run.say(&problem.line());
    }
    run.say(&format!("{} observations added to the store", update.extracted));
    Ok(update.problems.iter().any(|problem| problem.severity == Severity::Error))
}

fn columns(outliers: bool) -> Vec<(String, Kind)> {
    let texts: &[&str] =
        if outliers { &["signal", "parcel_id", "crop", "region"] } else { &["signal", "crop", "region", "acquired_utc"] };
    let whole: &[&str] = if outliers { &["peers", "observations"] } else { &["n"] };
    let numbers: &[&str] = if outliers { &["distance"] } else { &["p10", "p50", "p90", "mean", "std"] };
    let of = |kind: Kind| move |name: &&str| ((*name).to_owned(), kind);
    let columns = texts.iter().map(of(Kind::Text)).chain(whole.iter().map(of(Kind::Integer)));
    columns.chain(numbers.iter().map(of(Kind::Number))).collect()
}

fn text(value: Option<&str>) -> Value {
    value.map_or(Value::Empty, |value| Value::Text(value.to_owned()))
}

/// One row a group and time.
fn spreads(opened: &Opened, signal: &str, population: &Population) -> Vec<Vec<Value>> {
    let groups = population.groups.all().iter().zip(&population.steps);
    let rows = groups.flat_map(|(group, steps)| {
        steps.iter().map(move |step| {
            let acquired = opened.data.catalog.get(step.acquisition).acquired;
            let spread = step.spread;
            let mut row = vec![
                Value::Text(signal.to_owned()),
                Value::Text(group.crop.clone()),
                text(group.region.as_deref()),
                Value::Text(iso_utc(acquired)),
                Value::Integer(spread.n as i64),
            ];
            row.extend([spread.p10, spread.p50, spread.p90, spread.mean, spread.std].map(Value::Number));
            row
        })
    });
    rows.collect()
}

/// One row a parcel that has a distance, the farthest first, of equal ones in the order of the layer.
fn outliers(opened: &Opened, signal: &str, population: &Population) -> Vec<Vec<Value>> {
    let parcels = &opened.data.parcels;
    let mut known: Vec<(f32, ParcelIx)> = parcels.iter().filter_map(|parcel| Some((population.score(parcel)?, parcel))).collect();
    known.sort_by(|a, b| b.0.total_cmp(&a.0));
    let row = |(distance, parcel): (f32, ParcelIx)| {
        let group = population.groups.of(parcel).map(|group| &population.groups.all()[group]);
        vec![
            Value::Text(signal.to_owned()),
            Value::Text(parcels.id(parcel).to_owned()),
            text(parcels.crop(parcel)),
            text(group.and_then(|group| group.region.as_deref())),
            Value::Integer(population.peers_of(parcel) as i64),
            Value::Integer(i64::from(population.usable[parcel.at()])),
            // What a 32-bit number holds, in the digits that it has.
            Value::Number(distance.to_string().parse().unwrap_or(f64::NAN)),
        ]
    };
    known.into_iter().map(row).collect()
}
