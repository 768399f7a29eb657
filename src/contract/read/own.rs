//! Answers of the routes that only Parcelight servers have.

use jiff::Timestamp;
use serde_json::Value;

use super::table::{Column, Table};
use super::{state, value};
use crate::contract::{AcquisitionKey, AcquisitionRow, Fault, SignalRow};
use crate::model::{Pass, Sensor};

/// What tells acquisitions apart, in columns.
struct KeyColumns<'a> {
    time: Column<'a>,
    sensor: Column<'a>,
    platform: Column<'a>,
    relative_orbit: Column<'a>,
    pass: Column<'a>,
    first: Column<'a>,
}

impl<'a> KeyColumns<'a> {
    fn of(table: &'a Table) -> Result<Self, Fault> {
        Ok(Self {
            time: table.wanted(&["time"])?,
            sensor: table.wanted(&["sensor"])?,
            platform: table.column(&["platform"]),
            relative_orbit: table.column(&["relative_orbit", "orbit"]),
            pass: table.column(&["pass"]),
            first: table.column(&["first"]),
        })
    }

    fn row(&self, row: usize) -> Result<AcquisitionKey, Fault> {
        let code = self.sensor.text(row).unwrap_or_default();
        let sensor = [Sensor::S2, Sensor::S1Backscatter, Sensor::S1Coherence].into_iter().find(|sensor| sensor.code() == code);
        let pass = self.pass.text(row).unwrap_or_default();
        let first: Option<Timestamp> = if self.first.value(row).is_some() { Some(self.first.time(row)?) } else { None };
        Ok(AcquisitionKey {
            time: self.time.time(row)?,
            sensor: sensor.ok_or_else(|| self.sensor.fault(row, "sensor"))?,
            platform: self.platform.text(row).unwrap_or_default(),
            relative_orbit: whole(self.relative_orbit, row),
            pass: [Pass::Ascending, Pass::Descending].into_iter().find(|one| one.code() == pass),
            first,
        })
    }
}

fn whole<T: TryFrom<u32>>(column: Column<'_>, row: usize) -> Option<T> {
    let number = column.number(row).filter(|number| (0.0..=f64::from(u32::MAX)).contains(number))?;
    T::try_from(number as u32).ok() // too large: none
}

fn truth(column: Column<'_>, row: usize) -> Option<bool> {
    match column.value(row)? {
        Value::Bool(yes) => Some(*yes),
        other => match value::text(other)?.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        },
    }
}

/// Observations of [`crate::contract::SIGNAL_ROUTE`].
pub fn signal(bytes: &[u8]) -> Result<Vec<SignalRow>, Fault> {
    let table = Table::read(bytes)?;
    if table.rows() == 0 {
        return Ok(Vec::new());
    }
    let keys = KeyColumns::of(&table)?;
    let acquired = table.wanted(&["acquired"])?;
    let numbers = ["value", "std", "p25", "p75", "count", "usable_share"].map(|name| table.column(&[name]));
    let states = table.wanted(&["state"])?;
    (0..table.rows())
        .map(|row| {
            let [value, std, p25, p75, count, usable_share] = numbers.map(|column| column.float(row));
            let state = states.text(row).and_then(|code| state(&code)).ok_or_else(|| states.fault(row, "state"))?;
            Ok(SignalRow { key: keys.row(row)?, acquired: acquired.time(row)?, value, std, p25, p75, count, usable_share, state })
        })
        .collect()
}

/// Products of [`crate::contract::ACQUISITIONS_ROUTE`].
pub fn acquisitions(bytes: &[u8]) -> Result<Vec<AcquisitionRow>, Fault> {
    let table = Table::read(bytes)?;
    if table.rows() == 0 {
        return Ok(Vec::new());
    }
    let keys = KeyColumns::of(&table)?;
    let (product, acquired) = (table.wanted(&["product"])?, table.wanted(&["acquired"])?);
    let (tile, baseline) = (table.column(&["tile"]), table.column(&["baseline"]));
    let (offset, quantification) = (table.column(&["boa_offset_dn"]), table.column(&["quantification"]));
    let (epsg, bands, classes) = (table.wanted(&["epsg"])?, table.wanted(&["bands"])?, table.column(&["classes", "hist"]));
    let (pixels, nodata) = (table.column(&["pixels"]), table.column(&["nodata"]));
    let (classified, synthetic) = (table.column(&["classified"]), table.column(&["synthetic"]));
    (0..table.rows())
        .map(|row| {
            Ok(AcquisitionRow {
                key: keys.row(row)?,
                product: product.text(row).ok_or_else(|| product.fault(row, "product"))?,
                acquired: acquired.time(row)?,
                tile: tile.text(row),
                baseline: baseline.text(row),
                boa_offset_dn: offset.number(row).unwrap_or(0.0),
                quantification: quantification.number(row).filter(|number| *number > 0.0).unwrap_or(10_000.0),
                epsg: whole(epsg, row).ok_or_else(|| epsg.fault(row, "EPSG code"))?,
                bands: bands.value(row).and_then(band_sizes).ok_or_else(|| bands.fault(row, "list of bands"))?,
                classes: classes.value(row).and_then(value::histogram).unwrap_or_default(),
                pixels: whole(pixels, row).unwrap_or(0),
                nodata: whole(nodata, row).unwrap_or(0),
                classified: truth(classified, row).unwrap_or(false),
                synthetic: truth(synthetic, row).unwrap_or(false),
            })
        })
        .collect()
}

/// Bands with the size of their pixels: pairs, objects of `band` and `pixel_m`, or one object of sizes.
fn band_sizes(bands: &Value) -> Option<Vec<(String, f64)>> {
    let size = |value: &Value| value::number(value).filter(|metres| *metres > 0.0);
    match bands {
        Value::Object(object) => object.iter().map(|(band, metres)| Some((band.clone(), size(metres)?))).collect(),
        Value::Array(list) => list
            .iter()
            .map(|band| match band {
                Value::Array(pair) if pair.len() == 2 => Some((value::text(&pair[0])?, size(&pair[1])?)),
                Value::Object(one) => Some((value::text(one.get("band")?)?, size(one.get("pixel_m")?)?)),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}
