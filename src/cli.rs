//! The command line: parse, run the same queries as the window, write.
//!
//! Data go to standard output or to the file of `-o`, everything else to standard error. Exit status: 0 done, 1 failed, 2 wrong
//! usage. Results are made in memory, written beside their place and renamed, so an interrupted run leaves no half-written file.
//! Every file of `-o NAME.ending` gets `NAME.run.json` beside it, every folder `run.json` inside.

#![expect(clippy::doc_markdown, reason = "doc comments of arguments are the help in a terminal, where backticks would be noise")]

mod args;
mod calendar;
mod evaluate;
mod extract;
mod foi;
mod graph;
mod heterogeneity;
mod init;
mod input;
mod markers;
mod output;
mod population;
mod prepare;
mod progress;
mod report;
mod review;
mod ruleset;
mod sample;
mod scan;
mod series;
mod serve;
mod synth;

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use args::General;

/// Exit status of a run that failed.
pub const FAILED: u8 = 1;
/// Exit status of a call that cannot be understood.
pub const WRONG_USAGE: u8 = 2;

/// Look at agricultural parcels through Sentinel-1 and Sentinel-2 data, and decide.
///
/// Without a verb the window opens: on the given project, the last one, or the start page.
#[derive(Debug, Parser)]
#[command(
    name = "parcelight",
    version,
    max_term_width = 110,
    disable_help_subcommand = true,
    subcommand_value_name = "VERB",
    subcommand_help_heading = "Verbs",
    override_usage = "parcelight [OPTIONS] [PROJECT.toml]\n       parcelight <VERB> [OPTIONS] …",
    after_help = "Exit status: 0 done, 1 failed, 2 wrong usage. Times are ISO 8601 UTC.\n\nExample:\n  parcelight sample season && parcelight season/pajottenland_2019/pajottenland_2019.parcelight.toml"
)]
struct Cli {
    /// Project to open in the window
    #[arg(value_name = "PROJECT.toml")]
    project: Option<PathBuf>,

    /// Open the window without adding to the journal of decisions
    #[arg(long)]
    read_only: bool,

    #[command(flatten)]
    general: General,

    #[command(subcommand)]
    verb: Option<Verb>,
}

/// The verbs; their help is that of their arguments.
#[derive(Debug, Subcommand)]
enum Verb {
    Sample(sample::Args),
    Init(init::Args),
    Scan(scan::Args),
    Extract(extract::Args),
    Foi(foi::Args),
    Series(series::Args),
    Population(population::Args),
    Prepare(prepare::Args),
    Calendar(calendar::Args),
    Graph(graph::Args),
    Markers(markers::Args),
    Heterogeneity(heterogeneity::Args),
    Evaluate(evaluate::Args),
    Ruleset(ruleset::Args),
    Review(review::Args),
    Report(report::Args),
    Serve(serve::Args),
    #[command(hide = true)]
    Synth(synth::Args),
}

/// What the program does after its arguments were read.
#[derive(Debug)]
pub enum Start {
    /// A verb has run.
    Done(ExitCode),
    /// The window opens.
    Window {
        /// On this project; else the last one, or the start page.
        project: Option<PathBuf>,
        /// Without adding to its journal of decisions.
        read_only: bool,
    },
}

/// A call that cannot be understood: exit status 2.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// A usage error as an [`anyhow::Error`].
fn usage(message: impl Into<String>) -> anyhow::Error {
    Usage(message.into()).into()
}

/// Reads the arguments and runs a verb, if one is given.
pub fn start(arguments: impl IntoIterator<Item = OsString>) -> Start {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version go to standard output; a closed pipe there is nobody's fault.
            drop(error.print());
            return Start::Done(ExitCode::from(error.exit_code() as u8));
        }
    };
    match prepare_and_run(cli, arguments) {
        Ok(start) => start,
        Err(error) => Start::Done(report(&error)),
    }
}

fn prepare_and_run(cli: Cli, arguments: Vec<OsString>) -> anyhow::Result<Start> {
    start_log(&cli.general)?;
    let run = output::Run::begin(arguments, cli.general);
    let Some(verb) = cli.verb else {
        return match cli.project {
            Some(path) if !path.is_file() => {
                Err(usage(format!("there is no verb and no project file “{}”; see --help", path.display())))
            }
            project => Ok(Start::Window { project, read_only: cli.read_only }),
        };
    };
    if let Some(path) = cli.project {
        return Err(usage(format!("“{}” before a verb means nothing; a verb takes its project with --project", path.display())));
    }
    let code = match verb {
        Verb::Sample(args) => sample::run(&args, &run),
        Verb::Init(args) => init::run(&args, &run),
        Verb::Scan(args) => scan::run(&args, &run),
        Verb::Extract(args) => extract::run(&args, &run),
        Verb::Foi(args) => foi::run(&args, &run),
        Verb::Series(args) => series::run(&args, &run),
        Verb::Population(args) => population::run(&args, &run),
        Verb::Prepare(args) => prepare::run(&args, &run),
        Verb::Calendar(args) => calendar::run(&args, &run),
        Verb::Graph(args) => graph::run(&args, &run),
        Verb::Markers(args) => markers::run(&args, &run),
        Verb::Heterogeneity(args) => heterogeneity::run(&args, &run),
        Verb::Evaluate(args) => evaluate::run(&args, &run),
        Verb::Ruleset(args) => ruleset::run(&args, &run),
        Verb::Review(args) => review::run(&args, &run),
        Verb::Report(args) => report::run(&args, &run),
        Verb::Serve(args) => serve::run(&args, &run),
        Verb::Synth(args) => synth::run(&args, &run),
    }?;
    Ok(Start::Done(code))
}

/// Prints an error with its causes, once, and gives the exit status that belongs to it.
pub fn report(error: &anyhow::Error) -> ExitCode {
    let wrong_usage = error.downcast_ref::<Usage>().is_some();
    // Nothing is left to do when standard error is closed too.
    drop(writeln!(std::io::stderr(), "parcelight: {error:#}"));
    ExitCode::from(if wrong_usage { WRONG_USAGE } else { FAILED })
}

fn start_log(general: &General) -> anyhow::Result<()> {
    let started = if let Some(path) = &general.log {
        let file = std::fs::File::create(path).with_context(|| format!("cannot write the log ({})", path.display()))?;
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_unset| EnvFilter::new("info"));
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(Mutex::new(file)).try_init()
    } else if std::env::var_os("RUST_LOG").is_some() {
        tracing_subscriber::fmt().with_env_filter(EnvFilter::from_default_env()).with_writer(std::io::stderr).try_init()
    } else {
        Ok(())
    };
    started.map_err(|error| anyhow::anyhow!("cannot start the log: {error}"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_has_an_example_in_its_help() {
        for verb in Cli::command().get_subcommands_mut() {
            let help = verb.render_long_help().to_string();
            assert!(help.contains("Example") && help.contains("parcelight "), "{}", verb.get_name());
            assert!(verb.get_about().is_some(), "{} says what it does", verb.get_name());
        }
    }
}
