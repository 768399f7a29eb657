//! Large tables: shown while they are read, kept for the next opening, filtered by workers, listed row by row and drawn as tiles.

#[path = "project/desk.rs"]
#[expect(dead_code, reason = "the sample is for other tests")]
mod desk;
#[path = "bench/synthetic.rs"]
mod synthetic;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use desk::frames;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use parcelight::engine::colouring::Colouring;
use parcelight::engine::order::SortKey;
use parcelight::engine::tiles::{TILE_PX, TileIx, lonlat};
use parcelight::io::crs;
use parcelight::model::ParcelIx;
use parcelight::project::queries::map::{OwnersQuery, PlaceQuery, TileQuery};
use parcelight::project::{Command, Project};
use parcelight::text::Texts;
use parcelight::ui::cx::{Cx, Out};
use parcelight::ui::keys::KeyMap;
use parcelight::ui::map::{MapState, map_ui};
use parcelight::ui::queue::{QueueState, queue_ui};
use parcelight::ui::theme::{self, Tokens};

/// More than are filtered at once, in more than one block.
const PARCELS: usize = 40_000;

struct Country {
    folder: tempfile::TempDir,
    project: PathBuf,
}

impl Country {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let layer = synthetic::layer(folder.path(), PARCELS as u64);
        let project = synthetic::project(folder.path(), &layer);
        Self { folder, project }
    }

    fn open(&self) -> Project {
        Project::open_at(&self.project, 2, Arc::new(|| {}), self.folder.path().join("home")).expect("opens")
    }

    fn kept(&self) -> PathBuf {
        self.folder.path().join("synthetic.parcelight.cache").join("parcels.bin")
    }
}

/// Ids, areas and outlines in a few words.
fn digest(project: &Project) -> String {
    let parcels = &project.data().expect("loaded").parcels;
    let mut hasher = blake3::Hasher::new();
    for parcel in parcels.iter() {
        hasher.update(format!("{} {} {:?}", parcels.id(parcel), parcels.area_ha(parcel), parcels.outline(parcel)).as_bytes());
        hasher.update(
            format!("{:?} {:?} {}", parcels.crop(parcel), parcels.problems(parcel), parcels.number(3, parcel)).as_bytes(),
        );
    }
    hasher.finalize().to_string()
}

#[test]
fn a_table_grows_keeps_its_rows_and_comes_back_from_the_cache_unless_that_is_damaged() {
    let country = Country::new();
    let mut project = country.open();
    let first =
        frames(&mut project, |project| project.data().map(|data| (data.parcels.len(), data.parcels.id(ParcelIx(77)).to_owned())));
    assert!(first.0 > 0 && !project.queue().rows().is_empty(), "the first part is in the queue");
    project.apply(Command::SelectParcel(ParcelIx(77)));
    frames(&mut project, |project| (!project.growing()).then_some(()));
    let data = project.wait_loaded().expect("loads");
    assert_eq!((data.parcels.len(), project.queue().rows().len()), (PARCELS, PARCELS));
    assert_eq!(data.parcels.id(ParcelIx(77)), first.1, "row numbers stay");
    assert_eq!(project.selection().parcel, Some(ParcelIx(77)), "and so does the user");
    let imported = digest(&project);
    drop(project); // Waits until the table is kept.

    let whole = std::fs::read(country.kept()).expect("kept");
    let mut again = country.open();
    again.wait_loaded().expect("loads");
    assert_eq!(digest(&again), imported);
    assert_eq!(again.selection().parcel, Some(ParcelIx(77)), "the place is restored");
    drop(again);

    let mut damaged = whole.clone();
    damaged[whole.len() / 3] ^= 1;
    std::fs::write(country.kept(), damaged).expect("damage");
    let mut again = country.open();
    again.wait_loaded().expect("loads");
    assert_eq!(digest(&again), imported);
}

#[test]
fn workers_filter_and_sort_and_the_old_rows_stay_until_then() {
    let country = Country::new();
    let mut project = country.open();
    project.wait_loaded().expect("loads");
    project.apply(Command::SetFilter("crop = 'hops' AND declared_ha > 1".to_owned()));
    project.apply(Command::SetSort(vec![(SortKey::Column("declared_ha".to_owned()), true), (SortKey::Id, false)]));
    let rows = frames(&mut project, |project| (!project.queue().pending()).then(|| project.queue().rows().to_vec()));
    let parcels = Arc::clone(&project.data().expect("loaded").parcels);
    let mut expected: Vec<ParcelIx> =
        parcels.iter().filter(|&row| parcels.crop(row) == Some("Hops") && parcels.number(3, row) > 1.0).collect();
    expected.sort_by(|&a, &b| parcels.number(3, b).total_cmp(&parcels.number(3, a)).then(parcels.id(a).cmp(parcels.id(b))));
    assert!(!rows.is_empty() && rows == expected);
    assert!(project.queue().position(project.selection().parcel.expect("one is current")).is_some());
    project.apply(Command::SetFilter("crop = ".to_owned()));
    frames(&mut project, |project| project.queue().error.clone());
    assert_eq!(project.queue().rows(), expected, "the rows of the last good filter stay");

    project.apply(Command::SetFilter(String::new()));
    project.apply(Command::SetSort(vec![]));
    project.apply(Command::SelectParcel(ParcelIx(30_000)));
    for filter in ["matches-nothing", "crop:hops"] {
        project.apply(Command::SetFilter(filter.to_owned()));
        frames(&mut project, |project| (!project.queue().pending()).then_some(()));
    }
    let following = parcels.iter().skip(30_000).find(|&row| parcels.crop(row) == Some("Hops"));
    assert_eq!(project.selection().parcel, following, "what was current before nothing matched decides");
}

#[test]
fn a_tile_shows_at_each_pixel_the_parcel_around_its_centre() {
    let country = Country::new();
    let mut project = country.open();
    let data = project.wait_loaded().expect("loads");
    let all = *project.compute(&PlaceQuery { parcel: None, revision: project.revision() }).expect("a place");
    let (lon, lat) = all.center();
    let classes = project.classes_query(Colouring::Crop, 0);
    let colours = project.compute(&classes).expect("classes");
    // A parcel is 5 to 40 pixels wide here.
    for zoom in [13u8, 15, 16] {
        let count = 2f64.powi(i32::from(zoom));
        let [x, y] = parcelight::engine::tiles::mercator(lon, lat).map(|part| (part * count) as u32);
        let tile = TileIx { zoom, x, y };
        let owners = project.compute(&OwnersQuery { tile, revision: project.revision() }).expect("owners");
        let picture = project.compute(&TileQuery { tile, classes: classes.clone(), shown: None }).expect("a picture");
        let (mut inside, mut dark) = (0, 0);
        for pixel in (0..TILE_PX * TILE_PX).step_by(37) {
            let (col, row) = (pixel % TILE_PX, pixel / TILE_PX);
            let world = 256.0 * count;
            let place = |tile: u32, pixel: usize| (f64::from(tile) * 256.0 + pixel as f64 + 0.5) / world;
            let mut point = [lonlat([place(x, col), place(y, row)])];
            crs::transform_points(&mut point, &crs::WGS84, data.parcels.crs()).expect("known systems");
            let expected = data.parcels.at_point(point[0][0], point[0][1]);
            let found = owners.at(col, row);
            if expected != found {
                // Within a hundredth of a pixel of a boundary both are right.
                let reach = 0.01 * 40_075_016.7 / world;
                let near = [(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)]
                    .into_iter()
                    .any(|(dx, dy)| data.parcels.at_point(point[0][0] + dx * reach, point[0][1] + dy * reach) == found);
                assert!(near, "{tile:?} {col} {row}: {expected:?} {found:?}");
                continue;
            }
            let rgba = &picture.rgba[pixel * 4..pixel * 4 + 4];
            match found {
                None => assert_eq!(rgba[3], 0),
                Some(parcel) => {
                    inside += 1;
                    let colour = colours.colour(parcel);
                    let boundary = colour.map(|part| (u16::from(part) * 5 / 9) as u8);
                    assert!(rgba[..3] == colour || rgba[..3] == boundary, "{tile:?} {col} {row}");
                    dark += usize::from(rgba[..3] == boundary);
                }
            }
        }
        assert!(inside > 1000 && dark > 0 && dark < inside / 2, "{zoom}: {inside} {dark}");
    }
}

struct Panes {
    project: Project,
    texts: Texts,
    keys: KeyMap,
    queue: QueueState,
    map: MapState,
}

fn panes_ui(ui: &mut egui::Ui, panes: &mut Panes) {
    if ui.ctx().current_pass_index() == 0 {
        panes.project.begin_frame();
    }
    let mut out = Out::default();
    let cx = Cx {
        project: &panes.project,
        texts: &panes.texts,
        tokens: Tokens::of(ui.ctx()),
        keys: &panes.keys,
        pointed: None,
        focused: false,
        judged: None,
        clusters: None,
        deciding: None,
    };
    let (left, right) = ui.max_rect().split_left_right_at_x(240.0);
    let mut child = ui.new_child(egui::UiBuilder::new().id_salt("queue").max_rect(left));
    queue_ui(&mut child, &cx, &mut panes.queue, &mut out);
    let mut child = ui.new_child(egui::UiBuilder::new().id_salt("map").max_rect(right));
    map_ui(&mut child, &cx, &mut panes.map, &mut out);
    for command in out.commands {
        panes.project.apply(command);
    }
}

#[test]
fn only_visible_rows_are_laid_out_and_the_map_needs_few_textures() {
    let country = Country::new();
    let mut project = country.open();
    project.wait_loaded().expect("loads");
    let mut map = MapState::default();
    map.overview = true;
    let texts = Texts::new("en-GB");
    let panes = Panes { project, texts, keys: KeyMap::new(&BTreeMap::new()).0, queue: QueueState::default(), map };
    let mut harness = Harness::builder()
        .with_size([1000.0, 700.0])
        .with_max_steps(40)
        .with_context_setup(theme::install)
        .build_ui_state(|ui, panes: &mut Panes| panes_ui(ui, panes), panes);
    let listed = |harness: &Harness<'_, Panes>| harness.query_all_by_label_contains(" ha").count();
    let settle = |harness: &mut Harness<'_, Panes>| {
        let start = Instant::now();
        loop {
            harness.step();
            let project = &harness.state().project;
            if project.pool().waiting() == 0 && project.jobs().is_empty() && start.elapsed() > Duration::from_secs(1) {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    settle(&mut harness);
    assert!((10..40).contains(&listed(&harness)), "{} rows", listed(&harness));
    let [textures, _] = harness.state().map.tile_count();
    assert!((4..=30).contains(&textures), "{textures} textures");
    // The far end is as near as the start.
    let last = *harness.state().project.queue().rows().last().expect("rows");
    harness.state_mut().project.apply(Command::SelectParcel(last));
    settle(&mut harness);
    let id = harness.state().project.data().expect("loaded").parcels.id(last).to_owned();
    let named = harness.query_all_by_label_contains(&format!("{id},")).count();
    assert_eq!(named, 2, "{id} is in view, and the map is about it");
    assert!((10..40).contains(&listed(&harness)));
}
