//! Heterogeneity of whole parcels through the project: planted truth, the sample, edge cases, the verb.
//!
//! Truth: two parcels of `data-synthetic/pajottenland_2019` were changed in one half; see the README beside the golden files.

use std::path::{Path, PathBuf};
use std::process::Command as Process;
use std::sync::Arc;

use jiff::civil::date;
use parcelight::model::heterogeneity::{CIndex, ClusterParams, Context, HeterogeneityParams, MarkerParams, Stream};
use parcelight::model::{ParcelIx, Watch};
use parcelight::project::heterogeneity::day_number;
use parcelight::project::heterogeneity::maps::{self, RegionMaps};
use parcelight::project::heterogeneity::pixels::{self, Absence};
use parcelight::project::heterogeneity::population::{self, Demand, Row};
use parcelight::project::heterogeneity::regions::Regions;
use parcelight::project::queries::heterogeneity::judge;
use parcelight::project::{Command, Project};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The sample's parcels over the images with two planted halves.
fn planted(folder: &Path) -> Project {
    project_of(folder, &root().join("tests/golden/data-synthetic/pajottenland_2019/s2_half_parcel"))
}

fn project_of(folder: &Path, images: &Path) -> Project {
    let parcels = root().join("data-samples/pajottenland_2019/parcels_2019.gpkg");
    let file = folder.join("half.parcelight.toml");
    let done = Process::new(env!("CARGO_BIN_EXE_parcelight"))
        .args(["init", "--quiet", "-o"])
        .arg(&file)
        .arg("--parcels")
        .arg(parcels)
        .arg("--imagery")
        .arg(images)
        .status()
        .expect("the program runs");
    assert!(done.success());
    opened(&file)
}

fn opened(file: &Path) -> Project {
    let mut project = Project::open(file, 2, Arc::new(|| {})).expect("a project");
    project.wait_loaded().expect("loaded");
    project
}

fn sample(folder: &Path) -> Project {
    let file = parcelight::project::sample::write(folder).expect("the sample is written");
    opened(&file)
}

fn maps_of(project: &Project, params: &ClusterParams, season: [jiff::civil::Date; 2]) -> RegionMaps {
    let env = project.env().expect("loaded");
    let members: Vec<ParcelIx> = env.parcels.iter().collect();
    let pixels =
        pixels::read(env, &members, params, project.mask(), (season[0], season[1]), &Watch::default()).expect("readable");
    maps::maps(&pixels, params)
}

const SEASON: [jiff::civil::Date; 2] = [date(2019, 1, 1), date(2019, 10, 31)];

/// Parcels that were planted, and those that the truth calls homogeneous.
const PLANTED: [&str; 2] = ["FLAPAJ006", "FLAPAJ010"];
const HOMOGENEOUS: [&str; 6] = ["FLAPAJ001", "FLAPAJ003", "FLAPAJ004", "FLAPAJ005", "FLAPAJ011", "FLAPAJ012"];

/// Whether some period has all four markers, and the index.
fn found(project: &Project, maps: &RegionMaps, id: &str, params: &MarkerParams) -> (bool, CIndex) {
    let data = project.data().expect("loaded");
    let parcel = data.parcels.find(id).expect("a parcel");
    let judged = judge(&Row::of(maps, parcel), data.parcels.area_ha(parcel) * 1e4, params);
    (judged.s2.iter().any(|marks| marks.values == [Some(true); 4]), judged.decision.index)
}

#[test]
fn both_planted_halves_are_found_in_the_periods_of_their_events_and_a_sweep_tells_false_alarms() {
    let folder = tempfile::tempdir().expect("folder");
    let project = planted(folder.path());
    let maps = maps_of(&project, &ClusterParams::default(), SEASON);
    println!("share  ndvi  compact   hits  false alarms   of planted      of homogeneous");
    let mut clean = 0;
    for per_hetero in [0.9, 0.8, 0.7, 0.65, 0.6] {
        for ndvi_distance in [0.1, 0.15, 0.2] {
            for compact_s2 in [1.4, 1.7, 1.85] {
                let params = MarkerParams { per_hetero, ndvi_distance, compact_s2, ..MarkerParams::default() };
                let of =
                    |ids: &[&str]| -> Vec<(bool, CIndex)> { ids.iter().map(|id| found(&project, &maps, id, &params)).collect() };
                let (planted, others) = (of(&PLANTED), of(&HOMOGENEOUS));
                let hits = planted.iter().filter(|own| own.0).count();
                let alarms = others.iter().filter(|own| own.0).count();
                let codes = |all: &[(bool, CIndex)]| all.iter().map(|own| own.1.code()).collect::<Vec<_>>().join(" ");
                println!(
                    "{per_hetero:.2}   {ndvi_distance:.2}  {compact_s2:.2}      {hits}/2   {alarms}/6            {:<14}  {}",
                    codes(&planted),
                    codes(&others)
                );
                assert_eq!(hits, 2, "both planted halves have a period with all markers");
                // The half that differs from April to November has three periods; the one that differs in July alone cannot have.
                assert_eq!(planted[1].1, CIndex::Strong);
                clean += usize::from(alarms == 0);
            }
        }
    }
    assert!(clean >= 10, "{clean} settings without a false alarm");
    // The event of FLAPAJ006 is of July: period 7 begins on 30 June.
    let parcel = project.data().expect("loaded").parcels.find("FLAPAJ006").expect("a parcel");
    let judged = judge(&Row::of(&maps, parcel), 26_500.0, &MarkerParams::default());
    let full: Vec<usize> =
        judged.s2.iter().enumerate().filter(|(_, own)| own.values == [Some(true); 4]).map(|(at, _)| at + 1).collect();
    assert_eq!(full, [7]);
}

#[test]
fn the_same_seed_gives_the_same_maps_on_any_number_of_threads_and_another_context_another_label() {
    let folder = tempfile::tempdir().expect("folder");
    let project = sample(folder.path());
    let run = |threads: usize, params: &ClusterParams| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        pool.install(|| maps_of(&project, params, [date(2019, 6, 1), date(2019, 6, 30)]))
    };
    let bytes = |maps: &RegionMaps| -> Vec<u8> {
        let streams = [&maps.s2, &maps.s1];
        let maps = streams.into_iter().flat_map(|stream| &stream.parcels).flat_map(|own| &own.periods);
        maps.flat_map(|map| map.labels.iter().chain(&map.connectivity).copied()).collect()
    };
    let params = ClusterParams::default();
    let one = run(1, &params);
    assert_eq!(bytes(&one), bytes(&run(2, &params)));
    assert_eq!(bytes(&one), bytes(&run(4, &params)));
    assert!(!one.s1.variables.is_empty() && one.s2.variables == ["NDVI", "B02", "B03", "B04", "B08"]);
    assert_ne!(bytes(&one), bytes(&run(2, &ClusterParams { standardise: false, ..params })));
    assert_ne!(bytes(&one), bytes(&run(2, &ClusterParams { clusters: 5, ..params })));
    // Every label is a cluster of the parcel's own pixels.
    for own in &one.s2.parcels {
        for map in &own.periods {
            let labelled = map.labels.iter().filter(|label| **label > 0).count();
            assert_eq!(labelled, map.quantities.pixels as usize);
            assert_eq!(map.absent.is_some(), labelled == 0);
        }
    }
}

#[test]
fn a_parcel_alone_is_clustered_alone_and_regions_are_shared_with_the_run_over_all() {
    let folder = tempfile::tempdir().expect("folder");
    let project = sample(folder.path());
    let env = project.env().expect("loaded");
    let season = (day_number(date(2019, 6, 1)), day_number(date(2019, 6, 30)));
    let demand = Demand { params: ClusterParams::default(), mask: project.mask(), season };
    let regions = Regions::new(&env.parcels, &demand.params);
    let rows = std::sync::Mutex::new(Vec::new());
    population::run(env, &regions, &[0], &demand, &Watch::default(), |region| {
        rows.lock().expect("rows").extend(region.members.iter().copied().zip(region.rows));
    })
    .expect("measured");
    let rows = rows.into_inner().expect("rows");
    assert_eq!(rows.len(), 17);
    let maps = maps_of(&project, &demand.params, [date(2019, 6, 1), date(2019, 6, 30)]);
    for (parcel, row) in &rows {
        assert_eq!(format!("{row:?}"), format!("{:?}", Row::of(&maps, *parcel)), "the same numbers whoever asks");
    }
    // Kept: a second run reads nothing and gives the same.
    let again = population::measure(env, &regions.members(0), &demand, &Watch::default()).expect("kept");
    assert_eq!(format!("{:?}", again.rows), format!("{:?}", rows.iter().map(|own| &own.1).collect::<Vec<_>>()));
    let alone = ClusterParams { context: Context::Alone, ..demand.params };
    assert_eq!(Regions::new(&env.parcels, &alone).members(4), [regions_order(env, 4, &alone)]);
}

fn regions_order(env: &parcelight::project::queries::Env, region: u32, params: &ClusterParams) -> ParcelIx {
    Regions::new(&env.parcels, params).members(region)[0]
}

#[test]
fn parcels_without_pixels_dates_or_clear_sky_are_not_available_with_their_reason() {
    let folder = tempfile::tempdir().expect("folder");
    let project = planted(folder.path());
    let data = project.data().expect("loaded");
    let small = data.parcels.find("FLAPAJ017").expect("a parcel");
    // Shrunk by 40 m the small parcel holds no pixel centre.
    let maps = maps_of(&project, &ClusterParams { s2_shrink_m: 40.0, ..ClusterParams::default() }, SEASON);
    let own = maps.s2.of(small).expect("in its region");
    assert!(own.periods.iter().all(|map| map.absent == Some(Absence::TooSmall) && map.quantities.pixels == 0));
    let judged = judge(&Row::of(&maps, small), 1700.0, &MarkerParams::default());
    assert!(judged.s2.iter().all(|marks| marks.values == [None; 4]));
    assert_eq!((judged.decision.index, judged.decision.missing), (CIndex::No, 0));
    // A season without images: no dates.
    let maps = maps_of(&project, &ClusterParams::default(), [date(2021, 1, 1), date(2021, 3, 31)]);
    assert_eq!(maps.periods.len(), 3);
    assert!(
        maps.s2
            .parcels
            .iter()
            .flat_map(|own| &own.periods)
            .all(|map| map.absent == Some(Absence::NoDates) || map.absent == Some(Absence::NoImages))
    );
    // Every class excluded: masked.
    let other = tempfile::tempdir().expect("folder");
    let mut clouded = planted(other.path());
    let mut settings = clouded.file().observations.clone();
    settings.mask = parcelight::model::MaskSet::from_classes(&(0..12).collect::<Vec<u8>>());
    clouded.apply(Command::SetObservations(settings));
    let maps = maps_of(&clouded, &ClusterParams::default(), SEASON);
    let big = data.parcels.find("FLAPAJ001").expect("a parcel");
    assert!(maps.s2.of(big).expect("there").periods.iter().all(|map| map.absent == Some(Absence::Masked)));
    // S1: there is none at all.
    assert!(maps.stream(Stream::S1).variables.is_empty());
    assert!(Row::of(&maps, big).s1.is_empty());
}

#[test]
fn one_date_is_enough_for_clusters_of_its_period() {
    let folder = tempfile::tempdir().expect("folder");
    let images = tempfile::tempdir().expect("folder");
    for name in ["SYN_S2B_20190720T105704_T31UES_10m.tif", "SYN_S2B_20190720T105704_T31UES_SCL_20m.tif"] {
        let from = root().join("tests/golden/data-synthetic/pajottenland_2019/s2_half_parcel").join(name);
        std::fs::copy(from, images.path().join(name)).expect("copied");
    }
    let project = project_of(folder.path(), images.path());
    let maps = maps_of(&project, &ClusterParams::default(), [date(2019, 7, 1), date(2019, 7, 30)]);
    assert_eq!(maps.periods.len(), 1);
    let own = maps.s2.parcels.iter().find(|own| own.periods[0].quantities.pixels > 100).expect("a large parcel");
    assert!(own.periods[0].quantities.clusters.iter().filter(|pixels| **pixels > 0).count() >= 1);
    assert!(maps.s2.fits[0].as_ref().is_some_and(|fit| fit.inertia > 0.0));
}

#[test]
fn the_verb_writes_tables_images_and_zones_with_equal_bytes_for_any_number_of_jobs() {
    let folder = tempfile::tempdir().expect("folder");
    drop(planted(folder.path()));
    let run = |jobs: &str, name: &str| {
        let out = folder.path().join(name);
        let done = Process::new(env!("CARGO_BIN_EXE_parcelight"))
            .args([
                "heterogeneity",
                "--quiet",
                "--jobs",
                jobs,
                "--from",
                "2019-04-01",
                "--to",
                "2019-09-30",
                "--zones",
                "--project",
            ])
            .arg(folder.path().join("half.parcelight.toml"))
            .arg("-o")
            .arg(&out)
            .output()
            .expect("the program runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        out
    };
    let (one, two) = (run("1", "one"), run("2", "two"));
    let mut names: Vec<String> = std::fs::read_dir(&one)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    assert!(names.contains(&"clusters_s2_01.tif".to_owned()) && names.contains(&"zones.gpkg".to_owned()), "{names:?}");
    for name in names.iter().filter(|name| *name != "run.json") {
        assert_eq!(std::fs::read(one.join(name)).expect("written"), std::fs::read(two.join(name)).expect("written"), "{name}");
    }
    let decisions = std::fs::read_to_string(one.join("decisions.csv")).expect("a table");
    let strong = decisions.lines().find(|line| line.starts_with("FLAPAJ010,")).expect("a row");
    assert!(strong.starts_with("FLAPAJ010,STRONG,"), "{strong}");
    let table = std::fs::read_to_string(one.join("heterogeneity.csv")).expect("a table");
    let head = "parcel_id,period,start,end,s2_pixels,largest_share,second_pixels,ndvi_distance,compactness,m1,m2,m3,m4,m5,m6,m7";
    assert!(table.starts_with(head), "{}", table.lines().next().unwrap_or_default());
}

#[test]
fn wrong_parameters_are_refused_with_what_to_give() {
    let folder = tempfile::tempdir().expect("folder");
    drop(planted(folder.path()));
    for (arguments, told) in
        [(&["--clusters", "9"][..], "2 to 8"), (&["--radius", "7"], "1 to 5"), (&["--share", "1.5"], "0 to 1")]
    {
        let done = Process::new(env!("CARGO_BIN_EXE_parcelight"))
            .arg("heterogeneity")
            .args(arguments)
            .arg("--project")
            .arg(folder.path().join("half.parcelight.toml"))
            .arg("-o")
            .arg(folder.path().join("out"))
            .output()
            .expect("the program runs");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.contains(told), "{said}");
        assert!(!folder.path().join("out").exists());
    }
}

#[test]
fn thresholds_move_the_population_without_reading_and_are_kept_in_the_project() {
    let folder = tempfile::tempdir().expect("folder");
    let mut project = planted(folder.path());
    project.apply(Command::SetRange(Some(SEASON[0]), Some(SEASON[1])));
    project.apply(Command::Heterogeneity);
    let start = std::time::Instant::now();
    while project.measuring_heterogeneity() {
        assert!(start.elapsed().as_secs() < 90, "measured within 90 s");
        std::thread::sleep(std::time::Duration::from_millis(20));
        project.begin_frame();
    }
    let population = Arc::clone(project.heterogeneity_population().expect("measured"));
    assert_eq!(population.measured(), 17);
    let counts = |project: &Project| {
        let query = project.decisions_query().expect("measured");
        let decisions = project.compute(&query).expect("judged");
        assert_eq!(decisions.counts.iter().sum::<usize>() + decisions.without, 17);
        decisions.counts
    };
    let before = counts(&project);
    let params = HeterogeneityParams {
        markers: MarkerParams { per_hetero: 0.3, ..MarkerParams::default() },
        ..project.heterogeneity_params()
    };
    project.apply(Command::SetHeterogeneity(Box::new(params)));
    assert!(project.heterogeneity_population().is_some_and(|own| Arc::ptr_eq(own, &population)), "nothing is measured again");
    let after = counts(&project);
    assert!(after[0] > before[0], "{before:?} {after:?}");
    project.apply(Command::Save);
    let again = opened(&folder.path().join("half.parcelight.toml"));
    assert_eq!(again.heterogeneity_params(), params);
    // Other clusters: what was measured does not count.
    let clusters = ClusterParams { clusters: 5, ..params.clusters };
    project.apply(Command::SetHeterogeneity(Box::new(HeterogeneityParams { clusters, ..params })));
    assert!(project.heterogeneity_population().is_none());
}

#[test]
fn decisions_over_the_population_are_those_of_each_parcel() {
    let folder = tempfile::tempdir().expect("folder");
    let mut project = planted(folder.path());
    project.apply(Command::SetRange(Some(date(2019, 5, 1)), Some(date(2019, 8, 28))));
    project.apply(Command::Heterogeneity);
    let start = std::time::Instant::now();
    while project.measuring_heterogeneity() {
        assert!(start.elapsed().as_secs() < 90, "measured within 90 s");
        std::thread::sleep(std::time::Duration::from_millis(20));
        project.begin_frame();
    }
    let population = Arc::clone(project.heterogeneity_population().expect("measured"));
    let decisions = project.compute(&project.decisions_query().expect("measured")).expect("judged");
    let data = project.data().expect("loaded");
    let params = project.heterogeneity_params().markers;
    let mut detected = 0;
    for parcel in data.parcels.iter() {
        let row = population.rows[parcel.at()].as_ref().expect("measured");
        let own = judge(row, data.parcels.area_ha(parcel) * 1e4, &params).decision;
        assert_eq!(decisions.of[parcel.at()], Some(own), "{}", data.parcels.id(parcel));
        detected += usize::from(own.index != CIndex::No);
    }
    assert!(detected > 0);
}
