//! From rows to observations.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use regex::Regex;
use std::sync::LazyLock;

use crate::io::IoError;
use crate::model::tables::{Role, StoredAs, TableRecord, TableStats, TableTime, sensor_of_variable};
use crate::model::units::{utc_day, utc_hour};
use crate::model::{Pass, Sensor, TableSource};

use super::findings::Findings;
use super::guess::{Group, IdFrom, Mapping, said_signal};
use super::names::{self, Named};
use super::rows::Rows;
use super::units::{is_nodata, physical};
use super::words::{DateOrder, Moment, time};

/// How variables are stored; what is not listed is physical.
pub(super) type Units = BTreeMap<String, StoredAs>;

/// Takes observations in.
pub(super) type Sink<'a> = dyn FnMut(&TableRecord<'_>) -> Result<(), IoError> + 'a;

/// Reads the rows of one table.
pub(super) struct Reader<'a> {
    pub(super) header: &'a [String],
    pub(super) mapping: &'a Mapping,
    pub(super) said: &'a TableSource,
    pub(super) indices: &'a [String],
    pub(super) units: &'a Units,
    pub(super) order: DateOrder,
    /// Words of the signal column that were met, and what they mean.
    pub(super) words: HashMap<String, Option<(Role, Named)>>,
}

/// What holds for a whole row.
struct RowFacts<'r> {
    ids: Vec<Option<Cow<'r, str>>>,
    times: Vec<Option<Moment>>,
    first: Vec<Option<Moment>>,
    platform: Vec<Option<Cow<'r, str>>>,
    pass: Vec<Option<Cow<'r, str>>>,
    orbit: Vec<f64>,
    product: Vec<Option<Cow<'r, str>>>,
    sensor: Vec<Option<Cow<'r, str>>>,
    count: Vec<f64>,
    pixels: Vec<f64>,
    clear: Vec<f64>,
    classes: Vec<Option<[u32; 12]>>,
}

/// Element of a column that may not be there.
fn at<T: Clone>(column: &[T], row: usize, absent: T) -> T {
    column.get(row).cloned().unwrap_or(absent)
}

impl Reader<'_> {
    /// Gives the observations of some rows to `sink`.
    pub(super) fn read(&mut self, rows: &Rows, findings: &mut Findings, sink: &mut Sink<'_>) -> Result<(), IoError> {
        let facts = self.facts(rows, findings);
        let mapping = self.mapping;
        for group in &mapping.groups {
            let columns: Vec<(Role, Vec<f64>)> =
                group.columns.iter().map(|&(role, column)| (role, self.numbers(rows, column, findings))).collect();
            match &group.named {
                Some(named) => {
                    for row in 0..rows.len() {
                        self.record(rows, row, (group, named), &columns, &facts, findings, sink)?;
                    }
                }
                None => self.long(rows, group, &columns, &facts, findings, sink)?,
            }
        }
        Ok(())
    }

    /// A table in which a column names the signal of the row.
    fn long(
        &mut self,
        rows: &Rows,
        group: &Group,
        columns: &[(Role, Vec<f64>)],
        facts: &RowFacts<'_>,
        findings: &mut Findings,
        sink: &mut Sink<'_>,
    ) -> Result<(), IoError> {
        let Some(&column) = self.mapping.roles.get(&Role::Signal) else { return Ok(()) };
        for (row, word) in rows.words(column).into_iter().enumerate() {
            let Some(word) = word else { continue };
            if !self.words.contains_key(word.as_ref()) {
                let meaning = self.meaning(&word);
                if meaning.is_none() {
                    findings.left_out(&word);
                }
                self.words.insert(word.to_string(), meaning);
            }
            let Some(Some((role, named))) = self.words.get(word.as_ref()) else { continue };
            let mut named = named.clone();
            // This program's own tables name bands and say apart from them what was measured.
            if at(&facts.sensor, row, None).is_some_and(|sensor| sensor.to_ascii_uppercase().contains("COH"))
                && matches!(named.variable.as_str(), "VV" | "VH")
            {
                named.variable = format!("COH_{}", named.variable);
            }
            if *role == Role::Mean {
                self.record(rows, row, (group, &named), columns, facts, findings, sink)?;
            }
        }
        Ok(())
    }

    fn meaning(&self, word: &str) -> Option<(Role, Named)> {
        match self.said.signals.get(word) {
            Some(said) if said.is_empty() => None,
            Some(said) => {
                let (role, named) = said_signal(said, self.indices);
                Some((role, named?))
            }
            None => Some((Role::Mean, names::signal(word, self.indices)?)),
        }
    }

    fn record(
        &self,
        rows: &Rows,
        row: usize,
        (group, named): (&Group, &Named),
        columns: &[(Role, Vec<f64>)],
        facts: &RowFacts<'_>,
        findings: &mut Findings,
        sink: &mut Sink<'_>,
    ) -> Result<(), IoError> {
        let optical = sensor_of_variable(&named.variable) == Sensor::S2;
        let mut stats = TableStats { count: at(&facts.count, row, f64::NAN), ..TableStats::UNKNOWN };
        stats.pixels = at(&facts.pixels, row, f64::NAN);
        if optical {
            stats.usable_share = at(&facts.clear, row, f64::NAN);
        }
        for (role, values) in columns {
            let value = Some(values[row]).filter(|&value| !is_nodata(value)).unwrap_or(f64::NAN);
            match role {
                Role::Mean => stats.mean = value,
                Role::Std => stats.std = value,
                Role::Min => stats.min = value,
                Role::P25 => stats.p25 = value,
                Role::P50 => stats.p50 = value,
                Role::P75 => stats.p75 = value,
                Role::Max => stats.max = value,
                Role::Count => stats.count = value,
                _ => {}
            }
        }
        if stats.mean.is_nan() {
            stats.mean = stats.p50;
        }
        let classes = at(&facts.classes, row, None).filter(|_| optical);
        // An empty cell says nothing; one with counts says that nothing was usable.
        let says = stats.mean.is_finite() || stats.count == 0.0 || stats.usable_share.is_finite() || classes.is_some();
        let IdFrom::File(file_id) = &self.mapping.id else {
            let Some(id) = at(&facts.ids, row, None) else {
                findings.no_id(rows.number_of(row));
                return Ok(());
            };
            return if says { self.emit(&id, row, (group, named), (stats, classes), facts, findings, sink) } else { Ok(()) };
        };
        if says { self.emit(file_id, row, (group, named), (stats, classes), facts, findings, sink) } else { Ok(()) }
    }

    fn emit(
        &self,
        id: &str,
        row: usize,
        (group, named): (&Group, &Named),
        (stats, classes): (TableStats, Option<[u32; 12]>),
        facts: &RowFacts<'_>,
        findings: &mut Findings,
        sink: &mut Sink<'_>,
    ) -> Result<(), IoError> {
        let made;
        let time = if let Some(time) = &group.time {
            time
        } else {
            let Some(time) = Self::time(row, named, facts) else { return Ok(()) };
            made = time;
            &made
        };
        let unit = self.units.get(&named.variable).copied().unwrap_or(StoredAs::Physical);
        let stats = physical(stats, unit, named.negative);
        findings.value(&named.variable, stats.mean);
        sink(&TableRecord { id, variable: &named.variable, time, stats, classes })
    }

    fn time(row: usize, named: &Named, facts: &RowFacts<'_>) -> Option<TableTime> {
        let moment = at(&facts.times, row, None)?;
        let sensor = sensor_of_variable(&named.variable);
        let mut time = TableTime {
            sensor,
            acquired: moment.at,
            exact: moment.exact,
            first: at(&facts.first, row, None).map(|first| first.at).filter(|_| sensor == Sensor::S1Coherence),
            platform: at(&facts.platform, row, None).map(Cow::into_owned),
            pass: at(&facts.pass, row, None).and_then(|word| pass_of(&word)).or(named.pass),
            relative_orbit: Some(at(&facts.orbit, row, f64::NAN)).filter(|orbit| *orbit > 0.0).map(|orbit| orbit as u16),
        };
        if let Some(product) = at(&facts.product, row, None) {
            use_product(&mut time, &product);
        }
        if time.pass.is_none() && sensor != Sensor::S2 && time.exact {
            // Over Europe, where these tables come from.
            time.pass = Some(if utc_hour(time.acquired) < 12 { Pass::Descending } else { Pass::Ascending });
        }
        if sensor == Sensor::S2 {
            time.pass = None;
        }
        Some(time)
    }

    fn facts<'r>(&self, rows: &'r Rows, findings: &mut Findings) -> RowFacts<'r> {
        let roles = &self.mapping.roles;
        let words = |role: Role| roles.get(&role).map(|&column| rows.words(column)).unwrap_or_default();
        let ids = if let IdFrom::Column(column) = self.mapping.id { rows.words(column) } else { Vec::new() };
        let times = roles.get(&Role::Time).map(|&column| {
            let read = rows.times(column, self.order).into_iter().enumerate();
            read.map(|(row, time)| {
                time.map_err(|text| findings.unreadable(rows.number_of(row), &self.header[column], &text, "a date")).ok()
            })
            .collect()
        });
        let first = roles.get(&Role::First).map(|&column| {
            // A pair whose earlier date is not known is still a pair.
            rows.times(column, self.order).into_iter().map(Result::ok).collect()
        });
        let optional = |role: Role, findings: &mut Findings| {
            roles.get(&role).map(|&column| self.numbers(rows, column, findings)).unwrap_or_default()
        };
        let pass = words(Role::Pass);
        let mut orbit = optional(Role::Orbit, findings);
        if orbit.is_empty() {
            // A column called orbit may hold the number.
            orbit = pass.iter().map(|word| word.as_ref().and_then(|word| word.parse().ok()).unwrap_or(f64::NAN)).collect();
        }
        RowFacts {
            ids,
            times: times.unwrap_or_default(),
            first: first.unwrap_or_default(),
            platform: words(Role::Platform),
            orbit,
            pass,
            product: words(Role::Product),
            sensor: words(Role::Sensor),
            count: optional(Role::Count, findings),
            pixels: optional(Role::Pixels, findings),
            clear: self.clear(rows, findings),
            classes: self.classes(rows, findings),
        }
    }

    fn clear(&self, rows: &Rows, findings: &mut Findings) -> Vec<f64> {
        let Some(&column) = self.mapping.roles.get(&Role::Clear) else { return Vec::new() };
        let name = self.header[column].to_ascii_lowercase();
        let percent = name.contains("pct") || name.contains("percent");
        let share = |value: f64| {
            let share = if percent || value > 1.0 { value / 100.0 } else { value };
            if name.contains("cloud") { 1.0 - share } else { share }
        };
        self.numbers(rows, column, findings).into_iter().map(share).collect()
    }

    fn classes(&self, rows: &Rows, findings: &mut Findings) -> Vec<Option<[u32; 12]>> {
        if let Some(&column) = self.mapping.roles.get(&Role::Classes) {
            return rows.words(column).into_iter().map(|word| histogram(&word?)).collect();
        }
        if self.mapping.classes.is_empty() {
            return Vec::new();
        }
        let columns: Vec<(usize, Vec<f64>)> =
            self.mapping.classes.iter().map(|&(class, column)| (class, self.numbers(rows, column, findings))).collect();
        let row_classes = |row: usize| {
            let mut classes = [0; 12];
            for (class, values) in &columns {
                classes[*class] = values[row].max(0.0).round() as u32;
            }
            (classes.iter().sum::<u32>() > 0).then_some(classes)
        };
        (0..rows.len()).map(row_classes).collect()
    }

    fn numbers(&self, rows: &Rows, column: usize, findings: &mut Findings) -> Vec<f64> {
        let (numbers, bad) = rows.numbers(column);
        for cell in bad {
            findings.unreadable(rows.number_of(cell.at), &self.header[column], &cell.text, "a number");
        }
        numbers
    }
}

/// `{"4":24,"5":1}`, also as Python writes it.
fn histogram(text: &str) -> Option<[u32; 12]> {
    let mut classes = [0; 12];
    for pair in text.split(',') {
        let (class, pixels) = pair.split_once(':')?;
        let number = |word: &str| word.trim_matches(|c: char| !c.is_ascii_digit()).parse::<f64>().ok(); // no number: no histogram
        let slot = classes.get_mut(number(class)? as usize)?;
        *slot = number(pixels)?.round() as u32;
    }
    Some(classes)
}

fn pass_of(word: &str) -> Option<Pass> {
    match word.chars().next()?.to_ascii_uppercase() {
        'A' => Some(Pass::Ascending),
        'D' => Some(Pass::Descending),
        _ => None,
    }
}

static PLATFORM: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?:^|_)(S[12][A-D])(?:_|$)").ok());
static ORBIT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"_R(\d{3})(?:_|\.|$)").ok());
static SENSED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\d{8}T\d{6}").ok());

/// What the name of a product tells, where the row itself is silent.
fn use_product(time: &mut TableTime, product: &str) {
    let found = |form: &LazyLock<Option<Regex>>| {
        let found = form.as_ref()?.captures(product)?;
        found.get(1).or_else(|| found.get(0)).map(|part| part.as_str().to_owned())
    };
    if time.platform.is_none() {
        time.platform = found(&PLATFORM);
    }
    if time.relative_orbit.is_none() {
        time.relative_orbit = found(&ORBIT).and_then(|digits| digits.parse().ok());
    }
    let day: Date = utc_day(time.acquired);
    if let Some(sensed) = found(&SENSED).and_then(|word| time_of(&word)).filter(|sensed| !time.exact && utc_day(sensed.at) == day)
    {
        (time.acquired, time.exact) = (sensed.at, sensed.exact);
    }
}

fn time_of(word: &str) -> Option<Moment> {
    time(word, DateOrder::DayFirst)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_are_read_as_json_and_python_write_them() {
        let expected = {
            let mut classes = [0; 12];
            (classes[4], classes[11]) = (24, 1);
            classes
        };
        assert_eq!(histogram(r#"{"4":24,"11":1}"#), Some(expected));
        assert_eq!(histogram("{'4': 24, '11': 1}"), Some(expected));
        assert_eq!(histogram("{\"12\":3}"), None);
        assert_eq!(histogram("clear"), None);
    }

    #[test]
    fn products_tell_platform_orbit_and_time() {
        let day = time_of("2020-01-04").expect("a day");
        let mut time = TableTime {
            sensor: Sensor::S2,
            acquired: day.at,
            exact: false,
            first: None,
            platform: None,
            pass: None,
            relative_orbit: None,
        };
        use_product(&mut time, "S2A_MSIL2A_20200104T104421_N0213_R008_T31UFU_20200104T121143.SAFE");
        assert_eq!((time.platform.as_deref(), time.relative_orbit, time.exact), (Some("S2A"), Some(8), true));
        assert_eq!(time.acquired.to_string(), "2020-01-04T10:44:21Z");
    }
}
