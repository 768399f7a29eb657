//! Crop practices after L4C of `Sen4CAP`: harvest, catch crop, nitrogen-fixing crop, fallow, tillage.
//!
//! Observations become weeks ([`weeks`]), each week gets the markers M1–M5 ([`weekly_markers`]), the first harvest week follows,
//! then the practice with M6–M10 and its class ([`analyse`]). NDVI is on the scale −1..1 here; the thresholds of L4C, which are
//! written times 1000, are divided by 1000.
//!
//! The public description leaves gaps. What is chosen here is said at each function under “Reading”.
//!
//! * **Cost:** linear in the weeks.
//! * **Source:** public description of `Sen4CAP`'s L4C product, restated in `sen4cap` fact sheet, section 4.5.

mod markers;
mod practice;
#[cfg(test)]
mod tests;
mod tillage;
mod weeks;

use serde::{Deserialize, Serialize};

use super::{Event, EventKind, Evidence, Marker, Outcome, Reason, Window};

pub use markers::{WeekMarkers, loss_threshold, weekly_markers};
pub use practice::PracticeMarkers;
pub use tillage::tillage_week;
pub use weeks::{Series, Week, week_start, weeks};

pub use crate::model::practices::crop_practices::{Class, PRESETS, Params, Practice};

/// When things may happen on a parcel, days since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Season {
    /// Start of the vegetation of the main crop.
    pub vegetation_start: f64,
    /// Days on which the harvest is looked for.
    pub harvest: Window,
    /// What is asked for.
    pub practice: Practice,
    /// Days of the practice. A catch crop must be sown by `period.end` less the days of the catch period at the latest.
    #[serde(default)]
    pub period: Option<Window>,
}

/// Where the analysis ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Status {
    /// A harvest week was found.
    Harvest,
    /// None was found (`NO-HARVEST`).
    NoHarvest,
    /// Vegetation was never seen (`NR`).
    NotRelevant,
    /// No usable week, or no NDVI at all: vegetation and harvest cannot be told.
    NoData,
}

/// Everything about one parcel and season.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Weeks with their inputs.
    pub weeks: Vec<Week>,
    /// M1–M5 of each week.
    pub markers: Vec<WeekMarkers>,
    /// How the search for the harvest ended.
    pub status: Status,
    /// First day of the harvest week (`H_WEEK`).
    pub harvest_week: Option<f64>,
    /// The same without M2 (`H_W_S1`).
    pub harvest_week_s1: Option<f64>,
    /// First day of the tillage week (`TL_WEEK`), nothing where there is none.
    pub tillage_week: Option<f64>,
    /// M6–M10 in the practice period.
    pub practice: PracticeMarkers,
    /// Class of the practice (`C_INDEX`); nothing where it is not relevant or cannot be told.
    pub class: Option<Class>,
    /// Weeks without radar from the vegetation start to the end of the season (`S1GAPS`).
    pub gaps: usize,
    /// True when two or more of the five weeks before the harvest lack radar (`H_QUALITY` 1).
    pub weak_harvest: bool,
    /// True when two or more weeks of the practice period lack radar (`C_QUALITY` 1).
    pub weak_practice: bool,
}

/// A signal of a week, and how it is taken from one.
type Line = (&'static str, fn(&Week) -> f64);

impl Report {
    /// The harvest as an event: the week, with NDVI and ratio before and in it; confidence is not given.
    pub fn harvest_event(&self) -> Option<Event> {
        self.week_event(self.harvest_week?, EventKind::Harvest)
    }

    /// Tillage as an event: the week.
    pub fn tillage_event(&self) -> Option<Event> {
        self.week_event(self.tillage_week?, EventKind::Tillage)
    }

    fn week_event(&self, start: f64, kind: EventKind) -> Option<Event> {
        let at = self.weeks.iter().position(|week| week.start == start)?;
        let week = &self.weeks[at];
        let before = |value: fn(&Week) -> f64| at.checked_sub(1).map_or(f64::NAN, |previous| value(&self.weeks[previous]));
        let lines: [Line; 3] =
            [("NDVI", |week| week.ndvi_next), ("VV_VH_RATIO_DB", |week| week.ratio_db), ("COHERENCE_VV", |week| week.coherence)];
        let evidence = lines
            .into_iter()
            .map(|(signal, value)| Evidence { signal, before: before(value), after: value(week), threshold: f64::NAN })
            .collect();
        Some(Event { kind, start, main: start + 3.0, end: start + 6.0, confidence: f64::NAN, evidence })
    }

    /// Markers of the parcel: `vegetation`, `harvest`, `harvest_s1`, `tillage`, M6–M10. The value of the first four is the first day
    /// of the week.
    pub fn named_markers(&self) -> Vec<Marker> {
        let found = |name, week: Option<f64>| match (week, self.status) {
            (Some(day), _) => Marker::tested(name, true, day),
            (None, Status::NoData) => Marker::unknown(name, Reason::NoData),
            (None, Status::NotRelevant) => Marker { name, outcome: Outcome::No, value: f64::NAN, reason: Reason::NotRelevant },
            (None, _) if self.weak_harvest => Marker::unknown(name, Reason::TooFewData),
            (None, _) => Marker::tested(name, false, f64::NAN),
        };
        let seen = self.weeks.iter().zip(&self.markers).find(|(_, markers)| markers.m1.is_yes()).map(|(week, _)| week.start);
        let mut all = vec![
            found("vegetation", seen),
            found("harvest", self.harvest_week),
            found("harvest_s1", self.harvest_week_s1),
            found("tillage", self.tillage_week),
        ];
        all.extend(self.practice.named());
        all
    }
}

/// Analyses one parcel: weeks, harvest, tillage, practice.
///
/// * **NaN:** missing observations take no part; without any NDVI vegetation is unknown and no harvest is reported.
/// * **Source:** L4C of `Sen4CAP`.
pub fn analyse(series: &Series<'_>, season: &Season, params: &Params) -> Report {
    let weeks = weeks(series, season.vegetation_start, params);
    let markers = weekly_markers(&weeks, season, params);
    let search = |with_optical: bool| {
        let week = weeks
            .iter()
            .zip(&markers)
            .find(|(week, markers)| week.meets(season.harvest) && markers.harvest(with_optical).is_yes());
        week.map(|(week, _)| week.start)
    };
    let (harvest_week, harvest_week_s1) = (search(true), search(false));
    // Vegetation after the harvest window is not that of the main crop.
    let main_crop = weeks.iter().zip(&markers).rfind(|(week, _)| week.start <= season.harvest.end);
    let vegetation = main_crop.map_or(Outcome::Unknown, |(_, markers)| markers.m1);
    let status = match (vegetation, harvest_week) {
        (Outcome::Unknown, _) => Status::NoData,
        (Outcome::No, _) => Status::NotRelevant,
        (Outcome::Yes, Some(_)) => Status::Harvest,
        (Outcome::Yes, None) => Status::NoHarvest,
    };
    let tillage_week = harvest_week.and_then(|start| tillage_week(&weeks, &markers, start, params));
    let found = practice::Found { weeks: &weeks, markers: &markers, status, harvest_week };
    let (practice, class, period) = practice::judge(&found, season, params);
    let missing = |window: Window| weeks::missing_radar(&weeks, window);
    let before = harvest_week.unwrap_or(season.harvest.end);
    let last = season.period.map_or(season.harvest.end, |period| period.end.max(season.harvest.end));
    Report {
        status,
        harvest_week,
        harvest_week_s1,
        tillage_week,
        practice,
        class,
        gaps: missing(Window { start: season.vegetation_start, end: last }),
        weak_harvest: missing(Window { start: before - 35.0, end: before - 1.0 }) >= 2,
        weak_practice: period.is_some_and(|period| missing(period) >= 2),
        weeks,
        markers,
    }
}
