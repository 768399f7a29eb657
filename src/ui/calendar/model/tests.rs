//! The model needs no window: a catalogue made here, and what comes of it.

use super::*;
use crate::model::catalog::Origin;
use crate::model::observation::Coverage;
use crate::model::{Acquisition, Granule};

fn acquisition(time: &str, platform: &str, products: usize) -> Acquisition {
    let acquired: Timestamp = time.parse().expect("a time");
    let granule = |i: usize| Granule {
        name: format!("{platform}-{i}"),
        acquired,
        tile: None,
        baseline: None,
        boa_offset_dn: 0.0,
        offset_origin: Origin::Assumed,
        clear_share: None,
        bands: Vec::new(),
        calibration: None,
        synthetic: i > 0,
        remote: false,
    };
    Acquisition {
        sensor: Sensor::S2,
        acquired,
        first: None,
        platform: platform.to_owned(),
        relative_orbit: Some(51),
        pass: Some(Pass::Descending),
        pass_origin: Origin::Metadata,
        granules: (0..products).map(granule).collect(),
    }
}

fn coverage(acquisition: u32, granule: u8, clear: u32, cloud: u32) -> Coverage {
    let mut classes = [0; 12];
    classes[4] = clear;
    classes[9] = cloud;
    Coverage { acquisition: AcquisitionIx(acquisition), granule, pixels: clear + cloud, classes, nodata: 0, classified: true }
}

/// Three dates; the first two share the half-week 8 to 11 April, the last has two products.
fn sample() -> (Catalog, ParcelCoverage) {
    let catalog = Catalog {
        acquisitions: vec![
            acquisition("2019-04-08T10:56:00Z", "S2A", 1),
            acquisition("2019-04-11T10:56:00Z", "S2B", 1),
            acquisition("2019-12-16T10:56:00Z", "S2A", 2),
        ],
        problems: Vec::new(),
    };
    let seen = |granules| AcquisitionCoverage { granules };
    let coverage = ParcelCoverage {
        acquisitions: vec![
            seen(vec![coverage(0, 0, 20, 80)]),
            seen(vec![coverage(1, 0, 100, 0)]),
            seen(vec![coverage(2, 1, 90, 10), coverage(2, 0, 60, 40)]),
        ],
        outside: 0,
    };
    (catalog, coverage)
}

fn build(catalog: &Catalog, coverage: Option<&ParcelCoverage>, granule: &dyn Fn(AcquisitionIx) -> u8) -> CalendarModel {
    let shown: Vec<AcquisitionIx> = catalog.iter().map(|(ix, _)| ix).collect();
    calendar_model(&ModelInput {
        catalog,
        coverage,
        shown: &shown,
        granule,
        mask: MaskSet::default(),
        min_usable_share: 0.5,
        bins: Binning::HalfWeek,
        from: None,
        to: None,
    })
}

#[test]
fn every_acquisition_is_in_exactly_one_cell_and_the_clearest_is_on_top() {
    let (catalog, coverage) = sample();
    let model = build(&catalog, Some(&coverage), &|_| 0);
    let mut placed: Vec<u32> = model
        .layout
        .rows
        .iter()
        .flat_map(|row| &row.cells)
        .flat_map(|cell| &cell.entries)
        .map(|entry| entry.acquisition.0)
        .collect();
    placed.sort_unstable();
    assert_eq!(placed, [0, 1, 2]);
    let (row, column) = model.layout.find(AcquisitionIx(0)).expect("placed");
    let cell = &model.layout.rows[row].cells[column];
    assert_eq!(cell.entries.iter().map(|entry| entry.acquisition.0).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(model.layout.rows.len(), 9, "April to December without gaps");
}

#[test]
fn clear_dates_are_those_over_the_limit() {
    let (catalog, coverage) = sample();
    let model = build(&catalog, Some(&coverage), &|_| 0);
    assert_eq!(model.usable, 2);
    assert_eq!(model.get(AcquisitionIx(0)).and_then(|chip| chip.clear_share), Some(0.2));
    assert!(!model.get(AcquisitionIx(0)).expect("there").usable);
}

#[test]
fn the_chosen_product_decides_shares_and_says_when_it_is_synthetic() {
    let (catalog, coverage) = sample();
    let chosen = build(&catalog, Some(&coverage), &|ix| u8::from(ix.0 == 2));
    let chip = chosen.get(AcquisitionIx(2)).expect("there");
    assert_eq!((chip.clear_share, chip.granule, chip.synthetic), (Some(0.9), 1, true));
    assert_eq!(chip.granules, [1, 0]);
    let other = build(&catalog, Some(&coverage), &|_| 0);
    let chip = other.get(AcquisitionIx(2)).expect("there");
    assert_eq!((chip.clear_share, chip.synthetic), (Some(0.6), false));
}

#[test]
fn dates_are_there_before_their_shares_are_known() {
    let (catalog, _) = sample();
    let model = build(&catalog, None, &|_| 0);
    assert_eq!((model.chips.len(), model.usable), (3, 0));
    assert!(model.chips.iter().all(|chip| chip.clear_share.is_none()));
}

#[test]
fn steps_and_ranges_follow_time() {
    let (catalog, coverage) = sample();
    let model = build(&catalog, Some(&coverage), &|_| 0);
    let ix = AcquisitionIx;
    assert_eq!(model.step(Some(ix(0)), 1, true), Some(ix(1)));
    assert_eq!(model.step(Some(ix(1)), -1, true), None);
    assert_eq!(model.step(Some(ix(1)), -1, false), Some(ix(0)));
    assert_eq!(model.step(Some(ix(2)), 1, false), None);
    assert_eq!(model.step(None, 1, true), Some(ix(1)));
    assert_eq!(model.step(None, -1, true), Some(ix(2)));
    assert_eq!(model.range(ix(2), ix(1)), [ix(1), ix(2)]);
    assert_eq!(model.range(ix(9), ix(1)), [ix(1)]);
}

#[test]
fn radar_views_exist_only_for_passes_that_were_flown() {
    let mut catalog = sample().0;
    assert!(radar_views(&catalog).is_empty());
    let mut radar = acquisition("2019-04-09T17:30:00Z", "S1A", 1);
    radar.sensor = Sensor::S1Backscatter;
    radar.pass = Some(Pass::Ascending);
    catalog.acquisitions.push(radar.clone());
    assert_eq!(radar_views(&catalog).len(), 3);
    radar.pass = Some(Pass::Descending);
    catalog.acquisitions.push(radar);
    let views = radar_views(&catalog);
    assert_eq!(views.len(), 9);
    assert!(views.contains(&View::Backscatter(Polarisation::Vh, None)));
    assert!(!views.iter().any(|view| matches!(view, View::Coherence(..))));
}
