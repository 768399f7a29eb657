//! Queue, header strip, graphs, map and parcel facts, driven by their labels on the sample season.

#[path = "ui_panes/bench.rs"]
mod bench;

use bench::Bench;
use egui::{Key, Modifiers, pos2, vec2};
use egui_kittest::kittest::Queryable as _;
use parcelight::model::view::Polarisation;
use parcelight::model::{Sensor, Signal};
use parcelight::project::Command;

#[test]
fn the_queue_filters_sorts_and_opens_parcels_and_the_header_tells_which() {
    // One window for the whole walk: opening the season takes longer than everything that follows.
    let mut bench = Bench::new(egui::Theme::Light);
    queue_lists_filters_sorts_and_opens(&mut bench);
    wrong_filters_say_so(&mut bench);
    header_says_which_parcel_and_where_its_data_stand(&mut bench);
}

#[test]
fn graphs_are_read_zoomed_chosen_and_extended_by_an_own_index() {
    let mut bench = Bench::new(egui::Theme::Dark);
    graphs_tell_their_content_and_a_click_sets_the_date(&mut bench);
    wheel_zooms_and_double_click_resets(&mut bench);
    graphs_are_added_and_removed_and_peers_are_listed(&mut bench);
    own_index_is_checked_and_drawn(&mut bench);
}

fn queue_lists_filters_sorts_and_opens(bench: &mut Bench) {
    assert_eq!(bench.labels("FLAPAJ0").iter().filter(|label| label.contains(" ha")).count(), 17, "every row is in view");
    bench.click("FLAPAJ007, Maize, 2.44 ha");
    assert_eq!(bench.current_id(), "FLAPAJ007");

    bench.harness.state_mut().queue.focus_filter = true;
    bench.settle();
    bench.harness.get_by_label("Filter parcels").type_text("maize");
    bench.settle();
    let rows = bench.harness.state().project.queue().rows().len();
    assert_eq!(rows, 3, "FLAPAJ007, 013 and 015 declare maize");
    assert_eq!(bench.current_id(), "FLAPAJ007", "a parcel that still matches stays current");
    bench.click("Remove filter maize");
    assert_eq!(bench.harness.state().project.queue().rows().len(), 17);

    bench.click("Sort");
    bench.harness.get_by_role_and_label(egui::accesskit::Role::Button, "Area").click();
    bench.settle();
    bench.harness.key_press(Key::Escape);
    bench.settle();
    let data = bench.data();
    let areas: Vec<f64> = bench.harness.state().project.queue().rows().iter().map(|&row| data.parcels.area_ha(row)).collect();
    assert!(areas.is_sorted(), "{areas:?}");
}

fn wrong_filters_say_so(bench: &mut Bench) {
    bench.apply(Command::SetFilter("cabbage".to_owned()));
    assert!(bench.harness.query_by_label("0 of 17 match").is_some());
    bench.click("Clear filters");
    assert_eq!(bench.harness.state().project.queue().rows().len(), 17);
    bench.apply(Command::SetFilter("\"nonsense\" = 3".to_owned()));
    assert_eq!(bench.labels("The filter is not used").len(), 1);
    assert_eq!(bench.harness.state().project.queue().rows().len(), 17, "the rows of the last good filter stay");
}

fn header_says_which_parcel_and_where_its_data_stand(bench: &mut Bench) {
    bench.apply(Command::SetFilter(String::new()));
    bench.apply(Command::SetSort(vec![]));
    bench.open("FLAPAJ013");
    for label in ["13/17", "FLAPAJ013", "declared", "1.29 ha", "216 of these are synthetic"] {
        assert!(!bench.labels(label).is_empty(), "{label}");
    }
    assert_eq!(bench.labels("72 Sentinel-2 acquisitions, ").len(), 1, "every acquisition of the season sees the parcel");
}

fn graphs_tell_their_content_and_a_click_sets_the_date(bench: &mut Bench) {
    bench.open("FLAPAJ013");
    bench.on_day("2019-04-16");
    let summary = bench.labels("Graph NDVI:");
    assert!(summary[0].contains("usable observations and") && summary[0].contains("from "), "{summary:?}");
    assert!(
        bench.labels("16\u{a0}April\u{a0}2019").iter().any(|label| label.contains("NDVI\u{a0}0.39")),
        "the readout of the current date"
    );
    assert!(!bench.labels("COH VV ASC161 synthetic").is_empty(), "synthetic series say so in the legend");

    let plot = bench.rect("Graph NDVI");
    let place = pos2(plot.left() + plot.width() * 0.75, plot.center().y);
    bench.harness.hover_at(place);
    bench.harness.step();
    bench.harness.drag_at(place);
    bench.harness.step();
    bench.harness.drop_at(place);
    bench.settle();
    assert_ne!(bench.current_day(), "2019-04-16");
    let data = bench.data();
    let project = &bench.harness.state().project;
    let chosen = data.catalog.get(project.selection().acquisition.expect("current"));
    assert_eq!(chosen.sensor, Sensor::S2, "an observation of the graph that was clicked");
}

fn wheel_zooms_and_double_click_resets(bench: &mut Bench) {
    bench.open("FLAPAJ013");
    let before = bench.harness.state().graph.clone();
    let plot = bench.rect("Graph BSI");
    bench.harness.hover_at(plot.center());
    bench.settle();
    let wheel = egui::Event::MouseWheel {
        unit: egui::MouseWheelUnit::Point,
        delta: vec2(0.0, 120.0),
        modifiers: Modifiers::NONE,
        phase: egui::TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
    };
    bench.harness.event(wheel);
    // A wheel glides to its end.
    bench.harness.run_steps(30);
    let zoomed = bench.harness.state().graph.shown_days().expect("zoomed in");
    assert!(zoomed.1 - zoomed.0 < 400.0, "{zoomed:?}");
    assert_ne!(before, bench.harness.state().graph);

    bench.open("FLAPAJ007");
    assert_eq!(bench.harness.state().graph.shown_days(), Some(zoomed), "another parcel keeps the axis");
    for _ in 0..2 {
        bench.harness.drag_at(plot.center());
        bench.harness.drop_at(plot.center());
    }
    bench.settle();
    assert_eq!(bench.harness.state().graph.shown_days(), None);
}

fn graphs_are_added_and_removed_and_peers_are_listed(bench: &mut Bench) {
    bench.open("FLAPAJ013");
    bench.click("Add a graph");
    bench.click("VH/VV");
    let graphs = bench.harness.state().project.file().display.graphs.clone();
    assert_eq!(graphs.last(), Some(&vec![Signal::BackscatterRatioDb]));
    bench.click("Remove graph VH/VV dB");
    let graphs = bench.harness.state().project.file().display.graphs.clone();
    assert_eq!(graphs.last(), Some(&vec![Signal::Coherence(Polarisation::Vv), Signal::Coherence(Polarisation::Vh)]));

    bench.click("List peers and show them on the map");
    assert!(bench.harness.query_by_label("2 peers with Maize").is_some());
    bench.click("Exclude FLAPAJ015 from the peers");
    assert!(bench.harness.query_by_label("1 peer with Maize").is_some());
    assert_eq!(bench.harness.state().project.file().peers.excluded, ["FLAPAJ015"]);
    bench.click("Take FLAPAJ015 back as a peer");
    assert!(bench.harness.query_by_label("2 peers with Maize").is_some());
}

#[test]
fn a_click_on_the_map_opens_the_parcel_under_the_pointer() {
    let mut bench = Bench::new(egui::Theme::Dark);
    bench.open("FLAPAJ013");
    bench.click("Zoom to the current parcel");
    let map = bench.rect("Map around parcel FLAPAJ013");
    bench.harness.hover_at(map.center());
    bench.settle();
    let status = bench.harness.state().status.clone().unwrap_or_default();
    assert!(status.contains("EPSG:32631") && status.contains("N  4.") && status.contains("FLAPAJ013 Maize"), "{status}");
    // A double-click zooms to it.
    let near = bench.harness.state().map.extent().expect("a place");
    for _ in 0..4 {
        bench.click("Zoom out");
    }
    assert!(bench.harness.state().map.extent().expect("a place")[2] < near[2] - 1.5);
    // A click right after another one anywhere is taken for its second: a second of frames lies between.
    (0..20).for_each(|_| bench.harness.step());
    for _ in 0..2 {
        bench.harness.drag_at(map.center());
        bench.harness.drop_at(map.center());
    }
    bench.settle();
    assert_eq!(bench.harness.state().map.extent(), Some(near));
    // Walk away from the middle until another parcel lies under the pointer, then click it.
    for step in 1..60 {
        let place = map.center() + vec2(0.0, -2.0 * step as f32);
        bench.harness.hover_at(place);
        bench.settle();
        let status = bench.harness.state().status.clone().unwrap_or_default();
        let Some(id) = status.split("  ·  ").nth(2).and_then(|under| under.split(' ').next()).map(str::to_owned) else {
            continue;
        };
        if id == "FLAPAJ013" {
            continue;
        }
        bench.harness.drag_at(place);
        bench.harness.step();
        bench.harness.drop_at(place);
        bench.settle();
        assert_eq!(bench.current_id(), id);
        return;
    }
    panic!("no neighbour was found north of the parcel");
}

fn own_index_is_checked_and_drawn(bench: &mut Bench) {
    bench.click("Graph menu");
    bench.click("Own indices…");
    type_into(bench, "Name", "MYINDEX");
    type_into(bench, "Expression", "(B11 - B99) / 2");
    assert!(!bench.labels("B99").is_empty(), "the fault names the wrong band");
    bench.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    type_into(bench, "Expression", "(B11 - B04) / (B11 + B04)");
    bench.click("Add");
    assert_eq!(bench.harness.state().project.file().indices[0].name, "MYINDEX");
    assert!(bench.harness.query_by_label("Remove MYINDEX").is_some());
    bench.click("Close");
    bench.apply(Command::SetGraphs(vec![vec![Signal::Index("MYINDEX".to_owned())]]));
    assert!(bench.labels("Graph MYINDEX:")[0].contains("usable"));
}

fn type_into(bench: &mut Bench, field: &str, text: &str) {
    let role = egui::accesskit::Role::TextInput;
    bench.harness.get_by_role_and_label(role, field).focus();
    bench.settle();
    bench.harness.get_by_role_and_label(role, field).type_text(text);
    bench.settle();
}
