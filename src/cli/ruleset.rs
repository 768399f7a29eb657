//! `parcelight ruleset`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use crate::io::ruleset::{self, RulesetFile, shipped};
use crate::project::marking;

use super::output::{self, Run};

/// Lists those that ship with the program; shows, hashes, compares rulesets, and imports option files of the JRC's marker tool
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight ruleset import-jrc options.json -o mowing.toml && parcelight ruleset show mowing.toml"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Lists the rulesets that ship with the program, to be named as shipped:NAME
    #[command(after_help = "Example:\n  parcelight ruleset list")]
    List,
    /// Prints a ruleset with every field, defaults included; one that ships with the program as it is, with its comments
    #[command(after_help = "Example:\n  parcelight ruleset show shipped:sen4cap_mowing > mowing.toml")]
    Show {
        /// Ruleset, or shipped:NAME
        #[arg(value_name = "RULESET.toml")]
        file: PathBuf,
    },
    /// Prints the hash of what a ruleset says: comments, order and written defaults do not count
    #[command(after_help = "Example:\n  parcelight ruleset hash mowing.toml")]
    Hash {
        /// Ruleset
        #[arg(value_name = "RULESET.toml")]
        file: PathBuf,
    },
    /// Lists the fields in which two rulesets differ
    #[command(after_help = "Example:\n  parcelight ruleset diff mowing.toml mowing_strict.toml")]
    Diff {
        /// One ruleset
        #[arg(value_name = "A.toml")]
        a: PathBuf,
        /// The other
        #[arg(value_name = "B.toml")]
        b: PathBuf,
    },
    /// Makes a ruleset of an option file of the JRC's marker tool; blocks that cannot be imported are named
    #[command(after_help = "Example:\n  parcelight ruleset import-jrc options.json -o mowing.toml")]
    ImportJrc {
        /// Option file
        #[arg(value_name = "OPTIONS.json")]
        file: PathBuf,
        /// Write to this file [default: standard output]
        #[arg(short, long, value_name = "RULESET.toml")]
        output: Option<PathBuf>,
    },
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::List => {
            let lines = shipped::SHIPPED.map(|(name, text)| format!("{}{name}: {}\n", shipped::PREFIX, shipped::summary(text)));
            output::print(lines.concat().as_bytes())?;
        }
        What::Show { file } if file.to_str().is_some_and(|word| word.starts_with(shipped::PREFIX)) => {
            output::print(checked(file)?.text().as_bytes())?;
        }
        What::Show { file } => output::print(ruleset::write(&checked(file)?.ruleset)?.as_bytes())?,
        What::Hash { file } => output::print(format!("{}\n", ruleset::hash(&checked(file)?.ruleset)?).as_bytes())?,
        What::Diff { a, b } => {
            let mut text = String::new();
            let shown = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
            for own in ruleset::diff(&checked(a)?.ruleset, &checked(b)?.ruleset)? {
                // Writing to a string cannot fail.
                let _written = writeln!(text, "{}: {} → {}", own.field, shown(own.before), shown(own.after));
            }
            if text.is_empty() {
                run.say("the rulesets say the same");
            }
            output::print(text.as_bytes())?;
        }
        What::ImportJrc { file, output: to } => {
            let import = ruleset::import_jrc(file)?;
            import.notes.iter().for_each(|note| run.say(&format!("note: {note}")));
            let text = ruleset::write(&import.ruleset)?;
            match to {
                Some(path) => {
                    output::write_file(path, text.as_bytes())?;
                    run.write_record(std::slice::from_ref(file), &[path])?;
                }
                None => output::print(text.as_bytes())?,
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A ruleset whose expressions are good too.
fn checked(file: &std::path::Path) -> anyhow::Result<RulesetFile> {
    let read = ruleset::load(file)?;
    marking::compile(&read.ruleset).map_err(|fault| read.fault(&fault))?;
    Ok(read)
}
