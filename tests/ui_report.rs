//! The Report workspace on the sample: the page of a parcel, a pack that is written, checked, and found changed.

#[path = "ui/driver.rs"]
#[expect(dead_code, reason = "the rest of the window is for other tests")]
mod driver;

use driver::{Driver, key};
use egui::Key;
use parcelight::project::Command;
use parcelight::project::packing::Packed;
use parcelight::project::review::ReviewCommand;
use parcelight::ui::reports::Which;

fn reviewing() -> Driver {
    let mut window = Driver::with_sample(&[]);
    window.wait("the journal is open", |window| window.project().is_some_and(|project| project.review().writable()));
    window
}

#[test]
fn a_decided_parcel_has_a_page_and_a_pack_that_holds_until_somebody_changes_it() {
    let mut window = reviewing();
    let form = window.open().review().form();
    let reason = form.reasons.iter().find(|reason| reason.no_data).expect("a reason").code.clone();
    let decide = ReviewCommand::Decide { verdict: "inconclusive".to_owned(), reasons: vec![reason] };
    window.state_mut().command(Command::Review(decide));
    window.wait("it is stored", |window| window.project().is_some_and(|project| !project.review().review().entries().is_empty()));
    window.press_with(key::COMMAND, Key::Num4);
    window.wait_label("1 parcel goes into the pack.");
    window.wait_part("FLAPAJ001, Winter wheat, Inconclusive, nothing pinned");
    window.state_mut().command(Command::SelectParcel(parcelight::model::ParcelIx(0)));
    window.wait_label("FLAPAJ001, page 1 of 2");
    window.click("Write pack");
    window.wait("the pack is written", |window| window.project().is_some_and(|project| project.packed().is_some()));
    let Some(Packed::Written(report)) = window.open().packed().cloned() else { panic!("{:?}", window.open().packed()) };
    assert_eq!(report.parcels, 1);
    let page = report.folder.join("parcels/FLAPAJ001.html");
    let text = std::fs::read_to_string(&page).expect("a sheet");
    assert!(text.contains("FLAPAJ001") && text.contains("Inconclusive"));
    window.click("Check this folder");
    window.wait("it is checked", |window| {
        window.project().is_some_and(|project| matches!(project.packed(), Some(Packed::Checked(report)) if report.holds()))
    });
    std::fs::write(&page, text.replace("Inconclusive", "Compliant")).expect("written");
    window.click("Check this folder");
    window.wait_part("The pack does not hold");
    window.wait_part("parcels/FLAPAJ001.html");
}

#[test]
fn an_empty_choice_says_so_and_another_list_fills_it() {
    let mut window = reviewing();
    window.press_with(key::COMMAND, Key::Num4);
    window.wait_label("No parcel");
    assert_eq!(window.state().panes().report.which, Which::Decided);
    window.click("Which parcels");
    window.click("The current parcel");
    window.wait_part("FLAPAJ001, Winter wheat, undecided");
    window.wait_label("1 parcel goes into the pack.");
}
