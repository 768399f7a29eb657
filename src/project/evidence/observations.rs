//! Observations of a parcel: which are used for signals and markers, and why the others are not.
//!
//! A sheet has a line for each optical image; radar, which no cloud hides, has hundreds that all say the same, and is summed up. The
//! table beside the sheet has every one.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::series::IndexRule;
use crate::io::tables::{Format, Kind, Table, Value, encode};
use crate::model::evidence::ObservationLine;
use crate::model::observation::Coverage;
use crate::model::settings::ObservationSettings;
use crate::model::spreadsheet::defused;
use crate::model::units::iso_utc;
use crate::model::{AcquisitionIx, MaskSet, ObservationState, ParcelIx, Sensor, Signal};
use crate::project::export::captions::detail;
use crate::project::queries::coverage::{AcquisitionCoverage, CoverageQuery};
use crate::project::queries::series::SeriesQuery;
use crate::project::tables::is_values_only;
use crate::project::{Dataset, Error, Project};

/// Causes that a mask excludes pixels for: scene classes and their words.
const CAUSES: [(&[u8], &str); 5] =
    [(&[8, 9, 10], "cloud"), (&[3], "cloud shadow"), (&[11], "snow"), (&[2], "dark area"), (&[0, 1], "no usable value")];

/// Shares below this are not worth a word.
const LEAST_SHARE: f64 = 0.005;

/// An observation with its sensor.
#[derive(Debug, Clone, PartialEq)]
pub struct Observed {
    /// What was measured.
    pub sensor: Sensor,
    /// Some signal of graphs or rules is made of this sensor.
    pub looked_at: bool,
    /// What a sheet says of it.
    pub line: ObservationLine,
}

/// Every acquisition that touches the parcel, by time.
pub fn all(project: &Project, data: &Dataset, parcel: ParcelIx) -> Result<Vec<Observed>, Error> {
    let coverage = project.compute(&CoverageQuery { parcel, revision: project.revision() })?;
    let mut states: BTreeMap<AcquisitionIx, ObservationState> = BTreeMap::new();
    let mut named: BTreeMap<Sensor, Vec<String>> = BTreeMap::new();
    for query in queries(project, parcel) {
        named.entry(query.signal.sensor()).or_default().push(query.signal.name());
        let series = project.compute(&query)?;
        for point in &series.points {
            // Used for one signal is used.
            let state = states.entry(point.acquisition).or_insert(point.state);
            if point.state == ObservationState::Ok || *state == ObservationState::NoData {
                *state = point.state;
            }
        }
    }
    let settings = &project.file().observations;
    let line = |own: &AcquisitionCoverage| {
        let best = &own.granules[0];
        let acquisition = data.catalog.get(best.acquisition);
        let state = states.get(&best.acquisition);
        let used = state == Some(&ObservationState::Ok);
        let signals = named.get(&acquisition.sensor).map(Vec::as_slice).unwrap_or_default();
        let line = ObservationLine {
            acquired: iso_utc(acquisition.acquired),
            source: detail(acquisition),
            clear: clear(best, acquisition.sensor, settings.mask, is_values_only(acquisition)),
            used,
            why: if used { String::new() } else { why(state.copied(), best, acquisition.sensor, settings, signals) },
        };
        Observed { sensor: acquisition.sensor, looked_at: !signals.is_empty(), line }
    };
    Ok(coverage.acquisitions.iter().map(line).collect())
}

/// What a sheet says: every optical image, and of radar what could not be used; the rest of it as facts, a line a sensor.
pub fn told(all: &[Observed]) -> (Vec<ObservationLine>, Vec<(String, String)>) {
    let listed = |own: &&Observed| own.sensor == Sensor::S2 || (own.looked_at && !own.line.used);
    let lines = all.iter().filter(listed).map(|own| own.line.clone()).collect();
    let mut facts = Vec::new();
    for (sensor, name) in [(Sensor::S1Backscatter, "Sentinel-1 backscatter"), (Sensor::S1Coherence, "Sentinel-1 coherence")] {
        let own: Vec<&Observed> = all.iter().filter(|own| own.sensor == sensor).collect();
        let (Some(first), Some(last)) = (own.first(), own.last()) else { continue };
        let days = [first, last].map(|own| own.line.acquired.get(..10).unwrap_or_default());
        let used = own.iter().filter(|own| own.line.used).count();
        let used =
            if first.looked_at { format!("{used} of {} used", own.len()) } else { format!("{}, in no graph or rule", own.len()) };
        let synthetic = own.iter().filter(|own| own.line.source.contains("synthetic")).count();
        let synthetic = if synthetic == 0 { String::new() } else { format!(", {synthetic} of them synthetic") };
        facts.push((name.to_owned(), format!("{used}, {} to {}{synthetic}", days[0], days[1])));
    }
    (lines, facts)
}

/// All of them as CSV.
pub fn table(all: &[Observed]) -> Result<Vec<u8>, Error> {
    let text = |text: &str| Value::Text(defused(text).into_owned());
    let names = ["acquired_utc", "sensor", "source", "clear", "used", "why_not"];
    let columns = names.map(|name| (name.to_owned(), Kind::Text)).to_vec();
    let row = |own: &Observed| {
        let used = if own.line.used { "yes" } else { "no" };
        let line = &own.line;
        [line.acquired.as_str(), own.sensor.code(), &line.source, &line.clear, used, &line.why].map(text).to_vec()
    };
    let table = Table { columns, rows: all.iter().map(row).collect() };
    encode(&table, Format::Csv).map_err(|error| Error(Arc::new(error.into())))
}

/// Series of the project's graphs; of sensors that only the ruleset looks at, those of its inputs.
fn queries(project: &Project, parcel: ParcelIx) -> Vec<SeriesQuery> {
    let known = |signal: &Signal| {
        let tables = project.data().and_then(|data| data.tables.as_ref());
        tables.is_some_and(|tables| tables.has_variable(signal))
            || crate::engine::series::bands_of(signal, project.indices()).is_ok()
    };
    let mut signals: Vec<Signal> = project.file().display.graphs.iter().flatten().filter(|own| known(own)).cloned().collect();
    signals.sort();
    signals.dedup();
    let mut queries: Vec<SeriesQuery> = signals.iter().map(|signal| project.series_query(parcel, signal)).collect();
    let inputs = project.tuning().draft().into_iter().flat_map(|rules| &rules.inputs).flat_map(|input| &input.signals);
    for signal in inputs.map(|name| Signal::parse(name)) {
        if known(&signal) && !signals.iter().any(|own| own.sensor() == signal.sensor()) {
            queries.push(SeriesQuery { rule: IndexRule::OfMeans, ..project.series_query(parcel, &signal) });
        }
    }
    queries
}

/// `92 %`, or `148 px` where nothing is masked.
fn clear(own: &Coverage, sensor: Sensor, mask: MaskSet, from_table: bool) -> String {
    if from_table {
        return "table".to_owned();
    }
    if sensor == Sensor::S2 && own.classified {
        return format!("{} %", percent(own.clear(mask)));
    }
    format!("{} px", own.pixels - own.nodata.min(own.pixels))
}

/// Whole percent; less than all is never 100, more than nothing never 0.
fn percent(share: f64) -> u32 {
    let rounded = (share * 100.0).round() as u32;
    match rounded {
        100 if share < 1.0 => 99,
        0 if share > 0.0 => 1,
        rounded => rounded,
    }
}

/// Why an observation is not used.
fn why(
    state: Option<ObservationState>,
    own: &Coverage,
    sensor: Sensor,
    settings: &ObservationSettings,
    signals: &[String],
) -> String {
    match state {
        None if signals.is_empty() => format!("no signal of {} is looked at", sensor.code()),
        None => format!("no image of the bands of {}", signals.join(", ")),
        Some(ObservationState::NoData) if own.pixels == 0 => "the parcel holds no centre of a pixel".to_owned(),
        Some(ObservationState::NoData) => {
            format!("no value in {} % of the parcel", percent(own.missing()).max(1))
        }
        Some(ObservationState::Masked | ObservationState::Ok) => {
            // How much must be left is a fact of the sheet.
            let causes = causes(own, settings.mask);
            if causes.is_empty() { "the mask leaves too little".to_owned() } else { format!("{causes} of the parcel") }
        }
    }
}

/// `cloud covers 61 %, cloud shadow 22 %`: what the mask hides, the largest first.
fn causes(own: &Coverage, mask: MaskSet) -> String {
    let pixels = f64::from(own.pixels.max(1));
    let mut shares: Vec<(f64, &str)> = CAUSES
        .iter()
        .map(|(classes, word)| {
            let hidden = classes.iter().filter(|&&class| mask.excludes(class)).map(|&class| own.classes[usize::from(class)]);
            // Pixels outside the image are of no class.
            let outside = if *word == "no usable value" { own.nodata.saturating_sub(own.classes[0]) } else { 0 };
            (f64::from(hidden.sum::<u32>() + outside) / pixels, *word)
        })
        .filter(|(share, _)| *share >= LEAST_SHARE)
        .collect();
    shares.sort_by(|a, b| b.0.total_cmp(&a.0));
    let words = shares.iter().enumerate().map(|(at, (share, word))| {
        let covers = if at == 0 { "covers " } else { "" };
        match *word {
            "no usable value" => format!("no usable value in {} %", percent(*share)),
            word => format!("{word} {covers}{} %", percent(*share)),
        }
    });
    words.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coverage(classes: &[(usize, u32)], pixels: u32) -> Coverage {
        let mut own =
            Coverage { acquisition: AcquisitionIx(0), granule: 0, pixels, classes: [0; 12], nodata: 0, classified: true };
        for &(class, count) in classes {
            own.classes[class] = count;
        }
        own.nodata = pixels - own.classes[1..].iter().sum::<u32>();
        own
    }

    fn told(state: Option<ObservationState>, own: &Coverage) -> String {
        why(state, own, Sensor::S2, &ObservationSettings::default(), &["NDVI".to_owned()])
    }

    #[test]
    fn a_masked_observation_names_its_causes_the_largest_first() {
        let own = coverage(&[(3, 22), (9, 61), (4, 17)], 100);
        assert_eq!(told(Some(ObservationState::Masked), &own), "cloud covers 61 %, cloud shadow 22 % of the parcel");
        assert_eq!(clear(&own, Sensor::S2, MaskSet::default(), false), "17 %");
    }

    #[test]
    fn classes_that_are_not_excluded_are_no_cause() {
        let own = coverage(&[(3, 40), (9, 60)], 100);
        assert_eq!(causes(&own, MaskSet::from_classes(&[9])), "cloud covers 60 %");
    }

    #[test]
    fn missing_values_and_missing_bands_are_told_apart() {
        let own = coverage(&[(4, 30)], 100);
        assert_eq!(told(Some(ObservationState::NoData), &own), "no value in 70 % of the parcel");
        assert_eq!(told(None, &own), "no image of the bands of NDVI");
        assert!(causes(&own, MaskSet::default()).starts_with("no usable value in 70 %"));
        let tiny = coverage(&[], 0);
        assert_eq!(told(Some(ObservationState::NoData), &tiny), "the parcel holds no centre of a pixel");
    }

    #[test]
    fn radar_is_summed_up_and_the_table_has_all_of_it() {
        let own = |sensor, day: &str, source: &str, used| Observed {
            sensor,
            looked_at: sensor != Sensor::S1Backscatter,
            line: ObservationLine {
                acquired: format!("2019-04-{day}T05:00:00Z"),
                source: source.to_owned(),
                clear: "36 px".to_owned(),
                used,
                why: if used { String::new() } else { "no value".to_owned() },
            },
        };
        let all = [
            own(Sensor::S1Coherence, "01", "S1A A161 6 d", true),
            own(Sensor::S2, "02", "S2A R051", true),
            own(Sensor::S2, "03", "S2A R051", false),
            own(Sensor::S1Coherence, "07", "S1A A161 6 d synthetic", true),
            own(Sensor::S1Coherence, "13", "S1A A161 6 d", false),
            own(Sensor::S1Backscatter, "19", "S1A A161", false),
        ];
        let (lines, facts) = super::told(&all);
        let days: Vec<&str> = lines.iter().map(|line| &line.acquired[8..10]).collect();
        assert_eq!(days, ["02", "03", "13"]);
        let facts: Vec<&str> = facts.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(
            facts,
            ["1, in no graph or rule, 2019-04-19 to 2019-04-19", "2 of 3 used, 2019-04-01 to 2019-04-13, 1 of them synthetic"]
        );
        let table = String::from_utf8(table(&all).expect("writes")).expect("text");
        assert_eq!(table.lines().count(), 7);
        assert!(table.contains("2019-04-13T05:00:00Z,S1-COH,S1A A161 6 d,36 px,no,no value"), "{table}");
    }

    #[test]
    fn shares_are_never_rounded_to_all_or_nothing() {
        assert_eq!([0.0, 0.001, 0.5, 0.999, 1.0].map(percent), [0, 1, 50, 99, 100]);
    }
}
