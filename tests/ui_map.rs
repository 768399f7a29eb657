//! The Map workspace, driven by keys and labels: the season's image, the attribute table, the filter on the map, its extents.

#[path = "ui/driver.rs"]
#[expect(dead_code, reason = "the rest of the window is for other tests")]
mod driver;

use driver::{Driver, key};
use egui::{Event, Key, Modifiers, OutputCommand, Pos2, Rect, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use parcelight::engine::order::SortKey;
use parcelight::ui::actions::Action;
use parcelight::ui::layout::PaneKind;
use parcelight::ui::map::layers::Label;

/// The sample in the Map workspace, with the map at rest.
fn map() -> Driver {
    let mut window = Driver::with_sample(&[]);
    window.act(Action::Map);
    window.wait("the map has a place", |window| window.panes().large_map.extent().is_some());
    window
}

fn extent(window: &Driver) -> [f64; 3] {
    window.state().panes().large_map.extent().expect("a place")
}

/// Labels of everything on screen that contain a text.
fn labels(window: &Driver, part: &str) -> Vec<String> {
    let nodes = window.query_all_by_label_contains(part);
    nodes.filter_map(|node| node.accesskit_node().label().or_else(|| node.accesskit_node().value())).collect()
}

/// Frames until the map has rested.
fn rest(window: &mut Driver) {
    // A frame is a quarter of a second.
    for _ in 0..6 {
        window.frame();
    }
}

fn current(window: &Driver) -> String {
    let project = window.open();
    let parcel = project.selection().parcel.expect("one is current");
    project.data().expect("loaded").parcels.id(parcel).to_owned()
}

fn map_rect(window: &Driver) -> Rect {
    let nodes: Vec<Rect> = window.query_all_by_label_contains("Map around parcel").map(|node| node.rect()).collect();
    assert_eq!(nodes.len(), 1);
    nodes[0]
}

#[test]
fn the_seasons_image_is_switched_on_and_stepping_dates_never_leaves_a_blank() {
    let mut window = map();
    assert_eq!(window.state().panes().large_map.tile_count()[1], 0);
    window.click("Layers of the map");
    window.click("Whole image of the current date");
    window.press(Key::Escape);
    let settled = |window: &parcelight::ui::Window| window.panes().large_map.season_complete();
    window.wait("tiles are there", settled);
    rest(&mut window);
    let (before, tiles) = (window.open().selection().acquisition, window.state().panes().large_map.tile_count()[1]);
    window.act(Action::NextUsable);
    assert_ne!(window.open().selection().acquisition, before);
    for _ in 0..40 {
        assert!(window.state().panes().large_map.tile_count()[1] >= tiles, "the old tiles stay until the new ones are there");
        window.frame();
    }
    window.wait("the new tiles are there", settled);
    let mask = window.state().panes().large_map.mask;
    window.act(Action::ToggleMask);
    assert_ne!(window.state().panes().large_map.mask, mask, "the mask overlay is that of the calendar");
    // Radar has a view of its own.
    window.act(Action::NextAcquisition);
    window.wait("tiles of the next acquisition are there", settled);
    assert!(labels(&window, "A part of the image cannot be shown").is_empty());
    window.click("Layers of the map");
    assert!(window.query_by_role_and_label(egui::accesskit::Role::Slider, "Opacity").is_some());
    window.click("Crop");
    assert_eq!(window.state().panes().large_map.layers.labels, Some(Label::Crop));
}

#[test]
fn what_cannot_be_read_of_the_image_is_said_and_tried_again() {
    let mut window = map();
    let ix = window.open().selection().acquisition.expect("a date");
    let path = window.open().data().expect("loaded").catalog.get(ix).granules[0].bands[0].path.clone();
    let aside = path.with_extension("aside");
    std::fs::rename(&path, &aside).expect("moved");
    window.click("Layers of the map");
    window.click("Whole image of the current date");
    window.press(Key::Escape);
    window.wait_label("A part of the image cannot be shown.");
    std::fs::rename(&aside, &path).expect("moved back");
    window.click("Retry");
    window.wait("the tiles are there", |window| window.panes().large_map.season_complete());
    assert!(labels(&window, "A part of the image cannot be shown").is_empty());
}

#[test]
fn the_table_sorts_selects_steps_and_copies() {
    let mut window = map();
    assert_eq!(labels(&window, "Row ").len(), 9, "rows in view, and no others");
    assert_eq!(labels(&window, "Row 1: FLAPAJ001, Winter wheat, 5.85, FLAPAJ001, 2019, 1110").len(), 1);
    window.click("Sort by Area, ha");
    assert_eq!(window.open().queue().sort, [(SortKey::Area, false)]);
    window.click("Sort by Area, ha");
    assert_eq!(window.open().queue().sort, [(SortKey::Area, true)]);
    window.get_by_label("Sort by crop_code").click_modifiers(Modifiers::SHIFT);
    window.settle();
    assert_eq!(window.open().queue().sort, [(SortKey::Area, true), (SortKey::Column("crop_code".to_owned()), false)]);
    window.click("Sort by crop_code");
    let ids = |window: &Driver| -> Vec<String> {
        let data = window.open().data().expect("loaded");
        window.open().queue().rows().iter().map(|&row| data.parcels.id(row).to_owned()).collect()
    };
    let order = ids(&window);

    // A row, then keys that act on the table, which the click has given the focus.
    let second = labels(&window, "Row 2: ").remove(0);
    window.click(&second);
    assert_eq!((current(&window), window.state().focused()), (order[1].clone(), PaneKind::Table));
    let steps = [(Key::End, 16), (Key::Home, 0), (Key::ArrowDown, 1), (Key::PageDown, 8), (Key::PageUp, 1), (Key::ArrowUp, 0)];
    for (pressed, row) in steps {
        window.press(pressed);
        assert_eq!(current(&window), order[row], "{pressed:?}");
        assert!(!labels(&window, &format!("Row {}: {}", row + 1, order[row])).is_empty(), "the current row is in view");
    }
    // A longer selection, and one row beside it.
    window.press_with(Modifiers::SHIFT, Key::ArrowDown);
    window.press_with(Modifiers::SHIFT, Key::ArrowDown);
    let fifth = labels(&window, "Row 5: ").remove(0);
    window.get_by_label(&fifth).click_modifiers(key::COMMAND);
    window.settle();
    assert!(!labels(&window, "Row 1: ").is_empty());
    window.event(Event::Copy);
    window.frame();
    let copied = window.output().platform_output.commands.iter().find_map(|command| match command {
        OutputCommand::CopyText(text) => Some(text.clone()),
        _ => None,
    });
    let copied = copied.expect("text is in the clipboard");
    let lines: Vec<&str> = copied.lines().collect();
    assert!(lines[0].starts_with("Id\tCrop\tArea, ha\tparcel_id\tyear\tcrop_code"), "{}", lines[0]);
    let first: Vec<&str> = lines[1..].iter().filter_map(|line| line.split('\t').next()).collect();
    assert_eq!(first, [&order[0], &order[1], &order[2], &order[4]]);
    assert!(lines[1..].iter().all(|line| line.split('\t').count() == lines[0].split('\t').count()));

    window.press(Key::ArrowDown);
    window.event(Event::Copy);
    window.frame();
    let alone =
        window.output().platform_output.commands.iter().any(
            |command| matches!(command, OutputCommand::CopyText(text) if text.lines().count() == 2 && text.contains(&order[3])),
        );
    assert!(alone, "another current row is selected alone");
    columns_are_chosen_and_the_table_is_closed_and_stays_so(&mut window);
}

fn columns_are_chosen_and_the_table_is_closed_and_stays_so(window: &mut Driver) {
    let shown = |window: &Driver, name: &str| window.query_by_label(&format!("Sort by {name}")).is_some();
    assert!(shown(window, "parcel_id") && shown(window, "year"));
    window.click("Columns");
    window.enter("Filter columns", "YEAR");
    window.click("Column year");
    window.press(Key::Escape);
    assert!(shown(window, "parcel_id") && !shown(window, "year"));
    // Wider by its edge.
    let edge = window.get_by_label("Width of column Crop").rect().center();
    let next = window.get_by_label("Sort by Area, ha").rect().left();
    drag(window, edge, edge + vec2(40.0, 0.0), Modifiers::NONE);
    let moved = window.get_by_label("Sort by Area, ha").rect().left() - next;
    assert!((moved - 40.0).abs() < 8.0, "{moved}");

    window.click("Close the table");
    assert!(!shown(window, "Id"));
    assert_eq!(window.state().focused(), PaneKind::Map);
    window.press(Key::F6);
    assert_eq!(window.state().focused(), PaneKind::Parcel, "a closed pane gets no focus");
    let kept = window.state().preferences().layout.clone().expect("kept");
    assert!(!parcelight::ui::layout::Layout::from_value(&kept).expect("readable").table_shown());
    window.press(Key::A);
    assert!(shown(window, "Id") && window.state().focused() == PaneKind::Table);
    window.act(Action::Review);
    window.press(Key::A);
    assert!(shown(window, "Id"), "from another workspace the key opens the table");
}

fn drag(window: &mut Driver, from: Pos2, to: Pos2, modifiers: Modifiers) {
    window.event(Event::ModifiersChanged(modifiers));
    window.hover_at(from);
    window.settle();
    let press = |pressed: bool, pos: Pos2| Event::PointerButton { pos, button: egui::PointerButton::Primary, pressed, modifiers };
    window.event(press(true, from));
    window.frame();
    for step in 1..=4u8 {
        window.event(Event::PointerMoved(from + (to - from) * (f32::from(step) / 4.0)));
        window.frame();
    }
    window.event(press(false, to));
    window.event(Event::ModifiersChanged(Modifiers::NONE));
    window.settle();
}

#[test]
fn extents_have_a_history_and_the_map_follows_rows_and_filter() {
    let mut window = map();
    rest(&mut window);
    let all = extent(&window);
    let rect = map_rect(&window);
    // A quarter of the width and height about a place right of the middle: two levels nearer.
    let place = rect.center() + vec2(60.0, -30.0);
    drag(&mut window, place - rect.size() / 8.0, place + rect.size() / 8.0, Modifiers::SHIFT);
    rest(&mut window);
    let near = extent(&window);
    assert!((near[2] - all[2] - 2.0).abs() < 0.05, "{all:?} {near:?}");
    assert!(near[0] > all[0] && near[1] > all[1], "to the east and north: {all:?} {near:?}");
    window.act(Action::MapBack);
    assert_eq!(extent(&window), all);
    window.press_with(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(extent(&window), near);
    window.press_with(Modifiers::ALT, Key::ArrowRight);
    assert_eq!(extent(&window), near, "there is nothing ahead");
    window.click("Back to the extent before");
    assert_eq!(extent(&window), all);
    let seventh = labels(&window, "Row 7: ").remove(0);
    window.click(&seventh);
    rest(&mut window);
    assert_eq!(extent(&window), all, "all parcels are in view: the map stays");
    // A worker says where a parcel lies.
    let from = |before: [f64; 3]| move |window: &parcelight::ui::Window| window.panes().large_map.extent() != Some(before);
    window.click("Zoom to the current parcel");
    window.wait("the map is at the parcel", from(all));
    rest(&mut window);
    let near = extent(&window);
    let first = labels(&window, "Row 1: ").remove(0);
    window.click(&first);
    window.wait("the map has followed", from(near));
    rest(&mut window);
    let moved = extent(&window);
    assert_eq!(moved[2], near[2], "the zoom stays");
    assert_ne!(moved[..2], near[..2]);
    the_filter_is_counted_in_the_legend(&mut window);
}

fn the_filter_is_counted_in_the_legend(window: &mut Driver) {
    window.click("Zoom to all parcels");
    rest(window);
    assert!(labels(window, "Maize  3").iter().any(|label| label.contains("Winter wheat  4")), "all are counted");
    window.press(Key::Slash);
    window.type_text("area_ha > 1");
    window.wait("parcels are filtered", |window| window.project().is_some_and(|project| project.queue().rows().len() == 13));
    let start = std::time::Instant::now();
    while labels(window, "Maize  2 of 3").is_empty() {
        assert!(start.elapsed() < std::time::Duration::from_secs(30), "{:?}", labels(window, "Maize"));
        window.frame();
    }
}

#[test]
fn the_map_is_saved_with_its_place_at_the_width_that_was_asked_for() {
    let mut window = map();
    while window.state().focused() != PaneKind::Map {
        window.act(Action::NextPane);
    }
    let folder = window.open().path().parent().expect("a folder").to_owned();
    window.act(Action::SavePane);
    window.wait_label("Width in pixels");
    window.enter("Width in pixels", "9");
    window.wait_part("The width is no number of pixels from 64 to 12000");
    window.enter("Width in pixels", "500");
    window.wait_part("The picture is saved as");
    let made: Vec<std::path::PathBuf> = std::fs::read_dir(&folder).expect("listed").flatten().map(|entry| entry.path()).collect();
    let named = |ending: &str| made.iter().find(|path| path.to_string_lossy().ends_with(ending)).cloned();
    let png = named("_map_B08-B11-B04.png").expect("a picture");
    let size = image::image_dimensions(&png).expect("a picture");
    assert_eq!(size.0, 500);
    let numbers: Vec<f64> = std::fs::read_to_string(named(".pgw").expect("beside"))
        .expect("text")
        .lines()
        .map(|line| line.parse().expect("a number"))
        .collect();
    // The season spans some kilometres: that much ground lies under the picture's width.
    assert!(numbers[0] * 500.0 > 1_000.0 && (numbers[0] + numbers[3]).abs() < 1e-3 * numbers[0], "{numbers:?}");
    assert!(std::fs::read_to_string(named(".png.aux.xml").expect("beside")).expect("text").contains("32631"));
    // Another pane is cut out of the window at the same width, with its caption.
    window.act(Action::NextPane);
    window.act(Action::CopyPane);
    assert_eq!(window.wait_copied()[0], 500);
}
