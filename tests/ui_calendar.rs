//! The calendar pane on the sample season, driven by labels as a screen reader would find them.

#[path = "ui_calendar/bench.rs"]
mod bench;

use bench::{Bench, Pane};
use egui_kittest::kittest::Queryable as _;
use parcelight::model::project_file::Binning;
use parcelight::model::settings::ObservationSettings;
use parcelight::model::view::Polarisation;
use parcelight::model::{AcquisitionIx, MaskSet, Pass, Sensor, Stretch, View};
use parcelight::project::Command;
use parcelight::ui::calendar::model::{ModelInput, calendar_model, views};

/// Labels of all chips drawn, in drawing order.
fn chips(pane: &Pane) -> Vec<String> {
    let is_chip = |label: &String| label.contains("S2A") || label.contains("S2B") || label.contains("S1");
    pane.labels(egui::accesskit::Role::Button).into_iter().filter(is_chip).collect()
}

#[test]
fn every_acquisition_of_the_season_is_in_exactly_one_cell() {
    let bench = Bench::new();
    let pane = bench.pane("FLAPAJ013");
    let project = &pane.state().project;
    let dataset = project.dataset().ready().expect("loaded");
    let parcel = project.selection().parcel.expect("a parcel");
    for bins in [Binning::HalfWeek, Binning::IsoWeek, Binning::Sequence] {
        let model = calendar_model(&ModelInput {
            catalog: &dataset.catalog,
            coverage: project.coverage(parcel).ready().as_deref(),
            shown: &project.shown_acquisitions(parcel),
            granule: &|acquisition| project.granule(parcel, acquisition),
            mask: project.mask(),
            min_usable_share: 0.5,
            bins,
            from: None,
            to: None,
        });
        let mut placed: Vec<AcquisitionIx> = model
            .layout
            .rows
            .iter()
            .flat_map(|row| &row.cells)
            .flat_map(|cell| &cell.entries)
            .map(|own| own.acquisition)
            .collect();
        placed.sort_unstable();
        let optical: Vec<AcquisitionIx> =
            dataset.catalog.iter().filter(|(_, own)| own.sensor == Sensor::S2).map(|(ix, _)| ix).collect();
        assert_eq!(optical.len(), 72);
        assert_eq!(placed, optical, "{bins:?}");
    }
}

#[test]
fn dates_come_first_and_chips_follow() {
    let bench = Bench::new();
    let mut pane = bench.unloaded_pane();
    assert!(pane.query_by_label("Reading dates").is_some(), "loading is said");
    pane.load("FLAPAJ013");
    assert!(chips(&pane).iter().all(|label| !label.contains("loading")), "{:?}", chips(&pane));
    assert!(pane.query_by_label_contains("Calendar of parcel FLAPAJ013, B08-B11-B04: 72 acquisitions").is_some());
}

#[test]
fn clear_shares_equal_the_reference_counts() {
    let bench = Bench::new();
    let mut pane = bench.pane("FLAPAJ013");
    // The reference counts snow and dark pixels otherwise: SCL 4, 5, 6, 7 and 11 are clear there.
    let mask = MaskSet::from_classes(&[0, 1, 2, 3, 8, 9, 10]);
    let observations = pane.state().project.file().observations.clone();
    pane.apply(Command::SetObservations(ObservationSettings { mask, ..observations }));
    pane.apply(Command::SetBinning(Binning::Sequence));
    pane.state_mut().tall();
    pane.settle();
    let labels = chips(&pane);
    assert_eq!(labels.len(), 72, "in sequence every acquisition has a chip of its own");
    let mut checked = 0;
    for (date, all, clear) in bench::reference_counts("FLAPAJ013") {
        let share = f64::from(clear) / f64::from(all) * 100.0;
        let label = labels.iter().find(|label| label.starts_with(&date)).unwrap_or_else(|| panic!("no chip for {date}"));
        let shown: f64 = label
            .split("\u{a0}% clear")
            .next()
            .and_then(|head| head.rsplit(' ').next())
            .and_then(|n| n.parse().ok())
            .expect("a share");
        // The reference counts on the 10 m grid, the calendar on the 20 m grid of the classes: edge pixels differ.
        assert!((shown - share).abs() <= 6.0, "{label}: reference {share}");
        checked += 1;
    }
    assert_eq!(checked, 72);
}

#[test]
fn a_click_selects_and_hovering_does_not() {
    let bench = Bench::new();
    let mut pane = bench.pane("FLAPAJ013");
    let before = pane.state().project.selection().acquisition;
    let other = pane.chip_that_is(|label| !label.contains("current") && !label.contains("more in this cell"));
    pane.get_by_label(&other).hover();
    pane.settle();
    assert_eq!(pane.state().project.selection().acquisition, before);
    assert!(pane.state().status.as_deref().is_some_and(|line| line.contains("UTC")), "{:?}", pane.state().status);
    pane.get_by_label(&other).click();
    pane.settle();
    assert_ne!(pane.state().project.selection().acquisition, before);
    let date = other.split(',').next().unwrap_or_default();
    assert!(chips(&pane).iter().any(|label| label.starts_with(date) && label.contains("current")));
}

#[test]
fn a_stacked_cell_opens_on_click_and_shows_all_it_holds() {
    let bench = Bench::new();
    let mut pane = bench.pane("FLAPAJ013");
    // A week holds up to two passes of Sentinel-2 over one parcel.
    pane.apply(Command::SetBinning(Binning::IsoWeek));
    pane.settle();
    let stacked = pane.chip_that_is(|label| label.contains("more in this cell"));
    let date = stacked.split(',').next().unwrap_or_default().to_owned();
    let count = |pane: &Pane| chips(pane).iter().filter(|label| label.starts_with(&date)).count();
    assert_eq!(count(&pane), 1);
    let shown = chips(&pane);
    pane.get_by_label(&stacked).click();
    pane.settle();
    assert_eq!(count(&pane), 2, "once on top of the cell, once in the strip");
    assert!(
        chips(&pane).iter().any(|label| !shown.contains(label) && !label.starts_with(&date)),
        "the strip shows the other one"
    );
    pane.state_mut().state.expand = true;
    pane.settle();
    assert_eq!(count(&pane), 1, "the key closes it again");
}

#[test]
fn a_double_click_opens_the_large_view_and_steps_move_it() {
    let bench = Bench::new();
    let mut pane = bench.fast_pane("FLAPAJ013");
    let chip = pane.chip_that_is(|label| label.contains("100\u{a0}% clear") && !label.contains("more in this cell"));
    let node = pane.get_by_label(&chip);
    node.click();
    node.click();
    pane.settle();
    assert!(pane.state().state.large);
    assert!(pane.query_by_label_contains("Large view of").is_some());
    let before = pane.state().project.selection().acquisition;
    pane.get_by_label("Next date").click();
    pane.settle();
    assert!(pane.state().project.selection().acquisition > before);
    pane.get_by_label("Close").click();
    pane.settle();
    assert!(!pane.state().state.large && pane.query_by_label_contains("Large view of").is_none());
}

#[test]
fn ctrl_click_collects_dates_and_the_compare_view_shows_them() {
    let bench = Bench::new();
    let mut pane = bench.pane("FLAPAJ013");
    let wanted = |label: &str| label.contains("100\u{a0}% clear") && !label.contains("compared") && !label.contains("current");
    for _ in 0..2 {
        let chip = pane.chip_that_is(wanted);
        pane.get_by_label(&chip).click_modifiers(egui::Modifiers::COMMAND);
        pane.settle();
    }
    assert_eq!(pane.state().project.selection().compare.len(), 2);
    assert_eq!(chips(&pane).iter().filter(|label| label.contains("compared")).count(), 2);
    pane.state_mut().state.compare = true;
    pane.settle();
    assert_eq!(pane.query_all_by_label_contains("Large view of").count(), 2);
}

#[test]
fn shift_click_takes_the_range_into_the_comparison() {
    let bench = Bench::new();
    let mut pane = bench.pane("FLAPAJ013");
    let other = pane.chip_that_is(|label| !label.contains("current") && !label.contains("more in this cell"));
    pane.get_by_label(&other).click_modifiers(egui::Modifiers::SHIFT);
    pane.settle();
    let selection = pane.state().project.selection();
    assert!(selection.compare.len() >= 2 && selection.compare.is_sorted());
    assert!(selection.compare.contains(&selection.acquisition.expect("a date")));
}

#[test]
fn views_of_every_kind_are_offered_and_drawn() {
    let bench = Bench::new();
    let mut pane = bench.pane("FLAPAJ013");
    let all = views(&pane.state().project);
    for wanted in [
        View::composite("B04", "B03", "B02"),
        View::Index("BSI".to_owned()),
        View::Backscatter(Polarisation::Vh, Some(Pass::Descending)),
        View::Coherence(Polarisation::Vv, None),
        View::SceneClass,
        View::NdviHistogram,
        View::RedNirScatter,
        View::BackscatterRatio(None),
    ] {
        assert!(all.contains(&wanted), "{wanted:?}");
        let view = wanted;
        pane.apply(Command::SetView(view.clone()));
        pane.settle();
        let labels = chips(&pane);
        assert!(!labels.is_empty(), "{view:?}");
        assert!(
            labels.iter().all(|label| !label.contains("cannot be read") && !label.contains("loading")),
            "{view:?}: {labels:?}"
        );
    }
}

#[test]
fn synthetic_acquisitions_say_so() {
    let bench = Bench::new();
    let mut pane = bench.pane("FLAPAJ013");
    pane.apply(Command::SetView(View::Coherence(Polarisation::Vv, None)));
    pane.settle();
    let labels = chips(&pane);
    assert!(!labels.is_empty() && labels.iter().all(|label| label.contains("synthetic")), "{labels:?}");
    pane.apply(Command::SetView(View::Backscatter(Polarisation::Vv, Some(Pass::Ascending))));
    pane.settle();
    assert!(chips(&pane).iter().all(|label| !label.contains("synthetic")));
}

#[test]
fn a_period_without_images_says_why_and_offers_the_way_out() {
    let bench = Bench::new();
    let mut pane = bench.pane("FLAPAJ013");
    let date = |text: &str| text.parse().ok();
    pane.apply(Command::SetRange(date("2021-01-01"), date("2021-02-01")));
    pane.settle();
    assert!(pane.query_by_label("No image in the period shown").is_some(), "{:?}", pane.labels(egui::accesskit::Role::Label));
    pane.get_by_label("Show all dates").click();
    pane.settle();
    assert!(!chips(&pane).is_empty());
}

#[test]
fn only_rows_in_sight_ask_for_pictures() {
    let bench = Bench::new();
    let pane = bench.pane("FLAPAJ013");
    let drawn = chips(&pane).len();
    assert!(drawn > 10 && drawn < 60, "{drawn} of 72 chips are in sight");
}

#[test]
fn the_dynamic_stretch_changes_pictures_and_the_scene_class_legend_names_classes() {
    let bench = Bench::new();
    let mut pane = bench.pane("FLAPAJ013");
    pane.apply(Command::SetStretch(Stretch::DYNAMIC));
    pane.settle();
    let chip = pane.chip_that_is(|label| label.contains("100\u{a0}% clear"));
    pane.get_by_label(&chip).hover();
    pane.settle();
    pane.apply(Command::SetView(View::SceneClass));
    pane.settle();
    assert!(pane.query_by_label("9 cloud, high").is_some() && pane.query_by_label("4 vegetation").is_some());
    let chip = pane.chip_that_is(|label| label.contains("100\u{a0}% clear"));
    let corner = pane.get_by_label(&chip).rect().min;
    pane.hover_at(corner + egui::vec2(30.0, 30.0));
    pane.settle();
    let status = pane.state().status.clone().unwrap_or_default();
    assert!(status.contains("SCL"), "{status}");
    assert!(pane.state().points_at.is_some(), "other panes learn which date the pointer is on");
}

#[test]
fn playing_goes_through_usable_dates_and_stops_at_the_end() {
    let bench = Bench::new();
    let mut pane = bench.pane("FLAPAJ013");
    let first = pane.state().project.selection().acquisition;
    pane.state_mut().state.playing = true;
    for _ in 0..6 {
        pane.step();
    }
    assert!(pane.state().project.selection().acquisition > first, "a step each half second");
    for _ in 0..400 {
        pane.step();
    }
    assert!(!pane.state().state.playing, "stops after the last usable date");
}
