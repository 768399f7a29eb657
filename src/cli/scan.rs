//! `parcelight scan`.

mod tables;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::io::scan::{ScanSource, scan};
use crate::io::tables::{Kind, Table, Value};
use crate::model::catalog::Quantity;
use crate::model::project_file::Radiometry;
use crate::model::report::{Problem, Severity};
use crate::model::units::iso_utc;
use crate::model::{Acquisition, Catalog, Granule, Watch};
use crate::project::tables::is_series_table;

use super::args::TableOut;
use super::output::{Run, absolute, format};
use super::progress;

/// List the acquisitions found, and every file that could not be used, with the reason
///
/// One row an acquisition; what differs between its products (tiles, processings) is joined with “+”, their paths with “;”.
/// Then one row a problem, with nothing but `path` and `problem`; a file that is used all the same is marked “warning” or “note”.
///
/// Of a table of parcel statistics (JRC time series, Sen4CAP marker database, other CSV, JSON, Parquet or Arrow IPC): how it would be
/// read, one row for each column, signal and unit.
///
/// boa_offset is in digital numbers (0 or -1000), resolution_m in metres, clear_share 0..1.
/// Exit status 1 only when nothing is usable.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  parcelight scan s2 s1 -o scan.csv")]
pub struct Args {
    /// Folders, files, SAFE folders or STAC catalogues, searched whole
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Regular expression with named groups (sensor, platform, date, time, date2, tile, orbit, pass, band, resolution, baseline) for
    /// names that no built-in rule knows
    #[arg(long, value_name = "REGEX")]
    pattern: Option<String>,
    #[command(flatten)]
    out: TableOut,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    format(&args.out)?;
    let sources = args
        .paths
        .iter()
        .map(|path| Ok(ScanSource { path: absolute(path)?, pattern: args.pattern.clone(), calibration: None }))
        .collect::<anyhow::Result<Vec<_>>>()?;
    if let Some(missing) = sources.iter().find(|source| !source.path.exists()) {
        anyhow::bail!("cannot scan: no such file or folder ({})", missing.path.display());
    }
    if args.paths.iter().all(|path| is_series_table(path)) {
        let paths: Vec<PathBuf> = sources.into_iter().map(|source| source.path).collect();
        run.write_table(&tables::table(&paths)?, &args.out, &paths)?;
        run.say("a table of parcel statistics; name it with --table, or under [[tables]] in a project");
        return Ok(ExitCode::SUCCESS);
    }
    let watch = Watch::default();
    let catalog = progress::during(&run.general, "scanning", &watch, || scan(&sources, &Radiometry::default(), &watch));
    run.write_table(&table(&catalog), &args.out, &files(&catalog))?;
    let unusable = catalog.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    run.say(&format!("{} acquisitions, {unusable} files could not be used", catalog.acquisitions.len()));
    Ok(if catalog.acquisitions.is_empty() { ExitCode::from(super::FAILED) } else { ExitCode::SUCCESS })
}

/// Every file that was used or told about, sorted.
fn files(catalog: &Catalog) -> Vec<PathBuf> {
    let assets = catalog.acquisitions.iter().flat_map(|acquisition| &acquisition.granules).flat_map(|granule| &granule.bands);
    let told = catalog.problems.iter().map(|problem| problem.path.clone());
    let mut files: Vec<PathBuf> = assets.map(|asset| asset.path.clone()).chain(told).collect();
    files.sort();
    files.dedup();
    files
}

const COLUMNS: [(&str, Kind); 15] = [
    ("acquired_utc", Kind::Text),
    ("sensor", Kind::Text),
    ("platform", Kind::Text),
    ("tile", Kind::Text),
    ("relative_orbit", Kind::Integer),
    ("pass", Kind::Text),
    ("baseline", Kind::Text),
    ("boa_offset", Kind::Text),
    ("bands", Kind::Text),
    ("resolution_m", Kind::Text),
    ("epsg", Kind::Text),
    ("clear_share", Kind::Number),
    ("path", Kind::Text),
    ("problem", Kind::Text),
    ("first_utc", Kind::Text),
];

fn table(catalog: &Catalog) -> Table {
    let columns = COLUMNS.map(|(name, kind)| (name.to_owned(), kind)).to_vec();
    let mut rows: Vec<Vec<Value>> = catalog.acquisitions.iter().map(acquisition_row).collect();
    rows.extend(catalog.problems.iter().map(problem_row));
    Table { columns, rows }
}

fn acquisition_row(acquisition: &Acquisition) -> Vec<Value> {
    let granules = &acquisition.granules;
    let joined = |each: fn(&Granule) -> Option<String>| join(granules.iter().filter_map(each), "+");
    let optical = acquisition.sensor == crate::model::Sensor::S2;
    let mut resolutions: Vec<f64> = granules.iter().flat_map(|granule| &granule.bands).map(|asset| asset.grid.pixel_x).collect();
    resolutions.sort_by(f64::total_cmp);
    let bands = acquisition.band_names().into_iter().map(|band| band.to_string());
    let scl = granules.iter().any(|granule| granule.scl().is_some()).then(|| "SCL".to_owned());
    vec![
        Value::Text(iso_utc(acquisition.acquired)),
        Value::Text(acquisition.sensor.code().to_owned()),
        Value::Text(acquisition.platform.clone()),
        text(joined(|granule| granule.tile.clone())),
        acquisition.relative_orbit.map_or(Value::Empty, |orbit| Value::Integer(i64::from(orbit))),
        text(acquisition.pass.map(|pass| pass.code().to_owned())),
        text(joined(|granule| granule.baseline.clone())),
        text(joined(|granule| Some(granule.boa_offset_dn.to_string())).filter(|_| optical)),
        text(join(bands.chain(scl), "+")),
        text(join(resolutions.iter().map(ToString::to_string), "+")),
        text(joined(|granule| granule.finest_grid().and_then(|grid| grid.crs.epsg()).map(|code| code.to_string()))),
        granules.iter().find_map(|granule| granule.clear_share).map_or(Value::Empty, Value::Number),
        text(join(granules.iter().filter_map(product_path), ";")),
        Value::Empty,
        text(acquisition.first.map(iso_utc)),
    ]
}

fn text(words: Option<String>) -> Value {
    words.map_or(Value::Empty, Value::Text)
}

/// Distinct words in their order; `None` when there is none.
fn join(words: impl Iterator<Item = String>, by: &str) -> Option<String> {
    let mut distinct: Vec<String> = Vec::new();
    for word in words {
        if !distinct.contains(&word) {
            distinct.push(word);
        }
    }
    (!distinct.is_empty()).then(|| distinct.join(by))
}

/// The product's folder when its name is part of the path (SAFE), else the file of its finest band.
fn product_path(granule: &Granule) -> Option<String> {
    let finest = granule
        .bands
        .iter()
        .filter(|asset| asset.quantity != Quantity::SceneClass)
        .chain(&granule.bands)
        .min_by(|a, b| a.grid.pixel_x.total_cmp(&b.grid.pixel_x))?;
    let folder = finest.path.ancestors().skip(1).find(|folder| {
        folder.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name == granule.name.as_str() || name.trim_end_matches(".SAFE") == granule.name
        })
    });
    Some(folder.unwrap_or(&finest.path).display().to_string())
}

fn problem_row(problem: &Problem) -> Vec<Value> {
    let line = match problem.severity {
        Severity::Error => problem.line(),
        Severity::Warning => format!("warning: {}", problem.line()),
        Severity::Note => format!("note: {}", problem.line()),
    };
    let mut row = vec![Value::Empty; COLUMNS.len() - 3];
    row.extend([Value::Text(problem.path.display().to_string()), Value::Text(line), Value::Empty]);
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_only_its_path_and_its_reason() {
        let problem =
            Problem { severity: Severity::Error, path: "a.tif".into(), fact: "empty".into(), expected: "a GeoTIFF".into() };
        let row = problem_row(&problem);
        assert_eq!(row.len(), COLUMNS.len());
        assert!(row[..12].iter().chain(&row[14..]).all(|value| *value == Value::Empty));
        assert_eq!(row[13], Value::Text("empty; expected a GeoTIFF".to_owned()));
    }

    #[test]
    fn equal_words_are_written_once() {
        let words = ["31UES", "31UES", "31UFS"].map(str::to_owned);
        assert_eq!(join(words.into_iter(), "+").as_deref(), Some("31UES+31UFS"));
        assert_eq!(join(std::iter::empty(), "+"), None);
    }
}
