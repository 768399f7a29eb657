//! Decisions in and out: `import`, `export`, `merge`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use jiff::Timestamp;

use crate::engine::review::{Disagreement, Review, disagreements};
use crate::io::review;
use crate::io::tables::{Format, Kind, Table, Value, encode};
use crate::model::Watch;
use crate::model::review::Entry;
use crate::project::decisions::{form_of, journal_path, merge_journals, take_in, write_journal};

use super::super::args::Choice;
use super::super::input::Known;
use super::super::output::{Run, write_file};
use super::super::{FAILED, progress, usage};
use super::{Reviewed, for_people, user_name};

/// So many rows that cannot be taken over are told one by one.
const TOLD: usize = 20;

/// Takes decisions of a CSV file into the project's journal
///
/// Columns: parcel_id, verdict, and where they are there reasons (codes with ; between), note, user, time (UTC), automatic, duration_s,
/// blind. Every row is checked before anything is written: unknown parcels, verdicts and reasons are told with their line. The same file
/// taken in twice adds nothing where it tells times and users. A row that is older than the same person's verdict in the journal goes into
/// the history and does not replace it.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  parcelight review import decisions.csv --project season.parcelight.toml --user ann")]
pub(super) struct ImportArgs {
    /// File of decisions
    #[arg(value_name = "DECISIONS.csv")]
    file: PathBuf,
    /// Project file
    #[arg(long, value_name = "PROJECT.toml", help_heading = "Input")]
    project: PathBuf,
    /// Who decided, where the file does not say [default: the name of the account]
    #[arg(long, value_name = "NAME", help_heading = "Work")]
    user: Option<String>,
    /// Take over the good rows also when others are not
    #[arg(long, help_heading = "Work")]
    partial: bool,
    /// Check the file and write nothing
    #[arg(long, help_heading = "Work")]
    dry_run: bool,
}

/// Runs `import`.
pub(super) fn import(args: &ImportArgs, run: &Run) -> anyhow::Result<ExitCode> {
    let known = Known::open(&args.project, run)?;
    let (project, file) = (known.path.as_path(), &known.file);
    let form = form_of(project, file)?;
    let bytes = std::fs::read(&args.file).with_context(|| format!("cannot read the decisions ({})", args.file.display()))?;
    let found = review::import(&args.file, &form, |id| known.parcels.find(id).is_some())?;
    let user =
        if found.decisions.iter().any(|own| own.user.is_none()) { user_name(args.user.as_deref())? } else { String::new() };
    if !found.left_out.is_empty() {
        run.say(&format!("columns that are not used: {}", found.left_out.join(", ")));
    }
    for fault in found.faults.iter().take(TOLD) {
        run.say(&format!("line {}: {}", fault.line, fault.reason));
    }
    if found.faults.len() > TOLD {
        run.say(&format!("and {} more rows that cannot be taken over", found.faults.len() - TOLD));
    }
    if !found.faults.is_empty() && !args.partial {
        anyhow::bail!(
            "{} of {} rows cannot be taken over, and nothing was; correct them, or take over the others with --partial ({})",
            found.faults.len(),
            found.faults.len() + found.decisions.len(),
            args.file.display()
        );
    }
    let journal = journal_path(project, file);
    if args.dry_run || found.decisions.is_empty() {
        run.say(&format!("{} decisions would be taken over; nothing was written", found.decisions.len()));
        return Ok(ExitCode::SUCCESS);
    }
    let count = take_in(&journal, &bytes, &found, &user, Timestamp::now())?;
    run.say(&format!(
        "{} decisions of {} rows, {count} entries added to {}; {} rows without verdict",
        found.decisions.len(),
        found.decisions.len() + found.faults.len() + found.without_verdict,
        journal.display(),
        found.without_verdict
    ));
    Ok(if found.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// Writes decisions: a row a parcel and user as CSV or GeoPackage, or the whole journal as JSON lines
///
/// Columns: parcel_id, automatic, expert_user, verdict, reasons, note, time, duration_s, blind, flag, deferred, final_verdict, final_by,
/// final_note, ruleset_hash. In CSV, words that a spreadsheet program would run as a formula have an apostrophe before them. The same
/// decisions give the same bytes. JSON lines hold every entry of the chosen parcels, undone ones too, and can be merged.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  parcelight review export --project season.parcelight.toml -o decisions.gpkg")]
pub(super) struct ExportArgs {
    /// Project file
    #[arg(long, value_name = "PROJECT.toml", help_heading = "Input")]
    project: PathBuf,
    #[command(flatten)]
    choice: Choice,
    /// Write to this file; the ending says the format
    #[arg(short, long, value_name = "FILE.csv|.gpkg|.jsonl", help_heading = "Output")]
    output: PathBuf,
}

/// Runs `export`.
pub(super) fn export(args: &ExportArgs, run: &Run) -> anyhow::Result<ExitCode> {
    let kind = ending(&args.output, &["csv", "gpkg", "jsonl"])?;
    let reviewed = Reviewed::open(&args.project, &args.choice, run)?;
    let states = reviewed.states();
    let bytes = match kind {
        "csv" => review::csv(states)?,
        "gpkg" => {
            let write = || review::geopackage(&reviewed.project.parcels, states);
            progress::during(&run.general, "writing decisions", &Watch::default(), write)?
        }
        _ => {
            let ids: std::collections::BTreeSet<&str> = reviewed.ids().into_iter().map(|(id, _)| id).collect();
            let own = reviewed.review.entries().iter().filter(|entry| ids.contains(entry.parcel.as_str()));
            review::write_lines(&own.cloned().collect::<Vec<Entry>>())?
        }
    };
    write_file(&args.output, &bytes)?;
    run.write_record(&reviewed.inputs(), &[&args.output])?;
    Ok(ExitCode::SUCCESS)
}

/// Merges journals of several people: every entry once, in order of time
///
/// Inputs are databases or JSON lines, in any order: the output has the same bytes for every order. It is a journal of its own that a
/// project can name (decisions); the inputs stay as they are. An entry that stands in two journals with different content ends the run.
/// A database that is there already is never replaced.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight review merge ann.decisions.sqlite ben.jsonl -o both.decisions.sqlite --disagreements disputed.csv"
)]
pub(super) struct MergeArgs {
    /// Journals
    #[arg(value_name = "JOURNAL", required = true)]
    journals: Vec<PathBuf>,
    /// Write to this file; the ending says the format
    #[arg(short, long, value_name = "MERGED.jsonl|.sqlite", help_heading = "Output")]
    output: PathBuf,
    /// Write parcels with different verdicts that nobody has resolved to this CSV file: a row a parcel and user
    #[arg(long, value_name = "FILE.csv", help_heading = "Output")]
    disagreements: Option<PathBuf>,
}

/// Runs `merge`.
pub(super) fn merge(args: &MergeArgs, run: &Run) -> anyhow::Result<ExitCode> {
    let kind = ending(&args.output, &["jsonl", "sqlite"])?;
    if let Some(path) = &args.disagreements {
        ending(path, &["csv"])?;
    }
    let entries = merge_journals(&args.journals)?;
    if kind == "sqlite" {
        write_journal(&args.output, &entries)?;
    } else {
        write_file(&args.output, &review::write_lines(&entries)?)?;
    }
    let found = disagreements(&Review::fold(&entries));
    let mut outputs: Vec<&Path> = vec![&args.output];
    if let Some(path) = &args.disagreements {
        write_file(path, &encode(&for_people(table(&found), Format::Csv), Format::Csv)?)?;
        outputs.push(path);
    }
    run.write_record(&args.journals, &outputs)?;
    let parcels: std::collections::BTreeSet<&str> = entries.iter().map(|entry| entry.parcel.as_str()).collect();
    run.say(&format!("{} entries of {} parcels, {} disagreements", entries.len(), parcels.len(), found.len()));
    Ok(ExitCode::SUCCESS)
}

fn table(found: &[Disagreement]) -> Table {
    let columns = ["parcel_id", "expert_user", "verdict"].map(|name| (name.to_owned(), Kind::Text)).to_vec();
    let rows = found.iter().flat_map(|own| {
        own.verdicts.iter().map(|(user, verdict)| [&own.parcel, user, verdict].map(|word| Value::Text(word.clone())).to_vec())
    });
    Table { columns, rows: rows.collect() }
}

/// The ending of a file, one of those that are known.
fn ending(path: &Path, known: &[&'static str]) -> anyhow::Result<&'static str> {
    let own = path.extension().map(|own| own.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let found = known.iter().find(|word| **word == own).copied();
    let expected = || known.iter().map(|word| format!(".{word}")).collect::<Vec<_>>().join(" or ");
    found.ok_or_else(|| usage(format!("cannot tell the format of “{}”; use an ending {}", path.display(), expected())))
}
