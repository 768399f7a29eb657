//! Names for products whose own name is none of ESA's, so that clients that take names apart can.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::model::Sensor;

/// What a name is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductFacts<'a> {
    /// What measured it.
    pub sensor: Sensor,
    /// `S2A`, `S1B`, `S1`.
    pub platform: &'a str,
    /// Sensing time; of a coherence pair the later.
    pub acquired: Timestamp,
    /// Earlier date of a coherence pair.
    pub first: Option<Timestamp>,
    /// `04.00`.
    pub baseline: Option<&'a str>,
    /// Relative orbit.
    pub relative_orbit: Option<u16>,
    /// `31UES`.
    pub tile: &'a str,
    /// Tells products apart that are equal in all the rest: 0 for the first.
    pub twin: u32,
}

/// True for a Sentinel-2 L2A product name of ESA's present form, without `.SAFE`.
pub fn is_product_name(name: &str) -> bool {
    let parts: Vec<&str> = name.split('_').collect();
    let [platform, level, sensed, baseline, orbit, tile, made] = parts.as_slice() else { return false };
    let digits = |text: &str, count: usize| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    let lettered = |text: &str, letter: &str, count| text.strip_prefix(letter).is_some_and(|rest| digits(rest, count));
    matches!(*platform, "S2A" | "S2B" | "S2C" | "S2D")
        && *level == "MSIL2A"
        && is_stamp(sensed)
        && lettered(baseline, "N", 4)
        && lettered(orbit, "R", 3)
        && tile.len() == 6
        && tile.starts_with('T')
        && tile.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        && is_stamp(made)
}

/// `20190617T104029`.
fn is_stamp(text: &str) -> bool {
    text.len() == 15 && text.bytes().enumerate().all(|(at, byte)| if at == 8 { byte == b'T' } else { byte.is_ascii_digit() })
}

/// `YYYYMMDDTHHMMSS`.
pub fn stamp(time: Timestamp) -> String {
    time.to_zoned(TimeZone::UTC).strftime("%Y%m%dT%H%M%S").to_string()
}

/// A name in ESA's pattern. The time of processing, which nobody knows, is that of sensing; twins count its seconds on.
///
/// An unknown baseline is `N0000`, an unknown orbit `R000`. Sentinel-1 products carry an absolute orbit whose relative orbit is the
/// known one; a pair names its later date first, so that the first time in every name is that of its observation.
pub fn product_name(facts: &ProductFacts<'_>) -> String {
    let sensed = stamp(facts.acquired);
    let orbit = facts.relative_orbit.unwrap_or(0);
    let twin = facts.twin;
    match facts.sensor {
        Sensor::S2 => {
            let platform = if facts.platform.len() == 3 { facts.platform } else { "S2A" };
            let baseline: String = facts.baseline.unwrap_or("00.00").chars().filter(char::is_ascii_digit).collect();
            // A time that cannot be counted on stands at the end of the calendar, where nothing was sensed.
            let made = Timestamp::from_second(facts.acquired.as_second() + i64::from(twin)).map_or(sensed.clone(), stamp);
            format!("{platform}_MSIL2A_{sensed}_N{baseline:0>4}_R{orbit:03}_T{}_{made}", facts.tile)
        }
        Sensor::S1Backscatter => {
            let absolute = absolute_orbit(facts.platform, orbit);
            format!("{}_IW_GRDH_1SDV_{sensed}_{sensed}_{absolute:06}_{twin:06X}_CARD_BS", facts.platform)
        }
        Sensor::S1Coherence => {
            let absolute = absolute_orbit(facts.platform, orbit);
            let first = facts.first.map_or(sensed.clone(), stamp);
            format!("{}_IW_SLC__1SDV_{sensed}_{first}_{absolute:06}_{twin:06X}_CARD_COH6", facts.platform)
        }
    }
}

/// The first absolute orbit of a platform with a relative orbit.
fn absolute_orbit(platform: &str, relative: u16) -> u16 {
    let shift = match platform {
        "S1B" => 26,
        "S1C" => 171,
        _ => 72,
    };
    if relative == 0 { 0 } else { relative + shift }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> ProductFacts<'static> {
        ProductFacts {
            sensor: Sensor::S2,
            platform: "S2B",
            acquired: "2019-06-20T10:50:39Z".parse().expect("valid"),
            first: None,
            baseline: Some("02.12"),
            relative_orbit: Some(51),
            tile: "31UFU",
            twin: 0,
        }
    }

    #[test]
    fn a_name_of_sentinel_2_has_esas_pattern_and_twins_differ() {
        let name = product_name(&facts());
        assert_eq!(name, "S2B_MSIL2A_20190620T105039_N0212_R051_T31UFU_20190620T105039");
        assert!(is_product_name(&name));
        let twin = product_name(&ProductFacts { twin: 1, baseline: None, relative_orbit: None, ..facts() });
        assert_eq!(twin, "S2B_MSIL2A_20190620T105039_N0000_R000_T31UFU_20190620T105040");
        assert!(is_product_name(&twin));
    }

    #[test]
    fn the_first_time_in_a_name_of_sentinel_1_is_that_of_the_observation() {
        let pair = ProductFacts {
            sensor: Sensor::S1Coherence,
            platform: "S1A",
            first: Some("2019-06-14T05:50:10Z".parse().expect("valid")),
            relative_orbit: Some(37),
            ..facts()
        };
        assert_eq!(product_name(&pair), "S1A_IW_SLC__1SDV_20190620T105039_20190614T055010_000109_000000_CARD_COH6");
        let scene = ProductFacts { sensor: Sensor::S1Backscatter, platform: "S1", ..facts() };
        assert_eq!(product_name(&scene), "S1_IW_GRDH_1SDV_20190620T105039_20190620T105039_000123_000000_CARD_BS");
    }

    #[test]
    fn other_names_are_not_taken_for_esas() {
        for name in [
            "S2A_20190426T105659_T31UES",
            "S2A_MSIL1C_20190617T104029_N0212_R008_T31UFU_20190617T131553",
            "S2A_MSIL2A_20190617T104029_N0212_R008_T31UFU_20190617T131553.SAFE",
            "../S2A_MSIL2A_20190617T104029_N0212_R008_T31UFU_20190617T131553",
            "",
        ] {
            assert!(!is_product_name(name), "{name}");
        }
        assert!(is_product_name("S2A_MSIL2A_20190617T104029_N0212_R008_T31UFU_20190617T131553"));
    }
}
