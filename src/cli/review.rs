//! `parcelight review`.

mod exchange;
mod summary;

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};

use crate::engine::review::Review;
use crate::io::tables::{Format, Kind, Table, Value, defused};
use crate::model::ParcelIx;
use crate::model::review::{ParcelReview, Standing};
use crate::project::decisions::{journal_path, review_of};

use super::args::{Choice, TableOut};
use super::input::{Known, choose};
use super::output::{Run, format};
use super::usage;

/// Decisions of a project: lists, imports, exports and merges them, and says how good they are
///
/// The journal of a project is NAME.decisions.sqlite beside NAME.parcelight.toml, unless the project file names one (decisions). It only
/// grows: an import adds entries and replaces none. Verdicts and reasons are those of the project's form (review), or of the form that
/// ships with the program.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight review merge ann.decisions.sqlite ben.jsonl -o both.jsonl --disagreements disputed.csv"
)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    List(List),
    Import(exchange::ImportArgs),
    Export(exchange::ExportArgs),
    Merge(exchange::MergeArgs),
    Summary(summary::Args),
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    match &args.what {
        What::List(args) => list(args, run),
        What::Import(args) => exchange::import(args, run),
        What::Export(args) => exchange::export(args, run),
        What::Merge(args) => exchange::merge(args, run),
        What::Summary(args) => summary::run(args, run),
    }
}

/// Lists parcels with where they stand: a row a parcel, in the order of the layer
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  parcelight review list --project season.parcelight.toml --state disputed")]
struct List {
    /// Project file
    #[arg(long, value_name = "PROJECT.toml", help_heading = "Input")]
    project: std::path::PathBuf,
    #[command(flatten)]
    choice: Choice,
    /// Only parcels in this state [default: all]
    #[arg(long, value_name = "STATE", help_heading = "Parcels and dates")]
    state: Option<State>,
    #[command(flatten)]
    out: TableOut,
}

/// Where a parcel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum State {
    /// Without expert verdict
    Open,
    /// With expert verdict
    Decided,
    /// To come back to
    Deferred,
    /// Flagged, whatever else
    Flagged,
    /// With different verdicts that nobody has resolved
    Disputed,
}

impl State {
    fn holds(self, state: &ParcelReview) -> bool {
        match self {
            Self::Open => state.standing() == Standing::Open,
            Self::Decided => state.standing() == Standing::Decided,
            Self::Deferred => state.standing() == Standing::Deferred,
            Self::Flagged => state.flag.is_some(),
            Self::Disputed => state.disputed(),
        }
    }
}

/// A project, the parcels that were asked for, and what was decided. No image is looked for.
struct Reviewed {
    project: Known,
    parcels: Vec<ParcelIx>,
    review: Review,
}

impl Reviewed {
    fn open(project: &std::path::Path, choice: &Choice, run: &Run) -> anyhow::Result<Self> {
        let project = Known::open(project, run)?;
        let parcels = choose(&project.parcels, choice)?;
        let review = review_of(&project.path, &project.file)?;
        let strange = review.parcels().filter(|(id, _)| project.parcels.find(id).is_none()).count();
        if strange > 0 {
            run.say(&format!("journal: {strange} parcels with decisions are not in the layer of parcels"));
        }
        Ok(Self { project, parcels, review })
    }

    /// Files that results depend on.
    fn inputs(&self) -> Vec<std::path::PathBuf> {
        let journal = journal_path(&self.project.path, &self.project.file);
        let mut inputs = self.project.inputs();
        inputs.extend(journal.exists().then_some(journal));
        inputs
    }

    /// Ids and crops of the parcels that were asked for, each id once.
    fn ids(&self) -> Vec<(&str, &str)> {
        let table = &self.project.parcels;
        let mut known = std::collections::BTreeSet::new();
        let own = self.parcels.iter().map(|&parcel| (table.id(parcel), table.crop(parcel).unwrap_or("")));
        own.filter(|(id, _)| known.insert(*id)).collect()
    }

    /// What was said of the parcels that were asked for.
    fn states(&self) -> Vec<(&str, &ParcelReview)> {
        self.ids().into_iter().filter_map(|(id, _)| Some((id, self.review.of(id)?))).collect()
    }
}

fn list(args: &List, run: &Run) -> anyhow::Result<ExitCode> {
    let kind = format(&args.out)?;
    let reviewed = Reviewed::open(&args.project, &args.choice, run)?;
    let silent = ParcelReview::default();
    let names = ["parcel_id", "crop", "state", "verdict", "expert_user", "time", "experts", "disputed", "flag", "final_verdict"];
    let columns = names.map(|name| (name.to_owned(), if name == "experts" { Kind::Integer } else { Kind::Text })).to_vec();
    let mut table = Table { columns, rows: Vec::new() };
    for (id, crop) in reviewed.ids() {
        let state = reviewed.review.of(id).unwrap_or(&silent);
        if args.state.is_none_or(|wanted| wanted.holds(state)) {
            table.rows.push(row(id, crop, state));
        }
    }
    let counts = reviewed.review.count(reviewed.ids().into_iter().map(|(id, _)| id));
    run.say(&format!(
        "{} of {} parcels listed: {} open, {} decided, {} deferred; {} flagged, {} disputed",
        table.rows.len(),
        counts.parcels,
        counts.open,
        counts.decided,
        counts.deferred,
        counts.flagged,
        counts.disputed
    ));
    run.write_table(&for_people(table, kind), &args.out, &reviewed.inputs())?;
    Ok(ExitCode::SUCCESS)
}

fn row(id: &str, crop: &str, state: &ParcelReview) -> Vec<Value> {
    let text = |word: &str| if word.is_empty() { Value::Empty } else { Value::Text(word.to_owned()) };
    let standing = match state.standing() {
        Standing::Open => "open",
        Standing::Deferred => "deferred",
        Standing::Decided => "decided",
    };
    let latest = state.latest.as_ref();
    vec![
        Value::Text(id.to_owned()),
        text(crop),
        text(standing),
        text(latest.map_or("", |(_, own)| own.decided.verdict.as_str())),
        text(latest.map_or("", |(user, _)| user.as_str())),
        latest.map_or(Value::Empty, |(_, own)| Value::Text(own.time.to_string())),
        Value::Integer(state.opinions.len() as i64),
        Value::Text(state.disputed().to_string()),
        text(state.flag.as_ref().map_or("", |(reason, _)| reason.as_str())),
        text(state.resolved.as_ref().map_or("", |(_, _, own)| own.verdict.as_str())),
    ]
}

/// A table with words of people: in CSV, which spreadsheet programs open, these are no formulas.
fn for_people(table: Table, format: Format) -> Table {
    if format == Format::Csv { defused(&table) } else { table }
}

/// Name of the person, if none is given: that of the account.
fn user_name(given: Option<&str>) -> anyhow::Result<String> {
    let account = || ["USER", "USERNAME", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let name = given.map(str::to_owned).or_else(account).unwrap_or_default();
    if name.trim().is_empty() {
        return Err(usage("nobody knows who decided; name them with --user"));
    }
    Ok(name)
}
