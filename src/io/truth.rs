//! Known events by parcel: what people saw, cameras recorded or farmers wrote down.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::civil::{Date, DateTime};

use crate::io::IoError;

/// Names of the id column that are looked for.
const ID_COLUMNS: [&str; 5] = ["parcel_id", "plot_id", "FID", "ID", "id"];
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

/// Reads a CSV file of known events.
///
/// Days are `2022-06-01` or `01/06/2022` (day, month, year). A row without a day tells its year in a column `year`. Where the type of
/// a row is neither an event nor ignored, the row says that somebody looked.
pub fn read(path: &Path, how: &Reading) -> Result<Records, IoError> {
    let failed = |fact: String| IoError::File { operation: "read the known events".to_owned(), fact, path: path.to_owned() };
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_path(path).map_err(|e| failed(e.to_string()))?;
    let header: Vec<String> = reader
        .headers()
        .map_err(|e| failed(e.to_string()))?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let columns = Columns::find(&header, how).map_err(failed)?;
    let mut records = Records::new();
    let mut types: Vec<String> = Vec::new();
    let mut events = 0;
    for row in reader.records() {
        let row = row.map_err(|e| failed(e.to_string()))?;
        let line = row.position().map_or(0, csv::Position::line);
        let record = record(&row, &columns, how).map_err(|(at, reason)| {
            failed(format!("line {line}, column {}: {reason}", header.get(at).map_or("", String::as_str)))
        })?;
        events += usize::from(matches!(record.what, What::Event(..)));
        if let Some(own) = columns.kind.and_then(|at| row.get(at)).filter(|own| !types.iter().any(|known| known == own)) {
            types.push(own.to_owned());
        }
        records.entry(row.get(columns.id).unwrap_or_default().to_owned()).or_default().push(record);
    }
    if events == 0 {
        types.sort();
        let asked = if how.events.is_empty() { "any type".to_owned() } else { format!("type {}", how.events.join(" or ")) };
        return Err(failed(format!("it has no event of {asked}; its types are {}", types.join(", "))));
    }
    Ok(records)
}

/// Places of the columns.
struct Columns {
    id: usize,
    date: usize,
    end: Option<usize>,
    kind: Option<usize>,
    year: Option<usize>,
}

impl Columns {
    fn find(header: &[String], how: &Reading) -> Result<Self, String> {
        let place = |name: &str| header.iter().position(|own| own == name);
        let guess = |known: &[&str]| known.iter().find_map(|name| place(name));
        let named = |what: &str, own: Option<&String>, known: &[&str]| match own {
            None => Ok(guess(known)),
            Some(name) => place(name)
                .map(Some)
                .ok_or_else(|| format!("it has no column {name} for the {what}; it has {}", header.join(", "))),
        };
        let needed = |what: &str, own: Option<&String>, known: &[&str]| {
            named(what, own, known)?
                .ok_or_else(|| format!("it has no {what} column {}; name one of {}", known.join(" or "), header.join(", ")))
        };
        let kind = named("type", how.type_column.as_ref(), &TYPE_COLUMNS)?;
        if kind.is_none() && !how.events.is_empty() {
            return Err(format!("it has no type column {}; name one of {}", TYPE_COLUMNS.join(" or "), header.join(", ")));
        }
        Ok(Self {
            id: needed("id", how.id.as_ref(), &ID_COLUMNS)?,
            date: needed("date", how.date.as_ref(), &DATE_COLUMNS)?,
            end: named("last day", how.end.as_ref(), &END_COLUMNS)?,
            kind,
            year: guess(&YEAR_COLUMNS),
        })
    }
}

/// A row; otherwise the place of the wrong column and the reason.
fn record(row: &csv::StringRecord, columns: &Columns, how: &Reading) -> Result<Record, (usize, String)> {
    let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).unwrap_or_default();
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

    fn table(text: &str, how: &Reading) -> Result<Records, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        read(file.path(), how).map_err(|error| error.to_string())
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
                "it has no id column parcel_id or plot_id or FID or ID or id; name one of a, date, type",
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
}
