//! Time series of JRC's own servers as rows of acquisitions: what their references, histograms and counts tell.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::contract::names;
use crate::contract::{AcquisitionKey, AcquisitionRow, SeriesKind, SeriesRow};
use crate::model::project_file::Radiometry;
use crate::model::{Pass, Sensor};

/// Bands that the servers cut chips of, with the size of their pixels, m.
const S2_BANDS: [(&str, f64); 11] = [
    ("B02", 10.0),
    ("B03", 10.0),
    ("B04", 10.0),
    ("B05", 20.0),
    ("B06", 20.0),
    ("B07", 20.0),
    ("B08", 10.0),
    ("B11", 20.0),
    ("B12", 20.0),
    ("B8A", 20.0),
    ("SCL", 20.0),
];

/// Bands of backscatter chips. Coherence is told as numbers only: its chips have no view.
const RADAR_BANDS: [(&str, f64); 2] = [("VH", 10.0), ("VV", 10.0)];

/// What the rows of one series tell about acquisitions, by time. `epsg` is the UTM zone of the parcel.
pub(super) fn acquisitions(kind: SeriesKind, rows: &[SeriesRow], radiometry: &Radiometry, epsg: u32) -> Vec<AcquisitionRow> {
    let mut observed: BTreeMap<(Timestamp, String), &SeriesRow> = BTreeMap::new();
    for row in rows {
        let product = row.reference.as_deref().map(|name| names::product_stem(name).to_owned()).unwrap_or_default();
        observed.entry((row.time, product)).or_insert(row);
    }
    observed.into_iter().map(|((time, product), row)| one(kind, time, product, row, radiometry, epsg)).collect()
}

/// What a product name tells, of whichever sensor.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    platform: Option<String>,
    relative_orbit: Option<u16>,
    baseline: Option<String>,
    tile: Option<String>,
    first: Option<Timestamp>,
}

impl Facts {
    /// Facts of a product; all unknown when its name follows no rule.
    pub(super) fn of(product: &str) -> Self {
        if let Some(name) = names::s2(product) {
            let (platform, tile) = (Some(name.platform), Some(name.tile));
            return Self { platform, relative_orbit: name.relative_orbit, baseline: name.baseline, tile, first: None };
        }
        let Some(name) = names::s1(product) else { return Self::default() };
        let first = name.pair.map(|(first, _)| first);
        Self { platform: Some(name.platform), relative_orbit: name.relative_orbit, first, ..Self::default() }
    }
}

fn one(
    kind: SeriesKind,
    time: Timestamp,
    product: String,
    row: &SeriesRow,
    radiometry: &Radiometry,
    epsg: u32,
) -> AcquisitionRow {
    let name = Facts::of(&product);
    let sensor = kind.sensor();
    let key = key(sensor, time, &name);
    let classes = row.histogram.unwrap_or_default();
    let counted: u32 = classes.iter().sum();
    let classified = row.histogram.is_some();
    let pixels = if classified { counted } else { (row.count.round().max(0.0) as u32).max(1) };
    let tile = name.tile.as_deref().and_then(|tile| names::tile_grid(tile, 10.0));
    let tile_epsg = tile.and_then(|grid| grid.crs.epsg());
    let bands: &[(&str, f64)] = match sensor {
        Sensor::S2 if !product.is_empty() => &S2_BANDS,
        Sensor::S1Backscatter if !product.is_empty() => &RADAR_BANDS,
        _ => &[],
    };
    let nodata = if classified {
        classes[0]
    } else if row.count > 0.0 {
        0
    } else {
        pixels
    };
    AcquisitionRow {
        // A product without a name is one without chips, and still an observation.
        product: if product.is_empty() { format!("{} {}", kind.code(), time) } else { product },
        acquired: time,
        boa_offset_dn: if sensor == Sensor::S2 { offset(&name, radiometry) } else { 0.0 },
        baseline: name.baseline,
        tile: name.tile,
        quantification: radiometry.assumed_quantification,
        epsg: tile_epsg.unwrap_or(epsg),
        bands: bands.iter().map(|&(band, pixel_m)| (band.to_owned(), pixel_m)).collect(),
        classes,
        pixels,
        nodata,
        classified,
        synthetic: false,
        key,
    }
}

/// What tells the acquisition apart. Servers keep the direction of a pass to themselves: mornings are descending.
pub(super) fn key(sensor: Sensor, time: Timestamp, name: &Facts) -> AcquisitionKey {
    let constellation = if sensor == Sensor::S2 { "S2" } else { "S1" };
    let morning = time.as_second().rem_euclid(86_400) < 43_200;
    AcquisitionKey {
        time,
        sensor,
        platform: name.platform.clone().unwrap_or_else(|| constellation.to_owned()),
        relative_orbit: name.relative_orbit,
        pass: (sensor != Sensor::S2).then_some(if morning { Pass::Descending } else { Pass::Ascending }),
        first: name.first,
    }
}

/// Offset of the reflectance in digital numbers: by processing baseline, else as the project assumes.
pub(super) fn offset(name: &Facts, radiometry: &Radiometry) -> f64 {
    match name.baseline.as_deref() {
        Some(baseline) if baseline >= "04.00" => -1000.0,
        Some(_) => 0.0,
        None => radiometry.assumed_boa_offset_dn,
    }
}
