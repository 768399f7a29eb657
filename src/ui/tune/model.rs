//! What the Tune workspace shows of two rulesets, as plain data: sections of numbers with their names, places, steps. Knows no egui.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::model::ruleset::{Form, Parameter, Stage};
use crate::model::units::epoch_days;
use crate::model::{AcquisitionIx, Catalog, ObservationState, Series};
use crate::project::marking::detection::Detection;
use crate::project::tuning::Tuning;
use crate::text::Texts;

/// 1970-01-01.
const EPOCH: Date = date(1970, 1, 1);

/// Numbers that belong together.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    /// Stable name: `rules.base`, `rules.groups.grass`, `markers.spring_dip`.
    pub key: String,
    /// Kind of the owner: `rules`, `signals`, `markers` …
    pub kind: String,
    /// Name of the owner; empty for the base of the rules.
    pub owner: String,
    /// Places in [`TuneModel::parameters`].
    pub rows: Vec<usize>,
}

/// The draft and what it is compared with.
pub struct TuneModel {
    // Held so that no other ruleset can get their addresses: these tell whether the model is up to date.
    draft: Arc<Detection>,
    compared: Option<Arc<Detection>>,
    /// Numbers of the baseline with their usual limits.
    usual: Vec<Parameter>,
    /// Numbers of the draft.
    pub parameters: Vec<Parameter>,
    /// Numbers of the baseline by their ways.
    pub baseline: BTreeMap<String, f64>,
    /// First digits of the content hashes of baseline and draft.
    pub hashes: [String; 2],
    /// Rules first, features after.
    pub sections: Vec<Section>,
}

impl TuneModel {
    /// From the rulesets as they are; `None` without any. What an earlier model knows of the same baseline is kept: while a number is
    /// dragged only the draft is another one in each frame.
    pub fn new(tuning: &Tuning, earlier: Option<Self>) -> Option<Self> {
        let mut parameters = tuning.parameters();
        let kept = earlier.filter(|own| same(own.compared.as_ref(), tuning.baseline_detection()));
        let (usual, hashes) = match kept {
            Some(own) => (own.usual, [own.hashes[0].clone(), tuning.draft_hash()]),
            None => (tuning.baseline_parameters(), tuning.hashes()),
        };
        for own in &mut parameters {
            // Usual limits follow from a number where nobody has set them: they must not move with it.
            if let Some(before) = usual.iter().find(|before| before.path == own.path && before.form == own.form) {
                own.step = before.step;
                own.range = (before.range.0.min(own.value), before.range.1.max(own.value));
            }
        }
        Some(Self {
            draft: Arc::clone(tuning.detection()?),
            compared: tuning.baseline_detection().cloned(),
            baseline: usual.iter().map(|own| (own.path.clone(), own.value)).collect(),
            hashes,
            usual,
            sections: sections(&parameters, tuning),
            parameters,
        })
    }

    /// Whether the rulesets are those that the model was made of.
    pub fn is_of(&self, tuning: &Tuning) -> bool {
        same(Some(&self.draft), tuning.detection()) && same(self.compared.as_ref(), tuning.baseline_detection())
    }

    /// A number by its way.
    pub fn parameter(&self, path: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|own| own.path == path)
    }

    /// Whether a number differs from the baseline's.
    pub fn changed(&self, parameter: &Parameter) -> bool {
        self.baseline.get(&parameter.path).is_none_or(|value| *value != parameter.value)
    }

    /// How many numbers differ from the baseline's.
    pub fn changes(&self) -> usize {
        self.parameters.iter().filter(|own| self.changed(own)).count()
    }

    /// The number that is shown on the distribution until another one is chosen: the first that a feature is compared with.
    pub fn first_threshold(&self, tuning: &Tuning) -> Option<&Parameter> {
        let compared = |own: &&Parameter| own.field != "at_least" && tuning.compared(own).is_some();
        let of_rules = self.parameters.iter().filter(|own| own.stage == Stage::Rules).find(compared);
        of_rules.or_else(|| self.parameters.iter().find(compared))
    }

    /// The spans of days in which a feature is looked for, within the years of the data; empty where it looks at all of them.
    pub fn windows(&self, feature: &str, catalog: &Catalog) -> Vec<(f64, f64)> {
        let owner = feature.split('.').next().unwrap_or(feature);
        let of = |field: &str| {
            let wanted = |own: &&Parameter| own.field == field && own.owner == owner && own.stage == Stage::Features;
            self.parameters.iter().find(wanted)
        };
        let (Some(from), Some(to)) = (of("from"), of("to")) else { return Vec::new() };
        match (from.form, to.form) {
            (Form::DayOfYear, Form::DayOfYear) => years(catalog)
                .filter_map(|year| {
                    let start = (date(year, 1, 1) - EPOCH).get_days();
                    let end = if to.value < from.value { year + 1 } else { year };
                    let end = (Date::new(end, 1, 1).ok()? - EPOCH).get_days();
                    Some((f64::from(start) + from.value, f64::from(end) + to.value + 1.0))
                })
                .collect(),
            _ => vec![(from.value, to.value + 1.0)],
        }
    }
}

fn same(own: Option<&Arc<Detection>>, other: Option<&Arc<Detection>>) -> bool {
    match (own, other) {
        (Some(own), Some(other)) => Arc::ptr_eq(own, other),
        (own, other) => own.is_none() && other.is_none(),
    }
}

fn years(catalog: &Catalog) -> impl Iterator<Item = i16> + use<> {
    let year = |own: Option<&crate::model::Acquisition>| own.map(|own| crate::model::units::utc_day(own.acquired).year());
    let (first, last) = (year(catalog.acquisitions.first()), year(catalog.acquisitions.last()));
    first.unwrap_or(1970)..=last.unwrap_or(1969)
}

/// Groups of numbers: the rules' first, in the order of the file.
fn sections(parameters: &[Parameter], tuning: &Tuning) -> Vec<Section> {
    let mut all: Vec<Section> = Vec::new();
    if let Some(rules) = tuning.draft().and_then(|own| own.rules.as_ref()) {
        // Rules are shown also where they have no numbers.
        let base = std::iter::once(String::new());
        for owner in base.chain(rules.groups.keys().cloned()) {
            let key = if owner.is_empty() { "rules.base".to_owned() } else { format!("rules.groups.{owner}") };
            all.push(Section { key, kind: "rules".to_owned(), owner, rows: Vec::new() });
        }
    }
    for (at, own) in parameters.iter().enumerate() {
        let kind = own.path.split(['.', '[']).next().unwrap_or_default().to_owned();
        if let Some(section) = all.iter_mut().find(|section| section.kind == kind && section.owner == own.owner) {
            section.rows.push(at);
        } else {
            let key = format!("{kind}.{}", own.owner);
            all.push(Section { key, kind, owner: own.owner.clone(), rows: vec![at] });
        }
    }
    // What the last rules compare is nearer to the rules than the series it is made of.
    let rank = |section: &Section| {
        ["rules", "features", "composites", "practices", "markers", "signals"]
            .iter()
            .position(|kind| *kind == section.kind)
            .unwrap_or(usize::MAX)
    };
    all.sort_by_key(rank);
    all
}

/// Words that are written in capitals.
const CAPITALS: [&str; 12] = ["ndvi", "ndwi", "evi", "bsi", "ndti", "vv", "vh", "coh", "s1", "s2", "asc", "dsc"];

/// `fall_threshold` as `Fall threshold`, `ndvi_fall` as `NDVI fall`.
pub fn humanised(name: &str) -> String {
    let word = |word: &str| if CAPITALS.contains(&word) { word.to_uppercase() } else { word.to_owned() };
    let words = name.split(['_', '.', ' ']).map(word).collect::<Vec<_>>().join(" ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Name of a number on screen; of a step or detector that has the same field as another one, with the step's name.
pub fn name_of(texts: &Texts, parameter: &Parameter, siblings: &[&Parameter]) -> String {
    let field = &parameter.field;
    let id = format!("tune-field-{field}");
    let known = texts.get(&id);
    let name = if *known == id { humanised(field) } else { known.to_string() };
    let twice = siblings.iter().filter(|own| own.field == *field).count() > 1 || field == "threshold";
    let parent = parameter.path.rsplit('.').nth(1).filter(|parent| twice && **parent != parameter.owner);
    match parent {
        Some(parent) if !parent.contains('[') && parent != "numbers" => format!("{}: {name}", humanised(parent)),
        _ => name,
    }
}

/// Decimals that a step needs, ten times finer ones included.
fn decimals(step: f64) -> usize {
    let digits = (0..8).find(|&digits| (step * 10f64.powi(digits)).fract().abs() < 1e-6).unwrap_or(8);
    digits as usize
}

/// A number as it is written in fields: dates as dates, decimals with a point, as many as the step has or the value needs.
pub fn written(form: Form, step: f64, value: f64) -> String {
    match form {
        Form::Date => day(value).map_or_else(String::new, |day| day.to_string()),
        Form::DayOfYear => day(value).map_or_else(String::new, |day| day.strftime("%m-%d").to_string()),
        Form::Whole => format!("{value:.0}"),
        Form::Decimal => {
            let least = decimals(step).clamp(1, 4);
            let long = format!("{value:.6}");
            let cut = long.trim_end_matches('0');
            let needed = cut.len() - cut.find('.').map_or(cut.len(), |point| point + 1);
            format!("{value:.0$}", needed.clamp(least.min(2), 6))
        }
    }
}

/// The number that a text means; `None` where it means none.
pub fn read(form: Form, text: &str) -> Option<f64> {
    let text = text.trim();
    let days = |text: &str| Some(f64::from((text.parse::<Date>().ok()? - EPOCH).get_days()));
    match form {
        Form::Date => days(text),
        Form::DayOfYear => days(&format!("1970-{text}")),
        Form::Whole => text.parse::<i64>().ok().map(|number| number as f64),
        Form::Decimal => text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite()),
    }
}

/// A day since 1970-01-01 as a date.
pub fn day(value: f64) -> Option<Date> {
    if value.abs() > 1e6 || value.is_nan() {
        return None;
    }
    // Out of the calendar: there is no such day.
    EPOCH.checked_add((value.floor() as i64).days()).ok()
}

/// Step of a number under arrow keys and slider; with Shift ten times finer.
pub fn step_of(parameter: &Parameter, fine: bool) -> f64 {
    match parameter.form {
        Form::Decimal if fine => parameter.step / 10.0,
        _ => parameter.step,
    }
}

/// The nearest multiple of the step, within the usual limits.
pub fn snapped(parameter: &Parameter, value: f64, fine: bool) -> f64 {
    let step = step_of(parameter, fine);
    let low = match parameter.form {
        Form::Date | Form::DayOfYear | Form::Whole => {
            return value.round().clamp(parameter.range.0.ceil(), parameter.range.1.floor());
        }
        Form::Decimal => parameter.range.0,
    };
    let snapped = (value / step).round() * step;
    tidy(snapped.clamp(low, parameter.range.1))
}

/// A number without the dust of binary fractions.
pub fn tidy(value: f64) -> f64 {
    (value * 1e9).round() / 1e9
}

/// Two neighbouring observations between which a series falls most, within spans of days: the event that a threshold of a fall is
/// about. All days count without spans.
pub fn steepest_fall(series: &Series, windows: &[(f64, f64)]) -> Option<(AcquisitionIx, AcquisitionIx)> {
    let inside = |day: f64| windows.is_empty() || windows.iter().any(|(from, to)| (*from..*to).contains(&day));
    let usable: Vec<_> = series
        .points
        .iter()
        .filter(|point| point.state == ObservationState::Ok && point.value.is_finite() && inside(epoch_days(point.acquired)))
        .collect();
    let pairs = usable.windows(2).map(|two| (two[0].value - two[1].value, two[0].acquisition, two[1].acquisition));
    pairs.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, before, after)| (before, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(form: Form, value: f64, step: f64) -> Parameter {
        Parameter {
            path: "rules.base.numbers.deep".to_owned(),
            owner: String::new(),
            field: "deep".to_owned(),
            value,
            form,
            stage: Stage::Rules,
            range: (0.0, 1.0),
            step,
            unit: "",
        }
    }

    #[test]
    fn numbers_are_written_as_their_kind_and_read_again() {
        for (form, step, value, text) in [
            (Form::Decimal, 0.005, 0.2, "0.20"),
            (Form::Decimal, 0.005, 0.1525, "0.1525"),
            (Form::Decimal, 1.0, 3.0, "3.0"),
            (Form::Whole, 1.0, 13.0, "13"),
            (Form::Date, 1.0, 17987.0, "2019-04-01"),
            (Form::DayOfYear, 1.0, 90.0, "04-01"),
        ] {
            assert_eq!(written(form, step, value), text);
            assert_eq!(read(form, text), Some(value), "{text}");
        }
        assert_eq!(read(Form::Decimal, "0,25"), Some(0.25));
        assert_eq!(read(Form::Decimal, "inf"), None);
        assert_eq!(read(Form::DayOfYear, "13-01"), None);
    }

    #[test]
    fn sliders_give_round_numbers_and_shift_ten_times_finer_ones() {
        let own = parameter(Form::Decimal, 0.2, 0.005);
        assert_eq!(snapped(&own, 0.151_7, false), 0.15);
        assert_eq!(snapped(&own, 0.151_7, true), 0.1515);
        assert_eq!(snapped(&own, 7.0, false), 1.0);
    }

    #[test]
    fn names_are_made_readable() {
        assert_eq!(humanised("fall_threshold"), "Fall threshold");
        assert_eq!(humanised("ndvi_fall"), "NDVI fall");
        assert_eq!(humanised(""), "");
    }
}
