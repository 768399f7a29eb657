//! Sentinel-2 Level-2A product folders (SAFE).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node};

use super::loose::timestamp;
use super::names::{self, NameFacts};
use super::radiometry::{self, Known};
use super::{Fault, Found, Piece, loose, probe};
use crate::model::catalog::{Origin, Quantity};
use crate::model::project_file::Radiometry;
use crate::model::{Band, BandAsset, Pass, Sensor};

/// Physical bands in the order of ESA's band ids, for products that do not list them.
const BAND_IDS: [&str; 13] = ["B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B10", "B11", "B12"];

/// Classes that count as clear, as the product's own summary names them.
const CLEAR: [&str; 5] = ["VEGETATION", "NOT_VEGETATED", "WATER", "UNCLASSIFIED", "SNOW_ICE"];

/// Reads one product folder that holds `MTD_MSIL2A.xml`.
pub(super) fn read(folder: &Path, settings: &Radiometry) -> Found {
    let metadata = folder.join("MTD_MSIL2A.xml");
    let text = match std::fs::read_to_string(&metadata) {
        Ok(text) => text,
        Err(error) => {
            return Found::problem(
                &metadata,
                Fault::error(format!("the product metadata cannot be read: {error}"), "readable XML"),
            );
        }
    };
    let document = match Document::parse(&text) {
        Ok(document) => document,
        Err(error) => {
            return Found::problem(
                &metadata,
                Fault::error(format!("the product metadata are not valid XML: {error}"), "the complete file"),
            );
        }
    };
    let mut found = Found::default();
    let images = images(folder, &document, &mut found);
    let product = Product::read(folder, &document);
    let Some(mut piece) = product.piece(folder, &document) else {
        return Found::problem(&metadata, Fault::error("the product states no sensing time", "PRODUCT_START_TIME"));
    };
    for (band, image) in images {
        match probe::open(&image) {
            Ok(raster) => {
                found.claimed.push(image.clone());
                piece.add(band, &image, &raster, &product, settings);
            }
            Err(fault) => found.problems.push(fault.at(&image)),
        }
    }
    if piece.bands.is_empty() {
        found
            .problems
            .push(Fault::error("the product holds no readable image", "JPEG 2000 images below GRANULE/*/IMG_DATA").at(folder));
    } else {
        found.pieces.push(piece);
    }
    found
}

/// The facts of `MTD_MSIL2A.xml` that concern every band.
struct Product {
    names: NameFacts,
    baseline: Option<String>,
    quantification: Option<f64>,
    offsets: BTreeMap<String, f64>,
}

impl Product {
    fn read(folder: &Path, document: &Document) -> Self {
        let uri = text(document, "PRODUCT_URI").unwrap_or_default();
        let name = if uri.is_empty() {
            folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
        } else {
            uri.to_owned()
        };
        let physical: BTreeMap<&str, &str> = nodes(document, "Spectral_Information")
            .filter_map(|node| Some((node.attribute("bandId")?, node.attribute("physicalBand")?)))
            .collect();
        let band_of_id = |id: &str| {
            let usual = id.parse::<usize>().ok().and_then(|id| BAND_IDS.get(id).copied()); // not a number: no usual band
            Band::parse(physical.get(id).copied().or(usual)?)
        };
        let offsets = nodes(document, "BOA_ADD_OFFSET")
            .filter_map(|node| {
                Some((band_of_id(node.attribute("band_id")?)?.as_str().to_owned(), node.text()?.trim().parse().ok()?))
            })
            .collect();
        Self {
            names: names::of_stem(name.trim_end_matches(".SAFE")),
            baseline: text(document, "PROCESSING_BASELINE").and_then(names::baseline),
            quantification: text(document, "BOA_QUANTIFICATION_VALUE").and_then(|value| value.parse().ok()), // not a number: assumed
            offsets,
        }
    }

    fn piece(&self, folder: &Path, document: &Document) -> Option<Piece> {
        let tile_text = granule_metadata(folder).unwrap_or_default();
        let tile_document = Document::parse(&tile_text).ok(); // without it the product's own times serve
        let of_tile = |tag: &str| tile_document.as_ref().and_then(|document| text(document, tag).map(str::to_owned));
        let sensed = of_tile("SENSING_TIME").as_deref().and_then(timestamp);
        let acquired = sensed.or_else(|| timestamp(text(document, "PRODUCT_START_TIME")?))?;
        let pass = text(document, "SENSING_ORBIT_DIRECTION").and_then(names::pass_and_orbit).map(|(pass, _)| pass);
        let tile = self.names.tile.clone().or_else(|| names::of_stem(&of_tile("TILE_ID")?).tile);
        Some(Piece {
            path: folder.to_owned(),
            home: folder.to_owned(),
            stem: self.names.stem.clone(),
            sensor: Sensor::S2,
            acquired,
            timed: true,
            first: None,
            platform: text(document, "SPACECRAFT_NAME")
                .and_then(names::platform)
                .or(self.names.platform.clone())
                .unwrap_or_else(|| "S2".to_owned()),
            tile,
            relative_orbit: text(document, "SENSING_ORBIT_NUMBER")
                .and_then(|orbit| orbit.parse().ok())
                .or(self.names.relative_orbit), // no number: the name
            pass: pass.or(Some(Pass::Descending)),
            pass_origin: if pass.is_some() { Origin::Metadata } else { Origin::Assumed },
            baseline: self.baseline.clone().or(self.names.baseline.clone()),
            offset: None,
            clear_share: clear_share(tile_document.as_ref()).or_else(|| clear_share(Some(document))),
            calibration: None,
            synthetic: self.names.synthetic,
            bands: Vec::new(),
        })
    }
}

impl Piece {
    /// Adds one image of a SAFE product.
    fn add(&mut self, band: Band, path: &Path, raster: &probe::Raster, product: &Product, settings: &Radiometry) {
        let Some(info) = raster.bands.first() else { return };
        self.synthetic |= raster.tags.get("SYNTHETIC").is_some_and(|text| text.eq_ignore_ascii_case("yes"));
        let mut asset = BandAsset {
            band,
            path: path.to_owned(),
            band_number: info.number,
            grid: raster.grid.clone(),
            nodata: Some(0.0),
            quantity: Quantity::SceneClass,
            scale: 1.0,
            offset: 0.0,
        };
        if asset.band.as_str() == "SCL" {
            self.clear_share = loose::classes(raster, info.number).or(self.clear_share);
        } else {
            // A product that lists offsets lists them all; one that lists none is older than baseline 04.00 and has none.
            let listed = product.offsets.get(asset.band.as_str()).copied();
            let known = Known {
                boa_offset_dn: listed,
                quantification: product.quantification,
                baseline: product.baseline.as_deref(),
                baseline_of_name: product.names.baseline.as_deref(),
                ..Known::default()
            };
            let decided = radiometry::decide(known, settings);
            asset.quantity = Quantity::Reflectance;
            (asset.scale, asset.offset) = (decided.scale, decided.offset);
            self.offset = self.offset.or(Some((decided.offset_dn, decided.origin)));
        }
        self.bands.push(asset);
    }
}

/// The finest image of each band, by band; what is listed but missing becomes a problem.
fn images(folder: &Path, document: &Document, found: &mut Found) -> BTreeMap<Band, PathBuf> {
    let mut best: BTreeMap<Band, (u32, PathBuf)> = BTreeMap::new();
    let mut add = |path: PathBuf| {
        let names = names::of_stem(&path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default());
        let (Some(band), Some(metres)) = (names.bands.into_iter().next(), names.resolution_m) else { return };
        if best.get(&band).is_none_or(|(own, _)| metres < *own) {
            best.insert(band, (metres, path));
        }
    };
    let mut missing = Vec::new();
    for listed in nodes(document, "IMAGE_FILE").filter_map(|node| node.text()) {
        let path = folder.join(format!("{}.jp2", listed.trim()));
        let is_band = !names::of_stem(&path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default())
            .bands
            .is_empty();
        match path.is_file() {
            true => add(path),
            false if is_band => missing.push(listed.trim().to_owned()),
            false => {}
        }
    }
    for path in present(folder) {
        add(path);
    }
    if let Some(first) = missing.first() {
        let fact = format!("{} images that the product lists are missing, first {first}.jp2", missing.len());
        found.problems.push(Fault::warning(fact, "the complete product").at(folder));
    }
    best.into_iter().map(|(band, (_, path))| (band, path)).collect()
}

/// JPEG 2000 images below `GRANULE/*/IMG_DATA/R*m`, in path order.
fn present(folder: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| -> Vec<PathBuf> {
        // A folder that is not there holds nothing.
        let mut paths: Vec<PathBuf> =
            std::fs::read_dir(folder).map(|all| all.filter_map(|entry| Some(entry.ok()?.path())).collect()).unwrap_or_default();
        paths.sort();
        paths
    };
    let images = list(&folder.join("GRANULE"))
        .into_iter()
        .flat_map(|granule| list(&granule.join("IMG_DATA")))
        .flat_map(|folder| list(&folder));
    images.filter(|path| path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jp2"))).collect()
}

fn granule_metadata(folder: &Path) -> Option<String> {
    let granules = std::fs::read_dir(folder.join("GRANULE")).ok()?; // without it the product's own times serve
    let mut files: Vec<PathBuf> =
        granules.filter_map(|entry| Some(entry.ok()?.path().join("MTD_TL.xml"))).filter(|path| path.is_file()).collect();
    files.sort();
    std::fs::read_to_string(files.first()?).ok() // as above
}

/// Clear share from the class percentages that full products state.
fn clear_share(document: Option<&Document>) -> Option<f64> {
    let document = document?;
    let share = |class: &str| text(document, &format!("{class}_PERCENTAGE"))?.parse::<f64>().ok(); // not a number: not stated
    let sum = CLEAR.iter().map(|class| share(class)).sum::<Option<f64>>()?;
    Some((sum / 100.0).clamp(0.0, 1.0))
}

fn nodes<'a>(document: &'a Document, tag: &'a str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| node.is_element() && node.tag_name().name() == tag)
}

fn text<'a>(document: &'a Document, tag: &str) -> Option<&'a str> {
    let node = document.descendants().find(|node| node.is_element() && node.tag_name().name() == tag)?;
    node.text().map(str::trim).filter(|text| !text.is_empty())
}
