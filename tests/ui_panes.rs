//! Queue, header strip, graphs, map and parcel facts, driven by their labels on the sample season.

#[path = "ui_panes/bench.rs"]
mod bench;

use bench::Bench;
use egui_kittest::kittest::Queryable as _;

#[test]
fn look() {
    std::fs::create_dir_all("/tmp/uig").unwrap();
    for (theme, name) in [(egui::Theme::Dark, "dark"), (egui::Theme::Light, "light")] {
        let mut bench = Bench::new(theme);
        bench.open("FLAPAJ013");
        bench.on_day("2019-04-16");
        bench.shot(&format!("{name}-1"));
        if name == "light" {
            continue;
        }
        bench.click("List peers and show them on the map");
        bench.shot("dark-2-peers");
        bench.harness.state_mut().graph.spread = parcelight::engine::graph::Spread::Std;
        let graph = bench.rect("Graph NDVI");
        bench.harness.hover_at(graph.center());
        bench.settle();
        bench.shot("dark-3-hover-spread");
        bench.click("Graph menu");
        bench.shot("dark-4-menu");
        bench.harness.key_press(egui::Key::Escape);
        bench.settle();
        bench.click("Add a graph");
        bench.shot("dark-5-add");
        bench.harness.key_press(egui::Key::Escape);
        bench.settle();
        bench.harness.state_mut().indices.open = true;
        bench.settle();
        bench.shot("dark-6-indices");
        bench.harness.key_press(egui::Key::Escape);
        bench.settle();
        bench.apply(parcelight::project::Command::SetFilter("cabbage".into()));
        bench.shot("dark-7-none");
        let _ = bench.harness.query_by_label("x");
    }
}
