//! The dialog that adds a series table, and what the window shows of it, by accessible labels.

#[path = "ui/driver.rs"]
#[expect(dead_code, reason = "shared with the tests of the whole window")]
mod driver;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use driver::Driver;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use parcelight::model::Signal;
use parcelight::model::tables::StoredAs;
use parcelight::project::Project;
use parcelight::project::tables::is_values_only;
use parcelight::ui::actions::Action;

/// A table of two parcels of the sample on two dates without image.
fn table(window: &Driver) -> PathBuf {
    let data = window.open().data().expect("loaded");
    let ids: Vec<&str> = data.parcels.iter().take(2).map(|parcel| data.parcels.id(parcel)).collect();
    let mut text = "parcel_id;date;NDVI;greenness\n".to_owned();
    for id in &ids {
        text.push_str(id);
        text.push_str(";19.05.2019;0,61;0,3\n");
        text.push_str(id);
        text.push_str(";19.06.2019;0,45;0,2\n");
    }
    text.push_str("X99;19.06.2019;0,45;0,2\n");
    let path = window.sample_folder().join("more.csv");
    std::fs::write(&path, text).expect("writes");
    path
}

fn has(window: &Driver, label: &str) -> bool {
    window.query_all_by_label_contains(label).next().is_some()
}

/// Draws frames until something with these words is there.
fn wait_for(window: &mut Driver, words: &str) {
    let start = Instant::now();
    while !has(window, words) {
        assert!(start.elapsed() < Duration::from_secs(90), "nothing says “{words}”");
        window.frame();
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_table_is_looked_at_mapped_and_added() {
    let mut window = Driver::with_sample(&[]);
    let path = table(&window);
    window.act(Action::AddTable);
    window.wait_label("Table");
    window.enter("Table", &path.display().to_string());
    window.wait_label("4 observations of 2 parcels, 2019-05-19 – 2019-06-19");
    for label in [
        "table with one column per signal (CSV, delimiter ;, decimal ,)",
        "1 ids are no parcels, such as X99",
        "left out, as nothing here is called so: greenness",
        "Unit: NDVI",
        "Column: parcel id",
        "Signal: greenness",
    ] {
        assert!(has(&window, label), "{label}");
    }
    // A name that nobody knows becomes a signal of its own, and a unit is set.
    window.enter("Signal: greenness", "GREENNESS");
    window.wait_label("8 observations of 2 parcels, 2019-05-19 – 2019-06-19");
    window.click("Unit: NDVI");
    window.click("percent");
    window.wait_label("NDVI: divided by 100");
    window.click("Unit: NDVI");
    window.click("as it is (0..1, index, linear power)");
    window.wait_label("8 observations of 2 parcels, 2019-05-19 – 2019-06-19");
    let before = window.open().data().expect("loaded").catalog.acquisitions.len();
    window.click("Add");
    assert!(!window.state().dialog_open());
    let said = window.open().file().tables[0].clone();
    assert_eq!((said.path.to_str(), said.signals["greenness"].as_str()), (Some("more.csv"), "GREENNESS"));
    assert_eq!(said.units["NDVI"], StoredAs::Physical);
    window.wait("the table is read", |window| window.project().and_then(Project::data).is_some_and(|data| data.tables.is_some()));
    let project = window.open();
    let data = project.data().expect("loaded");
    assert_eq!(data.catalog.acquisitions.len(), before + 2);
    let parcel = data.parcels.iter().next().expect("a parcel");
    let series = project.compute(&project.series_query(parcel, &Signal::Index("GREENNESS".to_owned()))).expect("computes");
    assert_eq!(series.points.iter().map(|point| point.value).collect::<Vec<_>>(), [0.3, 0.2]);
    // The calendar says which dates have values and no image.
    window.wait("the dates of the parcel are known", |window| {
        let Some(project) = window.project() else { return false };
        project.selection().parcel.is_some_and(|parcel| project.coverage(parcel).ready().is_some())
    });
    let on_values = |window: &Driver| {
        let project = window.open();
        let current = project.selection().acquisition.expect("a date");
        is_values_only(project.data().expect("loaded").catalog.get(current))
    };
    window.act(Action::FirstDate);
    for _ in 0..300 {
        if on_values(&window) {
            break;
        }
        window.act(Action::NextAcquisition);
    }
    assert!(on_values(&window), "stepping reaches dates without image");
    wait_for(&mut window, "values only, no image, NDVI 0.61");
    // And out again.
    window.act(Action::AddTable);
    window.click("Remove more.csv");
    assert!(window.open().file().tables.is_empty());
    window.wait("it is gone", |window| window.project().and_then(Project::data).is_some_and(|data| data.tables.is_none()));
}

#[test]
fn a_dropped_table_opens_the_dialog_and_one_that_cannot_be_read_says_why() {
    let mut window = Driver::with_sample(&[]);
    let path = table(&window);
    window.drop_paths(&[&path]);
    window.wait_label("4 observations of 2 parcels, 2019-05-19 – 2019-06-19");
    assert!(window.query_all_by_label("Add").any(|node| !node.accesskit_node().is_disabled()));
    let broken = path.with_file_name("broken.csv");
    std::fs::write(&broken, "parcel_id,NDVI\nP1,0.5\n").expect("writes");
    window.enter("Table", &broken.display().to_string());
    window.wait_label("no column holds dates; name it as `time` under the table's columns (columns: parcel_id, NDVI)");
    window.enter("Table", "/nowhere/none.csv");
    let missing = "cannot find the table: no such file or folder; correct the path, or take the table out of the project (/nowhere/none.csv)";
    window.wait_label(missing);
    assert!(window.query_all_by_label("Add").all(|node| node.accesskit_node().is_disabled()));
}
