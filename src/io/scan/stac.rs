//! Static STAC catalogues, collections and items (versions 1.0 and 1.1), with assets on this machine.

mod bands;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::loose::{self, timestamp};
use super::names;
use super::probe::{self, RasterBandInfo};
use super::radiometry::{self, Known};
use super::{Fault, Found, Piece};
use crate::model::catalog::{Origin, Quantity};
use crate::model::project_file::Radiometry;
use crate::model::{Band, BandAsset, Sensor, Watch};

/// Larger JSON files are no STAC documents.
const MAX_BYTES: u64 = 64 << 20;

/// Reads every item among the files and every item that a catalogue among them links to.
pub(super) fn read_all(files: &[PathBuf], settings: &Radiometry, watch: &Watch) -> Found {
    let mut found = Found::default();
    let mut items: BTreeMap<PathBuf, Vec<Value>> = BTreeMap::new();
    let mut open: Vec<PathBuf> = files.iter().rev().cloned().collect();
    let mut seen = BTreeSet::new();
    while let Some(path) = open.pop() {
        if watch.cancelled() || !seen.insert(path.clone()) {
            continue;
        }
        match document(&path) {
            Ok(Some(document)) => {
                open.extend(links(&path, &document, &mut found));
                items.insert(path, features(document));
            }
            Ok(None) => {}
            Err(fault) => found.problems.push(fault.at(&path)),
        }
    }
    watch.advance(files.len() as u64);
    let items: Vec<(PathBuf, Value)> =
        items.into_iter().flat_map(|(path, items)| items.into_iter().map(move |item| (path.clone(), item))).collect();
    found.extend(super::in_parallel_uncounted(&items, watch, |(path, item)| read_item(path, item, settings)));
    found
}

/// Files that the STAC documents of a folder name as assets, with the documents. What is no such document names nothing.
pub(super) fn named_in(folder: &Path) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
    let mut named: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let json = |path: &PathBuf| {
        path.extension().is_some_and(|own| own.eq_ignore_ascii_case("json") || own.eq_ignore_ascii_case("geojson"))
    };
    for path in entries.map(|entry| entry.path()).filter(json) {
        let Ok(Some(own)) = document(&path) else { continue };
        for item in features(own) {
            for asset in item["assets"].as_object().into_iter().flat_map(serde_json::Map::values) {
                if let Some(file) = asset["href"].as_str().and_then(|href| local(&path, href)) {
                    named.entry(file).or_default().insert(path.clone());
                }
            }
        }
    }
    named
}

/// A STAC document, `None` for other JSON.
fn document(path: &Path) -> Result<Option<Value>, Fault> {
    if std::fs::metadata(path).is_ok_and(|about| about.len() > MAX_BYTES) {
        return Ok(None);
    }
    let text = std::fs::read_to_string(path)
        .map_err(|error| Fault::error(format!("the file cannot be read: {error}"), "a readable JSON file"))?;
    if !text.contains("\"stac_version\"") {
        return Ok(None);
    }
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|error| Fault::error(format!("the STAC document is not valid JSON: {error}"), "the complete file"))
}

/// Local documents that a catalogue or collection links to.
fn links(path: &Path, document: &Value, found: &mut Found) -> Vec<PathBuf> {
    let mut targets = Vec::new();
    for link in document["links"].as_array().into_iter().flatten() {
        let (Some(relation), Some(href)) = (link["rel"].as_str(), link["href"].as_str()) else { continue };
        if !matches!(relation, "item" | "child" | "items") {
            continue;
        }
        match local(path, href) {
            Some(target) if target.is_file() => targets.push(target),
            Some(_) => found.problems.push(
                Fault::error(format!("the linked document {href} does not exist"), "a file at that relative path").at(path),
            ),
            None => found.problems.push(
                Fault::warning(format!("the linked document {href} is remote"), "a local copy; nothing is fetched").at(path),
            ),
        }
    }
    targets.reverse();
    targets
}

fn features(document: Value) -> Vec<Value> {
    match document["type"].as_str() {
        Some("Feature") => vec![document],
        Some("FeatureCollection") => document["features"].as_array().cloned().unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The file that a reference means, seen from the document; `None` for another machine.
fn local(document: &Path, href: &str) -> Option<PathBuf> {
    let target = match href.split_once("://") {
        Some(("file", path)) => PathBuf::from(path),
        Some(_) => return None,
        None => document.parent().unwrap_or(Path::new("")).join(href),
    };
    let mut plain = PathBuf::new();
    for part in target.components() {
        match part {
            std::path::Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            std::path::Component::CurDir => {}
            other => plain.push(other),
        }
    }
    Some(plain)
}

/// One item as a granule; assets that cannot be used become problems of the item.
fn read_item(path: &Path, item: &Value, settings: &Radiometry) -> Found {
    let mut found = Found::default();
    let Some(mut piece) = start(path, item) else {
        return Found::problem(path, Fault::error("the item has no datetime", "properties.datetime, or start_datetime"));
    };
    let mut remote = Vec::new();
    let assets: Vec<(&String, &Value)> =
        item["assets"].as_object().into_iter().flatten().filter(|(key, asset)| bands::is_data(key, asset)).collect();
    for (key, asset) in &assets {
        let Some(href) = asset["href"].as_str() else { continue };
        let Some(file) = local(path, href) else {
            remote.push(key.as_str());
            continue;
        };
        if !file.is_file() {
            let fact = format!("the file of asset {key} does not exist: {href}");
            found.problems.push(Fault::warning(fact, "a file at that path; the other assets are used").at(path));
            continue;
        }
        match probe::open(&file) {
            Ok(raster) => {
                add(&mut piece, key, asset, &file, &raster, item, settings);
                found.claimed.push(file);
            }
            Err(fault) => found.problems.push(fault.at(&file)),
        }
    }
    if !remote.is_empty() {
        let fact = format!("{} assets are remote ({})", remote.len(), remote.join(", "));
        found.problems.push(Fault::warning(fact, "local copies with relative hrefs; nothing is fetched").at(path));
    }
    for (band, common) in [("B02", "blue"), ("B03", "green"), ("B04", "red"), ("B08", "nir")] {
        let named = assets.iter().any(|(key, asset)| bands::named(key, asset).iter().flatten().any(|own| own.as_str() == band));
        if piece.sensor == Sensor::S2 && !piece.bands.is_empty() && !named {
            found.problems.push(
                Fault::warning(format!("the item has no asset {band} ({common})"), "all 10 m bands; the others are used")
                    .at(path),
            );
        }
    }
    if piece.bands.is_empty() {
        found.problems.push(Fault::error("the item has no usable asset", "images of Sentinel-1 or Sentinel-2 bands").at(path));
    } else {
        found.pieces.push(piece);
    }
    found
}

/// The granule without bands.
fn start(path: &Path, item: &Value) -> Option<Piece> {
    let about = &item["properties"];
    let say = |keys: &[&str]| keys.iter().find_map(|key| about[*key].as_str());
    let id = item["id"]
        .as_str()
        .map_or_else(|| path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default(), str::to_owned);
    let names = names::of_stem(&id);
    let acquired = say(&["datetime", "start_datetime"]).and_then(timestamp)?;
    let pass = say(&["sat:orbit_state"]).and_then(names::pass_and_orbit).map(|(pass, _)| pass);
    let grid_code = say(&["grid:code"]).and_then(|code| code.strip_prefix("MGRS-"));
    let tile = say(&["s2:mgrs_tile"]).or(grid_code).map(|tile| tile.trim_start_matches('T').to_owned()).or(names.tile);
    let synthetic = names.synthetic || about.as_object().is_some_and(|all| all.keys().any(|key| key.starts_with("synthetic")));
    Some(Piece {
        path: path.to_owned(),
        home: path.join(&id),
        stem: id,
        sensor: Sensor::S2,
        acquired,
        timed: true,
        first: None,
        platform: say(&["platform"]).and_then(names::platform).or(names.platform).unwrap_or_else(|| "S2".to_owned()),
        tile,
        relative_orbit: about["sat:relative_orbit"].as_u64().and_then(|orbit| u16::try_from(orbit).ok()).or(names.relative_orbit), // out of range: none
        pass,
        pass_origin: if pass.is_some() { Origin::Metadata } else { Origin::Assumed },
        baseline: say(&["s2:processing_baseline", "processing:version"]).and_then(names::baseline).or(names.baseline),
        offset: None,
        clear_share: None,
        calibration: None,
        synthetic,
        bands: Vec::new(),
    })
}

/// Adds the bands of one asset; a band that is there already stays.
fn add(piece: &mut Piece, key: &str, asset: &Value, file: &Path, raster: &probe::Raster, item: &Value, settings: &Radiometry) {
    for (position, (info, band)) in raster.bands.iter().zip(bands::named(key, asset)).enumerate() {
        let Some(band) = band.filter(|band| piece.bands.iter().all(|own| own.band != *band)) else { continue };
        let said = bands::Said::of(asset, position);
        let mut own = BandAsset {
            band,
            path: file.to_owned(),
            band_number: info.number,
            grid: raster.grid.clone(),
            nodata: said.nodata.or(info.nodata),
            quantity: Quantity::SceneClass,
            scale: 1.0,
            offset: 0.0,
        };
        match own.band.as_str() {
            "SCL" => piece.clear_share = loose::classes(raster, info.number),
            "VV" | "VH" => own = radar(piece, own, raster, info, &said),
            _ => reflectance(piece, &mut own, raster, info, &said, item, settings),
        }
        piece.bands.push(own);
    }
}

fn radar(piece: &mut Piece, own: BandAsset, raster: &probe::Raster, info: &RasterBandInfo, said: &bands::Said) -> BandAsset {
    piece.sensor = Sensor::S1Backscatter;
    piece.calibration = piece.calibration.or_else(|| loose::calibration(raster, &own.path));
    if piece.platform == "S2" {
        "S1".clone_into(&mut piece.platform);
    }
    let (scale, offset) = said.scaling.or(info.scaling).unwrap_or((1.0, 0.0));
    loose::backscatter(BandAsset { scale, offset, ..own }, raster, info, &names::of_stem(&piece.stem))
}

fn reflectance(
    piece: &mut Piece,
    own: &mut BandAsset,
    raster: &probe::Raster,
    info: &RasterBandInfo,
    said: &bands::Said,
    item: &Value,
    settings: &Radiometry,
) {
    let (tagged_offset, tagged_quantification) = radiometry::from_tags(&raster.tags, &info.tags);
    // Some catalogues shift the numbers themselves, say so, and still list the product's offset: it must not count twice.
    let about = &item["properties"];
    let shifted =
        ["earthsearch:boa_offset_applied", "sentinel:boa_offset_applied"].iter().any(|key| about[*key].as_bool() == Some(true));
    let scaling = said.scaling.or(info.scaling);
    let known = Known {
        scaling: if shifted { scaling.map(|(scale, _)| (scale, 0.0)) } else { scaling },
        boa_offset_dn: if shifted { Some(0.0) } else { tagged_offset },
        quantification: tagged_quantification,
        baseline: piece.baseline.as_deref(),
        baseline_of_name: None,
        ready: false,
    };
    let decided = radiometry::decide(known, settings);
    own.quantity = Quantity::Reflectance;
    own.nodata = own.nodata.or(Some(0.0));
    (own.scale, own.offset) = (decided.scale, decided.offset);
    piece.offset = piece.offset.or(Some((decided.offset_dn, decided.origin)));
}

/// A band by any of its names.
fn any_band(word: &str) -> Option<Band> {
    names::strict_band(word).or_else(|| Band::parse(word))
}
