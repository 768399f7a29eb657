//! Rulesets on many parcels: series from tables or from the project, evaluation on all cores.

pub mod account;
pub mod detection;
pub mod effect;
pub mod features;
pub mod gather;
pub mod marked;

use std::sync::Arc;

use anyhow::Context as _;
use jiff::civil::Date;
use rayon::prelude::*;

use super::Project;
use crate::engine::indices::IndexSet;
use crate::engine::markers::evaluate::{Evaluation, Scratch};
use crate::engine::markers::plan::Plan;
use crate::engine::markers::{Window, date_of};
use crate::engine::series::bands_of;
use crate::model::ruleset::{Fault, Input, Key};
use crate::model::{ParcelIx, Ruleset, SampleTable, Signal, Watch};

/// Compiles a ruleset with the shipped indices.
pub fn compile(rules: &Ruleset) -> Result<Plan, Fault> {
    Plan::compile(rules, &IndexSet::new(&[]).0)
}

/// Checks that a project can give the series that a ruleset asks of it; `given` are the inputs that come from tables.
pub fn check_inputs(rules: &Ruleset, given: &[&str], indices: Option<&IndexSet>) -> Result<(), Fault> {
    for (at, input) in rules.inputs.iter().enumerate().filter(|(_, input)| !given.contains(&input.name.as_str())) {
        let way = |field| vec![Key::Name("inputs"), Key::At(at), Key::Name(field)];
        let Some(indices) = indices else {
            let reason = format!("“{}” is not given; give it with --series {0}=FILE.csv, or work on a project", input.name);
            return Err(Fault { way: way("name"), reason });
        };
        if input.signals.is_empty() {
            let reason =
                format!("“{}” names no signals of the project; give it with --series {0}=FILE.csv, or list signals", input.name);
            return Err(Fault { way: way("name"), reason });
        }
        for signal in &input.signals {
            bands_of(&Signal::parse(signal), indices)
                .map_err(|error| Fault { way: way("signals"), reason: format!("signal {signal}: {error}") })?;
        }
    }
    Ok(())
}

/// Only the observations of some days, both included.
pub fn between(table: &mut SampleTable, from: Option<Date>, to: Option<Date>) {
    let inside = Window::of_dates(from, to).of(&table.days);
    table.retain(|row| inside.contains(&row));
}

/// The series of an input from a project: usable observations of its signals, with what is known of each acquisition.
pub fn series_of(project: &Project, input: &Input, parcel: ParcelIx) -> anyhow::Result<SampleTable> {
    let env = project.env.as_ref().context("the project is not loaded")?;
    let source = gather::Source { store: project.store_ref(), peers: input.peers.then(|| project.file().peers.clone()) };
    gather::of_input(env, &source, input, parcel)
}

/// Runs a ruleset on many parcels, in their order whatever the number of threads.
pub fn evaluate(plan: &Plan, parcels: &[Vec<SampleTable>], jobs: usize, watch: &Watch) -> anyhow::Result<Vec<Evaluation>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).thread_name(|number| format!("mark-{number}")).build()?;
    watch.set_total(parcels.len() as u64);
    pool.install(|| {
        parcels
            .par_iter()
            .map_init(Scratch::default, |scratch, inputs| {
                anyhow::ensure!(!watch.cancelled(), "cancelled");
                let found = plan.run(inputs, scratch);
                watch.advance(1);
                Ok(found)
            })
            .collect()
    })
}

/// A day for a file: `2020-04-06`; empty for none.
pub fn day_text(day: f64) -> Option<String> {
    if day.is_finite() { date_of(day).map(|date| date.to_string()) } else { None }
}

/// Names of the parts of derived series, in the order in which they first appear.
pub fn series_names<'e>(all: impl IntoIterator<Item = &'e Evaluation>) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for (name, _) in all.into_iter().flat_map(|own| &own.series) {
        if !names.contains(name) {
            names.push(Arc::clone(name));
        }
    }
    names
}
