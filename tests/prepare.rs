//! Prepared queues: the same answers from kept chips as from the images, also where the images are not.

#[path = "project/desk.rs"]
#[expect(dead_code, reason = "frames are for other tests")]
mod desk;

use std::path::Path;

use desk::Desk;
use parcelight::model::{ParcelIx, Sensor, Signal, View, Watch};
use parcelight::project::Project;
use parcelight::project::load::cache_folder;
use parcelight::project::prepare::{PrepareOptions, pack, predict, prepare};
use parcelight::project::queries::coverage::CoverageQuery;
use parcelight::store::chips::{Chips, FILE};

const OPTIONS: PrepareOptions = PrepareOptions { margin_m: 100, from: None, to: None };
const PARCELS: [ParcelIx; 2] = [ParcelIx(6), ParcelIx(12)];

/// Prepares two parcels of the sample: how many chips were written, and how many were there.
fn prepare_two(desk: &Desk, project: &Project, watch: &Watch) -> anyhow::Result<(usize, usize)> {
    let data = project.dataset().ready().expect("loaded");
    prepare(&data, &desk.path(), &PARCELS, &OPTIONS, 2, watch).map(|done| {
        assert!(done.problems.is_empty(), "{:?}", done.problems);
        (done.written, done.present)
    })
}

/// What a reviewer sees of some parcels: dates and shares, chips of three views, two series.
fn seen(project: &Project, parcels: &[ParcelIx]) -> Vec<String> {
    let data = project.dataset().ready().expect("loaded");
    let mut all = Vec::new();
    for &parcel in parcels {
        let coverage = project.compute(&CoverageQuery { parcel, revision: project.revision() }).expect("coverage");
        all.push(format!("{:?}", coverage.acquisitions));
        for (ix, acquisition) in data.catalog.iter() {
            for view in [View::composite("B08", "B11", "B04"), View::Index("NDVI".to_owned())] {
                let picture = project.compute(&project.picture_query(parcel, ix, 0, &view)).expect("a picture");
                let pixels = picture.picture.as_ref().map(|picture| blake3_of(&picture.rgba));
                all.push(format!("{} {} {pixels:?} {:?}", acquisition.acquired, view.label(), picture.masked));
            }
        }
        for signal in [Signal::Index("BSI".to_owned()), Signal::parse("COH_VV")] {
            let series = project.compute(&project.series_query(parcel, &signal)).expect("a series");
            all.push(format!("{:?}", series.points));
        }
    }
    all
}

fn blake3_of(bytes: &[u8]) -> u64 {
    use std::hash::{Hash as _, Hasher as _};
    let mut hasher = std::collections::hash_map::DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// Forgets kept observations, so that they are computed from pixels again.
fn forget_answers(project: &Path) {
    for name in ["cache.sqlite", "cache.sqlite-wal", "cache.sqlite-shm"] {
        // Not there: nothing to forget.
        drop(std::fs::remove_file(cache_folder(project).join(name)));
    }
}

#[test]
fn review_goes_on_from_prepared_chips_where_the_images_are_not() {
    let desk = Desk::new();
    let project = desk.loaded_at(&desk.path());
    let before = seen(&project, &PARCELS);
    let data = project.dataset().ready().expect("loaded");
    let foreseen = predict(&data, &desk.path(), &PARCELS, &OPTIONS, 2, &Watch::default()).expect("predicted");
    assert_eq!((foreseen.parcels, foreseen.present), (2, 0));
    assert_eq!(prepare_two(&desk, &project, &Watch::default()).expect("prepared"), (foreseen.chips, 0));
    let size = std::fs::metadata(cache_folder(&desk.path()).join(FILE)).expect("there").len() as f64;
    assert!((0.4..2.5).contains(&(foreseen.disk_bytes as f64 / size)), "{} foreseen, {size} taken", foreseen.disk_bytes);
    assert_eq!(prepare_two(&desk, &project, &Watch::default()).expect("again"), (0, foreseen.chips), "nothing is read twice");
    drop(project);

    forget_answers(&desk.path());
    let season = desk.path();
    let season = season.parent().expect("a folder");
    for name in ["s2", "s1"] {
        std::fs::rename(season.join(name), season.join(format!("{name}_gone"))).expect("moved");
    }
    let elsewhere = season.with_file_name("pajottenland_2019_synthetic");
    std::fs::rename(&elsewhere, elsewhere.with_extension("gone")).expect("moved");
    let project = desk.loaded_at(&desk.path());
    assert!(
        project.log().iter().any(|line| line.text.contains("images of 368 acquisitions are not here")),
        "{:?}",
        project.log()
    );
    assert_eq!(seen(&project, &PARCELS), before);
    let data = project.dataset().ready().expect("loaded");
    let optical = data.catalog.iter().find(|(_, acquisition)| acquisition.sensor == Sensor::S2).expect("one").0;
    let other = project.picture_query(ParcelIx(0), optical, 0, &View::default());
    assert!(project.compute(&other).is_err(), "what was not prepared cannot be shown");
}

#[test]
fn a_packed_queue_opens_in_another_folder() {
    let desk = Desk::new();
    let project = desk.loaded_at(&desk.path());
    let before = seen(&project, &PARCELS[..1]);
    prepare_two(&desk, &project, &Watch::default()).expect("prepared");
    let data = project.dataset().ready().expect("loaded");
    let target = desk.folder.path().join("laptop");
    let packed = pack(&data, &desk.path(), project.file(), &PARCELS[..1], &target).expect("packed");
    let again = pack(&data, &desk.path(), project.file(), &PARCELS[..1], &target).expect_err("never over another pack");
    assert!(again.to_string().contains("project already"), "{again}");
    drop(project);
    let moved = desk.folder.path().join("elsewhere");
    std::fs::rename(&target, &moved).expect("moved");
    let project = desk.loaded_at(&moved.join(packed.file_name().expect("a name")));
    assert_eq!(seen(&project, &PARCELS[..1]), before);
    let kept = Chips::open(&cache_folder(project.path())).expect("opens").expect("there");
    assert_eq!(kept.count().expect("counted"), 368, "one parcel through every acquisition");
}

#[test]
fn an_interrupted_preparation_goes_on_and_ends_like_one_that_was_not() {
    let desk = Desk::new();
    let project = desk.loaded_at(&desk.path());
    let data = project.dataset().ready().expect("loaded");
    let whole = Desk::new();
    let done = prepare(&data, &whole.path(), &PARCELS, &OPTIONS, 1, &Watch::default()).expect("prepared");
    let mut rounds = 0;
    loop {
        rounds += 1;
        let watch = Watch::default();
        let own = watch.clone();
        let at = 40 * rounds;
        let interrupt = std::thread::spawn(move || {
            while own.progress().0 < at && !own.cancelled() {
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
            own.cancel();
        });
        let outcome = prepare_two(&desk, &project, &watch);
        watch.cancel();
        interrupt.join().expect("ends");
        match outcome {
            Ok((_, present)) => {
                assert!(present > 0, "an interrupted round leaves its chips");
                break;
            }
            Err(error) => assert!(error.to_string().contains("is kept"), "{error}"),
        }
        assert!(rounds < 40, "each round gets further");
    }
    let content = |path: &Path| {
        let chips = Chips::open(&cache_folder(path)).expect("opens").expect("there");
        let mut rows = Vec::new();
        for product in chips.products().expect("listed") {
            let mut parcels: Vec<_> = chips.parcels_of(&product.key).expect("listed").into_iter().collect();
            parcels.sort_unstable();
            rows.extend(parcels.into_iter().map(|parcel| (product.key, parcel, chips.get(product.id, &parcel).expect("read"))));
        }
        rows.sort_by_key(|row| (row.0, row.1));
        rows
    };
    let (interrupted, uninterrupted) = (content(&desk.path()), content(&whole.path()));
    assert_eq!(interrupted.len(), done.written);
    assert!(interrupted == uninterrupted);
}

#[test]
fn changed_images_are_read_anew_and_a_damaged_file_is_left_alone() {
    let desk = Desk::new();
    let project = desk.loaded_at(&desk.path());
    prepare_two(&desk, &project, &Watch::default()).expect("prepared");
    drop(project);
    let image = desk.path().with_file_name("s2");
    let image = std::fs::read_dir(image)
        .expect("listed")
        .map(|entry| entry.expect("entry").path())
        .find(|path| path.extension().is_some_and(|ending| ending == "tif"));
    let bytes = std::fs::read(image.as_ref().expect("an image")).expect("read");
    std::fs::write(image.expect("an image"), bytes).expect("written anew");
    let project = desk.loaded_at(&desk.path());
    let told = |project: &Project, part: &str| project.log().iter().any(|line| line.text.contains(part));
    assert!(told(&project, "1 prepared products have changed"), "{:?}", project.log());
    let before = seen(&project, &PARCELS[..1]);
    assert_eq!(prepare_two(&desk, &project, &Watch::default()).expect("again").0, 2, "the changed product through two parcels");
    drop(project);
    std::fs::write(cache_folder(&desk.path()).join(FILE), vec![7; 9000]).expect("damaged");
    let project = desk.loaded_at(&desk.path());
    assert!(told(&project, FILE), "{:?}", project.log());
    assert_eq!(seen(&project, &PARCELS[..1]), before);
}
