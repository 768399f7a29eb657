//! From names of a ruleset to signals of the project and days: what a finding or feature looks at.

use super::season::Span;
use crate::model::ruleset::{Chain, FeatureRule, MarkerRule, PracticeRule, Step};
use crate::model::{Ruleset, Signal};

/// What a marker or feature looks at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Source<'a> {
    /// Input, signal or part of the ruleset.
    pub signal: &'a str,
    /// Component of it, when one is named.
    pub component: Option<&'a str>,
    /// Days, of every year where they have no year.
    pub span: Span,
}

/// Of a marker.
pub fn of_marker(rule: &MarkerRule) -> Source<'_> {
    Source { signal: &rule.signal, component: rule.component.as_deref(), span: Span::of(rule.from, rule.to) }
}

/// Of a feature.
pub fn of_feature(rule: &FeatureRule) -> Source<'_> {
    Source { signal: &rule.signal, component: rule.component.as_deref(), span: Span::of(rule.from, rule.to) }
}

/// Of a practice: all its series.
pub fn of_practice(rule: &PracticeRule) -> Vec<Source<'_>> {
    let series = rule.find.series();
    let span = Span::of(rule.from, rule.to);
    series.into_iter().map(|(_, own)| Source { signal: &own.signal, component: own.component.as_deref(), span }).collect()
}

/// Of everything that looks at a signal.
pub fn all(rules: &Ruleset) -> impl Iterator<Item = Source<'_>> {
    let practices = rules.practices.iter().flat_map(of_practice);
    rules.markers.iter().map(of_marker).chain(practices).chain(rules.features.iter().map(of_feature))
}

/// Of a finding or feature by its name, or by that of a number of it such as `drop.depth`. A composite looks at what its parts look at.
pub fn of<'a>(rules: &'a Ruleset, name: &str) -> Vec<Source<'a>> {
    let mut found = Vec::new();
    let mut names = vec![name];
    // A ruleset that was checked has no circles; the bound is for those that were not.
    for _ in 0..64 {
        let Some(name) = names.pop() else { break };
        let whole = |own: &str| name == own || name.strip_prefix(own).is_some_and(|rest| rest.starts_with('.'));
        if let Some(rule) = rules.features.iter().find(|own| own.name == name) {
            found.push(of_feature(rule));
        } else if let Some(rule) = rules.markers.iter().find(|own| whole(&own.name)) {
            found.push(of_marker(rule));
        } else if let Some(rule) = rules.practices.iter().find(|own| whole(&own.name)) {
            found.extend(of_practice(rule));
        } else if let Some(rule) = rules.composites.iter().find(|own| whole(&own.name)) {
            names.extend(rule.of.iter().map(String::as_str));
        }
    }
    found
}

/// Words of an expression that name something that looks at a signal.
pub fn words(rules: &Ruleset, expression: &str) -> Vec<String> {
    let words = expression.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'));
    words.filter(|word| !word.is_empty() && !of(rules, word).is_empty()).map(str::to_owned).collect()
}

/// Signals of the project in which a finding sees its events; a component narrows them.
pub fn signals_of(rules: &Ruleset, finding: &str, component: &str) -> Vec<Signal> {
    let mut signals = Vec::new();
    for source in of(rules, finding) {
        let component = if component.is_empty() { source.component.unwrap_or_default() } else { component };
        for signal in signals_behind(rules, source.signal, component) {
            if !signals.contains(&signal) {
                signals.push(signal);
            }
        }
    }
    signals
}

/// The one signal of the project whose values a component of a series still has; `None` where steps made others of them.
pub fn signal_with_values(rules: &Ruleset, series: &str, component: &str) -> Option<Signal> {
    let kept = chains_behind(rules, series).iter().all(|chain| chain.steps.iter().all(keeps_values));
    match signals_behind(rules, series, component).as_slice() {
        [one] if kept => Some(one.clone()),
        _ => None,
    }
}

/// Signals of the project behind a component of a series; all behind the series where the component does not tell.
fn signals_behind(rules: &Ruleset, series: &str, component: &str) -> Vec<Signal> {
    let chains = chains_behind(rules, series);
    let names: Vec<&str> =
        std::iter::once(series).chain(chains.iter().flat_map(|chain| chain.from.iter().map(String::as_str))).collect();
    let inputs = rules.inputs.iter().filter(|input| names.contains(&input.name.as_str()));
    let all: Vec<Signal> = inputs.flat_map(|input| &input.signals).map(|name| Signal::parse(name)).collect();
    let index = chains.iter().flat_map(|chain| &chain.steps).find_map(|step| match step {
        Step::Index { expression, name, .. } if name == component && expression.chars().all(char::is_alphanumeric) => {
            Some(Signal::Index(expression.clone()))
        }
        _ => None,
    });
    // Joined parts are called `part_component`.
    let named = |signal: &&Signal| {
        let name = signal.name();
        component.eq_ignore_ascii_case(&name) || component.strip_suffix(&name).is_some_and(|rest| rest.ends_with('_'))
    };
    match index.or_else(|| all.iter().find(named).cloned()) {
        Some(one) => vec![one],
        None => all,
    }
}

/// The chains that a series is made by, itself first.
fn chains_behind<'a>(rules: &'a Ruleset, series: &str) -> Vec<&'a Chain> {
    let find = |name: &str| rules.signals.iter().find(|chain| chain.name == name || chain.parts.iter().any(|part| part == name));
    let mut chains: Vec<&Chain> = find(series).into_iter().collect();
    let mut at = 0;
    while let Some(chain) = chains.get(at).copied() {
        for source in chain.from.iter().filter_map(|name| find(name)) {
            if !chains.iter().any(|own| std::ptr::eq(*own, source)) {
                chains.push(source);
            }
        }
        at += 1;
    }
    chains
}

/// True for steps after which values still mean the same.
fn keeps_values(step: &Step) -> bool {
    match step {
        Step::Select { .. }
        | Step::Remove { .. }
        | Step::Index { .. }
        | Step::Split { .. }
        | Step::Join {}
        | Step::Resample { .. }
        | Step::LowPass { .. }
        | Step::MovingAverage { .. }
        | Step::SavitzkyGolay { .. }
        | Step::Whittaker { .. }
        | Step::Despike { .. }
        | Step::ColourClass { .. } => true,
        Step::NormalisedDifference { .. }
        | Step::Difference { .. }
        | Step::Ratio { .. }
        | Step::Scale { .. }
        | Step::Stretch { .. }
        | Step::Norm { .. }
        | Step::LinearFilter { .. }
        | Step::Differentiate { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::markers::epoch_day;

    fn parse(text: &str) -> Result<Ruleset, toml::de::Error> {
        toml::from_str(text)
    }

    const RULES: &str = r#"
version = "1.0"
inputs = [{ name = "s2", signals = ["NDVI", "BSI"] }, { name = "coh", signals = ["COH_VV"] }]
signals = [
  { name = "smooth", from = ["s2"], steps = [{ resample = {} }, { whittaker = { lambda = 10.0 } }] },
  { name = "slope", from = ["smooth"], steps = [{ differentiate = {} }] },
]
markers = [
  { name = "dip", signal = "smooth", component = "NDVI", from = "2019-04-01", to = "2019-05-15", detect = { drop = {} } },
  { name = "low", signal = "coh", from = "2019-05-01", to = "2019-06-30", detect = { interval = { threshold = 0.3 } } },
]
composites = [{ name = "both", of = ["dip", "low"], combine = "confirm" }]
features = [{ name = "steepest", signal = "slope", take = "min" }]
"#;

    #[test]
    fn names_lead_to_signals_of_the_project_and_to_days() {
        let rules = parse(RULES).expect("a ruleset");
        let ndvi = Signal::Index("NDVI".to_owned());
        assert_eq!(signals_of(&rules, "dip", "NDVI"), [ndvi]);
        assert_eq!(signals_of(&rules, "both", "").len(), 2, "NDVI and coherence");
        let from = |span: Span| span.windows(&std::iter::empty())[0].from;
        let days: Vec<f64> = of(&rules, "both.depth").iter().map(|source| from(source.span)).collect();
        let day = |text: &str| epoch_day(text.parse().expect("a date"));
        assert_eq!(days, [day("2019-05-01"), day("2019-04-01")]);
        assert_eq!(words(&rules, "dip.depth - 2 * steepest + limit"), ["dip.depth", "steepest"]);
        assert!(of(&rules, "gone").is_empty());
    }

    #[test]
    fn only_series_that_kept_their_values_belong_on_the_axis_of_a_signal() {
        let rules = parse(RULES).expect("a ruleset");
        assert_eq!(signal_with_values(&rules, "smooth", "BSI"), Some(Signal::Index("BSI".to_owned())));
        assert_eq!(signal_with_values(&rules, "slope", "NDVI"), None, "a change per sample is no NDVI");
        assert_eq!(signal_with_values(&rules, "smooth", ""), None, "it has two components");
    }
}
