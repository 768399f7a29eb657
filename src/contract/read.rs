//! Bytes of a server to rows.
//!
//! Servers of the contract differ in spelling, types and content types, and wrap their answers in several ways; all of them are read
//! here. Nothing found is an empty list, whatever form it has. What is no answer at all is a [`Fault`] that says what it is instead.
//! No input makes these functions panic; their memory is bounded by [`MAX_BYTES`].

mod address;
mod geometry;
mod own;
mod table;
mod value;

use jiff::Timestamp;
use serde_json::Value;

use super::{AreaInfo, ChipRow, Fault, Info, MarkerRow, ParcelRow, PeerRow, SeriesRow, WeatherRow};
use crate::model::ObservationState;

pub use address::{chip_address, file_name};
pub use geometry::{ring_text, signed_ring_text};
pub use own::{acquisitions, signal};
use table::Table;

/// Longest answer that is read, bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// True when an answer says nothing at all, as a server does that failed without saying so: `{}`, `[]`, `null` or no bytes.
pub fn says_nothing(bytes: &[u8]) -> bool {
    let text: Vec<u8> = bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).take(16).collect();
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&text);
    matches!(text, b"" | b"{}" | b"[]" | b"null" | b"\"\"" | b"\"{}\"" | b"\"[]\"" | b"\"null\"")
}

/// What a text answer is about: the title of a page, else its first words. At most 160 characters, without control characters.
pub fn gist(bytes: &[u8]) -> String {
    table::gist(&String::from_utf8_lossy(&bytes[..bytes.len().min(1 << 16)]))
}

/// Parcels of `parcelByID`, `parcelByLocation` and `parcelsByPolygon`.
pub fn parcels(bytes: &[u8]) -> Result<Vec<ParcelRow>, Fault> {
    let table = Table::read(bytes)?;
    let pids = table.wanted(&["pid", "pids"])?;
    let (name, code) = (table.column(&["cropname", "crop_name"]), table.column(&["cropcode", "crop_code"]));
    let (srid, geometry) = (table.column(&["srid"]), table.column(&["geom", "geometry"]));
    let area = table.column(&["area"]);
    let (lon, lat) = (table.column(&["clon"]), table.column(&["clat"]));
    (0..table.rows())
        .map(|row| {
            Ok(ParcelRow {
                pid: pids.text(row).ok_or_else(|| Fault(format!("row {} has no parcel id", row + 1)))?,
                crop_name: name.text(row),
                crop_code: code.text(row),
                srid: srid.number(row).filter(|srid| (1.0..=999_999.0).contains(srid)).map(|srid| srid as u32),
                geometry: geometry.value(row).map(|value| geometry::read(value, row)).transpose()?.flatten(),
                area_m2: area.number(row),
                lon: lon.number(row),
                lat: lat.number(row),
            })
        })
        .collect()
}

/// Peers of `parcelPeers`.
pub fn peers(bytes: &[u8]) -> Result<Vec<PeerRow>, Fault> {
    let table = Table::read(bytes)?;
    let (pids, distance) = (table.wanted(&["pids", "pid"])?, table.column(&["distance", "distances"]));
    (0..table.rows())
        .map(|row| {
            let pid = pids.text(row).ok_or_else(|| Fault(format!("row {} has no parcel id", row + 1)))?;
            Ok(PeerRow { pid, distance_m: distance.float(row) })
        })
        .collect()
}

/// Statistics of `parcelTimeSeries`.
pub fn series(bytes: &[u8]) -> Result<Vec<SeriesRow>, Fault> {
    let table = Table::read(bytes)?;
    let time = table.wanted(&["date_part", "extract", "epoch", "obstime", "date"])?;
    let band = table.wanted(&["band"])?;
    let numbers = ["count", "mean", "std", "min", "p25", "p50", "p75", "max"].map(|name| table.column(&[name]));
    let (hist, reference) = (table.column(&["hist"]), table.column(&["reference"]));
    (0..table.rows())
        .map(|row| {
            let [count, mean, std, min, p25, p50, p75, max] = numbers.map(|column| column.float(row));
            Ok(SeriesRow {
                time: time.time(row)?,
                band: band.text(row).ok_or_else(|| Fault(format!("row {} has no band", row + 1)))?,
                count,
                mean,
                std,
                min,
                p25,
                p50,
                p75,
                max,
                histogram: hist.value(row).and_then(value::histogram),
                reference: reference.text(row),
            })
        })
        .collect()
}

/// Days of `weatherTimeSeries`.
pub fn weather(bytes: &[u8]) -> Result<Vec<WeatherRow>, Fault> {
    let table = Table::read(bytes)?;
    let day = table.wanted(&["meteo_date", "date"])?;
    let numbers = ["tmin", "tmax", "tmean", "prec"].map(|name| table.column(&[name]));
    (0..table.rows())
        .map(|row| {
            let [tmin, tmax, tmean, prec] = numbers.map(|column| column.float(row));
            Ok(WeatherRow { day: day.day(row)?, tmin, tmax, tmean, prec })
        })
        .collect()
}

/// Markers of `markers`.
pub fn markers(bytes: &[u8]) -> Result<Vec<MarkerRow>, Fault> {
    let table = Table::read(bytes)?;
    let columns = ["marker", "marker_type", "date_start", "date_main", "date_end", "practice"].map(|name| table.column(&[name]));
    table.wanted(&["marker"])?;
    let duration = table.column(&["duration_days"]);
    let values = ["value_1", "value_2", "value_3"].map(|name| table.column(&[name]));
    Ok((0..table.rows())
        .map(|row| {
            let [marker, kind, start, main, end, practice] = columns.map(|column| column.text(row).unwrap_or_default());
            let duration_days = duration.number(row);
            let values = values.map(|column| column.number(row));
            MarkerRow { marker, kind, start, main, end, duration_days, values, practice }
        })
        .collect())
}

/// Chips of `rawChipByLocation` and of both batch routes. A path that points elsewhere is a fault of the whole answer.
pub fn chips(bytes: &[u8]) -> Result<Vec<ChipRow>, Fault> {
    let table = Table::read(bytes)?;
    let (path, label) = (table.wanted(&["chips"])?, table.column(&["dates"]));
    (0..table.rows())
        .map(|row| {
            let path = path.text(row).ok_or_else(|| Fault(format!("row {} has no chip", row + 1)))?;
            let address = chip_address(&path)?;
            let file = file_name(&address).to_owned();
            Ok(ChipRow { label: label.text(row).unwrap_or_default(), address, file })
        })
        .collect()
}

/// Product names of `rawChipByLocation` with `onlylist`, without `.SAFE`, each once, in the order of the answer.
pub fn products(bytes: &[u8]) -> Result<Vec<String>, Fault> {
    let table = Table::read(bytes)?;
    let column = table.wanted(&["chips", "products"])?;
    let mut seen = std::collections::BTreeSet::new();
    let mut names = Vec::new();
    for row in 0..table.rows() {
        let Some(text) = column.text(row) else { continue };
        let name = text.rsplit(['/', '\\']).next().unwrap_or_default();
        let name = name.strip_suffix(".SAFE").unwrap_or(name);
        let plain =
            !name.is_empty() && name.len() <= 200 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b));
        if !plain {
            return Err(Fault(format!("{:?} is no product name", table::short(&text))));
        }
        if seen.insert(name.to_owned()) {
            names.push(name.to_owned());
        }
    }
    Ok(names)
}

/// Address of the picture of `backgroundByLocation`, below the base; `None` when the server has no such map.
pub fn background(bytes: &[u8]) -> Result<Option<String>, Fault> {
    if says_nothing(bytes) {
        return Ok(None);
    }
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(1 << 16)]);
    let text = text.trim_start_matches('\u{feff}').trim().trim_matches('"');
    if text.starts_with(['<', '{', '[']) {
        return Err(Fault(format!("the answer names no picture: {}", table::gist(text))));
    }
    chip_address(text).map(Some)
}

/// What the server of `info` offers.
pub fn info(bytes: &[u8]) -> Result<Info, Fault> {
    let document = table::document(bytes)?;
    let Value::Object(document) = document else {
        return if says_nothing(bytes) { Ok(Info::default()) } else { Err(Fault("the answer describes no server".to_owned())) };
    };
    let words = |value: Option<&Value>| -> Vec<String> {
        value.and_then(Value::as_array).map(|list| list.iter().filter_map(value::text).collect()).unwrap_or_default()
    };
    let mut info = Info::default();
    for (name, area) in document.get("aois").and_then(Value::as_object).into_iter().flatten() {
        let area = AreaInfo {
            years: words(area.get("years")),
            datasets: words(area.get("datasets")),
            time_series: words(area.get("time_series")),
            backgrounds: words(area.get("tms")),
        };
        info.areas.insert(name.clone(), area);
    }
    info.own_routes = words(document.get("server").and_then(|server| server.get("parcelight")).and_then(|own| own.get("routes")));
    Ok(info)
}

/// Sensing time that a label or a file name begins with: `20190617T104029…`.
pub fn label_time(label: &str) -> Option<Timestamp> {
    value::compact_time(label.get(..15)?)
}

fn state(code: &str) -> Option<ObservationState> {
    [ObservationState::Ok, ObservationState::Masked, ObservationState::NoData].into_iter().find(|state| state.code() == code)
}

#[cfg(test)]
mod tests;
