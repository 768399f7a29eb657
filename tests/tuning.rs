//! Rulesets of a project: features of all parcels, verdicts, what a changed limit does, undo.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parcelight::engine::evaluation::sampling::{Half, half};
use parcelight::engine::rules::Verdict;
use parcelight::io::crs;
use parcelight::model::{ParcelIx, Parcels, Polygons};
use parcelight::project::marking::features::Chunk;
use parcelight::project::queue::ParcelList;
use parcelight::project::tuning::Tuning;
use parcelight::project::tuning::labels::{Agreement, Known, Labelling};
use parcelight::project::{Command, Fetch, Project, sample};

struct Opened {
    project: Project,
    folder: tempfile::TempDir,
    file: PathBuf,
}

fn opened() -> Opened {
    let folder = tempfile::tempdir().expect("folder");
    let file = sample::write(folder.path()).expect("the sample");
    let project = at(&file, folder.path());
    Opened { project, folder, file }
}

fn at(file: &Path, home: &Path) -> Project {
    let mut project = Project::open_at(file, 2, Arc::new(|| {}), home.join("home")).expect("a project");
    project.wait_loaded().expect("loads");
    project
}

fn until(project: &mut Project, done: impl Fn(&Project) -> bool) {
    let end = Instant::now() + Duration::from_mins(2);
    while !done(project) {
        assert!(Instant::now() < end, "it takes too long; {:?}", project.tuning().failed());
        project.begin_frame();
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The effect of the draft as it stands now.
fn settled(project: &mut Project) {
    project.apply(Command::Mark);
    until(project, |project| !project.marking());
    for _ in 0..3 {
        until(project, |project| project.tuning().effect().is_some() && !project.tuning().effect_pending());
        project.begin_frame();
    }
    until(project, |project| !project.tuning().effect_pending());
}

fn counts(tuning: &Tuning) -> ([usize; 3], [usize; 3]) {
    let effect = tuning.effect().expect("an effect");
    (effect.before.counts(), effect.after.counts())
}

const THRESHOLD: &str = "rules.base.numbers.fall_threshold";

#[test]
fn a_moved_limit_changes_verdicts_and_the_table_tells_whose() {
    let Opened { mut project, folder: _folder, .. } = opened();
    assert_eq!(project.tuning().fault(), None);
    settled(&mut project);
    let parcels = project.data().expect("data").parcels.len();
    let (before, after) = counts(project.tuning());
    assert_eq!(before, after);
    assert_eq!(after.iter().sum::<usize>(), parcels);
    assert!(after.iter().filter(|&&count| count > 0).count() >= 2, "{after:?}");

    project.apply(Command::SetParameter(THRESHOLD.to_owned(), 0.10));
    until(&mut project, |project| counts(project.tuning()).1 != after);
    let effect = Arc::clone(project.tuning().effect().expect("an effect"));
    assert_eq!(effect.table.iter().flatten().sum::<usize>(), parcels);
    let moved: usize = (0..9).filter(|cell| cell / 3 != cell % 3).map(|cell| effect.table[cell / 3][cell % 3]).sum();
    assert_eq!(effect.moved.len(), moved);
    assert!(moved > 0);
    assert!(effect.moved.windows(2).all(|two| two[0].margin.abs() <= two[1].margin.abs()));
    // A lower limit makes nobody greener.
    assert!(effect.moved.iter().all(|own| own.after > own.before));
}

#[test]
fn the_population_and_the_parcel_alone_say_the_same() {
    let Opened { mut project, folder: _folder, .. } = opened();
    settled(&mut project);
    let features = Arc::clone(project.features().expect("features"));
    let verdicts = Arc::clone(&project.tuning().effect().expect("an effect").after);
    for parcel in (0..features.parcels as u32).map(ParcelIx) {
        let alone = project.compute(&project.marked_query(parcel).expect("a ruleset")).expect("marked");
        let row = features.row(parcel).expect("done");
        let same = row.iter().zip(&alone.row).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(same, "parcel {parcel:?}: {row:?} is not {:?}", alone.row);
        let explanation = alone.explanation.as_ref().expect("rules");
        assert_eq!(verdicts.of(parcel), Some(explanation.verdict));
        assert!(explanation.to_string().contains("1 April to 15 May 2019"), "{explanation}");
    }
}

#[test]
fn a_drag_is_one_step_of_undo_and_redo() {
    let Opened { mut project, folder: _folder, .. } = opened();
    let value = |project: &Project| {
        project.tuning().parameters().into_iter().find(|own| own.path == THRESHOLD).expect("the threshold").value
    };
    for number in [0.19, 0.15, 0.12] {
        project.apply(Command::SetParameter(THRESHOLD.to_owned(), number));
    }
    project.apply(Command::SettleRuleset("first".to_owned()));
    project.apply(Command::SetParameter(THRESHOLD.to_owned(), 0.3));
    project.apply(Command::SettleRuleset("second".to_owned()));
    assert_eq!(project.tuning().history(), [Some("second"), None]);
    project.apply(Command::UndoRuleset);
    assert_eq!((value(&project), project.tuning().history()), (0.12, [Some("first"), Some("second")]));
    project.apply(Command::UndoRuleset);
    assert_eq!(value(&project), 0.20);
    project.apply(Command::UndoRuleset);
    project.apply(Command::RedoRuleset);
    assert_eq!(value(&project), 0.12);
    project.apply(Command::ResetParameter(THRESHOLD.to_owned(), "reset".to_owned()));
    assert_eq!(value(&project), 0.20);
    // What cannot be is refused and changes nothing.
    project.apply(Command::SetParameter("markers.spring_dip.min_observations".to_owned(), -4.0));
    assert_eq!(value(&project), 0.20);
}

#[test]
fn a_saved_ruleset_is_the_projects_and_is_read_again() {
    let Opened { mut project, folder, file } = opened();
    project.apply(Command::SetParameter(THRESHOLD.to_owned(), 0.125));
    project.apply(Command::SettleRuleset("a".to_owned()));
    let [_, draft] = project.tuning().hashes();
    let target = file.parent().expect("a folder").join("rulesets/own.toml");
    project.apply(Command::SaveRuleset(target));
    assert_eq!(project.file().ruleset.as_deref(), Some("rulesets/own.toml"));
    project.apply(Command::Save);
    drop(project);
    let project = at(&file, folder.path());
    assert_eq!(project.tuning().hashes(), [draft.clone(), draft]);
}

#[test]
fn features_that_were_kept_are_not_computed_again() {
    let Opened { mut project, folder, file } = opened();
    settled(&mut project);
    let first = Arc::clone(project.features().expect("features"));
    drop(project);
    let mut project = at(&file, folder.path());
    settled(&mut project);
    let bits = |chunks: &[Arc<Chunk>]| -> Vec<u32> {
        chunks.iter().flat_map(|chunk| chunk.columns.iter().flatten().map(|value| value.to_bits())).collect()
    };
    assert_eq!(bits(&project.features().expect("features").chunks), bits(&first.chunks));
}

#[test]
fn a_faulty_ruleset_is_told_and_nothing_else_is_lost() {
    let Opened { project, folder, file } = opened();
    drop(project);
    let rules = file.parent().expect("a folder").join("rulesets/winter_cover.toml");
    let text = std::fs::read_to_string(&rules).expect("text");
    std::fs::write(&rules, text.replace("ndvi_fall >= fall_threshold", "ndvi_fal >= fall_threshold")).expect("written");
    let project = at(&file, folder.path());
    let fault = project.tuning().fault().expect("a fault");
    assert!(fault.contains("line 46, column 8: rules.base.red: there is no `ndvi_fal`"), "{fault}");
    assert!(project.tuning().draft().is_none() && project.data().is_some());
}

#[test]
fn a_list_of_parcels_becomes_the_queue() {
    let Opened { mut project, folder: _folder, .. } = opened();
    let list = ParcelList { name: "moved".to_owned(), parcels: vec![ParcelIx(5), ParcelIx(2), ParcelIx(5)] };
    project.apply(Command::ShowList(Some(Box::new(list))));
    assert_eq!(project.queue().rows(), [ParcelIx(5), ParcelIx(2)]);
    assert_eq!(project.selection().parcel, Some(ParcelIx(5)));
    project.apply(Command::ShowList(None));
    assert!(project.queue().rows().len() > 10);
    assert!(matches!(project.dataset(), Fetch::Ready(_)));
    assert!(Verdict::Green < Verdict::Red);
}

/// A ruleset that uses all that a project tells beside the signals.
const WITH_PEERS: &str = r#"
version = "1.0"
[[inputs]]
name = "s2"
signals = ["NDVI", "BSI"]
peers = true
[[inputs]]
name = "s1"
signals = ["VH_db"]
[[signals]]
name = "above"
from = ["s2"]
steps = [
  { remove = { by = "usable_share", when = "below", threshold = 0.9 } },
  { difference = { of = ["NDVI", "NDVI_peers"], name = "above" } },
  { select = { components = ["above"] } },
]
[[features]]
name = "clear"
signal = "above"
take = "observations"
[[features]]
name = "least"
signal = "above"
take = "min"
[[features]]
name = "mean"
signal = "above"
take = "mean"
[[features]]
name = "ndvi"
signal = "s2"
component = "NDVI"
take = "mean"
[[features]]
name = "radar"
signal = "s1"
component = "VH_db"
take = "range"
[rules.base]
green = "least > -0.2"
"#;

#[test]
fn the_observation_store_and_the_images_give_the_same_features() {
    let Opened { mut project, folder: _folder, file } = opened();
    let target = file.parent().expect("a folder").join("rulesets/peers.toml");
    std::fs::write(&target, WITH_PEERS).expect("written");
    project.apply(Command::SetRuleset(Some("rulesets/peers.toml".to_owned())));
    assert_eq!(project.tuning().fault(), None);
    settled(&mut project);
    let direct = Arc::clone(project.features().expect("features"));
    let position = |name: &str| direct.plan().position(name).expect(name);
    let (clear, mean) = (position("clear"), position("mean"));
    let known = (0..direct.parcels as u32).filter(|&row| direct.value(mean, ParcelIx(row)).is_finite()).count();
    // Crops with fewer than three parcels have no peers.
    assert!(known > 5 && known < direct.parcels, "{known}");
    assert!((0..direct.parcels as u32).any(|row| direct.value(clear, ParcelIx(row)) > 10.0));

    project.apply(Command::Population);
    until(&mut project, |project| !project.updating_population());
    settled(&mut project);
    let stored = Arc::clone(project.features().expect("features"));
    assert!(!Arc::ptr_eq(&direct, &stored));
    for (column, (name, _)) in direct.plan().columns().iter().enumerate() {
        for parcel in (0..direct.parcels as u32).map(ParcelIx) {
            let (a, b) = (direct.value(column, parcel), stored.value(column, parcel));
            assert!(a.to_bits() == b.to_bits() || (a - b).abs() < 1e-5, "{name} of {parcel:?}: {a} {b}");
        }
    }
}

fn ready<T>(project: &mut Project, ask: impl Fn(&Project) -> Option<Fetch<T>>) -> Arc<T> {
    let end = Instant::now() + Duration::from_mins(1);
    loop {
        match ask(project) {
            Some(Fetch::Ready(found)) => return found,
            Some(Fetch::Failed(error)) => panic!("{error}"),
            _ => assert!(Instant::now() < end, "it takes too long"),
        }
        project.begin_frame();
        std::thread::sleep(Duration::from_millis(2));
    }
}

#[test]
fn labels_tell_commission_and_omission_and_half_of_them_are_held_out() {
    let Opened { mut project, folder: _folder, file } = opened();
    settled(&mut project);
    let parcels = Arc::clone(&project.data().expect("data").parcels);
    let verdicts = Arc::clone(&project.tuning().effect().expect("an effect").after);
    // Every second parcel is compliant, whatever the ruleset says.
    let compliant = |parcel: ParcelIx| parcel.0.is_multiple_of(2);
    let mut text = "parcel_id,label\nnowhere,compliant\n".to_owned();
    for parcel in parcels.iter() {
        let label = if compliant(parcel) { "compliant" } else { "non-compliant" };
        text += &[parcels.id(parcel), ",", label, "\n"].concat();
    }
    let path = file.parent().expect("a folder").join("labels.csv");
    std::fs::write(&path, text).expect("written");
    project.apply(Command::SetLabels(Some(Labelling::File(path.clone()))));
    let labels = project.tuning().labels().expect("labels");
    assert_eq!((labels.parcels(), labels.left_out), (parcels.len(), 1));

    let mut all = 0;
    for (reported, own) in [(false, Half::Tune), (true, Half::Report)] {
        let of = |red: bool, label: bool| {
            let wanted = |parcel: &ParcelIx| half(parcels.id(*parcel), 1) == own && compliant(*parcel) == label;
            let verdict =
                |parcel: &ParcelIx| verdicts.of(*parcel).expect("done") == if red { Verdict::Red } else { Verdict::Green };
            parcels.iter().filter(wanted).filter(verdict).count()
        };
        let agreement = ready(&mut project, |project| project.agreement(reported));
        let Agreement::Verdicts { table, commission, omission } = &*agreement else { panic!("labels are verdicts") };
        assert_eq!((commission.part, commission.whole), (of(true, true), of(true, true) + of(true, false)));
        assert_eq!(omission.part, of(false, false));
        all += table.iter().flatten().sum::<usize>();
    }
    assert_eq!(all, parcels.len());
    project.apply(Command::RevealHeldOut);
    assert_eq!(project.tuning().revealed(), 1);

    project.apply(Command::SetLabels(Some(Labelling::Column("nothing".to_owned()))));
    assert!(project.tuning().labels().is_none());
    assert!(project.take_told().iter().any(|told| told.contains("the parcels have no column “nothing”")));
    labels_by_place(&mut project, &file, &parcels);
    // Known events instead: what is detected is compared with them.
    std::fs::write(&path, format!("parcel_id,date\n{},2019-05-01\n", parcels.id(ParcelIx(0)))).expect("written");
    project.apply(Command::SetLabels(Some(Labelling::File(path))));
    let reported = half(parcels.id(ParcelIx(0)), 1) == Half::Report;
    let agreement = ready(&mut project, |project| project.agreement(reported));
    let Agreement::Events { marker, parcels, score } = &*agreement else { panic!("labels are events") };
    assert_eq!((marker.as_str(), *parcels, score.counts.truths), ("spring_dip", 1, 1));
}

/// Outlines in degrees stand for ids; one of them lies far away.
fn labels_by_place(project: &mut Project, file: &Path, parcels: &Parcels) {
    let feature = |outline: &Polygons, label: &str| {
        let degrees = crs::transform(outline, parcels.crs(), &crs::WGS84).expect("transforms");
        let closed = |ring: &Vec<[f64; 2]>| ring.iter().chain(ring.first()).copied().collect::<Vec<_>>();
        let parts: Vec<Vec<_>> = degrees.parts.iter().map(|part| part.iter().map(closed).collect()).collect();
        format!(
            r#"{{"type":"Feature","properties":{{"label":"{label}"}},"geometry":{{"type":"MultiPolygon","coordinates":{parts:?}}}}}"#
        )
    };
    let mut features: Vec<String> =
        parcels.iter().map(|parcel| feature(&parcels.outline(parcel), ["red", "green"][parcel.at() % 2])).collect();
    let mut away = parcels.outline(ParcelIx(0));
    away.parts.iter_mut().flatten().flatten().for_each(|[x, _]| *x += 1e5);
    features.push(feature(&away, "red"));
    let path = file.parent().expect("a folder").join("inspected.csv");
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    std::fs::write(&path, text).expect("written");
    project.apply(Command::SetLabels(Some(Labelling::File(path))));
    let told = project.take_told();
    let labels = project.tuning().labels().unwrap_or_else(|| panic!("{told:?}"));
    assert_eq!((labels.parcels(), labels.left_out, labels.outside), (parcels.len(), 0, 1));
    let expected = parcels.iter().map(|parcel| (parcel, !parcel.at().is_multiple_of(2))).collect();
    assert_eq!(labels.known, Known::Verdicts(expected));
    assert!(told.iter().any(|told| told.contains("inspected.csv: 1 feature lies in no parcel")), "{told:?}");
}

#[test]
fn what_was_kept_says_nothing_about_how_long_computing_takes() {
    // Only features of the observation store are kept.
    let stored = |project: &mut Project| {
        project.apply(Command::Population);
        until(project, |project| !project.updating_population());
        settled(project);
    };
    let Opened { mut project, folder, file } = opened();
    stored(&mut project);
    assert!(project.tuning().predicted_secs(1000).is_some_and(|secs| secs > 0.0));
    drop(project);
    let mut again = at(&file, folder.path());
    stored(&mut again);
    assert!(again.features().is_some_and(|own| own.complete()));
    assert_eq!(again.tuning().predicted_secs(1000), None);
}
