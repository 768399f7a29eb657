//! What the project's ruleset says, driven by keys and labels on the sample: verdict and sentence, markers, events, window, queue, map.

#[path = "ui/driver.rs"]
#[expect(dead_code, reason = "the rest of the window is for other tests")]
mod driver;

use driver::{Driver, key};
use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use parcelight::engine::rules::{Grounds, Verdict};
use parcelight::model::ParcelIx;
use parcelight::model::units::epoch_days;
use parcelight::project::Command;
use parcelight::project::queue::SortKey;
use parcelight::ui::layout::PaneKind;

/// Parcel 13 of the sample: maize whose winter cover was removed in April.
const MAIZE: ParcelIx = ParcelIx(12);

/// All labels that hold a text.
fn labels(window: &Driver, part: &str) -> Vec<String> {
    let nodes = window.query_all_by_label_contains(part);
    nodes.filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value())).collect()
}

fn wait_part(window: &mut Driver, part: &str) {
    let start = std::time::Instant::now();
    while labels(window, part).is_empty() {
        assert!(start.elapsed().as_secs() < 90, "not within 90 s: {part}");
        window.frame();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

fn judged(parcel: ParcelIx) -> Driver {
    let mut window = Driver::with_sample(&[]);
    window.state_mut().command(Command::SelectParcel(parcel));
    window.wait("the parcel is judged", |window| {
        window.panes().markers.model_of(parcel).is_some()
            && window.project().is_some_and(|project| project.coverage(parcel).ready().is_some())
    });
    window
}

fn day(window: &Driver) -> f64 {
    let project = window.open();
    let acquisition = project.selection().acquisition.expect("a date");
    epoch_days(project.data().expect("data").catalog.get(acquisition).acquired)
}

#[test]
fn the_header_says_the_verdict_and_why_and_the_list_shows_every_marker() {
    let mut window = judged(MAIZE);
    let project = window.open();
    let marked = project.compute(&project.marked_query(MAIZE).expect("a ruleset")).expect("marked");
    let explanation = marked.explanation.as_ref().expect("rules");
    assert_eq!(explanation.verdict, Verdict::Red);
    let Grounds::Comparison { value: fall, .. } = explanation.grounds else { panic!("{explanation:?}") };
    let sentence = labels(&window, "Why NDVI fall").remove(0);
    for part in [
        &*format!("{fall:.2}"),
        "≥ 0.20 (fall threshold)",
        "margin +",
        "evidence window 1 April to 15 May 2019",
        "5 clear observations",
    ] {
        assert!(sentence.contains(part), "{part}: {sentence}");
    }
    assert_eq!(labels(&window, "Automatic verdict: non-compliant.").len(), 1);
    let dip = labels(&window, "Spring dip: yes").remove(0);
    assert!(dip.contains("limit ≥ 0.02") && dip.contains("peak 6\u{a0}May"), "{dip}");
    assert_eq!(labels(&window, "NDVI fall: no").len(), 1, "the green rule");
    let decides = labels(&window, "NDVI fall: yes").remove(0);
    assert!(decides.ends_with("decides"), "{decides}");
    // The list is a table in the clipboard.
    window.click("Copy markers as table");
    window.wait_label("The markers are copied as a table.");
}

#[test]
fn keys_step_through_events_and_centre_the_window_and_the_graph_says_so() {
    let mut window = judged(MAIZE);
    let model = std::sync::Arc::clone(window.state().panes().markers.model_of(MAIZE).expect("known"));
    let event = &model.events[0];
    window.press(Key::Home);
    window.press_with(key::COMMAND, Key::ArrowRight);
    assert!((day(&window) - event.main).abs() < 1.0, "{} is not {}", day(&window), event.main);
    window.press_with(key::COMMAND, Key::ArrowRight);
    window.wait_label("No later event in this parcel.");
    window.press(Key::End);
    window.press_with(key::COMMAND, Key::ArrowLeft);
    assert!((day(&window) - event.main).abs() < 1.0);
    let graph = labels(&window, "1 event: spring dip, 11\u{a0}Apr to 5\u{a0}Jul");
    assert_eq!(graph.len(), 1, "only the graph of NDVI has it: {graph:?}");
    assert!(graph[0].contains("Evidence window from 1 April 2019 to 15 May 2019."), "{}", graph[0]);
    assert!(!labels(&window, "event: spring dip").is_empty(), "the chip of that date says it");
    // W shows the window with half its length on both sides, and everything again.
    assert_eq!(window.state().panes().graph.shown_days(), None);
    window.press(Key::W);
    let (from, to) = window.state().panes().graph.shown_days().expect("a range");
    let own = model.window.expect("a window");
    assert!((f64::midpoint(from, to) - f64::midpoint(own.from, own.to)).abs() < 1.0 && (to - from) > (own.to - own.from) * 1.9);
    window.press(Key::W);
    assert_eq!(window.state().panes().graph.shown_days(), None);
    // Legend entries of events hide them; the smoothed curve has one while it is shown.
    assert!(window.query_by_label("smoothed").is_none());
    window.press(Key::T);
    assert!(window.query_by_label("smoothed").is_some());
    let entry = window.get_by_role_and_label(egui::accesskit::Role::CheckBox, "spring dip");
    assert_eq!(entry.accesskit_node().toggled(), Some(egui::accesskit::Toggled::True));
    entry.click();
    window.settle();
    let entry = window.get_by_role_and_label(egui::accesskit::Role::CheckBox, "spring dip");
    assert_eq!(entry.accesskit_node().toggled(), Some(egui::accesskit::Toggled::False));
}

#[test]
fn a_marker_is_reached_by_keyboard_and_leads_to_its_date() {
    let mut window = judged(MAIZE);
    window.press(Key::End);
    let name = labels(&window, "Spring dip: yes").remove(0);
    window.get_by_label(&name).focus();
    window.settle();
    window.press(Key::Enter);
    let model = std::sync::Arc::clone(window.state().panes().markers.model_of(MAIZE).expect("known"));
    assert!((day(&window) - model.events[0].main).abs() < 1.0);
}

#[test]
fn the_queue_shows_verdicts_counts_them_and_shows_only_some() {
    let mut window = judged(MAIZE);
    window.wait("all are judged", |window| window.project().is_some_and(|project| project.tuning().effect().is_some()));
    let effect = std::sync::Arc::clone(window.open().tuning().effect().expect("an effect"));
    let [green, yellow, red] = effect.after.counts();
    assert_eq!(green + yellow + red, 17);
    assert_eq!(labels(&window, "FLAPAJ013, Maize, 1.29 ha, non-compliant").len(), 1);
    window.click(&format!("Show {red} non-compliant only"));
    let rows = window.open().queue().rows().to_vec();
    assert_eq!(rows.len(), red);
    assert!(rows.iter().all(|&row| effect.after.of(row) == Some(Verdict::Red)));
    window.click(&format!("Show {red} non-compliant only"));
    assert_eq!(window.open().queue().rows().len(), 17, "again shows all");
    // By margin the worst come first, and what has none last.
    window.state_mut().command(Command::SetSort(vec![(SortKey::Margin, false)]));
    window.settle();
    let margins: Vec<f32> = window.open().queue().rows().iter().map(|row| effect.after.margins[row.at()]).collect();
    let known: Vec<f32> = margins.iter().copied().filter(|margin| !margin.is_nan()).collect();
    assert!(known.is_sorted() && margins[..known.len()].iter().all(|margin| !margin.is_nan()), "{margins:?}");
    assert!(!labels(&window, "margin −").is_empty(), "the row tells it");
}

#[test]
fn too_few_observations_are_unknown_and_not_no() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = parcelight::project::sample::write(folder.path()).expect("the sample");
    let rules = file.parent().expect("a folder").join("rulesets/winter_cover.toml");
    let text = std::fs::read_to_string(&rules).expect("text");
    let text = text.replace("at_least = 3.0", "at_least = 30.0").replace("min_observations = 3", "min_observations = 30");
    std::fs::write(&rules, text).expect("written");
    let mut window = Driver::with_project(file);
    wait_part(&mut window, "Automatic verdict: yellow, too few data.");
    let why = labels(&window, "Why Too few data").remove(0);
    assert!(why.contains("30 needed"), "{why}");
    let dip = labels(&window, "Spring dip: unknown").remove(0);
    assert!(dip.contains("of 30 needed observations are clear"), "{dip}");
}

#[test]
fn a_ruleset_that_cannot_be_used_is_told_with_ways_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = parcelight::project::sample::write(folder.path()).expect("the sample");
    let rules = file.parent().expect("a folder").join("rulesets/winter_cover.toml");
    let text = std::fs::read_to_string(&rules).expect("text");
    std::fs::write(&rules, text.replace("ndvi_fall >= fall_threshold", "ndvi_fal >= fall_threshold")).expect("written");
    let mut window = Driver::with_project(file);
    window.wait_label("The ruleset cannot be used");
    assert!(!labels(&window, "line 46, column 8").is_empty());
    assert!(labels(&window, "Automatic verdict").is_empty());
    // Mended, it is read again; or the project does without.
    std::fs::write(&rules, text).expect("written");
    window.click("Read it again");
    wait_part(&mut window, "Automatic verdict: ");
    window.state_mut().command(Command::SetRuleset(None));
    window.settle();
    assert!(labels(&window, "Automatic verdict").is_empty(), "as before there were rulesets");
    assert!(!labels(&window, "Sentinel-2 acquisitions").is_empty());
    let shown =
        window.query_by_label("Markers").is_some_and(|node| node.accesskit_node().role() == egui::accesskit::Role::TitleBar);
    assert!(!shown, "no list of nothing");
}

#[test]
fn a_moved_threshold_recolours_header_list_and_map() {
    use parcelight::engine::colouring::{ClassName, Colouring};
    let mut window = judged(MAIZE);
    window.wait("all are judged", |window| window.project().is_some_and(|project| project.tuning().effect().is_some()));
    let classes = |window: &Driver| {
        let query = window.open().classes_query(Colouring::Verdict, 0);
        let classes = window.open().compute(&query).expect("classes");
        (query, classes.legend()[classes.class(MAIZE)].name.clone())
    };
    let (before, name) = classes(&window);
    assert_eq!(name, ClassName::Verdict(Verdict::Red));
    window.state_mut().command(Command::SetParameter("rules.base.numbers.fall_threshold".to_owned(), 0.9));
    wait_part(&mut window, "Automatic verdict: compliant.");
    window.wait("the population follows", |window| {
        let effect = window.project().and_then(|project| project.tuning().effect());
        effect.is_some_and(|effect| effect.after.of(MAIZE) == Some(Verdict::Green))
    });
    let (after, name) = classes(&window);
    assert_eq!(name, ClassName::Verdict(Verdict::Green));
    assert_ne!(before, after, "tiles of other verdicts are other tiles");
    assert!(!labels(&window, "NDVI fall: no").is_empty(), "the list too");
}

#[test]
fn the_list_of_markers_is_a_pane_of_the_keyboard() {
    let mut window = judged(MAIZE);
    let mut seen = vec![window.state().focused()];
    for _ in 0..PaneKind::ALL.len() {
        window.press(Key::F6);
        seen.push(window.state().focused());
    }
    assert!(seen.contains(&PaneKind::Markers) && seen.first() == seen.last(), "{seen:?}");
}
