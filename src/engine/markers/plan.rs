//! A ruleset made ready: names resolved, formulas compiled, filters designed. Done once for all parcels.

use std::collections::HashMap;
use std::sync::Arc;

use super::butterworth::LowPass;
use super::colours::Colours;
use super::features::SignalFeature;
use super::practices::PracticePlan;
use super::season::Span;
use super::smooth::SavitzkyGolay;
use crate::engine::indices::{Formula, FormulaError, IndexSet};
use crate::model::ruleset::check::{Fault, Key};
use crate::model::ruleset::{Combine, Detector, Ruleset, Step};

/// A ruleset ready to be run, see [`super::evaluate`].
#[derive(Debug, Clone)]
pub struct Plan {
    pub(super) inputs: Vec<Arc<str>>,
    pub(super) slots: usize,
    pub(super) chains: Vec<ChainPlan>,
    pub(super) markers: Vec<MarkerPlan>,
    pub(super) practices: Vec<PracticePlan>,
    pub(super) composites: Vec<CompositePlan>,
    pub(super) features: Vec<SignalFeature>,
}

/// A chain with the slots that it reads and fills.
#[derive(Debug, Clone)]
pub(super) struct ChainPlan {
    /// Place in the ruleset.
    pub at: usize,
    pub name: Arc<str>,
    pub from: Vec<usize>,
    pub from_names: Vec<Arc<str>>,
    pub slot: usize,
    pub parts: Vec<(Arc<str>, usize)>,
    pub steps: Vec<(Step, Tool)>,
}

/// What a step needs that is made once.
#[derive(Debug, Clone)]
pub(super) enum Tool {
    None,
    /// The new component's name.
    Name(Arc<str>),
    Formula {
        formula: Arc<Formula>,
        sources: Vec<Vec<String>>,
        name: Arc<str>,
    },
    LowPass(LowPass),
    Polynomial(SavitzkyGolay),
    /// Reference colours and the new component's name.
    Colours(Arc<Colours>, Arc<str>),
}

/// A marker with the slot in which it looks.
#[derive(Debug, Clone)]
pub(super) struct MarkerPlan {
    pub name: Arc<str>,
    pub signal: Arc<str>,
    pub slot: usize,
    pub component: Option<String>,
    pub span: Span,
    pub min_observations: u32,
    pub detect: Detector,
}

/// A composite with its two sources: markers first, then findings of practices, then composites, in the order of the ruleset.
#[derive(Debug, Clone)]
pub(super) struct CompositePlan {
    /// Place in the ruleset.
    pub at: usize,
    pub name: Arc<str>,
    pub of: [usize; 2],
    pub combine: Combine,
    pub overlap_days: f64,
}

impl Plan {
    /// Checks and compiles a ruleset; `indices` are the shipped and own indices that it may name.
    pub fn compile(rules: &Ruleset, indices: &IndexSet) -> Result<Self, Fault> {
        let order = rules.check()?;
        let mut slots: HashMap<&str, usize> = HashMap::new();
        let names = rules.inputs.iter().map(|input| &input.name);
        let names = names.chain(rules.signals.iter().flat_map(|chain| std::iter::once(&chain.name).chain(&chain.parts)));
        for name in names {
            let slot = slots.len();
            slots.insert(name, slot);
        }
        // The check found every name, so each has a slot.
        let slot = |name: &String| slots.get(name.as_str()).copied().unwrap_or(0);
        let mut chains = Vec::with_capacity(order.signals.len());
        for at in order.signals {
            let chain = &rules.signals[at];
            let mut steps = Vec::with_capacity(chain.steps.len());
            for (number, step) in chain.steps.iter().enumerate() {
                let tool = tool(step, indices).map_err(|reason| Fault {
                    way: vec![Key::Name("signals"), Key::At(at), Key::Name("steps"), Key::At(number)],
                    reason,
                })?;
                steps.push((step.clone(), tool));
            }
            chains.push(ChainPlan {
                at,
                name: Arc::from(chain.name.as_str()),
                from: chain.from.iter().map(slot).collect(),
                from_names: chain.from.iter().map(|name| Arc::from(name.as_str())).collect(),
                slot: slot(&chain.name),
                parts: chain.parts.iter().map(|part| (Arc::from(part.as_str()), slot(part))).collect(),
                steps,
            });
        }
        let markers = rules.markers.iter().map(|marker| MarkerPlan {
            name: Arc::from(marker.name.as_str()),
            signal: Arc::from(marker.signal.as_str()),
            slot: slot(&marker.signal),
            component: marker.component.clone(),
            span: Span::of(marker.from, marker.to),
            min_observations: marker.min_observations,
            detect: marker.detect.clone(),
        });
        let practices: Vec<PracticePlan> = rules.practices.iter().map(|own| PracticePlan::new(own, slot)).collect();
        let events: HashMap<&str, usize> = (rules.markers.iter().map(|own| own.name.as_str()))
            .chain(practices.iter().flat_map(|own| own.names.iter().map(|name| &**name)))
            .chain(rules.composites.iter().map(|own| own.name.as_str()))
            .enumerate()
            .map(|(place, name)| (name, place))
            .collect();
        let composites = order.composites.into_iter().map(|at| {
            let own = &rules.composites[at];
            CompositePlan {
                at,
                name: Arc::from(own.name.as_str()),
                of: [&own.of[0], &own.of[1]].map(|name| events.get(name.as_str()).copied().unwrap_or(0)),
                combine: own.combine,
                overlap_days: own.overlap_days,
            }
        });
        let composites: Vec<CompositePlan> = composites.collect();
        Ok(Self {
            inputs: rules.inputs.iter().map(|input| Arc::from(input.name.as_str())).collect(),
            slots: slots.len(),
            markers: markers.collect(),
            practices,
            composites,
            features: rules.features.iter().map(|own| SignalFeature::new(own, slot(&own.signal))).collect(),
            chains,
        })
    }

    /// Names of the inputs, in the order in which [`Plan::run`](super::evaluate) takes them.
    pub fn inputs(&self) -> &[Arc<str>] {
        &self.inputs
    }

    /// Names of the markers and the signals in which they look, in the order of the ruleset.
    pub fn markers(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.markers.iter().map(|marker| (&marker.name, &marker.signal))
    }

    /// Names of the findings of practices and the leading series of each, practice by practice in the order of the ruleset.
    pub fn practices(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<str>)> {
        self.practices.iter().flat_map(|own| own.names.iter().map(|name| (name, &own.signal)))
    }

    /// Names of all findings and the signals in which they were looked for, `-` of those that were put together; in the order of
    /// [`Evaluation::findings`](super::evaluate::Evaluation::findings).
    pub fn findings(&self) -> impl Iterator<Item = (&str, &str)> {
        let markers = self.markers().map(|(name, signal)| (&**name, &**signal));
        let practices = self.practices().map(|(name, signal)| (&**name, &**signal));
        markers.chain(practices).chain(self.composites().map(|name| (&**name, "-")))
    }

    /// Names of the composites, in the order in which they are computed.
    pub fn composites(&self) -> impl Iterator<Item = &Arc<str>> {
        self.composites.iter().map(|composite| &composite.name)
    }
}

fn tool(step: &Step, indices: &IndexSet) -> Result<Tool, String> {
    let told = |error: FormulaError| format!("expression: {error}");
    Ok(match step {
        Step::Index { expression, name, bands } => {
            let formula = match indices.get(expression.trim()) {
                Ok(formula) => formula,
                Err(_no_such_name) => Arc::new(Formula::compile(expression).map_err(told)?),
            };
            if let Some(other) = bands.keys().find(|own| !formula.bands().iter().any(|band| band.as_str() == own.as_str())) {
                return Err(format!("bands: the expression names no band “{}”", other.chars().take(20).collect::<String>()));
            }
            let sources = formula.bands().iter().map(|band| match bands.get(band.as_str()) {
                Some(component) => vec![component.clone()],
                None => vec![band.as_str().to_owned(), format!("{}_mean", band.as_str())],
            });
            Tool::Formula { sources: sources.collect(), name: Arc::from(name.as_str()), formula }
        }
        Step::NormalisedDifference { name, .. } | Step::Difference { name, .. } | Step::Ratio { name, .. } => {
            Tool::Name(Arc::from(name.as_str()))
        }
        Step::LowPass { cut_off, order } => {
            Tool::LowPass(LowPass::new(*order as usize, *cut_off).map_err(|error| error.to_string())?)
        }
        Step::ColourClass { colours, nearest, name, .. } => {
            Tool::Colours(Arc::new(Colours::new(colours, *nearest as usize)), Arc::from(name.as_str()))
        }
        Step::SavitzkyGolay { samples, degree } => Tool::Polynomial(
            SavitzkyGolay::new(*samples as usize, *degree as usize)
                .ok_or_else(|| format!("no polynomial of degree {degree} is fitted to {samples} samples"))?,
        ),
        _ => Tool::None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::ruleset::{Chain, Input};

    fn with_step(step: Step) -> Ruleset {
        let chain = Chain { name: "s".to_owned(), from: vec!["raw".to_owned()], parts: Vec::new(), steps: vec![step] };
        Ruleset { inputs: vec![Input { name: "raw".to_owned(), ..Input::default() }], signals: vec![chain], ..Ruleset::default() }
    }

    #[test]
    fn expressions_are_names_or_formulas_and_faults_tell_their_place() {
        let (indices, _) = IndexSet::new(&[]);
        let index = |expression: &str, bands: &[(&str, &str)]| {
            let bands: BTreeMap<String, String> = bands.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect();
            Plan::compile(&with_step(Step::Index { expression: expression.to_owned(), name: "x".to_owned(), bands }), &indices)
        };
        assert!(index("NDVI", &[]).is_ok() && index("B08 - B04", &[("B08", "nir")]).is_ok());
        let fault = index("__import__(B04)", &[]).expect_err("no code");
        assert!(fault.to_string().starts_with("signals[0].steps[0]: expression: "), "{fault}");
        assert!(index(&"(".repeat(400), &[]).is_err() && index("NDVI", &[("B11", "x")]).is_err());
    }
}
