//! Time series of bands, weather, markers.

use crate::contract::write::{self, CSV, NOTHING, Table};
use crate::contract::{SeriesKind, SeriesRow};
use crate::model::{Band, ParcelIx, Sensor};
use crate::project::served::{self, ObservedProduct, ObservedQuery};
use crate::serve::asked::Asked;
use crate::serve::reply::{Refusal, Reply};

/// Bands of Sentinel-2 that JRC's server gives when none is named.
const USUAL: [&str; 6] = ["B02", "B03", "B04", "B05", "B08", "B11"];

/// `parcelTimeSeries`.
pub fn time_series(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.dataset()?;
    let parameters = asked.parameters;
    let pid = parameters.needed("pid")?;
    let word = parameters.get("tstype").unwrap_or("s2");
    let kind = SeriesKind::ALL.into_iter().find(|kind| kind.code() == word);
    if kind.is_none() && word != "scl" {
        let word: String = word.chars().take(40).collect();
        return Err(Refusal::NoSuchDataset(format!("There are no time series “{word}” here; there are s2, bs, c6 and scl.")));
    }
    if !asked.main_table() {
        return Ok(Reply::json_as_page(NOTHING));
    }
    let parcel = asked.parcel()?;
    let table = match kind {
        None => histograms(asked, parcel)?,
        Some(kind) => {
            let with_classes = kind == SeriesKind::S2 && parameters.flag("scl", true);
            let references = parameters.flag("ref", false);
            let rows = match parcel {
                Some(parcel) => rows(asked, parcel, kind, with_classes)?,
                None => Vec::new(),
            };
            write::time_series(&rows, with_classes, references)
        }
    };
    let site = asked.site;
    Ok(formatted(asked, &table, &format!("timeseries_{}{}_{pid}_{word}.csv", site.aoi, site.year)))
}

fn formatted(asked: &Asked<'_>, table: &Table, name: &str) -> Reply {
    if asked.parameters.get("tsformat") == Some("csv") {
        Reply::attachment(CSV, name, table.csv())
    } else {
        Reply::json_as_page(table.json())
    }
}

fn rows(asked: &Asked<'_>, parcel: ParcelIx, kind: SeriesKind, with_classes: bool) -> Result<Vec<SeriesRow>, Refusal> {
    let Some(bands) = bands(asked, kind) else { return Ok(Vec::new()) };
    let revision = asked.site.env.revision;
    let seen = asked.compute(&ObservedQuery { parcel, kind, bands, revision })?;
    let mut rows = Vec::with_capacity(seen.len() * USUAL.len());
    for product in seen.iter() {
        // As a join: a product without classes is not there when they are asked for.
        if with_classes && product.classes.is_none() {
            continue;
        }
        let reference = reference(asked, product);
        rows.extend(product.bands.iter().map(|(band, stats)| SeriesRow {
            time: product.acquired,
            band: written(kind, band),
            count: stats.count,
            mean: stats.mean,
            std: stats.std,
            min: stats.min,
            p25: stats.p25,
            p50: stats.p50,
            p75: stats.p75,
            max: stats.max,
            histogram: product.classes,
            reference: reference.clone(),
        }));
    }
    rows.sort_by(|a, b| (a.time, &a.band).cmp(&(b.time, &b.band)));
    Ok(rows)
}

/// Bands to be computed; `None` for a name that is no band of this kind.
fn bands(asked: &Asked<'_>, kind: SeriesKind) -> Option<Vec<Band>> {
    let radar = || ["VH", "VV"].map(Band::new).to_vec();
    let Some(word) = asked.parameters.get("band") else {
        return Some(if kind == SeriesKind::S2 { USUAL.map(Band::new).to_vec() } else { radar() });
    };
    if kind == SeriesKind::S2 {
        return Band::parse(word).filter(|band| band.as_str().starts_with('B')).map(|band| vec![band]);
    }
    let plain = radar().into_iter().find(|band| word == band.as_str() || word == written(kind, band));
    plain.map(|band| vec![band])
}

/// A band as the contract writes it: `B04`, `VVb`, `VHc`.
fn written(kind: SeriesKind, band: &Band) -> String {
    match kind {
        SeriesKind::S2 => band.to_string(),
        SeriesKind::Backscatter => format!("{band}b"),
        SeriesKind::Coherence => format!("{band}c"),
    }
}

/// Name of the product as in the catalogue of JRC's servers: those of Sentinel-2 with their ending.
fn reference(asked: &Asked<'_>, product: &ObservedProduct) -> Option<String> {
    let site = asked.site;
    let (_, named) = site.products.at(product.acquisition, product.granule)?;
    let optical = site.env.catalog.get(product.acquisition).sensor == Sensor::S2;
    Some(if optical { format!("{}.SAFE", named.name) } else { named.name.clone() })
}

fn histograms(asked: &Asked<'_>, parcel: Option<ParcelIx>) -> Result<Table, Refusal> {
    let Some(parcel) = parcel else { return Ok(write::histograms(&[])) };
    let site = asked.site;
    let query = ObservedQuery { parcel, kind: SeriesKind::S2, bands: Vec::new(), revision: site.env.revision };
    let seen = asked.compute(&query)?;
    let row = |product: &ObservedProduct| {
        let (number, _) = site.products.at(product.acquisition, product.granule)?;
        Some((number, product.classes?))
    };
    Ok(write::histograms(&seen.iter().filter_map(row).collect::<Vec<_>>()))
}

/// `weatherTimeSeries`.
pub fn weather(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.dataset()?;
    let pid = asked.parameters.needed("pid")?;
    if !asked.main_table() {
        return Ok(Reply::json_as_page(NOTHING));
    }
    let site = asked.site;
    let rows = match asked.parcel()? {
        Some(parcel) => site.weather.of(pid, served::centre(&site.env, parcel)?),
        None => &[],
    };
    let table = write::weather(rows);
    Ok(formatted(asked, &table, &format!("weather_{}{}_{pid}.csv", site.aoi, site.year)))
}

/// `markers`.
pub fn markers(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.dataset()?;
    let pid = asked.parameters.needed("pid")?;
    Ok(Reply::json_as_page(write::markers(pid, asked.site.markers.of(pid))))
}
