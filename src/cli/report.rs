//! `parcelight report`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::ValueEnum;

use crate::model::{ParcelIx, Watch};
use crate::project::evidence::{self, Decided, Holders, PackOptions, Target, VerifyReport};

use super::args::{Choice, Inputs};
use super::input::{self, Opened};
use super::output::{self, Run, record_beside};
use super::{FAILED, progress, usage};

/// Evidence pack of the chosen parcels, or the check of one
///
/// A pack is a folder with index.html, season.html, a sheet of each parcel as HTML and PDF in parcels/, its pictures in evidence/,
/// decisions.csv, decisions.gpkg, ruleset.toml and manifest.json with the SHA-256 of every file and input. The same inputs give the same
/// bytes; when and how it was made is in NAME.run.json beside it. Without a choice of parcels those with a decision are taken, or all
/// when nothing is decided yet.
///
/// Ids of holders (columns named like holder, farmer or business) are replaced by pseudonyms, the same in every pack of the project. Their
/// key lies beside the project's journal and nowhere else.
///
/// --verify checks every hash of a pack and of its inputs, makes the pack again from the inputs and says what differs.
///
/// --preset jrc writes statistics as CSV and calendars as JPG in the folders and under the file names of JRC's calendar tool instead.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 done, or the pack holds; 1 failed, or it does not; 2 wrong usage.\n\nExample:\n  parcelight report --project season.parcelight.toml --where \"\\\"crop_name\\\" = 'Maize'\" -o maize && parcelight report --verify maize --project season.parcelight.toml"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    choice: Choice,
    /// What becomes of the ids of holders
    #[arg(long, value_name = "WHAT", default_value = "replace", help_heading = "Content")]
    holders: HoldersWord,
    /// Column with ids of holders (repeatable) [default: those named like it]
    #[arg(long, value_name = "COLUMN", help_heading = "Content")]
    holder_column: Vec<String>,
    /// No PDF
    #[arg(long, help_heading = "Content")]
    no_pdf: bool,
    /// Sheets as DOCX too
    #[arg(long, help_heading = "Content")]
    docx: bool,
    /// Another kind of output instead of a pack
    #[arg(long, value_name = "NAME", help_heading = "Content")]
    preset: Option<PresetWord>,
    /// Check this pack; its project is --project, or looked for beside and above it
    #[arg(
        long,
        value_name = "DIR",
        conflicts_with_all = ["output", "preset", "docx", "no_pdf", "holder_column", "force", "parcel", "parcel_list", "filter", "parcels"],
        help_heading = "Output"
    )]
    verify: Option<PathBuf>,
    /// Replace a folder that holds something else
    #[arg(long, help_heading = "Output")]
    force: bool,
    /// Folder for the result; an earlier one of this kind is replaced
    #[arg(short, long, value_name = "DIR", required_unless_present = "verify", help_heading = "Output")]
    output: Option<PathBuf>,
}

/// [`Holders`] on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum HoldersWord {
    /// Written as they are
    Keep,
    /// A pseudonym for each
    Replace,
    /// Left out
    Omit,
}

impl From<HoldersWord> for Holders {
    fn from(word: HoldersWord) -> Self {
        match word {
            HoldersWord::Keep => Self::Keep,
            HoldersWord::Replace => Self::Replace,
            HoldersWord::Omit => Self::Omit,
        }
    }
}

/// Kinds of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PresetWord {
    /// Files of JRC's calendar tool
    Jrc,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    match (&args.verify, &args.output) {
        (Some(folder), _) => verify(args, folder, run),
        (None, Some(folder)) if args.preset == Some(PresetWord::Jrc) => jrc(args, folder, run),
        (None, Some(folder)) => pack(args, folder, run),
        (None, None) => Err(usage("name the folder for the pack with -o DIR")),
    }
}

fn pack(args: &Args, folder: &Path, run: &Run) -> anyhow::Result<ExitCode> {
    if args.inputs.project.is_none() {
        return Err(usage(
            "a pack is made of a project, so that others can make it again; make one with `parcelight init` and name it with --project",
        ));
    }
    let mut opened = input::open(&args.inputs, run)?;
    let decided = Decided::load(&opened.project)?;
    let parcels = choose(args, &opened, &decided, run)?;
    opened.settle(&parcels, run)?;
    let options = PackOptions {
        holders: args.holders.into(),
        holder_columns: args.holder_column.clone(),
        pdf: !args.no_pdf,
        docx: args.docx,
    };
    let target = Target { path: folder.to_owned(), force: args.force };
    let watch = Watch::default();
    let (project, jobs) = (&opened.project, run.general.jobs());
    let report = progress::during(&run.general, "writing sheets", &watch, || {
        evidence::write_pack(project, &decided, &parcels, &options, &target, jobs, &watch)
    })?;
    for warning in &report.warnings {
        run.say(warning);
    }
    run.say(&format!(
        "{} parcels, {} files, {:.1} MB in {}",
        report.parcels,
        report.files,
        report.bytes as f64 / 1e6,
        report.folder.display()
    ));
    let hash = Some(report.ruleset_hash.as_str()).filter(|hash| !hash.is_empty());
    run.write_record_beside(&report.folder, &report.inputs, hash)?;
    Ok(ExitCode::SUCCESS)
}

fn jrc(args: &Args, folder: &Path, run: &Run) -> anyhow::Result<ExitCode> {
    let mut opened = input::open(&args.inputs, run)?;
    opened.need_images("report --preset jrc")?;
    let parcels = if args.inputs.project.is_some() {
        choose(args, &opened, &Decided::load(&opened.project)?, run)?
    } else {
        input::choose(&opened.data.parcels, &args.choice)?
    };
    opened.settle(&parcels, run)?;
    let target = Target { path: folder.to_owned(), force: args.force };
    let watch = Watch::default();
    let (project, jobs) = (&opened.project, run.general.jobs());
    let report = progress::during(&run.general, "writing statistics and calendars", &watch, || {
        evidence::write_jrc(project, &parcels, &target, jobs, &watch)
    })?;
    for warning in &report.warnings {
        run.say(warning);
    }
    run.say(&format!("{} parcels, {} files in {}", report.parcels, report.files, report.folder.display()));
    let sensors = [crate::model::Sensor::S2, crate::model::Sensor::S1Backscatter, crate::model::Sensor::S1Coherence];
    run.write_record_beside(&report.folder, &opened.inputs_with_images(&sensors), None)?;
    Ok(ExitCode::SUCCESS)
}

/// Parcels asked for; when none are, those with a decision, or all.
fn choose(args: &Args, opened: &Opened, decided: &Decided, run: &Run) -> anyhow::Result<Vec<ParcelIx>> {
    let choice = &args.choice;
    let chosen = input::choose(&opened.data.parcels, choice)?;
    if !choice.parcel.is_empty() || choice.parcel_list.is_some() || choice.filter.is_some() {
        return Ok(chosen);
    }
    let known = decided.decided_parcels();
    let with: Vec<ParcelIx> = chosen.iter().copied().filter(|&parcel| known.contains(opened.data.parcels.id(parcel))).collect();
    if with.is_empty() {
        run.say(&format!("no parcel has a decision yet: all {} are taken", chosen.len()));
        return Ok(chosen);
    }
    run.say(&format!("{} of {} parcels have a decision and are taken", with.len(), chosen.len()));
    Ok(with)
}

fn verify(args: &Args, folder: &Path, run: &Run) -> anyhow::Result<ExitCode> {
    let watch = Watch::default();
    let hints = recorded_inputs(folder);
    let (project, jobs) = (args.inputs.project.as_deref(), run.general.jobs());
    let report =
        progress::during(&run.general, "checking the pack", &watch, || evidence::verify(folder, project, &hints, jobs, &watch))?;
    output::print(text(&report).as_bytes())?;
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// Inputs named in the record of the run that wrote a pack, if it still lies beside it.
fn recorded_inputs(folder: &Path) -> Vec<PathBuf> {
    let record = output::absolute(folder).ok().map(|folder| record_beside(&folder));
    // A hint that cannot be read is no hint.
    let text = record.and_then(|path| std::fs::read(path).ok()).unwrap_or_default();
    let value: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
    let inputs = value["inputs"].as_array().map(Vec::as_slice).unwrap_or_default();
    inputs.iter().filter_map(|input| input["path"].as_str().map(PathBuf::from)).collect()
}

/// What checking a pack gave, for people.
fn text(report: &VerifyReport) -> String {
    let mut lines = vec![
        format!("pack: {}", report.folder.display()),
        format!("project: {}", report.project.as_ref().map_or_else(|| "not found".to_owned(), |path| path.display().to_string())),
        format!("files with the right hash: {}", report.files),
        format!("inputs with the right hash: {}", report.inputs),
        format!("files made again with the same bytes: {}", report.remade.map_or_else(|| "none".to_owned(), |n| n.to_string())),
    ];
    lines.extend(report.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(report.findings.iter().map(|finding| format!("{}: {}", finding.kind(), finding.text())));
    lines.push(match report.findings.len() {
        _ if report.holds() => "the pack holds".to_owned(),
        1 => "the pack does not hold: 1 finding".to_owned(),
        n => format!("the pack does not hold: {n} findings"),
    });
    lines.join("\n") + "\n"
}
