//! `parcelight graph`.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::model::Signal;

use super::args::{Choice, Dates, Inputs, parse_signal};
use super::output::Run;
use super::{input, usage};

/// Graph image of one parcel
///
/// One panel for each --signal option; signals of one option, separated by commas, share a panel. Masked observations are hollow,
/// orbits are never joined.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight graph --project season.parcelight.toml --parcel FLAPAJ013 --signal NDVI --signal VV_db,VH_db --peers -o graph.svg"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    dates: Dates,
    /// Signals of one panel, separated by commas; repeat for more panels [default: the project's graphs]
    #[arg(long, visible_alias = "signals", value_name = "SIGNALS", value_parser = parse_panel, help_heading = "Picture")]
    signal: Vec<Panel>,
    /// Draw the spread of parcels with the same crop
    #[arg(long, help_heading = "Picture")]
    peers: bool,
    /// Width of the figure, pixels
    #[arg(long, value_name = "PX", default_value_t = 1200, value_parser = clap::value_parser!(u32).range(300..=8000), help_heading = "Picture")]
    width: u32,
    /// File to write, .png or .svg
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: PathBuf,
}

/// Signals that share a panel.
#[derive(Debug, Clone)]
struct Panel(Vec<Signal>);

fn parse_panel(words: &str) -> Result<Panel, String> {
    words.split(',').map(parse_signal).collect::<Result<_, _>>().map(Panel)
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    args.dates.check()?;
    let opened = input::open(&args.inputs, run)?;
    let parcel = input::choose_one(&opened.data.parcels, &args.choice)?;
    let panels: Vec<&Vec<Signal>> = args.signal.iter().map(|panel| &panel.0).collect();
    let _ = (parcel, panels, args.peers, args.width, &args.output);
    Err(usage("graph figures are not available in this build"))
}
