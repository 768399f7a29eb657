//! What a ruleset says of one parcel: series, events, features, the verdict and why.

use std::sync::Arc;

use anyhow::anyhow;

use super::detection::Detecting;
use super::effect::Judging;
use super::gather;
use crate::engine::markers::evaluate::{Evaluation, Scratch};
use crate::engine::rules::{Explanation, Grounds};
use crate::model::{ParcelIx, Ruleset, Watch};
use crate::project::queries::Env;
use crate::project::query::{Answer, Query};

/// What a ruleset says of one parcel.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MarkedQuery {
    /// Which parcel.
    pub parcel: ParcelIx,
    /// Which ruleset.
    pub detecting: Detecting,
    /// Content hash of the whole ruleset: its rules are no part of the detection.
    pub ruleset: String,
    /// Observation settings and data revision.
    pub source: gather::Source,
}

impl MarkedQuery {
    /// The question of a ruleset that is made ready.
    pub fn new(parcel: ParcelIx, detecting: Detecting, source: gather::Source) -> Self {
        let ruleset = detecting.0.hash().to_owned();
        Self { parcel, detecting, ruleset, source }
    }
}

/// Answer of [`MarkedQuery`].
#[derive(Debug, Clone)]
pub struct Marked {
    /// Series, findings and events.
    pub found: Evaluation,
    /// Days of the observations of all inputs, ascending.
    pub days: Vec<f64>,
    /// The features, in the order of the detection's columns.
    pub row: Vec<f32>,
    /// The verdict with its reason; `None` of a ruleset that only detects.
    pub explanation: Option<Explanation>,
    /// What every marker and comparison of the rules saw, also those that did not decide.
    pub grounds: Vec<Grounds>,
}

impl Query for MarkedQuery {
    type Output = Marked;

    fn weight(output: &Self::Output) -> usize {
        let series = output.found.series.iter().map(|(_, table)| table.days.len() * (table.columns.len() + 1) * 8).sum::<usize>();
        series + output.row.len() * 4 + 512
    }

    fn waits(&self, env: &Env) -> bool {
        env.remote.is_some()
    }

    fn run(&self, env: &Env, _: &Watch) -> Answer<Self::Output> {
        let detection = &self.detecting.0;
        let series = gather::of_parcel(env, &self.source, &detection.rules, self.parcel)?;
        let mut days: Vec<f64> = series.iter().flat_map(|table| table.days.iter().copied()).collect();
        days.sort_by(f64::total_cmp);
        days.dedup();
        let found = detection.plan.run(&series, &mut Scratch::default());
        let mut row = vec![0.0; detection.features.columns().len()];
        detection.features.row(&found, &mut row);
        let rules = detection.features.rules(&detection.rules).map_err(|fault| anyhow!("{fault}"))?;
        let group = group_of(&detection.rules, &env.parcels.crop_words(self.parcel));
        let explanation = rules.as_ref().and_then(|rules| rules.explain(&row, group));
        let grounds = rules.map(|rules| rules.grounds(&row, group)).unwrap_or_default();
        Ok(Marked { found, days, row, explanation, grounds })
    }
}

/// Number of the group of rules that crop words belong to, as the compiled rules count them; 0, the base, of none.
pub fn group_of(ruleset: &Ruleset, words: &[Option<&str>]) -> u16 {
    let groups = ruleset.rules.iter().flat_map(|rules| rules.groups.values());
    let crops: Vec<&Vec<String>> = groups.map(|group| &group.crops).collect();
    let known = words.iter().flatten().find_map(|word| crops.iter().position(|crops| crops.iter().any(|crop| crop == word)));
    known.map_or(0, |at| at as u16 + 1)
}

/// Rules on the features of a whole population, see [`super::effect`].
pub fn judging(features: &Arc<super::features::Features>, detecting: &Detecting) -> Judging {
    Judging::new(Arc::clone(features), Arc::clone(&detecting.0))
}
