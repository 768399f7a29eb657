//! What file and folder names tell.

use std::path::Path;
use std::sync::LazyLock;

use jiff::civil::{Date, Time};
use regex::Regex;

use crate::model::{Band, Pass, Sensor};

/// Facts read from a name; every one may be absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct NameFacts {
    /// Stated by a naming pattern only.
    pub sensor: Option<Sensor>,
    /// The name speaks of coherence; the number is its days, 0 when not said.
    pub coherence: Option<i64>,
    pub platform: Option<String>,
    /// Days and times in the order of the name.
    pub times: Vec<(Date, Option<Time>)>,
    pub tile: Option<String>,
    pub relative_orbit: Option<u16>,
    pub pass: Option<Pass>,
    pub bands: Vec<Band>,
    pub resolution_m: Option<u32>,
    pub baseline: Option<String>,
    pub synthetic: bool,
    /// `Some(true)` decibels, `Some(false)` linear power.
    pub decibel: Option<bool>,
    /// The name without band and resolution.
    pub stem: String,
    /// The stem alone tells what belongs together, wherever the file lies.
    pub stem_is_product: bool,
}

static DATE_TIME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\d{8})T(\d{6})Z?$").ok());
static TILE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^T?(\d{2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V])$").ok());

/// Facts of a file: its own name first, then its folder's, and before both the project's pattern over the path `below` the source.
pub(super) fn read(path: &Path, below: &Path, pattern: Option<&Regex>) -> NameFacts {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let mut facts = of_stem(&stem);
    if let Some(folder) = path.parent().and_then(Path::file_name).map(|name| of_stem(&name.to_string_lossy())) {
        facts.coherence = facts.coherence.or(folder.coherence);
        facts.decibel = facts.decibel.or(folder.decibel);
        facts.synthetic |= folder.synthetic;
        if facts.times.is_empty() {
            facts.times = folder.times;
        }
        if facts.bands.is_empty() && folder.stem.is_empty() {
            facts.bands = folder.bands;
        }
        if facts.stem.is_empty() {
            facts.stem = folder.stem;
        }
    }
    if let Some(pattern) = pattern {
        apply_pattern(pattern, below, &mut facts);
    }
    facts
}

/// Facts of one name without extension.
pub(super) fn of_stem(stem: &str) -> NameFacts {
    let mut facts = NameFacts::default();
    let mut kept: Vec<&str> = Vec::new();
    for (position, token) in stem.split(['_', '.', ' ']).filter(|token| !token.is_empty()).enumerate() {
        let upper = token.to_ascii_uppercase();
        if let Some(bands) = bands(&upper) {
            facts.bands.extend(bands);
        } else if let Some(metres) =
            upper.strip_suffix('M').filter(|digits| (2..=3).contains(&digits.len())).and_then(|m| m.parse().ok())
        {
            facts.resolution_m = Some(metres);
        } else {
            facts.synthetic |= position == 0 && upper == "SYN";
            token_fact(&upper, &mut facts);
            kept.push(token);
        }
    }
    facts.stem = kept.join("_");
    facts.stem_is_product = facts.tile.is_some() && !facts.times.is_empty();
    facts
}

fn token_fact(upper: &str, facts: &mut NameFacts) {
    if let Some((date, time)) = date_time(upper) {
        facts.times.push((date, time));
    } else if let Some(platform) = platform(upper) {
        facts.platform.get_or_insert(platform);
    } else if let Some(found) = TILE.as_ref().and_then(|tile| tile.captures(upper)) {
        facts.tile.get_or_insert_with(|| found[1].to_owned());
    } else if let Some(orbit) = upper.strip_prefix('R').filter(|digits| digits.len() == 3).and_then(|digits| digits.parse().ok())
    {
        facts.relative_orbit = Some(orbit);
    } else if let Some(baseline) = upper.strip_prefix('N').filter(|d| d.len() == 4 && d.bytes().all(|b| b.is_ascii_digit())) {
        facts.baseline = Some(format!("{}.{}", &baseline[..2], &baseline[2..]));
    } else if let Some(days) = upper.strip_prefix("COH") {
        if days.is_empty() || days == "ERENCE" || days.bytes().all(|b| b.is_ascii_digit()) {
            facts.coherence = Some(days.parse().unwrap_or(0));
        }
    } else if upper == "DB" {
        facts.decibel = Some(true);
    } else if matches!(upper, "LINEAR" | "LIN" | "POWER") {
        facts.decibel = Some(false);
    } else if let Some((pass, orbit)) = pass_and_orbit(upper) {
        facts.pass = Some(pass);
        facts.relative_orbit = facts.relative_orbit.or(orbit);
    }
}

/// `B04`, `B8A`, `SCL`, `VV-VH`, `B04-B08-B11`: all parts must be bands.
fn bands(upper: &str) -> Option<Vec<Band>> {
    upper.split('-').map(strict_band).collect()
}

/// A band name as Sentinel files spell it; colour words are left out, since they occur in ordinary names.
pub(super) fn strict_band(word: &str) -> Option<Band> {
    let upper = word.trim().to_ascii_uppercase();
    let spelled = matches!(upper.as_str(), "SCL" | "VV" | "VH")
        || upper
            .strip_prefix('B')
            .is_some_and(|rest| (1..=2).contains(&rest.len()) && rest.starts_with(|c: char| c.is_ascii_digit()));
    spelled.then(|| Band::parse(&upper)).flatten()
}

/// `20190725T105700`, `20190725` or `2019-07-25`.
pub(super) fn date_time(upper: &str) -> Option<(Date, Option<Time>)> {
    if let Some(found) = DATE_TIME.as_ref().and_then(|form| form.captures(upper)) {
        return Some((date(&found[1])?, time(&found[2])));
    }
    Some((date(upper)?, None))
}

/// A day in any common spelling with four digits of the year first: `20190725`, `2019-07-25`, `2019206` (day of year).
pub(super) fn date(text: &str) -> Option<Date> {
    let digits: String = match text.len() {
        7 | 8 => text.to_owned(),
        10 => {
            let separator = text.chars().nth(4).filter(|c| matches!(c, '-' | '_' | '.' | '/'))?;
            (text.chars().nth(7) == Some(separator)).then(|| text.split(separator).collect())?
        }
        _ => return None,
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| digits.get(range)?.parse::<i16>().ok(); // six digits at most: fits
    let year = number(0..4).filter(|year| (2014..2100).contains(year))?; // before 2014 there was no Sentinel
    if digits.len() == 7 {
        let days = number(4..7).filter(|day| (1..=366).contains(day))?;
        let start = Date::new(year, 1, 1).ok()?; // always valid
        return start.checked_add(jiff::Span::new().days(days - 1)).ok();
    }
    Date::new(year, number(4..6)? as i8, number(6..8)? as i8).ok() // an impossible day is no date
}

/// `105700`, `10:57:00` or `1057`.
pub(super) fn time(text: &str) -> Option<Time> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let part = |range: std::ops::Range<usize>| digits.get(range).map_or(Some(0), |text| text.parse::<i8>().ok());
    if digits.len() < 4 {
        return None;
    }
    Time::new(part(0..2)?, part(2..4)?, part(4..6)?, 0).ok() // an impossible time is none
}

/// `S2A` of `S2A`, `Sentinel-2A`, `sentinel2a`; `S2` or `S1` where the unit is not said.
pub(super) fn platform(word: &str) -> Option<String> {
    let upper = word.to_ascii_uppercase().replace(['-', ' ', '_'], "");
    let short = upper.strip_prefix("SENTINEL").map_or(upper.clone(), |rest| format!("S{rest}"));
    let known = matches!(short.as_bytes(), [b'S', b'1' | b'2'] | [b'S', b'1' | b'2', b'A'..=b'D']);
    known.then_some(short)
}

/// `ASC161`, `DSC037`, `DESCENDING`, `A`, `D`.
pub(super) fn pass_and_orbit(word: &str) -> Option<(Pass, Option<u16>)> {
    let upper = word.to_ascii_uppercase();
    let letters = upper.trim_end_matches(|c: char| c.is_ascii_digit());
    let pass = match letters {
        "A" | "ASC" | "ASCENDING" => Pass::Ascending,
        "D" | "DSC" | "DES" | "DESC" | "DESCENDING" => Pass::Descending,
        _ => return None,
    };
    let digits = &upper[letters.len()..];
    if letters.len() == 1 && !digits.is_empty() {
        return None;
    }
    Some((pass, digits.parse().ok())) // no digits: no orbit
}

/// Named groups of the project's pattern replace what the built-in rules read.
fn apply_pattern(pattern: &Regex, below: &Path, facts: &mut NameFacts) {
    let text = below.to_string_lossy().replace('\\', "/");
    let Some(found) = pattern.captures(&text) else { return };
    let group = |name: &str| found.name(name).map(|group| group.as_str());
    let mut stem = Vec::new();
    for name in ["sensor", "platform", "date", "time", "date2", "tile", "orbit", "pass", "baseline"] {
        stem.extend(group(name));
    }
    facts.stem = stem.join("_");
    facts.stem_is_product = true;
    if let Some(word) = group("sensor") {
        facts.sensor = sensor(word);
    }
    if let Some(day) = group("date").and_then(date) {
        facts.times = vec![(day, group("time").and_then(time))];
        facts.times.extend(group("date2").and_then(date).map(|day| (day, None)));
    }
    facts.platform = group("platform").and_then(platform).or(facts.platform.take());
    facts.tile = group("tile").map(|tile| tile.trim_start_matches(['T', 't']).to_ascii_uppercase()).or(facts.tile.take());
    facts.relative_orbit = group("orbit").and_then(|orbit| orbit.parse().ok()).or(facts.relative_orbit); // not a number: as before
    facts.pass = group("pass").and_then(pass_and_orbit).map(|(pass, _)| pass).or(facts.pass);
    facts.baseline = group("baseline").and_then(baseline).or(facts.baseline.take());
    facts.resolution_m = group("resolution").and_then(|m| m.trim_end_matches(['m', 'M']).parse().ok()).or(facts.resolution_m);
    if let Some(band) = group("band").and_then(Band::parse) {
        facts.bands = vec![band];
    }
}

fn sensor(word: &str) -> Option<Sensor> {
    let upper = word.to_ascii_uppercase();
    match upper.as_str() {
        _ if upper.contains("COH") => Some(Sensor::S1Coherence),
        _ if upper.starts_with("S1") || upper.starts_with("SENTINEL-1") => Some(Sensor::S1Backscatter),
        _ if upper.starts_with("S2") || upper.starts_with("SENTINEL-2") => Some(Sensor::S2),
        _ => None,
    }
}

/// `04.00` of `0400`, `N0400`, `04.00`, `4.0`.
pub(super) fn baseline(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches(['N', 'n']);
    let (major, minor) = match text.split_once('.') {
        Some((major, minor)) => (major.to_owned(), format!("{minor:0<2}")),
        None if text.len() == 4 && text.is_ascii() => (text[..2].to_owned(), text[2..].to_owned()),
        None => return None,
    };
    let (major, minor): (u8, u8) = (major.parse().ok()?, minor.parse().ok()?); // not digits: no baseline
    Some(format!("{major:02}.{minor:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(stem: &str) -> String {
        let f = of_stem(stem);
        let times: Vec<String> = f.times.iter().map(|(d, t)| t.map_or(d.to_string(), |t| format!("{d}T{t}"))).collect();
        let bands: Vec<&str> = f.bands.iter().map(Band::as_str).collect();
        format!(
            "{}|{}|{}|{}|{}|{}|{}|{}",
            f.platform.unwrap_or_default(),
            times.join("+"),
            f.tile.unwrap_or_default(),
            f.relative_orbit.map(|o| o.to_string()).unwrap_or_default(),
            f.pass.map_or("", Pass::code),
            f.baseline.unwrap_or_default(),
            bands.join("+"),
            f.stem
        )
    }

    #[test]
    fn names_of_all_known_conventions_are_read() {
        for (stem, expected) in [
            ("S2A_20190725T105700_T31UES_10m", "S2A|2019-07-25T10:57:00|31UES|||||S2A_20190725T105700_T31UES"),
            ("S2A_20190725T105700_T31UES_SCL_20m", "S2A|2019-07-25T10:57:00|31UES||||SCL|S2A_20190725T105700_T31UES"),
            (
                "SYN_S2A_20190725T105700_T31UES_N0400_20m",
                "S2A|2019-07-25T10:57:00|31UES|||04.00||SYN_S2A_20190725T105700_T31UES_N0400",
            ),
            ("S1_20190722T173248_ASC161_VV-VH_20m", "S1|2019-07-22T17:32:48||161|A||VV+VH|S1_20190722T173248_ASC161"),
            ("20190402T055811_VH_D", "|2019-04-02T05:58:11|||D||VH|20190402T055811_D"),
            (
                "SYN_S1_COH6_20190514_20190520_DSC037_VV-VH_20m",
                "S1|2019-05-14+2019-05-20||37|D||VV+VH|SYN_S1_COH6_20190514_20190520_DSC037",
            ),
            (
                "S2A_MSIL2A_20190705T105700_N0213_R051_T31UES_20190705T140000.B8A",
                "S2A|2019-07-05T10:57:00+2019-07-05T14:00:00|31UES|51||02.13|B8A|S2A_MSIL2A_20190705T105700_N0213_R051_T31UES_20190705T140000",
            ),
            ("croptype_2019_10m", "|||||||croptype_2019"),
            ("S2_20190231_B04", "S2||||||B04|S2_20190231"),
        ] {
            assert_eq!(text(stem), expected, "{stem}");
        }
    }

    #[test]
    fn a_pattern_replaces_what_the_name_seems_to_say() {
        let pattern = Regex::new(r"(?<tile>\d\d[A-Z]{3})/(?<date>\d{4}-\d\d-\d\d)/(?<band>\w+)\.tif$").expect("valid");
        let below = Path::new("33UXP/2021-05-02/red.tif");
        let facts = read(&Path::new("/data").join(below), below, Some(&pattern));
        assert_eq!(facts.tile.as_deref(), Some("33UXP"));
        assert_eq!(facts.bands, [Band::new("B04")]);
        assert_eq!(facts.times, [(Date::constant(2021, 5, 2), None)]);
        assert_eq!(facts.stem, "2021-05-02_33UXP");
    }

    #[test]
    fn dates_times_and_baselines_have_several_spellings() {
        assert_eq!(date("2019206"), Some(Date::constant(2019, 7, 25)));
        assert_eq!(date("2019/07/25"), Some(Date::constant(2019, 7, 25)));
        assert_eq!(date("19990101"), None);
        assert_eq!(time("1057"), Some(Time::constant(10, 57, 0, 0)));
        assert_eq!(baseline("5.0").as_deref(), Some("05.00"));
        assert_eq!(baseline("N0511").as_deref(), Some("05.11"));
    }
}
