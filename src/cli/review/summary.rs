//! How good the decisions are: `summary`.

use std::path::PathBuf;
use std::process::ExitCode;

use crate::engine::evaluation::sampling::Interval;
use crate::engine::quality::{ALL, Quality, Share, cases, quality};
use crate::io::tables::{Kind, Table, Value};
use crate::project::decisions::form_of;

use super::super::args::{Choice, TableOut};
use super::super::output::{Run, format};
use super::{Reviewed, for_people};

/// Quality of the decisions: counts, rates, agreement and errors with intervals at 95 %, as one long table
///
/// Columns: table, group, first, second, part, whole, value, low, high. Tables: state (counts of parcels), rate (verdicts by crop; final
/// verdict, or else the latest expert one), agreement (share of parcels on which two raters agree), kappa (Cohen's), counts (parcels by
/// the words of two raters, as in FIRST=WORD), commission (red parcels that comply), omission (parcels that do not comply and are green),
/// cause (parcels with a reason, of those where the automatic verdict erred). The automatic verdict is that at the moment of the decision;
/// raters are compared with it as traffic lights.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  parcelight review summary --project season.parcelight.toml -o quality.csv")]
pub(super) struct Args {
    /// Project file
    #[arg(long, value_name = "PROJECT.toml", help_heading = "Input")]
    project: PathBuf,
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    out: TableOut,
}

/// Runs `summary`.
pub(super) fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    let kind = format(&args.out)?;
    let reviewed = Reviewed::open(&args.project, &args.choice, run)?;
    let form = form_of(&reviewed.project.path, &reviewed.project.file)?;
    let found = quality(&cases(&reviewed.review, reviewed.ids()), &form);
    if found.unknown_words > 0 {
        run.say(&format!("{} parcels have a verdict that the form does not know; they are not compared", found.unknown_words));
    }
    let mut table = states(&reviewed);
    table.rows.extend(rows(&found));
    run.write_table(&for_people(table, kind), &args.out, &reviewed.inputs())?;
    Ok(ExitCode::SUCCESS)
}

fn states(reviewed: &Reviewed) -> Table {
    let text = ["table", "group", "first", "second"].map(|name| (name.to_owned(), Kind::Text));
    let whole = ["part", "whole"].map(|name| (name.to_owned(), Kind::Integer));
    let number = ["value", "low", "high"].map(|name| (name.to_owned(), Kind::Number));
    let columns = text.into_iter().chain(whole).chain(number).collect();
    let counts = reviewed.review.count(reviewed.ids().into_iter().map(|(id, _)| id));
    let states = [
        ("open", counts.open),
        ("decided", counts.decided),
        ("deferred", counts.deferred),
        ("flagged", counts.flagged),
        ("disputed", counts.disputed),
        ("final", counts.resolved),
    ];
    let rows = states.map(|(name, count)| share("state", ALL, name, "", Share::of(count, counts.parcels))).to_vec();
    Table { columns, rows }
}

fn rows(found: &Quality) -> Vec<Vec<Value>> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    rows.extend(found.rates.iter().map(|own| share("rate", &own.group, &own.verdict, "", own.share)));
    for pair in &found.agreements {
        let (first, second, own) = (&pair.first, &pair.second, &pair.agreement);
        rows.push(share("agreement", ALL, first, second, own.observed));
        let Interval { low, high } = own.interval;
        let kappa = [own.kappa, low, high].map(Value::Number);
        rows.push(
            [words("kappa", ALL, first, second), vec![Value::Empty, Value::Integer(own.count as i64)], kappa.to_vec()].concat(),
        );
        for (row, one) in own.table.iter().zip(&own.words) {
            for (&count, other) in row.iter().zip(&own.words) {
                let (one, other) = (format!("{first}={one}"), format!("{second}={other}"));
                rows.push(share("counts", ALL, &one, &other, Share::of(count, own.count)));
            }
        }
    }
    for own in &found.errors {
        rows.push(share("commission", &own.group, "automatic", "", own.commission));
        rows.push(share("omission", &own.group, "automatic", "", own.omission));
    }
    rows.extend(found.causes.iter().map(|own| share("cause", ALL, &own.reason, "", own.errors)));
    rows
}

fn words(table: &str, group: &str, first: &str, second: &str) -> Vec<Value> {
    [table, group, first, second].map(|word| if word.is_empty() { Value::Empty } else { Value::Text(word.to_owned()) }).to_vec()
}

fn share(table: &str, group: &str, first: &str, second: &str, own: Share) -> Vec<Value> {
    let counts = [own.part, own.whole].map(|count| Value::Integer(count as i64));
    let numbers = [own.value(), own.interval.low, own.interval.high].map(Value::Number);
    [words(table, group, first, second), counts.to_vec(), numbers.to_vec()].concat()
}
