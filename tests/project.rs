//! The open project without a window: queries and commands on the sample season.

#[path = "project/desk.rs"]
mod desk;

use std::time::{Duration, Instant};

use desk::{Desk, frames};
use parcelight::jobs::Lane;
use parcelight::model::view::Polarisation::Vv;
use parcelight::model::{ObservationState, Sensor, Signal, View};
use parcelight::project::command::DateStep;
use parcelight::project::{Command, Fetch, Project};

fn id(project: &Project) -> String {
    let data = project.data().expect("loaded");
    data.parcels.id(project.selection().parcel.expect("a parcel is current")).to_owned()
}

#[test]
fn the_sample_holds_its_season_and_its_parcels() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    let data = project.wait_loaded().expect("loaded");
    assert_eq!(data.parcels.len(), 17);
    assert_eq!(data.catalog.count(Sensor::S2), 72);
    assert_eq!(data.catalog.count(Sensor::S1Backscatter), 160);
    assert_eq!(data.catalog.count(Sensor::S1Coherence), 136);
    let made = data.catalog.acquisitions.iter().filter(|acquisition| acquisition.synthetic()).count();
    assert_eq!(made, 80 + 136, "descending passes and coherence are synthetic and say so");
    assert_eq!(id(&project), "FLAPAJ001");
}

#[test]
fn answers_are_pending_first_and_ready_later_and_never_block() {
    let desk = Desk::new();
    let mut project = desk.open();
    assert!(matches!(project.dataset(), Fetch::Pending));
    let parcel = frames(&mut project, |project| project.selection().parcel);
    let acquisition = frames(&mut project, |project| project.selection().acquisition);
    let picture = frames(&mut project, |project| project.picture(parcel, acquisition).ready());
    let shown = picture.picture.as_ref().expect("the sample covers its parcels");
    assert_eq!(shown.rgba.len(), shown.width * shown.height * 4);
    let inside_picture = |r: &[f32; 4]| r[0] < r[2] && r[1] < r[3] && r[2] <= shown.width as f32 && r[3] <= shown.height as f32;
    assert!(picture.masked.iter().all(inside_picture), "the mask lies within the picture");
    assert!(!picture.chip.outline.is_empty());
    let inside = picture.chip.chip.as_ref().expect("pixels").inside.iter().filter(|&&inside| inside).count();
    assert!(inside > 400, "the first parcel has 5.9 ha, so about 590 pixels of 10 m; found {inside}");
}

#[test]
fn stepping_follows_the_queue_and_a_filter_keeps_or_moves_the_current_parcel() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    project.apply(Command::StepParcel(2));
    assert_eq!(id(&project), "FLAPAJ003");
    project.apply(Command::SetFilter("maize".to_owned()));
    let rows = project.queue().rows().len();
    assert!((1..17).contains(&rows));
    assert_eq!(id(&project), "FLAPAJ007", "the nearest following maize parcel");
    project.apply(Command::StepParcel(100));
    assert_eq!(project.queue().position(project.selection().parcel.expect("current")), Some(rows - 1));
    let last_maize = id(&project);
    project.apply(Command::SetFilter("no such crop".to_owned()));
    assert_eq!(project.selection().parcel, None);
    project.apply(Command::SetFilter(String::new()));
    assert_eq!(project.queue().rows().len(), 17);
    assert!(project.selection().parcel.is_some(), "never an empty pane when there are matches");
    project.apply(Command::LastVisited);
    assert_eq!(id(&project), last_maize);
}

#[test]
fn a_descending_key_leaves_the_order_of_the_next_key_alone() {
    use parcelight::project::queue::SortKey::{Area, Crop};
    let desk = Desk::new();
    let mut project = desk.loaded();
    project.apply(Command::SetSort(vec![(Crop, true), (Area, false)]));
    let data = project.wait_loaded().expect("loaded");
    let rows = project.queue().rows();
    assert_eq!(rows.len(), 17);
    for pair in rows.windows(2) {
        let [a, b] = [pair[0], pair[1]];
        let crops = data.parcels.crop(a).cmp(&data.parcels.crop(b));
        assert!(crops.is_ge(), "crops descend");
        assert!(crops.is_gt() || data.parcels.area_ha(a) <= data.parcels.area_ha(b), "areas ascend within a crop");
    }
}

#[test]
fn dates_step_over_usable_optical_ones_or_over_all() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    let parcel = project.selection().parcel.expect("current");
    let coverage = frames(&mut project, |project| project.coverage(parcel).ready());
    frames(&mut project, |project| project.selection().acquisition);
    let mask = project.mask();
    let mut seen = vec![];
    loop {
        let here = project.selection().acquisition.expect("current");
        let clear = coverage.of(here).expect("covered").granules[0].clear(mask);
        assert!(clear >= 0.5, "usable dates only");
        seen.push(here);
        project.apply(Command::StepDate(DateStep::Usable(1)));
        if project.selection().acquisition == Some(here) {
            break;
        }
    }
    assert!((20..60).contains(&seen.len()), "about half of the season is clear: {}", seen.len());
    project.apply(Command::StepDate(DateStep::First));
    let data = project.wait_loaded().expect("loaded");
    let mut all = 1;
    loop {
        let before = project.selection().acquisition;
        project.apply(Command::StepDate(DateStep::Any(1)));
        if project.selection().acquisition == before {
            break;
        }
        all += 1;
    }
    let first = data.catalog.iter().find(|(_, acquisition)| acquisition.sensor == Sensor::S2).expect("S2").0;
    assert_eq!(all, data.catalog.acquisitions.len() - first.at());
}

#[test]
fn a_series_is_the_same_from_memory_from_disk_and_after_the_cache_is_deleted() {
    let desk = Desk::new();
    let signal = Signal::Index("NDVI".to_owned());
    let read = |project: &mut Project| {
        let parcel = project.selection().parcel.expect("current");
        let query = project.series_query(parcel, &signal);
        project.compute(&query).expect("a series")
    };
    let text = |series: &parcelight::model::Series| format!("{:?}", series.points);
    let mut project = desk.loaded();
    let first = read(&mut project);
    assert_eq!(first.points.len(), 72, "every acquisition is an observation, masked or not");
    assert!(first.points.iter().any(|point| point.state == ObservationState::Masked));
    assert_eq!(text(&first), text(&read(&mut project)));
    drop(project);
    let from_disk = read(&mut desk.loaded());
    assert_eq!(text(&first), text(&from_disk));
    let cache = parcelight::project::load::cache_folder(&desk.path());
    std::fs::remove_dir_all(cache).expect("the cache folder is there and may go");
    assert_eq!(text(&first), text(&read(&mut desk.loaded())));
}

#[test]
fn an_edited_index_gives_new_values_under_the_same_name() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    let parcel = project.selection().parcel.expect("current");
    let value = |project: &mut Project, expression: &str| {
        let index = parcelight::model::project_file::OwnIndex {
            name: "MINE".to_owned(),
            expression: expression.to_owned(),
            range: (0.0, 1.0),
        };
        project.apply(Command::SetIndex(index));
        assert!(project.index_faults().is_empty(), "{:?}", project.index_faults());
        let query = project.series_query(parcel, &Signal::Index("MINE".to_owned()));
        project.compute(&query).expect("a series").points[0].value
    };
    let once = value(&mut project, "B04");
    let twice = value(&mut project, "2 * B4");
    assert!((twice - 2.0 * once).abs() < 1e-9, "{once} {twice}");
    assert!(project.unsaved());
    project.apply(Command::Save);
    assert!(!project.unsaved());
    assert_eq!(desk.loaded().file().indices.len(), 1);
}

#[test]
fn peers_are_parcels_of_the_same_crop_and_an_excluded_one_leaves() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    let data = project.wait_loaded().expect("loaded");
    let parcel = data.parcels.find("FLAPAJ001").expect("a wheat parcel");
    let signal = Signal::Index("NDVI".to_owned());
    let band = frames(&mut project, |project| project.peers(parcel, &signal).ready());
    assert!(!band.peers.is_empty());
    assert!(band.peers.iter().all(|peer| data.parcels.crop(peer.parcel) == data.parcels.crop(parcel) && peer.parcel != parcel));
    assert!(band.steps.iter().all(|step| step.spread.p10 <= step.spread.p50
        && step.spread.p50 <= step.spread.p90
        && step.spread.n <= band.peers.len()));
    project.apply(Command::ExcludePeer(band.peers[0].parcel, true));
    let fewer = frames(&mut project, |project| project.peers(parcel, &signal).ready());
    assert_eq!(fewer.peers.len(), band.peers.len() - 1);
}

#[test]
fn the_next_five_parcels_are_prefetched() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    frames(&mut project, |project| (project.prefetched() == (5, 5)).then_some(()));
    project.apply(Command::StepParcel(1));
    let parcel = project.selection().parcel.expect("current");
    for acquisition in project.shown_acquisitions(parcel) {
        assert!(matches!(project.picture(parcel, acquisition), Fetch::Ready(_)), "complete at once");
    }
}

#[test]
fn views_of_other_sensors_show_their_own_acquisitions() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    let parcel = project.selection().parcel.expect("current");
    for (view, expected) in [
        (View::default(), 72),
        (View::Backscatter(Vv, None), 160),
        (View::Backscatter(Vv, Some(parcelight::model::Pass::Descending)), 80),
        (View::Coherence(Vv, None), 136),
    ] {
        project.apply(Command::SetView(view.clone()));
        assert_eq!(project.shown_acquisitions(parcel).len(), expected, "{}", view.label());
        let acquisition = project.shown_acquisitions(parcel)[3];
        let query = project.picture_query(parcel, acquisition, 0, &view);
        assert!(project.compute(&query).expect("a picture").picture.is_some());
    }
}

#[test]
fn a_parcel_that_cannot_be_read_fails_in_place_until_retried() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    let parcel = project.selection().parcel.expect("current");
    let acquisition = project.shown_acquisitions(parcel)[0];
    let data = project.wait_loaded().expect("loaded");
    let path = data.catalog.get(acquisition).granules[0].band(&parcelight::model::Band::new("B08")).expect("B08").path.clone();
    let moved = path.with_extension("moved");
    std::fs::rename(&path, &moved).expect("moved away");
    let error = frames(&mut project, |project| match project.picture(parcel, acquisition) {
        Fetch::Failed(error) => Some(error),
        _ => None,
    });
    assert!(error.to_string().contains(path.file_name().expect("name").to_str().expect("text")), "{error}");
    std::fs::rename(&moved, &path).expect("moved back");
    assert!(matches!(project.picture(parcel, acquisition), Fetch::Failed(_)), "a failure stays until it is retried");
    project.apply(Command::Retry);
    frames(&mut project, |project| project.picture(parcel, acquisition).ready());
}

#[test]
fn the_place_is_kept_without_a_clean_end() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    project.apply(Command::SetFilter("crop:maize".to_owned()));
    project.apply(Command::StepParcel(1));
    frames(&mut project, |project| project.selection().acquisition);
    project.apply(Command::StepDate(DateStep::Usable(3)));
    let (parcel, acquisition) = (id(&project), project.selection().acquisition);
    let since = Instant::now();
    frames(&mut project, |_| (since.elapsed() > Duration::from_millis(700)).then_some(()));
    // As after `kill -9`: nothing is dropped, nothing is said.
    std::mem::forget(project);
    let project = desk.loaded();
    assert_eq!((id(&project), project.selection().acquisition), (parcel, acquisition));
    assert_eq!(project.queue().filter, "crop:maize");
}

#[test]
fn work_that_nobody_wants_any_more_is_forgotten() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    let parcel = project.selection().parcel.expect("current");
    let query = project.series_query(parcel, &Signal::Index("EVI".to_owned()));
    project.begin_frame();
    assert!(matches!(project.get(&query, Lane::Interactive), Fetch::Pending));
    for _ in 0..4 {
        project.begin_frame();
    }
    // Asked again it starts afresh and comes in.
    frames(&mut project, |project| project.get(&query, Lane::Interactive).ready());
}

#[test]
fn unsaved_changes_come_back_after_the_sitting_and_can_be_discarded() {
    let desk = Desk::new();
    let changed = |project: &Project| (project.view().label(), project.file().display.max_gap_days);
    let mut project = desk.loaded();
    let first = changed(&project);
    project.apply(Command::SetView(View::composite("B04", "B03", "B02")));
    project.apply(Command::SetMaxGap(77));
    drop(project);
    let mut project = desk.loaded();
    assert_eq!(changed(&project), ("B04-B03-B02".to_owned(), 77));
    assert!(project.unsaved());
    project.apply(Command::Discard);
    assert_eq!((changed(&project), project.unsaved()), (first.clone(), false));
    project.apply(Command::SetMaxGap(78));
    drop(project);
    // Somebody else changes the file meanwhile: theirs holds, and the log says so.
    let path = desk.path();
    let text = std::fs::read_to_string(&path).expect("readable").replace("name = \"Pajottenland 2019\"", "name = \"Other\"");
    std::fs::write(&path, text).expect("written");
    let project = desk.loaded();
    assert_eq!((changed(&project), project.file().name.as_str()), (first, "Other"));
    assert!(project.log().iter().any(|line| line.text.contains("dropped")));
}
