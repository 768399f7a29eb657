//! Rulesets against known events: cases from records and findings, and a search for the numbers of a ruleset that find most.

use std::collections::BTreeMap;

use super::marking;
use crate::engine::evaluation::{Case, Counts, counted};
use crate::engine::markers::evaluate::{Evaluation, Finding};
use crate::engine::markers::plan::Plan;
use crate::engine::markers::{Window, date_of, epoch_day};
use crate::io::ruleset;
use crate::io::truth::{Record, Records, What};
use crate::model::ruleset::Fault;
use crate::model::{Ruleset, SampleTable, Season, Watch};

/// Parcels with what is known and observed of them, in the order of their ids.
#[derive(Debug, Clone, Default)]
pub struct Ground {
    /// Ids of parcels that have records.
    pub ids: Vec<String>,
    /// Inputs of the ruleset by parcel.
    pub inputs: Vec<Vec<SampleTable>>,
    /// Cases without detections.
    cases: Vec<Case>,
    /// What took no part, and why.
    pub left_out: LeftOut,
}

/// Counts of what took no part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LeftOut {
    /// Parcels with records and without series.
    pub parcels: usize,
    /// Years of parcels with records and without a clear observation in the season.
    pub years: usize,
    /// Events outside the season.
    pub events: usize,
}

impl Ground {
    /// From the series of all parcels and the records of some.
    ///
    /// A year of a parcel takes part when it has a record and an observation in the season; detections of other years say nothing. What
    /// lies outside the season takes no part either. Observations are those of the first input.
    pub fn new(ids: Vec<String>, inputs: Vec<Vec<SampleTable>>, records: &Records, season: Season) -> Self {
        let mut ground = Self::default();
        ground.left_out.parcels = records.keys().filter(|id| ids.binary_search(id).is_err()).count();
        for (id, inputs) in ids.into_iter().zip(inputs) {
            let Some(records) = records.get(&id) else { continue };
            let parcel = ground.ids.len();
            let days = inputs.first().map(observed).unwrap_or_default();
            let mut years: Vec<i16> = records.iter().map(|record| record.year).collect();
            years.sort_unstable();
            years.dedup();
            for year in years {
                let own = records.iter().filter(|record| record.year == year);
                ground.add(parcel, year, own, &days, season);
            }
            ground.ids.push(id);
            ground.inputs.push(inputs);
        }
        ground
    }

    fn add<'r>(&mut self, parcel: usize, year: i16, records: impl Iterator<Item = &'r Record>, days: &[f64], season: Season) {
        let clear: Vec<f64> = days.iter().copied().filter(|&day| in_season(day, year, season)).collect();
        if clear.is_empty() {
            self.left_out.years += 1;
            return;
        }
        let mut case = Case { parcel, year, clear, ..Case::default() };
        for record in records {
            match record.what {
                What::Event(from, to) => {
                    let day = f64::midpoint(epoch_day(from), epoch_day(to)).floor();
                    if in_season(day, year, season) {
                        case.truths.push(day);
                    } else {
                        self.left_out.events += 1;
                    }
                }
                What::Ignored(from, to) => case.ignored.push(Window { from: epoch_day(from), to: epoch_day(to) }),
                What::Looked => {}
            }
        }
        case.truths.sort_by(f64::total_cmp);
        self.cases.push(case);
    }

    /// Those parcels that a rule takes.
    #[must_use]
    pub fn only(&self, takes: impl Fn(&str) -> bool) -> Self {
        let places: Vec<usize> = (0..self.ids.len()).filter(|&at| takes(&self.ids[at])).collect();
        let place: BTreeMap<usize, usize> = places.iter().enumerate().map(|(new, &old)| (old, new)).collect();
        let case = |case: &Case| place.get(&case.parcel).map(|&parcel| Case { parcel, ..case.clone() });
        Self {
            ids: places.iter().map(|&at| self.ids[at].clone()).collect(),
            inputs: places.iter().map(|&at| self.inputs[at].clone()).collect(),
            cases: self.cases.iter().filter_map(case).collect(),
            left_out: self.left_out,
        }
    }

    /// Cases with the detections of a marker or composite; `marker` is its place in [`names`].
    ///
    /// The day of a detection is that of its middle, of a drop its lowest.
    pub fn cases(&self, found: &[Evaluation], marker: usize, season: Season) -> Vec<Case> {
        self.cases_of(|parcel| found.get(parcel).and_then(|own| finding(own, marker)).map(days_of).unwrap_or_default(), season)
    }

    /// Cases with the days on which something was detected on a parcel, told by its place.
    pub fn cases_of(&self, days: impl Fn(usize) -> Vec<f64>, season: Season) -> Vec<Case> {
        let mut days: Vec<Vec<f64>> =
            (0..self.ids.len()).map(|parcel| days(parcel).into_iter().map(f64::floor).collect()).collect();
        for own in &mut days {
            own.sort_by(f64::total_cmp);
        }
        let with = |case: &Case| {
            let own = days[case.parcel].iter().copied();
            Case { detections: own.filter(|&day| in_season(day, case.year, season)).collect(), ..case.clone() }
        };
        self.cases.iter().map(with).collect()
    }
}

/// Markers, practices and composites by name, in the order of [`Ground::cases`].
pub fn names(plan: &Plan) -> Vec<String> {
    plan.findings().map(|(name, _)| name.to_owned()).collect()
}

fn finding(found: &Evaluation, marker: usize) -> Option<&Finding> {
    found.findings().nth(marker)
}

fn days_of(finding: &Finding) -> Vec<f64> {
    finding.events.iter().map(|event| event.marker.main).collect()
}

/// Days on which any component has a value.
fn observed(table: &SampleTable) -> Vec<f64> {
    let valued = |row: &usize| table.columns.iter().any(|column| column.values[*row].is_finite());
    (0..table.len()).filter(valued).map(|row| table.days[row]).collect()
}

fn in_season(day: f64, year: i16, season: Season) -> bool {
    date_of(day).is_some_and(|own| own.year() == year && season.holds(own.month(), own.day()))
}

/// Values that a field of a ruleset may take.
#[derive(Debug, Clone, PartialEq)]
pub struct Choice {
    /// Field as `ruleset diff` names it.
    pub field: String,
    /// Values in order, at least one.
    pub values: Vec<f64>,
}

/// What a search found.
#[derive(Debug, Clone)]
pub struct Tuned {
    /// The ruleset that finds most.
    pub ruleset: Ruleset,
    /// Its values, in the order of the choices.
    pub values: Vec<f64>,
    /// Counts on the parcels that it was chosen on.
    pub counts: Counts,
    /// Rulesets that were tried.
    pub tried: usize,
    /// True when all combinations were tried.
    pub complete: bool,
}

/// What is sought: largest F1 of a marker at a tolerance, in a season.
#[derive(Debug, Clone, Copy)]
pub struct Aim {
    /// Place in [`names`].
    pub marker: usize,
    /// Days.
    pub tolerance_days: f64,
    /// Part of the year that counts.
    pub season: Season,
}

/// Up to so many combinations all are tried.
pub const MOST_COMBINATIONS: usize = 3000;

/// Looks for the values with the largest F1 on some parcels; of equal ones those tried first count.
///
/// Up to [`MOST_COMBINATIONS`] combinations are all tried; beyond, one field after the other is varied from the middle of its values on,
/// until a round changes nothing.
pub fn tune(rules: &Ruleset, choices: &[Choice], ground: &Ground, aim: Aim, jobs: usize, watch: &Watch) -> anyhow::Result<Tuned> {
    let mut search = Search { rules, choices, ground, aim, jobs, best: None, tried: BTreeMap::new() };
    let combinations = choices.iter().try_fold(1_usize, |all, own| all.checked_mul(own.values.len()));
    let complete = combinations.is_some_and(|all| all <= MOST_COMBINATIONS);
    if complete {
        let all = combinations.unwrap_or_default();
        watch.set_total(all as u64);
        for mut number in 0..all {
            anyhow::ensure!(!watch.cancelled(), "cancelled");
            let mut places = Vec::with_capacity(choices.len());
            for choice in choices {
                places.push(number % choice.values.len());
                number /= choice.values.len();
            }
            search.attempt(places)?;
            watch.advance(1);
        }
    } else {
        search.by_field(watch)?;
    }
    let tried = search.tried.len();
    let (places, counts) = search.best.ok_or_else(|| anyhow::anyhow!("there is nothing to choose from"))?;
    let values: Vec<f64> = places.iter().zip(choices).map(|(&at, choice)| choice.values[at]).collect();
    Ok(Tuned { ruleset: with_values(rules, choices, &values)?, values, counts, tried, complete })
}

struct Search<'a> {
    rules: &'a Ruleset,
    choices: &'a [Choice],
    ground: &'a Ground,
    aim: Aim,
    jobs: usize,
    best: Option<(Vec<usize>, Counts)>,
    tried: BTreeMap<Vec<usize>, Counts>,
}

impl Search<'_> {
    fn attempt(&mut self, places: Vec<usize>) -> anyhow::Result<()> {
        if self.tried.contains_key(&places) {
            return Ok(());
        }
        let values: Vec<f64> = places.iter().zip(self.choices).map(|(&at, choice)| choice.values[at]).collect();
        let rules = with_values(self.rules, self.choices, &values)?;
        let plan = marking::compile(&rules).map_err(|fault: Fault| anyhow::anyhow!("{fault}"))?;
        let found = marking::evaluate(&plan, &self.ground.inputs, self.jobs, &Watch::default())?;
        let counts = counted(&self.ground.cases(&found, self.aim.marker, self.aim.season), self.aim.tolerance_days);
        let better = self.best.as_ref().is_none_or(|(_, best)| best.f1().is_nan() || counts.f1() > best.f1());
        if better {
            self.best = Some((places.clone(), counts));
        }
        self.tried.insert(places, counts);
        Ok(())
    }

    fn by_field(&mut self, watch: &Watch) -> anyhow::Result<()> {
        let mut places: Vec<usize> = self.choices.iter().map(|choice| choice.values.len() / 2).collect();
        self.attempt(places.clone())?;
        loop {
            let before = places.clone();
            for (field, choice) in self.choices.iter().enumerate() {
                for at in 0..choice.values.len() {
                    anyhow::ensure!(!watch.cancelled(), "cancelled");
                    let mut own = places.clone();
                    own[field] = at;
                    self.attempt(own)?;
                }
                if let Some((best, _)) = &self.best {
                    places.clone_from(best);
                }
            }
            if places == before {
                return Ok(());
            }
        }
    }
}

fn with_values(rules: &Ruleset, choices: &[Choice], values: &[f64]) -> anyhow::Result<Ruleset> {
    let mut own = rules.clone();
    for (choice, &value) in choices.iter().zip(values) {
        own = ruleset::set(&own, &choice.field, value)?;
    }
    Ok(own)
}
