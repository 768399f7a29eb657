//! Practices of farmers that a ruleset looks for, each family with the series that it reads and its parameters.
//!
//! A practice gives a finding of its own name, and further ones named `NAME.PART`:
//!
//! | family | main finding, and what its value is | parts |
//! |---|---|---|
//! | `mowing` | mown as often as required; mowings inside the window | `s2`, `s1`, `compliance` |
//! | `bare_soil` | a period of at least the class `least`; days of the longest | `strong`, `s1` |
//! | `crop_practice` | harvest, or a class of at least `least` (1 poor to 4 strong) | `vegetation`, `harvest`, `harvest_s1`, `tillage`, `m6` … `m10` |
//! | `harvest`, `ploughing`, `emergence`, `water` | an event inside the window; how many | |
//! | `residue` | residue became less; change of the index | `gain` |
//!
//! Families want observations, not resampled signals: they look at gaps themselves.

use serde::{Deserialize, Serialize};

use super::day::{Between, Day, window_fault};
use crate::model::practices::bare_soil::{Confidence, LabelParams, Params as BareSoilParams};
use crate::model::practices::crop_practices::{Class, Params as CropParams, Practice};
use crate::model::practices::events::{
    EmergenceParams, HarvestParams, PloughingParams, ResidueIndex, ResidueParams, WaterParams,
};
use crate::model::practices::mowing::Params as MowingParams;
use crate::model::practices::{MOST, MOST_DAYS, name_or_table, out_of_range};

/// A practice that is looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PracticeRule {
    /// Name, without a dot.
    pub name: String,
    /// First day of the window, included; default: from the beginning.
    #[serde(default)]
    pub from: Option<Day>,
    /// Last day of the window, included; default: to the end.
    #[serde(default)]
    pub to: Option<Day>,
    /// Fewer observations in the window make the outcome unknown. Default 3: the optical rules of L4B and L4C look at three.
    #[serde(default = "three")]
    pub min_observations: u32,
    /// What is looked for.
    pub find: Family,
}

fn three() -> u32 {
    3
}

/// A series: an input or signal, and one component of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesRef {
    /// Input or signal.
    pub signal: String,
    /// Component; default: the first.
    #[serde(default)]
    pub component: Option<String>,
}

/// A family with its series and parameters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Family {
    /// Mowing of grassland.
    Mowing(Box<Mowing>),
    /// Periods of bare soil.
    BareSoil(Box<BareSoil>),
    /// Harvest, tillage, catch crop, nitrogen-fixing crop, fallow.
    CropPractice(Box<CropPractice>),
    /// Candidates of harvest.
    Harvest(Harvest),
    /// Candidates of ploughing.
    Ploughing(Ploughing),
    /// Seedling emergence.
    Emergence(Box<Emergence>),
    /// Loss of crop residue.
    Residue(Residue),
    /// Water on the parcel.
    Water(Water),
}

/// Mowing of grassland after L4B of `Sen4CAP`. One of the two series must be given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mowing {
    /// NDVI −1..1.
    #[serde(default)]
    pub ndvi: Option<SeriesRef>,
    /// VH coherence 0..1. A series with a component `relative_orbit` is taken apart by it; parts of a signal are orbits each.
    #[serde(default)]
    pub coherence: Vec<SeriesRef>,
    /// Pixels of the coherence product inside the parcel, where the series has no component `usable_pixels`. Default 25: one hectare
    /// of pixels of 20 m.
    #[serde(default = "pixels_of_a_hectare")]
    pub pixels: f64,
    /// Mowings needed inside the window. Default 1.
    #[serde(default = "one")]
    pub required: u32,
    /// Mandatory interval of the part `compliance`, inside the window; default: none, and compliance is unknown.
    #[serde(default)]
    pub interval: Option<Between>,
    /// True when a mowing outside the interval breaks the rule too. Default false.
    #[serde(default)]
    pub strict: bool,
    /// Parameters, or the name of a national set.
    #[serde(default, deserialize_with = "name_or_table")]
    pub params: MowingParams,
}

fn pixels_of_a_hectare() -> f64 {
    25.0
}

fn one() -> u32 {
    1
}

/// Periods of bare soil after the webinar of `Sen4CAP`. Needed is `ndvi` with `ndti` for labels, or `bare` of a classifier.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BareSoil {
    /// NDVI −1..1.
    #[serde(default)]
    pub ndvi: Option<SeriesRef>,
    /// NDTI −1..1, on the days of NDVI.
    #[serde(default)]
    pub ndti: Option<SeriesRef>,
    /// NDMI −1..1, for `labels.water`.
    #[serde(default)]
    pub ndmi: Option<SeriesRef>,
    /// Share of green cover 0..1. Without it no label asks for it.
    #[serde(default)]
    pub fcover: Option<SeriesRef>,
    /// Probability of bare soil 0..1 of a classifier of Sentinel-2, in place of labels: bare from 0.5.
    #[serde(default)]
    pub bare: Option<SeriesRef>,
    /// The same of Sentinel-1; its periods confirm those of Sentinel-2.
    #[serde(default)]
    pub radar: Option<SeriesRef>,
    /// Class that counts. Default Medium: confirmed once.
    #[serde(default = "medium")]
    pub least: Confidence,
    /// Thresholds of labels.
    #[serde(default)]
    pub labels: LabelParams,
    /// Periods of Sentinel-2; what a table leaves out is that of Sentinel-2.
    #[serde(default, deserialize_with = "name_or_table")]
    pub params: BareSoilParams,
    /// Periods of Sentinel-1. Default `sentinel1`; what a table leaves out is that of Sentinel-2.
    #[serde(default = "BareSoilParams::sentinel1", deserialize_with = "name_or_table")]
    pub radar_params: BareSoilParams,
}

fn medium() -> Confidence {
    Confidence::Medium
}

/// How backscatter is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackscatterUnit {
    /// Decibel of the mean, as the signals of a project.
    #[default]
    Decibel,
    /// Linear power.
    Linear,
}

/// Crop practices after L4C of `Sen4CAP`. They have dates of their own, so the window of the practice is not written.
///
/// Of dates without a year each is the next one after `vegetation_start`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CropPractice {
    /// NDVI −1..1.
    pub ndvi: SeriesRef,
    /// VV backscatter.
    pub vv: SeriesRef,
    /// VH backscatter.
    pub vh: SeriesRef,
    /// VV coherence 0..1.
    pub coherence: SeriesRef,
    /// Unit of backscatter. Default decibel.
    #[serde(default)]
    pub unit: BackscatterUnit,
    /// Start of the vegetation of the main crop.
    pub vegetation_start: Day,
    /// Days on which the harvest is looked for.
    pub harvest: Between,
    /// What is asked for. Default harvest only.
    #[serde(default)]
    pub practice: Practice,
    /// Days of the practice; needed for all but `harvest_only`.
    #[serde(default)]
    pub period: Option<Between>,
    /// Class of the practice that counts. Default moderate.
    #[serde(default = "moderate")]
    pub least: Class,
    /// Parameters, or the name of a set.
    #[serde(default, deserialize_with = "name_or_table")]
    pub params: CropParams,
}

fn moderate() -> Class {
    Class::Moderate
}

/// Candidates of harvest. Of radar the orbit with the most observations is looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harvest {
    /// NDVI −1..1.
    pub ndvi: SeriesRef,
    /// VV backscatter, for the ratio VV/VH.
    #[serde(default)]
    pub vv: Option<SeriesRef>,
    /// VH backscatter.
    #[serde(default)]
    pub vh: Option<SeriesRef>,
    /// VV coherence 0..1.
    #[serde(default)]
    pub coherence: Option<SeriesRef>,
    /// Unit of backscatter. Default decibel.
    #[serde(default)]
    pub unit: BackscatterUnit,
    /// A longer span without clear NDVI makes a no impossible, days. Default 30 (as L4B for mowing).
    #[serde(default = "thirty")]
    pub max_gap_days: f64,
    /// Parameters.
    #[serde(default)]
    pub params: HarvestParams,
}

fn thirty() -> f64 {
    30.0
}

/// Candidates of ploughing, each relative orbit by itself; of events of several orbits that meet the surest is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ploughing {
    /// VV coherence 0..1.
    pub coherence: SeriesRef,
    /// NDVI −1..1.
    pub ndvi: SeriesRef,
    /// Bare soil index.
    #[serde(default)]
    pub bsi: Option<SeriesRef>,
    /// A longer span without coherence makes a no impossible, days. Default 30.
    #[serde(default = "thirty")]
    pub max_gap_days: f64,
    /// Parameters.
    #[serde(default)]
    pub params: PloughingParams,
}

/// Emergence after sowing, or after each period of bare soil that labels show. `sown` or `ndti` must be given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emergence {
    /// NDVI −1..1.
    pub ndvi: SeriesRef,
    /// NDTI −1..1, for labels of bare soil.
    #[serde(default)]
    pub ndti: Option<SeriesRef>,
    /// Day of sowing, or of the last bare soil. Without a year: the next one after the first day of the window.
    #[serde(default)]
    pub sown: Option<Day>,
    /// A longer span without clear NDVI makes a no impossible, days. Default 30.
    #[serde(default = "thirty")]
    pub max_gap_days: f64,
    /// Thresholds of labels; green cover is not asked for.
    #[serde(default)]
    pub labels: LabelParams,
    /// Periods of bare soil.
    #[serde(default, deserialize_with = "name_or_table")]
    pub bare_soil: BareSoilParams,
    /// Parameters.
    #[serde(default)]
    pub params: EmergenceParams,
}

/// Loss of crop residue, as tillage makes it: around a day, or the strongest one around any observation of the window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Residue {
    /// Which index the series is.
    pub index: ResidueIndex,
    /// The index.
    pub series: SeriesRef,
    /// NDVI −1..1 on the same days.
    pub ndvi: SeriesRef,
    /// Day before and after which is compared. Without a year: the next one after the first day of the window. Default: each
    /// observation in the window.
    #[serde(default)]
    pub day: Option<Day>,
    /// Parameters.
    #[serde(default)]
    pub params: ResidueParams,
}

/// Water on the parcel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Water {
    /// MNDWI −1..1.
    pub mndwi: SeriesRef,
    /// Parameters.
    #[serde(default)]
    pub params: WaterParams,
}

/// A field of a family and what is wrong with it.
pub type FieldFault = (&'static str, String);

impl Family {
    /// Name in files.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Mowing(_) => "mowing",
            Self::BareSoil(_) => "bare_soil",
            Self::CropPractice(_) => "crop_practice",
            Self::Harvest(_) => "harvest",
            Self::Ploughing(_) => "ploughing",
            Self::Emergence(_) => "emergence",
            Self::Residue(_) => "residue",
            Self::Water(_) => "water",
        }
    }

    /// Names of the further findings, after the practice's name and a dot.
    pub fn parts(&self) -> &'static [&'static str] {
        match self {
            Self::Mowing(_) => &["s2", "s1", "compliance"],
            Self::BareSoil(_) => &["strong", "s1"],
            Self::CropPractice(_) => &["vegetation", "harvest", "harvest_s1", "tillage", "m6", "m7", "m8", "m9", "m10"],
            Self::Residue(_) => &["gain"],
            Self::Harvest(_) | Self::Ploughing(_) | Self::Emergence(_) | Self::Water(_) => &[],
        }
    }

    /// Series that it reads with the fields that name them, the leading one first.
    pub fn series(&self) -> Vec<(&'static str, &SeriesRef)> {
        let mut all: Vec<(&'static str, Option<&SeriesRef>)> = Vec::new();
        match self {
            Self::Mowing(own) => {
                all.push(("ndvi", own.ndvi.as_ref()));
                all.extend(own.coherence.iter().map(|series| ("coherence", Some(series))));
            }
            Self::BareSoil(own) => all.extend([
                ("bare", own.bare.as_ref()),
                ("ndvi", own.ndvi.as_ref()),
                ("ndti", own.ndti.as_ref()),
                ("ndmi", own.ndmi.as_ref()),
                ("fcover", own.fcover.as_ref()),
                ("radar", own.radar.as_ref()),
            ]),
            Self::CropPractice(own) => all.extend([
                ("ndvi", Some(&own.ndvi)),
                ("vv", Some(&own.vv)),
                ("vh", Some(&own.vh)),
                ("coherence", Some(&own.coherence)),
            ]),
            Self::Harvest(own) => all.extend([
                ("ndvi", Some(&own.ndvi)),
                ("vv", own.vv.as_ref()),
                ("vh", own.vh.as_ref()),
                ("coherence", own.coherence.as_ref()),
            ]),
            Self::Ploughing(own) => {
                all.extend([("coherence", Some(&own.coherence)), ("ndvi", Some(&own.ndvi)), ("bsi", own.bsi.as_ref())]);
            }
            Self::Emergence(own) => all.extend([("ndvi", Some(&own.ndvi)), ("ndti", own.ndti.as_ref())]),
            Self::Residue(own) => all.extend([("series", Some(&own.series)), ("ndvi", Some(&own.ndvi))]),
            Self::Water(own) => all.push(("mndwi", Some(&own.mndwi))),
        }
        all.into_iter().filter_map(|(name, series)| series.map(|series| (name, series))).collect()
    }
}

impl PracticeRule {
    /// Names of all findings: its own, then those of the parts.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let parts = self.find.parts().iter().map(|part| format!("{}.{part}", self.name));
        std::iter::once(self.name.clone()).chain(parts)
    }

    /// What is wrong with the family's fields and how they fit the window, if anything.
    pub fn fault(&self) -> Option<FieldFault> {
        let days = |field, days: f64| out_of_range(&[(field, days, 0.0, MOST_DAYS)]).map(|told| (field, told));
        let params = |told: Option<String>| told.map(|told| ("params", told));
        match &self.find {
            Family::Mowing(own) => self.mowing_fault(own),
            Family::BareSoil(own) => bare_soil_fault(own),
            Family::CropPractice(own) => self.crop_fault(own),
            Family::Harvest(own) => days("max_gap_days", own.max_gap_days).or_else(|| params(own.params.fault())),
            Family::Ploughing(own) => days("max_gap_days", own.max_gap_days).or_else(|| params(own.params.fault())),
            Family::Emergence(own) => {
                let none = own.sown.is_none() && own.ndti.is_none();
                let told = none.then(|| "give sown, or ndti from which bare soil is told".to_owned());
                told.map(|told| ("ndvi", told))
                    .or_else(|| self.day_fault(own.sown).map(|told| ("sown", told)))
                    .or_else(|| days("max_gap_days", own.max_gap_days))
                    .or_else(|| own.labels.fault().map(|told| ("labels", told)))
                    .or_else(|| own.bare_soil.fault().map(|told| ("bare_soil", told)))
                    .or_else(|| params(own.params.fault()))
            }
            Family::Residue(own) => self.day_fault(own.day).map(|told| ("day", told)).or_else(|| params(own.params.fault())),
            Family::Water(own) => params(own.params.fault()),
        }
    }

    fn mowing_fault(&self, own: &Mowing) -> Option<FieldFault> {
        if own.ndvi.is_none() && own.coherence.is_empty() {
            return Some(("coherence", "give ndvi, coherence, or both".to_owned()));
        }
        let interval = own.interval.and_then(|interval| {
            let told = window_fault(Some(interval.from), Some(interval.to));
            told.or_else(|| self.day_fault(Some(interval.from)))
        });
        let pixels = out_of_range(&[("pixels", own.pixels, 1.0, 1e9)]).map(|told| ("pixels", told));
        let required = out_of_range(&[("required", f64::from(own.required), 1.0, MOST)]).map(|told| ("required", told));
        let params = || own.params.fault().map(|told| ("params", told));
        pixels.or(required).or(interval.map(|told| ("interval", told))).or_else(params)
    }

    /// A day of every year needs a window of every year in which it lies.
    fn day_fault(&self, day: Option<Day>) -> Option<String> {
        let yearly = day?.is_yearly();
        let ends = [self.from, self.to];
        if yearly && !ends.iter().flatten().any(|end| end.is_yearly()) {
            return Some("a day without a year needs a window (from, to) without years".to_owned());
        }
        let mixed = !yearly && ends.iter().flatten().any(|end| end.is_yearly());
        mixed.then(|| "it has a year and the window has none; write both alike".to_owned())
    }

    fn crop_fault(&self, own: &CropPractice) -> Option<FieldFault> {
        if self.from.is_some() || self.to.is_some() {
            let told = "the dates of the season are its window; leave out from and to of the practice";
            return Some(("vegetation_start", told.to_owned()));
        }
        let period = own.period.map(|period| [period.from, period.to]);
        let spans = [Some(("harvest", [own.harvest.from, own.harvest.to])), period.map(|period| ("period", period))];
        for (field, [from, to]) in spans.into_iter().flatten() {
            if let Some(told) = window_fault(Some(from), Some(to)) {
                return Some((field, told));
            }
            if from.is_yearly() != own.vegetation_start.is_yearly() {
                return Some((field, "of it and vegetation_start only one has years; write both alike".to_owned()));
            }
        }
        if let (Day::Date(start), Day::Date(harvest)) = (own.vegetation_start, own.harvest.from)
            && start > harvest
        {
            return Some(("harvest", "it begins before vegetation_start".to_owned()));
        }
        if own.practice != Practice::HarvestOnly && own.period.is_none() {
            return Some(("practice", "it needs a period".to_owned()));
        }
        own.params.fault().map(|told| ("params", told))
    }
}

fn bare_soil_fault(own: &BareSoil) -> Option<FieldFault> {
    let labelled = own.ndvi.is_some() && own.ndti.is_some();
    if own.bare.is_none() && !labelled {
        return Some(("ndvi", "give ndvi and ndti, or bare of a classifier".to_owned()));
    }
    if own.labels.water && own.ndmi.is_none() && own.bare.is_none() {
        return Some(("labels", "water needs ndmi".to_owned()));
    }
    let labels = own.labels.fault().map(|told| ("labels", told));
    let params = || own.params.fault().map(|told| ("params", told));
    labels.or_else(params).or_else(|| own.radar_params.fault().map(|told| ("radar_params", told)))
}
