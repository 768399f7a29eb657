//! Known events by parcel, by id or by place: what people saw, cameras recorded or farmers wrote down.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, DateTime};

use crate::io::IoError;
use crate::io::facts::{Fact, Facts};
use crate::model::Parcels;

/// Names of the column of the (first) day that are looked for.
const DATE_COLUMNS: [&str; 6] = ["date", "Date", "start", "start_date", "event_date", "Event_date"];
/// Names of the column of the last day that are looked for.
const END_COLUMNS: [&str; 3] = ["end_date", "end", "stop"];
/// Names of the column of what happened that are looked for.
const TYPE_COLUMNS: [&str; 5] = ["event_code", "Event_type", "event_type", "type", "event"];
/// Names of the column of the year that are looked for.
const YEAR_COLUMNS: [&str; 2] = ["year", "Year"];

/// How a file of known events is read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reading {
    /// Id column. Default: guessed.
    pub id: Option<String>,
    /// Column of the day, or of the first of several. Default: guessed.
    pub date: Option<String>,
    /// Column of the last day. Default: guessed; events last one day where there is none.
    pub end: Option<String>,
    /// Column of what happened. Default: guessed; all rows are events where there is none.
    pub type_column: Option<String>,
    /// What counts as an event. Default: all but `none` and `ignore`.
    pub events: Vec<String>,
    /// What says that somebody looked and nothing happened.
    pub none: Vec<String>,
    /// What a detection may be and is neither right nor wrong, such as grazing.
    pub ignore: Vec<String>,
}

/// What a row says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// An event from one day to another, both included; mostly the same.
    Event(Date, Date),
    /// A period in which detections are neither right nor wrong.
    Ignored(Date, Date),
    /// Somebody looked; what happened, if anything, is of another kind.
    Looked,
}

/// A row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// Year in which somebody looked.
    pub year: i16,
    /// What was seen.
    pub what: What,
}

/// Records by parcel id, in the order of the file.
pub type Records = BTreeMap<String, Vec<Record>>;

/// Known events of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// By parcel id.
    pub records: Records,
    /// Features outside all parcels.
    pub outside: usize,
}

/// A file of known events whose rows are read and checked; which parcels they belong to is still open.
#[derive(Debug, Clone)]
pub struct Table {
    facts: Facts,
    id: Option<usize>,
    records: Vec<Record>,
}

/// Reads a CSV file or a vector layer of known events; see [`open`] and [`Table::by_parcel`].
pub fn read(path: &Path, how: &Reading, parcels: Option<&Parcels>) -> Result<Truth, IoError> {
    open(path, how)?.by_parcel(parcels)
}

/// Reads the rows of a CSV file or of a vector layer.
///
/// Days are `2022-06-01` or `01/06/2022` (day, month, year). A row without a day tells its year in a column `year`. Where the type of
/// a row is neither an event nor ignored, the row says that somebody looked.
pub fn open(path: &Path, how: &Reading) -> Result<Table, IoError> {
    let named = how.date.as_deref().into_iter();
    let wanted: Vec<&str> = named.chain(DATE_COLUMNS).collect();
    let facts = Facts::read(path, "read the known events", &wanted)?;
    let columns = Columns::find(&facts, how)?;
    let mut records = Vec::with_capacity(facts.rows.len());
    let mut types: Vec<&str> = Vec::new();
    let mut events = 0;
    for row in &facts.rows {
        let record = record(row, &columns, how).map_err(|(at, reason)| facts.row_fault(row, Some(at), &reason))?;
        events += usize::from(matches!(record.what, What::Event(..)));
        if let Some(own) = columns.kind.map(|at| row.word(at)).filter(|own| !types.contains(own)) {
            types.push(own);
        }
        records.push(record);
    }
    if events == 0 {
        types.sort_unstable();
        let asked = if how.events.is_empty() { "any type".to_owned() } else { format!("type {}", how.events.join(" or ")) };
        return Err(facts.fault(&format!("it has no event of {asked}; its types are {}", types.join(", "))));
    }
    Ok(Table { id: columns.id, facts, records })
}

impl Table {
    /// Records by parcel. A layer without an id column tells parcels by where its features lie in the outlines of `parcels`.
    pub fn by_parcel(&self, parcels: Option<&Parcels>) -> Result<Truth, IoError> {
        let mut found = Truth { records: Records::new(), outside: 0 };
        for (id, record) in self.facts.ids(self.id, parcels)?.into_iter().zip(&self.records) {
            match id {
                Some(id) => found.records.entry(id).or_default().push(*record),
                None => found.outside += 1,
            }
        }
        Ok(found)
    }
}

/// Places of the columns.
struct Columns {
    id: Option<usize>,
    date: usize,
    end: Option<usize>,
    kind: Option<usize>,
    year: Option<usize>,
}

impl Columns {
    fn find(facts: &Facts, how: &Reading) -> Result<Self, IoError> {
        let has = || facts.header.join(", ");
        let named = |what: &str, own: Option<&String>, known: &[&str]| match own {
            None => Ok(facts.column(known)),
            Some(name) => facts
                .column(&[name])
                .map(Some)
                .ok_or_else(|| facts.header_fault(&format!("it has no column {name} for the {what}; it has {}", has()))),
        };
        let missing = |what: &str, known: &[&str]| {
            facts.header_fault(&format!("it has no {what} column {}; name one of {}", known.join(" or "), has()))
        };
        let kind = named("type", how.type_column.as_ref(), &TYPE_COLUMNS)?;
        if kind.is_none() && !how.events.is_empty() {
            return Err(missing("type", &TYPE_COLUMNS));
        }
        Ok(Self {
            id: facts.id_column(how.id.as_deref())?,
            date: named("date", how.date.as_ref(), &DATE_COLUMNS)?.ok_or_else(|| missing("date", &DATE_COLUMNS))?,
            end: named("last day", how.end.as_ref(), &END_COLUMNS)?,
            kind,
            year: facts.column(&YEAR_COLUMNS),
        })
    }
}

/// A row; otherwise the place of the wrong column and the reason.
fn record(row: &Fact, columns: &Columns, how: &Reading) -> Result<Record, (usize, String)> {
    let cell = |at: Option<usize>| at.map_or("", |at| row.word(at));
    let missing = |word: &str| word.is_empty() || word.eq_ignore_ascii_case("na");
    let day = |at: usize| {
        let word = cell(Some(at));
        let wrong = || (at, format!("“{word}” is no day; expected e.g. 2022-06-01 or 01/06/2022"));
        if missing(word) { Ok(None) } else { date_of(word).map(Some).ok_or_else(wrong) }
    };
    let kind = cell(columns.kind);
    let is = |list: &[String]| columns.kind.is_some() && list.iter().any(|own| own == kind);
    let (none, ignored) = (is(&how.none), is(&how.ignore));
    let event = !none && !ignored && (how.events.is_empty() || is(&how.events));
    let from = day(columns.date)?;
    let to = columns.end.map_or(Ok(None), day)?;
    let Some(from) = from else {
        let word = cell(columns.year);
        if event || ignored {
            return Err((
                columns.date,
                format!("an event of type “{kind}” has no day; give it, or name the type with --truth-none"),
            ));
        }
        let year = word.parse().map_err(|_no_number: std::num::ParseIntError| {
            (columns.year.unwrap_or(columns.date), format!("“{word}” is no year, and the row has no day; expected e.g. 2022"))
        })?;
        return Ok(Record { year, what: What::Looked });
    };
    let to = to.unwrap_or(from);
    if to < from {
        return Err((columns.end.unwrap_or(columns.date), format!("the last day {to} is before the first, {from}")));
    }
    let what = match (event, ignored) {
        (true, _) => What::Event(from, to),
        (_, true) => What::Ignored(from, to),
        _ => What::Looked,
    };
    Ok(Record { year: from.year(), what })
}

/// A day from `2022-06-01`, a time of ISO 8601, or `01/06/2022`.
fn date_of(word: &str) -> Option<Date> {
    if let [day, month, year] = word.split('/').collect::<Vec<_>>()[..] {
        // No number: no day.
        let (day, month, year) = (day.parse().ok()?, month.parse().ok()?, year.parse().ok()?);
        return Date::new(year, month, day).ok();
    }
    // A word may be a time and no day.
    word.parse::<Date>().ok().or_else(|| word.trim_end_matches('Z').parse::<DateTime>().ok().map(DateTime::date))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::io::facts::samples;

    fn table(text: &str, how: &Reading) -> Result<Records, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        read(file.path(), how, None).map(|truth| truth.records).map_err(|error| error.to_string())
    }

    fn mowing() -> Reading {
        let words = |word: &str| vec![word.to_owned()];
        Reading { events: words("k"), none: words("n"), ignore: words("p"), ..Reading::default() }
    }

    #[test]
    fn events_periods_and_years_without_event_are_told_apart() {
        let text = "\u{feff}plot_id,year,date,end_date,event_code\n07,2022,2022-06-01,,k\n07,2022,2022-07-01,2022-07-20,p\n7,2021,,,n\n7,2022,2022-05-05,,x\n";
        let own = table(text, &mowing()).expect("read");
        let (june, july, end) = (date(2022, 6, 1), date(2022, 7, 1), date(2022, 7, 20));
        let of = |year: i16, what: What| Record { year, what };
        assert_eq!(own["07"], [of(2022, What::Event(june, june)), of(2022, What::Ignored(july, end))]);
        assert_eq!(own["7"], [of(2021, What::Looked), of(2022, What::Looked)]);
    }

    #[test]
    fn the_jrc_table_is_read_as_it_is() {
        let text = "\"\",\"ID\",\"area\",\"Event_date\",\"Event_type\"\n\"0\",1,1.3,\"10/07/2020\",\"1\"\n\"01\",1,1.3,\"09/09/2020\",\"1\"\n";
        let own = table(text, &Reading::default()).expect("read");
        let days: Vec<What> = own["1"].iter().map(|record| record.what).collect();
        assert_eq!(days, [date(2020, 7, 10), date(2020, 9, 9)].map(|day| What::Event(day, day)));
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, expected) in [
            (
                "a,date,type\n1,2020-01-01,k\n",
                "line 1: it has no id column; expected one of parcel_id, plot_id, FID, ID, id; it has a, date, type",
            ),
            ("id,date,type\n1,31/31/2020,k\n", "line 2, column date: “31/31/2020” is no day; expected"),
            ("id,date,event_code\n1,,k\n", "line 2, column date: an event of type “k” has no day"),
            ("id,date,event_code\n1,,n\n", "line 2, column date: “” is no year, and the row has no day"),
            ("id,date,end,event_code\n1,2020-02-02,2020-02-01,k\n", "line 2, column end: the last day 2020-02-01 is before"),
            ("id,date,event_code\n1,2020-02-02,x\n", "it has no event of type k; its types are x"),
            ("id,date\n1,2020-02-02\n", "it has no type column event_code or"),
        ] {
            let told = table(text, &mowing()).expect_err("refused");
            assert!(told.contains(expected), "{text}: {told}");
        }
        let how = Reading { date: Some("when".to_owned()), ..Reading::default() };
        assert!(table("id,date\n", &how).expect_err("no column").contains("it has no column when for the date; it has id, date"));
    }
    #[test]
    fn events_of_a_layer_belong_to_the_parcels_in_which_they_lie() {
        let file = tempfile::Builder::new().suffix(".json").tempfile().expect("a file");
        let seen = [
            (Some(20.0), r#"{"date":"2022-06-01","event_code":"k","end":null}"#),
            (Some(150.0), r#"{"date":"2022-07-01","event_code":"p","end":"2022-07-20"}"#),
            (Some(300.0), r#"{"date":"2022-06-02","event_code":"k","end":null}"#),
        ];
        samples::geojson(file.path(), &seen);
        let own = read(file.path(), &mowing(), Some(&samples::parcels())).expect("read");
        let (june, july, end) = (date(2022, 6, 1), date(2022, 7, 1), date(2022, 7, 20));
        let of = |what: What| vec![Record { year: 2022, what }];
        let expected = [("007", of(What::Event(june, june))), ("8", of(What::Ignored(july, end)))];
        assert_eq!(own.records, expected.map(|(id, records)| (id.to_owned(), records)).into());
        assert_eq!(own.outside, 1);
        // Times of day, and days in words of their own.
        samples::geojson(
            file.path(),
            &[(Some(20.0), r#"{"start":"2022-06-01T10:00:00Z"}"#), (Some(150.0), r#"{"start":"2022-06-03T10:00:00Z"}"#)],
        );
        let own = read(file.path(), &Reading::default(), Some(&samples::parcels())).expect("read");
        assert_eq!(own.records["007"], of(What::Event(june, june)));
        samples::geojson(file.path(), &[(Some(20.0), r#"{"start":"01/06/2022"}"#), (Some(150.0), r#"{"start":"soon"}"#)]);
        let told = read(file.path(), &Reading::default(), Some(&samples::parcels())).expect_err("no day").to_string();
        assert!(told.contains("layer “seen”, feature 1, column start: “soon” is no day; expected"), "{told}");
        samples::geojson(file.path(), &[(Some(20.0), r#"{"colour":"red"}"#)]);
        let told = read(file.path(), &Reading::default(), Some(&samples::parcels())).expect_err("no date").to_string();
        assert!(told.contains("layer “seen”: it has no date column date or Date"), "{told}");
    }
}
