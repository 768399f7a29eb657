//! `parcelight evaluate`.

mod tables;
mod words;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::engine::evaluation::sampling::{Half, half};
use crate::engine::evaluation::{Case, Draws};
use crate::io::ruleset::{self, RulesetFile};
use crate::io::tables::{Format, encode};
use crate::io::truth::{self, Reading};
use crate::model::Season;
use crate::model::{Ruleset, SampleTable, Watch};
use crate::project::evaluating::{self, Aim, Choice, Ground};
use crate::project::marking;

use super::args::FormatWord;
use super::markers::{self, Feed};
use super::output::{self, Run, write_file};
use super::{progress, usage};
use words::{Condition, parse_column, parse_condition, parse_tune};

/// How well a ruleset finds events that are known
///
/// Known events are rows of a CSV file or features of a vector layer (GeoPackage, GeoJSON, Shapefile, FlatGeobuf): an id (parcel_id,
/// plot_id, FID, ID, id), a day (date, start, event_date: 2022-06-01 or 01/06/2022), perhaps a last day (end_date, end), perhaps a
/// type (event_code, event_type, type). Features without an id belong to the parcel in which they lie, of --project or --parcels. A
/// year of a parcel counts when the file has a row for it and the series an observation in the season; rows without a day tell their
/// year in a column `year`. Detected and known events are paired one to one when they are no more days apart than the tolerance: as
/// many pairs as possible, then the nearest. Intervals are those of 95 % of draws of parcels.
///
/// `-o` gives a folder with `evaluation.csv`, `matches.csv` (each known and detected event), with --tune `ruleset.toml`, and `run.json`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight evaluate --ruleset mowing_s2.toml --series s2=s2_series.csv --id plot_id --clear \"clear_mask>=1\" \\\n    --truth events.csv --truth-type k --truth-ignore p --tune markers.mowing.detect.fall.min_depth=0.08..0.2/0.02 -o out"
)]
pub struct Args {
    /// Ruleset
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    ruleset: PathBuf,
    /// Marker or composite whose events are compared [default: the last one]
    #[arg(long, value_name = "MARKER", help_heading = "Rules")]
    events: Option<String>,
    /// Known events
    #[arg(long, value_name = "FILE", help_heading = "Known events")]
    truth: PathBuf,
    /// Type that is an event (repeatable) [default: every other type]
    #[arg(long, value_name = "TYPE", help_heading = "Known events")]
    truth_type: Vec<String>,
    /// Type that says that somebody looked and nothing happened (repeatable)
    #[arg(long, value_name = "TYPE", default_value = "n", help_heading = "Known events")]
    truth_none: Vec<String>,
    /// Type of periods near which a detection is neither right nor wrong, such as grazing (repeatable)
    #[arg(long, value_name = "TYPE", help_heading = "Known events")]
    truth_ignore: Vec<String>,
    /// Column of the file: id, date, end or type (repeatable) [default: guessed]
    #[arg(long, value_name = "id|date|end|type=COLUMN", value_parser = parse_column, help_heading = "Known events")]
    truth_column: Vec<(String, String)>,
    #[command(flatten)]
    feed: Feed,
    /// Only observations of which a component meets this, e.g. "clear_mask>=1" (repeatable)
    #[arg(long, value_name = "COMPONENT>=VALUE", value_parser = parse_condition, help_heading = "Input")]
    clear: Vec<Condition>,
    /// Part of every year in which known and detected events count
    #[arg(long, value_name = "MM-DD..MM-DD", default_value = "04-01..10-31", help_heading = "Comparison")]
    season: Season,
    /// Most days between a known event and its detection, one table each
    #[arg(long, value_name = "DAYS,…", value_delimiter = ',', default_value = "6,12", help_heading = "Comparison")]
    tolerance: Vec<u16>,
    /// Parcels: half of them by a hash of their ids, or all
    #[arg(long, value_enum, default_value = "all", conflicts_with = "tune", help_heading = "Comparison")]
    half: HalfWord,
    /// Seed of the halves and of the draws of parcels
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Comparison")]
    seed: u64,
    /// Draws of parcels for the intervals
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000), help_heading = "Comparison")]
    draws: u32,
    /// Choose a number of the ruleset on half of the parcels so that F1 is largest (repeatable); FIELD is named as by ruleset diff.
    /// Up to 3000 combinations all are tried, beyond one field after the other. Both halves are reported
    #[arg(long, value_name = "FIELD=FROM..TO/STEP", value_parser = parse_tune, help_heading = "Comparison")]
    tune: Vec<Choice>,
    /// Tolerance at which F1 is made largest, days [default: the largest of --tolerance]
    #[arg(long, value_name = "DAYS", requires = "tune", help_heading = "Comparison")]
    tune_at: Option<u16>,
    /// Folder for the results [default: the table on standard output only]
    #[arg(short, long, value_name = "DIR", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Format of the table on standard output [default: text for people]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    format: Option<FormatWord>,
}

/// [`Half`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum HalfWord {
    /// The half that numbers are chosen on
    Tune,
    /// The half that is reported
    Report,
    /// All parcels
    All,
}

impl HalfWord {
    fn name(self) -> &'static str {
        match self {
            Self::Tune => "tune",
            Self::Report => "report",
            Self::All => "all",
        }
    }

    fn of(self, ground: &Ground, seed: u64) -> Ground {
        match self {
            Self::Tune => ground.only(|id| half(id, seed) == Half::Tune),
            Self::Report => ground.only(|id| half(id, seed) == Half::Report),
            Self::All => ground.clone(),
        }
    }
}

/// Cases of some parcels by name of the half, with their ids.
pub(in crate::cli) struct Part {
    name: &'static str,
    ids: Vec<String>,
    cases: Vec<Case>,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    if args.format == Some(FormatWord::Parquet) {
        return Err(usage("--format is csv or json here"));
    }
    let known = truth::open(&args.truth, &reading(args))?;
    let rules = ruleset::load(&args.ruleset)?;
    let marker = marker(args, &rules)?;
    let (mut read, markers::Parcels { ids, series: mut inputs, layer, .. }) = markers::gather(&args.feed, &rules, run)?;
    let truth::Truth { records, outside } = known.by_parcel(layer.as_deref())?;
    if outside > 0 {
        run.say(&format!("{outside} features of the known events lie in no parcel and take no part"));
    }
    read.push(args.truth.clone());
    for condition in &args.clear {
        keep(condition, &mut inputs)?;
    }
    let ground = Ground::new(ids, inputs, &records, args.season);
    tell_left_out(&ground, run);
    anyhow::ensure!(
        !ground.ids.is_empty(),
        "no parcel has both records and series: the ids of {} are not those of the series",
        args.truth.display()
    );
    let mut chosen = rules.ruleset.clone();
    let mut halves = vec![args.half];
    if !args.tune.is_empty() {
        chosen = tuned(args, &rules.ruleset, marker, &HalfWord::Tune.of(&ground, args.seed), run)?;
        halves = vec![HalfWord::Tune, HalfWord::Report];
    }
    let plan = marking::compile(&chosen).map_err(|fault| rules.fault(&fault))?;
    let mut parts = Vec::new();
    for own in halves {
        let ground = own.of(&ground, args.seed);
        let found = marking::evaluate(&plan, &ground.inputs, run.general.jobs(), &Watch::default())?;
        markers::tell_shortfalls(&rules, &found, run);
        let cases = ground.cases(&found, marker, args.season);
        parts.push(Part { name: own.name(), ids: ground.ids, cases });
    }
    write(args, &chosen, &parts, &read, run)?;
    Ok(ExitCode::SUCCESS)
}

fn reading(args: &Args) -> Reading {
    let column = |role: &str| args.truth_column.iter().rfind(|(own, _)| own == role).map(|(_, column)| column.clone());
    Reading {
        id: column("id"),
        date: column("date"),
        end: column("end"),
        type_column: column("type"),
        events: args.truth_type.clone(),
        none: args.truth_none.clone(),
        ignore: args.truth_ignore.clone(),
    }
}

/// Place of the marker that is compared.
fn marker(args: &Args, rules: &RulesetFile) -> anyhow::Result<usize> {
    let plan = marking::compile(&rules.ruleset).map_err(|fault| rules.fault(&fault))?;
    let names = evaluating::names(&plan);
    let Some(asked) = &args.events else {
        return names.len().checked_sub(1).ok_or_else(|| usage("the ruleset has no marker, so there is nothing to compare"));
    };
    let place = names.iter().position(|name| name == asked);
    place.ok_or_else(|| usage(format!("the ruleset has no marker “{asked}”; it has {}", names.join(", "))))
}

/// Drops the observations that do not meet a condition, from every table that has the component.
fn keep(condition: &Condition, inputs: &mut [Vec<SampleTable>]) -> anyhow::Result<()> {
    let mut known = false;
    for table in inputs.iter_mut().flatten() {
        let Some(column) = table.column(&condition.component) else { continue };
        known = true;
        let holds: Vec<bool> = column.values.iter().map(|&value| condition.when.met(value, condition.value)).collect();
        table.retain(|row| holds[row]);
    }
    if known { Ok(()) } else { Err(usage(format!("no series has a component “{}” for --clear", condition.component))) }
}

fn tell_left_out(ground: &Ground, run: &Run) {
    let left = ground.left_out;
    for (count, what) in [
        (left.parcels, "parcels of the known events have no series and take no part"),
        (left.years, "years of parcels have records and no clear observation in the season, and take no part"),
        (left.events, "known events lie outside the season and take no part"),
    ] {
        if count > 0 {
            run.say(&format!("{count} {what}"));
        }
    }
}

/// The ruleset with the numbers that find most.
fn tuned(args: &Args, rules: &Ruleset, marker: usize, ground: &Ground, run: &Run) -> anyhow::Result<Ruleset> {
    let largest = args.tolerance.iter().max().copied().unwrap_or(12);
    let tolerance_days = f64::from(args.tune_at.unwrap_or(largest));
    let aim = Aim { marker, tolerance_days, season: args.season };
    let watch = Watch::default();
    let found = progress::during(&run.general, "choosing numbers", &watch, || {
        evaluating::tune(rules, &args.tune, ground, aim, run.general.jobs(), &watch)
    })?;
    let way = if found.complete { "all" } else { "one field after the other" };
    run.say(&format!(
        "{} rulesets tried ({way}) on {} parcels; largest F1 at ±{tolerance_days} days {:.3}",
        found.tried,
        ground.ids.len(),
        found.counts.f1()
    ));
    for (choice, value) in args.tune.iter().zip(&found.values) {
        let edge = choice.values.len() > 2 && (choice.values.first() == Some(value) || choice.values.last() == Some(value));
        run.say(&format!("  {} = {value}{}", choice.field, if edge { " (at the end of its range)" } else { "" }));
    }
    Ok(found.ruleset)
}

fn write(args: &Args, rules: &Ruleset, parts: &[Part], read: &[PathBuf], run: &Run) -> anyhow::Result<()> {
    let draws = Draws { number: args.draws as usize, seed: args.seed };
    let tolerances: Vec<f64> = args.tolerance.iter().map(|&days| f64::from(days)).collect();
    let rows = tables::rows(parts, &tolerances, draws);
    match args.format {
        None => output::print(tables::text(&rows).as_bytes())?,
        Some(format) => output::print(&encode(&tables::table(&rows), format.into())?)?,
    }
    let Some(folder) = &args.output else { return Ok(()) };
    let mut files: Vec<PathBuf> = Vec::new();
    let mut save = |name: &str, bytes: &[u8]| {
        files.push(folder.join(name));
        write_file(&folder.join(name), bytes)
    };
    save("evaluation.csv", &encode(&tables::table(&rows), Format::Csv)?)?;
    save("matches.csv", &encode(&tables::matches(parts, &tolerances), Format::Csv)?)?;
    if !args.tune.is_empty() {
        save("ruleset.toml", ruleset::write(rules)?.as_bytes())?;
    }
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    run.write_ruleset_record(folder, read, &files, &ruleset::hash(rules)?)
}
