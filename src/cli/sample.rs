//! `parcelight sample DIR`.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::project::sample;

use super::output::Run;

/// Write the sample project to a folder
///
/// One season of real Sentinel-2 and Sentinel-1 images over 17 declared parcels of Pajottenland (Flanders), clouds included, and a
/// synthetic complement (coherence, descending passes) in a folder of its own. Needs 6 MB. The path of the project file is printed.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  parcelight sample season")]
pub struct Args {
    /// Folder to write to; made when it is not there
    #[arg(value_name = "DIR")]
    dir: PathBuf,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    let project = sample::write(&args.dir)?;
    run.write_folder_record(&args.dir, &[], &[&project])?;
    super::output::print(format!("{}\n", project.display()).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
