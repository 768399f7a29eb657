//! The review of an open project without a window: decisions are on disk before the view goes on, and nothing is lost.

#[path = "project/desk.rs"]
#[expect(dead_code, reason = "other tests of projects use the rest")]
mod desk;

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};
use std::sync::Arc;
use std::time::Duration;

use desk::{Desk, frames};
use parcelight::engine::sampling::Draw;
use parcelight::model::review::{Act, QueueOrder, Standing};
use parcelight::project::queries::coverage::CoverageQuery;
use parcelight::project::review::{JournalState, QueueDemand, QueueSource, Refusal, ReviewCommand, Said};
use parcelight::project::synth::{SynthOptions, write};
use parcelight::project::{Command, Project};
use parcelight::store::decisions::Journal;

fn id(project: &Project) -> String {
    let data = project.data().expect("loaded");
    data.parcels.id(project.selection().parcel.expect("a parcel is current")).to_owned()
}

/// A project whose journal is open and whose current parcel is loaded.
fn ready(desk: &Desk, user: &str) -> Project {
    let mut project = desk.loaded();
    project.set_reviewer(user);
    project.wait_review();
    seen(&mut project);
    project
}

/// Draws until the dates of the current parcel are known: before, there is nothing to decide on.
fn seen(project: &mut Project) {
    frames(project, |project| {
        let parcel = project.selection().parcel?;
        project.coverage(parcel).ready()?;
        project.peek(&CoverageQuery { parcel, revision: project.revision() })
    });
}

fn act(project: &mut Project, command: ReviewCommand) {
    project.apply(Command::Review(command));
    project.wait_review();
}

fn decide(project: &mut Project, verdict: &str, reasons: &[&str]) {
    let reasons = reasons.iter().map(|&reason| reason.to_owned()).collect();
    act(project, ReviewCommand::Decide { verdict: verdict.to_owned(), reasons });
}

/// Code of the reason that says that there are no data.
fn no_data(project: &Project) -> String {
    project.review().form().reasons.iter().find(|reason| reason.no_data).expect("the form has one").code.clone()
}

fn entries(project: &Project) -> Vec<parcelight::model::review::Entry> {
    // The first decision makes the journal.
    let path = project.journal_path();
    if path.exists() { Journal::open_read_only(&path).expect("opens").entries().expect("entries") } else { Vec::new() }
}

#[test]
fn a_decision_is_on_disk_before_the_view_goes_on_and_holds_what_was_on_screen() {
    let desk = Desk::new();
    let mut project = ready(&desk, "anna");
    assert_eq!(id(&project), "FLAPAJ001");
    project.apply(Command::Review(ReviewCommand::Decide { verdict: "compliant".to_owned(), reasons: vec![] }));
    assert_eq!(id(&project), "FLAPAJ001", "the view waits for the disk");
    assert!(project.review().writing());
    project.wait_review();
    assert_eq!(id(&project), "FLAPAJ002");
    let kept = entries(&project);
    let [entry] = kept.as_slice() else { panic!("{kept:?}") };
    assert_eq!((entry.parcel.as_str(), entry.user.as_str(), entry.sequence), ("FLAPAJ001", "anna", 1));
    let Act::Decide(decided) = &entry.act else { panic!("{entry:?}") };
    assert_eq!((decided.verdict.as_str(), decided.blind), ("compliant", false));
    let seen = &decided.seen;
    assert_eq!(seen.acquisitions.len(), 72, "every Sentinel-2 acquisition of the calendar");
    assert!(
        seen.acquisitions[0].starts_with("2018-08-04T10:5") && seen.acquisitions[0].ends_with("S2B"),
        "{:?}",
        seen.acquisitions[0]
    );
    assert_eq!((seen.view.as_str(), seen.stretch.as_str(), seen.ruleset.as_str()), ("B08-B11-B04", "fixed", "Winter cover 2019"));
    assert_eq!(seen.ruleset_hash.len(), 64);
    assert!(seen.clear_in_window.is_some_and(|count| count > 0));
    let said: Vec<Said> = project.take_review_messages().into_iter().map(|message| message.said).collect();
    assert_eq!(said, [Said::Decided("compliant".to_owned())]);
}

#[test]
fn verdicts_that_need_a_reason_or_data_are_refused_without_them_and_nothing_is_written() {
    let desk = Desk::new();
    let mut project = desk.loaded();
    project.set_reviewer("anna");
    project.wait_review();
    // Nothing of the parcel is loaded yet.
    decide(&mut project, "compliant", &[]);
    assert!(matches!(project.take_refusal(), Some(Refusal::NoData)));
    seen(&mut project);
    decide(&mut project, "non_compliant", &[]);
    assert!(matches!(project.take_refusal(), Some(Refusal::NeedsReason)));
    act(&mut project, ReviewCommand::Repeat);
    assert!(matches!(project.take_refusal(), Some(Refusal::NothingToRepeat)));
    act(&mut project, ReviewCommand::Undo);
    assert!(matches!(project.take_refusal(), Some(Refusal::Nothing)));
    assert_eq!((entries(&project).len(), id(&project).as_str()), (0, "FLAPAJ001"));
    let reason = no_data(&project);
    decide(&mut project, "inconclusive", &[&reason]);
    assert_eq!((entries(&project).len(), id(&project).as_str()), (1, "FLAPAJ002"));
}

#[test]
fn acts_typed_ahead_wait_their_turn_and_go_to_the_parcels_that_come() {
    let desk = Desk::new();
    let mut project = ready(&desk, "anna");
    let reason = no_data(&project);
    for _ in 0..5 {
        let command = ReviewCommand::Decide { verdict: "inconclusive".to_owned(), reasons: vec![reason.clone()] };
        project.apply(Command::Review(command));
    }
    project.wait_review();
    let parcels: Vec<String> = entries(&project).into_iter().map(|entry| entry.parcel).collect();
    assert_eq!(parcels, ["FLAPAJ001", "FLAPAJ002", "FLAPAJ003", "FLAPAJ004", "FLAPAJ005"]);
    assert_eq!(id(&project), "FLAPAJ006");
}

#[test]
fn deferred_parcels_come_back_at_the_end_and_then_the_queue_ends() {
    let desk = Desk::new();
    let mut project = ready(&desk, "anna");
    let reason = no_data(&project);
    project.apply(Command::SetFilter("maize".to_owned()));
    let all = project.queue().rows().len();
    let first = id(&project);
    act(&mut project, ReviewCommand::Defer);
    assert_ne!(id(&project), first);
    for _ in 1..all {
        assert!(!project.review().ended());
        decide(&mut project, "inconclusive", &[&reason]);
    }
    assert_eq!(id(&project), first, "the deferred one is back");
    let counts = project.review_counts();
    assert_eq!((counts.all, counts.open, counts.deferred, counts.decided), (all, 0, 1, all - 1));
    decide(&mut project, "inconclusive", &[&reason]);
    assert!(project.review().ended());
    assert_eq!(project.review().standing(&first), Standing::Decided);
    assert_eq!(project.selection().parcel.map(|_| id(&project)), Some(first), "never an empty view");
}

#[test]
fn undo_and_redo_are_entries_and_go_to_the_parcel_concerned() {
    let desk = Desk::new();
    let mut project = ready(&desk, "anna");
    let reason = no_data(&project);
    decide(&mut project, "inconclusive", &[&reason]);
    act(&mut project, ReviewCommand::Flag(Some("Ask a colleague".to_owned())));
    assert_eq!(project.review().of("FLAPAJ002").and_then(|own| own.flag.clone()).map(|flag| flag.1), Some("anna".to_owned()));
    act(&mut project, ReviewCommand::Undo);
    assert!(project.review().of("FLAPAJ002").is_some_and(|own| own.flag.is_none()));
    act(&mut project, ReviewCommand::Undo);
    assert_eq!((id(&project).as_str(), project.review().standing("FLAPAJ001")), ("FLAPAJ001", Standing::Open));
    act(&mut project, ReviewCommand::Redo);
    assert_eq!(project.review().standing("FLAPAJ001"), Standing::Decided);
    let kinds: Vec<&str> = entries(&project).iter().map(|entry| entry.act.kind()).collect();
    assert_eq!(kinds, ["decide", "flag", "undo", "undo", "redo"], "nothing is ever taken out");
}

#[test]
fn a_blind_review_hides_others_and_counts_only_the_own_verdicts() {
    let desk = Desk::new();
    let mut project = ready(&desk, "anna");
    decide(&mut project, "compliant", &[]);
    project.set_reviewer("ben");
    act(&mut project, ReviewCommand::SetBlind(true));
    assert_eq!(project.review().standing("FLAPAJ001"), Standing::Open);
    assert!(project.review().hides("FLAPAJ001"));
    let first = project.data().and_then(|data| data.parcels.find("FLAPAJ001")).expect("a parcel");
    project.apply(Command::SelectParcel(first));
    seen(&mut project);
    let reason = no_data(&project);
    decide(&mut project, "inconclusive", &[&reason]);
    assert!(!project.review().hides("FLAPAJ001"), "the own verdict is given");
    let own = project.review().of("FLAPAJ001").expect("reviewed");
    assert!(own.opinions["ben"].decided.blind && !own.opinions["anna"].decided.blind);
    assert!(own.disputed());
    // The disagreement is a queue, and its resolution is recorded.
    act(&mut project, ReviewCommand::SetBlind(false));
    let demand =
        |name: &str, source| QueueDemand { name: name.to_owned(), source, order: QueueOrder::Given, sample: None, group: None };
    act(&mut project, ReviewCommand::MakeQueue(Box::new(demand("disagreements", QueueSource::Disputed))));
    assert_eq!(project.queue().rows().len(), 1);
    act(&mut project, ReviewCommand::Resolve { verdict: "compliant".to_owned(), reasons: vec![], note: "checked".to_owned() });
    assert!(!project.review().of("FLAPAJ001").expect("reviewed").disputed());
}

#[test]
fn queues_are_made_of_filters_lists_columns_and_samples_and_come_back_after_a_restart() {
    let desk = Desk::new();
    let mut project = ready(&desk, "anna");
    let make = |project: &mut Project, demand: QueueDemand| {
        project.apply(Command::Review(ReviewCommand::MakeQueue(Box::new(demand))));
        let name = project.queue().list.as_ref().map(|list| list.name.clone());
        frames(project, |project| project.review().queues().iter().any(|kept| Some(&kept.name) == name.as_ref()).then_some(()));
    };
    let list = desk.folder.path().join("ids.csv");
    std::fs::write(&list, "parcel_id;x\nFLAPAJ007;1\nNOBODY;2\nFLAPAJ003;3\n").expect("written");
    let plain = |name: &str, source, order| QueueDemand { name: name.to_owned(), source, order, sample: None, group: None };
    make(&mut project, plain("from a file", QueueSource::File(list), QueueOrder::Given));
    let names = |project: &Project| -> Vec<String> {
        let data = project.data().expect("data");
        project.queue().rows().iter().map(|&parcel| data.parcels.id(parcel).to_owned()).collect()
    };
    assert_eq!(names(&project), ["FLAPAJ007", "FLAPAJ003"], "in the order of the file");
    let source = &project.review().queues()[0].source;
    assert!(source.contains("ids.csv") && source.contains("1 of its ids"), "{source}");
    project.apply(Command::ShowList(None));
    let column = QueueSource::Column { column: "crop".to_owned(), values: vec!["Maize".to_owned(), "Potatoes".to_owned()] };
    make(&mut project, plain("two crops", column, QueueOrder::Spatial));
    assert_eq!(names(&project).len(), 4);
    project.apply(Command::ShowList(None));
    let sample = QueueDemand {
        name: "sample".to_owned(),
        source: QueueSource::Shown,
        order: QueueOrder::Random { seed: 7 },
        sample: Some(1),
        group: Some("crop".to_owned()),
    };
    make(&mut project, sample.clone());
    let drawn = names(&project);
    assert_eq!(drawn.len(), 7, "one of each crop: {drawn:?}");
    project.apply(Command::ShowList(None));
    make(&mut project, sample);
    assert_eq!(names(&project), drawn, "the same seed draws the same again");
    project.apply(Command::StepParcel(2));
    let here = id(&project);
    std::thread::sleep(Duration::from_millis(400));
    project.begin_frame();
    project.begin_frame();
    drop(project);
    let mut again = desk.loaded();
    again.wait_review();
    assert_eq!(again.queue().list.as_ref().map(|list| list.name.clone()), Some("sample".to_owned()));
    assert_eq!((names(&again), id(&again)), (drawn, here));
    let nothing = plain("none", QueueSource::Flagged, QueueOrder::Given);
    again.apply(Command::Review(ReviewCommand::MakeQueue(Box::new(nothing))));
    assert!(matches!(again.take_refusal(), Some(Refusal::Queue(_))));
}

#[test]
fn two_windows_on_one_project_see_each_others_decisions() {
    let desk = Desk::new();
    let mut one = ready(&desk, "anna");
    let mut two = ready(&desk, "ben");
    decide(&mut one, "compliant", &[]);
    frames(&mut two, |two| (two.review().standing("FLAPAJ001") == Standing::Decided).then_some(()));
    two.apply(Command::StepParcel(1));
    seen(&mut two);
    decide(&mut two, "compliant", &[]);
    frames(&mut one, |one| (one.review().standing("FLAPAJ002") == Standing::Decided).then_some(()));
    let kept = entries(&one);
    assert_eq!(kept.iter().map(|entry| entry.sequence).collect::<Vec<_>>(), [1, 2]);
}

#[test]
#[cfg(unix)]
fn a_journal_that_cannot_be_made_blocks_decisions_and_another_place_helps() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::new();
    let folder = desk.path().parent().expect("a folder").to_path_buf();
    // A folder in the journal's place cannot be opened by anybody, also not by somebody who may write everywhere.
    let place = folder.join("pajottenland_2019.decisions.sqlite");
    std::fs::create_dir(&place).expect("made");
    std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).expect("set");
    let mut project = desk.loaded();
    project.set_reviewer("anna");
    project.wait_review();
    assert!(matches!(project.review().state(), JournalState::Failed(_)), "{:?}", project.review().state());
    seen(&mut project);
    decide(&mut project, "compliant", &[]);
    assert!(matches!(project.take_refusal(), Some(Refusal::Journal(_))));
    assert_eq!(id(&project), "FLAPAJ001", "the view does not go on");
    let elsewhere = desk.folder.path().join("elsewhere.sqlite");
    act(&mut project, ReviewCommand::MoveJournal(elsewhere.clone()));
    project.wait_review();
    decide(&mut project, "compliant", &[]);
    assert_eq!((id(&project).as_str(), entries(&project).len()), ("FLAPAJ002", 1));
    assert!(elsewhere.exists());
}

#[test]
fn a_read_only_project_shows_decisions_and_takes_none() {
    let desk = Desk::new();
    let mut project = ready(&desk, "anna");
    decide(&mut project, "compliant", &[]);
    drop(project);
    let mut project = desk.loaded();
    project.set_read_only(true);
    project.wait_review();
    assert_eq!(project.review().standing("FLAPAJ001"), Standing::Decided);
    seen(&mut project);
    decide(&mut project, "compliant", &[]);
    assert!(matches!(project.take_refusal(), Some(Refusal::Closed(_))));
    assert_eq!(entries(&project).len(), 1);
}

const CHILD: &str = "PARCELIGHT_TEST_REVIEW";

/// Not a test of its own: the process that is killed. Decides parcel after parcel and says each entry that is on disk.
#[test]
fn scripted_review() {
    let Some(path) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let home = path.with_file_name("home");
    let mut project = Project::open_at(&path, 2, Arc::new(|| {}), home).expect("opens");
    project.wait_loaded().expect("loads");
    project.set_reviewer("anna");
    project.wait_review();
    let mut out = std::io::stdout();
    writeln!(out, "at {}", id(&project)).expect("said");
    let reason = no_data(&project);
    loop {
        let parcel = id(&project);
        let verdict = if project.review().review().entries().len().is_multiple_of(3) { "non_compliant" } else { "inconclusive" };
        decide(&mut project, verdict, &[&reason]);
        let last = project.review().review().entries().last().expect("an entry");
        assert_eq!(last.parcel, parcel);
        writeln!(out, "stored {} {}", last.id.0, id(&project)).expect("said");
        out.flush().expect("said");
        project.begin_frame();
    }
}

/// What a killed process had said: where it began, each entry that was stored, and the parcel after the last one.
struct Told {
    began: Option<String>,
    stored: Vec<String>,
    then: Option<String>,
}

fn run_and_kill(project: &Path, starting: bool, after: Duration) -> Told {
    let program = std::env::current_exe().expect("the test's own program");
    let mut child = Process::new(program)
        .args(["scripted_review", "--exact", "--nocapture", "--test-threads=1"])
        .env(CHILD, project)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let mut said = BufReader::new(child.stdout.take().expect("piped"));
    let mut told = Told { began: None, stored: Vec::new(), then: None };
    let mut first = String::new();
    // Every fourth is killed at a moment of its start, the others while they review.
    while !starting && !first.contains(" at ") && !first.starts_with("at ") {
        first.clear();
        assert!(said.read_line(&mut first).expect("text") > 0, "the review ended by itself");
    }
    std::thread::sleep(after);
    child.kill().expect("killed");
    for line in std::iter::once(Ok(first)).chain(said.lines()).map_while(Result::ok) {
        let line = line.trim_end();
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            [.., "at", parcel] => told.began = Some((*parcel).to_owned()),
            ["stored", entry, parcel] => {
                told.stored.push((*entry).to_owned());
                told.then = Some((*parcel).to_owned());
            }
            _ => {}
        }
    }
    child.wait().expect("ends");
    told
}

#[test]
fn two_hundred_kills_of_a_review_lose_and_double_nothing_and_it_goes_on_where_it_was() {
    const KILLS: usize = 200;
    let folder = tempfile::tempdir().expect("a folder");
    let options = SynthOptions { parcels: 20_000, pixels: 200, bands: 1, dates: 1, seed: 3, all_fine: false };
    let project = write(folder.path(), &options).expect("written");
    let mut draw = Draw::new(17);
    let mut acknowledged: Vec<String> = Vec::new();
    let (mut then, mut silent, mut resumed) = (None::<String>, 0, 0);
    for kill in 0..KILLS {
        let told = run_and_kill(&project, kill % 4 == 3, Duration::from_millis(draw.below(400)));
        if told.stored.is_empty() {
            silent += 1;
        }
        if let (Some(began), Some(then)) = (&told.began, &then) {
            // One entry may be on disk that nobody was told of any more: then it begins one parcel further.
            let step = number(began) - number(then);
            assert!((0..=1).contains(&step), "left at {then}, went on at {began}");
            resumed += 1;
        }
        acknowledged.extend(told.stored);
        then = told.then.or(told.began).or(then);
    }
    let journal = Journal::open(&folder.path().join("synthetic.decisions.sqlite")).expect("opens without complaint");
    let entries = journal.entries().expect("all entries");
    let kept: BTreeSet<&str> = entries.iter().map(|entry| entry.id.0.as_str()).collect();
    assert_eq!(kept.len(), entries.len(), "none doubled");
    let lost: Vec<&String> = acknowledged.iter().filter(|entry| !kept.contains(entry.as_str())).collect();
    assert!(lost.is_empty(), "{} of {} lost", lost.len(), acknowledged.len());
    let parcels: BTreeSet<&str> = entries.iter().map(|entry| entry.parcel.as_str()).collect();
    assert_eq!(parcels.len(), entries.len(), "no parcel was decided twice");
    println!(
        "{KILLS} kills: {} decisions acknowledged, {} on disk, 0 lost, 0 doubled; {resumed} restarts went on where they were, {silent} were killed before their first decision",
        acknowledged.len(),
        entries.len()
    );
    assert!(acknowledged.len() > KILLS / 2, "most had time to decide: {}", acknowledged.len());
}

fn number(id: &str) -> i64 {
    id.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number in the id")
}
