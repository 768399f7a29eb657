//! Tables of observations by parcel: an id column, a time column, and components.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::io::IoError;
use crate::io::facts::ID_COLUMNS;
use crate::model::units::epoch_days;
use crate::model::{SampleColumn, SampleTable};

/// Names of the time column that are looked for.
const TIME_COLUMNS: [&str; 5] = ["acquired_utc", "Date", "date", "acq_date", "obsdate"];
/// A column of words with more different ones than this is no component.
const MOST_WORDS: usize = 256;

/// Observations by parcel id, and the names of columns that are no components.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SeriesTable {
    /// By parcel id.
    pub parcels: BTreeMap<String, SampleTable>,
    /// Columns that were left out, with the reason.
    pub left_out: Vec<String>,
}

/// Reads a CSV file of observations.
///
/// The id column is the one named, or the first of `parcel_id`, `plot_id`, `FID`, `ID` and `id`; the time column the one named, or
/// `acquired_utc`, `Date`, `date`, `acq_date` or `obsdate`. Times without an offset are UTC. Every other column becomes a component:
/// numbers as they are (empty, `NA` and `nan` are missing), words by their place among the column's words. Of rows of one parcel and
/// time the first counts. A column of mostly different words is left out.
pub fn read(path: &Path, id: Option<&str>, time: Option<&str>) -> Result<SeriesTable, IoError> {
    let failed = |fact: String| IoError::File { operation: "read the series".to_owned(), fact, path: path.to_owned() };
    let mut reader =
        csv::ReaderBuilder::new().flexible(false).trim(csv::Trim::All).from_path(path).map_err(|e| failed(e.to_string()))?;
    let header: Vec<String> = reader
        .headers()
        .map_err(|e| failed(e.to_string()))?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').to_owned())
        .collect();
    let find = |what: &str, named: Option<&str>, known: &[&str]| {
        let names = named.map_or_else(|| known.to_vec(), |name| vec![name]);
        let found = names.iter().find_map(|name| header.iter().position(|own| own == name));
        found.ok_or_else(|| failed(format!("it has no {what} column {}; it has {}", names.join(" or "), header.join(", "))))
    };
    let (id_at, time_at) = (find("id", id, &ID_COLUMNS)?, find("time", time, &TIME_COLUMNS)?);
    let places: Vec<usize> = (0..header.len()).filter(|&at| at != id_at && at != time_at).collect();
    let mut ids: Vec<String> = Vec::new();
    let mut days: Vec<f64> = Vec::new();
    let mut cells: Vec<Cells> = places.iter().map(|_| Cells::default()).collect();
    for record in reader.records() {
        let record = record.map_err(|e| failed(e.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let word = &record[time_at];
        let day = day_of(word).ok_or_else(|| {
            failed(format!(
                "line {line}, column {}: “{word}” is no time; expected e.g. 2020-01-16 or 2020-01-16T16:58:49Z",
                header[time_at]
            ))
        })?;
        ids.push(record[id_at].to_owned());
        days.push(day);
        places.iter().zip(&mut cells).for_each(|(&at, cells)| cells.push(&record[at]));
    }
    let mut left_out = Vec::new();
    let mut columns: Vec<SampleColumn> = Vec::new();
    for (&at, cells) in places.iter().zip(cells) {
        match cells.finish() {
            Ok((values, labels)) => columns.push(SampleColumn { name: Arc::from(header[at].as_str()), values, labels }),
            Err(count) => left_out.push(format!("{} ({count} different words)", header[at])),
        }
    }
    let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (row, id) in ids.into_iter().enumerate() {
        rows.entry(id).or_default().push(row);
    }
    let table = |rows: Vec<usize>| {
        let of = |values: &[f64]| -> Vec<f64> { rows.iter().map(|&row| values[row]).collect() };
        let columns = columns.iter().map(|own| SampleColumn {
            values: of(&own.values),
            name: Arc::clone(&own.name),
            labels: Arc::clone(&own.labels),
        });
        SampleTable::sorted(&of(&days), columns.collect())
    };
    Ok(SeriesTable { parcels: rows.into_iter().map(|(id, rows)| (id, table(rows))).collect(), left_out })
}

/// Days since 1970 of a time; without an offset it is UTC.
fn day_of(word: &str) -> Option<f64> {
    // A word may be a time in one of these forms and not in another.
    let time = word.parse::<Timestamp>().ok().or_else(|| {
        let local = word.parse::<DateTime>().ok()?;
        local.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })?;
    Some(epoch_days(time))
}

/// Cells of a column: numbers, unless one is none; then words.
#[derive(Debug, Default)]
struct Cells {
    numbers: Vec<f64>,
    texts: Vec<Option<String>>,
    has_words: bool,
}

impl Cells {
    fn push(&mut self, word: &str) {
        let missing = word.is_empty() || ["na", "nan", "null", "none"].iter().any(|own| word.eq_ignore_ascii_case(own));
        let number = if missing { Some(f64::NAN) } else { word.parse::<f64>().ok().filter(|value| value.is_finite()) };
        self.has_words |= number.is_none();
        self.texts.push((!missing).then(|| word.to_owned()));
        self.numbers.push(number.unwrap_or(f64::NAN));
    }

    /// Values and labels; the number of different words where there are too many.
    fn finish(self) -> Result<(Vec<f64>, Arc<[String]>), usize> {
        if !self.has_words {
            return Ok((self.numbers, Arc::default()));
        }
        let mut labels: Vec<String> = self.texts.iter().flatten().cloned().collect();
        labels.sort();
        labels.dedup();
        if labels.len() > MOST_WORDS {
            return Err(labels.len());
        }
        let place = |word: &Option<String>| match word {
            Some(word) => labels.binary_search(word).map_or(f64::NAN, |at| at as f64),
            None => f64::NAN,
        };
        let values = self.texts.iter().map(place).collect();
        Ok((values, Arc::from(labels)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<SeriesTable, String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("written");
        read(file.path(), None, None).map_err(|error| error.to_string())
    }

    #[test]
    fn rows_become_series_by_parcel() {
        let text = "\u{feff}FID,Date,v,orbit\n007,2020-01-02 12:00:00,1.5,D\n7,2020-01-01,nan,A\n007,2020-01-01T00:00:00Z,2,A\n007,2020-01-01,9,A\n";
        let own = table(text).expect("read");
        assert_eq!(own.parcels.keys().collect::<Vec<_>>(), ["007", "7"]);
        let first = &own.parcels["007"];
        assert_eq!(
            (first.days.as_slice(), first.columns[0].values.as_slice()),
            ([18262.0, 18263.5].as_slice(), [2.0, 1.5].as_slice())
        );
        assert_eq!(first.columns[1].word(first.columns[1].values[1]), "D");
        assert!(own.parcels["7"].columns[0].values[0].is_nan());
    }

    #[test]
    fn what_is_wrong_is_told() {
        assert!(
            table("plot,Date\n")
                .expect_err("no id")
                .contains("no id column parcel_id or plot_id or FID or ID or id; it has plot, Date")
        );
        assert!(table("FID,Date,v\n1,soon,2\n").expect_err("no time").contains("line 2, column Date: “soon” is no time"));
    }
}
