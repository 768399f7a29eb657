//! `parcelight init`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::io::project_file;
use crate::io::scan::{ScanSource, scan};
use crate::io::vector::{LayerInfo, layers};
use crate::model::project_file::{ParcelSource, Radiometry};
use crate::model::report::Severity;
use crate::model::{Catalog, Sensor, Watch};
use crate::project::inspect::{FoundParcels, propose};

use super::output::{Run, absolute};
use super::{progress, usage};

/// Make a project, guessing columns and sources, and say what was guessed
///
/// Paths in the project file are relative to it. Parcels and images are only looked at, never changed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  parcelight init -o season.parcelight.toml --parcels parcels.gpkg --id parcel_id --imagery s2 s1"
)]
pub struct Args {
    /// Project file to write
    #[arg(short, long, value_name = "PROJECT.toml")]
    output: PathBuf,
    /// Parcel file: GeoPackage, GeoJSON, Shapefile (also zipped), FlatGeobuf, KML, GeoParquet
    #[arg(long, value_name = "FILE")]
    parcels: PathBuf,
    /// Id column [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    id: Option<String>,
    /// Crop column [default: guessed]
    #[arg(long, value_name = "COLUMN")]
    crop: Option<String>,
    /// Layer [default: the first polygon layer]
    #[arg(long, value_name = "NAME")]
    layer: Option<String>,
    /// Folders or files with images, searched whole
    #[arg(long, value_name = "DIR", num_args = 1.., required = true)]
    imagery: Vec<PathBuf>,
    /// Replace an existing project file
    #[arg(long)]
    force: bool,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    let target = absolute(&args.output)?;
    if target.exists() && !args.force {
        anyhow::bail!("cannot make the project: the file is already there; --force replaces it ({})", args.output.display());
    }
    let parcels_path = absolute(&args.parcels)?;
    let imagery = args.imagery.iter().map(|path| absolute(path)).collect::<anyhow::Result<Vec<_>>>()?;
    if let Some(missing) = imagery.iter().find(|path| !path.exists()) {
        anyhow::bail!("cannot find the images: no such file or folder ({})", missing.display());
    }
    let found = FoundParcels { layers: layers(&parcels_path)?, path: parcels_path };
    let layer = choose_layer(&found.layers, args.layer.as_deref(), &args.parcels)?;
    let mut file = propose(&target, &found, layer, &imagery);
    set_columns(&mut file.parcels, &found.layers[layer], args)?;
    say_parcels(&found.layers, layer, &file.parcels, run);

    let watch = Watch::default();
    let sources: Vec<ScanSource> =
        imagery.into_iter().map(|path| ScanSource { path, pattern: None, ..ScanSource::default() }).collect();
    let catalog = progress::during(&run.general, "looking at images", &watch, || scan(&sources, &Radiometry::default(), &watch));
    say_imagery(&catalog, run);

    if let Some(folder) = target.parent() {
        std::fs::create_dir_all(folder)?;
    }
    project_file::save(&target, &file)?;
    run.write_record(&[found.path], &[&args.output])?;
    run.say(&format!("project: {}", args.output.display()));
    Ok(ExitCode::SUCCESS)
}

fn choose_layer(layers: &[LayerInfo], wanted: Option<&str>, path: &Path) -> anyhow::Result<usize> {
    let names = || layers.iter().map(|layer| layer.name.as_str()).collect::<Vec<_>>().join(", ");
    match wanted {
        Some(name) => layers
            .iter()
            .position(|layer| layer.name == name)
            .ok_or_else(|| usage(format!("there is no polygon layer “{name}” in {}; there are: {}", path.display(), names()))),
        None if layers.is_empty() => anyhow::bail!("cannot use the parcels: no polygon layer ({})", path.display()),
        None => Ok(0),
    }
}

fn set_columns(source: &mut ParcelSource, layer: &LayerInfo, args: &Args) -> anyhow::Result<()> {
    for column in [&args.id, &args.crop].into_iter().flatten() {
        if !layer.columns.iter().any(|known| known.name == *column) {
            let names = layer.columns.iter().map(|known| known.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(usage(format!("there is no column “{column}” in layer “{}”; there are: {names}", layer.name)));
        }
    }
    if let Some(id) = &args.id {
        source.id = Some(id.clone());
    }
    if let Some(crop) = &args.crop {
        if layer.guessed_crop_code.as_ref() == Some(crop) {
            source.crop_code = Some(crop.clone());
            source.crop_name = Some(String::new());
        } else {
            source.crop_name = Some(crop.clone());
        }
    }
    Ok(())
}

fn say_parcels(layers: &[LayerInfo], chosen: usize, source: &ParcelSource, run: &Run) {
    let layer = &layers[chosen];
    let crs = layer.crs.as_ref().map_or("unknown CRS".to_owned(), crate::model::Crs::label);
    run.say(&format!("layer: {} ({} features, {crs})", layer.name, layer.features));
    if layers.len() > 1 {
        let others: Vec<&str> =
            layers.iter().enumerate().filter(|(at, _)| *at != chosen).map(|(_, other)| other.name.as_str()).collect();
        run.say(&format!("  other layers: {}; choose with --layer", others.join(", ")));
    }
    for (role, column) in [("id", &source.id), ("crop code", &source.crop_code), ("crop name", &source.crop_name)] {
        let Some(column) = column.as_ref().filter(|column| !column.is_empty()) else {
            run.say(&format!("{role}: no column found"));
            continue;
        };
        let samples =
            layer.columns.iter().find(|known| known.name == *column).map(|known| known.samples.join(", ")).unwrap_or_default();
        run.say(&format!("{role}: column {column} (e.g. {samples})"));
    }
}

fn say_imagery(catalog: &Catalog, run: &Run) {
    for sensor in [Sensor::S2, Sensor::S1Backscatter, Sensor::S1Coherence] {
        let days: Vec<_> = catalog.acquisitions.iter().filter(|a| a.sensor == sensor).map(|a| a.acquired).collect();
        if let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) {
            let day = crate::model::units::utc_day;
            run.say(&format!("images: {} {}, {} to {}", days.len(), sensor.code(), day(*first), day(*last)));
        }
    }
    if catalog.acquisitions.is_empty() {
        run.say("images: none found");
    }
    let unusable = catalog.problems.iter().filter(|problem| problem.severity == Severity::Error).count();
    if unusable > 0 {
        run.say(&format!("images: {unusable} files cannot be used; `parcelight scan` lists them with the reason"));
    }
}
