//! `parcelight extract`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use crate::model::report::Severity;
use crate::model::{Band, Watch};
use crate::project::extract::{Backscatter, ExtractOptions, Forecast, StoreUse, extract, forecast};

use super::args::{Choice, Dates, Inputs, Pixels, TableOut, parse_band, parse_bytes};
use super::input::Opened;
use super::output::{Run, absolute, format, print};
use super::{input, progress, usage};

/// Statistics per parcel, acquisition and band
///
/// Long table, sorted by parcel, time, sensor, band. `pixels` = pixels of the parcel on that band's grid, of these `masked` are
/// excluded by the mask, `nodata` have no value and `count` are used (with --pixels coverage these are areas in pixels). A 20 m mask
/// is used on 10 m bands by repeating. Of several products of one acquisition the one that covers the parcel best is used.
///
/// Units: reflectance 0..1, coherence 0..1, backscatter linear power. Numbers carry seven significant digits.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight extract --project season.parcelight.toml --bands B04,B08 --from 2019-04-01 --to 2019-09-30 -o stats.parquet"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    dates: Dates,
    #[command(flatten)]
    pixels: Pixels,
    /// Bands, e.g. B04,B08,VV [default: all found]
    #[arg(long, value_name = "BANDS", value_delimiter = ',', value_parser = parse_band, help_heading = "Values")]
    bands: Vec<Band>,
    /// Unit of backscatter: every statistic of linear power, or each converted to decibels afterwards
    #[arg(long, value_name = "UNIT", default_value = "linear", help_heading = "Values")]
    backscatter: BackscatterWord,
    /// Add scl_0 … scl_11: pixels of the parcel (20 m) in each scene class
    #[arg(long, help_heading = "Values")]
    scl_histogram: bool,
    /// Memory to use beside the parcels, e.g. 512MiB; results that need more wait in a temporary file
    #[arg(long, value_name = "SIZE", default_value = "2GiB", value_parser = parse_bytes, help_heading = "Work")]
    memory: u64,
    /// Keep observations in this folder and take from it what is there already: a new date costs only that date, a changed outline
    /// only that parcel, an interrupted run goes on where it stopped. Parquet files that DuckDB, pandas and R read as one table
    /// [without DIR: NAME.parcelight.observations beside the project file]
    #[arg(long, value_name = "DIR", num_args = 0..=1, help_heading = "Work")]
    #[expect(clippy::option_option, reason = "absent, without a value, with one")]
    store: Option<Option<PathBuf>>,
    /// Only say what would be read, how long it would take and how large the result would be; extracts a few bands to find out.
    /// With --store: of what is not there yet
    #[arg(long, help_heading = "Work")]
    dry_run: bool,
    #[command(flatten)]
    out: TableOut,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BackscatterWord {
    /// Linear power
    Linear,
    /// Decibels
    Db,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    let format = format(&args.out)?;
    args.dates.check()?;
    let opened = input::open(&args.inputs, run)?;
    opened.need_images("extract")?;
    let parcels = input::choose(&opened.data.parcels, &args.choice)?;
    let options = ExtractOptions {
        settings: args.pixels.apply(opened.project.file().observations.clone()),
        bands: args.bands.clone(),
        from: args.dates.from,
        to: args.dates.to,
        backscatter: match args.backscatter {
            BackscatterWord::Linear => Backscatter::Linear,
            BackscatterWord::Db => Backscatter::Decibel,
        },
        scl_histogram: args.scl_histogram,
        memory_bytes: usize::try_from(args.memory).unwrap_or(usize::MAX),
        cache: opened.cache(),
        store: store_folder(args, &opened)?,
    };
    let watch = Watch::default();
    let jobs = run.general.jobs();
    if args.dry_run {
        let work = || forecast(&opened.data, &parcels, &options, format, jobs, &watch);
        let found = progress::during(&run.general, "looking at a sample", &watch, work)?;
        print(describe(&found, parcels.len()).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let result =
        progress::during(&run.general, "extracting", &watch, || extract(&opened.data, &parcels, &options, jobs, &watch))?;
    for problem in &result.problems {
        run.say(&problem.line());
    }
    if let (reused @ 1.., all) = result.reused {
        run.say(&format!("the parcels' pixels on {reused} of {all} grids were known from an earlier run"));
    }
    if let Some(StoreUse { reused, extracted, .. }) = result.store {
        let all = reused + extracted;
        run.say(&format!("reused {} of {} observations, extracted {}", grouped(reused), grouped(all), grouped(extracted)));
    }
    let mut inputs = opened.inputs();
    inputs.extend(result.inputs);
    run.write_observations(&result.observations, &args.out, &inputs)?;
    let failed = result.problems.iter().any(|problem| problem.severity == Severity::Error);
    let empty = result.observations.is_empty();
    if empty {
        run.say("no acquisition sees these parcels in this range");
    }
    // Files that failed cost their own observations; only when nothing is left has the run failed.
    Ok(if failed && empty { ExitCode::from(super::FAILED) } else { ExitCode::SUCCESS })
}

/// Where the observation store is, if one is wanted.
fn store_folder(args: &Args, opened: &Opened) -> anyhow::Result<Option<PathBuf>> {
    Ok(match &args.store {
        None => None,
        Some(Some(folder)) => Some(absolute(folder)?),
        Some(None) => {
            let folder = opened.observations();
            Some(folder.ok_or_else(|| usage("--store without a folder goes with --project; name a folder: --store DIR"))?)
        }
    })
}

/// A count for people: `292 000`.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let first = digits.len() % 3;
    let (head, rest) = digits.split_at(first);
    let groups = rest.as_bytes().chunks(3).map(String::from_utf8_lossy);
    std::iter::once(head.into())
        .filter(|head: &std::borrow::Cow<'_, str>| !head.is_empty())
        .chain(groups)
        .collect::<Vec<_>>()
        .join(" ")
}

fn describe(found: &Forecast, parcels: usize) -> String {
    let Forecast { acquisitions, stored, files, rows, read_bytes, result_bytes, seconds } = *found;
    format!(
        "parcels       {parcels}\nacquisitions  {acquisitions}\nin the store  {stored}\nfiles         {files}\nto read       {}\nrows          {rows}\n\
         result        {}\ntime          {}\n",
        bytes(read_bytes),
        bytes(result_bytes),
        progress::duration(seconds)
    )
}

/// A size for people: `1.5 GB`.
fn bytes(count: u64) -> String {
    match count {
        0..1_000_000 => format!("{} kB", count.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count as f64 / 1e6),
        _ => format!("{:.1} GB", count as f64 / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn counts_are_grouped_by_thousands() {
        for (count, text) in [(0, "0"), (999, "999"), (1000, "1 000"), (292_000, "292 000"), (12_345_678, "12 345 678")] {
            assert_eq!(grouped(count), text);
        }
    }
}
