//! Parcel layers: what is in a file, and import into the parcel table; other layers for what their features say.

mod collect;
mod columns;
mod features;
mod findings;
mod geoparquet;
mod guess;
mod ogr;
mod overlaps;
mod placing;
mod plain;
mod source;
mod topology;
mod wkb;

use std::path::Path;

use crate::io::{IoError, crs};
use crate::model::project_file::ParcelSource;
use crate::model::report::{ParcelProblem, Problem, Severity};
use crate::model::{Bounds, Crs, Parcels, Watch};

use collect::{Collected, Roles};
use columns::{Columns, Samples};
use source::{FEATURE_NUMBER, Go, LayerHead, Source};

pub use features::{Feature, FeatureLayer, Place, columns as feature_columns, is_layer, read as features};
pub use findings::swapped_axes;
pub use placing::parcel_of;

/// One column of a layer with a few values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnInfo {
    /// Name.
    pub name: String,
    /// `text`, `integer`, `real`, `date`, ….
    pub kind: String,
    /// Up to five distinct values from the first rows.
    pub samples: Vec<String>,
}

/// One polygon layer of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct LayerInfo {
    /// Name.
    pub name: String,
    /// Number of features.
    pub features: u64,
    /// CRS, if the file says it.
    pub crs: Option<Crs>,
    /// Extent in that CRS.
    pub bounds: Option<Bounds>,
    /// Columns.
    pub columns: Vec<ColumnInfo>,
    /// Best guess for the id column.
    pub guessed_id: Option<String>,
    /// Best guess for the crop code column.
    pub guessed_crop_code: Option<String>,
    /// Best guess for the crop name column.
    pub guessed_crop_name: Option<String>,
}

/// Rows looked at for samples and guesses.
const PROBED_ROWS: usize = 1000;

/// Polygon layers of a file (`GeoPackage`, `GeoJSON`, Shapefile also zipped, `FlatGeobuf`, KML, `GeoParquet`).
///
/// The file is recognised by its content and opened read-only. Where a layer has no column with unique values of a known
/// name, the guessed id is `fid`, the feature number, which is then listed as the last column.
pub fn layers(path: &Path) -> Result<Vec<LayerInfo>, IoError> {
    let source = source::open(path, None)?;
    source.layers()?.iter().map(|head| describe(&source, head)).collect()
}

fn describe(source: &Source, head: &LayerHead) -> Result<LayerInfo, IoError> {
    let mut samples = Samples::new(head);
    let mut numbers = Vec::new();
    let mut rows = 0;
    source.read(head, &mut |row| {
        samples.push(&row);
        if numbers.len() < 5 {
            numbers.push(row.number.to_string());
        }
        rows += 1;
        Ok(if rows < PROBED_ROWS { Go::On } else { Go::Stop })
    })?;
    let (mut columns, unique) = samples.finish(head);
    let guessed_id = guess::id(&columns, &unique);
    let guessed_crop_name = guess::crop_name(&columns);
    let guessed_crop_code = guess::crop_code(&columns, guessed_crop_name.as_deref());
    if !columns.iter().any(|column| column.name.eq_ignore_ascii_case(FEATURE_NUMBER)) {
        columns.push(ColumnInfo { name: FEATURE_NUMBER.to_owned(), kind: "feature number".to_owned(), samples: numbers });
    }
    Ok(LayerInfo {
        name: head.name.clone(),
        features: head.features,
        crs: head.crs.clone(),
        bounds: head.bounds,
        columns,
        guessed_id,
        guessed_crop_code,
        guessed_crop_name,
    })
}

/// An imported layer.
#[derive(Debug)]
pub struct Import {
    /// The table, in the working CRS.
    pub parcels: Parcels,
    /// The source with every guess filled in.
    pub source: ParcelSource,
    /// CRS of the file.
    pub source_crs: Crs,
    /// What was repaired, assumed or left out, for the import report.
    pub problems: Vec<Problem>,
}

/// Imports a layer: `source.path` is absolute here. `working` is the CRS of the table; `None` takes the UTM zone of the layer's centre.
///
/// One pass over the file; outlines are checked, repaired, transformed and measured by all cores in batches, and the
/// result does not depend on their number. Areas and perimeters are those of the Lambert azimuthal equal-area projection
/// about the layer's centre. A parcel with a problem stays in the table and is marked; one without a usable outline, or with
/// coordinates outside the area of its CRS, has an empty outline. The column `fid` means the feature number.
pub fn import(source: &ParcelSource, working: Option<&Crs>, watch: &Watch) -> Result<Import, IoError> {
    import_in_parts(source, working, watch, &mut |_| {})
}

/// [`import`] that hands over the table each time it has doubled, so that it can be shown while the rest is read. Row numbers
/// stay; what only the whole table shows (overlaps, repeated ids) is missing in the parts.
pub fn import_in_parts(
    source: &ParcelSource,
    working: Option<&Crs>,
    watch: &Watch,
    part: &mut (dyn FnMut(Parcels) + Send),
) -> Result<Import, IoError> {
    let path = source.path.as_path();
    let file = source::open(path, source.encoding.as_deref())?;
    let head = choose_layer(&file.layers()?, source.layer.as_deref(), path)?;
    let info = describe(&file, &head)?;
    let mut filled = fill(source, &info);
    let roles = Roles::new(&filled, &head, path)?;
    let source_crs = system(source, &head, working, path)?;
    watch.set_total(head.features);
    let columns = Columns::new(&head);
    let collected = Collected::read(&file, &head, (&roles, &columns), (&source_crs, working), watch, part)?;
    collected.refuse_if_all_outside(&source_crs, path)?;
    let parcels = collected.builder.finish(Vec::new());
    let (overlaps, cut) = overlaps::find(&parcels, watch);
    if watch.cancelled() {
        return Err(IoError::Cancelled);
    }
    let mut found = findings::duplicates(&parcels);
    found.extend(overlaps.into_iter().map(|overlap| {
        let with = parcels.id(overlap.other).to_owned();
        (overlap.parcel, ParcelProblem::Overlap { share: overlap.share, with })
    }));
    let parcels = parcels.with_problems(found);
    let left_out = columns.left_out(&head);
    let rows = parcels.len() as u64;
    let mut problems = findings::summary(&parcels, path);
    let mut note = |severity, fact: String, expected: &str| {
        problems.push(Problem { severity, path: path.to_owned(), fact, expected: expected.to_owned() });
    };
    if rows < head.features {
        note(Severity::Error, format!("only {rows} of {} features could be read", head.features), "an undamaged file");
    }
    if let Some(encoding) = file.assumed_encoding() {
        note(
            Severity::Warning,
            format!("the file does not say its character encoding; {encoding} was assumed"),
            "a .cpg file, or the field `encoding` in the project",
        );
        filled.encoding = Some(encoding.to_owned());
    }
    if cut {
        note(Severity::Note, "some parcels have very many neighbours; not all overlaps were checked".to_owned(), "");
    }
    if left_out > 0 {
        note(Severity::Note, format!("{left_out} attribute columns of this large table are left out of filters"), "");
    }
    Ok(Import { parcels, source: filled, source_crs, problems })
}

fn choose_layer(heads: &[LayerHead], wanted: Option<&str>, path: &Path) -> Result<LayerHead, IoError> {
    let found = match wanted {
        Some(name) => heads.iter().find(|head| head.name == name),
        None => heads.first(),
    };
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = heads.iter().map(|head| head.name.as_str()).collect();
        source::fault(path, format!("there is no polygon layer `{}`; there is {}", wanted.unwrap_or_default(), names.join(", ")))
    })
}

/// The source as asked for, with guesses where nothing was.
fn fill(source: &ParcelSource, info: &LayerInfo) -> ParcelSource {
    let or_guess = |asked: &Option<String>, guess: &Option<String>| asked.clone().or_else(|| guess.clone());
    ParcelSource {
        layer: Some(info.name.clone()),
        id: or_guess(&source.id, &info.guessed_id),
        crop_code: or_guess(&source.crop_code, &info.guessed_crop_code),
        crop_name: or_guess(&source.crop_name, &info.guessed_crop_name),
        ..source.clone()
    }
}

/// The CRS of the coordinates; without one the user is asked, with what would fit.
fn system(source: &ParcelSource, head: &LayerHead, working: Option<&Crs>, path: &Path) -> Result<Crs, IoError> {
    if let Some(code) = source.epsg {
        return Ok(Crs::Epsg(code));
    }
    if let Some(crs) = &head.crs {
        return Ok(crs.clone());
    }
    let b = head.bounds.unwrap_or(Bounds::EMPTY);
    let degrees = b.min_x >= -180.0 && b.max_x <= 180.0 && b.min_y >= -90.0 && b.max_y <= 90.0;
    let suggestion = match working {
        _ if degrees => "they look like longitude and latitude, epsg = 4326".to_owned(),
        Some(working) if fits(&b, working) => format!("they would fit {}, the system of the images", working.label()),
        _ => "they look like metres of a national system or a UTM zone, for instance epsg = 32631".to_owned(),
    };
    let fact = format!(
        "the file names no coordinate reference system (CRS); its coordinates run from {:.1}, {:.1} to {:.1}, {:.1}: {suggestion}; \
         give the EPSG code as `epsg`",
        b.min_x, b.min_y, b.max_x, b.max_y
    );
    Err(source::fault(path, fact))
}

/// True when a box of coordinates lies in the area of a system.
fn fits(bounds: &Bounds, crs: &Crs) -> bool {
    // A system that cannot be asked is not suggested.
    let Ok(Some(area)) = crs::area_of_use(crs) else { return false };
    crs::transform_bounds(bounds, crs, &crs::WGS84).is_ok_and(|place| place.intersects(&area))
}
