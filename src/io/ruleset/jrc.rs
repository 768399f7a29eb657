//! Rulesets from the option files of the JRC's marker tool.

mod colours;
mod function;

use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::read_limited;
use crate::io::IoError;
use crate::model::Ruleset;
use crate::model::ruleset::{
    Chain, Combine, CompositeRule, Day, Detector, Extremum, Fill, Gap, Input, Interval, MarkerRule, Side, StateRun, Step, When,
};

/// A ruleset made from an option file.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The ruleset, checked.
    pub ruleset: Ruleset,
    /// What of the option file has no place in a ruleset, and rules that are meant another way than they ran.
    pub notes: Vec<String>,
}

/// Reads an option file of the JRC's marker tool. What cannot be imported is named, all of it at once.
///
/// Readers become inputs by the name of their signal; a detector becomes a marker for each of its signals, called like the signal; the
/// list that the aggregator ends with is called `aggregated`.
pub fn import_jrc(path: &Path) -> Result<Import, IoError> {
    let refused = |fact: String| IoError::File { operation: "read the option file".to_owned(), fact, path: path.to_owned() };
    let text = read_limited(path).map_err(refused)?;
    let options: Value = serde_json::from_str(&text)
        .map_err(|error| refused(format!("line {}, column {}: {error}", error.line(), error.column())))?;
    let mut importer = Importer {
        name: path.file_stem().map(|stem| stem.to_string_lossy().into_owned()),
        folder: path.parent().map(Path::to_owned).unwrap_or_default(),
        ..Importer::default()
    };
    importer.read(&options);
    if !importer.faults.is_empty() {
        return Err(refused(importer.faults.join("; ")));
    }
    importer.ruleset.check().map_err(|fault| refused(fault.to_string()))?;
    Ok(Import { ruleset: importer.ruleset, notes: importer.notes })
}

/// A split without names for its parts: they are called after the values.
#[derive(Debug)]
struct OpenSplit {
    from: String,
    by: String,
    before: Vec<Step>,
}

#[derive(Debug, Default)]
struct Importer {
    name: Option<String>,
    /// Where the option file is: what it names stands beside it.
    folder: PathBuf,
    ruleset: Ruleset,
    notes: Vec<String>,
    faults: Vec<String>,
    splits: Vec<OpenSplit>,
    /// Name of a marker by the signal in which it looks; of several the last.
    marker_of: Vec<(String, String)>,
    /// Outputs of the block before, for one that names no signals.
    last_out: Vec<String>,
}

const READ: [&str; 4] = ["dataReaders", "pre-processors", "marker-detectors", "marker-aggregator"];

impl Importer {
    fn read(&mut self, options: &Value) {
        let Some(options) = options.as_object() else {
            self.faults.push("line 1, column 1: it is no object; expected an option file of the JRC's marker tool".to_owned());
            return;
        };
        if !READ.iter().any(|key| options.contains_key(*key)) {
            self.faults.push(format!("line 1, column 1: it has none of {}; is it an option file?", READ.join(", ")));
            return;
        }
        self.ruleset.name = self.name.clone().unwrap_or_default();
        "imported from an option file of the JRC's marker tool".clone_into(&mut self.ruleset.source);
        for key in options.keys().filter(|key| !READ.contains(&key.as_str())) {
            self.notes.push(format!("{key} has no place in a ruleset and is left out"));
        }
        for (at, reader) in list(options, "dataReaders").iter().enumerate() {
            self.reader(&format!("dataReaders[{at}]"), reader);
        }
        for (at, block) in list(options, "pre-processors").iter().enumerate() {
            self.chain(&format!("pre-processors[{at}]"), block);
        }
        for (at, detector) in list(options, "marker-detectors").iter().enumerate() {
            self.detector(&format!("marker-detectors[{at}]"), detector);
        }
        self.aggregator(list(options, "marker-aggregator"));
    }

    fn reader(&mut self, place: &str, reader: &Value) {
        match reader.get("signal").and_then(Value::as_str) {
            Some(name) => {
                self.ruleset.inputs.push(Input { name: name.to_owned(), ..Input::default() });
                self.last_out = vec![name.to_owned()];
            }
            None => self.faults.push(format!("{place}: it names no signal")),
        }
    }

    /// A name of a series; parts of splits that nobody named are made when they are asked for.
    fn series(&mut self, place: &str, name: &str) -> String {
        let known = |ruleset: &Ruleset| {
            ruleset.inputs.iter().any(|own| own.name == name)
                || ruleset.signals.iter().any(|own| own.name == name || own.parts.iter().any(|part| part == name))
        };
        if known(&self.ruleset) {
            return name.to_owned();
        }
        let split = self.splits.iter().find_map(|own| Some((own, name.strip_prefix(&own.from)?.strip_prefix('_')?)));
        match split {
            Some((own, value)) => {
                let mut steps = own.before.clone();
                steps.push(Step::Split { by: own.by.clone(), only: Some(value.to_owned()) });
                let from = vec![own.from.clone()];
                self.ruleset.signals.push(Chain { name: name.to_owned(), from, parts: Vec::new(), steps });
            }
            None => self.faults.push(format!("{place}: there is no signal “{name}”")),
        }
        name.to_owned()
    }

    fn chain(&mut self, place: &str, block: &Value) {
        let one = [block.clone()];
        let processors = block.get("processors").and_then(Value::as_array).map_or(one.as_slice(), Vec::as_slice);
        let mut outnames = words(block, "outnames");
        let mut from = Vec::new();
        let mut steps: Vec<Step> = Vec::new();
        for (at, processor) in processors.iter().enumerate() {
            let place = format!("{place}.processors[{at}]");
            let signals = words(processor, "signals");
            if at == 0 {
                let signals = if signals.is_empty() { self.last_out.clone() } else { signals };
                from = signals.iter().map(|name| self.series(&place, name)).collect();
            } else if !signals.is_empty() {
                self.names_inside(&place, &from, &signals, &mut steps);
            }
            if at + 1 == processors.len() && outnames.is_empty() {
                outnames = words(processor, "outnames");
            }
            if at + 1 == processors.len() && processor.get("type").and_then(Value::as_str) == Some("band_filter") {
                self.colours(&place, processor, &outnames, from, steps);
                return;
            }
            self.step(&place, processor, &mut steps);
        }
        if let (true, [only], Some(Step::Split { by, only: None })) = (outnames.is_empty(), from.as_slice(), steps.last()) {
            let before = steps[..steps.len() - 1].to_vec();
            self.splits.push(OpenSplit { from: only.clone(), by: by.clone(), before });
            return;
        }
        let (name, parts) = match outnames.as_slice() {
            [] => {
                self.faults.push(format!("{place}: it names no output (outnames)"));
                return;
            }
            [one] => (one.clone(), Vec::new()),
            [first, ..] => (format!("{first}_all"), outnames.clone()),
        };
        self.last_out = if parts.is_empty() { vec![name.clone()] } else { parts.clone() };
        self.ruleset.signals.push(Chain { name, from, parts, steps });
    }

    /// Observations without those of some colour classes, in up to three series: further components, the colours, the classes.
    fn colours(&mut self, place: &str, block: &Value, outnames: &[String], from: Vec<String>, mut steps: Vec<Step>) {
        let components = words(block, "components");
        let classes = match colours::step(block, &components, &self.folder) {
            Ok(step) => step,
            Err(reason) => {
                self.faults.push(format!("{place}: {reason}"));
                return;
            }
        };
        let Some(first) = outnames.first() else {
            self.faults.push(format!("{place}: it names no output (outnames)"));
            return;
        };
        if components.len() == 3 || outnames.len() > 3 {
            let reason = "band_filter needs a fourth component that goes on, and at most three outputs";
            self.faults.push(format!("{place}: {reason}"));
            return;
        }
        steps.push(classes.step);
        steps.extend(classes.excluded.into_iter().map(|class| Step::Remove {
            by: colours::NAME.to_owned(),
            when: When::Equal,
            threshold: class,
        }));
        let base = format!("{first}_classified");
        let select = |components: &[String]| Step::Select { components: components.to_vec() };
        let stretch = Step::Stretch { min: classes.limits[0].to_vec(), max: classes.limits[1].to_vec() };
        let outputs =
            [vec![select(&components[3..])], vec![select(&components[..3]), stretch], vec![select(&[colours::NAME.to_owned()])]];
        self.ruleset.signals.push(Chain { name: base.clone(), from, parts: Vec::new(), steps });
        for (name, steps) in outnames.iter().zip(outputs) {
            self.ruleset.signals.push(Chain { name: name.clone(), from: vec![base.clone()], parts: Vec::new(), steps });
        }
        self.last_out = outnames.to_vec();
    }

    /// A block within a chain that names its signals: possible for parts of a split just before.
    fn names_inside(&mut self, place: &str, from: &[String], signals: &[String], steps: &mut [Step]) {
        let kept = !steps.iter().any(|step| matches!(step, Step::Split { .. } | Step::Join {} | Step::Resample { .. }));
        match (steps.last_mut(), from, signals) {
            // The blocks before keep the name of the series.
            _ if kept && from == signals => {}
            (Some(Step::Split { only, .. }), [base], [one]) if one.starts_with(&format!("{base}_")) => {
                *only = one.strip_prefix(base.as_str()).and_then(|rest| rest.strip_prefix('_')).map(str::to_owned);
            }
            (Some(Step::Split { .. }), [base], several) if several.iter().all(|own| own.starts_with(&format!("{base}_"))) => {
                self.notes.push(format!("{place}: all parts of the split are taken, not only {}", several.join(", ")));
            }
            _ => self.faults.push(format!("{place}: a block within a chain names signals; make it a chain of its own")),
        }
    }

    fn step(&mut self, place: &str, block: &Value, steps: &mut Vec<Step>) {
        let Some(kind) = block.get("type").and_then(Value::as_str) else {
            self.faults.push(format!("{place}: the block has no type"));
            return;
        };
        let components = words(block, "components");
        let select = (!components.is_empty()).then(|| Step::Select { components: components.clone() });
        let number = |key: &str, default: f64| block.get(key).and_then(Value::as_f64).unwrap_or(default);
        let flag = |key: &str| block.get(key).and_then(Value::as_bool).unwrap_or(false);
        let step = match kind {
            "all_pass" => {
                steps.extend(select);
                return;
            }
            "filter" => {
                match self.filter(place, block) {
                    Some(step) => steps.push(step),
                    None => return,
                }
                // The component that decides need not be one of those that go on.
                steps.extend(select);
                return;
            }
            "index_adder" => {
                let [a, b] = components.as_slice() else {
                    self.faults.push(format!("{place}: index_adder needs two components"));
                    return;
                };
                match block.get("function").and_then(Value::as_str) {
                    None | Some("diff_div_by_sum") => {}
                    Some(other) => self.faults.push(format!("{place}: unknown function “{other}” of index_adder")),
                }
                let name = block.get("as").and_then(Value::as_str).unwrap_or("ndvi").to_owned();
                steps.push(Step::NormalisedDifference { of: [a.clone(), b.clone()], name });
                return;
            }
            "split" => {
                let Some(by) = block.get("by").and_then(Value::as_str) else {
                    self.faults.push(format!("{place}: split names no component (by)"));
                    return;
                };
                steps.push(Step::Split { by: by.to_owned(), only: None });
                // The component that splits need not be one of those that go on.
                steps.extend(select);
                return;
            }
            "merge" => Step::Join {},
            "interp" => {
                let fill = match block.get("method").and_then(Value::as_str) {
                    None | Some("linear") => Fill::Linear,
                    Some("nearest") => Fill::Nearest,
                    Some(other) => {
                        self.faults.push(format!("{place}: unknown method “{other}” of interp"));
                        return;
                    }
                };
                Step::Resample { step_days: number("Ts", 1.0) as u32, fill }
            }
            "butter_smoother" => Step::LowPass { cut_off: number("fc", 0.05), order: 13 },
            "lti_system" => Step::LinearFilter { b: numbers(block, "B", 1.0), a: numbers(block, "A", 1.0) },
            "differentiator" => Step::Differentiate { per_day: flag("time_norm") },
            "norm" => Step::Norm { normalised: flag("normalize") },
            "lut_strect" => Step::Stretch { min: numbers(block, "min_val", 0.0), max: numbers(block, "max_val", 1.0) },
            "math_function" => {
                self.function(place, block, &components, steps);
                return;
            }
            "band_filter" => {
                self.faults.push(format!("{place}: band_filter can only be the last block of a chain"));
                return;
            }
            other => {
                self.faults.push(format!("{place}: unknown block “{other}”"));
                return;
            }
        };
        steps.extend(select);
        steps.push(step);
    }

    /// A function of one value, done to each component.
    fn function(&mut self, place: &str, block: &Value, components: &[String], steps: &mut Vec<Step>) {
        if components.is_empty() {
            self.faults.push(format!("{place}: math_function names no components; name those that it changes"));
            return;
        }
        match function::translated(block.get("function").and_then(Value::as_str).unwrap_or_default()) {
            Ok(expression) => {
                steps.push(Step::Select { components: components.to_vec() });
                steps.extend(components.iter().map(|component| function::step(&expression, component)));
            }
            Err(reason) => self.faults.push(format!("{place}: math_function: {reason}")),
        }
    }

    fn filter(&mut self, place: &str, block: &Value) -> Option<Step> {
        let when = match block.get("criterion").and_then(Value::as_str) {
            Some("greater") => When::Above,
            Some("greater_equal") => When::AtLeast,
            Some("lower") => When::Below,
            Some("lower_equal") => {
                self.notes.push(format!("{place}: lower_equal removes the limit itself too; the JRC's tool kept it"));
                When::AtMost
            }
            Some("equal") => When::Equal,
            Some("not_equal") => When::NotEqual,
            other => {
                self.faults.push(format!("{place}: unknown criterion “{}” of filter", other.unwrap_or_default()));
                return None;
            }
        };
        let by = block.get("by").and_then(Value::as_str);
        let threshold = block.get("threshold").and_then(Value::as_f64);
        let (Some(by), Some(threshold)) = (by, threshold) else {
            self.faults.push(format!("{place}: filter needs by and a number as threshold"));
            return None;
        };
        Some(Step::Remove { by: by.to_owned(), when, threshold })
    }

    fn detector(&mut self, place: &str, block: &Value) {
        let kind = block.get("type").and_then(Value::as_str).unwrap_or_default();
        let number = |key: &str| block.get(key).and_then(Value::as_f64);
        let positive = |key: &str| number(key).filter(|value| *value >= 0.0);
        let extremum = |depth: &str| Extremum {
            max_number: number("max_number").map_or(10, |value| value as u32),
            joins: positive("aggregate").unwrap_or(0.0) as u32,
            min_duration_days: positive("min_duration"),
            min_depth: positive(depth),
            steep: block.get("filter_by_angle").and_then(Value::as_bool).unwrap_or(false),
        };
        let (detect, short) = match kind {
            "drop-detector" => (Detector::Drop(extremum("min_drop")), "drop"),
            "peak-detector" => (Detector::Peak(extremum("min_increase")), "peak"),
            "data-gaps" => (Detector::Gap(Gap { longer_than_days: number("min_gap_len").unwrap_or(20.0) }), "gap"),
            "state_change" => {
                let Some(state) = number("to_state") else {
                    self.faults.push(format!("{place}: state_change needs a number as to_state"));
                    return;
                };
                (Detector::State(StateRun { state, min_duration_days: positive("min_duration") }), "state")
            }
            "threshold" => {
                let above = block.get("above").and_then(Value::as_bool).unwrap_or(false);
                let side = if above { Side::Above } else { Side::Below };
                (Detector::Interval(Interval { threshold: number("threshold").unwrap_or(0.0), side }), "threshold")
            }
            other => {
                self.faults.push(format!("{place}: unknown detector “{other}”"));
                return;
            }
        };
        let day = |date: Option<Date>| date.map(Day::from);
        let (from, to) = (day(self.date(place, block, "start_date")), day(self.date(place, block, "stop_date")));
        for signal in words(block, "signals") {
            let signal = self.series(place, &signal);
            let taken = self.ruleset.markers.iter().filter(|own| own.name.starts_with(&signal)).count();
            let name = match taken {
                0 => signal.clone(),
                1 => format!("{signal}_{short}"),
                more => format!("{signal}_{short}_{more}"),
            };
            self.marker_of.push((signal.clone(), name.clone()));
            let (component, detect) = (None, detect.clone());
            self.ruleset.markers.push(MarkerRule { name, signal, component, from, to, min_observations: 3, detect });
        }
    }

    fn date(&mut self, place: &str, block: &Value, key: &str) -> Option<Date> {
        let word = block.get(key).and_then(Value::as_str).filter(|word| !word.is_empty())?;
        match word.get(..10).unwrap_or(word).parse() {
            Ok(date) => Some(date),
            Err(error) => {
                self.faults.push(format!("{place}: {key} “{word}” is no date: {error}"));
                None
            }
        }
    }

    fn aggregator(&mut self, actions: &[Value]) {
        let mut running: Option<String> = None;
        let last = actions.iter().rposition(|own| own.get("action").is_some() && own.get("outname").is_none());
        for (at, action) in actions.iter().enumerate() {
            let place = format!("marker-aggregator[{at}]");
            let combine = match action.get("action").and_then(Value::as_str) {
                None => continue,
                Some("confirm") => Combine::Confirm,
                Some("aggregate") => Combine::Aggregate,
                Some("merge") => Combine::Merge,
                Some(other) => {
                    self.faults.push(format!("{place}: unknown action “{other}”"));
                    continue;
                }
            };
            let signals: Vec<String> = words(action, "signals").iter().filter_map(|name| self.events(&place, name)).collect();
            let of = match (signals.as_slice(), &running) {
                ([a, b], _) => [a.clone(), b.clone()],
                ([one], Some(list)) => [list.clone(), one.clone()],
                _ => {
                    self.faults.push(format!("{place}: two signals with detectors are needed, or one after another action"));
                    continue;
                }
            };
            let outname = action.get("outname").and_then(Value::as_str);
            let name = match outname {
                Some(name) => name.to_owned(),
                None if Some(at) == last => "aggregated".to_owned(),
                None => format!("aggregated_{at}"),
            };
            let overlap_days = action.get("overlap").and_then(Value::as_f64).unwrap_or(0.0);
            self.ruleset.composites.push(CompositeRule { name: name.clone(), of, combine, overlap_days });
            match outname {
                Some(own) => self.marker_of.push((own.to_owned(), name)),
                None => running = Some(name),
            }
        }
    }

    /// The marker or composite that a name of the aggregator means.
    fn events(&mut self, place: &str, signal: &str) -> Option<String> {
        let all: Vec<String> = self.marker_of.iter().filter(|(own, _)| own == signal).map(|(_, name)| name.clone()).collect();
        if all.len() > 1 {
            self.notes.push(format!("{place}: “{signal}” has {} detectors; the last one is meant", all.len()));
        } else if all.is_empty() {
            self.faults.push(format!("{place}: no detector looks at “{signal}”"));
        }
        all.into_iter().next_back()
    }
}

fn list<'v>(options: &'v Map<String, Value>, key: &str) -> &'v [Value] {
    options.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Words of a list, or the one word that stands in its place.
fn words(block: &Value, key: &str) -> Vec<String> {
    match block.get(key) {
        Some(Value::String(word)) => vec![word.clone()],
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// Numbers of a list, or the one number that stands in its place.
fn numbers(block: &Value, key: &str, default: f64) -> Vec<f64> {
    match block.get(key) {
        Some(Value::Number(number)) => number.as_f64().into_iter().collect(),
        Some(Value::Array(values)) => values.iter().filter_map(Value::as_f64).collect(),
        _ => vec![default],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imported(text: &str) -> Result<Import, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        import_jrc(file.path()).map_err(|error| error.to_string())
    }

    #[test]
    fn unknown_blocks_are_all_named_with_their_place() {
        let text = r#"{"dataReaders": [{"type": "csv", "signal": "a"}], "pre-processors": [{"outnames": ["b"], "processors": [
            {"type": "math_function", "signals": ["a"], "components": ["v"], "function": "np.load(x)"}, {"type": "wavelet"}]}],
            "marker-detectors": [{"type": "elbow", "signals": ["b"]}], "marker-aggregator": [{}]}"#;
        let told = imported(text).expect_err("refused");
        for part in [
            "pre-processors[0].processors[0]: math_function",
            "pre-processors[0].processors[1]: unknown block “wavelet”",
            "marker-detectors[0]: unknown detector “elbow”",
        ] {
            assert!(told.contains(part), "{told}");
        }
        assert!(imported("{\n\"a\": [}").expect_err("no JSON").contains("line 2, column 7"));
        assert!(imported("[]").expect_err("no options").contains("it is no object"));
        assert!(imported(&"[".repeat(100_000)).expect_err("too deep").contains("line 1, column "));
    }

    #[test]
    fn functions_of_one_value_become_index_steps_of_each_component() {
        let text = r#"{"dataReaders": [{"signal": "a"}], "pre-processors": [{"outnames": ["db"], "processors": [
            {"type": "math_function", "signals": ["a"], "components": ["VH", "VV"], "function": "10 * np.log(x ** 2) / 2.3"}]}]}"#;
        let own = imported(text).expect("imported");
        let steps = &own.ruleset.signals[0].steps;
        assert_eq!(steps[0], Step::Select { components: vec!["VH".to_owned(), "VV".to_owned()] });
        let Step::Index { expression, name, bands } = &steps[2] else { panic!("{steps:?}") };
        assert_eq!((expression.as_str(), name.as_str()), ("10 * ln ( B02 ^ 2 ) / 2.3", "VV"));
        assert_eq!(bands.get("B02").map(String::as_str), Some("VV"));
    }

    #[test]
    fn colour_classes_become_a_step_and_one_series_for_each_output() {
        let text = r#"{"dataReaders": [{"signal": "s2"}], "pre-processors": [{"outnames": ["ndvi", "rgb", "class"], "processors": [
            {"type": "band_filter", "signals": ["s2"], "components": ["B08", "B11", "B04", "ndvi"],
             "excluded_categories": ["cloudy", "other"]}]}]}"#;
        let own = imported(text).expect("imported");
        let names: Vec<&str> = own.ruleset.signals.iter().map(|chain| chain.name.as_str()).collect();
        assert_eq!(names, ["ndvi_classified", "ndvi", "rgb", "class"]);
        let steps = &own.ruleset.signals[0].steps;
        let Step::ColourClass { of, colours, nearest, .. } = &steps[0] else { panic!("{steps:?}") };
        assert_eq!((of[1].as_str(), colours.len(), *nearest), ("B11", 1000, 5));
        let removed = |class: f64| Step::Remove { by: "classes".to_owned(), when: When::Equal, threshold: class };
        assert_eq!(steps[1..], [removed(1.0), removed(8.0)]);
        let told = |from: &str, to: &str| imported(&text.replace(from, to)).expect_err("refused");
        assert!(told("other", "smoky").contains("unknown category “smoky”"));
        assert!(told(", \"ndvi\"]", "]").contains("fourth component"));
        assert!(told("\"signals\"", "\"training_file\": \"gone.csv\", \"signals\"").contains("gone.csv"));
        assert!(told("\"signals\"", "\"training_file\": \"/etc/../gone.csv\", \"signals\"").contains("gone.csv"));
    }

    #[test]
    fn splits_without_names_are_made_when_they_are_asked_for() {
        let text = r#"{"dataReaders": [{"signal": "coh"}], "pre-processors": [
            {"processors": [{"type": "split", "signals": ["coh"], "by": "orbit"}]},
            {"outnames": ["norm"], "processors": [{"type": "interp", "signals": ["coh_A", "coh_D"]}, {"type": "norm"}]}],
            "marker-detectors": [], "marker-aggregator": [{}], "marker-sink": []}"#;
        let own = imported(text).expect("imported");
        assert_eq!(own.ruleset.signals.iter().map(|chain| chain.name.as_str()).collect::<Vec<_>>(), ["coh_A", "coh_D", "norm"]);
        assert_eq!(own.ruleset.signals[0].steps, [Step::Split { by: "orbit".to_owned(), only: Some("A".to_owned()) }]);
        assert_eq!(own.notes, ["marker-sink has no place in a ruleset and is left out"]);
    }
}
