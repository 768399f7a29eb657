//! `parcelight synth -o DIR`: hidden, for tests and measurements.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::project::synth::{SynthOptions, write};

use super::output::Run;
use super::usage;

/// Write a synthetic project of any size, for tests and measurements
///
/// Parcels side by side with shared edges and a crop each, and Sentinel-2-like images with clouds: tiled, deflated, 16 bit, with a
/// 20 m scene classification. The same arguments give the same pixels. Everything is marked as synthetic. The path of the
/// project file is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  parcelight synth --parcels 100000 --pixels 5490 --bands 24 --all-10m -o big")]
pub struct Args {
    /// Number of parcels
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..))]
    parcels: u32,
    /// Pixels of 10 m on each side
    #[arg(long, value_name = "P", default_value_t = 1098, value_parser = clap::value_parser!(u32).range(2..=200_000))]
    pixels: u32,
    /// Band images in all, at most 12 a date
    #[arg(long, value_name = "B", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..))]
    bands: u32,
    /// Dates [default: as few as the bands need]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=1000))]
    dates: Option<u32>,
    /// Another number gives another country
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    /// All bands at 10 m, also those that Sentinel-2 has at 20 m
    #[arg(long = "all-10m")]
    all_fine: bool,
    /// Folder to write to; made when it is not there
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    let options = SynthOptions {
        parcels: args.parcels as usize,
        pixels: args.pixels as usize,
        bands: args.bands as usize,
        dates: args.dates.unwrap_or(args.bands.div_ceil(12)) as usize,
        seed: args.seed,
        all_fine: args.all_fine,
    };
    if options.bands_of_date() > 12 {
        return Err(usage(format!("{} bands on {} dates are more than 12 a date; raise --dates", options.bands, options.dates)));
    }
    let project = write(&args.output, &options)?;
    run.write_folder_record(&args.output, &[], &[&project])?;
    super::output::print(format!("{}\n", project.display()).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
