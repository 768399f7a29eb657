//! `parcelight foi`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::io::foi::{self, Categories};
use crate::io::tables::{self, Format, Table};
use crate::io::vector::{self, Import};
use crate::io::{crs, project_file, scan};
use crate::model::foi::{Cardinality, Connectivity, FoiParams, FoiRow};
use crate::model::project_file::ParcelSource;
use crate::model::report::Severity;
use crate::model::{BandAsset, Parcels, Watch};
use crate::project::foi::check_parcels;

use super::args::{Choice, FormatWord, parse_metres};
use super::output::{Run, absolute, write_file};
use super::{input, progress, usage};

/// Check whether each parcel is one object, by a thematic raster (one class a pixel, made elsewhere)
///
/// Outlines are shrunk first; a pixel belongs to a parcel when its centre lies inside. Class 0 and the raster's no-data value take no part.
///
/// foi_h (heterogeneity) is 1 when some class has a share from --min-het to --max-het per cent, both included. foi_c (cardinality) is 1
/// when more than one large cluster lies in the parcel: connected pixels of one class, more than --cluster-pixels of them. Two clusters
/// of the same class count as two objects; with --distinct-classes only clusters of different classes do.
///
/// Writes to the folder: `foi`, one row a parcel: pixels (with a class), nodata and outside (pixels without one, and beyond the raster), foi_h,
/// foi_c, the largest class with its share (per cent), the large clusters as (class, pixels), the reason where there is no answer,
/// and for each class its pixels (C_CLASS) and share in per cent (P_CLASS); `skipped`, the parcels without an answer; `classes`, every
/// class with its name, pixels and parcels; `run.json`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight foi --parcels parcels.gpkg --id plot_id --raster crops_2024.tif --categories crops.yaml -o foi"
)]
pub struct Args {
    /// Project file, whose parcels are checked; otherwise --parcels
    #[arg(long, value_name = "PROJECT.toml", conflicts_with = "parcels", help_heading = "Input")]
    project: Option<PathBuf>,
    /// Parcel file: GeoPackage, GeoJSON, Shapefile (also zipped), FlatGeobuf, KML, GeoParquet
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    parcels: Option<PathBuf>,
    /// Id column of the parcel file [default: guessed]
    #[arg(long, value_name = "COLUMN", conflicts_with = "project", help_heading = "Input")]
    id: Option<String>,
    /// Crop column of the parcel file, for --where [default: guessed]
    #[arg(long, value_name = "COLUMN", conflicts_with = "project", help_heading = "Input")]
    crop: Option<String>,
    /// Layer of the parcel file [default: the first polygon layer]
    #[arg(long, value_name = "NAME", conflicts_with = "project", help_heading = "Input")]
    layer: Option<String>,
    /// Thematic raster: one band of whole numbers, in any CRS
    #[arg(long, value_name = "FILE.tif", help_heading = "Input")]
    raster: PathBuf,
    /// Band of the raster, from 1 [default: the only one]
    #[arg(long, value_name = "N", help_heading = "Input")]
    band: Option<usize>,
    /// Names of the classes: CSV with the columns value,name, or YAML with category_map and value: name under it
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    categories: Option<PathBuf>,
    #[command(flatten)]
    choice: Choice,
    /// Shrink outlines first, metres: 0 or negative
    #[arg(
        long,
        value_name = "B",
        default_value = "-10",
        allow_negative_numbers = true,
        value_parser = parse_metres,
        help_heading = "Check"
    )]
    buffer_m: f64,
    /// Smallest share of a class that makes a parcel heterogeneous, per cent
    #[arg(long, value_name = "PERCENT", default_value = "30", value_parser = parse_percent, help_heading = "Check")]
    min_het: f64,
    /// Largest such share, per cent
    #[arg(long, value_name = "PERCENT", default_value = "70", value_parser = parse_percent, help_heading = "Check")]
    max_het: f64,
    /// Neighbours of a pixel: 4 (sides) or 8 (sides and corners)
    #[arg(long, value_name = "4|8", default_value = "8", value_parser = parse_connectivity, help_heading = "Check")]
    connectivity: Connectivity,
    /// A cluster is large with more pixels than this
    #[arg(long, value_name = "PIXELS", default_value = "20", help_heading = "Check")]
    cluster_pixels: u32,
    /// Only large clusters of different classes make more than one object
    #[arg(long, help_heading = "Check")]
    distinct_classes: bool,
    /// Format of the tables
    #[arg(long, value_name = "FORMAT", default_value = "csv", help_heading = "Output")]
    format: FormatWord,
    /// Folder for the results
    #[arg(short, long, value_name = "DIR", help_heading = "Output")]
    output: PathBuf,
}

fn parse_percent(word: &str) -> Result<f64, String> {
    let found = word.parse().ok().filter(|percent: &f64| (0.0..=100.0).contains(percent));
    found.ok_or_else(|| "expected per cent from 0 to 100".to_owned())
}

fn parse_connectivity(word: &str) -> Result<Connectivity, String> {
    match word {
        "4" => Ok(Connectivity::Four),
        "8" => Ok(Connectivity::Eight),
        _ => Err("expected 4 or 8".to_owned()),
    }
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    let params = params(args)?;
    let raster = scan::thematic(&args.raster, args.band)?;
    let categories = args.categories.as_deref().map(foi::read_categories).transpose()?.unwrap_or_default();
    let (mut read, source) = source(args)?;
    let watch = Watch::default();
    let Import { parcels, problems, .. } =
        progress::during(&run.general, "reading parcels", &watch, || vector::import(&source, None, &watch))?;
    for problem in problems.iter().filter(|problem| problem.severity != Severity::Note) {
        run.say(&format!("parcels: {}", problem.line()));
    }
    let chosen = input::choose(&parcels, &args.choice)?;
    let watch = Watch::default();
    let work = || check_parcels(&parcels, &chosen, &raster, &params, run.general.jobs(), &watch);
    let rows = progress::during(&run.general, "checking parcels", &watch, work)?;
    let files = write(args, &rows, &categories)?;
    read.push(args.raster.clone());
    read.extend(args.categories.clone());
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    run.write_folder_record(&args.output, &read, &files)?;
    tell(&rows, &categories, args, run);
    let answered = rows.iter().any(|row| row.result.is_ok());
    if !answered {
        run.say(&apart(&parcels, &raster));
    }
    Ok(if answered { ExitCode::SUCCESS } else { ExitCode::from(super::FAILED) })
}

fn params(args: &Args) -> anyhow::Result<FoiParams> {
    if args.buffer_m > 0.0 {
        return Err(usage(format!(
            "--buffer-m {} grows parcels into their neighbours; give 0 or a negative number, e.g. -10",
            args.buffer_m
        )));
    }
    if args.min_het > args.max_het {
        return Err(usage(format!("--min-het {} is larger than --max-het {}", args.min_het, args.max_het)));
    }
    Ok(FoiParams {
        buffer_m: args.buffer_m,
        min_het: args.min_het,
        max_het: args.max_het,
        connectivity: args.connectivity,
        cluster_pixels: args.cluster_pixels,
        cardinality: if args.distinct_classes { Cardinality::DistinctClasses } else { Cardinality::SpatialClusters },
    })
}

/// Files read, and where the parcels are. A project's images are not needed, so they are not looked for.
fn source(args: &Args) -> anyhow::Result<(Vec<PathBuf>, ParcelSource)> {
    if let Some(project) = &args.project {
        let path = absolute(project)?;
        let mut source = project_file::load(&path)?.parcels;
        if source.is_empty() {
            anyhow::bail!("the project has no parcel file; name one with --parcels ({})", path.display());
        }
        source.path = path.parent().unwrap_or(Path::new("")).join(&source.path);
        return Ok((vec![path, source.path.clone()], source));
    }
    let Some(parcels) = &args.parcels else {
        return Err(usage("nothing to work on; name --project PROJECT.toml or --parcels FILE"));
    };
    if !parcels.exists() {
        anyhow::bail!("cannot open the parcels: no such file ({})", parcels.display());
    }
    let path = absolute(parcels)?;
    let source = ParcelSource {
        path: path.clone(),
        layer: args.layer.clone(),
        id: args.id.clone(),
        crop_name: args.crop.clone(),
        ..ParcelSource::default()
    };
    Ok((vec![path], source))
}

/// Writes the tables; the files written.
fn write(args: &Args, rows: &[FoiRow], categories: &Categories) -> anyhow::Result<Vec<PathBuf>> {
    let format: Format = args.format.into();
    let ending = match args.format {
        FormatWord::Csv => "csv",
        FormatWord::Json => "json",
        FormatWord::Parquet => "parquet",
    };
    let save = |name: &str, table: Table| -> anyhow::Result<PathBuf> {
        let path = args.output.join(format!("{name}.{ending}"));
        // Ids and names of classes are words of people.
        let table = if format == Format::Csv { tables::defused(&table) } else { table };
        write_file(&path, &tables::encode(&table, format)?)?;
        Ok(path)
    };
    Ok(vec![
        save("foi", foi::table(rows, categories))?,
        save("skipped", foi::skipped(rows))?,
        save("classes", foi::classes(rows, categories))?,
    ])
}

fn tell(rows: &[FoiRow], categories: &Categories, args: &Args, run: &Run) {
    let found: Vec<_> = rows.iter().filter_map(|row| row.result.as_ref().ok()).collect();
    let count = |is: fn(&crate::model::foi::FoiFinding) -> bool| found.iter().filter(|own| is(own)).count();
    run.say(&format!(
        "{} parcels checked: {} heterogeneous, {} with more than one object; {} without an answer",
        found.len(),
        count(|own| own.heterogeneous),
        count(|own| own.cardinal),
        rows.len() - found.len()
    ));
    if args.categories.is_some() {
        let mut unnamed: Vec<i32> = found.iter().flat_map(|own| &own.classes).map(|own| own.class).collect();
        unnamed.retain(|class| !categories.contains_key(class));
        unnamed.sort_unstable();
        unnamed.dedup();
        if !unnamed.is_empty() {
            let list: Vec<String> = unnamed.iter().map(i32::to_string).collect();
            run.say(&format!("the categories do not name class {}", list.join(", ")));
        }
    }
}

/// Why no parcel has an answer, as far as places tell.
fn apart(parcels: &Parcels, raster: &BandAsset) -> String {
    let system = &raster.grid.crs;
    let place = |bounds: &crate::model::Bounds| {
        format!("x {:.0} to {:.0}, y {:.0} to {:.0}", bounds.min_x, bounds.max_x, bounds.min_y, bounds.max_y)
    };
    // Parcels beyond the reach of the CRS are named as such.
    let own = crs::transform_bounds(&parcels.total_bounds(), parcels.crs(), system);
    format!(
        "no parcel could be checked, see the reasons; in {} the raster covers {}, the parcels {}: do they show the same place?",
        system.label(),
        place(&raster.grid.bounds()),
        own.map_or_else(|_beyond| "lie out of reach".to_owned(), |own| place(&own))
    )
}
