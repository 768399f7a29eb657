//! A raster that belongs to no product: its name, tags and bands say what it is.

use std::path::Path;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use regex::Regex;

use super::names::{self, NameFacts};
use super::probe::{self, Raster, RasterBandInfo};
use super::radiometry::{self, Known};
use super::{Fault, Found, Piece};
use crate::model::catalog::{Calibration, Origin, Quantity};
use crate::model::project_file::Radiometry;
use crate::model::{Band, BandAsset, Pass, Sensor};

/// Recognises one raster file.
pub(super) fn read(path: &Path, below: &Path, pattern: Option<&Regex>, settings: &Radiometry) -> Found {
    let raster = match probe::open(path) {
        Ok(raster) => raster,
        Err(fault) => return Found::problem(path, fault),
    };
    let names = names::read(path, below, pattern);
    let mut faults = Vec::new();
    let piece = piece(path, &raster, &names, settings, &mut faults);
    let mut found = Found { problems: faults.into_iter().map(|fault| fault.at(path)).collect(), ..Found::default() };
    match piece {
        Ok(piece) => found.pieces.push(piece),
        Err(fault) => found.problems.push(fault.at(path)),
    }
    found
}

fn piece(
    path: &Path,
    raster: &Raster,
    names: &NameFacts,
    settings: &Radiometry,
    faults: &mut Vec<Fault>,
) -> Result<Piece, Fault> {
    let bands = bands_of(raster, names, faults);
    let sensor = sensor_of(&bands, raster, names)?;
    let times = times_of(raster, names, sensor)?;
    let (pass, pass_origin) = pass_of(raster, names, sensor, &times);
    let tag = |keys: &[&str]| keys.iter().find_map(|key| raster.tags.get(*key));
    let baseline_tag = tag(&["PROCESSING_BASELINE"]).and_then(|text| names::baseline(text));
    let mut piece = Piece {
        path: path.to_owned(),
        home: path.parent().unwrap_or(path).to_owned(),
        stem: if names.stem.is_empty() {
            path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default()
        } else {
            names.stem.clone()
        },
        sensor,
        acquired: times.acquired,
        timed: times.timed,
        first: times.first,
        platform: names
            .platform
            .clone()
            .filter(|platform| platform.len() == 3)
            .or_else(|| tag(&["PLATFORM", "SPACECRAFT_NAME", "MISSION"]).and_then(|text| names::platform(text)))
            .or_else(|| names.platform.clone())
            .unwrap_or_else(|| if sensor == Sensor::S2 { "S2" } else { "S1" }.to_owned()),
        tile: names.tile.clone(),
        relative_orbit: tag(&["RELATIVE_ORBIT", "RELATIVE_ORBIT_NUMBER"])
            .and_then(|text| text.parse().ok())
            .or(names.relative_orbit), // no number: the name
        pass,
        pass_origin,
        baseline: if sensor == Sensor::S2 { baseline_tag.clone().or(names.baseline.clone()) } else { None },
        offset: None,
        clear_share: None,
        calibration: if sensor == Sensor::S1Backscatter { calibration(raster, path) } else { None },
        synthetic: names.synthetic || tag(&["SYNTHETIC"]).is_some_and(|text| text.eq_ignore_ascii_case("yes")),
        bands: Vec::new(),
    };
    for (band, name) in bands {
        let asset = asset(path, raster, band, name);
        match sensor {
            Sensor::S2 => reflectance(&mut piece, asset, raster, band, (baseline_tag.as_deref(), names), settings, faults),
            Sensor::S1Backscatter => piece.bands.push(backscatter(asset, raster, band, names)),
            Sensor::S1Coherence => piece.bands.push(BandAsset { quantity: Quantity::Coherence, ..asset }),
        }
    }
    Ok(piece)
}

fn asset(path: &Path, raster: &Raster, band: &RasterBandInfo, name: Band) -> BandAsset {
    let (scale, offset) = band.scaling.filter(|(scale, _)| *scale != 0.0).unwrap_or((1.0, 0.0));
    BandAsset {
        band: name,
        path: path.to_owned(),
        band_number: band.number,
        grid: raster.grid.clone(),
        nodata: band.nodata,
        quantity: Quantity::Reflectance,
        scale,
        offset,
    }
}

/// Bands with their names, from description, name or number of bands.
fn bands_of<'a>(raster: &'a Raster, names: &NameFacts, faults: &mut Vec<Fault>) -> Vec<(&'a RasterBandInfo, Band)> {
    let optical = names.tile.is_some() || names.platform.as_ref().is_some_and(|platform| platform.starts_with("S2"));
    let described: Vec<_> =
        raster.bands.iter().filter_map(|band| Some((band, described_band(&band.description, optical)?))).collect();
    if names.bands.len() == raster.bands.len() {
        return raster.bands.iter().zip(names.bands.iter().cloned()).collect();
    }
    if !described.is_empty() || !optical {
        return described;
    }
    let usual: &[&str] = match (names.resolution_m, raster.bands.len()) {
        (Some(10), 4) => &["B02", "B03", "B04", "B08"],
        (Some(20), 6) => &["B05", "B06", "B07", "B8A", "B11", "B12"],
        _ => return described,
    };
    faults.push(Fault::warning(
        format!("the bands are not named; {} are assumed from their number", usual.join(", ")),
        "band descriptions such as B04",
    ));
    raster.bands.iter().zip(usual.iter().map(|name| Band::new(name))).collect()
}

/// The band a description names: `B04`, `red`, `Sigma0_VV_db`. A bare `Band 4` counts only in a file that is Sentinel-2 by name.
fn described_band(description: &str, optical: bool) -> Option<Band> {
    let words = || description.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    if let Some(band) = words().find_map(names::strict_band) {
        return Some(band);
    }
    Band::parse(description)
        .filter(|_| optical || !description.to_ascii_lowercase().starts_with('b') || description.eq_ignore_ascii_case("blue"))
}

fn sensor_of(bands: &[(&RasterBandInfo, Band)], raster: &Raster, names: &NameFacts) -> Result<Sensor, Fault> {
    let Some((_, first)) = bands.first() else {
        let described: Vec<&str> =
            raster.bands.iter().map(|band| band.description.as_str()).filter(|text| !text.is_empty()).collect();
        let what = if described.is_empty() { "unnamed bands".to_owned() } else { format!("bands {}", described.join(", ")) };
        let fact = format!("no Sentinel-1 or Sentinel-2 band is named ({what}): not an acquisition");
        let expected = "band names such as B04, SCL, VV in the file or its name, or a naming pattern";
        // Bands with names of their own are another product; nameless ones in a Sentinel file should have been an image.
        let claims = described.is_empty() && (names.platform.is_some() || names.tile.is_some());
        return Err(if claims { Fault::error(fact, expected) } else { Fault::note(fact, expected) });
    };
    if let Some(sensor) = names.sensor {
        return Ok(sensor);
    }
    if !matches!(first.as_str(), "VV" | "VH") {
        return Ok(Sensor::S2);
    }
    let tagged = raster.tags.get("PRODUCT").is_some_and(|product| product.to_ascii_lowercase().contains("coherence"));
    let described = bands.iter().any(|(band, _)| band.description.to_ascii_lowercase().contains("coh"));
    let coherent = tagged || described || names.coherence.is_some() || raster.tags.contains_key("DATETIME_2");
    Ok(if coherent { Sensor::S1Coherence } else { Sensor::S1Backscatter })
}

struct Times {
    acquired: Timestamp,
    timed: bool,
    first: Option<Timestamp>,
}

fn times_of(raster: &Raster, names: &NameFacts, sensor: Sensor) -> Result<Times, Fault> {
    let tagged = |key: &str| raster.tags.get(key).and_then(|text| timestamp(text));
    // The name says which product it is; a tag of the same day only adds the time.
    let refine = |(day, time): (Date, Option<Time>), tag: Option<Timestamp>| {
        let precise = tag.filter(|tag| tag.to_zoned(TimeZone::UTC).date() == day);
        time.and_then(|time| utc(day, time))
            .or(precise)
            .map(|at| (at, true))
            .or_else(|| Some((utc(day, Time::midnight())?, false)))
    };
    let missing = || {
        Fault::error(
            "no date in the name or the metadata",
            "a date such as 20190725T105700 in the name, a DATETIME tag, or a naming pattern",
        )
    };
    if sensor != Sensor::S1Coherence {
        let tag = tagged("DATETIME").or_else(|| tagged("ACQUISITION_DATETIME")).or_else(|| tagged("SENSING_TIME"));
        let known = names.times.first().and_then(|stated| refine(*stated, tag)).or(tag.map(|tag| (tag, true)));
        let (acquired, timed) = known.ok_or_else(missing)?;
        return Ok(Times { acquired, timed, first: None });
    }
    let first = names
        .times
        .first()
        .and_then(|stated| refine(*stated, tagged("DATETIME_1")))
        .or(tagged("DATETIME_1").map(|tag| (tag, true)));
    let (first, timed) = first.ok_or_else(missing)?;
    let second = names
        .times
        .get(1)
        .and_then(|stated| refine(*stated, tagged("DATETIME_2")))
        .or(tagged("DATETIME_2").map(|tag| (tag, true)));
    // A chip of a pair is labelled with its first date alone; the second follows from the length of the pair.
    let days = names.coherence.filter(|days| *days > 0).unwrap_or(6);
    let second = second.map_or_else(|| first + SignedDuration::from_hours(24 * days), |(at, _)| at);
    Ok(Times { acquired: first.max(second), timed, first: Some(first.min(second)) })
}

fn utc(day: Date, time: Time) -> Option<Timestamp> {
    Some(DateTime::from_parts(day, time).to_zoned(TimeZone::UTC).ok()?.timestamp()) // within the years of Sentinel always valid
}

/// A time as tags spell it, cut to whole seconds.
pub(super) fn timestamp(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let at: Option<Timestamp> = text.parse().ok(); // without zone: UTC
    let at = at.or_else(|| {
        let (day, time) = text.split_once(['T', ' '])?;
        let time = time.split(['.', 'Z', '+']).next()?;
        utc(names::date(day)?, names::time(time)?)
    });
    Timestamp::from_second(at?.as_second()).ok() // whole seconds of a valid time
}

/// Orbit direction: tag, name, else the hour: before noon UTC descending, after it ascending.
fn pass_of(raster: &Raster, names: &NameFacts, sensor: Sensor, times: &Times) -> (Option<Pass>, Origin) {
    let tag = raster.tags.get("ORBIT_DIRECTION").or_else(|| raster.tags.get("PASS"));
    if let Some((pass, _)) = tag.and_then(|text| names::pass_and_orbit(text.trim())) {
        return (Some(pass), Origin::Metadata);
    }
    if let Some(pass) = names.pass.filter(|_| sensor != Sensor::S2) {
        return (Some(pass), Origin::Name);
    }
    if sensor == Sensor::S2 || !times.timed {
        return (None, Origin::Assumed);
    }
    let morning = times.acquired.to_zoned(TimeZone::UTC).hour() < 12;
    (Some(if morning { Pass::Descending } else { Pass::Ascending }), Origin::Assumed)
}

fn reflectance(
    piece: &mut Piece,
    mut asset: BandAsset,
    raster: &Raster,
    band: &RasterBandInfo,
    (baseline, names): (Option<&str>, &NameFacts),
    settings: &Radiometry,
    faults: &mut Vec<Fault>,
) {
    if asset.band.as_str() == "SCL" {
        (asset.quantity, asset.scale, asset.offset) = (Quantity::SceneClass, 1.0, 0.0);
        match classes(raster, band.number) {
            Some(share) => piece.clear_share = Some(share),
            None if raster.whole(band.number).is_some() => {
                piece.clear_share = Some(0.0);
                faults.push(Fault::warning(
                    "no valid pixel: the scene classification holds only class 0 (no data)",
                    "some pixels with another class",
                ));
            }
            None => {}
        }
        piece.bands.push(asset);
        return;
    }
    let (boa_offset_dn, quantification) = radiometry::from_tags(&raster.tags, &band.tags);
    let ready = band.floating && band.scaling.is_none() && raster.samples(band).iter().all(|value| value.abs() < 5.0);
    let known = Known {
        scaling: band.scaling,
        boa_offset_dn,
        quantification,
        baseline,
        baseline_of_name: names.baseline.as_deref(),
        ready,
    };
    let decided = radiometry::decide(known, settings);
    if radiometry::contradicts(&decided, &known) && piece.bands.is_empty() {
        let fact = format!(
            "the file states the offset {} although its baseline {} has another",
            decided.offset_dn,
            piece.baseline.as_deref().unwrap_or_default()
        );
        faults.push(Fault::warning(fact, "an offset that fits the baseline; the stated one is used"));
    }
    (asset.scale, asset.offset) = (decided.scale, decided.offset);
    if !ready {
        asset.nodata = asset.nodata.or(Some(0.0));
    }
    piece.offset = Some((decided.offset_dn, decided.origin));
    piece.bands.push(asset);
}

/// Share of clear pixels of a small classification; `None` when it is large, unreadable or holds no data at all.
pub(super) fn classes(raster: &Raster, number: usize) -> Option<f64> {
    let values = raster.whole(number)?;
    if values.iter().all(|class| *class == 0.0 || class.is_nan()) {
        return None;
    }
    let clear = values.iter().filter(|class| matches!(**class as u8, 4 | 5 | 6 | 7 | 11)).count();
    Some(clear as f64 / values.len() as f64)
}

/// Decibels or linear power: unit, tags, names, else the numbers, since power is never negative.
pub(super) fn backscatter(asset: BandAsset, raster: &Raster, band: &RasterBandInfo, names: &NameFacts) -> BandAsset {
    let stated = decibel_word(&band.unit).or_else(|| decibel_word(&band.description)).or(names.decibel).or_else(|| {
        ["UNITS", "UNIT", "PRODUCT"].iter().find_map(|key| decibel_word(band.tags.get(*key).or_else(|| raster.tags.get(*key))?))
    });
    let decibel = stated.unwrap_or_else(|| raster.samples(band).iter().any(|value| *value < 0.0));
    if decibel {
        return BandAsset { quantity: Quantity::Decibel, ..asset };
    }
    // Without a stated value the fill of linear power is 0: a return of exactly nothing is never measured.
    BandAsset { quantity: Quantity::LinearPower, nodata: asset.nodata.or(Some(0.0)), ..asset }
}

/// Sigma-nought or gamma-nought, when a band, a tag or the file's name says so.
pub(super) fn calibration(raster: &Raster, path: &Path) -> Option<Calibration> {
    let name = path.file_name().map(|name| name.to_string_lossy());
    let described = raster.bands.iter().flat_map(|band| [band.description.as_str(), band.unit.as_str()]);
    described.chain(raster.tags.values().map(String::as_str)).chain(name.as_deref()).find_map(calibration_word)
}

fn calibration_word(text: &str) -> Option<Calibration> {
    let plain: String = text.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let says = |names: [&str; 3]| names.iter().any(|name| plain.contains(name));
    if says(["sigma0", "sigmanought", "σ0"]) {
        Some(Calibration::Sigma0)
    } else if says(["gamma0", "gammanought", "γ0"]) {
        Some(Calibration::Gamma0)
    } else {
        None
    }
}

fn decibel_word(text: &str) -> Option<bool> {
    let lower = text.to_ascii_lowercase();
    let mut words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words.find_map(|word| match word {
        "db" | "decibel" | "decibels" => Some(true),
        "linear" | "power" | "intensity" => Some(false),
        _ => None,
    })
}
