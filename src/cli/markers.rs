//! `parcelight markers`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use jiff::Timestamp;

use crate::engine::markers::evaluate::{Evaluation, Event, Finding};
use crate::engine::markers::features::FeaturePlan;
use crate::engine::markers::plan::Plan;
use crate::engine::rules::{Explanation, Rules, Verdict};
use crate::io::ruleset::{self, RulesetFile};
use crate::io::samples::{self, SeriesTable};
use crate::io::tables::{self, Format, Kind, Table, Value};
use crate::model::units::iso_utc;
use crate::model::{self, ParcelIx, SampleTable, Watch};
use crate::project::marking::{self, marked::group_of};

use super::args::{Choice, Dates, Inputs, Tables};
use super::input::Opened;
use super::output::{Run, write_file};
use super::{input, progress, usage};

/// Markers and events of all or chosen parcels, by a ruleset
///
/// Writes to the folder: `markers.csv`, one row a parcel and marker with its outcome (yes, no, unknown), the value that decides, its
/// threshold and margin, the event's start and end, and the clear observations in the window; `events.csv`, one row an event (signal
/// is - for events that were put together); `verdicts.csv`, one row a parcel with its verdict (green, yellow, red) and the reason, empty
/// for a ruleset that only detects; `run.json`.
///
/// Rules of a group of crops hold for the parcels of these crops of a project; tables name no crops, so that the base rules hold.
///
/// Series come from the project, or from tables (--series): an id column (parcel_id, FID or --id), a time column (acquired_utc, Date,
/// date, acq_date, obsdate or --time); every other column is a component.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight markers --ruleset mowing.toml --series s2=s2.csv --series coh=coh.csv -o out --dump-signals"
)]
pub struct Args {
    /// Ruleset, or shipped:NAME (see parcelight ruleset list)
    #[arg(long, value_name = "FILE", help_heading = "Rules")]
    ruleset: PathBuf,
    #[command(flatten)]
    feed: Feed,
    /// Write every derived series as series_SIGNAL.csv too
    #[arg(long, help_heading = "Output")]
    dump_signals: bool,
    /// Folder for the results
    #[arg(short, long, value_name = "DIR", help_heading = "Output")]
    output: PathBuf,
}

/// Where the series of a ruleset's inputs come from.
#[derive(Debug, clap::Args)]
pub struct Feed {
    /// Table for an input of the ruleset (repeatable)
    #[arg(long, value_name = "NAME=FILE", value_parser = parse_series, help_heading = "Input")]
    pub series: Vec<(String, PathBuf)>,
    /// Time column of --series, or NAME=COLUMN of one of them (repeatable) [default: guessed]
    #[arg(long, value_name = "COLUMN", help_heading = "Input")]
    pub time: Vec<String>,
    #[command(flatten)]
    pub inputs: Inputs,
    #[command(flatten)]
    pub tables: Tables,
    #[command(flatten)]
    pub choice: Choice,
    #[command(flatten)]
    pub dates: Dates,
}

impl Feed {
    /// Time column of a table, if it is named.
    fn time_of(&self, name: &str) -> Option<&str> {
        let own = self.time.iter().find_map(|word| word.split_once('=').filter(|(of, _)| *of == name));
        own.map(|(_, column)| column).or_else(|| self.time.iter().find(|word| !word.contains('=')).map(String::as_str))
    }
}

fn parse_series(word: &str) -> Result<(String, PathBuf), String> {
    match word.split_once('=') {
        Some((name, file)) if !name.is_empty() && !file.is_empty() => Ok((name.to_owned(), PathBuf::from(file))),
        _ => Err("expected NAME=FILE.csv, e.g. s2=s2.csv".to_owned()),
    }
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    let rules = ruleset::load(&args.ruleset)?;
    let plan = marking::compile(&rules.ruleset).map_err(|fault| rules.fault(&fault))?;
    let features = FeaturePlan::new(&rules.ruleset, &plan);
    let judging = features.rules(&rules.ruleset).map_err(|fault| rules.fault(&fault))?;
    let (read, Parcels { ids, groups, series, .. }) = gather(&args.feed, &rules, run)?;
    let watch = Watch::default();
    let work = || marking::evaluate(&plan, &series, run.general.jobs(), &watch);
    let found = progress::during(&run.general, "looking for events", &watch, work)?;
    tell_shortfalls(&rules, &found, run);
    let verdicts = verdicts(&ids, judging.map_or_else(Vec::new, |judging| judge(&features, &judging, &groups, &found)));
    let files = write(args, &plan, &ids, &found, &verdicts)?;
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    run.write_ruleset_record(&args.output, &read, &files, &ruleset::hash(&rules.ruleset)?)?;
    Ok(ExitCode::SUCCESS)
}

/// Files read, and the series of all or chosen parcels.
pub fn gather(feed: &Feed, rules: &RulesetFile, run: &Run) -> anyhow::Result<(Vec<PathBuf>, Parcels)> {
    feed.dates.check()?;
    let given = read_tables(feed, rules, run)?;
    let names: Vec<&str> = given.keys().map(String::as_str).collect();
    let on_project = feed.inputs.project.is_some() || feed.inputs.parcels.is_some();
    let opened = if on_project { Some(input::open_with(&feed.inputs, &feed.tables, run)?) } else { None };
    let indices = opened.as_ref().map(|opened| opened.project.indices());
    marking::check_inputs(&rules.ruleset, &names, indices).map_err(|fault| rules.fault(&fault))?;
    let mut read: Vec<PathBuf> = std::iter::once(&rules.path).chain(feed.series.iter().map(|(_, path)| path)).cloned().collect();
    read.extend(opened.iter().flat_map(Opened::inputs));
    let parcels = match opened {
        Some(mut opened) => of_project(feed, rules, &given, &mut opened, run)?,
        None => of_tables(feed, rules, &given)?,
    };
    Ok((read, parcels))
}

/// Tables of `--series` by the name of their input.
fn read_tables(feed: &Feed, rules: &RulesetFile, run: &Run) -> anyhow::Result<BTreeMap<String, SeriesTable>> {
    let mut given = BTreeMap::new();
    for (name, path) in &feed.series {
        if !rules.ruleset.inputs.iter().any(|input| input.name == *name) {
            let known: Vec<&str> = rules.ruleset.inputs.iter().map(|input| input.name.as_str()).collect();
            return Err(usage(format!("the ruleset has no input “{name}”; it has {}", known.join(", "))));
        }
        let mut table = samples::read(path, feed.inputs.id.as_deref(), feed.time_of(name))?;
        for column in &table.left_out {
            run.say(&format!("series {name}: column {column} is left out"));
        }
        table.parcels.values_mut().for_each(|table| marking::between(table, feed.dates.from, feed.dates.to));
        if given.insert(name.clone(), table).is_some() {
            return Err(usage(format!("the input “{name}” is given twice")));
        }
    }
    Ok(given)
}

/// What is looked at, parcel by parcel, in the order of the ids.
pub struct Parcels {
    /// Ids.
    pub ids: Vec<String>,
    /// Groups of rules that they belong to.
    pub groups: Vec<u16>,
    /// Inputs of the ruleset.
    pub series: Vec<Vec<SampleTable>>,
    /// The layer that they come from, if one was named.
    pub layer: Option<Arc<model::Parcels>>,
}

/// All parcels of the tables, by id.
fn of_tables(feed: &Feed, rules: &RulesetFile, given: &BTreeMap<String, SeriesTable>) -> anyhow::Result<Parcels> {
    if feed.choice.filter.is_some() {
        return Err(usage("--where needs a parcel layer; name parcels with --parcel or --parcel-list"));
    }
    let known: BTreeSet<&String> = given.values().flat_map(|table| table.parcels.keys()).collect();
    let ids = input::choose_ids(&known, &feed.choice)?;
    let inputs = |id: &String| {
        let table = |name: &String| given.get(name).and_then(|own| own.parcels.get(id)).cloned().unwrap_or_default();
        rules.ruleset.inputs.iter().map(|input| table(&input.name)).collect()
    };
    let series = ids.iter().map(inputs).collect();
    Ok(Parcels { groups: vec![0; ids.len()], ids, series, layer: None })
}

/// The chosen parcels of a project, by id; tables go before the project's own series.
fn of_project(
    feed: &Feed,
    rules: &RulesetFile,
    given: &BTreeMap<String, SeriesTable>,
    opened: &mut Opened,
    run: &Run,
) -> anyhow::Result<Parcels> {
    let mut chosen: Vec<ParcelIx> = input::choose(&opened.data.parcels, &feed.choice)?;
    opened.settle(&chosen, run)?;
    chosen.sort_by_key(|&parcel| (opened.data.parcels.id(parcel), parcel));
    let watch = Watch::default();
    watch.set_total(chosen.len() as u64);
    let ids: Vec<String> = chosen.iter().map(|&parcel| opened.data.parcels.id(parcel).to_owned()).collect();
    let series = |parcel: ParcelIx, id: &String| -> anyhow::Result<Vec<SampleTable>> {
        let inputs = rules.ruleset.inputs.iter().map(|input| {
            if let Some(table) = given.get(&input.name) {
                return Ok(table.parcels.get(id).cloned().unwrap_or_default());
            }
            let mut table = marking::series_of(&opened.project, input, parcel)?;
            marking::between(&mut table, feed.dates.from, feed.dates.to);
            Ok(table)
        });
        inputs.collect()
    };
    let series = progress::during(&run.general, "reading series", &watch, || {
        let mut all = Vec::with_capacity(chosen.len());
        for (&parcel, id) in chosen.iter().zip(&ids) {
            all.push(series(parcel, id)?);
            watch.advance(1);
        }
        anyhow::Ok(all)
    })?;
    let group = |&parcel: &ParcelIx| group_of(&rules.ruleset, &opened.data.parcels.crop_words(parcel));
    let layer = Some(Arc::clone(&opened.data.parcels));
    Ok(Parcels { groups: chosen.iter().map(group).collect(), ids, series, layer })
}

/// The verdict of each parcel with its reason.
fn judge(features: &FeaturePlan, judging: &Rules, groups: &[u16], found: &[Evaluation]) -> Vec<Explanation> {
    let mut row = vec![0.0; features.columns().len()];
    let of = |(own, &group): (&Evaluation, &u16)| {
        features.row(own, &mut row);
        // The groups are those of the ruleset.
        judging.explain(&row, group)
    };
    found.iter().zip(groups).filter_map(of).collect()
}

fn verdicts(ids: &[String], explanations: Vec<Explanation>) -> Table {
    let code = |verdict: Verdict| match verdict {
        Verdict::Green => "green",
        Verdict::Yellow => "yellow",
        Verdict::Red => "red",
    };
    let row = |(id, own): (&String, Explanation)| vec![text(id), text(code(own.verdict)), text(own.to_string())];
    Table { columns: columns(&["parcel_id", "verdict", "reason"], &[]), rows: ids.iter().zip(explanations).map(row).collect() }
}

/// Steps that lacked a component, once each with the number of parcels.
pub fn tell_shortfalls(rules: &RulesetFile, found: &[Evaluation], run: &Run) {
    let mut counts: BTreeMap<(usize, usize, &str), usize> = BTreeMap::new();
    for own in found.iter().flat_map(|own| &own.shortfalls) {
        *counts.entry((own.signal, own.step, &own.component)).or_default() += 1;
    }
    for ((signal, step, component), parcels) in counts {
        let name = &rules.ruleset.signals[signal].name;
        run.say(&format!(
            "signal {name}, step {}: {parcels} parcels have no component “{component}”; their markers are unknown",
            step + 1
        ));
    }
}

/// Writes the tables; the files written.
fn write(args: &Args, plan: &Plan, ids: &[String], found: &[Evaluation], verdicts: &Table) -> anyhow::Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut save = |name: &str, table: &Table| -> anyhow::Result<()> {
        let path = args.output.join(name);
        write_file(&path, &tables::encode(table, Format::Csv)?)?;
        files.push(path);
        Ok(())
    };
    save("markers.csv", &markers(plan, ids, found))?;
    save("events.csv", &events(plan, ids, found))?;
    save("verdicts.csv", verdicts)?;
    if args.dump_signals {
        for name in marking::series_names(found) {
            save(&format!("series_{name}.csv"), &dump(&name, ids, found))?;
        }
    }
    Ok(files)
}

fn columns(texts: &[&str], numbers: &[&str]) -> Vec<(String, Kind)> {
    let of = |kind: Kind| move |name: &&str| ((*name).to_owned(), kind);
    texts.iter().map(of(Kind::Text)).chain(numbers.iter().map(of(Kind::Number))).collect()
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

fn day(day: f64) -> Value {
    marking::day_text(day).map_or(Value::Empty, Value::Text)
}

fn markers(plan: &Plan, ids: &[String], found: &[Evaluation]) -> Table {
    let mut columns = columns(&["parcel_id", "marker", "outcome"], &["value", "threshold", "margin"]);
    columns.extend(self::columns(&["start", "end"], &[]));
    columns.push(("clear_observations".to_owned(), Kind::Integer));
    let names: Vec<&str> = plan.findings().map(|(name, _)| name).collect();
    let row = |id: &String, name: &str, own: &Finding| {
        let event = own.decisive.and_then(|at| own.events.get(at));
        let at = |of: fn(&Event) -> f64| event.map_or(Value::Empty, |event| day(of(event)));
        vec![
            text(id),
            text(name),
            text(own.outcome.code()),
            Value::Number(own.value),
            Value::Number(own.threshold),
            Value::Number(own.margin),
            at(|event| event.marker.start),
            at(|event| event.marker.stop),
            Value::Integer(i64::from(own.observations)),
        ]
    };
    let of = |(id, own): (&String, &Evaluation)| {
        own.findings().zip(&names).map(|(finding, name)| row(id, name, finding)).collect::<Vec<_>>()
    };
    Table { columns, rows: ids.iter().zip(found).flat_map(of).collect() }
}

fn events(plan: &Plan, ids: &[String], found: &[Evaluation]) -> Table {
    let texts = ["parcel_id", "signal", "kind", "start", "peak", "end"];
    let mut columns = columns(&texts, &["value_start", "value_peak", "value_end", "depth"]);
    columns.push(("duration_days".to_owned(), Kind::Integer));
    columns.extend(self::columns(&["marker", "component"], &["confidence"]));
    let names: Vec<(&str, &str)> = plan.findings().collect();
    let row = |id: &String, (name, signal): (&str, &str), own: &Event| {
        let marker = &own.marker;
        let mut row = vec![text(id), text(signal), text(marker.kinds.to_string())];
        row.extend([marker.start, marker.main, marker.stop].map(day));
        row.extend(marker.values.map(Value::Number));
        row.push(Value::Number(marker.depth));
        row.push(Value::Integer(marker.duration_days() as i64));
        row.extend([text(name), text(&*own.component), Value::Number(own.confidence)]);
        row
    };
    let of = |(id, own): (&String, &Evaluation)| {
        own.findings()
            .zip(&names)
            .flat_map(|(finding, &names)| finding.events.iter().map(move |event| row(id, names, event)))
            .collect::<Vec<_>>()
    };
    Table { columns, rows: ids.iter().zip(found).flat_map(of).collect() }
}

/// A derived series of all parcels: days as dates where all are whole, times otherwise.
fn dump(name: &str, ids: &[String], found: &[Evaluation]) -> Table {
    let parts = || {
        let of = |(id, own): (&'_ String, &'_ Evaluation)| (id.clone(), own.series.iter().position(|(part, _)| &**part == name));
        let places: Vec<(String, Option<usize>)> = ids.iter().zip(found).map(of).collect();
        places.into_iter().zip(found).filter_map(|((id, at), own)| Some((id, &own.series[at?].1)))
    };
    let mut components: Vec<Arc<str>> = Vec::new();
    for column in parts().flat_map(|(_, table)| &table.columns) {
        if !components.contains(&column.name) {
            components.push(Arc::clone(&column.name));
        }
    }
    let whole = parts().all(|(_, table)| table.days.iter().all(|day| day.fract() == 0.0));
    let time = |own: f64| {
        if whole {
            return day(own);
        }
        // A day out of the calendar has no time.
        Timestamp::from_millisecond((own * 86_400_000.0).round() as i64).map_or(Value::Empty, |time| Value::Text(iso_utc(time)))
    };
    let names: Vec<&str> = components.iter().map(|name| &**name).collect();
    let mut rows = Vec::new();
    for (id, table) in parts() {
        let columns: Vec<_> = components.iter().map(|name| table.column(name)).collect();
        for (row, &own) in table.days.iter().enumerate() {
            let values: Vec<f64> = columns.iter().map(|column| column.map_or(f64::NAN, |column| column.values[row])).collect();
            if values.iter().all(|value| value.is_nan()) {
                continue;
            }
            let mut cells = vec![text(&id), time(own)];
            cells.extend(values.into_iter().map(Value::Number));
            rows.push(cells);
        }
    }
    Table { columns: columns(&["parcel_id", "date"], &names), rows }
}
