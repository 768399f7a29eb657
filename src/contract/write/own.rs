//! The routes of Parcelight servers: columns are named as the fields of their rows.

use jiff::Timestamp;

use super::table::{NumberOf, quoted};
use super::{Cell, Table};
use crate::contract::{AcquisitionKey, AcquisitionRow, SignalRow};
use crate::model::Pass;

/// Observations of one signal of one parcel.
pub fn signals(rows: &[SignalRow]) -> String {
    let mut table = keys(rows.iter().map(|row| &row.key));
    table.push("acquired", rows.iter().map(|row| time(row.acquired)));
    let numbers: [NumberOf<SignalRow>; 6] = [
        ("value", |row| row.value),
        ("std", |row| row.std),
        ("p25", |row| row.p25),
        ("p75", |row| row.p75),
        ("count", |row| row.count),
        ("usable_share", |row| row.usable_share),
    ];
    for (name, number) in numbers {
        table.push(name, rows.iter().map(|row| Cell::float(number(row))));
    }
    table.push("state", rows.iter().map(|row| Cell::text(row.state.code())));
    table.json()
}

/// Products as they see one parcel. `bands` are pairs of name and size of a pixel, `classes` twelve counts.
pub fn acquisitions(rows: &[AcquisitionRow]) -> String {
    let optional = |text: &Option<String>| text.as_deref().map_or(Cell::Missing, Cell::text);
    let mut table = keys(rows.iter().map(|row| &row.key));
    table.push("product", rows.iter().map(|row| Cell::text(&row.product)));
    table.push("acquired", rows.iter().map(|row| time(row.acquired)));
    table.push("tile", rows.iter().map(|row| optional(&row.tile)));
    table.push("baseline", rows.iter().map(|row| optional(&row.baseline)));
    table.push("boa_offset_dn", rows.iter().map(|row| Cell::float(row.boa_offset_dn)));
    table.push("quantification", rows.iter().map(|row| Cell::float(row.quantification)));
    table.push("epsg", rows.iter().map(|row| Cell::integer(i64::from(row.epsg))));
    table.push("bands", rows.iter().map(|row| bands(&row.bands)));
    table.push("classes", rows.iter().map(|row| classes(&row.classes)));
    table.push("pixels", rows.iter().map(|row| Cell::integer(i64::from(row.pixels))));
    table.push("nodata", rows.iter().map(|row| Cell::integer(i64::from(row.nodata))));
    table.push("classified", rows.iter().map(|row| Cell::flag(row.classified)));
    table.push("synthetic", rows.iter().map(|row| Cell::flag(row.synthetic)));
    table.json()
}

fn keys<'a>(keys: impl Iterator<Item = &'a AcquisitionKey> + Clone) -> Table {
    let mut table = Table::default();
    table.push("time", keys.clone().map(|key| time(key.time)));
    table.push("sensor", keys.clone().map(|key| Cell::text(key.sensor.code())));
    table.push("platform", keys.clone().map(|key| Cell::text(&key.platform)));
    let orbit = |orbit: Option<u16>| orbit.map_or(Cell::Missing, |orbit| Cell::integer(i64::from(orbit)));
    table.push("relative_orbit", keys.clone().map(|key| orbit(key.relative_orbit)));
    let pass = |pass: Option<Pass>| pass.map_or(Cell::Missing, |pass| Cell::text(pass.code()));
    table.push("pass", keys.clone().map(|key| pass(key.pass)));
    table.push("first", keys.map(|key| key.first.map_or(Cell::Missing, time)));
    table
}

/// ISO 8601 with as many digits as the time has.
fn time(time: Timestamp) -> Cell {
    Cell::Text(time.to_string())
}

fn bands(bands: &[(String, f64)]) -> Cell {
    let parts: Vec<String> = bands.iter().map(|(band, size)| format!("[{},{size:?}]", quoted(band))).collect();
    Cell::Raw(format!("[{}]", parts.join(",")))
}

fn classes(classes: &[u32; 12]) -> Cell {
    let parts: Vec<String> = classes.iter().map(u32::to_string).collect();
    Cell::Raw(format!("[{}]", parts.join(",")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ObservationState, Sensor};

    fn key() -> AcquisitionKey {
        AcquisitionKey {
            time: "2019-04-16T10:56:58Z".parse().expect("valid"),
            sensor: Sensor::S2,
            platform: "S2A".to_owned(),
            relative_orbit: Some(94),
            pass: None,
            first: None,
        }
    }

    #[test]
    fn an_observation_is_written_with_all_digits() {
        let row = SignalRow {
            key: key(),
            acquired: "2019-04-16T10:56:58.25Z".parse().expect("valid"),
            value: 0.1 + 0.2,
            std: f64::NAN,
            p25: 0.0,
            p75: 1.0,
            count: 12.0,
            usable_share: 1.0,
            state: ObservationState::Masked,
        };
        assert_eq!(
            signals(&[row]),
            "{\"time\":[\"2019-04-16T10:56:58Z\"],\"sensor\":[\"S2\"],\"platform\":[\"S2A\"],\"relative_orbit\":[94],\"pass\":[null],\
             \"first\":[null],\"acquired\":[\"2019-04-16T10:56:58.25Z\"],\"value\":[0.30000000000000004],\"std\":[null],\"p25\":[0.0],\
             \"p75\":[1.0],\"count\":[12.0],\"usable_share\":[1.0],\"state\":[\"masked\"]}"
        );
    }

    #[test]
    fn a_product_tells_its_bands_and_classes() {
        let row = AcquisitionRow {
            key: key(),
            product: "S2A_X".to_owned(),
            acquired: key().time,
            tile: Some("31UES".to_owned()),
            baseline: None,
            boa_offset_dn: -1000.0,
            quantification: 10_000.0,
            epsg: 32631,
            bands: vec![("B04".to_owned(), 10.0), ("SCL".to_owned(), 20.0)],
            classes: [0, 0, 0, 0, 7, 0, 0, 0, 0, 1, 0, 0],
            pixels: 8,
            nodata: 0,
            classified: true,
            synthetic: false,
        };
        let text = acquisitions(&[row]);
        assert!(text.contains("\"tile\":[\"31UES\"],\"baseline\":[null],\"boa_offset_dn\":[-1000.0]"), "{text}");
        assert!(text.contains("\"bands\":[[[\"B04\",10.0],[\"SCL\",20.0]]],\"classes\":[[0,0,0,0,7,0,0,0,0,1,0,0]]"), "{text}");
        assert!(text.ends_with("\"classified\":[true],\"synthetic\":[false]}"), "{text}");
    }
}
