//! `parcelight graph`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use crate::engine::graph::Spread;
use crate::engine::series::bands_of;
use crate::model::{Sensor, Signal, Watch};
use crate::project::export::{self, GraphFigureOptions};

use super::args::{Choice, Dates, Inputs, Tables, parse_signal};
use super::output::{FigureKind, Run, write_file};
use super::{input, progress, usage};

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
    tables: Tables,
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
    /// Spread of the pixels around the parcel's mean
    #[arg(long, value_name = "SPREAD", default_value = "none", help_heading = "Picture")]
    spread: SpreadWord,
    /// Lay years over each other by day of year
    #[arg(long, help_heading = "Picture")]
    overlay_years: bool,
    /// Width of the figure, pixels
    #[arg(long, value_name = "PX", default_value_t = 1200, value_parser = clap::value_parser!(u32).range(300..=8000), help_heading = "Picture")]
    width: u32,
    /// File to write, .png or .svg
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SpreadWord {
    /// None
    None,
    /// Mean ± population standard deviation
    Std,
    /// First to third quartile
    Quartiles,
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
    let kind = FigureKind::of(&args.output)?;
    let mut opened = input::open_with(&args.inputs, &args.tables, run)?;
    let parcel = input::choose_one(&opened.data.parcels, &args.choice)?;
    opened.settle(&[parcel], run)?;
    let mut options = GraphFigureOptions::of(&opened.project);
    if !args.signal.is_empty() {
        options.panels = args.signal.iter().map(|panel| panel.0.clone()).collect();
    }
    for signal in options.panels.iter().flatten() {
        if !opened.data.tables.as_ref().is_some_and(|tables| tables.has_variable(signal)) {
            bands_of(signal, opened.project.indices()).map_err(|error| usage(format!("signal {}: {error}", signal.name())))?;
        }
    }
    options.peers = args.peers;
    options.spread = match args.spread {
        SpreadWord::None => Spread::None,
        SpreadWord::Std => Spread::Std,
        SpreadWord::Quartiles => Spread::Quartiles,
    };
    options.overlay_years = args.overlay_years;
    options.from = args.dates.from.or(options.from);
    options.to = args.dates.to.or(options.to);
    options.width_px = args.width;

    let picture = progress::during(&run.general, "drawing the graph", &Watch::default(), || {
        export::graph(&opened.project, parcel, &options).map_err(anyhow::Error::from).and_then(|made| kind.encode(&made.svg()))
    })?;
    write_file(&args.output, &picture)?;
    let sensors: Vec<Sensor> = options.panels.iter().flatten().map(Signal::sensor).collect();
    run.write_record(&opened.inputs_with_images(&sensors), &[&args.output])?;
    Ok(ExitCode::SUCCESS)
}
