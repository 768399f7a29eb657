//! `parcelight prepare`.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::model::{ParcelIx, Watch};
use crate::project::prepare::{Prediction, PrepareOptions, pack, predict, prepare};

use super::args::{Choice, Dates};
use super::output::{Run, absolute, print};
use super::{input, progress};

/// Keep the chips of chosen parcels in the project's cache
///
/// Reads the imagery once, product by product in the order of its blocks, and keeps every chip (all bands and scene classes, margin
/// included, without loss) in chips.sqlite of the project's cache folder. Review is then instant from slow disks and JPEG 2000, and
/// works where the images are not. What is there already and still true is not read again; an interrupted run goes on where it
/// stopped.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight prepare --project season.parcelight.toml --where \"\\\"crop\\\" = 'maize'\" --pack laptop"
)]
pub struct Args {
    /// Project file
    #[arg(long, value_name = "PROJECT.toml", help_heading = "Input")]
    project: PathBuf,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    dates: Dates,
    /// Surroundings of a parcel's box, metres [default: the project's margin]
    #[arg(long, value_name = "M", value_parser = clap::value_parser!(u32).range(0..=5000), help_heading = "Chips")]
    margin_m: Option<u32>,
    /// Copy project, parcels and these chips to a folder that can be taken along
    #[arg(long, value_name = "DIR", conflicts_with = "dry_run", help_heading = "Output")]
    pack: Option<PathBuf>,
    /// Only say how many chips, bytes and how much time it would take
    #[arg(long, help_heading = "Output")]
    dry_run: bool,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    args.dates.check()?;
    let opened = input::open_project(&args.project, run)?;
    let parcels = input::choose(&opened.data.parcels, &args.choice)?;
    let file = opened.project.file();
    let options =
        PrepareOptions { margin_m: args.margin_m.unwrap_or(file.display.margin_m), from: args.dates.from, to: args.dates.to };
    let path = opened.project.path().to_owned();
    let watch = Watch::default();
    if file.remote.is_some() {
        return fetch(args, &opened, &parcels, &options, run);
    }
    if args.dry_run {
        let prediction = progress::during(&run.general, "predicting", &watch, || {
            predict(&opened.data, &path, &parcels, &options, run.general.jobs(), &watch)
        })?;
        print(text_of(&prediction).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let jobs = run.general.jobs();
    let done =
        progress::during(&run.general, "preparing", &watch, || prepare(&opened.data, &path, &parcels, &options, jobs, &watch))?;
    for problem in &done.problems {
        run.say(&problem.line());
    }
    run.say(&format!("{} chips written, {} were there already", done.written, done.present));
    let mut inputs = opened.inputs();
    inputs.extend(done.inputs);
    let folder = crate::project::load::cache_folder(&path);
    run.write_folder_record(&folder, &inputs, &[&folder.join(crate::project::prepare::FILE)])?;
    if let Some(target) = &args.pack {
        let packed = pack(&opened.data, &path, file, &parcels, &absolute(target)?)?;
        print(format!("{}\n", packed.display()).as_bytes())?;
    }
    let nothing = done.written + done.present == 0;
    Ok(if nothing { ExitCode::from(super::FAILED) } else { ExitCode::SUCCESS })
}

/// From a server: what review asks for, into the project's cache.
fn fetch(
    args: &Args,
    opened: &input::Opened,
    parcels: &[ParcelIx],
    options: &PrepareOptions,
    run: &Run,
) -> anyhow::Result<ExitCode> {
    if args.dry_run || args.pack.is_some() {
        anyhow::bail!(
            "--dry-run and --pack are for images; what a server gives lies in {}, which goes along with the project file",
            crate::project::load::cache_folder(opened.project.path()).display()
        );
    }
    let watch = Watch::default();
    let ahead = opened.project.ahead(options.margin_m, options.from, options.to);
    let done = progress::during(&run.general, "fetching", &watch, || opened.project.fetch_ahead(parcels, &ahead, &watch))?;
    for problem in &done.problems {
        run.say(&problem.line());
    }
    run.say(&format!("{} chips of {} parcels are kept", done.written, parcels.len()));
    Ok(if done.written == 0 && !done.problems.is_empty() { ExitCode::from(super::FAILED) } else { ExitCode::SUCCESS })
}

/// Name and value in lines, for people and for scripts.
fn text_of(prediction: &Prediction) -> String {
    let Prediction { parcels, acquisitions, chips, present, pixel_bytes, disk_bytes, seconds } = prediction;
    format!(
        "parcels {parcels}\nacquisitions {acquisitions}\nchips {chips}\npresent {present}\npixel_bytes {pixel_bytes}\n\
         disk_bytes {disk_bytes}\nseconds {seconds:.1}\n"
    )
}
