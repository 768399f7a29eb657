//! How values are stored, from the values; and their way to physical ones.

use crate::model::tables::{StoredAs, TableStats};

/// How a variable is stored, from some of its means.
///
/// Reflectance beyond 2 in the median is digital numbers; a normalised index beyond 2 is a thousand times, beyond 1050 ten thousand
/// times too large; leaf area beyond 20 likewise; backscatter below zero is decibels; coherence beyond 2 is percent or more.
pub(super) fn guess(variable: &str, said_by_name: Option<StoredAs>, means: &mut [f64]) -> StoredAs {
    means.sort_by(|a, b| a.abs().total_cmp(&b.abs()));
    let (Some(largest), Some(median)) = (means.last().map(|last| last.abs()), means.get(means.len() / 2).map(|mid| mid.abs()))
    else {
        return said_by_name.unwrap_or(StoredAs::Physical);
    };
    let scaled = |limit: f64| match largest {
        largest if largest <= limit => StoredAs::Physical,
        largest if largest <= 1050.0 * limit.max(2.0) / 2.0 => StoredAs::X1000,
        _ => StoredAs::X10000,
    };
    match variable {
        "VV" | "VH" => match said_by_name {
            Some(unit) => unit,
            None if means.iter().any(|&mean| mean < 0.0) => StoredAs::Decibel,
            None => StoredAs::Physical,
        },
        "COH_VV" | "COH_VH" => match largest {
            largest if largest <= 2.0 => StoredAs::Physical,
            largest if largest <= 100.0 => StoredAs::Percent,
            largest if largest <= 1050.0 => StoredAs::X1000,
            _ => StoredAs::X10000,
        },
        "NDVI" | "NDVI8A" | "NDWI" | "NDMI" | "NDMI8A" | "FAPAR" | "FCOVER" | "GNDVI" | "NDRE" | "BSI" | "NDSVI" | "MNDWI" => {
            scaled(2.0)
        }
        "LAI" => scaled(20.0),
        "BRIGHTNESS_S4C" if median <= 2.0 => StoredAs::Physical,
        "BRIGHTNESS_S4C" if median <= 1000.0 => StoredAs::X1000,
        band if (band.starts_with('B') && median > 2.0) || band == "BRIGHTNESS_S4C" => StoredAs::X10000,
        _ => StoredAs::Physical,
    }
}

/// True for values that tables write where there is none.
pub(super) fn is_nodata(value: f64) -> bool {
    value == -10_000.0 || value == -9999.0
}

/// Statistics as physical values; of decibels the standard deviation has no counterpart in linear power.
pub(super) fn physical(stats: TableStats, unit: StoredAs, negative: bool) -> TableStats {
    let sign = if negative { -1.0 } else { 1.0 };
    let value = |stored: f64| match unit {
        StoredAs::Decibel => 10f64.powf(stored / 10.0),
        _ => sign * stored / unit.divisor(),
    };
    let made = TableStats {
        mean: value(stats.mean),
        std: if unit == StoredAs::Decibel { f64::NAN } else { stats.std / unit.divisor() },
        min: value(stats.min),
        p25: value(stats.p25),
        p50: value(stats.p50),
        p75: value(stats.p75),
        max: value(stats.max),
        ..stats
    };
    if negative { TableStats { min: made.max, max: made.min, p25: made.p75, p75: made.p25, ..made } } else { made }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalings_are_seen_from_values() {
        for (variable, means, expected) in [
            ("NDVI", vec![0.3, 0.8, -0.1], StoredAs::Physical),
            ("NDVI", vec![573.264, 812.0], StoredAs::X1000),
            ("NDVI", vec![5732.0, 8120.0], StoredAs::X10000),
            ("B04", vec![439.5, 382.0], StoredAs::X10000),
            ("B04", vec![0.4, 0.38, 1.3, 1.2, 0.9], StoredAs::Physical),
            ("LAI", vec![0.5, 4.2], StoredAs::Physical),
            ("LAI", vec![500.0, 4200.0], StoredAs::X1000),
            ("VV", vec![0.05, 0.1], StoredAs::Physical),
            ("VV", vec![-12.3, -9.0], StoredAs::Decibel),
            ("COH_VV", vec![0.3, 0.6], StoredAs::Physical),
            ("COH_VH", vec![30.0, 60.0], StoredAs::Percent),
            ("BRIGHTNESS_S4C", vec![4300.0], StoredAs::X10000),
            ("NDVI", vec![], StoredAs::Physical),
        ] {
            assert_eq!(guess(variable, None, &mut means.clone()), expected, "{variable} {means:?}");
        }
    }

    #[test]
    fn physical_values_keep_their_order_and_decibels_lose_their_spread() {
        let stats = TableStats { mean: 500.0, std: 100.0, min: 200.0, max: 700.0, ..TableStats::UNKNOWN };
        let made = physical(stats, StoredAs::X1000, true);
        assert_eq!((made.mean, made.std, made.min, made.max), (-0.5, 0.1, -0.7, -0.2));
        let linear = physical(TableStats { mean: -10.0, std: 1.0, ..TableStats::UNKNOWN }, StoredAs::Decibel, false);
        assert!((linear.mean - 0.1).abs() < 1e-12 && linear.std.is_nan());
    }
}
