//! `parcelight calendar`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;

use crate::engine::indices::IndexSet;
use crate::model::project_file::Binning;
use crate::model::{MaskSet, Sensor, Stretch, View, Watch};
use crate::project::export::{self, CalendarOptions};

use super::args::{Choice, Dates, Inputs, parse_mask, parse_stretch, parse_view};
use super::output::{FigureKind, Run, write_file, write_json};
use super::{input, progress, usage};

/// Calendar image of one parcel, with a JSON list of every cell and acquisition
///
/// Writes FILE.png (or FILE.svg) and FILE.json. Rows are months, columns half-weeks; every acquisition is kept.
///
/// Units of --stretch: reflectance 0..1, decibels, coherence 0..1, or the index itself.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight calendar --project season.parcelight.toml --parcel FLAPAJ013 --view NDVI --from 2018-11-01 --to 2019-03-31 -o winter.png"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    dates: Dates,
    /// Three bands (B08,B11,B04) or one of NDVI and other indices, VV_db, VH_db, VH_VV_db, COH_VV, COH_VH, SCL, NDVI-histogram,
    /// red-NIR-scatter; radar also with its pass, e.g. VV_db:A [default: the project's view]
    #[arg(long, value_name = "VIEW", value_parser = parse_view, help_heading = "Picture")]
    view: Option<View>,
    /// Limits: fixed, dynamic (1 % cut at both ends of each chip), MIN..MAX, or one MIN..MAX a channel [default: the project's]
    #[arg(long, value_name = "STRETCH", value_parser = parse_stretch, allow_hyphen_values = true, help_heading = "Picture")]
    stretch: Option<Stretch>,
    /// Surroundings shown around the parcel, metres [default: 100, or the project's]
    #[arg(long, value_name = "M", help_heading = "Picture")]
    margin_m: Option<u32>,
    /// Edge of a chip, pixels
    #[arg(long, value_name = "PX", default_value_t = 96, value_parser = clap::value_parser!(u32).range(16..=1024), help_heading = "Picture")]
    cell: u32,
    /// Scene classes drawn as masked, or `none` [default: scl:0,1,3,8,9,10,11, or the project's mask]
    #[arg(long, value_name = "scl:…|none", value_parser = parse_mask, help_heading = "Picture")]
    mask: Option<MaskSet>,
    /// What a column is [default: half-week, or the project's]
    #[arg(long, value_name = "BINS", help_heading = "Picture")]
    bins: Option<BinsWord>,
    /// File to write, .png or .svg
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    output: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum BinsWord {
    /// Days 1–3, 4–7, 8–11, 12–15, 16–19, 20–23, 24–27, 28–end of the month
    HalfWeek,
    /// ISO weeks
    IsoWeek,
    /// One acquisition after the other
    Sequence,
}

impl From<BinsWord> for Binning {
    fn from(word: BinsWord) -> Self {
        match word {
            BinsWord::HalfWeek => Self::HalfWeek,
            BinsWord::IsoWeek => Self::IsoWeek,
            BinsWord::Sequence => Self::Sequence,
        }
    }
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    args.dates.check()?;
    let kind = FigureKind::of(&args.output)?;
    let mut opened = input::open(&args.inputs, run)?;
    let parcel = input::choose_one(&opened.data.parcels, &args.choice)?;
    opened.settle(&[parcel], run)?;
    let mut options = CalendarOptions { cell_px: args.cell, ..CalendarOptions::of(&opened.project) };
    if let Some(view) = &args.view {
        check_view(view, opened.project.indices())?;
        options.view = view.clone();
    }
    options.stretch = args.stretch.clone().unwrap_or(options.stretch);
    options.margin_m = args.margin_m.unwrap_or(options.margin_m);
    options.bins = args.bins.map_or(options.bins, Binning::from);
    options.mask = args.mask.unwrap_or(options.mask);
    options.from = args.dates.from.or(options.from);
    options.to = args.dates.to.or(options.to);

    let figure = progress::during(&run.general, "drawing the calendar", &Watch::default(), || {
        export::calendar(&opened.project, parcel, &options)
            .map_err(anyhow::Error::from)
            .and_then(|made| Ok((kind.encode(&made.svg())?, made.json)))
    });
    let (picture, json) = figure?;
    let list = args.output.with_extension("json");
    write_file(&args.output, &picture)?;
    write_json(&list, &json)?;
    run.write_record(&opened.inputs_with_images(&[sensor_of(&options.view)]), &[&args.output, &list])?;
    Ok(ExitCode::SUCCESS)
}

/// Refuses an index that nobody knows, before any image is read.
fn check_view(view: &View, indices: &IndexSet) -> anyhow::Result<()> {
    match view {
        View::Index(name) => {
            indices
                .get(name)
                .map_err(|error| usage(format!("cannot show this view: {error}; there are: {}", indices.names().join(", "))))?;
            Ok(())
        }
        _ => Ok(()),
    }
}

fn sensor_of(view: &View) -> Sensor {
    match view {
        View::Backscatter(..) | View::BackscatterRatio(_) => Sensor::S1Backscatter,
        View::Coherence(..) => Sensor::S1Coherence,
        _ => Sensor::S2,
    }
}
