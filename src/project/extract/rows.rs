//! Rows of the long table.

use crate::io::tables::{Kind, Table, Value};
use crate::model::units::{db_from_linear, iso_utc};
use crate::model::{AcquisitionIx, Band, BandStats, ParcelIx, PixelRule, Sensor};
use crate::project::Dataset;

use super::observe::Observed;
use super::{Backscatter, ExtractOptions};

/// One row before it is written. Compact: there are many.
#[derive(Debug, Clone)]
pub(super) struct Record {
    /// Position in the block of parcels.
    pub parcel: usize,
    /// Which acquisition.
    pub acquisition: AcquisitionIx,
    /// Band.
    pub band: Band,
    granule: usize,
    stats: BandStats,
    classes: Option<Box<[f64; 12]>>,
}

impl Record {
    pub(super) fn new(parcel: usize, acquisition: AcquisitionIx, observed: Observed) -> Self {
        let Observed { band, stats, classes, granule } = observed;
        Self { parcel, acquisition, band, granule, stats, classes: classes.map(Box::new) }
    }
}

/// The table's columns, without rows.
pub(super) fn empty_table(options: &ExtractOptions) -> Table {
    // Under the centre rule these are whole numbers, under coverage areas in pixels.
    let counts = match options.settings.pixels {
        PixelRule::Centre => Kind::Integer,
        PixelRule::Coverage => Kind::Number,
    };
    let text = ["parcel_id", "acquired_utc", "sensor", "platform", "pass"].map(|name| (name, Kind::Text));
    let orbit = [("relative_orbit", Kind::Integer), ("baseline", Kind::Text), ("band", Kind::Text)];
    let pixels = ["pixels", "masked", "nodata", "count"].map(|name| (name, counts));
    let values = ["mean", "std", "min", "p25", "p50", "p75", "max"].map(|name| (name, Kind::Number));
    let mut columns: Vec<(String, Kind)> =
        text.into_iter().chain(orbit).chain(pixels).chain(values).map(|(name, kind)| (name.to_owned(), kind)).collect();
    if options.scl_histogram {
        columns.extend((0..12).map(|class| (format!("scl_{class}"), counts)));
    }
    Table { columns, rows: Vec::new() }
}

/// One row.
pub(super) fn row(data: &Dataset, parcel: ParcelIx, record: &Record, options: &ExtractOptions) -> Vec<Value> {
    let acquisition = data.catalog.get(record.acquisition);
    let baseline = acquisition.granules.get(record.granule).and_then(|granule| granule.baseline.clone());
    let to_unit: fn(f64) -> f64 = match (acquisition.sensor, options.backscatter) {
        (Sensor::S1Backscatter, Backscatter::Decibel) => db_from_linear,
        _ => |value| value,
    };
    let stats = &record.stats;
    let mut row = vec![
        Value::Text(data.parcels.id(parcel).to_owned()),
        Value::Text(iso_utc(acquisition.acquired)),
        Value::Text(acquisition.sensor.code().to_owned()),
        Value::Text(acquisition.platform.clone()),
        acquisition.pass.map_or(Value::Empty, |pass| Value::Text(pass.code().to_owned())),
        acquisition.relative_orbit.map_or(Value::Empty, |orbit| Value::Integer(i64::from(orbit))),
        baseline.map_or(Value::Empty, Value::Text),
        Value::Text(record.band.to_string()),
    ];
    let amount = |value: f64| count(value, options.settings.pixels);
    row.extend([stats.pixels, stats.masked, stats.nodata, stats.count].map(amount));
    let values = [stats.mean, stats.std, stats.min, stats.p25, stats.p50, stats.p75, stats.max];
    row.extend(values.map(|value| Value::Number(seven_digits(to_unit(value)))));
    if options.scl_histogram {
        match &record.classes {
            Some(classes) => row.extend(classes.iter().map(|&value| amount(value))),
            None => row.extend(std::iter::repeat_n(Value::Empty, 12)),
        }
    }
    row
}

fn count(value: f64, rule: PixelRule) -> Value {
    match rule {
        PixelRule::Centre => Value::Integer(value.round() as i64),
        // A millionth of a pixel: finer digits are noise, and sums still agree.
        PixelRule::Coverage => Value::Number((value * 1e6).round() / 1e6),
    }
}

/// Seven significant digits: as many as a stored pixel carries. More would only show how binary fractions look.
fn seven_digits(value: f64) -> f64 {
    // Through text, because a scaled rounding would leave its own binary tail. `{:e}` of a finite number always reads back.
    if value.is_finite() { format!("{value:.6e}").parse().unwrap_or(value) } else { value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_seven_digits_and_no_binary_tail() {
        assert_eq!(seven_digits(f64::from(0.0512f32)).to_string(), "0.0512");
        assert_eq!(seven_digits(-12.345_678_91).to_string(), "-12.34568");
        assert_eq!(seven_digits(0.0), 0.0);
        assert!(seven_digits(f64::NAN).is_nan());
    }
}
