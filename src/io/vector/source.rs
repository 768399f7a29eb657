//! Opening a parcel file by its content, and the form in which both readers hand over layers and rows.

use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::io::IoError;
use crate::model::{Bounds, Crs};

use super::geoparquet::GeoParquet;
use super::ogr::Ogr;

/// Name that stands for the feature number where a layer has no id column.
pub(super) const FEATURE_NUMBER: &str = "fid";

/// One value of one feature.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Cell {
    Null,
    Text(String),
    Integer(i64),
    Number(f64),
}

impl Cell {
    /// As an id or code is written: whole numbers without decimals, text as it stands; `None` for a null or blank text.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::Text(text) => (!text.trim().is_empty()).then(|| text.clone()),
            Self::Integer(number) => Some(number.to_string()),
            // Register exports often store codes as real numbers: 593.0 means 593.
            Self::Number(number) if number.fract() == 0.0 && number.abs() < 1e15 => Some(format!("{number:.0}")),
            Self::Number(number) => number.is_finite().then(|| number.to_string()),
        }
    }
}

/// A column as the reader knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ColumnHead {
    pub(super) name: String,
    /// `text`, `integer`, `real`, `date`, ….
    pub(super) kind: &'static str,
}

impl ColumnHead {
    /// True when values are numbers for filters.
    pub(super) fn is_number(&self) -> bool {
        matches!(self.kind, "integer" | "real" | "boolean")
    }
}

/// A polygon layer.
#[derive(Debug, Clone)]
pub(super) struct LayerHead {
    pub(super) name: String,
    pub(super) features: u64,
    pub(super) crs: Option<Crs>,
    pub(super) bounds: Option<Bounds>,
    pub(super) columns: Vec<ColumnHead>,
}

/// One feature on its way in: plain bytes and values, so that workers can take it.
#[derive(Debug, Clone)]
pub(super) struct Row {
    /// Feature number of the file.
    pub(super) number: u64,
    /// Geometry; `None` for a null.
    pub(super) wkb: Option<Vec<u8>>,
    /// Values in the order of [`LayerHead::columns`].
    pub(super) cells: Vec<Cell>,
}

/// What a reader's receiver wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Go {
    On,
    Stop,
}

/// An open file.
pub(super) enum Source {
    Ogr(Ogr),
    Parquet(GeoParquet),
}

impl Source {
    /// The file as it was asked for.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Ogr(file) => file.path(),
            Self::Parquet(file) => file.path(),
        }
    }

    /// Its polygon layers; an error when there is none.
    pub(super) fn layers(&self) -> Result<Vec<LayerHead>, IoError> {
        match self {
            Self::Ogr(file) => file.layers(),
            Self::Parquet(file) => Ok(file.layers()),
        }
    }

    /// Least and greatest row number of a layer that several handles can read in ranges; `None` for all others.
    pub(super) fn row_numbers(&self, layer: &LayerHead) -> Option<(i64, i64)> {
        match self {
            Self::Ogr(file) => file.row_numbers(layer),
            Self::Parquet(_) => None,
        }
    }

    /// Hands over the features with row numbers in a range, in file order. Only for layers with [`Source::row_numbers`].
    pub(super) fn read_range(&self, layer: &LayerHead, rows: Range<i64>) -> Result<Vec<Row>, IoError> {
        let mut found = Vec::new();
        let mut each = |row| {
            found.push(row);
            Ok(Go::On)
        };
        match self {
            Self::Ogr(file) => file.read(layer, Some(rows), &mut each)?,
            Self::Parquet(file) => file.read(layer, &mut each)?,
        }
        Ok(found)
    }

    /// Hands over the features of a layer in file order until told to stop.
    pub(super) fn read(&self, layer: &LayerHead, each: &mut dyn FnMut(Row) -> Result<Go, IoError>) -> Result<(), IoError> {
        match self {
            Self::Ogr(file) => file.read(layer, None, each),
            Self::Parquet(file) => file.read(layer, each),
        }
    }

    /// The character encoding that had to be assumed, if one had to.
    pub(super) fn assumed_encoding(&self) -> Option<&'static str> {
        match self {
            Self::Ogr(file) => file.assumed_encoding(),
            Self::Parquet(_) => None,
        }
    }
}

/// Opens a file read-only, by content and not by its ending.
pub(super) fn open(path: &Path, encoding: Option<&str>) -> Result<Source, IoError> {
    let refuse = |fact: String| fault(path, fact);
    let meta = std::fs::metadata(path).map_err(|error| refuse(error.to_string()))?;
    if meta.is_dir() {
        return Ogr::open(path, path, &["ESRI Shapefile", "OpenFileGDB"], encoding).map(Source::Ogr);
    }
    let path = &main_file(path);
    let mut start = [0u8; 512];
    let length =
        std::fs::File::open(path).and_then(|mut file| file.read(&mut start)).map_err(|error| refuse(error.to_string()))?;
    let start = &start[..length];
    let ogr = |drivers: &[&str]| Ogr::open(path, path, drivers, encoding).map(Source::Ogr);
    match start {
        [] => Err(refuse(format!("the file is empty (0 bytes); expected {EXPECTED}"))),
        [b'P', b'A', b'R', b'1', ..] => GeoParquet::open(path).map(Source::Parquet),
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => Err(refuse(format!(
            "the content is Arrow IPC, which holds no parcels here, whatever the name says; expected {EXPECTED}"
        ))),
        _ if start.starts_with(b"SQLite format 3\0") => {
            let (inner, drivers) = database(path, start);
            Ogr::open(path, &inner, drivers, encoding).map(Source::Ogr)
        }
        _ if start.starts_with(b"fgb\x03") => ogr(&["FlatGeobuf"]),
        [0, 0, 0x27, 0x0a, ..] => ogr(&["ESRI Shapefile"]),
        [b'P', b'K', 3, 4, ..] => {
            let (inner, drivers) = inside_zip(path)?;
            Ogr::open(path, &inner, drivers, encoding).map(Source::Ogr)
        }
        _ => match first_sign(start) {
            Some(b'{' | b'[') => ogr(&["GeoJSON", "GeoJSONSeq", "TopoJSON", "ESRIJSON"]),
            Some(0x1e) => ogr(&["GeoJSONSeq"]),
            Some(b'<') => ogr(&["LIBKML", "KML", "GML"]),
            _ => Err(refuse(format!("the content starts with {}, which is no vector format; expected {EXPECTED}", shown(start)))),
        },
    }
}

/// True when the content is that of a vector format; anything else may be a table of text.
pub(super) fn is_vector(path: &Path) -> bool {
    if path.is_dir() {
        return true;
    }
    let mut start = [0u8; 512];
    // What cannot be read is told by whoever reads it.
    let Ok(length) = std::fs::File::open(main_file(path)).and_then(|mut file| file.read(&mut start)) else { return false };
    let start = &start[..length];
    let signs: [&[u8]; 6] = [b"PAR1", b"ARROW1", b"SQLite format 3\0", b"fgb\x03", &[0, 0, 0x27, 0x0a], b"PK\x03\x04"];
    signs.iter().any(|sign| start.starts_with(sign)) || matches!(first_sign(start), Some(b'{' | b'[' | b'<' | 0x1e))
}

const EXPECTED: &str = "a GeoPackage, GeoJSON, Shapefile (also zipped), FlatGeobuf, KML or GeoParquet file";

/// An error of this file.
pub(super) fn fault(path: &Path, fact: String) -> IoError {
    IoError::File { operation: "read the parcels".to_owned(), fact, path: path.to_owned() }
}

/// A companion of a Shapefile stands for the Shapefile.
fn main_file(path: &Path) -> PathBuf {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    if ["dbf", "shx", "prj", "cpg"].contains(&ending.as_str()) {
        for ending in ["shp", "SHP"] {
            let main = path.with_extension(ending);
            if main.is_file() {
                return main;
            }
        }
    }
    path.to_owned()
}

/// How GDAL opens an `SQLite` file: its `GPKG` driver looks at the ending unless the name says what it is.
fn database(path: &Path, start: &[u8]) -> (PathBuf, &'static [&'static str]) {
    // The application id of the SQLite header (SQLite file format, section 1.3.11; GeoPackage 1.4, requirement 2).
    let geopackage = start.get(68..70).is_some_and(|id| id == b"GP");
    let named = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("gpkg"));
    if geopackage && !named {
        (PathBuf::from(format!("GPKG:{}", path.display())), &["GPKG"])
    } else {
        (path.to_owned(), &["GPKG", "SQLite"])
    }
}

/// First byte that is neither a byte order mark nor white space.
fn first_sign(start: &[u8]) -> Option<u8> {
    let start = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start);
    start.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

fn shown(start: &[u8]) -> String {
    let text: String = start.iter().take(12).flat_map(|&byte| std::ascii::escape_default(byte)).map(char::from).collect();
    format!("\"{text}\"")
}

/// The layer file in a zip archive, and the drivers that may read it.
fn inside_zip(path: &Path) -> Result<(PathBuf, &'static [&'static str]), IoError> {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    if ending.eq_ignore_ascii_case("kmz") {
        return Ok((path.to_owned(), &["LIBKML"]));
    }
    // Braces let GDAL find the archive whatever its ending is.
    let root = PathBuf::from(format!("/vsizip/{{{}}}", path.display()));
    let mut names =
        gdal::vsi::read_dir(&root, true).map_err(|error| fault(path, format!("the zip archive cannot be listed: {error}")))?;
    names.sort();
    let kinds: [(&str, &'static [&'static str]); 6] = [
        ("shp", &["ESRI Shapefile"]),
        ("gpkg", &["GPKG"]),
        ("fgb", &["FlatGeobuf"]),
        ("geojson", &["GeoJSON", "GeoJSONSeq"]),
        ("json", &["GeoJSON", "GeoJSONSeq"]),
        ("kml", &["LIBKML", "KML"]),
    ];
    for (kind, drivers) in kinds {
        let of_kind = |name: &&PathBuf| {
            name.extension().and_then(|ending| ending.to_str()).is_some_and(|ending| ending.eq_ignore_ascii_case(kind))
        };
        let found: Vec<&PathBuf> = names.iter().filter(of_kind).collect();
        match found.as_slice() {
            [] => {}
            // Several Shapefiles in one folder are layers of one source.
            [first, _, ..] if kind == "shp" => {
                let folder = first.parent().map_or_else(|| root.clone(), |folder| root.join(folder));
                return Ok((folder, drivers));
            }
            [first, ..] => return Ok((root.join(first), drivers)),
        }
    }
    Err(fault(
        path,
        format!("the zip archive holds no layer file among {} entries; expected a Shapefile with its companions", names.len()),
    ))
}
