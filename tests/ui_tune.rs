//! The Tune workspace on the sample season: its ruleset finds parcels whose winter cover was removed too early.

#[path = "ui/driver.rs"]
#[expect(dead_code, reason = "shared with the tests of the whole window")]
mod driver;

use driver::{Driver, key};
use egui::{Key, Modifiers, pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use parcelight::engine::rules::Verdict;
use parcelight::project::Command;
use parcelight::project::tuning::labels::Labelling;
use parcelight::ui::actions::Action;
use parcelight::ui::app::Window;
use parcelight::ui::layout::PaneKind;

const THRESHOLD: &str = "rules.base.numbers.fall_threshold";

/// The workspace with the effect of the draft known.
fn tuned() -> Driver {
    tuned_in(Driver::with_sample(&[]))
}

fn tuned_in(mut window: Driver) -> Driver {
    window.press_with(key::COMMAND, Key::Num2);
    calm(&mut window);
    window
}

/// Frames until nothing is computed any more.
fn calm(window: &mut Driver) {
    window.wait("the effect of the draft is known", |window| {
        let Some(project) = window.project() else { return false };
        let tuning = project.tuning();
        project.features().is_some_and(|own| own.complete()) && tuning.effect().is_some() && !tuning.effect_pending()
    });
    window.wait("the effect has settled", |window| window.project().is_some_and(|project| !project.tuning().effect_pending()));
}

fn after(window: &Driver) -> [usize; 3] {
    window.open().tuning().effect().expect("an effect").after.counts()
}

fn value(window: &Driver) -> f64 {
    let parameters = window.open().tuning().parameters();
    parameters.into_iter().find(|own| own.path == THRESHOLD).expect("the threshold").value
}

fn labels(window: &Driver, part: &str) -> Vec<String> {
    let nodes = window.query_all_by_label_contains(part);
    nodes.filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value())).collect()
}

/// Frames until a label with this part appears.
fn wait_for(window: &mut Driver, part: &str) -> Vec<String> {
    for _ in 0..2000 {
        let found = labels(window, part);
        if !found.is_empty() {
            return found;
        }
        window.frame();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("nothing is called {part}");
}

/// Lets keys come to rest so that they are one step of undo.
fn rest(window: &mut Driver) {
    let end = std::time::Instant::now() + std::time::Duration::from_millis(1700);
    while std::time::Instant::now() < end {
        window.frame();
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    calm(window);
}

#[test]
fn arrow_keys_move_the_threshold_and_one_undo_takes_the_burst_back() {
    let mut window = tuned();
    assert_eq!(window.state().focused(), PaneKind::Distribution);
    let before = after(&window);
    let parcel = window.open().selection().parcel;
    for _ in 0..20 {
        window.press(Key::ArrowLeft);
    }
    assert!((value(&window) - 0.10).abs() < 1e-9, "{}", value(&window));
    window.press_with(Modifiers::SHIFT, Key::ArrowLeft);
    assert!((value(&window) - 0.0995).abs() < 1e-9, "{}", value(&window));
    rest(&mut window);
    let moved = after(&window);
    assert!(moved[2] > before[2], "{before:?} {moved:?}");
    assert_eq!(window.open().tuning().history()[0], Some("Fall threshold 0.20 → 0.0995"));
    assert_eq!(window.open().tuning().history()[1], None);
    window.press_with(key::COMMAND, Key::Z);
    calm(&mut window);
    assert_eq!((value(&window), after(&window)), (0.20, before));
    window.wait_label("Undone: Fall threshold 0.20 → 0.0995");
    window.press_with(Modifiers { shift: true, ..key::COMMAND }, Key::Z);
    calm(&mut window);
    assert_eq!(after(&window), moved);
    assert_eq!(window.open().selection().parcel, parcel, "the arrows chose no other parcel");
}

#[test]
fn the_pointer_drags_the_threshold_as_one_step() {
    let mut window = tuned();
    let before = after(&window);
    let line = window.get_by_label("Threshold Fall threshold: 0.20").rect();
    let from = pos2(line.center().x, line.center().y + 20.0);
    window.hover_at(from);
    window.settle();
    window.drag_at(from);
    window.settle();
    for step in 1..=20 {
        window.hover_at(from - vec2(step as f32 * 8.0, 0.0));
        window.frame();
    }
    window.settle();
    let dragged = value(&window);
    assert!(dragged < 0.19, "{dragged}");
    assert_eq!(window.open().tuning().history(), [None, None], "a drag is no step before it ends");
    window.drop_at(from - vec2(160.0, 0.0));
    window.settle();
    calm(&mut window);
    assert!(after(&window)[2] >= before[2]);
    assert!(window.open().tuning().history()[0].is_some_and(|label| label.starts_with("Fall threshold 0.20 → ")));
    window.act(Action::UndoRuleset);
    assert_eq!((value(&window), window.open().tuning().history()[0]), (0.20, None));
}

#[test]
fn a_number_is_typed_reset_and_summed_up_for_screen_readers() {
    let mut window = tuned();
    let told = wait_for(&mut window, "Histogram of ndvi_fall");
    assert!(
        told[0].contains("17 parcels") && told[0].contains("Below 0.20: 12 compliant, 2 yellow, 0 non-compliant"),
        "{told:?}"
    );
    window.enter("Fall threshold, All crops", "0.15");
    calm(&mut window);
    assert_eq!(value(&window), 0.15);
    assert_eq!(window.open().tuning().history()[0], Some("Fall threshold 0.20 → 0.15"));
    assert!(labels(&window, "compliant to yellow: 2 parcels").iter().any(|label| label.starts_with("compliant")));
    window.click("Reset Fall threshold, All crops");
    calm(&mut window);
    assert_eq!(value(&window), 0.20);
    // Nonsense is no number and changes nothing.
    window.enter("Fall threshold, All crops", "much");
    assert_eq!(value(&window), 0.20);
}

#[test]
fn a_cell_of_the_table_is_listed_and_sent_to_the_queue() {
    let mut window = tuned();
    window.enter("Fall threshold, All crops", "0.15");
    calm(&mut window);
    let moved = window.open().tuning().effect().expect("an effect").moved.clone();
    let of_cell: Vec<_> = moved.iter().filter(|own| own.before == Verdict::Green && own.after == Verdict::Yellow).collect();
    assert!(!of_cell.is_empty() && of_cell.len() < moved.len());
    window.click(&labels(&window, "compliant to yellow: ")[0]);
    assert_eq!(window.state().panes().tune.cell, Some((Verdict::Green, Verdict::Yellow)));
    window.click(&format!("Send {} to queue", of_cell.len()));
    window.wait("the list is the queue", |window| window.project().is_some_and(|project| project.queue().list.is_some()));
    let rows: Vec<_> = of_cell.iter().map(|own| own.parcel).collect();
    assert_eq!(window.open().queue().rows(), rows);
    window.click("Show all parcels again instead of “compliant → yellow, Fall threshold 0.20 → 0.15”");
    assert_eq!(window.open().queue().rows().len(), 17);
}

#[test]
fn a_parcel_of_the_list_becomes_current_and_enter_opens_it_in_review() {
    let mut window = tuned();
    window.enter("Fall threshold, All crops", "0.15");
    calm(&mut window);
    let moved = window.open().tuning().effect().expect("an effect").moved.clone();
    let data = window.open().data().expect("data");
    let id = data.parcels.id(moved[1].parcel).to_owned();
    let row = labels(&window, &format!("{id}, ")).into_iter().find(|label| label.contains(", margin ")).expect("a row");
    window.click(&row);
    assert_eq!(window.open().selection().parcel, Some(moved[1].parcel));
    assert_eq!(window.state().focused(), PaneKind::Changed);
    window.press(Key::ArrowDown);
    assert_eq!(window.open().selection().parcel, Some(moved[2].parcel));
    window.press(Key::Enter);
    assert!(window.query_by_label("Send 4 to queue").is_none(), "the review is shown");
    assert!(window.query_all_by_label_contains("declared").next().is_some());
}

#[test]
fn a_rule_is_edited_in_place_and_a_fault_tells_its_column() {
    let mut window = tuned();
    let before = after(&window);
    let enter = |window: &mut Driver, text: &str| {
        let field = egui::accesskit::Role::MultilineTextInput;
        window.get_by_role_and_label(field, "Rule for non-compliant, All crops").focus();
        window.settle();
        window.press_with(key::COMMAND, Key::A);
        window.type_text(text);
    };
    enter(&mut window, "ndvi_fal >= 0.1");
    assert_eq!(labels(&window, "Line 1, column 1: ").len(), 1);
    assert_eq!(after(&window), before, "a faulty rule is not used");
    enter(&mut window, "ndvi_fall >= fall_threshold - 0.1");
    assert!(labels(&window, "Line 1").is_empty());
    window.click("Apply");
    calm(&mut window);
    assert!(after(&window)[2] > before[2]);
    assert_eq!(window.open().tuning().history()[0], Some("Rule for non-compliant, All crops"));
}

#[test]
fn crops_get_a_number_of_their_own() {
    let mut window = tuned();
    window.act(Action::OverrideCrops);
    window.enter("Name of the group", "grass");
    window.enter("Its value for these crops", "0.05");
    let of_crop = |label: &String| label.split(", ").count() == 2 && label.trim_end_matches('s').ends_with(" parcel");
    let crop = labels(&window, " parcel").into_iter().find(of_crop);
    window.click(&crop.expect("a crop"));
    window.click("Add override");
    assert!(!window.state().dialog_open());
    let draft = window.open().tuning().draft().expect("a draft").clone();
    let groups = draft.rules.expect("rules").groups;
    assert_eq!(groups["grass"].numbers.get("fall_threshold"), Some(&0.05));
    window.settle();
    window.click("Remove override Grass");
    assert!(window.open().tuning().draft().and_then(|own| own.rules.as_ref()).is_some_and(|rules| rules.groups.is_empty()));
}

#[test]
fn a_number_that_features_depend_on_acts_when_it_is_let_go() {
    let mut window = tuned();
    let slider = window.get_by_label("Window end, NDVI fall, slider").rect();
    window.hover_at(slider.center());
    window.settle();
    window.drag_at(slider.center());
    window.settle();
    window.hover_at(slider.center() - vec2(12.0, 0.0));
    window.settle();
    assert_eq!(wait_for(&mut window, "Histogram of ndvi_fall").len(), 1);
    let unchanged = window.open().tuning().hashes();
    assert_eq!(unchanged[0], unchanged[1], "nothing is computed while it is dragged");
    window.drop_at(slider.center() - vec2(12.0, 0.0));
    window.settle();
    calm(&mut window);
    let [before, now] = window.open().tuning().hashes();
    assert_ne!(before, now);
    // A window cannot end before it begins: that is said, and nothing changes.
    window.enter("Window end, NDVI fall", "2019-03-01");
    assert!(!wait_for(&mut window, "the last day is before the first").is_empty());
    assert_eq!(window.open().tuning().hashes(), [before, now]);
}

#[test]
fn a_project_without_ruleset_says_what_one_is_for() {
    let mut window = Driver::with_sample(&[]);
    apply(&mut window, Command::SetRuleset(None));
    window.press_with(key::COMMAND, Key::Num2);
    assert!(!labels(&window, "No ruleset").is_empty());
    window.click("Choose ruleset…");
    assert!(window.state().dialog_open());
    window.click("From a file…");
    assert!(window.query_by_label("Path").is_some());
}

#[test]
fn a_faulty_ruleset_tells_line_and_column_and_is_read_again() {
    let mut window = Driver::with_sample(&[]);
    let file = window.sample_folder().join("rulesets/winter_cover.toml");
    let text = std::fs::read_to_string(&file).expect("text");
    std::fs::write(&file, text.replace("ndvi_fall >= fall_threshold", "ndvi_fal >= fall_threshold")).expect("written");
    let name = window.open().file().ruleset.clone();
    apply(&mut window, Command::SetRuleset(name));
    window.press_with(key::COMMAND, Key::Num2);
    assert!(!labels(&window, "line 46, column 8").is_empty());
    std::fs::write(&file, text).expect("written");
    window.click("Retry");
    calm(&mut window);
    assert!(labels(&window, "line 46").is_empty());
}

#[test]
fn nothing_is_cut_in_a_small_window_and_at_twice_the_scale() {
    let window = tuned_in(Driver::with_sample_sized([1280.0, 800.0]));
    whole(&window, ["Send 0 to queue", "Export ruleset", "Fall threshold, All crops, slider", "Copy the bars as a table"]);
    let mut window = tuned();
    for _ in 0..5 {
        window.act(Action::ZoomIn);
    }
    assert_eq!(window.state().preferences().scale_percent, 200);
    window.settle();
    whole(&window, ["Export ruleset", "Fall threshold, All crops, slider", "Copy the bars as a table", "Tune"]);
}

/// Widgets by name lie inside the window.
fn whole<const N: usize>(window: &Driver, names: [&str; N]) {
    let room = window.ctx.content_rect();
    for name in names {
        let rect = window.query_all_by_label(name).last().unwrap_or_else(|| panic!("nothing is called {name}")).rect();
        let scale = window.ctx.pixels_per_point();
        let rect = rect / scale;
        assert!(room.expand(1.0).contains_rect(rect), "{name}: {rect:?} in {room:?}");
    }
}

fn apply(window: &mut Driver, command: Command) {
    window.state_mut().command(command);
    window.settle();
}

#[test]
fn the_text_comparison_lists_what_differs() {
    let mut window = tuned();
    window.enter("Fall threshold, All crops", "0.15");
    calm(&mut window);
    window.act(Action::CompareText);
    assert!(!labels(&window, "1 field differs").is_empty());
    for part in [THRESHOLD, "0.2", "0.15"] {
        assert!(!labels(&window, part).is_empty(), "{part}");
    }
    assert!(Window::dialog_open(window.state()));
}

#[test]
fn labels_tell_commission_and_omission_and_the_held_out_half_on_request() {
    let mut window = tuned();
    let folder = tempfile::tempdir().expect("a folder");
    let parcels = window.open().data().expect("data").parcels.clone();
    let rows: Vec<String> = parcels.iter().map(|parcel| format!("{},compliant\n", parcels.id(parcel))).collect();
    let path = folder.path().join("known.csv");
    std::fs::write(&path, format!("parcel_id,label\n{}", rows.concat())).expect("written");
    apply(&mut window, Command::SetLabels(Some(Labelling::File(path))));
    window.wait_label("known.csv: 17 labelled parcels");
    let told = wait_for(&mut window, "commission");
    // Everybody is compliant: whoever is red is so wrongly, and nobody is missed.
    assert!(told[0].contains("commission 100 %") || told[0].contains("commission nothing to count"), "{told:?}");
    assert!(told[0].contains("omission nothing to count"), "{told:?}");
    assert_eq!(window.open().tuning().revealed(), 0);
    assert!(labels(&window, "Held-out half").is_empty());
    let pane = window.state().pane_rect(PaneKind::Effect).expect("drawn");
    let inside = |window: &Driver, name: &str| {
        let rect = window.query_all_by_label_contains(name).next().expect(name).rect();
        assert!(pane.contains_rect(rect), "{name}: {rect:?} in {pane:?}");
    };
    inside(&window, "Show the held-out half");
    window.click("Show the held-out half");
    wait_for(&mut window, "Held-out half");
    wait_for(&mut window, "looked at once");
    inside(&window, "looked at once");
    assert_eq!(window.open().tuning().revealed(), 1);
    // Another ruleset hides it again.
    window.enter("Fall threshold, All crops", "0.15");
    calm(&mut window);
    assert!(labels(&window, "Held-out half").is_empty());
    window.act(Action::ForgetLabels);
    window.wait_label("labels: none loaded");
}

#[test]
fn the_switch_of_workspaces_stands_in_the_middle_of_the_menu_bar() {
    let window = tuned();
    for name in ["Review", "Tune", "Map"] {
        let rect = window.query_all_by_label_contains(name).next().expect(name).rect();
        let middle = window.ctx.content_rect().center().x;
        assert!((rect.center().x - middle).abs() < 200.0, "{name}: {rect:?}");
    }
    whole(&window, ["Pajottenland 2019"]);
}

/// A ruleset of radar alone.
const RADAR: &str = r#"
version = "1.0"
name = "Radar"
[[inputs]]
name = "s1"
signals = ["VH_db"]
[[features]]
name = "radar"
signal = "s1"
component = "VH_db"
take = "range"
[rules.base]
red = "radar >= wide"
green = "radar < wide"
numbers = { wide = 1000.0 }
"#;

#[test]
fn cards_and_rows_of_a_project_without_the_bands_of_ndvi_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = parcelight::project::sample::write(folder.path()).expect("the sample");
    let text = std::fs::read_to_string(&file).expect("text");
    let without = text.replace("[[imagery]]\npath = \"s2\"\n", "").replace("winter_cover.toml", "radar.toml");
    std::fs::write(&file, without).expect("written");
    std::fs::write(file.with_file_name("rulesets").join("radar.toml"), RADAR).expect("written");
    let mut window = Driver::with_project(file);
    window.wait("the project is loaded", |window| window.project().is_some_and(|project| project.data().is_some()));
    let mut window = tuned_in(window);
    wait_for(&mut window, "No NDVI: no image of this parcel has its bands");
    assert!(labels(&window, "No NDVI").iter().all(|label| !label.contains(", margin ")), "no parcel has changed");
    window.enter("Wide, All crops", "0.5");
    calm(&mut window);
    let rows = |window: &Driver| labels(window, "No NDVI").into_iter().filter(|label| label.contains(", margin ")).count();
    for _ in 0..400 {
        if rows(&window) > 0 {
            break;
        }
        window.frame();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(rows(&window) > 0);
}
