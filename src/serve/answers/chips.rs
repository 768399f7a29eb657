//! Chips: pieces of images around a place, as files to fetch or as a page to look at.
//!
//! Paths in answers are `/dump/FOLDER/FILE`: the oldest of the three forms, the only one that every known client takes apart rightly,
//! since one of them counts components from the left.

use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::{Map, Value};

use crate::contract::write::{self, NOTHING, Picture};
use crate::contract::{BATCH_LIMIT, CHIP_LIMIT, MAX_CHIP_M};
use crate::model::units::utc_day;
use crate::model::{Band, Granule, Sensor};
use crate::project::served::{self, Lut, Place, Product};
use crate::serve::asked::Asked;
use crate::serve::parameters::day;
use crate::serve::reply::{Refusal, Reply};

/// Side of the pictures of `chipsByLocation`, m.
const PICTURE_M: f64 = 1280.0;

/// A file that an answer names.
struct Chip<'a> {
    label: String,
    file: String,
    product: &'a Product,
    band: Band,
}

/// `rawChipByLocation`.
pub fn raw(asked: &Asked<'_>, [lon, lat]: [f64; 2]) -> Result<Reply, Refusal> {
    let parameters = asked.parameters;
    let (from, to) = days(asked)?;
    let size_m = parameters.number("chipsize", 1280.0, 1.0..=f64::MAX)?.min(f64::from(MAX_CHIP_M));
    let level = parameters.get("plevel").unwrap_or("LEVEL2A");
    let band = Band::parse(parameters.get("band").unwrap_or("B08"));
    let place = Place { lon, lat, size_m };
    let products = match &band {
        Some(band) if level == "LEVEL2A" => optical(asked, &place, band, from, to)?,
        _ => Vec::new(),
    };
    if parameters.flag("onlylist", false) {
        let names: Vec<String> = products.iter().map(|product| format!("{}.SAFE", product.name)).collect();
        return Ok(Reply::json(write::chip_list(&names)));
    }
    let Some(band) = band else { return Ok(Reply::json(write::chips(&[]))) };
    let folder = asked.site.files.folder(&format!("E{lon}N{lat}_{level}_{size_m}_{band}"));
    let chips: Vec<Chip<'_>> = products
        .into_iter()
        .map(|product| Chip { label: product.label.clone(), file: file_name(product, &band), product, band: band.clone() })
        .collect();
    if count_new(asked, &folder, &chips) > CHIP_LIMIT {
        return Ok(Reply::json(NOTHING));
    }
    made(asked, &folder, &place, &chips)
}

/// `rawChipsBatch`.
pub fn batch(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let body = match body(asked, &["lon", "lat", "tiles", "bands", "chipsize"]) {
        Ok(body) => body,
        Err(text) => return Ok(Reply::json(write::batch_error(&text))),
    };
    let place = place_of(&body)?;
    let (tiles, bands) = (texts(&body, "tiles")?, texts(&body, "bands")?);
    let folder = asked.site.files.folder(&format!("{}_{}_{}_RAW", place.lon, place.lat, place.size_m));
    let mut chips = Vec::new();
    for product in tiles.iter().filter_map(|name| asked.site.products.find(name)) {
        if asked.site.env.catalog.get(product.acquisition).sensor != Sensor::S2 {
            continue;
        }
        for band in bands.iter().filter_map(|band| Band::parse(band)) {
            if served::overlap(&asked.site.env, (product.acquisition, product.granule), &band, &place)? > 0 {
                let label = format!("{}_{band}", product.label);
                chips.push(Chip { label, file: file_name(product, &band), product, band });
            }
        }
        // Nothing is cut beyond the limit, so nothing more needs to be looked at.
        if chips.len() > 64 * BATCH_LIMIT {
            break;
        }
    }
    chips.sort_by(|a, b| (&a.label, &a.file).cmp(&(&b.label, &b.file)));
    chips.dedup_by(|a, b| a.file == b.file);
    if count_new(asked, &folder, &chips) > BATCH_LIMIT {
        return Ok(Reply::json(NOTHING));
    }
    made(asked, &folder, &place, &chips)
}

/// `rawS1ChipsBatch`.
pub fn s1_batch(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let body = match body(asked, &["lon", "lat", "dates", "chipsize", "plevel"]) {
        Ok(body) => body,
        Err(text) => return Ok(Reply::json(write::batch_error(&text))),
    };
    let place = place_of(&body)?;
    let [from, to] = texts(&body, "dates")?.try_into().map_err(|_other| Refusal::Wrong("dates are two days.".to_owned()))?;
    let (from, to) = (day("dates", &from)?, day("dates", &to)?);
    let level = body.get("plevel").and_then(Value::as_str).unwrap_or_default();
    let sensor = match level {
        "CARD-BS" => Sensor::S1Backscatter,
        "CARD-COH6" => Sensor::S1Coherence,
        _ => return Ok(Reply::json(write::chips(&[]))),
    };
    let folder = asked.site.files.folder(&format!("{}_{}_{}_{level}", place.lon, place.lat, place.size_m));
    let mut chips: Vec<Chip<'_>> = Vec::new();
    for (product, _) in products(asked, sensor, from, to) {
        for band in ["VV", "VH"].map(Band::new) {
            let label = format!("{}_{band}", product.label);
            // Scenes of one moment are one scene in several pieces of processing: the first serves.
            let seen = chips.iter().any(|chip| chip.label == label);
            if !seen && served::overlap(&asked.site.env, (product.acquisition, product.granule), &band, &place)? > 0 {
                chips.push(Chip { label, file: format!("{}_{band}.tif", product.name), product, band });
            }
        }
    }
    chips.sort_by(|a, b| (&a.label, &a.file).cmp(&(&b.label, &b.file)));
    let mut scenes: Vec<&str> =
        chips.iter().filter(|chip| !asked.site.files.holds(&folder, &chip.file)).map(|chip| chip.product.name.as_str()).collect();
    scenes.sort_unstable();
    scenes.dedup();
    if scenes.len() > BATCH_LIMIT {
        return Ok(Reply::json(NOTHING));
    }
    made(asked, &folder, &place, &chips)
}

/// `chipsByLocation`.
pub fn page(asked: &Asked<'_>, [lon, lat]: [f64; 2]) -> Result<Reply, Refusal> {
    let (from, to) = days(asked)?;
    let parameters = asked.parameters;
    let lut = lut(parameters.get("lut").unwrap_or("5_95"))?;
    // JRC's package asks with `band`.
    let words = parameters.get("bands").or_else(|| parameters.get("band")).unwrap_or("B08_B04_B03");
    let bands: Option<Vec<Band>> = words.split('_').map(Band::parse).collect();
    let wrong = || Refusal::Wrong("bands are three names such as B08_B04_B03.".to_owned());
    let bands: [Band; 3] = bands.and_then(|bands| bands.try_into().ok()).ok_or_else(wrong)?;
    let place = Place { lon, lat, size_m: PICTURE_M };
    let products = match parameters.get("plevel").unwrap_or("LEVEL2A") {
        "LEVEL2A" => optical(asked, &place, &bands[0], from, to)?,
        _ => Vec::new(),
    };
    if products.len() > CHIP_LIMIT {
        return Ok(Reply::json_as_page(NOTHING));
    }
    let env = &asked.site.env;
    let pictures = products
        .par_iter()
        .map(|product| {
            let source = served::composite(env, (product.acquisition, product.granule), &bands, &place, &lut)?;
            Ok(source.map(|source| Picture { label: product.label.clone(), source }))
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Reply::page(write::chips_page(&pictures.into_iter().flatten().collect::<Vec<_>>())))
}

/// A file that an answer has named.
pub fn file(asked: &Asked<'_>, names: &[String]) -> Result<Reply, Refusal> {
    let found = match names {
        [folder, file] => asked.site.files.read(folder, file).map(|bytes| (file, bytes)),
        _ => None,
    };
    let gone = || Refusal::Missing("There is no such file, or not any more; ask for it again.".to_owned());
    let (file, bytes) = found.ok_or_else(gone)?;
    let picture = file.rsplit_once('.').is_some_and(|(_, ending)| ending == "png");
    Ok(Reply::file(if picture { "image/png" } else { "image/tiff" }, bytes))
}

/// `lo_hi` percentiles, or six limits in digital numbers.
fn lut(text: &str) -> Result<Lut, Refusal> {
    let numbers: Option<Vec<f64>> = text.split('_').map(|word| word.parse().ok().filter(|n: &f64| n.is_finite())).collect();
    match numbers.as_deref() {
        Some(&[low, high]) if (0.0..=100.0).contains(&low) && (0.0..=100.0).contains(&high) && low < high => {
            Ok(Lut::Percentiles(low, high))
        }
        Some(&[a, b, c, d, e, f]) if a < b && c < d && e < f => Ok(Lut::Numbers([(a, b), (c, d), (e, f)])),
        _ => Err(Refusal::Wrong("lut is two percentiles such as 5_95, or six limits.".to_owned())),
    }
}

fn days(asked: &Asked<'_>) -> Result<(Date, Date), Refusal> {
    Ok((asked.parameters.day("start_date")?, asked.parameters.day("end_date")?))
}

/// Products of a sensor by the days they were sensed on, both included.
fn products<'a>(asked: &'a Asked<'_>, sensor: Sensor, from: Date, to: Date) -> impl Iterator<Item = (&'a Product, &'a Granule)> {
    let catalog = &asked.site.env.catalog;
    asked.site.products.rows().iter().filter_map(move |product| {
        let acquisition = catalog.get(product.acquisition);
        let granule = acquisition.granules.get(usize::from(product.granule))?;
        let day = utc_day(granule.acquired);
        (acquisition.sensor == sensor && from <= day && day <= to).then_some((product, granule))
    })
}

/// Sentinel-2 products that show a place in a band, by label. Of products of one moment the one that shows most of it stays, then the
/// newest processing.
fn optical<'a>(asked: &'a Asked<'_>, place: &Place, band: &Band, from: Date, to: Date) -> Result<Vec<&'a Product>, Refusal> {
    let mut found: Vec<(&Product, usize, &str)> = Vec::new();
    for (product, granule) in products(asked, Sensor::S2, from, to) {
        let shown = served::overlap(&asked.site.env, (product.acquisition, product.granule), band, place)?;
        if shown > 0 {
            found.push((product, shown, granule.baseline.as_deref().unwrap_or_default()));
        }
    }
    found.sort_by(|a, b| (&a.0.label, b.1, b.2, &a.0.name).cmp(&(&b.0.label, a.1, a.2, &b.0.name)));
    found.dedup_by(|later, first| later.0.label == first.0.label);
    Ok(found.into_iter().map(|(product, ..)| product).collect())
}

fn file_name(product: &Product, band: &Band) -> String {
    format!("{}.{band}.tif", product.name)
}

fn count_new(asked: &Asked<'_>, folder: &str, chips: &[Chip<'_>]) -> usize {
    chips.iter().filter(|chip| !asked.site.files.holds(folder, &chip.file)).count()
}

/// Cuts what is not there yet, and names all.
fn made(asked: &Asked<'_>, folder: &str, place: &Place, chips: &[Chip<'_>]) -> Result<Reply, Refusal> {
    let site = asked.site;
    let cut = |chip: &Chip<'_>| {
        if asked.watch.cancelled() {
            anyhow::bail!("cancelled");
        }
        let place_of_product = (chip.product.acquisition, chip.product.granule);
        let made = site
            .files
            .ensure(folder, &chip.file, |path| served::write_chip(&site.env, place_of_product, &chip.band, place, path));
        // One image that cannot be read does not keep the others back.
        Ok(made.unwrap_or_else(|error| {
            tracing::warn!("{}: {error:#}", chip.file);
            false
        }))
    };
    let there = chips.par_iter().map(cut).collect::<anyhow::Result<Vec<bool>>>()?;
    let named = chips.iter().zip(there).filter(|(_, there)| *there);
    let rows: Vec<(String, String)> =
        named.map(|(chip, _)| (chip.label.clone(), format!("/dump/{folder}/{}", chip.file))).collect();
    Ok(Reply::json(write::chips(&rows)))
}

/// The object of a batch, when it has exactly these keys; else the text that JRC's server has for it.
fn body(asked: &Asked<'_>, keys: &[&str]) -> Result<Map<String, Value>, String> {
    let Ok(Value::Object(body)) = serde_json::from_slice(asked.body) else {
        return Err(format!("0 parameters supplied, {} required", keys.len()));
    };
    if body.len() != keys.len() {
        return Err(format!("{} parameters supplied, {} required", body.len(), keys.len()));
    }
    match body.keys().find(|key| !keys.contains(&key.as_str())) {
        Some(key) => Err(format!("{key} not allowed as key")),
        None => Ok(body),
    }
}

fn place_of(body: &Map<String, Value>) -> Result<Place, Refusal> {
    let number = |key: &str| {
        let value = &body[key];
        let number = value.as_f64().or_else(|| value.as_str().and_then(|text| text.parse().ok()));
        number.filter(|number| number.is_finite()).ok_or_else(|| Refusal::Wrong(format!("{key} is no number.")))
    };
    let (lon, lat, size) = (number("lon")?, number("lat")?, number("chipsize")?);
    if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) || size < 1.0 {
        return Err(Refusal::Wrong("lon and lat are degrees, chipsize is metres.".to_owned()));
    }
    Ok(Place { lon, lat, size_m: size.min(f64::from(MAX_CHIP_M)) })
}

fn texts(body: &Map<String, Value>, key: &str) -> Result<Vec<String>, Refusal> {
    let list = body[key].as_array().and_then(|list| list.iter().map(|value| value.as_str().map(str::to_owned)).collect());
    list.ok_or_else(|| Refusal::Wrong(format!("{key} is no list of texts.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_two_percentiles_or_six_limits() {
        assert_eq!(lut("5_95").ok(), Some(Lut::Percentiles(5.0, 95.0)));
        assert_eq!(lut("0_6000_0_4000_0_2000").ok(), Some(Lut::Numbers([(0.0, 6000.0), (0.0, 4000.0), (0.0, 2000.0)])));
        for text in ["", "5", "95_5", "1_2_3", "a_b", "-1_101", "5_NaN"] {
            assert!(lut(text).is_err(), "{text}");
        }
    }
}
