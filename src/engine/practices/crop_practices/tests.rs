//! Tests of crop practices on seasons drawn week by week.

use proptest::prelude::*;

use super::*;

/// A Monday.
const MONDAY: f64 = 18_995.0;

/// One acquisition of each kind on the Wednesday of each week.
#[derive(Debug, Clone)]
struct Season20 {
    days: Vec<f64>,
    ndvi: Vec<f64>,
    vv: Vec<f64>,
    vh: Vec<f64>,
    coherence: Vec<f64>,
}

impl Season20 {
    /// From (NDVI, ratio in dB, coherence) of each week.
    fn new(rows: &[(f64, f64, f64)]) -> Self {
        Self {
            days: (0..rows.len()).map(|week| MONDAY + 7.0 * week as f64 + 2.0).collect(),
            ndvi: rows.iter().map(|row| row.0).collect(),
            vv: rows.iter().map(|row| 0.01 * 10_f64.powf(row.1 / 10.0)).collect(),
            vh: vec![0.01; rows.len()],
            coherence: rows.iter().map(|row| row.2).collect(),
        }
    }

    fn series(&self) -> Series<'_> {
        Series {
            ndvi_days: &self.days,
            ndvi: &self.ndvi,
            backscatter_days: &self.days,
            vv_linear: &self.vv,
            vh_linear: &self.vh,
            coherence_days: &self.days,
            coherence: &self.coherence,
        }
    }
}

/// Ten weeks of growth, ten of a crop, a harvest in week 20, then `after`.
fn crop(after: &[(f64, f64, f64)]) -> Season20 {
    let mut rows: Vec<(f64, f64, f64)> = (0..20).map(|week| (0.2 + 0.06 * f64::from(week.min(10)), 5.0, 0.25)).collect();
    rows.extend_from_slice(after);
    Season20::new(&rows)
}

/// Four weeks of stubble.
const STUBBLE: [(f64, f64, f64); 4] = [(0.25, 9.0, 0.6), (0.22, 9.0, 0.7), (0.2, 9.0, 0.72), (0.2, 9.0, 0.7)];

fn week(number: usize) -> f64 {
    MONDAY + 7.0 * number as f64
}

fn season(practice: Practice, period: Option<Window>) -> Season {
    Season { vegetation_start: MONDAY, harvest: Window { start: week(15), end: week(24) }, practice, period }
}

#[test]
fn weeks_start_on_monday_and_hold_the_inputs_of_the_markers() {
    assert_eq!((week_start(0.0), week_start(4.0), week_start(-3.0), week_start(MONDAY + 6.9)), (-3.0, 4.0, -3.0, MONDAY));
    let found = weeks(&crop(&STUBBLE).series(), MONDAY + 3.0, &Params::default());
    assert_eq!(found.len(), 24);
    let harvest = found[20];
    assert_eq!((harvest.start, harvest.ndvi, harvest.ratio_rise_db), (week(20), 0.25, 4.0));
    assert!((harvest.coherence_change - 0.35).abs() < 1e-12 && (harvest.ratio_db - 9.0).abs() < 1e-9);
    assert!(found[0].coherence_change.is_nan() && found[2].ratio_rise_db.is_nan() && found[3].ratio_rise_db == 0.0);
    assert_eq!(weeks(&Series::default(), MONDAY, &Params::default()), []);
}

#[test]
fn ndvi_of_a_cloudy_week_is_taken_from_its_neighbours_and_not_interpolated() {
    let mut season = crop(&STUBBLE);
    season.ndvi[20] = f64::NAN;
    let found = weeks(&season.series(), MONDAY, &Params::default());
    assert!(found[20].ndvi.is_nan());
    assert_eq!((found[20].ndvi_previous, found[20].ndvi_next), (0.8, 0.22));
}

#[test]
fn loud_acquisitions_and_single_polarisations_are_left_out() {
    let mut season = crop(&STUBBLE);
    season.vv[20] = 0.6;
    season.vh[21] = f64::NAN;
    let found = weeks(&season.series(), MONDAY, &Params::default());
    assert!(!found[20].has_radar() && !found[21].has_radar() && found[22].has_radar());
    assert!((found[22].coherence_change - 0.47).abs() < 1e-12);
}

#[test]
fn the_loss_threshold_follows_the_lowest_drop() {
    let loss = |ndvi: &[f64]| loss_threshold(ndvi.iter().copied(), 0.35, 0.3, 0.35, 0.005);
    for (ndvi, threshold, dropped) in [
        (&[0.1, 0.2][..], 0.3, false),
        (&[0.2, 0.8, 0.25], 0.3, true),
        (&[0.8, 0.321], 0.325, true),
        (&[0.8, 0.32], 0.32, true),
        (&[0.8, 0.5], 0.35, false),
        (&[0.8, f64::NAN, 0.349], 0.35, true),
        (&[0.2, 0.1, 0.8], 0.35, false),
        (&[], 0.35, false),
    ] {
        let found = loss(ndvi);
        assert!((found.threshold - threshold).abs() < 1e-9 && found.dropped == dropped, "{ndvi:?}: {found:?}");
    }
}

#[test]
fn the_harvest_is_the_first_week_with_all_five_markers() {
    let report = analyse(&crop(&STUBBLE).series(), &season(Practice::HarvestOnly, None), &Params::default());
    assert_eq!((report.status, report.harvest_week, report.harvest_week_s1), (Status::Harvest, Some(week(20)), Some(week(20))));
    assert_eq!((report.class, report.gaps, report.weak_harvest), (None, 1, false));
    let event = report.harvest_event().expect("a harvest");
    assert_eq!((event.start, event.evidence[0].before, event.evidence[0].after), (week(20), 0.8, 0.25));
    let names: Vec<_> = report.named_markers().iter().map(|marker| marker.name).collect();
    assert_eq!(names, ["vegetation", "harvest", "harvest_s1", "tillage", "M6", "M7", "M8", "M9", "M10"]);
}

#[test]
fn a_standing_crop_bare_land_and_missing_ndvi_are_told_apart() {
    let status =
        |season20: &Season20| analyse(&season20.series(), &season(Practice::HarvestOnly, None), &Params::default()).status;
    assert_eq!(status(&crop(&[(0.8, 5.0, 0.25); 4])), Status::NoHarvest);
    assert_eq!(status(&Season20::new(&[(0.2, 9.0, 0.6); 24])), Status::NotRelevant);
    assert_eq!(status(&Season20::new(&[(f64::NAN, 9.0, 0.6); 24])), Status::NoData);
}

#[test]
fn without_ndvi_the_radar_does_not_give_a_harvest() {
    let mut cloudy = crop(&STUBBLE);
    cloudy.ndvi.fill(f64::NAN);
    let report = analyse(&cloudy.series(), &season(Practice::HarvestOnly, None), &Params::default());
    assert_eq!((report.harvest_week, report.harvest_week_s1), (None, None));
    assert!(report.named_markers()[..4].iter().all(|marker| marker.outcome == Outcome::Unknown));
}

#[test]
fn tillage_is_the_fall_of_coherence_on_bare_soil() {
    let mut after = STUBBLE.to_vec();
    after.extend([(0.18, 8.0, 0.3), (0.18, 8.0, 0.32)]);
    let ask = |after: &[(f64, f64, f64)]| {
        analyse(&crop(after).series(), &season(Practice::HarvestOnly, None), &Params::default()).tillage_week
    };
    assert_eq!(ask(&after), Some(week(24)));
    // Regrowth before the fall: not soil.
    after[2] = (0.5, 9.0, 0.7);
    assert_eq!(ask(&after), None);
    assert_eq!(ask(&STUBBLE[..1]), None);
}

/// Stubble, then a growing catch crop with falling coherence.
fn catch_crop() -> Vec<(f64, f64, f64)> {
    let mut after = STUBBLE.to_vec();
    let growth = |week: u32| (0.2 + 0.06 * f64::from(week), 8.0 - 0.2 * f64::from(week), 0.3);
    after.extend((1..=10).map(growth));
    after
}

#[test]
fn catch_crops_are_classed_by_the_markers_that_fail() {
    let period = Some(Window { start: week(22), end: week(34) });
    let ask = |after: &[(f64, f64, f64)]| {
        analyse(&crop(after).series(), &season(Practice::CatchCrop, period), &Params::preset("catch_crop").expect("a preset"))
    };
    let report = ask(&catch_crop());
    assert_eq!(report.harvest_week, Some(week(20)), "{:?}", report.markers);
    assert_eq!(report.class, Some(Class::Strong), "{:?}", report.practice);
    // Ploughed in after five weeks: NDVI lost, coherence high.
    let mut ploughed = catch_crop();
    ploughed[9..].fill((0.15, 9.0, 0.8));
    let report = ask(&ploughed);
    assert_eq!(report.practice.m8.outcome, Outcome::No);
    assert_eq!(report.practice.m10.outcome, Outcome::No);
    assert!(report.class.is_some_and(|class| class <= Class::Weak), "{:?}", report.practice);
    // The main crop stands until the latest start.
    assert_eq!(ask(&[(0.8, 5.0, 0.25); 14]).class, Some(Class::Poor));
}

#[test]
fn a_practice_before_its_period_is_still_open() {
    let period = Some(Window { start: week(40), end: week(52) });
    let report = analyse(&crop(&STUBBLE).series(), &season(Practice::CatchCrop, period), &Params::default());
    assert_eq!((report.class, report.practice.m6.reason), (None, Reason::StillOpen));
}

#[test]
fn fallow_and_nitrogen_fixing_crops_follow_their_tables() {
    let bare = Season20::new(&[(0.2, 9.0, 0.6); 24]);
    let standing = crop(&[(0.8, 5.0, 0.25); 4]);
    let harvested = crop(&STUBBLE);
    let period = Some(Window { start: week(10), end: week(23) });
    let class = |season20: &Season20, practice, preset: &str| {
        analyse(&season20.series(), &season(practice, period), &Params::preset(preset).expect("a preset")).class
    };
    for (practice, preset, expected) in [
        (Practice::NitrogenFixing, "nitrogen_fixing", [Class::Weak, Class::Moderate, Class::Strong]),
        (Practice::NitrogenFixing, "nitrogen_fixing_spain", [Class::Poor, Class::Moderate, Class::Strong]),
        (Practice::NitrogenFixing, "nitrogen_fixing_romania", [Class::Weak, Class::Moderate, Class::Weak]),
        (Practice::Fallow, "fallow", [Class::Strong, Class::Moderate, Class::Weak]),
        (Practice::Fallow, "fallow_czechia", [Class::Weak, Class::Moderate, Class::Strong]),
    ] {
        let found = [&bare, &standing, &harvested].map(|season20| class(season20, practice, preset));
        assert_eq!(found, expected.map(Some), "{preset}");
    }
    let unseen = Season20::new(&[(f64::NAN, 9.0, 0.6); 24]);
    assert_eq!(class(&unseen, Practice::Fallow, "fallow"), None);
}

#[test]
fn quality_flags_count_weeks_without_radar() {
    let mut season20 = crop(&STUBBLE);
    season20.coherence[16] = f64::NAN;
    season20.vv[18] = f64::NAN;
    let report = analyse(&season20.series(), &season(Practice::HarvestOnly, None), &Params::default());
    assert_eq!((report.harvest_week, report.weak_harvest, report.gaps), (Some(week(20)), true, 3));
}

#[test]
fn every_preset_exists_and_unknown_fields_are_refused() {
    for name in PRESETS {
        assert!(Params::preset(name).is_some(), "{name}");
    }
    assert_eq!(Params::preset("atlantis"), None);
    assert!(toml::from_str::<Params>("catch_days = 60.0").is_ok_and(|params| params.catch_days == 60.0));
    assert!(toml::from_str::<Params>("catchdays = 60.0").is_err());
}

fn any_season() -> impl Strategy<Value = Season20> {
    let value = |span: std::ops::Range<f64>| prop_oneof![4 => span, 1 => Just(f64::NAN)];
    prop::collection::vec((value(-0.1..0.95), value(3.0..12.0), value(0.0..1.0)), 0..40).prop_map(|rows| Season20::new(&rows))
}

proptest! {
    #[test]
    fn a_shift_by_weeks_shifts_the_report_and_row_order_does_not_matter(season20 in any_season(), weeks in -60_i32..60) {
        let period = Window { start: week(20), end: week(34) };
        let before = season(Practice::CatchCrop, Some(period));
        let found = analyse(&season20.series(), &before, &Params::default());
        let shift = 7.0 * f64::from(weeks);
        let moved = |window: Window| Window { start: window.start + shift, end: window.end + shift };
        let later = Season {
            vegetation_start: before.vegetation_start + shift,
            harvest: moved(before.harvest),
            period: Some(moved(period)),
            ..before
        };
        let mut shifted = season20.clone();
        shifted.days.iter_mut().for_each(|day| *day += shift);
        for column in [&mut shifted.days, &mut shifted.ndvi, &mut shifted.vv, &mut shifted.vh, &mut shifted.coherence] {
            column.reverse();
        }
        let other = analyse(&shifted.series(), &later, &Params::default());
        prop_assert_eq!(found.harvest_week.map(|day| day + shift), other.harvest_week);
        prop_assert_eq!(found.tillage_week.map(|day| day + shift), other.tillage_week);
        prop_assert_eq!((found.status, found.class, found.gaps), (other.status, other.class, other.gaps));
        prop_assert_eq!(found.markers, other.markers);
    }

    #[test]
    fn missing_values_alone_never_give_a_yes(count in 0_usize..40) {
        let season20 = Season20::new(&vec![(f64::NAN, f64::NAN, f64::NAN); count]);
        let period = Some(Window { start: week(0), end: week(30) });
        for practice in [Practice::HarvestOnly, Practice::CatchCrop, Practice::NitrogenFixing, Practice::Fallow] {
            let report = analyse(&season20.series(), &season(practice, period), &Params::default());
            prop_assert!(report.class.is_none() && report.status == Status::NoData);
            prop_assert!(report.named_markers().iter().all(|marker| marker.outcome == Outcome::Unknown));
        }
    }
}
