//! Statistics per parcel as CSV, one row a date.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;

use crate::engine::series::{IndexRule, bands_of};
use crate::io::tables::Value;
use crate::model::spreadsheet::defused;
use crate::model::units::{iso_utc, utc_day};
use crate::model::{Band, ObservationState, ParcelIx, Sensor, Signal, Watch};
use crate::project::extract::{ExtractOptions, extract};
use crate::project::{Dataset, Project};

use super::{Named, settings};

/// Digital numbers per unit of reflectance.
pub const QUANTIFICATION: f64 = 10_000.0;

/// Bands with a table of their own.
const SINGLE: [&str; 3] = ["B04", "B08", "B11"];

/// What stands for a number that is not there.
const MISSING: &str = "None";

/// Indices: folder, ending of the file, prefix of the columns, expression.
const INDICES: [(&str, &str, &str, &str); 4] = [
    ("ndvi", "ndvi", "ndvi_", "(B08 - B04) / (B08 + B04)"),
    ("ndwi", "ndwi", "", "(B11 - B04) / (B11 + B04)"),
    ("bare_soil_index", "bare_soil_index", "", "((B11 + B04) - (B08 + B02)) / ((B11 + B04) + (B08 + B02))"),
    ("plant_senescence_reflectance_index", "plant_senescence_reflectance_index", "", "(B04 - B02) / B06"),
];

/// Mean, count and standard deviation of a date.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    mean: f64,
    count: f64,
    std: f64,
}

/// Numbers of one parcel by date, for one band or one polarisation and pass.
type Dates = BTreeMap<String, Numbers>;

/// What is known of one parcel.
#[derive(Default)]
struct Observed {
    bands: BTreeMap<String, Dates>,
    /// By folder (`s1_bs`, `s1_coh6`), polarisation and pass.
    radar: BTreeMap<(&'static str, String, String), Dates>,
}

/// Writes all tables of some parcels; the number of files.
pub fn write_tables(
    project: &Project,
    data: &Dataset,
    batch: &[Named],
    root: &Path,
    jobs: usize,
    watch: &Watch,
) -> anyhow::Result<usize> {
    let mut observed = observe(data, batch, jobs, watch)?;
    let mut files = 0;
    for own in batch {
        anyhow::ensure!(!watch.cancelled(), "cancelled");
        let known = observed.remove(own.id.as_str()).unwrap_or_default();
        files += bands(root, own, &known)? + radar(root, own, &known)? + indices(project, data, root, own)?;
    }
    Ok(files)
}

/// Statistics of all bands of all acquisitions that count under JRC's rules.
fn observe(data: &Dataset, batch: &[Named], jobs: usize, watch: &Watch) -> anyhow::Result<BTreeMap<String, Observed>> {
    let parcels: Vec<ParcelIx> = batch.iter().map(|own| own.parcel).collect();
    let options = ExtractOptions { settings: settings(), ..ExtractOptions::default() };
    // Its own progress is none of this one's.
    let own = Watch::default();
    if watch.cancelled() {
        own.cancel();
    }
    let extraction = extract(data, &parcels, &options, jobs, &own)?;
    let table = extraction.observations.table()?;
    let place = |name: &str| table.columns.iter().position(|(own, _)| own == name).with_context(|| format!("no column {name}"));
    let [id, acquired, sensor, pass, band] =
        [place("parcel_id")?, place("acquired_utc")?, place("sensor")?, place("pass")?, place("band")?];
    let numbers = [place("masked")?, place("nodata")?, place("count")?, place("mean")?, place("std")?];
    let six = six_days(data);
    let mut observed: BTreeMap<String, Observed> = BTreeMap::new();
    for row in &table.rows {
        let [masked, nodata, count, mean, std] = numbers.map(|at| number(&row[at]));
        let time = text(&row[acquired]);
        let date: String = time.chars().take(10).collect();
        let of = observed.entry(text(&row[id]).to_owned()).or_default();
        let numbers = |scale: f64| Numbers { mean: mean * scale, count, std: std * scale };
        let whole = nodata == 0.0 && count > 0.0;
        match text(&row[sensor]) {
            // One row a date: of several images the first, as in the list of images.
            "S2" if whole && masked == 0.0 => {
                of.bands.entry(text(&row[band]).to_owned()).or_default().entry(date).or_insert(numbers(QUANTIFICATION));
            }
            "S1-BS" if whole => {
                let key = ("s1_bs", text(&row[band]).to_owned(), orbit(text(&row[pass]), time));
                of.radar.entry(key).or_default().entry(date).or_insert(numbers(1.0));
            }
            "S1-COH" if whole && six.contains(time) => {
                let key = ("s1_coh6", text(&row[band]).to_owned(), orbit(text(&row[pass]), time));
                of.radar.entry(key).or_default().entry(date).or_insert(numbers(1.0));
            }
            _ => {}
        }
    }
    Ok(observed)
}

/// Times of the coherence pairs of six days, and of those whose first date nobody knows.
fn six_days(data: &Dataset) -> BTreeSet<String> {
    let pairs = data.catalog.acquisitions.iter().filter(|own| own.sensor == Sensor::S1Coherence);
    pairs.filter(|own| own.pair_days().is_none_or(|days| days == 6)).map(|own| iso_utc(own.acquired)).collect()
}

/// `A` or `D`; where nothing says it, by the hour as JRC's tool does.
fn orbit(pass: &str, time: &str) -> String {
    if pass.is_empty() {
        if time.get(11..13).is_some_and(|hour| hour < "12") { "D" } else { "A" }.to_owned()
    } else {
        pass.to_owned()
    }
}

fn text(value: &Value) -> &str {
    if let Value::Text(text) = value { text } else { "" }
}

fn number(value: &Value) -> f64 {
    match value {
        Value::Number(number) => *number,
        Value::Integer(number) => *number as f64,
        Value::Text(_) | Value::Empty => f64::NAN,
    }
}

fn bands(root: &Path, own: &Named, known: &Observed) -> anyhow::Result<usize> {
    let mut files = 0;
    for band in SINGLE {
        if let Some(dates) = known.bands.get(band) {
            let path = format!("band_stats/{}_{}.csv", own.file_id, band.to_ascii_lowercase());
            single(root, &path, own, "band_", dates)?;
            files += 1;
        }
    }
    if known.bands.is_empty() {
        return Ok(files);
    }
    let dates: BTreeSet<&String> = known.bands.values().flat_map(BTreeMap::keys).collect();
    let mut header = vec!["Field_ID".to_owned(), "acq_date".to_owned()];
    for band in known.bands.keys() {
        header.extend(["mean", "count", "std"].map(|what| format!("{}_{what}", band.to_ascii_lowercase())));
    }
    let mut rows = vec![header];
    for date in dates {
        let mut row = vec![defused(&own.id).into_owned(), date.clone()];
        for band in known.bands.values() {
            match band.get(date) {
                Some(numbers) => row.extend([shown(numbers.mean, 3), shown(numbers.count, 0), shown(numbers.std, 3)]),
                None => row.extend([MISSING; 3].map(str::to_owned)),
            }
        }
        rows.push(row);
    }
    save(root, &format!("band_stats/{}.csv", own.file_id), &rows)?;
    Ok(files + 1)
}

fn radar(root: &Path, own: &Named, known: &Observed) -> anyhow::Result<usize> {
    for ((folder, polarisation, orbit), dates) in &known.radar {
        let kind = folder.replace('_', "");
        let prefix = if *folder == "s1_bs" { "bs_" } else { "coh6_" };
        single(root, &format!("{folder}/{}_{kind}_{polarisation}_{orbit}.csv", own.stem), own, prefix, dates)?;
    }
    Ok(known.radar.len())
}

/// Indices whose bands the project has.
fn indices(project: &Project, data: &Dataset, root: &Path, own: &Named) -> anyhow::Result<usize> {
    let mut files = 0;
    for (folder, ending, prefix, expression) in INDICES {
        let signal = Signal::Expression { name: folder.to_owned(), expression: expression.to_owned() };
        let bands: Vec<Band> = bands_of(&signal, project.indices())?;
        if !has_bands(data, &bands) {
            continue;
        }
        let mut query = project.series_query(own.parcel, &signal);
        query.settings = settings();
        query.rule = IndexRule::PerPixel;
        let series = project.compute(&query)?;
        let mut dates = Dates::new();
        for point in series.points.iter().filter(|point| point.state == ObservationState::Ok) {
            let numbers = Numbers { mean: point.value, count: point.count, std: point.std };
            dates.entry(utc_day(point.acquired).to_string()).or_insert(numbers);
        }
        single(root, &format!("{folder}/{}_{ending}.csv", own.stem), own, prefix, &dates)?;
        files += 1;
    }
    Ok(files)
}

/// True when some optical image of the project has all of some bands.
pub fn has_bands(data: &Dataset, bands: &[Band]) -> bool {
    let optical = data.catalog.acquisitions.iter().filter(|own| own.sensor == Sensor::S2);
    optical.flat_map(|own| &own.granules).any(|granule| bands.iter().all(|band| granule.band(band).is_some()))
}

/// A table with one row a date.
fn single(root: &Path, path: &str, own: &Named, prefix: &str, dates: &Dates) -> anyhow::Result<()> {
    let mut rows = vec![vec!["Field_ID".to_owned(), "acq_date".to_owned()]];
    rows[0].extend(["mean", "count", "std"].map(|what| format!("{prefix}{what}")));
    for (date, numbers) in dates {
        let digits = 7;
        rows.push(vec![
            defused(&own.id).into_owned(),
            date.clone(),
            shown(numbers.mean, digits),
            shown(numbers.count, 0),
            shown(numbers.std, digits),
        ]);
    }
    save(root, path, &rows)
}

/// A number with at most so many decimals; `None` for none.
fn shown(value: f64, decimals: i32) -> String {
    if !value.is_finite() {
        return MISSING.to_owned();
    }
    let scale = 10f64.powi(decimals);
    let rounded = (value * scale).round() / scale;
    // Neither is minus nothing a number.
    format!("{}", if rounded == 0.0 { 0.0 } else { rounded })
}

fn save(root: &Path, path: &str, rows: &[Vec<String>]) -> anyhow::Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).with_context(|| format!("cannot write {path}"))?;
    }
    let bytes = writer.into_inner().map_err(|error| anyhow::anyhow!("cannot write {path}: {error}"))?;
    super::write(root, path, &bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_missing_ones_are_none() {
        assert_eq!(shown(1_234.567_000_000_2, 3), "1234.567");
        assert_eq!(shown(f64::NAN, 3), "None");
        assert_eq!(shown(-1e-9, 3), "0");
        assert_eq!(shown(12.0, 0), "12");
    }

    #[test]
    fn a_pass_that_nothing_says_is_told_by_the_hour() {
        assert_eq!(orbit("", "2019-04-16T05:56:58Z"), "D");
        assert_eq!(orbit("", "2019-04-16T17:31:51Z"), "A");
        assert_eq!(orbit("A", "2019-04-16T05:56:58Z"), "A");
    }
}
