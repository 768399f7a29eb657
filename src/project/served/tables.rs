//! Weather and markers from CSV files: what a project does not hold itself.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use jiff::civil::Date;

use crate::contract::{MarkerRow, WeatherRow};

/// Weather by parcel, by cell of a grid, or the same for all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct WeatherTable {
    by_parcel: BTreeMap<String, Vec<WeatherRow>>,
    cells: Vec<([f64; 2], Vec<WeatherRow>)>,
    everywhere: Vec<WeatherRow>,
}

/// Markers by parcel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MarkerTable {
    by_parcel: BTreeMap<String, Vec<MarkerRow>>,
}

struct Sheet {
    headers: Vec<String>,
    rows: Vec<csv::StringRecord>,
}

impl Sheet {
    fn read(path: &Path, what: &str) -> anyhow::Result<Self> {
        let name = path.display();
        let text = std::fs::read(path).with_context(|| format!("cannot read the {what} ({name})"))?;
        let text = String::from_utf8(text).with_context(|| format!("cannot read the {what}: it is not UTF-8 ({name})"))?;
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let wrong = || format!("cannot read the {what} as CSV ({name})");
        let headers = reader.headers().with_context(wrong)?.iter().map(str::to_lowercase).collect();
        let rows = reader.records().collect::<Result<Vec<_>, _>>().with_context(wrong)?;
        Ok(Self { headers, rows })
    }

    fn column(&self, name: &str) -> Option<usize> {
        self.headers.iter().position(|header| header == name)
    }

    fn needed(&self, name: &str, what: &str, path: &Path) -> anyhow::Result<usize> {
        self.column(name).with_context(|| {
            format!("cannot use the {what}: it has no column {name}, only {} ({})", self.headers.join(", "), path.display())
        })
    }
}

/// A number; `NaN` for what is none.
fn number(row: &csv::StringRecord, column: usize) -> f64 {
    row.get(column).and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
}

impl WeatherTable {
    /// Reads a CSV with the columns `meteo_date`, `tmin`, `tmax`, `tmean`, `prec`.
    ///
    /// With a column `pid` a row belongs to that parcel, with `lon` and `lat` to the cell of a grid with its middle there: a parcel
    /// takes the nearest. A column `grid` alone must hold one cell only, since nothing says where others are.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        const WHAT: &str = "weather";
        let sheet = Sheet::read(path, WHAT)?;
        let day = sheet.needed("meteo_date", WHAT, path)?;
        let mut numbers = [0; 4];
        for (at, name) in ["tmin", "tmax", "tmean", "prec"].into_iter().enumerate() {
            numbers[at] = sheet.needed(name, WHAT, path)?;
        }
        let (pid, lon, lat) = (sheet.column("pid"), sheet.column("lon"), sheet.column("lat"));
        let grid = sheet.column("grid").or_else(|| sheet.column("grid_id"));
        let mut table = Self::default();
        let mut cells: BTreeMap<String, ([f64; 2], Vec<WeatherRow>)> = BTreeMap::new();
        for (line, row) in sheet.rows.iter().enumerate() {
            let text = row.get(day).unwrap_or_default();
            let day: Date = text.get(..10).unwrap_or(text).parse().with_context(|| {
                format!("cannot use the weather: “{text}” in row {} is no day such as 2019-04-16 ({})", line + 2, path.display())
            })?;
            let [tmin, tmax, tmean, prec] = numbers.map(|column| number(row, column));
            let own = WeatherRow { day, tmin, tmax, tmean, prec };
            if let Some(parcel) = pid.and_then(|column| row.get(column)) {
                table.by_parcel.entry(parcel.to_owned()).or_default().push(own);
            } else if let (Some(lon), Some(lat)) = (lon, lat) {
                let middle = [number(row, lon), number(row, lat)];
                cells.entry(format!("{middle:?}")).or_insert((middle, Vec::new())).1.push(own);
            } else {
                let cell = grid.and_then(|column| row.get(column)).unwrap_or_default();
                cells.entry(cell.to_owned()).or_default().1.push(own);
            }
        }
        if lon.is_some() && lat.is_some() {
            table.cells = cells.into_values().filter(|(middle, _)| middle.iter().all(|part| part.is_finite())).collect();
        } else if cells.len() > 1 {
            bail!(
                "cannot use the weather: it has {} cells and nothing says where they are; add the columns lon and lat, or pid ({})",
                cells.len(),
                path.display()
            );
        } else {
            table.everywhere = cells.into_values().next().map(|(_, rows)| rows).unwrap_or_default();
        }
        table.sort();
        Ok(table)
    }

    fn sort(&mut self) {
        let lists = self.by_parcel.values_mut().chain(self.cells.iter_mut().map(|(_, rows)| rows));
        lists.chain(std::iter::once(&mut self.everywhere)).for_each(|rows| rows.sort_by_key(|row| row.day));
    }

    /// Weather of a parcel with its middle, by day.
    pub fn of(&self, pid: &str, middle: Option<[f64; 2]>) -> &[WeatherRow] {
        if let Some(rows) = self.by_parcel.get(pid) {
            return rows;
        }
        let Some([lon, lat]) = middle else { return &self.everywhere };
        let distance = |cell: &[f64; 2]| ((cell[0] - lon) * lat.to_radians().cos()).hypot(cell[1] - lat);
        let nearest = self.cells.iter().min_by(|a, b| distance(&a.0).total_cmp(&distance(&b.0)));
        nearest.map_or(&self.everywhere, |(_, rows)| rows)
    }
}

impl MarkerTable {
    /// Reads a CSV with the columns of the `markers` route; `pid` (or `foi_id`) must be there, the others may be missing.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let sheet = Sheet::read(path, "markers")?;
        let Some(pid) = sheet.column("pid").or_else(|| sheet.column("foi_id")) else {
            bail!("cannot use the markers: they have neither a column pid nor foi_id ({})", path.display());
        };
        let mut table = Self::default();
        for row in &sheet.rows {
            let text = |name: &str| sheet.column(name).and_then(|column| row.get(column)).unwrap_or_default().to_owned();
            let value = |name: &str| sheet.column(name).map(|column| number(row, column)).filter(|value| value.is_finite());
            table.by_parcel.entry(row.get(pid).unwrap_or_default().to_owned()).or_default().push(MarkerRow {
                marker: text("marker"),
                kind: text("marker_type"),
                start: text("date_start"),
                main: text("date_main"),
                end: text("date_end"),
                duration_days: value("duration_days"),
                values: [value("value_1"), value("value_2"), value("value_3")],
                practice: text("practice"),
            });
        }
        Ok(table)
    }

    /// Markers of a parcel, in the order of the file.
    pub fn of(&self, pid: &str) -> &[MarkerRow] {
        self.by_parcel.get(pid).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), text).expect("writes");
        file
    }

    #[test]
    fn weather_is_that_of_the_nearest_cell_or_of_the_parcel() {
        let cells = file(
            "meteo_date,tmin,tmax,tmean,prec,lon,lat\n2019-01-02,1,2,3,4,4.0,50.0\n2019-01-01,0,,1,2,4.0,50.0\n2019-01-01,9,9,9,9,5.0,50.0\n",
        );
        let table = WeatherTable::read(cells.path()).expect("reads");
        let rows = table.of("1", Some([4.2, 50.1]));
        assert_eq!((rows.len(), rows[0].day.to_string(), rows[1].prec), (2, "2019-01-01".to_owned(), 4.0));
        assert!(rows[0].tmax.is_nan());
        let own = file("\u{feff}meteo_date,tmin,tmax,tmean,prec,pid\n2019-01-01,0,1,1,2,007\n");
        let table = WeatherTable::read(own.path()).expect("reads");
        assert_eq!((table.of("007", None).len(), table.of("7", Some([4.0, 50.0])).len()), (1, 0));
    }

    #[test]
    fn weather_that_cannot_be_placed_is_refused_with_a_way_out() {
        let cells = file("meteo_date,tmin,tmax,tmean,prec,grid\n2019-01-01,1,2,3,4,A\n2019-01-01,0,1,1,2,B\n");
        let error = WeatherTable::read(cells.path()).expect_err("two cells").to_string();
        assert!(error.contains("2 cells") && error.contains("lon and lat"), "{error}");
        let short = file("meteo_date,tmin\n");
        let error = WeatherTable::read(short.path()).expect_err("columns").to_string();
        assert!(error.contains("no column tmax, only meteo_date, tmin"), "{error}");
    }

    #[test]
    fn markers_are_found_by_parcel() {
        let given = file("pid,marker,marker_type,date_main,duration_days,value_1\n007,mowing,drop,2019-05-01,12,0.4\n");
        let table = MarkerTable::read(given.path()).expect("reads");
        let [row] = table.of("007") else { panic!("one marker") };
        assert_eq!((row.marker.as_str(), row.duration_days, row.values), ("mowing", Some(12.0), [Some(0.4), None, None]));
        assert!(table.of("7").is_empty());
    }
}
