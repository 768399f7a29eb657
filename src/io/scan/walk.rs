//! Lists what there is below the sources: product folders, rasters, catalogues, and the rest that deserves a look.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Fault, ScanSource};
use crate::model::Watch;
use crate::model::report::Problem;

/// Folders deeper than this are taken for a loop.
const MAX_DEPTH: usize = 32;

/// One raster file with the number of the source it was found below.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Raster {
    pub path: PathBuf,
    pub source: usize,
}

/// Everything found, each list in path order.
#[derive(Default)]
pub(super) struct Listing {
    pub safe: Vec<PathBuf>,
    pub json: Vec<PathBuf>,
    pub rasters: Vec<Raster>,
    pub tables: Vec<PathBuf>,
    pub vectors: Vec<PathBuf>,
}

impl Listing {
    pub fn len(&self) -> usize {
        self.safe.len() + self.json.len() + self.rasters.len() + self.tables.len() + self.vectors.len()
    }
}

/// Lists all sources. A file below two sources belongs to the first.
pub(super) fn walk(sources: &[ScanSource], watch: &Watch, problems: &mut Vec<Problem>) -> Listing {
    let mut walker = Walker { listing: Listing::default(), problems, watch, seen: BTreeSet::new(), source: 0 };
    for (number, source) in sources.iter().enumerate() {
        walker.source = number;
        if source.path.is_dir() {
            walker.folder(&source.path, 0);
        } else if source.path.is_file() {
            walker.file(&source.path);
        } else {
            walker
                .problems
                .push(Fault::error("there is no such file or folder", "an existing folder or image file").at(&source.path));
        }
    }
    let mut listing = walker.listing;
    listing.safe.sort();
    listing.json.sort();
    listing.rasters.sort();
    listing.tables.sort();
    listing.vectors.sort();
    listing
}

struct Walker<'a> {
    listing: Listing,
    problems: &'a mut Vec<Problem>,
    watch: &'a Watch,
    /// Real paths already listed: breaks loops of links and overlapping sources.
    seen: BTreeSet<PathBuf>,
    source: usize,
}

impl Walker<'_> {
    fn folder(&mut self, path: &Path, depth: usize) {
        if self.watch.cancelled() || depth > MAX_DEPTH || !self.first_visit(path) {
            return;
        }
        if path.join("MTD_MSIL2A.xml").is_file() {
            self.listing.safe.push(path.to_owned());
            return;
        }
        if let Some(fault) = unusable_product(path) {
            self.problems.push(fault.at(path));
            return;
        }
        let entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.problems
                    .push(Fault::error(format!("the folder cannot be listed: {error}"), "permission to read it").at(path));
                return;
            }
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect(); // vanished meanwhile
        paths.sort();
        for path in paths {
            let hidden = path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with('.'));
            if hidden {
                continue;
            }
            if path.is_dir() { self.folder(&path, depth + 1) } else { self.file(&path) }
        }
    }

    fn file(&mut self, path: &Path) {
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
        if path.file_name().is_some_and(|name| name == "MTD_MSIL2A.xml") {
            if let Some(product) = path.parent().filter(|product| self.first_visit(product)) {
                self.listing.safe.push(product.to_owned());
            }
            return;
        }
        if !self.first_visit(path) {
            return;
        }
        match extension.as_str() {
            "tif" | "tiff" | "jp2" | "vrt" => self.listing.rasters.push(Raster { path: path.to_owned(), source: self.source }),
            "json" => self.listing.json.push(path.to_owned()),
            "csv" => self.listing.tables.push(path.to_owned()),
            "gpkg" | "geojson" | "shp" | "fgb" | "kml" => self.listing.vectors.push(path.to_owned()),
            "zip" => self.zipped(path),
            "nc" | "h5" | "hdf" | "img" | "grib" => {
                self.problems.push(Fault::note(format!(".{extension} files are not read"), "GeoTIFF or JPEG 2000").at(path));
            }
            _ => {}
        }
    }

    fn zipped(&mut self, path: &Path) {
        let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_uppercase()).unwrap_or_default();
        if ["S1A_", "S1B_", "S1C_", "S1D_", "S2A_", "S2B_", "S2C_", "S2D_"].iter().any(|start| name.starts_with(start)) {
            self.problems.push(Fault::error("the product is packed in a ZIP file", "the unpacked product folder").at(path));
        }
    }

    fn first_visit(&mut self, path: &Path) -> bool {
        self.seen.insert(path.canonicalize().unwrap_or_else(|_| path.to_owned()))
    }
}

/// Product folders whose content is no surface reflectance or terrain-corrected backscatter.
fn unusable_product(path: &Path) -> Option<Fault> {
    if path.join("MTD_MSIL1C.xml").is_file() {
        return Some(Fault::error("a Level-1C product: top-of-atmosphere, without scene classification", "a Level-2A product"));
    }
    let name = path.file_name()?.to_str()?.to_ascii_uppercase();
    if path.extension().is_none_or(|extension| !extension.eq_ignore_ascii_case("safe")) {
        return None;
    }
    if name.starts_with("S1") {
        return Some(Fault::error(
            "a raw Sentinel-1 product in radar geometry",
            "terrain-corrected backscatter as GeoTIFF with VV and VH",
        ));
    }
    Some(Fault::error("MTD_MSIL2A.xml is missing", "a complete Sentinel-2 Level-2A product"))
}
