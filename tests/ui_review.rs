//! The review driven by keys and labels on the sample: verdicts, reasons, notes, flags, undo, blind review, queues, the end card.

#[path = "ui/driver.rs"]
#[expect(dead_code, reason = "the rest of the window is for other tests")]
mod driver;

use driver::{Driver, key};
use egui::Key;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use parcelight::model::review::{Act, Standing};
use parcelight::project::Command;
use parcelight::project::review::ReviewCommand;
use parcelight::ui::actions::Action;
use parcelight::ui::review::Armed;

/// The sample with its journal open and the current parcel judged.
fn reviewing() -> Driver {
    let mut window = Driver::with_sample(&[]);
    window.wait("the journal is open", |window| window.project().is_some_and(|project| project.review().writable()));
    loaded(&mut window);
    window
}

fn loaded(window: &mut Driver) {
    window.wait("the parcel is judged", |window| {
        let Some(project) = window.project() else { return false };
        let parcel = project.selection().parcel.expect("a parcel");
        let judged = project.review().blind() || window.panes().markers.model_of(parcel).is_some();
        judged && project.coverage(parcel).ready().is_some()
    });
}

fn id(window: &Driver) -> String {
    let project = window.open();
    project.data().expect("data").parcels.id(project.selection().parcel.expect("a parcel")).to_owned()
}

fn stored(window: &mut Driver, entries: usize) {
    window.wait("the act is stored", |window| {
        window
            .project()
            .is_some_and(|project| project.review().review().entries().len() == entries && !project.review().writing())
    });
}

fn armed(window: &Driver) -> Armed {
    window.state().panes().review.armed.clone()
}

#[test]
fn one_key_gives_a_verdict_and_a_second_its_reason_and_the_next_open_parcel_comes() {
    let mut window = reviewing();
    assert_eq!(id(&window), "FLAPAJ001");
    window.press(Key::Num1);
    stored(&mut window, 1);
    assert_eq!(id(&window), "FLAPAJ002");
    window.wait_label("FLAPAJ001: Compliant");
    loaded(&mut window);
    // The list of reasons opens and takes the digits until it closes.
    window.press(Key::Num2);
    assert_eq!(armed(&window), Armed::Reason("non_compliant".to_owned()));
    window.wait_label("Non-compliant, because…");
    window.press(Key::Escape);
    assert_eq!(armed(&window), Armed::Nothing);
    window.press(Key::Num2);
    window.press(Key::Num1);
    stored(&mut window, 2);
    let project = window.open();
    let Act::Decide(decided) = &project.review().review().entries()[1].act else { panic!("a decision") };
    let form = project.review().form();
    let first = form.reasons_of("non_compliant").next().expect("a reason");
    assert_eq!((decided.verdict.as_str(), decided.reasons.as_slice()), ("non_compliant", [first.code.clone()].as_slice()));
    assert_eq!(id(&window), "FLAPAJ003");
    // The same again with one key.
    loaded(&mut window);
    window.press(Key::Period);
    stored(&mut window, 3);
    assert_eq!(id(&window), "FLAPAJ004");
    // The queue says what was decided, by symbol and word.
    window.wait_part("FLAPAJ002, Permanent grass crops, 3.67 ha, compliant, Expert: Non-compliant");
    window.wait_label("3 of 17 decided or deferred");
}

#[test]
fn keys_typed_ahead_mean_the_parcel_that_comes() {
    let mut window = reviewing();
    let form = window.open().review().form();
    let place = form.reasons_of("inconclusive").position(|reason| reason.no_data).expect("a reason without data");
    let reason = [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9][place];
    // All of it before the first decision is on disk, in one frame.
    for key in [Key::Num1, Key::Num3, reason, Key::Num3, reason] {
        window.key_down(key);
        window.key_up(key);
    }
    stored(&mut window, 3);
    let given: Vec<(String, String)> = window
        .open()
        .review()
        .review()
        .entries()
        .iter()
        .map(|entry| {
            let Act::Decide(decided) = &entry.act else { panic!("a decision") };
            (entry.parcel.clone(), decided.verdict.clone())
        })
        .collect();
    let expected = [("FLAPAJ001", "compliant"), ("FLAPAJ002", "inconclusive"), ("FLAPAJ003", "inconclusive")];
    assert_eq!(given, expected.map(|(parcel, verdict)| (parcel.to_owned(), verdict.to_owned())));
    assert_eq!(id(&window), "FLAPAJ004");
}

#[test]
fn the_verdict_can_be_clicked_and_the_reason_too() {
    let mut window = reviewing();
    window.click("Inconclusive");
    let form = window.open().review().form();
    let reason = form.reasons_of("inconclusive").next().expect("a reason").label.clone();
    window.click(&reason);
    stored(&mut window, 1);
    assert_eq!(id(&window), "FLAPAJ002");
    window.click("Undo");
    stored(&mut window, 2);
    assert_eq!((id(&window).as_str(), window.open().review().standing("FLAPAJ001")), ("FLAPAJ001", Standing::Open));
    window.wait_label("FLAPAJ001: undid “verdict”");
    window.press_with(key::COMMAND, Key::Y);
    stored(&mut window, 3);
    assert_eq!(window.open().review().standing("FLAPAJ001"), Standing::Decided);
}

#[test]
fn notes_flags_pins_and_deferring_have_their_keys() {
    let mut window = reviewing();
    window.press(Key::N);
    window.type_text("hedge in the north");
    assert_eq!(armed(&window), Armed::Nothing, "digits and letters belong to the note");
    window.press(Key::Enter);
    stored(&mut window, 1);
    assert_eq!(
        window.open().review().of("FLAPAJ001").expect("noted").notes.values().next().map(String::as_str),
        Some("hedge in the north")
    );
    window.press(Key::F);
    assert_eq!(armed(&window), Armed::Flag);
    window.press(Key::Num1);
    stored(&mut window, 2);
    let flag = window.open().review().form().flags[0].clone();
    assert_eq!(window.open().review().of("FLAPAJ001").and_then(|own| own.flag.clone()).map(|own| own.0), Some(flag));
    window.press(Key::F);
    stored(&mut window, 3);
    assert!(window.open().review().of("FLAPAJ001").is_some_and(|own| own.flag.is_none()));
    window.press(Key::E);
    stored(&mut window, 4);
    assert_eq!(window.open().review().of("FLAPAJ001").map(|own| own.pins.len()), Some(1));
    window.wait_part("pinned as evidence");
    window.press(Key::D);
    stored(&mut window, 5);
    assert_eq!((id(&window).as_str(), window.open().review().standing("FLAPAJ001")), ("FLAPAJ002", Standing::Deferred));
    window.press(Key::Num0);
    window.wait_part("There is nothing to take back");
}

#[test]
fn in_two_key_mode_nothing_is_given_before_enter() {
    let mut window = reviewing();
    let mut preferences = window.state().preferences().clone();
    preferences.two_key = true;
    let ctx = window.ctx.clone();
    window.state_mut().prefer(&ctx, preferences);
    window.settle();
    window.press(Key::Num1);
    assert_eq!(armed(&window), Armed::Verdict("compliant".to_owned(), vec![]));
    window.wait_label("Compliant – Enter gives it");
    assert!(window.open().review().review().entries().is_empty());
    window.press(Key::Num2);
    window.press(Key::Num1);
    assert!(matches!(armed(&window), Armed::Verdict(code, reasons) if code == "non_compliant" && reasons.len() == 1));
    window.press(Key::Enter);
    stored(&mut window, 1);
    assert_eq!(window.open().review().standing("FLAPAJ001"), Standing::Decided);
}

#[test]
fn a_blind_review_shows_no_automatic_verdict_anywhere_until_the_own_one_is_given() {
    let mut window = reviewing();
    window.wait_part("Automatic verdict:");
    window.act(Action::Blind);
    window.settle();
    assert_eq!(window.query_all_by_label_contains("Automatic verdict").count(), 0);
    assert_eq!(window.query_all_by_label_contains("Why NDVI").count(), 0);
    assert_eq!(window.query_all_by_label_contains("Show only the").count(), 0, "the counts of verdicts are hidden too");
    let shown = window.query_all_by_label_contains("FLAPAJ013, Maize").next().and_then(|row| row.accesskit_node().label());
    assert!(shown.is_some_and(|label| !label.contains("non-compliant")));
    window.wait_label("hidden in blind review");
    window.wait_label("Markers and verdicts show when you have decided.");
    window.press(Key::Num1);
    stored(&mut window, 1);
    let Act::Decide(decided) = window.open().review().review().entries()[0].act.clone() else { panic!("a decision") };
    assert!(decided.blind);
    window.press(Key::K);
    loaded(&mut window);
    window.wait_part("Automatic verdict:");
}

#[test]
fn in_a_blind_review_the_map_of_verdicts_shows_only_parcels_that_were_decided() {
    use parcelight::engine::colouring::{ClassName, Colouring};
    use parcelight::model::ParcelIx;
    let mut window = reviewing();
    window.wait("all are judged", |window| window.project().is_some_and(|project| project.tuning().effect().is_some()));
    let names = |window: &Driver| -> Vec<ClassName> {
        let classes = window.open().compute(&window.open().classes_query(Colouring::Verdict, 0)).expect("classes");
        (0..17).map(|row| classes.legend()[classes.class(ParcelIx(row))].name.clone()).collect()
    };
    let open = names(&window);
    assert!(open.iter().all(|name| matches!(name, ClassName::Verdict(_) | ClassName::Unknown)));
    assert!(open.iter().filter(|name| matches!(name, ClassName::Verdict(_))).count() > 3, "{open:?}");
    window.act(Action::Blind);
    assert_eq!(names(&window), vec![ClassName::Hidden; 17], "whether a verdict is known is hidden too");
    window.press(Key::Num1);
    stored(&mut window, 1);
    let shown = names(&window);
    assert_eq!(shown[0], open[0], "the own verdict is given");
    assert_eq!(shown[1..], vec![ClassName::Hidden; 16]);
    // Somebody else sees nothing of it.
    window.act(Action::Blind);
    assert_eq!(names(&window), open);
}

#[test]
fn the_verdict_of_another_system_is_told_by_name_and_hidden_in_a_blind_review() {
    let folder = tempfile::tempdir().expect("a folder");
    let project = parcelight::project::sample::write(folder.path()).expect("the sample");
    let text = std::fs::read_to_string(&project).expect("text");
    let mapping = "\n[other_verdict]\nname = \"AMS 2019\"\ncolumn = \"crop\"\nred = [\"Winter wheat\"]\n";
    std::fs::write(&project, text + mapping).expect("written");
    let mut window = Driver::with_project(project);
    window.wait("the journal is open", |window| window.project().is_some_and(|project| project.review().writable()));
    window.wait("parcels are read", |window| window.project().is_some_and(|project| project.selection().parcel.is_some()));
    loaded(&mut window);
    let said = "AMS 2019, automatic: non-compliant (Winter wheat)";
    window.wait_label(said);
    window.act(Action::Blind);
    window.settle();
    assert_eq!(window.query_all_by_label(said).count(), 0);
    window.press(Key::Num1);
    stored(&mut window, 1);
    window.press(Key::K);
    window.wait_label(said);
    window.act(Action::Report);
    window.wait_part("page 1 of");
    window.state_mut().command(Command::SelectParcel(parcelight::model::ParcelIx(1)));
    window.wait_part("The sheet names automatic verdicts");
}

#[test]
fn the_end_of_a_queue_is_a_card_that_counts_and_leads_on() {
    let mut window = reviewing();
    let filter = "crop:maize".to_owned();
    window.state_mut().command(Command::SetFilter(filter));
    window.settle();
    loaded(&mut window);
    let all = window.open().queue().rows().len();
    assert_eq!(all, 3);
    window.press(Key::F);
    window.press(Key::Num2);
    stored(&mut window, 1);
    for done in 0..all {
        loaded(&mut window);
        window.press(Key::Num1);
        stored(&mut window, done + 2);
    }
    window.wait_label("End of the queue");
    window.wait_label("Compliant: 3");
    window.wait_label("flagged: 1");
    window.wait_part("This sitting: 3 decisions");
    window.wait_part("The program: stored within");
    window.click("Review flagged");
    window.wait("the flagged ones are the queue", |window| {
        window.project().is_some_and(|project| project.queue().list.as_ref().is_some_and(|list| list.parcels.len() == 1))
    });
    window.wait("it is kept", |window| window.project().is_some_and(|project| project.review().queues().len() == 1));
}

#[test]
fn a_random_queue_is_made_in_the_dialog_and_says_its_seed() {
    let mut window = reviewing();
    window.press(Key::Q);
    window.wait_label("Queues");
    window.wait_label("No queue has been made yet.");
    window.enter("Name", "quality sample");
    window.click("random");
    window.click("Make queue");
    window.wait("the queue is shown", |window| {
        window.project().is_some_and(|project| project.queue().list.as_ref().is_some_and(|list| list.name == "quality sample"))
    });
    window.wait("it is kept", |window| window.project().is_some_and(|project| project.review().queues().len() == 1));
    window.press(Key::Q);
    window.wait_part("quality sample, 17 parcels, the queue as shown, seed ");
}

#[test]
fn a_photo_that_is_dropped_is_copied_and_attached() {
    let mut window = reviewing();
    let folder = tempfile::tempdir().expect("a folder");
    let photo = folder.path().join("field.jpg");
    std::fs::copy("tests/golden/review/photo.jpg", &photo).expect("copied");
    window.drop_paths(&[&photo]);
    stored(&mut window, 1);
    let own = window.open().review().of("FLAPAJ001").expect("attached").photos[0].1.clone();
    let place = own.place.expect("a place");
    assert!((place[0] - 4.0997).abs() < 1e-3 && (place[1] - 50.7726).abs() < 1e-3, "{place:?}");
    assert_eq!((own.direction, own.taken.as_deref()), (Some(90.0), Some("2019-05-03T10:12:00")));
    assert!(window.open().photos().0.join(&own.file).exists());
    assert!(photo.exists(), "it stays where it was");
    window.wait_label("FLAPAJ001: 1 photo attached");
    let text = folder.path().join("no.jpg");
    std::fs::write(&text, "no picture").expect("written");
    window.drop_paths(&[&text]);
    window.wait_part("is no JPEG or PNG picture");
}

#[test]
fn final_verdicts_are_beside_expert_verdicts_and_never_replace_them() {
    let mut window = reviewing();
    window.press(Key::Num1);
    stored(&mut window, 1);
    window.press(Key::K);
    loaded(&mut window);
    window.press_with(egui::Modifiers::SHIFT, Key::F);
    assert_eq!(armed(&window), Armed::Final);
    window.press(Key::Num3);
    window.press(Key::Num1);
    stored(&mut window, 2);
    let own = window.open().review().of("FLAPAJ001").expect("decided").clone();
    assert_eq!(own.resolved.as_ref().map(|own| own.2.verdict.as_str()), Some("inconclusive"));
    assert_eq!(own.latest.map(|own| own.1.decided.verdict), Some("compliant".to_owned()));
    window.state_mut().command(Command::Review(ReviewCommand::Undo));
    stored(&mut window, 3);
    assert!(window.open().review().of("FLAPAJ001").is_some_and(|own| own.resolved.is_none() && own.latest.is_some()));
}
