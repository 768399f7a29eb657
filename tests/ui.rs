//! The whole window, driven by keys and labels as a person without a mouse or a screen reader would.

#[path = "ui/driver.rs"]
#[expect(dead_code, reason = "a project of one's own is for other tests")]
mod driver;

use driver::{Driver, key};
use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use parcelight::model::Stretch;
use parcelight::store::session::ThemeChoice;
use parcelight::ui::actions::Action;
use parcelight::ui::layout::PaneKind;

#[test]
fn the_start_page_offers_the_sample_and_the_most_used_keys() {
    let mut window = Driver::start(&[]);
    window.settle();
    for label in ["Open sample project", "New project", "Open", "Keys used most", "next and previous parcel"] {
        assert!(window.query_all_by_label(label).next().is_some(), "{label}");
    }
    assert!(window.query_by_label("Recent projects").is_none(), "nothing was open yet");
}

#[test]
fn a_sitting_with_the_keyboard_alone() {
    let mut window = Driver::start(&[]);
    window.settle();
    // The sample is the focused button of the start page.
    window.press(Key::Enter);
    window.wait("the sample is loaded", |window| window.project().and_then(|project| project.data()).is_some());
    window.wait("a date is chosen", |window| window.project().is_some_and(|project| project.selection().acquisition.is_some()));
    // Filter to maize.
    window.press(Key::Slash);
    window.type_text("maize");
    window.press(Key::Enter);
    window.press(Key::Escape);
    let rows = window.open().queue().rows().to_vec();
    assert_eq!(rows.len(), 3, "three parcels of maize");
    assert_eq!(window.open().selection().parcel, Some(rows[0]), "the filter leaves no empty pane");
    // Through its parcels and dates.
    window.press(Key::ArrowDown);
    assert_eq!(window.open().selection().parcel, Some(rows[1]));
    window.press(Key::J);
    assert_eq!(window.open().selection().parcel, Some(rows[2]));
    window.press(Key::ArrowUp);
    window.wait("the dates of the parcel are known", |window| {
        let Some(project) = window.project() else { return false };
        project.selection().parcel.is_some_and(|parcel| project.coverage(parcel).ready().is_some())
    });
    let before = window.open().selection().acquisition;
    window.press(Key::ArrowRight);
    let after = window.open().selection().acquisition;
    assert!(after > before, "{before:?} {after:?}");
    window.press_with(egui::Modifiers::SHIFT, Key::ArrowLeft);
    assert!(window.open().selection().acquisition < after);
    // Composite and stretch.
    let view = window.open().view().clone();
    window.press(Key::V);
    assert_ne!(*window.open().view(), view);
    window.press_with(egui::Modifiers::SHIFT, Key::V);
    assert_eq!(*window.open().view(), view);
    window.press(Key::B);
    assert_eq!(window.open().file().display.stretch, Stretch::DYNAMIC);
    // Large view and back.
    window.press(Key::Z);
    assert!(window.state().panes().calendar.large);
    window.press(Key::Escape);
    assert!(!window.state().panes().calendar.large);
    // The calendar pane as a picture.
    assert_eq!(window.state().focused(), PaneKind::Queue);
    window.press(Key::F6);
    assert_eq!(window.state().focused(), PaneKind::Calendar);
    window.copy();
    let size = window.wait_copied();
    assert!(size[0] > 800 && size[1] > 400, "{size:?}");
}

#[test]
fn dropped_files_and_folders_go_where_they_belong() {
    let data = tempfile::tempdir().expect("a temporary folder");
    let project = parcelight::project::sample::write(data.path()).expect("written");
    let season = project.parent().expect("a folder");
    let mut window = Driver::start(&[]);
    window.settle();
    window.drop_paths(&[&season.join("parcels_2019.gpkg"), &season.join("s1")]);
    window.wait_label("17 parcels, EPSG:32631");
    window.wait_label("Sentinel-1 backscatter");
    window.press(Key::Escape);
    window.drop_paths(&[&project]);
    window.wait("the dropped project is open", |window| window.project().and_then(|project| project.data()).is_some());
}

#[test]
fn letters_typed_into_the_filter_are_no_commands() {
    let mut window = Driver::with_sample(&[]);
    window.press(Key::Slash);
    let mask = window.state().panes().calendar.mask;
    window.type_letter(Key::M, "m");
    assert_eq!(window.state().panes().calendar.mask, mask);
    assert_eq!(window.open().queue().filter, "m");
    window.press(Key::Escape);
    window.press(Key::M);
    assert_ne!(window.state().panes().calendar.mask, mask, "after Esc the key works again");
    assert_eq!(window.open().queue().filter, "m", "and Esc only left the field");
}

#[test]
fn the_palette_finds_and_does_a_command() {
    let mut window = Driver::with_sample(&[]);
    window.press_with(key::COMMAND, Key::P);
    assert!(window.state().dialog_open());
    window.type_text("light th");
    window.press(Key::Enter);
    assert!(!window.state().dialog_open());
    let first = window.state().preferences().theme;
    assert_ne!(first, ThemeChoice::System);
    window.act(Action::ToggleTheme);
    assert_ne!(window.state().preferences().theme, first);
}

#[test]
fn the_key_sheet_lists_every_key_and_closes_with_escape() {
    let mut window = Driver::start(&[]);
    window.settle();
    window.press_with(egui::Modifiers::SHIFT, Key::Questionmark);
    for label in ["Next parcel", "Command palette", "Large view", "Ctrl+P"] {
        assert!(window.query_all_by_label(label).next().is_some(), "{label}");
    }
    window.press(Key::Escape);
    assert!(!window.state().dialog_open());
}

#[test]
fn a_rebound_key_replaces_the_default() {
    let mut window = Driver::with_sample(&["settings"]);
    window.click("Keys");
    window.enter("Filter actions", "mask");
    window.click("Change key of Mask overlay");
    window.press(Key::Q);
    assert_eq!(window.state().preferences().keys.get("toggle-mask"), Some(&vec!["Q".to_owned()]));
    window.press(Key::Escape);
    assert!(!window.state().dialog_open());
    let mask = window.state().panes().calendar.mask;
    window.press(Key::M);
    assert_eq!(window.state().panes().calendar.mask, mask);
    window.press(Key::Q);
    assert_ne!(window.state().panes().calendar.mask, mask);
}

#[test]
fn a_new_project_shows_what_was_found_before_it_starts() {
    let mut window = Driver::start(&["new-project"]);
    window.settle();
    let create = window.get_by_label("Create project");
    assert!(create.accesskit_node().is_disabled(), "nothing is chosen yet");
    let samples = window.sample_folder();
    std::fs::write(samples.join("s2/S2A_20190401T105031_T31UES_10m.tif"), b"").expect("a broken image");
    window.enter("File", &samples.join("parcels_2019.gpkg").display().to_string());
    window.wait_label("17 parcels, EPSG:32631");
    window.enter("Folder", &samples.join("s2").display().to_string());
    window.wait_label("Sentinel-2");
    window.wait_label("1 file needs attention; the rest can be used");
    window.wait_label("72 acquisitions");
    assert!(window.query_all_by_label_contains("2018-08-04 – ").next().is_some(), "first and last date are shown");
    let place = samples.with_file_name("mine.parcelight.toml");
    window.enter("Written to", &place.display().to_string());
    window.click("Create project");
    window.wait("the new project is loaded", |window| window.project().and_then(|project| project.data()).is_some());
    assert!(place.is_file());
    assert_eq!(window.open().file().parcels.id.as_deref(), Some("parcel_id"));
}

#[test]
fn a_project_that_cannot_be_opened_says_why() {
    let mut window = Driver::start(&[]);
    window.settle();
    window.press_with(key::COMMAND, Key::O);
    window.type_text("/nowhere/none.parcelight.toml");
    window.press(Key::Enter);
    assert!(window.state().project().is_none());
    assert!(window.query_all_by_label_contains("/nowhere/none.parcelight.toml").next().is_some());
}

#[test]
fn a_recent_project_that_is_gone_offers_to_locate_it() {
    let mut window = Driver::with_recent("/nowhere/moved.parcelight.toml");
    window.settle();
    assert!(window.query_by_label("file moved").is_some());
    assert!(window.query_by_label("Locate").is_some());
    window.click("Remove moved from the list");
    assert!(window.query_by_label("file moved").is_none());
}

#[test]
fn the_window_opens_in_the_same_place_after_being_killed() {
    let mut window = Driver::with_sample(&[]);
    window.act(Action::NextParcel);
    window.act(Action::NextParcel);
    window.act(Action::LastDate);
    let (parcel, acquisition) = (window.open().selection().parcel, window.open().selection().acquisition);
    window.wait("the place is kept", |window| window.project().is_some_and(|project| !project.place_waits()));
    let mut again = window.killed();
    again.wait("loaded again", |window| window.project().and_then(|project| project.data()).is_some());
    assert_eq!((again.open().selection().parcel, again.open().selection().acquisition), (parcel, acquisition));
}

#[test]
fn narrow_windows_keep_every_pane_reachable() {
    let mut window = Driver::with_sample_sized([1280.0, 800.0]);
    assert!(window.query_by_label("Show queue").is_some(), "the queue is a rail");
    window.click("Show queue");
    assert!(window.query_by_label("Hide queue").is_some());
    let mut seen = vec![window.state().focused()];
    for _ in 1..PaneKind::ALL.len() {
        window.press(Key::F6);
        seen.push(window.state().focused());
    }
    seen.sort_unstable();
    assert_eq!(seen, PaneKind::ALL);
}

#[test]
fn the_first_page_looks_as_designed() {
    let mut window = Driver::start_sized([1200.0, 760.0]);
    window.settle();
    window.snapshot("start_light");
    window.act(Action::Shortcuts);
    window.snapshot("key_sheet_light");
}

#[test]
fn the_queue_is_prepared_from_its_dialog() {
    let mut window = Driver::with_sample(&[]);
    window.act(Action::Prepare);
    window.wait_label("6,256, 0 there already");
    window.click("Prepare");
    window.wait("the chips are written", |window| {
        window.project().is_some_and(|project| project.log().iter().any(|line| line.text.contains("chips prepared")))
    });
    window.act(Action::Prepare);
    window.wait_label("Everything is prepared.");
}

#[test]
fn outliers_come_first_once_the_population_is_known() {
    let mut window = Driver::with_sample(&[]);
    window.act(Action::Outliers);
    window.wait_label("The distance from peers needs population statistics.");
    window.click("Compute…");
    window.wait_label("368, 0 complete in the store");
    window.click("Compute");
    window.wait_label("Distance from peers: NDVI");
    // FLAPAJ010 is the wheat parcel that leaves the band of the three others.
    window.wait("the queue is sorted", |window| {
        let project = window.project().expect("open");
        let parcels = &project.data().expect("loaded").parcels;
        project.queue().rows().first().is_some_and(|&first| parcels.id(first) == "FLAPAJ010")
    });
    // Its verdict stands behind that.
    window.wait_part("FLAPAJ010, Winter wheat, 1.0 × band");
    assert!(window.query_by_label_contains("FLAPAJ016, Potatoes, no distance").is_some());
    window.act(Action::Population);
    window.wait_label("The store is complete.");
}
