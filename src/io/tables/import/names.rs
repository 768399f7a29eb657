//! What names in tables mean: of columns, of bands, of files.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use crate::model::tables::{Role, StoredAs};
use crate::model::{Band, Pass};

/// A name understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// Canonical: `B04`, `NDVI`, `VV`, `COH_VH`.
    pub(super) variable: String,
    /// The table holds its negative.
    pub(super) negative: bool,
    /// What the name says about the unit.
    pub(super) unit: Option<StoredAs>,
    /// What the name says about the orbit.
    pub(super) pass: Option<Pass>,
}

/// Vegetation quantities that are no index of bands.
const QUANTITIES: [&str; 3] = ["LAI", "FAPAR", "FCOVER"];

/// The words of a name.
pub(super) fn words_of(name: &str) -> Vec<String> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase).collect()
}

/// Meaning of the name of a band or signal, without a statistic in it. `indices` are the names of the indices there are.
pub(super) fn signal(name: &str, indices: &[String]) -> Option<Named> {
    let plain = |variable: String| Named { variable, negative: false, unit: None, pass: None };
    let trimmed = name.trim();
    if let Some(index) = indices.iter().map(String::as_str).chain(QUANTITIES).find(|index| index.eq_ignore_ascii_case(trimmed)) {
        return Some(plain(index.to_owned()));
    }
    match trimmed.to_ascii_lowercase().as_str() {
        "bare_soil_index" => return Some(plain("BSI".to_owned())),
        "plant_senescence_reflectance_index" => return Some(plain("PSRI".to_owned())),
        "scl" => return None,
        _ => {}
    }
    if let Some(band) = Band::parse(trimmed).filter(|band| band.as_str() != "SCL") {
        return Some(plain(band.to_string()));
    }
    let words = words_of(trimmed);
    radar(&words).or_else(|| {
        // `s2_b08`, `refl_B04`, `ndvi_s2`.
        let rest: Vec<&String> =
            words.iter().filter(|word| !matches!(word.as_str(), "s2" | "l2a" | "refl" | "sr" | "boa" | "band")).collect();
        let [one] = rest.as_slice() else { return None };
        (rest.len() < words.len()).then(|| signal(one, indices))?
    })
}

fn radar(words: &[String]) -> Option<Named> {
    let mut found = Named { variable: String::new(), negative: false, unit: None, pass: None };
    let (mut polarisation, mut coherence) = (None, false);
    for word in words {
        match word.as_str() {
            "vv" | "vh" | "vvb" | "vhb" | "vvc" | "vhc" | "vv0" | "vh0" => {
                // VV/VH and the like are made from both, not taken over.
                if polarisation.replace(word[..2].to_ascii_uppercase()).is_some() {
                    return None;
                }
                coherence |= word.ends_with('c');
            }
            "db" => found.unit = Some(StoredAs::Decibel),
            "linear" | "lin" | "power" => found.unit = Some(StoredAs::Physical),
            "asc" | "ascending" | "a" => found.pass = Some(Pass::Ascending),
            "desc" | "descending" | "dsc" | "d" => found.pass = Some(Pass::Descending),
            "s1" | "s1bs" | "bs" | "bck" | "amp" | "gamma0" | "sigma0" | "g0" | "backscatter" | "grd" => {}
            word if word.starts_with("coh") || word == "s1coh6" || word == "s1coh" => coherence = true,
            _ => return None,
        }
    }
    let polarisation = polarisation?;
    found.variable = if coherence { format!("COH_{polarisation}") } else { polarisation };
    Some(found)
}

/// Takes the statistic off a column's name: `B04_mean`, `mean_NDVI`, `20200302_valid_pixels_cnt_NDVI`. Without one it is the mean.
pub(super) fn split_statistic(name: &str) -> (Role, String) {
    let lower = name.to_ascii_lowercase();
    for (word, role) in STATISTICS {
        for sign in ['_', '.', ' '] {
            if let Some(rest) = lower.strip_prefix(word).and_then(|rest| rest.strip_prefix(sign)) {
                return (role, name[name.len() - rest.len()..].to_owned());
            }
            if let Some(rest) = lower.strip_suffix(word).and_then(|rest| rest.strip_suffix(sign)) {
                return (role, name[..rest.len()].to_owned());
            }
        }
    }
    (Role::Mean, name.to_owned())
}

/// Statistic of a column's whole name.
pub(super) fn statistic(name: &str) -> Option<Role> {
    let lower = name.to_ascii_lowercase();
    STATISTICS.iter().find(|(word, _)| *word == lower).map(|&(_, role)| role)
}

const STATISTICS: [(&str, Role); 23] = [
    ("valid_pixels_cnt", Role::Count),
    ("std.dev", Role::Std),
    ("stddev", Role::Std),
    ("stdev", Role::Std),
    ("std", Role::Std),
    ("dev", Role::Std),
    ("sd", Role::Std),
    ("mean", Role::Mean),
    ("avg", Role::Mean),
    ("average", Role::Mean),
    ("value", Role::Mean),
    ("median", Role::P50),
    ("p50", Role::P50),
    ("q50", Role::P50),
    ("p25", Role::P25),
    ("q25", Role::P25),
    ("p75", Role::P75),
    ("q75", Role::P75),
    ("min", Role::Min),
    ("max", Role::Max),
    ("count", Role::Count),
    ("cnt", Role::Count),
    ("n", Role::Count),
];

/// Role of a column by its name alone, for roles that are not statistics.
pub(super) fn role(name: &str) -> Option<Role> {
    Some(match words_of(name).join("_").as_str() {
        "parcel_id" | "parcelid" | "parcel" | "field_id" | "fieldid" | "fid" | "pid" | "newid" | "foi_id" | "foi" | "plot_id"
        | "plot" | "sample_id" | "seq_unique_id" | "orig_id" | "ori_id" | "gid" | "ogc_fid" | "id" => Role::Id,
        "acquired_utc" | "acquired" | "date" | "acq_date" | "obsdate" | "obstime" | "date_part" | "extract" | "time"
        | "datetime" | "timestamp" | "date2" | "sensing_time" | "acquisition_date" | "day" | "datum" | "fecha" => Role::Time,
        "first_utc" | "date1" | "first_date" | "reference_date" => Role::First,
        "band" | "signal" | "variable" | "index" | "bandname" | "parameter" => Role::Signal,
        "pixels" | "total_pixels" | "n_total" => Role::Pixels,
        "usable_share" | "clear_share" | "clear_mask" | "clear" | "cloud_pct" | "cloud_percent" | "cloud_cover" => Role::Clear,
        "hist" | "histogram" | "scl_hist" => Role::Classes,
        "platform" | "satellite" | "mission" => Role::Platform,
        // In tables of the JRC an orbit is a direction; where it is a number, values tell.
        "pass" | "orbit_direction" | "direction" | "orbit" => Role::Pass,
        "relative_orbit" | "rel_orbit" | "track" => Role::Orbit,
        "product" | "reference" | "scene" | "product_id" | "image_id" => Role::Product,
        "sensor" => Role::Sensor,
        _ => return None,
    })
}

/// Scene class of a column such as `scl_4` or `hist.4`.
pub(super) fn scene_class(name: &str) -> Option<usize> {
    let words = words_of(name);
    let [kind, class] = words.as_slice() else { return None };
    matches!(kind.as_str(), "scl" | "hist").then(|| class.parse().ok().filter(|&class: &usize| class < 12))?
}

/// What the name of a file says about its rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct FileFacts {
    /// Parcel, for a file of one parcel.
    pub(super) id: Option<String>,
    /// Signal, for a file of one signal.
    pub(super) signal: Option<Named>,
}

static JRC: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^timeseries_[^_]+_(.+)_([A-Za-z0-9]+)$").ok());
static TS_DIR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(.+?)_s[12]_(?:.+_)?ts$").ok());
static RADAR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(.+?)_(s1bs|s1coh6)_(VV|VH)_([AD])$").ok());
static INDEX: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(.+?)_(ndvi|ndwi|bare_soil_index|plant_senescence_reflectance_index|[bB](?:\d\d|8[aA]))$").ok()
});

impl FileFacts {
    /// From the name of a file.
    pub(super) fn of(path: &Path, indices: &[String]) -> Self {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let parts = |form: &LazyLock<Option<Regex>>| {
            form.as_ref().and_then(|form| form.captures(&stem)).map(|found| {
                found.iter().skip(1).map(|part| part.map_or("", |part| part.as_str()).to_owned()).collect::<Vec<_>>()
            })
        };
        if let Some(parts) = parts(&JRC).or_else(|| parts(&TS_DIR)) {
            return Self { id: parts.first().cloned(), signal: None };
        }
        if let Some(parts) = parts(&RADAR) {
            return Self { id: None, signal: signal(&parts[1..].join("_"), indices) };
        }
        if let Some(parts) = parts(&INDEX) {
            // What this tool calls NDWI is (B11 - B04) / (B11 + B04).
            let word = if parts[1].eq_ignore_ascii_case("ndwi") { "NDSVI" } else { &parts[1] };
            return Self { id: None, signal: signal(word, indices) };
        }
        Self::default()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn indices() -> Vec<String> {
        ["NDVI", "BSI", "PSRI", "NDWI", "NDMI", "NDSVI", "EVI", "BRIGHTNESS_S4C"].map(str::to_owned).to_vec()
    }

    fn variable(name: &str) -> Option<String> {
        signal(name, &indices()).map(|named| named.variable)
    }

    #[test]
    fn bands_indices_and_polarisations_are_known_in_their_spellings() {
        for (name, expected) in [
            ("B4", "B04"),
            ("b8a", "B8A"),
            ("s2_b08", "B08"),
            ("ndvi", "NDVI"),
            ("bare_soil_index", "BSI"),
            ("LAI", "LAI"),
            ("VVb", "VV"),
            ("VH_db", "VH"),
            ("VVc", "COH_VV"),
            ("s1_coh6_VH", "COH_VH"),
            ("COHE_VV", "COH_VV"),
            ("COH_VH", "COH_VH"),
        ] {
            assert_eq!(variable(name).as_deref(), Some(expected), "{name}");
        }
        for name in ["s1_bs_VH_rAD", "VH_VV_db", "RVI", "SCL", "SC", "quality", "s1_coh6", "VV_median_thing"] {
            assert_eq!(variable(name), None, "{name}");
        }
        assert_eq!(signal("VH_db", &[]).and_then(|named| named.unit), Some(StoredAs::Decibel));
        assert_eq!(signal("VV_DESC", &[]).and_then(|named| named.pass), Some(Pass::Descending));
    }

    #[test]
    fn statistics_stand_before_or_behind_the_name() {
        for (name, role, rest) in [
            ("B04_mean", Role::Mean, "B04"),
            ("mean_NDVI", Role::Mean, "NDVI"),
            ("ndvi_std", Role::Std, "ndvi"),
            ("B08", Role::Mean, "B08"),
            ("valid_pixels_cnt_NDVI", Role::Count, "NDVI"),
            ("VHc_p25", Role::P25, "VHc"),
            ("plan", Role::Mean, "plan"),
        ] {
            assert_eq!(split_statistic(name), (role, rest.to_owned()), "{name}");
        }
    }

    #[test]
    fn names_of_files_tell_parcel_and_signal() {
        let facts = |name: &str| {
            let facts = FileFacts::of(Path::new(name), &indices());
            (facts.id, facts.signal.map(|named| (named.variable, named.pass)))
        };
        assert_eq!(facts("timeseries_ms2020_AB_575541_s2.csv"), (Some("AB_575541".to_owned()), None));
        assert_eq!(facts("10_s1_coh6_ts.csv"), (Some("10".to_owned()), None));
        assert_eq!(facts("10_s2_ts.csv"), (Some("10".to_owned()), None));
        assert_eq!(facts("12_maize_s1bs_VV_D.csv"), (None, Some(("VV".to_owned(), Some(Pass::Descending)))));
        assert_eq!(facts("12_maize_s1coh6_VH_A.csv"), (None, Some(("COH_VH".to_owned(), Some(Pass::Ascending)))));
        assert_eq!(facts("12_maize_ndwi.csv"), (None, Some(("NDSVI".to_owned(), None))));
        assert_eq!(facts("12_b04.csv"), (None, Some(("B04".to_owned(), None))));
        assert_eq!(facts("series.csv"), (None, None));
    }
}
