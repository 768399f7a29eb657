//! Names of columns in the wide tables of `Sen4CAP`: time, statistic, variable, orbit.

use std::sync::LazyLock;

use jiff::civil::Date;
use regex::Regex;

use crate::model::Pass;
use crate::model::tables::{Role, TableTime, sensor_of_variable};

use super::names::{self, Named};
use super::words::{Moment, monday};

/// A column of values understood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Column {
    pub(super) statistic: Role,
    pub(super) named: Named,
    pub(super) time: TableTime,
}

static MDB: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:XX_)?(\d{8})_(mean|stdev|min|max|median|p25|p75|valid_pixels_cnt)_([A-Z0-9a-z]+)((?:_[A-Za-z0-9]+)*)$").ok()
});
static OPTICAL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:XX_)?(\d{4})_(\d{2})_(\d{2})_s2_(mean|dev|stdev)_([a-z0-9]+)$").ok());
static WEEKLY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:XX_)?W(\d{4})(\d{2})_(ASC|DESC)_(VV|VH)_(BCK|COHE)_(MEAN|DEV)$").ok());
static OTHER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:XX_)?(?:[WM]\d{6}_.*|S_.*|\d{8}_M[1-5]|\d{8}_[A-Za-z0-9]+_.*VVVH.*|\d{4}_\d{2}_\d{2}_s[12]_.*)$").ok()
});

/// Meaning of a column; `None` when it is no such name, or none that can be taken over.
pub(super) fn column(name: &str, indices: &[String]) -> Option<Column> {
    mdb(name, indices).or_else(|| optical(name, indices)).or_else(|| weekly(name))
}

/// True for columns of these tables that hold something else: ratios, markers, monthly and seasonal features.
pub(super) fn is_other(name: &str) -> bool {
    OTHER.as_ref().is_some_and(|form| form.is_match(name))
}

fn statistic(word: &str) -> Role {
    names::statistic(word).unwrap_or(Role::Mean)
}

/// Indices as these products mean them.
fn index(word: &str, indices: &[String]) -> Option<Named> {
    match word.to_ascii_lowercase().as_str() {
        // (SWIR1 - NIR) / (SWIR1 + NIR): the other sign than everywhere else.
        "ndwi" => Some(Named { variable: "NDMI".to_owned(), negative: true, unit: None, pass: None }),
        "brightness" => names::signal("BRIGHTNESS_S4C", indices),
        other => names::signal(other, indices),
    }
}

fn made(statistic: Role, named: Named, day: Date, orbit: Option<u16>) -> Option<Column> {
    let time = TableTime {
        sensor: sensor_of_variable(&named.variable),
        acquired: Moment::day(day)?.at,
        exact: false,
        first: None,
        platform: None,
        pass: named.pass,
        relative_orbit: orbit,
    };
    Some(Column { statistic, named, time })
}

/// `<yyyymmdd>_<stat>_<type>[_<polarisation>][_<orbit>][_<tile>][_<band>]`.
fn mdb(name: &str, indices: &[String]) -> Option<Column> {
    let found = MDB.as_ref()?.captures(name)?;
    let digits = &found[1];
    let part = |range: std::ops::Range<usize>| digits[range].parse::<i16>().ok(); // digits
    let day = Date::new(part(0..4)?, part(4..6)? as i8, part(6..8)? as i8).ok()?;
    let mut words: Vec<&str> = vec![&found[3]];
    words.extend(found[4].split('_').filter(|word| !word.is_empty()));
    let orbit = words.iter().find_map(|word| (word.len() == 3).then(|| word.parse::<u16>().ok())?);
    let is_tile = |word: &str| word.len() == 5 && word.as_bytes()[..2].iter().all(u8::is_ascii_digit);
    let is_orbit = |word: &str| word.len() == 3 && word.parse::<u16>().is_ok();
    words.retain(|word| !is_tile(word) && !is_orbit(word));
    let named = match words.as_slice() {
        ["L2A", band] => names::signal(band, indices)?,
        [kind @ ("AMP" | "COHE"), polarisation, rest @ ..] => {
            let words: Vec<&str> = [*kind, *polarisation].into_iter().chain(rest.iter().copied()).collect();
            names::signal(&words.join("_"), indices)?
        }
        [kind] => index(kind, indices)?,
        _ => return None,
    };
    made(statistic(&found[2]), named, day, orbit)
}

/// `XX_2020_03_02_s2_mean_ndvi`.
fn optical(name: &str, indices: &[String]) -> Option<Column> {
    let found = OPTICAL.as_ref()?.captures(name)?;
    let day = Date::new(found[1].parse().ok()?, found[2].parse().ok()?, found[3].parse().ok()?).ok()?;
    made(statistic(&found[4]), index(&found[5], indices)?, day, None)
}

/// `W202101_ASC_VV_BCK_MEAN`.
fn weekly(name: &str) -> Option<Column> {
    let found = WEEKLY.as_ref()?.captures(name)?;
    let day = monday(found[1].parse().ok()?, found[2].parse().ok()?)?;
    let pass = if &found[3] == "ASC" { Pass::Ascending } else { Pass::Descending };
    let variable = if &found[5] == "COHE" { format!("COH_{}", &found[4]) } else { found[4].to_owned() };
    made(statistic(&found[6]), Named { variable, negative: false, unit: None, pass: Some(pass) }, day, None)
}

#[cfg(test)]
mod tests {
    use super::super::names::tests::indices;
    use super::*;

    #[test]
    fn documented_names_of_all_products_are_understood() {
        // (name, statistic, variable, negative, day, pass, orbit)
        for (name, statistic, variable, negative, day, pass, orbit) in [
            ("20200302_mean_NDVI", Role::Mean, "NDVI", false, "2020-03-02", None, None),
            ("20200302_stdev_LAI", Role::Std, "LAI", false, "2020-03-02", None, None),
            ("20200305_mean_COHE_VV_044", Role::Mean, "COH_VV", false, "2020-03-05", None, Some(44)),
            ("20200305_mean_AMP_VH_ASC_110", Role::Mean, "VH", false, "2020-03-05", Some(Pass::Ascending), Some(110)),
            ("20200302_mean_L2A_33UVR_B4", Role::Mean, "B04", false, "2020-03-02", None, None),
            ("20200302_valid_pixels_cnt_NDVI", Role::Count, "NDVI", false, "2020-03-02", None, None),
            ("XX_2020_03_02_s2_mean_ndvi", Role::Mean, "NDVI", false, "2020-03-02", None, None),
            ("XX_2020_03_02_s2_mean_ndwi", Role::Mean, "NDMI", true, "2020-03-02", None, None),
            ("XX_2020_03_02_s2_dev_b8", Role::Std, "B08", false, "2020-03-02", None, None),
            ("W202101_ASC_VV_BCK_MEAN", Role::Mean, "VV", false, "2021-01-04", Some(Pass::Ascending), None),
            ("XX_W202053_DESC_VH_COHE_DEV", Role::Std, "COH_VH", false, "2020-12-28", Some(Pass::Descending), None),
        ] {
            let column = column(name, &indices()).unwrap_or_else(|| panic!("{name} is understood"));
            assert_eq!(
                (column.statistic, column.named.variable.as_str(), column.named.negative),
                (statistic, variable, negative)
            );
            assert_eq!(crate::model::units::utc_day(column.time.acquired).to_string(), day, "{name}");
            assert_eq!((column.time.pass, column.time.relative_orbit, column.time.exact), (pass, orbit, false), "{name}");
        }
    }

    #[test]
    fn features_that_are_no_observations_are_told_apart() {
        for name in
            ["W202101_ASC_RATIO_BCK_MEAN", "M202103_VV_COHE_MEAN", "S_VV_COHE_STDDEV", "20200302_M1", "20200302_mean_VVVH_044"]
        {
            assert!(column(name, &indices()).is_none() && is_other(name), "{name}");
        }
        for name in ["NewID", "20201345_mean_NDVI", "B04"] {
            assert!(column(name, &indices()).is_none() && !is_other(name), "{name}");
        }
    }
}
